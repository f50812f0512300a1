//! The mark of a value's quality: a shape of its own for each, in grey; what is not good is darker, what is bad has the
//! colour of limits. Alarm colours stay with alarms.

use std::f32::consts::TAU;

use egui::{Color32, Painter, Pos2, Shape, Stroke, Vec2, pos2, vec2};

use super::paint;
use crate::acts::Quality;
use crate::console::theme::Tokens;

/// Radius of the mark.
const R: f32 = 4.0;

/// Colour of a quality's mark and word.
#[must_use]
pub fn color(t: &Tokens, q: Quality) -> Color32 {
    match q {
        Quality::Good | Quality::Never => t.text2,
        Quality::Uncertain(_) | Quality::Stale => t.text,
        Quality::Bad(_) => t.limit,
    }
}

/// Draws the mark: filled, half, dotted, crossed, a dash.
pub fn mark(p: &Painter, t: &Tokens, at: Pos2, q: Quality) {
    let color = color(t, q);
    let line = Stroke::new(1.5, color);
    let arc = |from: f32, to: f32| -> Vec<Pos2> {
        (0..=16).map(|i| at + R * Vec2::angled(from + (to - from) * i as f32 / 16.0)).collect()
    };
    match q {
        Quality::Good => {
            p.circle_filled(at, R, color);
        }
        Quality::Uncertain(_) => {
            // its left half
            p.add(Shape::convex_polygon(arc(0.25 * TAU, 0.75 * TAU), color, Stroke::NONE));
            p.circle_stroke(at, R, line);
        }
        Quality::Stale => {
            paint::dashed(p, &arc(0.0, TAU), line, 2.2, 2.0);
        }
        Quality::Bad(_) => {
            let d = R - 0.5;
            p.line_segment([at + vec2(-d, -d), at + vec2(d, d)], Stroke::new(2.0, color));
            p.line_segment([at + vec2(-d, d), at + vec2(d, -d)], Stroke::new(2.0, color));
        }
        Quality::Never => {
            p.line_segment([pos2(at.x - R, at.y), pos2(at.x + R, at.y)], line);
        }
    }
}
