//! What two or more runs had set differently, in words with values.
//!
//! The named fields are those that decide an outcome. Behind them every part of the two scenarios is compared whole, so
//! a difference in a field without a name is still said, if not spelled out.

use super::run::Run;
use crate::control::Policy;
use crate::control::policy::{BringUpPath, ShedMode};
use crate::plant::config::Plant;
use crate::scenario::Scenario;

/// Subjects, in the order of the lines "same" and "differs".
pub const SUBJECTS: [&str; 10] =
    ["engine", "loads", "battery", "seed", "target", "limits", "path", "miners", "script", "protection"];

/// Something that is not the same in all runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which of [`SUBJECTS`].
    pub subject: &'static str,
    /// What.
    pub what: &'static str,
    /// Its value in each run; `not known` where only rows are known.
    pub values: Vec<String>,
}

impl Difference {
    /// `miner latency: 0.8 s / 5.0 s`.
    #[must_use]
    pub fn words(&self) -> String {
        format!("{}: {}", self.what, self.values.join(" / "))
    }
}

struct Field {
    subject: &'static str,
    what: &'static str,
    value: Value,
}

enum Value {
    /// Known of every run.
    Run(fn(&Run) -> String),
    /// Of the plan.
    Policy(fn(&Policy) -> String),
    /// Of the plant; known where the scenario is.
    Plant(fn(&Plant) -> String),
    /// Of the scenario.
    Scenario(fn(&Scenario) -> String),
}

const fn field(subject: &'static str, what: &'static str, value: Value) -> Field {
    Field { subject, what, value }
}

fn kw(v: f64) -> String {
    format!("{v:.1} kW")
}

fn s(v: f64) -> String {
    format!("{v:.1} s")
}

fn on(v: bool) -> String {
    if v { "on" } else { "off" }.to_owned()
}

fn each<T>(items: &[T], one: impl Fn(&T) -> String) -> String {
    let mut all: Vec<String> = items.iter().map(one).collect();
    all.dedup();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

/// Words of a path.
#[must_use]
pub fn path_words(path: BringUpPath) -> &'static str {
    match path {
        BringUpPath::Ramp => "A, genset ramps",
        BringUpPath::Shed => "B, miners shed",
        BringUpPath::ShedRestore => "B + restore",
    }
}

/// Words of a shed policy.
#[must_use]
pub fn mode_words(mode: ShedMode) -> &'static str {
    match mode {
        ShedMode::Match => "match",
        ShedMode::MatchConfirmed => "match_confirmed",
    }
}

/// A shed policy, where it is read at all.
fn shed(p: &Policy, words: impl Fn(&Policy) -> String) -> String {
    if p.path == BringUpPath::Ramp { "not used".to_owned() } else { words(p) }
}

const FIELDS: &[Field] = &[
    field("engine", "engine preset", Value::Run(|r| r.plate.preset.clone())),
    field("engine", "genset rating", Value::Run(|r| kw(r.plate.rated_kw))),
    field("engine", "gensets", Value::Run(|r| r.plate.gensets.join(", "))),
    field("engine", "nominal frequency", Value::Run(|r| format!("{:.0} Hz", r.plate.f0_hz))),
    field("loads", "GPUs", Value::Run(|r| format!("{} x {:.2} kW", r.plate.gpus, r.plate.gpu_kw))),
    field("loads", "miners", Value::Run(|r| format!("{} x {:.2} kW", r.plate.miners, r.plate.miner_kw))),
    field("loads", "GPU rise", Value::Plant(|p| each(&p.gpus, |g| format!("{:.2} s", g.rise_s)))),
    field("loads", "miners on at the start", Value::Plant(|p| each(&p.miners, |m| m.on_at_start.to_string()))),
    field("loads", "GPUs up at the start", Value::Plant(|p| each(&p.gpus, |g| g.full_at_start.to_string()))),
    field("loads", "aux load", Value::Plant(|p| kw(p.aux.iter().map(|a| a.kw).sum()))),
    field("battery", "battery", Value::Run(|r| format!("{:.0} kW, {:.0} kWh", r.plate.bess_kw, r.plate.bess_kwh))),
    field("battery", "battery at the start", Value::Plant(|p| each(&p.bess, |b| on(b.on_at_start)))),
    field("seed", "seed", Value::Run(|r| r.plate.seed.to_string())),
    field("target", "GPU target", Value::Policy(|p| kw(p.target_kw))),
    field("target", "batch", Value::Policy(|p| format!("{} GPUs", p.batch_gpus))),
    field("target", "interval", Value::Policy(|p| format!("{:.2} s", p.interval_s))),
    field("target", "schedule starts", Value::Policy(|p| p.start_at_s.map_or_else(|| "by hand".into(), s))),
    field("target", "GPU add", Value::Policy(|p| format!("{:?}", p.add))),
    field("target", "hold points", Value::Policy(|p| each(&p.hold_points_kw, |v| kw(*v)))),
    field("limits", "step limit", Value::Policy(|p| kw(p.step_limit_kw))),
    field("limits", "1 s window", Value::Policy(|p| kw(p.window_1s_kw))),
    field("limits", "ramp limit", Value::Policy(|p| format!("{:.1} kW/s", p.ramp_limit_kw_per_s))),
    field("limits", "step refill", Value::Policy(|p| format!("{:.1} kW/s", p.refill_kw_per_s))),
    field("limits", "ceiling", Value::Policy(|p| format!("{:.0} %", p.ceiling_pu * 100.0))),
    field("limits", "spinning reserve", Value::Policy(|p| kw(p.min_headroom_kw))),
    field("limits", "feedback hold", Value::Policy(|p| on(p.hold.enabled))),
    field("limits", "hold above", Value::Policy(|p| format!("{:.0} %", p.hold.load_pu * 100.0))),
    field("path", "path", Value::Policy(|p| path_words(p.path).to_owned())),
    field("path", "shed policy", Value::Policy(|p| shed(p, |p| mode_words(p.shed_mode).to_owned()))),
    field("path", "shed share", Value::Policy(|p| shed(p, |p| format!("{:.0} %", p.shed_share * 100.0)))),
    field("path", "shed lead", Value::Policy(|p| shed(p, |p| s(p.shed_lead_s)))),
    field("miners", "miner lag", Value::Plant(|p| each(&p.miners, |m| s(m.latency_s)))),
    field("miners", "miner lag spread", Value::Plant(|p| each(&p.miners, |m| format!("{:.2}", m.latency_sigma)))),
    field("miners", "miner fall", Value::Plant(|p| each(&p.miners, |m| s(m.fall_s)))),
    field("miners", "miner wake-up", Value::Plant(|p| each(&p.miners, |m| s(m.wake_latency_s + m.wake_s)))),
    field("miners", "miners that do not answer", Value::Plant(|p| each(&p.miners, |m| percent(m.stuck_share)))),
    field("script", "scripted acts", Value::Scenario(|s| s.script.len().to_string())),
    field("protection", "relays", Value::Run(|r| each(&r.plate.relays, Clone::clone))),
];

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// Parts that are compared whole: subject, what, and whether two scenarios agree.
type Whole = (&'static str, &'static str, fn(&Scenario, &Scenario) -> bool);

