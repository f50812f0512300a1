//! Advice on a bring-up: the fastest plan that keeps a margin on every limit, what binds it, and what relaxing a limit would bring.
//!
//! Limits of the policy are closed forms ([`plan_math`](crate::control::plan_math)): the fastest plan under all of them is searched
//! on a fine row of intervals, at once. Whether the engine agrees is then a matter of runs: the caller runs the plan, and while it
//! trips or comes closer to a relay than the margin, the pace is taken back by a tenth. Times in s, powers in kW.

use crate::control::plan_math::{MAP_LIMITS, Pace, Plan, binding, intervals, legal_batch, paces};
use crate::control::policy::NO_LIMIT;
use crate::control::{LimitId, Policy};

/// Share of each limit that advice uses: a margin of 20 %.
pub const KEEP: f64 = 0.8;
/// What a limit is relaxed by, to see what it would bring.
pub const RELAX: f64 = 1.1;
/// Intervals that are tried.
const INTERVALS: usize = 400;
/// Steps in which intervals are given, s.
const STEP_S: f64 = 0.1;
/// Pace that is left when the engine disagrees.
const BACK: f64 = 0.9;
/// Most times that it is taken back.
const MOST: u32 = 24;

/// A batch and an interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fastest {
    /// GPUs.
    pub batch_gpus: f64,
    /// s.
    pub interval_s: f64,
    /// Time to target, s.
    pub time_s: f64,
}

/// What the engine makes of a plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seen {
    /// Largest deviation of frequency, per cent of nominal.
    pub deviation_pct: f64,
    /// Time to target, s; none if it is not reached.
    pub time_s: Option<f64>,
    /// Whether a set tripped.
    pub tripped: bool,
}

/// Advice.
#[derive(Clone, Debug, PartialEq)]
pub struct Advice {
    /// The plan.
    pub plan: Fastest,
    /// What the engine makes of it.
    pub seen: Seen,
    /// The limit that it uses most, of its share; none where the engine itself binds.
    pub binds: Option<Pace>,
    /// Limit by limit that shortens the plan when it is relaxed by a tenth: how long it takes then.
    pub relaxed: Vec<(LimitId, f64)>,
    /// Times that the pace was taken back for the engine.
    pub backs: u32,
}

/// A limit of a policy as a number that can be scaled; none for those that are curves.
fn scaled(policy: &Policy, id: LimitId, by: f64) -> Policy {
    let mut p = policy.clone();
    let one = |v: &mut f64| {
        if *v < NO_LIMIT {
            *v *= by;
        }
    };
    match id {
        LimitId::GpusPerS => one(&mut p.gpus_per_s),
        LimitId::Step => one(&mut p.step_limit_kw),
        LimitId::StepNow => {
            one(&mut p.refill_kw_per_s);
            p.bucket_share *= by;
        }
        LimitId::Window100ms => one(&mut p.window_100ms_kw),
        LimitId::Window1s => one(&mut p.window_1s_kw),
        LimitId::Window10s => one(&mut p.window_10s_kw),
        LimitId::Ramp => one(&mut p.ramp_limit_kw_per_s),
        _ => {}
    }
    p
}

/// All limits of the map scaled alike.
fn all_scaled(policy: &Policy, by: f64) -> Policy {
    MAP_LIMITS.iter().fold(policy.clone(), |p, id| scaled(&p, *id, by))
}

/// The fastest plan that some limits allow; none where not even one GPU a batch is allowed at any interval.
#[must_use]
pub fn fastest(plan: &Plan, limits: &Policy) -> Option<Fastest> {
    let mut best: Option<Fastest> = None;
    let mut before = -1.0;
    for s in intervals(INTERVALS) {
        let interval_s = ((s / STEP_S).round() * STEP_S * 1e6).round() / 1e6;
        if interval_s <= before {
            continue;
        }
        before = interval_s;
        let batch_gpus = (legal_batch(plan, limits, interval_s) + 1e-9).floor();
        if batch_gpus < 1.0 {
            continue;
        }
        let time_s = Plan { batch_gpus, interval_s, ..*plan }.time_to_target_s();
        // of equal times the smaller batches
        if best.is_none_or(|b| time_s < b.time_s - 1e-6) {
            best = Some(Fastest { batch_gpus, interval_s, time_s });
        }
    }
    best
}

/// Slower by a tenth: fewer GPUs, or where it is one already, a longer interval.
fn slower(plan: &Plan, f: Fastest) -> Fastest {
    let fewer = (f.batch_gpus * BACK).floor();
    let (batch_gpus, interval_s) =
        if fewer >= 1.0 && fewer < f.batch_gpus { (fewer, f.interval_s) } else { (f.batch_gpus, f.interval_s / BACK) };
    Fastest { batch_gpus, interval_s, time_s: Plan { batch_gpus, interval_s, ..*plan }.time_to_target_s() }
}

