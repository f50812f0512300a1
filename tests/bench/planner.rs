//! What a plan costs in time: both forms at 96, 1,440 and 86,400 points, a step of the receding horizon, and Clarabel beside them.
//!
//! Targets, one core: 0.1, 1.5 and 60 ms; 0.3 ms for a step of 360 points; eight times as fast as Clarabel where that solves
//! at all; time in proportion to the points. The ratios at the end are taken in one run, from both sides in turn.
#![allow(missing_docs, clippy::expect_used, reason = "a benchmark; its macros make functions without docs")]

mod clarabel_form;

use std::hint::black_box;
use std::time::{Duration, Instant};

use ballast::planner::curve::FuelCurve;
use ballast::planner::interior::Solver;
use ballast::planner::problem::{Bounds, Ends, Problem, Terminal};
use ballast::planner::solve::Planner;
use clarabel_form::{day, solve};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const SIZES: [usize; 3] = [96, 1440, 86_400];
const ROUNDS: usize = 11;

fn problem(n: usize, bounds: Bounds) -> Problem {
    let q = day(n, 600.0, 350.0, 1e-4);
    Problem {
        step_h: 24.0 / n as f64,
        load_kw: q.lo,
        miner_max_kw: 500.0,
        rating_kw: None,
        income_per_kwh: vec![0.1166; n],
        ramp_weight: vec![1e-4; n],
        fuel: FuelCurve::quadratic(0.1166 / 1600.0).expect("a curve"),
        bounds,
        ends: Ends::Periodic,
        ramp_limit_kw_per_h: None,
    }
}

fn plans(c: &mut Criterion) {
    let mut group = c.benchmark_group("plan");
    for n in SIZES {
        group.throughput(Throughput::Elements(n as u64)).sample_size(if n > 10_000 { 10 } else { 50 });
        let q = day(n, 600.0, 350.0, 1e-4);
        let mut solver = Solver::new(n);
        group.bench_function(BenchmarkId::new("hard", n), |b| b.iter(|| black_box(solver.solve(&q))));
        let soft = problem(n, Bounds::Penalty { alpha: 1.0 });
        let penalty = |b: &mut criterion::Bencher| b.iter(|| black_box(Planner::default().solve(&soft)));
        group.bench_function(BenchmarkId::new("penalty", n), penalty);
    }
    group.finish();
}

fn horizon(c: &mut Criterion) {
    let mut p = problem(1440, Bounds::Hard);
    for list in [&mut p.load_kw, &mut p.income_per_kwh, &mut p.ramp_weight] {
        list.truncate(360);
    }
    p.ends = Ends::Open { from_kw: Some(800.0), to: Some(Terminal { kw: 800.0, weight: 1e-4 }) };
    let mut planner = Planner::default();
    c.bench_function("receding horizon, 360 points", |b| {
        b.iter(|| {
            p.load_kw.rotate_left(1);
            black_box(planner.solve_shifted(&p).is_ok())
        });
    });
}

fn fastest(mut run: impl FnMut()) -> Duration {
    let timed = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..ROUNDS).map(timed).min().unwrap_or_default()
}

fn ratios(_: &mut Criterion) {
    let mut times = Vec::new();
    for n in SIZES {
        let q = day(n, 600.0, 350.0, 1e-4);
        let mut solver = Solver::new(n);
        let own = fastest(|| {
            black_box(solver.solve(&q));
        });
        times.push((n, own));
        if n > 10_000 {
            println!("{n} points: {:.2} ms", 1e3 * own.as_secs_f64());
            continue;
        }
        let other = fastest(|| {
            black_box(solve(&q));
        });
        let ratio = other.as_secs_f64() / own.as_secs_f64();
        println!("{n} points: {:.3} ms, Clarabel {ratio:.1} times as long", 1e3 * own.as_secs_f64());
    }
    for pair in times.windows(2) {
        let ((n, a), (m, b)) = (pair[0], pair[1]);
        let per_point = (b.as_secs_f64() / m as f64) / (a.as_secs_f64() / n as f64);
        println!("time a point at {m} points is {per_point:.2} of that at {n}");
    }
}

criterion_group!(benches, plans, horizon, ratios);
criterion_main!(benches);
