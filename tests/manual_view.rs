//! The Manual view without a window, read and operated by its accessible names.
//!
//! `cargo test --test manual_view -- --ignored` saves pictures under `target/pictures/`.
#![cfg(feature = "console")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

#[path = "common/played_twin.rs"]
mod played_twin;

use std::sync::Arc;

use ballast::console::action::{Action, ScreenAct};
use ballast::console::app::ConsoleApp;
use ballast::console::session::Session;
use ballast::console::settings::{Settings, ThemeChoice};
use ballast::console::views::manual;
use ballast::engine::Engine;
use ballast::worker::TwinHandle;
use crossbeam_channel::bounded;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use played_twin::{Worker, loader, scenario};

fn console(size: [f32; 2], theme: egui::Theme) -> (Harness<'static, ConsoleApp>, Worker) {
    let (command_in, commands) = bounded(64);
    let (updates, update_out) = bounded(4);
    let engine = Engine::new(Arc::new(scenario("path-a").unwrap()));
    let mut w = Worker { engine, commands, updates, epoch: 0, running: false };
    w.run(5.0);
    w.publish();
    let session = Session::Twin(TwinHandle::from_channels(command_in, update_out));
    let loader = loader();
    let choice = if theme == egui::Theme::Dark { ThemeChoice::Dark } else { ThemeChoice::Light };
    let h = Harness::builder().with_size(size).with_pixels_per_point(1.0).with_max_steps(8).with_theme(theme);
    let mut h = h.build_eframe(move |cc| {
        let settings = Settings { theme: choice, ..Settings::default() };
        ConsoleApp::new(&cc.egui_ctx, session, settings, Vec::new(), loader)
    });
    h.step();
    let ctx = h.ctx.clone();
    h.state_mut().act(&ctx, Action::Screen(ScreenAct::Show(manual::ID)));
    h.run_steps(3);
    (h, w)
}

fn has(h: &Harness<'_, ConsoleApp>, words: &str) -> bool {
    let says = |text: Option<String>| text.is_some_and(|t| t.contains(words));
    h.query_all_by(|n| says(n.label()) || says(n.value())).next().is_some()
}

#[test]
fn a_term_is_found_by_its_words_and_a_link_goes_to_it() {
    let (mut h, _w) = console([1280.0, 800.0], egui::Theme::Light);
    assert!(has(&h, "First steps") && has(&h, "Go to Step now"));
    h.get_by_label("Find in the manual").focus();
    h.run_steps(2);
    h.get_by_label("Find in the manual").type_text("turbocharger");
    h.run_steps(3);
    assert!(has(&h, "Go to Step now") && !has(&h, "Go to First steps"), "only what has the word");
    h.get_by_label("Find in the manual").type_text(" of gold");
    h.run_steps(3);
    assert!(has(&h, "No page has"));
}

#[test]
fn a_heading_in_the_list_scrolls_to_its_text() {
    let (mut h, _w) = console([1280.0, 800.0], egui::Theme::Light);
    let top = |h: &Harness<'_, ConsoleApp>| h.get_by_role_and_label(Role::Label, "ISO class").rect().top();
    let before = top(&h);
    h.get_by_label("Go to ISO class").click_accesskit();
    h.run_steps(30);
    let after = top(&h);
    assert!(before > 800.0 && after < 400.0, "{before} {after}");
}

#[test]
fn a_claim_opens_its_run() {
    let (mut h, w) = console([1440.0, 900.0], egui::Theme::Light);
    h.get_by_label_contains("Open job-crash for: No battery").click_accesskit();
    // it is read on a thread
    let deadline = std::time::Instant::now() + std::time::Duration::from_mins(1);
    let mut asked = false;
    while !asked && std::time::Instant::now() < deadline {
        h.step();
        asked = w.sent().iter().any(|c| format!("{c:?}").contains("job-crash"));
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert!(asked, "the twin is asked to load it");
}

#[test]
#[ignore = "draws pictures"]
fn pictures() {
    std::fs::create_dir_all("target/pictures").unwrap();
    for (size, theme, name) in [
        ([1280.0, 800.0], egui::Theme::Light, "1280-light"),
        ([1440.0, 900.0], egui::Theme::Light, "1440-light"),
        ([1920.0, 1080.0], egui::Theme::Dark, "1920-dark"),
    ] {
        let (mut h, _w) = console(size, theme);
        h.render().unwrap().save(format!("target/pictures/manual-{name}.png")).unwrap();
        h.get_by_label("Go to What the sources claim").click_accesskit();
        h.run_steps(30);
        h.render().unwrap().save(format!("target/pictures/manual-claims-{name}.png")).unwrap();
    }
}
