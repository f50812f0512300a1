//! The next batch of the [`Supervisor`] as it would be commanded now: which cohort, which GPUs, which miners, every limit.
//!
//! Reads only. Units: see [`super::supervisor`].

use super::admission::{EPS, LimitUses, Proposal, View, assess, largest_step_kw};
use super::fleet::Fleets;
use super::phases::{Counts, Move, Next, gpus_in};
use super::policy::BringUpPath;
use super::shed::{self, Order, ShedPlan};
use super::supervisor::{CONTROL_PERIOD_S, Supervisor};
use super::{IslandReading, LimitId, Measured, RunState};

/// What a cohort still has to do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work {
    pub cohort: usize,
    pub next: Next,
}

impl Work {
    /// GPUs go off: that needs no power.
    fn goes_down(&self) -> bool {
        matches!(self.next, Next::Batch(mv) if mv.down())
    }
}

/// A batch as it would be commanded now, with every limit.
pub(super) struct Draft {
    pub cohort: usize,
    pub mv: Move,
    pub plan: ShedPlan,
    pub order: Order,
    pub limits: LimitUses,
    /// GPUs of the set batch, where it can never fit.
    pub reduced_from: Option<u32>,
}

impl Supervisor {
    /// Counts of a cohort with delayed and unanswered GPU commands as done.
    pub(super) fn planned(&self, cohort: usize) -> Counts {
        let mut c = self.cohorts.get(cohort).map_or_else(Counts::default, |c| c.counts);
        self.delays.apply(cohort, &mut c);
        c
    }

    /// Whether the schedule takes GPUs down, or did before it was held.
    pub(super) fn goes_down(&self) -> bool {
        matches!(self.state, RunState::RampDown | RunState::Down)
            || (self.state == RunState::Hold && matches!(self.resume_to, RunState::RampDown | RunState::Down))
    }

    /// GPUs that should be up in the end, of each scheduled cohort in order: the target fills the first, what is left of it
    /// the next.
    fn goals<'a>(&'a self, m: &'a Measured, down: bool) -> impl Iterator<Item = (usize, u32)> + 'a {
        let cohorts = m.cohorts.iter().zip(&self.cohorts).enumerate().filter(|(_, (r, _))| r.scheduled);
        let target_kw = if down { 0.0 } else { self.policy.target_kw };
        cohorts.scan(target_kw, |left_kw, (i, (r, c))| {
            let goal = gpus_in(*left_kw, r.full_kw).min(c.counts.total());
            *left_kw -= f64::from(goal) * r.full_kw;
            Some((i, goal))
        })
    }

    /// GPUs that should be up in the end, of one cohort.
    pub(super) fn goal(&self, m: &Measured, cohort: usize) -> u32 {
        self.goals(m, self.goes_down()).find(|(i, _)| *i == cohort).map_or(0, |(_, goal)| goal)
    }

    /// GPUs that are up and that should be in the end, over all scheduled cohorts.
    pub(super) fn up_and_goal(&self, m: &Measured) -> [u32; 2] {
        let each = self.goals(m, self.goes_down());
        each.fold([0; 2], |[up, goal], (i, g)| {
            [up + self.cohorts.get(i).map_or(0, |c| c.counts.up()), goal.saturating_add(g)]
        })
    }

    /// GPUs that the target asks for; more than there are when the cohorts cannot give it.
    pub(super) fn asked_gpus(&self, m: &Measured) -> u32 {
        let (mut gpus, mut left_kw, mut last_kw) = (0_u32, self.policy.target_kw, 0.0);
        for (i, goal) in self.goals(m, false) {
            last_kw = m.cohorts.get(i).map_or(0.0, |r| r.full_kw);
            left_kw -= f64::from(goal) * last_kw;
            gpus = gpus.saturating_add(goal);
        }
        gpus.saturating_add(gpus_in(left_kw, last_kw))
    }

    /// What there is still to do, cohort by cohort in order; a lost one is left out.
    fn work<'a>(&'a self, m: &'a Measured, down: bool, by_hand: bool) -> impl Iterator<Item = Work> + 'a {
        self.goals(m, down).filter_map(move |(cohort, goal)| {
            let (c, r) = (self.cohorts.get(cohort)?, m.cohorts.get(cohort)?);
            let next = c.phases.next(&self.policy, r, self.planned(cohort), goal, self.now, by_hand);
            (!c.lost && next != Next::Done).then_some(Work { cohort, next })
        })
    }

    /// The work that can be done now: of the first cohort that has any and has power.
    pub(super) fn served(&self, m: &Measured, down: bool, by_hand: bool) -> Option<Work> {
        self.work(m, down, by_hand).find(|w| w.goes_down() || m.is_fed(w.cohort))
    }

    /// The first cohort that has something to do and no power.
    pub(super) fn without_supply(&self, m: &Measured, down: bool) -> Option<usize> {
        self.work(m, down, true).find(|w| !w.goes_down() && !m.is_fed(w.cohort)).map(|w| w.cohort)
    }

    /// The island that the next batch is for; else that of the first scheduled cohort.
    pub(super) fn served_island(&self, m: &Measured) -> usize {
        let first = || m.cohorts.iter().find(|c| c.scheduled).map_or(0, |c| c.island);
        self.served(m, self.goes_down(), true).map_or_else(first, |w| m.island_of_cohort(w.cohort))
    }

