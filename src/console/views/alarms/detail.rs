//! All there is to know of one alarm: what, cause, effect, response, limits, history, the trend about its instant.

use std::mem::discriminant;

use egui::{Align, Layout, Rect, Ui, vec2};

use super::forms::{self, Form};
use super::mark::{Phase, mark};
use super::table::{hidden_words, who};
use super::{AlarmsState, Tab, act, number, trend, why_not};
use crate::alarm::annunciator::Hidden;
use crate::alarm::definition::{Condition, Limit, PolicyLimit, Quantity, What, When};
use crate::alarm::{Act, Definition, Entry, List, Priority, State};
use crate::console::action::{Action, ScreenAct, TimeAct};
use crate::console::fmt;
use crate::console::model::Model;
use crate::console::views;
use crate::console::widgets::pane::{PAD, pane, part, sides};
use crate::console::widgets::text::fact;
use crate::console::widgets::{Badge, Button, Ink, Text};
use crate::plant::signals::SignalTable;

/// Width of the names.
const NAMES: f32 = 74.0;
/// Heights of the head, of the buttons and of the trend.
const HEAD: f32 = 44.0;
const BUTTONS: f32 = 116.0;
const TREND: f32 = 130.0;

/// Draws the pane.
pub fn show(ui: &mut Ui, r: Rect, model: &Model, list: &List, state: &mut AlarmsState, actions: &mut Vec<Action>) {
    let ink = Ink::new(ui, r);
    ink.fill(r, ink.t.panel);
    let selected = state.selected.and_then(|id| list.entries.get(id as usize).zip(list.definition(id)));
    let Some((e, d)) = selected else {
        pane(ui, "no alarm", r, |ui| {
            ui.add_space(18.0);
            ui.add(Text::new("Select an alarm: meaning, response, trend.").dim())
        });
        return;
    };
    let (top, rest) = r.split_top_bottom_at_y(r.top() + HEAD);
    let (rest, foot) = rest.split_top_bottom_at_y((rest.bottom() - BUTTONS).max(rest.top()));
    part(ui, "head", top, |ui| head(ui, e, d));
    let before = discriminant(&state.form);
    ink.hline(r.left() + PAD..=r.right() - PAD, foot.top(), ink.t.hair);
    part(ui, "acts", foot, |ui| buttons(ui, model, e, state, actions));
    let new = before != discriminant(&state.form);
    let form = if state.form == Form::None { 0.0 } else { forms::HEIGHT };
    let (rest, below) = rest.split_top_bottom_at_y((rest.bottom() - form).max(rest.top()));
    if form > 0.0 {
        ink.fill(below, ink.t.bg);
        part(ui, "form", below, |ui| forms::show(ui, e.id, &e.tag, &mut state.form, new, actions));
    }
    let trend = e.signal.zip(e.last_s).filter(|_| rest.height() > 2.0 * TREND);
    let (rest, plot) = rest.split_top_bottom_at_y(rest.bottom() - if trend.is_some() { TREND } else { 0.0 });
    pane(ui, "facts", rest, |ui| {
        ui.spacing_mut().item_spacing.y = 5.0;
        for (name, text) in facts(model, list, e, d) {
            fact(ui, NAMES, name, Text::new(text));
        }
    });
    if let Some((signal, at_s)) = trend {
        let plot = Rect::from_min_max(plot.min + vec2(PAD, 4.0), plot.max - vec2(PAD, 6.0));
        trend::show(ui, &ink, plot, model, signal, at_s, e, &mut state.runs);
    }
}

fn head(ui: &mut Ui, e: &Entry, d: &Definition) {
    ui.add_space(10.0);
    let left = |ui: &mut Ui| {
        let phase = Phase::now(ui.ctx(), e.state.is_unack() && e.is_listed());
        let (_, at) = ui.allocate_space(vec2(20.0, 20.0));
        mark(&Ink::of(ui), at.center(), 18.0, e, phase);
        ui.add(Text::title(&e.tag).px(17.0, 18.0));
        ui.add(Text::new(e.shown()).dim().cut());
    };
    sides(ui, left, |ui| {
        ui.add(Text::title(format!("{} to act", d.within)));
        if e.first_out {
            ui.add(Badge("FIRST-OUT"));
        }
    });
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
    let steps: Vec<String> = match d.steps(e.otherwise) {
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
        Quantity::Unasked(id) => format!("change of {} in 1 s that nobody asked for,", label(id)),
        Quantity::OffNominal(id) => format!("{} off nominal by", label(id)),
        Quantity::Frozen(a, b) => format!("change of {} in 3 s while {} does not move,", label(b), label(a)),
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
        When::Stands(Condition::CommandsLost) => "commands to GPUs, miners or battery get lost".to_owned(),
        When::Stands(Condition::EmergencyStop) => "the emergency stop is pressed".to_owned(),
        When::Stands(Condition::InterlockHold) => "an interlock holds the schedule".to_owned(),
        When::Event(What::GensetTrip, ..) => "a genset's breaker opened by protection".to_owned(),
        When::Event(What::FeederTrip, object, _) => format!("{object} opened by its protection"),
        When::Event(What::Batch, _, None) => "a batch of GPUs".to_owned(),
        When::Event(What::Batch, _, Some(l)) => format!("a batch above {}", limit(l)),
    }
}

