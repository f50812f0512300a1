//! One line a metric: value, full and no marks, par, points.

use egui::{Rect, Ui, pos2};

use super::left::say;
use crate::console::views::ink::{Face, Ink, num};
use crate::training::score::{LineScore, Measure, Score};

const PAD: f32 = 16.0;

pub(super) fn show(ui: &Ui, ink: &Ink, rect: Rect, score: &Score) {
    let (x0, x1) = (rect.left() + PAD, rect.right() - PAD);
    let rows = score.groups.iter().map(|g| g.lines.len() + 1).sum::<usize>() as f32;
    let top = rect.top() + 40.0;
    let pitch = ((rect.bottom() - 8.0 - top) / rows).clamp(20.0, ink.px(28.0, 34.0));
    // right edges of the number columns
    let w = x1 - x0;
    let columns = [0.56, 0.67, 0.78, 0.88, 1.0].map(|k| x0 + k * w);
    let y = rect.top() + 24.0;
    ink.left(x0, y, "Metric", Face::Regular, 13.0, ink.t.text2);
    for (x, name) in columns.iter().zip(["value", "full at", "none at", "par", "points"]) {
        ink.right(*x, y, name, Face::Regular, 13.0, ink.t.text2);
    }
    ink.hline(x0, x1, rect.top() + 36.0, ink.t.dead);
    let over = score.metrics.t_s + 1e-9 >= score.metrics.horizon_s;
    let mut y = top;
    for g in &score.groups {
        let mid = y + 0.5 * pitch;
        ink.left(x0, mid, &g.name, Face::SemiBold, ink.body(), ink.t.text);
        let sum = format!("{} / {}", num(g.points, 1), num(g.of, 0));
        ink.right(x1, mid, sum, Face::SemiBold, ink.body(), ink.t.live);
        y += pitch;
        for l in &g.lines {
            let row = Rect::from_min_max(pos2(x0, y), pos2(x1, y + pitch));
            line(ui, ink, row, &columns, l, over);
            y += pitch;
        }
    }
}

/// A value with its unit, as in a table.
fn value(l: &LineScore, over: bool) -> (String, &'static str) {
    let (_, unit) = l.metric.label();
    match l.measure {
        Measure::Value(v) => (l.metric.text(v).replace('-', "−"), unit),
        Measure::NotAsked => ("not asked for".to_owned(), ""),
        Measure::Never if over => ("not reached".to_owned(), ""),
        Measure::Never => ("not yet".to_owned(), ""),
    }
}

fn line(ui: &Ui, ink: &Ink, row: Rect, columns: &[f32; 5], l: &LineScore, over: bool) {
    let (label, _) = l.metric.label();
    let (shown, unit) = value(l, over);
    let (mid, px) = (row.center().y, ink.body());
    ink.hline(row.left(), row.right(), row.top(), ink.t.hair);
    let points = format!("{} / {}", num(l.points, 1), num(l.of, 0));
    let lost = l.points + 0.05 < l.of;
    let with_unit = if unit.is_empty() { shown.clone() } else { format!("{shown} {unit}") };
    let left = ink.right(columns[0], mid, &with_unit, Face::Medium, px, ink.t.live);
    ink.left_cut(row.left() + 12.0, mid, left - 8.0, label, Face::Regular, px, ink.t.text);
    for (x, v) in columns[1..4].iter().zip([l.full, l.zero, l.par]) {
        // a column that does not apply stays empty, one that waits for par shows a dash
        let waits = v.is_none() && *x != columns[3] && l.full.is_none();
        let text = v.map_or_else(|| if waits { "–".to_owned() } else { String::new() }, |v| l.metric.text(v));
        ink.right(*x, mid, text, Face::Regular, px, ink.t.text2);
    }
    let (face, color) = if lost { (Face::SemiBold, ink.t.text) } else { (Face::Regular, ink.t.text2) };
    ink.right(columns[4], mid, &points, face, px, color);
    say(ui, row, &format!("{label}: {with_unit}, {} of {} points", num(l.points, 1), num(l.of, 0)));
}
