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
mod mirror;
mod runs;
mod shadow;
mod tapes;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::Context;

use super::action::{Action, View};
use super::dialogs::Dialogs;
use super::export::Exports;
use super::keys::KeyState;
use super::model::{Mode, Model};
use super::picker::Picker;
use super::session::{Session, Sources};
use super::settings::{Settings, ThemeChoice, Window};
use super::shadow::Shadowing;
use super::theme;
use super::time_view::TimeView;
use super::toast::Toasts;
use super::views::alarms::AlarmsState;
use super::views::bringup::BringUpState;
use super::views::compare::CompareState;
use super::views::instructor::InstructorState;
use super::views::live::LiveState;
use super::views::operate::StripOptions;
use super::views::report::ReportState;
use super::views::tune::TuneState;
use crate::feed::Ear;
use crate::feed::hub::Times;
use crate::journal::Monitor;
use crate::scenario::Scenario;
use crate::worker::{Speed, Wake};
use files::{Loading, Pictures};

/// Time that a frame may spend on taking rows in.
const DRAIN: Duration = Duration::from_millis(8);
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
pub type Restarter = Box<dyn Fn(Wake) -> Result<Session, String>>;

/// Makes what journals a followed source and tells this monitor.
pub type Keeper = Box<dyn Fn(Monitor) -> Ear>;

/// The console.
pub struct ConsoleApp {
    sources: Sources,
    model: Option<Box<Model>>,
    heard: Option<Instant>,
    settings: Settings,
    settings_path: Option<PathBuf>,
    built_in: Vec<(String, String)>,
    loader: Loader,
    restart: Option<Restarter>,
    tick_s: f64,
    wake: Wake,

    view: View,
    time: TimeView,
    strips: StripOptions,
    keys: KeyState,
    bringup: BringUpState,
    tune: TuneState,
    alarms: AlarmsState,
    compare: CompareState,
    instructor: InstructorState,
    conditions: conditions::Conditions,
    mirror: bool,
    /// Time of the hint that was read.
    hint_taken: Option<f64>,
    report: ReportState,
    live: LiveState,
    /// The twin that follows the source in view.
    shadow: Option<Shadowing>,
    picker: Picker,
    asking_resume: bool,
    help: bool,
    toasts: Toasts,

    dialogs: Dialogs,
    exports: Exports,
    loading: Option<Loading>,
    pictures: Pictures,
    runs: runs::Runs,
    run_at_once: bool,
    first: Vec<Action>,
    to_frame: Times,
    first_frame: Option<Instant>,
    exit_at: Option<Instant>,
    screenshot: Option<PathBuf>,
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
        let mut time = TimeView::default();
        match settings.window {
            Window::Seconds(s) => time.preset(Some(s)),
            Window::Whole => time.preset(None),
        }
        Self {
            sources: Sources::new(session),
            model: None,
            heard: None,
            settings,
            settings_path: None,
            built_in,
            loader,
            restart: None,
            tick_s: 0.001,
            wake: waker(ctx),
            view: View::Operate,
            time,
            strips: StripOptions::default(),
            keys: KeyState::default(),
            bringup: BringUpState::default(),
            tune: TuneState::default(),
            alarms: AlarmsState::default(),
            compare: CompareState::default(),
            instructor: InstructorState::default(),
            conditions: conditions::Conditions::default(),
            mirror: false,
            hint_taken: None,
            report: ReportState::default(),
            live: LiveState::default(),
            shadow: None,
            picker: Picker::default(),
            asking_resume: false,
            help: false,
            toasts: Toasts::default(),
            dialogs: Dialogs::default(),
            exports: Exports::default(),
            loading: None,
            pictures: Pictures::default(),
            runs: runs::Runs::default(),
            run_at_once: false,
            first: Vec::new(),
            to_frame: Times::default(),
            first_frame: None,
            exit_at: None,
            screenshot: None,
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
    pub fn with_restart(mut self, restart: Restarter) -> Self {
        self.restart = Some(restart);
        self
    }

    /// Uses these dialogs, as tests do.
    #[must_use]
    pub fn with_dialogs(mut self, dialogs: Dialogs) -> Self {
        self.dialogs = dialogs;
        self
    }

    /// Shows what the journal of the twin says, and saves its runs.
    #[must_use]
    pub fn with_journal(mut self, monitor: Option<Monitor>) -> Self {
        self.runs.monitor = monitor;
        self
    }

    /// Journals what is followed, too.
    #[must_use]
    pub fn with_keeper(mut self, keeper: Option<Keeper>) -> Self {
        self.runs.keeper = keeper;
        self
    }

    /// Length of a tick of the twin, s, for steps; 1 ms unless told.
    #[must_use]
    pub fn with_tick_s(mut self, tick_s: f64) -> Self {
        if tick_s.is_finite() && tick_s > 0.0 {
            self.tick_s = tick_s;
        }
        self
    }

    /// Lets the twin run as soon as it is there.
    #[must_use]
    pub fn with_run_at_once(mut self, on: bool) -> Self {
        self.run_at_once = on;
        self
    }

    /// Opens a recording or a scenario as soon as the twin is there.
    #[must_use]
    pub fn with_first_file(mut self, path: Option<PathBuf>) -> Self {
        self.first.extend(path.map(Action::OpenFile));
        self
    }

    /// Connects to the site of this map as soon as the twin is there, which lends it limits.
    #[must_use]
    pub fn with_site(mut self, map: Option<PathBuf>) -> Self {
        self.first.extend(map.map(Action::Connect));
        self
    }

    /// Prints the milliseconds from `since` to the first frame with rows, and leaves.
    #[must_use]
    pub fn with_first_frame(mut self, since: Option<Instant>) -> Self {
        self.first_frame = since;
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
        self.exit_at = after.map(|d| Instant::now() + d);
        self.screenshot = screenshot;
        self
    }

    /// What the views read; none before the first row.
    #[must_use]
    pub fn model(&self) -> Option<&Model> {
        self.model.as_deref()
    }

    /// The view in front.
    #[must_use]
    pub fn view(&self) -> View {
        self.view
    }

    /// The time axis.
    #[must_use]
    pub fn time_view(&self) -> &TimeView {
        &self.time
    }

    /// Where rows come from.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.sources.session
    }

