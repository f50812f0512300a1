//! Which alarms the list shows and in which order. Pure: the alarms and the filter in, rows out.
//!
//! The order is the one that was chosen; it never changes by itself. A consequence folds under its cause unless it is
//! more urgent than that. In a flood alarms of priority 3 stand together where an area has several, and those of priority
//! 4 go to the log only; nothing of 1 or 2 is ever put away.

use std::collections::BTreeSet;

use crate::alarm::annunciator::Hidden;
use crate::alarm::{AlarmId, Entry, Group, List, Priority};

/// Which list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// What is abnormal now, or was and has not been seen.
    #[default]
    Active,
    /// Hidden for a time.
    Shelved,
    /// Hidden by the state of the plant.
    Suppressed,
    /// Out of service.
    Out,
    /// The whole database.
    All,
}

/// All lists, with their names.
pub const LISTS: [(Which, &str); 5] = [
    (Which::Active, "Active"),
    (Which::Shelved, "Shelved"),
    (Which::Suppressed, "Suppressed"),
    (Which::Out, "Out of service"),
    (Which::All, "All"),
];

impl Which {
    /// Whether an alarm is in this list.
    #[must_use]
    pub fn has(self, e: &Entry) -> bool {
        match self {
            Self::Active => e.is_listed(),
            Self::Shelved => matches!(e.hidden, Some(Hidden::Shelved { .. })),
            Self::Suppressed => matches!(e.hidden, Some(Hidden::ByDesign(_))),
            Self::Out => matches!(e.hidden, Some(Hidden::OutOfService { .. })),
            Self::All => true,
        }
    }
}

/// Order of the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Most urgent first, then newest.
    #[default]
    Priority,
    /// Newest first.
    Time,
    /// By area, most urgent first in each.
    Area,
    /// By tag.
    Tag,
}

/// A state to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateIs {
    /// Waits to be acknowledged.
    Unack,
    /// The condition holds.
    Active,
    /// Clear again, or held by its latch.
    Returned,
}

/// What the list leaves out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Which list.
    pub which: Which,
    /// Order.
    pub sort: Sort,
    /// Words in tag or text.
    pub text: String,
    /// Priorities that are left out.
    pub without: [bool; 4],
    /// Only this area.
    pub area: Option<Group>,
    /// Only this state.
    pub state: Option<StateIs>,
}

impl Filter {
    /// Whether anything is left out.
    #[must_use]
    pub fn is_on(&self) -> bool {
        !self.text.trim().is_empty() || self.without != [false; 4] || self.area.is_some() || self.state.is_some()
    }

    /// The same list without a filter.
    pub fn clear(&mut self) {
        *self = Self { which: self.which, sort: self.sort, ..Self::default() };
    }

    fn takes(&self, list: &List, e: &Entry) -> bool {
        let words = self.text.trim().to_lowercase();
        let text = || list.definition(e.id).map_or("", |d| d.text.as_str()).to_lowercase();
        let state = self.state.is_none_or(|s| match s {
            StateIs::Unack => e.state.is_unack(),
            StateIs::Active => e.state.is_active(),
            StateIs::Returned => !e.state.is_active(),
        });
        !self.without[e.priority as usize]
            && self.area.is_none_or(|a| a == e.group)
            && state
            && (words.is_empty() || e.tag.to_lowercase().contains(&words) || text().contains(&words))
    }
}

/// What has been opened by hand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Opened {
    /// Causes whose consequences are shown.
    pub causes: BTreeSet<AlarmId>,
    /// Areas that are shown row by row in a flood.
    pub areas: BTreeSet<Group>,
}

/// A row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// An alarm.
    Alarm {
        /// Which.
        id: AlarmId,
        /// It stands under its cause.
        under: bool,
        /// Consequences that belong to it.
        folds: usize,
    },
    /// Alarms of priority 3 of an area, in a flood.
    Area {
        /// Area.
        group: Group,
        /// How many.
        count: usize,
        /// Of these, not acknowledged.
        unack: usize,
    },
}

