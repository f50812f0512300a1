//! The exercise's table: when, what, armed, fired; below it the line that is being written, checked as it is typed.

use egui::{Rect, Sense, Ui, pos2, vec2};

use super::super::controls::{Look, Words, button, segmented};
use super::super::ink::{Face, Ink};
use super::{InstructorState, PAD, act, choice, faults, line, scrolled, title};
use crate::acts::fault::FAULTS;
use crate::console::action::{Action, FileAct};
use crate::console::model::Model;
use crate::plant::signals::SignalTable;
use crate::scenario::exercise::{Do, Item, When};
use crate::training::msg::{DeskView, ItemView, What};

/// Height of what is below the table: two rows of controls with a row of words between.
const FOOT: f32 = 92.0;

/// The line that is being written.
#[derive(Debug, Default)]
pub(super) struct Draft {
    when: String,
    what: String,
    repeat: bool,
    /// The line of the table that it was taken from.
    of: Option<usize>,
}

impl Draft {
    fn take(&mut self, k: usize, item: &Item) {
        *self = Self { when: item.at.words(), what: item.act.words(), repeat: item.repeat, of: Some(k) };
    }

    /// The item that is written, or the field that is wrong with its reason.
    fn item(&self, desk: &DeskView, table: &SignalTable) -> Result<Item, (&'static str, String)> {
        let said = |field| move |(what, expected): (String, String)| (field, format!("{what} (expected {expected})"));
        let old = self.of.and_then(|k| desk.items.get(k)).map(|v| &v.item);
        let at = When::from_words(&self.when).map_err(said("at"))?;
        let act = match old.filter(|i| i.act.words() == self.what.trim()) {
            Some(old) => old.act.clone(),
            None => Do::from_words(&self.what).map_err(said("do"))?,
        };
        let item = Item { at, act, repeat: self.repeat, armed: old.is_none_or(|i| i.armed) };
        let plant = desk.plant.as_ref().ok_or(("do", "there is no plant".to_owned()))?;
        item.check(plant, table).map_err(|(field, what, expected)| said(field)((what, expected)))?;
        Ok(item)
    }
}

pub(super) fn show(
    ui: &mut Ui,
    ink: &Ink,
    rect: Rect,
    model: &Model,
    desk: &DeskView,
    state: &mut InstructorState,
    actions: &mut Vec<Action>,
) {
    let (x0, x1) = (rect.left() + PAD, rect.right() - 8.0);
    let goals: Vec<_> = desk
        .goals
        .iter()
        .map(|g| {
            let mark = match g.met {
                None => "open",
                Some(true) => "met",
                Some(false) => "missed",
            };
            format!("{} ({mark})", g.goal.words())
        })
        .collect();
    let ended = desk.ended.as_ref().map_or_else(String::new, |e| format!("; ended: {e}"));
    let file = |n: f32| Rect::from_min_size(pos2(x1 - n * 60.0, rect.top() + 5.0), vec2(56.0, 26.0));
    let words = format!("{}{ended}", goals.join(", "));
    let y = title(ink, [x0, file(2.0).left() - 8.0], rect.top(), "Exercise", &words);
    let words = Words { label: "Load", key: "", name: "Load exercise" };
    if button(ui, ink, file(2.0), words, Look::Plain, super::in_exam(desk)).clicked() {
        actions.push(Action::File(FileAct::Open));
    }
    let words = Words { label: "Save", key: "", name: "Save exercise" };
    if button(ui, ink, file(1.0), words, Look::Plain, None).clicked() {
        actions.push(Action::File(FileAct::SaveExercise));
    }
    let list = Rect::from_min_max(pos2(rect.left() + 4.0, y), pos2(x1, rect.bottom() - FOOT));
    table(ui, list, desk, &mut state.draft, actions);
    let foot = Rect::from_min_max(pos2(x0, list.bottom()), pos2(x1, rect.bottom()));
    write(ui, ink, foot, model, desk, state, actions);
}

/// The lines, scrolled where there are many.
fn table(ui: &mut Ui, rect: Rect, desk: &DeskView, draft: &mut Draft, actions: &mut Vec<Action>) {
    scrolled(ui, rect, "exercise", |ui, ink| {
        let pitch = ink.px(26.0, 30.0);
        if desk.items.is_empty() {
            let words = "no lines yet: write one below, or load an exercise";
            ink.left(rect.left() + 12.0, rect.top() + 12.0, words, Face::Regular, ink.body(), ink.t.text2);
        }
        for (k, view) in desk.items.iter().enumerate() {
            let (row, _) = ui.allocate_exact_size(vec2(rect.width(), pitch), Sense::hover());
            if ui.is_rect_visible(row) {
                item(ui, ink, row, (k, view), draft, actions);
            }
        }
    });
}

