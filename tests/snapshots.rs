//! Pictures of the whole window against those in `tests/snapshots`: what a change does to the look is seen in review.
//!
//! `cargo test --test snapshots -- --ignored`, with `UPDATE_SNAPSHOTS=1` to take new ones. The test plays the worker and
//! the engine is stepped to a fixed time, so that nothing depends on the machine but the renderer's rounding.
//!
//! The pictures are kept small, as palettes: `mogrify -format png +dither -colors 256 tests/snapshots/*.png` after an
//! update. The tolerance is for both, the rounding and the palette.
#![cfg(feature = "console")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

#[path = "common/updates.rs"]
mod updates;

use std::sync::Arc;

use ballast::acts::Operate;
use ballast::console::action::{Action, ScreenAct};
use ballast::console::session::Session;
use ballast::console::settings::{Settings, ThemeChoice};
use ballast::console::views;
use ballast::console::{ConsoleApp, Pick};
use ballast::engine::Engine;
use ballast::engine::forecast;
use ballast::scenario::{Scenario, builtin_scenario};
use ballast::worker::{TwinHandle, Update};
use crossbeam_channel::{Sender, bounded};
use egui::{Rect, pos2};
use egui_kittest::{Harness, SnapshotOptions, SnapshotResults};
use updates::of_engine;

const SMALL: [f32; 2] = [1280.0, 800.0];
const USUAL: [f32; 2] = [1440.0, 900.0];

/// Two sections with a closed tie, a set on each; the second set trips at 30 s.
const SECTIONS: &str = r#"(
    purpose: "two sections", run_s: 60.0,
    plant: (
        sections: ["Bus A", "Bus B"],
        ties: [(name: "tie", from: "Bus A", to: "Bus B", closed: true)],
        gensets: [
            (name: "G1", preset: "lean-default", section: "Bus A", sharing: droop(0.04)),
            (name: "G2", preset: "lean-default", section: "Bus B", sharing: droop(0.04)),
        ],
        gpus: [(name: "gpu", section: "Bus B", gpus: 200, full_at_start: 100)],
        miners: [(name: "miners A", section: "Bus A", units: 80), (name: "miners B", section: "Bus B", units: 40)],
        relays: console, shedding: off,
    ),
    policy: (hold: (enabled: false)),
    script: [(at_s: 30.0, act: TripGenset(genset: "G2"))],
)"#;

/// A window on an engine that the test steps.
struct Window {
    h: Harness<'static, ConsoleApp>,
    engine: Engine,
    updates: Sender<Update>,
    size: [f32; 2],
}

impl Window {
    fn open(scenario: Scenario, size: [f32; 2], theme: ThemeChoice) -> Self {
        let (commands, _) = bounded(64);
        let (updates, update_out) = bounded(4);
        let session = Session::Twin(TwinHandle::from_channels(commands, update_out));
        let ground = if theme == ThemeChoice::Dark { egui::Theme::Dark } else { egui::Theme::Light };
        let h = Harness::builder()
            .with_size(size)
            .with_pixels_per_point(1.0)
            .with_max_steps(8)
            .with_theme(ground)
            .wgpu()
            .build_eframe(move |cc| {
                let loader = Arc::new(|_: Pick<'_>| Err("not in this test".to_owned()));
                let settings = Settings { theme, operator: "jk".to_owned(), ..Settings::default() };
                ConsoleApp::new(&cc.egui_ctx, session, settings, Vec::new(), loader)
            });
        Self { h, engine: Engine::new(Arc::new(scenario)), updates, size }
    }

    fn run_to(&mut self, t_s: f64) {
        while self.engine.t_s() < t_s - 1e-9 {
            self.engine.tick();
        }
    }

    /// Everything so far and the forecast from here, as the worker would send it.
    fn publish(&mut self) {
        let mut u = of_engine(&mut self.engine);
        u.forecast = Some(Arc::new(forecast::job(&self.engine)()));
        self.updates.send(u).expect("the console takes it");
        self.h.run_steps(4);
    }

    fn act(&mut self, action: Action) {
        let ctx = self.h.ctx.clone();
        self.h.state_mut().act(&ctx, action);
        self.h.run_steps(4);
    }

    fn compare(&mut self, name: &str, results: &mut SnapshotResults) {
        // the wall clock
        self.h.mask(Rect::from_min_max(pos2(self.size[0] - 96.0, 6.0), pos2(self.size[0] - 8.0, 34.0)));
        let options = SnapshotOptions::new().threshold(5.0).max_failed_pixels(1200);
        results.add(self.h.try_snapshot_options(name, &options));
    }
}

fn shipped(name: &str) -> Scenario {
    builtin_scenario(name).expect("a built-in scenario").expect("valid")
}

#[test]
#[ignore = "needs a renderer"]
fn the_window_looks_as_it_did() {
    use ThemeChoice::{Dark, Light};
    let mut results = SnapshotResults::new();
    for (theme, tag) in [(Light, "light"), (Dark, "dark")] {
        let mut w = Window::open(shipped("path-b-500"), USUAL, theme);
        w.run_to(45.0);
        w.publish();
        w.compare(&format!("operate-{tag}"), &mut results);
        w.act(Action::Screen(ScreenAct::Show(views::tune::ID)));
        w.compare(&format!("tune-{tag}"), &mut results);
    }
    let mut w = Window::open(shipped("path-b-500"), SMALL, Light);
    w.run_to(30.0);
    w.engine.operate(Operate::Hold);
    w.run_to(36.0);
    w.publish();
    w.compare("hold-smallest-light", &mut results);
    w.act(Action::Screen(ScreenAct::AskResume));
    w.compare("resume-smallest-light", &mut results);
    w.act(Action::Screen(ScreenAct::Show(views::live::ID)));
    w.compare("live-smallest-light", &mut results);
    let sections = Scenario::from_str("sections", "test", SECTIONS, None).expect("valid");
    let mut w = Window::open(sections, USUAL, Dark);
    w.run_to(40.0);
    w.publish();
    w.compare("sections-dark", &mut results);
    results.unwrap();
}
