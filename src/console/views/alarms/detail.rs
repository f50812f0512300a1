//! All there is to know of one alarm: what, cause, effect, response, limits, history, the trend about its instant.

use std::mem::discriminant;

use egui::accesskit::Role;
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align2, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use super::super::controls::{Look, Words, button};
use super::super::ink::{Face, Ink};
use super::forms::{self, Form};
use super::mark::{Phase, mark};
use super::table::{chip, hidden_words, who};
use super::{AlarmsState, Tab, act, number, trend, why_not};
use crate::alarm::annunciator::Hidden;
use crate::alarm::definition::{Limit, PolicyLimit, Quantity, What, When};
use crate::alarm::{Act, Definition, Entry, List, Priority, State};
use crate::console::action::{Action, ScreenAct, TimeAct};
use crate::console::fmt;
use crate::console::model::Model;
use crate::console::theme;
use crate::console::views;
use crate::plant::signals::SignalTable;

/// Width of the names.
const NAMES: f32 = 74.0;
/// Height of a row of buttons.
const BUTTONS: f32 = 36.0;
/// Least height of the trend.
const TREND: f32 = 84.0;

/// Draws the pane.
pub fn show(ui: &mut Ui, r: Rect, model: &Model, list: &List, state: &mut AlarmsState, actions: &mut Vec<Action>) {
    let ink = Ink::new(ui, r);
    ink.fill(r, ink.t.panel);
    let selected = state.selected.and_then(|id| list.entries.get(id as usize).zip(list.definition(id)));
    let Some((e, d)) = selected else {
        let words = "Select an alarm: meaning, response, trend.";
        ink.left_cut(r.left() + 16.0, r.top() + 28.0, r.right() - 16.0, words, Face::Regular, 14.0, ink.t.text2);
        return;
    };
    let [x, right] = [r.left() + 16.0, r.right() - 16.0];
    let mut y = head(ui, &ink, [x, right], r.top() + 26.0, e, d) + 8.0;
    let before = discriminant(&state.form);
    let bottom = buttons(ui, &ink, [x, right], r.bottom() - 8.0, model, e, state, actions);
    let form = if state.form == Form::None { 0.0 } else { forms::HEIGHT };
    if form > 0.0 {
        let at = Rect::from_min_max(pos2(x, bottom - form), pos2(right, bottom - 4.0));
        let new = before != discriminant(&state.form);
        forms::show(ui, &ink, at, e.id, &e.tag, &mut state.form, new, actions);
    }
    let bottom = bottom - form;
    for (name, text) in facts(model, list, e, d) {
        let line = 19.0;
        if y + line > bottom - TREND {
            break;
        }
        ink.left(x, y + 9.0, name, Face::Regular, 14.0, ink.t.text2);
        let top = y;
        y = paragraph(&ink, pos2(x + NAMES, y), right - x - NAMES, bottom - TREND - y, &text) + 5.0;
        let said =
            ui.interact(Rect::from_min_max(pos2(x, top), pos2(right, y)), ui.scope_id().with(name), Sense::hover());
        said.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name}: {text}")));
    }
    if let (Some(signal), Some(at_s)) = (e.signal, e.last_s) {
        let plot = Rect::from_min_max(pos2(x, y + 4.0), pos2(right, bottom - 6.0));
        if plot.height() > 50.0 {
            trend::show(ui, &ink, plot, model, signal, at_s, e, &mut state.runs);
        }
    }
}

fn head(ui: &Ui, ink: &Ink, [x, right]: [f32; 2], y: f32, e: &Entry, d: &Definition) -> f32 {
    let phase = Phase::now(ui.ctx(), e.state.is_unack() && e.is_listed());
    mark(&ink.p, &ink.t, pos2(x + 9.0, y), 18.0, e, phase);
    let end = ink.left(x + 28.0, y, &e.tag, Face::SemiBold, 17.0, ink.t.text) + 10.0;
    let left = ink.right(right, y, format!("{} to act", d.within), Face::SemiBold, 14.0, ink.t.text) - 10.0;
    let left = if e.first_out { chip(ink, left, y, "FIRST-OUT") - 8.0 } else { left };
    ink.left_cut(end, y, left, e.shown(), Face::Regular, 14.0, ink.t.text2);
    y + 16.0
}

