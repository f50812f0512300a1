//! One tick of all devices: loads move, two-stage integration, and what follows from the new state.

use super::Plant;
use crate::plant::exact::Exact;
use crate::plant::source::{Frame, Source, each_source};
use crate::plant::{bess, config, network};

impl Plant {
    /// One tick.
    pub fn step(&mut self) {
        self.move_loads();
        self.settle();
        self.predict();
        for i in 0..self.islands.len() {
            self.evaluate(i, 1);
        }
        self.correct();
        for i in 0..self.islands.len() {
            self.follow(i);
            self.share_load(i);
            self.stand(i);
        }
        self.stage_one();
        self.charge();
        self.tick += 1;
        self.protect();
        self.sequence();
        // What was switched is settled at once: a tick never ends with a breaker open and its power still there.
        self.settle();
    }

    /// Brings islands, nodes and first stage up to date with breakers and loads that changed.
    pub(super) fn settle(&mut self) {
        if self.topology_dirty {
            self.rebuild();
        }
        if self.loads_dirty {
            self.sum_loads();
            for i in 0..self.islands.len() {
                self.stand(i);
            }
            self.stage_one();
        }
    }

    /// The node at the present states, and what inverters that follow give there: below 0.7 pu their current does not carry
    /// what they are asked for, as that of loads does not. Whatever moves a voltage comes by here, or the books of the tick
    /// are those of another voltage.
    fn stand(&mut self, i: usize) {
        self.evaluate(i, 0);
        let isl = &self.islands[i];
        for &b in &isl.following {
            self.bess[b].p = self.bess[b].asked * network::constant_power_share(isl.vm);
        }
    }

    /// What sources have to know of the plant in order to integrate.
    pub(in crate::plant) fn frame(&self) -> Frame {
        Frame { w0: core::f64::consts::TAU * self.cfg.f0_hz, swing: self.cfg.swing, dt: self.cfg.tick_s }
    }

    /// Derivatives and outputs at the present states and node voltages; the first stage of the next tick.
    pub(in crate::plant) fn stage_one(&mut self) {
        let frame = self.frame();
        each_source!(self, iter_mut, |s, of| s.stage_one(of, &frame));
    }

    /// States at the end of the tick by the first stage alone.
    fn predict(&mut self) {
        let frame = self.frame();
        each_source!(self, iter_mut, |s, of| s.predict(of, &frame));
    }

    /// States at the end of the tick by both stages, their limits, and what counts up with them.
    fn correct(&mut self) {
        let frame = self.frame();
        each_source!(self, iter_mut, |s, of| s.correct(of, &frame));
    }

    fn move_loads(&mut self) {
        let (cfg, dt) = (&self.cfg, self.cfg.tick_s);
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

    fn follow(&mut self, i: usize) {
        let cfg = &self.cfg;
        let isl = &mut self.islands[i];
        if isl.following.is_empty() {
            return;
        }
        let mut sum = Exact::default();
        for &b in &isl.following {
            sum.add(if isl.alive { self.bess[b].follow(&cfg.bess[b], isl.f_pu, cfg.f0_hz, cfg.tick_s) } else { 0.0 });
        }
        isl.injection = sum.value();
    }

    fn share_load(&mut self, i: usize) {
        let cfg = &self.cfg;
        let shares = |g: &usize| matches!(cfg.gensets[*g].sharing, config::Sharing::LoadShare(_));
        if !self.islands[i].gensets.iter().any(shares) {
            return;
        }
        let (mut sum, mut weight) = (Exact::default(), Exact::default());
        for &g in &self.islands[i].gensets {
            if let config::Sharing::LoadShare(_) = cfg.gensets[g].sharing {
                sum.add(self.gensets[g].out.pe * self.gensets[g].soft);
                weight.add(self.gensets[g].soft);
            }
        }
        // Without anybody to share with, the others of the line give their load away.
        let (sum, weight) = (sum.value(), weight.value());
        let mean = if weight > 0.0 { sum / weight } else { 0.0 };
        for &g in &self.islands[i].gensets {
            if let config::Sharing::LoadShare(k) = cfg.gensets[g].sharing {
                let s = &mut self.gensets[g];
                s.share_bias = k * (mean * s.soft - s.out.pe);
            }
        }
    }

    /// Charge and energy of the batteries.
    fn charge(&mut self) {
        let (cfg, derived, gensets) = (&self.cfg, &self.derived, &self.gensets);
        for (s, b) in self.bess.iter_mut().zip(&cfg.bess) {
            let sets = &self.islands[self.island_of[b.section]].gensets;
            s.finish_tick(b, cfg.tick_s, !sets.is_empty(), |p| {
                let gen_kw = Exact::sum(sets.iter().map(|g| gensets[*g].terminal.p)) * 1000.0;
                let rating_kw = Exact::sum(sets.iter().map(|g| derived[*g].rated_mw * derived[*g].derate)) * 1000.0;
                // What the sets would carry with this battery recharging.
                let with_kw = gen_kw + p * 1000.0 + b.recharge_kw;
                let [low, high] = bess::RECHARGE_LOAD_PU.map(|pu| pu * rating_kw);
                with_kw >= low && with_kw <= high - bess::RECHARGE_MARGIN_KW
            });
        }
    }
}
