//! The signals that a site gives, with value, quality and age. What is not usable shows its last good value, greyed.

use egui::{Rect, Ui, pos2, vec2};

use super::words;
use crate::acts::Quality;
use crate::console::model::Model;
use crate::console::widgets::pane::{PAD, heading, part};
use crate::console::widgets::table::{Column, Table};
use crate::console::widgets::{Text, quality};
use crate::feed::SiteView;
use crate::plant::signals::{Kind, SignalIdx};

const COLUMNS: [Column; 6] = [
    Column::mark("", 20.0),
    Column::words("Signal", 170.0),
    Column::number("Value", 80.0),
    Column::words("Unit", 54.0),
    Column::rest("Quality", 90.0),
    Column::number("Age", 64.0),
];

/// Draws them; what has no room is scrolled to.
pub(super) fn show(ui: &mut Ui, r: Rect, model: &Model, site: &SiteView) {
    let (head, body) = r.split_top_bottom_at_y((r.top() + 28.0).min(r.bottom()));
    part(ui, "signals", head.expand2(vec2(PAD, 0.0)), |ui| heading(ui, "Signals", ""));
    let fed = (0..model.table.len()).filter_map(|i| model.table.index(i));
    let fed: Vec<(SignalIdx, usize)> = fed.filter_map(|s| Some((s, site.source(s)?))).collect();
    Table::new("points", &COLUMNS).show(ui, body, fed.len(), |row| {
        let Some((signal, tag)) = fed.get(row.index) else { return };
        let q = model.quality(*signal).unwrap_or_default();
        let s = model.table.get(*signal);
        row.still(row.index);
        row.paint(|ink, cell| quality::mark(ink, pos2(cell.left() + 5.0, cell.center().y), q));
        row.text(Text::new(&s.label).medium());
        let value = Text::value(in_words(s.kind, model.shown(*signal)));
        row.text(if q.usable() { value } else { value.dim() });
        row.text(Text::new(s.unit).dim());
        row.quality(
            q,
            match q {
                Quality::Uncertain(_) | Quality::Bad(_) => q.reason(),
                _ => q.word().to_owned(),
            },
        );
        row.text(Text::value(words::age(site.tags.get(*tag).map_or(f64::INFINITY, |t| t.age_s))));
    });
}

/// A state by its name, a number with its digits.
pub(super) fn in_words(kind: Kind, value: f64) -> String {
    match kind {
        Kind::State(names) if value >= 0.0 => {
            names.get(value.round() as usize).map_or_else(|| words::value(value), |n| (*n).to_owned())
        }
        _ => words::value(value),
    }
}
