//! What charts read: every row of a run in bounded memory, fast at any zoom.
//!
//! ```text
//! Block ──ingest──▶ Store ─┬─ axis::Axis     times, once
//!                          ├─ lod::Column    one a signal: rows and a min/max pyramid
//!                          └─ EventLog       events, HOLD spans
//!                   query  ▲ visible · value_at · y_range · stats · state_spans
//!                   export ▲ CSV of a window
//! ```
//!
//! Twin, live feed and recording fill it alike: it only knows rows of the signal table. Times are seconds of the run;
//! values have the unit of their signal. The one thread that draws owns it, so there is no lock.
//!
//! It never waits, never draws, never reads a clock or a file, and never hands out a number that is not finite.
//! A query costs time in proportion to the pixels asked for, not to the length of the run.

pub mod axis;
pub mod events;
pub mod export;
pub mod lod;
mod paint;
pub mod query;
pub mod ring;

use crate::acts::{BLOCK_ROW_S, Block};
use crate::plant::signals::SignalIdx;

pub use events::{EventLog, HoldSpan};
pub use export::{ExportError, Exported};
pub use lod::Capacity;
pub use paint::Runs;
pub use query::{StateSpan, Stats};

use axis::Axis;
use lod::{Cell, Column};

/// Why a block was not taken. Nothing of it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IngestError {
    /// The block is for another table.
    #[error("block has {got} signals a row, the table has {want}")]
    Width {
        /// Signals a row of the block.
        got: usize,
        /// Signals of the table.
        want: usize,
    },
    /// Its columns do not have `rows * width` numbers.
    #[error("block of {rows} rows with {width} signals has {got} values, not {want}")]
    Ragged {
        /// Rows.
        rows: usize,
        /// Signals a row.
        width: usize,
        /// Length of the shortest or longest of its parts.
        got: usize,
        /// What it should be.
        want: usize,
    },
}

/// The store.
#[derive(Clone, Debug)]
pub struct Store {
    epoch: u32,
    capacity: Capacity,
    period_s: f64,
    axis: Axis,
    columns: Vec<Column>,
    events: EventLog,
    rejected: u64,
}

impl Default for Store {
    fn default() -> Self {
        Self::new()
    }
}

