//! One electrical node: the voltage at which sources and loads of an island agree.
//!
//! Every source is a voltage behind an impedance, so any number of them is one Thévenin source, and the node has a
//! closed form: with `E` behind `Z = R + jX` and a load `P + jQ`,
//! `V^4 + (2RP + 2QX - E^2) V^2 + |Z|^2 (P^2 + Q^2) = 0`, upper root. Voltage-dependent shares are iterated on `|V|`.
//! Positive sequence, per unit on 1 MVA. It never fails in silence: a node without a solution says so.
//! Reference: any text on the maximum power transfer of a two-bus system, e.g. Kundur, Power System Stability and
//! Control, ch. 14.

use super::exact::Exact;

/// Below this voltage constant-power loads become constant impedance, `P (V/0.7)^2`, and so do constant-current ones,
/// `P V^2/0.7`: no load draws more than its source can give into a short circuit, so every node has a voltage.
pub const LOW_VOLTAGE_PU: f64 = 0.7;

/// A complex number; just what the node needs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Phasor {
    /// Real part.
    pub re: f64,
    /// Imaginary part.
    pub im: f64,
}

impl Phasor {
    /// From magnitude and angle in rad.
    #[must_use]
    pub fn polar(mag: f64, angle: f64) -> Self {
        let (s, c) = libm::sincos(angle);
        Self { re: mag * c, im: mag * s }
    }

    /// Magnitude.
    #[must_use]
    pub fn abs(self) -> f64 {
        libm::sqrt(self.re * self.re + self.im * self.im)
    }
}

/// A phasor by magnitude and angle that is worked out anew only when one of the two has changed by a bit: a source stands still
/// at rest, and between the nodes before and after a change of load.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Polar {
    of: [u64; 2],
    phasor: Phasor,
}

impl Polar {
    /// The phasor of this magnitude and angle in rad.
    #[inline]
    pub fn at(&mut self, mag: f64, angle: f64) -> Phasor {
        let of = [mag.to_bits(), angle.to_bits()];
        if of != self.of {
            *self = Self { of, phasor: Phasor::polar(mag, angle) };
        }
        self.phasor
    }
}

/// Load of a node at 1 pu, by voltage dependence, pu of 1 MVA. Consumption is positive; a grid-following source is
/// negative constant power.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NodeLoad {
    /// Constant power.
    pub p: f64,
    /// Constant power, reactive.
    pub q: f64,
    /// Constant current.
    pub pi: f64,
    /// Constant current, reactive.
    pub qi: f64,
    /// Constant impedance.
    pub pz: f64,
    /// Constant impedance, reactive.
    pub qz: f64,
}

impl NodeLoad {
    /// P and Q drawn at voltage `v`.
    #[must_use]
    pub fn at(&self, v: f64) -> (f64, f64) {
        let (k, i) = (constant_power_share(v), constant_current_share(v));
        let v2 = v * v;
        (self.p * k + self.pi * i + self.pz * v2, self.q * k + self.qi * i + self.qz * v2)
    }

    fn is_constant_power(&self) -> bool {
        self.pi == 0.0 && self.pz == 0.0 && self.qi == 0.0 && self.qz == 0.0
    }
}

/// How a load depends on the voltage, and where it is: what of it does not change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LoadShape {
    /// Bus section by index.
    pub section: usize,
    power_factor: f64,
    /// Sine of the angle of that power factor.
    sine: f64,
    z_share: f64,
    i_share: f64,
}

impl LoadShape {
    /// Of a load on a section, with its power factor and its shares of constant impedance and constant current.
    #[must_use]
    pub fn new(section: usize, power_factor: f64, z_share: f64, i_share: f64) -> Self {
        let sine = libm::sqrt((1.0 - power_factor * power_factor).max(0.0));
        Self { section, power_factor: power_factor.max(0.1), sine, z_share, i_share }
    }

    /// The load with so many kW at 1 pu.
    #[inline]
    #[must_use]
    pub fn at_kw(&self, kw: f64) -> NodeLoad {
        let (z, i) = (self.z_share, self.i_share);
        let p = kw / 1000.0;
        let q = p * self.sine / self.power_factor;
        let c = 1.0 - z - i;
        NodeLoad { p: p * c, q: q * c, pi: p * i, qi: q * i, pz: p * z, qz: q * z }
    }
}

/// The loads of a node added up, in any order to the same bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoadSum {
    p: [Exact; 3],
    q: [Exact; 3],
    /// Some load is not of constant power.
    mixed: bool,
}

