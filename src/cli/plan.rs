//! `ballast plan`: the miners' day, planned.

mod closed_loop;
mod economics;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use serde_json::{Value, json};

use super::Outcome;
use crate::cli::say::say;
use crate::planner::curve::{Committed, FuelCurve, FuelPrice, Heat};
use crate::planner::figures::{FIGURES, Figures};
use crate::planner::problem::Bounds;
use crate::planner::profile::{Profile, Wanted};
use crate::planner::setting::{Planned, Setting, Trouble};
use crate::planner::solve::Planner;
use crate::report::plan::{load, table};

/// What `ballast plan --help` ends with.
const EXAMPLES: &str = "\
Units: kW, h, $. Ramp weight a in $·h/kW² (cost a·(dP/dt)²), fuel g in $/(kW²h) (cost g·P²), penalty alpha in $/(kW²h).
There is no default for a: 1e-4 smooths over about an hour; the source paper's 1, read in kW, makes ramps dearer than fuel.

LOAD.csv has the header t_h,load_kw, with price_per_kwh, ramp_weight and pv_kw where wanted; or `time` with RFC 3339 stamps,
or time[Europe/Berlin] with local ones. A name instead of a file is a shipped day: duck, gpu-jobs, flat, windy. A recording of
the site (CSV of the console, or its database) or a journal is taken for what its GPUs and auxiliaries drew, or its sources gave
less what its miners took.

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
    let (Some(name), Some(miner_kw)) = (a.load.as_ref().or(a.scenario.as_ref()), a.miner_kw) else {
        economics::economics(&a.money, a.json)?;
        return Ok(ExitCode::SUCCESS);
    };
    if !(miner_kw.is_finite() && miner_kw >= 0.0) {
        return Err(format!("--miner-kw is {miner_kw} (expected 0 or more kW)"));
    }
    let (fuel, price) = fuel(a)?;
    let of_load = |e: String| format!("{e}: {name}");
    let load = if a.scenario.is_some() { load::run(super::load(name)?)? } else { load::named(name)? };
    let (wanted, setting) = (wanted(a, miner_kw), setting(a, miner_kw, fuel));
    if a.money.economics || a.money.renewables || a.closed.on {
        let day = Profile::new(&load.rows, &wanted).map_err(|e| of_load(e.to_string()))?;
        let problem = setting.problem(&day).map_err(|e| of_load(told(&e)))?;
        if a.money.economics {
            economics::economics(&a.money, a.json)?;
        }
        if a.money.renewables {
            economics::renewables(&a.money, &problem, a.json).map_err(of_load)?;
        }
        if a.closed.on && !(a.money.economics || a.money.renewables) {
            let found = closed_loop::run(&a.closed, &problem, a.machine_kw).map_err(of_load)?;
            if a.json {
                say!("{}", closed_loop::as_json(&found));
            } else {
                closed_loop::print(&found);
            }
        }
        return Ok(ExitCode::SUCCESS);
    }
    let start = Instant::now();
    let planned =
        Planned::new(&mut Planner::default(), &load.rows, &wanted, &setting).map_err(|e| of_load(told(&e)))?;
    let wall_s = start.elapsed().as_secs_f64();
    if let Some(path) = &a.csv {
        let mut text = Vec::new();
        let written = table::write(&planned, &mut text).and_then(|_| std::fs::write(path, text));
        written.map_err(|e| format!("{e}: {}", path.display()))?;
    }
    if a.json {
        say!("{}", as_json(&planned, price, wall_s));
    } else {
        print(name, &planned, price, wall_s);
    }
    Ok(ExitCode::SUCCESS)
}

/// What is wrong, in the words of the command line.
fn told(e: &Trouble) -> String {
    match e {
        Trouble::Missing(_, column) => {
            format!("--{} is not given, and the load has no such column", column.replace('_', "-"))
        }
        other => other.to_string(),
    }
}

fn wanted(a: &PlanArgs, miner_max_kw: f64) -> Wanted {
    Wanted {
        steps: a.steps,
        period_h: a.period_h,
        open: a.open,
        max_gap_h: a.max_gap_h,
        curtail: a.curtail,
        miner_max_kw,
        rating_kw: rating(a),
    }
}

fn setting(a: &PlanArgs, miner_kw: f64, fuel: FuelCurve) -> Setting {
    Setting {
        miner_kw,
        machine_kw: a.machine_kw,
        income_per_kwh: a.price_per_kwh,
        ramp_weight: a.ramp_weight,
        fuel,
        rating_kw: rating(a),
        ramp_limit_kw_per_h: a.ramp_limit,
        bounds: a.penalty.map_or(Bounds::Hard, |alpha| Bounds::Penalty { alpha }),
        open: a.open,
    }
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

fn as_json(planned: &Planned, price: Option<FuelPrice>, wall_s: f64) -> Value {
    let figures = |f: &Figures| -> serde_json::Map<String, Value> {
        let known = FIGURES.iter().map(|row| (row.key.to_owned(), json!((row.of)(f, price))));
        known.collect()
    };
    let (plan, day) = (&planned.plan, &planned.day);
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
        "curtailed_kwh": day.curtailed_kwh,
        "before": figures(&planned.before),
        "after": figures(&planned.after),
        "notes": day.notes,
        "wall_s": wall_s,
    })
}

fn print(load: &str, planned: &Planned, price: Option<FuelPrice>, wall_s: f64) {
    let (p, plan, day) = (&planned.problem, &planned.plan, &planned.day);
    let form = match p.bounds {
        Bounds::Hard => "hard bounds".to_owned(),
        Bounds::Penalty { alpha } => format!("penalty {alpha} $/(kW²h)"),
    };
    let ends = if p.is_periodic() { "periodic" } else { "open" };
    say!("{load}: {} steps of {:.6} h, {ends}, {form}", p.len(), p.step_h);
    let highest = (0..p.len()).map(|i| p.hi_kw(i)).fold(0.0, f64::max);
    let one_income = p.income_per_kwh.windows(2).all(|w| w[0] == w[1]);
    if let Some(kw) = p.fuel.pays_to_kw(p.income_per_kwh[0]).filter(|kw| one_income && *kw <= highest) {
        say!("cheapest level without a load to follow: {kw:.1} kW");
    }
    say!("{:<28} {:>14} {:>14} {:>14}", "over the period", "before", "after", "change");
    let both = [&planned.before, &planned.after];
    for row in FIGURES.iter().filter(|row| row.is_told(both, price)) {
        let [before, after] = both.map(|f| (row.of)(f, price).unwrap_or_default());
        let (what, digits) = (row.words(), row.decimals);
        say!("{what:<28} {before:>14.digits$} {after:>14.digits$} {:>+14.digits$}", after - before);
    }
    let r = plan.residuals;
    say!(
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
    if day.curtailed_kwh > 0.0 {
        say!("PV cut: {:.1} kWh", day.curtailed_kwh);
    }
    day.notes.iter().for_each(|n| say!("note: {n}"));
}
