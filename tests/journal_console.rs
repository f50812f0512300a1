//! The journal at the twin and in the console: fed by the worker, played again, listed, saved.
#![cfg(feature = "console")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ballast::acts::{By, Event, EventKind, Operate};
use ballast::console::action::{Action, FileAct, TimeAct};
use ballast::console::dialogs::Save;
use ballast::console::model::{Mode, Model};
use ballast::console::playback::{self, Simulated};
use ballast::console::views::soe::{self, SoeState};
use ballast::feed::{Feed, State};
use ballast::journal::{Filter, Folder, Monitor, Recording, RunFile, Scribe};
use ballast::scenario;
use ballast::training::desk::{Desk, DeskConfig};
use ballast::training::msg::{DeskAct, What};
use ballast::worker::{Command, News, Speed, Tap as _, TwinHandle, Update, spawn_with};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

const PATIENCE: Duration = Duration::from_mins(6);

/// A twin with a desk whose journal goes to a scratch folder.
struct Rig {
    twin: TwinHandle,
    monitor: Monitor,
    seen: Vec<Update>,
}

impl Rig {
    fn new(folder: Option<&Path>) -> Self {
        let s = scenario::builtin_scenario("path-b-500").expect("built in").expect("sound");
        let monitor = Monitor::default();
        let scribe = Scribe::new(folder.map(|f| Folder::new(f.to_owned())), "trainer".into(), monitor.clone());
        let desk = Desk::new(Arc::new(s), DeskConfig::default());
        let twin = spawn_with(desk, Some(Box::new(scribe)), Arc::new(|| {}));
        Self { twin, monitor, seen: Vec::new() }
    }

    #[track_caller]
    fn after(&mut self, command: Command) -> Update {
        let seq = self.twin.send(command).expect("room for a command");
        self.until(|u| u.acked >= seq)
    }

    #[track_caller]
    fn until(&mut self, wanted: impl Fn(&Update) -> bool) -> Update {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let u = self.twin.updates.recv_deadline(deadline).expect("an update in time");
            self.seen.push(u.clone());
            if wanted(&u) {
                return u;
            }
        }
    }

    /// Runs so many seconds, exactly.
    #[track_caller]
    fn step(&mut self, s: u32) -> Update {
        let to = self.seen.last().map_or(0.0, |u| u.t_s) + f64::from(s);
        self.after(Command::Step(s * 1000));
        self.until(|u| (u.t_s - to).abs() < 1e-6)
    }
}

fn desk(what: What) -> Command {
    Command::Desk(Box::new(DeskAct { by: By::Instructor, what }))
}

fn only_file(dir: &Path) -> std::path::PathBuf {
    let found = std::fs::read_dir(dir).expect("a folder").flatten().map(|e| e.path());
    let mut found: Vec<_> = found.filter(|p| p.extension().is_some_and(|e| e == "sqlite")).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn the_worker_feeds_it_and_its_branches_can_be_run_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut rig = Rig::new(Some(dir.path()));
    rig.until(|_| true);
    assert!(rig.monitor.state().is_none(), "nothing has happened, so there is no file");
    rig.after(Command::Operate(Operate::Start));
    rig.step(6);
    // Two acts while frozen, at the same tick; the snapshot lies between them.
    rig.after(Command::Operate(Operate::Hold));
    rig.after(desk(What::Snapshot("held".into())));
    rig.after(Command::Operate(Operate::Resume));
    rig.step(5);
    let view = rig.seen.iter().rev().find_map(|u| u.desk.clone()).expect("a view of the desk");
    let held = view.snapshots.iter().find(|s| s.name.as_deref() == Some("held")).expect("the snapshot").id;
    let first_hash = rig.step(1).state_hash;
    rig.after(desk(What::Branch(held)));
    let held_hash = rig.step(3).state_hash;
    rig.after(desk(What::Restore(held)));
    rig.after(desk(What::Note("once more".into())));
    let last = rig.step(4);
    let saved = rig.monitor.run_file();
    drop(rig.twin);

    let r = Recording::open(&only_file(dir.path())).unwrap_or_else(|e| panic!("{e}"));
    let v = r.verify();
    assert!(v.sound(), "{v}");
    assert_eq!(r.branch(), Ok(2));
    let forks = r.entries(&Filter { text: Some("run went back".into()), ..Filter::default() }).expect("entries");
    let ways: Vec<_> = forks.iter().map(|e| (e.from.as_deref(), e.to.as_deref(), e.t_sim_us)).collect();
    let back = 6_000_000;
    assert_eq!(
        ways,
        [(Some("branch 0"), Some("branch 1"), back), (Some("branch 0"), Some("branch 2"), back)],
        "both go back to the run as it began"
    );
    for (branch, end_s, hash) in [(0, 12, first_hash), (1, 9, held_hash), (2, 10, last.state_hash)] {
        let run = r.run_file(branch).expect("a run");
        assert_eq!(run.hashes.len(), end_s, "branch {branch}");
        assert_eq!(run.hashes.last(), Some(&format!("{hash:016x}")), "branch {branch}");
        let again = run.replay().expect("runs again");
        assert!(again.same() && again.compared == end_s, "branch {branch}: {}", again.text());
        let rows = r.rows(branch).expect("rows");
        assert_eq!(rows.rows(), end_s * 20 + 1, "branch {branch}");
    }
    assert_eq!(
        saved,
        RunFile { until_s: saved.until_s, ..r.run_file(2).expect("a run") },
        "what the console would save"
    );
    assert_eq!(saved.desk.len(), 4, "start, hold, snapshot, note");
}

