//! The list itself. While the pointer is over it no row moves: a click never lands on a row that came in between.

use egui::accesskit::Role;
use egui::{Color32, Rect, ScrollArea, Sense, Stroke, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::super::controls::ring;
use super::super::ink::{Face, Ink};
use super::mark::{Phase, mark, number as priority_number};
use super::rows::{Row, Rows, Sort, Which};
use super::{AlarmsState, now, number};
use crate::acts::By;
use crate::alarm::annunciator::Hidden;
use crate::alarm::{Entry, Group, List};
use crate::console::fmt;
use crate::console::model::Model;
use crate::console::theme::mix;
use crate::console::widgets::glyph::Look;

/// Height of a row, of the heads, of the foot.
const ROW: f32 = 34.0;
const HEAD: f32 = 26.0;
const FOOT: f32 = 26.0;

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

/// Places of the columns; numbers end at theirs.
struct Columns {
    state: f32,
    time: f32,
    tag: f32,
    text: f32,
    at_alarm: f32,
    now: f32,
    limit: f32,
    area: f32,
    count: f32,
    age: f32,
}

impl Columns {
    fn new(ink: &Ink, r: Rect) -> Self {
        let k = ink.px(1.0, 1.1);
        let (x, end) = (r.left(), r.right() - 16.0);
        Self {
            state: x + 46.0,
            time: x + 46.0 + 132.0 * k,
            tag: x + 46.0 + 214.0 * k,
            text: x + 46.0 + 310.0 * k,
            at_alarm: end - 306.0 * k,
            now: end - 248.0 * k,
            limit: end - 172.0 * k,
            area: end - 162.0 * k,
            count: end - 50.0 * k,
            age: end,
        }
    }
}

/// Draws heads, rows and foot.
pub fn show(ui: &mut Ui, r: Rect, model: &Model, list: &List, shown: &Rows, note: Note, state: &mut AlarmsState) {
    let ink = Ink::new(ui, r);
    let c = Columns::new(&ink, r);
    ink.fill(r, ink.t.inset);
    heads(ui, &ink, Rect::from_min_size(r.min, vec2(r.width(), HEAD)), &c, state);
    foot(ui, &ink, r.with_min_y(r.bottom() - FOOT), list, shown, note);
    let body = body(r);
    state.in_view.clear();
    if shown.rows.is_empty() {
        let words = match state.filter.which {
            _ if shown.left_out > 0 => "no alarm passes the filter",
            Which::Active => "no alarm",
            Which::Shelved => "nothing is shelved",
            Which::Suppressed => "nothing is suppressed by design",
            Which::Out => "nothing is out of service",
            Which::All => "the database is empty",
        };
        ink.centre(pos2(body.center().x, body.top() + 40.0), words, Face::Regular, 14.0, ink.t.text2);
        return;
    }
    let flashing = list.unack() > 0;
    let phase = Phase::now(ui.ctx(), flashing);
    ui.scope_builder(UiBuilder::new().id_salt("alarm rows").max_rect(body), |ui| {
        ui.set_clip_rect(body.intersect(ui.clip_rect()));
        ui.spacing_mut().item_spacing.y = 0.0;
        ScrollArea::vertical().id_salt("alarms").auto_shrink(false).show_rows(
            ui,
            ROW,
            shown.rows.len(),
            |ui, range| {
                let ink = Ink::new(ui, body);
                let top = ui.cursor().top();
                for (k, row) in shown.rows.iter().skip(range.start).take(range.len()).enumerate() {
                    let y = top + k as f32 * ROW;
                    let at = Rect::from_min_max(pos2(r.left(), y), pos2(r.right(), y + ROW));
                    match row {
                        Row::Alarm { id, under, folds } => {
                            let Some(e) = list.entries.get(*id as usize) else { continue };
                            if body.contains(at.center()) {
                                state.in_view.push(*id);
                            }
                            alarm(ui, &ink, at, &c, model, list, e, [*under, *folds > 0], *folds, phase, state);
                        }
                        Row::Area { group, count, unack } => {
                            area(ui, &ink, at, &c, *group, [*count, *unack], phase, state);
                        }
                    }
                    ink.hline(r.left() + 16.0, r.right() - 16.0, at.bottom() - 0.5, ink.t.hair);
                }
                ui.allocate_space(vec2(1.0, range.len() as f32 * ROW));
            },
        );
    });
}

fn heads(ui: &mut Ui, ink: &Ink, r: Rect, c: &Columns, state: &mut AlarmsState) {
    let y = r.center().y;
    let sorts = [
        (r.left() + 8.0, c.state - 4.0, "Pri", Some(Sort::Priority)),
        (c.time, c.tag - 10.0, "First", Some(Sort::Time)),
        (c.tag, c.text - 10.0, "Tag", Some(Sort::Tag)),
        (c.area, c.area + 56.0, "Area", Some(Sort::Area)),
    ];
    for (x, end, name, sort) in sorts {
        let on = sort == Some(state.filter.sort);
        let face = if on { Face::SemiBold } else { Face::Regular };
        let color = if on { ink.t.text } else { ink.t.text2 };
        let after = ink.left(x, y, name, face, 13.0, color);
        if on {
            let p = pos2(after + 8.0, y);
            let tip = [p + vec2(-4.0, -2.0), p + vec2(4.0, -2.0), p + vec2(0.0, 3.0)];
            ink.triangle(tip, ink.t.text, Stroke::NONE);
        }
        let at = Rect::from_min_max(pos2(x - 4.0, r.top()), pos2(end, r.bottom()));
        let response = ui.interact(at, ui.scope_id().with(("sort", name)), Sense::click());
        let said = format!("Sort by {}", if name == "Pri" { "priority, then time" } else { name });
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, on, &said));
        if response.clicked()
            && let Some(sort) = sort
        {
            state.filter.sort = sort;
            state.frozen = None;
        }
        ring(ink, &response, at);
        response.on_hover_text(said);
    }
    ink.left(c.state, y, "State", Face::Regular, 13.0, ink.t.text2);
    ink.left(c.text, y, "Description", Face::Regular, 13.0, ink.t.text2);
    for (x, name) in [(c.at_alarm, "At alarm"), (c.now, "Now"), (c.limit, "Limit"), (c.count, "Count"), (c.age, "Age")]
    {
        ink.right(x, y, name, Face::Regular, 13.0, ink.t.text2);
    }
    ink.hline(r.left(), r.right(), r.bottom() - 0.5, ink.t.dead);
}

