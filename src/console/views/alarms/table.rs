//! The list itself. While the pointer is over it no row moves: a click never lands on a row that came in between.

use egui::{Rect, Ui, pos2, vec2};

use super::mark::{Phase, attention, mark, number as priority_number};
use super::rows::{Row, Rows, Sort, Which};
use super::{AlarmsState, now, number};
use crate::acts::By;
use crate::alarm::annunciator::Hidden;
use crate::alarm::{Entry, Group, List};
use crate::console::fmt;
use crate::console::model::Model;
use crate::console::widgets::glyph::Look;
use crate::console::widgets::pane::part;
use crate::console::widgets::table::{self, Column, HEAD, Table};
use crate::console::widgets::{Ink, Text, Weight};

/// Heights of a row and of the foot.
const ROW: f32 = 34.0;
const FOOT: f32 = 26.0;

const COLUMNS: [Column; 11] = [
    Column::mark("Pri", 40.0).sorts("priority, then time"),
    Column::words("State", 118.0),
    Column::words("First", 74.0).sorts("First"),
    Column::words("Tag", 92.0).sorts("Tag"),
    Column::rest("Description", 148.0),
    Column::number("At alarm", 64.0),
    Column::number("Now", 50.0),
    Column::number("Limit", 72.0),
    Column::words("Area", 74.0).sorts("Area"),
    Column::number("Count", 44.0),
    Column::number("Age", 46.0),
];
/// Columns that sort, and by what.
const SORTS: [(usize, Sort); 4] = [(0, Sort::Priority), (2, Sort::Time), (3, Sort::Tag), (8, Sort::Area)];

/// What the foot says.
#[derive(Clone, Copy, Debug, Default)]
pub struct Note {
    /// Alarms that wait for the pointer to leave.
    pub queued: usize,
    /// There is a flood.
    pub flood: bool,
    /// Alarms that a flood leaves to the log.
    pub to_log: usize,
}

/// Where rows stand within the table.
#[must_use]
pub fn body(r: Rect) -> Rect {
    Rect::from_min_max(r.min + vec2(0.0, HEAD), r.max - vec2(0.0, FOOT))
}

/// Draws heads, rows and foot.
pub fn show(ui: &mut Ui, r: Rect, model: &Model, list: &List, shown: &Rows, note: Note, state: &mut AlarmsState) {
    let ink = Ink::new(ui, r);
    ink.fill(r, ink.t.inset);
    let (body, foot) = r.split_top_bottom_at_y(r.bottom() - FOOT);
    ink.hline(foot.x_range(), foot.top(), ink.t.dead);
    part(ui, "foot", foot, |ui| {
        ui.add_space(4.0);
        ui.add(Text::new(foot_words(list, shown, note)).px(13.0, 13.0).dim().strong_if(note.queued > 0))
    });
    let empty = match state.filter.which {
        _ if shown.left_out > 0 => "no alarm passes the filter",
        Which::Active => "no alarm",
        Which::Shelved => "nothing is shelved",
        Which::Suppressed => "nothing is suppressed by design",
        Which::Out => "nothing is out of service",
        Which::All => "the database is empty",
    };
    let at = |id| shown.rows.iter().position(|r| matches!(r, Row::Alarm { id: x, .. } if *x == id));
    let selected = state.selected.and_then(at);
    let phase = Phase::now(ui.ctx(), list.unack() > 0);
    let sorted = SORTS.iter().find(|(_, s)| *s == state.filter.sort).map(|(i, _)| *i);
    let table = Table::new("alarms", &COLUMNS).row_height(ROW).sorted(sorted).selected(selected).empty(empty);
    let told = table.show(ui, body, shown.rows.len(), |row| match shown.rows.get(row.index) {
        Some(Row::Alarm { id, under, folds }) => {
            if let Some(e) = list.entries.get(*id as usize) {
                alarm(row, model, list, e, *under, *folds, phase, state);
            }
        }
        Some(Row::Area { group, count, unack }) => area(row, *group, [*count, *unack], phase, state),
        None => {}
    });
    let id = |row: &Row| if let Row::Alarm { id, .. } = row { Some(*id) } else { None };
    state.in_view = shown.rows.get(told.in_view.clone()).unwrap_or_default().iter().filter_map(id).collect();
    if let Some(sort) = told.sorted.and_then(|i| SORTS.iter().find(|(k, _)| *k == i)) {
        state.filter.sort = sort.1;
        state.frozen = None;
    }
    // The arrow keys pass over what stands for an area.
    let chosen = told.chosen.and_then(|i| {
        let before = selected.is_some_and(|s| i < s);
        let (above, below) = shown.rows.split_at(i.min(shown.rows.len()));
        if before {
            shown.rows.get(i).and_then(id).or_else(|| above.iter().rev().find_map(id))
        } else {
            below.iter().find_map(id)
        }
    });
    if let Some(id) = chosen {
        state.choose(id);
    }
    if let Some(id) = told.opened.and_then(|i| shown.rows.get(i)).and_then(id)
        && !state.opened.causes.remove(&id)
    {
        state.opened.causes.insert(id);
    }
}

