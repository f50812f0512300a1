//! The trainee's view in a second window, for the trainer to watch: status, figures, alarms and Operate. Nothing in it can
//! be operated, and it has no rail: the desk is not for the trainee's eyes.

use egui::{Context, Sense, Ui, ViewportBuilder, ViewportId};

use super::ConsoleApp;
use super::frame::{Fixed, facts, fixed};
use crate::console::model::Model;
use crate::console::shell::windowed;
use crate::console::theme;
use crate::console::time_view::TimeView;
use crate::console::view::Seen;
use crate::console::views::live::Source;
use crate::console::views::operate::OperateState;
use crate::console::views::status_bar::{Facts, border};
use crate::console::widgets::{Face, Ink};

impl ConsoleApp {
    /// Shows the window while it is wanted. Closing it ends it.
    pub(super) fn show_mirror(&mut self, ctx: &Context) {
        let Some(model) = self.rows.model.as_deref().filter(|_| self.over.mirror) else { return };
        let builder =
            ViewportBuilder::default().with_title("ballast: trainee, read only").with_inner_size([1440.0, 900.0]);
        let (rows, settings, time, operate) = (&self.rows, &self.settings, &self.time, self.views.of::<OperateState>());
        let Some(operate) = operate else { return };
        let id = ViewportId::from_hash_of("trainee");
        let closed = ctx.show_viewport_immediate(id, builder, |ui, _| {
            // Keys belong to the window of the desk.
            ui.ctx().input_mut(|i| i.events.clear());
            let facts = facts(ui, rows, settings);
            mirrored(ui, model, &facts, time, operate);
            ui.ctx().input(|i| i.viewport().close_requested())
        });
        self.over.mirror &= !closed;
    }
}

fn mirrored(ui: &mut Ui, model: &Model, facts: &Facts, time: &TimeView, operate: &mut OperateState) {
    let area = ui.ctx().content_rect();
    ui.painter().rect_filled(area, 0.0, theme::tokens(ui.ctx()).bg);
    let (mut rail, mut controls) = (area, area);
    windowed(ui, |ui, layout| {
        fixed(ui, layout, model, facts, Fixed { restart: false, keys: false }, &mut Vec::new());
        operate.mirrored(ui, &Seen { model: Some(model), layout, time, source: Source::default() }, model);
        (rail, controls) = (layout.nav, layout.bringup);
    });
    let ink = Ink::new(ui, area);
    let (x, y) = (rail.center().x, rail.top() + 24.0);
    ink.centre(egui::pos2(x, y), "Trainee", Face::semibold(ink.body(), ink.t.text));
    ink.centre(egui::pos2(x, y + 20.0), "read only", Face::regular(ink.small(), ink.t.text2));
    border(&ink, area.shrink(1.5), model.mode, [8.0, 6.0]);
    // What would be pressed elsewhere is faint here, with the reason across it.
    ink.fill(controls, ink.t.panel.gamma_multiply(0.6));
    let plate = egui::Rect::from_center_size(controls.center(), egui::vec2(300.0, 40.0));
    ink.fill(plate, ink.t.panel);
    ink.frame(plate, 4, (1.0, ink.t.text2));
    ink.centre(plate.center(), "READ ONLY: the trainee operates", Face::semibold(ink.body(), ink.t.text));
    // Above everything, so that no button below is ever under the pointer.
    ui.interact(area, ui.scope_id().with("glass"), Sense::click_and_drag());
}
