//! Whether a ramp limit can be kept at all, and the least that can: exact, before any solver starts.
//!
//! The highest lower bound that steps of at most `reach` lead down from is itself a schedule that keeps the limit. So a
//! schedule exists if and only if this envelope stays below the upper bounds.

use super::problem::{Ends, Problem};
use super::refusal::Refusal;

/// Refuses a ramp limit that no schedule keeps.
pub(super) fn check(p: &Problem) -> Result<(), Refusal> {
    let Some(limit) = p.ramp_limit_kw_per_h else { return Ok(()) };
    if feasible(p, limit * p.step_h) {
        return Ok(());
    }
    // bisection between what fails and the largest step of the load, which never does
    let (mut fails, mut holds) = (limit, limit.max(1.0));
    while !feasible(p, holds * p.step_h) && holds < 1e15 {
        fails = holds;
        holds *= 2.0;
    }
    for _ in 0..100 {
        let middle = 0.5 * (fails + holds);
        if feasible(p, middle * p.step_h) { holds = middle } else { fails = middle }
    }
    Err(Refusal::RampLimit { limit_kw_per_h: limit, needed_kw_per_h: holds })
}

fn feasible(p: &Problem, reach_kw: f64) -> bool {
    let n = p.len();
    let mut lowest: Vec<f64> = (0..n).map(|i| p.lo_kw(i)).collect();
    let mut start = None;
    if let Ends::Open { from_kw: Some(from), .. } = p.ends {
        lowest[0] = lowest[0].max(from - reach_kw);
        start = Some(from + reach_kw);
    }
    // rounds are enough: a bound reaches once around the ring in either direction
    let rounds = if p.is_periodic() { 2 } else { 1 };
    for _ in 0..rounds {
        for i in 0..n {
            if p.has_next(i) {
                let j = if i + 1 == n { 0 } else { i + 1 };
                lowest[j] = lowest[j].max(lowest[i] - reach_kw);
            }
        }
        for i in (0..n).rev() {
            if p.has_next(i) {
                let j = if i + 1 == n { 0 } else { i + 1 };
                lowest[i] = lowest[i].max(lowest[j] - reach_kw);
            }
        }
    }
    let slack = 1e-9 * (1.0 + p.hi_kw(0).abs());
    (0..n).all(|i| lowest[i] <= p.hi_kw(i) + slack) && start.is_none_or(|s| lowest[0] <= s + slack)
}
