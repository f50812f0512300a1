//! Whether the plant has become another: inertia or governor gain that is no longer the model's.
//!
//! Beside the model run two that differ by one thing each: twice the inertia, half the gain of the governor. What frequency does
//! less what the model says is held against what each of them would make of it, by least squares over the last minute; beside
//! them stand the same response a little earlier or later (a step comes between two rows) and a constant offset. One that is
//! needed by more than half of itself and more than five of its standard errors is called. Only the seconds after a change of load
//! count that stands out from the noise of its meter: that noise moves the models and not the plant, which looks like inertia
//! that the plant has and the model has not. Pure; Hz, pu of rating and s.

use super::fit::solve;
use crate::plant::config::{self, Governor};

/// Seconds over which rows are forgotten.
const MEMORY_S: f64 = 60.0;
/// Share of a difference that must be needed to be called, and that it must fall below to be taken back.
const CALLED: f64 = 0.55;
const TAKEN_BACK: f64 = 0.3;
/// Standard errors that it must stand out by.
const CERTAIN: f64 = 5.0;
/// Residuals closer than this are alike, s.
const ALIKE_S: f64 = 1.0;
/// What frequency meters leave at least, Hz.
const METER_HZ: f64 = 0.0015;
/// Load that moves away from its mean of some seconds by this much (pu of rating, and noises of its meter) is a change, and
/// frequency answers to it for so long.
const MOVES_PU: f64 = 0.02;
const MOVES_NOISES: f64 = 8.0;
const MEAN_S: f64 = 3.0;
const ANSWERS_S: f64 = 8.0;
/// Noise of a load meter before it is known, pu, and how long it takes to be, s.
const NOISE_PU: f64 = 0.002;
const NOISE_S: f64 = 20.0;
/// Explanations: the two changes, a shift in time, an offset.
const N: usize = 4;

/// What may have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Inertia of the sets on the bus.
    Inertia,
    /// Gain of their governors.
    Gain,
}

impl What {
    /// In the order of the alternatives.
    pub const ALL: [Self; 2] = [Self::Inertia, Self::Gain];

    /// The plant with twice the inertia, or half of the gain.
    #[must_use]
    pub fn alternative(self, plant: &config::Plant) -> config::Plant {
        let mut other = plant.clone();
        for g in &mut other.gensets {
            match (self, &mut g.governor) {
                (Self::Inertia, _) => g.machine.h_s *= 2.0,
                (Self::Gain, Governor::Pid(p)) => (p.kp, p.ki, p.kd) = (p.kp / 2.0, p.ki / 2.0, p.kd / 2.0),
                (Self::Gain, Governor::Ggov1(p)) => (p.kp, p.ki, p.kd) = (p.kp / 2.0, p.ki / 2.0, p.kd / 2.0),
                (Self::Gain, Governor::Tgov1(p)) => p.r_pu *= 2.0,
                (Self::Gain, Governor::Gast(p)) => p.r_pu *= 2.0,
                (Self::Gain, Governor::Ieeeg1(p)) => p.k /= 2.0,
            }
        }
        other
    }
}

/// A change that is called.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Changed {
    /// What.
    pub what: What,
    /// How many times the model's it seems to be.
    pub times: f64,
}

impl Changed {
    /// One line.
    #[must_use]
    pub fn words(&self) -> String {
        let what = match self.what {
            What::Inertia => "inertia",
            What::Gain => "the governor's gain",
        };
        format!("frequency moves as if {what} were {:.1} times the model's", self.times)
    }
}

/// Sums over the last minute.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Change {
    products: [[f64; N]; N],
    with_residual: [f64; N],
    square: f64,
    rows: f64,
    load: Load,
    called: Option<Changed>,
}

/// Whether load has changed lately.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Load {
    mean: f64,
    last: f64,
    noise: f64,
    /// Seconds since it changed.
    since_s: f64,
}

impl Default for Load {
    fn default() -> Self {
        Self { mean: f64::NAN, last: f64::NAN, noise: NOISE_PU, since_s: f64::INFINITY }
    }
}

impl Load {
    fn take(&mut self, pu: f64, dt_s: f64) {
        if !self.mean.is_finite() {
            (self.mean, self.last) = (pu, pu);
        }
        // A step is no noise: it counts as a few of them at most.
        let moved = (pu - self.last).abs().min(3.0 * self.noise);
        self.noise += (moved - self.noise) * (dt_s / NOISE_S).min(1.0);
        let changes = (pu - self.mean).abs() > MOVES_PU.max(MOVES_NOISES * self.noise);
        self.since_s = if changes { 0.0 } else { self.since_s + dt_s };
        self.mean += (pu - self.mean) * (dt_s / MEAN_S).min(1.0);
        self.last = pu;
    }
}

impl Change {
    /// What is called now.
    #[must_use]
    pub fn called(&self) -> Option<Changed> {
        self.called
    }

    /// The model starts anew: sums are void, what was called stays until it is taken back.
    pub fn restart(&mut self) {
        *self = Self { called: self.called, ..Self::default() };
    }

