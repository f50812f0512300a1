//! One control step of the [`Supervisor`]: settle, guard, release, confirm, admit, restore, tell.
//!
//! Units and promises: see [`super::supervisor`].

use super::admission::{EPS, Proposal, assess, late_gpus_fit};
use super::delay::Late;
use super::draft::Draft;
use super::interlock::Standing;
use super::phases::{Counts, Move, Next, steps, target_gpus};
use super::shed::{Confirm, Order, Progress, Shedder, units_for, units_in};
use super::supervisor::{CONTROL_PERIOD_S, Supervisor};
use super::{Action, Measured, Note, RunState};

/// Control steps after which a GPU or a shed that shows no effect no longer counts as on its way.
const PENDING_STEPS: u64 = 50;

impl Supervisor {
    /// One control step, every 100 ms.
    pub fn step(&mut self, m: &Measured, actions: &mut Vec<Action>, notes: &mut Vec<Note>) {
        self.now += 1;
        self.ledger.begin_step();
        self.standing = Standing::of(&self.policy, m, &self.windows);
        if self.standing.bad_measurement {
            self.hold_on_interlock();
            self.tell(notes);
            return;
        }
        let before = self.last.replace(*m);
        self.bucket.update(&self.policy, m, CONTROL_PERIOD_S);
        self.settle(before.as_ref(), m);
        self.counts = Counts::of(m);
        self.shed_now = 0;
        if self.policy.auto_shed {
            self.shed_excess(m, actions, notes);
        }
        self.start_by_itself(m, notes);
        if self.standing.holds(&self.policy) {
            self.hold_on_interlock();
        }
        self.release(m, actions, notes);
        self.confirm(m, actions, notes);
        self.admit(m, actions, notes);
        self.restore(m, actions, notes);
        self.hold_at_point();
        self.tell(notes);
    }

    fn hold_on_interlock(&mut self) {
        if matches!(self.state, RunState::Running | RunState::RampDown) {
            let words = self.standing.first().unwrap_or_default();
            self.enter_hold(format!("interlock: {words}"));
        }
    }

    /// Takes off what the feeders show of earlier commands.
    fn settle(&mut self, before: Option<&Measured>, m: &Measured) {
        let Some(b) = before else { return };
        let miners = m.miner_filtered_kw - b.miner_filtered_kw;
        self.gpu_pending.settle(m.gpu_kw - b.gpu_kw, self.now);
        self.shed_pending.settle(-miners, self.now);
        self.restore_pending.settle(miners, self.now);
    }

    fn shed_excess(&mut self, m: &Measured, actions: &mut Vec<Action>, notes: &mut Vec<Note>) {
        let Some((kw, window)) = self.auto_shed.excess_kw(&self.policy, &self.windows) else { return };
        notes.push(Note::Limit(format!("measured rise {kw:.1} kW past its limit in {window}: miners shed")));
        let units = units_for(kw, m.miner_unit_kw);
        self.command_shed(m, units, actions, notes);
    }

