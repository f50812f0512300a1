//! A map for tables of others: which column is which signal, in what unit and with which sign, and how the time is written.
//! One RON file; what it states is checked against the signal table, with line and column. It reads no table.

use std::collections::BTreeSet;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::stamp;
use super::unit::Unit;
use crate::plant::signals::{SignalIdx, SignalTable};
use crate::text::{At, Checked, Error};

/// Longest name of a column.
const NAME: usize = 200;

/// A map of columns, checked.
#[derive(Clone, Debug)]
pub struct ColumnMap {
    /// Name of the table's source.
    pub name: String,
    /// Signals that it feeds.
    pub table: SignalTable,
    /// Names of sections, gensets and batteries.
    pub parts: [Vec<String>; 3],
    /// How the time is written, and in which column.
    pub time: Time,
    /// Columns that are signals.
    pub columns: Vec<Column>,
}

/// A column that is a signal.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name in the header.
    pub name: String,
    /// The signal.
    pub to: SignalIdx,
    /// From the number in the table to the signal's unit: factor and offset.
    pub scale: [f64; 2],
}

/// The column of times.
#[derive(Clone, Debug)]
pub struct Time {
    /// Its name in the header.
    pub column: String,
    /// As of strftime; without it a number (s, ms, µs or ns) or ISO 8601.
    pub format: Option<String>,
    /// Zone of times that name none.
    pub zone: TimeZone,
}

impl Time {
    /// Seconds since 1970, or since whatever a number counts from; none for what is no time in this format.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<f64> {
        let text = text.trim();
        let local = |at: DateTime| {
            let zoned = at.to_zoned(self.zone.clone()).ok()?;
            Some(stamp::of(zoned.timestamp()))
        };
        let Some(format) = &self.format else {
            return match text.parse::<f64>() {
                Ok(_) => stamp::parse(text),
                Err(_) => text
                    .parse::<DateTime>()
                    .ok()
                    .filter(|_| !has_zone(text))
                    .and_then(local)
                    .or_else(|| stamp::parse(text)),
            };
        };
        let broken = jiff::fmt::strtime::parse(format, text).ok()?;
        // a text with an offset of its own needs no zone
        match broken.to_timestamp() {
            Ok(t) => Some(stamp::of(t)),
            Err(_) => broken.to_datetime().ok().and_then(local),
        }
    }
}

