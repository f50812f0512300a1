//! One control step of the [`Supervisor`]: settle, guard, release, confirm, admit, restore, tell.
//!
//! Units and promises: see [`super::supervisor`].

use super::admission::{EPS, Proposal, assess, late_gpus_fit};
use super::delay::Late;
use super::draft::Draft;
use super::interlock::Standing;
use super::island::regroup;
use super::phases::{Counts, Next, steps};
use super::shed::{Confirm, Order, Progress, fallen_kw};
use super::supervisor::{CONTROL_PERIOD_S, Supervisor};
use super::{Change, Devices, Measured, Note, RunState};

impl Supervisor {
    /// One control step, every 100 ms.
    pub fn step(&mut self, m: &Measured, devices: &mut dyn Devices, notes: &mut Vec<Note>) {
        self.now += 1;
        regroup(&mut self.islands, &m.islands);
        self.bad_measurement = !m.is_finite();
        for (island, r) in self.islands.iter_mut().zip(&m.islands) {
            island.ledger.begin_step();
            island.standing = Standing::of(&self.policy, r, m.f0_hz, &island.windows);
            if !self.bad_measurement {
                island.bucket.update(&self.policy, r, CONTROL_PERIOD_S);
            }
        }
        if self.bad_measurement {
            self.hold_on_interlock(0);
            self.tell(notes);
            return;
        }
        self.settle(m);
        let lost = self.watch_supplies(m);
        self.last.copy_from(m);
        self.count(m);
        self.cancel_without_supply(m);
        if self.policy.auto_shed {
            self.shed_excess(m, devices, notes);
        }
        self.start_by_itself(m, notes);
        self.go_on_with_supply(m);
        let served = self.served_island(m);
        if self.islands.get(served).is_some_and(|i| i.standing.holds(&self.policy)) && m.is_alive(served) {
            self.hold_on_interlock(served);
        }
        self.release(m, devices, notes);
        self.confirm(m, devices, notes);
        self.admit(m, devices, notes);
        if lost {
            self.end_if_lost(m);
        }
        self.move_caps(m, devices, notes);
        self.restore(m, devices, notes);
        self.track(m, devices, notes);
        self.hold_at_point();
        self.tell(notes);
    }

    fn hold_on_interlock(&mut self, island: usize) {
        if matches!(self.state, RunState::Running | RunState::RampDown) {
            let words = self.interlock_words(island).unwrap_or_default();
            self.enter_hold(format!("{}{words}", super::supervisor::BY_INTERLOCK));
        }
    }

    /// Takes off what the feeders show of earlier commands.
    fn settle(&mut self, m: &Measured) {
        for ((c, was), r) in self.cohorts.iter_mut().zip(&self.last.cohorts).zip(&m.cohorts) {
            c.pending.settle(r.kw - was.kw, self.now);
        }
        for ((f, was), r) in self.fleets.iter_mut().zip(&self.last.fleets).zip(&m.fleets) {
            let rise = r.filtered_kw - was.filtered_kw;
            f.shed_pending.settle(-rise, self.now);
            f.restore_pending.settle(rise, self.now);
        }
    }

    /// Takes the counts as measured, and what was commanded and is not answered yet as done.
    fn count(&mut self, m: &Measured) {
        for (c, r) in self.cohorts.iter_mut().zip(&m.cohorts) {
            c.counts = Counts::of(r);
        }
        for action in &self.unanswered {
            if let Change::Gpus { cohort, from, to } = action.change
                && let Some(c) = self.cohorts.get_mut(cohort)
            {
                c.counts.shift(action.n, from, to);
            }
        }
        self.fleets.iter_mut().for_each(|f| f.taken = 0);
    }