fn item(
    ui: &mut Ui,
    ink: &Ink,
    row: Rect,
    (k, view): (usize, &ItemView),
    draft: &mut Draft,
    actions: &mut Vec<Action>,
) {
    let (x0, x1, mid) = (row.left() + 12.0, row.right(), row.center().y);
    let mid_x = x0 + 0.42 * (x1 - x0 - 200.0);
    let color = if view.armed { ink.t.text } else { ink.t.text2 };
    let (when, what) = (view.item.at.words(), view.item.act.words());
    let on = draft.of == Some(k);
    if choice(ui, ink, row.with_max_x(x1 - 182.0), ("item", k), &format!("{when}: {what}"), on) {
        if on {
            *draft = Draft::default();
        } else {
            draft.take(k, &view.item);
        }
    }
    ink.left_cut(x0, mid, mid_x - 8.0, &when, Face::Regular, ink.body(), color);
    ink.left_cut(mid_x, mid, x1 - 216.0, &what, Face::Regular, ink.body(), color);
    if view.fired > 0 {
        ink.right(x1 - 188.0, mid, format!("{}×", view.fired), Face::Medium, ink.body(), ink.t.live);
    }
    let labels = [if view.armed { "Disarm" } else { "Arm" }, "Fire", "Remove"];
    let place = k as u32;
    let whats = [What::Arm(place, !view.armed), What::Fire(place), What::RemoveItem(place)];
    let by_hand = view.item.at == When::Hand;
    for (n, (label, what)) in labels.into_iter().zip(whats).enumerate() {
        let (x, w) = ([178.0, 116.0, 66.0][n], [58.0, 46.0, 66.0][n]);
        let cell = Rect::from_min_size(pos2(x1 - x, row.top() + 1.0), vec2(w, row.height() - 3.0));
        let name = format!("{label} item {}", k + 1);
        let why = (n == 0 && by_hand).then_some("this one is fired by hand only");
        if button(ui, ink, cell, Words { label, key: "", name: &name }, Look::Plain, why).clicked() {
            if matches!(what, What::RemoveItem(_)) {
                draft.of = None;
            }
            act(actions, what);
        }
    }
}

/// The line that is being written, what is wrong with it right below, and what can be done with it.
fn write(
    ui: &mut Ui,
    ink: &Ink,
    rect: Rect,
    model: &Model,
    desk: &DeskView,
    state: &mut InstructorState,
    actions: &mut Vec<Action>,
) {
    let (x0, x1) = (rect.left(), rect.right());
    let mid_x = x0 + 0.42 * (x1 - x0);
    let top = rect.top() + 6.0;
    let when = Rect::from_min_max(pos2(x0, top), pos2(mid_x - 8.0, top + 28.0));
    let what = Rect::from_min_max(pos2(mid_x, top), pos2(x1, top + 28.0));
    let hint = "at 90  |  gpu_kw > 300 for 2  |  on 52G-TRIP";
    let mut enter = line(ui, ink, when, "when", hint, &mut state.draft.when);
    enter |= line(ui, ink, what, "what", "M07 miners 40 %, ramp 5 s  |  hint: text", &mut state.draft.what);
    let blank = state.draft.when.trim().is_empty() && state.draft.what.trim().is_empty();
    let checked = state.draft.item(desk, &model.table);
    let small = ink.px(12.0, 13.0);
    let y = when.bottom() + 11.0;
    match &checked {
        Err((field, why)) if !blank => {
            let r = if *field == "at" { when } else { what };
            ink.frame(r, 3, 2.0, ink.t.text);
            let (from, to) = if *field == "at" { (x0, x1) } else { (mid_x, x1) };
            ink.left_cut(from, y, to, why, Face::Medium, small, ink.t.text);
        }
        Err(_) => {
            let words = "click a line to change it, or write a new one";
            ink.left_cut(x0, y, x1, words, Face::Regular, small, ink.t.text2);
        }
        Ok(_) => {
            ink.left_cut(x0, y, x1, "makes sense on this plant", Face::Regular, small, ink.t.text2);
        }
    }
    let y = when.bottom() + 22.0;
    let pick =
        segmented(ui, ink, pos2(x0, y), "fires", &["once", "each time"], usize::from(state.draft.repeat), 10.0, None);
    if let Some(k) = pick {
        state.draft.repeat = k == 1;
    }
    let why = match &checked {
        _ if blank => Some("nothing written".to_owned()),
        Err((_, why)) => Some(why.clone()),
        Ok(_) => None,
    };
    let cell = |from: f32, w: f32| Rect::from_min_size(pos2(x1 - from, y), vec2(w, 28.0));
    let words = format!("From {}", FAULTS[state.selected].code);
    let words = Words { label: &words, key: "", name: "what: the selected malfunction" };
    if button(ui, ink, cell(282.0, 100.0), words, Look::Plain, None).clicked() {
        state.draft.what = faults::item(state.selected, desk, state, When::Hand).act.words();
    }
    let add = Words { label: "Add", key: "", name: "Add line" };
    let add = button(ui, ink, cell(174.0, 70.0), add, Look::Plain, why.as_deref()).clicked();
    let of = state.draft.of.filter(|k| *k < desk.items.len());
    let why_not = why.as_deref().or(of.is_none().then_some("choose a line"));
    let words = Words { label: "Change", key: "", name: "Change line" };
    let change = button(ui, ink, cell(96.0, 96.0), words, Look::Plain, why_not).clicked();
    let Ok(item) = checked else { return };
    match of {
        Some(k) if change || (enter && why_not.is_none()) => act(actions, What::SetItem(k as u32, item)),
        _ if add || (enter && why.is_none()) => act(actions, What::AddItem(item)),
        _ => return,
    }
    state.draft = Draft::default();
}
