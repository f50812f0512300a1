//! Snapshots of the desk, and the way back.
//!
//! Every other periodic snapshot holds the state, the one after it only its time: going back there takes the state before it
//! and runs the few seconds between again, acts included, without telling anybody. That is exact, and halves what a
//! snapshot takes.

use super::Desk;
use crate::acts::{By, EventKind};
use crate::training::branch::Log;

impl Desk {
    pub(super) fn snapshot(&mut self, name: Option<String>) -> u32 {
        self.changed = true;
        let (tick, branch, acts) = (self.now_tick(), self.branches.now(), self.branches.log().len());
        let (now, seq) = (&self.now, self.seq);
        self.snapshots.push(tick, branch, acts, name, || (now.snapshot(), seq))
    }

    pub(super) fn back_to(&mut self, id: u32, keep: bool, by: By) {
        let Some((base, to)) = self.snapshots.find(id) else {
            self.note(EventKind::Refused, "desk", format!("there is no snapshot {id}"), by);
            return;
        };
        let Some((state, seq)) = base.state.as_deref() else { return };
        let (state, seq) = (state.snapshot(), *seq);
        let (tick, branch, acts) = (to.tick, to.branch, to.acts);
        let between: Log = self.branches.log_of(branch)[base.acts..acts].to_vec();
        let from_s = self.now.engine.t_s();
        if keep {
            // Its end must be a place to come back to.
            self.snapshot(Some(format!("end of branch {}", self.branches.now())));
        } else {
            self.snapshots.drop_after(branch, tick);
        }
        self.now = state;
        self.run_again(&between, tick, seq);
        self.branches.back_to(branch, tick, acts, keep);
        self.rewound_s = Some(self.now.engine.t_s());
        let way = if keep { format!("branch {} begins", self.branches.now()) } else { "restored".to_owned() };
        self.note(EventKind::Snapshot, &format!("snapshot {id}"), format!("{way}, back from {from_s:.1} s"), by);
        self.changed = true;
    }

    /// From a state to a later tick of the run that it is of. Events get the numbers that they had; nobody hears of them.
    fn run_again(&mut self, log: &Log, until_tick: u64, seq: u64) {
        let (newest, told, exam) = (self.seq, core::mem::take(&mut self.events), self.exam);
        (self.seq, self.again, self.exam) = (seq, true, false);
        self.run_log(log, until_tick);
        (self.seq, self.again, self.exam) = (newest, false, exam);
        self.events = told;
        self.now = self.now.snapshot();
    }
}
