//! What the meters of a record resolve, and how noisy they are, told from the record itself.

use super::record::Record;

/// A frequency meter is taken to be no better than this, Hz.
const BEST_HZ: f64 = 0.0005;
/// Of a normal distribution: median of |x| over its standard deviation.
const MEDIAN_OF_NORMAL: f64 = 0.6745;

/// A frequency meter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Meter {
    /// Step of its values, Hz; 0 where none shows.
    pub step_hz: f64,
    /// Standard deviation of noise and rounding from row to row, Hz.
    pub noise_hz: f64,
    /// Rows that show the same value, on average: their rounding is alike.
    pub still_rows: f64,
}

impl Meter {
    /// Of a record.
    #[must_use]
    pub fn of(record: &Record) -> Self {
        let f = &record.f_hz;
        let mut moves: Vec<f64> = f.windows(2).map(|w| (w[1] - w[0]).abs()).filter(|d| *d > 1e-7).collect();
        moves.sort_by(f64::total_cmp);
        let step_hz = step(&moves);
        let runs = 1 + f.windows(2).filter(|w| w[0] != w[1]).count();
        Self {
            step_hz,
            noise_hz: noise(f).max(step_hz / libm::sqrt(12.0)).max(BEST_HZ),
            still_rows: f.len() as f64 / runs as f64,
        }
    }
}

/// Standard deviation of the noise from row to row: second differences, in which what a quantity does over several rows is gone.
pub(super) fn noise(x: &[f64]) -> f64 {
    let mut bends: Vec<f64> = x.windows(3).map(|w| (w[2] - 2.0 * w[1] + w[0]).abs()).collect();
    bends.sort_by(f64::total_cmp);
    bends.get(bends.len() / 2).copied().unwrap_or(0.0) / MEDIAN_OF_NORMAL / libm::sqrt(6.0)
}

/// The step of which all moves are multiples: the least of them, where most are; 0 otherwise. `moves` rise.
fn step(moves: &[f64]) -> f64 {
    let Some(least) = moves.first().copied() else { return 0.0 };
    let is_multiple = |d: f64| {
        let n = d / least;
        (n - n.round()).abs() < 0.05 * n.clamp(1.0, 5.0)
    };
    let n = moves.iter().filter(|d| is_multiple(**d)).count();
    if n * 10 >= moves.len() * 9 { least } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plant::random::Sequence;

    #[test]
    fn resolution_and_noise_are_told_from_the_rows() {
        let mut random = Sequence::new(4);
        let mut with = |step: f64, noise: f64| {
            let f = |k: usize| 60.0 + 0.4 * libm::sin(k as f64 * 0.05);
            let round = |x: f64| if step > 0.0 { (x / step).round() * step } else { x };
            Meter::of(&Record::new((0..600).map(|k| [k as f64 * 0.1, round(f(k) + noise * random.normal()), 500.0])))
        };
        let coarse = with(0.1, 0.0);
        assert!((coarse.step_hz - 0.1).abs() < 1e-9 && coarse.still_rows > 2.0, "{coarse:?}");
        let fine = with(0.001, 0.0);
        assert!((fine.step_hz - 0.001).abs() < 1e-9 && fine.noise_hz < 0.002, "{fine:?}");
        let noisy = with(0.0, 0.02);
        assert!(noisy.step_hz == 0.0 && (noisy.noise_hz / 0.02 - 1.0).abs() < 0.2, "{noisy:?}");
    }
}
