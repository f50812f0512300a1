//! Files of ours that are SQLite databases: how they are told apart, brought to the newest layout, opened to write and
//! to read, and which may be removed. At the bottom: who keeps such a file may use it.
//!
//! `application_id` says of which kind a file is, `user_version` how many steps of its layout it has had. An older file is
//! brought up step by step when it is written to; a newer one is refused; a file that is not of the kind is left alone.

pub mod whole;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

/// Ending of the files.
pub const ENDING: &str = "sqlite";

/// How long a statement waits for another program's lock. The next attempt comes soon enough.
const BUSY: Duration = Duration::from_millis(200);

/// Why a file cannot be used, in one line: what first, file last.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {}", file.display())]
pub struct Trouble {
    /// What is wrong.
    pub what: String,
    /// The file.
    pub file: PathBuf,
}

impl Trouble {
    pub(crate) fn new(file: &Path, what: impl ToString) -> Self {
        Self { what: what.to_string().replace('\n', " "), file: file.to_owned() }
    }

    pub(crate) fn sql(file: &Path, e: &rusqlite::Error) -> Self {
        Self::new(file, say(e))
    }
}

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// What it is called in a message.
    pub name: &'static str,
    /// `application_id`.
    pub mark: i64,
    /// What each version of the layout adds. Never edit one that has shipped: append.
    pub steps: &'static [&'static str],
}

/// What is wrong, in SQLite's words without its numbers.
pub(crate) fn say(e: &rusqlite::Error) -> String {
    match e {
        rusqlite::Error::SqliteFailure(_, Some(text)) => text.clone(),
        rusqlite::Error::SqliteFailure(code, None) => code.to_string(),
        other => other.to_string(),
    }
}

impl Kind {
    /// Version of the layout.
    #[must_use]
    pub const fn version(&self) -> i64 {
        self.steps.len() as i64
    }

    /// Whether a file is of this kind. One that cannot be read is not.
    #[must_use]
    pub fn is(&self, path: &Path) -> bool {
        let mark = || connect(path).ok()?.pragma_query_value(None, "application_id", |r| r.get::<_, i64>(0)).ok();
        path.is_file() && mark() == Some(self.mark)
    }

    /// Opens a file to write, brings it to the newest layout, and says whether it was empty.
    pub(crate) fn open(&self, path: &Path, max_pages: Option<u32>) -> Result<(Connection, bool), Trouble> {
        let fail = |e: &rusqlite::Error| Trouble::sql(path, e);
        let mut db = Connection::open(path).map_err(|e| fail(&e))?;
        db.busy_timeout(BUSY).map_err(|e| fail(&e))?;
        let version = self.version_of(&db, path)?;
        let set_up = |db: &Connection| -> rusqlite::Result<()> {
            db.pragma_update(None, "journal_mode", "WAL")?;
            db.pragma_update(None, "synchronous", "FULL")?;
            if let Some(pages) = max_pages {
                db.pragma_update(None, "max_page_count", pages)?;
            }
            Ok(())
        };
        set_up(&db).map_err(|e| fail(&e))?;
        if version < self.version() {
            self.migrate(&mut db, version).map_err(|e| fail(&e))?;
        }
        Ok((db, version == 0))
    }

    /// Opens a file to read. A file of an older layout is read by what it has.
    pub(crate) fn open_to_read(&self, path: &Path) -> Result<Connection, Trouble> {
        if !path.is_file() {
            return Err(Trouble::new(path, "no such file"));
        }
        let db = connect(path).map_err(|e| Trouble::sql(path, &e))?;
        db.busy_timeout(BUSY * 5).map_err(|e| Trouble::sql(path, &e))?;
        match self.version_of(&db, path)? {
            0 => Err(Trouble::new(path, format!("the file is empty, it holds no {}", self.name))),
            _ => Ok(db),
        }
    }

    /// Version of the layout; 0 for an empty file.
    fn version_of(&self, db: &Connection, path: &Path) -> Result<i64, Trouble> {
        let Self { name, mark, .. } = self;
        let read = |what: &str| db.pragma_query_value(None, what, |r| r.get::<_, i64>(0));
        let tables = || db.query_row("SELECT count(*) FROM sqlite_master", [], |r| r.get::<_, i64>(0));
        let all = || Ok::<_, rusqlite::Error>((read("user_version")?, read("application_id")?, tables()?));
        match all().map_err(|e| Trouble::sql(path, &e))? {
            (0, 0, 0) => Ok(0),
            (v, m, _) if m == *mark && v > self.version() => {
                let newest = self.version();
                let what = format!(
                    "{name} of layout {v}, this version reads up to {newest}: a later version of the program wrote it"
                );
                Err(Trouble::new(path, what))
            }
            (v, m, _) if m == *mark && v > 0 => Ok(v),
            _ => Err(Trouble::new(path, format!("a database, but not a {name} of ballast"))),
        }
    }

