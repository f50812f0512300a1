//! Head of the Compare view: which runs, aligned how, on which engine; what is the same and what differs.

use egui::accesskit::Role;
use egui::{Rect, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use super::{CompareState, PRESETS, strips};
use crate::console::action::{Action, FileAct};
use crate::console::model::Model;
use crate::console::runs::{Source, State};
use crate::console::widgets::pane::{PAD, part};
use crate::console::widgets::{Button, Face, Ink, Number, Segmented, Text, TextField};
use crate::report::compare::config::SUBJECTS;
use crate::report::compare::{LETTERS, MOST, Run};

/// Height of the head.
pub(super) const HEIGHT: f32 = 104.0;
/// Height of a row of it.
const ROW: f32 = 36.0;

const ALIGN: [&str; 4] = ["t0", "First batch", "GPU kW", "Event"];
const PRESET_NAMES: [&str; 4] = ["own", "slow", "default", "fast"];

pub(super) fn show(
    ui: &mut Ui,
    ink: &Ink,
    rect: Rect,
    model: &Model,
    state: &mut CompareState,
    states: &[State<Run>],
    actions: &mut Vec<Action>,
) {
    let row = Rect::from_min_size(rect.min + vec2(PAD, 8.0), vec2(rect.width() - 2.0 * PAD, 28.0));
    slots(ui, ink, row, model, state, states, actions);
    let row = rect.with_min_y(rect.top() + 8.0 + ROW);
    part(ui, "choices", row, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        // What has no room is scrolled to, never left out.
        ScrollArea::horizontal().id_salt("choices").show(ui, |ui| ui.horizontal(|ui| choices(ui, state)));
        summary(ui, state);
    });
}

/// One cell a run: its pen, its name (a button that asks for another), the live rows, and off.
fn slots(
    ui: &mut Ui,
    ink: &Ink,
    row: Rect,
    model: &Model,
    state: &mut CompareState,
    states: &[State<Run>],
    actions: &mut Vec<Action>,
) {
    let wide = row.width() / MOST as f32;
    let cells = (state.slots.len() + 1).min(MOST);
    for (i, letter) in LETTERS.iter().enumerate().take(cells) {
        let cell = Rect::from_min_size(pos2(row.left() + i as f32 * wide, row.top()), vec2(wide - 20.0, row.height()));
        ink.left(cell.left(), cell.center().y, letter, Face::semibold(ink.body(), ink.t.text));
        strips::swatch(ink, i, [cell.left() + 18.0, cell.left() + 46.0], cell.center().y);
        let picked = state.slots.get(i).map(|s| s.label.clone());
        let mut words = picked.clone().unwrap_or_else(|| "add a run".to_owned());
        match states.get(i) {
            Some(State::Running(share)) => words = format!("{words}: {:.0} %", share * 100.0),
            Some(State::Waiting) => words = format!("{words}: waits"),
            Some(State::Failed(_)) => words = format!("{words}: failed"),
            _ => {}
        }
        let off = Rect::from_min_size(pos2(cell.right() - 28.0, cell.top()), vec2(28.0, 28.0));
        let live = Rect::from_min_size(pos2(off.left() - 52.0, cell.top()), vec2(46.0, 28.0));
        let name = Rect::from_min_max(pos2(cell.left() + 54.0, cell.top()), pos2(live.left() - 6.0, cell.bottom()));
        let words = fit(ink, &words, name.width() - 12.0);
        let said = format!("Run {letter}: {words}");
        let chosen = Button::new(&words).name(&said).put(ui, name);
        if let Some(State::Failed(why)) = states.get(i) {
            failed(ui, ink, name, why);
            chosen.clone().on_hover_text(why);
        }
        if chosen.on_hover_text("Another scenario or a file for this run").clicked() {
            state.asking = Some(i);
            actions.push(Action::File(FileAct::Open));
        }
        let said = format!("Live rows as run {letter}");
        let words = Button::new("live").name(&said);
        if words.put(ui, live).on_hover_text("The rows of the twin as they are now").clicked() {
            state.put_live(i, model);
        }
        if picked.is_some() {
            let said = format!("Remove run {letter}");
            if Button::new("×").name(&said).put(ui, off).clicked() {
                state.remove(i);
            }
        }
    }
}

/// A frame round what failed, and the reason for those who do not see it.
fn failed(ui: &Ui, ink: &Ink, rect: Rect, why: &str) {
    ink.frame(rect, 4, (2.0, ink.t.text));
    let r = ui.interact(rect, ui.scope_id().with(("failed", why)), Sense::hover());
    r.widget_info(|| WidgetInfo::labeled(Role::Alert, true, why));
}

fn fit(ink: &Ink, words: &str, room: f32) -> String {
    ink.fit(words, Face::medium(ink.body(), ink.t.text), room)
}

/// Alignment, engine, like for like, which runs are shown.
fn choices(ui: &mut Ui, state: &mut CompareState) {
    let choose = |ui: &mut Ui, name: &str, items: &[&str], now: usize| {
        ui.add(Text::new(name).whole());
        Segmented::new(name, items, now).padding(9.0).show(ui)
    };
    if let Some(new) = choose(ui, "Align", &ALIGN, state.align) {
        (state.align, state.window) = (new, None);
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
    let again = Button::new("Paths").name("Path A against B against B + restore");
    if ui.add(again.hover("The comparison that comes with the program")).clicked() {
        state.begin();
    }
}

/// What is the same and what differs, in a line; what is wrong stands first.
fn summary(ui: &mut Ui, state: &CompareState) {
    let Some(c) = &state.shown else { return };
    let mut wrong: Vec<String> = c.misaligned().map(|lost| format!("Alignment: {lost}")).into_iter().collect();
    let remarks = LETTERS.iter().zip(&c.runs).filter_map(|(l, r)| Some((l, r.remark.as_ref()?)));
    wrong.extend(remarks.map(|(letter, remark)| format!("run {letter}: {remark}")));
    let mut rest: Vec<[String; 2]> = Vec::new();
    let mut put = |head: &str, words: String| rest.push([head.to_owned(), words]);
    if c.runs.len() > 1 {
        put("same", c.same.join(", "));
        let subjects: Vec<&str> = SUBJECTS.into_iter().filter(|s| !c.same.contains(s)).collect();
        put("differs", if subjects.is_empty() { "nothing".to_owned() } else { subjects.join(", ") });
    }
    let mut presets: Vec<&str> = c.runs.iter().map(|r| r.plate.preset.as_str()).collect();
    presets.dedup();
    put("engine preset", presets.join(" / "));
    if state.forced {
        put("like for like:", (if c.end.alike { "all end alike" } else { "the ends still differ" }).to_owned());
    }
    if state.slots.iter().any(|s| matches!(s.source, Source::Live(..))) {
        put("live rows", "as they were when picked".to_owned());
    }
    let all = wrong.iter().cloned().chain(rest.iter().map(|[head, words]| format!("{head} {words}")));
    let said = all.collect::<Vec<_>>().join(". ") + ".";
    let row = ui.horizontal(|ui| {
        for words in wrong {
            ui.add(Text::new(words).strong().whole());
        }
        for [head, words] in rest {
            ui.add(Text::title(head));
            ui.add(Text::new(words).dim().cut());
            ui.add_space(8.0);
        }
    });
    row.response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &said));
}
