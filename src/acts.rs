//! Acts and what comes back of them: plain data that many modules share.
//!
//! | module | is |
//! |---|---|
//! | [`operate`], [`setpoint`] | what an operator, a trainer or a script can do |
//! | [`fault`] | what can go wrong, and acts in the field |
//! | [`event`] | what happened |
//! | [`device`] | kinds of devices |
//! | [`block`] | rows of signals with their extremes |
//! | [`view`], [`parts`] | devices as a screen shows them, and their names |
//! | [`quality`] | how far a value can be trusted |
//!
//! Data only: nothing here computes plant or control, or knows where it comes from.

pub mod block;
pub mod device;
pub mod event;
pub mod fault;
pub mod operate;
pub mod parts;
pub mod quality;
pub mod setpoint;
pub mod view;

pub use block::{BLOCK_ROW_S, Block};
pub use device::DeviceKind;
pub use event::{By, Event, EventKind};
pub use fault::{Fault, FaultKind, Remote};
pub use operate::{LEAST_CAP, Operate};
pub use parts::Parts;
pub use quality::Quality;
pub use setpoint::Setpoint;
pub use view::{BreakerView, CohortView, MinerCell, PlantView, Plate, Readback};
