//! The row of a tick: every signal at the present state.

use super::Engine;
use crate::control::Phase;
use crate::plant::config::{self, BessMode};
use crate::plant::signals;

impl Engine {
    /// Fills a row with every signal at the present state.
    pub fn fill_row(&self, row: &mut [f64]) {
        use signals::site;
        let (p, t, m) = (&self.plant, &self.totals, &self.meters.now);
        let cfg = &p.cfg;
        let mut set = |i: u32, v: f64| row[i as usize] = v;
        set(site::F_HZ, if t.alive { t.f_hz } else { 0.0 });
        set(site::V_PU, if t.alive { t.v_pu } else { 0.0 });
        set(site::GEN_KW, t.gen_kw);
        set(site::GEN_MECH_KW, t.mech_kw);
        set(site::GEN_KVAR, t.gen_kvar);
        set(site::GEN_A, t.gen_i * 1.0e6 / (1.732_050_807_568_877_2 * cfg.v_nom));
        set(site::GPU_KW, t.gpu_kw);
        set(site::GPU_CMD_KW, self.control.commanded_gpu_kw());
        set(site::MINER_KW, t.miner_kw);
        set(site::MINER_CMD_KW, self.mining_base_kw - self.control.commanded_shed_kw());
        set(site::BESS_KW, t.bess_kw);
        set(site::AUX_KW, t.aux_kw);
        set(site::STEP_UP_1S_KW, m.step_up_1s_kw);
        set(site::STEP_DOWN_1S_KW, m.step_down_1s_kw);
        set(site::RAMP_1S_KW_PER_S, m.ramp_1s);
        set(site::RAMP_5S_KW_PER_S, m.ramp_5s);
        set(site::ROCOF_100MS_HZ_PER_S, m.rocof_100ms);
        set(site::ROCOF_500MS_HZ_PER_S, m.rocof_500ms);
        set(site::HEADROOM_KW, t.rating_kw - t.gen_kw);
        let [level, cap] = self.control.step_now_kw();
        set(site::STEP_NOW_KW, level);
        set(site::STEP_CAP_KW, cap);
        let count = |phase| p.gpus.iter().map(|g| f64::from(g.count(phase))).sum::<f64>();
        set(site::GPU_OFF, count(Phase::Off));
        set(site::GPU_PRELOAD, count(Phase::Preload));
        set(site::GPU_FULL, count(Phase::Full));
        set(site::MINER_ON, p.miners.iter().map(|s| f64::from(s.units_on())).sum());
        set(site::MINER_OFF, p.miners.iter().map(|s| f64::from(s.restorable())).sum());
        set(site::MINER_STUCK, p.miners.iter().map(|s| f64::from(s.stuck())).sum());
        set(site::SHED_LAG_S, p.miners.iter().map(|s| s.shed_lag_s).fold(0.0, f64::max));
        let energy: f64 = cfg.bess.iter().map(|b| b.energy_kwh).sum();
        let charge: f64 = p.bess.iter().zip(&cfg.bess).map(|(s, b)| s.soc * b.energy_kwh).sum();
        set(site::BESS_SOC_PCT, if energy > 0.0 { 100.0 * charge / energy } else { 0.0 });
        set(site::FUEL_KW, p.gensets.iter().zip(&cfg.gensets).map(|(s, g)| s.fuel_kw(g)).sum());
        set(site::FUEL_KWH, p.gensets.iter().map(|s| s.fuel_kwh).sum());
        set(site::MINING_LOST_KWH, self.mining_lost_kwh);
        set(site::BESS_KWH, self.bess_energy_kwh);
        set(site::SCHEDULE, self.control.state().code() as f64);
        set(site::ENERGISED, f64::from(u8::from(t.alive)));
        self.fill_devices(row);
    }

    pub(super) fn fill_devices(&self, row: &mut [f64]) {
        use signals::{bess, genset, section};
        let p = &self.plant;
        let cfg: &config::Plant = &p.cfg;
        for s in 0..cfg.sections.len() {
            let isl = &p.islands[p.island_of[s]];
            let r = &mut row[self.table.section(s, 0).at()..];
            r[section::F_HZ as usize] = if isl.alive { isl.f_pu * cfg.f0_hz } else { 0.0 };
            r[section::V_PU as usize] = if isl.alive { isl.vm } else { 0.0 };
            r[section::LOAD_KW as usize] = self.section_kw(s);
            r[section::ENERGISED as usize] = f64::from(u8::from(isl.alive));
            r[section::ISLAND as usize] = p.island_of[s] as f64;
        }
        for (i, (s, g)) in p.gensets.iter().zip(&cfg.gensets).enumerate() {
            let r = &mut row[self.table.genset(i, 0).at()..];
            r[genset::P_KW as usize] = s.terminal.p * 1000.0;
            r[genset::Q_KVAR as usize] = s.terminal.q * 1000.0;
            r[genset::PM_KW as usize] = s.out.pm * g.rated_kw;
            r[genset::SPEED_HZ as usize] = s.x[crate::plant::genset::W] * cfg.f0_hz;
            r[genset::VT_PU as usize] = s.terminal.vt;
            r[genset::EFD_PU as usize] = s.x[crate::plant::genset::EFD];
            r[genset::VALVE_PU as usize] = s.out.valve;
            r[genset::BOOST_PU as usize] = s.x[crate::plant::genset::BOOST];
            r[genset::AVAIL_KW as usize] = s.out.avail * g.rated_kw;
            r[genset::FUEL_KW as usize] = s.fuel_kw(g);
            r[genset::LOWLOAD_MIN as usize] = s.lowload_s / 60.0;
            r[genset::STATE as usize] = f64::from(s.run as u8);
            r[genset::BREAKER as usize] = f64::from(u8::from(s.breaker));
        }
        for (i, (s, b)) in p.bess.iter().zip(&cfg.bess).enumerate() {
            let r = &mut row[self.table.bess(i, 0).at()..];
            r[bess::P_KW as usize] = s.p * 1000.0;
            r[bess::Q_KVAR as usize] = s.q * 1000.0;
            r[bess::SOC_PCT as usize] = 100.0 * s.soc;
            r[bess::I_PU as usize] = s.i;
            r[bess::BREAKER as usize] = f64::from(u8::from(s.breaker));
            debug_assert!(b.mode == BessMode::GridForming || !s.limited);
        }
    }

    pub(super) fn section_kw(&self, s: usize) -> f64 {
        let (p, cfg) = (&self.plant, &self.plant.cfg);
        let gpus = cfg.gpus.iter().enumerate().filter(|(_, c)| c.section == s).map(|(i, _)| p.gpu_kw(i));
        let miners = cfg.miners.iter().enumerate().filter(|(_, c)| c.section == s).map(|(i, _)| p.miner_kw(i));
        let aux = cfg.aux.iter().enumerate().filter(|(_, c)| c.section == s).map(|(i, _)| p.aux_load_kw(i));
        gpus.chain(miners).chain(aux).sum()
    }
}
