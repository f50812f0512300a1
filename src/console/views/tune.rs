//! Tune: what a bring-up plan may be, drawn from closed forms while it is dragged.
//!
//! Nothing here is simulated: every curve follows from the policy and the plate through `control::plan_math`. The
//! engine's answer to a plan (its dip) needs the twin and is not shown here. The plan in force is a double ring; an
//! edit is a ghost beside it until *Send to plan*. Up to five points can be pinned for comparison.

mod draft;
mod map;
mod params;
mod tables;
mod traces;

use egui::{Key, KeyboardShortcut, Modifiers, Rect, Ui, pos2, vec2};

use crate::console::action::{Action, ViewId};
use crate::console::model::Model;
use crate::console::view::{Icon, Seen, View, ViewInfo, part};
use crate::console::widgets::Ink;

pub use draft::TuneState;

/// Rectangles of the view.
#[derive(Clone, Copy, Debug)]
struct Layout {
    params: Rect,
    map: Rect,
    limits: Rect,
    acceptance: Rect,
    bottom: [Rect; 3],
}

impl Layout {
    fn of(rect: Rect) -> Self {
        let large = rect.height() >= 800.0;
        let params_w = if large { 340.0 } else { 310.0_f32.min(rect.width() * 0.3) };
        let bottom_h = (rect.height() * if large { 0.381 } else { 0.386 }).round();
        let rest = rect.width() - params_w;
        let map_w = (rest * 0.543).round();
        let at =
            |x: f32, y: f32, w: f32, h: f32| Rect::from_min_size(pos2(rect.left() + x, rect.top() + y), vec2(w, h));
        let top_h = rect.height() - bottom_h;
        let table_h = (top_h * if rect.height() < 680.0 { 0.61 } else { 0.56 }).round();
        let third = (rest / 3.0).round();
        let y = top_h;
        Self {
            params: at(0.0, 0.0, params_w, rect.height()),
            map: at(params_w, 0.0, map_w, top_h),
            limits: at(params_w + map_w, 0.0, rest - map_w, table_h),
            acceptance: at(params_w + map_w, table_h, rest - map_w, top_h - table_h),
            bottom: [
                at(params_w, y, third, bottom_h),
                at(params_w + third, y, third, bottom_h),
                at(params_w + 2.0 * third, y, rest - 2.0 * third, bottom_h),
            ],
        }
    }
}

/// Name of this view.
pub const ID: ViewId = ViewId("tune");

/// This view in the list.
pub const VIEW: ViewInfo = ViewInfo {
    id: ID,
    title: "Tune",
    about: "Tune the limits",
    key: KeyboardShortcut::new(Modifiers::NONE, Key::F3),
    own_keys: &[],
    icon,
    new: || Box::<TuneState>::default(),
};

fn icon(i: &Icon<'_>) {
    for (y, x) in [(-8.0, 4.0), (0.0, -5.0), (8.0, 2.0)] {
        i.path(&[[-11.0, y], [11.0, y]]);
        i.knob([x, y], 3.5);
    }
}

impl View for TuneState {
    fn ui(&mut self, ui: &mut Ui, seen: &Seen<'_>, actions: &mut Vec<Action>) {
        let (Some(model), rect) = (seen.model, seen.layout.view) else { return };
        part(ui, ID.0, rect, |ui| show(ui, rect, model, self, actions));
    }
}

/// Draws the view in `rect` and collects what the operator does.
pub fn show(ui: &mut Ui, rect: Rect, model: &Model, state: &mut TuneState, actions: &mut Vec<Action>) {
    let ink = Ink::new(ui, rect);
    let l = Layout::of(rect);
    state.follow(model);
    ink.fill(l.params, ink.t.panel);
    ink.fill(Rect::from_min_max(pos2(l.map.left(), rect.top()), rect.max), ink.t.inset);
    params::draw(ui, &ink, l.params, model, state, actions);
    map::draw(ui, &ink, l.map, model, state);
    let (plan, limits) = state.shown(model);
    tables::limits(ui, &ink, l.limits, &plan, &limits);
    traces::acceptance(ui, &ink, l.acceptance, &plan, &limits, model);
    let trace = state.trace(&plan, &limits);
    traces::bucket(ui, &ink, l.bottom[0], &trace, &limits);
    traces::powers(ui, &ink, l.bottom[1], &trace, &plan, &limits);
    tables::sources(ui, &ink, l.bottom[2], &plan, &limits);
    for x in [l.map.left(), l.limits.left()] {
        ink.vline(x, rect.top()..=if x == l.map.left() { rect.bottom() } else { l.map.bottom() }, ink.t.hair);
    }
    for x in [l.bottom[1].left(), l.bottom[2].left()] {
        ink.vline(x, l.bottom[0].top()..=rect.bottom(), ink.t.hair);
    }
    ink.hline(l.map.left()..=rect.right(), l.bottom[0].top(), ink.t.hair);
    ink.hline(l.limits.left()..=rect.right(), l.limits.bottom(), ink.t.hair);
}
