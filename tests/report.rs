//! The debrief: made from a recording alone, complete, standing alone, and the same score as the run itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ballast::acts::{Block, By, Event, EventKind, Operate, Setpoint};
use ballast::engine::plate;
use ballast::journal::{Header, Recording, RunFile, Writer};
use ballast::report::debrief::{AlarmStats, Debrief, Observer, Options, RunParts, highlights};
use ballast::scenario::{Scenario, builtin_scenario};
use ballast::training::msg::{DeskAct, What};
use ballast::training::score::{Ack, Hard, Metric, Metrics, Moment, Rubric, Score};
use ballast::training::{Desk, DeskConfig};

const SECONDS: u64 = 40;

fn scenario() -> Scenario {
    builtin_scenario("path-a").unwrap().unwrap()
}

fn rubric() -> Arc<Rubric> {
    Arc::new(Rubric::named(None).unwrap())
}

fn log() -> Vec<(u64, DeskAct)> {
    let act = |what| DeskAct { by: By::Trainee, what };
    vec![
        (8_000, act(What::Operate(Operate::Set(Setpoint::BatchGpus, 12.0)))),
        (12_000, act(What::Operate(Operate::Hold))),
        (15_000, act(What::Note("looked at <b>everything</b>".to_owned()))),
        (18_000, act(What::Operate(Operate::Resume))),
        (20_000, act(What::Operate(Operate::Start))),
    ]
}

/// A desk that runs the log, and what a journal would be given.
fn run() -> (Desk, Block, Vec<Event>, Vec<u64>) {
    let mut desk = Desk::new(Arc::new(scenario()), DeskConfig::default());
    let (mut block, mut events, mut hashes) = (Block::default(), Vec::new(), Vec::new());
    let log = log();
    let mut acts = log.iter().peekable();
    while desk.now_tick() < SECONDS * 1000 {
        while let Some((_, act)) = acts.next_if(|(tick, _)| *tick <= desk.now_tick()) {
            desk.act(act);
        }
        desk.tick();
        if desk.now_tick().is_multiple_of(1000) {
            hashes.push(desk.state_hash());
        }
    }
    desk.take_block(&mut block);
    desk.take_events(&mut events);
    (desk, block, events, hashes)
}

fn record(path: &Path) -> Score {
    let (mut desk, block, events, hashes) = run();
    let plate = plate::plate(&scenario());
    let mut w = Writer::open(path, &Header::new(&plate, desk.engine().table(), "a trainee")).unwrap();
    log().iter().for_each(|(tick, act)| w.act(*tick, act));
    hashes.iter().enumerate().for_each(|(k, h)| w.second(k as u64 + 1, *h));
    w.events(&events);
    w.block(desk.engine().table(), &block);
    drop(w);
    desk.take_view().unwrap().score.as_ref().unwrap().score(None)
}

fn debrief(path: &Path) -> Debrief {
    let rec = Recording::open(path).unwrap();
    Debrief::from_recording(&rec, rubric(), &Options::default(), &mut |_| true).unwrap()
}

#[test]
fn a_recording_alone_gives_the_score_of_the_run() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("run.sqlite");
    let live = record(&path);
    let d = debrief(&path);
    assert!((d.score.total - live.total).abs() < 0.01, "{} live, {} from the file", live.total, d.score.total);
    assert_eq!(d.score.metrics, live.metrics);
    assert_eq!(d.head.trainee, "a trainee");
    assert!(d.verdict[0].starts_with("Journal: as written"), "{:?}", d.verdict);
    assert!(d.verdict[1].contains("the same at each of 40 seconds"), "{:?}", d.verdict);
    assert!(d.verify.starts_with("ballast replay run.sqlite --again --hash "), "{}", d.verify);
    assert_eq!(d.score.metrics.conduct.needless.len(), 1, "the second start was refused");
}

/// A run of `path-a` with a horizon of 10 s, as a journal in `dir`; a trip is told on the branch that is left.
fn short(dir: &Path, name: &str, user: &str, start_s: f64) -> PathBuf {
    let text = builtin_text().replacen("run_s: 120.0", "run_s: 120.0, exercise: (horizon_s: 10.0)", 1);
    let text = text.replacen("start_at_s: 5.0", "start_at_s: 1.0", 1);
    let s = Scenario::from_str("short", "test", &text, None).unwrap();
    let mut desk = Desk::new(Arc::new(s.clone()), DeskConfig::default());
    let path = dir.join(format!("{name}.sqlite"));
    let mut w = Writer::open(&path, &Header::new(&plate::plate(&s), desk.engine().table(), user)).unwrap();
    let wrong = |t_s, text: &str| Event { t_s, ..Event::new(EventKind::Trip, "52G", text) };
    w.events(&[wrong(1.0, "before the fork"), wrong(6.0, "on the branch that was left")]);
    w.rewound(start_s, 0, 0);
    let sheet = Observer { marks: [Some(3), None, Some(4), None, None], remark: "asked early".to_owned() };
    let act = DeskAct { by: By::Instructor, what: What::Observe(sheet) };
    w.act(0, &act);
    desk.act(&act);
    for second in 1..=10 {
        (0..1000).for_each(|_| desk.tick());
        w.second(second, desk.state_hash());
    }
    let (mut block, mut events) = (Block::default(), Vec::new());
    desk.take_block(&mut block);
    desk.take_events(&mut events);
    w.events(&events);
    w.block(desk.engine().table(), &block);
    path
}

