//! The few controls that belong to the strips: small segments and flat buttons, 24 px or higher.

use egui::{Align, Color32, Rangef, Rect, Response, Sense, Stroke, StrokeKind, Ui, WidgetInfo, accesskit::Role};

use super::paint::{self, Face, text};
use crate::console::theme::tokens;

/// A button. `on` fills it with the accent, `hint` is its key.
pub fn button(ui: &Ui, rect: Rect, name: &str, label: &str, hint: &str, on: bool, help: &str) -> Response {
    let response = ui.interact(rect, ui.make_persistent_id(("strip button", name)), Sense::click());
    let (p, t) = (ui.painter_at(rect.expand(4.0)), tokens(ui));
    let (fill, color) = if on { (t.accent, t.onaccent) } else { (t.inset, t.text) };
    let edge = match () {
        () if on => t.accent,
        () if response.hovered() => t.text,
        () => t.dead,
    };
    p.rect(rect, 4.0, fill, Stroke::new(1.0, edge), StrokeKind::Inside);
    let (face, key) = (Face::medium(14.0, color), Face::medium(12.0, if on { color } else { t.text2 }));
    let gap = if hint.is_empty() { 0.0 } else { 6.0 };
    let wide = paint::width(&p, label, face) + gap + if hint.is_empty() { 0.0 } else { paint::width(&p, hint, key) };
    let base = rect.center().y + 5.0;
    let end = text(&p, rect.center().x - wide * 0.5, base, Align::Min, label, face).right();
    if !hint.is_empty() {
        text(&p, end + gap, base, Align::Min, hint, key);
    }
    if response.has_focus() {
        paint::focus_ring(&p, rect.expand(3.0), 6.0, t.accent);
    }
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, on, name));
    response.on_hover_text(help)
}

/// A choice of one: name for speech, label, selected. Returns the one clicked.
pub fn segments(ui: &Ui, rect: Rect, items: &[(&str, &str, bool)]) -> Option<usize> {
    let (p, t) = (ui.painter_at(rect.expand(4.0)), tokens(ui));
    p.rect(rect, 4.0, t.inset, Stroke::new(1.0, t.dead), StrokeKind::Inside);
    let face = |color: Color32| Face::medium(12.0, color);
    // Room by the length of the words, evenly padded.
    let widths: Vec<f32> = items.iter().map(|(_, label, _)| paint::width(&p, label, face(t.text))).collect();
    let pad = (rect.width() - widths.iter().sum::<f32>()) / items.len().max(1) as f32;
    let (mut left, mut clicked) = (rect.left(), None);
    for (i, ((name, label, on), wide)) in items.iter().zip(&widths).enumerate() {
        let r = Rect::from_x_y_ranges(left..=left + wide + pad, rect.y_range());
        let hit = r.expand2(egui::vec2(0.0, (28.0 - r.height()).max(0.0) * 0.5));
        let response = ui.interact(hit, ui.make_persistent_id(("strip segment", name)), Sense::click());
        if *on {
            p.rect_filled(r, 4.0, t.accent);
        } else if response.hovered() {
            p.rect_stroke(r.shrink(2.0), 3.0, Stroke::new(1.0, t.dead), StrokeKind::Inside);
        }
        let before = i.checked_sub(1).and_then(|b| items.get(b));
        if before.is_some_and(|b| !b.2) && !on {
            paint::vline(&p, r.left(), Rangef::new(r.top() + 5.0, r.bottom() - 5.0), Stroke::new(1.0, t.hair));
        }
        text(&p, r.center().x, r.center().y + 4.5, Align::Center, label, face(if *on { t.onaccent } else { t.text }));
        if response.has_focus() {
            paint::focus_ring(&p, r.expand(2.0), 5.0, t.accent);
        }
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, *on, *name));
        if response.clicked() {
            clicked = Some(i);
        }
        response.on_hover_text(*name);
        left = r.right();
    }
    clicked
}
