//! Kinds of devices that hang on a bus section, one row each: what they are called, which breaker they have, where they hang.
//!
//! Breakers and their order, targets of malfunctions, the one-line and the alarms of held breakers iterate over this table, so
//! that a new kind is a row here beside its own parameters and physics. The order is that of [`config::Plant::breakers`] and
//! goes into recorded acts: a new kind goes to the end.

use super::breaker::Breaker;
use super::config;

/// Kind of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeviceKind {
    /// A genset.
    Genset,
    /// A fleet of miners.
    Miners,
    /// A cohort of GPUs.
    Gpus,
    /// A battery.
    Bess,
    /// An aux load or load bank.
    Aux,
}

/// Which way power goes that counts positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Into the bus: a voltage behind an impedance, with states of its own.
    Source,
    /// Out of the bus: a demand.
    Load,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct KindRow {
    /// Which.
    pub kind: DeviceKind,
    /// What one is called in a sentence.
    pub noun: &'static str,
    /// ANSI device number of its breaker, with the letter that tells the feeders apart.
    pub breaker: &'static str,
    /// Source or load.
    pub role: Role,
    /// How many of them a plant has.
    pub count: fn(&config::Plant) -> usize,
    /// Name of one of them.
    pub name: fn(&config::Plant, usize) -> &str,
    /// Section that one of them hangs on.
    pub section: fn(&config::Plant, usize) -> usize,
    /// The breaker of one of them.
    pub of: fn(usize) -> Breaker,
}

macro_rules! row {
    ($kind:ident, $noun:literal, $breaker:literal, $role:ident, $list:ident, $of:path) => {
        KindRow {
            kind: DeviceKind::$kind,
            noun: $noun,
            breaker: $breaker,
            role: Role::$role,
            count: |p| p.$list.len(),
            name: |p, i| &p.$list[i].name,
            section: |p, i| p.$list[i].section,
            of: $of,
        }
    };
}

/// All kinds.
pub const KINDS: [KindRow; 5] = [
    row!(Genset, "genset", "52G", Source, gensets, Breaker::Genset),
    row!(Miners, "miner fleet", "52M", Load, miners, Breaker::Miner),
    row!(Gpus, "GPU cohort", "52C", Load, gpus, Breaker::Gpu),
    row!(Bess, "battery", "52B", Source, bess, Breaker::Bess),
    row!(Aux, "aux load", "52A", Load, aux, Breaker::Aux),
];

impl DeviceKind {
    /// Its row of the table.
    #[must_use]
    pub fn row(self) -> &'static KindRow {
        &KINDS[self as usize]
    }

    /// Names of the devices of this kind, by index.
    #[must_use]
    pub fn names(self, plant: &config::Plant) -> Vec<String> {
        let row = self.row();
        (0..(row.count)(plant)).map(|i| (row.name)(plant, i).to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plant::breaker::Behind;

    #[test]
    fn the_table_is_in_the_order_of_the_kinds_and_breakers_lead_back() {
        for (k, row) in KINDS.iter().enumerate() {
            assert_eq!(row.kind as usize, k);
            assert_eq!((row.of)(3).behind(), Behind::Device(row.kind, 3));
        }
        let letters: std::collections::BTreeSet<_> = KINDS.iter().map(|r| r.breaker).collect();
        assert_eq!(letters.len(), KINDS.len(), "one breaker each");
    }
}
