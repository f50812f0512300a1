//! What control itself has commanded over the last 10 s: net kW and GPUs a control step.
//!
//! Measured windows see a command only after the devices' lag; the ledger sees it at once. Devices of one kind answer with
//! one lag and one rise, so genset power is the commanded staircase smoothed and shifted, and no window of a smoothed
//! staircase exceeds the same window of the staircase. Holding both the measured and the commanded windows to the limits
//! therefore holds whatever the lag. Powers in kW, time in control steps of 100 ms. Fixed size; it never allocates.

use std::hash::Hasher;

/// Control steps kept: 10 s and some.
const STEPS: usize = 104;

/// Ring of commanded changes, one slot a control step.
#[derive(Clone, Debug)]
pub struct Ledger {
    net_kw: [f64; STEPS],
    gpus: [u32; STEPS],
    planned: [u32; STEPS],
    head: usize,
}

impl Default for Ledger {
    fn default() -> Self {
        Self { net_kw: [0.0; STEPS], gpus: [0; STEPS], planned: [0; STEPS], head: 0 }
    }
}

impl Ledger {
    /// Begins a control step: the oldest slot becomes the present one, empty.
    pub fn begin_step(&mut self) {
        self.head = (self.head + 1) % STEPS;
        self.net_kw[self.head] = 0.0;
        self.gpus[self.head] = 0;
        self.planned[self.head] = 0;
    }

    /// Books a command of the present step.
    pub fn add(&mut self, net_kw: f64, gpus: u32) {
        self.net_kw[self.head] += net_kw;
        self.gpus[self.head] = self.gpus[self.head].saturating_add(gpus);
    }

    /// Books GPUs of a batch that was let in; their command may come later.
    pub fn plan(&mut self, gpus: u32) {
        self.planned[self.head] = self.planned[self.head].saturating_add(gpus);
    }

    /// Slots of the last `steps` control steps, the present one first.
    fn back(&self, steps: usize) -> impl Iterator<Item = usize> + '_ {
        (0..steps.min(STEPS)).map(|i| (self.head + STEPS - i) % STEPS)
    }

    /// Largest rise up to now within `steps` control steps, were `net_kw` commanded now. Never negative.
    #[must_use]
    pub fn rise_after_kw(&self, steps: usize, net_kw: f64) -> f64 {
        let mut sum = net_kw;
        self.back(steps).fold(net_kw.max(0.0), |best, i| {
            sum += self.net_kw[i];
            best.max(sum)
        })
    }

    /// Largest fall up to now within `steps` control steps, were `net_kw` (negative for down) commanded now.
    #[must_use]
    pub fn fall_after_kw(&self, steps: usize, net_kw: f64) -> f64 {
        let mut sum = -net_kw;
        self.back(steps).fold((-net_kw).max(0.0), |best, i| {
            sum -= self.net_kw[i];
            best.max(sum)
        })
    }

    /// Net kW commanded within `steps` control steps, and `net_kw` on top.
    #[must_use]
    pub fn sum_after_kw(&self, steps: usize, net_kw: f64) -> f64 {
        self.back(steps).fold(net_kw, |sum, i| sum + self.net_kw[i])
    }

    /// GPUs that changed state within `steps` control steps.
    #[must_use]
    pub fn gpus_within(&self, steps: usize) -> u32 {
        self.back(steps).fold(0, |n, i| n.saturating_add(self.gpus[i]))
    }

    /// GPUs of batches that were let in within `steps` control steps.
    #[must_use]
    pub fn planned_within(&self, steps: usize) -> u32 {
        self.back(steps).fold(0, |n, i| n.saturating_add(self.planned[i]))
    }

    /// Feeds the whole state to a hash.
    pub fn hash_into(&self, h: &mut impl Hasher) {
        for i in self.back(STEPS) {
            h.write_u64(self.net_kw[i].to_bits());
            h.write_u32(self.gpus[i]);
            h.write_u32(self.planned[i]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_leaves_the_window_after_its_length() {
        let mut l = Ledger::default();
        l.begin_step();
        l.add(7.0, 10);
        (0..9).for_each(|_| l.begin_step());
        assert_eq!((l.rise_after_kw(10, 7.0), l.gpus_within(10)), (14.0, 10));
        l.begin_step();
        assert_eq!((l.rise_after_kw(10, 7.0), l.gpus_within(10)), (7.0, 0));
        assert_eq!(l.sum_after_kw(50, 7.0), 14.0);
        (0..STEPS).for_each(|_| l.begin_step());
        assert_eq!(l.sum_after_kw(STEPS, 0.0), 0.0);
    }

    #[test]
    fn rise_looks_past_a_fall_and_fall_past_a_rise() {
        let mut l = Ledger::default();
        l.begin_step();
        l.add(-9.9, 0);
        l.begin_step();
        assert_eq!(l.rise_after_kw(10, 7.0), 7.0);
        assert!((l.fall_after_kw(10, -7.0) - 16.9).abs() < 1e-12);
        assert!((l.fall_after_kw(10, 0.0) - 9.9).abs() < 1e-12);
    }
}
