//! Foot of the Compare strips: batches, sheds, holds and trips of each run, and the axis of aligned time.

use egui::accesskit::Role;
use egui::{Align, Color32, Rangef, Rect, Sense, Stroke, Ui, WidgetInfo};

use super::CompareState;
use super::play;
use super::strips::{own, pen};
use crate::acts::{Event, EventKind};
use crate::console::action::Action;
use crate::console::fmt;
use crate::console::widgets::hand::pointer;
use crate::console::widgets::scale::TimeScale;
use crate::console::widgets::{Face, Ink, axes};
use crate::plant::signals::site;
use crate::report::compare::Comparison;

/// Height of a run's row.
const LANE: f32 = 13.0;

/// Height for so many runs.
pub(super) fn height(runs: usize) -> f32 {
    axes::AXIS + LANE * runs as f32 + 6.0
}

/// Draws it.
pub(super) fn show(
    ui: &Ui,
    rect: Rect,
    state: &mut CompareState,
    c: &Comparison,
    x: &TimeScale,
    actions: &mut Vec<Action>,
) {
    let response = ui.interact(rect, ui.make_persistent_id("lane"), Sense::click_and_drag());
    pointer(ui, &response, x, None, actions);
    let ink = Ink::new(ui, rect);
    let t = &ink.t;
    let mut words = "Batches".to_owned();
    for (i, run) in c.runs.iter().enumerate() {
        let middle = rect.top() + 6.0 + LANE * (i as f32 + 0.5);
        let pen = pen(t, i, site::F_HZ);
        ink.base(x.left - 8.0, middle + 4.5, Align::Max, pen.name, Face::semibold(12.0, pen.color));
        let own = own(x, c, i);
        let batches = run.rows.events().range(own.t0, own.t1).filter(|e| e.kind == EventKind::Batch).count();
        // Sheds lie under the batches of the same instant.
        for minor in [true, false] {
            ticks_of(&ink, pen.color, (middle, minor), run.rows.events().range(own.t0, own.t1), &own);
        }
        words += &format!(", {} {batches}", pen.name);
    }
    let foot = rect.bottom() - axes::AXIS;
    axis(&ink, state, x, foot);
    let notes =
        Rect::from_min_max(egui::pos2(rect.left(), foot - state.play.notes_height()), egui::pos2(x.right, foot));
    play::notes(ui, notes, state, c, x);
    axes::cursors(&ink, &state.part.cursors, x, rect.top()..=foot);
    response.widget_info(|| WidgetInfo::labeled(Role::Figure, true, &words));
}

/// Ticks of a run's events: small ones of sheds and restores, or tall ones of batches, holds and trips.
fn ticks_of<'a>(
    ink: &Ink,
    color: Color32,
    (middle, minor): (f32, bool),
    events: impl Iterator<Item = &'a Event>,
    own: &TimeScale,
) {
    let t = &ink.t;
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
            ink.base(px + 4.0, middle + 4.5, Align::Min, "T", Face::semibold(12.0, t.text));
        } else if px - last < 2.0 {
            // Ticks closer than this are one.
            continue;
        }
        last = px;
        let color = if minor { t.dead } else { color };
        ink.vline(px, Rangef::new(middle - half, middle + half), Stroke::new(width, color));
    }
}

/// Aligned time, and the flags of the cursors.
fn axis(ink: &Ink, state: &CompareState, x: &TimeScale, y: f32) {
    let flags = axes::flags(ink, &state.part.cursors, x, y, |i, at| format!("{}  {} s", i + 1, fmt::num(at, 1)));
    let (last, decimals) = (x.ticks().len().saturating_sub(1), usize::from(x.t1 - x.t0 < 6.0));
    axes::time(ink, x, y, flags, |i, at| {
        (format!("{}{}", fmt::num(at, decimals), if i == last { " s" } else { "" }), false)
    });
}
