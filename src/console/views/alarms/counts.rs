//! Counts for the status bar: how many stand of each priority, how many wait, what came first.

use egui::accesskit::Role;
use egui::{Rect, Sense, Ui, WidgetInfo, pos2};

use super::list;
use crate::console::model::Model;
use crate::console::widgets::glyph::{self, Look};
use crate::console::widgets::{Face, Ink};

/// Draws them so that they end at `x`; gives where they begin, or none where the source has no annunciator.
pub(crate) fn show(ui: &mut Ui, ink: &Ink, model: &Model, x: f32, y: f32) -> Option<f32> {
    let list = list(model)?;
    let t = &ink.t;
    let mut x = x;
    if let Some(first) = first_out(list) {
        x = ink.right(x, y, first, Face::semibold(14.0, t.text)) - 6.0;
        x = ink.right(x, y, "first-out", Face::regular(14.0, t.text2)) - 16.0;
    }
    let unack = list.unack();
    if unack > 0 {
        x = ink.right(x, y, format!("{unack} unack"), Face::semibold(14.0, t.text)) - 16.0;
    }
    for (k, n) in list.counts().into_iter().enumerate().rev() {
        let (right, priority) = (x, k as u8 + 1);
        let color = if n > 0 { t.text } else { t.dead };
        x = ink.right(x, y, n.to_string(), Face::semibold(15.0, color)) - 5.0;
        let look = if n > 0 { Look::Active } else { Look::Outline };
        glyph::glyph(ink, pos2(x - 8.0, y), 16.0, priority, look);
        let words = format!("{n} alarms of priority {priority}");
        let r = Rect::from_min_max(pos2(x - 16.0, y - 12.0), pos2(right, y + 12.0));
        let response = ui.interact(r, ui.scope_id().with(("alarms", priority)), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &words));
        response.on_hover_text(words);
        x -= 30.0;
    }
    Some(x)
}

/// The tag of the earliest first-out that still stands.
#[must_use]
pub fn first_out(list: &crate::alarm::List) -> Option<&str> {
    let marked = list.first_out.iter().flatten().filter_map(|id| list.entries.get(*id as usize));
    marked.min_by(|a, b| a.first_s.total_cmp(&b.first_s)).map(|e| e.tag.as_str())
}
