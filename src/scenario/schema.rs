//! What a scenario file holds: RON with units in the field names. Whatever is left out comes from the equipment
//! library, the engine preset, the policy set and the built-in plant, so files stay short.
//!
//! These types mirror the text, no more; `build` turns them into the validated model.

pub(super) mod control;
pub(super) mod plant;
pub(super) mod start;

use serde::Deserialize;

/// A scenario file.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Scenario", deny_unknown_fields)]
pub(super) struct ScenarioFile {
    /// One line: what it shows.
    pub purpose: String,
    /// Seed of jitter.
    #[serde(default = "one")]
    pub seed: u64,
    /// Length of the run.
    pub run_s: f64,
    #[serde(default)]
    pub plant: plant::PlantFile,
    #[serde(default)]
    pub start: Option<start::StartFile>,
    #[serde(default)]
    pub policy: control::PolicyFile,
    #[serde(default)]
    pub script: Vec<control::ItemFile>,
    #[serde(default)]
    pub expected: control::ExpectedFile,
    #[serde(default)]
    pub exercise: Option<crate::scenario::exercise::Exercise>,
}

fn one() -> u64 {
    1
}
