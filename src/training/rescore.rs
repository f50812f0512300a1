//! The score of a saved run: scenario and log are run again under a meter, so that the same log gives the same score,
//! to the last bit, long after.

use std::sync::Arc;

use super::desk::{Desk, DeskConfig};
use super::msg::{DeskAct, What};
use super::score::{Facts, Meter, Rubric, Sample};
use crate::engine::msg::{Event, EventKind};
use crate::engine::worker::Runner as _;
use crate::scenario::Scenario;

/// A run that was done again.
#[derive(Debug)]
pub struct Rescored {
    /// What was measured.
    pub meter: Meter,
    /// Events of the run, the desk's included.
    pub events: Vec<Event>,
}

/// Runs a scenario with a log up to `until_s`, or to the horizon if that comes later and `to_horizon` is set (nobody
/// acts after the end of a log).
#[must_use]
pub fn rescore(
    scenario: Arc<Scenario>,
    rubric: Arc<Rubric>,
    facts: Arc<Facts>,
    log: &[(u64, DeskAct)],
    until_s: f64,
    to_horizon: bool,
) -> Rescored {
    let mut desk = Desk::new(scenario, DeskConfig { snapshots: 1, ..DeskConfig::default() }).without_rows();
    let mut meter = Meter::new(rubric, facts, &Sample::of(desk.engine()));
    let end = (until_s / desk.tick_s()).round() as u64;
    let (mut events, mut fresh) = (Vec::new(), Vec::new());
    let mut acts = log.iter().peekable();
    while desk.now_tick() < end || (to_horizon && !meter.is_over()) {
        while let Some((_, act)) = acts.next_if(|(tick, _)| *tick <= desk.now_tick()) {
            desk.desk(act.clone());
            desk.take_events(&mut fresh);
            if let What::Operate(op) = &act.what {
                let accepted = !fresh.iter().any(|e| e.kind == EventKind::Refused && e.object == "command");
                meter.act(desk.engine().t_s(), op, act.by, accepted);
            }
            take(&mut fresh, &mut meter, &mut events);
        }
        desk.tick();
        desk.take_events(&mut fresh);
        take(&mut fresh, &mut meter, &mut events);
        meter.tick(&Sample::of(desk.engine()));
    }
    Rescored { meter, events }
}

fn take(fresh: &mut Vec<Event>, meter: &mut Meter, events: &mut Vec<Event>) {
    fresh.iter().for_each(|e| meter.event(e));
    events.append(fresh);
}
