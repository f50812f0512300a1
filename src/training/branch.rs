//! Branches of a run: where the trainer went back and took another way.
//!
//! Each branch has the whole log from the start of the run to its end, so that it alone, with scenario and seed, gives
//! that way of the run again. Times in ticks. Never forgets a branch.

use super::msg::{BranchView, DeskAct};

/// Acts with the tick at whose start they were done.
pub type Log = Vec<(u64, DeskAct)>;

/// One way that the run took.
#[derive(Clone, Debug)]
struct Branch {
    parent: Option<u32>,
    from_tick: u64,
    to_tick: u64,
    log: Log,
}

/// All ways of a run; one of them goes on.
#[derive(Clone, Debug)]
pub struct Branches {
    list: Vec<Branch>,
    now: u32,
}

impl Default for Branches {
    fn default() -> Self {
        Self { list: vec![Branch { parent: None, from_tick: 0, to_tick: 0, log: Log::new() }], now: 0 }
    }
}

impl Branches {
    /// The one that goes on.
    #[must_use]
    pub fn now(&self) -> u32 {
        self.now
    }

    fn at(&self, id: u32) -> &Branch {
        &self.list[id as usize]
    }

    /// Log of the branch that goes on.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.at(self.now).log
    }

    /// Log of any branch.
    #[must_use]
    pub fn log_of(&self, id: u32) -> &Log {
        &self.at(id).log
    }

    /// Adds an act.
    pub fn push(&mut self, tick: u64, act: DeskAct) {
        self.list[self.now as usize].log.push((tick, act));
    }

    /// The run has come to `tick`.
    pub fn reach(&mut self, tick: u64) {
        self.list[self.now as usize].to_tick = tick;
    }

    /// Goes on from a place of branch `of`, after the first `acts` of its log. With `keep` all of it stays and a new
    /// branch begins; without, the rest of that branch is given up.
    pub fn back_to(&mut self, of: u32, tick: u64, acts: usize, keep: bool) {
        if keep {
            let log = self.at(of).log[..acts].to_vec();
            self.list.push(Branch { parent: Some(of), from_tick: tick, to_tick: tick, log });
            self.now = u32::try_from(self.list.len() - 1).unwrap_or(u32::MAX);
        } else {
            self.now = of;
            let branch = &mut self.list[of as usize];
            branch.log.truncate(acts);
            branch.to_tick = tick;
        }
    }

    /// For the screen.
    #[must_use]
    pub fn views(&self, tick_s: f64) -> Vec<BranchView> {
        let view = |(id, b): (usize, &Branch)| BranchView {
            id: id as u32,
            parent: b.parent,
            from_s: b.from_tick as f64 * tick_s,
            to_s: b.to_tick as f64 * tick_s,
        };
        self.list.iter().enumerate().map(view).collect()
    }
}
