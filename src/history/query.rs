//! Questions that charts ask. Each answer is finite numbers, made in time proportional to pixels.
//!
//! A curve comes as *runs* of columns `[t, min, max]`: within a run the signal is continuous, between two runs there
//! is a gap (rows without data, or no rows for longer than [`GAP_PERIODS`] row periods).
//! Rows are grouped by powers of two counted from the start of the epoch, one to two groups a pixel, so the picture
//! does not shimmer while it scrolls. The extremes of every row with data are in some column. The first and the last
//! column may lie just outside the window, so that a line reaches the edges.
//!
//! Rows that are too old to be kept one by one are answered from buckets: coarser in time, never wrong in extremes.

use std::ops::Range;

use super::Store;
use super::axis::GAP_PERIODS;
use super::lod::{LEVELS, shift};
use super::paint::{Painter, Runs, Sum, paint};
use crate::plant::signals::SignalIdx;

/// What a signal did in a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stats {
    /// Smallest value, in the signal's unit.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Mean of the values at the rows' times.
    pub mean: f64,
}

/// A stretch of one state of a state signal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StateSpan {
    /// From, s.
    pub t0_s: f64,
    /// To, s.
    pub t1_s: f64,
    /// Index into the state names; none where it changed faster than a pixel.
    pub code: Option<u32>,
}

impl Store {
    /// The curve of `signal` over `t_s` for a chart `px` pixels wide (physical pixels).
    #[must_use]
    pub fn visible(&self, signal: SignalIdx, t_s: Range<f64>, px: usize) -> Runs {
        let mut out = Runs::default();
        self.visible_into(signal, t_s, px, &mut out);
        out
    }

    /// As [`Self::visible`], into a buffer, which is cleared first.
    pub fn visible_into(&self, signal: SignalIdx, t_s: Range<f64>, px: usize, out: &mut Runs) {
        out.clear();
        let (Some(column), true) = (self.column(signal), is_window(&t_s)) else { return };
        let axis = &self.axis;
        let px = px.max(1) as f64;
        let rows = self.rows_around(&t_s);
        let log2 = self.group_log2(&t_s, &rows, px);
        let level = (log2 / 3).min(LEVELS as u32 - 1) as usize;
        let mut row = ((rows.start >> log2) << log2).max(axis.oldest_row());
        let gap_row = axis.gaps_after(row).next().map_or(u64::MAX, |g| g.row);
        let mut painter =
            Painter { axis, signal: column, out, pixel_s: (t_s.end - t_s.start) / px, gap_row, group: None };
        while let Some(piece) = axis.piece(row, rows.end, level) {
            paint(&mut painter, piece.level, piece.from..piece.to, log2);
            row = piece.to << shift(piece.level);
        }
        painter.flush();
        out.end_run();
    }

    /// Value of `signal` at `t_s`: that of the newest row not later. None where there is no data, in a gap, and before
    /// or after the run. Where only buckets are left, the mean of the bucket.
    #[must_use]
    pub fn value_at(&self, signal: SignalIdx, t_s: f64) -> Option<f64> {
        let column = self.column(signal)?;
        if !t_s.is_finite() {
            return None;
        }
        for level in 0..LEVELS {
            let (times, cells) = (self.axis.level(level)?, column.cells(level)?);
            if times.get(times.first()).is_none_or(|s| s.first > t_s) {
                continue;
            }
            let n = times.partition_point(|s| s.first <= t_s).checked_sub(1)?;
            let last = times.get(n)?.last;
            // Past the bucket's end: fine up to the next row, no further than a gap.
            let longest = GAP_PERIODS * self.period_s;
            let mean = cells.get(n)?.mean;
            return (t_s - last <= longest && !self.in_gap(t_s) && mean.is_finite()).then_some(f64::from(mean));
        }
        None
    }

