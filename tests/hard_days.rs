//! Bad days of plants of many parts, each played to its end on the real plant: what happens is what a plant would do.
//!
//! Ties opened under load, batteries that must hold a bus together, starts that are stopped half way, feeders that go under a
//! running schedule, caps that move while it adds. One test a day; what each holds to is said with it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

mod common;

use std::sync::Arc;

use ballast::acts::{Event, EventKind};
use ballast::control::RunState as Schedule;
use ballast::engine::Engine;
use ballast::plant::genset::RunState;
use ballast::plant::gpu::Phase;
use ballast::scenario::Scenario;
use common::walk::{kw, run, state};
use common::{bare, engine, quick_set as set};

const DROOP: &str = "sharing: droop(0.04)";
const OFF: &str = "sharing: droop(0.04), on_at_start: false";

/// A day: the run at its end, and all that was said.
struct Day {
    e: Engine,
    events: Vec<Event>,
}

impl Day {
    fn new(plant: &str, policy: &str, script: &[(f64, &str)]) -> Self {
        let script: String = script.iter().map(|(t, act)| format!("(at_s: {t:?}, act: {act}), ")).collect();
        let text = format!(
            "(purpose: \"a bad day\", run_s: 5000.0, plant: ({plant}, relays: console, shedding: domain), policy: ({policy}), \
             script: [{script}])"
        );
        let s = Scenario::from_str("day", "day", &text, None).unwrap_or_else(|e| panic!("{e}\n{text}"));
        Self { e: Engine::new(Arc::new(s)).without_rows(), events: Vec::new() }
    }

    fn to(&mut self, t_s: f64) -> &mut Self {
        while self.e.t_s() < t_s - 1e-9 {
            self.e.tick();
        }
        self.e.take_events(&mut self.events);
        self
    }

    fn said(&self, kind: EventKind) -> Vec<&str> {
        self.events.iter().filter(|e| e.kind == kind).map(|e| e.text.as_str()).collect()
    }

    fn full(&self, cohort: usize) -> u32 {
        self.e.plant.gpus[cohort].count(Phase::Full)
    }

    /// Sources give what loads take, island by island or not.
    fn balances(&self) {
        let t = self.e.totals();
        let off = t.gen_kw + t.bess_kw - t.gpu_kw - t.miner_kw - t.aux_kw;
        assert!(off.abs() < 1e-6, "{off} kW nowhere");
    }
}

/// Sections A, B and C in a row, with these ties closed.
fn row(ab: bool, bc: bool, devices: &str) -> String {
    format!(
        "sections: [\"A\", \"B\", \"C\"], ties: [(name: \"AB\", from: \"A\", to: \"B\", closed: {ab}), \
         (name: \"BC\", from: \"B\", to: \"C\", closed: {bc})], {devices}"
    )
}

/// All the load is in the middle: when one tie goes the set behind it loses everything, the other takes twice as much as it can
/// at once, and the miners of its own side save it. The other way round nothing is shed.
#[test]
fn a_tie_opened_under_load_costs_the_side_that_keeps_the_load_its_miners() {
    let sets =
        [set("G1", &format!("section: \"A\", {DROOP}")), set("G2", &format!("section: \"C\", {DROOP}"))].join(", ");
    let plant = row(
        true,
        true,
        &format!(
            "gensets: [{sets}], gpus: [(name: \"gpu\", section: \"B\", gpus: 400, full_at_start: 400, scheduled: false)], \
             miners: [(name: \"m\", section: \"B\", units: 100)], aux: [], bess: []"
        ),
    );
    let mut d = Day::new(
        &plant,
        "",
        &[(5.0, "Breaker(name: \"52T AB\", closed: false)"), (60.0, "Breaker(name: \"52T AB\", closed: true)")],
    );
    d.to(61.0).balances();
    assert!(d.e.trips().is_empty(), "{:?}", d.e.trips());
    assert!(kw(&d.e, 0).abs() < 1e-6 && state(&d.e, 0) == RunState::OnBus, "G1 idles on its own bus");
    assert!(d.said(EventKind::LoadShed).iter().all(|s| s.ends_with("on B")) && d.full(0) == 400, "the GPUs stay");
    assert!(d.said(EventKind::Refused)[0].contains("25"), "no tie closes out of sync");
}