fn foot(ui: &mut Ui, ink: &Ink, r: Rect, list: &List, shown: &Rows, note: Note) {
    ink.hline(r.left(), r.right(), r.top(), ink.t.dead);
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
    let words = parts.join("; ");
    let face = if note.queued > 0 { Face::SemiBold } else { Face::Regular };
    ink.left_cut(r.left() + 16.0, r.center().y, r.right() - 16.0, &words, face, 13.0, ink.t.text2);
    let response = ui.interact(r, ui.scope_id().with("foot"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &words));
}

fn ground(ink: &Ink, r: Rect, on: bool, hovered: bool) {
    let t = &ink.t;
    if on {
        ink.fill(r, mix(t.accent, t.inset, 0.16));
        ink.fill(r.with_max_x(r.left() + 3.0), t.accent);
    } else if hovered {
        ink.fill(r, mix(t.accent, t.inset, 0.06));
    }
}

/// A triangle that opens what is folded.
fn fold(ink: &Ink, c: egui::Pos2, open: bool) {
    let tip = if open {
        [c + vec2(-4.0, -2.5), c + vec2(4.0, -2.5), c + vec2(0.0, 4.0)]
    } else {
        [c + vec2(-2.5, -4.0), c + vec2(4.0, 0.0), c + vec2(-2.5, 4.0)]
    };
    ink.triangle(tip, ink.t.text2, Stroke::NONE);
}

#[allow(clippy::too_many_arguments, reason = "a line of a table: what it shows, where, and what it knows of the table")]
fn alarm(
    ui: &mut Ui,
    ink: &Ink,
    r: Rect,
    c: &Columns,
    model: &Model,
    list: &List,
    e: &Entry,
    [under, head]: [bool; 2],
    folds: usize,
    phase: Phase,
    state: &mut AlarmsState,
) {
    let text = list.definition(e.id).map_or("", |d| d.text.as_str());
    let on = state.selected == Some(e.id);
    let response = ui.interact(r, ui.scope_id().with(("alarm", e.id)), Sense::click());
    let said = words(e, list, text, model.t_s);
    response.widget_info(|| WidgetInfo::selected(Role::Row, true, on, &said));
    if response.clicked() {
        state.choose(e.id);
        let folds_clicked = response.interact_pointer_pos().is_some_and(|p| p.x < r.left() + 20.0);
        if (head && folds_clicked || response.double_clicked()) && !state.opened.causes.remove(&e.id) {
            state.opened.causes.insert(e.id);
        }
    }
    ground(ink, r, on, response.hovered());
    let y = r.center().y;
    if head {
        fold(ink, pos2(r.left() + 10.0, y), state.opened.causes.contains(&e.id));
    }
    let step = if under { 14.0 } else { 0.0 };
    mark(&ink.p, &ink.t, pos2(r.left() + 28.0 + step, y), 16.0, e, phase);
    cells(ink, y, c, model, list, e, step);
    let strong = if e.state.is_unack() && e.is_listed() { Face::SemiBold } else { Face::Regular };
    let mut end = c.at_alarm - 58.0;
    if e.first_out {
        end = chip(ink, end, y, "FIRST-OUT") - 8.0;
    }
    if folds > 0 {
        end = chip(ink, end, y, &format!("+{folds}")) - 8.0;
    }
    let told = e.told.as_ref().filter(|_| e.is_listed()).map_or(text.to_owned(), |told| format!("{text}: {told}"));
    let what = hidden_words(e, list, model.t_s).unwrap_or(told);
    ink.left_cut(c.text + step, y, end, &what, strong, ink.body(), color(ink, e));
    ring(ink, &response, r.shrink(2.0));
    if ink.width(&what, strong, ink.body()) > end - c.text - step {
        response.on_hover_text(what);
    }
}

