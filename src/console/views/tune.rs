//! Placeholder.
#[derive(Default)]
pub struct TuneState {}
pub fn show(
    _ui: &mut egui::Ui,
    _rect: egui::Rect,
    _model: &crate::console::model::Model,
    _state: &mut TuneState,
    _actions: &mut Vec<crate::console::action::Action>,
) {
}
