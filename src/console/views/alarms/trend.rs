//! The signal of an alarm from 60 s before its instant to 10 s after it, with the limit.

use egui::accesskit::Role;
use egui::{Rect, Sense, Ui, WidgetInfo, vec2};

use super::number;
use crate::alarm::Entry;
use crate::console::fmt;
use crate::console::model::Model;
use crate::console::widgets::pen::Pen;
use crate::console::widgets::scale::{TimeScale, ValueScale, margin};
use crate::console::widgets::strip::GUTTER;
use crate::console::widgets::{Face, Ink, axes};
use crate::history::Runs;
use crate::plant::signals::SignalIdx;

/// Seconds before and after the instant.
const SPAN_S: [f64; 2] = [60.0, 10.0];

/// Draws it.
pub fn show(ui: &mut Ui, ink: &Ink, r: Rect, model: &Model, signal: SignalIdx, at_s: f64, e: &Entry, runs: &mut Runs) {
    let t = &ink.t;
    let s = model.table.get(signal);
    ink.fill(r, t.inset);
    let plot = Rect::from_min_max(r.min + vec2(GUTTER, 22.0), r.max - vec2(10.0, axes::AXIS));
    let [before, after] = SPAN_S;
    let (left, right) = (plot.left(), plot.right());
    // The axis counts from the alarm, the history from the start of the run.
    let axis =
        TimeScale { t0: -before, t1: after, now: model.t_s - at_s, follows: false, left, right, cursors: [None; 2] };
    let x = TimeScale { t0: at_s - before, t1: at_s + after, now: model.t_s, ..axis };
    let pen = Pen::new(signal, "", t.live, 1.75);
    let p = ink.within(plot);
    model.history.visible_into(signal, x.past(), plot.width().max(1.0) as usize, runs);
    // the limit is in the signal's unit only where the alarm looks at the signal itself
    let limit = e.limit.is_finite().then_some(e.limit).filter(|_| e.unit == s.unit);
    let [lo, hi] = runs.bounds().unwrap_or([0.0, 1.0]);
    let [lo, hi] = limit.map_or([lo, hi], |l| [lo.min(l), hi.max(l)]);
    let [lo, hi] = margin([lo, hi], (1e-2 * hi.abs()).max(1e-6));
    let y = ValueScale { lo, hi, y: plot.y_range() };
    axes::grid(ink, plot, &axis, &y);
    axes::time(ink, &axis, plot.bottom(), Vec::new(), |_, d| {
        if d == 0.0 { ("alarm".to_owned(), true) } else { (format!("{} s", fmt::signed(d, 0)), false) }
    });
    ink.vline(x.x(at_s), plot.y_range(), t.text);
    if let Some(limit) = limit {
        ink.hdash(plot.x_range(), y.y(limit), t.limit, 4.0, 4.0);
    }
    pen.draw(&p, &model.history, &x, &y, runs, None);
    let title = format!("{}{}{}", s.label, if s.unit.is_empty() { "" } else { ", " }, s.unit);
    let end = ink.left(r.left() + 8.0, r.top() + 10.0, title, Face::regular(12.0, t.text2));
    if let Some(limit) = limit {
        let words = format!("limit {}", number(limit, s.unit));
        ink.left(end + 12.0, r.top() + 10.0, words, Face::regular(12.0, t.limit));
    }
    let said = match runs.bounds() {
        Some([lo, hi]) => {
            let [lo, hi] = [lo, hi].map(|v| number(v, s.unit));
            format!("{} from 60 s before to 10 s after the alarm: {lo} to {hi} {}", s.label, s.unit)
        }
        None => format!("{}: no rows about the alarm in memory", s.label),
    };
    if runs.is_empty() {
        ink.centre(plot.center(), "no rows about the alarm in memory", Face::regular(13.0, t.text2));
    }
    let response = ui.interact(r, ui.scope_id().with("trend"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Figure, true, &said));
}
