//! Right, above: snapshots on a slider, the way back, branches, the score.

use egui::{Ui, pos2, vec2};

use super::{InstructorState, act, buttons, in_exam, title};
use crate::console::action::Action;
use crate::console::commands::{self, Now};
use crate::console::fmt::{self, num};
use crate::console::model::Model;
use crate::console::widgets::pane::{rule, sides};
use crate::console::widgets::{Button, Ink, Scale, Slider, Text};
use crate::training::msg::{DeskView, What};

/// Branches shown.
const BRANCHES: usize = 4;
/// Height of a branch.
const ROW: f32 = 20.0;

pub(super) fn show(
    ui: &mut Ui,
    model: &Model,
    desk: &DeskView,
    state: &mut InstructorState,
    actions: &mut Vec<Action>,
) {
    let exam = in_exam(desk);
    ui.spacing_mut().item_spacing.y = 5.0;
    let named = desk.snapshots.iter().filter(|s| s.name.is_some()).count();
    title(ui, "Backtrack", &format!("{} every 5 s, {named} kept", desk.snapshots.len() - named));
    let last = desk.snapshots.len().saturating_sub(1);
    let at = state.snapshot.and_then(|id| desk.snapshots.iter().position(|s| s.id == id)).unwrap_or(last);
    let scale = Scale { range: [0.0, last.max(1) as f64], log: false, step: 1.0, decimals: 0 };
    let wide = ui.available_width();
    if let Some(v) = Slider::new("snapshot", at as f64, scale).why_not(exam).show(ui, wide) {
        state.snapshot = desk.snapshots.get(v.round() as usize).map(|s| s.id);
    }
    let chosen = desk.snapshots.get(at);
    if let Some(s) = chosen {
        let name =
            s.name.as_deref().filter(|n| !n.is_empty()).unwrap_or(if s.name.is_some() { "on demand" } else { "" });
        let ago = num((model.t_s - s.t_s).max(0.0), 1);
        let words = format!("{}, {ago} s ago, branch {} {name}", fmt::clock(s.t_s), s.branch);
        ui.add(Text::new(words).medium().live().cut());
    }
    let none = chosen.is_none().then_some("there is no snapshot").or(exam);
    let now = Now::of(model);
    let snapshot = commands::SNAPSHOT.offer(&now);
    let all = [
        Button::new("Restore").why_not(none),
        Button::new("Branch").why_not(none),
        snapshot.button().key(&snapshot.key),
    ];
    match (buttons(ui, &all), chosen) {
        (Some(2), _) => actions.extend(commands::SNAPSHOT.action(&now)),
        (Some(k), Some(s)) => {
            act(actions, if k == 0 { What::Restore(s.id) } else { What::Branch(s.id) });
            state.snapshot = None;
        }
        _ => {}
    }
    branches(ui, model, desk);
    rule(ui, Ink::of(ui).t.hair);
    score(ui, desk);
    rule(ui, Ink::of(ui).t.hair);
}

/// Each branch a line from where it begins to where it came to, on one time axis.
fn branches(ui: &mut Ui, model: &Model, desk: &DeskView) {
    let skip = desk.branches.len().saturating_sub(BRANCHES);
    let shown = desk.branches.len() - skip;
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), ROW * shown as f32));
    let ink = Ink::of(ui);
    let end = desk.branches.iter().map(|b| b.to_s).fold(model.t_s, f64::max).max(1.0);
    let (x0, x1) = (place.left(), place.right());
    let (left, right) = (x0 + 66.0, x1 - ink.px(78.0, 86.0));
    let x = |t: f64| left + (t / end) as f32 * (right - left);
    let mid = |k: usize| place.top() + ROW * k as f32 + 9.0;
    for (k, b) in desk.branches.iter().skip(skip).enumerate() {
        let (on, y) = (b.id == desk.branch, mid(k));
        let to_s = if on { model.t_s } else { b.to_s };
        let text = Text::new("").px(13.0, 14.0);
        let face = if on { text.clone().strong() } else { text.clone().dim() }.face(&ink);
        ink.left(x0, y, format!("branch {}", b.id), face);
        ink.path(
            vec![pos2(x(b.from_s), y), pos2(x(to_s).max(x(b.from_s) + 1.0), y)],
            (if on { 3.0 } else { 1.5 }, face.color),
        );
        if let Some(parent) = b.parent.and_then(|p| (p as usize).checked_sub(skip)) {
            ink.vline(x(b.from_s), mid(parent)..=y, ink.t.text2);
        }
        ink.right(x1, y, fmt::clock(to_s), text.live().face(&ink));
    }
}

fn score(ui: &mut Ui, desk: &DeskView) {
    let Some(live) = &desk.score else {
        return title(ui, "Score", if desk.exam { "hidden in an exam" } else { "not measured" });
    };
    let score = live.score(None);
    let left = |ui: &mut Ui| {
        ui.add(Text::title("Score"));
        ui.add(Text::note("so far, without par"));
    };
    sides(ui, left, |ui| ui.add(Text::value(num(score.total, 0)).strong().px(22.0, 24.0)));
    ui.columns(score.groups.len().max(1), |columns| {
        for (ui, g) in columns.iter_mut().zip(&score.groups) {
            ui.add(Text::note(g.name.split(' ').next().unwrap_or_default()));
            ui.add(Text::value(format!("{} / {}", num(g.points, 0), num(g.of, 0))));
        }
    });
}
