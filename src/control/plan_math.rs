//! What a bring-up plan costs and which limits it meets, in closed form: no simulation, no state.
//!
//! A plan is a batch of `b` GPUs of `k` kW every `tau` seconds. A batch is taken as an instant step, so a window of
//! length `w` holds at most `ceil(w / tau)` batches, and everything else follows from that. The genset's answer (its
//! dip) is not here: that needs the twin. Powers in kW at the bus, times in seconds, energies in kWh.
//!
//! Ramp is the 5 s mean of the plant's metrics, `|P(t+5) - P(t)|/5`; up to an interval of 5 s it is written as the
//! long-run pace `b k / tau` (what a diagonal on log axes shows), beyond it one batch in 5 s is what counts.

mod limits;
mod trace;

pub use limits::{
    MAP_LIMITS, Pace, SourceLimit, all_limits, batch_for_time, binding, bucket_bound_kw, intervals, legal_batch,
    legal_edge, log_lerp, log_pos, max_batch, met, paces, source_limits, step_bound_kw,
};
pub use trace::{Trace, trace};

use super::policy::{BringUpPath, Policy, ShedMode};
use super::target::REACHED;

/// Length of the window of the sustained ramp, s.
pub const RAMP_WINDOW_S: f64 = 5.0;
/// Interval range that plans may use, s.
pub const INTERVAL_S: [f64; 2] = [0.1, 60.0];

/// A plan with what the plant must know about it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// Who takes up the power.
    pub path: BringUpPath,
    /// GPUs a batch.
    pub batch_gpus: f64,
    /// Seconds between batches.
    pub interval_s: f64,
    /// kW of one GPU at full.
    pub gpu_kw: f64,
    /// Rise of a batch from the wall to its full power, start jitter included; 0 where it is not known, s.
    pub rise_s: f64,
    /// Preload, as a share of full: what a staged batch adds first.
    pub preload_share: f64,
    /// GPU power to reach.
    pub target_kw: f64,
    /// GPUs in the fleet.
    pub fleet_gpus: f64,
    /// Genset load before the first batch.
    pub start_kw: f64,
    /// Rating on the bus.
    pub rated_kw: f64,
    /// Share of each batch that miners give up, 0 to 1.
    pub shed_share: f64,
    /// Mean command latency of the miners.
    pub miner_lag_s: f64,
    /// Power of one miner: the quantum of shedding.
    pub miner_unit_kw: f64,
    /// Miner power that can be shed.
    pub miner_kw: f64,
    /// Miners are commanded this long before the GPUs.
    pub shed_lead_s: f64,
    /// GPUs wait until the miners' fall is measured: one batch in flight, never more.
    pub confirmed: bool,
    /// BESS power in service.
    pub bess_kw: f64,
}

/// Load of the gensets as if no GPU of the plan were up: what all sources give, less the GPUs, and the miners that were taken
/// off for them. It is the same before, during and after a bring-up, but for what is on its way.
#[must_use]
pub fn load_without_plan_kw(sources_kw: f64, gpu_kw: f64, shed_kw: f64) -> f64 {
    let known = |v: f64| if v.is_finite() { v } else { 0.0 };
    (known(sources_kw) - known(gpu_kw) + known(shed_kw)).max(0.0)
}

/// Most batches that any window of `window_s` can hold: `ceil(window / interval)`.
#[must_use]
pub fn batches_within(window_s: f64, interval_s: f64) -> f64 {
    if interval_s <= 0.0 { f64::MAX } else { (window_s / interval_s - 1e-9).ceil().max(1.0) }
}

impl Plan {
    /// The plan of a policy on a plant of these numbers.
    #[must_use]
    pub fn of(policy: &Policy, gpu_kw: f64, fleet_gpus: f64, rated_kw: f64, start_kw: f64) -> Self {
        Self {
            path: policy.path,
            batch_gpus: f64::from(policy.batch_gpus),
            interval_s: policy.interval_s,
            gpu_kw,
            rise_s: 0.0,
            preload_share: 0.3,
            target_kw: policy.target_kw,
            fleet_gpus,
            start_kw,
            rated_kw,
            shed_share: policy.shed_share,
            miner_lag_s: 0.0,
            miner_unit_kw: 0.0,
            miner_kw: 0.0,
            shed_lead_s: policy.shed_lead_s,
            confirmed: policy.shed_mode == ShedMode::MatchConfirmed,
            bess_kw: 0.0,
        }
    }

