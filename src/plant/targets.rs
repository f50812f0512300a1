//! Where malfunctions and acts in the field land in a plant: names of the devices that an index means, and acts in words.

use super::breaker::Breaker;
use super::config::Plant;
use super::device::KINDS;
use super::signals::SignalTable;
use crate::acts::fault::{Fault, Remote, SOURCES, Target};

impl Target {
    /// All there are: the kinds of devices in the order of their table, then the others.
    pub fn all() -> impl Iterator<Item = Self> {
        KINDS.iter().map(|row| Self::Device(row.kind)).chain([Self::Breaker, Self::Signal, Self::Source])
    }

    /// Its place in that order.
    #[must_use]
    pub fn place(self) -> usize {
        Self::all().position(|t| t == self).unwrap_or(0)
    }

    /// Names of the devices that there are, by their index.
    #[must_use]
    pub fn names(self, plant: &Plant, table: &SignalTable) -> Vec<String> {
        match self {
            Self::Device(kind) => kind.names(plant),
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
            Self::Device(_) | Self::Signal => 0,
        }
    }
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
