//! A choice of one from a list that opens below it: where there are too many for segments.

use egui::{ComboBox, Response, RichText, Ui};

use super::{Ink, Text};
use crate::console::theme::font;

/// Draws it so wide; whether another of `items` was chosen. With nothing to choose among it cannot be opened.
pub fn dropdown(ui: &mut Ui, width: f32, name: &str, items: &[impl AsRef<str>], now: &mut usize) -> bool {
    let (before, ink) = (*now, Ink::of(ui));
    let shown = items.get(before).map_or("none", AsRef::as_ref).to_owned();
    let text = if items.len() > 1 { Text::new("").live() } else { Text::new("").disabled() };
    let face = text.face(&ink);
    let words = RichText::new(&shown).font(font(face.weight, face.px)).color(face.color);
    let response: Response = ui
        .add_enabled_ui(items.len() > 1, |ui| {
            // A row of a table may be lower than a control.
            ui.spacing_mut().interact_size.y = ui.max_rect().height().min(28.0);
            let list = ComboBox::from_id_salt(name).selected_text(words).width(width).truncate();
            list.show_ui(ui, |ui| {
                for (i, item) in items.iter().enumerate() {
                    ui.selectable_value(now, i, item.as_ref());
                }
            })
            .response
        })
        .inner;
    ui.ctx().accesskit_node_builder(response.id, |n| n.set_label(format!("{name}: {shown}")));
    response.on_hover_text(shown);
    *now != before
}
