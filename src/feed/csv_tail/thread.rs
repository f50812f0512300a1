//! The reading thread: header, then rows as they fall due, at most 30 updates a second.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crossbeam_channel::{Sender, TrySendError};

use super::facts::{self, Known};
use super::hold::Hold;
use super::reader::{Lines, Look};
use super::{Shared, State, Way};
use crate::acts::{BreakerView, Event, EventKind, PlantView, Plate};
use crate::feed::columns::Row;
use crate::feed::mapping::ColumnMap;
use crate::feed::table::{Given, Table};
use crate::feed::{Ear, Reference, Trouble, empty_update};
use crate::plant::signals::{SignalIdx, SignalTable, at, genset, site};
use crate::utc;
use crate::worker::{Speed, Update};

/// Time between two updates and between two looks at the file.
pub(in crate::feed) const PUBLISH: Duration = Duration::from_millis(33);
const POLL: Duration = Duration::from_millis(100);
/// Time between two attempts at a file that cannot be read now.
const RETRY: Duration = Duration::from_secs(1);
/// Rows an update takes at most, so that a long file shows progress.
const ROWS: usize = 20_000;
/// Rows further apart than so many usual periods are a gap.
const GAP: f64 = 2.5;
/// A feeder that takes more than this is closed, kW.
const CARRIES_KW: f64 = 0.5;
/// Seconds since 1970 from which a time is one of the day, s: 2001.
const FIRST_DATE_S: f64 = 978_307_200.0;
/// Troubles told as events; the rest is counted.
const TOLD: u64 = 5;

pub(super) struct Job {
    shared: Arc<Shared>,
    path: PathBuf,
    name: String,
    way: Way,
    reference: Option<Reference>,
    ear: Option<Ear>,
    out: Sender<Update>,
    wake: Arc<dyn Fn() + Send + Sync>,
    epoch: u32,
}

/// What is kept while a file is read.
struct Open {
    lines: Table,
    /// Its columns are read by a map, and its times may be those of the day: rows count from the first.
    mapped: bool,
    zero_s: f64,
    hold: Hold,
    table: Arc<SignalTable>,
    plate: Arc<Plate>,
    ahead: Option<Row>,
    last_t_s: f64,
    first_t_s: f64,
    periods: Vec<f64>,
    pending: Update,
    seq: u64,
}

impl Open {
    /// Puts the time of a row of a mapped table into seconds since the first row, and says once when that was.
    fn count(&mut self, row: &mut Row, name: &str) {
        if !self.mapped {
            return;
        }
        if self.zero_s.is_nan() {
            self.zero_s = row.t_s;
            if row.t_s > FIRST_DATE_S {
                let text = format!("T+0 is {}", utc::stamp((row.t_s * 1e6) as i64));
                note(self, 0.0, name, text, f64::NAN, "");
            }
        }
        row.t_s -= self.zero_s;
    }
}

enum After {
    Stop,
    Reopen,
}

impl Job {
    pub(super) fn new(
        shared: Arc<Shared>,
        path: PathBuf,
        way: Way,
        reference: Option<Reference>,
        ear: Option<Ear>,
        out: Sender<Update>,
        wake: Arc<dyn Fn() + Send + Sync>,
    ) -> Self {
        let name = path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
        Self { shared, path, name, way, reference, ear, out, wake, epoch: 0 }
    }

    pub(super) fn run(mut self) {
        loop {
            match self.read_file() {
                Ok(After::Stop) => break,
                Ok(After::Reopen) => self.epoch += 1,
                Err(trouble) => {
                    self.shared.info().state = State::Failed(trouble);
                    (self.wake)();
                    // A recording stays as it is; a file that somebody writes may be right the next time.
                    if self.way == Way::Replay || !self.pause(RETRY) {
                        break;
                    }
                }
            }
        }
    }

    /// False when it is time to leave.
    fn pause(&self, time: Duration) -> bool {
        let until = Instant::now() + time;
        while !self.shared.stop.load(Ordering::Relaxed) && Instant::now() < until {
            std::thread::park_timeout(POLL);
        }
        !self.shared.stop.load(Ordering::Relaxed)
    }

