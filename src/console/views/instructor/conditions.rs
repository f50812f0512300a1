//! Left: initial conditions, the run, exam mode, notes.

use egui::{ScrollArea, Ui};

use super::{InstructorState, act, buttons, choice, in_exam, title};
use crate::console::action::{Action, Condition, ConditionAct, FileAct, RunAct};
use crate::console::commands::{self, Now};
use crate::console::fmt::{self, num};
use crate::console::model::Model;
use crate::console::widgets::pane::{rule, sides};
use crate::console::widgets::{Button, Ink, Segmented, Text, TextField};
use crate::plant::signals::SignalTable;
use crate::scenario::initial_conditions;
use crate::training::ic::Difference;
use crate::training::msg::{DeskView, What};
use crate::worker::Speed;

/// Height of the buttons under the conditions.
const FOOT: f32 = 76.0;

const SPEEDS: [(&str, Speed); 5] = [
    ("0.1", Speed::Times(0.1)),
    ("1", Speed::Times(1.0)),
    ("10", Speed::Times(10.0)),
    ("100", Speed::Times(100.0)),
    ("max", Speed::Max),
];

pub(super) fn show(
    ui: &mut Ui,
    model: &Model,
    desk: &DeskView,
    state: &mut InstructorState,
    actions: &mut Vec<Action>,
) {
    let exam = in_exam(desk);
    ui.spacing_mut().item_spacing.y = 7.0;
    let hair = Ink::of(ui).t.hair;
    let whole = || format!("{} at {}", model.plate.scenario, fmt::clock(model.t_s));
    title(ui, "Run", &desk.invalid.clone().unwrap_or_else(whole));
    run(ui, model, exam, actions);
    note(ui, exam, state, actions);
    rule(ui, hair);
    title(ui, "Exam", if desk.exam { "no freeze, no hints, no way back" } else { "off" });
    let words = if desk.exam { "Leave the exam" } else { "Begin an exam" };
    let now = Now::of(model);
    let mirror = commands::MIRROR.offer(&now);
    match buttons(ui, &[Button::new(words), mirror.button().name(commands::MIRROR.text)]) {
        Some(0) => {
            act(actions, What::Exam(!desk.exam));
            if desk.exam {
                actions.push(Action::File(FileAct::SealJournal));
            }
        }
        Some(_) => actions.extend(commands::MIRROR.action(&now)),
        None => {}
    }
    rule(ui, hair);
    if let Some((of, lines)) = &state.difference {
        title(ui, "Difference", of);
        ScrollArea::vertical().id_salt("difference").max_height((ui.available_height() - 44.0).max(40.0)).show(
            ui,
            |ui| {
                differences(ui, &model.table, lines);
            },
        );
        let ((), close) = sides(ui, |_| (), |ui| ui.add(Button::new("Close").least(80.0, 30.0)).clicked());
        if close {
            state.difference = None;
        }
        return;
    }
    title(ui, "Initial conditions", "Shift: compare");
    list(ui, exam, state, actions);
}

fn run(ui: &mut Ui, model: &Model, exam: Option<&str>, actions: &mut Vec<Action>) {
    let (now, all) = (Now::of(model), [commands::RUN_OR_FREEZE, commands::STEP_10_MS, commands::STEPS[1]]);
    let [run, fine, coarse] = all.map(|c| c.offer(&now));
    let words = if model.running { "Freeze" } else { run.label };
    let run = Button::new(words).solid().hover(&run.help).why_not(run.why_not.as_deref());
    if let Some(k) = buttons(ui, &[run, fine.button(), coarse.button()]) {
        actions.extend(all[k].action(&now));
    }
    let now = SPEEDS.iter().position(|(_, s)| *s == model.speed).unwrap_or(usize::MAX);
    let names = SPEEDS.map(|s| s.0);
    let speeds = |ui: &mut Ui| Segmented::new("speed", &names, now).padding(10.0).why_not(exam).show(ui);
    let achieved = Text::value(format!("{}×", num(model.achieved_speed, 1)));
    if let (Some(k), _) = sides(ui, speeds, |ui| ui.add(achieved)) {
        actions.push(Action::Run(RunAct::Speed(SPEEDS[k].1)));
    }
}

