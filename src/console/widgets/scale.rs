//! Scales of the strips: time to pixels and back, values to pixels, round ticks.

use std::ops::Range;

use egui::Rangef;

use crate::console::fmt;
use crate::console::time_view::TimeView;

/// Time across a plot; the same for all strips and the event lane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeScale {
    /// Left end, s of the run.
    pub t0: f64,
    /// Right end.
    pub t1: f64,
    /// Newest sample.
    pub now: f64,
    /// Whether the view follows.
    pub follows: bool,
    /// Left pixel.
    pub left: f32,
    /// Right pixel.
    pub right: f32,
    /// Both cursors.
    pub cursors: [Option<f64>; 2],
}

impl TimeScale {
    /// From the shared view.
    #[must_use]
    pub fn new(view: &TimeView, now: f64, x: Rangef) -> Self {
        let [t0, _, t1] = view.span(now);
        Self {
            t0,
            t1: t1.max(t0 + 1e-6),
            now,
            follows: view.follows(),
            left: x.min,
            right: x.max.max(x.min + 1.0),
            cursors: view.cursors,
        }
    }

    /// Pixel of a time.
    #[must_use]
    pub fn x(&self, t: f64) -> f32 {
        let share = (t - self.t0) / (self.t1 - self.t0);
        self.left + (share.clamp(-4.0, 5.0) as f32) * (self.right - self.left)
    }

    /// Time of a pixel.
    #[must_use]
    pub fn t(&self, x: f32) -> f64 {
        self.t0 + f64::from((x - self.left) / (self.right - self.left)) * (self.t1 - self.t0)
    }

    /// Seconds a pixel.
    #[must_use]
    pub fn s_per_px(&self) -> f64 {
        (self.t1 - self.t0) / f64::from(self.right - self.left)
    }

    /// Pixel of the now line, if it is in view.
    #[must_use]
    pub fn now_x(&self) -> Option<f32> {
        (self.now >= self.t0 && self.now <= self.t1).then(|| self.x(self.now))
    }

    /// The part of the window that has happened.
    #[must_use]
    pub fn past(&self) -> Range<f64> {
        self.t0..self.now.min(self.t1).max(self.t0 + 1e-6)
    }

    /// Whether a time is in view.
    #[must_use]
    pub fn contains(&self, t: f64) -> bool {
        t >= self.t0 && t <= self.t1
    }

    /// Grid times. While following they stand still relative to the now line.
    #[must_use]
    pub fn ticks(&self) -> Vec<f64> {
        let step = self.step();
        let zero = if self.follows { self.now } else { 0.0 };
        let mut ticks = Vec::new();
        let mut n = ((self.t0 - zero) / step - 1e-6).ceil();
        while zero + n * step <= self.t1 + step * 1e-6 && ticks.len() < 200 {
            ticks.push(zero + n * step);
            n += 1.0;
        }
        ticks
    }

    fn step(&self) -> f64 {
        time_step(self.s_per_px() * 70.0)
    }

    /// A time as the axis says it: from now while following, else of the run.
    #[must_use]
    pub fn label(&self, t: f64) -> String {
        let step = self.step();
        if !self.follows && t < -step * 1e-3 {
            // before the run there is no time of it
            return String::new();
        }
        if !self.follows {
            return if step < 1.0 { fmt::clock(t) } else { hms(t) };
        }
        let d = t - self.now;
        if d.abs() < step * 1e-3 {
            "now".to_owned()
        } else if step >= 60.0 {
            format!("{} min", fmt::signed(d / 60.0, 0))
        } else {
            fmt::signed(d, usize::from(step < 1.0))
        }
    }

    /// A time as a cursor says it, to a tenth.
    #[must_use]
    pub fn flag(&self, t: f64) -> String {
        if self.follows && (t - self.now).abs() < 600.0 { fmt::signed(t - self.now, 1) } else { fmt::clock(t) }
    }
}

/// The length of a window in words: `120 s`, `10 min`.
#[must_use]
pub fn span_words(s: f64) -> String {
    if s < 9.95 {
        format!("{} s", fmt::num(s, 1))
    } else if s < 299.5 {
        format!("{} s", fmt::num(s, 0))
    } else {
        format!("{} min", fmt::num(s / 60.0, usize::from((s / 60.0).fract() > 0.05)))
    }
}

/// The smallest step of time not less than `least` seconds that a clock would take.
#[must_use]
pub fn time_step(least: f64) -> f64 {
    const STEPS: [f64; 21] = [
        0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0,
        10_800.0, 21_600.0, 43_200.0, 86_400.0,
    ];
    STEPS.into_iter().find(|s| *s >= least).unwrap_or(86_400.0)
}

