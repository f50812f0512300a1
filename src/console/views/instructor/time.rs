//! Right, above: snapshots on a slider, the way back, branches, the score.

use egui::{Rect, Ui, pos2, vec2};

use super::super::controls::{Look, Marks, Scale, Words, button, slider};
use super::super::ink::{Face, Ink, num};
use super::{InstructorState, PAD, act, in_exam, title};
use crate::console::action::Action;
use crate::console::fmt;
use crate::console::model::Model;
use crate::training::msg::{DeskView, What};

/// Branches shown.
const BRANCHES: usize = 4;

pub(super) fn show(
    ui: &mut Ui,
    ink: &Ink,
    rect: Rect,
    model: &Model,
    desk: &DeskView,
    state: &mut InstructorState,
    actions: &mut Vec<Action>,
) -> f32 {
    let ends = [rect.left() + PAD, rect.right() - PAD];
    let [x0, x1] = ends;
    let exam = in_exam(desk);
    let named = desk.snapshots.iter().filter(|s| s.name.is_some()).count();
    let note = format!("{} every 5 s, {named} kept", desk.snapshots.len() - named);
    let mut y = title(ink, ends, rect.top(), "Backtrack", &note);
    let last = desk.snapshots.len().saturating_sub(1);
    let at = state.snapshot.and_then(|id| desk.snapshots.iter().position(|s| s.id == id)).unwrap_or(last);
    let scale = Scale { range: [0.0, last.max(1) as f64], log: false, step: 1.0, decimals: 0 };
    let track = Rect::from_min_max(pos2(x0, y), pos2(x1, y + 28.0));
    if let Some(v) = slider(ui, ink, track, "snapshot", at as f64, scale, Marks::default(), exam) {
        state.snapshot = desk.snapshots.get(v.round() as usize).map(|s| s.id);
    }
    y += 34.0;
    let chosen = desk.snapshots.get(at);
    if let Some(s) = chosen {
        let name =
            s.name.as_deref().filter(|n| !n.is_empty()).unwrap_or(if s.name.is_some() { "on demand" } else { "" });
        let words = format!(
            "{}, {} s ago, branch {} {name}",
            fmt::clock(s.t_s),
            num((model.t_s - s.t_s).max(0.0), 1),
            s.branch
        );
        ink.left_cut(x0, y + 8.0, x1, &words, Face::Medium, ink.body(), ink.t.live);
    }
    y += 22.0;
    let w = (x1 - x0 - 16.0) / 3.0;
    let cell = |k: usize| Rect::from_min_size(pos2(x0 + k as f32 * (w + 8.0), y), vec2(w, 30.0));
    let none = chosen.is_none().then_some("there is no snapshot").or(exam);
    if button(ui, ink, cell(0), "Restore".into(), Look::Plain, none).clicked()
        && let Some(s) = chosen
    {
        act(actions, What::Restore(s.id));
        state.snapshot = None;
    }
    if button(ui, ink, cell(1), "Branch".into(), Look::Plain, none).clicked()
        && let Some(s) = chosen
    {
        act(actions, What::Branch(s.id));
        state.snapshot = None;
    }
    let words = Words { label: "Snapshot", key: "Ctrl+S", name: "Snapshot" };
    if button(ui, ink, cell(2), words, Look::Plain, exam).clicked() {
        act(actions, What::Snapshot(String::new()));
    }
    y += 40.0;
    y = branches(ink, ends, y, model, desk);
    y = score(ink, ends, y, desk);
    y
}

/// Each branch a line from where it begins to where it came to, on one time axis.
fn branches(ink: &Ink, [x0, x1]: [f32; 2], mut y: f32, model: &Model, desk: &DeskView) -> f32 {
    let end = desk.branches.iter().map(|b| b.to_s).fold(model.t_s, f64::max).max(1.0);
    let (left, right) = (x0 + 66.0, x1 - ink.px(78.0, 86.0));
    let place = |t: f64| left + (t / end) as f32 * (right - left);
    let skip = desk.branches.len().saturating_sub(BRANCHES);
    let first = y;
    for b in desk.branches.iter().skip(skip) {
        let mid = y + 9.0;
        let on = b.id == desk.branch;
        let to_s = if on { model.t_s } else { b.to_s };
        let color = if on { ink.t.text } else { ink.t.text2 };
        ink.left(
            x0,
            mid,
            format!("branch {}", b.id),
            if on { Face::SemiBold } else { Face::Regular },
            ink.px(13.0, 14.0),
            color,
        );
        let width = if on { 3.0 } else { 1.5 };
        ink.path(vec![pos2(place(b.from_s), mid), pos2(place(to_s).max(place(b.from_s) + 1.0), mid)], width, color);
        if let Some(parent) = b.parent.and_then(|p| (p as usize).checked_sub(skip)) {
            let from = first + 20.0 * parent as f32 + 9.0;
            ink.vline(place(b.from_s), from, mid, ink.t.text2);
        }
        ink.right(x1, mid, fmt::clock(to_s), Face::Regular, ink.px(13.0, 14.0), ink.t.live);
        y += 20.0;
    }
    y + 6.0
}

fn score(ink: &Ink, [x0, x1]: [f32; 2], y: f32, desk: &DeskView) -> f32 {
    ink.hline(x0, x1, y, ink.t.hair);
    let Some(live) = &desk.score else {
        return title(ink, [x0, x1], y, "Score", if desk.exam { "hidden in an exam" } else { "not measured" });
    };
    let score = live.score(None);
    let mut y = title(ink, [x0, x1], y, "Score", "so far, without par");
    ink.right(x1, y - 14.0, num(score.total, 0), Face::SemiBold, 22.0, ink.t.live);
    let w = (x1 - x0) / score.groups.len().max(1) as f32;
    for (k, g) in score.groups.iter().enumerate() {
        let x = x0 + k as f32 * w;
        let name = g.name.split(' ').next().unwrap_or_default();
        ink.left_cut(x, y + 8.0, x + w - 4.0, name, Face::Regular, ink.px(12.0, 13.0), ink.t.text2);
        let words = format!("{} / {}", num(g.points, 0), num(g.of, 0));
        ink.left(x, y + 26.0, words, Face::Medium, ink.body(), ink.t.live);
    }
    y += 42.0;
    y
}