/// The middle goes dark and comes back from the other end: jobs do not come back by themselves, miners one by one.
#[test]
fn a_section_that_was_dark_comes_back_without_a_step() {
    let sets =
        [set("G1", &format!("section: \"A\", {DROOP}")), set("G2", &format!("section: \"C\", {DROOP}"))].join(", ");
    let plant = row(
        false,
        true,
        &format!(
            "gensets: [{sets}], gpus: [(name: \"gpu\", section: \"B\", gpus: 200, full_at_start: 200, scheduled: false)], \
             miners: [(name: \"m\", section: \"B\", units: 60)], aux: [(name: \"y\", section: \"C\", kw: 200.0)], bess: []"
        ),
    );
    let mut d = Day::new(
        &plant,
        "",
        &[(10.0, "Breaker(name: \"52T BC\", closed: false)"), (40.0, "Breaker(name: \"52T BC\", closed: true)")],
    );
    d.to(39.0);
    assert_eq!((d.e.totals().gpu_kw, d.e.totals().miner_kw, d.e.plant.islands[1].alive), (0.0, 0.0, false));
    d.to(400.0).balances();
    assert_eq!((d.full(0), d.e.totals().miner_kw.round()), (0, 198.0));
    let c = d.e.summaries().find(|(name, _)| *name == "B").map(|(_, s)| s.step_up_kw);
    assert!(c.is_some_and(|kw| kw < 15.0), "{c:?} kW at once");
}

/// Two batteries that hold a bus alone take the first GPUs; a load past both makes the supplies drop out, not the bus; the
/// schedule brings the jobs back within what is left.
#[test]
fn two_batteries_hold_a_bus_through_an_overload() {
    let plant = "gensets: [], gpus: [(name: \"gpu\", gpus: 300)], miners: [], aux: [(name: \"x\", kw: 30.0), (name: \"y\", kw: 0.0)], \
                 bess: [(name: \"B1\", rated_kva: 150.0, energy_kwh: 50.0, recharge_kw: 0.0), \
                 (name: \"B2\", rated_kva: 75.0, energy_kwh: 25.0, recharge_kw: 0.0)]";
    let policy = "set: recommended, path: ramp, target_kw: 120.0, start_at_s: 5.0, hold: (enabled: false)";
    let mut d =
        Day::new(plant, policy, &[(60.0, "AuxKw(aux: \"y\", kw: 150.0)"), (100.0, "AuxKw(aux: \"y\", kw: 0.0)")]);
    d.to(59.0);
    let full = d.full(0);
    assert!(full > 160, "{full} GPUs");
    d.to(60.5);
    assert!(d.full(0) < full && d.e.totals().alive, "jobs are lost, the bus is not");
    d.to(200.0).balances();
    assert!(d.full(0) >= full && d.e.trips().is_empty());
    let [a, b] = [0, 1].map(|i| d.e.plant.bess[i].p * 1000.0);
    assert!((a / b - 2.0).abs() < 0.05, "they share by rating, as their droops do: {a} and {b} kW");
}

