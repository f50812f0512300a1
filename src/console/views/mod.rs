//! Views: what is on the screen, from the model to rectangles. They read the model and push actions.
pub mod alarms;
pub mod banner;
pub mod bringup;
pub mod compare;
pub mod help;
pub mod hint;
pub mod instructor;
pub mod kpi;
pub mod live;
pub mod manual;
pub mod mimic;
pub mod nav;
pub mod operate;
pub mod palette;
pub mod plan;
pub mod report;
#[cfg(test)]
mod sample;
pub mod soe;
pub mod status_bar;
pub mod strips;
pub mod strips_values;
pub mod tune;
