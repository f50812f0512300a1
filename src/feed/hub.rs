//! The hub: readings become rows, ten a second, with the quality of every value.
//!
//! ```text
//! Intake (links or a recording) ─▶ Site ─▶ row ─▶ Update ─▶ console
//!                                          └──▶ SiteView (tags, links, latency)
//! ```
//! A thread of its own. Rows stand on a grid of [`ROW_S`] from the opening of the source, whatever the devices' own
//! rhythm; each has the extremes of what came since the row before. When the console is slow, rows wait, and are merged
//! two by two when many do; none is dropped. The alarms are evaluated on these rows; what is done to an alarm is an act
//! of the console. It reads, and nothing else: there is no way from here to a device.

pub(super) mod alarms;
mod derive;
mod facts;
mod merge;
mod news;
mod tape;
mod view;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use super::csv_tail::breakers::view as plant_view;
use super::intake::{Intake, Pass, Running};
use super::link::{Heard, Hurry};
use super::map::Map;
use super::record::{self, Bounds};
use super::site::Site;
use super::{Reference, Told, empty_update};
use crate::acts::{By, Event, EventKind, Plate};
use crate::alarm::watch::Stamp;
use crate::alarm::{Act, Database};
use crate::lock::lock;
use crate::plant::signals::{SignalIdx, SignalTable};
use crate::training::msg::DeskView;
use crate::worker::Update;
use alarms::Alarms;
use derive::Derived;
use merge::halve;
use news::News;
use view::Delays;
pub use view::{Figures, LinkNow, SiteView, TagNow, Times};

/// Time between two rows, s.
pub const ROW_S: f64 = 0.1;
/// Updates that may wait for the console.
const UPDATES: usize = 4;
/// Rows that may wait before they are merged two by two.
const ROWS: usize = 4096;
/// Nothing for so long, and the rows begin anew after a gap: the machine slept, or the recording has none.
const GAP_S: f64 = 60.0;

/// Acts on alarms that may wait.
pub(super) const ACTS: usize = 64;

/// What the hub does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// The map is being read.
    Opening,
    /// Rows come.
    Running,
    /// It cannot go on.
    Failed(String),
}

/// What the thread and the holder share.
struct Shared {
    stop: AtomicBool,
    state: Mutex<State>,
    view: Mutex<Option<Arc<SiteView>>>,
    switch: tape::Switch,
    hurry: Mutex<Hurry>,
}

/// The holder's end of a site. When it is dropped the thread ends by itself: a device that does not answer may hold that
/// up for its time-out, which a window must not wait for.
pub struct Hub {
    path: PathBuf,
    shared: Arc<Shared>,
    /// Acts on alarms and lines for the sequence of events, and nothing else.
    told: Sender<Told>,
    /// Rows, as the twin would send them.
    pub updates: Receiver<Update>,
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hub").field("path", &self.path).field("state", &self.state()).finish_non_exhaustive()
    }
}

impl Hub {
    /// Reads the map at `path` and connects to what it names, on a thread of its own; trouble shows in [`Hub::state`].
    /// `wake` is called after each update.
    #[must_use]
    pub fn open(path: &Path, reference: Option<Reference>, wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        let file = path.to_owned();
        Self::start(path, reference, wake, move || {
            let map = Arc::new(Map::load(&file).map_err(|e| e.to_string())?);
            let links = Running::start(&map);
            Ok((map, Box::new(links) as Box<dyn Intake>))
        })
    }

    /// Rows of what `source` gives when it is opened on the hub's thread; `path` names it. Otherwise as [`Hub::open`].
    #[must_use]
    pub fn start(
        path: &Path,
        reference: Option<Reference>,
        wake: Arc<dyn Fn() + Send + Sync>,
        source: impl FnOnce() -> Result<(Arc<Map>, Box<dyn Intake>), String> + Send + 'static,
    ) -> Self {
        let shared = Arc::new(Shared {
            stop: AtomicBool::new(false),
            state: Mutex::new(State::Opening),
            view: Mutex::new(None),
            switch: tape::Switch::default(),
            hurry: Mutex::default(),
        });
        let (out, updates) = bounded(UPDATES);
        let (told, done) = bounded(ACTS);
        let (theirs, origin) = (Arc::clone(&shared), path.display().to_string());
        let job = move || {
            let opened = source();
            match opened {
                Ok((map, intake)) => {
                    *lock(&theirs.state) = State::Running;
                    *lock(&theirs.hurry) = intake.hurry();
                    let ends = Ends { out, done, wake };
                    Job::new(theirs, map, intake, reference.as_ref(), &origin, ends).run();
                }
                Err(why) => {
                    *lock(&theirs.state) = State::Failed(why);
                    wake();
                }
            }
        };
        if let Err(e) = std::thread::Builder::new().name("ballast-hub".to_owned()).spawn(job) {
            *lock(&shared.state) = State::Failed(format!("cannot start the hub's thread: {e}"));
        }
        Self { path: path.to_owned(), shared, told, updates }
    }