    /// Smallest and largest value of `signal` in the rows within `t_s`; none if there is no data.
    #[must_use]
    pub fn y_range(&self, signal: SignalIdx, t_s: Range<f64>) -> Option<[f64; 2]> {
        self.stats(signal, t_s).map(|s| [s.min, s.max])
    }

    /// Min, max and mean of `signal` in the rows within `t_s` (ends included); none if there is no data. Exact as far
    /// back as rows are kept, else of the buckets that overlap the window.
    #[must_use]
    pub fn stats(&self, signal: SignalIdx, t_s: Range<f64>) -> Option<Stats> {
        let column = self.column(signal)?;
        if !is_window(&t_s) {
            return None;
        }
        let rows = self.axis.first_row_from(t_s.start)..self.axis.row_after(t_s.end);
        let Sum { min, max, total, weight } = Sum::of(&self.axis, column, rows);
        if min > max {
            return None;
        }
        let (min, max) = (f64::from(min), f64::from(max));
        let mean = if weight > 0.0 { total / weight } else { f64::midpoint(min, max) };
        Some(Stats { min, max, mean })
    }

    /// States of a state signal over `t_s` for a lane `px` pixels wide, oldest first. A gap in data is a gap between
    /// spans.
    #[must_use]
    pub fn state_spans(&self, signal: SignalIdx, t_s: Range<f64>, px: usize) -> Vec<StateSpan> {
        let mut spans: Vec<StateSpan> = Vec::new();
        for run in self.visible(signal, t_s, px).iter() {
            let begin = spans.len();
            let mut edge = None;
            let ends = run.iter().skip(1).map(|c| c[0]).chain(run.last().map(|c| c[0]));
            for ([t0, lo, hi], t1) in run.iter().zip(ends) {
                let code = (lo >= hi && *lo >= 0.0).then_some(lo.round() as u32);
                let in_blur = spans.len() > begin && spans.last().is_some_and(|s| s.code.is_none());
                if code.is_none() && edge.is_none() && !in_blur {
                    // A single column in which the state changes is the edge between two states, not a state.
                    edge = Some(*t0);
                    continue;
                }
                extend(&mut spans, begin, StateSpan { t0_s: edge.take().unwrap_or(*t0), t1_s: t1, code });
            }
            if let (Some(t0_s), Some(end)) = (edge, run.last()) {
                extend(&mut spans, begin, StateSpan { t0_s, t1_s: end[0], code: None });
            }
        }
        spans
    }

    /// Rows in the window and one more on each side.
    fn rows_around(&self, t_s: &Range<f64>) -> Range<u64> {
        let from = self.axis.first_row_from(t_s.start).saturating_sub(1);
        from..(self.axis.row_after(t_s.end) + 1).min(self.axis.end())
    }

    /// Rows of a column, as a power of two. It follows from the width of the window where rows come at their period,
    /// so it does not flicker while the window slides.
    fn group_log2(&self, t_s: &Range<f64>, rows: &Range<u64>, px: f64) -> u32 {
        let (nominal, there) = ((t_s.end - t_s.start) / self.period_s, (rows.end - rows.start) as f64);
        let rows = if there > nominal * 1.05 + 16.0 { there } else { nominal };
        let per_px = (rows / px).clamp(1.0, 1e15);
        per_px.log2() as u32
    }

    /// Whether `t_s` lies in a gap, more than a row's own period after the last row before it.
    fn in_gap(&self, t_s: f64) -> bool {
        self.axis.gap_at(t_s).is_some_and(|g| t_s - g.t0 > self.period_s)
    }
}

/// Lengthens the last span of the run if the state is the same, else begins another.
fn extend(spans: &mut Vec<StateSpan>, begin: usize, span: StateSpan) {
    match spans.get_mut(begin..).and_then(|s| s.last_mut()).filter(|s| s.code == span.code) {
        Some(last) => last.t1_s = span.t1_s,
        None => spans.push(span),
    }
}

fn is_window(t_s: &Range<f64>) -> bool {
    t_s.start.is_finite() && t_s.end.is_finite() && t_s.start < t_s.end
}
