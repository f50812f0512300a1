//! The battery's worth: does a small battery with simple control cost less than tight control without one?
//!
//! Two by two, so that the merit of the battery and that of the control can be told apart: {tight, simple} x {none, P kW}. A year is
//! not simulated; events are. Each run is one event at a random state of operation ([`events`]), and a year is the sum of
//! rates times what was seen ([`estimate`]). All designs run the same draws, so a difference is seen and not guessed. Money is
//! laid over it afterwards ([`money`]), and the result is said in sentences that follow rules ([`verdict`]).
//!
//! What is chance (events, state) is averaged; what is ignorance (the engine, its fit, prices) never is: each engine has its own
//! row, each price its own range.

pub mod estimate;
pub mod events;
pub mod money;
pub mod result;
pub mod sweep;
pub mod verdict;

use crate::control::policy::BringUpPath;
use crate::control::{Policy, ShedMode};
use crate::scenario::Scenario;
use crate::scenario::parameter::Parameter;
use crate::scenario::policy::{PolicySet, base_policy};
use crate::scenario::preset::{self, EnginePreset};

pub use money::Control;

/// A way to run the site: control and battery.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Design {
    /// Control.
    pub control: Control,
    /// Battery, kW; 0 for none.
    pub kw: f64,
    /// Battery, kWh.
    pub kwh: f64,
}

/// Droop of the battery that is studied, pu.
const DROOP_PU: f64 = 0.01;
/// Its current limit, pu.
const I_MAX_PU: f64 = 1.2;
/// Its window of charge, pu.
const SOC: [f64; 2] = [0.10, 0.90];
/// Stages of shedding that simple control leaves out: the early ones, which are tuned to a site.
const TUNED_STAGES: usize = 3;

impl Design {
    /// Short name: `A0`, `AB100`, `B0`, `B100`.
    #[must_use]
    pub fn id(&self) -> String {
        match (self.control, self.kw > 0.0) {
            (Control::Tight, false) => "A0".to_owned(),
            (Control::Tight, true) => format!("AB{:.0}", self.kw),
            (Control::Simple, false) => "B0".to_owned(),
            (Control::Simple, true) => format!("B{:.0}", self.kw),
        }
    }

    /// In words.
    #[must_use]
    pub fn words(&self) -> String {
        let control = if self.control == Control::Tight { "tight control" } else { "simple control" };
        if self.kw > 0.0 {
            format!("{control}, battery {:.0} kW / {:.0} kWh", self.kw, self.kwh)
        } else {
            format!("{control}, no battery")
        }
    }

    /// The site under this design with engines of a preset: policy, shedding, battery. The plant's own limits and devices stay.
    ///
    /// # Errors
    /// If a battery is wanted and the plant has none, in service or not, to be sized.
    pub fn apply(&self, base: &Scenario, engine: &EnginePreset) -> Result<Scenario, String> {
        let mut s = base.clone();
        s.plant.gensets.iter_mut().for_each(|g| preset::apply(engine, g));
        let rated_kw: f64 = s.plant.gensets.iter().map(|g| g.rated_kw).sum();
        s.policy = self.policy(&s, engine, rated_kw);
        let stages = preset::shed_stages(engine);
        let skipped = if self.control == Control::Tight { 0 } else { TUNED_STAGES };
        s.plant.shed_stages = stages.into_iter().skip(skipped).collect();
        s.plant.bess.iter_mut().for_each(|b| b.on_at_start = false);
        if self.kw > 0.0 {
            for (name, value) in [("bess_kw", self.kw), ("bess_droop_pu", DROOP_PU), ("bess_i_max_pu", I_MAX_PU)] {
                Parameter::named(name)?.set(&mut s, value)?;
            }
            let share = self.kwh / s.plant.bess.iter().map(|b| b.energy_kwh).sum::<f64>().max(1e-9);
            for b in &mut s.plant.bess {
                b.energy_kwh *= share;
                [b.soc_min, b.soc_max] = SOC;
                b.soc_target = b.soc_target.clamp(SOC[0], SOC[1]);
            }
        }
        Ok(s)
    }

    fn policy(&self, s: &Scenario, engine: &EnginePreset, rated_kw: f64) -> Policy {
        let (set, path, mode) = match self.control {
            Control::Tight => (PolicySet::Recommended, BringUpPath::ShedRestore, ShedMode::MatchConfirmed),
            Control::Simple => (PolicySet::Source, BringUpPath::Ramp, ShedMode::Match),
        };
        let refill = engine.refill_kw_per_s(rated_kw);
        let mut p = base_policy(set, rated_kw, &engine.acceptance_pu, refill);
        (p.path, p.shed_mode) = (path, mode);
        p.target_kw = s.plant.gpus.iter().filter(|g| g.scheduled).map(|g| f64::from(g.gpus) * g.full_kw).sum();
        if self.control == Control::Tight {
            p.ceiling_pu = 0.95;
        }
        p.hold.enabled = self.control == Control::Tight;
        p.start_at_s = None;
        p
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn designs_differ_by_control_and_battery_alone() {
        let base = crate::scenario::builtin_scenario("path-a").unwrap().unwrap();
        let slow = preset::preset("lean-slow").unwrap();
        let of = |control, kw| Design { control, kw, kwh: 50.0 }.apply(&base, &slow).unwrap();
        let (a0, ab, b0) = (of(Control::Tight, 0.0), of(Control::Tight, 100.0), of(Control::Simple, 0.0));
        assert!(a0.plant.gensets[0].preset == "lean-slow" && !a0.plant.bess[0].on_at_start);
        assert!(
            ab.plant.bess[0].on_at_start && ab.plant.bess[0].rated_kva == 100.0 && ab.plant.bess[0].energy_kwh == 50.0
        );
        assert_eq!(a0.policy, ab.policy);
        assert_eq!((a0.plant.shed_stages.len(), b0.plant.shed_stages.len()), (6, 3));
        assert!(a0.policy.hold.enabled && !b0.policy.hold.enabled && b0.policy.path == BringUpPath::Ramp);
        let mut bare = base.clone();
        bare.plant.bess.clear();
        assert!(Design { control: Control::Simple, kw: 50.0, kwh: 50.0 }.apply(&bare, &slow).is_err());
        assert_eq!(Design { control: Control::Simple, kw: 50.0, kwh: 50.0 }.id(), "B50");
    }
}
