//! Opening a scenario without a file dialog: what comes with the program, what was open lately, or a path.
//!
//! It takes the place of the view; KPI strip and alarm banner stay as they are.

use std::path::PathBuf;

use egui::accesskit::Role;
use egui::{Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use super::controls::{Look, button, ring};
use super::ink::{Face, Ink};
use super::live::path_field;
use crate::console::action::Action;
use crate::console::theme;

/// What the list remembers while it is open.
#[derive(Clone, Debug, Default)]
pub struct PickerState {
    /// The path field.
    pub path: String,
    /// First row shown, when there are more than fit.
    pub first: usize,
    /// Something to say, as why there is no file dialog.
    pub hint: String,
}

/// What the operator did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Did {
    /// Nothing.
    Nothing,
    /// Closed it.
    Close,
    /// Asked for the native dialog.
    Browse,
}

/// Draws the list.
pub fn show(
    ui: &mut Ui,
    rect: Rect,
    built_in: &[(String, String)],
    recent: &[PathBuf],
    state: &mut PickerState,
    actions: &mut Vec<Action>,
) -> Did {
    let ink = Ink::new(ui, rect);
    let t = &ink.t;
    let mut did = Did::Nothing;
    ink.fill(rect, t.panel);
    let r = rect.shrink2(vec2(16.0, 0.0));
    ink.left(r.left(), r.top() + 28.0, "Open", Face::SemiBold, 16.0, t.text);
    let words = "a scenario for the twin, or a CSV recording to look at";
    ink.left(r.left() + 54.0, r.top() + 28.0, words, Face::Regular, 14.0, t.text2);
    let close = Rect::from_min_size(pos2(r.right() - 92.0, r.top() + 12.0), vec2(92.0, 32.0));
    if button(ui, &ink, close, "Close".into(), Look::Plain, None).clicked() {
        did = Did::Close;
    }
    let field = Rect::from_min_size(pos2(r.left(), r.top() + 58.0), vec2(r.width() - 216.0, 30.0));
    let entered = path_field(ui, &ink, field, "Path of a file to open", "Path of a .ron or .csv file", &mut state.path);
    let open = Rect::from_min_size(pos2(field.right() + 8.0, field.top()), vec2(100.0, 30.0));
    let why = state.path.trim().is_empty().then_some("give a path first");
    if (button(ui, &ink, open, "Open path".into(), Look::Plain, why).clicked() || entered) && why.is_none() {
        actions.push(Action::OpenFile(PathBuf::from(state.path.trim())));
    }
    let browse = Rect::from_min_size(pos2(open.right() + 8.0, field.top()), vec2(100.0, 30.0));
    if button(ui, &ink, browse, "Browse…".into(), Look::Plain, None).clicked() {
        did = Did::Browse;
    }
    if !state.hint.is_empty() {
        ink.left_cut(r.left(), field.bottom() + 18.0, r.right(), &state.hint, Face::Regular, 14.0, t.text);
    }
    let body = Rect::from_min_max(pos2(r.left(), field.bottom() + 40.0), pos2(r.right(), rect.bottom() - 8.0));
    let (left, right) = body.split_left_right_at_x(body.left() + (body.width() * 0.62).round());
    let left = left.with_max_x(left.right() - 24.0);
    built_ins(ui, &ink, left, built_in, state, actions);
    recents(ui, &ink, right, recent, actions);
    did
}

fn built_ins(
    ui: &mut Ui,
    ink: &Ink,
    r: Rect,
    list: &[(String, String)],
    state: &mut PickerState,
    actions: &mut Vec<Action>,
) {
    let t = &ink.t;
    ink.left(r.left(), r.top(), "Built in", Face::SemiBold, 14.0, t.text);
    ink.hline(r.left(), r.right(), r.top() + 16.0, t.dead);
    let room = ((r.height() - 24.0) / 34.0).floor().max(1.0) as usize;
    let last = list.len().saturating_sub(room);
    if ui.rect_contains_pointer(r) {
        let notches = ui.input(|i| i.smooth_scroll_delta().y) / 34.0;
        if notches.abs() > 0.2 {
            let by = notches.abs().ceil() as usize;
            state.first = if notches > 0.0 { state.first.saturating_sub(by) } else { state.first + by };
        }
    }
    state.first = state.first.min(last);
    if last > 0 {
        let words = format!(
            "{} to {} of {}, wheel for more",
            state.first + 1,
            (state.first + room).min(list.len()),
            list.len()
        );
        ink.right(r.right(), r.top(), words, Face::Regular, 14.0, t.text2);
    }
    for (i, (name, purpose)) in list.iter().skip(state.first).take(room).enumerate() {
        let row = Rect::from_min_size(pos2(r.left(), r.top() + 18.0 + 34.0 * i as f32), vec2(r.width(), 34.0));
        if entry(ui, ink, row, ("built in", name), purpose) {
            actions.push(Action::LoadBuiltIn(name.clone()));
        }
    }
}

fn recents(ui: &mut Ui, ink: &Ink, r: Rect, list: &[PathBuf], actions: &mut Vec<Action>) {
    let t = &ink.t;
    ink.left(r.left(), r.top(), "Recent", Face::SemiBold, 14.0, t.text);
    ink.hline(r.left(), r.right(), r.top() + 16.0, t.dead);
    if list.is_empty() {
        ink.left_cut(r.left(), r.top() + 34.0, r.right(), "None yet", Face::Regular, 14.0, t.text2);
    }
    for (i, path) in list.iter().enumerate() {
        let row = Rect::from_min_size(pos2(r.left(), r.top() + 18.0 + 34.0 * i as f32), vec2(r.width(), 34.0));
        if row.bottom() > r.bottom() {
            break;
        }
        let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let folder = path.parent().map_or_else(String::new, |p| p.display().to_string());
        if entry(ui, ink, row, ("recent", &name), &folder) {
            actions.push(Action::OpenFile(path.clone()));
        }
    }
}

fn entry(ui: &mut Ui, ink: &Ink, row: Rect, (list, name): (&str, &str), words: &str) -> bool {
    let t = &ink.t;
    let response = ui.interact(row, ui.scope_id().with((list, name, words)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Open {name}")));
    if response.hovered() {
        ink.fill(row.expand2(vec2(8.0, 0.0)), theme::mix(t.accent, t.inset, 0.16));
    }
    let split = row.left() + (row.width() * 0.32).clamp(140.0, 240.0);
    ink.left_cut(row.left(), row.center().y, split - 8.0, name, Face::SemiBold, 14.0, t.text);
    ink.left_cut(split, row.center().y, row.right(), words, Face::Regular, 14.0, t.text2);
    ink.hline(row.left(), row.right(), row.bottom(), t.hair);
    ring(ink, &response, row);
    response.clicked()
}
