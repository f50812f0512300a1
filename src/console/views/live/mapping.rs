//! Columns of a table of others: each with its signal, unit and sign, how the time is written, and what comes of it.
//!
//! The file is only read. What is chosen is tried on its first rows at once; the map is written beside it.

use std::path::{Path, PathBuf};

use egui::{Rect, Stroke, Ui, pos2, vec2};

use super::halves;
use crate::console::action::{Action, SourceAct};
use crate::console::fmt;
use crate::console::widgets::dropdown::dropdown;
use crate::console::widgets::pane::{PAD, heading, pane, rule, sides};
use crate::console::widgets::scale::{TimeScale, ValueScale, margin};
use crate::console::widgets::strip::GUTTER;
use crate::console::widgets::table::{Column, Table};
use crate::console::widgets::{Button, Ink, Segmented, Text, axes};
use crate::feed::csv_tail;
use crate::feed::draft::{self, Draft, FORMATS, Trial, ZONES, trial};
use crate::feed::mapping::ColumnMap;
use crate::feed::table::Table as Lines;
use crate::plant::signals::SignalTable;
use crate::text::plain;
use crate::utc;

/// Rows that are tried while the map is made.
const ROWS: usize = 2000;
/// Heights of the head and of the bar with the times.
const HEAD: f32 = 60.0;
const BAR: f32 = 68.0;
/// Seconds since 1970 from which a number is a date: 2001.
const DATES_S: f64 = 978_307_200.0;

const COLUMNS: [Column; 8] = [
    Column::words("In the file", 120.0),
    Column::number("Newest", 110.0),
    Column::mark("Signal", 160.0),
    Column::mark("Unit", 76.0),
    Column::mark("Sign", 66.0),
    Column::number("Becomes", 90.0),
    Column::number("Range", 120.0),
    Column::number("Good %", 60.0),
];

/// A table while its map is made.
#[derive(Clone, Debug)]
pub struct Loaded {
    header: (String, u64),
    lines: Vec<(String, u64)>,
    rows: usize,
    draft: Draft,
    trial: Result<Trial, String>,
    /// What the trial is of.
    tried: (Draft, usize),
    signals: SignalTable,
}

/// What the page remembers.
#[derive(Clone, Debug)]
pub struct MappingState {
    /// The table.
    pub file: PathBuf,
    /// Its lines, once they are read.
    table: Option<Box<Loaded>>,
    selected: usize,
}

impl MappingState {
    /// Of a table that is being read.
    #[must_use]
    pub fn new(file: PathBuf) -> Self {
        Self { file, table: None, selected: 0 }
    }

    /// It was read.
    pub fn begin(&mut self, table: Loaded) {
        self.selected = table.draft.columns.iter().position(|c| c.to.is_some()).unwrap_or(0);
        self.table = Some(Box::new(table));
    }

    /// The map as it is now; none while the table is being read.
    #[must_use]
    pub fn draft(&self) -> Option<&Draft> {
        self.table.as_ref().map(|t| &t.draft)
    }
}

/// Reads a table and guesses its map.
///
/// # Errors
/// Why it cannot be read, in a line.
pub fn read(path: &Path) -> Result<Loaded, String> {
    let file = path.display().to_string();
    let all = csv_tail::lines(path).map_err(|e| format!("{e}: {file}"))?;
    let mut all = all.into_iter().zip(1_u64..).filter(|(l, _)| !Lines::is_comment(l));
    let header = all.next().ok_or_else(|| format!("the file is empty: {file}"))?;
    let mut lines: Vec<(String, u64)> = all.collect();
    let rows = lines.len();
    lines.truncate(ROWS);
    let names = draft::split(&header.0);
    let first: Vec<Vec<String>> = lines.iter().take(40).map(|(l, _)| draft::split(l)).collect();
    let stem = path.file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned());
    let draft = Draft::guess(&stem, &names, &first);
    let tried = (draft.clone(), usize::MAX);
    Ok(Loaded { header, lines, rows, draft, trial: Err(String::new()), tried, signals: draft::signals() })
}

