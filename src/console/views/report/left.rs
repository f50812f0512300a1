//! Total, four groups, what was taken off, par, and the file.

use egui::accesskit::Role;
use egui::{Id, Rect, Response, Sense, TextEdit, Ui, WidgetInfo, pos2, vec2};

use super::ReportState;
use crate::console::action::{Action, FileAct};
use crate::console::par_search::Par;
use crate::console::theme;
use crate::console::views::controls::{Look, Words, button};
use crate::console::views::ink::{Face, Ink, num};
use crate::training::score::Score;

const PAD: f32 = 16.0;

pub(super) fn show(
    ui: &mut Ui,
    ink: &Ink,
    rect: Rect,
    score: &Score,
    par: &Par,
    state: &mut ReportState,
    actions: &mut Vec<Action>,
) {
    let (x0, x1) = (rect.left() + PAD, rect.right() - PAD);
    let mut y = total(ui, ink, rect, score);
    for g in &score.groups {
        let value = format!("{} / {}", num(g.points, 1), num(g.of, 0));
        let row = Rect::from_min_max(pos2(x0, y), pos2(x1, y + 40.0));
        let name = format!("{}: {} of {} points", g.name, num(g.points, 1), num(g.of, 0));
        say(ui, row, &name);
        ink.left(x0, y + 9.0, &g.name, Face::Medium, ink.body(), ink.t.text);
        ink.right(x1, y + 9.0, value, Face::SemiBold, ink.px(15.0, 16.0), ink.t.live);
        let trough = Rect::from_min_max(pos2(x0, y + 22.0), pos2(x1, y + 30.0));
        ink.fill(trough, ink.t.inset);
        let share = (g.points / g.of.max(1e-9)).clamp(0.0, 1.0) as f32;
        ink.fill(Rect::from_min_size(trough.min, vec2(trough.width() * share, 8.0)), ink.t.fill);
        ink.frame(trough, 0, 1.0, ink.t.dead);
        y += ink.px(42.0, 48.0);
    }
    y += 6.0;
    ink.hline(x0, x1, y, ink.t.hair);
    y = off(ui, ink, [x0, x1], y + 8.0, score);
    ink.hline(x0, x1, y + 4.0, ink.t.hair);
    par_lines(ui, ink, [x0, x1], y + 14.0, par, state);
    file(ui, ink, rect, state, actions);
}

/// A text that screen readers read where it is painted.
pub(super) fn say(ui: &Ui, rect: Rect, words: &str) {
    let id = ui.scope_id().with(("report", words));
    ui.interact(rect, id, Sense::hover()).widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
}

fn total(ui: &Ui, ink: &Ink, rect: Rect, s: &Score) -> f32 {
    let (x0, x1, y) = (rect.left() + PAD, rect.right() - PAD, rect.top() + 20.0);
    ink.left(x0, y, "Score", Face::SemiBold, ink.px(14.0, 15.0), ink.t.text);
    ink.right(x1, y, format!("rubric {}", s.rubric), Face::Regular, ink.body(), ink.t.text2);
    let shown = if s.void.is_some() { "–".to_owned() } else { num(s.total, 0) };
    let end = ink.left(x0, y + 38.0, &shown, Face::SemiBold, ink.px(36.0, 42.0), ink.t.live);
    ink.left(end + 10.0, y + 44.0, "/ 100", Face::Regular, ink.body(), ink.t.text2);
    ink.right(x1, y + 42.0, &s.grade, Face::SemiBold, ink.px(18.0, 20.0), ink.t.text);
    say(ui, Rect::from_min_max(pos2(x0, y + 16.0), pos2(x1, y + 60.0)), &format!("Score {shown} of 100, {}", s.grade));
    let m = &s.metrics;
    let state = if s.complete {
        format!("final, horizon {} s", num(m.horizon_s, 0))
    } else {
        format!("provisional, {} of {} s", num(m.t_s, 0), num(m.horizon_s, 0))
    };
    ink.left(x0, y + 72.0, state, Face::Regular, ink.body(), ink.t.text2);
    y + 94.0
}

