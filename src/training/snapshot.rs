//! Snapshots: states of a run to go back to.
//!
//! One every few seconds, the oldest going first, and those that somebody asked for, which stay. A snapshot is a copy
//! of the state, so going back to it costs a copy, and what follows is bit for bit what would have followed. Times in
//! ticks. It never takes one by itself.

use std::collections::VecDeque;

use super::msg::SnapshotView;

/// Snapshots on demand that are kept; the oldest goes first.
const NAMED: usize = 64;

/// A state of the run.
#[derive(Clone, Debug)]
pub struct Snapshot<S> {
    /// Number, rising.
    pub id: u32,
    /// When.
    pub tick: u64,
    /// Branch.
    pub branch: u32,
    /// Acts of that branch's log done before it.
    pub acts: usize,
    /// Name, if somebody asked for it.
    pub name: Option<String>,
    /// The state.
    pub state: Box<S>,
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

    /// Takes one in; returns its number.
    pub fn push(&mut self, tick: u64, branch: u32, acts: usize, name: Option<String>, state: S) -> u32 {
        let id = self.next;
        self.next += 1;
        let (list, most) = match name {
            Some(_) => (&mut self.named, NAMED),
            None => (&mut self.periodic, self.keep),
        };
        list.push_back(Snapshot { id, tick, branch, acts, name, state: Box::new(state) });
        if list.len() > most {
            list.pop_front();
        }
        id
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, id: u32) -> Option<&Snapshot<S>> {
        self.periodic.iter().chain(&self.named).find(|s| s.id == id)
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
