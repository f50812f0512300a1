//! `ballast plan` from outside.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::fs;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const DUCK: [&str; 11] = [
    "plan",
    "--load",
    "duck",
    "--miner-kw",
    "500",
    "--mining-income-per-kwh",
    "0.1166",
    "--fuel-quadratic",
    "7.288e-5",
    "--ramp-weight",
    "1e-4",
];

fn run(args: &[&str]) -> Output {
    let mut c = Command::new(env!("CARGO_BIN_EXE_ballast"));
    c.args(args).env_remove("RUST_LOG").stdin(Stdio::null()).output().expect("the program starts")
}

fn with(more: &[&str]) -> Output {
    run(&[&DUCK[..], more].concat())
}

fn json(o: &Output) -> Value {
    assert_eq!(o.status.code(), Some(0), "{}", String::from_utf8_lossy(&o.stderr));
    serde_json::from_slice(&o.stdout).expect("one JSON object")
}

fn refused(o: &Output, parts: &[&str]) {
    let e = String::from_utf8_lossy(&o.stderr);
    assert_eq!(o.status.code(), Some(2), "{e}");
    assert!(o.stdout.is_empty() && e.trim_end().lines().count() == 1, "{e}");
    for p in parts {
        assert!(e.contains(p), "no {p:?} in {e}");
    }
}

#[test]
fn the_objective_adds_up_and_is_below_that_of_no_miners() {
    let v = json(&with(&["--json"]));
    let n = |k: &str| v[k].as_f64().unwrap_or_else(|| panic!("no {k} in {v}"));
    let sum = n("objective_generation") + n("objective_ramp") + n("objective_penalty") - n("objective_revenue");
    assert!((sum - n("objective")).abs() < 1e-9);
    assert!(n("objective") < v["before"]["objective"].as_f64().unwrap() - 10.0);
    assert_eq!(n("max_violation_kw"), 0.0);
    assert!(n("iterations") > 0.0 && n("wall_s") >= 0.0 && n("steps") == 288.0);
    let soft = json(&with(&["--json", "--penalty", "1e-3"]));
    assert!(soft["objective"].as_f64().unwrap() < n("objective"));
    assert!(soft["max_violation_kw"].as_f64().unwrap() > 0.0);
}

#[test]
fn the_csv_balances_in_every_row() {
    let dir = std::env::temp_dir().join(format!("ballast-plan-{}", std::process::id()));
    fs::create_dir_all(&dir).unwrap();
    let file = dir.join("out.csv");
    let o = with(&["--csv", file.to_str().unwrap(), "--steps", "96"]);
    assert_eq!(o.status.code(), Some(0));
    let text = fs::read_to_string(&file).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("t_h,load_kw,miner_kw,genset_kw,ramp_kw_per_h,lambda"));
    let rows: Vec<Vec<f64>> = lines.map(|l| l.split(',').map(|c| c.parse().unwrap()).collect()).collect();
    assert_eq!(rows.len(), 96);
    for (i, r) in rows.iter().enumerate() {
        assert!((r[0] - 0.25 * i as f64).abs() < 1e-9);
        assert!((r[1] + r[2] - r[3]).abs() < 1e-9 && (-1e-9..=500.0 + 1e-9).contains(&r[2]), "{r:?}");
        assert!((r[5] + 2e-4 * r[4]).abs() < 1e-12, "λ = −2 a u: {r:?}");
    }
    // the same file is a load again, with its extra columns refused by name
    refused(
        &run(&["plan", "--load", file.to_str().unwrap(), "--miner-kw", "1", "--fuel-quadratic", "1e-5"]),
        &["unknown column `miner_kw` at line 1", "out.csv"],
    );
    fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn what_is_missing_or_wrong_is_one_line() {
    refused(
        &run(&["plan", "--load", "goose", "--miner-kw", "1", "--fuel-quadratic", "1e-5"]),
        &["duck, gpu-jobs", "goose"],
    );
    let short = ["plan", "--load", "duck", "--miner-kw", "500", "--fuel-quadratic", "7e-5"];
    refused(&run(&short), &["--price-per-kwh is not given", "duck"]);
    refused(&run(&[&short[..], &["--price-per-kwh", "0.1"]].concat()), &["--ramp-weight is not given"]);
    refused(&with(&["--rating-kw", "900"]), &["above the rating of 900 kW", "line", "duck"]);
    refused(&with(&["--ramp-limit", "1"]), &["no schedule keeps the ramp within 1 kW/h"]);
    refused(&with(&["--penalty=-1"]), &["penalty weight is -1"]);
    refused(&with(&["--steps", "0"]), &["0 steps"]);
}

#[test]
fn every_shipped_day_is_planned() {
    for day in ["duck", "gpu-jobs", "flat", "windy"] {
        let mut args = DUCK;
        args[2] = day;
        let v = json(&run(&[&args[..], &["--json", "--rating-kw", "1000"]].concat()));
        assert!(v["objective"].as_f64().unwrap() < v["before"]["objective"].as_f64().unwrap(), "{day}");
        assert!(v["residual_costate_per_kwh"].as_f64().unwrap() < 1e-9, "{day}");
    }
}

