//! A map of a table's columns in the making: guessed from its header and first rows, changed by hand, tried on the rows,
//! written as RON. Pure.

use super::columns::Trouble;
use super::mapping::ColumnMap;
use super::stamp;
use super::table::{Given, Table};
use super::unit::Unit;
use crate::plant::signals::{Kind, SignalTable};
use crate::text::plain;

/// Ways to write a time that are tried; a number of seconds and ISO 8601 need none.
pub const FORMATS: [&str; 8] = [
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%d-%m-%Y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%H:%M:%S",
];
/// Zones that are offered; a map may name any of the IANA database.
pub const ZONES: [&str; 12] = [
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Oslo",
    "America/New_York",
    "America/Toronto",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "Asia/Dubai",
    "Asia/Singapore",
    "Australia/Perth",
];
/// Troubles that are told in words; the rest is counted.
const TOLD: usize = 6;

/// Words in a column's name that speak for a signal; the first that fits is taken.
const GUESSES: [(&str, &[&str]); 10] = [
    ("site.f_hz", &["freq", "fréq", "f_hz", "hz"]),
    ("site.gpu_kw", &["gpu", "gpus", "compute"]),
    ("site.miner_kw", &["miner", "mineur", "mining", "asic"]),
    ("site.bess_soc_pct", &["soc", "charge"]),
    ("site.bess_kw", &["bess", "battery", "batterie"]),
    ("site.aux_kw", &["aux", "hilfs", "house"]),
    ("g1.breaker", &["52g", "gcb", "breaker"]),
    ("site.gas_pct", &["gas"]),
    ("site.fuel_kw", &["fuel"]),
    ("site.gen_kw", &["gen", "groupe", "engine", "p tot", "power", "leistung"]),
];

/// The fields of a line, parted by whatever parts it into the most.
#[must_use]
pub fn split(line: &str) -> Vec<String> {
    let by = |d: u8| {
        let mut reader = csv::ReaderBuilder::new();
        reader.has_headers(false).flexible(true).trim(csv::Trim::All).delimiter(d);
        let mut record = csv::StringRecord::new();
        // from text in memory nothing can fail
        reader.from_reader(line.as_bytes()).read_record(&mut record).ok();
        record.iter().map(str::to_owned).collect::<Vec<_>>()
    };
    [b',', b';', b'\t'].into_iter().map(by).max_by_key(Vec::len).unwrap_or_default()
}

/// What is chosen for a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The signal; none for a column that is not used.
    pub to: Option<String>,
    /// Unit of the column.
    pub unit: String,
    /// It counts the other way round.
    pub opposite: bool,
}

/// A map in the making.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What the table is called.
    pub name: String,
    /// Columns in the order of the file.
    pub names: Vec<String>,
    /// The one with the times.
    pub time: usize,
    /// How they are written; none for seconds or ISO 8601.
    pub format: Option<String>,
    /// Zone of times that name none.
    pub zone: String,
    /// What each column becomes.
    pub columns: Vec<Choice>,
}

/// A plant with one of each part: what a table of a small site is mapped to.
fn parts() -> [Vec<String>; 3] {
    [vec!["Bus".to_owned()], vec!["G1".to_owned()], vec!["B1".to_owned()]]
}

/// Signals that a column may become.
#[must_use]
pub fn signals() -> SignalTable {
    let [sections, gensets, bess] = parts();
    SignalTable::new(&sections, &gensets, &bess)
}

/// Units that become the unit of a signal.
#[must_use]
pub fn units(of: &str) -> Vec<&'static str> {
    let Some(own) = Unit::find(of) else { return Vec::new() };
    Unit::names().into_iter().filter(|n| Unit::find(n).is_some_and(|u| u.to(own).is_some())).collect()
}

impl Draft {
    /// A guess from the fields of the header and of the first lines behind it.
    #[must_use]
    pub fn guess(name: &str, header: &[String], lines: &[Vec<String>]) -> Self {
        let (time, format) = time(header, lines);
        let table = signals();
        let mut taken = Vec::new();
        let columns = header.iter().enumerate().map(|(i, column)| {
            let to = (i != time).then(|| signal(column, &table, &taken)).flatten();
            taken.extend(to.clone());
            let own = to.as_deref().and_then(|id| table.find(id)).map_or("", |s| table.get(s).unit);
            let below = lines.first().and_then(|l| l.get(i)).map_or("", String::as_str);
            Choice { to, unit: unit(column, below, own), opposite: false }
        });
        let columns = columns.collect();
        Self { name: named(name), names: header.to_vec(), time, format, zone: "UTC".to_owned(), columns }
    }

