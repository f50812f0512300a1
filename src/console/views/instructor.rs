//! Instructor (F5): where a training begins, what goes wrong in it, and the way back.
//!
//! Left conditions, run and exam; in the middle malfunctions and the exercise's table; right snapshots, branches, the
//! field and the score. It draws what the desk tells and asks for acts; nothing here changes a run.

mod conditions;
mod exercise;
mod faults;
mod field;
mod time;

use std::path::PathBuf;

use egui::accesskit::Role;
use egui::{
    Align2, CornerRadius, Key, KeyboardShortcut, Modifiers, Rect, ScrollArea, Sense, TextEdit, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

use super::ink::{Face, Ink};
use crate::acts::By;
use crate::acts::fault::FAULTS;
use crate::console::action::{Action, ViewId};
use crate::console::model::Model;
use crate::console::theme::{font, mix};
use crate::console::view::{Icon, Seen, View, ViewInfo, part};
use crate::training::ic::Difference;
use crate::training::msg::{DeskAct, DeskView, What};

/// Padding of a column.
pub(super) const PAD: f32 = 16.0;

/// A malfunction as the trainer has set it up.
#[derive(Clone, Copy, Debug)]
struct Row {
    device: usize,
    severity_pct: f64,
    ramp_s: f64,
    delay_s: f64,
    for_s: f64,
}

/// What this view remembers between frames.
#[derive(Debug)]
pub struct InstructorState {
    rows: [Row; FAULTS.len()],
    /// Selected malfunction, for the exercise.
    selected: usize,
    draft: exercise::Draft,
    note: String,
    name: String,
    /// Selected initial condition, and the one that it is compared with; none: the present state.
    condition: usize,
    against: Option<usize>,
    /// Snapshot that the slider stands on.
    snapshot: Option<u32>,
    field: field::FieldState,
    /// The trainer's own conditions.
    pub own: Vec<(String, PathBuf)>,
    /// A comparison of two conditions, and of which.
    pub difference: Option<(String, Vec<Difference>)>,
}

impl Default for InstructorState {
    fn default() -> Self {
        let row = Row { device: usize::MAX, severity_pct: 40.0, ramp_s: 0.0, delay_s: 0.0, for_s: 0.0 };
        Self {
            rows: [row; FAULTS.len()],
            selected: 0,
            draft: exercise::Draft::default(),
            note: String::new(),
            name: String::new(),
            condition: 2,
            against: None,
            snapshot: None,
            field: field::FieldState::default(),
            own: Vec::new(),
            difference: None,
        }
    }
}

/// Name of this view.
pub const ID: ViewId = ViewId("instructor");

/// This view in the list.
pub const VIEW: ViewInfo = ViewInfo {
    id: ID,
    title: "Trainer",
    about: "Trainer's desk",
    key: KeyboardShortcut::new(Modifiers::NONE, Key::F5),
    own_keys: &[],
    icon,
    new: || Box::<InstructorState>::default(),
};

fn icon(i: &Icon<'_>) {
    i.ring([0.0, -5.0], 4.5);
    i.path(&[[-9.0, 10.0], [-6.0, 3.0], [6.0, 3.0], [9.0, 10.0]]);
}

impl View for InstructorState {
    fn ui(&mut self, ui: &mut Ui, seen: &Seen<'_>, actions: &mut Vec<Action>) {
        let (Some(model), rect) = (seen.model, seen.layout.view) else { return };
        part(ui, ID.0, rect, |ui| show(ui, rect, model, self, actions));
    }
}

/// Draws the view.
pub fn show(ui: &mut Ui, rect: Rect, model: &Model, state: &mut InstructorState, actions: &mut Vec<Action>) {
    let ink = Ink::new(ui, rect);
    ink.fill(rect, ink.t.panel);
    let Some(desk) = model.desk.clone().filter(|_| model.commands()) else {
        let at = pos2(rect.left() + 24.0, rect.top() + 28.0);
        ink.left(at.x, at.y, "No desk here", Face::SemiBold, 18.0, ink.t.text);
        let why = "Only a run of the twin has a desk: a recording and a plant are read, never changed.";
        ink.left(at.x, at.y + 28.0, why, Face::Regular, ink.body(), ink.t.text2);
        return;
    };
    let (left, right) = (ink.px(288.0, 360.0), ink.px(320.0, 410.0));
    let a = Rect::from_min_max(rect.min, pos2(rect.left() + left, rect.bottom()));
    let c = Rect::from_min_max(pos2(rect.right() - right, rect.top()), rect.max);
    let b = Rect::from_min_max(pos2(a.right(), rect.top()), pos2(c.left(), rect.bottom()));
    ink.fill(b, ink.t.inset);
    conditions::show(ui, &ink, a, model, &desk, state, actions);
    let split = b.top() + faults::height(&ink, b.height());
    faults::show(ui, &ink, b.with_max_y(split), &desk, state, actions);
    exercise::show(ui, &ink, b.with_min_y(split), model, &desk, state, actions);
    let y = time::show(ui, &ink, c, model, &desk, state, actions);
    field::show(ui, &ink, c.with_min_y(y), model, &desk, &mut state.field, actions);
}

/// An act of the trainer.
fn act(actions: &mut Vec<Action>, what: What) {
    actions.push(Action::Desk(DeskAct { by: By::Instructor, what }));
}

/// Why something cannot be done in an exam.
fn in_exam(desk: &DeskView) -> Option<&'static str> {
    desk.exam.then_some("not in an exam")
}

