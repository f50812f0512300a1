//! The reading thread: header, then rows as they fall due, at most 30 updates a second.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TrySendError};

use super::breakers::view;
use super::clock::Clock;
use super::facts::{self, Known};
use super::hold::Hold;
use super::reader::{Lines, Look};
use super::watch::Watch;
use super::{Shared, State, Way};
use crate::acts::{Event, EventKind, Plate};
use crate::feed::columns::Row;
use crate::feed::mapping::ColumnMap;
use crate::feed::table::{Given, Table};
use crate::feed::{Ear, Reference, Told, Trouble, empty_update};
use crate::plant::signals::SignalTable;
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
    ends: Ends,
    epoch: u32,
}

/// The thread's ends of its channels.
pub(super) struct Ends {
    pub(super) out: Sender<Update>,
    pub(super) told: Receiver<Told>,
    pub(super) wake: Arc<dyn Fn() + Send + Sync>,
}

/// What is kept while a file is read.
struct Open {
    /// Its columns are read by a map, and its times may be those of the day: rows count from the first.
    mapped: bool,
    zero_s: f64,
    hold: Hold,
    watch: Watch,
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

impl Open {
    fn new(table: Arc<SignalTable>, plate: Arc<Plate>, watch: Watch, epoch: u32) -> Self {
        Self {
            mapped: false,
            zero_s: f64::NAN,
            hold: Hold::new(table.len()),
            watch,
            pending: empty_update(epoch, Arc::clone(&table), Arc::clone(&plate)),
            table,
            plate,
            ahead: None,
            last_t_s: f64::NEG_INFINITY,
            first_t_s: f64::NAN,
            periods: Vec::new(),
            seq: 0,
        }
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
        ends: Ends,
    ) -> Self {
        let name = path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
        Self { shared, path, name, way, reference, ear, ends, epoch: 0 }
    }

    pub(super) fn run(mut self) {
        // What was open last: while nothing can be read its alarms go on.
        let mut last = None;
        loop {
            match self.read_file(&mut last) {
                Ok(After::Stop) => break,
                Ok(After::Reopen) => {}
                Err(trouble) => {
                    self.shared.info().state = State::Failed(trouble);
                    (self.ends.wake)();
                    // A recording stays as it is; a file that somebody writes may be right the next time.
                    if self.way == Way::Replay || !self.blind(&mut last, RETRY) {
                        break;
                    }
                }
            }
        }
    }

    /// Waits while a followed file cannot be read, and lets its alarms go on. False when it is time to leave.
    fn blind(&mut self, last: &mut Option<Open>, time: Duration) -> bool {
        let until = Instant::now() + time;
        loop {
            let open = last.get_or_insert_with(|| self.nothing_yet());
            self.attend(open, true);
            if self.hand_over(open, false) == Sent::Gone || !self.pause(POLL) {
                return false;
            }
            if Instant::now() >= until {
                return true;
            }
        }
    }

