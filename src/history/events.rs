//! Events of a run, kept by time in bounded memory, and the spans in which the schedule was held.
//!
//! When it is full the oldest events go, and [`EventLog::dropped`] counts them: nothing is lost in silence. Times are
//! seconds of the run. It never changes an event.

use std::collections::VecDeque;

use crate::acts::{Event, EventKind};

/// Events kept.
const MAX_EVENTS: usize = 32_768;
/// Bytes of text kept with them.
const MAX_TEXT_BYTES: usize = 8 << 20;
/// HOLD spans kept.
const MAX_SPANS: usize = 4_096;

/// A span in which the schedule was held.
#[derive(Clone, Debug, PartialEq)]
pub struct HoldSpan {
    /// Since when, s.
    pub t0_s: f64,
    /// Until when, s; none while it lasts.
    pub t1_s: Option<f64>,
    /// Why: the text of the event that began it.
    pub reason: String,
}

/// The events.
#[derive(Clone, Debug, Default)]
pub struct EventLog {
    events: VecDeque<Event>,
    text_bytes: usize,
    holds: VecDeque<HoldSpan>,
    dropped: u64,
    pushed: u64,
}

impl EventLog {
    /// Adds an event, behind all that are not later. One whose time is not finite is counted as dropped.
    pub fn push(&mut self, event: Event) {
        if !event.t_s.is_finite() {
            self.dropped += 1;
            return;
        }
        self.note_hold(&event);
        self.pushed += 1;
        self.text_bytes += text_bytes(&event);
        let in_order = self.events.back().is_none_or(|e| e.t_s <= event.t_s);
        if in_order {
            self.events.push_back(event);
        } else {
            let at = self.events.partition_point(|e| e.t_s <= event.t_s);
            self.events.insert(at, event);
        }
        while self.events.len() > MAX_EVENTS || (self.text_bytes > MAX_TEXT_BYTES && self.events.len() > 1) {
            if let Some(old) = self.events.pop_front() {
                self.text_bytes -= text_bytes(&old);
                self.dropped += 1;
            }
        }
    }

    fn note_hold(&mut self, event: &Event) {
        let open = self.holds.back_mut().filter(|h| h.t1_s.is_none());
        match (event.kind, open) {
            (EventKind::Hold, None) => {
                if self.holds.len() == MAX_SPANS {
                    self.holds.pop_front();
                }
                self.holds.push_back(HoldSpan { t0_s: event.t_s, t1_s: None, reason: event.text.clone() });
            }
            (EventKind::Resume, Some(hold)) => hold.t1_s = Some(event.t_s.max(hold.t0_s)),
            _ => {}
        }
    }

    /// All events, oldest first.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Event> + ExactSizeIterator {
        self.events.iter()
    }

    /// Events kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Events that were pushed since the epoch began; changes when there is a new one.
    #[must_use]
    pub fn pushed(&self) -> u64 {
        self.pushed
    }

    /// Events that are no longer kept.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Events with `t0_s <= t < t1_s`, oldest first.
    #[must_use]
    pub fn range(&self, t0_s: f64, t1_s: f64) -> impl DoubleEndedIterator<Item = &Event> + ExactSizeIterator {
        let from = self.events.partition_point(|e| e.t_s < t0_s);
        let to = self.events.partition_point(|e| e.t_s < t1_s).max(from);
        self.events.range(from..to)
    }

    /// The first event later than `t_s` that `wanted` takes.
    pub fn next_after(&self, t_s: f64, mut wanted: impl FnMut(&Event) -> bool) -> Option<&Event> {
        self.events.range(self.events.partition_point(|e| e.t_s <= t_s)..).find(|e| wanted(e))
    }

    /// The last event earlier than `t_s` that `wanted` takes.
    pub fn previous_before(&self, t_s: f64, mut wanted: impl FnMut(&Event) -> bool) -> Option<&Event> {
        self.events.range(..self.events.partition_point(|e| e.t_s < t_s)).rev().find(|e| wanted(e))
    }

    /// HOLD spans that overlap `t0_s..t1_s`, oldest first. A span that lasts has no end.
    pub fn hold_spans(&self, t0_s: f64, t1_s: f64) -> impl Iterator<Item = &HoldSpan> {
        let from = self.holds.partition_point(|h| h.t1_s.is_some_and(|t1| t1 < t0_s));
        self.holds.range(from..).take_while(move |h| h.t0_s < t1_s)
    }

    /// Takes back events later than `t_s`. [`Self::pushed`] goes on rising, so that readers see that something changed.
    pub fn truncate(&mut self, t_s: f64) {
        let kept = self.events.partition_point(|e| e.t_s <= t_s);
        self.text_bytes -= self.events.range(kept..).map(text_bytes).sum::<usize>();
        self.events.truncate(kept);
        self.holds.truncate(self.holds.partition_point(|h| h.t0_s <= t_s));
        if let Some(hold) = self.holds.back_mut().filter(|h| h.t1_s.is_some_and(|t1| t1 > t_s)) {
            hold.t1_s = None;
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.events.capacity() * size_of::<Event>()
            + self.text_bytes
            + self.holds.capacity() * size_of::<HoldSpan>()
            + self.holds.iter().map(|h| h.reason.capacity()).sum::<usize>()
    }
}

