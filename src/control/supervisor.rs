//! The supervisor: one state machine over admission, phases, shed policy and interlocks.
//!
//! The engine calls [`Supervisor::sample`] every 10 ms with genset kW and [`Supervisor::step`] every 100 ms; a step reads
//! [`Measured`] and appends actions and notes. It never touches a device, and it has no clock, thread, file or
//! randomness, so a clone is a snapshot. A step that issues nothing allocates nothing. Powers in kW, times in seconds;
//! inside, control steps of 100 ms. GPU counts in `Measured` are taken as *commanded*: a GPU that was told to start counts
//! in its new phase at the next step.
//! Source: operational model 5, 6, 11; design 5.1.10 to 12.

use super::bucket::Bucket;
use super::delay::Delays;
use super::interlock::{AutoShed, Standing};
use super::ledger::Ledger;
use super::pending::Pending;
use super::phases::{Counts, Phases};
use super::policy::AbortAction;
use super::shed::Shedder;
use super::window::Windows;
use super::{LimitId, Measured, Policy, Refusal, RunState};

/// Seconds of a control step.
pub const CONTROL_PERIOD_S: f64 = 0.1;

/// Supervisory control of one bring-up.
#[derive(Clone, Debug)]
pub struct Supervisor {
    pub(super) policy: Policy,
    pub(super) dt_s: f64,
    /// Control steps since the beginning.
    pub(super) now: u64,
    pub(super) state: RunState,
    /// Where RESUME goes.
    pub(super) resume_to: RunState,
    /// State that the record knows.
    pub(super) told: RunState,
    pub(super) hold_reason: Option<String>,
    pub(super) windows: Windows,
    pub(super) ledger: Ledger,
    pub(super) bucket: Bucket,
    pub(super) gpu_pending: Pending,
    pub(super) shed_pending: Pending,
    pub(super) restore_pending: Pending,
    /// Measurement of the last step.
    pub(super) last: Option<Measured>,
    pub(super) standing: Standing,
    pub(super) auto_shed: AutoShed,
    pub(super) phases: Phases,
    pub(super) shed: Shedder,
    pub(super) delays: Delays,
    /// Units that were shed in the present step.
    pub(super) shed_now: u32,
    /// GPUs as commanded up to now.
    pub(super) counts: Counts,
    /// Control step from which the next batch is due, and the interval that it ends.
    pub(super) due: u64,
    pub(super) due_interval_s: f64,
    /// One batch was asked for by hand.
    pub(super) by_hand: bool,
    /// Highest hold point that has held.
    pub(super) point_kw: f64,
    pub(super) told_reduced: bool,
    pub(super) told_start: bool,
}

impl Supervisor {
    /// Idle control with this policy. `dt_s` is the plant's tick in seconds.
    #[must_use]
    pub fn new(policy: Policy, dt_s: f64) -> Self {
        Self {
            policy,
            dt_s,
            now: 0,
            state: RunState::Idle,
            resume_to: RunState::Running,
            told: RunState::Idle,
            hold_reason: None,
            windows: Windows::new(),
            ledger: Ledger::default(),
            bucket: Bucket::default(),
            gpu_pending: Pending::default(),
            shed_pending: Pending::default(),
            restore_pending: Pending::default(),
            last: None,
            standing: Standing::default(),
            auto_shed: AutoShed::default(),
            phases: Phases::default(),
            shed: Shedder::default(),
            delays: Delays::default(),
            shed_now: 0,
            counts: Counts::default(),
            due: 0,
            due_interval_s: 0.0,
            by_hand: false,
            point_kw: 0.0,
            told_reduced: false,
            told_start: false,
        }
    }

    /// A sample of total genset power, every 10 ms.
    pub fn sample(&mut self, gen_kw: f64) {
        self.windows.push(gen_kw);
    }

    /// State of the schedule.
    #[must_use]
    pub fn state(&self) -> RunState {
        self.state
    }

    /// Why it holds, when it holds.
    #[must_use]
    pub fn hold_reason(&self) -> Option<&str> {
        self.hold_reason.as_deref()
    }

