//! Times of rows and buckets, once for all signals, and the gaps between them.
//!
//! It turns times into row numbers and a range of rows into buckets of the pyramid (see [`lod`](super::lod)). Times
//! are seconds of the run and rise from row to row; a row that does not is refused, never sorted in.

use std::collections::VecDeque;

use super::lod::{Capacity, LEVELS, shift};
use super::ring::Ring;

/// Two rows further apart than this many row periods have a gap between them.
pub const GAP_PERIODS: f64 = 3.0;

/// Gaps in time that are remembered; older ones are forgotten first.
const MAX_GAPS: usize = 16_384;

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
        // Rows may be gone, and buckets not, after a long way back.
        self.levels.iter().find_map(Ring::newest).map(|s| s.last)
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

    /// Takes back what is later than `t_s` and gives the number that the next row will get. Where rows are no longer kept
    /// one by one it goes back to the last border of a bucket, as half a bucket says nothing.
    pub fn truncate(&mut self, t_s: f64) -> u64 {
        let kept = self.finest_at(t_s).map(|(k, ring)| ring.partition_point(|s| s.last <= t_s) << shift(k));
        let mut row = kept.unwrap_or(0);
        for (k, pair) in self.levels.windows(2).enumerate() {
            let [finer, _] = pair else { continue };
            let border = (row >> shift(k + 1)) << shift(k + 1);
            if border < row && finer.first() << shift(k) > border {
                row = border;
            }
        }
        for (k, ring) in self.levels.iter_mut().enumerate() {
            ring.truncate(row >> shift(k));
        }
        for k in 1..LEVELS {
            let begin = (row >> shift(k)) << shift(k);
            let first = (0..k).find_map(|j| Some(self.levels.get(j)?.get(begin >> shift(j))?.first));
            if let (Some(opened), Some(first)) = (self.opened.get_mut(k), first) {
                *opened = first;
            }
        }
        self.gaps.truncate(self.gaps.partition_point(|g| g.row < row));
        row
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

#[cfg(test)]
mod tests {
    use super::*;

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
