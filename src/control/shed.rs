//! Path B: how many miner units a GPU batch needs, whether they have fallen, and how they come back.
//!
//! `balance` is kW that miners gave up less kW that GPUs asked of them, over all batches. Units are rounded up and the rest
//! is carried in the balance, so the shed sum leads the GPU sum by less than one unit. In `match_confirmed` the balance is
//! of *measured* falls, so `measured - needed` is carried to the next batch. This module commands nothing: it plans and
//! judges. Powers in kW, times in control steps of 100 ms.

use std::hash::Hasher;

use super::admission::EPS;
use super::phases::{Move, steps};
use super::policy::{BringUpPath, Policy, ShedMode};
use super::{Measured, RunState};

/// Control steps in a row that a fall must hold to count as confirmed: samples at 0, 100 and 200 ms.
const CONFIRM_STEPS: u32 = 3;

/// How a batch's two halves are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// No miners take part.
    GensetAlone,
    /// Both at one instant.
    Together,
    /// Miners so many control steps before the GPUs.
    MinersFirst(u64),
    /// GPUs so many control steps before the miners.
    GpusFirst(u64),
    /// Miners; GPUs when the fall is confirmed.
    Confirmed,
}

impl Order {
    /// As the policy has it for a batch that goes up.
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        if policy.path == BringUpPath::Ramp || share(policy) <= 0.0 {
            return Self::GensetAlone;
        }
        match (policy.shed_mode, steps(policy.shed_lead_s), steps(-policy.shed_lead_s)) {
            (ShedMode::MatchConfirmed, ..) => Self::Confirmed,
            (ShedMode::Match, 0, 0) => Self::Together,
            (ShedMode::Match, 0, lag) => Self::GpusFirst(lag),
            (ShedMode::Match, lead, _) => Self::MinersFirst(lead),
        }
    }

    /// Whether the gensets see the GPUs' whole step before or after the miners' one.
    #[must_use]
    pub fn apart(self) -> bool {
        matches!(self, Self::MinersFirst(_) | Self::GpusFirst(_) | Self::Confirmed)
    }
}

fn share(policy: &Policy) -> f64 {
    policy.shed_share.clamp(0.0, 1.0)
}

/// Miners for one batch.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ShedPlan {
    /// Units to switch off.
    pub units: u32,
    /// Their kW.
    pub kw: f64,
    /// kW that the batch asks of the miners (share of its power).
    pub needed_kw: f64,
    /// Of these, kW that no unit is left for.
    pub short_kw: f64,
    /// The gensets' level over all batches does not rise.
    pub level_kept: bool,
}

/// A shed that waits for its confirmation.
#[derive(Clone, Copy, Debug)]
pub struct Confirm {
    /// GPUs that wait.
    pub mv: Move,
    /// Miner kW that they need.
    pub needed_kw: f64,
    /// kW of the units that were switched off.
    pub asked_kw: f64,
    /// Filtered feeder when they were.
    pub baseline_kw: f64,
    /// Control step of the command.
    pub since: u64,
    /// Control steps in a row at which the fall was there.
    pub held: u32,
    /// The batch was asked for by hand.
    pub by_hand: bool,
    /// The time-out has passed and the batch goes on as Path A.
    pub fallback: bool,
}

impl Confirm {
    /// The fall has been there long enough.
    #[must_use]
    pub fn confirmed(&self) -> bool {
        self.held >= CONFIRM_STEPS
    }
}

/// What became of a confirmation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Progress {
    /// Not yet.
    Waiting,
    /// The GPUs may come.
    Confirmed,
    /// Time is up: so many kW fell of so many asked.
    TimedOut(f64, f64),
}

/// The fall of the last confirmed shed, watched until the next one: what comes late is credited.
#[derive(Clone, Copy, Debug)]
struct Tail {
    baseline_kw: f64,
    booked_kw: f64,
    most_kw: f64,
}

/// Memory of the shed policy.
#[derive(Clone, Debug, Default)]
pub struct Shedder {
    balance_kw: f64,
    units_out: u32,
    confirm: Option<Confirm>,
    tail: Option<Tail>,
    restore_kw: f64,
}

/// Whole units in `kw`.
pub(super) fn units_in(kw: f64, unit_kw: f64) -> u32 {
    if unit_kw > 0.0 { (kw / unit_kw + 1e-6).floor().clamp(0.0, 1.0e6) as u32 } else { 0 }
}

/// Whole units that cover `kw`.
pub(super) fn units_for(kw: f64, unit_kw: f64) -> u32 {
    if unit_kw > 0.0 { (kw / unit_kw - 1e-6).ceil().clamp(0.0, 1.0e6) as u32 } else { 0 }
}

impl Shedder {
    /// kW that miners gave up beyond what GPUs asked of them.
    #[must_use]
    pub fn balance_kw(&self) -> f64 {
        self.balance_kw
    }

    /// Units that control has off.
    #[must_use]
    pub fn units_out(&self) -> u32 {
        self.units_out
    }

    /// The shed that waits for its confirmation.
    #[must_use]
    pub fn confirm(&self) -> Option<&Confirm> {
        self.confirm.as_ref()
    }

