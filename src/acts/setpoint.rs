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
    /// How a sentence says it with its value.
    pub words: Words,
}

/// How a sentence says a set-point: what goes before its value, and how that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// A number with so many digits behind its point, and a unit.
    Number(&'static str, usize, &'static str),
    /// A share, in per cent.
    Percent(&'static str),
    /// The name of the choice by its index; the last one for all beyond.
    Choice(&'static str, &'static [&'static str]),
    /// A number, or these words alone for 0.
    NumberOr(&'static str, usize, &'static str, &'static str),
}

/// Names of the paths by their index.
const PATHS: &[&str] = &["A", "B", "B+restore"];
/// Names of the shed policies by their index.
const SHED_MODES: &[&str] = &["match", "match_confirmed", "optimal"];
const OFF_ON: &[&str] = &["off", "on"];

fn choice(names: &'static [&'static str], v: f64) -> &'static str {
    names.get(v.round() as usize).or(names.last()).copied().unwrap_or_default()
}

const fn spec(
    setpoint: Setpoint,
    label: &'static str,
    unit: &'static str,
    range: [f64; 2],
    whole: bool,
    words: Words,
) -> Spec {
    Spec { setpoint, label, unit, range, whole, words }
}

/// All set-points, in the order of [`Setpoint`].
pub const SETPOINTS: [Spec; 17] = [
    spec(Setpoint::Path, "Path", "", [0.0, 2.0], true, Words::Choice("path", PATHS)),
    spec(Setpoint::ShedMode, "Shed policy", "", [0.0, 2.0], true, Words::Choice("shed mode", SHED_MODES)),
    spec(Setpoint::TargetKw, "Target", "kW", [0.0, 1.0e6], false, Words::Number("target", 0, "kW")),
    spec(Setpoint::BatchGpus, "Batch", "GPU", [1.0, 1.0e6], true, Words::Number("batch", 0, "GPUs")),
    spec(Setpoint::IntervalS, "Interval", "s", [0.1, 60.0], false, Words::Number("interval", 2, "s")),
    spec(Setpoint::StepLimitKw, "Step limit", "kW", [0.7, 1.0e6], false, Words::Number("step limit", 1, "kW")),
    spec(Setpoint::RampLimitKwPerS, "Ramp limit", "kW/s", [0.1, 1.0e5], false, Words::Number("ramp limit", 1, "kW/s")),
    spec(Setpoint::ShedShare, "Shed share", "pu", [0.0, 1.0], false, Words::Percent("shed share")),
    spec(Setpoint::ShedLeadS, "Shed lead", "s", [-10.0, 10.0], false, Words::Number("shed lead", 1, "s")),
    spec(Setpoint::CeilingPu, "Ceiling", "pu", [0.3, 1.1], false, Words::Percent("ceiling")),
    spec(Setpoint::BessOn, "BESS", "", [0.0, 1.0], true, Words::Choice("BESS", OFF_ON)),
    spec(Setpoint::BessKw, "BESS size", "kW", [0.0, 1.0e5], false, Words::Number("BESS", 0, "kW")),
    spec(Setpoint::AuxKw, "Aux load", "kW", [0.0, 1.0e5], false, Words::Number("aux load", 0, "kW")),
    spec(Setpoint::LoadBankKw, "Load bank", "kW", [0.0, 1.0e5], false, Words::Number("load bank", 0, "kW")),
    spec(Setpoint::MinerLatencyS, "Miner latency", "s", [0.0, 60.0], false, Words::Number("miner latency", 1, "s")),
    spec(Setpoint::FeedbackHold, "Feedback hold", "", [0.0, 1.0], true, Words::Choice("feedback hold", OFF_ON)),
    spec(
        Setpoint::HoldPointKw,
        "Hold point",
        "kW",
        [0.0, 1.0e6],
        false,
        Words::NumberOr("hold point", 0, "kW", "hold points cleared"),
    ),
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
        match self.spec().words {
            Words::NumberOr(.., nothing) if v <= 0.0 => nothing.to_owned(),
            Words::Number(what, digits, unit) | Words::NumberOr(what, digits, unit, _) => {
                format!("{what} {v:.digits$} {unit}")
            }
            Words::Percent(what) => format!("{what} {:.0} %", v * 100.0),
            Words::Choice(what, names) => format!("{what} {}", choice(names, v)),
        }
    }
}

/// Name of a path by its index.
#[must_use]
pub fn path_name(v: f64) -> &'static str {
    choice(PATHS, v)
}

/// Name of a shed policy by its index.
#[must_use]
pub fn shed_mode_name(v: f64) -> &'static str {
    choice(SHED_MODES, v)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_choices() {
        for (i, s) in SETPOINTS.iter().enumerate() {
            assert_eq!((s.setpoint as usize, s.setpoint.spec().label), (i, s.label));
        }
        // Every choice of the range has a name of its own.
        for s in &SETPOINTS {
            if let Words::Choice(_, names) = s.words {
                assert_eq!((s.range[1] as usize + 1, s.whole), (names.len(), true), "{}", s.label);
            }
        }
        assert_eq!(Setpoint::IntervalS.words(2.5), "interval 2.50 s");
        assert_eq!(Setpoint::CeilingPu.words(0.95), "ceiling 95 %");
        assert_eq!([0.0, 1.0, 2.0].map(|v| Setpoint::Path.words(v)), ["path A", "path B", "path B+restore"]);
        assert_eq!([0.0, 1.0].map(|v| Setpoint::BessOn.words(v)), ["BESS off", "BESS on"]);
        assert_eq!([0.0, 250.0].map(|v| Setpoint::HoldPointKw.words(v)), ["hold points cleared", "hold point 250 kW"]);
        assert!(Setpoint::BatchGpus.accepts(10.0) && !Setpoint::BatchGpus.accepts(2.5));
        assert!(Setpoint::CeilingPu.accepts(0.95) && !Setpoint::CeilingPu.accepts(f64::NAN));
    }
}
