//! The Plan view without a window, read and operated by its accessible names; plans are made by the real threads.
//!
//! `cargo test --test plan_view -- --ignored` saves pictures under `target/pictures/`.
#![cfg(feature = "console")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

#[path = "common/patience.rs"]
mod patience;
#[path = "common/played_twin.rs"]
mod played_twin;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ballast::console::action::{Action, FileAct, ScreenAct, TimeAct};
use ballast::console::app::ConsoleApp;
use ballast::console::dialogs::{Ask, Dialogs, Save};
use ballast::console::session::Session;
use ballast::console::settings::{Settings, ThemeChoice};
use ballast::console::views::plan;
use ballast::engine::Engine;
use ballast::training::msg::{DeskAct, What};
use ballast::worker::{Command, TwinHandle};
use crossbeam_channel::bounded;
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use patience::{on_screen, wait};
use played_twin::{Worker, loader, scenario};

struct Console {
    h: Harness<'static, ConsoleApp>,
    w: Worker,
}

/// A console on path-a after 20 s, in the Plan view, with these answers to file dialogs.
fn console(size: [f32; 2], theme: egui::Theme, dialogs: Dialogs) -> Console {
    let (command_in, commands) = bounded(64);
    let (updates, update_out) = bounded(4);
    let engine = Engine::new(Arc::new(scenario("path-a").unwrap()));
    let mut w = Worker { engine, commands, updates, epoch: 0, running: false };
    w.run(20.0);
    w.publish();
    let session = Session::Twin(TwinHandle::from_channels(command_in, update_out));
    let loader = loader();
    let built_in = vec![("miner-lag".to_owned(), "Late miners".to_owned())];
    let choice = if theme == egui::Theme::Dark { ThemeChoice::Dark } else { ThemeChoice::Light };
    let h = Harness::builder().with_size(size).with_pixels_per_point(1.0).with_max_steps(8).with_theme(theme);
    let h = h.build_eframe(move |cc| {
        let settings = Settings { theme: choice, ..Settings::default() };
        ConsoleApp::new(&cc.egui_ctx, session, settings, built_in, loader).with_dialogs(dialogs)
    });
    let mut c = Console { h, w };
    c.h.step();
    c.act(Action::Screen(ScreenAct::Show(plan::ID)));
    c.until("a plan", |c| c.has("Total cost"));
    c
}

impl Console {
    fn act(&mut self, action: Action) {
        let ctx = self.h.ctx.clone();
        self.h.state_mut().act(&ctx, action);
        self.h.step();
    }

    /// Whether a name, or the text of a label, has these words.
    fn has(&self, words: &str) -> bool {
        let says = |text: Option<String>| text.is_some_and(|t| t.contains(words));
        self.h.query_all_by(|n| says(n.label()) || says(n.value())).next().is_some()
    }

    /// The first text that begins so.
    fn text(&self, start: &str) -> String {
        let text = std::cell::RefCell::new(String::new());
        let note = |n: &egui_kittest::kittest::AccessKitNode| {
            if let Some(t) = n.label().filter(|l| l.starts_with(start) && text.borrow().is_empty()) {
                *text.borrow_mut() = t;
            }
            false
        };
        self.h.query_all_by(note).count();
        text.into_inner()
    }

    fn click(&mut self, role: Role, name: &str) {
        let node = self.h.query_all_by(|n| n.role() == role && n.label().is_some_and(|l| l.starts_with(name))).next();
        node.unwrap_or_else(|| panic!("no {name}")).click();
        self.h.step();
        self.h.step();
    }

    fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let came = wait(|| {
            self.h.step();
            holds(self)
        });
        assert!(came, "never: {what}; on screen: {}", on_screen(&self.h));
        self.h.step();
    }
}

const SMALL: [f32; 2] = [1440.0, 900.0];

fn small() -> Console {
    console(SMALL, egui::Theme::Light, Dialogs::default())
}

