//! The alarms of a plant with one genset, driven by hand.

use super::state::State::{Ack, LatchedAck, LatchedUnack, Normal, RtnUnack, Unack};
use super::*;
use crate::acts::{By, Event, EventKind};
use crate::engine::Engine;
use crate::plant::signals::{at, site};
use crate::scenario::default_scenario;
use std::sync::Arc;

struct Bench {
    a: Annunciator,
    row: Vec<f64>,
    facts: Facts,
    tick: u64,
    out: Vec<Transition>,
    list: Arc<List>,
}

impl Bench {
    fn new() -> Self {
        let e = Engine::new(Arc::new(default_scenario().unwrap()));
        let mut a = Annunciator::new(Database::built_in().unwrap(), e.table(), e.plate(), 0.001);
        let mut row = vec![0.0; e.table().len()];
        for (k, v) in [
            (site::F_HZ, 60.0),
            (site::V_PU, 1.0),
            (site::GEN_KW, 800.0),
            (site::MINER_KW, 800.0),
            (site::MINER_CMD_KW, 800.0),
            (site::HEADROOM_KW, 200.0),
            (site::STEP_CAP_KW, 90.0),
            (site::ENERGISED, 1.0),
            (site::BESS_SOC_PCT, 50.0),
            (site::GAS_PCT, 100.0),
        ] {
            row[at(k).at()] = v;
        }
        let facts = Facts {
            schedule_on: true,
            bess_in_service: true,
            genset_on_bus: true,
            ramp_limit_kw_per_s: 20.0,
            plan_batch_kw: 50.0,
            min_headroom_kw: 50.0,
            ..Facts::default()
        };
        let list = a.list();
        let mut b = Self { a, row, facts, tick: 0, out: Vec::new(), list };
        b.run(10);
        assert!(b.out.is_empty(), "nothing is abnormal: {:?}", b.out);
        b
    }

    fn id(&self, tag: &str) -> AlarmId {
        self.a.definitions().iter().position(|d| d.tag == tag).unwrap() as AlarmId
    }

    fn step(&mut self, events: &[Event]) {
        self.tick += 1;
        self.a.step(self.tick, &self.row, events, &self.facts, &mut self.out);
    }

    fn run(&mut self, ticks: u64) {
        (0..ticks).for_each(|_| self.step(&[]));
    }

    fn set(&mut self, signal: u32, value: f64) {
        self.row[at(signal).at()] = value;
    }

    fn event(&mut self, kind: EventKind, object: &str, text: &str) {
        let (tick, t_s) = (self.tick, self.tick as f64 * 0.001);
        self.step(&[Event { tick, t_s, ..Event::new(kind, object, text) }]);
    }

    fn act(&mut self, act: Act) -> Result<(), Refused> {
        self.a.act(&act, By::Trainee, self.tick, &mut self.out)
    }

    fn state(&self, tag: &str) -> State {
        self.a.state(self.id(tag)).unwrap()
    }

    fn entry(&mut self, tag: &str) -> &Entry {
        let id = self.id(tag);
        self.list = self.a.list();
        &self.list.entries[id as usize]
    }
}

#[test]
fn delays_and_deadband_are_exact_to_a_tick() {
    let mut b = Bench::new();
    b.set(site::F_HZ, 58.4);
    let from = b.tick + 1;
    b.run(200);
    assert_eq!(b.state("F-LO"), Normal, "one tick before the on-delay of 0.2 s ends");
    b.run(1);
    assert_eq!(b.state("F-LO"), Unack);
    let t = b.out.iter().find(|t| t.alarm == b.id("F-LO")).unwrap().clone();
    assert_eq!((t.tick, t.value, t.limit), (from + 200, 58.4, 58.5));
    // back above the limit, not above the deadband: 58.5 + 0.18
    b.set(site::F_HZ, 58.67);
    b.run(5000);
    assert_eq!(b.state("F-LO"), Unack);
    b.set(site::F_HZ, 58.69);
    b.run(2000);
    assert_eq!(b.state("F-LO"), Unack, "one tick before the off-delay of 2 s ends");
    b.run(1);
    assert_eq!(b.state("F-LO"), RtnUnack);
}

