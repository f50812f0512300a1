//! The commissioning fit on the Live page: asked for by a click, shown with what it does not know, saved by another click.

use egui::accesskit::Role;
use egui::{Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use super::super::super::controls::{Look, button};
use super::super::super::ink::{Face, Ink};
use super::super::path_field;
use super::ShadowState;
use crate::console::action::{Action, SourceAct};
use crate::console::fmt;
use crate::console::shadow::{FitState, Shadowing};
use crate::scenario::preset;
use crate::shadow::fit::{self, Fit, Parameter, Unknown};

/// Below this share of explained frequency the model is another engine.
const EXPLAINS: f64 = 0.9;
/// Height of a row.
const ROW: f32 = 24.0;
/// Room of the field and the button, and of the line that says where the preset is.
const SAVE: f32 = 42.0;
const SAVED: f32 = 24.0;
/// Half width beyond which the number says nothing more.
const VAST: f64 = 2.0;

/// Draws heading, button, table, and the way to a preset.
pub(super) fn show(
    ui: &mut Ui,
    ink: &Ink,
    r: Rect,
    shadow: &Shadowing,
    state: &mut ShadowState,
    actions: &mut Vec<Action>,
) {
    let t = &ink.t;
    let px = ink.body();
    let y = r.top() + 20.0;
    let x = ink.left(r.left(), y, "Fit of the engine", Face::SemiBold, px, t.text);
    let b = Rect::from_min_size(pos2(r.right() - 132.0, y - 15.0), vec2(132.0, 28.0));
    let running = matches!(shadow.fit(), FitState::Running);
    let why_not = if running { Some("it is being computed") } else { None };
    if button(ui, ink, b, "Fit last 5 min".into(), Look::Plain, why_not).clicked() {
        actions.push(Action::Source(SourceAct::FitShadow));
    }
    let left = b.left() - 16.0;
    match shadow.fit() {
        FitState::None => {
            ink.left_cut(x + 12.0, y, left, "nothing is adopted by itself", Face::Regular, px, t.text2);
            ink.hline(r.left(), r.right(), y + 18.0, t.dead);
            for (i, words) in needs().iter().enumerate() {
                ink.left_cut(r.left(), y + 36.0 + 24.0 * i as f32, r.right(), words, Face::Regular, px, t.text2);
            }
        }
        FitState::Running => {
            ink.left_cut(x + 12.0, y, left, "computing …", Face::Regular, px, t.text);
        }
        FitState::Refused(why) => {
            ink.hline(r.left(), r.right(), y + 18.0, t.dead);
            let words = format!("Not fitted: {why}");
            ink.left_cut(r.left(), y + 36.0, r.right(), &words, Face::SemiBold, px, t.text);
            let row = Rect::from_min_max(pos2(r.left(), y + 22.0), pos2(r.right(), y + 50.0));
            let response = ui.interact(row, ui.scope_id().with("refused"), Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &words));
        }
        FitState::Done(fit) => {
            ink.left_cut(x + 12.0, y, left, &window(fit), Face::Regular, px, t.text2);
            let end = table(ui, ink, r.with_min_y(y + 16.0), fit);
            let foot = r.bottom() - SAVE - if state.saved.is_some() { SAVED } else { 0.0 };
            let end = remarks(ink, Rect::from_min_max(pos2(r.left(), end), pos2(r.right(), foot)), fit);
            save(ui, ink, r.with_min_y(end.min(foot)), fit, state, actions);
        }
    }
}

/// What a fit is made of.
fn needs() -> [String; 2] {
    let least = fmt::num(100.0 * fit::LEAST_EXCITATION_PU, 0);
    let [from, to] = [fit::SHORTEST_S, fit::LONGEST_S].map(|s| fmt::num(s, 0));
    [
        format!("It is made of frequency and genset power: the last {from} to {to} s, one set on the bus,"),
        format!("all inputs good, and a load that moves by {least} % of the rating at least."),
    ]
}

fn window(f: &Fit) -> String {
    let [from, to] = f.window_s;
    let moves = fmt::num(100.0 * f.excitation_pu, 1);
    format!("{}, load moves by {moves} % of rating", fmt::duration(to - from))
}

fn table(ui: &Ui, ink: &Ink, r: Rect, fit: &Fit) -> f32 {
    let t = &ink.t;
    let x = |share: f32| r.left() + r.width() * share;
    let ends = [x(0.40), x(0.51)];
    let y = r.top() + 14.0;
    ink.left(r.left(), y, "Parameter", Face::Regular, 13.0, t.text2);
    for (at, head) in ends.into_iter().zip(["Start", "Fitted"]) {
        ink.right(at, y, head, Face::Regular, 13.0, t.text2);
    }
    ink.left(x(0.545), y, "±95 %", Face::Regular, 13.0, t.text2);
    ink.hline(r.left(), r.right(), y + 13.0, t.dead);
    let top = y + 14.0;
    for (i, p) in fit.parameters.iter().enumerate() {
        let row = Rect::from_min_size(pos2(r.left(), top + ROW * i as f32), vec2(r.width(), ROW));
        let mid = row.center().y;
        let px = ink.body();
        let end = ink.left(r.left(), mid, p.what.label(), Face::Regular, px, t.text);
        ink.left(end + 6.0, mid, p.what.unit(), Face::Regular, px, t.text2);
        ink.right(ends[0], mid, figure(p.start), Face::Regular, px, t.text2);
        let (face, color) = if p.identifiable { (Face::Medium, t.live) } else { (Face::Regular, t.text2) };
        ink.right(ends[1], mid, figure(p.value), face, px, color);
        let told = if p.identifiable { width(p) } else { format!("not identifiable: {}", why(fit, p)) };
        ink.left_cut(x(0.545), mid, r.right(), &told, face, px, if p.identifiable { t.live } else { t.text });
        ink.hline(r.left(), r.right(), row.bottom(), t.hair);
        let says = format!(
            "{}: start {}, fitted {} {}, {told}",
            p.what.label(),
            figure(p.start),
            figure(p.value),
            p.what.unit()
        );
        let response = ui.interact(row, ui.scope_id().with(("parameter", i)), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Row, true, &says));
    }
    top + ROW * fit.parameters.len() as f32
}

