//! Where journals are kept, what they are called, and how many.
//!
//! `ballast/runs/` in the user's data folder; names are start and scenario, so they sort by time. When there are too many
//! or too large, the oldest go; one with a mark beside it (`NAME.keep`) or that somebody has open stays.

use std::path::PathBuf;
use std::time::SystemTime;

use crate::{store, utc};

/// A folder of journals with its bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// Where.
    pub dir: PathBuf,
    /// Journals kept at most.
    pub most: usize,
    /// Bytes kept at most, all together.
    pub most_bytes: u64,
}

impl Folder {
    /// This folder, with the usual bounds: 200 runs, 4 GB.
    #[must_use]
    pub fn new(dir: PathBuf) -> Self {
        Self { dir, most: 200, most_bytes: 4 << 30 }
    }

    /// That of the user; none where the system knows no such place.
    #[must_use]
    pub fn user() -> Option<Self> {
        let dirs = directories::ProjectDirs::from("", "", "ballast")?;
        Some(Self::new(dirs.data_dir().join("runs")))
    }

    /// A name that is free, for a run that begins now. The folder is made if it is not there.
    ///
    /// # Errors
    /// In one line, if it cannot be made.
    pub fn name(&self, scenario: &str, started_utc_us: i64) -> Result<PathBuf, String> {
        store::free_name(&self.dir, &format!("{}-{}", utc::compact(started_utc_us), store::sound(scenario)))
    }

    /// Journals here, oldest first, with their bytes.
    fn journals(&self) -> Vec<(PathBuf, u64)> {
        let dated = |p: PathBuf| {
            let changed = std::fs::metadata(&p).and_then(|m| m.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
            let bytes = store::bytes(&p);
            (changed, p, bytes)
        };
        let mut found: Vec<_> = store::files(&self.dir).into_iter().map(dated).collect();
        found.sort();
        found.into_iter().map(|(_, path, bytes)| (path, bytes)).collect()
    }

    /// Removes the oldest beyond the bounds; gives what is gone.
    pub fn tidy(&self) -> Vec<PathBuf> {
        let all = self.journals();
        let (mut count, mut bytes) = (all.len(), all.iter().map(|(_, b)| b).sum::<u64>());
        let mut gone = Vec::new();
        for (path, size) in all {
            if count <= self.most && bytes <= self.most_bytes {
                break;
            }
            if !store::remove(&path) {
                continue;
            }
            count -= 1;
            bytes -= size;
            gone.push(path);
        }
        gone
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::time::Duration;

    use rusqlite::Connection;

    use super::*;
    use crate::store::keep;

    fn old(dir: &Path, name: &str, age_s: u64) -> PathBuf {
        let path = dir.join(name);
        let db = Connection::open(&path).expect("a database");
        db.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (x)").expect("written");
        drop(db);
        let at = SystemTime::now() - Duration::from_secs(age_s);
        let file = fs::File::options().write(true).open(&path).expect("there");
        file.set_modified(at).expect("a time");
        path
    }

    #[test]
    fn the_oldest_go_but_not_what_is_kept_or_open() {
        let dir = tempfile::tempdir().expect("a folder");
        let at = dir.path();
        let paths: Vec<_> = (0..6).map(|i| old(at, &format!("{i}.sqlite"), 600 - i * 100)).collect();
        fs::write(at.join("notes.txt"), "mine").expect("written");
        keep(&paths[0], true).expect("a mark");
        let open = Connection::open(&paths[1]).expect("open");
        open.query_row("SELECT count(*) FROM t", [], |r| r.get::<_, i64>(0)).expect("read");
        let folder = Folder { most: 3, ..Folder::new(at.to_owned()) };
        assert_eq!(folder.tidy(), paths[2..5]);
        drop(open);
        assert_eq!(folder.tidy(), [] as [PathBuf; 0]);
        keep(&paths[0], false).expect("no mark");
        let small = Folder { most_bytes: 20_000, ..folder };
        assert!(small.tidy().contains(&paths[0]));
        assert!(at.join("notes.txt").exists());
    }

    #[test]
    fn names_sort_by_time_and_are_free() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::new(dir.path().join("runs"));
        let first = folder.name("path a/../b", 1_234_567_890_000_000).expect("a name");
        assert_eq!(first.file_name().and_then(|n| n.to_str()), Some("20090213T233130Z-path_a____b.sqlite"));
        fs::write(&first, "").expect("written");
        let second = folder.name("path a/../b", 1_234_567_890_000_000).expect("a name");
        assert!(second.ends_with("20090213T233130Z-path_a____b-2.sqlite"));
    }
}
