//! Feeds journals from a twin: one file a run, begun with its first act or tick, ended with its epoch.
//!
//! It sits on the worker's thread as a [`Tap`] and keeps the acts of the run in memory too, so that a run can be saved
//! whether or not it is journalled. What it has to say is left with the [`Monitor`], which a console asks.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use super::state::JournalState;
use super::writer::Writer;
use super::{Folder, Header, RunFile};
use crate::acts::{Block, By, Event, Plate};
use crate::lock::lock;
use crate::plant::signals::SignalTable;
use crate::training::msg::{DeskAct, What};
use crate::worker::{News, Tap, Update};

#[derive(Default)]
struct Seen {
    state: Option<Arc<Mutex<JournalState>>>,
    notices: Vec<String>,
    run: RunFile,
    seal: bool,
}

/// What a console sees of the scribe, and what it may ask of it. Never waits for the disk.
#[derive(Clone, Default)]
pub struct Monitor(Arc<Mutex<Seen>>);

impl std::fmt::Debug for Monitor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Monitor").field("state", &self.state()).finish()
    }
}

impl Monitor {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        lock(&self.0)
    }

    /// State of the journal of this run; none if there is none.
    #[must_use]
    pub fn state(&self) -> Option<JournalState> {
        let shared = self.seen().state.clone()?;
        let state = lock(&shared).clone();
        Some(state)
    }

    /// What is new to say, each once.
    pub fn notices(&self) -> Vec<String> {
        std::mem::take(&mut self.seen().notices)
    }

    /// The run so far, to be saved.
    #[must_use]
    pub fn run_file(&self) -> RunFile {
        self.seen().run.clone()
    }

    /// Asks for a seal, as at the end of an examination; it is set when the twin next looks, and the hash is told by
    /// [`Self::notices`]. What comes after is no longer journalled.
    pub fn ask_seal(&self) {
        self.seen().seal = true;
    }
}

/// What is known of the run in hand.
struct CurrentRun {
    epoch: u32,
    table: Arc<SignalTable>,
    plate: Arc<Plate>,
    /// Rows and events from before the file was begun.
    early: (Block, Vec<Event>),
    /// A file was begun, or could not be.
    begun: bool,
    /// An examination has ended: its journal is sealed behind the events of that.
    exam_over: bool,
    /// Branch of the desk that goes on.
    branch: u32,
    /// The desk's other branches: number, that of the file's branch, and the run that led to its end.
    left: Vec<(u32, u32, RunFile)>,
}

/// The tap.
pub struct Scribe {
    folder: Option<Folder>,
    user: String,
    alarms: Option<Arc<str>>,
    monitor: Monitor,
    run: Option<CurrentRun>,
    writer: Option<Writer>,
}

impl Scribe {
    /// Writes journals into `folder`, or none, and tells `monitor`.
    #[must_use]
    pub fn new(folder: Option<Folder>, user: String, monitor: Monitor) -> Self {
        Self { folder, user, alarms: None, monitor, run: None, writer: None }
    }

    /// Keeps the text of an alarm set with every run: for a desk whose alarms are not those that come with the program.
    #[must_use]
    pub fn with_alarms(self, text: Option<Arc<str>>) -> Self {
        Self { alarms: text, ..self }
    }

    fn begin_run(&mut self, u: &Update) {
        // Closes the file of the run before.
        self.writer = None;
        let mut seen = self.monitor.seen();
        seen.run = RunFile { alarms: self.alarms.as_deref().map(str::to_owned), ..RunFile::begin(&u.plate) };
        seen.state = None;
        seen.seal = false;
        drop(seen);
        self.run = Some(CurrentRun {
            epoch: u.epoch,
            table: Arc::clone(&u.table),
            plate: Arc::clone(&u.plate),
            early: (Block { width: u.table.len(), ..Block::default() }, Vec::new()),
            begun: false,
            exam_over: false,
            branch: 0,
            left: Vec::new(),
        });
    }

    /// Begins the file, once, and gives it what came before.
    fn open(&mut self) {
        let (Some(folder), Some(run)) = (&self.folder, &mut self.run) else { return };
        if std::mem::replace(&mut run.begun, true) {
            return;
        }
        let alarms = self.alarms.as_deref().map(str::to_owned);
        let header = Header { alarms, ..Header::new(&run.plate, &run.table, &self.user) };
        let opened = folder
            .name(&run.plate.scenario, header.started_utc_us)
            .and_then(|path| Writer::open(&path, &header).map_err(|e| e.to_string()));
        let mut notices: Vec<String> = Vec::new();
        match opened {
            Ok(mut writer) => {
                let (block, events) = std::mem::take(&mut run.early);
                writer.events(&events);
                writer.block(&run.table, &block);
                self.monitor.seen().state = Some(writer.shared());
                self.writer = Some(writer);
                notices.extend(told(&folder.tidy()));
            }
            Err(why) => notices.push(format!("no journal of this run: {why}")),
        }
        self.monitor.seen().notices.extend(notices);
    }

