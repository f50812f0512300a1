//! The real binary against a plant of third-party servers, through every fault switch; run by `.ci/run`.
//!
//! Each row of `feed_plant/rows.rs` is set, watched and cleared; on every line that the probe prints: no good value is
//! outside of what this very tag can be, no energy falls, no source time steps back. Prints the time until the tags
//! were what they have to be, and until they were good again. At the end the log of the wire holds no write.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

#[path = "feed_plant/harness.rs"]
mod harness;
#[path = "feed_plant/rows.rs"]
mod rows;

use std::collections::BTreeMap;
use std::time::Duration;

use harness::{Line, Plant, Probe};
use rows::{Becomes, ROWS, Row, TRUE};
use serde_json::Value;

/// Time for everything to become good, at the start and after a fault; a backoff of 4 s may stand in between.
const RECOVERS: Duration = Duration::from_secs(25);
/// Energy in these tags only rises.
const ENERGY: [&str; 2] = ["wh", "gpu_energy"];
/// Share of lines in which tags that should stay good may be anything else: CI has two cores.
const SLACK: f64 = 0.1;

/// What must hold on every line, whatever the fault.
#[derive(Default)]
struct Invariants {
    energy: BTreeMap<String, f64>,
    times: BTreeMap<String, f64>,
}

impl Invariants {
    fn hold(&mut self, line: &Line, row: &Row) -> Result<(), String> {
        for (name, tag) in line.tags() {
            let Some(x) = tag["value"].as_f64() else { continue };
            let known = TRUE.iter().find(|(n, ..)| *n == name);
            let random = row.fault == "garbage" && row.along.contains(&name);
            if let Some((_, lo, hi)) = known
                && tag["quality"] == "Good"
                && !random
                && !(*lo..=*hi).contains(&x)
            {
                return Err(format!("{name} shows {x} as good"));
            }
            if ENERGY.contains(&name) && self.energy.insert(name.to_owned(), x).is_some_and(|before| x < before) {
                return Err(format!("{name} falls to {x}"));
            }
            if let Some(t) = tag["t_src_s"].as_f64()
                && !["mqtt_skew", "mqtt_future"].contains(&row.fault)
                && self.times.insert(name.to_owned(), t).is_some_and(|before| t < before)
            {
                return Err(format!("{name} steps back in time to {t}"));
            }
        }
        Ok(())
    }
}

fn is(becomes: Becomes, tag: &Value) -> bool {
    let (quality, reason) = (tag["quality"].as_str().unwrap(), tag["reason"].as_str().unwrap());
    match becomes {
        Becomes::Good | Becomes::Skewed(_) => quality == "Good",
        Becomes::Lost => quality == "Stale" || (quality == "Bad" && reason == "no connection"),
        Becomes::Bad(why) => quality == "Bad" && reason.contains(why),
        Becomes::Uncertain(why) => quality == "Uncertain" && reason.contains(why),
        Becomes::Doubtful => quality != "Good",
    }
}

fn stands(row: &Row, line: &Line) -> bool {
    let skewed = match row.becomes {
        Becomes::Skewed(s) => {
            line.endpoint("broker")["clock_skew_s"].as_f64().is_some_and(|seen| (seen - s).abs() < 5.0)
        }
        _ => true,
    };
    skewed && line.tags().filter(|(n, _)| row.tags.contains(n)).all(|(_, t)| is(row.becomes, t))
}

/// Particular things that a row has to show besides.
fn besides(row: &Row, line: &Line) -> Result<(), String> {
    let number = |end: &str, key: &str| line.endpoint(end)[key].as_f64().unwrap_or(0.0);
    let (held, what) = match (row.fault, row.with.contains("\"code\":6")) {
        ("exc", true) => (number("meter", "connects") == 1.0, "a busy device is asked again on the same connection"),
        ("slow", _) => {
            (line.endpoint("meter")["scans_ms"][0][0].as_u64() > Some(250), "the scan shows that it is slow")
        }
        ("stall" | "blackhole" | "truncate", _) => (number("meter", "timeouts") >= 1.0, "time-outs are counted"),
        ("dup", _) => (number("meter", "late") >= 1.0, "second answers are counted"),
        ("mqtt_badjson", _) => (number("broker", "unread") >= 1.0, "what cannot be read is counted"),
        ("rollover", _) => {
            let wh = line.tags().find(|(n, _)| *n == "wh").and_then(|(_, t)| t["value"].as_f64());
            (wh > Some(4_294_967_296.0), "the sum goes on past the end of the counter")
        }
        _ => (true, ""),
    };
    if held { Ok(()) } else { Err(what.to_owned()) }
}

