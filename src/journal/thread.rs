//! The thread `ballast-journal`: gathers lines, writes them in one transaction twice a second and oftener when many
//! come.
//!
//! When a transaction fails (disk full, folder read-only, file locked by another program) its lines stay in memory and
//! are tried again every half second, up to a bound. Beyond it the newest lines are counted and dropped; once the disk
//! writes again, an entry says what is missing. So a killed process loses at most what came since the last
//! transaction, and a broken disk never stops a run.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use rusqlite::{Connection, TransactionBehavior, params};

use super::chain::{self, FileLine, Hash};
use super::entry::{Entry, micros};
use super::rows::{CHUNK_ROWS, pack};
use super::schema;
use super::state::JournalState;
use super::writer::{Message, WriterLimits};
use crate::acts::Block;
use crate::lock::lock;

/// Time from the first line that waits to its transaction, and between two attempts.
const COMMIT: Duration = Duration::from_millis(400);
/// Lines and bytes that are written at once.
const BATCH: usize = 4096;
const BATCH_BYTES: usize = 4 << 20;
/// Events of which the place in the file is known, for causes.
const CAUSES: usize = 4096;

/// Last entry of a file that was closed in order.
pub(super) const ENDS: &str = "journal ends";

/// What could not be kept.
#[derive(Clone, Debug, Default)]
struct Lost {
    lines: u64,
    rows: u64,
    why: String,
}

pub(super) struct WriterThread {
    db: Connection,
    messages: Receiver<Message>,
    state: Arc<Mutex<JournalState>>,
    limits: WriterLimits,
    user: String,
    /// Number and hash that the next line builds on; `seq` of the next entry.
    line: u64,
    seq: u64,
    head: Hash,
    branch: u32,
    t_sim_us: i64,
    queue: VecDeque<FileLine>,
    queue_bytes: usize,
    rows: Block,
    states: Vec<(u64, u64)>,
    /// Number of an event in its run, and of its entry here.
    causes: VecDeque<(u64, u64)>,
    lost: Lost,
    due: Option<Instant>,
    failing: bool,
}

impl WriterThread {
    pub(super) fn new(
        db: Connection,
        messages: Receiver<Message>,
        state: Arc<Mutex<JournalState>>,
        limits: WriterLimits,
        user: String,
        [line, seq]: [u64; 2],
        head: Hash,
        width: usize,
    ) -> Self {
        Self {
            db,
            messages,
            state,
            limits,
            user,
            line,
            seq,
            head,
            branch: 0,
            t_sim_us: 0,
            queue: VecDeque::new(),
            queue_bytes: 0,
            rows: Block { width, ..Block::default() },
            states: Vec::new(),
            causes: VecDeque::new(),
            lost: Lost::default(),
            due: None,
            failing: false,
        }
    }

