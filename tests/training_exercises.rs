//! Exercises: what is shipped is sound and comes out as written down, items fire when and as often as they should, an exam
//! gives nothing away, and all of it is repeated exactly at any speed and from the log.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::sync::Arc;
use std::time::Duration;

use ballast::acts::{By, Event, EventKind, Operate};
use ballast::scenario::exercise::{Do, Item, When};
use ballast::scenario::{Scenario, builtin_scenario, exercises, initial_conditions};
use ballast::training::ic::Ic;
use ballast::training::msg::{DeskAct, What};
use ballast::training::{Desk, DeskConfig};
use ballast::worker::{Command, Speed, spawn};

fn shipped(name: &str) -> Arc<Scenario> {
    Arc::new(builtin_scenario(name).expect("a shipped scenario").unwrap_or_else(|e| panic!("{e}")))
}

fn desk(name: &str) -> Desk {
    Desk::new(shipped(name), DeskConfig { rubric: None, ..DeskConfig::default() }).without_rows()
}

fn trainer(d: &mut Desk, what: What) {
    d.act(&DeskAct { by: By::Instructor, what });
}

fn to(d: &mut Desk, t_s: f64) -> Vec<Event> {
    let mut out = Vec::new();
    while d.engine().t_s() < t_s - 1e-9 {
        d.tick();
        d.take_events(&mut out);
    }
    out
}

fn is(e: &Event, kind: EventKind, object: &str) -> bool {
    e.kind == kind && e.object == object
}

fn item(at: When, act: Do) -> Item {
    Item { at, act, repeat: false, armed: true }
}

fn malf(m: &str, sev: f64) -> Do {
    Do::Malf { m: m.into(), device: None, sev, ramp_s: 0.0, delay_s: 0.0, for_s: None }
}

#[test]
fn eight_conditions_begin_in_steady_state() {
    assert_eq!(initial_conditions().len(), 8);
    for (name, _) in initial_conditions() {
        let mut d = desk(name);
        let before = d.engine().totals().gen_kw;
        let said = to(&mut d, 3.0);
        let after = d.engine().totals().gen_kw;
        assert!((after - before).abs() < 1.0, "{name}: {before} to {after} kW by itself");
        assert!(!said.iter().any(|e| matches!(e.kind, EventKind::Trip | EventKind::Limit)), "{name}: {said:?}");
    }
}

/// V11: kind and object of what an exercise without a trainee does, in order.
const GOLDEN: [(&str, &[(EventKind, &str)]); 4] = [
    ("bring-up-a1", &[(EventKind::Fault, "M01"), (EventKind::Fault, "M12")]),
    ("miner-lag-b1", &[(EventKind::Fault, "M07"), (EventKind::Fault, "M07"), (EventKind::Fault, "M06")]),
    ("load-rejection", &[(EventKind::Fault, "M04"), (EventKind::Fault, "M09"), (EventKind::Trip, "52C gpu")]),
    ("blind-operator", &[(EventKind::Fault, "M11"), (EventKind::Fault, "M05.3"), (EventKind::Fault, "M10.2")]),
];

#[test]
fn shipped_exercises_come_out_as_written_down() {
    assert_eq!(exercises().len(), GOLDEN.len());
    for (name, golden) in GOLDEN {
        let mut d = desk(name);
        let run_s = d.engine().scenario.run_s;
        let said = to(&mut d, run_s);
        let seen: Vec<_> = said
            .iter()
            .filter(|e| matches!(e.kind, EventKind::Fault | EventKind::Trip))
            .map(|e| (e.kind, e.object.as_str()))
            .take(golden.len())
            .collect();
        assert_eq!(seen, golden, "{name}");
        assert!(said.iter().any(|e| is(e, EventKind::Note, "exercise") && e.text.starts_with("ends:")), "{name}");
        assert!(d.take_view().unwrap().ended.is_some(), "{name} did not end");
        let again = to(&mut desk(name), run_s);
        assert_eq!(again, said, "{name}: another run, other events");
    }
}

