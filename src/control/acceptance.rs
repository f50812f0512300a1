//! What the engine takes at once: its step acceptance, and what a policy makes of it.
//!
//! A table of (load, largest step), both in pu of rating, load rising. Between its points it is linear, outside them flat, and
//! a table without points limits nothing: 1 pu at every load. This is the only reading of such a table.

use super::Policy;

/// Largest step that an engine with this table accepts at a load, pu of rating; never below 0.
#[must_use]
pub fn acceptance_pu(table: &[(f64, f64)], load_pu: f64) -> f64 {
    let Some((first, last)) = table.first().zip(table.last()) else { return 1.0 };
    let step = if load_pu <= first.0 {
        first.1
    } else {
        let pair = table.windows(2).find(|pair| load_pu <= pair[1].0);
        pair.map_or(last.1, |pair| {
            let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
            y0 + (y1 - y0) * if x1 > x0 { (load_pu - x0) / (x1 - x0) } else { 1.0 }
        })
    };
    step.max(0.0)
}

impl Policy {
    /// Largest step that the engine accepts at this load, pu of rating.
    #[must_use]
    pub fn acceptance_pu(&self, load_pu: f64) -> f64 {
        acceptance_pu(&self.step_acceptance, load_pu)
    }

    /// Capacity of the STEP NOW bucket at this load, kW; 0 without a rating.
    #[must_use]
    pub fn bucket_kw(&self, load_kw: f64, rated_kw: f64) -> f64 {
        if rated_kw <= 0.0 {
            return 0.0;
        }
        self.bucket_share * self.acceptance_pu(load_kw / rated_kw) * rated_kw
    }

    /// Rate at which shed miners come back, kW/s.
    #[must_use]
    pub fn restore_rate_kw_per_s(&self) -> f64 {
        if self.restore_kw_per_s > 0.0 { self.restore_kw_per_s } else { self.ramp_limit_kw_per_s }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_linear_between_points_and_flat_outside() {
        let table = [(0.0, 0.16), (0.39, 0.10), (1.0, 0.09)];
        for (load, step) in [(-1.0, 0.16), (0.0, 0.16), (0.195, 0.13), (0.39, 0.10), (1.0, 0.09), (1.2, 0.09)] {
            assert!((acceptance_pu(&table, load) - step).abs() < 1e-12, "{load}");
        }
        assert_eq!((acceptance_pu(&[], 0.5), acceptance_pu(&[(0.0, -1.0)], 0.5)), (1.0, 0.0));
    }
}
