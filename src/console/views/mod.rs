//! Views: what is on the screen, from the model to rectangles. They read the model and push actions.
pub mod bringup;
pub(crate) mod controls;
pub(crate) mod ink;
pub mod kpi;
pub mod mimic;
pub mod operate;
#[cfg(test)]
mod sample;
pub mod strips;
pub mod strips_values;
pub mod tune;
