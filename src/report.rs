//! What is made of finished runs and of plans: comparisons, the debrief, pages of plans.
//!
//! It reads rows, events and scenarios, and knows no clock or screen.
pub mod bess;
pub mod chart;
pub mod compare;
pub mod debrief;
pub mod fit;
pub mod manual;
pub mod map;
pub mod plan;
pub mod raster;
pub mod svg;