impl LoadSum {
    /// Adds a load.
    #[inline]
    pub fn add(&mut self, l: &NodeLoad) {
        self.p[0].add(l.p);
        self.q[0].add(l.q);
        if !l.is_constant_power() {
            self.mixed = true;
            for (sum, part) in self.p[1..].iter_mut().zip([l.pi, l.pz]) {
                sum.add(part);
            }
            for (sum, part) in self.q[1..].iter_mut().zip([l.qi, l.qz]) {
                sum.add(part);
            }
        }
    }

    /// All of them as one.
    #[must_use]
    pub fn value(&self) -> NodeLoad {
        if !self.mixed {
            return NodeLoad { p: self.p[0].value(), q: self.q[0].value(), ..NodeLoad::default() };
        }
        let ([p, pi, pz], [q, qi, qz]) = (self.p.map(Exact::value), self.q.map(Exact::value));
        NodeLoad { p, q, pi, qi, pz, qz }
    }
}

/// Share of its power that a constant-power load draws at voltage `v`.
#[must_use]
pub fn constant_power_share(v: f64) -> f64 {
    if v >= LOW_VOLTAGE_PU { 1.0 } else { (v / LOW_VOLTAGE_PU) * (v / LOW_VOLTAGE_PU) }
}

/// Share of its power at 1 pu that a constant-current load draws at voltage `v`.
#[must_use]
pub fn constant_current_share(v: f64) -> f64 {
    if v >= LOW_VOLTAGE_PU { v } else { v * v / LOW_VOLTAGE_PU }
}

/// The node's voltage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NodeVoltage {
    /// Magnitude, pu.
    pub v: f64,
    /// P and Q that the load draws.
    pub p: f64,
    /// Reactive.
    pub q: f64,
    /// False when no voltage satisfies the load; `v` is then the guess that was given.
    pub converged: bool,
}

/// Solves the node: a source of magnitude `e` behind the reactance `x`, and `load`. `guess` is the last voltage.
#[inline]
#[must_use]
pub fn solve(e: f64, x: f64, load: &NodeLoad, guess: f64) -> NodeVoltage {
    solve_behind(e, Phasor { re: 0.0, im: x }, load, guess)
}

/// The same behind an impedance `z`. Without resistance it is [`solve`], bit for bit.
#[inline]
#[must_use]
pub fn solve_behind(e: f64, z: Phasor, load: &NodeLoad, guess: f64) -> NodeVoltage {
    if load.is_constant_power() {
        if let Some(v) = root_behind(e, z, load.p, load.q).filter(|v| *v >= LOW_VOLTAGE_PU) {
            return NodeVoltage { v, p: load.p, q: load.q, converged: true };
        }
        let k = 1.0 / (LOW_VOLTAGE_PU * LOW_VOLTAGE_PU);
        let v = impedance_voltage(e, z, load.p * k, load.q * k);
        let converged = v.is_finite() && v <= LOW_VOLTAGE_PU * 1.001;
        let v = if converged { v } else { guess };
        let (p, q) = load.at(v);
        return NodeVoltage { v, p, q, converged };
    }
    iterate(e, z, load, guess)
}

/// Voltage of the node with its angle: `E = V + Z (P - jQ)/V*` turned so that its left side is the source `e`, where `n` is
/// the solution behind the magnitude of `e`. Zero where the node has no voltage.
#[must_use]
pub fn phasor_behind(e: Phasor, z: Phasor, n: &NodeVoltage) -> Phasor {
    let v2 = n.v * n.v;
    if v2 <= 0.0 {
        return Phasor::default();
    }
    // V = E / (1 + Z (P - jQ)/V^2)
    let (re, im) = (1.0 + (z.re * n.p + z.im * n.q) / v2, (z.im * n.p - z.re * n.q) / v2);
    let d2 = re * re + im * im;
    Phasor { re: (e.re * re + e.im * im) / d2, im: (e.im * re - e.re * im) / d2 }
}

