//! What the twin costs: ticks of the built-in plant with everything on, of 1 to 400 gensets and of a thousand times the
//! GPUs; a forecast; a snapshot.
//!
//! Throughput is ticks a second; a tick is 1 ms, so 5 M ticks a second would be 5000 simulated seconds a second.
//! Targets: 2000 simulated s/s of the built-in plant, and cost that does not grow with GPUs.
#![allow(missing_docs, clippy::expect_used, reason = "a benchmark; its macros make functions without docs")]

use std::hint::black_box;
use std::sync::Arc;

use ballast::engine::Engine;
use ballast::engine::forecast::forecast;
use ballast::engine::msg::Block;
use ballast::plant::config::Sharing;
use ballast::scenario::{Scenario, builtin_scenario, default_scenario};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

/// Ticks a measured batch.
const TICKS: u64 = 1000;

fn default() -> Scenario {
    default_scenario().expect("the built-in scenario")
}

fn run_ticks(c: &mut Criterion, name: &str, scenario: Scenario, rows: bool) {
    let mut e = Engine::new(Arc::new(scenario));
    if !rows {
        e = e.without_rows();
    }
    // Into the bring-up: control, batches and moving loads.
    (0..7000).for_each(|_| e.tick());
    let start = e.clone();
    let (mut block, mut events) = (Block::default(), Vec::new());
    let mut g = c.benchmark_group("ticks");
    g.throughput(Throughput::Elements(TICKS)).sample_size(20);
    g.bench_function(name, |b| {
        b.iter(|| {
            (0..TICKS).for_each(|_| e.tick());
            e.take_block(&mut block);
            e.take_events(&mut events);
            black_box(block.rows());
            events.clear();
            block = Block::default();
            if e.now_tick() > 100_000 {
                e = start.clone();
            }
        });
    });
    g.finish();
}

/// The built-in plant with its set `n` times, on load sharing, and its loads scaled with them.
fn gensets(n: u32) -> Scenario {
    let mut s = default();
    let one = s.plant.gensets[0].clone();
    s.plant.gensets = (0..n)
        .map(|i| {
            let sharing = if n > 1 { Sharing::LoadShare(0.03) } else { one.sharing };
            ballast::plant::config::Genset { name: format!("G{}", i + 1), sharing, ..one.clone() }
        })
        .collect();
    s.plant.gpus[0].gpus *= n;
    s.plant.miners[0].units *= n;
    s.plant.miners[0].on_at_start *= n;
    s.policy.target_kw *= f64::from(n);
    s
}

fn ticks(c: &mut Criterion) {
    run_ticks(c, "built-in plant, rows on", default(), true);
    run_ticks(c, "built-in plant, rows off", default(), false);
    let battery = builtin_scenario("bess-200kw").expect("a scenario").expect("it is valid");
    run_ticks(c, "with a forming battery", battery, true);
    for n in [10, 100, 400] {
        run_ticks(c, &format!("{n} gensets"), gensets(n), true);
    }
    let mut many = default();
    many.plant.gpus[0].gpus *= 1000;
    many.plant.gpus[0].full_kw /= 1000.0;
    many.policy.batch_gpus *= 1000;
    run_ticks(c, "714000 GPUs", many, true);
}

fn whole(c: &mut Criterion) {
    let mut e = Engine::new(Arc::new(default()));
    (0..20_000).for_each(|_| e.tick());
    let quiet = e.clone().without_rows();
    let mut g = c.benchmark_group("whole");
    g.sample_size(20);
    g.bench_function("snapshot", |b| b.iter_batched(|| (), |()| black_box(quiet.clone()), BatchSize::SmallInput));
    g.bench_function("forecast of 60 s on three presets", |b| b.iter(|| black_box(forecast(&quiet))));
    g.finish();
}

criterion_group!(benches, ticks, whole);
criterion_main!(benches);