/// Advice for a plan on its plant. `allowed_pct` is the deviation at which the nearest relay acts; `run` runs a batch and an
/// interval and may be none when advice is no longer wanted.
///
/// # Errors
/// In one line, where no plan keeps the margin.
pub fn advise(
    plan: &Plan,
    limits: &Policy,
    allowed_pct: f64,
    run: &mut dyn FnMut(Fastest) -> Option<Seen>,
) -> Result<Option<Advice>, String> {
    let kept = all_scaled(limits, KEEP);
    let Some(mut found) = fastest(plan, &kept) else {
        return Err("not even one GPU a batch keeps 20 % of every limit".to_owned());
    };
    let sound = |s: &Seen| !s.tripped && s.deviation_pct <= KEEP * allowed_pct;
    let mut backs = 0;
    let seen = loop {
        let Some(seen) = run(found) else { return Ok(None) };
        if sound(&seen) {
            break seen;
        }
        backs += 1;
        if backs > MOST {
            return Err("no plan keeps 20 % to the nearest relay on this engine".to_owned());
        }
        found = slower(plan, found);
    };
    let chosen = Plan { batch_gpus: found.batch_gpus, interval_s: found.interval_s, ..*plan };
    let binds = binding(&paces(&chosen, limits)).filter(|_| backs == 0);
    let relaxed = MAP_LIMITS.iter().filter(|_| backs == 0).filter_map(|id| {
        let f = fastest(plan, &scaled(&kept, *id, RELAX))?;
        (f.time_s < found.time_s - 0.05).then_some((*id, f.time_s))
    });
    Ok(Some(Advice { plan: found, seen, binds, relaxed: relaxed.collect(), backs }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::plan_math::met;

    fn recommended() -> (Plan, Policy) {
        let s = crate::scenario::builtin_scenario("path-a").unwrap().unwrap();
        (Plan { rise_s: 0.3, ..Plan::of(&s.policy, 0.7, 714.0, 1000.0, 500.0) }, s.policy)
    }

    #[expect(clippy::unnecessary_wraps, reason = "it stands in for a run of the twin, which may give nothing")]
    fn calm(f: Fastest) -> Option<Seen> {
        Some(Seen { deviation_pct: 0.2, time_s: Some(f.time_s), tripped: false })
    }

    #[test]
    fn the_fastest_plan_keeps_its_margin_and_no_other_on_the_grid_is_faster() {
        let (plan, policy) = recommended();
        let a = advise(&plan, &policy, 5.0, &mut calm).unwrap().unwrap();
        let chosen = Plan { batch_gpus: a.plan.batch_gpus, interval_s: a.plan.interval_s, ..plan };
        assert!(paces(&chosen, &policy).iter().all(|p| met(p) && p.share() <= KEEP + 1e-6 || p.limit >= NO_LIMIT));
        let kept = all_scaled(&policy, KEEP);
        for tenths in 1..=300 {
            let interval_s = f64::from(tenths) / 10.0;
            let batch_gpus = legal_batch(&plan, &kept, interval_s).floor();
            if batch_gpus >= 1.0 {
                let other = Plan { batch_gpus, interval_s, ..plan }.time_to_target_s();
                assert!(other >= a.plan.time_s - 0.02 * a.plan.time_s, "{batch_gpus} every {interval_s}: {other}");
            }
        }
        assert!(a.binds.is_some_and(|b| b.share() > 0.6), "{a:?}");
    }

    #[test]
    fn relaxing_what_binds_makes_it_faster_and_relaxing_the_rest_brings_nothing() {
        let (plan, mut policy) = recommended();
        // nothing but the ramp
        for id in MAP_LIMITS.iter().filter(|id| **id != LimitId::Ramp) {
            policy = scaled(&policy, *id, 1e4);
        }
        policy.step_acceptance = vec![(0.0, 1.5)];
        let a = advise(&plan, &policy, 5.0, &mut calm).unwrap().unwrap();
        assert_eq!(a.binds.map(|b| b.id), Some(LimitId::Ramp));
        let ids: Vec<LimitId> = a.relaxed.iter().map(|r| r.0).collect();
        assert_eq!(ids, [LimitId::Ramp], "{a:?}");
        assert!(a.relaxed[0].1 < 0.95 * a.plan.time_s);
    }

    #[test]
    fn where_the_engine_disagrees_the_pace_is_taken_back_until_it_agrees() {
        let (plan, policy) = recommended();
        let first = fastest(&plan, &all_scaled(&policy, KEEP)).unwrap();
        let pace = |f: Fastest| f.batch_gpus / f.interval_s;
        let mut soft = |f: Fastest| {
            let deviation_pct = 8.0 * pace(f) / pace(first);
            Some(Seen { deviation_pct, time_s: Some(f.time_s), tripped: deviation_pct > 5.0 })
        };
        let a = advise(&plan, &policy, 5.0, &mut soft).unwrap().unwrap();
        assert!(a.backs > 0 && a.binds.is_none() && a.seen.deviation_pct <= 4.0);
        let mut never = |_| Some(Seen { deviation_pct: 9.0, time_s: None, tripped: true });
        assert!(advise(&plan, &policy, 5.0, &mut never).is_err());
        assert_eq!(advise(&plan, &policy, 5.0, &mut |_| None), Ok(None));
    }
}
