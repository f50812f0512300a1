//! What two or more runs had set differently, in words with values.
//!
//! The named fields are those that decide an outcome. Behind them every part of the two scenarios is compared whole, so
//! a difference in a field without a name is still said, if not spelled out.

use super::run::Run;
use crate::acts::Setpoint;
use crate::control::Policy;
use crate::control::fields::{self, Subject};
use crate::control::policy::BringUpPath;
use crate::control::track::GensetPlan;
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

#[derive(Clone, Copy)]
struct Field {
    subject: &'static str,
    what: &'static str,
    value: Value,
}

#[derive(Clone, Copy)]
enum Value {
    /// Known of every run.
    Run(fn(&Run) -> String),
    /// Of the plan.
    Policy(fn(&Policy) -> String),
    /// A number or choice of the plan.
    Plan(&'static fields::Field),
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

/// A field of the plan in words; what only the B paths read is not used on Path A.
fn plan_words(f: &fields::Field, p: &Policy) -> String {
    let always = f.setpoint == Some(Setpoint::Path) || (f.setpoint == Some(Setpoint::ShedMode) && p.follows_plan());
    let read = f.subject != Subject::Path || always || p.path != BringUpPath::Ramp;
    if read { f.words((f.get)(p)) } else { "not used".to_owned() }
}

/// What is compared beside the fields of the plan, which stand between the seed and the miners.
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
    field("target", "schedule starts", Value::Policy(|p| p.start_at_s.map_or_else(|| "by hand".into(), s))),
    field("target", "hold points", Value::Policy(|p| each(&p.hold_points_kw, |v| kw(*v)))),
    field(
        "path",
        "plan of genset power",
        Value::Policy(|p| p.followed().map_or_else(|| "none".into(), |g| plan_of(g))),
    ),
    field("miners", "miner lag", Value::Plant(|p| each(&p.miners, |m| s(m.latency_s)))),
    field("miners", "miner lag spread", Value::Plant(|p| each(&p.miners, |m| format!("{:.2}", m.latency_sigma)))),
    field("miners", "miner fall", Value::Plant(|p| each(&p.miners, |m| s(m.fall_s)))),
    field("miners", "miner wake-up", Value::Plant(|p| each(&p.miners, |m| s(m.wake_latency_s + m.wake_s)))),
    field("miners", "miners that do not answer", Value::Plant(|p| each(&p.miners, |m| percent(m.stuck_share)))),
    field("script", "scripted acts", Value::Scenario(|s| s.script.len().to_string())),
    field("protection", "relays", Value::Run(|r| each(&r.plate.relays, Clone::clone))),
];

/// A plan in words: two plans of a name differ in their peak, or their points.
fn plan_of(g: &GensetPlan) -> String {
    format!("{}, {} points, to {:.1} kW", g.name, g.points.len(), g.peak_kw())
}

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

/// The fields of the table and those of the plan, in the order of [`SUBJECTS`].
fn all_fields() -> Vec<Field> {
    let of_plan = fields::FIELDS.iter().map(|f| {
        let subject = match f.subject {
            Subject::Target => "target",
            Subject::Limits => "limits",
            Subject::Path => "path",
        };
        field(subject, f.label, Value::Plan(f))
    });
    let mut all: Vec<Field> = of_plan.chain(FIELDS.iter().copied()).collect();
    all.sort_by_key(|f| SUBJECTS.iter().position(|s| *s == f.subject));
    all
}

/// Everything that is not the same in all runs.
#[must_use]
pub fn differences(runs: &[&Run]) -> Vec<Difference> {
    let mut found: Vec<Difference> = Vec::new();
    for f in all_fields() {
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
        Value::Plan(f) => Some(plan_words(f, &run.policy)),
        Value::Plant(f) => run.scenario.as_ref().map(|s| f(&s.plant)),
        Value::Scenario(f) => run.scenario.as_ref().map(|s| f(s)),
    }
}

/// Subjects without any difference.
#[must_use]
pub fn same(differences: &[Difference]) -> Vec<&'static str> {
    SUBJECTS.into_iter().filter(|s| differences.iter().all(|d| d.subject != *s)).collect()
}
