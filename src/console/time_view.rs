//! Which part of time the strips show: one for all of them, owned by the app. Pure.
//!
//! Seconds of the run. Following keeps the newest sample at the now line; zooming while following scales the window and
//! keeps following; panning or scrubbing stops it.

/// Shortest and longest window, s.
const SHORTEST_S: f64 = 1.0;
const LONGEST_S: f64 = 7.0 * 86_400.0;

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

    /// Scales the window by `factor` about time `at` (about the now line while following).
    pub fn zoom(&mut self, factor: f64, at: f64, now_s: f64) {
        if !factor.is_finite() || factor <= 0.0 {
            return;
        }
        let [start, end, _] = self.span(now_s);
        self.whole = false;
        let past = ((end - start) * factor).clamp(SHORTEST_S, LONGEST_S);
        if let Mode::Fixed(t) = self.mode {
            let share = ((at - start) / (end - start)).clamp(0.0, 1.0);
            self.mode = Mode::Fixed(t + (past - (end - start)) * (1.0 - share));
        }
        self.past_s = past;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zooming_while_following_keeps_following() {
        let mut v = TimeView::default();
        v.zoom(0.5, 0.0, 500.0);
        assert!(v.follows());
        assert_eq!(v.span(500.0), [440.0, 500.0, 560.0]);
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
