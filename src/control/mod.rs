//! Pure supervisory control: GPU admission, shed policies, phase staging, interlocks.
//!
//! It reads measured values and gives device commands; it knows no device model, clock, thread or file.
//! The engine samples the windows every 10 ms ([`Supervisor::sample`]) and steps control every 100 ms
//! ([`Supervisor::step`]). Everything is deterministic and `Clone`, so a snapshot is a clone.

pub mod io;
pub mod plan_math;
pub mod policy;
pub mod status;

pub use io::{Action, Measured, Note, Phase};
pub use policy::{BringUpPath, Policy, Setpoint, ShedMode};
pub use status::{LimitId, LimitUse, Refusal, RunState, Status};
