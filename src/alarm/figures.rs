//! Figures of the alarm system itself: floods, rates, times to acknowledge.
//!
//! Targets are those of common practice (EEMUA 191, ISA-18.2 as summarised by public sources); they are shown beside the
//! figures, not enforced.

use std::collections::VecDeque;

use super::definition::Priority;

/// Span of a flood and of the rate, s.
pub const SPAN_S: f64 = 600.0;
/// A flood begins with more new alarms in a span than this.
const BEGINS: usize = 10;
/// A flood ends with fewer than this.
const ENDS: usize = 5;
/// New alarms that are remembered for the flood.
const KEPT: usize = 256;
/// An alarm chatters when it comes so often …
const CHATTER: usize = 3;
/// … in this time, s.
const CHATTER_S: f64 = 60.0;
/// Width of a bin of the count over time, s.
const BIN_S: f64 = 10.0;
/// Acknowledge times that are kept of each priority.
const ACKS: usize = 512;

/// More new alarms than anybody can follow.
#[derive(Clone, Debug)]
pub struct Flood {
    span: u64,
    new: VecDeque<u64>,
    since: Option<u64>,
}

impl Flood {
    pub(super) fn new(tick_s: f64) -> Self {
        Self { span: (SPAN_S / tick_s).round() as u64, new: VecDeque::with_capacity(KEPT), since: None }
    }

    pub(super) fn new_alarm(&mut self, tick: u64) {
        if self.new.len() == KEPT {
            self.new.pop_front();
        }
        self.new.push_back(tick);
    }

    /// Forgets what is too old; true if a flood began or ended.
    pub(super) fn step(&mut self, tick: u64) -> bool {
        while self.new.front().is_some_and(|t| tick - t >= self.span) {
            self.new.pop_front();
        }
        match self.since {
            None if self.new.len() > BEGINS => self.since = Some(tick),
            Some(_) if self.new.len() < ENDS => self.since = None,
            _ => return false,
        }
        true
    }

    /// Tick since which there is a flood.
    #[must_use]
    pub fn since(&self) -> Option<u64> {
        self.since
    }
}

/// Figures of a session.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    tick_s: f64,
    /// Ticks in floods that are over, and the start of the one that is on.
    flood_ticks: u64,
    flood_since: Option<u64>,
    /// Malfunctions that began, as far as events told.
    pub faults: u32,
    /// New alarms of each priority.
    pub new: [u32; 4],
    /// New alarms of each alarm.
    per_alarm: Vec<u32>,
    /// Ticks of the last new alarms of each alarm.
    recent: Vec<[Option<u64>; CHATTER]>,
    /// Times at which an alarm was found to chatter.
    pub chattering: u32,
    /// New alarms of each [`BIN_S`] since the start.
    bins: Vec<u16>,
    acks: [Vec<u64>; 4],
}

impl Figures {
    pub(super) fn new(tick_s: f64) -> Self {
        Self {
            tick_s,
            flood_ticks: 0,
            flood_since: None,
            faults: 0,
            new: [0; 4],
            per_alarm: Vec::new(),
            recent: Vec::new(),
            chattering: 0,
            bins: Vec::new(),
            acks: Default::default(),
        }
    }

    pub(super) fn flood(&mut self, since: Option<u64>, tick: u64) {
        if let (Some(began), None) = (self.flood_since, since) {
            self.flood_ticks += tick - began;
        }
        self.flood_since = since;
    }

    pub(super) fn new_alarm(&mut self, i: usize, priority: Priority, tick: u64) {
        self.new[priority as usize] += 1;
        if self.per_alarm.len() <= i {
            self.per_alarm.resize(i + 1, 0);
            self.recent.resize(i + 1, [None; CHATTER]);
        }
        self.per_alarm[i] += 1;
        self.recent[i].rotate_left(1);
        self.recent[i][CHATTER - 1] = Some(tick);
        let oldest = self.recent[i][0];
        if oldest.is_some_and(|t| (tick - t) as f64 * self.tick_s <= CHATTER_S) {
            self.chattering += 1;
        }
        let bin = self.bin(tick as f64 * self.tick_s);
        if self.bins.len() <= bin {
            self.bins.resize(bin + 1, 0);
        }
        self.bins[bin] = self.bins[bin].saturating_add(1);
    }

