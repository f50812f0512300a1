//! The run: plant, control and script in lock-step, one tick at a time.
//!
//! `scenario + seed + command log` gives every bit of it. Order of a tick: commands and script due at t_k, control
//! (every 100 ms), plant, meters, row. A snapshot is a clone. Knows no clock and no thread.

mod acts;
mod faults;
mod islands;
mod measure;
mod notes;
mod readings;
mod response;
mod rows;

use std::sync::Arc;

pub use faults::Standing;
pub use islands::IslandFigures;
pub use measure::Totals;

use super::every::Every;
use super::iso8528::Disturbances;
use super::record::Recorder;
use super::summary::Summary;
use crate::acts::{BLOCK_ROW_S, Block, By, Event, EventKind, Operate, Plate};
use crate::control::supervisor::{CONTROL_PERIOD_S, Supervisor};
use crate::control::target::TimeToTarget;
use crate::control::track::GensetPlan;
use crate::control::{Measured, Names, Note, RunState, Status};
use crate::plant::config::{self, SAMPLE_S};
use crate::plant::exact::Energy;
use crate::plant::signals::SignalTable;
use crate::plant::system::{Plant, PlantEvent, TripCause};
use crate::scenario::Scenario;

/// Seconds inside a limit after which passing it is another excursion.
const REARM_S: f64 = 0.3;

/// A logged command.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Logged {
    /// Tick at whose start it acted.
    pub tick: u64,
    /// What.
    pub act: Operate,
    /// Who.
    pub by: By,
}

/// The run.
#[derive(Clone, Debug)]
pub struct Engine {
    /// What is run.
    pub scenario: Arc<Scenario>,
    /// Plant.
    pub plant: Plant,
    /// Control.
    pub control: Supervisor,
    pub(super) table: Arc<SignalTable>,
    pub(super) plate: Arc<Plate>,
    /// Figures and meters of each island, in the order of the plant's islands.
    islands: Vec<IslandFigures>,
    /// The plant's revision that they are of.
    revision: Option<u64>,
    /// What control measured last.
    readings: Measured,
    /// Figures so far of each island, at the place of its lowest section.
    summaries: Vec<Summary>,
    pub(super) recorder: Recorder,
    heads: measure::Heads,
    powers: measure::LoadPower,
    script_at: usize,
    /// Tick of the next item of the script.
    script_due: u64,
    log: Vec<Logged>,
    events: Vec<Event>,
    seq: u64,
    trips: Vec<String>,
    /// Names of limits passed, in the order of the first time.
    violations: Vec<String>,
    /// What each genset and each battery gave at the last tick, kW; only of plants with several sections.
    source_kw: [Vec<f64>; 2],
    /// Feeder power of each miner fleet behind a 100 ms filter.
    fleet_filtered_kw: Vec<f64>,
    mining_base_kw: f64,
    mining_lost: Energy,
    bess_full_kw: f64,
    hash: u64,
    target: TimeToTarget,
    /// Answers to disturbances of each island, by its lowest section.
    responses: Vec<Disturbances>,
    samples: Every,
    controls: Every,
    slow_rows: Every,
    hashes: Every,
    rearm_ticks: u64,
    notes: Vec<Note>,
    faults: faults::Faults,
}

