//! What one evaluation of all alarms costs: the built-in database and 500 alarms made of it, while nothing changes and in
//! a flood in which every alarm comes and goes all the time.
//!
//! Targets: 500 alarms in less than 10 µs while nothing changes, so that they add less than half a core at 50 times real
//! time; a flood of all of them without a stall. The cost beside that of a tick of the engine is printed as a ratio at
//! the end, from batches of both sides in turn, the fastest of each, so that a busy machine disturbs both alike.
#![allow(missing_docs, clippy::expect_used, reason = "a benchmark; its macros make functions without docs")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ballast::alarm::{Annunciator, Database, Facts, Transition};
use ballast::engine::Engine;
use ballast::engine::msg::{Block, Event};
use ballast::scenario::default_scenario;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// Ticks a batch of the ratio, and batches of each side.
const TICKS: u64 = 1000;
const ROUNDS: usize = 15;
/// Ticks between two changes of the plant in a flood.
const SWING: u64 = 20;

fn engine() -> Engine {
    Engine::new(Arc::new(default_scenario().expect("the built-in scenario")))
}

/// The built-in alarms over and over, each with a tag of its own and following what its original follows.
fn database(n: usize, delays: bool) -> Database {
    let all = &Database::built_in().expect("the built-in database").alarms;
    let numbered = all.iter().cycle().take(n).enumerate().map(|(i, a)| {
        let round = i / all.len();
        let mut a = a.clone();
        a.tag = format!("{}-{round}", a.tag);
        a.follows.iter_mut().for_each(|tag| *tag = format!("{tag}-{round}"));
        if !delays {
            (a.on_s, a.off_s) = (0.0, 0.0);
        }
        a
    });
    Database { alarms: numbered.collect(), source: None }
}

/// Alarms with the rows of a plant in order and of one in trouble.
struct Bench {
    alarms: Annunciator,
    rows: [Vec<f64>; 2],
    facts: Facts,
    out: Vec<Transition>,
    tick: u64,
}

impl Bench {
    fn new(n: usize, delays: bool) -> Self {
        let e = engine();
        let sound: Vec<f64> = e.row().expect("rows are recorded").to_vec();
        let at = |id: &str| e.table().find(id).expect("a signal of every plant").at();
        let mut bad = sound.clone();
        for (id, v) in [
            ("site.f_hz", 57.0),
            ("site.v_pu", 0.8),
            ("site.gen_kw", 1200.0),
            ("site.step_up_1s_kw", 400.0),
            ("site.ramp_5s_kw_per_s", 90.0),
            ("site.rocof_500ms_hz_per_s", -4.0),
            ("site.headroom_kw", 0.0),
            ("site.gpu_kw", 900.0),
            ("site.miner_kw", 900.0),
            ("site.miner_stuck", 8.0),
            ("site.shed_lag_s", 9.0),
        ] {
            bad[at(id)] = v;
        }
        let facts = Facts {
            schedule_on: true,
            genset_on_bus: true,
            ramp_limit_kw_per_s: 20.0,
            plan_batch_kw: 10.0,
            min_headroom_kw: 50.0,
            ..Facts::default()
        };
        let alarms = Annunciator::new(&database(n, delays), e.table(), e.plate(), e.tick_s());
        Self { alarms, rows: [sound, bad], facts, out: Vec::new(), tick: 0 }
    }

    fn step(&mut self, bad: bool) {
        self.tick += 1;
        self.out.clear();
        self.alarms.step(black_box(self.tick), &self.rows[usize::from(bad)], &[], &self.facts, &mut self.out);
    }

    fn flood(&mut self) {
        let bad = (self.tick / SWING).is_multiple_of(2);
        self.step(bad);
    }
}

fn evaluation(c: &mut Criterion) {
    let mut g = c.benchmark_group("evaluation");
    for n in [Database::built_in().expect("the built-in database").alarms.len(), 500] {
        g.throughput(Throughput::Elements(n as u64));
        let mut quiet = Bench::new(n, true);
        g.bench_function(format!("{n} alarms, quiet"), |b| b.iter(|| quiet.step(false)));
        let mut flood = Bench::new(n, false);
        (0..10 * SWING).for_each(|_| flood.flood());
        assert!(flood.alarms.list().flood_s.is_some(), "it is a flood");
        g.bench_function(format!("{n} alarms, flood"), |b| b.iter(|| flood.flood()));
        g.bench_function(format!("{n} alarms, flood, with the list of each tick"), |b| {
            b.iter(|| {
                flood.flood();
                black_box(flood.alarms.list())
            });
        });
    }
    g.finish();
}

fn timed(mut batch: impl FnMut()) -> Duration {
    let t = Instant::now();
    batch();
    t.elapsed()
}

fn ratios(_: &mut Criterion) {
    let start = {
        let mut e = engine();
        (0..7000).for_each(|_| e.tick());
        e
    };
    let mut run = start.clone();
    let (mut quiet, mut flood) = (Bench::new(500, true), Bench::new(500, false));
    let mut events: Vec<Event> = Vec::new();
    let mut least = [Duration::MAX; 3];
    for _ in 0..ROUNDS {
        let now = [
            timed(|| {
                (0..TICKS).for_each(|_| run.tick());
                run.take_block(&mut Block::default());
                run.take_events(&mut events);
                events.clear();
            }),
            timed(|| (0..TICKS).for_each(|_| quiet.step(false))),
            timed(|| (0..TICKS).for_each(|_| flood.flood())),
        ];
        least = [0, 1, 2].map(|k: usize| least[k].min(now[k]));
        if run.t_s() > 100.0 {
            run = start.clone();
        }
    }
    let us = least.map(|d| d.as_secs_f64() * 1e6 / TICKS as f64);
    println!("a tick of the engine: {:.2} µs", us[0]);
    println!("500 alarms, quiet: {:.2} µs, {:.1} of such ticks", us[1], us[1] / us[0]);
    println!("500 alarms, flood: {:.2} µs on average, {:.1} of such ticks", us[2], us[2] / us[0]);
}

criterion_group!(benches, evaluation, ratios);
criterion_main!(benches);
