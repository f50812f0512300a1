//! What a console asks of the desk, and what the desk shows. Plain data.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::score::Live;
use crate::alarm;
use crate::engine::msg::By;

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
    /// Something about an alarm.
    Alarm(alarm::Act),
    /// A mark or a note on the time line.
    Note(String),
}

/// What the desk shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeskView {
    /// The score so far; `None` where it is hidden (an exam) or not measured.
    pub score: Option<Arc<Live>>,
}
