//! The reading end: what was heard, in order, through all files of a series that are there. It only reads.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::chain::Hash;
use super::code;
use super::schema::{self, Header, LOST, READINGS, RECORDING};
use crate::acts::Quality;
use crate::feed::link::Heard;
use crate::feed::map::Map;
use crate::feed::tags::{Reading, Taken, Words};
use crate::store::{self, Trouble};

/// Longest time without anything heard that is believed, s.
const MOST_SILENT_S: f64 = 7.0 * 86_400.0;

/// What one row of the file tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Was {
    /// Something that the hub heard; with what became of each reading, and the quality that it had by itself.
    Heard(Heard, Vec<(Taken, Quality)>),
    /// A word of the recorder: kind and text.
    Note(String, String),
}

/// Something kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// Its number in the series.
    pub n: u64,
    /// When the hub took it, monotonic time of the recording, s.
    pub at_s: f64,
    /// Likewise by the wall clock, µs of UTC.
    pub t_wall_utc_us: i64,
    /// What it was.
    pub was: Was,
}

struct Part {
    path: PathBuf,
    db: Connection,
    first_n: u64,
    last_n: u64,
    /// Whether its rows carry a chain, and what the first is linked to.
    chained: bool,
    begins: Hash,
}

/// A recording that is read.
pub struct Reader {
    parts: Vec<Part>,
    header: Header,
    map: Arc<Map>,
    /// Monotonic time of the first and the last row, s.
    extent_s: [f64; 2],
}

/// A row with its link of the chain, where its file has one.
type Linked = (Kept, Option<Hash>);

impl Reader {
    /// Opens the recording that the file at `path` is part of: every file of its series in the same folder.
    ///
    /// # Errors
    /// In one line, if it is no recording, of a later layout, empty, or its map cannot be used any more.
    pub fn open(path: &Path) -> Result<Self, Trouble> {
        let (header, db) = head(path)?;
        drop(db);
        let dir = path.parent().filter(|d| !d.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut all: Vec<(u32, PathBuf, (Connection, Hash))> = store::files(dir)
            .into_iter()
            .filter_map(|p| head(&p).ok().map(|(h, db)| (h, p, db)))
            .filter(|(h, ..)| h.series == header.series)
            .map(|(h, p, db)| (h.part, p, (db, unhex(&h.chain).unwrap_or_default())))
            .collect();
        // A file with another ending is not found by its folder.
        if all.is_empty() {
            let (h, db) = head(path)?;
            all.push((h.part, path.to_owned(), (db, unhex(&h.chain).unwrap_or_default())));
        }
        // A copy of a file beside it is the same part twice: the one that was asked for counts, or else the first by name.
        all.sort_by_key(|(part, p, _)| (*part, p != path, p.clone()));
        all.dedup_by_key(|(part, ..)| *part);
        let map = Map::from_str(&header.origin, &header.map)
            .map_err(|e| Trouble::new(path, format!("the recording's map cannot be read: {e}")))?;
        let mut parts = Vec::new();
        let mut extent_s = [f64::NAN; 2];
        for (_, path, (db, begins)) in all {
            let sql = "SELECT max(n), min(n), min(at_s), max(at_s) FROM heard";
            let read = db.query_row(sql, [], |r| {
                Ok((r.get::<_, Option<i64>>(0)?, r.get::<_, Option<i64>>(1)?, r.get(2)?, r.get(3)?))
            });
            // A part that was begun and never written to has nothing to tell.
            let (Some(last), Some(first), from_s, to_s): (_, _, Option<f64>, Option<f64>) =
                read.map_err(|e| Trouble::sql(&path, &e))?
            else {
                continue;
            };
            extent_s[0] = if extent_s[0].is_nan() { from_s.unwrap_or(f64::NAN) } else { extent_s[0] };
            extent_s[1] = to_s.unwrap_or(extent_s[1]);
            let sql = "SELECT count(*) FROM pragma_table_info('heard') WHERE name = 'chain'";
            let chained = db.query_row(sql, [], |r| r.get::<_, i64>(0)).is_ok_and(|n| n > 0);
            parts.push(Part { path, db, first_n: first as u64, last_n: last as u64, chained, begins });
        }
        if parts.is_empty() || !extent_s[0].is_finite() {
            return Err(Trouble::new(path, "the recording holds nothing yet"));
        }
        Ok(Self { parts, header, map: Arc::new(map), extent_s })
    }

    /// What the file says of itself.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The map that it was recorded with.
    #[must_use]
    pub fn map(&self) -> &Arc<Map> {
        &self.map
    }

    /// Files of the series that are there.
    #[must_use]
    pub fn files(&self) -> Vec<&Path> {
        self.parts.iter().map(|p| p.path.as_path()).collect()
    }

    /// Monotonic time of the first and the last row, s.
    #[must_use]
    pub fn extent_s(&self) -> [f64; 2] {
        self.extent_s
    }

    /// The part that has row `n`, or the first later one.
    fn part(&self, n: u64) -> Option<&Part> {
        self.parts.iter().find(|p| n <= p.last_n)
    }

    /// Number of the first row at `at_s` or later; one past the last where there is none.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn find(&self, at_s: f64) -> Result<u64, Trouble> {
        // Times never fall, so a search by halves needs no index.
        let (mut lo, mut hi) = (0, self.parts.last().map_or(0, |p| p.last_n + 1));
        while lo < hi {
            let mid = lo + (hi - lo) / 2;
            let Some(part) = self.part(mid) else { break };
            let sql = "SELECT n, at_s FROM heard WHERE n >= ?1 ORDER BY n LIMIT 1";
            let read = || {
                part.db.prepare_cached(sql)?.query_row([mid as i64], |r| Ok((r.get::<_, i64>(0)?, r.get::<_, f64>(1)?)))
            };
            match read().optional().map_err(|e| Trouble::sql(&part.path, &e))? {
                Some((n, t_s)) if t_s < at_s => lo = n as u64 + 1,
                _ => hi = mid,
            }
        }
        Ok(lo)
    }

