//! The deterministic run: plant + control + script, one tick at a time.
pub mod msg;
pub mod pace;
pub mod worker;
