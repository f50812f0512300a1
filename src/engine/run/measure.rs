//! What follows a tick of the plant: totals, meters, excursions, events, the row, the hash.

use super::Engine;
use crate::acts::EventKind;
use crate::engine::plate;
use crate::engine::summary::VIOLATIONS;
use crate::plant::config;
use crate::plant::exact::Exact;
use crate::plant::signals::{SignalTable, section};

/// Totals of the devices at the last tick, kW unless named otherwise: sums over the whole site, whatever island a device is
/// on. [`IslandFigures`](super::IslandFigures) has those of an island.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Totals {
    /// Gensets, electrical.
    pub gen_kw: f64,
    /// Gensets, mechanical.
    pub mech_kw: f64,
    /// Gensets, reactive.
    pub gen_kvar: f64,
    /// Apparent current on 1 MVA.
    pub gen_i: f64,
    /// GPUs.
    pub gpu_kw: f64,
    /// Miners.
    pub miner_kw: f64,
    /// Batteries.
    pub bess_kw: f64,
    /// Aux and load bank.
    pub aux_kw: f64,
    /// Rating after derating of the gensets on a bus: the sum over all islands.
    pub rating_kw: f64,
    /// Frequency of the main island, Hz.
    pub f_hz: f64,
    /// Voltage of the main island, pu.
    pub v_pu: f64,
    /// Whether the main island is alive.
    pub alive: bool,
}

/// Power of one load at the last tick.
#[derive(Clone, Copy, Debug)]
pub(super) struct LoadPower {
    /// Place in a row of its section's load.
    pub(super) place: usize,
    pub(super) kw: f64,
}

/// The loads of a plant in order: GPU cohorts, then miner fleets, then aux.
pub(super) fn loads(cfg: &config::Plant, table: &SignalTable) -> Vec<LoadPower> {
    let gpus = cfg.gpus.iter().map(|c| c.section);
    let miners = cfg.miners.iter().map(|c| c.section);
    let aux = cfg.aux.iter().map(|c| c.section);
    let place = |s| table.section(s, section::LOAD_KW).at();
    gpus.chain(miners).chain(aux).map(|s| LoadPower { place: place(s), kw: 0.0 }).collect()
}

impl Engine {
    pub(super) fn measure(&mut self) {
        let p = &self.plant;
        let cfg = &*p.cfg;
        let main = &p.islands[p.main_island()];
        let mut t = Totals { alive: main.alive, v_pu: main.vm, f_hz: main.f_pu * cfg.f0_hz, ..Totals::default() };
        t.gen_kw = Exact::of(&p.gensets, |s| s.terminal.p) * 1000.0;
        t.gen_kvar = Exact::of(&p.gensets, |s| s.terminal.q) * 1000.0;
        t.gen_i = Exact::of(&p.gensets, |s| s.terminal.i);
        let rated = |i: usize| p.derived(i).rated_mw * 1000.0;
        if let [one] = p.gensets.as_slice() {
            t.mech_kw = one.out.pm * rated(0);
            t.rating_kw = if one.breaker { rated(0) * p.derived(0).derate } else { 0.0 };
        } else {
            let sets = || p.gensets.iter().enumerate();
            t.mech_kw = Exact::sum(sets().map(|(i, s)| s.out.pm * rated(i)));
            let on_bus = sets().filter(|(_, s)| s.breaker);
            t.rating_kw = Exact::sum(on_bus.map(|(i, _)| rated(i) * p.derived(i).derate));
        }
        let (gpus, rest) = self.loads.split_at_mut(cfg.gpus.len());
        let (miners, aux) = rest.split_at_mut(cfg.miners.len());
        gpus.iter_mut().enumerate().for_each(|(i, load)| load.kw = p.gpu_kw(i));
        miners.iter_mut().enumerate().for_each(|(i, load)| load.kw = p.miner_kw(i));
        aux.iter_mut().enumerate().for_each(|(i, load)| load.kw = p.aux_load_kw(i));
        [t.gpu_kw, t.miner_kw, t.aux_kw] = [&*gpus, &*miners, &*aux].map(|loads| Exact::of(loads, |l| l.kw));
        t.bess_kw = Exact::of(&p.bess, |b| b.p) * 1000.0;
        self.totals = t;
        self.measure_islands();
    }

    pub(super) fn after_plant(&mut self) {
        self.measure();
        let (tick, tick_s, t) = (self.plant.tick, self.plant.cfg.tick_s, self.totals);
        self.sample_meters();
        self.mining_lost.add(self.mining_base_kw - t.miner_kw, tick_s);
        let seen = self.seq;
        self.note_excursions();
        if !self.plant.events.is_empty() {
            let mut events = core::mem::take(&mut self.plant.events);
            for e in events.drain(..) {
                self.plant_event(&e);
            }
            self.plant.events = events;
        }
        self.watch_responses();
        if self.recorder.is_on() {
            let slow = self.slow_rows.is_due(tick);
            let ends_row = self.recorder.ends_row(tick);
            // A row of true values each tick, when instruments put theirs over it.
            let lies = self.faults.is_busy();
            let whole = slow || ends_row || self.seq != seen || lies;
            let mut row = self.recorder.take_row();
            self.fill_fast(&mut row);
            if whole {
                self.fill_slow(&mut row);
            }
            if lies {
                self.sense_row(&mut row);
            }
            self.recorder.push(row, whole, ends_row.then_some(tick as f64 * tick_s));
        }
        if self.hashes.is_due(tick) {
            self.hash = self.state_hash_now();
        }
    }

    fn note_excursions(&mut self) {
        let (f0_hz, ramp_kw_per_s) = (self.plant.cfg.f0_hz, self.control.policy().ramp_limit_kw_per_s);
        for k in 0..self.islands.len() {
            let section = self.islands[k].section;
            let sample = self.islands[k].sample(f0_hz, ramp_kw_per_s);
            let Some(summary) = self.summaries.get_mut(section) else { continue };
            let Some(begun) = summary.sample(&sample, self.rearm_ticks) else { continue };
            for (v, x) in VIOLATIONS.iter().zip(begun).filter_map(|(v, x)| Some((v, x?))) {
                let unit = plate::violation_unit(*v);
                // The value of an event is what was measured; the limit is named in its words.
                let limit = format!("limit {:.2} {unit} passed", x.limit);
                let text = match self.plant.cfg.sections.get(section).filter(|_| self.summaries.len() > 1) {
                    Some(island) => format!("{island}: {limit}"),
                    None => limit,
                };
                self.note(EventKind::Limit, v.name(), text, x.value, unit);
                if !self.violations.iter().any(|n| n == v.name()) {
                    self.violations.push(v.name().to_owned());
                }
            }
        }
    }
}
