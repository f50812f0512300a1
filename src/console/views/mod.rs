//! What the console shows, one file a view.
pub mod bringup;
pub(crate) mod controls;
pub(crate) mod ink;
pub mod kpi;
pub mod mimic;
pub mod operate;
pub mod tune;
