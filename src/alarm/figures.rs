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
    ticks: u64,
    flood_ticks: u64,
    /// New alarms of each priority.
    pub new: [u32; 4],
    /// New alarms of each alarm.
    per_alarm: Vec<u32>,
    /// Ticks of the last new alarms of each alarm.
    recent: Vec<[Option<u64>; CHATTER]>,
    /// Times at which an alarm was found to chatter.
    pub chattering: u32,
    /// New alarms of each span since the start.
    spans: Vec<u32>,
    acks: [Vec<u64>; 4],
}

impl Figures {
    pub(super) fn new(tick_s: f64) -> Self {
        Self {
            tick_s,
            ticks: 0,
            flood_ticks: 0,
            new: [0; 4],
            per_alarm: Vec::new(),
            recent: Vec::new(),
            chattering: 0,
            spans: Vec::new(),
            acks: Default::default(),
        }
    }

    pub(super) fn pass(&mut self, flood: bool) {
        self.ticks += 1;
        self.flood_ticks += u64::from(flood);
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
        let span = (tick as f64 * self.tick_s / SPAN_S) as usize;
        if self.spans.len() <= span {
            self.spans.resize(span + 1, 0);
        }
        self.spans[span] += 1;
    }

    pub(super) fn acked(&mut self, priority: Priority, ticks: u64) {
        let acks = &mut self.acks[priority as usize];
        if acks.len() < ACKS {
            acks.push(ticks);
        }
    }

    /// Time since the start, s.
    #[must_use]
    pub fn span_s(&self) -> f64 {
        self.ticks as f64 * self.tick_s
    }

    /// New alarms in ten minutes, on average.
    #[must_use]
    pub fn rate_10min(&self) -> f64 {
        let all = f64::from(self.new.iter().sum::<u32>());
        all / (self.span_s() / SPAN_S).max(1.0)
    }

    /// Most new alarms in ten minutes by the clock of the run.
    #[must_use]
    pub fn peak_10min(&self) -> u32 {
        self.spans.iter().copied().max().unwrap_or(0)
    }

    /// Share of the time in flood.
    #[must_use]
    pub fn flood_share(&self) -> f64 {
        if self.ticks == 0 { 0.0 } else { self.flood_ticks as f64 / self.ticks as f64 }
    }

    /// Median and longest time to acknowledge, s; none before the first.
    #[must_use]
    pub fn ack_s(&self, priority: Priority) -> Option<[f64; 2]> {
        let mut all = self.acks[priority as usize].clone();
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
