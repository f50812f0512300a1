//! One map, many machines: each makes a file of its share, and the shares become the file that one machine would have made.
//!
//! The contract is a folder. Share i of n takes the cells k with k mod n = i - 1, so that each gets its part of the slow ones;
//! it writes `part-00003-of-00016.csv` in one rename, and `.json` beside it with key and version. A share that is there under
//! the same key is done; under another key it is refused. n is given by hand and never asked of a scheduler, which may count
//! only what it starts again.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::store::{self, Row};
use crate::store::whole::atomically;

/// Most shares.
pub const MOST: usize = 99_999;

/// A share: number `i` from 1 of `n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// From 1.
    pub i: usize,
    /// How many.
    pub n: usize,
}

/// What a share says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// What its cells depend on.
    pub key: String,
    /// Program version.
    pub version: String,
    /// Cells of the whole map.
    pub cells: usize,
    /// Rows of this share.
    pub rows: usize,
    /// Simulated time, s.
    pub simulated_s: f64,
    /// Wall time, s.
    pub wall_s: f64,
}

impl Shard {
    /// Reads `i/n`.
    ///
    /// # Errors
    /// In one line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let read = text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
        match read {
            Some((i, n)) if (1..=n).contains(&i) && n <= MOST => Ok(Self { i, n }),
            _ => Err(format!("`{}` (expected i/n with 1 <= i <= n, such as 3/16)", crate::text::plain(text))),
        }
    }

    /// Its cells.
    #[must_use]
    pub fn cells(&self, all: usize) -> Vec<usize> {
        (self.i - 1..all).step_by(self.n).collect()
    }

    /// Its file in a folder.
    #[must_use]
    pub fn csv(&self, dir: &Path) -> PathBuf {
        dir.join(format!("part-{:05}-of-{:05}.csv", self.i, self.n))
    }

    fn json(&self, dir: &Path) -> PathBuf {
        self.csv(dir).with_extension("json")
    }

    /// Whether it is done under this key.
    ///
    /// # Errors
    /// In one line, if the folder holds it under another one.
    pub fn is_done(&self, dir: &Path, key: &str) -> Result<bool, String> {
        let path = self.csv(dir);
        if !path.is_file() {
            return Ok(false);
        }
        let about = self.about(dir)?;
        if about.key == key {
            return Ok(true);
        }
        Err(format!("a share of another map, scenario or version is there already: {}", path.display()))
    }

    fn about(&self, dir: &Path) -> Result<About, String> {
        let path = self.json(dir);
        let text = fs::read_to_string(&path).map_err(|e| format!("{e}: {}", path.display()))?;
        serde_json::from_str(&text).map_err(|e| format!("not what a share says of itself, {e}: {}", path.display()))
    }

    /// Writes what it says of itself; its rows follow, so that where the rows are, this is.
    ///
    /// # Errors
    /// The file system's, in one line.
    pub fn write_about(&self, dir: &Path, about: &About) -> Result<(), String> {
        let path = self.json(dir);
        let text = serde_json::to_string_pretty(about).map_err(|e| e.to_string())?;
        atomically(&path, |out| writeln!(out, "{text}")).map_err(|e| format!("{e}: {}", path.display()))
    }
}

/// The shares that lie in a folder, by number.
fn there(dir: &Path) -> Result<Vec<Shard>, String> {
    let at = |e: std::io::Error| format!("{e}: {}", dir.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(at)? {
        let name = entry.map_err(at)?.file_name().to_string_lossy().into_owned();
        let read = name.strip_prefix("part-").and_then(|n| n.strip_suffix(".csv")).and_then(|n| n.split_once("-of-"));
        let shard = read.and_then(|(i, n)| Some(Shard { i: i.parse().ok()?, n: n.parse().ok()? }));
        found.extend(shard.filter(|s| s.csv(dir).file_name().is_some_and(|own| own.to_string_lossy() == name)));
    }
    found.sort_by_key(|s| (s.n, s.i));
    Ok(found)
}

/// Numbers of the shares of `n` that are not in the folder.
///
/// # Errors
/// The file system's, in one line.
pub fn missing(dir: &Path, n: usize) -> Result<Vec<usize>, String> {
    let found = if dir.is_dir() { there(dir)? } else { Vec::new() };
    Ok((1..=n).filter(|i| !found.contains(&Shard { i: *i, n })).collect())
}

/// All rows of the shares in a folder, by cell.
///
/// # Errors
/// In one line: no shares, shares of different maps, rows of one cell that differ, cells that are missing, and in which share
/// they would be.
pub fn merge(dir: &Path) -> Result<Vec<Row>, String> {
    let shards = there(dir)?;
    let first =
        shards.first().ok_or_else(|| format!("no shares (expected part-00001-of-....csv): {}", dir.display()))?;
    let about = first.about(dir)?;
    let mut rows: BTreeMap<usize, Row> = BTreeMap::new();
    for s in &shards {
        let (other, path) = (s.about(dir)?, s.csv(dir));
        if (&other.key, &other.version) != (&about.key, &about.version) {
            return Err(format!("shares of different maps or versions: {}", path.display()));
        }
        for row in store::read(&path)? {
            if row.k >= about.cells {
                return Err(format!("cell {} of a map of {} cells: {}", row.k, about.cells, path.display()));
            }
            if rows.get(&row.k).is_some_and(|own| own.line != row.line) {
                return Err(format!("cell {} came to something else in another share: {}", row.k, path.display()));
            }
            rows.insert(row.k, row);
        }
    }
    let gaps: Vec<usize> = (0..about.cells).filter(|k| !rows.contains_key(k)).collect();
    if !gaps.is_empty() {
        let mut of: Vec<usize> = gaps.iter().map(|k| k % first.n + 1).collect();
        of.sort_unstable();
        of.dedup();
        let shares: Vec<String> = of.iter().map(usize::to_string).collect();
        let (word, shares) = (if of.len() == 1 { "share" } else { "shares" }, shares.join(", "));
        return Err(format!(
            "{} of {} cells are missing: {word} {shares} of {}: {}",
            gaps.len(),
            about.cells,
            first.n,
            dir.display()
        ));
    }
    Ok(rows.into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_is_in_one_share() {
        for n in 1..=17 {
            let mut all: Vec<usize> = (1..=n).flat_map(|i| Shard { i, n }.cells(40)).collect();
            all.sort_unstable();
            assert_eq!(all, (0..40).collect::<Vec<_>>(), "{n}");
        }
        assert_eq!(Shard::parse("3/16"), Ok(Shard { i: 3, n: 16 }));
        for bad in ["0/4", "5/4", "3", "a/b", "1/0", "1/100000"] {
            assert!(Shard::parse(bad).is_err_and(|e| e.contains("expected i/n")), "{bad}");
        }
    }
}
