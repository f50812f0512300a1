//! Breakers of a plant in one flat order, with their ANSI names.

use super::config;

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
    /// 52T, a tie.
    Tie(usize),
}

impl Breaker {
    /// Name with the ANSI device number: `52G G1`.
    #[must_use]
    pub fn name(self, cfg: &config::Plant) -> String {
        match self {
            Self::Genset(i) => format!("52G {}", cfg.gensets[i].name),
            Self::Miner(i) => format!("52M {}", cfg.miners[i].name),
            Self::Gpu(i) => format!("52C {}", cfg.gpus[i].name),
            Self::Bess(i) => format!("52B {}", cfg.bess[i].name),
            Self::Aux(i) => format!("52A {}", cfg.aux[i].name),
            Self::Tie(i) => format!("52T {}", cfg.ties[i].name),
        }
    }
}

impl config::Plant {
    /// All breakers: gensets, miner fleets, GPU cohorts, batteries, aux loads, ties.
    pub fn breakers(&self) -> impl Iterator<Item = Breaker> + use<> {
        let (g, m, u) = (self.gensets.len(), self.miners.len(), self.gpus.len());
        let (b, a, t) = (self.bess.len(), self.aux.len(), self.ties.len());
        (0..g)
            .map(Breaker::Genset)
            .chain((0..m).map(Breaker::Miner))
            .chain((0..u).map(Breaker::Gpu))
            .chain((0..b).map(Breaker::Bess))
            .chain((0..a).map(Breaker::Aux))
            .chain((0..t).map(Breaker::Tie))
    }
}
