//! Closed-loop and property tests of control on a toy plant: gensets carry GPUs, miners and a base load, and devices answer
//! after a lag. It has no dynamics; frequency and voltage are what a test sets.

mod closed_loop;
mod commands;
mod limits;
mod props;

use std::sync::Arc;

use super::*;
use crate::acts::Setpoint;

/// Acceptance of the lean-burn prime preset: load and step, pu.
pub(super) const LEAN_DEFAULT: [(f64, f64); 5] = [(0.0, 0.20), (0.25, 0.16), (0.5, 0.14), (0.75, 0.14), (0.9, 0.10)];

/// The default policy set on the lean-burn preset.
pub fn recommended() -> Policy {
    Policy::recommended(1000.0, LEAN_DEFAULT.to_vec(), 16.0)
}

/// The operational model's set.
pub fn source() -> Policy {
    Policy::source(1000.0, LEAN_DEFAULT.to_vec(), 16.0)
}

/// A power step on its way: from tick, until tick, kW.
type Ramp = (u64, u64, f64);

/// The toy plant with control. One tick is 10 ms.
#[derive(Clone)]
pub struct Toy {
    pub c: Supervisor,
    pub m: Measured,
    pub tick: u64,
    pub gpu_lag_s: f64,
    pub shed_lag_s: f64,
    /// Units that take no shed command.
    pub stuck: bool,
    /// Load that nobody controls, kW.
    pub base_kw: f64,
    pub gpu_moves: Vec<Ramp>,
    pub miner_moves: Vec<Ramp>,
    pub gpu0_kw: f64,
    pub miner0_kw: f64,
    pub units_on: u32,
    pub units_out: u32,
    /// Genset kW at every tick.
    pub gen_kw: Vec<f64>,
    /// Commanded net kW and GPUs at every control step.
    pub net: Vec<(f64, u32)>,
    pub notes: Vec<(f64, Note)>,
}

/// Change of power of GPUs that were moved, kW.
pub fn gpus_kw(note: &Note) -> Option<f64> {
    match note {
        Note::Done(Action { change: Change::Gpus { .. }, kw, .. }) => Some(*kw),
        _ => None,
    }
}

/// Miner units that were shed.
pub fn units_shed(note: &Note) -> Option<u32> {
    match note {
        Note::Done(Action { change: Change::Shed { .. }, n, .. }) => Some(*n),
        _ => None,
    }
}

impl Devices for Toy {
    fn command(&mut self, a: Action) -> Answer {
        let (n, units) = (a.n, a.n);
        let net = match a.change {
            Change::Cap { .. } => (0.0, 0),
            Change::Gpus { from, to, .. } => {
                let r = &mut self.m.cohorts[0];
                let mut counts = phases::Counts::of(r);
                let before = counts.kw(r);
                counts.shift(n, from, to);
                let kw = counts.kw(r) - before;
                (r.off, r.preload, r.full) = (counts.off, counts.preload, counts.full);
                self.gpu_moves.push(self.after(self.gpu_lag_s, 0.05, kw));
                (kw, n)
            }
            Change::Shed { .. } => {
                assert!(units <= self.units_on, "more shed than there is");
                self.units_on -= units;
                self.units_out += units;
                let kw = -3.3 * f64::from(units);
                if !self.stuck {
                    self.miner_moves.push(self.after(self.shed_lag_s, 0.1, kw));
                }
                (kw, 0)
            }
            Change::Restore { .. } => {
                assert!(units <= self.units_out, "more restored than was shed");
                self.units_out -= units;
                self.units_on += units;
                let kw = 3.3 * f64::from(units);
                self.miner_moves.push(self.after(1.0, self.m.fleets[0].restore_s - 1.0, kw));
                (kw, 0)
            }
        };
        let last = self.net.last_mut().unwrap();
        *last = (last.0 + net.0, last.1 + net.1);
        Answer::Done(a.n)
    }
}

impl Toy {
    /// 714 GPUs of 0.7 kW, 151 miners of 3.3 kW, 1000 kW of rating.
    pub fn new(policy: Policy) -> Self {
        let m = Measured {
            tick: 0,
            dt_s: 0.01,
            f0_hz: 60.0,
            islands: vec![IslandReading {
                f_hz: 60.0,
                v_pu: 1.0,
                rating_kw: 1000.0,
                energised: true,
                ..IslandReading::default()
            }],
            cohorts: vec![CohortReading {
                scheduled: true,
                closed: true,
                supplied: true,
                off: 714,
                preload_kw: 0.21,
                full_kw: 0.7,
                cap: 1.0,
                rated_kw: 0.7,
                rated_preload_kw: 0.21,
                ..CohortReading::default()
            }],
            fleets: vec![FleetReading {
                unit_kw: 3.3,
                block_units: 1,
                latency_s: 0.4,
                restore_s: 60.0,
                ..FleetReading::default()
            }],
        };
        let name = |s: &str| vec![s.to_owned()];
        let names = Names { sections: name("bus"), cohorts: name("gpu"), fleets: name("miners") };
        let mut toy = Self {
            c: Supervisor::new(policy, Arc::new(names)),
            m,
            tick: 0,
            gpu_lag_s: 0.05,
            shed_lag_s: 0.3,
            stuck: false,
            base_kw: 0.0,
            gpu_moves: Vec::new(),
            miner_moves: Vec::new(),
            gpu0_kw: 0.0,
            miner0_kw: 0.0,
            units_on: 0,
            units_out: 0,
            gen_kw: Vec::new(),
            net: Vec::new(),
            notes: Vec::new(),
        };
        toy.miners(151);
        toy
    }

