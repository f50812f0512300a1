//! Supplies of loads, batteries at their ends, staged shedding and instruments, each island by itself.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed step is a failed test")]

mod common;

use ballast::acts::{EventKind, Fault, FaultKind, Operate};
use ballast::engine::Engine;
use ballast::plant::breaker::Breaker;
use ballast::plant::genset::RunState;
use ballast::plant::signals::{SignalIdx, at, genset, section, site};
use common::engine;
use common::walk::{events, run, switch, texts};

/// A set that trips and another that starts later, 151 miners between them.
fn blackout(psu: &str, script: &str) -> Engine {
    let plant = format!(
        "gensets: [(name: \"G1\", preset: \"lean-default\"), (name: \"G2\", preset: \"lean-default\", on_at_start: false)], \
         gpus: [(name: \"gpu\", gpus: 100, full_at_start: 100, scheduled: false)], \
         miners: [(name: \"miners\", units: 151, latency_sigma: 0.0)], aux: [(name: \"aux\", kw: 20.0)], bess: [], \
         psu_ride_through: {psu}, relays: console, shedding: off"
    );
    let script = script.replace("TRIP", "(at_s: 5.0, act: TripGenset(genset: \"G1\")),");
    engine(&plant, &format!("{script} (at_s: 100.0, act: StartGenset(genset: \"G2\"))"))
}

/// Miners restart from the moment when their supply is healthy. What was switched while the bus was dead changes nothing.
#[test]
fn regress_restart_timers_run_from_a_healthy_supply_only() {
    let switching = [
        "TRIP",
        "TRIP (at_s: 10.0, act: Breaker(name: \"52M miners\", closed: false)), (at_s: 11.0, act: Breaker(name: \"52M miners\", closed: true)),",
        "(at_s: 2.0, act: Breaker(name: \"52M miners\", closed: false)), TRIP (at_s: 60.0, act: Breaker(name: \"52M miners\", closed: true)),",
    ];
    for psu in ["on", "off"] {
        for script in switching {
            let mut e = blackout(psu, script);
            let (mut alive_at, mut woke_at) = (None, None);
            while e.t_s() < 300.0 {
                e.tick();
                if e.t_s() > 6.0 && e.totals().alive && alive_at.is_none() {
                    alive_at = Some(e.t_s());
                }
                if alive_at.is_some() && e.totals().miner_kw > 0.0 && woke_at.is_none() {
                    woke_at = Some(e.t_s());
                }
            }
            let wait = woke_at.unwrap() - alive_at.unwrap();
            assert!((29.9..30.2).contains(&wait), "supplies {psu}, {script}: the first kW {wait} s after the bus");
            assert!((e.totals().miner_kw - 151.0 * 3.3).abs() < 1e-6 && e.trips().is_empty(), "{:?}", e.trips());
            assert_eq!(e.totals().gpu_kw, 0.0, "jobs do not come back by themselves");
        }
    }
}

/// A supply that goes again while the timer runs starts it anew, by feeder as well as by bus.
#[test]
fn a_supply_that_goes_again_starts_the_wait_anew() {
    let mut e = engine("gensets: [(name: \"G1\", preset: \"lean-default\")], gpus: [], bess: [], relays: none", "");
    let feeder = Breaker::Miner(0);
    switch(&mut e, feeder, false);
    run(&mut e, 1.0);
    switch(&mut e, feeder, true);
    run(&mut e, 20.0);
    switch(&mut e, feeder, false);
    run(&mut e, 1.0);
    switch(&mut e, feeder, true);
    run(&mut e, 29.0);
    assert_eq!(e.totals().miner_kw, 0.0, "50 s after the first closing, 29 s after the last");
    run(&mut e, 2.0);
    assert!(e.totals().miner_kw > 0.0);
}

