//! The plant as a whole: devices on bus sections, islands, and one tick of all of them.
//!
//! Order of a tick (t_k to t_k+1): loads move and are then fixed; two-stage (Heun) integration with the node solved
//! at each stage; state limits; relays, staged shedding and supplies; start and stop machines; the node again if any of
//! them switched something. What happened comes out as [`PlantEvent`]s. Dead islands report zero. Never panics on any island split; never yields a non-finite number:
//! a node without solution holds its voltage and says so.

mod battery_bus;
mod event;
mod node;
mod relays;
mod shedding;
mod start;
mod supply;
mod switching;
mod tick;

pub use event::{PlantEvent, TripCause};
pub use node::wrap;

use std::sync::Arc;

use super::bess::BessState;
use super::breaker::{Behind, Breaker};
use super::condenser::CondenserState;
use super::config;
use super::field::Gas;
use super::genset::{Derived, GensetState, RunState};
use super::gpu::GpuState;
use super::instruments::Instruments;
use super::load::RideThrough;
use super::miner::MinerState;
use super::network::{self, LoadShape, LoadSum, NodeLoad, Phasor, Polar};
use super::random::Random;
use super::source::{Source as _, each_source};

/// One island.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Island {
    /// Gensets on its bus.
    pub gensets: Vec<usize>,
    /// Forming batteries on its bus.
    pub forming: Vec<usize>,
    /// Following batteries on its bus.
    pub following: Vec<usize>,
    /// Synchronous condensers on its bus.
    pub condensers: Vec<usize>,
    /// Sections.
    pub sections: Vec<usize>,
    /// Load at 1 pu.
    pub load: NodeLoad,
    /// What it is the sum of.
    load_sum: LoadSum,
    /// Injection of following batteries, pu of 1 MVA.
    pub injection: f64,
    /// Of all its voltage sources together, pu of 1 MVA.
    susceptance: f64,
    /// The set with the largest rating on its bus.
    largest_set: Option<usize>,
    /// Voltage as the common node of several sources leaves it; [`Plant::bus`] knows it for every island.
    v: Phasor,
    /// Magnitude of the voltage.
    pub vm: f64,
    /// Frequency, pu.
    pub f_pu: f64,
    /// Mean load of its gensets, pu of their ratings, while one of them starts or stops.
    pub(super) mean_load_pu: f64,
    /// Has a source.
    pub alive: bool,
    lost_solution: bool,
}

impl Island {
    /// Whether a voltage carries its load; else it is held, and an event has said so.
    #[must_use]
    pub fn is_solved(&self) -> bool {
        !self.lost_solution
    }
}

/// The plant: parameters and state. A snapshot is a clone.
#[derive(Clone, Debug)]
pub struct Plant {
    /// Parameters.
    pub cfg: Arc<config::Plant>,
    pub(super) derived: Arc<Vec<Derived>>,
    /// The tick that comes next.
    pub tick: u64,
    /// Gensets.
    pub gensets: Vec<GensetState>,
    /// Batteries.
    pub bess: Vec<BessState>,
    /// Synchronous condensers.
    pub condensers: Vec<CondenserState>,
    /// GPU cohorts.
    pub gpus: Vec<GpuState>,
    /// Miner fleets.
    pub miners: Vec<MinerState>,
    /// Aux loads, kW at 1 pu.
    pub aux_kw: Vec<f64>,
    feeder_closed: Vec<bool>,
    tie_closed: Vec<bool>,
    pub(super) tripped: Vec<bool>,
    pub(super) gas: Vec<Gas>,
    pub(super) estop: bool,
    /// What relays and load-shedding stages read.
    pub instruments: Instruments,
    /// Islands.
    pub islands: Vec<Island>,
    /// Island of each section.
    pub island_of: Vec<usize>,
    main_island: usize,
    /// Supplies behind each feeder of a miner fleet, then of a GPU cohort.
    ride: Vec<RideThrough>,
    /// Loads behind the feeders, in their order: miners, GPUs, aux.
    load_shapes: Arc<[LoadShape]>,
    /// All supplies are up behind closed feeders, and no timer of theirs runs.
    supplies_idle: bool,
    shedding: shedding::Shedding,
    loads_dirty: bool,
    topology_dirty: bool,
    /// Counts changes of islands, and of what sets are rated.
    pub(super) revision: u64,
    /// The key of the run's draws.
    pub random: Random,
    /// What happened; the engine takes it.
    pub events: Vec<PlantEvent>,
}

