//! Best of the class: for each metric the best value that another run of the same exercise reached, and whose it was.
//!
//! Compared are journals of the same scenario text, each scored again from its own log under the same rubric, so nobody
//! is taken at their word. Only runs that went to the horizon count (a run of ten seconds has no deviation), and only
//! journals whose chain is sound. It reads files, writes none, and takes about a second or two a run.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::journal::Recording;
use crate::training::DeskConfig;
use crate::training::rescore::{Extent, rescore};
use crate::training::score::{Measure, Metric, Rubric, Score};

/// Runs that are looked at, the newest first.
pub const MOST: usize = 12;

/// The best value of a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Best {
    /// Which.
    pub metric: Metric,
    /// Value, in the metric's unit.
    pub value: f64,
    /// Whose run: trainee and run.
    pub by: String,
}

/// The class.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Class {
    /// Best of each metric that was measured.
    pub best: Vec<Best>,
    /// Runs that were compared.
    pub runs: usize,
    /// Where they are kept.
    pub from: PathBuf,
}

impl Class {
    /// The journals in `dir` of this scenario text, but for the run `but`. What cannot be read is passed over. `keep_on`
    /// is asked before each run with how many were done; `false` ends the search with those.
    #[must_use]
    pub fn of(
        dir: &Path,
        [scenario, but]: [&str; 2],
        rubric: &Arc<Rubric>,
        keep_on: &mut dyn FnMut(usize) -> bool,
    ) -> Self {
        let mut class = Self { from: dir.to_owned(), ..Self::default() };
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(dir).map(|all| all.filter_map(|e| Some(e.ok()?.path())).collect()).unwrap_or_default();
        files.retain(|p| p.extension().is_some_and(|e| e == "sqlite"));
        // names begin with the time of the start
        files.sort_by(|a, b| b.cmp(a));
        for path in files {
            if class.runs >= MOST || !keep_on(class.runs) {
                break;
            }
            if let Some((score, by)) = score(&path, [scenario, but], rubric) {
                class.add(&score, &by);
            }
        }
        class
    }

    /// One more run.
    pub fn add(&mut self, score: &Score, by: &str) {
        self.runs += 1;
        for (_, line) in score.lines() {
            let (metric, Measure::Value(value)) = (line.metric, line.measure) else { continue };
            let new = Best { metric, value, by: by.to_owned() };
            match self.best.iter_mut().find(|b| b.metric == metric) {
                Some(old) if better(metric, value, old.value) => *old = new,
                Some(_) => {}
                None => self.best.push(new),
            }
        }
    }

    /// The best of a metric.
    #[must_use]
    pub fn best(&self, metric: Metric) -> Option<&Best> {
        self.best.iter().find(|b| b.metric == metric)
    }

    /// Where the numbers come from, in a sentence; none without a class.
    #[must_use]
    pub fn source(&self) -> Option<String> {
        let runs = match self.runs {
            0 => return None,
            1 => "one other run".to_owned(),
            n => format!("{n} other runs"),
        };
        Some(format!(
            "Class best: of {runs} of this scenario to the horizon, scored again from {}.",
            self.from.display()
        ))
    }
}

/// Whether `new` is the better value.
fn better(metric: Metric, new: f64, old: f64) -> bool {
    if metric.more_is_better() { new > old } else { new < old }
}

/// The score of a journal, and whose it is; none if it is no run of this class.
fn score(path: &Path, [text, but]: [&str; 2], rubric: &Arc<Rubric>) -> Option<(Score, String)> {
    let rec = Recording::open(path).ok()?;
    let h = rec.header();
    if h.source != text || h.run_id == but {
        return None;
    }
    let run = rec.branch().and_then(|b| rec.run_file(b)).ok()?;
    let scenario = Arc::new(run.scenario().ok()?);
    let horizon_s = scenario.exercise.as_ref().and_then(|e| e.horizon_s).unwrap_or(rubric.horizon_s);
    if run.until_s + 1e-6 < horizon_s || !rec.verify().sound() {
        return None;
    }
    let config = DeskConfig { rubric: Some(Arc::clone(rubric)), ..DeskConfig::default() };
    let again = rescore(scenario, config, &run.desk, Extent { until_s: horizon_s, ..Extent::default() });
    let who = if h.user.is_empty() { "trainee" } else { &h.user };
    Some((again.desk.meter()?.finish(None), format!("{who}, run {}", h.run_id)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::score::{Metrics, Moment};

    #[test]
    fn the_better_value_wins_and_says_whose_it_is() {
        let rubric = Rubric::named(None).expect("shipped");
        let run = |pct: f64, kw: f64| {
            let at = |value| Moment { value, ..Moment::default() };
            let (deviation_pct, min_headroom_kw) = (at(pct), Some(at(kw)));
            rubric.score(&Metrics { deviation_pct, min_headroom_kw, ..Metrics::default() }, None)
        };
        let mut class = Class::default();
        assert_eq!(class.source(), None);
        class.add(&run(1.5, 30.0), "ann");
        class.add(&run(0.8, 10.0), "bob");
        let best = |m| class.best(m).map(|b| (b.value, b.by.as_str()));
        assert_eq!(best(Metric::WorstDeviationPct), Some((0.8, "bob")));
        assert_eq!(best(Metric::MinHeadroomKw), Some((30.0, "ann")));
        assert!(class.source().is_some_and(|s| s.starts_with("Class best: of 2 other runs")));
    }
}
