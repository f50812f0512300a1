//! Costs as files: every value with unit, source, date, range and whether it is a guess. No price stands in the program.
//!
//! The items are one table ([`ITEMS`]); a file may leave out what its reader does not ask for, and may hold nothing that is
//! not in the table, so that a misspelt name is not a silent default.

use serde::Deserialize;

use super::curve::FuelPrice;
use crate::shipped::COSTS;
use crate::text::{self, At, Checked, Error};

/// The items: id, unit, meaning.
pub const ITEMS: [(&str, &str, &str); 37] = [
    ("gas_per_kwh_lhv", "$/kWh LHV", "fuel gas"),
    ("co2_kg_per_kwh_lhv", "kg/kWh LHV", "carbon dioxide from burning gas"),
    ("co2_per_t", "$/t", "price of carbon dioxide"),
    ("engine_om_per_kwh", "$/kWh", "operation and maintenance of the gensets"),
    ("hashprice_per_ph_day", "$/(PH/s)/day", "what hashing earns"),
    ("miner_j_per_th", "J/TH", "efficiency of the miners"),
    ("income_fall_per_year", "1/year", "share by which mining income falls each year"),
    ("power_price_rise_per_year", "1/year", "share by which the price of power rises each year"),
    ("export_per_kwh", "$/kWh", "value of exported energy"),
    ("curtailment_per_kwh", "$/kWh", "payment for PV that is cut"),
    ("gpu_hour", "$/GPU-hour", "what a GPU earns in an hour"),
    ("callout_per_trip", "$", "call-out and wear a trip"),
    ("dark_after_trip", "min", "site without power after a trip"),
    ("gpu_restart", "min", "restart of a GPU job"),
    ("gpu_checkpoint", "min", "time between checkpoints of a GPU job"),
    ("miner_wake", "min", "start of a miner to full power"),
    ("bess_fixed", "$", "battery, whatever its size"),
    ("bess_per_kw", "$/kW", "battery, by power"),
    ("bess_per_kwh", "$/kWh", "battery, by energy"),
    ("bess_low_small_fixed", "$", "battery below 150 kW, low price: first 50 kW"),
    ("bess_low_small_per_kw", "$/kW", "battery below 150 kW, low price: above 50 kW"),
    ("bess_low_large_fixed", "$", "battery from 150 kW on, low price: first 150 kW"),
    ("bess_low_large_per_kw", "$/kW", "battery from 150 kW on, low price: above 150 kW"),
    ("bess_stated_100kw", "$", "battery of 100 kW, as the operational model says"),
    ("bess_stated_200kw", "$", "battery of 200 kW, as the operational model says"),
    ("bess_stated_400kw", "$", "battery of 400 kW, as the operational model says"),
    ("bess_stated_600kw", "$", "battery of 600 kW, as the operational model says"),
    ("bess_om_per_year", "1/year", "upkeep of a battery, share of its cost"),
    ("bess_life", "years", "life of a battery"),
    ("bess_availability", "1", "share of time that a battery is there"),
    ("bess_round_trip", "1", "round-trip efficiency of a battery"),
    ("control_tight", "$", "tight control: writing and commissioning"),
    ("control_simple", "$", "simple control: writing and commissioning"),
    ("control_upkeep_per_year", "1/year", "upkeep of control, share of its cost"),
    ("discount_rate", "1/year", "discount rate"),
    ("horizon", "years", "years that a study looks ahead"),
    ("machine_life_days", "days", "life over which a miner's price is spread"),
];

/// A value with where it comes from.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// The value, in `unit`.
    pub value: f64,
    /// Its unit.
    pub unit: String,
    /// Where it comes from.
    pub source: String,
    /// When that was: a year or a year and month.
    pub date: String,
    /// Where it may lie.
    pub range: (f64, f64),
    /// Whether it is a guess.
    pub guess: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    id: String,
    value: f64,
    unit: String,
    source: String,
    date: String,
    range: (f64, f64),
    guess: bool,
}

