//! STEP NOW: the token bucket that turns step limit and refill into one number, the kW that may be added at this instant.
//!
//! `A(t+dt) = min(C, A + rho*dt) - max(0, dP)`, kW; `C` is a share of the step acceptance at the present load times the
//! rating, `rho` the refill in kW/s and `dP` the *measured* rise of the sources' power since the last control step, so a slam
//! past control drains it as a batch does. `A` stays within `[-C, C]`. It never looks at what was commanded; the caller
//! subtracts commands that are not yet visible.

use std::hash::Hasher;

use super::policy::NO_LIMIT;
use super::{IslandReading, Policy};

/// Load of an island's sources in pu of their rating; 0 with no rating.
#[must_use]
pub fn load_pu(island: &IslandReading) -> f64 {
    if island.rating_kw > 0.0 { island.kw / island.rating_kw } else { 0.0 }
}

/// Largest step that the sources of an island accept at their present load, kW. Gensets by the policy's curve; an inverter
/// that holds the island alone takes any step up to its rating.
#[must_use]
pub fn acceptance_kw(policy: &Policy, island: &IslandReading) -> f64 {
    let pu = if island.battery_alone { 1.0 } else { policy.acceptance_pu(load_pu(island)) };
    (pu * island.rating_kw).max(0.0)
}

/// How fast the bucket of an island fills, kW/s. An inverter has no turbocharger to wait for: its bucket is full again at the
/// next control step.
fn refill_kw_per_s(policy: &Policy, island: &IslandReading) -> f64 {
    if island.battery_alone { NO_LIMIT } else { policy.refill_kw_per_s.max(0.0) }
}

/// The bucket. Level and capacity in kW.
#[derive(Clone, Debug, Default)]
pub struct Bucket {
    level_kw: f64,
    capacity_kw: f64,
    last_kw: Option<f64>,
}

impl Bucket {
    /// Capacity at the measured load.
    #[must_use]
    pub fn capacity_at_kw(policy: &Policy, island: &IslandReading) -> f64 {
        policy.bucket_share * acceptance_kw(policy, island)
    }

    /// The bucket of an island that has just come to be: empty, because what its sources went through is not known.
    #[must_use]
    pub fn empty(kw: f64) -> Self {
        Self { last_kw: Some(kw), ..Self::default() }
    }

    /// One control step of `dt_s`. The first call fills a bucket that is not [`Self::empty`].
    pub fn update(&mut self, policy: &Policy, island: &IslandReading, dt_s: f64) {
        self.capacity_kw = Self::capacity_at_kw(policy, island);
        self.level_kw = match self.last_kw {
            None => self.capacity_kw,
            Some(last) => {
                let filled = (self.level_kw + refill_kw_per_s(policy, island) * dt_s).min(self.capacity_kw);
                (filled - (island.kw - last).max(0.0)).max(-self.capacity_kw)
            }
        };
        self.last_kw = Some(island.kw);
    }

    /// The sources' power is another quantity from now on, by so many kW: no step.
    pub fn rebase(&mut self, kw: f64) {
        self.last_kw = self.last_kw.map(|last| last + kw);
    }

    /// Level, kW: what may be stepped now. Negative after a step past the acceptance.
    #[must_use]
    pub fn level_kw(&self) -> f64 {
        self.level_kw
    }

    /// Level `s` seconds from now, if power stays where it is.
    #[must_use]
    pub fn level_in_kw(&self, policy: &Policy, island: &IslandReading, s: f64) -> f64 {
        (self.level_kw + refill_kw_per_s(policy, island) * s).min(self.capacity_kw)
    }

    /// Capacity at the load of the last update, kW.
    #[must_use]
    pub fn capacity_kw(&self) -> f64 {
        self.capacity_kw
    }

    /// Feeds the whole state to a hash.
    pub fn hash_into(&self, h: &mut impl Hasher) {
        h.write_u64(self.level_kw.to_bits());
        h.write_u64(self.capacity_kw.to_bits());
        h.write_u64(self.last_kw.unwrap_or(f64::MAX).to_bits());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> Policy {
        Policy::recommended(1000.0, super::super::tests::LEAN_DEFAULT.to_vec(), 16.0)
    }

    fn at(kw: f64) -> IslandReading {
        IslandReading { kw, rating_kw: 1000.0, ..IslandReading::default() }
    }

    #[test]
    fn drains_with_measured_rise_and_refills() {
        let (p, mut b) = (policy(), Bucket::default());
        b.update(&p, &at(500.0), 0.1);
        assert!((b.level_kw() - 91.0).abs() < 1e-9, "0.65 of 14 % of 1000 kW");
        b.update(&p, &at(550.0), 0.1);
        assert!((b.level_kw() - 41.0).abs() < 1e-9);
        b.update(&p, &at(540.0), 0.1);
        assert!((b.level_kw() - 42.6).abs() < 1e-9, "a fall gives nothing back, the refill does");
        (0..40).for_each(|_| b.update(&p, &at(540.0), 0.1));
        assert!((b.level_kw() - b.capacity_kw()).abs() < 1e-9);
    }

    #[test]
    fn stays_within_plus_and_minus_its_capacity() {
        let (p, mut b) = (policy(), Bucket::default());
        b.update(&p, &at(0.0), 0.1);
        b.update(&p, &at(900.0), 0.1);
        assert_eq!(b.level_kw(), -b.capacity_kw());
        b.update(&p, &IslandReading::default(), 0.1);
        assert_eq!((b.level_kw(), b.capacity_kw()), (0.0, 0.0));
    }
    #[test]
    fn a_battery_alone_accepts_up_to_its_rating_and_is_ready_again_at_once() {
        let (p, mut b) = (policy(), Bucket::default());
        let island = |kw| IslandReading { kw, rating_kw: 100.0, battery_alone: true, ..IslandReading::default() };
        b.update(&p, &island(0.0), 0.1);
        assert_eq!(b.level_kw(), 65.0);
        b.update(&p, &island(40.0), 0.1);
        b.update(&p, &island(40.0), 0.1);
        assert_eq!(b.level_kw(), 65.0);
    }

    #[test]
    fn an_island_that_has_just_come_to_be_fills_from_nothing() {
        let (p, mut b) = (policy(), Bucket::empty(500.0));
        b.update(&p, &at(500.0), 0.1);
        assert!((b.level_kw() - 1.6).abs() < 1e-9, "{}", b.level_kw());
    }
}
