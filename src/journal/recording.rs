//! The reading end: header, entries, acts and rows of a file, also of one that is still being written.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, Row, ToSql, params};

use super::chain::{FileLine, Hash};
use super::entry::{Act, Entry, micros};
use super::rows::{Chunk, states, unpack};
use super::run_file::RunFile;
use super::{Header, Trouble, schema, verify};
use crate::acts::{Block, Plate};
use crate::engine::plate;
use crate::plant::signals::{SignalIdx, SignalTable};

/// Which entries are wanted; the default is all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// From this time of the run on, s.
    pub from_s: Option<f64>,
    /// Up to this time, s.
    pub to_s: Option<f64>,
    /// Of this class.
    pub kind: Option<String>,
    /// Of this device or part.
    pub object: Option<String>,
    /// With these letters in object or text.
    pub text: Option<String>,
    /// Of this branch only.
    pub branch: Option<u32>,
    /// Pass over so many.
    pub skip: u64,
    /// At most so many.
    pub take: Option<u64>,
}

/// A stretch of one branch that belongs to a line of branches: rows with `after_us < t <= to_us`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Branch.
    pub branch: u32,
    /// After this time, µs.
    pub after_us: i64,
    /// Up to this time, µs.
    pub to_us: i64,
}

/// Where a branch left another.
struct Fork {
    parent: u32,
    at_us: i64,
    /// Acts of the parent's line that belong to this one too.
    acts: usize,
}

/// What rows of a file look like to this version.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Signal table.
    pub table: SignalTable,
    /// Plate.
    pub plate: Plate,
    /// Place in the table of each signal of the file; none for one that this version does not know.
    pub places: Vec<Option<SignalIdx>>,
    /// What is not as it was, one line each: another version, a scenario that no longer loads, signals not known.
    pub remarks: Vec<String>,
}

/// A file that is read.
#[derive(Debug)]
pub struct Recording {
    pub(super) db: Connection,
    path: PathBuf,
    header: Header,
}

const ENTRY: &str = "line, seq, branch, t_sim_us, t_wall_utc_us, src, kind, what, object, from_state, to_state, value, \
                     unit, user, cause_seq, text, hash";

fn entry(r: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        seq: r.get::<_, i64>(1)? as u64,
        branch: r.get(2)?,
        t_sim_us: r.get(3)?,
        t_wall_utc_us: r.get(4)?,
        src: Cow::Owned(r.get(5)?),
        kind: Cow::Owned(r.get(6)?),
        what: Cow::Owned(r.get(7)?),
        object: r.get(8)?,
        from: r.get(9)?,
        to: r.get(10)?,
        value: r.get(11)?,
        unit: r.get(12)?,
        user: r.get(13)?,
        cause_seq: r.get::<_, Option<i64>>(14)?.map(|c| c as u64),
        text: r.get(15)?,
    })
}

fn act(r: &Row<'_>) -> rusqlite::Result<Act> {
    Ok(Act { branch: r.get(1)?, tick: r.get::<_, i64>(2)? as u64, t_wall_utc_us: r.get(3)?, ron: r.get(4)? })
}

fn chunk(r: &Row<'_>) -> rusqlite::Result<Chunk> {
    Ok(Chunk {
        branch: r.get(1)?,
        first_us: r.get(2)?,
        last_us: r.get(3)?,
        t_wall_utc_us: r.get(4)?,
        count: r.get(5)?,
        data: r.get(6)?,
        states: r.get(7)?,
    })
}

/// A line as it is stored: its number, itself, its hash.
pub(super) type Stored = (u64, FileLine, Hash);

pub(super) const ENTRIES: &str = "SELECT line, seq, branch, t_sim_us, t_wall_utc_us, src, kind, what, object, \
    from_state, to_state, value, unit, user, cause_seq, text, hash FROM entry ORDER BY line";
pub(super) const ACTS: &str = "SELECT line, branch, tick, t_wall_utc_us, ron, hash FROM act ORDER BY line";
pub(super) const ROWS: &str =
    "SELECT line, branch, first_us, last_us, t_wall_utc_us, count, data, states, hash FROM rows ORDER BY line";

pub(super) fn stored_entry(r: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok((r.get::<_, i64>(0)? as u64, FileLine::Entry(entry(r)?), r.get(16)?))
}

