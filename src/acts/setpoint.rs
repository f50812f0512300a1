//! Set-points: the numbers and choices that can be changed while a run goes on.

use serde::{Deserialize, Serialize};

/// A number or choice that can be changed while the twin runs; the value is in [`Operate::Set`](super::Operate::Set).
/// Choices are sent as their index (0, 1, 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Setpoint {
    /// `BringUpPath` by index.
    Path,
    /// `ShedMode` by index.
    ShedMode,
    /// GPU target, kW.
    TargetKw,
    /// Batch, GPUs.
    BatchGpus,
    /// Interval, s.
    IntervalS,
    /// Step limit, kW.
    StepLimitKw,
    /// Ramp limit, kW/s.
    RampLimitKwPerS,
    /// Shed share, 0 to 1.
    ShedShare,
    /// Shed lead, s.
    ShedLeadS,
    /// Ceiling, pu.
    CeilingPu,
    /// BESS in service: 0 or 1.
    BessOn,
    /// BESS rating, kW (the energy scales with it).
    BessKw,
    /// Aux load, kW.
    AuxKw,
    /// Load bank, kW.
    LoadBankKw,
    /// Command latency of the miners, s (mean).
    MinerLatencyS,
    /// Feedback hold: 0 or 1.
    FeedbackHold,
    /// Clears the hold points (0) or adds one at this GPU kW.
    HoldPointKw,
}

impl Setpoint {
    /// Smallest and largest accepted value.
    #[must_use]
    pub fn range(self) -> [f64; 2] {
        match self {
            Self::Path => [0.0, 2.0],
            Self::ShedMode | Self::BessOn | Self::ShedShare | Self::FeedbackHold => [0.0, 1.0],
            Self::TargetKw | Self::HoldPointKw => [0.0, 1.0e6],
            Self::BatchGpus => [1.0, 1.0e6],
            Self::IntervalS => [0.1, 60.0],
            Self::StepLimitKw => [0.7, 1.0e6],
            Self::RampLimitKwPerS => [0.1, 1.0e5],
            Self::ShedLeadS => [-10.0, 10.0],
            Self::CeilingPu => [0.3, 1.1],
            Self::BessKw | Self::AuxKw | Self::LoadBankKw => [0.0, 1.0e5],
            Self::MinerLatencyS => [0.0, 60.0],
        }
    }

    /// In words, with the value that it is set to.
    #[must_use]
    pub fn words(self, v: f64) -> String {
        match self {
            Self::Path => format!("path {}", path_name(v)),
            Self::ShedMode => format!("shed mode {}", if v < 0.5 { "match" } else { "match_confirmed" }),
            Self::TargetKw => format!("target {v:.0} kW"),
            Self::BatchGpus => format!("batch {v:.0} GPUs"),
            Self::IntervalS => format!("interval {v:.2} s"),
            Self::StepLimitKw => format!("step limit {v:.1} kW"),
            Self::RampLimitKwPerS => format!("ramp limit {v:.1} kW/s"),
            Self::ShedShare => format!("shed share {:.0} %", v * 100.0),
            Self::ShedLeadS => format!("shed lead {v:.1} s"),
            Self::CeilingPu => format!("ceiling {:.0} %", v * 100.0),
            Self::BessOn => format!("BESS {}", if v >= 0.5 { "on" } else { "off" }),
            Self::BessKw => format!("BESS {v:.0} kW"),
            Self::AuxKw => format!("aux load {v:.0} kW"),
            Self::LoadBankKw => format!("load bank {v:.0} kW"),
            Self::MinerLatencyS => format!("miner latency {v:.1} s"),
            Self::FeedbackHold => format!("feedback hold {}", if v >= 0.5 { "on" } else { "off" }),
            Self::HoldPointKw if v <= 0.0 => "hold points cleared".to_owned(),
            Self::HoldPointKw => format!("hold point {v:.0} kW"),
        }
    }
}

/// Name of a path by its index.
#[must_use]
pub fn path_name(v: f64) -> &'static str {
    match v as u32 {
        0 => "A",
        1 => "B",
        _ => "B+restore",
    }
}
