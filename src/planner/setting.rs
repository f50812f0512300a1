//! What a user sets of a plan, and the problem that it makes of a day; the day planned, with its figures before and after.

use super::curve::FuelCurve;
use super::figures::Figures;
use super::plan::{Plan, running_cost};
use super::problem::{Bounds, Ends, Problem};
use super::profile::{Profile, Wanted};
use super::refusal::Refusal;
use super::rows::Rows;
use super::solve::Planner;

/// Prices, sizes and limits. A column of the load comes before the number here.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Power of all miners together, kW.
    pub miner_kw: f64,
    /// Power of one miner, kW: for counts of starts.
    pub machine_kw: f64,
    /// Mining income, $/kWh; None where only the load's column will do.
    pub income_per_kwh: Option<f64>,
    /// Weight of ramps, $·h/kW²; None where only the load's column will do.
    pub ramp_weight: Option<f64>,
    /// What generation costs.
    pub fuel: FuelCurve,
    /// Power that the gensets may give, kW.
    pub rating_kw: Option<f64>,
    /// Largest ramp, kW/h; hard bounds only.
    pub ramp_limit_kw_per_h: Option<f64>,
    /// How bounds are kept.
    pub bounds: Bounds,
    /// An open day: its end need not be its beginning.
    pub open: bool,
}

/// What is missing or refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Trouble {
    /// A number that neither the setting nor the load has.
    #[error("{0} is not given, and the load has no such column (expected `{1}`)")]
    Missing(&'static str, &'static str),
    /// The rows of the load.
    #[error(transparent)]
    Rows(#[from] super::rows::BadRow),
    /// The problem.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl Setting {
    /// The problem of a day.
    ///
    /// # Errors
    /// If neither the setting nor the day has the income or the weight of ramps.
    pub fn problem(&self, day: &Profile) -> Result<Problem, Trouble> {
        let n = day.net_kw.len();
        let list = |column: &Option<Vec<f64>>, flat: Option<f64>, what, name| match (column, flat) {
            (Some(values), _) => Ok(values.clone()),
            (None, Some(v)) => Ok(vec![v; n]),
            (None, None) => Err(Trouble::Missing(what, name)),
        };
        let income = list(&day.income_per_kwh, self.income_per_kwh, "the mining income", "price_per_kwh")?;
        Ok(Problem {
            step_h: day.step_h,
            load_kw: day.net_kw.clone(),
            miner_max_kw: self.miner_kw,
            rating_kw: self.rating_kw,
            income_per_kwh: income,
            ramp_weight: list(&day.ramp_weight, self.ramp_weight, "the ramp weight", "ramp_weight")?,
            fuel: self.fuel.clone(),
            bounds: self.bounds,
            ends: if self.open { Ends::Open { from_kw: None, to: None } } else { Ends::Periodic },
            ramp_limit_kw_per_h: self.ramp_limit_kw_per_h,
        })
    }
}

/// A day planned.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The day.
    pub day: Profile,
    /// Its problem.
    pub problem: Problem,
    /// Its plan.
    pub plan: Plan,
    /// Figures without miners.
    pub before: Figures,
    /// Figures of the plan.
    pub after: Figures,
}

impl Planned {
    /// Plans a day.
    ///
    /// # Errors
    /// With what is missing, wrong in the rows, or refused.
    pub fn new(planner: &mut Planner, rows: &Rows, wanted: &Wanted, setting: &Setting) -> Result<Self, Trouble> {
        let day = Profile::new(rows, wanted)?;
        let problem = setting.problem(&day)?;
        let plan = planner.solve(&problem)?;
        let before = Figures::of(&problem, &problem.load_kw, setting.machine_kw);
        let after = Figures::of(&problem, &plan.genset_kw, setting.machine_kw);
        Ok(Self { day, problem, plan, before, after })
    }

    /// Cost up to each point, $: without miners and with the plan.
    #[must_use]
    pub fn running_costs(&self) -> [Vec<f64>; 2] {
        [&self.problem.load_kw, &self.plan.genset_kw].map(|x| running_cost(&self.problem, x))
    }

    /// Where generation for mining just pays, kW, and over which time the plan smooths, h; None where marginal cost is flat.
    #[must_use]
    pub fn scales(&self) -> Option<[f64; 2]> {
        let p = &self.problem;
        let level = p.fuel.pays_to_kw(*p.income_per_kwh.first()?)?;
        let g = 0.5 * p.fuel.slope(level);
        (g > 0.0).then(|| [level, libm::sqrt(p.ramp_weight.first().copied().unwrap_or(0.0) / g)])
    }
}
