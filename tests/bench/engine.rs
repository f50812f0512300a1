//! What the twin costs: ticks of the built-in plant with everything on, of 1 to 400 gensets and of a thousand times the
//! GPUs; a forecast; a snapshot.
//!
//! Throughput is ticks a second, in the group of gensets ticks of one set a second; a tick is 1 ms, so 5 M ticks a
//! second are 5000 simulated seconds a second. Targets: 2000 simulated s/s of the built-in plant, cost in proportion to
//! the gensets, and none for GPUs in a cohort. The last two are printed as ratios at the end: each is taken from batches
//! of both sides in turn, the fastest of each, so that a busy machine disturbs both alike.
#![allow(missing_docs, clippy::expect_used, reason = "a benchmark; its macros make functions without docs")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ballast::acts::{Block, Event};
use ballast::engine::Engine;
use ballast::engine::forecast::forecast;
use ballast::plant::config::{Genset, Sharing};
use ballast::scenario::{Scenario, builtin_scenario, default_scenario};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// Ticks a measured batch.
const TICKS: u64 = 1000;
/// Sizes of a plant, in gensets.
const GENSETS: [u32; 4] = [1, 10, 100, 400];
/// Batches of each side of a ratio.
const ROUNDS: usize = 15;

fn default() -> Scenario {
    default_scenario().expect("the built-in scenario")
}

/// A run in its bring-up (control, batches and moving loads), begun anew when that is over.
struct Run {
    start: Engine,
    now: Engine,
    block: Block,
    events: Vec<Event>,
}

impl Run {
    fn new(scenario: Scenario, rows: bool) -> Self {
        let e = Engine::new(Arc::new(scenario));
        let mut start = if rows { e } else { e.without_rows() };
        (0..7000).for_each(|_| start.tick());
        Self { now: start.clone(), start, block: Block::default(), events: Vec::new() }
    }

    fn batch(&mut self) {
        (0..TICKS).for_each(|_| self.now.tick());
        self.block = Block::default();
        self.now.take_block(&mut self.block);
        self.now.take_events(&mut self.events);
        black_box(self.block.rows());
        self.events.clear();
        if self.now.now_tick() > 100_000 {
            self.now = self.start.clone();
        }
    }

    fn timed(&mut self) -> Duration {
        let t = Instant::now();
        self.batch();
        t.elapsed()
    }
}

/// The built-in plant with its set `n` times, on load sharing, and its loads scaled with them.
fn gensets(n: u32) -> Scenario {
    let mut s = default();
    let one = s.plant.gensets[0].clone();
    let sharing = if n > 1 { Sharing::LoadShare(0.03) } else { one.sharing };
    s.plant.gensets = (1..=n).map(|i| Genset { name: format!("G{i}"), sharing, ..one.clone() }).collect();
    s.plant.gpus[0].gpus *= n;
    s.plant.miners[0].units *= n;
    s.plant.miners[0].on_at_start *= n;
    s.policy.target_kw *= f64::from(n);
    s
}

/// The built-in plant with each GPU cut into `n`.
fn gpus(n: u32) -> Scenario {
    let mut s = default();
    s.plant.gpus[0].gpus *= n;
    s.plant.gpus[0].full_kw /= f64::from(n);
    s.policy.batch_gpus *= n;
    s
}

fn ticks(c: &mut Criterion) {
    let mut g = c.benchmark_group("ticks");
    g.throughput(Throughput::Elements(TICKS)).sample_size(20);
    let battery = builtin_scenario("bess-200kw").expect("a scenario").expect("it is valid");
    for (name, scenario, rows) in [
        ("built-in plant, rows on", default(), true),
        ("built-in plant, rows off", default(), false),
        ("with a forming battery", battery, true),
    ] {
        let mut run = Run::new(scenario, rows);
        g.bench_function(name, |b| b.iter(|| run.batch()));
    }
    g.finish();
}

fn sizes(c: &mut Criterion) {
    let mut g = c.benchmark_group("gensets");
    g.sample_size(10);
    for n in GENSETS {
        let mut run = Run::new(gensets(n), true);
        g.throughput(Throughput::Elements(TICKS * u64::from(n)));
        g.bench_function(BenchmarkId::from_parameter(n), |b| b.iter(|| run.batch()));
    }
    g.finish();
    let mut g = c.benchmark_group("GPUs a cohort");
    g.throughput(Throughput::Elements(TICKS)).sample_size(10);
    for n in [1, 1000] {
        let mut run = Run::new(gpus(n), true);
        g.bench_function(BenchmarkId::from_parameter(714 * n), |b| b.iter(|| run.batch()));
    }
    g.finish();
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

/// Cost of a batch of `b` over that of `a`.
fn ratio(a: Scenario, b: Scenario) -> f64 {
    let (mut a, mut b) = (Run::new(a, true), Run::new(b, true));
    let mut least = [Duration::MAX; 2];
    for _ in 0..ROUNDS {
        least = [least[0].min(a.timed()), least[1].min(b.timed())];
    }
    least[1].as_secs_f64() / least[0].as_secs_f64()
}

fn ratios(_: &mut Criterion) {
    for n in &GENSETS[1..] {
        let r = ratio(gensets(1), gensets(*n));
        println!("{n} gensets cost {r:.1} times one, {:.2} a set", r / f64::from(*n));
    }
    println!("714000 GPUs cost {:.2} times 714", ratio(gpus(1), gpus(1000)));
}

criterion_group!(benches, ticks, sizes, whole, ratios);
criterion_main!(benches);
