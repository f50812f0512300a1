//! The miners' day as a problem: load, prices, limits, and how the day ends.
//!
//! ```text
//! min ∫ c_g(x) + a(t) u² − c_m(t)·(x − p_L(t)) [+ α·dist(x, [lo, hi])²] dt      x = genset power, u = dx/dt
//! lo = p_L,  hi = min(p_L + miners, rating);  x periodic, or the day open
//! ```
//!
//! It is the problem of E. Ginzburg-Ganz et al., "Leveraging Bitcoin mining machines in demand-response mechanisms to
//! mitigate ramping-induced transients" (arXiv 2411.11119), equations 2 to 4, with hard bounds beside its penalty. It is
//! jointly convex, so that Pontryagin's conditions are sufficient and the plan is unique where costs are strictly convex.
//! Units: h, kW, $; so a in $·h/kW², α in $/(kW²h), λ in $/kW. There is no default for a and α: the paper's 1 has no unit,
//! and in kW it makes ramps a hundred times dearer than fuel, in MW it makes them free.
//!
//! On the grid `t_i = i·h` the sum is `h Σ [c_g(x_i) − c_i (x_i − p_i) + ξ_i] + Σ a_i (x_{i+1} − x_i)² / h`.

use super::curve::FuelCurve;
use super::quadratic::Quadratic;
use super::refusal::Refusal;

/// Most grid points: ten days in seconds.
pub const MOST_STEPS: usize = 864_000;
/// Largest power and price in any sensible unit.
const MOST_KW: f64 = 1e9;
const MOST_PRICE: f64 = 1e6;

/// How bounds of the miners are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bounds {
    /// Never left.
    Hard,
    /// Left at a price of `alpha · distance²`, $/(kW²h): the paper's form.
    Penalty {
        /// Its weight.
        alpha: f64,
    },
}

/// How the day begins and ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ends {
    /// The day repeats: its end is its beginning.
    Periodic,
    /// An open stretch.
    Open {
        /// Genset power just before the first point; a ramp from there costs like any other. None: a free start.
        from_kw: Option<f64>,
        /// What being off a target at the last point costs.
        to: Option<Terminal>,
    },
}

/// A cost at the end of an open stretch: `weight · (x − kw)²`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terminal {
    /// Where the genset should be, kW.
    pub kw: f64,
    /// $/kW².
    pub weight: f64,
}

/// The problem. Lists have one value a grid point.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// Step of the grid, h.
    pub step_h: f64,
    /// Site load without miners, less what other sources give; kW. Below zero it is a surplus that miners have to take, at
    /// most as much as they can.
    pub load_kw: Vec<f64>,
    /// Power of all miners together, kW.
    pub miner_max_kw: f64,
    /// Power that the gensets may give, kW. None: no limit but the miners'.
    pub rating_kw: Option<f64>,
    /// Mining income, $/kWh; may be negative, then mining only serves the ramps.
    pub income_per_kwh: Vec<f64>,
    /// Weight of ramps from this point to the next, $·h/kW².
    pub ramp_weight: Vec<f64>,
    /// Cost of generation.
    pub fuel: FuelCurve,
    /// How bounds are kept.
    pub bounds: Bounds,
    /// How the day begins and ends.
    pub ends: Ends,
    /// Largest ramp, kW/h; hard bounds only.
    pub ramp_limit_kw_per_h: Option<f64>,
}

impl Problem {
    /// Number of grid points.
    #[must_use]
    pub fn len(&self) -> usize {
        self.load_kw.len()
    }