#[inline(never)]
fn iterate(e: f64, z: Phasor, load: &NodeLoad, guess: f64) -> NodeVoltage {
    let found = |v: f64| {
        let (p, q) = load.at(v);
        NodeVoltage { v, p, q, converged: true }
    };
    // The impedance part goes into the source; the rest is a fixed point that a healthy node meets in a few rounds.
    let (e2, z2) = absorb_admittance(e, z, load.pz, load.qz);
    let mut v = if guess >= LOW_VOLTAGE_PU { guess } else { e };
    for _ in 0..24 {
        let Some(next) = root_behind(e2, z2, load.p + load.pi * v, load.q + load.qi * v) else { break };
        if next < LOW_VOLTAGE_PU {
            break;
        }
        if (next - v).abs() < 1e-12 {
            return found(next);
        }
        v = next;
    }
    if let Some(v) = highest_root(e, z, load) {
        return found(v);
    }
    // Below 0.7 pu all of it is an impedance.
    const K: f64 = 1.0 / LOW_VOLTAGE_PU;
    let (g, b) = (load.pz + K * (load.pi + K * load.p), load.qz + K * (load.qi + K * load.q));
    let v = impedance_voltage(e, z, g, b);
    if v.is_finite() && v <= LOW_VOLTAGE_PU * 1.001 {
        return found(v);
    }
    NodeVoltage { converged: false, ..found(guess) }
}

/// Highest voltage from 0.7 pu on at which the source that the load needs is the one there is: scan, then bisection.
fn highest_root(e: f64, z: Phasor, load: &NodeLoad) -> Option<f64> {
    let excess = |v: f64| {
        let (p, q) = load.at(v);
        let (a, b) = (v + (z.im * q + z.re * p) / v, (z.im * p - z.re * q) / v);
        a * a + b * b - e * e
    };
    let (top, n) = (1.5 * e.max(1.0), 200);
    let place = |k: i32| LOW_VOLTAGE_PU + (top - LOW_VOLTAGE_PU) * f64::from(k) / f64::from(n);
    let k = (0..n).rev().find(|k| excess(place(*k)) <= 0.0 && excess(place(k + 1)) > 0.0)?;
    let (mut lo, mut hi) = (place(k), place(k + 1));
    for _ in 0..60 {
        let v = (lo + hi) / 2.0;
        if excess(v) <= 0.0 { lo = v } else { hi = v }
    }
    Some(lo)
}

/// Thévenin source seen past a shunt admittance `g - jb`: magnitude and impedance.
fn absorb_admittance(e: f64, z: Phasor, g: f64, b: f64) -> (f64, Phasor) {
    // Z = (R + jX) / (1 + (R + jX)(g - jb)), whose divisor is (1 + Xb + Rg) + j(Xg - Rb)
    let (dr, di) = (1.0 + z.im * b + z.re * g, z.im * g - z.re * b);
    let d2 = dr * dr + di * di;
    (e / libm::sqrt(d2), Phasor { re: (z.re * dr + z.im * di) / d2, im: (z.im * dr - z.re * di) / d2 })
}

/// Upper root of the node voltage behind an impedance `z`.
fn root_behind(e: f64, z: Phasor, p: f64, q: f64) -> Option<f64> {
    let b = e * e / 2.0 - (z.re * p + z.im * q);
    let z2 = z.re * z.re + z.im * z.im;
    let disc = b * b - z2 * (p * p + q * q);
    (disc >= 0.0).then(|| libm::sqrt(b + libm::sqrt(disc))).filter(|v| v.is_finite())
}

