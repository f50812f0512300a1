//! A number field that keeps what is typed until Enter.

use egui::accesskit::Role;
use egui::{CornerRadius, Id, Key, Rect, Sense, Stroke, StrokeKind, TextEdit, Ui, WidgetInfo, vec2};

use crate::console::views::ink::{Face, Ink};

/// A number field. While it is edited it keeps its own text; Enter or leaving it gives the number, Escape drops it.
pub(crate) fn field(
    ui: &mut Ui,
    ink: &Ink,
    rect: Rect,
    name: &str,
    value: f64,
    decimals: usize,
    why_not: Option<&str>,
) -> Option<f64> {
    let id = ui.scope_id().with(("field", name));
    let buffer = id.with("text");
    let shown = crate::console::views::ink::num(value, decimals);
    let enabled = why_not.is_none();
    ink.p.rect_filled(rect, CornerRadius::same(3), if enabled { ink.t.inset } else { ink.t.panel });
    ink.frame(rect, 3, 1.0, if enabled { ink.t.dead } else { ink.t.hair });
    let px = ink.px(15.0, 16.0);
    if !enabled {
        let r = ui.interact(rect, id, Sense::hover());
        r.widget_info(|| WidgetInfo::labeled(Role::TextInput, false, name));
        ink.right(rect.right() - 8.0, rect.center().y, shown, Face::Medium, px, ink.t.disabled);
        r.on_hover_text(why_not.unwrap_or_default());
        return None;
    }
    let mut text: String = ui.data_mut(|d| d.get_temp(buffer)).unwrap_or_else(|| shown.clone());
    let edit = TextEdit::singleline(&mut text)
        .id(id)
        .frame(egui::Frame::NONE)
        .margin(egui::Margin::ZERO)
        .font(crate::console::theme::font(Face::Medium, px))
        .text_color(ink.t.live)
        .align(egui::Align2::RIGHT_CENTER);
    let r = ui.put(rect.shrink2(vec2(8.0, -2.0)), edit);
    ui.ctx().accesskit_node_builder(id, |n| n.set_label(name));
    if r.gained_focus() {
        select_all(ui, id, text.chars().count());
    }
    if r.has_focus() {
        ink.p.rect_stroke(rect.expand(2.0), CornerRadius::same(5), Stroke::new(2.0, ink.t.accent), StrokeKind::Inside);
        ui.data_mut(|d| d.insert_temp(buffer, text));
        return None;
    }
    if r.lost_focus() {
        ui.data_mut(|d| d.remove_temp::<String>(buffer));
        let dropped = ui.input(|i| i.key_pressed(Key::Escape));
        return parse(&text).filter(|_| !dropped && text != shown);
    }
    ui.data_mut(|d| d.remove_temp::<String>(buffer));
    None
}

fn select_all(ui: &Ui, id: Id, chars: usize) {
    if let Some(mut state) = egui::text_edit::TextEditState::load(ui.ctx(), id) {
        let range = egui::text::CCursorRange::two(egui::text::CCursor::new(0), egui::text::CCursor::new(chars));
        state.cursor.set_char_range(Some(range));
        state.store(ui.ctx(), id);
    }
}

/// Reads a number as people type it: comma or point, true minus or hyphen, spaces ignored.
pub(crate) fn parse(text: &str) -> Option<f64> {
    let tidy: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| {
            if c == ',' {
                '.'
            } else if c == '\u{2212}' {
                '-'
            } else {
                c
            }
        })
        .collect();
    tidy.parse::<f64>().ok().filter(|v| v.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_type_numbers_in_many_ways() {
        for (text, want) in [
            ("10", Some(10.0)),
            (" 1,5 ", Some(1.5)),
            ("\u{2212}2", Some(-2.0)),
            ("1 000", Some(1000.0)),
            ("x", None),
            ("inf", None),
            ("", None),
        ] {
            assert_eq!(parse(text), want, "{text:?}");
        }
    }
}