/// Words that wrap; gives where they end.
fn paragraph(ink: &Ink, at: egui::Pos2, width: f32, height: f32, text: &str) -> f32 {
    let mut job = LayoutJob::default();
    let format = TextFormat { font_id: theme::font(Face::Regular, 14.0), color: ink.t.text, ..TextFormat::default() };
    job.append(text, 0.0, format);
    let max_rows = (height / 18.0).floor().max(1.0) as usize;
    job.wrap = TextWrapping { max_width: width, max_rows, ..TextWrapping::default() };
    let galley = ink.p.layout_job(job);
    let end = at.y + galley.size().y;
    ink.p.galley(at, galley, ink.t.text);
    end
}

/// What the pane tells, in the order in which an operator needs it.
fn facts(model: &Model, list: &List, e: &Entry, d: &Definition) -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    let mut what = d.text.clone();
    if let Some(told) = &e.told {
        what = format!("{what}: {told}");
    }
    if let Some(cause) = e.cause.and_then(|c| list.entries.get(c as usize)) {
        what = format!("{what}; follows {}", cause.tag);
    }
    all.push(("What", what));
    let steps: Vec<String> = match d.response.as_slice() {
        [one] => vec![one.clone()],
        many => many.iter().enumerate().map(|(k, s)| format!("{}  {s}", k + 1)).collect(),
    };
    all.push(("Respond", steps.join("\n")));
    all.push(("Cause", d.cause.clone()));
    all.push(("Effect", d.consequence.clone()));
    if let Some(words) = hidden_words(e, list, model.t_s) {
        all.push(("Put away", words));
    }
    all.push(("Limits", limits(&model.table, e, d)));
    if !e.evaluable {
        all.push(("Note", "not evaluable here: what it needs is not measured, or has no number now".to_owned()));
    }
    if !e.occurrences_s.is_empty() {
        let times: Vec<String> = e.occurrences_s.iter().rev().map(|t| fmt::stamp(*t)).collect();
        all.push(("Came", format!("{}× {}", e.count, times.join("  "))));
    }
    for (t_s, by, text) in e.comments.iter().rev() {
        all.push(("Comment", format!("{} {}: {text}", fmt::stamp(*t_s), who(*by))));
    }
    all.push(("Source", d.source.clone()));
    all
}

/// `frequency below 97.5 % of nominal (58.50 Hz), deadband 0.18, on 0.2 s, off 2.0 s, latching`.
fn limits(table: &SignalTable, e: &Entry, d: &Definition) -> String {
    let mut words = condition(table, &d.when);
    if e.limit.is_finite() {
        let number = format!("{} {}", number(e.limit, e.unit), e.unit);
        words = format!("{words} ({})", number.trim());
    }
    if e.deadband > 0.0 {
        words = format!("{words}, deadband {}", fmt::short(e.deadband));
    }
    words = format!("{words}, on {} s, off {} s", fmt::num(d.on_s, 1), fmt::num(d.off_s, 1));
    if d.latching {
        words.push_str(", held until reset");
    }
    if !d.silent_when.is_empty() {
        let rules: Vec<&str> = d.silent_when.iter().map(|r| r.word()).collect();
        words = format!("{words}; suppressed when: {}", rules.join(", "));
    }
    words
}

fn condition(table: &SignalTable, when: &When) -> String {
    // what this plant does not have keeps its id
    let label = |id: &str| table.find(id).map_or(id.to_owned(), |i| table.get(i).label.clone());
    let quantity = |q: &Quantity| match q {
        Quantity::Signal(id) => label(id),
        Quantity::Abs(id) => format!("size of {}", label(id)),
        Quantity::Difference(a, b) => format!("{} less {}", label(a), label(b)),
        Quantity::Apart(a, b) => format!("{} and {} apart by", label(a), label(b)),
        Quantity::Uncommanded(a, b) => format!("change of {} in 1 s beyond that of {} in 3 s,", label(a), label(b)),
        Quantity::Balance => "generation less all loads".to_owned(),
        Quantity::Unmeasured(what) => format!("{what} (not measured)"),
    };
    let limit = |l: &Limit| match l {
        Limit::Value(x) => fmt::short(*x),
        Limit::PctOfF0(x) => format!("{} % of nominal", fmt::short(*x)),
        Limit::PctOfRating(x) => format!("{} % of rating", fmt::short(*x)),
        Limit::PctOfBess(x) => format!("{} % of the battery's rating", fmt::short(*x)),
        Limit::MinerUnits(x) => format!("{} miner units", fmt::short(*x)),
        Limit::Gpus(x) => format!("{} GPUs", fmt::short(*x)),
        Limit::Policy(PolicyLimit::Ramp) => "the ramp limit in force".to_owned(),
        Limit::Policy(PolicyLimit::Batch) => "the plan's batch".to_owned(),
        Limit::Policy(PolicyLimit::Headroom) => "the reserve in force".to_owned(),
        Limit::Signal(id) => label(id),
    };
    match when {
        When::Above(q, l) => format!("{} above {}", quantity(q), limit(l)),
        When::Below(q, l) => format!("{} below {}", quantity(q), limit(l)),
        When::In(id, state) => format!("{} is \"{state}\"", label(id)),
        When::Lost(id) => format!("{} has no number", label(id)),
        When::Stale(x) => format!("newest row older than {} periods", fmt::short(*x)),
        When::Event(What::GensetTrip, ..) => "a genset's breaker opened by protection".to_owned(),
        When::Event(What::FeederTrip, object, _) => format!("{object} opened by its protection"),
        When::Event(What::Batch, _, None) => "a batch of GPUs".to_owned(),
        When::Event(What::Batch, _, Some(l)) => format!("a batch above {}", limit(l)),
    }
}

