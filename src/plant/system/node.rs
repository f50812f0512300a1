//! Islands and their nodes: which devices are on which bus, the voltage they agree on, and the steady state at t = 0.

use std::sync::Arc;

use super::battery_bus::Batteries;
use super::{Island, Plant, PlantEvent};
use crate::plant::bess::droop_kw;
use crate::plant::exact::Exact;
use crate::plant::genset::{self, Terminal};
use crate::plant::network::{self, LoadSum, Phasor};
use crate::plant::source::{Source, each_source, each_source_on};
use crate::plant::{config, topology};

/// Rounds in which node and current limits of forming batteries agree. One is enough without a limit, a few with one, as long
/// as somebody is left who is not at his limit.
const LIMIT_PASSES: u32 = 64;

impl Plant {
    /// Which devices are on which island.
    pub(in crate::plant) fn rebuild(&mut self) {
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
                        mean_load_pu: was.mean_load_pu,
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
                let open = self.gensets[g].open_terminal(c);
                self.gensets[g].terminal = open;
                self.gensets[g].share_bias = 0.0;
            }
        }
        for (k, c) in cfg.condensers.iter().enumerate() {
            if self.condensers[k].breaker {
                self.islands[self.island_of[c.section]].condensers.push(k);
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
                }
            }
        }
        for i in 0..n {
            let isl = &mut self.islands[i];
            let section = isl.sections.first().copied().unwrap_or(0);
            let alive = !(isl.gensets.is_empty() && isl.forming.is_empty() && isl.condensers.is_empty());
            let was = isl.alive;
            isl.alive = alive;
            isl.injection = Exact::sum(isl.following.iter().map(|b| self.bess[*b].asked));
            if !alive {
                // Nothing to follow: an inverter without a bus gives nothing.
                isl.injection = 0.0;
                for &b in &isl.following {
                    self.bess[b].rest();
                }
            }
            if was && !alive {
                (isl.v, isl.vm, isl.f_pu) = (Phasor::default(), 0.0, 0.0);
                self.events.push(PlantEvent::Dead { section });
            } else if !was && alive {
                (isl.v, isl.vm, isl.f_pu) = (Phasor { re: 1.0, im: 0.0 }, 1.0, 1.0);
                self.events.push(PlantEvent::Alive { section });
            }
        }
        self.main_island = self.find_main_island();
        self.sum_sources();
    }

    /// What of the sources does not change while islands, ratings, reactances and scales stay.
    pub(in crate::plant) fn sum_sources(&mut self) {
        self.revision += 1;
        let cfg = &self.cfg;
        self.bess.iter_mut().zip(&cfg.bess).for_each(|(s, b)| s.scaled(b));
        for i in 0..self.islands.len() {
            let mut sum = Exact::default();
            each_source_on!(self, i, |s, of| sum.add(s.susceptance(of)));
            // The first of those that are rated alike.
            let larger = |a: usize, b: usize| if self.derived[b].rated_mw > self.derived[a].rated_mw { b } else { a };
            let largest = self.islands[i].gensets.iter().copied().reduce(larger);
            (self.islands[i].susceptance, self.islands[i].largest_set) = (sum.value(), largest);
        }
    }

    /// Load of each island at 1 pu.
    pub(in crate::plant) fn sum_loads(&mut self) {
        self.loads_dirty = false;
        for isl in &mut self.islands {
            isl.load_sum = LoadSum::default();
        }
        let kws =
            self.miners.iter().map(|s| s.kw).chain(self.gpus.iter().map(|s| s.kw)).chain(self.aux_kw.iter().copied());
        for ((kw, shape), closed) in kws.zip(self.load_shapes.iter()).zip(&self.feeder_closed) {
            if *closed && kw != 0.0 {
                self.islands[self.island_of[shape.section]].load_sum.add(&shape.at_kw(kw));
            }
        }
        for isl in &mut self.islands {
            isl.load = isl.load_sum.value();
        }
    }

    /// Solves an island's node at the states of a stage (0: now, 1: predicted) and hands every source its share.
    pub(in crate::plant) fn evaluate(&mut self, i: usize, stage: usize) {
        let isl = &mut self.islands[i];
        if !isl.alive {
            return;
        }
        let mut load = isl.load;
        load.p -= isl.injection;
        let derived = &self.derived;
        if let Some(g) = isl.only_set() {
            // One machine: no angle enters, and `isl.v` is not kept; see `bus`.
            let s = &mut self.gensets[g];
            let r = &derived[g].reactances;
            let (e, w) = (s.states(stage)[genset::EQ], s.states(stage)[genset::W]);
            let n = network::solve(e, r.x, &load, isl.vm);
            let v = n.v;
            // V lags E by phi: sin = P X/(E V), cos = (V^2 + Q X)/(E V).
            let vq = (v * v + n.q * r.x) / e;
            let (a, b) = (v + n.q * r.x_line / v, n.p * r.x_line / v);
            let id = (e - vq) / r.x;
            let i2 = (n.p * n.p + n.q * n.q) / (v * v);
            s.terminal = Terminal { p: n.p, q: n.q, vt: libm::sqrt(a * a + b * b), id, i: libm::sqrt(i2) };
            isl.vm = v;
            isl.f_pu = w;
            note_solution(&mut self.events, isl, n.converged);
            return;
        }
        let f_pu = self.bus_speed(i, stage);
        for &c in &self.islands[i].condensers {
            load.p -= self.condensers[c].damp(&self.cfg.condensers[c], stage, f_pu);
        }
        // Norton sum of all sources, then one Thévenin source.
        let (mut ir, mut ii) = (Exact::default(), Exact::default());
        each_source_on!(self, i, |s, of| {
            let (emf, b) = (s.emf(of, stage), s.susceptance(of));
            ir.add(emf.re * b);
            ii.add(emf.im * b);
        });
        let y = self.islands[i].susceptance;
        let thevenin = Phasor { re: ir.value() / y, im: ii.value() / y };
        let mut passes = LIMIT_PASSES;
        if self.islands[i].gensets.is_empty() && self.islands[i].condensers.is_empty() {
            match self.held_by_limits(i, stage, thevenin, 1.0 / y, &load) {
                Batteries::Carry => {}
                Batteries::Short => return,
                Batteries::Surplus => passes = 1,
            }
        }
        let cfg = &self.cfg;
        let isl = &mut self.islands[i];
        let mut converged = true;
        let mut v = isl.v;
        for pass in 0..passes {
            let eth = Phasor { re: ir.value() / y, im: ii.value() / y };
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
                let (emf, limited) = st.limit(&cfg.bess[b], st.wanted, v);
                let y_b = st.susceptance(&cfg.bess[b]);
                let (dr, di) = (emf.re - st.emf.re, emf.im - st.emf.im);
                // The last pass moves nothing: power is then what the node says, if a limit is passed a little.
                if dr * dr + di * di > 1e-16 && pass + 1 < passes {
                    // Out goes exactly what came in: the sum is that of the new terms, whatever the passes before.
                    ir.add(-(st.emf.re * y_b));
                    ii.add(-(st.emf.im * y_b));
                    ir.add(emf.re * y_b);
                    ii.add(emf.im * y_b);
                    st.emf = emf;
                    moved = true;
                }
                st.limited = limited;
            }
            if !moved {
                break;
            }
        }
        (isl.v, isl.vm) = (v, v.abs());
        each_source_on!(self, i, |s, of| s.take(of, stage, v));
        let isl = &mut self.islands[i];
        isl.f_pu = f_pu;
        note_solution(&mut self.events, isl, converged);
    }

    /// Frequency of a live bus, pu: the speed of its largest set, else that of a battery that forms it, else of a condenser.
    fn bus_speed(&self, i: usize, stage: usize) -> f64 {
        let (isl, cfg) = (&self.islands[i], &self.cfg);
        match (isl.largest_set, isl.forming.last(), isl.condensers.first()) {
            (Some(g), _, _) => self.gensets[g].states(stage)[genset::W],
            (None, Some(&b), _) => self.bess[b].speed(&cfg.bess[b], self.bess[b].states(stage)),
            (None, None, Some(&c)) => self.condensers[c].states(stage)[genset::W],
            (None, None, None) => isl.f_pu,
        }
    }

    /// Voltage of an island: magnitude and angle against the nominal frame. Zero on a dead one.
    #[must_use]
    pub fn bus(&self, i: usize) -> (f64, f64) {
        let isl = &self.islands[i];
        if !isl.alive {
            return (0.0, 0.0);
        }
        let angle = match isl.only_set() {
            Some(g) => {
                let (s, x) = (&self.gensets[g], self.derived[g].reactances.x);
                s.x[genset::DELTA] - libm::atan2(s.terminal.p * x, isl.vm * isl.vm + s.terminal.q * x)
            }
            None => libm::atan2(isl.v.im, isl.v.re),
        };
        (isl.vm, angle)
    }

    /// Steady state of an island from a load flow: bus at 1 pu, shares as configured.
    pub(in crate::plant) fn trim_island(&mut self, i: usize) {
        let isl = &mut self.islands[i];
        if !isl.alive {
            return;
        }
        let cfg = &self.cfg;
        let config::AtStart { f_pu: f, v_pu: v } = cfg.at_start;
        (isl.v, isl.vm, isl.f_pu) = (Phasor { re: v, im: 0.0 }, v, f);
        for &b in &isl.following {
            self.bess[b].p = at_set_point(&cfg.bess[b], f, cfg.f0_hz) / 1000.0;
            self.bess[b].asked = self.bess[b].p;
        }
        isl.injection = Exact::sum(isl.following.iter().map(|b| self.bess[*b].p));
        let (p_total, q_total) = isl.load.at(v);
        let mut left = Exact::default();
        left.add(p_total - isl.injection);
        let (losses, condensers_q) = self.trim_condensers(i, q_total);
        left.add(losses);
        let (p_total, q_total) = (p_total + losses, q_total - condensers_q);
        let (cfg, derived, isl) = (&self.cfg, &self.derived, &self.islands[i]);
        let on_machines = !isl.gensets.is_empty();
        let forming_kva = Exact::sum(isl.forming.iter().map(|b| self.bess[*b].rated_kva(&cfg.bess[*b])));
        for &b in &isl.forming {
            let (p, q) = if on_machines {
                (at_set_point(&cfg.bess[b], f, cfg.f0_hz) / 1000.0, 0.0)
            } else {
                // Each by its rating, as its droop will have it.
                let share = self.bess[b].rated_kva(&cfg.bess[b]) / forming_kva;
                (p_total * share, q_total * share)
            };
            self.bess[b].trim(&cfg.bess[b], [v, f], p, q);
            left.add(-p);
        }
        let p_left = left.value();
        let weight = Exact::sum(isl.gensets.iter().map(|g| cfg.gensets[*g].initial_share * derived[*g].rated_mw));
        for &g in &isl.gensets {
            let d = &derived[g];
            let k = cfg.gensets[g].initial_share * d.rated_mw / weight.max(1e-12);
            let (p, q) = (p_left * k, q_total * k);
            let (e, t) = d.reactances.at(v, p, q);
            let angle = libm::atan2(e.im, e.re);
            self.gensets[g].trim(&cfg.gensets[g], p / d.rated_mw, f, e.abs(), angle, t, d);
        }
    }

    /// Steady state of the condensers of an island: their losses come from the bus, and of its reactive load `q_total` they
    /// give a share by their rating beside the other sources. Gives losses and reactive power, pu of 1 MVA.
    fn trim_condensers(&mut self, i: usize, q_total: f64) -> (f64, f64) {
        let (cfg, isl) = (&self.cfg, &self.islands[i]);
        let config::AtStart { f_pu: f, v_pu: v } = cfg.at_start;
        let condensers: f64 = isl.condensers.iter().map(|c| cfg.condensers[*c].rated_kva).sum();
        let sets: f64 = isl.gensets.iter().map(|g| cfg.gensets[*g].rated_kva).sum();
        let batteries: f64 = isl.forming.iter().map(|b| cfg.bess[*b].rated_kva).sum();
        let all = condensers + if isl.gensets.is_empty() { batteries } else { sets };
        let (mut losses, mut q_sum) = (0.0, 0.0);
        for &c in &isl.condensers {
            let one = &cfg.condensers[c];
            let q = q_total * one.rated_kva / all;
            losses += self.condensers[c].trim(one, [v, f], q);
            q_sum += q;
        }
        (losses, q_sum)
    }

    /// Largest absolute derivative of the present state, per second; what a steady state is tested by.
    #[must_use]
    pub fn largest_derivative(&self) -> f64 {
        let (frame, mut most) = (self.frame(), 0.0_f64);
        each_source!(self, iter, |s, of| most = most.max(s.largest_derivative(of, &frame)));
        most
    }
}

impl Island {
    /// The set that is alone on the bus, if it is.
    fn only_set(&self) -> Option<usize> {
        match self.gensets.as_slice() {
            [g] if self.forming.is_empty() && self.condensers.is_empty() => Some(*g),
            _ => None,
        }
    }
}

/// Power of a battery beside machines that hold a frequency, kW: its set-point less its droop.
fn at_set_point(b: &config::Bess, f_pu: f64, f0_hz: f64) -> f64 {
    b.p_set_kw - droop_kw(b, f_pu, f0_hz, b.rated_kva)
}

fn note_solution(events: &mut Vec<PlantEvent>, isl: &mut Island, converged: bool) {
    if !converged && !isl.lost_solution {
        events.push(PlantEvent::NoSolution { section: isl.sections.first().copied().unwrap_or(0) });
    }
    isl.lost_solution = !converged;
}

/// Angle in (-pi, pi].
#[must_use]
pub fn wrap(a: f64) -> f64 {
    a - core::f64::consts::TAU * (a / core::f64::consts::TAU).round()
}
