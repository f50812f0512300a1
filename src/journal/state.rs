//! What the journal says of itself: where it writes, how far it is, what is wrong.

use std::path::PathBuf;

use super::chain::Hash;

/// State of a writer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JournalState {
    /// The file.
    pub path: PathBuf,
    /// Entries that are safe on disk; the next one has this number as `seq`.
    pub entries: u64,
    /// Rows that are safe on disk.
    pub rows: u64,
    /// Lines that wait to be written.
    pub waiting: usize,
    /// What is wrong now, if anything.
    pub trouble: Option<String>,
    /// Entries, acts and rows that could not be kept while it was wrong; the gap is written down when it can be.
    pub lost: u64,
    /// Last hash of a sealed file.
    pub sealed: Option<Hash>,
    /// The file is complete and closed.
    pub closed: bool,
}

impl JournalState {
    /// One line for an operator.
    #[must_use]
    pub fn line(&self) -> String {
        let file = self.path.display();
        let last = self.entries.checked_sub(1).map_or_else(|| "nothing".to_owned(), |s| format!("up to entry {s}"));
        let lost = if self.lost > 0 { format!(", {} lines lost", self.lost) } else { String::new() };
        match (&self.trouble, &self.sealed) {
            (Some(why), _) => format!("journal not written ({why}), safe {last}{lost}: {file}"),
            (None, Some(hash)) => format!("journal sealed {last}, hash {}: {file}", hex::encode(hash)),
            (None, None) => format!("journal safe {last}, {} rows{lost}: {file}", self.rows),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_says_how_far_and_what_is_wrong() {
        let ok = JournalState { path: "a.sqlite".into(), entries: 3, rows: 40, ..JournalState::default() };
        assert_eq!(ok.line(), "journal safe up to entry 2, 40 rows: a.sqlite");
        let bad = JournalState { trouble: Some("database or disk is full".into()), lost: 7, ..ok.clone() };
        assert_eq!(
            bad.line(),
            "journal not written (database or disk is full), safe up to entry 2, 7 lines lost: a.sqlite"
        );
        let none = JournalState { path: "a.sqlite".into(), ..JournalState::default() };
        assert_eq!(none.line(), "journal safe nothing, 0 rows: a.sqlite");
        assert!(JournalState { sealed: Some([0xab; 32]), ..ok }.line().contains("hash abab"));
    }
}
