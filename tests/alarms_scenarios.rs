//! Which alarms the shipped scenarios raise: none that nothing explains, and those that a trainee must see.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::sync::Arc;

use ballast::acts::{By, Event, EventKind, Fault, FaultKind, Operate, Remote, Setpoint};
use ballast::plant::signals::{at, site};
use ballast::scenario::{Scenario, builtin, builtin_scenario};
use ballast::training::msg::{DeskAct, What};
use ballast::training::{Desk, DeskConfig};

fn desk(name: &str) -> Desk {
    let scenario = Arc::new(builtin_scenario(name).expect("a shipped scenario").unwrap_or_else(|e| panic!("{e}")));
    Desk::new(scenario, DeskConfig { snapshots: 1, rubric: None, ..DeskConfig::default() }).without_rows()
}

/// Runs up to `t_s` and gives the events of kind alarm.
fn run(d: &mut Desk, t_s: f64) -> Vec<Event> {
    while d.engine().t_s() < t_s {
        d.tick();
    }
    let mut events = Vec::new();
    d.take_events(&mut events);
    events.retain(|e| e.kind == EventKind::Alarm);
    events
}

/// Events of kind alarm in the first `t_s` of a shipped scenario.
fn alarms(name: &str, t_s: f64) -> Vec<Event> {
    run(&mut desk(name), t_s)
}

fn raised(events: &[Event]) -> Vec<(f64, &str)> {
    let new = events.iter().filter(|e| e.change.is_some_and(|[_, to]| to == "unack"));
    new.map(|e| (e.t_s, e.object.as_str())).collect()
}

#[test]
fn a_bring_up_within_its_limits_raises_nothing() {
    for name in ["path-a", "path-b-500", "path-b-1000", "b-restore", "ramp-20kw-per-s"] {
        let events = alarms(name, 40.0);
        let tags: Vec<&str> = raised(&events).into_iter().map(|(_, tag)| tag).collect();
        assert!(tags.is_empty(), "{name}: {tags:?}");
    }
}

#[test]
fn a_slam_is_told_from_its_cause_to_its_consequence() {
    let events = alarms("naive-slam", 8.0);
    let came = |tag: &str| {
        let of = events.iter().find(|e| e.object == tag && e.change == Some(["normal", "unack"]));
        of.unwrap_or_else(|| panic!("no {tag}")).clone()
    };
    let chain = ["GPU-PHASE", "STEP1S", "ROCOF", "F-LO"].map(came);
    assert!(chain.windows(2).all(|w| w[0].seq < w[1].seq && w[0].tick < w[1].tick));
    let [phase, step, rocof, low] = chain;
    assert_eq!((phase.cause, step.cause), (None, Some(phase.seq)));
    assert_eq!((rocof.cause, low.cause), (Some(step.seq), Some(step.seq)));
    assert!(phase.text.ends_with(", first-out"), "{phase:?}");
    assert!(!step.text.contains("first-out"), "what follows is no first one: {step:?}");
    assert!(step.unit == "kW" && step.value > 90.0, "{step:?}");
    assert!(low.text.contains("limit 58.50 Hz") && low.unit == "Hz" && low.value < 58.5, "{low:?}");
}

#[test]
fn low_gas_is_an_alarm_with_its_pressure() {
    let mut d = desk("path-a");
    let fault = Fault { kind: FaultKind::GasPressure, device: 0, severity: 0.3, ramp_s: 5.0 };
    d.act(&DeskAct { by: By::Instructor, what: What::Operate(Operate::Fault(fault)) });
    let events = run(&mut d, 6.0);
    let gas: Vec<&Event> = events.iter().filter(|e| e.object == "GAS-P").collect();
    let [e] = gas[..] else { panic!("{gas:?}") };
    assert!(e.unit == "%" && e.value < 85.0 && e.value > 70.0 && e.text.contains("limit 90.00 %"), "{e:?}");
}

/// The first row had no step allowance yet: STEP1S came with the limit 0 a millisecond after START on a frozen twin.
#[test]
fn regress_start_on_a_frozen_twin_raises_no_step_alarm() {
    for (name, _) in builtin() {
        let scenario = Arc::new(builtin_scenario(name).unwrap().unwrap());
        let mut d = Desk::new(scenario, DeskConfig { snapshots: 1, rubric: None, ..DeskConfig::default() });
        let mut row = Vec::new();
        d.engine().latest(&mut row);
        let [now, cap, alive] = [site::STEP_NOW_KW, site::STEP_CAP_KW, site::ENERGISED].map(|o| row[at(o).at()]);
        assert!(cap > 0.0 || alive == 0.0, "{name}: {cap} kW at t = 0");
        assert_eq!(now, cap, "{name}: a bucket begins full");
        d.act(&DeskAct { by: By::Trainee, what: What::Operate(Operate::Start) });
        let events = run(&mut d, 0.2);
        assert!(!raised(&events).iter().any(|(_, tag)| tag.starts_with("STEP1S")), "{name}: {events:?}");
    }
}

