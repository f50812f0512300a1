//! The supervisor: one schedule over admission, phases, shed policy and interlocks, each island by its own measurements.
//!
//! The engine calls [`Supervisor::sample`] every 10 ms with the islands as measured and [`Supervisor::step`] every 100 ms; a
//! step reads [`Measured`], commands [`Devices`](super::Devices), books what they answer and appends notes. The schedule
//! serves the scheduled cohorts in their order: the target fills the first, what is left the next. A cohort behind an open
//! breaker or on a dead bus is passed over; when nothing else is left to do the schedule holds with that reason, and goes on
//! by itself when the supply is there. A cohort whose bus dies under it is lost, and the schedule then ends as lost.
//!
//! It has no clock, thread, file or randomness, so a clone is a snapshot. A step that issues nothing allocates nothing.
//! Powers in kW, times in seconds; inside, control steps of 100 ms.
//! Source: operational model 5, 6, 8.2.3, 11; design 5.1.10 to 12.

use std::sync::Arc;

use super::cohort::CohortMemory;
use super::delay::Delays;
use super::fleet::FleetMemory;
use super::io::{Action, IslandReading, Names};
use super::island::{IslandMemory, regroup};
use super::policy::AbortAction;
use super::shed::{Shedder, fallen_kw, restores};
use super::track::Tracker;
use super::{LimitId, Measured, Policy, Refusal, RunState, ShedMode};

/// Seconds of a control step.
pub const CONTROL_PERIOD_S: f64 = 0.1;

/// What the reason of a hold begins with when an interlock is the reason.
pub(super) const BY_INTERLOCK: &str = "interlock: ";

/// Supervisory control of one bring-up.
#[derive(Clone, Debug)]
pub struct Supervisor {
    pub(super) policy: Policy,
    pub(super) names: Arc<Names>,
    /// Control steps since the beginning.
    pub(super) now: u64,
    pub(super) state: RunState,
    /// Where RESUME goes.
    pub(super) resume_to: RunState,
    /// State that the record knows.
    pub(super) told: RunState,
    pub(super) hold_reason: Option<String>,
    /// The hold ends by itself when the cohort that it waits for has power.
    pub(super) waits_for_supply: bool,
    pub(super) islands: Vec<IslandMemory>,
    pub(super) cohorts: Vec<CohortMemory>,
    pub(super) fleets: Vec<FleetMemory>,
    /// Measurement of the last step; it has no islands before the first.
    pub(super) last: Measured,
    /// The last measurement had a value that is no number.
    pub(super) bad_measurement: bool,
    pub(super) shed: Shedder,
    pub(super) delays: Delays,
    /// Units of each fleet that take part in the last shed.
    pub(super) shares: Vec<(usize, u32)>,
    /// Commands that nobody has answered yet.
    pub(super) unanswered: Vec<Action>,
    /// Control step from which the next batch is due, and the interval that it ends.
    pub(super) due: u64,
    pub(super) due_interval_s: f64,
    /// One batch was asked for by hand.
    pub(super) by_hand: bool,
    /// Highest hold point that has held.
    pub(super) point_kw: f64,
    pub(super) told_reduced: bool,
    pub(super) told_start: bool,
    /// What is remembered of a plan that miners follow.
    pub(super) tracker: Tracker,
    /// The shed policy that comes back when no plan is followed any more.
    pub(super) shed_mode_before: ShedMode,
}

impl Supervisor {
    /// Idle control of a plant with these parts.
    #[must_use]
    pub fn new(policy: Policy, names: Arc<Names>) -> Self {
        Self {
            policy,
            cohorts: vec![CohortMemory::default(); names.cohorts.len()],
            fleets: vec![FleetMemory::default(); names.fleets.len()],
            names,
            now: 0,
            state: RunState::Idle,
            resume_to: RunState::Running,
            told: RunState::Idle,
            hold_reason: None,
            waits_for_supply: false,
            islands: Vec::new(),
            last: Measured::default(),
            bad_measurement: false,
            shed: Shedder::default(),
            delays: Delays::default(),
            shares: Vec::new(),
            unanswered: Vec::new(),
            due: 0,
            due_interval_s: 0.0,
            by_hand: false,
            point_kw: 0.0,
            told_reduced: false,
            told_start: false,
            tracker: Tracker::default(),
            shed_mode_before: ShedMode::MatchConfirmed,
        }
    }

    /// A sample of the islands' power, every 10 ms; of each reading it takes section, `battery_alone`, `kw` and `regrouped_kw`.
    pub fn sample(&mut self, islands: &[IslandReading]) {
        regroup(&mut self.islands, islands);
        for (memory, r) in self.islands.iter_mut().zip(islands) {
            memory.rebase(r.regrouped_kw);
            memory.windows.push(r.kw);
        }
    }

    /// State of the schedule.
    #[must_use]
    pub fn state(&self) -> RunState {
        self.state
    }

    /// Why it holds, or how it was lost.
    #[must_use]
    pub fn hold_reason(&self) -> Option<&str> {
        self.hold_reason.as_deref()
    }

