//! Protection relays and staged load shedding: pure functions of a measured value and a timer.

use serde::{Deserialize, Serialize};

/// What a relay watches. ANSI device numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Device {
    /// 81U: frequency below, pu of f0.
    #[serde(rename = "81U")]
    UnderFrequency,
    /// 81O: frequency above, pu of f0.
    #[serde(rename = "81O")]
    OverFrequency,
    /// 81R: |ROCOF| above, Hz/s over its window.
    #[serde(rename = "81R")]
    Rocof,
    /// 27: voltage below, pu.
    #[serde(rename = "27")]
    UnderVoltage,
    /// 59: voltage above, pu.
    #[serde(rename = "59")]
    OverVoltage,
    /// 32R: power below (negative pickup), pu of rated kW.
    #[serde(rename = "32R")]
    ReversePower,
    /// 51: power above, pu of rated kW (thermal overload of the set).
    #[serde(rename = "51")]
    Overload,
    /// 12: shaft speed above, pu.
    #[serde(rename = "12")]
    Overspeed,
}

/// A definite-time relay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relay {
    /// Name as shown: `81U-1`.
    pub name: String,
    /// What it watches.
    pub device: Device,
    /// Pickup, in the device's unit.
    pub pickup: f64,
    /// Definite time, s.
    pub delay_s: f64,
    /// Measuring window of 81R, s; 0 elsewhere.
    #[serde(default)]
    pub window_s: f64,
    /// Trips 52G; otherwise alarms only.
    #[serde(default = "yes")]
    pub trips: bool,
}

fn yes() -> bool {
    true
}

/// What a load-shedding stage takes off.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShedWhat {
    /// This share of the fleet's units.
    MinersShare(f64),
    /// All miners that are still on.
    AllMiners,
    /// Pre-emptible GPU jobs.
    PreemptibleGpus,
    /// All GPUs.
    AllGpus,
}

/// A stage of under-frequency load shedding. One shot until reset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShedStage {
    /// Name: `S1`.
    pub name: String,
    /// Frequency below, pu of f0.
    pub f_pu: f64,
    /// And ROCOF below this (negative), Hz/s over 500 ms; `None`: frequency alone.
    #[serde(default)]
    pub rocof_hz_per_s: Option<f64>,
    /// s.
    pub delay_s: f64,
    /// What goes.
    pub what: ShedWhat,
}