/// What a button of the pane does.
enum Does {
    Act(Act),
    Write(Form),
    /// Shows the alarm's instant in Operate, or in the sequence of events.
    Operate,
    Events,
}

/// What can be done with the alarm, in rows of three.
fn buttons(ui: &mut Ui, model: &Model, e: &Entry, state: &mut AlarmsState, actions: &mut Vec<Action>) {
    let why = why_not(model);
    let unless = |is: bool, words: &'static str| why.or((!is).then_some(words));
    let never = e.last_s.is_none().then_some("it has not come in this run");
    let ack = unless(e.state.is_unack(), "it is acknowledged");
    let urgent = unless(e.priority != Priority::Urgent, "priority 1 cannot be shelved");
    let latched = matches!(e.state, State::LatchedAck | State::LatchedUnack);
    let held = if e.state.is_active() { "its condition still holds" } else { "it is not latched" };
    let first = unless(e.first_out, "it is not the first-out of its group");
    let first_out = format!("Reset first-out of {}", e.group.word());
    let shelve = match e.hidden {
        Some(Hidden::Shelved { .. }) => {
            (Button::new("Unshelve").why_not(why), "Unshelve", Does::Act(Act::Unshelve(e.id)))
        }
        _ => (Button::new("Shelve…").why_not(urgent), "Shelve", Does::Write(Form::shelve())),
    };
    let service = match e.hidden {
        Some(Hidden::OutOfService { .. }) => {
            (Button::new("Return").why_not(why), "Return to service", Does::Act(Act::ReturnToService(e.id)))
        }
        _ => (Button::new("Out of service…").why_not(why), "Out of service", Does::Write(Form::out())),
    };
    let all = [
        (Button::new("To Operate").why_not(never), "Show in Operate", Does::Operate),
        (Button::new("To events").why_not(never), "Show in events", Does::Events),
        (Button::new("Ack").key("F10").solid().why_not(ack), "Acknowledge", Does::Act(Act::Ack(e.id))),
        shelve,
        service,
        (Button::new("Reset").why_not(unless(latched, held)), "Reset", Does::Act(Act::Reset(e.id))),
        (Button::new("Comment…").why_not(why), "Comment on", Does::Write(Form::comment())),
        (Button::new("First-out reset").why_not(first), "", Does::Act(Act::ResetFirstOut(e.group as u32))),
    ];
    ui.add_space(6.0);
    ui.spacing_mut().item_spacing = vec2(8.0, 6.0);
    let mut pressed = None;
    ui.columns(3, |columns| {
        for (i, (button, verb, does)) in all.into_iter().enumerate() {
            let Some(ui) = columns.get_mut(i % 3) else { continue };
            let name = if verb.is_empty() { first_out.clone() } else { format!("{verb} {}", e.tag) };
            let wide = ui.available_width();
            if ui.add(button.name(&name).least(wide, 30.0)).clicked() {
                pressed = Some(does);
            }
        }
        if let [.., last] = columns {
            last.with_layout(Layout::right_to_left(Align::Center), |ui| ui.add(Text::new(e.group.word()).dim().cut()));
        }
    });
    let here = Action::Time(TimeAct::Cursor(0, e.last_s));
    match pressed {
        Some(Does::Act(what)) => actions.push(act(what)),
        Some(Does::Write(form)) => state.form = form,
        Some(Does::Operate) => actions.extend([here, Action::Screen(ScreenAct::Show(views::operate::ID))]),
        Some(Does::Events) => {
            actions.push(here);
            state.tab = Tab::Events;
        }
        None => {}
    }
}
