//! The trainer's desk (F5) in the whole console, with a twin at work behind it and no window: conditions, malfunctions,
//! the exercise's table, the way back, an exam. Everything is pressed by its accessible name.
#![cfg(feature = "console")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ballast::acts::{By, EventKind, FaultKind};
use ballast::console::action::{Action, FileAct, RunAct, ScreenAct};
use ballast::console::app::{ConsoleApp, Pick};
use ballast::console::dialogs::{Ask, Dialogs, Save, What as Wanted};
use ballast::console::model::Mode;
use ballast::console::session::Session;
use ballast::console::settings::Settings;
use ballast::console::shell::Layout;
use ballast::console::views;
use ballast::history::export::write_csv;
use ballast::scenario::exercise::{Do, Exercise, When};
use ballast::scenario::{Scenario, builtin_scenario};
use ballast::training::ic::Ic;
use ballast::training::msg::{DeskAct, DeskView, What};
use ballast::training::{Desk, DeskConfig};
use ballast::worker::{Speed, spawn};
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

const PATIENCE: Duration = Duration::from_mins(6);

struct Room {
    h: Harness<'static, ConsoleApp>,
    dir: tempfile::TempDir,
}

fn scenario(name: &str) -> Result<Scenario, String> {
    builtin_scenario(name).ok_or_else(|| format!("no scenario {name}"))?.map_err(|e| e.to_string())
}

impl Room {
    /// The console on F5, frozen at t = 0.
    fn new(name: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let desk = Desk::new(Arc::new(scenario(name).unwrap()), DeskConfig::default());
        let session = Session::Twin(spawn(desk, Arc::new(|| {})));
        let (settings, file) = (dir.path().join("settings.ron"), dir.path().join("exercise.ron"));
        let picker = move |ask: &Ask| (ask.what == Wanted::Save(Save::Exercise)).then(|| file.clone());
        let loader: ballast::console::app::Loader = Arc::new(|pick| match pick {
            Pick::BuiltIn(name) => scenario(name),
            Pick::File(path) => Scenario::load(path).map_err(|e| e.to_string()),
        });
        let h = Harness::builder()
            .with_size([1440.0, 900.0])
            .with_pixels_per_point(1.0)
            .with_max_steps(8)
            .with_theme(egui::Theme::Light)
            .build_eframe(move |cc| {
                ConsoleApp::new(&cc.egui_ctx, session, Settings::default(), Vec::new(), loader)
                    .with_settings_file(Some(settings))
                    .with_dialogs(Dialogs::with(Arc::new(picker)))
            });
        let mut room = Self { h, dir };
        room.until("the desk", |a| a.model().is_some_and(|m| m.desk.is_some()));
        room.act(Action::Screen(ScreenAct::Show(views::instructor::ID)));
        room
    }

    #[track_caller]
    fn until(&mut self, what: &str, so: impl Fn(&ConsoleApp) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !so(self.h.state()) {
            assert!(Instant::now() < deadline, "it never came to {what}");
            self.h.step();
            std::thread::sleep(Duration::from_millis(2));
        }
        self.h.run_steps(2);
    }

    #[track_caller]
    fn until_desk(&mut self, what: &str, so: impl Fn(&DeskView) -> bool) {
        self.until(what, |a| a.model().and_then(|m| m.desk.as_ref()).is_some_and(|d| so(d)));
    }

    fn act(&mut self, action: Action) {
        let ctx = self.h.ctx.clone();
        self.h.state_mut().act(&ctx, action);
        self.h.run_steps(2);
    }

    #[track_caller]
    fn click(&mut self, name: &str) {
        self.h.get_by_label(name).click();
        self.h.run_steps(2);
    }

    fn enabled(&self, name: &str) -> bool {
        !self.h.get_by_label(name).accesskit_node().is_disabled()
    }

    fn says(&self, words: &str) -> bool {
        self.h.query_all_by(|n| n.label().is_some_and(|l| l.contains(words))).next().is_some()
    }

    #[track_caller]
    fn type_into(&mut self, name: &str, text: &str) {
        self.h.get_by_label(name).focus();
        self.h.run_steps(2);
        self.h.key_press_modifiers(Modifiers::COMMAND, Key::A);
        self.h.step();
        self.h.get_by_label(name).type_text(text);
        self.h.run_steps(2);
    }

