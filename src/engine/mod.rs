//! The deterministic run: plant + control + script, one tick at a time; and the worker thread that drives it.
//!
//! Only `worker` knows a thread and a clock.
pub mod forecast;
pub mod meter;
pub mod msg;
pub mod plate;
pub mod record;
pub mod run;
pub mod summary;

pub use run::Engine;
