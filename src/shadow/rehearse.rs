//! Rehearse from now: the scenario of a plant, started in the state that the plant is measured to be in.
//!
//! ```text
//! scenario + row, qualities, ages ─▶ rehearse ─▶ text of a scenario with `start: (…)`  ─▶ a twin, frozen
//!                                        └─▶ what was measured, and what had to be assumed
//! ```
//! The text is a scenario like any other: it runs without a screen, is journaled, and gives the same bits again. Whatever
//! the plant does not tell is listed with the value that the twin starts with and why. Pure; nothing is sent anywhere.

mod state;
mod table;
#[cfg(test)]
mod tests;

use crate::acts::Quality;
use crate::plant::signals::{SignalIdx, SignalTable};
use crate::scenario::{EnginePreset, Scenario};
use crate::text::with_field;

pub use table::{Line, Shown};

/// What a source says at one moment.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    /// Which plant and when, one line.
    pub of: &'a str,
    /// Table of the source, which may be another plant's.
    pub table: &'a SignalTable,
    /// Newest values, the last good ones included; NaN where there is none.
    pub row: &'a [f64],
    /// Their qualities; empty for a source that does not say.
    pub quality: &'a [Quality],
    /// Age of a value, s; NaN where it is not known.
    pub age_s: &'a dyn Fn(SignalIdx) -> f64,
}

/// Which engine the twin has.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Engine {
    /// Those of the scenario as it runs.
    #[default]
    Preset,
    /// A fit, in every set.
    Fit(Box<EnginePreset>),
}

/// A scenario that starts as a plant is, with what is known of how well.
#[derive(Clone, Debug, PartialEq)]
pub struct Rehearsal {
    /// Which plant and when.
    pub of: String,
    /// Scenario file.
    pub text: String,
    /// What was measured, and what the twin starts with.
    pub measured: Vec<Line>,
    /// What was not measured.
    pub assumed: Vec<Line>,
}

impl Rehearsal {
    /// How many of the measured values are in doubt.
    #[must_use]
    pub fn doubtful(&self) -> usize {
        self.measured.iter().filter(|l| l.doubt.is_some()).count()
    }
}

/// Makes the rehearsal of a moment. `base` is the plant with the engines that it has now; its script and exercise are left
/// out.
///
/// # Errors
/// In a line, when there is no state to start from: no power source is on the bus, or the scenario has no text.
pub fn rehearse(base: &Scenario, now: &Moment<'_>, engine: &Engine) -> Result<Rehearsal, String> {
    let state = state::State::read(&base.plant, now)?;
    let set = |text: &str, key: &str, value: &str| {
        with_field(text, key, value).ok_or_else(|| format!("the scenario has no text to start from: {}", base.name))
    };
    let mut text = set(&base.text, "start", &state.ron(now.of, base, engine)?)?;
    text = set(&text, "purpose", &format!("{:?}", clipped(&format!("Rehearsal of {}", now.of), 100)))?;
    if !base.script.is_empty() {
        text = set(&text, "script", "[]")?;
    }
    if base.exercise.is_some() {
        text = set(&text, "exercise", "None")?;
    }
    let [measured, assumed] = table::lines(base, now, &state, engine);
    Ok(Rehearsal { of: clipped(now.of, 120), text, measured, assumed })
}

/// One line of at most so many characters.
fn clipped(s: &str, most: usize) -> String {
    let line: String = s.chars().filter(|c| !c.is_control()).take(most).collect();
    line.trim().to_owned()
}
