//! One line a metric: value, full and no marks, par, points.

use egui::{Rect, Ui, vec2};

use crate::console::fmt::num;
use crate::console::widgets::table::{self, Column, Table};
use crate::console::widgets::{Text, Weight};
use crate::training::score::{GroupScore, LineScore, Measure, Score};

const COLUMNS: [Column; 6] = [
    Column::rest("Metric", 160.0),
    Column::number("value", 104.0),
    Column::number("full at", 60.0),
    Column::number("none at", 66.0),
    Column::number("par", 50.0),
    Column::number("points", 76.0),
];

/// A line of the table.
enum Entry<'a> {
    Group(&'a GroupScore),
    Metric(&'a LineScore),
}

pub(super) fn show(ui: &mut Ui, rect: Rect, score: &Score) {
    let lines = |g: &'_ GroupScore| g.lines.len() + 1;
    let n: usize = score.groups.iter().map(lines).sum();
    let large = rect.height() > 760.0;
    let high = ((rect.height() - table::HEAD - 8.0) / n.max(1) as f32).clamp(20.0, if large { 34.0 } else { 28.0 });
    let all: Vec<Entry<'_>> = score
        .groups
        .iter()
        .flat_map(|g| std::iter::once(Entry::Group(g)).chain(g.lines.iter().map(Entry::Metric)))
        .collect();
    let over = score.metrics.t_s + 1e-9 >= score.metrics.horizon_s;
    let place = rect.shrink2(vec2(10.0, 0.0));
    Table::new("score", &COLUMNS).row_height(high).show(ui, place, n, |row| {
        row.still(row.index);
        match all.get(row.index) {
            Some(Entry::Group(g)) => {
                row.text(Text::new(&g.name).strong());
                for _ in 0..4 {
                    row.text(Text::new(""));
                }
                row.text(Text::value(format!("{} / {}", num(g.points, 1), num(g.of, 0))).strong());
            }
            Some(Entry::Metric(l)) => line(row, l, over),
            None => {}
        }
    });
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

fn line(row: &mut table::Row<'_, '_, '_>, l: &LineScore, over: bool) {
    let (label, _) = l.metric.label();
    let (shown, unit) = value(l, over);
    let points = format!("{} / {}", num(l.points, 1), num(l.of, 0));
    let lost = l.points + 0.05 < l.of;
    let with_unit = if unit.is_empty() { shown } else { format!("{shown} {unit}") };
    row.says(format!("{label}: {with_unit}, {} of {} points", num(l.points, 1), num(l.of, 0)));
    row.text(Text::new(format!("   {label}")));
    row.text(Text::value(with_unit));
    for (i, v) in [l.full, l.zero, l.par].into_iter().enumerate() {
        // a column that does not apply stays empty, one that waits for par shows a dash
        let waits = v.is_none() && i != 2 && l.full.is_none();
        let text = v.map_or_else(|| if waits { "–".to_owned() } else { String::new() }, |v| l.metric.text(v));
        row.text(Text::new(text).dim());
    }
    let weight = if lost { Weight::SemiBold } else { Weight::Regular };
    row.text(if lost { Text::new(points).weight(weight) } else { Text::new(points).dim() });
}
