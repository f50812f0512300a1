//! Alarms: what is abnormal, what was first, what to do; behind a second tab the sequence of events.
//!
//! It asks the desk and nothing else: every act on an alarm is one value that is logged and can be replayed. Where the
//! source has no annunciator (a plant that is only read, a recording) it says so and shows the events.
//!
//! | part | idea |
//! |---|---|
//! | [`rows`] | which alarms, in which order, folded and in a flood |
//! | [`bars`], [`table`], [`detail`] | controls, list, and what to know of one alarm |
//! | [`figures`] | how the alarm system itself does |
//! | [`forms`] | reasons: shelve, out of service, comment |
//! | [`mark`] | the mark of an alarm, here, in the banner and in the status bar |
//!
//! There is no sound: the program opens no audio device. What would sound is shown, and can be muted for a minute.

pub mod bars;
pub mod counts;
pub mod csv;
pub mod detail;
pub mod figures;
pub mod forms;
pub mod mark;
pub mod rows;
pub mod table;
mod trend;

use egui::{Key, KeyboardShortcut, Modifiers, Rect, Ui, vec2};

use super::soe::{self, SoeState};
use crate::acts::By;
use crate::alarm::{Act, AlarmId, Entry, List, Priority};
use crate::console::action::{Action, ViewId};
use crate::console::commands::{self, Now};
use crate::console::fmt;
use crate::console::model::{Mode, Model};
use crate::console::view::{self, Icon, Seen, View, ViewInfo};
use crate::console::widgets::pane::{part, sides};
use crate::console::widgets::{Button, Ink, Segmented, Text};
use crate::training::msg::{DeskAct, What};
use rows::{Filter, Opened, Row, Rows};

/// Seconds for which the sound mark is muted.
pub const MUTE_S: f64 = 60.0;
/// Heights of the tab bar, the figures and the controls over the list.
const TABS: f32 = 40.0;
const FIGURES: f32 = 64.0;
const BARS: f32 = 76.0;

/// Name of this view.
pub const ID: ViewId = ViewId("alarms");

/// This view in the list.
pub const VIEW: ViewInfo = ViewInfo {
    id: ID,
    title: "Alarms",
    about: "Alarms and events",
    key: KeyboardShortcut::new(Modifiers::NONE, Key::F4),
    own_keys: &[
        ("F10", "Acknowledge the selected alarm"),
        ("Ctrl+F10", "Acknowledge what is in view"),
        ("/", "Search"),
        ("Up  Down", "Select"),
        ("Space", "Open or close the consequences"),
    ],
    icon,
    new: || Box::<AlarmsState>::default(),
};

fn icon(i: &Icon<'_>) {
    i.path(&[[-9.0, 6.0], [-6.0, 3.0], [-6.0, -3.0], [0.0, -10.0], [6.0, -3.0], [6.0, 3.0], [9.0, 6.0], [-9.0, 6.0]]);
    i.dot([0.0, 9.5], 2.0);
}

impl View for AlarmsState {
    fn ui(&mut self, ui: &mut Ui, seen: &Seen<'_>, actions: &mut Vec<Action>) {
        let (Some(model), rect) = (seen.model, seen.layout.view) else { return };
        view::part(ui, ID.0, rect, |ui| show(ui, rect, model, self, actions));
    }
}

/// The parts of the view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// List and detail.
    #[default]
    Alarms,
    /// Sequence of events.
    Events,
}

/// What this view remembers between frames.
#[derive(Debug, Default)]
pub struct AlarmsState {
    /// Part that is shown.
    pub tab: Tab,
    /// Which alarms.
    pub filter: Filter,
    /// What has been opened.
    pub opened: Opened,
    /// Selected alarm.
    pub selected: Option<AlarmId>,
    /// Rows under the pointer: they stay as they are until it leaves.
    frozen: Option<Rows>,
    /// Alarms in view, for "acknowledge visible".
    in_view: Vec<AlarmId>,
    form: forms::Form,
    muted_until_s: f64,
    soe: SoeState,
    runs: crate::history::Runs,
}

impl AlarmsState {
    /// Shows one alarm, whatever the filter hid.
    pub fn select(&mut self, id: AlarmId) {
        self.tab = Tab::Alarms;
        self.filter = Filter::default();
        self.choose(id);
    }

    /// Another alarm in the detail pane. What was being written about the last one is not for this one.
    fn choose(&mut self, id: AlarmId) {
        if self.selected.replace(id) != Some(id) {
            self.form = forms::Form::None;
        }
    }
}

/// The alarms of a model, if its source has an annunciator.
#[must_use]
pub fn list(model: &Model) -> Option<&List> {
    model.desk.as_ref()?.alarms.as_deref()
}

