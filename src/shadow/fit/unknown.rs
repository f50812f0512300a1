//! What a fit looks for: one table of unknowns, where a set keeps each, and the guess that they move.
//!
//! Of the engine are those that a preset or a scenario has a field for. Of the record are those that meters add: skew, a lag
//! of one meter behind the other, and the frequency that is held at the first load. Times in s, powers in pu of rating.

use super::TICK_S;
use crate::plant::config::{Genset, Governor, Rselect, Sharing};

/// An unknown of the fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unknown {
    /// Inertia constant.
    Inertia,
    /// Droop.
    Droop,
    /// Governor, proportional.
    Proportional,
    /// Governor, integral.
    Integral,
    /// Governor, derivative.
    Derivative,
    /// Transducer of the power that a droop on power feeds on.
    Transducer,
    /// Lead of a turbine, as a share of its lag.
    Lead,
    /// Actuator or valve.
    Actuator,
    /// Rate of the actuator, the same both ways.
    Rate,
    /// Dead time from actuator to power.
    DeadTime,
    /// Manifold, fuel or turbine.
    Manifold,
    /// Power that air allows at once beyond what the turbocharger has come to.
    Reserve,
    /// Turbocharger.
    Turbo,
    /// Skew of the power's time stamps against those of frequency.
    Skew,
    /// How much slower the power meter is than the frequency meter; less than 0 where it is faster.
    MeterLag,
    /// Frequency that the governor holds at the first second's load.
    Reference,
}

/// What is known of an unknown before any record.
struct Spec {
    what: Unknown,
    name: &'static str,
    label: &'static str,
    unit: &'static str,
    /// Standard deviation of the prior in u: in factors of e, or of the scale.
    sd: f64,
    /// What it may be.
    range: [f64; 2],
}

/// A factor of three.
const THREE: f64 = 1.1;
/// What one unit of u is worth of a quantity that is found as a difference, in its own unit.
const SCALE: f64 = 0.1;
/// What stands for "no derivative" and "no lag" in a logarithm.
const NEXT_TO_NONE: f64 = 1e-3;

const fn spec(
    what: Unknown,
    name: &'static str,
    label: &'static str,
    unit: &'static str,
    sd: f64,
    range: [f64; 2],
) -> Spec {
    Spec { what, name, label, unit, sd, range }
}

/// The table, in the order of a report. The integration is explicit, so a lag is two ticks at least.
const SPECS: [Spec; 16] = [
    spec(Unknown::Inertia, "h_s", "inertia constant H", "s", THREE, [0.05, 20.0]),
    spec(Unknown::Droop, "droop_pu", "droop", "pu", THREE, [0.001, 0.3]),
    spec(Unknown::Proportional, "kp", "governor gain Kp", "pu", THREE, [0.01, 500.0]),
    spec(Unknown::Integral, "ki", "governor gain Ki", "1/s", THREE, [0.001, 500.0]),
    spec(Unknown::Derivative, "kd", "governor gain Kd", "s", 1.5, [NEXT_TO_NONE, 50.0]),
    spec(Unknown::Transducer, "tpelec_s", "power transducer lag", "s", THREE, [2.0 * TICK_S, 10.0]),
    spec(Unknown::Lead, "lead", "turbine lead, share of lag", "1", THREE, [0.001, 5.0]),
    spec(Unknown::Actuator, "t_act_s", "actuator lag", "s", THREE, [2.0 * TICK_S, 10.0]),
    spec(Unknown::Rate, "rate_up", "actuator rate", "pu/s", THREE, [0.01, 20.0]),
    spec(Unknown::DeadTime, "t_d_s", "dead time", "s", THREE, [TICK_S, 1.0]),
    spec(Unknown::Manifold, "t_man_s", "manifold lag", "s", THREE, [2.0 * TICK_S, 10.0]),
    spec(Unknown::Reserve, "reserve_pu", "air reserve", "pu", THREE, [0.01, 0.6]),
    spec(Unknown::Turbo, "t_tc_s", "turbocharger lag", "s", THREE, [0.1, 60.0]),
    spec(Unknown::Skew, "skew_s", "skew of power", "s", 3.0, [-1.0, 1.0]),
    spec(Unknown::MeterLag, "meter_lag_s", "lag of the power meter", "s", 1.0, [-0.5, 0.5]),
    spec(Unknown::Reference, "f_ref_hz", "frequency reference", "Hz", 10.0, [-5.0, 5.0]),
];

impl Unknown {
    /// All, in the order of a report.
    pub fn all() -> impl Iterator<Item = Self> {
        SPECS.iter().map(|s| s.what)
    }

