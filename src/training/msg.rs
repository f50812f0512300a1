//! What a console asks of the desk, and what the desk shows. Plain data.

use serde::{Deserialize, Serialize};

use crate::alarm;
use crate::engine::msg::{By, Operate};

/// An act at the desk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeskAct {
    /// Who.
    pub by: By,
    /// What.
    pub what: What,
}

/// What is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// An act on the plant that the trainer does, from the field or the desk.
    Operate(Operate),
    /// Something about an alarm.
    Alarm(alarm::Act),
    /// A mark or a note on the time line.
    Note(String),
    /// Keeps the present state under a name.
    Snapshot(String),
    /// Back to a snapshot; what came after it is given up.
    Restore(u32),
    /// Back to a snapshot; what came after it stays as a branch of its own.
    Branch(u32),
}

impl DeskAct {
    /// Whether it takes the run back in time.
    #[must_use]
    pub fn rewinds(&self) -> bool {
        matches!(self.what, What::Restore(_) | What::Branch(_))
    }
}

/// What the desk shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeskView {
    /// Branch of the run that goes on.
    pub branch: u32,
    /// All branches, oldest first.
    pub branches: Vec<BranchView>,
    /// Snapshots, oldest first.
    pub snapshots: Vec<SnapshotView>,
}

/// A branch of the run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BranchView {
    /// Its number; 0 is the run as it began.
    pub id: u32,
    /// The one that it came from.
    pub parent: Option<u32>,
    /// Where it begins, s.
    pub from_s: f64,
    /// How far it has come, s.
    pub to_s: f64,
}

/// A snapshot.
#[derive(Clone, Debug, PartialEq)]
pub struct SnapshotView {
    /// Its number.
    pub id: u32,
    /// Time of the state, s.
    pub t_s: f64,
    /// Branch that it was taken on.
    pub branch: u32,
    /// Name; none for those that are taken by the clock.
    pub name: Option<String>,
}
