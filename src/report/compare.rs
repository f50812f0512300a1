//! Up to four runs in step: one table of figures, the differences of their configurations, their difference over time.
//!
//! ```text
//! Scenario ─simulate─▶ Run ┐
//! live rows, recording ──▶ Run ┼─▶ Comparison: zero times (align) · table (figures, verdict) · differences (config)
//! ```
//!
//! A [`Run`] is rows, events and what was set; where they come from does not matter. Every figure is measured from the
//! rows by one rule, so a run of the twin and one from a file compare like with like. The reference is always run A.
//!
//! Nothing here draws, waits or reads a file. Energies in kWh, powers in kW, times in seconds of the run.

pub mod align;
mod conclusion;
pub mod config;
pub mod csv;
pub mod figures;
pub mod lag;
pub mod run;
pub mod series;
pub mod spec;
pub mod verdict;

use std::sync::Arc;

pub use align::Align;
pub use config::Difference;
pub use run::Run;
pub use verdict::{EndStates, Line, Verdict};

/// Most runs in one comparison.
pub const MOST: usize = 4;
/// Letters of the runs.
pub const LETTERS: [&str; MOST] = ["A", "B", "C", "D"];

/// Runs side by side. The first is the reference.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The runs, A first.
    pub runs: Vec<Arc<Run>>,
    /// How they are aligned.
    pub align: Align,
    /// For each run the time that the common axis calls zero, s of the run; none where it has no such time.
    pub zero_s: Vec<Option<f64>>,
    /// One line a figure.
    pub lines: Vec<Line>,
    /// Whether the runs end in the same state.
    pub end: EndStates,
    /// What was set differently.
    pub differences: Vec<Difference>,
    /// What was set alike, by subject.
    pub same: Vec<&'static str>,
}

impl Comparison {
    /// Compares `runs`; more than [`MOST`] are cut off.
    #[must_use]
    pub fn new(runs: &[Arc<Run>], align: Align) -> Self {
        let runs = runs.get(..MOST).unwrap_or(runs).to_vec();
        let refs: Vec<&Run> = runs.iter().map(AsRef::as_ref).collect();
        let end = EndStates::of(&refs);
        let lines = verdict::lines(&refs, end.alike);
        let differences = config::differences(&refs);
        let same = config::same(&differences);
        let zero_s = refs.iter().map(|r| align.zero_s(r)).collect();
        Self { runs, align, zero_s, lines, end, differences, same }
    }

    /// What the last run but A comes to against A, in one sentence: dip, time and mining; none for one run.
    #[must_use]
    pub fn conclusion(&self) -> Option<String> {
        conclusion::of(self)
    }

    /// Where run `i` is shifted to: its zero, or its own t = 0 where it has no such time.
    #[must_use]
    pub fn shift_s(&self, i: usize) -> f64 {
        self.zero_s.get(i).copied().flatten().unwrap_or(0.0)
    }

    /// Aligned times that at least one run covers; `None` without a run.
    #[must_use]
    pub fn extent_s(&self) -> Option<[f64; 2]> {
        let spans = self.runs.iter().enumerate().map(|(i, r)| [-self.shift_s(i), r.end_s - self.shift_s(i)]);
        spans.reduce(|a, b| [a[0].min(b[0]), a[1].max(b[1])])
    }

    /// Runs that cannot be aligned as asked, in words; `None` when all can.
    #[must_use]
    pub fn misaligned(&self) -> Option<String> {
        let lost: Vec<&str> = self.zero_s.iter().zip(LETTERS).filter(|(z, _)| z.is_none()).map(|(_, l)| l).collect();
        (!lost.is_empty())
            .then(|| format!("{} has no {}: shown from its t = 0", lost.join(" and "), self.align.words()))
    }
}