/// A start that is stopped while it cranks coasts down; a new start waits until it is at rest.
#[test]
fn a_stop_during_crank_ends_the_start_and_the_next_one_waits() {
    let sets = format!("{}, {}", set("G1", DROOP), set("G2", OFF));
    let plant = format!("gensets: [{sets}], gpus: [], miners: [(name: \"m\", units: 100)], aux: [], bess: []");
    let acts = [
        (1.0, "StartGenset(genset: \"G2\")"),
        (4.0, "StopGenset(genset: \"G2\")"),
        (5.0, "StartGenset(genset: \"G2\")"),
        (40.0, "StartGenset(genset: \"G2\")"),
    ];
    let mut d = Day::new(&plant, "", &acts);
    d.to(39.0);
    assert_eq!((state(&d.e, 1), d.said(EventKind::Refused).len()), (RunState::Stopped, 1));
    d.to(110.0).balances();
    assert_eq!(state(&d.e, 1), RunState::OnBus);
    // It takes what it is asked to at the frequency of before; nobody lowers the other's reference, so both give a part back.
    assert!((kw(&d.e, 1) - 82.5).abs() < 2.0, "half of its share of 165 kW: {} kW", kw(&d.e, 1));
}

/// Feeders go and come back under Path B: the schedule holds, nothing slams, and what is booked is what the plant did.
#[test]
fn feeders_that_open_and_close_under_path_b_bring_no_step() {
    let plant = format!("gensets: [{}], bess: []", set("G1", ""));
    let policy = "set: recommended, path: shed, target_kw: 300.0, start_at_s: 2.0";
    let acts = [
        (20.0, "Breaker(name: \"52M miners\", closed: false)"),
        (25.0, "Breaker(name: \"52M miners\", closed: true)"),
        (60.0, "Breaker(name: \"52C gpu\", closed: false)"),
        (63.0, "Breaker(name: \"52C gpu\", closed: true)"),
        (400.0, "Resume"),
    ];
    let mut d = Day::new(&plant, policy, &acts);
    d.to(395.0).balances();
    assert!(d.said(EventKind::Hold)[0].starts_with("interlock: frequency"), "{:?}", d.said(EventKind::Hold));
    assert!(d.e.summary().step_up_kw < 12.0, "{} kW", d.e.summary().step_up_kw);
    assert_eq!(d.full(0), 0, "jobs do not come back by themselves");
    d.to(900.0).balances();
    assert_eq!(d.e.control.state(), Schedule::Complete, "{:?}", d.e.control.hold_reason());
    assert!((d.e.totals().gpu_kw - 299.6).abs() < 0.1 && d.e.summary().step_up_kw < 12.0);
}

/// A cap that goes down while batches go up, up again, and down: all of it together stays within the limits of the plan.
#[test]
fn regress_a_cap_and_batches_together_keep_to_the_limits() {
    let plant = format!("gensets: [{}], bess: []", set("G1", ""));
    for (pct, at_s) in [(30.0, 45.0), (20.0, 30.0), (70.0, 12.0)] {
        let policy = "set: recommended, path: ramp, target_kw: 400.0, start_at_s: 2.0";
        let [down, up, again] = [50.0, 100.0, pct].map(|p| format!("GpuCap(cohort: \"gpu\", pct: {p:?})"));
        let mut d = Day::new(&plant, policy, &[(at_s - 10.0, &down), (at_s - 5.0, &up), (at_s, &again)]);
        d.to(150.0).balances();
        let (s, p) = (d.e.summary(), d.e.control.policy());
        let noise_kw = 0.5;
        assert!(s.ramp_5s <= p.ramp_limit_kw_per_s + noise_kw / 5.0, "{pct} %: {} kW/s", s.ramp_5s);
        assert!(
            s.step_up_kw.max(s.step_down_kw) <= p.window_1s_kw + noise_kw,
            "{pct} %: {} {}",
            s.step_up_kw,
            s.step_down_kw
        );
        let cap = d.e.plant.gpus[0].cap;
        assert!((cap - pct / 100.0).abs() < 1e-9, "{cap}");
    }
}

