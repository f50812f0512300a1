//! Head of the Compare view: which runs, aligned how, on which engine; what is the same and what differs.

use egui::accesskit::Role;
use egui::{Id, Rect, Sense, TextEdit, Ui, WidgetInfo, pos2, vec2};

use super::{CompareState, PRESETS, strips};
use crate::console::action::{Action, FileAct};
use crate::console::model::Model;
use crate::console::runs::{Source, State};
use crate::console::theme;
use crate::console::views::controls::{Look, Words, button, field, segmented, segmented_width};
use crate::console::views::ink::{Face, Ink};
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
    let (left, y) = (rect.left() + 16.0, rect.top() + 8.0);
    slots(
        ui,
        ink,
        Rect::from_min_max(pos2(left, y), pos2(rect.right() - 16.0, y + 28.0)),
        model,
        state,
        states,
        actions,
    );
    choices(ui, ink, pos2(left, y + ROW), state);
    summary(ui, ink, Rect::from_min_max(pos2(left, y + 2.0 * ROW), pos2(rect.right() - 16.0, rect.bottom())), state);
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
        ink.left(cell.left(), cell.center().y, letter, Face::SemiBold, ink.body(), ink.t.text);
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
        let chosen = button(ui, ink, name, Words { label: &words, key: "", name: &said }, Look::Plain, None);
        if let Some(State::Failed(why)) = states.get(i) {
            failed(ui, ink, name, why);
            chosen.clone().on_hover_text(why);
        }
        if chosen.on_hover_text("Another scenario or a file for this run").clicked() {
            state.asking = Some(i);
            actions.push(Action::File(FileAct::Open));
        }
        let said = format!("Live rows as run {letter}");
        let words = Words { label: "live", key: "", name: &said };
        if button(ui, ink, live, words, Look::Plain, None)
            .on_hover_text("The rows of the twin as they are now")
            .clicked()
        {
            state.put_live(i, model);
        }
        if picked.is_some() {
            let said = format!("Remove run {letter}");
            if button(ui, ink, off, Words { label: "×", key: "", name: &said }, Look::Plain, None).clicked() {
                state.remove(i);
            }
        }
    }
}

/// A frame round what failed, and the reason for those who do not see it.
fn failed(ui: &Ui, ink: &Ink, rect: Rect, why: &str) {
    ink.frame(rect, 4, 2.0, ink.t.text);
    let r = ui.interact(rect, ui.scope_id().with(("failed", why)), Sense::hover());
    r.widget_info(|| WidgetInfo::labeled(Role::Alert, true, why));
}

fn fit(ink: &Ink, words: &str, room: f32) -> String {
    let face = crate::console::widgets::paint::Face::medium(ink.body(), ink.t.text);
    crate::console::widgets::paint::fit(&ink.p, words, face, room)
}

