//! Alarms, score and figures of plants with several islands: each is read and judged by itself, and told with its name.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

mod common;

use std::sync::Arc;

use ballast::acts::{By, Event, EventKind, Operate};
use ballast::alarm::Hidden;
use ballast::alarm::State;
use ballast::alarm::definition::Rule;
use ballast::plant::breaker::Breaker;
use ballast::training::msg::{DeskAct, What};
use ballast::training::score::{Rubric, Score};
use ballast::training::{Desk, DeskConfig};
use common::walk::{kw, run, switch, texts};
use common::{engine, scenario};

/// A small set on B beside a large one on A; an aux load on each.
fn apart(tie: &str) -> String {
    format!(
        "sections: [\"A\", \"B\"], ties: [(name: \"T\", from: \"A\", to: \"B\", closed: {tie})], \
         gensets: [(name: \"G1\", section: \"A\", preset: \"lean-default\", sharing: droop(0.04)), \
         (name: \"G2\", section: \"B\", rated_kw: 300.0, preset: \"lean-default\", sharing: droop(0.04))], gpus: [], miners: [], \
         aux: [(name: \"loadA\", section: \"A\", kw: 500.0), (name: \"loadB\", section: \"B\", kw: 150.0)], bess: [], relays: none, shedding: off"
    )
}

struct Room {
    desk: Desk,
    events: Vec<Event>,
}

impl Room {
    fn new(plant: &str, script: &str, run_s: f64) -> Self {
        let s = Arc::new(scenario(plant, script, run_s));
        let config = DeskConfig { rubric: Some(Arc::new(Rubric::named(None).unwrap())), ..DeskConfig::default() };
        Self { desk: Desk::new(s, config).without_rows(), events: Vec::new() }
    }

    fn to(&mut self, t_s: f64) {
        while self.desk.engine().t_s() < t_s {
            self.desk.tick();
        }
        self.desk.take_events(&mut self.events);
    }

    fn operate(&mut self, op: Operate) {
        self.desk.act(&DeskAct { by: By::Trainee, what: What::Operate(op) });
    }

    fn alarms(&self) -> Vec<&str> {
        let came = |e: &&Event| e.kind == EventKind::Alarm && e.change.is_some_and(|[_, to]| to == "unack");
        self.events.iter().filter(came).map(|e| e.object.as_str()).collect()
    }

    fn score(&self) -> Score {
        self.desk.meter().unwrap().finish(None)
    }
}

/// 130 kW more on the small island: its frequency falls, and the alarms that say so are its own.
#[test]
fn regress_alarms_read_each_island_and_name_it() {
    let mut r = Room::new(&apart("false"), "(at_s: 5.0, act: AuxKw(aux: \"loadB\", kw: 280.0))", 60.0);
    r.to(30.0);
    let came = r.alarms();
    assert!(came.contains(&"F-LO B") && came.contains(&"STEP1S B") && came.contains(&"V-LO B"), "{came:?}");
    assert!(came.iter().all(|tag| !tag.ends_with(" A")), "nothing happened on A: {came:?}");
    let told = r.events.iter().find(|e| e.object == "F-LO B").unwrap();
    assert!(told.text.contains("on B"), "{}", told.text);
    // What follows from what stays on one island.
    let cause = r.events.iter().find(|e| e.object == "F-LO B" && e.cause.is_some()).and_then(|e| e.cause);
    let of = cause.and_then(|seq| r.events.iter().find(|e| e.seq == seq)).map(|e| e.object.as_str());
    assert!(of.is_none_or(|tag| tag.ends_with(" B")), "{of:?}");
}

