//! The table: values, differences to run A, and who is better, in words. And whether the runs end alike.

use super::LETTERS;
use super::figures::{Better, FIGURES, Figure};
use super::run::Run;

/// End states within this of each other are alike, kW of GPUs and of miners.
pub const ALIKE_KW: f64 = 5.0;

/// What the values of a figure say about the runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No run has the figure, or a run has no data for it.
    Unknown,
    /// All equal within the figure's tolerance.
    Equal,
    /// They differ, and neither way is better.
    Differs,
    /// These runs are best, by index.
    Best(Vec<usize>),
}

/// A line of the table.
#[derive(Clone, Debug)]
pub struct Line {
    /// Which figure.
    pub figure: &'static Figure,
    /// Value of each run.
    pub values: Vec<Option<f64>>,
    /// Value less that of run A, for each run; none where either is missing.
    pub deltas: Vec<Option<f64>>,
    /// Who is better.
    pub verdict: Verdict,
    /// The end states differ and this figure hangs on them: do not take the verdict at face value.
    pub flagged: bool,
}

/// The lines of the table.
#[must_use]
pub fn lines(runs: &[&Run], alike: bool) -> Vec<Line> {
    let line = |(k, figure): (usize, &'static Figure)| {
        let values: Vec<Option<f64>> = runs.iter().map(|r| r.figures.get(k).copied().flatten()).collect();
        let first = values.first().copied().flatten();
        let deltas = values.iter().map(|v| Some((*v)? - first?)).collect();
        let verdict = Verdict::of(figure, &values);
        Line { figure, deltas, verdict, flagged: figure.end_dependent && !alike, values }
    };
    FIGURES.iter().enumerate().map(line).collect()
}

impl Verdict {
    /// Judges the values of a figure.
    #[must_use]
    pub fn of(figure: &Figure, values: &[Option<f64>]) -> Self {
        let known: Vec<f64> = values.iter().flatten().copied().collect();
        if values.len() < 2 || known.is_empty() || (known.len() < values.len() && !figure.absent_is_worst) {
            return Self::Unknown;
        }
        let lowest = known.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = known.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if known.len() == values.len() && highest - lowest <= figure.equal_within {
            return Self::Equal;
        }
        let cost = |v: f64| match figure.better {
            Better::Less => Some(v),
            Better::More => Some(-v),
            Better::NearZero => Some(v.abs()),
            Better::Neither => None,
        };
        let Some(costs) = known.iter().map(|v| cost(*v)).collect::<Option<Vec<f64>>>() else { return Self::Differs };
        let least = costs.into_iter().fold(f64::INFINITY, f64::min);
        let is_best = |v: &Option<f64>| v.and_then(cost).is_some_and(|c| c - least <= figure.equal_within);
        let best: Vec<usize> = values.iter().enumerate().filter(|(_, v)| is_best(v)).map(|(i, _)| i).collect();
        if best.len() == values.len() { Self::Equal } else { Self::Best(best) }
    }

    /// In words: `equal`, `differs`, `B better`, of more than two runs `B best`.
    #[must_use]
    pub fn words(&self, runs: usize) -> String {
        match self {
            Self::Unknown => "no data".to_owned(),
            Self::Equal => "equal".to_owned(),
            Self::Differs => "differs".to_owned(),
            Self::Best(best) => {
                let letters: Vec<&str> = best.iter().filter_map(|i| LETTERS.get(*i).copied()).collect();
                format!("{} {}", letters.join(", "), if runs > 2 { "best" } else { "better" })
            }
        }
    }

    /// Whether run `i` is among the best.
    #[must_use]
    pub fn is_best(&self, i: usize) -> bool {
        matches!(self, Self::Best(best) if best.contains(&i))
    }
}

impl Line {
    /// Run `i` against run A, in one word: `better`, `worse`, `equal`, `differs` or `no data`.
    #[must_use]
    pub fn against_a(&self, i: usize) -> &'static str {
        let pair = [self.values.first().copied().flatten(), self.values.get(i).copied().flatten()];
        match Verdict::of(self.figure, &pair) {
            Verdict::Unknown => "no data",
            Verdict::Equal => "equal",
            Verdict::Differs => "differs",
            v if v.is_best(1) => "better",
            Verdict::Best(_) => "worse",
        }
    }

    /// The verdict with its flag.
    #[must_use]
    pub fn words(&self) -> String {
        let words = self.verdict.words(self.values.len());
        if self.flagged && words != "equal" { format!("{words} *") } else { words }
    }
}

/// What each run ends with, and whether that is alike.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EndStates {
    /// GPU and miner kW within [`ALIKE_KW`] of each other.
    pub alike: bool,
    /// What differs and what to do about it, in words; empty when alike.
    pub words: String,
}

impl EndStates {
    /// Of these runs.
    #[must_use]
    pub fn of(runs: &[&Run]) -> Self {
        let spread = |key: &str| {
            let values: Option<Vec<f64>> = runs.iter().map(|r| r.figure(key)).collect();
            let values = values.filter(|v| !v.is_empty())?;
            let alike = values.iter().all(|a| values.iter().all(|b| (a - b).abs() <= ALIKE_KW));
            Some((alike, values.iter().map(|v| format!("{v:.0}")).collect::<Vec<_>>().join(" / ")))
        };
        if runs.len() < 2 {
            return Self { alike: true, words: String::new() };
        }
        let (Some((gpu, gpu_kw)), Some((miner, miner_kw))) = (spread("gpu_final_kw"), spread("miner_final_kw")) else {
            return Self {
                alike: false,
                words: "End states are not known: energies are not like for like (*).".into(),
            };
        };
        if gpu && miner {
            return Self { alike: true, words: String::new() };
        }
        let mut words = "End states differ: not like for like (*).".to_owned();
        for (alike, what, kw) in [(gpu, "GPUs", gpu_kw), (miner, "Miners", miner_kw)] {
            if !alike {
                words += &format!(" {what} end at {kw} kW.");
            }
        }
        Self { alike: false, words }
    }
}
