//! The console's window: takes rows in, lays views out, applies what they ask for.
//!
//! ```text
//! logic: rows (8 ms) · files and dialogs     ui: keys ▶ views ▶ actions, applied once a frame
//! ```
//!
//! Views read the model and push actions; only `apply` changes anything. Nothing here waits: commands are tried, files
//! are read and written on threads of their own. It repaints when rows come, 100 ms apart for a live source, and
//! otherwise only when somebody does something.

mod apply;
mod conditions;
mod debrief;
mod files;
mod frame;
mod journals;
mod mapping;
mod mirror;
mod over;
mod recordings;
mod rehearse;
mod rows;
mod shadow;
mod start;
mod threads;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::Context;

use super::action::{Action, FileAct, SourceAct, ViewId};
use super::dialogs::Dialogs;
use super::keys::KeyState;
use super::model::{Mode, Model};
use super::pacing::Pacing;
use super::session::Session;
use super::settings::{Settings, ThemeChoice, Window};
use super::shell::Layout;
use super::theme;
use super::time_view::TimeView;
use super::view::{self, Views};
use crate::feed::Ear;
use crate::journal::Monitor;
use crate::scenario::Scenario;
use crate::worker::Wake;

pub use rehearse::OpenRehearsal;

/// Pause between two repaints of a live source.
const LIVE_REPAINT: Duration = Duration::from_millis(100);

