//! Power-supply ride-through of the loads behind a feeder.
//!
//! Supplies drop out below 0.9 pu for 0.5 s or 0.7 pu for 20 ms (defaults). Miners come back by themselves, GPU jobs
//! do not. Source: ITIC-like defaults of power supplies (expert default).

use super::config::PsuRideThrough;

/// What a section's supplies do at this instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Supply {
    /// Nothing new.
    Steady,
    /// They drop out now.
    DropsOut,
    /// The voltage is back.
    Returns,
}

/// Timers of the supplies behind one feeder.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RideThrough {
    /// Ticks below the slow and the fast threshold.
    slow: u32,
    fast: u32,
    out: bool,
    /// They dropped out because of the bus, not of their own feeder; the plant sets it.
    pub by_bus: bool,
}

impl PsuRideThrough {
    /// Whether supplies that are up stay up at voltage `v` with no timer running.
    #[inline]
    #[must_use]
    pub fn is_good(&self, v: f64) -> bool {
        v >= self.slow_pu || (!self.enabled && v > 0.0)
    }
}

impl RideThrough {
    /// One tick at voltage `v` (0 behind an open feeder and on a dead bus). Supplies that ride through everything still
    /// need a voltage.
    pub fn step(&mut self, psu: &PsuRideThrough, v: f64, tick_s: f64) -> Supply {
        let v = if !psu.enabled && v > 0.0 { psu.slow_pu } else { v };
        if v >= psu.slow_pu && !self.out {
            (self.slow, self.fast) = (0, 0);
            return Supply::Steady;
        }
        self.slow = if v < psu.slow_pu { self.slow.saturating_add(1) } else { 0 };
        self.fast = if v < psu.fast_pu { self.fast.saturating_add(1) } else { 0 };
        // Half a tick less, so that no rounding decides between two ticks.
        let past = |ticks: u32, s: f64| ticks > 0 && (f64::from(ticks) + 0.5) * tick_s >= s;
        if self.out {
            if v >= psu.slow_pu {
                self.out = false;
                return Supply::Returns;
            }
        } else if past(self.slow, psu.slow_s) || past(self.fast, psu.fast_s) {
            self.out = true;
            return Supply::DropsOut;
        }
        Supply::Steady
    }

    /// Whether they are up and no timer runs.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        !self.out && (self.slow, self.fast) == (0, 0)
    }

    /// The feeder opens: they are out at once, until there is a voltage again.
    pub fn cut(&mut self) {
        (self.out, self.by_bus) = (true, false);
    }

    /// Feeds the state into a hash.
    pub fn hash_into(&self, h: &mut impl core::hash::Hasher) {
        h.write_u32(self.slow);
        h.write_u32(self.fast);
        h.write_u8(u8::from(self.out) | u8::from(self.by_bus) << 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PSU: PsuRideThrough =
        PsuRideThrough { enabled: true, slow_pu: 0.9, slow_s: 0.5, fast_pu: 0.7, fast_s: 0.02, miner_restart_s: 10.0 };

    fn ticks_to_drop(v: f64) -> Option<u32> {
        let mut r = RideThrough::default();
        (1..2000).find(|_| r.step(&PSU, v, 0.001) == Supply::DropsOut)
    }

    #[test]
    fn drops_at_its_two_thresholds() {
        assert_eq!(ticks_to_drop(0.91), None);
        assert_eq!(ticks_to_drop(0.89), Some(500));
        assert_eq!(ticks_to_drop(0.69), Some(20));
    }

    #[test]
    fn supplies_that_ride_through_everything_fall_and_return_with_the_bus() {
        let psu = PsuRideThrough { enabled: false, ..PSU };
        let mut r = RideThrough::default();
        assert!((0..2000).all(|_| r.step(&psu, 0.3, 0.001) == Supply::Steady));
        assert!((0..100).any(|_| r.step(&psu, 0.0, 0.001) == Supply::DropsOut));
        assert_eq!(r.step(&psu, 0.3, 0.001), Supply::Returns);
    }

    #[test]
    fn returns_once() {
        let mut r = RideThrough::default();
        (0..100).for_each(|_| _ = r.step(&PSU, 0.0, 0.001));
        assert_eq!(r.step(&PSU, 1.0, 0.001), Supply::Returns);
        assert_eq!(r.step(&PSU, 1.0, 0.001), Supply::Steady);
    }
}
