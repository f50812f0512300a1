//! The synchronous machine with dampers: one field winding and one damper in the d axis, one damper (round rotor: two) in the
//! q axis.
//!
//! A voltage `E'' = (psi_q + j psi_d) e^(j(delta - pi/2))` behind `ra + jx''`, equal in both axes, whose fluxes are four
//! states. Per unit of the machine's own rating, except where a function says 1 MVA; angles in rad against a frame that turns
//! at nominal speed; currents out of the machine are positive. No saturation, and speed is not in the stator equations. It
//! knows no governor, no regulator and no node: those are the caller's.
//! Reference: Kundur, Power System Stability and Control, ch. 3 to 5; the form that ANDES and PSS/E call GENROU.

use super::machine::Terminal;
use super::network::Phasor;

/// Transient EMF of the q axis, E'q.
pub const EQ: usize = 0;
/// Transient EMF of the d axis, E'd; stays 0 in a salient machine.
pub const ED: usize = 1;
/// Flux of the damper in the d axis.
pub const PSI_D: usize = 2;
/// Flux of the damper in the q axis.
pub const PSI_Q: usize = 3;
/// Number of flux states.
pub const STATES: usize = 4;

/// Least time constant of a damper in ticks: a two-stage integration of fewer is not the machine's own decay any more.
pub const LEAST_TICKS: f64 = 5.0;

/// Parameters of the machine, pu of its rating.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Subtransient {
    /// Synchronous reactance of the d axis.
    pub xd_pu: f64,
    /// Synchronous reactance of the q axis.
    pub xq_pu: f64,
    /// Transient reactance of the d axis, X'd.
    pub xd1_pu: f64,
    /// Transient reactance of the q axis, X'q; that of `xq_pu` in a salient machine, which has no second circuit there.
    pub xq1_pu: f64,
    /// Subtransient reactance X'' of both axes.
    pub x2_pu: f64,
    /// Leakage reactance.
    pub xl_pu: f64,
    /// Resistance of the stator.
    pub ra_pu: f64,
    /// Open-circuit time constant of the field T'd0, s.
    pub td01_s: f64,
    /// Open-circuit time constant of the second circuit in the q axis T'q0, s; a salient machine does not read it.
    pub tq01_s: f64,
    /// Open-circuit time constant of the damper in the d axis T''d0, s.
    pub td02_s: f64,
    /// Open-circuit time constant of the damper in the q axis T''q0, s.
    pub tq02_s: f64,
}

impl Subtransient {
    /// An alternator of 0.5 to 3 MVA, salient. X'd, X'' and T'd0 lie in the usual ranges of such machines; leakage,
    /// resistance, Xq and the dampers are expert defaults.
    pub const ALTERNATOR: Self = Self {
        xd_pu: 2.8,
        xq_pu: 1.7,
        xd1_pu: 0.20,
        xq1_pu: 1.7,
        x2_pu: 0.14,
        xl_pu: 0.08,
        ra_pu: 0.010,
        td01_s: 2.5,
        tq01_s: 1.0,
        td02_s: 0.020,
        tq02_s: 0.050,
    };

    /// A pack of some 25 MW (31.25 MVA), salient; expert defaults.
    pub const PACK: Self = Self {
        xd_pu: 2.2,
        xq_pu: 1.3,
        xd1_pu: 0.26,
        xq1_pu: 1.3,
        x2_pu: 0.18,
        xl_pu: 0.12,
        ra_pu: 0.004,
        td01_s: 4.0,
        tq01_s: 1.0,
        td02_s: 0.03,
        tq02_s: 0.06,
    };

    /// A synchronous condenser, salient; expert defaults.
    pub const CONDENSER: Self = Self {
        xd_pu: 1.8,
        xq_pu: 1.1,
        xd1_pu: 0.28,
        xq1_pu: 1.1,
        x2_pu: 0.18,
        xl_pu: 0.10,
        ra_pu: 0.005,
        td01_s: 6.0,
        tq01_s: 1.0,
        td02_s: 0.03,
        tq02_s: 0.06,
    };

    /// The q axis has one circuit only.
    #[must_use]
    pub fn is_salient(&self) -> bool {
        self.xq1_pu >= self.xq_pu
    }

