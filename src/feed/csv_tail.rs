//! A CSV file on a thread: played at a speed, or followed while another program appends to it.
//!
//! The thread only reads the file. Whoever holds the [`Feed`] may freeze or speed up the playback of a recording; there
//! is no other thing that can be asked of it. A followed file is followed by its name: when it is rotated, removed or cut,
//! what comes in its place is read from its start. When the receiver is slow, rows wait and are merged; none is dropped.

pub(super) mod breakers;
pub(super) mod clock;
mod encoding;
mod facts;
mod hold;
mod reader;
pub(super) mod thread;
mod watch;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::hub::ACTS;
use super::player::{Player, Source};
use super::{Ear, Reference, Told, Trouble};
use crate::alarm::Act;
use crate::lock::lock;
use crate::worker::Update;

/// Updates that may wait for the console.
const UPDATES: usize = 4;

/// All lines of a file as text, whatever it is written in.
///
/// # Errors
/// If it cannot be read.
pub fn lines(path: &Path) -> std::io::Result<Vec<String>> {
    encoding::whole(path)
}

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
    /// Why they do not: what of the plant is another one, or is not shown.
    pub foreign: Option<String>,
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
    /// When the newest value of each signal stood in the file, s, by its place; NaN for one that has none. Empty for a
    /// source whose rows are whole.
    pub value_t_s: Vec<f64>,
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
        lock(&self.info)
    }

    pub(super) fn speed(&self) -> f64 {
        f64::from_bits(self.speed.load(Ordering::Relaxed))
    }
}

/// The holder's end of a source. Dropping it ends the thread.
pub struct Feed {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    /// Acts on alarms and lines for the sequence of events, and nothing else.
    told: Sender<Told>,
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
        Self::start(path, way, move |shared, out, told| {
            thread::Job::new(shared, file, way, reference, None, thread::Ends { out, told, wake }).run();
        })
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
        Self::start(path, way, move |shared, out, told| {
            thread::Job::new(shared, file, way, reference, ear, thread::Ends { out, told, wake }).run();
        })
    }

    /// Plays what `source` gives, which came from `path`; otherwise as [`Feed::open`].
    #[must_use]
    pub fn play(path: &Path, source: Box<dyn Source>, wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        // What a journal says of its alarms is played; there are none to act on.
        Self::start(path, Way::Replay, move |shared, out, _| Player { shared, source, out, wake }.run())
    }

    fn start(
        path: &Path,
        way: Way,
        job: impl FnOnce(Arc<Shared>, Sender<Update>, Receiver<Told>) + Send + 'static,
    ) -> Self {
        let info = Info {
            path: path.to_owned(),
            way,
            state: State::Opening,
            mapped: Vec::new(),
            unknown: Vec::new(),
            missing: 0,
            lent_limits: false,
            foreign: None,
            rows: 0,
            bad: 0,
            last_bad: None,
            gaps: 0,
            period_s: 0.0,
            value_t_s: Vec::new(),
        };
        let shared = Arc::new(Shared {
            stop: AtomicBool::new(false),
            running: AtomicBool::new(true),
            speed: AtomicU64::new(1.0_f64.to_bits()),
            info: Mutex::new(info),
        });
        let (tx, updates) = bounded(UPDATES);
        let (told, hears) = bounded(ACTS);
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("ballast-feed".to_owned()).spawn(move || job(theirs, tx, hears));
        let thread = match thread {
            Ok(thread) => Some(thread),
            Err(e) => {
                let what = format!("cannot start the reading thread: {e}");
                let file = path.display().to_string();
                shared.info().state = State::Failed(Trouble { what, file, line: None, column: None });
                None
            }
        };
        Self { shared, thread, told, updates }
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

    /// Does something to an alarm of this console. False if it was not taken: there are none, or the source has ended.
    #[must_use]
    pub fn act(&self, act: Act) -> bool {
        self.tell(Told::Alarm(act))
    }

    /// Puts a line into the sequence of events. False if it was not taken.
    #[must_use]
    pub fn note(&self, object: String, text: String) -> bool {
        self.tell(Told::Note { object, text })
    }

    fn tell(&self, told: Told) -> bool {
        let taken = self.told.try_send(told).is_ok();
        self.nudge();
        taken
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
