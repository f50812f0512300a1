//! Which GPUs move next: off to full, or off to preload, a checkpoint, then staged caps; and back down.
//!
//! Pure bookkeeping of counts; it knows nothing of limits or miners. Times in control steps of 100 ms, powers in kW.
//! Source: operational model 5.1, 6.2 (preload at about 30 %, checkpoint, 10 GPUs at a time).

use std::hash::Hasher;

use super::policy::AddMode;
use super::{CohortReading, Policy};
use crate::plant::gpu::Phase;

/// Control steps a second.
pub const STEPS_PER_S: f64 = 10.0;

/// Control steps in `s` seconds, rounded up.
#[must_use]
pub fn steps(s: f64) -> u64 {
    (s.max(0.0) * STEPS_PER_S - 1e-6).ceil() as u64
}

/// GPUs of one kind of move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Move {
    /// GPUs that move.
    pub n: u32,
    /// Phase that they leave.
    pub from: Phase,
    /// Phase that they go to.
    pub to: Phase,
    /// kW of one GPU's change; positive up.
    pub each_kw: f64,
    /// Seconds until the next batch.
    pub interval_s: f64,
}

impl Move {
    /// kW of the whole move.
    #[must_use]
    pub fn kw(&self) -> f64 {
        f64::from(self.n) * self.each_kw
    }

    /// Whether it takes power away.
    #[must_use]
    pub fn down(&self) -> bool {
        self.each_kw < 0.0
    }
}

/// GPU counts by phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Off.
    pub off: u32,
    /// In preload.
    pub preload: u32,
    /// At full.
    pub full: u32,
}

impl Counts {
    /// As measured.
    #[must_use]
    pub fn of(c: &CohortReading) -> Self {
        Self { off: c.off, preload: c.preload, full: c.full }
    }

    fn slot(&mut self, p: Phase) -> &mut u32 {
        match p {
            Phase::Off => &mut self.off,
            Phase::Preload => &mut self.preload,
            Phase::Full => &mut self.full,
        }
    }

    /// Moves up to `n` from one phase to another.
    pub fn shift(&mut self, n: u32, from: Phase, to: Phase) {
        let n = n.min(*self.slot(from));
        *self.slot(from) -= n;
        *self.slot(to) += n;
    }

    /// GPUs up in any phase.
    #[must_use]
    pub fn up(&self) -> u32 {
        self.preload.saturating_add(self.full)
    }

    /// All GPUs.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.up().saturating_add(self.off)
    }

    /// Commanded power, kW.
    #[must_use]
    pub fn kw(&self, c: &CohortReading) -> f64 {
        f64::from(self.off) * c.off_kw + f64::from(self.preload) * c.preload_kw + f64::from(self.full) * c.full_kw
    }
}