impl Loaded {
    /// Tries the map again if it, or what is shown of it, has changed.
    fn retry(&mut self, selected: usize) {
        if self.tried.1 == selected && self.tried.0 == self.draft {
            return;
        }
        let shown = self.place(selected).unwrap_or(usize::MAX);
        let header = (self.header.0.as_str(), self.header.1);
        self.trial = self.draft.map().and_then(|map| trial(&map, header, &self.lines, shown));
        self.tried = (self.draft.clone(), selected);
    }

    /// Place of a column of the file in the map.
    fn place(&self, column: usize) -> Option<usize> {
        let used = |i: &usize| self.draft.columns.get(*i).is_some_and(|c| c.to.is_some());
        used(&column).then(|| (0..column).filter(used).count())
    }
}

/// Draws the page.
pub(super) fn show(ui: &mut Ui, r: Rect, state: &mut MappingState, actions: &mut Vec<Action>) {
    let ink = Ink::new(ui, r);
    let (head, rest) = r.split_top_bottom_at_y(r.top() + HEAD);
    let (bar, body) = rest.split_top_bottom_at_y(rest.top() + BAR);
    ink.fill(head.union(bar), ink.t.panel);
    let name = state.file.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let MappingState { table, selected, file } = state;
    let Some(table) = table else {
        pane(ui, "reading", head, |ui| ui.add(Text::title(format!("Reading {name}"))));
        return;
    };
    table.retry(*selected);
    let n = table.rows;
    let about = if n > ROWS { format!("{n} lines; shown are the first {ROWS}") } else { format!("{n} lines") };
    pane(ui, "mapping head", head, |ui| top(ui, &name, &about, file, table, actions));
    ink.hline(r.x_range(), head.bottom(), ink.t.hair);
    pane(ui, "mapping times", bar, |ui| times(ui, table));
    ink.hline(r.x_range(), bar.bottom(), ink.t.hair);
    let (left, right) = halves(&ink, body, 0.74);
    let (list, foot) = left.split_top_bottom_at_y(left.bottom() - 30.0);
    columns(ui, list, table, selected);
    pane(ui, "mapping foot", foot.expand2(vec2(PAD, 0.0)), |ui| {
        let place = ColumnMap::place(file);
        ui.add(Text::new(format!("The file is only read. The map is saved as {}.", place.display())).dim().cut());
    });
    let (above, below) = right.split_top_bottom_at_y(right.top() + 0.5 * right.height());
    curve(ui, &ink, above, table, *selected);
    pane(ui, "mapping troubles", below.expand2(vec2(PAD, 0.0)), |ui| troubles(ui, table));
}

fn top(ui: &mut Ui, name: &str, about: &str, file: &Path, table: &Loaded, actions: &mut Vec<Action>) {
    ui.add_space(8.0);
    let why = table.trial.as_ref().err().map(String::as_str);
    sides(
        ui,
        |ui| ui.add(Text::title(format!("Map the columns of {name}")).px(16.0, 17.0).cut()),
        |ui| {
            for (label, replay) in [("Save and replay", true), ("Save map", false)] {
                let button = Button::new(label).why_not(why).least(132.0, 30.0);
                if ui.add(if replay { button.solid() } else { button }).clicked() {
                    actions.push(Action::Source(SourceAct::SaveColumns { replay }));
                }
            }
            if ui.add(Button::new("Cancel").least(92.0, 30.0)).clicked() {
                actions.push(Action::Source(SourceAct::LeaveColumns));
            }
            if ui.add(Button::new("Guess again").link()).clicked() {
                actions.push(Action::Source(SourceAct::MapColumns(file.to_owned())));
            }
        },
    );
    ui.add(Text::new(about).dim());
}

/// A list to choose from; gives another choice.
fn choose(ui: &mut Ui, name: &str, shown: &str, wide: f32, all: &[String]) -> Option<usize> {
    let mut now = all.iter().position(|w| w == shown).unwrap_or(usize::MAX);
    dropdown(ui, wide, name, all, &mut now).then_some(now)
}

