//! A comparison as a file: which scenarios, with what changes, aligned how. And the changes that make runs alike.
//!
//! ```text
//! Comparison(purpose: "...", runs: [(scenario: "path-a"), (scenario: "b-restore", lag_s: 2.0)], align: t0)
//! ```
//! Scenarios are names of built-in ones or paths relative to the file.

use serde::Deserialize;

use super::{Align, LETTERS, MOST};
use crate::control::Policy;
use crate::control::policy::{BringUpPath, ShedMode};
use crate::scenario::policy::{PolicySet, base_policy};
use crate::scenario::{Scenario, preset};
use crate::text;

/// Longest horizon, s.
const LONGEST_S: f64 = 1.0e5;

/// A comparison file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename = "Comparison")]
pub struct Spec {
    /// One line: what it shows.
    pub purpose: String,
    /// Two to four runs, the reference first.
    pub runs: Vec<Entry>,
    /// Alignment.
    #[serde(default)]
    pub align: Align,
    /// Horizon of all runs, s. Energies and mining count to the end, so it is the same for all.
    #[serde(default = "horizon")]
    pub horizon_s: f64,
}

/// A run of it: a scenario and what is changed in it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Built-in name or path.
    pub scenario: String,
    /// What the table calls it; the scenario's name if none.
    #[serde(default)]
    pub label: Option<String>,
    /// What is changed.
    #[serde(default)]
    pub change: Change,
}

/// Changes to a scenario that a comparison makes. Those of Path B leave a run on Path A as it is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Change {
    /// Engine preset for every genset.
    pub preset: Option<String>,
    /// Mean lag of the miners, s: a pure delay, the same for all but for `lag_sigma`.
    pub lag_s: Option<f64>,
    /// Spread of the lags about their mean: sigma of the logarithm. With `lag_s` alone there is none.
    pub lag_sigma: Option<f64>,
    /// Shed policy.
    pub shed_mode: Option<ShedMode>,
    /// Bring-up path.
    pub path: Option<BringUpPath>,
    /// Set of limits; path, shed policy, target and start stay.
    pub limits: Option<PolicySet>,
    /// GPUs of a batch.
    pub batch_gpus: Option<u32>,
    /// GPUs that may change state a second.
    pub gpus_per_s: Option<f64>,
}

fn horizon() -> f64 {
    900.0
}

/// What is wrong with a comparison file, in one line.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// Not RON, or not these fields.
    #[error(transparent)]
    Text(#[from] text::Error),
    /// A value.
    #[error("{what}, expected {expected}: {origin}")]
    Value {
        /// What is wrong.
        what: String,
        /// What would be right.
        expected: &'static str,
        /// File, or `built in`.
        origin: String,
    },
}

/// Names and texts of the comparisons that come with the program.
#[must_use]
pub fn builtin() -> &'static [(&'static str, &'static str)] {
    crate::shipped::COMPARISONS.files
}

impl Spec {
    /// Whether a text means to be a comparison: its first word outside comments says so.
    #[must_use]
    pub fn claims(text: &str) -> bool {
        let code = text.lines().map(str::trim).find(|l| !l.is_empty() && !l.starts_with("//"));
        code.is_some_and(|l| l.starts_with("Comparison"))
    }

    /// Reads and checks a comparison; the scenarios it names are not looked at.
    ///
    /// # Errors
    /// One line that says what is wrong.
    pub fn from_str(origin: &str, ron: &str) -> Result<Self, Trouble> {
        let spec: Self = text::parse(ron, origin)?;
        let wrong = |what: String, expected| Err(Trouble::Value { what, expected, origin: origin.to_owned() });
        if !(2..=MOST).contains(&spec.runs.len()) {
            return wrong(format!("{} runs", spec.runs.len()), "2 to 4");
        }
        if !(spec.horizon_s.is_finite() && spec.horizon_s > 0.0 && spec.horizon_s <= LONGEST_S) {
            return wrong(format!("horizon_s {}", spec.horizon_s), "seconds above 0, at most 1e5");
        }
        if !spec.align.is_valid() {
            return wrong(format!("align {:?}", spec.align), "t0, first_batch, gpu_kw(250.0) or event(\"text\")");
        }
        for (entry, letter) in spec.runs.iter().zip(LETTERS) {
            if let Err((what, expected)) = entry.change.check() {
                return wrong(format!("run {letter}: {what}"), expected);
            }
        }
        Ok(spec)
    }
}

