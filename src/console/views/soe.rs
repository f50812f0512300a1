//! Sequence of events: every event with its time to the millisecond, the time since the one that is selected, and the
//! time since the first-out of its disturbance. Locked to the trend cursor: a selected line moves cursor 1, a moved
//! cursor selects the nearest line. Only the lines in view are drawn.
//!
//! A disturbance begins with the alarm that is marked as first-out, as in the list of alarms, and lasts until nothing of
//! protection, alarms and limits comes for 30 s. Where there is no annunciator, it begins with the first trip.

mod list;

use egui::{Rect, Ui};

use super::alarms::number;
use crate::acts::{By, Event};
use crate::console::action::{Action, FileAct, TimeAct};
use crate::console::commands::{self, Now};
use crate::console::dialogs::Save;
use crate::console::event_filter::EventFilter;
use crate::console::fmt;
use crate::console::model::Model;
use crate::console::widgets::pane::{part, sides};
use crate::console::widgets::table::{Column, Table};
use crate::console::widgets::{Ink, Segmented, Text, TextField};
use crate::journal::class_of;
use list::{CLASSES, List};

/// Heights of the controls and of the foot.
const TOP: f32 = 44.0;
const FOOT: f32 = 28.0;

const COLUMNS: [Column; 9] = [
    Column::number("No.", 58.0),
    Column::number("Time", 88.0),
    Column::number("Δ selected s", 104.0),
    Column::number("Δ first-out s", 104.0),
    Column::words("Class", 76.0),
    Column::words("By", 88.0),
    Column::words("Object", 126.0),
    Column::rest("What happened", 200.0),
    Column::number("Value", 120.0),
];

/// What the list remembers between frames.
#[derive(Debug, Default)]
pub struct SoeState {
    wanted: EventFilter,
    list: List,
    /// Number of the selected event.
    selected: Option<u64>,
    /// Cursor that has been followed.
    cursor_s: Option<f64>,
    /// Bring the selected line into view.
    reveal: bool,
}

/// Draws the list.
pub fn show(ui: &mut Ui, rect: Rect, model: &Model, state: &mut SoeState, actions: &mut Vec<Action>) {
    let ink = Ink::new(ui, rect);
    ink.fill(rect, ink.t.panel);
    let (top, rest) = rect.split_top_bottom_at_y(rect.top() + TOP);
    let (body, foot) = rest.split_top_bottom_at_y(rest.bottom() - FOOT);
    part(ui, "controls", top, |ui| controls(ui, model, state, actions));
    let now_s = ui.input(|i| i.time);
    state.list.refresh(model, &state.wanted, now_s);
    follow_cursor(model, state);
    lines(ui, body, model, state, actions);
    ink.hline(foot.x_range(), foot.top(), ink.t.dead);
    part(ui, "foot", foot, |ui| footer(ui, model, state));
}

fn controls(ui: &mut Ui, model: &Model, state: &mut SoeState, actions: &mut Vec<Action>) {
    ui.add_space(8.0);
    let mut buttons = |ui: &mut Ui, wanted: &EventFilter| {
        let now = Now::of(model);
        commands::VERIFY.press(ui, &now, actions, |b| b);
        // of the lines that are in view
        if ui.add(commands::SAVE_EVENTS.offer(&now).button().name(commands::SAVE_EVENTS.text)).clicked() {
            actions.push(Action::File(FileAct::Save(Save::Events(wanted.clone()))));
        }
    };
    let wanted = state.wanted.clone();
    let filters = |ui: &mut Ui| {
        let labels = CLASSES.map(|(label, _)| label);
        let picked = CLASSES.iter().position(|(_, class)| *class == state.wanted.class).unwrap_or(0);
        if let Some(i) = Segmented::new("Events", &labels, picked).padding(9.0).show(ui) {
            state.wanted.class = CLASSES.get(i).and_then(|(_, class)| *class);
        }
        let wide = ((ui.available_width() - 16.0) / 2.0).clamp(60.0, 220.0);
        TextField::new("Object", &mut state.wanted.object).show(ui, wide);
        TextField::new("Text", &mut state.wanted.text).show(ui, wide);
    };
    sides(ui, filters, |ui| buttons(ui, &wanted));
}

