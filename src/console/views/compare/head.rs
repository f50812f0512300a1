//! Head of the Compare view: which runs, aligned how, on which engine; what is the same and what differs.

use egui::accesskit::Role;
use egui::{Rect, ScrollArea, Ui, WidgetInfo, vec2};

use super::{CompareState, PRESETS, READY, strips};
use crate::console::action::{Action, FileAct};
use crate::console::model::Model;
use crate::console::runs::{Source, State};
use crate::console::widgets::pane::{part, sides};
use crate::console::widgets::{Button, Ink, Number, Segmented, Text, TextField};
use crate::report::compare::config::SUBJECTS;
use crate::report::compare::{LETTERS, MOST, Run};

/// Height of the head.
pub(super) const HEIGHT: f32 = 114.0;
/// Height of a row of it.
const ROW: f32 = 36.0;

const ALIGN: [&str; 4] = ["t0", "First batch", "GPU kW", "Event"];
const PRESET_NAMES: [&str; 4] = ["own", "slow", "default", "fast"];

pub(super) fn show(
    ui: &mut Ui,
    rect: Rect,
    model: &Model,
    state: &mut CompareState,
    states: &[State<Run>],
    actions: &mut Vec<Action>,
) {
    let (runs, rest) = rect.split_top_bottom_at_y(rect.top() + 8.0 + ROW);
    part(ui, "runs", runs, |ui| {
        ui.add_space(8.0);
        ui.columns(MOST, |columns| {
            for (i, ui) in columns.iter_mut().enumerate().take(state.slots.len() + 1) {
                slot(ui, i, model, state, states.get(i), actions);
            }
        });
    });
    part(ui, "choices", rest, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        // What has no room is scrolled to, never left out.
        ScrollArea::horizontal().id_salt("choices").show(ui, |ui| ui.horizontal(|ui| choices(ui, state)));
        let failed = LETTERS.iter().zip(states).filter_map(|(l, s)| match s {
            State::Failed(why) => Some(format!("run {l}: {why}")),
            _ => None,
        });
        summary(ui, state, failed.collect());
    });
}

/// A run: its letter and pen, its name (a button that asks for another), the live rows, and off.
fn slot(
    ui: &mut Ui,
    i: usize,
    model: &Model,
    state: &mut CompareState,
    made: Option<&State<Run>>,
    actions: &mut Vec<Action>,
) {
    let letter = LETTERS.get(i).copied().unwrap_or_default();
    let picked = state.slots.get(i).map(|s| s.label.clone());
    let whole = picked.clone().unwrap_or_else(|| "add a run".to_owned());
    let (words, why) = match made {
        Some(State::Running(share)) => (format!("{whole}: {:.0} %", share * 100.0), None),
        Some(State::Waiting) => (format!("{whole}: waits"), None),
        Some(State::Failed(why)) => (format!("{whole}: failed"), Some(why)),
        _ => (whole, None),
    };
    let names = ["Run", "Live rows as run", "Remove run"].map(|what| format!("{what} {letter}"));
    let help = why.map_or_else(|| format!("{words}. Another scenario or a file for this run"), Clone::clone);
    let choose = |ui: &mut Ui| {
        ui.add(Text::title(letter));
        let (_, pen) = ui.allocate_space(vec2(28.0, 28.0));
        let (ink, wide) = (Ink::of(ui), ui.available_width());
        strips::swatch(&ink, i, [pen.left(), pen.right()], pen.center().y);
        let shown = ink.fit(&words, Text::new("").medium().face(&ink), wide - 24.0);
        let name = format!("{}: {words}", names[0]);
        let button = Button::new(&shown).name(&name).hover(&help).least(wide, 28.0);
        let r = ui.add(if why.is_some() { button.heavy() } else { button });
        if let Some(why) = why {
            ui.ctx().accesskit_node_builder(r.id, |n| n.set_description(why.as_str()));
        }
        r.clicked()
    };
    let rest = |ui: &mut Ui| {
        let off = picked.is_some() && ui.add(Button::new("×").name(&names[2]).least(28.0, 28.0)).clicked();
        let live = Button::new("live").name(&names[1]).hover("The rows of the twin as they are now");
        [off, ui.add(live.least(46.0, 28.0)).clicked()]
    };
    let (chosen, [off, live]) = sides(ui, choose, rest);
    if chosen {
        state.asking = Some(i);
        actions.push(Action::File(FileAct::Open));
    }
    if live {
        state.put_live(i, model);
    }
    if off {
        state.remove(i);
    }
}

