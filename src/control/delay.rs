//! Commands that wait: the later half of a Path B batch when miners lead or lag the GPUs on purpose.
//!
//! A queue in the order of issue, with all its room from the start; it tells when it is full. It allocates later only in a
//! copy, which has room for what waits and no more, so that a snapshot is small. Times in control steps of 100 ms.

use std::collections::VecDeque;
use std::hash::Hasher;

use super::phases::{Counts, Move};

/// Room for 10 s of lead at the shortest interval of 100 ms, and some.
const ENTRIES: usize = 128;

/// What waits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Late {
    /// GPUs, and the miner kW that was shed for them.
    Gpu {
        /// Which cohort.
        cohort: usize,
        /// What moves.
        mv: Move,
        /// Miner kW that was shed for it.
        needed_kw: f64,
    },
    /// Miners to shed.
    Shed {
        /// The cohort that they give way to: they are taken from its island.
        cohort: usize,
        /// kW promised.
        kw: f64,
    },
}

/// The queue.
#[derive(Clone, Debug)]
pub struct Delays {
    items: VecDeque<(u64, Late)>,
}

impl Default for Delays {
    fn default() -> Self {
        Self { items: VecDeque::with_capacity(ENTRIES) }
    }
}

impl Delays {
    /// Whether another command fits.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.items.len() < ENTRIES
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Queues a command for control step `due`; without room nothing happens (ask [`Self::has_room`] first).
    pub fn push(&mut self, due: u64, late: Late) {
        if self.has_room() {
            self.items.push_back((due, late));
        }
    }

    /// Position of the first command that is due at control step `now` and that `may` lets go.
    #[must_use]
    pub fn find_due(&self, now: u64, may: impl Fn(&Late) -> bool) -> Option<usize> {
        self.items.iter().position(|(due, late)| *due <= now && may(late))
    }

    /// Takes the command at a position.
    pub fn take(&mut self, at: usize) -> Option<Late> {
        self.items.remove(at).map(|(_, late)| late)
    }

    /// Drops GPU commands that wait, of one cohort or (`None`) of all; tells each one's cohort and the kW that miners gave
    /// up for it.
    pub fn cancel_gpus(&mut self, of: Option<usize>, mut credit: impl FnMut(usize, f64)) {
        self.items.retain(|(_, late)| match *late {
            Late::Gpu { cohort, needed_kw, .. } if of.is_none_or(|c| c == cohort) => {
                credit(cohort, needed_kw);
                false
            }
            _ => true,
        });
    }

    /// Counts of a cohort as they will be when all waiting GPU commands are out.
    pub fn apply(&self, of: usize, c: &mut Counts) {
        for (_, late) in &self.items {
            if let Late::Gpu { cohort, mv, .. } = late
                && *cohort == of
            {
                c.shift(mv.n, mv.from, mv.to);
            }
        }
    }

    /// kW of miners that wait to be shed for cohorts that `counts`.
    #[must_use]
    pub fn shed_kw(&self, counts: impl Fn(usize) -> bool) -> f64 {
        let kw = |late: &Late| match *late {
            Late::Shed { cohort, kw } if counts(cohort) => kw,
            _ => 0.0,
        };
        self.items.iter().map(|(_, late)| kw(late)).sum()
    }

    /// Feeds the whole state to a hash.
    pub fn hash_into(&self, h: &mut impl Hasher) {
        for (due, late) in self.items.iter().copied() {
            h.write_u64(due);
            let (cohort, kw) = match late {
                Late::Gpu { cohort, mv, needed_kw } => {
                    h.write_u64(mv.each_kw.to_bits());
                    h.write_u8(16 + 4 * mv.from as u8 + mv.to as u8);
                    h.write_u32(mv.n);
                    (cohort, needed_kw)
                }
                Late::Shed { cohort, kw } => (cohort, kw),
            };
            h.write_usize(cohort);
            h.write_u64(kw.to_bits());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plant::gpu::Phase;

    #[test]
    fn keeps_order_and_cancels_gpus_only() {
        let mv = Move { n: 10, from: Phase::Off, to: Phase::Full, each_kw: 0.7, interval_s: 1.0 };
        let mut d = Delays::default();
        d.push(5, Late::Gpu { cohort: 1, mv, needed_kw: 7.0 });
        d.push(3, Late::Shed { cohort: 1, kw: 6.6 });
        d.push(3, Late::Shed { cohort: 0, kw: 9.9 });
        let mut c = Counts { off: 14, preload: 0, full: 0 };
        d.apply(0, &mut c);
        assert_eq!(c.off, 14);
        d.apply(1, &mut c);
        assert_eq!((c.off, c.full, d.shed_kw(|_| true), d.shed_kw(|c| c == 0)), (4, 10, 16.5, 9.9));
        assert_eq!(d.find_due(2, |_| true), None);
        assert_eq!(d.find_due(5, |late| matches!(late, Late::Gpu { .. })), Some(0));
        assert_eq!(d.find_due(3, |_| true), Some(1));
        assert_eq!(d.take(1), Some(Late::Shed { cohort: 1, kw: 6.6 }));
        let mut credit = Vec::new();
        d.cancel_gpus(Some(0), |c, kw| credit.push((c, kw)));
        d.cancel_gpus(None, |c, kw| credit.push((c, kw)));
        assert_eq!(credit, [(1, 7.0)]);
        assert_eq!(d.take(0), Some(Late::Shed { cohort: 0, kw: 9.9 }));
        assert!(d.is_empty() && d.has_room());
        (0..ENTRIES as u64 + 9).for_each(|i| d.push(i, Late::Shed { cohort: 0, kw: 3.3 }));
        assert!(!d.has_room());
    }
}