    /// Whether this is a machine that a tick of `tick_s` can integrate.
    ///
    /// # Errors
    /// The pair of figures that cannot be, by their names, in one line.
    pub fn check(&self, tick_s: f64) -> Result<(), String> {
        let positive = [
            ("xl_pu", self.xl_pu),
            ("td01_s", self.td01_s),
            ("tq01_s", self.tq01_s),
            ("td02_s", self.td02_s),
            ("tq02_s", self.tq02_s),
        ];
        if let Some((name, value)) = positive.iter().find(|(_, v)| !(v.is_finite() && *v > 0.0)) {
            return Err(format!("`{name}` is {value}, must be above 0"));
        }
        if !(0.0..self.x2_pu).contains(&self.ra_pu) {
            return Err(format!("`ra_pu` ({}) must be 0 or more and below `x2_pu` ({})", self.ra_pu, self.x2_pu));
        }
        let below = [
            ("xl_pu", self.xl_pu, "x2_pu", self.x2_pu),
            ("x2_pu", self.x2_pu, "xd1_pu", self.xd1_pu),
            ("xd1_pu", self.xd1_pu, "xd_pu", self.xd_pu),
            ("x2_pu", self.x2_pu, "xq1_pu", self.xq1_pu),
            ("td02_s", self.td02_s, "td01_s", self.td01_s),
        ];
        let finite = |v: f64| v.is_finite();
        if let Some((low, a, high, b)) = below.iter().find(|(_, a, _, b)| !(a < b && finite(*b))) {
            return Err(format!("`{low}` ({a}) must be below `{high}` ({b})"));
        }
        if !(self.xq1_pu <= self.xq_pu && finite(self.xq_pu)) {
            return Err(format!("`xq1_pu` ({}) must not be above `xq_pu` ({})", self.xq1_pu, self.xq_pu));
        }
        let least = LEAST_TICKS * tick_s;
        for (name, value) in [("td02_s", self.td02_s), ("tq02_s", self.tq02_s)] {
            // A share of a nanosecond, so that five ticks written out are five ticks.
            if value < least - 1e-12 {
                return Err(format!(
                    "`{name}` ({value} s) must be at least {LEAST_TICKS} ticks of `tick_s` ({tick_s} s)"
                ));
            }
        }
        Ok(())
    }
}

/// What the field is fed from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FieldSupply {
    /// A permanent-magnet machine on the shaft: the ceiling holds in a fault.
    #[default]
    Pmg,
    /// Its own terminals: in a near fault the field dies.
    Shunt,
}

/// Highest field voltage at a terminal voltage of `vt` pu, where `efd_max` is that at nominal voltage.
#[must_use]
pub fn field_ceiling(supply: FieldSupply, efd_max: f64, vt: f64) -> f64 {
    match supply {
        FieldSupply::Pmg => efd_max,
        FieldSupply::Shunt => efd_max * vt.max(0.0),
    }
}

/// What follows from the parameters, the rating and the line to the bus.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Windings {
    p: Subtransient,
    g1: f64,
    g2: f64,
    h1: f64,
    h2: f64,
    /// From pu of the rating to pu of 1 MVA, for impedances; for currents and powers its inverse.
    to_mva: f64,
    x_line: f64,
}

/// A steady state: rotor angle, fluxes, field voltage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Steady {
    /// Rotor angle, rad.
    pub delta: f64,
    /// Flux states.
    pub flux: [f64; STATES],
    /// Field voltage that holds them, pu.
    pub efd: f64,
}

/// Real and imaginary part of a current in the axes of the rotor, pu of the rating.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AxisCurrent {
    /// Direct axis.
    pub d: f64,
    /// Quadrature axis.
    pub q: f64,
}

impl Windings {
    /// Of a machine of `rated_kva` behind a line of `x_line_pu` on 1 MVA. The parameters have passed
    /// [`Subtransient::check`].
    #[must_use]
    pub fn new(p: Subtransient, rated_kva: f64, x_line_pu: f64) -> Self {
        let (d, q) = (p.xd1_pu - p.xl_pu, p.xq1_pu - p.xl_pu);
        Self {
            g1: (p.x2_pu - p.xl_pu) / d,
            g2: (p.xd1_pu - p.x2_pu) / (d * d),
            h1: (p.x2_pu - p.xl_pu) / q,
            h2: (p.xq1_pu - p.x2_pu) / (q * q),
            to_mva: 1000.0 / rated_kva,
            x_line: x_line_pu,
            p,
        }
    }