    fn update(&mut self, u: &Update, acts: usize) {
        if self.run.as_ref().is_none_or(|r| r.epoch != u.epoch) {
            self.begin_run(u);
        }
        if let Some(t_s) = u.rewound_s {
            self.open();
            self.rewound(u, t_s, acts);
        }
        if u.t_s > 0.0 {
            self.open();
            let mut seen = self.monitor.seen();
            // A run may end between two full seconds.
            seen.run.until_s = u.t_s;
        }
        let Some(run) = &mut self.run else { return };
        if std::mem::take(&mut run.exam_over) {
            self.monitor.seen().seal = true;
        }
        match &mut self.writer {
            Some(writer) => {
                writer.events(&u.events);
                writer.block(&run.table, &u.block);
            }
            None if !run.begun && self.folder.is_some() => {
                run.early.0.append(&mut u.block.clone());
                run.early.1.extend_from_slice(&u.events);
            }
            None => {}
        }
    }

    /// The run went back to `t_s`, on the branch that the desk tells.
    fn rewound(&mut self, u: &Update, t_s: f64, acts: usize) {
        let Some(run) = &mut self.run else { return };
        let mut seen = self.monitor.seen();
        let file = |w: &Option<Writer>| w.as_ref().map_or(0, Writer::branch);
        let (now, parent) = match &u.desk {
            Some(desk) => {
                let parent = desk.branches.iter().find(|b| b.id == desk.branch).and_then(|b| b.parent);
                (desk.branch, parent)
            }
            None => (run.branch, None),
        };
        // A branch that is new goes on from its parent, one that was there from itself.
        let known = |b: u32, run: &CurrentRun| b == run.branch || run.left.iter().any(|(id, ..)| *id == b);
        let from = parent.filter(|_| !known(now, run)).unwrap_or(now);
        run.left.retain(|(id, ..)| *id != run.branch);
        run.left.push((run.branch, file(&self.writer), seen.run.clone()));
        if let Some((_, in_file, before)) = run.left.iter().find(|(id, ..)| *id == from) {
            seen.run = before.back_to(t_s, acts);
            if let Some(writer) = &mut self.writer {
                writer.rewound(t_s, *in_file, acts);
            }
        }
        run.left.retain(|(id, ..)| *id != now);
        run.branch = now;
    }

    /// An act, of whoever did it.
    fn act(&mut self, tick: u64, act: &DeskAct) {
        self.open();
        if act.rewinds() {
            // It is about the log, not in it: what came of it is told by the next update.
            return;
        }
        if let Some(run) = &mut self.run {
            run.exam_over |= act.what == What::Exam(false);
        }
        self.monitor.seen().run.desk.push((tick, act.clone()));
        if let Some(writer) = &mut self.writer {
            writer.act(tick, act);
        }
    }

    /// Sets a seal that was asked for.
    fn seal(&mut self) {
        if !std::mem::take(&mut self.monitor.seen().seal) {
            return;
        }
        let Some(writer) = self.writer.take() else {
            self.monitor.seen().notices.push("not sealed: this run has no journal".to_owned());
            return;
        };
        let path: PathBuf = writer.state().path;
        let said = match writer.seal() {
            Ok(hash) => {
                let kept = crate::store::keep(&path, true).err().map_or_else(String::new, |e| format!(" ({e})"));
                format!("journal sealed{kept}, hash {}: {}", hex::encode(hash), path.display())
            }
            Err(why) => why,
        };
        self.monitor.seen().notices.push(said);
    }
}

fn told(gone: &[PathBuf]) -> Option<String> {
    let first = gone.first()?;
    let more = if gone.len() > 1 { format!(" and {} more", gone.len() - 1) } else { String::new() };
    Some(format!("oldest journals removed to keep within the bounds: {}{more}", first.display()))
}

impl Tap for Scribe {
    fn take(&mut self, news: News<'_>) {
        match news {
            News::Update { update, acts } => self.update(update, acts),
            News::Second { second, hash } => {
                self.monitor.seen().run.hash(second, hash);
                if let Some(writer) = &mut self.writer {
                    writer.second(second, hash);
                }
            }
            News::Operate(tick, op) => self.act(tick, &DeskAct { by: By::Trainee, what: What::Operate(*op) }),
            News::Desk(tick, act) => self.act(tick, act),
        }
        self.seal();
    }

    fn full(&mut self) -> bool {
        self.seal();
        self.writer.as_mut().is_some_and(Writer::full)
    }
}