    /// Miners for a batch of `gpu_kw` upwards; `waiting` units are promised already and not yet commanded.
    #[must_use]
    pub fn plan(&self, policy: &Policy, m: &Measured, gpu_kw: f64, waiting: u32) -> ShedPlan {
        let needed_kw = gpu_kw * share(policy);
        let wanted = units_for(needed_kw - self.balance_kw, m.miner_unit_kw);
        let units = wanted.min(units_in(m.miner_available_kw, m.miner_unit_kw).saturating_sub(waiting));
        let kw = f64::from(units) * m.miner_unit_kw;
        let short_kw = (needed_kw - self.balance_kw - kw).max(0.0);
        ShedPlan { units, kw, needed_kw, short_kw, level_kept: share(policy) >= 1.0 && short_kw <= EPS }
    }

    /// Books units that were commanded off.
    pub fn out(&mut self, units: u32) {
        self.units_out = self.units_out.saturating_add(units);
    }

    /// Books a batch of the unconfirmed orders: miner kW given and asked.
    pub fn book(&mut self, shed_kw: f64, needed_kw: f64) {
        self.balance_kw += shed_kw - needed_kw;
    }

    /// Waits for a confirmation.
    pub fn wait(&mut self, confirm: Confirm) {
        self.confirm = Some(confirm);
        self.tail = None;
    }

    /// Looks at the feeder. Call once a control step.
    pub fn watch(&mut self, policy: &Policy, m: &Measured, now: u64) -> Progress {
        if let Some(tail) = &mut self.tail {
            let fell = (tail.baseline_kw - m.miner_filtered_kw).min(tail.most_kw);
            if fell > tail.booked_kw {
                self.balance_kw += fell - tail.booked_kw;
                tail.booked_kw = fell;
            }
        }
        let Some(c) = &mut self.confirm else { return Progress::Waiting };
        let fell = c.baseline_kw - m.miner_filtered_kw;
        let tolerance = policy.confirm_tolerance_kw.clamp(0.0, c.asked_kw / 2.0);
        c.held = if fell >= c.asked_kw - tolerance { c.held + 1 } else { 0 };
        if c.confirmed() {
            Progress::Confirmed
        } else if c.held == 0 && now.saturating_sub(c.since) >= steps(policy.confirm_timeout_s) {
            Progress::TimedOut(fell.max(0.0), c.asked_kw)
        } else {
            Progress::Waiting
        }
    }

    /// Ends the wait and books what has fallen; `admitted` tells whether the GPUs came. A late fall is still credited.
    pub fn finish(&mut self, m: &Measured, admitted: bool) -> Option<Confirm> {
        let c = self.confirm.take()?;
        let most_kw = 1.25 * c.asked_kw;
        let fell = (c.baseline_kw - m.miner_filtered_kw).clamp(0.0, most_kw);
        self.balance_kw += fell - if admitted { c.needed_kw } else { 0.0 };
        self.tail = Some(Tail { baseline_kw: c.baseline_kw, booked_kw: fell, most_kw });
        Some(c)
    }

    /// The time-out has passed; the batch stays and goes on as Path A.
    pub fn fall_back(&mut self) {
        if let Some(c) = &mut self.confirm {
            c.fallback = true;
        }
    }

    /// Starts a new sequence from a plant without GPUs: no rounding rest is owed.
    pub fn clear_balance(&mut self) {
        self.balance_kw = 0.0;
        self.tail = None;
    }

    /// Whether miners come back in this state: Path B only when the GPUs are down again, the others when the adds are done.
    #[must_use]
    pub fn restores(policy: &Policy, state: RunState) -> bool {
        state == RunState::Down || (state == RunState::Complete && policy.path != BringUpPath::Shed)
    }

    /// kW/s at which miners come back.
    #[must_use]
    pub fn restore_rate_kw_per_s(policy: &Policy) -> f64 {
        if policy.restore_kw_per_s > 0.0 { policy.restore_kw_per_s } else { policy.ramp_limit_kw_per_s }.max(0.0)
    }

    /// Units that may be restored at this control step, by pace and by what is off.
    pub fn restore_due(&mut self, policy: &Policy, m: &Measured, dt_s: f64) -> u32 {
        let rate = Self::restore_rate_kw_per_s(policy);
        let most = m.miner_unit_kw + rate * dt_s;
        self.restore_kw = (self.restore_kw + rate * dt_s).min(most);
        let off = units_in(m.miner_restorable_kw, m.miner_unit_kw).min(self.units_out);
        units_in(self.restore_kw, m.miner_unit_kw).min(off)
    }

    /// Books units that were commanded on.
    pub fn back(&mut self, units: u32, kw: f64) {
        self.units_out = self.units_out.saturating_sub(units);
        self.restore_kw = (self.restore_kw - kw).max(0.0);
        self.tail = None;
    }

    /// Feeds the whole state to a hash.
    pub fn hash_into(&self, h: &mut impl Hasher) {
        h.write_u32(self.units_out);
        h.write_u64(self.balance_kw.to_bits());
        h.write_u64(self.restore_kw.to_bits());
        if let Some(t) = self.tail {
            [t.baseline_kw, t.booked_kw, t.most_kw].into_iter().for_each(|v| h.write_u64(v.to_bits()));
        }
        if let Some(c) = self.confirm {
            let kw = [c.mv.each_kw, c.needed_kw, c.asked_kw, c.baseline_kw];
            kw.into_iter().for_each(|v| h.write_u64(v.to_bits()));
            h.write_u64(c.since);
            h.write_u32(c.mv.n);
            h.write_u32(c.held);
            h.write_u8(u8::from(c.by_hand) + 2 * u8::from(c.fallback));
        }
    }
}
