//! What a periodic snapshot takes on the heap, on average: the bytes that the allocator gives for it, counted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

#[path = "common/allocator.rs"]
mod allocator;

use std::sync::Arc;

use allocator::held;
use ballast::engine::worker::Runner;
use ballast::scenario::{builtin, builtin_scenario};
use ballast::training::{Desk, DeskConfig};

/// Largest snapshot, bytes.
const MOST: i64 = 50_000;
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
