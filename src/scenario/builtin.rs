//! The scenarios that are compiled into the program.

use super::{Error, Scenario};
use crate::shipped;

/// Names and texts, in the order in which a list shows them.
#[must_use]
pub fn builtin() -> &'static [(&'static str, &'static str)] {
    shipped::SCENARIOS.files
}

/// Names and texts of the exercises.
#[must_use]
pub fn exercises() -> &'static [(&'static str, &'static str)] {
    shipped::EXERCISES.files
}

/// Names and texts of the initial conditions: scenarios without a script, to begin from.
#[must_use]
pub fn initial_conditions() -> &'static [(&'static str, &'static str)] {
    shipped::INITIAL_CONDITIONS.files
}

/// A built-in scenario, exercise or initial condition by name; `None` if there is none of that name.
#[must_use]
pub fn builtin_scenario(name: &str) -> Option<Result<Scenario, Error>> {
    let mut all = builtin().iter().chain(exercises()).chain(initial_conditions());
    let (name, text) = all.find(|(n, _)| *n == name)?;
    Some(Scenario::from_str(name, "built in", text, None))
}

/// What the console opens without a file: Path A on the built-in plant.
///
/// # Errors
/// Only if a file compiled into the program is malformed, which a test keeps from being shipped.
pub fn default_scenario() -> Result<Scenario, Error> {
    let (name, text) = builtin().first().copied().unwrap_or_default();
    Scenario::from_str(name, "built in", text, None)
}
