//! The score: rubrics are read with errors in one line, a run gives the same number every time, points never rise when a
//! metric gets worse, and a tick of the meter costs no allocation.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::sync::Arc;

use ballast::acts::{By, Event, EventKind, Fault, FaultKind, Operate, Setpoint};
use ballast::engine::Engine;
use ballast::scenario::exercise::{Answer, Response, Step};
use ballast::scenario::{Scenario, builtin_scenario};
use ballast::training::msg::{DeskAct, What};
use ballast::training::score::{
    Ack, Deduction, Facts, Hard, Measure, Meter, Metric, Metrics, Moment, Par, Rubric, Score,
};
use ballast::training::{Desk, DeskConfig};
use proptest::prelude::*;

const V2: &str = include_str!("../assets/score/v2.ron");

fn scenario(name: &str) -> Arc<Scenario> {
    Arc::new(builtin_scenario(name).unwrap().unwrap())
}

fn rubric(name: &str) -> Arc<Rubric> {
    Arc::new(Rubric::named(Some(name)).unwrap())
}

fn par() -> Par {
    Par {
        time_to_target_s: Some(71.4),
        gpu_hours_lost: 7.1,
        lost_mining_to_target_kwh: 0.0,
        lost_mining_kwh: 0.0,
        fuel_per_kwh: 2.6,
        ..Par::default()
    }
}

/// Runs a scenario for so long under a meter.
fn measure(name: &str, facts: Facts, seconds: f64) -> Meter {
    let mut e = Engine::new(scenario(name)).without_rows();
    let mut meter = Meter::of(rubric("v2"), Arc::new(facts), &e);
    let mut events: Vec<Event> = Vec::new();
    while e.t_s() < seconds {
        e.tick();
        meter.read(&e);
        e.take_events(&mut events);
        events.drain(..).for_each(|ev| meter.event(&ev));
    }
    meter
}

fn points(s: &Score, metric: Metric) -> f64 {
    s.lines().find(|(_, l)| l.metric == metric).unwrap().1.points
}

#[test]
fn built_in_rubrics_are_whole() {
    let all = Rubric::built_in().unwrap();
    assert_eq!(all.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(), ["v2", "v1"]);
    for r in all {
        assert_eq!(r.groups.iter().map(|g| g.points).collect::<Vec<_>>(), [45.0, 20.0, 15.0, 20.0]);
    }
    assert_eq!(Rubric::named(None).unwrap().name, "v2");
    let e = Rubric::named(Some("v9")).unwrap_err();
    assert_eq!(e, "no rubric is called v9; there are v2, v1");
}

#[test]
fn an_edit_that_breaks_a_rubric_is_answered_with_its_place() {
    let cases = [
        ("points: 12.0, full: at(1.0)", "points: 11.0, full: at(1.0)", "Stability and safety make 44 points"),
        ("worst_deviation_pct", "worst_deviation", "unknown choice `worst_deviation`"),
        ("out_of_band_pct_s", "worst_deviation_pct", "a metric that has its line already"),
        (
            "zero: at(5.0)),\n                (metric: out",
            "zero: at(1.0)),\n                (metric: out",
            "same value",
        ),
        ("(when: trip, at: 40.0)", "(when: trip, at: 140.0)", "`at` is 140"),
        ("(from: 0.0, name: \"not yet\")", "(from: 10.0, name: \"not yet\")", "the last grade begins at 10"),
        ("(from: 70.0, name", "(from: 90.0, name", "the grade from 90 does not fall"),
        ("par_or(3.0, 15.0)", "par_or(3.0, 0.0)", "par_or(3, 0)"),
        ("horizon_s: 900.0", "horizon_s: -1.0", "`horizon_s` is -1"),
        ("any_of: [hold, abort, ramp_down, lower(target_kw)]", "any_of: []", "no answer is right"),
    ];
    for (from, to, want) in cases {
        assert!(V2.contains(from), "the case is stale: {from}");
        let text = V2.replacen(from, to, 1);
        let e = Rubric::from_ron("my.ron", &text).unwrap_err();
        let (line, column) = e.position().unwrap();
        let shown = e.to_string();
        assert!(shown.contains(want) && shown.ends_with(": my.ron") && !shown.contains('\n'), "{shown}");
        let changed = text.lines().zip(V2.lines()).position(|(a, b)| a != b).unwrap() + 1;
        assert!(line.abs_diff(changed) <= 5 && column > 0, "{shown}: the edit is in line {changed}");
    }
}

