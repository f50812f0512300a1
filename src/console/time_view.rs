//! Which part of time the strips show: of the run in view one for all of them, owned by the app; of finished runs and of
//! plans one a view ([`PartView`]). Pure.
//!
//! Seconds of the run. Following keeps the newest sample at the now line; zooming at it scales the window and keeps
//! following; zooming elsewhere, panning or scrubbing stops it.

use super::action::TimeAct;

/// Shortest and longest window, s.
const SHORTEST_S: f64 = 1.0;
const LONGEST_S: f64 = 7.0 * 86_400.0;
/// Share of the window before the now line that counts as it.
const NOW_SHARE: f64 = 0.05;

/// Follow the newest sample, or stay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mode {
    /// The past window ends at the newest sample.
    Follow,
    /// The past window ends at this time.
    Fixed(f64),
}

/// The shared time axis.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeView {
    /// Follow or fixed.
    pub mode: Mode,
    /// Length of the past part.
    pub past_s: f64,
    /// Length of the forecast part; shown while following.
    pub future_s: f64,
    /// Show the whole run, growing.
    pub whole: bool,
    /// Two cursors.
    pub cursors: [Option<f64>; 2],
}

impl Default for TimeView {
    fn default() -> Self {
        Self { mode: Mode::Follow, past_s: 120.0, future_s: 60.0, whole: false, cursors: [None, None] }
    }
}

impl TimeView {
    /// Whether it follows.
    #[must_use]
    pub fn follows(&self) -> bool {
        self.mode == Mode::Follow
    }

    /// Start, now line (or end of the past) and end, for the newest sample at `now_s`.
    #[must_use]
    pub fn span(&self, now_s: f64) -> [f64; 3] {
        let end = match self.mode {
            Mode::Follow => now_s,
            Mode::Fixed(t) => t,
        };
        let past = if self.whole && self.follows() { now_s.max(SHORTEST_S) } else { self.past_s };
        let future = if self.follows() { self.future_s.min(past) } else { 0.0 };
        [end - past, end, end + future]
    }

    /// Scales the window by `factor` about time `at`, which stays where it is on the screen.
    pub fn zoom(&mut self, factor: f64, at: f64, now_s: f64) {
        if !factor.is_finite() || factor <= 0.0 {
            return;
        }
        let [start, end, _] = self.span(now_s);
        self.whole = false;
        let past = ((end - start) * factor).clamp(SHORTEST_S, LONGEST_S);
        // About a time that lies behind the now line the view stands still; about the now line it goes on following.
        let behind = at > start && at < end - NOW_SHARE * (end - start);
        if !self.follows() || behind {
            let share = ((at - start) / (end - start)).clamp(0.0, 1.0);
            let to = end + (past - (end - start)) * (1.0 - share);
            self.mode = if to >= now_s { Mode::Follow } else { Mode::Fixed(to) };
        }
        self.past_s = past;
    }

    /// Shows a stretch of time, as far as it has happened.
    pub fn show(&mut self, [from, to]: [f64; 2], now_s: f64) {
        let to = to.min(now_s.max(from + SHORTEST_S));
        self.whole = false;
        self.past_s = (to - from).clamp(SHORTEST_S, LONGEST_S);
        self.mode = Mode::Fixed(to);
    }

    /// Moves the window by `dt` seconds; reaching the newest sample follows again.
    pub fn pan(&mut self, dt: f64, now_s: f64) {
        let [start, end, _] = self.span(now_s);
        if self.whole {
            self.past_s = end - start;
            self.whole = false;
        }
        let to = end + dt;
        self.mode = if to >= now_s && dt > 0.0 { Mode::Follow } else { Mode::Fixed(to.max(0.0)) };
    }

    /// End key and button: back to the newest sample.
    pub fn follow(&mut self) {
        self.mode = Mode::Follow;
    }

    /// To the start of the run.
    pub fn to_start(&mut self) {
        self.whole = false;
        self.mode = Mode::Fixed(self.past_s);
    }

    /// A preset window while following; `None` is the whole run.
    pub fn preset(&mut self, past_s: Option<f64>) {
        self.whole = past_s.is_none();
        self.past_s = past_s.unwrap_or(self.past_s);
        self.mode = Mode::Follow;
    }

    /// Seconds between the cursors, when both are set.
    #[must_use]
    pub fn delta_s(&self) -> Option<f64> {
        Some(self.cursors[1]? - self.cursors[0]?)
    }

    /// Moves the first cursor (set at the now line if there is none) by `dt`.
    pub fn nudge(&mut self, dt: f64, now_s: f64) {
        let [_, end, _] = self.span(now_s);
        let at = self.cursors[0].unwrap_or(end) + dt;
        self.cursors[0] = Some(at.clamp(0.0, now_s.max(0.0)));
    }
}

/// The axis of what does not grow: finished runs, a plan.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    /// From its start to its end, s.
    pub all: [f64; 2],
    /// Shortest part that can be looked at, s.
    pub shortest_s: f64,
    /// Longest.
    pub longest_s: f64,
    /// Least step of a cursor, s.
    pub step_s: f64,
}

/// The part of such an axis that is in view, and two cursors.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PartView {
    /// From and to, s; none is all.
    pub window: Option<[f64; 2]>,
    /// Two cursors, s.
    pub cursors: [Option<f64>; 2],
}

impl PartView {
    /// What is in view of `all`.
    #[must_use]
    pub fn span(&self, all: [f64; 2]) -> [f64; 2] {
        self.window.unwrap_or(all)
    }

