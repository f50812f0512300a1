//! A battery with its inverter: grid-forming (voltage behind reactance with droop) or grid-following.
//!
//! Powers in kW, discharge positive; network quantities in pu of 1 MVA. A forming inverter limits its current by
//! moving E towards V, active before reactive power, and lets its angle follow while it is limited (anti-windup).
//! Following: frequency-watt droop with dead band behind a first-order lag. Reference: REGFM_A1 (PNNL/WECC 2023),
//! without its voltage loop and fault logic.

use core::hash::Hasher;

use super::config::{Bess, BessMode};
use super::exact::Energy;
use super::machine::network_share;
use super::network::{Phasor, Polar};
use super::source::{Frame, Source, largest};

/// Continuous states: angle, filtered P and Q (pu of own rating), virtual speed.
pub const STATES: usize = 4;
/// Angle against the nominal frame, rad.
pub const THETA: usize = 0;
/// Load of the gensets, pu of their rating, within which a battery recharges: their preferred range. Below it the charge would
/// be power that a set runs badly for, above it fuel beyond what it runs best at (operational model 8.2.4).
pub const RECHARGE_LOAD_PU: [f64; 2] = [0.7, 1.0];
/// What stays free of the upper end while a battery recharges, kW (expert default).
pub const RECHARGE_MARGIN_KW: f64 = 30.0;
const PF: usize = 1;
const QF: usize = 2;
const WB: usize = 3;

/// State of a battery.
#[derive(Clone, Debug, PartialEq)]
pub struct BessState {
    /// Continuous states.
    pub x: [f64; STATES],
    /// First-stage derivatives.
    pub k1: [f64; STATES],
    /// Predicted states.
    pub xp: [f64; STATES],
    /// 52B.
    pub breaker: bool,
    /// Factor on rating and energy, set by the operator.
    pub scale: f64,
    /// State of charge, pu.
    pub soc: f64,
    /// What its management reads less than there is, pu; set by a fault.
    pub soc_short: f64,
    /// Power set-point in force, kW.
    pub p_set_kw: f64,
    /// Voltage set-point, pu.
    pub v_set: f64,
    /// Power at the bus, pu of 1 MVA.
    pub p: f64,
    /// Following: what it would give at full voltage; below 0.7 pu its current does not carry it.
    pub asked: f64,
    /// Reactive power at the bus, pu of 1 MVA.
    pub q: f64,
    /// Current, pu of own rating.
    pub i: f64,
    /// Limited last time.
    pub limited: bool,
    /// EMF in force after limiting, complex.
    pub emf: Phasor,
    /// EMF before limiting, at the states that it was evaluated for last.
    pub(super) wanted: Phasor,
    /// The EMF as it was worked out last.
    pub(super) polar: Polar,
    /// Reactance to the bus on 1 MVA and its inverse, at the scale in force.
    x_pu: f64,
    b_pu: f64,
    /// Energy moved at the bus, both directions added.
    pub moved: Energy,
    /// Timer of the under-voltage cut-off, ticks.
    pub low_ticks: u32,
    recharging: bool,
}

impl BessState {
    /// The battery at t = 0, at rest.
    #[must_use]
    pub fn new(b: &Bess) -> Self {
        let mut s = Self {
            x: [0.0, 0.0, 0.0, 1.0],
            k1: [0.0; STATES],
            xp: [0.0; STATES],
            breaker: b.on_at_start,
            scale: 1.0,
            soc: b.soc_at_start,
            soc_short: 0.0,
            p_set_kw: b.p_set_kw,
            v_set: 1.0,
            p: 0.0,
            asked: 0.0,
            q: 0.0,
            i: 0.0,
            limited: false,
            emf: Phasor { re: 1.0, im: 0.0 },
            wanted: Phasor { re: 1.0, im: 0.0 },
            polar: Polar::default(),
            x_pu: 0.0,
            b_pu: 0.0,
            moved: Energy::default(),
            low_ticks: 0,
            recharging: false,
        };
        s.scaled(b);
        s
    }

