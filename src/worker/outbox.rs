//! Updates on their way to a receiver that may be slow.
//!
//! An update that does not fit into the channel waits here and takes in the ones after it: rows and events are
//! appended, everything else is overwritten. Nothing is dropped; when too much waits, [`Outbox::stalled`] says that the
//! twin must not go on.

use std::collections::VecDeque;

use crossbeam_channel::{Sender, TrySendError};

use crate::worker::Update;

/// Values of waiting rows (rows times signals; each is a min, a max and a last, 24 bytes) above which the twin waits.
pub(super) const MAX_VALUES: usize = 2_000_000;
/// Waiting rows above which it waits, however narrow.
pub(super) const MAX_ROWS: usize = 200_000;
/// Waiting events above which it waits.
pub(super) const MAX_EVENTS: usize = 100_000;
/// Epochs whose last updates wait at most; a receiver that slow loses the oldest epoch, which it would clear anyway.
const MAX_EPOCHS: usize = 8;

/// What came of [`Outbox::send`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// Something went out, and nothing waits.
    All,
    /// Something waits.
    Waits,
    /// There is no receiver any more.
    Gone,
}

#[derive(Debug)]
pub(super) struct Outbox {
    channel: Sender<Update>,
    /// One update an epoch, and one more for each step back within it, oldest first.
    waiting: VecDeque<Update>,
}

impl Outbox {
    pub(super) fn new(channel: Sender<Update>) -> Self {
        Self { channel, waiting: VecDeque::new() }
    }

    pub(super) fn channel(&self) -> &Sender<Update> {
        &self.channel
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether so much waits that the twin must not go on.
    pub(super) fn stalled(&self) -> bool {
        let (mut rows, mut values, mut events) = (0, 0, 0);
        for u in &self.waiting {
            rows += u.block.rows();
            values += u.block.last.len();
            events += u.events.len();
        }
        rows >= MAX_ROWS || values >= MAX_VALUES || events >= MAX_EVENTS
    }

    /// Adds an update behind those that wait.
    pub(super) fn push(&mut self, update: Update) {
        match self.waiting.back_mut() {
            Some(last) if last.epoch == update.epoch && update.rewound_s.is_none() => absorb(last, update),
            _ => self.waiting.push_back(update),
        }
        let newest = self.waiting.back().map_or(0, |u| u.epoch);
        while self.waiting.front().is_some_and(|u| newest.wrapping_sub(u.epoch) as usize >= MAX_EPOCHS) {
            self.waiting.pop_front();
        }
        if self.stalled()
            && let Some(last) = self.waiting.back_mut()
        {
            last.stalled = true;
        }
    }

    /// Hands over what fits, oldest first, and calls `wake` if anything went. Never waits.
    pub(super) fn send(&mut self, wake: &dyn Fn()) -> Sent {
        let mut any = false;
        let mut outcome = Sent::All;
        while let Some(update) = self.waiting.pop_front() {
            match self.channel.try_send(update) {
                Ok(()) => any = true,
                Err(TrySendError::Full(update)) => {
                    self.waiting.push_front(update);
                    outcome = Sent::Waits;
                    break;
                }
                Err(TrySendError::Disconnected(_)) => return Sent::Gone,
            }
        }
        if any {
            wake();
        }
        outcome
    }
}

/// Takes `newer` into `older`, losing no row and no event.
fn absorb(older: &mut Update, newer: Update) {
    let mut block = std::mem::take(&mut older.block);
    let mut events = std::mem::take(&mut older.events);
    let forecast = older.forecast.take();
    let coalesced = older.coalesced;
    let desk = older.desk.take();
    let rewound_s = older.rewound_s;
    *older = newer;
    older.rewound_s = rewound_s;
    older.desk = older.desk.take().or(desk);
    if older.block.rows() > 0 {
        block.append(&mut older.block);
    }
    events.append(&mut older.events);
    older.block = block;
    older.events = events;
    older.forecast = older.forecast.take().or(forecast);
    older.coalesced = older.coalesced.saturating_add(coalesced).saturating_add(1);
}