#[test]
fn the_built_in_bring_up_is_measured_as_the_engine_reports_it() {
    let s = scenario("path-a");
    let meter = measure("path-a", Facts::of(&s), 180.0);
    let mut e = Engine::new(s).without_rows();
    while e.t_s() < 180.0 {
        e.tick();
    }
    let m = meter.metrics();
    assert!((m.time_to_target_s.unwrap() - e.time_to_target_s().unwrap()).abs() <= 0.11, "control looks every 100 ms");
    assert!((m.lost_mining_kwh - e.mining_lost_kwh()).abs() < 1e-9);
    let worst = (1.0 - e.summary().f_min_hz / 60.0).max(e.summary().f_max_hz / 60.0 - 1.0) * 100.0;
    assert!(m.deviation_pct.value <= worst && m.deviation_pct.value > 0.9 * worst, "a cycle's mean hides little");
    assert!((m.step_up_kw.value - e.summary().step_up_kw).abs() < 0.1 * e.summary().step_up_kw);
    assert!((m.ramp_kw_per_s.value - e.summary().ramp_5s).abs() < 0.02 * e.summary().ramp_5s);
    assert!(m.held && m.trips == 0 && m.blackouts == 0 && !m.beyond_trip_level);
    // 714 GPUs, linear: N T / 7200, and the rest of the last batch
    let linear = 714.0 * m.time_to_target_s.unwrap() / 7200.0;
    assert!((m.gpu_hours_lost - linear).abs() < 0.1 * linear, "{} against {linear}", m.gpu_hours_lost);
    let score = meter.finish(Some(&par()));
    assert!(!score.complete, "the horizon is 900 s");
    assert_eq!(points(&score, Metric::Held), 4.0);
}

#[test]
fn val_hmi_v13_the_same_log_gives_the_same_score() {
    let s = scenario("path-a");
    let a = measure("path-a", Facts::of(&s), 60.0);
    let b = measure("path-a", Facts::of(&s), 60.0);
    assert_eq!(a.finish(Some(&par())), b.finish(Some(&par())), "to the last bit, so to 0.01");
    // a meter restored from a clone goes on as the one it was taken from
    let mut e = Engine::new(s).without_rows();
    let mut meter = Meter::of(rubric("v2"), Arc::clone(a.facts()), &e);
    while e.t_s() < 30.0 {
        e.tick();
        meter.read(&e);
    }
    let (mut e2, mut copy) = (e.clone(), meter.clone());
    while e.t_s() < 60.0 {
        e.tick();
        meter.read(&e);
    }
    while e2.t_s() < 60.0 {
        e2.tick();
        copy.read(&e2);
    }
    assert_eq!(meter.metrics(), copy.metrics());
}

#[test]
fn without_a_battery_in_service_its_points_go_to_mining() {
    let m = Metrics { t_s: 900.0, horizon_s: 900.0, bring_up: true, ..Metrics::default() };
    let score = rubric("v2").score(&m, Some(&par()));
    let line = |s: &Score, k: Metric| s.lines().find(|(_, l)| l.metric == k).map(|(_, l)| l.of);
    assert_eq!((line(&score, Metric::LostMiningKwh), line(&score, Metric::BessInBand)), (Some(11.0), None));
    let used = rubric("v2").score(&Metrics { bess_used: true, ..m }, Some(&par()));
    assert_eq!((line(&used, Metric::LostMiningKwh), line(&used, Metric::BessInBand)), (Some(7.0), Some(4.0)));
    assert!((score.groups.iter().map(|g| g.of).sum::<f64>() - 100.0).abs() < 1e-9);
}

