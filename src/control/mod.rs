//! Pure supervisory control: GPU admission, shed policies, phase staging, interlocks, an island at a time.
//!
//! It reads measured values, commands devices and books what they answer; it knows no device model, clock, thread or file.
//! The engine samples the windows every 10 ms ([`Supervisor::sample`]) and steps control every 100 ms
//! ([`Supervisor::step`]). Everything is deterministic and `Clone`, so a snapshot is a clone.
//!
//! | module | idea |
//! |---|---|
//! | [`io`] | what is measured of islands, cohorts and fleets; commands and their answers |
//! | [`supervisor`] | the state machine and the operator's commands; steps in `advance`, next batch in `draft`, `command` |
//! | `island`, `cohort` | what is remembered of each |
//! | [`fleet`] | which miner fleets give up how many units |
//! | `setpoints`, `report` | what can be changed while it runs; its status |
//! | [`admission`] | what a batch would bring every limit to, and which one refuses it |
//! | [`window`], [`ledger`], [`pending`] | power as measured, as commanded, and between the two |
//! | [`bucket`] | STEP NOW |
//! | `cap` | power caps of GPUs |
//! | [`phases`] | which GPUs move next |
//! | [`shed`], [`delay`] | miners for kW of GPUs: order, confirmation, residual, restore |
//! | [`track`], `follow` | a plan of genset power that miners follow |
//! | [`interlock`] | what refuses commands, and automatic shedding |
//! | [`presets`] | shipped policy sets and acceptance tables |

pub mod acceptance;
pub mod admission;
mod advance;
pub mod bucket;
mod cap;
mod cohort;
mod command;
pub mod delay;
mod draft;
pub mod fields;
pub mod fleet;
mod follow;
pub mod interlock;
pub mod io;
mod island;
pub mod ledger;
pub mod pending;
pub mod phases;
pub mod plan_math;
pub mod policy;
pub mod presets;
mod report;
mod setpoints;
pub mod shed;
pub mod status;
pub mod supervisor;
pub mod target;
#[cfg(test)]
mod tests;
pub mod track;
pub mod window;

pub use io::{Action, Answer, Change, CohortReading, Devices, FleetReading, IslandReading, Measured, Names, Note};
pub use policy::{AbortAction, AddMode, BringUpPath, FeedbackHold, Policy, ShedMode, Staging};
pub use status::{LimitId, LimitUse, Refusal, RunState, Status};
pub use supervisor::Supervisor;