/// Miners drop out with their feeder and come back, GPU jobs drop out and do not.
#[test]
fn supplies_drop_out_and_return_feeder_by_feeder() {
    let plant = "gensets: [(name: \"G1\", preset: \"lean-default\")], bess: [], relays: none, \
                 gpus: [(name: \"a\", gpus: 100, full_at_start: 100, scheduled: false), (name: \"b\", gpus: 100, full_at_start: 100, scheduled: false)], \
                 miners: [(name: \"m\", units: 50), (name: \"n\", units: 50)]";
    let mut e = engine(plant, "");
    let loads =
        |e: &Engine| [e.plant.gpu_kw(0), e.plant.gpu_kw(1), e.plant.miner_kw(0), e.plant.miner_kw(1)].map(f64::round);
    assert_eq!(loads(&e), [70.0, 70.0, 165.0, 165.0]);
    for (closed, after) in [(false, 0.04), (true, 1.0)] {
        for b in [Breaker::Gpu(0), Breaker::Miner(0)] {
            switch(&mut e, b, closed);
        }
        run(&mut e, after);
        assert_eq!(loads(&e), [0.0, 70.0, 0.0, 165.0]);
    }
    run(&mut e, 130.0);
    assert_eq!(loads(&e), [0.0, 70.0, 165.0, 165.0]);
}

/// GPUs behind an open feeder start no job, so closing it brings nothing at once.
#[test]
fn regress_gpus_without_a_supply_start_nothing() {
    let plant = "gensets: [(name: \"G1\", preset: \"lean-default\")], bess: [], miners: [], relays: console, \
                 gpus: [(name: \"gpu\", gpus: 400, scheduled: false)]";
    let script = "(at_s: 1.0, act: Breaker(name: \"52C gpu\", closed: false)), \
                  (at_s: 5.0, act: Phase(cohort: \"gpu\", gpus: 400, from: off, to: full)), \
                  (at_s: 10.0, act: Breaker(name: \"52C gpu\", closed: true))";
    let mut e = engine(plant, script);
    run(&mut e, 15.0);
    assert_eq!(e.totals().gpu_kw, 0.0);
    assert!(e.plant.gpus_are_fed(0));
    let cfg = e.plant.cfg.clone();
    use ballast::plant::gpu::Phase::{Full, Off};
    assert_eq!(e.plant.gpus[0].shift(&cfg.gpus[0], 100, Off, Full, None, cfg.tick_s), 100);
}

/// A measured load has power supplies too: they drop out with the voltage, and take it up again with it.
#[test]
fn a_measured_load_drops_out_with_its_supplies() {
    let plant = "gensets: [(name: \"G1\", preset: \"lean-default\")], bess: [], miners: [], relays: none, \
                 gpus: [(name: \"gpu\", gpus: 0, scheduled: false, trace: points([(0.0, 200.0), (100.0, 200.0)]))]";
    let mut e = engine(plant, "");
    run(&mut e, 1.0);
    assert_eq!(e.totals().gpu_kw.round(), 200.0);
    switch(&mut e, Breaker::Gpu(0), false);
    run(&mut e, 1.0);
    assert_eq!((e.totals().gpu_kw, e.plant.gpus[0].kw), (0.0, 0.0));
    switch(&mut e, Breaker::Gpu(0), true);
    run(&mut e, 1.0);
    assert_eq!(e.totals().gpu_kw.round(), 200.0);
}

#[test]
fn dark_miners_are_neither_shed_nor_restored() {
    let mut e = engine("gensets: [(name: \"G1\", preset: \"lean-default\")], bess: [], gpus: [], relays: none", "");
    switch(&mut e, Breaker::Miner(0), false);
    run(&mut e, 0.1);
    let m = &mut e.plant.miners[0];
    assert!(m.is_dark());
    assert_eq!((m.available(), m.cut(50, 100, 0.001)), (0, 0));
}