    /// Its scale has changed: what follows from it. Whoever changes the scale makes the plant look at its islands again, and that
    /// calls this.
    pub(super) fn scaled(&mut self, b: &Bess) {
        self.x_pu = self.reactance(b);
        self.b_pu = 1.0 / self.x_pu;
    }

    /// State of charge as its management reads it, pu.
    #[must_use]
    pub fn soc_read(&self) -> f64 {
        (self.soc - self.soc_short).max(0.0)
    }

    /// Rating in force, kVA.
    #[must_use]
    pub fn rated_kva(&self, b: &Bess) -> f64 {
        b.rated_kva * self.scale
    }

    /// Reactance to the bus on 1 MVA.
    #[must_use]
    pub fn reactance(&self, b: &Bess) -> f64 {
        b.x_pu * 1000.0 / self.rated_kva(b).max(1e-3) + b.x_line_pu
    }

    /// Whether it is a voltage source on its bus now.
    #[must_use]
    pub fn forms(&self, b: &Bess) -> bool {
        self.breaker && b.mode == BessMode::GridForming && self.scale > 0.0
    }

    /// States of a stage: the present ones, or those predicted for the end of the tick.
    pub(super) fn states(&self, stage: usize) -> &[f64; STATES] {
        if stage == 0 { &self.x } else { &self.xp }
    }

    /// Droop frequency at states `x`, pu.
    #[must_use]
    pub fn speed(&self, b: &Bess, x: &[f64; STATES]) -> f64 {
        if b.h_virtual_s > 0.0 { x[WB] } else { 1.0 + b.droop_pu * (self.p_set_pu(b) - x[PF]) }
    }

    fn p_set_pu(&self, b: &Bess) -> f64 {
        self.p_set_kw / self.rated_kva(b).max(1e-3)
    }

    /// EMF magnitude at states `x`.
    #[must_use]
    pub fn emf_magnitude(&self, b: &Bess, x: &[f64; STATES]) -> f64 {
        (self.v_set - b.q_droop_pu * x[QF]).clamp(0.0, 1.15)
    }

    /// Current limit, MVA at 1 pu.
    #[must_use]
    pub fn i_max_mva(&self, b: &Bess) -> f64 {
        b.i_max_pu * self.rated_kva(b) / 1000.0
    }

    /// Discharge and charge limits now, kW, both >= 0: current limit, tapered over 5 % at the ends of the SoC window.
    #[must_use]
    pub fn limits_kw(&self, b: &Bess) -> [f64; 2] {
        let full = self.rated_kva(b) * b.i_max_pu;
        let taper = |room: f64| (room / 0.05).clamp(0.0, 1.0);
        [full * taper(self.soc_read() - b.soc_min), full * taper(b.soc_max - self.soc_read())]
    }

    /// Steady state on the node: voltage `v` at angle 0 and frequency `w`, power `p`, `q` in pu of 1 MVA.
    pub fn trim(&mut self, b: &Bess, [v, w]: [f64; 2], p: f64, q: f64) {
        let x = self.reactance(b);
        let own = self.rated_kva(b).max(1e-3) / 1000.0;
        self.emf = Phasor { re: v + x * q / v, im: x * p / v };
        self.x = [libm::atan2(self.emf.im, self.emf.re), p / own, q / own, w];
        self.v_set = self.emf.abs() + b.q_droop_pu * q / own;
        (self.p, self.q) = (p, q);
        if b.mode == BessMode::GridForming {
            // on its droop line at this frequency
            self.p_set_kw = p * 1000.0 + (w - 1.0) / b.droop_pu.max(1e-4) * own * 1000.0;
        }
        self.i = libm::sqrt(p * p + q * q) / v / own;
    }

    /// Closes on a live bus (or a dead one, `v` = 0) without a bump: angle and EMF of the bus.
    pub fn close(&mut self, b: &Bess, v: f64, angle: f64, w: f64) {
        self.breaker = true;
        let v = if v > 0.1 { v } else { 1.0 };
        self.v_set = v;
        self.x = [angle, 0.0, 0.0, w];
        self.p_set_kw = b.p_set_kw;
        self.emf = Phasor::polar(v, angle);
        self.rest();
    }

