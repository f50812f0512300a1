//! Starts, stops and trips of gensets, each walked to its end on the real plant.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed step is a failed test")]

mod common;

use ballast::acts::{Fault, FaultKind, Operate, Remote};
use ballast::engine::Engine;
use ballast::plant::genset::{BOOST, EFD, EQ, RunState, W};
use ballast::plant::system::TripCause;
use common::governors::governor;
use common::walk::{events, kw, refused, run, state, until_state};
use common::{bare, engine, quick_set as set};
use proptest::prelude::*;

/// A load step that turns the bus out of phase with a set that comes up later.
const TURNS: &str = "(at_s: 1.0, act: AuxKw(aux: \"load\", kw: 200.0))";

#[test]
fn regress_an_emergency_stop_ends_a_start_wherever_it_is() {
    use RunState::{CoolDown, Cranking, Idle, LockedOut, Prelube, RunUp, Stopped, Synchronising};
    for at in [Prelube, Cranking, Idle, RunUp, Synchronising, CoolDown] {
        let plant =
            bare(&format!("{}, {}", set("G1", ""), set("G2", "sharing: droop(0.04), on_at_start: false")), 100.0);
        let mut e = engine(&plant, TURNS);
        e.operate(Operate::StartGenset(1));
        if at == CoolDown {
            until_state(&mut e, 1, Synchronising, 20.0);
            e.operate(Operate::StopGenset(1));
        }
        until_state(&mut e, 1, at, 20.0);
        e.operate(Operate::Remote(Remote::EStop(true)));
        let mut closed = false;
        for _ in 0..120_000 {
            e.tick();
            closed |= e.plant.gensets[1].breaker || e.totals().alive;
        }
        assert!(!closed, "emergency stop in {at:?}: a bus is alive");
        assert_eq!([state(&e, 0), state(&e, 1)], [LockedOut; 2], "emergency stop in {at:?}");
        assert_eq!(e.plant.gensets[1].fuel_kw(&e.plant.cfg.gensets[1]), 0.0);

        events(&mut e);
        e.operate(Operate::Reset);
        e.operate(Operate::StartGenset(1));
        assert_eq!(refused(&mut e).len(), 1, "the stop is still pressed");
        assert_eq!(state(&e, 1), Stopped);
        e.operate(Operate::Remote(Remote::EStop(false)));
        e.operate(Operate::StartGenset(1));
        until_state(&mut e, 1, RunState::OnBus, 30.0);
    }
}

#[test]
fn a_stop_ends_a_start_that_is_under_way() {
    use RunState::{Cranking, Idle, Prelube, RunUp, Stopped, Synchronising};
    for at in [Prelube, Cranking, Idle, RunUp, Synchronising] {
        let plant =
            bare(&format!("{}, {}", set("G1", ""), set("G2", "sharing: droop(0.04), on_at_start: false")), 100.0);
        let mut e = engine(&plant, TURNS);
        e.operate(Operate::StartGenset(1));
        until_state(&mut e, 1, at, 20.0);
        e.operate(Operate::StopGenset(1));
        until_state(&mut e, 1, Stopped, 90.0);
        assert!(e.trips().is_empty() && refused(&mut e).is_empty(), "stop in {at:?}");
        e.operate(Operate::StartGenset(1));
        until_state(&mut e, 1, RunState::OnBus, 30.0);
    }
}

