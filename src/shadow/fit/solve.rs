//! Least squares with a weak prior: Levenberg-Marquardt on a handful of unknowns, and the Cholesky factor it needs.
//!
//! Minimises `sum r_i(u)^2 + sum ((u_j - 0)/sd_j)^2` from a start. Deterministic: forward differences, fixed damping rules,
//! no chance. Of the last unknowns the derivatives may be known: they cost no evaluation. Reference: Nocedal and Wright, Numerical Optimization, ch. 10.

/// A symmetric matrix by rows.
pub type Matrix = Vec<Vec<f64>>;

/// Step of the forward differences, in units of u.
const STEP: f64 = 0.01;
/// Longest move of an unknown in a round.
const LONGEST: f64 = 1.0;
/// Rounds at most.
const ROUNDS: usize = 20;
/// A round that gains less than this share of the cost is the last.
const GAIN: f64 = 1e-4;

/// Where the search ended.
#[derive(Clone, Debug)]
pub struct Solution {
    /// Unknowns.
    pub u: Vec<f64>,
    /// Residuals at the start.
    pub first: Vec<f64>,
    /// Residuals there.
    pub r: Vec<f64>,
    /// Derivatives of the residuals there, a column an unknown.
    pub columns: Vec<Vec<f64>>,
    /// How often residuals were computed.
    pub evaluations: usize,
}

/// Searches from `start`; `sd` are the standard deviations of the prior, `bounds` what each unknown stays within. `known` gives
/// the derivatives by as many of the last unknowns as it likes.
pub fn least_squares(
    residuals: impl Fn(&[f64]) -> Vec<f64>,
    known: impl Fn(&[f64]) -> Matrix,
    start: &[f64],
    sd: &[f64],
    bounds: &[[f64; 2]],
) -> Solution {
    let n = sd.len();
    let cost = |u: &[f64], r: &[f64]| {
        r.iter().map(|x| x * x).sum::<f64>() + u.iter().zip(sd).map(|(u, s)| (u / s) * (u / s)).sum::<f64>()
    };
    let mut u = start.to_vec();
    let mut r = residuals(&u);
    let first = r.clone();
    let mut now = cost(&u, &r);
    let (mut damping, mut evaluations) = (1e-2, 1);
    let mut columns: Vec<Vec<f64>>;
    let mut rounds = 0;
    loop {
        let last = known(&u);
        let differences = n - last.len();
        columns = (0..differences)
            .map(|j| {
                let mut moved = u.clone();
                // Away from the nearer bound.
                let step = if u[j] + STEP > bounds[j][1] { -STEP } else { STEP };
                moved[j] += step;
                residuals(&moved).iter().zip(&r).map(|(a, b)| (a - b) / step).collect()
            })
            .chain(last)
            .collect();
        evaluations += differences;
        let jtj = products(&columns);
        let gradient: Vec<f64> = (0..n).map(|j| dot(&columns[j], &r) + u[j] / (sd[j] * sd[j])).collect();
        rounds += 1;
        let mut gained = 0.0;
        // Damped more and more until a step gains something; a step that is damped this much is none.
        while damping < 1e4 && rounds <= ROUNDS {
            let mut a = jtj.clone();
            for j in 0..n {
                a[j][j] += 1.0 / (sd[j] * sd[j]);
                a[j][j] *= 1.0 + damping;
            }
            let Some(step) = solve(&a, &gradient) else { break };
            let next: Vec<f64> =
                (0..n).map(|j| (u[j] - step[j].clamp(-LONGEST, LONGEST)).clamp(bounds[j][0], bounds[j][1])).collect();
            let there = residuals(&next);
            evaluations += 1;
            let c = cost(&next, &there);
            if c < now {
                gained = (now - c) / now;
                (u, r, now) = (next, there, c);
                damping = (damping / 5.0).max(1e-9);
                break;
            }
            damping *= 5.0;
        }
        if gained < GAIN {
            break;
        }
    }
    Solution { u, first, r, columns, evaluations }
}

/// Every column times every column.
pub fn products(columns: &[Vec<f64>]) -> Matrix {
    columns.iter().map(|a| columns.iter().map(|b| dot(a, b)).collect()).collect()
}

/// `a b a` of symmetric matrices.
pub fn between(a: &Matrix, b: &Matrix) -> Matrix {
    let times =
        |x: &Matrix, y: &Matrix| x.iter().map(|row| y.iter().map(|c| dot(row, c)).collect()).collect::<Matrix>();
    // Rows of a symmetric matrix are its columns; a b is not symmetric, so it comes first.
    times(&times(a, b), a)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Lower factor of a symmetric positive definite matrix.
fn cholesky(a: &Matrix) -> Option<Matrix> {
    let n = a.len();
    let mut l = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let s = a[i][j] - dot(&l[i][..j], &l[j][..j]);
            if i == j {
                l[i][i] = (s > 0.0).then(|| libm::sqrt(s))?;
            } else {
                l[i][j] = s / l[j][j];
            }
        }
    }
    Some(l)
}

/// Solves `a x = b`.
fn solve(a: &Matrix, b: &[f64]) -> Option<Vec<f64>> {
    let l = cholesky(a)?;
    let n = b.len();
    let mut x = b.to_vec();
    for i in 0..n {
        x[i] = (x[i] - dot(&l[i][..i], &x[..i])) / l[i][i];
    }
    for i in (0..n).rev() {
        let rest: f64 = (i + 1..n).map(|k| l[k][i] * x[k]).sum();
        x[i] = (x[i] - rest) / l[i][i];
    }
    Some(x)
}

/// Inverse of a symmetric positive definite matrix.
pub fn inverse(a: &Matrix) -> Option<Matrix> {
    let unit = |j: usize| (0..a.len()).map(|i| f64::from(u8::from(i == j))).collect::<Vec<_>>();
    (0..a.len()).map(|j| solve(a, &unit(j))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_times_its_inverse_is_one() {
        let a = vec![vec![4.0, 1.0, 0.5], vec![1.0, 3.0, 0.2], vec![0.5, 0.2, 2.0]];
        let b = inverse(&a).expect("positive definite");
        for i in 0..3 {
            for j in 0..3 {
                let x: f64 = (0..3).map(|k| a[i][k] * b[k][j]).sum();
                assert!((x - f64::from(u8::from(i == j))).abs() < 1e-12);
            }
        }
        assert_eq!(inverse(&vec![vec![1.0, 2.0], vec![2.0, 1.0]]), None);
    }

    #[test]
    fn an_exponential_is_found_and_what_does_not_matter_stays() {
        // y = a exp(-b t); the third unknown is in no residual
        let (a, b) = (3.0, 0.7);
        let r = |u: &[f64]| {
            (0..50)
                .map(|k| {
                    let t = f64::from(k) * 0.1;
                    ((1.0 + u[0]) * libm::exp(-(1.0 + u[1]) * t) - a * libm::exp(-b * t)) / 0.001
                })
                .collect::<Vec<_>>()
        };
        let s = least_squares(r, |_| Matrix::new(), &[0.0; 3], &[10.0; 3], &[[-5.0, 5.0]; 3]);
        assert!((s.u[0] - 2.0).abs() < 1e-4 && (s.u[1] + 0.3).abs() < 1e-4 && s.u[2] == 0.0, "{:?}", s.u);
        assert!(dot(&s.r, &s.r) < 1e-6 * dot(&s.first, &s.first));
    }
}
