//! What the score holds a run against: limits, target and ratings of the scenario as loaded.

use crate::acts::Setpoint;
use crate::control::Policy;
use crate::control::acceptance::acceptance_pu;
use crate::engine::Engine;
use crate::plant::protection::Device;
use crate::scenario::Scenario;

use crate::scenario::exercise::{Response, Step};

/// The yardstick of a run. Data.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// Tick, s.
    pub tick_s: f64,
    /// Nominal frequency, Hz.
    pub f0_hz: f64,
    /// Names of the bus sections.
    pub sections: Vec<String>,
    /// GPU power to reach, kW; 0 when no bring-up is asked for.
    pub target_kw: f64,
    /// GPUs of the target.
    pub target_gpus: u32,
    /// Step acceptance, pu of rating over load in pu.
    pub acceptance: Vec<(f64, f64)>,
    /// Share of the acceptance that STEP NOW holds.
    pub bucket_share: f64,
    /// Refill of STEP NOW, kW/s.
    pub refill_kw_per_s: f64,
    /// Ramp limit, kW/s.
    pub ramp_limit_kw_per_s: f64,
    /// Deviations, per cent, below and above which the first stage of protection picks up.
    pub first_trip_pct: [f64; 2],
    /// Target of the batteries' charge, per cent; `None` without a battery.
    pub soc_target_pct: Option<f64>,
    /// Hold points of the plan, kW.
    pub hold_points_kw: Vec<f64>,
    /// Where set-points stood at t = 0.
    pub setpoints: Vec<(Setpoint, f64)>,
    /// Priority of alarms by tag; one that is not listed counts as priority 3.
    pub alarm_priorities: Vec<(String, u8)>,
    /// Horizon of the exercise, s; `None`: the rubric's.
    pub horizon_s: Option<f64>,
    /// Right responses of the exercise; they come before the rubric's.
    pub responses: Vec<Response>,
    /// Procedure of the exercise.
    pub steps: Vec<Step>,
}

impl Facts {
    /// Of a scenario and its exercise.
    #[must_use]
    pub fn of(s: &Scenario) -> Self {
        let (plant, policy) = (&s.plant, &s.policy);
        let gpu = plant.gpus.iter().find(|g| g.scheduled);
        let full_kw = gpu.map_or(0.0, |g| g.full_kw);
        let at_start: f64 = plant.gpus.iter().map(|g| f64::from(g.full_at_start) * g.full_kw).sum();
        // a plan that begins at its target, or that nobody is asked to start, is no bring-up
        let asked = full_kw > 0.0 && policy.target_kw > at_start + full_kw;
        let mut first_trip_pct = [f64::NEG_INFINITY, f64::INFINITY];
        for r in plant.gensets.iter().flat_map(|g| &g.relays).filter(|r| r.trips) {
            let pct = (r.pickup - 1.0) * 100.0;
            match r.device {
                Device::UnderFrequency => first_trip_pct[0] = first_trip_pct[0].max(pct),
                Device::OverFrequency => first_trip_pct[1] = first_trip_pct[1].min(pct),
                _ => {}
            }
        }
        Self {
            tick_s: plant.tick_s,
            f0_hz: plant.f0_hz,
            sections: plant.sections.clone(),
            target_kw: if asked { policy.target_kw } else { 0.0 },
            target_gpus: if asked { (policy.target_kw / full_kw).round() as u32 } else { 0 },
            acceptance: policy.step_acceptance.clone(),
            bucket_share: policy.bucket_share,
            refill_kw_per_s: policy.refill_kw_per_s,
            ramp_limit_kw_per_s: policy.ramp_limit_kw_per_s,
            first_trip_pct,
            soc_target_pct: plant.bess.first().map(|b| b.soc_target * 100.0),
            hold_points_kw: policy.hold_points_kw.clone(),
            setpoints: setpoints(policy),
            alarm_priorities: Vec::new(),
            horizon_s: s.exercise.as_ref().and_then(|e| e.horizon_s),
            responses: s.exercise.as_ref().map_or_else(Vec::new, |e| e.responses.clone()),
            steps: s.exercise.as_ref().map_or_else(Vec::new, |e| e.steps.clone()),
        }
    }

    /// Of the scenario that an engine runs.
    #[must_use]
    pub fn of_engine(e: &Engine) -> Self {
        Self::of(&e.scenario)
    }

    /// Step allowance at a load, kW.
    #[must_use]
    pub fn allowance_kw(&self, load_kw: f64, rating_kw: f64) -> f64 {
        let load_pu = if rating_kw > 0.0 { load_kw / rating_kw } else { 0.0 };
        self.bucket_share * acceptance_pu(&self.acceptance, load_pu) * rating_kw
    }
}

/// What every set-point of the plan has in force.
fn setpoints(p: &Policy) -> Vec<(Setpoint, f64)> {
    Setpoint::ALL.into_iter().filter_map(|s| Some((s, p.in_force(s)?))).collect()
}
