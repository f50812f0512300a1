//! The fit against plants that are not the twin, made by integrators of this test's own: intervals that hold, structures told
//! apart, bounds and misfits said in words. The long study over twenty plants is `cargo test --release --test fit_plants --
//! --ignored --nocapture`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

#[path = "fit_plants/foreign.rs"]
mod foreign;

use std::sync::Arc;

use ballast::engine::Engine;
use ballast::plant::config::{Genset, Plant};
use ballast::shadow::fit::{self, Case, Fit, Record, Structure, Trial, Unknown};
use foreign::{Foreign, PLANTS};

fn named(name: &str) -> &'static Foreign {
    PLANTS.iter().find(|p| p.name == name).unwrap_or_else(|| panic!("no plant {name}"))
}

/// The built-in plant, whose set is none of them.
fn site(f0_hz: f64) -> (Plant, Genset) {
    let mut plant = ballast::scenario::default_scenario().unwrap().plant;
    plant.f0_hz = f0_hz;
    let set = plant.gensets[0].clone();
    (plant, set)
}

/// A record of steps of `size` pu over so many seconds.
fn record(p: &Foreign, seed: u64, size: f64, s: f64) -> Record {
    Record::new(p.record(seed, s, &foreign::steps(seed, 0.5, size, s)))
}

fn fitted(p: &Foreign, record: &Record, structures: &[Structure]) -> Fit {
    let (plant, set) = site(p.f0_hz);
    let case = Case::new(&plant, &set, record).unwrap();
    let trials = fit::one_by_one(&case, structures);
    let f = fit::choose(&case, trials);
    println!("{}: {}, misfit {:.3}", p.name, f.structure.name(), f.misfit);
    for q in &f.parameters {
        println!(
            "  {:<12} {:>8.4}  {:.4} to {:.4}  {:?}",
            q.what.name(),
            q.value,
            q.interval[0],
            q.interval[1],
            f.why_not(q)
        );
    }
    f
}

fn holds(f: &Fit, what: Unknown, truth: f64) -> bool {
    f.parameter(what).is_some_and(|p| (p.interval[0]..=p.interval[1]).contains(&truth))
}

#[test]
fn val_fit_of_a_foreign_pi_chooses_it_and_its_interval_holds() {
    let p = named("PI");
    let f = fitted(p, &record(p, 3, 0.08, 50.0), &[Structure::Pi, Structure::PiDroop, Structure::Tgov1]);
    assert!(f.structure == Structure::Pi && !f.is_not_this_model());
    let h = f.parameter(Unknown::Inertia).unwrap();
    assert!(h.identifiable && holds(&f, Unknown::Inertia, p.h_s), "{h:?}");
    assert!(f.tried.iter().filter(|t| t.as_good).count() < 3, "TGOV1 does not bring frequency back");
    // Beyond what was seen is said to be.
    let large = Record::new(p.record(9, 40.0, &|t| if t > 15.02 { 0.65 } else { 0.45 }));
    let c = fit::check(&f, &large).unwrap();
    assert!(c.beyond.iter().any(|b| b.starts_with("power that rises by ")), "{:?}", c.beyond);
    let s = &c.swings[0];
    assert!(s.dip_error().abs() < 0.03 && s.recovery_error().is_some_and(|e| e.abs() < 0.1), "{s:?}");
}

#[test]
fn val_fit_of_a_foreign_tgov1_tells_inertia_and_droop() {
    let p = named("TGOV1");
    let f = fitted(p, &record(p, 4, 0.08, 50.0), &[Structure::Tgov1, Structure::Gast, Structure::Pi]);
    assert!(f.structure == Structure::Tgov1 && holds(&f, Unknown::Inertia, p.h_s));
    let droop = f.parameter(Unknown::Droop).unwrap();
    assert!(droop.identifiable && holds(&f, Unknown::Droop, p.droop().unwrap()), "{droop:?}");
    // No preset has this governor, and it is said.
    let why = f.keepable.as_ref().unwrap_err();
    assert!(why.starts_with("a preset is an engine with the PID governor, and this one is TGOV1"), "{why}");
}

/// A step that comes anywhere between two rows half a second apart is no ramp of half a second, which is more inertia.
#[test]
fn regress_steps_between_rows_are_not_taken_as_ramps() {
    let p = Foreign { meters: foreign::Meters { period_s: 0.4, ..named("PI").meters }, ..*named("PI") };
    let f = fitted(&p, &record(&p, 5, 0.08, 80.0), &[Structure::Pi]);
    assert!(holds(&f, Unknown::Inertia, p.h_s), "{:?}", f.parameter(Unknown::Inertia));
    let shifts = Case::new(&site(60.0).0, &site(60.0).1, &record(&p, 5, 0.08, 80.0)).unwrap().steps;
    assert!(shifts.len() > 5);
}

#[test]
fn an_engine_that_misfires_is_not_this_model() {
    let p = named("PI");
    let mut r = record(p, 6, 0.08, 40.0);
    // Frequency swings by itself: nothing in the power tells why.
    for (t, f) in r.t_s.iter().zip(&mut r.f_hz) {
        *f += 0.2 * (t * 1.7).sin();
    }
    let f = fitted(p, &r, &[Structure::Pi, Structure::Pid, Structure::Tgov1]);
    assert!(f.is_not_this_model() && f.parameters.iter().all(|p| !p.identifiable), "{}", f.misfit);
    assert!(f.remarks()[0].starts_with("Not this model: "), "{:?}", f.remarks());
    let name = "x-engine";
    let why = fit::adopt(&f, &fit::base(&f), name, "a.csv").unwrap_err();
    assert_eq!(why, "no structure explains the record, so there is nothing to adopt");
}

