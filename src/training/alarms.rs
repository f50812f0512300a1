//! The alarms of a run, tick by tick: what the annunciator needs to know of the engine. Events are numbered by the desk.

use std::sync::Arc;

use crate::acts::{By, Event};
use crate::alarm::watch::Stamp;
use crate::alarm::{Act, Annunciator, Database, Facts, List, Watch};
use crate::control::RunState as Schedule;
use crate::engine::Engine;
use crate::plant::breaker::NUMBERS;
use crate::plant::genset::RunState as Genset;
use crate::plant::system::Plant;

/// The alarms of a run.
#[derive(Clone, Debug)]
pub(super) struct Alarms {
    watch: Watch,
    plan_batch_kw: f64,
    /// Where a row is put together, when the engine has none at hand.
    row: Vec<f64>,
}

impl Alarms {
    /// All normal at the engine's present.
    pub(super) fn new(database: &Database, engine: &Engine) -> Self {
        let (table, plate) = (engine.table(), engine.plate());
        Self {
            watch: Watch::new(Annunciator::new(database, table, plate, engine.tick_s())),
            plan_batch_kw: f64::from(engine.scenario.policy.batch_gpus) * plate.gpu_kw,
            row: Vec::new(),
        }
    }

    /// Tag and priority of each alarm.
    pub(super) fn priorities(&self) -> Vec<(String, u8)> {
        let all = self.watch.definitions().iter();
        all.map(|a| (a.tag.clone(), a.priority.number() as u8)).collect()
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
        self.watch.tick(stamp(engine, seq), row, events, &facts, into);
    }

    /// Somebody does something to an alarm.
    pub(super) fn act(&mut self, act: &Act, by: By, engine: &Engine, seq: &mut u64, into: &mut Vec<Event>) {
        self.watch.act(stamp(engine, seq), act, by, into);
    }

    /// Whether the list has changed since it was taken last.
    pub(super) fn changed(&self) -> bool {
        self.watch.changed()
    }

    /// The list as it is now.
    pub(super) fn list(&mut self) -> Arc<List> {
        self.watch.list()
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
            gensets_stop_on: stopping_on(plant),
            hold_explained: control.hold_reason().is_some_and(|why| why != "operator"),
            age_periods: 0.0,
            held_open: held_open(plant),
            commands_lost: Some(engine.loses_commands()),
            emergency_stop: Some(plant.is_estopped()),
            interlock_hold: Some(control.is_held_by_interlock()),
            aux_asked_kw: engine.aux_asked_kw(),
        }
    }
}

/// Islands with a set on its way down, a bit each.
fn stopping_on(plant: &Plant) -> u128 {
    let sets = plant.gensets.iter().zip(&plant.cfg.gensets);
    let stopping = sets.filter(|(s, _)| matches!(s.run, Genset::Unloading | Genset::CoolDown));
    stopping.map(|(_, g)| Facts::island_bit(plant.island_of[g.section] as f64)).fold(0, |all, bit| all | bit)
}

/// Kinds of breakers that protection has opened and that have not been reset.
fn held_open(plant: &Plant) -> [bool; NUMBERS.len()] {
    let mut held = [false; NUMBERS.len()];
    for b in plant.tripped() {
        held[b.behind().number()] = true;
    }
    held
}

fn stamp<'a>(engine: &Engine, seq: &'a mut u64) -> Stamp<'a> {
    Stamp { tick: engine.now_tick(), t_s: engine.t_s(), seq }
}
