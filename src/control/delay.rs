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
    Gpu(Move, f64),
    /// Miner units to shed, and their kW.
    Shed(u32, f64),
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

    /// Drops GPU commands that wait; returns the kW that miners gave up for them.
    pub fn cancel_gpus(&mut self) -> f64 {
        let mut kw = 0.0;
        self.items.retain(|(_, late)| match late {
            Late::Gpu(_, needed_kw) => {
                kw += needed_kw;
                false
            }
            Late::Shed(..) => true,
        });
        kw
    }

    /// Counts as they will be when all waiting GPU commands are out.
    pub fn apply(&self, c: &mut Counts) {
        for (_, late) in &self.items {
            if let Late::Gpu(mv, _) = late {
                c.shift(mv.n, mv.from, mv.to);
            }
        }
    }

    /// Miner units that wait to be shed.
    #[must_use]
    pub fn shed_units(&self) -> u32 {
        let units = |late: &Late| if let Late::Shed(units, _) = late { *units } else { 0 };
        self.items.iter().fold(0, |n: u32, (_, late)| n.saturating_add(units(late)))
    }

    /// Feeds the whole state to a hash.
    pub fn hash_into(&self, h: &mut impl Hasher) {
        for (due, late) in self.items.iter().copied() {
            h.write_u64(due);
            let (n, kw) = match late {
                Late::Gpu(mv, kw) => {
                    h.write_u64(mv.each_kw.to_bits());
                    h.write_u8(16 + 4 * mv.from as u8 + mv.to as u8);
                    (mv.n, kw)
                }
                Late::Shed(units, kw) => (units, kw),
            };
            h.write_u32(n);
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
        d.push(5, Late::Gpu(mv, 7.0));
        d.push(3, Late::Shed(2, 6.6));
        d.push(3, Late::Shed(3, 9.9));
        let mut c = Counts { off: 14, preload: 0, full: 0 };
        d.apply(&mut c);
        assert_eq!((c.off, c.full, d.shed_units()), (4, 10, 5));
        assert_eq!(d.find_due(2, |_| true), None);
        assert_eq!(d.find_due(5, |late| matches!(late, Late::Gpu(..))), Some(0));
        assert_eq!(d.find_due(3, |_| true), Some(1));
        assert_eq!(d.take(1), Some(Late::Shed(2, 6.6)));
        assert_eq!(d.cancel_gpus(), 7.0);
        assert_eq!(d.take(0), Some(Late::Shed(3, 9.9)));
        assert!(d.is_empty() && d.has_room());
        (0..ENTRIES as u64 + 9).for_each(|i| d.push(i, Late::Shed(1, 3.3)));
        assert!(!d.has_room());
    }
}
