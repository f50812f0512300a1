//! From text to rows: the header says which column is which signal, each line is one row. Pure.
//!
//! The layout is what the console exports: `t_s` and signal ids, an empty field where there is no data. Quoted fields
//! are read as RFC 4180 has them, but for line ends within quotes: a line is a row, so that a file that somebody else
//! is writing can be read up to its last line end. Fields may as well be parted by semicolons, as spreadsheets do where
//! the comma is the decimal sign, or by tabs; the header tells. A column that
//! no signal has is reported, not guessed at; a cell that is no number becomes "no data" and is reported with line and
//! column; a line with the wrong number of fields, or whose time does not rise, is passed over and reported.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use csv::{ReaderBuilder, StringRecord, Trim};

use super::mapping::{ColumnMap, Time};
use super::number::{self, Comma};
use crate::acts::Plate;
use crate::plant::signals::{SignalIdx, SignalTable, Spec, bess, genset, section};
use crate::text::plain;

/// Name of the time column.
pub const TIME: &str = "t_s";
/// Columns of a table.
const MAX_COLUMNS: usize = 20_000;
/// What may stand between two fields.
const DELIMITERS: [char; 3] = [',', ';', '\t'];

/// Something wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What is wrong.
    pub what: String,
    /// The file.
    pub file: String,
    /// Line, from 1; none for the file as a whole.
    pub line: Option<u64>,
    /// Column by its name, or by its number from 1.
    pub column: Option<String>,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", plain(&self.what), plain(&self.file))?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column {}", plain(column))?;
        }
        Ok(())
    }
}

/// Which column is which signal.
#[derive(Clone, Debug)]
pub struct Columns {
    /// Signals of the source.
    pub table: SignalTable,
    /// Names of the bus sections, gensets and batteries that the header names.
    pub parts: [Vec<String>; 3],
    /// Ids that were found, in file order.
    pub mapped: Vec<String>,
    /// Header names that no signal has.
    pub unknown: Vec<String>,
    names: Vec<String>,
    to: Vec<Option<SignalIdx>>,
    /// From the number in each column to its signal's unit: factor and offset.
    scale: Vec<[f64; 2]>,
    time: usize,
    /// How the time is written, where a map says so.
    clock: Option<Time>,
    /// What stands between two fields.
    delimiter: char,
    /// A cell has shown that the comma is the decimal sign.
    decimal_comma: bool,
}

/// One line as a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Time, s.
    pub t_s: f64,
    /// One number a signal of the table; NaN where the file has none.
    pub values: Vec<f64>,
    /// Name of the first cell that is no number, with its text.
    pub bad_cell: Option<(String, String)>,
}

