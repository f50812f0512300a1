//! The reading thread: header, then rows as they fall due, at most 30 updates a second.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crossbeam_channel::{Sender, TrySendError};

use super::reader::{Lines, Look};
use super::{Shared, State, Way};
use crate::acts::{BreakerView, Event, EventKind, PlantView, Plate};
use crate::feed::columns::{Columns, Row};
use crate::feed::{Ear, Reference, Trouble, empty_update};
use crate::plant::signals::{SignalIdx, SignalTable, at, genset, site};
use crate::worker::{Speed, Update};

/// Time between two updates and between two looks at the file.
pub(in crate::feed) const PUBLISH: Duration = Duration::from_millis(33);
const POLL: Duration = Duration::from_millis(100);
/// Rows an update takes at most, so that a long file shows progress.
const ROWS: usize = 20_000;
/// Rows further apart than so many usual periods are a gap.
const GAP: f64 = 2.5;
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
    columns: Columns,
    table: Arc<SignalTable>,
    plate: Arc<Plate>,
    ahead: Option<Row>,
    last_t_s: f64,
    first_t_s: f64,
    periods: Vec<f64>,
    pending: Update,
    seq: u64,
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
                    break;
                }
            }
        }
    }

    fn trouble(&self, what: String, line: Option<u64>) -> Trouble {
        Trouble { what, file: self.path.display().to_string(), line, column: None }
    }

    fn read_file(&mut self) -> Result<After, Trouble> {
        let mut lines =
            Lines::open(&self.path).map_err(|e| self.trouble(format!("cannot open the recording: {e}"), None))?;
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
                    Some(Look::Replaced) => return Ok(After::Reopen),
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
                Ok(Look::Line(text, _)) => {
                    let reference = self.reference.as_ref().map(|r| &*r.table);
                    let columns = Columns::read(&text, &self.path.display().to_string(), reference)?;
                    return Ok(Some(self.begin(columns)));
                }
                Ok(Look::End | Look::Replaced) if self.way == Way::Follow => {
                    self.shared.info().state = State::Waiting;
                    std::thread::park_timeout(POLL);
                    if self.shared.stop.load(Ordering::Relaxed) {
                        return Ok(None);
                    }
                }
                Ok(_) => return Err(self.trouble("the file is empty".to_owned(), None)),
                Err(e) => return Err(self.trouble(format!("cannot read: {e}"), None)),
            }
        }
    }

    fn begin(&self, columns: Columns) -> Open {
        let lent = self.reference.as_ref().filter(|r| *r.table == columns.table);
        let plate = match lent {
            Some(r) => Plate {
                scenario: self.name.clone(),
                purpose: "recording or feed, read only".to_owned(),
                origin: self.path.display().to_string(),
                // the scenario lends names and limits; what is followed is no run of it
                source: Arc::default(),
                ..(*r.plate).clone()
            },
            None => columns.plate(&self.name, 60.0),
        };
        let mut info = self.shared.info();
        info.mapped.clone_from(&columns.mapped);
        info.unknown.clone_from(&columns.unknown);
        info.missing = columns.missing();
        info.lent_limits = lent.is_some();
        info.state = State::Running;
        drop(info);
        let table = lent.map_or_else(|| Arc::new(columns.table.clone()), |r| Arc::clone(&r.table));
        let plate = Arc::new(plate);
        let pending = empty_update(self.epoch, Arc::clone(&table), Arc::clone(&plate));
        Open {
            columns,
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
        let file = self.path.display().to_string();
        let mut until = until;
        for _ in 0..ROWS {
            if let Some(row) = open.ahead.take() {
                if row.t_s > until {
                    open.ahead = Some(row);
                    return Ok(None);
                }
                self.take(open, row);
            }
            let (text, line) = match lines.next(self.way == Way::Replay) {
                Ok(Look::Line(text, line)) => (text, line),
                Ok(other) => return Ok(Some(other)),
                Err(e) => return Err(self.trouble(format!("cannot read: {e}"), None)),
            };
            match open.columns.row(&text, &file, line) {
                Ok(row) if row.t_s > open.last_t_s => {
                    if let Some((column, cell)) = &row.bad_cell {
                        let what = format!("`{cell}` is no number");
                        self.bad(
                            open,
                            Trouble { what, file: file.clone(), line: Some(line), column: Some(column.clone()) },
                        );
                    }
                    if open.first_t_s.is_nan() {
                        open.first_t_s = row.t_s;
                        self.guess_nominal(open, &row);
                        clock.restart(row.t_s);
                        until = until.max(row.t_s);
                        if !until.is_finite() && self.way == Way::Replay {
                            until = row.t_s;
                        }
                    }
                    open.ahead = Some(row);
                }
                Ok(row) => {
                    let what = format!("time {} does not rise, line passed over", row.t_s);
                    self.bad(open, Trouble { column: Some("t_s".to_owned()), ..self.trouble(what, Some(line)) });
                }
                Err(trouble) => self.bad(open, trouble),
            }
        }
        Ok(None)
    }

    /// A file does not say 50 or 60 Hz; its first row does.
    fn guess_nominal(&self, open: &mut Open, row: &Row) {
        let f = row.values.get(at(site::F_HZ).at()).copied().unwrap_or(f64::NAN);
        if !self.shared.info().lent_limits && (40.0..55.0).contains(&f) {
            let mut plate = (*open.plate).clone();
            plate.f0_hz = 50.0;
            open.plate = Arc::new(plate);
            open.pending.plate = Arc::clone(&open.plate);
        }
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

/// Breakers as far as rows tell them: a set's own signal, and a feeder that is measured counts as closed while it
/// carries power. `has`: signals that the source gives, if not at this moment.
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
        has(at(*i)).then(|| one((*name).to_owned(), kw.abs(), kw))
    });
    PlantView { breakers: sets.chain(feeders).collect(), ..PlantView::default() }
}
