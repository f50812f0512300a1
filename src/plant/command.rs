//! Commands to loads, and what came of them.
//!
//! A load behind an open feeder or on a dead bus takes no command that would switch it on, and gives up nothing when it is
//! told to switch off: its answer is 0. Counts are GPUs and miner units.

use super::breaker::Breaker;
use super::gpu::Phase;
use super::system::Plant;

impl Plant {
    /// Whether a GPU cohort has power and its supplies are up.
    #[must_use]
    pub fn gpus_are_fed(&self, cohort: usize) -> bool {
        let fed = self.cfg.gpus.get(cohort).is_some_and(|c| self.is_fed(Breaker::Gpu(cohort), c.section));
        fed && self.gpus[cohort].is_supplied()
    }

    /// Whether a miner fleet has power and its supplies are up.
    #[must_use]
    pub fn miners_are_fed(&self, fleet: usize) -> bool {
        let fed = self.cfg.miners.get(fleet).is_some_and(|f| self.is_fed(Breaker::Miner(fleet), f.section));
        fed && !self.miners[fleet].is_dark()
    }

    /// Moves up to `n` GPUs of a cohort between phases, over `over_s` seconds (`None`: by the cohort's own rise or fall).
    /// Gives how many moved.
    pub fn shift_gpus(&mut self, cohort: usize, n: u32, from: Phase, to: Phase, over_s: Option<f64>) -> u32 {
        let follows_trace = self.cfg.gpus.get(cohort).is_some_and(|c| !c.trace.is_empty());
        if follows_trace || (to != Phase::Off && !self.gpus_are_fed(cohort)) {
            return 0;
        }
        match (self.cfg.gpus.get(cohort), self.gpus.get_mut(cohort)) {
            (Some(c), Some(s)) => s.shift(c, n, from, to, over_s, self.cfg.tick_s),
            _ => 0,
        }
    }

    /// Puts a power cap on a GPU cohort, as a share of full power. False where there is no such cohort.
    pub fn cap_gpus(&mut self, cohort: usize, share: f64) -> bool {
        let found = self.cfg.gpus.get(cohort).zip(self.gpus.get_mut(cohort));
        found.map(|(c, s)| s.set_cap(c, share, self.cfg.tick_s)).is_some()
    }

    /// Switches up to `units` miners of a fleet off. Gives how many were commanded, those that will not answer included.
    pub fn shed_miners(&mut self, fleet: usize, units: u32) -> u32 {
        if !self.miners_are_fed(fleet) {
            return 0;
        }
        let (f, tick_s) = (&self.cfg.miners[fleet], self.cfg.tick_s);
        self.miners[fleet].shed(f, units, self.tick, tick_s, &self.random)
    }

    /// Wakes up to `units` miners of a fleet. Gives how many were commanded.
    pub fn restore_miners(&mut self, fleet: usize, units: u32) -> u32 {
        if !self.miners_are_fed(fleet) {
            return 0;
        }
        let (f, tick_s) = (&self.cfg.miners[fleet], self.cfg.tick_s);
        self.miners[fleet].restore(f, units, self.tick, tick_s, &self.random)
    }
}
