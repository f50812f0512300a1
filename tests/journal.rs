//! The journal: what is written comes back, what was changed shows, and a broken disk does not stop a run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ballast::acts::{Block, By, Event, EventKind, Operate};
use ballast::engine::Engine;
use ballast::journal::{End, Filter, Header, Recording, Writer, WriterLimits};
use ballast::scenario;
use ballast::training::msg::{DeskAct, What};
use rusqlite::Connection;
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_mins(4);

fn dir() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn event(seq: u64, t_s: f64, text: &str) -> Event {
    Event {
        seq,
        tick: (t_s * 1000.0) as u64,
        t_s,
        kind: EventKind::Trip,
        object: "G1".into(),
        text: text.into(),
        value: 57.25,
        unit: "Hz",
        by: By::Plant,
        change: Some(["closed", "open"]),
        cause: seq.checked_sub(1),
    }
}

/// Seconds of the built-in plant's run.
fn engine() -> Engine {
    Engine::new(Arc::new(scenario::builtin_scenario("path-b-500").expect("built in").expect("sound")))
}

fn act(op: Operate) -> DeskAct {
    DeskAct { by: By::Trainee, what: What::Operate(op) }
}

fn header(e: &Engine) -> Header {
    Header::new(e.plate(), e.table(), "an operator")
}

/// A closed journal of a few seconds with `n` events of ours.
fn written(path: &Path, n: u64) -> (Block, Vec<Event>) {
    let mut e = engine();
    let mut w = Writer::open(path, &header(&e)).expect("a journal");
    w.act(0, &act(Operate::Start));
    e.operate(Operate::Start);
    for second in 1..=4 {
        (0..1000).for_each(|_| e.tick());
        w.second(second, e.state_hash());
    }
    let (mut block, mut events) = (Block::default(), Vec::new());
    e.take_block(&mut block);
    e.take_events(&mut events);
    let last = events.last().map_or(0, |e| e.seq);
    events.extend((1..=n).map(|i| event(last + i, 4.0, &format!("made up number {i}"))));
    w.events(&events);
    w.block(e.table(), &block);
    drop(w);
    (block, events)
}

fn open(path: &Path) -> Recording {
    Recording::open(path).unwrap_or_else(|e| panic!("{e}"))
}

fn sql(path: &Path, text: &str) {
    Connection::open(path).and_then(|db| db.execute_batch(text)).unwrap_or_else(|e| panic!("{e}: {text}"));
}

#[track_caller]
fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn what_is_written_comes_back() {
    let dir = dir();
    let path = dir.path().join("a.sqlite");
    let (block, events) = written(&path, 3);
    let r = open(&path);
    let entries = r.entries(&Filter::default()).expect("entries");
    assert_eq!(entries.len(), events.len() + 2, "the journal's own first and last entry");
    assert!(entries.iter().enumerate().all(|(i, e)| e.seq == i as u64 && e.branch == 0));
    for (e, entry) in events.iter().zip(&entries[1..]) {
        assert_eq!(
            (entry.t_sim_us, &*entry.object, &*entry.text),
            ((e.t_s * 1e6).round() as i64, &*e.object, &*e.text)
        );
        let back = entry.event();
        assert_eq!((back.kind, back.value, back.unit), (e.kind, e.value, e.unit));
        assert!(entry.t_wall_utc_us > 1_700_000_000_000_000);
    }
    let trip = entries.iter().find(|e| e.text == "made up number 2").expect("there");
    assert_eq!(
        (&*trip.kind, &*trip.what, trip.from.as_deref(), trip.to.as_deref()),
        ("prot", "trip", Some("closed"), Some("open"))
    );
    assert_eq!(trip.cause_seq, Some(trip.seq - 1), "the cause by its number here");
    let start = entries.iter().find(|e| &*e.what == "command").expect("the act");
    assert_eq!((&*start.kind, &*start.user), ("op", "an operator"));

    let rows = r.rows(0).expect("rows");
    assert_eq!(rows.rows(), block.rows());
    for (got, want) in [(&rows.last, &block.last), (&rows.min, &block.min), (&rows.max, &block.max)] {
        assert!(got.iter().zip(want).all(|(g, w)| *g == f64::from(*w as f32) || (g.is_nan() && w.is_nan())));
    }
    assert!(rows.t_s.iter().zip(&block.t_s).all(|(g, w)| (g - w).abs() < 1e-6));
    let v = r.verify();
    assert!(v.sound(), "{v}");
    assert_eq!((v.end, v.entries, v.rows), (End::Closed, entries.len() as u64, rows.rows() as u64));
    assert_eq!(r.frame().remarks, [] as [String; 0]);
}

