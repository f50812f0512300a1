//! Which events the list shows, and how long after the first-out of its disturbance each came.
//!
//! Kept between frames: what came since is added at the end, what has left the memory is taken off the front, so that a
//! frame costs what has changed, however many events there are. The whole is made again only when the filter changes,
//! when the run went back, or when a late event came, and then at most four times a second.

use std::collections::VecDeque;

use crate::acts::{Event, EventKind};
use crate::alarm::{came, is_first_out};
use crate::console::event_filter::EventFilter;
use crate::console::model::Model;
use crate::journal::class_of;

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

/// Whether an event belongs to a disturbance: protection, alarm, limit.
pub(super) fn disturbs(e: &Event) -> bool {
    // an alarm that is seen or clears is the end of something
    came(e) || matches!(class_of(e.kind), "prot" | "limit")
}

/// What the list was made of. Events are counted from the first that was ever in the log.
#[derive(Clone, Debug, Default, PartialEq)]
struct Made {
    epoch: u32,
    /// Events that have left the log at its front.
    gone: u64,
    /// The log's own count of what is not kept any more.
    dropped: u64,
    /// Events seen, and the newest of them.
    seen: u64,
    last: Option<(u64, u64)>,
    wanted: EventFilter,
}

/// The events that are shown.
#[derive(Debug, Default)]
pub(super) struct List {
    made: Made,
    at_s: f64,
    /// Number of the event as [`Made`] counts them, and time since the first-out.
    lines: VecDeque<(u64, Option<f64>)>,
    /// First-out and newest event of the disturbance that lasts.
    disturbance: Option<[f64; 2]>,
    /// The event that was looked for last: the selected one, frame after frame.
    found: Option<u64>,
}

impl List {
    /// Brings the list up to date.
    pub(super) fn refresh(&mut self, model: &Model, wanted: &EventFilter, now_s: f64) {
        let events = model.history.events();
        let gone = events.pushed() - events.len() as u64;
        let same = self.made.epoch == model.epoch && self.made.wanted == *wanted;
        if !(same && self.goes_on(model, gone)) {
            if same && now_s - self.at_s < REBUILD_S && now_s >= self.at_s {
                return;
            }
            self.lines.clear();
            self.disturbance = None;
            self.made = Made { epoch: model.epoch, wanted: wanted.clone(), seen: gone, ..Made::default() };
            self.at_s = now_s;
        }
        while self.lines.front().is_some_and(|(number, _)| *number < gone) {
            self.lines.pop_front();
        }
        // what came and went between two frames is not in memory either
        let from = self.made.seen.max(gone);
        let alarms = crate::console::views::alarms::list(model).is_some();
        for (number, e) in (from..).zip(events.iter().skip((from - gone) as usize)) {
            let since = self.since_first(e, alarms);
            if wanted.takes(e) {
                self.lines.push_back((number, since));
            }
        }
        let last = events.iter().next_back().map(identity);
        self.made =
            Made { gone, dropped: events.dropped(), seen: events.pushed(), last, ..std::mem::take(&mut self.made) };
    }

    /// Whether the log is the one that was seen, with events added at its end and taken off its front.
    fn goes_on(&self, model: &Model, gone: u64) -> bool {
        let events = model.history.events();
        // events that were taken back are missing, too, but the log does not count them as dropped
        let left = gone.checked_sub(self.made.gone);
        if left.is_none_or(|left| left > events.dropped() - self.made.dropped) {
            return false;
        }
        match self.made.seen.checked_sub(gone + 1) {
            Some(last) => events.iter().nth(last as usize).map(identity) == self.made.last,
            // all that was seen has left
            None => true,
        }
    }

    /// `alarms`: an annunciator says which alarm is a first-out; else it is the first trip.
    fn since_first(&mut self, e: &Event, alarms: bool) -> Option<f64> {
        let within = |d: &[f64; 2]| e.t_s - d[1] <= QUIET_S;
        let first = if alarms { is_first_out(e) } else { e.kind == EventKind::Trip };
        self.disturbance = match (self.disturbance.filter(within), disturbs(e)) {
            (Some([first, _]), true) => Some([first, e.t_s]),
            (None, true) if first => Some([e.t_s; 2]),
            (lasts, _) => lasts,
        };
        self.disturbance.map(|[first, _]| e.t_s - first)
    }

