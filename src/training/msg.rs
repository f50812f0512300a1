//! What a console asks of the desk, and what the desk shows. Plain data.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::observer::Observer;
use super::score::Live;
use crate::acts::{By, Operate};
use crate::alarm;
use crate::control::track::GensetPlan;
use crate::engine::run::Standing;
use crate::plant::config::Plant;
use crate::scenario::exercise::{Exercise, Goal, Item};

/// An act at the desk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeskAct {
    /// Who does it.
    pub by: By,
    /// What is done.
    pub what: What,
}

/// What is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum What {
    /// An act on the plant that the trainer does, from the field or the desk.
    Operate(Operate),
    /// Miners follow a plan of genset power from now on, or no longer.
    Follow(Option<GensetPlan>),
    /// Something about an alarm.
    Alarm(alarm::Act),
    /// A mark or a note on the time line.
    Note(String),
    /// The observer's sheet as it is now.
    Observe(Observer),
    /// Keeps the present state under a name.
    Snapshot(String),
    /// Back to a snapshot; what came after it is given up.
    Restore(u32),
    /// Back to a snapshot; what came after it stays as a branch of its own.
    Branch(u32),
    /// A line at the end of the exercise's table.
    AddItem(Item),
    /// Another in the place of one.
    SetItem(u32, Item),
    /// One less.
    RemoveItem(u32),
    /// Ready, or not.
    Arm(u32, bool),
    /// Now, whatever its condition says.
    Fire(u32),
    /// Another exercise in the place of the one at the desk.
    Exercise(Exercise),
    /// A hint to the trainee, now; costs points, and is refused in an exam.
    Hint(String),
    /// A key of the trainer, for `on key`.
    Key(String),
    /// Exam mode begins or ends: no freeze, no hints, no way back, no score in sight.
    Exam(bool),
    /// Goes on with the acts of an initial condition up to a tick; each of them is logged as its own.
    Resume(Vec<(u64, DeskAct)>, u64),
}

impl DeskAct {
    /// Whether a search of par knows it beforehand: malfunctions and acts in the field of the trainer, and what he does
    /// to the exercise.
    #[must_use]
    pub fn is_known_beforehand(&self) -> bool {
        match &self.what {
            What::Operate(op) => self.by != By::Trainee && matches!(op, Operate::Fault(_) | Operate::Remote(_)),
            What::Exercise(_) | What::AddItem(_) | What::SetItem(..) | What::RemoveItem(_) => true,
            What::Arm(..) | What::Fire(_) | What::Key(_) => true,
            What::Follow(_) | What::Alarm(_) | What::Note(_) | What::Observe(_) => false,
            What::Snapshot(_) | What::Hint(_) => false,
            What::Restore(_) | What::Branch(_) | What::Exam(_) | What::Resume(..) => false,
        }
    }

    /// Whether it takes the run back in time.
    #[must_use]
    pub fn rewinds(&self) -> bool {
        matches!(self.what, What::Restore(_) | What::Branch(_))
    }
}

/// What the desk shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeskView {
    /// The score so far; `None` where it is hidden (an exam) or not measured.
    pub score: Option<Arc<Live>>,
    /// The alarms; `None` where there is no annunciator.
    pub alarms: Option<Arc<alarm::List>>,
    /// Branch of the run that goes on.
    pub branch: u32,
    /// All branches, oldest first.
    pub branches: Vec<BranchView>,
    /// Snapshots, oldest first.
    pub snapshots: Vec<SnapshotView>,
    /// The plant, to check an exercise against.
    pub plant: Option<Arc<Plant>>,
    /// Items of the exercise.
    pub items: Vec<ItemView>,
    /// The exercise without its items.
    pub exercise: Exercise,
    /// Its goals.
    pub goals: Vec<GoalView>,
    /// Why it ended.
    pub ended: Option<String>,
    /// Names of the devices of each [`Target`](crate::acts::fault::Target), at its place.
    pub devices: Arc<[Vec<String>]>,
    /// Malfunctions that stand.
    pub standing: Vec<Standing>,
    /// Acts of the branch that goes on, with their ticks.
    pub log: Arc<[(u64, DeskAct)]>,
    /// Exam mode.
    pub exam: bool,
    /// Since when and why the run has left what the model covers.
    pub invalid: Option<String>,
    /// Last hint or warning to the trainee, with its time.
    pub hint: Option<(f64, String)>,
}

/// An item of the exercise.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemView {
    /// As written.
    pub item: Item,
    /// Ready.
    pub armed: bool,
    /// How often it has happened.
    pub fired: u32,
}

/// A goal of the exercise.
#[derive(Clone, Debug, PartialEq)]
pub struct GoalView {
    /// As written.
    pub goal: Goal,
    /// Met or missed, once it is known.
    pub met: Option<bool>,
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