    pub(super) fn acked(&mut self, priority: Priority, ticks: u64) {
        let acks = &mut self.acks[priority as usize];
        if acks.len() < ACKS {
            acks.push(ticks);
        }
    }

    fn bin(&self, t_s: f64) -> usize {
        // a time that is a whole number of bins belongs to the later one, however it was rounded
        (t_s / BIN_S + 1e-9).max(0.0) as usize
    }

    /// New alarms so far.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.new.iter().sum()
    }

    /// New alarms in the bins of the last `span_s` before `t_s`.
    #[must_use]
    pub fn within(&self, t_s: f64, span_s: f64) -> u32 {
        let end = self.bin(t_s) + 1;
        let n = (span_s / BIN_S).round() as usize;
        self.bins.iter().take(end).skip(end.saturating_sub(n)).map(|n| u32::from(*n)).sum()
    }

    /// New alarms of each of the last `n` minutes before `t_s`, oldest first.
    #[must_use]
    pub fn per_minute(&self, t_s: f64, n: usize) -> Vec<u32> {
        (0..n)
            .rev()
            .map(|k| t_s - 60.0 * k as f64)
            .map(|end_s| if end_s < 0.0 { 0 } else { self.within(end_s, 60.0) })
            .collect()
    }

    /// New alarms in ten minutes, on average; none for a run that is younger than that.
    #[must_use]
    pub fn rate_10min(&self, t_s: f64) -> Option<f64> {
        (t_s >= SPAN_S).then(|| f64::from(self.total()) / (t_s / SPAN_S))
    }

    /// Most new alarms in any ten minutes.
    #[must_use]
    pub fn peak_10min(&self) -> u32 {
        let n = (SPAN_S / BIN_S) as usize;
        let sum = |bins: &[u16]| bins.iter().map(|n| u32::from(*n)).sum();
        if self.bins.len() <= n { sum(&self.bins) } else { self.bins.windows(n).map(sum).max().unwrap_or(0) }
    }

    /// Share of the time up to `t_s` in flood.
    #[must_use]
    pub fn flood_share(&self, t_s: f64) -> f64 {
        let now = self.flood_since.map_or(0.0, |from| t_s - from as f64 * self.tick_s).max(0.0);
        if t_s <= 0.0 { 0.0 } else { ((self.flood_ticks as f64 * self.tick_s + now) / t_s).min(1.0) }
    }

    /// Alarms that chatter at `t_s`: their last three came within a minute of it.
    #[must_use]
    pub fn chattering_at(&self, t_s: f64) -> usize {
        let lately = |t: u64| t_s - t as f64 * self.tick_s <= CHATTER_S;
        self.recent.iter().filter(|r| r[0].is_some_and(lately)).count()
    }

    /// New alarms a malfunction; none without one.
    #[must_use]
    pub fn per_fault(&self) -> Option<f64> {
        (self.faults > 0).then(|| f64::from(self.total()) / f64::from(self.faults))
    }

    /// Median and longest time to acknowledge, s; none before the first.
    #[must_use]
    pub fn ack_s(&self, priority: Priority) -> Option<[f64; 2]> {
        self.spread(self.acks[priority as usize].clone())
    }

    /// The same of all priorities.
    #[must_use]
    pub fn ack_all_s(&self) -> Option<[f64; 2]> {
        self.spread(self.acks.concat())
    }

    fn spread(&self, mut all: Vec<u64>) -> Option<[f64; 2]> {
        all.sort_unstable();
        let at = |i: usize| all.get(i).map(|t| *t as f64 * self.tick_s);
        Some([at(all.len() / 2)?, at(all.len().checked_sub(1)?)?])
    }

    /// Share of all new alarms that the ten most frequent ones make.
    #[must_use]
    pub fn top10_share(&self) -> f64 {
        let mut all = self.per_alarm.clone();
        all.sort_unstable_by(|a, b| b.cmp(a));
        let sum: u32 = all.iter().sum();
        if sum == 0 { 0.0 } else { f64::from(all.iter().take(10).sum::<u32>()) / f64::from(sum) }
    }
}
