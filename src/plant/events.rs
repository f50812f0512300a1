//! What a plant does by itself at the end of a tick: relays, staged load shedding, supplies, start sequences.

use std::sync::Arc;

use super::breaker::Breaker;
use super::config;
use super::exact::Exact;
use super::genset::{DELTA, EQ, GensetState, RunState, W};
use super::load::Supply;
use super::protection::{Device, Measurement, ShedWhat, check_sync, definite_time, picks_up};
use super::system::{Plant, PlantEvent, wrap};

/// 52B opens this far outside the charge window, pu.
const CUT_OFF: f64 = 0.002;

/// The synchroniser closes within this of zero angle, 1 degree.
const CLOSING_ANGLE_RAD: f64 = 0.0175;

impl Plant {
    /// Relays, staged shedding, supplies.
    pub(super) fn protect(&mut self) {
        for i in 0..self.gensets.len() {
            if let Some(m) = self.outside_quiet_band(i) {
                self.relays(i, m);
            }
        }
        for i in 0..self.bess.len() {
            let (s, b) = (&self.bess[i], &self.cfg.bess[i]);
            // The cells' own cut-off: an inverter that must hold a bus alone goes past its window, the cells do not.
            let past = (s.soc_read() < b.soc_min - CUT_OFF && s.p > 0.0) || (s.soc > b.soc_max + CUT_OFF && s.p < 0.0);
            if s.breaker && past {
                // Opening has no condition that could refuse it.
                self.switch(Breaker::Bess(i), false).unwrap_or_default();
            }
        }
        if !self.shed_done.is_empty() {
            self.shed_stages();
        }
        for s in 0..self.cfg.sections.len() {
            let isl = &self.islands[self.island_of[s]];
            let v = if isl.alive { isl.vm } else { 0.0 };
            match self.ride_through(s, v) {
                Supply::Steady => {}
                Supply::DropsOut => self.drop_section(s),
                Supply::Returns => {
                    let cfg = Arc::clone(&self.cfg);
                    for (f, _) in cfg.miners.iter().enumerate().filter(|(_, c)| c.section == s) {
                        self.miners[f].supply_back(cfg.psu.miner_restart_s, self.tick, cfg.tick_s);
                    }
                    self.events.push(PlantEvent::SupplyBack(s));
                }
            }
        }
    }

    /// What the relays of a set measure, when one of them may have something to do.
    fn outside_quiet_band(&self, i: usize) -> Option<Measurement> {
        let (s, g) = (&self.gensets[i], &self.cfg.gensets[i]);
        if s.run == RunState::Stopped || s.run == RunState::LockedOut {
            return None;
        }
        let m = Measurement {
            f_pu: self.islands[self.island_of[g.section]].f_pu + self.sensor_f_pu,
            rocof_hz_per_s: 0.0,
            v_pu: s.terminal.vt + self.sensor_v_pu,
            p_pu: s.out.pe,
            speed_pu: s.x[W],
            on_bus: s.breaker,
        };
        let idle = s.relays_idle && s.x[W] <= g.overspeed_pu && self.derived(i).quiet.holds(&m);
        (!idle).then_some(m)
    }

    fn relays(&mut self, i: usize, mut m: Measurement) {
        let cfg = Arc::clone(&self.cfg);
        let (g, dt) = (&cfg.gensets[i], cfg.tick_s);
        if m.speed_pu > g.overspeed_pu && self.gensets[i].run != RunState::Shutdown {
            self.trip_genset(i, None, m.speed_pu);
            return;
        }
        self.gensets[i].relays_idle = false;
        let mut idle = true;
        for (r, relay) in g.relays.iter().enumerate() {
            let s = &mut self.gensets[i];
            if relay.device == Device::Rocof {
                m.rocof_hz_per_s = s.speed_slope(relay.window_s, dt) * cfg.f0_hz;
            }
            let before = s.relay_timers[r];
            let (timer, operates) = definite_time(picks_up(relay, &m), before, relay.delay_s, dt);
            s.relay_timers[r] = timer;
            idle &= timer == 0;
            if operates {
                let value = measured(relay.device, &m);
                if relay.trips {
                    self.trip_genset(i, Some(r), value);
                    return;
                }
                let need = (relay.delay_s / dt).round().max(1.0) as u32;
                if before < need {
                    self.events.push(PlantEvent::RelayAlarm(i, r, value));
                }
            }
        }
        self.gensets[i].relays_idle = idle;
    }

    fn drop_section(&mut self, section: usize) {
        let cfg = Arc::clone(&self.cfg);
        let mut lost = 0.0;
        for (f, _) in cfg.miners.iter().enumerate().filter(|(_, c)| c.section == section) {
            lost += self.miners[f].kw;
            self.miners[f].drop_out();
        }
        for (g, c) in cfg.gpus.iter().enumerate().filter(|(_, c)| c.section == section) {
            lost += self.gpus[g].crash(c, cfg.tick_s, cfg.tick_s);
        }
        if lost > 0.0 {
            self.touch();
            self.events.push(PlantEvent::DropOut(section, lost));
        }
    }