/// An act on an alarm as an action.
pub(crate) fn act(act: Act) -> Action {
    Action::Desk(DeskAct { by: By::Trainee, what: What::Alarm(act) })
}

/// Why nothing can be done to alarms, if so.
pub(crate) fn why_not(model: &Model) -> Option<&'static str> {
    let own = match &model.site_view {
        Some(_) => model.dead.is_none(),
        // a file that is read has alarms of its own, also while it cannot be read
        None => model.commands() || (model.mode != Mode::Twin && list(model).is_some()),
    };
    (!own).then_some("read only: acknowledge at the plant")
}

/// Draws the view.
pub fn show(ui: &mut Ui, rect: Rect, model: &Model, state: &mut AlarmsState, actions: &mut Vec<Action>) {
    let ink = Ink::new(ui, rect);
    ink.fill(rect, ink.t.panel);
    let (tabs, rest) = rect.split_top_bottom_at_y(rect.top() + TABS);
    let list = list(model);
    ink.hline(tabs.x_range(), tabs.bottom() - 0.5, ink.t.hair);
    part(ui, "tabs", tabs, |ui| tab_bar(ui, model, list, state, actions));
    let Some(list) = list.filter(|_| state.tab == Tab::Alarms) else {
        ui.scope_builder(egui::UiBuilder::new().id_salt("events").max_rect(rest), |ui| {
            soe::show(ui, rest, model, &mut state.soe, actions);
        });
        return;
    };
    let (figures, rest) = rest.split_top_bottom_at_y(rest.top() + FIGURES);
    figures::show(ui, figures, list, model.t_s);
    let detail_w = (rect.width() * 0.29).clamp(370.0, 520.0).round();
    let (left, right) = rest.split_left_right_at_x(rest.right() - detail_w);
    let (bars, body) = left.split_top_bottom_at_y(left.top() + BARS);
    let fresh = rows::rows(list, &state.filter, &state.opened);
    let over = ui.rect_contains_pointer(table::body(body)) && !ui.input(|i| i.pointer.any_released());
    let shown = match state.frozen.take() {
        Some(frozen) if over => frozen,
        _ => fresh.clone(),
    };
    let queued = queued(&fresh, &shown);
    keys(ui, model, list, state, actions);
    bars::show(ui, bars, model, list, &shown, state, actions);
    let note = table::Note { queued, flood: list.flood_s.is_some(), to_log: shown.to_log };
    table::show(ui, body, model, list, &shown, note, state);
    // what was opened or chosen in this frame is to be seen in the next
    state.frozen =
        (over && rows::rows(list, &state.filter, &state.opened).rows.len() == fresh.rows.len()).then_some(shown);
    ink.vline(right.left(), right.y_range(), ink.t.hair);
    ui.scope_builder(egui::UiBuilder::new().id_salt("detail").max_rect(right), |ui| {
        detail::show(ui, right, model, list, state, actions);
    });
}

/// Alarms of the fresh rows that the shown ones lack.
fn queued(fresh: &Rows, shown: &Rows) -> usize {
    let has = |id: AlarmId| shown.rows.iter().any(|r| matches!(r, Row::Alarm { id: x, .. } if *x == id));
    fresh.rows.iter().filter(|r| matches!(r, Row::Alarm { id, .. } if !has(*id))).count()
}

fn tab_bar(ui: &mut Ui, model: &Model, list: Option<&List>, state: &mut AlarmsState, actions: &mut Vec<Action>) {
    ui.add_space(6.0);
    let Some(list) = list else {
        let words = "Sequence of events. This source has no annunciator: its alarms are acknowledged at the plant.";
        ui.add(Text::new(words).dim());
        return;
    };
    let left = |ui: &mut Ui, tab: Tab| {
        let picked = Segmented::new("Part", &["Alarms", "Sequence of events"], tab as usize).show(ui);
        if list.flood_s.is_some() {
            let n = list.figures.within(model.t_s, 600.0);
            let words = format!("FLOOD  {n} new alarms in 10 min: priority 3 by area, priority 4 in the log only");
            ui.add(Text::new(words).strong());
        }
        picked
    };
    let tab = state.tab;
    let (picked, ()) = sides(
        ui,
        |ui| left(ui, tab),
        |ui| {
            commands::SAVE_ALARMS.press(ui, &Now::of(model), actions, |b| b.least(64.0, 28.0));
            sound(ui, list, state);
        },
    );
    if let Some(i) = picked {
        state.tab = if i == 0 { Tab::Alarms } else { Tab::Events };
    }
}

