//! The row of a tick: every signal at the present state.
//!
//! Fast signals (frequency, powers, voltages, currents, steps, ramps) are brought up to date each tick, slow ones
//! (commands, counts, energies, charge, states) each 10 ms, at the end of each block row and with each event.

use std::ops::Range;

use super::Engine;
use crate::control::bucket::Bucket;
use crate::plant::config;
use crate::plant::device::{Block, DeviceKind, KINDS};
use crate::plant::gpu::Phase;
use crate::plant::signals::{self, SignalIdx, SignalTable, at};

/// Places of the fast signals: the head of each block of the table.
pub(super) fn fast(table: &SignalTable, cfg: &config::Plant) -> Vec<Range<usize>> {
    use signals::{section, site};
    let head = |from: SignalIdx, fast: usize| from.at()..from.at() + fast;
    let sections = (0..cfg.sections.len()).map(|i| head(table.section(i, 0), section::LOAD_KW as usize + 1));
    let devices = blocks(table, cfg).flat_map(|(kind, block, places)| {
        (0..places.len() / block.specs.len()).map(move |i| head(table.device(kind, i, 0), block.fast))
    });
    let site = head(at(site::F_HZ), site::HEADROOM_KW as usize + 1);
    core::iter::once(site).chain(sections).chain(devices).collect()
}

/// The kinds of devices that have signals, and where their blocks are in a row.
fn blocks(
    table: &SignalTable,
    cfg: &config::Plant,
) -> impl Iterator<Item = (DeviceKind, &'static Block, Range<usize>)> {
    KINDS.iter().filter_map(move |k| {
        let block = k.block.as_ref()?;
        let first = table.device(k.kind, 0, 0).at();
        Some((k.kind, block, first..first + (k.count)(cfg) * block.specs.len()))
    })
}

impl Engine {
    /// The row of the last tick, as recorded; none while rows are not recorded.
    #[must_use]
    pub fn row(&self) -> Option<&[f64]> {
        self.recorder.is_on().then(|| self.recorder.latest())
    }

    /// Overwrites `out` with the row of the present state.
    pub fn latest(&self, out: &mut Vec<f64>) {
        out.resize(self.table.len(), 0.0);
        self.fill_row(out);
    }

    /// Fills a row with every signal at the present state.
    pub fn fill_row(&self, row: &mut [f64]) {
        self.fill_fast(row);
        self.fill_slow(row);
        self.sense_row(row);
    }

    pub(super) fn fill_fast(&self, row: &mut [f64]) {
        use signals::{section, site};
        let (p, t, m) = (&self.plant, self.totals(), self.meters());
        let cfg: &config::Plant = &p.cfg;
        if let Some(row) = row.first_chunk_mut::<{ site::SPECS.len() }>() {
            let mut set = |i: u32, v: f64| row[i as usize] = v;
            set(site::F_HZ, if t.alive { t.f_hz } else { 0.0 });
            set(site::V_PU, if t.alive { t.v_pu } else { 0.0 });
            set(site::GEN_KW, t.gen_kw);
            set(site::GEN_MECH_KW, t.mech_kw);
            set(site::GEN_KVAR, t.gen_kvar);
            set(site::GEN_A, t.gen_i * 1.0e6 / (1.732_050_807_568_877_2 * cfg.v_nom));
            set(site::GPU_KW, t.gpu_kw);
            set(site::MINER_KW, t.miner_kw);
            set(site::BESS_KW, t.bess_kw);
            set(site::AUX_KW, t.aux_kw);
            set(site::STEP_UP_1S_KW, m.step_up_1s_kw);
            set(site::STEP_DOWN_1S_KW, m.step_down_1s_kw);
            set(site::RAMP_1S_KW_PER_S, m.ramp_1s);
            set(site::RAMP_5S_KW_PER_S, m.ramp_5s);
            set(site::ROCOF_100MS_HZ_PER_S, m.rocof_100ms);
            set(site::ROCOF_500MS_HZ_PER_S, m.rocof_500ms);
            set(site::HEADROOM_KW, t.rating_kw - t.gen_kw);
        }
        let rows = row[self.table.section(0, 0).at()..].chunks_exact_mut(section::SPECS.len());
        for (r, i) in rows.zip(&p.island_of) {
            let isl = &p.islands[*i];
            r[section::F_HZ as usize] = if isl.alive { isl.f_pu * cfg.f0_hz } else { 0.0 };
            r[section::V_PU as usize] = if isl.alive { isl.vm } else { 0.0 };
            r[section::LOAD_KW as usize] = 0.0;
        }
        let mut add = |section: usize, kw: f64| row[self.table.section(section, section::LOAD_KW).at()] += kw;
        cfg.gpus.iter().zip(&self.powers.gpus).for_each(|(c, kw)| add(c.section, *kw));
        cfg.miners.iter().zip(&self.powers.miners).for_each(|(f, kw)| add(f.section, *kw));
        cfg.aux.iter().enumerate().for_each(|(i, a)| add(a.section, p.aux_load_kw(i)));
        for (_, block, places) in blocks(&self.table, cfg) {
            (block.fill_fast)(p, &mut row[places]);
        }
    }

