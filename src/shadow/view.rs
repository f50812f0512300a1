//! What a screen shows of the shadow: plain data, no behaviour.

use std::sync::Arc;

use super::change::Changed;
use super::fit::Fit;
use super::verdict::Verdict;

/// What the shadow is doing.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// Nothing is predicted; why, in one line.
    Frozen(String),
    /// It finds the operating point and lets transients die; seconds that are left.
    Settling(f64),
    /// Predictions are held against the plant.
    Following,
}

/// What the loads of the model come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drive {
    /// The feeders' meters: genset power is a prediction.
    Feeders,
    /// The gensets' own meters, for lack of others: genset power is what it is driven by, and proves nothing.
    Gensets,
}

impl Drive {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Feeders => "feeder meters",
            Self::Gensets => "genset meters",
        }
    }
}

/// One signal, measured and predicted. NaN where there is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What it is.
    pub name: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// Measured.
    pub measured: f64,
    /// Predicted.
    pub predicted: f64,
    /// Measured less predicted.
    pub residual: f64,
    /// How far the residual may stray, either way: three sigma, and for a few seconds after a load step what the rows'
    /// spacing can hide.
    pub band: f64,
    /// Root mean square of the residual over the last minute.
    pub rms: f64,
    /// How much of its hour the band has learnt from, 0 to 1.
    pub learnt: f64,
    /// Verdict on this signal.
    pub verdict: Verdict,
}

/// The shadow at one instant.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// Time of the last row, s.
    pub t_s: f64,
    /// What it is doing.
    pub phase: Phase,
    /// The worst of its lines.
    pub verdict: Verdict,
    /// Why it is not better than that, a line each; empty while it follows.
    pub reasons: Vec<String>,
    /// Inertia or gain that is no longer the model's.
    pub changed: Option<Changed>,
    /// What drives it.
    pub drive: Drive,
    /// Frequency, genset power, voltage.
    pub lines: [Line; 3],
    /// Engine presets that the prediction holds for, one a set.
    pub presets: Vec<String>,
    /// How often it has settled.
    pub settled: u32,
    /// Last fit that was made of this plant.
    pub fit: Option<Arc<Fit>>,
}