impl Engine {
    /// The scenario at t = 0, in steady state.
    #[must_use]
    pub fn new(scenario: Arc<Scenario>) -> Self {
        let cfg = Arc::new(scenario.plant.clone());
        let plant = Plant::new(Arc::clone(&cfg), scenario.seed);
        let tick_s = cfg.tick_s;
        let table = Arc::new(super::plate::table(&scenario));
        let plate = Arc::new(super::plate::plate(&scenario));
        let control = Supervisor::new(scenario.policy.clone(), Arc::new(names(&cfg)));
        let width = table.len();
        let mut e = Self {
            islands: Vec::new(),
            revision: None,
            readings: Measured::default(),
            recorder: Recorder::new(width, rows::fast(&table, &cfg), Every::new(BLOCK_ROW_S, tick_s, 1)),
            samples: Every::new(SAMPLE_S, tick_s, 0),
            controls: Every::new(CONTROL_PERIOD_S, tick_s, 0),
            slow_rows: Every::new(SAMPLE_S, tick_s, 1),
            hashes: Every::new(1.0, tick_s, 1),
            rearm_ticks: (REARM_S / tick_s).round() as u64,
            powers: measure::LoadPower { gpus: vec![0.0; cfg.gpus.len()], miners: vec![0.0; cfg.miners.len()] },
            script_due: 0,
            scenario,
            plant,
            control,
            table,
            plate,
            summaries: vec![Summary::default(); cfg.sections.len().max(1)],
            heads: measure::Heads::default(),
            script_at: 0,
            log: Vec::new(),
            events: Vec::with_capacity(64),
            seq: 0,
            trips: Vec::new(),
            violations: Vec::new(),
            source_kw: [Vec::new(), Vec::new()],
            fleet_filtered_kw: Vec::new(),
            mining_base_kw: 0.0,
            mining_lost: Energy::default(),
            bess_full_kw: 0.0,
            hash: 0,
            target: TimeToTarget::default(),
            responses: vec![Disturbances::new(tick_s, SAMPLE_S); cfg.sections.len().max(1)],
            notes: Vec::with_capacity(16),
            faults: faults::Faults::default(),
        };
        e.script_due = e.script_tick();
        e.measure();
        e.mining_base_kw = e.heads.miner_kw;
        e.fleet_filtered_kw = (0..cfg.miners.len()).map(|i| e.plant.miner_kw(i)).collect();
        e.bess_full_kw = e.scenario.plant.bess.iter().map(|b| b.rated_kva).sum();
        e.hash = e.state_hash_now();
        let mut row = e.recorder.take_row();
        e.fill_row(&mut row);
        e.recorder.first(row);
        e
    }

    /// The tick that comes next.
    #[must_use]
    pub fn now_tick(&self) -> u64 {
        self.plant.tick
    }

    /// Seconds a tick.
    #[must_use]
    pub fn tick_s(&self) -> f64 {
        self.plant.cfg.tick_s
    }

    /// Simulated time, from the integer tick.
    #[must_use]
    pub fn t_s(&self) -> f64 {
        self.plant.tick as f64 * self.plant.cfg.tick_s
    }

    /// Signal table.
    #[must_use]
    pub fn table(&self) -> &Arc<SignalTable> {
        &self.table
    }

    /// What stays the same over the run.
    #[must_use]
    pub fn plate(&self) -> &Arc<Plate> {
        &self.plate
    }

    /// Commands so far.
    #[must_use]
    pub fn log(&self) -> &[Logged] {
        &self.log
    }

    /// Trips so far, in words.
    #[must_use]
    pub fn trips(&self) -> &[String] {
        &self.trips
    }

    /// Names of limits passed so far.
    #[must_use]
    pub fn violations(&self) -> &[String] {
        &self.violations
    }

    /// Hash of the state at the last full second.
    #[must_use]
    pub fn state_hash(&self) -> u64 {
        self.hash
    }

    /// Seconds from the start of the schedule to the target, as [`TimeToTarget`] counts them.
    #[must_use]
    pub fn time_to_target_s(&self) -> Option<f64> {
        Some(self.target.ticks()? as f64 * self.tick_s())
    }