impl Change {
    fn check(&self) -> Result<(), (String, &'static str)> {
        if let Some(lag) = self.lag_s.filter(|l| !(l.is_finite() && (0.0..=60.0).contains(l))) {
            return Err((format!("lag_s {lag}"), "0 to 60 s"));
        }
        if let Some(sigma) = self.lag_sigma.filter(|s| !(s.is_finite() && (0.0..=3.0).contains(s))) {
            return Err((format!("lag_sigma {sigma}"), "0 to 3"));
        }
        if let Some(n) = self.gpus_per_s.filter(|n| !(n.is_finite() && *n > 0.0)) {
            return Err((format!("gpus_per_s {n}"), "above 0"));
        }
        if self.batch_gpus == Some(0) {
            return Err(("batch_gpus 0".to_owned(), "at least 1"));
        }
        match &self.preset {
            Some(name) if preset::preset(name).is_none() => {
                Err((format!("unknown preset {name}"), "lean-slow, lean-default or fast-response"))
            }
            _ => Ok(()),
        }
    }

    /// The scenario with these changes.
    #[must_use]
    pub fn apply(&self, mut s: Scenario) -> Scenario {
        if let Some(p) = self.preset.as_deref().and_then(preset::preset) {
            preset::apply_to_plant(&p, &mut s.plant);
        }
        if let Some(path) = self.path {
            s.policy.path = path;
        }
        if let Some(set) = self.limits {
            let rated_kw = s.plant.gensets.iter().map(|g| g.rated_kw).sum();
            let p = &s.policy;
            s.policy = Policy {
                path: p.path,
                shed_mode: p.shed_mode,
                target_kw: p.target_kw,
                ceiling_pu: p.ceiling_pu,
                min_headroom_kw: p.min_headroom_kw,
                start_at_s: p.start_at_s,
                hold_points_kw: p.hold_points_kw.clone(),
                genset_plan: p.genset_plan.clone(),
                ..base_policy(set, rated_kw, &p.step_acceptance, p.refill_kw_per_s)
            };
        }
        if let Some(n) = self.batch_gpus {
            s.policy.batch_gpus = n;
        }
        s.policy.gpus_per_s = self.gpus_per_s.unwrap_or(s.policy.gpus_per_s);
        if s.policy.path == BringUpPath::Ramp {
            return s;
        }
        if let Some(mode) = self.shed_mode {
            s.policy.shed_mode = mode;
        }
        for m in &mut s.plant.miners {
            if let Some(lag) = self.lag_s {
                (m.latency_s, m.latency_sigma) = (lag, 0.0);
            }
            m.latency_sigma = self.lag_sigma.unwrap_or(m.latency_sigma);
        }
        s
    }
}

/// Forces a like-for-like end state: a run on Path B that leaves miners off becomes B + restore, under the ceiling and
/// reserve of run A, so that its miners may come back as far as A's stay on. Returns what was changed, in words.
pub fn force(scenarios: &mut [Scenario]) -> Vec<String> {
    let Some((a, rest)) = scenarios.split_first_mut() else { return Vec::new() };
    let a = &a.policy;
    let mut changed = Vec::new();
    if a.path == BringUpPath::Shed {
        return changed;
    }
    for (s, letter) in rest.iter_mut().zip(LETTERS.iter().skip(1)) {
        if s.policy.path == BringUpPath::Shed {
            s.policy.path = BringUpPath::ShedRestore;
            (s.policy.ceiling_pu, s.policy.min_headroom_kw) = (a.ceiling_pu, a.min_headroom_kw);
            s.policy.hold.load_pu = a.hold.load_pu;
            changed.push(format!("{letter} brings its miners back (B + restore, ceiling and reserve as A)"));
        }
    }
    changed
}