/// What to load.
#[derive(Clone, Copy, Debug)]
pub enum Pick<'a> {
    /// A scenario that comes with the program, by name.
    BuiltIn(&'a str),
    /// A file.
    File(&'a Path),
}

/// Reads a scenario; called on a thread of its own.
pub type Loader = Arc<dyn Fn(Pick<'_>) -> Result<Scenario, String> + Send + Sync>;
/// Starts a session: the first one, and another after its worker has died.
pub type SessionStarter = Box<dyn Fn(Wake) -> Result<Session, String>>;

/// Makes what journals a followed source and tells this monitor.
pub type JournalMaker = Box<dyn Fn(Monitor) -> Ear>;

/// The console.
pub struct ConsoleApp {
    /// Where rows come from, and what is known of the run in view.
    rows: rows::Rows,
    views: Views,
    /// The time axis that all strips share.
    time: TimeView,
    keys: KeyState,
    over: over::Over,
    files: files::Files,
    conditions: conditions::Conditions,
    journals: journals::Journals,
    threads: threads::Threads,
    settings: Settings,
    settings_path: Option<PathBuf>,
    start: start::Start,
    pacing: Pacing,
    rehearsals: rehearse::Rehearsals,
}

impl ConsoleApp {
    /// A console on `session`. `built_in` are names and purposes of the scenarios that `loader` knows by name. Installs
    /// fonts and themes in `ctx`.
    #[must_use]
    pub fn new(
        ctx: &Context,
        session: Session,
        settings: Settings,
        built_in: Vec<(String, String)>,
        loader: Loader,
    ) -> Self {
        theme::install(ctx);
        theme::set_reduced_motion(ctx, settings.reduced_motion);
        ctx.set_theme(match settings.theme {
            ThemeChoice::Light => egui::ThemePreference::Light,
            ThemeChoice::Dark => egui::ThemePreference::Dark,
            ThemeChoice::System => egui::ThemePreference::System,
        });
        if (settings.ui_scale - 1.0).abs() > 0.01 {
            ctx.set_zoom_factor(settings.ui_scale);
        }
        Self::bare(ctx, session, settings, built_in, loader)
    }

    /// One more console where another has set up fonts and themes.
    fn bare(
        ctx: &Context,
        session: Session,
        settings: Settings,
        built_in: Vec<(String, String)>,
        loader: Loader,
    ) -> Self {
        let mut time = TimeView::default();
        match settings.window {
            Window::Seconds(s) => time.preset(Some(s)),
            Window::Whole => time.preset(None),
        }
        let mut views = Views::default();
        if let Some(last) = view::find(&settings.view) {
            views.show(last.id);
        }
        Self {
            rows: rows::Rows::new(ctx, session),
            views,
            time,
            keys: KeyState::default(),
            over: over::Over::default(),
            files: files::Files::new(loader, built_in),
            conditions: conditions::Conditions::default(),
            journals: journals::Journals::default(),
            threads: threads::Threads::default(),
            settings,
            settings_path: None,
            start: start::Start::default(),
            pacing: Pacing::new(ctx),
            rehearsals: rehearse::Rehearsals::default(),
        }
    }

    /// Saves settings to this file when they change.
    #[must_use]
    pub fn with_settings_file(mut self, path: Option<PathBuf>) -> Self {
        self.conditions = conditions::Conditions::new(conditions::folder(path.as_deref()));
        self.settings_path = path;
        self
    }

    /// Offers a restart when the worker has died.
    #[must_use]
    pub fn with_restart(mut self, restart: SessionStarter) -> Self {
        self.rows.restart = Some(restart);
        self
    }

    /// Uses these dialogs, as tests do.
    #[must_use]
    pub fn with_dialogs(mut self, dialogs: Dialogs) -> Self {
        self.files.dialogs = dialogs;
        self
    }

    /// Shows what the journal of the twin says, and saves its runs.
    #[must_use]
    pub fn with_journal(mut self, monitor: Option<Monitor>) -> Self {
        self.journals.monitor = monitor;
        self
    }

    /// Journals what is followed, too.
    #[must_use]
    pub fn with_journal_maker(mut self, journal_maker: Option<JournalMaker>) -> Self {
        self.journals.journal_maker = journal_maker;
        self
    }

    /// Length of a tick of the twin, s, for steps; 1 ms unless told.
    #[must_use]
    pub fn with_tick_s(mut self, tick_s: f64) -> Self {
        if tick_s.is_finite() && tick_s > 0.0 {
            self.rows.tick_s = tick_s;
        }
        self
    }

    /// Lets the twin run as soon as it is there.
    #[must_use]
    pub fn with_run_at_once(mut self, on: bool) -> Self {
        self.start.run_at_once = on;
        self
    }

    /// Opens a recording or a scenario as soon as the twin is there.
    #[must_use]
    pub fn with_first_file(mut self, path: Option<PathBuf>) -> Self {
        self.start.first.extend(path.map(|p| Action::File(FileAct::OpenFile(p))));
        self
    }

    /// Connects to the site of this map as soon as the twin is there, which lends it limits.
    #[must_use]
    pub fn with_site(mut self, map: Option<PathBuf>) -> Self {
        self.start.first.extend(map.map(|m| Action::Source(SourceAct::Connect(m))));
        self
    }

    /// Prints the milliseconds from `since` to the first frame with rows, and leaves.
    #[must_use]
    pub fn with_first_frame(mut self, since: Option<Instant>) -> Self {
        self.start.first_frame = since;
        self
    }

    /// Shows a message, as what was wrong with the settings file.
    #[must_use]
    pub fn with_message(mut self, message: Option<String>) -> Self {
        if let Some(message) = message {
            self.complain(message);
        }
        self
    }

    /// Closes the window after `after`; before that writes a picture to `screenshot`.
    #[must_use]
    pub fn with_exit(mut self, after: Option<Duration>, screenshot: Option<PathBuf>) -> Self {
        self.start.exit_at = after.map(|d| Instant::now() + d);
        self.start.screenshot = screenshot;
        self
    }

    /// What the views read; none before the first row.
    #[must_use]
    pub fn model(&self) -> Option<&Model> {
        self.rows.model.as_deref()
    }

    /// The view in front.
    #[must_use]
    pub fn view(&self) -> ViewId {
        self.views.front_id()
    }

    /// The time axis.
    #[must_use]
    pub fn time_view(&self) -> &TimeView {
        &self.time
    }

    /// Where rows come from.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.rows.sources.session
    }

    /// Does one thing, as a key or a button would.
    pub fn act(&mut self, ctx: &Context, action: Action) {
        self.apply(ctx, action);
    }

    fn say(&mut self, news: impl Into<String>) {
        let news = news.into();
        log::info!("{news}");
        self.over.toasts.news(news);
    }

    fn complain(&mut self, error: impl Into<String>) {
        let error = error.into();
        log::warn!("{error}");
        self.over.toasts.error(error);
    }

    /// Wall time in which the strips move by a physical pixel, s; infinite while they stand.
    fn s_per_px(&self, ctx: &Context) -> f64 {
        let Some(model) = self.rows.model.as_ref().filter(|m| m.running && self.time.follows()) else {
            return f64::INFINITY;
        };
        let [from, _, to] = self.time.span(model.t_s);
        let strip = Layout::new(ctx.content_rect().size()).strips.f.width() * ctx.pixels_per_point();
        (to - from) / f64::from(strip.max(1.0)) / model.achieved_speed.max(1e-9)
    }

    /// Takes in what rows, threads and files have brought since the last frame.
    fn look(&mut self, ctx: &Context) {
        self.take_rows(ctx);
        if let Some(shadow) = &mut self.rows.shadow {
            shadow.poll();
        }
        self.look_ahead();
        self.hear_journal();
        self.take_dropped(ctx);
        self.list_conditions(ctx);
        self.hear_threads(ctx);
    }

    fn save_settings(&mut self) {
        let window = if self.time.whole { Window::Whole } else { Window::Seconds(self.time.past_s) };
        self.settings.window = window;
        self.views.front_id().0.clone_into(&mut self.settings.view);
        let Some(path) = &self.settings_path else { return };
        if let Err(e) = self.settings.save(path) {
            log::warn!("settings not saved: {e}: {}", path.display());
        }
    }
}

impl eframe::App for ConsoleApp {
    fn logic(&mut self, ctx: &Context, frame: &mut eframe::Frame) {
        self.look(ctx);
        self.leave_when_due(ctx);
        let running = self.rows.model.as_ref().is_some_and(|m| m.running);
        // A wake that came before the window was there is lost, so the first row is looked for.
        let waits = self.rows.model.is_none() && self.rows.sources.session.dead().is_none();
        if waits || (self.rows.sources.session.mode() != Mode::Twin && running) {
            ctx.request_repaint_after(LIVE_REPAINT);
        }
        let s_per_px = self.s_per_px(ctx);
        self.pacing.begin(ctx, frame, s_per_px);
    }

    /// The ground of the window, so that it need not be painted again.
    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.compose(ui);
        if self.rows.model.is_some()
            && let Some(since) = self.start.first_frame.take()
        {
            println!("{}", since.elapsed().as_millis());
            ui.send_viewport_cmd(egui::ViewportCommand::Close);
        }
    }
}

impl Drop for ConsoleApp {
    fn drop(&mut self) {
        self.save_settings();
    }
}
