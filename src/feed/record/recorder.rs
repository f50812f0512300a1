//! The recording end: a handle that never waits, before a thread that does.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::{Builder, JoinHandle};

use crossbeam_channel::{Sender, bounded};

use super::chain;
use super::folder::Bounds;
use super::schema::{Header, Judged, Line};
use super::thread::Job;
use crate::feed::link::Heard;
use crate::feed::map::Map;
use crate::feed::site::Site;
use crate::feed::tags::Taken;
use crate::lock::lock;
use crate::utc::now_us;

/// Messages that may wait for the thread: some ten seconds of a large site.
const MESSAGES: usize = 4096;

/// How a recording goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// The file that is written.
    pub path: PathBuf,
    /// Number of it in its series.
    pub part: u32,
    /// Readings that are safe on disk.
    pub readings: u64,
    /// Readings that wait.
    pub waiting: usize,
    /// Readings that could not be kept. The gap stands in the recording.
    pub lost: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// Files removed to keep within the bounds.
    pub removed: u64,
    /// What is wrong now, if anything.
    pub trouble: Option<String>,
    /// The recording is complete and closed.
    pub closed: bool,
    /// What there is to say, oldest first; [`Recorder::news`] takes it.
    pub(in crate::feed) news: Vec<String>,
}

impl State {
    /// What there is to say, once.
    #[must_use]
    pub fn take_news(&mut self) -> Vec<String> {
        std::mem::take(&mut self.news)
    }

    /// One line for an operator.
    #[must_use]
    pub fn line(&self) -> String {
        let lost = if self.lost > 0 { format!(", {} lost", self.lost) } else { String::new() };
        let file = self.path.display();
        match &self.trouble {
            Some(why) => format!("recording not written ({why}), {} readings safe{lost}: {file}", self.readings),
            None => format!("recording, {} readings safe{lost}: {file}", self.readings),
        }
    }
}

/// What the thread is told.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) at_s: f64,
    pub(super) wall_us: i64,
    pub(super) line: Line,
    /// Readings before this that found no room in the channel.
    pub(super) missed: u64,
}

/// Monotonic time that rows count from, s, and what it was by the wall clock, µs of UTC.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Origin {
    /// Monotonic, s.
    pub mono_s: f64,
    /// UTC, µs.
    pub utc_us: i64,
}

impl Origin {
    /// That of rows that count from `origin_s`, when the monotonic clock shows `now_s`.
    #[must_use]
    pub fn of(origin_s: f64, now_s: f64) -> Self {
        Self { mono_s: origin_s, utc_us: now_us() - ((now_s - origin_s) * 1e6) as i64 }
    }
}

/// A recording that is being made. Dropping it writes what waits, closes the file and ends the thread.
#[derive(Debug)]
pub struct Recorder {
    channel: Option<Sender<Message>>,
    state: Arc<Mutex<State>>,
    thread: Option<JoinHandle<()>>,
    missed: u64,
}

impl Recorder {
    /// Begins a recording of the map's site in `dir`. `path` is where the map came from.
    ///
    /// # Errors
    /// In one line, if no file can be begun there.
    pub fn start(dir: &Path, map: &Arc<Map>, path: &str, origin: Origin, bounds: Bounds) -> Result<Self, String> {
        Self::within(dir, map, path, origin, bounds, None)
    }

    /// As [`Self::start`], with files that cannot grow beyond so many pages of 4096 bytes: a full disk, for tests.
    pub(super) fn within(
        dir: &Path,
        map: &Arc<Map>,
        path: &str,
        origin: Origin,
        bounds: Bounds,
        pages: Option<u32>,
    ) -> Result<Self, String> {
        let started_utc_us = now_us();
        let header = Header {
            // The start and the process tell two recordings of one machine apart.
            series: format!("{started_utc_us:x}-{:x}", std::process::id()),
            part: 1,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            site: map.name.clone(),
            origin: path.to_owned(),
            map: map.text.clone(),
            map_hash: map.sha256.clone(),
            started_utc_us,
            origin_s: origin.mono_s,
            origin_utc_us: origin.utc_us,
            chain: String::new(),
        };
        let header = Header { chain: hex::encode(chain::genesis(&header)), ..header };
        let state = Arc::new(Mutex::new(State::default()));
        let (channel, messages) = bounded(MESSAGES);
        let job = Job::new(dir, Arc::clone(map), header, bounds, pages, messages, Arc::clone(&state))?;
        let thread = Builder::new().name("ballast-recorder".to_owned()).spawn(move || job.run());
        let thread = thread.map_err(|e| format!("cannot start the recorder's thread: {e}"))?;
        Ok(Self { channel: Some(channel), state, thread: Some(thread), missed: 0 })
    }

    /// Keeps what a site has just heard at `at_s`, and what became of it: one of `taken` for each reading. Never waits.
    pub fn hear(&mut self, at_s: f64, heard: &Heard, taken: &[Taken], site: &Site) {
        let line = match heard {
            Heard::Lost(endpoint) => Line::Lost(*endpoint),
            Heard::Readings(all) => {
                let judged = all.iter().zip(taken).map(|(reading, taken)| {
                    let quality = site.tags().own(reading.tag);
                    Judged { reading: *reading, taken: *taken, quality }
                });
                Line::Readings(judged.collect())
            }
        };
        let count = if let Line::Readings(all) = &line { all.len() as u64 } else { 1 };
        let missed = std::mem::take(&mut self.missed);
        let message = Message { at_s, wall_us: now_us(), line, missed };
        let sent = self.channel.as_ref().is_some_and(|c| c.try_send(message).is_ok());
        if !sent {
            self.missed = missed + count;
            lock(&self.state).lost += count;
        }
    }

    /// How it goes.
    #[must_use]
    pub fn state(&self) -> State {
        lock(&self.state).clone()
    }

    /// What there is to say since the last call: another file, an old one removed, a disk that does not write.
    pub fn news(&mut self) -> Vec<String> {
        lock(&self.state).take_news()
    }

    /// Writes what waits, closes the file, and tells how it went.
    #[must_use]
    pub fn close(mut self) -> State {
        self.end();
        self.state()
    }

    fn end(&mut self) {
        self.channel = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            log::error!("the recorder's thread ended in a panic");
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.end();
    }
}