#[test]
fn a_short_excursion_raises_nothing() {
    let mut b = Bench::new();
    for _ in 0..50 {
        b.set(site::F_HZ, 58.0);
        b.run(150);
        b.set(site::F_HZ, 59.9);
        b.run(10);
    }
    assert_eq!(b.state("F-LO"), Normal);
}

#[test]
fn a_trip_is_held_until_it_is_seen_and_reset() {
    let mut b = Bench::new();
    b.event(EventKind::Trip, "81U-1 G1", "81U-1 operated, 52G open, fuel shut");
    let id = b.id("52G-TRIP");
    assert_eq!(b.state("52G-TRIP"), Unack);
    assert_eq!(b.act(Act::Reset(id)), Err(Refused::Active("52G-TRIP".into())));
    b.run(2100);
    assert_eq!(b.state("52G-TRIP"), LatchedUnack);
    b.act(Act::Ack(id)).unwrap();
    assert_eq!(b.state("52G-TRIP"), LatchedAck, "acknowledging never resets");
    b.act(Act::Reset(id)).unwrap();
    assert_eq!(b.state("52G-TRIP"), Normal);
    assert_eq!(b.act(Act::Reset(id)), Err(Refused::Nothing("52G-TRIP".into(), "reset")));
}

/// The event of a trip was all that was looked at: two seconds later the alarm could be reset on a dead bus.
#[test]
fn regress_a_trip_stands_while_protection_holds_the_breaker_open() {
    let mut b = Bench::new();
    b.facts.held_open[0] = true;
    b.event(EventKind::Trip, "81U-1 G1", "81U-1 operated, 52G open, fuel shut");
    let id = b.id("52G-TRIP");
    b.run(10_000);
    b.act(Act::Ack(id)).unwrap();
    assert_eq!(b.act(Act::Reset(id)), Err(Refused::Active("52G-TRIP".into())));
    assert_eq!(b.state("GPU-FEED"), Normal, "that is another breaker");
    b.facts.held_open[0] = false;
    b.run(2_001);
    assert_eq!(b.state("52G-TRIP"), LatchedAck);
    b.act(Act::Reset(id)).unwrap();
    b.facts.held_open[2] = true;
    b.run(10);
    assert_eq!([b.state("52G-TRIP"), b.state("GPU-FEED"), b.state("MIN-FEED")], [Normal, Unack, Normal]);
}

#[test]
fn gas_that_gets_low_is_told() {
    let mut b = Bench::new();
    b.set(site::GAS_PCT, 89.0);
    b.run(2_001);
    assert_eq!(b.state("GAS-P"), Unack);
    b.set(site::GAS_PCT, 91.9);
    b.run(6_000);
    assert_eq!(b.state("GAS-P"), Unack, "within the deadband");
    b.set(site::GAS_PCT, 92.1);
    b.run(5_001);
    assert_eq!(b.state("GAS-P"), RtnUnack);
}

#[test]
fn shelving_hides_for_a_time_and_never_what_is_urgent() {
    let mut b = Bench::new();
    let low = b.id("RAMP-HI");
    let shelve = |alarm, for_s, reason: &str| Act::Shelve { alarm, for_s, reason: reason.into() };
    assert_eq!(b.act(shelve(b.id("F-LO"), 60, "noise")), Err(Refused::Urgent("F-LO".into())));
    assert_eq!(b.act(shelve(low, 0, "test")), Err(Refused::Time));
    assert_eq!(b.act(shelve(low, 3601, "test")), Err(Refused::Time));
    assert_eq!(b.act(shelve(low, 20, " ")), Err(Refused::NoReason));
    b.act(shelve(low, 20, "low load is planned")).unwrap();
    b.set(site::RAMP_5S_KW_PER_S, 30.0);
    b.run(15_001);
    assert_eq!(b.state("RAMP-HI"), Unack, "it goes on being evaluated");
    assert_eq!(b.a.shown(low), Some("shelved"));
    assert!(matches!(b.entry("RAMP-HI").hidden, Some(Hidden::Shelved { .. })));
    assert!(b.list.standing().is_empty());
    b.run(5_000);
    assert!(b.entry("RAMP-HI").hidden.is_none(), "the shelf's time is over");
    let end = b.out.last().unwrap();
    assert_eq!((end.alarm, end.change), (low, [Unack; 2]), "and its end is told");
    assert_eq!(b.list.standing().len(), 1);
}

