//! Limits.

use egui::{Rect, Ui};

use crate::console::action::Action;
use crate::console::model::Model;

/// What the panel remembers between frames.
#[derive(Debug, Default)]
pub struct TuneState {}

/// Draws the panel.
pub fn show(_ui: &mut Ui, _rect: Rect, _model: &Model, _state: &mut TuneState, _actions: &mut Vec<Action>) {}
