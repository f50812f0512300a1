//! The strips.

use egui::{Rect, Ui};

use crate::console::action::Action;
use crate::console::model::Model;
use crate::console::time_view::TimeView;

/// Rectangles of plots and value columns.
#[derive(Clone, Debug)]
pub struct StripLayout {
    /// Frequency.
    pub frequency: (Rect, Rect),
    /// Genset.
    pub genset: (Rect, Rect),
    /// Loads.
    pub loads: (Rect, Rect),
    /// Net step.
    pub step: (Rect, Rect),
    /// Events.
    pub lane: Rect,
}

/// What to show.
#[derive(Clone, Copy, Debug, Default)]
pub struct StripOptions {
    /// Range from data.
    pub zoom_to_data: bool,
    /// Voltage strip.
    pub show_voltage: bool,
}

/// Draws the strips.
pub fn show_strips(
    _ui: &mut Ui,
    _layout: &StripLayout,
    _model: &Model,
    _time: &TimeView,
    _options: &StripOptions,
    _actions: &mut Vec<Action>,
) {
}