#[test]
fn the_state_of_the_plant_silences_by_design() {
    let mut b = Bench::new();
    b.facts.schedule_on = false;
    b.set(site::HEADROOM_KW, 10.0);
    b.run(3000);
    assert_eq!(b.state("HEADRM-LO"), Normal);
    assert!(matches!(b.entry("HEADRM-LO").hidden, Some(Hidden::ByDesign(definition::Rule::ScheduleIdle))));
    b.facts.schedule_on = true;
    b.run(1001);
    assert_eq!(b.state("HEADRM-LO"), Unack);
}

#[test]
fn an_alarm_that_stays_asks_again() {
    let mut b = Bench::new();
    b.set(site::F_HZ, 58.0);
    b.run(201);
    b.act(Act::Ack(b.id("F-LO"))).unwrap();
    b.run(119_999);
    assert_eq!(b.state("F-LO"), Ack);
    b.run(1);
    assert_eq!(b.state("F-LO"), Unack);
}

#[test]
fn the_first_of_a_group_is_marked_and_consequences_name_their_cause() {
    let mut b = Bench::new();
    b.set(site::STEP_UP_1S_KW, 120.0);
    b.run(1);
    b.set(site::ROCOF_500MS_HZ_PER_S, -2.0);
    b.run(200);
    assert!(b.entry("STEP1S").first_out);
    let step = b.id("STEP1S");
    let rocof = b.entry("ROCOF").clone();
    assert!(!rocof.first_out);
    assert_eq!(rocof.cause, Some(step));
    b.set(site::STEP_UP_1S_KW, 0.0);
    b.set(site::ROCOF_500MS_HZ_PER_S, 0.0);
    b.run(3000);
    assert!(b.entry("STEP1S").first_out, "until it is clear and seen");
    assert_eq!(b.a.list().first_out_tag(), Some("STEP1S"));
    b.act(Act::Ack(step)).unwrap();
    assert!(!b.entry("STEP1S").first_out, "a cleared and acknowledged first-out leaves");
    assert_eq!(b.a.list().first_out_tag(), None);
    b.set(site::STEP_UP_1S_KW, 120.0);
    b.run(1);
    assert!(!b.entry("STEP1S").first_out, "ROCOF of the disturbance before is not seen yet: this is no first one");
    b.set(site::STEP_UP_1S_KW, 0.0);
    b.run(3000);
    b.act(Act::Ack(step)).unwrap();
    b.act(Act::Ack(b.id("ROCOF"))).unwrap();
    b.set(site::STEP_UP_1S_KW, 120.0);
    b.run(1);
    assert!(b.entry("STEP1S").first_out, "all was normal before");
}

/// In the order of the file the consequence of a millisecond was looked at, marked and told before its cause.
#[test]
fn regress_a_consequence_never_beats_its_cause_in_the_same_millisecond() {
    let db = Database::built_in().unwrap();
    let mut b = Bench::new();
    let places: Vec<(usize, usize)> = (db.alarms.iter().enumerate())
        .flat_map(|(i, a)| a.follows.iter().map(move |tag| (i, db.alarms.iter().position(|b| b.tag == *tag).unwrap())))
        .collect();
    assert!(places.iter().any(|(i, cause)| cause > i), "the file has causes behind their consequences");
    b.facts.held_open[..3].fill(true);
    b.facts.emergency_stop = Some(true);
    b.set(site::STEP_UP_1S_KW, 120.0);
    b.run(1);
    let came: Vec<AlarmId> = b.out.iter().map(|t| t.alarm).collect();
    assert!(came.len() > 4, "{came:?}");
    for (i, cause) in places {
        let at = |k: usize| came.iter().position(|a| *a == k as AlarmId);
        assert!(
            at(i).zip(at(cause)).is_none_or(|(i, cause)| cause < i),
            "{} and {}",
            db.alarms[i].tag,
            db.alarms[cause].tag
        );
    }
    assert!(b.entry("E-STOP").first_out && !b.entry("52G-TRIP").first_out);
}

/// Low load is how the plant stands before every bring-up.
#[test]
fn regress_low_load_is_an_alarm_after_half_an_hour_only() {
    let mut b = Bench::new();
    b.set(site::GEN_KW, 500.0);
    b.set(site::MINER_KW, 500.0);
    b.set(site::MINER_CMD_KW, 500.0);
    b.run(60_000);
    assert_eq!(b.state("GEN-LOWP"), Normal);
    assert!(db_delay("GEN-LOWP") >= 1800.0);
}

