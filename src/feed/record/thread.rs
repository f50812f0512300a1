//! The thread `ballast-recorder`: gathers what was heard, writes it in one transaction about twice a second, and begins
//! another file when one is large or old.
//!
//! When a transaction fails (disk full, folder read-only, file locked) its lines stay in memory and are tried again, up to
//! a bound; beyond it the newest are counted and dropped, and once the disk writes again a line says how many. A killed
//! process loses at most what came since the last transaction.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};
use rusqlite::{Connection, TransactionBehavior};

use super::chain::{self, Hash};
use super::folder::{self, Bounds};
use super::recorder::{Message, State};
use super::schema::{self, Header, Line, RECORDING};
use crate::feed::map::Map;
use crate::lock::lock;
use crate::store::{Trouble, say};
use crate::utc::now_us;

/// Time from the first line that waits to its transaction, and between two attempts.
const COMMIT: Duration = Duration::from_millis(500);
/// Readings that are written at once.
const BATCH: usize = 20_000;
/// Readings that may wait while the disk does not write: some 60 MB.
const WAITING: usize = 400_000;
/// Time between two attempts to begin the next file.
const NEXT_FILE: Duration = Duration::from_secs(10);

/// A line that waits: its number and times.
struct Waiting {
    n: u64,
    at_s: f64,
    wall_us: i64,
    line: Line,
}

pub(super) struct Job {
    dir: PathBuf,
    map: Arc<Map>,
    header: Header,
    bounds: Bounds,
    pages: Option<u32>,
    db: Connection,
    messages: Receiver<Message>,
    state: Arc<Mutex<State>>,
    queue: VecDeque<Waiting>,
    /// Readings in the queue.
    readings: usize,
    n: u64,
    /// Link of the last row that is safe.
    chain: Hash,
    at_s: f64,
    /// Readings that are missing before the next line, and why.
    lost: u64,
    why: String,
    due: Option<Instant>,
    failing: bool,
    begun: Instant,
    next_file: Instant,
}

impl Job {
    pub(super) fn new(
        dir: &Path,
        map: Arc<Map>,
        header: Header,
        bounds: Bounds,
        pages: Option<u32>,
        messages: Receiver<Message>,
        state: Arc<Mutex<State>>,
    ) -> Result<Self, String> {
        let (db, path) = begin(dir, &header, &map, pages)?;
        *lock(&state) = State { path, part: header.part, ..State::default() };
        Ok(Self {
            dir: dir.to_owned(),
            map,
            at_s: header.origin_s,
            chain: chain::genesis(&header),
            header,
            bounds,
            pages,
            db,
            messages,
            state,
            queue: VecDeque::new(),
            readings: 0,
            n: 0,
            lost: 0,
            why: String::new(),
            due: None,
            failing: false,
            begun: Instant::now(),
            next_file: Instant::now(),
        })
    }