/// A battery alone at the end of its charge: the inverter leaves its bus, the bus is dead, and it is said once.
#[test]
fn regress_an_empty_battery_leaves_its_bus() {
    let plant = "gensets: [], gpus: [], miners: [], aux: [(name: \"load\", kw: 20.0)], psu_ride_through: on, relays: none, shedding: off, \
                 bess: [(name: \"B1\", rated_kva: 100.0, energy_kwh: 1.0, recharge_kw: 0.0)]";
    let mut e = engine(plant, "");
    let (mut low_ticks, mut died) = (0, None);
    while e.t_s() < 200.0 {
        e.tick();
        let (alive, v) = (e.totals().alive, e.totals().v_pu);
        if alive {
            assert!(died.is_none(), "the bus came back by itself");
            low_ticks += u32::from(v < 0.9);
            let b = &e.plant.bess[0];
            let most = b.limits_kw(&e.plant.cfg.bess[0])[0].max(0.0);
            assert!(b.p * 1000.0 <= most + 0.03 || v >= 0.9, "gives {} kW with a limit of {most} kW", b.p * 1000.0);
        } else if died.is_none() {
            died = Some(e.t_s());
        }
    }
    assert!(died.is_some() && low_ticks < 2_100, "a bus of low voltage for {low_ticks} ms");
    assert!(
        e.plant.bess[0].soc >= e.plant.cfg.bess[0].soc_min - 1e-9,
        "nothing from below the floor: {}",
        e.plant.bess[0].soc
    );
    let trips: Vec<_> = events(&mut e).into_iter().filter(|x| x.kind == EventKind::Trip).map(|x| x.object).collect();
    assert_eq!(trips, ["52B B1", "island 1"]);
}

/// Batteries that are short of current hold what their limits leave, whatever their sizes, and never more.
#[test]
fn batteries_alone_never_give_more_than_their_limits() {
    for (kva, load) in [([100.0, 100.0], 400.0), ([200.0, 50.0], 900.0), ([50.0, 200.0], 310.0)] {
        let plant = format!(
            "gensets: [], gpus: [], miners: [], aux: [(name: \"load\", kw: 60.0)], psu_ride_through: off, relays: none, shedding: off, \
             bess: [(name: \"B1\", rated_kva: {:?}, cutoff_v_pu: 0.0), (name: \"B2\", rated_kva: {:?}, cutoff_v_pu: 0.0)]",
            kva[0], kva[1]
        );
        let mut e = engine(&plant, &format!("(at_s: 0.5, act: AuxKw(aux: \"load\", kw: {load:?}))"));
        for _ in 0..5_000 {
            e.tick();
            for b in &e.plant.bess {
                assert!(b.i <= 1.2 + 1e-6, "{} pu of current at {} s", b.i, e.t_s());
            }
        }
        assert!(!events(&mut e).iter().any(|x| x.text.contains("no voltage")), "{kva:?}");
        let gives: f64 = e.plant.bess.iter().map(|b| b.p * 1000.0).sum();
        assert!((gives - e.totals().aux_kw).abs() < 1e-6);
        assert!(e.totals().v_pu < 0.7, "{} pu", e.totals().v_pu);
    }
}

/// A battery that holds its bus alone at the start stays as it is, until something happens.
#[test]
fn regress_a_battery_alone_starts_in_steady_state() {
    let text = std::fs::read_to_string("scenarios/black-start-bess.ron").unwrap();
    let s = ballast::scenario::Scenario::from_str("b", "b", &text, None).unwrap();
    let mut e = Engine::new(std::sync::Arc::new(s)).without_rows();
    run(&mut e, 4.9);
    assert!((e.totals().f_hz - 60.0).abs() < 1e-9 && (e.totals().bess_kw - 20.0).abs() < 1e-9, "{:?}", e.totals());
}

/// Sections A and B apart, each with a set and miners of its own.
fn two_islands(script: &str, shedding: &str) -> Engine {
    let plant = format!(
        "sections: [\"A\", \"B\"], ties: [(name: \"T\", from: \"A\", to: \"B\", closed: false)], \
         gensets: [(name: \"G1\", section: \"A\", preset: \"lean-default\"), (name: \"G2\", section: \"B\", rated_kw: 300.0, preset: \"lean-default\")], \
         gpus: [(name: \"gpu\", section: \"B\", gpus: 200, scheduled: false)], \
         miners: [(name: \"mA\", section: \"A\", units: 100), (name: \"mB\", section: \"B\", units: 40)], \
         aux: [(name: \"aux\", section: \"B\", kw: 50.0), (name: \"auxA\", section: \"A\", kw: 1.0)], bess: [], \
         relays: console, shedding: {shedding}"
    );
    engine(&plant, script)
}

