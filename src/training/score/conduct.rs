//! Conduct: what the operator did, measured. Data and the shares that the score reads; `watch` fills it.
//!
//! * **Acknowledgement.** Each annunciation (first, again, or returned) is one record, from the event that made the
//!   alarm unacknowledged to the one that ended that by somebody's act; shelving is an answer. In target: within the
//!   time of its priority. One that is open at the end counts as missed once its time has run out, before that not at
//!   all. The share weighs P1 : P2 : P3 as the rubric says; without alarms it is 100 %.
//! * **Response.** A malfunction (a Fault event that begins) asks for one of the [`Answer`](crate::scenario::exercise::Answer)s that the exercise, else
//!   the rubric, names for it, by the trainee, within its seconds. It is not judged before that time has run out, nor
//!   when it went by itself before. Malfunctions that nobody defined a response for do not count.
//! * **Steps.** The exercise's procedure in order: a step is done when its act is seen after the act of the step
//!   before, in its time. A hold point is kept when the schedule stood there for [`HOLD_POINT_S`] before the trainee
//!   let it go on; clearing hold points misses those not yet reached.
//! * **Needless moves.** An act that was refused (but HOLD, which is never wrong); a set-point sent again as it stands; a set-point turned back within
//!   [`REVERSAL_S`] of its last change; feedback hold switched off (an override). One act counts once.
//! * **ABORT without need.** No trip or excursion past a hard limit in the last 60 s, no malfunction standing, and no
//!   P1 or P2 raised in the last 120 s.

use serde::{Deserialize, Serialize};

use super::result::Deduction;

mod watch;

pub(super) use watch::Watch;

/// Seconds that a schedule has to stand at a hold point.
pub const HOLD_POINT_S: f64 = 5.0;
/// A set-point turned back within this time of its last change is a reversal, s.
pub const REVERSAL_S: f64 = 10.0;

/// One annunciation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ack {
    /// Tag.
    pub tag: String,
    /// Priority, 1 to 4.
    pub priority: u8,
    /// Annunciated.
    pub raised_s: f64,
    /// Acknowledged.
    pub acked_s: Option<f64>,
}

impl Ack {
    /// Seconds from annunciation to acknowledgement, or up to now.
    #[must_use]
    pub fn open_s(&self, now_s: f64) -> f64 {
        self.acked_s.unwrap_or(now_s) - self.raised_s
    }
}

/// A malfunction that asked for a response.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Responded {
    /// Code.
    pub malfunction: String,
    /// When it began.
    pub began_s: f64,
    /// Time for the response.
    pub within_s: f64,
    /// When the right response came.
    pub at_s: Option<f64>,
    /// When it went by itself, or was cleared.
    pub cleared_s: Option<f64>,
}

impl Responded {
    /// `Some(in time)` once it can be judged.
    #[must_use]
    pub fn judged(&self, now_s: f64) -> Option<bool> {
        let due_s = self.began_s + self.within_s;
        match (self.at_s, self.cleared_s) {
            (Some(at), _) => Some(at <= due_s),
            (None, Some(cleared)) if cleared < due_s => None,
            _ => (now_s >= due_s).then_some(false),
        }
    }
}

/// A step and when it was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepDone {
    /// In words.
    pub label: String,
    /// When, in order and in time.
    pub at_s: Option<f64>,
}

/// A move that did not help.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Needless {
    /// Time of the run, s.
    pub t_s: f64,
    /// The move, and why it did not help.
    pub what: String,
}

/// What was done, measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Conduct {
    /// Annunciations in order.
    pub acks: Vec<Ack>,
    /// Malfunctions that asked for a response.
    pub responses: Vec<Responded>,
    /// Steps of the procedure.
    pub steps: Vec<StepDone>,
    /// Hold points: kept, and due so far.
    pub hold_points: [u32; 2],
    /// Needless moves.
    pub needless: Vec<Needless>,
    /// Hints, warnings, take-overs.
    pub deductions: Vec<(Deduction, f64)>,
    /// ABORT without need.
    pub aborted_s: Option<f64>,
    /// Why the score is void.
    pub void: Option<String>,
}

impl Conduct {
    /// Weighted share of alarms acknowledged in their time, per cent.
    #[must_use]
    pub fn ack_share_pct(&self, now_s: f64, targets_s: &[f64; 3], weights: &[f64; 3]) -> f64 {
        let (mut good, mut all) = (0.0, 0.0);
        for a in self.acks.iter().filter(|a| (1..=3).contains(&a.priority)) {
            let k = usize::from(a.priority) - 1;
            let in_time = a.open_s(now_s) <= targets_s[k];
            if a.acked_s.is_some() || !in_time {
                all += weights[k];
                good += if in_time { weights[k] } else { 0.0 };
            }
        }
        if all > 0.0 { 100.0 * good / all } else { 100.0 }
    }

    /// Alarms without acknowledgement, and alarm-seconds over their target so far.
    #[must_use]
    pub fn unacknowledged(&self, now_s: f64, targets_s: &[f64; 3]) -> (u32, f64) {
        let open = self.acks.iter().filter(|a| a.acked_s.is_none()).count() as u32;
        let over = |a: &Ack| targets_s.get(usize::from(a.priority) - 1).map(|t| (a.open_s(now_s) - t).max(0.0));
        (open, self.acks.iter().filter(|a| a.priority > 0).filter_map(over).sum())
    }

    /// Share of malfunctions with the right response in time, per cent; `None` when none can be judged.
    #[must_use]
    pub fn response_share_pct(&self, now_s: f64) -> Option<f64> {
        let judged: Vec<bool> = self.responses.iter().filter_map(|r| r.judged(now_s)).collect();
        share(judged.iter().filter(|r| **r).count(), judged.len())
    }

    /// Share of steps and hold points done, per cent; `None` when nothing was asked for.
    #[must_use]
    pub fn steps_share_pct(&self) -> Option<f64> {
        let done = self.steps.iter().filter(|s| s.at_s.is_some()).count() + self.hold_points[0] as usize;
        share(done, self.steps.len() + self.hold_points[1] as usize)
    }

    /// Longest time that an alarm of priority 1 stood without acknowledgement, s.
    #[must_use]
    pub fn longest_p1_s(&self, now_s: f64) -> f64 {
        self.acks.iter().filter(|a| a.priority == 1).map(|a| a.open_s(now_s)).fold(0.0, f64::max)
    }
}

fn share(good: usize, all: usize) -> Option<f64> {
    (all > 0).then(|| 100.0 * good as f64 / all as f64)
}
