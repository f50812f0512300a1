//! An exercise: goals, and what happens when. Data that a scenario carries, or that the trainer puts together at the desk.
//!
//! ```ron
//! exercise: (horizon_s: 900.0,
//!     goals: [Gpu(kw: 500.0, within_s: 360.0, hold_s: 60.0), NoTrip],
//!     items: [ (at: T(90.0), do: Malf(m: "M07", sev: 0.4, ramp_s: 5.0)),
//!              (at: When("f_pct < 97.5 for 5 and not hold"), do: Hint("Press F8")),
//!              (at: On("52G-TRIP"), do: End(mark: "trip")) ])
//! ```
//!
//! Times in s of the run, severities from 0 to 1. It checks itself against a plant; the desk carries it out, and
//! `words` has its lines as a trainer reads and types them.

mod procedure;
mod words;

use serde::{Deserialize, Serialize};

use super::trigger::{Trigger, parse};
use crate::acts::{Fault, FaultKind, Operate};
use crate::plant::config::Plant;
use crate::plant::signals::SignalTable;

pub use procedure::{Answer, Response, Step};

/// Items of an exercise, at most.
pub const MOST_ITEMS: usize = 200;

/// Goals, and what happens when.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exercise {
    /// When it ends, s; with the run if none.
    #[serde(default)]
    pub horizon_s: Option<f64>,
    /// What is to be reached.
    #[serde(default)]
    pub goals: Vec<Goal>,
    /// What happens.
    #[serde(default)]
    pub items: Vec<Item>,
    /// Its procedure, scored from the start of a run.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// Right responses to its malfunctions, in place of the rubric's; scored from the start of a run.
    #[serde(default)]
    pub responses: Vec<Response>,
}

/// What is to be reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Goal {
    /// GPU power within a time, and held.
    Gpu {
        /// At least, kW; 2 % less counts.
        kw: f64,
        /// From t = 0, s.
        within_s: f64,
        /// For so long, s.
        #[serde(default)]
        hold_s: f64,
    },
    /// Protection opens no breaker.
    NoTrip,
}

/// Something that happens once, or each time its condition becomes so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// What sets it off.
    pub at: When,
    /// What is done then.
    #[serde(rename = "do")]
    pub act: Do,
    /// Each time, not once.
    #[serde(default)]
    pub repeat: bool,
    /// Ready from the start.
    #[serde(default = "yes")]
    pub armed: bool,
}

fn yes() -> bool {
    true
}

/// When it happens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum When {
    /// At this time, s.
    T(f64),
    /// When a condition becomes so, in the language of [`super::trigger`].
    When(String),
    /// On an event.
    On(String),
    /// Only by hand.
    Hand,
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Do {
    /// A malfunction begins.
    Malf {
        /// Its code: `M07`.
        m: String,
        /// Its device; the usual one if none is named.
        #[serde(default)]
        device: Option<String>,
        /// Severity.
        sev: f64,
        /// Time to get there, s.
        #[serde(default)]
        ramp_s: f64,
        /// Wait before it begins, s.
        #[serde(default)]
        delay_s: f64,
        /// It ends by itself after so long, s.
        #[serde(default)]
        for_s: Option<f64>,
    },
    /// A malfunction ends.
    Clear {
        /// Its code.
        m: String,
        /// Its device.
        #[serde(default)]
        device: Option<String>,
    },
    /// An act on the plant, as from the field.
    Act(Operate),
    /// A hint to the trainee; costs points, and is not given in an exam.
    Hint(String),
    /// A warning that something left its bounds; costs points.
    Warn(String),
    /// A mark on the time line.
    Note(String),
    /// The exercise ends.
    End {
        /// Why.
        mark: String,
    },
}

impl When {
    /// Its condition; none for what is done by hand.
    ///
    /// # Errors
    /// What is wrong with its text, and what was expected.
    pub fn trigger(&self) -> Result<Option<Trigger>, (String, String)> {
        match self {
            Self::T(t) if (0.0..=86_400.0).contains(t) => Ok(Some(Trigger::At(*t))),
            Self::T(t) => Err((format!("the time is {t}"), "0 to 86400".to_owned())),
            Self::When(text) => parse(text)
                .map(Some)
                .map_err(|e| (format!("{} at column {} of the trigger", e.what, e.column), e.expected.to_owned())),
            Self::On(event) if event.trim().is_empty() => {
                Err(("an empty name".to_owned(), "the name of an event".to_owned()))
            }
            Self::On(event) => Ok(Some(Trigger::After(event.clone(), 0.0))),
            Self::Hand => Ok(None),
        }
    }
}

/// A step of what happens, so long after the item fired.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// An act on the plant.
    Operate(Operate),
    /// A hint.
    Hint(String),
    /// A warning.
    Warn(String),
    /// A mark.
    Note(String),
    /// The end.
    End(String),
}

