//! A recording as an intake: the hub cannot tell it from links that run.
//!
//! Time goes in steps that never pass a row of the hub, and what was heard between two rows then is heard between the same
//! two rows now: so rows and qualities come out as they were. A jump (scrub, loop) begins another pass; it starts
//! [`WARM_S`] before the place that was asked for and hurries there, so that what is old, frozen or counting is known when
//! the picture begins.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use super::reader::{Kept, Reader, Was};
use crate::feed::csv_tail::clock::Clock;
use crate::feed::hub::ROW_S;
use crate::feed::intake::{Intake, Pass};
use crate::feed::link::Heard;
use crate::feed::map::Map;
use crate::store::Trouble;

/// Time that is played at once before the place of a jump, s.
pub const WARM_S: f64 = 60.0;
/// Slowest and fastest playback.
pub const SPEEDS: [f64; 2] = [0.1, 100.0];
/// Rows of the file that are read at once.
const AHEAD: usize = 512;
/// Longest time between two looks at the controls.
const NAP: Duration = Duration::from_millis(50);

/// What whoever watches can ask of a playback. Times are seconds since the rows of the recording began.
#[derive(Debug)]
pub struct Controls {
    running: AtomicBool,
    looped: AtomicBool,
    ended: AtomicBool,
    speed: AtomicU64,
    /// Where to go; NaN for nowhere.
    wanted: AtomicU64,
    position: AtomicU64,
    extent_s: [f64; 2],
}

fn load(cell: &AtomicU64) -> f64 {
    f64::from_bits(cell.load(Ordering::Relaxed))
}

impl Controls {
    /// First and last time.
    #[must_use]
    pub fn extent_s(&self) -> [f64; 2] {
        self.extent_s
    }

    /// Where it is.
    #[must_use]
    pub fn position_s(&self) -> f64 {
        load(&self.position)
    }

    /// Whether it runs.
    #[must_use]
    pub fn running(&self) -> bool {
        self.running.load(Ordering::Relaxed)
    }

    /// Freezes it or lets it go on; after the end, from the start.
    pub fn set_running(&self, on: bool) {
        if on && self.ended() {
            self.seek(self.extent_s[0]);
        }
        self.running.store(on, Ordering::Relaxed);
    }

    /// Speed against the wall clock.
    #[must_use]
    pub fn speed(&self) -> f64 {
        load(&self.speed)
    }

    /// Sets the speed, within `SPEEDS`.
    pub fn set_speed(&self, times: f64) {
        if times.is_finite() {
            self.speed.store(times.clamp(SPEEDS[0], SPEEDS[1]).to_bits(), Ordering::Relaxed);
        }
    }

    /// Without waiting: for programs without a window.
    pub fn hurry(&self) {
        self.speed.store(f64::INFINITY.to_bits(), Ordering::Relaxed);
    }

    /// Jumps to a time.
    pub fn seek(&self, t_s: f64) {
        if t_s.is_finite() {
            self.ended.store(false, Ordering::Relaxed);
            let [from_s, to_s] = self.extent_s;
            self.wanted.store(t_s.max(from_s).min(to_s).to_bits(), Ordering::Relaxed);
        }
    }

    /// Whether it begins again at its end.
    #[must_use]
    pub fn looped(&self) -> bool {
        self.looped.load(Ordering::Relaxed)
    }

    /// Begins again at the end, or no longer.
    pub fn set_looped(&self, on: bool) {
        self.looped.store(on, Ordering::Relaxed);
    }

    /// Whether all of it was played.
    #[must_use]
    pub fn ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }
}

/// A recording that is played.
pub struct Playback {
    reader: Reader,
    controls: Arc<Controls>,
    ahead: VecDeque<Kept>,
    /// Number of the next row of the file to be read.
    next_n: u64,
    clock: Clock,
    /// Rows since the origin, and the time now, monotonic of the recording, s.
    row: u64,
    now_s: f64,
    /// Up to here it hurries.
    warm_s: f64,
    pass: u32,
    /// The first look at the time gives nothing to hear.
    fresh: bool,
    /// Why it ended before the end of the recording.
    trouble: Option<Trouble>,
}

impl Playback {
    /// A recording from its start, running at its own speed.
    #[must_use]
    pub fn new(reader: Reader) -> Self {
        let origin_s = reader.header().origin_s;
        let extent_s = reader.extent_s().map(|t| (t - origin_s).max(0.0));
        let controls = Arc::new(Controls {
            running: AtomicBool::new(true),
            looped: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            speed: AtomicU64::new(1.0_f64.to_bits()),
            wanted: AtomicU64::new(f64::NAN.to_bits()),
            position: AtomicU64::new(extent_s[0].to_bits()),
            extent_s,
        });
        let mut playback = Self {
            reader,
            controls,
            ahead: VecDeque::new(),
            next_n: 0,
            clock: Clock::start(origin_s),
            row: 0,
            now_s: origin_s,
            warm_s: f64::NEG_INFINITY,
            pass: 0,
            fresh: true,
            trouble: None,
        };
        playback.place(extent_s[0]);
        playback
    }

