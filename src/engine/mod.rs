//! The deterministic run: plant + control + script, one tick at a time; and the worker thread that drives it.
//!
//! Only `worker` knows a thread and a clock.
mod every;
pub mod fault;
pub mod forecast;
pub mod iso8528;
pub mod meter;
pub mod msg;
pub mod pace;
pub mod plate;
pub mod record;
pub mod run;
mod runner;
pub mod sliding;
pub mod summary;
pub mod worker;

pub use run::Engine;
