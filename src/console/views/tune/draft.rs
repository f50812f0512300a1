//! The edited plan: what differs from the plan in force, with undo, pins and sending. No drawing.

use crate::acts::Operate;
use crate::acts::Setpoint;
use crate::console::action::Action;
use crate::console::fmt::short;
use crate::console::model::Model;
use crate::control::fields::{FIELDS, Field, Value};
use crate::control::plan_math::{Plan, Trace, binding, load_without_plan_kw, paces, trace};
use crate::control::policy::NO_LIMIT;
use crate::control::{BringUpPath, Policy};
use crate::plant::signals::site;

/// Pins at most.
pub(super) const PINS: usize = 5;
/// Undo steps at most.
const UNDO: usize = 100;
/// Samples of a trace.
const SAMPLES: usize = 1500;

/// A number of the parameter column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Param {
    /// A field of the policy, by its key.
    Field(&'static str),
    /// kW of one GPU.
    GpuKw,
    /// Per cent of full.
    Preload,
    /// s.
    MinerLag,
    /// kW of one miner.
    Quantum,
    /// kW.
    BessKw,
}

impl Param {
    pub(super) const BATCH: Self = Self::Field("batch_gpus");
    pub(super) const INTERVAL: Self = Self::Field("interval_s");

    fn field(self) -> Option<&'static Field> {
        let Self::Field(key) = self else { return None };
        FIELDS.iter().find(|f| f.key == key)
    }

    /// Whether only the picture knows it: there is no set-point that would change it on the plant.
    pub(super) fn is_what_if(self) -> bool {
        self.field().is_none_or(|f| f.setpoint.is_none())
    }

    /// What makes sense.
    fn range(self) -> [f64; 2] {
        match self {
            Self::Field(_) => {
                let of = |f: &Field| f.setpoint.map_or(f.range, Setpoint::range);
                self.field().map_or([0.0, NO_LIMIT], of)
            }
            Self::GpuKw => [0.05, 20.0],
            Self::Preload => [0.0, 100.0],
            Self::MinerLag => [0.0, 60.0],
            Self::Quantum => [0.0, 1000.0],
            Self::BessKw => [0.0, 1.0e5],
        }
    }
}

/// What a plan must know of the plant, and an edit may suppose to be otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Supposed {
    fleet_gpus: f64,
    gpu_kw: f64,
    preload_share: f64,
    miner_lag_s: f64,
    miner_unit_kw: f64,
    bess_kw: f64,
}

/// A policy, being edited, and the plant that it is for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Draft {
    policy: Policy,
    plant: Supposed,
}

impl Draft {
    pub(super) fn get(&self, p: Param) -> f64 {
        match p {
            Param::Field(_) => p.field().map_or(f64::NAN, |f| (f.get)(&self.policy)),
            Param::GpuKw => self.plant.gpu_kw,
            Param::Preload => self.plant.preload_share * 100.0,
            Param::MinerLag => self.plant.miner_lag_s,
            Param::Quantum => self.plant.miner_unit_kw,
            Param::BessKw => self.plant.bess_kw,
        }
    }

    /// Sets a parameter, kept inside what makes sense.
    pub(super) fn set(&mut self, p: Param, v: f64) {
        let [lo, hi] = p.range();
        let most = if p == Param::BATCH { self.plant.fleet_gpus.max(lo) } else { hi };
        let v = v.clamp(lo, most);
        match p {
            Param::Field(_) => {
                if let Some(f) = p.field() {
                    (f.set)(&mut self.policy, if f.value == Value::Count { v.round() } else { v });
                }
            }
            Param::GpuKw => self.plant.gpu_kw = v,
            Param::Preload => self.plant.preload_share = v / 100.0,
            Param::MinerLag => self.plant.miner_lag_s = v,
            Param::Quantum => self.plant.miner_unit_kw = v,
            Param::BessKw => self.plant.bess_kw = v,
        }
    }

    pub(super) fn set_path(&mut self, path: BringUpPath) {
        self.policy.path = path;
    }

    /// Batch and interval.
    pub(super) fn point(&self) -> (f64, f64) {
        (f64::from(self.policy.batch_gpus), self.policy.interval_s)
    }

    /// The plan on the plant as it stands: from the load without GPUs, so that the picture holds still while the bring-up
    /// goes on.
    pub(super) fn plan(&self, model: &Model) -> Plan {
        let (plate, plant) = (&model.plate, &self.plant);
        let now = |signal| zero(model.site(signal));
        let sources = now(site::GEN_KW) + now(site::BESS_KW);
        let start = load_without_plan_kw(sources, now(site::GPU_KW), model.status.shed_kw).round();
        Plan {
            rise_s: plate.gpu_rise_s,
            preload_share: plant.preload_share,
            miner_lag_s: plant.miner_lag_s,
            miner_unit_kw: plant.miner_unit_kw,
            miner_kw: f64::from(plate.miners) * plate.miner_kw,
            bess_kw: plant.bess_kw,
            ..Plan::of(&self.policy, plant.gpu_kw, plant.fleet_gpus, plate.rated_kw, start)
        }
    }
}

fn zero(v: f64) -> f64 {
    if v.is_finite() { v } else { 0.0 }
}

