//! Limits of a plan: what batch and interval bring each of them to, the largest legal batch, what binds.

use super::{INTERVAL_S, Plan, RAMP_WINDOW_S, batches_within};
use crate::control::policy::Policy;
use crate::control::status::LimitId;

/// A limit that a batch and an interval are held to on the map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// The limit that is meant.
    pub id: LimitId,
    /// What the plan brings.
    pub now: f64,
    /// The limit.
    pub limit: f64,
    /// Unit of both.
    pub unit: &'static str,
}

impl Pace {
    /// Use of the limit, 1 = at the limit.
    #[must_use]
    pub fn share(&self) -> f64 {
        if self.limit > 0.0 { self.now / self.limit } else { f64::INFINITY }
    }
}

/// The limits that batch and interval decide, with what the plan brings.
pub const MAP_LIMITS: [LimitId; 7] = [
    LimitId::GpusPerS,
    LimitId::Step,
    LimitId::StepNow,
    LimitId::Window100ms,
    LimitId::Window1s,
    LimitId::Window10s,
    LimitId::Ramp,
];

/// Batches that a window of power holds when the next one is asked for: the next one whole, and of each before it what of
/// its rise the window still sees. A batch that began to rise just a window ago is still in it.
fn batches_counted(window_s: f64, interval_s: f64, rise_s: f64) -> f64 {
    if rise_s <= 0.0 {
        return batches_within(window_s, interval_s);
    }
    let seen = |age_s: f64| 1.0 - ((age_s - window_s) / rise_s).clamp(0.0, 1.0);
    let before = ((window_s + rise_s) / interval_s).floor().clamp(0.0, 1e6) as u32;
    1.0 + (1..=before).map(|k| seen(f64::from(k) * interval_s)).sum::<f64>()
}

/// What `id` measures as `slope x batch + offset`. On Path B only the batches whose miners are still in flight count,
/// plus one miner quantum.
fn measure(id: LimitId, plan: &Plan) -> (f64, f64) {
    let (tau, s) = (plan.interval_s.max(1e-6), plan.share());
    let kw = |n: f64| plan.gpu_kw * ((1.0 - s) * n + s * n.min(plan.outstanding_batches()));
    let quantum = if s > 0.0 { plan.miner_unit_kw } else { 0.0 };
    match id {
        LimitId::GpusPerS => (batches_within(1.0, tau), 0.0),
        LimitId::Window100ms => (kw(batches_counted(0.1, tau, plan.rise_s)), quantum),
        LimitId::Window1s => (kw(batches_counted(1.0, tau, plan.rise_s)), quantum),
        LimitId::Window10s => (kw(batches_counted(10.0, tau, plan.rise_s)), quantum),
        LimitId::Ramp => (kw(RAMP_WINDOW_S / tau.min(RAMP_WINDOW_S)) / RAMP_WINDOW_S, quantum / RAMP_WINDOW_S),
        _ => (kw(1.0), quantum),
    }
}

/// The bound of `id`, and its unit.
fn bound(id: LimitId, plan: &Plan, limits: &Policy) -> (f64, &'static str) {
    match id {
        LimitId::GpusPerS => (limits.gpus_per_s, "1/s"),
        LimitId::StepNow => (bucket_bound_kw(plan, limits), "kW"),
        LimitId::Window100ms => (limits.window_100ms_kw, "kW"),
        LimitId::Window1s => (limits.window_1s_kw, "kW"),
        LimitId::Window10s => (limits.window_10s_kw, "kW"),
        LimitId::Ramp => (limits.ramp_limit_kw_per_s, "kW/s"),
        _ => (step_bound_kw(plan, limits), "kW"),
    }
}

/// Largest single step: the step limit, and the acceptance curve at the less willing end of the plan.
#[must_use]
pub fn step_bound_kw(plan: &Plan, limits: &Policy) -> f64 {
    if plan.rated_kw <= 0.0 {
        return limits.step_limit_kw;
    }
    let accepts = |load_kw: f64| limits.acceptance_pu(load_kw / plan.rated_kw) * plan.rated_kw;
    limits.step_limit_kw.min(accepts(plan.start_kw)).min(accepts(plan.end_kw()))
}

/// Largest step that the bucket stands for the whole plan. `n` steps of `x` drain `C - n x + (n-1) rho tau`; with
/// `n x = P` that stays above 0 while `x <= P / (1 + (P - C)/(rho tau))`, and no step may pass `C`. `C` is the smaller
/// capacity of the plan's two ends, so the bound is on the safe side.
#[must_use]
pub fn bucket_bound_kw(plan: &Plan, limits: &Policy) -> f64 {
    let cap = limits.bucket_kw(plan.start_kw, plan.rated_kw).min(limits.bucket_kw(plan.end_kw(), plan.rated_kw));
    let net = plan.target_kw - (plan.target_kw * plan.share()).min(plan.miner_kw.max(0.0));
    let refill = limits.refill_kw_per_s * plan.interval_s;
    if net <= cap {
        cap
    } else if refill <= 0.0 {
        0.0
    } else {
        cap.min(net / (1.0 + (net - cap) / refill))
    }
}

