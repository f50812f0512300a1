//! Placeholder.
pub mod dialogs;
pub mod export;
pub mod settings;