#[test]
fn a_run_is_saved_without_a_journal_too_and_a_restart_begins_another() {
    let mut rig = Rig::new(None);
    rig.until(|_| true);
    rig.after(Command::Operate(Operate::Start));
    rig.step(3);
    let run = rig.monitor.run_file();
    assert_eq!((run.desk.len(), run.hashes.len()), (1, 3));
    let text = run.text().expect("a text");
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("a.ron");
    std::fs::write(&path, text).expect("written");
    assert!(RunFile::is_one(&path));
    assert_eq!(RunFile::load(&path).as_ref(), Ok(&run));
    assert!(run.replay().expect("runs again").same());
    rig.after(Command::Restart);
    assert!(rig.monitor.state().is_none());
    assert_eq!(rig.monitor.run_file().desk, []);
}

#[test]
fn a_seal_is_set_while_frozen_and_told() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut rig = Rig::new(Some(dir.path()));
    rig.until(|_| true);
    rig.step(2);
    rig.monitor.ask_seal();
    rig.after(Command::Pause);
    let told = rig.monitor.notices().into_iter().find(|n| n.starts_with("journal sealed")).expect("told");
    let path = only_file(dir.path());
    let v = Recording::open(&path).expect("there").verify();
    assert!(v.sound() && told.contains(&hex::encode(v.hash)), "{told}: {v}");
    assert!(ballast::journal::is_kept(&path), "an examination is not tidied away");
    assert!(rig.step(1).t_s > 2.9, "the run goes on");
}

#[test]
fn the_end_of_an_exam_seals_its_journal_behind_its_last_event() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut rig = Rig::new(Some(dir.path()));
    rig.until(|_| true);
    rig.after(desk(What::Exam(true)));
    rig.step(2);
    rig.after(desk(What::Exam(false)));
    rig.step(1);
    drop(rig.twin);
    let r = Recording::open(&only_file(dir.path())).expect("there");
    let v = r.verify();
    assert!(v.sound() && v.end == ballast::journal::End::Sealed, "{v}");
    let exam = r.entries(&Filter { object: Some("exam".into()), ..Filter::default() }).expect("entries");
    assert_eq!(exam.len(), 2, "{exam:?}");
    assert_eq!(r.rows(0).expect("rows").t_s.last().copied(), Some(2.0), "what comes after the exam is not part of it");
}

#[test]
fn a_folder_that_cannot_be_written_stops_no_run() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("file");
    std::fs::write(&file, "").expect("written");
    let mut rig = Rig::new(Some(&file));
    rig.until(|_| true);
    assert!(rig.step(2).t_s > 1.9);
    let told = rig.monitor.notices();
    assert!(told.len() == 1 && told[0].starts_with("no journal of this run: ") && !told[0].contains('\n'), "{told:?}");
}

/// Plays to the end at the highest speed; gives all updates.
fn play(feed: &Feed) -> Vec<Update> {
    feed.set_speed(1000.0);
    let deadline = Instant::now() + PATIENCE;
    let mut all = Vec::new();
    loop {
        match feed.updates.recv_timeout(Duration::from_millis(50)) {
            Ok(u) => all.push(u),
            Err(_) if feed.info().state == State::Ended => return all,
            Err(_) => {}
        }
        assert!(!matches!(feed.info().state, State::Failed(_)) && Instant::now() < deadline, "{:?}", feed.info().state);
    }
}

