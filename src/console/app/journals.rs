//! The journal and saved runs as the console sees them: state, notices, saving, verifying. Files are on threads.

use std::io;
use std::path::{Path, PathBuf};

use egui::Context;

use super::ConsoleApp;
use super::JournalMaker;
use crate::console::event_filter::EventFilter;
use crate::console::model::Mode;
use crate::console::playback;
use crate::console::session::{self, LiveHandle, Session};
use crate::console::views::alarms::csv;
use crate::feed::{Ear, Source, record};
use crate::journal::{self, Entry, Monitor, Recording};
use crate::worker::Command;

/// What the console knows of journals.
#[derive(Default)]
pub(super) struct Journals {
    pub(super) monitor: Option<Monitor>,
    /// Makes the journal of a followed source.
    pub(super) journal_maker: Option<JournalMaker>,
    /// What that journal says.
    followed: Monitor,
    /// The trouble that was told last.
    told: Option<String>,
    /// What the last check of the journal in view came to.
    pub(super) verdict: Option<String>,
}

impl Journals {
    /// A journal for the source that is followed from now on.
    pub(super) fn ear(&mut self) -> Option<Ear> {
        self.followed = Monitor::default();
        self.journal_maker.as_ref().map(|keep| keep(self.followed.clone()))
    }
}

impl ConsoleApp {
    /// The journal that is written of what is in view.
    fn monitor(&self) -> Option<&Monitor> {
        match &self.rows.sources.session {
            Session::Twin(_) => self.journals.monitor.as_ref(),
            Session::Live(live) if live.mode() == Mode::Live => Some(&self.journals.followed),
            Session::Live(_) => None,
        }
    }

    /// Looks after the journal: once a frame, without waiting.
    pub(super) fn hear_journal(&mut self) {
        let state = self.monitor().and_then(Monitor::state);
        for notice in self.monitor().map(Monitor::notices).unwrap_or_default() {
            let bad = notice.starts_with("no journal") || notice.starts_with("not sealed");
            if bad { self.complain(notice) } else { self.say(notice) }
        }
        let trouble = state.as_ref().and_then(|s| s.trouble.clone());
        if trouble != self.journals.told {
            if let Some(state) = &state {
                let line = state.line();
                if trouble.is_some() { self.complain(line) } else { self.say(line) }
            }
            self.journals.told = trouble;
        }
        let file = self.journal_file();
        if let Some(model) = &mut self.rows.model {
            let closed = |path| journal::JournalState { path, closed: true, ..journal::JournalState::default() };
            model.journal = state.or_else(|| file.map(closed));
            model.verdict.clone_from(&self.journals.verdict);
            model.cursor_s = self.time.cursors[0];
        }
    }

    /// The journal in view: that of the twin or of a followed source, or the one that is played.
    pub(super) fn journal_file(&self) -> Option<PathBuf> {
        match &self.rows.sources.session {
            Session::Live(live) if live.mode() == Mode::Replay => {
                Some(live.path()).filter(|p| p.extension().is_some_and(|e| e == "sqlite"))
            }
            _ => self.monitor().and_then(Monitor::state).map(|s| s.path),
        }
    }

    pub(super) fn verify_journal(&mut self, ctx: &Context) {
        let Some(path) = self.journal_file() else {
            self.complain("there is no journal of this run");
            return;
        };
        self.journals.verdict = None;
        let job = move || Recording::open(&path).map(|r| r.verify().to_string()).map_err(|e| e.to_string());
        self.on_thread(ctx, "journal-verify", job, |app, _, said| {
            let verdict = said.unwrap_or_else(|why| why);
            let line = format!("journal {verdict}");
            if verdict.starts_with("as written") {
                app.say(line);
            } else {
                app.complain(line);
            }
            app.journals.verdict = Some(verdict);
        });
    }

    pub(super) fn seal_journal(&mut self) {
        let Some(monitor) = &self.journals.monitor else {
            self.complain("there is no journal of this run");
            return;
        };
        monitor.ask_seal();
        // The twin looks when it has something to do; freezing is what the end of an examination does anyway.
        self.to_twin(|twin| session::command(twin, Command::Pause));
    }

    /// Writes the run, and its journal beside it.
    pub(super) fn write_run(&mut self, ctx: &Context, path: PathBuf) {
        let Some(monitor) = &self.journals.monitor else { return };
        let run = monitor.run_file();
        let journal = monitor.state().map(|s| s.path);
        let beside = path.with_extension("sqlite");
        self.write(ctx, path, move |out| {
            out.write_all(run.text().map_err(io::Error::other)?.as_bytes())?;
            let rows = match journal {
                Some(from) => {
                    let recording = Recording::open(&from).map_err(io::Error::other)?;
                    recording.copy_to(&beside).map_err(io::Error::other)?;
                    ", its journal beside it"
                }
                None => "",
            };
            Ok(format!("run of {:.1} s, {} acts{rows}", run.until_s, run.desk.len()))
        });
    }

    /// Writes the alarms as they are now.
    pub(super) fn write_alarms(&mut self, ctx: &Context, path: PathBuf) {
        let Some(model) = &self.rows.model else { return };
        let Some(list) = model.desk.as_ref().and_then(|d| d.alarms.clone()) else { return };
        let t_s = model.t_s;
        self.write(ctx, path, move |out| csv::write(&list, t_s, out));
    }

    /// Writes the events that the list shows: from the journal, which has all of them, or from memory.
    pub(super) fn write_events(&mut self, ctx: &Context, path: PathBuf, wanted: EventFilter) {
        let Some(model) = &self.rows.model else { return };
        let journal = self.journal_file();
        let events = model.history.events().iter().filter(|e| journal.is_none() && wanted.takes(e));
        let memory: Vec<Entry> = events.map(|e| Entry { seq: e.seq, ..Entry::of_event(e, 0, "") }).collect();
        let as_json = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("json"));
        self.write(ctx, path, move |out| {
            let entries = match journal {
                Some(file) => {
                    let recording = Recording::open(&file).map_err(io::Error::other)?;
                    let all = recording.entries(&wanted.filter()).map_err(io::Error::other)?;
                    all.into_iter().filter(|e| wanted.takes(&e.event())).collect()
                }
                None => memory,
            };
            let n = if as_json { journal::json(&entries, out) } else { journal::csv(&entries, out) }?;
            Ok(format!("{n} events"))
        });
    }

    /// Plays a recording or a saved run.
    pub(super) fn play(&mut self, path: &Path, source: Box<dyn Source>) {
        let live = LiveHandle::play(path, source, self.rows.wake.clone());
        self.shown(path, live);
    }

    /// Plays a journal or the recording of a site, if the file is one.
    pub(super) fn play_journal(&mut self, path: &Path) -> bool {
        if record::RECORDING.is(path) {
            let reference = self.rows.sources.reference(self.rows.model.as_deref());
            let live = LiveHandle::tape(path, reference, self.rows.wake.clone());
            self.shown(path, live);
            return true;
        }
        let Some(source) = playback::source(path) else { return false };
        self.play(path, source);
        true
    }
}
