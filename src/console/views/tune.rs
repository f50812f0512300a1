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

use std::io;

use egui::{Key, KeyboardShortcut, Modifiers, Rect, Ui};

use crate::console::action::{Action, ViewId};
use crate::console::model::Model;
use crate::console::view::{Icon, Seen, View, ViewInfo, WriteCsv, part};
use crate::console::widgets::Ink;

pub use draft::TuneState;

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

    fn has_csv(&self) -> bool {
        true
    }

    fn csv(&self) -> Option<WriteCsv> {
        let (.., trace) = self.played()?.clone();
        Some(Box::new(move |out: &mut dyn io::Write| traces::write_csv(&trace, out)))
    }
}

/// Draws the view in `rect` and collects what the operator does.
pub fn show(ui: &mut Ui, rect: Rect, model: &Model, state: &mut TuneState, actions: &mut Vec<Action>) {
    let ink = Ink::new(ui, rect);
    state.follow(model);
    let (params, rest) = rect.split_left_right_at_x(rect.left() + ink.px(310.0, 340.0));
    let (top, bottom) = rest.split_top_bottom_at_fraction(0.614);
    let (map, right) = top.split_left_right_at_fraction(0.543);
    let limits_h = (0.585 * right.height()).max(tables::LOWEST);
    let (limits_at, acceptance) = right.split_top_bottom_at_y(right.top() + limits_h);
    let (bucket, more) = bottom.split_left_right_at_fraction(1.0 / 3.0);
    let (powers, written) = more.split_left_right_at_fraction(0.5);
    ink.fill(params, ink.t.panel);
    ink.fill(rest, ink.t.inset);
    params::show(ui, params, model, state, actions);
    map::show(ui, map, model, state);
    let (plan, limits) = state.shown(model);
    tables::limits(ui, limits_at, &plan, &limits);
    traces::acceptance(ui, &ink, acceptance, &plan, &limits, model);
    let trace = state.trace(&plan, &limits);
    traces::bucket(ui, &ink, bucket, &trace, &limits);
    traces::powers(ui, &ink, powers, &trace, &plan, &limits);
    tables::sources(ui, written, &plan, &limits);
    for r in [rest, right, powers, written] {
        ink.vline(r.left(), r.y_range(), ink.t.hair);
    }
    for r in [bottom, acceptance] {
        ink.hline(r.x_range(), r.top(), ink.t.hair);
    }
}
