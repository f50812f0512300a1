//! What the console shows of the [`Supervisor`]: limits, binding one, next batch, end of the plan.
//!
//! Computed from state and a measurement; it changes nothing. Powers in kW, times in seconds.

use super::admission::{Limits, Proposal, assess, largest_step_kw};
use super::phases::{Next, target_gpus};
use super::policy::{AddMode, BringUpPath};
use super::shed::{Order, Shedder};
use super::supervisor::{CONTROL_PERIOD_S, Supervisor};
use super::{LimitId, Measured, RunState, Status};

impl Supervisor {
    /// The status at a measurement.
    #[must_use]
    pub fn status(&self, m: &Measured) -> Status {
        let (limits, next_batch) = self.outlook(m);
        let moves = matches!(self.state, RunState::Running | RunState::RampDown);
        Status {
            state: self.state,
            hold_reason: self.hold_reason.clone(),
            binding: if next_batch.is_some() || moves { limits.binding() } else { None },
            limits: limits.all().to_vec(),
            step_now_kw: self.step_now_kw(),
            next_batch,
            gpus: [self.counts.up(), target_gpus(&self.policy, m)],
            eta_s: moves.then(|| self.eta_s(m)),
            plan_end_kw: self.plan_end_kw(m),
            interlocks: self.standing.words(),
            can_shed_kw: m.miner_available_kw,
            restore_eta_s: self.restore_eta_s(m),
            policy: self.policy.clone(),
        }
    }

    /// All limits for the next batch, and the batch with the seconds until its interval is over.
    fn outlook(&self, m: &Measured) -> (Limits, Option<(u32, f64)>) {
        let left = |due: u64| due.saturating_sub(self.now) as f64 * CONTROL_PERIOD_S;
        if let Some(c) = self.shed.confirm() {
            let p =
                Proposal { gpus: c.mv.n, net_kw: c.mv.kw() - c.asked_kw, down: false, late: true, level_kept: true };
            let mut limits = assess(&self.view(m), &p);
            let waited = self.now.saturating_sub(c.since) as f64 * CONTROL_PERIOD_S;
            limits.push(LimitId::Confirm, waited, self.policy.confirm_timeout_s, "s", !c.confirmed());
            return (limits, Some((c.mv.n, 0.0)));
        }
        if let Some(draft) = self.draft(m, false) {
            return (draft.limits, Some((draft.mv.n, left(self.due))));
        }
        let mut limits = assess(&self.view(m), &Proposal::default());
        if let Next::Checkpoint(until) = self.next_move(m, false) {
            let (wait, all) = (left(until), self.policy.staging.checkpoint_s);
            limits.push(LimitId::Interval, (all - wait).max(0.0), all, "s", wait > 0.0);
            let n = self.policy.staging.batch_gpus.max(1).min(self.planned().preload);
            return (limits, Some((n, wait)));
        }
        (limits, None)
    }

    /// Commanded GPU kW at the end of the plan.
    fn goal_kw(&self, m: &Measured) -> f64 {
        f64::from(self.goal(m)) * m.gpu_full_kw
    }

    /// Share of a GPU's kW that the gensets take up, for what is still to come.
    fn genset_share(&self) -> f64 {
        match Order::of(&self.policy) {
            Order::GensetAlone => 1.0,
            _ => 1.0 - self.policy.shed_share.clamp(0.0, 1.0),
        }
    }

    /// Seconds to the end at the pace that the tightest limit allows, by formula.
    fn eta_s(&self, m: &Measured) -> f64 {
        let p = &self.policy;
        let Next::Batch(mv) = self.next_move(m, true) else { return 0.0 };
        let full_kw = m.gpu_full_kw.max(1e-9);
        let share = if mv.down() { 1.0 } else { self.genset_share() };
        // Net kW/s that ramp, refill and windows let through, and GPUs/s.
        let net_rate = p.ramp_limit_kw_per_s.min(p.window_1s_kw).min(p.window_10s_kw / 10.0);
        let net_rate = if mv.down() { net_rate } else { net_rate.min(p.refill_kw_per_s) }.max(1e-3);
        let pace = |n: u32, each_kw: f64, interval_s: f64| {
            let n = f64::from(n.max(1));
            let cap = largest_step_kw(p, m, mv.down());
            let fit = if share * each_kw > 0.0 { (cap / (share * each_kw)).floor().clamp(1.0, n) } else { n };
            let s = interval_s.max(fit / p.gpus_per_s.max(1e-3)).max(fit * each_kw * share / net_rate);
            fit / s.max(CONTROL_PERIOD_S)
        };
        let c = self.planned();
        let goal = self.goal(m);
        let to_move = f64::from(goal.abs_diff(c.up()));
        if mv.down() {
            return to_move / pace(p.batch_gpus, full_kw, p.interval_s);
        }
        let (pre, caps) = (m.gpu_preload_kw, (full_kw - m.gpu_preload_kw).max(0.0));
        match p.add {
            AddMode::OffToFull => (to_move + f64::from(c.preload)) / pace(p.batch_gpus, full_kw, p.interval_s),
            AddMode::Staged => {
                let wait = if to_move > 0.0 { p.staging.checkpoint_s } else { 0.0 };
                let rise = to_move + f64::from(c.preload);
                to_move / pace(p.batch_gpus, pre, p.interval_s)
                    + wait
                    + rise / pace(p.staging.batch_gpus, caps, p.staging.interval_s)
            }
        }
    }

    /// Genset kW at the end of the plan: now, what is on its way, and what is still to come.
    fn plan_end_kw(&self, m: &Measured) -> f64 {
        let arriving = m.gen_kw + self.gpu_pending.kw() - self.shed_pending.kw() + self.restore_pending.kw();
        if matches!(self.state, RunState::Aborted | RunState::Idle) && self.planned().up() >= self.goal(m) {
            return arriving;
        }
        let to_come = self.goal_kw(m) - self.commanded_gpu_kw();
        let miners_off = f64::from(self.shed.units_out()) * m.miner_unit_kw;
        if to_come < 0.0 {
            return arriving + to_come + miners_off;
        }
        match self.policy.path {
            BringUpPath::Ramp | BringUpPath::ShedRestore => arriving + to_come + miners_off,
            BringUpPath::Shed => {
                let given = (to_come * (1.0 - self.genset_share())).min(m.miner_available_kw.max(0.0));
                arriving + to_come - given
            }
        }
    }

    /// Seconds until all miners that come back are back; 0 when none is off or none will come back.
    fn restore_eta_s(&self, m: &Measured) -> f64 {
        let off_kw = f64::from(self.shed.units_out()) * m.miner_unit_kw;
        let comes = Shedder::restores(&self.policy, RunState::Complete)
            || matches!(self.state, RunState::Down | RunState::RampDown);
        let rate = Shedder::restore_rate_kw_per_s(&self.policy);
        if off_kw > 0.0 && comes && rate > 0.0 {
            off_kw / rate + m.miner_restore_s
        } else if self.restore_pending.kw() > 0.0 {
            m.miner_restore_s
        } else {
            0.0
        }
    }
}
