//! Scenarios: RON in, validated model out.
//!
//! `schema` mirrors the text; `build` fills in defaults from the equipment [`library`], the engine [`preset`]s, the
//! [`policy`] sets and the built-in plant, resolves names and checks every value; [`crate::text`] finds line and
//! column of a value that is refused. Every [`Error`] prints as one line. Nothing here panics on any input.

mod build;
pub mod builtin;
pub mod exercise;
pub mod library;
mod load;
pub mod parameter;
pub mod policy;
pub mod preset;
pub mod relays;
mod schema;
mod trace;
pub mod trigger;

pub use builtin::{builtin, builtin_scenario, default_scenario, exercises, initial_conditions};
pub use preset::{EnginePreset, presets};

pub use crate::text::{Error, Spot};

use crate::acts::Operate;
use crate::control::Policy;
use crate::plant::config::Plant;
use crate::scenario::exercise::Exercise;

/// Name of the load that a run which starts as a plant was measured has for what no device of it takes.
pub const NOT_METERED: &str = "not metered";

/// What a scripted act does.
#[derive(Clone, Debug, PartialEq)]
pub enum ScriptAct {
    /// The same acts that an operator has.
    Operate(Operate),
    /// Training swing on a cohort: kW peak to peak, Hz, square or sine; 0 kW ends it.
    Swing {
        /// Cohort.
        cohort: usize,
        /// Peak to peak.
        peak_to_peak_kw: f64,
        /// Hz.
        hz: f64,
        /// Square; else sine.
        square: bool,
    },
    /// Step of a load by name: sets an aux load's kW.
    AuxKw {
        /// The aux load, by index.
        aux: usize,
        /// Its power at 1 pu from now on, kW.
        kw: f64,
    },
    /// A genset trips (52G opens, fuel shuts).
    TripGenset(usize),
    /// Share of a fleet's units that stop answering.
    StickMiners {
        /// Fleet.
        fleet: usize,
        /// Share, 0 to 1.
        share: f64,
    },
    /// A battery is set: in service or not.
    BessOn {
        /// The battery, by index.
        bess: usize,
        /// In service.
        on: bool,
    },
    /// Staged phase change of cohort GPUs, uncontrolled: n GPUs from preload to full over the cohort's rise.
    Phase {
        /// Cohort.
        cohort: usize,
        /// How many.
        n: u32,
        /// Phase that they leave.
        from: crate::plant::gpu::Phase,
        /// Phase that they go to.
        to: crate::plant::gpu::Phase,
    },
}

/// A scripted act at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct ScriptItem {
    /// Time of the run, s.
    pub at_s: f64,
    /// What is done.
    pub act: ScriptAct,
}

/// Outcome that a scenario expects; a test holds it to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expected {
    /// Names of trips in order, `81U-2 G1`; empty for none.
    pub trips: Vec<String>,
    /// Names of violated limits (any order).
    pub violations: Vec<String>,
    /// Target reached.
    pub target_reached: Option<bool>,
    /// Bus alive at the end.
    pub survives: bool,
}

/// A validated scenario: plant, policy, script, expected outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Name: the file's stem.
    pub name: String,
    /// One line.
    pub purpose: String,
    /// Path, or `built in`.
    pub origin: String,
    /// The text that it was read from; with seed and commands it gives the run again.
    pub text: std::sync::Arc<str>,
    /// Seed.
    pub seed: u64,
    /// Length of the run, s.
    pub run_s: f64,
    /// Plant.
    pub plant: Plant,
    /// Policy.
    pub policy: Policy,
    /// Script, rising time.
    pub script: Vec<ScriptItem>,
    /// Expected outcome.
    pub expected: Expected,
    /// What a trainee works on.
    pub exercise: Option<Exercise>,
    /// Of which plant and moment it starts as the state, where it does: a rehearsal.
    pub starts_as: Option<String>,
}

/// Names of the plant's breakers in the order that `Operate::Breaker` counts.
#[must_use]
pub fn breaker_names(plant: &Plant) -> Vec<String> {
    plant.breakers().map(|b| b.name(plant)).collect()
}
