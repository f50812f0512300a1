//! What a run says of its answers: disturbances in terms of ISO 8528-5, and the time to target. Reads, never acts.

use super::{Engine, SAMPLE_S};
use crate::acts::EventKind;
use crate::control::target::{self, Change};
use crate::engine::iso8528::{self, Disturbance, Disturbances};
use crate::plant::exact::Exact;

impl Engine {
    /// Disturbances of the main bus so far, and how they were answered.
    #[must_use]
    pub fn disturbances(&self) -> &Disturbances {
        &self.response
    }

    /// Carbon dioxide of the fuel that was used, kg.
    #[must_use]
    pub fn co2_kg(&self) -> f64 {
        let sets = self.plant.gensets.iter().zip(&self.plant.cfg.gensets);
        Exact::sum(sets.map(|(s, g)| s.fuel.kwh() * g.co2_kg_per_kwh))
    }

    /// The frequency and the GPUs of the tick that has ended.
    pub(super) fn watch_response(&mut self) {
        let tick = self.plant.tick;
        let main = &self.plant.islands[self.plant.main_island()];
        let over =
            if main.alive { self.response.frequency(tick, (main.f_pu - 1.0) * 100.0) } else { self.response.dead() };
        self.note_response(over);
        let target_kw = self.control.policy().target_kw;
        match self.target.sample(tick, self.plant.cfg.tick_s, self.totals.gpu_kw, target_kw) {
            Some(Change::Reached) => {
                let s = self.time_to_target_s().unwrap_or_default();
                self.note(EventKind::State, target::OBJECT, format!("98 % reached after {s:.1} s"), s, "s");
            }
            Some(Change::Lost) => {
                self.note(EventKind::State, target::OBJECT, "lost before it was held".to_owned(), 0.0, "");
            }
            Some(Change::Held) | None => {}
        }
    }

    /// The load of the main bus, every 10 ms.
    pub(super) fn watch_load(&mut self, tick: u64) {
        let p = &self.plant;
        let main = &p.islands[p.main_island()];
        if !main.alive {
            return;
        }
        let load_kw = main.load.at(main.vm).0 * 1000.0;
        let rating = main.gensets.iter().map(|g| p.derived(*g).rated_mw * p.derived(*g).derate);
        let rating_kw = Exact::sum(rating) * 1000.0;
        let slot = (tick as f64 * p.cfg.tick_s / SAMPLE_S).round() as u32;
        let cut = self.response.load(tick, slot, load_kw, rating_kw);
        self.note_response(cut);
    }

    /// A set tripped.
    pub(super) fn watch_trip(&mut self, set: usize) {
        let p = &self.plant;
        if p.island_of[p.cfg.gensets[set].section] != p.main_island() {
            return;
        }
        let main = &p.islands[p.main_island()];
        let cut = self.response.trip(p.tick, main.load.at(main.vm).0 * 1000.0, main.alive);
        self.note_response(cut);
    }

    fn note_response(&mut self, over: Option<Disturbance>) {
        if let Some(d) = over {
            self.note(EventKind::Notice, iso8528::OBJECT, d.words(), f64::from(d.number()), "");
        }
    }
}
