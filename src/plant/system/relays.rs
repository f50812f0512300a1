//! Protection at the end of a tick: relays of the sets, cut-offs of batteries and condensers.

use std::sync::Arc;

use super::{Plant, PlantEvent, TripCause};
use crate::plant::breaker::Breaker;
use crate::plant::genset::W;
use crate::plant::genset::sequence::STALLED_PU;
use crate::plant::protection::{Device, Measurement, definite_time, picks_up};

/// 52B opens this far outside the charge window, pu.
const CUT_OFF: f64 = 0.002;

impl Plant {
    /// Relays, battery cut-offs, staged shedding, supplies of the loads.
    pub(super) fn protect(&mut self) {
        for i in 0..self.gensets.len() {
            if let Some(m) = self.outside_quiet_band(i) {
                self.relays(i, m);
            }
        }
        for i in 0..self.bess.len() {
            self.cut_off_battery(i);
        }
        for i in 0..self.condensers.len() {
            self.cut_off_condenser(i);
        }
        self.shed_stages();
        self.supplies();
    }

    /// What the relays of a set measure, when one of them may have something to do.
    fn outside_quiet_band(&self, i: usize) -> Option<Measurement> {
        let (s, g) = (&self.gensets[i], &self.cfg.gensets[i]);
        if s.is_at_rest() {
            return None;
        }
        let mut m = Measurement {
            f_pu: self.islands[self.island_of[g.section]].f_pu,
            rocof_hz_per_s: 0.0,
            v_pu: s.terminal.vt,
            p_pu: s.out.pe,
            speed_pu: s.x[W],
            on_bus: s.breaker,
        };
        self.instruments.at_set(g.section, i, &mut m);
        let turns = s.x[W] <= g.overspeed_pu && (s.x[W] > STALLED_PU || !s.breaker);
        let idle = s.relays_idle && turns && self.derived(i).quiet.holds(&m);
        (!idle).then_some(m)
    }

    fn relays(&mut self, i: usize, mut m: Measurement) {
        let cfg = Arc::clone(&self.cfg);
        let (g, dt) = (&cfg.gensets[i], cfg.tick_s);
        let speed = self.gensets[i].x[W];
        // The mechanical trip and an engine that stands still need no instrument.
        let mechanical = if speed > g.overspeed_pu {
            Some(TripCause::Overspeed)
        } else {
            (speed <= STALLED_PU && self.gensets[i].breaker).then_some(TripCause::Stall)
        };
        if let Some(cause) = mechanical {
            // A set that has tripped turns on above its limit for a while.
            self.trip_genset(i, cause, speed).unwrap_or_default();
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
                    if self.trip_genset(i, TripCause::Relay(r), value).is_ok() {
                        return;
                    }
                    continue;
                }
                let need = (relay.delay_s / dt).round().max(1.0) as u32;
                if before < need {
                    self.events.push(PlantEvent::RelayAlarm { genset: i, relay: r, value });
                }
            }
        }
        self.gensets[i].relays_idle = idle;
    }

    /// 52B opens by the cells' own limits, and by the inverter's under-voltage cut-off: an inverter that cannot hold its bus
    /// leaves it instead of standing on a bus that feeds nobody.
    fn cut_off_battery(&mut self, i: usize) {
        let (s, b) = (&mut self.bess[i], &self.cfg.bess[i]);
        if !s.breaker {
            return;
        }
        // An inverter that must hold a bus alone goes past its window, the cells do not.
        let past = (s.soc_read() < b.soc_min - CUT_OFF && s.p > 0.0) || (s.soc > b.soc_max + CUT_OFF && s.p < 0.0);
        let island = &self.islands[self.island_of[b.section]];
        let low = island.alive && s.scale > 0.0 && island.vm < b.cutoff_v_pu;
        let (timer, operates) = definite_time(low, s.low_ticks, b.cutoff_s, self.cfg.tick_s);
        s.low_ticks = timer;
        if past || operates {
            self.trip(Breaker::Bess(i));
        }
    }

    /// 52S opens by under-speed and under-voltage: a rotor that feeds a bus alone does so for seconds.
    fn cut_off_condenser(&mut self, i: usize) {
        let (s, c) = (&mut self.condensers[i], &self.cfg.condensers[i]);
        if !s.breaker {
            return;
        }
        let low = s.x[W] < c.trip_speed_pu || self.islands[self.island_of[c.section]].vm < c.trip_v_pu;
        let (timer, operates) = definite_time(low, s.low_ticks, c.trip_s, self.cfg.tick_s);
        s.low_ticks = timer;
        // One that is braked to a stand leaves at once.
        if operates || s.x[W] <= STALLED_PU {
            self.trip(Breaker::Condenser(i));
        }
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
