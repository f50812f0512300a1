//! What comes together on a live bus: sets that synchronise, ties between islands, and what check-sync reads of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

mod common;

use ballast::acts::{Fault, FaultKind, Operate};
use ballast::engine::Engine;
use ballast::plant::breaker::Breaker;
use ballast::plant::genset::{DELTA, RunState, W};
use ballast::plant::signals::{SignalIdx, genset, section};
use common::walk::{events, kw, refused, run, state, switch, until_state};
use common::{bare, engine, hz, quick_set as set};

const TIE: Breaker = Breaker::Tie(0);

/// Two sets that are ready in the same tick on a dead bus: one closes, the other synchronises to it.
#[test]
fn regress_two_sets_on_one_dead_bus_close_one_after_the_other() {
    for tied in ["true", "false"] {
        let sets = format!(
            "{}, {}",
            set("G1", "section: \"A\", sharing: droop(0.04), on_at_start: false"),
            set("G2", "section: \"B\", sharing: droop(0.04), on_at_start: false")
        );
        let plant = format!(
            "sections: [\"A\", \"B\"], ties: [(name: \"T\", from: \"A\", to: \"B\", closed: {tied})], {}",
            bare(&sets, 50.0)
        );
        let mut e = engine(&plant, "");
        e.operate(Operate::StartGenset(0));
        e.operate(Operate::StartGenset(1));
        e.plant.gensets[1].x[DELTA] = 2.5;
        until_state(&mut e, 0, RunState::OnBus, 20.0);
        if tied == "true" {
            assert_eq!(state(&e, 1), RunState::Synchronising);
            until_state(&mut e, 1, RunState::OnBus, 30.0);
            run(&mut e, 30.0);
            assert!((kw(&e, 0) - kw(&e, 1)).abs() < 5.0, "shared: {} and {}", kw(&e, 0), kw(&e, 1));
        } else {
            assert_eq!(state(&e, 1), RunState::OnBus, "each has a dead bus of its own");
        }
        assert!(e.trips().is_empty());
    }
}

#[test]
fn a_tie_opens_and_closes_under_load() {
    let sets = format!(
        "{}, {}",
        set("G1", "section: \"A\", sharing: droop(0.04)"),
        set("G2", "section: \"B\", sharing: droop(0.04)")
    );
    let plant = format!(
        "sections: [\"A\", \"B\"], ties: [(name: \"T\", from: \"A\", to: \"B\")], {}",
        bare(&sets, 300.0).replace("aux: [", "aux: [(name: \"far\", section: \"B\", kw: 500.0), ")
    );
    let mut e = engine(&plant, "");
    run(&mut e, 1.0);
    switch(&mut e, TIE, false);
    run(&mut e, 20.0);
    assert!((kw(&e, 0) - 300.0).abs() < 0.5 && (kw(&e, 1) - 500.0).abs() < 0.5, "{} {}", kw(&e, 0), kw(&e, 1));
    assert!(hz(&e.plant, 0) > 60.1 && hz(&e.plant, 1) < 59.9, "each with its own droop");
    // The slip is too high for device 25 until the islands' loads are alike.
    events(&mut e);
    switch(&mut e, TIE, true);
    assert!(refused(&mut e)[0].contains("25"));
    e.plant.aux_kw = vec![400.0; 2];
    e.plant.aux_kw[0] = 405.0;
    e.plant.touch();
    run(&mut e, 20.0);
    let mut tries = 0;
    while !e.plant.is_closed(Breaker::Tie(0)) {
        run(&mut e, 0.1);
        switch(&mut e, TIE, true);
        tries += 1;
        assert!(tries < 3000, "no turn of the slip in 300 s closes the tie");
    }
    run(&mut e, 20.0);
    assert_eq!(e.plant.islands.len(), 1);
    let off = hz(&e.plant, 0) - hz(&e.plant, 1);
    assert!((kw(&e, 0) + kw(&e, 1) - 805.0).abs() < 1e-6 && off.abs() < 0.05, "{} {} {off}", kw(&e, 0), kw(&e, 1));
    assert!(e.trips().is_empty());
}

#[test]
fn a_tie_does_not_join_two_isochronous_islands() {
    let sets = format!("{}, {}", set("G1", "section: \"A\""), set("G2", "section: \"B\""));
    let plant = format!(
        "sections: [\"A\", \"B\"], ties: [(name: \"T\", from: \"A\", to: \"B\", closed: false)], {}",
        bare(&sets, 300.0)
    );
    let mut e = engine(&plant, "");
    events(&mut e);
    switch(&mut e, TIE, true);
    assert!(refused(&mut e)[0].contains("isochronous"));
    // With one of them off its bus the other may carry both.
    e.operate(Operate::Breaker(1, false));
    run(&mut e, 0.1);
    switch(&mut e, TIE, true);
    run(&mut e, 1.0);
    assert_eq!((e.plant.islands.len(), e.totals().alive), (1, true));
}

/// An instrument that reads off by this much, in the unit of its signal.
fn reads_off(e: &mut Engine, signal: SignalIdx, off: f64) {
    let [lo, hi] = e.table().get(signal).range;
    let kind = if off > 0.0 { FaultKind::SensorHigh } else { FaultKind::SensorLow };
    let fault = Fault { kind, device: signal.at() as u32, severity: off.abs() / (hi - lo), ramp_s: 0.0 };
    e.operate(Operate::Fault(fault));
}

