//! The whole window on the real twin: what a bring-up looks like and does from key press to pixels.
//!
//! `cargo test --test console_twin -- --ignored` saves pictures under `target/pictures/`. Time is stepped exactly, so a
//! picture is the same whenever it is taken.
#![cfg(feature = "console")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

#[path = "common/patience.rs"]
mod patience;

use std::sync::Arc;

use ballast::acts::EventKind;
use ballast::console::action::{Action, RunAct, ScreenAct, TimeAct};
use ballast::console::session::Session;
use ballast::console::settings::{Settings, ThemeChoice};
use ballast::console::shell::Layout;
use ballast::console::views;
use ballast::console::views::banner;
use ballast::console::{ConsoleApp, Pick};
use ballast::control::RunState;
use ballast::plant::signals::{at, site};
use ballast::scenario::{builtin, builtin_scenario};
use ballast::training::{Desk, DeskConfig};
use ballast::worker;
use egui::accesskit::Role;
use egui::{Key, Rect};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use patience::until;

struct Window {
    h: Harness<'static, ConsoleApp>,
}

impl Window {
    fn open(scenario: &str, size: [f32; 2], theme: ThemeChoice) -> Self {
        let egui_theme = if theme == ThemeChoice::Dark { egui::Theme::Dark } else { egui::Theme::Light };
        let scenario = builtin_scenario(scenario).expect("a built-in scenario").expect("valid");
        let h = Harness::builder()
            .with_size(size)
            .with_pixels_per_point(1.0)
            .with_max_steps(8)
            .with_theme(egui_theme)
            .wgpu()
            .build_eframe(move |cc| {
                let twin = worker::spawn(Desk::new(Arc::new(scenario), DeskConfig::default()), Arc::new(|| {}));
                let names = builtin().iter().map(|(n, _)| ((*n).to_owned(), String::new())).collect();
                let loader = Arc::new(|pick: Pick<'_>| match pick {
                    Pick::BuiltIn(name) => {
                        builtin_scenario(name).ok_or_else(|| format!("no scenario {name}"))?.map_err(|e| e.to_string())
                    }
                    Pick::File(path) => Err(format!("not in this test: {}", path.display())),
                });
                let settings = Settings { theme, operator: "jk".to_owned(), ..Settings::default() };
                ConsoleApp::new(&cc.egui_ctx, Session::Twin(twin), settings, names, loader)
            });
        let mut w = Self { h };
        w.until("the first row", |app| app.model().is_some());
        w
    }

    fn until(&mut self, what: &str, done: impl Fn(&ConsoleApp) -> bool) {
        until(&mut self.h, what, |h| done(h.state()));
    }

    fn act(&mut self, action: Action) {
        let ctx = self.h.ctx.clone();
        self.h.state_mut().act(&ctx, action);
        self.h.step();
    }

    /// Steps to exactly this time and waits for a forecast from there.
    fn to(&mut self, t_s: f64) {
        let now = self.h.state().model().map_or(0.0, |m| m.t_s);
        self.act(Action::Run(RunAct::StepS(t_s - now)));
        self.until("the step", move |app| app.model().is_some_and(|m| m.t_s >= t_s - 1e-9));
        self.until("its forecast", move |app| {
            app.model().is_some_and(|m| m.forecast.as_ref().is_some_and(|f| f.t0_s > t_s - 1.5))
        });
    }

    fn site(&self, offset: u32) -> f64 {
        self.h.state().model().map_or(f64::NAN, |m| m.site(offset))
    }

    fn state(&self) -> Option<RunState> {
        self.h.state().model().map(|m| m.status.state)
    }

    fn picture(&mut self, name: &str) {
        self.h.run_steps(3);
        let image = self.h.render().expect("a picture");
        std::fs::create_dir_all("target/pictures").expect("a folder");
        image.save(format!("target/pictures/twin-{name}.png")).expect("a file");
    }
}

const SMALL: [f32; 2] = [1280.0, 800.0];
const USUAL: [f32; 2] = [1440.0, 900.0];
const LARGE: [f32; 2] = [1920.0, 1080.0];

/// Name, role and place of everything that can be pressed or read.
fn parts(w: &Window) -> Vec<(Role, String, Rect)> {
    w.h.root()
        .children_recursive()
        .filter(|n| n.accesskit_node().raw_bounds().is_some())
        .map(|n| {
            let node = n.accesskit_node();
            (node.role(), node.label().unwrap_or_default(), n.rect())
        })
        .collect()
}

#[test]
fn hold_and_resume_reach_the_plant() {
    let mut w = Window::open("path-a", USUAL, ThemeChoice::Light);
    w.to(20.0);
    assert_eq!(w.state(), Some(RunState::Running));
    let before = w.site(site::GPU_KW);
    assert!(before > 50.0, "{before} kW of GPUs");
    w.h.key_press(Key::F8);
    w.h.step();
    w.to(30.0);
    assert_eq!(w.state(), Some(RunState::Hold));
    let held = w.site(site::GPU_KW);
    assert!(held - before < 25.0, "{held} kW while held");
    w.h.key_press(Key::F9);
    w.h.step();
    w.h.key_press(Key::Enter);
    w.h.step();
    w.to(40.0);
    assert_eq!(w.state(), Some(RunState::Running));
    assert!(w.site(site::GPU_KW) > held + 40.0);
    let text = |e: &ballast::acts::Event| e.text.to_lowercase();
    let model = w.h.state().model().expect("a model");
    let commands = model.history.events().iter().filter(|e| e.kind == EventKind::Command).map(text).collect::<Vec<_>>();
    assert!(commands.len() >= 2, "both commands are on the record: {commands:?}");
}