    /// Notes cohorts whose bus died while the schedule had GPUs on them or was about to; whether the schedule may end by
    /// that.
    fn watch_supplies(&mut self, m: &Measured) -> bool {
        let moves = matches!(self.state, RunState::Running | RunState::RampDown);
        if !moves && !matches!(self.state, RunState::Hold | RunState::Complete) {
            return false;
        }
        let served = self.served(&self.last, self.goes_down(), true).map(|w| w.cohort).filter(|_| moves);
        for (i, c) in self.cohorts.iter_mut().enumerate() {
            let died = self.last.is_alive(self.last.island_of_cohort(i)) && !m.is_alive(m.island_of_cohort(i));
            let scheduled = m.cohorts.get(i).is_some_and(|r| r.scheduled);
            c.lost |= died && scheduled && (c.counts.up() > 0 || served == Some(i));
        }
        self.cohorts.iter().any(|c| c.lost)
    }

    /// Drops what is planned for cohorts that have no power now.
    fn cancel_without_supply(&mut self, m: &Measured) {
        for cohort in (0..m.cohorts.len()).filter(|c| !m.is_fed(*c)) {
            self.cancel_adds_of(Some(cohort));
        }
    }

    /// A hold that waits for a supply ends when there is something to do that has power.
    fn go_on_with_supply(&mut self, m: &Measured) {
        let waits = self.state == RunState::Hold && self.waits_for_supply;
        if waits && (self.served(m, self.goes_down(), true).is_some() || self.without_supply(m, false).is_none()) {
            self.go(self.resume_to);
        }
    }

    /// The schedule is lost when a cohort is and nothing else is left to do.
    fn end_if_lost(&mut self, m: &Measured) {
        let active = matches!(
            self.state,
            RunState::Running | RunState::RampDown | RunState::Hold | RunState::Complete | RunState::Down
        );
        if !active || self.served(m, self.goes_down(), true).is_some() {
            return;
        }
        let Some(cohort) = self.cohorts.iter().position(|c| c.lost) else { return };
        self.cancel_adds();
        self.go(RunState::Lost);
        let name = self.names.cohorts.get(cohort).map_or("GPUs", String::as_str);
        self.hold_reason = Some(self.at_island(m.island_of_cohort(cohort), format!("bus dead under {name}")));
    }

    fn shed_excess(&mut self, m: &Measured, devices: &mut dyn Devices, notes: &mut Vec<Note>) {
        for island in 0..self.islands.len() {
            let memory = &mut self.islands[island];
            let Some((kw, window)) = memory.auto_shed.excess_kw(&self.policy, &memory.windows) else { continue };
            let words = format!("measured rise {kw:.1} kW past its limit in {window}: miners shed");
            notes.push(Note::Limit(self.at_island(island, words)));
            self.command_shed(m, island, kw, devices, notes);
        }
    }

    fn start_by_itself(&mut self, m: &Measured, notes: &mut Vec<Note>) {
        let due = self.policy.start_at_s.is_some_and(|at| m.tick as f64 * m.dt_s >= at - 1e-9);
        if !due || self.state != RunState::Idle || self.by_hand || self.shed.confirm().is_some() {
            return;
        }
        if let Err(refusal) = self.start()
            && !self.told_start
        {
            self.told_start = true;
            notes.push(Note::Limit(format!("start refused: {refusal}")));
        }
    }

    /// Sends delayed halves of batches that are due; GPUs wait while their own step does not fit.
    fn release(&mut self, m: &Measured, devices: &mut dyn Devices, notes: &mut Vec<Note>) {
        loop {
            let may = |late: &Late| match *late {
                Late::Gpu { cohort, mv, .. } => {
                    let view = self.view(m, m.island_of_cohort(cohort));
                    view.is_some_and(|view| late_gpus_fit(&view, mv.n, mv.kw()))
                }
                Late::Shed { .. } => true,
            };
            let Some(at) = self.delays.find_due(self.now, may) else { return };
            let Some(late) = self.delays.take(at) else { return };
            match late {
                Late::Gpu { cohort, mv, .. } => self.command_gpus(cohort, mv, devices, notes),
                Late::Shed { cohort, kw } => {
                    let island = m.island_of_cohort(cohort);
                    let given_kw = self.command_shed(m, island, kw, devices, notes);
                    self.book(island, given_kw - kw);
                }
            }
        }
    }

