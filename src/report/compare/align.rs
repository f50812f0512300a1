//! Which instant of each run the common axis calls zero.

use serde::{Deserialize, Serialize};

use super::run::Run;
use crate::acts::EventKind;
use crate::plant::signals::{at, site};

/// Alignment of runs. A recording of a rehearsal and a run of the twin seldom begin their schedule at the same second.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    /// Start of the run.
    #[default]
    T0,
    /// First batch of GPUs.
    FirstBatch,
    /// First time that the GPUs take this many kW.
    GpuKw(f64),
    /// First event whose object or text contains this, letter case aside.
    Event(String),
}

impl Align {
    /// Reads `t0`, `first-batch`, `gpu=250` or `event=TEXT`.
    ///
    /// # Errors
    /// What was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text} is no alignment: expected t0, first-batch, gpu=KW or event=TEXT");
        match text.split_once('=') {
            None if text == "t0" => Ok(Self::T0),
            None if text == "first-batch" => Ok(Self::FirstBatch),
            Some(("gpu", kw)) => kw.parse().ok().map(Self::GpuKw).filter(Self::is_valid).ok_or_else(wrong),
            Some(("event", what)) => Some(Self::Event(what.to_owned())).filter(Self::is_valid).ok_or_else(wrong),
            _ => Err(wrong()),
        }
    }

    /// Whether its number or its text says something.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        match self {
            Self::T0 | Self::FirstBatch => true,
            Self::GpuKw(kw) => kw.is_finite() && *kw > 0.0 && *kw <= 1.0e7,
            Self::Event(what) => !what.trim().is_empty(),
        }
    }

    /// What the zero is, in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::T0 => "start of the run".to_owned(),
            Self::FirstBatch => "first batch".to_owned(),
            Self::GpuKw(kw) => format!("GPU power of {kw:.0} kW"),
            Self::Event(what) => format!("event \u{201c}{what}\u{201d}"),
        }
    }

    /// The time of `run` that becomes zero, s; `None` where nothing of the kind happens in it.
    #[must_use]
    pub fn zero_s(&self, run: &Run) -> Option<f64> {
        match self {
            Self::T0 => Some(0.0),
            Self::FirstBatch => run.rows.events().iter().find(|e| e.kind == EventKind::Batch).map(|e| e.t_s),
            Self::GpuKw(kw) => first_at(run, *kw),
            Self::Event(what) => {
                let what = what.to_lowercase();
                let is = |text: &str| text.to_lowercase().contains(&what);
                run.rows.events().iter().find(|e| is(&e.object) || is(&e.text)).map(|e| e.t_s)
            }
        }
    }
}

/// First row whose GPU power is at least `kw`.
fn first_at(run: &Run, kw: f64) -> Option<f64> {
    let [from, to] = run.rows.extent_s()?;
    let dt = run.rows.row_period_s();
    let rows = ((to - from) / dt).round() as u64;
    (0..=rows)
        .map(|k| from + k as f64 * dt)
        .find(|t| run.rows.value_at(at(site::GPU_KW), t + 0.25 * dt).is_some_and(|v| v >= kw))
}
