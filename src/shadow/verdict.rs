//! Whether the model follows the plant: one watch a signal, from residuals in units of sigma. Pure, time in seconds.
//!
//! *Diverged*: outside twice the band for [`OUTSIDE_S`]. *Drifts*: a two-sided CUSUM, which adds up what a residual is
//! beyond half the band, has reached [`DRIFT_S`]: small, but always to the same side. Back to *follows* only after
//! [`CALM_S`] within the band.

/// How well the model follows, best first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Residuals stay within their bands.
    #[default]
    Follows,
    /// One stays to the same side for long.
    Drifts,
    /// One is far outside its band.
    Diverged,
}

impl Verdict {
    /// One word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Follows => "follows",
            Self::Drifts => "drifts",
            Self::Diverged => "diverged",
        }
    }
}

/// Band, in sigma.
pub const BAND: f64 = 3.0;
/// Seconds outside twice the band until the model has diverged.
const OUTSIDE_S: f64 = 2.0;
/// What the CUSUM lets pass, in sigma.
const SLACK: f64 = BAND / 2.0;
/// Where the CUSUM alarms, sigma seconds beyond the slack.
const DRIFT_S: f64 = 20.0;
/// Seconds within the band until a verdict is taken back.
const CALM_S: f64 = 60.0;

/// Watches one residual.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Watch {
    outside_s: f64,
    up_s: f64,
    down_s: f64,
    calm_s: f64,
    worst: f64,
    state: Verdict,
}

impl Watch {
    /// The verdict now.
    #[must_use]
    pub fn state(&self) -> Verdict {
        self.state
    }

    /// Whether nothing adds up towards a worse verdict: the residuals are what is normal, and may be learnt from.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.state == Verdict::Follows && self.up_s.max(self.down_s) < DRIFT_S / 4.0 && self.outside_s == 0.0
    }

    /// The residual that was furthest off, in sigma, since the model ceased to follow.
    #[must_use]
    pub fn worst(&self) -> f64 {
        self.worst
    }

    /// The model starts anew: what has added up is void, the verdict stays until it has been calm.
    pub fn restart(&mut self) {
        *self = Self { worst: self.worst, state: self.state, ..Self::default() };
    }

    /// The model has lost the plant altogether.
    pub fn lost(&mut self, z: f64) {
        self.restart();
        self.raise(Verdict::Diverged, z);
    }

    /// Takes a residual of `z` sigma that held for `dt_s`.
    pub fn take(&mut self, z: f64, dt_s: f64) {
        let z_up = z.clamp(-2.0 * BAND, 2.0 * BAND);
        // Full sums fade, so that a long divergence does not take as long to be forgotten.
        let sum = |s: f64, z: f64| (s + (z - SLACK) * dt_s).clamp(0.0, 2.0 * DRIFT_S);
        (self.up_s, self.down_s) = (sum(self.up_s, z_up), sum(self.down_s, -z_up));
        let step = if z.abs() > 2.0 * BAND { dt_s } else { -dt_s / 2.0 };
        self.outside_s = (self.outside_s + step).clamp(0.0, 2.0 * OUTSIDE_S);
        if self.outside_s >= OUTSIDE_S {
            self.raise(Verdict::Diverged, z);
        } else if self.up_s.max(self.down_s) >= DRIFT_S {
            self.raise(Verdict::Drifts, z);
        } else if z.abs() <= BAND {
            self.calm_s += dt_s;
            if self.calm_s >= CALM_S {
                (self.state, self.worst) = (Verdict::Follows, 0.0);
            }
            return;
        }
        self.calm_s = 0.0;
    }

    fn raise(&mut self, to: Verdict, z: f64) {
        self.state = self.state.max(to);
        self.calm_s = 0.0;
        if z.abs() > self.worst.abs() {
            self.worst = z;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plant::random::Sequence;

    fn seconds_until(z: f64, want: Verdict) -> Option<f64> {
        let mut w = Watch::default();
        (1..6000)
            .find(|_| {
                w.take(z, 0.1);
                w.state() == want
            })
            .map(|k| f64::from(k) * 0.1)
    }

    #[test]
    fn far_outside_diverges_at_once_and_a_small_offset_drifts() {
        assert_eq!(seconds_until(7.0, Verdict::Diverged), Some(2.0));
        // (2.5 - 1.5) adds up to 20 in 20 s
        assert!(seconds_until(-2.5, Verdict::Drifts).is_some_and(|s| (s - 20.0).abs() < 0.15));
        assert_eq!(seconds_until(1.4, Verdict::Drifts), None);
    }

    #[test]
    fn ten_minutes_of_noise_follow() {
        let (mut w, mut random) = (Watch::default(), Sequence::new(3));
        for _ in 0..6000 {
            w.take(random.normal(), 0.1);
            assert_eq!(w.state(), Verdict::Follows);
        }
    }

    #[test]
    fn a_verdict_is_taken_back_after_a_calm_minute_only() {
        let mut w = Watch::default();
        (0..100).for_each(|_| w.take(-9.0, 0.1));
        (0..590).for_each(|_| w.take(0.0, 0.1));
        assert_eq!((w.state(), w.worst(), w.is_quiet()), (Verdict::Diverged, -9.0, false));
        (0..150).for_each(|_| w.take(0.0, 0.1));
        assert_eq!((w.state(), w.worst(), w.is_quiet()), (Verdict::Follows, 0.0, true));
    }
}
