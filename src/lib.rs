//! `ballast`: operator console and digital twin of an islanded plant.
#![forbid(unsafe_code)]

pub mod cli;
pub mod console;
pub mod control;
pub mod engine;
pub mod feed;
pub mod history;
pub mod plant;
pub mod scenario;
