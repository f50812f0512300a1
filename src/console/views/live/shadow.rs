//! The shadow twin on the Live page: does the model follow the plant, and if not, what is off and by how much.
//!
//! | part | idea |
//! |---|---|
//! | here | verdict with its reasons, and a line for each signal: measured, twin, residual, band |
//! | `fit` | the engine's parameters from the last minutes, and a preset made of them by a click |
//! | `strips` | measured and predicted over time, and the residual within its band |

mod fit;
mod strips;

use std::path::PathBuf;

use egui::{Rect, Ui, pos2, vec2};

use super::halves;
use crate::acts::Quality;
use crate::acts::quality::{Doubt, Fault};
use crate::console::action::Action;
use crate::console::fmt;
use crate::console::shadow::Shadowing;
use crate::console::widgets::pane::{PAD, pane};
use crate::console::widgets::table::{Column, Table};
use crate::console::widgets::{Ink, Text, quality};
use crate::shadow::{Drive, Line, Phase, Verdict, View};

/// Reasons of a verdict that are told.
const REASONS: usize = 3;

const COLUMNS: [Column; 8] = [
    Column::words("Signal", 150.0),
    Column::number("Measured", 78.0),
    Column::number("Twin", 66.0),
    Column::number("Residual", 72.0),
    Column::number("RMS 1 min", 80.0),
    Column::number("Band ±", 66.0),
    Column::mark("", 20.0),
    Column::rest("Verdict", 70.0),
];

/// Decimals of a measured value of each line, and of its residual.
pub(super) const DECIMALS: [[usize; 2]; 3] = [[3, 3], [0, 1], [3, 4]];

/// What this part remembers.
#[derive(Clone, Debug, Default)]
pub struct ShadowState {
    /// Name of the preset to make.
    pub name: String,
    /// The strips show five minutes, else two.
    pub long: bool,
    /// The preset that was written last.
    pub saved: Option<PathBuf>,
}

/// Draws the part.
pub(super) fn show(
    ui: &mut Ui,
    body: Rect,
    shadow: Option<&Shadowing>,
    state: &mut ShadowState,
    actions: &mut Vec<Action>,
) {
    let ink = Ink::new(ui, body);
    let (left, right) = halves(&ink, body, 0.46);
    let none = "No scenario of this plant is loaded: there is no twin that could shadow it.";
    let why_not = shadow.map_or(Some(none), Shadowing::refused);
    let place = left.expand2(vec2(PAD, 0.0));
    let Some(shadow) = shadow.filter(|s| s.refused().is_none()) else {
        pane(ui, "no shadow", place, |ui| {
            ui.add_space(10.0);
            ui.add(Text::title("No shadow").px(16.0, 17.0));
            ui.add(Text::new(why_not.unwrap_or(none)));
        });
        return;
    };
    pane(ui, "shadow", place, |ui| {
        verdict(ui, shadow);
        table(ui, shadow.view());
        fit::show(ui, shadow, state, actions);
    });
    strips::show(ui, &ink, right, shadow, state);
}

/// How it stands: a mark, a word, and the rest of the sentence.
fn standing(shadow: &Shadowing) -> (Quality, String, String) {
    let (over, missed) = shadow.missed();
    let Some(v) = shadow.view() else {
        return (Quality::Never, "Waiting".to_owned(), "for the first row".to_owned());
    };
    if over {
        let why = format!("rows come faster than the twin computes them, {missed} were not taken");
        return (Quality::Stale, "Frozen".to_owned(), why);
    }
    match &v.phase {
        Phase::Frozen(why) => (Quality::Stale, "Frozen".to_owned(), why.clone()),
        Phase::Settling(s) => {
            (Quality::Never, "Settling".to_owned(), format!("held against the plant in {} s", fmt::num(s.max(0.0), 0)))
        }
        Phase::Following => {
            let n = fmt::num(60.0 * v.lines[0].learnt, 0);
            (mark_of(v.verdict), capital(v.verdict.word()), format!("band learnt from {n} of 60 min"))
        }
    }
}

