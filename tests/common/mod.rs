//! Scenarios of the tests, from RON text.
#![allow(dead_code)]
#![allow(clippy::panic, clippy::expect_used, reason = "a failed step is a failed test")]

pub mod governors;
pub mod walk;

use std::sync::Arc;

use ballast::acts::By;
use ballast::engine::Engine;
use ballast::plant::genset::W;
use ballast::plant::system::Plant;
use ballast::scenario::{Scenario, builtin_scenario};
use ballast::training::msg::{DeskAct, What};

/// A scenario of this plant and script, without hold.
pub fn scenario(plant: &str, script: &str, run_s: f64) -> Scenario {
    let text = format!(
        "(purpose: \"test\", run_s: {run_s:?}, plant: ({plant}), policy: (hold: (enabled: false)), script: [{script}])"
    );
    Scenario::from_str("test", "test", &text, None).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

/// A scenario that is shipped with the program.
pub fn shipped(name: &str) -> Arc<Scenario> {
    Arc::new(builtin_scenario(name).expect("a shipped scenario").unwrap_or_else(|e| panic!("{e}")))
}

/// An act of the trainer at the desk.
pub fn trainer(what: What) -> DeskAct {
    DeskAct { by: By::Instructor, what }
}

/// The run of such a scenario, without rows.
pub fn engine(plant: &str, script: &str) -> Engine {
    Engine::new(Arc::new(scenario(plant, script, 80_000.0))).without_rows()
}

/// The plant alone.
pub fn plant(text: &str) -> Plant {
    Plant::new(Arc::new(scenario(text, "", 100.0).plant), 1)
}

/// A plant without anything but these gensets and an aux load of this many kW.
pub fn bare(gensets: &str, load_kw: f64) -> String {
    format!(
        "gensets: [{gensets}], gpus: [], miners: [], aux: [(name: \"load\", kw: {load_kw:?})], bess: [], \
         psu_ride_through: off, relays: none, shedding: off,"
    )
}

/// Start and stop times short enough to walk through.
const QUICK: &str = "start_stop: (prelube_s: 2.0, crank_s: 2.0, idle_s: 2.0, run_up_s: 3.0, sync_timeout_s: 30.0, \
                     load_pu_per_s: 0.02, unload_pu_per_s: 0.1, cool_down_s: 5.0)";

/// A lean-default set that starts and stops so quickly.
pub fn quick_set(name: &str, more: &str) -> String {
    format!("(name: \"{name}\", preset: \"lean-default\", {QUICK}, {more})")
}

/// Sets the first aux load.
pub fn load(p: &mut Plant, kw: f64) {
    p.aux_kw[0] = kw;
    p.touch();
}

/// Runs for so many seconds.
pub fn run(p: &mut Plant, s: f64) {
    let n = (s / p.cfg.tick_s).round() as u64;
    (0..n).for_each(|_| p.step());
}

/// Speed of a set, Hz.
pub fn hz(p: &Plant, i: usize) -> f64 {
    p.gensets[i].x[W] * p.cfg.f0_hz
}

/// Fails with the figure and the bound unless `got` is within `rel` of `want`.
#[track_caller]
pub fn close(what: &str, got: f64, want: f64, rel: f64) {
    let off = (got / want - 1.0).abs();
    assert!(off <= rel, "{what}: {got}, expected {want}: off by {off:.3e}, bound {rel:e}");
}
