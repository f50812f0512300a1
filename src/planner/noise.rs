//! Noise on a load: a sequence of normal numbers of a seed, the same on every machine.
//!
//! A run of the twin keys each of its draws instead, because a device more must not change those of others; here there is one
//! load, and a number at every step of days.

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{RngCore as _, SeedableRng as _};

/// The sequence.
#[derive(Clone, Debug)]
pub(super) struct Noise(Pcg64Mcg);

impl Noise {
    /// Of a seed.
    pub fn new(seed: u64) -> Self {
        Self(Pcg64Mcg::seed_from_u64(seed))
    }

    /// Uniform in (0, 1).
    fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// The next standard normal number (Box-Muller).
    pub fn normal(&mut self) -> f64 {
        let (a, b) = (self.uniform(), self.uniform());
        libm::sqrt(-2.0 * libm::log(a)) * libm::cos(core::f64::consts::TAU * b)
    }
}
