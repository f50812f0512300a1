//! The plant as a whole: devices on bus sections, islands, and one tick of all of them.
//!
//! Order of a tick (t_k to t_k+1): loads move and are then fixed; two-stage (Heun) integration with the node solved
//! at each stage; state limits; relays, staged shedding and supplies; start and stop machines; the node again if any of
//! them switched something. What happened comes out as [`PlantEvent`]s. Dead islands report zero. Never panics on any island split; never yields a non-finite number:
//! a node without solution holds its voltage and says so.

mod node;
mod tick;

pub use node::wrap;

use std::sync::Arc;

use super::bess::BessState;
use super::breaker::Breaker;
use super::config;
use super::field::Gas;
use super::genset::{Derived, GensetState, RunState};
use super::gpu::GpuState;
use super::load::{RideThrough, Supply};
use super::miner::MinerState;
use super::network::{self, NodeLoad, Phasor};
use super::random::Random;

/// Something that happened in the plant during a tick.
#[derive(Clone, Debug, PartialEq)]
pub enum PlantEvent {
    /// A relay opened 52G: genset, relay by index (`None`: mechanical overspeed or a scripted trip), measured value.
    Trip(usize, Option<usize>, f64),
    /// A breaker of a feeder, battery or tie was opened by its protection.
    FeederTrip(usize),
    /// A relay that only alarms operated.
    RelayAlarm(usize, usize, f64),
    /// A load-shedding stage operated; kW commanded off.
    Shed(usize, f64),
    /// A genset changed its run state.
    Genset(usize, RunState),
    /// A breaker moved, by its index.
    Breaker(usize, bool),
    /// Supplies on a section dropped out; kW lost.
    DropOut(usize, f64),
    /// Supplies on a section are back.
    SupplyBack(usize),
    /// An island lost its last source.
    Dead(usize),
    /// An island came alive.
    Alive(usize),
    /// The node had no solution; its voltage was held. Reported once an event.
    NoSolution(usize),
}

