//! Pure physics of the plant: no clock, thread, file, socket, screen or unseeded randomness.

pub mod avr;
pub mod bess;
pub mod breaker;
mod command;
pub mod config;
pub mod exact;
pub mod field;
pub mod genset;
pub mod governor;
pub mod gpu;
pub mod instruments;
pub mod load;
pub mod miner;
pub mod network;
pub mod protection;
pub mod random;
pub mod signals;
pub mod system;
pub mod targets;
pub mod topology;
