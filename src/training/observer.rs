//! The observer's sheet: what a person who watched the rehearsal thinks of it.
//!
//! Marks 0 to 4 and a remark. They stand beside the score and are never added to it or to each other. A sheet is an act
//! at the desk like any other, so journal and saved run keep it; the newest one counts.

use serde::{Deserialize, Serialize};

use super::msg::{DeskAct, What};

/// What is marked.
pub const COMPETENCIES: [&str; 5] = ["Anticipation", "Communication", "Use of forecast", "Prioritisation", "Recovery"];
/// Best mark.
pub const BEST: u8 = 4;

/// The sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Observer {
    /// Marks in the order of [`COMPETENCIES`], 0 to [`BEST`]; none where the observer gave none.
    pub marks: [Option<u8>; COMPETENCIES.len()],
    /// A remark.
    pub remark: String,
}

impl Observer {
    /// The newest sheet of a log; an empty one where nobody has marked anything.
    #[must_use]
    pub fn of_log(log: &[(u64, DeskAct)]) -> Self {
        let newest = log.iter().rev().find_map(|(_, act)| match &act.what {
            What::Observe(sheet) => Some(sheet.clone()),
            _ => None,
        });
        newest.unwrap_or_default()
    }

    /// In a line, for the sequence of events.
    #[must_use]
    pub fn words(&self) -> String {
        let marks = COMPETENCIES.iter().zip(self.marks).filter_map(|(name, m)| Some(format!("{name} {}", m?)));
        let remark = Some(self.remark.trim()).filter(|r| !r.is_empty()).map(str::to_owned);
        let all: Vec<String> = marks.chain(remark).collect();
        if all.is_empty() { "sheet cleared".to_owned() } else { all.join(", ") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acts::By;

    #[test]
    fn the_newest_sheet_of_a_log_counts() {
        let sheet = |m: u8| Observer { marks: [Some(m), None, None, None, Some(4)], remark: "calm".to_owned() };
        let act = |what| DeskAct { by: By::Instructor, what };
        let log =
            [(1, act(What::Observe(sheet(1)))), (2, act(What::Note("x".into()))), (3, act(What::Observe(sheet(3))))];
        assert_eq!(Observer::of_log(&log), sheet(3));
        assert_eq!(Observer::of_log(&log[1..2]), Observer::default());
        assert_eq!(sheet(3).words(), "Anticipation 3, Recovery 4, calm");
        assert_eq!(Observer::default().words(), "sheet cleared");
        let text = ron::to_string(&log[2].1).expect("writes");
        assert_eq!(ron::from_str::<DeskAct>(&text).expect("reads"), log[2].1);
    }
}
