//! The exercise's table: when, what, armed, fired; below it the line that is being written, checked as it is typed.

use egui::{Rect, Ui};

use super::{InstructorState, act, faults, in_exam};
use crate::acts::fault::FAULTS;
use crate::console::action::{Action, FileAct};
use crate::console::commands::{self, Now};
use crate::console::model::Model;
use crate::console::widgets::pane::{part, sides};
use crate::console::widgets::table::{self, Column, Table};
use crate::console::widgets::{Button, Segmented, Text, TextField};
use crate::plant::signals::SignalTable;
use crate::scenario::exercise::{Do, Item, When};
use crate::training::msg::{DeskView, What};

/// Heights of the title and of what is below the table.
const TITLE: f32 = 34.0;
const FOOT: f32 = 100.0;

const COLUMNS: [Column; 6] = [
    Column::words("when", 170.0),
    Column::rest("what", 160.0),
    Column::number("fired", 50.0),
    Column::mark("", 70.0),
    Column::mark("", 54.0),
    Column::mark("", 76.0),
];

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
    rect: Rect,
    model: &Model,
    desk: &DeskView,
    state: &mut InstructorState,
    actions: &mut Vec<Action>,
) {
    let (head, rest) = rect.split_top_bottom_at_y(rect.top() + TITLE);
    let (body, foot) = rest.split_top_bottom_at_y(rest.bottom() - FOOT);
    part(ui, "exercise", head, |ui| heads(ui, model, desk, actions));
    let of = state.draft.of;
    let empty = "no lines yet: write one below, or load an exercise";
    let table = Table::new("items", &COLUMNS).empty(empty);
    let told = table.show(ui, body, desk.items.len(), |row| item(row, desk, &mut state.draft, actions));
    if let Some((k, view)) = told.chosen.and_then(|k| Some((k, desk.items.get(k)?))) {
        if of == Some(k) {
            state.draft = Draft::default();
        } else {
            state.draft.take(k, &view.item);
        }
    }
    part(ui, "write", foot, |ui| write(ui, model, desk, state, actions));
}

fn heads(ui: &mut Ui, model: &Model, desk: &DeskView, actions: &mut Vec<Action>) {
    let goals = desk.goals.iter().map(|g| {
        let mark = match g.met {
            None => "open",
            Some(true) => "met",
            Some(false) => "missed",
        };
        format!("{} ({mark})", g.goal.words())
    });
    let ended = desk.ended.as_ref().map_or_else(String::new, |e| format!("; ended: {e}"));
    let words = format!("{}{ended}", goals.collect::<Vec<_>>().join(", "));
    ui.add_space(3.0);
    let left = |ui: &mut Ui| {
        ui.add(Text::title("Exercise"));
        ui.add(Text::note(words));
    };
    sides(ui, left, |ui| {
        commands::SAVE_EXERCISE.press(ui, &Now::of(model), actions, |b| b);
        if ui.add(Button::new("Load").name("Load exercise").why_not(in_exam(desk))).clicked() {
            actions.push(Action::File(FileAct::Open));
        }
    });
}

fn item(row: &mut table::Row<'_, '_, '_>, desk: &DeskView, draft: &mut Draft, actions: &mut Vec<Action>) {
    let k = row.index;
    let Some(view) = desk.items.get(k) else { return };
    let (when, what) = (view.item.at.words(), view.item.act.words());
    row.begin(("item", k), draft.of == Some(k));
    row.says(format!("{when}: {what}"));
    let tone = |t: Text<'static>| if view.armed { t } else { t.dim() };
    row.text(tone(Text::new(when)));
    row.text(tone(Text::new(what)));
    row.text(Text::value(if view.fired > 0 { format!("{}×", view.fired) } else { String::new() }));
    let place = k as u32;
    let by_hand = (view.item.at == When::Hand).then_some("this one is fired by hand only");
    let acts = [
        (if view.armed { "Disarm" } else { "Arm" }, What::Arm(place, !view.armed), by_hand),
        ("Fire", What::Fire(place), None),
        ("Remove", What::RemoveItem(place), None),
    ];
    for (label, what, why) in acts {
        row.ui(|ui| {
            let name = format!("{label} item {}", k + 1);
            let wide = ui.available_width() - 4.0;
            if ui.add(Button::new(label).name(&name).why_not(why).least(wide, 22.0)).clicked() {
                if matches!(what, What::RemoveItem(_)) {
                    draft.of = None;
                }
                act(actions, what);
            }
        });
    }
}

/// The line that is being written, what is wrong with it right below, and what can be done with it.
fn write(ui: &mut Ui, model: &Model, desk: &DeskView, state: &mut InstructorState, actions: &mut Vec<Action>) {
    let blank = state.draft.when.trim().is_empty() && state.draft.what.trim().is_empty();
    let checked = state.draft.item(desk, &model.table);
    let wrong = checked.as_ref().err().filter(|_| !blank).map(|(field, _)| *field);
    ui.add_space(4.0);
    let enter = ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let (left, hint) = (0.42 * ui.available_width() - 8.0, "at 90  |  gpu_kw > 300 for 2  |  on 52G-TRIP");
        let when = TextField::new("when", &mut state.draft.when).hint(hint).wrong(wrong == Some("at")).show(ui, left);
        let (right, hint) = (ui.available_width(), "M07 miners 40 %, ramp 5 s  |  hint: text");
        let bad = wrong.is_some_and(|w| w != "at");
        when.enter | TextField::new("what", &mut state.draft.what).hint(hint).wrong(bad).show(ui, right).enter
    });
    let enter = enter.inner;
    match &checked {
        Err((_, why)) if !blank => ui.add(Text::new(why).medium().small()),
        Err(_) => ui.add(Text::note("click a line to change it, or write a new one")),
        Ok(_) => ui.add(Text::note("makes sense on this plant")),
    };
    let why = match &checked {
        _ if blank => Some("nothing written".to_owned()),
        Err((_, why)) => Some(why.clone()),
        Ok(_) => None,
    };
    let of = state.draft.of.filter(|k| *k < desk.items.len());
    let why_not = why.as_deref().or(of.is_none().then_some("choose a line"));
    let repeat = usize::from(state.draft.repeat);
    let (picked, [change, add, from]) = sides(
        ui,
        |ui| Segmented::new("fires", &["once", "each time"], repeat).padding(10.0).show(ui),
        |ui| {
            let words = format!("From {}", FAULTS[state.selected].code);
            [
                Button::new("Change").name("Change line").why_not(why_not).least(96.0, 28.0),
                Button::new("Add").name("Add line").why_not(why.as_deref()).least(70.0, 28.0),
                Button::new(&words).name("what: the selected malfunction"),
            ]
            .map(|b| ui.add(b).clicked())
        },
    );
    if let Some(k) = picked {
        state.draft.repeat = k == 1;
    }
    if from {
        state.draft.what = faults::item(state.selected, desk, state, When::Hand).act.words();
    }
    let Ok(item) = checked else { return };
    match of {
        Some(k) if change || (enter && why_not.is_none()) => act(actions, What::SetItem(k as u32, item)),
        _ if add || (enter && why.is_none()) => act(actions, What::AddItem(item)),
        _ => return,
    }
    state.draft = Draft::default();
}