impl Columns {
    /// Reads a header line. `reference` is used as it is when it has every signal that the header names.
    ///
    /// # Errors
    /// If there is no time column, a name twice, or no signal at all.
    pub fn read(header: &str, file: &str, reference: Option<&SignalTable>) -> Result<Self, Trouble> {
        let trouble = |what: &str, column: Option<String>| Trouble {
            what: what.to_owned(),
            file: file.to_owned(),
            line: Some(1),
            column,
        };
        let header = header.trim_start_matches('\u{feff}');
        let found = DELIMITERS.into_iter().find_map(|delimiter| {
            let names: Vec<String> = fields(header, delimiter).iter().map(str::to_owned).collect();
            Some((delimiter, names.iter().position(|n| n == TIME)?, names))
        });
        let Some((delimiter, time, names)) = found else {
            return Err(trouble("no time column `t_s` in the header", None));
        };
        if names.len() > MAX_COLUMNS {
            return Err(trouble("more than 20,000 columns", None));
        }
        let mut seen = BTreeSet::new();
        if let Some(twice) = names.iter().find(|n| !n.is_empty() && !seen.insert(n.as_str())) {
            return Err(trouble("the header names this column twice", Some(twice.clone())));
        }
        let parts = parts(&names);
        let own = SignalTable::new(&parts[0], &parts[1], &parts[2]);
        let find = |t: &SignalTable| -> Vec<Option<SignalIdx>> {
            let by_id: BTreeMap<&str, SignalIdx> =
                (0..t.len()).filter_map(|k| t.index(k)).map(|i| (t.get(i).id.as_str(), i)).collect();
            names.iter().map(|n| by_id.get(n.as_str()).copied()).collect()
        };
        let known = |to: &[Option<SignalIdx>]| to.iter().flatten().count();
        let to = find(&own);
        let lent = reference.map(|r| (r, find(r))).filter(|(_, of)| known(of) >= known(&to));
        let (table, to) = match lent {
            Some((r, of)) => (r.clone(), of),
            None => (own, to),
        };
        let mut mapped = Vec::new();
        // A separator at the end of the line makes no column.
        let ends = names.len() > 1 && names.last().is_some_and(String::is_empty);
        let names = if ends { names[..names.len() - 1].to_vec() } else { names };
        let mut unknown = Vec::new();
        for (i, (name, signal)) in names.iter().zip(&to).enumerate() {
            match signal {
                Some(_) => mapped.push(name.clone()),
                None if i != time => unknown.push(plain(name)),
                None => {}
            }
        }
        if mapped.is_empty() {
            return Err(trouble("no column of the header is a known signal", None));
        }
        let scale = vec![[1.0, 0.0]; names.len()];
        let (clock, decimal_comma) = (None, delimiter != ',');
        Ok(Self { table, parts, mapped, unknown, names, to, scale, time, clock, delimiter, decimal_comma })
    }

    /// Reads a header line of a table of others, by a map of its columns.
    ///
    /// # Errors
    /// If a column of the map is not in the header, or there twice.
    pub fn by_map(header: &str, file: &str, map: &ColumnMap) -> Result<Self, Trouble> {
        let trouble = |what: String, column: &str| Trouble {
            what,
            file: file.to_owned(),
            line: Some(1),
            column: Some(column.to_owned()),
        };
        let header = header.trim_start_matches('\u{feff}');
        let split = |d| fields(header, d).iter().map(str::to_owned).collect::<Vec<String>>();
        let has_time = |names: &Vec<String>| names.contains(&map.time.column);
        let found = DELIMITERS.into_iter().map(|d| (d, split(d))).find(|(_, names)| has_time(names));
        let Some((delimiter, names)) = found else {
            return Err(trouble("the header has no such column".to_owned(), &map.time.column));
        };
        let place = |name: &str| {
            let mut at = names.iter().enumerate().filter(|(_, n)| *n == name).map(|(i, _)| i);
            match (at.next(), at.next()) {
                (Some(one), None) => Ok(one),
                (None, _) => Err(trouble("the header has no such column".to_owned(), name)),
                (Some(_), Some(_)) => Err(trouble("the header names this column twice".to_owned(), name)),
            }
        };
        let time = place(&map.time.column)?;
        let (mut to, mut scale) = (vec![None; names.len()], vec![[1.0, 0.0]; names.len()]);
        for c in &map.columns {
            let at = place(&c.name)?;
            (to[at], scale[at]) = (Some(c.to), c.scale);
        }
        let of = |is_signal: bool| -> Vec<String> {
            let all = names.iter().zip(&to).enumerate();
            all.filter(|(i, (_, s))| *i != time && s.is_some() == is_signal).map(|(_, (n, _))| plain(n)).collect()
        };
        let (mapped, unknown) = (of(true), of(false));
        let (clock, decimal_comma) = (Some(map.time.clone()), delimiter != ',');
        let (table, parts) = (map.table.clone(), map.parts.clone());
        Ok(Self { table, parts, mapped, unknown, names, to, scale, time, clock, delimiter, decimal_comma })
    }