/// The leaving set gives its load away in its ramp time, opens below 5 %, cools down and stops; the rest carries everything.
#[test]
fn regress_a_set_that_is_told_to_stop_gives_its_load_away() {
    let share = "sharing: load_share(0.03)";
    let battery = "(name: \"B1\", rated_kva: 1000.0, energy_kwh: 1000.0, recharge_kw: 0.0)";
    let cases = [
        ("droop beside droop", "sharing: droop(0.03)", "sharing: droop(0.05)", ""),
        ("droop beside isochronous", "sharing: isochronous", "sharing: droop(0.04)", ""),
        ("isochronous beside droop", "sharing: droop(0.04)", "sharing: isochronous", ""),
        ("load sharing", share, share, ""),
        ("load sharing beside droop", "sharing: droop(0.04)", share, ""),
        ("load sharing beside isochronous", "sharing: isochronous", share, ""),
        ("droop beside a battery", "sharing: droop(0.04), on_at_start: false", "sharing: droop(0.04)", battery),
        ("isochronous beside a battery", "sharing: droop(0.04), on_at_start: false", "sharing: isochronous", battery),
    ];
    for (what, stays, leaves, bess) in cases {
        let plant = bare(&format!("{}, {}", set("G1", stays), set("G2", leaves)), 600.0)
            .replace("bess: []", &format!("bess: [{bess}]"));
        let mut e = engine(&plant, "");
        run(&mut e, 5.0);
        let load = kw(&e, 1);
        events(&mut e);
        e.operate(Operate::StopGenset(1));
        assert!(refused(&mut e).is_empty(), "{what}");
        let took = until_state(&mut e, 1, RunState::CoolDown, 40.0);
        // As fast as the other set loads itself; a battery takes it at the unloading rate.
        let ramp = load / 1000.0 / if bess.is_empty() { 0.02 } else { 0.1 };
        assert!(took < ramp + 12.0, "{what}: unloaded in {took:.1} s, ramp {ramp:.1} s");
        run(&mut e, 2.0);
        let f = e.totals().f_hz;
        assert!((57.5..61.0).contains(&f), "{what}: {f:.2} Hz after 52G opened");
        assert!((e.totals().gen_kw + e.totals().bess_kw - 600.0).abs() < 1e-6, "{what}: the load is carried");
        until_state(&mut e, 1, RunState::Stopped, 60.0);
        assert!(e.trips().is_empty(), "{what}: {:?}", e.trips());
    }
}

#[test]
fn regress_a_set_that_carries_its_bus_alone_does_not_stop() {
    for sharing in ["isochronous", "droop(0.04)", "load_share(0.03)"] {
        let mut e = engine(&bare(&set("G1", &format!("sharing: {sharing}")), 300.0), "");
        events(&mut e);
        e.operate(Operate::StopGenset(0));
        assert!(refused(&mut e)[0].contains("carries the bus alone"));
        run(&mut e, 5.0);
        assert_eq!(state(&e, 0), RunState::OnBus);
        // What an operator does who means it.
        e.operate(Operate::Breaker(0, false));
        run(&mut e, 0.1);
        assert!(!e.totals().alive);
        until_state(&mut e, 0, RunState::Stopped, 60.0);
    }
}

#[test]
fn a_stop_is_refused_when_the_others_cannot_take_the_load() {
    let droop = "sharing: droop(0.04)";
    let mut e = engine(&bare(&format!("{}, {}", set("G1", droop), set("G2", droop)), 1100.0), "");
    events(&mut e);
    e.operate(Operate::StopGenset(1));
    assert!(refused(&mut e)[0].contains("cannot take its load"));
    run(&mut e, 5.0);
    assert_eq!([state(&e, 0), state(&e, 1)], [RunState::OnBus; 2]);
}

#[test]
fn a_start_takes_an_unloading_set_back_and_one_that_cools_down() {
    let droop = "sharing: droop(0.04)";
    let mut e = engine(&bare(&format!("{}, {}", set("G1", droop), set("G2", droop)), 800.0), "");
    e.operate(Operate::StopGenset(1));
    run(&mut e, 6.0);
    assert!((200.0..380.0).contains(&kw(&e, 1)), "on its way: {} kW", kw(&e, 1));
    e.operate(Operate::StartGenset(1));
    run(&mut e, 60.0);
    assert_eq!(state(&e, 1), RunState::OnBus);
    assert!((kw(&e, 1) - 400.0).abs() < 20.0, "took back {} kW of 400", kw(&e, 1));
    e.operate(Operate::StopGenset(1));
    until_state(&mut e, 1, RunState::CoolDown, 20.0);
    e.operate(Operate::StartGenset(1));
    until_state(&mut e, 1, RunState::OnBus, 30.0);
    assert!(refused(&mut e).is_empty());
}