pub(super) fn stored_act(r: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok((r.get::<_, i64>(0)? as u64, FileLine::Act(act(r)?), r.get(5)?))
}

pub(super) fn stored_rows(r: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok((r.get::<_, i64>(0)? as u64, FileLine::Rows(chunk(r)?), r.get(8)?))
}

impl Recording {
    /// Opens a file to read it.
    ///
    /// # Errors
    /// In one line, if it is no journal, of a later layout, or cannot be read.
    pub fn open(path: &Path) -> Result<Self, Trouble> {
        let db = schema::JOURNAL.open_to_read(path)?;
        let header = schema::get_header(&db).map_err(|e| Trouble::new(path, schema::say(&e)))?;
        Ok(Self { db, path: path.to_owned(), header })
    }

    /// What the file says of itself.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn fail(&self, e: &rusqlite::Error) -> Trouble {
        Trouble::new(&self.path, schema::say(e))
    }

    /// Entries in the order of the file.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn entries(&self, wanted: &Filter) -> Result<Vec<Entry>, Trouble> {
        let mut sql = format!("SELECT {ENTRY} FROM entry WHERE 1");
        let mut values: Vec<Box<dyn ToSql>> = Vec::new();
        let mut also = |sql: &mut String, condition: &str, value: Box<dyn ToSql>| {
            values.push(value);
            sql.push_str(" AND ");
            sql.push_str(&condition.replace('?', &format!("?{}", values.len())));
        };
        if let Some(t) = wanted.from_s {
            also(&mut sql, "t_sim_us >= ?", Box::new(micros(t)));
        }
        if let Some(t) = wanted.to_s {
            also(&mut sql, "t_sim_us <= ?", Box::new(micros(t)));
        }
        if let Some(kind) = &wanted.kind {
            also(&mut sql, "kind = ?", Box::new(kind.clone()));
        }
        if let Some(object) = &wanted.object {
            also(&mut sql, "object = ?", Box::new(object.clone()));
        }
        if let Some(text) = &wanted.text {
            also(&mut sql, "instr(lower(object || ' ' || text), lower(?)) > 0", Box::new(text.clone()));
        }
        if let Some(branch) = wanted.branch {
            also(&mut sql, "branch = ?", Box::new(branch));
        }
        let take = wanted.take.map_or(-1, |n| i64::try_from(n).unwrap_or(i64::MAX));
        sql.push_str(&format!(" ORDER BY line LIMIT {take} OFFSET {}", i64::try_from(wanted.skip).unwrap_or(i64::MAX)));
        let read = || {
            let mut statement = self.db.prepare(&sql)?;
            let values = rusqlite::params_from_iter(values.iter().map(AsRef::as_ref));
            statement.query_map(values, entry)?.collect::<Result<Vec<_>, _>>()
        };
        read().map_err(|e| self.fail(&e))
    }

    /// The entries that lead to the end of `branch`, in order of time; those of branches that were left are not among
    /// them. The entry of a restore stands at the time that it led back to.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn entries_of(&self, branch: u32) -> Result<Vec<Entry>, Trouble> {
        let line = self.line_of(branch)?;
        let mut entries = self.entries(&Filter::default())?;
        entries.retain(|e| line.iter().any(|s| s.branch == e.branch && (s.after_us..=s.to_us).contains(&e.t_sim_us)));
        entries.sort_by_key(|e| e.t_sim_us);
        Ok(entries)
    }

    /// When the newest line was made, µs of UTC: how far the file reaches when its writer was killed.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn reaches_utc_us(&self) -> Result<i64, Trouble> {
        let sql = "SELECT max(t) FROM (SELECT max(t_wall_utc_us) AS t FROM entry UNION ALL
                   SELECT max(t_wall_utc_us) FROM act UNION ALL SELECT max(t_wall_utc_us) FROM rows)";
        let found = self.db.query_row(sql, [], |r| r.get::<_, Option<i64>>(0));
        found.map(|t| t.unwrap_or(self.header.started_utc_us)).map_err(|e| self.fail(&e))
    }

    /// Number of the newest branch.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn branch(&self) -> Result<u32, Trouble> {
        schema::max_entry(&self.db, "branch").map(|b| b.unwrap_or(0) as u32).map_err(|e| self.fail(&e))
    }

    /// The entry that began a branch.
    fn fork(&self, branch: u32) -> Result<Fork, Trouble> {
        let sql = "SELECT t_sim_us, from_state, value FROM entry WHERE branch = ?1 ORDER BY line LIMIT 1";
        let (at_us, parent, acts) = self
            .db
            .query_row(sql, [branch], |r| Ok((r.get(0)?, r.get::<_, Option<String>>(1)?, r.get::<_, Option<f64>>(2)?)))
            .map_err(|e| self.fail(&e))?;
        let parent = parent.and_then(|p| p.strip_prefix("branch ")?.parse::<u32>().ok()).filter(|p| *p < branch);
        let parent = parent.ok_or_else(|| Trouble::new(&self.path, format!("branch {branch} has no beginning")))?;
        Ok(Fork { parent, at_us, acts: acts.unwrap_or(0.0) as usize })
    }

    /// The stretches that lead to the end of `branch`, oldest first.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn line_of(&self, branch: u32) -> Result<Vec<Stretch>, Trouble> {
        let (mut b, mut to_us) = (branch, i64::MAX);
        let mut line = Vec::new();
        while b > 0 {
            let fork = self.fork(b)?;
            if fork.at_us < to_us {
                line.push(Stretch { branch: b, after_us: fork.at_us, to_us });
                to_us = fork.at_us;
            }
            b = fork.parent;
        }
        line.push(Stretch { branch: 0, after_us: i64::MIN, to_us });
        line.reverse();
        Ok(line)
    }

    /// The acts that lead to the end of `branch`.
    fn acts(&self, branch: u32) -> Result<Vec<Act>, Trouble> {
        let mut acts = if branch > 0 {
            let fork = self.fork(branch)?;
            let mut before = self.acts(fork.parent)?;
            before.truncate(fork.acts);
            before
        } else {
            Vec::new()
        };
        let sql = "SELECT line, branch, tick, t_wall_utc_us, ron FROM act WHERE branch = ?1 ORDER BY line";
        let read = || self.db.prepare(sql)?.query_map([branch], act)?.collect::<Result<Vec<_>, _>>();
        acts.extend(read().map_err(|e| self.fail(&e))?);
        Ok(acts)
    }

    /// Lines of the chunks of rows on these stretches, in order of time.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn chunks(&self, line: &[Stretch]) -> Result<Vec<(i64, Stretch)>, Trouble> {
        let mut found = Vec::new();
        let read = |s: &Stretch, found: &mut Vec<(i64, Stretch)>| -> rusqlite::Result<()> {
            let sql = "SELECT line FROM rows WHERE branch = ?1 AND last_us > ?2 AND first_us <= ?3 ORDER BY line";
            let mut statement = self.db.prepare_cached(sql)?;
            let mut lines = statement.query_map(params![s.branch, s.after_us, s.to_us], |r| r.get(0))?;
            lines.try_for_each(|l| l.map(|l| found.push((l, *s))))
        };
        line.iter().try_for_each(|s| read(s, &mut found)).map_err(|e| self.fail(&e))?;
        Ok(found)
    }

    /// Appends the rows of one of [`Self::chunks`], in the order of the file's signals.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn rows_of(&self, (line, s): (i64, Stretch), into: &mut Block) -> Result<(), Trouble> {
        let sql =
            "SELECT line, branch, first_us, last_us, t_wall_utc_us, count, data, states FROM rows WHERE line = ?1";
        let read = || self.db.prepare_cached(sql)?.query_row([line], chunk);
        let chunk = read().map_err(|e| self.fail(&e))?;
        into.width = self.header.signals.len();
        let mut all = Block { width: into.width, ..Block::default() };
        unpack(&chunk, &mut all).map_err(|e| Trouble::new(&self.path, e))?;
        for (r, t) in all.t_s.iter().enumerate().filter(|(_, t)| (s.after_us + 1..=s.to_us).contains(&micros(**t))) {
            let at = r * all.width..(r + 1) * all.width;
            into.t_s.push(*t);
            into.min.extend_from_slice(&all.min[at.clone()]);
            into.max.extend_from_slice(&all.max[at.clone()]);
            into.last.extend_from_slice(&all.last[at]);
        }
        Ok(())
    }

    /// All rows that lead to the end of `branch`, in the order of the file's signals.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn rows(&self, branch: u32) -> Result<Block, Trouble> {
        let mut block = Block { width: self.header.signals.len(), ..Block::default() };
        for chunk in self.chunks(&self.line_of(branch)?)? {
            self.rows_of(chunk, &mut block)?;
        }
        Ok(block)
    }

    /// How this version reads the rows: by the ids of the signals, whatever version wrote them.
    #[must_use]
    pub fn frame(&self) -> Frame {
        let h = &self.header;
        let mut remarks = Vec::new();
        if h.version != env!("CARGO_PKG_VERSION") {
            remarks.push(format!("recorded by version {}, shown by {}", h.version, env!("CARGO_PKG_VERSION")));
        }
        let (mut table, mut plate) = match RunFile::of_header(h).scenario() {
            Ok(s) => (plate::table(&s), plate::plate(&s)),
            Err(why) => {
                remarks.push(if h.source.is_empty() {
                    "rows of a followed source, drawn without limits".to_owned()
                } else {
                    format!("drawn without limits, the scenario no longer loads: {why}")
                });
                (SignalTable::of(&h.parts), Plate::of_rows(&h.scenario, h.parts.clone(), h.f0_hz))
            }
        };
        let find = |t: &SignalTable| h.signals.iter().map(|[id, ..]| t.find(id)).collect::<Vec<_>>();
        let mut places = find(&table);
        if places.iter().any(Option::is_none) {
            // The parts by the names of their time may fit better than those of a scenario read anew.
            let plain = SignalTable::of(&h.parts);
            let known = |p: &[Option<SignalIdx>]| p.iter().flatten().count();
            if known(&find(&plain)) > known(&places) {
                places = find(&plain);
                table = plain;
                plate = Plate::of_rows(&h.scenario, h.parts.clone(), h.f0_hz);
            }
        }
        let unknown: Vec<&str> =
            h.signals.iter().zip(&places).filter(|(_, p)| p.is_none()).map(|([id, ..], _)| id.as_str()).collect();
        if !unknown.is_empty() {
            remarks.push(format!("{} signals are not known to this version: {}", unknown.len(), unknown.join(", ")));
        }
        plate.purpose = "recording, read only".to_owned();
        plate.origin = self.path.display().to_string();
        Frame { table, plate, places, remarks }
    }

    /// The run that leads to the end of `branch`: scenario, seed, commands and hashes, to be run again. Acts of
    /// branches that were left are not part of it.
    ///
    /// # Errors
    /// If the file cannot be read or an act is not one that this version knows.
    pub fn run_file(&self, branch: u32) -> Result<RunFile, Trouble> {
        let mut run = RunFile::of_header(&self.header);
        let line = self.line_of(branch)?;
        for a in self.acts(branch)? {
            run.add(a.tick, &a.ron).map_err(|e| Trouble::new(&self.path, e))?;
        }
        for s in &line {
            let sql = "SELECT line, branch, first_us, last_us, t_wall_utc_us, count, data, states FROM rows WHERE branch = ?1 ORDER BY line";
            let read =
                || -> rusqlite::Result<Vec<Chunk>> { self.db.prepare(sql)?.query_map([s.branch], chunk)?.collect() };
            for c in read().map_err(|e| self.fail(&e))? {
                for (second, hash) in states(&c).map_err(|e| Trouble::new(&self.path, e))? {
                    if second as i64 * 1_000_000 <= s.to_us {
                        run.hash(second, hash);
                    }
                }
            }
        }
        Ok(run)
    }

    /// Writes a copy, complete in one file.
    ///
    /// # Errors
    /// In one line, if it cannot be written.
    pub fn copy_to(&self, path: &Path) -> Result<(), Trouble> {
        let mut temporary = path.as_os_str().to_owned();
        temporary.push(format!(".{}.tmp", std::process::id()));
        let temporary = PathBuf::from(temporary);
        // What a broken attempt left behind would be in the way.
        std::fs::remove_file(&temporary).ok();
        let copied = self.db.execute("VACUUM INTO ?1", [temporary.display().to_string()]);
        let moved = copied
            .map_err(|e| Trouble::new(path, schema::say(&e)))
            .and_then(|_| std::fs::rename(&temporary, path).map_err(|e| Trouble::new(path, e)));
        if moved.is_err() {
            std::fs::remove_file(&temporary).ok();
        }
        moved
    }

    /// Checks the whole chain.
    #[must_use]
    pub fn verify(&self) -> verify::Verdict {
        verify::verify(self)
    }
}