    /// What stands for a file that has not been there yet.
    fn nothing_yet(&self) -> Open {
        let table = Arc::new(SignalTable::new(&[], &[], &[]));
        let plate = Arc::new(Plate {
            origin: self.path.display().to_string(),
            ..Plate::of_rows(&self.name, <[Vec<String>; 3]>::default(), 60.0)
        });
        let watch = Watch::new(&table, &plate, self.way, &[]);
        Open::new(table, plate, watch, self.epoch)
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
    fn open(&mut self, last: &mut Option<Open>) -> Result<Option<Lines>, Trouble> {
        loop {
            match Lines::open(&self.path) {
                Ok(lines) => return Ok(Some(lines)),
                Err(e) if self.way == Way::Follow && e.kind() == ErrorKind::NotFound => {
                    self.shared.info().state = State::Waiting;
                    if !self.blind(last, POLL) {
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

    fn read_file(&mut self, last: &mut Option<Open>) -> Result<After, Trouble> {
        let Some(mut lines) = self.open(last)? else { return Ok(After::Stop) };
        let Some((mut table, open)) = self.header(&mut lines, last)? else { return Ok(After::Stop) };
        let open = last.insert(open);
        let mut clock = Clock::start(open.first_t_s);
        self.hand_over(open, true);
        while !self.shared.stop.load(Ordering::Relaxed) {
            let running = self.shared.running.load(Ordering::Relaxed) || self.way == Way::Follow;
            let until = match self.way {
                Way::Follow => f64::INFINITY,
                Way::Replay => clock.at(running, self.shared.speed()),
            };
            let mut ended = false;
            if running {
                match self.rows((&mut lines, &mut table), open, &mut clock, until)? {
                    Some(Look::Replaced) => {
                        self.hand_over_all(open);
                        return Ok(After::Reopen);
                    }
                    Some(_) => ended = true,
                    None => {}
                }
            }
            let due = open.ahead.as_ref().map(|r| r.t_s);
            self.attend(open, false);
            self.tell(open, running, ended);
            if self.hand_over(open, false) == Sent::Gone {
                return Ok(After::Stop);
            }
            self.rest(running, ended, due.map(|t| (t - until) / self.shared.speed()));
        }
        Ok(After::Stop)
    }

    /// Reads the header; waits for it when the file is followed.
    fn header(&mut self, lines: &mut Lines, last: &mut Option<Open>) -> Result<Option<(Table, Open)>, Trouble> {
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
                    let open = self.begin(&table, known, last.take());
                    return Ok(Some((table, Open { mapped: map.is_some(), ..open })));
                }
                Ok(look) if self.way == Way::Follow => {
                    if look == Look::Replaced {
                        *lines =
                            Lines::open(&self.path).map_err(|e| self.trouble(format!("cannot read: {e}"), None))?;
                    }
                    self.shared.info().state = State::Waiting;
                    if !self.blind(last, POLL) {
                        return Ok(None);
                    }
                }
                Ok(_) => return Err(self.trouble("the file is empty".to_owned(), None)),
                Err(e) => return Err(self.trouble(format!("cannot read: {e}"), None)),
            }
        }
    }

    fn begin(&mut self, lines: &Table, known: Known, before: Option<Open>) -> Open {
        let columns = lines.columns().mapped.clone();
        let mut info = self.shared.info();
        info.mapped.clone_from(&columns);
        info.unknown.clone_from(&lines.columns().unknown);
        info.missing = lines.columns().missing();
        let lent = known.foreign.is_none();
        info.lent_limits = lent;
        info.foreign = known.foreign;
        info.period_s = known.period_s;
        info.state = State::Running;
        drop(info);
        let (table, plate) = (known.table, known.plate);
        // limits of another plant are none of this one's
        let counts = |id: &str| lent && columns.iter().any(|c| c == id);
        let fed: Vec<bool> = table.signals().iter().map(|s| counts(&s.id)).collect();
        let watch = Watch::new(&table, &plate, self.way, &fed);
        let watch = match before {
            Some(before) => {
                self.epoch += 1;
                watch.follow(before.watch)
            }
            None => watch,
        };
        Open::new(table, plate, watch, self.epoch)
    }

    /// Judges silence, and does what was told.
    fn attend(&self, open: &mut Open, gone: bool) {
        let usual_s = self.shared.info().period_s;
        let (p, seq) = (&mut open.pending, &mut open.seq);
        let since_s = [open.watch.silent_s(), usual_s];
        open.watch.silence(&p.latest, since_s, gone, seq, &mut p.events);
        for told in self.ends.told.try_iter() {
            match told {
                Told::Alarm(act) => open.watch.act(&act, seq, &mut p.events),
                Told::Note { object, text } => p.events.push(open.watch.note(&object, text, seq)),
            }
        }
        if open.watch.fill(p) {
            // news even without rows
            p.coalesced = p.coalesced.max(1);
        }
    }

    /// Takes rows up to time `until`; gives what stopped it when that was the file.
    fn rows(
        &self,
        (lines, table): (&mut Lines, &mut Table),
        open: &mut Open,
        clock: &mut Clock,
        until: f64,
    ) -> Result<Option<Look>, Trouble> {
        let mut until = until;
        for _ in 0..ROWS {
            if let Some(row) = open.ahead.take() {
                if row.t_s > until {
                    open.ahead = Some(row);
                    return Ok(None);
                }
                self.take(open, row);
            }
            match table.give() {
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
                Ok(Look::Line(text, line)) => table.take(&text, line),
                Ok(other) => {
                    if self.way == Way::Replay {
                        table.end();
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
        open.watch.row(row.t_s, &row.values, &mut open.seq, &mut p.events);
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
        if self.ends.out.is_full() || !room {
            return Sent::Waits;
        }
        let mut next = empty_update(p.epoch, Arc::clone(&open.table), Arc::clone(&open.plate));
        next.latest.clone_from(&p.latest);
        next.quality.clone_from(&p.quality);
        next.t_s = p.t_s;
        self.shared.info().value_t_s = open.hold.times_s();
        let full = std::mem::replace(&mut open.pending, next);
        // nobody else sends, so what is heard here is sent
        if let Some(ear) = &mut self.ear {
            ear(Some(&full));
        }
        match self.ends.out.try_send(full) {
            Ok(()) => {
                (self.ends.wake)();
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

fn note(open: &mut Open, t_s: f64, object: &str, text: String, value: f64, unit: &'static str) {
    open.pending.events.push(Event { seq: open.seq, t_s, value, unit, ..Event::new(EventKind::Notice, object, text) });
    open.seq += 1;
}