    fn spec(self) -> &'static Spec {
        // The table holds every one; a test says so.
        SPECS.iter().find(|s| s.what == self).unwrap_or(&SPECS[0])
    }

    /// As preset files call it, with its unit.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.spec().name
    }

    /// What a person calls it.
    #[must_use]
    pub fn label(self) -> &'static str {
        self.spec().label
    }

    /// Its unit.
    #[must_use]
    pub fn unit(self) -> &'static str {
        self.spec().unit
    }

    /// Whether it is found as a factor, else as a difference.
    #[must_use]
    pub fn is_factor(self) -> bool {
        !self.is_of_record()
    }

    /// Whether it is one of the meters and not of the engine.
    #[must_use]
    pub fn is_of_record(self) -> bool {
        matches!(self, Self::Skew | Self::MeterLag | Self::Reference)
    }

    /// Standard deviation of the prior in u.
    pub(super) fn prior_sd(self) -> f64 {
        self.spec().sd
    }

    /// What it may be.
    #[must_use]
    pub fn range(self) -> [f64; 2] {
        self.spec().range
    }

    /// From `v` by `u`.
    pub(super) fn moved(self, v: f64, u: f64) -> f64 {
        if self.is_factor() { v * libm::exp(u) } else { v + SCALE * u }
    }

    /// The u that leads from `v` to `to`.
    pub(super) fn distance(self, v: f64, to: f64) -> f64 {
        if self.is_factor() { libm::log(to / v) } else { (to - v) / SCALE }
    }

    /// Its value in a set; `None` for one that the set has not.
    #[must_use]
    pub fn of(self, g: &Genset) -> Option<f64> {
        let v = match (self, &g.governor) {
            (Self::Inertia, _) => Some(g.machine.h_s),
            (Self::Turbo, _) => g.air.as_ref().map(|a| a.t_tc_s),
            (Self::Reserve, _) => g.air.as_ref().map(|a| a.reserve_pu),
            (Self::Droop, Governor::Tgov1(t)) => Some(t.r_pu),
            (Self::Droop, Governor::Gast(t)) => Some(t.r_pu),
            (Self::Droop, Governor::Ieeeg1(t)) => Some(1.0 / t.k),
            (Self::Droop, Governor::Ggov1(t)) => (t.rselect != Rselect::Isochronous).then_some(t.r_pu),
            (Self::Droop, Governor::Pid(_)) => match g.sharing {
                Sharing::Droop(r) => Some(r),
                Sharing::Isochronous | Sharing::LoadShare(_) => None,
            },
            (Self::Proportional, Governor::Ggov1(t)) => Some(t.kp),
            (Self::Proportional, Governor::Pid(t)) => Some(t.kp),
            (Self::Integral, Governor::Ggov1(t)) => Some(t.ki),
            (Self::Integral, Governor::Pid(t)) => Some(t.ki),
            (Self::Derivative, Governor::Ggov1(t)) => Some(t.kd),
            (Self::Derivative, Governor::Pid(t)) => Some(t.kd),
            (Self::Transducer, Governor::Ggov1(t)) => (t.rselect == Rselect::Power).then_some(t.tpelec_s),
            (Self::Lead, Governor::Tgov1(t)) => Some(t.t2_s / t.t3_s),
            (Self::Actuator, Governor::Tgov1(t)) => Some(t.t1_s),
            (Self::Actuator, Governor::Gast(t)) => Some(t.t1_s),
            (Self::Actuator, Governor::Ieeeg1(t)) => Some(t.t3_s),
            (Self::Actuator, Governor::Ggov1(t)) => Some(t.tact_s),
            (Self::Actuator, Governor::Pid(t)) => Some(t.t_act_s),
            (Self::Rate, Governor::Ieeeg1(t)) => Some(t.uo),
            (Self::Rate, Governor::Ggov1(t)) => Some(t.ropen),
            (Self::Rate, Governor::Pid(t)) => Some(t.rate_up),
            (Self::DeadTime, Governor::Ggov1(t)) => Some(t.teng_s),
            (Self::DeadTime, Governor::Pid(t)) => Some(t.t_d_s),
            (Self::Manifold, Governor::Tgov1(t)) => Some(t.t3_s),
            (Self::Manifold, Governor::Gast(t)) => Some(t.t2_s),
            (Self::Manifold, Governor::Ieeeg1(t)) => Some(t.t4_s),
            (Self::Manifold, Governor::Ggov1(t)) => Some(t.tb_s),
            (Self::Manifold, Governor::Pid(t)) => Some(t.t_man_s),
            _ => None,
        };
        v.filter(|v| v.is_finite() && *v > 0.0)
    }

    /// Puts a value where [`Unknown::of`] finds it.
    fn put(self, g: &mut Genset, v: f64) {
        match (self, &mut g.governor) {
            (Self::Inertia, _) => g.machine.h_s = v,
            (Self::Turbo, _) => g.air.iter_mut().for_each(|a| a.t_tc_s = v),
            (Self::Reserve, _) => g.air.iter_mut().for_each(|a| a.reserve_pu = v),
            (Self::Droop, Governor::Tgov1(t)) => t.r_pu = v,
            (Self::Droop, Governor::Gast(t)) => t.r_pu = v,
            (Self::Droop, Governor::Ieeeg1(t)) => t.k = 1.0 / v,
            (Self::Droop, Governor::Ggov1(t)) => t.r_pu = v,
            (Self::Droop, Governor::Pid(_)) => g.sharing = Sharing::Droop(v),
            (Self::Proportional, Governor::Ggov1(t)) => t.kp = v,
            (Self::Proportional, Governor::Pid(t)) => t.kp = v,
            (Self::Integral, Governor::Ggov1(t)) => t.ki = v,
            (Self::Integral, Governor::Pid(t)) => t.ki = v,
            (Self::Derivative, Governor::Ggov1(t)) => t.kd = v,
            (Self::Derivative, Governor::Pid(t)) => t.kd = v,
            (Self::Transducer, Governor::Ggov1(t)) => t.tpelec_s = v,
            (Self::Lead, Governor::Tgov1(t)) => t.t2_s = v * t.t3_s,
            (Self::Actuator, Governor::Tgov1(t)) => t.t1_s = v,
            (Self::Actuator, Governor::Gast(t)) => t.t1_s = v,
            (Self::Actuator, Governor::Ieeeg1(t)) => t.t3_s = v,
            (Self::Actuator, Governor::Ggov1(t)) => t.tact_s = v,
            (Self::Actuator, Governor::Pid(t)) => t.t_act_s = v,
            (Self::Rate, Governor::Ieeeg1(t)) => (t.uo, t.uc) = (v, -v),
            (Self::Rate, Governor::Ggov1(t)) => (t.ropen, t.rclose) = (v, -v),
            (Self::Rate, Governor::Pid(t)) => (t.rate_up, t.rate_down) = (v, -v),
            (Self::DeadTime, Governor::Ggov1(t)) => t.teng_s = v,
            (Self::DeadTime, Governor::Pid(t)) => t.t_d_s = v,
            (Self::Manifold, Governor::Tgov1(t)) => (t.t2_s, t.t3_s) = (t.t2_s / t.t3_s * v, v),
            (Self::Manifold, Governor::Gast(t)) => t.t2_s = v,
            (Self::Manifold, Governor::Ieeeg1(t)) => t.t4_s = v,
            (Self::Manifold, Governor::Ggov1(t)) => t.tb_s = v,
            (Self::Manifold, Governor::Pid(t)) => t.t_man_s = v,
            _ => {}
        }
    }
}

