//! Which alarms the shipped scenarios raise: none that nothing explains, and those that a trainee must see.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::sync::Arc;

use ballast::engine::msg::{Event, EventKind};
use ballast::engine::worker::Runner as _;
use ballast::scenario::{builtin, builtin_scenario};
use ballast::training::{Desk, DeskConfig};

/// Events of kind alarm in the first `t_s` of a shipped scenario.
fn alarms(name: &str, t_s: f64) -> Vec<Event> {
    let scenario = Arc::new(builtin_scenario(name).expect("a shipped scenario").unwrap_or_else(|e| panic!("{e}")));
    let mut d = Desk::new(scenario, DeskConfig { snapshots: 1, rubric: None, ..DeskConfig::default() }).without_rows();
    let mut events = Vec::new();
    while d.engine().t_s() < t_s {
        d.tick();
    }
    d.take_events(&mut events);
    events.retain(|e| e.kind == EventKind::Alarm);
    events
}

fn raised(events: &[Event]) -> Vec<(f64, &str)> {
    let new = events.iter().filter(|e| e.change.is_some_and(|[_, to]| to == "unack"));
    new.map(|e| (e.t_s, e.object.as_str())).collect()
}

#[test]
#[ignore = "prints the alarms of every scenario, to be looked at"]
fn alarms_of_every_scenario() {
    for (name, _) in builtin() {
        println!("{name}: {:?}", raised(&alarms(name, 150.0)));
    }
}
