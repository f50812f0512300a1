//! What control remembers of one GPU cohort.

use std::hash::Hasher;

use super::pending::Pending;
use super::phases::{Counts, Phases};

/// Memory of one cohort.
#[derive(Clone, Debug)]
pub struct CohortMemory {
    /// GPUs as commanded up to now.
    pub counts: Counts,
    /// kW that were commanded upwards and that its feeder does not show yet.
    pub pending: Pending,
    /// The staged phase change.
    pub phases: Phases,
    /// Set-point of its power cap, as a share of full power.
    pub cap: f64,
    /// Its bus died under it while the schedule used it; until the next START nothing is sent to it.
    pub lost: bool,
}

impl Default for CohortMemory {
    fn default() -> Self {
        let (counts, pending, phases) = (Counts::default(), Pending::default(), Phases::default());
        Self { counts, pending, phases, cap: 1.0, lost: false }
    }
}

impl CohortMemory {
    /// Feeds the whole state to a hash.
    pub fn hash_into(&self, h: &mut impl Hasher) {
        [self.counts.off, self.counts.preload, self.counts.full].into_iter().for_each(|n| h.write_u32(n));
        self.pending.hash_into(h);
        self.phases.hash_into(h);
        if self.cap != 1.0 {
            h.write_u64(self.cap.to_bits());
        }
        h.write_u8(u8::from(self.lost));
    }
}
