//! Rows of a run: every tick is folded into one block row a 50 ms, with min, max and last of each signal.

use super::msg::Block;

/// Folds ticks into block rows. No allocation a tick beyond the block's own growth.
#[derive(Clone, Debug)]
pub struct Recorder {
    latest: Vec<f64>,
    min: Vec<f64>,
    max: Vec<f64>,
    every: u64,
    block: Block,
    on: bool,
}

impl Recorder {
    /// For rows of `width` signals, folding `every` ticks.
    #[must_use]
    pub fn new(width: usize, every: u64) -> Self {
        Self {
            latest: vec![0.0; width],
            min: vec![f64::INFINITY; width],
            max: vec![f64::NEG_INFINITY; width],
            every: every.max(1),
            block: Block { width, ..Block::default() },
            on: true,
        }
    }

    /// The row to fill; give it back with `push` or `first`.
    pub fn take_row(&mut self) -> Vec<f64> {
        core::mem::take(&mut self.latest)
    }

    /// The newest row.
    #[must_use]
    pub fn latest(&self) -> &[f64] {
        &self.latest
    }

    /// Records nothing from here on.
    pub fn off(&mut self) {
        self.on = false;
    }

    /// A copy that has no finished rows; the one in the making is in it.
    #[must_use]
    pub fn without_rows(&self) -> Self {
        let (latest, min, max) = (self.latest.clone(), self.min.clone(), self.max.clone());
        Self { latest, min, max, block: Block { width: self.block.width, ..Block::default() }, ..*self }
    }

    /// The row at t = 0.
    pub fn first(&mut self, row: Vec<f64>) {
        self.latest = row;
        self.block.t_s.push(0.0);
        self.block.min.extend_from_slice(&self.latest);
        self.block.max.extend_from_slice(&self.latest);
        self.block.last.extend_from_slice(&self.latest);
    }

    /// A tick's row.
    pub fn push(&mut self, row: Vec<f64>, tick: u64, tick_s: f64) {
        self.latest = row;
        if !self.on {
            return;
        }
        for ((x, lo), hi) in self.latest.iter().zip(&mut self.min).zip(&mut self.max) {
            *lo = if *x < *lo { *x } else { *lo };
            *hi = if *x > *hi { *x } else { *hi };
        }
        if tick.is_multiple_of(self.every) {
            self.block.t_s.push(tick as f64 * tick_s);
            self.block.min.extend_from_slice(&self.min);
            self.block.max.extend_from_slice(&self.max);
            self.block.last.extend_from_slice(&self.latest);
            self.min.fill(f64::INFINITY);
            self.max.fill(f64::NEG_INFINITY);
        }
    }

    /// Moves the finished rows to the end of `into`.
    pub fn take(&mut self, into: &mut Block) {
        into.append(&mut self.block);
    }
}
