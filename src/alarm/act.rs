//! What an operator can do to an alarm. Data.

use serde::{Deserialize, Serialize};

use super::definition::Group;

/// Place of an alarm in the database.
pub type AlarmId = u32;

/// An act on an alarm. Acknowledging never resets, and resetting never acknowledges.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Act {
    /// Seen.
    Ack(AlarmId),
    /// Releases a latched alarm whose condition is clear.
    Reset(AlarmId),
    /// Takes the first-out mark off a group.
    ResetFirstOut(u32),
    /// Hides it for so many seconds, with a reason.
    Shelve {
        /// The alarm, by its place in the definitions.
        alarm: AlarmId,
        /// Time on the shelf, s.
        for_s: u32,
        /// Reason, as the log keeps it.
        reason: String,
    },
    /// Shows it again.
    Unshelve(AlarmId),
    /// Out of service until it is returned, with a permit note.
    OutOfService {
        /// The alarm, by its place in the definitions.
        alarm: AlarmId,
        /// Permit or reason.
        note: String,
    },
    /// Back in service.
    ReturnToService(AlarmId),
    /// A comment for the log.
    Comment {
        /// The alarm, by its place in the definitions.
        alarm: AlarmId,
        /// The comment.
        text: String,
    },
}

impl Act {
    /// The alarm that it is about; a group's number for [`Act::ResetFirstOut`].
    #[must_use]
    pub fn alarm(&self) -> AlarmId {
        match self {
            Self::Ack(a)
            | Self::Reset(a)
            | Self::ResetFirstOut(a)
            | Self::Unshelve(a)
            | Self::ReturnToService(a)
            | Self::Shelve { alarm: a, .. }
            | Self::OutOfService { alarm: a, .. }
            | Self::Comment { alarm: a, .. } => *a,
        }
    }

    /// In words, for the log.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Ack(_) => "acknowledged".to_owned(),
            Self::Reset(_) => "reset".to_owned(),
            Self::ResetFirstOut(group) => {
                let name = Group::ALL.get(*group as usize).map_or("?", |g| g.word());
                format!("first-out of {name} reset")
            }
            Self::Shelve { for_s, reason, .. } => format!("shelved for {} min: {reason}", for_s.div_ceil(60)),
            Self::Unshelve(_) => "unshelved".to_owned(),
            Self::OutOfService { note, .. } => format!("out of service: {note}"),
            Self::ReturnToService(_) => "returned to service".to_owned(),
            Self::Comment { text, .. } => format!("comment: {text}"),
        }
    }
}