#[test]
fn an_item_fires_once_or_each_time_and_clears_itself() {
    let mut d = desk("03-steady-500");
    let step = Do::Malf { m: "M12".into(), device: None, sev: 0.2, ramp_s: 0.0, delay_s: 1.0, for_s: Some(2.0) };
    trainer(&mut d, What::AddItem(item(When::T(1.0), step)));
    trainer(
        &mut d,
        What::AddItem(Item { repeat: true, ..item(When::When("aux_kw > 20".into()), Do::Note("up".into())) }),
    );
    trainer(&mut d, What::AddItem(Item { repeat: true, ..item(When::When("on key A".into()), malf("M12", 0.5)) }));
    let said = to(&mut d, 6.0);
    let at: Vec<f64> = said.iter().filter(|e| e.kind == EventKind::Fault).map(|e| e.t_s).collect();
    assert_eq!(at, [2.0, 4.0], "delay 1 s, 2 s long");
    assert!(d.take_view().unwrap().standing.is_empty());
    for _ in 0..2 {
        trainer(&mut d, What::Key("a".into()));
        let t = d.engine().t_s();
        to(&mut d, t + 1.0);
        trainer(
            &mut d,
            What::Operate(Operate::Fault(ballast::acts::Fault {
                kind: ballast::acts::FaultKind::AuxStep,
                device: 0,
                severity: 0.0,
                ramp_s: 0.0,
            })),
        );
        to(&mut d, t + 2.0);
    }
    let fired: Vec<u32> = d.take_view().map(|v| v.items.iter().map(|i| i.fired).collect()).unwrap();
    assert_eq!(fired, [1, 3, 2]);
}

#[test]
fn a_line_without_sense_is_refused_with_its_reason() {
    let mut d = desk("03-steady-500");
    for (bad, reason) in [
        (item(When::When("gpu_kw >".into()), malf("M12", 0.5)), "at:"),
        (item(When::When("nosuch_kw > 5".into()), malf("M12", 0.5)), "nosuch_kw"),
        (item(When::T(1.0), malf("M99", 0.5)), "M99"),
        (item(When::T(1.0), malf("M12", 1.5)), "sev"),
        (item(When::T(-1.0), malf("M12", 0.5)), "time"),
    ] {
        trainer(&mut d, What::AddItem(bad));
        let t = d.engine().t_s();
        let said = to(&mut d, t + 0.01);
        assert!(said.iter().any(|e| e.kind == EventKind::Refused && e.text.contains(reason)), "{reason}: {said:?}");
    }
    trainer(&mut d, What::Fire(9));
    assert!(to(&mut d, 1.0).iter().any(|e| e.kind == EventKind::Refused));
    assert!(d.take_view().unwrap().items.is_empty());
}

#[test]
fn an_exam_gives_no_hint_no_way_back_and_no_score() {
    let mut d = Desk::new(shipped("03-steady-500"), DeskConfig::default()).without_rows();
    trainer(&mut d, What::AddItem(item(When::T(1.0), Do::Hint("psst".into()))));
    trainer(&mut d, What::Exam(true));
    let said = to(&mut d, 2.0);
    assert!(!said.iter().any(|e| e.object == "hint"), "{said:?}");
    let v = d.take_view().unwrap();
    assert!(v.exam && v.score.is_none() && v.hint.is_none());
    let t = d.now_tick();
    trainer(&mut d, What::Restore(1));
    trainer(&mut d, What::Snapshot("x".into()));
    assert_eq!(d.now_tick(), t);
    trainer(&mut d, What::Exam(false));
    let said = to(&mut d, 2.1);
    assert_eq!(said.iter().filter(|e| e.kind == EventKind::Refused).count(), 2);
    assert!(said.iter().any(|e| is(e, EventKind::Desk, "exam") && e.text.contains("before its end")));
    assert!(d.take_view().unwrap().score.is_some());
}

#[test]
fn snapshots_take_the_exercise_back_too() {
    let mut d = desk("miner-lag-b1");
    to(&mut d, 25.0);
    trainer(&mut d, What::Snapshot("before".into()));
    let id = d.take_view().unwrap().snapshots.iter().find(|s| s.name.is_some()).unwrap().id;
    let faults = |said: &[Event]| said.iter().filter(|e| e.kind == EventKind::Fault).count();
    assert_eq!(faults(&to(&mut d, 35.0)), 1);
    let hash = d.state_hash();
    trainer(&mut d, What::Restore(id));
    assert!(d.take_view().unwrap().items.iter().all(|i| i.fired == 0));
    assert_eq!(faults(&to(&mut d, 35.0)), 1, "it fires again after the way back");
    assert_eq!(d.state_hash(), hash);
}

