//! The simulation behind a fit: the plant of [`driven`](super::super::driven) with one set and the recorded power as its
//! load, and the unknowns that a set has.
//!
//! The physics are the twin's own, at a tick of [`TICK_S`]; voltage does not enter, because the load is imposed in kW, so
//! the machine is taken with a constant EMF. A skew of tau means that power stamped t + tau was drawn at t.

use super::record::{Reader, Record};
use crate::plant::config::{self, Genset, Governor, Rselect, Sharing};
use crate::shadow::driven::{self, Operating};

/// Tick of the simulation, s: a fifth of the twin's work; a test holds both against each other.
pub const TICK_S: f64 = 0.005;
/// Seconds whose mean power and frequency the simulation starts from.
pub(super) const START_S: f64 = 1.0;

/// An unknown of the fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// Inertia constant.
    Inertia,
    /// Droop.
    Droop,
    /// Governor, proportional.
    Proportional,
    /// Governor, integral.
    Integral,
    /// Actuator or valve.
    Actuator,
    /// Turbocharger.
    Turbo,
    /// Skew of the power's time stamps against those of frequency.
    Skew,
    /// Frequency that the governor holds at the first second's load; no parameter of the engine.
    Reference,
}

impl Unknown {
    /// All, in the order of a report.
    pub const ALL: [Self; 8] = [
        Self::Inertia,
        Self::Droop,
        Self::Proportional,
        Self::Integral,
        Self::Actuator,
        Self::Turbo,
        Self::Skew,
        Self::Reference,
    ];

    /// As preset files call it, with its unit.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Inertia => "h_s",
            Self::Droop => "droop_pu",
            Self::Proportional => "kp",
            Self::Integral => "ki",
            Self::Actuator => "t_act_s",
            Self::Turbo => "t_tc_s",
            Self::Skew => "skew_s",
            Self::Reference => "f_ref_hz",
        }
    }

    /// What a person calls it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Inertia => "inertia constant H",
            Self::Droop => "droop",
            Self::Proportional => "governor gain Kp",
            Self::Integral => "governor gain Ki",
            Self::Actuator => "actuator lag",
            Self::Turbo => "turbocharger lag",
            Self::Skew => "skew of power",
            Self::Reference => "frequency reference",
        }
    }

    /// Its unit.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::Inertia | Self::Actuator | Self::Turbo | Self::Skew => "s",
            Self::Droop | Self::Proportional => "pu",
            Self::Integral => "1/s",
            Self::Reference => "Hz",
        }
    }

    /// Whether it is found as a factor, else as a difference.
    #[must_use]
    pub fn is_factor(self) -> bool {
        !matches!(self, Self::Skew | Self::Reference)
    }

    /// What one unit of u is worth: a factor of e, or this many of its unit.
    pub(super) fn scale(self) -> f64 {
        0.1
    }

    /// Standard deviation of the prior in u: a factor of three, 0.3 s, 1 Hz.
    pub(super) fn prior_sd(self) -> f64 {
        match self {
            Self::Skew => 3.0,
            Self::Reference => 10.0,
            _ => 1.1,
        }
    }

    /// What it may be.
    pub(super) fn range(self) -> [f64; 2] {
        match self {
            Self::Inertia => [0.05, 20.0],
            Self::Droop => [0.001, 0.2],
            Self::Proportional | Self::Integral => [0.001, 1000.0],
            // The integration is explicit: a lag is two ticks at least.
            Self::Actuator => [2.0 * TICK_S, 10.0],
            Self::Turbo => [0.1, 60.0],
            Self::Skew => [-1.0, 1.0],
            Self::Reference => [-5.0, 5.0],
        }
    }

    /// Where a set keeps it; `None` for one that it has not.
    fn place(self, g: &mut Genset) -> Option<&mut f64> {
        match (self, &mut g.governor) {
            (Self::Inertia, _) => Some(&mut g.machine.h_s),
            (Self::Turbo, _) => g.air.as_mut().map(|a| &mut a.t_tc_s),
            (Self::Droop, Governor::Tgov1(t)) => Some(&mut t.r_pu),
            (Self::Droop, Governor::Gast(t)) => Some(&mut t.r_pu),
            (Self::Droop, Governor::Ggov1(t)) => {
                (t.r_pu > 0.0 && t.rselect != Rselect::Isochronous).then_some(&mut t.r_pu)
            }
            (Self::Droop, Governor::Pid(_)) => match &mut g.sharing {
                Sharing::Droop(r) => Some(r),
                Sharing::Isochronous | Sharing::LoadShare(_) => None,
            },
            (Self::Actuator, Governor::Tgov1(t)) => Some(&mut t.t1_s),
            (Self::Actuator, Governor::Gast(t)) => Some(&mut t.t1_s),
            (Self::Actuator, Governor::Ggov1(t)) => Some(&mut t.tact_s),
            (Self::Actuator, Governor::Pid(t)) => Some(&mut t.t_act_s),
            (Self::Proportional, Governor::Ggov1(t)) => Some(&mut t.kp),
            (Self::Proportional, Governor::Pid(t)) => Some(&mut t.kp),
            (Self::Integral, Governor::Ggov1(t)) => Some(&mut t.ki),
            (Self::Integral, Governor::Pid(t)) => Some(&mut t.ki),
            _ => None,
        }
        .filter(|v| **v > 0.0)
    }

    /// Its value in a set.
    #[must_use]
    pub fn of(self, g: &Genset) -> Option<f64> {
        self.place(&mut g.clone()).copied()
    }
}