fn load_shapes(cfg: &config::Plant) -> Arc<[LoadShape]> {
    let miners = cfg.miners.iter().map(|f| LoadShape::new(f.section, f.power_factor, 0.0, 0.0));
    let gpus = cfg.gpus.iter().map(|c| LoadShape::new(c.section, c.power_factor, 0.0, 0.0));
    let aux = cfg.aux.iter().map(|a| LoadShape::new(a.section, a.power_factor, a.z_share, a.i_share));
    miners.chain(gpus).chain(aux).collect()
}

impl Plant {
    /// The plant in its steady state at t = 0.
    #[must_use]
    pub fn new(cfg: Arc<config::Plant>, seed: u64) -> Self {
        let derived: Vec<_> = cfg.gensets.iter().map(|g| Derived::new(g, cfg.tick_s)).collect();
        let mut plant = Self {
            tick: 0,
            gensets: cfg.gensets.iter().zip(&derived).map(|(g, d)| GensetState::new(g, d, cfg.tick_s)).collect(),
            bess: cfg.bess.iter().map(BessState::new).collect(),
            condensers: cfg.condensers.iter().map(CondenserState::new).collect(),
            gpus: cfg.gpus.iter().map(GpuState::new).collect(),
            miners: cfg.miners.iter().map(MinerState::new).collect(),
            aux_kw: cfg.aux.iter().map(|a| a.kw).collect(),
            feeder_closed: vec![true; cfg.miners.len() + cfg.gpus.len() + cfg.aux.len()],
            tie_closed: cfg.ties.iter().map(|t| t.closed).collect(),
            tripped: vec![false; cfg.breakers().count()],
            gas: vec![Gas::default(); cfg.gensets.len()],
            estop: false,
            instruments: Instruments::new(cfg.sections.len(), cfg.gensets.len()),
            islands: Vec::new(),
            island_of: Vec::new(),
            main_island: 0,
            ride: vec![RideThrough::default(); cfg.miners.len() + cfg.gpus.len()],
            load_shapes: load_shapes(&cfg),
            supplies_idle: false,
            shedding: shedding::Shedding::new(&cfg),
            loads_dirty: true,
            topology_dirty: true,
            revision: 0,
            random: Random::new(seed),
            events: Vec::with_capacity(64),
            derived: Arc::new(derived),
            cfg,
        };
        for (g, s) in plant.cfg.gensets.iter().zip(&mut plant.gensets) {
            s.breaker = g.on_at_start;
            s.run = if g.on_at_start { RunState::OnBus } else { RunState::Stopped };
        }
        plant.rebuild();
        plant.sum_loads();
        for i in 0..plant.islands.len() {
            plant.trim_island(i);
            plant.evaluate(i, 0);
        }
        plant.stage_one();
        plant.events.clear();
        plant
    }

    /// All breakers in their flat order.
    pub fn breakers(&self) -> impl Iterator<Item = Breaker> + use<> {
        self.cfg.breakers()
    }

    /// Whether a breaker is closed.
    #[must_use]
    pub fn is_closed(&self, b: Breaker) -> bool {
        match b.behind() {
            Behind::Device(kind, i) => (kind.row().is_closed)(self, i),
            Behind::Tie(i) => self.tie_closed[i],
        }
    }

    fn feeder(&self, b: Breaker) -> usize {
        let (m, u) = (self.cfg.miners.len(), self.cfg.gpus.len());
        match b {
            Breaker::Gpu(i) => m + i,
            Breaker::Aux(i) => m + u + i,
            Breaker::Miner(i) | Breaker::Genset(i) | Breaker::Bess(i) | Breaker::Condenser(i) | Breaker::Tie(i) => i,
        }
    }

    pub(super) fn feeder_is_closed(&self, load: Breaker) -> bool {
        self.feeder_closed[self.feeder(load)]
    }

    /// Marks loads as changed from outside (aux, scale of a battery).
    pub fn touch(&mut self) {
        self.loads_dirty = true;
        self.topology_dirty = true;
    }

    /// Forgets what is known to be idle and what was worked out before, so that the next tick looks at everything: the slow way
    /// to the same bits.
    pub fn look_at_everything(&mut self) {
        self.supplies_idle = false;
        for s in &mut self.gensets {
            (s.relays_idle, s.polar) = (false, Polar::default());
            s.wake();
        }
        self.bess.iter_mut().for_each(|s| s.polar = Polar::default());
        self.condensers.iter_mut().for_each(|s| s.polar = Polar::default());
        self.sum_sources();
    }

