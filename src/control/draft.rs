//! The next batch of the [`Supervisor`] as it would be commanded now: which GPUs, which miners, and every limit.
//!
//! Reads only. Units: see [`super::supervisor`].

use super::admission::{EPS, Limits, Proposal, View, assess, largest_step_kw};
use super::phases::{Counts, Move, Next, target_gpus};
use super::policy::BringUpPath;
use super::shed::{Order, ShedPlan};
use super::supervisor::{CONTROL_PERIOD_S, Supervisor};
use super::{LimitId, Measured, RunState};

/// A batch as it would be commanded now, with every limit.
pub(super) struct Draft {
    pub mv: Move,
    pub plan: ShedPlan,
    pub order: Order,
    pub limits: Limits,
    /// GPUs of the set batch, where it can never fit.
    pub reduced_from: Option<u32>,
}

impl Supervisor {
    /// Counts with delayed GPU commands as done.
    pub(super) fn planned(&self) -> Counts {
        let mut c = self.counts;
        self.delays.apply(&mut c);
        c
    }

    /// GPUs that should be up at the end.
    pub(super) fn goal(&self, m: &Measured) -> u32 {
        let down = self.state == RunState::RampDown
            || (self.state == RunState::Hold && matches!(self.resume_to, RunState::RampDown | RunState::Down))
            || self.state == RunState::Down;
        if down { 0 } else { target_gpus(&self.policy, m).min(self.counts.total()) }
    }

    pub(super) fn goal_f64(&self, m: &Measured) -> f64 {
        f64::from(self.goal(m))
    }

    pub(super) fn next_move(&self, m: &Measured, by_hand: bool) -> Next {
        self.phases.next(&self.policy, m, self.planned(), self.goal(m), self.now, by_hand)
    }

    /// What admission looks at now.
    pub(super) fn view<'a>(&'a self, m: &'a Measured) -> View<'a> {
        View {
            policy: &self.policy,
            m,
            windows: &self.windows,
            ledger: &self.ledger,
            bucket: &self.bucket,
            pending_kw: self.gpu_pending.kw() - self.shed_pending.kw(),
            restoring_kw: self.restore_pending.kw(),
            ahead: 0,
        }
    }

    /// The next batch with all its limits, the timing ones included; `None` when there is none now.
    pub(super) fn draft(&self, m: &Measured, by_hand: bool) -> Option<Draft> {
        let Next::Batch(mv) = self.next_move(m, by_hand) else { return None };
        let order = if mv.each_kw > 0.0 { Order::of(&self.policy) } else { Order::GensetAlone };
        let (mv, plan, net_kw, reduced_from) = self.size(m, mv, order);
        let sheds = order != Order::GensetAlone;
        let level_kept = sheds && plan.level_kept && !matches!(order, Order::GpusFirst(_));
        let proposal = Proposal { gpus: mv.n, net_kw, down: mv.down(), late: false, level_kept };
        let ahead = if by_hand { 0 } else { self.due.saturating_sub(self.now) as usize };
        let mut limits = assess(&View { ahead, ..self.view(m) }, &proposal);
        if !by_hand {
            self.push_interval(&mut limits);
        }
        if sheds && self.policy.path == BringUpPath::Shed && plan.short_kw > m.miner_unit_kw + EPS {
            limits.push(LimitId::Fleet, plan.needed_kw, plan.kw, "kW", true);
        } else if !self.delays.has_room() {
            limits.push(LimitId::Confirm, 1.0, 1.0, "queue", true);
        }
        Some(Draft { mv, plan, order, limits, reduced_from })
    }

    /// Interval since the last batch.
    pub(super) fn push_interval(&self, limits: &mut Limits) {
        let left = self.due.saturating_sub(self.now) as f64 * CONTROL_PERIOD_S;
        let since = (self.due_interval_s - left).max(0.0);
        limits.push(LimitId::Interval, since, self.due_interval_s, "s", left > 0.0);
    }

    /// The largest batch up to the set one that could ever fit, its miners and its net step.
    fn size(&self, m: &Measured, mv: Move, order: Order) -> (Move, ShedPlan, f64, Option<u32>) {
        let cap = largest_step_kw(&self.policy, m, mv.down());
        let rate = self.policy.gpus_per_s.floor().clamp(1.0, 1.0e9) as u32;
        let mut n = mv.n.min(rate);
        loop {
            let batch = Move { n, ..mv };
            let kw = batch.kw();
            let plan = match order {
                Order::GensetAlone => ShedPlan::default(),
                _ => self.shed.plan(&self.policy, m, kw, self.delays.shed_units() + self.shed_now),
            };
            let net = if matches!(order, Order::GpusFirst(_)) { kw } else { kw - plan.kw };
            let largest = if order.apart() { kw.abs() } else { net.abs() };
            let largest = if order == Order::Together { net.max(0.0) } else { largest };
            if n <= 1 || largest <= cap + EPS {
                let reduced = (n < mv.n && mv.n > 1).then_some(mv.n);
                return (batch, plan, net, reduced);
            }
            let scaled = (f64::from(n) * cap / largest + 1e-9).floor().max(1.0) as u32;
            n = scaled.min(n - 1);
        }
    }
}
