//! Alarms: what is abnormal, what was first, what to do.

use egui::{Rect, Ui};

use super::ink::{Face, Ink};
use crate::console::action::Action;
use crate::console::model::Model;

/// What this view remembers between frames.
#[derive(Debug, Default)]
pub struct AlarmsState {}

/// Draws the view.
pub fn show(ui: &mut Ui, rect: Rect, model: &Model, state: &mut AlarmsState, actions: &mut Vec<Action>) {
    let _ = (model, state, actions);
    let ink = Ink::new(ui, rect);
    ink.fill(rect, ink.t.panel);
    ink.left(rect.left() + 24.0, rect.top() + 24.0, "alarms", Face::SemiBold, 16.0, ink.t.text);
}
