//! Sequence of events: every event with its time to the millisecond, the time since the one that is selected, and the
//! time since the first-out of its disturbance. Locked to the trend cursor: a selected line moves cursor 1, a moved
//! cursor selects the nearest line. Only the lines in view are drawn.
//!
//! A disturbance begins with an event of protection, an alarm or a limit when there was none in the 30 s before; that
//! event is its first-out.

mod list;

use egui::accesskit::Role;
use egui::{CornerRadius, Rect, ScrollArea, Sense, Stroke, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::alarms::number;
use super::controls::{Look, button, segmented, segmented_width};
use super::ink::{Face, Ink};
use super::live::path_field;
use crate::acts::{By, Event};
use crate::console::action::{Action, FileAct, TimeAct};
use crate::console::event_filter::EventFilter;
use crate::console::fmt;
use crate::console::model::Model;
use crate::journal::class_of;
use list::{CLASSES, List};

/// Height of a line.
const ROW: f32 = 24.0;
/// Heights of the controls, the heads of the columns and the foot.
const TOP: f32 = 44.0;
const HEAD: f32 = 26.0;
const FOOT: f32 = 28.0;

/// What the list remembers between frames.
#[derive(Debug, Default)]
pub struct SoeState {
    wanted: EventFilter,
    list: List,
    /// Number of the selected event.
    selected: Option<u64>,
    /// Cursor that has been followed.
    cursor_s: Option<f64>,
    /// Bring the selected line into view.
    reveal: bool,
}

/// Draws the list.
pub fn show(ui: &mut Ui, rect: Rect, model: &Model, state: &mut SoeState, actions: &mut Vec<Action>) {
    let ink = Ink::new(ui, rect);
    ink.fill(rect, ink.t.panel);
    let (top, rest) = rect.split_top_bottom_at_y(rect.top() + TOP);
    let (head, rest) = rest.split_top_bottom_at_y(rest.top() + HEAD);
    let (body, foot) = rest.split_top_bottom_at_y(rest.bottom() - FOOT);
    controls(ui, &ink, top, model, state, actions);
    let now_s = ui.input(|i| i.time);
    state.list.refresh(model, &state.wanted, now_s);
    follow_cursor(model, state);
    let columns = Columns::new(&ink, body);
    heads(&ink, head, &columns);
    lines(ui, &ink, body, &columns, model, state, actions);
    footer(&ink, foot, model, state);
}

fn controls(ui: &mut Ui, ink: &Ink, r: Rect, model: &Model, state: &mut SoeState, actions: &mut Vec<Action>) {
    let labels: Vec<&str> = CLASSES.iter().map(|(label, _)| *label).collect();
    let picked = CLASSES.iter().position(|(_, class)| *class == state.wanted.class).unwrap_or(0);
    let at = r.left_top() + vec2(12.0, 8.0);
    let padding = 9.0;
    if let Some(i) = segmented(ui, ink, at, "Events", &labels, picked, padding, None) {
        state.wanted.class = CLASSES.get(i).and_then(|(_, class)| *class);
    }
    let mut x = at.x + segmented_width(ink, &labels, padding) + 12.0;
    let verify = Rect::from_min_size(pos2(r.right() - 12.0 - 132.0, at.y), vec2(132.0, 28.0));
    let save = Rect::from_min_size(pos2(verify.left() - 8.0 - 84.0, at.y), vec2(84.0, 28.0));
    let w = ((save.left() - 12.0 - 8.0 - x) / 2.0).clamp(60.0, 220.0);
    for (name, text) in [("Object", &mut state.wanted.object), ("Text", &mut state.wanted.text)] {
        let field = Rect::from_min_size(pos2(x, at.y), vec2(w, 28.0));
        path_field(ui, ink, field, name, name, text);
        x = field.right() + 8.0;
    }
    if button(ui, ink, save, "Save…".into(), Look::Plain, None).clicked() {
        actions.push(Action::File(FileAct::SaveEvents(state.wanted.clone())));
    }
    let why = model.journal.is_none().then_some("this run has no journal");
    if button(ui, ink, verify, "Verify journal".into(), Look::Plain, why).clicked() {
        actions.push(Action::File(FileAct::VerifyJournal));
    }
}

/// Selects the line nearest to a cursor that was moved elsewhere.
fn follow_cursor(model: &Model, state: &mut SoeState) {
    if model.cursor_s == state.cursor_s {
        return;
    }
    state.cursor_s = model.cursor_s;
    state.selected = model.cursor_s.and_then(|t| state.list.nearest(model, t));
    state.reveal = true;
}

/// Left ends of the columns; numbers end at the next column's gap.
struct Columns {
    time: f32,
    since_first: f32,
    class: f32,
    by: f32,
    object: f32,
    text: f32,
    value: f32,
    right: f32,
}

impl Columns {
    fn new(ink: &Ink, r: Rect) -> Self {
        let x = r.left() + 12.0;
        let k = ink.px(1.0, 1.12);
        Self {
            time: x + 64.0 * k,
            since_first: x + 264.0 * k,
            class: x + 392.0 * k,
            by: x + 466.0 * k,
            object: x + 552.0 * k,
            text: x + 676.0 * k,
            value: r.right() - 130.0 * k,
            right: r.right() - 24.0,
        }
    }
}

fn heads(ink: &Ink, r: Rect, c: &Columns) {
    let y = r.center().y;
    let names = [(c.time, "Time"), (c.class, "Class"), (c.by, "By"), (c.object, "Object"), (c.text, "What happened")];
    for (x, name) in names {
        ink.left(x, y, name, Face::SemiBold, 13.0, ink.t.text2);
    }
    let numbers = [
        (c.time - 12.0, "No."),
        (c.since_first - 16.0, "Δ selected s"),
        (c.class - 20.0, "Δ first-out s"),
        (c.right, "Value"),
    ];
    for (x, name) in numbers {
        ink.right(x, y, name, Face::SemiBold, 13.0, ink.t.text2);
    }
    ink.hline(r.left(), r.right(), r.bottom(), ink.t.dead);
}

fn lines(ui: &mut Ui, ink: &Ink, r: Rect, c: &Columns, model: &Model, state: &mut SoeState, actions: &mut Vec<Action>) {
    let n = state.list.len();
    if n == 0 {
        let none = if model.history.events().is_empty() { "No events yet" } else { "No event passes the filter" };
        ink.centre(r.center(), none, Face::Regular, 14.0, ink.t.text2);
        return;
    }
    let selected = state.selected.and_then(|seq| state.list.place(model, seq));
    let selected_t = selected.and_then(|i| state.list.get(model, i)).map(|(e, _)| e.t_s);
    let mut scroll =
        ScrollArea::vertical().id_salt("sequence of events").auto_shrink(false).stick_to_bottom(selected.is_none());
    if std::mem::take(&mut state.reveal)
        && let Some(i) = selected
    {
        scroll = scroll.vertical_scroll_offset((i as f32 * ROW - r.height() * 0.5).max(0.0));
    }
    let mut clicked = None;
    ui.scope_builder(UiBuilder::new().id_salt("soe lines").max_rect(r), |ui| {
        ui.set_clip_rect(r.intersect(ui.clip_rect()));
        ui.spacing_mut().item_spacing.y = 0.0;
        scroll.show_rows(ui, ROW, n, |ui, range| {
            let ink = Ink::new(ui, r);
            let first = ui.cursor().top();
            for (k, i) in range.clone().enumerate() {
                let Some((event, since_first)) = state.list.get(model, i) else { continue };
                let y = first + k as f32 * ROW;
                let row = Rect::from_min_max(pos2(r.left(), y), pos2(r.right(), y + ROW));
                let response = ui.interact(row, ui.scope_id().with(("event", event.seq)), Sense::click());
                let on = selected == Some(i);
                response.widget_info(|| WidgetInfo::selected(Role::Row, true, on, words(event)));
                if response.clicked() {
                    clicked = Some((event.seq, event.t_s));
                }
                let since = selected_t.map(|t| event.t_s - t).filter(|_| !on);
                line(&ink, row, c, event, [since, since_first], on, response.hovered());
                super::controls::ring(&ink, &response, row.shrink(2.0));
            }
            ui.allocate_space(vec2(1.0, range.len() as f32 * ROW));
        });
    });
    if let Some((seq, t_s)) = clicked {
        state.selected = Some(seq);
        state.cursor_s = Some(t_s);
        actions.push(Action::Time(TimeAct::Cursor(0, Some(t_s))));
    }
}

fn line(ink: &Ink, r: Rect, c: &Columns, e: &Event, since: [Option<f64>; 2], on: bool, hovered: bool) {
    let t = &ink.t;
    if on {
        ink.fill(r, t.inset);
        ink.p.rect_stroke(r.shrink(1.0), CornerRadius::ZERO, Stroke::new(1.5, t.text), egui::StrokeKind::Inside);
    } else if hovered {
        ink.fill(r, t.inset);
    }
    let y = r.center().y;
    let px = ink.body();
    let mono = Face::Medium;
    ink.right(c.time - 12.0, y, e.seq, mono, px, t.text2);
    ink.left(c.time, y, fmt::stamp(e.t_s), mono, px, t.text);
    let [selected, first] = since.map(|s| s.map(|s| fmt::signed(s, 3)));
    ink.right(c.since_first - 16.0, y, selected.unwrap_or_default(), mono, px, t.text2);
    ink.right(c.class - 20.0, y, first.unwrap_or_default(), mono, px, t.text2);
    let class = class_of(e.kind);
    let strong = list::disturbs(e);
    ink.left(c.class, y, class, if strong { Face::SemiBold } else { Face::Regular }, px, t.text);
    ink.left(c.by, y, by(e.by), Face::Regular, px, t.text2);
    ink.left_cut(c.object, y, c.text - 10.0, &e.object, Face::Medium, px, t.text);
    let end = ink.left_cut(
        c.text,
        y,
        c.value - 10.0,
        &e.text,
        if strong { Face::SemiBold } else { Face::Regular },
        px,
        t.text,
    );
    if let Some([from, to]) = e.change
        && end < c.value - 80.0
    {
        ink.left_cut(end + 10.0, y, c.value - 10.0, &format!("{from} → {to}"), Face::Regular, px, t.text2);
    }
    if !e.unit.is_empty() {
        ink.right(c.right, y, format!("{} {}", number(e.value, e.unit), e.unit), mono, px, t.text);
    }
    ink.hline(r.left(), r.right(), r.bottom() - 0.5, t.hair);
}

fn by(by: By) -> &'static str {
    match by {
        By::Plant => "plant",
        By::Trainee => "trainee",
        By::Instructor => "instructor",
        By::Scenario => "scenario",
    }
}