/// Alignment, engine, like for like, which runs are shown.
fn choices(ui: &mut Ui, state: &mut CompareState) {
    let choose = |ui: &mut Ui, name: &str, items: &[&str], now: usize| {
        ui.add(Text::new(name).whole());
        Segmented::new(name, items, now).padding(9.0).show(ui)
    };
    if let Some(new) = choose(ui, "Align", &ALIGN, state.align) {
        (state.align, state.part.window) = (new, None);
    }
    match state.align {
        2 => {
            let kw = Number::new("GPU kW that is zero", state.gpu_kw, 0).range(1.0, 1.0e6).show(ui, 72.0);
            state.gpu_kw = kw.unwrap_or(state.gpu_kw);
        }
        3 => {
            TextField::new("Words of the event that is zero", &mut state.event).hint("").most(40).show(ui, 100.0);
        }
        _ => {}
    }
    ui.add_space(6.0);
    if let Some(new) = choose(ui, "Engine", &PRESET_NAMES, state.preset) {
        state.preset = new.min(PRESETS.len() - 1);
    }
    ui.add_space(6.0);
    if let Some(new) = choose(ui, "Ends", &["as run", "like for like"], usize::from(state.forced)) {
        state.forced = new == 1;
    }
    ui.add_space(6.0);
    let mut shown = vec!["all"];
    shown.extend(LETTERS.iter().take(state.slots.len()));
    if let Some(new) = choose(ui, "Show", &shown, state.only.map_or(0, |i| i + 1)) {
        state.only = new.checked_sub(1);
    }
    if ui.add(Button::new("Blink").key("Space").name("Blink A and B")).clicked() {
        state.blink();
    }
    for (name, words, about) in READY {
        let ready = Button::new(words).name(about);
        if ui.add(ready.hover(about)).clicked() {
            state.begin(name);
        }
    }
}

/// What is the same and what differs, in a line; what is wrong stands first.
fn summary(ui: &mut Ui, state: &CompareState, mut wrong: Vec<String>) {
    let runs = state.shown.as_ref().map_or(&[][..], |c| &c.runs);
    wrong.extend(state.shown.as_ref().and_then(|c| c.misaligned()).map(|lost| format!("Alignment: {lost}")));
    let remarks = LETTERS.iter().zip(runs).filter_map(|(l, r)| Some((l, r.remark.as_ref()?)));
    wrong.extend(remarks.map(|(letter, remark)| format!("run {letter}: {remark}")));
    let mut rest: Vec<[String; 2]> = Vec::new();
    let mut put = |head: &str, words: String| rest.push([head.to_owned(), words]);
    if let Some(words) = state.shown.as_ref().and_then(|c| c.conclusion()) {
        put("", words);
    }
    if let Some(c) = state.shown.as_ref().filter(|c| c.runs.len() > 1) {
        put("same", c.same.join(", "));
        let subjects: Vec<&str> = SUBJECTS.into_iter().filter(|s| !c.same.contains(s)).collect();
        put("differs", if subjects.is_empty() { "nothing".to_owned() } else { subjects.join(", ") });
    }
    let mut presets: Vec<&str> = runs.iter().map(|r| r.plate.preset.as_str()).collect();
    presets.dedup();
    if !presets.is_empty() {
        put("engine preset", presets.join(" / "));
    }
    if state.forced {
        let alike = state.shown.as_ref().is_some_and(|c| c.end.alike);
        put("like for like:", (if alike { "all end alike" } else { "the ends still differ" }).to_owned());
    }
    if state.slots.iter().any(|s| matches!(s.source, Source::Live(..))) {
        put("live rows", "as they were when picked".to_owned());
    }
    let all = wrong.iter().cloned().chain(rest.iter().map(|[head, words]| format!("{head} {words}")));
    let said = all.collect::<Vec<_>>().join(". ") + ".";
    let row = ScrollArea::horizontal().id_salt("summary").show(ui, |ui| {
        ui.horizontal(|ui| {
            for words in wrong {
                ui.add(Text::title(words));
            }
            for [head, words] in rest {
                if head.is_empty() {
                    ui.add(Text::title(words));
                } else {
                    ui.add(Text::title(head));
                    ui.add(Text::new(words).dim().whole());
                }
                ui.add_space(8.0);
            }
        })
    });
    row.inner.response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &said));
}
