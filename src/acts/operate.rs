//! What an operator, a trainer or a script can do to the plant and its control. The log of these, with their ticks, gives a
//! run again.

use super::fault::{Fault, Remote};
use super::setpoint::Setpoint;

/// Lowest power cap of GPUs, as a share of full power. Boards take no cap much below this (expert default).
pub const LEAST_CAP: f64 = 0.1;

/// An operator's or a script's act on the run. Logged with its tick; the log reproduces the run.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Operate {
    /// Change a set-point.
    Set(Setpoint, f64),
    /// Power cap of a GPU cohort, by its index: the share of full power that each of its GPUs may take, [`LEAST_CAP`] to 1.
    /// Control moves the cap there under the limits of the cohort's island.
    GpuCap(u32, f64),
    /// Start the bring-up.
    Start,
    /// HOLD.
    Hold,
    /// Resume after a hold.
    Resume,
    /// ABORT: stop adds and follow the abort policy.
    Abort,
    /// One batch by hand, under the same limits.
    NextBatch,
    /// Clean ramp-down under the same limits.
    RampDown,
    /// Open or close a breaker, by its index in the plant.
    Breaker(u32, bool),
    /// Start a genset.
    StartGenset(u32),
    /// Unload and stop a genset.
    StopGenset(u32),
    /// Reset latched trips and shed stages.
    Reset,
    /// GPUs that slam from preload (or off) to full at once, past control.
    Slam(u32),
    /// All GPUs of a cohort drop to off within 50 ms.
    Crash(u32),
    /// A malfunction begins, changes or ends.
    Fault(Fault),
    /// An act in the field.
    Remote(Remote),
}

impl Operate {
    /// In words, for events and tables.
    #[must_use]
    pub fn words(&self) -> String {
        match *self {
            Self::Set(what, v) => what.words(v),
            Self::GpuCap(i, share) => format!("power cap of GPU cohort {} to {:.0} %", i + 1, 100.0 * share),
            Self::Start => "start".to_owned(),
            Self::Hold => "HOLD".to_owned(),
            Self::Resume => "resume".to_owned(),
            Self::Abort => "ABORT".to_owned(),
            Self::NextBatch => "next batch".to_owned(),
            Self::RampDown => "ramp down".to_owned(),
            Self::Breaker(i, close) => format!("{} breaker {i}", if close { "close" } else { "open" }),
            Self::StartGenset(i) => format!("start genset {}", i + 1),
            Self::StopGenset(i) => format!("stop genset {}", i + 1),
            Self::Reset => "reset trips".to_owned(),
            Self::Slam(n) => format!("slam {n} GPUs to full"),
            Self::Crash(i) => format!("crash of GPU cohort {}", i + 1),
            Self::Fault(f) => f.kind.spec().name.to_owned(),
            Self::Remote(_) => "field act".to_owned(),
        }
    }
}