fn impedance_voltage(e: f64, z: Phasor, g: f64, b: f64) -> f64 {
    absorb_admittance(e, z, g, b).0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_polar_form_that_is_kept_is_that_of_its_numbers() {
        let mut kept = Polar::default();
        for (mag, angle) in [(0.0, 0.0), (0.0, -0.0), (1.1, 0.3), (1.1, 0.3), (1.1, 700.3), (1.2, 700.3), (0.0, 0.0)] {
            let (got, want) = (kept.at(mag, angle), Phasor::polar(mag, angle));
            assert_eq!([got.re.to_bits(), got.im.to_bits()], [want.re.to_bits(), want.im.to_bits()], "{mag} {angle}");
        }
    }

    #[test]
    fn constant_power_matches_the_phasor_equation() {
        let load = NodeLoad { p: 0.9, q: 0.2, ..NodeLoad::default() };
        let n = solve(1.1, 0.2, &load, 1.0);
        // P = E V sin(d)/X, Q = (E V cos(d) - V^2)/X
        let sin = n.p * 0.2 / (1.1 * n.v);
        let cos = (n.v * n.v + n.q * 0.2) / (1.1 * n.v);
        assert!(n.converged && (sin * sin + cos * cos - 1.0).abs() < 1e-12);
    }

    #[test]
    fn zip_agrees_with_constant_power_at_the_same_draw() {
        let zip = NodeLoad { p: 0.3, q: 0.05, pi: 0.3, qi: 0.05, pz: 0.3, qz: 0.05 };
        let n = solve(1.05, 0.18, &zip, 1.0);
        let same = solve(1.05, 0.18, &NodeLoad { p: n.p, q: n.q, ..NodeLoad::default() }, 1.0);
        assert!(n.converged && (n.v - same.v).abs() < 1e-10);
    }

    #[test]
    fn a_load_past_the_nose_becomes_impedance_below_0_7() {
        let n = solve(1.0, 1.0, &NodeLoad { p: 2.0, q: 0.5, ..NodeLoad::default() }, 0.9);
        assert!(n.converged && n.v < LOW_VOLTAGE_PU && n.v > 0.0);
        assert!((n.p - 2.0 * (n.v / 0.7) * (n.v / 0.7)).abs() < 1e-12);
    }

    #[test]
    fn every_mix_of_loads_has_a_voltage_that_satisfies_it() {
        for e in [0.75, 1.0, 1.15] {
            for x in [0.01, 0.2, 5.0] {
                for p in [-0.2, 0.0, 0.3, 2.0] {
                    for pi in [0.0, 0.4, 3.0] {
                        for pz in [0.0, 0.5, 4.0] {
                            let load = NodeLoad { p, q: 0.2 * p, pi, qi: 0.3 * pi, pz, qz: 0.1 };
                            let n = solve(e, x, &load, 1.0);
                            let (a, b) = (n.v + x * n.q / n.v, x * n.p / n.v);
                            let off = (libm::sqrt(a * a + b * b) - e).abs();
                            assert!(n.converged && off < 1e-9, "{e} {x} {load:?}: {n:?} needs a source {off:e} off");
                        }
                    }
                }
            }
        }
    }

    /// The closed form of a node without resistance as it was before it took an impedance.
    fn lossless_root(e: f64, x: f64, p: f64, q: f64) -> f64 {
        let b = e * e / 2.0 - x * q;
        libm::sqrt(b + libm::sqrt(b * b - x * x * (p * p + q * q)))
    }

    proptest::proptest! {
        #[test]
        fn without_resistance_the_closed_form_keeps_its_bits(
            e in 0.9_f64..1.4, x in 0.01_f64..0.3, p in -0.5_f64..1.0, q in -0.3_f64..0.4,
        ) {
            let n = solve_behind(e, Phasor { re: 0.0, im: x }, &NodeLoad { p, q, ..NodeLoad::default() }, 1.0);
            let was = lossless_root(e, x, p, q);
            proptest::prop_assume!(was >= LOW_VOLTAGE_PU);
            proptest::prop_assert_eq!(n.v.to_bits(), was.to_bits());
        }

        #[test]
        fn behind_any_impedance_source_and_load_agree(
            e in 0.75_f64..1.2, r in 0.0_f64..0.3, x in 0.01_f64..1.0, p in -0.2_f64..2.0, pi in 0.0_f64..2.0,
            pz in 0.0_f64..4.0, mixed in proptest::bool::ANY,
        ) {
            let (pi, pz) = if mixed { (pi, pz) } else { (0.0, 0.0) };
            let (z, load) = (Phasor { re: r, im: x }, NodeLoad { p, q: 0.2 * p, pi, qi: 0.3 * pi, pz, qz: 0.1 * pz });
            let n = solve_behind(e, z, &load, 1.0);
            proptest::prop_assert!(n.converged, "{:?}", n);
            // The source is what the load needs, and the angle of the node is that at which its current flows.
            let source = Phasor::polar(e, 0.4);
            let v = phasor_behind(source, z, &n);
            proptest::prop_assert!((v.abs() - n.v).abs() < 1e-9, "{:?} has {}", n, v.abs());
            // (P - jQ) = V* I with I = (E - V)/Z
            let (dr, di, z2) = (source.re - v.re, source.im - v.im, r * r + x * x);
            let (ir, ii) = ((dr * r + di * x) / z2, (di * r - dr * x) / z2);
            proptest::prop_assert!((v.re * ir + v.im * ii - n.p).abs() < 1e-7);
            proptest::prop_assert!((v.im * ir - v.re * ii - n.q).abs() < 1e-7);
        }
    }

    #[test]
    fn never_gives_a_non_finite_voltage() {
        for p in [-3.0, 0.0, 0.1, 1.0, 10.0, 1e6] {
            for q in [-2.0, 0.0, 3.0] {
                for pz in [0.0, 0.5] {
                    let n = solve(1.0, 0.2, &NodeLoad { p, q, pz, ..NodeLoad::default() }, 1.0);
                    assert!(n.v.is_finite() && n.p.is_finite(), "{p} {q} {pz}: {n:?}");
                }
            }
        }
    }
}
