//! A set-point on its way from the hand to the plant: staged, sent, applied.
//!
//! What the plant has in force is the only value that counts as applied; a slider shows a staged or sent value as a
//! hollow knob with the value in force as a tick beside it. A value that the plant does not take up within
//! [`GIVE_UP_S`] of running time is dropped and said to be refused.

use std::collections::BTreeMap;

use crate::acts::Setpoint;
use crate::control::Refusal;

/// Wall seconds of a running twin after which a sent value that did not arrive is dropped.
pub(crate) const GIVE_UP_S: f64 = 2.0;
/// Wall seconds for which a refusal is shown.
const SHOW_S: f64 = 6.0;

/// One set-point.
#[derive(Clone, Debug, Default)]
pub(crate) struct Knob {
    staged: Option<f64>,
    sent: Option<(f64, f64)>,
    refused: Option<(String, f64)>,
}

/// All set-points that were touched.
#[derive(Clone, Debug, Default)]
pub(crate) struct Knobs {
    knobs: BTreeMap<u8, (Setpoint, Knob)>,
}

impl Knobs {
    fn knob(&mut self, s: Setpoint) -> &mut Knob {
        &mut self.knobs.entry(s as u8).or_insert_with(|| (s, Knob::default())).1
    }

    fn get(&self, s: Setpoint) -> Option<&Knob> {
        self.knobs.get(&(s as u8)).map(|(_, k)| k)
    }

    /// Value to show: staged, else sent, else in force; NaN where the plant has no such device.
    pub(crate) fn shown(&self, s: Setpoint, in_force: Option<f64>) -> f64 {
        let k = self.get(s);
        k.and_then(|k| k.staged.or(k.sent.map(|(v, _)| v))).or(in_force).unwrap_or(f64::NAN)
    }

    /// Whether the shown value is not in force yet.
    pub(crate) fn pending(&self, s: Setpoint) -> bool {
        self.get(s).is_some_and(|k| k.staged.is_some() || k.sent.is_some())
    }

    /// Why the last value was not taken, while that is news.
    pub(crate) fn refused(&self, s: Setpoint, now_s: f64) -> Option<&str> {
        self.get(s)?.refused.as_ref().filter(|(_, at)| now_s - at < SHOW_S).map(|(why, _)| why.as_str())
    }

    /// A new value from the hand. One outside the set-point's range is refused here and never sent.
    pub(crate) fn stage(&mut self, s: Setpoint, value: f64, now_s: f64) {
        let [lo, hi] = s.range();
        let k = self.knob(s);
        if (lo..=hi).contains(&value) {
            k.staged = Some(value);
            k.refused = None;
        } else {
            let why = Refusal::OutOfRange { name: name(s).to_owned(), lo, hi, value };
            k.refused = Some((why.to_string(), now_s));
        }
    }

    /// Takes what is staged, once a frame; each set-point at most once.
    pub(crate) fn send(&mut self, now_s: f64) -> Vec<(Setpoint, f64)> {
        let mut out = Vec::new();
        for (s, k) in self.knobs.values_mut() {
            if let Some(v) = k.staged.take() {
                k.sent = Some((v, now_s));
                out.push((*s, v));
            }
        }
        out
    }

    /// Compares what was sent with what is in force.
    pub(crate) fn settle(&mut self, s: Setpoint, in_force: Option<f64>, running: bool, now_s: f64) {
        let Some((_, k)) = self.knobs.get_mut(&(s as u8)) else { return };
        let Some((v, at)) = k.sent else { return };
        let arrived = in_force.is_some_and(|f| (f - v).abs() <= 1e-6 * v.abs().max(1.0));
        if arrived {
            k.sent = None;
        } else if !running {
            k.sent = Some((v, now_s));
        } else if now_s - at > GIVE_UP_S {
            k.sent = None;
            k.refused = Some(("not taken by the plant, see the event list".to_owned(), now_s));
        }
    }
}

/// Name of a set-point, as on the panel.
pub(crate) fn name(s: Setpoint) -> &'static str {
    match s {
        Setpoint::Path => "Path",
        Setpoint::ShedMode => "Shed policy",
        Setpoint::TargetKw => "Target",
        Setpoint::BatchGpus => "Batch",
        Setpoint::IntervalS => "Interval",
        Setpoint::StepLimitKw => "Step limit",
        Setpoint::RampLimitKwPerS => "Ramp limit",
        Setpoint::ShedShare => "Shed share",
        Setpoint::ShedLeadS => "Shed lead",
        Setpoint::CeilingPu => "Ceiling",
        Setpoint::BessOn => "BESS",
        Setpoint::BessKw => "BESS size",
        Setpoint::AuxKw => "Aux load",
        Setpoint::LoadBankKw => "Load bank",
        Setpoint::MinerLatencyS => "Miner latency",
        Setpoint::FeedbackHold => "Feedback hold",
        Setpoint::HoldPointKw => "Hold point",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const B: Setpoint = Setpoint::BatchGpus;

    #[test]
    fn staged_then_sent_then_applied() {
        let mut k = Knobs::default();
        assert_eq!(k.shown(B, Some(10.0)), 10.0);
        k.stage(B, 12.0, 0.0);
        k.stage(B, 14.0, 0.0);
        assert!(k.pending(B));
        assert_eq!(k.send(0.0), [(B, 14.0)], "once a frame, the last value");
        assert_eq!(k.send(0.0), []);
        k.settle(B, Some(10.0), true, 0.1);
        assert_eq!(k.shown(B, Some(10.0)), 14.0);
        assert!(k.pending(B));
        k.settle(B, Some(14.0), true, 0.2);
        assert!(!k.pending(B));
        assert_eq!(k.shown(B, Some(14.0)), 14.0);
    }

    #[test]
    fn what_the_plant_does_not_take_is_dropped_with_a_word() {
        let mut k = Knobs::default();
        k.stage(B, 14.0, 0.0);
        k.send(0.0);
        k.settle(B, Some(10.0), true, 2.1);
        assert_eq!(k.shown(B, Some(10.0)), 10.0);
        assert!(k.refused(B, 2.2).is_some());
        assert!(k.refused(B, 20.0).is_none());
    }

    #[test]
    fn a_frozen_twin_keeps_the_value_sent() {
        let mut k = Knobs::default();
        k.stage(B, 14.0, 0.0);
        k.send(0.0);
        for t in 1..100 {
            k.settle(B, Some(10.0), false, f64::from(t));
        }
        assert!(k.pending(B));
        k.settle(B, Some(10.0), true, 100.5);
        assert!(k.pending(B));
    }

    #[test]
    fn out_of_range_never_leaves() {
        let mut k = Knobs::default();
        k.stage(Setpoint::IntervalS, 0.01, 0.0);
        assert_eq!(k.send(0.0), []);
        assert_eq!(k.refused(Setpoint::IntervalS, 1.0), Some("Interval must be between 0.1 and 60, not 0.01"));
    }
}
