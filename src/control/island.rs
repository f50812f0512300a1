//! What control remembers of one island: windows, ledger, STEP NOW, interlocks, and the miners' balance.
//!
//! An island is named by its lowest section. While it keeps that, its memory stays, also when ties join sections to it or take
//! them away: then what is remembered of its power moves along by what their sources gave, so that only what its own sources pick
//! up or lose counts as a step. An island that comes to be later starts with empty windows and an empty
//! bucket. Powers in kW.

use std::hash::Hasher;

use super::bucket::Bucket;
use super::interlock::{AutoShed, Standing};
use super::io::IslandReading;
use super::ledger::Ledger;
use super::window::Windows;

/// Memory of one island.
#[derive(Clone, Debug)]
pub struct IslandMemory {
    /// Its lowest section.
    section: usize,
    battery_alone: bool,
    /// Measured power of its sources.
    pub windows: Windows,
    /// What was commanded on it.
    pub ledger: Ledger,
    /// STEP NOW.
    pub bucket: Bucket,
    /// Interlocks that stand now.
    pub standing: Standing,
    /// Sheds once an event.
    pub auto_shed: AutoShed,
    /// kW that its miners gave up beyond what GPUs asked of them, over all batches.
    pub balance_kw: f64,
    /// kW that restored miners may take by the pace of restoring.
    pub restore_kw: f64,
    /// Power of its sources when the schedule began.
    pub start_kw: f64,
}

impl IslandMemory {
    fn new(r: &IslandReading, bucket: Bucket) -> Self {
        Self {
            section: r.section,
            battery_alone: r.battery_alone,
            windows: Windows::new(),
            ledger: Ledger::default(),
            bucket,
            standing: Standing::default(),
            auto_shed: AutoShed::default(),
            balance_kw: 0.0,
            restore_kw: 0.0,
            start_kw: r.kw,
        }
    }

    /// Moves what is remembered of its power by what joined it, kW; negative for what was taken away.
    pub fn rebase(&mut self, kw: f64) {
        if kw != 0.0 {
            self.windows.rebase(kw);
            self.bucket.rebase(kw);
            self.start_kw += kw;
        }
    }

    fn is_of(&self, r: &IslandReading) -> bool {
        self.section == r.section && self.battery_alone == r.battery_alone
    }

    /// Feeds the whole state to a hash.
    pub fn hash_into(&self, h: &mut impl Hasher) {
        h.write_usize(self.section);
        h.write_u8(u8::from(self.battery_alone));
        self.windows.hash_into(h);
        self.ledger.hash_into(h);
        self.bucket.hash_into(h);
        self.auto_shed.hash_into(h);
        [self.balance_kw, self.restore_kw, self.start_kw].into_iter().for_each(|v| h.write_u64(v.to_bits()));
    }
}

/// Brings the memories in line with the islands as they are now; does nothing while these are the same.
pub fn regroup(islands: &mut Vec<IslandMemory>, readings: &[IslandReading]) {
    if islands.len() == readings.len() && islands.iter().zip(readings).all(|(i, r)| i.is_of(r)) {
        return;
    }
    let first = islands.is_empty();
    let mut old = core::mem::take(islands);
    islands.extend(readings.iter().map(|r| {
        let Some(at) = old.iter().position(|o| o.section == r.section) else {
            return IslandMemory::new(r, if first { Bucket::default() } else { Bucket::empty(r.kw) });
        };
        let was = old.swap_remove(at);
        if was.is_of(r) {
            return was;
        }
        // Other sources hold it now: their power is another quantity.
        let new = IslandMemory::new(r, Bucket::empty(r.kw));
        IslandMemory { ledger: was.ledger, balance_kw: was.balance_kw, restore_kw: was.restore_kw, ..new }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_island_keeps_its_memory_while_it_keeps_its_lowest_section() {
        let at = |section, kw| IslandReading { section, kw, rating_kw: 1000.0, ..IslandReading::default() };
        let mut islands = Vec::new();
        regroup(&mut islands, &[at(0, 500.0)]);
        (0..200).for_each(|_| islands[0].windows.push(500.0));
        islands[0].balance_kw = 2.0;
        regroup(&mut islands, &[at(0, 400.0), at(2, 100.0)]);
        assert_eq!((islands.len(), islands[0].balance_kw, islands[0].windows.now_kw()), (2, 2.0, 500.0));
        assert_eq!((islands[1].balance_kw, islands[1].start_kw, islands[1].windows.now_kw()), (0.0, 100.0, 0.0));
        regroup(&mut islands, &[IslandReading { battery_alone: true, ..at(0, 20.0) }]);
        assert_eq!((islands.len(), islands[0].balance_kw, islands[0].windows.now_kw()), (1, 2.0, 0.0));
    }
}
