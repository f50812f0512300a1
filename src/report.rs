//! What is made of finished runs: comparisons, and the debrief.
//!
//! It reads rows, events and scenarios, and knows no clock or screen.
pub mod chart;
pub mod compare;
pub mod debrief;
pub mod svg;