    /// Sets the number of miners at the start.
    pub fn miners(&mut self, units: u32) {
        self.units_on = units;
        self.miner0_kw = 3.3 * f64::from(units);
        self.m.fleets[0].filtered_kw = self.miner0_kw;
    }

    fn ramps(now: u64, start: f64, moves: &mut Vec<Ramp>) -> (f64, f64) {
        let mut done = 0.0;
        moves.retain(|(_, until, kw)| {
            let over = *until <= now;
            done += if over { *kw } else { 0.0 };
            !over
        });
        let part = |(from, until, kw): &Ramp| kw * (now.saturating_sub(*from)) as f64 / (until - from) as f64;
        (start + done, moves.iter().map(part).sum())
    }

    /// Runs for `s` seconds, and calls `each` before every control step.
    pub fn run_with(&mut self, s: f64, mut each: impl FnMut(&mut Self)) {
        for _ in 0..(s * 100.0).round() as u64 {
            let (gpu0, gpu) = Self::ramps(self.tick, self.gpu0_kw, &mut self.gpu_moves);
            let (miner0, miner) = Self::ramps(self.tick, self.miner0_kw, &mut self.miner_moves);
            (self.gpu0_kw, self.miner0_kw) = (gpu0, miner0);
            self.m.cohorts[0].kw = gpu0 + gpu;
            let miner_kw = miner0 + miner;
            self.m.fleets[0].filtered_kw += (miner_kw - self.m.fleets[0].filtered_kw) * 0.1;
            self.m.islands[0].kw = self.m.cohorts[0].kw + miner_kw + self.base_kw;
            self.gen_kw.push(self.m.islands[0].kw);
            self.c.sample(&self.m.islands);
            if self.tick.is_multiple_of(10) {
                each(self);
                self.control();
            }
            self.tick += 1;
        }
    }

    /// Runs for `s` seconds.
    pub fn run(&mut self, s: f64) {
        self.run_with(s, |_| ());
    }

    fn control(&mut self) {
        self.m.tick = self.tick;
        self.m.fleets[0].available = self.units_on;
        self.m.fleets[0].restorable = self.units_out;
        let (m, mut c) = (self.m.clone(), self.c.clone());
        self.net.push((0.0, 0));
        let mut notes = Vec::new();
        c.step(&m, self, &mut notes);
        self.c = c;
        let t_s = self.tick as f64 * 0.01;
        self.notes.extend(notes.into_iter().map(|n| (t_s, n)));
    }

    fn after(&self, lag_s: f64, over_s: f64, kw: f64) -> Ramp {
        let from = self.tick + (lag_s * 100.0).round() as u64;
        (from, from + (over_s * 100.0).round().max(1.0) as u64, kw)
    }

    /// Largest rise of genset power within any half-open window.
    pub fn worst_rise_kw(&self, window_s: f64) -> f64 {
        let n = (window_s * 100.0).round() as usize;
        let rise = |i: usize| {
            let from = (i + 1).saturating_sub(n);
            self.gen_kw[i] - self.gen_kw[from..=i].iter().copied().fold(f64::MAX, f64::min)
        };
        (0..self.gen_kw.len()).map(rise).fold(0.0, f64::max)
    }

    /// Largest fall within any half-open window.
    pub fn worst_fall_kw(&self, window_s: f64) -> f64 {
        let mut mirror = self.clone();
        mirror.gen_kw.iter_mut().for_each(|v| *v = -*v);
        mirror.worst_rise_kw(window_s)
    }

    /// Largest |P(t+5) - P(t)|/5.
    pub fn worst_ramp_kw_per_s(&self) -> f64 {
        let pairs = self.gen_kw.iter().zip(self.gen_kw.iter().skip(500));
        pairs.map(|(a, b)| (b - a).abs() / 5.0).fold(0.0, f64::max)
    }

    /// Highest genset power so far.
    pub fn max_gen_kw(&self) -> f64 {
        self.gen_kw.iter().copied().fold(f64::MIN, f64::max)
    }

    /// The limit that sets the pace now.
    pub fn binding(&self) -> Option<LimitId> {
        self.c.status(&self.m).binding
    }

    /// Times of the batches up and their kW.
    pub fn batches(&self) -> Vec<(f64, f64)> {
        let of = |(t, n): &(f64, Note)| Some((*t, gpus_kw(n).filter(|kw| *kw > 0.0)?));
        self.notes.iter().filter_map(of).collect()
    }

    /// Hash of control's whole state.
    pub fn hash(&self) -> u64 {
        let mut h = fnv::FnvHasher::default();
        self.c.hash_into(&mut h);
        std::hash::Hasher::finish(&h)
    }
}
