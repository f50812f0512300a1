//! The desk's part of an exercise: its table, its effects, exam mode.

use super::{Desk, State};
use crate::control::RunState;
use crate::engine::msg::{By, EventKind};
use crate::training::exercise::{Effect, Item};
use crate::training::trigger::{Look, Schedule};

impl Desk {
    pub(super) fn put_item(&mut self, place: Option<u32>, item: &Item, by: By) {
        let State { engine, director, .. } = &mut self.now;
        match director.put(place, item, &engine.scenario.plant, engine.table()) {
            Ok(()) => self.did(true, "item", format!("{}: {}", item.at.words(), item.act.words()), by),
            Err(why) => self.note(EventKind::Refused, "desk", why, by),
        }
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
            let t_s = self.now.engine.t_s();
            match effect {
                Effect::Operate(op) => {
                    self.now.engine.operate_by(op, By::Scenario);
                    self.gather();
                }
                Effect::Hint(_) if self.exam => {}
                Effect::Hint(text) => {
                    self.now.hint = Some((t_s, text.clone()));
                    self.note(EventKind::Score, "hint", text, By::Scenario);
                }
                Effect::Warn(text) => {
                    self.now.hint = Some((t_s, text.clone()));
                    self.note(EventKind::Score, "warning", text, By::Scenario);
                }
                Effect::Note(text) => self.note(EventKind::Note, "exercise", text, By::Scenario),
                Effect::End(mark) => self.note(EventKind::Note, "exercise", format!("ends: {mark}"), By::Scenario),
            }
        }
        self.effects = effects;
    }
}
