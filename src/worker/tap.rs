//! What else takes a run in, beside the console: a journal.
//!
//! A tap hears everything in order, on the worker's thread, before the console does, however slow the console's frames
//! are. It must not wait; when it is full, the twin waits ([`Tap::full`]), so that a run never goes on unrecorded.

use crate::acts::Operate;
use crate::training::msg::DeskAct;
use crate::worker::Update;

/// Something of the run.
#[derive(Debug)]
pub enum News<'a> {
    /// Rows and events, as they go to the console; the first of an epoch begins a run.
    Update {
        /// The update.
        update: &'a Update,
        /// Acts that lead to the present state; fewer than before where the run was taken back.
        acts: usize,
    },
    /// The state at a full second of the run.
    Second {
        /// Which, from 1.
        second: u64,
        /// Its hash.
        hash: u64,
    },
    /// An act on the plant, before the tick at whose start it acts.
    Operate(u64, &'a Operate),
    /// An act at the desk, likewise.
    Desk(u64, &'a DeskAct),
}

/// Takes a run in.
pub trait Tap: Send {
    /// Hears news. Never waits.
    fn hear(&mut self, news: News<'_>);
    /// Whether the twin has to wait before it goes on.
    fn full(&mut self) -> bool;
}
