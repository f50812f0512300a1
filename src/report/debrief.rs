//! The debrief of a rehearsal: what a trainer hands over. One HTML file that stands alone, and CSV.
//!
//! A [`Debrief`] is plain data; it is made from a recording and a rubric alone ([`Debrief::from_recording`]), so it can
//! be made again later, and the score in it is found by running the log again, not taken on trust. The search of par
//! takes seconds: whoever has a screen calls this from a thread of its own. Times in seconds of the run.

mod alarms;
pub mod class;
mod csv;
pub(super) mod html;
mod moments;
pub(super) mod page;
mod recording;
mod rows;
mod sections;

pub use alarms::AlarmStats;
pub use class::Class;
pub use moments::{Highlight, highlights};
pub use recording::{Options, RunParts};
pub use rows::Rows;

use std::sync::Arc;

use crate::acts::Event;
pub use crate::training::observer::{COMPETENCIES, Observer};
use crate::training::par::Found;
use crate::training::score::{Rubric, Score};

/// Who, what and with which program.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Head {
    /// Trainee.
    pub trainee: String,
    /// Scenario and its purpose.
    pub scenario: String,
    /// One line.
    pub purpose: String,
    /// Where the run began.
    pub initial_condition: String,
    /// Seed.
    pub seed: u64,
    /// Engine preset.
    pub preset: String,
    /// How the plant is modelled.
    pub model: String,
    /// Program that recorded it, and program that made this.
    pub versions: [String; 2],
    /// Training, exam, or a recording.
    pub mode: String,
    /// Name of the run.
    pub run_id: String,
    /// When it began, UTC.
    pub started: String,
    /// Hash of the scenario's text.
    pub scenario_hash: String,
    /// State at the end.
    pub state_hash: String,
    /// Last hash of the journal's chain.
    pub chain_hash: String,
    /// Length, s.
    pub length_s: f64,
}

/// A limit line of a chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    /// Nominal frequency, Hz.
    pub f0_hz: f64,
    /// On frequency.
    pub f_hz: Vec<(String, f64)>,
    /// Rating of all gensets, kW.
    pub rated_kw: f64,
    /// Ramp limit, kW/s.
    pub ramp_kw_per_s: f64,
}

/// A debrief.
#[derive(Clone, Debug)]
pub struct Debrief {
    /// Header.
    pub head: Head,
    /// Score.
    pub score: Score,
    /// The rubric that it is by.
    pub rubric: Arc<Rubric>,
    /// Recorded rows.
    pub rows: Rows,
    /// Limits of the charts.
    pub limits: Limits,
    /// Events in order.
    pub events: Vec<Event>,
    /// Top moments.
    pub moments: Vec<Highlight>,
    /// Alarm statistics.
    pub alarms: AlarmStats,
    /// Par, and its run.
    pub par: Option<Found>,
    /// Best of the class; without runs where there is none to compare with.
    pub class: Class,
    /// Observer's sheet.
    pub observer: Observer,
    /// Whether the file and the score can be trusted, one line each.
    pub verdict: Vec<String>,
    /// What anybody types to check it.
    pub verify: String,
}

impl Debrief {
    /// The HTML file.
    #[must_use]
    pub fn html(&self) -> String {
        page::page(self)
    }

    /// Metrics as CSV: one line a scored line.
    #[must_use]
    pub fn metrics_csv(&self) -> String {
        csv::metrics(&self.score, &self.class)
    }

    /// Since when and why the model does not hold, if the run left its range.
    #[must_use]
    pub fn not_valid(&self) -> Option<String> {
        crate::training::validity::of_events(&self.events)
    }

    /// Events as CSV.
    #[must_use]
    pub fn events_csv(&self) -> String {
        csv::events(&self.events)
    }
}
