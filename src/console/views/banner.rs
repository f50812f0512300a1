//! The alarm banner: what matters now, newest first, trips on top. Always there, in every view and mode.
//!
//! It acts on nothing but the console itself. A row says priority, state, time, object, what, how much; the rows below
//! the alarms say what the forecast expects.

use egui::accesskit::{Live, Role};
use egui::{Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use super::controls::{Look as ButtonLook, Words, button};
use super::ink::{Face, Ink};
use crate::console::action::Action;
use crate::console::fmt;
use crate::console::model::{Mode, Model};
use crate::console::widgets::glyph::{Look, glyph};
use crate::engine::msg::{Event, EventKind};

/// Events looked at, newest first.
const LOOK_BACK: usize = 400;

/// One row of the banner.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// 1 trip, 2 limit, 3 refusal or prediction, 4 notice.
    pub priority: u8,
    /// The condition still stands.
    pub stands: bool,
    /// State in capitals.
    pub state: &'static str,
    /// Time, as shown.
    pub time: String,
    /// Device or part.
    pub object: String,
    /// What.
    pub text: String,
    /// Value with unit; may be empty.
    pub value: String,
    /// The first trip.
    pub first_out: bool,
    /// How often, when more than once in a row.
    pub times: usize,
    /// What the row offers.
    pub offer: Offer,
}

/// Button at the end of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// None.
    None,
    /// Put the cursor there.
    Jump(u64),
    /// Start a new worker.
    Restart,
    /// Leave the source that failed.
    Back,
}

/// The rows for a model, most important first, at most `most`; `restart` if a new worker can be started.
#[must_use]
pub fn rows(model: &Model, restart: bool, most: usize) -> Vec<Row> {
    let mut out = Vec::new();
    if let Some(why) = &model.dead {
        let (object, offer) = match model.mode {
            Mode::Twin => ("twin", if restart { Offer::Restart } else { Offer::None }),
            Mode::Live | Mode::Replay => ("source", Offer::Back),
        };
        out.push(Row { state: "STOPPED", object: object.to_owned(), text: why.clone(), offer, ..blank(1) });
    }
    // A row is left for the prediction.
    let predicted = predicted(model);
    let room = most.saturating_sub(out.len() + usize::from(predicted.is_some()));
    out.extend(events(model, room.max(usize::from(out.is_empty()))));
    out.extend(predicted);
    out.truncate(most);
    out
}

/// Trips and limits of the run that have no row, merged as the rows are.
fn unseen(model: &Model, rows: &[Row]) -> usize {
    let all = events(model, usize::MAX).iter().filter(|r| r.priority < 3).count();
    all.saturating_sub(rows.iter().filter(|r| r.priority < 3 && matches!(r.offer, Offer::Jump(_))).count())
}

fn blank(priority: u8) -> Row {
    Row {
        priority,
        stands: true,
        state: "",
        time: String::new(),
        object: String::new(),
        text: String::new(),
        value: String::new(),
        first_out: false,
        times: 1,
        offer: Offer::None,
    }
}

/// Newest trips, limits, refusals and notices: all rows by priority, newest first within it, equal ones merged.
fn events(model: &Model, most: usize) -> Vec<Row> {
    let mut found: Vec<(u8, &Event, usize)> = Vec::new();
    let mut first_trip: Option<u64> = None;
    for e in model.history.events().iter().rev().take(LOOK_BACK) {
        let priority = match e.kind {
            EventKind::Trip | EventKind::LoadShed => 1,
            EventKind::Limit => 2,
            EventKind::Refused => 3,
            EventKind::Notice => 4,
            _ => continue,
        };
        if e.kind == EventKind::Trip {
            first_trip = Some(e.seq);
        }
        match found.iter_mut().find(|(_, f, _)| f.kind == e.kind && f.object == e.object && f.text == e.text) {
            Some((.., n)) => *n += 1,
            None => found.push((priority, e, 1)),
        }
    }
    // Refusals and notices lose their weight with time; trips and limits do not.
    found.retain(|(p, e, _)| *p < 3 || model.t_s - e.t_s < 60.0);
    // The first trip stays in sight, whatever follows; sheds are its consequence.
    let rank = |e: &Event| match e.kind {
        EventKind::Trip if first_trip == Some(e.seq) => 0,
        EventKind::Trip => 1,
        _ => 2,
    };
    found.sort_by_key(|(p, e, _)| (*p, rank(e)));
    found.into_iter().take(most).map(|(priority, e, times)| row(model, priority, e, times, first_trip)).collect()
}

fn row(model: &Model, priority: u8, e: &Event, times: usize, first_trip: Option<u64>) -> Row {
    let latched = model.view.trips.iter().any(|t| t.contains(&e.object));
    let state = match e.kind {
        EventKind::Trip if latched => "LATCHED",
        EventKind::Trip => "TRIP",
        EventKind::LoadShed => "LOAD SHED",
        EventKind::Limit => "LIMIT",
        EventKind::Refused => "REFUSED",
        _ => "NOTICE",
    };
    let value = if e.value.is_finite() && !e.unit.is_empty() {
        format!("{} {}", fmt::num(e.value, if e.unit == "Hz" { 2 } else { 1 }), e.unit)
    } else {
        String::new()
    };
    Row {
        priority,
        stands: latched || model.t_s - e.t_s < 5.0,
        state,
        time: fmt::stamp(e.t_s),
        object: e.object.clone(),
        // The object has a column of its own.
        text: if e.text == format!("{} passed", e.object) { "limit passed".to_owned() } else { e.text.clone() },
        value,
        first_out: e.kind == EventKind::Trip && first_trip == Some(e.seq),
        times,
        offer: Offer::Jump(e.t_s.to_bits()),
    }
}

