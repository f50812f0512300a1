//! The desk's part of an exercise: its table, its effects, exam mode.

use super::{Desk, State};
use crate::acts::{By, EventKind};
use crate::control::RunState;
use crate::scenario::exercise::{Effect, Exercise, Item};
use crate::scenario::trigger::Schedule;
use crate::training::watch::Look;

impl Desk {
    pub(super) fn put_item(&mut self, place: Option<u32>, item: &Item, by: By) {
        let State { engine, director, .. } = &mut self.now;
        let end = director.items().len();
        let (line, done) = place.map_or((end, "added"), |p| (p as usize, "changed"));
        match director.put(place, item, &engine.scenario.plant, engine.table()) {
            // What it says is in the log: events are what a trainee reads too.
            Ok(()) => self.did(true, "item", format!("{} {done}", line + 1), by),
            Err(why) => self.note(EventKind::Refused, "desk", why, by),
        }
    }

    pub(super) fn put_exercise(&mut self, exercise: &Exercise, by: By) {
        let State { engine, director, .. } = &mut self.now;
        match director.replace(exercise, &engine.scenario.plant, engine.table()) {
            Ok(()) => self.did(true, "exercise", format!("loaded, {} lines", exercise.items.len()), by),
            Err(why) => self.note(EventKind::Refused, "desk", why, by),
        }
    }

    /// Says something to the trainee; `object` is what it counts as.
    pub(super) fn hint(&mut self, object: &str, text: String, by: By) {
        self.changed = true;
        self.now.hint = Some((self.now.engine.t_s(), text.clone()));
        self.note(EventKind::Score, object, text, by);
    }

    pub(super) fn did(&mut self, done: bool, object: &str, text: String, by: By) {
        self.changed = true;
        if done {
            self.note(EventKind::Desk, object, text, by);
        } else {
            self.note(EventKind::Refused, "desk", format!("there is no such {object}"), by);
        }
    }

    pub(super) fn set_exam(&mut self, on: bool, by: By) {
        if on == self.exam {
            return;
        }
        self.exam = on;
        let over = self.now.director.ended().is_some() || self.now.engine.t_s() >= self.now.engine.scenario.run_s;
        let text = match (on, over) {
            (true, _) => "begins",
            (false, true) => "ends",
            (false, false) => "left before its end",
        };
        self.did(true, "exam", text.to_owned(), by);
    }

    /// One look at the exercise, and what comes of it.
    pub(super) fn direct(&mut self) {
        let State { engine, director, .. } = &mut self.now;
        engine.fill_row(&mut self.row);
        let schedule = match engine.control.state() {
            RunState::Hold => Some(Schedule::Hold),
            RunState::Running => Some(Schedule::Running),
            _ => None,
        };
        let look = Look { t_s: engine.t_s(), row: &self.row, schedule };
        director.look(look, &mut self.effects);
        let mut effects = core::mem::take(&mut self.effects);
        for effect in effects.drain(..) {
            self.changed = true;
            match effect {
                Effect::Operate(op) => {
                    self.now.engine.operate_by(op, By::Scenario);
                    self.gather();
                }
                Effect::Hint(_) if self.exam => {}
                Effect::Hint(text) => self.hint("hint", text, By::Scenario),
                Effect::Warn(text) => self.hint("warning", text, By::Scenario),
                Effect::Note(text) => self.note(EventKind::Note, "exercise", text, By::Scenario),
                Effect::End(mark) => self.note(EventKind::Note, "exercise", format!("ends: {mark}"), By::Scenario),
            }
        }
        self.effects = effects;
    }
}
