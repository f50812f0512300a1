//! What a score asks of whoever is trained: the steps of a procedure in order, and right responses to malfunctions.

use serde::{Deserialize, Serialize};

use crate::acts::Setpoint;

/// An act that answers something. The trainee's, and accepted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The bring-up started.
    Start,
    /// HOLD.
    Hold,
    /// Resume.
    Resume,
    /// ABORT.
    Abort,
    /// Clean ramp-down.
    RampDown,
    /// Reset of trips.
    Reset,
    /// A genset started.
    StartGenset,
    /// A breaker operated.
    Breaker,
    /// A set-point lowered.
    Lower(Setpoint),
    /// A set-point raised.
    Raise(Setpoint),
    /// Any alarm acknowledged.
    Acknowledge,
}

/// The right response to a malfunction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Response {
    /// Code of the malfunction, as its events name it: `M07`.
    pub malfunction: String,
    /// Time for it, s.
    pub within_s: f64,
    /// Any of these is right.
    pub any_of: Vec<Answer>,
}

/// A step of the exercise's procedure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// In words.
    pub label: String,
    /// The act that does it.
    pub does: Answer,
    /// At the latest, s of the run.
    #[serde(default)]
    pub by_s: Option<f64>,
}
