//! What one evaluation of all alarms costs: the built-in database and 500 alarms made of it, while nothing changes and in
//! a flood in which every alarm comes and goes all the time; and what a frame of the sequence of events costs after a
//! hundred thousand of them.
//!
//! Targets: 500 alarms in less than 10 µs while nothing changes, so that they add less than half a core at 50 times real
//! time; a flood of all of them without a stall; a frame of events in 4 ms. The cost beside that of a tick of the engine is printed as a ratio at
//! the end, from batches of both sides in turn, the fastest of each, so that a busy machine disturbs both alike.
#![allow(missing_docs, clippy::expect_used, reason = "a benchmark; its macros make functions without docs")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ballast::acts::{Block, By, Event, EventKind};
use ballast::alarm::{Annunciator, Database, Facts, Transition};
use ballast::console::model::{Mode, Model};
use ballast::console::theme;
use ballast::console::views::alarms::{self, AlarmsState, Tab};
use ballast::engine::Engine;
use ballast::feed::empty_update;
use ballast::scenario::default_scenario;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use egui::{RawInput, Rect, pos2, vec2};

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

/// The table of events on a bare context, without a window and a graphics card.
struct Events {
    ctx: egui::Context,
    model: Model,
    state: AlarmsState,
    pushed: u64,
    frames: u64,
}

impl Events {
    fn new() -> Self {
        let e = engine();
        let mut model = Model::new(Mode::Twin, empty_update(0, Arc::clone(e.table()), Arc::clone(e.plate())));
        model.t_s = 1e5;
        let ctx = egui::Context::default();
        theme::install(&ctx);
        let mut state = AlarmsState::default();
        state.tab = Tab::Events;
        let mut events = Self { ctx, model, state, pushed: 0, frames: 0 };
        (0..100_000).for_each(|_| events.push());
        (0..10).for_each(|_| events.frame());
        events
    }

    fn push(&mut self) {
        let seq = self.pushed;
        let kind = [EventKind::Batch, EventKind::Limit, EventKind::Command, EventKind::Trip][seq as usize % 4];
        self.model.history.events_mut().push(Event {
            seq,
            tick: seq * 1000,
            t_s: seq as f64,
            kind,
            object: "schedule".to_owned(),
            text: format!("batch of {} GPUs", seq % 17),
            value: 7.0,
            unit: "kW",
            by: By::Plant,
            change: None,
            cause: None,
        });
        self.pushed += 1;
    }

    fn frame(&mut self) {
        self.frames += 1;
        let screen = Rect::from_min_size(pos2(0.0, 0.0), vec2(1840.0, 840.0));
        let time = Some(self.frames as f64 / 60.0);
        let input = RawInput { screen_rect: Some(screen), time, ..RawInput::default() };
        let (model, state) = (&self.model, &mut self.state);
        let out = self.ctx.clone().run_ui(input, |ui| alarms::show(ui, screen, model, state, &mut Vec::new()));
        black_box(out).drop_without_applying_deltas();
    }
}

fn sequence(c: &mut Criterion) {
    let mut g = c.benchmark_group("sequence of events");
    let mut events = Events::new();
    g.bench_function("a frame", |b| b.iter(|| events.frame()));
    g.bench_function("a frame with a new event", |b| {
        b.iter(|| {
            events.push();
            events.frame();
        });
    });
    events.model.cursor_s = Some(events.pushed as f64 - 20_000.0);
    g.bench_function("a frame with a new event, an old one selected", |b| {
        b.iter(|| {
            events.push();
            events.frame();
        });
    });
    // another epoch, as after a restart: the list is made anew
    g.bench_function("a frame that makes the list anew", |b| {
        b.iter(|| {
            events.model.epoch += 1;
            events.frame();
        });
    });
    g.finish();
}

criterion_group!(benches, evaluation, sequence, ratios);
criterion_main!(benches);
