//! Lines that are not rows: entries of the sequence of events, and acts.

use std::borrow::Cow;

use crate::acts::{By, Event, EventKind};

/// One entry of the sequence of events.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Order in the file, from 0, without a gap.
    pub seq: u64,
    /// Which branch of the run: 0 until the first restore, one more with each.
    pub branch: u32,
    /// When, µs of the run.
    pub t_sim_us: i64,
    /// When it reached the journal, µs of UTC.
    pub t_wall_utc_us: i64,
    /// Who or what did it: twin, trainee, instructor, scenario, journal.
    pub src: Cow<'static, str>,
    /// Class: alarm, limit, prot, state, cmd, op, score, note, snapshot.
    pub kind: Cow<'static, str>,
    /// Kind in detail: `batch`, `load_shed`.
    pub what: Cow<'static, str>,
    /// Device or part.
    pub object: String,
    /// State before.
    pub from: Option<String>,
    /// State after.
    pub to: Option<String>,
    /// A number that belongs to it, in `unit`.
    pub value: Option<f64>,
    /// Unit of `value`.
    pub unit: String,
    /// Who was at the desk, where a person did it.
    pub user: String,
    /// Entry that caused this one.
    pub cause_seq: Option<u64>,
    /// What, in words.
    pub text: String,
}

/// A command as it was given: with scenario and seed these give the run again.
#[derive(Clone, Debug, PartialEq)]
pub struct Act {
    /// Branch that it belongs to.
    pub branch: u32,
    /// Tick at whose start it acted.
    pub tick: u64,
    /// When, µs of UTC.
    pub t_wall_utc_us: i64,
    /// `DeskAct`, as RON; what the trainee does to the plant is one too.
    pub ron: String,
}

/// Every kind of event: its word in a file, its class.
const KINDS: [(EventKind, &str, &str); 20] = [
    (EventKind::Command, "command", "op"),
    (EventKind::Refused, "refused", "op"),
    (EventKind::Batch, "batch", "cmd"),
    (EventKind::BatchDown, "batch_down", "cmd"),
    (EventKind::Shed, "shed", "cmd"),
    (EventKind::Restore, "restore", "cmd"),
    (EventKind::Hold, "hold", "state"),
    (EventKind::Resume, "resume", "state"),
    (EventKind::Trip, "trip", "prot"),
    (EventKind::Limit, "limit", "limit"),
    (EventKind::LoadShed, "load_shed", "prot"),
    (EventKind::State, "state", "state"),
    (EventKind::Script, "script", "op"),
    (EventKind::Notice, "notice", "note"),
    (EventKind::Alarm, "alarm", "alarm"),
    (EventKind::Desk, "desk", "op"),
    (EventKind::Fault, "fault", "op"),
    (EventKind::Score, "score", "score"),
    (EventKind::Note, "note", "note"),
    (EventKind::Snapshot, "snapshot", "snapshot"),
];

/// Word of a kind of event, the same in every version.
#[must_use]
pub fn word_of(kind: EventKind) -> &'static str {
    KINDS.iter().find(|(k, ..)| *k == kind).map_or("notice", |(_, word, _)| word)
}

/// Class of a kind of event: alarm, limit, prot, state, cmd, op, score, note or snapshot.
#[must_use]
pub fn class_of(kind: EventKind) -> &'static str {
    KINDS.iter().find(|(k, ..)| *k == kind).map_or("note", |(.., class)| class)
}

/// Kind of event by its word; a word of another version is a notice.
#[must_use]
pub fn kind_of(word: &str) -> EventKind {
    KINDS.iter().find(|(_, w, _)| *w == word).map_or(EventKind::Notice, |(k, ..)| *k)
}

fn source(by: By) -> &'static str {
    match by {
        By::Plant => "twin",
        By::Trainee => "trainee",
        By::Instructor => "instructor",
        By::Scenario => "scenario",
    }
}

/// Units of events that no signal has.
const MORE_UNITS: [&str; 4] = ["kW/s", "points", "%", "GPU"];

/// The unit as the program writes it, if it is one of ours.
fn known_unit(unit: &str) -> Option<&'static str> {
    use crate::plant::signals::{bess, genset, section, site};
    let specs = [site::SPECS, section::SPECS, genset::SPECS, bess::SPECS].into_iter().flatten();
    specs.map(|s| s.unit).chain(MORE_UNITS).find(|u| *u == unit)
}

/// Microseconds of a time in seconds.
pub(crate) fn micros(t_s: f64) -> i64 {
    (t_s * 1e6).round() as i64
}

/// Seconds of a time in microseconds.
pub(crate) fn seconds(us: i64) -> f64 {
    us as f64 / 1e6
}

impl Entry {
    /// An event as an entry, but for `seq`, `branch` and `cause_seq`, which the file gives it.
    #[must_use]
    pub fn of_event(e: &Event, t_wall_utc_us: i64, user: &str) -> Self {
        let person = matches!(e.by, By::Trainee | By::Instructor) || e.kind == EventKind::Command;
        let value = (e.value.is_finite() && !(e.unit.is_empty() && e.value == 0.0)).then_some(e.value);
        Self {
            seq: 0,
            branch: 0,
            t_sim_us: micros(e.t_s),
            t_wall_utc_us,
            src: Cow::Borrowed(source(e.by)),
            kind: Cow::Borrowed(class_of(e.kind)),
            what: Cow::Borrowed(word_of(e.kind)),
            object: e.object.clone(),
            from: e.change.map(|[from, _]| from.to_owned()),
            to: e.change.map(|[_, to]| to.to_owned()),
            value,
            unit: e.unit.to_owned(),
            user: if person { user.to_owned() } else { String::new() },
            cause_seq: None,
            text: e.text.clone(),
        }
    }

    /// What the journal says of itself.
    pub(crate) fn own(kind: &'static str, what: &'static str, t_sim_us: i64, text: String) -> Self {
        Self {
            seq: 0,
            branch: 0,
            t_sim_us,
            t_wall_utc_us: super::now_us(),
            src: Cow::Borrowed("journal"),
            kind: Cow::Borrowed(kind),
            what: Cow::Borrowed(what),
            object: "journal".to_owned(),
            from: None,
            to: None,
            value: None,
            unit: String::new(),
            user: String::new(),
            cause_seq: None,
            text,
        }
    }

    /// The entry as an event, to be shown. A state change and a unit that this version does not know go into the text.
    #[must_use]
    pub fn event(&self) -> Event {
        let known = known_unit(&self.unit);
        let mut text = self.text.clone();
        if let (Some(from), Some(to)) = (&self.from, &self.to) {
            text = format!("{text} ({from} → {to})");
        }
        if let (Some(v), None) = (self.value, known) {
            text = format!("{text} {v} {}", self.unit);
        }
        let by = [By::Trainee, By::Instructor, By::Scenario].into_iter().find(|b| source(*b) == self.src);
        Event {
            seq: self.seq,
            tick: 0,
            t_s: seconds(self.t_sim_us),
            kind: kind_of(&self.what),
            object: self.object.clone(),
            text,
            value: self.value.filter(|_| known.is_some()).unwrap_or(0.0),
            unit: known.unwrap_or(""),
            by: by.unwrap_or_default(),
            change: None,
            cause: self.cause_seq,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_one_word_and_comes_back() {
        let mut words: Vec<_> = KINDS.iter().map(|(_, w, _)| *w).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), KINDS.len());
        for (kind, word, class) in KINDS {
            assert_eq!((kind_of(word), word_of(kind), class_of(kind)), (kind, word, class));
        }
        assert_eq!(kind_of("of a later version"), EventKind::Notice);
    }
}
