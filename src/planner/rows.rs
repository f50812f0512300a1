//! A day of load as rows of a CSV text: read with line numbers, nothing repaired in silence.
//!
//! The header names columns with their units: one of time (`t_h`, `t_min`, `t_s`; `time` with RFC 3339 stamps that carry
//! their offset; `time[Europe/Berlin]` with local stamps of a zone), one of load (`load_kw`, `load_mw`, `load_gw`), and where
//! wanted `price_per_kwh` (mining income, $/kWh), `ramp_weight` ($·h/kW²) and `pv_kw`. Local stamps of a zone follow its
//! clock changes: an hour that a clock skips is refused, of an hour that it repeats the rows are taken in order.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};

/// Most rows of a file: ten days in seconds.
const MOST_ROWS: usize = 864_000;

/// What is wrong with a load file: one line, with the line of the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} at line {line} (expected {expected})")]
pub struct BadRow {
    /// What is wrong.
    pub message: String,
    /// Line of the file, from 1.
    pub line: u64,
    /// What would be right.
    pub expected: String,
}

impl BadRow {
    pub(super) fn new(line: u64, message: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { message: message.into(), line, expected: expected.into() }
    }
}

/// The rows; all lists have the same length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// Time of each row, h; rising. Of stamps: hours since the first.
    pub t_h: Vec<f64>,
    /// Load, kW.
    pub load_kw: Vec<f64>,
    /// Mining income, $/kWh.
    pub income_per_kwh: Option<Vec<f64>>,
    /// Weight of ramps, $·h/kW².
    pub ramp_weight: Option<Vec<f64>>,
    /// PV output, kW.
    pub pv_kw: Option<Vec<f64>>,
    /// Line of each row in its file.
    pub lines: Vec<u64>,
}

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Time,
    Load,
    Income,
    Weight,
    Pv,
}

/// The columns: name, content, factor to our unit, least and largest sensible value in that unit.
const COLUMNS: [(&str, Kind, f64, [f64; 2]); 10] = [
    ("t_h", Kind::Time, 1.0, [-1e6, 1e6]),
    ("t_min", Kind::Time, 1.0 / 60.0, [-1e6, 1e6]),
    ("t_s", Kind::Time, 1.0 / 3600.0, [-1e6, 1e6]),
    ("load_kw", Kind::Load, 1.0, [0.0, 1e9]),
    ("load_mw", Kind::Load, 1e3, [0.0, 1e9]),
    ("load_gw", Kind::Load, 1e6, [0.0, 1e9]),
    ("price_per_kwh", Kind::Income, 1.0, [-1e6, 1e6]),
    ("ramp_weight", Kind::Weight, 1.0, [0.0, 1e12]),
    ("pv_kw", Kind::Pv, 1.0, [0.0, 1e9]),
    ("pv_mw", Kind::Pv, 1e3, [0.0, 1e9]),
];

/// How a column is read.
enum Column {
    Number { name: &'static str, kind: Kind, factor: f64, range: [f64; 2] },
    Stamp,
    Local(TimeZone),
}

impl Rows {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line.
    pub fn read(text: &str) -> Result<Self, BadRow> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut csv = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .flexible(true)
            .comment(Some(b'#'))
            .from_reader(text.as_bytes());
        let head = csv.headers().map_err(|e| BadRow::new(1, format!("the header cannot be read, {e}"), HEADER))?;
        let head_line = head.position().map_or(1, csv::Position::line);
        let columns = columns(head, head_line)?;
        let has = |kind: Kind| columns.iter().any(|c| matches!(c, Column::Number { kind: k, .. } if *k == kind));
        let mut rows = Self {
            income_per_kwh: has(Kind::Income).then(Vec::new),
            ramp_weight: has(Kind::Weight).then(Vec::new),
            pv_kw: has(Kind::Pv).then(Vec::new),
            ..Self::default()
        };
        let mut first_s = None;
        for record in csv.records() {
            let record = record.map_err(|e| BadRow::new(head_line, format!("the file cannot be read, {e}"), HEADER))?;
            let line = record.position().map_or(0, csv::Position::line);
            if record.len() != columns.len() {
                let message = format!("{} values", record.len());
                return Err(BadRow::new(line, message, format!("{}, as in the header", columns.len())));
            }
            if rows.t_h.len() >= MOST_ROWS {
                return Err(BadRow::new(line, "the file is too long", format!("at most {MOST_ROWS} rows")));
            }
            for (cell, column) in record.iter().zip(&columns) {
                rows.take(cell, column, line, &mut first_s)?;
            }
            rows.lines.push(line);
            rows.rising(line)?;
        }
        if rows.t_h.is_empty() {
            return Err(BadRow::new(head_line, "no rows", "at least one row below the header"));
        }
        Ok(rows)
    }

