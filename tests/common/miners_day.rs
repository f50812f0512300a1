//! A day of the planner's tests: 500 kW of miners, income of the source paper's first machine, and the g that makes 800 kW the
//! cheapest level.
#![allow(dead_code)]
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use ballast::planner::curve::FuelCurve;
use ballast::planner::examples;
use ballast::planner::problem::{Bounds, Ends, Problem};
use ballast::planner::profile::{Profile, Wanted};
use ballast::planner::rows::Rows;

/// $/kWh.
pub const INCOME: f64 = 15.0 / (5.36 * 24.0);
/// $/(kW²h).
pub const G: f64 = INCOME / 1600.0;

/// A load over 24 h with a ramp weight, in $·h/kW².
pub fn day(load_kw: Vec<f64>, a: f64) -> Problem {
    let n = load_kw.len();
    Problem {
        step_h: 24.0 / n as f64,
        load_kw,
        miner_max_kw: 500.0,
        rating_kw: None,
        income_per_kwh: vec![INCOME; n],
        ramp_weight: vec![a; n],
        fuel: FuelCurve::quadratic(G).unwrap(),
        bounds: Bounds::Hard,
        ends: Ends::Periodic,
        ramp_limit_kw_per_h: None,
    }
}

/// A shipped day in minutes.
pub fn shipped(name: &str, a: f64) -> Problem {
    let rows = Rows::read(examples::day(name).unwrap()).unwrap();
    let load = Profile::new(&rows, &Wanted { steps: Some(1440), ..Wanted::default() }).unwrap();
    day(load.net_kw, a)
}
