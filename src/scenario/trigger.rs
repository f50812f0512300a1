//! When something shall happen: a small language and its tree.
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
//! column. Data only: what a condition has seen so far is kept by whoever watches it.

mod parse;

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
    /// Whether a value is on this side of a limit; never for what is not a number.
    #[must_use]
    pub fn holds(self, x: f64, limit: f64) -> bool {
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
pub enum Source {
    /// Place in the row, and what its value is multiplied by.
    Row(usize, f64),
    /// There is no such signal in this plant.
    Nowhere,
}

/// Where a trigger finds the signal that it names.
#[must_use]
pub fn source(table: &SignalTable, f0_hz: f64, name: &str) -> Source {
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