fn foot_words(list: &List, shown: &Rows, note: Note) -> String {
    let rows = match shown.rows.len() {
        1 => "1 row".to_owned(),
        n => format!("{n} rows"),
    };
    let mut parts = vec![format!("{rows} of {} alarms in the database", list.entries.len())];
    if note.queued > 0 {
        parts.insert(0, format!("list held under the pointer: {} new wait", note.queued));
    }
    if note.flood && note.to_log > 0 {
        parts.push(format!("{} of priority 4 in the log only", note.to_log));
    }
    parts.join("; ")
}

#[allow(clippy::too_many_arguments, reason = "a line of a table: what it shows, and what it knows of the table")]
fn alarm(
    row: &mut table::Row<'_, '_, '_>,
    model: &Model,
    list: &List,
    e: &Entry,
    under: bool,
    folds: usize,
    phase: Phase,
    state: &mut AlarmsState,
) {
    let hit = row.begin(("alarm", e.id), state.selected == Some(e.id));
    let head = folds > 0;
    let on_fold = hit.clicked.is_some_and(|p| p.x < hit.left + 20.0);
    if head && on_fold && !state.opened.causes.remove(&e.id) {
        state.opened.causes.insert(e.id);
    }
    let text = list.definition(e.id).map_or("", |d| d.text.as_str());
    row.says(words(e, list, text, model.t_s));
    let open = state.opened.causes.contains(&e.id);
    let (step, indent) = if under { (14.0, "    ") } else { (0.0, "") };
    row.paint(|ink, cell| {
        if head {
            ink.fold(pos2(cell.left() + 10.0, cell.center().y), open);
        }
        mark(ink, pos2(cell.left() + 28.0 + step, cell.center().y), 16.0, e, phase);
    });
    let listed = e.is_listed();
    let strong = if e.state.is_unack() && listed { Weight::SemiBold } else { Weight::Regular };
    let tone = |t: Text<'static>| if listed { t } else { t.dim() };
    let stands = e.last_s.is_some();
    let then = |words: String| if stands { words } else { String::new() };
    row.text(tone(Text::new(format!("{indent}{}", e.shown())).weight(strong)));
    row.text(Text::new(then(fmt::stamp(e.first_s))).dim());
    row.text(tone(Text::new(e.tag.clone()).strong()));
    let told = e.told.as_ref().filter(|_| listed).map_or(text.to_owned(), |told| format!("{text}: {told}"));
    let what = hidden_words(e, list, model.t_s).unwrap_or(told);
    let badges = [(e.first_out, "FIRST-OUT".to_owned()), (head, format!("+{folds}"))];
    row.badged(
        tone(Text::new(format!("{indent}{what}")).weight(strong)),
        badges.into_iter().filter(|b| b.0).map(|b| b.1),
    );
    row.text(Text::new(then(number(e.value, e.unit))).medium().live());
    row.text(Text::new(number(now(model, list, e), e.unit)).medium().live());
    // the column of limits has the unit of all three numbers
    let limit = if e.limit.is_finite() { number(e.limit, e.unit) } else { String::new() };
    let unit = if e.limit.is_finite() || e.value.is_finite() { e.unit } else { "" };
    row.text(tone(Text::new(format!("{limit} {unit}").trim().to_owned())));
    row.text(Text::new(e.group.word()).dim());
    row.text(tone(Text::new(then(e.count.to_string()))));
    let since = e.last_s.filter(|_| listed).map(|s| age(model.t_s - s));
    row.text(tone(Text::new(since.unwrap_or_default())));
}

