//! The deterministic run: plant + control + script, one tick at a time. It knows no thread and no clock.
mod every;
pub mod forecast;
pub mod iso8528;
pub mod meter;
pub mod plate;
pub mod record;
pub mod run;
pub mod sliding;
pub mod summary;
mod view;

pub use run::Engine;
