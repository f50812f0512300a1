//! The policy that a scenario starts from before its own values are laid over it.

use serde::Deserialize;

use crate::control::Policy;

/// A shipped set of limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicySet {
    /// 10 kW in 100 ms, 20 kW in 1 s, 100 kW in 10 s, 10 GPUs a second, feedback hold.
    #[default]
    Recommended,
    /// As the operational model says: 10 GPUs/s, 50 kW in 1 s, 20 kW/s, no feedback hold.
    Source,
}

/// The set's policy for sets of `rated_kw` together, with the engine's acceptance curve (pu of rating) and the refill of
/// STEP NOW. Its target is 0 kW; the scenario sets that.
#[must_use]
pub fn base_policy(set: PolicySet, rated_kw: f64, acceptance: &[(f64, f64)], refill_kw_per_s: f64) -> Policy {
    let make = match set {
        PolicySet::Recommended => Policy::recommended,
        PolicySet::Source => Policy::source,
    };
    Policy { target_kw: 0.0, ..make(rated_kw, acceptance.to_vec(), refill_kw_per_s) }
}
