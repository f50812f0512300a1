//! A plan: powers, ramps, costate, multipliers, what it costs, and how well it meets Pontryagin's conditions.

use super::problem::{Bounds, Ends, Problem};
use super::quadratic::Optimum;

/// What a schedule costs, $ over the period.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Objective {
    /// Fuel.
    pub generation: f64,
    /// Ramping.
    pub ramp: f64,
    /// Mining income.
    pub revenue: f64,
    /// Penalty for leaving the bounds, and for missing a target at the end.
    pub penalty: f64,
}

impl Objective {
    /// Generation + ramp + penalty − revenue.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.generation + self.ramp + self.penalty - self.revenue
    }
}

/// Largest failures of the four conditions of the minimum principle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Residuals {
    /// 1: dx/dt = u, kW.
    pub state_kw: f64,
    /// 2: dλ/dt = −c_g' + c_m − ξ' − bound multiplier, $/kWh; a multiplier of the wrong sign counts in full.
    pub costate_per_kwh: f64,
    /// 3: u minimises the Hamiltonian: c_d'(u) + λ, $/kW; at a ramp limit only the wrong sign counts.
    pub hamiltonian_per_kw: f64,
    /// 4: λ(T) − λ(0) of a periodic day by summing condition 2 around it, $/kW; 0 for an open one.
    pub periodic_per_kw: f64,
}

/// The optimal schedule. Lists have one value a grid point.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Step of the grid, h.
    pub step_h: f64,
    /// Genset power x, kW.
    pub genset_kw: Vec<f64>,
    /// Miner power x − p_L, kW.
    pub miner_kw: Vec<f64>,
    /// Ramp u at the point: mean of the steps before and after it, kW/h.
    pub ramp_kw_per_h: Vec<f64>,
    /// Costate λ at the point, likewise; $/kW. Where no ramp limit acts it is −2 a u.
    pub lambda_per_kw: Vec<f64>,
    /// Multiplier of the bounds, $/kWh: positive where full miners or the rating hold x back, negative where the load does.
    pub bound_per_kwh: Vec<f64>,
    /// What it costs.
    pub objective: Objective,
    /// Iterations of the solver.
    pub iterations: u32,
    /// Largest violation of the bounds, kW; 0 with hard bounds.
    pub max_violation_kw: f64,
    /// How well the conditions are met.
    pub residuals: Residuals,
}

impl Plan {
    pub(super) fn new(p: &Problem, o: Optimum) -> Self {
        let (n, h) = (p.len(), p.step_h);
        let x = o.x;
        let after = |i: usize| if i + 1 == n { 0 } else { i + 1 };
        // ramp and costate on each step; λ = −(2 a u + multiplier of the limit)
        let step = |i: usize| -> Option<(f64, f64)> {
            let u = p.has_next(i).then(|| (x[after(i)] - x[i]) / h)?;
            Some((u, -2.0 * p.ramp_weight[i] * u - o.nu.get(i).copied().unwrap_or(0.0)))
        };
        let start = match p.ends {
            Ends::Open { from_kw: Some(from), .. } => {
                let u = (x[0] - from) / h;
                Some((u, -2.0 * p.ramp_weight[0] * u))
            }
            _ => None,
        };
        let before = |i: usize| {
            if i > 0 {
                step(i - 1)
            } else if p.is_periodic() {
                step(n - 1)
            } else {
                start
            }
        };
        let mean = |i: usize, k: fn((f64, f64)) -> f64| match (before(i), step(i)) {
            (Some(a), Some(b)) => 0.5 * (k(a) + k(b)),
            (Some(one), None) | (None, Some(one)) => k(one),
            (None, None) => 0.0,
        };
        let violation = |i: usize| (p.lo_kw(i) - x[i]).max(x[i] - p.hi_kw(i)).max(0.0);
        let mu: Vec<f64> = o.mu.iter().map(|m| m / h).collect();
        Self {
            step_h: h,
            miner_kw: x.iter().zip(&p.load_kw).map(|(x, l)| x - l).collect(),
            ramp_kw_per_h: (0..n).map(|i| mean(i, |s| s.0)).collect(),
            lambda_per_kw: (0..n).map(|i| mean(i, |s| s.1)).collect(),
            objective: objective(p, &x),
            iterations: o.iterations,
            max_violation_kw: (0..n).map(violation).fold(0.0, f64::max),
            residuals: residuals(p, &x, &mu, &o.nu),
            bound_per_kwh: mu,
            genset_kw: x,
        }
    }
}

