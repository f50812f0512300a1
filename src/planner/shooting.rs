//! Why λ is not integrated forward: a demonstration.
//!
//! The paper's control loop runs the canonical system `x' = −λ/(2a)`, `λ' = −c_g'(x) + c_m − ξ'(x)` forward from a start.
//! Its eigenvalues are ±sqrt(g/a) inside the bounds and ±sqrt((g + α)/a) outside: half of all deviations grow. A start that
//! is off by a rounding error, or the paper's own start `x = c_m/2g, λ = 0` on a day where bounds act, runs away. This file
//! shows how fast; no controller uses it.

use super::plan::Plan;
use super::problem::{Bounds, Problem};

/// Steps an integration takes for each growth by e.
const STEPS_PER_E: f64 = 20.0;
/// Most steps in all.
const MOST_STEPS: f64 = 4e6;

/// How a shot went.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shot {
    /// Largest distance from the plan up to the end of the day, kW; until it ran away if it did.
    pub off_kw: f64,
    /// When x left fifty times the largest power, h.
    pub away_h: Option<f64>,
}

/// Shoots forward over a periodic day with the penalty `alpha`, from `x0` and `lambda0`, with steps that an explicit method of fourth order
/// resolves. `plan` is the optimum of the same problem.
#[must_use]
pub fn shoot(p: &Problem, plan: &Plan, x0: f64, lambda0: f64) -> Shot {
    let Bounds::Penalty { alpha } = p.bounds else { return Shot { off_kw: 0.0, away_h: None } };
    let n = p.len();
    let day_h = p.step_h * n as f64;
    let slope = (0..n).map(|i| 0.5 * p.fuel.slope(p.hi_kw(i))).fold(0.0, f64::max);
    let a = p.ramp_weight.iter().fold(f64::INFINITY, |m, a| a.min(m)).max(f64::MIN_POSITIVE);
    let fastest = libm::sqrt((slope + alpha) / a);
    let steps = libm::ceil((day_h * fastest * STEPS_PER_E).clamp(n as f64, MOST_STEPS));
    let (dt, most) = (day_h / steps, 50.0 * (0..n).map(|i| p.hi_kw(i)).fold(1.0, f64::max));
    let between = |v: &dyn Fn(usize) -> f64, t: f64| {
        let at = t / p.step_h;
        let i = libm::floor(at);
        let k = i as usize % n;
        v(k) + (at - i) * (v((k + 1) % n) - v(k))
    };
    let rate = |t: f64, x: f64, lambda: f64| {
        let (lo, hi) = (between(&|i| p.lo_kw(i), t), between(&|i| p.hi_kw(i), t));
        let outside = if x < lo { x - lo } else { (x - hi).max(0.0) };
        let a = between(&|i| p.ramp_weight[i], t);
        let income = between(&|i| p.income_per_kwh[i], t);
        (-lambda / (2.0 * a), -p.fuel.marginal_per_kwh(x) + income - 2.0 * alpha * outside)
    };
    let (mut x, mut lambda, mut off_kw) = (x0, lambda0, 0.0f64);
    for k in 0..steps as usize {
        let t = dt * k as f64;
        let k1 = rate(t, x, lambda);
        let k2 = rate(t + 0.5 * dt, x + 0.5 * dt * k1.0, lambda + 0.5 * dt * k1.1);
        let k3 = rate(t + 0.5 * dt, x + 0.5 * dt * k2.0, lambda + 0.5 * dt * k2.1);
        let k4 = rate(t + dt, x + dt * k3.0, lambda + dt * k3.1);
        x += dt / 6.0 * (k1.0 + 2.0 * k2.0 + 2.0 * k3.0 + k4.0);
        lambda += dt / 6.0 * (k1.1 + 2.0 * k2.1 + 2.0 * k3.1 + k4.1);
        if !(x.abs() <= most) {
            return Shot { off_kw, away_h: Some(t + dt) };
        }
        off_kw = off_kw.max((x - between(&|i| plan.genset_kw[i], t + dt)).abs());
    }
    Shot { off_kw, away_h: None }
}