    /// Takes a row: frequency less the model's, the alternatives' less the model's, all Hz, how fast the model's moves, Hz/s, and
    /// the load in pu of rating.
    pub fn take(&mut self, residual: f64, alternatives: [f64; 2], slope: f64, load_pu: f64, dt_s: f64) {
        self.load.take(load_pu, dt_s);
        if self.load.since_s > ANSWERS_S {
            return;
        }
        let x = [alternatives[0], alternatives[1], slope, 1.0];
        if !(residual.is_finite() && x.iter().all(|v| v.is_finite())) {
            return;
        }
        let keep = libm::exp(-dt_s / MEMORY_S);
        for (i, row) in self.products.iter_mut().enumerate() {
            for (j, p) in row.iter_mut().enumerate() {
                *p = *p * keep + x[i] * x[j];
            }
            self.with_residual[i] = self.with_residual[i] * keep + x[i] * residual;
        }
        self.square = self.square * keep + residual * residual;
        self.rows = self.rows * keep + 1.0;
        self.judge(dt_s);
    }

    fn judge(&mut self, dt_s: f64) {
        // A trace of each square keeps what does not move out of the answer, and the matrix regular.
        let ridge = self.rows * METER_HZ * METER_HZ;
        let mut a: solve::Matrix = self.products.iter().map(|r| r.to_vec()).collect();
        (0..N).for_each(|i| a[i][i] += ridge);
        let Some(inverse) = solve::inverse(&a) else { return };
        let share: Vec<f64> =
            inverse.iter().map(|r| r.iter().zip(&self.with_residual).map(|(a, b)| a * b).sum()).collect();
        let explained: f64 = share.iter().zip(&self.with_residual).map(|(a, b)| a * b).sum();
        let variance = ((self.square - explained) / self.rows.max(1.0)).max(METER_HZ * METER_HZ);
        let error = |k: usize| libm::sqrt(variance * (ALIKE_S / dt_s).max(1.0) * inverse[k][k]);
        let stands_out = |k: &usize| share[*k].abs() > CALLED && share[*k].abs() > CERTAIN * error(*k);
        let most = (0..What::ALL.len()).filter(stands_out).max_by(|a, b| share[*a].abs().total_cmp(&share[*b].abs()));
        if let Some(k) = most {
            // An alternative is a factor of two, of gain downwards.
            let power = if What::ALL[k] == What::Inertia { share[k] } else { -share[k] };
            self.called = Some(Changed { what: What::ALL[k], times: libm::exp2(power.clamp(-3.0, 3.0)) });
        } else if let Some(c) = self.called {
            let k = What::ALL.iter().position(|w| *w == c.what).unwrap_or(0);
            if share[k].abs() < TAKEN_BACK && CERTAIN * error(k) < CALLED {
                self.called = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plant::random::Sequence;

    /// A minute of rows in which the residual is so much of each alternative, with noise; alternatives move as a step does.
    fn after(share: [f64; 2], moves_hz: f64, noise_hz: f64) -> Option<Changed> {
        let (mut c, mut random) = (Change::default(), Sequence::new(5));
        for k in 0..600 {
            let t = f64::from(k % 150) * 0.1;
            let quick = moves_hz * t * libm::exp(-2.0 * t) * 5.0;
            let slow = -moves_hz * t * libm::exp(-0.7 * t);
            let slope = moves_hz * libm::exp(-1.5 * t) * 4.0;
            let load = 0.5 + 0.1 * f64::from(k / 150 % 2) + 0.001 * random.normal();
            c.take(share[0] * quick + share[1] * slow + noise_hz * random.normal(), [quick, slow], slope, load, 0.1);
        }
        c.called()
    }

    #[test]
    fn what_is_needed_is_called_with_how_much() {
        let c = after([1.0, 0.0], 0.5, 0.005).expect("twice the inertia");
        assert!(c.what == What::Inertia && (c.times - 2.0).abs() < 0.1, "{c:?}");
        assert_eq!(c.words(), "frequency moves as if inertia were 2.0 times the model's");
        let c = after([0.0, 1.0], 0.5, 0.005).expect("half of the gain");
        assert!(c.what == What::Gain && (c.times - 0.5).abs() < 0.05, "{c:?}");
    }

    #[test]
    fn noise_and_small_changes_are_not_called() {
        assert_eq!(after([0.0, 0.0], 0.5, 0.02), None);
        assert_eq!(after([0.2, 0.0], 0.5, 0.005), None, "a fifth of a doubling is no other plant");
        assert_eq!(after([1.0, 0.0], 0.001, 0.01), None, "nothing moves");
    }

    #[test]
    fn each_alternative_differs_by_its_own() {
        let plant = crate::scenario::default_scenario().expect("the built-in plant").plant;
        let [h, gain] = What::ALL.map(|w| w.alternative(&plant));
        assert_eq!(h.gensets[0].machine.h_s, 2.0 * plant.gensets[0].machine.h_s);
        assert!(gain.gensets[0].machine.h_s == plant.gensets[0].machine.h_s && gain != plant);
    }
}