    /// `ra + jx''` with the line, pu of 1 MVA.
    #[must_use]
    pub fn impedance(&self) -> Phasor {
        Phasor { re: self.p.ra_pu * self.to_mva, im: self.p.x2_pu * self.to_mva + self.x_line }
    }

    /// EMF behind that impedance with these fluxes and this rotor angle, pu.
    #[must_use]
    pub fn emf(&self, flux: &[f64; STATES], delta: f64) -> Phasor {
        let psi_d = self.g1 * flux[EQ] + (1.0 - self.g1) * flux[PSI_D];
        let psi_q = self.h1 * flux[ED] + (1.0 - self.h1) * flux[PSI_Q];
        // e^(j(delta - pi/2)) = sin delta - j cos delta
        let (sin, cos) = libm::sincos(delta);
        Phasor { re: psi_q * sin + psi_d * cos, im: psi_d * sin - psi_q * cos }
    }

    /// Current into a bus at `v`, pu of 1 MVA.
    #[must_use]
    pub fn current(&self, emf: Phasor, v: Phasor) -> Phasor {
        let z = self.impedance();
        let (re, im, z2) = (emf.re - v.re, emf.im - v.im, z.re * z.re + z.im * z.im);
        Phasor { re: (re * z.re + im * z.im) / z2, im: (im * z.re - re * z.im) / z2 }
    }

    /// A current of 1 MVA in the axes of a rotor at `delta`.
    #[must_use]
    pub fn axes(&self, i: Phasor, delta: f64) -> AxisCurrent {
        let (sin, cos) = libm::sincos(delta);
        AxisCurrent { d: (i.re * sin - i.im * cos) * self.to_mva, q: (i.re * cos + i.im * sin) * self.to_mva }
    }

    /// Bus power, terminal voltage and currents at the bus voltage `v`, pu of 1 MVA.
    #[must_use]
    pub fn terminal(&self, emf: Phasor, delta: f64, v: Phasor) -> Terminal {
        let i = self.current(emf, v);
        let vt = Phasor { re: v.re - i.im * self.x_line, im: v.im + i.re * self.x_line };
        Terminal {
            p: v.re * i.re + v.im * i.im,
            q: v.im * i.re - v.re * i.im,
            vt: vt.abs(),
            id: self.axes(i, delta).d / self.to_mva,
            i: i.abs(),
        }
    }

    /// Power over the air gap at the current `i` of 1 MVA, MW: what the bus gets and what the stator's resistance takes.
    #[must_use]
    pub fn air_gap_mw(&self, emf: Phasor, i: Phasor) -> f64 {
        emf.re * i.re + emf.im * i.im
    }

    /// Derivatives of the fluxes with the field voltage `efd`, per second.
    #[must_use]
    pub fn derivative(&self, flux: &[f64; STATES], i: AxisCurrent, efd: f64) -> [f64; STATES] {
        let p = &self.p;
        let field = self.g1 * i.d + self.g2 * (flux[EQ] - flux[PSI_D]);
        let second = if p.is_salient() {
            0.0
        } else {
            let circuit = self.h1 * i.q - self.h2 * (flux[ED] - flux[PSI_Q]);
            ((p.xq_pu - p.xq1_pu) * circuit - flux[ED]) / p.tq01_s
        };
        [
            (efd - flux[EQ] - (p.xd_pu - p.xd1_pu) * field) / p.td01_s,
            second,
            (flux[EQ] - flux[PSI_D] - (p.xd1_pu - p.xl_pu) * i.d) / p.td02_s,
            (flux[ED] - flux[PSI_Q] + (p.xq1_pu - p.xl_pu) * i.q) / p.tq02_s,
        ]
    }