/// A kind of miner.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// Name.
    pub name: String,
    /// Power, kW.
    pub power_kw: f64,
    /// Hash rate, TH/s.
    pub hashrate_th_per_s: f64,
    /// k of the source paper's fuel curve, g = k · energy price / power² (kW²h).
    pub fuel_k: f64,
    /// Number of machines.
    pub count: u32,
    /// Price of one, $.
    pub price: Cost,
    /// What one earns a day at full power, $/day.
    pub income_per_day: Cost,
    /// What its energy costs, $/kWh.
    pub energy_per_kwh: Cost,
}

/// Figures as a paper prints them.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// Which paper.
    pub source: String,
    /// Of when.
    pub date: String,
    /// Equation 10: a, $/day.
    pub profit_at_no_price_per_day: f64,
    /// Equation 10: b, in the paper's units.
    pub profit_slope: f64,
    /// Equation 11: the profit V that is subtracted, $/day.
    pub limit_profit_per_day: f64,
    /// Equation 11: the price a day that is subtracted, $/day.
    pub limit_anchor_per_day: f64,
    /// The limit that the text names, $.
    pub limit_price: f64,
    /// Table III.
    pub table: Vec<Row>,
}

/// A row of table III.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Month.
    pub month: String,
    /// Machine, from 1.
    pub machine: usize,
    /// Price of the machine a day, $/day.
    pub capital_per_day: f64,
    /// Operating cost, $/day.
    pub operating_per_day: f64,
    /// Net profit, $/day.
    pub net_per_day: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    purpose: String,
    items: Vec<Item>,
    #[serde(default)]
    machines: Vec<Machine>,
    #[serde(default)]
    published: Option<Published>,
}

/// A cost file that was read and checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Costs {
    /// What the file is for.
    pub purpose: String,
    /// Kinds of miners.
    pub machines: Vec<Machine>,
    /// Figures as a paper prints them.
    pub published: Option<Published>,
    items: Vec<(&'static str, Cost)>,
}

impl Costs {
    /// A shipped file by its name.
    ///
    /// # Errors
    /// If there is none, or it is wrong (a test reads them all).
    pub fn shipped(name: &str) -> Result<Self, String> {
        let names = || COSTS.files.iter().map(|s| s.0).collect::<Vec<_>>().join(", ");
        let (_, text) = COSTS
            .files
            .iter()
            .find(|s| s.0 == name)
            .ok_or_else(|| format!("no cost file has this name (expected {}): {name}", names()))?;
        Self::read(text, name).map_err(|e| e.to_string())
    }

    /// Reads the text of a file; `path` is for errors.
    ///
    /// # Errors
    /// One line with line and column.
    pub fn read(text: &str, path: &str) -> Result<Self, Error> {
        let file: File = text::parse(text, path)?;
        Self::check(file).map_err(|p| p.place(text, path))
    }

