//! Alarm glyphs: shape, digit and fill each tell the priority, so none depends on colour alone.

use egui::accesskit::Role;
use egui::{Align, Color32, Pos2, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::{Face, Ink};

/// How an alarm stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// The condition is there.
    Active,
    /// It has returned to normal.
    Returned,
    /// There is none; the place of a count of zero.
    Outline,
}

/// Draws the glyph of `priority` (1 highest, to 4) about `centre`; `size` is 16 in lists, 18 in gauges.
pub fn glyph(ink: &Ink, centre: Pos2, size: f32, priority: u8, look: Look) {
    let t = &ink.t;
    let priority = priority.clamp(1, 4);
    let fill = t.alarm.get(usize::from(priority) - 1).copied().unwrap_or(t.text);
    let points = outline(centre, size * 0.5, priority);
    let draw = |fill: Color32, stroke: Stroke| {
        if priority == 4 {
            ink.p.circle(centre, size * 0.5 - 1.0, fill, stroke);
        } else {
            ink.p.add(Shape::convex_polygon(points.clone(), fill, stroke));
        }
    };
    let digit = match look {
        Look::Active => {
            draw(t.light, Stroke::new(3.0, t.light));
            draw(fill, Stroke::new(1.0, t.ink));
            if priority == 1 || priority == 4 { t.light } else { t.ink }
        }
        Look::Returned => {
            draw(t.panel, Stroke::new(4.0, t.text));
            draw(t.panel, Stroke::new(2.5, fill));
            t.text
        }
        Look::Outline => {
            draw(Color32::TRANSPARENT, Stroke::new(1.0, t.dead));
            t.text2
        }
    };
    // The middle of a triangle lies lower than that of its box.
    let drop = if priority == 2 { size * 0.14 } else { 0.0 };
    let px = if look == Look::Returned { 10.0 } else { 11.0 };
    ink.base(centre.x, centre.y + px * 0.36 + drop, Align::Center, priority.to_string(), Face::semibold(px, digit));
}

/// A letter in a thin ring: an alarm that is put away, and why.
pub fn letter(ink: &Ink, centre: Pos2, size: f32, letter: &str) {
    let t = &ink.t;
    ink.p.circle_stroke(centre, size * 0.5 - 0.5, Stroke::new(1.0, t.text2));
    ink.base(centre.x, centre.y + 4.0, Align::Center, letter, Face::regular(12.0, t.text2));
}

/// How many there are of a priority, as `words` say in full: the glyph, an outline at nought, and the number.
pub fn count(ui: &mut Ui, priority: u8, n: usize, words: &str) {
    let ink = Ink::of(ui);
    let (look, color) = if n > 0 { (Look::Active, ink.t.text) } else { (Look::Outline, ink.t.text2) };
    let (number, face) = (n.to_string(), Face::semibold(15.0, color));
    let (rect, response) = ui.allocate_exact_size(vec2(22.0 + ink.width(&number, face), 24.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, words));
    glyph(&ink, pos2(rect.left() + 8.0, rect.center().y), 16.0, priority, look);
    ink.right(rect.right(), rect.center().y, number, face);
    response.on_hover_text(words);
}

fn outline(c: Pos2, r: f32, priority: u8) -> Vec<Pos2> {
    match priority {
        1 => vec![c + vec2(0.0, -r), c + vec2(r, 0.0), c + vec2(0.0, r), c + vec2(-r, 0.0)],
        2 => vec![c + vec2(0.0, -r), c + vec2(r, r * 0.85), c + vec2(-r, r * 0.85)],
        _ => {
            let r = r - 1.5;
            vec![pos2(c.x - r, c.y - r), pos2(c.x + r, c.y - r), pos2(c.x + r, c.y + r), pos2(c.x - r, c.y + r)]
        }
    }
}

/// What a glyph says, for those who do not see it.
#[must_use]
pub fn words(priority: u8, look: Look) -> String {
    match look {
        Look::Active => format!("alarm of priority {priority}"),
        Look::Returned => format!("alarm of priority {priority}, returned to normal"),
        Look::Outline => format!("no alarm of priority {priority}"),
    }
}