    /// Opens the file; one that is followed may not be there yet.
    fn open(&self) -> Result<Option<Lines>, Trouble> {
        loop {
            match Lines::open(&self.path) {
                Ok(lines) => return Ok(Some(lines)),
                Err(e) if self.way == Way::Follow && e.kind() == ErrorKind::NotFound => {
                    self.shared.info().state = State::Waiting;
                    if !self.pause(POLL) {
                        return Ok(None);
                    }
                }
                Err(e) => return Err(self.trouble(format!("cannot open the recording: {e}"), None)),
            }
        }
    }

    fn trouble(&self, what: String, line: Option<u64>) -> Trouble {
        Trouble { what, file: self.path.display().to_string(), line, column: None }
    }

    fn read_file(&mut self) -> Result<After, Trouble> {
        let Some(mut lines) = self.open()? else { return Ok(After::Stop) };
        let Some(mut open) = self.header(&mut lines)? else { return Ok(After::Stop) };
        let mut clock = Clock::start(open.first_t_s);
        self.hand_over(&mut open, true);
        while !self.shared.stop.load(Ordering::Relaxed) {
            let running = self.shared.running.load(Ordering::Relaxed) || self.way == Way::Follow;
            let until = match self.way {
                Way::Follow => f64::INFINITY,
                Way::Replay => clock.at(running, self.shared.speed()),
            };
            let mut ended = false;
            if running {
                match self.rows(&mut lines, &mut open, &mut clock, until)? {
                    Some(Look::Replaced) => {
                        self.hand_over_all(&mut open);
                        return Ok(After::Reopen);
                    }
                    Some(_) => ended = true,
                    None => {}
                }
            }
            let due = open.ahead.as_ref().map(|r| r.t_s);
            self.tell(&mut open, running, ended);
            if self.hand_over(&mut open, false) == Sent::Gone {
                return Ok(After::Stop);
            }
            self.rest(running, ended, due.map(|t| (t - until) / self.shared.speed()));
        }
        Ok(After::Stop)
    }

    /// Reads the header; waits for it when the file is followed.
    fn header(&mut self, lines: &mut Lines) -> Result<Option<Open>, Trouble> {
        loop {
            match lines.next(self.way == Way::Replay) {
                Ok(Look::Line(text, _)) if Table::is_comment(&text) => {}
                Ok(Look::Line(text, line)) => {
                    let file = self.path.display().to_string();
                    let map = ColumnMap::beside(&self.path).map_err(|e| self.trouble(e.to_string(), None))?;
                    // Trouble with the header is told here, with its line.
                    let begin = |reference: Option<&SignalTable>| match &map {
                        Some(map) => Table::by_map(&text, &file, line, map),
                        None => Table::begin(&text, &file, line, reference),
                    };
                    let known = facts::known(&self.path, begin(None)?, line, &self.name, self.reference.as_ref());
                    let table = begin(Some(&known.table))?;
                    return Ok(Some(Open { mapped: map.is_some(), ..self.begin(table, known) }));
                }
                Ok(look) if self.way == Way::Follow => {
                    if look == Look::Replaced {
                        *lines =
                            Lines::open(&self.path).map_err(|e| self.trouble(format!("cannot read: {e}"), None))?;
                    }
                    self.shared.info().state = State::Waiting;
                    if !self.pause(POLL) {
                        return Ok(None);
                    }
                }
                Ok(_) => return Err(self.trouble("the file is empty".to_owned(), None)),
                Err(e) => return Err(self.trouble(format!("cannot read: {e}"), None)),
            }
        }
    }

    fn begin(&self, lines: Table, known: Known) -> Open {
        let columns = lines.columns();
        let mut info = self.shared.info();
        info.mapped.clone_from(&columns.mapped);
        info.unknown.clone_from(&columns.unknown);
        info.missing = columns.missing();
        info.lent_limits = known.foreign.is_none();
        info.foreign = known.foreign;
        info.period_s = known.period_s;
        info.state = State::Running;
        drop(info);
        let (table, plate) = (known.table, known.plate);
        let pending = empty_update(self.epoch, Arc::clone(&table), Arc::clone(&plate));
        let hold = Hold::new(table.len());
        Open {
            lines,
            mapped: false,
            zero_s: f64::NAN,
            hold,
            table,
            plate,
            ahead: None,
            last_t_s: f64::NEG_INFINITY,
            first_t_s: f64::NAN,
            periods: Vec::new(),
            pending,
            seq: 0,
        }
    }