/// Deductions and caps.
fn off(ui: &Ui, ink: &Ink, [x0, x1]: [f32; 2], mut y: f32, s: &Score) -> f32 {
    let pitch = ink.px(22.0, 24.0);
    let lowest = s.caps.iter().map(|c| c.at).fold(f64::INFINITY, f64::min);
    let mut lines: Vec<(String, bool)> = Vec::new();
    lines.extend(s.void.iter().map(|why| (format!("Void: {why}"), true)));
    lines.extend(s.caps.iter().map(|c| (format!("Cap {}: {}", num(c.at, 0), c.why), c.at == lowest && s.raw > lowest)));
    let lost: f64 = s.deductions.iter().map(|d| d.2).sum();
    if lost > 0.0 {
        let n = s.deductions.len();
        lines.push((format!("Deductions −{}: {n} {}", num(lost, 0), if n == 1 { "mark" } else { "marks" }), false));
    }
    if lines.is_empty() {
        lines.push(("No cap, no deduction".to_owned(), false));
    }
    for (text, bites) in lines.iter().take(6) {
        let face = if *bites { Face::SemiBold } else { Face::Regular };
        ink.left_cut(x0, y + 8.0, x1, text, face, ink.body(), if *bites { ink.t.text } else { ink.t.text2 });
        say(ui, Rect::from_min_max(pos2(x0, y), pos2(x1, y + pitch)), text);
        y += pitch;
    }
    y
}

fn par_lines(ui: &mut Ui, ink: &Ink, [x0, x1]: [f32; 2], y: f32, par: &Par, state: &mut ReportState) {
    ink.left(x0, y + 6.0, "Par", Face::SemiBold, ink.px(14.0, 15.0), ink.t.text);
    let bar = |w: f32| Rect::from_min_size(pos2(x1 - w, y - 8.0), vec2(w, 28.0));
    let line = match par {
        Par::Found(f) => {
            let time = f.par.time_to_target_s.map_or_else(|| "no bring-up".to_owned(), |t| format!("{} s", num(t, 1)));
            ink.right(x1, y + 6.0, time, Face::Medium, ink.px(15.0, 16.0), ink.t.live);
            f.par.schedule.clone()
        }
        Par::Searching(n) => {
            if button(ui, ink, bar(64.0), "Stop".into(), Look::Plain, None).clicked() {
                state.pars.stop();
            }
            format!("searching, {n} bring-ups run")
        }
        Par::None => {
            if button(ui, ink, bar(84.0), "Search".into(), Look::Plain, None).clicked() {
                state.pars.again();
            }
            "not known: time lines stay open".to_owned()
        }
    };
    ink.left_cut(x0, y + 30.0, x1, &line, Face::Regular, ink.body(), ink.t.text2);
    say(ui, Rect::from_min_max(pos2(x0, y + 20.0), pos2(x1, y + 40.0)), &format!("Par: {line}"));
}

/// A line of text with its name for screen readers and the hint that it shows while empty.
pub(super) fn text_field(
    ui: &mut Ui,
    ink: &Ink,
    rect: Rect,
    [name, hint]: [&str; 2],
    most: usize,
    text: &mut String,
) -> Response {
    ink.fill(rect, ink.t.inset);
    ink.frame(rect, 3, 1.0, ink.t.dead);
    let edit = TextEdit::singleline(text)
        .id(Id::unique(name))
        .hint_text(hint)
        .char_limit(most)
        .frame(egui::Frame::NONE)
        .font(theme::font(Face::Medium, ink.body()))
        .text_color(ink.t.live)
        .align(egui::Align2::LEFT_CENTER);
    let r = ui.put(rect.shrink2(vec2(8.0, 0.0)), edit);
    ui.ctx().accesskit_node_builder(r.id, |n| n.set_label(name));
    r
}

fn file(ui: &mut Ui, ink: &Ink, rect: Rect, state: &mut ReportState, actions: &mut Vec<Action>) {
    let (x0, x1, y) = (rect.left() + PAD, rect.right() - PAD, rect.bottom() - 96.0);
    ink.left(x0, y + 14.0, "Trainee", Face::Regular, ink.body(), ink.t.text);
    let field = Rect::from_min_max(pos2(x0 + 72.0, y), pos2(x1, y + 28.0));
    text_field(ui, ink, field, ["Trainee", "name for the file"], 80, &mut state.trainee);
    let third = (x1 - x0 - 16.0) / 3.0;
    let at = |k: f32| Rect::from_min_size(pos2(x0 + k * (third + 8.0), y + 42.0), vec2(third, 36.0));
    let html = Words { label: "Save HTML", key: "", name: "Save debrief as HTML" };
    if button(ui, ink, at(0.0), html, Look::Solid, None).clicked() {
        actions.push(Action::File(FileAct::SaveReport { html: true }));
    }
    let csv = Words { label: "Save CSV", key: "", name: "Save metrics and events as CSV" };
    if button(ui, ink, at(1.0), csv, Look::Plain, None).clicked() {
        actions.push(Action::File(FileAct::SaveReport { html: false }));
    }
    let run = Words { label: "Save run", key: "", name: "Save the run, its journal beside it" };
    if button(ui, ink, at(2.0), run, Look::Plain, None).on_hover_text("Ctrl+Shift+S").clicked() {
        actions.push(Action::File(FileAct::SaveRun));
    }
}