/// A set with what a recording adds to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Guess {
    /// The set.
    pub genset: Genset,
    /// Skew, s.
    pub skew_s: f64,
    /// Reference less the first second's mean frequency, Hz.
    pub f_ref_hz: f64,
}

impl Guess {
    /// A set as it is.
    #[must_use]
    pub fn new(genset: Genset) -> Self {
        Self { genset, skew_s: 0.0, f_ref_hz: 0.0 }
    }

    /// The value of an unknown; `None` for what the set has not.
    #[must_use]
    pub fn get(&self, x: Unknown) -> Option<f64> {
        match x {
            Unknown::Skew => Some(self.skew_s),
            Unknown::Reference => Some(self.f_ref_hz),
            _ => x.of(&self.genset),
        }
    }

    /// This guess with the unknowns moved by `u` from their values here.
    #[must_use]
    pub(super) fn moved(&self, unknowns: &[Unknown], u: &[f64]) -> Self {
        let mut to = self.clone();
        for (x, u) in unknowns.iter().zip(u) {
            let slot = match x {
                Unknown::Skew => Some(&mut to.skew_s),
                Unknown::Reference => Some(&mut to.f_ref_hz),
                _ => x.place(&mut to.genset),
            };
            if let Some(v) = slot {
                *v = if x.is_factor() { *v * libm::exp(*u) } else { *v + x.scale() * u };
            }
        }
        to
    }
}

/// The site's plant reduced to one set, ready to be simulated.
#[must_use]
pub fn alone(site: &config::Plant, genset: &Genset) -> config::Plant {
    let mut one = genset.clone();
    one.machine.flux = None;
    one.on_at_start = true;
    config::Plant { gensets: vec![one], tick_s: TICK_S.max(site.tick_s), ..driven::imposed(site) }
}

/// Frequency at the record's times, Hz, as the guess has it. `plant` is [`alone`]'s.
#[must_use]
pub fn simulate(plant: &config::Plant, guess: &Guess, record: &Record) -> Vec<f64> {
    let mut cfg = plant.clone();
    let flux = cfg.gensets.first().and_then(|g| g.machine.flux.clone());
    cfg.gensets = vec![Genset { relays: Vec::new(), on_at_start: true, ..guess.genset.clone() }];
    cfg.gensets[0].machine.flux = flux;
    let [t0_s, _] = record.window_s();
    let first = record.first_s(START_S);
    let mean = |x: &[f64]| x.iter().take(first).sum::<f64>() / first as f64;
    let at = Operating {
        f_pu: (mean(&record.f_hz) + guess.f_ref_hz) / cfg.f0_hz,
        v_pu: 1.0,
        loads_kw: [0.0, 0.0, mean(&record.p_kw), 0.0],
        sets_kw: vec![Some(mean(&record.p_kw))],
    };
    let mut p = driven::start(&cfg, &at);
    let mut power = Reader::new(&record.t_s, &record.p_kw);
    let f_hz = |p: &crate::plant::system::Plant| p.islands[p.main_island()].f_pu * p.cfg.f0_hz;
    let (mut before, mut now) = (f_hz(&p), f_hz(&p));
    let mut out = Vec::with_capacity(record.t_s.len());
    for t in &record.t_s {
        let ticks = (t - t0_s) / cfg.tick_s;
        while (p.tick as f64) < ticks {
            let mid_s = t0_s + (p.tick as f64 + 0.5) * cfg.tick_s;
            driven::step(&mut p, [0.0, 0.0, power.at(mid_s + guess.skew_s), 0.0]);
            (before, now) = (now, f_hz(&p));
        }
        // Between the last two ticks.
        out.push(now + (before - now) * (p.tick as f64 - ticks));
    }
    out
}