    /// Fleets of an island.
    pub(super) fn fleets_of<'a>(&'a self, m: &'a Measured, island: usize) -> Fleets<'a> {
        Fleets { island, readings: &m.fleets, memories: &self.fleets }
    }

    /// What admission looks at now on an island; `None` for one that there is not.
    pub(super) fn view<'a>(&'a self, m: &'a Measured, island: usize) -> Option<View<'a>> {
        let (memory, reading): (_, &IslandReading) = (self.islands.get(island)?, m.islands.get(island)?);
        let gpus = m.cohorts.iter().zip(&self.cohorts).filter(|(r, _)| r.island == island);
        let gpus_kw: f64 = gpus.map(|(_, c)| c.pending.kw()).sum();
        let fleets = || m.fleets.iter().zip(&self.fleets).filter(|(r, _)| r.island == island);
        let shed_kw: f64 = fleets().map(|(_, f)| f.shed_pending.kw()).sum();
        Some(View {
            policy: &self.policy,
            f0_hz: m.f0_hz,
            island: reading,
            start_kw: memory.start_kw,
            windows: &memory.windows,
            ledger: &memory.ledger,
            bucket: &memory.bucket,
            pending_kw: gpus_kw - shed_kw,
            restoring_kw: fleets().map(|(_, f)| f.restore_pending.kw()).sum(),
            restore_s: fleets().map(|(r, _)| r.restore_s).reduce(f64::min).unwrap_or(0.0),
            ahead: 0,
        })
    }

    /// The next batch with all its limits, the timing ones included; `None` when there is none now.
    pub(super) fn draft(&self, m: &Measured, by_hand: bool) -> Option<Draft> {
        let Work { cohort, next: Next::Batch(mv) } = self.served(m, self.goes_down(), by_hand)? else { return None };
        let island = m.island_of_cohort(cohort);
        let view = self.view(m, island)?;
        let order = if mv.each_kw > 0.0 { Order::of(&self.policy) } else { Order::GensetAlone };
        let (mv, plan, net_kw, reduced_from) = self.size(m, cohort, mv, order)?;
        let sheds = order != Order::GensetAlone;
        let level_kept = sheds && plan.level_kept && !matches!(order, Order::GpusFirst(_));
        let proposal = Proposal { gpus: mv.n, net_kw, down: mv.down(), late: false, level_kept };
        let ahead = if by_hand { 0 } else { self.due.saturating_sub(self.now) as usize };
        let mut limits = assess(&View { ahead, ..view }, &proposal);
        if !by_hand {
            self.push_interval(&mut limits);
        }
        let unit_kw = self.fleets_of(m, island).smallest_unit_kw();
        if sheds && self.policy.path == BringUpPath::Shed && plan.short_kw > unit_kw + EPS {
            limits.push(LimitId::Fleet, plan.needed_kw, plan.kw, "kW", true);
        } else if !self.delays.has_room() {
            limits.push(LimitId::Confirm, 1.0, 1.0, "queue", true);
        }
        Some(Draft { cohort, mv, plan, order, limits, reduced_from })
    }

    /// Interval since the last batch.
    pub(super) fn push_interval(&self, limits: &mut LimitUses) {
        let left = self.due.saturating_sub(self.now) as f64 * CONTROL_PERIOD_S;
        let since = (self.due_interval_s - left).max(0.0);
        limits.push(LimitId::Interval, since, self.due_interval_s, "s", left > 0.0);
    }

    /// The largest batch up to the set one that could ever fit, its miners and its net step.
    fn size(&self, m: &Measured, cohort: usize, mv: Move, order: Order) -> Option<(Move, ShedPlan, f64, Option<u32>)> {
        let island = m.island_of_cohort(cohort);
        let (reading, memory) = (m.islands.get(island)?, self.islands.get(island)?);
        let fleets = self.fleets_of(m, island);
        let waiting_kw = self.delays.shed_kw(|c| m.island_of_cohort(c) == island);
        let cap = largest_step_kw(&self.policy, reading, mv.down());
        let rate = self.policy.gpus_per_s.floor().clamp(1.0, 1.0e9) as u32;
        let mut n = mv.n.min(rate);
        loop {
            let batch = Move { n, ..mv };
            let kw = batch.kw();
            let plan = match order {
                Order::GensetAlone => ShedPlan::default(),
                _ => shed::plan(&self.policy, &fleets, memory.balance_kw, kw, waiting_kw),
            };
            let net = if matches!(order, Order::GpusFirst(_)) { kw } else { kw - plan.kw };
            let largest = if order.apart() { kw.abs() } else { net.abs() };
            let largest = if order == Order::Together { net.max(0.0) } else { largest };
            if n <= 1 || largest <= cap + EPS {
                let reduced = (n < mv.n && mv.n > 1).then_some(mv.n);
                return Some((batch, plan, net, reduced));
            }
            let scaled = (f64::from(n) * cap / largest + 1e-9).floor().max(1.0) as u32;
            n = scaled.min(n - 1);
        }
    }
}