/// Largest batch that one limit allows at an interval, as a real number of GPUs.
#[must_use]
pub fn max_batch(id: LimitId, plan: &Plan, limits: &Policy, interval_s: f64) -> f64 {
    let plan = Plan { interval_s, ..*plan };
    let (slope, offset) = measure(id, &plan);
    if slope > 0.0 { ((bound(id, &plan, limits).0 - offset) / slope).max(0.0) } else { f64::INFINITY }
}

/// Largest batch that all of them allow at an interval, at most the fleet.
#[must_use]
pub fn legal_batch(plan: &Plan, limits: &Policy, interval_s: f64) -> f64 {
    MAP_LIMITS.iter().map(|&id| max_batch(id, plan, limits, interval_s)).fold(plan.fleet_gpus, f64::min)
}

/// Every limit of the map with what the plan brings.
#[must_use]
pub fn paces(plan: &Plan, limits: &Policy) -> Vec<Pace> {
    MAP_LIMITS
        .iter()
        .map(|&id| {
            let (limit, unit) = bound(id, plan, limits);
            let (slope, offset) = measure(id, plan);
            Pace { id, now: slope * plan.batch_gpus + offset, limit, unit }
        })
        .collect()
}

/// Every limit: those of the map, the ceiling and the reserve at the end of the plan.
#[must_use]
pub fn all_limits(plan: &Plan, limits: &Policy) -> Vec<Pace> {
    let mut all = paces(plan, limits);
    let end = plan.end_kw();
    if plan.rated_kw > 0.0 {
        all.push(Pace { id: LimitId::Ceiling, now: end, limit: limits.ceiling_pu * plan.rated_kw, unit: "kW" });
        all.push(Pace { id: LimitId::Headroom, now: plan.rated_kw - end, limit: limits.min_headroom_kw, unit: "kW" });
    }
    all
}

/// Whether a limit is met. The reserve is a floor, everything else a ceiling.
#[must_use]
pub fn met(p: &Pace) -> bool {
    if p.id == LimitId::Headroom { p.now >= p.limit - 1e-9 } else { p.now <= p.limit + 1e-9 }
}

/// The limit with the largest use.
#[must_use]
pub fn binding(paces: &[Pace]) -> Option<Pace> {
    paces.iter().copied().max_by(|a, b| a.share().total_cmp(&b.share()))
}

/// Batch on the line of equal time to the target: `T = P / (b k) tau`, so `b = P tau / (k T)`.
#[must_use]
pub fn batch_for_time(plan: &Plan, interval_s: f64, time_s: f64) -> f64 {
    if plan.gpu_kw > 0.0 && time_s > 0.0 { plan.target_kw * interval_s / (plan.gpu_kw * time_s) } else { 0.0 }
}

/// `n` intervals from shortest to longest, evenly on a log scale.
pub fn intervals(n: usize) -> impl Iterator<Item = f64> {
    let last = n.saturating_sub(1).max(1) as f64;
    (0..n).map(move |i| log_lerp(INTERVAL_S, i as f64 / last))
}

/// Position `u` (0 to 1) on a log scale.
#[must_use]
pub fn log_lerp(range: [f64; 2], u: f64) -> f64 {
    libm::exp(libm::log(range[0]) + (libm::log(range[1]) - libm::log(range[0])) * u)
}

/// Where `v` sits on a log scale, 0 to 1 inside the range.
#[must_use]
pub fn log_pos(range: [f64; 2], v: f64) -> f64 {
    let (lo, hi) = (libm::log(range[0]), libm::log(range[1]));
    if hi > lo { (libm::log(v.max(1e-12)) - lo) / (hi - lo) } else { 0.0 }
}

/// Largest batch allowed at each of `n` intervals: right edge of the legal region, (GPUs, s).
#[must_use]
pub fn legal_edge(plan: &Plan, limits: &Policy, n: usize) -> Vec<(f64, f64)> {
    intervals(n).map(|s| (legal_batch(plan, limits, s), s)).collect()
}

/// One of the bounds that the operating texts give side by side although they differ.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceLimit {
    /// As it is written.
    pub text: &'static str,
    /// The pace it allows, kW/s.
    pub pace_kw_per_s: f64,
    /// Largest batch it allows at an interval of 1 s.
    pub gpus_per_s: f64,
}

/// The four paces that the operating texts name for the same bring-up, at `gpu_kw` a GPU. The slowest binds.
#[must_use]
pub fn source_limits(gpu_kw: f64) -> [SourceLimit; 4] {
    let of = |text, pace: f64| SourceLimit {
        text,
        pace_kw_per_s: pace,
        gpus_per_s: if gpu_kw > 0.0 { pace / gpu_kw } else { 0.0 },
    };
    [
        of("10 GPUs per s", 10.0 * gpu_kw),
        of("10 GPUs per 0.5 s", 20.0 * gpu_kw),
        of("20 kW/s ramp", 20.0),
        of("50 kW in 1 s", 50.0),
    ]
}
