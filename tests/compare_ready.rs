//! A comparison that comes with the program, against the figures of the document that it illustrates.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::sync::Arc;

use ballast::report::compare::Comparison;
use ballast::report::compare::run::simulate;
use ballast::report::compare::spec::{self, Spec};
use ballast::scenario::builtin_scenario;

/// The source document's 7.4: with its own limits Path B is the faster one, because its batches are no steps of the set.
#[test]
fn val_source_7_4_under_the_sources_limits_b_is_faster() {
    let (_, text) = spec::builtin().iter().find(|(name, _)| *name == "source-limits").unwrap();
    let spec = Spec::from_str("source-limits", text).unwrap();
    let run = |e: &spec::Entry| {
        let s = e.change.apply(builtin_scenario(&e.scenario).unwrap().unwrap());
        assert_eq!((s.policy.set.as_str(), s.policy.batch_gpus), ("source", 70));
        Arc::new(simulate(e.label.as_deref().unwrap(), Arc::new(s), 120.0, &mut |_| true).unwrap())
    };
    let c = Comparison::new(&spec.runs.iter().map(run).collect::<Vec<_>>(), spec.align);
    let s = c.runs.iter().map(|r| r.figure("time_to_target_s").expect("both arrive")).collect::<Vec<_>>();
    // the document's own figures, from its sketch of an engine: 25.6 and 10.5 s
    assert!((s[0] - 25.6).abs() < 0.5 && (s[1] - 10.5).abs() < 1.2, "A {} s, B {} s", s[0], s[1]);
    let words = c.conclusion().unwrap();
    assert!(words.contains("faster") && words.starts_with("B, source limits"), "{words}");
}