    /// Runs so many seconds by the button, frozen before and after.
    fn seconds(&mut self, n: u32) {
        for _ in 0..n {
            let to = self.t_s() + 1.0;
            self.click("+1 s");
            self.until("the end of a step", |a| a.model().is_some_and(|m| (m.t_s - to).abs() < 1e-6));
        }
    }

    fn t_s(&self) -> f64 {
        self.h.state().model().unwrap().t_s
    }

    fn desk(&self) -> Arc<DeskView> {
        Arc::clone(self.h.state().model().unwrap().desk.as_ref().unwrap())
    }

    fn conditions(&self) -> PathBuf {
        self.dir.path().join("conditions")
    }
}

#[test]
fn an_original_is_loaded_and_steps_are_as_long_as_they_say() {
    let mut r = Room::new("path-a");
    r.click("05-b-1000");
    r.click("Load");
    r.until("the condition", |a| a.model().is_some_and(|m| m.plate.scenario == "05-b-1000" && m.desk.is_some()));
    r.act(Action::Screen(ScreenAct::Show(views::instructor::ID)));
    r.click("+10 ms");
    r.until("10 ms", |a| a.model().is_some_and(|m| (m.t_s - 0.01).abs() < 1e-9));
    r.seconds(2);
    assert!((r.t_s() - 2.01).abs() < 1e-9, "{}", r.t_s());
}

#[test]
fn an_own_condition_is_kept_compared_and_begun_from() {
    let mut r = Room::new("path-a");
    r.seconds(6);
    let kept = r.h.state().model().unwrap().state_hash;
    r.type_into("condition name", "Half way");
    r.click("Keep");
    let file = r.conditions().join("half-way.ron");
    r.until("the file", |_| file.exists());
    let ic = Ic::from_text(&std::fs::read_to_string(&file).unwrap(), "half-way").unwrap();
    assert_eq!((ic.name.as_str(), ic.tick, ic.scenario.contains("plant")), ("Half way", 6000, true));

    r.seconds(3);
    r.until("the list", |_| true);
    let deadline = Instant::now() + PATIENCE;
    while !r.says("half-way") {
        assert!(Instant::now() < deadline, "the list does not have it");
        r.h.step();
    }
    r.click("half-way");
    r.click("Compare conditions");
    let deadline = Instant::now() + PATIENCE;
    while r.h.query_by_label("Close").is_none() {
        assert!(Instant::now() < deadline, "nothing was compared");
        r.h.step();
    }
    r.click("Close");

    r.click("Load");
    r.until("its time", |a| a.model().is_some_and(|m| m.plate.scenario == "Half way" && (m.t_s - 6.0).abs() < 1e-9));
    assert_eq!(r.h.state().model().unwrap().state_hash, kept, "another state than the one that was kept");
}

#[test]
fn a_snapshot_is_taken_restored_and_branched_from() {
    let mut r = Room::new("path-a");
    r.seconds(6);
    r.click("Snapshot");
    r.until_desk("the snapshot", |d| d.snapshots.iter().any(|s| s.name.is_some()));
    r.seconds(5);
    // the slider stands on the newest: the named one is one step back, those before it two
    for _ in 0..2 {
        r.h.get_by_label("snapshot").focus();
        r.h.step();
        r.h.key_press(Key::ArrowLeft);
        r.h.run_steps(2);
    }
    r.click("Restore");
    r.until("5 s", |a| a.model().is_some_and(|m| (m.t_s - 5.0).abs() < 1e-6));
    r.seconds(2);
    r.click("Branch");
    r.until_desk("a branch", |d| d.branches.len() == 2 && d.branch == 1);
    assert_eq!(r.desk().branches[1].parent, Some(0));
}

