//! The verification plan of a training simulator (V1 to V14): those of its tests that are about the desk as a whole. The
//! table in the docs of `ballast::training` says where each of the fourteen is.
//!
//! `cargo test --test training_verification -- --ignored` also takes the long ones. `UPDATE_GOLDEN=1` writes the list of
//! V11 anew: a change in it is a change of plant, control or exercise, and has to be meant.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ballast::acts::fault::FAULTS;
use ballast::acts::{By, Event, EventKind, Fault, FaultKind, Operate, Remote};
use ballast::plant::signals::{at, site};
use ballast::scenario::{Scenario, builtin, builtin_scenario, exercises};
use ballast::training::msg::{DeskAct, What};
use ballast::training::{Desk, DeskConfig};
use ballast::worker::{Command, TwinHandle, Update, spawn};

fn shipped(name: &str) -> Arc<Scenario> {
    Arc::new(builtin_scenario(name).expect("a shipped scenario").unwrap_or_else(|e| panic!("{e}")))
}

fn to(d: &mut Desk, t_s: f64) -> Vec<Event> {
    let mut out = Vec::new();
    while d.engine().t_s() < t_s - 1e-9 {
        d.tick();
    }
    d.take_events(&mut out);
    out
}

fn trainer(d: &mut Desk, op: Operate) {
    d.act(&DeskAct { by: By::Instructor, what: What::Operate(op) });
}

// V5

