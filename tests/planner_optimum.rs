//! Plans against closed forms, and the properties that make a plan the optimum, on thousands of random days.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

#[path = "common/miners_day.rs"]
mod miners_day;

use std::f64::consts::TAU;

use ballast::planner::curve::{Committed, FuelCurve, FuelPrice, Heat};
use ballast::planner::plan::{Plan, objective};
use ballast::planner::problem::{Bounds, Ends, Problem, Terminal};
use ballast::planner::refusal::Refusal;
use ballast::planner::solve::{Planner, solve};
use miners_day::{G, INCOME, day};

fn wave(n: usize, mean: f64, amplitude: f64) -> Vec<f64> {
    (0..n).map(|i| mean + amplitude * libm::sin(TAU * i as f64 / n as f64)).collect()
}

fn near(a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance, "{a} against {b}");
}

fn flat(plan: &Plan, kw: f64, tolerance: f64) {
    plan.genset_kw.iter().for_each(|x| near(*x, kw, tolerance));
}

/// Equation 9 of the paper with the condition that it leaves out: the load never leaves the band that the miners can fill.
#[test]
fn val_closed_form_constant_generation_in_the_interior() {
    for n in [1, 2, 3, 24, 96, 1440] {
        let plan = solve(&day(wave(n, 550.0, 240.0), 1.0)).unwrap();
        flat(&plan, 800.0, 1e-9);
        assert!(plan.lambda_per_kw.iter().all(|l| l.abs() < 1e-7), "{n}");
    }
    // a load that leaves the band is no such case
    let plan = solve(&day(wave(96, 550.0, 260.0), 1.0)).unwrap();
    assert!(plan.genset_kw.iter().any(|x| (x - 800.0).abs() > 1.0));
}

#[test]
fn val_closed_form_constant_load_at_either_bound() {
    for (load, hard) in [(900.0, 900.0), (200.0, 700.0)] {
        let mut p = day(vec![load; 96], 1.0);
        flat(&solve(&p).unwrap(), hard, 1e-9);
        for alpha in [1e-3, 1.0, 1e4] {
            p.bounds = Bounds::Penalty { alpha };
            let bound = hard;
            let soft = (INCOME + 2.0 * alpha * bound) / (2.0 * G + 2.0 * alpha);
            flat(&solve(&p).unwrap(), soft, 1e-8);
        }
    }
}

#[test]
fn val_closed_form_a_price_wave() {
    let (n, swing, a) = (288, 0.2, 1e-4);
    let mut p = day(wave(n, 550.0, 50.0), a);
    p.income_per_kwh = (0..n).map(|i| INCOME * (1.0 + swing * libm::cos(TAU * i as f64 / n as f64))).collect();
    let plan = solve(&p).unwrap();
    // on the grid ω² is 4 sin²(ωh/2)/h²
    let h = 24.0 / n as f64;
    let omega2 = 4.0 * libm::pow(libm::sin(TAU / n as f64 / 2.0), 2.0) / (h * h);
    let amplitude = swing * 800.0 / (1.0 + omega2 * a / G);
    for (i, x) in plan.genset_kw.iter().enumerate() {
        near(*x, 800.0 + amplitude * libm::cos(TAU * i as f64 / n as f64), 1e-9);
    }
    let omega = TAU / 24.0;
    let peak = plan.lambda_per_kw.iter().fold(0.0f64, |m, l| m.max(*l));
    near(peak, 2.0 * a * amplitude * omega, 2e-4 * peak);
}

/// a → ∞: the level nearest to the cheapest one that the band allows; with a band too narrow no level is left.
#[test]
fn val_closed_form_ramps_without_price_limit() {
    let plan = solve(&day(wave(96, 600.0, 240.0), 1e9)).unwrap();
    flat(&plan, 840.0, 1e-4);
    let plan = solve(&day(wave(96, 600.0, 350.0), 1e9)).unwrap();
    let rises = plan.genset_kw.iter().fold(0.0f64, |m, x| m.max(*x)) - 750.0;
    near(rises, 200.0, 1e-6);
}