    /// The policy in force.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// STEP NOW: level and capacity, kW.
    #[must_use]
    pub fn step_now_kw(&self) -> [f64; 2] {
        [self.bucket.level_kw(), self.bucket.capacity_kw()]
    }

    /// GPU power that is commanded, kW.
    #[must_use]
    pub fn commanded_gpu_kw(&self) -> f64 {
        self.last.map_or(0.0, |m| self.counts.kw(&m))
    }

    /// Miner units that control has off.
    #[must_use]
    pub fn commanded_shed_units(&self) -> u32 {
        self.shed.units_out()
    }

    /// Miner kW that control has off, by nameplate.
    #[must_use]
    pub fn commanded_shed_kw(&self) -> f64 {
        self.last.map_or(0.0, |m| f64::from(self.shed.units_out()) * m.miner_unit_kw)
    }

    /// START: adds batches until the target is reached.
    ///
    /// # Errors
    /// [`Refusal::WrongState`] unless idle, aborted or down; [`Refusal::Interlock`] while one stands.
    pub fn start(&mut self) -> Result<(), Refusal> {
        if !matches!(self.state, RunState::Idle | RunState::Aborted | RunState::Down) {
            return Err(self.wrong_state("start"));
        }
        self.check_interlocks()?;
        if self.state == RunState::Down {
            self.shed.clear_balance();
        }
        self.phases.reset();
        self.point_kw = self.commanded_gpu_kw();
        self.told_reduced = false;
        self.go(RunState::Running);
        Ok(())
    }

    /// HOLD: no further batch in either direction, no restore; what is on its way arrives.
    ///
    /// # Errors
    /// [`Refusal::WrongState`] when nothing moves.
    pub fn hold(&mut self, reason: impl Into<String>) -> Result<(), Refusal> {
        let restoring = Shedder::restores(&self.policy, self.state) && self.shed.units_out() > 0;
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
        self.check_interlocks()?;
        self.go(self.resume_to);
        Ok(())
    }

    /// ABORT: stops adds, and follows the abort policy.
    ///
    /// # Errors
    /// [`Refusal::WrongState`] when there is nothing to abort.
    pub fn abort(&mut self) -> Result<(), Refusal> {
        if matches!(self.state, RunState::Idle | RunState::Aborted | RunState::Down) {
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
        self.check_interlocks()?;
        let Some(m) = self.last else { return Err(Refusal::Interlock("nothing is measured yet".to_owned())) };
        if self.shed.confirm().is_some() || self.by_hand {
            return Err(Refusal::Limit(LimitId::Confirm.name(), 1.0, 0.0, "batch on its way"));
        }
        match self.draft(&m, true) {
            None => Err(Refusal::Limit(LimitId::Fleet.name(), f64::from(self.counts.up()), self.goal_f64(&m), "GPU")),
            Some(draft) => {
                if let Some(u) = draft.limits.blocking() {
                    return Err(Refusal::Limit(u.id.name(), u.now, u.limit, u.unit));
                }
                self.by_hand = true;
                Ok(())
            }
        }
    }

    /// Enters a state that is not HOLD.
    pub(super) fn go(&mut self, state: RunState) {
        self.state = state;
        self.hold_reason = None;
        self.by_hand = false;
    }

    /// Enters HOLD.
    pub(super) fn enter_hold(&mut self, reason: String) {
        self.resume_to = self.state;
        self.state = RunState::Hold;
        self.hold_reason = Some(reason);
        self.cancel_adds();
    }

    /// Drops GPU adds that are planned and not out; miners that were shed for them stay as credit.
    fn cancel_adds(&mut self) {
        self.by_hand = false;
        let credit_kw = self.delays.cancel_gpus();
        self.shed.book(credit_kw, 0.0);
        if let Some(m) = self.last {
            self.shed.finish(&m, false);
        }
    }

    fn check_interlocks(&self) -> Result<(), Refusal> {
        self.standing.first().map_or(Ok(()), |words| Err(Refusal::Interlock(words)))
    }

    fn wrong_state(&self, command: &'static str) -> Refusal {
        let state = crate::plant::signals::SCHEDULE_STATES.get(self.state.code()).copied().unwrap_or("unknown");
        Refusal::WrongState { command, state }
    }
}
