//! Kinds of devices that hang on a bus section, one row each: what they are called, which breaker they have, where they hang,
//! which signals they have and who fills them.
//!
//! Breakers and their order, blocks of the signal table, rows, targets of malfunctions, the one-line and the alarms of held
//! breakers iterate over this table, so that a new kind is a row here beside its own parameters and physics. What node and
//! integrator know of a source is in `source`. The order is that of [`config::Plant::breakers`] and goes into recorded acts: a
//! new kind goes to the end.

use super::breaker::Breaker;
use super::config;
use super::signals::{self, Group, Spec};
use super::system::Plant;
use crate::acts::Parts;

pub use crate::acts::DeviceKind;

/// Which way power goes that counts positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Into the bus: a voltage behind an impedance, with states of its own.
    Source,
    /// Out of the bus: a demand.
    Load,
}

/// The block that each device of a kind has in a row of signals.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    /// Group of the signals.
    pub group: Group,
    /// The signals in order.
    pub specs: &'static [Spec],
    /// How many of them, from the first on, may change at any tick.
    pub fast: usize,
    /// Offsets of its power and of its breaker's position.
    pub power: u32,
    /// See `power`.
    pub breaker: u32,
    /// Names of the devices.
    pub names: fn(&Parts) -> &[String],
    /// Puts the fast signals of all devices of the kind into their blocks, which are the whole of the slice given.
    pub fill_fast: fn(&Plant, &mut [f64]),
    /// The other signals.
    pub fill_slow: fn(&Plant, &mut [f64]),
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct KindRow {
    /// Which.
    pub kind: DeviceKind,
    /// What one is called in a sentence.
    pub noun: &'static str,
    /// What several of them together are called on a screen.
    pub label: &'static str,
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
    /// Whether that breaker is closed.
    pub is_closed: fn(&Plant, usize) -> bool,
    /// Opens or closes it; gives why not, in words.
    pub switch: fn(&mut Plant, usize, bool) -> Result<(), &'static str>,
    /// Power of one of them, kW, positive as its role says.
    pub kw: fn(&Plant, usize) -> f64,
    /// Its signals, where each device of the kind has some of its own.
    pub block: Option<Block>,
}

macro_rules! row {
    ($kind:ident, $noun:literal, $label:literal, $breaker:literal, $role:ident, $list:ident, $of:path, $closed:expr, $switch:expr, $kw:expr, $block:expr) => {
        KindRow {
            kind: DeviceKind::$kind,
            noun: $noun,
            label: $label,
            breaker: $breaker,
            role: Role::$role,
            count: |p| p.$list.len(),
            name: |p, i| &p.$list[i].name,
            section: |p, i| p.$list[i].section,
            of: $of,
            is_closed: $closed,
            switch: $switch,
            kw: $kw,
            block: $block,
        }
    };
    // A load behind a feeder of its own.
    ($kind:ident, $noun:literal, $label:literal, $breaker:literal, $list:ident, $of:path, $kw:path) => {
        row!(
            $kind,
            $noun,
            $label,
            $breaker,
            Load,
            $list,
            $of,
            |p, i| p.feeder_is_closed($of(i)),
            |p, i, close| {
                p.switch_feeder($of(i), close);
                Ok(())
            },
            $kw,
            None
        )
    };
}

/// All kinds.
pub const KINDS: [KindRow; 6] = [
    row!(
        Genset,
        "genset",
        "Gensets",
        "52G",
        Source,
        gensets,
        Breaker::Genset,
        |p, i| p.gensets[i].breaker,
        Plant::switch_genset,
        |p, i| p.gensets[i].terminal.p * 1000.0,
        Some(Block {
            group: Group::Genset,
            specs: signals::genset::SPECS,
            fast: signals::genset::AVAIL_KW as usize + 1,
            power: signals::genset::P_KW,
            breaker: signals::genset::BREAKER,
            names: |p| &p.gensets,
            fill_fast: Plant::fill_gensets_fast,
            fill_slow: Plant::fill_gensets_slow,
        })
    ),
    row!(Miners, "miner fleet", "Miners", "52M", miners, Breaker::Miner, Plant::miner_kw),
    row!(Gpus, "GPU cohort", "GPU", "52C", gpus, Breaker::Gpu, Plant::gpu_kw),
    row!(
        Bess,
        "battery",
        "BESS",
        "52B",
        Source,
        bess,
        Breaker::Bess,
        |p, i| p.bess[i].breaker,
        |p, i, close| {
            p.switch_battery(i, close);
            Ok(())
        },
        |p, i| p.bess[i].p * 1000.0,
        Some(Block {
            group: Group::Bess,
            specs: signals::bess::SPECS,
            fast: signals::bess::I_PU as usize + 1,
            power: signals::bess::P_KW,
            breaker: signals::bess::BREAKER,
            names: |p| &p.bess,
            fill_fast: Plant::fill_batteries_fast,
            fill_slow: Plant::fill_batteries_slow,
        })
    ),
    row!(Aux, "aux load", "Aux", "52A", aux, Breaker::Aux, Plant::aux_load_kw),
    row!(
        Condenser,
        "condenser",
        "Condenser",
        "52S",
        Source,
        condensers,
        Breaker::Condenser,
        |p, i| p.condensers[i].breaker,
        Plant::switch_condenser,
        |p, i| p.condensers[i].terminal.p * 1000.0,
        Some(Block {
            group: Group::Condenser,
            specs: signals::condenser::SPECS,
            fast: signals::condenser::EK_KWS as usize + 1,
            power: signals::condenser::P_KW,
            breaker: signals::condenser::BREAKER,
            names: |p| &p.condensers,
            fill_fast: Plant::fill_condensers_fast,
            fill_slow: Plant::fill_condensers_slow,
        })
    ),
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