fn builtin_text() -> String {
    plate::plate(&scenario()).source.to_string()
}

#[test]
fn regress_a_debrief_is_of_the_branch_that_is_reported() {
    let dir = tempfile::tempdir().unwrap();
    let d = debrief(&short(dir.path(), "a", "ann", 2.0));
    let told = |text: &str| d.events.iter().any(|e| e.text == text);
    assert!(told("before the fork") && !told("on the branch that was left"), "{:?}", d.events);
    assert!(!d.html().contains("on the branch that was left"));
}

#[test]
fn the_observers_sheet_is_in_the_journal_and_in_the_page() {
    let dir = tempfile::tempdir().unwrap();
    let path = short(dir.path(), "a", "ann", 0.0);
    let d = debrief(&path);
    assert_eq!(d.observer.marks, [Some(3), None, Some(4), None, None]);
    assert!(d.html().contains("<span class=\"box on\">3</span>") && d.html().contains("asked early"));
    assert!(d.events.iter().any(|e| e.object == "observer" && e.text.starts_with("Anticipation 3, Use of forecast 4")));
    // a sheet that is newer than a sealed journal stands in its place
    let rec = Recording::open(&path).unwrap();
    let options = Options { observer: Some(Observer::default()), ..Options::default() };
    let d = Debrief::from_recording(&rec, rubric(), &options, &mut |_| true).unwrap();
    assert_eq!(d.observer, Observer::default());
}

#[test]
fn the_best_of_the_class_names_its_source() {
    let dir = tempfile::tempdir().unwrap();
    let own = short(dir.path(), "a", "ann", 0.0);
    short(dir.path(), "b", "bob", 0.0);
    record(&dir.path().join("of-another-scenario.sqlite"));
    std::fs::write(dir.path().join("broken.sqlite"), "no database").unwrap();
    let rec = Recording::open(&own).unwrap();
    let options = Options { class: Some(dir.path().to_owned()), ..Options::default() };
    let d = Debrief::from_recording(&rec, rubric(), &options, &mut |_| true).unwrap();
    assert_eq!(d.class.runs, 1, "{:?}", d.class);
    let best = d.class.best(Metric::WorstDeviationPct).unwrap();
    assert!(best.by.starts_with("bob, run ") && best.value == d.score.metrics.deviation_pct.value, "{best:?}");
    assert!(d.html().contains("Class best: of one other run of this scenario to the horizon, scored again from "));
    assert!(d.metrics_csv().lines().next().unwrap().ends_with("class_best,class_best_by"));
    assert!(d.metrics_csv().contains("bob, run "));
}

#[test]
fn val_hmi_v12_a_changed_journal_voids_the_score() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("run.sqlite");
    record(&path);
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch("UPDATE entry SET text = 'nothing happened' WHERE line = (SELECT max(line) FROM entry)").unwrap();
    drop(db);
    let d = debrief(&path);
    assert!(d.score.void.is_some() && d.score.grade == "void" && d.score.total == 0.0);
    assert!(d.html().contains("JOURNAL NOT SOUND"));
}

#[test]
fn the_page_has_its_ten_parts_and_fetches_nothing() {
    let mut s = scenario();
    s.name = "</title><script>alert(1)</script>".to_owned();
    let mut file = RunFile::begin(&plate::plate(&s));
    (file.until_s, file.desk) = (SECONDS as f64, log());
    let parts = RunParts { run: file, verify: "ballast replay \"a b\".ron".to_owned(), ..RunParts::default() };
    let options = Options { trainee: "<script>x</script> & son".to_owned(), ..Options::default() };
    let d = Debrief::from_run(parts, rubric(), &options, &mut |_| true).unwrap();
    let page = d.html();
    let parts = [
        "1 Run",
        "2 Score",
        "3 Whole run",
        "4 Metrics",
        "5 Moments",
        "6 Alarms",
        "7 Against par",
        "8 Observer",
        "9 Events",
        "10 Signature and verification",
    ];
    let mut from = 0;
    for part in parts {
        let at = page[from..].find(&format!(">{part}</h2>")).unwrap_or_else(|| panic!("no part {part} in its place"));
        from += at;
    }
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"), "text stays text");
    assert!(page.contains("looked at &lt;b&gt;everything&lt;/b&gt;"));
    for fetch in ["http:", "https:", "//cdn", "src=", "url(", "<link", "<iframe", "@import"] {
        assert!(!page.contains(fetch), "{fetch}");
    }
    assert!(page.matches("<svg").count() >= 5 && page.matches("<svg").count() == page.matches("</svg>").count());
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
    assert_eq!(page, d.html(), "the same data, the same file");
}

