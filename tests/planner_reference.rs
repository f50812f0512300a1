//! Plans held against schedules that other programs computed (`tests/data/planner`), in both forms.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::collections::BTreeMap;

use ballast::planner::curve::FuelCurve;
use ballast::planner::plan::Plan;
use ballast::planner::problem::{Bounds, Ends, Problem};
use ballast::planner::solve::solve;

type Table = Vec<BTreeMap<String, String>>;

fn table(name: &str) -> Table {
    let path = format!("{}/tests/data/planner/{name}.csv", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let mut lines = text.lines();
    let head: Vec<&str> = lines.next().unwrap().split(',').collect();
    lines.map(|l| head.iter().map(|h| (*h).to_owned()).zip(l.split(',').map(str::to_owned)).collect()).collect()
}

fn column(t: &Table, name: &str) -> Vec<f64> {
    t.iter().map(|r| r[name].parse().unwrap()).collect()
}

fn number(row: &BTreeMap<String, String>, name: &str) -> f64 {
    row[name].parse().unwrap()
}

fn problem(case: &BTreeMap<String, String>, load_kw: Vec<f64>, hard: bool) -> Problem {
    let n = load_kw.len();
    Problem {
        step_h: 24.0 / n as f64,
        load_kw,
        miner_max_kw: number(case, "miner_max_kw"),
        rating_kw: None,
        income_per_kwh: vec![number(case, "income_per_kwh"); n],
        ramp_weight: vec![number(case, "a"); n],
        fuel: FuelCurve::quadratic(number(case, "g")).unwrap(),
        bounds: if hard { Bounds::Hard } else { Bounds::Penalty { alpha: number(case, "alpha") } },
        ends: Ends::Periodic,
        ramp_limit_kw_per_h: None,
    }
}

fn worst(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// Tolerances of the comparison: x in kW, λ in $/kW, multiplier in $/kWh, parts of the objective relative to its size.
fn hold(case: &str, plan: &Plan, x: &[f64], x_tolerance: f64, parts: [f64; 5]) {
    let e = worst(&plan.genset_kw, x);
    assert!(e <= x_tolerance, "{case}: x off by {e:e} kW");
    let o = plan.objective;
    let size = parts[0].abs() + parts[2].abs();
    for (name, have, want) in [
        ("generation", o.generation, parts[0]),
        ("ramp", o.ramp, parts[1]),
        ("revenue", o.revenue, parts[2]),
        ("penalty", o.penalty, parts[3]),
        ("total", o.total(), parts[4]),
    ] {
        assert!((have - want).abs() <= 1e-6 * size, "{case}: {name} {have} against {want}");
    }
    let r = plan.residuals;
    assert!(r.state_kw < 1e-9, "{case}: {r:?}");
    assert!(r.costate_per_kwh < 1e-6 && r.hamiltonian_per_kw == 0.0 && r.periodic_per_kw < 1e-6, "{case}: {r:?}");
}

fn parts(case: &BTreeMap<String, String>, form: &str, n: usize) -> [f64; 5] {
    ["generation", "ramp", "revenue", "penalty", "total"].map(|q| number(case, &format!("{form}_{n}_{q}")))
}

#[test]
fn val_clarabel_and_collocation_cases_of_96_points() {
    let cases = table("cases");
    assert_eq!(cases.len(), 8);
    for case in &cases {
        let name = &case["case"];
        for (hard, form, file) in [(true, "hard", "hard"), (false, "penalty", "pen")] {
            let data = table(&format!("{name}_{file}_96"));
            let plan = solve(&problem(case, column(&data, "load_kw"), hard)).unwrap();
            let x = column(&data, "genset_kw");
            let size = x.iter().fold(0.0f64, |a, x| a.max(x.abs()));
            let tolerance = if hard { 2e-4 } else { 1e-9 * size };
            hold(&format!("{name} {form} 96"), &plan, &x, tolerance, parts(case, form, 96));
            assert!(hard == (plan.max_violation_kw == 0.0) || parts(case, form, 96)[3] < 1e-9, "{name} {form}");
            let a = number(case, "a");
            let per_kw = worst(&plan.lambda_per_kw, &column(&data, "lambda_per_kw"));
            assert!(per_kw <= 2.0 * a * 2.0 * tolerance / plan.step_h + 1e-9, "{name} {form}: λ off by {per_kw:e}");
            // degenerate: bounds are touched without force, so the multipliers are all zero but for rounding
            let per_kwh = worst(&plan.bound_per_kwh, &column(&data, "bound_per_kwh"));
            assert!(per_kwh <= 8.0 * a * tolerance / (plan.step_h * plan.step_h) + 1e-6, "{name} {form}: {per_kwh:e}");
        }
    }
}

#[test]
fn val_clarabel_cases_of_1440_points() {
    let cases = table("cases");
    for name in ["b2_sin_sat_paperw", "c1_duck_paperw", "d2_gpu_paperw"] {
        let case = cases.iter().find(|c| c["case"] == name).unwrap();
        let data = table(&format!("{name}_1440"));
        for (hard, form) in [(true, "hard"), (false, "penalty")] {
            let plan = solve(&problem(case, column(&data, "load_kw"), hard)).unwrap();
            // the file has ten digits of the load
            let tolerance = if hard { 2e-4 } else { 2e-6 };
            let x = column(&data, &format!("{form}_genset_kw"));
            hold(&format!("{name} {form} 1440"), &plan, &x, tolerance, parts(case, form, 1440));
        }
    }
}

/// The grid's answer tends to that of continuous time as the square of the step.
#[test]
fn val_collocation_error_falls_with_the_square_of_the_step() {
    let cases = table("cases");
    let case = cases.iter().find(|c| c["case"] == "b2_sin_sat_paperw").unwrap();
    let exact = number(case, "penalty_continuous_total");
    let error = |n: usize| {
        let angle = |i: usize| std::f64::consts::TAU * (24.0 * i as f64 / n as f64 - 8.0) / 24.0;
        let load = (0..n).map(|i| 600.0 + 350.0 * libm::sin(angle(i))).collect();
        solve(&problem(case, load, false)).unwrap().objective.total() - exact
    };
    let (coarse, fine) = (error(1440), error(86_400));
    assert!(fine.abs() < 1e-5, "{fine:e} $ at one second");
    let ratio = coarse / fine;
    assert!((3000.0..4200.0).contains(&ratio), "the error falls by {ratio}, 3600 were due");
}
