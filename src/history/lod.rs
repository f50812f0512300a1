//! The min/max pyramid: rows, and over them buckets of 8, 64, 512, 4096 and 32,768 rows.
//!
//! Buckets are numbered from the first row of the epoch, not from the left edge of a chart: bucket `b` of level `k`
//! always covers rows `b * 8^k .. (b + 1) * 8^k`. So a curve keeps its shape while it scrolls. Every level is a
//! [`Ring`] of fixed capacity; the coarser a level, the further back it reaches. A bucket is written once, when its
//! last row has come. The newest rows, of which no bucket exists yet, are read from the finer levels.
//!
//! [`Axis`] holds the times, once for all signals; a [`Column`] holds one signal. Numbers are kept as `f32` (24 bits:
//! 4 µHz at 60 Hz, 0.06 W at 1 MW); times stay `f64`. What is not finite is "no data". It never loses an extreme: the
//! min and max of a bucket are those of all its rows with data.

use std::collections::VecDeque;

use super::ring::Ring;

/// Levels: rows and five sizes of bucket.
pub const LEVELS: usize = 6;

/// Two rows further apart than this many row periods have a gap between them.
pub const GAP_PERIODS: f64 = 3.0;

/// Gaps in time that are remembered; older ones are forgotten first.
const MAX_GAPS: usize = 16_384;

/// Fill of a bucket all of whose rows have data.
pub const FULL: u8 = 255;

/// Rows in a bucket of `level`, as a power of two.
#[must_use]
pub const fn shift(level: usize) -> u32 {
    3 * level as u32
}

/// Rows, then buckets, that each level keeps.
///
/// The default keeps 131,072 rows (1.8 h of 50 ms) and 73,728 buckets of 0.4 s (8.2 h); then 3.2 s for 14.5 h, 26 s
/// for 58 h, 205 s for 9.7 days and 27 min for 77 days: at most 2.96 MB a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity(pub [usize; LEVELS]);

impl Default for Capacity {
    fn default() -> Self {
        Self([131_072, 73_728, 16_384, 8_192, 4_096, 4_096])
    }
}

/// Times of the first and the last row of a bucket, s. For a row both are its time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// First row, s.
    pub first: f64,
    /// Last row, s.
    pub last: f64,
}

/// A stretch of time without rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gap {
    /// Number of the first row after it.
    pub row: u64,
    /// Time of the last row before it, s.
    pub t0: f64,
    /// Time of the first row after it, s.
    pub t1: f64,
}

/// Part of a range of rows: buckets `from..to` of `level`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Level.
    pub level: usize,
    /// First bucket.
    pub from: u64,
    /// Bucket after the last.
    pub to: u64,
}

/// Times of all rows and buckets.
#[derive(Clone, Debug)]
pub struct Axis {
    levels: Vec<Ring<Span>>,
    opened: [f64; LEVELS],
    gaps: VecDeque<Gap>,
}

impl Axis {
    /// Empty.
    #[must_use]
    pub fn new(capacity: Capacity) -> Self {
        Self {
            levels: capacity.0.iter().map(|c| Ring::new(*c)).collect(),
            opened: [0.0; LEVELS],
            gaps: VecDeque::new(),
        }
    }

    /// Appends a row's time. False, and nothing done, if it is not finite or not later than the newest.
    pub fn push(&mut self, t_s: f64, period_s: f64) -> bool {
        if !t_s.is_finite() {
            return false;
        }
        let row = self.end();
        if let Some(newest) = self.newest_s() {
            if t_s <= newest {
                return false;
            }
            if t_s - newest > GAP_PERIODS * period_s {
                if self.gaps.len() == MAX_GAPS {
                    self.gaps.pop_front();
                }
                self.gaps.push_back(Gap { row, t0: newest, t1: t_s });
            }
        }
        for (level, (ring, opened)) in self.levels.iter_mut().zip(&mut self.opened).enumerate() {
            let rows = 1_u64 << shift(level);
            if row.is_multiple_of(rows) {
                *opened = t_s;
            }
            if (row + 1).is_multiple_of(rows) {
                ring.push(Span { first: *opened, last: t_s });
            }
        }
        true
    }