#[test]
fn filters_find() {
    let dir = dir();
    let path = dir.path().join("a.sqlite");
    written(&path, 20);
    let r = open(&path);
    let count = |f: Filter| r.entries(&f).expect("entries").len();
    assert_eq!(count(Filter { kind: Some("prot".into()), ..Filter::default() }), 20);
    assert_eq!(count(Filter { text: Some("NUMBER 1".into()), ..Filter::default() }), 11);
    assert_eq!(count(Filter { object: Some("G1".into()), take: Some(7), ..Filter::default() }), 7);
    assert_eq!(count(Filter { object: Some("G1".into()), skip: 15, ..Filter::default() }), 5);
    assert_eq!(
        count(Filter { from_s: Some(3.9999), to_s: Some(4.0), object: Some("G1".into()), ..Filter::default() }),
        20
    );
    assert_eq!(count(Filter { text: Some("'; DROP TABLE entry; --".into()), ..Filter::default() }), 0);
    assert_eq!(count(Filter { branch: Some(1), ..Filter::default() }), 0);
}

#[test]
fn every_kind_of_tampering_shows_and_where() {
    let dir = dir();
    let good = dir.path().join("good.sqlite");
    written(&good, 12);
    let entries = open(&good).entries(&Filter::default()).expect("entries");
    let fifth = entries.iter().find(|e| e.text == "made up number 5").expect("there").seq;
    let cases: [(&str, String, Option<u64>); 12] = [
        ("text", format!("UPDATE entry SET text = 'made up number 6' WHERE seq = {fifth}"), Some(fifth)),
        ("time", format!("UPDATE entry SET t_sim_us = t_sim_us + 1 WHERE seq = {fifth}"), Some(fifth)),
        ("who", format!("UPDATE entry SET user = 'nobody' WHERE seq = {fifth}"), Some(fifth)),
        ("value", format!("UPDATE entry SET value = value + 1e-12 WHERE seq = {fifth}"), Some(fifth)),
        ("no value", format!("UPDATE entry SET value = NULL WHERE seq = {fifth}"), Some(fifth)),
        ("hash", format!("UPDATE entry SET hash = zeroblob(32) WHERE seq = {fifth}"), Some(fifth)),
        ("gone", format!("DELETE FROM entry WHERE seq = {fifth}"), Some(fifth - 1)),
        (
            "swapped",
            format!(
                "UPDATE entry SET line = -1 WHERE seq = {fifth};
                 UPDATE entry SET line = line - 1 WHERE seq = {0};
                 UPDATE entry SET line = (SELECT line + 1 FROM entry WHERE seq = {0}) WHERE seq = {fifth}",
                fifth + 1
            ),
            Some(fifth + 1),
        ),
        ("rows", "UPDATE rows SET data = x'00' WHERE line = (SELECT min(line) FROM rows)".into(), None),
        ("command", "UPDATE act SET ron = ''".into(), None),
        ("header", "UPDATE header SET value = '43' WHERE name = 'seed'".into(), None),
        ("signals", "UPDATE signal SET id = 'site.x' WHERE place = 0".into(), None),
    ];
    for (what, change, seq) in cases {
        let path = dir.path().join(format!("{what}.sqlite"));
        fs::copy(&good, &path).expect("a copy");
        sql(&path, &change);
        let v = open(&path).verify();
        let fault = v.fault.clone().unwrap_or_else(|| panic!("{what}: {v}"));
        if seq.is_some() {
            assert_eq!(fault.seq, seq, "{what}: {v}");
        }
        assert!(!v.to_string().contains('\n'), "{v}");
    }
    assert!(open(&good).verify().sound());
}

/// Any byte of the file: what is read afterwards is the same, or the check says that something is wrong.
#[test]
fn a_changed_byte_anywhere_is_found_or_means_nothing() {
    let dir = dir();
    let good = dir.path().join("good.sqlite");
    written(&good, 5);
    let bytes = fs::read(&good).expect("bytes");
    let read = |path: &Path| -> Option<String> {
        let r = Recording::open(path).ok()?;
        let v = r.verify();
        v.sound().then(|| format!("{:?} {:?} {:?}", r.header(), r.entries(&Filter::default()), r.rows(0)))
    };
    let want = read(&good).expect("sound");
    let path = dir.path().join("bad.sqlite");
    let (mut found, mut same) = (0, 0);
    let mut at = 37;
    while at < bytes.len() {
        let mut bad = bytes.clone();
        bad[at] ^= 0x10;
        fs::write(&path, &bad).expect("written");
        match read(&path) {
            None => found += 1,
            Some(got) => {
                assert!(got == want, "byte {at} changed something unseen");
                same += 1;
            }
        }
        at += 331;
    }
    assert!(found > 20, "{found} found, {same} in unused space");
    let text = b"made up number 3";
    let at = bytes.windows(text.len()).position(|w| w == text).expect("the text is in the file");
    let mut bad = bytes.clone();
    bad[at] = b'M';
    fs::write(&path, &bad).expect("written");
    let v = open(&path).verify();
    assert!(v.fault.is_some_and(|f| f.what.contains("was changed") && f.seq.is_some()));
}