    fn take(&mut self, cell: &str, column: &Column, line: u64, first_s: &mut Option<f64>) -> Result<(), BadRow> {
        let stamp = |s: f64, first_s: &mut Option<f64>| (s - *first_s.get_or_insert(s)) / 3600.0;
        match column {
            Column::Stamp => {
                let expected = "a time with its offset such as 2026-03-29T01:30:00+01:00 or 2026-03-29T00:30:00Z";
                let time: jiff::Timestamp =
                    cell.parse().map_err(|_| BadRow::new(line, format!("the time is `{}`", short(cell)), expected))?;
                self.t_h.push(stamp(time.as_millisecond() as f64 / 1000.0, first_s));
            }
            Column::Local(zone) => {
                let before = self.t_h.last().map(|t| first_s.unwrap_or(0.0) + t * 3600.0);
                let s = local(cell, zone, before, line)?;
                self.t_h.push(stamp(s, first_s));
            }
            Column::Number { name, kind, factor, range: [lo, hi] } => {
                let expected = || format!("a number from {lo} to {hi}");
                let value = cell.parse::<f64>().ok().map(|v| v * factor).filter(|v| (*lo..=*hi).contains(v));
                let value = value.ok_or_else(|| {
                    let given = if cell.is_empty() { "is missing".to_owned() } else { format!("is `{}`", short(cell)) };
                    BadRow::new(line, format!("`{name}` {given}"), expected())
                })?;
                match kind {
                    Kind::Time => self.t_h.push(value),
                    Kind::Load => self.load_kw.push(value),
                    Kind::Income => self.income_per_kwh.iter_mut().for_each(|c| c.push(value)),
                    Kind::Weight => self.ramp_weight.iter_mut().for_each(|c| c.push(value)),
                    Kind::Pv => self.pv_kw.iter_mut().for_each(|c| c.push(value)),
                }
            }
        }
        Ok(())
    }

    fn rising(&self, line: u64) -> Result<(), BadRow> {
        let [.., before, now] = self.t_h[..] else { return Ok(()) };
        if now > before {
            return Ok(());
        }
        let what = if now == before { "repeats" } else { "is before" };
        let last = self.lines[self.lines.len() - 2];
        Err(BadRow::new(line, format!("the time {what} that of line {last}"), "rising times"))
    }
}

const HEADER: &str = "a header such as t_h,load_kw";

fn columns(head: &csv::StringRecord, line: u64) -> Result<Vec<Column>, BadRow> {
    let mut found = Vec::new();
    for name in head {
        let zone = name.strip_prefix("time[").and_then(|z| z.strip_suffix(']'));
        let known = COLUMNS.iter().find(|c| c.0 == name);
        found.push(match (name, zone, known) {
            ("time", ..) => Column::Stamp,
            (_, Some(zone), _) => Column::Local(TimeZone::get(zone).map_err(|_| {
                BadRow::new(line, format!("no time zone is called `{}`", short(zone)), "a name such as Europe/Berlin")
            })?),
            (_, _, Some(&(name, kind, factor, range))) => Column::Number { name, kind, factor, range },
            _ => {
                let names: Vec<&str> = COLUMNS.iter().map(|c| c.0).chain(["time", "time[ZONE]"]).collect();
                let message = format!("unknown column `{}`", short(name));
                return Err(BadRow::new(line, message, format!("one of {}", names.join(", "))));
            }
        });
    }
    let kind = |c: &Column| if let Column::Number { kind, .. } = c { *kind } else { Kind::Time };
    for (wanted, what, needed) in [
        (Kind::Time, "time", true),
        (Kind::Load, "load", true),
        (Kind::Income, "price", false),
        (Kind::Weight, "ramp weight", false),
        (Kind::Pv, "PV", false),
    ] {
        let count = found.iter().filter(|c| kind(c) == wanted).count();
        if count > 1 || (needed && count == 0) {
            let message =
                if count == 0 { format!("no column of {what}") } else { format!("{count} columns of {what}") };
            return Err(BadRow::new(line, message, HEADER));
        }
    }
    Ok(found)
}

/// Seconds since 1970 of a local stamp. Of a repeated hour the earlier one, unless the row before says otherwise.
fn local(cell: &str, zone: &TimeZone, before_s: Option<f64>, line: u64) -> Result<f64, BadRow> {
    let expected = "a local time such as 2026-03-29T01:30:00";
    let time: DateTime =
        cell.parse().map_err(|_| BadRow::new(line, format!("the time is `{}`", short(cell)), expected))?;
    let ambiguous = zone.to_ambiguous_timestamp(time);
    if let AmbiguousOffset::Gap { .. } = ambiguous.offset() {
        let message = format!("the clock skips {}", short(cell));
        return Err(BadRow::new(line, message, "times that exist in this zone"));
    }
    let seconds = |t: Result<jiff::Timestamp, jiff::Error>| {
        t.map(|t| t.as_millisecond() as f64 / 1000.0)
            .map_err(|_| BadRow::new(line, format!("the time is `{}`", short(cell)), expected))
    };
    let earlier = seconds(ambiguous.earlier())?;
    if before_s.is_some_and(|b| earlier <= b) { seconds(ambiguous.later()) } else { Ok(earlier) }
}

/// At most 40 characters, none of which leaves the line.
fn short(s: &str) -> String {
    s.chars().take(40).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
