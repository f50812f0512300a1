//! What a frame of the console costs at 1920 x 1080 with eight hours of history: the real app on a channel that the
//! benchmark feeds, a bare context, no window and no graphics card.
//!
//! Targets: 4 ms for logic and ui, 4 ms for tessellation.
#![allow(missing_docs, clippy::expect_used, reason = "a benchmark; its macros make functions without docs")]

use std::hint::black_box;
use std::sync::Arc;

use ballast::acts::{Block, By, Event, EventKind};
use ballast::console::app::ConsoleApp;
use ballast::console::session::Session;
use ballast::console::settings::{Settings, Window};
use ballast::console::time_view::TimeView;
use ballast::console::widgets::pen::Pen;
use ballast::console::widgets::plot::{Axis, Chart, Curve};
use ballast::console::widgets::strip::Strip;
use ballast::engine::forecast::forecast;
use ballast::engine::run::Engine;
use ballast::feed::empty_update;
use ballast::history::Store;
use ballast::plant::signals::{at, site};
use ballast::scenario::builtin_scenario;
use ballast::worker::{TwinHandle, Update};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use crossbeam_channel::{Receiver, Sender, bounded};
use eframe::App as _;
use egui::{Color32, FullOutput, Key, Modifiers, RawInput, Rect, pos2, vec2};

const HOURS: f64 = 8.0;
const DT: f64 = 0.05;

/// The console with the ends of its channels.
struct Bench {
    ctx: egui::Context,
    app: ConsoleApp,
    frame: eframe::Frame,
    updates: Sender<Update>,
    _commands: Receiver<(u64, ballast::worker::Command)>,
    update: Update,
    rows: u64,
    frames: u64,
}

impl Bench {
    fn new(window: Window) -> Self {
        let scenario = builtin_scenario("path-a").expect("shipped").expect("sound");
        let mut engine = Engine::new(Arc::new(scenario));
        for _ in 0..20_000 {
            engine.tick();
        }
        let (command_in, commands) = bounded(1024);
        let (updates, update_out) = bounded(4);
        let ctx = egui::Context::default();
        let settings = Settings { window, ..Settings::default() };
        let session = Session::Twin(TwinHandle::from_channels(command_in, update_out));
        let loader = Arc::new(|_: ballast::console::app::Pick<'_>| Err("no scenario here".to_owned()));
        let app = ConsoleApp::new(&ctx, session, settings, Vec::new(), loader);

        let mut update = empty_update(0, Arc::clone(engine.table()), Arc::clone(engine.plate()));
        engine.latest(&mut update.latest);
        (update.status, update.view) = (engine.status(), engine.view());
        (update.running, update.achieved_speed) = (true, 1.0);
        let mut ahead = forecast(&engine);
        let shift = HOURS * 3600.0 - ahead.t0_s;
        ahead.t0_s += shift;
        ahead.t_s.iter_mut().for_each(|t| *t += shift);
        ahead.batches.iter_mut().for_each(|b| b.0 += shift);
        update.forecast = Some(Arc::new(ahead));

        let frame = eframe::Frame::_new_kittest();
        let mut bench = Self { ctx, app, frame, updates, _commands: commands, update, rows: 0, frames: 0 };
        while (bench.rows as f64) * DT < HOURS * 3600.0 {
            bench.send(10_000);
            bench.frame(Vec::new()).drop_without_applying_deltas();
        }
        bench
    }

    /// Rows round the plant's real values: every signal moves, so that nothing is cheap because it is flat.
    fn send(&mut self, rows: u64) {
        let width = self.update.latest.len();
        let mut block = Block { width, ..Block::default() };
        for r in self.rows..self.rows + rows {
            let t = (r + 1) as f64 * DT;
            block.t_s.push(t);
            for (i, v) in self.update.latest.iter().enumerate() {
                let k = r as f64;
                let noise = (k * 0.7 + i as f64).sin() * 0.01 + (k * 1e-3).sin() * 0.05;
                // States and counts stay what they are.
                let v = if v.fract() == 0.0 && v.abs() < 10.0 { *v } else { v * (1.0 + noise) };
                block.min.push(v);
                block.max.push(v + 0.002 * v.abs());
                block.last.push(v);
            }
        }
        self.rows += rows;
        let t_s = self.rows as f64 * DT;
        // A batch a second, as in a bring-up.
        let seconds = (self.rows - rows) / 20..self.rows / 20;
        let text = || "batch of 10 GPUs".to_owned();
        let batch = |s: u64| Event {
            seq: s,
            tick: s * 1000,
            t_s: s as f64,
            kind: EventKind::Batch,
            object: "schedule".into(),
            text: text(),
            value: 7.0,
            unit: "kW",
            by: By::Plant,
            change: None,
            cause: None,
        };
        let update = Update { t_s, block, events: seconds.map(batch).collect(), ..self.update.clone() };
        self.updates.send(update).expect("the app is there");
    }

    /// A frame 16.7 ms after the last one.
    fn frame(&mut self, events: Vec<egui::Event>) -> FullOutput {
        self.frames += 1;
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(1920.0, 1080.0))),
            time: Some(self.frames as f64 / 60.0),
            events,
            ..RawInput::default()
        };
        let (ctx, app, frame) = (self.ctx.clone(), &mut self.app, &mut self.frame);
        ctx.run_ui(input, |ui| {
            app.logic(ui, frame);
            app.ui(ui, frame);
        })
    }

    /// A frame of a running plant: a new row in every third.
    fn live_frame(&mut self) -> FullOutput {
        if self.frames.is_multiple_of(3) {
            self.send(1);
        }
        self.frame(Vec::new())
    }

    fn press(&mut self, key: Key) {
        let event =
            |pressed| egui::Event::Key { key, physical_key: None, pressed, repeat: false, modifiers: Modifiers::NONE };
        for events in [vec![event(true)], vec![event(false)], Vec::new()] {
            self.frame(events).drop_without_applying_deltas();
        }
    }
}

