//! A plan played in time against the step bucket.

use super::{Limits, Plan};
use crate::control::policy::BringUpPath;

/// A plan played against the step bucket.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// Seconds from the first batch.
    pub t_s: Vec<f64>,
    /// Genset load.
    pub gen_kw: Vec<f64>,
    /// GPU power.
    pub gpu_kw: Vec<f64>,
    /// Miner power.
    pub miner_kw: Vec<f64>,
    /// Level of the bucket; below 0 a batch would have been refused.
    pub level_kw: Vec<f64>,
    /// Capacity of the bucket at the load of the moment.
    pub capacity_kw: Vec<f64>,
    /// Lowest level and when.
    pub lowest: (f64, f64),
}

/// Plays the plan: `A(t+dt) = min(C(P), A + rho dt) - max(0, dP)`. At most `points` samples.
///
/// Batches step; miners follow after latency less lead in whole units with the residual carried; on path
/// B + restore they come back at the restore rate after the target.
#[must_use]
pub fn trace(plan: &Plan, limits: &Limits, points: usize) -> Trace {
    let points = points.clamp(2, 20_000);
    let ramp_end = plan.duration_s();
    let shed_all = (plan.target_kw * plan.share()).min(plan.miner_kw.max(0.0));
    let rate = limits.restore_rate();
    let restore = if plan.path == BringUpPath::ShedRestore && rate > 0.0 { shed_all / rate } else { 0.0 };
    let lag = plan.effective_lag_s();
    let first = (-lag).clamp(0.0, 60.0);
    let end = (first + ramp_end + lag.max(0.0) + restore) * 1.05 + 1.0;
    let dt = end / (points - 1) as f64;
    let gpu_at = |t: f64| {
        let n = if t < first || plan.interval_s <= 0.0 {
            0.0
        } else {
            ((t - first) / plan.interval_s + 1e-9).floor() + 1.0
        };
        (n * plan.step_kw()).min(plan.target_kw)
    };
    let restore_from = first + ramp_end + lag.max(0.0);
    let shed_at = |t: f64| {
        let want = (gpu_at(t - lag) * plan.share()).min(plan.miner_kw.max(0.0));
        let back = if restore > 0.0 { ((t - restore_from) * rate).max(0.0) } else { 0.0 };
        let unit = plan.miner_unit_kw;
        let want = (want - back).max(0.0);
        if unit > 0.0 { (want / unit + 1e-9).floor() * unit } else { want }
    };
    let mut out = Trace { lowest: (f64::INFINITY, 0.0), ..Trace::default() };
    let mut before = plan.start_kw;
    let mut level = limits.bucket_kw(before, plan.rated_kw);
    for i in 0..points {
        let t = i as f64 * dt;
        let (gpu, shed) = (gpu_at(t), shed_at(t));
        let load = plan.start_kw + gpu - shed;
        let cap = limits.bucket_kw(before, plan.rated_kw);
        let refill = if i == 0 { 0.0 } else { limits.refill_kw_per_s * dt };
        level = cap.min(level + refill) - (load - before).max(0.0);
        if level < out.lowest.0 {
            out.lowest = (level, t);
        }
        out.t_s.push(t);
        out.gen_kw.push(load);
        out.gpu_kw.push(gpu);
        out.miner_kw.push((plan.miner_kw - shed).max(0.0));
        out.level_kw.push(level);
        out.capacity_kw.push(limits.bucket_kw(load, plan.rated_kw));
        before = load;
    }
    out
}