const WHOLES: &[Whole] = &[
    ("engine", "other settings of the gensets", |a, b| a.plant.gensets == b.plant.gensets),
    ("loads", "other settings of the GPUs", |a, b| a.plant.gpus == b.plant.gpus),
    ("loads", "other settings of the aux loads", |a, b| a.plant.aux == b.plant.aux),
    ("battery", "other settings of the battery", |a, b| a.plant.bess == b.plant.bess),
    ("miners", "other settings of the miners", |a, b| a.plant.miners == b.plant.miners),
    ("limits", "other settings of the plan", |a, b| a.policy == b.policy),
    ("script", "what the script does", |a, b| a.script == b.script),
];

/// Subjects of the plan: a named difference in any of them accounts for unequal policies.
const OF_THE_PLAN: [&str; 3] = ["target", "limits", "path"];

/// Everything that is not the same in all runs.
#[must_use]
pub fn differences(runs: &[&Run]) -> Vec<Difference> {
    let mut found: Vec<Difference> = Vec::new();
    for f in FIELDS {
        let values: Vec<Option<String>> = runs.iter().map(|r| value(&f.value, r)).collect();
        let mut known = values.iter().flatten();
        let Some(first) = known.next() else { continue };
        if known.any(|v| v != first) {
            let values = values.into_iter().map(|v| v.unwrap_or_else(|| "not known".to_owned())).collect();
            found.push(Difference { subject: f.subject, what: f.what, values });
        }
    }
    let scenarios: Vec<Option<&Scenario>> = runs.iter().map(|r| r.scenario.as_deref()).collect();
    let Some(first) = scenarios.first().copied().flatten() else { return found };
    for (subject, what, agree) in WHOLES {
        let plan = *subject == "limits";
        let spelled = found.iter().any(|d| d.subject == *subject || (plan && OF_THE_PLAN.contains(&d.subject)));
        let word = |s: Option<&Scenario>| match s {
            None => "not known",
            Some(s) if agree(first, s) => "as A",
            Some(_) => "other",
        };
        let values: Vec<String> = scenarios.iter().map(|s| word(*s).to_owned()).collect();
        if !spelled && values.iter().any(|v| v == "other") {
            found.push(Difference { subject, what, values });
        }
    }
    found
}

fn value(v: &Value, run: &Run) -> Option<String> {
    match v {
        Value::Run(f) => Some(f(run)),
        Value::Policy(f) => Some(f(&run.policy)),
        Value::Plant(f) => run.scenario.as_ref().map(|s| f(&s.plant)),
        Value::Scenario(f) => run.scenario.as_ref().map(|s| f(s)),
    }
}

/// Subjects without any difference.
#[must_use]
pub fn same(differences: &[Difference]) -> Vec<&'static str> {
    SUBJECTS.into_iter().filter(|s| differences.iter().all(|d| d.subject != *s)).collect()
}
