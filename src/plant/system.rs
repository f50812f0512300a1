//! The plant as a whole: devices on bus sections, islands, and one tick of all of them.
//!
//! Order of a tick (t_k to t_k+1): loads move and are then fixed; two-stage (Heun) integration with the node solved
//! at each stage; state limits; relays and staged shedding; start and stop machines; supplies. What happened comes out
//! as [`PlantEvent`]s. Dead islands report zero. Never panics on any island split; never yields a non-finite number:
//! a node without solution holds its voltage and says so.

use std::sync::Arc;

use super::bess::{self, BessState};
use super::config;
use super::genset::{self, Derived, GensetState, RunState, Terminal};
use super::gpu::GpuState;
use super::load::{RideThrough, Supply};
use super::miner::MinerState;
use super::network::{self, NodeLoad, Phasor};
use super::random::Random;
use super::topology;

/// Rounds in which node and current limits of forming batteries agree. One is enough without a limit, a few with one; a
/// battery alone that cannot carry its load takes its voltage down in many.
const LIMIT_PASSES: u32 = 64;

/// Something that happened in the plant during a tick.
#[derive(Clone, Debug, PartialEq)]
pub enum PlantEvent {
    /// A relay opened 52G: genset, relay by index (`None`: mechanical overspeed or a scripted trip), measured value.
    Trip(usize, Option<usize>, f64),
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
    /// Has a source.
    pub alive: bool,
    lost_solution: bool,
}

/// What a breaker belongs to; the flat index of a breaker is its place in [`Plant::breakers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breaker {
    /// 52G of a genset.
    Genset(usize),
    /// 52M of a miner fleet.
    Miner(usize),
    /// 52C of a GPU cohort.
    Gpu(usize),
    /// 52B of a battery.
    Bess(usize),
    /// 52A of an aux load.
    Aux(usize),
    /// 52T, a tie.
    Tie(usize),
}

