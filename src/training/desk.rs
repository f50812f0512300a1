//! The desk: a run as trainer and trainee work on it.
//!
//! It wraps an [`Engine`] and is what a console drives. Order of a tick: engine, then what reads its events and rows,
//! then, every few seconds, a snapshot. Every act at the desk, on the plant or not, goes to one log; scenario + seed +
//! that log give the run again, events of the desk included. Knows no clock, thread or file: freezing and speed are the
//! worker's.

use std::sync::Arc;

use super::branch::{Branches, Log};
use super::msg::{DeskAct, DeskView, What};
use super::snapshot::Snapshots;
use crate::control::Status;
use crate::engine::Engine;
use crate::engine::msg::{Block, By, Event, EventKind, Forecast, Operate, PlantView, Plate};
use crate::engine::worker::Runner;
use crate::plant::signals::SignalTable;
use crate::scenario::Scenario;

/// How the desk works.
#[derive(Clone, Debug, PartialEq)]
pub struct DeskConfig {
    /// Seconds between two snapshots.
    pub snapshot_every_s: f64,
    /// How many of them are kept.
    pub snapshots: usize,
}

impl Default for DeskConfig {
    fn default() -> Self {
        Self { snapshot_every_s: 5.0, snapshots: 360 }
    }
}

/// What goes back with the run when it is restored.
#[derive(Clone, Debug)]
struct State {
    engine: Engine,
}

impl State {
    fn snapshot(&self) -> Self {
        Self { engine: self.engine.snapshot() }
    }
}

/// A run with a desk.
#[derive(Clone, Debug)]
pub struct Desk {
    config: DeskConfig,
    now: State,
    branches: Branches,
    snapshots: Snapshots<State>,
    ticks_per_snapshot: u64,
    events: Vec<Event>,
    fresh: Vec<Event>,
    seq: u64,
    rewound_s: Option<f64>,
    changed: bool,
}

impl Desk {
    /// The scenario at t = 0.
    #[must_use]
    pub fn new(scenario: Arc<Scenario>, config: DeskConfig) -> Self {
        let engine = Engine::new(scenario);
        let mut desk = Self {
            ticks_per_snapshot: (config.snapshot_every_s / engine.tick_s()).round().max(1.0) as u64,
            snapshots: Snapshots::new(config.snapshots),
            config,
            now: State { engine },
            branches: Branches::default(),
            events: Vec::new(),
            fresh: Vec::new(),
            seq: 0,
            rewound_s: None,
            changed: true,
        };
        desk.snapshot(None);
        desk
    }

    /// Stops recording rows, for runs that read only events and figures.
    #[must_use]
    pub fn without_rows(mut self) -> Self {
        self.now.engine = self.now.engine.without_rows();
        self.snapshots = Snapshots::new(self.config.snapshots);
        self.snapshot(None);
        self
    }

