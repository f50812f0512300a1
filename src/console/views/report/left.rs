//! Total, four groups, what was taken off, par, and the file.

use egui::{Rect, Ui, vec2};

use super::ReportState;
use crate::console::action::Action;
use crate::console::commands::{self, Now};
use crate::console::fmt::num;
use crate::console::par_search::Par;
use crate::console::widgets::pane::{pane, part, rule, sides};
use crate::console::widgets::{Button, Ink, Text, TextField, button};
use crate::training::score::Score;

/// Height of the name and the buttons.
const FOOT: f32 = 92.0;

pub(super) fn show(
    ui: &mut Ui,
    rect: Rect,
    now: &Now<'_>,
    score: &Score,
    par: &Par,
    state: &mut ReportState,
    actions: &mut Vec<Action>,
) {
    let (body, foot) = rect.split_top_bottom_at_y(rect.bottom() - FOOT);
    pane(ui, "score", body, |ui| {
        let hair = Ink::of(ui).t.hair;
        total(ui, score);
        for g in &score.groups {
            let value = format!("{} / {}", num(g.points, 1), num(g.of, 0));
            let left = |ui: &mut Ui| ui.add(Text::new(&g.name).medium().cut());
            let (name, _) = sides(ui, left, |ui| ui.add(Text::value(value).strong().px(15.0, 16.0)));
            let said = format!("{}: {} of {} points", g.name, num(g.points, 1), num(g.of, 0));
            ui.ctx().accesskit_node_builder(name.id, |n| n.set_label(said));
            trough(ui, g.points / g.of.max(1e-9));
        }
        rule(ui, hair);
        off(ui, score);
        rule(ui, hair);
        par_lines(ui, par, state);
    });
    part(ui, "file", foot, |ui| file(ui, now, state, actions));
}

/// How much of a group was reached.
fn trough(ui: &mut Ui, share: f64) {
    let (_, r) = ui.allocate_space(vec2(ui.available_width(), 8.0));
    let ink = Ink::of(ui);
    ink.fill(r, ink.t.inset);
    ink.fill(r.with_max_x(r.left() + r.width() * share.clamp(0.0, 1.0) as f32), ink.t.fill);
    ink.frame(r, 0, ink.t.dead);
}

fn total(ui: &mut Ui, s: &Score) {
    ui.add_space(4.0);
    sides(ui, |ui| ui.add(Text::title("Score")), |ui| ui.add(Text::new(format!("rubric {}", s.rubric)).dim().whole()));
    let shown = if s.void.is_some() { "–".to_owned() } else { num(s.total, 0) };
    let left = |ui: &mut Ui| {
        let big = ui.add(Text::value(&shown).strong().px(36.0, 42.0));
        let said = format!("Score {shown} of 100, {}", s.grade);
        ui.ctx().accesskit_node_builder(big.id, |n| n.set_label(said));
        ui.add(Text::new("/ 100").dim().whole());
    };
    egui::Sides::new().height(44.0).show(ui, left, |ui| ui.add(Text::title(&s.grade).px(18.0, 20.0)));
    let m = &s.metrics;
    ui.add(
        Text::new(if s.complete {
            format!("final, horizon {} s", num(m.horizon_s, 0))
        } else {
            format!("provisional, {} of {} s", num(m.t_s, 0), num(m.horizon_s, 0))
        })
        .dim(),
    );
}

/// Deductions and caps.
fn off(ui: &mut Ui, s: &Score) {
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
    for (text, bites) in lines {
        let text = Text::new(text);
        ui.add(if bites { text.strong() } else { text.dim() });
    }
}

fn par_lines(ui: &mut Ui, par: &Par, state: &mut ReportState) {
    let line = match par {
        Par::Found(f) => f.par.schedule.clone(),
        Par::Searching(n) => format!("searching, {n} bring-ups run"),
        Par::None => "not known: time lines stay open".to_owned(),
    };
    sides(
        ui,
        |ui| ui.add(Text::title("Par")),
        |ui| match par {
            Par::Found(f) => {
                let time =
                    f.par.time_to_target_s.map_or_else(|| "no bring-up".to_owned(), |t| format!("{} s", num(t, 1)));
                ui.add(Text::value(time).px(15.0, 16.0));
            }
            Par::Searching(_) => {
                if ui.add(Button::new("Stop")).clicked() {
                    state.pars.stop();
                }
            }
            Par::None => {
                if ui.add(Button::new("Search")).clicked() {
                    state.pars.again();
                }
            }
        },
    );
    let said = ui.add(Text::new(&line).dim());
    ui.ctx().accesskit_node_builder(said.id, |n| n.set_label(format!("Par: {line}")));
}

fn file(ui: &mut Ui, now: &Now<'_>, state: &mut ReportState, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        ui.add(Text::new("Trainee").whole());
        let wide = ui.available_width();
        TextField::new("Trainee", &mut state.trainee).hint("name for the file").most(80).show(ui, wide);
    });
    ui.add_space(6.0);
    let all = [commands::SAVE_DEBRIEF, commands::SAVE_METRICS, commands::SAVE_RUN];
    let offers = all.map(|c| c.offer(now));
    let named = |i: usize| offers[i].button().name(all[i].text);
    let pressed = button::row(ui, 36.0, 8.0, &[named(0).solid(), named(1), named(2)]);
    for (command, _) in all.iter().zip(pressed).filter(|(_, r)| r.clicked()) {
        actions.extend(command.action(now));
    }
}
