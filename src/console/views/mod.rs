//! Views: what is on the screen, from the model to rectangles. They read the model and push actions.
pub mod banner;
pub mod bringup;
pub(crate) mod controls;
pub mod help;
pub(crate) mod ink;
pub mod kpi;
pub mod live;
pub mod mimic;
pub mod nav;
pub mod operate;
pub mod picker;
#[cfg(test)]
mod sample;
pub mod status_bar;
pub mod strips;
pub mod strips_values;
pub mod tune;