/// The isochronous set of a bus trips: droop set and battery carry on, and the battery gives its share back to the set.
#[test]
fn a_battery_bridges_the_trip_of_the_isochronous_set() {
    let plant = format!(
        "gensets: [{}, {}], gpus: [(name: \"gpu\", gpus: 300, full_at_start: 300, scheduled: false)], \
         miners: [(name: \"m\", units: 150)], aux: [], bess: [(name: \"B1\", rated_kva: 300.0, energy_kwh: 20.0)]",
        set("G1", ""),
        set("G2", DROOP)
    );
    let mut d = Day::new(&plant, "", &[(10.0, "TripGenset(genset: \"G1\")")]);
    d.to(300.0).balances();
    assert!(d.e.trips().is_empty() && d.said(EventKind::LoadShed).is_empty(), "{:?}", d.e.trips());
    assert!((d.e.totals().gpu_kw + d.e.totals().miner_kw - 705.0).abs() < 1e-6, "everybody stays on");
    assert!(d.e.summary().f_min_hz > 58.8, "{} Hz", d.e.summary().f_min_hz);
}

/// Two sets start at once on a dead section with a following battery, and the schedule begins by itself when they are there.
#[test]
fn a_dead_section_is_started_by_two_sets_at_once() {
    let plant = format!(
        "sections: [\"A\", \"B\"], ties: [(name: \"T\", from: \"A\", to: \"B\", closed: false)], gensets: [{}, {}, {}], \
         gpus: [(name: \"gpu\", section: \"B\", gpus: 200)], miners: [], aux: [(name: \"x\", section: \"A\", kw: 100.0)], \
         bess: [(name: \"B1\", section: \"B\", mode: grid_following, rated_kva: 100.0, energy_kwh: 3.0, p_set_kw: 30.0)]",
        set("G1", "section: \"A\""),
        set("G2", &format!("section: \"B\", {OFF}")),
        set("G3", &format!("section: \"B\", {OFF}"))
    );
    let policy = "set: recommended, path: ramp, target_kw: 100.0, start_at_s: 1.0";
    let mut d = Day::new(&plant, policy, &[(2.0, "StartGenset(genset: \"G2\")"), (2.0, "StartGenset(genset: \"G3\")")]);
    d.to(10.0);
    assert_eq!(d.e.plant.bess[0].p, 0.0, "an inverter that follows has nothing to follow");
    d.to(100.0).balances();
    assert_eq!([state(&d.e, 1), state(&d.e, 2)], [RunState::OnBus; 2]);
    assert_eq!(d.e.control.state(), Schedule::Complete);
    assert!(d.e.trips().is_empty());
}

/// A battery alone runs empty and leaves a dead bus; a set that is started closes on it and carries the load.
#[test]
fn a_set_takes_over_where_a_battery_ran_empty() {
    let plant = format!(
        "gensets: [{}], gpus: [], miners: [], aux: [(name: \"x\", kw: 60.0)], \
         bess: [(name: \"B1\", rated_kva: 100.0, energy_kwh: 1.0, soc_at_start: 0.4)]",
        set("G1", "on_at_start: false")
    );
    let mut d = Day::new(&plant, "", &[(100.0, "StartGenset(genset: \"G1\")")]);
    d.to(90.0);
    assert!(!d.e.totals().alive);
    d.to(150.0).balances();
    assert!((kw(&d.e, 0) - 60.0).abs() < 1e-6 && d.e.totals().alive);
}

/// A tie opens while the schedule goes down: what it can reach goes down under the limits, and it ends as lost.
#[test]
fn a_ramp_down_that_loses_an_island_ends_lost_and_starts_again() {
    let plant = format!(
        "sections: [\"A\", \"B\"], ties: [(name: \"T\", from: \"A\", to: \"B\")], gensets: [{}], \
         gpus: [(name: \"near\", section: \"A\", gpus: 100, full_at_start: 100), (name: \"far\", section: \"B\", gpus: 100, full_at_start: 100)], \
         miners: [(name: \"m\", section: \"A\", units: 100)], aux: [], bess: []",
        set("G1", "section: \"A\"")
    );
    let acts = [
        (2.0, "RampDown"),
        (5.0, "Breaker(name: \"52T T\", closed: false)"),
        (20.0, "Breaker(name: \"52T T\", closed: true)"),
        (60.0, "Start"),
    ];
    let mut d = Day::new(&plant, "set: recommended, target_kw: 140.0", &acts);
    d.to(19.0);
    assert_eq!((d.e.control.state(), d.full(0), d.full(1)), (Schedule::Lost, 0, 0));
    d.to(120.0).balances();
    assert_eq!((d.e.control.state(), d.full(0) + d.full(1)), (Schedule::Complete, 200));
    assert!(d.e.summary().step_up_kw <= 20.0);
}

