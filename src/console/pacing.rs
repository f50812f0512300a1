//! When rows alone are worth a frame.
//!
//! Whatever the hand does is drawn at once, and rows at 30 frames a second for a moment after. While somebody only looks
//! on, a frame waits until the strips have moved by half a pixel, at most an eighth of a second, and no frame begins
//! before four times the cost of the last has passed. Without a graphics card (a remote desktop, a virtual machine: the
//! usual computer of a control room) the processors paint, and a frame costs some 0.1 s of a core: then there are four a
//! second, as often as digits may change and still be read. A frozen run draws nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use eframe::wgpu::DeviceType;
use egui::{Context, Id};

use crate::worker::Wake;

/// Shortest and longest time between two frames for rows, s.
const SHORTEST_S: f64 = 1.0 / 30.0;
const LONGEST_S: f64 = 0.25;
/// Longest time while frames are cheap, s.
const CALM_S: f64 = 0.125;
/// Pixels that a strip moves between two frames.
const MOVE_PX: f64 = 0.5;
/// Of the window's thread frames take at most one part in so many.
const SHARE: f64 = 4.0;
/// Time after an act of the hand during which rows are drawn as they come, s.
const LIVELY_S: f64 = 1.0;
/// Frames after which it is seen who paints, and again after each line of the log.
const LOOK: u32 = 4;
/// Time between two lines in the log.
const TELL: Duration = Duration::from_secs(10);

/// When the next frame for rows is due, for those who wake the window.
#[derive(Debug)]
struct Due {
    origin: Instant,
    at_us: AtomicU64,
}

impl Default for Due {
    fn default() -> Self {
        Self { origin: Instant::now(), at_us: AtomicU64::new(0) }
    }
}

/// The one of a window.
fn due(ctx: &Context) -> Arc<Due> {
    ctx.data_mut(|d| Arc::clone(d.get_temp_mut_or_default(Id::unique("pacing"))))
}

/// Asks for a frame when rows are next worth one, so that a burst of them makes one frame.
#[must_use]
pub fn waker(ctx: &Context) -> Wake {
    let (ctx, due) = (ctx.clone(), due(ctx));
    Arc::new(move || {
        let at = due.origin + Duration::from_micros(due.at_us.load(Ordering::Relaxed));
        ctx.request_repaint_after(at.saturating_duration_since(Instant::now()).max(Duration::from_millis(2)));
    })
}

/// What the pace depends on.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    /// Wall time in which the strips move by a pixel, s; not finite when they stand.
    pub s_per_px: f64,
    /// Time that the window's thread took for the last frame, s.
    pub cost_s: f64,
    /// Time since the hand did something, s.
    pub since_act_s: f64,
    /// The processors paint, for want of a graphics card.
    pub software: bool,
}

impl Scene {
    /// Time from the beginning of a frame to the next one for rows, s.
    #[must_use]
    pub fn interval_s(&self) -> f64 {
        if self.since_act_s < LIVELY_S {
            let shortest = if self.software { 2.0 * SHORTEST_S } else { SHORTEST_S };
            return shortest.max(1.5 * self.cost_s).min(LONGEST_S);
        }
        if self.software {
            return LONGEST_S;
        }
        let moved = self.s_per_px * MOVE_PX;
        let moved = if moved.is_finite() { moved.clamp(SHORTEST_S, CALM_S) } else { CALM_S };
        moved.max(SHARE * self.cost_s).min(LONGEST_S)
    }
}

/// Counts frames and says when the next is due.
pub struct Pacing {
    due: Arc<Due>,
    acted: Instant,
    told: Instant,
    frames: u32,
    cost_s: f64,
    /// The processors paint.
    software: bool,
}

impl Pacing {
    /// Of the window of `ctx`.
    #[must_use]
    pub fn new(ctx: &Context) -> Self {
        let now = Instant::now();
        Self { due: due(ctx), acted: now, told: now, frames: 0, cost_s: 0.0, software: false }
    }

