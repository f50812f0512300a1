//! Left: initial conditions, the run, exam mode, notes.

use egui::{Rect, Sense, Ui, pos2, vec2};

use super::super::controls::{Look, Words, button, segmented};
use super::super::ink::{Face, Ink, num};
use super::{InstructorState, PAD, act, choice, in_exam, line, scrolled, title};
use crate::console::action::{Action, Condition, ConditionAct, FileAct, RunAct, ScreenAct};
use crate::console::fmt;
use crate::console::model::Model;
use crate::plant::signals::SignalTable;
use crate::scenario::initial_conditions;
use crate::training::ic::Difference;
use crate::training::msg::{DeskView, What};
use crate::worker::Speed;

const SPEEDS: [(&str, Speed); 5] = [
    ("0.1", Speed::Times(0.1)),
    ("1", Speed::Times(1.0)),
    ("10", Speed::Times(10.0)),
    ("100", Speed::Times(100.0)),
    ("max", Speed::Max),
];

pub(super) fn show(
    ui: &mut Ui,
    ink: &Ink,
    rect: Rect,
    model: &Model,
    desk: &DeskView,
    state: &mut InstructorState,
    actions: &mut Vec<Action>,
) {
    let ends = [rect.left() + PAD, rect.right() - PAD];
    let [x0, x1] = ends;
    let exam = in_exam(desk);
    let whole = || format!("{} at {}", model.plate.scenario, fmt::clock(model.t_s));
    let mut y = title(ink, ends, rect.top(), "Run", &desk.invalid.clone().unwrap_or_else(whole));
    let w = (x1 - x0 - 16.0) / 3.0;
    let at = |k: usize, y: f32| Rect::from_min_size(pos2(x0 + k as f32 * (w + 8.0), y), vec2(w, 30.0));
    let run = if model.running { "Freeze" } else { "Run" };
    if button(ui, ink, at(0, y), run.into(), Look::Solid, exam.filter(|_| model.running)).clicked() {
        actions.push(Action::Run(RunAct::Toggle));
    }
    let running = model.running.then_some("freeze first").or(exam);
    for (k, (label, s)) in [("+10 ms", 0.01), ("+1 s", 1.0)].into_iter().enumerate() {
        if button(ui, ink, at(k + 1, y), label.into(), Look::Plain, running).clicked() {
            actions.push(Action::Run(RunAct::StepS(s)));
        }
    }
    y += 40.0;
    let now = SPEEDS.iter().position(|(_, s)| *s == model.speed).unwrap_or(usize::MAX);
    if let Some(k) = segmented(ui, ink, pos2(x0, y), "speed", &SPEEDS.map(|s| s.0), now, 10.0, exam) {
        actions.push(Action::Run(RunAct::Speed(SPEEDS[k].1)));
    }
    ink.right(x1, y + 14.0, format!("{}×", num(model.achieved_speed, 1)), Face::Medium, ink.body(), ink.t.live);
    y += 38.0;
    let note = Rect::from_min_size(pos2(x0, y), vec2(x1 - x0 - 124.0, 30.0));
    let enter = line(ui, ink, note, "note", "note, or a hint", &mut state.note);
    let put = Rect::from_min_size(pos2(note.right() + 8.0, y), vec2(56.0, 30.0));
    let empty = state.note.trim().is_empty().then_some("nothing written");
    if (button(ui, ink, put, "Mark".into(), Look::Plain, empty).clicked() || enter) && empty.is_none() {
        act(actions, What::Note(std::mem::take(&mut state.note)));
    }
    let words = Words { label: "Hint", key: "", name: "Hint to the trainee" };
    if button(ui, ink, put.translate(vec2(60.0, 0.0)), words, Look::Plain, exam.or(empty)).clicked() {
        act(actions, What::Hint(std::mem::take(&mut state.note)));
    }
    y += 40.0;
    ink.hline(x0, x1, y, ink.t.hair);
    y = title(ink, ends, y, "Exam", if desk.exam { "no freeze, no hints, no way back" } else { "off" });
    let words = if desk.exam { "Leave the exam" } else { "Begin an exam" };
    if button(ui, ink, at(0, y).with_max_x(at(1, y).right()), words.into(), Look::Plain, None).clicked() {
        act(actions, What::Exam(!desk.exam));
        if desk.exam {
            actions.push(Action::File(FileAct::SealJournal));
        }
    }
    if button(ui, ink, at(2, y), "Mirror".into(), Look::Plain, None).clicked() {
        actions.push(Action::Screen(ScreenAct::ToggleMirror));
    }
    y += 40.0;
    ink.hline(x0, x1, y, ink.t.hair);
    if let Some((of, lines)) = &state.difference {
        y = title(ink, ends, y, "Difference", of);
        let list = Rect::from_min_max(pos2(x0, y), pos2(x1, rect.bottom() - 44.0));
        differences(ui, list, &model.table, lines);
        let close = Rect::from_min_max(pos2(x1 - 80.0, rect.bottom() - 38.0), pos2(x1, rect.bottom() - 8.0));
        if button(ui, ink, close, "Close".into(), Look::Plain, None).clicked() {
            state.difference = None;
        }
        return;
    }
    y = title(ink, ends, y, "Initial conditions", "Shift: compare");
    list(ui, ink, [x0, x1, y, rect.bottom()], exam, state, actions);
}

