//! Path B: how many miners a GPU batch needs, whether they have fallen, and how they come back.
//!
//! Each island keeps a balance: kW that its miners gave up less kW that GPUs asked of them, over all batches. Units are
//! whole and the rest is carried in the balance, so the shed sum leads the GPU sum by less than one block. In
//! `match_confirmed` the balance is of *measured* falls, so `measured - needed` is carried to the next batch. This module
//! commands nothing: it plans and judges. Powers in kW, times in control steps of 100 ms.

use std::hash::Hasher;

use super::admission::EPS;
use super::fleet::{Allotment, FleetMemory, Fleets};
use super::phases::{Move, steps};
use super::policy::{BringUpPath, Policy, ShedMode};
use super::{FleetReading, RunState};

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
        // miners that follow a plan do so by the load as it is, not batch by batch
        if policy.path == BringUpPath::Ramp || share(policy) <= 0.0 || policy.shed_mode == ShedMode::Optimal {
            return Self::GensetAlone;
        }
        match (policy.shed_mode, steps(policy.shed_lead_s), steps(-policy.shed_lead_s)) {
            (ShedMode::MatchConfirmed, ..) => Self::Confirmed,
            (_, 0, 0) => Self::Together,
            (_, 0, lag) => Self::GpusFirst(lag),
            (_, lead, _) => Self::MinersFirst(lead),
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
    /// Which units.
    pub units: Allotment,
    /// Their kW.
    pub kw: f64,
    /// kW that the batch asks of the miners (share of its power).
    pub needed_kw: f64,
    /// Of these, kW that no unit is left for.
    pub short_kw: f64,
    /// The sources' level over all batches does not rise.
    pub level_kept: bool,
}

/// Miners for a batch of `gpu_kw` upwards, from the fleets of its island with their balance; `waiting_kw` is promised
/// already and not yet commanded.
#[must_use]
pub fn plan(policy: &Policy, fleets: &Fleets, balance_kw: f64, gpu_kw: f64, waiting_kw: f64) -> ShedPlan {
    let needed_kw = gpu_kw * share(policy);
    let missing_kw = needed_kw - balance_kw;
    let all = fleets.allot(if missing_kw > 0.0 { missing_kw + waiting_kw } else { 0.0 });
    let kw = (all.kw - waiting_kw).max(0.0);
    let units = if waiting_kw > 0.0 { fleets.allot(kw) } else { all };
    let short_kw = (missing_kw - kw).max(0.0);
    ShedPlan { units, kw, needed_kw, short_kw, level_kept: share(policy) >= 1.0 && short_kw <= EPS }
}

/// A shed that waits for its confirmation.
#[derive(Clone, Copy, Debug)]
pub struct Confirm {
    /// The cohort whose GPUs wait.
    pub cohort: usize,
    /// GPUs that wait.
    pub mv: Move,
    /// Miner kW that they need.
    pub needed_kw: f64,
    /// kW of the units that were switched off.
    pub asked_kw: f64,
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
    cohort: usize,
    booked_kw: f64,
    most_kw: f64,
}

/// kW by which the fleets that take part in the watched shed have fallen since its command.
#[must_use]
pub fn fallen_kw(readings: &[FleetReading], memories: &[FleetMemory]) -> f64 {
    let fell = |(r, m): (&FleetReading, &FleetMemory)| m.baseline_kw.map(|kw| kw - r.filtered_kw);
    readings.iter().zip(memories).filter_map(fell).sum()
}

/// The one shed that waits for its confirmation, and the one before it.
#[derive(Clone, Debug, Default)]
pub struct Shedder {
    confirm: Option<Confirm>,
    tail: Option<Tail>,
}

impl Shedder {
    /// The shed that waits for its confirmation.
    #[must_use]
    pub fn confirm(&self) -> Option<&Confirm> {
        self.confirm.as_ref()
    }

    /// Waits for a confirmation.
    pub fn wait(&mut self, confirm: Confirm) {
        self.confirm = Some(confirm);
        self.tail = None;
    }

    /// Looks at what has fallen; call once a control step. Gives what came late for an earlier batch, with its cohort, and
    /// what became of the shed that waits.
    pub fn watch(&mut self, policy: &Policy, fell_kw: f64, now: u64) -> (Option<(usize, f64)>, Progress) {
        let late = self.tail.as_mut().and_then(|tail| {
            let more = fell_kw.min(tail.most_kw) - tail.booked_kw;
            (more > 0.0).then(|| {
                tail.booked_kw += more;
                (tail.cohort, more)
            })
        });
        let Some(c) = &mut self.confirm else { return (late, Progress::Waiting) };
        let tolerance = policy.confirm_tolerance_kw.clamp(0.0, c.asked_kw / 2.0);
        c.held = if fell_kw >= c.asked_kw - tolerance { c.held + 1 } else { 0 };
        let progress = if c.confirmed() {
            Progress::Confirmed
        } else if c.held == 0 && now.saturating_sub(c.since) >= steps(policy.confirm_timeout_s) {
            Progress::TimedOut(fell_kw.max(0.0), c.asked_kw)
        } else {
            Progress::Waiting
        };
        (late, progress)
    }

    /// Ends the wait; `admitted` tells whether the GPUs came. Gives the cohort and the kW to book in its island's balance; a
    /// late fall is still credited.
    pub fn finish(&mut self, fell_kw: f64, admitted: bool) -> Option<(usize, f64)> {
        let c = self.confirm.take()?;
        let most_kw = 1.25 * c.asked_kw;
        let fell = fell_kw.clamp(0.0, most_kw);
        self.tail = Some(Tail { cohort: c.cohort, booked_kw: fell, most_kw });
        Some((c.cohort, fell - if admitted { c.needed_kw } else { 0.0 }))
    }

    /// The time-out has passed; the batch stays and goes on as Path A.
    pub fn fall_back(&mut self) {
        if let Some(c) = &mut self.confirm {
            c.fallback = true;
        }
    }

    /// What falls from now on is nobody's credit.
    pub fn forget_tail(&mut self) {
        self.tail = None;
    }

    /// Feeds the whole state to a hash.
    pub fn hash_into(&self, h: &mut impl Hasher) {
        if let Some(t) = self.tail {
            h.write_usize(t.cohort);
            [t.booked_kw, t.most_kw].into_iter().for_each(|v| h.write_u64(v.to_bits()));
        }
        if let Some(c) = self.confirm {
            let kw = [c.mv.each_kw, c.needed_kw, c.asked_kw];
            kw.into_iter().for_each(|v| h.write_u64(v.to_bits()));
            h.write_usize(c.cohort);
            h.write_u64(c.since);
            h.write_u32(c.mv.n);
            h.write_u32(c.held);
            h.write_u8(u8::from(c.by_hand) + 2 * u8::from(c.fallback));
        }
    }
}

/// Whether miners come back in this state: Path B only when the GPUs are down again, the others when the adds are done; never
/// by the schedule where they follow a plan.
#[must_use]
pub fn restores(policy: &Policy, state: RunState) -> bool {
    let of_the_schedule = state == RunState::Down || (state == RunState::Complete && policy.path != BringUpPath::Shed);
    of_the_schedule && !policy.follows_plan()
}

/// kW/s at which the miners of an island come back.
#[must_use]
pub fn restore_rate_kw_per_s(policy: &Policy) -> f64 {
    if policy.restore_kw_per_s > 0.0 { policy.restore_kw_per_s } else { policy.ramp_limit_kw_per_s }.max(0.0)
}