#[test]
fn a_sealed_file_states_its_hash_and_takes_nothing_more() {
    let dir = dir();
    let path = dir.path().join("exam.sqlite");
    let e = engine();
    let mut w = Writer::open(&path, &header(&e)).expect("a journal");
    w.events(&[event(0, 1.0, "a"), event(1, 2.0, "b")]);
    let hash = w.seal().expect("sealed");
    let v = open(&path).verify();
    assert_eq!((v.end, v.hash), (End::Sealed, hash));
    assert!(v.clone().against(&hex::encode(hash)[..8]).sound());
    assert!(!v.clone().against("0123456789abcdef").sound());
    assert!(!v.against("").sound(), "nothing noted is no proof");
    let again = Writer::open(&path, &header(&e)).err().map(|t| t.to_string()).unwrap_or_default();
    assert!(again.starts_with("the journal is sealed: "), "{again}");

    sql(&path, "DELETE FROM entry WHERE line = (SELECT max(line) FROM entry)");
    let v = open(&path).verify();
    assert!(v.fault.is_some_and(|f| f.what.contains("cut off")), "the end is missing");
}

#[test]
fn a_journal_goes_on_where_it_ended() {
    let dir = dir();
    let path = dir.path().join("site.sqlite");
    let (first, _) = written(&path, 2);
    let e = engine();
    let mut w = Writer::open(&path, &header(&e)).expect("the same signals");
    w.events(&[event(90, 9.0, "later")]);
    drop(w);
    let r = open(&path);
    assert!(r.verify().sound(), "{}", r.verify());
    assert_eq!(r.rows(0).expect("rows").rows(), first.rows());
    let texts: Vec<_> = r.entries(&Filter::default()).expect("entries").into_iter().map(|e| e.text).collect();
    assert!(texts.iter().any(|t| t.starts_with("journal goes on")) && texts.contains(&"later".to_owned()));

    let other = Header { signals: vec![["site.f_hz".into(), String::new(), String::new()]], ..header(&e) };
    let says = Writer::open(&path, &other).err().map(|t| t.to_string()).unwrap_or_default();
    assert!(says.starts_with("the journal is of a plant with other signals: "), "{says}");
}

#[test]
fn a_restore_is_a_branch() {
    let dir = dir();
    let path = dir.path().join("a.sqlite");
    let mut e = engine();
    let mut w = Writer::open(&path, &header(&e)).expect("a journal");
    let run = |e: &mut Engine, w: &mut Writer, seconds: u64| {
        let mut block = Block::default();
        for _ in 0..seconds {
            (0..1000).for_each(|_| e.tick());
            w.second(e.now_tick() / 1000, e.state_hash());
        }
        e.take_block(&mut block);
        w.block(e.table(), &block);
    };
    run(&mut e, &mut w, 3);
    let snapshot = e.clone();
    w.act(3000, &act(Operate::Start));
    e.operate(Operate::Start);
    run(&mut e, &mut w, 4);
    // Back to 3 s, and on without the start.
    assert_eq!(w.rewound(3.0, 0, 0), 1);
    let mut e = snapshot;
    run(&mut e, &mut w, 2);
    drop(w);
    let r = open(&path);
    assert!(r.verify().sound(), "{}", r.verify());
    assert_eq!(r.branch(), Ok(1));
    let fork = r.entries(&Filter { branch: Some(1), take: Some(1), ..Filter::default() }).expect("entries");
    assert_eq!((&*fork[0].kind, fork[0].from.as_deref(), fork[0].t_sim_us), ("snapshot", Some("branch 0"), 3_000_000));
    let (left, kept) = (r.rows(0).expect("rows"), r.rows(1).expect("rows"));
    assert_eq!((left.t_s.last().copied(), kept.t_s.last().copied()), (Some(7.0), Some(5.0)));
    assert_eq!(kept.rows(), 101, "a row a 50 ms and that of the start");
    assert!(kept.t_s.windows(2).all(|w| w[1] > w[0]));
    let (a, b) = (r.run_file(0).expect("a run"), r.run_file(1).expect("a run"));
    assert_eq!((a.desk.len(), a.hashes.len(), b.desk.len(), b.hashes.len()), (1, 7, 0, 5));
    for run in [a, b] {
        let replayed = run.replay().expect("runs again");
        assert!(replayed.same() && replayed.compared == run.hashes.len(), "{}", replayed.text());
    }
}