/// Alignment, engine, like for like, which runs are shown.
fn choices(ui: &mut Ui, ink: &Ink, at: egui::Pos2, state: &mut CompareState) {
    let (mut x, y) = (at.x, at.y);
    let middle = y + 14.0;
    let label = |x: f32, words: &str| ink.left(x, middle, words, Face::Regular, ink.body(), ink.t.text) + 8.0;
    x = label(x, "Align");
    if let Some(new) = segmented(ui, ink, pos2(x, y), "Align", &ALIGN, state.align, 9.0, None) {
        (state.align, state.window) = (new, None);
    }
    x += segmented_width(ink, &ALIGN, 9.0) + 6.0;
    let value = Rect::from_min_size(pos2(x, y), vec2(72.0, 28.0));
    match state.align {
        2 => {
            if let Some(kw) = field(ui, ink, value, "GPU kW that is zero", state.gpu_kw, 0, None) {
                state.gpu_kw = kw.clamp(1.0, 1.0e6);
            }
            x = value.right() + 6.0;
        }
        3 => {
            event_text(ui, ink, value.with_max_x(value.right() + 28.0), state);
            x = value.right() + 34.0;
        }
        _ => {}
    }
    x = label(x + 14.0, "Engine");
    if let Some(new) = segmented(ui, ink, pos2(x, y), "Engine", &PRESET_NAMES, state.preset, 9.0, None) {
        state.preset = new.min(PRESETS.len() - 1);
    }
    x += segmented_width(ink, &PRESET_NAMES, 9.0) + 20.0;
    let ends = ["as run", "like for like"];
    x = label(x, "Ends");
    if let Some(new) = segmented(ui, ink, pos2(x, y), "Ends", &ends, usize::from(state.forced), 9.0, None) {
        state.forced = new == 1;
    }
    x += segmented_width(ink, &ends, 9.0) + 20.0;
    let mut shown = vec!["all"];
    shown.extend(LETTERS.iter().take(state.slots.len()));
    x = label(x, "Show");
    if let Some(new) = segmented(ui, ink, pos2(x, y), "Show", &shown, state.only.map_or(0, |i| i + 1), 9.0, None) {
        state.only = new.checked_sub(1);
    }
    x += segmented_width(ink, &shown, 9.0) + 8.0;
    let words = Words { label: "Blink", key: "Space", name: "Blink A and B" };
    let wide = if ink.p.clip_rect().right() - x > 240.0 { 108.0 } else { 64.0 };
    let blink = Rect::from_min_size(pos2(x, y), vec2(wide, 28.0));
    if button(ui, ink, blink, words, Look::Plain, None).clicked() {
        state.blink();
    }
    let again = Rect::from_min_size(pos2(blink.right() + 8.0, y), vec2(64.0, 28.0));
    let words = Words { label: "Paths", key: "", name: "Path A against B against B + restore" };
    let why = (again.right() > ink.p.clip_rect().right()).then_some("no room");
    if why.is_none()
        && button(ui, ink, again, words, Look::Plain, None)
            .on_hover_text("The comparison that comes with the program")
            .clicked()
    {
        state.begin();
    }
}

/// Text of the event that is zero.
fn event_text(ui: &mut Ui, ink: &Ink, rect: Rect, state: &mut CompareState) {
    ink.p.rect_filled(rect, 3.0, ink.t.inset);
    ink.frame(rect, 3, 1.0, ink.t.dead);
    let id = Id::unique("compare event");
    let edit = TextEdit::singleline(&mut state.event)
        .id(id)
        .char_limit(40)
        .frame(egui::Frame::NONE)
        .margin(egui::Margin::ZERO)
        .font(theme::font(Face::Medium, ink.body()))
        .text_color(ink.t.live);
    ui.put(rect.shrink2(vec2(8.0, 4.0)), edit);
    ui.ctx().accesskit_node_builder(id, |n| n.set_label("Words of the event that is zero"));
}

/// What is the same and what differs, in a line.
fn summary(ui: &Ui, ink: &Ink, row: Rect, state: &CompareState) {
    let Some(c) = &state.shown else { return };
    let y = row.center().y - 4.0;
    let px = ink.body();
    let mut words = String::new();
    let mut x = row.left();
    let mut put = |head: &str, rest: &str| {
        words += &format!("{head} {rest}. ");
        x = ink.left(x, y, head, Face::SemiBold, px, ink.t.text) + 6.0;
        x = ink.left_cut(x, y, row.right(), rest, Face::Regular, px, ink.t.text2) + 20.0;
    };
    if let Some(lost) = c.misaligned() {
        put("Alignment:", &lost);
    }
    for (letter, remark) in LETTERS.iter().zip(&c.runs).filter_map(|(l, r)| Some((l, r.remark.as_ref()?))) {
        put(&format!("run {letter}"), remark);
    }
    if c.runs.len() > 1 {
        put("same", &c.same.join(", "));
        let subjects: Vec<&str> = SUBJECTS.into_iter().filter(|s| !c.same.contains(s)).collect();
        let subjects = if subjects.is_empty() { "nothing".to_owned() } else { subjects.join(", ") };
        put("differs", &subjects);
    }
    let mut presets: Vec<&str> = c.runs.iter().map(|r| r.plate.preset.as_str()).collect();
    presets.dedup();
    put("engine preset", &presets.join(" / "));
    if state.forced {
        let alike = if c.end.alike { "all end alike" } else { "the ends still differ" };
        put("like for like:", alike);
    }
    let live = state.slots.iter().any(|s| matches!(s.source, Source::Live(..)));
    if live {
        put("live rows", "as they were when picked");
    }
    let r = ui.interact(row, ui.scope_id().with("summary"), Sense::hover());
    r.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
}
