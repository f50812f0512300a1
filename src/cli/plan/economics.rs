//! `ballast plan --economics` and `--renewables`: machines, the source paper's tables made again, years, renewable shares.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use crate::cli::say::say;
use crate::planner::costs::Costs;
use crate::planner::curve::FuelPrice;
use crate::planner::economics::{Trend, account, price_limit, profit_line, table, years};
use crate::planner::problem::Problem;
use crate::planner::profile::{Profile, Wanted};
use crate::planner::renewable::{self, Share};
use crate::report::plan::load;

/// Years of the cumulated profit.
const YEARS: usize = 6;
/// Shares of renewable energy, in steps of ten per cent.
const SHARES: usize = 9;

/// Arguments of the economics.
#[derive(Args)]
#[command(next_help_heading = "Economics")]
pub struct MoneyArgs {
    /// Print machines, accounts, the source paper's table and limit made again, and years; needs no load
    #[arg(long)]
    pub economics: bool,
    /// Plan the day for renewable shares of 0 to 80 %, and print cost and net with and without miners
    #[arg(long)]
    pub renewables: bool,
    /// Shape of the renewable output: pv, wind, or FILE.csv with its output over the day in place of a load
    #[arg(long, value_name = "SHAPE", default_value = "pv")]
    shape: String,
    /// Cost file: FILE.ron, or the name of a shipped one (default, paper)
    #[arg(long, value_name = "COSTS", default_value = "default")]
    costs: String,
    /// Price of fuel in place of the cost file's, $/kWh of lower heating value
    #[arg(long, value_name = "C")]
    gas_per_kwh: Option<f64>,
    /// Price of carbon dioxide in place of the cost file's, $/t
    #[arg(long, value_name = "C")]
    co2_per_t: Option<f64>,
    /// Share of the time that machines run, for the accounts
    #[arg(long, value_name = "SHARE", default_value_t = 1.0)]
    duty: f64,
    /// Machine whose price the renewable shares carry: its number in the cost file, from 1
    #[arg(long, value_name = "N", default_value_t = 1)]
    machine: usize,
}

fn costs(a: &MoneyArgs) -> Result<Costs, String> {
    let path = PathBuf::from(&a.costs);
    if path.extension().is_none() && !path.exists() {
        return Costs::shipped(&a.costs);
    }
    let text = crate::text::load(&path).map_err(|e| e.to_string())?;
    Costs::read(&text, &a.costs).map_err(|e| e.to_string())
}

/// Price of heat as the cost file has it.
pub fn fuel_price(a: &MoneyArgs) -> Result<FuelPrice, String> {
    let price = costs(a)?.fuel_price().map_err(|e| format!("{e}: {}", a.costs))?;
    Ok(FuelPrice {
        per_kwh_lhv: a.gas_per_kwh.unwrap_or(price.per_kwh_lhv),
        co2_per_t: a.co2_per_t.unwrap_or(price.co2_per_t),
        ..price
    })
}

