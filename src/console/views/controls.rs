//! Push buttons, segmented choices, sliders and number fields of the views, drawn in the console's style.
//!
//! Each is named for screen readers and works with the keyboard. A control that cannot be used keeps its place, is
//! drawn thin and says why when hovered and in its accessible description.

mod field;
mod slider;

use egui::accesskit::Role;
use egui::{CornerRadius, Rect, Response, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::ink::{Face, Ink};

pub(crate) use field::field;
pub(crate) use slider::{Marks, Scale, slider};

/// How a button looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// Inset with a thin frame.
    Plain,
    /// Text colour as fill: the one action of its place.
    Solid,
    /// Panel with a thick frame.
    Heavy,
    /// Accent text, no frame.
    Link,
}

/// A button's words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words<'a> {
    /// On the button.
    pub(crate) label: &'a str,
    /// Key, after the label.
    pub(crate) key: &'a str,
    /// For screen readers; the label when empty.
    pub(crate) name: &'a str,
}

impl<'a> From<&'a str> for Words<'a> {
    fn from(label: &'a str) -> Self {
        Self { label, key: "", name: "" }
    }
}

/// A button; `why_not` disables it and says why.
pub(crate) fn button(
    ui: &mut Ui,
    ink: &Ink,
    rect: Rect,
    words: Words<'_>,
    look: Look,
    why_not: Option<&str>,
) -> Response {
    let name = if words.name.is_empty() { words.label } else { words.name };
    let id = ui.scope_id().with(("button", name));
    let enabled = why_not.is_none();
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let r = ui.interact(rect, id, sense);
    r.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, name));
    if let Some(why) = why_not {
        ui.ctx().accesskit_node_builder(id, |n| n.set_description(why));
    }
    let t = &ink.t;
    let (fill, stroke, color) = match (look, enabled) {
        (_, false) if look == Look::Link => (None, Stroke::NONE, t.disabled),
        (_, false) => (None, Stroke::new(1.0, t.hair), t.disabled),
        (Look::Plain, _) => (Some(t.inset), Stroke::new(1.0, t.dead), t.text),
        (Look::Solid, _) => (Some(t.text), Stroke::NONE, t.panel),
        (Look::Heavy, _) => (Some(t.panel), Stroke::new(2.0, t.text), t.text),
        (Look::Link, _) => (None, Stroke::NONE, t.accent),
    };
    let radius = CornerRadius::same(4);
    if let Some(fill) = fill {
        let fill = if r.is_pointer_button_down_on() || r.hovered() {
            crate::console::theme::mix(t.accent, fill, 0.12)
        } else {
            fill
        };
        ink.p.rect_filled(rect, radius, fill);
    }
    ink.p.rect_stroke(rect, radius, stroke, StrokeKind::Inside);
    let face = if matches!(look, Look::Solid | Look::Heavy) { Face::SemiBold } else { Face::Medium };
    let (px, small) = (ink.body(), ink.px(12.0, 13.0));
    let wide = ink.width(words.label, face, px);
    let hint = if words.key.is_empty() { 0.0 } else { ink.width(words.key, Face::Medium, small) + 6.0 };
    let room = rect.width() - 8.0;
    let hint = if wide + hint > room { 0.0 } else { hint };
    let (px, wide) = if wide > room { (small, ink.width(words.label, face, small)) } else { (px, wide) };
    let x = rect.center().x - 0.5 * (wide + hint);
    let end = ink.left(x, rect.center().y, words.label, face, px, color);
    if hint > 0.0 {
        ink.left(end + 6.0, rect.center().y, words.key, Face::Medium, small, color);
    }
    ring(ink, &r, rect);
    match why_not {
        Some(why) => r.on_hover_text(why),
        None => r,
    }
}

/// Focus ring: 2 px accent, 2 px outside.
pub(crate) fn ring(ink: &Ink, r: &Response, rect: Rect) {
    if r.has_focus() {
        ink.p.rect_stroke(rect.expand(2.0), CornerRadius::same(6), Stroke::new(2.0, ink.t.accent), StrokeKind::Inside);
    }
}

/// Width that a segmented control needs.
pub(crate) fn segmented_width(ink: &Ink, items: &[&str], padding: f32) -> f32 {
    items.iter().map(|s| ink.width(s, Face::Medium, ink.body()) + 2.0 * padding).sum()
}

/// A choice of one; gives the new one when clicked.
pub(crate) fn segmented(
    ui: &mut Ui,
    ink: &Ink,
    at: egui::Pos2,
    group: &str,
    items: &[&str],
    selected: usize,
    padding: f32,
    why_not: Option<&str>,
) -> Option<usize> {
    let enabled = why_not.is_none();
    let h = 28.0;
    let all = Rect::from_min_size(at, vec2(segmented_width(ink, items, padding), h));
    ink.p.rect_filled(all, CornerRadius::same(4), ink.t.inset);
    let mut clicked = None;
    let mut x = at.x;
    for (i, item) in items.iter().enumerate() {
        let w = ink.width(item, Face::Medium, ink.body()) + 2.0 * padding;
        let cell = Rect::from_min_size(pos2(x, at.y), vec2(w, h));
        let id = ui.scope_id().with((group, i));
        let r = ui.interact(cell, id, if enabled { Sense::click() } else { Sense::hover() });
        let name = format!("{group}: {item}");
        r.widget_info(|| WidgetInfo::selected(Role::RadioButton, enabled, i == selected, &name));
        if let Some(why) = why_not {
            ui.ctx().accesskit_node_builder(id, |n| n.set_description(why));
        }
        let on = i == selected;
        if on {
            ink.p.rect_filled(cell, CornerRadius::same(4), if enabled { ink.t.accent } else { ink.t.hair });
        } else if i > 0 && i - 1 != selected {
            ink.vline(x, at.y + 7.0, at.y + 21.0, ink.t.hair);
        }
        let color = match (on, enabled) {
            (true, true) => ink.t.onaccent,
            (_, false) => ink.t.disabled,
            _ => ink.t.text,
        };
        ink.centre(cell.center(), item, Face::Medium, ink.body(), color);
        ring(ink, &r, cell);
        if r.clicked() && !on {
            clicked = Some(i);
        }
        if let Some(why) = why_not {
            r.on_hover_text(why);
        }
        x += w;
    }
    ink.frame(all, 4, 1.0, if enabled { ink.t.dead } else { ink.t.hair });
    clicked
}
