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

use egui::accesskit::Role;
use egui::{Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use super::super::controls::segmented;
use super::super::ink::{Face, Ink};
use super::{TABS, Tab, halves};
use crate::acts::Quality;
use crate::acts::quality::{Doubt, Fault};
use crate::console::action::Action;
use crate::console::fmt;
use crate::console::shadow::Shadowing;
use crate::console::widgets::quality;
use crate::shadow::{Drive, Line, Phase, Verdict, View};

/// Height of a row of a table.
const ROW: f32 = 26.0;
/// Reasons of a verdict that have room.
const REASONS: usize = 3;

/// Decimals of a measured value of each line, and of its residual.
pub(super) const DECIMALS: [[usize; 2]; 3] = [[3, 3], [0, 1], [3, 4]];

/// What this part remembers.
#[derive(Clone, Debug, Default)]
pub struct ShadowState {
    /// Name of the preset to make.
    pub name: String,
    /// The strips show five minutes, else two.
    pub long: bool,
    /// The preset that is being written.
    pub saving: Option<PathBuf>,
    /// The one that was.
    pub saved: Option<PathBuf>,
}

/// Tabs of a source that is a file; gives the room under them.
pub(super) fn tabs_of_file(ui: &mut Ui, ink: &Ink, r: Rect, tab: &mut Tab) -> Rect {
    let (bar, rest) = r.split_top_bottom_at_y(r.top() + TABS);
    ink.fill(bar, ink.t.panel);
    ink.hline(bar.left(), bar.right(), bar.bottom(), ink.t.hair);
    let at = usize::from(*tab == Tab::Shadow);
    if let Some(i) = segmented(ui, ink, bar.left_top() + vec2(16.0, 8.0), "Live", &["Source", "Shadow"], at, 14.0, None)
    {
        *tab = [Tab::Source, Tab::Shadow][i];
    }
    rest
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
    let Some(shadow) = shadow.filter(|s| s.refused().is_none()) else {
        say(ui, left, why_not.unwrap_or(none));
        ink.left(left.left(), left.top() + 22.0, "No shadow", Face::SemiBold, 16.0, ink.t.text);
        let why = why_not.unwrap_or(none);
        ink.left_cut(left.left(), left.top() + 48.0, left.right(), why, Face::Regular, ink.body(), ink.t.text);
        return;
    };
    let y = verdict(ui, &ink, left, shadow);
    let y = table(ui, &ink, left.with_min_y(y), shadow.view());
    fit::show(ui, &ink, left.with_min_y(y), shadow, state, actions);
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

/// Verdict, reasons, and what the prediction stands on; gives where it ends.
fn verdict(ui: &Ui, ink: &Ink, r: Rect, shadow: &Shadowing) -> f32 {
    let t = &ink.t;
    let px = ink.body();
    let (mark, word, rest) = standing(shadow);
    let y = r.top() + 24.0;
    quality::mark(&ink.p, t, pos2(r.left() + 6.0, y), mark);
    let x = ink.left(r.left() + 20.0, y, &word, Face::SemiBold, ink.px(18.0, 20.0), t.text);
    ink.left_cut(x + 12.0, y + 1.0, r.right(), &rest, Face::Regular, px, t.text);
    let mut lines: Vec<(String, Face)> = Vec::new();
    let mut says = format!("Shadow: {word}, {rest}");
    if let Some(v) = shadow.view() {
        lines.extend(v.reasons.iter().take(REASONS).map(|why| (capital(why), Face::SemiBold)));
        let mut presets = v.presets.clone();
        presets.dedup();
        let times = if v.settled == 1 { "once".to_owned() } else { format!("{} times", v.settled) };
        let stands = format!("{}, engine {}; driven by the {}", shadow.scenario(), presets.join(", "), v.drive.words());
        lines.push((format!("{stands}; settled {times}"), Face::Regular));
        says += &format!("; {}; {stands}", v.reasons.join("; "));
    }
    if let (false, missed @ 1..) = shadow.missed() {
        let told = format!("{missed} rows came faster than the twin computes; it began again after them");
        lines.push((told, Face::Regular));
    }
    let mut y = y + 6.0;
    for (words, face) in &lines {
        y += 24.0;
        let color = if *face == Face::Regular { t.text2 } else { t.text };
        ink.left_cut(r.left() + 20.0, y, r.right(), words, *face, px, color);
    }
    say(ui, Rect::from_min_max(r.min, pos2(r.right(), y + 10.0)), &says);
    y + 14.0
}

/// A line a signal; gives where it ends.
fn table(ui: &Ui, ink: &Ink, r: Rect, view: Option<&View>) -> f32 {
    let t = &ink.t;
    let x = |share: f32| r.left() + r.width() * share;
    let ends = [x(0.34), x(0.45), x(0.58), x(0.71), x(0.82)];
    let y = r.top() + 14.0;
    ink.left(r.left(), y, "Signal", Face::Regular, 13.0, t.text2);
    for (at, head) in ends.into_iter().zip(["Measured", "Twin", "Residual", "RMS 1 min", "Band ±"]) {
        ink.right(at, y, head, Face::Regular, 13.0, t.text2);
    }
    ink.left(x(0.855), y, "Verdict", Face::Regular, 13.0, t.text2);
    ink.hline(r.left(), r.right(), y + 13.0, t.dead);
    let top = y + 14.0;
    let Some(view) = view else { return top };
    for (k, l) in view.lines.iter().enumerate() {
        let row = Rect::from_min_size(pos2(r.left(), top + ROW * k as f32), vec2(r.width(), ROW));
        let mid = row.center().y;
        let px = ink.body();
        let [value, small] = DECIMALS[k];
        let end = ink.left(r.left(), mid, capital(l.name), Face::Regular, px, t.text);
        ink.left(end + 6.0, mid, l.unit, Face::Regular, px, t.text2);
        let values = [
            fmt::num(l.measured, value),
            fmt::num(l.predicted, value),
            fmt::signed(l.residual, small),
            fmt::num(l.rms, small),
            fmt::num(l.band, small),
        ];
        for (i, (at, words)) in ends.into_iter().zip(&values).enumerate() {
            let face = if i == 2 { Face::SemiBold } else { Face::Medium };
            ink.right(at, mid, words, face, px, t.live);
        }
        let (mark, word) = judged(view, k, l);
        if let Some(mark) = mark {
            quality::mark(&ink.p, t, pos2(x(0.855) + 5.0, mid), mark);
        }
        let face = if matches!(mark, None | Some(Quality::Good)) { Face::Regular } else { Face::SemiBold };
        ink.left_cut(x(0.855) + 16.0, mid, r.right(), word, face, px, t.text);
        ink.hline(r.left(), r.right(), row.bottom(), t.hair);
        let [measured, twin, residual, ..] = &values;
        let says = format!("{}: measured {measured}, twin {twin}, residual {residual} {}, {word}", l.name, l.unit);
        let response = ui.interact(row, ui.scope_id().with(("line", k)), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Row, true, &says));
    }
    top + ROW * view.lines.len() as f32 + 8.0
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

fn say(ui: &Ui, r: Rect, words: &str) {
    let response = ui.interact(r, ui.scope_id().with("standing"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, words));
}
