//! The trainee's view in a second window, for the trainer to watch: status, figures, alarms and Operate. Nothing in it can
//! be operated, and it has no rail: the desk is not for the trainee's eyes.

use egui::{Context, Sense, Ui, ViewportBuilder, ViewportId};

use super::ConsoleApp;
use crate::console::model::Model;
use crate::console::shell::windowed;
use crate::console::theme;
use crate::console::views::{hint, status_bar};
use crate::console::widgets::{Face, Ink};

impl ConsoleApp {
    /// Shows the window while it is wanted. Closing it ends it.
    pub(super) fn mirror(&mut self, ctx: &Context, model: Option<&Model>) {
        let Some(model) = model.filter(|_| self.mirror) else { return };
        let builder =
            ViewportBuilder::default().with_title("ballast: trainee, read only").with_inner_size([1440.0, 900.0]);
        let id = ViewportId::from_hash_of("trainee");
        let closed = ctx.clone().show_viewport_immediate(id, builder, |ui, _| {
            self.mirrored(ui, model);
            ui.ctx().input(|i| i.viewport().close_requested())
        });
        self.mirror &= !closed;
    }

    fn mirrored(&mut self, ui: &mut Ui, model: &Model) {
        // Keys belong to the window of the desk.
        ui.ctx().input_mut(|i| i.events.clear());
        let area = ui.ctx().content_rect();
        ui.painter().rect_filled(area, 0.0, theme::tokens(ui.ctx()).bg);
        let mut nothing = Vec::new();
        let mut rail = area;
        windowed(ui, |ui, layout| {
            self.parts(ui, layout, model, &mut nothing);
            self.operate_parts(ui, layout, model, &mut nothing);
            hint::show(ui, layout.view, model, &mut self.hint_taken.clone());
            rail = layout.nav;
        });
        let ink = Ink::new(ui, area);
        let (x, y) = (rail.center().x, rail.top() + 24.0);
        ink.centre(egui::pos2(x, y), "Trainee", Face::semibold(ink.body(), ink.t.text));
        ink.centre(egui::pos2(x, y + 20.0), "read only", Face::regular(ink.small(), ink.t.text2));
        status_bar::border(&ink, area.shrink(1.5), model.mode, [8.0, 6.0]);
        // Above everything, so that no button below is ever under the pointer.
        ui.interact(area, ui.scope_id().with("glass"), Sense::click_and_drag());
    }
}
