//! What is made of finished runs: comparisons.
//!
//! It reads rows, events and scenarios, and knows no clock, thread or screen.
pub mod compare;
