//! Right panel of the Compare view: figures with words, the configuration, export.

use egui::{Rect, Ui, vec2};

use super::{CompareState, Sheet, Tab, lag};
use crate::console::action::{Action, FileAct};
use crate::console::dialogs::Save;
use crate::console::fmt;
use crate::console::widgets::pane::{PAD, pane, part, rule};
use crate::console::widgets::table::{self, Column, HEAD, Table};
use crate::console::widgets::{Button, Ink, Segmented, Text};
use crate::report::compare::figures::{Better, Group};
use crate::report::compare::{Comparison, LETTERS, Line};

/// Heights of the tabs, of the foot with its buttons, of what is said of end states that differ.
const TABS: f32 = 44.0;
const FOOT: f32 = 44.0;
const NOTE: f32 = 64.0;

pub(super) fn show(ui: &mut Ui, rect: Rect, state: &mut CompareState, c: &Comparison, actions: &mut Vec<Action>) {
    const ALL: [(Tab, &str); 3] =
        [(Tab::Figures, "Figures"), (Tab::Configuration, "Configuration"), (Tab::Lag, "Miner lag")];
    let (top, rest) = rect.split_top_bottom_at_y(rect.top() + TABS);
    let (inner, foot) = rest.split_top_bottom_at_y(rest.bottom() - FOOT);
    part(ui, "tabs", top, |ui| {
        ui.add_space(8.0);
        let selected = ALL.iter().position(|(t, _)| *t == state.tab).unwrap_or(0);
        let picked = Segmented::new("Panel", &ALL.map(|(_, name)| name), selected).show(ui);
        if let Some((tab, _)) = picked.and_then(|i| ALL.get(i)) {
            state.tab = *tab;
        }
    });
    match state.tab {
        Tab::Figures => figures(ui, inner, state, c),
        Tab::Configuration => pane(ui, "configuration", inner, |ui| configuration(ui, c)),
        Tab::Lag => lag::show(ui, &Ink::new(ui, inner), inner, state),
    }
    part(ui, "export", foot, |ui| export(ui, state, actions));
}

fn export(ui: &mut Ui, state: &mut CompareState, actions: &mut Vec<Action>) {
    rule(ui, Ink::of(ui).t.hair);
    ui.horizontal(|ui| {
        if ui.add(Button::new("PNG").name("Picture of this comparison")).clicked() {
            actions.push(Action::File(FileAct::Save(Save::Picture)));
        }
        if ui.add(Button::new("CSV rows").name("Rows of the window as CSV")).clicked() {
            state.sheet = Sheet::Rows;
            actions.push(Action::File(FileAct::Save(Save::Window)));
        }
        if ui.add(Button::new("CSV figures").name("Figures as CSV")).clicked() {
            state.sheet = Sheet::Figures;
            actions.push(Action::File(FileAct::Save(Save::Window)));
        }
    });
}

/// Name, a value a run, with two runs their difference, and who does better in a word.
fn columns(runs: usize) -> Vec<Column> {
    let mut all = vec![Column::rest("Figure", 150.0)];
    all.extend(LETTERS.iter().take(runs).map(|letter| Column::number(letter, if runs > 3 { 54.0 } else { 60.0 })));
    if runs == 2 {
        all.push(Column::number("B − A", 60.0));
    }
    all.push(Column::number(if runs > 2 { "best" } else { "better" }, if runs > 2 { 82.0 } else { 72.0 }));
    all
}

fn figures(ui: &mut Ui, rect: Rect, state: &CompareState, c: &Comparison) {
    let ink = Ink::new(ui, rect);
    let note = if c.end.alike { 0.0 } else { NOTE };
    let (body, below) = rect.split_top_bottom_at_y(rect.bottom() - note);
    let lines: Vec<&Line> = c.lines.iter().filter(|l| ink.large || l.figure.brief).collect();
    let high = ((body.height() - HEAD) / lines.len().max(1) as f32).clamp(19.0, 26.0);
    let columns = columns(c.runs.len());
    let over = format!("over {} s", fmt::num(state.horizon_s, 0));
    Table::new("figures", &columns).row_height(high).show(ui, body.shrink2(vec2(PAD - 6.0, 0.0)), lines.len(), |row| {
        let Some(line) = lines.get(row.index) else { return };
        let first = row.index == 0 || lines.get(row.index - 1).is_some_and(|l| l.figure.group != line.figure.group);
        let ruled = first && row.index > 0;
        figure(row, line, ruled, &over);
    });
    if !c.end.alike {
        pane(ui, "end states", below, |ui| {
            let advice = "Choose Ends: like for like, which brings B's miners back.";
            let (head, rest) = c.end.words.split_once(". ").unwrap_or((&c.end.words, ""));
            let said = ui.add(Text::new(format!("{head}.")).strong().px(13.0, 14.0));
            ui.ctx().accesskit_node_builder(said.id, |n| {
                n.set_role(egui::accesskit::Role::Alert);
                n.set_label(format!("{} {advice}", c.end.words));
            });
            ui.add(Text::new(format!("{rest} {advice}").trim_start().to_owned()).dim().px(13.0, 14.0))
        });
    }
}

