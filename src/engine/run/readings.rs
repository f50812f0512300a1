//! What control measures: islands every 10 ms, cohorts and fleets at each control step, all through the instruments.
//!
//! The lists keep their room, so nothing is allocated while the topology stays. Powers in kW.

use super::{Engine, Totals};
use crate::control::{CohortReading, FleetReading, IslandReading, Measured};
use crate::plant::breaker::Breaker;
use crate::plant::config::SAMPLE_S;
use crate::plant::gpu::{Phase, phase_kw};

/// Time constant of the miner feeders' filter, s.
const FILTER_S: f64 = 0.1;

impl Engine {
    /// Brings the islands' readings up to date.
    pub(super) fn read_islands(&mut self) {
        let mut m = core::mem::take(&mut self.readings);
        self.fill_islands(&mut m);
        for (k, r) in m.islands.iter_mut().enumerate() {
            let [sets, batteries] = self.take_regrouped_kw(k);
            r.regrouped_kw = if r.battery_alone { batteries } else { sets };
        }
        self.readings = m;
    }

    /// Brings the readings of cohorts and fleets up to date.
    pub(super) fn read_devices(&mut self) {
        let mut m = core::mem::take(&mut self.readings);
        self.fill_devices(&mut m);
        self.readings = m;
    }

    /// The filter of the miner feeders, every 10 ms. An error of the site's meter shows in equal parts on all of them.
    pub(super) fn filter_fleets(&mut self) {
        let n = self.fleet_filtered_kw.len().max(1) as f64;
        let error_kw = self.error_kw(|t| t.miner_kw) / n;
        for (filtered, kw) in self.fleet_filtered_kw.iter_mut().zip(&self.powers.miners) {
            *filtered += (kw + error_kw - *filtered) * (SAMPLE_S / FILTER_S);
        }
    }

    /// What the site's meter of a figure shows beyond what is, kW.
    fn error_kw(&self, figure: fn(&Totals) -> f64) -> f64 {
        self.seen().map_or(0.0, |seen| figure(&seen) - figure(&self.totals()))
    }

    pub(super) fn fill_islands(&self, m: &mut Measured) {
        let (p, cfg) = (&self.plant, &self.plant.cfg);
        (m.tick, m.dt_s, m.f0_hz) = (p.tick, cfg.tick_s, cfg.f0_hz);
        m.islands.resize(self.islands.len(), IslandReading::default());
        let main = p.main_island();
        for (k, (r, figures)) in m.islands.iter_mut().zip(&self.islands).enumerate() {
            let island = &p.islands[k];
            *r = IslandReading {
                section: figures.section,
                f_hz: figures.f_hz,
                rocof_500ms_hz_per_s: figures.meters.now.rocof_500ms,
                v_pu: figures.v_pu,
                kw: figures.gen_kw,
                rating_kw: figures.rating_kw,
                battery_alone: island.gensets.is_empty() && !island.forming.is_empty(),
                bess_available_kw: 0.0,
                regrouped_kw: 0.0,
                energised: figures.alive,
            };
            if k == main {
                // The site's instruments hang on the main island.
                if let Some(seen) = self.seen() {
                    (r.f_hz, r.v_pu) = (seen.f_hz, seen.v_pu);
                    r.kw += seen.gen_kw - self.heads.gen_kw;
                }
            }
            let answers = self.bess_answers().is_ok();
            if r.battery_alone {
                for &b in &island.forming {
                    let (s, c) = (&p.bess[b], &cfg.bess[b]);
                    r.kw += s.p * 1000.0;
                    r.rating_kw += s.rated_kva(c).min(s.limits_kw(c)[0]);
                }
            } else if answers {
                for &b in island.forming.iter().chain(&island.following) {
                    let (s, c) = (&p.bess[b], &cfg.bess[b]);
                    r.bess_available_kw += (s.limits_kw(c)[0] - s.p * 1000.0).max(0.0);
                }
            }
        }
    }

    pub(super) fn fill_devices(&self, m: &mut Measured) {
        let (p, cfg) = (&self.plant, &self.plant.cfg);
        m.cohorts.resize(cfg.gpus.len(), CohortReading::default());
        // An error of the site's meter shows in equal parts on all feeders.
        let error_kw = self.error_kw(|t| t.gpu_kw) / cfg.gpus.len().max(1) as f64;
        let cohorts = cfg.gpus.iter().zip(&p.gpus).zip(&self.powers.gpus).enumerate();
        for (r, (i, ((c, s), kw))) in m.cohorts.iter_mut().zip(cohorts) {
            *r = CohortReading {
                scheduled: c.scheduled,
                island: p.island_of[c.section],
                closed: p.is_closed(Breaker::Gpu(i)),
                supplied: s.is_supplied(),
                kw: kw + error_kw,
                off: s.count(Phase::Off),
                preload: s.count(Phase::Preload),
                full: s.count(Phase::Full),
                off_kw: phase_kw(c, Phase::Off),
                preload_kw: s.each_kw(c, Phase::Preload),
                full_kw: s.each_kw(c, Phase::Full),
                cap: s.cap,
                rated_kw: c.full_kw,
                rated_preload_kw: phase_kw(c, Phase::Preload),
            };
        }
        m.fleets.resize(cfg.miners.len(), FleetReading::default());
        let fleets = cfg.miners.iter().zip(&p.miners).zip(&self.fleet_filtered_kw).enumerate();
        for (r, (i, ((f, s), filtered_kw))) in m.fleets.iter_mut().zip(fleets) {
            let fed = p.miners_are_fed(i);
            *r = FleetReading {
                island: p.island_of[f.section],
                unit_kw: f.unit_kw,
                block_units: f.block_units,
                available: if fed { s.available() } else { 0 },
                restorable: if fed { s.restorable() } else { 0 },
                filtered_kw: *filtered_kw,
                latency_s: (s.latency_s + f.fall_s).max(s.shed_lag_s),
                restore_s: f.wake_latency_s + f.wake_s,
                half_back_s: f.wake_latency_s + 0.5 * f.wake_s,
            };
        }
    }
}
