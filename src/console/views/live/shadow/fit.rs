//! The commissioning fit on the Live page: asked for by a click, shown with what it does not know, saved by another click.

use egui::{Ui, vec2};

use super::ShadowState;
use crate::console::action::{Action, FileAct};
use crate::console::commands::{self, Now};
use crate::console::dialogs::Save;
use crate::console::fmt;
use crate::console::shadow::{FitState, Shadowing};
use crate::console::views::live::Source;
use crate::console::widgets::pane::{rule, sides};
use crate::console::widgets::table::{Column, Table};
use crate::console::widgets::{Button, Ink, Text, TextField};
use crate::scenario::preset;
use crate::shadow::fit::{self, Fit};

const COLUMNS: [Column; 4] = [
    Column::words("Parameter", 190.0),
    Column::number("Start", 70.0),
    Column::number("Fitted", 74.0),
    Column::rest("±95 %", 150.0),
];

/// Draws heading, button, table, and the way to a preset.
pub(super) fn show(ui: &mut Ui, shadow: &Shadowing, state: &mut ShadowState, actions: &mut Vec<Action>) {
    let note = match shadow.fit() {
        FitState::None => "nothing is adopted by itself".to_owned(),
        FitState::Running => "computing …".to_owned(),
        FitState::Refused(_) => String::new(),
        FitState::Done(fit) => window(fit),
    };
    let left = |ui: &mut Ui| {
        ui.add(Text::title("Fit of the engine"));
        ui.add(Text::new(note).dim().cut());
    };
    sides(ui, left, |ui| {
        let now = Now::of_source(Source { shadow: Some(shadow), ..Source::default() });
        commands::FIT.press(ui, &now, actions, |b| b.least(132.0, 28.0));
    });
    rule(ui, Ink::of(ui).t.dead);
    match shadow.fit() {
        FitState::None => {
            for words in needs() {
                ui.add(Text::new(words).dim());
            }
        }
        FitState::Running => {}
        FitState::Refused(why) => {
            ui.add(Text::new(format!("Not fitted: {why}")).strong());
        }
        FitState::Done(fit) => {
            table(ui, fit);
            for words in remarks(fit) {
                ui.add(Text::new(words).dim());
            }
            save(ui, fit, state, actions);
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

fn table(ui: &mut Ui, fit: &Fit) {
    let table = Table::new("parameters", &COLUMNS).row_height(24.0);
    let n = fit.parameters.len();
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), table.height(n) + 4.0));
    table.show(ui, place, n, |row| {
        let Some(p) = fit.parameters.get(row.index) else { return };
        row.still(row.index);
        let told = fit.why_not(p).map_or_else(|| p.width(), |why| format!("not identifiable: {why}"));
        row.says(format!(
            "{}: start {}, fitted {} {}, {told}",
            p.what.label(),
            fit::figure(p.start),
            fit::figure(p.value),
            p.what.unit()
        ));
        let value = |t: Text<'static>| if p.identifiable { t.medium().live() } else { t };
        row.with_unit(Text::new(p.what.label()), p.what.unit());
        row.text(Text::new(fit::figure(p.start)).dim());
        row.text(value(Text::new(fit::figure(p.value)).dim()));
        row.text(value(Text::new(told)));
    });
}

/// What the whole fit is worth.
fn remarks(f: &Fit) -> Vec<String> {
    let mut lines = f.remarks();
    if !f.flat() {
        let (before, after) = (fmt::num(f.rms_before_hz, 4), fmt::num(f.rms_after_hz, 4));
        let share = fmt::num(100.0 * f.explained, 1);
        lines.insert(
            0,
            format!("Residual {after} Hz RMS, {before} Hz before; explains {share} % of what frequency does."),
        );
    }
    lines
}

fn save(ui: &mut Ui, fit: &Fit, state: &mut ShadowState, actions: &mut Vec<Action>) {
    let name = state.name.trim().to_owned();
    let why_not = if let Err(why) = &fit.keepable {
        Some(why.clone())
    } else if name.is_empty() {
        Some("give it a name first".to_owned())
    } else {
        preset::check_name(&name).err()
    };
    let (entered, clicked) = sides(
        ui,
        |ui| {
            let wide = ui.available_width();
            TextField::new("Name of the preset", &mut state.name).hint("Name, as site-engine").show(ui, wide).enter
        },
        |ui| ui.add(Button::new("Save fit as engine preset").why_not(why_not.as_deref())).clicked(),
    );
    if clicked || (entered && why_not.is_none()) {
        actions.push(Action::File(FileAct::Save(Save::Preset(name))));
    }
    if let Some(path) = &state.saved {
        let stem = path.file_stem().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let words = format!("Saved as {}; a scenario beside it may say preset: \"{stem}\".", path.display());
        ui.add(Text::new(words).medium());
    }
}
