//! What mining is worth: machines, their accounts, and the source paper's economics beside plain accounting.
//!
//! Every figure says whether the paper prints it, whether it follows from printed numbers, or whether it is computed here.
//! All prices come from a cost file ([`super::costs`]). Units: $, days, kW, kWh.

use super::costs::{Costs, Machine, Published};

/// Hours a day.
const DAY_H: f64 = 24.0;

/// Where a figure comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Printed in the paper.
    Paper,
    /// Follows from printed numbers.
    Derived,
    /// Computed here, by plain accounting.
    Computed,
}

/// A machine's account; a day at the duty given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Account {
    /// Income for each kWh, $/kWh.
    pub income_per_kwh: f64,
    /// g of the paper's fuel curve, $/(kW²h).
    pub fuel_g: f64,
    /// Cheapest level of generation x* = income / 2g, kW.
    pub cheapest_kw: f64,
    /// All machines, kW.
    pub plant_kw: f64,
    /// Income, $/day.
    pub income: f64,
    /// Energy, $/day.
    pub energy: f64,
    /// Price spread over the life, $/day.
    pub capital: f64,
    /// Income less energy less capital, $/day.
    pub net: f64,
    /// Price of power at which it breaks even with its capital, $/kWh; negative: at none.
    pub break_even_per_kwh: f64,
    /// Days to earn the price with free power.
    pub payback_free_days: f64,
    /// Days to earn the price at its energy price; None: never.
    pub payback_paid_days: Option<f64>,
}

/// The account of a machine that runs a share `duty` of the time.
#[must_use]
pub fn account(m: &Machine, life_days: f64, duty: f64) -> Account {
    let full_kwh = DAY_H * m.power_kw;
    let income_per_kwh = m.income_per_day.value / full_kwh;
    let fuel_g = m.fuel_k * m.energy_per_kwh.value / (m.power_kw * m.power_kw);
    let income = duty * m.income_per_day.value;
    let energy = duty * full_kwh * m.energy_per_kwh.value;
    let capital = m.price.value / life_days;
    let margin = income - energy;
    Account {
        income_per_kwh,
        fuel_g,
        cheapest_kw: income_per_kwh / (2.0 * fuel_g),
        plant_kw: f64::from(m.count) * m.power_kw,
        income,
        energy,
        capital,
        net: margin - capital,
        break_even_per_kwh: (income - capital) / (duty * full_kwh),
        payback_free_days: m.price.value / income,
        payback_paid_days: (margin > 0.0).then(|| m.price.value / margin),
    }
}

/// Equation 10, profit = a − b · price of power, as printed and with the units that make it right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProfitLine {
    /// a, $/day.
    pub at_no_price: f64,
    /// b in $/day for each $/MWh, which is MWh a day.
    pub slope_mwh_per_day: f64,
}

/// Equation 10 of a machine: b is the energy that it takes a day.
#[must_use]
pub fn profit_line(m: &Machine) -> ProfitLine {
    ProfitLine { at_no_price: m.income_per_day.value, slope_mwh_per_day: DAY_H * m.power_kw / 1000.0 }
}

/// A row of table III: as printed, as its formula gives it, and by plain accounting.
#[derive(Clone, Debug, PartialEq)]
pub struct TableRow {
    /// Month and machine, from 1.
    pub month: String,
    /// See above.
    pub machine: usize,
    /// Net profit as printed, $/day.
    pub printed: f64,
    /// a − b · operating cost − price / life, with the printed numbers: what the table was made with.
    pub formula: f64,
    /// Whether the two agree to rounding; where not, the printed number is a misprint.
    pub agrees: bool,
    /// The machine's own income less its operating cost less its capital, $/day.
    pub plain: f64,
    /// Operating cost of all machines, $/day: the same for every machine of a month, so that it was shared out by number.
    pub plant_operating: f64,
}

/// Largest difference of a number printed to a cent from a sum of such.
const ROUNDING: f64 = 0.0125;

/// Table III.
#[must_use]
pub fn table(costs: &Costs, published: &Published, life_days: f64) -> Vec<TableRow> {
    let row = |r: &super::costs::Row| {
        let m = costs.machines.get(r.machine.wrapping_sub(1))?;
        let (a, b) = (published.profit_at_no_price_per_day, published.profit_slope);
        let capital = m.price.value / life_days;
        let formula = a - b * r.operating_per_day - capital;
        Some(TableRow {
            month: r.month.clone(),
            machine: r.machine,
            printed: r.net_per_day,
            formula,
            agrees: (formula - r.net_per_day).abs() <= ROUNDING,
            plain: m.income_per_day.value - r.operating_per_day - capital,
            plant_operating: r.operating_per_day * f64::from(m.count),
        })
    };
    published.table.iter().filter_map(row).collect()
}

/// Equation 11: the price that a machine may have at a profit of `profit_per_day`, $: C/life − anchor ≤ V − profit.
#[must_use]
pub fn price_limit(published: &Published, life_days: f64, profit_per_day: f64) -> f64 {
    life_days * (profit_per_day - published.limit_profit_per_day + published.limit_anchor_per_day)
}

/// How things change over the years.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// Share by which income falls each year.
    pub income_fall: f64,
    /// Share by which the price of power rises each year.
    pub power_rise: f64,
    /// Share of the time that the machine runs.
    pub duty: f64,
}

/// Cumulated profit of one machine at the end of each year, $: it is bought at the start, income falls, power gets dearer. A year
/// in which running would lose money it stands still.
#[must_use]
pub fn years(m: &Machine, trend: Trend, count: usize) -> Vec<f64> {
    const YEAR_DAYS: f64 = 365.0;
    let full_kwh = DAY_H * m.power_kw;
    let (mut income, mut power) = (m.income_per_day.value, m.energy_per_kwh.value);
    let mut sum = -m.price.value;
    let mut out = Vec::with_capacity(count);
    for _ in 0..count {
        sum += YEAR_DAYS * trend.duty * (income - full_kwh * power).max(0.0);
        out.push(sum);
        income *= 1.0 - trend.income_fall;
        power *= 1.0 + trend.power_rise;
    }
    out
}