    /// Books kW in the balance of an island's miners.
    pub(super) fn book(&mut self, island: usize, kw: f64) {
        if let Some(i) = self.islands.get_mut(island) {
            i.balance_kw += kw;
        }
    }

    /// Follows a shed that waits for its confirmation.
    fn confirm(&mut self, m: &Measured, devices: &mut dyn Devices, notes: &mut Vec<Note>) {
        let fell_kw = fallen_kw(&m.fleets, &self.fleets);
        let (late, progress) = self.shed.watch(&self.policy, fell_kw, self.now);
        if let Some((cohort, kw)) = late {
            self.book(m.island_of_cohort(cohort), kw);
        }
        let Some(c) = self.shed.confirm().copied() else { return };
        let Some(view) = self.view(m, m.island_of_cohort(c.cohort)) else { return };
        let go = match progress {
            Progress::Confirmed => late_gpus_fit(&view, c.mv.n, c.mv.kw()),
            Progress::TimedOut(fell, asked) if !c.fallback => {
                let words = format!("miners fell {fell:.1} of {asked:.1} kW in {:.1} s", self.policy.confirm_timeout_s);
                if self.policy.confirm_fallback_ramp {
                    notes.push(Note::Limit(format!("{words}: batch goes on as Path A")));
                    self.shed.fall_back();
                } else if c.by_hand {
                    self.end_wait(m, fell_kw, false);
                    notes.push(Note::Limit(format!("batch by hand stopped: {words}")));
                } else {
                    self.enter_hold(words);
                }
                false
            }
            _ => {
                c.fallback && {
                    let alone = Proposal { gpus: c.mv.n, net_kw: c.mv.kw(), late: true, ..Proposal::default() };
                    assess(&view, &alone).blocking().is_none()
                }
            }
        };
        if go {
            self.end_wait(m, fell_kw, true);
            self.command_gpus(c.cohort, c.mv, devices, notes);
        }
    }

    fn end_wait(&mut self, m: &Measured, fell_kw: f64, admitted: bool) {
        if let Some((cohort, kw)) = self.shed.finish(fell_kw, admitted) {
            self.book(m.island_of_cohort(cohort), kw);
        }
    }

    /// Issues the next batch when it is due and every limit lets it.
    fn admit(&mut self, m: &Measured, devices: &mut dyn Devices, notes: &mut Vec<Note>) {
        let by_hand = self.by_hand;
        let moves = matches!(self.state, RunState::Running | RunState::RampDown);
        if self.shed.confirm().is_some() || !(moves || by_hand) {
            return;
        }
        if moves {
            for cohort in 0..self.cohorts.len() {
                let (planned, goal) = (self.planned(cohort), self.goal(m, cohort));
                self.cohorts[cohort].phases.note(&self.policy, planned, goal, self.now);
            }
            if self.served(m, self.goes_down(), false).is_none() {
                if let Some(cohort) = self.without_supply(m, self.goes_down()) {
                    self.enter_hold(self.supply_words(m, cohort));
                    self.waits_for_supply = true;
                } else if self.delays.is_empty() && self.unanswered.is_empty() {
                    self.finish(m, notes);
                }
                return;
            }
        }
        let Some(draft) = self.draft(m, by_hand) else { return };
        if let Some(u) = draft.limits.blocking() {
            if by_hand {
                self.by_hand = false;
                notes.push(Note::Limit(format!(
                    "batch by hand refused: {} {:.1} of {:.1} {}",
                    u.id.name(),
                    u.now,
                    u.limit,
                    u.unit
                )));
            }
            return;
        }
        if let Some(set) = draft.reduced_from.filter(|_| !self.told_reduced) {
            self.told_reduced = true;
            notes.push(Note::Limit(format!("a batch of {set} GPUs can never fit: {} are used", draft.mv.n)));
        }
        self.issue(m, &draft, devices, notes);
    }

