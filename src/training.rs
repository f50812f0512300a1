//! The trainer's desk: exercises, malfunctions, snapshots, backtrack, score.
//!
//! Pure: it wraps the engine, tick by tick, and knows no clock, thread, file or screen. It never reaches into a plant
//! but through acts that the engine logs, so that a run stays scenario + seed + log.
mod alarms;
pub mod branch;
pub mod desk;
pub mod director;
pub mod exercise;
pub mod ic;
pub mod msg;
pub mod observer;
pub mod par;
pub mod rescore;
pub mod score;
pub mod snapshot;
pub mod trigger;

pub use desk::{Desk, DeskConfig};