/// Selects the line nearest to a cursor that was moved elsewhere.
fn follow_cursor(model: &Model, state: &mut SoeState) {
    if model.cursor_s == state.cursor_s {
        return;
    }
    state.cursor_s = model.cursor_s;
    state.selected = model.cursor_s.and_then(|t| state.list.nearest(model, t));
    state.reveal = true;
}

fn lines(ui: &mut Ui, r: Rect, model: &Model, state: &mut SoeState, actions: &mut Vec<Action>) {
    let selected = state.selected.and_then(|seq| state.list.place(model, seq));
    let selected_t = selected.and_then(|i| state.list.get(model, i)).map(|(e, _)| e.t_s);
    let none = if model.history.events().is_empty() { "No events yet" } else { "No event passes the filter" };
    let reveal = selected.filter(|_| std::mem::take(&mut state.reveal));
    let table = Table::new("sequence of events", &COLUMNS).row_height(24.0).selected(selected).reveal(reveal);
    let told = table.follow(selected.is_none()).empty(none).show(ui, r, state.list.len(), |row| {
        let on = selected == Some(row.index);
        let Some((e, since_first)) = state.list.get(model, row.index) else { return row.still(row.index) };
        row.begin(("event", e.seq), on);
        row.says(words(e));
        let strong = list::disturbs(e);
        let since = selected_t.map(|t| e.t_s - t).filter(|_| !on);
        let [since, since_first] = [since, since_first].map(|s| s.map(|s| fmt::signed(s, 3)).unwrap_or_default());
        row.text(Text::new(e.seq.to_string()).medium().dim());
        row.text(Text::new(fmt::stamp(e.t_s)).medium());
        row.text(Text::new(since).medium().dim());
        row.text(Text::new(since_first).medium().dim());
        row.text(Text::new(class_of(e.kind)).strong_if(strong));
        row.text(Text::new(by(e.by)).dim());
        row.text(Text::new(&e.object).medium());
        row.text(
            Text::new(match e.change {
                Some([from, to]) => format!("{}  {from} → {to}", e.text),
                None => e.text.clone(),
            })
            .strong_if(strong),
        );
        if !e.unit.is_empty() {
            row.text(Text::new(format!("{} {}", number(e.value, e.unit), e.unit)).medium());
        }
    });
    if let Some((e, _)) = told.chosen.and_then(|i| state.list.get(model, i)) {
        state.selected = Some(e.seq);
        state.cursor_s = Some(e.t_s);
        actions.push(Action::Time(TimeAct::Cursor(0, Some(e.t_s))));
    }
}

fn by(by: By) -> &'static str {
    match by {
        By::Plant => "plant",
        By::Trainee => "trainee",
        By::Instructor => "trainer",
        By::Scenario => "scenario",
    }
}

fn words(e: &Event) -> String {
    format!("{} {} {} {}", fmt::stamp(e.t_s), class_of(e.kind), e.object, e.text)
}

/// How many are shown, what is no longer in memory, and the state of the journal.
fn footer(ui: &mut Ui, model: &Model, state: &SoeState) {
    let events = model.history.events();
    let mut text = format!("{} of {} events", state.list.len(), events.len());
    if events.dropped() > 0 {
        let place = if model.journal.is_some() {
            "they are in the journal; Save… writes them too"
        } else {
            "no journal has them"
        };
        text = format!("{text}; {} older ones are no longer in memory: {place}", events.dropped());
    }
    let journal = match (&model.verdict, &model.journal) {
        (Some(verdict), _) => format!("journal {verdict}"),
        (None, Some(j)) if j.closed && j.entries == 0 => format!("journal {}", j.path.display()),
        (None, Some(j)) => j.line(),
        (None, None) => "no journal of this run".to_owned(),
    };
    let bad = model.verdict.as_ref().is_some_and(|v| !v.starts_with("as written"))
        || model.journal.as_ref().is_some_and(|j| j.trouble.is_some());
    let journal = Text::new(journal).px(13.0, 13.0).cut();
    let journal = if bad { journal.strong() } else { journal.dim() };
    sides(ui, |ui| ui.add(Text::new(text).px(13.0, 13.0).dim().cut()), |ui| ui.add(journal));
}
