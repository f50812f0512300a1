//! Set-points: the numbers and choices that can be changed while a run goes on.

use serde::{Deserialize, Serialize};

/// A number or choice that can be changed while the twin runs; the value is in [`Operate::Set`](super::Operate::Set).
/// Choices are sent as their index (0, 1, 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Setpoint {
    /// Who takes up the power of new GPUs: 0 Path A, 1 Path B, 2 Path B and restore.
    Path,
    /// How miners give up power: 0 match, 1 match confirmed, 2 optimal (they follow a plan).
    ShedMode,
    /// GPU power to reach, kW.
    TargetKw,
    /// GPUs of a batch.
    BatchGpus,
    /// Time between two batches, s.
    IntervalS,
    /// Largest net step of a batch, kW.
    StepLimitKw,
    /// Largest sustained ramp, kW/s.
    RampLimitKwPerS,
    /// Share of a batch that miners give up, 0 to 1.
    ShedShare,
    /// Time by which miners are commanded before the GPUs, s; negative: after them.
    ShedLeadS,
    /// Ceiling on the predicted load of the gensets, pu of the rating on the bus.
    CeilingPu,
    /// Whether the batteries are in service: 0 or 1.
    BessOn,
    /// Rating of the batteries, kW; their energy scales with it.
    BessKw,
    /// Aux load at 1 pu voltage, kW.
    AuxKw,
    /// Load bank at 1 pu voltage, kW.
    LoadBankKw,
    /// Mean latency of a command to a miner, s.
    MinerLatencyS,
    /// Whether measured bounds hold the schedule: 0 or 1.
    FeedbackHold,
    /// Adds a hold point at this GPU power, kW; 0 clears them all.
    HoldPointKw,
}

/// One row of the table of set-points.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Which.
    pub setpoint: Setpoint,
    /// Its name on panels and in lists.
    pub label: &'static str,
    /// Unit of its value; empty for choices and switches.
    pub unit: &'static str,
    /// Smallest and largest accepted value.
    pub range: [f64; 2],
    /// Whether only whole numbers make sense: counts, switches, choices.
    pub whole: bool,
}

const fn spec(setpoint: Setpoint, label: &'static str, unit: &'static str, range: [f64; 2], whole: bool) -> Spec {
    Spec { setpoint, label, unit, range, whole }
}

/// All set-points, in the order of [`Setpoint`].
pub const SETPOINTS: [Spec; 17] = [
    spec(Setpoint::Path, "Path", "", [0.0, 2.0], true),
    spec(Setpoint::ShedMode, "Shed policy", "", [0.0, 2.0], true),
    spec(Setpoint::TargetKw, "Target", "kW", [0.0, 1.0e6], false),
    spec(Setpoint::BatchGpus, "Batch", "GPU", [1.0, 1.0e6], true),
    spec(Setpoint::IntervalS, "Interval", "s", [0.1, 60.0], false),
    spec(Setpoint::StepLimitKw, "Step limit", "kW", [0.7, 1.0e6], false),
    spec(Setpoint::RampLimitKwPerS, "Ramp limit", "kW/s", [0.1, 1.0e5], false),
    spec(Setpoint::ShedShare, "Shed share", "pu", [0.0, 1.0], false),
    spec(Setpoint::ShedLeadS, "Shed lead", "s", [-10.0, 10.0], false),
    spec(Setpoint::CeilingPu, "Ceiling", "pu", [0.3, 1.1], false),
    spec(Setpoint::BessOn, "BESS", "", [0.0, 1.0], true),
    spec(Setpoint::BessKw, "BESS size", "kW", [0.0, 1.0e5], false),
    spec(Setpoint::AuxKw, "Aux load", "kW", [0.0, 1.0e5], false),
    spec(Setpoint::LoadBankKw, "Load bank", "kW", [0.0, 1.0e5], false),
    spec(Setpoint::MinerLatencyS, "Miner latency", "s", [0.0, 60.0], false),
    spec(Setpoint::FeedbackHold, "Feedback hold", "", [0.0, 1.0], true),
    spec(Setpoint::HoldPointKw, "Hold point", "kW", [0.0, 1.0e6], false),
];

impl Setpoint {
    /// All of them.
    pub const ALL: [Self; SETPOINTS.len()] = {
        let mut all = [Self::Path; SETPOINTS.len()];
        let mut i = 0;
        while i < all.len() {
            all[i] = SETPOINTS[i].setpoint;
            i += 1;
        }
        all
    };

    /// Its row of the table.
    #[must_use]
    pub fn spec(self) -> &'static Spec {
        &SETPOINTS[self as usize]
    }

    /// Smallest and largest accepted value.
    #[must_use]
    pub fn range(self) -> [f64; 2] {
        self.spec().range
    }

    /// Whether it accepts a value: a number within its range, and a whole one where only whole ones make sense.
    #[must_use]
    pub fn accepts(self, v: f64) -> bool {
        let Spec { range: [lo, hi], whole, .. } = *self.spec();
        (lo..=hi).contains(&v) && !(whole && v.fract() != 0.0)
    }

    /// In words, with the value that it is set to.
    #[must_use]
    pub fn words(self, v: f64) -> String {
        match self {
            Self::Path => format!("path {}", path_name(v)),
            Self::ShedMode => format!("shed mode {}", shed_mode_name(v)),
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

/// Name of a shed policy by its index.
#[must_use]
pub fn shed_mode_name(v: f64) -> &'static str {
    match v as u32 {
        0 => "match",
        1 => "match_confirmed",
        _ => "optimal",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_choices() {
        for (i, s) in SETPOINTS.iter().enumerate() {
            assert_eq!((s.setpoint as usize, s.setpoint.spec().label), (i, s.label));
        }
        assert!(Setpoint::BatchGpus.accepts(10.0) && !Setpoint::BatchGpus.accepts(2.5));
        assert!(Setpoint::CeilingPu.accepts(0.95) && !Setpoint::CeilingPu.accepts(f64::NAN));
    }
}
