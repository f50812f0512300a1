//! What the console shows, one file a view.
pub mod bringup;
pub(crate) mod controls;
pub(crate) mod glyph;
pub(crate) mod ink;
pub mod kpi;
pub mod mimic;
pub mod nav;
pub mod operate;
pub mod status_bar;
pub mod tune;
