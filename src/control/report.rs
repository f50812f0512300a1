//! What the console shows of the [`Supervisor`]: limits, binding one, next batch, end of the plan.
//!
//! Computed from state and a measurement; it changes nothing. Limits and ends are those of the island that the next batch is
//! for. Powers in kW, times in seconds.

use super::admission::{LimitUses, Proposal, assess, largest_step_kw};
use super::policy::{AddMode, BringUpPath};
use super::shed::{Order, restore_rate_kw_per_s, restores};
use super::supervisor::{CONTROL_PERIOD_S, Supervisor};
use super::{IslandReading, LimitId, Measured, RunState, Status};

impl Supervisor {
    /// The status at a measurement.
    #[must_use]
    pub fn status(&self, m: &Measured) -> Status {
        let island = self.served_island(m);
        let (limits, next_batch) = self.outlook(m, island);
        let moves = matches!(self.state, RunState::Running | RunState::RampDown);
        let cohort = self.served(m, self.goes_down(), true).and_then(|w| self.names.cohorts.get(w.cohort));
        Status {
            state: self.state,
            hold_reason: self.hold_reason.clone(),
            island: self.island_name(island).map(str::to_owned),
            cohort: cohort.filter(|_| self.names.cohorts.len() > 1).cloned(),
            binding: if next_batch.is_some() || moves { limits.binding() } else { None },
            limits: limits.all().copied().collect(),
            step_now_kw: self.step_now_kw(island),
            next_batch,
            gpus: [self.up_and_goal(m)[0], self.asked_gpus(m)],
            eta_s: moves.then(|| self.eta_s(m)),
            plan_end_kw: self.plan_end_kw(m, island),
            interlocks: self.interlocks(m, island),
            can_shed_kw: self.fleets_of(m, island).available_kw(),
            shed_kw: (m.fleets.iter().zip(&self.fleets))
                .map(|(r, f)| f64::from(f.units_out) * r.unit_kw + f.restore_pending.kw())
                .sum(),
            restore_eta_s: self.restore_eta_s(m),
            policy: self.policy.clone(),
        }
    }

    /// What refuses commands now, in words: what stands at the island of the next batch, or what keeps power from all that is
    /// left to do.
    fn interlocks(&self, m: &Measured, island: usize) -> Vec<String> {
        if self.bad_measurement {
            return vec!["a measured value is not a number".to_owned()];
        }
        let down = self.goes_down();
        match self.without_supply(m, down).filter(|_| self.served(m, down, true).is_none()) {
            Some(cohort) => vec![self.supply_words(m, cohort)],
            None => {
                let words = self.islands.get(island).map_or_else(Vec::new, |i| i.standing.words());
                words.into_iter().map(|words| self.at_island(island, words)).collect()
            }
        }
    }

    /// All limits for the next batch, and the batch with the seconds until its interval is over.
    fn outlook(&self, m: &Measured, island: usize) -> (LimitUses, Option<(u32, f64)>) {
        let left = |due: u64| due.saturating_sub(self.now) as f64 * CONTROL_PERIOD_S;
        let Some(view) = self.view(m, island) else { return (LimitUses::default(), None) };
        if let Some(c) = self.shed.confirm() {
            let p =
                Proposal { gpus: c.mv.n, net_kw: c.mv.kw() - c.asked_kw, down: false, late: true, level_kept: true };
            let mut limits = assess(&view, &p);
            let waited = self.now.saturating_sub(c.since) as f64 * CONTROL_PERIOD_S;
            limits.push(LimitId::Confirm, waited, self.policy.confirm_timeout_s, "s", !c.confirmed());
            return (limits, Some((c.mv.n, 0.0)));
        }
        if let Some(draft) = self.draft(m, false) {
            return (draft.limits, Some((draft.mv.n, left(self.due))));
        }
        let mut limits = assess(&view, &Proposal::default());
        if let Some((cohort, until)) = self.checkpoint(m) {
            let (wait, all) = (left(until), self.policy.staging.checkpoint_s);
            limits.push(LimitId::Interval, (all - wait).max(0.0), all, "s", wait > 0.0);
            let n = self.policy.staging.batch_gpus.max(1).min(self.planned(cohort).preload);
            return (limits, Some((n, wait)));
        }
        (limits, None)
    }

    /// Share of a GPU's kW that the gensets take up, for what is still to come.
    fn genset_share(&self) -> f64 {
        match Order::of(&self.policy) {
            Order::GensetAlone => 1.0,
            _ => 1.0 - self.policy.shed_share.clamp(0.0, 1.0),
        }
    }

    /// Seconds to the end at the pace that the tightest limit allows, by formula: the sum over all cohorts.
    fn eta_s(&self, m: &Measured) -> f64 {
        let goes_down = self.goes_down();
        if self.served(m, goes_down, true).is_none() {
            return 0.0;
        }
        let scheduled = (0..m.cohorts.len()).filter(|c| m.cohorts[*c].scheduled);
        scheduled.map(|cohort| self.eta_of_cohort_s(m, cohort)).sum()
    }