/// The rating of an alarm in per cent is that of the island: 310 kW are too much for the small set, whatever the other could.
#[test]
fn regress_an_overload_is_that_of_its_island() {
    let mut r = Room::new(
        &apart("false"),
        "(at_s: 5.0, act: AuxKw(aux: \"loadB\", kw: 200.0)), (at_s: 30.0, act: AuxKw(aux: \"loadB\", kw: 250.0)), (at_s: 60.0, act: AuxKw(aux: \"loadB\", kw: 306.0))",
        90.0,
    );
    r.to(80.0);
    let came = r.alarms();
    assert!(came.contains(&"GEN-OVL B") && !came.contains(&"GEN-OVL A"), "{came:?}");
}

/// A set that stops says nothing of another island: what its stop explains is silent on its own bus alone.
#[test]
fn regress_a_set_that_stops_silences_its_own_island_alone() {
    let third = "(name: \"G3\", section: \"B\", rated_kw: 300.0, preset: \"lean-default\", sharing: droop(0.04))";
    let mut r = Room::new(&apart("false").replace("], gpus", &format!(", {third}], gpus")), "", 60.0);
    r.to(1.0);
    r.operate(Operate::StopGenset(2));
    r.to(30.0);
    let list = r.desk.take_view().unwrap().alarms.clone().unwrap();
    let hidden = |tag: &str| list.entries.iter().find(|e| e.tag == tag).unwrap().hidden.clone();
    assert_eq!(hidden("GEN-LOWP B"), Some(Hidden::ByDesign(Rule::GensetStopping)));
    assert_eq!(hidden("GEN-LOWP A"), None);
}

/// Tied sections are one island, for which the lowest speaks; parted, each speaks for itself.
#[test]
fn sections_that_are_tied_have_one_voice() {
    let mut r = Room::new(&apart("true"), "(at_s: 5.0, act: AuxKw(aux: \"loadB\", kw: 600.0))", 60.0);
    r.to(20.0);
    let came = r.alarms();
    assert!(came.contains(&"F-LO A") && came.iter().all(|tag| !tag.ends_with(" B")), "{came:?}");
    let list = r.desk.take_view().unwrap().alarms.clone().unwrap();
    let hidden = |tag: &str| list.entries.iter().find(|e| e.tag == tag).unwrap().hidden.clone();
    assert_eq!(hidden("F-LO B"), Some(Hidden::ByDesign(Rule::Joined)));
    assert_eq!(hidden("F-LO A"), None);
    let tie = r.desk.engine().plant.breakers().position(|b| b == Breaker::Tie(0)).unwrap() as u32;
    r.operate(Operate::Breaker(tie, false));
    r.to(50.0);
    assert!(r.alarms().contains(&"F-LO B"), "{:?}", r.alarms());
    let list = r.desk.take_view().unwrap().alarms.clone().unwrap();
    let b = list.entries.iter().find(|e| e.tag == "F-LO B").unwrap();
    assert!(b.hidden.is_none() && b.state == State::Unack);
}

/// The score takes the worst island, and says which.
#[test]
fn regress_the_score_is_that_of_the_worst_island() {
    let mut r = Room::new(&apart("false"), "(at_s: 5.0, act: AuxKw(aux: \"loadB\", kw: 250.0))", 60.0);
    r.to(40.0);
    let m = r.score().metrics;
    assert!(m.deviation_pct.value > 2.5 && m.place(&m.deviation_pct) == " on B", "{:?}", m.deviation_pct);
    assert!((m.step_up_kw.value - 100.0).abs() < 1.0 && m.place(&m.step_up_kw) == " on B", "{:?}", m.step_up_kw);
    let least = m.min_headroom_kw.unwrap();
    assert!((least.value - 50.0).abs() < 1.0 && m.place(&least) == " on B", "{least:?}");
    // On the one island of both, with 1300 kW behind it, the same step is nothing.
    let mut tied = Room::new(&apart("true"), "(at_s: 5.0, act: AuxKw(aux: \"loadB\", kw: 250.0))", 60.0);
    tied.to(40.0);
    let t = tied.score().metrics;
    assert!(t.deviation_pct.value < m.deviation_pct.value / 2.0 && t.place(&t.deviation_pct) == " on A");
    // A blackout of the smaller island is one.
    let mut dark = Room::new(&apart("false"), "(at_s: 5.0, act: TripGenset(genset: \"G2\"))", 60.0);
    dark.to(10.0);
    assert_eq!(dark.score().metrics.blackouts, 1);
}