fn area(
    row: &mut table::Row<'_, '_, '_>,
    group: Group,
    [count, unack]: [usize; 2],
    phase: Phase,
    state: &mut AlarmsState,
) {
    let words = format!("{count} alarms of priority 3, {unack} not acknowledged");
    if row.begin(("area", group.word()), false).clicked.is_some() {
        state.opened.areas.insert(group);
        state.frozen = None;
    }
    row.says(format!("{}: {words}; open", group.word()));
    let phase = (unack > 0).then_some(phase);
    row.paint(|ink, cell| {
        ink.fold(pos2(cell.left() + 10.0, cell.center().y), false);
        attention(ink, pos2(cell.left() + 28.0, cell.center().y), 16.0, 3, Look::Active, phase);
    });
    row.text(Text::new("FLOOD").strong_if(unack > 0));
    row.text(Text::new(""));
    row.text(Text::new(""));
    row.text(Text::new(words).strong_if(unack > 0));
    for words in ["", "", "", group.word()] {
        row.text(Text::new(words).dim());
    }
}

/// Why an alarm is put away, and until when.
pub(crate) fn hidden_words(e: &Entry, list: &List, t_s: f64) -> Option<String> {
    Some(match e.hidden.as_ref()? {
        Hidden::Shelved { until, by, reason } => {
            let left_s = (*until as f64 * list.tick_s - t_s).max(0.0);
            format!("{} left, {}: {reason}", age(left_s), who(*by))
        }
        Hidden::ByDesign(rule) if !e.is_listed() => format!("by design: {}", rule.word()),
        Hidden::ByDesign(_) => return None,
        Hidden::OutOfService { by, note } => format!("{}: {note}", who(*by)),
    })
}

/// Who, in a word.
pub(crate) fn who(by: By) -> &'static str {
    match by {
        By::Plant => "plant",
        By::Trainee => "operator",
        By::Instructor => "trainer",
        By::Scenario => "scenario",
    }
}

/// `m:ss`, or `h:mm:ss` from an hour on.
fn age(s: f64) -> String {
    let s = s.max(0.0) as u64;
    let (h, m) = (s / 3600, s / 60 % 60);
    if h > 0 { format!("{h}:{m:02}:{:02}", s % 60) } else { format!("{m}:{:02}", s % 60) }
}

fn words(e: &Entry, list: &List, text: &str, t_s: f64) -> String {
    let mut said = format!("priority {} {} {} {text}", priority_number(e.priority), e.shown(), e.tag);
    if e.last_s.is_some() {
        said.push_str(&format!(", at {}", fmt::stamp(e.first_s)));
    }
    if e.value.is_finite() {
        said.push_str(&format!(", {} {} at alarm", number(e.value, e.unit), e.unit));
    }
    if e.first_out {
        said.push_str(", first-out");
    }
    if let Some(last_s) = e.last_s.filter(|_| e.is_listed()) {
        said.push_str(&format!(", {} ago", fmt::seconds(t_s - last_s)));
    }
    if let Some(why) = hidden_words(e, list, t_s) {
        said.push_str(&format!(", {why}"));
    }
    said
}