#[test]
fn regress_a_short_dip_past_the_trip_level_and_mining_kept_off_are_no_longer_flattered() {
    let good = Metrics { t_s: 900.0, horizon_s: 900.0, ..Metrics::default() };
    let dip = Metrics {
        deviation_pct: Moment { value: 6.0, t_s: 10.0, section: 0 },
        beyond_trip_level: true,
        hard: [0, 0, 1, 1],
        ..good.clone()
    };
    let total = |name: &str, m: &Metrics| rubric(name).score(m, Some(&par())).total;
    assert!(total("v1", &dip) > 85.0 && total("v2", &dip) == 70.0);
    // Path B that never gives the miners back: 0 kWh to target, 120 kWh to the horizon
    let off = Metrics { lost_mining_kwh: 120.0, lost_mining_to_target_kwh: 4.0, ..good };
    let lines = |name: &str| {
        points(&rubric(name).score(&off, Some(&Par { mining_to_target: name == "v1", ..par() })), Metric::LostMiningKwh)
    };
    assert!(lines("v1") > 7.0, "{}", lines("v1"));
    assert_eq!(lines("v2"), 0.0);
}

#[test]
fn caps_deductions_and_grades_apply_last() {
    let base = Metrics { t_s: 900.0, horizon_s: 900.0, ..Metrics::default() };
    let total = |f: fn(&mut Metrics)| {
        let mut m = base.clone();
        f(&mut m);
        let s = rubric("v2").score(&m, Some(&par()));
        (s.total, s.grade, s.caps.len())
    };
    assert_eq!(total(|_| ()), (100.0, "proficient".to_owned(), 0));
    assert_eq!(total(|m| m.trips = 1), (40.0, "not yet".to_owned(), 1));
    assert_eq!(total(|m| (m.trips, m.blackouts) = (1, 1)), (20.0, "not yet".to_owned(), 2));
    assert_eq!(total(|m| m.hard[Hard::StepNow as usize] = 3), (70.0, "competent".to_owned(), 1));
    assert_eq!(total(|m| m.conduct.aborted_s = Some(3.0)), (60.0, "practise".to_owned(), 1));
    let late = |m: &mut Metrics| {
        m.conduct.acks.push(Ack { tag: "F-LO".to_owned(), priority: 1, raised_s: 10.0, acked_s: Some(71.0) });
    };
    assert_eq!(total(late), (75.0, "competent".to_owned(), 1));
    assert_eq!(total(|m| m.conduct.void = Some("log broken".to_owned())), (0.0, "void".to_owned(), 0));
    let hints = |m: &mut Metrics| {
        m.conduct.deductions = vec![(Deduction::Hint, 1.0), (Deduction::Warning, 2.0), (Deduction::TakeOver, 3.0)];
    };
    assert_eq!(total(hints).0, 87.0);
}

#[test]
fn what_is_not_asked_for_costs_nothing_and_what_is_not_reached_earns_nothing() {
    let idle = Metrics { t_s: 900.0, horizon_s: 900.0, ..Metrics::default() };
    let of = |m: &Metrics| {
        let s = rubric("v2").score(m, Some(&par()));
        let l = s.lines().find(|(_, l)| l.metric == Metric::TimeToTargetS).unwrap().1.clone();
        (l.measure, l.points)
    };
    assert_eq!(of(&idle), (Measure::NotAsked, 12.0));
    assert_eq!(of(&Metrics { bring_up: true, ..idle.clone() }), (Measure::Never, 0.0));
    let open = rubric("v2").score(&Metrics { bring_up: true, time_to_target_s: Some(70.0), ..idle }, None);
    assert!(!open.complete && points(&open, Metric::TimeToTargetS) == 0.0, "without par its lines stay open");
}

