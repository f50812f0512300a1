//! Files: loading scenarios, dialogs, exports, pictures, files dropped on the window. All on threads.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{ColorImage, Context};

use super::{ConsoleApp, Loader, Pick};
use crate::console::action::{Action, FileAct};
use crate::console::dialogs::{self, Answer, Ask, Dialogs, Save, What};
use crate::console::export::{Caption, caption_bar, write_png};
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
    /// One of them is open.
    pub(super) asking: bool,
    picker: Picker,
    /// Files that were begun to be loaded: the last one counts.
    loads: u64,
    loader: Loader,
    /// Names and purposes of the scenarios that `loader` knows by name.
    built_in: Vec<(String, String)>,
}

impl Files {
    pub(super) fn new(loader: Loader, built_in: Vec<(String, String)>) -> Self {
        Self { dialogs: Dialogs::default(), asking: false, picker: Picker::default(), loads: 0, loader, built_in }
    }

    /// What reads scenarios.
    pub(super) fn loader(&self) -> Loader {
        Arc::clone(&self.loader)
    }

    /// Names and purposes of the scenarios that the loader knows by name.
    pub(super) fn built_in(&self) -> &[(String, String)] {
        &self.built_in
    }
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

/// What is said to whoever asks for a second dialog.
const DIALOG_OPEN: &str = "a file dialog is open already";

impl ConsoleApp {
    /// Opens what was dropped on the window.
    pub(super) fn take_dropped(&mut self, ctx: &Context) {
        let dropped: Vec<PathBuf> = ctx.input(|i| i.raw.dropped_files.iter().map(|f| f.path().to_owned()).collect());
        if let Some(path) = dropped.into_iter().find(|p| !p.as_os_str().is_empty()) {
            self.apply(ctx, Action::File(FileAct::OpenFile(path)));
        }
    }

    fn load(&mut self, ctx: &Context, name: String, file: Option<PathBuf>) {
        self.files.loads += 1;
        let (this, loader) = (self.files.loads, Arc::clone(&self.files.loader));
        let (key, path) = (name.clone(), file.clone());
        let job = move || match &path {
            Some(path) if RunFile::is_one(path) => saved_run(path),
            Some(path) if Exercise::is_one(&std::fs::read_to_string(path).unwrap_or_default()) => {
                let text = crate::text::load(path).map_err(|e| e.to_string());
                text.and_then(|t| Exercise::from_text(&t, &key)).map(Loaded::Exercise)
            }
            Some(path) if Map::is_one(path) => Ok(Loaded::Site),
            Some(path) => loader(Pick::File(path)).map(|s| Loaded::Scenario(Box::new(s))),
            None => loader(Pick::BuiltIn(&key)).map(|s| Loaded::Scenario(Box::new(s))),
        };
        self.on_thread(ctx, "scenario-load", job, move |app, _, loaded| {
            // what was asked for later has taken its place
            if app.files.loads == this {
                app.loaded(&name, file, loaded);
            }
        });
    }

    pub(super) fn load_built_in(&mut self, ctx: &Context, name: String) {
        if let Some(Picked::BuiltIn(name)) = self.offer(Picked::BuiltIn(name)) {
            self.load(ctx, name, None);
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
            self.load(ctx, path.display().to_string(), Some(path.to_owned()));
        }
    }