    /// Takes rows up to time `until`; gives what stopped it when that was the file.
    fn rows(&self, lines: &mut Lines, open: &mut Open, clock: &mut Clock, until: f64) -> Result<Option<Look>, Trouble> {
        let mut until = until;
        for _ in 0..ROWS {
            if let Some(row) = open.ahead.take() {
                if row.t_s > until {
                    open.ahead = Some(row);
                    return Ok(None);
                }
                self.take(open, row);
            }
            match open.lines.give() {
                Some(Given::Row(mut row, _)) => {
                    open.count(&mut row, &self.name);
                    if open.first_t_s.is_nan() {
                        open.first_t_s = row.t_s;
                        clock.restart(row.t_s);
                        until = until.max(row.t_s);
                        if !until.is_finite() && self.way == Way::Replay {
                            until = row.t_s;
                        }
                    }
                    open.ahead = Some(row);
                    continue;
                }
                Some(Given::Trouble(trouble) | Given::Notice(trouble)) => {
                    self.bad(open, trouble);
                    continue;
                }
                None => {}
            }
            match lines.next(self.way == Way::Replay) {
                Ok(Look::Line(text, line)) => open.lines.take(&text, line),
                Ok(other) => {
                    if self.way == Way::Replay {
                        open.lines.end();
                    }
                    return Ok(Some(other));
                }
                Err(e) => return Err(self.trouble(format!("cannot read: {e}"), None)),
            }
        }
        Ok(None)
    }

    fn take(&self, open: &mut Open, row: Row) {
        let dt = row.t_s - open.last_t_s;
        if dt.is_finite() {
            if open.periods.len() < 64 {
                open.periods.push(dt);
            }
            let mut sorted = open.periods.clone();
            sorted.sort_by(f64::total_cmp);
            let usual = sorted.get(sorted.len() / 2).copied().unwrap_or(dt);
            self.shared.info().period_s = usual;
            if open.periods.len() > 4 && dt > GAP * usual {
                self.shared.info().gaps += 1;
                let text = format!("gap of {dt:.1} s before this row");
                note(open, row.t_s, &self.name, text, dt, "s");
            }
        }
        open.last_t_s = row.t_s;
        let mut row = row;
        open.hold.fill(row.t_s, &mut row.values);
        let p = &mut open.pending;
        p.t_s = row.t_s;
        p.block.t_s.push(row.t_s);
        p.block.min.extend_from_slice(&row.values);
        p.block.max.extend_from_slice(&row.values);
        p.block.last.extend_from_slice(&row.values);
        p.latest = row.values;
        self.shared.info().rows += 1;
    }

    fn bad(&self, open: &mut Open, trouble: Trouble) {
        let count = {
            let mut info = self.shared.info();
            info.bad += 1;
            info.last_bad = Some(trouble.clone());
            info.bad
        };
        if count <= TOLD {
            let t = if open.last_t_s.is_finite() { open.last_t_s } else { 0.0 };
            note(open, t, &self.name, trouble.to_string(), f64::NAN, "");
        }
    }

    fn tell(&self, open: &mut Open, running: bool, ended: bool) {
        let state = match (self.way, running, ended) {
            (Way::Replay, _, true) if open.ahead.is_none() => State::Ended,
            (Way::Replay, false, _) => State::Frozen,
            (Way::Follow, _, true) => State::Waiting,
            _ => State::Running,
        };
        let p = &mut open.pending;
        p.running = running && state != State::Ended;
        p.speed = Speed::Times(self.shared.speed());
        p.achieved_speed = if p.running { self.shared.speed() } else { 0.0 };
        p.view = view(&open.table, &open.plate, &p.latest, &|i| p.latest.get(i.at()).is_some_and(|v| v.is_finite()));
        let mut info = self.shared.info();
        if info.state != state {
            info.state = state;
            drop(info);
            // The state is news even without rows.
            open.pending.coalesced = 1;
        }
    }

