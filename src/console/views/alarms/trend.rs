//! The signal of an alarm from 60 s before its instant to 10 s after it, with the limit.

use egui::accesskit::Role;
use egui::{Rangef, Rect, Sense, Ui, WidgetInfo, pos2};

use super::number;
use crate::alarm::Entry;
use crate::console::fmt;
use crate::console::model::Model;
use crate::console::widgets::pen::Pen;
use crate::console::widgets::scale::{TimeScale, ValueScale};
use crate::console::widgets::{Face, Ink};
use crate::history::Runs;
use crate::plant::signals::SignalIdx;

/// Seconds before and after the instant.
const SPAN_S: [f64; 2] = [60.0, 10.0];

/// Draws it.
pub fn show(ui: &mut Ui, ink: &Ink, r: Rect, model: &Model, signal: SignalIdx, at_s: f64, e: &Entry, runs: &mut Runs) {
    let t = &ink.t;
    let s = model.table.get(signal);
    ink.fill(r, t.inset);
    let plot = Rect::from_min_max(r.min + egui::vec2(52.0, 20.0), r.max - egui::vec2(10.0, 20.0));
    let x = TimeScale {
        t0: at_s - SPAN_S[0],
        t1: at_s + SPAN_S[1],
        now: model.t_s,
        follows: false,
        left: plot.left(),
        right: plot.right(),
    };
    let pen = Pen::new(signal, "", t.live, 1.75);
    let p = ink.within(plot);
    model.history.visible_into(signal, x.past(), plot.width().max(1.0) as usize, runs);
    // the limit is in the signal's unit only where the alarm looks at the signal itself
    let limit = e.limit.is_finite().then_some(e.limit).filter(|_| e.unit == s.unit);
    let [mut lo, mut hi] = runs.bounds().unwrap_or([0.0, 1.0]);
    if let Some(limit) = limit {
        (lo, hi) = (lo.min(limit), hi.max(limit));
    }
    let pad = ((hi - lo) * 0.12).max(1e-3 * hi.abs()).max(1e-6);
    let y = ValueScale { lo: lo - pad, hi: hi + pad, y: Rangef::new(plot.top(), plot.bottom()) };
    for v in y.ticks() {
        ink.hline(plot.x_range(), y.y(v), t.grid);
        ink.right(plot.left() - 6.0, y.y(v), number(v, s.unit), Face::regular(12.0, t.text2));
    }
    for d in [-60.0, -40.0, -20.0, 0.0, 10.0] {
        let label = if d == 0.0 { "alarm".to_owned() } else { format!("{} s", fmt::signed(d, 0)) };
        let at = x.x(at_s + d);
        let align = if d >= 10.0 {
            egui::Align2::RIGHT_CENTER
        } else if d <= -60.0 {
            egui::Align2::LEFT_CENTER
        } else {
            egui::Align2::CENTER_CENTER
        };
        if d < 10.0 || r.width() > 420.0 {
            ink.text(pos2(at, plot.bottom() + 10.0), align, label, Face::regular(12.0, t.text2));
        }
    }
    ink.vline(x.x(at_s), plot.y_range(), t.text);
    if let Some(limit) = limit {
        let at = y.y(limit);
        ink.dashed(&[pos2(plot.left(), at), pos2(plot.right(), at)], t.limit, 4.0, 4.0);
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
