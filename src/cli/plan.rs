//! `ballast plan`: the miners' day, planned.

mod closed_loop;
mod economics;
mod scenario;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use serde_json::{Value, json};

use super::Outcome;
use crate::planner::curve::{Committed, FuelCurve, FuelPrice, Heat};
use crate::planner::examples;
use crate::planner::figures::Figures;
use crate::planner::plan::Plan;
use crate::planner::problem::{Bounds, Ends, Problem};
use crate::planner::profile::{Profile, Wanted};
use crate::planner::rows::Rows;
use crate::planner::solve::solve;

/// What `ballast plan --help` ends with.
const EXAMPLES: &str = "\
Units: kW, h, $. Ramp weight a in $·h/kW² (cost a·(dP/dt)²), fuel g in $/(kW²h) (cost g·P²), penalty alpha in $/(kW²h).
There is no default for a: 1e-4 smooths over about an hour; the source paper's 1, read in kW, makes ramps dearer than fuel.

LOAD.csv has the header t_h,load_kw, with price_per_kwh, ramp_weight and pv_kw where wanted; or `time` with RFC 3339 stamps,
or time[Europe/Berlin] with local ones. A name instead of a file is a shipped day: duck, gpu-jobs, flat, windy.

  ballast plan --load duck --miner-kw 500 --price-per-kwh 0.1166 --fuel-quadratic 7.288e-5 --ramp-weight 1e-4
  ballast plan --load LOAD.csv --miner-kw 500 --price-per-kwh 0.09 --fuel-quadratic 7e-5 --ramp-weight 1e-4 \\
               --rating-kw 1000 --steps 1440 --csv plan.csv --json
  ballast plan --load gpu-jobs --steps 1440 --miner-kw 500 --price-per-kwh 0.1166 --fuel-quadratic 7.288e-5 \
               --ramp-weight 1e-4 --loop
  ballast plan --load duck --miner-kw 500 --price-per-kwh 0.09 --heat 215,2.24,1e-4 --sets 2 --set-kw 600 \
               --ramp-weight 1e-4
  ballast plan --scenario path-a --open --miner-kw 500 --price-per-kwh 0.09 --fuel-quadratic 7e-5 --ramp-weight 1e-5
  ballast plan --economics --costs paper";

/// Arguments of `ballast plan`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct PlanArgs {
    /// Load of a day: LOAD.csv, or the name of a shipped one (duck, gpu-jobs, flat, windy)
    #[arg(long, value_name = "LOAD", required_unless_present_any = ["economics", "scenario"])]
    load: Option<String>,
    /// Load from a run of this scenario (FILE.ron or a built-in name): what its GPUs and auxiliaries draw, each second
    #[arg(long, value_name = "SCENARIO", conflicts_with = "load")]
    scenario: Option<String>,
    /// Power of all miners together, kW
    #[arg(long, value_name = "KW", required_unless_present = "economics")]
    miner_kw: Option<f64>,
    /// Mining income for each kWh, $; a column price_per_kwh of the load comes first
    #[arg(long, alias = "mining-income-per-kwh", value_name = "C", allow_negative_numbers = true)]
    price_per_kwh: Option<f64>,
    /// Fuel curve g: generation costs g·P² $/h, in $/(kW²h)
    #[arg(long, value_name = "G", required_unless_present_any = ["economics", "heat"])]
    fuel_quadratic: Option<f64>,
    /// Heat that a set burns, kW of lower heating value: at no load, for each kW, and for each kW² if it is curved;
    /// priced by the cost file, CO2 included
    #[arg(long, value_name = "IDLE,PER_KW[,PER_KW2]", value_delimiter = ',', conflicts_with = "fuel_quadratic")]
    heat: Option<Vec<f64>>,
    /// Equal sets that run and share the load, with --heat
    #[arg(long, value_name = "N", default_value_t = 1, requires = "heat")]
    sets: u16,
    /// Rating of each of them, kW; together they are the rating if no other is given
    #[arg(long, value_name = "KW", default_value_t = 1000.0, requires = "heat")]
    set_kw: f64,
    /// Fuel curve: cost of each kWh at no load, $/kWh
    #[arg(long, value_name = "B", default_value_t = 0.0)]
    fuel_linear: f64,
    /// Fuel curve: cost of running at no load, $/h
    #[arg(long, value_name = "A", default_value_t = 0.0)]
    fuel_idle: f64,
    /// Ramp weight a in $·h/kW²; a column ramp_weight of the load comes first
    #[arg(long, value_name = "A")]
    ramp_weight: Option<f64>,
    /// The paper's penalty form with this weight, $/(kW²h), in place of hard bounds
    #[arg(long, value_name = "ALPHA")]
    penalty: Option<f64>,
    /// Power that the gensets may give, kW
    #[arg(long, value_name = "KW")]
    rating_kw: Option<f64>,
    /// Largest ramp, kW/h (hard bounds only)
    #[arg(long, value_name = "R")]
    ramp_limit: Option<f64>,
    /// Points of the grid; without it as many as the load has
    #[arg(long, value_name = "N")]
    steps: Option<usize>,
    /// Period, h; needed where the load's steps are uneven
    #[arg(long, value_name = "H")]
    period_h: Option<f64>,
    /// An open day: its end need not be its beginning
    #[arg(long)]
    open: bool,
    /// Longest gap between rows to bridge by a straight line, h; without it three steps
    #[arg(long, value_name = "H")]
    max_gap_h: Option<f64>,
    /// Let miners take what PV gives above the load, and cut PV beyond that; without it a surplus is refused
    #[arg(long)]
    curtail: bool,
    /// Power of one miner, kW: for the counts of starts
    #[arg(long, value_name = "KW", default_value_t = 3.3)]
    machine_kw: f64,
    /// Write the schedule
    #[arg(long, value_name = "OUT.csv")]
    csv: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    closed: closed_loop::LoopArgs,
    #[command(flatten)]
    money: economics::MoneyArgs,
}