#[test]
fn a_day_is_planned_and_another_number_is_another_plan() {
    let mut c = small();
    for words in ["Load 4", "Miners 0", "Genset ", "Ramp ", "Price of ramping", "Running cost ", "Steepest ramp"] {
        assert!(c.has(words), "{words}");
    }
    let before = c.text("Total cost");
    c.click(Role::RadioButton, "Day: GPU jobs");
    c.until("the other day", |c| c.text("Total cost") != before && c.has("gpu-jobs"));
    let jobs = c.text("Total cost");
    c.click(Role::RadioButton, "Bounds: Penalty");
    c.until("the penalty's plan", |c| c.has("Penalty") && c.text("Total cost") != jobs);
    // back, step by step
    c.click(Role::Button, "Undo the last change");
    c.until("hard bounds again", |c| c.text("Total cost") == jobs);
    c.click(Role::Button, "Undo the last change");
    c.until("the first day again", |c| c.text("Total cost") == before);
}

#[test]
fn plans_are_pinned_compared_and_taken_back() {
    let mut c = small();
    c.h.key_press(Key::P);
    c.h.step();
    c.until("a pin", |c| c.has("1  duck, hard"));
    c.click(Role::RadioButton, "Bounds: Penalty");
    c.until("the difference", |c| c.has("1 − now") && !c.text("1 − now").ends_with(" 0.00"));
    c.click(Role::Button, "Take its numbers");
    c.until("no difference", |c| c.text("1 − now").ends_with(" 0.00"));
    for _ in 0..5 {
        c.h.key_press(Key::P);
        c.h.step();
    }
    c.until("four pins", |c| c.has("4  duck") && !c.has("5  duck"));
    c.click(Role::Button, "Remove the pin");
    assert!(!c.has("4  duck"));
}

#[test]
fn every_tab_has_its_figures_and_says_where_they_come_from() {
    let mut c = small();
    c.click(Role::RadioButton, "Panel: Matrix");
    c.until("the matrix", |c| c.has("windy with S19 (type 3): total"));
    c.click(Role::RadioButton, "Panel: Renewables");
    c.until("the shares", |c| c.has("Net crosses zero"));
    assert!(c.has("[computed]") && c.has("40 % [paper]"));
    c.click(Role::RadioButton, "Shape: Wind");
    c.until("wind", |c| c.has("Net crosses zero"));
    c.click(Role::RadioButton, "Panel: Years");
    c.until("the years", |c| c.has("Cumulated profit"));
    c.click(Role::RadioButton, "Panel: Machines");
    c.until("the machines", |c| c.has("Price, eq. 11"));
    let limit = c.text("Price, eq. 11");
    assert!(limit.contains("6497") && limit.contains("printed 6947"), "{limit}");
    assert!(c.text("Table III, April").contains("2.78") && c.text("Table III, April").contains("printed 2.70"));
}

#[test]
fn the_plan_goes_to_the_twin_and_comes_back() {
    let mut c = small();
    c.click(Role::Button, "Send to twin");
    let sent = |c: &Console| {
        c.w.commands.try_iter().find_map(|(_, command)| match command {
            Command::Desk(act) => match *act {
                DeskAct { what: What::Follow(plan), .. } => Some(plan),
                _ => None,
            },
            _ => None,
        })
    };
    let plan = sent(&c).expect("a command").expect("a plan");
    assert_eq!((plan.name.as_str(), plan.period_s, plan.points.len()), ("duck", 86_400.0, 1440));
    assert_eq!(plan.wrong(), None);
    c.click(Role::Button, "Undo send");
    assert_eq!(sent(&c), Some(None), "what was in force before: no plan");
}

#[test]
fn time_is_the_views_own_with_cursors_in_hours() {
    let mut c = small();
    let before = c.h.state().time_view().clone();
    c.act(Action::Time(TimeAct::Cursor(0, Some(18.0 * 3600.0))));
    c.until("the cursor's values", |c| c.has("Load values: 18:00 9"));
    c.act(Action::Time(TimeAct::Zoom(0.5, Some(18.0 * 3600.0))));
    assert_eq!(c.h.state().time_view(), &before);
    c.click(Role::Button, "Show the whole day");
    c.act(Action::Time(TimeAct::ClearCursors));
    c.until("no cursor", |c| c.has("Load values: mean"));
}