    pub(super) fn run(mut self) {
        self.note("begin", format!("recording begins, ballast {}", env!("CARGO_PKG_VERSION")));
        self.tidy();
        loop {
            let message = match self.due {
                Some(due) => self.messages.recv_deadline(due),
                None => self.messages.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match message {
                Ok(message) => self.take(message),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if self.due.is_some_and(|due| Instant::now() >= due) || (self.readings >= BATCH && !self.failing) {
                self.commit();
                self.turn();
            }
        }
        if !self.failing {
            self.gap();
        }
        self.note("end", "recording ends".to_owned());
        self.commit();
        let unsaved = self.readings as u64;
        let mut state = lock(&self.state);
        // What waited for a disk that never wrote is lost with the program.
        state.lost += unsaved;
        state.waiting = 0;
        state.closed = !self.failing;
        if let Some(why) = &state.trouble {
            log::warn!("recording not complete: {why}: {}", state.path.display());
        }
    }

    fn take(&mut self, m: Message) {
        if m.missed > 0 {
            self.lost += m.missed;
            self.why = "the disk is slower than the feed".to_owned();
        }
        // Times of a file never fall: what was handed over late was heard late.
        self.at_s = self.at_s.max(m.at_s);
        let count = if let Line::Readings(all) = &m.line { all.len() } else { 1 };
        if self.failing && self.readings + count > WAITING {
            self.lost += count as u64;
            lock(&self.state).lost += count as u64;
            return;
        }
        if !self.failing {
            self.gap();
        }
        self.push(m.wall_us, m.line, count);
    }

    fn push(&mut self, wall_us: i64, line: Line, count: usize) {
        self.queue.push_back(Waiting { n: self.n, at_s: self.at_s, wall_us, line });
        self.n += 1;
        self.readings += count;
        self.due.get_or_insert_with(|| Instant::now() + COMMIT);
    }

    fn note(&mut self, kind: &'static str, text: String) {
        self.push(now_us(), Line::Note(kind.into(), text), 0);
    }

    /// A line about what is missing, if anything is.
    fn gap(&mut self) {
        let lost = std::mem::take(&mut self.lost);
        if lost > 0 {
            self.note("gap", format!("{lost} readings up to here could not be kept: {}", self.why));
        }
    }

    fn commit(&mut self) {
        match self.insert() {
            Ok(()) => {
                self.written();
                if std::mem::take(&mut self.failing) {
                    self.say(format!("recording is written again, {} readings missing", self.lost));
                    self.gap();
                }
            }
            Err(e) => self.failed(&say(&e)),
        }
    }

    fn insert(&mut self) -> rusqlite::Result<()> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut chain = self.chain;
        for w in &self.queue {
            chain = schema::insert(&tx, &chain, w.n, w.at_s, w.wall_us, &w.line)?;
        }
        tx.commit()?;
        self.chain = chain;
        Ok(())
    }

    fn written(&mut self) {
        let safe = |w: Waiting| if let Line::Readings(all) = w.line { all.len() as u64 } else { 0 };
        let done: u64 = self.queue.drain(..).map(safe).sum();
        self.readings = 0;
        self.due = None;
        let mut state = lock(&self.state);
        state.readings += done;
        state.waiting = 0;
        state.trouble = None;
        state.bytes = bytes(&self.db);
    }

    fn failed(&mut self, why: &str) {
        self.due = Some(Instant::now() + COMMIT);
        self.why = why.to_owned();
        if !std::mem::replace(&mut self.failing, true) {
            self.say(format!("recording not written, the feed goes on: {why}"));
        }
        let mut state = lock(&self.state);
        state.trouble = Some(why.to_owned());
        state.waiting = self.readings;
    }

    fn say(&self, text: String) {
        log::info!("{text}");
        lock(&self.state).news.push(text);
    }

    /// Begins the next file when this one is large or old.
    fn turn(&mut self) {
        let full = bytes(&self.db) >= self.bounds.file_bytes || self.begun.elapsed() >= self.bounds.file_age;
        if self.failing || !full || Instant::now() < self.next_file {
            return;
        }
        let chain = hex::encode(self.chain);
        let next = Header { part: self.header.part + 1, started_utc_us: now_us(), chain, ..self.header.clone() };
        match begin(&self.dir, &next, &self.map, self.pages) {
            Ok((db, path)) => {
                self.say(format!("recording goes on in part {}: {}", next.part, path.display()));
                (self.db, self.header, self.begun) = (db, next, Instant::now());
                {
                    let mut state = lock(&self.state);
                    (state.path, state.part, state.bytes) = (path, self.header.part, 0);
                }
                self.tidy();
            }
            Err(why) => {
                self.next_file = Instant::now() + NEXT_FILE;
                self.say(format!("no further file, recording stays in the old one: {why}"));
            }
        }
    }

    /// Removes the oldest recordings beyond the bounds, and says so.
    fn tidy(&self) {
        let current = lock(&self.state).path.clone();
        for gone in folder::tidy(&self.dir, &self.header.site, self.bounds.files, &current) {
            lock(&self.state).removed += 1;
            let files = self.bounds.files;
            self.say(format!("oldest recording removed, at most {files} files are kept: {}", gone.display()));
        }
    }
}

/// Begins a file.
fn begin(dir: &Path, header: &Header, map: &Map, pages: Option<u32>) -> Result<(Connection, PathBuf), String> {
    let path = folder::name(dir, &header.site, header.started_utc_us)?;
    let (mut db, _) = RECORDING.open(&path, pages).map_err(|e| e.to_string())?;
    let fill = |db: &mut Connection| -> rusqlite::Result<()> {
        let tx = db.transaction()?;
        schema::begin(&tx, header, map)?;
        tx.commit()
    };
    fill(&mut db).map_err(|e| Trouble::sql(&path, &e).to_string())?;
    Ok((db, path))
}

fn bytes(db: &Connection) -> u64 {
    let read = |what: &str| db.pragma_query_value(None, what, |r| r.get::<_, i64>(0)).unwrap_or(0);
    (read("page_count") * read("page_size")).max(0) as u64
}
