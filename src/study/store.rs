//! Cells of a map as rows of text, on disk while they are made, so that a command that was stopped goes on where it was, and
//! one map can be made by many machines.
//!
//! Rows hold what a cell comes to and nothing of when or where it was run: no wall time, host or date. Numbers are written so
//! that they read back to the bit, what is not known is empty, a hash begins with `x` so that no reader takes it for a number, and
//! lists are joined by `|`. A file in the making has `.partial` at its end; its first line is the key of what it belongs to. It
//! becomes the whole file by one rename.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};

use super::figure::FIGURES;
use super::map::{Cell, Map};
use super::refine::Known;
use super::trial::End;
use crate::store::whole::atomically;

/// A row: a cell as text, with what is read of it again.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Cell.
    pub k: usize,
    /// Values in the order of [`FIGURES`].
    pub figures: Vec<f64>,
    /// Whether it tripped.
    pub tripped: bool,
    /// Simulated time, s.
    pub simulated_s: f64,
    /// The line, without its end.
    pub line: String,
}

const BEFORE: [&str; 5] = ["cell", "ix", "iy", "x", "y"];
const BEHIND: [&str; 7] = ["trip_s", "trips", "violations", "variant", "end", "simulated_s", "state_hash"];

/// Column names.
#[must_use]
pub fn header() -> String {
    let all = BEFORE.into_iter().chain(FIGURES.iter().map(|f| f.key)).chain(BEHIND);
    all.collect::<Vec<_>>().join(",")
}

fn number(v: f64) -> String {
    if v.is_finite() { v.to_string() } else { String::new() }
}