fn color(ink: &Ink, e: &Entry) -> Color32 {
    if e.is_listed() { ink.t.text } else { ink.t.text2 }
}

fn cells(ink: &Ink, y: f32, c: &Columns, model: &Model, list: &List, e: &Entry, step: f32) {
    let (px, listed) = (ink.body(), e.is_listed());
    let strong = if e.state.is_unack() && listed { Face::SemiBold } else { Face::Regular };
    let color = color(ink, e);
    ink.left_cut(c.state + step, y, c.time - 6.0, e.shown(), strong, px, color);
    ink.left_cut(c.tag, y, c.text - 6.0, &e.tag, Face::SemiBold, px, color);
    ink.left_cut(c.area, y, c.count - 36.0, e.group.word(), Face::Regular, px, ink.t.text2);
    if let Some(last_s) = e.last_s {
        ink.left_cut(c.time, y, c.tag - 6.0, &fmt::stamp(e.first_s), Face::Regular, px, ink.t.text2);
        ink.right(c.at_alarm, y, number(e.value, e.unit), Face::Medium, px, ink.t.live);
        ink.right(c.count, y, e.count, Face::Regular, px, color);
        if listed {
            ink.right(c.age, y, age(model.t_s - last_s), Face::Regular, px, color);
        }
    }
    ink.right(c.now, y, number(now(model, list, e), e.unit), Face::Medium, px, ink.t.live);
    // the column of limits has the unit of all three numbers
    let limit = if e.limit.is_finite() { number(e.limit, e.unit) } else { String::new() };
    if e.limit.is_finite() || e.value.is_finite() {
        ink.right(c.limit, y, format!("{limit} {}", e.unit).trim(), Face::Regular, px, color);
    }
}

/// Boxed words that end at `right`; gives where they begin.
pub(crate) fn chip(ink: &Ink, right: f32, y: f32, words: &str) -> f32 {
    let w = ink.width(words, Face::SemiBold, 11.0) + 12.0;
    let r = Rect::from_min_size(pos2(right - w, y - 8.0), vec2(w, 16.0));
    ink.frame(r, 2, 1.0, ink.t.text);
    ink.centre(r.center(), words, Face::SemiBold, 11.0, ink.t.text);
    r.left()
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
        By::Instructor => "instructor",
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

fn area(
    ui: &mut Ui,
    ink: &Ink,
    r: Rect,
    c: &Columns,
    group: Group,
    [count, unack]: [usize; 2],
    phase: Phase,
    state: &mut AlarmsState,
) {
    let words = format!("{count} alarms of priority 3, {unack} not acknowledged");
    let response = ui.interact(r, ui.scope_id().with(("area", group.word())), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Row, true, format!("{}: {words}; open", group.word())));
    if response.clicked() {
        state.opened.areas.insert(group);
        state.frozen = None;
    }
    ground(ink, r, false, response.hovered());
    let y = r.center().y;
    fold(ink, pos2(r.left() + 10.0, y), false);
    let phase = (unack > 0).then_some(phase);
    super::mark::attention(&ink.p, &ink.t, pos2(r.left() + 28.0, y), 16.0, 3, Look::Active, phase);
    let strong = if unack > 0 { Face::SemiBold } else { Face::Regular };
    ink.left(c.state, y, "FLOOD", strong, ink.body(), ink.t.text);
    ink.left_cut(c.text, y, c.area - 10.0, &words, strong, ink.body(), ink.t.text);
    ink.left(c.area, y, group.word(), Face::Regular, ink.body(), ink.t.text2);
    ring(ink, &response, r.shrink(2.0));
}
