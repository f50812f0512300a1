//! What control wants on the record, in words: devices have their names where there are several to tell apart.

use std::sync::Arc;

use super::{Engine, acts};
use crate::acts::EventKind;
use crate::control::{Action, Change, Note};
use crate::plant::signals;

impl Engine {
    pub(super) fn control_note(&mut self, n: Note) {
        let at = "schedule";
        let cfg = Arc::clone(&self.plant.cfg);
        // Names where there are several to tell apart.
        let of_cohort = |i: usize| match cfg.gpus.get(i) {
            Some(c) if cfg.gpus.iter().filter(|c| c.scheduled).count() > 1 => format!(" of {}", c.name),
            _ => String::new(),
        };
        let of_fleet = |i: usize| match cfg.miners.get(i) {
            Some(f) if cfg.miners.len() > 1 => format!(" of {}", f.name),
            _ => String::new(),
        };
        match n {
            Note::Done(Action { change, n, kw }) => match change {
                Change::Gpus { cohort, .. } if kw < 0.0 => {
                    self.note(EventKind::BatchDown, at, format!("{n} GPUs{} down", of_cohort(cohort)), -kw, "kW");
                }
                Change::Gpus { cohort, .. } => {
                    self.note(EventKind::Batch, at, format!("batch of {n} GPUs{}", of_cohort(cohort)), kw, "kW");
                }
                Change::Cap { cohort, share } => {
                    let name = cfg.gpus.get(cohort).map_or_else(|| "GPU".to_owned(), |c| c.name.clone());
                    self.note(EventKind::State, &name, "power cap reached".to_owned(), 100.0 * share, "%");
                }
                Change::Shed { fleet } => {
                    self.note(EventKind::Shed, "miners", format!("shed {n} units{}", of_fleet(fleet)), -kw, "kW");
                }
                Change::Restore { fleet } => {
                    self.note(EventKind::Restore, "miners", format!("restore {n} units{}", of_fleet(fleet)), kw, "kW");
                }
            },
            Note::Short { action, did } => {
                let (object, text) = acts::short_words(&cfg, &action, did);
                self.note(EventKind::Notice, &object, text, 0.0, "");
            }
            Note::Hold(why) => self.note(EventKind::Hold, at, why, 0.0, ""),
            Note::Resume => self.note(EventKind::Resume, at, "resumed".to_owned(), 0.0, ""),
            Note::Lost(why) => self.note(EventKind::State, at, format!("lost: {why}"), 0.0, ""),
            Note::State(s) => {
                self.note(EventKind::State, at, signals::SCHEDULE_STATES[s.code()].to_owned(), 0.0, "");
            }
            Note::Limit(what) => self.note(EventKind::Limit, at, what, 0.0, ""),
        }
    }
}
