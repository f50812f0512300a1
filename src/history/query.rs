//! Questions that charts ask. Each answer is finite numbers, made in time proportional to pixels.
//!
//! A curve comes as *runs* of columns `[t, min, max]`: within a run the signal is continuous, between two runs there
//! is a gap (rows without data, or no rows for longer than [`GAP_PERIODS`] periods).
//! Rows are grouped by powers of two counted from the start of the epoch, one to two groups a pixel, so the picture
//! does not shimmer while it scrolls. The extremes of every row with data are in some column. The first and the last
//! column may lie just outside the window, so that a line reaches the edges.
//!
//! Rows that are too old to be kept one by one are answered from buckets: coarser in time, never wrong in extremes.

use std::ops::Range;

use super::axis::{Axis, GAP_PERIODS};
use super::lod::{FULL, LEVELS, shift};
use super::{Column, Store};
use crate::plant::signals::SignalIdx;

/// A curve. Reuse one to avoid allocation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Runs {
    columns: Vec<[f64; 3]>,
    ends: Vec<usize>,
}

impl Runs {
    /// The runs, oldest first; each a non-empty slice of `[t_s, min, max]` with rising `t_s`.
    pub fn iter(&self) -> impl Iterator<Item = &[[f64; 3]]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).filter_map(|(from, to)| self.columns.get(from..*to))
    }

    /// All columns of all runs.
    #[must_use]
    pub fn columns(&self) -> &[[f64; 3]] {
        &self.columns
    }

    /// Number of runs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is nothing to draw.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Smallest and largest value of all columns.
    #[must_use]
    pub fn bounds(&self) -> Option<[f64; 2]> {
        let pairs = self.columns.iter().map(|[_, lo, hi]| [*lo, *hi]);
        pairs.reduce(|a, b| [a[0].min(b[0]), a[1].max(b[1])])
    }

    /// Empties it and keeps the memory.
    pub fn clear(&mut self) {
        self.columns.clear();
        self.ends.clear();
    }

    fn end_run(&mut self) {
        if self.columns.len() > self.ends.last().copied().unwrap_or(0) {
            self.ends.push(self.columns.len());
        }
    }
}

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

/// A group of rows on its way to become a column.
struct Group {
    key: u64,
    rows: Range<u64>,
    t0: f64,
    t1: f64,
    min: f32,
    max: f32,
    hole: bool,
}

struct Painter<'a> {
    axis: &'a Axis,
    out: &'a mut Runs,
    /// Gaps shorter than this only break the run; longer ones are drawn to the row.
    pixel_s: f64,
    /// First row of the next gap; `u64::MAX` if there is none.
    gap_row: u64,
    group: Option<Group>,
}