    fn loaded(&mut self, name: &str, file: Option<PathBuf>, loaded: Result<Loaded, String>) {
        let scenario = match loaded {
            Ok(Loaded::Scenario(scenario)) => scenario,
            Ok(Loaded::Run(run)) => {
                let path = file.unwrap_or_default();
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
                self.connect_site(&file.unwrap_or_default());
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
        let (tick_s, purpose) = (scenario.plant.tick_s, scenario.purpose.clone());
        match session::command(twin, Command::Load(scenario)) {
            Ok(_) => {
                self.rows.tick_s = tick_s;
                self.views.show(operate::ID);
                if let Some(path) = &file {
                    self.remember(path);
                }
                self.over.toasts.cured("not loaded");
                self.say(if purpose.is_empty() {
                    format!("loaded {name}")
                } else {
                    format!("loaded {name}: {purpose}")
                });
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
        let ask = Ask::open(What::Scenario, dir);
        self.files.picker.open(ask, self.files.built_in.clone(), &self.settings.recent, None);
    }

    /// Asks where to write something, or says why it cannot be written.
    pub(super) fn ask_to_save(&mut self, ctx: &Context, save: Save) {
        if let Some(why) = self.cannot_save(&save) {
            self.complain(why);
            return;
        }
        let ask = match &save {
            Save::Preset(name) => Ask::save(save.clone(), self.preset_folder(), name),
            _ => Ask::save(save, self.settings.export_dir.clone(), &self.export_name()),
        };
        self.ask(ctx, ask);
    }

    fn cannot_save(&mut self, save: &Save) -> Option<String> {
        let no_journal = self.journals.monitor.is_none();
        let why = match save {
            Save::Run if no_journal || matches!(self.rows.sources.session, Session::Live(_)) => {
                "only a run of the twin can be saved"
            }
            Save::Exercise if self.exercise().is_none() => "only a run of the twin has an exercise",
            Save::Debrief | Save::Metrics if no_journal && self.journal_file().is_none() => {
                "only a run of the twin, or its journal, can be reported on"
            }
            Save::Page if self.views.front().page().is_none() => "this view has no page",
            Save::Preset(name) => return self.fitted(name).err().map(|why| format!("not saved: {why}")),
            _ => return None,
        };
        Some(why.to_owned())
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
        if std::mem::replace(&mut self.files.asking, true) {
            self.complain(DIALOG_OPEN);
            return;
        }
        let (dialogs, asked) = (self.files.dialogs.clone(), ask.clone());
        self.on_thread(
            ctx,
            "file-dialog",
            move || Ok(dialogs.show(&asked)),
            |app, ctx, answer| {
                app.files.asking = false;
                app.over.toasts.cured(DIALOG_OPEN);
                app.answered(ctx, ask, answer.unwrap_or(Answer::Unavailable));
            },
        );
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
        let save = match &ask.what {
            What::Scenario | What::Recording => return self.open_file(ctx, &path),
            What::Save(save) => save,
        };
        match save {
            Save::Window => self.write_window(ctx, path),
            Save::Comtrade => self.write_comtrade(ctx, path),
            Save::Page => self.write_page(ctx, path),
            Save::Picture => self.picture(ctx, path),
            Save::Run => self.write_run(ctx, path),
            Save::Exercise => self.write_exercise(ctx, path),
            Save::Events(wanted) => self.write_events(ctx, path, wanted.clone()),
            Save::Alarms => self.write_alarms(ctx, path),
            Save::Debrief | Save::Metrics => self.write_report(ctx, path, *save == Save::Debrief),
            Save::Preset(_) => self.write_fit(ctx, path),
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
            self.write(ctx, path, move |out| write(out).map(|rows| format!("{rows} rows")));
            return;
        }
        let Some(model) = &self.rows.model else { return };
        let [from, to, _] = self.time.span(model.t_s);
        // The newest row belongs to the window.
        let window = from.max(0.0)..to + 1e-6;
        let (store, table) = (model.history.rows_now(), Arc::clone(&model.table));
        self.write(ctx, path, move |out| {
            let done = write_csv(&store, &table, &[], window, out).map_err(std::io::Error::other)?;
            Ok(format!("{} rows", done.rows))
        });
    }

    fn write_page(&mut self, ctx: &Context, path: PathBuf) {
        if let Some(write) = self.views.front().page() {
            self.write(ctx, path, write);
        }
    }

    pub(super) fn write_picture(&mut self, ctx: &Context, image: Arc<ColorImage>, path: PathBuf) {
        let (t, caption) = (theme::tokens(ctx), self.caption());
        let bar = caption_bar(ctx, &caption, image.width(), theme::font(Weight::Regular, 13.0), [t.bg, t.text]);
        self.write(ctx, path, move |out| {
            write_png(out, &image, &bar, &caption)?;
            Ok(format!("picture {} x {}", image.width(), image.height() + bar.height()))
        });
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
