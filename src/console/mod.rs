//! The console: the only module that knows egui, eframe, egui_plot or rfd.
pub mod action;
pub mod app;
pub mod dialogs;
pub mod export;
pub mod fmt;
pub mod keys;
pub mod model;
pub mod par_search;
pub mod picker;
pub mod playback;
pub mod quality_log;
pub mod runs;
pub mod session;
pub mod settings;
pub mod shadow;
pub mod shell;
pub mod theme;
pub mod time_view;
pub mod toast;
pub mod views;
pub mod widgets;
pub mod window;

pub use app::{ConsoleApp, Pick};
pub use window::{Options, Setup, run};
