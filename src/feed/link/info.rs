//! What is known of a link: its state, its pace and what has left through it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::feed::map::Endpoint;
use crate::feed::wire::{Sent, Trouble};
use crate::lock::lock;
use crate::text::plain;

/// Round trips that the figures are taken from.
const TRIPS: usize = 256;

/// State of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// On its way.
    Connecting,
    /// Values come.
    Up,
    /// Lost; the next attempt is at this time.
    Waiting(Instant),
    /// Ended.
    Stopped,
}

/// A link in figures.
#[derive(Clone, Debug)]
pub struct Info {
    /// State.
    pub phase: Phase,
    /// Since when.
    pub since: Instant,
    /// Connections that were lost or never came.
    pub losses: u64,
    /// Connections that came up.
    pub connects: u64,
    /// Requests that were not answered in time.
    pub timeouts: u64,
    /// Refusals of the device, by code.
    pub exceptions: BTreeMap<u8, u64>,
    /// Answers to earlier requests that were passed over.
    pub late: u64,
    /// Messages that could not be read.
    pub unread: u64,
    /// Batches of readings that the hub had no room for.
    pub dropped: u64,
    /// Time that each group's last scan took, and its period.
    pub scans: Vec<[Duration; 2]>,
    /// By tag: which parts its figure lacks, or why else it is in doubt, in words.
    pub remarks: BTreeMap<usize, String>,
    /// Last trouble, in words.
    pub last_error: Option<String>,
    /// What has left, by kind.
    pub sent: Arc<Sent>,
    trips_ms: Vec<f64>,
    next_trip: usize,
}

impl Info {
    /// Before the first attempt.
    #[must_use]
    pub fn new(e: &Endpoint, sent: Arc<Sent>) -> Self {
        let period = |ms: u32| [Duration::ZERO, Duration::from_millis(u64::from(ms))];
        Self {
            phase: Phase::Connecting,
            since: Instant::now(),
            losses: 0,
            connects: 0,
            timeouts: 0,
            exceptions: BTreeMap::new(),
            late: 0,
            unread: 0,
            dropped: 0,
            scans: e.groups.iter().map(|g| period(g.period_ms)).collect(),
            remarks: BTreeMap::new(),
            last_error: None,
            sent,
            trips_ms: Vec::new(),
            next_trip: 0,
        }
    }

    /// A round trip that went well.
    pub fn trip(&mut self, took: Duration) {
        let ms = took.as_secs_f64() * 1000.0;
        if self.trips_ms.len() < TRIPS {
            self.trips_ms.push(ms);
        } else if let Some(slot) = self.trips_ms.get_mut(self.next_trip) {
            *slot = ms;
        }
        self.next_trip = (self.next_trip + 1) % TRIPS;
    }

    /// Round trips in ms: median, 95th of a hundred, longest; none before the first.
    #[must_use]
    pub fn trips_ms(&self) -> Option<[f64; 3]> {
        let mut all = self.trips_ms.clone();
        all.sort_by(f64::total_cmp);
        let at = |share: f64| all.get((share * (all.len() - 1) as f64).round() as usize).copied();
        if all.is_empty() { None } else { Some([at(0.5)?, at(0.95)?, at(1.0)?]) }
    }

    /// The connection came up.
    pub fn up(&mut self) {
        (self.phase, self.since) = (Phase::Up, Instant::now());
        self.connects += 1;
    }

    /// The connection is gone.
    pub fn lost(&mut self, why: Option<Trouble>) {
        self.since = Instant::now();
        self.losses += 1;
        self.timeouts += u64::from(matches!(why, Some(Trouble::TimeOut(_))));
        if let Some(why) = why {
            self.trouble(why.to_string());
        }
    }

    /// Keeps a trouble; words of others are made safe to show.
    pub fn trouble(&mut self, what: impl AsRef<str>) {
        self.last_error = Some(plain(what.as_ref()));
    }

    /// Says why a tag's figure is in doubt; an empty text takes it back.
    pub fn remark(&mut self, tag: usize, what: impl AsRef<str>) {
        if what.as_ref().is_empty() {
            self.remarks.remove(&tag);
        } else {
            self.remarks.insert(tag, plain(what.as_ref()));
        }
    }
}

/// The figures, shared between a link's thread and whoever looks.
#[derive(Clone, Debug)]
pub struct Shared(Arc<Mutex<Info>>);

impl Shared {
    pub(super) fn new(e: &Endpoint, sent: Arc<Sent>) -> Self {
        Self(Arc::new(Mutex::new(Info::new(e, sent))))
    }

    /// A copy.
    #[must_use]
    pub fn get(&self) -> Info {
        lock(&self.0).clone()
    }

    pub(super) fn change(&self, f: impl FnOnce(&mut Info)) {
        f(&mut lock(&self.0));
    }
}
