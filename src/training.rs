//! The trainer's desk: exercises, malfunctions, snapshots, backtrack, score.
//!
//! Pure: it wraps the engine, tick by tick, and knows no clock, thread, file or screen. It never reaches into a plant
//! but through acts that the engine logs, so that a run stays scenario + seed + log.
pub mod branch;
pub mod desk;
pub mod msg;
pub mod snapshot;

pub use desk::{Desk, DeskConfig};
