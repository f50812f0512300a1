//! What the trainer says to the trainee: a bar over Operate, until it is taken or old. Never in an exam.

use egui::accesskit::Role;
use egui::{Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::console::fmt;
use crate::console::model::Model;
use crate::console::widgets::{Button, Face, Ink};

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
    let mid = bar.center().y;
    let end = ink.left(bar.left() + 16.0, mid, "Trainer", Face::semibold(15.0, ink.t.text));
    let end = ink.left(end + 10.0, mid, fmt::clock(*t_s), Face::regular(ink.body(), ink.t.live));
    let read =
        Rect::from_min_max(pos2(bar.right() - 88.0, bar.top() + 6.0), pos2(bar.right() - 10.0, bar.bottom() - 6.0));
    ink.left_cut(end + 16.0, mid, read.left() - 12.0, text, Face::medium(15.0, ink.t.text));
    if Button::new("Got it").put(ui, read).clicked() {
        *taken = Some(*t_s);
    }
}
