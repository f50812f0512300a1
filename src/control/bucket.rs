//! STEP NOW: the token bucket that turns step limit and refill into one number, the kW that may be added at this instant.
//!
//! `A(t+dt) = min(C, A + rho*dt) - max(0, dP)`, kW; `C` is a share of the step acceptance at the present load times the
//! rating, `rho` the refill in kW/s and `dP` the *measured* rise of genset power since the last control step, so a slam
//! past control drains it as a batch does. `A` stays within `[-C, C]`. It never looks at what was commanded; the caller
//! subtracts commands that are not yet visible.

use std::hash::Hasher;

use super::{Measured, Policy};

/// Load of the gensets in pu of the rating on the bus; 0 with no rating.
#[must_use]
pub fn load_pu(m: &Measured) -> f64 {
    if m.rating_kw > 0.0 { m.gen_kw / m.rating_kw } else { 0.0 }
}

/// The bucket. Level and capacity in kW.
#[derive(Clone, Debug, Default)]
pub struct Bucket {
    level_kw: f64,
    capacity_kw: f64,
    last_gen_kw: Option<f64>,
}

impl Bucket {
    /// Capacity at the measured load.
    #[must_use]
    pub fn capacity_at_kw(policy: &Policy, m: &Measured) -> f64 {
        (policy.bucket_share * policy.acceptance_pu(load_pu(m)) * m.rating_kw).max(0.0)
    }

    /// One control step of `dt_s`. The first call fills the bucket.
    pub fn update(&mut self, policy: &Policy, m: &Measured, dt_s: f64) {
        self.capacity_kw = Self::capacity_at_kw(policy, m);
        self.level_kw = match self.last_gen_kw {
            None => self.capacity_kw,
            Some(last) => {
                let filled = (self.level_kw + policy.refill_kw_per_s.max(0.0) * dt_s).min(self.capacity_kw);
                (filled - (m.gen_kw - last).max(0.0)).max(-self.capacity_kw)
            }
        };
        self.last_gen_kw = Some(m.gen_kw);
    }

    /// Level, kW: what may be stepped now. Negative after a step past the acceptance.
    #[must_use]
    pub fn level_kw(&self) -> f64 {
        self.level_kw
    }

    /// Level `s` seconds from now, if power stays where it is.
    #[must_use]
    pub fn level_in_kw(&self, policy: &Policy, s: f64) -> f64 {
        (self.level_kw + policy.refill_kw_per_s.max(0.0) * s).min(self.capacity_kw)
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
        h.write_u64(self.last_gen_kw.unwrap_or(f64::MAX).to_bits());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> Policy {
        Policy::recommended(1000.0, super::super::tests::LEAN_DEFAULT.to_vec(), 16.0)
    }

    fn at(gen_kw: f64) -> Measured {
        Measured { gen_kw, rating_kw: 1000.0, ..Measured::default() }
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
        b.update(&p, &Measured::default(), 0.1);
        assert_eq!((b.level_kw(), b.capacity_kw()), (0.0, 0.0));
    }
}