/// Load that grows while a set unloads leaves nobody to take it: the set goes on carrying it.
#[test]
fn unloading_that_nobody_answers_is_given_up() {
    let droop = "sharing: droop(0.04)";
    let plant =
        bare(&format!("{}, {}", set("G1", droop), set("G2", droop)), 800.0).replace("lean-default", "fast-response");
    let kw = |at_s: f64, kw: f64| format!("(at_s: {at_s:?}, act: AuxKw(aux: \"load\", kw: {kw:?})),");
    let more =
        [(1.3, 900.0), (1.6, 1000.0), (1.9, 1100.0), (2.2, 1200.0), (2.5, 1300.0)].map(|(t, p)| kw(t, p)).join(" ");
    let mut e = engine(&plant, &format!("(at_s: 1.0, act: StopGenset(genset: \"G2\")), {more}"));
    run(&mut e, 90.0);
    let said = events(&mut e);
    assert!(said.iter().any(|x| x.text.contains("unloading given up")), "{said:#?}");
    assert_eq!(state(&e, 1), RunState::OnBus);
    assert!(e.totals().alive && e.trips().is_empty(), "{:?}", e.trips());
}

/// Fuel lost on the bus: the others turn the engine with its friction, and 32R takes it off after its delay.
#[test]
fn regress_a_set_without_gas_is_motored_and_tripped_by_32r() {
    let droop = "sharing: droop(0.04)";
    let sets = format!("{}, {}", set("G1", droop), set("G2", droop)).replace("lean-default", "fast-response");
    for fault in [
        Operate::Fault(Fault { kind: FaultKind::GasPressure, device: 0, severity: 1.0, ramp_s: 2.0 }),
        Operate::Remote(Remote::GasValve(0, false)),
    ] {
        let mut e = engine(&bare(&sets, 400.0), "");
        e.operate(fault);
        run(&mut e, 12.0);
        let pm = e.plant.gensets[0].out.pm * 1000.0;
        assert!(
            (pm + 60.0).abs() < 1.5 && (kw(&e, 0) + 60.0).abs() < 1.5,
            "motored with {} kW, shaft {pm} kW",
            kw(&e, 0)
        );
        assert!((kw(&e, 0) + kw(&e, 1) - 400.0).abs() < 1e-6);
        assert_eq!(e.plant.gensets[0].fuel_kw(&e.plant.cfg.gensets[0]), 0.0);

        let mut e = engine(&bare(&sets, 400.0).replace("relays: none", "relays: console"), "");
        e.operate(fault);
        run(&mut e, 10.0);
        assert_eq!(e.trips(), ["32R G1"]);
        assert!(e.totals().alive);
        until_state(&mut e, 0, RunState::LockedOut, 60.0);
        assert!((kw(&e, 1) - 400.0).abs() < 1e-6);
    }
}

/// Off the bus nothing drives: whatever damping the set and its governor have, it comes to rest as an undamped one at the latest.
#[test]
fn regress_damping_never_drives_a_coasting_set() {
    let tgov1 = "governor: tgov1(r_pu: 0.04, t1_s: 0.1, t2_s: 0.1, t3_s: 0.4, v_min: 0.02, v_max: 1.1, dt_pu: 2.0)";
    let ggov1 = "governor: ggov1(r_pu: 0.04, rselect: power, tpelec_s: 0.1, minerr: -0.05, maxerr: 0.05, kp: 8.0, ki: 6.0, kd: 1.0, \
                 td_s: 0.05, tact_s: 0.08, ropen: 1.0, rclose: -1.0, v_min: 0.15, v_max: 1.0, kturb: 1.22, wfnl: 0.18, tb_s: 0.25, \
                 tc_s: 0.0, teng_s: 0.1, fuel_by_speed: true, dm: 2.0)";
    let coast = |more: &str| {
        let mut e = engine(&bare(&set("G1", more), 400.0), "");
        run(&mut e, 1.0);
        e.plant.trip_genset(0, TripCause::Command, 0.0).unwrap();
        until_state(&mut e, 0, RunState::LockedOut, 40.0)
    };
    let plain = coast("");
    // The friction of 0.08 pu at speed w against 2 H S/P = 1.75 s: w falls by exp(-t 0.08/1.75) in the power form, and
    // in the torque form, where power over speed brakes, by 0.08/1.75 a second: 21.9 s from nominal speed.
    assert!((20.0..25.0).contains(&plain), "coasts for {plain} s");
    for more in ["machine: (d_pu: 2.0)", "machine: (d_pu: 20.0)", tgov1, ggov1] {
        let s = coast(more);
        assert!(s < plain + 3.0, "{more}: coasts for {s} s, an undamped set for {plain} s");
    }
}