/// Sets, watches and clears; seconds until it stood, and until all was good.
fn drive(plant: &mut Plant, row: &Row) -> Result<[f64; 2], String> {
    // the end of a counter lies ahead before the probe begins to count
    if row.fault == "rollover" {
        plant.set(row.fault, row.with);
    }
    let mut probe = Probe::start(&plant.map());
    let mut last = String::new();
    let all_good = |line: &Line, last: &mut String| {
        *last = line.not_good();
        line.all_good()
    };
    probe.until(RECOVERS, |l| all_good(l, &mut last)).ok_or_else(|| format!("not good to begin with: {last}"))?;
    let (watched, after) = (std::time::Instant::now(), Duration::try_from_secs_f64(row.after_s).unwrap());
    while watched.elapsed() < after {
        probe.line();
    }
    if row.fault != "rollover" {
        plant.set(row.fault, row.with);
    }
    let mut invariants = Invariants::default();
    let (mut stood_s, mut lines, mut dips, mut final_line) = (None, 0.0, 0.0, None);
    let mut others = BTreeMap::new();
    let begun = std::time::Instant::now();
    let lasts = Duration::try_from_secs_f64(row.lasts_s).unwrap();
    while begun.elapsed() < lasts {
        let line = probe.line();
        invariants.hold(&line, row)?;
        let now_s = begun.elapsed().as_secs_f64();
        if !stands(row, &line) {
            dips += 1.0;
            // what is good and stays so may dip; what has to become something else may not fall back
            stood_s = stood_s.filter(|_| row.becomes == Becomes::Good && dips <= SLACK * row.lasts_s * 10.0);
        } else if stood_s.is_none() {
            stood_s = Some(now_s);
        }
        last = line.not_good();
        let bystanders = line.tags().filter(|(n, _)| !row.tags.contains(n) && !row.along.contains(n));
        for (name, _) in bystanders.filter(|(_, t)| t["quality"] != "Good") {
            *others.entry(name.to_owned()).or_insert(0.0) += 1.0;
        }
        lines += 1.0;
        final_line = Some(line);
    }
    let stood_s = stood_s.filter(|s| *s <= row.within_s).ok_or_else(|| format!("is not, or too late: {last}"))?;
    if let Some((name, n)) = others.iter().find(|(_, n)| **n > SLACK * lines) {
        return Err(format!("{name} was not good in {n} of {lines} lines and has nothing to do with it"));
    }
    besides(row, &final_line.unwrap())?;
    plant.clear(row.fault);
    let mut held = Ok(());
    let good_s = probe
        .until(RECOVERS, |l| {
            held = std::mem::replace(&mut held, Ok(())).and_then(|()| invariants.hold(l, row));
            all_good(l, &mut last)
        })
        .ok_or_else(|| format!("not good again: {last}"))?;
    held?;
    Ok([stood_s, good_s])
}

#[test]
#[ignore = "needs mosquitto, prometheus and the packages of tests/plant/requirements.txt"]
fn every_fault_looks_as_it_should() {
    let only = std::env::var("BALLAST_FAULT").ok();
    let mut plant = Plant::start();
    let mut failed = String::new();
    println!("{:<14} {:<44} {:>10} {:>10}", "fault", "particulars", "stood, s", "good, s");
    for row in ROWS.iter().filter(|r| only.as_ref().is_none_or(|o| o.split(',').any(|o| r.fault == o))) {
        match drive(&mut plant, row) {
            Ok([stood, good]) => println!("{:<14} {:<44} {stood:>10.2} {good:>10.2}", row.fault, row.with),
            Err(why) => {
                plant.clear(row.fault);
                println!("{:<14} {:<44} FAILED: {why}", row.fault, row.with);
                failed += &format!("\n{} {}: {why}", row.fault, row.with);
            }
        }
    }
    let wire = plant.wire();
    println!("requests: {}", wire["kinds"]);
    assert_eq!(wire["writes"].as_array().unwrap().len(), 0, "{wire}");
    assert_eq!(plant.end(), Some(0));
    assert!(failed.is_empty(), "{failed}");
}

#[test]
fn every_switch_has_a_row() {
    let text = std::fs::read_to_string(harness::script("faults.py")).unwrap();
    let tables = text.split("ALL =").next().unwrap().split("\"\"\"").last().unwrap();
    let switches: Vec<&str> = tables.split('"').skip(1).step_by(2).collect();
    assert_eq!(switches.len(), 38, "{switches:?}");
    for s in &switches {
        assert!(ROWS.iter().any(|r| r.fault == *s), "no row sets {s}");
    }
    assert!(ROWS.iter().all(|r| switches.contains(&r.fault)));
}
