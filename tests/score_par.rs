//! Par is found by running the plant: the same each time, with its margin kept, and it can be stopped.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::sync::Arc;

use ballast::control::{BringUpPath, Setpoint};
use ballast::engine::Engine;
use ballast::engine::msg::Operate;
use ballast::scenario::{Scenario, builtin_scenario};
use ballast::training::par::Task;
use ballast::training::score::{Facts, Meter, Metric, Rubric, Sample};

fn task(s: Scenario, known: Vec<(u64, Operate)>) -> Task {
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
    let mut m = Meter::new(Arc::clone(&task.rubric), Arc::clone(&task.facts), &Sample::of(&e));
    while !m.is_over() {
        e.tick();
        m.tick(&Sample::of(&e));
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
        task(builtin("path-a"), vec![(1000, Operate::Set(Setpoint::MinerLatencyS, 8.0))]).key(),
    ];
    assert!(keys[0] == keys[1] && keys[0] != keys[2] && keys[0] != keys[3]);
}

#[test]
fn a_scenario_without_a_bring_up_has_a_par_for_economy_only() {
    let found = task(builtin("job-crash"), Vec::new()).search(&mut |_| true).unwrap();
    assert!(found.plan.is_none() && found.par.time_to_target_s.is_none() && found.par.fuel_per_kwh > 1.0);
}
