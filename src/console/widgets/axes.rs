//! What strips over time have in common: title with its unit, grid with the values at its left, the axis of time, cursors and their flags.
//!
//! Strips of the plant, of compared runs and of the shadow all draw these, so that a line, a tick and a cursor look and
//! stand alike everywhere. Charts of given curves have theirs from `egui_plot` (see [`super::plot`]).

use egui::{Align, Rangef, Rect, Stroke, StrokeKind, vec2};

use super::scale::{TimeScale, ValueScale};
use super::{Face, Ink};
use crate::console::fmt;

/// Height of an axis of time with its labels and flags.
pub const AXIS: f32 = 26.0;
/// From the axis down to the base line of its labels.
const LABEL: f32 = 19.0;
/// Dashes of the first and the second cursor.
const DASHES: [f32; 2] = [3.0, 7.0];

/// Title and unit of a strip, on the base line `base` from `x` on; gives where they end.
pub fn title(ink: &Ink, x: f32, base: f32, title: &str, unit: &str) -> f32 {
    let size = ink.body();
    let end = ink.base(x, base, Align::Min, title, Face::semibold(size, ink.t.text)).right();
    ink.base(end + 6.0, base, Align::Min, unit, Face::regular(size, ink.t.text2)).right()
}

/// Lines of the grid, and the value of each at the left of the plot.
pub fn grid(ink: &Ink, plot: Rect, x: &TimeScale, y: &ValueScale) {
    let inside = ink.within(plot);
    let tick = Face::regular(ink.small(), ink.t.text2);
    for v in y.ticks() {
        let at = y.y(v);
        inside.hline(plot.x_range(), at, ink.t.grid);
        ink.base(plot.left() - 8.0, at + tick.px * 0.36, Align::Max, fmt::num(v, y.decimals()), tick);
    }
    for at in x.ticks() {
        let px = x.x(at);
        if px > plot.left() + 2.0 && px < plot.right() - 2.0 {
            inside.vline(px, plot.y_range(), ink.t.grid);
        }
    }
}

/// The axis at the height `y`: line, ticks, and what `label` says of each, in heavy letters if it says so. A label that
/// would lie on a flag, or on the label before it, is left out.
pub fn time(ink: &Ink, x: &TimeScale, y: f32, flags: Vec<Rect>, label: impl Fn(usize, f64) -> (String, bool)) {
    let (t, px, mut taken) = (&ink.t, ink.small(), flags);
    let line = if x.follows { t.text2 } else { t.dead };
    ink.hline(x.left..=x.right, y, line);
    for (i, at) in x.ticks().into_iter().enumerate() {
        let at_px = x.x(at);
        let (words, bold) = label(i, at);
        if words.is_empty() {
            continue;
        }
        ink.vline(at_px, y..=y + 5.0, line);
        let face = if bold { Face::semibold(px, t.text) } else { Face::regular(px, t.text2) };
        let wide = ink.width(&words, face);
        let left = (at_px - wide * 0.5).min(x.right - wide - 4.0).max(x.left - 8.0);
        let base = y + LABEL;
        let r = Rect::from_x_y_ranges(left - 4.0..=left + wide + 4.0, base - 10.0..=base + 2.0);
        if !taken.iter().any(|o| o.intersects(r)) {
            ink.base(left, base, Align::Min, words, face);
            taken.push(r);
        }
    }
}

/// Both cursors as dashed lines.
pub fn cursors(ink: &Ink, cursors: &[Option<f64>; 2], x: &TimeScale, y: impl Into<Rangef>) {
    let y = y.into();
    for (cursor, dash) in cursors.iter().zip(DASHES) {
        if let Some(at) = cursor.filter(|at| x.contains(*at)) {
            ink.vdash(x.x(at), y, ink.t.accent, dash, 3.0);
        }
    }
}

/// The flags of both cursors on the axis at the height `y`, as `words` calls them. The second is an outline and keeps
/// clear of the first. Gives the room that they take.
pub fn flags(
    ink: &Ink,
    cursors: &[Option<f64>; 2],
    x: &TimeScale,
    y: f32,
    words: impl Fn(usize, f64) -> String,
) -> Vec<Rect> {
    let (t, base) = (&ink.t, y + LABEL);
    let mut taken: Vec<Rect> = Vec::new();
    for (i, at) in cursors.iter().enumerate() {
        let Some(at) = at.filter(|at| x.contains(*at)) else { continue };
        let (fill, color) = if i == 0 { (t.accent, t.onaccent) } else { (t.inset, t.accent) };
        let (words, face) = (words(i, at), Face::medium(12.0, color));
        let wide = ink.width(&words, face) + 12.0;
        let left = (x.x(at) - wide * 0.5).min((x.right - wide).max(x.left)).max(x.left - 20.0).round();
        let mut r = Rect::from_x_y_ranges(left..=left + wide, base - 13.0..=base + 5.0);
        if let Some(first) = taken.first().map(|r| r.shrink(2.0)).filter(|f| f.intersects(r)) {
            let after = r.center().x >= first.center().x && first.right() + wide < x.right;
            let to = if after { first.right() } else { first.left() - wide };
            r = r.translate(vec2(to - r.left(), 0.0));
        }
        ink.p.rect(r, 3.0, fill, Stroke::new(1.0, t.accent), StrokeKind::Inside);
        ink.base(r.center().x, base, Align::Center, words, face);
        taken.push(r.expand(2.0));
    }
    taken
}
