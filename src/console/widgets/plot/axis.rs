//! An axis of a chart: its range, its unit, where its ticks are and what they say.
//!
//! A logarithmic axis is a linear one of the decimal logarithm inside `egui_plot`; nobody outside sees that.

use std::ops::RangeInclusive;

use egui_plot::{GridInput, GridMark};

use crate::console::fmt;
use crate::console::widgets::scale::{hms, nice, time_step};

/// How values lie along the axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Linear,
    Log,
    Time,
}

/// An axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// Lowest and highest value, in order and apart, whatever was asked for.
    pub range: [f64; 2],
    kind: Kind,
    /// Stands after the last label.
    unit: String,
    /// Ticks in place of round ones.
    marks: Vec<f64>,
}

impl Axis {
    fn new([lo, hi]: [f64; 2], kind: Kind, unit: impl Into<String>) -> Self {
        // An empty or endless range would leave the plot without a transform.
        let lo = if lo.is_finite() { lo } else { 0.0 };
        let lo = if kind == Kind::Log { lo.max(1e-9) } else { lo };
        let least = if kind == Kind::Log { lo } else { 1.0 };
        let hi = if hi.is_finite() && hi - lo > 1e-9 * lo.abs().max(1e-3) { hi } else { lo + least };
        Self { range: [lo, hi], kind, unit: unit.into(), marks: Vec::new() }
    }

    /// Even, with round ticks. The unit stands behind the last one; leave it empty where a title says it.
    #[must_use]
    pub fn linear(range: [f64; 2], unit: impl Into<String>) -> Self {
        Self::new(range, Kind::Linear, unit)
    }

    /// Logarithmic; values must be above zero.
    #[must_use]
    pub fn log(range: [f64; 2], unit: impl Into<String>) -> Self {
        Self::new(range, Kind::Log, unit)
    }

    /// Seconds from a start: `30 s` in short ranges, `mm:ss` or `h:mm:ss` in long ones.
    #[must_use]
    pub fn time(range_s: [f64; 2]) -> Self {
        Self::new(range_s, Kind::Time, "s")
    }

    /// Ticks at these values only.
    #[must_use]
    pub fn marks(self, marks: impl IntoIterator<Item = f64>) -> Self {
        Self { marks: marks.into_iter().filter(|v| *v >= self.range[0] && *v <= self.range[1]).collect(), ..self }
    }

    /// Seconds are too many to be read as seconds.
    fn clock(&self) -> bool {
        self.kind == Kind::Time && self.range[1] - self.range[0] > 600.0
    }

    pub(super) fn plot_from(&self, v: f64) -> f64 {
        if self.kind == Kind::Log { v.max(self.range[0] * 1e-3).log10() } else { v }
    }

    pub(super) fn from_plot(&self, v: f64) -> f64 {
        if self.kind == Kind::Log { 10_f64.powf(v) } else { v }
    }

    pub(super) fn bounds(&self) -> RangeInclusive<f64> {
        self.plot_from(self.range[0])..=self.plot_from(self.range[1])
    }

    /// Ticks and the distance to the next, in values of the plot; `least` is the smallest distance that reads well.
    fn ticks(&self, least: f64) -> Vec<GridMark> {
        let [lo, hi] = self.range;
        let values: Vec<f64> = if !self.marks.is_empty() {
            self.marks.clone()
        } else if self.kind == Kind::Log {
            let decades = lo.log10().floor() as i32..=hi.log10().ceil() as i32;
            let steps: &[f64] = if least < 0.3 { &[1.0, 2.0, 5.0] } else { &[1.0] };
            let all = decades.flat_map(|d| steps.iter().map(move |m| m * 10_f64.powi(d)));
            all.filter(|v| *v >= lo * 0.999 && *v <= hi * 1.001).collect()
        } else {
            let step = self.step(least);
            let first = (lo / step - 1e-6).ceil();
            let count = ((hi / step + 1e-6).floor() - first).clamp(-1.0, 200.0) as i32;
            (0..=count).map(|k| (first + f64::from(k)) * step).collect()
        };
        let at = |i: usize| values.get(i).map(|v| self.plot_from(*v));
        let mark = |(i, v): (usize, &f64)| {
            let value = self.plot_from(*v);
            let near = [i.checked_sub(1).and_then(at), at(i + 1)].into_iter().flatten();
            let step_size = near.map(|o| (o - value).abs()).reduce(f64::min).unwrap_or(1e9);
            GridMark { value, step_size }
        };
        values.iter().enumerate().map(mark).collect()
    }

