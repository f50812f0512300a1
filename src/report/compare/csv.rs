//! A comparison as tables: the rows of all runs on the common axis, and the figures. Written to what is given; opens no
//! file.

use std::io::Write;

use super::figures::tidy;
use super::{Comparison, LETTERS};
use crate::plant::signals::{at, site};

/// Signals of the rows.
const SIGNALS: [u32; 9] = [
    site::F_HZ,
    site::V_PU,
    site::GEN_KW,
    site::GPU_KW,
    site::MINER_KW,
    site::BESS_KW,
    site::STEP_UP_1S_KW,
    site::RAMP_5S_KW_PER_S,
    site::HEADROOM_KW,
];

/// What somebody wrote about an instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// When, s.
    pub t_s: f64,
    /// What.
    pub text: String,
}

/// Writes the rows between two aligned times: `t_s`, then each signal of each run as `A site.f_hz`, and where there are
/// notes what was noted, at the row from which it holds. A run that has no row at a time leaves its cells empty. Gives
/// the number of rows.
///
/// # Errors
/// If writing fails.
pub fn write_rows(
    c: &Comparison,
    [from_s, to_s]: [f64; 2],
    notes: &[Note],
    out: impl Write,
) -> Result<usize, csv::Error> {
    let mut csv = csv::Writer::from_writer(out);
    let Some(first) = c.runs.first() else { return Ok(0) };
    let dt = first.rows.row_period_s();
    let id = |signal: u32| first.table.signals().get(signal as usize).map_or("", |s| s.id.as_str());
    csv.write_field("t_s")?;
    for signal in SIGNALS {
        for (letter, _) in LETTERS.iter().zip(&c.runs) {
            csv.write_field(format!("{letter} {}", id(signal)))?;
        }
    }
    if !notes.is_empty() {
        csv.write_field("note")?;
    }
    csv.write_record(None::<&[u8]>)?;
    let rows = (((to_s - from_s) / dt).floor().max(0.0) as usize).min(10_000_000);
    for k in 0..=rows {
        let t = ((from_s / dt).ceil() + k as f64) * dt;
        csv.write_field(((t * 1e6).round() / 1e6).to_string())?;
        for signal in SIGNALS {
            for (i, run) in c.runs.iter().enumerate() {
                let v = run.rows.value_at(at(signal), t + c.shift_s(i) + 0.02 * dt);
                csv.write_field(v.map_or_else(String::new, |v| v.to_string()))?;
            }
        }
        if !notes.is_empty() {
            let here = notes.iter().filter(|n| (t - 1e-6..t + dt - 1e-6).contains(&n.t_s));
            csv.write_field(here.map(|n| n.text.as_str()).collect::<Vec<_>>().join("; "))?;
        }
        csv.write_record(None::<&[u8]>)?;
    }
    csv.flush()?;
    Ok(rows + 1)
}

/// Writes the figures: key, unit, the value of each run, the differences to A, and who is better in words.
///
/// # Errors
/// If writing fails.
pub fn write_table(c: &Comparison, out: impl Write) -> Result<usize, csv::Error> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_field("figure")?;
    csv.write_field("unit")?;
    for (letter, run) in LETTERS.iter().zip(&c.runs) {
        csv.write_field(format!("{letter} {}", run.name))?;
    }
    for (letter, _) in LETTERS.iter().zip(&c.runs).skip(1) {
        csv.write_field(format!("{letter} - A"))?;
    }
    csv.write_field("verdict")?;
    csv.write_field("like_for_like")?;
    csv.write_record(None::<&[u8]>)?;
    let cell = |v: &Option<f64>| v.map_or_else(String::new, |v| tidy(v).to_string());
    for line in &c.lines {
        csv.write_field(line.figure.key)?;
        csv.write_field(line.figure.unit)?;
        for v in line.values.iter().chain(line.deltas.iter().skip(1)) {
            csv.write_field(cell(v))?;
        }
        csv.write_field(line.verdict.words(c.runs.len()))?;
        csv.write_field(if line.flagged { "no" } else { "yes" })?;
        csv.write_record(None::<&[u8]>)?;
    }
    csv.flush()?;
    Ok(c.lines.len())
}