/// A set at half load with miners, GPUs and a battery in service; Path B is there to be started.
const PLANT: &str = "(purpose: \"test\", run_s: 600.0, plant: (
    gensets: [(name: \"G1\", preset: \"lean-default\")],
    miners: [(name: \"miners\", units: 90, unit_kw: 3.3, on_at_start: 90, latency_s: 0.5, latency_sigma: 0.0)],
    gpus: [(name: \"gpu\", gpus: 400, preload_at_start: 100, full_at_start: 200)],
    aux: [(name: \"aux\", kw: 20.0)],
    bess: [(name: \"B1\", rated_kva: 100.0, energy_kwh: 50.0, mode: grid_following)],
    relays: console, shedding: off,
), policy: (path: shed, target_kw: 250.0, hold: (enabled: false)))";

/// Code, severity, and what 40 s of it bring: trips, then alarms in the order in which they came. Some bring none, which is
/// what makes them hard to find: a sluggish governor, a frozen reading, commands that come late.
const BRINGS: [(&str, f64, &str); 16] = [
    ("M01", 0.8, "81U-2 G1, island 1 | ROCOF, F-LO, RAMP-HI, BESS-LIM, GAS-P, 52G-TRIP"),
    ("M02", 1.0, " | "),
    ("M03", 1.0, " | "),
    ("M04", 1.0, " | ROCOF, STEP1S, RAMP-HI"),
    ("M05.1", 0.5, " | F-HI, GOV-SLOW"),
    ("M05.2", 0.5, "81U-1 G1, island 1 | F-LO, GOV-SLOW, 52G-TRIP"),
    ("M05.3", 1.0, " | "),
    ("M06", 0.5, " | MSH-SHORT, MSH-STUCK"),
    ("M07", 0.5, " | MSH-LAG, MSH-SHORT"),
    ("M08.1", 1.0, "52B B1 | BESS-TRIP"),
    ("M08.2", 1.0, " | BESS-SOC"),
    ("M09", 1.0, "52C gpu | GPU-FEED, ROCOF, STEP1S, RAMP-HI"),
    ("M10.1", 1.0, " | CMD-LOST, BESS-COM"),
    ("M10.2", 1.0, " | GPU-DEV"),
    ("M11", 1.0, " | GPU-PHASE, STEP1S, ROCOF, RAMP-HI"),
    ("M12", 0.6, " | AUX-STEP, STEP1S, ROCOF, RAMP-HI"),
];

/// These are seen only while the schedule adds GPUs and sheds miners for them.
const UNDER_WAY: [&str; 5] = ["M02", "M03", "M06", "M07", "M10.2"];

fn malfunction(code: &str, severity: f64) -> Fault {
    let kind = FaultKind::by_code(code).unwrap();
    let device = match kind {
        FaultKind::SensorHigh | FaultKind::SensorLow => at(site::F_HZ).at() as u32,
        FaultKind::SensorFreeze => at(site::GEN_KW).at() as u32,
        // 52C: behind 52G and 52M
        FaultKind::FeederTrip => 2,
        FaultKind::CommLoss => 2,
        _ => 0,
    };
    Fault { kind, device, severity, ramp_s: 0.0 }
}

/// What it brought, and whether the plant could be brought back after it.
fn brings(code: &str, severity: f64) -> (String, bool) {
    let s = Scenario::from_str("test", "test", PLANT, None).unwrap_or_else(|e| panic!("{e}"));
    let mut d = Desk::new(Arc::new(s), DeskConfig { rubric: None, ..DeskConfig::default() }).without_rows();
    to(&mut d, 20.0);
    let fault = malfunction(code, severity);
    if UNDER_WAY.contains(&code) {
        d.operate(Operate::Start);
        to(&mut d, 22.0);
    }
    trainer(&mut d, Operate::Fault(fault));
    let said = to(&mut d, 60.0);
    let trips: Vec<&str> = said.iter().filter(|e| e.kind == EventKind::Trip).map(|e| e.object.as_str()).collect();
    let raised = |e: &&Event| e.kind == EventKind::Alarm && e.change.is_some_and(|[_, to]| to == "unack");
    let alarms: Vec<&str> = said.iter().filter(raised).map(|e| e.object.as_str()).collect();
    trainer(&mut d, Operate::Fault(Fault { severity: 0.0, ..fault }));
    // Dead: feeders open, reset, set to the bus, feeders closed again. Else only what has tripped.
    let dead = !d.engine().totals().alive;
    let breakers = d.engine().view().breakers;
    if dead {
        to(&mut d, 100.0);
        for n in 1..breakers.len() as u32 {
            trainer(&mut d, Operate::Remote(Remote::Breaker(n, false)));
        }
        trainer(&mut d, Operate::Reset);
        trainer(&mut d, Operate::Remote(Remote::Breaker(0, true)));
        to(&mut d, 220.0);
    }
    for (n, b) in breakers.iter().enumerate().skip(1).filter(|(_, b)| dead || b.tripped) {
        trainer(&mut d, Operate::Remote(Remote::Breaker(n as u32, true)));
        let t = d.engine().t_s();
        to(&mut d, t + 5.0);
        assert!(b.name.starts_with("52"));
    }
    let t = d.engine().t_s();
    to(&mut d, t + 30.0);
    let now = d.engine().totals();
    let back = now.alive && (now.f_hz - 60.0).abs() < 0.3 && d.take_view().unwrap().standing.is_empty();
    (format!("{} | {}", trips.join(", "), alarms.join(", ")), back)
}

#[test]
fn v5_every_malfunction_brings_its_trips_and_alarms_in_order_and_the_plant_comes_back() {
    assert_eq!(BRINGS.map(|b| b.0), FAULTS.map(|s| s.code));
    let mut off = String::new();
    for (code, severity, wanted) in BRINGS {
        let (got, back) = brings(code, severity);
        if got != wanted || !back {
            writeln!(off, "{code}: {got:?}, back: {back}").unwrap();
        }
    }
    assert!(off.is_empty(), "not as noted:\n{off}");
}

// V7

/// Runs 3 s, freezes for so long, and looks: the same state, the same time, no event; and it goes on as if nothing had been.
fn freeze(wall: Duration) {
    let mut twin = spawn(Desk::new(shipped("bring-up-a1"), DeskConfig::default()), Arc::new(|| {}));
    let until = |twin: &TwinHandle, so: &dyn Fn(&Update) -> bool| loop {
        let u = twin.updates.recv_timeout(Duration::from_mins(1)).expect("an update");
        if so(&u) {
            break u;
        }
    };
    twin.send(Command::Step(3000)).unwrap();
    let before = until(&twin, &|u| u.t_s >= 3.0 - 1e-9);
    std::thread::sleep(wall);
    let seq = twin.send(Command::Pause).unwrap();
    let after = until(&twin, &|u| u.acked >= seq);
    assert_eq!((after.t_s, after.state_hash), (before.t_s, before.state_hash));
    assert!(after.block.t_s.is_empty() && after.events.is_empty(), "{:?}", after.events);
    twin.send(Command::Step(3000)).unwrap();
    let end = until(&twin, &|u| u.t_s >= 6.0 - 1e-9);
    let mut through = Desk::new(shipped("bring-up-a1"), DeskConfig::default());
    to(&mut through, 6.0);
    assert_eq!(end.state_hash, through.state_hash());
}

#[test]
fn v7_a_freeze_changes_nothing() {
    freeze(Duration::from_millis(300));
}

#[test]
#[ignore = "takes ten minutes"]
fn v7_a_freeze_of_ten_minutes_changes_nothing() {
    freeze(Duration::from_mins(10));
}

// V10

#[test]
fn v10_a_run_that_leaves_the_model_is_told_so_once_and_marked() {
    let s = Scenario::from_str("test", "test", &PLANT.replace("relays: console", "relays: none"), None).unwrap();
    let mut d = Desk::new(Arc::new(s), DeskConfig::default()).without_rows();
    let notices =
        |said: &[Event]| said.iter().filter(|e| e.kind == EventKind::Notice && e.object == "validity").count();
    assert_eq!(notices(&to(&mut d, 5.0)), 0);
    assert_eq!(d.take_view().unwrap().invalid, None);
    trainer(&mut d, Operate::Fault(malfunction("M01", 0.8)));
    let said = to(&mut d, 40.0);
    assert!((1..=4).contains(&notices(&said)), "{said:?}");
    let why = d.take_view().unwrap().invalid.clone().unwrap();
    assert!(why.contains("frequency"), "{why}");
    assert_eq!(notices(&to(&mut d, 60.0)), 0, "once for each quantity");
}

#[test]
fn v10_no_shipped_run_leaves_the_model_by_itself() {
    for name in ["path-a", "path-b-500", "miner-lag", "bess-200kw", "two-gensets-one-trips"] {
        let mut d = Desk::new(shipped(name), DeskConfig::default()).without_rows();
        to(&mut d, 60.0);
        assert_eq!(d.take_view().unwrap().invalid, None, "{name}");
    }
}

// V11

/// Events of the list, one a line: batches and alarms have tests of their own, and would make it long.
fn listed(e: &Event) -> Option<String> {
    use EventKind::{Fault, Hold, Limit, LoadShed, Notice, Refused, Resume, Score, State, Trip};
    let kept = matches!(e.kind, Fault | Hold | Limit | LoadShed | Notice | Refused | Resume | Score | State | Trip)
        || (e.kind == EventKind::Note && e.object == "exercise");
    kept.then(|| format!("{:9.3} {:?} {}: {}", e.t_s, e.kind, e.object, e.text))
}

#[test]
fn v11_every_shipped_run_has_its_golden_events_and_score() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/golden-events.txt");
    let mut got = String::new();
    for (name, _) in builtin().iter().chain(exercises()) {
        let mut d = Desk::new(shipped(name), DeskConfig { snapshots: 1, ..DeskConfig::default() }).without_rows();
        let run_s = d.engine().scenario.run_s;
        let said = to(&mut d, run_s);
        let score = d.meter().unwrap().finish(None);
        let groups: Vec<String> = score.groups.iter().map(|g| format!("{} {:.1}", g.name, g.points)).collect();
        writeln!(got, "{name}: {run_s} s, {} events; {}", said.len(), groups.join(", ")).unwrap();
        for line in said.iter().filter_map(listed) {
            writeln!(got, "  {line}").unwrap();
        }
    }
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, &got).unwrap();
    }
    let wanted = std::fs::read_to_string(&file).unwrap_or_default();
    let first = got.lines().zip(wanted.lines()).position(|(a, b)| a != b);
    let line = |text: &str, k: usize| text.lines().nth(k).unwrap_or_default().to_owned();
    assert_eq!(first.map(|k| (k + 1, line(&got, k), line(&wanted, k))), None, "line, got, golden");
    assert_eq!(got.lines().count(), wanted.lines().count());
}