fn shed(e: &mut Engine) -> Vec<String> {
    texts(e, EventKind::LoadShed)
}

/// Each island sheds its own loads by its own frequency.
#[test]
fn regress_stages_act_on_the_island_that_is_low() {
    // 140 kW more than the small set can take at once.
    let mut e = two_islands("(at_s: 5.0, act: Phase(cohort: \"gpu\", gpus: 200, from: off, to: full))", "domain");
    run(&mut e, 60.0);
    let stages = shed(&mut e);
    assert!(!stages.is_empty() && stages.iter().all(|s| s.ends_with("on B")), "{stages:?}");
    assert_eq!(e.plant.miner_kw(0), 330.0, "A keeps its miners");

    let mut e = two_islands("(at_s: 5.0, act: AuxKw(aux: \"auxA\", kw: 500.0))", "domain");
    run(&mut e, 60.0);
    let stages = shed(&mut e);
    assert!(!stages.is_empty() && stages.iter().all(|s| s.ends_with("on A")), "{stages:?}");
    assert_eq!(e.plant.miner_kw(1), 132.0, "B keeps its miners");
}

/// `off` in the unit of the signal.
fn malfunction(e: &mut Engine, kind: FaultKind, signal: SignalIdx, off: f64) {
    let [lo, hi] = e.table().get(signal).range;
    let severity = (off / (hi - lo)).min(1.0);
    e.operate(Operate::Fault(Fault { kind, device: signal.at() as u32, severity, ramp_s: 0.0 }));
}

/// A wrong frequency trips the set that reads it and sheds on its section; the healthy island does not notice.
#[test]
fn regress_a_wrong_reading_acts_on_what_hangs_on_it_only() {
    let low = |e: &mut Engine, s: SignalIdx| malfunction(e, FaultKind::SensorLow, s, 3.5);
    let mut e = two_islands("", "domain");
    let b = e.table().section(1, section::F_HZ);
    low(&mut e, b);
    run(&mut e, 20.0);
    assert_eq!(e.trips(), ["81U-1 G2"]);
    assert!(shed(&mut e).iter().all(|s| s.ends_with("on B")));
    assert_eq!(e.plant.gensets[0].run, RunState::OnBus);

    // The site's frequency is that of the section with the largest set.
    let mut e = two_islands("", "off");
    low(&mut e, at(site::F_HZ));
    run(&mut e, 20.0);
    assert_eq!(e.trips(), ["81U-1 G1"]);

    // A set's own voltage and power.
    for (offset, severity, relay) in [(genset::VT_PU, 0.2, "27 G2"), (genset::P_KW, 250.0, "32R G2")] {
        let mut e = two_islands("", "domain");
        let signal = e.table().genset(1, offset);
        malfunction(&mut e, FaultKind::SensorLow, signal, severity);
        run(&mut e, 10.0);
        assert_eq!(e.trips()[0], relay);
        assert_eq!(e.plant.gensets[0].run, RunState::OnBus);
        assert!(shed(&mut e).is_empty());
    }
}

/// A frozen frequency hides an excursion from the relays of its section, and from no others.
#[test]
fn a_frozen_reading_hides_what_happens_on_its_section() {
    let slump = "(at_s: 5.0, act: AuxKw(aux: \"aux\", kw: 290.0))";
    for (frozen, want) in [(None, true), (Some(0), true), (Some(1), false)] {
        let mut e = two_islands(slump, "domain");
        run(&mut e, 1.0);
        if let Some(s) = frozen {
            let signal = e.table().section(s, section::F_HZ);
            malfunction(&mut e, FaultKind::SensorFreeze, signal, f64::MAX);
        }
        run(&mut e, 4.6);
        assert_eq!(!shed(&mut e).is_empty(), want, "frozen section {frozen:?}");
    }
}
