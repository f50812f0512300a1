//! What an operator or a scenario sets: the bring-up plan and its limits. Data only.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::track::GensetPlan;

/// Value of a limit that is not there; a limit of this or more binds nothing.
pub const NO_LIMIT: f64 = 1.0e9;

/// Who takes up the power of the new GPUs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BringUpPath {
    /// Path A: the genset ramps.
    Ramp,
    /// Path B: miners are shed kW for kW.
    Shed,
    /// Path B, then miners come back on the genset's ramp.
    ShedRestore,
}

/// How miners give up power.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShedMode {
    /// GPUs and miners are commanded at the same instant, as the operational model says; shows what lag does.
    Match,
    /// Miners first; GPUs when the miner feeder's filtered power has fallen by the commanded amount.
    MatchConfirmed,
    /// Miners follow a plan of genset power with the load as it is measured, on every path and whatever the schedule does.
    Optimal,
}

/// What a batch does to a GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddMode {
    /// Off to full at once.
    OffToFull,
    /// Off to preload; then a checkpoint, then staged caps to full.
    Staged,
}

/// What ABORT does after it has stopped the adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AbortAction {
    /// Keep what is up.
    Keep,
    /// Ramp down under the same limits.
    RampDown,
}

/// Hold the schedule while the plant is outside these bounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedbackHold {
    /// Off means that nothing measured holds the schedule.
    pub enabled: bool,
    /// |f - f0| in Hz.
    pub df_hz: f64,
    /// |ROCOF| over 500 ms in Hz/s.
    pub rocof_hz_per_s: f64,
    /// |V - 1| in pu.
    pub dv_pu: f64,
    /// Genset load in pu of the rating on the bus.
    pub load_pu: f64,
}

/// The staged phase change of `AddMode::Staged`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Staging {
    /// Seconds between the end of preload and the first raised cap.
    pub checkpoint_s: f64,
    /// GPUs whose cap rises together.
    pub batch_gpus: u32,
    /// Seconds between two such groups.
    pub interval_s: f64,
}

/// The bring-up plan and its limits. All powers in kW at the bus, times in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Name of the set that the numbers came from: `recommended`, `source` or a site's own.
    pub set: String,
    /// Path A, B or B+restore.
    pub path: BringUpPath,
    /// Match or match_confirmed, read on the two B paths only; or optimal, which needs a plan.
    pub shed_mode: ShedMode,
    /// GPU power to reach.
    pub target_kw: f64,
    /// GPUs a batch.
    pub batch_gpus: u32,
    /// Seconds between batches.
    pub interval_s: f64,
    /// Off to full, or staged.
    pub add: AddMode,
    /// Staged caps.
    pub staging: Staging,
    /// GPUs that may change state within any second.
    pub gpus_per_s: f64,
    /// Largest net step of one batch, kW, on top of the acceptance curve.
    pub step_limit_kw: f64,
    /// Step acceptance: (load, step), both pu of rating, load rising; linear between, flat outside.
    pub step_acceptance: Vec<(f64, f64)>,
    /// STEP NOW bucket: capacity as a share of the acceptance at the present load.
    pub bucket_share: f64,
    /// STEP NOW bucket: refill.
    pub refill_kw_per_s: f64,
    /// Largest change within 100 ms.
    pub window_100ms_kw: f64,
    /// Largest change within 1 s.
    pub window_1s_kw: f64,
    /// Largest change within 10 s.
    pub window_10s_kw: f64,
    /// Largest sustained ramp (5 s mean).
    pub ramp_limit_kw_per_s: f64,
    /// Ceiling on the predicted genset load after a batch, pu of the rating on the bus.
    pub ceiling_pu: f64,
    /// Spinning reserve to keep, kW.
    pub min_headroom_kw: f64,
    /// Share of each batch that miners give up, 0 to 1 (Path B: 1).
    pub shed_share: f64,
    /// Miners this many seconds before the GPUs (negative: after). Read in mode `match`.
    pub shed_lead_s: f64,
    /// `match_confirmed`: how far from the commanded fall counts as confirmed, kW.
    pub confirm_tolerance_kw: f64,
    /// `match_confirmed`: seconds until a missing confirmation becomes a HOLD.
    pub confirm_timeout_s: f64,
    /// `match_confirmed`: on time-out go on as Path A instead of holding.
    pub confirm_fallback_ramp: bool,
    /// B+restore: kW/s at which miners come back; 0 means the ramp limit.
    pub restore_kw_per_s: f64,
    /// Measured bounds that hold the schedule.
    pub hold: FeedbackHold,
    /// GPU kW at which the schedule holds by itself.
    pub hold_points_kw: Vec<f64>,
    /// What ABORT does next.
    pub abort: AbortAction,
    /// Shed miners by itself when a measured step or ramp limit is passed by half.
    pub auto_shed: bool,
    /// Start the schedule at this time by itself; `None` waits for the operator.
    pub start_at_s: Option<f64>,
    /// The plan that miners follow with the shed policy *optimal*.
    #[serde(default, with = "shared")]
    pub genset_plan: Option<Arc<GensetPlan>>,
}

/// A plan is shared between copies of a policy, and written whole.
mod shared {
    use std::sync::Arc;

    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use crate::control::track::GensetPlan;

    #[allow(clippy::ref_option, reason = "serde passes the field")]
    pub(super) fn serialize<S: Serializer>(plan: &Option<Arc<GensetPlan>>, to: S) -> Result<S::Ok, S::Error> {
        plan.as_deref().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Arc<GensetPlan>>, D::Error> {
        Option::<GensetPlan>::deserialize(from).map(|plan| plan.map(Arc::new))
    }
}

impl Policy {
    /// The plan that miners follow now.
    #[must_use]
    pub fn followed(&self) -> Option<&Arc<GensetPlan>> {
        self.genset_plan.as_ref().filter(|_| self.shed_mode == ShedMode::Optimal)
    }

    /// Whether miners follow a plan.
    #[must_use]
    pub fn follows_plan(&self) -> bool {
        self.followed().is_some()
    }
}
