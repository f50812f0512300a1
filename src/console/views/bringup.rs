//! Bring-up controls.

use egui::{Rect, Ui};

use crate::console::action::Action;
use crate::console::model::Model;

/// What the panel remembers between frames.
#[derive(Debug, Default)]
pub struct BringUpState {}

/// Draws the panel.
pub fn show(_ui: &mut Ui, _rect: Rect, _model: &Model, _state: &mut BringUpState, _actions: &mut Vec<Action>) {}