/// Whole GPUs of `full_kw` each in `kw`.
#[must_use]
pub fn gpus_in(kw: f64, full_kw: f64) -> u32 {
    if full_kw > 0.0 { (kw / full_kw + 1e-6).floor().clamp(0.0, 1.0e9) as u32 } else { 0 }
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Next {
    /// This batch.
    Batch(Move),
    /// Nothing until this control step (checkpoint between preload and the first raised cap).
    Checkpoint(u64),
    /// Nothing is left to do.
    Done,
}

/// Memory of the staged phase change.
#[derive(Clone, Copy, Debug, Default)]
pub struct Phases {
    checkpoint_until: Option<u64>,
}

impl Phases {
    /// Forgets the checkpoint (a new start, or GPUs were added to preload).
    pub fn reset(&mut self) {
        self.checkpoint_until = None;
    }

    /// The checkpoint's end as it would be, without remembering it.
    fn checkpoint(&self, policy: &Policy, now: u64) -> u64 {
        self.checkpoint_until.unwrap_or_else(|| now + steps(policy.staging.checkpoint_s))
    }

    /// Notes that preload is complete at control step `now`; the checkpoint runs from the first such call.
    pub fn note(&mut self, policy: &Policy, c: Counts, goal: u32, now: u64) {
        if policy.add == AddMode::Staged && c.preload > 0 && c.up() >= goal {
            self.checkpoint_until = Some(self.checkpoint(policy, now));
        } else {
            self.checkpoint_until = None;
        }
    }

    /// The next batch towards `goal` GPUs up. `by_hand` passes the checkpoint.
    #[must_use]
    pub fn next(&self, policy: &Policy, of: &CohortReading, c: Counts, goal: u32, now: u64, by_hand: bool) -> Next {
        let batch = policy.batch_gpus.max(1);
        let (pre, full) = (of.preload_kw - of.off_kw, of.full_kw - of.off_kw);
        let batch_of = |n: u32, from, to, each_kw, interval_s| Next::Batch(Move { n, from, to, each_kw, interval_s });
        let surplus = c.up().saturating_sub(goal);
        if surplus > 0 {
            return if c.full > 0 {
                batch_of(batch.min(surplus).min(c.full), Phase::Full, Phase::Off, -full, policy.interval_s)
            } else {
                batch_of(batch.min(surplus).min(c.preload), Phase::Preload, Phase::Off, -pre, policy.interval_s)
            };
        }
        let missing = (goal - c.up()).min(c.off);
        match policy.add {
            AddMode::OffToFull if c.preload > 0 => {
                batch_of(batch.min(c.preload), Phase::Preload, Phase::Full, full - pre, policy.interval_s)
            }
            AddMode::OffToFull if missing > 0 => {
                batch_of(batch.min(missing), Phase::Off, Phase::Full, full, policy.interval_s)
            }
            AddMode::Staged if missing > 0 => {
                batch_of(batch.min(missing), Phase::Off, Phase::Preload, pre, policy.interval_s)
            }
            AddMode::Staged if c.preload > 0 => {
                let until = self.checkpoint(policy, now);
                if now < until && !by_hand {
                    return Next::Checkpoint(until);
                }
                let n = policy.staging.batch_gpus.max(1).min(c.preload);
                batch_of(n, Phase::Preload, Phase::Full, full - pre, policy.staging.interval_s)
            }
            AddMode::OffToFull | AddMode::Staged => Next::Done,
        }
    }

    /// Feeds the whole state to a hash.
    pub fn hash_into(&self, h: &mut impl Hasher) {
        h.write_u64(self.checkpoint_until.map_or(0, |s| s + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn staged() -> (Policy, CohortReading) {
        let p = Policy { add: AddMode::Staged, ..Policy::source(1000.0, Vec::new(), 16.0) };
        (p, CohortReading { full_kw: 0.7, preload_kw: 0.21, ..CohortReading::default() })
    }

    #[test]
    fn staged_goes_preload_checkpoint_caps() {
        let (p, m) = staged();
        let mut ph = Phases::default();
        let mut c = Counts { off: 25, preload: 0, full: 0 };
        let (mut seen, mut t) = (Vec::new(), 0);
        loop {
            ph.note(&p, c, 25, t);
            match ph.next(&p, &m, c, 25, t, false) {
                Next::Batch(b) => {
                    seen.push((t, b.n, b.from, b.to));
                    c.shift(b.n, b.from, b.to);
                    t += steps(b.interval_s);
                }
                Next::Checkpoint(until) => t = until,
                Next::Done => break,
            }
        }
        let (o, q, f) = (Phase::Off, Phase::Preload, Phase::Full);
        let want = [(0, 10, o, q), (10, 10, o, q), (20, 5, o, q), (80, 10, q, f), (85, 10, q, f), (90, 5, q, f)];
        assert_eq!(seen, want);
    }

    #[test]
    fn surplus_goes_down_full_first_and_by_hand_passes_the_checkpoint() {
        let (p, m) = staged();
        let c = Counts { off: 0, preload: 3, full: 4 };
        let next = |goal, hand| Phases::default().next(&p, &m, c, goal, 0, hand);
        assert!(matches!(next(0, false), Next::Batch(Move { n: 4, from: Phase::Full, to: Phase::Off, .. })));
        assert!(matches!(next(5, false), Next::Batch(Move { n: 2, .. })));
        assert_eq!(next(7, false), Next::Checkpoint(50));
        assert!(matches!(next(7, true), Next::Batch(Move { n: 3, to: Phase::Full, .. })));
    }

    #[test]
    fn the_target_is_whole_gpus_and_not_past_it() {
        for (target_kw, gpus) in [(0.0, 0), (499.8, 714), (500.0, 714), (0.69, 0), (-5.0, 0)] {
            assert_eq!(gpus_in(target_kw, 0.7), gpus);
        }
        assert_eq!(gpus_in(500.0, 0.0), 0);
    }

    #[test]
    fn a_gpu_that_draws_while_off_adds_the_rest() {
        let (p, c) = staged();
        let idle = CohortReading { off_kw: 0.1, ..c };
        let next = Phases::default().next(&p, &idle, Counts { off: 5, preload: 0, full: 0 }, 5, 0, false);
        assert!(matches!(next, Next::Batch(b) if (b.each_kw - 0.11).abs() < 1e-12), "{next:?}");
        assert!((Counts { off: 5, preload: 0, full: 1 }.kw(&idle) - 1.2).abs() < 1e-12);
    }
}