/// V12: the log alone reproduces the run.
#[test]
fn the_journal_alone_gives_the_run_again() {
    let dir = dir();
    let path = dir.path().join("a.sqlite");
    let mut e = engine();
    let mut w = Writer::open(&path, &header(&e)).expect("a journal");
    let acts = [(500, Operate::Start), (4321, Operate::Hold), (6789, Operate::Resume), (9001, Operate::Crash(0))];
    while e.now_tick() < 12_000 {
        let now = e.now_tick();
        for (_, act) in acts.iter().filter(|(tick, _)| *tick == now) {
            w.act(now, &self::act(*act));
            e.operate(*act);
        }
        e.tick();
        if e.now_tick().is_multiple_of(1000) {
            w.second(e.now_tick() / 1000, e.state_hash());
        }
    }
    drop(w);
    let mut run = open(&path).run_file(0).expect("a run");
    let replayed = run.replay().expect("runs again");
    assert_eq!((replayed.same(), replayed.compared, replayed.seconds), (true, 12, 12), "{}", replayed.text());
    run.desk.pop();
    assert_eq!(run.replay().expect("runs").first_difference_s, Some(10), "an act that is missing shows in its second");
}

#[test]
fn a_file_that_is_no_journal_or_of_a_later_layout_is_left_alone() {
    let dir = dir();
    let path = |name: &str| dir.path().join(name);
    let e = engine();
    let says = |p: &PathBuf| {
        let read = Recording::open(p).err().map(|t| t.to_string()).unwrap_or_default();
        let write = Writer::open(p, &header(&e)).err().map(|t| t.to_string()).unwrap_or_default();
        assert!(!read.contains('\n') && !write.contains('\n'), "{read} {write}");
        [read, write]
    };
    sql(&path("other.sqlite"), "CREATE TABLE mine (x)");
    for text in says(&path("other.sqlite")) {
        assert!(text.starts_with("a database, but not a journal of ballast: "), "{text}");
    }
    written(&path("later.sqlite"), 0);
    sql(&path("later.sqlite"), "PRAGMA user_version = 99");
    let before = fs::read(path("later.sqlite")).expect("bytes");
    for text in says(&path("later.sqlite")) {
        assert!(text.contains("layout 99") && text.contains("later version"), "{text}");
    }
    assert_eq!(fs::read(path("later.sqlite")).expect("bytes"), before, "not touched");
    fs::write(path("text.sqlite"), "t_s,site.f_hz\n0,60\n".repeat(100)).expect("written");
    assert!(says(&path("text.sqlite")).iter().all(|t| t.starts_with("file is not a database: ")));
    assert!(Recording::open(&path("none.sqlite")).is_err() && !path("none.sqlite").exists());
    let nowhere = Writer::open(&path("no/such/folder/a.sqlite"), &header(&e)).err();
    assert!(nowhere.is_some_and(|t| t.to_string().starts_with("unable to open database file")));
}

#[test]
fn a_run_of_another_version_still_shows_its_rows() {
    let dir = dir();
    let path = dir.path().join("a.sqlite");
    let mut e = engine();
    (0..1000).for_each(|_| e.tick());
    let mut block = Block::default();
    e.take_block(&mut block);
    // Another version: another order of signals, one that we do not know, a scenario text that we cannot read.
    let mut h = Header { version: "9.9.9".into(), source: "(warp_drive: on)".into(), ..header(&e) };
    h.signals.reverse();
    h.signals[3][0] = "site.flux".into();
    let mut w = Writer::open(&path, &h).expect("a journal");
    w.block(e.table(), &block);
    drop(w);
    let r = open(&path);
    let f = r.frame();
    assert_eq!(f.remarks.len(), 3, "{:?}", f.remarks);
    assert!(f.remarks[0].contains("9.9.9") && f.remarks[2].contains("site.flux"), "{:?}", f.remarks);
    let hz = h.signals.iter().position(|[id, ..]| id == "site.f_hz").expect("there");
    assert_eq!(f.places[hz], f.table.find("site.f_hz"));
    assert!(f.places[3].is_none());
    assert_eq!(r.rows(0).expect("rows").rows(), 21);
    let again = r.run_file(0).expect("what there is").replay().err().unwrap_or_default();
    assert!(again.contains("warp_drive") && !again.contains('\n'), "it cannot be run again, in one line: {again}");
}

