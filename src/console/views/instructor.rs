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
use egui::{Key, KeyboardShortcut, Modifiers, Rect, Sense, Ui, WidgetInfo, vec2};

use crate::acts::By;
use crate::acts::fault::FAULTS;
use crate::console::action::{Action, ViewId};
use crate::console::model::Model;
use crate::console::view::{self, Icon, Seen, View, ViewInfo};
use crate::console::widgets::pane::{heading, pane, part};
use crate::console::widgets::{Button, Ink, Text, button};
use crate::training::ic::Difference;
use crate::training::msg::{DeskAct, DeskView, What};

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
        view::part(ui, ID.0, rect, |ui| show(ui, rect, model, self, actions));
    }
}

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

/// Draws the view.
pub fn show(ui: &mut Ui, rect: Rect, model: &Model, state: &mut InstructorState, actions: &mut Vec<Action>) {
    let ink = Ink::new(ui, rect);
    ink.fill(rect, ink.t.panel);
    let Some(desk) = model.desk.clone().filter(|_| model.commands()) else {
        pane(ui, "no desk", rect, |ui| {
            ui.add_space(14.0);
            ui.add(Text::title("No desk here").px(18.0, 18.0));
            let why = "Only a run of the twin has a desk: a recording and a plant are read, never changed.";
            ui.add(Text::new(why).dim())
        });
        return;
    };
    let wide = rect.width();
    let (left, right) = ((0.212 * wide).clamp(264.0, 360.0), (0.235 * wide).clamp(320.0, 410.0));
    let (a, rest) = rect.split_left_right_at_x(rect.left() + left);
    let (b, c) = rest.split_left_right_at_x(rest.right() - right);
    ink.fill(b, ink.t.inset);
    part(ui, "run", a, |ui| conditions::show(ui, model, &desk, state, actions));
    let (above, below) = b.split_top_bottom_at_y(b.top() + faults::height(&ink, b.height()));
    faults::show(ui, above, &desk, state, actions);
    ink.hline(above.x_range(), above.bottom(), ink.t.dead);
    exercise::show(ui, below, model, &desk, state, actions);
    pane(ui, "time", c, |ui| {
        time::show(ui, model, &desk, state, actions);
        field::show(ui, model, &desk, &mut state.field, actions);
    });
}

/// An act of the trainer.
fn act(actions: &mut Vec<Action>, what: What) {
    actions.push(Action::Desk(DeskAct { by: By::Instructor, what }));
}

/// Why something cannot be done in an exam.
fn in_exam(desk: &DeskView) -> Option<&'static str> {
    desk.exam.then_some("not in an exam")
}

/// A section's title with a note behind it.
fn title(ui: &mut Ui, text: &str, note: &str) {
    ui.add_space(2.0);
    heading(ui, text, note);
}

/// A row that can be chosen; draws its ground and gives its place.
fn choice(ui: &mut Ui, height: f32, key: (&str, usize), name: &str, on: bool) -> (bool, Rect) {
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), height));
    let r = ui.interact(rect, ui.scope_id().with(key), Sense::click());
    r.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, on, name));
    let ink = Ink::of(ui);
    ink.row_ground(rect, on, r.hovered());
    if r.has_focus() {
        ink.focus_ring(rect.shrink(2.0));
    }
    (r.clicked(), rect)
}

/// Buttons side by side over the whole width; which was pressed.
fn buttons(ui: &mut Ui, all: &[Button<'_>]) -> Option<usize> {
    button::row(ui, 30.0, 8.0, all).iter().position(egui::Response::clicked)
}