    /// Events in the list.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// One of them, with its time since the first-out.
    pub(super) fn get<'a>(&self, model: &'a Model, i: usize) -> Option<(&'a Event, Option<f64>)> {
        let (number, since) = *self.lines.get(i)?;
        Some((self.event(model, number)?, since))
    }

    fn event<'a>(&self, model: &'a Model, number: u64) -> Option<&'a Event> {
        model.history.events().iter().nth(number.checked_sub(self.made.gone)? as usize)
    }

    /// Place in the list of an event by its number.
    pub(super) fn place(&mut self, model: &Model, seq: u64) -> Option<usize> {
        let is_it = |number: &u64| self.event(model, *number).is_some_and(|e| e.seq == seq);
        let known = self.found.filter(is_it);
        let number = known.or_else(|| self.lines.iter().rev().map(|(number, _)| *number).find(is_it))?;
        self.found = Some(number);
        self.lines.binary_search_by_key(&number, |(n, _)| *n).ok()
    }

    /// Number of the event nearest to a time.
    pub(super) fn nearest(&self, model: &Model, t_s: f64) -> Option<u64> {
        let after = self.lines.partition_point(|(n, _)| self.event(model, *n).is_some_and(|e| e.t_s < t_s));
        let near = [after.checked_sub(1), Some(after)].into_iter().flatten().filter_map(|i| self.get(model, i));
        near.min_by(|a, b| (a.0.t_s - t_s).abs().total_cmp(&(b.0.t_s - t_s).abs())).map(|(e, _)| e.seq)
    }
}

/// What tells one event from another.
fn identity(e: &Event) -> (u64, u64) {
    (e.seq, e.t_s.to_bits())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acts::{By, EventKind};
    use crate::console::model::Mode;
    use crate::engine::Engine;
    use crate::feed::empty_update;

    fn model() -> Model {
        let scenario = crate::scenario::default_scenario().unwrap();
        let e = Engine::new(std::sync::Arc::new(scenario));
        Model::new(Mode::Twin, empty_update(0, e.table().clone(), e.plate().clone()))
    }

    fn push(m: &mut Model, seq: u64, t_s: f64) {
        let kind = if seq.is_multiple_of(3) { EventKind::Limit } else { EventKind::Batch };
        let (object, text) = ("schedule".to_owned(), format!("event {seq}"));
        let (value, unit, by, change, cause) = (0.0, "", By::Plant, None, None);
        m.history.events_mut().push(Event { seq, tick: seq, t_s, kind, object, text, value, unit, by, change, cause });
    }

    /// Numbers of the events in the list.
    fn shown(list: &List, m: &Model) -> Vec<u64> {
        (0..list.len()).filter_map(|i| list.get(m, i)).map(|(e, _)| e.seq).collect()
    }

    fn wanted(m: &Model, w: &EventFilter) -> Vec<u64> {
        m.history.events().iter().filter(|e| w.takes(e)).map(|e| e.seq).collect()
    }

    /// While old events left the memory, lines showed other events than those that they stood for.
    #[test]
    fn regress_lines_keep_to_their_events_when_old_ones_leave() {
        let mut m = model();
        let (mut list, w) = (List::default(), EventFilter { class: Some("limit"), ..EventFilter::default() });
        for seq in 0..40_000 {
            push(&mut m, seq, seq as f64 * 0.01);
            if seq % 7 == 0 || seq > 39_990 {
                // no time passes: nothing is made anew
                list.refresh(&m, &w, 1.0);
                let place = list.len() - 1;
                assert_eq!(list.get(&m, place).map(|(e, _)| e.seq), Some(seq - seq % 3));
            }
        }
        assert!(m.history.events().dropped() > 0);
        assert_eq!(shown(&list, &m), wanted(&m, &w));
        assert_eq!(list.get(&m, 100).map(|(e, _)| list.place(&m, e.seq)), Some(Some(100)));
    }

    #[test]
    fn late_events_and_a_way_back_make_the_list_anew() {
        let mut m = model();
        let (mut list, w) = (List::default(), EventFilter::default());
        (0..50).for_each(|seq| push(&mut m, seq, seq as f64));
        list.refresh(&m, &w, 0.0);
        push(&mut m, 50, 10.5);
        list.refresh(&m, &w, 1.0);
        assert_eq!(shown(&list, &m), wanted(&m, &w));
        assert_eq!(list.nearest(&m, 10.6), Some(50));
        m.history.events_mut().truncate(20.0);
        push(&mut m, 60, 21.0);
        list.refresh(&m, &w, 2.0);
        assert_eq!(shown(&list, &m), wanted(&m, &w));
        push(&mut m, 61, f64::NAN);
        push(&mut m, 62, 22.0);
        list.refresh(&m, &w, 2.1);
        assert_eq!(shown(&list, &m), wanted(&m, &w), "one without a time is counted, and nothing else changes");
        m.history.events_mut().clear();
        list.refresh(&m, &w, 3.0);
        assert_eq!(list.len(), 0);
    }
}