    /// As a map file.
    #[must_use]
    pub fn ron(&self) -> String {
        let quoted = |s: &str| format!("{:?}", plain(s));
        let [sections, gensets, bess] = parts();
        let time = self.names.get(self.time).map_or("", String::as_str);
        let format = self.format.as_ref().map_or_else(String::new, |f| format!(" format: {},", quoted(f)));
        let mut out = format!(
            "(\n    name: {},\n    plant: (sections: {sections:?}, gensets: {gensets:?}, bess: {bess:?}),\n    \
             time: (column: {},{format} zone: {}),\n    columns: [\n",
            quoted(&self.name),
            quoted(time),
            quoted(&self.zone)
        );
        for (name, c) in self.names.iter().zip(&self.columns) {
            if let Some(to) = &c.to {
                let (unit, opposite) = (quoted(&c.unit), c.opposite);
                out +=
                    &format!("        (column: {}, to: \"{to}\", unit: {unit}, opposite: {opposite}),\n", quoted(name));
            }
        }
        out + "    ],\n)\n"
    }

    /// The map, checked.
    ///
    /// # Errors
    /// What is wrong or missing, in a line.
    pub fn map(&self) -> Result<ColumnMap, String> {
        ColumnMap::from_str("map", &self.ron()).map_err(|e| e.to_string())
    }
}

/// What a map makes of a column.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// Newest value in the unit of the signal; NaN without one.
    pub newest: f64,
    /// Lowest and highest.
    pub range: [f64; 2],
    /// Cells with a value.
    pub good: usize,
}

/// What a map makes of the rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// Rows that were read.
    pub rows: usize,
    /// Time of the first and the last, s since 1970, or since whatever a number counts from.
    pub span_s: [f64; 2],
    /// By the columns of the map, in their order.
    pub columns: Vec<Tried>,
    /// What could not be read, and what was made of it: the first in words.
    pub told: Vec<String>,
    /// All of these.
    pub troubles: usize,
    /// (time s, value) of each row, for the column that is asked for.
    pub curve: Vec<[f64; 2]>,
}

/// Tries a map on a header and the lines behind it; `shown` is the column of the map whose curve is wanted.
///
/// # Errors
/// If the header does not have the columns of the map.
pub fn trial(map: &ColumnMap, header: (&str, u64), lines: &[(String, u64)], shown: usize) -> Result<Trial, String> {
    let mut table =
        Table::by_map(header.0, &map.name, header.1, map).map_err(|t| t.what + ": " + &t.column.unwrap_or_default())?;
    lines.iter().for_each(|(l, n)| table.take(l, *n));
    table.end();
    let none = Tried { newest: f64::NAN, range: [f64::NAN; 2], good: 0 };
    let mut t = Trial {
        rows: 0,
        span_s: [f64::NAN; 2],
        columns: vec![none; map.columns.len()],
        told: Vec::new(),
        troubles: 0,
        curve: Vec::new(),
    };
    while let Some(given) = table.give() {
        match given {
            Given::Row(row, _) => {
                t.rows += 1;
                t.span_s = [if t.rows == 1 { row.t_s } else { t.span_s[0] }, row.t_s];
                for (k, (c, tried)) in map.columns.iter().zip(&mut t.columns).enumerate() {
                    let v = row.values.get(c.to.at()).copied().unwrap_or(f64::NAN);
                    if k == shown {
                        t.curve.push([row.t_s, v]);
                    }
                    if v.is_finite() {
                        tried.newest = v;
                        tried.range = [tried.range[0].min(v), tried.range[1].max(v)];
                        tried.good += 1;
                    }
                }
            }
            Given::Notice(what) | Given::Trouble(what) => {
                t.troubles += 1;
                if t.told.len() < TOLD {
                    t.told.push(in_words(&what));
                }
            }
        }
    }
    Ok(t)
}

fn in_words(t: &Trouble) -> String {
    let column = t.column.as_ref().map_or_else(String::new, |c| format!(", column {}", plain(c)));
    format!("line {}: {}{column}", t.line.unwrap_or_default(), plain(&t.what))
}

/// One line that a map may be called.
fn named(name: &str) -> String {
    let name: String = plain(name).chars().take(60).collect();
    let name = name.trim();
    if name.is_empty() { "table".to_owned() } else { name.to_owned() }
}

fn signal(column: &str, table: &SignalTable, taken: &[String]) -> Option<String> {
    let free = |id: &str| !taken.iter().any(|t| t == id);
    if table.find(column).is_some() {
        return Some(column.to_owned()).filter(|id| free(id));
    }
    let lower = column.to_lowercase();
    let found = GUESSES.iter().find(|(id, words)| free(id) && words.iter().any(|w| lower.contains(w)));
    found.map(|(id, _)| (*id).to_owned())
}

/// The unit that name or units row state, where it becomes the signal's; else the signal's own.
fn unit(column: &str, below: &str, own: &str) -> String {
    let able = units(own);
    let said = |text: &str| {
        let word = |w: &&str| able.contains(w) && !w.is_empty();
        text.split(|c: char| !(c.is_alphanumeric() || "%°/".contains(c))).find(word).map(str::to_owned)
    };
    said(column).or_else(|| said(below)).unwrap_or_else(|| own.to_owned())
}

