//! A number field that keeps what is typed until Enter.

use egui::accesskit::Role;
use egui::{Id, Key, Margin, Rect, Sense, TextEdit, Ui, WidgetInfo, pos2, vec2};

use super::text_field::within;
use super::{Face, Ink};
use crate::console::fmt;
use crate::console::theme::{Weight, font};

/// A number field. While it is edited it keeps its own text; Enter or leaving it gives the number, Escape drops it.
#[derive(Clone, Copy, Debug)]
pub struct Number<'a> {
    name: &'a str,
    value: f64,
    decimals: usize,
    unit: &'a str,
    range: Option<[f64; 2]>,
    why_not: Option<&'a str>,
}

impl<'a> Number<'a> {
    /// Of a value, with so many decimals.
    pub fn new(name: &'a str, value: f64, decimals: usize) -> Self {
        Self { name, value, decimals, unit: "", range: None, why_not: None }
    }

    /// What stands behind it.
    #[must_use]
    pub fn unit(self, unit: &'a str) -> Self {
        Self { unit, ..self }
    }

    /// What is typed is brought into this range; its tooltip says so.
    #[must_use]
    pub fn range(self, lo: f64, hi: f64) -> Self {
        Self { range: Some([lo, hi]), ..self }
    }

    /// Why it cannot be used, if so.
    #[must_use]
    pub fn why_not(self, why_not: impl Into<Option<&'a str>>) -> Self {
        Self { why_not: why_not.into(), ..self }
    }

    /// Draws it where the layout puts it, so wide, and its unit behind it.
    pub fn show(self, ui: &mut Ui, width: f32) -> Option<f64> {
        let ink = Ink::of(ui);
        let face = Face::regular(ink.body(), if self.why_not.is_some() { ink.t.disabled } else { ink.t.text2 });
        let unit = if self.unit.is_empty() { 0.0 } else { ink.width(self.unit, face) + 8.0 };
        // A row of a table may be lower.
        let high = ui.max_rect().height().min(28.0);
        let (_, rect) = ui.allocate_space(vec2(width + unit, high));
        let field = (high - 3.0).min(24.0);
        ink.left(rect.left() + width + 8.0, rect.center().y, self.unit, face);
        self.put(ui, Rect::from_min_size(pos2(rect.left(), rect.center().y - 0.5 * field), vec2(width, field)))
    }

    /// Draws it into `rect`, without its unit.
    pub fn put(self, ui: &mut Ui, rect: Rect) -> Option<f64> {
        let ink = Ink::of(ui);
        let (t, enabled) = (&ink.t, self.why_not.is_none());
        let id = ui.scope_id().with(("field", self.name));
        let buffer = id.with("text");
        let shown = fmt::num(self.value, self.decimals);
        ink.p.rect_filled(rect, 3, if enabled { t.inset } else { t.panel });
        ink.frame(rect, 3, if enabled { t.dead } else { t.hair });
        let px = ink.px(15.0, 16.0);
        if let Some(why) = self.why_not {
            let r = ui.interact(rect, id, Sense::hover());
            r.widget_info(|| WidgetInfo::labeled(Role::TextInput, false, self.name));
            ink.right(rect.right() - 8.0, rect.center().y, shown, Face::medium(px, t.disabled));
            r.on_hover_text(why);
            return None;
        }
        let mut text: String = ui.data_mut(|d| d.get_temp(buffer)).unwrap_or_else(|| shown.clone());
        let edit = TextEdit::singleline(&mut text)
            .id(id)
            .frame(egui::Frame::NONE)
            .margin(Margin::ZERO)
            .font(font(Weight::Medium, px))
            .text_color(t.live)
            .align(egui::Align2::RIGHT_CENTER);
        let r = within(ui, rect.shrink2(vec2(8.0, 0.0)), edit);
        ui.ctx().accesskit_node_builder(id, |n| n.set_label(self.name));
        if r.gained_focus() {
            select_all(ui, id, text.chars().count());
        }
        if r.has_focus() {
            ink.focus_ring(rect);
            ui.data_mut(|d| d.insert_temp(buffer, text));
            return None;
        }
        if r.hovered() {
            ink.frame(rect, 3, t.text);
        }
        ui.data_mut(|d| d.remove_temp::<String>(buffer));
        let dropped = !r.lost_focus() || ui.input(|i| i.key_pressed(Key::Escape));
        let typed = parse(&text).filter(|_| !dropped && text != shown);
        if let Some([lo, hi]) = self.range {
            let words = |v: f64| fmt::num(v, self.decimals);
            r.on_hover_text(format!("{} to {} {}", words(lo), words(hi), self.unit).trim_end());
            return typed.map(|v| v.clamp(lo, hi));
        }
        typed
    }
}

fn select_all(ui: &Ui, id: Id, chars: usize) {
    if let Some(mut state) = egui::text_edit::TextEditState::load(ui.ctx(), id) {
        let range = egui::text::CCursorRange::two(egui::text::CCursor::new(0), egui::text::CCursor::new(chars));
        state.cursor.set_char_range(Some(range));
        state.store(ui.ctx(), id);
    }
}

/// Reads a number as people type it: comma or point, true minus or hyphen, spaces ignored.
pub fn parse(text: &str) -> Option<f64> {
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