/// Prints the economics of the machines.
pub fn economics(a: &MoneyArgs, as_json: bool) -> Result<(), String> {
    if !(a.duty > 0.0 && a.duty <= 1.0) {
        return Err(format!("--duty is {} (expected a share from 0 to 1)", a.duty));
    }
    let costs = costs(a)?;
    let life = costs.value("machine_life_days")?;
    let trend = Trend {
        income_fall: costs.value("income_fall_per_year")?,
        power_rise: costs.value("power_price_rise_per_year")?,
        duty: a.duty,
    };
    if as_json {
        say!("{}", economics_json(a, &costs, life, trend));
        return Ok(());
    }
    say!("{} (duty {:.0} %, life {life} days)", costs.purpose, 100.0 * a.duty);
    say!(
        "{:<20} {:>8} {:>9} {:>9} {:>9} {:>9} {:>9} {:>10} {:>9} {:>9}",
        "a machine, $/day",
        "income",
        "energy",
        "capital",
        "net",
        "$/kWh in",
        "even at",
        "x* kW",
        "payback",
        "paid"
    );
    for m in &costs.machines {
        let c = account(m, life, a.duty);
        let paid = c.payback_paid_days.map_or("never".to_owned(), |d| format!("{d:.0} d"));
        say!(
            "{:<20} {:>8.2} {:>9.2} {:>9.2} {:>9.2} {:>9.4} {:>9.4} {:>10.0} {:>7.0} d {paid:>9}",
            m.name,
            c.income,
            c.energy,
            c.capital,
            c.net,
            c.income_per_kwh,
            c.break_even_per_kwh,
            c.cheapest_kw,
            c.payback_free_days
        );
    }
    say!("payback with free power, and at the machine's own energy price [computed]");
    say!(
        "\n{YEARS} years, cumulated $ a machine; income falls by {:.0} % a year, power rises by {:.0} % [computed]",
        100.0 * trend.income_fall,
        100.0 * trend.power_rise
    );
    for m in &costs.machines {
        let cells: String = years(m, trend, YEARS).iter().map(|v| format!(" {v:>9.0}")).collect();
        say!("{:<20}{cells}", m.name);
    }
    if let Some(p) = &costs.published {
        say!("\nfrom {}", p.source);
        say!("{:<10} {:>8} {:>9} {:>9} {:>9}", "table III", "machine", "printed", "formula", "plain");
        for r in table(&costs, p, life) {
            let misprint = if r.agrees { "" } else { "  misprint" };
            say!("{:<10} {:>8} {:>9.2} {:>9.2} {:>9.2}{misprint}", r.month, r.machine, r.printed, r.formula, r.plain);
        }
        say!(
            "formula: {} - {} x operating cost - price / life [derived]; plain: own income - operating cost - price / life \
             [computed]",
            p.profit_at_no_price_per_day,
            p.profit_slope
        );
        for m in &costs.machines {
            let l = profit_line(m);
            say!(
                "equation 10, {}: profit = {:.2} - {:.3} x $/MWh [derived]; printed {} - {} x price without a unit",
                m.name,
                l.at_no_price,
                l.slope_mwh_per_day,
                p.profit_at_no_price_per_day,
                p.profit_slope
            );
        }
        let v = p.limit_profit_per_day;
        say!(
            "equation 11 at {v} $/day: {:.0} $ [derived]; the text prints {:.0} $",
            price_limit(p, life, v),
            p.limit_price
        );
    }
    Ok(())
}

fn economics_json(a: &MoneyArgs, costs: &Costs, life: f64, trend: Trend) -> Value {
    let machines: Vec<Value> = costs
        .machines
        .iter()
        .map(|m| {
            let c = account(m, life, a.duty);
            json!({
                "name": m.name,
                "power_kw": m.power_kw,
                "income_per_kwh": c.income_per_kwh,
                "fuel_quadratic": c.fuel_g,
                "cheapest_kw": c.cheapest_kw,
                "plant_kw": c.plant_kw,
                "income_per_day": c.income,
                "energy_per_day": c.energy,
                "capital_per_day": c.capital,
                "net_per_day": c.net,
                "break_even_per_kwh": c.break_even_per_kwh,
                "payback_free_days": c.payback_free_days,
                "payback_paid_days": c.payback_paid_days,
                "cumulated_by_year": years(m, trend, YEARS),
            })
        })
        .collect();
    let published = costs.published.as_ref().map(|p| {
        let rows: Vec<Value> = table(costs, p, life)
            .iter()
            .map(|r| {
                json!({
                    "month": r.month,
                    "machine": r.machine,
                    "printed_per_day": r.printed,
                    "formula_per_day": r.formula,
                    "agrees": r.agrees,
                    "plain_per_day": r.plain,
                })
            })
            .collect();
        json!({
            "table_iii": rows,
            "price_limit_derived": price_limit(p, life, p.limit_profit_per_day),
            "price_limit_printed": p.limit_price,
        })
    });
    json!({ "purpose": costs.purpose, "machines": machines, "published": published })
}

