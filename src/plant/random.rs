//! Seeded randomness of the plant: normal and lognormal draws with the same bits on every machine.

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{RngCore as _, SeedableRng as _};

/// The run's generator; part of the state, so that a snapshot goes on with the same draws.
#[derive(Clone, Debug, PartialEq)]
pub struct Random(Pcg64Mcg);

impl Random {
    /// From the scenario's seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Pcg64Mcg::seed_from_u64(seed))
    }

    /// Uniform in (0, 1).
    pub fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// Standard normal (Box-Muller).
    pub fn normal(&mut self) -> f64 {
        let (a, b) = (self.uniform(), self.uniform());
        libm::sqrt(-2.0 * libm::log(a)) * libm::cos(core::f64::consts::TAU * b)
    }

    /// Lognormal factor of mean 1 with this sigma; exactly 1 for sigma 0 (and then draws nothing).
    pub fn lognormal(&mut self, sigma: f64) -> f64 {
        if sigma <= 0.0 { 1.0 } else { libm::exp(sigma * self.normal() - sigma * sigma / 2.0) }
    }
}