    fn finish(&mut self, m: &Measured, notes: &mut Vec<Note>) {
        if self.state == RunState::RampDown {
            self.go(RunState::Down);
            return;
        }
        let ([up, _], asked) = (self.up_and_goal(m), self.asked_gpus(m));
        if up < asked {
            notes.push(Note::Limit(format!("the fleet has {up} of {asked} GPUs")));
        }
        self.go(RunState::Complete);
    }

    fn issue(&mut self, m: &Measured, d: &Draft, devices: &mut dyn Devices, notes: &mut Vec<Note>) {
        let island = m.island_of_cohort(d.cohort);
        self.due = self.now + steps(d.mv.interval_s);
        self.due_interval_s = d.mv.interval_s;
        if let Some(i) = self.islands.get_mut(island) {
            i.ledger.plan(d.mv.n);
        }
        let by_hand = std::mem::take(&mut self.by_hand);
        match d.order {
            Order::GensetAlone => self.command_gpus(d.cohort, d.mv, devices, notes),
            Order::Confirmed if d.plan.kw <= 0.0 => {
                self.book(island, -d.plan.needed_kw);
                self.command_gpus(d.cohort, d.mv, devices, notes);
            }
            Order::Confirmed => {
                let asked_kw = self.command_watched_shed(m, island, &d.plan.units, devices, notes);
                self.shed.wait(Confirm {
                    cohort: d.cohort,
                    mv: d.mv,
                    needed_kw: d.plan.needed_kw,
                    asked_kw,
                    since: self.now,
                    held: 0,
                    by_hand,
                    fallback: false,
                });
            }
            Order::Together | Order::MinersFirst(_) => {
                let given_kw = self.command_units(m, island, &d.plan.units, devices, notes);
                self.book(island, given_kw - d.plan.needed_kw);
                match d.order {
                    Order::MinersFirst(lead) => {
                        let late = Late::Gpu { cohort: d.cohort, mv: d.mv, needed_kw: d.plan.needed_kw };
                        self.delays.push(self.now + lead, late);
                    }
                    _ => self.command_gpus(d.cohort, d.mv, devices, notes),
                }
            }
            Order::GpusFirst(lag) => {
                self.book(island, d.plan.kw - d.plan.needed_kw);
                self.command_gpus(d.cohort, d.mv, devices, notes);
                if d.plan.kw > 0.0 {
                    self.delays.push(self.now + lag, Late::Shed { cohort: d.cohort, kw: d.plan.kw });
                }
            }
        }
    }

    /// Holds once at each hold point that the commanded GPU power reaches.
    fn hold_at_point(&mut self) {
        let commanded = self.commanded_gpu_kw();
        self.point_kw = self.point_kw.min(commanded.max(0.0));
        if self.state != RunState::Running {
            return;
        }
        let reached = |p: &f64| *p > self.point_kw + EPS && *p <= commanded + EPS;
        let highest = self.policy.hold_points_kw.iter().copied().filter(reached).reduce(f64::max);
        if let Some(point) = highest {
            self.enter_hold(format!("hold point {point:.1} kW"));
            self.point_kw = point;
        }
    }

    /// Puts a change of state on the record.
    fn tell(&mut self, notes: &mut Vec<Note>) {
        if self.told == self.state {
            return;
        }
        let from = std::mem::replace(&mut self.told, self.state);
        let reason = || self.hold_reason.clone().unwrap_or_default();
        notes.push(match self.state {
            RunState::Hold => Note::Hold(reason()),
            RunState::Lost => Note::Lost(reason()),
            _ if from == RunState::Hold && self.state == self.resume_to => Note::Resume,
            state => Note::State(state),
        });
    }

    /// Whether the schedule waits for the end of a checkpoint, and until which control step.
    pub(super) fn checkpoint(&self, m: &Measured) -> Option<(usize, u64)> {
        match self.served(m, self.goes_down(), false)? {
            super::draft::Work { cohort, next: Next::Checkpoint(until) } => Some((cohort, until)),
            _ => None,
        }
    }
}
