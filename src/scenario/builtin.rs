//! The scenarios that are compiled into the program.

use super::{Error, Scenario};

macro_rules! texts {
    ($dir:literal: $($name:literal),+ $(,)?) => { &[$(($name, include_str!(concat!("../../", $dir, $name, ".ron")))),+] };
}

/// Names and texts, in the order in which a list shows them.
#[must_use]
pub fn builtin() -> &'static [(&'static str, &'static str)] {
    texts!["scenarios/":
        "path-a",
        "path-b-500",
        "path-b-1000",
        "b-restore",
        "staged-phase",
        "naive-slam",
        "step-limit-only",
        "step-limit-2s",
        "step-200kw",
        "step-300kw",
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

/// Names and texts of the exercises.
#[must_use]
pub fn exercises() -> &'static [(&'static str, &'static str)] {
    texts!["scenarios/exercises/": "bring-up-a1", "miner-lag-b1", "load-rejection", "blind-operator"]
}

/// Names and texts of the initial conditions: scenarios without a script, to begin from.
#[must_use]
pub fn initial_conditions() -> &'static [(&'static str, &'static str)] {
    texts!["assets/ic/":
        "01-cold-dark",
        "02-idle-genset",
        "03-steady-500",
        "04-gpus-250",
        "05-b-1000",
        "06-near-ceiling",
        "07-bess-supported",
        "08-two-sets",
    ]
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
