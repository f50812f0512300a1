//! Which alarms the shipped scenarios raise: none that nothing explains, and those that a trainee must see.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::sync::Arc;

use ballast::acts::{By, Event, EventKind, Fault, FaultKind, Operate};
use ballast::scenario::{builtin, builtin_scenario};
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
fn a_bring_up_within_its_limits_raises_nothing_but_low_load() {
    for name in ["path-a", "path-b-500", "path-b-1000", "b-restore", "ramp-20kw-per-s"] {
        let events = alarms(name, 40.0);
        let tags: Vec<&str> = raised(&events).into_iter().map(|(_, tag)| tag).collect();
        assert!(tags.iter().all(|t| *t == "GEN-LOWP"), "{name}: {tags:?}");
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
    assert!(step.text.ends_with("first-out") && step.unit == "kW" && step.value > 90.0, "{step:?}");
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

#[test]
#[ignore = "prints the alarms of every scenario, to be looked at"]
fn alarms_of_every_scenario() {
    for (name, _) in builtin() {
        println!("{name}: {:?}", raised(&alarms(name, 150.0)));
    }
}