    /// Whether there is no grid point.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.load_kw.is_empty()
    }

    /// Least genset power at a point, kW: the load, and 0 in a surplus.
    #[must_use]
    pub fn lo_kw(&self, i: usize) -> f64 {
        self.load_kw[i].max(0.0)
    }

    /// Largest genset power at a point, kW: load and miners, or the rating.
    #[must_use]
    pub fn hi_kw(&self, i: usize) -> f64 {
        let full = self.load_kw[i] + self.miner_max_kw;
        self.rating_kw.map_or(full, |r| full.min(r))
    }

    /// Whether the ends are joined.
    #[must_use]
    pub fn is_periodic(&self) -> bool {
        self.ends == Ends::Periodic
    }

    /// Whether point i has a step to a next point.
    pub(super) fn has_next(&self, i: usize) -> bool {
        i + 1 < self.len() || (self.is_periodic() && self.len() > 1)
    }

    /// Checks everything a solver relies on.
    ///
    /// # Errors
    /// With the first thing that is wrong.
    pub fn check(&self) -> Result<(), Refusal> {
        let n = self.len();
        if n == 0 || n > MOST_STEPS {
            return Err(Refusal::Length { what: "load", len: n, expected: n.clamp(1, MOST_STEPS) });
        }
        let positive = |what, v: f64, most: f64, expected| {
            if v > 0.0 && v <= most { Ok(()) } else { Err(Refusal::setting(what, v, expected)) }
        };
        let not_negative = |what, v: f64, most: f64, expected| {
            if (0.0..=most).contains(&v) { Ok(()) } else { Err(Refusal::setting(what, v, expected)) }
        };
        positive("step", self.step_h, 1e4, "hours, more than 0")?;
        not_negative("miners' power", self.miner_max_kw, MOST_KW, "0 or more kW")?;
        if let Some(r) = self.rating_kw {
            positive("rating", r, MOST_KW, "more than 0 kW")?;
        }
        if let Some(r) = self.ramp_limit_kw_per_h {
            positive("ramp limit", r, MOST_KW, "more than 0 kW/h")?;
        }
        if let Bounds::Penalty { alpha } = self.bounds {
            positive("penalty weight", alpha, 1e12, "more than 0 $/(kW²h)")?;
            if self.ramp_limit_kw_per_h.is_some() {
                return Err(Refusal::LimitWithPenalty);
            }
        }
        if let Ends::Open { from_kw, to } = self.ends {
            not_negative("power before the start", from_kw.unwrap_or(0.0), MOST_KW, "0 or more kW")?;
            not_negative("target at the end", to.map_or(0.0, |t| t.kw), MOST_KW, "0 or more kW")?;
            not_negative("weight of the target", to.map_or(0.0, |t| t.weight), 1e12, "0 or more $/kW²")?;
        }
        let surplus = -self.miner_max_kw..=MOST_KW;
        self.list("load", &self.load_kw, surplus, "0 or more kW, or a surplus that the miners can take")?;
        self.list("mining income", &self.income_per_kwh, -MOST_PRICE..=MOST_PRICE, "$/kWh")?;
        self.list("ramp weight", &self.ramp_weight, 0.0..=1e12, "0 or more $·h/kW²")?;
        if let Some(rating_kw) = self.rating_kw
            && let Some(i) = self.load_kw.iter().position(|l| *l > rating_kw)
        {
            return Err(Refusal::AboveRating { at_h: self.step_h * i as f64, load_kw: self.load_kw[i], rating_kw });
        }
        super::ramp::check(self)
    }

    fn list(
        &self,
        what: &'static str,
        values: &[f64],
        range: core::ops::RangeInclusive<f64>,
        expected: &'static str,
    ) -> Result<(), Refusal> {
        if values.len() != self.len() {
            return Err(Refusal::Length { what, len: values.len(), expected: self.len() });
        }
        match values.iter().position(|v| !range.contains(v)) {
            Some(i) => Err(Refusal::Value { what, value: values[i], at_h: self.step_h * i as f64, expected }),
            None => Ok(()),
        }
    }

    /// Edge weights, with none across the ends of an open day.
    pub(super) fn edges(&self) -> Vec<f64> {
        let weight = |(i, a): (usize, &f64)| if self.has_next(i) { 2.0 * a / self.step_h } else { 0.0 };
        self.ramp_weight.iter().enumerate().map(weight).collect()
    }

    /// The quadratic model of the sum around a point, to first order: the sum itself where the fuel curve is one piece.
    /// `fuel` gives marginal cost and its slope at a node, $/kWh and $/(kW²h).
    pub(super) fn model(&self, at_kw: &[f64], fuel: impl Fn(usize) -> (f64, f64)) -> Quadratic {
        let (n, h) = (self.len(), self.step_h);
        let (mut w, mut r) = (Vec::with_capacity(n), Vec::with_capacity(n));
        for i in 0..n {
            let (marginal, slope) = fuel(i);
            w.push(h * slope);
            r.push(h * (slope * at_kw[i] - marginal + self.income_per_kwh[i]));
        }
        let mut lo: Vec<f64> = (0..n).map(|i| self.lo_kw(i)).collect();
        let mut hi: Vec<f64> = (0..n).map(|i| self.hi_kw(i)).collect();
        let mut reach = self.ramp_limit_kw_per_h.map(|l| l * h);
        if let (Ends::Open { from_kw, to }, Some(last)) = (self.ends, n.checked_sub(1)) {
            if let Some(from) = from_kw {
                let edge = 2.0 * self.ramp_weight[0] / h;
                w[0] += edge;
                r[0] += edge * from;
                if let Some(reach) = reach {
                    lo[0] = lo[0].max(from - reach);
                    hi[0] = hi[0].min(from + reach).max(lo[0]);
                }
            }
            if let Some(t) = to {
                w[last] += 2.0 * t.weight;
                r[last] += 2.0 * t.weight * t.kw;
            }
        }
        let step =
            reach.take().map(|reach| (0..n).map(|i| if self.has_next(i) { reach } else { f64::INFINITY }).collect());
        Quadratic { w, r, off: self.edges(), lo, hi, step }
    }
}
