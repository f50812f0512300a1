//! `ballast study bess` from outside: a small study with its report, the same again, and what it answers to bad input.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::fs;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn run(args: &[&str]) -> Output {
    let mut c = Command::new(env!("CARGO_BIN_EXE_ballast"));
    c.args(args).env_remove("RUST_LOG").stdin(Stdio::null()).output().expect("the program starts")
}

fn json(args: &[&str]) -> Value {
    let o = run(args);
    assert_eq!(o.status.code(), Some(0), "{}", String::from_utf8_lossy(&o.stderr));
    serde_json::from_slice(&o.stdout).unwrap()
}

const SMALL: [&str; 12] =
    ["study", "bess", "path-a", "--presets", "lean-slow", "--n", "10", "--budget", "1", "--kw", "0..400:3", "--json"];

#[test]
fn t12_a_study_has_four_designs_their_trips_and_money_and_the_same_seed_gives_it_again() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).display().to_string();
    let v = json(&[&SMALL[..], &["--size", "200", "--html", &at("b.html"), "--csv", &at("b.csv")]].concat());
    let engine = &v["engines"][0];
    let ids: Vec<&str> = engine["designs"].as_array().unwrap().iter().map(|d| d["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["A0", "AB200", "B0", "B400", "B200"]);
    for d in engine["designs"].as_array().unwrap() {
        let [value, lo, hi] = [0, 1, 2].map(|k| d["trips_per_year"][k].as_f64().unwrap());
        assert!(lo <= value && value <= hi, "{d}");
        let parts = ["battery_usd", "control_usd", "trips_usd", "bring_ups_usd", "standby_usd"];
        let sum: f64 = parts.iter().map(|p| d[*p].as_f64().unwrap()).sum();
        assert!((sum - d["total_usd"].as_f64().unwrap()).abs() < 1.0);
    }
    // a battery that is away 3 days of 100 leaves 3 per cent of the trips without it, at least
    let of = |id: usize, k: usize| engine["designs"][id]["trips_per_year"][k].as_f64().unwrap();
    assert!(of(4, 0) >= 0.03 * of(2, 0) - 1e-9 && of(2, 0) > of(4, 0), "B0 {} B200 {}", of(2, 0), of(4, 0));
    let npv = [0, 1, 2].map(|k| engine["npv_usd"][k].as_f64().unwrap());
    let total = |id: usize| engine["designs"][id]["total_usd"].as_f64().unwrap();
    assert!((npv[0] - (total(0) - total(4))).abs() < 1.0 && npv[1] <= npv[0] && npv[0] <= npv[2]);
    assert_eq!(engine["npv_by_price_usd"].as_object().unwrap().len(), 3);
    let verdict = engine["verdict"][0].as_str().unwrap();
    assert!(
        ["B pays on lean-slow", "B does not pay", "Not decided"].iter().any(|w| verdict.starts_with(w)),
        "{verdict}"
    );
    assert!(engine["verdict"][1].as_str().unwrap().starts_with("Without a battery "));
    let page = fs::read_to_string(at("b.html")).unwrap();
    for part in [verdict, "What it hangs on", "Left out", "To repeat", "study bess path-a", "a guess", "Llama 3"] {
        assert!(page.contains(&part.replace('\'', "&#39;")), "no {part} in the page");
    }
    assert!(!page.contains("http"), "the page fetches nothing");
    assert_eq!(fs::read_to_string(at("b.csv")).unwrap().lines().count(), 6);
    // again, on another number of threads
    let again = json(&[&SMALL[..], &["--size", "200", "--threads", "1"]].concat());
    assert_eq!(again["engines"][0]["designs"], engine["designs"]);
}

#[test]
fn t15_bad_input_is_answered_in_one_line() {
    let refused = |more: &[&str], words: &str| {
        let o = run(&[&["study", "bess", "path-a"], more].concat());
        let err = String::from_utf8_lossy(&o.stderr);
        assert_eq!(o.status.code(), Some(2), "{err}");
        assert!(err.trim_end().lines().count() == 1 && err.contains(words), "{words}: {err}");
    };
    refused(&["--presets", "lean"], "unknown preset lean");
    refused(&["--kw", "0"], "no size above 0");
    refused(&["--kw", "5..1:3"], "expected a size");
    refused(&["--size", "0"], "expected 1 to 100000");
    refused(&["--costs", "nowhere"], "no cost file");
    refused(&["--costs", "paper"], "leaves out");
    let dir = tempfile::tempdir().unwrap();
    let costs = dir.path().join("own.ron");
    let item = r#"(id: "gpu_hour", value: 2.0, unit: "$/GPU-hour", date: "2026", range: (1.0, 3.0), guess: true)"#;
    fs::write(&costs, format!("(purpose: \"x\", items: [{item}])")).unwrap();
    refused(&["--costs", &costs.display().to_string()], "field `source` is missing");
}

/// The studies of a site by their shipped files: the figures of the public description.
#[test]
fn shipped_sites_give_the_published_figures() {
    let v = json(&["study", "size", "campus-1400", "--json"]);
    assert_eq!(
        (v["running"].as_u64(), v["installed"].as_u64(), v["installed_mw"].as_f64()),
        (Some(88), Some(92), Some(2300.0))
    );
    let v = json(&["study", "size", "campus-1400", "--set", "pue=1.45", "--json"]);
    assert_eq!(v["installed"].as_u64(), Some(99));
    let v = json(&["study", "dummy", "plant-1mw", "--json"]);
    assert!((v["filler_cost_usd_per_year"].as_f64().unwrap() / 17.8e3 - 1.0).abs() < 0.005, "{v}");
    assert!(v["verdict"].as_str().unwrap().starts_with("The filler is cheaper"));
    let v = json(&["study", "pulse", "plant-1mw", "--json"]);
    assert_eq!(v["racks"].as_array().unwrap().len(), 6);
    assert!(v["assumed"].as_array().unwrap().iter().all(|a| !a["source"].as_str().unwrap().is_empty()));
    for study in ["size", "pulse", "dummy"] {
        for site in ["campus-1400", "plant-1mw"] {
            let o = run(&["study", study, site]);
            let text = String::from_utf8_lossy(&o.stdout).into_owned();
            assert!(
                o.status.success() && text.contains("assumed") && text.lines().count() > 15,
                "{study} {site}: {text}"
            );
        }
    }
    let o = run(&["study", "size", "nowhere"]);
    assert!(o.status.code() == Some(2) && String::from_utf8_lossy(&o.stderr).contains("campus-1400"));
}