    /// No power.
    pub fn rest(&mut self) {
        (self.p, self.q, self.i, self.asked) = (0.0, 0.0, 0.0, 0.0);
    }

    /// Takes the node's voltage phasor and limits the current: gives the EMF that holds the limits and whether it
    /// had to move.
    #[must_use]
    pub fn limit(&self, b: &Bess, wanted: Phasor, v: Phasor) -> (Phasor, bool) {
        let x = self.x_pu;
        let own = self.rated_kva(b).max(1e-3) / 1000.0;
        let vm = v.abs().max(1e-6);
        // Current (E - V)/(jX) in the frame of V.
        let (er, ei) = ((wanted.re * v.re + wanted.im * v.im) / vm, (wanted.im * v.re - wanted.re * v.im) / vm);
        let (ip, iq) = (ei / x, -(er - vm) / x);
        let [out, into] = self.limits_kw(b);
        let i_max = b.i_max_pu * own;
        let p_hi = (out / 1000.0 / vm.max(0.3)).min(i_max);
        let p_lo = (into / 1000.0 / vm.max(0.3)).min(i_max);
        let ip2 = ip.clamp(-p_lo, p_hi);
        let q_room = libm::sqrt((i_max * i_max - ip2 * ip2).max(0.0));
        let iq2 = iq.clamp(-q_room, q_room);
        if ip2 == ip && iq2 == iq {
            return (wanted, false);
        }
        let (er, ei) = (vm - iq2 * x, ip2 * x);
        (Phasor { re: (er * v.re - ei * v.im) / vm, im: (er * v.im + ei * v.re) / vm }, true)
    }

    /// Derivatives of a forming inverter at states `x`; `p`, `q` from the node in pu of 1 MVA.
    #[must_use]
    pub fn forming_derivative(&self, b: &Bess, w0: f64, x: &[f64; STATES], p: f64, q: f64) -> [f64; STATES] {
        let own = self.rated_kva(b).max(1e-3) / 1000.0;
        let w = self.speed(b, x);
        let follow = if self.limited {
            let actual = libm::atan2(self.emf.im, self.emf.re);
            let gap = actual - x[THETA];
            (gap - core::f64::consts::TAU * (gap / core::f64::consts::TAU).round()) / 0.02
        } else {
            0.0
        };
        let d_wb = if b.h_virtual_s > 0.0 {
            (self.p_set_pu(b) - x[PF] - (x[WB] - 1.0) / b.droop_pu.max(1e-4)) / (2.0 * b.h_virtual_s)
        } else {
            0.0
        };
        [w0 * (w - 1.0) + follow, (p / own - x[PF]) / b.t_p_s, (q / own - x[QF]) / b.t_p_s, d_wb]
    }

    /// One tick of a following inverter: the power that it injects, pu of 1 MVA.
    pub fn follow(&mut self, b: &Bess, f_pu: f64, f0_hz: f64, tick_s: f64) -> f64 {
        let [out, into] = self.limits_kw(b);
        let wanted = self.p_set_kw - droop_kw(b, f_pu, f0_hz, self.rated_kva(b));
        let goal = wanted.clamp(-into, out) / 1000.0;
        self.asked += (goal - self.asked) * (tick_s / b.t_follow_s.max(tick_s)).min(1.0);
        // The current limit knows no lag, when charge or rating fall.
        self.asked = self.asked.clamp(-into / 1000.0, out / 1000.0);
        self.p = self.asked;
        self.q = 0.0;
        self.i = self.p.abs() * 1000.0 / self.rated_kva(b).max(1e-3);
        self.p
    }

