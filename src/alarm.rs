//! Alarms: what is abnormal now and asks for a response.
//!
//! The state machine of ISA-18.2 (without its text at hand: editable settings, sources shown), detection with deadband
//! and delays, first-out, grouping by cause, floods. Pure: rows, events and acts in, events out. It never operates the
//! plant.
pub mod act;
pub mod annunciator;
pub mod areas;
pub mod database;
pub mod definition;
pub mod figures;
pub mod first_out;
pub mod list;
pub mod point;
pub mod state;
pub mod watch;

pub use act::{Act, AlarmId};
pub use annunciator::{Annunciator, Hidden, Refused, Transition};
pub use database::Database;
pub use definition::{Definition, Group, Priority};
pub use first_out::is_first_out;
pub use list::{Entry, List};
pub use point::Facts;
pub use state::State;
pub use watch::{Watch, came};

#[cfg(test)]
mod tests;
