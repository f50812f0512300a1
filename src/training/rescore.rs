//! The score of a saved run: scenario and log are run again under a meter, so that the same log gives the same score,
//! to the last bit, long after.

use std::sync::Arc;

use super::desk::{Desk, DeskConfig};
use super::msg::{DeskAct, What};
use super::score::{Facts, Meter, Rubric, Sample};
use crate::engine::msg::{Block, Event, EventKind};
use crate::engine::worker::Runner as _;
use crate::plant::signals::SignalTable;
use crate::scenario::Scenario;

/// A run that was done again.
#[derive(Debug)]
pub struct Rescored {
    /// What was measured.
    pub meter: Meter,
    /// Events of the run, the desk's included.
    pub events: Vec<Event>,
    /// State hash at each full second, from 1.
    pub hashes: Vec<u64>,
    /// Rows, where they were asked for.
    pub block: Block,
    /// Signals of the rows.
    pub table: Arc<SignalTable>,
}

/// How far a run is done again, and what is kept of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extent {
    /// Up to here, s.
    pub until_s: f64,
    /// And on to the horizon, with nobody acting.
    pub to_horizon: bool,
    /// Rows too.
    pub rows: bool,
}

/// Runs a scenario with a log again.
#[must_use]
pub fn rescore(
    scenario: Arc<Scenario>,
    rubric: Arc<Rubric>,
    facts: Arc<Facts>,
    log: &[(u64, DeskAct)],
    extent: Extent,
) -> Rescored {
    let mut desk = Desk::new(scenario, DeskConfig { snapshots: 1, rubric: None, ..DeskConfig::default() });
    if !extent.rows {
        desk = desk.without_rows();
    }
    let mut meter = Meter::new(rubric, facts, &Sample::of(desk.engine()));
    let end = (extent.until_s / desk.tick_s()).round() as u64;
    let per_second = (1.0 / desk.tick_s()).round().max(1.0) as u64;
    let (mut events, mut fresh, mut hashes) = (Vec::new(), Vec::new(), Vec::new());
    let mut acts = log.iter().peekable();
    while desk.now_tick() < end || (extent.to_horizon && !meter.is_over()) {
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
        if desk.now_tick().is_multiple_of(per_second) {
            hashes.push(desk.state_hash());
        }
    }
    let mut block = Block::default();
    desk.take_block(&mut block);
    Rescored { meter, events, hashes, block, table: desk.table() }
}

fn take(fresh: &mut Vec<Event>, meter: &mut Meter, events: &mut Vec<Event>) {
    fresh.iter().for_each(|e| meter.event(e));
    events.append(fresh);
}
