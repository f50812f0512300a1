//! What of the [`Supervisor`] can be changed while it runs, and the hash of all that changes.
//!
//! Set-points of plant devices (BESS, aux, load bank, miner latency) belong to the engine and are refused here.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::fields::{FIELDS, Field};
use super::supervisor::Supervisor;
use super::track::{GensetPlan, Tracker};
use super::{Change, Refusal, RunState, ShedMode};
use crate::acts::Setpoint;

/// Index of the shed policy that follows a plan.
const OPTIMAL: f64 = ShedMode::Optimal as u8 as f64;
/// Hold points kept.
const HOLD_POINTS: usize = 16;

impl Supervisor {
    /// Changes a number or choice of the policy while the run goes on.
    ///
    /// # Errors
    /// [`Refusal::OutOfRange`] for a value outside [`Setpoint::range`], not a number, or a choice that is no whole number;
    /// [`Refusal::NoDevice`] for set-points of the plant (BESS, aux, load bank, miner latency), which control does not own.
    pub fn set(&mut self, which: Setpoint, value: f64) -> Result<(), Refusal> {
        if !which.accepts(value) {
            let [lo, hi] = which.range();
            return Err(Refusal::OutOfRange { name: which.spec().label.to_owned(), lo, hi, value });
        }
        let p = &mut self.policy;
        match which {
            Setpoint::HoldPointKw if value == 0.0 => p.hold_points_kw.clear(),
            Setpoint::HoldPointKw if p.hold_points_kw.len() >= HOLD_POINTS => {
                let (name, hi) = ("number of hold points".to_owned(), HOLD_POINTS as f64);
                return Err(Refusal::OutOfRange { name, lo: 0.0, hi, value: hi + 1.0 });
            }
            Setpoint::HoldPointKw => p.hold_points_kw.push(value),
            // without a plan there is nothing to follow
            Setpoint::ShedMode if value == OPTIMAL && p.genset_plan.is_none() => {
                return Err(Refusal::Nothing(
                    "no plan to follow: send one from Plan, or name one in the scenario".into(),
                ));
            }
            _ => {
                let field = Field::of(which).ok_or(Refusal::NoDevice("set-point of control"))?;
                (field.set)(p, value);
            }
        }
        self.told_reduced = false;
        if which == Setpoint::TargetKw && self.state == RunState::Complete {
            self.go(RunState::Running);
        }
        Ok(())
    }

    /// Miners follow a plan from now on, or (`None`) no longer: the shed policy is then *optimal*, or that of the path again.
    ///
    /// # Errors
    /// [`Refusal::Nothing`] with what is wrong with the plan, or if none is followed.
    pub fn follow(&mut self, plan: Option<GensetPlan>) -> Result<(), Refusal> {
        if let Some((_, what, expected)) = plan.as_ref().and_then(GensetPlan::wrong) {
            return Err(Refusal::Nothing(format!("{what} (expected {expected})")));
        }
        if plan.is_none() && !self.policy.follows_plan() {
            return Err(Refusal::Nothing("no plan is followed".to_owned()));
        }
        self.tracker = Tracker::default();
        match plan {
            Some(plan) => {
                if self.policy.shed_mode != ShedMode::Optimal {
                    self.shed_mode_before = self.policy.shed_mode;
                }
                self.policy.shed_mode = ShedMode::Optimal;
                self.policy.genset_plan = Some(Arc::new(plan));
            }
            None => {
                self.policy.shed_mode = self.shed_mode_before;
                self.policy.genset_plan = None;
            }
        }
        Ok(())
    }

    /// Feeds all dynamic state to a hash, numbers by their bits.
    pub fn hash_into(&self, h: &mut impl Hasher) {
        h.write_u64(self.now);
        for s in [self.state, self.resume_to, self.told] {
            h.write_usize(s.code());
        }
        self.hold_reason.hash(h);
        self.islands.iter().for_each(|i| i.hash_into(h));
        self.cohorts.iter().for_each(|c| c.hash_into(h));
        self.fleets.iter().for_each(|f| f.hash_into(h));
        self.shed.hash_into(h);
        self.delays.hash_into(h);
        if let Some(plan) = &self.policy.genset_plan {
            h.write_usize(self.shed_mode_before as usize);
            plan.hash_into(h);
            self.tracker.hash_into(h);
        }
        for action in &self.unanswered {
            let (kind, device) = match action.change {
                Change::Gpus { cohort, from, to } => (16 + 4 * from as u8 + to as u8, cohort),
                Change::Cap { cohort, .. } => (2, cohort),
                Change::Shed { fleet } => (0, fleet),
                Change::Restore { fleet } => (1, fleet),
            };
            h.write_u8(kind);
            h.write_usize(device);
            h.write_u32(action.n);
        }
        h.write_u64(self.due);
        let flags = [self.by_hand, self.told_reduced, self.told_start, self.waits_for_supply, self.bad_measurement];
        flags.into_iter().for_each(|b| h.write_u8(u8::from(b)));
        let p = &self.policy;
        let numbers = [self.due_interval_s, self.point_kw];
        let cohorts = self.last.cohorts.iter().map(|c| c.kw);
        let feeders = cohorts.chain(self.last.fleets.iter().map(|f| f.filtered_kw));
        let plan = FIELDS.iter().map(|f| (f.get)(p)).chain(p.hold_points_kw.iter().copied());
        numbers.into_iter().chain(feeders).chain(plan).for_each(|v| h.write_u64(v.to_bits()));
    }
}
