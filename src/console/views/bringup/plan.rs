//! Page *Plan*: target, batch, interval, step and ramp limit, shed share.

use super::{Panel, Row, eta};
use crate::acts::Setpoint;
use crate::console::views::controls::Scale;
use crate::console::views::ink::{kw, num, short};
use crate::control::plan_math::{Limits, batches_within, max_batch};
use crate::control::{BringUpPath, LimitId};

pub(super) fn rows(panel: &mut Panel<'_>) {
    let plan = panel.plan();
    let policy = panel.status().policy.clone();
    let limits = Limits::of(&policy);
    let plate = std::sync::Arc::clone(&panel.model.plate);
    let fleet_kw = f64::from(plate.gpus) * plate.gpu_kw;
    let gpus = |kw: f64| if plate.gpu_kw > 0.0 { num((kw / plate.gpu_kw + 1e-9).floor(), 0) } else { "–".into() };
    let left = eta(panel.status());
    panel.row(
        0,
        &Row {
            set: Setpoint::TargetKw,
            scale: Scale { range: [0.0, fleet_kw.max(1.0).ceil()], log: false, step: 1.0, decimals: 0 },
            factor: 1.0,
            unit: "kW",
            derived: left
                .map_or(format!("{} GPU", gpus(plan.target_kw)), |l| format!("{} GPU, {l}", gpus(plan.target_kw))),
            limit: policy.hold_points_kw.first().copied(),
            why_not: (plate.gpus == 0).then(|| "no GPU fleet in this plant".to_owned()),
        },
    );
    let most = max_batch(LimitId::Step, &plan, &limits, plan.interval_s);
    panel.row(
        1,
        &Row {
            set: Setpoint::BatchGpus,
            scale: Scale { range: [1.0, f64::from(plate.gpus.max(2))], log: true, step: 1.0, decimals: 0 },
            factor: 1.0,
            unit: "GPU",
            derived: format!("{} kW", kw(plan.step_kw())),
            limit: Some(most),
            why_not: None,
        },
    );
    let each_s = plan.batch_gpus * batches_within(1.0, plan.interval_s);
    let pace = if each_s > limits.gpus_per_s + 1e-9 {
        format!("{} > {} GPU/s", num(each_s, 0), num(limits.gpus_per_s, 0))
    } else {
        format!("{} kW/s", kw(plan.pace_kw_per_s()))
    };
    panel.row(
        2,
        &Row {
            set: Setpoint::IntervalS,
            scale: Scale { range: [0.1, 60.0], log: true, step: 0.1, decimals: 1 },
            factor: 1.0,
            unit: "s",
            derived: pace,
            limit: (limits.gpus_per_s > 0.0).then(|| plan.batch_gpus / limits.gpus_per_s),
            why_not: None,
        },
    );
    let rated = plate.rated_kw.max(1.0);
    let share = panel.shown(Setpoint::StepLimitKw) / rated * 100.0;
    panel.row(
        3,
        &Row {
            set: Setpoint::StepLimitKw,
            scale: Scale { range: [1.0, (rated * 0.16).max(2.0)], log: false, step: 1.0, decimals: 0 },
            factor: 1.0,
            unit: "kW",
            derived: format!("{} % of rating", short_share(share)),
            limit: Some(limits.acceptance_pu(plan.start_kw / rated) * rated),
            why_not: None,
        },
    );
    panel.row(
        4,
        &Row {
            set: Setpoint::RampLimitKwPerS,
            scale: Scale { range: [0.5, (rated * 0.05).max(1.0)], log: false, step: 0.5, decimals: 1 },
            factor: 1.0,
            unit: "kW/s",
            derived: format!("{} in use", short(in_use(panel))),
            limit: Some(limits.refill_kw_per_s),
            why_not: None,
        },
    );
    let on_a = panel.path() == BringUpPath::Ramp;
    panel.row(
        5,
        &Row {
            set: Setpoint::ShedShare,
            scale: Scale { range: [0.0, 100.0], log: false, step: 5.0, decimals: 0 },
            factor: 100.0,
            unit: "%",
            derived: if on_a { "path B only".into() } else { format!("steps of {} kW", short(plate.miner_kw)) },
            limit: None,
            why_not: on_a.then(|| "shed share is read on the two B paths only".to_owned()),
        },
    );
}

fn short_share(pct: f64) -> String {
    num(pct, usize::from(pct < 9.95 && (pct - pct.round()).abs() > 0.05))
}

/// Sustained ramp as control counts it, else as measured.
fn in_use(panel: &Panel<'_>) -> f64 {
    let counted = panel.status().limits.iter().find(|u| u.id == LimitId::Ramp).map(|u| u.now);
    counted.unwrap_or_else(|| panel.site(crate::plant::signals::site::RAMP_5S_KW_PER_S))
}