/// Both sets of a bus are told to stop: the second has nobody to give its load to. The first takes its load back.
#[test]
fn the_last_two_sets_of_a_bus_do_not_both_stop() {
    let plant = format!(
        "gensets: [{}, {}], gpus: [], miners: [(name: \"m\", units: 200)], aux: [], bess: []",
        set("G1", DROOP),
        set("G2", DROOP)
    );
    let acts = [
        (5.0, "StopGenset(genset: \"G1\")"),
        (6.0, "StopGenset(genset: \"G2\")"),
        (7.0, "StartGenset(genset: \"G1\")"),
        (60.0, "StopGenset(genset: \"G2\")"),
    ];
    let mut d = Day::new(&plant, "", &acts);
    d.to(59.0);
    assert!(d.said(EventKind::Refused)[0].contains("alone"), "{:?}", d.said(EventKind::Refused));
    assert!((kw(&d.e, 0) - kw(&d.e, 1)).abs() < 10.0, "{} and {} kW", kw(&d.e, 0), kw(&d.e, 1));
    d.to(150.0).balances();
    assert_eq!([state(&d.e, 0), state(&d.e, 1)], [RunState::OnBus, RunState::Stopped]);
    assert!((kw(&d.e, 0) - 660.0).abs() < 1e-6 && d.e.trips().is_empty());
}

/// A cohort on a dead section is passed over by hand and by the schedule, and served when its section comes alive.
#[test]
fn a_dead_cohort_is_passed_over_until_its_section_is_alive() {
    let plant = format!(
        "sections: [\"A\", \"B\"], ties: [(name: \"T\", from: \"A\", to: \"B\", closed: false)], gensets: [{}], \
         gpus: [(name: \"dead\", section: \"B\", gpus: 50), (name: \"live\", section: \"A\", gpus: 50)], miners: [], \
         aux: [(name: \"x\", section: \"A\", kw: 300.0)], bess: []",
        set("G1", "section: \"A\"")
    );
    let acts = [(1.0, "NextBatch"), (3.0, "Start"), (30.0, "Breaker(name: \"52T T\", closed: true)")];
    let mut d = Day::new(&plant, "set: recommended, target_kw: 60.0", &acts);
    d.to(29.0);
    assert_eq!((d.full(0), d.e.control.state()), (0, Schedule::Hold));
    assert_eq!(d.said(EventKind::Hold), ["B: bus dead"]);
    d.to(100.0).balances();
    assert_eq!((d.full(0), d.full(1), d.e.control.state()), (50, 35, Schedule::Complete));
}

/// Half the miners do not answer an automatic shed: it is asked for once, and what did not fall is said.
#[test]
fn an_automatic_shed_asks_once_and_books_what_fell() {
    let plant = format!(
        "gensets: [{}], gpus: [], miners: [(name: \"m\", units: 100, stuck_share: 0.5)], aux: [(name: \"x\", kw: 0.0)], bess: []",
        set("G1", "")
    );
    let mut d = Day::new(&plant, "set: recommended, auto_shed: true", &[(5.0, "AuxKw(aux: \"x\", kw: 90.0)")]);
    d.to(60.0).balances();
    let shed: f64 = d.events.iter().filter(|e| e.kind == EventKind::Shed).map(|e| e.value).sum();
    let fell = 330.0 - d.e.totals().miner_kw;
    assert!(shed > 0.0 && fell > 0.0 && fell <= shed + 1e-6, "asked {shed} kW, {fell} kW fell");
    assert!(d.said(EventKind::Limit).iter().filter(|t| t.contains("miners shed")).count() == 1);
}

