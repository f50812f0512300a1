//! How large recordings grow and how many are kept: files of a bounded size and age, the oldest of the site removed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::schema::{self, RECORDING};
use crate::{store, utc};

/// Bounds of the recordings of one site in one folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Files kept at most, the one that is written included.
    pub files: usize,
    /// Bytes of a file, about, after which the next one begins.
    pub file_bytes: u64,
    /// Age of a file after which the next one begins.
    pub file_age: Duration,
}

impl Default for Bounds {
    /// 2 GB, at some 70 bytes a reading: eight days of 45 readings a second, 20 hours of 400.
    fn default() -> Self {
        Self { files: 8, file_bytes: 256 << 20, file_age: Duration::from_hours(24) }
    }
}

/// A free name for a recording that begins now. The folder is made if it is not there.
pub(super) fn name(dir: &Path, site: &str, started_utc_us: i64) -> Result<PathBuf, String> {
    store::free_name(dir, &format!("{}-{}", store::sound(site), utc::compact(started_utc_us)))
}

/// Recordings of this site in the folder, oldest first. Other files, whatever they are called, are not among them.
pub(super) fn of_site(dir: &Path, site: &str) -> Vec<PathBuf> {
    let ours = |path: PathBuf| {
        let db = RECORDING.open_to_read(&path).ok()?;
        let h = schema::header(&db).ok()?;
        (h.site == site).then_some((h.started_utc_us, h.part, path))
    };
    let mut found: Vec<_> = store::files(dir).into_iter().filter_map(ours).collect();
    found.sort();
    found.into_iter().map(|(.., path)| path).collect()
}

/// Removes the oldest recordings of the site beyond `files`; gives what is gone. `current` stays.
pub(super) fn tidy(dir: &Path, site: &str, files: usize, current: &Path) -> Vec<PathBuf> {
    let all = of_site(dir, site);
    let mut surplus = all.len().saturating_sub(files.max(1));
    let mut gone = Vec::new();
    for path in all {
        if surplus == 0 {
            break;
        }
        if path != current && store::remove(&path) {
            surplus -= 1;
            gone.push(path);
        }
    }
    gone
}