fn words(e: &Event) -> String {
    format!("{} {} {} {}", fmt::stamp(e.t_s), class_of(e.kind), e.object, e.text)
}

/// How many are shown, what is no longer in memory, and the state of the journal.
fn footer(ink: &Ink, r: Rect, model: &Model, state: &SoeState) {
    ink.hline(r.left(), r.right(), r.top(), ink.t.dead);
    let events = model.history.events();
    let mut text = format!("{} of {} events", state.list.len(), events.len());
    if events.dropped() > 0 {
        let place = if model.journal.is_some() {
            "they are in the journal; Save… writes them too"
        } else {
            "no journal has them"
        };
        text = format!("{text}; {} older ones are no longer in memory: {place}", events.dropped());
    }
    let end = ink.left(r.left() + 12.0, r.center().y, text, Face::Regular, 13.0, ink.t.text2);
    let journal = match (&model.verdict, &model.journal) {
        (Some(verdict), _) => format!("journal {verdict}"),
        (None, Some(j)) if j.closed && j.entries == 0 => format!("journal {}", j.path.display()),
        (None, Some(j)) => j.line(),
        (None, None) => "no journal of this run".to_owned(),
    };
    let bad = model.verdict.as_ref().is_some_and(|v| !v.starts_with("as written"))
        || model.journal.as_ref().is_some_and(|j| j.trouble.is_some());
    let (face, color) = if bad { (Face::SemiBold, ink.t.text) } else { (Face::Regular, ink.t.text2) };
    let left = (r.right() - 12.0 - ink.width(&journal, face, 13.0)).max(end + 24.0);
    ink.left_cut(left, r.center().y, r.right() - 12.0, &journal, face, 13.0, color);
}