    /// Number that the next row will get.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.levels.first().map_or(0, Ring::end)
    }

    /// Number of the oldest row of which any level knows something.
    #[must_use]
    pub fn oldest_row(&self) -> u64 {
        let known = self.levels.iter().enumerate().filter(|(_, r)| !r.is_empty());
        known.map(|(k, r)| r.first() << shift(k)).min().unwrap_or(0)
    }

    /// Time of the newest row, s.
    #[must_use]
    pub fn newest_s(&self) -> Option<f64> {
        self.levels.first()?.newest().map(|s| s.last)
    }

    /// Time of the oldest row that any level knows, s.
    #[must_use]
    pub fn oldest_s(&self) -> Option<f64> {
        self.levels.iter().filter_map(|r| r.get(r.first())).map(|s| s.first).reduce(f64::min)
    }

    /// Times of a level.
    #[must_use]
    pub fn level(&self, level: usize) -> Option<&Ring<Span>> {
        self.levels.get(level)
    }

    /// Number of the first row at or after `t_s`; where only buckets are left, the first row of the first bucket that
    /// does not end before `t_s`.
    #[must_use]
    pub fn first_row_from(&self, t_s: f64) -> u64 {
        self.finest_at(t_s).map_or(self.oldest_row(), |(k, ring)| ring.partition_point(|s| s.last < t_s) << shift(k))
    }

    /// Number after the last row at or before `t_s`; where only buckets are left, after the last row of the last bucket
    /// that does not begin after `t_s`.
    #[must_use]
    pub fn row_after(&self, t_s: f64) -> u64 {
        self.finest_at(t_s).map_or(self.oldest_row(), |(k, ring)| ring.partition_point(|s| s.first <= t_s) << shift(k))
    }

    /// The finest level that reaches back to `t_s`.
    fn finest_at(&self, t_s: f64) -> Option<(usize, &Ring<Span>)> {
        let reaches = |r: &Ring<Span>| r.first() == 0 || r.get(r.first()).is_some_and(|s| s.first <= t_s);
        self.levels.iter().enumerate().find(|(_, r)| !r.is_empty() && reaches(r))
    }

    /// Gaps before rows later than `row`, oldest first.
    pub fn gaps_after(&self, row: u64) -> impl Iterator<Item = &Gap> {
        self.gaps.range(self.gaps.partition_point(|g| g.row <= row)..)
    }

    /// Gap in which `t_s` lies.
    #[must_use]
    pub fn gap_at(&self, t_s: f64) -> Option<&Gap> {
        self.gaps.get(self.gaps.partition_point(|g| g.t1 <= t_s)).filter(|g| g.t0 < t_s)
    }

    /// The next part of rows `row..end`, in buckets of `level` where they exist, of a coarser level where rows are so
    /// old that only that is left, of finer ones where they are so new that the bucket is not complete.
    #[must_use]
    pub fn piece(&self, row: u64, end: u64, level: usize) -> Option<Piece> {
        if row >= end.min(self.end()) {
            return None;
        }
        let has = |k: usize| {
            let b = row >> shift(k);
            self.levels.get(k).is_some_and(|r| b >= r.first() && b < r.end())
        };
        let level = level.min(LEVELS - 1);
        let k = (0..=level).rev().find(|k| has(*k)).or_else(|| (level + 1..LEVELS).find(|k| has(*k)))?;
        let ring = self.levels.get(k)?;
        let mut stop = end;
        if k > level {
            // Only until the next finer level begins.
            let finer = self.levels.get(k - 1).map_or(end, |r| r.first() << shift(k - 1));
            stop = stop.min(finer.max(row + 1));
        } else if k < level {
            // Only until the coarser level goes on; if that is in the future, to the end.
            let border = ((row >> shift(level)) + 1) << shift(level);
            stop = stop.min(border);
        }
        let to = stop.div_ceil(1 << shift(k)).min(ring.end());
        Some(Piece { level: k, from: row >> shift(k), to })
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.levels.iter_mut().for_each(Ring::clear);
        self.gaps = VecDeque::new();
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.levels.iter().map(Ring::memory_bytes).sum::<usize>() + self.gaps.capacity() * size_of::<Gap>()
    }
}

/// A row's or a bucket's numbers. All NaN: no data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// Smallest.
    pub min: f32,
    /// Largest.
    pub max: f32,
    /// Value at the row's time; in a bucket the mean of its rows.
    pub mean: f32,
}

impl Cell {
    /// From a block's numbers. What is not finite does not count; it leaves `min <= mean <= max` in order.
    #[must_use]
    pub fn new(min: f64, max: f64, last: f64) -> Self {
        let (min, max, last) = (finite(min), finite(max), finite(last));
        // `f32::min` and `max` pass over a NaN.
        Self { min: min.min(max).min(last), max: max.max(min).max(last), mean: last }
    }

    /// Whether there is data.
    #[must_use]
    pub fn has_data(&self) -> bool {
        self.min <= self.max
    }
}

fn finite(x: f64) -> f32 {
    let x = x as f32;
    if x.is_finite() { x } else { f32::NAN }
}

/// What a bucket gathers until its last child has come.
#[derive(Clone, Copy, Debug)]
struct Open {
    min: f32,
    max: f32,
    sum: f64,
    weight: f64,
    children: u8,
    full: bool,
}

impl Open {
    const EMPTY: Self =
        Self { min: f32::INFINITY, max: f32::NEG_INFINITY, sum: 0.0, weight: 0.0, children: 0, full: true };

    fn add(&mut self, cell: Cell, fill: u8) {
        self.children += 1;
        self.full &= fill == FULL;
        if fill > 0 {
            self.min = self.min.min(cell.min);
            self.max = self.max.max(cell.max);
            let mean = if cell.mean.is_nan() { f32::midpoint(cell.min, cell.max) } else { cell.mean };
            self.sum += f64::from(mean) * f64::from(fill);
            self.weight += f64::from(fill);
        }
    }

