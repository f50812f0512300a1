//! The alarms of a run, tick by tick: what the annunciator needs to know of the engine, and its transitions as events.
//!
//! Events are numbered by the desk. An alarm that follows from another names that one's event as its cause.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::alarm::{Act, Annunciator, Database, Facts, List, Transition};
use crate::control::RunState as Schedule;
use crate::engine::Engine;
use crate::engine::msg::{By, Event, EventKind};
use crate::plant::genset::RunState as Genset;

/// The alarms of a run.
#[derive(Clone, Debug)]
pub(super) struct Alarms {
    annunciator: Annunciator,
    plan_batch_kw: f64,
    /// Number of the event with which each alarm came last.
    came_with: Vec<Option<u64>>,
    transitions: Vec<Transition>,
    /// Where a row is put together, when the engine has none at hand.
    row: Vec<f64>,
}

impl Alarms {
    /// All normal at the engine's present.
    pub(super) fn new(database: &Database, engine: &Engine) -> Self {
        let (table, plate) = (engine.table(), engine.plate());
        let annunciator = Annunciator::new(database, table, plate, engine.tick_s());
        Self {
            came_with: vec![None; annunciator.definitions().len()],
            annunciator,
            plan_batch_kw: f64::from(engine.scenario.policy.batch_gpus) * plate.gpu_kw,
            row: Vec::new(),
            transitions: Vec::new(),
        }
    }

    /// A copy of the state.
    pub(super) fn snapshot(&self) -> Self {
        Self { row: Vec::new(), ..self.clone() }
    }

    /// After a tick of the engine; `events` are those of the tick, and what comes of them is put behind `into`.
    pub(super) fn tick(&mut self, engine: &Engine, events: &[Event], seq: &mut u64, into: &mut Vec<Event>) {
        let facts = self.facts(engine);
        let row = match engine.row() {
            Some(row) if engine.unheard().next().is_none() => row,
            _ => {
                self.row.resize(engine.table().len(), 0.0);
                engine.fill_row(&mut self.row);
                // A value that only stands on the screen is none to judge by.
                engine.unheard().for_each(|place| self.row[place] = f64::NAN);
                &self.row
            }
        };
        self.annunciator.step(engine.now_tick(), row, events, &facts, &mut self.transitions);
        self.publish(engine, seq, into);
    }

    /// Somebody does something to an alarm.
    pub(super) fn act(&mut self, act: &Act, by: By, engine: &Engine, seq: &mut u64, into: &mut Vec<Event>) {
        let before = self.shown(act);
        let done = self.annunciator.act(act, by, engine.now_tick(), &mut self.transitions);
        let of =
            self.annunciator.definitions().get(act.alarm() as usize).filter(|_| !matches!(act, Act::ResetFirstOut(_)));
        let object = of.map_or("alarms", |d| d.tag.as_str());
        let (kind, text) = match done {
            Err(why) => (EventKind::Refused, why.to_string()),
            Ok(()) => (EventKind::Desk, act.words()),
        };
        // An acknowledgement or a reset is told by the change of state.
        if kind == EventKind::Refused || self.transitions.is_empty() {
            let mut e = event(engine, seq, kind, object.to_owned(), text, by);
            if let Some(change) = before.zip(self.shown(act)).filter(|(a, b)| a != b) {
                (e.kind, e.change) = (EventKind::Alarm, Some(change.into()));
            }
            into.push(e);
        }
        self.publish(engine, seq, into);
    }

    /// What a list shows of the alarm of an act.
    fn shown(&self, act: &Act) -> Option<&'static str> {
        let id = Some(act.alarm()).filter(|_| !matches!(act, Act::ResetFirstOut(_)))?;
        self.annunciator.shown(id)
    }

    /// Whether the list has changed since it was taken last.
    pub(super) fn changed(&self) -> bool {
        self.annunciator.changed()
    }

    /// The list as it is now.
    pub(super) fn list(&mut self) -> Arc<List> {
        self.annunciator.list()
    }

    fn publish(&mut self, engine: &Engine, seq: &mut u64, into: &mut Vec<Event>) {
        for t in self.transitions.drain(..) {
            let i = t.alarm as usize;
            let Some(d) = self.annunciator.definitions().get(i) else { continue };
            let came = t.change[1].is_active() && !t.change[0].is_active();
            if t.change[0] == t.change[1] {
                let text = "its time on the shelf is over".to_owned();
                let mut e = event(engine, seq, EventKind::Alarm, d.tag.clone(), text, By::Plant);
                e.change = Some(["shelved", t.change[1].word()]);
                into.push(e);
                continue;
            }
            let mut text = d.text.clone();
            if came && t.limit.is_finite() {
                // writing to a text cannot fail
                write!(text, ", limit {:.2} {}", t.limit, t.unit).unwrap_or_default();
            }
            if came && let Some(told) = self.annunciator.told(t.alarm) {
                write!(text, ", {told}").unwrap_or_default();
            }
            if came && t.first_out {
                text.push_str(", first-out");
            }
            let mut e = event(engine, seq, EventKind::Alarm, d.tag.clone(), text, t.by.unwrap_or(By::Plant));
            if t.value.is_finite() {
                (e.value, e.unit) = (t.value, t.unit);
            }
            e.change = Some(t.change.map(crate::alarm::State::word));
            e.cause = t.cause.and_then(|c| self.came_with.get(c as usize).copied().flatten());
            if came {
                self.came_with[i] = Some(e.seq);
            }
            into.push(e);
        }
    }

    fn facts(&self, engine: &Engine) -> Facts {
        let (plant, control) = (&engine.plant, &engine.control);
        let (state, policy) = (control.state(), control.policy());
        Facts {
            schedule_on: matches!(state, Schedule::Running | Schedule::Hold | Schedule::RampDown),
            bess_in_service: plant.bess.iter().any(|b| b.breaker),
            genset_on_bus: plant.gensets.iter().any(|g| g.breaker),
            ramp_limit_kw_per_s: policy.ramp_limit_kw_per_s,
            plan_batch_kw: self.plan_batch_kw,
            min_headroom_kw: policy.min_headroom_kw,
            ramp_down: state == Schedule::RampDown,
            genset_stopping: plant.gensets.iter().any(|g| matches!(g.run, Genset::Unloading | Genset::CoolDown)),
            hold_explained: control.hold_reason().is_some_and(|why| why != "operator"),
            age_periods: 0.0,
        }
    }
}

fn event(engine: &Engine, seq: &mut u64, kind: EventKind, object: String, text: String, by: By) -> Event {
    let (tick, t_s) = (engine.now_tick(), engine.t_s());
    let e = Event { seq: *seq, tick, t_s, kind, object, text, value: 0.0, unit: "", by, change: None, cause: None };
    *seq += 1;
    e
}