impl Painter<'_> {
    fn add(&mut self, g: Group) {
        match &mut self.group {
            Some(open) if open.key == g.key => {
                open.rows.end = g.rows.end;
                open.t1 = g.t1;
                open.min = open.min.min(g.min);
                open.max = open.max.max(g.max);
                open.hole |= g.hole;
            }
            _ => {
                self.flush();
                self.group = Some(g);
            }
        }
    }

    fn flush(&mut self) {
        let Some(g) = self.group.take() else { return };
        if g.rows.end <= self.gap_row {
            self.column(&g, if g.rows.end == self.axis.end() { g.t1 } else { f64::midpoint(g.t0, g.t1) });
        } else {
            self.split(&g);
        }
        if g.hole {
            self.out.end_run();
        }
    }

    fn column(&mut self, g: &Group, t: f64) {
        if g.min <= g.max {
            self.out.columns.push([t, f64::from(g.min), f64::from(g.max)]);
        } else {
            self.out.end_run();
        }
    }

    /// A group with gaps in time before or within it.
    #[cold]
    fn split(&mut self, g: &Group) {
        let (mut from, mut broken, mut next) = (g.t0, false, u64::MAX);
        for gap in self.axis.gaps_after(g.rows.start.saturating_sub(1)) {
            if gap.row >= g.rows.end {
                next = gap.row;
                break;
            }
            if gap.row == g.rows.start {
                self.out.end_run();
            } else if gap.t1 - gap.t0 >= self.pixel_s {
                self.column(g, gap.t0);
                self.out.end_run();
                from = gap.t1;
            } else {
                broken = true;
            }
        }
        self.gap_row = next;
        self.column(g, if from > g.t0 { from } else { f64::midpoint(g.t0, g.t1) });
        if broken {
            self.out.end_run();
        }
    }
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
        let mut painter = Painter { axis, out, pixel_s: (t_s.end - t_s.start) / px, gap_row, group: None };
        while let Some(piece) = axis.piece(row, rows.end, level) {
            paint(&mut painter, column, piece.level, piece.from..piece.to, log2);
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
        let axis = &self.axis;
        let mut row = axis.first_row_from(t_s.start).max(axis.oldest_row());
        let end = axis.row_after(t_s.end);
        let (mut min, mut max, mut sum, mut weight) = (f32::INFINITY, f32::NEG_INFINITY, 0.0, 0.0);
        while row < end {
            // The largest complete bucket that starts here and does not pass the end.
            let aligned = (row.trailing_zeros() / 3).min((end - row).ilog2() / 3) as usize;
            let Some(piece) = axis.piece(row, end, aligned) else { break };
            let k = piece.level;
            if let Some(c) = column.cells(k).and_then(|r| r.get(piece.from)).filter(super::Cell::has_data) {
                min = min.min(c.min);
                max = max.max(c.max);
                if c.mean.is_finite() {
                    let fill = column.fill(k).and_then(|r| r.get(piece.from)).unwrap_or(FULL);
                    let w = f64::from(fill) * (1_u64 << shift(k)) as f64;
                    sum += w * f64::from(c.mean);
                    weight += w;
                }
            }
            row = (piece.from + 1) << shift(k);
        }
        if min > max {
            return None;
        }
        let mean = if weight > 0.0 { sum / weight } else { f64::midpoint(f64::from(min), f64::from(max)) };
        Some(Stats { min: f64::from(min), max: f64::from(max), mean })
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

/// Hands buckets of one level to the painter, grouped.
fn paint(painter: &mut Painter<'_>, column: &Column, level: usize, mut b: Range<u64>, log2: u32) {
    let (Some(times), Some(cells)) = (painter.axis.level(level), column.cells(level)) else { return };
    let fill = column.fill(level);
    let s = shift(level);
    // Buckets a group: one if buckets are larger than groups.
    let per = 1_u64 << log2.saturating_sub(s);
    while b.start < b.end {
        let (times, cells) = (times.slice(b.start, b.end), cells.slice(b.start, b.end));
        let fill = fill.map(|f| f.slice(b.start, b.end));
        let n = times.len().min(cells.len());
        if n == 0 {
            return;
        }
        let mut i = 0;
        while i < n {
            let bucket = b.start + i as u64;
            let len = ((per - (bucket & (per - 1))) as usize).min(n - i);
            let part = cells.get(i..i + len).unwrap_or_default();
            let (mut min, mut max, mut nan) = (f32::INFINITY, f32::NEG_INFINITY, false);
            for c in part {
                // False for NaN, so no data changes nothing.
                min = if c.min < min { c.min } else { min };
                max = if c.max > max { c.max } else { max };
                nan |= c.mean.is_nan();
            }
            let hole = match fill {
                Some(f) => f.get(i..i + len).unwrap_or_default().iter().any(|f| *f < FULL),
                None => nan,
            };
            let (Some(first), Some(last)) = (times.get(i), times.get(i + len - 1)) else { return };
            let key = (bucket << s) >> log2;
            let rows = bucket << s..(bucket + len as u64) << s;
            painter.add(Group { key, rows, t0: first.first, t1: last.last, min, max, hole });
            i += len;
        }
        b.start += n as u64;
    }
}