fn db_delay(tag: &str) -> f64 {
    Database::built_in().unwrap().alarms.iter().find(|a| a.tag == tag).unwrap().on_s
}

/// "HOLD (F8)" was asked for on a dead bus, of a schedule that did not run, and of one that was held.
#[test]
fn regress_responses_make_sense_in_the_state_of_the_plant() {
    for a in &Database::built_in().unwrap().alarms {
        for rule in [definition::Rule::BusDead, definition::Rule::ScheduleIdle, definition::Rule::Held] {
            let otherwise = a.response_when.iter().position(|o| o.when.contains(&rule));
            let steps = a.steps(otherwise);
            assert!(!steps.iter().any(|s| s.contains("HOLD (F8)")), "{} when {}: {steps:?}", a.tag, rule.word());
        }
    }
    let mut b = Bench::new();
    b.event(EventKind::Trip, "81U-1 G1", "81U-1 operated, 52G open, fuel shut");
    let first = |b: &mut Bench| {
        let e = b.entry("52G-TRIP").clone();
        b.list.steps(&e)[0].clone()
    };
    assert_eq!(first(&mut b), "HOLD (F8).");
    b.set(site::ENERGISED, 0.0);
    b.run(1);
    assert_eq!(first(&mut b), "Find the first-out and its cause.");
}

#[test]
fn what_cannot_be_told_says_so_and_keeps_its_state() {
    let mut b = Bench::new();
    assert!(!b.entry("ENG-T").evaluable, "this plant has no coolant temperature");
    b.set(site::F_HZ, 58.0);
    b.run(300);
    b.set(site::F_HZ, f64::NAN);
    b.run(10_000);
    assert_eq!(b.state("F-LO"), Unack);
    assert!(!b.entry("F-LO").evaluable);
}

#[test]
fn a_flood_begins_above_ten_and_ends_below_five() {
    let mut b = Bench::new();
    for _ in 0..11 {
        b.event(EventKind::Batch, "schedule", "batch");
        assert_eq!(b.state("GPU-RAMP"), Normal, "a batch within the limit");
        b.set(site::STEP_UP_1S_KW, 120.0);
        b.run(1);
        b.set(site::STEP_UP_1S_KW, 0.0);
        b.run(2_001);
    }
    assert!(b.a.list().flood_s.is_some());
    assert_eq!(b.a.list().figures.new, [0, 11, 0, 0]);
    assert!(b.a.list().figures.chattering > 0);
    b.run(600_000);
    assert!(b.a.list().flood_s.is_none());
}

#[test]
fn the_database_has_what_a_response_needs() {
    let db = Database::built_in().unwrap();
    let n = |p: Priority| db.alarms.iter().filter(|a| a.priority == p).count();
    assert_eq!([n(Priority::Urgent), n(Priority::High), n(Priority::Medium)], [3, 6, 27]);
    let text = crate::shipped::text("alarms").unwrap();
    for (from, to, says) in [
        (
            "cause: \"A protection relay has operated.\"",
            "cause: \"\"",
            "`cause` has 0 characters or is not one line at line",
        ),
        (
            "response: [\"HOLD (F8).\", \"Shed a block of miners.\"]",
            "response: []",
            "nothing can be done about it at line",
        ),
        ("tag: \"F-HI\"", "tag: \"F-LO\"", "two alarms are called `F-LO`"),
        ("follows: [\"52G-TRIP\", \"STEP1S\"", "follows: [\"52G\", \"STEP1S\"", "no alarm is called `52G`"),
        ("priority: High", "priority: Hihg", "unknown choice `Hihg`"),
        ("on_s: 0.2", "on_s: -1", "`on_s` is -1"),
        ("Signal(\"site.f_hz\")", "Signal(\"site.f_khz\")", "no signal is called `site.f_khz` at line"),
        ("PctOfF0(97.5)", "PctOfF0(NaN)", "the limit is not a number at line"),
    ] {
        assert!(text.contains(from), "{from}");
        let error = Database::from_ron("a.ron", &text.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(error.starts_with(says) && error.ends_with("a.ron"), "{error}");
    }
}
