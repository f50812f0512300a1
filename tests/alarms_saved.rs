//! An alarm set of one's own goes with the run that it was used in: into saved runs and journals, and back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::sync::Arc;

use ballast::acts::{Block, By, Event, EventKind, Operate};
use ballast::alarm::{Act, Database};
use ballast::engine::Engine;
use ballast::journal::{Header, Recording, RunFile, Writer};
use ballast::scenario::builtin_scenario;
use ballast::training::msg::{DeskAct, What};
use ballast::training::{Desk, DeskConfig};
use rusqlite::Connection;

/// One alarm that comes at once, in the place where the built-in set has another.
const OWN: &str = r#"(alarms: [(
    tag: "LOADED", text: "There is load", priority: Medium, group: Engine,
    when: Above(Signal("site.gen_kw"), Value(1.0)),
    cause: "Somebody uses it.", consequence: "None.", within: "1 h", response: ["Nothing."], source: "test",
)])"#;

fn engine() -> Engine {
    Engine::new(Arc::new(builtin_scenario("path-a").unwrap().unwrap()))
}

fn act(what: What) -> DeskAct {
    DeskAct { by: By::Trainee, what }
}

fn config(text: &str) -> DeskConfig {
    let own = Database::from_ron("own.ron", text).unwrap_or_else(|e| panic!("{e}"));
    DeskConfig { alarms: Some(Arc::new(own)), ..DeskConfig::default() }
}

/// Runs a saved run again and gives its alarm events, as object and new state.
fn again(run: &RunFile) -> Vec<(String, &'static str)> {
    let mut again = run.start().unwrap_or_else(|e| panic!("{e}"));
    let (mut block, mut events) = (Block::default(), Vec::<Event>::new());
    while again.second(&mut block, &mut events) {}
    let alarms = events.into_iter().filter(|e| e.kind == EventKind::Alarm);
    alarms.filter_map(|e| Some((e.object, e.change?[1]))).collect()
}

/// A saved run named alarms by their place in a set that it did not keep.
#[test]
fn regress_a_saved_run_keeps_its_alarm_set() {
    let mut desk = Desk::new(Arc::new(builtin_scenario("path-a").unwrap().unwrap()), config(OWN));
    (0..1000).for_each(|_| desk.tick());
    desk.act(&act(What::Alarm(Act::Ack(0))));
    desk.tick();
    let mut events = Vec::new();
    desk.take_events(&mut events);
    assert!(events.iter().any(|e| e.object == "LOADED" && e.change == Some(["unack", "ack"])));
    let source = config(OWN).alarms.and_then(|own| own.source.clone());
    let run = RunFile {
        alarms: source.as_deref().map(str::to_owned),
        until_s: 2.0,
        desk: desk.log().clone(),
        ..RunFile::begin(desk.engine().plate())
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.ron");
    run.save(&path).unwrap();
    let loaded = RunFile::load(&path).unwrap();
    assert_eq!(loaded, run);
    assert_eq!(again(&loaded), [("LOADED".to_owned(), "unack"), ("LOADED".to_owned(), "ack")]);
    let without = RunFile { alarms: None, ..loaded.clone() };
    assert!(again(&without).iter().all(|(tag, _)| tag != "LOADED"), "the built-in set has no such alarm");
    assert!(!without.text().unwrap().contains("alarms:"), "nothing is written where the built-in set was used");
    let broken = RunFile { alarms: Some(OWN.replace("site.gen_kw", "site.gen_kwh")), ..loaded };
    let why = broken.start().unwrap_err();
    assert!(why.starts_with("no signal is called `site.gen_kwh` at line 3"), "{why}");
    assert!(why.ends_with("alarm set of the saved run"), "{why}");
}

#[test]
fn a_journal_keeps_it_under_its_seal() {
    let folder = tempfile::tempdir().unwrap();
    let e = engine();
    let write = |name: &str, alarms: Option<String>| {
        let path = folder.path().join(name);
        let header = Header { alarms, ..Header::new(e.plate(), e.table(), "an operator") };
        let mut w = Writer::open(&path, &header).expect("a journal");
        w.act(0, &act(What::Operate(Operate::Start)));
        w.second(1, 1);
        drop(w);
        path
    };
    let path = write("own.sqlite", Some(OWN.to_owned()));
    let r = Recording::open(&path).unwrap();
    assert!(r.verify().sound());
    assert_eq!(r.run_file(0).unwrap().alarms.as_deref(), Some(OWN));
    let change = "UPDATE header SET value = replace(value, '1.0', '9.0') WHERE name = 'alarms'";
    Connection::open(&path).unwrap().execute_batch(change).unwrap();
    assert!(!Recording::open(&path).unwrap().verify().sound(), "a changed alarm set shows");
    let plain = Recording::open(&write("plain.sqlite", None)).unwrap();
    assert!(plain.verify().sound());
    assert_eq!(plain.run_file(0).unwrap().alarms, None);
}
