//! A site as the console shows it: tags, links and how long values take on their way. Plain data, made with each row.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use crate::acts::Quality;
use crate::feed::link::{Info, Phase};
use crate::feed::map::Map;
use crate::feed::tags::{Current, Reading, Taken};
use crate::plant::signals::SignalIdx;

/// Times that figures are taken from.
const KEPT: usize = 256;

/// A tag now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TagNow {
    /// Value, quality, clocks, registers.
    pub now: Current,
    /// Age of the value, s; infinite before the first.
    pub age_s: f64,
}

/// An endpoint now.
#[derive(Clone, Debug)]
pub struct LinkNow {
    /// Its link; none for a recording.
    pub info: Option<Info>,
    /// Arrival less the source's time at its least, s.
    pub skew_s: Option<f64>,
    /// From the source's time stamp to its arrival, s; the clocks' difference is part of it.
    pub delay: Option<Figures>,
}

/// A site now.
#[derive(Clone, Debug)]
pub struct SiteView {
    /// Its map.
    pub map: Arc<Map>,
    /// Tags, as in the map.
    pub tags: Vec<TagNow>,
    /// Endpoints, as in the map.
    pub links: Vec<LinkNow>,
    /// The critical signal with the oldest value, and its age, s.
    pub worst: Option<(SignalIdx, f64)>,
    /// From the arrival of a reading to the row that has it, s.
    pub to_row: Option<Figures>,
    /// When the newest reading of the newest row arrived.
    pub arrival: Option<Instant>,
    /// Whether limits come from the loaded scenario.
    pub lent_limits: bool,
    /// Rows since the opening.
    pub rows: u64,
    /// Times that the console did not take the rows at once, since it last did.
    pub waiting: u32,
    /// Time of the newest row, s since the opening.
    pub t_s: f64,
    /// UTC of time 0, µs.
    pub zero_utc_us: i64,
}

impl SiteView {
    /// The tag that a signal's value comes from, or would come from; none where nothing feeds it.
    #[must_use]
    pub fn source(&self, signal: SignalIdx) -> Option<usize> {
        let feeds = self.map.tags.iter().enumerate().filter(|(_, t)| t.to == Some(signal));
        let rank = |i: usize| !self.tags.get(i).is_some_and(|t| t.now.quality.usable());
        feeds.min_by_key(|(i, t)| (rank(*i), t.priority)).map(|(i, _)| i)
    }

    /// Links with values coming, and all.
    #[must_use]
    pub fn links_up(&self) -> [usize; 2] {
        let up = |l: &&LinkNow| l.info.as_ref().is_none_or(|i| i.phase == Phase::Up);
        [self.links.iter().filter(up).count(), self.links.len()]
    }

    /// How many tags are good, uncertain, stale, bad, and never had a value.
    #[must_use]
    pub fn tally(&self) -> [usize; 5] {
        let mut n = [0; 5];
        for t in &self.tags {
            n[match t.now.quality {
                Quality::Good => 0,
                Quality::Uncertain(_) => 1,
                Quality::Stale => 2,
                Quality::Bad(_) => 3,
                Quality::Never => 4,
            }] += 1;
        }
        n
    }
}

/// Median, 95th of a hundred and longest of the last times, s.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// Median.
    pub p50_s: f64,
    /// 95th of a hundred.
    pub p95_s: f64,
    /// Longest.
    pub max_s: f64,
}

/// The last times of one kind.
#[derive(Clone, Debug, Default)]
pub struct Times {
    last_s: Vec<f64>,
    next: usize,
}

impl Times {
    /// One more.
    pub fn push(&mut self, s: f64) {
        match self.last_s.get_mut(self.next) {
            Some(slot) => *slot = s,
            None => self.last_s.push(s),
        }
        self.next = (self.next + 1) % KEPT;
    }

    /// Their figures; none before the first.
    #[must_use]
    pub fn figures(&self) -> Option<Figures> {
        let mut all = self.last_s.clone();
        all.sort_by(f64::total_cmp);
        let at = |share: f64| all.get((share * (all.len().checked_sub(1)?) as f64).round() as usize).copied();
        Some(Figures { p50_s: at(0.5)?, p95_s: at(0.95)?, max_s: at(1.0)? })
    }
}

/// How long values take.
#[derive(Debug, Default)]
pub(super) struct Delays {
    by_endpoint: BTreeMap<usize, Times>,
    to_row: Times,
    /// Monotonic arrival of the newest reading that no row has yet.
    fresh_s: Option<f64>,
    /// Likewise of the newest that a row has.
    shown_s: Option<f64>,
}

impl Delays {
    /// A reading came from an endpoint.
    pub(super) fn read(&mut self, endpoint: usize, r: &Reading, taken: Taken) {
        if taken != Taken::Current {
            return;
        }
        if let Some(t_src_s) = r.t_src_s {
            self.by_endpoint.entry(endpoint).or_default().push(r.t_arr_s - t_src_s);
        }
        self.fresh_s = Some(self.fresh_s.map_or(r.mono_s, |s| s.max(r.mono_s)));
    }

    /// A row was made at this monotonic time, s.
    pub(super) fn row(&mut self, now_s: f64) {
        if let Some(arrived_s) = self.fresh_s.take() {
            self.to_row.push(now_s - arrived_s);
            self.shown_s = Some(arrived_s);
        }
    }

    /// Source to arrival of an endpoint.
    pub(super) fn of(&self, endpoint: usize) -> Option<Figures> {
        self.by_endpoint.get(&endpoint)?.figures()
    }

    /// Arrival to row.
    pub(super) fn to_row(&self) -> Option<Figures> {
        self.to_row.figures()
    }

    /// Monotonic arrival of the newest reading in a row, s.
    pub(super) fn shown_s(&self) -> Option<f64> {
        self.shown_s
    }
}
