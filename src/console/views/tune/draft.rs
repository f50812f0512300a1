//! The edited plan: what differs from the plan in force, with undo, pins and sending. No drawing.

use crate::acts::Operate;
use crate::acts::Setpoint;
use crate::console::action::Action;
use crate::console::fmt::short;
use crate::console::model::Model;
use crate::control::BringUpPath;
use crate::control::Policy;
use crate::control::plan_math::{Plan, Trace, binding, paces, trace};
use crate::control::policy::NO_LIMIT;
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
    /// GPUs a batch.
    Batch,
    /// s.
    Interval,
    /// kW of one GPU.
    GpuKw,
    /// Per cent of full.
    Preload,
    /// kW.
    StepLimit,
    /// kW/s.
    RampLimit,
    /// kW in 1 s.
    Window1s,
    /// GPUs a second.
    GpusPerS,
    /// s.
    MinerLag,
    /// kW of one miner.
    Quantum,
    /// s.
    ShedLead,
    /// kW.
    BessKw,
}

/// A plan with its limits, being edited.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Draft {
    pub(super) plan: Plan,
    pub(super) limits: Policy,
}

impl Draft {
    pub(super) fn get(&self, p: Param) -> f64 {
        match p {
            Param::Batch => self.plan.batch_gpus,
            Param::Interval => self.plan.interval_s,
            Param::GpuKw => self.plan.gpu_kw,
            Param::Preload => self.plan.preload_share * 100.0,
            Param::StepLimit => self.limits.step_limit_kw,
            Param::RampLimit => self.limits.ramp_limit_kw_per_s,
            Param::Window1s => self.limits.window_1s_kw,
            Param::GpusPerS => self.limits.gpus_per_s,
            Param::MinerLag => self.plan.miner_lag_s,
            Param::Quantum => self.plan.miner_unit_kw,
            Param::ShedLead => self.plan.shed_lead_s,
            Param::BessKw => self.plan.bess_kw,
        }
    }

    /// Sets a parameter, kept inside what makes sense.
    pub(super) fn set(&mut self, p: Param, v: f64) {
        let fleet = self.plan.fleet_gpus.max(1.0);
        match p {
            Param::Batch => self.plan.batch_gpus = v.round().clamp(1.0, fleet),
            Param::Interval => self.plan.interval_s = v.clamp(0.1, 60.0),
            Param::GpuKw => self.plan.gpu_kw = v.clamp(0.05, 20.0),
            Param::Preload => self.plan.preload_share = v.clamp(0.0, 100.0) / 100.0,
            Param::StepLimit => self.limits.step_limit_kw = v.clamp(0.7, 1.0e6),
            Param::RampLimit => self.limits.ramp_limit_kw_per_s = v.clamp(0.1, 1.0e5),
            Param::Window1s => self.limits.window_1s_kw = v.clamp(0.1, NO_LIMIT),
            Param::GpusPerS => self.limits.gpus_per_s = v.clamp(0.1, 1.0e6),
            Param::MinerLag => self.plan.miner_lag_s = v.clamp(0.0, 60.0),
            Param::Quantum => self.plan.miner_unit_kw = v.clamp(0.0, 1000.0),
            Param::ShedLead => self.plan.shed_lead_s = v.clamp(-10.0, 10.0),
            Param::BessKw => self.plan.bess_kw = v.clamp(0.0, 1.0e5),
        }
    }
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
        self.draft.as_ref().map(|d| (d.plan.batch_gpus, d.plan.interval_s))
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
        let p = &model.status.policy;
        if self.sent == Some((f64::from(p.batch_gpus), p.interval_s)) {
            self.sent = None;
            let force = in_force(model);
            if self.draft.as_ref().is_some_and(|d| same_shape(d, &force)) {
                self.draft = None;
            }
        }
    }

    /// The plan that is shown: edited, else in force.
    pub(super) fn shown(&self, model: &Model) -> (Plan, Policy) {
        let d = self.draft.clone().unwrap_or_else(|| in_force(model));
        (d.plan, d.limits)
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
        let Some(d) = self.draft.clone() else { return };
        let force = in_force(model);
        let mut put = |s: Setpoint, v: f64| actions.push(Action::Operate(Operate::Set(s, v)));
        put(Setpoint::BatchGpus, d.plan.batch_gpus);
        put(Setpoint::IntervalS, d.plan.interval_s);
        if d.plan.path != force.plan.path {
            put(Setpoint::Path, f64::from(d.plan.path as u8));
        }
        for (p, s) in [
            (Param::StepLimit, Setpoint::StepLimitKw),
            (Param::RampLimit, Setpoint::RampLimitKwPerS),
            (Param::ShedLead, Setpoint::ShedLeadS),
        ] {
            if (d.get(p) - force.get(p)).abs() > 1e-9 {
                put(s, d.get(p));
            }
        }
        self.sent = Some((d.plan.batch_gpus, d.plan.interval_s));
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

/// Same in everything but the start load, which moves with the plant. What the plan says by itself, its copy in the policy of
/// the limits may say otherwise.
fn same_shape(a: &Draft, b: &Draft) -> bool {
    let level = |d: &Draft| Plan { start_kw: 0.0, miner_kw: 0.0, ..d.plan };
    let of_the_plan = &b.limits;
    let limits = Policy {
        path: of_the_plan.path,
        batch_gpus: of_the_plan.batch_gpus,
        interval_s: of_the_plan.interval_s,
        target_kw: of_the_plan.target_kw,
        shed_share: of_the_plan.shed_share,
        shed_lead_s: of_the_plan.shed_lead_s,
        shed_mode: of_the_plan.shed_mode,
        ..a.limits.clone()
    };
    level(a) == level(b) && limits == b.limits
}

/// The plan in force on the plant as it stands: from the load without GPUs, so that the picture holds still while
/// the bring-up goes on.
pub(super) fn in_force(model: &Model) -> Draft {
    let plate = &model.plate;
    let zero = |v: f64| if v.is_finite() { v } else { 0.0 };
    let start = (zero(model.site(site::GEN_KW)) + zero(model.site(site::BESS_KW)) - zero(model.site(site::GPU_KW)))
        .max(0.0)
        .round();
    let mut plan = Plan::of(&model.status.policy, plate.gpu_kw, f64::from(plate.gpus), plate.rated_kw, start);
    plan.miner_lag_s = (zero(model.site(site::SHED_LAG_S)) * 10.0).round() / 10.0;
    plan.rise_s = plate.gpu_rise_s;
    plan.miner_unit_kw = plate.miner_kw;
    plan.miner_kw = f64::from(plate.miners) * plate.miner_kw;
    let in_service = model.view.breakers.iter().any(|b| b.name.starts_with("52B") && b.closed);
    plan.bess_kw = if in_service { plate.bess_kw } else { 0.0 };
    Draft { plan, limits: model.status.policy.clone() }
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