/// What would sound, and its mute; from the right.
fn sound(ui: &mut Ui, list: &List, state: &mut AlarmsState) {
    let now_s = ui.input(|i| i.time);
    let loudest = list.entries.iter().filter(|e| e.state.is_unack() && e.is_listed()).map(|e| e.priority).min();
    let left_s = state.muted_until_s - now_s;
    let words = match loudest {
        _ if left_s > 0.0 => {
            ui.ctx().request_repaint_after(std::time::Duration::from_millis(500));
            format!("muted, {} s", fmt::num(left_s.ceil(), 0))
        }
        Some(Priority::Urgent) => "3 quick tones every 5 s".to_owned(),
        Some(Priority::High) => "2 tones every 15 s".to_owned(),
        Some(Priority::Medium) => "1 tone, once".to_owned(),
        Some(Priority::Diagnostic) | None => "silent".to_owned(),
    };
    let silent = (loudest.is_none() || left_s > 0.0).then_some("nothing sounds");
    if ui.add(Button::new("Mute 60 s").name("Mute for 60 seconds").why_not(silent)).clicked() {
        state.muted_until_s = now_s + MUTE_S;
    }
    ui.add(Text::new(words).dim().whole());
    let (_, at) = ui.allocate_space(vec2(22.0, 28.0));
    speaker(&Ink::of(ui), at.center(), left_s <= 0.0 && loudest.is_some_and(|p| p != Priority::Diagnostic));
}

/// A loudspeaker, with waves or struck through.
fn speaker(ink: &Ink, c: egui::Pos2, sounds: bool) {
    let t = ink.t.text2;
    ink.fill(Rect::from_center_size(c + vec2(-4.0, 0.0), vec2(4.0, 6.0)), t);
    let horn = [c + vec2(-3.0, 0.0), c + vec2(2.0, -6.0), c + vec2(2.0, 6.0)];
    ink.triangle(horn, t, egui::Stroke::NONE);
    if sounds {
        for k in 1..3 {
            let d = 3.0 * k as f32;
            ink.path(vec![c + vec2(2.0 + d, -1.5 * d), c + vec2(3.0 + d, 0.0), c + vec2(2.0 + d, 1.5 * d)], (1.5, t));
        }
    } else {
        ink.path(vec![c + vec2(-6.0, 6.0), c + vec2(7.0, -6.0)], (1.5, ink.t.text));
    }
}

fn keys(ui: &mut Ui, model: &Model, list: &List, state: &mut AlarmsState, actions: &mut Vec<Action>) {
    let pressed = |m: Modifiers, k: Key| ui.ctx().input_mut(|i| i.consume_key(m, k));
    if pressed(Modifiers::COMMAND, Key::F10) {
        ack_visible(model, list, state, actions);
    } else if pressed(Modifiers::NONE, Key::F10) {
        ack_selected(model, list, state, actions);
    }
    if ui.ctx().memory(|m| m.focused().is_some()) {
        return;
    }
    if pressed(Modifiers::NONE, Key::Space)
        && let Some(id) = state.selected
        && !state.opened.causes.remove(&id)
    {
        state.opened.causes.insert(id);
    }
}

/// Acknowledges the selected alarm.
fn ack_selected(model: &Model, list: &List, state: &AlarmsState, actions: &mut Vec<Action>) {
    let entry = state.selected.and_then(|id| list.entries.get(id as usize));
    if why_not(model).is_none()
        && let Some(e) = entry.filter(|e| e.state.is_unack())
    {
        actions.push(act(Act::Ack(e.id)));
    }
}

/// Acknowledges what is in view, and nothing else: there is no way to acknowledge what nobody has seen.
fn ack_visible(model: &Model, list: &List, state: &AlarmsState, actions: &mut Vec<Action>) {
    if why_not(model).is_some() {
        return;
    }
    let seen = state.in_view.iter().filter_map(|id| list.entries.get(*id as usize));
    actions.extend(seen.filter(|e| e.state.is_unack()).map(|e| act(Act::Ack(e.id))));
}

/// An alarm's value with the decimals of its unit.
pub(crate) fn number(v: f64, unit: &str) -> String {
    match unit {
        "Hz" | "Hz/s" => fmt::num(v, 2),
        "pu" => fmt::num(v, 3),
        "kW" => fmt::kw(v),
        "%" => fmt::num(v, 0),
        _ => fmt::num(v, usize::from(v.fract() != 0.0)),
    }
}

/// The quantity of an alarm now.
pub(crate) fn now(model: &Model, list: &List, e: &Entry) -> f64 {
    let quantity = list.definition(e.id).and_then(|d| d.when.quantity());
    quantity.map_or(f64::NAN, |q| q.value(&model.table, &model.latest))
}
