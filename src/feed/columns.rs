//! From text to rows: the header says which column is which signal, each line is one row. Pure.
//!
//! The layout is what the console exports: `t_s` and signal ids, an empty field where there is no data. Quoted fields
//! are read as RFC 4180 has them, but for line ends within quotes: a line is a row, so that a file that somebody else
//! is writing can be read up to its last line end. Fields may as well be parted by semicolons, as spreadsheets do where
//! the comma is the decimal sign, or by tabs; the header tells. A column that
//! no signal has is reported, not guessed at; a cell that is no number becomes "no data" and is reported with line and
//! column; a line with the wrong number of fields, or whose time does not rise, is passed over and reported.

use std::fmt;

use csv::{ReaderBuilder, StringRecord, Trim};

use crate::acts::Plate;
use crate::plant::signals::{SignalIdx, SignalTable, bess, genset, section};

/// Name of the time column.
pub const TIME: &str = "t_s";

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
        write!(f, "{}: {}", self.what, self.file)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
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
    time: usize,
    /// What stands between two fields.
    delimiter: char,
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
        let found = [',', ';', '\t'].into_iter().find_map(|delimiter| {
            let names: Vec<String> = fields(header, delimiter).iter().map(str::to_owned).collect();
            Some((delimiter, names.iter().position(|n| n == TIME)?, names))
        });
        let Some((delimiter, time, names)) = found else {
            return Err(trouble("no time column `t_s` in the header", None));
        };
        for (i, name) in names.iter().enumerate() {
            if !name.is_empty() && names.iter().take(i).any(|n| n == name) {
                return Err(trouble("the header names this column twice", Some(name.clone())));
            }
        }
        let parts = parts(&names);
        let own = SignalTable::new(&parts[0], &parts[1], &parts[2]);
        let known = |t: &SignalTable| names.iter().filter(|n| t.find(n).is_some()).count();
        let table = match reference {
            Some(r) if known(r) >= known(&own) => r.clone(),
            _ => own,
        };
        let to: Vec<Option<SignalIdx>> = names.iter().map(|n| table.find(n)).collect();
        let mut mapped = Vec::new();
        let mut unknown = Vec::new();
        for (i, (name, signal)) in names.iter().zip(&to).enumerate() {
            match signal {
                Some(_) => mapped.push(name.clone()),
                None if i != time => unknown.push(name.clone()),
                None => {}
            }
        }
        if mapped.is_empty() {
            return Err(trouble("no column of the header is a known signal", None));
        }
        Ok(Self { table, parts, mapped, unknown, names, to, time, delimiter })
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
    pub fn row(&self, text: &str, file: &str, line: u64) -> Result<Row, Trouble> {
        let trouble =
            |what: String, column: Option<String>| Trouble { what, file: file.to_owned(), line: Some(line), column };
        let fields = fields(text, self.delimiter);
        if fields.len() != self.names.len() {
            return Err(trouble(format!("{} fields where the header has {}", fields.len(), self.names.len()), None));
        }
        let mut row = Row { t_s: f64::NAN, values: vec![f64::NAN; self.table.len()], bad_cell: None };
        for (i, raw) in fields.iter().enumerate() {
            let number = self.number(raw);
            if i == self.time {
                row.t_s = number.ok_or_else(|| trouble(format!("`{raw}` is no time"), Some(TIME.to_owned())))?;
                continue;
            }
            let Some(place) = self.to.get(i).copied().flatten().and_then(|s| row.values.get_mut(s.at())) else {
                continue;
            };
            match number {
                Some(v) => *place = v,
                None if raw.is_empty() || raw.eq_ignore_ascii_case("nan") => {}
                None if row.bad_cell.is_none() => {
                    row.bad_cell = Some((self.names.get(i).cloned().unwrap_or_default(), raw.to_owned()));
                }
                None => {}
            }
        }
        Ok(row)
    }

    /// A finite number, with a decimal comma too where the comma does not part fields.
    fn number(&self, raw: &str) -> Option<f64> {
        let number = raw.parse::<f64>().ok();
        let number = number.or_else(|| (self.delimiter != ',').then(|| raw.replacen(',', ".", 1).parse().ok())?);
        number.filter(|v| v.is_finite())
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
    let mut out: [Vec<String>; 3] = Default::default();
    let mut seen: Vec<&str> = vec!["site"];
    for name in names {
        let Some((prefix, _)) = name.split_once('.') else { continue };
        let sound =
            !prefix.is_empty() && prefix.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !sound || seen.contains(&prefix) {
            continue;
        }
        seen.push(prefix);
        let has = |id: &str| names.iter().any(|n| n.split_once('.') == Some((prefix, id)));
        let only = |specs: &[crate::plant::signals::Spec], others: [&[crate::plant::signals::Spec]; 2]| {
            specs.iter().any(|s| has(s.id) && !others.iter().any(|o| o.iter().any(|x| x.id == s.id)))
        };
        let kind = if only(bess::SPECS, [section::SPECS, genset::SPECS]) {
            2
        } else if only(genset::SPECS, [section::SPECS, bess::SPECS])
            || genset::SPECS.iter().any(|s| has(s.id) && s.id != "energised")
                && !only(section::SPECS, [genset::SPECS, bess::SPECS])
        {
            1
        } else if only(section::SPECS, [genset::SPECS, bess::SPECS]) {
            0
        } else {
            continue;
        };
        if let Some(list) = out.get_mut(kind) {
            list.push(title(prefix));
        }
    }
    out
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
        let c = read("site.f_hz,t_s,site.nonsense,Comment")?;
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
        let c = read("t_s,site.f_hz,site.gen_kw")?;
        assert_eq!(c.row("1,,5", "a.csv", 2)?.bad_cell, None);
        let row = c.row("1,60,five", "a.csv", 3)?;
        assert_eq!(row.bad_cell, Some(("site.gen_kw".into(), "five".into())));
        assert_eq!(row.values[at(site::F_HZ).at()], 60.0);
        assert!(c.row("1,inf,5", "a.csv", 3)?.values[0].is_nan(), "infinite is no data");
        Ok(())
    }

    #[test]
    fn quotes_are_undone_and_may_hold_what_parts_fields() -> Test {
        let c = read("\u{feff}\"t_s\",\"site.f_hz\",note")?;
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
        let c = read("t_s;site.f_hz;site.gen_kw")?;
        assert_eq!(c.row("0,5;59,93;1200.5", "a.csv", 2)?.values[..2].first(), Some(&59.93));
        assert_eq!(c.row("0,5;59,93;", "a.csv", 2)?.t_s, 0.5);
        assert_eq!(c.row("1;60;1,2,3", "a.csv", 3)?.bad_cell, Some(("site.gen_kw".into(), "1,2,3".into())));
        let c = read("t_s\tsite.f_hz")?;
        assert_eq!(c.row(" 2 \t 60.1", "a.csv", 2)?.values[0], 60.1);
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
        let c = read("t_s,site.f_hz")?;
        let says = |text: &str| c.row(text, "a.csv", 7).err().map(|e| e.to_string()).unwrap_or_default();
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
