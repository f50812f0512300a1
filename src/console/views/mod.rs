//! Placeholder.
pub mod bringup;
pub(crate) mod controls;
pub(crate) mod ink;
pub mod mimic;
#[cfg(test)]
mod sample;
pub mod tune;
