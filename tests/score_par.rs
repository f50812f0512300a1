//! Par is found by running the plant: the same each time, with its margin kept, and it can be stopped.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::sync::Arc;

use ballast::acts::{By, Fault, FaultKind, Operate};
use ballast::control::BringUpPath;
use ballast::engine::Engine;
use ballast::scenario::{Scenario, builtin_scenario};
use ballast::training::msg::{DeskAct, What};
use ballast::training::par::Task;
use ballast::training::score::{Facts, Meter, Metric, Rubric};
use ballast::training::{Desk, DeskConfig};

fn task(s: Scenario, known: Vec<(u64, DeskAct)>) -> Task {
    let facts = Arc::new(Facts::of(&s));
    Task { scenario: Arc::new(s), facts, rubric: Arc::new(Rubric::named(None).unwrap()), known }
}

fn builtin(name: &str) -> Scenario {
    builtin_scenario(name).unwrap().unwrap()
}

#[test]
fn par_of_the_built_in_bring_up_is_fast_keeps_its_margin_and_is_the_same_each_time() {
    let task = task(builtin("path-a"), Vec::new());
    let found = task.search(&mut |_| true).unwrap();
    let (par, plan) = (&found.par, found.plan.unwrap());
    assert!(found.tried.len() >= 5, "{:?}", found.tried);
    let winner = found.tried.iter().find(|t| t.plan == plan).unwrap();
    assert_eq!(winner.broken, 0, "20 % is left on every limit");
    assert!(plan.path != BringUpPath::Shed, "speed that mining pays for is no par");
    for t in &found.tried {
        assert!(t.broken > 0 || t.time_s >= winner.time_s - 0.51, "{t:?} is faster and keeps the margin");
    }
    // nothing beats the ramp limit with its margin
    let slowest_limit = task.facts.ramp_limit_kw_per_s * 0.8;
    assert!(par.time_to_target_s.unwrap() >= 0.98 * task.facts.target_kw / slowest_limit - 1.0);
    assert_eq!(task.search(&mut |_| true).unwrap(), found);

    // the figures to the horizon are those of the whole run
    let mut s = builtin("path-a");
    s.policy.batch_gpus = plan.batch_gpus;
    s.policy.interval_s = plan.interval_s;
    let mut e = Engine::new(Arc::new(s)).without_rows();
    let mut m = Meter::of(Arc::clone(&task.rubric), Arc::clone(&task.facts), &e);
    while !m.is_over() {
        e.tick();
        m.read(&e);
    }
    let whole = m.metrics();
    let close = |a: f64, b: f64, rel: f64| (a - b).abs() <= rel * b.abs().max(1.0);
    assert!(close(par.fuel_per_kwh, whole.fuel_per_kwh().unwrap(), 0.01), "{par:?} {whole:?}");
    let score = m.finish(Some(par));
    assert!(score.complete && score.total > 70.0, "{score:?}");
    assert!(score.lines().any(|(_, l)| l.metric == Metric::TimeToTargetS && l.par == par.time_to_target_s));
}

#[test]
fn a_search_can_be_stopped_and_its_key_tells_scenarios_apart() {
    let a = task(builtin("path-a"), Vec::new());
    let mut asked = 0;
    let stopped = a.search(&mut |done| {
        asked += 1;
        done < 1
    });
    assert!(stopped.is_none() && asked == 2);
    let mut other = builtin("path-a");
    other.policy.target_kw -= 50.0;
    let keys = [
        a.key(),
        task(builtin("path-a"), Vec::new()).key(),
        task(other, Vec::new()).key(),
        task(builtin("path-a"), vec![(1000, by_trainer(sluggish()))]).key(),
        task(with_late_commands(), Vec::new()).key(),
    ];
    assert!(keys[0] == keys[1] && keys[2..].iter().all(|k| *k != keys[0]));
    assert!(keys[4] != keys[3] && keys[4] != keys[2]);
}

fn sluggish() -> Operate {
    Operate::Fault(Fault { kind: FaultKind::SluggishGovernor, device: 0, severity: 0.5, ramp_s: 0.0 })
}

fn by_trainer(op: Operate) -> DeskAct {
    DeskAct { by: By::Instructor, what: What::Operate(op) }
}

/// A short bring-up whose commands come late from the moment on that the GPUs take 10 kW.
fn with_late_commands() -> Scenario {
    let text = r#"(
        purpose: "x",
        run_s: 120.0,
        plant: (),
        policy: (set: recommended, target_kw: 40.0, start_at_s: 1.0),
        exercise: (horizon_s: 120.0, items: [
            (at: When("gpu_kw > 10"), do: Malf(m: "M10.2", device: "gpu commands", sev: 0.8)),
            (at: Hand, do: Malf(m: "M01", sev: 1.0)),
        ]),
    )"#;
    Scenario::from_str("late", "test", text, None).unwrap()
}

#[test]
fn regress_an_item_with_a_condition_happens_in_pars_own_run() {
    let with = task(with_late_commands(), Vec::new()).search(&mut |_| true).unwrap();
    let mut plain = with_late_commands();
    plain.exercise = None;
    let mut without = task(plain, Vec::new());
    without.facts = Arc::new(Facts::of(&with_late_commands()));
    let without = without.search(&mut |_| true).unwrap();
    let time = |f: &ballast::training::par::Found| f.par.time_to_target_s.unwrap();
    assert!(time(&with) > time(&without) + 1.0, "{} s, {} s without", time(&with), time(&without));
    // what is fired by hand waits for the hand
    assert!(with.trace.iter().all(|t| t.f_hz > 57.0), "the gas pressure is as it was");
}

#[test]
fn par_knows_what_the_trainer_does_and_not_what_the_exercise_did() {
    let mut desk = Desk::new(Arc::new(with_late_commands()), DeskConfig::default()).without_rows();
    let trainer = [by_trainer(sluggish()), DeskAct { by: By::Instructor, what: What::Fire(1) }];
    desk.act(&trainer[0]);
    desk.act(&DeskAct { by: By::Trainee, what: What::Operate(Operate::Start) });
    desk.act(&DeskAct { by: By::Instructor, what: What::Note("seen".to_owned()) });
    (0..10_000).for_each(|_| desk.tick());
    // without gas no GPU would come up, so only now
    desk.act(&trainer[1]);
    (0..1_000).for_each(|_| desk.tick());
    let fired = desk.take_view().unwrap().items.iter().map(|i| i.fired).collect::<Vec<_>>();
    assert_eq!(fired, [1, 1]);
    let known = desk.live().unwrap().known;
    assert_eq!(known, [0, 10_000].into_iter().zip(trainer).collect::<Vec<_>>());
}

#[test]
fn a_scenario_without_a_bring_up_has_a_par_for_economy_only() {
    let found = task(builtin("job-crash"), Vec::new()).search(&mut |_| true).unwrap();
    assert!(found.plan.is_none() && found.par.time_to_target_s.is_none() && found.par.fuel_per_kwh > 1.0);
}
