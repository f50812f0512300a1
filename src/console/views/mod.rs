//! Views: what is on the screen, from the model to rectangles. They read the model and push actions.
pub mod kpi;
pub mod operate;
pub mod strips;
pub mod strips_values;
