//! How far the unknowns of a solution may be off, from its residuals: covariance and its Student factor.
//!
//! Residuals of neighbouring rows are alike, and largest where something happens. So two estimates are made and the larger one
//! counts, unknown by unknown: the inverse Hessian about the scores' covariance as the residuals' autocorrelation has it,
//! were they the same all along; and about the scores' own covariance with a Bartlett window (Newey and West, 1987), not less
//! than what the rounding of the meter leaves. A slow drift of the residuals thus widens what acts slowly, and leaves what
//! acts quickly. Beside it stands an allowance for structures that are not among those tried.

use super::meters::Meter;
use super::solve::{self, Matrix, Solution};

/// Half width of the window over which scores may be alike, in autocorrelation times.
const WINDOW: f64 = 4.0;
/// Share of the record over which residuals may be alike, at most; and rows.
const LAGS: (usize, usize) = (4, 600);
/// What structures that are not tried make of a parameter, as a factor of e (of the droop, which is read from where
/// frequency rests). A guess, set by hand; twenty plants of other integrators were used to tune it, so that they are no proof.
const ALLOWANCE: f64 = 0.04;
const ALLOWANCE_DROOP: f64 = 0.015;

/// Result.
#[derive(Clone, Debug, PartialEq)]
pub struct Spread {
    /// Half width of the 95 % interval of each unknown, in u.
    pub half: Vec<f64>,
    /// Covariance that belongs to the larger estimate of most, for correlations.
    pub covariance: Matrix,
    /// Rows that are worth one.
    pub rows_alike: f64,
}

/// Of a solution with these priors; `meter` in units of the residuals' scale `unit_hz`, the first `free` unknowns being those
/// that cost a degree of freedom.
pub fn spread(s: &Solution, sd: &[f64], free: usize, meter: &Meter, unit_hz: f64) -> Spread {
    let n = s.r.len() as f64;
    let rows_alike = correlation_time(&s.r);
    let jtj = solve::products(&s.columns);
    let prior = |m: &mut Matrix| sd.iter().enumerate().for_each(|(j, sd)| m[j][j] += 1.0 / (sd * sd));
    let mut hessian = jtj.clone();
    prior(&mut hessian);
    let inverse = solve::inverse(&hessian).unwrap_or_default();
    let about = |mut middle: Matrix| {
        prior(&mut middle);
        if inverse.is_empty() { Matrix::new() } else { solve::between(&inverse, &middle) }
    };
    // Fitted residuals are smaller than those of the truth.
    let lost = n / (n - free as f64).max(1.0);
    let steady = about(middle(&s.columns, &stationary(&s.columns, &s.r, lost)));
    let local = about(scores(s, rows_alike, meter, unit_hz, &jtj));
    let at = |m: &Matrix, j: usize| m.get(j).map_or(f64::INFINITY, |row| row[j].max(0.0));
    let independent = (n / correlation_time(&whitened(&s.r, next(&s.r))) - free as f64).max(3.0);
    let factor = student_95(independent);
    let half = (0..sd.len()).map(|j| factor * libm::sqrt(at(&steady, j).max(at(&local, j)))).collect();
    Spread { half, covariance: steady, rows_alike }
}

/// An interval with what other structures would make of it.
pub fn allowed(half: f64, droop: bool) -> f64 {
    let more = if droop { ALLOWANCE_DROOP } else { ALLOWANCE };
    libm::sqrt(half * half + more * more)
}

/// Correlation of a residual with the next one.
pub fn next(r: &[f64]) -> f64 {
    let square: f64 = r.iter().map(|x| x * x).sum();
    let after: f64 = r.windows(2).map(|w| w[0] * w[1]).sum();
    if square > 0.0 { (after / square).clamp(0.0, 0.99) } else { 0.0 }
}

/// What is new in each residual, where one carries so much over to the next.
pub fn whitened(r: &[f64], next: f64) -> Vec<f64> {
    r.windows(2).map(|w| w[1] - next * w[0]).collect()
}

/// The columns, each row with its neighbours as far as residuals are alike.
fn stationary(columns: &Matrix, r: &[f64], lost: f64) -> Matrix {
    let n = r.len();
    let lags = (n / LAGS.0).min(LAGS.1).max(1);
    let cov = |k: usize| r.iter().zip(&r[k..]).map(|(a, b)| a * b).sum::<f64>() / n as f64;
    let taper = |k: usize| 1.0 - k as f64 / lags as f64;
    let alike: Vec<f64> = (0..lags).map(|k| lost * taper(k) * cov(k)).collect();
    let around = |x: &[f64], t: usize| {
        let (from, to) = ((t + 1).saturating_sub(lags), (t + lags - 1).min(n - 1));
        (from..=to).map(|i| alike[i.abs_diff(t)] * x[i]).sum()
    };
    columns.iter().map(|x| (0..n).map(|t| around(x, t)).collect()).collect()
}