    /// STEP NOW of an island: level and capacity, kW. Before control has looked for the first time the bucket is as it will
    /// be then: full, for the load of the start.
    fn step_now_kw(&self, island: usize) -> [f64; 2] {
        if self.plant.tick > 0 {
            return self.control.step_now_kw(island);
        }
        let measured = self.measured();
        let of = measured.islands.get(island);
        of.map_or([0.0; 2], |r| [Bucket::capacity_at_kw(self.control.policy(), r); 2])
    }

    pub(super) fn fill_slow(&self, row: &mut [f64]) {
        use signals::{island, section, site};
        let p = &self.plant;
        let cfg: &config::Plant = &p.cfg;
        let mut set = |i: u32, v: f64| row[i as usize] = v;
        set(site::GPU_CMD_KW, self.control.commanded_gpu_kw());
        set(site::MINER_CMD_KW, self.mining_base_kw - self.control.commanded_shed_kw());
        let [level, cap] = self.step_now_kw(p.main_island());
        set(site::STEP_NOW_KW, level);
        set(site::STEP_CAP_KW, cap);
        let count = |phase| p.gpus.iter().map(|g| f64::from(g.count(phase))).sum::<f64>();
        set(site::GPU_OFF, count(Phase::Off));
        set(site::GPU_PRELOAD, count(Phase::Preload));
        set(site::GPU_FULL, count(Phase::Full));
        // what has no supply does not hash, whatever it was told
        let lit = p.miners.iter().enumerate().filter(|(i, _)| p.miners_are_fed(*i));
        set(site::MINER_ON, lit.map(|(_, s)| f64::from(s.units_on())).sum());
        set(site::MINER_OFF, p.miners.iter().map(|s| f64::from(s.restorable())).sum());
        set(site::MINER_STUCK, p.miners.iter().map(|s| f64::from(s.stuck())).sum());
        set(site::SHED_LAG_S, p.miners.iter().map(|s| s.shed_lag_s).fold(0.0, f64::max));
        let energy: f64 = cfg.bess.iter().map(|b| b.energy_kwh).sum();
        let charge: f64 = p.bess.iter().zip(&cfg.bess).map(|(s, b)| s.soc_read() * b.energy_kwh).sum();
        set(site::BESS_SOC_PCT, if energy > 0.0 { 100.0 * charge / energy } else { 0.0 });
        set(site::FUEL_KW, p.gensets.iter().zip(&cfg.gensets).map(|(s, g)| s.fuel_kw(g)).sum());
        set(site::FUEL_KWH, p.gensets.iter().map(|s| s.fuel.kwh()).sum());
        set(site::MINING_LOST_KWH, self.mining_lost_kwh());
        set(site::BESS_KWH, p.bess.iter().map(|b| b.moved.kwh()).sum());
        set(site::SCHEDULE, self.control.state().code() as f64);
        set(site::ENERGISED, f64::from(u8::from(p.islands[p.main_island()].alive)));
        set(site::GAS_PCT, 100.0 * p.gas_pressure());
        set(site::GPU_CAP_PCT, 100.0 * p.gpus.iter().map(|g| g.cap).fold(1.0, f64::min));
        for (s, i) in p.island_of.iter().enumerate() {
            let r = &mut row[self.table.section(s, 0).at()..];
            r[section::ENERGISED as usize] = f64::from(u8::from(p.islands[*i].alive));
            r[section::ISLAND as usize] = *i as f64;
        }
        for (s, i) in p.island_of.iter().enumerate() {
            let Some(first) = self.table.island(s, 0) else { break };
            let (r, of) = (&mut row[first.at()..], &self.islands[*i]);
            r[island::GEN_KW as usize] = of.gen_kw;
            r[island::HEADROOM_KW as usize] = of.rating_kw - of.gen_kw;
            r[island::STEP_UP_1S_KW as usize] = of.meters.now.step_up_1s_kw;
            r[island::RAMP_5S_KW_PER_S as usize] = of.meters.now.ramp_5s;
            r[island::ROCOF_500MS_HZ_PER_S as usize] = of.meters.now.rocof_500ms;
            let [level, cap] = self.step_now_kw(*i);
            r[island::STEP_NOW_KW as usize] = level;
            r[island::STEP_CAP_KW as usize] = cap;
            r[island::RATING_KW as usize] = of.rating_kw;
        }
        for (_, block, places) in blocks(&self.table, cfg) {
            (block.fill_slow)(p, &mut row[places]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acts::Block;
    use crate::plant::signals::site;
    use crate::scenario::{builtin, builtin_scenario};

    fn shipped(name: &str) -> Engine {
        Engine::new(std::sync::Arc::new(builtin_scenario(name).unwrap().unwrap()))
    }

    /// Rows were filled after relays had opened a breaker and before the node knew: for one tick the power was of two
    /// instants.
    #[test]
    fn regress_every_row_balances_also_in_the_tick_of_a_trip() {
        let mut trips = 0;
        for (name, _) in builtin() {
            let mut e = shipped(name);
            let mut row = vec![0.0; e.table.len()];
            for _ in 0..25_000 {
                e.tick();
                e.fill_row(&mut row);
                let off = e.table.balance().residual_kw(|i| row[i.at()]);
                assert!(off.abs() < 1e-3, "{name} at {} s: {off} kW nowhere, bound 1e-3", e.t_s());
                let on: f64 = (0..e.plant.gensets.len())
                    .filter(|i| row[e.table.genset(*i, signals::genset::BREAKER).at()] < 0.5)
                    .map(|i| row[e.table.genset(i, signals::genset::P_KW).at()].abs())
                    .sum();
                assert!(on == 0.0, "{name} at {} s: {on} kW through open breakers", e.t_s());
            }
            trips += e.trips().len();
        }
        assert!(trips > 0, "nothing tripped");
    }

    /// What a tick without an event may change is in the ranges that the recorder folds at each tick.
    #[test]
    fn fast_and_slow_signals_are_a_row() {
        for name in ["path-a", "bess-200kw", "two-gensets-one-trips", "condenser"] {
            let e = shipped(name);
            let ranges = fast(&e.table, &e.plant.cfg);
            let mut row = vec![f64::NAN; e.table.len()];
            e.fill_fast(&mut row);
            for (i, x) in row.iter().enumerate() {
                assert!(x.is_nan() || ranges.iter().any(|r| r.contains(&i)), "{name}: {:?}", e.table.signals()[i].id);
            }
            e.fill_slow(&mut row);
            for (x, s) in row.iter().zip(e.table.signals()) {
                assert!(x.is_finite(), "{name}: nobody fills {}", s.id);
            }
        }
    }

    /// Lowest, highest and last of each block row against every tick of it.
    #[test]
    fn block_rows_hold_the_extremes_of_their_ticks() {
        let mut e = shipped("two-gensets-one-trips");
        let (mut block, mut row) = (Block::default(), vec![0.0; e.table.len()]);
        e.take_block(&mut block);
        let mut seen = Vec::new();
        let fast = fast(&e.table, &e.plant.cfg);
        while e.now_tick() < 20_000 {
            e.tick();
            e.fill_row(&mut row);
            seen.push(row.clone());
            if e.now_tick().is_multiple_of(50) {
                block = Block::default();
                e.take_block(&mut block);
                assert_eq!((block.rows(), &block.last), (1, &row), "at {} s", e.t_s());
                for i in fast.iter().cloned().flatten() {
                    let of = |f: fn(f64, f64) -> f64| seen.iter().map(|r| r[i]).reduce(f).unwrap();
                    let id = &e.table.signals()[i].id;
                    let slow = [site::GPU_CMD_KW, site::MINER_CMD_KW].contains(&(i as u32));
                    assert!(slow || block.min[i] == of(f64::min), "{id} at {} s", e.t_s());
                    assert!(slow || block.max[i] == of(f64::max), "{id} at {} s", e.t_s());
                }
                seen.clear();
            }
        }
    }
}
