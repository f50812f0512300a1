//! First-out: which alarm of a group came first, the one definition that status bar, lists, banner and event list go by.
//!
//! The first alarm that comes after all of its group was normal is marked. The mark leaves when that alarm is over and
//! seen, or when somebody resets it; the next mark is given when all of the group is normal again, or after that reset. Of
//! alarms that come in one tick a cause is looked at before what follows from it; what follows from an alarm of another
//! group is no first one.

use super::act::AlarmId;
use super::annunciator::Cell;
use super::definition::Group;
use crate::acts::{Event, EventKind};

/// What the event of an alarm ends with that is the first of its group.
pub(super) const WORDS: &str = ", first-out";

/// Whether an event is that of an alarm which came as the first of its group.
#[must_use]
pub fn is_first_out(e: &Event) -> bool {
    e.kind == EventKind::Alarm && e.text.ends_with(WORDS)
}

/// A mark, with its place among all that ever were given.
#[derive(Clone, Copy, Debug)]
struct Mark {
    alarm: AlarmId,
    order: u64,
}

/// The marks of all groups.
#[derive(Clone, Debug)]
pub(super) struct FirstOuts {
    marks: [Option<Mark>; Group::ALL.len()],
    /// Groups of which the next alarm is the first.
    waits: [bool; Group::ALL.len()],
    given: u64,
}

impl FirstOuts {
    pub(super) fn new() -> Self {
        Self { marks: [None; Group::ALL.len()], waits: [true; Group::ALL.len()], given: 0 }
    }

    /// An alarm has come, by itself or as one that follows from another; whether it is the first of its group.
    pub(super) fn came(&mut self, alarm: AlarmId, group: Group, follows: bool) -> bool {
        let waited = core::mem::replace(&mut self.waits[group as usize], false);
        let first = group.has_first_out() && waited && !follows;
        if first {
            self.given += 1;
            self.marks[group as usize] = Some(Mark { alarm, order: self.given });
        }
        first
    }

    /// An alarm is over and seen; `all` if all of its group is.
    pub(super) fn left(&mut self, alarm: AlarmId, group: Group, all: bool) {
        let mark = &mut self.marks[group as usize];
        *mark = mark.filter(|m| m.alarm != alarm);
        self.waits[group as usize] |= all;
    }

    /// Takes the mark off a group, by its number; false if there is no such group.
    pub(super) fn reset(&mut self, group: u32) -> bool {
        let Some(mark) = self.marks.get_mut(group as usize) else { return false };
        *mark = None;
        self.waits[group as usize] = true;
        true
    }

    /// The marked alarm of each group.
    pub(super) fn all(&self) -> [Option<AlarmId>; Group::ALL.len()] {
        self.marks.map(|m| m.map(|m| m.alarm))
    }

    /// Of all that are marked the one that came first.
    pub(super) fn first(&self) -> Option<AlarmId> {
        self.marks.iter().flatten().min_by_key(|m| m.order).map(|m| m.alarm)
    }
}

/// Alarms in the order in which they are looked at: those that others follow from before them, and otherwise as in the
/// file. A circle is cut where it is met.
pub(super) fn causes_first(cells: &[Cell]) -> Box<[AlarmId]> {
    fn visit(i: usize, cells: &[Cell], seen: &mut [bool], order: &mut Vec<AlarmId>) {
        if !core::mem::replace(&mut seen[i], true) {
            cells[i].follows.iter().for_each(|k| visit(*k as usize, cells, seen, order));
            order.push(i as AlarmId);
        }
    }
    let (mut seen, mut order) = (vec![false; cells.len()], Vec::with_capacity(cells.len()));
    (0..cells.len()).for_each(|i| visit(i, cells, &mut seen, &mut order));
    order.into()
}
