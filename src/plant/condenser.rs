//! A synchronous condenser: the machine of a set without an engine. It gives reactive power and, for as long as the bus changes
//! its speed, what its rotor stores.
//!
//! On rated kVA: `2H dw/dt = (-loss w^2 - P)/w`, `P = E V sin(d)/X + K (w - w_bus)`. The losses (bearings, windage, iron, copper)
//! come from the bus, or from the rotor once 52S is open. `K` stands for the damper cage: power that goes between rotor and bus
//! by their slip, and is nothing in any steady state. There is no starting motor: a condenser that is at rest stays there, and one that
//! coasts may be closed again only while device 25 finds it in sync. Losses 1 to 2.5 % and H of 1 to 2 s, 5 to 8 s with a
//! flywheel, are usual (expert default); the form of the machine is that of a set, [`super::machine`].

use core::hash::Hasher;

use super::config::{Condenser, Swing};
use super::machine::{self, DELTA, EFD, EQ, LEAD_LAG, Reactances, STATES, Terminal, W};
use super::network::{Phasor, Polar, constant_power_share};
use super::source::{Frame, Source, largest};

/// Off the bus the excitation stays on down to this speed, pu (usual for regulators with a V/Hz limit).
const EXCITED_FROM_PU: f64 = 0.95;
/// Below this speed it is at rest, pu.
const AT_REST_PU: f64 = 0.02;

/// Names of the states that a signal shows, in the order of [`CondenserState::code`].
pub const STATE_NAMES: &[&str] = &["at rest", "coasting", "on bus"];

/// State of a condenser.
#[derive(Clone, Debug, PartialEq)]
pub struct CondenserState {
    /// Continuous states, those of the machine.
    pub x: [f64; STATES],
    k1: [f64; STATES],
    xp: [f64; STATES],
    /// From the node.
    pub terminal: Terminal,
    emf: Phasor,
    /// The EMF as it was worked out last.
    pub(super) polar: Polar,
    /// Power of the damper cage at the last evaluation, MW; part of the terminal's.
    damper_mw: f64,
    /// 52S.
    pub breaker: bool,
    /// Voltage reference, pu.
    pub v_ref: f64,
    /// Timer of its under-speed and under-voltage protection, ticks.
    pub low_ticks: u32,
    /// Of its machine and line.
    pub reactances: Reactances,
}

impl CondenserState {
    /// One at t = 0; [`CondenserState::trim`] brings one that is in service onto its bus.
    #[must_use]
    pub fn new(c: &Condenser) -> Self {
        Self {
            x: [0.0; STATES],
            k1: [0.0; STATES],
            xp: [0.0; STATES],
            terminal: Terminal::default(),
            emf: Phasor::default(),
            polar: Polar::default(),
            damper_mw: 0.0,
            breaker: c.on_at_start,
            v_ref: 1.0,
            low_ticks: 0,
            reactances: Reactances::new(c.rated_kva, c.xd1_pu, c.x_line_pu, Some(&c.flux)),
        }
    }

    /// Steady state on a bus of `v` pu at angle 0 and speed `w` with `q` pu of 1 MVA; its losses come from the bus. Gives them, MW.
    pub fn trim(&mut self, c: &Condenser, [v, w]: [f64; 2], q: f64) -> f64 {
        let losses_mw = c.loss_pu * c.rated_kva / 1000.0 * w * w;
        let (e, t) = self.reactances.at(v, -losses_mw, q);
        let [lead_lag, efd, v_ref] = machine::steady_field(&c.flux, &self.reactances, c.rated_kva, e.abs(), w, &t);
        self.x = [0.0; STATES];
        (self.x[W], self.x[DELTA], self.x[EQ]) = (w, libm::atan2(e.im, e.re), e.abs());
        (self.x[LEAD_LAG], self.x[EFD]) = (lead_lag, efd);
        (self.v_ref, self.terminal, self.damper_mw) = (v_ref, t, 0.0);
        losses_mw
    }

    /// Place of its state in [`STATE_NAMES`].
    #[must_use]
    pub fn code(&self) -> u8 {
        if self.breaker { 2 } else { u8::from(!self.is_at_rest()) }
    }