    /// The steps that a file of `version` lacks, all or none.
    fn migrate(&self, db: &mut Connection, version: i64) -> rusqlite::Result<()> {
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for step in self.steps.iter().skip(version.max(0) as usize) {
            tx.execute_batch(step)?;
        }
        tx.pragma_update(None, "application_id", self.mark)?;
        tx.pragma_update(None, "user_version", self.version())?;
        tx.commit()
    }
}

/// A connection that only reads. A file that a killed process left has its newest lines in the log beside it, and
/// reading that may need to write an index of it; where the folder does not allow that, the file is read as it lies there.
fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let uri = format!(
        "file:{}?immutable=1",
        path.display().to_string().replace('%', "%25").replace('?', "%3f").replace('#', "%23")
    );
    let plain = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX);
    let usable =
        |db: &Connection| db.query_row("SELECT count(*) FROM sqlite_master", [], |r| r.get::<_, i64>(0)).is_ok();
    match plain {
        Ok(db) if usable(&db) => Ok(db),
        _ => Connection::open_with_flags(&uri, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI),
    }
}

/// Bytes of a file with what SQLite keeps beside it.
pub(crate) fn bytes(path: &Path) -> u64 {
    let size = |p: &Path| fs::metadata(p).map_or(0, |m| m.len());
    size(path) + beside(path).iter().map(|p| size(p)).sum::<u64>()
}

/// Removes a file with what SQLite keeps beside it, unless it is marked as kept or somebody has it open; says whether it
/// is gone.
pub(crate) fn remove(path: &Path) -> bool {
    if is_kept(path) || in_use(path) || fs::remove_file(path).is_err() {
        return false;
    }
    for log in beside(path) {
        // Mostly they are not there.
        fs::remove_file(log).ok();
    }
    true
}

/// The log and its index that SQLite keeps beside a file.
fn beside(path: &Path) -> [PathBuf; 2] {
    ["-wal", "-shm"].map(|end| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    })
}

fn mark(path: &Path) -> PathBuf {
    path.with_extension("keep")
}

/// Whether a file is never removed by itself.
#[must_use]
pub fn is_kept(path: &Path) -> bool {
    mark(path).exists()
}

/// Keeps a file for good, or no longer.
///
/// # Errors
/// In one line, if the mark cannot be written.
pub fn keep(path: &Path, on: bool) -> Result<(), String> {
    let mark = mark(path);
    let done = match on {
        true => fs::write(&mark, b""),
        false if mark.exists() => fs::remove_file(&mark),
        false => Ok(()),
    };
    done.map_err(|e| format!("{e}: {}", mark.display()))
}

/// Whether somebody has it open: SQLite leaves the log only when it is alone.
fn in_use(path: &Path) -> bool {
    let alone = || {
        let db = Connection::open(path)?;
        db.query_row("PRAGMA journal_mode = DELETE", [], |r| r.get::<_, String>(0))
    };
    // What is no database at all is nobody's.
    matches!(alone(), Err(rusqlite::Error::SqliteFailure(e, _)) if e.code == rusqlite::ErrorCode::DatabaseBusy)
}

/// A name in `dir` that is free: `STEM.sqlite`, or with a number. The folder is made if it is not there.
///
/// # Errors
/// In one line, if it cannot be made.
pub(crate) fn free_name(dir: &Path, stem: &str) -> Result<PathBuf, String> {
    fs::create_dir_all(dir).map_err(|e| format!("{e}: {}", dir.display()))?;
    let path = |n: u32| dir.join(if n == 1 { format!("{stem}.{ENDING}") } else { format!("{stem}-{n}.{ENDING}") });
    // Two programs may start within a second; thousands cannot.
    (1..10_000).map(path).find(|p| !p.exists()).ok_or_else(|| format!("no free name: {}", dir.display()))
}

/// A name as a part of a file's name.
pub(crate) fn sound(name: &str) -> String {
    let sound = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '_' };
    name.chars().take(60).map(sound).collect()
}

/// All `.sqlite` files of a folder.
pub(crate) fn files(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == ENDING)).collect()
}
