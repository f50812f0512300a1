//! How far a residual usually strays: a learnt band of three sigma, and the residual's RMS. Pure, time in seconds.
//!
//! Sigma is about zero, not about the mean: an offset is a residual too. It starts from what meters and sampling alone
//! explain, that guess weighing as much as [`PRIOR_S`] of data, and forgets over [`MEMORY_S`]. A sample counts for
//! three sigma at most (Huber), so that a transient does not widen what is normal.

/// Seconds over which sigma forgets, once they have passed.
pub const MEMORY_S: f64 = 3600.0;
/// Seconds of data that the first guess weighs.
const PRIOR_S: f64 = 60.0;
/// Seconds over which the RMS forgets.
const RMS_S: f64 = 60.0;

/// What a signal's band starts from and stays within.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// First guess of sigma.
    pub start: f64,
    /// Least sigma: what meters resolve.
    pub least: f64,
    /// Most: a model that strays further explains nothing.
    pub most: f64,
}

/// Running statistics of one residual.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    limits: Limits,
    variance: f64,
    square: f64,
    learnt_s: f64,
    seen_s: f64,
}

impl Band {
    /// Nothing learnt yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, variance: limits.start * limits.start, square: 0.0, learnt_s: 0.0, seen_s: 0.0 }
    }

    /// The same limits with nothing learnt.
    #[must_use]
    pub fn anew(&self) -> Self {
        Self::new(self.limits)
    }

    /// One sigma.
    #[must_use]
    pub fn sigma(&self) -> f64 {
        libm::sqrt(self.variance).clamp(self.limits.least, self.limits.most)
    }

    /// How much of its memory is filled, 0 to 1.
    #[must_use]
    pub fn learnt(&self) -> f64 {
        (self.learnt_s / MEMORY_S).min(1.0)
    }

    /// Root mean square of the residual over the last minute or so.
    #[must_use]
    pub fn rms(&self) -> f64 {
        libm::sqrt(self.square)
    }

    /// Takes a residual that held for `dt_s`; `learn` from it only while the model follows, or an offset becomes normal.
    pub fn take(&mut self, residual: f64, dt_s: f64, learn: bool) {
        self.seen_s += dt_s;
        self.square += (residual * residual - self.square) * (dt_s / self.seen_s.min(RMS_S)).min(1.0);
        if learn {
            let most = 3.0 * self.sigma();
            let r = residual.clamp(-most, most);
            self.learnt_s += dt_s;
            self.variance += (r * r - self.variance) * dt_s / (PRIOR_S + self.learnt_s).min(MEMORY_S);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plant::random::Sequence;

    const LIMITS: Limits = Limits { start: 0.1, least: 0.001, most: 0.5 };

    #[test]
    fn it_learns_the_sigma_of_noise_and_outliers_hardly_matter() {
        let (mut clean, mut dirty) = (Band::new(LIMITS), Band::new(LIMITS));
        let mut random = Sequence::new(7);
        for k in 0..36_000 {
            let r = 0.02 * random.normal();
            clean.take(r, 0.1, true);
            dirty.take(if k % 500 == 0 { 5.0 } else { r }, 0.1, true);
        }
        assert!((clean.sigma() / 0.02 - 1.0).abs() < 0.2, "{}", clean.sigma());
        assert!(dirty.sigma() < 1.2 * clean.sigma(), "{} of {}", dirty.sigma(), clean.sigma());
        assert!((clean.rms() / 0.02 - 1.0).abs() < 0.15, "{}", clean.rms());
        assert!(clean.learnt() > 0.999);
    }

    #[test]
    fn a_minute_has_hardly_moved_the_first_guess() {
        let mut b = Band::new(LIMITS);
        (0..600).for_each(|_| b.take(0.0, 0.1, true));
        assert!(b.sigma() > 0.06 && b.learnt() < 0.02);
        (0..600).for_each(|_| b.take(9.0, 0.1, false));
        assert!(b.sigma() < 0.1 && b.rms() > 5.0, "what is not learnt shows in the RMS");
    }
}
