//! Plans against Clarabel, a general convex solver that shares no code with the planner, on days of up to 1,440 points.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

#[path = "bench/clarabel_form.rs"]
mod clarabel_form;

use ballast::planner::interior::Solver;
use clarabel_form::{day, solve};

#[test]
fn val_clarabel_agrees_on_saturated_days() {
    for (n, tolerance_kw) in [(24, 1e-3), (96, 1e-3), (288, 5e-3), (1440, 0.1)] {
        for (mean, swing) in [(550.0, 200.0), (600.0, 350.0), (700.0, 450.0)] {
            for a in [1e-6, 1e-4, 1e-2] {
                let q = day(n, mean, swing, a);
                let Some(x) = solve(&q) else { panic!("Clarabel gives up at n {n}, a {a}") };
                let own = Solver::new(n).solve(&q);
                assert!(own.converged);
                let worst = own.x.iter().zip(&x).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
                assert!(worst < tolerance_kw, "n {n}, {mean} ± {swing} kW, a {a}: {worst:e} kW apart");
            }
        }
    }
}