    /// Whether it holds because an interlock stood.
    #[must_use]
    pub fn is_held_by_interlock(&self) -> bool {
        let by = self.hold_reason.as_deref().is_some_and(|why| why.starts_with(BY_INTERLOCK));
        self.state == RunState::Hold && by
    }

    /// The policy in force.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// STEP NOW of an island: level and capacity, kW; 0 for an island that there is not.
    #[must_use]
    pub fn step_now_kw(&self, island: usize) -> [f64; 2] {
        self.islands.get(island).map_or([0.0; 2], |i| [i.bucket.level_kw(), i.bucket.capacity_kw()])
    }

    /// GPU power that is commanded, kW: the sum over all scheduled cohorts.
    #[must_use]
    pub fn commanded_gpu_kw(&self) -> f64 {
        let cohorts = self.last.cohorts.iter().zip(&self.cohorts).filter(|(r, _)| r.scheduled);
        cohorts.map(|(r, c)| c.counts.kw(r)).sum()
    }

    /// Miner units that control has off: the sum over all fleets.
    #[must_use]
    pub fn commanded_shed_units(&self) -> u32 {
        self.fleets.iter().map(|f| f.units_out).sum()
    }

    /// Miner kW that control has off, by nameplate: the sum over all fleets.
    #[must_use]
    pub fn commanded_shed_kw(&self) -> f64 {
        self.last.fleets.iter().zip(&self.fleets).map(|(r, f)| f64::from(f.units_out) * r.unit_kw).sum()
    }

    /// START: adds batches until the target is reached.
    ///
    /// # Errors
    /// [`Refusal::WrongState`] unless idle, aborted, down or lost; [`Refusal::Interlock`] while one stands, or while nothing
    /// of what is to be started has power.
    pub fn start(&mut self) -> Result<(), Refusal> {
        if !matches!(self.state, RunState::Idle | RunState::Aborted | RunState::Down | RunState::Lost) {
            return Err(self.wrong_state("start"));
        }
        self.check_interlocks(false)?;
        for i in &mut self.islands {
            if matches!(self.state, RunState::Down | RunState::Lost) {
                i.balance_kw = 0.0;
            }
        }
        if matches!(self.state, RunState::Down | RunState::Lost) {
            self.shed.forget_tail();
        }
        for (memory, r) in self.islands.iter_mut().zip(&self.last.islands) {
            memory.start_kw = r.kw;
        }
        for c in &mut self.cohorts {
            c.phases.reset();
            c.lost = false;
        }
        self.point_kw = self.commanded_gpu_kw();
        self.told_reduced = false;
        self.go(RunState::Running);
        Ok(())
    }

    /// HOLD: no further batch in either direction, no restore; what is on its way arrives. A hold that waits for a supply
    /// becomes one that waits for RESUME.
    ///
    /// # Errors
    /// [`Refusal::WrongState`] when nothing moves.
    pub fn hold(&mut self, reason: impl Into<String>) -> Result<(), Refusal> {
        let restoring = restores(&self.policy, self.state) && self.commanded_shed_units() > 0;
        if self.state == RunState::Hold && self.waits_for_supply {
            self.waits_for_supply = false;
            self.hold_reason = Some(reason.into());
            return Ok(());
        }
        if !matches!(self.state, RunState::Running | RunState::RampDown) && !restoring {
            return Err(self.wrong_state("hold"));
        }
        self.enter_hold(reason.into());
        Ok(())
    }

    /// RESUME after a hold.
    ///
    /// # Errors
    /// [`Refusal::WrongState`] unless held; [`Refusal::Interlock`] while one stands.
    pub fn resume(&mut self) -> Result<(), Refusal> {
        if self.state != RunState::Hold {
            return Err(self.wrong_state("resume"));
        }
        self.check_interlocks(self.goes_down())?;
        self.go(self.resume_to);
        Ok(())
    }

    /// ABORT: stops adds, and follows the abort policy.
    ///
    /// # Errors
    /// [`Refusal::WrongState`] when there is nothing to abort.
    pub fn abort(&mut self) -> Result<(), Refusal> {
        if matches!(self.state, RunState::Idle | RunState::Aborted | RunState::Down | RunState::Lost) {
            return Err(self.wrong_state("abort"));
        }
        self.cancel_adds();
        self.go(match self.policy.abort {
            AbortAction::Keep => RunState::Aborted,
            AbortAction::RampDown => RunState::RampDown,
        });
        Ok(())
    }

    /// Clean ramp-down of all GPUs of the schedule, under the same limits downwards.
    ///
    /// # Errors
    /// [`Refusal::WrongState`] when it goes down or is down.
    pub fn ramp_down(&mut self) -> Result<(), Refusal> {
        if matches!(self.state, RunState::RampDown | RunState::Down) {
            return Err(self.wrong_state("ramp-down"));
        }
        self.cancel_adds();
        self.go(RunState::RampDown);
        Ok(())
    }

