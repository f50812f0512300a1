//! The closed forms of a plan against runs of the twin: time to target, steps, and whether the plan is legal.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::sync::Arc;

use ballast::control::LimitId;
use ballast::control::plan_math::{Plan, all_limits, legal_batch, load_without_plan_kw, met};
use ballast::engine::Engine;
use ballast::scenario::{Scenario, builtin_scenario};
use ballast::study::bess::events::Draw;
use ballast::study::figure::Figure;
use ballast::study::map::lift_limits;
use ballast::study::trial::{Cut, Outcome, Wanted, run};

fn shipped(name: &str) -> Scenario {
    builtin_scenario(name).expect("a shipped scenario").unwrap()
}

/// The plan of a scenario on Path A, as Tune makes it.
fn plan(s: &Scenario) -> Plan {
    let e = Engine::new(Arc::new(s.clone()));
    let (plate, t) = (e.plate().clone(), e.totals());
    let start = load_without_plan_kw(t.gen_kw + t.bess_kw, t.gpu_kw, e.status().shed_kw);
    Plan { rise_s: plate.gpu_rise_s, ..Plan::of(&s.policy, plate.gpu_kw, f64::from(plate.gpus), plate.rated_kw, start) }
}

fn ran(s: &Scenario) -> Outcome {
    run(Arc::new(s.clone()), Cut::Early, &Wanted::default()).unwrap()
}

fn value(o: &Outcome, key: &str) -> f64 {
    o.figures[Figure::named(key).unwrap().0]
}

/// A batch, an interval and a target, of the sample's number; no faster than an engine follows.
fn drawn(s: &mut Scenario, sample: u64) {
    let draw = Draw { seed: 13, class: 0, sample };
    let p = &mut s.policy;
    p.target_kw = 100.0 + 399.0 * draw.uniform("target");
    p.batch_gpus = 1 + (40.0 * draw.uniform("batch")) as u32;
    let step = f64::from(p.batch_gpus) * 0.7;
    let slowest = (100.0 * step / p.target_kw).min(3.0);
    let wanted = (step / 16.0).max(slowest * draw.uniform("interval"));
    p.interval_s = ((wanted * 10.0).ceil() / 10.0).max(0.2);
}

/// Time to target to a tenth of a second and the largest step to 0.1 kW, without limits: what the forms themselves say.
#[test]
fn val_twin_time_and_steps_of_random_plans_are_the_closed_forms() {
    let mut base = shipped("path-a");
    lift_limits(&mut base.policy);
    let mut compared = 0;
    for sample in 0..300 {
        let mut s = base.clone();
        drawn(&mut s, sample);
        let p = plan(&s);
        let o = ran(&s);
        if !o.trips.is_empty() || p.time_to_target_s() > 110.0 {
            continue;
        }
        let (step, time) = (value(&o, "step_up_max_1s_kw"), value(&o, "time_to_target_s"));
        let what =
            format!("{} GPUs every {} s to {:.1} kW", s.policy.batch_gpus, s.policy.interval_s, s.policy.target_kw);
        assert!(
            (time - p.time_to_target_s()).abs() <= 0.1 + 1e-9,
            "{what}: {time} s, by formula {}",
            p.time_to_target_s()
        );
        assert!((step - p.rise_within_kw(1.0)).abs() <= 0.1, "{what}: {step} kW, by formula {}", p.rise_within_kw(1.0));
        compared += 1;
    }
    assert!(compared > 240, "{compared} of 300 plans were compared");
}

/// Under the recommended limits: the largest legal batch of an interval runs as it is planned, and half as much again does not.
#[test]
fn val_twin_a_legal_plan_runs_as_planned_and_an_illegal_one_is_held_up() {
    let base = shipped("path-a");
    let (mut legal, mut held) = (0, 0);
    for sample in 0..60 {
        let mut s = base.clone();
        drawn(&mut s, sample);
        let p = plan(&s);
        let most = legal_batch(&p, &s.policy, s.policy.interval_s).floor();
        if most < 1.0 {
            continue;
        }
        s.policy.batch_gpus = most as u32;
        let p = plan(&s);
        let is_legal = all_limits(&p, &s.policy).iter().all(met);
        if !is_legal || p.time_to_target_s() > 105.0 {
            continue;
        }
        let what = |s: &Scenario| {
            format!("{} GPUs every {} s to {:.1} kW", s.policy.batch_gpus, s.policy.interval_s, s.policy.target_kw)
        };
        let time = value(&ran(&s), "time_to_target_s");
        assert!(
            (time - p.time_to_target_s()).abs() <= s.policy.interval_s,
            "{}: {time} s, planned {}",
            what(&s),
            p.time_to_target_s()
        );
        legal += 1;
        s.policy.batch_gpus = (most * 1.5).ceil() as u32 + 1;
        let p = plan(&s);
        let over: Vec<LimitId> = all_limits(&p, &s.policy).iter().filter(|l| !met(l)).map(|l| l.id).collect();
        assert!(!over.is_empty(), "{}", what(&s));
        if p.batches() > 12.0 {
            let time = value(&ran(&s), "time_to_target_s");
            assert!(!(time <= p.time_to_target_s() + s.policy.interval_s), "{}: {over:?} do not hold it up", what(&s));
            held += 1;
        }
    }
    assert!(legal > 25 && held > 10, "{legal} legal, {held} held up");
}

/// The load that a plan starts from stays the same while the plan is carried out, but for what is on its way.
#[test]
fn val_twin_the_start_of_a_plan_holds_still_during_its_run() {
    for name in ["path-a", "path-b-500", "path-b-1000", "b-restore", "naive-slam"] {
        let mut e = Engine::new(Arc::new(shipped(name))).without_rows();
        let start = |e: &Engine| {
            let t = e.totals();
            load_without_plan_kw(t.gen_kw + t.bess_kw, t.gpu_kw, e.status().shed_kw)
        };
        let first = start(&e);
        let mut worst: f64 = 0.0;
        while e.t_s() < 70.0 && e.trips().is_empty() {
            e.tick();
            if e.now_tick().is_multiple_of(1000) {
                worst = worst.max((start(&e) - first).abs());
            }
        }
        // a second or two of shedding that is commanded and has not happened
        assert!(worst < 40.0, "{name}: {worst:.1} kW off {first:.1}");
    }
}
