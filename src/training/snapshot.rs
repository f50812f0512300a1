//! Snapshots: states of a run to go back to.
//!
//! One every few seconds, the oldest going first, and those that somebody asked for, which stay. One with a state is a
//! copy of it, so going back costs a copy, and what follows is bit for bit what would have followed. Every other periodic
//! one has none: it is reached from the one before it. Times in ticks. It never takes one by itself.

use std::collections::VecDeque;

use super::msg::SnapshotView;

/// Snapshots on demand that are kept; the oldest goes first.
const NAMED: usize = 64;

/// A state of the run.
#[derive(Clone, Debug)]
pub struct Snapshot<S> {
    /// Number, rising.
    pub id: u32,
    /// Tick that comes next.
    pub tick: u64,
    /// Branch of the run that it belongs to.
    pub branch: u32,
    /// Acts of that branch's log done before it.
    pub acts: usize,
    /// Name, if somebody asked for it.
    pub name: Option<String>,
    /// The state; none for one that is reached from the one before it.
    pub state: Option<Box<S>>,
}

/// The snapshots that are kept.
#[derive(Clone, Debug)]
pub struct Snapshots<S> {
    periodic: VecDeque<Snapshot<S>>,
    named: VecDeque<Snapshot<S>>,
    keep: usize,
    next: u32,
}

impl<S> Snapshots<S> {
    /// None yet; keeps so many of the periodic ones.
    #[must_use]
    pub fn new(keep: usize) -> Self {
        Self { periodic: VecDeque::new(), named: VecDeque::new(), keep: keep.max(1), next: 1 }
    }

    /// Takes one in; returns its number. The state is asked for if it is needed.
    pub fn push(
        &mut self,
        tick: u64,
        branch: u32,
        acts: usize,
        name: Option<String>,
        state: impl FnOnce() -> S,
    ) -> u32 {
        let id = self.next;
        self.next += 1;
        let before = self.periodic.back().filter(|s| s.branch == branch && s.tick < tick && s.acts <= acts);
        let whole = name.is_some() || before.is_none_or(|s| s.state.is_none());
        let state = whole.then(|| Box::new(state()));
        let snapshot = Snapshot { id, tick, branch, acts, name, state };
        if snapshot.name.is_some() {
            self.named.push_back(snapshot);
            if self.named.len() > NAMED {
                self.named.pop_front();
            }
            return id;
        }
        self.periodic.push_back(snapshot);
        while self.periodic.len() > self.keep {
            self.periodic.pop_front();
            // What is reached from one that is gone goes with it.
            while self.periodic.front().is_some_and(|s| s.state.is_none()) {
                self.periodic.pop_front();
            }
        }
        id
    }

    /// One of them, and the one with a state that it is reached from: itself, or the one before it.
    #[must_use]
    pub fn find(&self, id: u32) -> Option<(&Snapshot<S>, &Snapshot<S>)> {
        if let Some(s) = self.named.iter().find(|s| s.id == id) {
            return Some((s, s));
        }
        let at = self.periodic.iter().position(|s| s.id == id)?;
        let to = &self.periodic[at];
        let base = if to.state.is_some() { to } else { self.periodic.get(at.checked_sub(1)?)? };
        Some((base, to))
    }

    /// Drops those of `branch` later than `tick`.
    pub fn drop_after(&mut self, branch: u32, tick: u64) {
        self.periodic.retain(|s| s.branch != branch || s.tick <= tick);
        self.named.retain(|s| s.branch != branch || s.tick <= tick);
    }

    /// Whether a periodic one of this branch and tick is there.
    #[must_use]
    pub fn has(&self, branch: u32, tick: u64) -> bool {
        self.periodic.iter().any(|s| s.branch == branch && s.tick == tick)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.periodic.len() + self.named.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// For the screen, oldest first.
    #[must_use]
    pub fn views(&self, tick_s: f64) -> Vec<SnapshotView> {
        let mut all: Vec<_> = self
            .periodic
            .iter()
            .chain(&self.named)
            .map(|s| SnapshotView { id: s.id, t_s: s.tick as f64 * tick_s, branch: s.branch, name: s.name.clone() })
            .collect();
        all.sort_by_key(|s| s.id);
        all
    }
}
