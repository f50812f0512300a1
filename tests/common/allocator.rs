//! An allocator that counts, for each thread by itself: how often it was asked for memory, and how many bytes are held.
#![allow(
    unsafe_code,
    dead_code,
    clippy::let_underscore_must_use,
    reason = "an allocator is unsafe by its trait; each test reads one of the two counts"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

thread_local! {
    static ASKED: Cell<u64> = const { Cell::new(0) };
    static HELD: Cell<i64> = const { Cell::new(0) };
}

fn count(asked: u64, bytes: i64) {
    // A thread that is being torn down has no counters any more.
    let _ = ASKED.try_with(|n| n.set(n.get() + asked));
    let _ = HELD.try_with(|n| n.set(n.get() + bytes));
}

// SAFETY: every call is handed to the system's allocator as it came; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(1, layout.size() as i64);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(0, -(layout.size() as i64));
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(1, size as i64 - layout.size() as i64);
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often this thread has asked for memory.
pub fn asked() -> u64 {
    ASKED.with(Cell::get)
}

/// Bytes that this thread holds: what it asked for less what it gave back.
pub fn held() -> i64 {
    HELD.with(Cell::get)
}