#[test]
fn a_malfunction_is_fired_stands_and_is_cleared() {
    let mut r = Room::new("03-steady-500");
    r.click("fire M07");
    r.until_desk("the malfunction", |d| d.standing.iter().any(|s| s.fault.kind == FaultKind::MinerLag));
    assert!(r.enabled("clear M07") && !r.enabled("clear M06"));
    r.click("clear M07");
    r.until_desk("its end", |d| d.standing.is_empty());
    // with a duration it becomes a line that ends by itself
    r.type_into("M12 for", "1");
    r.h.key_press(Key::Enter);
    r.h.run_steps(2);
    r.click("fire M12");
    r.until_desk("the line", |d| d.items.len() == 1 && d.items[0].fired == 1);
    r.seconds(2);
    r.until_desk("its end", |d| d.standing.is_empty());
}

#[test]
fn a_line_is_written_checked_changed_armed_fired_and_removed() {
    let mut r = Room::new("03-steady-500");
    assert!(!r.enabled("Add line"));
    r.type_into("when", "gpu_kw >");
    r.type_into("what", "M07 miners 40 %, ramp 5 s");
    assert!(!r.enabled("Add line") && r.describes("Add line", "expected"));
    r.type_into("when", "nosuch_kw > 3");
    assert!(!r.enabled("Add line") && r.describes("Add line", "nosuch_kw"));
    r.type_into("when", "at 90");
    r.click("Add line");
    r.until_desk("the line", |d| d.items.len() == 1);
    assert_eq!(r.desk().items[0].item.at, When::T(90.0));

    r.click("at 90 s: M07 miners 40 %, ramp 5 s");
    r.type_into("what", "hint: watch the miners");
    r.click("fires: each time");
    r.click("Change line");
    r.until_desk("the change", |d| d.items[0].item.act == Do::Hint("watch the miners".into()));
    assert!(r.desk().items[0].item.repeat && r.desk().items.len() == 1);

    r.click("Disarm item 1");
    r.until_desk("the disarming", |d| !d.items[0].armed);
    r.click("Fire item 1");
    r.until_desk("the hint", |d| d.items[0].fired == 1 && d.hint.is_some());
    r.click("Remove item 1");
    r.until_desk("an empty table", |d| d.items.is_empty());

    // the selected malfunction as it is set up
    r.click("what: the selected malfunction");
    r.type_into("when", "by hand");
    r.click("Add line");
    r.until_desk("the malfunction's line", |d| matches!(&d.items[..], [v] if v.item.at == When::Hand));
}

impl Room {
    fn describes(&self, name: &str, words: &str) -> bool {
        let node = self.h.get_by_label(name);
        node.accesskit_node().description().is_some_and(|d| d.contains(words))
    }
}

#[test]
fn an_exercise_is_saved_to_a_file_and_loaded_again() {
    let mut r = Room::new("bring-up-a1");
    let before = r.desk();
    r.click("Save the exercise");
    let file = r.dir.path().join("exercise.ron");
    r.until("the file", |_| std::fs::metadata(&file).is_ok_and(|m| m.len() > 0));
    let read = Exercise::from_text(&std::fs::read_to_string(&file).unwrap(), "exercise").unwrap();
    assert_eq!((read.items.len(), read.goals.len(), read.horizon_s), (4, 2, Some(400.0)));
    for k in (1..=4).rev() {
        r.act(Action::Desk(DeskAct { by: By::Instructor, what: What::RemoveItem(k - 1) }));
    }
    r.until_desk("an empty table", |d| d.items.is_empty());
    r.act(Action::File(FileAct::OpenFile(file.clone())));
    r.until_desk("the exercise", |d| d.items.len() == 4);
    let after = r.desk();
    assert_eq!((&after.items, &after.exercise), (&before.items, &before.exercise));

    let bad = |text: &str| Path::new(&file).exists() && std::fs::write(&file, text).is_ok();
    assert!(bad("(items: [(at: T(5.0), do: Malf(m: \"M77\", sev: 0.5))])"));
    r.act(Action::File(FileAct::OpenFile(file.clone())));
    r.until("the reason", |a| {
        a.model().is_some_and(|m| {
            m.last_refusal.as_ref().is_some_and(|e| e.text.contains("line 1: do: no malfunction `M77`"))
        })
    });
    assert_eq!(r.desk().items.len(), 4, "all stays as it was");
}

