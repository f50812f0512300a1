//! Waiting for what other threads make: one patience for all tests of the console.
#![allow(dead_code)]
#![allow(clippy::panic, reason = "a failed step is a failed test")]

use std::cell::RefCell;
use std::time::{Duration, Instant};

use egui_kittest::Harness;
use egui_kittest::kittest::{AccessKitNode, Queryable as _};

/// Longest that anything may take: a fit of thousands of runs in a debug build, beside other tests on two cores.
const PATIENCE: Duration = Duration::from_mins(15);

/// Asks until it is so; false when it never was.
pub fn wait(mut so: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + PATIENCE;
    while !so() {
        if Instant::now() > end {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}

/// Frames until it is so, and one more.
#[track_caller]
pub fn until<S>(h: &mut Harness<'static, S>, what: &str, so: impl Fn(&Harness<'static, S>) -> bool) {
    let came = wait(|| {
        h.step();
        so(h)
    });
    assert!(came, "never: {what}; on screen: {}", on_screen(h));
    h.step();
}

/// All words that the screen says, for the message of a failed test.
pub fn on_screen<S>(h: &Harness<'static, S>) -> String {
    let all = RefCell::new(Vec::new());
    let note = |n: &AccessKitNode<'_>| {
        all.borrow_mut().extend(n.label().or(n.value()));
        false
    };
    h.query_all_by(note).count();
    all.into_inner().join(" | ")
}
