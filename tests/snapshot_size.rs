//! What snapshots take on the heap: the bytes that the allocator gives for them, counted. Periodic ones on average, and
//! whole ones that somebody asks for, each by itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

#[path = "common/allocator.rs"]
mod allocator;

use std::sync::Arc;
use std::time::{Duration, Instant};

use allocator::held;
use ballast::acts::By;
use ballast::scenario::{builtin, builtin_scenario, exercises};
use ballast::training::msg::{DeskAct, What};
use ballast::training::{Desk, DeskConfig};

/// Largest snapshot, bytes: the books of each island, cohort and fleet are in it, alarms and marks. Two sets and a condenser take most.
const MOST: i64 = 80_000;
/// Periodic snapshots of the stretch that is measured, an even number.
const MANY: i64 = 6;

#[test]
fn every_snapshot_of_every_shipped_scenario_is_small() {
    let mut worst = (0, "");
    for (name, _) in builtin() {
        let s = builtin_scenario(name).expect("a shipped scenario").expect("it is valid");
        let mut d = Desk::new(Arc::new(s), DeskConfig::default()).without_rows();
        for _ in 0..19_990 {
            d.tick();
        }
        d.take_events(&mut Vec::new());
        let before = held();
        for _ in 0..MANY * 5000 {
            d.tick();
        }
        d.take_events(&mut Vec::new());
        let bytes = (held() - before) / MANY;
        worst = worst.max((bytes, *name));
        assert!(bytes < MOST, "{name}: a snapshot takes {bytes} bytes");
    }
    eprintln!("largest snapshot: {} bytes, {}", worst.0, worst.1);
}

/// Snapshots on demand hold the whole state, whatever the windows are full of.
#[test]
fn regress_every_snapshot_on_demand_is_small_and_soon_restored() {
    let (mut worst, mut slowest) = ((0, ""), (Duration::ZERO, ""));
    for (name, _) in builtin().iter().chain(exercises()) {
        let s = builtin_scenario(name).expect("a shipped scenario").expect("it is valid");
        let mut d = Desk::new(Arc::new(s), DeskConfig::default()).without_rows();
        let desk = |what| DeskAct { by: By::Instructor, what };
        for at in [3_210, 12_345, 24_680] {
            while d.now_tick() < at {
                d.tick();
            }
            d.take_events(&mut Vec::new());
            let before = held();
            d.act(&desk(What::Snapshot("now".into())));
            d.take_events(&mut Vec::new());
            let bytes = held() - before;
            worst = worst.max((bytes, *name));
            assert!(bytes < MOST, "{name}: a snapshot at {at} ms takes {bytes} bytes");
        }
        let ids: Vec<u32> = d.take_view().expect("a view").snapshots.iter().rev().map(|s| s.id).collect();
        for id in ids {
            let began = Instant::now();
            d.act(&desk(What::Restore(id)));
            slowest = slowest.max((began.elapsed(), *name));
        }
    }
    // Times are of this machine and this build; a periodic one without a state runs 5 s again.
    eprintln!("largest on demand: {} bytes, {}; slowest restore {:?}, {}", worst.0, worst.1, slowest.0, slowest.1);
}
