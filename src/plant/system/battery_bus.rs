//! A bus that batteries hold alone, when they cannot carry its load: the voltage that their limits leave.
//!
//! Limited inverters are no voltage sources any more. The node then stands at the highest voltage at which the load takes no
//! more than the batteries can give together: active power first (the charge at its end gives less), then current. Below 0.7
//! pu every load is an impedance, so there always is one, down to nothing; the inverters' under-voltage cut-off ends it. Each
//! battery gives its share of the active power by its limit, and of the reactive power by its rating.

use super::Plant;
use crate::plant::bess;
use crate::plant::exact::Exact;
use crate::plant::network::{self, NodeLoad, Phasor};

/// Steps in which the voltage is looked for before it is bisected.
const STEPS: i32 = 64;
/// Halvings of a step: past the last bit of a voltage.
const HALVINGS: u32 = 60;
/// Lowest voltage that is told apart from none, pu.
const NO_VOLTAGE: f64 = 1e-6;

/// How batteries that hold a bus alone stand to its load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Batteries {
    /// Together they carry it.
    Carry,
    /// They do not; node and batteries stand at what their limits leave.
    Short,
    /// The bus has more than they can take, and nobody else takes it: no limit holds it off, their cut-off ends it.
    Surplus,
}

impl Plant {
    /// How the batteries of island `i` stand to `load` at the voltage that they would hold (`e` behind `x`).
    pub(super) fn held_by_limits(&mut self, i: usize, stage: usize, e: Phasor, x: f64, load: &NodeLoad) -> Batteries {
        let cfg = &self.cfg;
        let forming = &self.islands[i].forming;
        let limit = |side: usize| Exact::of(forming, |b| self.bess[*b].limits_kw(&cfg.bess[*b])[side]) / 1000.0;
        let (power, takes) = (limit(0), limit(1));
        let current = Exact::of(forming, |b| self.bess[*b].i_max_mva(&cfg.bess[*b]));
        let carries = |v: f64| {
            let (p, q) = load.at(v);
            p <= power && p * p + q * q <= current * current * v * v
        };
        let wanted = network::solve(e.abs().max(1e-9), x, load, self.islands[i].vm);
        if wanted.p < 0.0 {
            return if wanted.p < -takes { Batteries::Surplus } else { Batteries::Carry };
        }
        if carries(wanted.v) {
            return Batteries::Carry;
        }
        let place = |k: i32| wanted.v * f64::from(k) / f64::from(STEPS);
        let k = (0..STEPS).rev().find(|k| carries(place(*k))).unwrap_or(0);
        let (mut lo, mut hi) = (place(k), place(k + 1));
        for _ in 0..HALVINGS {
            let v = (lo + hi) / 2.0;
            if carries(v) { lo = v } else { hi = v }
        }
        let v = lo.max(NO_VOLTAGE);
        let (p, q) = load.at(v);
        // The first battery's angle goes on as it was; the others and the bus have theirs against it.
        let mut bus_angle = None;
        for k in 0..self.islands[i].forming.len() {
            let b = self.islands[i].forming[k];
            let (s, c) = (&mut self.bess[b], &cfg.bess[b]);
            let share = if power > 0.0 { s.limits_kw(c)[0] / 1000.0 / power } else { 0.0 };
            (s.p, s.q) = (p * share, q * s.i_max_mva(c) / current.max(1e-12));
            s.i = libm::sqrt(s.p * s.p + s.q * s.q) / v * 1000.0 / s.rated_kva(c).max(1e-3);
            s.limited = true;
            let x = s.reactance(c);
            let (re, im) = (v + x * s.q / v, x * s.p / v);
            let ahead = libm::atan2(im, re);
            let states = *s.states(stage);
            let angle = *bus_angle.get_or_insert(states[bess::THETA] - ahead);
            s.emf = Phasor::polar(libm::sqrt(re * re + im * im), angle + ahead);
            if k == 0 {
                self.islands[i].f_pu = s.speed(c, &states);
            }
        }
        let island = &mut self.islands[i];
        (island.v, island.vm) = (Phasor::polar(v, bus_angle.unwrap_or(0.0)), v);
        island.lost_solution = false;
        Batteries::Short
    }
}
