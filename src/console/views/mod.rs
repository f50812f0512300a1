//! Views: what is on the screen, from the model to rectangles. They read the model and push actions.
pub mod bringup;
pub(crate) mod controls;
pub(crate) mod ink;
pub mod kpi;
pub mod mimic;
pub mod nav;
pub mod operate;
pub mod status_bar;
pub mod tune;
