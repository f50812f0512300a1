//! Which events the list shows, and how long after the first-out of its disturbance each came.
//!
//! Kept between frames: new events are added at the end, and the whole is made again only when the filter changes, when
//! old events have left the memory, or when a late one came, and then at most four times a second.

use crate::console::model::Model;
use crate::engine::msg::Event;
use crate::journal::{Filter, class_of};

/// Quiet time that ends a disturbance, s.
const QUIET_S: f64 = 30.0;
/// Shortest time between two rebuilds, s.
const REBUILD_S: f64 = 0.25;

/// Classes to choose from.
pub(super) const CLASSES: [(&str, Option<&str>); 9] = [
    ("All", None),
    ("Alarm", Some("alarm")),
    ("Prot", Some("prot")),
    ("Limit", Some("limit")),
    ("State", Some("state")),
    ("Cmd", Some("cmd")),
    ("Op", Some("op")),
    ("Note", Some("note")),
    ("Snap", Some("snapshot")),
];

/// Which events are wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// Of this class.
    pub class: Option<&'static str>,
    /// With these letters in the object's name.
    pub object: String,
    /// With these letters in the text.
    pub text: String,
}

impl Wanted {
    /// Whether an event is.
    #[must_use]
    pub fn takes(&self, e: &Event) -> bool {
        self.class.is_none_or(|c| c == class_of(e.kind)) && has(&e.object, &self.object) && has(&e.text, &self.text)
    }

    /// What of it a journal can look for by itself.
    #[must_use]
    pub fn filter(&self) -> Filter {
        Filter { kind: self.class.map(str::to_owned), ..Filter::default() }
    }
}

/// Whether `text` has `part` in it, in whatever case; without an allocation a line.
fn has(text: &str, part: &str) -> bool {
    let (text, part) = (text.as_bytes(), part.trim().as_bytes());
    part.is_empty() || text.windows(part.len()).any(|w| w.eq_ignore_ascii_case(part))
}

/// Whether an event belongs to a disturbance: protection, alarm, limit.
pub(super) fn disturbs(e: &Event) -> bool {
    matches!(class_of(e.kind), "prot" | "alarm" | "limit")
}

/// What the list was made of.
#[derive(Clone, Debug, Default, PartialEq)]
struct Made {
    epoch: u32,
    dropped: u64,
    /// Events seen, and the newest of their times.
    seen: usize,
    last_s: f64,
    wanted: Wanted,
}

/// The events that are shown, by their place in the log.
#[derive(Debug, Default)]
pub(super) struct List {
    made: Made,
    at_s: f64,
    /// Place, and time since the first-out.
    lines: Vec<(usize, Option<f64>)>,
    /// First-out and newest event of the disturbance that lasts.
    disturbance: Option<[f64; 2]>,
}

impl List {
    /// Brings the list up to date.
    pub(super) fn refresh(&mut self, model: &Model, wanted: &Wanted, now_s: f64) {
        let events = model.history.events();
        let (n, last_s) = (events.len(), events.iter().next_back().map_or(f64::NEG_INFINITY, |e| e.t_s));
        let same = self.made.epoch == model.epoch && self.made.wanted == *wanted && self.made.seen <= n;
        let appended = same && self.made.dropped == events.dropped() && self.in_order(model);
        if !appended {
            // Events that leave the memory do so with every new one: not each of them is worth a new list.
            if same && now_s - self.at_s < REBUILD_S && now_s >= self.at_s {
                return;
            }
            self.lines.clear();
            self.disturbance = None;
            self.made = Made { epoch: model.epoch, wanted: wanted.clone(), ..Made::default() };
            self.at_s = now_s;
        }
        for (place, e) in events.iter().enumerate().skip(self.made.seen) {
            let since = self.since_first(e);
            if wanted.takes(e) {
                self.lines.push((place, since));
            }
        }
        self.made.dropped = events.dropped();
        (self.made.seen, self.made.last_s) = (n, last_s);
    }

    /// Whether what came since stands behind what was seen.
    fn in_order(&self, model: &Model) -> bool {
        let Some(last) = self.made.seen.checked_sub(1) else { return true };
        model.history.events().iter().nth(last).is_some_and(|e| e.t_s == self.made.last_s)
    }

    fn since_first(&mut self, e: &Event) -> Option<f64> {
        let within = |d: &[f64; 2]| e.t_s - d[1] <= QUIET_S;
        self.disturbance = match (self.disturbance.filter(within), disturbs(e)) {
            (Some([first, _]), true) => Some([first, e.t_s]),
            (None, true) => Some([e.t_s; 2]),
            (lasts, false) => lasts,
        };
        self.disturbance.map(|[first, _]| e.t_s - first)
    }

    /// Events in the list.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// One of them, with its time since the first-out.
    pub(super) fn get<'a>(&self, model: &'a Model, i: usize) -> Option<(&'a Event, Option<f64>)> {
        let (place, since) = *self.lines.get(i)?;
        Some((model.history.events().iter().nth(place)?, since))
    }

    /// Place in the list of an event by its number.
    pub(super) fn place(&self, model: &Model, seq: u64) -> Option<usize> {
        (0..self.len()).rev().find(|i| self.get(model, *i).is_some_and(|(e, _)| e.seq == seq))
    }

    /// Number of the event nearest to a time.
    pub(super) fn nearest(&self, model: &Model, t_s: f64) -> Option<u64> {
        let after = self
            .lines
            .partition_point(|(place, _)| model.history.events().iter().nth(*place).is_some_and(|e| e.t_s < t_s));
        let near = [after.checked_sub(1), Some(after)].into_iter().flatten().filter_map(|i| self.get(model, i));
        near.min_by(|a, b| (a.0.t_s - t_s).abs().total_cmp(&(b.0.t_s - t_s).abs())).map(|(e, _)| e.seq)
    }
}
