//! From buckets to columns: groups, merges and breaks them at gaps.
//!
//! The inner loop of every chart. It reads the pyramid in page-long slices and allocates nothing but the columns. It
//! never draws across a gap and never leaves an extreme out; see [`query`](super::query) for the promises.

use std::ops::Range;

use super::axis::{Axis, Span};
use super::lod::{Cell, Column, FULL, shift};

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

    pub(super) fn end_run(&mut self) {
        if self.columns.len() > self.ends.last().copied().unwrap_or(0) {
            self.ends.push(self.columns.len());
        }
    }
}

/// A group of rows on its way to become a column.
pub(super) struct Group {
    key: u64,
    rows: Range<u64>,
    t0: f64,
    t1: f64,
    min: f32,
    max: f32,
    hole: bool,
}

/// Draws groups into [`Runs`].
pub(super) struct Painter<'a> {
    pub(super) axis: &'a Axis,
    pub(super) signal: &'a Column,
    pub(super) out: &'a mut Runs,
    /// Time of a pixel. Several gaps within one only break the run; longer ones are drawn to the row.
    pub(super) pixel_s: f64,
    /// First row of the next gap; `u64::MAX` if there is none.
    pub(super) gap_row: u64,
    pub(super) group: Option<Group>,
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

    pub(super) fn flush(&mut self) {
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

    /// Whole groups of `PER` buckets with no gap in time before or in them: the way that nearly all columns go.
    fn columns<const PER: usize>(&mut self, part: &Part<'_>) {
        let groups = part.times.chunks_exact(PER).zip(part.cells.chunks_exact(PER));
        self.out.columns.reserve(groups.len());
        let mut fill = part.fill.map(|f| f.chunks_exact(PER));
        for (times, cells) in groups {
            let (min, max, nan) = extremes(cells);
            let (Some(first), Some(last)) = (times.first(), times.last()) else { return };
            if min <= max {
                self.out.columns.push([f64::midpoint(first.first, last.last), f64::from(min), f64::from(max)]);
            }
            let hole = fill.as_mut().map_or(nan, |f| f.next().is_some_and(has_hole));
            if hole {
                self.out.end_run();
            }
        }
    }

    fn column(&mut self, g: &Group, t: f64) {
        if g.min <= g.max {
            self.out.columns.push([t, f64::from(g.min), f64::from(g.max)]);
        } else {
            self.out.end_run();
        }
    }

    /// A group with gaps in time before or within it. It may be much longer than a pixel, so it is cut at the gaps into
    /// parts of a pixel or more, each with its own extremes.
    #[cold]
    fn split(&mut self, g: &Group) {
        let mut part = Group { rows: g.rows.clone(), ..*g };
        let (mut wide, mut broken, mut next) = (false, false, u64::MAX);
        for gap in self.axis.gaps_after(g.rows.start.saturating_sub(1)) {
            if gap.row >= g.rows.end {
                next = gap.row;
                break;
            }
            if gap.row == g.rows.start {
                self.out.end_run();
            } else if gap.t1 - part.t0 >= self.pixel_s {
                self.part(&mut part, gap.row, gap.t0);
                self.out.end_run();
                (part.rows, part.t0, wide) = (gap.row..g.rows.end, gap.t1, true);
            } else {
                broken = true;
            }
        }
        self.gap_row = next;
        if wide {
            let t = part.t0;
            self.part(&mut part, g.rows.end, t);
        } else {
            self.column(g, f64::midpoint(g.t0, g.t1));
        }
        if broken {
            self.out.end_run();
        }
    }

    /// The column of `part` up to row `end`.
    fn part(&mut self, part: &mut Group, end: u64, t: f64) {
        let sum = Sum::of(self.axis, self.signal, part.rows.start..end);
        (part.min, part.max) = (sum.min, sum.max);
        self.column(part, t);
    }
}

/// Rows added up.
pub(super) struct Sum {
    pub(super) min: f32,
    pub(super) max: f32,
    pub(super) total: f64,
    pub(super) weight: f64,
}