    fn start_by_itself(&mut self, m: &Measured, notes: &mut Vec<Note>) {
        let tick_s = if m.dt_s > 0.0 { m.dt_s } else { self.dt_s };
        let due = self.policy.start_at_s.is_some_and(|at| m.tick as f64 * tick_s >= at - 1e-9);
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
    fn release(&mut self, m: &Measured, actions: &mut Vec<Action>, notes: &mut Vec<Note>) {
        loop {
            let view = self.view(m);
            let may = |late: &Late| match late {
                Late::Gpu(mv, _) => late_gpus_fit(&view, mv.n, mv.kw()),
                Late::Shed(..) => true,
            };
            let Some(at) = self.delays.find_due(self.now, may) else { return };
            let Some(late) = self.delays.take(at) else { return };
            match late {
                Late::Gpu(mv, _) => self.command_gpus(mv, actions, notes),
                Late::Shed(units, _) => {
                    let missing = units - self.command_shed(m, units, actions, notes);
                    self.shed.book(-f64::from(missing) * m.miner_unit_kw, 0.0);
                }
            }
        }
    }

    /// Follows a shed that waits for its confirmation.
    fn confirm(&mut self, m: &Measured, actions: &mut Vec<Action>, notes: &mut Vec<Note>) {
        let progress = self.shed.watch(&self.policy, m, self.now);
        let Some(c) = self.shed.confirm().copied() else { return };
        let go = match progress {
            Progress::Confirmed => late_gpus_fit(&self.view(m), c.mv.n, c.mv.kw()),
            Progress::TimedOut(fell, asked) if !c.fallback => {
                let words = format!("miners fell {fell:.1} of {asked:.1} kW in {:.1} s", self.policy.confirm_timeout_s);
                if self.policy.confirm_fallback_ramp {
                    notes.push(Note::Limit(format!("{words}: batch goes on as Path A")));
                    self.shed.fall_back();
                } else if c.by_hand {
                    self.shed.finish(m, false);
                    notes.push(Note::Limit(format!("batch by hand stopped: {words}")));
                } else {
                    self.enter_hold(words);
                }
                false
            }
            _ => {
                c.fallback && {
                    let alone = Proposal { gpus: c.mv.n, net_kw: c.mv.kw(), late: true, ..Proposal::default() };
                    assess(&self.view(m), &alone).blocking().is_none()
                }
            }
        };
        if go {
            self.shed.finish(m, true);
            self.command_gpus(c.mv, actions, notes);
        }
    }

    /// Issues the next batch when it is due and every limit lets it.
    fn admit(&mut self, m: &Measured, actions: &mut Vec<Action>, notes: &mut Vec<Note>) {
        let by_hand = self.by_hand;
        let moves = matches!(self.state, RunState::Running | RunState::RampDown);
        if self.shed.confirm().is_some() || !(moves || by_hand) {
            return;
        }
        if moves {
            let (planned, goal) = (self.planned(), self.goal(m));
            self.phases.note(&self.policy, planned, goal, self.now);
            if self.next_move(m, false) == Next::Done {
                if self.delays.is_empty() {
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
        self.issue(m, &draft, actions, notes);
    }

    fn finish(&mut self, m: &Measured, notes: &mut Vec<Note>) {
        if self.state == RunState::RampDown {
            self.go(RunState::Down);
            return;
        }
        let (up, asked) = (self.counts.up(), target_gpus(&self.policy, m));
        if up < asked {
            notes.push(Note::Limit(format!("the fleet has {up} of {asked} GPUs")));
        }
        self.go(RunState::Complete);
    }

    fn issue(&mut self, m: &Measured, d: &Draft, actions: &mut Vec<Action>, notes: &mut Vec<Note>) {
        self.due = self.now + steps(d.mv.interval_s);
        self.due_interval_s = d.mv.interval_s;
        self.ledger.plan(d.mv.n);
        let by_hand = std::mem::take(&mut self.by_hand);
        match d.order {
            Order::GensetAlone => self.command_gpus(d.mv, actions, notes),
            Order::Confirmed if d.plan.units == 0 => {
                self.shed.book(0.0, d.plan.needed_kw);
                self.command_gpus(d.mv, actions, notes);
            }
            Order::Confirmed => {
                self.command_shed(m, d.plan.units, actions, notes);
                self.shed.wait(Confirm {
                    mv: d.mv,
                    needed_kw: d.plan.needed_kw,
                    asked_kw: d.plan.kw,
                    baseline_kw: m.miner_filtered_kw,
                    since: self.now,
                    held: 0,
                    by_hand,
                    fallback: false,
                });
            }
            Order::Together | Order::MinersFirst(_) => {
                self.shed.book(d.plan.kw, d.plan.needed_kw);
                self.command_shed(m, d.plan.units, actions, notes);
                match d.order {
                    Order::MinersFirst(lead) => self.delays.push(self.now + lead, Late::Gpu(d.mv, d.plan.needed_kw)),
                    _ => self.command_gpus(d.mv, actions, notes),
                }
            }
            Order::GpusFirst(lag) => {
                self.shed.book(d.plan.kw, d.plan.needed_kw);
                self.command_gpus(d.mv, actions, notes);
                if d.plan.units > 0 {
                    self.delays.push(self.now + lag, Late::Shed(d.plan.units, d.plan.kw));
                }
            }
        }
    }

    fn command_gpus(&mut self, mv: Move, actions: &mut Vec<Action>, notes: &mut Vec<Note>) {
        actions.push(Action::Gpu { n: mv.n, from: mv.from, to: mv.to });
        notes.push(if mv.down() { Note::BatchDown(mv.n, -mv.kw()) } else { Note::Batch(mv.n, mv.kw()) });
        self.counts.shift(mv.n, mv.from, mv.to);
        self.ledger.add(mv.kw(), mv.n);
        self.gpu_pending.push(mv.kw(), self.now + PENDING_STEPS);
    }

    /// Sheds units, as far as there are any; returns how many.
    fn command_shed(&mut self, m: &Measured, units: u32, actions: &mut Vec<Action>, notes: &mut Vec<Note>) -> u32 {
        let units = units.min(self.units_left(m));
        if units == 0 {
            return 0;
        }
        self.shed_now += units;
        let kw = f64::from(units) * m.miner_unit_kw;
        actions.push(Action::Shed { units });
        notes.push(Note::Shed(units, kw));
        self.shed.out(units);
        self.ledger.add(-kw, 0);
        self.shed_pending.push(kw, self.now + PENDING_STEPS);
        units
    }

    /// Units that could be shed and were not in this step.
    fn units_left(&self, m: &Measured) -> u32 {
        units_in(m.miner_available_kw, m.miner_unit_kw).saturating_sub(self.shed_now)
    }

    /// Brings miners back unit by unit under the same limits.
    fn restore(&mut self, m: &Measured, actions: &mut Vec<Action>, notes: &mut Vec<Note>) {
        if !Shedder::restores(&self.policy, self.state)
            || self.standing.holds(&self.policy)
            || self.shed.units_out() == 0
        {
            return;
        }
        let due = self.shed.restore_due(&self.policy, m, CONTROL_PERIOD_S);
        let fits = |units: &u32| {
            let p = Proposal { net_kw: f64::from(*units) * m.miner_unit_kw, ..Proposal::default() };
            assess(&self.view(m), &p).blocking().is_none()
        };
        let Some(units) = [due, due / 2, 1].into_iter().filter(|u| *u > 0 && *u <= due).find(fits) else { return };
        let kw = f64::from(units) * m.miner_unit_kw;
        actions.push(Action::Restore { units });
        notes.push(Note::Restore(units, kw));
        self.shed.back(units, kw);
        self.ledger.add(kw, 0);
        self.restore_pending.push(kw, self.now + steps(1.5 * m.miner_restore_s + 1.0));
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
        notes.push(match self.state {
            RunState::Hold => Note::Hold(self.hold_reason.clone().unwrap_or_default()),
            _ if from == RunState::Hold && self.state == self.resume_to => Note::Resume,
            state => Note::State(state),
        });
    }
}
