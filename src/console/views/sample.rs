//! A small plant for the tests of the views.

use crate::control::{LimitId, LimitUse, Policy, RunState, ShedMode, Staging, Status};

/// The shipped `source` set with a wide step limit and confirmed shedding.
pub(crate) fn policy() -> Policy {
    let acceptance = vec![(0.0, 0.20), (0.25, 0.16), (0.5, 0.14), (0.75, 0.14), (0.9, 0.10)];
    let set = Policy::source(1000.0, acceptance, 16.0);
    let staging = Staging { interval_s: 1.0, ..set.staging };
    Policy { shed_mode: ShedMode::MatchConfirmed, step_limit_kw: 90.0, staging, ..set }
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
        can_shed_kw: 498.3,
        shed_kw: 0.0,
        policy: policy(),
        ..Status::default()
    }
}