/// A valve that lags by 100 s stays at half power: the stop valve is no part of it. It ran on to three times its speed.
#[test]
fn regress_shut_fuel_is_gone_whatever_the_governor_asks_for() {
    let slow = "governor: gast(r_pu: 0.001, t1_s: 100.0, t2_s: 0.005, t3_s: 0.005, at_pu: 1.0, kt: 0.0, v_min: 0.0, v_max: 0.6, dt_pu: 0.0)";
    for lag in [slow.to_owned(), slow.replace("t2_s: 0.005", "t2_s: 100.0")] {
        let mut e = engine(&bare(&set("G1", &format!("{lag}, sharing: droop(0.04)")), 500.0), "");
        run(&mut e, 1.0);
        e.plant.trip_genset(0, TripCause::Command, 0.0).unwrap();
        let mut fastest: f64 = 0.0;
        while state(&e, 0) != RunState::LockedOut {
            assert!(e.t_s() < 60.0, "{lag}: it does not come to rest");
            e.tick();
            fastest = fastest.max(e.plant.gensets[0].x[W]);
        }
        assert!(fastest < 2.0, "{lag}: {fastest} pu");
    }
}

/// The voltage of open terminals is that of the field: held in cool-down, dying out when excitation and fuel go.
#[test]
fn regress_terminal_voltage_off_the_bus_follows_the_field() {
    let droop = "sharing: droop(0.04)";
    let mut e = engine(&bare(&format!("{}, {}", set("G1", ""), set("G2", droop)), 400.0), "");
    e.operate(Operate::StopGenset(1));
    until_state(&mut e, 1, RunState::CoolDown, 20.0);
    run(&mut e, 4.0);
    let s = &e.plant.gensets[1];
    assert_eq!(s.terminal.vt, s.x[EQ]);
    assert!((s.terminal.vt - 1.0).abs() < 0.05 && (s.x[EFD] - s.x[EQ]).abs() < 0.01, "{} {}", s.terminal.vt, s.x[EFD]);
    until_state(&mut e, 1, RunState::Shutdown, 20.0);
    let before = e.plant.gensets[1].terminal.vt;
    run(&mut e, 2.5);
    let s = &e.plant.gensets[1];
    // One open-circuit time constant, 2.5 s, less the exciter's own delay.
    common::close("voltage after T'd0", s.terminal.vt / before, (-1.0_f64).exp(), 0.05);
    assert_eq!(s.terminal.vt, s.x[EQ]);
    until_state(&mut e, 1, RunState::Stopped, 60.0);
    assert_eq!(e.plant.gensets[1].terminal.vt, 0.0);
}

/// A derated set may pass its derated rating for its overload time only, and then stays at it until the clock has run back.
#[test]
fn regress_the_overload_clock_counts_the_derated_rating() {
    let hot = "sharing: droop(0.04), p_max_pu: 1.1, overload_s: 10.0, \
               derate: (ambient_c: 50.0, from_c: 30.0, pu_per_c: 0.01, altitude_m: 0.0, from_m: 500.0, pu_per_100m: 0.01)";
    let mut e = engine(&bare(&set("G1", hot), 700.0), "(at_s: 1.0, act: AuxKw(aux: \"load\", kw: 860.0))");
    let avail = |e: &Engine| e.plant.gensets[0].available(&e.plant.cfg.gensets[0], e.plant.derived(0), 2.0, 1.0);
    assert!((avail(&e) - 0.88).abs() < 1e-12, "1.1 of 0.8");
    run(&mut e, 8.0);
    assert!((avail(&e) - 0.88).abs() < 1e-12);
    run(&mut e, 5.0);
    assert!((avail(&e) - 0.80).abs() < 1e-12, "the clock ran at 86 % of 1 MW, which is 107 % of what is left");
    e.plant.aux_kw[0] = 600.0;
    e.plant.touch();
    run(&mut e, 5.0);
    assert!((avail(&e) - 0.80).abs() < 1e-12, "half of the rest");
    run(&mut e, 8.0);
    assert!((avail(&e) - 0.88).abs() < 1e-12);
}

