//! Pure physics of the plant: no clock, thread, file, socket, screen or unseeded randomness.

pub mod avr;
pub mod bess;
pub mod breaker;
mod command;
pub mod condenser;
pub mod config;
pub mod device;
pub mod exact;
pub mod field;
pub mod genset;
pub mod governor;
pub mod gpu;
pub mod instruments;
pub mod load;
pub mod machine;
pub mod miner;
pub mod network;
pub mod protection;
pub mod random;
pub mod rows;
pub mod signals;
mod source;
pub mod subtransient;
pub mod system;
pub mod targets;
pub mod topology;
