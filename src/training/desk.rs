//! The desk: a run as trainer and trainee work on it.
//!
//! It wraps an [`Engine`] and is what a console drives. Order of a tick: engine, then what reads its events and rows,
//! then, every few seconds, a snapshot. Every act at the desk, on the plant or not, goes to one log; scenario + seed +
//! that log give the run again, events of the desk included. Knows no clock, thread or file: freezing and speed are the
//! worker's.

mod back;
mod exercise;

use std::sync::Arc;

use super::alarms::Alarms;
use super::branch::{Branches, Log};
use super::director::Director;
use super::msg::{DeskAct, DeskView, What};
use super::score::{Facts, Live, Meter, Rubric};
use super::snapshot::Snapshots;
use super::validity::Validity;
use crate::acts::fault::Target;
use crate::acts::{Block, By, Event, EventKind, Operate};
use crate::alarm::Database;
use crate::engine::Engine;
use crate::scenario::Scenario;
use crate::scenario::exercise::Effect;

/// Time between two looks at the conditions of an exercise, s.
const LOOK_S: f64 = 0.01;

/// How the desk works.
#[derive(Clone, Debug, PartialEq)]
pub struct DeskConfig {
    /// Seconds between two snapshots.
    pub snapshot_every_s: f64,
    /// How many of them are kept.
    pub snapshots: usize,
    /// What the run is scored by; none: it is not scored.
    pub rubric: Option<Arc<Rubric>>,
    /// Alarms in place of those that come with the program.
    pub alarms: Option<Arc<Database>>,
}

impl Default for DeskConfig {
    fn default() -> Self {
        // a shipped rubric that does not parse is caught by a test; a run without a score still runs
        let rubric = Rubric::named(None).ok().map(Arc::new);
        Self { snapshot_every_s: 5.0, snapshots: 360, rubric, alarms: None }
    }
}

/// What goes back with the run when it is restored.
#[derive(Clone, Debug)]
struct DeskState {
    engine: Engine,
    alarms: Alarms,
    meter: Option<Meter>,
    director: Director,
    hint: Option<(f64, String)>,
    taken_over: bool,
    validity: Validity,
}

impl DeskState {
    fn new(engine: Engine, config: &DeskConfig) -> Self {
        // a shipped database that does not parse is caught by a test; a run without alarms still runs
        let nothing = Database::default();
        let database = config.alarms.as_deref().or(Database::built_in().ok()).unwrap_or(&nothing);
        let alarms = Alarms::new(database, &engine);
        let meter = config.rubric.as_ref().map(|r| {
            let facts = Facts { alarm_priorities: alarms.priorities(), ..Facts::of_engine(&engine) };
            Meter::of(Arc::clone(r), Arc::new(facts), &engine)
        });
        let exercise = engine.scenario.exercise.clone().unwrap_or_default();
        let director = Director::new(&exercise, &engine.scenario.plant, engine.table());
        Self { alarms, engine, meter, director, hint: None, taken_over: false, validity: Validity::default() }
    }

    fn snapshot(&self) -> Self {
        Self {
            engine: self.engine.snapshot(),
            alarms: self.alarms.snapshot(),
            meter: self.meter.clone(),
            director: self.director.clone(),
            hint: self.hint.clone(),
            taken_over: self.taken_over,
            validity: self.validity.clone(),
        }
    }
}

