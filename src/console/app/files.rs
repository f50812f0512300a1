//! Files: loading scenarios, dialogs, exports, pictures, files dropped on the window. All on threads.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, bounded};
use egui::{ColorImage, Context};

use super::{ConsoleApp, Loader, Pick};
use crate::console::action::{Action, FileAct};
use crate::console::dialogs::{self, Answer, Ask, Dialogs};
use crate::console::export::{Caption, Exports, caption_bar};
use crate::console::model::Mode;
use crate::console::picker::{self, Picker};
use crate::console::playback::Simulated;
use crate::console::session::{self, Session};
use crate::console::theme;
use crate::console::view::{Picked, View};
use crate::console::views::operate;
use crate::console::widgets::Weight;
use crate::feed::map::Map;
use crate::history::export::write_csv;
use crate::journal::RunFile;
use crate::scenario::Scenario;
use crate::scenario::exercise::Exercise;
use crate::worker::Command;

/// Files that are asked for, read or written.
pub(super) struct Files {
    pub(super) dialogs: Dialogs,
    pub(super) exports: Exports,
    pub(super) pictures: Pictures,
    picker: Picker,
    loading: Option<Loading>,
    loader: Loader,
    /// Names and purposes of the scenarios that `loader` knows by name.
    built_in: Vec<(String, String)>,
}

impl Files {
    pub(super) fn new(loader: Loader, built_in: Vec<(String, String)>) -> Self {
        Self {
            dialogs: Dialogs::default(),
            exports: Exports::default(),
            pictures: Pictures::default(),
            picker: Picker::default(),
            loading: None,
            loader,
            built_in,
        }
    }

    /// Whether nothing is being written.
    pub(super) fn idle(&self) -> bool {
        self.pictures.waiting == 0 && self.exports.running() == 0
    }
}

/// A scenario that is being read.
struct Loading {
    name: String,
    file: Option<PathBuf>,
    reply: Receiver<Result<Loaded, String>>,
}

/// What a file turned out to be.
enum Loaded {
    Scenario(Box<Scenario>),
    Run(Box<RunFile>),
    Exercise(Exercise),
    /// The tag map of a site.
    Site,
    /// The journal beside a saved run that this version cannot run again, and why it cannot.
    Journal(PathBuf, String),
}

/// A saved run, or the journal beside it where this version cannot run it again: its rows can still be drawn.
fn saved_run(path: &Path) -> Result<Loaded, String> {
    let run = RunFile::load(path).and_then(|run| run.scenario().map(|_| run));
    let beside = path.with_extension("sqlite");
    match run {
        Ok(run) => Ok(Loaded::Run(Box::new(run))),
        Err(why) if beside.is_file() => Ok(Loaded::Journal(beside, why)),
        Err(why) => Err(why),
    }
}

/// Pictures of the window that are on their way.
pub(super) struct Pictures {
    tx: Sender<(Arc<ColorImage>, PathBuf)>,
    rx: Receiver<(Arc<ColorImage>, PathBuf)>,
    waiting: usize,
}

impl Default for Pictures {
    fn default() -> Self {
        let (tx, rx) = bounded(4);
        Self { tx, rx, waiting: 0 }
    }
}

impl Pictures {
    /// Takes a picture of the next frame.
    pub(super) fn take(&mut self, ctx: &Context, path: PathBuf) {
        let (tx, again) = (self.tx.clone(), ctx.clone());
        self.waiting += 1;
        ctx.request_screenshot(move |image| {
            tx.try_send((image, path)).ok();
            again.request_repaint();
        });
    }

    fn poll(&mut self) -> Option<(Arc<ColorImage>, PathBuf)> {
        let got = self.rx.try_recv().ok()?;
        self.waiting = self.waiting.saturating_sub(1);
        Some(got)
    }
}

