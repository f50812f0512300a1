//! A choice of one from a list that opens below it: where there are too many for segments.

use egui::{ComboBox, RichText, Ui};

use super::text::label;
use super::{Ink, Text};
use crate::console::theme::font;

/// Draws it so wide; whether another of `items` was chosen. With nothing to choose among it is a word and no control.
pub fn dropdown(ui: &mut Ui, width: f32, name: &str, items: &[impl AsRef<str>], now: &mut usize) -> bool {
    let (before, ink) = (*now, Ink::of(ui));
    let shown = items.get(before).map_or("none", AsRef::as_ref).to_owned();
    if items.len() < 2 {
        label(ui, width, Text::new(shown).live());
        return false;
    }
    let face = Text::new("").live().face(&ink);
    let words = RichText::new(&shown).font(font(face.weight, face.px)).color(face.color);
    let response = ui
        .scope(|ui| {
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
