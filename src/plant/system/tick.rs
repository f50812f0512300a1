//! One tick of all devices: loads move, two-stage integration, and what follows from the new state.

use std::sync::Arc;

use super::Plant;
use crate::plant::genset::{self, Derived};
use crate::plant::{bess, config, network};

impl Plant {
    pub(in crate::plant) fn restart_stage(&mut self) {
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
    pub(in crate::plant) fn stage_one(&mut self, cfg: &config::Plant, derived: &[Derived]) {
        let w0 = core::f64::consts::TAU * cfg.f0_hz;
        for (i, s) in self.gensets.iter_mut().enumerate().filter(|(_, s)| s.is_governed()) {
            (s.k1, s.out) = s.derivative(&cfg.gensets[i], &derived[i], cfg.swing, w0, &s.x, &s.terminal, 0);
        }
        for (i, b) in self.bess.iter_mut().enumerate().filter(|(i, b)| b.forms(&cfg.bess[*i])) {
            b.k1 = b.forming_derivative(&cfg.bess[i], w0, &b.x, b.p, b.q);
        }
    }

    pub(in crate::plant) fn move_loads(&mut self, cfg: &config::Plant, dt: f64) {
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

    pub(in crate::plant) fn follow(&mut self, cfg: &config::Plant, i: usize, dt: f64) {
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

    pub(in crate::plant) fn share_load(&mut self, cfg: &config::Plant, i: usize) {
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
}
