//! All alarms of a plant, tick by tick: conditions in, transitions out.
//!
//! ```text
//! row, events, facts ─▶ Point (deadband, delays) ─▶ State (table) ─▶ Transition ─▶ first-out, cause, flood, figures
//!                                            acts ─▶
//! ```
//! A step without a change allocates nothing. A shelved, suppressed or out-of-service alarm goes on being evaluated and
//! its transitions are given as ever; only lists hide it. It knows no clock: time is the tick.

use std::collections::VecDeque;
use std::sync::Arc;

use super::act::{Act, AlarmId};
use super::areas::{Area, placed};
use super::database::Database;
use super::definition::{Definition, Group, Otherwise, Priority, Rule};
use super::figures::{Figures, Flood};
use super::first_out::{FirstOuts, causes_first};
use super::list::{Entry, List};
use super::point::{Facts, Point, Reading, is_so, silenced_by};
use super::state::{Input, State};
use crate::acts::{By, Event, EventKind, Plate};
use crate::plant::signals::{SignalIdx, SignalTable};

/// A consequence follows its cause within this time, s.
const FOLLOWS_S: f64 = 5.0;
/// An urgent or high alarm that is still active asks again this long after it was seen, s.
const AGAIN_S: f64 = 120.0;
/// Longest time that an alarm can be shelved, s.
pub const SHELF_MAX_S: u32 = 3600;
/// Time that an alarm is shelved unless told, s.
pub const SHELF_S: u32 = 900;
/// Occurrences that are remembered of each alarm.
const OCCURRENCES: usize = 10;
/// Comments that are kept of each alarm.
const COMMENTS: usize = 20;

/// An alarm that changed its state, or whose time on the shelf is over (then both states are the same).
#[derive(Clone, Debug, PartialEq)]
pub struct Transition {
    /// The alarm, by its place in the definitions.
    pub alarm: AlarmId,
    /// State before and after.
    pub change: [State; 2],
    /// Tick of the change.
    pub tick: u64,
    /// The quantity at the change, in `unit`.
    pub value: f64,
    /// What it is held against, in `unit`.
    pub limit: f64,
    /// Unit of both.
    pub unit: &'static str,
    /// First of its group since the group was clear.
    pub first_out: bool,
    /// The alarm that it follows from.
    pub cause: Option<AlarmId>,
    /// Who did it, where somebody did.
    pub by: Option<By>,
}

/// Why an act on an alarm is not possible.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No such alarm.
    #[error("there is no alarm {0}")]
    NoAlarm(AlarmId),
    /// Nothing to do.
    #[error("{0} has nothing to {1}")]
    Nothing(String, &'static str),
    /// Not reset while it is active.
    #[error("{0} is still active")]
    Active(String),
    /// Urgent alarms cannot be hidden.
    #[error("{0} is urgent and cannot be shelved")]
    Urgent(String),
    /// Too long or too short.
    #[error("an alarm can be shelved for 1 to 60 minutes")]
    Time,
    /// Without a reason.
    #[error("a reason is needed")]
    NoReason,
}

/// What hides an alarm from the lists.
#[derive(Clone, Debug, PartialEq)]
pub enum Hidden {
    /// For a time.
    Shelved {
        /// Tick at which it comes back.
        until: u64,
        /// Who did it.
        by: By,
        /// Reason that was given.
        reason: String,
    },
    /// By the state of the plant.
    ByDesign(Rule),
    /// Until somebody returns it to service.
    OutOfService {
        /// Who did it.
        by: By,
        /// Permit or reason that was given.
        note: String,
    },
}

/// One alarm's whole state.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub point: Point,
    pub area: Area,
    pub state: State,
    pub shelved: Option<(u64, By, String)>,
    pub out: Option<(By, String)>,
    pub by_design: Option<Rule>,
    pub evaluable: bool,
    pub first_tick: u64,
    pub last_set: Option<u64>,
    pub acked_at: u64,
    pub at_alarm: [f64; 2],
    pub unit: &'static str,
    /// The relay or the breaker that it came with.
    pub told: Option<String>,
    pub count: u32,
    pub cause: Option<AlarmId>,
    /// Alarms that it can follow from.
    pub follows: Box<[AlarmId]>,
    /// Which steps make sense now.
    pub otherwise: Option<usize>,
    pub occurrences: VecDeque<u64>,
    pub comments: Vec<(u64, By, String)>,
}

