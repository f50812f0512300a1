//! Page *Plan*: target, batch, interval, step and ramp limit, shed share.

use egui::Ui;

use super::{Panel, Row, eta};
use crate::acts::Setpoint;
use crate::console::fmt::{kw, num, short};
use crate::control::plan_math::{batches_within, max_batch};
use crate::control::{BringUpPath, LimitId};

pub(super) fn rows(panel: &mut Panel<'_>, ui: &mut Ui) {
    let plan = panel.plan();
    let (plate, limits) = (&panel.model.plate, &panel.model.status.policy);
    let fleet_kw = f64::from(plate.gpus) * plate.gpu_kw;
    let rated = plate.rated_kw.max(1.0);
    let on_a = panel.path() == BringUpPath::Ramp;

    let gpus =
        if plate.gpu_kw > 0.0 { num((plan.target_kw / plate.gpu_kw + 1e-9).floor(), 0) } else { "–".to_owned() };
    let left = eta(panel.status()).map_or_else(String::new, |left| format!(", {left}"));
    let target = Row::new(Setpoint::TargetKw, [0.0, fleet_kw.max(1.0).ceil()], 1.0, 0, "kW")
        .derived(format!("{gpus} GPU{left}"))
        .limit(limits.hold_points_kw.first().copied())
        .why_not((plate.gpus == 0).then(|| "no GPU fleet in this plant".to_owned()));

    let batch = Row::new(Setpoint::BatchGpus, [1.0, f64::from(plate.gpus.max(2))], 1.0, 0, "GPU")
        .log()
        .derived(format!("{} kW", kw(plan.step_kw())))
        .limit(max_batch(LimitId::Step, &plan, limits, plan.interval_s));

    let each_s = plan.batch_gpus * batches_within(1.0, plan.interval_s);
    let pace = if each_s > limits.gpus_per_s + 1e-9 {
        format!("{} > {} GPU/s", num(each_s, 0), num(limits.gpus_per_s, 0))
    } else {
        format!("{} kW/s", kw(plan.pace_kw_per_s()))
    };
    let interval = Row::new(Setpoint::IntervalS, [0.1, 60.0], 0.1, 1, "s")
        .log()
        .derived(pace)
        .limit((limits.gpus_per_s > 0.0).then(|| plan.batch_gpus / limits.gpus_per_s));

    let share = panel.shown(Setpoint::StepLimitKw) / rated * 100.0;
    let step = Row::new(Setpoint::StepLimitKw, [1.0, (rated * 0.16).max(2.0)], 1.0, 0, "kW")
        .derived(format!("{} % of rating", short_share(share)))
        .limit(limits.acceptance_pu(plan.start_kw / rated) * rated);

    let ramp = Row::new(Setpoint::RampLimitKwPerS, [0.5, (rated * 0.05).max(1.0)], 0.5, 1, "kW/s")
        .derived(format!("{} in use", short(in_use(panel))))
        .limit(limits.refill_kw_per_s);

    let shed = Row::new(Setpoint::ShedShare, [0.0, 100.0], 5.0, 0, "%")
        .per_cent()
        .derived(if on_a { "path B only".to_owned() } else { format!("steps of {} kW", short(plate.miner_kw)) })
        .why_not(on_a.then(|| "shed share is read on the two B paths only".to_owned()));

    for row in [target, batch, interval, step, ramp, shed] {
        panel.row(ui, &row);
    }
}

fn short_share(pct: f64) -> String {
    num(pct, usize::from(pct < 9.95 && (pct - pct.round()).abs() > 0.05))
}

/// Sustained ramp as control counts it, else as measured.
fn in_use(panel: &Panel<'_>) -> f64 {
    let counted = panel.status().limits.iter().find(|u| u.id == LimitId::Ramp).map(|u| u.now);
    counted.unwrap_or_else(|| panel.site(crate::plant::signals::site::RAMP_5S_KW_PER_S))
}