fn figure(row: &mut table::Row<'_, '_, '_>, line: &Line, ruled: bool, over: &str) {
    let f = line.figure;
    row.still(f.key);
    if ruled {
        row.ruled();
    }
    let text = |v: &Option<f64>| match v {
        Some(v) if f.better == Better::NearZero => fmt::signed(*v, f.decimals),
        Some(v) => fmt::num(*v, f.decimals),
        None => "none".to_owned(),
    };
    row.with_unit(Text::new(f.label), f.unit);
    for (i, v) in line.values.iter().enumerate() {
        let value = Text::new(text(v)).medium();
        row.text(if line.verdict.is_best(i) { value.strong().live() } else { value.dim() });
    }
    if let (2, Some(delta)) = (line.values.len(), line.deltas.get(1)) {
        row.text(Text::new(delta.map_or_else(|| "–".to_owned(), |d| fmt::signed(d, f.decimals))).dim());
    }
    let words = line.words();
    if f.group == Group::End && words != "equal" {
        row.paint(|ink, cell| ink.bang(cell.right_center() - vec2(15.0, 0.0)));
    } else {
        row.text(Text::new(words));
    }
    let values: Vec<String> =
        LETTERS.iter().zip(&line.values).map(|(l, v)| format!("{l} {} {}", text(v), f.unit)).collect();
    let others = LETTERS.iter().enumerate().take(line.values.len()).skip(1);
    let against: Vec<String> = others.map(|(i, l)| format!("{l} {}", line.against_a(i))).collect();
    row.says(format!("{}: {}; against A: {}", f.label, values.join(", "), against.join(", ")));
    row.hover(format!(
        "{} {over}. {}",
        f.label,
        match f.better {
            Better::Less => "Less is better",
            Better::More => "More is better",
            Better::NearZero => "Nearer to zero is better",
            Better::Neither => "Neither way is better",
        }
    ));
}

/// What was set differently, with values; and what was not.
fn configuration(ui: &mut Ui, c: &Comparison) {
    for (letter, run) in LETTERS.iter().zip(&c.runs) {
        let zero = c.shift_s(LETTERS.iter().position(|l| l == letter).unwrap_or(0));
        ui.add(Text::new(format!("{letter}  {}", run.name)).strong());
        ui.add(
            Text::new(format!(
                "{}, {}, engine {}, seed {}, zero at {} s",
                run.plate.scenario,
                run.plate.origin,
                run.plate.preset,
                run.plate.seed,
                fmt::num(zero, 1)
            ))
            .dim(),
        );
        if let Some(remark) = &run.remark {
            ui.add(Text::new(remark).strong());
        }
    }
    ui.add_space(8.0);
    ui.add(Text::title("Same"));
    ui.add(Text::new(c.same.join(", ")).dim());
    ui.add_space(8.0);
    let letters = LETTERS.iter().take(c.runs.len()).copied().collect::<Vec<_>>().join(" / ");
    ui.add(Text::new(format!("Different, {letters}")).strong());
    if c.differences.is_empty() {
        ui.add(Text::new("nothing").dim());
    }
    for d in &c.differences {
        ui.horizontal_wrapped(|ui| {
            ui.add(Text::new(d.what));
            ui.add(Text::new(d.values.join(" / ")).medium().live());
        });
    }
    ui.add_space(8.0);
    if let Some(run) = c.runs.first() {
        ui.add(Text::new(&run.plate.model_note).dim());
    }
}
