//! What the banner says, as rows: alarms by priority where the source has an annunciator, else trips and limits from the
//! events; below them prompts (what was refused, what the forecast expects), which are no alarms.

use crate::acts::{Event, EventKind};
use crate::alarm::{AlarmId, Entry, List, Priority};
use crate::console::fmt;
use crate::console::model::{Mode, Model};
use crate::console::views::alarms::{list, number};

/// Events looked at, newest first.
const LOOK_BACK: usize = 400;

/// One row of the banner.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What stands at its left.
    pub sign: Sign,
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
    /// What was measured, and the limit; may be empty.
    pub value: String,
    /// Area of the plant; may be empty.
    pub area: &'static str,
    /// First thing to do; may be empty.
    pub response: String,
    /// The first trip.
    pub first_out: bool,
    /// How often, when more than once in a row.
    pub times: usize,
    /// What the row offers.
    pub offer: Offer,
}

/// What stands at the left of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// The mark of an alarm, which may flash.
    Alarm(AlarmId),
    /// A steady mark of a priority.
    Priority,
    /// Nothing but a dot: a prompt.
    Prompt,
}

/// Button at the end of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// None.
    None,
    /// Put the cursor there.
    Jump(u64),
    /// Acknowledge, if it waits for that, and show the detail.
    Alarm {
        /// Which.
        id: AlarmId,
        /// It waits to be acknowledged.
        unack: bool,
    },
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
    if let Some(list) = list(model) {
        let alarms = standing(list);
        let flood = list.flood_s.map(|_| flood(model, list));
        let room = most.saturating_sub(out.len() + usize::from(flood.is_some()));
        out.extend(alarms.iter().take(room).map(|e| alarm(list, e)));
        out.extend(flood);
        out.extend(predicted(model));
        out.extend(events(model, most, &[EventKind::Refused, EventKind::Notice, EventKind::LoadShed]));
    } else {
        // A row is left for the prediction.
        let predicted = predicted(model);
        let room = most.saturating_sub(out.len() + usize::from(predicted.is_some()));
        out.extend(events(model, room.max(usize::from(out.is_empty())), &KINDS));
        out.extend(predicted);
    }
    out.truncate(most);
    out
}

/// Alarms that have a row: most urgent first, of these what waits to be acknowledged first; among them the first of a
/// group before what it pulled after it, then the newest. In a flood only those of priority 1 and 2: the others are
/// counted, and stand in the list.
fn standing(list: &List) -> Vec<&Entry> {
    let mut all = list.standing();
    if list.flood_s.is_some() {
        all.retain(|e| e.priority <= Priority::High);
    }
    all.sort_by_key(|e| (e.priority, !e.state.is_unack(), !e.first_out));
    all
}

/// The alarm that the key acknowledges: the first in the banner that waits for it.
#[must_use]
pub fn next_unack(model: &Model) -> Option<AlarmId> {
    standing(list(model)?).into_iter().find(|e| e.state.is_unack()).map(|e| e.id)
}

fn alarm(list: &List, e: &Entry) -> Row {
    let d = list.definition(e.id);
    let mut value = if e.value.is_finite() { format!("{} {}", number(e.value, e.unit), e.unit) } else { String::new() };
    if e.limit.is_finite() {
        value = format!("{value}, limit {}", number(e.limit, e.unit));
    }
    let text = d.map_or("", |d| d.text.as_str());
    Row {
        sign: Sign::Alarm(e.id),
        stands: e.state.is_unack(),
        state: e.shown(),
        time: fmt::stamp(e.first_s),
        object: e.tag.clone(),
        text: e.told.as_ref().map_or(text.to_owned(), |told| format!("{text}: {told}")),
        value: value.trim_start_matches(", ").to_owned(),
        area: e.group.word(),
        response: list.steps(e).first().cloned().unwrap_or_default(),
        first_out: e.first_out,
        offer: Offer::Alarm { id: e.id, unack: e.state.is_unack() },
        ..blank(e.priority.number() as u8)
    }
}

fn flood(model: &Model, list: &List) -> Row {
    let n = list.figures.within(model.t_s, 600.0);
    let less_urgent = list.standing().len() - standing(list).len();
    let text = format!("{n} new alarms in 10 min; {less_urgent} of priority 3 and 4 stand in the list (F4)");
    Row { sign: Sign::Prompt, state: "FLOOD", object: String::new(), text, ..blank(4) }
}

/// Kinds of events that have a row where there is no annunciator.
const KINDS: [EventKind; 5] =
    [EventKind::Trip, EventKind::LoadShed, EventKind::Limit, EventKind::Refused, EventKind::Notice];

/// Alarms that should have a row and have none; without an annunciator trips and limits, merged as the rows are.
#[must_use]
pub fn unseen(model: &Model, rows: &[Row]) -> usize {
    if let Some(list) = list(model) {
        let seen = rows.iter().filter(|r| matches!(r.sign, Sign::Alarm(_))).count();
        return standing(list).len().saturating_sub(seen);
    }
    let all = events(model, usize::MAX, &KINDS).iter().filter(|r| r.priority < 3).count();
    all.saturating_sub(rows.iter().filter(|r| r.priority < 3 && matches!(r.offer, Offer::Jump(_))).count())
}

fn blank(priority: u8) -> Row {
    Row {
        sign: Sign::Priority,
        priority,
        stands: true,
        state: "",
        time: String::new(),
        object: String::new(),
        text: String::new(),
        value: String::new(),
        area: "",
        response: String::new(),
        first_out: false,
        times: 1,
        offer: Offer::None,
    }
}

/// Newest trips, limits, refusals and notices: all rows by priority, newest first within it, equal ones merged.
fn events(model: &Model, most: usize, kinds: &[EventKind]) -> Vec<Row> {
    let mut found: Vec<(u8, &Event, usize)> = Vec::new();
    let mut first_trip: Option<u64> = None;
    for e in model.history.events().iter().rev().take(LOOK_BACK).filter(|e| kinds.contains(&e.kind)) {
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
        // the limit is named in the words of the event
        let measured = if e.kind == EventKind::Limit { "measured " } else { "" };
        format!("{measured}{} {}", fmt::num(e.value, if e.unit == "Hz" { 2 } else { 1 }), e.unit)
    } else {
        String::new()
    };
    Row {
        sign: if priority < 3 { Sign::Priority } else { Sign::Prompt },
        stands: latched || model.t_s - e.t_s < 5.0,
        state,
        time: fmt::stamp(e.t_s),
        object: e.object.clone(),
        text: e.text.clone(),
        value,
        first_out: e.kind == EventKind::Trip && first_trip == Some(e.seq),
        times,
        offer: Offer::Jump(e.t_s.to_bits()),
        ..blank(priority)
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
    Some(Row { sign: Sign::Prompt, state: "FORECAST", stands: false, object: limit.clone(), text, value, ..blank(3) })
}