    /// Up to `most` rows from number `n` on, of one file; nothing at the end.
    ///
    /// # Errors
    /// If a file cannot be read, or holds what this version does not know, or times that cannot be.
    pub fn rows(&self, n: u64, most: usize) -> Result<Vec<Kept>, Trouble> {
        let rows: Vec<Kept> = self.linked(n, most)?.1.into_iter().map(|(kept, _)| kept).collect();
        let mut before_s = self.before(n)?;
        for k in &rows {
            let fits = k.at_s.is_finite() && before_s.is_none_or(|b| (b..=b + MOST_SILENT_S).contains(&k.at_s));
            if !fits {
                let file = self.part(k.n).map_or_else(PathBuf::new, |p| p.path.clone());
                let what = format!("row {} is damaged or was altered: its time is {} s", k.n, k.at_s);
                return Err(Trouble::new(&file, what));
            }
            before_s = Some(k.at_s);
        }
        Ok(rows)
    }

    /// Time of the row before number `n`.
    fn before(&self, n: u64) -> Result<Option<f64>, Trouble> {
        let Some(part) = self.parts.iter().rev().find(|p| p.first_n < n) else { return Ok(None) };
        let sql = "SELECT at_s FROM heard WHERE n < ?1 ORDER BY n DESC LIMIT 1";
        let read = || part.db.prepare_cached(sql)?.query_row([n as i64], |r| r.get(0));
        read().optional().map_err(|e| Trouble::sql(&part.path, &e))
    }