    /// Share of a batch that miners give up: 0 on Path A.
    #[must_use]
    pub fn share(&self) -> f64 {
        if self.path == BringUpPath::Ramp { 0.0 } else { self.shed_share.clamp(0.0, 1.0) }
    }

    /// Power of one batch, `b k`.
    #[must_use]
    pub fn step_kw(&self) -> f64 {
        self.batch_gpus * self.gpu_kw
    }

    /// Long-run pace, `b k / tau`.
    #[must_use]
    pub fn pace_kw_per_s(&self) -> f64 {
        if self.interval_s > 0.0 { self.step_kw() / self.interval_s } else { 0.0 }
    }

    /// GPUs that the target needs, as far as the fleet has them.
    #[must_use]
    pub fn target_gpus(&self) -> f64 {
        if self.gpu_kw > 0.0 { (self.target_kw / self.gpu_kw + 1e-9).floor().min(self.fleet_gpus) } else { 0.0 }
    }

    /// Batches to the target, `ceil(P / (b k))`.
    #[must_use]
    pub fn batches(&self) -> f64 {
        if self.step_kw() > 0.0 { (self.target_kw / self.step_kw() - 1e-9).ceil().max(0.0) } else { 0.0 }
    }

    /// Length of the plan, `ceil(P / (b k)) tau`.
    #[must_use]
    pub fn duration_s(&self) -> f64 {
        self.batches() * self.interval_s
    }

    /// Power of the plan's GPUs so long after the first batch, kW: batches that are up, and those that still rise. The last
    /// one may be a smaller one, and rises as long.
    fn gpu_kw_after(&self, t_s: f64) -> f64 {
        let (n, step, tau, rise) = (self.batches(), self.step_kw(), self.interval_s.max(1e-6), self.rise_s.max(1e-9));
        let up = (((t_s - rise) / tau).floor() + 1.0).clamp(0.0, n);
        let begun = ((t_s / tau).floor() + 1.0).clamp(up, n);
        let size = |k: f64| if k + 1.0 < n { step } else { self.target_kw - (n - 1.0) * step };
        let rising = (0..(begun - up) as u32).map(|i| up + f64::from(i));
        let whole = if up < n { up * step } else { self.target_kw };
        whole + rising.map(|k| size(k) * ((t_s - k * tau) / rise).clamp(0.0, 1.0)).sum::<f64>()
    }

    /// Time to the target as [`target`](crate::control::target) defines it and a run shows it: from the first batch to the
    /// instant at which what is up and what rises passes 98 %.
    #[must_use]
    pub fn time_to_target_s(&self) -> f64 {
        let wanted = REACHED * self.target_kw;
        if self.step_kw() <= 0.0 || wanted <= 0.0 {
            return 0.0;
        }
        let (mut before, mut there) = (0.0, self.duration_s() + self.rise_s);
        // the power never falls, so halving finds the instant
        for _ in 0..64 {
            let middle = 0.5 * (before + there);
            if self.gpu_kw_after(middle) >= wanted { there = middle } else { before = middle }
        }
        there
    }

    /// Largest rise within a window on Path A, kW: whole periods, and of the rest what the rises of its batches put into it. Each
    /// batch rises in a straight line over `rise_s`, so that a window may hold parts of two.
    #[must_use]
    pub fn rise_within_kw(&self, window_s: f64) -> f64 {
        let (step, tau, rise) = (self.step_kw(), self.interval_s, self.rise_s.max(1e-6));
        if step <= 0.0 || tau <= 0.0 {
            return 0.0;
        }
        let periods = (window_s / tau + 1e-9).floor();
        let rest = (window_s - periods * tau).max(0.0);
        // so many batches rise at any moment, and for `more` of each period one more
        let always = (rise / tau + 1e-9).floor();
        let more = rise - always * tau;
        let of_rest = step / rise * (rest * always + rest.min(more));
        (periods * step + of_rest).min(self.target_kw)
    }