/// `ballast plan`.
pub fn plan(a: &PlanArgs) -> Outcome {
    // the parser lets these be left out for the economics alone
    let (Some(load), Some(miner_kw)) = (a.load.as_ref().or(a.scenario.as_ref()), a.miner_kw) else {
        economics::economics(&a.money, a.json)?;
        return Ok(ExitCode::SUCCESS);
    };
    let (fuel, price) = fuel(a)?;
    let of_load = |e: String| format!("{e}: {load}");
    let profile = profile(a, load, miner_kw)?;
    let problem = problem(a, &profile, miner_kw, fuel).map_err(of_load)?;
    if a.money.economics || a.money.renewables {
        if a.money.economics {
            economics::economics(&a.money, a.json)?;
        }
        if a.money.renewables {
            economics::renewables(&a.money, &problem, a.json).map_err(of_load)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    if a.closed.on {
        let found = closed_loop::run(&a.closed, &problem, a.machine_kw).map_err(of_load)?;
        if a.json {
            println!("{}", closed_loop::as_json(&found));
        } else {
            closed_loop::print(&found);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let start = Instant::now();
    let plan = solve(&problem).map_err(|e| of_load(e.to_string()))?;
    let wall_s = start.elapsed().as_secs_f64();
    if let Some(path) = &a.csv {
        write_csv(path, &profile, &plan)?;
    }
    let before = Figures::of(&problem, &problem.load_kw, a.machine_kw);
    let after = Figures::of(&problem, &plan.genset_kw, a.machine_kw);
    if a.json {
        println!("{}", as_json(&profile, &plan, [&before, &after], price, wall_s));
    } else {
        print(load, &profile, &problem, &plan, [&before, &after], price, wall_s);
    }
    Ok(ExitCode::SUCCESS)
}

fn profile(a: &PlanArgs, load: &str, miner_max_kw: f64) -> Result<Profile, String> {
    let rows = if a.scenario.is_some() { scenario::rows(load)? } else { rows(load)? };
    if !(miner_max_kw.is_finite() && miner_max_kw >= 0.0) {
        return Err(format!("--miner-kw is {miner_max_kw} (expected 0 or more kW)"));
    }
    let wanted = Wanted {
        steps: a.steps,
        period_h: a.period_h,
        open: a.open,
        max_gap_h: a.max_gap_h,
        curtail: a.curtail,
        miner_max_kw,
        rating_kw: rating(a),
    };
    Profile::new(&rows, &wanted).map_err(|e| format!("{e}: {load}"))
}

fn rows(load: &str) -> Result<Rows, String> {
    let path = Path::new(load);
    let named = path.extension().is_none() && !path.exists();
    let text = match named.then(|| examples::day(load)).flatten() {
        Some(text) => text.to_owned(),
        None if named => {
            let names: Vec<&str> = examples::DAYS.iter().map(|d| d.0).collect();
            return Err(format!("no file and no shipped day has this name (expected {}): {load}", names.join(", ")));
        }
        None => crate::text::load(path).map_err(|e| e.to_string())?,
    };
    Rows::read(&text).map_err(|e| format!("{e}: {load}"))
}

/// The rating given, or that of the sets together.
fn rating(a: &PlanArgs) -> Option<f64> {
    a.rating_kw.or(a.heat.as_ref().map(|_| a.set_kw * f64::from(a.sets)))
}

/// The fuel curve, and the price behind it where it is made of heat.
fn fuel(a: &PlanArgs) -> Result<(FuelCurve, Option<FuelPrice>), String> {
    let Some(heat) = &a.heat else {
        let g = a.fuel_quadratic.unwrap_or(0.0);
        return FuelCurve::polynomial(a.fuel_idle, a.fuel_linear, g).map(|c| (c, None)).map_err(|e| e.to_string());
    };
    if !(2..=3).contains(&heat.len()) {
        return Err(format!("--heat has {} numbers (expected IDLE,PER_KW or IDLE,PER_KW,PER_KW2)", heat.len()));
    }
    let price = economics::fuel_price(&a.money)?;
    let heat = Heat { idle_kw: heat[0], per_kw: heat[1], per_kw2: heat.get(2).copied().unwrap_or(0.0) };
    let sets = vec![Committed { heat, rating_kw: a.set_kw }; usize::from(a.sets)];
    FuelCurve::committed(&sets, price).map(|c| (c, Some(price))).map_err(|e| e.to_string())
}

fn problem(a: &PlanArgs, profile: &Profile, miner_max_kw: f64, fuel: FuelCurve) -> Result<Problem, String> {
    let n = profile.net_kw.len();
    let list = |column: &Option<Vec<f64>>, flat: Option<f64>, missing: &str| match (column, flat) {
        (Some(values), _) => Ok(values.clone()),
        (None, Some(v)) => Ok(vec![v; n]),
        (None, None) => Err(format!("{missing} is not given, and the load has no such column")),
    };
    Ok(Problem {
        step_h: profile.step_h,
        load_kw: profile.net_kw.clone(),
        miner_max_kw,
        rating_kw: rating(a),
        income_per_kwh: list(&profile.income_per_kwh, a.price_per_kwh, "--price-per-kwh")?,
        ramp_weight: list(&profile.ramp_weight, a.ramp_weight, "--ramp-weight")?,
        fuel,
        bounds: a.penalty.map_or(Bounds::Hard, |alpha| Bounds::Penalty { alpha }),
        ends: if a.open { Ends::Open { from_kw: None, to: None } } else { Ends::Periodic },
        ramp_limit_kw_per_h: a.ramp_limit,
    })
}

fn write_csv(path: &Path, profile: &Profile, plan: &Plan) -> Result<(), String> {
    let mut text = String::from("t_h,load_kw,miner_kw,genset_kw,ramp_kw_per_h,lambda\n");
    for (i, x) in plan.genset_kw.iter().enumerate() {
        let t_h = profile.start_h + profile.step_h * i as f64;
        let load = profile.net_kw[i];
        let (miner, ramp, lambda) = (plan.miner_kw[i], plan.ramp_kw_per_h[i], plan.lambda_per_kw[i]);
        text += &format!("{t_h},{load},{miner},{x},{ramp},{lambda}\n");
    }
    std::fs::write(path, text).map_err(|e| format!("{e}: {}", path.display()))
}

fn as_json(
    profile: &Profile,
    plan: &Plan,
    [before, after]: [&Figures; 2],
    price: Option<FuelPrice>,
    wall_s: f64,
) -> Value {
    let figures = |f: &Figures| {
        json!({
            "objective": f.objective.total(),
            "generation": f.objective.generation,
            "ramp": f.objective.ramp,
            "revenue": f.objective.revenue,
            "genset_kwh": f.genset_kwh,
            "miner_kwh": f.miner_kwh,
            "genset_max_kw": f.genset_max_kw,
            "genset_min_kw": f.genset_min_kw,
            "genset_deviation_kw": f.genset_deviation_kw,
            "ramp_max_kw_per_h": f.ramp_max_kw_per_h,
            "fleet_starts": f.fleet_starts,
            "machine_starts": f.machine_starts,
            "fuel_kwh": price.map(|p| f.heat_kwh(p)),
            "co2_kg": price.map(|p| f.heat_kwh(p) * p.co2_kg_per_kwh_lhv),
        })
    };
    let (o, r) = (plan.objective, plan.residuals);
    json!({
        "objective": o.total(),
        "objective_generation": o.generation,
        "objective_ramp": o.ramp,
        "objective_revenue": o.revenue,
        "objective_penalty": o.penalty,
        "iterations": plan.iterations,
        "max_violation_kw": plan.max_violation_kw,
        "residual_state_kw": r.state_kw,
        "residual_costate_per_kwh": r.costate_per_kwh,
        "residual_hamiltonian_per_kw": r.hamiltonian_per_kw,
        "residual_periodic_per_kw": r.periodic_per_kw,
        "steps": plan.genset_kw.len(),
        "step_h": plan.step_h,
        "curtailed_kwh": profile.curtailed_kwh,
        "before": figures(before),
        "after": figures(after),
        "notes": profile.notes,
        "wall_s": wall_s,
    })
}

fn print(
    load: &str,
    profile: &Profile,
    p: &Problem,
    plan: &Plan,
    [before, after]: [&Figures; 2],
    price: Option<FuelPrice>,
    wall_s: f64,
) {
    let form = match p.bounds {
        Bounds::Hard => "hard bounds".to_owned(),
        Bounds::Penalty { alpha } => format!("penalty {alpha} $/(kW²h)"),
    };
    let ends = if p.is_periodic() { "periodic" } else { "open" };
    println!("{load}: {} steps of {:.6} h, {ends}, {form}", p.len(), p.step_h);
    let highest = (0..p.len()).map(|i| p.hi_kw(i)).fold(0.0, f64::max);
    let one_income = p.income_per_kwh.windows(2).all(|w| w[0] == w[1]);
    if let Some(kw) = p.fuel.pays_to_kw(p.income_per_kwh[0]).filter(|kw| one_income && *kw <= highest) {
        println!("cheapest level without a load to follow: {kw:.1} kW");
    }
    println!("{:<28} {:>14} {:>14} {:>14}", "over the period", "before", "after", "change");
    let row = |what: &str, f: fn(&Figures) -> f64, digits: usize| {
        let (b, a) = (f(before), f(after));
        println!("{what:<28} {b:>14.digits$} {a:>14.digits$} {:>+14.digits$}", a - b);
    };
    row("fuel, $", |f| f.objective.generation, 2);
    if let Some(p) = price {
        let line = |what: &str, factor: f64| {
            let (b, a) = (factor * before.heat_kwh(p), factor * after.heat_kwh(p));
            println!("{what:<28} {b:>14.0} {a:>14.0} {:>+14.0}", a - b);
        };
        line("fuel, kWh LHV", 1.0);
        line("CO2, kg", p.co2_kg_per_kwh_lhv);
    }
    row("ramping, $", |f| f.objective.ramp, 2);
    row("mining income, $", |f| f.objective.revenue, 2);
    if matches!(p.bounds, Bounds::Penalty { .. }) {
        row("penalty, $", |f| f.objective.penalty, 2);
    }
    row("total cost, $", |f| f.objective.total(), 2);
    row("genset energy, kWh", |f| f.genset_kwh, 1);
    row("miner energy, kWh", |f| f.miner_kwh, 1);
    row("highest genset power, kW", |f| f.genset_max_kw, 1);
    row("lowest genset power, kW", |f| f.genset_min_kw, 1);
    row("deviation from the mean, kW", |f| f.genset_deviation_kw, 1);
    row("steepest ramp, kW/h", |f| f.ramp_max_kw_per_h, 2);
    row("starts of the fleet", |f| f64::from(f.fleet_starts), 0);
    row("starts of single miners", |f| f64::from(f.machine_starts), 0);
    let r = plan.residuals;
    println!(
        "solved in {:.3} ms, {} iterations; bounds left by {:.2e} kW; conditions met to {:.1e} kW, {:.1e} $/kWh, {:.1e} $/kW, \
         {:.1e} $/kW",
        1e3 * wall_s,
        plan.iterations,
        plan.max_violation_kw,
        r.state_kw,
        r.costate_per_kwh,
        r.hamiltonian_per_kw,
        r.periodic_per_kw
    );
    if profile.curtailed_kwh > 0.0 {
        println!("PV cut: {:.1} kWh", profile.curtailed_kwh);
    }
    profile.notes.iter().for_each(|n| println!("note: {n}"));
}