    /// Steady state of a machine that gives `p` and `q`, pu of 1 MVA, into a bus at `v`.
    #[must_use]
    pub fn steady(&self, v: Phasor, p: f64, q: f64) -> Steady {
        let v2 = (v.re * v.re + v.im * v.im).max(1e-12);
        let i = Phasor { re: (v.re * p + v.im * q) / v2, im: (v.im * p - v.re * q) / v2 };
        // The q axis lies along V + (ra + j xq) I.
        let (r, x) = (self.p.ra_pu * self.to_mva, self.p.xq_pu * self.to_mva + self.x_line);
        let delta = libm::atan2(v.im + r * i.im + x * i.re, v.re + r * i.re - x * i.im);
        let (sin, cos) = libm::sincos(delta);
        let own = self.axes(i, delta);
        let m = &self.p;
        let v_q = v.re * cos + v.im * sin;
        let eq = v_q + m.ra_pu * own.q + (m.xd1_pu + self.x_line / self.to_mva) * own.d;
        let ed = if m.is_salient() { 0.0 } else { (m.xq_pu - m.xq1_pu) * own.q };
        let flux = [eq, ed, eq - (m.xd1_pu - m.xl_pu) * own.d, ed + (m.xq1_pu - m.xl_pu) * own.q];
        Steady { delta, flux, efd: eq + (m.xd_pu - m.xd1_pu) * own.d }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_state_has_no_derivative_and_gives_what_it_was_asked() {
        let round = Subtransient { xq_pu: 1.7, xq1_pu: 0.55, tq01_s: 0.8, ..Subtransient::CONDENSER };
        for m in [Subtransient::ALTERNATOR, Subtransient::PACK, Subtransient::CONDENSER, round] {
            m.check(0.001).expect("a machine");
            for (kva, line) in [(1250.0, 0.0), (31_250.0, 0.004), (400.0, 0.06)] {
                let w = Windings::new(m, kva, line);
                for (p, q, angle) in [(0.8, 0.2, 0.0), (-0.015, 0.3, 1.0), (0.3, -0.2, -2.5), (0.0, 0.0, 3.0)] {
                    let (p, q, v) = (p * kva / 1000.0, q * kva / 1000.0, Phasor::polar(0.97, angle));
                    let s = w.steady(v, p, q);
                    let emf = w.emf(&s.flux, s.delta);
                    let (t, i) = (w.terminal(emf, s.delta, v), w.current(emf, v));
                    assert!((t.p - p).abs() < 1e-9 && (t.q - q).abs() < 1e-9, "{t:?} for {p} {q}");
                    let rates = w.derivative(&s.flux, w.axes(i, s.delta), s.efd);
                    assert!(rates.iter().all(|d| d.abs() < 1e-9), "{rates:?}");
                    let lost = i.abs() * i.abs() * w.impedance().re;
                    assert!((w.air_gap_mw(emf, i) - p - lost).abs() < 1e-9, "the gap carries bus and stator");
                }
            }
        }
    }

    #[test]
    fn what_is_no_machine_is_refused_by_the_names_of_the_pair() {
        let m = Subtransient::ALTERNATOR;
        let refused = [
            (Subtransient { xl_pu: 0.14, ..m }, "`xl_pu` (0.14) must be below `x2_pu` (0.14)"),
            (Subtransient { x2_pu: 0.3, ..m }, "`x2_pu` (0.3) must be below `xd1_pu` (0.2)"),
            (Subtransient { xd1_pu: 2.9, ..m }, "`xd1_pu` (2.9) must be below `xd_pu` (2.8)"),
            (Subtransient { xd_pu: f64::INFINITY, ..m }, "`xd1_pu` (0.2) must be below `xd_pu` (inf)"),
            (Subtransient { xq1_pu: 0.1, ..m }, "`x2_pu` (0.14) must be below `xq1_pu` (0.1)"),
            (Subtransient { xq1_pu: 1.8, ..m }, "`xq1_pu` (1.8) must not be above `xq_pu` (1.7)"),
            (Subtransient { td02_s: 3.0, ..m }, "`td02_s` (3) must be below `td01_s` (2.5)"),
            (Subtransient { tq02_s: 0.004, ..m }, "`tq02_s` (0.004 s) must be at least 5 ticks of `tick_s` (0.001 s)"),
            (Subtransient { xl_pu: f64::NAN, ..m }, "`xl_pu` is NaN, must be above 0"),
            (Subtransient { ra_pu: 0.2, ..m }, "`ra_pu` (0.2) must be 0 or more and below `x2_pu` (0.14)"),
        ];
        for (m, why) in refused {
            assert_eq!(m.check(0.001), Err(why.to_owned()));
        }
        assert_eq!(Subtransient { td02_s: 0.005, ..m }.check(0.001), Ok(()), "five ticks are enough");
    }

    #[test]
    fn a_field_fed_from_its_own_terminals_falls_with_them() {
        assert_eq!(field_ceiling(FieldSupply::Pmg, 5.0, 0.1), 5.0);
        assert_eq!(field_ceiling(FieldSupply::Shunt, 5.0, 0.1), 0.5);
        assert_eq!(field_ceiling(FieldSupply::Shunt, 5.0, -0.1), 0.0);
    }
}
