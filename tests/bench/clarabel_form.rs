//! A day as the planner's own quadratic, and the same handed to Clarabel: shared by the benchmark and a test.
#![allow(missing_docs, reason = "shared by a test and a benchmark")]

use ballast::planner::quadratic::Quadratic;
use clarabel::algebra::CscMatrix;
use clarabel::solver::{DefaultSettingsBuilder, DefaultSolver, IPSolver as _, NonnegativeConeT, SolverStatus};

const INCOME: f64 = 0.1166;
const G: f64 = INCOME / 1600.0;

/// A wave of load with miners of 500 kW, over a day of `n` points with the ramp weight `a`.
pub fn day(n: usize, mean: f64, swing: f64, a: f64) -> Quadratic {
    let h = 24.0 / n as f64;
    let load = |i: usize| mean + swing * libm::sin(std::f64::consts::TAU * i as f64 / n as f64);
    Quadratic {
        w: vec![2.0 * G * h; n],
        r: vec![INCOME * h; n],
        off: vec![2.0 * a / h; n],
        lo: (0..n).map(load).collect(),
        hi: (0..n).map(|i| load(i) + 500.0).collect(),
        step: None,
    }
}

/// Clarabel's answer, if it has one. Its objective is scaled by hand, without which it fails on fine grids.
pub fn solve(q: &Quadratic) -> Option<Vec<f64>> {
    let n = q.len();
    let kappa = q.off[0] / q.w[0];
    let scale = 1.0 / (q.w[0] * kappa.max(1.0).powf(0.75));
    let (mut rows, mut columns, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for i in 0..n {
        let before = if i == 0 { n - 1 } else { i - 1 };
        let mut put = |row: usize, column: usize, value: f64| {
            rows.push(row);
            columns.push(column);
            values.push(value * scale);
        };
        put(i, i, q.w[i] + q.off[before] + q.off[i]);
        if i > 0 {
            put(i - 1, i, -q.off[i - 1]);
        }
        if i == n - 1 {
            put(0, i, -q.off[i]);
        }
    }
    let p = CscMatrix::new_from_triplets(n, n, rows, columns, values);
    let linear: Vec<f64> = q.r.iter().map(|r| -r * scale).collect();
    let (rows, columns): (Vec<usize>, Vec<usize>) = ((0..2 * n).collect(), (0..2 * n).map(|i| i % n).collect());
    let signs = (0..2 * n).map(|i| if i < n { 1.0 } else { -1.0 }).collect();
    let a = CscMatrix::new_from_triplets(2 * n, n, rows, columns, signs);
    let b: Vec<f64> = q.hi.iter().copied().chain(q.lo.iter().map(|l| -l)).collect();
    let settings = DefaultSettingsBuilder::default()
        .verbose(false)
        .tol_gap_abs(1e-10)
        .tol_gap_rel(1e-10)
        .tol_feas(1e-10)
        .build()
        .ok()?;
    let mut solver = DefaultSolver::new(&p, &linear, &a, &b, &[NonnegativeConeT(2 * n)], settings).ok()?;
    solver.solve();
    let solved = matches!(solver.solution.status, SolverStatus::Solved | SolverStatus::AlmostSolved);
    solved.then(|| solver.solution.x.clone())
}
