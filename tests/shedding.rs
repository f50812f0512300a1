//! Load shedding by stages never makes a step fatal that the engine survives without it, on any of the three presets.
//!
//! A coarse grid here; `BALLAST_FULL_GRID=1` walks the fine one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::sync::Arc;

use ballast::acts::{Event, EventKind};
use ballast::engine::Engine;
use ballast::scenario::{Scenario, preset};

/// A slam of GPUs beside a base of miners, and of GPUs at full where the base is more than the built-in fleet.
fn slam(preset: &str, base_kw: f64, miners_kw: f64, slam_kw: f64, shedding: &str) -> Engine {
    let units = |kw: f64, one: f64| (kw / one).round() as u32;
    let (miners, held, slam) = (units(miners_kw, 3.3), units(base_kw - miners_kw, 0.7), units(slam_kw, 0.7));
    let held = if held > 0 {
        format!("(name: \"held\", gpus: {held}, full_at_start: {held}, scheduled: false), ")
    } else {
        String::new()
    };
    let text = format!(
        "(purpose: \"a slam\", run_s: 40.0, plant: (gensets: [(name: \"G1\", preset: \"{preset}\")], \
         gpus: [{held}(name: \"gpu\", gpus: {slam}, scheduled: false, rise_s: 0.05, jitter_s: 0.0)], \
         miners: [(name: \"miners\", units: {miners})], aux: [], bess: [], relays: console, shedding: {shedding}), \
         policy: (set: source, ceiling_pu: 1.1, hold: (enabled: false)), \
         script: [(at_s: 1.0, act: Slam(cohort: \"gpu\", gpus: {slam}, from: off))])"
    );
    let s = Scenario::from_str("slam", "slam.ron", &text, None).unwrap_or_else(|e| panic!("{e}"));
    Engine::new(Arc::new(s)).without_rows()
}

/// Whether the set is still on the bus at the end of the run.
fn survives(mut e: Engine) -> bool {
    let end = (e.scenario.run_s / e.tick_s()).round() as u64;
    while e.now_tick() < end {
        e.tick();
        if !e.trips().is_empty() {
            return false;
        }
    }
    e.totals().alive
}

#[test]
fn val_domain_no_survivable_step_becomes_fatal_by_shedding() {
    let fine = std::env::var_os("BALLAST_FULL_GRID").is_some();
    let slams: Vec<f64> = if fine {
        (1..=40).map(|k| 12.5 * f64::from(k)).collect()
    } else {
        vec![25.0, 50.0, 75.0, 100.0, 150.0, 200.0, 250.0, 300.0, 325.0, 400.0, 500.0]
    };
    let (mut fatal, mut saved, mut cases) = (Vec::new(), 0, 0);
    for preset in ["lean-slow", "lean-default", "fast-response"] {
        for base_kw in [300.0, 500.0, 650.0, 750.0] {
            // All of the base as miners; and the built-in fleet with GPUs above it.
            let mixes = if fine && base_kw > 498.3 { vec![base_kw, 498.3] } else { vec![base_kw] };
            for miners_kw in mixes {
                for &slam_kw in &slams {
                    let run = |shedding: &str| survives(slam(preset, base_kw, miners_kw, slam_kw, shedding));
                    let with = run("domain");
                    cases += 1;
                    // Only what the stages lose, or might have saved, is asked for again without them.
                    if !with && run("off") {
                        fatal.push(format!("{preset}: {slam_kw} kW on {base_kw} kW, {miners_kw} kW of it miners"));
                    }
                    saved += u32::from(with && slam_kw >= 400.0);
                }
            }
        }
    }
    assert!(fatal.is_empty(), "{} of {cases} are fatal by shedding alone:\n{}", fatal.len(), fatal.join("\n"));
    // Without stages no preset lives through 400 kW: the stages are worth having.
    assert!(saved > 0, "the stages save nothing");
}

/// 50 kW on the softest engine: the stages took 129 kW off, and the rebound tripped the set by overspeed.
#[test]
fn regress_a_step_of_50_kw_on_lean_slow_is_answered_by_one_small_stage() {
    let mut e = slam("lean-slow", 498.3, 498.3, 50.0, "domain");
    while e.now_tick() < 40_000 {
        e.tick();
    }
    let mut events: Vec<Event> = Vec::new();
    e.take_events(&mut events);
    let shed: f64 = events.iter().filter(|e| e.kind == EventKind::LoadShed).map(|e| e.value).sum();
    assert!(e.trips().is_empty() && e.totals().alive, "{:?}", e.trips());
    // one stage of 10 % of the fleet, in whole units
    assert!(shed <= 53.0, "{shed} kW shed for a step of 49.7 kW");
    assert!(e.summary().f_max_hz < 61.5, "{} Hz", e.summary().f_max_hz);
}

/// `--preset` takes the stages along, unless the file names its own.
#[test]
fn stages_follow_the_preset_and_a_files_own_stay() {
    let of = |shedding: &str| (*slam("lean-default", 500.0, 498.3, 100.0, shedding).scenario).clone();
    let slow = preset::preset("lean-slow").unwrap();
    let mut s = of("domain");
    assert_ne!(s.plant.shed_stages, slow.shed_stages);
    preset::apply_to_plant(&slow, &mut s.plant);
    assert_eq!(s.plant.shed_stages, slow.shed_stages);
    let own = "stages([(name: \"A\", f_pu: 0.97, delay_s: 0.1, what: all_miners)])";
    for (shedding, stages) in [(own, 1), ("off", 0)] {
        let mut s = of(shedding);
        preset::apply_to_plant(&slow, &mut s.plant);
        assert_eq!(s.plant.shed_stages.len(), stages, "{shedding}");
    }
}