    /// Names in the header.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Signals of the table that the file does not have.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.table.len() - self.mapped.len()
    }

    /// Reads a line of data; `line` is its number, from 1.
    ///
    /// # Errors
    /// If it has the wrong number of fields or no time.
    pub fn row(&mut self, text: &str, file: &str, line: u64) -> Result<Row, Trouble> {
        let trouble =
            |what: String, column: Option<String>| Trouble { what, file: file.to_owned(), line: Some(line), column };
        let mut fields = fields(text, self.delimiter);
        if fields.len() == self.names.len() + 1 && fields.get(self.names.len()) == Some("") {
            fields.truncate(self.names.len());
        }
        if !self.decimal_comma && text.contains('"') {
            self.decimal_comma = fields.iter().any(|f| number::comma(f) == Comma::Decimal);
        }
        if fields.len() != self.names.len() {
            return Err(trouble(format!("{} fields where the header has {}", fields.len(), self.names.len()), None));
        }
        let mut row = Row { t_s: f64::NAN, values: vec![f64::NAN; self.table.len()], bad_cell: None };
        for (i, raw) in fields.iter().enumerate() {
            let number = self.number(raw);
            if i == self.time {
                let number =
                    self.clock.as_ref().map_or(number, |c| c.read(raw).or(number.filter(|_| c.format.is_none())));
                row.t_s = number.ok_or_else(|| trouble(format!("`{raw}` is no time"), Some(self.names[i].clone())))?;
                continue;
            }
            let Some(place) = self.to.get(i).copied().flatten().and_then(|s| row.values.get_mut(s.at())) else {
                continue;
            };
            match number {
                Some(v) => *place = v * self.scale[i][0] + self.scale[i][1],
                None if raw.is_empty() || raw.eq_ignore_ascii_case("nan") => {}
                None if row.bad_cell.is_none() => {
                    row.bad_cell = Some((self.names.get(i).cloned().unwrap_or_default(), raw.to_owned()));
                }
                None => {}
            }
        }
        Ok(row)
    }

    /// A finite number; with a decimal comma where the table is known to have one.
    fn number(&self, raw: &str) -> Option<f64> {
        let read = if self.decimal_comma { number::with_comma } else { number::parse };
        read(raw).filter(|v| v.is_finite())
    }

    /// Whether no field of a line is a number, as of units.
    #[must_use]
    pub fn has_no_number(&self, text: &str) -> bool {
        fields(text, self.delimiter).iter().all(|f| number::with_comma(f).is_none())
    }

    /// A plate that claims only what the header shows.
    #[must_use]
    pub fn plate(&self, file: &str, f0_hz: f64) -> Plate {
        Plate::of_rows(file, self.parts.clone(), f0_hz)
    }
}

/// The fields of a line, without the blanks round them.
fn fields(line: &str, delimiter: char) -> StringRecord {
    if !line.contains('"') {
        // Most lines by far: nothing to unquote, so no reader to set up for each.
        return line.split(delimiter).map(str::trim).collect();
    }
    let mut reader = ReaderBuilder::new();
    reader.has_headers(false).flexible(true).trim(Trim::All).delimiter(delimiter as u8);
    let mut record = StringRecord::new();
    // From text in memory, with any number of fields allowed, nothing can fail.
    match reader.from_reader(line.as_bytes()).read_record(&mut record) {
        Ok(_) => record,
        Err(_) => StringRecord::new(),
    }
}

/// Names of sections, gensets and batteries, told apart by the signals that only they have.
fn parts(names: &[String]) -> [Vec<String>; 3] {
    let mut seen: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut order = Vec::new();
    for (prefix, id) in names.iter().filter_map(|n| n.split_once('.')) {
        let sound =
            !prefix.is_empty() && prefix.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if sound && prefix != "site" {
            let ids = seen.entry(prefix).or_default();
            if ids.is_empty() {
                order.push(prefix);
            }
            ids.push(id);
        }
    }
    let mut out: [Vec<String>; 3] = Default::default();
    for prefix in order {
        let ids = seen.get(prefix).map_or(&[][..], Vec::as_slice);
        if let Some(list) = kind(ids).and_then(|k| out.get_mut(k)) {
            list.push(title(prefix));
        }
    }
    out
}

