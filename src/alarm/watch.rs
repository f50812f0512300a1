//! An annunciator that is listened to: its transitions, and what is done to it, as events.
//!
//! Events are numbered by the caller. An alarm that follows from another names that one's event as its cause.

use std::fmt::Write as _;
use std::sync::Arc;

use super::act::Act;
use super::annunciator::{Annunciator, Transition};
use super::definition::Definition;
use super::first_out;
use super::list::List;
use super::point::Facts;
use super::state::State;
use crate::acts::{By, Event, EventKind};

/// Whether an event tells that an alarm became active, and does not tell of an act on it.
#[must_use]
pub fn came(e: &Event) -> bool {
    let state = |word: &str| State::ALL.into_iter().find(|s| s.word() == word);
    let change = e.change.filter(|_| e.kind == EventKind::Alarm).map(|c| c.map(state));
    matches!(change, Some([Some(from), Some(to)]) if to.is_active() && !from.is_active())
}

/// An annunciator and what it has told.
#[derive(Clone, Debug)]
pub struct Watch {
    annunciator: Annunciator,
    /// Number of the event with which each alarm came last.
    came_with: Vec<Option<u64>>,
    transitions: Vec<Transition>,
}

/// When something is told, and what number it gets.
#[derive(Debug)]
pub struct Stamp<'a> {
    /// Tick.
    pub tick: u64,
    /// Seconds of the run.
    pub t_s: f64,
    /// Number of the next event.
    pub seq: &'a mut u64,
}

impl Stamp<'_> {
    fn event(&mut self, kind: EventKind, object: String, text: String, by: By) -> Event {
        let (seq, tick, t_s) = (*self.seq, self.tick, self.t_s);
        *self.seq += 1;
        Event { seq, tick, t_s, by, ..Event::new(kind, object, text) }
    }
}

impl Watch {
    /// Listens to it.
    #[must_use]
    pub fn new(annunciator: Annunciator) -> Self {
        Self { came_with: vec![None; annunciator.definitions().len()], annunciator, transitions: Vec::new() }
    }

    /// The alarms that it listens to.
    #[must_use]
    pub fn definitions(&self) -> &[Definition] {
        self.annunciator.definitions()
    }

    /// After a tick; `events` are those of the tick, and what comes of them is put behind `into`.
    pub fn tick(&mut self, mut at: Stamp, row: &[f64], events: &[Event], facts: &Facts, into: &mut Vec<Event>) {
        self.annunciator.step(at.tick, row, events, facts, &mut self.transitions);
        self.tell(&mut at, into);
    }

    /// Somebody does something to an alarm.
    pub fn act(&mut self, mut at: Stamp, act: &Act, by: By, into: &mut Vec<Event>) {
        let before = self.shown(act);
        let done = self.annunciator.act(act, by, at.tick, &mut self.transitions);
        let of =
            self.annunciator.definitions().get(act.alarm() as usize).filter(|_| !matches!(act, Act::ResetFirstOut(_)));
        let object = of.map_or("alarms", |d| d.tag.as_str());
        let (kind, text) = match done {
            Err(why) => (EventKind::Refused, why.to_string()),
            Ok(()) => (EventKind::Desk, act.words()),
        };
        // An acknowledgement or a reset is told by the change of state.
        if kind == EventKind::Refused || self.transitions.is_empty() {
            let mut e = at.event(kind, object.to_owned(), text, by);
            if let Some(change) = before.zip(self.shown(act)).filter(|(a, b)| a != b) {
                (e.kind, e.change) = (EventKind::Alarm, Some(change.into()));
            }
            into.push(e);
        }
        self.tell(&mut at, into);
    }

    /// What a list shows of the alarm of an act.
    fn shown(&self, act: &Act) -> Option<&'static str> {
        let id = Some(act.alarm()).filter(|_| !matches!(act, Act::ResetFirstOut(_)))?;
        self.annunciator.shown(id)
    }

    /// Whether the list has changed since it was taken last.
    #[must_use]
    pub fn changed(&self) -> bool {
        self.annunciator.changed()
    }

    /// The list as it is now.
    pub fn list(&mut self) -> Arc<List> {
        self.annunciator.list()
    }

    fn tell(&mut self, at: &mut Stamp, into: &mut Vec<Event>) {
        for t in self.transitions.drain(..) {
            let i = t.alarm as usize;
            let Some(d) = self.annunciator.definitions().get(i) else { continue };
            let came = t.change[1].is_active() && !t.change[0].is_active();
            if t.change[0] == t.change[1] {
                let text = "its time on the shelf is over".to_owned();
                let mut e = at.event(EventKind::Alarm, d.tag.clone(), text, By::Plant);
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
                text.push_str(first_out::WORDS);
            }
            let mut e = at.event(EventKind::Alarm, d.tag.clone(), text, t.by.unwrap_or(By::Plant));
            if t.value.is_finite() {
                (e.value, e.unit) = (t.value, t.unit);
            }
            e.change = Some(t.change.map(State::word));
            e.cause = t.cause.and_then(|c| self.came_with.get(c as usize).copied().flatten());
            if came {
                self.came_with[i] = Some(e.seq);
            }
            into.push(e);
        }
    }
}