fn note(ui: &mut Ui, exam: Option<&str>, state: &mut InstructorState, actions: &mut Vec<Action>) {
    let empty = state.note.trim().is_empty().then_some("nothing written");
    let (enter, [hint, mark]) = sides(
        ui,
        |ui| {
            let wide = ui.available_width();
            TextField::new("note", &mut state.note).hint("note, or a hint").show(ui, wide).enter
        },
        |ui| {
            let hint = Button::new("Hint").name("Hint to the trainee").why_not(exam.or(empty));
            [hint, Button::new("Mark").why_not(empty)].map(|b| ui.add(b).clicked())
        },
    );
    if (mark || enter) && empty.is_none() {
        act(actions, What::Note(std::mem::take(&mut state.note)));
    }
    if hint {
        act(actions, What::Hint(std::mem::take(&mut state.note)));
    }
}

fn list(ui: &mut Ui, exam: Option<&str>, state: &mut InstructorState, actions: &mut Vec<Action>) {
    let ink = Ink::of(ui);
    let originals = initial_conditions();
    let names = originals.iter().map(|(n, _)| *n).chain(state.own.iter().map(|(n, _)| n.as_str()));
    let names: Vec<String> = names.map(str::to_owned).collect();
    let room = (ui.available_height() - FOOT).max(48.0);
    ScrollArea::vertical().id_salt("conditions").auto_shrink(false).max_height(room).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for (k, name) in names.iter().enumerate() {
            let (clicked, row) = choice(ui, ink.px(24.0, 28.0), ("condition", k), name, k == state.condition);
            if clicked {
                if ui.input(|i| i.modifiers.shift) && k != state.condition {
                    state.against = Some(k).filter(|_| state.against != Some(k));
                } else {
                    state.condition = k;
                }
            }
            let mark = match k {
                k if state.against == Some(k) => "compare",
                k if k >= originals.len() => "own",
                _ => "original",
            };
            let (ink, y) = (ink.on(ui), row.center().y);
            let end = ink.right(row.right() - 6.0, y, mark, Text::note("").face(&ink));
            ink.left_cut(row.left() + 8.0, y, end - 8.0, name, Text::new("").face(&ink));
        }
    });
    let condition = |k: usize| match k.checked_sub(originals.len()) {
        Some(own) => state.own.get(own).map(|(_, path)| Condition::Own(path.clone())),
        None => Some(Condition::Original(originals[k].0.to_owned())),
    };
    let (chosen, other) = (condition(state.condition), state.against.and_then(condition).unwrap_or(Condition::Now));
    let why = exam.or(chosen.is_none().then_some("choose one"));
    let words = if other == Condition::Now { "Compare with now" } else { "Compare the two" };
    let none = chosen.is_none().then_some("choose one; a click with Shift marks one to compare it with");
    let compare = Button::new(words).name("Compare conditions").why_not(none);
    match (buttons(ui, &[Button::new("Load").why_not(why), compare]), chosen) {
        (Some(0), Some(Condition::Own(path))) => actions.push(Action::Condition(ConditionAct::Load(path))),
        (Some(0), Some(Condition::Original(name))) => actions.push(Action::File(FileAct::LoadBuiltIn(name))),
        (Some(1), Some(chosen)) => actions.push(Action::Condition(ConditionAct::Diff(other, chosen))),
        _ => {}
    }
    let empty = state.name.trim().is_empty().then_some("it needs a name");
    let (enter, keep) = sides(
        ui,
        |ui| {
            let wide = ui.available_width();
            TextField::new("condition name", &mut state.name).hint("name of a new one").show(ui, wide).enter
        },
        |ui| ui.add(Button::new("Keep").why_not(empty)).clicked(),
    );
    if (keep || enter) && empty.is_none() {
        actions.push(Action::Condition(ConditionAct::Keep(std::mem::take(&mut state.name))));
    }
}

fn differences(ui: &mut Ui, table: &SignalTable, lines: &[Difference]) {
    if lines.is_empty() {
        ui.add(Text::new("nothing differs").dim());
    }
    for d in lines {
        let what = table
            .find(&d.what)
            .map_or_else(|| d.what.clone(), |i| format!("{} {}", table.get(i).label, table.get(i).unit));
        ui.add(Text::new(what).medium().cut());
        ui.add(Text::new(format!("    {}  |  {}", d.a, d.b)).live().px(13.0, 14.0));
    }
}