/// A load that cannot be planned is told in a line with its place, and the plan before it stays.
#[test]
fn bad_loads_are_told_and_the_last_plan_stays() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bad.csv");
    std::fs::write(&path, "t_h,load_kw\n0,500\n1,nan\n2,600\n").unwrap();
    let file = path.clone();
    let dialogs = Dialogs::with(Arc::new(move |ask: &Ask| ask.opens().then(|| file.clone())));
    let mut c = console(SMALL, egui::Theme::Light, dialogs);
    c.click(Role::Button, "Load from a file");
    c.until("the error", |c| c.has("Total cost") && c.has("line 3"));
    // a good one
    std::fs::write(&path, "t_h,load_kw\n0,500\n6,700\n12,600\n18,550\n").unwrap();
    c.click(Role::Button, "Load from a file");
    c.until("its plan", |c| c.has("bad.csv, 4 rows"));
}

#[test]
fn the_schedule_and_the_page_are_written() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().to_owned();
    let place = move |ask: &Ask| -> Option<PathBuf> { (!ask.opens()).then(|| folder.join(&ask.name)) };
    let mut c = console(SMALL, egui::Theme::Light, Dialogs::with(Arc::new(place)));
    let (csv, html) = (dir.path().join("plan.csv"), dir.path().join("plan.html"));
    c.act(Action::File(FileAct::Save(Save::Window)));
    c.until("the table", |_| csv.exists());
    let text = std::fs::read_to_string(&csv).unwrap();
    assert!(text.starts_with("t_h,load_kw,miner_kw,genset_kw,ramp_kw_per_h,lambda\n") && text.lines().count() == 1441);
    c.act(Action::File(FileAct::Save(Save::Page)));
    c.until("the page", |_| html.exists());
    let text = std::fs::read_to_string(&html).unwrap();
    assert!(
        text.contains("<h1>Plan of the miners: duck")
            && text.contains("total cost, $")
            && text.matches("<svg").count() == 6
    );
}

/// Words that must be read whole are, in every tab, at the three sizes of the console.
#[test]
fn no_word_is_cut_at_three_sizes() {
    for size in [[1280.0, 800.0], SMALL, [1920.0, 1080.0]] {
        let mut c = console(size, egui::Theme::Light, Dialogs::default());
        ballast::console::widgets::text::watch_cuts(&c.h.ctx);
        for tab in ["Matrix", "Renewables", "Years", "Machines", "Plan"] {
            c.click(Role::RadioButton, &format!("Panel: {tab}"));
            for _ in 0..20 {
                c.h.step();
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        let cut = ballast::console::widgets::text::cuts(&c.h.ctx);
        assert!(cut.is_empty(), "{size:?}: {cut:?}");
    }
}

/// Pictures of every tab at both sizes and themes.
#[test]
#[ignore = "saves pictures"]
fn pictures() {
    let out = PathBuf::from("target/pictures");
    std::fs::create_dir_all(&out).unwrap();
    for (size, name) in [(SMALL, "1440"), ([1920.0, 1080.0], "1920"), ([1280.0, 800.0], "1280")] {
        for (theme, shade) in [(egui::Theme::Light, "light"), (egui::Theme::Dark, "dark")] {
            let mut c = console(size, theme, Dialogs::default());
            c.h.key_press_modifiers(Modifiers::NONE, Key::P);
            c.h.step();
            c.click(Role::RadioButton, "Bounds: Penalty");
            c.until("the difference", |c| c.has("1 − now"));
            c.act(Action::Time(TimeAct::Cursor(0, Some(18.0 * 3600.0))));
            for tab in ["Plan", "Matrix", "Renewables", "Years", "Machines"] {
                if tab != "Plan" {
                    c.click(Role::RadioButton, &format!("Panel: {tab}"));
                }
                for _ in 0..40 {
                    c.h.step();
                    std::thread::sleep(Duration::from_millis(10));
                }
                let picture = c.h.render().unwrap();
                picture.save(out.join(format!("plan-{}-{shade}-{name}.png", tab.to_lowercase()))).unwrap();
            }
        }
    }
}