fn text_bytes(e: &Event) -> usize {
    e.object.capacity() + e.text.capacity()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(t_s: f64, kind: EventKind) -> Event {
        Event { t_s, ..Event::new(kind, "G1", format!("at {t_s}")) }
    }

    fn log(items: &[(f64, EventKind)]) -> EventLog {
        let mut log = EventLog::default();
        items.iter().for_each(|(t, k)| log.push(event(*t, *k)));
        log
    }

    #[test]
    fn finds_by_time_and_kind() {
        let l =
            log(&[(1.0, EventKind::Batch), (2.0, EventKind::Trip), (2.0, EventKind::Shed), (3.0, EventKind::Batch)]);
        assert_eq!(l.range(1.5, 3.0).count(), 2);
        assert_eq!(l.range(3.0, 1.0).count(), 0);
        assert_eq!(l.next_after(1.0, |_| true).map(|e| e.kind), Some(EventKind::Trip));
        assert_eq!(l.next_after(1.0, |e| e.kind == EventKind::Batch).map(|e| e.t_s), Some(3.0));
        assert_eq!(l.previous_before(2.0, |_| true).map(|e| e.t_s), Some(1.0));
        assert_eq!(l.previous_before(1.0, |_| true), None);
        assert_eq!(l.next_after(f64::NAN, |_| true).map(|e| e.t_s), Some(1.0));
    }

    #[test]
    fn late_events_are_put_in_order_and_bad_times_counted() {
        let l = log(&[
            (1.0, EventKind::State),
            (3.0, EventKind::State),
            (2.0, EventKind::Trip),
            (f64::NAN, EventKind::Trip),
        ]);
        assert_eq!(l.iter().map(|e| e.t_s).collect::<Vec<_>>(), [1.0, 2.0, 3.0]);
        assert_eq!((l.len(), l.dropped()), (3, 1));
    }

    #[test]
    fn hold_and_resume_make_spans() {
        use EventKind::{Hold, Resume};
        let l = log(&[(0.5, Resume), (1.0, Hold), (1.5, Hold), (2.0, Resume), (5.0, Hold)]);
        let spans = |a, b| l.hold_spans(a, b).map(|h| (h.t0_s, h.t1_s)).collect::<Vec<_>>();
        assert_eq!(spans(0.0, 9.0), [(1.0, Some(2.0)), (5.0, None)]);
        assert_eq!(spans(2.5, 4.0), []);
        assert_eq!(spans(7.0, 8.0), [(5.0, None)]);
        assert_eq!(l.hold_spans(0.0, 9.0).next().map(|h| h.reason.as_str()), Some("at 1"));
    }

    #[test]
    fn events_taken_back_open_the_hold_they_ended() {
        use EventKind::{Hold, Resume, Trip};
        let mut l = log(&[(1.0, Hold), (2.0, Trip), (4.0, Resume), (5.0, Hold), (6.0, Resume)]);
        let (pushed, text) = (l.pushed(), l.text_bytes);
        l.truncate(2.0);
        assert_eq!(l.iter().map(|e| e.t_s).collect::<Vec<_>>(), [1.0, 2.0], "an event at that time stays");
        assert_eq!(l.hold_spans(0.0, 9.0).map(|h| (h.t0_s, h.t1_s)).collect::<Vec<_>>(), [(1.0, None)]);
        assert!(l.text_bytes < text && l.pushed() == pushed && l.dropped() == 0);
        l.push(event(3.0, Resume));
        assert_eq!(l.hold_spans(0.0, 9.0).map(|h| h.t1_s).collect::<Vec<_>>(), [Some(3.0)]);
        l.truncate(f64::NEG_INFINITY);
        assert_eq!((l.len(), l.text_bytes, l.hold_spans(0.0, 9.0).count()), (0, 0, 0));
    }

    #[test]
    fn memory_is_bounded_and_drops_are_counted() {
        let mut l = EventLog::default();
        for i in 0..100_000_u32 {
            let mut e = event(f64::from(i), if i % 2 == 0 { EventKind::Hold } else { EventKind::Resume });
            e.text = "x".repeat(1000);
            l.push(e);
        }
        assert!(l.memory_bytes() < 24 << 20, "{}", l.memory_bytes());
        assert_eq!(l.len() as u64 + l.dropped(), 100_000);
        assert_eq!(l.iter().next_back().map(|e| e.t_s), Some(99_999.0));
    }
}
