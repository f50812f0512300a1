//! kW that has been commanded and is not yet visible in a measured feeder.
//!
//! A first-in first-out list with an expiry: what is measured is taken off the oldest entry, and an entry that its device
//! never answers is dropped when it expires, so that a stuck device does not count for ever. Fixed size; when it is full
//! the newest entries merge. It never goes negative. Powers in kW, times in control steps.

use std::hash::Hasher;

const ENTRIES: usize = 64;

/// Commanded kW on their way.
#[derive(Clone, Debug)]
pub struct Pending {
    kw: [f64; ENTRIES],
    expires: [u64; ENTRIES],
    head: usize,
    len: usize,
}

impl Default for Pending {
    fn default() -> Self {
        Self { kw: [0.0; ENTRIES], expires: [0; ENTRIES], head: 0, len: 0 }
    }
}

impl Pending {
    /// Books `kw` that should be visible before step `expires`.
    pub fn push(&mut self, kw: f64, expires: u64) {
        if kw <= 0.0 {
            return;
        }
        if self.len == ENTRIES {
            let last = (self.head + ENTRIES - 1) % ENTRIES;
            self.kw[last] += kw;
            self.expires[last] = self.expires[last].max(expires);
        } else {
            let slot = (self.head + self.len) % ENTRIES;
            self.kw[slot] = kw;
            self.expires[slot] = expires;
            self.len += 1;
        }
    }

    /// Takes off `seen_kw` that a feeder shows now, and what has expired by `step`.
    pub fn settle(&mut self, seen_kw: f64, step: u64) {
        let mut seen = seen_kw.max(0.0);
        while self.len > 0 {
            let i = self.head;
            let take = seen.min(self.kw[i]);
            self.kw[i] -= take;
            seen -= take;
            if self.kw[i] > 1e-9 && self.expires[i] > step {
                break;
            }
            self.head = (self.head + 1) % ENTRIES;
            self.len -= 1;
        }
    }

    /// kW on their way.
    #[must_use]
    pub fn kw(&self) -> f64 {
        (0..self.len).map(|i| self.kw[(self.head + i) % ENTRIES]).sum()
    }

    /// Feeds the whole state to a hash.
    pub fn hash_into(&self, h: &mut impl Hasher) {
        for i in (0..self.len).map(|i| (self.head + i) % ENTRIES) {
            h.write_u64(self.kw[i].to_bits());
            h.write_u64(self.expires[i]);
        }
        h.write_usize(self.len);
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