#[test]
fn a_coarse_meter_is_no_stuck_one_and_its_step_is_in_the_interval() {
    let p = named("0.1 Hz resolution");
    let f = fitted(p, &record(p, 7, 0.08, 60.0), &[Structure::PidDroop]);
    assert!((f.meter.step_hz - 0.1).abs() < 1e-6, "{:?}", f.meter);
    assert!(holds(&f, Unknown::Inertia, p.h_s) && holds(&f, Unknown::Droop, 0.05));
    let h = f.parameter(Unknown::Inertia).unwrap();
    assert!(h.half_width > 0.05, "a tenth of a Hz hides more than that: {h:?}");
}

/// A value that a search ends at is no value.
#[test]
fn what_ends_at_a_bound_is_said_and_not_identifiable() {
    let p = named("PI");
    // A PID with droop held against an isochronous plant: the droop goes to the least that is looked for.
    let f = fitted(p, &record(p, 8, 0.08, 50.0), &[Structure::PiDroop]);
    let droop = f.parameter(Unknown::Droop).unwrap();
    assert!(!droop.identifiable, "{droop:?}");
    if let Some(bound) = droop.at_bound {
        assert!(f.why_not(droop).unwrap().starts_with("at the bound of the search"), "{bound}");
        assert!(f.remarks().iter().any(|r| r.starts_with("The droop ended at the bound")), "{:?}", f.remarks());
    }
}

#[test]
fn a_record_of_miners_tells_their_lag() {
    let s = ballast::scenario::builtin_scenario("miner-lag").unwrap().unwrap();
    let mut engine = Engine::new(Arc::new(s)).without_rows();
    let mut rows = fit::Rows::new(&engine.scenario.plant.clone(), engine.table());
    let mut row = vec![f64::NAN; engine.table().len()];
    while engine.t_s() < 110.0 {
        (0..50).for_each(|_| engine.tick());
        engine.fill_row(&mut row);
        rows.take(engine.t_s(), &row).unwrap();
    }
    let (_, _, lags) = rows.finish().unwrap();
    let fleet = &engine.scenario.plant.miners[0];
    let want_s = fleet.latency_s + fleet.fall_s / 2.0;
    println!("{lags:?}, the scenario has {want_s}");
    let down = lags.down.expect("sheds");
    assert!((down.mean_s / want_s - 1.0).abs() < 0.02, "{down:?}, not {want_s} s");
}

// ---- the study ------------------------------------------------------------------------------------------------------

/// Structures on threads of their own.
fn on_threads(case: &Case, structures: &[Structure]) -> Vec<Trial> {
    std::thread::scope(|scope| {
        let all: Vec<_> = structures.iter().map(|s| scope.spawn(move || case.trial(*s))).collect();
        all.into_iter().map(|t| t.join().unwrap()).collect()
    })
}

#[test]
#[ignore = "minutes: all structures on twenty plants"]
fn val_intervals_hold_on_twenty_foreign_plants() {
    let (mut inertia, mut droop, mut told, mut dips, mut recoveries) = (0, 0, 0, 0, 0);
    for (i, p) in PLANTS.iter().enumerate() {
        let (plant, set) = site(p.f0_hz);
        let r = record(p, 101 + i as u64, 0.08, 100.0);
        let f = fit::fit(&plant, fit::Own::Rated(&set), &r, &on_threads).unwrap_or_else(|e| panic!("{}: {e}", p.name));
        let h = f.parameter(Unknown::Inertia).unwrap();
        inertia += u32::from(holds(&f, Unknown::Inertia, p.h_s));
        told += u32::from(h.identifiable);
        droop += match (f.parameter(Unknown::Droop).filter(|d| d.identifiable), p.droop()) {
            (Some(d), Some(r)) => u32::from((d.interval[0]..=d.interval[1]).contains(&r)),
            (Some(_), None) => 0,
            (None, _) => 1,
        };
        let large = |t: f64| if t > 15.03 { 0.55 } else { 0.4 };
        let c = fit::check(&f, &Record::new(p.record(8, 40.0, &large))).unwrap();
        let s = c.swings.first();
        dips += u32::from(s.is_some_and(|s| s.dip_error().abs() < 0.03));
        recoveries += u32::from(s.and_then(fit::Swing::recovery_error).is_some_and(|e| e.abs() < 0.1));
        println!(
            "{:<36} H {:.2}: {:.3} ({:.3} to {:.3}){} {}, misfit {:.3}{}, dip {:+.1} %",
            p.name,
            p.h_s,
            h.value,
            h.interval[0],
            h.interval[1],
            if holds(&f, Unknown::Inertia, p.h_s) { "" } else { " MISSED" },
            f.structure.name(),
            f.misfit,
            if f.is_not_this_model() { ", not this model" } else { "" },
            100.0 * s.map_or(f64::NAN, fit::Swing::dip_error),
        );
    }
    println!(
        "inertia holds in {inertia}, told in {told}, droop in {droop}, dips {dips}, recoveries {recoveries} of 20"
    );
    assert!(inertia >= 18 && droop >= 18, "inertia {inertia}, droop {droop}");
}