#[test]
fn tables_are_saved_whole() {
    let mut file = RunFile::begin(&plate::plate(&scenario()));
    (file.until_s, file.desk) = (SECONDS as f64, log());
    let parts = RunParts { run: file, ..RunParts::default() };
    let d = Debrief::from_run(parts, rubric(), &Options::default(), &mut |_| true).unwrap();
    let rows = |text: &str| {
        let mut r = csv::Reader::from_reader(text.as_bytes());
        r.records().map(|r| r.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    let metrics = rows(&d.metrics_csv());
    assert_eq!(metrics.len(), d.score.lines().count() + 1);
    assert_eq!(metrics.last().unwrap()[1], "total");
    let sum: f64 = metrics[..metrics.len() - 1].iter().map(|r| r[6].parse::<f64>().unwrap()).sum();
    assert!((sum - d.score.raw).abs() < 0.01);
    assert_eq!(rows(&d.events_csv()).len(), d.events.len());
}

#[test]
fn moments_are_the_extremes_in_order_of_time() {
    let mut m = Metrics {
        t_s: 300.0,
        horizon_s: 900.0,
        deviation_pct: Moment { value: 2.6, t_s: 90.0, section: 0 },
        step_share_pct: Moment { value: 70.0, t_s: 40.0, section: 0 },
        step_up_kw: Moment { value: 60.0, t_s: 40.0, section: 0 },
        first_hard: Some((Hard::AlphaBand, 89.0)),
        ..Metrics::default()
    };
    let ack = |tag: &str, raised_s, acked_s| Ack { tag: tag.to_owned(), priority: 2, raised_s, acked_s };
    m.conduct.acks = vec![ack("STEP1S", 41.0, Some(50.0)), ack("F-LO", 89.5, None)];
    let score = rubric().score(&m, None);
    let titles: Vec<_> = highlights(&score).iter().map(|h| (h.title, h.t_s)).collect();
    let want = [
        ("Largest step", 40.0),
        ("First violation", 89.0),
        ("Slowest acknowledgement", 89.5),
        ("Largest deviation", 90.0),
        ("Best save", 90.0),
    ];
    assert_eq!(titles, want);
    let quiet = rubric().score(&Metrics { t_s: 10.0, ..Metrics::default() }, None);
    assert!(highlights(&quiet).is_empty(), "nothing is made up");
}

#[test]
fn alarm_statistics_count_what_was_raised() {
    let ack = |k: u32, priority| Ack {
        tag: format!("T{}", k % 3),
        priority,
        raised_s: f64::from(k) * 10.0,
        acked_s: (k != 5).then_some(f64::from(k) * 10.0 + 4.0),
    };
    let mut m = Metrics { t_s: 1300.0, horizon_s: 1300.0, ..Metrics::default() };
    m.conduct.acks = (0..12).map(|k| ack(k, if k < 2 { 1 } else { 3 })).collect();
    let a = AlarmStats::of(&rubric().score(&m, None), &[10.0, 30.0, 120.0]);
    assert_eq!((a.count, a.peak), (12, 12));
    assert_eq!((a.by_priority[0].count, a.by_priority[0].in_time, a.by_priority[0].ack_s), (2, 2, Some([4.0, 4.0])));
    assert_eq!((a.by_priority[2].count, a.by_priority[2].open), (10, 1));
    // the eleventh comes at 100 s; after 670 s fewer than five are left in the window
    assert_eq!(a.flood_s, 571.0);
    assert_eq!(a.top[0], ("T0".to_owned(), 4));
}

#[test]
fn the_commands_score_and_report_a_run() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("run.sqlite");
    let live = record(&journal);
    let program = |args: &[&str]| {
        let out = std::process::Command::new(env!("CARGO_BIN_EXE_ballast")).args(args).output().unwrap();
        let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
        (out.status.code(), text(&out.stdout), text(&out.stderr))
    };
    let path = journal.to_str().unwrap();
    let (code, out, err) = program(&["score", path, "--no-par", "--json"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert!((json["total"].as_f64().unwrap() - live.total).abs() < 0.01, "{out}");
    let page = dir.path().join("d.html");
    let (code, out, _) = program(&["report", path, "--no-par", "--csv", "--out", page.to_str().unwrap()]);
    assert!(code == Some(0) && out.contains("of 100"), "{out}");
    assert!(std::fs::read_to_string(&page).unwrap().ends_with("</html>\n"));
    assert!(dir.path().join("d.events.csv").exists() && dir.path().join("d.metrics.csv").exists());
    let (code, _, err) = program(&["score", "path-a", "--rubric", "v9"]);
    assert_eq!((code, err.as_str()), (Some(2), "ballast: no rubric is called v9; there are v2, v1\n"));
}
