//! Alarm glyphs: shape, colour and number all say the priority, so none of them has to alone.

use egui::{Pos2, Shape, Stroke, pos2};

use super::ink::{Face, Ink};

/// Draws the glyph of `priority` (1 to 4) around `at`; not `on` is an empty outline.
pub(crate) fn draw(ink: &Ink, at: Pos2, priority: usize, on: bool, size: f32) {
    let t = &ink.t;
    let r = size / 2.0;
    let p = |x: f32, y: f32| pos2(at.x + x * r, at.y + y * r);
    let points = match priority {
        1 => vec![p(0.0, -1.15), p(1.15, 0.0), p(0.0, 1.15), p(-1.15, 0.0)],
        2 => vec![p(0.0, -1.1), p(1.15, 0.9), p(-1.15, 0.9)],
        3 => vec![p(-0.9, -0.9), p(0.9, -0.9), p(0.9, 0.9), p(-0.9, 0.9)],
        _ => (0..16).map(|i| std::f32::consts::TAU * i as f32 / 16.0).map(|a| p(a.cos(), a.sin())).collect(),
    };
    let fill = t.alarm.get(priority.saturating_sub(1)).copied().unwrap_or(t.dead);
    let digit = at + egui::vec2(0.0, if priority == 2 { 0.15 * size } else { 0.0 });
    if on {
        ink.p.add(Shape::closed_line(points.clone(), Stroke::new(3.0, t.light)));
        ink.p.add(Shape::convex_polygon(points, fill, Stroke::new(1.0, t.ink)));
        let color = if priority == 1 { t.light } else { t.ink };
        ink.centre(digit, priority.to_string(), Face::Semi, 11.0, color);
    } else {
        ink.p.add(Shape::closed_line(points, Stroke::new(1.0, t.dead)));
        ink.centre(digit, priority.to_string(), Face::Semi, 11.0, t.text2);
    }
}