/// A set with what a recording adds to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Guess {
    /// The set.
    pub genset: Genset,
    /// Skew, s: power stamped t + skew was drawn at t.
    pub skew_s: f64,
    /// Lag of the power meter behind the frequency meter, s.
    pub meter_lag_s: f64,
    /// Reference less the first second's mean frequency, Hz.
    pub f_ref_hz: f64,
}

impl Guess {
    /// A set as it is, meters in step.
    #[must_use]
    pub fn new(genset: Genset) -> Self {
        Self { genset, skew_s: 0.0, meter_lag_s: 0.0, f_ref_hz: 0.0 }
    }

    /// The value of an unknown; `None` for what the set has not.
    #[must_use]
    pub fn get(&self, x: Unknown) -> Option<f64> {
        match x {
            Unknown::Skew => Some(self.skew_s),
            Unknown::MeterLag => Some(self.meter_lag_s),
            Unknown::Reference => Some(self.f_ref_hz),
            _ => x.of(&self.genset),
        }
    }

    /// This guess with one value put.
    pub(super) fn put(&mut self, x: Unknown, v: f64) {
        match x {
            Unknown::Skew => self.skew_s = v,
            Unknown::MeterLag => self.meter_lag_s = v,
            Unknown::Reference => self.f_ref_hz = v,
            _ => x.put(&mut self.genset, v),
        }
    }

    /// This guess with the unknowns moved by `u` from their values here.
    #[must_use]
    pub(super) fn moved(&self, unknowns: &[Unknown], u: &[f64]) -> Self {
        let mut to = self.clone();
        for (x, u) in unknowns.iter().zip(u) {
            if let Some(v) = self.get(*x) {
                to.put(*x, x.moved(v, *u));
            }
        }
        to
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shadow::fit::structure::Structure;

    #[test]
    fn what_is_put_is_found_in_every_structure() {
        let site = crate::scenario::default_scenario().expect("the built-in plant").plant;
        for s in Structure::ALL {
            let mut guess = Guess::new(s.of(&site.gensets[0]));
            let free = s.unknowns(&guess);
            assert!(free.contains(&Unknown::Inertia) && free.contains(&Unknown::Reference), "{s:?}");
            for (k, x) in Unknown::all().enumerate().filter(|(_, x)| free.contains(x)) {
                let [lo, hi] = x.range();
                let v = (0.03 + 0.01 * k as f64).clamp(lo, hi);
                guess.put(x, v);
                assert!(guess.get(x).is_some_and(|got| (got / v - 1.0).abs() < 1e-12), "{s:?} {x:?}");
            }
        }
    }

    #[test]
    fn each_unknown_has_its_line() {
        for (s, x) in SPECS.iter().zip(Unknown::all()) {
            assert_eq!((x.spec().what, x.name()), (s.what, s.name));
            assert!((x.distance(2.0, x.moved(2.0, 0.3)) - 0.3).abs() < 1e-12);
        }
    }
}
