//! Ticks without an event allocate nothing; with rows on, only the block grows, once a 50 ms.
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

use ballast::engine::Engine;
use ballast::engine::msg::{Block, Event};
use ballast::scenario::builtin_scenario;

/// Counts what this thread asks for.
struct Counting;

thread_local! {
    static ASKED: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    // A thread that is being torn down has no counter any more.
    let _ = ASKED.try_with(|n| n.set(n.get() + 1));
}

// SAFETY: every call is handed to the system's allocator as it came; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn asked() -> u64 {
    ASKED.with(Cell::get)
}

/// The allocations of ticks by whether an event came out of them, and how many ticks were quiet.
struct Tally {
    quiet: u64,
    quiet_ticks: u64,
    worst_at: f64,
    noisy_ticks: u64,
}

fn tally(name: &str, rows: bool, from: u64, to: u64) -> Tally {
    let mut e = Engine::new(Arc::new(builtin_scenario(name).expect("a scenario").expect("it is valid")));
    if !rows {
        e = e.without_rows();
    }
    let (mut block, mut events) = (Block::default(), Vec::<Event>::new());
    let mut t = Tally { quiet: 0, quiet_ticks: 0, worst_at: f64::NAN, noisy_ticks: 0 };
    while e.now_tick() < to {
        let before = asked();
        e.tick();
        let n = asked() - before;
        e.take_events(&mut events);
        if e.now_tick().is_multiple_of(1000) {
            e.take_block(&mut block);
            block = Block::default();
        }
        // The tick that ends a block's row makes the block grow.
        let grows = rows && e.now_tick().is_multiple_of(50);
        if e.now_tick() > from {
            if events.is_empty() && !grows {
                t.quiet += n;
                t.quiet_ticks += 1;
                if n > 0 && t.worst_at.is_nan() {
                    t.worst_at = e.t_s();
                }
            } else {
                t.noisy_ticks += 1;
            }
        }
        events.clear();
    }
    t
}

#[test]
fn the_counter_counts() {
    let before = asked();
    let v = std::hint::black_box(vec![1_u8; 100]);
    assert!(asked() > before && v.len() == 100, "an allocation was not counted");
}

#[test]
fn a_tick_without_an_event_allocates_nothing() {
    for name in ["path-a", "path-b-500", "training-swing", "bess-200kw", "two-gensets-one-trips", "staged-phase"] {
        for rows in [false, true] {
            let t = tally(name, rows, 2000, 30_000);
            assert!(
                t.quiet_ticks > 20_000,
                "{name}: only {} quiet ticks, {} with events",
                t.quiet_ticks,
                t.noisy_ticks
            );
            assert!(
                t.quiet == 0,
                "{name}, rows {rows}: {} allocations in {} ticks without an event, bound 0; the first at {} s",
                t.quiet,
                t.quiet_ticks,
                t.worst_at
            );
        }
    }
}
