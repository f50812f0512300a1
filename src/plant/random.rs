//! Chance of a run: every draw is a pure function of the run's seed and of what is drawn, for which device, how often before.
//!
//! There is no "next number": two devices do not share a sequence, so a device more in the file, or a command more to
//! another one, changes nobody's draws, and a snapshot needs no generator. The numbers are bits of SHA-256 over the key,
//! the same on every machine. It is for draws of a command now and then, not for noise at every tick.

use sha2::{Digest as _, Sha256};

/// What is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Purpose {
    /// Factor on the latency of a command that switches miners off.
    ShedLatency = 1,
    /// Factor on the latency of a command that wakes miners.
    WakeLatency = 2,
}

/// The run's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Random {
    seed: u64,
}

impl Random {
    /// From the scenario's seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The key, for the state hash: it decides every draw to come.
    #[must_use]
    pub fn key(&self) -> u64 {
        self.seed
    }

    /// Two independent uniform numbers in (0, 1): of the draw number `ordinal` for this purpose of this device.
    #[must_use]
    pub fn uniform(&self, purpose: Purpose, device: &str, ordinal: u64) -> [f64; 2] {
        // Lengths are fixed but for the name, which comes last: no two keys make the same bytes.
        let mut h = Sha256::new();
        h.update(self.seed.to_le_bytes());
        h.update([purpose as u8]);
        h.update(ordinal.to_le_bytes());
        h.update(device.as_bytes());
        let bytes = h.finalize();
        let number = |at: usize| {
            let bits = bytes[at..at + 8].iter().fold(0_u64, |bits, b| bits << 8 | u64::from(*b));
            ((bits >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
        };
        [number(0), number(8)]
    }

    /// Standard normal (Box-Muller).
    #[must_use]
    pub fn normal(&self, purpose: Purpose, device: &str, ordinal: u64) -> f64 {
        let [a, b] = self.uniform(purpose, device, ordinal);
        libm::sqrt(-2.0 * libm::log(a)) * libm::cos(core::f64::consts::TAU * b)
    }

    /// Lognormal factor of mean 1 with this sigma; exactly 1 for sigma 0.
    #[must_use]
    pub fn lognormal(&self, sigma: f64, purpose: Purpose, device: &str, ordinal: u64) -> f64 {
        if sigma <= 0.0 {
            return 1.0;
        }
        libm::exp(sigma * self.normal(purpose, device, ordinal) - sigma * sigma / 2.0)
    }
}

/// A sequence of draws for tests that need many.
#[cfg(test)]
#[derive(Clone, Debug)]
pub(crate) struct Sequence(Random, u64);

#[cfg(test)]
impl Sequence {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Random::new(seed), 0)
    }

    /// The next standard normal number.
    pub(crate) fn normal(&mut self) -> f64 {
        self.1 += 1;
        self.0.normal(Purpose::ShedLatency, "test", self.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_of_the_key_makes_another_draw_and_the_same_key_the_same() {
        let base = Random::new(1).uniform(Purpose::ShedLatency, "miners", 0);
        assert_eq!(base, Random::new(1).uniform(Purpose::ShedLatency, "miners", 0));
        let others = [
            Random::new(2).uniform(Purpose::ShedLatency, "miners", 0),
            Random::new(1).uniform(Purpose::WakeLatency, "miners", 0),
            Random::new(1).uniform(Purpose::ShedLatency, "miners2", 0),
            Random::new(1).uniform(Purpose::ShedLatency, "miners", 1),
        ];
        for other in others {
            assert!(other[0] != base[0] && other[1] != base[1]);
        }
    }

    /// Mean, spread and neighbours of 20,000 draws: bounds of four standard errors.
    #[test]
    fn draws_are_normal_and_independent_of_their_neighbours() {
        let mut s = Sequence::new(3);
        let x: Vec<f64> = (0..20_000).map(|_| s.normal()).collect();
        let n = x.len() as f64;
        let mean = x.iter().sum::<f64>() / n;
        let var = x.iter().map(|v| v * v).sum::<f64>() / n;
        let next = x.windows(2).map(|w| w[0] * w[1]).sum::<f64>() / n;
        assert!(mean.abs() < 0.03 && (var - 1.0).abs() < 0.04 && next.abs() < 0.03, "{mean} {var} {next}");
        let factor = |k| Random::new(3).lognormal(0.3, Purpose::WakeLatency, "m", k);
        let mean = (0..20_000).map(factor).sum::<f64>() / n;
        assert!((mean - 1.0).abs() < 0.01, "{mean}");
        assert_eq!(Random::new(3).lognormal(0.0, Purpose::WakeLatency, "m", 1), 1.0);
    }
}
