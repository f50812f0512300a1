//! Layout of a recording, and the statements that fill it.
//!
//! `heard` has a row for everything that the hub was told, numbered without end through the files of a series; `reading`
//! has the values of each. Times are seconds: `at_s` and `mono_s` of the recording's monotonic clock, `t_src_s` and
//! `t_arr_s` since 1970. `sample` is a view of it all for people. A raw number that is NaN stands as NULL without a fault.

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::code;
use crate::acts::Quality;
use crate::feed::map::Map;
use crate::feed::tags::{Reading, Taken};
use crate::store::Kind;

/// How a recording is told from other files: "blsr".
pub const RECORDING: Kind = Kind { name: "site recording", mark: 0x626c_7372, steps: &STEPS };

/// What each version adds. Never edit one that has shipped: append.
const STEPS: [&str; 1] = ["
    CREATE TABLE header (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE tag (place INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, endpoint TEXT NOT NULL,
        unit TEXT NOT NULL, scale REAL NOT NULL, offset REAL NOT NULL, signal TEXT) STRICT;
    CREATE TABLE meaning (what TEXT NOT NULL, code INTEGER NOT NULL, word TEXT NOT NULL,
        PRIMARY KEY (what, code)) STRICT, WITHOUT ROWID;
    CREATE TABLE heard (
        n INTEGER PRIMARY KEY, at_s REAL NOT NULL, t_wall_utc_us INTEGER NOT NULL,
        kind TEXT NOT NULL, endpoint INTEGER, text TEXT NOT NULL) STRICT;
    CREATE TABLE reading (
        n INTEGER NOT NULL, k INTEGER NOT NULL, tag INTEGER NOT NULL, raw REAL, fault INTEGER, words BLOB,
        t_src_s REAL, t_arr_s REAL NOT NULL, mono_s REAL NOT NULL, said INTEGER NOT NULL,
        taken INTEGER NOT NULL, quality INTEGER NOT NULL, PRIMARY KEY (n, k)) STRICT, WITHOUT ROWID;
    CREATE VIEW sample AS
        SELECT r.n, h.at_s, strftime('%Y-%m-%dT%H:%M:%fZ', r.t_arr_s, 'unixepoch') AS arrived, r.t_src_s,
            t.endpoint, t.name, r.raw, r.raw * t.scale + t.offset AS value, t.unit, hex(r.words) AS words, t.signal,
            (SELECT word FROM meaning WHERE what = 'taken' AND code = r.taken) AS taken,
            coalesce((SELECT word FROM meaning WHERE what = 'quality' AND code = r.quality), 'code ' || r.quality) AS quality
        FROM reading r JOIN heard h ON h.n = r.n JOIN tag t ON t.place = r.tag;
"];

/// What a file says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// Name of the series that the file is part of, unique.
    pub series: String,
    /// Number of the file in it, from 1.
    pub part: u32,
    /// Program version that wrote it.
    pub version: String,
    /// Name of the site.
    pub site: String,
    /// Where the map came from.
    pub origin: String,
    /// The map's text.
    pub map: String,
    /// SHA-256 of it.
    pub map_hash: String,
    /// When the file began, µs of UTC.
    pub started_utc_us: i64,
    /// Monotonic time that rows count from, s, and what it was by the wall clock, µs of UTC.
    pub origin_s: f64,
    /// UTC of `origin_s`.
    pub origin_utc_us: i64,
}

/// Writes header, tags and the meaning of numbers into a new file.
pub(super) fn begin(tx: &Transaction<'_>, h: &Header, map: &Map) -> rusqlite::Result<()> {
    let mut insert = tx.prepare("INSERT INTO header VALUES (?1, ?2)")?;
    let mut one = |name: &str, value: &str| insert.execute(params![name, value]).map(drop);
    one("series", &h.series)?;
    one("part", &h.part.to_string())?;
    one("version", &h.version)?;
    one("site", &h.site)?;
    one("origin", &h.origin)?;
    one("map", &h.map)?;
    one("map_sha256", &h.map_hash)?;
    one("started_utc_us", &h.started_utc_us.to_string())?;
    one("origin_bits", &h.origin_s.to_bits().to_string())?;
    one("origin_utc_us", &h.origin_utc_us.to_string())?;
    let mut insert = tx.prepare("INSERT INTO tag VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
    for (place, t) in map.tags.iter().enumerate() {
        let endpoint = map.endpoint_of(place).map_or("", |e| map.endpoints[e].name.as_str());
        let signal = t.to.map(|s| &map.table.get(s).id);
        insert.execute(params![place as i64, t.name, endpoint, t.unit.name(), t.scale[0], t.scale[1], signal])?;
    }
    let mut insert = tx.prepare("INSERT INTO meaning VALUES (?1, ?2, ?3)")?;
    for q in code::qualities() {
        insert.execute(params!["quality", code::of_quality(q), q.to_string()])?;
    }
    for (taken, word) in code::TAKEN {
        insert.execute(params!["taken", code::of_taken(taken), word])?;
    }
    Ok(())
}

/// Reads the header.
pub(super) fn header(db: &Connection) -> rusqlite::Result<Header> {
    let one = |name: &str| {
        let found =
            db.query_row("SELECT value FROM header WHERE name = ?1", [name], |r| r.get::<_, String>(0)).optional();
        found.map(Option::unwrap_or_default)
    };
    Ok(Header {
        series: one("series")?,
        part: one("part")?.parse().unwrap_or(0),
        version: one("version")?,
        site: one("site")?,
        origin: one("origin")?,
        map: one("map")?,
        map_hash: one("map_sha256")?,
        started_utc_us: one("started_utc_us")?.parse().unwrap_or(0),
        origin_s: f64::from_bits(one("origin_bits")?.parse().unwrap_or(0)),
        origin_utc_us: one("origin_utc_us")?.parse().unwrap_or(0),
    })
}

/// A reading with what became of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Judged {
    pub(super) reading: Reading,
    pub(super) taken: Taken,
    pub(super) quality: Quality,
}

/// What is put down in one row of `heard`.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Line {
    Readings(Vec<Judged>),
    Lost(usize),
    /// A word of the recorder's own: where it begins and ends, what is missing.
    Note(&'static str, String),
}

/// Kinds of rows of `heard` besides the recorder's own notes.
pub(super) const READINGS: &str = "readings";
pub(super) const LOST: &str = "lost";

pub(super) fn insert(tx: &Transaction<'_>, n: u64, at_s: f64, wall_us: i64, line: &Line) -> rusqlite::Result<()> {
    let (kind, endpoint, text) = match line {
        Line::Readings(_) => (READINGS, None, ""),
        Line::Lost(endpoint) => (LOST, Some(*endpoint as i64), ""),
        Line::Note(kind, text) => (*kind, None, text.as_str()),
    };
    let n = n as i64;
    let mut heard = tx.prepare_cached("INSERT INTO heard VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    heard.execute(params![n, at_s, wall_us, kind, endpoint, text])?;
    let Line::Readings(all) = line else { return Ok(()) };
    let mut insert =
        tx.prepare_cached("INSERT INTO reading VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)")?;
    for (k, Judged { reading: r, taken, quality }) in all.iter().enumerate() {
        let words: Vec<u8> = r.words.get().iter().flat_map(|w| w.to_be_bytes()).collect();
        insert.execute(params![
            n,
            k as i64,
            r.tag as i64,
            r.raw.ok(),
            r.raw.err().map(|f| code::of_quality(Quality::Bad(f))),
            (!words.is_empty()).then_some(words),
            r.t_src_s,
            r.t_arr_s,
            r.mono_s,
            code::of_quality(r.said),
            code::of_taken(*taken),
            code::of_quality(*quality),
        ])?;
    }
    Ok(())
}