/// A text as a field: in quotes where it holds what parts fields.
fn field(text: &str) -> String {
    if text.contains([',', '"', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

impl Row {
    /// A cell that was run.
    #[must_use]
    pub fn of(map: &Map, cell: &Cell) -> Self {
        let (o, (x, y)) = (&cell.outcome, map.at(cell.k));
        let variant = map.variants.get(cell.variant).map(super::map::Variant::name).unwrap_or_default();
        let end = match o.end {
            End::Time => "time",
            End::Trip => "trip",
            End::Rest => "rest",
        };
        let mut parts = vec![cell.k.to_string(), (cell.k % map.x.n).to_string(), (cell.k / map.x.n).to_string()];
        parts.extend([x, y].map(number));
        parts.extend(o.figures.iter().map(|v| number(*v)));
        parts.push(o.trip_s.map_or_else(String::new, number));
        parts.extend([field(&o.trips.join("|")), field(&o.violations.join("|")), field(&variant), end.to_owned()]);
        parts.extend([number(o.simulated_s), format!("x{:016x}", o.hash)]);
        Self {
            k: cell.k,
            figures: o.figures.to_vec(),
            tripped: !o.trips.is_empty(),
            simulated_s: o.simulated_s,
            line: parts.join(","),
        }
    }

    /// Reads a line; none if it is not a whole row of this table.
    #[must_use]
    pub fn read(line: &str) -> Option<Self> {
        let mut record = csv::StringRecord::new();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
        if !reader.read_record(&mut record).ok()? || record.len() != BEFORE.len() + FIGURES.len() + BEHIND.len() {
            return None;
        }
        let k = record.get(0)?.parse().ok()?;
        let value = |i: usize| match record.get(BEFORE.len() + i)? {
            "" => Some(f64::NAN),
            text => text.parse().ok(),
        };
        let figures = (0..FIGURES.len()).map(value).collect::<Option<Vec<f64>>>()?;
        let tripped = !record.get(BEFORE.len() + FIGURES.len() + 1)?.is_empty();
        let simulated_s = record.get(record.len() - 2)?.parse().ok()?;
        let hash = record.get(record.len() - 1)?;
        let whole = hash.len() == 17 && hash.starts_with('x');
        whole.then(|| Self { k, figures, tripped, simulated_s, line: line.to_owned() })
    }
}

/// Rows in the making.
#[derive(Debug)]
pub struct Partial {
    path: PathBuf,
    out: File,
    /// Rows so far, by cell.
    pub rows: BTreeMap<usize, Row>,
}

/// The file in the making for one that is wanted.
fn partial_path(whole: &Path) -> PathBuf {
    let mut name = whole.as_os_str().to_owned();
    name.push(".partial");
    PathBuf::from(name)
}

impl Partial {
    /// Opens what there is of `whole`, or begins it. A line that was not finished when the program was stopped is forgotten.
    ///
    /// # Errors
    /// In one line: the file system's, or rows of something else.
    pub fn open(whole: &Path, key: &str) -> Result<Self, String> {
        let path = partial_path(whole);
        let at = |e: &dyn std::fmt::Display| format!("{e}: {}", path.display());
        let begin = format!("# {key}\n");
        let mut rows = BTreeMap::new();
        let mut sound = begin.len() as u64;
        let mut kept = false;
        if let Ok(file) = File::open(&path) {
            let mut lines = BufReader::new(file);
            let mut line = String::new();
            lines.read_line(&mut line).map_err(|e| at(&e))?;
            kept = line == begin;
            if !kept && line.ends_with('\n') {
                let what = "rows of another map, scenario or version (expected to go on with the same; remove it to begin anew)";
                return Err(at(&what));
            }
            line.clear();
            while kept && lines.read_line(&mut line).map_err(|e| at(&e))? > 0 {
                let Some(row) = line.strip_suffix('\n').and_then(Row::read) else { break };
                sound += line.len() as u64;
                rows.insert(row.k, row);
                line.clear();
            }
        }
        let mut out = OpenOptions::new().create(true).write(true).truncate(!kept).open(&path).map_err(|e| at(&e))?;
        if kept {
            out.set_len(sound).map_err(|e| at(&e))?;
            std::io::Seek::seek(&mut out, std::io::SeekFrom::End(0)).map_err(|e| at(&e))?;
        } else {
            out.write_all(begin.as_bytes()).map_err(|e| at(&e))?;
        }
        Ok(Self { path, out, rows })
    }

    /// Adds a row; it is with the system when this returns, so that a killed program has lost nothing.
    ///
    /// # Errors
    /// The file system's, in one line.
    pub fn add(&mut self, row: Row) -> Result<(), String> {
        let line = format!("{}\n", row.line);
        self.out.write_all(line.as_bytes()).map_err(|e| format!("{e}: {}", self.path.display()))?;
        self.rows.insert(row.k, row);
        Ok(())
    }

    /// Writes the whole file and removes that in the making.
    ///
    /// # Errors
    /// The file system's, in one line.
    pub fn finish(self, whole: &Path) -> Result<BTreeMap<usize, Row>, String> {
        write(whole, self.rows.values())?;
        fs::remove_file(&self.path).map_err(|e| format!("{e}: {}", self.path.display()))?;
        Ok(self.rows)
    }
}

impl Partial {
    /// Removes the file in the making.
    ///
    /// # Errors
    /// The file system's, in one line.
    pub fn forget(self) -> Result<(), String> {
        fs::remove_file(&self.path).map_err(|e| format!("{e}: {}", self.path.display()))
    }
}

/// Writes a map of which a part is inferred: two columns more, the class and whether the cell was run; figures are empty where
/// it was not.
///
/// # Errors
/// The file system's, in one line.
pub fn write_inferred(path: &Path, map: &Map, cells: &[Known], rows: &BTreeMap<usize, Row>) -> Result<(), String> {
    let empty = ",".repeat(FIGURES.len() + BEHIND.len());
    let line = |(k, known): (usize, &Known)| {
        let (x, y) = map.at(k);
        let own = rows.get(&k).map_or_else(
            || format!("{k},{},{},{}{empty}", k % map.x.n, k / map.x.n, [x, y].map(number).join(",")),
            |r| r.line.clone(),
        );
        let class = known.class().map_or_else(String::new, |c| c.to_string());
        format!("{own},{class},{}\n", u8::from(matches!(known, Known::Exact(_))))
    };
    let text = cells.iter().enumerate().map(line).fold(header() + ",class,exact\n", |text, l| text + &l);
    atomically(path, |out| out.write_all(text.as_bytes())).map_err(|e| format!("{e}: {}", path.display()))
}

/// Writes rows as a whole file: through another one beside it, synced, renamed.
///
/// # Errors
/// The file system's, in one line.
pub fn write<'a>(path: &Path, rows: impl Iterator<Item = &'a Row>) -> Result<(), String> {
    let text = rows.fold(header() + "\n", |text, r| text + &r.line + "\n");
    atomically(path, |out| out.write_all(text.as_bytes())).map_err(|e| format!("{e}: {}", path.display()))?;
    File::open(path).and_then(|f| f.sync_all()).map_err(|e| format!("{e}: {}", path.display()))
}

/// Reads a whole file.
///
/// # Errors
/// In one line, if it is not one of ours.
pub fn read(path: &Path) -> Result<Vec<Row>, String> {
    let text = fs::read_to_string(path).map_err(|e| format!("{e}: {}", path.display()))?;
    let mut lines = text.lines();
    if lines.next() != Some(header().as_str()) {
        return Err(format!("the columns are not those of a map of this version: {}", path.display()));
    }
    let row = |(n, line)| Row::read(line).ok_or_else(|| format!("no row at line {}: {}", n + 2, path.display()));
    lines.enumerate().map(row).collect()
}
