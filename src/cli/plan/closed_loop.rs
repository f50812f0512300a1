//! `ballast plan --loop`: controllers compared over days on a load that is late and noisy.

use clap::Args;
use serde_json::{Value, json};

use crate::cli::say::say;
use crate::planner::closed_loop::{Comparison, Controller, Disturbance, Outcome};
use crate::planner::fleet::FleetSpec;
use crate::planner::problem::{Bounds, Problem};
use crate::planner::shooting::{Shot, shoot};
use crate::planner::solve::solve;

/// Penalty weight of the demonstration that integrates λ forward where none is given: the source paper's, $/(kW²h).
const PAPER_ALPHA: f64 = 1.0;
/// How far off the second start of the demonstration is, kW.
const OFF_KW: f64 = 1e-3;

/// Arguments of the loop.
#[derive(Args)]
#[command(next_help_heading = "Closed loop")]
pub struct LoopArgs {
    /// Run the receding horizon over days against other controllers, and print the comparison
    #[arg(long = "loop")]
    pub on: bool,
    /// Days to run
    #[arg(long, value_name = "N", default_value_t = 3)]
    days: usize,
    /// The load comes this much later than forecast, min
    #[arg(long, value_name = "MIN", default_value_t = 20.0)]
    delay_min: f64,
    /// Standard deviation of the noise on the load, kW
    #[arg(long, value_name = "KW", default_value_t = 20.0)]
    noise_kw: f64,
    /// Time constant of the noise, h: AR(1) with exp(−step / this)
    #[arg(long, value_name = "H", default_value_t = 0.5)]
    noise_h: f64,
    /// Seed of the noise
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Horizon, h
    #[arg(long, value_name = "H", default_value_t = 6.0)]
    horizon_h: f64,
    /// From a command to less miner power, s
    #[arg(long, value_name = "S", default_value_t = 2.0)]
    latency_s: f64,
    /// From a command to more miner power, s
    #[arg(long, value_name = "S", default_value_t = 180.0)]
    wake_s: f64,
    /// Miners that follow at once, at any power
    #[arg(long)]
    ideal: bool,
}

/// What the loop came to.
pub struct Found {
    outcomes: Vec<Outcome>,
    shots: [(&'static str, Shot); 3],
    alpha: f64,
}

/// Runs the loop on a day.
pub fn run(a: &LoopArgs, day: &Problem, machine_kw: f64) -> Result<Found, String> {
    if day.bounds != Bounds::Hard || !day.is_periodic() {
        return Err("the loop needs a periodic day with hard bounds (expected no --penalty and no --open)".to_owned());
    }
    let max_kw = day.miner_max_kw;
    let fleet = if a.ideal {
        FleetSpec::ideal(max_kw)
    } else {
        FleetSpec { max_kw, machine_kw, latency_s: a.latency_s, wake_s: a.wake_s }
    };
    if !(a.horizon_h > 0.0 && a.horizon_h <= 1000.0) {
        return Err(format!("--horizon-h is {} (expected more than 0 h)", a.horizon_h));
    }
    let disturbance =
        Disturbance { delay_h: a.delay_min / 60.0, noise_kw: a.noise_kw, correlation_h: a.noise_h, seed: a.seed };
    let controllers = [
        Controller::NoMiners,
        Controller::OpenLoop,
        Controller::Tracking,
        Controller::Receding { horizon_h: a.horizon_h },
        Controller::Clairvoyant,
    ];
    let comparison = Comparison { day: day.clone(), fleet, days: a.days, disturbance };
    let outcomes = comparison.run(&controllers).map_err(|e| e.to_string())?;
    // the paper's loop, on its own penalty form
    let soft = Problem { bounds: Bounds::Penalty { alpha: PAPER_ALPHA }, ramp_limit_kw_per_h: None, ..day.clone() };
    let plan = solve(&soft).map_err(|e| e.to_string())?;
    let (x, lambda) = (plan.genset_kw[0], plan.lambda_per_kw[0]);
    let level = day.fuel.pays_to_kw(day.income_per_kwh[0]).unwrap_or(x);
    let shots = [
        ("the plan's own start", shoot(&soft, &plan, x, lambda)),
        ("1 W beside it", shoot(&soft, &plan, x + OFF_KW, lambda)),
        ("the paper's start, x = c_m/2g, λ = 0", shoot(&soft, &plan, level, 0.0)),
    ];
    Ok(Found { outcomes, shots, alpha: PAPER_ALPHA })
}

fn name(c: Controller) -> String {
    match c {
        Controller::NoMiners => "no miners".to_owned(),
        Controller::OpenLoop => "planned miner power, open loop".to_owned(),
        Controller::Tracking => "tracking the planned genset power".to_owned(),
        Controller::Receding { horizon_h } => format!("receding horizon of {horizon_h} h"),
        Controller::Clairvoyant => "bound: load known, ideal miners".to_owned(),
    }
}

/// Prints the comparison.
pub fn print(f: &Found) {
    say!(
        "{:<36} {:>9} {:>9} {:>9} {:>9} {:>9} {:>8} {:>8} {:>8}",
        "$ a day",
        "total",
        "fuel",
        "ramping",
        "mining",
        "max kW/h",
        "over h",
        "starts",
        "refused"
    );
    for o in &f.outcomes {
        let d = o.per_day;
        say!(
            "{:<36} {:>9.1} {:>9.1} {:>9.1} {:>9.1} {:>9.0} {:>8.2} {:>8.0} {:>8}",
            name(o.controller),
            d.total(),
            d.generation,
            d.ramp,
            d.revenue,
            o.ramp_max_kw_per_h,
            o.overload_h,
            o.starts,
            o.refused
        );
    }
    say!("λ integrated forward as the source paper draws it (penalty {} $/(kW²h)), a demonstration only:", f.alpha);
    for (start, s) in &f.shots {
        match s.away_h {
            Some(h) => say!("  from {start}: away after {h:.2} h"),
            None => say!("  from {start}: off by up to {:.2e} kW", s.off_kw),
        }
    }
}

/// The comparison as JSON.
pub fn as_json(f: &Found) -> Value {
    let outcome = |o: &Outcome| {
        json!({
            "controller": name(o.controller),
            "total_per_day": o.per_day.total(),
            "generation_per_day": o.per_day.generation,
            "ramp_per_day": o.per_day.ramp,
            "revenue_per_day": o.per_day.revenue,
            "ramp_max_kw_per_h": o.ramp_max_kw_per_h,
            "overload_h": o.overload_h,
            "starts_per_day": o.starts,
            "refused": o.refused,
        })
    };
    let shot = |(start, s): &(&str, Shot)| json!({ "start": start, "off_kw": s.off_kw, "away_h": s.away_h });
    json!({
        "controllers": f.outcomes.iter().map(outcome).collect::<Vec<_>>(),
        "lambda_forward": f.shots.iter().map(shot).collect::<Vec<_>>(),
    })
}