#[test]
fn the_loop_prints_its_comparison() {
    let v = json(&with(&["--loop", "--days", "1", "--json"]));
    let all = v["controllers"].as_array().unwrap();
    assert_eq!(all.len(), 5);
    let total = |i: usize| all[i]["total_per_day"].as_f64().unwrap();
    assert!(total(3) < total(0) && total(4) < total(3), "{v}");
    assert_eq!(v["lambda_forward"].as_array().unwrap().len(), 3);
    let o = with(&["--loop", "--days", "1", "--ideal"]);
    assert!(String::from_utf8_lossy(&o.stdout).contains("receding horizon of 6 h"));
    refused(&with(&["--loop", "--open"]), &["the loop needs a periodic day"]);
    refused(&with(&["--loop", "--days", "0"]), &["number of steps of the loop"]);
    refused(&with(&["--loop", "--noise-h", "0"]), &["time constant of the noise"]);
}

#[test]
fn economics_need_no_load_and_renewable_shares_do() {
    let v = json(&run(&["plan", "--economics", "--costs", "paper", "--json"]));
    assert_eq!(v["machines"].as_array().unwrap().len(), 3);
    assert!((v["published"]["price_limit_derived"].as_f64().unwrap() - 6497.0).abs() < 1e-6);
    let rows = v["published"]["table_iii"].as_array().unwrap();
    assert_eq!(rows.iter().filter(|r| r["agrees"] == false).count(), 1);
    let o = run(&["plan", "--economics"]);
    assert!(String::from_utf8_lossy(&o.stdout).contains("payback"));
    refused(&run(&["plan", "--economics", "--costs", "goose"]), &["default, paper", "goose"]);
    refused(&run(&["plan", "--economics", "--duty", "0"]), &["--duty is 0"]);
    refused(&run(&["plan", "--renewables"]), &["--load"]);
    let v = json(&with(&["--renewables", "--json"]));
    let shares = v["shares"].as_array().unwrap();
    assert_eq!(shares.len(), 9);
    let of = |k: usize, what: &str| shares[k][what].as_f64().unwrap();
    // more sun, steeper ramps, more to cut; miners ease both
    assert!(of(8, "ramp_without") > of(0, "ramp_without") && of(8, "ramp_with") < of(8, "ramp_without"));
    assert!(of(8, "cut_without_kwh") > of(8, "cut_with_kwh") && of(0, "cut_without_kwh") == 0.0);
    // the first row is the day itself
    let day = json(&with(&["--json"]));
    assert!((of(0, "total_with") - day["objective"].as_f64().unwrap()).abs() < 1e-6);
}

#[test]
fn heat_is_priced_by_the_cost_file_and_shared_by_sets() {
    let heat = ["plan", "--load", "duck", "--miner-kw", "500", "--price-per-kwh", "0.04", "--heat", "215,2.24,1e-4"];
    let rest = ["--sets", "2", "--set-kw", "600", "--ramp-weight", "1e-4", "--json"];
    let v = json(&run(&[&heat[..], &rest].concat()));
    let of = |v: &Value, when: &str, what: &str| v[when][what].as_f64().unwrap();
    // two sets of 430 kW at no load; 0.202 kg of CO2 a kWh of heat
    assert!(of(&v, "before", "fuel_kwh") > 24.0 * 430.0 + 2.24 * of(&v, "before", "genset_kwh"));
    assert!((of(&v, "after", "co2_kg") - 0.202 * of(&v, "after", "fuel_kwh")).abs() < 1e-6);
    assert!(of(&v, "after", "genset_max_kw") <= 1200.0);
    // a price on carbon makes mining pay less, and less of it
    let dear = json(&run(&[&heat[..], &rest, &["--co2-per-t", "100"]].concat()));
    assert!(of(&dear, "after", "miner_kwh") < of(&v, "after", "miner_kwh") - 100.0);
    refused(&run(&[&heat[..7], &["--heat", "215,-2"], &rest].concat()), &["heat rate or rating of a set"]);
    refused(&run(&[&heat[..7], &["--heat", "215"], &rest].concat()), &["--heat has 1 numbers"]);
    refused(&run(&[&heat[..], &["--fuel-quadratic", "1e-5"]].concat()), &["--fuel-quadratic"]);
}

#[test]
fn a_scenario_gives_its_gpu_load() {
    let common = ["--miner-kw", "500", "--price-per-kwh", "0.09", "--fuel-quadratic", "7e-5", "--ramp-weight", "1e-6"];
    let v = json(&run(&[&["plan", "--scenario", "path-a", "--open", "--json"][..], &common].concat()));
    // the bring-up of 714 GPUs: from nothing to 499.8 kW
    assert!((v["before"]["genset_max_kw"].as_f64().unwrap() - 499.8).abs() < 0.1, "{v}");
    assert!(v["before"]["genset_min_kw"].as_f64().unwrap() < 1.0);
    assert!(v["objective"].as_f64().unwrap() < v["before"]["objective"].as_f64().unwrap());
    refused(&run(&[&["plan", "--scenario", "nowhere"][..], &common].concat()), &["no built-in scenario", "nowhere"]);
}