    /// GPU-hours that a linear ramp costs against all at once: `N T / 7200`.
    #[must_use]
    pub fn gpu_hours_lost(&self) -> f64 {
        self.target_gpus() * self.duration_s() / 7200.0
    }

    /// Mining energy given up until the target is reached; then the shed power for each further hour.
    #[must_use]
    pub fn mining_lost_kwh(&self) -> f64 {
        let shed = (self.target_kw * self.share()).min(self.miner_kw.max(0.0));
        shed * self.duration_s() / 7200.0
    }

    /// Mining energy given up while miners come back at `rate` after the target (path B + restore only).
    #[must_use]
    pub fn restore_lost_kwh(&self, rate_kw_per_s: f64) -> f64 {
        if self.path != BringUpPath::ShedRestore || rate_kw_per_s <= 0.0 {
            return 0.0;
        }
        let shed = (self.target_kw * self.share()).min(self.miner_kw.max(0.0));
        shed * shed / (2.0 * rate_kw_per_s) / 3600.0
    }

    /// Miners' lag as the genset sees it: latency less lead. Negative: they fall first (always so when confirmed).
    #[must_use]
    pub fn effective_lag_s(&self) -> f64 {
        if self.confirmed {
            -(self.miner_lag_s + 0.3).min(self.interval_s)
        } else {
            self.miner_lag_s - self.shed_lead_s
        }
    }

    /// Batches whose miners are still to fall (or have fallen early) at any moment.
    fn outstanding_batches(&self) -> f64 {
        if self.confirmed {
            return 1.0;
        }
        let lag = self.effective_lag_s().abs();
        if lag < 1e-9 || self.interval_s <= 0.0 { 0.0 } else { (lag / self.interval_s - 1e-9).ceil() }
    }

    /// Path B: largest net excursion, batches in flight plus one miner quantum. For small batches this is the
    /// textbook `ramp x lag + quantum`; for large ones it counts the whole batch. 0 on Path A.
    #[must_use]
    pub fn excursion_kw(&self) -> f64 {
        if self.share() <= 0.0 {
            return 0.0;
        }
        (self.outstanding_batches() * self.step_kw()).min(self.target_kw) * self.share() + self.miner_unit_kw
    }

    /// What comes at once and must be hidden: the batch on Path A, the excursion on Path B.
    #[must_use]
    pub fn exposed_kw(&self) -> f64 {
        if self.share() <= 0.0 { self.step_kw() } else { self.excursion_kw() + self.step_kw() * (1.0 - self.share()) }
    }

    /// BESS power that hides what exceeds `allowance_kw`.
    #[must_use]
    pub fn bess_needed_kw(&self, allowance_kw: f64) -> f64 {
        (self.exposed_kw() - allowance_kw).max(0.0)
    }

    /// BESS energy for it: `X^2 / (2 refill)` while the engine takes over, plus `X` for the miners' lag.
    #[must_use]
    pub fn bess_needed_kwh(&self, allowance_kw: f64, refill_kw_per_s: f64) -> f64 {
        let x = self.bess_needed_kw(allowance_kw);
        let lag = if self.share() > 0.0 { self.effective_lag_s().max(0.0) } else { 0.0 };
        if refill_kw_per_s > 0.0 { (x * x / (2.0 * refill_kw_per_s) + x * lag) / 3600.0 } else { 0.0 }
    }

    /// Genset load at the end of the plan (Path B: where the ramp ends; B + restore: after the miners are back).
    #[must_use]
    pub fn end_kw(&self) -> f64 {
        let shed = (self.target_kw * self.share()).min(self.miner_kw.max(0.0));
        match self.path {
            BringUpPath::Ramp | BringUpPath::ShedRestore => self.start_kw + self.target_kw,
            BringUpPath::Shed => self.start_kw + self.target_kw - shed,
        }
    }
}

#[cfg(test)]
mod tests;
