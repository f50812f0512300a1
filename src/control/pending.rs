//! kW that has been commanded and is not yet visible in a measured feeder.
//!
//! A first-in first-out list with an expiry: what is measured is taken off the oldest entry, and an entry that its device
//! never answers is dropped when it expires, so that a stuck device does not count for ever. It has all its room from the
//! start and allocates only in a copy, which has room for what is in it; when it is full the newest entries merge. It never
//! goes negative. Powers in kW, times in control steps.

use std::collections::VecDeque;
use std::hash::Hasher;

const ENTRIES: usize = 64;

/// Commanded kW on their way.
#[derive(Clone, Debug)]
pub struct Pending {
    /// kW, and the step before which it should be visible, oldest first.
    entries: VecDeque<(f64, u64)>,
}

impl Default for Pending {
    fn default() -> Self {
        Self { entries: VecDeque::with_capacity(ENTRIES) }
    }
}

impl Pending {
    /// Books `kw` that should be visible before step `expires`.
    pub fn push(&mut self, kw: f64, expires: u64) {
        if kw <= 0.0 {
            return;
        }
        let full = self.entries.len() >= ENTRIES;
        match self.entries.back_mut().filter(|_| full) {
            Some((last_kw, last_expires)) => {
                *last_kw += kw;
                *last_expires = expires.max(*last_expires);
            }
            None => self.entries.push_back((kw, expires)),
        }
    }

    /// Takes off `seen_kw` that a feeder shows now, and what has expired by `step`.
    pub fn settle(&mut self, seen_kw: f64, step: u64) {
        let mut seen = seen_kw.max(0.0);
        while let Some((kw, expires)) = self.entries.front_mut() {
            let take = seen.min(*kw);
            *kw -= take;
            seen -= take;
            if *kw > 1e-9 && *expires > step {
                break;
            }
            self.entries.pop_front();
        }
    }

    /// kW on their way.
    #[must_use]
    pub fn kw(&self) -> f64 {
        self.entries.iter().map(|(kw, _)| kw).sum()
    }

    /// Feeds the whole state to a hash.
    pub fn hash_into(&self, h: &mut impl Hasher) {
        for (kw, expires) in &self.entries {
            h.write_u64(kw.to_bits());
            h.write_u64(*expires);
        }
        h.write_usize(self.entries.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oldest_goes_first_and_the_unanswered_expires() {
        let mut p = Pending::default();
        p.push(7.0, 10);
        p.push(5.0, 20);
        p.settle(8.0, 1);
        assert_eq!(p.kw(), 4.0);
        p.settle(-3.0, 19);
        assert_eq!(p.kw(), 4.0);
        p.settle(0.0, 20);
        assert_eq!(p.kw(), 0.0);
    }

    #[test]
    fn a_full_list_merges_and_loses_nothing() {
        let mut p = Pending::default();
        (0..200).for_each(|i| p.push(1.0, i));
        assert_eq!(p.kw(), 200.0);
    }
}
