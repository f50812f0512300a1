//! The policy that a scenario starts from before its own values are laid over it.

use serde::Deserialize;

use crate::control::policy::{AbortAction, AddMode, BringUpPath, FeedbackHold, Policy, ShedMode, Staging};

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
    let mw = rated_kw / 1000.0;
    let recommended = Policy {
        set: "recommended".to_owned(),
        path: BringUpPath::Ramp,
        shed_mode: ShedMode::MatchConfirmed,
        target_kw: 0.0,
        batch_gpus: 10,
        interval_s: 1.0,
        add: AddMode::OffToFull,
        staging: Staging { checkpoint_s: 5.0, batch_gpus: 10, interval_s: 0.5 },
        gpus_per_s: 20.0,
        step_limit_kw: 10.0 * mw,
        step_acceptance: acceptance.to_vec(),
        bucket_share: 0.65,
        refill_kw_per_s,
        window_100ms_kw: 10.0 * mw,
        window_1s_kw: 20.0 * mw,
        window_10s_kw: 100.0 * mw,
        ramp_limit_kw_per_s: refill_kw_per_s,
        ceiling_pu: 0.95,
        min_headroom_kw: 0.0,
        shed_share: 1.0,
        shed_lead_s: 0.0,
        confirm_tolerance_kw: 1.0,
        confirm_timeout_s: 3.0,
        confirm_fallback_ramp: false,
        restore_kw_per_s: 0.0,
        hold: FeedbackHold { enabled: true, df_hz: 0.5, rocof_hz_per_s: 0.5, dv_pu: 0.10, load_pu: 0.95 },
        hold_points_kw: Vec::new(),
        abort: AbortAction::Keep,
        auto_shed: false,
        start_at_s: None,
    };
    match set {
        PolicySet::Recommended => recommended,
        PolicySet::Source => Policy {
            set: "source".to_owned(),
            shed_mode: ShedMode::Match,
            gpus_per_s: 10.0,
            step_limit_kw: 50.0 * mw,
            bucket_share: 1.0,
            window_100ms_kw: 50.0 * mw,
            window_1s_kw: 50.0 * mw,
            window_10s_kw: 200.0 * mw,
            ramp_limit_kw_per_s: 20.0 * mw,
            ceiling_pu: 1.0,
            hold: FeedbackHold { enabled: false, ..recommended.hold },
            ..recommended
        },
    }
}