#[test]
fn a_locked_file_is_waited_for_and_nothing_is_lost() {
    let dir = dir();
    let path = dir.path().join("a.sqlite");
    let e = engine();
    let mut w = Writer::open(&path, &header(&e)).expect("a journal");
    w.events(&[event(0, 1.0, "before")]);
    w.flush();
    let other = Connection::open(&path).expect("another program");
    other.execute_batch("BEGIN IMMEDIATE").expect("its lock");
    w.events(&[event(1, 2.0, "meanwhile")]);
    wait_until("the trouble is told", || w.state().trouble.is_some());
    let line = w.state().line();
    assert!(line.contains("database is locked") && line.contains("up to entry 1") && !line.contains('\n'), "{line}");
    other.execute_batch("ROLLBACK").expect("its end");
    wait_until("it has gone on", || w.state().trouble.is_none() && w.state().entries == 3);
    drop(w);
    let v = open(&path).verify();
    assert!(v.sound() && v.entries == 4, "{v}");
}

#[test]
fn a_full_disk_stops_the_journal_and_not_the_run_and_the_gap_is_written_down() {
    let dir = dir();
    let path = dir.path().join("a.sqlite");
    let e = engine();
    let limits = WriterLimits { max_pages: Some(40), waiting_bytes: 200_000 };
    let mut w = Writer::with_limits(&path, &header(&e), limits).expect("a journal");
    w.flush();
    let began = w.state().entries;
    let long = "x".repeat(2000);
    let fill = |w: &mut Writer| {
        for seq in 0..300 {
            w.events(&[event(seq, seq as f64, &long)]);
            w.wait();
        }
        w.flush();
    };
    // What comes with the first attempt waits in memory; what comes after it, up to the bound.
    fill(&mut w);
    fill(&mut w);
    let state = w.state();
    assert_eq!(state.trouble.as_deref(), Some("database or disk is full"));
    assert_eq!(state.entries, began, "what is not safe is not counted as safe");
    assert!(state.lost > 100, "{}", state.line());
    drop(w);
    let v = open(&path).verify();
    assert!(v.sound() && v.end == End::Open, "what was written before is sound: {v}");

    // The same, but room comes back: another program held the file meanwhile.
    let path = dir.path().join("b.sqlite");
    let limits = WriterLimits { max_pages: None, waiting_bytes: 200_000 };
    let mut w = Writer::with_limits(&path, &header(&e), limits).expect("a journal");
    w.flush();
    let other = Connection::open(&path).expect("another program");
    other.execute_batch("BEGIN IMMEDIATE").expect("its lock");
    w.events(&[event(0, 0.0, "first")]);
    wait_until("the trouble is told", || w.state().trouble.is_some());
    for seq in 1..300 {
        w.events(&[event(seq, seq as f64, &long)]);
        w.wait();
    }
    wait_until("some are lost", || w.state().lost > 100);
    other.execute_batch("ROLLBACK").expect("its end");
    wait_until("it has gone on", || w.state().trouble.is_none() && w.state().waiting == 0 && w.state().entries > 2);
    w.flush();
    drop(w);
    let r = open(&path);
    assert!(r.verify().sound(), "{}", r.verify());
    let gap = r.entries(&Filter { text: Some("gap: ".into()), ..Filter::default() }).expect("entries");
    assert_eq!(gap.len(), 1);
    assert!(gap[0].text.contains("could not be written (database is locked)"), "{}", gap[0].text);
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_is_told_in_one_line() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = dir();
    let at = dir.path().join("locked");
    fs::create_dir(&at).expect("a folder");
    fs::set_permissions(&at, fs::Permissions::from_mode(0o555)).expect("read-only");
    // Root writes everywhere; a file in place of the folder stops it too.
    let at = if fs::write(at.join("probe"), "").is_ok() {
        let file = dir.path().join("file");
        fs::write(&file, "").expect("written");
        file
    } else {
        at
    };
    let says = Writer::open(&at.join("a.sqlite"), &header(&engine())).err().map(|t| t.to_string()).unwrap_or_default();
    assert!(says.starts_with("unable to open database file") && !says.contains('\n'), "{says}");
}
