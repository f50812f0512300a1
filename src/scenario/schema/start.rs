//! The state that a run starts from, in place of what the devices of the file say of t = 0: what a plant measured at one
//! moment. What is left out stays as the file has it.

use serde::Deserialize;

use crate::scenario::EnginePreset;

/// `start: (…)`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Start", deny_unknown_fields)]
pub(in crate::scenario) struct StartFile {
    /// Which plant and moment, one line.
    pub of: String,
    pub f_hz: Option<f64>,
    pub v_pu: Option<f64>,
    #[serde(default)]
    pub gensets: Vec<SetFile>,
    #[serde(default)]
    pub gpus: Vec<CohortFile>,
    #[serde(default)]
    pub miners: Vec<FleetFile>,
    #[serde(default)]
    pub aux: Vec<AuxFile>,
    #[serde(default)]
    pub bess: Vec<BatteryFile>,
    /// What the sources gave beyond the loads above, kW: an aux load of its own; less than nothing where they gave less.
    #[serde(default)]
    pub rest_kw: f64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Set", deny_unknown_fields)]
pub(in crate::scenario) struct SetFile {
    pub name: String,
    pub on: Option<bool>,
    /// Only its share of the load counts: the sum is the load's.
    pub kw: Option<f64>,
    /// Another engine than the scenario's, as a fit found it.
    pub engine: Option<EnginePreset>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Cohort", deny_unknown_fields)]
pub(in crate::scenario) struct CohortFile {
    pub name: String,
    #[serde(default)]
    pub preload: u32,
    #[serde(default)]
    pub full: u32,
    pub full_kw: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Fleet", deny_unknown_fields)]
pub(in crate::scenario) struct FleetFile {
    pub name: String,
    pub on: u32,
    pub unit_kw: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "AuxAt", deny_unknown_fields)]
pub(in crate::scenario) struct AuxFile {
    pub name: String,
    pub kw: f64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "BatteryAt", deny_unknown_fields)]
pub(in crate::scenario) struct BatteryFile {
    pub name: String,
    pub on: Option<bool>,
    pub kw: Option<f64>,
    pub soc: Option<f64>,
}