/// A run with a desk.
#[derive(Clone, Debug)]
pub struct Desk {
    config: DeskConfig,
    now: DeskState,
    branches: Branches,
    snapshots: Snapshots<(DeskState, u64)>,
    ticks_per_snapshot: u64,
    ticks_per_second: u64,
    ticks_per_look: u64,
    row: Vec<f64>,
    effects: Vec<Effect>,
    devices: Arc<[Vec<String>]>,
    exam: bool,
    /// A stretch of the run is run again, for the way back.
    again: bool,
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
        let tick_s = engine.tick_s();
        let now = DeskState::new(engine, &config);
        let mut desk = Self {
            ticks_per_second: (1.0 / tick_s).round().max(1.0) as u64,
            ticks_per_look: (LOOK_S / tick_s).round().max(1.0) as u64,
            row: vec![0.0; now.engine.table().len()],
            effects: Vec::new(),
            devices: Target::all().map(|t| t.names(&now.engine.scenario.plant, now.engine.table())).collect(),
            exam: false,
            again: false,
            ticks_per_snapshot: (config.snapshot_every_s / tick_s).round().max(1.0) as u64,
            snapshots: Snapshots::new(config.snapshots),
            config,
            now,
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

    /// The engine alone, as a run without a desk would have left it.
    #[must_use]
    pub fn into_engine(self) -> Engine {
        self.now.engine
    }

    /// What the run is scored with; none, if it is not.
    #[must_use]
    pub fn meter(&self) -> Option<&Meter> {
        self.now.meter.as_ref()
    }

    /// The score so far and all that par needs; none, if the run is not scored.
    #[must_use]
    pub fn live(&self) -> Option<Live> {
        self.now.meter.as_ref().map(|m| m.live(&self.now.engine, self.log()))
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

    /// One act at the desk, logged unless it is about the log itself; what it did comes out as events.
    pub fn act(&mut self, act: &DeskAct) {
        let tick = self.now_tick();
        if self.again && matches!(act.what, What::Snapshot(_) | What::Exam(_)) {
            return;
        }
        if !(self.again || act.rewinds() || matches!(act.what, What::Resume(..))) {
            self.branches.push(tick, act.clone());
        }
        let by = act.by;
        if self.exam && matches!(act.what, What::Snapshot(_) | What::Restore(_) | What::Branch(_) | What::Hint(_)) {
            self.note(EventKind::Refused, "desk", "not in an exam".to_owned(), by);
            return;
        }
        match &act.what {
            What::Operate(op) => {
                let before = self.events.len();
                self.now.engine.operate_by(*op, by);
                self.gather();
                let refused = |e: &Event| e.kind == EventKind::Refused && e.object == "command";
                let accepted = !self.events.iter().skip(before).any(refused);
                if let Some(meter) = &mut self.now.meter {
                    meter.act(self.now.engine.t_s(), op, by, accepted);
                }
                self.changed = true;
                let field = matches!(op, Operate::Fault(_) | Operate::Remote(_));
                if by == By::Instructor && !field && !self.now.taken_over {
                    self.now.taken_over = true;
                    self.note(EventKind::Score, "take-over", "the instructor operates the plant".to_owned(), by);
                }
            }
            What::Follow(plan) => {
                self.now.engine.follow(plan.clone(), by);
                self.gather();
                self.changed = true;
            }
            What::Alarm(act) => {
                let DeskState { engine, alarms, .. } = &mut self.now;
                alarms.act(act, by, engine, &mut self.seq, &mut self.fresh);
                self.keep_fresh();
            }
            What::Note(text) => self.note(EventKind::Note, "note", text.clone(), by),
            What::Observe(sheet) => self.note(EventKind::Note, "observer", sheet.words(), by),
            What::Snapshot(name) => {
                let id = self.snapshot(Some(name.clone()));
                self.note(EventKind::Snapshot, &format!("snapshot {id}"), named("taken", name), by);
            }
            What::Restore(id) => self.back_to(*id, false, by),
            What::Branch(id) => self.back_to(*id, true, by),
            What::AddItem(item) => self.put_item(None, item, by),
            What::SetItem(place, item) => self.put_item(Some(*place), item, by),
            What::RemoveItem(place) => {
                let there = self.now.director.remove(*place);
                self.did(there, "item", format!("{} removed", place + 1), by);
            }
            What::Arm(place, on) => {
                let there = self.now.director.arm(*place, *on);
                self.did(there, "item", format!("{} {}", place + 1, if *on { "armed" } else { "disarmed" }), by);
            }
            What::Fire(place) => {
                let there = self.now.director.fire(*place, self.now.engine.t_s());
                self.did(there, "item", format!("{} fired by hand", place + 1), by);
                self.direct();
            }
            What::Exercise(exercise) => self.put_exercise(exercise, by),
            What::Hint(text) => self.hint("hint", text.clone(), by),
            What::Key(name) => {
                self.now.director.key(name);
                self.note(EventKind::Desk, "key", name.clone(), by);
            }
            What::Exam(on) => self.set_exam(*on, by),
            What::Resume(log, until_tick) => self.run_log(log, *until_tick),
        }
    }

    /// Takes the engine's events in, under the desk's own numbers.
    fn gather(&mut self) {
        self.now.engine.take_events(&mut self.fresh);
        for e in &mut self.fresh {
            e.seq = self.seq;
            self.seq += 1;
        }
        self.keep_fresh();
    }

    fn keep_fresh(&mut self) {
        for e in &self.fresh {
            if let Some(meter) = &mut self.now.meter {
                meter.event(e);
            }
            self.now.director.event(e);
        }
        self.events.append(&mut self.fresh);
    }

    fn note(&mut self, kind: EventKind, object: &str, text: String, by: By) {
        let (tick, t_s) = (self.now_tick(), self.now.engine.t_s());
        let seq = self.seq;
        self.seq += 1;
        let e = Event { seq, tick, t_s, by, ..Event::new(kind, object, text) };
        if let Some(meter) = &mut self.now.meter {
            meter.event(&e);
        }
        self.events.push(e);
    }

    fn view_now(&mut self) -> DeskView {
        let tick_s = self.now.engine.tick_s();
        self.branches.reach(self.now.engine.now_tick());
        DeskView {
            branch: self.branches.now(),
            branches: self.branches.views(tick_s),
            snapshots: self.snapshots.views(tick_s),
            alarms: Some(self.now.alarms.list()),
            score: self.live().filter(|_| !self.exam).map(Arc::new),
            plant: Some(Arc::clone(&self.now.engine.plant.cfg)),
            items: self.now.director.items(),
            exercise: self.now.director.frame().clone(),
            goals: self.now.director.goals(),
            ended: self.now.director.ended().map(str::to_owned),
            devices: Arc::clone(&self.devices),
            standing: self.now.engine.standing(),
            log: self.branches.log().as_slice().into(),
            exam: self.exam,
            invalid: self.now.validity.broken().map(str::to_owned),
            hint: self.now.hint.clone(),
        }
    }
}

impl Desk {
    /// Since when and why the model does not hold, if the run left its range.
    #[must_use]
    pub fn not_valid(&self) -> Option<&str> {
        self.now.validity.broken()
    }
}

fn named(what: &str, name: &str) -> String {
    if name.is_empty() { what.to_owned() } else { format!("{what}: {name}") }
}

impl Desk {
    /// One tick: the engine, then alarms, score and exercise, then a snapshot when one is due.
    pub fn tick(&mut self) {
        self.now.engine.tick();
        let before = self.events.len();
        self.gather();
        let DeskState { engine, alarms, .. } = &mut self.now;
        alarms.tick(engine, &self.events[before..], &mut self.seq, &mut self.fresh);
        self.keep_fresh();
        if let Some(meter) = &mut self.now.meter {
            meter.read(&self.now.engine);
        }
        if let Some(left) = self.now.validity.step(&self.now.engine) {
            self.changed = true;
            self.note(EventKind::Notice, super::validity::OBJECT, left, By::Plant);
        }
        let tick = self.now_tick();
        if !self.now.director.is_idle() && tick.is_multiple_of(self.ticks_per_look) {
            self.direct();
        }
        // the score is shown as of the last full second
        self.changed |= tick.is_multiple_of(self.ticks_per_second);
        if tick.is_multiple_of(self.ticks_per_snapshot) && !self.again && !self.snapshots.has(self.branches.now(), tick)
        {
            self.snapshot(None);
        }
    }

    /// Length of a tick, s.
    #[must_use]
    pub fn tick_s(&self) -> f64 {
        self.now.engine.tick_s()
    }

    /// Ticks since the start of the run.
    #[must_use]
    pub fn now_tick(&self) -> u64 {
        self.now.engine.now_tick()
    }

    /// State hash at the last full second.
    #[must_use]
    pub fn state_hash(&self) -> u64 {
        self.now.engine.state_hash()
    }

    /// Appends the rows since the last call to `into`.
    pub fn take_block(&mut self, into: &mut Block) {
        self.now.engine.take_block(into);
    }

    /// Appends the events since the last call to `into`.
    pub fn take_events(&mut self, into: &mut Vec<Event>) {
        self.gather();
        into.append(&mut self.events);
    }

    /// The trainee acts on the plant.
    pub fn operate(&mut self, op: Operate) {
        self.act(&DeskAct { by: By::Trainee, what: What::Operate(op) });
    }

    /// Begins another scenario; rows and events not taken are gone.
    pub fn load(&mut self, scenario: Box<Scenario>) {
        *self = Self::new(Arc::new(*scenario), self.config.clone());
    }

    /// Begins the same scenario again.
    pub fn restart(&mut self) {
        *self = Self::new(Arc::clone(&self.now.engine.scenario), self.config.clone());
    }

    /// Alarms, exercise and snapshots, if they have changed since the last call.
    pub fn take_view(&mut self) -> Option<Arc<DeskView>> {
        if !(core::mem::take(&mut self.changed) || self.now.alarms.changed()) {
            return None;
        }
        Some(Arc::new(self.view_now()))
    }

    /// Where the run went back to, s, if it did since the last call.
    pub fn take_rewound_s(&mut self) -> Option<f64> {
        self.rewound_s.take()
    }
}
