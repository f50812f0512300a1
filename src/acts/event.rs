//! What happened in a run, one record at a time.
//!
//! An event has a kind to filter by, an object, words, a number with its unit where one belongs to it, and who did it. Events
//! are never merged and never dropped.

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// An operator's command, as applied.
    Command,
    /// A command or batch that was refused, with the reason.
    Refused,
    /// GPUs were added (value: kW).
    Batch,
    /// GPUs were taken off (value: kW).
    BatchDown,
    /// Miners were shed (value: kW).
    Shed,
    /// Miners came back (value: kW).
    Restore,
    /// The schedule holds.
    Hold,
    /// The schedule goes on.
    Resume,
    /// A protection trip.
    Trip,
    /// A limit was passed (a violation).
    Limit,
    /// Staged load shedding operated.
    LoadShed,
    /// A device or the schedule changed state.
    State,
    /// The script did something.
    Script,
    /// The model left its valid range, or the program has something to say.
    Notice,
    /// An alarm changed its state.
    Alarm,
    /// Somebody did something at the desk that is not an act on the plant: acknowledged, shelved, froze.
    Desk,
    /// A malfunction began, changed or ended.
    Fault,
    /// The score changed, or was fixed.
    Score,
    /// A mark or a note.
    Note,
    /// A snapshot was taken or restored.
    Snapshot,
}

/// Who or what did it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The plant, its control or its protection.
    #[default]
    Plant,
    /// Whoever operates the console.
    Trainee,
    /// The trainer.
    Instructor,
    /// The scenario's script.
    Scenario,
}

/// One thing that happened. Never coalesced.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Order within the run, from 0.
    pub seq: u64,
    /// When, in ticks.
    pub tick: u64,
    /// When, in seconds of the run.
    pub t_s: f64,
    /// Kind.
    pub kind: EventKind,
    /// Device or part: `G1`, `schedule`, `81U-1`.
    pub object: String,
    /// What, in words.
    pub text: String,
    /// A number that belongs to it, if any, in `unit`.
    pub value: f64,
    /// Unit of `value`.
    pub unit: &'static str,
    /// Who did it.
    pub by: By,
    /// State before and after, where there are two.
    pub change: Option<[&'static str; 2]>,
    /// Sequence number of the event that caused this one, where it is known.
    pub cause: Option<u64>,
}

impl Event {
    /// Of the plant, at t = 0, with words only; the rest is filled in by whoever numbers it.
    #[must_use]
    pub fn new(kind: EventKind, object: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            seq: 0,
            tick: 0,
            t_s: 0.0,
            kind,
            object: object.into(),
            text: text.into(),
            value: 0.0,
            unit: "",
            by: By::Plant,
            change: None,
            cause: None,
        }
    }
}
