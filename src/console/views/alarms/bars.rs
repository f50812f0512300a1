//! Controls over the list: which list, acknowledging, filters with the number that they hide.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Rect, Sense, Ui, WidgetInfo, vec2};

use super::rows::{LISTS, Rows, StateIs};
use super::{AlarmsState, ack_selected, ack_visible, why_not};
use crate::alarm::{Group, List};
use crate::console::action::Action;
use crate::console::model::Model;
use crate::console::widgets::glyph::{Look, glyph};
use crate::console::widgets::pane::{part, sides};
use crate::console::widgets::{Button, Ink, Segmented, Text, TextField, dropdown};

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
    part(ui, "bars", r, |ui| {
        ui.spacing_mut().item_spacing = vec2(8.0, 6.0);
        ui.add_space(8.0);
        let (picked, [visible, selected]) = sides(ui, |ui| lists(ui, list, state), |ui| acks(ui, model, list, state));
        if let Some((which, _)) = picked.and_then(|i| LISTS.get(i)) {
            state.filter.which = *which;
            state.frozen = None;
        }
        if visible {
            ack_visible(model, list, state, actions);
        }
        if selected {
            ack_selected(model, list, state, actions);
        }
        filters(ui, shown, state);
    });
}

fn lists(ui: &mut Ui, list: &List, state: &AlarmsState) -> Option<usize> {
    let count = |n: usize| list.entries.iter().filter(|e| LISTS[n].0.has(e)).count();
    let names: [String; LISTS.len()] = std::array::from_fn(|n| format!("{} {}", LISTS[n].1, count(n)));
    let names = names.each_ref().map(String::as_str);
    let picked = LISTS.iter().position(|(which, _)| *which == state.filter.which).unwrap_or(0);
    Segmented::new("List", &names, picked).padding(10.0).show(ui)
}

/// Both buttons; whether the visible and the selected are to be acknowledged.
fn acks(ui: &mut Ui, model: &Model, list: &List, state: &AlarmsState) -> [bool; 2] {
    let why = why_not(model);
    let unack = |id: &u32| list.entries.get(*id as usize).is_some_and(|e| e.state.is_unack());
    let none = why.or((!state.in_view.iter().any(unack)).then_some("nothing in view waits to be acknowledged"));
    let visible = Button::new("Ack visible").key("Ctrl+F10").name("Acknowledge all that is in view").why_not(none);
    let none = "the selected alarm is acknowledged, or none is selected";
    let none = why.or((!state.selected.as_ref().is_some_and(unack)).then_some(none));
    let selected = Button::new("Ack selected").key("F10").name("Acknowledge the selected alarm").why_not(none);
    [visible, selected].map(|b| ui.add(b).clicked())
}

fn filters(ui: &mut Ui, shown: &Rows, state: &mut AlarmsState) {
    let caret = slash(ui);
    ui.horizontal(|ui| {
        TextField::new("Filter text", &mut state.filter.text).hint("/  filter text").take_caret(caret).show(ui, 150.0);
        for (k, without) in state.filter.without.iter_mut().enumerate() {
            priority(ui, k, without);
        }
        let areas: Vec<&str> = std::iter::once("any area").chain(Group::ALL.into_iter().map(Group::word)).collect();
        let mut area = state.filter.area.and_then(|g| Group::ALL.iter().position(|x| *x == g)).map_or(0, |i| i + 1);
        if dropdown(ui, 96.0, "Area", &areas, &mut area) {
            state.filter.area = area.checked_sub(1).and_then(|i| Group::ALL.get(i)).copied();
        }
        let mut is = STATES.iter().position(|(s, _)| *s == state.filter.state).unwrap_or(0);
        if dropdown(ui, 136.0, "State", &STATES.map(|(_, word)| word), &mut is) {
            state.filter.state = STATES.get(is).and_then(|(s, _)| *s);
        }
        if state.filter.is_on() {
            ui.add(Text::new(format!("filter on: {} hidden", shown.left_out)).strong().whole());
            if ui.add(Button::new("Clear").name("Clear filter").link()).clicked() {
                state.filter.clear();
            }
        }
    });
}

/// The glyph of a priority as a box to tick.
fn priority(ui: &mut Ui, k: usize, without: &mut bool) {
    let (ink, name) = (Ink::of(ui), format!("Priority {}", k + 1));
    let (_, b) = ui.allocate_space(vec2(28.0, 28.0));
    let response = ui.interact(b, ui.scope_id().with(&name), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, !*without, &name));
    if response.clicked() {
        *without = !*without;
    }
    if !*without {
        ink.p.rect_filled(b, 4, ink.t.inset);
    }
    let edge = if *without { ink.t.hair } else { ink.t.dead };
    ink.frame(b, 4, if response.hovered() { ink.t.text } else { edge });
    glyph(&ink, b.center(), 16.0, k as u8 + 1, if *without { Look::Outline } else { Look::Active });
    if response.has_focus() {
        ink.focus_ring(b);
    }
    response.on_hover_text(if *without { format!("{name}: left out") } else { name });
}

/// `/` puts the caret into the filter.
fn slash(ui: &Ui) -> bool {
    let pressed = !ui.ctx().text_edit_focused() && ui.ctx().input_mut(|i| i.consume_key(Modifiers::NONE, Key::Slash));
    if pressed {
        // the character itself arrives as text and is not wanted
        ui.ctx().input_mut(|i| i.events.retain(|e| !matches!(e, egui::Event::Text(s) if s == "/")));
    }
    pressed
}
