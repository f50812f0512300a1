//! Placeholder.
pub mod action;
pub mod dialogs;
pub mod export;
pub mod model;
pub mod settings;
pub mod theme;
pub mod views;
