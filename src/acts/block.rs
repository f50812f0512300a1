//! Rows of signals over an interval, with the extremes between them.

/// Rows a block keeps for one simulated interval of this length.
pub const BLOCK_ROW_S: f64 = 0.05;

/// Rows of one update: one row a [`BLOCK_ROW_S`] of simulated time, with min, max and last of every signal over it.
/// Row-major: signal `i` of row `r` is at `r * width + i`. NaN means no data.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// Signals a row.
    pub width: usize,
    /// End time of each row, seconds of the run, rising.
    pub t_s: Vec<f64>,
    /// Smallest value within the row's interval.
    pub min: Vec<f64>,
    /// Largest value.
    pub max: Vec<f64>,
    /// Value at the row's time.
    pub last: Vec<f64>,
}

impl Block {
    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.t_s.len()
    }

    /// Appends `other` and leaves it empty.
    pub fn append(&mut self, other: &mut Self) {
        self.width = other.width;
        self.t_s.append(&mut other.t_s);
        self.min.append(&mut other.min);
        self.max.append(&mut other.max);
        self.last.append(&mut other.last);
    }
}