    fn hand_over(&mut self, open: &mut Open, first: bool) -> Sent {
        let p = &open.pending;
        if !first && p.block.rows() == 0 && p.events.is_empty() && p.coalesced == 0 {
            return Sent::Nothing;
        }
        let room = self.ear.as_mut().is_none_or(|ear| ear(None));
        if self.out.is_full() || !room {
            return Sent::Waits;
        }
        let mut next = empty_update(self.epoch, Arc::clone(&open.table), Arc::clone(&open.plate));
        next.latest.clone_from(&p.latest);
        next.t_s = p.t_s;
        let full = std::mem::replace(&mut open.pending, next);
        // nobody else sends, so what is heard here is sent
        if let Some(ear) = &mut self.ear {
            ear(Some(&full));
        }
        match self.out.try_send(full) {
            Ok(()) => {
                (self.wake)();
                Sent::Done
            }
            Err(TrySendError::Full(back)) => {
                open.pending = back;
                Sent::Waits
            }
            Err(TrySendError::Disconnected(_)) => Sent::Gone,
        }
    }

    /// Hands over what waits, however long the receiver takes: no row of the old file is lost to the new one.
    fn hand_over_all(&mut self, open: &mut Open) {
        while self.hand_over(open, false) == Sent::Waits && self.pause(PUBLISH) {}
    }

    fn rest(&self, running: bool, ended: bool, due_s: Option<f64>) {
        let pause = match (running, ended) {
            (false, _) => Duration::from_hours(1),
            (true, true) if self.way == Way::Replay => Duration::from_secs(1),
            (true, true) => POLL,
            (true, false) => due_s
                .and_then(|s| Duration::try_from_secs_f64(s).ok())
                .unwrap_or(PUBLISH)
                .clamp(PUBLISH, Duration::from_secs(1)),
        };
        std::thread::park_timeout(pause);
    }
}

#[derive(PartialEq)]
enum Sent {
    Nothing,
    Done,
    Waits,
    Gone,
}

/// Time of the playback.
pub(in crate::feed) struct Clock {
    t_s: f64,
    seen: Instant,
}

impl Clock {
    pub(in crate::feed) fn start(t_s: f64) -> Self {
        Self { t_s, seen: Instant::now() }
    }

    pub(in crate::feed) fn restart(&mut self, t_s: f64) {
        *self = Self::start(t_s);
    }

    pub(in crate::feed) fn at(&mut self, running: bool, speed: f64) -> f64 {
        let now = Instant::now();
        if running && self.t_s.is_finite() {
            self.t_s += now.duration_since(self.seen).as_secs_f64() * speed;
        }
        self.seen = now;
        if self.t_s.is_finite() { self.t_s } else { f64::NEG_INFINITY }
    }
}

fn note(open: &mut Open, t_s: f64, object: &str, text: String, value: f64, unit: &'static str) {
    open.pending.events.push(Event { seq: open.seq, t_s, value, unit, ..Event::new(EventKind::Notice, object, text) });
    open.seq += 1;
}

/// Breakers as far as rows tell them: a set's own signal, and a feeder that is measured is closed while it carries power;
/// while it carries none nobody knows. `has`: signals that the source gives, if not at this moment.
pub(in crate::feed) fn view(
    table: &SignalTable,
    plate: &Plate,
    latest: &[f64],
    has: &dyn Fn(SignalIdx) -> bool,
) -> PlantView {
    let read = |i: SignalIdx| latest.get(i.at()).copied().unwrap_or(f64::NAN);
    let one = |name: String, told: f64, kw: f64| {
        let (closed, unknown) = (told > 0.5, told.is_nan());
        BreakerView { name, closed, unknown, kw, ..BreakerView::default() }
    };
    let sets = plate.gensets.iter().enumerate().filter_map(|(i, name)| {
        let breaker = table.genset(i, genset::BREAKER);
        has(breaker).then(|| one(format!("52G {name}"), read(breaker), read(table.genset(i, genset::P_KW))))
    });
    let feeders = [(site::MINER_KW, "52M"), (site::GPU_KW, "52C"), (site::BESS_KW, "52B"), (site::AUX_KW, "52A")];
    let feeders = feeders.iter().filter_map(|(i, name)| {
        let kw = read(at(*i));
        has(at(*i)).then(|| one((*name).to_owned(), if kw.abs() > CARRIES_KW { 1.0 } else { f64::NAN }, kw))
    });
    PlantView { breakers: sets.chain(feeders).collect(), ..PlantView::default() }
}