#[test]
fn a_restart_begins_again_without_the_old_rows() {
    let mut w = Window::open("path-a", USUAL, ThemeChoice::Light);
    w.to(10.0);
    let epoch = w.h.state().model().map(|m| m.epoch);
    w.act(Action::Run(RunAct::Restart));
    w.until("the new epoch", move |app| app.model().map(|m| m.epoch) != epoch);
    let model = w.h.state().model().expect("a model");
    assert_eq!(model.t_s, 0.0);
    assert!(model.history.value_at(at(site::F_HZ), 5.0).is_none());
    assert!(model.forecast.as_ref().is_none_or(|f| f.t0_s < 1.0));
}

#[test]
fn the_first_trip_stays_in_sight() {
    let mut w = Window::open("two-gensets-one-trips", USUAL, ThemeChoice::Light);
    w.to(30.0);
    let model = w.h.state().model().expect("a model");
    let rows = banner::rows(model, true, 3);
    let first = rows.first().expect("a row");
    assert!(first.first_out && first.state != "LOAD SHED", "{rows:?}");
}

/// What is too small for a finger, or outside the window, or without a name, of all that can be pressed now.
fn misplaced(w: &Window, size: [f32; 2]) -> Vec<String> {
    let layout = Layout::new(size.into());
    let window = Rect::from_min_size(egui::Pos2::ZERO, size.into());
    let mut bad = Vec::new();
    for (role, name, r) in parts(w) {
        if !matches!(role, Role::Button | Role::RadioButton | Role::Slider | Role::Tab | Role::SpinButton) {
            continue;
        }
        // The rows of the banner and the small choices in a strip's header are lower and narrower.
        let dense =
            layout.banner.contains(r.center()) || r.left() >= layout.strips.f.left() && layout.view.intersects(r);
        let least = if dense { [16.0, 22.0] } else { [27.9, 27.9] };
        if name.is_empty() || !window.contains_rect(r) || r.width() < least[0] || r.height() < least[1] {
            bad.push(format!("{role:?} {name:?} at {r:?} in {size:?}"));
        }
    }
    bad
}

#[test]
fn regress_everything_to_press_is_in_the_window_and_large_enough() {
    let mut bad = Vec::new();
    for size in [SMALL, USUAL, LARGE] {
        let mut w = Window::open("bess-200kw", size, ThemeChoice::Light);
        w.to(8.0);
        for page in ["Devices", "Run", "Plan"] {
            w.h.get_by_label(&format!("Page {page}")).click();
            w.h.run_steps(2);
            bad.extend(misplaced(&w, size));
        }
        let all = parts(&w);
        for name in ["HOLD", "Resume", "Start", "Next batch", "Ramp down", "ABORT"] {
            let found = all.iter().filter(|(role, n, _)| *role == Role::Button && n == name);
            assert_eq!(found.count(), 1, "{name} at {size:?}");
        }
        let meters = all.iter().filter(|(role, ..)| *role == Role::Meter).count();
        assert!(meters >= 8, "{meters} gauges at {size:?}");
        w.act(Action::Screen(ScreenAct::ToggleHelp));
        bad.extend(misplaced(&w, size));
        w.act(Action::Screen(ScreenAct::ToggleHelp));
        w.act(Action::Screen(ScreenAct::Show(views::live::ID)));
        bad.extend(misplaced(&w, size));
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
#[ignore = "pictures for people"]
fn pictures() {
    use ThemeChoice::{Dark, Light};
    let shots: [(&str, &str, f64, [f32; 2], ThemeChoice); 9] = [
        ("path-a", "path-a-light", 45.0, USUAL, Light),
        ("path-b-500", "path-b-dark", 45.0, USUAL, Dark),
        ("naive-slam", "slam-light-large", 14.0, LARGE, Light),
        ("two-gensets-one-trips", "trip-dark-small", 40.0, SMALL, Dark),
        ("job-crash", "crash-light-small", 40.0, SMALL, Light),
        ("bess-200kw", "bess-dark-large", 30.0, LARGE, Dark),
        ("black-start-bess", "black-start-light", 20.0, USUAL, Light),
        ("cold-start-cg260", "cold-light", 1.0, USUAL, Light),
        ("staged-phase", "staged-dark", 60.0, USUAL, Dark),
    ];
    for (scenario, name, t_s, size, theme) in shots {
        let mut w = Window::open(scenario, size, theme);
        w.to(t_s);
        w.picture(name);
    }
    let mut w = Window::open("path-a", USUAL, Light);
    w.to(30.0);
    w.h.key_press(Key::F8);
    w.h.step();
    w.to(42.0);
    w.act(Action::Time(TimeAct::Cursor(0, Some(31.0))));
    w.act(Action::Time(TimeAct::Cursor(1, Some(38.0))));
    w.picture("hold-light");
    w.h.key_press(Key::F9);
    w.picture("resume-light");
    w.h.key_press(Key::Escape);
    w.act(Action::Screen(ScreenAct::ZoomToData(true)));
    w.act(Action::Time(TimeAct::Window(Some(30.0))));
    w.picture("zoomed-light");
    w.act(Action::Screen(ScreenAct::ToggleHelp));
    w.picture("help-light");
    w.act(Action::Screen(ScreenAct::ToggleHelp));
    w.act(Action::Screen(ScreenAct::Show(views::tune::ID)));
    w.picture("tune-light");
    w.act(Action::Screen(ScreenAct::Show(views::live::ID)));
    w.picture("live-light");
}
