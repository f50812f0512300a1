//! The KPI strip.

use egui::{Rect, Ui};

use crate::console::action::Action;
use crate::console::model::Model;

/// Draws the eight gauges.
pub fn show(_ui: &mut Ui, _rects: &[Rect; 8], _model: &Model, _actions: &mut Vec<Action>) {}