    /// NEXT BATCH: exactly one batch by hand, at the next step, under the same limits but not the interval's pace.
    ///
    /// # Errors
    /// [`Refusal::WrongState`] unless held, idle or aborted; [`Refusal::Interlock`] while one stands;
    /// [`Refusal::Limit`] with the limit that refuses the batch.
    pub fn next_batch(&mut self) -> Result<(), Refusal> {
        if !matches!(self.state, RunState::Hold | RunState::Idle | RunState::Aborted) {
            return Err(self.wrong_state("next batch"));
        }
        self.check_interlocks(self.goes_down())?;
        if self.last.islands.is_empty() {
            return Err(Refusal::Interlock("nothing is measured yet".to_owned()));
        }
        if self.shed.confirm().is_some() || self.by_hand {
            return Err(Refusal::Limit(LimitId::Confirm.name(), 1.0, 0.0, "batch on its way"));
        }
        let Some(draft) = self.draft(&self.last, true) else {
            let [up, goal] = self.up_and_goal(&self.last);
            return Err(Refusal::Limit(LimitId::Fleet.name(), f64::from(up), f64::from(goal), "GPU"));
        };
        if let Some(u) = draft.limits.blocking() {
            return Err(Refusal::Limit(u.id.name(), u.now, u.limit, u.unit));
        }
        self.by_hand = true;
        Ok(())
    }

    /// Enters a state that is neither HOLD nor lost.
    pub(super) fn go(&mut self, state: RunState) {
        self.state = state;
        self.hold_reason = None;
        self.waits_for_supply = false;
        self.by_hand = false;
    }

    /// Enters HOLD.
    pub(super) fn enter_hold(&mut self, reason: String) {
        self.resume_to = self.state;
        self.state = RunState::Hold;
        self.hold_reason = Some(reason);
        self.waits_for_supply = false;
        self.cancel_adds();
    }

    /// Drops GPU adds that are planned and not out; miners that were shed for them stay as credit.
    pub(super) fn cancel_adds(&mut self) {
        self.by_hand = false;
        self.cancel_adds_of(None);
    }

    /// As [`Self::cancel_adds`], of one cohort or (`None`) of all.
    pub(super) fn cancel_adds_of(&mut self, cohort: Option<usize>) {
        let (islands, last) = (&mut self.islands, &self.last);
        let mut book = |cohort: usize, kw: f64| {
            if let Some(i) = islands.get_mut(last.island_of_cohort(cohort)) {
                i.balance_kw += kw;
            }
        };
        self.delays.cancel_gpus(cohort, &mut book);
        let waits = self.shed.confirm().is_some_and(|c| cohort.is_none_or(|of| of == c.cohort));
        if waits && let Some((cohort, kw)) = self.shed.finish(fallen_kw(&last.fleets, &self.fleets), false) {
            book(cohort, kw);
        }
    }

    /// Refuses by what stands at the island of the next batch, or by what keeps power from all that is left to do.
    fn check_interlocks(&self, down: bool) -> Result<(), Refusal> {
        let m = &self.last;
        let (served, waiting) = (self.served(m, down, true), self.without_supply(m, down));
        if let (None, Some(cohort)) = (&served, waiting) {
            return Err(Refusal::Interlock(self.supply_words(m, cohort)));
        }
        let first = || m.cohorts.iter().find(|c| c.scheduled).map_or(0, |c| c.island);
        let island = served.map_or_else(first, |w| m.island_of_cohort(w.cohort));
        self.interlock_words(island).map_or(Ok(()), |words| Err(Refusal::Interlock(words)))
    }

    /// The first interlock of an island in words, with the island's name where there are several.
    pub(super) fn interlock_words(&self, island: usize) -> Option<String> {
        if self.bad_measurement {
            return Some("a measured value is not a number".to_owned());
        }
        self.islands.get(island)?.standing.first().map(|words| self.at_island(island, words))
    }

    /// Puts the name of an island before words, where there are several.
    pub(super) fn at_island(&self, island: usize, words: String) -> String {
        match self.island_name(island) {
            Some(name) => format!("{name}: {words}"),
            None => words,
        }
    }

    /// The name of an island, that of its lowest section, where the plant has several sections.
    pub(super) fn island_name(&self, island: usize) -> Option<&str> {
        let section = self.last.islands.get(island)?.section;
        self.names.sections.get(section).filter(|_| self.names.sections.len() > 1).map(String::as_str)
    }

    /// What keeps power from a cohort, in words.
    pub(super) fn supply_words(&self, m: &Measured, cohort: usize) -> String {
        let open = m.cohorts.get(cohort).is_some_and(|c| !c.closed);
        let alive = m.is_alive(m.island_of_cohort(cohort));
        match self.names.cohorts.get(cohort) {
            Some(name) if open => format!("52C {name} open"),
            Some(name) if alive => format!("supplies of {name} dropped out"),
            _ => self.at_island(m.island_of_cohort(cohort), "bus dead".to_owned()),
        }
    }

    fn wrong_state(&self, command: &'static str) -> Refusal {
        let state = crate::plant::signals::SCHEDULE_STATES.get(self.state.code()).copied().unwrap_or("unknown");
        Refusal::WrongState { command, state }
    }
}