    /// Nothing turns.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        self.x[W] <= 0.0
    }

    /// What its rotor stores, kWs.
    #[must_use]
    pub fn kinetic_kws(&self, c: &Condenser) -> f64 {
        c.h_s * c.rated_kva * self.x[W] * self.x[W]
    }

    /// What open terminals show: the voltage of the field.
    #[must_use]
    pub fn open_terminal(&self) -> Terminal {
        Terminal { vt: self.x[EQ], ..Terminal::default() }
    }

    /// What the damper cage gives into a bus of speed `bus_w` at the states of a stage, MW.
    pub(super) fn damp(&mut self, c: &Condenser, stage: usize, bus_w: f64) -> f64 {
        self.damper_mw = c.damper_pu * (self.states(stage)[W] - bus_w) * c.rated_kva / 1000.0;
        self.damper_mw
    }

    /// Opens 52S; the rotor coasts from here on.
    pub fn open(&mut self) {
        self.breaker = false;
        self.low_ticks = 0;
        self.terminal = self.open_terminal();
    }

    pub(super) fn states(&self, stage: usize) -> &[f64; STATES] {
        if stage == 0 { &self.x } else { &self.xp }
    }

    fn derivative(&self, c: &Condenser, f: &Frame, x: &[f64; STATES]) -> [f64; STATES] {
        if self.is_at_rest() {
            return [0.0; STATES];
        }
        let (w, t) = (x[W], &self.terminal);
        let pe = if self.breaker { t.p * 1000.0 / c.rated_kva } else { 0.0 };
        let surplus = -c.loss_pu * w * w - pe;
        let torque = match f.swing {
            Swing::Torque => surplus / w.max(0.05),
            Swing::Power => surplus,
        };
        let vt = if self.breaker { t.vt } else { x[EQ] };
        let field = if self.breaker || w >= EXCITED_FROM_PU {
            machine::field_derivative(&c.flux, &self.reactances, c.rated_kva, self.v_ref, x, &Terminal { vt, ..*t })
        } else {
            machine::dying_field(&c.flux, x)
        };
        let [d_lead_lag, d_efd, d_eq] = field;
        let mut dx = [0.0; STATES];
        (dx[W], dx[DELTA], dx[EQ]) = (torque / (2.0 * c.h_s), f.w0 * (w - 1.0), d_eq);
        (dx[LEAD_LAG], dx[EFD]) = (d_lead_lag, d_efd);
        dx
    }
}

impl Source for CondenserState {
    type Of<'a> = &'a Condenser;

    fn emf(&mut self, _: &Condenser, stage: usize) -> Phasor {
        let (mag, angle) = (self.states(stage)[EQ], self.states(stage)[DELTA]);
        self.emf = self.polar.at(mag, angle);
        self.emf
    }

    fn susceptance(&self, _: &Condenser) -> f64 {
        self.reactances.b
    }

    fn take(&mut self, _: &Condenser, stage: usize, v: Phasor) {
        self.terminal = self.reactances.terminal(self.states(stage)[EQ], self.emf, v);
        // On the node it counts as constant power, and so below 0.7 pu it is less.
        self.terminal.p += self.damper_mw * constant_power_share(v.abs());
    }

    fn stage_one(&mut self, c: &Condenser, f: &Frame) {
        self.k1 = self.derivative(c, f, &self.x);
    }

    fn predict(&mut self, _: &Condenser, f: &Frame) {
        for k in 0..STATES {
            self.xp[k] = self.x[k] + f.dt * self.k1[k];
        }
    }

    fn correct(&mut self, c: &Condenser, f: &Frame) {
        let k2 = self.derivative(c, f, &self.xp);
        for k in 0..STATES {
            self.x[k] += f.dt / 2.0 * (self.k1[k] + k2[k]);
        }
        self.x[W] = self.x[W].max(0.0);
        self.x[EFD] = self.x[EFD].clamp(c.flux.avr.efd_min, c.flux.avr.efd_max);
        if !self.breaker {
            if self.x[W] < AT_REST_PU {
                self.x = [0.0; STATES];
            }
            self.terminal = self.open_terminal();
        }
    }

    fn largest_derivative(&self, c: &Condenser, f: &Frame) -> f64 {
        largest(&self.derivative(c, f, &self.x))
    }

    fn hash_into(&self, h: &mut impl Hasher) {
        let t = &self.terminal;
        for v in self.x.iter().chain(&[t.p, t.q, t.vt, t.id, self.v_ref]) {
            h.write_u64(v.to_bits());
        }
        h.write_u32(self.low_ticks);
        h.write_u8(u8::from(self.breaker));
    }
}
