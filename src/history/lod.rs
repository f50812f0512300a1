//! The min/max pyramid: rows, and over them buckets of 8, 64, 512, 4096 and 32,768 rows.
//!
//! Buckets are numbered from the first row of the epoch, not from the left edge of a chart: bucket `b` of level `k`
//! always covers rows `b * 8^k .. (b + 1) * 8^k`. So a curve keeps its shape while it scrolls. Every level is a
//! [`Ring`] of fixed capacity; the coarser a level, the further back it reaches. A bucket is written once, when its
//! last row has come. The newest rows, of which no bucket exists yet, are read from the finer levels.
//!
//! [`Axis`](super::axis::Axis) holds the times, once for all signals; a [`Column`] holds one signal. Numbers are kept as `f32` (24 bits:
//! 4 µHz at 60 Hz, 0.06 W at 1 MW); times stay `f64`. What is not finite is "no data". It never loses an extreme: the
//! min and max of a bucket are those of all its rows with data.

use super::ring::Ring;

/// Levels: rows and five sizes of bucket.
pub const LEVELS: usize = 6;

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

    /// Takes rows from number `row` on back: their buckets go, and those that were cut open gather again from what is
    /// left of them. `row` must be one that [`Axis::truncate`](super::axis::Axis::truncate) gave.
    pub fn truncate(&mut self, row: u64) {
        for (k, level) in self.levels.iter_mut().enumerate() {
            level.cells.truncate(row >> shift(k));
            level.fill.truncate(row >> shift(k));
            level.open = Open::EMPTY;
        }
        for k in 1..self.levels.len() {
            let (finer, coarser) = self.levels.split_at_mut(k);
            let (Some(finer), Some(level)) = (finer.last(), coarser.first_mut()) else { return };
            for n in level.cells.end() << 3..finer.cells.end() {
                let Some(cell) = finer.cells.get(n) else { continue };
                let whole = if cell.has_data() { FULL } else { 0 };
                level.open.add(cell, finer.fill.get(n).unwrap_or(whole));
            }
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
}