/// Whether a text in ISO 8601 says its own zone.
fn has_zone(text: &str) -> bool {
    let time = text.split_once(['T', 't', ' ']).map_or("", |(_, time)| time);
    time.ends_with(['Z', 'z']) || time.contains(['+', '-'])
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    #[serde(default)]
    plant: Parts,
    time: TimeFile,
    columns: Vec<ColumnFile>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    #[serde(default)]
    sections: Vec<String>,
    #[serde(default)]
    gensets: Vec<String>,
    #[serde(default)]
    bess: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TimeFile {
    column: String,
    #[serde(default)]
    format: Option<String>,
    #[serde(default)]
    zone: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnFile {
    column: String,
    to: String,
    #[serde(default)]
    unit: Option<String>,
    #[serde(default)]
    opposite: bool,
    #[serde(default = "unity")]
    scale: f64,
}

fn unity() -> f64 {
    1.0
}

impl ColumnMap {
    /// Reads a map; `origin` is printed in errors.
    ///
    /// # Errors
    /// One line with line and column for whatever is wrong.
    pub fn from_str(origin: &str, text: &str) -> Result<Self, Error> {
        let file: File = crate::text::parse(text, origin)?;
        check(&file).map_err(|p| p.place(text, origin))
    }

    /// Where the map of a table is looked for: beside it, `log.columns.ron` for `log.csv`.
    #[must_use]
    pub fn place(table: &std::path::Path) -> std::path::PathBuf {
        table.with_extension("columns.ron")
    }

    /// The map that lies beside a table; none where there is none.
    ///
    /// # Errors
    /// As [`ColumnMap::load`], for a map that is there.
    pub fn beside(table: &std::path::Path) -> Result<Option<Self>, Error> {
        let place = Self::place(table);
        if place.is_file() { Self::load(&place).map(Some) } else { Ok(None) }
    }

    /// Reads a map file.
    ///
    /// # Errors
    /// As [`ColumnMap::from_str`], or when the file cannot be read.
    pub fn load(path: &std::path::Path) -> Result<Self, Error> {
        Self::from_str(&path.display().to_string(), &crate::text::load(path)?)
    }
}

fn check(file: &File) -> Checked<ColumnMap> {
    let top = At::top();
    let name = top.line("name", &file.name, 60)?;
    let parts = [&file.plant.sections, &file.plant.gensets, &file.plant.bess].map(Clone::clone);
    let table = SignalTable::new(&parts[0], &parts[1], &parts[2]);
    let at = top.key("time");
    let zone = match &file.time.zone {
        None => TimeZone::UTC,
        Some(zone) => TimeZone::get(zone).map_err(|_| {
            at.key("zone")
                .problem(format!("no time zone is called `{zone}`"), "a name such as `Europe/Berlin`, or none for UTC")
        })?,
    };
    let time = Time { column: at.line("column", &file.time.column, NAME)?, format: file.time.format.clone(), zone };
    let (list, mut columns, mut signals) = (top.key("columns"), Vec::new(), BTreeSet::new());
    for (i, c) in file.columns.iter().enumerate() {
        let at = list.index(i);
        let name = at.line("column", &c.column, NAME)?;
        let to = table.find(&c.to).ok_or_else(|| {
            let expected = "an id of the signal table, such as `site.f_hz`; gensets, sections and batteries of `plant`";
            at.key("to").problem(format!("no signal is called `{}`", c.to), expected)
        })?;
        if !signals.insert(to.0) {
            return Err(at.key("to").problem(format!("`{}` has a column already", c.to), "one column a signal"));
        }
        let own = table.get(to).unit;
        let unit = |name: &str| {
            Unit::find(name)
                .ok_or_else(|| at.key("unit").problem(format!("no unit is called `{name}`"), Unit::names().join(", ")))
        };
        let Some([k, offset]) = unit(c.unit.as_deref().unwrap_or(own))?.to(unit(own)?) else {
            let what = format!("`{}` is not a unit of this signal", c.unit.as_deref().unwrap_or_default());
            return Err(at.key("unit").problem(what, format!("a unit that becomes {own}")));
        };
        at.num("scale", c.scale, -1e12, 1e12)?;
        if c.scale == 0.0 {
            return Err(at.key("scale").problem("`scale` is 0", "another number"));
        }
        let sign = if c.opposite { -1.0 } else { 1.0 };
        columns.push(Column { name, to, scale: [sign * c.scale * k, offset] });
    }
    if columns.is_empty() {
        return Err(list.problem("no column", "at least one"));
    }
    Ok(ColumnMap { name, table, parts, time, columns })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(time: &str, column: &str) -> Result<ColumnMap, String> {
        let text = format!(
            r#"(name: "logger", plant: (gensets: ["G1"]), time: ({time}), columns: [(column: "P tot", {column})])"#
        );
        ColumnMap::from_str("m.ron", &text).map_err(|e| e.to_string())
    }

    #[test]
    fn times_are_read_as_they_are_written() {
        for (time, text, t_s) in [
            (r#"column: "t""#, "12.5", 12.5),
            (r#"column: "t""#, "1764468000500", 1_764_468_000.5),
            (r#"column: "t""#, "2025-11-30T02:00:00.5", 1_764_468_000.5),
            (r#"column: "t", zone: "Europe/Berlin""#, "2025-11-30 03:00:00.5", 1_764_468_000.5),
            (r#"column: "t", zone: "Europe/Berlin""#, "2025-11-30T02:00:00.5Z", 1_764_468_000.5),
            (
                r#"column: "t", format: "%d.%m.%Y %H:%M:%S", zone: "Europe/Berlin""#,
                "30.11.2025 03:00:00",
                1_764_468_000.0,
            ),
            (r#"column: "t", format: "%d/%m/%Y %H:%M:%S%.f""#, "30/11/2025 02:00:00.25", 1_764_468_000.25),
        ] {
            let m = map(time, r#"to: "g1.p_kw""#).unwrap();
            assert_eq!(m.time.read(text), Some(t_s), "{time} {text}");
        }
        let m = map(r#"column: "t", format: "%H:%M""#, r#"to: "g1.p_kw""#).unwrap();
        assert_eq!((m.time.read("noon"), m.time.read("")), (None, None));
    }

    #[test]
    fn units_and_signs_become_those_of_the_signal() {
        let m = map(r#"column: "t""#, r#"to: "g1.p_kw", unit: "W", opposite: true"#).unwrap();
        assert_eq!((m.columns[0].scale, m.table.get(m.columns[0].to).id.as_str()), ([-1e-3, 0.0], "g1.p_kw"));
        for (time, column, says) in [
            (r#"column: "t", zone: "Mars/North""#, r#"to: "g1.p_kw""#, "no time zone is called `Mars/North`"),
            (r#"column: "t""#, r#"to: "g7.p_kw""#, "no signal is called `g7.p_kw`"),
            (r#"column: "t""#, r#"to: "g1.p_kw", unit: "V""#, "`V` is not a unit of this signal"),
            (r#"column: "t""#, r#"to: "g1.p_kw", scale: 0"#, "`scale` is 0"),
        ] {
            let e = map(time, column).unwrap_err();
            assert!(e.starts_with(says) && e.contains("line 1") && e.lines().count() == 1, "{e}");
        }
    }
}
