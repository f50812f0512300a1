//! The hand on a stretch of time: what wheel, drag and clicks mean, and the cross-hair that all strips share.
//!
//! Wheel: zoom at the pointer. Drag: pan; a cursor that is taken hold of moves along; with Shift a box is drawn, and the
//! window becomes it. Click: cursor 1; right click, or with Shift: cursor 2; double click: follow again.

use egui::{Context, CursorIcon, Id, PointerButton, Rangef, Response, Ui, Vec2};

use super::Ink;
use super::scale::TimeScale;
use crate::console::action::{Action, TimeAct};

/// A cursor this near is what a drag takes hold of, px.
const REACH: f32 = 5.0;
/// A box narrower than this is a slip, px.
const LEAST: f32 = 6.0;

/// What a drag does.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Does {
    /// Moves the window.
    #[default]
    Pan,
    /// Moves a cursor.
    Cursor(usize),
    /// Spans a box from this time.
    Box(f64),
}

/// What the hand is at, for all strips.
#[derive(Clone, Copy, Debug, Default)]
struct Hand {
    does: Does,
    /// Time under the pointer, and the pass in which it was.
    at: Option<(f64, u64)>,
    /// The box that is being drawn, and its pass.
    span: Option<([f64; 2], u64)>,
}

fn id() -> Id {
    Id::unique("hand on time")
}

fn read(ctx: &Context) -> Hand {
    ctx.data(|d| d.get_temp(id())).unwrap_or_default()
}

/// The time under the pointer, on whichever strip that is.
#[must_use]
pub fn time(ctx: &Context) -> Option<f64> {
    let pass = ctx.cumulative_pass_nr();
    read(ctx).at.filter(|(_, of)| of + 1 >= pass).map(|(t, _)| t)
}

/// Draws what the hand does at the height `y`: the upright of the cross-hair, and the box.
pub fn draw(ctx: &Context, ink: &Ink, x: &TimeScale, y: impl Into<Rangef>) {
    let (y, hand, pass) = (y.into(), read(ctx), ctx.cumulative_pass_nr());
    if let Some(([from, to], _)) = hand.span.filter(|(_, of)| of + 1 >= pass) {
        let [left, right] = [from.min(to), from.max(to)].map(|t| x.x(t).clamp(x.left, x.right));
        ink.fill(egui::Rect::from_x_y_ranges(left..=right, y), ink.t.accent.gamma_multiply(0.15));
        [left, right].iter().for_each(|px| ink.vline(*px, y, ink.t.accent));
    }
    if let Some(t) = time(ctx).filter(|t| x.contains(*t)) {
        ink.vline(x.x(t), y, ink.t.text2);
    }
}

/// What wheel, drag and clicks on a stretch of time mean. A click may be moved to `snap`, an event near the pointer.
pub fn pointer(ui: &Ui, response: &Response, scale: &TimeScale, snap: Option<f64>, actions: &mut Vec<Action>) {
    let at = response.hover_pos().or(response.interact_pointer_pos()).map(|p| scale.t(p.x));
    let (mut hand, pass) = (read(ui.ctx()), ui.ctx().cumulative_pass_nr());
    let over = response.hovered() || response.dragged();
    if response.hovered() {
        wheel(ui, scale, at, actions);
        let near = response.hover_pos().is_some_and(|p| cursor_near(scale, p.x).is_some());
        if near {
            ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
        }
    }
    if over {
        hand.at = at.map(|t| (t, pass));
    }
    if response.drag_started_by(PointerButton::Primary) {
        let (from, shift) = ui.input(|i| (i.pointer.press_origin(), i.modifiers.shift));
        let from = from.map_or(scale.left, |p| p.x);
        hand.does = match cursor_near(scale, from) {
            _ if shift => Does::Box(scale.t(from)),
            Some(i) => Does::Cursor(i),
            None => Does::Pan,
        };
    }
    if response.dragged_by(PointerButton::Primary) {
        let (dx, inside) = (response.drag_delta().x, at.map(|t| t.clamp(scale.t0, scale.t1)));
        match (hand.does, inside) {
            (Does::Box(from), Some(to)) => hand.span = Some(([from, to], pass)),
            (Does::Cursor(i), Some(to)) => actions.push(Action::Time(TimeAct::Cursor(i, Some(to)))),
            (Does::Pan, _) if dx != 0.0 => {
                actions.push(Action::Time(TimeAct::Pan(-f64::from(dx) * scale.s_per_px())));
            }
            _ => {}
        }
    }
    if response.drag_stopped_by(PointerButton::Primary) {
        if let (Does::Box(_), Some(([from, to], _))) = (hand.does, hand.span)
            && (to - from).abs() > f64::from(LEAST) * scale.s_per_px()
        {
            actions.push(Action::Time(TimeAct::Show([from.min(to), from.max(to)])));
        }
        (hand.does, hand.span) = (Does::Pan, None);
    }
    if over || response.drag_stopped() {
        ui.ctx().data_mut(|d| d.insert_temp(id(), hand));
    }
    clicks(ui, response, scale, snap.or(at), actions);
}

/// The cursor that a drag from this pixel takes hold of.
fn cursor_near(scale: &TimeScale, px: f32) -> Option<usize> {
    let far = |i: &usize| scale.cursors[*i].map_or(f32::INFINITY, |t| (scale.x(t) - px).abs());
    (0..2).filter(|i| far(i) <= REACH).min_by(|a, b| far(a).total_cmp(&far(b)))
}

fn wheel(ui: &Ui, scale: &TimeScale, at: Option<f64>, actions: &mut Vec<Action>) {
    let (scroll, pinch) = ui.input(|i| (i.smooth_scroll_delta(), i.zoom_delta()));
    if pinch != 1.0 {
        actions.push(Action::Time(TimeAct::Zoom(1.0 / f64::from(pinch), at)));
    } else if scroll.y != 0.0 {
        actions.push(Action::Time(TimeAct::Zoom((-f64::from(scroll.y) / 240.0).exp(), at)));
    }
    if scroll.x != 0.0 {
        actions.push(Action::Time(TimeAct::Pan(-f64::from(scroll.x) * scale.s_per_px())));
    }
    // The wheel has been used: a small window does not scroll as well.
    ui.ctx().input_mut(|i| i.smooth_scroll_delta = Vec2::ZERO);
}

fn clicks(ui: &Ui, response: &Response, scale: &TimeScale, at: Option<f64>, actions: &mut Vec<Action>) {
    let Some(at) = at.map(|t| t.clamp(scale.t0, scale.t1)) else { return };
    if response.double_clicked() {
        // The first click of the two has put a cursor there.
        actions.extend([Action::Time(TimeAct::Cursor(0, None)), Action::Time(TimeAct::Follow)]);
    } else if response.secondary_clicked() {
        actions.push(Action::Time(TimeAct::Cursor(1, Some(at))));
    } else if response.clicked_by(PointerButton::Primary) {
        let second = ui.input(|i| i.modifiers.shift);
        actions.push(Action::Time(TimeAct::Cursor(usize::from(second), Some(at))));
    }
}
