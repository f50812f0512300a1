//! The synchronous machine of a set or a condenser: one axis with flux decay, and a voltage regulator.
//!
//! Whoever has a machine puts its states first in his own, in the order of the constants here. Voltages and reactances in pu,
//! the latter converted once to 1 MVA; angles in rad against a frame that turns at nominal speed. `Xq = X'd` in the network.

use super::avr;
use super::config::FluxDecay;
use super::network::Phasor;

/// Speed, pu.
pub const W: usize = 0;
/// Rotor angle, rad.
pub const DELTA: usize = 1;
/// Transient EMF, pu.
pub const EQ: usize = 2;
/// Lead-lag of the regulator, pu.
pub const LEAD_LAG: usize = 3;
/// Field voltage, pu.
pub const EFD: usize = 4;
/// Number of these states.
pub const STATES: usize = 5;

/// Reactances of a machine with its line, on 1 MVA.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reactances {
    /// X'd and line.
    pub x: f64,
    /// Its inverse.
    pub b: f64,
    /// The line alone.
    pub x_line: f64,
    /// Xd - X'd; 0 with a constant EMF.
    pub x_flux: f64,
}

impl Reactances {
    /// Of a machine of `rated_kva` with `xd1_pu` and `flux` on its rating, behind a line of `x_line_pu` on 1 MVA.
    #[must_use]
    pub fn new(rated_kva: f64, xd1_pu: f64, x_line_pu: f64, flux: Option<&FluxDecay>) -> Self {
        let to_mva = 1000.0 / rated_kva;
        let x = xd1_pu * to_mva + x_line_pu;
        Self { x, b: 1.0 / x, x_line: x_line_pu, x_flux: flux.map_or(0.0, |f| (f.xd_pu - xd1_pu) * to_mva) }
    }

    /// What the node gives to a machine with this transient EMF (`eq`, and as a phasor) at the bus voltage `v`.
    #[must_use]
    pub fn terminal(&self, eq: f64, emf: Phasor, v: Phasor) -> Terminal {
        let (p, q, i) = network_share(emf, v, self.b);
        let vt = Phasor { re: v.re - i.im * self.x_line, im: v.im + i.re * self.x_line };
        let e_abs = emf.abs();
        let vq = if e_abs > 1e-9 { (v.re * emf.re + v.im * emf.im) / e_abs } else { 0.0 };
        Terminal { p, q, vt: vt.abs(), id: (eq - vq) / self.x, i: i.abs() }
    }

    /// EMF and terminal values of a machine that gives `p` and `q` into a bus of `v` pu at angle 0.
    #[must_use]
    pub fn at(&self, v: f64, p: f64, q: f64) -> (Phasor, Terminal) {
        let e = Phasor { re: v + self.x * q / v, im: self.x * p / v };
        let vt = Phasor { re: v + self.x_line * q / v, im: self.x_line * p / v };
        let id = (e.abs() - v * e.re / e.abs()) / self.x;
        (e, Terminal { p, q, vt: vt.abs(), id, i: libm::sqrt(p * p + q * q) / v })
    }
}

/// What a source with this EMF behind a susceptance of `b` gives into a node at `v`: active power, reactive power, current.
#[inline]
#[must_use]
pub fn network_share(emf: Phasor, v: Phasor, b: f64) -> (f64, f64, Phasor) {
    let (re, im) = ((emf.im - v.im) * b, -(emf.re - v.re) * b); // (E - V)/(jX)
    (v.re * re + v.im * im, v.im * re - v.re * im, Phasor { re, im })
}

/// What the node says about a machine, pu of 1 MVA.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Terminal {
    /// Active power.
    pub p: f64,
    /// Reactive power.
    pub q: f64,
    /// Terminal voltage.
    pub vt: f64,
    /// Direct-axis current.
    pub id: f64,
    /// Current magnitude.
    pub i: f64,
}

/// Derivatives of lead-lag, field voltage and E'q at states `x`: the regulator holds `vt` at `v_ref`, less the roll-off with
/// speed and the reactive droop of `q` (pu of 1 MVA) on a machine of `rated_kva`.
#[inline]
#[must_use]
pub fn field_derivative(
    f: &FluxDecay,
    r: &Reactances,
    rated_kva: f64,
    v_ref: f64,
    x: &[f64],
    t: &Terminal,
) -> [f64; 3] {
    let reference = v_ref * avr::roll_off(&f.avr, x[W]);
    let err = reference - t.vt - f.avr.q_droop_pu * t.q * 1000.0 / rated_kva;
    let (d_lead_lag, d_efd) = avr::derivative(&f.avr, x[LEAD_LAG], x[EFD], err);
    [d_lead_lag, d_efd, (x[EFD] - x[EQ] - r.x_flux * t.id) / f.td01_s]
}

/// The same with the excitation off: what is left of the field dies out with the open-circuit time constant.
#[must_use]
pub fn dying_field(f: &FluxDecay, x: &[f64]) -> [f64; 3] {
    [-x[LEAD_LAG] / f.avr.tb_s, -x[EFD] / f.avr.te_s, (x[EFD] - x[EQ]) / f.td01_s]
}

/// Lead-lag, field voltage and voltage reference that hold the EMF `emf` at terminal values `t` and speed `w`.
#[must_use]
pub fn steady_field(f: &FluxDecay, r: &Reactances, rated_kva: f64, emf: f64, w: f64, t: &Terminal) -> [f64; 3] {
    let efd = emf + r.x_flux * t.id;
    let err = efd / f.avr.k;
    [err, efd, (t.vt + err + f.avr.q_droop_pu * t.q * 1000.0 / rated_kva) / avr::roll_off(&f.avr, w)]
}
