//! Power-supply ride-through of the loads on a bus section.
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

/// Timers of one section.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RideThrough {
    /// Ticks below the slow and the fast threshold.
    slow: u32,
    fast: u32,
    out: bool,
}

impl RideThrough {
    /// One tick at voltage `v` (0 for a dead bus).
    pub fn step(&mut self, psu: &PsuRideThrough, v: f64, tick_s: f64) -> Supply {
        if !psu.enabled && v > 0.0 {
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

    /// Feeds the state into a hash.
    pub fn hash_into(&self, h: &mut impl core::hash::Hasher) {
        h.write_u32(self.slow);
        h.write_u32(self.fast);
        h.write_u8(u8::from(self.out));
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
    fn returns_once() {
        let mut r = RideThrough::default();
        (0..100).for_each(|_| _ = r.step(&PSU, 0.0, 0.001));
        assert_eq!(r.step(&PSU, 1.0, 0.001), Supply::Returns);
        assert_eq!(r.step(&PSU, 1.0, 0.001), Supply::Steady);
    }
}
