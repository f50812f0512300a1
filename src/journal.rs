//! The journal: what happened in a run, on disk, append-only, in a form that shows when somebody changed it.
//!
//! ```text
//! worker ──tap──▶ Scribe ──bounded channel──▶ thread `ballast-journal` ──▶ RUN.sqlite (WAL)
//!                          │ log of acts, hashes                                      │
//!                          ▼                                                          ▼
//!                        RunFile (RON) ◀──────────── Recording ── entries · rows · verify
//! ```
//!
//! One file holds one run: a header (scenario text, seed, version), the ids of its signals once, and *lines*. A line is
//! an [`Entry`] of the sequence of events, an [`Act`] (an operator's or a trainer's command in a form that can be given
//! again) or a chunk of recorded rows. Lines are numbered without a gap, and each carries the SHA-256 of the line
//! before and of itself (see `chain`), so a changed, missing or moved line shows, and where.
//!
//! What the chain does not prove: without a seal, lines cut off at the end do not show; and who can write the file can
//! write a whole new chain. So a sealed file states its last hash, to be noted elsewhere; [`Recording::verify`] compares.
//!
//! Times are microseconds: `t_sim_us` of the run, `t_wall_utc_us` of UTC. Numbers of rows are stored as `f32` (a part
//! in 10^7: 6 µHz at 60 Hz, 0.06 W at 1 MW), everything else exactly. It never computes plant or control and never
//! holds up a run for a broken disk: what could not be written is counted, and the gap stands in the journal itself.

mod chain;
mod entry;
mod folder;
mod recording;
mod rows;
mod run_file;
mod schema;
mod scribe;
mod state;
mod table;
mod thread;
mod verify;
mod writer;

pub use chain::Hash;
pub use entry::{Act, Entry, class_of, kind_of, word_of};
pub use folder::Folder;
pub use recording::{Filter, Frame, Recording, Stretch};
pub use rows::RowsError;
pub use run_file::{Again, Replayed, RunFile};
pub use schema::VERSION;
pub use scribe::{Monitor, Scribe};
pub use state::JournalState;
pub use table::{COLUMNS, csv, json};
pub use verify::{End, Fault, Verdict};
pub use writer::{Writer, WriterLimits};

use crate::acts::{Parts, Plate};
use crate::plant::signals::SignalTable;
pub use crate::store::{Trouble, is_kept, keep};
pub use crate::utc::{now_us, stamp};

/// What a file says of itself: enough to run it again, and to draw it when that is no longer possible.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// Name of the run, unique.
    pub run_id: String,
    /// Program version that wrote it.
    pub version: String,
    /// When the run began, µs of UTC.
    pub started_utc_us: i64,
    /// Scenario's name.
    pub scenario: String,
    /// Where the scenario came from.
    pub origin: String,
    /// The scenario's text.
    pub source: String,
    /// Seed.
    pub seed: u64,
    /// Engine preset from the command line, if any.
    pub preset: Option<String>,
    /// Parameters from the command line, each `NAME=VALUE`.
    pub set: Vec<String>,
    /// Text of the alarm set, where it is not the one that comes with the program.
    pub alarms: Option<String>,
    /// Nominal frequency, Hz.
    pub f0_hz: f64,
    /// Who operates.
    pub user: String,
    /// Names of the parts that the rows are of.
    pub parts: Parts,
    /// Signals in row order: id, label, unit.
    pub signals: Vec<[String; 3]>,
}

impl Header {
    /// For a run that begins now.
    #[must_use]
    pub fn new(plate: &Plate, table: &SignalTable, user: &str) -> Self {
        let started_utc_us = now_us();
        let signals = table.signals().iter().map(|s| [s.id.clone(), s.label.clone(), s.unit.to_owned()]).collect();
        let mut h = Self {
            run_id: String::new(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_utc_us,
            scenario: plate.scenario.clone(),
            origin: plate.origin.clone(),
            source: plate.source.to_string(),
            seed: plate.seed,
            preset: None,
            set: Vec::new(),
            alarms: None,
            f0_hz: plate.f0_hz,
            user: user.to_owned(),
            parts: plate.parts(),
            signals,
        };
        // The start and the process tell two runs of one machine apart, the scenario those of two machines.
        let salt = format!("{} {}", std::process::id(), started_utc_us);
        h.run_id = hex::encode(chain::genesis(&Self { run_id: salt, ..h.clone() }))[..16].to_owned();
        h
    }
}