    /// The map's file, or the recording.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it does now.
    #[must_use]
    pub fn state(&self) -> State {
        lock(&self.shared.state).clone()
    }

    /// Begins a recording in a folder, or ends the one that is made. How it goes shows in [`Hub::recording`] and in events.
    pub fn record(&self, to: Option<(PathBuf, Bounds)>) {
        *lock(&self.shared.switch.wanted) = Some(to);
    }

    /// How the recording goes, or went; none before the first.
    #[must_use]
    pub fn recording(&self) -> Option<record::State> {
        lock(&self.shared.switch.state).clone()
    }

    /// Does something to an alarm, with the next row. False if it was not taken: the hub has ended, or is far behind.
    #[must_use]
    pub fn act(&self, act: Act) -> bool {
        self.told.try_send(Told::Alarm(act)).is_ok()
    }

    /// Puts a line into the sequence of events. False if it was not taken.
    #[must_use]
    pub fn note(&self, object: String, text: String) -> bool {
        self.told.try_send(Told::Note { object, text }).is_ok()
    }

    /// Has links that wait for their next attempt make it now: one endpoint's, or all.
    pub fn retry_now(&self, endpoint: Option<usize>) {
        let hurry = lock(&self.shared.hurry);
        match endpoint {
            Some(e) => hurry.one(e),
            None => hurry.all(),
        }
    }

    /// Tags and links as of the newest row; none before the first.
    #[must_use]
    pub fn view(&self) -> Option<Arc<SiteView>> {
        lock(&self.shared.view).clone()
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
    }
}

/// The hub's ends of its channels.
struct Ends {
    out: Sender<Update>,
    done: Receiver<Told>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

struct Job {
    shared: Arc<Shared>,
    intake: Box<dyn Intake>,
    site: Site,
    news: News,
    alarms: Option<Alarms>,
    derived: Derived,
    /// Signals that have values, measured or worked out, by place.
    fed: Vec<bool>,
    delays: Delays,
    table: Arc<SignalTable>,
    plate: Arc<Plate>,
    lent: bool,
    tape: tape::Tape,
    pending: Update,
    ends: Ends,
    /// Monotonic time at the opening, and now, s; UTC of the opening, µs.
    origin_s: f64,
    origin_utc_us: i64,
    now_s: f64,
    /// The way through the source.
    pass: u32,
    /// Rows since the opening, gaps included.
    row: u64,
    rows: u64,
}

impl Job {
    fn new(
        shared: Arc<Shared>,
        map: Arc<Map>,
        intake: Box<dyn Intake>,
        reference: Option<&Reference>,
        origin: &str,
        ends: Ends,
    ) -> Self {
        let facts::Facts { table, plate, lent } = facts::of(&map, reference, origin);
        let derived = Derived::new(&map, &table);
        let mut fed = vec![false; table.len()];
        map.tags.iter().filter_map(|t| t.to).chain(derived.gives()).for_each(|s| fed[s.at()] = true);
        let alarms = alarms_of(&table, &plate, &fed);
        Self {
            shared,
            intake,
            news: News::new(&map),
            alarms,
            derived,
            fed,
            delays: Delays::default(),
            pending: empty_update(0, Arc::clone(&table), Arc::clone(&plate)),
            site: Site::new(map),
            table,
            plate,
            lent,
            tape: tape::Tape::default(),
            ends,
            origin_s: f64::NAN,
            origin_utc_us: 0,
            now_s: f64::NAN,
            pass: 0,
            row: 0,
            rows: 0,
        }
    }

    fn run(mut self) {
        self.hand_over();
        let mut heard = Vec::new();
        while !self.shared.stop.load(Ordering::Relaxed) {
            // at first there is no time yet
            let left_s = (self.next_s() - self.now_s).clamp(0.0, ROW_S);
            let left = Duration::try_from_secs_f64(left_s).unwrap_or_default();
            self.now_s = self.intake.take(left, &mut heard);
            self.follow(self.intake.pass(), &heard);
            self.record();
            for h in heard.drain(..) {
                if let Some(t_s) = mono_s(&h) {
                    self.rows_until(t_s);
                }
                self.hear(&h);
            }
            self.rows_until(self.now_s);
            self.acts();
            if !self.hand_over() {
                break;
            }
        }
    }