/// What is in force on the plant.
pub(super) fn in_force(model: &Model) -> Draft {
    let (plate, device) = (&model.plate, &model.view.readback);
    let in_service = model.view.breakers.iter().any(|b| b.name.starts_with("52B") && b.closed);
    // The mean, where the plant tells; what the last shed took is one draw about it.
    let lag = if device.miner_latency_s.is_finite() { device.miner_latency_s } else { model.site(site::SHED_LAG_S) };
    let plant = Supposed {
        fleet_gpus: f64::from(plate.gpus),
        gpu_kw: plate.gpu_kw,
        preload_share: 0.3,
        miner_lag_s: (zero(lag) * 10.0).round() / 10.0,
        miner_unit_kw: plate.miner_kw,
        bess_kw: if in_service { plate.bess_kw } else { 0.0 },
    };
    Draft { policy: model.status.policy.clone(), plant }
}

/// Draft and pins before a change.
type Before = (Option<Draft>, Vec<(f64, f64)>);

/// What the view remembers between frames.
#[derive(Clone, Debug, Default)]
pub struct TuneState {
    draft: Option<Draft>,
    pins: Vec<(f64, f64)>,
    undo: Vec<Before>,
    sent: Option<(f64, f64)>,
    epoch: u32,
    cache: Option<(Plan, Policy, Trace)>,
}

impl TuneState {
    /// Batch and interval as edited; `None` while the plan in force is shown.
    #[must_use]
    pub fn ghost(&self) -> Option<(f64, f64)> {
        self.draft.as_ref().map(Draft::point)
    }

    /// Pinned points, (batch, interval).
    #[must_use]
    pub fn pins(&self) -> &[(f64, f64)] {
        &self.pins
    }

    /// Drops edits when another run starts, and the ghost when the plant has taken it.
    pub(super) fn follow(&mut self, model: &Model) {
        if self.epoch != model.epoch {
            *self = Self { epoch: model.epoch, ..Self::default() };
        }
        let force = in_force(model);
        if self.sent == Some(force.point()) {
            self.sent = None;
            if self.draft.as_ref() == Some(&force) {
                self.draft = None;
            }
        }
    }

    /// What is shown: edited, else in force.
    pub(super) fn draft(&self, model: &Model) -> Draft {
        self.draft.clone().unwrap_or_else(|| in_force(model))
    }

    /// The same as a plan with its limits.
    pub(super) fn shown(&self, model: &Model) -> (Plan, Policy) {
        let d = self.draft(model);
        (d.plan(model), d.policy)
    }

    /// Remembers the state for undo; call once before a change or a drag.
    pub(super) fn mark(&mut self) {
        self.undo.push((self.draft.clone(), self.pins.clone()));
        if self.undo.len() > UNDO {
            self.undo.remove(0);
        }
    }

    /// Changes the edited plan, starting from the one in force.
    pub(super) fn edit(&mut self, model: &Model, change: impl FnOnce(&mut Draft)) {
        change(self.draft.get_or_insert_with(|| in_force(model)));
    }

    pub(super) fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    pub(super) fn undo(&mut self) {
        if let Some((draft, pins)) = self.undo.pop() {
            (self.draft, self.pins) = (draft, pins);
        }
    }

    /// Pins the shown point; the sixth takes the place of the first.
    pub(super) fn pin(&mut self, at: (f64, f64)) {
        self.mark();
        self.pins.retain(|p| *p != at);
        if self.pins.len() == PINS {
            self.pins.remove(0);
        }
        self.pins.push(at);
    }

    /// Sends batch and interval, and what else was edited that the plant takes as a set-point.
    pub(super) fn send(&mut self, model: &Model, actions: &mut Vec<Action>) {
        use Setpoint::{BatchGpus, IntervalS, Path, RampLimitKwPerS, ShedLeadS, StepLimitKw};
        let Some(d) = &self.draft else { return };
        for s in [BatchGpus, IntervalS, Path, StepLimitKw, RampLimitKwPerS, ShedLeadS] {
            let [new, old] = [&d.policy, &model.status.policy].map(|p| p.in_force(s).unwrap_or(f64::NAN));
            if matches!(s, BatchGpus | IntervalS) || (new - old).abs() > 1e-9 {
                actions.push(Action::Operate(Operate::Set(s, new)));
            }
        }
        self.sent = Some(d.point());
    }

    /// The plan that was played last, and how it went.
    pub(super) fn played(&self) -> Option<&(Plan, Policy, Trace)> {
        self.cache.as_ref()
    }

    /// Whether the edit is on its way.
    pub(super) fn on_its_way(&self) -> bool {
        self.sent.is_some()
    }

    /// The plan played against the bucket; computed when something changed.
    pub(super) fn trace(&mut self, plan: &Plan, limits: &Policy) -> Trace {
        match &self.cache {
            Some((p, l, t)) if p == plan && l == limits => t.clone(),
            _ => {
                let t = trace(plan, limits, SAMPLES);
                self.cache = Some((*plan, limits.clone(), t.clone()));
                t
            }
        }
    }
}

/// What binds, in a sentence.
pub(super) fn what_binds(plan: &Plan, limits: &Policy) -> String {
    match binding(&paces(plan, limits)) {
        Some(p) if p.share() > 1.0 + 1e-9 => {
            format!("Not legal: {} {} of {} {}", p.id.name(), short(p.now), short(p.limit), p.unit)
        }
        Some(p) if p.share() > 0.999 => format!("{} is used up: {} {}", p.id.name(), short(p.limit), p.unit),
        Some(p) => format!("Nearest limit: {}, {} % used", p.id.name(), short((p.share() * 100.0).round())),
        None => "No limit".to_owned(),
    }
}

/// Name of a path.
pub(super) const PATHS: [(BringUpPath, &str); 3] =
    [(BringUpPath::Ramp, "A  Ramp"), (BringUpPath::Shed, "B  Shed"), (BringUpPath::ShedRestore, "B + restore")];
