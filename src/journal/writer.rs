//! The writing end: a handle that never waits, before a thread that does.
//!
//! What does not fit into the channel stays with the handle, and [`Writer::full`] says so: the twin then waits, so that
//! a slow disk costs speed and not lines. A disk that does not write at all costs lines, not the run: see
//! [`super::thread`].

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};

use crossbeam_channel::{Sender, TrySendError, bounded};

use super::chain::{self, Hash};
use super::entry::Act;
use super::state::State;
use super::thread::Job;
use super::{Header, Trouble, schema};
use crate::acts::{Block, Event};
use crate::plant::signals::SignalTable;
use crate::training::msg::DeskAct;

/// Messages that may wait for the thread.
const MESSAGES: usize = 1024;

/// Bounds of a writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest file, pages of 4096 bytes; none for as large as the disk.
    pub max_pages: Option<u32>,
    /// Bytes that may wait in memory while the disk does not write; beyond them lines are lost, and counted.
    pub waiting_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_pages: None, waiting_bytes: 32 << 20 }
    }
}

/// What the thread is told.
#[derive(Debug)]
pub(super) enum Message {
    Events(Vec<Event>, i64),
    Rows(Block),
    State { second: u64, hash: u64 },
    Act(Act),
    Rewound { t_s: f64, parent: u32, branch: u32, acts: usize },
    Flush(Sender<()>),
    Seal(Sender<Result<Hash, String>>),
}

/// A journal that is being written. Dropping it writes what waits, closes the file and ends the thread.
#[derive(Debug)]
pub struct Writer {
    channel: Option<Sender<Message>>,
    backlog: VecDeque<Message>,
    state: Arc<Mutex<State>>,
    thread: Option<JoinHandle<()>>,
    width: usize,
    branch: u32,
}

