//! What a periodic snapshot takes on the heap, on average: the bytes that the allocator gives for it, counted.
#![allow(
    unsafe_code,
    clippy::let_underscore_must_use,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a counting allocator is unsafe by its trait; a failed step is a failed test"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;

use ballast::engine::worker::Runner;
use ballast::scenario::{builtin, builtin_scenario};
use ballast::training::{Desk, DeskConfig};

/// Counts the bytes that this thread holds.
struct Counting;

thread_local! {
    static HELD: Cell<i64> = const { Cell::new(0) };
}

fn count(bytes: i64) {
    // A thread that is being torn down has no counter any more.
    let _ = HELD.try_with(|n| n.set(n.get() + bytes));
}

// SAFETY: every call is handed to the system's allocator as it came; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as i64);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(-(layout.size() as i64));
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as i64 - layout.size() as i64);
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

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
        let before = HELD.with(Cell::get);
        for _ in 0..MANY * 5000 {
            d.tick();
        }
        d.take_events(&mut Vec::new());
        let bytes = (HELD.with(Cell::get) - before) / MANY;
        worst = worst.max((bytes, *name));
        assert!(bytes < MOST, "{name}: a snapshot takes {bytes} bytes");
    }
    eprintln!("largest snapshot: {} bytes, {}", worst.0, worst.1);
}