    /// Imposes what an aux load takes at 1 pu, kW; less than nothing feeds the bus. Cheap enough for every tick.
    pub fn impose_aux_kw(&mut self, i: usize, kw: f64) {
        if let Some(now) = self.aux_kw.get_mut(i).filter(|now| **now != kw) {
            *now = kw;
            self.loads_dirty = true;
        }
    }

    /// Puts another engine (preset) into a genset at its present power and speed; what is wrong with gas and governor stays.
    pub fn replace_engine(&mut self, i: usize, genset: config::Genset) {
        let mut cfg = (*self.cfg).clone();
        let derived = self.derive(i, &genset);
        self.gensets[i].retrim_engine(&genset, &derived);
        Arc::make_mut(&mut self.derived)[i] = derived;
        cfg.gensets[i] = genset;
        self.cfg = Arc::new(cfg);
        self.main_island = self.find_main_island();
        self.sum_sources();
        for k in 0..self.islands.len() {
            self.evaluate(k, 0);
        }
        self.stage_one();
    }

    /// Constants of a genset.
    #[must_use]
    pub fn derived(&self, i: usize) -> &Derived {
        &self.derived[i]
    }

    /// A number that stays as long as the islands, and what sets are rated, stay.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The island that the site signals describe: that of the largest set on a bus, else the first alive, else 0.
    #[must_use]
    pub fn main_island(&self) -> usize {
        self.main_island
    }

    fn find_main_island(&self) -> usize {
        let mut best = (0.0, None);
        for (i, isl) in self.islands.iter().enumerate() {
            for &g in &isl.gensets {
                if self.derived[g].rated_mw > best.0 {
                    best = (self.derived[g].rated_mw, Some(i));
                }
            }
        }
        best.1.or_else(|| self.islands.iter().position(|i| i.alive)).unwrap_or(0)
    }

    /// kW that a GPU cohort takes at the present voltage; none behind an open feeder or on a dead bus.
    #[inline]
    #[must_use]
    pub fn gpu_kw(&self, i: usize) -> f64 {
        self.drawn_kw(Breaker::Gpu(i), self.cfg.gpus[i].section, self.gpus[i].kw)
    }

    /// kW that a miner fleet takes, as [`Plant::gpu_kw`].
    #[inline]
    #[must_use]
    pub fn miner_kw(&self, i: usize) -> f64 {
        self.drawn_kw(Breaker::Miner(i), self.cfg.miners[i].section, self.miners[i].kw)
    }

    /// kW that an aux load takes, as [`Plant::gpu_kw`].
    #[must_use]
    pub fn aux_load_kw(&self, i: usize) -> f64 {
        let (a, kw) = (&self.cfg.aux[i], self.aux_kw[i]);
        if kw == 0.0 || !self.is_fed(Breaker::Aux(i), a.section) {
            return 0.0;
        }
        let v = self.islands[self.island_of[a.section]].vm;
        let (at_p, at_i) = (network::constant_power_share(v), network::constant_current_share(v));
        kw * (at_p * (1.0 - a.z_share - a.i_share) + at_i * a.i_share + a.z_share * v * v)
    }

    /// Whether a feeder is closed and its section alive.
    #[must_use]
    #[inline]
    pub fn is_fed(&self, feeder: Breaker, section: usize) -> bool {
        self.islands[self.island_of[section]].alive && self.feeder_is_closed(feeder)
    }

    #[inline]
    fn drawn_kw(&self, feeder: Breaker, section: usize, kw: f64) -> f64 {
        let v = self.islands[self.island_of[section]].vm;
        if self.is_fed(feeder, section) { kw * network::constant_power_share(v) } else { 0.0 }
    }

    /// Feeds everything that decides the future into a hash, the key of the draws included; what follows from it
    /// (derivatives, EMFs, sums of loads) is left out.
    pub fn hash_into(&self, h: &mut impl core::hash::Hasher) {
        h.write_u64(self.tick);
        h.write_u64(self.random.key());
        each_source!(self, iter, |s, _of| s.hash_into(h));
        self.gpus.iter().for_each(|s| s.hash_into(h));
        self.miners.iter().for_each(|s| s.hash_into(h));
        self.ride.iter().for_each(|s| s.hash_into(h));
        for i in &self.islands {
            for v in [i.vm, i.f_pu, i.injection] {
                h.write_u64(v.to_bits());
            }
            h.write_u8(u8::from(i.alive));
        }
        for v in &self.aux_kw {
            h.write_u64(v.to_bits());
        }
        self.shedding.hash_into(h);
        for on in self.feeder_closed.iter().chain(&self.tie_closed) {
            h.write_u8(u8::from(*on));
        }
    }
}
