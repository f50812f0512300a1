//! Alarms: what is abnormal now and asks for a response.
//!
//! The state machine of ISA-18.2 (without its text at hand: editable settings, sources shown), detection with deadband
//! and delays, first-out, grouping by cause, floods. Pure: rows, events and acts in, events out. It never operates the
//! plant.
pub mod act;

pub use act::Act;
