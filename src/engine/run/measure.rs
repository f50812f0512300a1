//! What follows a tick of the plant: totals, meters, excursions, events, the row, the hash.

use super::Engine;
use crate::acts::EventKind;
use crate::engine::plate;
use crate::engine::summary::VIOLATIONS;
use crate::plant::exact::Exact;

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

/// What every tick looks at; [`Totals`] has the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Heads {
    pub(super) gen_kw: f64,
    pub(super) gpu_kw: f64,
    pub(super) miner_kw: f64,
}

/// kW of each GPU cohort and of each miner fleet at the last tick.
#[derive(Clone, Debug, Default)]
pub(super) struct LoadPower {
    pub(super) gpus: Vec<f64>,
    pub(super) miners: Vec<f64>,
}

impl Engine {
    /// Totals of the devices at the last tick.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let p = &self.plant;
        let cfg = &*p.cfg;
        let main = &p.islands[p.main_island()];
        let Heads { gen_kw, gpu_kw, miner_kw } = self.heads;
        let rated = |i: usize| p.derived(i).rated_mw * 1000.0;
        let (mech_kw, rating_kw) = if let [one] = p.gensets.as_slice() {
            (one.out.pm * rated(0), if one.breaker { rated(0) * p.derived(0).derate } else { 0.0 })
        } else {
            let sets = || p.gensets.iter().enumerate();
            let on_bus = sets().filter(|(_, s)| s.breaker);
            (
                Exact::sum(sets().map(|(i, s)| s.out.pm * rated(i))),
                Exact::sum(on_bus.map(|(i, _)| rated(i) * p.derived(i).derate)),
            )
        };
        Totals {
            gen_kw,
            mech_kw,
            gen_kvar: Exact::of(&p.gensets, |s| s.terminal.q) * 1000.0,
            gen_i: Exact::of(&p.gensets, |s| s.terminal.i),
            gpu_kw,
            miner_kw,
            bess_kw: Exact::of(&p.bess, |b| b.p) * 1000.0,
            aux_kw: match cfg.aux.len() {
                0 => 0.0,
                1 => p.aux_load_kw(0),
                n => Exact::sum((0..n).map(|i| p.aux_load_kw(i))),
            },
            rating_kw,
            f_hz: main.f_pu * cfg.f0_hz,
            v_pu: main.vm,
            alive: main.alive,
        }
    }

    pub(super) fn measure(&mut self) {
        let p = &self.plant;
        self.powers.gpus.iter_mut().enumerate().for_each(|(i, kw)| *kw = p.gpu_kw(i));
        self.powers.miners.iter_mut().enumerate().for_each(|(i, kw)| *kw = p.miner_kw(i));
        self.heads = Heads {
            gen_kw: Exact::of(&p.gensets, |s| s.terminal.p) * 1000.0,
            gpu_kw: Exact::of(&self.powers.gpus, |kw| *kw),
            miner_kw: Exact::of(&self.powers.miners, |kw| *kw),
        };
        self.measure_islands();
    }

    pub(super) fn after_plant(&mut self) {
        self.measure();
        let (tick, tick_s) = (self.plant.tick, self.plant.cfg.tick_s);
        self.sample_meters();
        self.mining_lost.add(self.mining_base_kw - self.heads.miner_kw, tick_s);
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
            let sensed = self.faults.is_busy();
            let whole = slow || ends_row || self.seq != seen || sensed;
            let mut row = self.recorder.take_row();
            self.fill_fast(&mut row);
            if whole {
                self.fill_slow(&mut row);
            }
            if sensed {
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
