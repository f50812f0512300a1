//! Signals of the devices at the present state, block by block: what the table of kinds calls to fill a row; and the balance
//! that every row keeps.

use super::config::Plant as Config;
use super::device::DeviceKind;
use super::genset::{BOOST, EFD, W};
use super::signals::{SignalIdx, SignalTable, at, bess, condenser, genset, site};
use super::system::Plant;
use crate::acts::Parts;

impl Config {
    /// Names of the parts that have signals of their own.
    #[must_use]
    pub fn parts(&self) -> Parts {
        fn names<'a, T: 'a>(all: &'a [T], name: impl Fn(&'a T) -> &'a String) -> Vec<String> {
            all.iter().map(name).cloned().collect()
        }
        Parts {
            sections: self.sections.clone(),
            gensets: names(&self.gensets, |g| &g.name),
            bess: names(&self.bess, |b| &b.name),
            condensers: names(&self.condensers, |c| &c.name),
        }
    }
}

/// Where the powers of a plant stand in a row of signals that add up to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Power of the first condenser, places to the next one, and how many there are.
    condensers: [u32; 3],
}

impl SignalTable {
    /// What the powers of this table's plant are balanced by.
    #[must_use]
    pub fn balance(&self) -> Balance {
        let kind = DeviceKind::Condenser;
        let width = condenser::SPECS.len() as u32;
        Balance { condensers: [self.device(kind, 0, condenser::P_KW).0, width, self.count(kind) as u32] }
    }
}

impl Balance {
    /// Sources less loads, kW: what no meter accounts for.
    pub fn residual_kw(self, value: impl Fn(SignalIdx) -> f64) -> f64 {
        let x = |k: u32| value(at(k));
        let [first, width, n] = self.condensers;
        let rotors: f64 = (0..n).map(|i| value(SignalIdx(first + i * width))).sum();
        x(site::GEN_KW) + x(site::BESS_KW) + rotors - x(site::GPU_KW) - x(site::MINER_KW) - x(site::AUX_KW)
    }
}

fn flag(on: bool) -> f64 {
    f64::from(u8::from(on))
}

impl Plant {
    pub(super) fn fill_gensets_fast(&self, blocks: &mut [f64]) {
        let rows = blocks.chunks_exact_mut(genset::SPECS.len());
        for (r, (s, g)) in rows.zip(self.gensets.iter().zip(&self.cfg.gensets)) {
            r[genset::P_KW as usize] = s.terminal.p * 1000.0;
            r[genset::Q_KVAR as usize] = s.terminal.q * 1000.0;
            r[genset::PM_KW as usize] = s.out.pm * g.rated_kw;
            r[genset::SPEED_HZ as usize] = s.x[W] * self.cfg.f0_hz;
            r[genset::VT_PU as usize] = s.terminal.vt;
            r[genset::EFD_PU as usize] = s.x[EFD];
            r[genset::VALVE_PU as usize] = s.out.valve;
            r[genset::BOOST_PU as usize] = s.x[BOOST];
            r[genset::AVAIL_KW as usize] = s.out.avail * g.rated_kw;
        }
    }

    pub(super) fn fill_gensets_slow(&self, blocks: &mut [f64]) {
        let rows = blocks.chunks_exact_mut(genset::SPECS.len());
        for (r, (s, g)) in rows.zip(self.gensets.iter().zip(&self.cfg.gensets)) {
            r[genset::FUEL_KW as usize] = s.fuel_kw(g);
            r[genset::LOWLOAD_MIN as usize] = s.lowload_ticks as f64 * self.cfg.tick_s / 60.0;
            r[genset::STATE as usize] = f64::from(s.run as u8);
            r[genset::BREAKER as usize] = flag(s.breaker);
        }
    }

    pub(super) fn fill_batteries_fast(&self, blocks: &mut [f64]) {
        for (r, s) in blocks.chunks_exact_mut(bess::SPECS.len()).zip(&self.bess) {
            r[bess::P_KW as usize] = s.p * 1000.0;
            r[bess::Q_KVAR as usize] = s.q * 1000.0;
            r[bess::I_PU as usize] = s.i;
        }
    }

    pub(super) fn fill_batteries_slow(&self, blocks: &mut [f64]) {
        for (r, s) in blocks.chunks_exact_mut(bess::SPECS.len()).zip(&self.bess) {
            r[bess::SOC_PCT as usize] = 100.0 * s.soc_read();
            r[bess::BREAKER as usize] = flag(s.breaker);
        }
    }

    pub(super) fn fill_condensers_fast(&self, blocks: &mut [f64]) {
        let rows = blocks.chunks_exact_mut(condenser::SPECS.len());
        for (r, (s, c)) in rows.zip(self.condensers.iter().zip(&self.cfg.condensers)) {
            r[condenser::P_KW as usize] = s.terminal.p * 1000.0;
            r[condenser::Q_KVAR as usize] = s.terminal.q * 1000.0;
            r[condenser::SPEED_HZ as usize] = s.x[W] * self.cfg.f0_hz;
            r[condenser::VT_PU as usize] = s.terminal.vt;
            r[condenser::EFD_PU as usize] = s.x[EFD];
            r[condenser::EK_KWS as usize] = s.kinetic_kws(c);
        }
    }

    pub(super) fn fill_condensers_slow(&self, blocks: &mut [f64]) {
        for (r, s) in blocks.chunks_exact_mut(condenser::SPECS.len()).zip(&self.condensers) {
            r[condenser::STATE as usize] = f64::from(s.code());
            r[condenser::BREAKER as usize] = flag(s.breaker);
        }
    }
}
