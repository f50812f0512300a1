//! Read-only sources of rows: a recording that is played, or a file that another program is still writing.
//!
//! A source has no way to act on a plant: nothing here takes a command. It speaks the twin's [`Update`], so that charts
//! and gauges cannot tell the difference; what it does not know (the schedule, limits, interlocks) is left neutral.

pub mod cgminer;
pub mod columns;
pub mod csv_tail;
pub mod map;
pub mod modbus;
pub mod mqtt;
pub mod prom;
pub mod quality;
pub mod sparkplug;
pub mod tags;
pub mod unit;

use std::sync::Arc;

use crate::control::policy::{AbortAction, AddMode, FeedbackHold, Staging};
use crate::control::{BringUpPath, Policy, RunState, ShedMode, Status};
use crate::engine::msg::{Plate, Speed, Update};
use crate::plant::signals::SignalTable;

pub use columns::{Columns, Trouble};
pub use csv_tail::{Feed, Info, State, Way};

/// Table and plate of the scenario that the console has loaded; lends a recording of the same plant its limits.
#[derive(Clone, Debug)]
pub struct Reference {
    /// Signal table.
    pub table: Arc<SignalTable>,
    /// Plate.
    pub plate: Arc<Plate>,
}

/// State of control where there is none to ask: idle, no limits, nothing to shed.
#[must_use]
pub fn neutral_status() -> Status {
    Status {
        state: RunState::Idle,
        hold_reason: None,
        limits: Vec::new(),
        binding: None,
        step_now_kw: [f64::NAN; 2],
        next_batch: None,
        gpus: [0; 2],
        eta_s: None,
        plan_end_kw: f64::NAN,
        interlocks: Vec::new(),
        can_shed_kw: f64::NAN,
        restore_eta_s: 0.0,
        policy: neutral_policy(),
    }
}

fn neutral_policy() -> Policy {
    Policy {
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
    }
}

/// An update without rows yet.
#[must_use]
pub fn empty_update(epoch: u32, table: Arc<SignalTable>, plate: Arc<Plate>) -> Update {
    let width = table.len();
    Update {
        epoch,
        block: crate::engine::msg::Block { width, ..Default::default() },
        latest: vec![f64::NAN; width],
        table,
        plate,
        t_s: 0.0,
        status: neutral_status(),
        view: crate::engine::msg::PlantView::default(),
        events: Vec::new(),
        acked: 0,
        running: true,
        speed: Speed::Times(1.0),
        achieved_speed: 1.0,
        coalesced: 0,
        stalled: false,
        state_hash: 0,
        forecast: None,
        desk: None,
        rewound_s: None,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_source_without_control_claims_nothing() {
        let s = super::neutral_status();
        assert!(s.limits.is_empty() && s.binding.is_none() && s.step_now_kw[0].is_nan());
    }
}
