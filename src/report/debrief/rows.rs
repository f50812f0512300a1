//! The recorded quantities that a debrief draws: lowest and highest value of each row.

use crate::acts::Block;

/// Ids of the signals, in the order of [`Rows::ranges`].
const IDS: [&str; 8] = [
    "site.f_hz",
    "site.gen_kw",
    "site.gpu_kw",
    "site.miner_kw",
    "site.bess_kw",
    "site.step_up_1s_kw",
    "site.ramp_5s_kw_per_s",
    "site.step_cap_kw",
];

/// Which quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Frequency, Hz.
    Frequency,
    /// Gensets, kW.
    Genset,
    /// GPUs, kW.
    Gpu,
    /// Miners, kW.
    Miner,
    /// Batteries, kW.
    Bess,
    /// Rise within 1 s, kW.
    Step,
    /// 5 s ramp, kW/s.
    Ramp,
    /// Step allowance, kW.
    Allowance,
}

/// Rows over the whole run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// Times, s, rising.
    pub t_s: Vec<f64>,
    ranges: [Vec<(f64, f64)>; IDS.len()],
}

impl Rows {
    /// From a block; `place` finds the column of a signal by its id. What is not recorded stays empty.
    #[must_use]
    pub fn of(block: &Block, place: impl Fn(&str) -> Option<usize>) -> Self {
        let column = |id: &str| -> Vec<(f64, f64)> {
            let Some(at) = place(id).filter(|p| *p < block.width) else { return Vec::new() };
            (0..block.rows()).map(|r| (block.min[r * block.width + at], block.max[r * block.width + at])).collect()
        };
        Self { t_s: block.t_s.clone(), ranges: IDS.map(column) }
    }

    /// Time, lowest, highest of a quantity within a span.
    #[must_use]
    pub fn points(&self, what: What, [a, b]: [f64; 2]) -> Vec<(f64, f64, f64)> {
        let range = &self.ranges[what as usize];
        let from = self.t_s.partition_point(|t| *t < a);
        let to = self.t_s.partition_point(|t| *t <= b).min(range.len());
        (from..to.max(from)).filter_map(|k| range.get(k).map(|(lo, hi)| (self.t_s[k], *lo, *hi))).collect()
    }

    /// Whether the quantity was ever above `level`.
    #[must_use]
    pub fn exceeds(&self, what: What, level: f64) -> bool {
        self.ranges[what as usize].iter().any(|(lo, hi)| lo.abs().max(hi.abs()) > level)
    }

    /// Time of the last row.
    #[must_use]
    pub fn end_s(&self) -> f64 {
        self.t_s.last().copied().unwrap_or(0.0)
    }
}