    /// Takes the origin of rows from the source's first word; begins anew where it has jumped in time.
    fn follow(&mut self, pass: Pass, heard: &[Heard]) {
        if pass.number != self.pass {
            self.pass = pass.number;
            self.site = Site::new(Arc::clone(self.site.map()));
            self.news = News::new(self.site.map());
            self.alarms = alarms_of(&self.table, &self.plate, &self.fed);
            self.derived = Derived::new(self.site.map(), &self.table);
            self.delays = Delays::default();
            self.pending = empty_update(pass.number, Arc::clone(&self.table), Arc::clone(&self.plate));
            (self.origin_s, self.rows) = (f64::NAN, 0);
        }
        if self.origin_s.is_nan() {
            self.origin_s = pass.origin_s.unwrap_or_else(|| heard.iter().find_map(mono_s).unwrap_or(self.now_s));
            let origin = record::Origin::of(self.origin_s, self.now_s);
            self.origin_utc_us = pass.origin_utc_us.unwrap_or(origin.utc_us);
            self.row = pass.origin_s.map_or(0, |o| ((self.now_s - o) / ROW_S).round().max(0.0) as u64);
        }
    }

    /// Monotonic time of the next row.
    fn next_s(&self) -> f64 {
        self.origin_s + (self.row + 1) as f64 * ROW_S
    }

    /// Time of the source, s since its opening.
    fn t_s(&self) -> f64 {
        self.row as f64 * ROW_S
    }

    fn hear(&mut self, heard: &Heard) {
        let error = |e: usize| self.intake.links().get(e).and_then(|l| l.get().last_error);
        self.news.heard(self.site.map(), heard, error);
        let endpoint = match heard {
            Heard::Readings(all) => all.first().and_then(|r| self.site.tags().endpoint(r.tag)),
            Heard::Lost(_) => None,
        };
        let (delays, taken) = (&mut self.delays, &mut self.tape.taken);
        taken.clear();
        self.site.hear(heard, &mut |r, became| {
            taken.push(became);
            if let Some(endpoint) = endpoint {
                delays.read(endpoint, r, became);
            }
        });
        // What is handed in late was heard after the newest row.
        let row_s = self.origin_s + self.t_s();
        self.tape.hear(mono_s(heard).map_or(row_s, |t| t.max(row_s)), heard, &self.site);
    }

    /// Looks after the recording.
    fn record(&mut self) {
        let origin = record::Origin { mono_s: self.origin_s, utc_us: self.origin_utc_us };
        let said = self.tape.look(&self.shared.switch, self.site.map(), &self.plate.origin, origin);
        let t_s = self.t_s();
        let event = |text| self.news.event(t_s, EventKind::Notice, "recorder", text);
        self.pending.events.extend(said.into_iter().map(event));
    }

    /// Makes the rows that are due.
    fn rows_until(&mut self, now_s: f64) {
        if now_s - self.next_s() > GAP_S {
            let from_s = self.t_s();
            self.row = ((now_s - self.origin_s) / ROW_S).floor() as u64 - 1;
            self.news.gap(self.t_s() - from_s, self.t_s(), &mut self.pending.events);
        }
        while self.next_s() <= now_s {
            let at_s = self.next_s();
            self.row += 1;
            self.make_row(at_s);
        }
    }

    /// Does what was done to alarms, and notes what was told.
    fn acts(&mut self) {
        let (tick, t_s) = (self.row, self.t_s());
        for told in self.ends.done.try_iter() {
            match (told, &mut self.alarms) {
                (Told::Alarm(act), Some(alarms)) => {
                    let at = Stamp { tick, t_s, seq: self.news.seq() };
                    alarms.act(at, &act, &mut self.pending.events);
                }
                (Told::Alarm(_), None) => {}
                (Told::Note { object, text }, _) => {
                    let event = Event { by: By::Trainee, ..self.news.event(t_s, EventKind::Notice, &object, text) };
                    self.pending.events.push(event);
                }
            }
        }
    }

