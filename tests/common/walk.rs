//! Walking through a run: for so many seconds or until something holds, and what was said on the way.

use std::fmt::Display;

use ballast::acts::{Event, EventKind, Operate};
use ballast::engine::Engine;
use ballast::plant::breaker::Breaker;
use ballast::plant::genset::RunState;

/// Runs for so many seconds.
pub fn run(e: &mut Engine, s: f64) {
    let n = (s / e.tick_s()).round() as u64;
    (0..n).for_each(|_| e.tick());
}

/// Runs until it holds and gives the seconds that this took; fails after `most_s`.
#[track_caller]
pub fn until(e: &mut Engine, most_s: f64, what: impl Display, holds: impl Fn(&Engine) -> bool) -> f64 {
    let from = e.t_s();
    while !holds(e) {
        assert!(e.t_s() < from + most_s, "not within {most_s} s: {what}");
        e.tick();
    }
    e.t_s() - from
}

/// Runs until a set is in this state, as [`until`].
#[track_caller]
pub fn until_state(e: &mut Engine, set: usize, want: RunState, most_s: f64) -> f64 {
    until(e, most_s, format!("set {set} {want:?}"), |e| state(e, set) == want)
}

/// What was said since this was asked last.
pub fn events(e: &mut Engine) -> Vec<Event> {
    let mut all = Vec::new();
    e.take_events(&mut all);
    all
}

/// Texts of one kind of event since events were taken last.
pub fn texts(e: &mut Engine, kind: EventKind) -> Vec<String> {
    events(e).into_iter().filter(|x| x.kind == kind).map(|x| x.text).collect()
}

/// Refusals since events were taken last.
pub fn refused(e: &mut Engine) -> Vec<String> {
    texts(e, EventKind::Refused)
}

/// An operator's act on a breaker.
pub fn switch(e: &mut Engine, b: Breaker, closed: bool) {
    let n = e.plant.breakers().position(|x| x == b).expect("a breaker of the plant") as u32;
    e.operate(Operate::Breaker(n, closed));
}

/// State of a set.
pub fn state(e: &Engine, set: usize) -> RunState {
    e.plant.gensets[set].run
}

/// Electrical power of a set, kW.
pub fn kw(e: &Engine, set: usize) -> f64 {
    e.plant.gensets[set].terminal.p * 1000.0
}