    fn close(&mut self) -> (Cell, u8) {
        let o = std::mem::replace(self, Self::EMPTY);
        if o.weight <= 0.0 {
            return (Cell { min: f32::NAN, max: f32::NAN, mean: f32::NAN }, 0);
        }
        let mean = ((o.sum / o.weight) as f32).clamp(o.min, o.max);
        // 255 means "no hole at all" and 0 "nothing at all", so what lies between stays between.
        let fill = if o.full { FULL } else { ((o.weight / 8.0) as u8).clamp(1, FULL - 1) };
        (Cell { min: o.min, max: o.max, mean }, fill)
    }
}

#[derive(Clone, Debug)]
struct Level {
    cells: Ring<Cell>,
    /// Share of rows with data, in 255ths. Not kept for rows.
    fill: Ring<u8>,
    open: Open,
}

/// One signal.
#[derive(Clone, Debug)]
pub struct Column {
    levels: Vec<Level>,
}

impl Column {
    /// Empty.
    #[must_use]
    pub fn new(capacity: Capacity) -> Self {
        let level = |c: &usize| Level { cells: Ring::new(*c), fill: Ring::new(*c), open: Open::EMPTY };
        Self { levels: capacity.0.iter().map(level).collect() }
    }

    /// Appends a row.
    pub fn push(&mut self, cell: Cell) {
        let mut up = (cell, if cell.has_data() { FULL } else { 0 });
        for (k, level) in self.levels.iter_mut().enumerate() {
            if k > 0 {
                level.open.add(up.0, up.1);
                if level.open.children < 8 {
                    return;
                }
                up = level.open.close();
                level.fill.push(up.1);
            }
            level.cells.push(up.0);
        }
    }

    /// Numbers of a level.
    #[must_use]
    pub fn cells(&self, level: usize) -> Option<&Ring<Cell>> {
        self.levels.get(level).map(|l| &l.cells)
    }

    /// Share of rows with data of each bucket of a level, in 255ths; nothing for rows, whose cells tell.
    #[must_use]
    pub fn fill(&self, level: usize) -> Option<&Ring<u8>> {
        self.levels.get(level).filter(|_| level > 0).map(|l| &l.fill)
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.levels.iter().map(|l| size_of::<Level>() + l.cells.memory_bytes() + l.fill.memory_bytes()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_have_absolute_numbers_and_keep_extremes() {
        let mut c = Column::new(Capacity::default());
        for i in 0..1000 {
            let v = if i == 77 { -5.0 } else { f64::from(i) };
            c.push(Cell::new(v, v + 0.5, v));
        }
        let l1 = c.cells(1).unwrap();
        assert_eq!(l1.end(), 125);
        assert_eq!(l1.get(9).unwrap().min, -5.0);
        assert_eq!(l1.get(10).unwrap(), Cell { min: 80.0, max: 87.5, mean: 83.5 });
        assert_eq!(c.cells(2).unwrap().get(1).unwrap().min, -5.0);
        assert_eq!(c.cells(3).unwrap().get(0).unwrap().max, 511.5);
    }

    #[test]
    fn holes_are_counted_not_averaged() {
        let mut c = Column::new(Capacity::default());
        for i in 0..64 {
            let v = if i % 2 == 0 || i >= 32 { f64::NAN } else { 4.0 };
            c.push(Cell::new(v, f64::INFINITY, v));
        }
        assert_eq!(c.cells(1).unwrap().get(0).unwrap().mean, 4.0);
        assert_eq!(c.fill(1).unwrap().get(0), Some(127));
        assert_eq!(c.fill(1).unwrap().get(5), Some(0));
        assert!(!c.cells(1).unwrap().get(5).unwrap().has_data());
        assert_eq!(c.cells(2).unwrap().get(0).unwrap().mean, 4.0);
    }

    #[test]
    fn pieces_cover_a_range_once_in_order() {
        let mut a = Axis::new(Capacity([1024; LEVELS]));
        for i in 0..100_003 {
            assert!(a.push(f64::from(i) * 0.05, 0.05));
        }
        for level in 0..LEVELS {
            let (mut row, mut parts) = (a.oldest_row(), 0);
            while let Some(p) = a.piece(row, a.end(), level) {
                assert_eq!(p.from << shift(p.level), row, "level {level}");
                assert!(p.to > p.from);
                row = p.to << shift(p.level);
                parts += 1;
            }
            assert_eq!(row, 100_003);
            assert!(parts <= 2 * LEVELS, "{parts}");
        }
    }

    #[test]
    fn times_must_rise() {
        let mut a = Axis::new(Capacity::default());
        assert!(a.push(1.0, 0.05));
        for t in [1.0, 0.5, f64::NAN, f64::INFINITY] {
            assert!(!a.push(t, 0.05));
        }
        assert!(a.push(2.0, 0.05));
        assert_eq!(a.gap_at(1.5), Some(&Gap { row: 1, t0: 1.0, t1: 2.0 }));
        assert_eq!(a.end(), 2);
    }
}
