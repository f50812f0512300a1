//! Layout of the file, its versions, and the few statements that write it.
//!
//! `user_version` counts the steps of [`STEPS`] that a file has had. An older file is brought up step by step when it is
//! written to; a newer one is refused; a file that is no journal is left alone.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Transaction, params};

use super::chain::{Hash, Line};
use super::{Header, Trouble};

/// Version of the layout.
pub const VERSION: i64 = STEPS.len() as i64;

/// Marks a file as a journal: "blst".
const APPLICATION: i64 = 0x626c_7374;

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

/// How long a statement waits for another program's lock. The next attempt comes soon enough.
const BUSY: Duration = Duration::from_millis(200);

/// What is wrong, in SQLite's words without its numbers.
pub(crate) fn say(e: &rusqlite::Error) -> String {
    match e {
        rusqlite::Error::SqliteFailure(_, Some(text)) => text.clone(),
        rusqlite::Error::SqliteFailure(code, None) => code.to_string(),
        other => other.to_string(),
    }
}

/// Opens a file to write, brings it to [`VERSION`], and says whether it was empty.
pub(crate) fn open(path: &Path, max_pages: Option<u32>) -> Result<(Connection, bool), Trouble> {
    let fail = |e: &rusqlite::Error| Trouble::new(path, say(e));
    let mut db = Connection::open(path).map_err(|e| fail(&e))?;
    db.busy_timeout(BUSY).map_err(|e| fail(&e))?;
    let version = version(&db, path)?;
    let set_up = |db: &Connection| -> rusqlite::Result<()> {
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        if let Some(pages) = max_pages {
            db.pragma_update(None, "max_page_count", pages)?;
        }
        Ok(())
    };
    set_up(&db).map_err(|e| fail(&e))?;
    if version < VERSION {
        migrate(&mut db, version).map_err(|e| fail(&e))?;
    }
    Ok((db, version == 0))
}

/// Opens a file to read. A file of an older layout is read by what it has.
pub(crate) fn open_to_read(path: &Path) -> Result<Connection, Trouble> {
    if !path.is_file() {
        return Err(Trouble::new(path, "no such file"));
    }
    // A file that a killed process left has its newest lines in the log beside it, and reading that may need to write
    // an index of it; where the folder does not allow that, the file is read as it lies there.
    let uri = format!(
        "file:{}?immutable=1",
        path.display().to_string().replace('%', "%25").replace('?', "%3f").replace('#', "%23")
    );
    let plain = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX);
    let usable =
        |db: &Connection| db.query_row("SELECT count(*) FROM sqlite_master", [], |r| r.get::<_, i64>(0)).is_ok();
    let db = match plain {
        Ok(db) if usable(&db) => db,
        _ => Connection::open_with_flags(&uri, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI)
            .map_err(|e| Trouble::new(path, say(&e)))?,
    };
    db.busy_timeout(BUSY * 5).map_err(|e| Trouble::new(path, say(&e)))?;
    match version(&db, path)? {
        0 => Err(Trouble::new(path, "the file is empty, it holds no run")),
        _ => Ok(db),
    }
}

/// Version of the layout; 0 for an empty file.
fn version(db: &Connection, path: &Path) -> Result<i64, Trouble> {
    let read = |what: &str| db.pragma_query_value(None, what, |r| r.get::<_, i64>(0));
    let tables = || db.query_row("SELECT count(*) FROM sqlite_master", [], |r| r.get::<_, i64>(0));
    let all = || Ok::<_, rusqlite::Error>((read("user_version")?, read("application_id")?, tables()?));
    match all().map_err(|e| Trouble::new(path, say(&e)))? {
        (0, 0, 0) => Ok(0),
        (v, APPLICATION, _) if v > VERSION => Err(Trouble::new(
            path,
            format!(
                "journal of layout {v}, this version reads up to {VERSION}: a later version of the program wrote it"
            ),
        )),
        (v, APPLICATION, _) if v > 0 => Ok(v),
        _ => Err(Trouble::new(path, "a database, but not a journal of ballast")),
    }
}

/// The steps that a file of `version` lacks, all or none.
fn migrate(db: &mut Connection, version: i64) -> rusqlite::Result<()> {
    let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    for step in STEPS.iter().skip(version.max(0) as usize) {
        tx.execute_batch(step)?;
    }
    tx.pragma_update(None, "application_id", APPLICATION)?;
    tx.pragma_update(None, "user_version", VERSION)?;
    tx.commit()
}

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
    for (kind, names) in PARTS.iter().zip(&h.parts) {
        one(kind, &ron::to_string(names).unwrap_or_default())?;
    }
    let mut put = tx.prepare("INSERT INTO signal VALUES (?1, ?2, ?3, ?4)")?;
    for (place, [id, label, unit]) in h.signals.iter().enumerate() {
        put.execute(params![place as i64, id, label, unit])?;
    }
    Ok(())
}

const PARTS: [&str; 3] = ["sections", "gensets", "batteries"];

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
        alarms: one("alarms")?,
        f0_hz: f64::from_bits(number("f0_bits")?),
        user: text("user")?,
        parts: [list(PARTS[0])?, list(PARTS[1])?, list(PARTS[2])?],
        signals,
    })
}

/// Writes a line.
pub(crate) fn put(tx: &Transaction<'_>, line: u64, what: &Line, hash: &Hash) -> rusqlite::Result<()> {
    let line = line as i64;
    match what {
        Line::Entry(e) => {
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
        Line::Act(a) => {
            let mut put = tx.prepare_cached("INSERT INTO act VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
            put.execute(params![line, a.branch, a.tick as i64, a.t_wall_utc_us, a.ron, hash])?;
        }
        Line::Rows(c) => {
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