/// One island.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Island {
    /// Gensets on its bus.
    pub gensets: Vec<usize>,
    /// Forming batteries on its bus.
    pub forming: Vec<usize>,
    /// Following batteries on its bus.
    pub following: Vec<usize>,
    /// Sections.
    pub sections: Vec<usize>,
    /// Load at 1 pu.
    pub load: NodeLoad,
    /// Injection of following batteries, pu of 1 MVA.
    pub injection: f64,
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
    /// What the relays' measurement of frequency is off by, pu.
    pub sensor_f_pu: f64,
    /// What their measurement of voltage is off by, pu.
    pub sensor_v_pu: f64,
    /// Islands.
    pub islands: Vec<Island>,
    /// Island of each section.
    pub island_of: Vec<usize>,
    main_island: usize,
    ride: Vec<RideThrough>,
    shed_timers: Vec<u32>,
    pub(super) shed_done: Vec<bool>,
    loads_dirty: bool,
    topology_dirty: bool,
    /// Slope of the main island's frequency over 500 ms, Hz/s; the engine measures it.
    pub rocof_500ms: f64,
    /// The run's generator.
    pub random: Random,
    /// What happened; the engine takes it.
    pub events: Vec<PlantEvent>,
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
            gpus: cfg.gpus.iter().map(GpuState::new).collect(),
            miners: cfg.miners.iter().map(MinerState::new).collect(),
            aux_kw: cfg.aux.iter().map(|a| a.kw).collect(),
            feeder_closed: vec![true; cfg.miners.len() + cfg.gpus.len() + cfg.aux.len()],
            tie_closed: cfg.ties.iter().map(|t| t.closed).collect(),
            tripped: vec![false; cfg.breakers().count()],
            gas: vec![Gas::default(); cfg.gensets.len()],
            estop: false,
            sensor_f_pu: 0.0,
            sensor_v_pu: 0.0,
            islands: Vec::new(),
            island_of: Vec::new(),
            main_island: 0,
            ride: vec![RideThrough::default(); cfg.sections.len()],
            shed_timers: vec![0; cfg.shed_stages.len()],
            shed_done: vec![false; cfg.shed_stages.len()],
            loads_dirty: true,
            topology_dirty: true,
            rocof_500ms: 0.0,
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
        match b {
            Breaker::Genset(i) => self.gensets[i].breaker,
            Breaker::Bess(i) => self.bess[i].breaker,
            Breaker::Tie(i) => self.tie_closed[i],
            Breaker::Miner(_) | Breaker::Gpu(_) | Breaker::Aux(_) => self.feeder_closed[self.feeder(b)],
        }
    }

    fn feeder(&self, b: Breaker) -> usize {
        let (m, u) = (self.cfg.miners.len(), self.cfg.gpus.len());
        match b {
            Breaker::Miner(i) => i,
            Breaker::Gpu(i) => m + i,
            Breaker::Aux(i) => m + u + i,
            Breaker::Genset(_) | Breaker::Bess(_) | Breaker::Tie(_) => 0,
        }
    }

    /// Opens or closes a breaker. A genset's 52G closes only through its start sequence (or check-sync); a tie
    /// between two live islands only in sync. Returns why not.
    ///
    /// # Errors
    /// The reason, in words.
    pub fn switch(&mut self, b: Breaker, close: bool) -> Result<(), &'static str> {
        if self.is_closed(b) == close {
            return Ok(());
        }
        match b {
            Breaker::Genset(i) => {
                if close {
                    return Err("52G closes through the start sequence and check-sync only");
                }
                self.gensets[i].breaker = false;
                self.gensets[i].enter(RunState::CoolDown);
            }
            Breaker::Bess(i) => {
                // Where it meets the bus is settled by `rebuild`, with the bus of that instant.
                self.bess[i].breaker = close;
                if !close {
                    self.bess[i].rest();
                }
            }
            Breaker::Tie(i) => {
                let t = &self.cfg.ties[i];
                let (from, to) = (self.island_of[t.from], self.island_of[t.to]);
                let (a, b) = (&self.islands[from], &self.islands[to]);
                if close && a.alive && b.alive {
                    let df = (b.f_pu - a.f_pu) * self.cfg.f0_hz;
                    let angle = wrap(self.bus(to).1 - self.bus(from).1);
                    if !super::protection::check_sync(df, b.vm - a.vm, angle) {
                        return Err("the two sides are not in sync (device 25)");
                    }
                }
                self.tie_closed[i] = close;
            }
            Breaker::Miner(_) | Breaker::Gpu(_) | Breaker::Aux(_) => {
                let f = self.feeder(b);
                self.feeder_closed[f] = close;
                self.loads_dirty = true;
                match b {
                    Breaker::Miner(i) if close => {
                        self.miners[i].supply_back(self.cfg.psu.miner_restart_s, self.tick, self.cfg.tick_s);
                    }
                    Breaker::Miner(i) => self.miners[i].drop_out(),
                    Breaker::Gpu(i) if !close => {
                        self.gpus[i].crash(&self.cfg.gpus[i], self.cfg.tick_s, self.cfg.tick_s);
                    }
                    _ => {}
                }
            }
        }
        self.topology_dirty = true;
        if let Some(n) = self.breakers().position(|x| x == b) {
            self.tripped[n] = false;
            self.events.push(PlantEvent::Breaker(n, close));
        }
        Ok(())
    }

    /// Starts a genset that is at rest.
    ///
    /// # Errors
    /// The reason, in words.
    pub fn start_genset(&mut self, i: usize) -> Result<(), &'static str> {
        let s = &mut self.gensets[i];
        match s.run {
            _ if self.estop => Err("the emergency stop is pressed"),
            _ if !self.gas[i].open => Err("its gas valve is shut"),
            RunState::Stopped => {
                s.fuel_off = false;
                s.enter(RunState::Prelube);
                Ok(())
            }
            RunState::LockedOut => Err("it is locked out; reset the trip first"),
            _ => Err("it is not at rest"),
        }
    }

    /// Unloads and stops a genset that is on the bus.
    ///
    /// # Errors
    /// The reason, in words.
    pub fn stop_genset(&mut self, i: usize) -> Result<(), &'static str> {
        if self.gensets[i].run != RunState::OnBus {
            return Err("it is not on the bus");
        }
        self.gensets[i].enter(RunState::Unloading);
        Ok(())
    }

    /// Resets latched trips, lock-outs and load-shedding stages.
    pub fn reset(&mut self) {
        for s in &mut self.gensets {
            s.tripped = false;
            if s.run == RunState::LockedOut {
                s.enter(RunState::Stopped);
            }
            s.relay_timers.fill(0);
        }
        self.shed_done.fill(false);
        self.tripped.fill(false);
    }

    /// Trips a genset by name of a cause.
    pub fn trip_genset(&mut self, i: usize, relay: Option<usize>, value: f64) {
        if self.gensets[i].run != RunState::Shutdown {
            self.gensets[i].trip();
            self.topology_dirty = true;
            self.events.push(PlantEvent::Trip(i, relay, value));
        }
    }

    /// Marks loads as changed from outside (aux, scale of a battery).
    pub fn touch(&mut self) {
        self.loads_dirty = true;
        self.topology_dirty = true;
    }

    /// Imposes what an aux load takes at 1 pu, kW; less than nothing feeds the bus. Cheap enough for every tick.
    pub fn impose_aux_kw(&mut self, i: usize, kw: f64) {
        if let Some(now) = self.aux_kw.get_mut(i).filter(|now| **now != kw) {
            *now = kw;
            self.loads_dirty = true;
        }
    }

    /// Puts another engine (preset) into a genset at its present power and speed.
    pub fn replace_engine(&mut self, i: usize, genset: config::Genset) {
        let mut cfg = (*self.cfg).clone();
        let mut derived = (*self.derived).clone();
        derived[i] = Derived::new(&genset, cfg.tick_s);
        self.gensets[i].retrim_engine(&genset, &derived[i]);
        cfg.gensets[i] = genset;
        self.cfg = Arc::new(cfg);
        self.derived = Arc::new(derived);
        self.main_island = self.find_main_island();
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
    #[must_use]
    pub fn gpu_kw(&self, i: usize) -> f64 {
        self.drawn_kw(Breaker::Gpu(i), self.cfg.gpus[i].section, self.gpus[i].kw)
    }

    /// kW that a miner fleet takes, as [`Plant::gpu_kw`].
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

    pub(super) fn is_fed(&self, feeder: Breaker, section: usize) -> bool {
        self.islands[self.island_of[section]].alive && self.feeder_closed[self.feeder(feeder)]
    }

    fn drawn_kw(&self, feeder: Breaker, section: usize, kw: f64) -> f64 {
        let v = self.islands[self.island_of[section]].vm;
        if self.is_fed(feeder, section) { kw * network::constant_power_share(v) } else { 0.0 }
    }

    /// Feeds everything that decides the future into a hash; what follows from it (derivatives, EMFs, sums of loads) and
    /// the generator's state are left out: two seeds that have drawn nothing yet are one state.
    pub fn hash_into(&self, h: &mut impl core::hash::Hasher) {
        h.write_u64(self.tick);
        self.gensets.iter().for_each(|s| s.hash_into(h));
        self.bess.iter().for_each(|s| s.hash_into(h));
        self.gpus.iter().for_each(|s| s.hash_into(h));
        self.miners.iter().for_each(|s| s.hash_into(h));
        self.ride.iter().for_each(|s| s.hash_into(h));
        for i in &self.islands {
            for v in [i.vm, i.f_pu, i.injection] {
                h.write_u64(v.to_bits());
            }
            h.write_u8(u8::from(i.alive));
        }
        for v in self.aux_kw.iter().chain([&self.rocof_500ms]) {
            h.write_u64(v.to_bits());
        }
        for t in &self.shed_timers {
            h.write_u32(*t);
        }
        for on in self.shed_done.iter().chain(&self.feeder_closed).chain(&self.tie_closed) {
            h.write_u8(u8::from(*on));
        }
    }

    // Shared with the protection and sequence files.

    pub(super) fn shed_state(&mut self) -> (&mut [u32], &mut [bool]) {
        (&mut self.shed_timers, &mut self.shed_done)
    }

    pub(super) fn ride_through(&mut self, section: usize, v: f64) -> Supply {
        self.ride[section].step(&self.cfg.psu, v, self.cfg.tick_s)
    }
}