    fn make_row(&mut self, at_s: f64) {
        let t_s = self.t_s();
        let (values, quality) = self.site.row(at_s);
        let p = &mut self.pending;
        p.t_s = t_s;
        p.latest.clear();
        p.latest.extend_from_slice(values);
        p.quality.clear();
        p.quality.extend_from_slice(quality);
        self.site.take_extremes(&mut p.block.min, &mut p.block.max);
        self.derived.fill(self.row, &mut p.latest, &mut p.quality);
        p.block.t_s.push(t_s);
        p.block.last.extend_from_slice(&p.latest);
        let first = p.block.min.len() - p.latest.len();
        for s in self.derived.gives().map(SignalIdx::at) {
            (p.block.min[first + s], p.block.max[first + s]) = (p.latest[s], p.latest[s]);
        }
        self.news.look(&self.site, t_s, &mut p.events);
        if let Some(alarms) = &mut self.alarms {
            let age_periods = alarms::oldest(&self.site, at_s, at_s - self.origin_s);
            let facts = alarms::facts(&self.plate, &p.latest, &self.table, age_periods);
            let at = Stamp { tick: self.row, t_s, seq: self.news.seq() };
            alarms.row(at, &p.latest, &p.quality, &facts, &mut p.events);
        }
        if p.block.rows() >= ROWS {
            halve(&mut p.block);
        }
        self.delays.row(self.now_s.max(at_s));
        self.rows += 1;
    }

    /// Hands over what waits. False when nobody takes it any more.
    fn hand_over(&mut self) -> bool {
        let p = &self.pending;
        if self.rows > 0 && p.block.rows() == 0 && p.events.is_empty() {
            return true;
        }
        self.show();
        let p = &mut self.pending;
        if let Some(list) = self.alarms.as_mut().and_then(Alarms::news) {
            p.desk = Some(Arc::new(DeskView { alarms: Some(list), ..DeskView::default() }));
        }
        p.view = plant_view(&self.table, &self.plate, &p.latest, &|i| self.fed.get(i.at()) == Some(&true));
        let mut next = empty_update(self.pass, Arc::clone(&self.table), Arc::clone(&self.plate));
        next.latest.clone_from(&p.latest);
        next.quality.clone_from(&p.quality);
        next.t_s = p.t_s;
        match self.ends.out.try_send(std::mem::replace(p, next)) {
            Ok(()) => (self.ends.wake)(),
            Err(TrySendError::Full(back)) => self.pending = Update { coalesced: back.coalesced + 1, ..back },
            Err(TrySendError::Disconnected(_)) => return false,
        }
        true
    }

    /// Lets others see tags and links as they are.
    fn show(&self) {
        let at_s = self.origin_s + self.t_s();
        let map = self.site.map();
        let tag = |t: usize| TagNow { now: self.site.tags().current(t), age_s: self.site.tags().age_s(t, at_s) };
        let (infos, skews_s) = (self.intake.links(), self.site.tags().skews_s());
        let link = |e: usize| LinkNow {
            info: infos.get(e).map(super::link::Shared::get),
            skew_s: skews_s.get(e).copied().flatten(),
            delay: self.delays.of(e),
        };
        let view = SiteView {
            tags: (0..map.tags.len()).map(tag).collect(),
            links: (0..map.endpoints.len()).map(link).collect(),
            worst: self.site.worst(at_s),
            to_row: self.delays.to_row(),
            lent_limits: self.lent,
            rows: self.rows,
            waiting: self.pending.coalesced,
            t_s: self.t_s(),
            zero_utc_us: self.origin_utc_us,
            arrival: self.arrival(),
            map: Arc::clone(map),
        };
        *lock(&self.shared.view) = Some(Arc::new(view));
    }

    /// When the newest reading of the newest row came; a recording's readings came long ago.
    fn arrival(&self) -> Option<Instant> {
        let ago_s = self.now_s - self.delays.shown_s().filter(|_| !self.intake.links().is_empty())?;
        Instant::now().checked_sub(Duration::try_from_secs_f64(ago_s).ok()?)
    }
}

/// The alarms of a source, all normal. A database in the program that is not sound is caught by a test; rows come without
/// alarms then.
pub(super) fn alarms_of(table: &SignalTable, plate: &Plate, fed: &[bool]) -> Option<Alarms> {
    Database::built_in().ok().map(|db| Alarms::new(db, table, plate, fed))
}

/// Monotonic time of what was heard; a loss has none of its own.
fn mono_s(heard: &Heard) -> Option<f64> {
    match heard {
        Heard::Readings(all) => all.first().map(|r| r.mono_s),
        Heard::Lost(_) => None,
    }
}

#[cfg(test)]
mod tests;
