//! Runs that were made, by what they were runs of: a map that is looked at again, zoomed, or judged by another figure costs
//! nothing for what it has in common with one before.
//!
//! The key is a hash of the resolved scenario and of the rule that ends a run, so it does not matter which axis or variant led
//! there. Two halves: when the younger is full, the elder is forgotten, so that memory has a bound and what was used lately stays.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest as _, Sha256};

use super::trial::{self, Cut, Outcome, Wanted};
use crate::engine::MODEL;
use crate::scenario::Scenario;

/// Runs in each half.
const HALF: usize = 100_000;

/// What a run depends on, hashed.
pub type Key = [u8; 32];

/// Feeds what is formatted to a hash.
struct Feed(Sha256);

impl fmt::Write for Feed {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        self.0.update(s);
        Ok(())
    }
}

/// Key of a run: model, plant, policy, script, seed, length, and the rule that ends it; neither name nor file.
#[must_use]
pub fn key(s: &Scenario, cut: Cut) -> Key {
    let mut feed = Feed(Sha256::new());
    let what = (MODEL, &s.plant, &s.policy, &s.script, &s.exercise, s.seed, s.run_s.to_bits(), cut);
    // a hash takes whatever comes
    let _infallible = write!(feed, "{what:?}");
    feed.0.finalize().into()
}

#[derive(Debug, Default)]
struct Halves {
    young: BTreeMap<Key, Arc<Outcome>>,
    old: BTreeMap<Key, Arc<Outcome>>,
    runs: u64,
}

/// Runs by their keys, for several threads.
#[derive(Debug, Default)]
pub struct KnownRuns {
    halves: Mutex<Halves>,
}

impl KnownRuns {
    fn lock(&self) -> MutexGuard<'_, Halves> {
        // a panic elsewhere left nothing half done here
        self.halves.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What came of a run, if it is known.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<Arc<Outcome>> {
        let mut h = self.lock();
        if let Some(found) = h.young.get(key) {
            return Some(Arc::clone(found));
        }
        let found = h.old.get(key).cloned()?;
        h.young.insert(*key, Arc::clone(&found));
        Some(found)
    }

    fn put(&self, key: Key, outcome: Arc<Outcome>) {
        let mut h = self.lock();
        h.runs += 1;
        if h.young.len() >= HALF {
            h.old = std::mem::take(&mut h.young);
        }
        h.young.insert(key, outcome);
    }

    /// Runs that were made, not found.
    #[must_use]
    pub fn runs(&self) -> u64 {
        self.lock().runs
    }

    /// What comes of a scenario: found, or run; none if it is no longer wanted.
    #[must_use]
    pub fn run(&self, s: Scenario, cut: Cut, wanted: &Wanted) -> Option<Outcome> {
        let key = key(&s, cut);
        if let Some(found) = self.get(&key) {
            return wanted.still().then(|| (*found).clone());
        }
        let outcome = trial::run(Arc::new(s), cut, wanted)?;
        self.put(key, Arc::new(outcome.clone()));
        Some(outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::builtin_scenario;

    fn path_a() -> Scenario {
        Scenario { run_s: 3.0, ..builtin_scenario("path-a").unwrap().unwrap() }
    }

    #[test]
    fn a_run_is_made_once_whatever_it_is_called_and_again_when_anything_differs() {
        let (known, wanted) = (KnownRuns::default(), Wanted::default());
        let first = known.run(path_a(), Cut::Early, &wanted).unwrap();
        let named = Scenario { name: "other".into(), origin: "elsewhere".into(), ..path_a() };
        assert_eq!(known.run(named, Cut::Early, &wanted).unwrap().hash, first.hash);
        assert_eq!(known.runs(), 1);
        let mut other = path_a();
        other.plant.gensets[0].machine.h_s *= 1.01;
        for s in [Scenario { seed: 2, ..path_a() }, Scenario { run_s: 4.0, ..path_a() }, other] {
            assert!(known.run(s, Cut::Early, &wanted).is_some());
        }
        assert!(known.run(path_a(), Cut::Never, &wanted).is_some());
        assert_eq!(known.runs(), 5);
    }

    #[test]
    fn what_is_no_longer_wanted_is_not_given_even_if_known() {
        let (known, wanted) = (KnownRuns::default(), Wanted::default());
        assert!(known.run(path_a(), Cut::Early, &wanted).is_some());
        let newer = wanted.next();
        assert!(known.run(path_a(), Cut::Early, &wanted).is_none());
        assert!(known.run(path_a(), Cut::Early, &newer).is_some());
    }

    #[test]
    fn memory_has_a_bound_and_keeps_what_was_used() {
        let known = KnownRuns::default();
        let outcome = Arc::new(known.run(path_a(), Cut::Early, &Wanted::default()).unwrap());
        let key_of = |i: u32| {
            let mut k = [0; 32];
            k[..4].copy_from_slice(&i.to_be_bytes());
            k
        };
        let used = key_of(u32::MAX);
        known.put(used, Arc::clone(&outcome));
        for i in 0..3 * HALF as u32 {
            known.put(key_of(i), Arc::clone(&outcome));
            if i % 1000 == 0 {
                assert!(known.get(&used).is_some());
            }
        }
        let h = known.lock();
        assert!(h.young.len() <= HALF && h.old.len() <= HALF);
        drop(h);
        assert!(known.get(&used).is_some() && known.get(&key_of(1)).is_none());
    }
}