    /// The recording.
    #[must_use]
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Its map.
    #[must_use]
    pub fn map(&self) -> Arc<Map> {
        Arc::clone(self.reader.map())
    }

    /// What can be asked of it while it plays.
    #[must_use]
    pub fn controls(&self) -> Arc<Controls> {
        Arc::clone(&self.controls)
    }

    fn origin_s(&self) -> f64 {
        self.reader.header().origin_s
    }

    /// Monotonic time of a row, by the formula of the hub: the two have to agree to the last bit.
    fn row_s(&self, row: u64) -> f64 {
        self.origin_s() + row as f64 * ROW_S
    }

    /// Goes to the row at or before `t_s`.
    fn place(&mut self, t_s: f64) {
        self.row = (t_s / ROW_S).floor().max(0.0) as u64;
        self.now_s = self.row_s(self.row);
        self.ahead.clear();
        self.next_n = self.reader.find(self.now_s).unwrap_or_else(|e| self.broken(e));
        self.clock.restart(self.now_s);
        self.fresh = true;
        self.controls.ended.store(false, Ordering::Relaxed);
    }

    /// Another pass, from a while before `t_s`.
    fn jump(&mut self, t_s: f64) {
        self.pass += 1;
        self.place((t_s - WARM_S).max(self.controls.extent_s[0]));
        self.warm_s = self.origin_s() + t_s;
    }

    /// A file that can no longer be read ends the playback there, and the log says why.
    fn broken(&mut self, e: Trouble) -> u64 {
        log::error!("the recording cannot be played further: {e}");
        self.trouble = Some(e);
        u64::MAX
    }

    /// Why it ended before the end of the recording, if it did.
    #[must_use]
    pub fn trouble(&self) -> Option<&Trouble> {
        self.trouble.as_ref()
    }

    /// When the next thing was heard; none at the end.
    fn peek(&mut self) -> Option<f64> {
        if self.ahead.is_empty() {
            match self.reader.rows(self.next_n, AHEAD) {
                Ok(rows) => self.ahead.extend(rows),
                Err(e) => self.next_n = self.broken(e),
            }
            if let Some(last) = self.ahead.back() {
                self.next_n = last.n + 1;
            }
        }
        self.ahead.front().map(|k| k.at_s)
    }

    /// Everything heard before `until_s`.
    fn give(&mut self, until_s: f64, out: &mut Vec<Heard>) {
        while self.peek().is_some_and(|t| t < until_s) {
            if let Some(Kept { was: Was::Heard(heard, _), .. }) = self.ahead.pop_front() {
                out.push(heard);
            }
        }
    }

    fn wait(&mut self, limit: Duration) -> f64 {
        std::thread::sleep(limit.min(NAP));
        self.clock.at(false, 1.0);
        self.now_s
    }
}

impl Intake for Playback {
    fn take(&mut self, limit: Duration, out: &mut Vec<Heard>) -> f64 {
        let wanted = f64::from_bits(self.controls.wanted.swap(f64::NAN.to_bits(), Ordering::Relaxed));
        if wanted.is_finite() {
            self.jump(wanted);
        }
        if std::mem::take(&mut self.fresh) {
            return self.now_s;
        }
        if self.controls.ended() {
            return self.wait(limit.max(NAP));
        }
        let next_s = self.row_s(self.row + 1);
        let hurry = self.now_s < self.warm_s;
        let speed = if hurry { f64::INFINITY } else { self.controls.speed() };
        if !hurry && !self.controls.running() {
            return self.wait(limit.max(NAP));
        }
        let until_s = if speed.is_finite() {
            let left_s = (next_s - self.clock.at(true, speed)) / speed;
            if let Ok(left) = Duration::try_from_secs_f64(left_s) {
                std::thread::sleep(left.min(limit).min(NAP));
            }
            self.clock.at(true, speed).clamp(self.now_s, next_s)
        } else {
            self.clock.restart(next_s);
            next_s
        };
        self.give(until_s, out);
        self.now_s = until_s;
        if until_s >= next_s {
            self.row += 1;
            if self.peek().is_none() {
                self.end();
            }
        }
        self.controls.position.store((self.now_s - self.origin_s()).to_bits(), Ordering::Relaxed);
        self.now_s
    }

    fn pass(&self) -> Pass {
        let origin_utc_us = Some(self.reader.header().origin_utc_us);
        Pass { number: self.pass, origin_s: Some(self.origin_s()), origin_utc_us }
    }
}

impl Playback {
    /// All of it was played.
    fn end(&mut self) {
        if self.controls.looped() {
            self.controls.seek(self.controls.extent_s[0]);
        } else {
            self.controls.ended.store(true, Ordering::Relaxed);
        }
    }
}
