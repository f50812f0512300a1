//! Supplies of the loads: every feeder has power supplies of its own, which see what is behind their breaker.
//!
//! A supply is healthy when its feeder is closed, its bus alive and the voltage high enough. It rides through a low voltage for a
//! while, then drops out; with its feeder it drops out at once; restart timers of miners run from the moment when it is healthy again. Jobs of GPUs do not come back
//! by themselves, and GPUs without a supply start none.

use std::sync::Arc;

use super::{Plant, PlantEvent};
use crate::plant::breaker::Breaker;
use crate::plant::load::Supply;

impl Plant {
    /// One tick of the power supplies behind each feeder. While all of them are up, on closed feeders of healthy buses, there is
    /// nothing to do.
    pub(super) fn supplies(&mut self) {
        let good = |i: &super::Island| i.alive && self.cfg.psu.is_good(i.vm);
        if self.supplies_idle && self.islands.iter().all(good) {
            return;
        }
        self.step_supplies();
        let closed = self.ride.iter().zip(&self.feeder_closed).all(|(r, closed)| r.is_idle() && *closed);
        self.supplies_idle = closed && self.islands.iter().all(|i| i.alive && self.cfg.psu.is_good(i.vm));
    }

    #[inline(never)]
    fn step_supplies(&mut self) {
        let (fleets, first) = (self.miners.len(), self.events.len());
        for k in 0..self.ride.len() {
            let (load, section) = if k < fleets {
                (Breaker::Miner(k), self.cfg.miners[k].section)
            } else {
                (Breaker::Gpu(k - fleets), self.cfg.gpus[k - fleets].section)
            };
            let closed = self.feeder_closed[k];
            let island = &self.islands[self.island_of[section]];
            let v = if closed && island.alive { island.vm } else { 0.0 };
            match self.ride[k].step(&self.cfg.psu, v, self.cfg.tick_s) {
                Supply::Steady => {}
                Supply::DropsOut => {
                    let lost = self.drop_out(load);
                    self.loads_dirty |= lost > 0.0;
                    // Behind a feeder that was opened nothing else is to be expected.
                    self.ride[k].by_bus = closed;
                    if closed && lost > 0.0 {
                        self.note_drop_out(first, section, lost);
                    }
                }
                Supply::Returns => {
                    if let Breaker::Miner(i) = load {
                        self.miners[i].supply_back(self.cfg.psu.miner_restart_s, self.tick, self.cfg.tick_s);
                    }
                    if let Breaker::Gpu(i) = load {
                        self.gpus[i].supply_back();
                    }
                    let back = PlantEvent::SupplyBack { section };
                    if self.ride[k].by_bus && !self.events[first..].contains(&back) {
                        self.events.push(back);
                    }
                }
            }
        }
    }

    /// The feeder of a load is opened: its supplies are without voltage from now on.
    pub(super) fn cut_supply(&mut self, load: Breaker) {
        let k = self.feeder(load);
        if let Some(ride) = self.ride.get_mut(k) {
            ride.cut();
            self.supplies_idle = false;
        }
        self.drop_out(load);
    }

    /// Everything behind a feeder falls. Returns the kW that it took.
    fn drop_out(&mut self, load: Breaker) -> f64 {
        let cfg = Arc::clone(&self.cfg);
        match load {
            Breaker::Miner(i) => {
                let kw = self.miners[i].kw;
                self.miners[i].drop_out();
                kw
            }
            Breaker::Gpu(i) => self.gpus[i].drop_out(&cfg.gpus[i], cfg.tick_s),
            _ => 0.0,
        }
    }

    /// One event a section and tick, from the event numbered `first` on.
    fn note_drop_out(&mut self, first: usize, section: usize, lost: f64) {
        let here = self.events[first..].iter_mut().find_map(|e| match e {
            PlantEvent::DropOut { section: s, kw } if *s == section => Some(kw),
            _ => None,
        });
        match here {
            Some(kw) => *kw += lost,
            None => self.events.push(PlantEvent::DropOut { section, kw: lost }),
        }
    }
}