fn fault(plant: &Plant, table: &SignalTable, m: &str, device: Option<&str>) -> Result<Fault, (String, String)> {
    let kind = FaultKind::by_code(m).ok_or_else(|| (format!("no malfunction `{m}`"), "M01 to M12".to_owned()))?;
    let target = kind.spec().target;
    let names = target.names(plant, table);
    let place = match device {
        None => (target.usual(plant) as usize).min(names.len()),
        Some(d) => names.iter().position(|n| n.eq_ignore_ascii_case(d)).unwrap_or(names.len()),
    };
    if place >= names.len() {
        let mut known = names;
        known.truncate(12);
        let known = if known.is_empty() { "a plant that has one".to_owned() } else { known.join(", ") };
        return Err((format!("no device `{}` for {m}", device.unwrap_or("any")), known));
    }
    Ok(Fault { kind, device: place as u32, severity: 0.0, ramp_s: 0.0 })
}

impl Do {
    /// Its steps on a plant, each with its time after the item fired, s.
    ///
    /// # Errors
    /// What is wrong, and what was expected.
    pub fn steps(&self, plant: &Plant, table: &SignalTable) -> Result<Vec<(f64, Effect)>, (String, String)> {
        let act = |f: Fault| Effect::Operate(Operate::Fault(f));
        let now = |e: Effect| Ok(vec![(0.0, e)]);
        match self {
            Self::Malf { m, device, sev, ramp_s, delay_s, for_s } => {
                let none = fault(plant, table, m, device.as_deref())?;
                for (name, v, hi) in [
                    ("sev", *sev, 1.0),
                    ("ramp_s", *ramp_s, 3600.0),
                    ("delay_s", *delay_s, 86_400.0),
                    ("for_s", for_s.unwrap_or(0.0), 86_400.0),
                ] {
                    if !(0.0..=hi).contains(&v) {
                        return Err((format!("`{name}` is {v}"), format!("0 to {hi}")));
                    }
                }
                let mut steps = vec![(*delay_s, act(Fault { severity: *sev, ramp_s: *ramp_s, ..none }))];
                steps.extend(for_s.map(|s| (delay_s + s, act(none))));
                Ok(steps)
            }
            Self::Clear { m, device } => now(act(fault(plant, table, m, device.as_deref())?)),
            Self::Act(op) => now(Effect::Operate(*op)),
            Self::Hint(text) => now(Effect::Hint(text.clone())),
            Self::Warn(text) => now(Effect::Warn(text.clone())),
            Self::Note(text) => now(Effect::Note(text.clone())),
            Self::End { mark } => now(Effect::End(mark.clone())),
        }
    }
}

impl Item {
    /// Whether it makes sense on a plant.
    ///
    /// # Errors
    /// The field (`at` or `do`), what is wrong with it, and what was expected.
    pub fn check(&self, plant: &Plant, table: &SignalTable) -> Result<(), (&'static str, String, String)> {
        let trigger = self.at.trigger().map_err(|(what, expected)| ("at", what, expected))?;
        if let Some(signal) = trigger.as_ref().and_then(|t| t.unknown_signal(table)) {
            return Err((
                "at",
                format!("no signal `{signal}` in this plant"),
                "an id such as gpu_kw or g1.p_kw".into(),
            ));
        }
        self.act.steps(plant, table).map(drop).map_err(|(what, expected)| ("do", what, expected))
    }
}

impl Exercise {
    /// Whether it makes sense on a plant.
    ///
    /// # Errors
    /// The place of the first item that does not, from 0, and what is wrong with it, as [`Item::check`] says.
    pub fn check(&self, plant: &Plant, table: &SignalTable) -> Result<(), (usize, (&'static str, String, String))> {
        if self.items.len() > MOST_ITEMS {
            let most = format!("at most {MOST_ITEMS}");
            return Err((MOST_ITEMS, ("do", format!("{} items", self.items.len()), most)));
        }
        self.items.iter().enumerate().try_for_each(|(k, item)| item.check(plant, table).map_err(|why| (k, why)))
    }

    /// The first response to a malfunction that there is not: its place, and what is wrong.
    #[must_use]
    pub fn wrong_response(&self) -> Option<(usize, String)> {
        let k = self.responses.iter().position(|r| FaultKind::by_code(&r.malfunction).is_none())?;
        Some((k, format!("no malfunction `{}`", self.responses[k].malfunction)))
    }

    /// As text, for a file of its own or to be put into a scenario.
    ///
    /// # Errors
    /// What cannot be written; never for what a desk gives.
    pub fn to_text(&self) -> Result<String, String> {
        let pretty = ron::ser::PrettyConfig::new().depth_limit(2);
        ron::ser::to_string_pretty(self, pretty).map_err(|e| e.to_string())
    }

    /// From text.
    ///
    /// # Errors
    /// One line with line and column.
    pub fn from_text(text: &str, origin: &str) -> Result<Self, String> {
        crate::text::parse(text, origin).map_err(|e| e.to_string())
    }

    /// Whether a text is one by itself, not a scenario that has one.
    #[must_use]
    pub fn is_one(text: &str) -> bool {
        text.contains("items:") && !text.contains("plant:") && !text.contains("purpose:")
    }
}