/// Output over the day: a shipped shape, or a file's on the grid of the day.
fn shape(a: &MoneyArgs, day: &Problem) -> Result<Vec<f64>, String> {
    if let Some((_, shape)) = renewable::SHAPES.iter().find(|s| s.0.eq_ignore_ascii_case(&a.shape)) {
        return Ok(shape(day.len()));
    }
    let path = PathBuf::from(&a.shape);
    if path.extension().is_none() && !path.exists() {
        let names: Vec<String> = renewable::SHAPES.iter().map(|s| s.0.to_lowercase()).collect();
        return Err(format!("no file and no shape has this name (expected {}): {}", names.join(", "), a.shape));
    }
    let load = load::file(&path)?;
    let wanted = Wanted { steps: Some(day.len()), open: !day.is_periodic(), ..Wanted::default() };
    let profile = Profile::new(&load.rows, &wanted).map_err(|e| format!("{e}: {}", a.shape))?;
    let day_h = day.step_h * day.len() as f64;
    if (profile.step_h - day.step_h).abs() > 1e-6 * day.step_h {
        let has = profile.step_h * day.len() as f64;
        return Err(format!("the shape covers {has:.3} h (expected {day_h:.3} h, as the load): {}", a.shape));
    }
    Ok(profile.net_kw)
}

/// Prints the day at renewable shares.
pub fn renewables(a: &MoneyArgs, day: &Problem, as_json: bool) -> Result<(), String> {
    let costs = costs(a)?;
    let life = costs.value("machine_life_days")?;
    let machine = costs
        .machines
        .get(a.machine.wrapping_sub(1))
        .ok_or_else(|| format!("--machine is {} (expected 1 to {}): {}", a.machine, costs.machines.len(), a.costs))?;
    let day_h = day.step_h * day.len() as f64;
    let capital = day.miner_max_kw / machine.power_kw * machine.price.value / life * day_h / 24.0;
    let shares: Vec<f64> = (0..SHARES).map(|k| 0.1 * k as f64).collect();
    let cut = costs.value("curtailment_per_kwh").unwrap_or(0.0);
    let all = renewable::shares(day, &shape(a, day)?, &shares, capital, cut).map_err(|e| e.to_string())?;
    let zeros = renewable::crossings(&all);
    if as_json {
        let one = |s: &Share| {
            json!({
                "share": s.share,
                "ramp_without": s.ramp_without,
                "ramp_with": s.ramp_with,
                "total_without": s.total_without,
                "total_with": s.total_with,
                "revenue": s.revenue,
                "duty": s.duty,
                "cut_without_kwh": s.cut_without_kwh,
                "cut_with_kwh": s.cut_with_kwh,
                "net": s.net,
            })
        };
        say!("{}", json!({ "shares": all.iter().map(one).collect::<Vec<_>>(), "net_zero_at": zeros }));
        return Ok(());
    }
    say!(
        "share of the day's energy that {} offers, $ over the period; capital of {}: {capital:.2} $",
        a.shape,
        machine.name
    );
    say!(
        "{:>6} {:>11} {:>11} {:>11} {:>11} {:>9} {:>7} {:>10} {:>10} {:>9}",
        "share",
        "ramp before",
        "ramp after",
        "cost before",
        "cost after",
        "mining",
        "duty",
        "cut before",
        "cut after",
        "net"
    );
    for s in &all {
        say!(
            "{:>5.0}% {:>11.2} {:>11.2} {:>11.2} {:>11.2} {:>9.2} {:>6.0}% {:>10.1} {:>10.1} {:>9.2}",
            100.0 * s.share,
            s.ramp_without,
            s.ramp_with,
            s.total_without,
            s.total_with,
            s.revenue,
            100.0 * s.duty,
            s.cut_without_kwh,
            s.cut_with_kwh,
            s.net
        );
    }
    let at: Vec<String> = zeros.iter().map(|z| format!("{:.1} %", 100.0 * z)).collect();
    let at = if at.is_empty() { "nowhere in this range".to_owned() } else { at.join(", ") };
    say!("net crosses zero at: {at} [computed, for this day and these prices; the paper's 40 % cannot be made again]");
    Ok(())
}