impl Store {
    /// An empty store with the default capacity, for rows of [`BLOCK_ROW_S`].
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(Capacity::default())
    }

    /// An empty store that keeps so many rows and buckets.
    #[must_use]
    pub fn with_capacity(capacity: Capacity) -> Self {
        Self {
            epoch: 0,
            capacity,
            period_s: BLOCK_ROW_S,
            axis: Axis::new(capacity),
            columns: Vec::new(),
            events: EventLog::default(),
            rejected: 0,
        }
    }

    /// Which scenario or restart the rows belong to.
    #[must_use]
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Time between two rows, s.
    #[must_use]
    pub fn row_period_s(&self) -> f64 {
        self.period_s
    }

    /// Sets the time between two rows, for a source other than the twin. Rows more than [`axis::GAP_PERIODS`] of these
    /// apart count as a gap from now on. What is not a positive number is ignored.
    pub fn set_row_period_s(&mut self, period_s: f64) {
        if period_s.is_finite() && period_s > 0.0 {
            self.period_s = period_s;
        }
    }

    /// Forgets rows and events and starts `epoch`.
    pub fn begin(&mut self, epoch: u32) {
        self.epoch = epoch;
        self.axis.clear();
        self.columns = Vec::new();
        self.events.clear();
        self.rejected = 0;
    }

    /// Takes back rows and events later than `t_s`: the run goes on from there, as after a step back in a training. Where
    /// rows are so old that only buckets are left, the last bucket that ends by then is the end, so that the newest
    /// row may be a little earlier. A time that is not a number changes nothing.
    pub fn truncate(&mut self, t_s: f64) {
        if t_s.is_nan() {
            return;
        }
        let row = self.axis.truncate(t_s);
        for column in &mut self.columns {
            column.truncate(row);
        }
        self.events.truncate(t_s);
    }

    /// Appends the rows of `block`, which must be `width` wide (the table's length). Rows whose time is not later than
    /// the newest are passed over and counted, see [`Self::rejected`].
    ///
    /// # Errors
    /// If the block is of another width than `width` or than earlier blocks of the epoch, or is ragged.
    pub fn ingest(&mut self, block: &Block, width: usize) -> Result<(), IngestError> {
        let rows = block.rows();
        if rows == 0 {
            return Ok(());
        }
        let want_width = if self.columns.is_empty() { width } else { self.columns.len() };
        for got in [block.width, width] {
            if got != want_width {
                return Err(IngestError::Width { got, want: want_width });
            }
        }
        let want = rows * width;
        for got in [block.min.len(), block.max.len(), block.last.len()] {
            if got != want {
                return Err(IngestError::Ragged { rows, width, got, want });
            }
        }
        if self.columns.is_empty() {
            self.columns = (0..width).map(|_| Column::new(self.capacity)).collect();
        }
        let taken: Vec<bool> = block.t_s.iter().map(|t| self.axis.push(*t, self.period_s)).collect();
        self.rejected += taken.iter().filter(|t| !**t).count() as u64;
        for (i, column) in self.columns.iter_mut().enumerate() {
            let min = block.min.iter().skip(i).step_by(width);
            let max = block.max.iter().skip(i).step_by(width);
            let last = block.last.iter().skip(i).step_by(width);
            for (((min, max), last), taken) in min.zip(max).zip(last).zip(&taken) {
                if *taken {
                    column.push(Cell::new(*min, *max, *last));
                }
            }
        }
        Ok(())
    }

    /// Rows of the epoch, less those that were taken back.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.axis.end()
    }

    /// Rows that were passed over because their time did not rise.
    #[must_use]
    pub fn rejected(&self) -> u64 {
        self.rejected
    }

    /// Signals a row; 0 before the first block.
    #[must_use]
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// Oldest and newest time that a chart can show, s; none before the first row.
    #[must_use]
    pub fn extent_s(&self) -> Option<[f64; 2]> {
        Some([self.axis.oldest_s()?, self.axis.newest_s()?])
    }

    /// Time since which every single row is kept, s; before it there are buckets only.
    #[must_use]
    pub fn rows_since_s(&self) -> Option<f64> {
        let rows = self.axis.level(0)?;
        rows.get(rows.first()).map(|s| s.first)
    }

    /// The events.
    #[must_use]
    pub fn events(&self) -> &EventLog {
        &self.events
    }

    /// The events, to add some.
    pub fn events_mut(&mut self) -> &mut EventLog {
        &mut self.events
    }

    /// The rows as they are now, without events, for a thread that writes them while more come in. Pages are shared, so
    /// that it takes a fraction of a millisecond however long the run is.
    #[must_use]
    pub fn rows_now(&self) -> Self {
        Self {
            epoch: self.epoch,
            capacity: self.capacity,
            period_s: self.period_s,
            axis: self.axis.clone(),
            columns: self.columns.clone(),
            events: EventLog::default(),
            rejected: self.rejected,
        }
    }

    /// A copy with the first `width` signals of each row only.
    #[must_use]
    pub fn narrowed(&self, width: usize) -> Self {
        Self {
            axis: self.axis.clone(),
            columns: self.columns.get(..width).unwrap_or(&self.columns).to_vec(),
            events: self.events.clone(),
            ..*self
        }
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.axis.memory_bytes()
            + self.columns.iter().map(|c| size_of::<Column>() + c.memory_bytes()).sum::<usize>()
            + self.events.memory_bytes()
    }

    fn column(&self, signal: SignalIdx) -> Option<&Column> {
        self.columns.get(signal.at())
    }
}
