//! Sliding windows of the score, small enough for a snapshot: one cycle of f, five seconds of power every 50 ms. Fixed
//! memory, no allocation a tick.

/// Mean over the last `n` samples, summed anew each time so that no rounding error grows.
#[derive(Clone, Debug)]
pub(super) struct Mean {
    buf: Vec<f64>,
    at: usize,
}

impl Mean {
    pub(super) fn new(n: usize, first: f64) -> Self {
        Self { buf: vec![first; n.max(1)], at: 0 }
    }

    pub(super) fn push(&mut self, x: f64) -> f64 {
        self.buf[self.at] = x;
        self.at = (self.at + 1) % self.buf.len();
        self.buf.iter().sum::<f64>() / self.buf.len() as f64
    }

    pub(super) fn fill(&mut self, x: f64) {
        self.buf.fill(x);
    }
}

/// The sample that is `n` pushes old.
#[derive(Clone, Debug)]
pub(super) struct Delay {
    buf: Vec<f64>,
    at: usize,
}

impl Delay {
    pub(super) fn new(n: usize, first: f64) -> Self {
        Self { buf: vec![first; n.max(1)], at: 0 }
    }

    pub(super) fn push(&mut self, x: f64) -> f64 {
        let old = core::mem::replace(&mut self.buf[self.at], x);
        self.at = (self.at + 1) % self.buf.len();
        old
    }

    pub(super) fn fill(&mut self, x: f64) {
        self.buf.fill(x);
    }
}

/// Counts excursions: one begins when the value goes out after at least `rearm` ticks inside.
#[derive(Clone, Copy, Debug)]
pub(super) struct Excursion {
    inside: u32,
}

impl Default for Excursion {
    fn default() -> Self {
        Self { inside: u32::MAX }
    }
}

impl Excursion {
    /// `true` on the first sample of an excursion.
    pub(super) fn step(&mut self, out: bool, rearm: u32) -> bool {
        let begins = out && self.inside >= rearm;
        self.inside = if out { 0 } else { self.inside.saturating_add(1) };
        begins
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_and_delay_are_what_they_say() {
        let (mut m, mut d) = (Mean::new(4, 0.0), Delay::new(3, 0.0));
        let means: Vec<f64> = (1..=5).map(|k| m.push(f64::from(k))).collect();
        assert_eq!(means, [0.25, 0.75, 1.5, 2.5, 3.5]);
        let old: Vec<f64> = (1..=5).map(|k| d.push(f64::from(k))).collect();
        assert_eq!(old, [0.0, 0.0, 0.0, 1.0, 2.0]);
    }

    #[test]
    fn an_excursion_counts_once_until_it_has_rearmed() {
        let mut e = Excursion::default();
        let outs = [true, true, false, false, true, false, false, false, true];
        let begun: Vec<bool> = outs.iter().map(|o| e.step(*o, 3)).collect();
        assert_eq!(begun, [true, false, false, false, false, false, false, false, true]);
    }
}