    /// A frame begins, in which the strips move by a pixel in `s_per_px` of wall time.
    pub fn begin(&mut self, ctx: &Context, frame: &eframe::Frame, s_per_px: f64) {
        let now = Instant::now();
        if ctx.input(|i| !i.events.is_empty()) {
            self.acted = now;
        }
        let cost_s = frame.info().cpu_usage.map_or(0.0, f64::from);
        let since_act_s = now.duration_since(self.acted).as_secs_f64();
        let scene = Scene { s_per_px, cost_s, since_act_s, software: self.software };
        let interval = Duration::try_from_secs_f64(scene.interval_s()).unwrap_or_default();
        let at = now.duration_since(self.due.origin) + interval;
        self.due.at_us.store(at.as_micros() as u64, Ordering::Relaxed);
        self.frames += 1;
        self.cost_s += cost_s;
        if self.frames == LOOK {
            self.look(frame);
        }
        self.tell(now);
    }

    /// Who paints; known once some frames have been.
    fn look(&mut self, frame: &eframe::Frame) {
        let found = painters(frame);
        if found != self.software {
            log::info!("painted by {}", if found { "the processors" } else { "a graphics card" });
        }
        self.software = found;
    }

    fn tell(&mut self, now: Instant) {
        let since = now.duration_since(self.told);
        if since >= TELL {
            let (rate, each) = (f64::from(self.frames) / since.as_secs_f64(), self.cost_s / f64::from(self.frames));
            log::info!("{rate:.1} frames a second, {:.1} ms each on the window's thread", each * 1e3);
            (self.told, self.frames, self.cost_s) = (now, 0, 0.0);
        }
    }
}

/// Whether the processors paint. wgpu tells; of OpenGL the threads of Mesa's software painter do, where the system shows
/// threads by name. Elsewhere a graphics card is assumed.
fn painters(frame: &eframe::Frame) -> bool {
    let of_wgpu = frame.wgpu_render_state().map(|state| state.adapter.get_info().device_type == DeviceType::Cpu);
    of_wgpu.unwrap_or(false) || thread_names().any(|name| name.starts_with("llvmpipe"))
}

/// Names of the threads of this process; none where the system does not tell.
fn thread_names() -> impl Iterator<Item = String> {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    tasks.filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scene(s_per_px: f64, cost_s: f64, since_act_s: f64) -> f64 {
        Scene { s_per_px, cost_s, since_act_s, software: false }.interval_s()
    }

    #[test]
    fn processors_that_paint_get_four_frames_at_any_speed_and_fifteen_for_a_hand() {
        let painted =
            |s_per_px, since_act_s| Scene { s_per_px, cost_s: 0.002, since_act_s, software: true }.interval_s();
        assert_eq!([painted(0.36, 5.0), painted(0.0001, 5.0)], [LONGEST_S; 2]);
        assert_eq!(painted(0.0001, 0.1), 2.0 * SHORTEST_S);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn threads_are_seen_by_name() {
        let seen = std::thread::Builder::new()
            .name("llvmpipe-7".to_owned())
            .spawn(|| thread_names().any(|name| name.starts_with("llvmpipe")))
            .map(std::thread::JoinHandle::join);
        assert!(matches!(seen, Ok(Ok(true))), "{seen:?}");
    }

    #[test]
    fn a_hand_gets_thirty_frames_and_an_onlooker_what_he_can_see() {
        assert_eq!(scene(0.36, 0.002, 0.1), SHORTEST_S);
        assert_eq!(scene(0.36, 0.002, 5.0), CALM_S, "a slow strip");
        assert_eq!(scene(0.1, 0.002, 5.0), 0.05, "half a pixel");
        assert_eq!(scene(0.0001, 0.002, 5.0), SHORTEST_S, "a fast run");
        assert_eq!(scene(f64::INFINITY, 0.002, 5.0), CALM_S, "a strip that stands");
        assert_eq!(scene(f64::NAN, 0.002, 5.0), CALM_S);
    }

    #[test]
    fn a_dear_frame_is_drawn_less_often_and_never_less_than_four_times_a_second() {
        assert_eq!(scene(0.0001, 0.04, 5.0), 0.16);
        assert_eq!(scene(0.36, 0.5, 5.0), LONGEST_S);
        assert_eq!(scene(0.36, 0.04, 0.1), 0.06);
    }
}
