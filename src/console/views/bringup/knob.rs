//! A set-point on its way from the hand to the plant: staged, sent, applied.
//!
//! What the plant has in force is the only value that counts as applied; a slider shows a staged or sent value as a
//! hollow knob with the value in force as a tick beside it. A value that the plant does not take up within
//! [`GIVE_UP_S`] of running time is dropped and said to be refused.

use crate::acts::{LEAST_CAP, Operate, Setpoint};
use crate::control::Refusal;

/// Wall seconds of a running twin after which a sent value that did not arrive is dropped.
pub(crate) const GIVE_UP_S: f64 = 2.0;
/// Wall seconds for which a refusal is shown.
const SHOW_S: f64 = 6.0;

/// What a knob sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    /// A set-point.
    Set(Setpoint),
    /// The power cap of a GPU cohort, as a share of full power.
    Cap(u32),
}

impl Goal {
    /// The act that sets it.
    pub(crate) fn act(self, value: f64) -> Operate {
        match self {
            Self::Set(s) => Operate::Set(s, value),
            Self::Cap(i) => Operate::GpuCap(i, value),
        }
    }

    fn label(self) -> String {
        match self {
            Self::Set(s) => s.spec().label.to_owned(),
            Self::Cap(i) => format!("power cap of cohort {}", i + 1),
        }
    }

    fn range(self) -> [f64; 2] {
        match self {
            Self::Set(s) => s.range(),
            Self::Cap(_) => [LEAST_CAP, 1.0],
        }
    }
}

/// One of them.
#[derive(Clone, Debug, Default)]
struct Knob {
    staged: Option<f64>,
    sent: Option<(f64, f64)>,
    refused: Option<(String, f64)>,
}

/// All that were touched.
#[derive(Clone, Debug, Default)]
pub(crate) struct Knobs {
    knobs: Vec<(Goal, Knob)>,
}

impl Knobs {
    fn knob(&mut self, goal: Goal) -> &mut Knob {
        let at = self.knobs.iter().position(|(g, _)| *g == goal).unwrap_or_else(|| {
            self.knobs.push((goal, Knob::default()));
            self.knobs.len() - 1
        });
        &mut self.knobs[at].1
    }

    fn get(&self, goal: Goal) -> Option<&Knob> {
        self.knobs.iter().find(|(g, _)| *g == goal).map(|(_, k)| k)
    }

    /// Value to show: staged, else sent, else in force; NaN where the plant has no such device.
    pub(crate) fn shown(&self, goal: Goal, in_force: Option<f64>) -> f64 {
        let k = self.get(goal);
        k.and_then(|k| k.staged.or(k.sent.map(|(v, _)| v))).or(in_force).unwrap_or(f64::NAN)
    }

    /// Whether the shown value is not in force yet.
    pub(crate) fn pending(&self, goal: Goal) -> bool {
        self.get(goal).is_some_and(|k| k.staged.is_some() || k.sent.is_some())
    }

    /// Why the last value was not taken, while that is news.
    pub(crate) fn refused(&self, goal: Goal, now_s: f64) -> Option<&str> {
        self.get(goal)?.refused.as_ref().filter(|(_, at)| now_s - at < SHOW_S).map(|(why, _)| why.as_str())
    }

    /// Why a value was not taken, of whichever set-point, while that is news.
    pub(crate) fn news(&self, now_s: f64) -> Option<&str> {
        self.knobs.iter().find_map(|(goal, _)| self.refused(*goal, now_s))
    }

    /// A new value from the hand. One outside the range, or `beyond` what the plant can do, is refused here and never sent.
    pub(crate) fn stage(&mut self, goal: Goal, value: f64, beyond: Option<String>, now_s: f64) {
        let [lo, hi] = goal.range();
        let k = self.knob(goal);
        if let Some(why) = beyond {
            k.refused = Some((why, now_s));
        } else if (lo..=hi).contains(&value) {
            k.staged = Some(value);
            k.refused = None;
        } else {
            let why = Refusal::OutOfRange { name: goal.label(), lo, hi, value };
            k.refused = Some((why.to_string(), now_s));
        }
    }

    /// Takes what is staged, once a frame; each at most once.
    pub(crate) fn send(&mut self, now_s: f64) -> Vec<(Goal, f64)> {
        let mut out = Vec::new();
        for (goal, k) in &mut self.knobs {
            if let Some(v) = k.staged.take() {
                k.sent = Some((v, now_s));
                out.push((*goal, v));
            }
        }
        out
    }

    /// Compares what was sent with what is in force.
    pub(crate) fn settle(&mut self, in_force: impl Fn(Goal) -> Option<f64>, running: bool, now_s: f64) {
        for (goal, k) in &mut self.knobs {
            let Some((v, at)) = k.sent else { continue };
            if in_force(*goal).is_some_and(|f| (f - v).abs() <= 1e-6 * v.abs().max(1.0)) {
                k.sent = None;
            } else if !running {
                k.sent = Some((v, now_s));
            } else if now_s - at > GIVE_UP_S {
                k.sent = None;
                k.refused = Some(("not taken by the plant, see the event list".to_owned(), now_s));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const B: Goal = Goal::Set(Setpoint::BatchGpus);

    #[test]
    fn staged_then_sent_then_applied() {
        let mut k = Knobs::default();
        assert_eq!(k.shown(B, Some(10.0)), 10.0);
        k.stage(B, 12.0, None, 0.0);
        k.stage(B, 14.0, None, 0.0);
        assert!(k.pending(B));
        assert_eq!(k.send(0.0), [(B, 14.0)], "once a frame, the last value");
        assert_eq!(k.send(0.0), []);
        k.settle(|_| Some(10.0), true, 0.1);
        assert_eq!(k.shown(B, Some(10.0)), 14.0);
        assert!(k.pending(B));
        k.settle(|_| Some(14.0), true, 0.2);
        assert!(!k.pending(B));
        assert_eq!(k.shown(B, Some(14.0)), 14.0);
    }

    #[test]
    fn what_the_plant_does_not_take_is_dropped_with_a_word() {
        let mut k = Knobs::default();
        k.stage(B, 14.0, None, 0.0);
        k.send(0.0);
        k.settle(|_| Some(10.0), true, 2.1);
        assert_eq!(k.shown(B, Some(10.0)), 10.0);
        assert!(k.refused(B, 2.2).is_some());
        assert!(k.refused(B, 20.0).is_none());
    }

    #[test]
    fn a_frozen_twin_keeps_the_value_sent() {
        let mut k = Knobs::default();
        k.stage(B, 14.0, None, 0.0);
        k.send(0.0);
        for t in 1..100 {
            k.settle(|_| Some(10.0), false, f64::from(t));
        }
        assert!(k.pending(B));
        k.settle(|_| Some(10.0), true, 100.5);
        assert!(k.pending(B));
    }

    #[test]
    fn out_of_range_never_leaves() {
        let mut k = Knobs::default();
        let interval = Goal::Set(Setpoint::IntervalS);
        k.stage(interval, 0.01, None, 0.0);
        k.stage(Goal::Cap(0), 0.05, None, 0.0);
        k.stage(B, 10.0, Some("too many".to_owned()), 0.0);
        assert_eq!(k.send(0.0), []);
        assert_eq!(k.refused(interval, 1.0), Some("Interval must be between 0.1 and 60, not 0.01"));
        assert!(k.refused(Goal::Cap(0), 1.0).is_some());
        assert_eq!(k.refused(B, 1.0), Some("too many"));
    }
}
