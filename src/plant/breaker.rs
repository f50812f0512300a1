//! Breakers of a plant in one flat order, with their ANSI names.

use super::config;
use super::device::{DeviceKind, KINDS};

/// What a breaker belongs to; the flat index of a breaker is its place in [`config::Plant::breakers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breaker {
    /// 52G of a genset.
    Genset(usize),
    /// 52M of a miner fleet.
    Miner(usize),
    /// 52C of a GPU cohort.
    Gpu(usize),
    /// 52B of a battery.
    Bess(usize),
    /// 52A of an aux load.
    Aux(usize),
    /// 52S of a synchronous condenser.
    Condenser(usize),
    /// 52T, a tie.
    Tie(usize),
}

/// What is behind a breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behind {
    /// A device of a kind, by its index.
    Device(DeviceKind, usize),
    /// Another section, through a tie.
    Tie(usize),
}

/// ANSI numbers of the kinds of breakers: those of the devices in the order of [`KINDS`], then the ties'.
pub const NUMBERS: [&str; KINDS.len() + 1] = {
    let mut all = ["52T"; KINDS.len() + 1];
    let mut i = 0;
    while i < KINDS.len() {
        all[i] = KINDS[i].breaker;
        i += 1;
    }
    all
};

impl Behind {
    /// Place of its breaker's kind in [`NUMBERS`].
    #[must_use]
    pub fn number(self) -> usize {
        match self {
            Self::Device(kind, _) => kind as usize,
            Self::Tie(_) => KINDS.len(),
        }
    }
}

impl Breaker {
    /// What is behind it.
    #[must_use]
    pub fn behind(self) -> Behind {
        match self {
            Self::Genset(i) => Behind::Device(DeviceKind::Genset, i),
            Self::Miner(i) => Behind::Device(DeviceKind::Miners, i),
            Self::Gpu(i) => Behind::Device(DeviceKind::Gpus, i),
            Self::Bess(i) => Behind::Device(DeviceKind::Bess, i),
            Self::Aux(i) => Behind::Device(DeviceKind::Aux, i),
            Self::Condenser(i) => Behind::Device(DeviceKind::Condenser, i),
            Self::Tie(i) => Behind::Tie(i),
        }
    }

    /// Name with the ANSI device number: `52G G1`.
    #[must_use]
    pub fn name(self, cfg: &config::Plant) -> String {
        match self.behind() {
            Behind::Device(kind, i) => format!("{} {}", kind.row().breaker, (kind.row().name)(cfg, i)),
            Behind::Tie(i) => format!("{} {}", NUMBERS[KINDS.len()], cfg.ties[i].name),
        }
    }

    /// Section that it connects, and for a tie the other one.
    #[must_use]
    pub fn sections(self, cfg: &config::Plant) -> (usize, Option<usize>) {
        match self.behind() {
            Behind::Device(kind, i) => ((kind.row().section)(cfg, i), None),
            Behind::Tie(i) => (cfg.ties[i].from, Some(cfg.ties[i].to)),
        }
    }
}

impl config::Plant {
    /// All breakers: those of the devices, kind by kind in the order of [`KINDS`], then the ties.
    pub fn breakers(&self) -> impl Iterator<Item = Breaker> + use<> {
        let counts = KINDS.map(|k| (k.count)(self));
        let devices = KINDS.into_iter().zip(counts).flat_map(|(k, n)| (0..n).map(k.of));
        devices.chain((0..self.ties.len()).map(Breaker::Tie))
    }
}