impl Cell {
    pub(super) fn hidden(&self) -> Option<Hidden> {
        if let Some((by, note)) = &self.out {
            return Some(Hidden::OutOfService { by: *by, note: note.clone() });
        }
        if let Some(rule) = self.by_design {
            return Some(Hidden::ByDesign(rule));
        }
        self.shelved.as_ref().map(|(until, by, reason)| Hidden::Shelved {
            until: *until,
            by: *by,
            reason: reason.clone(),
        })
    }

    fn is_hidden(&self) -> bool {
        self.out.is_some() || self.by_design.is_some() || self.shelved.is_some()
    }
}

/// The alarms of a plant.
#[derive(Clone, Debug)]
pub struct Annunciator {
    definitions: Arc<[Definition]>,
    cells: Vec<Cell>,
    /// Cells in the order in which they are looked at: causes before what follows from them.
    order: Box<[AlarmId]>,
    first_outs: FirstOuts,
    flood: Flood,
    figures: Figures,
    tick_s: f64,
    tick: u64,
    changed: bool,
    list: Arc<List>,
}

impl Annunciator {
    /// All alarms normal. Quantities that the plant does not have make their alarms not evaluable.
    #[must_use]
    pub fn new(db: &Database, table: &SignalTable, plate: &Plate, tick_s: f64) -> Self {
        Self::build(db, table, plate, tick_s, &|_| true, true)
    }

    /// For a plant that is only measured: what none of its signals (`fed`, by place) tells is not evaluable, and neither
    /// is what only events tell.
    #[must_use]
    pub fn measured(db: &Database, table: &SignalTable, plate: &Plate, tick_s: f64, fed: &[bool]) -> Self {
        let known = |i: SignalIdx| fed.get(i.at()).copied().unwrap_or(false);
        Self::build(db, table, plate, tick_s, &known, false)
    }

    fn build(
        db: &Database,
        table: &SignalTable,
        plate: &Plate,
        tick_s: f64,
        known: &dyn Fn(SignalIdx) -> bool,
        hears_events: bool,
    ) -> Self {
        let all = placed(&db.alarms, table, plate, known);
        let place = |tag: &String| all.iter().position(|(d, _)| d.tag == *tag).map(|k| k as AlarmId);
        let point = |of: &(Definition, Area)| {
            let point = Point::new(of, table, plate, tick_s, known);
            if hears_events { point } else { point.without_events() }
        };
        let cell = |of: &(Definition, Area)| Cell {
            point: point(of),
            area: of.1.clone(),
            state: State::Normal,
            shelved: None,
            out: None,
            by_design: None,
            evaluable: true,
            first_tick: 0,
            last_set: None,
            acked_at: 0,
            at_alarm: [f64::NAN; 2],
            unit: "",
            told: None,
            count: 0,
            cause: None,
            follows: of.0.follows.iter().filter_map(place).collect(),
            otherwise: None,
            occurrences: VecDeque::with_capacity(OCCURRENCES),
            comments: Vec::new(),
        };
        let cells: Vec<Cell> = all.iter().map(cell).collect();
        Self {
            order: causes_first(&cells),
            cells,
            definitions: all.iter().map(|(d, _)| d.clone()).collect(),
            first_outs: FirstOuts::new(),
            flood: Flood::new(tick_s),
            figures: Figures::new(tick_s),
            tick_s,
            tick: 0,
            changed: true,
            list: Arc::new(List::default()),
        }
    }

    /// The definitions.
    #[must_use]
    pub fn definitions(&self) -> &Arc<[Definition]> {
        &self.definitions
    }

    /// State of one alarm.
    #[must_use]
    pub fn state(&self, alarm: AlarmId) -> Option<State> {
        self.cells.get(alarm as usize).map(|c| c.state)
    }

    /// The relay or breaker that an alarm came with.
    #[must_use]
    pub fn told(&self, alarm: AlarmId) -> Option<&str> {
        self.cells.get(alarm as usize)?.told.as_deref()
    }