/// A battery beside the set, so that every kind of malfunction has something to act on.
fn with_bess() -> Desk {
    let text = "(purpose: \"test\", run_s: 600.0, plant: (
        gensets: [(name: \"G1\", preset: \"lean-default\")],
        miners: [(name: \"miners\", units: 90, unit_kw: 3.3, on_at_start: 90, latency_s: 0.5, latency_sigma: 0.0)],
        gpus: [(name: \"gpu\", gpus: 400)],
        aux: [(name: \"aux\", kw: 20.0)],
        bess: [(name: \"B1\", rated_kva: 100.0, energy_kwh: 50.0, mode: grid_following)],
        shedding: off,
    ))";
    let s = Scenario::from_str("test", "test", text, None).unwrap_or_else(|e| panic!("{e}"));
    Desk::new(Arc::new(s), DeskConfig { snapshots: 1, rubric: None, ..DeskConfig::default() }).without_rows()
}

/// Trips of a battery, lost commands, the emergency stop, sluggish governors, frozen readings and auxiliary steps raised
/// nothing that named them.
#[test]
fn regress_each_malfunction_is_told_by_an_alarm_of_its_own() {
    let f_hz = at(site::F_HZ).at() as u32;
    let gen_kw = at(site::GEN_KW).at() as u32;
    let v_pu = at(site::V_PU).at() as u32;
    let table = [
        (FaultKind::BessTrip, 0, 1.0, "BESS-TRIP"),
        (FaultKind::CommLoss, 0, 1.0, "CMD-LOST"),
        (FaultKind::CommLoss, 1, 0.5, "CMD-LOST"),
        (FaultKind::SluggishGovernor, 0, 1.0, "GOV-SLOW"),
        (FaultKind::SensorFreeze, f_hz, 1.0, "F-FROZEN"),
        (FaultKind::SensorFreeze, gen_kw, 1.0, "KW-FROZEN"),
        (FaultKind::SensorFreeze, v_pu, 1.0, "V-FROZEN"),
        (FaultKind::AuxStep, 0, 0.3, "AUX-STEP"),
    ];
    for (kind, device, severity, tag) in table {
        let mut d = with_bess();
        run(&mut d, 1.0);
        d.act(&DeskAct { by: By::Trainee, what: What::Operate(Operate::Start) });
        let before = run(&mut d, 3.0);
        assert!(!raised(&before).iter().any(|(_, t)| *t == tag), "{kind:?}: {tag} came before it");
        let fault = Fault { kind, device, severity, ramp_s: 0.0 };
        d.act(&DeskAct { by: By::Instructor, what: What::Operate(Operate::Fault(fault)) });
        let events = run(&mut d, 50.0);
        assert!(raised(&events).iter().any(|(_, t)| *t == tag), "{kind:?}: {:?}", raised(&events));
    }
    let mut d = with_bess();
    d.act(&DeskAct { by: By::Instructor, what: What::Operate(Operate::Remote(Remote::EStop(true))) });
    let events = run(&mut d, 1.0);
    assert!(raised(&events).iter().any(|(_, t)| *t == "E-STOP"), "{:?}", raised(&events));
}

/// What an operator asks of an auxiliary load is no step by itself.
#[test]
fn an_auxiliary_load_that_was_asked_for_is_no_alarm() {
    let mut d = with_bess();
    run(&mut d, 4.0);
    d.act(&DeskAct { by: By::Trainee, what: What::Operate(Operate::Set(Setpoint::AuxKw, 60.0)) });
    let events = run(&mut d, 8.0);
    assert!(!raised(&events).iter().any(|(_, t)| *t == "AUX-STEP"), "{:?}", raised(&events));
}

/// A schedule that an interlock holds stood still for two minutes before anybody was told.
#[test]
fn regress_a_hold_by_an_interlock_is_told_at_once() {
    let mut d = with_bess();
    d.act(&DeskAct { by: By::Trainee, what: What::Operate(Operate::Set(Setpoint::FeedbackHold, 1.0)) });
    d.act(&DeskAct { by: By::Trainee, what: What::Operate(Operate::Start) });
    run(&mut d, 3.0);
    let span = d.engine().table().get(at(site::F_HZ)).range;
    let severity = 3.3 / (span[1] - span[0]);
    let fault = Fault { kind: FaultKind::SensorLow, device: at(site::F_HZ).at() as u32, severity, ramp_s: 0.0 };
    d.act(&DeskAct { by: By::Instructor, what: What::Operate(Operate::Fault(fault)) });
    let events = run(&mut d, 3.3);
    let held = d.engine().control.hold_reason().unwrap_or_default().to_owned();
    assert!(held.starts_with("interlock: "), "{held}");
    assert!(raised(&events).iter().any(|(t, tag)| *tag == "SCHED-ILK" && *t < 3.2), "{:?}", raised(&events));
}

#[test]
#[ignore = "prints the alarms of every scenario, to be looked at"]
fn alarms_of_every_scenario() {
    for (name, _) in builtin() {
        println!("{name}: {:?}", raised(&alarms(name, 150.0)));
    }
}