/// Which column has the times, how they are written, in which zone; and the first of them as proof.
fn times(ui: &mut Ui, table: &mut Loaded) {
    ui.add_space(6.0);
    let owned = |all: &[&str]| all.iter().map(|s| (*s).to_owned()).collect::<Vec<String>>();
    ui.horizontal(|ui| {
        ui.vertical(|ui| {
            ui.add(Text::new("Time column").dim());
            let names: Vec<String> = table.draft.names.iter().map(|n| plain(n)).collect();
            let now = names.get(table.draft.time).cloned().unwrap_or_default();
            if let Some(i) = choose(ui, "Time column", &now, 150.0, &names) {
                table.draft.time = i;
                if let Some(c) = table.draft.columns.get_mut(i) {
                    c.to = None;
                }
            }
        });
        ui.vertical(|ui| {
            ui.add(Text::new("Time written as").dim());
            let mut all = owned(&["seconds, or ISO 8601"]);
            all.extend(owned(&FORMATS));
            let now = table.draft.format.clone().unwrap_or_else(|| all[0].clone());
            if let Some(i) = choose(ui, "Time written as", &now, 190.0, &all) {
                table.draft.format = (i > 0).then(|| all[i].clone());
            }
        });
        ui.vertical(|ui| {
            ui.add(Text::new("Zone of the file").dim());
            let all = owned(&ZONES);
            let now = table.draft.zone.clone();
            if let Some(i) = choose(ui, "Zone of the file", &now, 150.0, &all) {
                table.draft.zone.clone_from(&all[i]);
            }
        });
        ui.vertical(|ui| {
            ui.add(Text::new("First row is").dim());
            let first = table.trial.as_ref().map_or(f64::NAN, |t| t.span_s[0]);
            let words = if first > DATES_S {
                utc::stamp((first * 1e6) as i64).replace('T', " ").replace('Z', " UTC")
            } else {
                format!("{} s", fmt::num(first, 3))
            };
            ui.add(Text::value(words));
        });
    });
}

fn columns(ui: &mut Ui, r: Rect, table: &mut Loaded, selected: &mut usize) {
    let used = table.draft.columns.iter().filter(|c| c.to.is_some()).count();
    let (head, body) = r.split_top_bottom_at_y(r.top() + 34.0);
    let n = table.draft.names.len();
    pane(ui, "mapping columns", head.expand2(vec2(PAD, 0.0)), |ui| {
        heading(
            ui,
            "Columns",
            &format!("{n} in the file: {used} mapped, 1 time, {} not used", n - used - usize::from(n > used)),
        )
    });
    let last = table.lines.last().map(|(l, _)| draft::split(l)).unwrap_or_default();
    let none = "not used".to_owned();
    let mut ids = vec![none.clone()];
    ids.extend(table.signals.signals().iter().map(|s| s.id.clone()));
    let mut chosen = None;
    let told = Table::new("mapping", &COLUMNS).row_height(34.0).selected(Some(*selected)).show(ui, body, n, |row| {
        let i = row.index;
        let (Some(name), Some(choice)) = (table.draft.names.get(i), table.draft.columns.get(i)) else { return };
        row.begin(("column", i), *selected == i);
        row.text(Text::new(plain(name)).medium());
        row.text(Text::value(plain(last.get(i).map_or("", String::as_str))));
        if i == table.draft.time {
            row.text(Text::new("Time, as set above").dim());
            return;
        }
        let mut change = choice.clone();
        let of = choice.to.as_deref().and_then(|id| table.signals.find(id)).map(|s| table.signals.get(s));
        row.ui(|ui| {
            let shown = choice.to.as_ref().unwrap_or(&none);
            if let Some(k) = choose(ui, &format!("Signal of {}", plain(name)), shown, 148.0, &ids) {
                change.to = ids.get(k).filter(|_| k > 0).cloned();
                let own = change.to.as_deref().and_then(|id| table.signals.find(id));
                change.unit = own.map_or_else(String::new, |s| table.signals.get(s).unit.to_owned());
            }
        });
        row.ui(|ui| {
            let Some(signal) = of.filter(|s| !s.unit.is_empty()) else { return };
            let all: Vec<String> = draft::units(signal.unit).into_iter().map(str::to_owned).collect();
            if let Some(k) = choose(ui, &format!("Unit of {}", plain(name)), &choice.unit, 66.0, &all) {
                change.unit.clone_from(&all[k]);
            }
        });
        row.ui(|ui| {
            if of.is_none() || choice.to.as_deref().is_some_and(|id| draft::is_state(&table.signals, id)) {
                return;
            }
            let group = format!("Sign of {}", plain(name));
            if let Some(k) = Segmented::new(&group, &["+", "−"], usize::from(choice.opposite)).small().show(ui) {
                change.opposite = k == 1;
            }
        });
        let tried = table.trial.as_ref().ok().zip(table.place(i)).and_then(|(t, k)| Some((t.rows, t.columns.get(k)?)));
        if let Some((rows, t)) = tried {
            let unit = of.map_or("", |s| s.unit);
            row.text(Text::value(format!("{} {unit}", fmt::num(t.newest, 2))));
            row.text(Text::value(format!("{} to {}", fmt::num(t.range[0], 1), fmt::num(t.range[1], 1))));
            // rounded down: 100 means all
            row.text(Text::value(fmt::num((100.0 * t.good as f64 / rows.max(1) as f64).floor(), 0)));
        }
        if change != *choice {
            chosen = Some((i, change));
        }
    });
    *selected = told.chosen.unwrap_or(*selected);
    if let Some((i, change)) = chosen {
        table.draft.columns[i] = change;
        *selected = i;
    }
}