    /// What a list shows of an alarm, in a word: its state, or what hides it.
    #[must_use]
    pub fn shown(&self, alarm: AlarmId) -> Option<&'static str> {
        let c = self.cells.get(alarm as usize)?;
        Some(match (&c.out, &c.shelved) {
            (Some(_), _) => "out of service",
            (None, Some(_)) => "shelved",
            (None, None) => c.state.word(),
        })
    }

    /// Whether the lists have changed since [`Self::list`] was called last.
    #[must_use]
    pub fn changed(&self) -> bool {
        self.changed
    }

    fn ticks(&self, s: f64) -> u64 {
        (s / self.tick_s).round() as u64
    }

    /// Looks at the plant after a tick: its row, the events of this tick, and what rows cannot say.
    pub fn step(&mut self, tick: u64, row: &[f64], events: &[Event], facts: &Facts, out: &mut Vec<Transition>) {
        self.tick = tick;
        let again = self.ticks(AGAIN_S);
        for k in 0..self.order.len() {
            let i = self.order[k] as usize;
            let d = &self.definitions[i];
            let c = &mut self.cells[i];
            c.point.sample(tick, row, facts);
            let look = c.point.look(row, events, facts);
            if c.shelved.as_ref().is_some_and(|(until, ..)| tick >= *until) {
                c.shelved = None;
                self.changed = true;
                let Reading { value, limit, unit, .. } = look;
                let (change, alarm) = ([c.state; 2], i as AlarmId);
                let (first_out, cause, by) = (false, None, None);
                out.push(Transition { alarm, change, tick, value, limit, unit, first_out, cause, by });
            }
            let by_design = silenced_by(&d.silent_when, &c.area, row, facts);
            if c.by_design != by_design || c.evaluable != look.holds.is_some() {
                (c.by_design, c.evaluable) = (by_design, look.holds.is_some());
                self.changed = true;
            }
            if c.state != State::Normal {
                let fits = |o: &Otherwise| o.when.iter().any(|r| is_so(*r, &c.area, row, facts));
                let otherwise = d.response_when.iter().position(fits);
                self.changed |= core::mem::replace(&mut c.otherwise, otherwise) != otherwise;
            }
            let Some(holds) = look.holds else { continue };
            if let Some(input) = c.point.step(holds && by_design.is_none(), tick) {
                if input == Input::Set {
                    c.told = c.point.told(events).map(str::to_owned);
                }
                self.enter(i, input, look, None, out);
            } else if c.state == State::Ack && d.priority <= Priority::High && tick - c.acked_at >= again {
                self.enter(i, Input::Again, look, None, out);
            }
        }
        if self.flood.step(tick) {
            self.figures.flood(self.flood.since(), tick);
            self.changed = true;
        }
        let began = events.iter().filter(|e| e.kind == EventKind::Fault && e.value > 0.0).count();
        self.figures.faults += began as u32;
    }

    fn enter(&mut self, i: usize, input: Input, look: Reading, by: Option<By>, out: &mut Vec<Transition>) {
        let d = &self.definitions[i];
        let Some(next) = self.cells[i].state.next(input, d.latching) else { return };
        let (tick, id, group) = (self.tick, i as AlarmId, d.group);
        let cause = if input == Input::Set { self.cause_of(i) } else { self.cells[i].cause };
        let c = &mut self.cells[i];
        let before = core::mem::replace(&mut c.state, next);
        c.cause = cause;
        match input {
            Input::Set => {
                if before == State::Normal {
                    c.first_tick = tick;
                }
                (c.last_set, c.at_alarm, c.unit) = (Some(tick), [look.value, look.limit], look.unit);
                c.count += 1;
                if c.occurrences.len() == OCCURRENCES {
                    c.occurrences.pop_front();
                }
                c.occurrences.push_back(tick);
                if !c.is_hidden() {
                    self.flood.new_alarm(tick);
                    self.figures.new_alarm(i, d.priority, tick);
                }
            }
            Input::Ack => {
                c.acked_at = tick;
                let waited = tick - c.last_set.unwrap_or(tick);
                self.figures.acked(d.priority, waited);
            }
            Input::Clear | Input::Reset | Input::Again => {}
        }
        let first_out = input == Input::Set && self.first_outs.came(id, group, cause.is_some());
        if next == State::Normal {
            let all = self.group_is_clear(group);
            self.first_outs.left(id, group, all);
        }
        self.changed = true;
        out.push(Transition {
            alarm: id,
            change: [before, next],
            tick,
            value: look.value,
            limit: look.limit,
            unit: look.unit,
            first_out,
            cause,
            by,
        });
    }

    fn group_is_clear(&self, group: Group) -> bool {
        let mut of_group = self.definitions.iter().zip(&self.cells).filter(|(d, _)| d.group == group);
        of_group.all(|(_, c)| c.state == State::Normal)
    }

    /// The newest alarm that this one follows from and that came within the last seconds.
    fn cause_of(&self, i: usize) -> Option<AlarmId> {
        let window = self.ticks(FOLLOWS_S);
        let last_set = |k: &AlarmId| self.cells[*k as usize].last_set;
        let causes = self.cells[i].follows.iter().copied();
        causes.filter(|k| last_set(k).is_some_and(|t| self.tick - t <= window)).max_by_key(last_set)
    }

    /// Does something to an alarm.
    ///
    /// # Errors
    /// [`Refused`] if it makes no sense; nothing has changed then.
    pub fn act(&mut self, act: &Act, by: By, tick: u64, out: &mut Vec<Transition>) -> Result<(), Refused> {
        self.tick = self.tick.max(tick);
        if let Act::ResetFirstOut(group) = act {
            self.changed = true;
            return if self.first_outs.reset(*group) { Ok(()) } else { Err(Refused::NoAlarm(*group)) };
        }
        let id = act.alarm();
        let i = id as usize;
        let d = self.definitions.get(i).ok_or(Refused::NoAlarm(id))?;
        let tag = || d.tag.clone();
        let shelf = |for_s: u32| (1..=SHELF_MAX_S).contains(&for_s);
        let state = self.cells[i].state;
        let c = &self.cells[i];
        let look = Reading { value: c.at_alarm[0], limit: c.at_alarm[1], unit: c.unit, holds: None };
        match act {
            Act::Ack(_) if !state.is_unack() => return Err(Refused::Nothing(tag(), "acknowledge")),
            Act::Ack(_) => self.enter(i, Input::Ack, look, Some(by), out),
            Act::Reset(_) if state.is_active() => return Err(Refused::Active(tag())),
            Act::Reset(_) if !state.is_latched() => return Err(Refused::Nothing(tag(), "reset")),
            Act::Reset(_) => self.enter(i, Input::Reset, look, Some(by), out),
            Act::Shelve { .. } if d.priority == Priority::Urgent => return Err(Refused::Urgent(tag())),
            Act::Shelve { for_s, .. } if !shelf(*for_s) => return Err(Refused::Time),
            Act::Shelve { reason: text, .. } | Act::OutOfService { note: text, .. } | Act::Comment { text, .. }
                if text.trim().is_empty() =>
            {
                return Err(Refused::NoReason);
            }
            Act::Shelve { for_s, reason, .. } => {
                let until = self.tick + self.ticks(f64::from(*for_s));
                self.cells[i].shelved = Some((until, by, reason.clone()));
            }
            Act::Unshelve(_) if self.cells[i].shelved.is_none() => return Err(Refused::Nothing(tag(), "unshelve")),
            Act::Unshelve(_) => self.cells[i].shelved = None,
            Act::OutOfService { note, .. } => self.cells[i].out = Some((by, note.clone())),
            Act::ReturnToService(_) if self.cells[i].out.is_none() => {
                return Err(Refused::Nothing(tag(), "return to service"));
            }
            Act::ReturnToService(_) => self.cells[i].out = None,
            Act::Comment { text, .. } => {
                let comments = &mut self.cells[i].comments;
                if comments.len() == COMMENTS {
                    comments.remove(0);
                }
                comments.push((self.tick, by, text.clone()));
            }
            Act::ResetFirstOut(_) => {}
        }
        self.changed = true;
        Ok(())
    }

    /// The list as it is now; made anew only after a change.
    pub fn list(&mut self) -> Arc<List> {
        if core::mem::take(&mut self.changed) {
            let t_s = |tick: u64| tick as f64 * self.tick_s;
            let marks = self.first_outs.all();
            let entries = self.definitions.iter().zip(&self.cells).enumerate().map(|(i, (d, c))| Entry {
                id: i as AlarmId,
                tag: d.tag.clone(),
                priority: d.priority,
                group: d.group,
                state: c.state,
                hidden: c.hidden(),
                evaluable: c.evaluable,
                first_s: t_s(c.first_tick),
                last_s: c.last_set.map(t_s),
                value: c.at_alarm[0],
                limit: if c.at_alarm[1].is_nan() { c.point.fixed_limit().unwrap_or(f64::NAN) } else { c.at_alarm[1] },
                unit: if c.unit.is_empty() { c.point.unit } else { c.unit },
                deadband: c.point.deadband,
                told: c.told.clone(),
                count: c.count,
                first_out: marks[d.group as usize] == Some(i as AlarmId),
                otherwise: c.otherwise,
                cause: c.cause,
                signal: c.point.signal,
                occurrences_s: c.occurrences.iter().map(|t| t_s(*t)).collect(),
                comments: c.comments.iter().map(|(t, by, text)| (t_s(*t), *by, text.clone())).collect(),
            });
            self.list = Arc::new(List {
                definitions: Arc::clone(&self.definitions),
                entries: entries.collect(),
                first_out: marks,
                first: self.first_outs.first(),
                flood_s: self.flood.since().map(t_s),
                tick_s: self.tick_s,
                figures: self.figures.clone(),
            });
        }
        Arc::clone(&self.list)
    }
}
