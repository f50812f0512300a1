//! Staged load shedding: every bus section has the stages of the plant to itself. They read the section's own frequency and take
//! off what hangs on the section.

use std::sync::Arc;

use super::{Plant, PlantEvent};
use crate::plant::config::{self, SAMPLE_S};
use crate::plant::protection::{ShedWhat, definite_time};

/// Samples of the frequency for its slope: 500 ms.
const SLOPE_SAMPLES: usize = 50;

/// Stages of one section.
#[derive(Clone, Debug, PartialEq)]
struct Section {
    timers: Vec<u32>,
    done: Vec<bool>,
    /// Frequency as read over the last 500 ms, pu, from `at` on the oldest first; empty where no stage asks for a slope.
    f_pu: Vec<f64>,
    at: usize,
    /// Slope at the last sample, pu/s.
    slope: f64,
    alive: bool,
}

/// Load-shedding relays of a plant.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shedding {
    sections: Vec<Section>,
    ticks_per_sample: u64,
}

impl Shedding {
    pub(super) fn new(cfg: &config::Plant) -> Self {
        let n = cfg.shed_stages.len();
        let slope = cfg.shed_stages.iter().any(|s| s.rocof_hz_per_s.is_some());
        let f_pu = vec![1.0; if slope { SLOPE_SAMPLES } else { 0 }];
        let section = Section { timers: vec![0; n], done: vec![false; n], f_pu, at: 0, slope: 0.0, alive: true };
        Self {
            sections: vec![section; if n == 0 { 0 } else { cfg.sections.len() }],
            ticks_per_sample: ((SAMPLE_S / cfg.tick_s).round() as u64).max(1),
        }
    }

    /// All stages may operate again.
    pub(super) fn reset(&mut self) {
        self.sections.iter_mut().for_each(|s| s.done.fill(false));
    }

    pub(super) fn hash_into(&self, h: &mut impl core::hash::Hasher) {
        for s in &self.sections {
            s.timers.iter().for_each(|t| h.write_u32(*t));
            s.done.iter().for_each(|d| h.write_u8(u8::from(*d)));
            let (newer, older) = s.f_pu.split_at(s.at);
            older.iter().chain(newer).for_each(|f| h.write_u64(f.to_bits()));
            h.write_u64(s.slope.to_bits());
            h.write_u8(u8::from(s.alive));
        }
    }
}

impl Section {
    /// Takes the frequency in, when it is time for a sample. Gives its slope over 500 ms as of the last sample, pu/s.
    fn slope(&mut self, alive: bool, f_pu: f64, sample: bool) -> f64 {
        if self.f_pu.is_empty() {
            return 0.0;
        }
        if alive != self.alive {
            // A bus that has just come alive has no past.
            self.alive = alive;
            self.f_pu.fill(f_pu);
            self.slope = 0.0;
        }
        if sample {
            self.slope = (f_pu - self.f_pu[self.at]) / (SLOPE_SAMPLES as f64 * SAMPLE_S);
            self.f_pu[self.at] = f_pu;
            self.at = if self.at + 1 < SLOPE_SAMPLES { self.at + 1 } else { 0 };
        }
        self.slope
    }
}

impl Plant {
    /// One tick of the stages of every section.
    pub(super) fn shed_stages(&mut self) {
        if self.shedding.sections.is_empty() {
            return;
        }
        let cfg = Arc::clone(&self.cfg);
        let sample = self.tick.is_multiple_of(self.shedding.ticks_per_sample);
        for s in 0..cfg.sections.len() {
            let island = &self.islands[self.island_of[s]];
            let (alive, f_pu) = (island.alive, self.instruments.f_pu(s, island.f_pu));
            let relays = &mut self.shedding.sections[s];
            let rocof_hz_per_s = relays.slope(alive, f_pu, sample) * cfg.f0_hz;
            for (k, stage) in cfg.shed_stages.iter().enumerate() {
                let relays = &mut self.shedding.sections[s];
                if relays.done[k] {
                    continue;
                }
                let low = alive && f_pu < stage.f_pu && stage.rocof_hz_per_s.is_none_or(|r| rocof_hz_per_s < r);
                let (timer, operates) = definite_time(low, relays.timers[k], stage.delay_s, cfg.tick_s);
                relays.timers[k] = timer;
                if operates {
                    relays.done[k] = true;
                    let kw = self.take_off(&cfg, s, stage.what);
                    // A section without loads has nothing to tell.
                    if kw > 0.0 || cfg.sections.len() == 1 {
                        self.events.push(PlantEvent::Shed { stage: k, section: s, kw });
                    }
                }
            }
        }
    }

    fn take_off(&mut self, cfg: &config::Plant, section: usize, what: ShedWhat) -> f64 {
        let mut kw = 0.0;
        match what {
            ShedWhat::MinersShare(_) | ShedWhat::AllMiners => {
                for (f, c) in cfg.miners.iter().enumerate().filter(|(_, c)| c.section == section) {
                    let units = match what {
                        ShedWhat::MinersShare(s) => (f64::from(c.units) * s).ceil() as u32,
                        _ => c.units,
                    };
                    kw += f64::from(self.miners[f].cut(units, self.tick, cfg.tick_s)) * c.unit_kw;
                }
            }
            ShedWhat::PreemptibleGpus | ShedWhat::AllGpus => {
                for (g, c) in cfg.gpus.iter().enumerate().filter(|(_, c)| c.section == section) {
                    if what == ShedWhat::AllGpus || c.preemptible {
                        kw += self.gpus[g].crash(c, 0.05, cfg.tick_s);
                    }
                }
            }
        }
        kw
    }
}
