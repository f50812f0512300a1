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

/// The model's version: the state hash of the shipped `path-a` at 10 s. Whoever changes what a run comes to changes it (a test
/// holds it), and with it every key of a result that was kept.
pub const MODEL: u64 = 0x235f_11c1_81df_a7cf;
