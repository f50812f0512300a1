//! Measured loads: points in the scenario, or a CSV file beside it with the columns `t_s,kw`.

use std::path::Path;

use crate::text::{At, Checked};

const MOST_ROWS: usize = 1_000_000;
/// Latest time of a row, s: a third of a year. Times of a clock, as monitoring tools write them, are far beyond it.
const LATEST_S: f64 = 1e7;

/// Times must rise and all numbers be finite.
pub(super) fn check(at: &At, points: &[(f64, f64)]) -> Checked<Vec<(f64, f64)>> {
    let mut before = f64::NEG_INFINITY;
    for (i, &(t, kw)) in points.iter().enumerate() {
        if let Err((m, x)) = row(before, t, kw) {
            return Err(at.index(i).problem(m, x));
        }
        before = t;
    }
    if points.is_empty() {
        return Err(at.problem("the trace is empty", "at least one point (t in s, kW)"));
    }
    Ok(points.to_vec())
}

fn row(before: f64, t: f64, kw: f64) -> Result<(), (String, String)> {
    if !(0.0..=LATEST_S).contains(&t) {
        let from =
            "0 to 10000000 s, counted from the start of the run: take the time of the first row off the times of a log";
        return Err((format!("the time is {t} s"), from.to_owned()));
    }
    if t <= before {
        return Err((format!("the time {t} does not rise"), "rising times in s, from 0".to_owned()));
    }
    if !(0.0..=1e6).contains(&kw) {
        return Err((format!("the power is {kw}"), "0 to 1000000 kW".to_owned()));
    }
    Ok(())
}

/// Reads the file; an error stands where the scenario names it and says the file's line.
pub(super) fn read(at: &At, base_dir: Option<&Path>, name: &str) -> Checked<Vec<(f64, f64)>> {
    let Some(dir) = base_dir else {
        return Err(at.problem("a built-in text has no folder to read a trace from", "`points([(0.0, 10.0), ...])`"));
    };
    let wrong = |line: u64, m: &str, x: &str| at.problem(format!("trace `{name}` line {line}: {m}"), x);
    let cannot =
        |e: &dyn std::fmt::Display| at.problem(format!("cannot read the trace `{name}`, {e}"), "a readable CSV file");
    let file = std::fs::File::open(dir.join(name)).map_err(|e| cannot(&e))?;
    let mut csv = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(file);
    let header = csv.headers().map_err(|e| cannot(&e))?;
    if header.len() != 2 || header.get(0) != Some("t_s") || header.get(1) != Some("kw") {
        return Err(wrong(1, "not the header of a trace", "`t_s,kw`"));
    }
    let mut points = Vec::new();
    for record in csv.records() {
        let record = record.map_err(|e| cannot(&e))?;
        let line = record.position().map_or(0, csv::Position::line);
        let number = |i: usize| record.get(i).and_then(|s| s.parse::<f64>().ok());
        let (Some(t), Some(kw), 2) = (number(0), number(1), record.len()) else {
            return Err(wrong(line, "not two numbers", "`t_s,kw` such as `0.5,120.0`"));
        };
        let before = points.last().map_or(f64::NEG_INFINITY, |p: &(f64, f64)| p.0);
        row(before, t, kw).map_err(|(m, x)| wrong(line, &m, &x))?;
        if points.len() >= MOST_ROWS {
            return Err(wrong(line, "the trace is too long", "at most 1000000 rows"));
        }
        points.push((t, kw));
    }
    if points.is_empty() {
        return Err(wrong(1, "no rows", "at least one row"));
    }
    Ok(points)
}