#[test]
fn a_hint_is_on_operate_and_not_among_the_events_before_it_is_given() {
    let mut r = Room::new("03-steady-500");
    r.type_into("when", "at 2");
    r.type_into("what", "hint: press F8 now");
    r.click("Add line");
    r.until_desk("the line", |d| d.items.len() == 1);
    let told = |r: &Room| {
        let m = r.h.state().model().unwrap();
        m.history.events().iter().any(|e| e.text.contains("F8"))
    };
    assert!(!told(&r), "the trainee's list gives it away");
    r.seconds(3);
    assert!(told(&r));
    r.act(Action::Screen(ScreenAct::Show(views::operate::ID)));
    assert!(r.says("Trainer: press F8 now"));
    r.click("Got it");
    assert!(!r.says("Trainer: press F8 now"));
    r.act(Action::Screen(ScreenAct::Show(views::instructor::ID)));
    r.type_into("note", "mind the ramp");
    r.click("Hint to the trainee");
    r.until_desk("the hint", |d| d.hint.as_ref().is_some_and(|(_, text)| text == "mind the ramp"));
    let m = r.h.state().model().unwrap();
    assert_eq!(m.history.events().iter().filter(|e| e.kind == EventKind::Score && e.object == "hint").count(), 2);
}

#[test]
fn an_exam_locks_what_would_help() {
    let mut r = Room::new("03-steady-500");
    r.seconds(1);
    r.click("Begin an exam");
    r.until_desk("the exam", |d| d.exam && d.score.is_none());
    for name in ["Restore", "Branch", "Snapshot", "+1 s", "Load", "Load exercise", "Hint to the trainee"] {
        assert!(!r.enabled(name), "{name} in an exam");
    }
    for action in [
        Action::Run(RunAct::StepS(1.0)),
        Action::Run(RunAct::Backtrack),
        Action::Run(RunAct::Restart),
        Action::Run(RunAct::Freeze),
    ] {
        r.act(action.clone());
        assert!(r.h.state().model().is_some_and(|m| (m.t_s - 1.0).abs() < 1e-9), "{action:?}");
    }
    r.click("Leave the exam");
    r.until_desk("its end", |d| !d.exam && d.score.is_some());
}

/// V14: a recording of the run shows the figures that the run showed, in the same places; only what could act is gone.
#[test]
fn v14_twin_and_recording_show_the_same_figures_in_the_same_places() {
    let mut r = Room::new("path-a");
    r.seconds(8);
    r.act(Action::Screen(ScreenAct::Show(views::operate::ID)));
    let layout = Layout::new(egui::vec2(1440.0, 900.0));
    let kpi = layout.kpi.expand(1.0);
    let figures = |r: &Room| {
        let here =
            r.h.query_all_by(|n| n.label().is_some_and(|l| !l.is_empty()) && n.bounding_box().is_some())
                .filter(|n| kpi.contains_rect(n.rect()));
        let mut all: Vec<String> = here
            .map(|n| {
                format!(
                    "{} {:?} {:?}",
                    n.accesskit_node().label().unwrap_or_default(),
                    n.accesskit_node().value(),
                    n.rect()
                )
            })
            .collect();
        all.sort();
        all
    };
    let twin = figures(&r);
    assert!(twin.len() >= 8, "{twin:?}");
    assert!(r.h.query_by_label("HOLD").is_some());
    let file = r.dir.path().join("run.csv");
    let m = r.h.state().model().unwrap();
    let mut out = std::fs::File::create(&file).unwrap();
    write_csv(&m.history.rows_now(), &m.table, &[], 0.0..9.0, &mut out).unwrap();
    drop(out);
    r.act(Action::File(FileAct::OpenFile(file)));
    r.until("the recording", |a| a.model().is_some_and(|m| m.mode == Mode::Replay));
    r.act(Action::Run(RunAct::Speed(Speed::Max)));
    r.act(Action::Run(RunAct::Run));
    r.until("its end", |a| a.model().is_some_and(|m| m.t_s >= 7.99));
    r.act(Action::Screen(ScreenAct::Show(views::operate::ID)));
    assert_eq!(figures(&r), twin);
    assert!(r.h.query_by_label("HOLD").is_none(), "nothing acts on a recording");
}
