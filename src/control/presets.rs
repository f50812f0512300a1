//! Shipped policy sets. Data only. The step acceptance and the refill belong to the engine and come with its preset.
//!
//! Powers in kW, times in seconds. The step limit, GPU rate, confirm tolerance and checkpoint of `recommended` are this
//! program's own defaults; the rest is from the sources that each function names.

use super::policy::{AbortAction, AddMode, BringUpPath, FeedbackHold, NO_LIMIT, Policy, ShedMode, Staging};

impl Policy {
    /// The default set (limits at which the lean-burn presets keep a margin of two and more): 10 kW in 100 ms, 20 kW in 1 s, 100 kW in 10 s, batches of 10
    /// every second, feedback hold at 0.5 Hz, 0.5 Hz/s over 500 ms, 10 % V and 95 % load; ceiling 95 %. kW limits scale with
    /// the rating. The ramp limit is the refill: it is 0.4 r/T_tc of the engine, which is what a sustained ramp may ask.
    #[must_use]
    pub fn recommended(rating_kw: f64, acceptance: Vec<(f64, f64)>, refill_kw_per_s: f64) -> Self {
        let pu = rating_kw.max(1.0) / 1000.0;
        Self {
            set: "recommended".to_owned(),
            path: BringUpPath::Ramp,
            shed_mode: ShedMode::MatchConfirmed,
            target_kw: 500.0 * pu,
            batch_gpus: 10,
            interval_s: 1.0,
            add: AddMode::OffToFull,
            staging: Staging { checkpoint_s: 5.0, batch_gpus: 10, interval_s: 1.0 },
            gpus_per_s: 20.0,
            step_limit_kw: 10.0 * pu,
            step_acceptance: acceptance,
            bucket_share: 0.65,
            refill_kw_per_s,
            window_100ms_kw: 10.0 * pu,
            window_1s_kw: 20.0 * pu,
            window_10s_kw: 100.0 * pu,
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
            genset_plan: None,
        }
    }

    /// The operational model's own numbers (its 5.2, 6.2.3, 11.1): 10 GPUs a second, 50 kW in 1 s, 20 kW/s, batches of 10
    /// every second, staged caps 10 per 0.5 s; no 100 ms and 10 s windows, no feedback hold. It tells no ceiling but the
    /// rating, so the ceiling is 100 %.
    #[must_use]
    pub fn source(rating_kw: f64, acceptance: Vec<(f64, f64)>, refill_kw_per_s: f64) -> Self {
        let pu = rating_kw.max(1.0) / 1000.0;
        let base = Self::recommended(rating_kw, acceptance, refill_kw_per_s);
        Self {
            set: "source".to_owned(),
            shed_mode: ShedMode::Match,
            staging: Staging { checkpoint_s: 5.0, batch_gpus: 10, interval_s: 0.5 },
            gpus_per_s: 10.0,
            step_limit_kw: 50.0 * pu,
            window_100ms_kw: NO_LIMIT,
            window_1s_kw: 50.0 * pu,
            window_10s_kw: NO_LIMIT,
            ramp_limit_kw_per_s: 20.0 * pu,
            ceiling_pu: 1.0,
            hold: FeedbackHold { enabled: false, ..base.hold },
            ..base
        }
    }

    /// The policy of a plant that tells nobody its own: numbers that a chart can be drawn with, and no ramp limit.
    #[must_use]
    pub fn unknown() -> Self {
        Self {
            set: "not known".to_owned(),
            path: BringUpPath::Ramp,
            shed_mode: ShedMode::MatchConfirmed,
            target_kw: 0.0,
            batch_gpus: 1,
            interval_s: 1.0,
            add: AddMode::OffToFull,
            staging: Staging { checkpoint_s: 0.0, batch_gpus: 1, interval_s: 1.0 },
            gpus_per_s: 1.0,
            step_limit_kw: 1.0,
            step_acceptance: vec![(0.0, 1.0)],
            bucket_share: 1.0,
            refill_kw_per_s: 1.0,
            window_100ms_kw: 1.0,
            window_1s_kw: 1.0,
            window_10s_kw: 1.0,
            ramp_limit_kw_per_s: f64::NAN,
            ceiling_pu: 1.0,
            min_headroom_kw: 0.0,
            shed_share: 0.0,
            shed_lead_s: 0.0,
            confirm_tolerance_kw: 0.0,
            confirm_timeout_s: 0.0,
            confirm_fallback_ramp: false,
            restore_kw_per_s: 0.0,
            hold: FeedbackHold { enabled: false, df_hz: 0.0, rocof_hz_per_s: 0.0, dv_pu: 0.0, load_pu: 1.0 },
            hold_points_kw: Vec::new(),
            abort: AbortAction::Keep,
            auto_shed: false,
            start_at_s: None,
            genset_plan: None,
        }
    }
}
