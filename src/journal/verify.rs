//! Reads a whole file and says whether it is as it was written, and where it is not.

use std::fmt;

use rusqlite::Connection;

use super::chain::{FileLine, Hash, genesis, link};
use super::entry::seconds;
use super::recording::{ACTS, ENTRIES, ROWS, Recording, Stored, stored_act, stored_entry, stored_rows};
use super::schema;

/// How a file ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// In the middle: it is still being written, or the process was killed. Lines cut off would not show.
    Open,
    /// With the entry that says so.
    Closed,
    /// With a seal.
    Sealed,
}

/// The first thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Entry at or before which it is; none for the file as a whole.
    pub seq: Option<u64>,
    /// What, in words, with the place.
    pub what: String,
}

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Lines that are as they were written, counted from the start.
    pub lines: u64,
    /// Entries among them.
    pub entries: u64,
    /// Recorded rows among them.
    pub rows: u64,
    /// Hash of the last of them.
    pub hash: Hash,
    /// How the file ends.
    pub end: End,
    /// The first thing that is wrong, if anything is.
    pub fault: Option<Fault>,
}

impl Verdict {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn sound(&self) -> bool {
        self.fault.is_none()
    }

    /// Holds the last hash against one that was noted elsewhere, of which the first digits will do (eight or more).
    #[must_use]
    pub fn against(mut self, noted: &str) -> Self {
        let noted = noted.trim().to_lowercase();
        let enough = noted.len() >= 8;
        if self.fault.is_none() && !(enough && hex::encode(self.hash).starts_with(&noted)) {
            let what = format!("the last hash is {}, not the one that was noted", hex::encode(self.hash));
            self.fault = Some(Fault { seq: None, what });
        }
        self
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { entries, rows, .. } = self;
        if let Some(fault) = &self.fault {
            return write!(f, "NOT as written: {}; {entries} entries and {rows} rows before it are sound", fault.what);
        }
        let end = match self.end {
            End::Open => "not closed, so lines cut off at its end would not show",
            End::Closed => "closed but not sealed",
            End::Sealed => "sealed",
        };
        write!(f, "as written: {entries} entries, {rows} rows, {end}, last hash {}", hex::encode(self.hash))
    }
}

pub(super) fn verify(r: &Recording) -> Verdict {
    let start = genesis(r.header());
    let mut v = Verdict { lines: 0, entries: 0, rows: 0, hash: start, end: End::Open, fault: None };
    if let Err(what) = damage(&r.db) {
        v.fault = Some(Fault { seq: None, what: format!("the file is damaged, {what}") });
        return v;
    }
    match walk(&r.db, &mut v).and_then(|fault| Ok((fault, schema::seal(&r.db)?))) {
        Ok((Some(fault), _)) => v.fault = Some(fault),
        Ok((None, Some((line, hash)))) => {
            v.end = End::Sealed;
            if line + 1 != v.lines || hash != v.hash {
                let last = v.entries.checked_sub(1);
                let what = "the seal does not fit the last line: lines were cut off or added after it".to_owned();
                v.fault = Some(Fault { seq: last, what });
            }
        }
        Ok((None, None)) => {}
        Err(e) => v.fault = Some(Fault { seq: None, what: format!("the file is damaged, {}", schema::say(&e)) }),
    }
    v
}

/// Whether the pages of the file hang together.
fn damage(db: &Connection) -> Result<(), String> {
    let read = || -> rusqlite::Result<Vec<String>> {
        db.prepare("PRAGMA integrity_check(1)")?.query_map([], |r| r.get(0))?.collect()
    };
    match read() {
        Ok(found) if found == ["ok"] => Ok(()),
        Ok(found) => Err(found.join("; ").replace('\n', " ")),
        Err(e) => Err(schema::say(&e)),
    }
}

/// Follows the chain; gives the first fault.
fn walk(db: &Connection, v: &mut Verdict) -> rusqlite::Result<Option<Fault>> {
    let (mut entries, mut acts, mut rows) = (db.prepare(ENTRIES)?, db.prepare(ACTS)?, db.prepare(ROWS)?);
    let mut entries = entries.query_map([], stored_entry)?.peekable();
    let mut acts = acts.query_map([], stored_act)?.peekable();
    let mut rows = rows.query_map([], stored_rows)?.peekable();
    let number = |s: Option<&rusqlite::Result<Stored>>| match s {
        Some(Ok((line, ..))) => *line,
        // An unreadable line is taken next, to be told of.
        Some(Err(_)) => 0,
        None => u64::MAX,
    };
    loop {
        let next = [number(entries.peek()), number(acts.peek()), number(rows.peek())];
        let first = next.iter().min().copied().unwrap_or(u64::MAX);
        let taken = match next.iter().position(|n| *n == first) {
            Some(0) => entries.next(),
            Some(1) => acts.next(),
            _ => rows.next(),
        };
        let Some((line, what, hash)) = taken.transpose()? else { return Ok(None) };
        if let Some(fault) = step(v, line, &what, &hash) {
            return Ok(Some(fault));
        }
    }
}

fn step(v: &mut Verdict, line: u64, what: &FileLine, hash: &Hash) -> Option<Fault> {
    let last = v.entries.checked_sub(1);
    let behind = last.map_or_else(|| "at the start".to_owned(), |s| format!("behind entry {s}"));
    let fault = |seq, what| Some(Fault { seq, what });
    if line != v.lines {
        return fault(last, format!("line {} is missing or has moved, {behind}", v.lines));
    }
    if let FileLine::Entry(e) = what
        && e.seq != v.entries
    {
        return fault(Some(e.seq), format!("entry {} stands where entry {} should be", e.seq, v.entries));
    }
    if link(&v.hash, line, what) != *hash {
        let first = if line == 0 { ", or the header" } else { "" };
        return match what {
            FileLine::Entry(e) => {
                let t = seconds(e.t_sim_us);
                fault(Some(e.seq), format!("entry {} at {t:.3} s{first} was changed", e.seq))
            }
            FileLine::Act(a) => fault(last, format!("the command at tick {}, {behind},{first} was changed", a.tick)),
            FileLine::Rows(c) => {
                let (a, b) = (seconds(c.first_us), seconds(c.last_us));
                fault(last, format!("the rows from {a:.2} to {b:.2} s, {behind},{first} were changed"))
            }
        };
    }
    v.lines += 1;
    v.hash = *hash;
    v.end = End::Open;
    match what {
        FileLine::Entry(e) => {
            v.entries += 1;
            if e.src == "journal" && e.text == super::thread::ENDS {
                v.end = End::Closed;
            }
        }
        FileLine::Act(_) => {}
        FileLine::Rows(c) => v.rows += u64::from(c.count),
    }
    None
}