impl Sum {
    /// Adds rows up by the largest buckets that tile them, so it takes a few dozen steps however many there are.
    pub(super) fn of(axis: &Axis, column: &Column, rows: Range<u64>) -> Self {
        let mut all = Self { min: f32::INFINITY, max: f32::NEG_INFINITY, total: 0.0, weight: 0.0 };
        let mut row = rows.start.max(axis.oldest_row());
        while row < rows.end {
            // The largest complete bucket that starts here and does not pass the end.
            let aligned = (row.trailing_zeros() / 3).min((rows.end - row).ilog2() / 3) as usize;
            let Some(piece) = axis.piece(row, rows.end, aligned) else { break };
            let k = piece.level;
            if let Some(c) = column.cells(k).and_then(|r| r.get(piece.from)).filter(Cell::has_data) {
                all.min = all.min.min(c.min);
                all.max = all.max.max(c.max);
                if c.mean.is_finite() {
                    let fill = column.fill(k).and_then(|r| r.get(piece.from)).unwrap_or(FULL);
                    let w = f64::from(fill) * (1_u64 << shift(k)) as f64;
                    all.total += w * f64::from(c.mean);
                    all.weight += w;
                }
            }
            row = (piece.from + 1) << shift(k);
        }
        all
    }
}

/// Hands buckets of one level to the painter, grouped.
pub(super) fn paint(painter: &mut Painter<'_>, level: usize, mut b: Range<u64>, log2: u32) {
    let (Some(times), Some(cells)) = (painter.axis.level(level), painter.signal.cells(level)) else { return };
    let fill = painter.signal.fill(level);
    let s = shift(level);
    // Buckets a group: one if buckets are larger than groups.
    let per = 1_u64 << log2.saturating_sub(s);
    while b.start < b.end {
        let part = Part {
            times: times.slice(b.start, b.end),
            cells: cells.slice(b.start, b.end),
            fill: fill.map(|f| f.slice(b.start, b.end)),
        };
        let n = part.times.len().min(part.cells.len());
        if n == 0 {
            return;
        }
        let mut i = 0;
        while i < n {
            let bucket = b.start + i as u64;
            let to_border = (per - (bucket & (per - 1))) as usize;
            if to_border == per as usize && painter.gap_row >= (b.start + n as u64) << s {
                // The last group of the part may go on in the next one or be the newest.
                let whole = ((n - i) / to_border).saturating_sub(1) * to_border;
                if whole > 0 && per <= 4 {
                    painter.flush();
                    let part = part.slice(i..i + whole);
                    match per {
                        1 => painter.columns::<1>(&part),
                        2 => painter.columns::<2>(&part),
                        _ => painter.columns::<4>(&part),
                    }
                    i += whole;
                    continue;
                }
            }
            let len = to_border.min(n - i);
            let Some(group) = part.slice(i..i + len).group((bucket << s) >> log2, bucket << s, s) else { return };
            painter.add(group);
            i += len;
        }
        b.start += n as u64;
    }
}

/// Buckets side by side.
struct Part<'a> {
    times: &'a [Span],
    cells: &'a [Cell],
    /// None for rows, whose cells tell.
    fill: Option<&'a [u8]>,
}

impl Part<'_> {
    fn slice(&self, range: Range<usize>) -> Self {
        Self {
            times: self.times.get(range.clone()).unwrap_or_default(),
            cells: self.cells.get(range.clone()).unwrap_or_default(),
            fill: self.fill.map(|f| f.get(range).unwrap_or_default()),
        }
    }

    fn group(&self, key: u64, row: u64, shift: u32) -> Option<Group> {
        let (min, max, nan) = extremes(self.cells);
        let hole = self.fill.map_or(nan, has_hole);
        let rows = row..row + ((self.times.len() as u64) << shift);
        Some(Group { key, rows, t0: self.times.first()?.first, t1: self.times.last()?.last, min, max, hole })
    }
}

/// Smallest, largest, and whether any lacks a value.
#[inline]
fn extremes(cells: &[Cell]) -> (f32, f32, bool) {
    let (mut min, mut max, mut nan) = (f32::INFINITY, f32::NEG_INFINITY, false);
    for c in cells {
        // False for NaN, so no data changes nothing.
        min = if c.min < min { c.min } else { min };
        max = if c.max > max { c.max } else { max };
        nan |= c.mean.is_nan();
    }
    (min, max, nan)
}

#[inline]
fn has_hole(fill: &[u8]) -> bool {
    fill.iter().any(|f| *f < FULL)
}