    /// Does one thing, as a key or a button would.
    pub fn act(&mut self, ctx: &Context, action: Action) {
        self.apply(ctx, action);
    }

    fn say(&mut self, news: impl Into<String>) {
        let news = news.into();
        log::info!("{news}");
        self.toasts.news(news);
    }

    fn complain(&mut self, error: impl Into<String>) {
        let error = error.into();
        log::warn!("{error}");
        self.toasts.error(error);
    }

    /// Takes waiting updates, for at most [`DRAIN`].
    fn drain(&mut self, ctx: &Context) {
        let until = Instant::now() + DRAIN;
        while let Ok(update) = self.sources.session.updates().try_recv() {
            if update.block.rows() > 0 || self.model.is_none() {
                self.heard = Some(Instant::now());
            }
            if let Some(shadow) = &mut self.shadow {
                shadow.take(&update);
            }
            match &mut self.model {
                Some(model) => {
                    if update.epoch != model.epoch {
                        self.time.cursors = [None; 2];
                        self.time.follow();
                        self.asking_resume = false;
                        self.bringup = BringUpState::default();
                    }
                    if let Session::Live(live) = &self.sources.session {
                        // before its rows, or slow ones would look like gaps
                        model.history.set_row_period_s(live.period_s());
                    }
                    model.absorb(update);
                }
                None => self.model = Some(Box::new(Model::new(self.sources.session.mode(), update))),
            }
            if Instant::now() >= until {
                ctx.request_repaint();
                break;
            }
        }
        if self.run_at_once && self.model.is_some() {
            self.run_at_once = false;
            self.apply(ctx, Action::Run);
        }
        if self.model.is_some() {
            for action in std::mem::take(&mut self.first) {
                self.apply(ctx, action);
            }
        }
        let dead = self.sources.session.dead();
        let age_s = self.heard.map_or(f64::NAN, |t| t.elapsed().as_secs_f64());
        if let Some(model) = &mut self.model {
            model.dead = dead;
            match &self.sources.session {
                Session::Twin(twin) => model.sent = twin.sent(),
                Session::Live(live) => {
                    model.age_s = age_s;
                    model.history.set_row_period_s(live.period_s());
                    let view = live.site();
                    let is_new = view.as_ref().map(|v| v.rows) != model.site_view.as_ref().map(|v| v.rows);
                    if let Some(at) = view.as_ref().and_then(|v| v.arrival).filter(|_| is_new) {
                        self.to_frame.push(at.elapsed().as_secs_f64());
                    }
                    model.site_view = view;
                    if let Some(tape) = live.controls() {
                        model.running = tape.running() && !tape.ended();
                        model.speed = Speed::Times(tape.speed());
                        model.achieved_speed = if model.running { tape.speed() } else { 0.0 };
                    }
                }
            }
        }
    }

    fn tidy(&mut self, ctx: &Context) {
        if self.exit_at.is_some_and(|at| Instant::now() >= at) {
            match self.screenshot.take() {
                Some(path) => self.pictures.take(ctx, path),
                None if self.pictures.idle() && self.exports.running() == 0 => {
                    ctx.send_viewport_cmd(egui::ViewportCommand::Close);
                }
                None => {}
            }
            ctx.request_repaint_after(Duration::from_millis(50));
        } else if let Some(at) = self.exit_at {
            ctx.request_repaint_after(at.saturating_duration_since(Instant::now()));
        }
    }

    fn save_settings(&mut self) {
        let window = if self.time.whole { Window::Whole } else { Window::Seconds(self.time.past_s) };
        self.settings.window = window;
        let Some(path) = &self.settings_path else { return };
        if let Err(e) = self.settings.save(path) {
            log::warn!("settings not saved: {e}: {}", path.display());
        }
    }
}

/// Asks for a repaint soon, so that a burst of updates makes one frame.
#[must_use]
pub fn waker(ctx: &Context) -> Wake {
    let ctx = ctx.clone();
    Arc::new(move || ctx.request_repaint_after(Duration::from_millis(16)))
}

impl eframe::App for ConsoleApp {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.drain(ctx);
        if let Some(shadow) = &mut self.shadow {
            shadow.poll();
        }
        self.hear_journal();
        self.files(ctx);
        self.tidy(ctx);
        let running = self.model.as_ref().is_some_and(|m| m.running);
        // A wake that came before the window was there is lost, so the first row is looked for.
        let waits = self.model.is_none() && self.sources.session.dead().is_none();
        if waits || (self.sources.session.mode() != Mode::Twin && running) {
            ctx.request_repaint_after(LIVE_REPAINT);
        }
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.compose(ui);
        if self.model.is_some()
            && let Some(since) = self.first_frame.take()
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
