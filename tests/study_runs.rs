//! Runs of studies: what an early end may leave out and what not, and figures that studies take from the twin.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::sync::Arc;

use ballast::acts::{Fault, FaultKind, Operate};
use ballast::scenario::{Scenario, ScriptAct, ScriptItem, builtin_scenario, preset};
use ballast::study::bess::events::CLASSES;
use ballast::study::bess::{Control, Design};
use ballast::study::figure::{FIGURES, Needs};
use ballast::study::size::REJECTION_PU;
use ballast::study::trial::{Cut, End, Outcome, REST_SPREAD, Wanted, run};

fn shipped(name: &str) -> Scenario {
    builtin_scenario(name).expect("a shipped scenario").unwrap()
}

fn ran(s: &Scenario, cut: Cut) -> Outcome {
    run(Arc::new(s.clone()), cut, &Wanted::default()).unwrap()
}

/// An early end leaves trips, limits and extremes as the whole run has them, until the trip.
fn early_is_whole(s: &Scenario, name: &str) -> End {
    let (early, whole) = (ran(s, Cut::Early), ran(s, Cut::Never));
    assert!(early.simulated_s <= whole.simulated_s);
    assert_eq!(early.trips.first(), whole.trips.first(), "{name}");
    assert_eq!(early.trip_s, whole.trip_s, "{name}");
    if early.end == End::Trip {
        return early.end;
    }
    assert_eq!((&early.trips, &early.violations), (&whole.trips, &whole.violations), "{name}");
    for (k, f) in FIGURES.iter().enumerate() {
        let (a, b) = (early.figures[k], whole.figures[k]);
        match f.needs {
            _ if early.end == End::Time => assert!(a == b || (a.is_nan() && b.is_nan()), "{name} {}", f.key),
            Needs::Whole => assert!(a.is_nan()),
            _ => {
                // a bus at rest may swing on within the spread
                let within = match f.unit {
                    "Hz" => REST_SPREAD * 60.0,
                    "%" => 100.0 * REST_SPREAD,
                    _ => 1e-6 * (1.0 + b.abs()),
                };
                assert!((a - b).abs() <= within || (a.is_nan() && b.is_nan()), "{name} {}: {a} {b}", f.key);
            }
        }
    }
    early.end
}

/// T10: events of a study on all engines, with a battery and without, and the shipped scenarios.
#[test]
fn t10_an_early_end_changes_no_flag_and_no_figure() {
    let base = shipped("path-a");
    let mut ends = [0; 3];
    let each = if std::env::var("BALLAST_LONG").is_ok() { 8 } else { 1 };
    for engine in preset::presets() {
        for (control, kw) in [(Control::Tight, 0.0), (Control::Simple, 0.0), (Control::Simple, 150.0)] {
            let site = Design { control, kw, kwh: 100.0 }.apply(&base, &engine).unwrap();
            for class in &CLASSES {
                for sample in 0..each {
                    let s = class.scenario(&site, 3, sample);
                    let end = early_is_whole(&s, &format!("{} {} {} kW", engine.name, class.name, kw));
                    ends[end as usize] += 1;
                }
            }
        }
    }
    assert!(ends[End::Rest as usize] > 1 && ends[End::Trip as usize] > 1, "all ways of ending are seen: {ends:?}");
    for name in
        ["path-b-500", "b-restore", "training-swing", "step-200kw", "job-crash", "cold-start-cg260", "bess-100kw"]
    {
        early_is_whole(&shipped(name), name);
    }
}

/// The load rejection that `study size` counts on, measured again: half a load of 1 MW crashes in steps of 25 kW beside miners.
#[test]
fn val_rejection_of_each_preset_is_what_the_sizing_counts_on() {
    for (name, share) in REJECTION_PU {
        let engine = preset::preset(name).unwrap();
        let mut s = shipped("path-a");
        s.plant.gensets.iter_mut().for_each(|g| preset::apply(&engine, g));
        s.policy.start_at_s = None;
        s.run_s = 30.0;
        s.plant.gpus[0].full_at_start = s.plant.gpus[0].gpus;
        let trips = |kw: f64| {
            let mut s = s.clone();
            let severity = kw / (f64::from(s.plant.gpus[0].gpus) * s.plant.gpus[0].full_kw);
            let crash = Fault { kind: FaultKind::JobCrash, device: 0, severity: severity.min(1.0), ramp_s: 0.05 };
            s.script = vec![ScriptItem { at_s: 1.0, act: ScriptAct::Operate(Operate::Fault(crash)) }];
            !ran(&s, Cut::Early).trips.is_empty()
        };
        let stands = 1000.0 * share;
        assert!(!trips(stands), "{name}: {stands} kW trips");
        if share < 0.499 {
            assert!(trips(stands + 50.0), "{name}: it stands more than {stands} kW");
        }
    }
}
