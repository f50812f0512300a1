//! Malfunctions and field acts as data: what can go wrong, on which device, how badly.
//!
//! [`super::run`] carries them out as acts of the command log, so that the log alone reproduces a run. Severity is a share
//! from 0 to 1 of what `FaultKind::full` says; 0 ends a malfunction. Delay, duration and triggers are the business of
//! an exercise. Never says when.

use serde::{Deserialize, Serialize};

use crate::plant::breaker::Breaker;
use crate::plant::config::Plant;
use crate::plant::signals::SignalTable;

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
    /// A genset.
    Genset,
    /// A GPU cohort.
    Gpus,
    /// A miner fleet.
    Miners,
    /// A battery.
    Bess,
    /// An aux load.
    Aux,
    /// A breaker, by its flat index.
    Breaker,
    /// A signal of the table.
    Signal,
    /// One of [`SOURCES`].
    Source,
}

/// All kinds of targets, in their order.
pub const TARGETS: [Target; 8] = [
    Target::Genset,
    Target::Gpus,
    Target::Miners,
    Target::Bess,
    Target::Aux,
    Target::Breaker,
    Target::Signal,
    Target::Source,
];

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

/// All malfunctions, in the order of a list. Full scales are choices of this program: wide enough to trip the plant.
pub const FAULTS: [Spec; 16] = [
    spec(FaultKind::GasPressure, "M01", "gas pressure drop", Target::Genset, 100.0, "% derate", false),
    spec(FaultKind::SluggishGovernor, "M02", "governor sluggish", Target::Genset, 10.0, "x lag", false),
    spec(FaultKind::JobSlam, "M03", "GPU job slam", Target::Gpus, 100.0, "% of preload", true),
    spec(FaultKind::JobCrash, "M04", "GPU job crash", Target::Gpus, 100.0, "% of running", true),
    spec(FaultKind::SensorHigh, "M05.1", "sensor reads high", Target::Signal, 100.0, "% of span", false),
    spec(FaultKind::SensorLow, "M05.2", "sensor reads low", Target::Signal, 100.0, "% of span", false),
    spec(FaultKind::SensorFreeze, "M05.3", "sensor frozen", Target::Signal, 100.0, "%", false),
    spec(FaultKind::MinerStuck, "M06", "miner block stuck", Target::Miners, 100.0, "% of units", false),
    spec(FaultKind::MinerLag, "M07", "miner lag", Target::Miners, 20.0, "s more", false),
    spec(FaultKind::BessTrip, "M08.1", "BESS trip", Target::Bess, 100.0, "%", true),
    spec(FaultKind::BessSocLow, "M08.2", "BESS charge reads low", Target::Bess, 100.0, "points", false),
    spec(FaultKind::FeederTrip, "M09", "feeder breaker trip", Target::Breaker, 100.0, "%", true),
    spec(FaultKind::CommLoss, "M10.1", "communications lost", Target::Source, 100.0, "% of commands", false),
    spec(FaultKind::CommDelay, "M10.2", "communications late", Target::Source, 10.0, "s", false),
    spec(FaultKind::GpuKw, "M11", "kW per GPU wrong", Target::Gpus, 100.0, "% more", false),
    spec(FaultKind::AuxStep, "M12", "auxiliary load step", Target::Aux, 200.0, "kW", false),
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

impl Target {
    /// Names of the devices that there are, by their index.
    #[must_use]
    pub fn names(self, plant: &Plant, table: &SignalTable) -> Vec<String> {
        match self {
            Self::Genset => plant.gensets.iter().map(|d| d.name.clone()).collect(),
            Self::Gpus => plant.gpus.iter().map(|d| d.name.clone()).collect(),
            Self::Miners => plant.miners.iter().map(|d| d.name.clone()).collect(),
            Self::Bess => plant.bess.iter().map(|d| d.name.clone()).collect(),
            Self::Aux => plant.aux.iter().map(|d| d.name.clone()).collect(),
            Self::Breaker => plant.breakers().map(|b| b.name(plant)).collect(),
            Self::Signal => table.signals().iter().map(|s| s.id.clone()).collect(),
            Self::Source => SOURCES.map(str::to_owned).to_vec(),
        }
    }

    /// The device that is meant when none is named: the first that makes sense.
    #[must_use]
    pub fn usual(self, plant: &Plant) -> u32 {
        let first = |f: fn(&Breaker) -> bool| plant.breakers().position(|b| f(&b)).unwrap_or(0) as u32;
        match self {
            // Gensets come first in the list of breakers, and a feeder is none of them.
            Self::Breaker => first(|b| matches!(b, Breaker::Gpu(_))),
            Self::Source => 1,
            _ => 0,
        }
    }
}

/// A malfunction begins, changes or ends.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
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

impl Fault {
    /// In words: `miner lag of miners to 40 %`.
    #[must_use]
    pub fn words(&self, plant: &Plant, table: &SignalTable) -> String {
        let s = self.kind.spec();
        let device = s.target.names(plant, table).get(self.device as usize).cloned().unwrap_or_default();
        let over = if self.ramp_s > 0.0 { format!(" over {:.1} s", self.ramp_s) } else { String::new() };
        if self.severity <= 0.0 {
            format!("{} ends, {device}{over}", s.name)
        } else {
            format!("{}, {device}, {:.0} %{over}", s.name, self.severity * 100.0)
        }
    }
}

/// An act in the field, outside the console.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remote {
    /// Opens or closes a breaker by its flat index. 52G closes through the start sequence and check-sync.
    Breaker(u32, bool),
    /// Opens or shuts the gas valve of a genset.
    GasValve(u32, bool),
    /// Presses the emergency stop, or pulls it out again.
    EStop(bool),
    /// Another pick-up and delay for relay `1` of genset `0`: `(genset, relay, pickup, delay_s)`.
    Relay(u32, u32, f64, f64),
    /// Opens or closes the isolator of a container of miners, [`crate::plant::miner::CONTAINERS`] in a fleet:
    /// `(fleet, container, closed)`.
    Isolator(u32, u32, bool),
}

impl Remote {
    /// In words.
    #[must_use]
    pub fn words(&self, plant: &Plant) -> String {
        let open = |on: bool| if on { "open" } else { "shut" };
        let close = |on: bool| if on { "close" } else { "open" };
        let genset = |i: u32| plant.gensets.get(i as usize).map_or("genset", |g| g.name.as_str());
        match *self {
            Self::Breaker(i, on) => {
                let name = plant.breakers().nth(i as usize).map_or_else(|| "breaker".to_owned(), |b| b.name(plant));
                format!("{} {name}", close(on))
            }
            Self::GasValve(i, on) => format!("{} gas valve {}", open(on), genset(i)),
            Self::EStop(true) => "emergency stop".to_owned(),
            Self::EStop(false) => "emergency stop pulled out".to_owned(),
            Self::Relay(g, r, pickup, delay_s) => {
                let relay = plant.gensets.get(g as usize).and_then(|s| s.relays.get(r as usize));
                let name = relay.map_or("relay", |r| r.name.as_str());
                format!("set {name} {} to {pickup:.4}, {delay_s:.2} s", genset(g))
            }
            Self::Isolator(f, c, on) => {
                let fleet = plant.miners.get(f as usize).map_or("miners", |m| m.name.as_str());
                format!("{} isolator {} {fleet}", close(on), c + 1)
            }
        }
    }
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