/// A section's title and a note behind it; gives where its content begins.
fn title(ink: &Ink, [x0, x1]: [f32; 2], y: f32, text: &str, note: &str) -> f32 {
    let end = ink.left(x0, y + 18.0, text, Face::SemiBold, ink.px(14.0, 15.0), ink.t.text);
    ink.left_cut(end + 8.0, y + 18.0, x1, note, Face::Regular, ink.px(12.0, 13.0), ink.t.text2);
    y + 34.0
}

/// One of a few names: a click takes the next, a click with Shift the one before.
fn pick(ui: &Ui, ink: &Ink, rect: Rect, key: &str, names: &[String], now: &mut usize) -> bool {
    let name = names.get(*now).map_or("none", String::as_str);
    let r = ui.interact(rect, ui.scope_id().with(("pick", key)), Sense::click());
    r.widget_info(|| WidgetInfo::labeled(Role::Button, names.len() > 1, format!("{key} {name}")));
    let color = if names.is_empty() { ink.t.disabled } else { ink.t.live };
    ink.left_cut(rect.left() + 4.0, rect.center().y, rect.right() - 14.0, name, Face::Regular, ink.body(), color);
    if names.len() < 2 {
        return false;
    }
    let (x, y) = (rect.right() - 7.0, rect.center().y);
    let points = [pos2(x - 4.0, y - 2.0), pos2(x + 4.0, y - 2.0), pos2(x, y + 3.0)];
    ink.triangle(points, ink.t.text2, egui::Stroke::NONE);
    super::controls::ring(ink, &r, rect);
    let (n, clicked) = (names.len(), r.clicked());
    if clicked {
        let back = ui.input(|i| i.modifiers.shift);
        *now = if back { (*now + n - 1) % n } else { (*now + 1) % n };
    }
    r.on_hover_text(name);
    clicked
}

/// Rows in a place that is too small for them; each allocates its own.
fn scrolled(ui: &mut Ui, rect: Rect, name: &str, rows: impl FnOnce(&mut Ui, &Ink)) {
    ui.scope_builder(UiBuilder::new().id_salt(name).max_rect(rect), |ui| {
        ui.set_clip_rect(rect.intersect(ui.clip_rect()));
        ui.spacing_mut().item_spacing.y = 0.0;
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| rows(ui, &Ink::new(ui, rect)));
    });
}

/// A row that can be chosen.
fn choice(ui: &Ui, ink: &Ink, rect: Rect, key: (&str, usize), name: &str, on: bool) -> bool {
    let r = ui.interact(rect, ui.scope_id().with(key), Sense::click());
    r.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, on, name));
    if on || r.hovered() {
        ink.fill(rect, mix(ink.t.accent, ink.t.panel, if on { 0.18 } else { 0.08 }));
    }
    if on {
        ink.fill(rect.with_max_x(rect.left() + 3.0), ink.t.accent);
    }
    super::controls::ring(ink, &r, rect);
    r.clicked()
}

/// A line of text; true when Enter was pressed in it.
fn line(ui: &mut Ui, ink: &Ink, rect: Rect, name: &str, hint: &str, text: &mut String) -> bool {
    ink.p.rect_filled(rect, CornerRadius::same(3), ink.t.inset);
    ink.frame(rect, 3, 1.0, ink.t.dead);
    let id = ui.scope_id().with(("line", name));
    let edit = TextEdit::singleline(text)
        .id(id)
        .frame(egui::Frame::NONE)
        .margin(egui::Margin::ZERO)
        .char_limit(400)
        .font(font(Face::Regular, ink.body()))
        .text_color(ink.t.live)
        .hint_text(egui::RichText::new(hint).color(ink.t.disabled))
        .align(Align2::LEFT_CENTER);
    let r = ui.put(rect.shrink2(vec2(8.0, 0.0)), edit);
    ui.ctx().accesskit_node_builder(id, |n| n.set_label(name));
    super::controls::ring(ink, &r, rect);
    r.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter))
}