/// The column of times and how it writes them: the one that is read in most rows, a date before a number.
fn time(header: &[String], lines: &[Vec<String>]) -> (usize, Option<String>) {
    let cells = |i: usize| lines.iter().filter_map(move |l| l.get(i)).map(String::as_str);
    let dated = |text: &str| text.len() > 8 && text.parse::<f64>().is_err() && stamp::parse(text).is_some();
    let named = |n: &String| {
        let n = n.to_lowercase();
        ["time", "zeit", "date", "datum", "horo", "heure", "t_s", "stamp"].iter().any(|w| n.contains(w))
    };
    let mut best = (0, 0, None);
    for (i, name) in header.iter().enumerate() {
        let bonus = usize::from(named(name));
        let mut offer = |n: usize, format: Option<&str>| {
            if n > 0 && 2 * n + bonus > best.0 {
                best = (2 * n + bonus, i, format.map(str::to_owned));
            }
        };
        offer(cells(i).filter(|c| dated(c)).count(), None);
        for f in FORMATS {
            let reads = |c: &&str| jiff::fmt::strtime::parse(f, c.trim()).is_ok();
            offer(cells(i).filter(reads).count(), Some(f));
        }
        if bonus > 0 {
            offer(cells(i).filter(|c| c.trim().parse::<f64>().is_ok()).count(), None);
        }
    }
    (best.1, best.2)
}

/// Whether a signal is a state, whose numbers are no quantity.
#[must_use]
pub fn is_state(table: &SignalTable, id: &str) -> bool {
    table.find(id).is_some_and(|i| matches!(table.get(i).kind, Kind::State(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(l: &str) -> Vec<String> {
        l.split(';').map(str::to_owned).collect()
    }

    const HEADER: &str = "Horodatage;Fréquence;P groupe;P GPU (W);P mineurs;Remarque";

    fn lines() -> Vec<(String, u64)> {
        let one = |k: u32| format!("02.11.2025 00:00:{k:02};59,9{k};763,4;259000;-498,3;ok");
        let mut all: Vec<(String, u64)> = (0..9).map(|k| (one(k), u64::from(k) + 2)).collect();
        all.push(("02.11.2025 00:00:30;60,0;763;n/d;-498;x".to_owned(), 11));
        all
    }

    #[test]
    fn a_table_of_others_is_guessed_tried_and_written() {
        let rows: Vec<Vec<String>> = lines().iter().map(|(l, _)| fields(l)).collect();
        let mut d = Draft::guess("saint-felix", &fields(HEADER), &rows);
        assert_eq!((d.time, d.format.as_deref()), (0, Some("%d.%m.%Y %H:%M:%S")));
        let to: Vec<Option<&str>> = d.columns.iter().map(|c| c.to.as_deref()).collect();
        let want = [None, Some("site.f_hz"), Some("site.gen_kw"), Some("site.gpu_kw"), Some("site.miner_kw"), None];
        assert_eq!(to, want);
        assert_eq!(d.columns[3].unit, "W");
        d.columns[4].opposite = true;
        d.zone = "America/Toronto".to_owned();
        let t = trial(&d.map().unwrap(), (HEADER, 1), &lines(), 2).unwrap();
        assert_eq!((t.rows, t.troubles), (10, 1));
        assert!(t.told[0].contains("line 11") && t.told[0].contains("`n/d` is no number"), "{:?}", t.told);
        assert_eq!(t.span_s[0], 1_762_056_000.0, "04:00 UTC");
        assert_eq!((t.columns[2].newest, t.columns[2].good), (259.0, 9));
        assert_eq!(t.columns[3].range, [498.0, 498.3]);
        assert!(t.curve[9][1].is_nan(), "what cannot be read is a gap, never 0");
    }

    #[test]
    fn a_bad_choice_is_told_and_nothing_is_guessed_twice() {
        let rows = vec![fields("1.0;60;60;5")];
        let mut d = Draft::guess("x", &fields("t_s;Freq 1;Freq 2;gen"), &rows);
        assert_eq!((d.time, d.format.as_deref()), (0, None));
        assert_eq!(d.columns.iter().filter(|c| c.to.as_deref() == Some("site.f_hz")).count(), 1);
        d.zone = "Mars/North".to_owned();
        assert!(d.map().unwrap_err().contains("no time zone is called `Mars/North`"));
        d.zone = "UTC".to_owned();
        d.columns[2].to = Some("site.f_hz".to_owned());
        assert!(d.map().unwrap_err().contains("`site.f_hz` has a column already"));
        d.columns.iter_mut().for_each(|c| c.to = None);
        assert!(d.map().unwrap_err().contains("no column"));
    }
}
