//! A small plant for the tests of the views.

use crate::control::{BringUpPath, LimitId, LimitUse, Policy, RunState, ShedMode, Status};

/// The shipped default policy, in numbers.
pub(crate) fn policy() -> Policy {
    use crate::control::policy::{AbortAction, AddMode, FeedbackHold, Staging};
    Policy {
        set: "source".into(),
        path: BringUpPath::Ramp,
        shed_mode: ShedMode::MatchConfirmed,
        target_kw: 500.0,
        batch_gpus: 10,
        interval_s: 1.0,
        add: AddMode::OffToFull,
        staging: Staging { checkpoint_s: 5.0, batch_gpus: 10, interval_s: 1.0 },
        gpus_per_s: 10.0,
        step_limit_kw: 90.0,
        step_acceptance: vec![(0.0, 0.20), (0.25, 0.16), (0.5, 0.14), (0.75, 0.14), (0.9, 0.10)],
        bucket_share: 0.65,
        refill_kw_per_s: 16.0,
        window_100ms_kw: 1.0e9,
        window_1s_kw: 50.0,
        window_10s_kw: 1.0e9,
        ramp_limit_kw_per_s: 20.0,
        ceiling_pu: 1.0,
        min_headroom_kw: 0.0,
        shed_share: 1.0,
        shed_lead_s: 0.0,
        confirm_tolerance_kw: 1.0,
        confirm_timeout_s: 3.0,
        confirm_fallback_ramp: false,
        restore_kw_per_s: 0.0,
        hold: FeedbackHold { enabled: false, df_hz: 0.5, rocof_hz_per_s: 0.5, dv_pu: 0.1, load_pu: 0.95 },
        hold_points_kw: vec![],
        abort: AbortAction::Keep,
        auto_shed: false,
        start_at_s: None,
    }
}

/// A status in a state.
pub(crate) fn status(state: RunState) -> Status {
    let u = |id, now, limit, unit| LimitUse { id, now, limit, unit, blocks: false };
    Status {
        state,
        hold_reason: (state == RunState::Hold).then(|| "operator".to_owned()),
        limits: vec![
            u(LimitId::GpusPerS, 10.0, 10.0, "GPU/s"),
            u(LimitId::Step, 7.0, 90.0, "kW"),
            u(LimitId::Window1s, 7.0, 50.0, "kW"),
            u(LimitId::Ramp, 7.0, 20.0, "kW/s"),
        ],
        binding: Some(LimitId::GpusPerS),
        step_now_kw: [87.0, 90.0],
        next_batch: Some((10, 0.8)),
        gpus: [435, 714],
        eta_s: Some(28.0),
        plan_end_kw: 1000.0,
        interlocks: vec![],
        can_shed_kw: 498.3,
        restore_eta_s: 0.0,
        policy: policy(),
    }
}