    fn step(&self, least: f64) -> f64 {
        if self.kind == Kind::Time { time_step(least) } else { nice(least) }
    }

    /// Grid lines at least `px` pixels apart.
    pub(super) fn spacer(self, px: f64) -> impl Fn(GridInput) -> Vec<GridMark> {
        // The shell asks for lines a pixel apart at least: see `grid_spacing`.
        move |input| self.ticks(input.base_step_size * px)
    }

    /// What a tick says.
    pub(super) fn formatter(self) -> impl Fn(GridMark, &RangeInclusive<f64>) -> String {
        move |mark, _| self.label(self.from_plot(mark.value), mark.step_size)
    }

    fn label(&self, v: f64, step: f64) -> String {
        if self.clock() {
            return hms(v);
        }
        let fine = if self.kind == Kind::Log || !self.marks.is_empty() { v.abs().max(1e-9) } else { step };
        let places = (-(fine.log10() + 1e-9).floor()).clamp(0.0, 4.0) as usize;
        let last = match self.marks.last() {
            Some(m) => (v - m).abs() <= 1e-9 * m.abs(),
            None => v + step > self.range[1] + step * 1e-6,
        };
        let text = fmt::num(v, places);
        if last && !self.unit.is_empty() { format!("{text} {}", self.unit) } else { text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis, px: f64, wide: f64) -> Vec<String> {
        let bounds = axis.bounds();
        let base = (bounds.end() - bounds.start()) / wide;
        let input = GridInput { bounds: (*bounds.start(), *bounds.end()), base_step_size: base };
        let (marks, label) = (axis.clone().spacer(px)(input), axis.clone().formatter());
        marks.into_iter().map(|m| label(m, &bounds)).collect()
    }

    #[test]
    fn ticks_are_round_and_the_last_has_the_unit() {
        assert_eq!(labels(&Axis::linear([0.0, 72.0], "s"), 64.0, 300.0), ["0", "20", "40", "60 s"]);
        assert_eq!(labels(&Axis::linear([-0.1, 0.21], "kW"), 36.0, 120.0), ["−0.1", "0.0", "0.1", "0.2 kW"]);
        assert_eq!(labels(&Axis::time([0.0, 120.0]), 64.0, 300.0), ["0", "30", "60", "90", "120 s"]);
        assert_eq!(labels(&Axis::time([0.0, 3700.0]), 64.0, 300.0), ["00:00", "15:00", "30:00", "45:00", "1:00:00"]);
        assert_eq!(labels(&Axis::log([0.1, 60.0], "s"), 30.0, 120.0), ["0.1", "1", "10"]);
        let marked = Axis::log([0.1, 60.0], "s").marks([0.1, 0.3, 1.0, 60.0, 600.0]);
        assert_eq!(labels(&marked, 30.0, 120.0), ["0.1", "0.3", "1", "60 s"]);
    }

    #[test]
    fn a_bad_range_is_mended() {
        for bad in [[f64::NAN, 1.0], [0.0, f64::INFINITY], [2.0, 2.0], [3.0, -1.0], [0.0, 0.0]] {
            for axis in [Axis::linear(bad, ""), Axis::log(bad, ""), Axis::time(bad)] {
                let b = axis.bounds();
                assert!(b.start().is_finite() && b.end() > b.start(), "{bad:?} gave {axis:?}");
                assert!(labels(&axis, 36.0, 200.0).len() < 250);
            }
        }
    }

    #[test]
    fn log_values_go_there_and_back() {
        let a = Axis::log([0.1, 1000.0], "");
        for v in [0.1, 1.0, 33.0, 1000.0] {
            assert!((a.from_plot(a.plot_from(v)) / v - 1.0).abs() < 1e-12);
        }
        assert!(a.plot_from(-5.0).is_finite(), "what has no logarithm lies far below");
    }
}