/// What a tie joins or takes away is no step of the sources; what an engine picks up when it is left alone is one.
#[test]
fn regress_a_tie_that_moves_is_no_step() {
    let plant = |a: f64, b: f64, tie: &str| {
        apart(tie).replace("kw: 500.0", &format!("kw: {a:?}")).replace("kw: 150.0", &format!("kw: {b:?}"))
    };
    // Each side carries its own: nothing flows through the tie, and nothing changes when it opens or closes.
    for (tie, closes) in [("true", false), ("false", true)] {
        let mut e = engine(&plant(500.0, 150.0, tie), "");
        run(&mut e, 12.0);
        switch(&mut e, Breaker::Tie(0), closes);
        let mut most: f64 = 0.0;
        for _ in 0..12_000 {
            e.tick();
            for i in e.islands() {
                let m = &i.meters.now;
                most = most.max(m.step_up_1s_kw).max(m.step_down_1s_kw).max(5.0 * m.ramp_5s);
            }
        }
        assert_eq!(e.plant.islands.len(), if closes { 1 } else { 2 });
        assert_eq!(e.responses().map(|(_, r)| r.all().count()).sum::<usize>(), 0, "no disturbance of any island");
        assert!(most < 25.0, "{most} kW when the tie goes to {closes}");
        assert!(texts(&mut e, EventKind::Limit).iter().all(|t| !t.contains("rise")));
    }
    // The small set gave 150 kW of 650; alone on its side it has 250.
    let mut e = engine(&plant(400.0, 250.0, "true"), "");
    run(&mut e, 12.0);
    let gave = kw(&e, 1);
    switch(&mut e, Breaker::Tie(0), false);
    run(&mut e, 2.0);
    let up: Vec<f64> = e.summaries().map(|(_, s)| s.step_up_kw).collect();
    let answered: Vec<f64> = e.responses().filter_map(|(_, r)| Some(r.all().next()?.load_kw)).collect();
    assert!((gave - 150.0).abs() < 1.0, "it gave {gave} kW");
    assert!((up[1] - 100.0).abs() < 2.0, "{up:?}");
    assert!(
        answered.len() == 2 && answered.iter().zip([-100.0, 100.0]).all(|(a, b)| (a - b).abs() < 2.0),
        "{answered:?}"
    );
}

/// A schedule goes on when a tie has brought another island's load: STEP NOW and windows are not drained by it.
#[test]
fn regress_control_does_not_take_a_tie_for_a_rise() {
    let text = apart("false")
        .replace("gpus: []", "gpus: [(name: \"gpu\", section: \"A\", gpus: 200)]")
        .replace("miners: []", "miners: [(name: \"m\", section: \"A\", units: 30)]")
        .replace("kw: 500.0", "kw: 400.0");
    let text =
        format!("(purpose: \"t\", run_s: 100.0, plant: ({text}), policy: (auto_shed: true, hold: (enabled: false)))");
    let s = ballast::scenario::Scenario::from_str("t", "t", &text, None).unwrap_or_else(|e| panic!("{e}\n{text}"));
    let mut e = ballast::engine::Engine::new(Arc::new(s)).without_rows();
    run(&mut e, 15.0);
    let before = e.control.step_now_kw(0)[0];
    switch(&mut e, Breaker::Tie(0), true);
    run(&mut e, 1.0);
    assert_eq!(e.plant.islands.len(), 1, "it is closed");
    assert!(e.control.step_now_kw(0)[0] > 0.8 * before, "{} of {before} kW", e.control.step_now_kw(0)[0]);
    assert!(e.status().interlocks.is_empty(), "{:?}", e.status().interlocks);
    assert!(texts(&mut e, EventKind::Shed).is_empty(), "nothing rose");
}
