//! Every shipped scenario comes out as it says: trips, violations, target, survival; and it starts in steady state.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::sync::Arc;

use ballast::engine::Engine;
use ballast::scenario::{Scenario, builtin};

fn shipped() -> impl Iterator<Item = Scenario> {
    builtin().iter().map(|(name, text)| Scenario::from_str(name, "built in", text, None).expect("a shipped scenario"))
}

#[test]
fn every_scenario_starts_in_steady_state() {
    for s in shipped() {
        let name = s.name.clone();
        let e = Engine::new(Arc::new(s));
        let d = e.plant.largest_derivative();
        assert!(d < 1e-9, "{name}: largest derivative at t = 0 is {d:e}");
    }
}

#[test]
fn every_scenario_comes_out_as_it_says() {
    let mut wrong = Vec::new();
    for s in shipped() {
        let (name, expected, run_s) = (s.name.clone(), s.expected.clone(), s.run_s);
        let mut e = Engine::new(Arc::new(s)).without_rows();
        let end = (run_s / e.tick_s()).round() as u64;
        let mut row = vec![0.0; e.table().len()];
        while e.now_tick() < end {
            e.tick();
            if e.now_tick().is_multiple_of(1000) {
                e.fill_row(&mut row);
                assert!(row.iter().all(|v| v.is_finite()), "{name}: a number is not finite at {} s", e.t_s());
            }
        }
        let mut got = e.violations().to_vec();
        let mut want = expected.violations.clone();
        got.sort();
        want.sort();
        let mut check = |what: &str, ok: bool, got: String, want: String| {
            if !ok {
                wrong.push(format!("{name}: {what} is {got}, the file expects {want}"));
            }
        };
        check("trips", e.trips() == expected.trips, format!("{:?}", e.trips()), format!("{:?}", expected.trips));
        check("violations", got == want, format!("{got:?}"), format!("{want:?}"));
        let alive = e.totals().alive;
        check("survival", alive == expected.survives, alive.to_string(), expected.survives.to_string());
        let reached = e.time_to_target_s().is_some();
        if let Some(target) = expected.target_reached {
            check("target reached", reached == target, reached.to_string(), target.to_string());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