pub(super) fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Writer {
    /// Begins a file, or goes on with one of the same signals that is not sealed.
    ///
    /// # Errors
    /// In one line, if the file cannot be written or is not one to go on with.
    pub fn open(path: &Path, header: &Header) -> Result<Self, Trouble> {
        Self::with_limits(path, header, Limits::default())
    }

    /// As [`Self::open`], within these bounds.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn with_limits(path: &Path, header: &Header, limits: Limits) -> Result<Self, Trouble> {
        let fail = |e: &rusqlite::Error| Trouble::new(path, schema::say(e));
        let (mut db, new) = schema::JOURNAL.open(path, limits.max_pages)?;
        if new {
            let tx = db.transaction().map_err(|e| fail(&e))?;
            schema::put_header(&tx, header).map_err(|e| fail(&e))?;
            tx.commit().map_err(|e| fail(&e))?;
        }
        let found = schema::get_header(&db).map_err(|e| fail(&e))?;
        if found.signals.iter().map(|s| &s[0]).ne(header.signals.iter().map(|s| &s[0])) {
            return Err(Trouble::new(path, "the journal is of a plant with other signals"));
        }
        if schema::seal(&db).map_err(|e| fail(&e))?.is_some() {
            return Err(Trouble::new(path, "the journal is sealed"));
        }
        let last = schema::last_line(&db).map_err(|e| fail(&e))?;
        let (line, head) = last.map_or((0, chain::genesis(&found)), |(line, hash)| (line + 1, hash));
        let seq = schema::max_entry(&db, "seq").map_err(|e| fail(&e))?.map_or(0, |s| s as u64 + 1);
        let branch = schema::max_entry(&db, "branch").map_err(|e| fail(&e))?.unwrap_or(0) as u32;
        let state = Arc::new(Mutex::new(State { path: path.to_owned(), entries: seq, ..State::default() }));
        let (channel, messages) = bounded(MESSAGES);
        let width = header.signals.len();
        let job = Job::new(db, messages, Arc::clone(&state), limits, header.user.clone(), [line, seq], head, width);
        let thread = Builder::new().name("ballast-journal".to_owned()).spawn(move || job.run(!new));
        let thread = Some(thread.map_err(|e| Trouble::new(path, format!("cannot start the journal's thread: {e}")))?);
        Ok(Self { channel: Some(channel), backlog: VecDeque::new(), state, thread, width, branch })
    }

    fn send(&mut self, message: Message) {
        self.backlog.push_back(message);
        self.pump();
    }

    /// Hands over what fits. Never waits.
    pub fn pump(&mut self) {
        let Some(channel) = &self.channel else { return self.backlog.clear() };
        while let Some(message) = self.backlog.pop_front() {
            match channel.try_send(message) {
                Ok(()) => {}
                Err(TrySendError::Full(message)) => return self.backlog.push_front(message),
                Err(TrySendError::Disconnected(_)) => {
                    // A thread that is gone has said why in the state; nothing is to pile up here.
                    self.channel = None;
                    let mut state = lock(&self.state);
                    if !state.closed && state.trouble.is_none() {
                        state.trouble = Some("the journal's thread has stopped".to_owned());
                    }
                    return self.backlog.clear();
                }
            }
        }
    }

    /// Whether the thread is so far behind that whoever fills it should wait.
    pub fn full(&mut self) -> bool {
        self.pump();
        !self.backlog.is_empty()
    }

    /// Takes events in, in their order.
    pub fn events(&mut self, events: &[Event]) {
        if !events.is_empty() {
            self.send(Message::Events(events.to_vec(), super::now_us()));
        }
    }

    /// Takes rows in.
    pub fn block(&mut self, table: &SignalTable, block: &Block) {
        if block.rows() > 0 && block.width == self.width && table.len() == self.width {
            self.send(Message::Rows(block.clone()));
        }
    }

    /// The state hash at a full second.
    pub fn second(&mut self, second: u64, hash: u64) {
        self.send(Message::State { second, hash });
    }

    /// An act, of the trainee or at the desk.
    pub fn act(&mut self, tick: u64, act: &DeskAct) {
        // Plain data always has a text; were it not so, the entry's words would still be there.
        let ron = ron::to_string(act).unwrap_or_else(|e| format!("// {e}"));
        self.send(Message::Act(Act { branch: 0, tick, t_wall_utc_us: super::now_us(), ron }));
    }

    /// The run went back to `t_s` of branch `parent`: a new branch begins there, with the first `acts` acts that led
    /// to the end of its parent. Gives its number.
    pub fn rewound(&mut self, t_s: f64, parent: u32, acts: usize) -> u32 {
        self.branch += 1;
        self.send(Message::Rewound { t_s, parent, branch: self.branch, acts });
        self.branch
    }

    /// Number of the branch that goes on.
    #[must_use]
    pub fn branch(&self) -> u32 {
        self.branch
    }

    /// How far it is and what is wrong. Never waits longer than the thread takes to write a few numbers down.
    #[must_use]
    pub fn state(&self) -> State {
        lock(&self.state).clone()
    }

    /// The state, to be looked at from elsewhere.
    pub(super) fn shared(&self) -> Arc<Mutex<State>> {
        Arc::clone(&self.state)
    }

    /// Waits until everything so far is on disk, or could not be written. For programs without a window.
    pub fn flush(&mut self) {
        let (tx, rx) = bounded(1);
        self.blocking(Message::Flush(tx));
        // A thread that has ended has nothing more to write.
        rx.recv().ok();
    }

    /// Waits until there is room in the channel. For programs without a window.
    pub fn wait(&mut self) {
        while let Some(message) = self.backlog.pop_front() {
            self.blocking(message);
        }
    }

    fn blocking(&mut self, message: Message) {
        self.backlog.push_back(message);
        let Some(channel) = &self.channel else { return self.backlog.clear() };
        for message in self.backlog.drain(..) {
            if channel.send(message).is_err() {
                break;
            }
        }
    }

    /// Writes everything, closes the chain for good and gives its last hash, to be noted elsewhere. Waits for the disk.
    ///
    /// # Errors
    /// In one line, if not everything could be written; the file is then not sealed.
    pub fn seal(mut self) -> Result<Hash, String> {
        let (tx, rx) = bounded(1);
        self.blocking(Message::Seal(tx));
        rx.recv().unwrap_or_else(|_| Err(self.state().line()))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.wait();
        self.channel = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            log::error!("the journal's thread ended in a panic");
        }
    }
}
