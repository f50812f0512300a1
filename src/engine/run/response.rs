//! What a run says of its answers: disturbances in terms of ISO 8528-5, an island at a time, the time to target, and what the
//! fuel comes to. Reads, never acts.

use super::Engine;
use crate::acts::{Event, EventKind};
use crate::control::target::{self, Change};
use crate::engine::iso8528::{self, Class, Disturbance, Disturbances};
use crate::plant::config::SAMPLE_S;
use crate::plant::exact::Exact;

impl Engine {
    /// Disturbances of each island so far and how they were answered, with the name of the island's lowest section.
    pub fn responses(&self) -> impl Iterator<Item = (&str, &Disturbances)> {
        self.plant.cfg.sections.iter().map(String::as_str).zip(&self.responses)
    }

    /// The least class that any island reached: `None` without a disturbance, `Some(None)` where one reached none.
    #[must_use]
    pub fn least_class(&self) -> Option<Option<&'static Class>> {
        let worst = self.responses.iter().filter_map(Disturbances::worst);
        worst.min_by_key(|class| class.map_or(0, Class::number))
    }

    /// The answer to the last disturbance, as it stands, in words.
    #[must_use]
    pub fn last_response(&self) -> Option<String> {
        let last = self.responses().filter_map(|(island, r)| Some((island, r.all().last()?)));
        let (island, d) = last.max_by(|a, b| a.1.t_s.total_cmp(&b.1.t_s))?;
        Some(self.of_island(island, &d))
    }

    /// Disturbances that are still under way, as they stand, in words that say so: what a run that ends now leaves open.
    #[must_use]
    pub fn open_responses(&self) -> Vec<Event> {
        let open = self.responses().filter_map(|(island, r)| Some((island, r.present()?)));
        let event = |(island, d): (&str, Disturbance)| {
            let text = format!("{}, open at the end", self.of_island(island, &d));
            Event {
                tick: self.plant.tick,
                t_s: self.t_s(),
                value: f64::from(d.number()),
                ..Event::new(EventKind::Notice, iso8528::OBJECT, text)
            }
        };
        open.zip(self.seq..).map(|(of, seq)| Event { seq, ..event(of) }).collect()
    }

    /// Carbon dioxide of the fuel that was used, kg.
    #[must_use]
    pub fn co2_kg(&self) -> f64 {
        let sets = self.plant.gensets.iter().zip(&self.plant.cfg.gensets);
        Exact::sum(sets.map(|(s, g)| s.fuel.kwh() * g.co2_kg_per_kwh))
    }

    /// In words, with the island where there may be several.
    fn of_island(&self, island: &str, d: &Disturbance) -> String {
        if self.responses.len() > 1 { format!("{island}: {}", d.words()) } else { d.words() }
    }

    /// Frequencies and GPUs of the tick that has ended.
    pub(super) fn watch_responses(&mut self) {
        let tick = self.plant.tick;
        for k in 0..self.islands.len() {
            let (section, alive) = (self.islands[k].section, self.islands[k].alive);
            let off_pct = (self.plant.islands[k].f_pu - 1.0) * 100.0;
            let Some(watch) = self.responses.get_mut(section) else { continue };
            let over = if alive { watch.frequency(tick, off_pct) } else { watch.dead() };
            self.note_response(section, over);
        }
        let target_kw = self.control.policy().target_kw;
        match self.target.sample(tick, self.plant.cfg.tick_s, self.heads.gpu_kw, target_kw) {
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

    /// Loads of the live buses, every 10 ms.
    pub(super) fn watch_loads(&mut self, tick: u64) {
        let slot = (tick as f64 * self.plant.cfg.tick_s / SAMPLE_S).round() as u32;
        for k in 0..self.islands.len() {
            let (i, bus) = (&self.islands[k], &self.plant.islands[k]);
            if !i.alive {
                continue;
            }
            let (section, rating_kw) = (i.section, i.rating_kw);
            let load_kw = bus.load.at(bus.vm).0 * 1000.0;
            let Some(watch) = self.responses.get_mut(section) else { continue };
            let cut = watch.load(tick, slot, load_kw, rating_kw);
            self.note_response(section, cut);
        }
    }

    /// A set tripped.
    pub(super) fn watch_trip(&mut self, set: usize) {
        let p = &self.plant;
        let bus = &p.islands[p.island_of[p.cfg.gensets[set].section]];
        let section = bus.sections.first().copied().unwrap_or(0);
        let Some(watch) = self.responses.get_mut(section) else { return };
        let cut = watch.trip(p.tick, bus.load.at(bus.vm).0 * 1000.0, bus.alive);
        self.note_response(section, cut);
    }

    fn note_response(&mut self, section: usize, over: Option<Disturbance>) {
        if let Some(d) = over {
            let words = self.of_island(&self.plant.cfg.sections[section], &d);
            self.note(EventKind::Notice, iso8528::OBJECT, words, f64::from(d.number()), "");
        }
    }
}
