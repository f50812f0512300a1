//! Entries as a table: CSV and JSON.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::entry::{Entry, seconds};
use crate::utc::stamp;

/// Columns of the CSV, in order.
pub const COLUMNS: [&str; 16] = [
    "seq",
    "branch",
    "t_sim_us",
    "t_s",
    "utc",
    "src",
    "kind",
    "what",
    "object",
    "from",
    "to",
    "value",
    "unit",
    "user",
    "cause_seq",
    "text",
];

/// An entry that did not come from a file has no wall time.
fn utc(e: &Entry) -> String {
    if e.t_wall_utc_us > 0 { stamp(e.t_wall_utc_us) } else { String::new() }
}

/// Writes CSV; gives the number of entries.
///
/// # Errors
/// What `out` gives.
pub fn csv(entries: &[Entry], out: &mut dyn Write) -> io::Result<usize> {
    let mut out = csv::Writer::from_writer(out);
    out.write_record(COLUMNS)?;
    let or = |v: Option<String>| v.unwrap_or_default();
    for e in entries {
        out.write_record([
            e.seq.to_string(),
            e.branch.to_string(),
            e.t_sim_us.to_string(),
            format!("{:.3}", seconds(e.t_sim_us)),
            utc(e),
            e.src.to_string(),
            e.kind.to_string(),
            e.what.to_string(),
            e.object.clone(),
            or(e.from.clone()),
            or(e.to.clone()),
            or(e.value.map(|v| v.to_string())),
            e.unit.clone(),
            e.user.clone(),
            or(e.cause_seq.map(|c| c.to_string())),
            e.text.clone(),
        ])?;
    }
    out.flush()?;
    Ok(entries.len())
}

/// Writes a JSON array, one entry a line; gives the number of entries.
///
/// # Errors
/// What `out` gives.
pub fn json(entries: &[Entry], out: &mut dyn Write) -> io::Result<usize> {
    let line = |e: &Entry| -> Value {
        json!({
            "seq": e.seq, "branch": e.branch, "t_sim_us": e.t_sim_us, "utc": utc(e), "src": e.src, "kind": e.kind,
            "what": e.what, "object": e.object, "from": e.from, "to": e.to, "value": e.value, "unit": e.unit,
            "user": e.user, "cause_seq": e.cause_seq, "text": e.text,
        })
    };
    out.write_all(b"[")?;
    for (i, e) in entries.iter().enumerate() {
        out.write_all(if i == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &line(e))?;
    }
    out.write_all(b"\n]\n")?;
    Ok(entries.len())
}