    /// After a tick: charge, energy, SoC management. `may_recharge` tells whether the gensets stay in their preferred range
    /// with the battery recharging instead of giving so many MW; without `sets` on its island nobody gives or takes, and the
    /// set-point stays.
    pub fn finish_tick(&mut self, b: &Bess, tick_s: f64, sets: bool, may_recharge: impl FnOnce(f64) -> bool) {
        if self.scale <= 0.0 {
            return;
        }
        let p_kw = self.p * 1000.0;
        if p_kw != 0.0 {
            let e_kwh = (b.energy_kwh * self.scale).max(1e-9);
            let cell_kw = if p_kw >= 0.0 { p_kw / b.efficiency } else { p_kw * b.efficiency };
            self.soc = (self.soc - cell_kw * tick_s / 3600.0 / e_kwh).clamp(0.0, 1.0);
            self.moved.add(p_kw.abs(), tick_s);
        }
        if sets && b.recharge_kw > 0.0 {
            let soc = self.soc_read();
            self.recharging = if self.recharging { soc < b.soc_target } else { soc < b.soc_target - 0.02 };
            let goal = if self.recharging && may_recharge(self.p) { -b.recharge_kw } else { b.p_set_kw };
            if goal != self.p_set_kw {
                let step = 0.02 * self.rated_kva(b) * tick_s;
                self.p_set_kw += (goal - self.p_set_kw).clamp(-step, step);
            }
        }
    }
}

/// What the droop of a battery of `rated_kva` takes from its set-point at a frequency, kW; a following one has a dead band.
#[must_use]
pub fn droop_kw(b: &Bess, f_pu: f64, f0_hz: f64, rated_kva: f64) -> f64 {
    let band = if b.mode == BessMode::GridForming { 0.0 } else { b.deadband_hz / f0_hz };
    let df = f_pu - 1.0;
    let beyond = if df > band {
        df - band
    } else if df < -band {
        df + band
    } else {
        0.0
    };
    beyond / b.droop_pu.max(1e-4) * rated_kva
}

impl Source for BessState {
    type Of<'a> = &'a Bess;

    fn emf(&mut self, b: &Bess, stage: usize) -> Phasor {
        let x = self.states(stage);
        let (mag, angle) = (self.emf_magnitude(b, x), x[THETA]);
        self.wanted = self.polar.at(mag, angle);
        (self.emf, self.limited) = (self.wanted, false);
        self.emf
    }

    #[inline]
    fn susceptance(&self, _: &Bess) -> f64 {
        self.b_pu
    }

    fn take(&mut self, b: &Bess, _: usize, v: Phasor) {
        let (p, q, i) = network_share(self.emf, v, self.susceptance(b));
        (self.p, self.q) = (p, q);
        self.i = i.abs() * 1000.0 / self.rated_kva(b).max(1e-3);
    }

    fn stage_one(&mut self, b: &Bess, f: &Frame) {
        if self.forms(b) {
            self.k1 = self.forming_derivative(b, f.w0, &self.x, self.p, self.q);
        }
    }

    fn predict(&mut self, b: &Bess, f: &Frame) {
        if self.forms(b) {
            for k in 0..STATES {
                self.xp[k] = self.x[k] + f.dt * self.k1[k];
            }
        }
    }

    fn correct(&mut self, b: &Bess, f: &Frame) {
        if self.forms(b) {
            let k2 = self.forming_derivative(b, f.w0, &self.xp, self.p, self.q);
            for k in 0..STATES {
                self.x[k] += f.dt / 2.0 * (self.k1[k] + k2[k]);
            }
        }
    }

    fn largest_derivative(&self, b: &Bess, f: &Frame) -> f64 {
        if self.forms(b) { largest(&self.forming_derivative(b, f.w0, &self.x, self.p, self.q)) } else { 0.0 }
    }

    fn hash_into(&self, h: &mut impl Hasher) {
        let set = [self.scale, self.p_set_kw, self.v_set];
        let at_bus = [self.p, self.q, self.i, self.asked, self.emf.re, self.emf.im];
        for v in self.x.iter().chain(&set).chain(&at_bus).chain([&self.soc, &self.soc_short]) {
            h.write_u64(v.to_bits());
        }
        self.moved.hash_into(h);
        h.write_u32(self.low_ticks);
        for on in [self.breaker, self.limited, self.recharging] {
            h.write_u8(u8::from(on));
        }
    }
}