impl ConsoleApp {
    /// Looks after everything that is on a thread.
    pub(super) fn hear_threads(&mut self, ctx: &Context) {
        let dropped: Vec<PathBuf> = ctx.input(|i| i.raw.dropped_files.iter().map(|f| f.path().to_owned()).collect());
        if let Some(path) = dropped.into_iter().find(|p| !p.as_os_str().is_empty()) {
            self.apply(ctx, Action::File(FileAct::OpenFile(path)));
        }
        self.hear_conditions(ctx);
        if let Some((ask, answer)) = self.files.dialogs.poll() {
            self.answered(ctx, ask, answer);
        }
        while let Some(outcome) = self.files.exports.poll() {
            self.over.toasts.outcome(&outcome);
            // a run that was saved is what is compared or replayed next
            if self.fit_was_saved(&outcome) {
                continue;
            }
            if outcome.result.is_ok() && outcome.path.extension().is_some_and(|e| e == "ron") {
                self.remember(&outcome.path);
            }
        }
        while let Some((image, path)) = self.files.pictures.poll() {
            self.write_picture(ctx, image, path);
        }
        let reply = self.files.loading.as_ref().and_then(|l| match l.reply.try_recv() {
            Ok(reply) => Some(reply),
            Err(crossbeam_channel::TryRecvError::Empty) => None,
            Err(crossbeam_channel::TryRecvError::Disconnected) => Some(Err("the loading thread has stopped".into())),
        });
        if let Some(reply) = reply
            && let Some(loading) = self.files.loading.take()
        {
            self.loaded(loading, reply);
        }
    }

    fn start_loading(&mut self, ctx: &Context, name: String, file: Option<PathBuf>) {
        let (tx, reply) = bounded(1);
        let (loader, again) = (Arc::clone(&self.files.loader), ctx.clone());
        let (key, path) = (name.clone(), file.clone());
        let started = std::thread::Builder::new().name("scenario-load".to_owned()).spawn(move || {
            let pick = path.as_deref().map_or(Pick::BuiltIn(&key), Pick::File);
            let loaded = match &path {
                Some(path) if RunFile::is_one(path) => saved_run(path),
                Some(path) if Exercise::is_one(&std::fs::read_to_string(path).unwrap_or_default()) => {
                    let text = crate::text::load(path).map_err(|e| e.to_string());
                    text.and_then(|t| Exercise::from_text(&t, &key)).map(Loaded::Exercise)
                }
                Some(path) if Map::is_one(path) => Ok(Loaded::Site),
                _ => loader(pick).map(|s| Loaded::Scenario(Box::new(s))),
            };
            if tx.send(loaded).is_ok() {
                again.request_repaint();
            }
        });
        match started {
            Ok(_) => self.files.loading = Some(Loading { name, file, reply }),
            Err(e) => self.complain(format!("cannot load: {e}")),
        }
    }

    pub(super) fn load_built_in(&mut self, ctx: &Context, name: String) {
        if let Some(Picked::BuiltIn(name)) = self.offer(Picked::BuiltIn(name)) {
            self.start_loading(ctx, name, None);
        }
    }

    /// Offers what was picked to the views; gives it back if none of them has asked for it.
    fn offer(&mut self, picked: Picked) -> Option<Picked> {
        self.views.each().try_fold(picked, |picked, view| view.take(picked))
    }

    fn asked_no_more(&mut self) {
        self.views.each().for_each(View::asked_no_more);
    }

