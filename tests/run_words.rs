//! What a headless run says in words: its schedule at the end, whether the model holds, and that a closed pipe ends it quietly.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::io::Read as _;
use std::process::{Command, Output, Stdio};

use ballast::scenario::Scenario;

fn ballast(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ballast")).args(args).output().expect("the program runs")
}

fn json(args: &[&str]) -> serde_json::Value {
    let o = ballast(args);
    serde_json::from_slice(&o.stdout).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&o.stderr)))
}

/// A schedule that an interlock held for the rest of the run looked like one that was under way.
#[test]
fn regress_the_summary_says_how_the_schedule_ends_and_whether_the_model_holds() {
    let good = json(&["run", "path-a", "--until", "20", "--json"]);
    assert_eq!(good["schedule_final"], "running");
    assert_eq!(good["model_valid"], "yes");
    let slam = json(&["run", "naive-slam", "--until", "20", "--json"]);
    let not_valid = slam["model_valid"].as_str().unwrap();
    let low = slam["frequency_min_hz"].as_f64().unwrap() < 54.0;
    assert_eq!(not_valid.starts_with("not valid since"), low, "{not_valid}, {}", slam["frequency_min_hz"]);
}

/// `ballast score X | head` panicked as soon as its reader had seen enough.
#[test]
fn regress_a_closed_pipe_is_no_panic() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ballast"))
        .args(["run", "path-a", "--until", "1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    let status = child.wait().unwrap();
    assert!(!said.contains("panicked") && status.code() == Some(0), "{status}: {said}");
}

/// A target that no GPU could draw was taken, and the schedule never ended.
#[test]
fn regress_a_target_beyond_the_fleet_is_refused() {
    let text = |kw: f64| {
        format!(
            "(purpose: \"test\", run_s: 10.0, plant: (gensets: [(name: \"G1\", preset: \"lean-default\")],
            gpus: [(name: \"gpu\", gpus: 100)]), policy: (target_kw: {kw:?}))"
        )
    };
    let read = |kw: f64| Scenario::from_str("test", "test", &text(kw), None).map(drop).map_err(|e| e.to_string());
    let why = read(2000.0).unwrap_err();
    assert!(why.contains("more than the scheduled GPUs draw") && why.contains("70.0") && why.contains("line"), "{why}");
    assert_eq!(read(70.5), Ok(()), "a rounded number");
}