    fn check(file: File) -> Checked<Self> {
        let top = At::top();
        let purpose = top.line("purpose", &file.purpose, 200)?;
        let at_items = top.key("items");
        let names: Vec<&str> = ITEMS.iter().map(|i| i.0).collect();
        let mut items: Vec<(&'static str, Cost)> = Vec::new();
        for (i, item) in file.items.into_iter().enumerate() {
            let at = at_items.index(i);
            let (id, unit, _) = ITEMS[at.find("id", "cost", &item.id, &names)?];
            if items.iter().any(|(other, _)| *other == id) {
                return Err(at.key("id").problem(format!("`{id}` is given twice"), "each cost once"));
            }
            let Item { value, unit: given, source, date, range, guess, .. } = item;
            let cost = Cost { value, unit: given, source, date, range, guess };
            cost.check(&at, unit)?;
            items.push((id, cost));
        }
        let at_machines = top.key("machines");
        for (i, m) in file.machines.iter().enumerate() {
            let at = at_machines.index(i);
            at.line("name", &m.name, 60)?;
            at.num("power_kw", m.power_kw, 1e-3, 1e4)?;
            at.num("hashrate_th_per_s", m.hashrate_th_per_s, 1e-3, 1e6)?;
            at.num("fuel_k", m.fuel_k, 1e-9, 1e3)?;
            at.count("count", m.count, 1, 10_000_000)?;
            m.price.check(&at.key("price"), "$")?;
            m.income_per_day.check(&at.key("income_per_day"), "$/day")?;
            m.energy_per_kwh.check(&at.key("energy_per_kwh"), "$/kWh")?;
        }
        if let Some(p) = &file.published {
            let at = top.key("published");
            let table = at.key("table");
            for (i, row) in p.table.iter().enumerate() {
                if row.machine == 0 || row.machine > file.machines.len() {
                    let expected = format!("1 to {}", file.machines.len());
                    return Err(table
                        .index(i)
                        .key("machine")
                        .problem(format!("`machine` is {}", row.machine), expected));
                }
            }
        }
        Ok(Self { purpose, machines: file.machines, published: file.published, items })
    }

    /// An item with its source.
    #[must_use]
    pub fn item(&self, id: &str) -> Option<&Cost> {
        self.items.iter().find(|(i, _)| *i == id).map(|(_, c)| c)
    }

    /// The value of an item that is needed.
    ///
    /// # Errors
    /// If the file leaves it out.
    pub fn value(&self, id: &str) -> Result<f64, String> {
        self.item(id).map(|c| c.value).ok_or_else(|| format!("the cost file leaves out `{id}`"))
    }

    /// What heat costs: fuel, and carbon dioxide from burning it.
    ///
    /// # Errors
    /// If the file leaves one of its parts out.
    pub fn fuel_price(&self) -> Result<FuelPrice, String> {
        Ok(FuelPrice {
            per_kwh_lhv: self.value("gas_per_kwh_lhv")?,
            co2_kg_per_kwh_lhv: self.value("co2_kg_per_kwh_lhv")?,
            co2_per_t: self.value("co2_per_t")?,
        })
    }

    /// What a kWh earns in mining, $: the hash price over what a PH/s takes in a day.
    ///
    /// # Errors
    /// If the file leaves one of its parts out.
    pub fn mining_per_kwh(&self) -> Result<f64, String> {
        // J/TH are W for a TH/s, and kW for a PH/s
        let kwh_per_ph_day = 24.0 * self.value("miner_j_per_th")?;
        Ok(self.value("hashprice_per_ph_day")? / kwh_per_ph_day)
    }

    /// The same costs with another value of an item, as a sensitivity asks for; its source stays with it.
    ///
    /// # Errors
    /// If the file leaves it out.
    pub fn with(&self, id: &str, value: f64) -> Result<Self, String> {
        let mut costs = self.clone();
        let item = costs.items.iter_mut().find(|(i, _)| *i == id);
        item.ok_or_else(|| format!("the cost file leaves out `{id}`"))?.1.value = value;
        Ok(costs)
    }

    /// All items: id and cost.
    pub fn items(&self) -> impl Iterator<Item = (&'static str, &Cost)> {
        self.items.iter().map(|(id, c)| (*id, c))
    }
}

impl Cost {
    fn check(&self, at: &At, unit: &str) -> Checked<()> {
        if self.unit != unit {
            let message = format!("`unit` is {}", self.unit.chars().take(40).collect::<String>());
            return Err(at.key("unit").problem(message, format!("`{unit}`")));
        }
        at.line("source", &self.source, 300)?;
        let dated = |d: &str| {
            let parts: Vec<&str> = d.split('-').collect();
            let number = |s: &str, n: usize| s.len() == n && s.chars().all(|c| c.is_ascii_digit());
            matches!(parts[..], [y] if number(y, 4)) || matches!(parts[..], [y, m] if number(y, 4) && number(m, 2))
        };
        if !dated(&self.date) {
            return Err(at.key("date").problem("`date` is no date", "a year or a month such as 2026-01"));
        }
        let (lo, hi) = self.range;
        if !(lo.is_finite() && hi.is_finite() && lo <= hi) {
            return Err(at
                .key("range")
                .problem(format!("`range` is ({lo}, {hi})"), "two numbers, the lower one first"));
        }
        at.num("value", self.value, lo, hi).map(|_| ())
    }
}