    /// A recording is played, anything else is taken for a scenario.
    pub(super) fn open_file(&mut self, ctx: &Context, path: &Path) {
        let Some(Picked::File(path)) = self.offer(Picked::File(path.to_owned())) else { return };
        let path = path.as_path();
        if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv")) {
            self.connect(path, crate::feed::Way::Replay);
        } else if !self.play_journal(path) {
            self.start_loading(ctx, path.display().to_string(), Some(path.to_owned()));
        }
    }

    fn loaded(&mut self, loading: Loading, reply: Result<Loaded, String>) {
        let scenario = match reply {
            Ok(Loaded::Scenario(scenario)) => scenario,
            Ok(Loaded::Run(run)) => {
                let path = loading.file.unwrap_or_default();
                self.play(&path, Box::new(Simulated::new(&path, *run)));
                return;
            }
            Ok(Loaded::Exercise(exercise)) => {
                self.begin_exercise(exercise);
                return;
            }
            Ok(Loaded::Journal(path, why)) => {
                self.complain(format!("not run again, its journal is shown instead: {why}"));
                self.play_journal(&path);
                return;
            }
            Ok(Loaded::Site) => {
                self.connect_site(&loading.file.unwrap_or_default());
                return;
            }
            Err(why) => {
                self.complain(format!("not loaded: {why}"));
                return;
            }
        };
        if matches!(self.rows.sources.session, Session::Live(_)) {
            // A scenario is for the twin, so that is what to look at.
            self.apply_back();
        }
        let Some(twin) = self.rows.sources.session.twin() else {
            self.complain("not loaded: there is no twin");
            return;
        };
        let tick_s = scenario.plant.tick_s;
        match session::command(twin, Command::Load(scenario)) {
            Ok(_) => {
                self.rows.tick_s = tick_s;
                self.views.show(operate::ID);
                if let Some(path) = &loading.file {
                    self.remember(path);
                }
                self.say(format!("loaded {}", loading.name));
            }
            Err(e) => self.complain(format!("not loaded: {e}")),
        }
    }

    fn apply_back(&mut self) {
        if let Some(model) = self.rows.sources.back_to_twin() {
            self.rows.model = model;
            self.rows.shadow = None;
            self.rows.heard = None;
        }
    }

    pub(super) fn remember(&mut self, path: &Path) {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        self.settings.remember(&path);
        self.save_settings();
    }

    // Dialogs

    /// The list of what comes with the program; it has a button for the dialog of the desktop.
    pub(super) fn browse(&mut self) {
        let dir = self.settings.recent.first().and_then(|p| p.parent()).map(Path::to_owned);
        self.files.picker.open(Ask::OpenScenario { dir }, self.files.built_in.clone(), &self.settings.recent, None);
    }

    pub(super) fn ask_csv(&mut self, ctx: &Context) {
        let name = format!("{}.csv", self.export_name());
        self.ask(ctx, Ask::SaveCsv { dir: self.settings.export_dir.clone(), name });
    }

    pub(super) fn ask_png(&mut self, ctx: &Context) {
        let name = format!("{}.png", self.export_name());
        self.ask(ctx, Ask::SavePng { dir: self.settings.export_dir.clone(), name });
    }

    pub(super) fn export_name(&mut self) -> String {
        if self.views.front().has_csv() {
            return self.views.front_id().0.to_owned();
        }
        let (name, t) = self.rows.model.as_ref().map_or(("ballast", 0.0), |m| (m.plate.scenario.as_str(), m.t_s));
        let name: String = name.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' }).collect();
        format!("{name}-{t:.0}s")
    }

    pub(super) fn ask(&mut self, ctx: &Context, ask: Ask) {
        let again = ctx.clone();
        if !self.files.dialogs.ask(ask, move || again.request_repaint()) {
            self.complain("a file dialog is open already");
        }
    }

    pub(super) fn browse_recordings(&mut self, ctx: &Context) {
        let dir = self.settings.export_dir.clone();
        self.ask(ctx, Ask::OpenRecording { dir });
    }

    fn answered(&mut self, ctx: &Context, ask: Ask, answer: Answer) {
        match answer {
            Answer::Cancelled => self.asked_no_more(),
            Answer::Picked(path) => self.chosen(ctx, &ask, path),
            Answer::Unavailable => {
                let mut recent = self.settings.recent.clone();
                recent.retain(|p| ask.takes(p));
                self.files.picker.open(ask, self.files.built_in.clone(), &recent, Some(dialogs::hint()));
            }
        }
    }

    fn chosen(&mut self, ctx: &Context, ask: &Ask, path: PathBuf) {
        match ask {
            Ask::OpenScenario { .. } | Ask::OpenRecording { .. } => self.open_file(ctx, &path),
            Ask::SaveCsv { .. } => self.write_window(ctx, path),
            Ask::SaveComtrade { .. } => self.write_comtrade(ctx, path),
            Ask::SaveRun { .. } => self.write_run(ctx, path),
            Ask::SaveExercise { .. } => self.write_exercise(ctx, path),
            Ask::SaveEvents { .. } => self.write_events(ctx, path),
            Ask::SaveAlarms { .. } => self.write_alarms(ctx, path),
            Ask::SaveReport { html, .. } => self.write_report(ctx, path, *html),
            Ask::SavePreset { .. } => self.write_fit(ctx, path),
            Ask::SavePng { .. } => self.files.pictures.take(ctx, path),
        }
    }

    /// The list inside the window, when it is open.
    pub(super) fn pick(&mut self, ui: &mut egui::Ui, view: egui::Rect) {
        let ctx = ui.ctx().clone();
        match self.files.picker.show(ui, view) {
            None => {}
            Some(picker::Pick::Cancel) => self.asked_no_more(),
            Some(picker::Pick::File(path)) => self.open_file(&ctx, &path),
            Some(picker::Pick::BuiltIn(name)) => self.load_built_in(&ctx, name),
            Some(picker::Pick::Browse(ask)) => self.ask(&ctx, ask),
            Some(picker::Pick::SaveAs(ask, path)) => self.chosen(&ctx, &ask, path),
        }
    }

    // Exports

    fn write_window(&mut self, ctx: &Context, path: PathBuf) {
        if let Some(write) = self.views.front().csv() {
            let again = ctx.clone();
            self.settings.export_dir = path.parent().map(Path::to_owned);
            self.files.exports.csv(path, move || again.request_repaint(), write);
            return;
        }
        let Some(model) = &self.rows.model else { return };
        let [from, to, _] = self.time.span(model.t_s);
        // The newest row belongs to the window.
        let window = from.max(0.0)..to + 1e-6;
        let (store, table, again) = (model.history.rows_now(), Arc::clone(&model.table), ctx.clone());
        self.settings.export_dir = path.parent().map(Path::to_owned);
        self.files.exports.csv(
            path,
            move || again.request_repaint(),
            move |out| {
                let done = write_csv(&store, &table, &[], window, out).map_err(std::io::Error::other)?;
                Ok(done.rows as usize)
            },
        );
    }

    fn write_picture(&mut self, ctx: &Context, image: Arc<ColorImage>, path: PathBuf) {
        let t = theme::tokens(ctx);
        let caption = self.caption();
        let bar = caption_bar(ctx, &caption, image.width(), theme::font(Weight::Regular, 13.0), [t.bg, t.text]);
        self.settings.export_dir = path.parent().filter(|p| p.is_dir()).map(Path::to_owned);
        let again = ctx.clone();
        self.files.exports.png(path, image, bar, caption, move || again.request_repaint());
    }

    fn caption(&mut self) -> Caption {
        if let Some(caption) = self.views.front().caption() {
            return caption;
        }
        let Some(m) = &self.rows.model else { return Caption::default() };
        let run = match m.mode {
            Mode::Twin => format!("seed {}, hash {:016x}, t {:.1} s", m.plate.seed, m.state_hash, m.t_s),
            Mode::Live | Mode::Replay => format!("{}, t {:.1} s", m.plate.origin, m.t_s),
        };
        let [from, to, _] = self.time.span(m.t_s);
        Caption {
            run,
            scenario: m.plate.scenario.clone(),
            window: format!("{from:.1} to {to:.1} s"),
            preset: format!("{}, policy {}", m.plate.preset, m.status.policy.set),
            limits: m.plate.relays.join("; "),
            model: m.plate.model_note.clone(),
        }
    }
}