/// A stop that is pressed while a set cranks on a bus that was never alive is a trip of the set, and disturbs no bus.
#[test]
fn regress_an_emergency_stop_of_a_cranking_set_disturbs_no_bus() {
    let plant = format!(
        "gensets: [{}], gpus: [], miners: [], aux: [(name: \"x\", kw: 20.0)], bess: []",
        set("G1", "on_at_start: false")
    );
    let mut d = Day::new(&plant, "", &[(1.0, "StartGenset(genset: \"G1\")"), (4.0, "TripGenset(genset: \"G1\")")]);
    d.to(60.0);
    assert_eq!(state(&d.e, 0), RunState::LockedOut);
    assert_eq!(d.e.responses().map(|(_, r)| r.all().count()).sum::<usize>(), 0);
}

/// 50 Hz, three unlike engines and a battery that follows: the stiff one trips under Path B with restore, is refused while it
/// coasts, and comes back after a reset.
#[test]
fn three_unlike_engines_lose_the_stiff_one_and_take_it_back() {
    let sets = [
        set("G1", "section: \"A\", sharing: load_share(0.04)").replace("lean-default", "lean-slow"),
        set("G2", "section: \"B\", sharing: load_share(0.04)").replace("lean-default", "fast-response"),
        set("G3", &format!("section: \"C\", rated_kw: 200.0, {DROOP}")),
    ]
    .join(", ");
    let plant = row(
        true,
        true,
        &format!(
            "f0_hz: 50.0, gensets: [{sets}], gpus: [(name: \"gpu\", section: \"B\", gpus: 500)], \
             miners: [(name: \"m\", section: \"C\", units: 250)], aux: [], \
             bess: [(name: \"B1\", section: \"A\", rated_kva: 100.0, energy_kwh: 10.0, mode: grid_following)]"
        ),
    );
    let policy = "set: recommended, path: shed_restore, target_kw: 300.0, start_at_s: 5.0";
    let acts = [
        (60.0, "TripGenset(genset: \"G2\")"),
        (62.0, "StartGenset(genset: \"G2\")"),
        (120.0, "Reset"),
        (121.0, "StartGenset(genset: \"G2\")"),
    ];
    let mut d = Day::new(&plant, policy, &acts);
    d.to(119.0).balances();
    assert!(d.e.trips().is_empty() && d.e.totals().alive, "{:?}", d.e.trips());
    assert!(d.said(EventKind::Refused)[0].contains("coasting"), "{:?}", d.said(EventKind::Refused));
    assert!((d.e.totals().gpu_kw - 299.6).abs() < 0.1, "the GPUs stay");
    d.to(300.0).balances();
    assert_eq!(state(&d.e, 1), RunState::OnBus);
    assert!((kw(&d.e, 0) - kw(&d.e, 1)).abs() < 10.0, "equal shares: {} and {}", kw(&d.e, 0), kw(&d.e, 1));
}

/// Batteries that hold a bus alone share its load by their ratings from the first instant, as their droops will have it.
#[test]
fn regress_batteries_alone_start_by_their_ratings() {
    let text = bare("", 200.0).replace(
        "bess: []",
        "bess: [(name: \"B1\", rated_kva: 100.0, energy_kwh: 100.0), (name: \"B2\", rated_kva: 300.0, energy_kwh: 300.0)]",
    );
    let mut e = engine(&text, "");
    let given = |e: &Engine| [0, 1].map(|b| e.plant.bess[b].p * 1000.0);
    let off = |e: &Engine| given(e).iter().zip([50.0, 150.0]).map(|(kw, want)| (kw - want).abs()).fold(0.0, f64::max);
    assert!(off(&e) < 1e-6 && e.plant.largest_derivative() < 1e-9, "{:?}", given(&e));
    run(&mut e, 20.0);
    assert!(off(&e) < 1e-6, "{:?} after 20 s", given(&e));
}
