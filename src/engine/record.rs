//! Rows of a run: every tick is folded into one block row a 50 ms, with min, max and last of each signal.

use std::ops::Range;
use std::sync::Arc;

use super::every::Every;
use crate::acts::Block;

/// Folds ticks into block rows. No allocation a tick beyond the block's own growth.
#[derive(Clone, Debug)]
pub(super) struct Recorder {
    latest: Vec<f64>,
    min: Vec<f64>,
    max: Vec<f64>,
    /// Places of the signals that change at any tick.
    fast: Arc<[Range<usize>]>,
    rows: Every,
    block: Block,
    on: bool,
}

impl Recorder {
    /// For rows of `width` signals, of which `fast` change at any tick; `rows` says which tick ends a block row.
    pub(super) fn new(width: usize, fast: Vec<Range<usize>>, rows: Every) -> Self {
        Self {
            latest: vec![0.0; width],
            min: vec![f64::INFINITY; width],
            max: vec![f64::NEG_INFINITY; width],
            fast: fast.into(),
            rows,
            block: Block { width, ..Block::default() },
            on: true,
        }
    }

    /// The row of the tick before, to be brought up to date; give it back with `push` or `first`.
    pub(super) fn take_row(&mut self) -> Vec<f64> {
        core::mem::take(&mut self.latest)
    }

    /// The row as it was given back last.
    pub(super) fn latest(&self) -> &[f64] {
        &self.latest
    }

    /// Another pace of the rows.
    pub(super) fn rows_every(&mut self, rows: Every) {
        self.rows = rows;
    }

    /// Records nothing from here on.
    pub(super) fn off(&mut self) {
        self.on = false;
    }

    /// Whether rows are wanted.
    pub(super) fn is_on(&self) -> bool {
        self.on
    }

    /// Whether this tick ends a block row; to be asked once a tick.
    pub(super) fn ends_row(&mut self, tick: u64) -> bool {
        self.rows.is_due(tick)
    }

    /// A copy that has no finished rows; the one in the making is in it.
    #[must_use]
    pub(super) fn emptied(&self) -> Self {
        Self {
            latest: self.latest.clone(),
            min: self.min.clone(),
            max: self.max.clone(),
            fast: Arc::clone(&self.fast),
            rows: self.rows,
            block: Block { width: self.block.width, ..Block::default() },
            on: self.on,
        }
    }

    /// The row at t = 0.
    pub(super) fn first(&mut self, row: Vec<f64>) {
        self.latest = row;
        self.block.t_s.push(0.0);
        self.block.min.extend_from_slice(&self.latest);
        self.block.max.extend_from_slice(&self.latest);
        self.block.last.extend_from_slice(&self.latest);
    }

    /// A tick's row. `whole`: more than the fast signals may have changed. `ends_s`: it ends a block row, at this time.
    pub(super) fn push(&mut self, row: Vec<f64>, whole: bool, ends_s: Option<f64>) {
        self.latest = row;
        if whole {
            fold(&self.latest, &mut self.min, &mut self.max);
        } else {
            for r in self.fast.iter() {
                fold(&self.latest[r.clone()], &mut self.min[r.clone()], &mut self.max[r.clone()]);
            }
        }
        if let Some(t_s) = ends_s {
            self.block.t_s.push(t_s);
            self.block.min.extend_from_slice(&self.min);
            self.block.max.extend_from_slice(&self.max);
            self.block.last.extend_from_slice(&self.latest);
            self.min.fill(f64::INFINITY);
            self.max.fill(f64::NEG_INFINITY);
        }
    }

    /// Moves the finished rows to the end of `into`.
    pub(super) fn take(&mut self, into: &mut Block) {
        into.append(&mut self.block);
    }
}

/// Widens the extremes by a row: one plain loop each, which the compiler turns into vector instructions.
#[inline(never)]
fn fold(row: &[f64], min: &mut [f64], max: &mut [f64]) {
    for (lo, x) in min.iter_mut().zip(row) {
        *lo = if *x < *lo { *x } else { *lo };
    }
    for (hi, x) in max.iter_mut().zip(row) {
        *hi = if *x > *hi { *x } else { *hi };
    }
}