/// Islands A, B and C alike, each with a set; ties A-B and B-C open and in sync.
fn three_islands() -> Engine {
    let sets =
        ["A", "B", "C"].map(|s| set(&format!("G{s}"), &format!("section: \"{s}\", sharing: droop(0.04)"))).join(", ");
    let loads = ["A", "B", "C"].map(|s| format!("(name: \"load{s}\", section: \"{s}\", kw: 300.0)")).join(", ");
    let plant = format!(
        "sections: [\"A\", \"B\", \"C\"], ties: [(name: \"AB\", from: \"A\", to: \"B\", closed: false), \
         (name: \"BC\", from: \"B\", to: \"C\", closed: false)], {}",
        bare(&sets, 0.0).replace("(name: \"load\", kw: 0.0)", &loads)
    );
    engine(&plant, "")
}

/// Check-sync of a tie compares what is read on its two sections: a wrong reading keeps that tie open, and no other one.
#[test]
fn regress_check_sync_reads_the_instruments_of_its_two_sides() {
    for (offset, off) in [(section::F_HZ, 0.3), (section::F_HZ, -0.3), (section::V_PU, 0.08), (section::V_PU, -0.08)] {
        let mut e = three_islands();
        run(&mut e, 0.5);
        let a = e.table().section(0, offset);
        reads_off(&mut e, a, off);
        events(&mut e);
        switch(&mut e, Breaker::Tie(1), true);
        assert!(refused(&mut e).is_empty(), "B and C are in sync, whatever is read on A");
        switch(&mut e, TIE, true);
        assert!(refused(&mut e)[0].contains("25"), "{off} on A");
        // The reading is right again.
        e.operate(Operate::Fault(Fault {
            kind: FaultKind::SensorHigh,
            device: a.at() as u32,
            severity: 0.0,
            ramp_s: 0.0,
        }));
        e.operate(Operate::Fault(Fault {
            kind: FaultKind::SensorLow,
            device: a.at() as u32,
            severity: 0.0,
            ramp_s: 0.0,
        }));
        switch(&mut e, TIE, true);
        run(&mut e, 0.1);
        assert_eq!(e.plant.islands.len(), 1, "{off} on A");
    }
}

/// An instrument, and how far it is off.
type Wrong = (fn(&Engine) -> SignalIdx, f64);

/// A set comes on the bus by what its own instruments and those of its section read. A bus that reads 0.3 Hz low is met 0.3 Hz
/// too slowly; the same reading on another section changes no bit.
#[test]
fn regress_a_synchroniser_reads_the_instruments_of_its_set_and_section() {
    // Slip at which 52G closes, Hz, and when.
    let comes_in = |wrong: Option<Wrong>| {
        let sets = [
            set("G1", "section: \"A\""),
            set("G2", "section: \"A\", sharing: droop(0.04), on_at_start: false"),
            set("G3", "section: \"B\""),
        ];
        let plant = format!(
            "sections: [\"A\", \"B\"], ties: [(name: \"T\", from: \"A\", to: \"B\", closed: false)], {}",
            bare(&sets.join(", "), 100.0)
        );
        let mut e = engine(&plant, "(at_s: 1.0, act: AuxKw(aux: \"load\", kw: 200.0))");
        if let Some((signal, off)) = wrong {
            let signal = signal(&e);
            reads_off(&mut e, signal, off);
        }
        e.operate(Operate::StartGenset(1));
        let mut slip = 0.0;
        while state(&e, 1) != RunState::OnBus {
            slip = hz(&e.plant, 1) - hz(&e.plant, 0);
            e.tick();
            assert!(e.t_s() < 60.0, "it never comes on the bus");
        }
        let x = e.plant.gensets.iter().map(|s| s.x.map(f64::to_bits)).collect::<Vec<_>>();
        (slip, e.now_tick(), x)
    };
    let right = comes_in(None);
    assert!((right.0 - 0.05).abs() < 0.02, "{} Hz", right.0);
    assert!(comes_in(Some((|e| e.table().section(1, section::F_HZ), -0.3))) == right, "B is another bus");
    assert!(comes_in(Some((|e| e.table().genset(2, genset::SPEED_HZ), -0.3))) == right, "G3 is another set");
    let bus_low = comes_in(Some((|e| e.table().section(0, section::F_HZ), -0.3)));
    // What check-sync lets through, -0.10 to +0.18 Hz, counted from what is read.
    assert!((-0.40..-0.12).contains(&bus_low.0), "{} Hz", bus_low.0);
}

/// No wrong reading drives a set out of the span of its references: it waits for its time-out instead of tripping by overspeed.
#[test]
fn a_set_that_reads_nonsense_gives_up_synchronising() {
    for (offset, off) in [(section::F_HZ, 9.0), (section::F_HZ, -9.0), (section::V_PU, 0.4)] {
        let sets = format!("{}, {}", set("G1", ""), set("G2", "sharing: droop(0.04), on_at_start: false"));
        let mut e = engine(&bare(&sets, 100.0), "");
        let signal = e.table().section(0, offset);
        reads_off(&mut e, signal, off);
        e.operate(Operate::StartGenset(1));
        until_state(&mut e, 1, RunState::Synchronising, 20.0);
        let mut fastest: f64 = 0.0;
        while state(&e, 1) == RunState::Synchronising {
            assert!(e.t_s() < 60.0, "{off}: it does not give up");
            e.tick();
            fastest = fastest.max(e.plant.gensets[1].x[W]);
        }
        assert_eq!(state(&e, 1), RunState::CoolDown, "{off}");
        assert!(fastest < 1.14 && e.plant.gensets[1].terminal.vt < 1.15 && e.trips().is_empty(), "{off}: {fastest} pu");
        assert!((kw(&e, 0) - 100.0).abs() < 1e-6);
    }
}
