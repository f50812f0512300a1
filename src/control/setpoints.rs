//! What of the [`Supervisor`] can be changed while it runs, and the hash of all that changes.
//!
//! Set-points of plant devices (BESS, aux, load bank, miner latency) belong to the engine and are refused here.

use std::hash::{Hash, Hasher};

use super::supervisor::Supervisor;
use super::{Action, AddMode, BringUpPath, Refusal, RunState, ShedMode};
use crate::acts::Setpoint;

/// Hold points kept.
const HOLD_POINTS: usize = 16;

impl Supervisor {
    /// Changes a number or choice of the policy while the run goes on.
    ///
    /// # Errors
    /// [`Refusal::OutOfRange`] for a value outside [`Setpoint::range`], not a number, or a choice that is no whole number;
    /// [`Refusal::NoDevice`] for set-points of the plant (BESS, aux, load bank, miner latency), which control does not own.
    pub fn set(&mut self, which: Setpoint, value: f64) -> Result<(), Refusal> {
        let [lo, hi] = which.range();
        let whole = matches!(which, Setpoint::Path | Setpoint::ShedMode | Setpoint::BatchGpus | Setpoint::FeedbackHold);
        if !(lo..=hi).contains(&value) || (whole && value.fract() != 0.0) {
            return Err(Refusal::OutOfRange { name: format!("{which:?}"), lo, hi, value });
        }
        let p = &mut self.policy;
        match which {
            Setpoint::Path => {
                p.path = match value as u32 {
                    0 => BringUpPath::Ramp,
                    1 => BringUpPath::Shed,
                    _ => BringUpPath::ShedRestore,
                }
            }
            Setpoint::ShedMode => p.shed_mode = if value < 0.5 { ShedMode::Match } else { ShedMode::MatchConfirmed },
            Setpoint::TargetKw => p.target_kw = value,
            Setpoint::BatchGpus => p.batch_gpus = value as u32,
            Setpoint::IntervalS => p.interval_s = value,
            Setpoint::StepLimitKw => p.step_limit_kw = value,
            Setpoint::RampLimitKwPerS => p.ramp_limit_kw_per_s = value,
            Setpoint::ShedShare => p.shed_share = value,
            Setpoint::ShedLeadS => p.shed_lead_s = value,
            Setpoint::CeilingPu => p.ceiling_pu = value,
            Setpoint::FeedbackHold => p.hold.enabled = value > 0.5,
            Setpoint::HoldPointKw if value == 0.0 => p.hold_points_kw.clear(),
            Setpoint::HoldPointKw if p.hold_points_kw.len() >= HOLD_POINTS => {
                let (name, hi) = ("number of hold points".to_owned(), HOLD_POINTS as f64);
                return Err(Refusal::OutOfRange { name, lo: 0.0, hi, value: hi + 1.0 });
            }
            Setpoint::HoldPointKw => p.hold_points_kw.push(value),
            Setpoint::BessOn | Setpoint::BessKw => return Err(Refusal::NoDevice("BESS set-point of control")),
            Setpoint::AuxKw => return Err(Refusal::NoDevice("aux set-point of control")),
            Setpoint::LoadBankKw => return Err(Refusal::NoDevice("load bank set-point of control")),
            Setpoint::MinerLatencyS => return Err(Refusal::NoDevice("miner set-point of control")),
        }
        self.told_reduced = false;
        if which == Setpoint::TargetKw && self.state == RunState::Complete {
            self.go(RunState::Running);
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
        for action in &self.unanswered {
            let (kind, device) = match *action {
                Action::Gpu { cohort, from, to, .. } => (16 + 4 * from as u8 + to as u8, cohort),
                Action::Shed { fleet, .. } => (0, fleet),
                Action::Restore { fleet, .. } => (1, fleet),
            };
            h.write_u8(kind);
            h.write_usize(device);
            h.write_u32(action.count());
        }
        h.write_u64(self.due);
        let flags = [self.by_hand, self.told_reduced, self.told_start, self.waits_for_supply, self.bad_measurement];
        flags.into_iter().for_each(|b| h.write_u8(u8::from(b)));
        let p = &self.policy;
        let numbers = [self.due_interval_s, self.point_kw];
        let cohorts = self.last.cohorts.iter().map(|c| c.kw);
        let feeders = cohorts.chain(self.last.fleets.iter().map(|f| f.filtered_kw));
        let set = [
            p.target_kw,
            p.interval_s,
            p.step_limit_kw,
            p.ramp_limit_kw_per_s,
            p.shed_share,
            p.shed_lead_s,
            p.ceiling_pu,
        ];
        numbers
            .into_iter()
            .chain(feeders)
            .chain(set)
            .chain(p.hold_points_kw.iter().copied())
            .for_each(|v| h.write_u64(v.to_bits()));
        h.write_u32(p.batch_gpus);
        let choices = [p.path as u8, p.shed_mode as u8, u8::from(p.hold.enabled), u8::from(p.add == AddMode::Staged)];
        choices.into_iter().for_each(|c| h.write_u8(c));
    }
}