    pub(super) fn run(mut self, again: bool) {
        let begun = if again { "journal goes on" } else { "journal begins" };
        if again {
            self.branch = schema::max_entry(&self.db, "branch").ok().flatten().unwrap_or(0) as u32;
            self.t_sim_us = schema::max_entry(&self.db, "t_sim_us").ok().flatten().unwrap_or(0);
        }
        let text = format!("{begun}, ballast {}", env!("CARGO_PKG_VERSION"));
        self.push_own("note", "notice", text);
        loop {
            let message = match self.due {
                Some(due) => self.messages.recv_deadline(due),
                None => self.messages.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match message {
                Ok(message) => {
                    if let Some(seal) = self.take(message) {
                        let sealed = self.seal();
                        let done = sealed.is_ok();
                        seal.send(sealed).ok();
                        if done {
                            return;
                        }
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            let many = self.queue.len() >= BATCH || self.queue_bytes >= BATCH_BYTES;
            if self.due.is_some_and(|due| Instant::now() >= due) || (many && !self.failing) {
                self.commit();
            }
        }
        self.gather();
        self.push_own("note", "notice", ENDS.to_owned());
        self.commit();
        lock(&self.state).closed = !self.failing;
    }

    /// Takes a message in; gives who waits for a seal.
    fn take(&mut self, message: Message) -> Option<Sender<Result<Hash, String>>> {
        match message {
            Message::Events(events, at) => {
                for e in &events {
                    let mut entry = Entry::of_event(e, at, &self.user);
                    entry.cause_seq =
                        e.cause.and_then(|c| self.causes.iter().rev().find(|(n, _)| *n == c)).map(|c| c.1);
                    self.t_sim_us = entry.t_sim_us;
                    if let Some(seq) = self.push_entry(entry) {
                        self.causes.push_back((e.seq, seq));
                    }
                }
                let surplus = self.causes.len().saturating_sub(CAUSES);
                self.causes.drain(..surplus);
            }
            Message::Rows(mut block) => {
                self.t_sim_us = block.t_s.last().map_or(self.t_sim_us, |t| micros(*t));
                self.rows.append(&mut block);
                self.wake();
                if self.rows.rows() >= CHUNK_ROWS {
                    self.gather();
                }
            }
            Message::State { second, hash } => {
                self.states.push((second, hash));
                self.wake();
            }
            Message::Act(mut act) => {
                act.branch = self.branch;
                self.push(FileLine::Act(act));
            }
            Message::Rewound { t_s, parent, branch, acts } => {
                self.gather();
                self.branch = branch;
                self.t_sim_us = micros(t_s);
                let text = format!("run went back to {t_s:.3} s, branch {branch} begins");
                let mut entry = Entry::own("snapshot", "snapshot", self.t_sim_us, text);
                entry.from = Some(format!("branch {parent}"));
                entry.to = Some(format!("branch {branch}"));
                entry.user = self.user.clone();
                (entry.value, entry.unit) = (Some(acts as f64), "acts".to_owned());
                self.push_entry(entry);
            }
            Message::Flush(done) => {
                self.commit();
                done.send(()).ok();
            }
            Message::Seal(reply) => return Some(reply),
        }
        None
    }

    fn wake(&mut self) {
        self.due.get_or_insert_with(|| Instant::now() + COMMIT);
    }

    /// Makes chunks of the rows that wait.
    fn gather(&mut self) {
        let width = self.rows.width;
        let all = std::mem::replace(&mut self.rows, Block { width, ..Block::default() });
        let states = std::mem::take(&mut self.states);
        if all.rows() == 0 && states.is_empty() {
            return;
        }
        let cut = |v: &[f64], from: usize, to: usize| v[from * width..to * width].to_vec();
        let (mut from, mut states) = (0, Some(states));
        loop {
            let to = all.rows().min(from + CHUNK_ROWS);
            let block = Block {
                width,
                t_s: all.t_s[from..to].to_vec(),
                min: cut(&all.min, from, to),
                max: cut(&all.max, from, to),
                last: cut(&all.last, from, to),
            };
            self.push(FileLine::Rows(pack(self.branch, &block, &states.take().unwrap_or_default())));
            from = to;
            if from >= all.rows() {
                break;
            }
        }
    }

    fn push_own(&mut self, kind: &'static str, what: &'static str, text: String) {
        self.push_entry(Entry::own(kind, what, self.t_sim_us, text));
    }

    /// Numbers an entry and queues it; gives its number, none if it is lost.
    fn push_entry(&mut self, mut entry: Entry) -> Option<u64> {
        entry.branch = self.branch;
        entry.seq = self.seq;
        self.push(FileLine::Entry(entry)).then(|| {
            self.seq += 1;
            self.seq - 1
        })
    }

    /// Queues a line; false if it had to be dropped.
    fn push(&mut self, line: FileLine) -> bool {
        let bytes = size(&line);
        if self.failing && self.queue_bytes + bytes > self.limits.waiting_bytes {
            self.lost.lines += 1;
            if let FileLine::Rows(c) = &line {
                self.lost.rows += u64::from(c.count);
            }
            lock(&self.state).lost += 1;
            return false;
        }
        self.queue.push_back(line);
        self.queue_bytes += bytes;
        self.wake();
        true
    }

    /// One transaction with everything that waits.
    fn commit(&mut self) {
        self.gather();
        if self.lost.lines > 0 && !self.failing {
            self.tell_gap();
        }
        match self.write(None) {
            Ok(()) => {
                self.written();
                if self.lost.lines > 0 {
                    self.commit();
                }
            }
            Err(e) => self.failed(&schema::say(&e)),
        }
    }

    fn tell_gap(&mut self) {
        let Lost { lines, rows, why } = std::mem::take(&mut self.lost);
        let text = format!("gap: {lines} lines and {rows} rows up to here could not be written ({why})");
        self.push_own("note", "notice", text);
    }

    /// Writes the queue and, with `seal`, closes the chain.
    fn write(&mut self, seal: Option<i64>) -> rusqlite::Result<()> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (mut line, mut head) = (self.line, self.head);
        for waiting in &self.queue {
            head = chain::link(&head, line, waiting);
            schema::put(&tx, line, waiting, &head)?;
            line += 1;
        }
        if let Some(at) = seal {
            tx.execute("INSERT INTO seal VALUES (?1, ?2, ?3)", params![line as i64 - 1, at, head])?;
        }
        tx.commit()?;
        (self.line, self.head) = (line, head);
        Ok(())
    }

    fn written(&mut self) {
        let rows: u64 = self.queue.iter().map(|l| if let FileLine::Rows(c) = l { u64::from(c.count) } else { 0 }).sum();
        self.queue.clear();
        self.queue_bytes = 0;
        self.due = None;
        self.failing = false;
        let mut state = lock(&self.state);
        state.entries = self.seq;
        state.rows += rows;
        state.waiting = 0;
        state.trouble = None;
    }

    fn failed(&mut self, why: &str) {
        self.failing = true;
        self.due = Some(Instant::now() + COMMIT);
        let mut state = lock(&self.state);
        if state.trouble.as_deref() != Some(why) {
            log::warn!("journal not written: {why}: {}", state.path.display());
        }
        state.trouble = Some(why.to_owned());
        state.waiting = self.queue.len();
        self.lost.why = why.to_owned();
    }

    fn seal(&mut self) -> Result<Hash, String> {
        self.gather();
        if self.lost.lines > 0 {
            self.tell_gap();
        }
        self.push_own("note", "notice", "journal sealed".to_owned());
        match self.write(Some(super::now_us())) {
            Ok(()) => {
                self.written();
                let mut state = lock(&self.state);
                state.sealed = Some(self.head);
                state.closed = true;
                log::info!("journal sealed, hash {}: {}", hex::encode(self.head), state.path.display());
                Ok(self.head)
            }
            Err(e) => {
                self.failed(&schema::say(&e));
                let path = lock(&self.state).path.clone();
                Err(super::Trouble::new(Path::new(&path), format!("not sealed: {}", schema::say(&e))).to_string())
            }
        }
    }
}

/// About what a line takes in memory.
fn size(line: &FileLine) -> usize {
    match line {
        FileLine::Entry(e) => size_of::<Entry>() + e.object.len() + e.text.len(),
        FileLine::Act(a) => 64 + a.ron.len(),
        FileLine::Rows(c) => 64 + c.data.len() + c.states.len(),
    }
}