fn list(
    ui: &mut Ui,
    ink: &Ink,
    [x0, x1, y, bottom]: [f32; 4],
    exam: Option<&str>,
    state: &mut InstructorState,
    actions: &mut Vec<Action>,
) {
    let pitch = ink.px(24.0, 28.0);
    let originals = initial_conditions();
    let foot = bottom - 78.0;
    let names = originals.iter().map(|(n, _)| *n).chain(state.own.iter().map(|(n, _)| n.as_str()));
    let names: Vec<String> = names.map(str::to_owned).collect();
    let rows = Rect::from_min_max(pos2(x0 - 8.0, y), pos2(x1 + 8.0, foot));
    scrolled(ui, rows, "conditions", |ui, ink| {
        for (k, name) in names.iter().enumerate() {
            let (row, _) = ui.allocate_exact_size(vec2(rows.width(), pitch), Sense::hover());
            if choice(ui, ink, row, ("condition", k), name, k == state.condition) {
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
            let mid = row.center().y;
            ink.left_cut(x0, mid, x1 - 64.0, name, Face::Regular, ink.body(), ink.t.text);
            ink.right(x1, mid, mark, Face::Regular, ink.px(12.0, 13.0), ink.t.text2);
        }
    });
    let condition = |k: usize| match k.checked_sub(originals.len()) {
        Some(own) => state.own.get(own).map(|(_, path)| Condition::Own(path.clone())),
        None => Some(Condition::Original(originals[k].0.to_owned())),
    };
    let (chosen, other) = (condition(state.condition), state.against.and_then(condition).unwrap_or(Condition::Now));
    let load = Rect::from_min_size(pos2(x0, foot + 4.0), vec2(88.0, 30.0));
    let why = exam.or(chosen.is_none().then_some("choose one"));
    if button(ui, ink, load, "Load".into(), Look::Plain, why).clicked() {
        match chosen.clone() {
            Some(Condition::Own(path)) => actions.push(Action::Condition(ConditionAct::Load(path))),
            Some(Condition::Original(name)) => actions.push(Action::File(FileAct::LoadBuiltIn(name))),
            Some(Condition::Now) | None => {}
        }
    }
    let diff = Rect::from_min_max(pos2(load.right() + 8.0, load.top()), pos2(x1, load.bottom()));
    let words = if other == Condition::Now { "Compare with now" } else { "Compare the two" };
    let words = Words { label: words, key: "", name: "Compare conditions" };
    let none = chosen.is_none().then_some("choose one; a click with Shift marks one to compare it with");
    if button(ui, ink, diff, words, Look::Plain, none).clicked()
        && let Some(chosen) = chosen
    {
        actions.push(Action::Condition(ConditionAct::Diff(other, chosen)));
    }
    let name = Rect::from_min_max(pos2(x0, foot + 42.0), pos2(x1 - 68.0, foot + 72.0));
    let enter = line(ui, ink, name, "condition name", "name of a new one", &mut state.name);
    let keep = Rect::from_min_max(pos2(name.right() + 8.0, name.top()), pos2(x1, name.bottom()));
    let empty = state.name.trim().is_empty().then_some("it needs a name");
    if (button(ui, ink, keep, "Keep".into(), Look::Plain, empty).clicked() || enter) && empty.is_none() {
        actions.push(Action::Condition(ConditionAct::Keep(std::mem::take(&mut state.name))));
    }
}

fn differences(ui: &mut Ui, rect: Rect, table: &SignalTable, lines: &[Difference]) {
    scrolled(ui, rect, "difference", |ui, ink| {
        if lines.is_empty() {
            ink.left(rect.left(), rect.top() + 8.0, "nothing differs", Face::Regular, ink.body(), ink.t.text2);
        }
        for d in lines {
            let (row, _) = ui.allocate_exact_size(vec2(rect.width(), 40.0), Sense::hover());
            let (x, y, end) = (row.left(), row.top(), row.right() - 8.0);
            let what = table
                .find(&d.what)
                .map_or_else(|| d.what.clone(), |i| format!("{} {}", table.get(i).label, table.get(i).unit));
            ink.left_cut(x, y + 10.0, end, &what, Face::Medium, ink.body(), ink.t.text);
            let words = format!("{}  |  {}", d.a, d.b);
            ink.left_cut(x + 12.0, y + 27.0, end, &words, Face::Regular, ink.px(13.0, 14.0), ink.t.live);
        }
    });
}