#[test]
fn a_journal_and_a_saved_run_play_as_the_run_was() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut rig = Rig::new(Some(dir.path()));
    rig.until(|_| true);
    rig.after(Command::Operate(Operate::Start));
    rig.step(8);
    let seen = std::mem::take(&mut rig.seen);
    let run = rig.monitor.run_file();
    drop(rig.twin);
    let path = only_file(dir.path());
    let want: Vec<f64> = seen.iter().flat_map(|u| u.block.last.clone()).collect();
    let events: Vec<String> = seen.iter().flat_map(|u| u.events.iter().map(|e| e.text.clone())).collect();
    let wake = || Arc::new(|| {}) as Arc<dyn Fn() + Send + Sync>;

    let journal = Feed::play(&path, playback::source(&path).expect("a journal"), wake());
    let all = play(&journal);
    let got: Vec<f64> = all.iter().flat_map(|u| u.block.last.clone()).collect();
    assert_eq!(got.len(), want.len());
    assert!(got.iter().zip(&want).all(|(g, w)| *g == f64::from(*w as f32)));
    let told: Vec<String> = all.iter().flat_map(|u| u.events.iter().map(|e| e.text.clone())).collect();
    assert!(events.iter().all(|e| told.iter().any(|t| t.starts_with(e))), "{told:?}");
    let last = all.last().expect("updates");
    assert_eq!(last.plate.purpose, "recording, read only");
    assert!(!last.table.signals()[0].limits.is_empty(), "limits of the scenario inside");

    let again = Feed::play(&path, Box::new(Simulated::new(&path, run)), wake());
    let all = play(&again);
    let got: Vec<f64> = all.iter().flat_map(|u| u.block.last.clone()).collect();
    assert_eq!(got, want, "simulated again, every bit");
    let verdict = all.iter().flat_map(|u| &u.events).find(|e| e.text.contains("simulated again")).expect("a verdict");
    assert!(verdict.text.ends_with("8 s replayed, every state hash the same"), "{}", verdict.text);
    assert!(playback::source(Path::new("a.csv")).is_none());
}

#[test]
fn a_saved_run_of_another_version_says_so_at_once_and_still_plays() {
    let mut rig = Rig::new(None);
    rig.until(|_| true);
    rig.step(2);
    let run = RunFile { version: "9.9.9".to_owned(), ..rig.monitor.run_file() };
    drop(rig.twin);
    let wake = Arc::new(|| {}) as Arc<dyn Fn() + Send + Sync>;
    let all = play(&Feed::play(Path::new("a.ron"), Box::new(Simulated::new(Path::new("a.ron"), run)), wake));
    let told: Vec<&str> = all.iter().flat_map(|u| &u.events).map(|e| e.text.as_str()).collect();
    let first = format!("made by version 9.9.9, simulated again by {}", env!("CARGO_PKG_VERSION"));
    assert!(told.contains(&first.as_str()), "{told:?}");
    assert!(told.iter().any(|t| t.starts_with("simulated again (made by version 9.9.9): 2 s replayed")), "{told:?}");
    assert_eq!(all.last().map(|u| u.t_s), Some(2.0));
}

