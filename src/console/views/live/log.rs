//! What a site had to tell, newest first: links lost and back, tags that were no longer good, clocks, gaps.

use egui::Rect;

use super::super::ink::{Face, Ink};
use crate::acts::EventKind;
use crate::console::fmt;
use crate::console::model::Model;

const ROW: f32 = 24.0;

/// Draws as many lines as there is room for.
pub(super) fn show(ink: &Ink, r: Rect, model: &Model) {
    let t = &ink.t;
    if r.height() < 60.0 {
        return;
    }
    ink.left(r.left(), r.top() + 16.0, "Log", Face::SemiBold, ink.body(), t.text);
    ink.hline(r.left(), r.right(), r.top() + 33.0, t.dead);
    let told = |k: EventKind| matches!(k, EventKind::State | EventKind::Notice);
    let room = ((r.height() - 40.0) / ROW).floor().max(0.0) as usize;
    let k = ink.px(1.0, 1.1);
    for (i, e) in model.history.events().iter().rev().filter(|e| told(e.kind)).take(room).enumerate() {
        let y = r.top() + 34.0 + ROW * (i as f32 + 0.5);
        let px = ink.body();
        ink.left(r.left(), y, fmt::stamp(e.t_s), Face::Regular, px, t.text2);
        let end = r.left() + 220.0 * k;
        ink.left_cut(r.left() + 88.0 * k, y, end - 8.0, &e.object, Face::Medium, px, t.text);
        ink.left_cut(end, y, r.right(), &e.text, Face::Regular, px, t.text);
        ink.hline(r.left(), r.right(), y + 0.5 * ROW, t.hair);
    }
}