    fn eta_of_cohort_s(&self, m: &Measured, cohort: usize) -> f64 {
        let p = &self.policy;
        let (Some(r), Some(island)) = (m.cohorts.get(cohort), m.islands.get(m.island_of_cohort(cohort))) else {
            return 0.0;
        };
        let (c, goal) = (self.planned(cohort), self.goal(m, cohort));
        let down = c.up() > goal;
        let full_kw = (r.full_kw - r.off_kw).max(1e-9);
        let share = if down { 1.0 } else { self.genset_share() };
        // Net kW/s that ramp, refill and windows let through, and GPUs/s.
        let net_rate = p.ramp_limit_kw_per_s.min(p.window_1s_kw).min(p.window_10s_kw / 10.0);
        let free = down || island.battery_alone;
        let net_rate = if free { net_rate } else { net_rate.min(p.refill_kw_per_s) }.max(1e-3);
        let pace = |n: u32, each_kw: f64, interval_s: f64| {
            let n = f64::from(n.max(1));
            let cap = largest_step_kw(p, island, down);
            let fit = if share * each_kw > 0.0 { (cap / (share * each_kw)).floor().clamp(1.0, n) } else { n };
            let s = interval_s.max(fit / p.gpus_per_s.max(1e-3)).max(fit * each_kw * share / net_rate);
            fit / s.max(CONTROL_PERIOD_S)
        };
        let to_move = f64::from(goal.abs_diff(c.up()));
        if down {
            return to_move / pace(p.batch_gpus, full_kw, p.interval_s);
        }
        let (pre, caps) = (r.preload_kw - r.off_kw, (r.full_kw - r.preload_kw).max(0.0));
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

    /// kW of an island's sources at the end of the plan: now, what is on its way, and what is still to come.
    fn plan_end_kw(&self, m: &Measured, island: usize) -> f64 {
        let Some((view, IslandReading { kw, .. })) = self.view(m, island).zip(m.islands.get(island)) else {
            return 0.0;
        };
        let arriving = kw + view.pending_kw + view.restoring_kw;
        let [mut to_come, mut ups_left] = [0.0, 0.0];
        for cohort in (0..m.cohorts.len()).filter(|c| m.cohorts[*c].scheduled && m.cohorts[*c].island == island) {
            let (r, goal, c) = (&m.cohorts[cohort], self.goal(m, cohort), self.cohorts[cohort].counts);
            to_come += f64::from(goal) * (r.full_kw - r.off_kw) - (c.kw(r) - f64::from(c.total()) * r.off_kw);
            ups_left += f64::from(goal.saturating_sub(self.planned(cohort).up()));
        }
        if matches!(self.state, RunState::Aborted | RunState::Idle | RunState::Lost) && ups_left <= 0.0 {
            return arriving;
        }
        let fleets = m.fleets.iter().zip(&self.fleets).filter(|(r, _)| r.island == island);
        let miners_off: f64 = fleets.map(|(r, f)| f64::from(f.units_out) * r.unit_kw).sum();
        if to_come < 0.0 {
            return arriving + to_come + miners_off;
        }
        if self.policy.follows_plan() {
            // what the miners make of it is the plan's to say
            return arriving + to_come;
        }
        match self.policy.path {
            BringUpPath::Ramp | BringUpPath::ShedRestore => arriving + to_come + miners_off,
            BringUpPath::Shed => {
                let can_shed_kw = self.fleets_of(m, island).available_kw();
                arriving + to_come - (to_come * (1.0 - self.genset_share())).min(can_shed_kw)
            }
        }
    }

    /// Seconds until all miners that come back are back; 0 when none is off or none will come back.
    fn restore_eta_s(&self, m: &Measured) -> f64 {
        let fleets = || m.fleets.iter().zip(&self.fleets);
        let comes =
            restores(&self.policy, RunState::Complete) || matches!(self.state, RunState::Down | RunState::RampDown);
        let rate = restore_rate_kw_per_s(&self.policy);
        let wake_s = |of: &dyn Fn(&super::fleet::FleetMemory) -> bool| {
            fleets().filter(|(_, f)| of(f)).map(|(r, _)| r.restore_s).fold(0.0, f64::max)
        };
        // Islands restore side by side, each at the rate.
        let off_kw = (0..m.islands.len()).map(|island| {
            let here = fleets().filter(|(r, _)| r.island == island);
            here.map(|(r, f)| f64::from(f.units_out) * r.unit_kw).sum::<f64>()
        });
        let off_kw = off_kw.fold(0.0, f64::max);
        if off_kw > 0.0 && comes && rate > 0.0 {
            off_kw / rate + wake_s(&|f| f.units_out > 0)
        } else {
            wake_s(&|f| f.restore_pending.kw() > 0.0)
        }
    }
}