#[test]
fn a_followed_file_is_journalled_with_its_events() {
    let dir = tempfile::tempdir().expect("a folder");
    let csv = dir.path().join("plant.csv");
    std::fs::write(&csv, "t_s,site.f_hz,site.gen_kw\n0,60.0,500\n1,59.9,510\n2,oops,520\n").expect("written");
    let (runs, monitor) = (dir.path().join("runs"), Monitor::default());
    let mut scribe = Scribe::new(Some(Folder::new(runs.clone())), "ann".to_owned(), monitor.clone());
    let ear: ballast::feed::Ear = Box::new(move |update| {
        if let Some(update) = update {
            scribe.take(News::Update { update, acts: 0 });
        }
        !scribe.full()
    });
    let wake = Arc::new(|| {}) as Arc<dyn Fn() + Send + Sync>;
    let feed = Feed::follow(&csv, None, Some(ear), wake);
    let mut file = std::fs::File::options().append(true).open(&csv).expect("there");
    let deadline = Instant::now() + PATIENCE;
    let (mut rows, mut grown) = (0, false);
    while rows < 4 {
        if let Ok(u) = feed.updates.recv_timeout(Duration::from_millis(50)) {
            rows += u.block.rows();
        }
        if rows >= 2 && !std::mem::replace(&mut grown, true) {
            std::io::Write::write_all(&mut file, b"3,60.1,530\n4,60.0,540\n").expect("grows");
        }
        assert!(Instant::now() < deadline, "{rows} rows, {:?}", feed.info().state);
    }
    drop(feed);
    let rec = Recording::open(&only_file(&runs)).expect("a journal");
    assert!(rec.verify().sound(), "{}", rec.verify());
    let block = rec.rows(0).expect("rows");
    assert!(block.t_s.len() >= 4 && block.t_s[..4] == [0.0, 1.0, 2.0, 3.0], "{:?}", block.t_s);
    let entries = rec.entries(&Filter::default()).expect("entries");
    assert!(entries.iter().any(|e| e.text.contains("`oops` is no number")), "{entries:?}");
    assert!(monitor.state().is_some_and(|s| s.trouble.is_none()));
    let why = rec.run_file(0).expect("a log").scenario().err().unwrap_or_default();
    assert_eq!(why, "rows of a followed source: there is no run to do again");
}

// The list

fn event(seq: u64, t_s: f64, kind: EventKind, text: &str) -> Event {
    Event {
        seq,
        tick: 0,
        t_s,
        kind,
        object: "G1".into(),
        text: text.into(),
        value: 0.0,
        unit: "",
        by: By::Plant,
        change: None,
        cause: None,
    }
}

fn model() -> Model {
    let mut rig = Rig::new(None);
    let mut first = rig.until(|_| true);
    first.events = (0..2000)
        .map(|i| {
            let kind = if i % 100 == 50 { EventKind::Trip } else { EventKind::Batch };
            event(i, i as f64 * 0.25, kind, &format!("event number {i}"))
        })
        .collect();
    first.speed = Speed::Max;
    Model::new(Mode::Twin, first)
}

type Scene = (Model, SoeState, Vec<Action>);

fn harness(model: Model) -> Harness<'static, Scene> {
    Harness::builder().with_size([1100.0, 500.0]).build_ui_state(
        |ui, (model, state, actions): &mut Scene| {
            ballast::console::theme::install(ui.ctx());
            let rect = ui.max_rect();
            soe::show(ui, rect, model, state, actions);
        },
        (model, SoeState::default(), Vec::new()),
    )
}

#[test]
fn the_list_draws_what_is_in_view_and_moves_the_cursor() {
    let mut h = harness(model());
    h.run_steps(3);
    let rows = h.query_all_by_role(egui::accesskit::Role::Row).count();
    assert!((10..30).contains(&rows), "{rows} lines are drawn of 2000");
    h.get_by_label_contains("event number 1999").click();
    h.run_steps(2);
    assert_eq!(h.state().2, [Action::Time(TimeAct::Cursor(0, Some(1999.0 * 0.25)))]);

    // And the other way: a cursor that was moved elsewhere selects the nearest line and shows it.
    h.state_mut().0.cursor_s = Some(100.1);
    h.run_steps(3);
    assert!(h.query_by_label_contains("event number 400").is_some());
    assert_eq!(h.query_all_by_label_contains("event number 1999").count(), 0);
}

#[test]
fn filters_leave_what_they_say() {
    let mut h = harness(model());
    h.run_steps(2);
    h.get_by_label("Events: Prot").click();
    h.run_steps(3);
    assert!(h.query_by_label_contains("event number 1950").is_some());
    assert_eq!(h.query_all_by_label_contains("event number 1999").count(), 0);
    h.get_by_label("Save the events").click();
    h.run_steps(2);
    let saved = h.state().2.iter().find_map(|a| match a {
        Action::File(FileAct::Save(Save::Events(wanted))) => Some(wanted.clone()),
        _ => None,
    });
    let wanted = saved.expect("asked to save");
    assert_eq!(wanted.class, Some("prot"));
    assert!(wanted.takes(&event(0, 0.0, EventKind::Trip, "x")) && !wanted.takes(&event(0, 0.0, EventKind::Batch, "x")));
}