/// Whole seconds of a run: `mm:ss`, from an hour on `h:mm:ss`.
#[must_use]
pub fn hms(t: f64) -> String {
    let s = t.max(0.0).round() as u64;
    if s >= 3600 {
        format!("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
    } else {
        format!("{:02}:{:02}", s / 60, s % 60)
    }
}

/// Values across the height of a plot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ValueScale {
    /// Value at the bottom.
    pub lo: f64,
    /// Value at the top.
    pub hi: f64,
    /// Top and bottom pixel.
    pub y: Rangef,
}

impl ValueScale {
    /// Pixel of a value; what is far outside stays just outside.
    #[must_use]
    pub fn y(&self, v: f64) -> f32 {
        let share = (v - self.lo) / (self.hi - self.lo);
        self.y.max - (share.clamp(-2.0, 3.0) as f32) * self.y.span()
    }

    /// Round values a good distance apart, none at the very ends.
    #[must_use]
    pub fn ticks(&self) -> Vec<f64> {
        let step = self.step();
        let mut ticks = Vec::new();
        let mut n = (self.lo / step).ceil();
        while n * step <= self.hi && ticks.len() < 50 {
            let y = self.y(n * step);
            if y > self.y.min + 3.0 && y < self.y.max - 1.0 {
                ticks.push(n * step);
            }
            n += 1.0;
        }
        ticks
    }

    /// Distance between ticks.
    #[must_use]
    pub fn step(&self) -> f64 {
        nice((self.hi - self.lo) * 20.0 / f64::from(self.y.span().max(1.0)))
    }

    /// Decimals that the ticks need.
    #[must_use]
    pub fn decimals(&self) -> usize {
        (-(self.step().log10() + 1e-9).floor()).clamp(0.0, 4.0) as usize
    }
}

/// The smallest of 1, 2, 5 times a power of ten that is not less than `least`.
#[must_use]
pub fn nice(least: f64) -> f64 {
    if !least.is_finite() || least <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|s| *s >= least * 0.999).unwrap_or(10.0 * power)
}

/// Widens `[lo, hi]` by a tenth on both sides and out to a round value, so that it moves seldom.
#[must_use]
pub fn margin([lo, hi]: [f64; 2], least: f64) -> [f64; 2] {
    let span = (hi - lo).max(least);
    let (mid, half) = (f64::midpoint(lo, hi), span * 0.6);
    let grain = nice(span / 25.0);
    [((mid - half) / grain).floor() * grain, ((mid + half) / grain).ceil() * grain]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::time_view::Mode;

    #[test]
    fn ticks_follow_the_now_line_or_the_run() {
        let x = Rangef::new(0.0, 544.0);
        let s = TimeScale::new(&TimeView::default(), 252.3, x);
        let labels: Vec<_> = s.ticks().iter().map(|t| s.label(*t)).collect();
        assert_eq!(labels, ["−120", "−90", "−60", "−30", "now", "+30", "+60"]);
        let fixed = TimeView { mode: Mode::Fixed(130.0), ..TimeView::default() };
        let s = TimeScale::new(&fixed, 252.3, x);
        assert_eq!(s.ticks().iter().map(|t| s.label(*t)).collect::<Vec<_>>(), ["00:30", "01:00", "01:30", "02:00"]);
        assert!((s.t(s.x(77.0)) - 77.0).abs() < 1e-3);
    }

    /// A young run has a window that begins before it: every tick there was called 00:00.
    #[test]
    fn regress_no_label_stands_twice_before_the_run() {
        let young = TimeView { mode: Mode::Fixed(40.0), ..TimeView::default() };
        let s = TimeScale::new(&young, 40.0, Rangef::new(0.0, 544.0));
        let labels: Vec<_> = s.ticks().iter().map(|t| s.label(*t)).filter(|l| !l.is_empty()).collect();
        assert_eq!(labels, ["00:00", "00:30"]);
    }

    #[test]
    fn value_ticks_are_round() {
        let v = ValueScale { lo: 56.5, hi: 62.0, y: Rangef::new(0.0, 150.0) };
        assert_eq!(v.ticks(), [57.0, 58.0, 59.0, 60.0, 61.0]);
        assert_eq!(v.decimals(), 0);
        let [lo, hi] = margin([57.0, 61.5], 0.1);
        assert!((lo - 56.4).abs() < 1e-9 && (hi - 62.0).abs() < 1e-9, "{lo} to {hi}");
    }
}
