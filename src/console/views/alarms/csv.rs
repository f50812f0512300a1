//! The alarms as a table in a file: every alarm of the database with its state, then the figures of the session.

use std::io::{self, Write};
use std::sync::Arc;

use super::figures::figures;
use super::table::hidden_words;
use crate::alarm::List;

/// Names of the columns.
pub const COLUMNS: [&str; 17] = [
    "tag",
    "priority",
    "state",
    "first_s",
    "last_s",
    "text",
    "value_at_alarm",
    "limit",
    "unit",
    "area",
    "count",
    "first_out",
    "follows",
    "put_away",
    "cause",
    "consequence",
    "response",
];

/// Writes the table; gives what was written, in words.
///
/// # Errors
/// Those of the file.
pub fn write(list: &Arc<List>, t_s: f64, out: &mut dyn Write) -> io::Result<String> {
    let mut out = csv::WriterBuilder::new().flexible(true).from_writer(out);
    out.write_record(COLUMNS)?;
    let number = |v: f64| if v.is_finite() { v.to_string() } else { String::new() };
    for e in &list.entries {
        let Some(d) = list.definition(e.id) else { continue };
        let came = e.last_s.is_some();
        let text = e.told.as_ref().map_or(d.text.clone(), |told| format!("{}: {told}", d.text));
        let follows = e.cause.and_then(|c| list.definition(c)).map_or("", |c| c.tag.as_str());
        out.write_record([
            e.tag.as_str(),
            &e.priority.number().to_string(),
            e.shown(),
            &number(if came { e.first_s } else { f64::NAN }),
            &number(e.last_s.unwrap_or(f64::NAN)),
            &text,
            &number(e.value),
            &number(e.limit),
            e.unit,
            e.group.word(),
            &e.count.to_string(),
            if e.first_out { "yes" } else { "" },
            follows,
            &hidden_words(e, list, t_s).unwrap_or_default(),
            &d.cause,
            &d.consequence,
            &d.steps(e.otherwise).join(" "),
        ])?;
    }
    out.write_record(["figure", "value", "unit or target", "more"])?;
    let time = format!("{t_s:.1}");
    out.write_record(["time of the run", &time, "s", ""])?;
    for f in figures(list, t_s) {
        out.write_record([f.name, &f.value, &f.note, &f.more])?;
    }
    out.flush()?;
    Ok(format!("{} alarms", list.entries.len()))
}
