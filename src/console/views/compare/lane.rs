//! Foot of the Compare strips: batches, sheds, holds and trips of each run, and the axis of aligned time.

use egui::accesskit::Role;
use egui::{Align, Color32, Painter, Rangef, Rect, Sense, Stroke, Ui, WidgetInfo};

use super::CompareState;
use super::play;
use super::strips::{cursors, own, pen};
use crate::acts::{Event, EventKind};
use crate::console::action::Action;
use crate::console::fmt;
use crate::console::theme::{Tokens, is_large};
use crate::console::widgets::paint::{self, Face, text};
use crate::console::widgets::scale::{TimeScale, pointer};
use crate::plant::signals::site;
use crate::report::compare::Comparison;

/// Height of the time axis.
const AXIS: f32 = 26.0;
/// Height of a run's row.
const LANE: f32 = 13.0;

/// Height for so many runs.
pub(super) fn height(runs: usize) -> f32 {
    AXIS + LANE * runs as f32 + 6.0
}

/// Draws it.
pub(super) fn show(
    ui: &Ui,
    t: &Tokens,
    rect: Rect,
    state: &mut CompareState,
    c: &Comparison,
    x: &TimeScale,
    actions: &mut Vec<Action>,
) {
    let response = ui.interact(rect, ui.make_persistent_id("lane"), Sense::click_and_drag());
    pointer(ui, &response, x, None, actions);
    let p = ui.painter_at(rect);
    let mut words = "Batches".to_owned();
    for (i, run) in c.runs.iter().enumerate() {
        let middle = rect.top() + 6.0 + LANE * (i as f32 + 0.5);
        let pen = pen(t, i, site::F_HZ);
        text(&p, x.left - 8.0, middle + 4.5, Align::Max, pen.name, Face::semibold(12.0, pen.color));
        let own = own(x, c, i);
        let batches = run.rows.events().range(own.t0, own.t1).filter(|e| e.kind == EventKind::Batch).count();
        // Sheds lie under the batches of the same instant.
        for minor in [true, false] {
            ticks_of(&p, t, pen.color, (middle, minor), run.rows.events().range(own.t0, own.t1), &own);
        }
        words += &format!(", {} {batches}", pen.name);
    }
    let foot = rect.bottom() - AXIS;
    axis(ui, &p, t, state, x, foot);
    let notes =
        Rect::from_min_max(egui::pos2(rect.left(), foot - state.play.notes_height()), egui::pos2(x.right, foot));
    play::notes(ui, t, notes, state, c, x);
    cursors(&p, t, state, x, Rangef::new(rect.top(), foot));
    response.widget_info(|| WidgetInfo::labeled(Role::Figure, true, &words));
}

/// Ticks of a run's events: small ones of sheds and restores, or tall ones of batches, holds and trips.
fn ticks_of<'a>(
    p: &Painter,
    t: &Tokens,
    color: Color32,
    (middle, minor): (f32, bool),
    events: impl Iterator<Item = &'a Event>,
    own: &TimeScale,
) {
    let mut last = f32::NEG_INFINITY;
    for e in events {
        let (half, width) = match e.kind {
            EventKind::Batch | EventKind::BatchDown if !minor => (5.0, 1.0),
            EventKind::Shed | EventKind::Restore if minor => (2.5, 1.0),
            EventKind::Hold if !minor => (5.0, 4.0),
            EventKind::Trip if !minor => (6.0, 3.0),
            _ => continue,
        };
        let px = own.x(e.t_s);
        if e.kind == EventKind::Trip {
            text(p, px + 4.0, middle + 4.5, Align::Min, "T", Face::semibold(12.0, t.text));
        } else if px - last < 2.0 {
            // Ticks closer than this are one.
            continue;
        }
        last = px;
        let color = if minor { t.dead } else { color };
        paint::vline(p, px, Rangef::new(middle - half, middle + half), Stroke::new(width, color));
    }
}

/// Ticks of aligned time, and the flags of the cursors.
fn axis(ui: &Ui, p: &Painter, t: &Tokens, state: &CompareState, x: &TimeScale, axis: f32) {
    paint::hline(p, Rangef::new(x.left, x.right), axis, Stroke::new(1.0, t.dead));
    let face = Face::regular(if is_large(ui) { 13.0 } else { 12.0 }, t.text2);
    let ticks = x.ticks();
    for (k, at) in ticks.iter().enumerate() {
        let px = x.x(*at);
        paint::vline(p, px, Rangef::new(axis, axis + 5.0), Stroke::new(1.0, t.dead));
        let unit = if k + 1 == ticks.len() { " s" } else { "" };
        text(
            p,
            px,
            axis + 18.0,
            Align::Center,
            &format!("{}{unit}", fmt::num(*at, usize::from(x.t1 - x.t0 < 6.0))),
            face,
        );
    }
    let mut flags: Vec<Rect> = Vec::new();
    for (n, at) in state.cursors.iter().enumerate() {
        let Some(at) = at.filter(|at| x.contains(*at)) else { continue };
        let words = format!("{}  {} s", n + 1, fmt::num(at, 1));
        let face = Face::medium(12.0, t.onaccent);
        let wide = paint::width(p, &words, face) + 12.0;
        let middle = x.x(at).clamp(x.left + wide * 0.5, x.right - wide * 0.5);
        let mut flag = Rect::from_x_y_ranges(middle - wide * 0.5..=middle + wide * 0.5, axis + 4.0..=axis + 22.0);
        if let Some(other) = flags.iter().find(|o| o.intersects(flag)) {
            flag = flag.translate(egui::vec2(other.right() + 2.0 - flag.left(), 0.0));
        }
        p.rect_filled(flag, 3.0, t.accent);
        text(p, flag.center().x, flag.bottom() - 5.0, Align::Center, &words, face);
        flags.push(flag);
    }
}