    /// Figures so far: of each the worst of all islands.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let all = self.summaries.iter().cloned();
        all.reduce(|a, b| a.worst(&b)).unwrap_or_default()
    }

    /// Figures so far of each island that has been alive, with the name of its lowest section.
    pub fn summaries(&self) -> impl Iterator<Item = (&str, &Summary)> {
        let named = self.plant.cfg.sections.iter().map(String::as_str).zip(&self.summaries);
        named.filter(|(_, s)| s.was_alive())
    }

    /// Whether the script has nothing more in store.
    #[must_use]
    pub fn is_script_done(&self) -> bool {
        self.script_due == u64::MAX
    }

    /// Whether a malfunction is at work.
    #[must_use]
    pub fn has_faults(&self) -> bool {
        self.faults.is_busy()
    }

    /// Mining energy lost against the power at t = 0, kWh.
    #[must_use]
    pub fn mining_lost_kwh(&self) -> f64 {
        self.mining_lost.kwh()
    }

    /// Stops recording rows, for runs that read only the summary or the newest row.
    pub fn without_rows(mut self) -> Self {
        self.recorder.off();
        self
    }

    /// Records a row each `row_s` instead of each [`BLOCK_ROW_S`]; for a file, as history and journal count on the latter.
    pub fn with_rows_every(mut self, row_s: f64) -> Self {
        self.recorder.rows_every(Every::new(row_s, self.tick_s(), 1));
        self
    }

    /// Moves recorded rows to the end of `into`.
    pub fn take_block(&mut self, into: &mut Block) {
        self.recorder.take(into);
    }

    /// Moves events to the end of `into`.
    pub fn take_events(&mut self, into: &mut Vec<Event>) {
        into.append(&mut self.events);
    }

    /// One tick.
    pub fn tick(&mut self) {
        let k = self.plant.tick;
        while k >= self.script_due {
            let Some(item) = self.scenario.script.get(self.script_at) else { break };
            let act = item.act.clone();
            self.script_at += 1;
            self.script_due = self.script_tick();
            self.script(&act);
        }
        if self.faults.is_busy() {
            self.step_faults();
        }
        if self.samples.is_due(k) {
            self.read_islands();
            self.control.sample(&self.readings.islands);
            self.filter_fleets();
            self.watch_loads(k);
        }
        if self.controls.is_due(k) {
            self.step_control();
        }
        self.plant.step();
        self.after_plant();
    }

    /// Applies an operator's act now (at the start of the coming tick) and logs it.
    pub fn operate(&mut self, act: Operate) {
        self.operate_by(act, By::Trainee);
    }

    /// As [`Engine::operate`], by whoever it was.
    pub fn operate_by(&mut self, act: Operate, by: By) {
        self.log.push(Logged { tick: self.plant.tick, act, by });
        let (kind, object, text) = match (self.apply(act), act) {
            (Ok(()), Operate::Fault(f)) => {
                (EventKind::Fault, f.kind.spec().code, f.words(&self.plant.cfg, &self.table))
            }
            (Ok(()), Operate::Remote(r)) => (EventKind::Command, "field", r.words(&self.plant.cfg)),
            (Ok(()), _) => (EventKind::Command, "operator", act.words()),
            (Err(why), _) => (EventKind::Refused, "command", why.to_string()),
        };
        // a malfunction says how severe it is; 0 is its end
        let (value, unit) = match act {
            Operate::Fault(f) if kind == EventKind::Fault => (100.0 * f.severity, "%"),
            _ => (0.0, ""),
        };
        self.note(kind, object, text, value, unit);
        if let Some(e) = self.events.last_mut() {
            e.by = by;
        }
    }

    /// Miners follow a plan of genset power from now on, or no longer.
    pub fn follow(&mut self, plan: Option<GensetPlan>, by: By) {
        let words = match &plan {
            Some(plan) => {
                let to =
                    if plan.period_s > 0.0 { format!(", repeats after {:.0} s", plan.period_s) } else { String::new() };
                format!("miners follow the plan {}: {} points{to}", plan.name, plan.points.len())
            }
            None => "miners follow no plan any more".to_owned(),
        };
        let (kw, (kind, object, text)) = (
            plan.as_ref().map_or(0.0, GensetPlan::peak_kw),
            match self.control.follow(plan) {
                Ok(()) => (EventKind::Command, "operator", words),
                Err(why) => (EventKind::Refused, "command", why.to_string()),
            },
        );
        self.note(kind, object, text, kw, if kw > 0.0 { "kW" } else { "" });
        if let Some(e) = self.events.last_mut() {
            e.by = by;
        }
    }

    /// A copy of the state, without rows and events that nobody has taken yet.
    #[must_use]
    pub fn snapshot(&self) -> Self {
        Self { recorder: self.recorder.emptied(), events: Vec::new(), ..self.clone() }
    }

    /// Tick of the next item of the script; never, when there is none.
    fn script_tick(&self) -> u64 {
        let due = self.scenario.script.get(self.script_at);
        due.map_or(u64::MAX, |item| (item.at_s / self.plant.cfg.tick_s).round().max(0.0) as u64)
    }

    /// Forgets what the script still has in store.
    pub(super) fn strip_script(&mut self) {
        let mut scenario = (*self.scenario).clone();
        scenario.script.clear();
        self.scenario = Arc::new(scenario);
        self.script_due = u64::MAX;
        self.faults.stay();
    }

    fn step_control(&mut self) {
        self.read_devices();
        let tick = self.plant.tick;
        let mut notes = core::mem::take(&mut self.notes);
        while let Some((asked, arrives)) = self.faults.arrived(tick) {
            let did = acts::carry_out(&mut self.plant, arrives);
            self.control.answered(&asked, did, &mut notes);
        }
        let mut hands = acts::Hands { plant: &mut self.plant, faults: &mut self.faults };
        self.control.step(&self.readings, &mut hands, &mut notes);
        for n in notes.drain(..) {
            self.control_note(n);
        }
        self.notes = notes;
        if self.control.state() == RunState::Running {
            self.target.start(tick);
        }
        self.limit_steps();
    }

    /// What control measures now.
    #[must_use]
    pub fn measured(&self) -> Measured {
        let mut m = self.readings.clone();
        self.fill_islands(&mut m);
        self.fill_devices(&mut m);
        m
    }

    /// What the console shows of control.
    #[must_use]
    pub fn status(&self) -> Status {
        self.control.status(&self.measured())
    }

    fn plant_event(&mut self, e: &PlantEvent) {
        let d = super::plate::describe(&self.plant.cfg, e);
        // A scripted trip is a fault, not an operation of protection.
        if matches!(e, PlantEvent::Trip { cause, .. } if *cause != TripCause::Command) {
            self.trips.push(d.object.clone());
        }
        self.note(d.kind, &d.object, d.text, d.value, d.unit);
        if let PlantEvent::Trip { genset, on_bus: true, .. } = e {
            self.watch_trip(*genset);
        }
    }

    fn note(&mut self, kind: EventKind, object: &str, text: String, value: f64, unit: &'static str) {
        let tick = self.plant.tick;
        let t_s = tick as f64 * self.plant.cfg.tick_s;
        let seq = self.seq;
        self.seq += 1;
        let by = match kind {
            EventKind::Command => By::Trainee,
            EventKind::Script => By::Scenario,
            EventKind::Refused if object == "script" => By::Scenario,
            EventKind::Refused => By::Trainee,
            _ => By::Plant,
        };
        self.events.push(Event { seq, tick, t_s, value, unit, by, ..Event::new(kind, object, text) });
    }

    fn state_hash_now(&self) -> u64 {
        use std::hash::Hasher as _;
        let mut h = fnv::FnvHasher::default();
        self.plant.hash_into(&mut h);
        self.control.hash_into(&mut h);
        self.fleet_filtered_kw.iter().for_each(|kw| h.write_u64(kw.to_bits()));
        self.plant.hash_field(&mut h);
        self.plant.miners.iter().for_each(|m| m.hash_field(&mut h));
        self.faults.hash_into(&mut h);
        h.finish()
    }
}

/// Names of a plant's parts, for words of control.
fn names(cfg: &config::Plant) -> Names {
    Names {
        sections: cfg.sections.clone(),
        cohorts: cfg.gpus.iter().map(|c| c.name.clone()).collect(),
        fleets: cfg.miners.iter().map(|f| f.name.clone()).collect(),
    }
}
