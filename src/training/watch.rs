//! A condition of an exercise, watched: what each part of it has seen so far, and whether it is so now.
//!
//! The language is [`crate::scenario::trigger`]. Pure: time comes as seconds of the run.

use crate::acts::Event;
use crate::plant::signals::SignalTable;
use crate::scenario::trigger::{Op, Schedule, Source, Trigger, source};

/// What conditions are judged by.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// Seconds of the run.
    pub t_s: f64,
    /// The row.
    pub row: &'a [f64],
    /// State of the schedule, if it is one of those that can be asked for.
    pub schedule: Option<Schedule>,
}

/// A condition with what it has seen: since when each part of it has been so.
#[derive(Clone, Debug, PartialEq)]
pub struct Watch {
    parts: Vec<Part>,
    stack: Vec<bool>,
}

/// A part in the order of evaluation: its operands come before it.
#[derive(Clone, Debug, PartialEq)]
enum Part {
    At(f64),
    When { source: Source, op: Op, value: f64, for_s: f64, since: Option<f64> },
    After { event: String, wait_s: f64, seen: Option<f64> },
    Key { key: String, pressed: bool },
    State(Schedule),
    Not,
    All(usize),
    Any(usize),
}

impl Watch {
    /// Begins to watch on a plant with this table and nominal frequency.
    #[must_use]
    pub fn new(trigger: &Trigger, table: &SignalTable, f0_hz: f64) -> Self {
        let mut parts = Vec::new();
        flatten(trigger, table, f0_hz, &mut parts);
        Self { stack: Vec::with_capacity(parts.len()), parts }
    }

    /// An event has happened.
    pub fn event(&mut self, e: &Event) {
        for part in &mut self.parts {
            if let Part::After { event, seen, .. } = part
                && seen.is_none()
                && names(event, e)
            {
                *seen = Some(e.t_s);
            }
        }
    }

    /// The trainer has pressed a key.
    pub fn key(&mut self, name: &str) {
        for part in &mut self.parts {
            if let Part::Key { key, pressed } = part {
                *pressed |= key.eq_ignore_ascii_case(name);
            }
        }
    }

    /// Forgets events and keys, to be ready for the next time.
    pub fn again(&mut self) {
        for part in &mut self.parts {
            match part {
                Part::After { seen, .. } => *seen = None,
                Part::Key { pressed, .. } => *pressed = false,
                _ => {}
            }
        }
    }

    /// Whether it is so now.
    pub fn look(&mut self, at: Look<'_>) -> bool {
        let stack = &mut self.stack;
        stack.clear();
        for part in &mut self.parts {
            let so = match part {
                Part::At(t) => at.t_s >= *t - 1e-9,
                Part::When { source, op, value, for_s, since } => {
                    let x = match source {
                        Source::Row(i, k) => at.row.get(*i).map_or(f64::NAN, |v| v * *k),
                        Source::Nowhere => f64::NAN,
                    };
                    if !op.holds(x, *value) {
                        *since = None;
                    } else if since.is_none() {
                        *since = Some(at.t_s);
                    }
                    since.is_some_and(|s| at.t_s - s >= *for_s - 1e-9)
                }
                Part::After { wait_s, seen, .. } => seen.is_some_and(|s| at.t_s - s >= *wait_s - 1e-9),
                Part::Key { pressed, .. } => *pressed,
                Part::State(s) => at.schedule == Some(*s),
                Part::Not => !stack.pop().unwrap_or(true),
                Part::All(n) => fold(stack, *n, |list| list.iter().all(|b| *b)),
                Part::Any(n) => fold(stack, *n, |list| list.iter().any(|b| *b)),
            };
            stack.push(so);
        }
        stack.pop().unwrap_or(false)
    }
}

fn fold(stack: &mut Vec<bool>, n: usize, join: impl FnOnce(&[bool]) -> bool) -> bool {
    let from = stack.len().saturating_sub(n);
    let so = join(&stack[from..]);
    stack.truncate(from);
    so
}

/// Whether a name means this event: its object, the first word of it, or a tag in its text.
fn names(name: &str, e: &Event) -> bool {
    let same = |s: &str| s.eq_ignore_ascii_case(name);
    same(&e.object) || e.object.split(' ').next().is_some_and(same) || same(&e.text)
}

fn flatten(t: &Trigger, table: &SignalTable, f0_hz: f64, out: &mut Vec<Part>) {
    let part = match t {
        Trigger::At(t) => Part::At(*t),
        Trigger::When { signal, op, value, for_s } => {
            let source = source(table, f0_hz, signal);
            Part::When { source, op: *op, value: *value, for_s: *for_s, since: None }
        }
        Trigger::After(event, wait_s) => Part::After { event: event.clone(), wait_s: *wait_s, seen: None },
        Trigger::Key(key) => Part::Key { key: key.clone(), pressed: false },
        Trigger::State(s) => Part::State(*s),
        Trigger::Not(t) => {
            flatten(t, table, f0_hz, out);
            Part::Not
        }
        Trigger::All(list) | Trigger::Any(list) => {
            list.iter().for_each(|t| flatten(t, table, f0_hz, out));
            if matches!(t, Trigger::All(_)) { Part::All(list.len()) } else { Part::Any(list.len()) }
        }
    };
    out.push(part);
}
