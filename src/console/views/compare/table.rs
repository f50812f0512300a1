//! Right panel of the Compare view: figures with words, the configuration, export.

use egui::accesskit::Role;
use egui::{Align2, Rect, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use super::{CompareState, Sheet, Tab, lag};
use crate::console::action::{Action, FileAct};
use crate::console::fmt;
use crate::console::views::controls::{Look, Words, button, segmented};
use crate::console::views::ink::{Face, Ink};
use crate::report::compare::figures::{Better, Group};
use crate::report::compare::{Comparison, LETTERS, Line};

/// Height of the foot with its buttons.
const FOOT: f32 = 44.0;

pub(super) fn show(
    ui: &mut Ui,
    ink: &Ink,
    rect: Rect,
    state: &mut CompareState,
    c: &Comparison,
    actions: &mut Vec<Action>,
) {
    const TABS: [(Tab, &str); 3] =
        [(Tab::Figures, "Figures"), (Tab::Configuration, "Configuration"), (Tab::Lag, "Miner lag")];
    let names = TABS.map(|(_, name)| name);
    let selected = TABS.iter().position(|(t, _)| *t == state.tab).unwrap_or(0);
    let at = rect.min + vec2(16.0, 8.0);
    if let Some((tab, _)) = segmented(ui, ink, at, "Panel", &names, selected, 14.0, None).and_then(|i| TABS.get(i)) {
        state.tab = *tab;
    }
    let inner = Rect::from_min_max(pos2(rect.left(), rect.top() + 44.0), pos2(rect.right(), rect.bottom() - FOOT));
    match state.tab {
        Tab::Figures => figures(ui, ink, inner, state, c),
        Tab::Configuration => configuration(ui, ink, inner, c),
        Tab::Lag => lag::show(ui, ink, inner, state),
    }
    foot(ui, ink, rect.with_min_y(inner.bottom()), state, actions);
}

fn foot(ui: &mut Ui, ink: &Ink, rect: Rect, state: &mut CompareState, actions: &mut Vec<Action>) {
    ink.hline(rect.left() + 16.0, rect.right() - 16.0, rect.top(), ink.t.hair);
    let y = rect.top() + 8.0;
    let mut x = rect.left() + 16.0;
    let mut next = |ui: &mut Ui, label: &str, name: &str, wide: f32| {
        let r = Rect::from_min_size(pos2(x, y), vec2(wide, 28.0));
        x = r.right() + 8.0;
        button(ui, ink, r, Words { label, key: "", name }, Look::Plain, None).clicked()
    };
    if next(ui, "PNG", "Picture of this comparison", 60.0) {
        actions.push(Action::File(FileAct::SavePng));
    }
    if next(ui, "CSV rows", "Rows of the window as CSV", 92.0) {
        state.sheet = Sheet::Rows;
        actions.push(Action::File(FileAct::SaveCsv));
    }
    if next(ui, "CSV figures", "Figures as CSV", 104.0) {
        state.sheet = Sheet::Figures;
        actions.push(Action::File(FileAct::SaveCsv));
    }
}

/// Where the columns of the table are.
struct Columns {
    left: f32,
    right: f32,
    /// Right ends of the values.
    values: Vec<f32>,
    /// Right end of the difference, with two runs only.
    delta: Option<f32>,
}

impl Columns {
    fn new(rect: Rect, runs: usize, ink: &Ink) -> Self {
        let (left, right) = (rect.left() + 16.0, rect.right() - 16.0);
        let words = ink.px(if runs > 2 { 82.0 } else { 76.0 }, 96.0);
        let wide = if runs > 3 { 50.0 } else { ink.px(58.0, 68.0) };
        let delta = (runs == 2).then_some(right - words);
        let end = delta.map_or(right - words, |d| d - wide - 6.0);
        let values = (0..runs).map(|i| end - (runs - 1 - i) as f32 * wide).collect();
        Self { left, right, values, delta }
    }
}

/// One line of the table.
fn figures(ui: &mut Ui, ink: &Ink, rect: Rect, state: &CompareState, c: &Comparison) {
    let columns = Columns::new(rect, c.runs.len(), ink);
    let px = ink.px(13.0, 14.0);
    let y = rect.top() + 10.0;
    let over = format!("Figure, over {} s", fmt::num(state.horizon_s, 0));
    ink.left(columns.left, y, over, Face::Regular, px, ink.t.text2);
    for (letter, x) in LETTERS.iter().zip(&columns.values) {
        ink.right(*x, y, letter, Face::SemiBold, px, ink.t.text);
    }
    if let Some(x) = columns.delta {
        ink.right(x, y, "B − A", Face::Regular, px, ink.t.text2);
    }
    let last = if c.runs.len() > 2 { "best" } else { "better" };
    ink.right(columns.right, y, last, Face::Regular, px, ink.t.text2);
    ink.hline(columns.left, columns.right, y + 13.0, ink.t.dead);

    let full = ink.large;
    let lines: Vec<&Line> = c.lines.iter().filter(|l| full || l.figure.brief).collect();
    let flag = if c.end.alike { 0.0 } else { 62.0 };
    let room = rect.height() - 26.0 - 12.0 - flag;
    let pitch = (room / lines.len().max(1) as f32).clamp(19.0, 26.0);
    let mut y = y + 14.0 + pitch * 0.5 + 3.0;
    let mut group = Group::Conduct;
    for line in lines {
        if line.figure.group != group {
            group = line.figure.group;
            ink.hline(columns.left, columns.right, y - pitch * 0.5 + 2.0, ink.t.hair);
            y += 5.0;
        }
        row(ui, ink, &columns, y, pitch, line, px);
        y += pitch;
    }
    if !c.end.alike {
        note(
            ui,
            ink,
            Rect::from_min_max(pos2(columns.left, y - pitch * 0.5 + 4.0), pos2(columns.right, rect.bottom())),
            c,
        );
    }
}

fn row(ui: &Ui, ink: &Ink, columns: &Columns, y: f32, pitch: f32, line: &Line, px: f32) {
    let f = line.figure;
    let end = ink.left(columns.left, y, f.label, Face::Regular, px + 1.0, ink.t.text);
    ink.left(end + 5.0, y, f.unit, Face::Regular, px - 1.0, ink.t.text2);
    let text = |v: &Option<f64>| match v {
        Some(v) if f.better == Better::NearZero => fmt::signed(*v, f.decimals),
        Some(v) => fmt::num(*v, f.decimals),
        None => "none".to_owned(),
    };
    for (i, (v, x)) in line.values.iter().zip(&columns.values).enumerate() {
        let best = line.verdict.is_best(i);
        let (face, color) = if best { (Face::SemiBold, ink.t.live) } else { (Face::Medium, ink.t.text2) };
        ink.right(*x, y, text(v), face, px, color);
    }
    if let (Some(x), Some(delta)) = (columns.delta, line.deltas.get(1)) {
        let words = delta.map_or_else(|| "–".to_owned(), |d| fmt::signed(d, f.decimals));
        ink.right(x, y, words, Face::Regular, px, ink.t.text2);
    }
    let words = line.words();
    let differs_at_end = f.group == Group::End && words != "equal";
    if differs_at_end {
        boxed(ink, columns.right, y, px);
    } else {
        ink.right(columns.right, y, &words, Face::Regular, px, ink.t.text);
    }
    let values: Vec<String> =
        LETTERS.iter().zip(&line.values).map(|(l, v)| format!("{l} {} {}", text(v), f.unit)).collect();
    let against: Vec<String> = LETTERS
        .iter()
        .enumerate()
        .take(line.values.len())
        .skip(1)
        .map(|(i, l)| format!("{l} {}", line.against_a(i)))
        .collect();
    let said = format!("{}: {}; against A: {}", f.label, values.join(", "), against.join(", "));
    let r = Rect::from_min_max(pos2(columns.left, y - pitch * 0.5), pos2(columns.right, y + pitch * 0.5));
    let r = ui.interact(r, ui.scope_id().with(("figure", f.key)), Sense::hover());
    r.widget_info(|| WidgetInfo::labeled(Role::Label, true, &said));
    r.on_hover_text(format!(
        "{said}. {}",
        match f.better {
            Better::Less => "Less is better",
            Better::More => "More is better",
            Better::NearZero => "Nearer to zero is better",
            Better::Neither => "Neither way is better",
        }
    ));
}

/// The mark of end states that differ.
fn boxed(ink: &Ink, right: f32, y: f32, px: f32) {
    let r = Rect::from_center_size(pos2(right - 9.0, y), vec2(18.0, 17.0));
    ink.frame(r, 2, 1.5, ink.t.text);
    ink.text(r.center(), Align2::CENTER_CENTER, "!", Face::SemiBold, px, ink.t.text);
}

/// What the flag means, and what to do about it.
fn note(ui: &Ui, ink: &Ink, rect: Rect, c: &Comparison) {
    let advice = "Choose Ends: like for like, which brings B's miners back.";
    let words = format!("{} {advice}", c.end.words);
    let mut job = egui::text::LayoutJob::default();
    let format = |face, color| egui::TextFormat::simple(crate::console::theme::font(face, ink.px(13.0, 14.0)), color);
    let (head, rest) = c.end.words.split_once(". ").unwrap_or((&c.end.words, ""));
    job.append(&format!("{head}. "), 0.0, format(Face::SemiBold, ink.t.text));
    job.append(&format!("{rest} {advice}"), 0.0, format(Face::Regular, ink.t.text2));
    job.wrap.max_width = rect.width();
    let galley = ink.p.layout_job(job);
    ink.p.galley(rect.min, galley, ink.t.text);
    let r = ui.interact(rect, ui.scope_id().with("end states"), Sense::hover());
    r.widget_info(|| WidgetInfo::labeled(Role::Alert, true, &words));
}

/// What was set differently, with values; and what was not.
fn configuration(ui: &mut Ui, ink: &Ink, rect: Rect, c: &Comparison) {
    let inner = rect.shrink2(vec2(16.0, 4.0));
    ui.scope_builder(egui::UiBuilder::new().id_salt("configuration").max_rect(inner), |ui| {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let label = |ui: &mut Ui, words: &str, face: Face, color| {
                let text = egui::RichText::new(words).font(crate::console::theme::font(face, ink.body())).color(color);
                ui.label(text)
            };
            for (letter, run) in LETTERS.iter().zip(&c.runs) {
                let zero = c.shift_s(LETTERS.iter().position(|l| l == letter).unwrap_or(0));
                label(ui, &format!("{letter}  {}", run.name), Face::SemiBold, ink.t.text);
                let words = format!(
                    "{}, {}, engine {}, seed {}, zero at {} s",
                    run.plate.scenario,
                    run.plate.origin,
                    run.plate.preset,
                    run.plate.seed,
                    fmt::num(zero, 1)
                );
                label(ui, &words, Face::Regular, ink.t.text2);
                if let Some(remark) = &run.remark {
                    label(ui, remark, Face::SemiBold, ink.t.text);
                }
            }
            ui.add_space(8.0);
            label(ui, "Same", Face::SemiBold, ink.t.text);
            label(ui, &c.same.join(", "), Face::Regular, ink.t.text2);
            ui.add_space(8.0);
            let letters = LETTERS.iter().take(c.runs.len()).copied().collect::<Vec<_>>().join(" / ");
            label(ui, &format!("Different, {letters}"), Face::SemiBold, ink.t.text);
            if c.differences.is_empty() {
                label(ui, "nothing", Face::Regular, ink.t.text2);
            }
            for d in &c.differences {
                ui.horizontal_wrapped(|ui| {
                    label(ui, d.what, Face::Regular, ink.t.text);
                    label(ui, &d.values.join(" / "), Face::Medium, ink.t.live);
                });
            }
            ui.add_space(8.0);
            if let Some(run) = c.runs.first() {
                label(ui, &run.plate.model_note, Face::Regular, ink.t.text2);
            }
        });
    });
}