/// Open stretch, unconstrained: x falls from its start to the level as exp(−t/τ); the terminal cost makes the horizon
/// invisible.
#[test]
fn val_closed_form_an_open_stretch_decays_to_the_level() {
    let (n, a) = (720, 1e-4);
    let h = 1.0 / 120.0;
    let mut p = day(vec![600.0; n], a);
    p.step_h = h;
    p.miner_max_kw = 2000.0;
    let tau = (a / G).sqrt();
    let terminal = Terminal { kw: 800.0, weight: (a * G).sqrt() };
    p.ends = Ends::Open { from_kw: Some(1000.0), to: Some(terminal) };
    let plan = solve(&p).unwrap();
    for (i, x) in plan.genset_kw.iter().enumerate() {
        near(*x, 800.0 + 200.0 * libm::exp(-h * (i + 1) as f64 / tau), 0.8);
    }
}

struct Noise(u64);

impl Noise {
    fn unit(&mut self) -> f64 {
        // SplitMix64
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn between(&mut self, lo: f64, hi: f64) -> f64 {
        lo + (hi - lo) * self.unit()
    }

    fn log(&mut self, lo: f64, hi: f64) -> f64 {
        libm::pow(10.0, self.between(lo, hi))
    }
}

/// A day of any length and stiffness: random, stepped or walking load, prices, rating, open or periodic.
fn random(rng: &mut Noise, longest: f64) -> Problem {
    let n = rng.log(0.0, longest) as usize;
    let kind = rng.between(0.0, 3.0) as u32;
    let (mut level, mut load) = (500.0f64, Vec::with_capacity(n));
    for _ in 0..n {
        level = match kind {
            0 => rng.between(0.0, 1000.0),
            1 if rng.unit() < 0.1 => rng.between(0.0, 1000.0),
            1 => level,
            _ => (level + rng.between(-20.0, 20.0)).clamp(0.0, 1000.0),
        };
        load.push(level);
    }
    let mut p = day(load, 0.0);
    let kappa = rng.log(-3.0, 12.0);
    let swing = rng.between(0.0, 1.5);
    p.ramp_weight = (0..n).map(|_| kappa * G * p.step_h * p.step_h * rng.between(0.5, 2.0)).collect();
    p.income_per_kwh = (0..n).map(|_| INCOME * (1.0 + rng.between(-swing, swing))).collect();
    p.miner_max_kw = if rng.unit() < 0.05 { 0.0 } else { rng.log(-1.0, 3.3) };
    p.rating_kw = (rng.unit() < 0.5).then(|| rng.between(1000.0, 1500.0));
    if rng.unit() < 0.3 {
        let from_kw = (rng.unit() < 0.5).then(|| rng.between(0.0, 1500.0));
        let to = (rng.unit() < 0.5).then(|| Terminal { kw: rng.between(0.0, 1500.0), weight: rng.log(-9.0, 0.0) });
        p.ends = Ends::Open { from_kw, to };
    }
    p
}

/// Feasible, and no feasible change of a few points or of a stretch makes it cheaper.
fn is_optimal(p: &Problem, plan: &Plan, rng: &mut Noise) {
    let n = p.len();
    let x = &plan.genset_kw;
    for i in 0..n {
        assert!(x[i] >= p.lo_kw(i) && x[i] <= p.hi_kw(i), "point {i} of {n}: {} kW", x[i]);
    }
    let income = p.income_per_kwh.iter().fold(0.0f64, |a, c| a.max(c.abs()));
    let force = plan.bound_per_kwh.iter().fold(0.0f64, |a, m| a.max(m.abs()));
    // what a last digit of x comes to
    let stiff = p.ramp_weight.iter().fold(0.0f64, |a, w| a.max(*w)) / (p.step_h * p.step_h);
    let digit = 16.0 * f64::EPSILON * stiff * 2000.0;
    let r = plan.residuals;
    assert!(
        r.costate_per_kwh <= 1e-8 * (income + INCOME) + 1e-8 * force + digit,
        "{r:?}, multipliers to {force:e}, n {n}"
    );
    let best = objective(p, x);
    let size = best.generation.abs() + best.revenue.abs() + best.ramp.abs() + best.penalty.abs();
    for _ in 0..4 {
        let (from, len) = (rng.between(0.0, n as f64) as usize, rng.log(0.0, 2.0) as usize);
        let by = rng.between(-1.0, 1.0) * rng.log(-3.0, 2.0);
        let mut y = x.clone();
        for k in from..(from + len).min(n) {
            y[k] = (y[k] + by).clamp(p.lo_kw(k), p.hi_kw(k));
        }
        let other = objective(p, &y).total();
        assert!(other >= best.total() - 1e-9 * size, "{by} kW at {from}+{len} of {n} saves {}", best.total() - other);
    }
}

#[test]
fn three_thousand_random_days_are_solved() {
    let mut rng = Noise(1);
    let (mut most, mut worst) = (0, 0.0f64);
    for k in 0..3000 {
        let p = random(&mut rng, 3.3);
        let plan = solve(&p).unwrap_or_else(|e| panic!("day {k}: {e}"));
        is_optimal(&p, &plan, &mut rng);
        most = most.max(plan.iterations);
        worst = worst.max(plan.residuals.costate_per_kwh);
    }
    assert!(most <= 110, "{most} iterations");
}

#[test]
fn three_thousand_random_days_are_solved_with_a_penalty() {
    let mut rng = Noise(2);
    let mut most = 0;
    for k in 0..3000 {
        let mut p = random(&mut rng, 3.0);
        p.bounds = Bounds::Penalty { alpha: G * rng.log(0.0, 8.0) };
        let plan = solve(&p).unwrap_or_else(|e| panic!("day {k}: {e}"));
        most = most.max(plan.iterations);
        let best = objective(&p, &plan.genset_kw);
        let size = best.generation.abs() + best.revenue.abs() + best.ramp.abs() + best.penalty.abs();
        let n = p.len();
        for _ in 0..4 {
            let from = rng.between(0.0, n as f64) as usize;
            let by = rng.between(-1.0, 1.0) * rng.log(-6.0, 2.0);
            let y: Vec<f64> = plan.genset_kw.iter().enumerate().map(|(i, x)| x + f64::from(i >= from) * by).collect();
            let saved = best.total() - objective(&p, &y).total();
            // a last digit of x is a force too
            let stiff = p.ramp_weight.iter().fold(0.0f64, |a, w| a.max(*w)) / p.step_h;
            let digit = 16.0 * f64::EPSILON * stiff * 2000.0 * by.abs();
            assert!(saved <= 1e-9 * size + digit, "day {k}: {by} kW from {from} of {n} saves {saved} of {size}");
        }
    }
    assert!(most <= 120, "{most} rounds");
}

/// The penalty form tends to the hard bounds as 1/α.
#[test]
fn a_stiff_penalty_is_a_hard_bound() {
    let mut p = day(wave(288, 600.0, 350.0), 1e-3);
    let hard = solve(&p).unwrap();
    let mut errors = Vec::new();
    for alpha in [1.0, 100.0, 1e4] {
        p.bounds = Bounds::Penalty { alpha };
        let soft = solve(&p).unwrap();
        let apart = |(a, b): (&f64, &f64)| (a - b).abs();
        errors.push(soft.genset_kw.iter().zip(&hard.genset_kw).map(apart).fold(0.0, f64::max));
    }
    assert!(errors[0] / errors[1] > 50.0 && errors[1] / errors[2] > 50.0, "{errors:?}");
}

#[test]
fn a_ramp_limit_is_kept_and_costs_something() {
    let mut rng = Noise(3);
    let mut held = 0;
    for _ in 0..300 {
        let mut p = random(&mut rng, 2.5);
        p.ramp_limit_kw_per_h = Some(rng.log(0.0, 4.0));
        let limit = p.ramp_limit_kw_per_h.unwrap();
        let plan = match solve(&p) {
            Ok(plan) => plan,
            Err(Refusal::RampLimit { needed_kw_per_h, .. }) => {
                // what the refusal asks for is enough
                assert!(needed_kw_per_h > limit);
                p.ramp_limit_kw_per_h = Some(needed_kw_per_h * (1.0 + 1e-6) + 1e-6);
                solve(&p).unwrap()
            }
            Err(e) => panic!("{e}"),
        };
        let limit = p.ramp_limit_kw_per_h.unwrap();
        let x = &plan.genset_kw;
        for i in 0..p.len() - usize::from(!p.is_periodic()) {
            let u = (x[(i + 1) % p.len()] - x[i]) / p.step_h;
            assert!(u.abs() <= limit * (1.0 + 1e-6) + 1e-4, "{u} kW/h against {limit}");
        }
        p.ramp_limit_kw_per_h = None;
        let free = solve(&p).unwrap();
        let size = 1e-6 * (free.objective.generation.abs() + free.objective.revenue.abs() + free.objective.ramp);
        assert!(plan.objective.total() >= free.objective.total() - size);
        held += u32::from(plan.objective.total() > free.objective.total() + size);
    }
    assert!(held > 15, "only {held} limits mattered");
}

/// A warm start changes the way, never the answer.
#[test]
fn a_warm_start_finds_the_same_plan() {
    let mut rng = Noise(4);
    for _ in 0..100 {
        let mut p = random(&mut rng, 2.7);
        let mut planner = Planner::default();
        planner.solve(&p).unwrap();
        p.income_per_kwh.rotate_left(1);
        p.ramp_weight.rotate_left(1);
        p.load_kw.rotate_left(1);
        let cold = solve(&p).unwrap();
        let warm = planner.solve_shifted(&p).unwrap();
        for (a, b) in cold.genset_kw.iter().zip(&warm.genset_kw) {
            near(*a, *b, 1e-4);
        }
        near(cold.objective.total(), warm.objective.total(), 1e-9 * cold.objective.generation.abs() + 1e-6);
    }
}

/// Sets that share by equal marginal cost: a piecewise curve with steps, still the optimum.
#[test]
fn committed_sets_are_planned_for() {
    let price = FuelPrice { per_kwh_lhv: 0.013, co2_kg_per_kwh_lhv: 0.2, co2_per_t: 40.0 };
    let set = |per_kw, per_kw2, rating_kw| Committed { heat: Heat { idle_kw: 300.0, per_kw, per_kw2 }, rating_kw };
    let sets = [set(2.0, 3e-4, 500.0), set(2.3, 0.0, 400.0), set(2.9, 5e-4, 700.0)];
    let mut rng = Noise(5);
    for (k, a) in [0.0, 1e-6, 1e-4, 1e-2].into_iter().enumerate() {
        let mut p = day(wave(96 + k, 600.0, 400.0), a);
        p.fuel = FuelCurve::committed(&sets, price).unwrap();
        p.income_per_kwh = (0..p.len()).map(|i| 0.06 + 0.03 * libm::cos(0.3 * i as f64)).collect();
        for bounds in [Bounds::Hard, Bounds::Penalty { alpha: 1e-2 }] {
            p.bounds = bounds;
            let plan = solve(&p).unwrap();
            let best = objective(&p, &plan.genset_kw).total();
            for _ in 0..300 {
                let (from, len) = (rng.between(0.0, 96.0) as usize, rng.log(0.0, 2.0) as usize);
                let by = rng.between(-1.0, 1.0) * rng.log(-2.0, 2.0);
                let mut y = plan.genset_kw.clone();
                for i in from..(from + len).min(y.len()) {
                    y[i] = (y[i] + by).clamp(p.lo_kw(i), p.hi_kw(i));
                }
                let other = objective(&p, &y).total();
                assert!(other >= best - 1e-4, "a {a}, {bounds:?}: {by} kW at {from}+{len} saves {}", best - other);
            }
        }
    }
}
