//! The signals that a site gives, with value, quality and age. What is not usable shows its last good value, greyed.

use egui::{Rect, pos2};

use super::super::ink::{Face, Ink};
use super::words;
use crate::acts::Quality;
use crate::console::model::Model;
use crate::console::widgets::quality;
use crate::feed::SiteView;
use crate::plant::signals::{Kind, SignalIdx};

const ROW: f32 = 26.0;

/// Draws as many as there is room for.
pub(super) fn show(ink: &Ink, r: Rect, model: &Model, site: &SiteView) {
    let t = &ink.t;
    let x = |share: f32| r.left() + r.width() * share;
    ink.left(r.left(), r.top() + 16.0, "Signals", Face::SemiBold, ink.body(), t.text);
    let y = r.top() + 40.0;
    ink.left(r.left() + 20.0, y, "Signal", Face::Regular, 13.0, t.text2);
    ink.right(x(0.52), y, "Value", Face::Regular, 13.0, t.text2);
    ink.left(x(0.54), y, "Unit", Face::Regular, 13.0, t.text2);
    ink.left(x(0.64), y, "Quality", Face::Regular, 13.0, t.text2);
    ink.right(r.right(), y, "Age", Face::Regular, 13.0, t.text2);
    ink.hline(r.left(), r.right(), y + 13.0, t.dead);
    let room = ((r.bottom() - y - 20.0) / ROW).floor().max(0.0) as usize;
    let fed = (0..model.table.len()).filter_map(|i| model.table.index(i));
    let fed: Vec<(SignalIdx, usize)> = fed.filter_map(|s| Some((s, site.source(s)?))).collect();
    let shown = if fed.len() > room { room.saturating_sub(1) } else { fed.len() };
    for (i, (signal, tag)) in fed.iter().take(shown).enumerate() {
        let mid = y + 13.0 + ROW * (i as f32 + 0.5);
        let q = model.quality(*signal).unwrap_or_default();
        let s = model.table.get(*signal);
        let px = ink.body();
        quality::mark(&ink.p, t, pos2(r.left() + 5.0, mid), q);
        ink.left_cut(r.left() + 20.0, mid, x(0.36), &s.label, Face::Medium, px, t.text);
        let value = in_words(s.kind, model.shown(*signal));
        ink.right(x(0.52), mid, value, Face::Medium, px, if q.usable() { t.live } else { t.text2 });
        ink.left(x(0.54), mid, s.unit, Face::Regular, px, t.text2);
        let reason = match q {
            Quality::Uncertain(_) | Quality::Bad(_) => q.reason(),
            _ => q.word().to_owned(),
        };
        ink.left_cut(x(0.64), mid, r.right() - 62.0, &reason, Face::Regular, px, quality::color(t, q));
        let age = site.tags.get(*tag).map_or(f64::INFINITY, |t| t.age_s);
        ink.right(r.right(), mid, words::age(age), Face::Medium, px, t.live);
        ink.hline(r.left(), r.right(), mid + 0.5 * ROW, t.hair);
    }
    if fed.len() > shown {
        let mid = y + 13.0 + ROW * (shown as f32 + 0.5);
        ink.left(
            r.left(),
            mid,
            format!("and {} more under Tags", fed.len() - shown),
            Face::Regular,
            ink.body(),
            t.text2,
        );
    }
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
