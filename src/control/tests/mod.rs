//! Closed-loop and property tests of control on a toy plant: gensets carry GPUs, miners and a base load, and devices answer
//! after a lag. It has no dynamics; frequency and voltage are what a test sets.

mod closed_loop;
mod commands;
mod limits;
mod props;

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
    actions: Vec<Action>,
}

impl Toy {
    /// 714 GPUs of 0.7 kW, 151 miners of 3.3 kW, 1000 kW of rating.
    pub fn new(policy: Policy) -> Self {
        let m = Measured {
            dt_s: 0.01,
            f0_hz: 60.0,
            f_hz: 60.0,
            v_pu: 1.0,
            rating_kw: 1000.0,
            miner_unit_kw: 3.3,
            miner_restore_s: 60.0,
            gpu_off: 714,
            gpu_preload_kw: 0.21,
            gpu_full_kw: 0.7,
            energised: true,
            ..Measured::default()
        };
        let mut toy = Self {
            c: Supervisor::new(policy, 0.01),
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
            actions: Vec::new(),
        };
        toy.miners(151);
        toy
    }

    /// Sets the number of miners at the start.
    pub fn miners(&mut self, units: u32) {
        self.units_on = units;
        self.miner0_kw = 3.3 * f64::from(units);
        self.m.miner_filtered_kw = self.miner0_kw;
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
            self.m.gpu_kw = gpu0 + gpu;
            let miner_kw = miner0 + miner;
            self.m.miner_filtered_kw += (miner_kw - self.m.miner_filtered_kw) * 0.1;
            self.m.gen_kw = self.m.gpu_kw + miner_kw + self.base_kw;
            self.gen_kw.push(self.m.gen_kw);
            self.c.sample(self.m.gen_kw);
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
        self.m.miner_available_kw = f64::from(self.units_on) * 3.3;
        self.m.miner_restorable_kw = f64::from(self.units_out) * 3.3;
        let mut actions = std::mem::take(&mut self.actions);
        let mut notes = Vec::new();
        self.c.step(&self.m, &mut actions, &mut notes);
        let t_s = self.tick as f64 * 0.01;
        self.notes.extend(notes.into_iter().map(|n| (t_s, n)));
        let mut net = (0.0, 0);
        for a in actions.drain(..) {
            match a {
                Action::Gpu { n, from, to } => {
                    let mut counts = phases::Counts::of(&self.m);
                    let before = counts.kw(&self.m);
                    counts.shift(n, from, to);
                    let kw = counts.kw(&self.m) - before;
                    (self.m.gpu_off, self.m.gpu_preload, self.m.gpu_full) = (counts.off, counts.preload, counts.full);
                    self.gpu_moves.push(self.after(self.gpu_lag_s, 0.05, kw));
                    net = (net.0 + kw, net.1 + n);
                }
                Action::Shed { units } => {
                    assert!(units <= self.units_on, "more shed than there is");
                    self.units_on -= units;
                    self.units_out += units;
                    let kw = -3.3 * f64::from(units);
                    if !self.stuck {
                        self.miner_moves.push(self.after(self.shed_lag_s, 0.1, kw));
                    }
                    net.0 += kw;
                }
                Action::Restore { units } => {
                    assert!(units <= self.units_out, "more restored than was shed");
                    self.units_out -= units;
                    self.units_on += units;
                    let kw = 3.3 * f64::from(units);
                    self.miner_moves.push(self.after(1.0, self.m.miner_restore_s - 1.0, kw));
                    net.0 += kw;
                }
            }
        }
        self.net.push(net);
        self.actions = actions;
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
        let of = |(t, n): &(f64, Note)| if let Note::Batch(_, kw) = n { Some((*t, *kw)) } else { None };
        self.notes.iter().filter_map(of).collect()
    }

    /// Hash of control's whole state.
    pub fn hash(&self) -> u64 {
        let mut h = fnv::FnvHasher::default();
        self.c.hash_into(&mut h);
        std::hash::Hasher::finish(&h)
    }
}
