//! Left: initial conditions, the run, exam mode, notes.

use egui::{Rect, Ui, pos2, vec2};

use super::super::controls::{Look, button, segmented};
use super::super::ink::{Face, Ink, num};
use super::{InstructorState, PAD, act, choice, in_exam, line, title};
use crate::console::action::Action;
use crate::console::fmt;
use crate::console::model::Model;
use crate::engine::msg::{DeskView, Speed};
use crate::scenario::initial_conditions;
use crate::training::msg::What;

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
    let mut y = title(ink, ends, rect.top(), "Run", &format!("{} at {}", model.plate.scenario, fmt::clock(model.t_s)));
    let w = (x1 - x0 - 16.0) / 3.0;
    let at = |k: usize, y: f32| Rect::from_min_size(pos2(x0 + k as f32 * (w + 8.0), y), vec2(w, 30.0));
    let run = if model.running { "Freeze" } else { "Run" };
    if button(ui, ink, at(0, y), run.into(), Look::Solid, exam.filter(|_| model.running)).clicked() {
        actions.push(Action::ToggleRun);
    }
    let running = model.running.then_some("freeze first").or(exam);
    for (k, (label, s)) in [("+10 ms", 0.01), ("+1 s", 1.0)].into_iter().enumerate() {
        if button(ui, ink, at(k + 1, y), label.into(), Look::Plain, running).clicked() {
            actions.push(Action::StepS(s));
        }
    }
    y += 40.0;
    let now = SPEEDS.iter().position(|(_, s)| *s == model.speed).unwrap_or(usize::MAX);
    if let Some(k) = segmented(ui, ink, pos2(x0, y), "speed", &SPEEDS.map(|s| s.0), now, 10.0, exam) {
        actions.push(Action::Speed(SPEEDS[k].1));
    }
    ink.right(x1, y + 14.0, format!("{}×", num(model.achieved_speed, 1)), Face::Medium, ink.body(), ink.t.live);
    y += 38.0;
    let note = Rect::from_min_size(pos2(x0, y), vec2(x1 - x0 - 68.0, 30.0));
    let enter = line(ui, ink, note, "note", "note on the time line", &mut state.note);
    let put = Rect::from_min_max(pos2(note.right() + 8.0, y), pos2(x1, y + 30.0));
    let empty = state.note.trim().is_empty().then_some("nothing written");
    if (button(ui, ink, put, "Mark".into(), Look::Plain, empty).clicked() || enter) && empty.is_none() {
        act(actions, What::Note(std::mem::take(&mut state.note)));
    }
    y += 40.0;
    ink.hline(x0, x1, y, ink.t.hair);
    y = title(ink, ends, y, "Exam", if desk.exam { "no freeze, no hints, no way back" } else { "off" });
    let words = if desk.exam { "Leave the exam" } else { "Begin an exam" };
    if button(ui, ink, at(0, y).with_max_x(at(1, y).right()), words.into(), Look::Plain, None).clicked() {
        act(actions, What::Exam(!desk.exam));
        if desk.exam {
            actions.push(Action::SealJournal);
        }
    }
    if button(ui, ink, at(2, y), "Mirror".into(), Look::Plain, None).clicked() {
        actions.push(Action::ToggleMirror);
    }
    y += 40.0;
    ink.hline(x0, x1, y, ink.t.hair);
    if let Some((of, lines)) = &state.difference {
        y = title(ink, ends, y, "Difference", &format!("now against {of}"));
        for d in lines.iter().take(((rect.bottom() - y - 46.0) / 34.0).max(0.0) as usize) {
            ink.left_cut(x0, y + 8.0, x1, &d.what, Face::Medium, ink.body(), ink.t.text);
            let words = format!("{}  |  {}", d.a, d.b);
            ink.left_cut(x0 + 12.0, y + 25.0, x1, &words, Face::Regular, ink.px(13.0, 14.0), ink.t.live);
            y += 34.0;
        }
        if lines.is_empty() {
            ink.left(x0, y + 8.0, "nothing differs", Face::Regular, ink.body(), ink.t.text2);
        }
        let close = Rect::from_min_max(pos2(x1 - 80.0, rect.bottom() - 38.0), pos2(x1, rect.bottom() - 8.0));
        if button(ui, ink, close, "Close".into(), Look::Plain, None).clicked() {
            state.difference = None;
        }
        return;
    }
    y = title(ink, ends, y, "Initial conditions", "originals are never written");
    list(ui, ink, [x0, x1, y, rect.bottom()], exam, state, actions);
}

fn list(
    ui: &mut Ui,
    ink: &Ink,
    [x0, x1, mut y, bottom]: [f32; 4],
    exam: Option<&str>,
    state: &mut InstructorState,
    actions: &mut Vec<Action>,
) {
    let pitch = ink.px(24.0, 28.0);
    let originals = initial_conditions();
    let foot = bottom - 78.0;
    let names = originals.iter().map(|(n, _)| *n).chain(state.own.iter().map(|(n, _)| n.as_str()));
    let names: Vec<String> = names.map(str::to_owned).collect();
    for (k, name) in names.iter().enumerate() {
        if y + pitch > foot {
            break;
        }
        let row = Rect::from_min_max(pos2(x0 - 8.0, y), pos2(x1 + 8.0, y + pitch));
        if choice(ui, ink, row, ("condition", k), name, k == state.condition) {
            state.condition = k;
        }
        let own = k >= originals.len();
        ink.left_cut(x0, y + pitch / 2.0, x1 - 56.0, name, Face::Regular, ink.body(), ink.t.text);
        let mark = if own { "own" } else { "original" };
        ink.right(x1, y + pitch / 2.0, mark, Face::Regular, ink.px(12.0, 13.0), ink.t.text2);
        y += pitch;
    }
    let own = state.condition.checked_sub(originals.len()).and_then(|k| state.own.get(k)).cloned();
    let load = Rect::from_min_size(pos2(x0, foot + 4.0), vec2(88.0, 30.0));
    if button(ui, ink, load, "Load".into(), Look::Plain, exam).clicked() {
        match (&own, originals.get(state.condition)) {
            (Some((_, path)), _) => actions.push(Action::LoadIc(path.clone())),
            (None, Some((name, _))) => actions.push(Action::LoadBuiltIn((*name).to_owned())),
            (None, None) => {}
        }
    }
    let diff = load.translate(vec2(96.0, 0.0));
    let why = own.is_none().then_some("choose one of your own");
    if button(ui, ink, diff, "Differs".into(), Look::Plain, why).clicked()
        && let Some((_, path)) = own
    {
        actions.push(Action::DiffIc(path));
    }
    let name = Rect::from_min_max(pos2(x0, foot + 42.0), pos2(x1 - 68.0, foot + 72.0));
    let enter = line(ui, ink, name, "condition name", "name of a new one", &mut state.name);
    let keep = Rect::from_min_max(pos2(name.right() + 8.0, name.top()), pos2(x1, name.bottom()));
    let empty = state.name.trim().is_empty().then_some("it needs a name");
    if (button(ui, ink, keep, "Keep".into(), Look::Plain, empty).clicked() || enter) && empty.is_none() {
        actions.push(Action::KeepIc(std::mem::take(&mut state.name)));
    }
}