fn mark_of(v: Verdict) -> Quality {
    match v {
        Verdict::Follows => Quality::Good,
        Verdict::Drifts => Quality::Uncertain(Doubt::Contradicted),
        Verdict::Diverged => Quality::Bad(Fault::OutOfRange),
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |c| c.to_uppercase().chain(letters).collect())
}

/// Verdict, reasons, and what the prediction stands on.
fn verdict(ui: &mut Ui, shadow: &Shadowing) {
    let (mark, word, rest) = standing(shadow);
    let mut says = format!("Shadow: {word}, {rest}");
    ui.add_space(8.0);
    let row = ui.horizontal(|ui| {
        let (_, at) = ui.allocate_space(vec2(12.0, 28.0));
        quality::mark(&Ink::of(ui), at.center(), mark);
        let said = ui.add(Text::title(word).px(18.0, 20.0));
        ui.add(Text::new(rest));
        said
    });
    let mut lines: Vec<Text<'_>> = Vec::new();
    if let Some(v) = shadow.view() {
        lines.extend(v.reasons.iter().take(REASONS).map(|why| Text::new(capital(why)).strong()));
        let mut presets = v.presets.clone();
        presets.dedup();
        let times = if v.settled == 1 { "once".to_owned() } else { format!("{} times", v.settled) };
        let stands = format!("{}, engine {}; driven by the {}", shadow.scenario(), presets.join(", "), v.drive.words());
        says += &format!("; {}; {stands}", v.reasons.join("; "));
        lines.push(Text::new(format!("{stands}; settled {times}")).dim());
    }
    if let (false, missed @ 1..) = shadow.missed() {
        let told = format!("{missed} rows came faster than the twin computes; it began again after them");
        lines.push(Text::new(told).strong());
    }
    ui.ctx().accesskit_node_builder(row.inner.id, |n| n.set_label(says));
    for line in lines {
        ui.add(line);
    }
    ui.add_space(8.0);
}

/// A line a signal.
fn table(ui: &mut Ui, view: Option<&View>) {
    let lines = view.map_or(0, |v| v.lines.len());
    let table = Table::new("lines", &COLUMNS);
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), table.height(lines) + 10.0));
    let Some(view) = view else { return };
    table.show(ui, place, lines, |row| {
        let k = row.index;
        let Some((l, [value, small])) = view.lines.get(k).zip(DECIMALS.get(k)) else { return };
        row.still(k);
        let (mark, word) = judged(view, k, l);
        row.with_unit(Text::new(capital(l.name)), l.unit);
        row.text(Text::value(fmt::num(l.measured, *value)));
        row.text(Text::value(fmt::num(l.predicted, *value)));
        row.text(Text::value(fmt::signed(l.residual, *small)).strong());
        row.text(Text::value(fmt::num(l.rms, *small)));
        row.text(Text::value(fmt::num(l.band, *small)));
        row.paint(|ink, cell| {
            if let Some(mark) = mark {
                quality::mark(ink, pos2(cell.left() + 9.0, cell.center().y), mark);
            }
        });
        row.text(Text::new(word).strong_if(!matches!(mark, None | Some(Quality::Good))));
        row.says(format!(
            "{}: measured {}, twin {}, residual {} {}, {word}",
            l.name,
            fmt::num(l.measured, *value),
            fmt::num(l.predicted, *value),
            fmt::signed(l.residual, *small),
            l.unit
        ));
    });
}

/// Verdict on one line, as far as there is one.
fn judged(view: &View, k: usize, l: &Line) -> (Option<Quality>, &'static str) {
    match &view.phase {
        Phase::Frozen(_) => (None, "frozen"),
        _ if !l.measured.is_finite() => (None, "not fed"),
        Phase::Settling(_) => (None, "settling"),
        // What drives the twin proves nothing.
        Phase::Following if k == 1 && view.drive == Drive::Gensets => (None, "drives it"),
        Phase::Following => (Some(mark_of(l.verdict)), l.verdict.word()),
    }
}
