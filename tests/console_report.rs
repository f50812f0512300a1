//! The Report view without a window: what it says, and what its buttons ask for.
//!
//! `cargo test --test console_report -- --ignored` saves pictures under `target/pictures/`.
#![cfg(feature = "console")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

#[path = "common/updates.rs"]
mod updates;

use std::sync::Arc;
use std::time::{Duration, Instant};

use ballast::console::app::ConsoleApp;
use ballast::console::session::Session;
use ballast::console::settings::{Settings, ThemeChoice};
use ballast::scenario::builtin_scenario;
use ballast::training::{Desk, DeskConfig};
use ballast::worker::TwinHandle;
use crossbeam_channel::bounded;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use updates::of_desk;

type App = Harness<'static, ConsoleApp>;

/// A console on the Report view of a scenario after so many seconds.
fn report(size: [f32; 2], theme: ThemeChoice, name: &str, seconds: u64) -> App {
    let (command_in, _commands) = bounded(64);
    let (updates, update_out) = bounded(4);
    let twin = TwinHandle::from_channels(command_in, update_out);
    let mut desk = Desk::new(Arc::new(builtin_scenario(name).unwrap().unwrap()), DeskConfig::default());
    let first = of_desk(&mut desk);
    (0..seconds * 1000).for_each(|_| desk.tick());
    updates.send(first).unwrap();
    updates.send(of_desk(&mut desk)).unwrap();
    let settings = Settings { theme, ..Settings::default() };
    let loader: ballast::console::app::Loader = Arc::new(|_| Err("no files here".to_owned()));
    let egui_theme = if theme == ThemeChoice::Dark { egui::Theme::Dark } else { egui::Theme::Light };
    let mut h = Harness::builder()
        .with_size(size)
        .with_pixels_per_point(1.0)
        .with_max_steps(8)
        .with_theme(egui_theme)
        .build_eframe(move |cc| ConsoleApp::new(&cc.egui_ctx, Session::Twin(twin), settings, Vec::new(), loader));
    h.step();
    h.key_press_modifiers(Modifiers::NONE, Key::F7);
    h.step();
    h.step();
    h
}

fn has(h: &App, words: &str) -> bool {
    let says = |text: Option<String>| text.is_some_and(|t| t.contains(words));
    h.query_all_by(|n| says(n.label()) || says(n.value())).next().is_some()
}

fn wait(h: &mut App, words: &str) {
    let since = Instant::now();
    while !has(h, words) {
        assert!(since.elapsed() < Duration::from_mins(3), "{words} never came");
        std::thread::sleep(Duration::from_millis(50));
        h.step();
    }
}

#[test]
fn groups_lines_moments_and_the_observers_sheet_are_there() {
    let mut h = report([1440.0, 900.0], ThemeChoice::Light, "step-limit-only", 30);
    for words in ["Stability and safety: ", "Time: ", "Economy: ", "Conduct: 15.0 of 20 points"] {
        assert!(has(&h, words), "{words}");
    }
    assert!(has(&h, "Worst frequency deviation: ") && has(&h, "Needless moves: 0, 4.0 of 4 points"));
    assert!(has(&h, "Cap ") && has(&h, "Largest deviation at "), "this scenario trips or dips");
    h.get_by_label("Anticipation: 3").click();
    h.step();
    h.step();
    let chosen = h.query_all_by(|n| n.label().as_deref() == Some("Anticipation: 3")).next();
    assert!(chosen.is_some(), "marks stand beside the score");
    assert!(has(&h, "Save the debrief as a page") && has(&h, "Trainee"));
}

#[test]
fn par_is_searched_while_the_view_is_drawn() {
    let mut h = report([1440.0, 900.0], ThemeChoice::Light, "job-crash", 5);
    // no bring-up is asked for, so this search is one run
    wait(&mut h, "Par: the scenario as it is");
    assert!(has(&h, "Time to target: not asked for, 12.0 of 12 points"));
}

#[test]
#[ignore = "saves pictures"]
fn pictures() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pictures");
    std::fs::create_dir_all(&dir).unwrap();
    for (name, size, theme) in [
        ("report-light-1440", [1440.0, 900.0], ThemeChoice::Light),
        ("report-dark-1440", [1440.0, 900.0], ThemeChoice::Dark),
        ("report-light-1920", [1920.0, 1080.0], ThemeChoice::Light),
    ] {
        let mut h = report(size, theme, "path-b-500", 120);
        wait(&mut h, "Par: Path");
        h.render().unwrap().save(dir.join(format!("{name}.png"))).unwrap();
    }
}
