//! Layout of the file, its versions, and the few statements that write it. [`crate::store`] opens it.

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::Header;
use super::chain::{FileLine, Hash};
use crate::acts::Parts;
use crate::store::Kind;
pub(crate) use crate::store::say;

/// Version of the layout.
pub const VERSION: i64 = JOURNAL.version();

/// How a journal is told from other files: "blst".
pub(crate) const JOURNAL: Kind = Kind { name: "journal", mark: 0x626c_7374, steps: &STEPS };

/// What each version adds. Never edit one that has shipped: append.
const STEPS: [&str; 1] = ["
    CREATE TABLE header (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE signal (place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, label TEXT NOT NULL, unit TEXT NOT NULL) STRICT;
    CREATE TABLE entry (
        line INTEGER PRIMARY KEY, seq INTEGER NOT NULL UNIQUE, branch INTEGER NOT NULL,
        t_sim_us INTEGER NOT NULL, t_wall_utc_us INTEGER NOT NULL,
        src TEXT NOT NULL, kind TEXT NOT NULL, what TEXT NOT NULL, object TEXT NOT NULL,
        from_state TEXT, to_state TEXT, value REAL, unit TEXT NOT NULL, user TEXT NOT NULL,
        cause_seq INTEGER, text TEXT NOT NULL, hash BLOB NOT NULL) STRICT;
    CREATE TABLE act (
        line INTEGER PRIMARY KEY, branch INTEGER NOT NULL, tick INTEGER NOT NULL,
        t_wall_utc_us INTEGER NOT NULL, ron TEXT NOT NULL, hash BLOB NOT NULL) STRICT;
    CREATE TABLE rows (
        line INTEGER PRIMARY KEY, branch INTEGER NOT NULL, first_us INTEGER NOT NULL, last_us INTEGER NOT NULL,
        t_wall_utc_us INTEGER NOT NULL, count INTEGER NOT NULL, data BLOB NOT NULL, states BLOB NOT NULL, hash BLOB NOT NULL) STRICT;
    CREATE TABLE seal (line INTEGER PRIMARY KEY, t_wall_utc_us INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;
"];

/// Writes header and signals into a new file.
pub(crate) fn put_header(tx: &Transaction<'_>, h: &Header) -> rusqlite::Result<()> {
    let mut put = tx.prepare("INSERT INTO header VALUES (?1, ?2)")?;
    let mut one = |name: &str, value: &str| put.execute(params![name, value]).map(drop);
    one("run_id", &h.run_id)?;
    one("version", &h.version)?;
    one("started_utc_us", &h.started_utc_us.to_string())?;
    one("scenario", &h.scenario)?;
    one("origin", &h.origin)?;
    one("source", &h.source)?;
    one("seed", &h.seed.to_string())?;
    one("f0_bits", &h.f0_hz.to_bits().to_string())?;
    one("user", &h.user)?;
    if let Some(preset) = &h.preset {
        one("preset", preset)?;
    }
    if let Some(alarms) = &h.alarms {
        one("alarms", alarms)?;
    }
    if !h.set.is_empty() {
        one("set", &ron::to_string(&h.set).unwrap_or_default())?;
    }
    for (kind, names) in h.parts.lists() {
        one(kind, &ron::to_string(names).unwrap_or_default())?;
    }
    let mut put = tx.prepare("INSERT INTO signal VALUES (?1, ?2, ?3, ?4)")?;
    for (place, [id, label, unit]) in h.signals.iter().enumerate() {
        put.execute(params![place as i64, id, label, unit])?;
    }
    Ok(())
}

/// Reads header and signals.
pub(crate) fn get_header(db: &Connection) -> rusqlite::Result<Header> {
    let one = |name: &str| {
        db.query_row("SELECT value FROM header WHERE name = ?1", [name], |r| r.get::<_, String>(0)).optional()
    };
    let text = |name: &str| one(name).map(Option::unwrap_or_default);
    let number = |name: &str| text(name).map(|t| t.parse::<u64>().unwrap_or(0));
    let list = |name: &str| text(name).map(|t| ron::from_str::<Vec<String>>(&t).unwrap_or_default());
    let mut signals = db.prepare("SELECT id, label, unit FROM signal ORDER BY place")?;
    let signals = signals.query_map([], |r| Ok([r.get(0)?, r.get(1)?, r.get(2)?]))?.collect::<Result<_, _>>()?;
    Ok(Header {
        run_id: text("run_id")?,
        version: text("version")?,
        started_utc_us: text("started_utc_us")?.parse().unwrap_or(0),
        scenario: text("scenario")?,
        origin: text("origin")?,
        source: text("source")?,
        seed: number("seed")?,
        preset: one("preset")?,
        set: list("set")?,
        alarms: one("alarms")?,
        f0_hz: f64::from_bits(number("f0_bits")?),
        user: text("user")?,
        parts: Parts::read(list)?,
        signals,
    })
}

/// Writes a line.
pub(crate) fn put(tx: &Transaction<'_>, line: u64, what: &FileLine, hash: &Hash) -> rusqlite::Result<()> {
    let line = line as i64;
    match what {
        FileLine::Entry(e) => {
            const SQL: &str =
                "INSERT INTO entry VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
            tx.prepare_cached(SQL)?.execute(params![
                line,
                e.seq as i64,
                e.branch,
                e.t_sim_us,
                e.t_wall_utc_us,
                e.src,
                e.kind,
                e.what,
                e.object,
                e.from,
                e.to,
                e.value,
                e.unit,
                e.user,
                e.cause_seq.map(|c| c as i64),
                e.text,
                hash
            ])?;
        }
        FileLine::Act(a) => {
            let mut put = tx.prepare_cached("INSERT INTO act VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
            put.execute(params![line, a.branch, a.tick as i64, a.t_wall_utc_us, a.ron, hash])?;
        }
        FileLine::Rows(c) => {
            let mut put = tx.prepare_cached("INSERT INTO rows VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?;
            put.execute(params![
                line,
                c.branch,
                c.first_us,
                c.last_us,
                c.t_wall_utc_us,
                c.count,
                c.data,
                c.states,
                hash
            ])?;
        }
    }
    Ok(())
}

/// The last line of a file: its number and hash.
pub(crate) fn last_line(db: &Connection) -> rusqlite::Result<Option<(u64, Hash)>> {
    let sql = "SELECT line, hash FROM (SELECT line, hash FROM entry UNION ALL SELECT line, hash FROM act
               UNION ALL SELECT line, hash FROM rows) ORDER BY line DESC LIMIT 1";
    db.query_row(sql, [], |r| Ok((r.get::<_, i64>(0)? as u64, r.get(1)?))).optional()
}

/// The hash that a sealed file states.
pub(crate) fn seal(db: &Connection) -> rusqlite::Result<Option<(u64, Hash)>> {
    let sql = "SELECT line, hash FROM seal ORDER BY line DESC LIMIT 1";
    db.query_row(sql, [], |r| Ok((r.get::<_, i64>(0)? as u64, r.get(1)?))).optional()
}

/// The highest of a column of the entries; none in a file without entries. `what` is SQL of ours.
pub(crate) fn max_entry(db: &Connection, what: &str) -> rusqlite::Result<Option<i64>> {
    db.query_row(&format!("SELECT max({what}) FROM entry"), [], |r| r.get(0))
}
