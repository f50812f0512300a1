//! Policy, script and expected outcome of a scenario file.

use serde::Deserialize;

use crate::acts::Setpoint;
use crate::control::policy::{AbortAction, AddMode, BringUpPath, ShedMode};
use crate::control::track::GensetPlan;
use crate::plant::gpu::Phase;
use crate::scenario::policy::PolicySet;

/// `policy: (…)`: a set, and single values over it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename = "Policy", deny_unknown_fields)]
pub(in crate::scenario) struct PolicyFile {
    #[serde(default)]
    pub set: PolicySet,
    pub path: Option<BringUpPath>,
    pub shed_mode: Option<ShedMode>,
    pub target_kw: Option<f64>,
    pub batch_gpus: Option<u32>,
    pub interval_s: Option<f64>,
    pub add: Option<AddMode>,
    pub staging: Option<StagingFile>,
    pub gpus_per_s: Option<f64>,
    pub step_limit_kw: Option<f64>,
    pub step_acceptance_pu: Option<Vec<(f64, f64)>>,
    pub bucket_share: Option<f64>,
    pub refill_kw_per_s: Option<f64>,
    pub window_100ms_kw: Option<f64>,
    pub window_1s_kw: Option<f64>,
    pub window_10s_kw: Option<f64>,
    pub ramp_limit_kw_per_s: Option<f64>,
    pub ceiling_pu: Option<f64>,
    pub min_headroom_kw: Option<f64>,
    pub shed_share: Option<f64>,
    pub shed_lead_s: Option<f64>,
    pub confirm_tolerance_kw: Option<f64>,
    pub confirm_timeout_s: Option<f64>,
    pub confirm_fallback_ramp: Option<bool>,
    pub restore_kw_per_s: Option<f64>,
    pub hold: Option<HoldFile>,
    pub hold_points_kw: Option<Vec<f64>>,
    pub abort: Option<AbortAction>,
    pub auto_shed: Option<bool>,
    pub start_at_s: Option<f64>,
    pub genset_plan: Option<GensetPlan>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Staging", deny_unknown_fields)]
pub(in crate::scenario) struct StagingFile {
    pub checkpoint_s: Option<f64>,
    pub batch_gpus: Option<u32>,
    pub interval_s: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Hold", deny_unknown_fields)]
pub(in crate::scenario) struct HoldFile {
    pub enabled: Option<bool>,
    pub df_hz: Option<f64>,
    pub rocof_hz_per_s: Option<f64>,
    pub dv_pu: Option<f64>,
    pub load_pu: Option<f64>,
}

/// `(at_s: 10.0, act: …)`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Item", deny_unknown_fields)]
pub(in crate::scenario) struct ItemFile {
    pub at_s: f64,
    pub act: ActFile,
}

/// What a script may do; devices by name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) enum ActFile {
    /// Change a set-point; choices by their index.
    Set {
        setpoint: Setpoint,
        value: f64,
    },
    Start,
    Hold,
    Resume,
    Abort,
    NextBatch,
    RampDown,
    /// `52G G1`, `52B B1` or a tie's name.
    Breaker {
        name: String,
        closed: bool,
    },
    StartGenset {
        genset: String,
    },
    StopGenset {
        genset: String,
    },
    Reset,
    /// GPUs to full at once, past control. With a cohort, from one phase; without, as the operator's slam does.
    Slam {
        cohort: Option<String>,
        gpus: u32,
        from: Option<Phase>,
    },
    Crash {
        cohort: String,
    },
    /// A power cap on a cohort: per cent of a GPU's full power, or W a GPU.
    GpuCap {
        cohort: String,
        pct: Option<f64>,
        w: Option<f64>,
    },
    Swing {
        cohort: String,
        peak_to_peak_kw: f64,
        hz: f64,
        #[serde(default)]
        shape: Shape,
    },
    AuxKw {
        aux: String,
        kw: f64,
    },
    TripGenset {
        genset: String,
    },
    StickMiners {
        fleet: String,
        share: f64,
    },
    BessOn {
        bess: String,
        on: bool,
    },
    Phase {
        cohort: String,
        gpus: u32,
        from: Phase,
        to: Phase,
    },
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::scenario) enum Shape {
    #[default]
    Square,
    Sine,
}

/// `expected: (…)`; says nothing more than that the bus survives when left out.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Expected", deny_unknown_fields)]
pub(in crate::scenario) struct ExpectedFile {
    #[serde(default)]
    pub trips: Vec<String>,
    #[serde(default)]
    pub violations: Vec<String>,
    pub target_reached: Option<bool>,
    #[serde(default = "yes")]
    pub survives: bool,
}

impl Default for ExpectedFile {
    fn default() -> Self {
        Self { trips: Vec::new(), violations: Vec::new(), target_reached: None, survives: true }
    }
}

fn yes() -> bool {
    true
}
