//! The scenarios that are compiled into the program.

use super::{Error, Scenario};

macro_rules! texts {
    ($($name:literal),+ $(,)?) => { &[$(($name, include_str!(concat!("../../scenarios/", $name, ".ron")))),+] };
}

/// Names and texts, in the order in which a list shows them.
#[must_use]
pub fn builtin() -> &'static [(&'static str, &'static str)] {
    texts![
        "path-a",
        "path-b-500",
        "path-b-1000",
        "b-restore",
        "staged-phase",
        "naive-slam",
        "step-limit-only",
        "step-limit-2s",
        "ramp-20kw-per-s",
        "training-swing",
        "job-crash",
        "miner-lag",
        "bess-100kw",
        "bess-200kw",
        "two-gensets-one-trips",
        "black-start-bess",
        "cold-start-cg260",
        "ramp-down",
    ]
}

/// A built-in scenario by name; `None` if there is none of that name.
#[must_use]
pub fn builtin_scenario(name: &str) -> Option<Result<Scenario, Error>> {
    let (name, text) = builtin().iter().find(|(n, _)| *n == name)?;
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
