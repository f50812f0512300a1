//! What the trainer says to the trainee: a bar over Operate, until it is taken or old. Never in an exam.

use egui::accesskit::Role;
use egui::{Align, Layout, Rect, Sense, Ui, WidgetInfo, vec2};

use crate::console::fmt;
use crate::console::model::Model;
use crate::console::widgets::pane::{line, part};
use crate::console::widgets::text::fitted;
use crate::console::widgets::{Button, Ink, Text};

/// How long it stands, s of the run.
const SHOWN_S: f64 = 60.0;
/// Height of the bar.
const HEIGHT: f32 = 40.0;

/// Draws the last hint over the top of `view`; `taken` is the time of the one that the trainee has read.
pub fn show(ui: &mut Ui, view: Rect, model: &Model, taken: &mut Option<f64>) {
    let Some(desk) = model.desk.as_ref().filter(|d| !d.exam) else { return };
    let Some((t_s, text)) = desk.hint.as_ref().filter(|(t, _)| model.t_s - t < SHOWN_S && *taken != Some(*t)) else {
        return;
    };
    let bar = Rect::from_min_size(view.min, vec2(view.width(), HEIGHT)).shrink2(vec2(2.0, 0.0));
    let r = ui.interact(bar, ui.scope_id().with("hint"), Sense::click());
    r.widget_info(|| WidgetInfo::labeled(Role::Status, true, format!("Trainer: {text}")));
    let ink = Ink::new(ui, bar);
    ink.fill(bar, ink.t.inset);
    ink.frame(bar, 0, (2.0, ink.t.accent));
    part(ui, "hint", bar, |ui| {
        ui.spacing_mut().item_spacing.x = 12.0;
        line(ui, HEIGHT, |ui| {
            ui.add(Text::title("Trainer").px(15.0, 15.0));
            ui.add(Text::new(fmt::clock(*t_s)).live().whole());
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.add(Button::new("Got it").least(78.0, 28.0)).clicked() {
                    *taken = Some(*t_s);
                }
                let words = Text::new(text).medium().px(15.0, 15.0);
                fitted(ui, vec2(f32::INFINITY, HEIGHT - 4.0), &words, Align::Min);
            });
        });
    });
}