/// The rows of a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// From the top.
    pub rows: Vec<Row>,
    /// Alarms that the filter leaves out.
    pub left_out: usize,
    /// Alarms of priority 4 that a flood leaves to the log.
    pub to_log: usize,
}

/// The rows of a list.
#[must_use]
pub fn rows(list: &List, filter: &Filter, opened: &Opened) -> Rows {
    let base: Vec<&Entry> = list.entries.iter().filter(|e| filter.which.has(e)).collect();
    let mut shown: Vec<&Entry> = base.iter().copied().filter(|e| filter.takes(list, e)).collect();
    let left_out = base.len() - shown.len();
    sort(&mut shown, filter.sort);
    let default = filter.which == Which::Active && filter.sort == Sort::Priority;
    if !default {
        let rows = shown.iter().map(|e| Row::Alarm { id: e.id, under: false, folds: 0 }).collect();
        return Rows { rows, left_out, to_log: 0 };
    }
    let before = shown.len();
    if list.flood_s.is_some() {
        shown.retain(|e| e.priority != Priority::Diagnostic);
    }
    let to_log = before - shown.len();
    Rows { rows: folded(list, &shown, opened), left_out, to_log }
}

fn sort(all: &mut [&Entry], by: Sort) {
    let newest = |e: &Entry| std::cmp::Reverse(e.first_s.max(0.0).to_bits());
    all.sort_by(|a, b| {
        let urgency = || (a.priority, newest(a)).cmp(&(b.priority, newest(b)));
        match by {
            Sort::Priority => urgency(),
            Sort::Time => newest(a).cmp(&newest(b)),
            Sort::Area => a.group.cmp(&b.group).then_with(urgency),
            Sort::Tag => a.tag.cmp(&b.tag),
        }
        .then(a.id.cmp(&b.id))
    });
}

fn folded(list: &List, shown: &[&Entry], opened: &Opened) -> Vec<Row> {
    let heads: Vec<Option<AlarmId>> = shown.iter().map(|e| head(list, shown, e)).collect();
    let medium = |e: &Entry| e.priority == Priority::Medium;
    let several = |g: Group| shown.iter().filter(|x| x.group == g && medium(x)).nth(1).is_some();
    let together: Vec<Group> = match list.flood_s {
        Some(_) => Group::ALL.into_iter().filter(|g| several(*g) && !opened.areas.contains(g)).collect(),
        None => Vec::new(),
    };
    let in_area = |e: &Entry| medium(e) && together.contains(&e.group);
    let mut rows = Vec::with_capacity(shown.len());
    let mut areas: Vec<Group> = Vec::new();
    for (e, of) in shown.iter().zip(&heads) {
        if in_area(e) {
            if !areas.contains(&e.group) {
                areas.push(e.group);
                let mine = || shown.iter().filter(|x| x.group == e.group && in_area(x));
                let unack = mine().filter(|x| x.state.is_unack()).count();
                rows.push(Row::Area { group: e.group, count: mine().count(), unack });
            }
            continue;
        }
        if of.is_some() {
            continue;
        }
        let mine = || shown.iter().zip(&heads).filter(|(x, h)| **h == Some(e.id) && !in_area(x)).map(|(x, _)| x);
        rows.push(Row::Alarm { id: e.id, under: false, folds: mine().count() });
        if opened.causes.contains(&e.id) {
            rows.extend(mine().map(|x| Row::Alarm { id: x.id, under: true, folds: 0 }));
        }
    }
    rows
}

/// The alarm under which this one folds: the first of its chain of causes that is shown, as long as none of them is
/// less urgent than it.
fn head(list: &List, shown: &[&Entry], e: &Entry) -> Option<AlarmId> {
    let (mut at, mut found) = (e, None);
    // a chain is no longer than the list; causes can form a ring when alarms come again
    for _ in 0..shown.len() {
        let Some(next) = at.cause.and_then(|c| list.entries.get(c as usize)) else { break };
        if next.id == e.id || next.priority > e.priority {
            break;
        }
        // in a ring the first alarm stands for all
        if next.last_s > at.last_s || !shown.iter().any(|x| x.id == next.id) {
            break;
        }
        found = Some(next.id);
        at = next;
    }
    found
}