fn frames(c: &mut Criterion) {
    let views = [
        ("operate 2 min", Window::Seconds(120.0), None),
        ("operate 10 min", Window::Seconds(600.0), None),
        ("operate 8 h", Window::Whole, None),
        ("tune", Window::Seconds(120.0), Some(Key::F3)),
    ];
    for (name, window, key) in views {
        let mut bench = Bench::new(window);
        key.into_iter().for_each(|k| bench.press(k));
        let mut g = c.benchmark_group(name);
        g.bench_function("logic and ui", |b| {
            b.iter(|| black_box(bench.live_frame()).drop_without_applying_deltas());
        });
        let out = bench.live_frame();
        let shapes = out.shapes.clone();
        out.drop_without_applying_deltas();
        let ctx = bench.ctx.clone();
        g.bench_function("tessellate", |b| {
            b.iter_batched(|| shapes.clone(), |s| black_box(ctx.tessellate(s, 1.0)), BatchSize::LargeInput);
        });
        g.finish();
    }
}

/// The same lines over the same two minutes: as a strip, and as a chart on `egui_plot` that gets what the history has
/// condensed to two points a pixel. Why strips are drawn as they are stands in `widgets/plot.rs`.
fn strip_or_chart(c: &mut Criterion) {
    let mut bench = Bench::new(Window::Seconds(120.0));
    let signals = [site::F_HZ, site::GEN_KW, site::GEN_MECH_KW, site::GPU_KW, site::MINER_KW, site::AUX_KW].map(at);
    let mut history = Store::new();
    bench.rows = 0;
    let (ends, update_out) = bounded(4);
    bench.updates = ends;
    for _ in 0..10 {
        bench.send(1000);
        history.absorb(&update_out.recv().expect("sent")).expect("rows of the plant");
    }
    let (now, view, room) =
        (bench.rows as f64 * DT, TimeView::default(), Rect::from_min_size(pos2(0.0, 0.0), vec2(980.0, 240.0)));
    let pens: Vec<Pen> = signals.iter().map(|s| Pen::new(*s, "pen", Color32::BLACK, 2.0)).collect();
    let strip =
        Strip { title: "strip", unit: "kW", header: 26.0, pens, base: [0.0, 1000.0], least: 10.0, ..Strip::default() };
    let condensed = || {
        signals.map(|signal| {
            let runs = history.visible(signal, now - 120.0..now, 924);
            let points = runs.columns().iter().flat_map(|[t, lo, hi]| [(*t, *lo), (*t, *hi)]);
            points.unzip::<f64, f64, Vec<f64>, Vec<f64>>()
        })
    };
    let ctx = bench.ctx.clone();
    let frame = |draw: &dyn Fn(&mut egui::Ui)| {
        let input = RawInput { screen_rect: Some(room), ..RawInput::default() };
        ctx.run_ui(input, |ui| draw(ui))
    };
    let of_strip = |ui: &mut egui::Ui| {
        strip.show(ui, room, &history, now, &view, &mut Vec::new());
    };
    let of_chart = |ui: &mut egui::Ui| {
        let lines = condensed();
        let mut chart =
            Chart::new("chart", Axis::time([now - 120.0, now]), Axis::linear([0.0, 1000.0], "kW")).title("chart", "kW");
        for (t, y) in &lines {
            chart = chart.curve(Curve::new("pen", t, y, Color32::BLACK).width(2.0));
        }
        chart.show(ui, room);
    };
    type Draw<'a> = &'a dyn Fn(&mut egui::Ui);
    for (name, draw) in [("strip", &of_strip as Draw<'_>), ("egui_plot", &of_chart)] {
        let mut g = c.benchmark_group(format!("six lines, {name}"));
        g.bench_function("ui", |b| b.iter(|| frame(draw).drop_without_applying_deltas()));
        let out = frame(draw);
        let shapes = out.shapes.clone();
        out.drop_without_applying_deltas();
        g.bench_function("tessellate", |b| {
            b.iter_batched(|| shapes.clone(), |s| black_box(ctx.tessellate(s, 1.0)), BatchSize::LargeInput);
        });
        g.finish();
    }
}

criterion_group!(benches, frames, strip_or_chart);
criterion_main!(benches);