/// What the forecast expects first.
fn predicted(model: &Model) -> Option<Row> {
    let f = model.forecast.as_ref()?;
    let (limit, at, preset) = f.first_limit.as_ref()?;
    let ahead = at - model.t_s;
    if ahead < 0.0 {
        return None;
    }
    let text = format!("predicted: {limit} at +{} s on {preset}", fmt::num(ahead, 0));
    let value = format!("min {} Hz", fmt::hz(f.min_f_hz.0));
    Some(Row { state: "FORECAST", stands: false, object: limit.clone(), text, value, ..blank(3) })
}

/// Draws the banner.
pub fn show(ui: &mut Ui, rect: Rect, model: &Model, restart: bool, actions: &mut Vec<Action>) {
    let ink = Ink::new(ui, rect);
    ink.fill(rect, ink.t.bg);
    ink.hline(rect.left(), rect.right(), rect.top(), ink.t.dead);
    let most = ((rect.height() - 2.0) / 24.0).floor().max(1.0) as usize;
    let rows = rows(model, restart, most);
    let place = |i: usize| {
        Rect::from_min_size(
            rect.min + vec2(0.0, (rect.height() - 24.0 * most as f32) / 2.0 + 24.0 * i as f32),
            vec2(rect.width(), 24.0),
        )
    };
    for (i, row) in rows.iter().enumerate() {
        draw(ui, &ink, place(i), i, row, actions);
    }
    let more = unseen(model, &rows);
    if more > 0 {
        let y = place(most - 1).center().y;
        ink.right(rect.right() - 116.0, y, format!("{more} more"), Face::Regular, 14.0, ink.t.text2);
    }
    let alarms = rows.iter().any(|r| r.priority < 3);
    if !alarms && rows.len() < most {
        let words = match model.mode {
            Mode::Twin => "No alarm",
            Mode::Live | Mode::Replay => "No alarm. This window sends nothing: act at the plant.",
        };
        ink.left(rect.left() + 44.0, place(rows.len()).center().y, words, Face::Regular, 14.0, ink.t.text2);
    }
}

fn draw(ui: &mut Ui, ink: &Ink, r: Rect, i: usize, row: &Row, actions: &mut Vec<Action>) {
    let t = &ink.t;
    let y = r.center().y;
    let look = if row.stands { Look::Active } else { Look::Returned };
    glyph(&ink.p, t, pos2(r.left() + 24.0, y), 16.0, row.priority, look);
    let x = |at: f32| r.left() + at;
    let value_x = r.left() + (r.width() * 0.56).min(860.0);
    let strong = if row.stands { Face::SemiBold } else { Face::Medium };
    let (px, end) = (ink.body(), r.right() - 20.0);
    ink.left(x(44.0), y, row.state, strong, px, t.text);
    ink.left(x(148.0), y, &row.time, Face::Regular, px, t.text2);
    ink.left_cut(x(232.0), y, x(356.0), &row.object, Face::SemiBold, px, t.text);
    let wide_text = row.value.is_empty();
    let chips = end - 190.0;
    let text_end = if wide_text { chips } else { value_x - 16.0 };
    let text = if row.times > 1 { format!("{}  ×{}", row.text, row.times) } else { row.text.clone() };
    let after = ink.left_cut(x(364.0), y, text_end, &text, strong, px, t.text);
    if !wide_text {
        ink.left_cut(value_x, y, chips, &row.value, Face::Medium, px, t.live);
    }
    if row.first_out {
        let at = (if wide_text { after } else { value_x + 110.0 }) + 24.0;
        let w = ink.width("FIRST-OUT", Face::SemiBold, 11.0) + 12.0;
        let chip = Rect::from_min_size(pos2(at, y - 8.0), vec2(w, 16.0));
        ink.frame(chip, 2, 1.0, t.text);
        ink.centre(chip.center(), "FIRST-OUT", Face::SemiBold, 11.0, t.text);
    }
    offer(ui, ink, r, row, actions);
    describe(ui, r, i, row);
}

fn offer(ui: &mut Ui, ink: &Ink, r: Rect, row: &Row, actions: &mut Vec<Action>) {
    let b = Rect::from_min_max(pos2(r.right() - 104.0, r.top() + 1.0), pos2(r.right() - 20.0, r.bottom() - 1.0));
    let (label, name, action) = match row.offer {
        Offer::None => return,
        Offer::Jump(bits) => {
            let t = f64::from_bits(bits);
            ("Show", format!("Show {} at {}", row.object, row.time), Action::Cursor(0, Some(t)))
        }
        Offer::Restart => ("Restart", "Restart the twin".to_owned(), Action::RestartWorker),
        Offer::Back => ("To twin", "Back to twin".to_owned(), Action::BackToTwin),
    };
    let words = Words { label, key: "", name: &name };
    if button(ui, ink, b, words, ButtonLook::Plain, None).clicked() {
        actions.push(action);
    }
}

/// For those who do not see it: an alert, spoken at once for trips and limits.
fn describe(ui: &mut Ui, r: Rect, i: usize, row: &Row) {
    let id = ui.scope_id().with(("alarm", i));
    let response = ui.interact(r.with_max_x(r.right() - 110.0), id, Sense::hover());
    let words = format!("{} {} {} {} {}", row.state, row.time, row.object, row.text, row.value);
    response.widget_info(|| WidgetInfo::labeled(Role::Alert, true, words.trim()));
    let live = if row.priority < 3 { Live::Assertive } else { Live::Polite };
    ui.ctx().accesskit_node_builder(id, |n| n.set_live(live));
}
