//! Placeholder.
pub(crate) mod controls;
pub(crate) mod ink;
pub mod mimic;
