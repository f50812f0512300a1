//! What a day of genset and miner power comes to: the figures of a before/after table.

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