/// Gas and governor that are out of order are so on any engine: a forecast on another preset keeps them.
#[test]
fn regress_another_preset_keeps_what_is_wrong_with_the_gas() {
    let mut e = engine(&bare(&set("G1", ""), 500.0), "");
    for (kind, severity) in [(FaultKind::GasPressure, 0.3), (FaultKind::SluggishGovernor, 0.5)] {
        e.operate(Operate::Fault(Fault { kind, device: 0, severity, ramp_s: 0.0 }));
    }
    let before = e.plant.derived(0).clone();
    assert!(before.gas_share < 0.71 && before.gov_rate < 0.5);
    for preset in ballast::scenario::presets() {
        let mut g = e.plant.cfg.gensets[0].clone();
        ballast::scenario::preset::apply(&preset, &mut g);
        e.plant.replace_engine(0, g);
        let d = e.plant.derived(0);
        assert_eq!(
            (d.gas_share, d.derate, d.gov_rate),
            (before.gas_share, before.derate, before.gov_rate),
            "{}",
            preset.name
        );
    }
}

#[test]
fn regress_a_valve_that_cannot_close_to_no_load_is_refused_with_its_place() {
    let text = std::fs::read_to_string("tests/data/valve-above-air.ron").unwrap();
    let load = |text: &str| ballast::scenario::Scenario::from_str("t", "t", text, None);
    let why = load(&text).unwrap_err().to_string();
    let (row, line) = text.lines().enumerate().find(|(_, l)| l.contains("v_min: 0.75")).unwrap();
    let place = format!("line {} column {}", row + 1, line.find("0.75").unwrap() + 1);
    assert!(why.contains("82.5 % of its rating") && why.contains(&place), "{why}, not at {place}");
    // A valve that closes that far runs, also where gas and air allow less than its lower stop.
    let closes = load(&text.replace("v_min: 0.75", "v_min: 0.21")).unwrap();
    let mut e = Engine::new(std::sync::Arc::new(closes)).without_rows();
    run(&mut e, 10.0);
    e.operate(Operate::Remote(Remote::GasValve(0, false)));
    run(&mut e, 10.0);
    assert!(e.plant.gensets[0].x.iter().all(|v| v.is_finite()));
    let (pm, avail) = (e.plant.gensets[0].out.pm, e.plant.gensets[0].out.avail);
    assert!(pm <= avail.max(0.0) + 0.05, "{pm} pu, air for {avail} pu");
}

fn of(set: &str, load_kw: f64) -> String {
    format!("(purpose: \"t\", run_s: 10.0, plant: ({}))", bare(set, load_kw))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever its governor's parameters, an engine gives no more than its machine has and takes no more than a stalled one.
    #[test]
    fn governors_at_the_corners_of_their_ranges_stay_within_their_machine(
        g in governor(), air in any::<bool>(), load in 0.0..900.0_f64, then in 0.0..1200.0_f64, trip in any::<bool>(),
    ) {
        let air = if air { "air: limit(p_na_pu: 0.3, reserve_pu: 0.12, t_tc_s: 3.0)" } else { "" };
        let set = format!("(name: \"G1\", governor: {g}, {air})");
        // A load that its upper stop does not carry is refused; without one every governor starts.
        let holds = |load| ballast::scenario::Scenario::from_str("t", "t", &of(&set, load), None).is_ok();
        prop_assert!(holds(0.0), "{g} is refused");
        let mut e = engine(&bare(&set, if holds(load) { load } else { 0.0 }), "");
        let most = e.plant.cfg.gensets[0].p_max_pu;
        let mut peak: f64 = 0.0;
        for k in 0..8_000 {
            if k == 1_000 {
                common::load(&mut e.plant, then);
            }
            if k == 5_000 && trip && !e.plant.gensets[0].is_at_rest() {
                _ = e.plant.trip_genset(0, TripCause::Command, 0.0);
            }
            e.tick();
            let s = &e.plant.gensets[0];
            prop_assert!(s.x.iter().all(|v| v.is_finite()) && s.out.pm.is_finite(), "{g}: {:?}", s.x);
            // Valve governors at the start stand where the load asks, which may be past a lower stop.
            let w = s.x[W];
            let linear = 2.0 * (w - 1.0).abs();
            prop_assert!(s.out.pm <= (most + 0.06) * w.max(1.0) + linear + 1e-9, "{g}: {} pu at {k}", s.out.pm);
            prop_assert!(s.out.pm >= -1.01 * w.max(1.0) - linear, "{g}: {} pu at {k}", s.out.pm);
            peak = peak.max(s.x[BOOST]);
        }
        prop_assert!(peak.is_finite());
    }
}