/// Rows of buttons from the bottom up; gives the top of the highest.
fn buttons(
    ui: &mut Ui,
    ink: &Ink,
    [x, right]: [f32; 2],
    bottom: f32,
    model: &Model,
    e: &Entry,
    state: &mut AlarmsState,
    actions: &mut Vec<Action>,
) -> f32 {
    let why = why_not(model);
    let w = (right - x - 16.0) / 3.0;
    let place = |row: usize, k: usize| {
        let at = pos2(x + (w + 8.0) * k as f32, bottom - BUTTONS * (row + 1) as f32 + 4.0);
        Rect::from_min_size(at, vec2(w, 30.0))
    };
    let mut form = None;
    let mut press = |row: usize, k: usize, label: &str, key: &str, name: &str, why: Option<&str>| {
        let look = if row == 0 && k == 2 { Look::Solid } else { Look::Plain };
        button(ui, ink, place(row, k), Words { label, key, name }, look, why).clicked()
    };
    let never = e.last_s.is_none().then_some("it has not come in this run");
    let tag = &e.tag;
    let name = |verb: &str| format!("{verb} {tag}");
    if press(0, 0, "To Operate", "", &name("Show in Operate"), never) {
        actions
            .extend([Action::Time(TimeAct::Cursor(0, e.last_s)), Action::Screen(ScreenAct::Show(views::operate::ID))]);
    }
    if press(0, 1, "To events", "", &name("Show in events"), never) {
        actions.push(Action::Time(TimeAct::Cursor(0, e.last_s)));
        state.tab = Tab::Events;
    }
    let none = why.or((!e.state.is_unack()).then_some("it is acknowledged"));
    if press(0, 2, "Ack", "F10", &name("Acknowledge"), none) {
        actions.push(act(Act::Ack(e.id)));
    }
    let none = why.or((e.priority == Priority::Urgent).then_some("priority 1 cannot be shelved"));
    if matches!(e.hidden, Some(Hidden::Shelved { .. })) {
        if press(1, 0, "Unshelve", "", &name("Unshelve"), why) {
            actions.push(act(Act::Unshelve(e.id)));
        }
    } else if press(1, 0, "Shelve…", "", &name("Shelve"), none) {
        form = Some(Form::shelve());
    }
    if matches!(e.hidden, Some(Hidden::OutOfService { .. })) {
        if press(1, 1, "Return", "", &name("Return to service"), why) {
            actions.push(act(Act::ReturnToService(e.id)));
        }
    } else if press(1, 1, "Out of service…", "", &name("Out of service"), why) {
        form = Some(Form::out());
    }
    let none = why.or(match e.state {
        State::LatchedAck | State::LatchedUnack => None,
        s if s.is_active() => Some("its condition still holds"),
        _ => Some("it is not latched"),
    });
    if press(1, 2, "Reset", "", &name("Reset"), none) {
        actions.push(act(Act::Reset(e.id)));
    }
    if press(2, 0, "Comment…", "", &name("Comment on"), why) {
        form = Some(Form::comment());
    }
    let none = why.or((!e.first_out).then_some("it is not the first-out of its group"));
    if press(2, 1, "First-out reset", "", &format!("Reset first-out of {}", e.group.word()), none) {
        actions.push(act(Act::ResetFirstOut(e.group as u32)));
    }
    if let Some(form) = form {
        state.form = form;
    }
    ink.text(place(2, 2).right_center(), Align2::RIGHT_CENTER, e.group.word(), Face::Regular, 14.0, ink.t.text2);
    let top = bottom - 3.0 * BUTTONS;
    ink.hline(x, right, top - 2.0, ink.t.hair);
    top - 4.0
}