fn middle(columns: &Matrix, smooth: &Matrix) -> Matrix {
    columns.iter().map(|a| smooth.iter().map(|b| a.iter().zip(b).map(|(x, y)| x * y).sum()).collect()).collect()
}

/// Covariance of the scores as they are.
fn scores(s: &Solution, rows_alike: f64, meter: &Meter, unit_hz: f64, jtj: &Matrix) -> Matrix {
    let scores: Vec<Vec<f64>> = s.columns.iter().map(|c| c.iter().zip(&s.r).map(|(j, r)| j * r).collect()).collect();
    let window = (WINDOW * rows_alike).ceil().min(s.r.len() as f64 / 2.0) as usize;
    let smooth: Vec<Vec<f64>> = scores.iter().map(|x| bartlett(x, window)).collect();
    // Rounding leaves a twelfth of the step squared, alike for as long as the meter stands still.
    let rounding = meter.step_hz / unit_hz;
    let rounding = rounding * rounding / 12.0 * meter.still_rows;
    let mut middle: Matrix = jtj.iter().map(|row| row.iter().map(|x| x * rounding).collect()).collect();
    for (i, row) in middle.iter_mut().enumerate() {
        for (j, m) in row.iter_mut().enumerate() {
            *m += smooth[i].iter().zip(&scores[j]).map(|(a, b)| a * b).sum::<f64>();
        }
    }
    middle
}

/// Each value with its neighbours on both sides, weighed by a triangle of this half width.
fn bartlett(x: &[f64], window: usize) -> Vec<f64> {
    let weight = |lag: usize| 1.0 - lag as f64 / (window + 1) as f64;
    let around = |k: usize| {
        let (from, to) = (k.saturating_sub(window), (k + window).min(x.len() - 1));
        (from..=to).map(|i| weight(i.abs_diff(k)) * x[i]).sum()
    };
    (0..x.len()).map(around).collect()
}

/// Integrated autocorrelation time of the residuals, in rows; at least 1.
pub(super) fn correlation_time(r: &[f64]) -> f64 {
    let square: f64 = r.iter().map(|x| x * x).sum();
    if square <= 0.0 {
        return 1.0;
    }
    let at = |lag: usize| r.iter().zip(&r[lag..]).map(|(a, b)| a * b).sum::<f64>() / square;
    (1..r.len() / 4).map(at).take_while(|c| *c > 0.1).fold(1.0, |sum, c| sum + 2.0 * c)
}

/// Two-sided 95 % point of Student's t (table; beyond it within 2 %).
pub(super) fn student_95(freedom: f64) -> f64 {
    const TABLE: [f64; 10] = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
    if !(freedom >= 1.0) {
        return f64::NAN;
    }
    TABLE.get(freedom as usize - 1).copied().unwrap_or(1.96 + 2.6 / freedom)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plant::random::Sequence;

    #[test]
    fn white_rows_count_one_by_one_and_alike_ones_do_not() {
        let mut random = Sequence::new(1);
        let white: Vec<f64> = (0..4000).map(|_| random.normal()).collect();
        assert!((correlation_time(&white) - 1.0).abs() < 1e-9);
        // AR(1) with 0.8: (1 + 0.8)/(1 - 0.8) = 9
        let mut x = 0.0;
        let red: Vec<f64> = white
            .iter()
            .map(|w| {
                x = 0.8 * x + w;
                x
            })
            .collect();
        let t = correlation_time(&red);
        assert!((6.5..11.0).contains(&t), "{t}");
    }

    #[test]
    fn the_spread_of_a_mean_is_that_of_its_rows() {
        let mut random = Sequence::new(2);
        let r: Vec<f64> = (0..400).map(|_| random.normal()).collect();
        let n = r.len() as f64;
        let s = Solution { u: vec![0.0], first: r.clone(), columns: vec![vec![1.0; r.len()]], evaluations: 0, r };
        let meter = Meter { step_hz: 0.0, noise_hz: 1.0, still_rows: 1.0 };
        let half = spread(&s, &[1e6], 1, &meter, 1.0).half[0];
        let want = 1.96 / libm::sqrt(n);
        assert!((half / want - 1.0).abs() < 0.25, "{half}, not {want}");
    }
}
