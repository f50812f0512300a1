//! When something shall happen: a small language, its tree, and what it has seen so far.
//!
//! ```text
//! any    = all { "or" all }            all  = one { "and" one }         one = "not" one | "(" any ")" | atom
//! atom   = "at" TIME                                        from that time of the run on
//!        | ["when"] SIGNAL OP NUMBER ["for" TIME]           while it has been so for so long
//!        | "after" EVENT ["+" TIME] | "on" EVENT            from an event on, or so long after it
//!        | "on" "key" NAME | "hold" | "running"             a key of the trainer; a state of the schedule
//! TIME   = NUMBER ["s" | "min"]        OP   = "<" | "<=" | ">" | ">="
//! ```
//!
//! A signal is an id of the table (`site.` may be left out, so may the name of the first genset: `gen_kw`, `g1.pm_kw`) or
//! `f_pct`. An event is the tag or object of one, `52G-TRIP`, in quotes if it has blanks: `"81U-1 G1"`. Errors name the
//! column. Pure: time comes as seconds of the run.

mod parse;

use crate::engine::msg::Event;
use crate::plant::signals::SignalTable;

pub use parse::{Mistake, parse};

/// Longest text of a trigger, bytes.
pub const LONGEST: usize = 400;

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Trigger {
    /// From this time on, s.
    At(f64),
    /// While a value has been beyond a limit for so long.
    When {
        /// Id of the signal, as written.
        signal: String,
        /// Which side.
        op: Op,
        /// Limit, in the signal's unit.
        value: f64,
        /// For at least this long, s.
        for_s: f64,
    },
    /// From so long after the first event with this tag on.
    After(String, f64),
    /// Since the trainer pressed this key.
    Key(String),
    /// While the schedule is in this state.
    State(Schedule),
    /// While it is not so.
    Not(Box<Trigger>),
    /// While all are so.
    All(Vec<Trigger>),
    /// While one of them is so.
    Any(Vec<Trigger>),
}

/// Side of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Below.
    Less,
    /// At or below.
    AtMost,
    /// Above.
    More,
    /// At or above.
    AtLeast,
}

/// State of the schedule that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// It holds.
    Hold,
    /// It adds GPUs.
    Running,
}

impl Op {
    fn holds(self, x: f64, limit: f64) -> bool {
        match self {
            Self::Less => x < limit,
            Self::AtMost => x <= limit,
            Self::More => x > limit,
            Self::AtLeast => x >= limit,
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }
}

/// Where the value of a condition is found.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Source {
    /// Place in the row, and what its value is multiplied by.
    Row(usize, f64),
    /// There is no such signal in this plant.
    Nowhere,
}

fn source(table: &SignalTable, f0_hz: f64, name: &str) -> Source {
    if name == "f_pct" {
        let f = table.find("site.f_hz");
        return f.map_or(Source::Nowhere, |i| Source::Row(i.at(), 100.0 / f0_hz));
    }
    let first = table.signals().iter().position(|s| s.id.ends_with(&format!(".{name}")));
    let place = table
        .find(name)
        .or_else(|| table.find(&format!("site.{name}")))
        .map(super::super::plant::signals::SignalIdx::at)
        .or(first);
    place.map_or(Source::Nowhere, |i| Source::Row(i, 1.0))
}

impl Trigger {
    /// The first signal of it that a plant does not have.
    #[must_use]
    pub fn unknown_signal<'a>(&'a self, table: &SignalTable) -> Option<&'a str> {
        match self {
            Self::When { signal, .. } => (source(table, 60.0, signal) == Source::Nowhere).then_some(signal.as_str()),
            Self::Not(t) => t.unknown_signal(table),
            Self::All(list) | Self::Any(list) => list.iter().find_map(|t| t.unknown_signal(table)),
            Self::At(_) | Self::After(..) | Self::Key(_) | Self::State(_) => None,
        }
    }
}

fn tag(f: &mut core::fmt::Formatter<'_>, name: &str) -> core::fmt::Result {
    let plain = parse::is_word(name);
    if plain { f.write_str(name) } else { write!(f, "\"{name}\"") }
}

/// The text that gives this tree again.
impl core::fmt::Display for Trigger {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let group = |f: &mut core::fmt::Formatter<'_>, list: &[Self], word: &str| {
            for (i, t) in list.iter().enumerate() {
                if i > 0 {
                    write!(f, " {word} ")?;
                }
                match t {
                    Self::All(_) | Self::Any(_) => write!(f, "({t})")?,
                    _ => write!(f, "{t}")?,
                }
            }
            Ok(())
        };
        match self {
            Self::At(t) => write!(f, "at {t}"),
            Self::When { signal, op, value, for_s } => {
                write!(f, "when {signal} {} {value}", op.sign())?;
                if *for_s > 0.0 { write!(f, " for {for_s}") } else { Ok(()) }
            }
            Self::After(event, s) => {
                f.write_str(if *s > 0.0 { "after " } else { "on " })?;
                tag(f, event)?;
                if *s > 0.0 { write!(f, " + {s}") } else { Ok(()) }
            }
            Self::Key(k) => {
                f.write_str("on key ")?;
                tag(f, k)
            }
            Self::State(Schedule::Hold) => f.write_str("hold"),
            Self::State(Schedule::Running) => f.write_str("running"),
            Self::Not(t) => match **t {
                Self::All(_) | Self::Any(_) => write!(f, "not ({t})"),
                _ => write!(f, "not {t}"),
            },
            Self::All(list) => group(f, list, "and"),
            Self::Any(list) => group(f, list, "or"),
        }
    }
}

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
