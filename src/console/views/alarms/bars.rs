//! Controls over the list: which list, acknowledging, filters with the number that they hide.

use egui::accesskit::Role;
use egui::{CornerRadius, Key, Modifiers, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use super::super::controls::{Look, Words, button, ring, segmented};
use super::super::ink::{Face, Ink};
use super::super::live::path_field;
use super::rows::{LISTS, Rows, StateIs};
use super::{AlarmsState, ack_selected, ack_visible, why_not};
use crate::alarm::{Group, List};
use crate::console::action::Action;
use crate::console::model::Model;
use crate::console::widgets::glyph::{Look as Mark, glyph};

/// States to look for, with their names.
const STATES: [(Option<StateIs>, &str); 4] = [
    (None, "any state"),
    (Some(StateIs::Unack), "not acknowledged"),
    (Some(StateIs::Active), "condition holds"),
    (Some(StateIs::Returned), "returned, latched"),
];

/// Draws both rows of controls.
pub fn show(
    ui: &mut Ui,
    r: Rect,
    model: &Model,
    list: &List,
    shown: &Rows,
    state: &mut AlarmsState,
    actions: &mut Vec<Action>,
) {
    let ink = Ink::new(ui, r);
    let top = r.top() + 8.0;
    lists(ui, &ink, pos2(r.left() + 16.0, top), list, state);
    let why = why_not(model);
    let mut right = r.right() - 16.0;
    let mut press = |ui: &mut Ui, w: f32, label: &str, key: &str, name: &str, why: Option<&str>| {
        let b = Rect::from_min_size(pos2(right - w, top), vec2(w, 28.0));
        right -= w + 8.0;
        button(ui, &ink, b, Words { label, key, name }, Look::Plain, why).clicked()
    };
    let seen = state.in_view.iter().filter_map(|id| list.entries.get(*id as usize)).any(|e| e.state.is_unack());
    let none = why.or((!seen).then_some("nothing in view waits to be acknowledged"));
    if press(ui, 150.0, "Ack visible", "Ctrl+F10", "Acknowledge all that is in view", none) {
        ack_visible(model, list, state, actions);
    }
    let unack = state.selected.and_then(|id| list.entries.get(id as usize)).is_some_and(|e| e.state.is_unack());
    let none = why.or((!unack).then_some("the selected alarm is acknowledged, or none is selected"));
    if press(ui, 138.0, "Ack selected", "F10", "Acknowledge the selected alarm", none) {
        ack_selected(model, list, state, actions);
    }
    filters(ui, &ink, r, shown, state);
}

fn lists(ui: &mut Ui, ink: &Ink, at: egui::Pos2, list: &List, state: &mut AlarmsState) {
    let names: Vec<String> = LISTS
        .iter()
        .map(|(which, name)| format!("{name} {}", list.entries.iter().filter(|e| which.has(e)).count()))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let picked = LISTS.iter().position(|(which, _)| *which == state.filter.which).unwrap_or(0);
    if let Some((which, _)) = segmented(ui, ink, at, "List", &names, picked, 10.0, None).and_then(|i| LISTS.get(i)) {
        state.filter.which = *which;
        state.frozen = None;
    }
}

fn filters(ui: &mut Ui, ink: &Ink, r: Rect, shown: &Rows, state: &mut AlarmsState) {
    let top = r.top() + 42.0;
    let mut x = r.left() + 16.0;
    let field = Rect::from_min_size(pos2(x, top), vec2(150.0, 28.0));
    slash(ui);
    path_field(ui, ink, field, "Filter text", "/  filter text", &mut state.filter.text);
    x = field.right() + 12.0;
    for (k, without) in state.filter.without.iter_mut().enumerate() {
        let b = Rect::from_min_size(pos2(x, top), vec2(28.0, 28.0));
        x += 30.0;
        let name = format!("Priority {}", k + 1);
        let response = ui.interact(b, ui.scope_id().with(&name), Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, !*without, &name));
        if response.clicked() {
            *without = !*without;
        }
        if !*without {
            ink.p.rect_filled(b, CornerRadius::same(4), ink.t.inset);
        }
        ink.frame(b, 4, 1.0, if *without { ink.t.hair } else { ink.t.dead });
        let look = if *without { Mark::Outline } else { Mark::Active };
        glyph(&ink.p, &ink.t, b.center(), 16.0, k as u8 + 1, look);
        ring(ink, &response, b);
        response.on_hover_text(if *without { format!("{name}: left out") } else { name });
    }
    x += 10.0;
    let areas: Vec<Option<Group>> = std::iter::once(None).chain(Group::ALL.into_iter().map(Some)).collect();
    let area = |g: &Option<Group>| g.map_or("any area", Group::word);
    cycle(ui, ink, pos2(x, top), 108.0, "Area", &areas, &mut state.filter.area, area);
    x += 116.0;
    let states = STATES.map(|(s, _)| s);
    let word = |s: &Option<StateIs>| STATES.iter().find(|(x, _)| x == s).map_or("", |(_, w)| w);
    cycle(ui, ink, pos2(x, top), 148.0, "State", &states, &mut state.filter.state, word);
    x += 160.0;
    if state.filter.is_on() {
        let words = format!("filter on: {} hidden", shown.left_out);
        let end = ink.left(x, top + 14.0, &words, Face::SemiBold, ink.body(), ink.t.text);
        let said = ui.interact(
            Rect::from_min_max(pos2(x, top), pos2(end, top + 28.0)),
            ui.scope_id().with("hidden"),
            Sense::hover(),
        );
        said.widget_info(|| WidgetInfo::labeled(Role::Status, true, &words));
        let clear = Rect::from_min_size(pos2(end + 8.0, top), vec2(56.0, 28.0));
        if button(ui, ink, clear, Words { label: "Clear", key: "", name: "Clear filter" }, Look::Link, None).clicked() {
            state.filter.clear();
        }
    }
}

/// `/` puts the caret into the filter.
fn slash(ui: &Ui) {
    if !ui.ctx().text_edit_focused() && ui.ctx().input_mut(|i| i.consume_key(Modifiers::NONE, Key::Slash)) {
        // the character itself arrives as text and is not wanted
        ui.ctx().input_mut(|i| i.events.retain(|e| !matches!(e, egui::Event::Text(s) if s == "/")));
        ui.ctx().memory_mut(|m| m.request_focus(ui.scope_id().with("Filter text")));
    }
}

/// A button that goes through values; the other mouse button goes back.
fn cycle<T: PartialEq + Copy>(
    ui: &mut Ui,
    ink: &Ink,
    at: egui::Pos2,
    width: f32,
    name: &str,
    values: &[T],
    value: &mut T,
    word: impl Fn(&T) -> &'static str,
) {
    let label = word(value);
    let r = Rect::from_min_size(at, vec2(width, 28.0));
    let said = format!("{name}: {label}");
    let response = button(ui, ink, r, Words { label, key: "", name: &said }, Look::Plain, None);
    let n = values.len();
    let k = values.iter().position(|v| v == value).unwrap_or(0);
    let step = usize::from(response.clicked()) + usize::from(response.secondary_clicked()) * (n - 1);
    if let Some(next) = values.get((k + step) % n) {
        *value = *next;
    }
    response.on_hover_text("click for the next, right click for the one before");
}