/// The plant: parameters and state. A snapshot is a clone.
#[derive(Clone, Debug)]
pub struct Plant {
    /// Parameters.
    pub cfg: Arc<config::Plant>,
    derived: Arc<Vec<Derived>>,
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
    /// Islands.
    pub islands: Vec<Island>,
    /// Island of each section.
    pub island_of: Vec<usize>,
    ride: Vec<RideThrough>,
    shed_timers: Vec<u32>,
    shed_done: Vec<bool>,
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
            islands: Vec::new(),
            island_of: Vec::new(),
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
        plant.restart_stage();
        plant.events.clear();
        plant
    }

    /// All breakers in their flat order.
    pub fn breakers(&self) -> impl Iterator<Item = Breaker> + use<> {
        let c = &self.cfg;
        let (g, m, u, b, a, t) =
            (c.gensets.len(), c.miners.len(), c.gpus.len(), c.bess.len(), c.aux.len(), c.ties.len());
        (0..g)
            .map(Breaker::Genset)
            .chain((0..m).map(Breaker::Miner))
            .chain((0..u).map(Breaker::Gpu))
            .chain((0..b).map(Breaker::Bess))
            .chain((0..a).map(Breaker::Aux))
            .chain((0..t).map(Breaker::Tie))
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

    /// Puts another engine (preset) into a genset at its present power and speed.
    pub fn replace_engine(&mut self, i: usize, genset: config::Genset) {
        let mut cfg = (*self.cfg).clone();
        let mut derived = (*self.derived).clone();
        derived[i] = Derived::new(&genset, cfg.tick_s);
        self.gensets[i].retrim_engine(&genset, &derived[i]);
        cfg.gensets[i] = genset;
        self.cfg = Arc::new(cfg);
        self.derived = Arc::new(derived);
        for k in 0..self.islands.len() {
            self.evaluate(k, 0);
        }
        self.restart_stage();
    }

    fn restart_stage(&mut self) {
        let (cfg, derived) = (Arc::clone(&self.cfg), Arc::clone(&self.derived));
        self.stage_one(&cfg, &derived);
    }

    /// One tick.
    pub fn step(&mut self) {
        let cfg = Arc::clone(&self.cfg);
        let derived = Arc::clone(&self.derived);
        let dt = cfg.tick_s;
        self.move_loads(&cfg, dt);
        if self.topology_dirty {
            self.rebuild();
        }
        if self.loads_dirty {
            self.sum_loads();
            for i in 0..self.islands.len() {
                self.evaluate(i, 0);
            }
            self.stage_one(&cfg, &derived);
        }
        let w0 = core::f64::consts::TAU * cfg.f0_hz;
        for s in self.gensets.iter_mut().filter(|s| s.is_governed()) {
            for k in 0..genset::STATES {
                s.xp[k] = s.x[k] + dt * s.k1[k];
            }
        }
        for (_, b) in self.bess.iter_mut().enumerate().filter(|(i, b)| b.forms(&cfg.bess[*i])) {
            for k in 0..bess::STATES {
                b.xp[k] = b.x[k] + dt * b.k1[k];
            }
        }
        for i in 0..self.islands.len() {
            self.evaluate(i, 1);
        }
        for (i, s) in self.gensets.iter_mut().enumerate().filter(|(_, s)| s.is_governed()) {
            let (k2, _) = s.derivative(&cfg.gensets[i], &derived[i], cfg.swing, w0, &s.xp, &s.terminal, 1);
            for k in 0..genset::STATES {
                s.x[k] += dt / 2.0 * (s.k1[k] + k2[k]);
            }
            s.push_delay(&derived[i]);
        }
        for (i, b) in self.bess.iter_mut().enumerate().filter(|(i, b)| b.forms(&cfg.bess[*i])) {
            let k2 = b.forming_derivative(&cfg.bess[i], w0, &b.xp, b.p, b.q);
            for k in 0..bess::STATES {
                b.x[k] += dt / 2.0 * (b.k1[k] + k2[k]);
            }
        }
        for (i, s) in self.gensets.iter_mut().enumerate() {
            s.finish_tick(&cfg.gensets[i], dt);
        }
        for i in 0..self.islands.len() {
            self.follow(&cfg, i, dt);
            self.share_load(&cfg, i);
            self.evaluate(i, 0);
            let isl = &self.islands[i];
            for &b in &isl.following {
                self.bess[b].p = self.bess[b].asked * network::constant_power_share(isl.vm);
            }
        }
        self.stage_one(&cfg, &derived);
        for i in 0..self.bess.len() {
            let isl = self.island_of[cfg.bess[i].section];
            let spare: f64 = self.islands[isl]
                .gensets
                .iter()
                .map(|g| (derived[*g].rated_mw - self.gensets[*g].terminal.p) * 1000.0)
                .sum();
            self.bess[i].finish_tick(&cfg.bess[i], spare, dt);
        }
        self.tick += 1;
        self.protect(&cfg, dt);
        self.sequence(&cfg, &derived, dt);
    }

    /// Derivatives and outputs at the present states and node voltages; the first stage of the next tick.
    fn stage_one(&mut self, cfg: &config::Plant, derived: &[Derived]) {
        let w0 = core::f64::consts::TAU * cfg.f0_hz;
        for (i, s) in self.gensets.iter_mut().enumerate().filter(|(_, s)| s.is_governed()) {
            (s.k1, s.out) = s.derivative(&cfg.gensets[i], &derived[i], cfg.swing, w0, &s.x, &s.terminal, 0);
        }
        for (i, b) in self.bess.iter_mut().enumerate().filter(|(i, b)| b.forms(&cfg.bess[*i])) {
            b.k1 = b.forming_derivative(&cfg.bess[i], w0, &b.x, b.p, b.q);
        }
    }

    fn move_loads(&mut self, cfg: &config::Plant, dt: f64) {
        for (s, c) in self.gpus.iter_mut().zip(&cfg.gpus) {
            let before = s.kw;
            s.advance(c, self.tick, dt);
            self.loads_dirty |= s.kw != before;
        }
        for (s, f) in self.miners.iter_mut().zip(&cfg.miners) {
            if s.is_moving() || s.kw == 0.0 {
                let before = s.kw;
                s.advance(f, self.tick, dt);
                self.loads_dirty |= s.kw != before;
            }
        }
    }

    fn follow(&mut self, cfg: &config::Plant, i: usize, dt: f64) {
        let isl = &mut self.islands[i];
        if isl.following.is_empty() {
            return;
        }
        isl.injection = 0.0;
        for &b in &isl.following {
            let p = if isl.alive { self.bess[b].follow(&cfg.bess[b], isl.f_pu, cfg.f0_hz, dt) } else { 0.0 };
            isl.injection += p;
        }
    }

    fn share_load(&mut self, cfg: &config::Plant, i: usize) {
        let (mut sum, mut weight) = (0.0, 0.0);
        for &g in &self.islands[i].gensets {
            if let config::Sharing::LoadShare(_) = cfg.gensets[g].sharing {
                sum += self.gensets[g].out.pe * self.gensets[g].soft;
                weight += self.gensets[g].soft;
            }
        }
        if weight <= 0.0 {
            return;
        }
        let mean = sum / weight;
        for &g in &self.islands[i].gensets {
            if let config::Sharing::LoadShare(k) = cfg.gensets[g].sharing {
                let s = &mut self.gensets[g];
                s.share_bias = k * (mean * s.soft - s.out.pe);
            }
        }
    }

    /// Which devices are on which island.
    fn rebuild(&mut self) {
        self.topology_dirty = false;
        self.loads_dirty = true;
        let cfg = Arc::clone(&self.cfg);
        // A battery that joins (breaker closed, or scaled up from nothing) meets the bus at the bus's own angle.
        for (b, c) in cfg.bess.iter().enumerate() {
            let Some(&i) = self.island_of.get(c.section) else { continue };
            let on = |list: fn(&Island) -> &Vec<usize>| self.islands.iter().any(|i| list(i).contains(&b));
            let (formed, followed) = (on(|i| &i.forming), on(|i| &i.following));
            let joins = if self.bess[b].forms(c) { !formed } else { self.bess[b].breaker && !formed && !followed };
            if joins {
                let (v, angle) = self.bus(i);
                let w = if self.islands[i].alive { self.islands[i].f_pu } else { 1.0 };
                self.bess[b].close(c, v, angle, w);
            }
        }
        let old = core::mem::take(&mut self.islands);
        let old_of = core::mem::take(&mut self.island_of);
        self.island_of = topology::islands(cfg.sections.len(), &cfg.ties, &self.tie_closed);
        let n = self.island_of.iter().max().map_or(0, |m| m + 1);
        self.islands = vec![Island::default(); n];
        for (s, &i) in self.island_of.iter().enumerate() {
            if self.islands[i].sections.is_empty() {
                // The new island starts from the voltage of its first section's old one.
                if let Some(was) = old_of.get(s).and_then(|o| old.get(*o)) {
                    self.islands[i] = Island {
                        v: was.v,
                        vm: was.vm,
                        f_pu: was.f_pu,
                        alive: was.alive,
                        lost_solution: was.lost_solution,
                        ..Island::default()
                    };
                }
            }
            self.islands[i].sections.push(s);
        }
        for (g, c) in cfg.gensets.iter().enumerate() {
            if self.gensets[g].breaker {
                self.islands[self.island_of[c.section]].gensets.push(g);
            } else {
                let eq = self.gensets[g].x[genset::EQ];
                self.gensets[g].terminal = Terminal { vt: eq, ..Terminal::default() };
                self.gensets[g].share_bias = 0.0;
            }
        }
        for (b, c) in cfg.bess.iter().enumerate() {
            if self.bess[b].scale <= 0.0 {
                self.bess[b].rest();
            }
            if self.bess[b].breaker {
                let isl = &mut self.islands[self.island_of[c.section]];
                if self.bess[b].forms(c) {
                    isl.forming.push(b);
                } else {
                    isl.following.push(b);
                    isl.injection += self.bess[b].asked;
                }
            }
        }
        for i in 0..n {
            let isl = &mut self.islands[i];
            let alive = !isl.gensets.is_empty() || !isl.forming.is_empty();
            let was = isl.alive;
            isl.alive = alive;
            if !alive {
                // Nothing to follow: an inverter without a bus gives nothing.
                isl.injection = 0.0;
                for &b in &isl.following {
                    self.bess[b].rest();
                }
            }
            if was && !alive {
                (isl.v, isl.vm, isl.f_pu) = (Phasor::default(), 0.0, 0.0);
                self.events.push(PlantEvent::Dead(i));
            } else if !was && alive {
                (isl.v, isl.vm, isl.f_pu) = (Phasor { re: 1.0, im: 0.0 }, 1.0, 1.0);
                self.events.push(PlantEvent::Alive(i));
            }
        }
    }

    /// Load of each island at 1 pu.
    fn sum_loads(&mut self) {
        self.loads_dirty = false;
        let cfg = &self.cfg;
        for isl in &mut self.islands {
            isl.load = NodeLoad::default();
        }
        let mut add = |section: usize, kw: f64, pf: f64, z: f64, i: f64| {
            let p = kw / 1000.0;
            let q = p * libm::sqrt((1.0 - pf * pf).max(0.0)) / pf.max(0.1);
            let l = &mut self.islands[self.island_of[section]].load;
            let c = 1.0 - z - i;
            l.p += p * c;
            l.q += q * c;
            l.pi += p * i;
            l.qi += q * i;
            l.pz += p * z;
            l.qz += q * z;
        };
        let (m, u) = (cfg.miners.len(), cfg.gpus.len());
        for (k, (s, f)) in self.miners.iter().zip(&cfg.miners).enumerate() {
            if self.feeder_closed[k] {
                add(f.section, s.kw, f.power_factor, 0.0, 0.0);
            }
        }
        for (k, (s, c)) in self.gpus.iter().zip(&cfg.gpus).enumerate() {
            if self.feeder_closed[m + k] {
                add(c.section, s.kw, c.power_factor, 0.0, 0.0);
            }
        }
        for (k, (kw, a)) in self.aux_kw.iter().zip(&cfg.aux).enumerate() {
            if self.feeder_closed[m + u + k] {
                add(a.section, *kw, a.power_factor, a.z_share, a.i_share);
            }
        }
    }

    /// Solves an island's node at the states of a stage (0: now, 1: predicted) and hands every source its share.
    fn evaluate(&mut self, i: usize, stage: usize) {
        let isl = &mut self.islands[i];
        if !isl.alive {
            return;
        }
        let mut load = isl.load;
        load.p -= isl.injection;
        let (cfg, derived) = (&self.cfg, &self.derived);
        if let ([g], []) = (isl.gensets.as_slice(), isl.forming.as_slice()) {
            // One machine: no angle enters, and `isl.v` is not kept; see `bus`.
            let s = &mut self.gensets[*g];
            let d = &derived[*g];
            let x = if stage == 0 { &s.x } else { &s.xp };
            let n = network::solve(x[genset::EQ], d.x, &load, isl.vm);
            let (e, v) = (x[genset::EQ], n.v);
            // V lags E by phi: sin = P X/(E V), cos = (V^2 + Q X)/(E V).
            let vq = (v * v + n.q * d.x) / e;
            let (a, b) = (v + n.q * d.x_line / v, n.p * d.x_line / v);
            let id = (e - vq) / d.x;
            let i2 = (n.p * n.p + n.q * n.q) / (v * v);
            s.terminal = Terminal { p: n.p, q: n.q, vt: libm::sqrt(a * a + b * b), id, i: libm::sqrt(i2) };
            isl.vm = v;
            isl.f_pu = x[genset::W];
            note_solution(&mut self.events, isl, i, n.converged);
            return;
        }
        // Norton sum of all sources, then one Thévenin source.
        let (mut ir, mut ii, mut y) = (0.0, 0.0, 0.0);
        for &g in &isl.gensets {
            let s = &self.gensets[g];
            let x = if stage == 0 { &s.x } else { &s.xp };
            let e = Phasor::polar(x[genset::EQ], x[genset::DELTA]);
            ir += e.re / derived[g].x;
            ii += e.im / derived[g].x;
            y += 1.0 / derived[g].x;
        }
        for &b in &isl.forming {
            let s = &mut self.bess[b];
            let x = if stage == 0 { &s.x } else { &s.xp };
            s.emf = Phasor::polar(s.emf_magnitude(&cfg.bess[b], x), x[bess::THETA]);
            s.limited = false;
            let xb = s.reactance(&cfg.bess[b]);
            ir += s.emf.re / xb;
            ii += s.emf.im / xb;
            y += 1.0 / xb;
        }
        let mut converged = true;
        let mut v = isl.v;
        for pass in 0..LIMIT_PASSES {
            let eth = Phasor { re: ir / y, im: ii / y };
            let e = eth.abs().max(1e-9);
            let n = network::solve(e, 1.0 / y, &load, isl.vm);
            converged = n.converged;
            // V = Eth (V/E) (cos phi - j sin phi)
            let (c, s) = ((n.v * n.v + n.q / y) / (e * n.v.max(1e-9)), (n.p / y) / (e * n.v.max(1e-9)));
            let k = n.v / e / libm::sqrt(c * c + s * s).max(1e-9);
            v = Phasor { re: k * (eth.re * c + eth.im * s), im: k * (eth.im * c - eth.re * s) };
            let mut moved = false;
            for &b in &isl.forming {
                let st = &mut self.bess[b];
                let x = if stage == 0 { &st.x } else { &st.xp };
                let wanted = Phasor::polar(st.emf_magnitude(&cfg.bess[b], x), x[bess::THETA]);
                let (emf, limited) = st.limit(&cfg.bess[b], wanted, v);
                let xb = st.reactance(&cfg.bess[b]);
                let (dr, di) = (emf.re - st.emf.re, emf.im - st.emf.im);
                // The last pass moves nothing: power is then what the node says, if a limit is passed a little.
                if dr * dr + di * di > 1e-16 && pass + 1 < LIMIT_PASSES {
                    ir += dr / xb;
                    ii += di / xb;
                    st.emf = emf;
                    moved = true;
                }
                st.limited = limited;
            }
            if !moved {
                break;
            }
        }
        isl.v = v;
        isl.vm = v.abs();
        let share = |e: Phasor, x: f64| {
            let (br, bi) = ((e.im - v.im) / x, -(e.re - v.re) / x); // (E - V)/(jX)
            (v.re * br + v.im * bi, v.im * br - v.re * bi, Phasor { re: br, im: bi })
        };
        let mut largest = 0.0;
        for &g in &isl.gensets {
            let s = &mut self.gensets[g];
            let d = &derived[g];
            let x = if stage == 0 { &s.x } else { &s.xp };
            let e = Phasor::polar(x[genset::EQ], x[genset::DELTA]);
            let (p, q, cur) = share(e, d.x);
            let vt = Phasor { re: v.re - cur.im * d.x_line, im: v.im + cur.re * d.x_line };
            let vq = if e.abs() > 1e-9 { (v.re * e.re + v.im * e.im) / e.abs() } else { 0.0 };
            s.terminal = Terminal { p, q, vt: vt.abs(), id: (x[genset::EQ] - vq) / d.x, i: cur.abs() };
            if d.rated_mw > largest {
                largest = d.rated_mw;
                isl.f_pu = x[genset::W];
            }
        }
        for &b in &isl.forming {
            let s = &mut self.bess[b];
            let (p, q, cur) = share(s.emf, s.reactance(&cfg.bess[b]));
            (s.p, s.q) = (p, q);
            s.i = cur.abs() * 1000.0 / s.rated_kva(&cfg.bess[b]).max(1e-3);
            if largest == 0.0 {
                let x = if stage == 0 { &s.x } else { &s.xp };
                isl.f_pu = s.speed(&cfg.bess[b], x);
            }
        }
        note_solution(&mut self.events, isl, i, converged);
    }

    /// Voltage of an island: magnitude and angle against the nominal frame. Zero on a dead one.
    #[must_use]
    pub fn bus(&self, i: usize) -> (f64, f64) {
        let isl = &self.islands[i];
        if !isl.alive {
            return (0.0, 0.0);
        }
        let angle = match (isl.gensets.as_slice(), isl.forming.as_slice()) {
            ([g], []) => {
                let (s, x) = (&self.gensets[*g], self.derived[*g].x);
                s.x[genset::DELTA] - libm::atan2(s.terminal.p * x, isl.vm * isl.vm + s.terminal.q * x)
            }
            _ => libm::atan2(isl.v.im, isl.v.re),
        };
        (isl.vm, angle)
    }

    /// Steady state of an island from a load flow: bus at 1 pu, shares as configured.
    fn trim_island(&mut self, i: usize) {
        let isl = &mut self.islands[i];
        if !isl.alive {
            return;
        }
        let (cfg, derived) = (&self.cfg, &self.derived);
        (isl.v, isl.vm, isl.f_pu) = (Phasor { re: 1.0, im: 0.0 }, 1.0, 1.0);
        for &b in &isl.following {
            self.bess[b].p = cfg.bess[b].p_set_kw / 1000.0;
            self.bess[b].asked = self.bess[b].p;
            isl.injection += self.bess[b].p;
        }
        let (p_total, q_total) = isl.load.at(1.0);
        let mut p_left = p_total - isl.injection;
        let on_machines = !isl.gensets.is_empty();
        for &b in &isl.forming {
            let n = isl.forming.len() as f64;
            let (p, q) = if on_machines { (cfg.bess[b].p_set_kw / 1000.0, 0.0) } else { (p_total / n, q_total / n) };
            self.bess[b].trim(&cfg.bess[b], 1.0, p, q);
            p_left -= p;
        }
        let weight: f64 = isl.gensets.iter().map(|g| cfg.gensets[*g].initial_share * derived[*g].rated_mw).sum();
        for &g in &isl.gensets {
            let d = &derived[g];
            let k = cfg.gensets[g].initial_share * d.rated_mw / weight.max(1e-12);
            let (p, q) = (p_left * k, q_total * k);
            let e = Phasor { re: 1.0 + d.x * q, im: d.x * p };
            let vt = Phasor { re: 1.0 + d.x_line * q, im: d.x_line * p };
            let id = (e.abs() - e.re / e.abs()) / d.x;
            let t = Terminal { p, q, vt: vt.abs(), id, i: libm::sqrt(p * p + q * q) };
            let angle = libm::atan2(e.im, e.re);
            self.gensets[g].trim(&cfg.gensets[g], p / d.rated_mw, 1.0, e.abs(), angle, t, d);
        }
    }

    /// Largest absolute derivative of the present state, per second; what a steady state is tested by.
    #[must_use]
    pub fn largest_derivative(&self) -> f64 {
        let w0 = core::f64::consts::TAU * self.cfg.f0_hz;
        let gensets = self.gensets.iter().enumerate().filter(|(_, s)| s.is_governed()).flat_map(|(i, s)| {
            s.derivative(&self.cfg.gensets[i], &self.derived[i], self.cfg.swing, w0, &s.x, &s.terminal, 0).0
        });
        let bess = self
            .bess
            .iter()
            .enumerate()
            .filter(|(i, b)| b.forms(&self.cfg.bess[*i]))
            .flat_map(|(i, b)| b.forming_derivative(&self.cfg.bess[i], w0, &b.x, b.p, b.q));
        gensets.chain(bess).fold(0.0, |m: f64, d| m.max(d.abs()))
    }

    /// Constants of a genset.
    #[must_use]
    pub fn derived(&self, i: usize) -> &Derived {
        &self.derived[i]
    }

    /// The island that the site signals describe: that of the largest set on a bus, else the first alive, else 0.
    #[must_use]
    pub fn main_island(&self) -> usize {
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
        let a = &self.cfg.aux[i];
        let v = self.islands[self.island_of[a.section]].vm;
        let (at_p, at_i) = (network::constant_power_share(v), network::constant_current_share(v));
        let k = at_p * (1.0 - a.z_share - a.i_share) + at_i * a.i_share + a.z_share * v * v;
        if self.is_fed(Breaker::Aux(i), a.section) { self.aux_kw[i] * k } else { 0.0 }
    }

    fn is_fed(&self, feeder: Breaker, section: usize) -> bool {
        self.islands[self.island_of[section]].alive && self.feeder_closed[self.feeder(feeder)]
    }

    fn drawn_kw(&self, feeder: Breaker, section: usize, kw: f64) -> f64 {
        let v = self.islands[self.island_of[section]].vm;
        if self.is_fed(feeder, section) { kw * network::constant_power_share(v) } else { 0.0 }
    }

    /// Feeds the state into a hash.
    pub fn hash_into(&self, h: &mut impl core::hash::Hasher) {
        h.write_u64(self.tick);
        self.gensets.iter().for_each(|s| s.hash_into(h));
        self.bess.iter().for_each(|s| s.hash_into(h));
        self.gpus.iter().for_each(|s| s.hash_into(h));
        self.miners.iter().for_each(|s| s.hash_into(h));
        for v in &self.aux_kw {
            h.write_u64(v.to_bits());
        }
        for i in &self.islands {
            h.write_u64(i.vm.to_bits());
            h.write_u64(i.f_pu.to_bits());
        }
    }

    // Shared with the protection and sequence files.

    pub(super) fn shed_state(&mut self) -> (&mut [u32], &mut [bool]) {
        (&mut self.shed_timers, &mut self.shed_done)
    }

    pub(super) fn ride_through(&mut self, section: usize, v: f64) -> Supply {
        let psu = self.cfg.psu;
        self.ride[section].step(&psu, v, self.cfg.tick_s)
    }
}

fn note_solution(events: &mut Vec<PlantEvent>, isl: &mut Island, i: usize, converged: bool) {
    if !converged && !isl.lost_solution {
        events.push(PlantEvent::NoSolution(i));
    }
    isl.lost_solution = !converged;
}

/// Angle in (-pi, pi].
#[must_use]
pub fn wrap(a: f64) -> f64 {
    a - core::f64::consts::TAU * (a / core::f64::consts::TAU).round()
}