/// What a schedule of genset power costs under a problem's prices, optimal or not.
#[must_use]
pub fn objective(p: &Problem, genset_kw: &[f64]) -> Objective {
    let (n, h) = (p.len().min(genset_kw.len()), p.step_h);
    let mut o = Objective::default();
    for i in 0..n {
        let x = genset_kw[i];
        o.generation += h * p.fuel.cost_per_h(x);
        o.revenue += h * p.income_per_kwh[i] * (x - p.load_kw[i]);
        if let Bounds::Penalty { alpha } = p.bounds {
            let out = (p.lo_kw(i) - x).max(x - p.hi_kw(i)).max(0.0);
            o.penalty += h * alpha * out * out;
        }
        if p.has_next(i) {
            let d = genset_kw[if i + 1 == n { 0 } else { i + 1 }] - x;
            o.ramp += p.ramp_weight[i] * d * d / h;
        }
    }
    if let (Ends::Open { from_kw, to }, Some(last)) = (p.ends, n.checked_sub(1)) {
        let d = from_kw.map_or(0.0, |from| genset_kw[0] - from);
        o.ramp += p.ramp_weight[0] * d * d / h;
        o.penalty += to.map_or(0.0, |t| t.weight * (genset_kw[last] - t.kw) * (genset_kw[last] - t.kw));
    }
    o
}

/// The cost up to each grid point, $, and at last that of the whole period: a value more than there are points. Its end is the
/// total of [`objective`], but for a target at the end of an open day and the ramp to its beginning.
#[must_use]
pub fn running_cost(p: &Problem, genset_kw: &[f64]) -> Vec<f64> {
    let (n, h) = (p.len().min(genset_kw.len()), p.step_h);
    let step = |i: usize| {
        let x = genset_kw[i];
        let mut cost = h * (p.fuel.cost_per_h(x) - p.income_per_kwh[i] * (x - p.load_kw[i]));
        if let Bounds::Penalty { alpha } = p.bounds {
            let out = (p.lo_kw(i) - x).max(x - p.hi_kw(i)).max(0.0);
            cost += h * alpha * out * out;
        }
        if p.has_next(i) {
            let d = genset_kw[if i + 1 == n { 0 } else { i + 1 }] - x;
            cost += p.ramp_weight[i] * d * d / h;
        }
        cost
    };
    let mut sums = vec![0.0; n + 1];
    for i in 0..n {
        sums[i + 1] = sums[i] + step(i);
    }
    sums
}

fn residuals(p: &Problem, x: &[f64], mu: &[f64], nu: &[f64]) -> Residuals {
    let (n, h) = (p.len(), p.step_h);
    let mut r = Residuals::default();
    let model = p.model(x, |i| (p.fuel.marginal_per_kwh(x[i]), 0.0));
    let size = x.iter().fold(0.0f64, |a, x| a.max(x.abs()));
    let mut around = 0.0;
    for i in 0..n {
        let before = if i == 0 { n - 1 } else { i - 1 };
        let limit = |k: usize| nu.get(k).copied().unwrap_or(0.0);
        // condition 2 on the grid: ends of an open day are part of the model's w and r
        let own = (model.w[i] * x[i] - model.r[i]) / h + mu[i];
        let left = own + (super::chain::laplacian(x, &model.off, i) + limit(before) - limit(i)) / h;
        // a multiplier needs a bound to stand on
        let hard = p.bounds == Bounds::Hard;
        let near = 1e-6 * size;
        let wrong = match mu[i] {
            m if hard && m > 0.0 && model.hi[i] - x[i] > near => m,
            m if hard && m < 0.0 && x[i] - model.lo[i] > near => -m,
            _ => 0.0,
        };
        r.costate_per_kwh = r.costate_per_kwh.max(left.abs()).max(wrong);
        around += own * h;
        if p.has_next(i) {
            let j = if i + 1 == n { 0 } else { i + 1 };
            let u = (x[j] - x[i]) / h;
            r.state_kw = r.state_kw.max((x[i] + u * h - x[j]).abs());
            let reach = p.ramp_limit_kw_per_h.unwrap_or(f64::INFINITY);
            let slack = 1e-6 * reach;
            let wrong = match limit(i) {
                v if v > 0.0 && reach - u > slack => v,
                v if v < 0.0 && reach + u > slack => -v,
                _ => 0.0,
            };
            r.hamiltonian_per_kw = r.hamiltonian_per_kw.max(wrong);
        }
    }
    if p.is_periodic() {
        r.periodic_per_kw = around.abs();
    }
    r
}