    /// The engine inside.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.now.engine
    }

    /// Every act so far, plant acts included, with its tick: with scenario and seed it gives this run again.
    #[must_use]
    pub fn log(&self) -> &Log {
        self.branches.log()
    }

    /// The run again: the scenario at t = 0 with a log, up to `until_tick`.
    #[must_use]
    pub fn replay(scenario: Arc<Scenario>, config: DeskConfig, log: &[(u64, DeskAct)], until_tick: u64) -> Self {
        let mut desk = Self::new(scenario, config);
        desk.run_log(log, until_tick);
        desk
    }

    /// Goes on with a log: each act at its tick, up to `until_tick`.
    pub fn run_log(&mut self, log: &[(u64, DeskAct)], until_tick: u64) {
        let mut acts = log.iter().peekable();
        while self.now_tick() < until_tick {
            while let Some((_, act)) = acts.next_if(|(tick, _)| *tick <= self.now_tick()) {
                self.act(act);
            }
            self.tick();
        }
        acts.for_each(|(_, act)| self.act(act));
    }

    /// One act, logged unless it is about the log itself.
    fn act(&mut self, act: &DeskAct) {
        let tick = self.now_tick();
        if !act.rewinds() {
            self.branches.push(tick, act.clone());
        }
        let by = act.by;
        match &act.what {
            What::Operate(op) => {
                self.now.engine.operate_by(*op, by);
                self.gather();
            }
            What::Alarm(_) => self.note(EventKind::Refused, "desk", "there are no alarms in this run".to_owned(), by),
            What::Note(text) => self.note(EventKind::Note, "note", text.clone(), by),
            What::Snapshot(name) => {
                let id = self.snapshot(Some(name.clone()));
                self.note(EventKind::Snapshot, &format!("snapshot {id}"), named("taken", name), by);
            }
            What::Restore(id) => self.back_to(*id, false, by),
            What::Branch(id) => self.back_to(*id, true, by),
        }
    }

    fn snapshot(&mut self, name: Option<String>) -> u32 {
        self.changed = true;
        let (tick, branch, acts) = (self.now_tick(), self.branches.now(), self.branches.log().len());
        self.snapshots.push(tick, branch, acts, name, self.now.snapshot())
    }

    fn back_to(&mut self, id: u32, keep: bool, by: By) {
        let Some(to) = self.snapshots.get(id) else {
            self.note(EventKind::Refused, "desk", format!("there is no snapshot {id}"), by);
            return;
        };
        let (tick, branch, acts) = (to.tick, to.branch, to.acts);
        let state = to.state.snapshot();
        let from_s = self.now.engine.t_s();
        if keep {
            // Its end must be a place to come back to.
            self.snapshot(Some(format!("end of branch {}", self.branches.now())));
        } else {
            self.snapshots.drop_after(branch, tick);
        }
        self.branches.back_to(branch, tick, acts, keep);
        self.now = state;
        self.rewound_s = Some(self.now.engine.t_s());
        let way = if keep { format!("branch {} begins", self.branches.now()) } else { "restored".to_owned() };
        self.note(EventKind::Snapshot, &format!("snapshot {id}"), format!("{way}, back from {from_s:.1} s"), by);
        self.changed = true;
    }

    /// Takes the engine's events in, under the desk's own numbers.
    fn gather(&mut self) {
        self.now.engine.take_events(&mut self.fresh);
        for mut e in self.fresh.drain(..) {
            e.seq = self.seq;
            self.seq += 1;
            self.events.push(e);
        }
    }

    fn note(&mut self, kind: EventKind, object: &str, text: String, by: By) {
        let (tick, t_s) = (self.now_tick(), self.now.engine.t_s());
        let seq = self.seq;
        self.seq += 1;
        let (object, unit) = (object.to_owned(), "");
        self.events.push(Event { seq, tick, t_s, kind, object, text, value: 0.0, unit, by, change: None, cause: None });
    }

    fn view_now(&mut self) -> DeskView {
        let tick_s = self.now.engine.tick_s();
        self.branches.reach(self.now.engine.now_tick());
        DeskView {
            branch: self.branches.now(),
            branches: self.branches.views(tick_s),
            snapshots: self.snapshots.views(tick_s),
        }
    }
}

fn named(what: &str, name: &str) -> String {
    if name.is_empty() { what.to_owned() } else { format!("{what}: {name}") }
}

impl Runner for Desk {
    fn tick(&mut self) {
        self.now.engine.tick();
        self.gather();
        let tick = self.now_tick();
        if tick.is_multiple_of(self.ticks_per_snapshot) && !self.snapshots.has(self.branches.now(), tick) {
            self.snapshot(None);
        }
    }

    fn tick_s(&self) -> f64 {
        self.now.engine.tick_s()
    }

    fn now_tick(&self) -> u64 {
        self.now.engine.now_tick()
    }

    fn latest(&self, out: &mut Vec<f64>) {
        self.now.engine.latest(out);
    }

    fn width(&self) -> usize {
        self.now.engine.width()
    }

    fn take_block(&mut self, into: &mut Block) {
        self.now.engine.take_block(into);
    }

    fn take_events(&mut self, into: &mut Vec<Event>) {
        self.gather();
        into.append(&mut self.events);
    }

    fn status(&self) -> Status {
        self.now.engine.status()
    }

    fn view(&self) -> PlantView {
        self.now.engine.view()
    }

    fn table(&self) -> Arc<SignalTable> {
        Arc::clone(self.now.engine.table())
    }

    fn plate(&self) -> Arc<Plate> {
        Arc::clone(self.now.engine.plate())
    }

    fn operate(&mut self, op: Operate) {
        self.act(&DeskAct { by: By::Trainee, what: What::Operate(op) });
    }

    fn load(&mut self, scenario: Box<Scenario>) {
        *self = Self::new(Arc::new(*scenario), self.config.clone());
    }

    fn restart(&mut self) {
        *self = Self::new(Arc::clone(&self.now.engine.scenario), self.config.clone());
    }

    fn desk(&mut self, act: DeskAct) {
        self.act(&act);
    }

    fn desk_view(&mut self) -> Option<Arc<DeskView>> {
        if !core::mem::take(&mut self.changed) {
            return None;
        }
        Some(Arc::new(self.view_now()))
    }

    fn rewound_s(&mut self) -> Option<f64> {
        self.rewound_s.take()
    }

    fn state_hash(&self) -> u64 {
        self.now.engine.state_hash()
    }

    fn forecast_job(&self) -> Box<dyn FnOnce() -> Forecast + Send> {
        self.now.engine.forecast_job()
    }
}