/// V2, V7, V9: with an exercise, acts of both, and a freeze; at three speeds, in steps, and from the log.
#[test]
fn an_exercise_is_the_same_at_any_speed_and_from_its_log() {
    let script = |d: &mut Desk| {
        to(d, 4.0);
        d.operate(Operate::Start);
        trainer(d, What::AddItem(item(When::T(6.0), malf("M12", 0.3))));
        trainer(d, What::Fire(0));
        to(d, 9.0);
    };
    let mut a = desk("blind-operator");
    script(&mut a);
    let mut replayed = Desk::replay(shipped("blind-operator"), DeskConfig::default(), a.log(), 9000);
    assert_eq!(replayed.state_hash(), a.state_hash(), "from the log");
    assert!(replayed.take_view().is_some());
    for speed in [Speed::Times(20.0), Speed::Times(200.0), Speed::Max] {
        let mut twin = spawn(desk("blind-operator"), Arc::new(|| {}));
        twin.send(Command::Speed(speed)).unwrap();
        let until = |twin: &mut ballast::worker::TwinHandle, t_s: f64| {
            loop {
                let u = twin.updates.recv_timeout(Duration::from_mins(1)).expect("an update");
                if u.t_s >= t_s - 1e-9 {
                    break u;
                }
            }
        };
        twin.send(Command::Step(4000)).unwrap();
        let frozen = until(&mut twin, 4.0);
        twin.send(Command::Operate(Operate::Start)).unwrap();
        for what in [What::AddItem(item(When::T(6.0), malf("M12", 0.3))), What::Fire(0)] {
            twin.send(Command::Desk(Box::new(DeskAct { by: By::Instructor, what }))).unwrap();
        }
        std::thread::sleep(Duration::from_millis(50));
        twin.send(Command::Pause).unwrap();
        let still = until(&mut twin, 4.0);
        assert_eq!((still.t_s, still.state_hash), (frozen.t_s, frozen.state_hash), "frozen is frozen");
        twin.send(Command::Step(5000)).unwrap();
        assert_eq!(until(&mut twin, 9.0).state_hash, a.state_hash(), "{speed:?}");
    }
}

#[test]
fn a_kept_condition_is_the_same_state_again() {
    let mut d = desk("path-a");
    to(&mut d, 7.0);
    d.operate(Operate::Hold);
    to(&mut d, 12.0);
    let ic = Ic {
        name: "held".into(),
        note: String::new(),
        version: String::new(),
        base_dir: None,
        scenario: d.engine().scenario.text.to_string(),
        seed: d.engine().scenario.seed,
        tick: d.now_tick(),
        log: d.log().clone(),
        values: Vec::new(),
    };
    let ic = Ic::from_text(&ic.to_text().unwrap(), "test").unwrap();
    let s = Scenario::from_str("held", "test", &ic.scenario, None).unwrap_or_else(|e| panic!("{e}"));
    let mut back = Desk::new(Arc::new(s), DeskConfig::default()).without_rows();
    trainer(&mut back, What::Resume(ic.log, ic.tick));
    assert_eq!((back.now_tick(), back.state_hash()), (d.now_tick(), d.state_hash()));
    assert_eq!(back.log(), d.log(), "its acts are in the log again, each as its own");
}

#[test]
fn an_exercise_names_its_own_responses_and_steps_and_a_wrong_one_is_refused_with_its_place() {
    let s = shipped("load-rejection");
    let facts = ballast::training::score::Facts::of(&s);
    assert_eq!((facts.steps.len(), facts.responses.len()), (2, 2));
    let text = s.text.replace("(malfunction: \"M09\"", "(malfunction: \"M99\"");
    let line = text.lines().position(|l| l.contains("M99")).unwrap() + 1;
    let why = Scenario::from_str("x", "x", &text, None).expect_err("no such malfunction").to_string();
    assert!(why.contains("no malfunction `M99`") && why.contains(&format!("line {line} ")), "{why}");
}

/// A kept condition reads its traces from the folder that its scenario was read from.
#[test]
fn regress_a_kept_condition_with_a_trace_loads() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("load.csv"), "t_s,kw\n0,20\n5,60\n").unwrap();
    let text = "(purpose: \"trace\", run_s: 60.0, plant: (gensets: [(name: \"G1\", preset: \"lean-default\")],
        gpus: [(name: \"gpu\", gpus: 100, trace: file(\"load.csv\"))], relays: none, shedding: off))";
    let file = dir.path().join("trace.ron");
    std::fs::write(&file, text).unwrap();
    let s = Scenario::load(&file).unwrap_or_else(|e| panic!("{e}"));
    let base_dir = Some(dir.path().display().to_string());
    let ic = Ic { base_dir, scenario: s.text.to_string(), ..ballast::training::ic::original("03-steady-500").unwrap() };
    let ic = Ic::from_text(&ic.to_text().unwrap(), "test").unwrap();
    assert_eq!(ic.at_start().map(|again| again.plant), Ok(s.plant));
    assert!(Ic { base_dir: None, ..ic }.at_start().is_err());
}
