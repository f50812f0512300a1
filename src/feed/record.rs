//! Recordings of a site: every reading as it came, on disk, and back again through the same pipeline.
//!
//! ```text
//! hub ──▶ Recorder ──bounded channel──▶ thread `ballast-recorder` ──▶ SITE-20261122T082723Z.sqlite, next, next …
//!                                                                              │ a series
//! hub ◀── Playback (an intake: 0.1 to 100 times, pause, scrub, loop) ◀── Reader ┘
//! ```
//!
//! What is kept is what was *heard*: each reading with its raw number, registers, three clocks and what the source said of
//! it, each lost link, and when the hub took it, beside what became of it then. Rows and qualities are not kept: they are
//! made again by the same code, bit by bit the same. So a fault that was recorded at a site is a test of this program, and
//! a reading that is judged otherwise than on its day shows. The map's text is in every file, and every row carries the hash
//! of all before it: what was altered afterwards shows too.
//!
//! It never holds up a feed: what the disk does not take is counted, and the gap stands in the recording. It removes
//! nothing but the oldest recordings of its own site, and none that is marked as kept (`NAME.keep` beside it) or open.

mod chain;
mod code;
mod folder;
mod playback;
mod reader;
mod recorder;
mod rows;
mod schema;
mod thread;

pub use chain::{Verdict, verify};
pub use folder::Bounds;
pub use playback::{Controls, Playback};
pub use reader::{Kept, Reader, Was};
pub use recorder::{Origin, Recorder, State};
pub use rows::{Judgement, Otherwise, Rows, judge};
pub use schema::{Header, RECORDING};

#[cfg(test)]
mod tests;
