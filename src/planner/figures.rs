//! What a day of genset and miner power comes to: the figures of a before/after table, and the table itself ([`FIGURES`]),
//! which the command line, the console and the page read.

use super::curve::FuelPrice;
use super::plan::{Objective, objective};
use super::problem::Problem;

/// Figures of a schedule, over the period of its problem.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// What it costs.
    pub objective: Objective,
    /// Energy of the gensets, kWh.
    pub genset_kwh: f64,
    /// Energy of the miners, kWh.
    pub miner_kwh: f64,
    /// Highest and lowest genset power, kW.
    pub genset_max_kw: f64,
    /// See above.
    pub genset_min_kw: f64,
    /// Flatness: standard deviation of genset power, kW.
    pub genset_deviation_kw: f64,
    /// Steepest ramp up or down, kW/h.
    pub ramp_max_kw_per_h: f64,
    /// Starts of the fleet: rises from below half a machine.
    pub fleet_starts: u32,
    /// Starts of single machines, with the power rounded to whole ones.
    pub machine_starts: u32,
}

/// A row of the before/after table.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    /// Key in JSON.
    pub key: &'static str,
    /// Name.
    pub label: &'static str,
    /// Unit; empty for counts.
    pub unit: &'static str,
    /// Decimals shown.
    pub decimals: usize,
    /// Its value; None where it is not known (heat, where generation was not priced by heat).
    pub of: fn(&Figures, Option<FuelPrice>) -> Option<f64>,
}

const fn figure(
    key: &'static str,
    label: &'static str,
    unit: &'static str,
    decimals: usize,
    of: fn(&Figures, Option<FuelPrice>) -> Option<f64>,
) -> Figure {
    Figure { key, label, unit, decimals, of }
}

/// The table, in its order. The penalty is 0 with hard bounds.
pub const FIGURES: [Figure; 15] = [
    figure("generation", "fuel", "$", 2, |f, _| Some(f.objective.generation)),
    figure("fuel_kwh", "fuel", "kWh LHV", 0, |f, p| p.map(|p| f.heat_kwh(p))),
    figure("co2_kg", "CO2", "kg", 0, |f, p| p.map(|p| f.heat_kwh(p) * p.co2_kg_per_kwh_lhv)),
    figure("ramp", "ramping", "$", 2, |f, _| Some(f.objective.ramp)),
    figure("revenue", "mining income", "$", 2, |f, _| Some(f.objective.revenue)),
    figure("penalty", "penalty", "$", 2, |f, _| Some(f.objective.penalty)),
    figure("objective", "total cost", "$", 2, |f, _| Some(f.objective.total())),
    figure("genset_kwh", "genset energy", "kWh", 1, |f, _| Some(f.genset_kwh)),
    figure("miner_kwh", "miner energy", "kWh", 1, |f, _| Some(f.miner_kwh)),
    figure("genset_max_kw", "highest genset power", "kW", 1, |f, _| Some(f.genset_max_kw)),
    figure("genset_min_kw", "lowest genset power", "kW", 1, |f, _| Some(f.genset_min_kw)),
    figure("genset_deviation_kw", "deviation from the mean", "kW", 1, |f, _| Some(f.genset_deviation_kw)),
    figure("ramp_max_kw_per_h", "steepest ramp", "kW/h", 2, |f, _| Some(f.ramp_max_kw_per_h)),
    figure("fleet_starts", "starts of the fleet", "", 0, |f, _| Some(f64::from(f.fleet_starts))),
    figure("machine_starts", "starts of single miners", "", 0, |f, _| Some(f64::from(f.machine_starts))),
];

impl Figure {
    /// Whether it says something of these two: heat where it is known, a penalty where one is paid.
    #[must_use]
    pub fn is_told(&self, [before, after]: [&Figures; 2], price: Option<FuelPrice>) -> bool {
        let values = [before, after].map(|f| (self.of)(f, price));
        values.iter().all(Option::is_some) && (self.key != "penalty" || values != [Some(0.0); 2])
    }

    /// Name and unit as a list has them: `fuel, $`.
    #[must_use]
    pub fn words(&self) -> String {
        if self.unit.is_empty() { self.label.to_owned() } else { format!("{}, {}", self.label, self.unit) }
    }
}

impl Figures {
    /// Heat burnt, kWh of lower heating value, where generation was priced by heat.
    #[must_use]
    pub fn heat_kwh(&self, price: FuelPrice) -> f64 {
        let per_kwh = price.total_per_kwh_lhv();
        if per_kwh > 0.0 { self.objective.generation / per_kwh } else { 0.0 }
    }

    /// Of a genset schedule under a problem's prices; `machine_kw` is the power of one miner.
    #[must_use]
    pub fn of(p: &Problem, genset_kw: &[f64], machine_kw: f64) -> Self {
        let (n, h) = (p.len().min(genset_kw.len()), p.step_h);
        let mut f = Self { objective: objective(p, genset_kw), genset_min_kw: f64::INFINITY, ..Self::default() };
        if n == 0 {
            return Self::default();
        }
        let miner = |i: usize| genset_kw[i] - p.load_kw[i];
        let machines = |i: usize| if machine_kw > 0.0 { (miner(i) / machine_kw).round().max(0.0) } else { 0.0 };
        for i in 0..n {
            f.genset_kwh += h * genset_kw[i];
            f.miner_kwh += h * miner(i);
            f.genset_max_kw = f.genset_max_kw.max(genset_kw[i]);
            f.genset_min_kw = f.genset_min_kw.min(genset_kw[i]);
            if p.has_next(i) {
                let j = if i + 1 == n { 0 } else { i + 1 };
                f.ramp_max_kw_per_h = f.ramp_max_kw_per_h.max(((genset_kw[j] - genset_kw[i]) / h).abs());
                f.fleet_starts += u32::from(machines(i) == 0.0 && machines(j) > 0.0);
                f.machine_starts += (machines(j) - machines(i)).max(0.0) as u32;
            }
        }
        let mean = f.genset_kwh / (h * n as f64);
        let squares: f64 = genset_kw[..n].iter().map(|x| (x - mean) * (x - mean)).sum();
        f.genset_deviation_kw = (squares / n as f64).sqrt();
        f
    }
}