/// The selected column as its signal over the rows that were tried.
fn curve(ui: &mut Ui, ink: &Ink, r: Rect, table: &Loaded, selected: usize) {
    let to = table.draft.columns.get(selected).and_then(|c| c.to.as_deref());
    let signal = to.and_then(|id| table.signals.find(id)).map(|s| table.signals.get(s));
    let (head, plot) = r.split_top_bottom_at_y(r.top() + 36.0);
    pane(ui, "mapping curve", head.expand2(vec2(PAD, 0.0)), |ui| {
        let name = table.draft.names.get(selected).map_or_else(String::new, |n| plain(n));
        match signal {
            Some(s) => heading(ui, &s.label, &format!("{}, from {name}", s.unit)),
            None => heading(ui, &name, "not used"),
        }
    });
    let (Ok(t), Some(_)) = (&table.trial, signal) else { return };
    let rect = Rect::from_min_max(plot.min + vec2(GUTTER - 8.0, 4.0), plot.max - vec2(8.0, axes::AXIS + 6.0));
    let values = t.curve.iter().map(|p| p[1]).filter(|v| v.is_finite());
    let ends = values.fold([f64::INFINITY, f64::NEG_INFINITY], |r, v| [r[0].min(v), r[1].max(v)]);
    if !ends[0].is_finite() {
        return;
    }
    let [lo, hi] = margin(ends, 1e-3);
    let (t0, t1) = (0.0, (t.span_s[1] - t.span_s[0]).max(1.0));
    let x = TimeScale { t0, t1, now: t1, follows: false, left: rect.left(), right: rect.right(), cursors: [None; 2] };
    let y = ValueScale { lo, hi, y: rect.y_range() };
    axes::grid(ink, rect, &x, &y);
    let mut piece = Vec::new();
    for p in t.curve.iter().chain(std::iter::once(&[f64::NAN; 2])) {
        if p[1].is_finite() {
            piece.push(pos2(x.x(p[0] - t.span_s[0]), y.y(p[1])));
        } else if !piece.is_empty() {
            // what is no number is a gap
            ink.path(std::mem::take(&mut piece), Stroke::new(1.5, ink.t.pen_gpu));
        }
    }
    axes::time(ink, &x, rect.bottom(), Vec::new(), |_, at| (x.label(at), false));
}

/// What could not be read, and what is done with it.
fn troubles(ui: &mut Ui, table: &Loaded) {
    let t = match &table.trial {
        Ok(t) => t,
        Err(why) => {
            heading(ui, "Not yet a map", "");
            rule(ui, Ink::of(ui).t.dead);
            ui.add(Text::new(why));
            return;
        }
    };
    heading(ui, "Problems", &format!("{} in {} rows; none stops the replay", t.troubles, t.rows));
    rule(ui, Ink::of(ui).t.dead);
    for words in &t.told {
        ui.add(Text::new(words).cut());
    }
    if t.troubles > 0 {
        ui.add(Text::new("What cannot be read is a gap, never a zero.").dim());
    }
}
