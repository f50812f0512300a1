//! A CSV file on a thread: played at a speed, or followed while another program appends to it.
//!
//! The thread only reads the file. Whoever holds the [`Feed`] may freeze or speed up the playback of a recording; there
//! is no other thing that can be asked of it. When the receiver is slow, rows wait and are merged; none is dropped.

mod reader;
pub(super) mod thread;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::player::{Player, Source};
use super::{Ear, Reference, Trouble};
use crate::worker::Update;

/// Updates that may wait for the console.
const UPDATES: usize = 4;

/// How to read the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From its start, at a speed.
    Replay,
    /// To its end at once, then what is appended.
    Follow,
}

/// What the source does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// The header has not been read yet.
    Opening,
    /// Rows come.
    Running,
    /// The playback is frozen.
    Frozen,
    /// Follow: nothing new in the file.
    Waiting,
    /// Replay: all rows were played.
    Ended,
    /// It cannot go on.
    Failed(Trouble),
}

/// What is known of the source, for the connect page.
#[derive(Clone, Debug)]
pub struct Info {
    /// The file.
    pub path: PathBuf,
    /// How it is read.
    pub way: Way,
    /// What it does.
    pub state: State,
    /// Columns that are signals.
    pub mapped: Vec<String>,
    /// Columns that are not.
    pub unknown: Vec<String>,
    /// Signals without a column.
    pub missing: usize,
    /// Whether scale and limits come from the loaded scenario.
    pub lent_limits: bool,
    /// Rows taken.
    pub rows: u64,
    /// Lines passed over and cells that were no number.
    pub bad: u64,
    /// The newest of these.
    pub last_bad: Option<Trouble>,
    /// Gaps in time.
    pub gaps: u64,
    /// Usual time between rows, s; 0 while unknown.
    pub period_s: f64,
}

/// What the reading thread and the holder share.
pub(super) struct Shared {
    pub(super) stop: AtomicBool,
    pub(super) running: AtomicBool,
    speed: AtomicU64,
    info: Mutex<Info>,
}

impl Shared {
    pub(super) fn info(&self) -> MutexGuard<'_, Info> {
        self.info.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn speed(&self) -> f64 {
        f64::from_bits(self.speed.load(Ordering::Relaxed))
    }
}

/// The holder's end of a source. Dropping it ends the thread.
pub struct Feed {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    /// Rows, as the twin would send them.
    pub updates: Receiver<Update>,
}

impl std::fmt::Debug for Feed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Feed").field("info", &*self.shared.info()).finish_non_exhaustive()
    }
}

impl Feed {
    /// Opens `path` on a thread of its own; trouble shows in [`Feed::info`]. `wake` is called after each update.
    #[must_use]
    pub fn open(path: &Path, way: Way, reference: Option<Reference>, wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        let file = path.to_owned();
        Self::start(path, way, move |shared, out| thread::Job::new(shared, file, way, reference, None, out, wake).run())
    }

    /// Follows a file that grows; `ear` hears its rows and events. Otherwise as [`Feed::open`].
    #[must_use]
    pub fn follow(
        path: &Path,
        reference: Option<Reference>,
        ear: Option<Ear>,
        wake: Arc<dyn Fn() + Send + Sync>,
    ) -> Self {
        let (file, way) = (path.to_owned(), Way::Follow);
        Self::start(path, way, move |shared, out| thread::Job::new(shared, file, way, reference, ear, out, wake).run())
    }

    /// Plays what `source` gives, which came from `path`; otherwise as [`Feed::open`].
    #[must_use]
    pub fn play(path: &Path, source: Box<dyn Source>, wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self::start(path, Way::Replay, move |shared, out| Player { shared, source, out, wake }.run())
    }

    fn start(path: &Path, way: Way, job: impl FnOnce(Arc<Shared>, Sender<Update>) + Send + 'static) -> Self {
        let info = Info {
            path: path.to_owned(),
            way,
            state: State::Opening,
            mapped: Vec::new(),
            unknown: Vec::new(),
            missing: 0,
            lent_limits: false,
            rows: 0,
            bad: 0,
            last_bad: None,
            gaps: 0,
            period_s: 0.0,
        };
        let shared = Arc::new(Shared {
            stop: AtomicBool::new(false),
            running: AtomicBool::new(true),
            speed: AtomicU64::new(1.0_f64.to_bits()),
            info: Mutex::new(info),
        });
        let (tx, updates) = bounded(UPDATES);
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("ballast-feed".to_owned()).spawn(move || job(theirs, tx));
        let thread = match thread {
            Ok(thread) => Some(thread),
            Err(e) => {
                let what = format!("cannot start the reading thread: {e}");
                let file = path.display().to_string();
                shared.info().state = State::Failed(Trouble { what, file, line: None, column: None });
                None
            }
        };
        Self { shared, thread, updates }
    }

    /// What is known of the source now.
    #[must_use]
    pub fn info(&self) -> Info {
        self.shared.info().clone()
    }

    /// Whether the playback runs.
    #[must_use]
    pub fn running(&self) -> bool {
        self.shared.running.load(Ordering::Relaxed)
    }

    /// Freezes the playback or lets it go on. A followed file keeps coming.
    pub fn set_running(&self, on: bool) {
        self.shared.running.store(on, Ordering::Relaxed);
        self.nudge();
    }

    /// Speed of the playback.
    #[must_use]
    pub fn speed(&self) -> f64 {
        self.shared.speed()
    }

    /// Sets the speed of the playback, 0.1 to 1000.
    pub fn set_speed(&self, times: f64) {
        if times.is_finite() {
            self.shared.speed.store(times.clamp(0.1, 1000.0).to_bits(), Ordering::Relaxed);
            self.nudge();
        }
    }

    fn nudge(&self) {
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        self.nudge();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            log::error!("the reading thread ended in a panic");
        }
    }
}

#[cfg(test)]
mod tests;