/// What the whole fit is worth; gives where it ends.
fn remarks(ink: &Ink, r: Rect, f: &Fit) -> f32 {
    let mut lines = Vec::new();
    if f.flat() {
        let least = fmt::num(100.0 * fit::LEAST_EXCITATION_PU, 0);
        lines.push(format!("The load must move by {least} % of the rating at least (standard deviation)."));
    } else {
        let (before, after) = (fmt::num(f.rms_before_hz, 4), fmt::num(f.rms_after_hz, 4));
        let share = fmt::num(100.0 * f.explained, 1);
        lines.push(format!("Residual {after} Hz RMS, {before} Hz before; explains {share} % of what frequency does."));
        if f.explained < EXPLAINS {
            lines.push("The model is not this engine: look at the meters, or try another preset.".to_owned());
        }
    }
    let alike: Vec<String> = f.alike.iter().map(|(a, b, _)| format!("{} and {}", a.label(), b.label())).collect();
    if !alike.is_empty() {
        lines.push(format!("Hard to tell apart: {}.", alike.join("; ")));
    }
    let mut y = r.top() + 4.0;
    for words in &lines {
        // The way to a preset keeps its room; the first line tells most.
        if y + 22.0 > r.bottom() {
            break;
        }
        ink.left_cut(r.left(), y + 12.0, r.right(), words, Face::Regular, ink.body(), ink.t.text2);
        y += 22.0;
    }
    y
}

fn save(ui: &mut Ui, ink: &Ink, r: Rect, fit: &Fit, state: &mut ShadowState, actions: &mut Vec<Action>) {
    let y = r.top() + 8.0;
    let b = Rect::from_min_size(pos2(r.right() - 216.0, y), vec2(216.0, 30.0));
    let field = Rect::from_min_max(pos2(r.left(), y), pos2(b.left() - 8.0, y + 30.0));
    let entered = path_field(ui, ink, field, "Name of the preset", "Name, as site-engine", &mut state.name);
    let name = state.name.trim().to_owned();
    let nothing = "nothing was identifiable, so there is nothing to save".to_owned();
    let why_not = if !fit.parameters.iter().any(|p| p.identifiable) {
        Some(nothing)
    } else if name.is_empty() {
        Some("give it a name first".to_owned())
    } else {
        preset::check_name(&name).err()
    };
    let clicked = button(ui, ink, b, "Save fit as engine preset".into(), Look::Plain, why_not.as_deref()).clicked();
    if clicked || (entered && why_not.is_none()) {
        actions.push(Action::Source(SourceAct::SaveFit(name)));
    }
    let Some(path) = &state.saved else { return };
    let stem = path.file_stem().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let words = format!("Saved as {}; a scenario beside it may say preset: \"{stem}\".", path.display());
    let line = Rect::from_min_size(pos2(r.left(), y + 34.0), vec2(r.width(), 24.0));
    ink.left_cut(line.left(), line.center().y, line.right(), &words, Face::Medium, ink.body(), ink.t.text);
    let response = ui.interact(line, ui.scope_id().with("saved"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &words));
    response.on_hover_text(&words);
}

/// Three digits or four, as many as such parameters are known to.
fn figure(v: f64) -> String {
    let decimals = match v.abs() {
        x if x >= 100.0 => 0,
        x if x >= 10.0 => 1,
        x if x >= 1.0 => 2,
        x if x >= 0.1 => 3,
        _ => 4,
    };
    fmt::num(v, decimals)
}

/// Half width of the interval.
fn width(p: &Parameter) -> String {
    if p.what == Unknown::Skew {
        format!("±{} ms", fmt::num(1000.0 * p.half_width, 0))
    } else {
        format!("±{} %", fmt::num(100.0 * p.half_width, 1))
    }
}

/// Why a parameter is not told.
fn why(fit: &Fit, p: &Parameter) -> String {
    let twin = fit.alike.iter().find(|(a, b, _)| *a == p.what || *b == p.what);
    if fit.flat() {
        "load hardly moves".to_owned()
    } else if let Some((a, b, _)) = twin {
        format!("like {}", if *a == p.what { b.label() } else { a.label() })
    } else if p.half_width > VAST {
        "does not show".to_owned()
    } else {
        width(p)
    }
}