    /// As [`Reader::rows`], each with its link of the chain where the file has one, and the link that the first row of its
    /// file is bound to. Times are as the file has them.
    pub(super) fn linked(&self, n: u64, most: usize) -> Result<(Hash, Vec<Linked>), Trouble> {
        let Some(part) = self.part(n) else { return Ok((Hash::default(), Vec::new())) };
        let read = || -> rusqlite::Result<Vec<Linked>> {
            // A file of an earlier version has no chain.
            let chain = if part.chained { "chain" } else { "NULL" };
            let sql = format!(
                "SELECT n, at_s, t_wall_utc_us, kind, endpoint, text, {chain} FROM heard WHERE n >= ?1 ORDER BY n LIMIT ?2"
            );
            let mut heard = part.db.prepare_cached(&sql)?;
            let mut all = heard.query_map(params![n as i64, most as i64], kept)?.collect::<Result<Vec<_>, _>>()?;
            let to = all.last().map_or(0, |(k, _)| k.n);
            let sql = "SELECT n, tag, raw, fault, words, t_src_s, t_arr_s, mono_s, said, taken, quality FROM reading
                       WHERE n BETWEEN ?1 AND ?2 ORDER BY n, k";
            let mut readings = part.db.prepare_cached(sql)?;
            let mut rows = readings.query(params![n as i64, to as i64])?;
            let mut of = all.iter_mut().map(|(kept, _)| kept);
            let mut now = of.next();
            while let Some(r) = rows.next()? {
                let belongs = r.get::<_, i64>(0)? as u64;
                while now.as_ref().is_some_and(|k| k.n < belongs) {
                    now = of.next();
                }
                if let Some(Kept { was: Was::Heard(Heard::Readings(list), judged), .. }) = &mut now {
                    let (reading, judgement) = reading(r)?;
                    list.push(reading);
                    judged.push(judgement);
                }
            }
            Ok(all)
        };
        Ok((part.begins, read().map_err(|e| Trouble::sql(&part.path, &e))?))
    }
}

/// Opens one file and reads its header.
fn head(path: &Path) -> Result<(Header, Connection), Trouble> {
    let db = RECORDING.open_to_read(path)?;
    let header = schema::header(&db).map_err(|e| Trouble::sql(path, &e))?;
    Ok((header, db))
}

/// A link from its hex; none for what is no hash.
fn unhex(text: &str) -> Option<Hash> {
    let mut hash = Hash::default();
    hex::decode_to_slice(text, &mut hash).ok().map(|()| hash)
}

/// A row of `heard`, its readings still to come.
fn kept(r: &Row<'_>) -> rusqlite::Result<(Kept, Option<Hash>)> {
    let kind: String = r.get(3)?;
    let was = match kind.as_str() {
        READINGS => Was::Heard(Heard::Readings(Vec::new()), Vec::new()),
        LOST => Was::Heard(Heard::Lost(r.get::<_, i64>(4)? as usize), Vec::new()),
        _ => Was::Note(kind, r.get(5)?),
    };
    let chain: Option<Vec<u8>> = r.get(6)?;
    let kept = Kept { n: r.get::<_, i64>(0)? as u64, at_s: r.get(1)?, t_wall_utc_us: r.get(2)?, was };
    Ok((kept, chain.and_then(|c| c.try_into().ok())))
}

fn reading(r: &Row<'_>) -> rusqlite::Result<(Reading, (Taken, Quality))> {
    let unknown = |column: usize, code: i64| rusqlite::Error::IntegralValueOutOfRange(column, code);
    let quality = |column: usize| {
        let number: i64 = r.get(column)?;
        code::quality(number).ok_or_else(|| unknown(column, number))
    };
    let raw: Option<f64> = r.get(2)?;
    let raw = match r.get::<_, Option<i64>>(3)? {
        None => Ok(raw.unwrap_or(f64::NAN)),
        Some(number) => Err(code::fault(number).ok_or_else(|| unknown(3, number))?),
    };
    let bytes: Vec<u8> = r.get::<_, Option<Vec<u8>>>(4)?.unwrap_or_default();
    let words: Vec<u16> = bytes.chunks_exact(2).map(|w| u16::from_be_bytes([w[0], w[1]])).collect();
    let taken: i64 = r.get(9)?;
    let reading = Reading {
        tag: r.get::<_, i64>(1)? as usize,
        raw,
        t_src_s: r.get(5)?,
        t_arr_s: r.get(6)?,
        mono_s: r.get(7)?,
        said: quality(8)?,
        words: Words::new(&words),
    };
    Ok((reading, (code::taken(taken).ok_or_else(|| unknown(9, taken))?, quality(10)?)))
}
