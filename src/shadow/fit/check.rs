//! A fit held against a second recording: what it predicts there, from nothing but that recording's power.

use super::power::{self, Power};
use super::record::{Record, Refusal};
use super::{Excited, Fit, Guess, Swing, rms, square, swings, variance};

/// A prediction of a recording that the fit has not seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// The recording.
    pub record: Record,
    /// Frequency as predicted at its rows, Hz.
    pub model_hz: Vec<f64>,
    /// Load changes.
    pub swings: Vec<Swing>,
    /// RMS of measured less predicted, Hz.
    pub rms_hz: f64,
    /// Share of what frequency does that is predicted.
    pub explained: f64,
    /// Why it is beyond what the fit's record has shown; empty where it is not.
    pub beyond: Vec<String>,
}

/// Predicts a second recording of the same set. The meters' skew and lag are the fit's; the frequency that is held at the first
/// load is the recording's own.
///
/// # Errors
/// Why the recording is none.
pub fn check(fit: &Fit, record: &Record) -> Result<Check, Refusal> {
    let rated_kw = fit.genset.rated_kw;
    record.check(rated_kw, fit.bench.f0_hz)?;
    let steps = power::steps(record, rated_kw);
    let guess = Guess { f_ref_hz: 0.0, ..fit.guess.clone() };
    let model_hz = fit.bench.run(&guess, record, &Power::of(record, &steps, &vec![0.0; steps.len()]));
    let off: Vec<f64> = record.f_hz.iter().zip(&model_hz).map(|(m, s)| m - s).collect();
    let seen = Excited::of(record);
    Ok(Check {
        swings: swings(record, &model_hz, rated_kw, record.window_s()[0]),
        rms_hz: rms(&off),
        explained: 1.0 - square(rms(&off)) / variance(&record.f_hz).max(square(fit.meter.noise_hz)),
        beyond: fit.excited.beyond(&seen, rated_kw),
        record: record.clone(),
        model_hz,
    })
}

/// Share of the rating that still counts as within what was shown.
const SLACK_PU: f64 = 0.02;

impl Excited {
    /// What `other` has that this has not shown, in words.
    #[must_use]
    pub fn beyond(&self, other: &Self, rated_kw: f64) -> Vec<String> {
        let slack = SLACK_PU * rated_kw;
        let mut out = Vec::new();
        for (k, way) in ["rise", "fall"].into_iter().enumerate() {
            if other.step_kw[k] > self.step_kw[k] + slack {
                out.push(format!(
                    "power that {way}s by {:.0} kW within a second, where the fit has seen {:.0} kW",
                    other.step_kw[k], self.step_kw[k]
                ));
            }
        }
        if other.kw[0] < self.kw[0] - slack {
            out.push(format!("{:.0} kW, where the fit has seen no less than {:.0} kW", other.kw[0], self.kw[0]));
        }
        if other.kw[1] > self.kw[1] + slack {
            out.push(format!("{:.0} kW, where the fit has seen no more than {:.0} kW", other.kw[1], self.kw[1]));
        }
        out
    }
}