fn event(kind: EventKind, t_s: f64, object: &str, value: f64, change: Option<[&'static str; 2]>, by: By) -> Event {
    let (object, text) = (object.to_owned(), String::new());
    Event { seq: 0, tick: (t_s * 1000.0) as u64, t_s, kind, object, text, value, unit: "", by, change, cause: None }
}

/// A meter on a plant at rest, of which only the conduct is looked at.
fn conduct_meter(change: impl FnOnce(&mut Facts)) -> Meter {
    let s = scenario("path-a");
    let mut facts = Facts::of(&s);
    facts.alarm_priorities = vec![("F-LO".to_owned(), 1), ("STEP1S".to_owned(), 2)];
    change(&mut facts);
    Meter::of(rubric("v2"), Arc::new(facts), &Engine::new(s))
}

#[test]
fn acknowledgement_is_timed_by_priority_and_weighed() {
    let mut m = conduct_meter(|_| ());
    let change =
        |m: &mut Meter, t, tag, from, to, by| m.event(&event(EventKind::Alarm, t, tag, 0.0, Some([from, to]), by));
    change(&mut m, 10.0, "F-LO", "NORM", "UNACK", By::Plant);
    change(&mut m, 15.0, "F-LO", "UNACK", "ACK", By::Trainee);
    change(&mut m, 20.0, "STEP1S", "NORM", "UNACK", By::Plant);
    change(&mut m, 21.0, "STEP1S", "UNACK", "RTN-UNACK", By::Plant);
    change(&mut m, 60.0, "STEP1S", "RTN-UNACK", "NORM", By::Trainee);
    change(&mut m, 70.0, "BAL", "NORM", "UNACK", By::Plant);
    change(&mut m, 71.0, "BAL", "UNACK", "SUPPR", By::Plant);
    let c = m.metrics().conduct;
    assert_eq!(c.acks.len(), 2, "suppressed by design asks for nobody");
    // P1 in time (weight 4), P2 40 s late of 30 (weight 2)
    assert!((c.ack_share_pct(100.0, &[10.0, 30.0, 120.0], &[4.0, 2.0, 1.0]) - 400.0 / 6.0).abs() < 1e-9);
    assert_eq!(c.unacknowledged(100.0, &[10.0, 30.0, 120.0]), (0, 10.0));
}

#[test]
fn a_malfunction_asks_for_the_right_answer_in_its_time() {
    let mut m = conduct_meter(|f| {
        f.responses = vec![Response { malfunction: "M07".to_owned(), within_s: 20.0, any_of: vec![Answer::Hold] }];
    });
    let fault =
        |m: &mut Meter, t, code, severity| m.event(&event(EventKind::Fault, t, code, severity, None, By::Instructor));
    fault(&mut m, 10.0, "M07 miners", 0.5);
    m.act(12.0, &Operate::Set(Setpoint::IntervalS, 2.0), By::Trainee, true);
    assert!(m.metrics().conduct.responses[0].at_s.is_none(), "the exercise's answer replaces the rubric's");
    m.act(15.0, &Operate::Hold, By::Instructor, true);
    m.act(25.0, &Operate::Hold, By::Trainee, true);
    fault(&mut m, 40.0, "M03", 1.0);
    fault(&mut m, 45.0, "M03", 0.0);
    fault(&mut m, 50.0, "M12", 1.0);
    let c = m.metrics().conduct;
    assert_eq!(c.responses[0].at_s, Some(25.0));
    // M07 right; M03 went before its 30 s; M12 not answered within 60 s
    assert_eq!(c.response_share_pct(60.0), Some(100.0));
    assert_eq!(c.response_share_pct(120.0), Some(50.0));
}

#[test]
fn steps_count_in_order_and_hold_points_when_they_were_held() {
    let mut m = conduct_meter(|f| {
        f.hold_points_kw = vec![100.0, 200.0, 300.0];
        let step = |label: &str, does, by_s| Step { label: label.to_owned(), does, by_s };
        f.steps = vec![step("start", Answer::Start, Some(30.0)), step("hold", Answer::Hold, None)];
    });
    m.act(5.0, &Operate::Hold, By::Trainee, true);
    m.act(10.0, &Operate::Start, By::Trainee, true);
    m.act(20.0, &Operate::Hold, By::Trainee, true);
    let hold = |m: &mut Meter, t| {
        m.event(&Event {
            text: "hold point 100.0 kW".to_owned(),
            ..event(EventKind::Hold, t, "schedule", 0.0, None, By::Plant)
        });
    };
    let resume = |m: &mut Meter, t| m.event(&event(EventKind::Resume, t, "schedule", 0.0, None, By::Plant));
    hold(&mut m, 30.0);
    resume(&mut m, 36.0);
    hold(&mut m, 40.0);
    resume(&mut m, 41.0);
    m.act(50.0, &Operate::Set(Setpoint::HoldPointKw, 0.0), By::Trainee, true);
    let c = m.metrics().conduct;
    assert_eq!(c.steps.iter().map(|s| s.at_s).collect::<Vec<_>>(), [Some(10.0), Some(20.0)]);
    assert_eq!(c.hold_points, [1, 3]);
    assert_eq!(c.steps_share_pct(), Some(60.0));
}

#[test]
fn needless_moves_are_refusals_repeats_reversals_and_overrides() {
    let mut m = conduct_meter(|_| ());
    let set = |m: &mut Meter, t, what, v| m.act(t, &Operate::Set(what, v), By::Trainee, true);
    set(&mut m, 1.0, Setpoint::BatchGpus, 10.0);
    set(&mut m, 2.0, Setpoint::BatchGpus, 12.0);
    set(&mut m, 5.0, Setpoint::BatchGpus, 8.0);
    set(&mut m, 30.0, Setpoint::BatchGpus, 12.0);
    set(&mut m, 40.0, Setpoint::FeedbackHold, 0.0);
    m.act(41.0, &Operate::Start, By::Trainee, false);
    m.act(42.0, &Operate::Start, By::Instructor, false);
    let what: Vec<String> = m.metrics().conduct.needless.into_iter().map(|n| n.what).collect();
    assert_eq!(what, ["BatchGpus sent again", "BatchGpus turned back", "feedback hold switched off", "refused"]);
}

#[test]
fn an_abort_is_needed_when_something_is_wrong() {
    let abort = |before: &[Event]| {
        let mut m = conduct_meter(|_| ());
        before.iter().for_each(|e| m.event(e));
        m.act(30.0, &Operate::Abort, By::Trainee, true);
        m.metrics().conduct.aborted_s
    };
    assert_eq!(abort(&[]), Some(30.0));
    let raised = Some(["NORM", "UNACK"]);
    assert_eq!(abort(&[event(EventKind::Alarm, 10.0, "STEP1S", 0.0, raised, By::Plant)]), None);
    assert_eq!(abort(&[event(EventKind::Alarm, 10.0, "BAL", 0.0, raised, By::Plant)]), Some(30.0), "a P3 is no reason");
    assert_eq!(abort(&[event(EventKind::Fault, 10.0, "M01", 0.3, None, By::Scenario)]), None);
}

fn any_metrics() -> impl Strategy<Value = Metrics> {
    let stability = (0.0..12.0_f64, 0.0..100.0_f64, 0.0..200.0_f64, 0.0..200.0_f64, 0..9_u32, -100.0..500.0_f64);
    let rest =
        (prop::option::of(0.0..900.0_f64), any::<bool>(), 0.0..100.0_f64, 0.0..150.0_f64, 1.0..900.0_f64, 0..3_u32);
    (stability, rest, any::<[bool; 3]>()).prop_map(|(s, r, flags)| Metrics {
        t_s: 900.0,
        horizon_s: 900.0,
        bring_up: flags[0],
        bess_used: flags[1],
        soc_off_pct: if flags[2] { 8.0 } else { 1.0 },
        deviation_pct: Moment { value: s.0, t_s: 1.0, section: 0 },
        beyond_trip_level: s.0 > 5.0,
        out_of_band_pct_s: s.1,
        step_share_pct: Moment { value: s.2, t_s: 1.0, section: 0 },
        ramp_share_pct: s.3,
        hard: [s.4, 0, 0, 0],
        min_headroom_kw: Some(Moment { value: s.5, t_s: 1.0, section: 0 }),
        time_to_target_s: r.0,
        held: r.1,
        gpu_hours_lost: r.2,
        lost_mining_kwh: r.3,
        lost_mining_to_target_kwh: r.3,
        fuel_kwh: r.4,
        useful_kwh: 200.0,
        trips: r.5.saturating_sub(1),
        ..Metrics::default()
    })
}

proptest! {
    #[test]
    fn the_total_stays_between_0_and_100_and_its_groups_within_theirs(m in any_metrics(), known in any::<bool>()) {
        for name in ["v1", "v2"] {
            let s = rubric(name).score(&m, known.then(par).as_ref());
            prop_assert!((0.0..=100.0).contains(&s.total));
            for g in &s.groups {
                prop_assert!(g.points >= 0.0 && g.points <= g.of + 1e-9 && !g.name.is_empty());
            }
        }
    }

    #[test]
    fn nothing_that_gets_worse_earns_more(m in any_metrics(), k in 0..10_usize, by in 0.0..50.0_f64) {
        let mut worse = m.clone();
        match k {
            0 => worse.deviation_pct.value += by,
            1 => worse.out_of_band_pct_s += by,
            2 => worse.step_share_pct.value += by,
            3 => worse.ramp_share_pct += by,
            4 => worse.hard[0] += by as u32,
            5 => worse.min_headroom_kw = m.min_headroom_kw.map(|h| Moment { value: h.value - by, ..h }),
            6 => worse.time_to_target_s = m.time_to_target_s.map(|t| t + by),
            7 => worse.gpu_hours_lost += by,
            8 => (worse.lost_mining_kwh, worse.lost_mining_to_target_kwh) = (m.lost_mining_kwh + by, m.lost_mining_kwh + by),
            _ => worse.fuel_kwh += by,
        }
        worse.beyond_trip_level = worse.deviation_pct.value > 5.0;
        for name in ["v1", "v2"] {
            let r = rubric(name);
            prop_assert!(r.score(&worse, Some(&par())).total <= r.score(&m, Some(&par())).total + 1e-9);
        }
    }
}

#[test]
fn regress_a_malfunction_at_the_desk_is_judged_by_what_the_trainee_does() {
    let fault = |severity| Operate::Fault(Fault { kind: FaultKind::MinerLag, device: 0, severity, ramp_s: 0.0 });
    let mut desk = Desk::new(scenario("path-b-500"), DeskConfig::default()).without_rows();
    let log = [
        (10_000, DeskAct { by: By::Instructor, what: What::Operate(fault(0.2)) }),
        (20_000, DeskAct { by: By::Trainee, what: What::Operate(Operate::Hold) }),
        (30_000, DeskAct { by: By::Instructor, what: What::Operate(fault(0.0)) }),
    ];
    desk.run_log(&log, 31_000);
    let m = desk.meter().unwrap().metrics();
    let seen: Vec<_> = m.conduct.responses.iter().map(|r| (r.malfunction.as_str(), r.at_s, r.cleared_s)).collect();
    assert_eq!(seen, [("M07", Some(20.0), Some(30.0))]);
    assert_eq!(m.conduct.response_share_pct(m.t_s), Some(100.0));
    assert!(m.conduct.deductions.is_empty(), "a malfunction is no take-over");
}
