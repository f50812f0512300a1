//! The score of a saved run: scenario and log are run again at a desk, so that the same log gives the same score, to the
//! last bit, long after.

use std::sync::Arc;

use super::desk::{Desk, DeskConfig};
use super::msg::DeskAct;
use crate::acts::{Block, Event};
use crate::scenario::Scenario;

/// A run that was done again.
#[derive(Debug)]
pub struct Rescored {
    /// The desk at its end; its meter has the score.
    pub desk: Desk,
    /// Events of the run, the desk's included.
    pub events: Vec<Event>,
    /// State hash at each full second, from 1.
    pub hashes: Vec<u64>,
    /// Rows, where they were asked for.
    pub block: Block,
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
pub fn rescore(scenario: Arc<Scenario>, config: DeskConfig, log: &[(u64, DeskAct)], extent: Extent) -> Rescored {
    // nobody goes back in a run that is done again
    let mut desk = Desk::new(scenario, DeskConfig { snapshots: 1, ..config });
    if !extent.rows {
        desk = desk.without_rows();
    }
    let end = (extent.until_s / desk.tick_s()).round() as u64;
    let per_second = (1.0 / desk.tick_s()).round().max(1.0) as u64;
    let (mut events, mut hashes) = (Vec::new(), Vec::new());
    let mut acts = log.iter().peekable();
    let on = |d: &Desk| d.now_tick() < end || (extent.to_horizon && d.meter().is_some_and(|m| !m.is_over()));
    while on(&desk) {
        while let Some((_, act)) = acts.next_if(|(tick, _)| *tick <= desk.now_tick()) {
            desk.act(act);
        }
        desk.tick();
        if desk.now_tick().is_multiple_of(per_second) {
            hashes.push(desk.state_hash());
            desk.take_events(&mut events);
        }
    }
    desk.take_events(&mut events);
    let mut block = Block::default();
    desk.take_block(&mut block);
    Rescored { desk, events, hashes, block }
}
