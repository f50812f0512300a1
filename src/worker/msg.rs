//! Messages between the worker and whoever owns it. Plain data; no serde, no GUI type.

use std::sync::Arc;

use crate::acts::{Block, Event, Operate, PlantView, Plate, Quality};
use crate::control::Status;
use crate::engine::forecast::Forecast;
use crate::history::{IngestError, Store};
use crate::plant::signals::SignalTable;
use crate::training::msg::{DeskAct, DeskView};

/// Speed of the run against the wall clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Speed {
    /// So many simulated seconds a second, 0.1 to 1000.
    Times(f64),
    /// As fast as the machine can.
    Max,
}

/// A command to the worker.
#[derive(Clone, Debug)]
pub enum Command {
    /// Go on.
    Run,
    /// Freeze.
    Pause,
    /// While frozen: this many ticks.
    Step(u32),
    /// Change the speed.
    Speed(Speed),
    /// Something that acts on the plant or its control; goes to the command log.
    Operate(Operate),
    /// Another scenario; starts a new epoch, frozen.
    Load(Box<crate::scenario::Scenario>),
    /// The same scenario from the start; a new epoch, frozen.
    Restart,
    /// Ask for a forecast with the three engine presets.
    Forecast,
    /// An act at the desk: on alarms, on the exercise, on snapshots; goes to the desk's log.
    Desk(Box<DeskAct>),
}

/// What the worker tells.
#[derive(Clone, Debug)]
pub struct Update {
    /// Counts scenarios and restarts; the receiver clears its history when it changes.
    pub epoch: u32,
    /// The signal table of this epoch.
    pub table: Arc<SignalTable>,
    /// What stays the same over the epoch.
    pub plate: Arc<Plate>,
    /// Rows since the last update.
    pub block: Block,
    /// The newest row (every signal at `t_s`).
    pub latest: Vec<f64>,
    /// Time of `latest`, seconds of the run.
    pub t_s: f64,
    /// State of control.
    pub status: Status,
    /// Devices for the mimic.
    pub view: PlantView,
    /// Events since the last update.
    pub events: Vec<Event>,
    /// Sequence number of the newest command that has been applied or refused.
    pub acked: u64,
    /// Whether it runs.
    pub running: bool,
    /// Requested speed.
    pub speed: Speed,
    /// Simulated seconds a wall second over the last publish interval.
    pub achieved_speed: f64,
    /// Updates merged into this one because the receiver was slow.
    pub coalesced: u32,
    /// The twin waits because the receiver does not take its updates.
    pub stalled: bool,
    /// State hash at the last full second.
    pub state_hash: u64,
    /// A new forecast, when there is one.
    pub forecast: Option<Arc<Forecast>>,
    /// Alarms, exercise, snapshots: there when something of it has changed.
    pub desk: Option<Arc<DeskView>>,
    /// The run went back to this time: rows and events after it are no longer of this run, and `block` goes on from it.
    pub rewound_s: Option<f64>,
    /// Quality of each signal of `latest`; empty for the twin and for recordings of it, which know their values.
    pub quality: Vec<Quality>,
}

impl Store {
    /// Takes rows and events of an update. A newer epoch clears the store first; an update of an older one is passed
    /// over. True if it was taken.
    ///
    /// # Errors
    /// If the block does not fit the update's table. Its events are taken all the same.
    pub fn absorb(&mut self, update: &Update) -> Result<bool, IngestError> {
        if update.epoch < self.epoch() {
            return Ok(false);
        }
        if update.epoch > self.epoch() {
            self.begin(update.epoch);
        }
        for event in &update.events {
            self.events_mut().push(event.clone());
        }
        self.ingest(&update.block, update.table.len()).map(|()| true)
    }
}
