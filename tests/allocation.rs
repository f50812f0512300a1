//! Ticks without an event allocate nothing; with rows on, only the block grows, once a 50 ms.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

#[path = "common/allocator.rs"]
mod allocator;
mod common;

use allocator::asked;
use ballast::acts::{Block, Event};
use ballast::alarm::{Annunciator, Database, Facts};
use ballast::engine::Engine;
use ballast::training::{Desk, DeskConfig};
use common::shipped;

/// The allocations of ticks by whether an event came out of them, and how many ticks were quiet.
struct Tally {
    quiet: u64,
    quiet_ticks: u64,
    worst_at: f64,
    noisy_ticks: u64,
}

/// What is counted: an engine, or a desk around one.
trait Ticks {
    fn step(&mut self);
    fn engine(&self) -> &Engine;
    fn take(&mut self, block: Option<&mut Block>, events: &mut Vec<Event>);
}

impl Ticks for Engine {
    fn step(&mut self) {
        self.tick();
    }
    fn engine(&self) -> &Engine {
        self
    }
    fn take(&mut self, block: Option<&mut Block>, events: &mut Vec<Event>) {
        self.take_events(events);
        block.into_iter().for_each(|b| self.take_block(b));
    }
}

impl Ticks for Desk {
    fn step(&mut self) {
        self.tick();
    }
    fn engine(&self) -> &Engine {
        Desk::engine(self)
    }
    fn take(&mut self, block: Option<&mut Block>, events: &mut Vec<Event>) {
        self.take_events(events);
        block.into_iter().for_each(|b| self.take_block(b));
    }
}

/// Runs to tick `to` and counts from tick `from` on; `rows` if it keeps rows.
fn tally(mut run: impl Ticks, rows: bool, from: u64, to: u64) -> Tally {
    let (mut block, mut events) = (Block::default(), Vec::<Event>::new());
    let mut t = Tally { quiet: 0, quiet_ticks: 0, worst_at: f64::NAN, noisy_ticks: 0 };
    while run.engine().now_tick() < to {
        let before = asked();
        run.step();
        let n = asked() - before;
        let now = run.engine().now_tick();
        let full = now.is_multiple_of(1000);
        run.take(full.then_some(&mut block), &mut events);
        if full {
            block = Block::default();
        }
        // The tick that ends a block's row makes the block grow.
        let grows = rows && now.is_multiple_of(50);
        if now > from {
            if events.is_empty() && !grows {
                t.quiet += n;
                t.quiet_ticks += 1;
                if n > 0 && t.worst_at.is_nan() {
                    t.worst_at = now as f64 * run.engine().tick_s();
                }
            } else {
                t.noisy_ticks += 1;
            }
        }
        events.clear();
    }
    t
}

impl Tally {
    fn holds(&self, what: &str) {
        let Self { quiet, quiet_ticks, worst_at, noisy_ticks } = self;
        assert!(*quiet_ticks > 20_000, "{what}: only {quiet_ticks} quiet ticks, {noisy_ticks} with events");
        assert!(
            *quiet == 0,
            "{what}: {quiet} allocations in {quiet_ticks} ticks without an event, bound 0; the first at {worst_at} s"
        );
    }
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
            let e = Engine::new(shipped(name));
            let e = if rows { e } else { e.without_rows() };
            tally(e, rows, 2000, 30_000).holds(&format!("{name}, rows {rows}"));
        }
    }
}

#[test]
fn a_tick_of_the_desk_without_an_event_allocates_nothing() {
    // engine, alarms, score and exercise together; snapshots allocate by intention and have a test of their own
    for name in ["path-a", "two-gensets-one-trips"] {
        let config = DeskConfig { snapshot_every_s: 3600.0, ..DeskConfig::default() };
        assert!(config.rubric.is_some(), "the run is scored");
        tally(Desk::new(shipped(name), config).without_rows(), false, 2000, 30_000)
            .holds(&format!("{name} at the desk"));
    }
}

#[test]
fn an_evaluation_of_standing_alarms_allocates_nothing() {
    let e = Engine::new(shipped("path-a"));
    let mut row: Vec<f64> = e.row().expect("rows are recorded").to_vec();
    let database = Database::built_in().expect("the built-in database");
    let mut a = Annunciator::new(database, e.table(), e.plate(), e.tick_s());
    let facts = Facts { genset_on_bus: true, ramp_limit_kw_per_s: 20.0, plan_batch_kw: 10.0, ..Facts::default() };
    let mut out = Vec::new();
    let f = e.table().find("site.f_hz").expect("a frequency");
    row[f.at()] = 57.0;
    (1..20_000).for_each(|tick| a.step(tick, &row, &[], &facts, &mut out));
    let (came, before) = (out.len(), asked());
    assert!(came > 0 && a.list().standing().len() > 1, "alarms stand");
    let listed = asked() - before;
    (20_000..30_000).for_each(|tick| a.step(tick, &row, &[], &facts, &mut out));
    assert_eq!((out.len(), asked() - before - listed), (came, 0));
}
