//! Malfunctions and field acts as data: what can go wrong, on which device, how badly.
//!
//! The engine carries them out as acts of the command log, so that the log alone reproduces a run. Severity is a share
//! from 0 to 1 of what [`Spec::full`] says; 0 ends a malfunction. Delay, duration and triggers are the business of
//! an exercise. Never says when.

use serde::{Deserialize, Serialize};

use super::device::DeviceKind;

/// What goes wrong. The comment says which device it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Genset: fuel gas pressure falls, and with it the power that the engine can give.
    GasPressure,
    /// Genset: every lag of governor and actuator is longer.
    SluggishGovernor,
    /// GPU cohort: GPUs at preload go to full at once, past control.
    JobSlam,
    /// GPU cohort: running GPUs drop to off.
    JobCrash,
    /// Signal: reads high.
    SensorHigh,
    /// Signal: reads low.
    SensorLow,
    /// Signal: stays where it was.
    SensorFreeze,
    /// Miner fleet: units do not answer.
    MinerStuck,
    /// Miner fleet: commands take longer.
    MinerLag,
    /// Battery: 52B opens by its own protection.
    BessTrip,
    /// Battery: its management reads too little charge.
    BessSocLow,
    /// Breaker: a feeder opens by protection.
    FeederTrip,
    /// Source of commands: they get lost.
    CommLoss,
    /// Source of commands: they come late.
    CommDelay,
    /// GPU cohort: a GPU takes more than its plan says.
    GpuKw,
    /// Aux load: a step on top of what it takes.
    AuxStep,
}

/// What the device of a malfunction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A device of a kind, by its index.
    Device(DeviceKind),
    /// A breaker, by its flat index.
    Breaker,
    /// A signal of the table.
    Signal,
    /// One of [`SOURCES`].
    Source,
}

/// Where commands go, in the order that [`FaultKind::CommLoss`] counts.
pub const SOURCES: [&str; 3] = ["gpu commands", "miner commands", "bess"];

/// A row of the table of malfunctions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spec {
    /// Which.
    pub kind: FaultKind,
    /// Number by which trainers call it; the part behind the dot tells two ways of the same malfunction apart.
    pub code: &'static str,
    /// Name.
    pub name: &'static str,
    /// What it acts on.
    pub target: Target,
    /// What severity 1 means: a number.
    pub full: f64,
    /// What that number is.
    pub unit: &'static str,
    /// Whether it is over as soon as it has happened.
    pub once: bool,
}

const fn spec(
    kind: FaultKind,
    code: &'static str,
    name: &'static str,
    target: Target,
    full: f64,
    unit: &'static str,
    once: bool,
) -> Spec {
    Spec { kind, code, name, target, full, unit, once }
}

const SET: Target = Target::Device(DeviceKind::Genset);
const GPUS: Target = Target::Device(DeviceKind::Gpus);
const MINERS: Target = Target::Device(DeviceKind::Miners);
const BESS: Target = Target::Device(DeviceKind::Bess);
const AUX: Target = Target::Device(DeviceKind::Aux);

/// All malfunctions, in the order of a list. Full scales are choices of this program: wide enough to trip the plant.
pub const FAULTS: [Spec; 16] = [
    spec(FaultKind::GasPressure, "M01", "gas pressure drop", SET, 100.0, "% derate", false),
    spec(FaultKind::SluggishGovernor, "M02", "governor sluggish", SET, 10.0, "x lag", false),
    spec(FaultKind::JobSlam, "M03", "GPU job slam", GPUS, 100.0, "% of preload", true),
    spec(FaultKind::JobCrash, "M04", "GPU job crash", GPUS, 100.0, "% of running", true),
    spec(FaultKind::SensorHigh, "M05.1", "sensor reads high", Target::Signal, 100.0, "% of span", false),
    spec(FaultKind::SensorLow, "M05.2", "sensor reads low", Target::Signal, 100.0, "% of span", false),
    spec(FaultKind::SensorFreeze, "M05.3", "sensor frozen", Target::Signal, 100.0, "%", false),
    spec(FaultKind::MinerStuck, "M06", "miner block stuck", MINERS, 100.0, "% of units", false),
    spec(FaultKind::MinerLag, "M07", "miner lag", MINERS, 20.0, "s more", false),
    spec(FaultKind::BessTrip, "M08.1", "BESS trip", BESS, 100.0, "%", true),
    spec(FaultKind::BessSocLow, "M08.2", "BESS charge reads low", BESS, 100.0, "points", false),
    spec(FaultKind::FeederTrip, "M09", "feeder breaker trip", Target::Breaker, 100.0, "%", true),
    spec(FaultKind::CommLoss, "M10.1", "communications lost", Target::Source, 100.0, "% of commands", false),
    spec(FaultKind::CommDelay, "M10.2", "communications late", Target::Source, 10.0, "s", false),
    spec(FaultKind::GpuKw, "M11", "kW per GPU wrong", GPUS, 100.0, "% more", false),
    spec(FaultKind::AuxStep, "M12", "auxiliary load step", AUX, 200.0, "kW", false),
];

impl FaultKind {
    /// Its row of the table.
    #[must_use]
    pub fn spec(self) -> &'static Spec {
        // The table has a row for each kind; a test holds it to that.
        FAULTS.iter().find(|s| s.kind == self).unwrap_or(&FAULTS[0])
    }

    /// By code; `M05` is the first of its kind, `M05.1`.
    #[must_use]
    pub fn by_code(code: &str) -> Option<Self> {
        let whole = |s: &&Spec| s.code.eq_ignore_ascii_case(code);
        let first = |s: &&Spec| s.code.split('.').next().is_some_and(|c| c.eq_ignore_ascii_case(code));
        FAULTS.iter().find(whole).or_else(|| FAULTS.iter().find(first)).map(|s| s.kind)
    }
}

/// A malfunction begins, changes or ends.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// Index of the device, see [`Spec::target`].
    pub device: u32,
    /// 0 to 1; 0 ends it.
    pub severity: f64,
    /// Time to get there, s.
    #[serde(default)]
    pub ramp_s: f64,
}

/// An act in the field, outside the console.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Remote {
    /// Opens or closes a breaker by its flat index. 52G closes through the start sequence and check-sync.
    Breaker(u32, bool),
    /// Opens or shuts the gas valve of a genset.
    GasValve(u32, bool),
    /// Presses the emergency stop, or pulls it out again.
    EStop(bool),
    /// Another pick-up and delay for relay `1` of genset `0`: `(genset, relay, pickup, delay_s)`.
    Relay(u32, u32, f64, f64),
    /// Opens or closes the isolator of a container of miners: `(fleet, container, closed)`.
    Isolator(u32, u32, bool),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_one_row_and_one_code() {
        let mut codes: Vec<_> = FAULTS.iter().map(|s| s.code).collect();
        codes.dedup();
        assert_eq!(codes.len(), FAULTS.len());
        for s in FAULTS {
            assert_eq!(s.kind.spec(), &s);
            assert_eq!(FaultKind::by_code(s.code), Some(s.kind));
        }
        assert_eq!(FaultKind::by_code("m05"), Some(FaultKind::SensorHigh));
        assert_eq!(FaultKind::by_code("M13"), None);
        assert!((1..=12).all(|n| FaultKind::by_code(&format!("M{n:02}")).is_some()), "twelve malfunctions");
    }
}