    fn shed_stages(&mut self) {
        let cfg = Arc::clone(&self.cfg);
        let main = self.main_island();
        let (alive, f_pu, rocof) = (self.islands[main].alive, self.islands[main].f_pu, self.rocof_500ms);
        for (k, stage) in cfg.shed_stages.iter().enumerate() {
            let (timers, done) = self.shed_state();
            if done[k] {
                continue;
            }
            let low = alive && f_pu < stage.f_pu && stage.rocof_hz_per_s.is_none_or(|r| rocof < r);
            let (timer, operates) = definite_time(low, timers[k], stage.delay_s, cfg.tick_s);
            timers[k] = timer;
            if operates {
                done[k] = true;
                let kw = self.take_off(&cfg, stage.what);
                self.events.push(PlantEvent::Shed(k, kw));
            }
        }
    }

    fn take_off(&mut self, cfg: &config::Plant, what: ShedWhat) -> f64 {
        let mut kw = 0.0;
        match what {
            ShedWhat::MinersShare(_) | ShedWhat::AllMiners => {
                for (f, c) in cfg.miners.iter().enumerate() {
                    let units = match what {
                        ShedWhat::MinersShare(s) => (f64::from(c.units) * s).ceil() as u32,
                        _ => c.units,
                    };
                    kw += f64::from(self.miners[f].cut(units, self.tick, cfg.tick_s)) * c.unit_kw;
                }
            }
            ShedWhat::PreemptibleGpus | ShedWhat::AllGpus => {
                for (g, c) in cfg.gpus.iter().enumerate() {
                    if what == ShedWhat::AllGpus || c.preemptible {
                        kw += self.gpus[g].crash(c, 0.05, cfg.tick_s);
                    }
                }
            }
        }
        kw
    }

    /// Start and stop machines, synchronising, dead-bus closing.
    pub(super) fn sequence(&mut self) {
        let at_work = |s: &GensetState| s.run != RunState::OnBus || s.soft < 1.0;
        if !self.gensets.iter().any(at_work) {
            return;
        }
        let cfg = Arc::clone(&self.cfg);
        for k in 0..self.islands.len() {
            let sets = &self.islands[k].gensets;
            let mean = Exact::sum(sets.iter().map(|g| self.gensets[*g].out.pe)) / sets.len().max(1) as f64;
            self.islands[k].mean_load_pu = mean;
        }
        for (i, g) in cfg.gensets.iter().enumerate() {
            if !at_work(&self.gensets[i]) {
                continue;
            }
            let isl = self.island_of[g.section];
            let was = self.gensets[i].breaker;
            if let Some(run) = self.gensets[i].sequence(g, &self.derived[i], self.islands[isl].mean_load_pu, cfg.tick_s)
            {
                self.events.push(PlantEvent::Genset(i, run));
            }
            if was != self.gensets[i].breaker {
                self.touch();
            }
            if self.gensets[i].run == RunState::Synchronising {
                self.synchronise(&cfg, i, isl);
            }
        }
    }

    fn synchronise(&mut self, cfg: &config::Plant, i: usize, isl: usize) {
        let (_, bus) = self.bus(isl);
        let island = &self.islands[isl];
        let s = &mut self.gensets[i];
        if island.alive {
            if !island.gensets.is_empty() && cfg.gensets[i].sharing == config::Sharing::Isochronous {
                let other = island.gensets.iter().any(|g| cfg.gensets[*g].sharing == config::Sharing::Isochronous);
                if other {
                    // Two isochronous sets without a load-sharing line fight; stay off the bus.
                    s.enter(RunState::CoolDown);
                    self.events.push(PlantEvent::Genset(i, RunState::CoolDown));
                    return;
                }
            }
            s.w_ref = island.f_pu + 0.05 / cfg.f0_hz;
            // Match the voltage by the reference, the angle by waiting for it.
            s.v_ref += (island.vm - s.terminal.vt) * cfg.tick_s;
            let angle = wrap(s.x[DELTA] - bus);
            // Check-sync permits; the synchroniser itself waits for the angle to pass zero.
            let ok = angle.abs() < CLOSING_ANGLE_RAD
                && check_sync((s.x[W] - island.f_pu) * cfg.f0_hz, s.terminal.vt - island.vm, angle);
            if !ok {
                s.terminal.vt = s.x[EQ];
                return;
            }
        } else {
            // Dead bus: the set brings its own voltage.
            s.w_ref = 1.0;
        }
        s.breaker = true;
        s.w_ref = 1.0;
        s.soft = if island.alive { 0.0 } else { 1.0 };
        s.enter(RunState::OnBus);
        self.touch();
        self.events.push(PlantEvent::Genset(i, RunState::OnBus));
    }
}

fn measured(d: Device, m: &Measurement) -> f64 {
    match d {
        Device::UnderFrequency | Device::OverFrequency => m.f_pu,
        Device::Rocof => m.rocof_hz_per_s,
        Device::UnderVoltage | Device::OverVoltage => m.v_pu,
        Device::ReversePower | Device::Overload => m.p_pu,
        Device::Overspeed => m.speed_pu,
    }
}