/// 0 a section, 1 a genset, 2 a battery, by the ids that stand behind one prefix.
fn kind(ids: &[&str]) -> Option<usize> {
    let has = |specs: &[Spec]| specs.iter().filter(|s| ids.contains(&s.id)).map(|s| s.id).collect::<Vec<_>>();
    let [sections, gensets, batteries] = [section::SPECS, genset::SPECS, bess::SPECS].map(has);
    let only = |own: &[&str], others: [&[&str]; 2]| own.iter().any(|id| others.iter().all(|o| !o.contains(id)));
    let is_section = only(&sections, [&gensets, &batteries]);
    if only(&batteries, [&sections, &gensets]) {
        Some(2)
    } else if only(&gensets, [&sections, &batteries]) || (gensets.iter().any(|id| *id != "energised") && !is_section) {
        Some(1)
    } else {
        is_section.then_some(0)
    }
}

/// `bus_a` as `Bus A`, `g1` as `G1`.
fn title(prefix: &str) -> String {
    let words = prefix.split('_').map(|w| {
        let mut chars = w.chars();
        chars.next().map_or_else(String::new, |c| c.to_ascii_uppercase().to_string() + chars.as_str())
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plant::signals::{at, site};

    type Test = Result<(), Trouble>;

    fn read(header: &str) -> Result<Columns, Trouble> {
        Columns::read(header, "a.csv", None)
    }

    #[test]
    fn header_of_an_export_maps_completely() -> Test {
        let t = SignalTable::new(&["Bus A".into()], &["G1".into(), "G2".into()], &["B1".into()]);
        let header =
            std::iter::once("t_s".to_owned()).chain(t.signals().iter().map(|s| s.id.clone())).collect::<Vec<_>>();
        let c = read(&header.join(","))?;
        assert_eq!(c.table, t);
        assert!(c.unknown.is_empty() && c.missing() == 0);
        assert_eq!(c.parts, [vec!["Bus A".to_owned()], vec!["G1".into(), "G2".into()], vec!["B1".into()]]);
        Ok(())
    }

    #[test]
    fn unknown_columns_are_reported_and_missing_signals_are_no_data() -> Test {
        let mut c = read("site.f_hz,t_s,site.nonsense,Comment")?;
        assert_eq!(c.unknown, ["site.nonsense", "Comment"]);
        assert_eq!(c.mapped, ["site.f_hz"]);
        let row = c.row("59.9,1.5,7,\"x\"", "a.csv", 2)?;
        assert_eq!(row.t_s, 1.5);
        assert_eq!(row.values[at(site::F_HZ).at()], 59.9);
        assert!(row.values[at(site::GEN_KW).at()].is_nan());
        Ok(())
    }

    #[test]
    fn empty_cells_are_gaps_and_bad_cells_are_named() -> Test {
        let mut c = read("t_s,site.f_hz,site.gen_kw")?;
        assert_eq!(c.row("1,,5", "a.csv", 2)?.bad_cell, None);
        let row = c.row("1,60,five", "a.csv", 3)?;
        assert_eq!(row.bad_cell, Some(("site.gen_kw".into(), "five".into())));
        assert_eq!(row.values[at(site::F_HZ).at()], 60.0);
        assert!(c.row("1,inf,5", "a.csv", 3)?.values[0].is_nan(), "infinite is no data");
        Ok(())
    }

    #[test]
    fn quotes_are_undone_and_may_hold_what_parts_fields() -> Test {
        let mut c = read("\u{feff}\"t_s\",\"site.f_hz\",note")?;
        assert_eq!(c.unknown, ["note"]);
        let row = c.row("\"1.5\",59.9,\"said \"\"trip\"\", then left\"", "a.csv", 2)?;
        assert_eq!((row.t_s, row.values[0], row.bad_cell), (1.5, 59.9, None));
        let open = c.row("1.5,59.9,\"never closed,7", "a.csv", 2)?;
        assert_eq!(open.values[0], 59.9, "an open quote reaches to the end of its line only");
        assert!(c.row("1.5,\"59.9,7", "a.csv", 2).is_err());
        Ok(())
    }

    #[test]
    fn semicolons_with_decimal_commas_and_tabs_are_told_by_the_header() -> Test {
        let mut c = read("t_s;site.f_hz;site.gen_kw")?;
        assert_eq!(c.row("0,5;59,93;1200.5", "a.csv", 2)?.values[..2].first(), Some(&59.93));
        assert_eq!(c.row("0,5;59,93;", "a.csv", 2)?.t_s, 0.5);
        assert_eq!(c.row("1;60;1,2,3", "a.csv", 3)?.bad_cell, Some(("site.gen_kw".into(), "1,2,3".into())));
        let mut c = read("t_s\tsite.f_hz")?;
        assert_eq!(c.row(" 2 \t 60.1", "a.csv", 2)?.values[0], 60.1);
        Ok(())
    }

    #[test]
    fn regress_a_quoted_decimal_comma_is_read_once_a_cell_has_shown_it() -> Test {
        let mut c = read("t_s,site.f_hz,g1.p_kw")?;
        let row = c.row("\"12,345\",60.0,500", "a.csv", 2);
        assert!(row.is_err(), "a dozen seconds or three hours: nobody knows yet");
        assert_eq!(c.row("\"0,1\",\"60,0000\",\"1,500\"", "a.csv", 3)?.values[0], 60.0);
        assert_eq!(c.row("\"12,345\",\"59,987\",\"500,0\"", "a.csv", 4)?.t_s, 12.345);
        Ok(())
    }

    #[test]
    fn regress_fifty_thousand_columns_are_refused_and_twenty_thousand_cost_no_square() -> Test {
        let header = |n: usize| "t_s,site.f_hz".to_owned() + &(0..n).map(|k| format!(",x{k}.p_kw")).collect::<String>();
        assert!(read(&header(50_000)).is_err_and(|t| t.what.contains("20,000")));
        assert_eq!(read(&header(19_000))?.parts[1].len(), 19_000);
        Ok(())
    }

    #[test]
    fn bad_input_says_file_line_and_column() -> Test {
        let says = |r: Result<Columns, Trouble>| r.err().map(|e| e.to_string()).unwrap_or_default();
        assert_eq!(says(read("")), "no time column `t_s` in the header: a.csv, line 1");
        assert_eq!(
            says(read("t_s,site.f_hz,site.f_hz")),
            "the header names this column twice: a.csv, line 1, column site.f_hz"
        );
        assert_eq!(says(read("t_s,a,b")), "no column of the header is a known signal: a.csv, line 1");
        let mut c = read("t_s,site.f_hz")?;
        let mut says = |text: &str| c.row(text, "a.csv", 7).err().map(|e| e.to_string()).unwrap_or_default();
        assert_eq!(says("1,2,3"), "3 fields where the header has 2: a.csv, line 7");
        assert_eq!(says("noon,60"), "`noon` is no time: a.csv, line 7, column t_s");
        assert_eq!(says("NaN,60"), "`NaN` is no time: a.csv, line 7, column t_s");
        Ok(())
    }

    #[test]
    fn a_reference_that_knows_as_much_lends_its_table() -> Test {
        let mut t = SignalTable::new(&["Bus A".into()], &["G1".into()], &[]);
        t.set_limits(at(site::F_HZ), [55.0, 65.0], Vec::new());
        let c = Columns::read("t_s,site.f_hz,g1.p_kw", "a.csv", Some(&t))?;
        assert_eq!(c.table, t);
        let c = Columns::read("t_s,site.f_hz,g7.p_kw", "a.csv", Some(&t))?;
        assert_ne!(c.table, t);
        assert_eq!(c.parts[1], ["G7"]);
        Ok(())
    }
}