    /// Does what was asked for; false for what such an axis does not have.
    pub fn act(&mut self, act: TimeAct, axis: &Axis) -> bool {
        let [from, to] = self.span(axis.all);
        let (span, middle) = (to - from, f64::midpoint(from, to));
        match act {
            TimeAct::Zoom(factor, at) => {
                if !factor.is_finite() || span <= 0.0 {
                    return true;
                }
                let at = at.or(self.cursors[0]).unwrap_or(middle);
                let factor = factor.clamp(axis.shortest_s / span, axis.longest_s / span);
                self.window = Some([at - (at - from) * factor, at + (to - at) * factor]);
            }
            TimeAct::Pan(s) => self.window = Some([from + s, to + s]),
            TimeAct::Show(span) => self.window = Some(span),
            TimeAct::Follow | TimeAct::Window(_) => self.window = None,
            TimeAct::ToStart => self.window = Some([axis.all[0], axis.all[0] + span]),
            TimeAct::Cursor(i, at) => {
                if let Some(cursor) = self.cursors.get_mut(i) {
                    *cursor = at;
                }
            }
            TimeAct::CursorHere(i) => return self.act(TimeAct::Cursor(i, Some(middle)), axis),
            TimeAct::ClearCursors => self.cursors = [None; 2],
            TimeAct::Nudge(s) => {
                let by = s.signum() * s.abs().max(axis.step_s);
                self.cursors[0] = Some((self.cursors[0].unwrap_or(middle) + by).clamp(from, to));
            }
            TimeAct::ToEvent(_) => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AXIS: Axis = Axis { all: [-20.0, 180.0], shortest_s: 0.05, longest_s: 1e5, step_s: 0.0 };

    #[test]
    fn a_part_is_zoomed_moved_and_given_up_and_its_start_is_that_of_all() {
        let mut p = PartView::default();
        assert_eq!(p.span(AXIS.all), AXIS.all);
        assert!(p.act(TimeAct::Zoom(0.5, Some(80.0)), &AXIS) && p.act(TimeAct::Pan(10.0), &AXIS));
        assert_eq!(p.window, Some([40.0, 140.0]));
        assert!(p.act(TimeAct::ToStart, &AXIS));
        assert_eq!(p.window, Some([-20.0, 80.0]));
        for _ in 0..60 {
            p.act(TimeAct::Zoom(0.1, Some(0.0)), &AXIS);
        }
        let [a, b] = p.span(AXIS.all);
        assert!((b - a - 0.05).abs() < 1e-6, "never empty: {a} to {b}");
        assert!(p.act(TimeAct::Follow, &AXIS) && p.window.is_none());
        assert!(!p.act(TimeAct::ToEvent(true), &AXIS), "it has no events of its own");
    }

    #[test]
    fn a_cursor_goes_by_whole_steps_and_stays_in_view() {
        let grid = Axis { step_s: 60.0, ..AXIS };
        let mut p = PartView::default();
        p.act(TimeAct::CursorHere(0), &grid);
        assert_eq!(p.cursors, [Some(80.0), None]);
        for (s, at) in [(0.05, 140.0), (1.0, 180.0), (-1.0, 120.0)] {
            p.act(TimeAct::Nudge(s), &grid);
            assert_eq!(p.cursors[0], Some(at));
        }
        p.act(TimeAct::ClearCursors, &grid);
        assert_eq!(p.cursors, [None; 2]);
    }

    #[test]
    fn zooming_while_following_keeps_following() {
        let mut v = TimeView::default();
        v.zoom(0.5, 0.0, 500.0);
        assert!(v.follows());
        assert_eq!(v.span(500.0), [440.0, 500.0, 560.0]);
    }

    /// The wheel zoomed about the now line wherever the pointer was.
    #[test]
    fn regress_zooming_about_the_past_keeps_the_time_under_the_pointer() {
        let mut v = TimeView::default();
        v.zoom(0.5, 440.0, 500.0);
        let [a, b, _] = v.span(500.0);
        assert!(!v.follows() && (b - a - 60.0).abs() < 1e-9);
        assert!(((440.0 - a) / (b - a) - 0.5).abs() < 1e-12, "{a} to {b}");
        v.show([450.0, 470.0], 500.0);
        assert_eq!(v.span(500.0), [450.0, 470.0, 470.0]);
        v.zoom(20.0, 460.0, 500.0);
        assert!(v.follows(), "what reaches the newest sample follows it");
    }

    #[test]
    fn zooming_a_fixed_view_keeps_the_time_under_the_pointer() {
        let mut v = TimeView { mode: Mode::Fixed(200.0), past_s: 100.0, ..TimeView::default() };
        v.zoom(0.5, 125.0, 500.0);
        let [a, b, _] = v.span(500.0);
        assert!(((125.0 - a) / (b - a) - 0.25).abs() < 1e-12);
    }

    #[test]
    fn panning_stops_following_and_reaching_now_resumes() {
        let mut v = TimeView::default();
        v.pan(-30.0, 500.0);
        assert_eq!(v.mode, Mode::Fixed(470.0));
        v.pan(31.0, 500.0);
        assert!(v.follows());
    }

    #[test]
    fn whole_run_grows_and_cursors_have_a_delta() {
        let mut v = TimeView::default();
        v.preset(None);
        assert_eq!(v.span(1000.0), [0.0, 1000.0, 1060.0]);
        v.cursors = [Some(10.0), Some(14.5)];
        assert_eq!(v.delta_s(), Some(4.5));
    }

    #[test]
    fn the_window_never_empties() {
        let mut v = TimeView::default();
        for _ in 0..100 {
            v.zoom(0.5, 0.0, 10.0);
        }
        let [a, b, _] = v.span(10.0);
        assert!(b - a >= SHORTEST_S);
    }
}
