//! What actions do. The only place that changes the console or sends to the twin.

use egui::{Context, ThemePreference, ViewportCommand};

use super::ConsoleApp;
use crate::acts::EventKind;
use crate::console::action::{Action, View};
use crate::console::session::{self, LiveHandle, Session};
use crate::console::settings::ThemeChoice;
use crate::console::shadow::Shadowing;
use crate::console::views::bringup::{self, BringUpState};
use crate::console::views::live::LiveState;
use crate::feed::{State, Way};
use crate::training::msg::{DeskAct, What};
use crate::worker::{Command, SendError, Speed, TwinHandle};
use std::path::Path;

impl ConsoleApp {
    pub(super) fn apply(&mut self, ctx: &Context, action: Action) {
        let freezes = match &action {
            Action::ToggleRun => self.model.as_ref().is_some_and(|m| m.running),
            Action::Pause
            | Action::StepS(_)
            | Action::Speed(_)
            | Action::Restart
            | Action::Backtrack
            | Action::LoadBuiltIn(_)
            | Action::LoadIc(_)
            | Action::OpenFile(_) => true,
            _ => false,
        };
        if freezes && self.in_exam() {
            self.complain("not in an exam");
            return;
        }
        match action {
            Action::Operate(op) => self.to_twin(|twin| session::operate(twin, op)),
            Action::AskResume => self.ask_resume(),
            Action::Desk(act) => self.desk(act),
            Action::Backtrack => self.backtrack(),
            Action::LoadIc(path) => self.load_ic(ctx, path),
            Action::KeepIc(name) => self.keep_ic(ctx, &name),
            Action::DiffIc(a, b) => self.diff_ic(ctx, a, b),
            Action::SaveExercise => self.ask_exercise(ctx),
            Action::ToggleMirror => self.mirror = !self.mirror,
            Action::ToggleRun => self.toggle_run(),
            Action::Run => self.run(true),
            Action::Pause => self.run(false),
            Action::StepS(s) => {
                let ticks = (s / self.tick_s).round().clamp(1.0, 1e7) as u32;
                self.to_twin(|twin| session::command(twin, Command::Step(ticks)));
            }
            Action::Speed(speed) => self.speed(speed),
            Action::Restart => self.to_twin(|twin| session::command(twin, Command::Restart)),
            Action::Show(view) => {
                self.view = view;
            }
            Action::ShowAlarm(id) => {
                self.view = View::Alarms;
                self.alarms.select(id);
            }
            Action::SaveAlarms => self.ask_alarms(ctx),
            Action::Open => self.browse(),
            Action::OpenRecording => self.browse_recordings(ctx),
            Action::OpenFile(path) => self.open_file(ctx, &path),
            Action::LoadBuiltIn(name) => self.load_built_in(ctx, name),
            Action::Replay(path) if self.play_journal(&path) => {}
            Action::Replay(path) => self.connect(&path, Way::Replay),
            Action::FollowFile(path) if path.extension().is_some_and(|e| e == "sqlite") => {
                self.complain("a journal is played, not followed: the console that writes it shows it live");
            }
            Action::FollowFile(path) => self.connect(&path, Way::Follow),
            Action::Connect(map) => self.connect_site(&map),
            Action::BackToTwin => self.back_to_twin(),
            Action::RestartWorker => self.restart_worker(),
            Action::ExportCsv => self.ask_csv(ctx),
            Action::ExportComtrade => self.ask_comtrade(ctx),
            Action::Record(on) => self.record(on),
            Action::Seek(t_s) => self.tape(|tape| tape.seek(t_s)),
            Action::Loop(on) => self.tape(|tape| tape.set_looped(on)),
            Action::FitShadow => self.ask_fit(),
            Action::SaveFit(name) => self.ask_preset(ctx, &name),
            Action::SaveRun => self.ask_run(ctx),
            Action::SaveEvents(wanted) => self.ask_events(ctx, wanted),
            Action::SaveReport { html } => self.ask_report(ctx, html),
            Action::VerifyJournal => self.verify_journal(ctx),
            Action::SealJournal => self.seal_journal(),
            Action::ExportPng => self.ask_png(ctx),
            Action::ToggleTheme => self.toggle_theme(ctx),
            Action::ToggleHelp => self.help = !self.help,
            Action::Quit => ctx.send_viewport_cmd(ViewportCommand::Close),
            Action::ToggleFullScreen => {
                let full = ctx.input(|i| i.viewport().fullscreen.unwrap_or(false));
                ctx.send_viewport_cmd(ViewportCommand::Fullscreen(!full));
            }
            Action::ZoomToData(on) => self.strips.zoom_to_data = on,
            Action::ShowVoltage(on) => self.strips.show_voltage = on,
            time => self.time(time),
        }
        ctx.request_repaint();
    }

    /// Actions on the time axis.
    fn time(&mut self, action: Action) {
        if self.view == View::Compare && self.compare.time(&action) {
            return;
        }
        let now = self.model.as_ref().map_or(0.0, |m| m.t_s);
        let end = self.time.span(now)[1];
        match action {
            Action::Zoom(factor, at) => {
                let at = at.or(self.time.cursors[0]).unwrap_or(end);
                self.time.zoom(factor, at, now);
            }
            Action::Pan(s) => self.time.pan(s, now),
            Action::Follow => self.time.follow(),
            Action::ToStart => self.time.to_start(),
            Action::Window(past) => self.time.preset(past),
            Action::Cursor(i, at) => {
                // NaN is "at the now line", which is all that a key knows.
                let at = at.map(|t| if t.is_finite() { t } else { end });
                if let Some(cursor) = self.time.cursors.get_mut(i) {
                    *cursor = at;
                }
                self.bring_into_view(now);
            }
            Action::ClearCursors => self.time.cursors = [None; 2],
            Action::Nudge(s) => {
                self.time.nudge(s, now);
                self.bring_into_view(now);
            }
            Action::ToEvent(forward) => self.to_event(forward, end, now),
            _ => {}
        }
    }

    fn to_event(&mut self, forward: bool, end: f64, now: f64) {
        let Some(model) = &self.model else { return };
        let at = self.time.cursors[0].unwrap_or(end);
        let wanted = |e: &crate::acts::Event| !matches!(e.kind, EventKind::Batch | EventKind::BatchDown);
        let events = model.history.events();
        let next = if forward { events.next_after(at, wanted) } else { events.previous_before(at, wanted) };
        if let Some(t) = next.map(|e| e.t_s) {
            self.time.cursors[0] = Some(t);
            self.bring_into_view(now);
        }
    }

    /// Pans so that cursor 0 can be seen.
    fn bring_into_view(&mut self, now: f64) {
        let Some(at) = self.time.cursors[0] else { return };
        let [start, end, _] = self.time.span(now);
        if at < start {
            self.time.pan(at - start - 0.1 * (end - start), now);
        } else if at > end && !self.time.follows() {
            self.time.pan(at - end + 0.1 * (end - start), now);
        }
    }

    /// Sends to the twin, or says why not.
    pub(super) fn to_twin(&mut self, send: impl FnOnce(&mut TwinHandle) -> Result<u64, SendError>) {
        let Some(twin) = self.sources.session.twin() else {
            self.complain("read only: no command was sent");
            return;
        };
        match send(twin) {
            Ok(seq) => {
                if let Some(model) = &mut self.model {
                    model.sent = seq;
                }
            }
            Err(e) => self.complain(e.to_string()),
        }
    }

    /// An act at the desk of the twin; while a site is shown, on the alarms of this console.
    fn desk(&mut self, act: DeskAct) {
        match (&self.sources.session, act.what) {
            (Session::Live(live), What::Alarm(act)) if live.is_site() => {
                if !live.alarm(act) {
                    self.complain("the hub is busy or has ended: nothing was done");
                }
            }
            (_, what) => {
                let act = DeskAct { what, ..act };
                self.to_twin(|twin| session::command(twin, Command::Desk(Box::new(act))));
            }
        }
    }

    /// Opens the question before Resume with its outlook, or says why there is nothing to resume.
    pub(super) fn ask_resume(&mut self) {
        let why_not = match &self.model {
            Some(m) if m.commands() => bringup::why_not_resume(&m.status),
            _ => Some("Resume is not possible: this window is read only or the twin has stopped".to_owned()),
        };
        self.asking_resume = why_not.is_none();
        if let Some(why) = why_not {
            self.complain(why);
        }
    }

    fn toggle_run(&mut self) {
        let running = self.model.as_ref().is_some_and(|m| m.running);
        self.run(!running);
    }

    fn run(&mut self, on: bool) {
        match &self.sources.session {
            Session::Twin(_) => {
                let command = if on { Command::Run } else { Command::Pause };
                self.to_twin(|twin| session::command(twin, command));
            }
            Session::Live(live) => match (live.file(), live.controls()) {
                (Some(feed), _) => feed.set_running(on && feed.info().state != State::Ended),
                (None, Some(tape)) => tape.set_running(on),
                (None, None) => self.complain("a plant cannot be frozen"),
            },
        }
    }

    fn speed(&mut self, speed: Speed) {
        match &self.sources.session {
            Session::Twin(_) => self.to_twin(|twin| session::command(twin, Command::Speed(speed))),
            Session::Live(live) => {
                let times = match speed {
                    Speed::Times(s) => s,
                    Speed::Max => 1000.0,
                };
                match (live.file(), live.controls()) {
                    (Some(feed), _) => feed.set_speed(times),
                    (None, Some(tape)) => tape.set_speed(times),
                    (None, None) => self.complain("a plant runs at its own speed"),
                }
            }
        }
    }

    fn toggle_theme(&mut self, ctx: &Context) {
        let dark = ctx.theme() == egui::Theme::Light;
        ctx.set_theme(if dark { ThemePreference::Dark } else { ThemePreference::Light });
        self.settings.theme = if dark { ThemeChoice::Dark } else { ThemeChoice::Light };
        self.save_settings();
    }

    // Sources

    pub(super) fn connect(&mut self, path: &Path, way: Way) {
        let reference = self.sources.reference(self.model.as_deref());
        let live = match way {
            Way::Replay => LiveHandle::open(path, way, reference, self.wake.clone()),
            Way::Follow => LiveHandle::follow(path, reference, self.runs.ear(), self.wake.clone()),
        };
        self.shown(path, live);
    }

    pub(super) fn connect_site(&mut self, map: &Path) {
        let reference = self.sources.reference(self.model.as_deref());
        let live = LiveHandle::connect(map, reference, self.wake.clone());
        self.show_source(map, live);
        let map = std::path::absolute(map).unwrap_or_else(|_| map.to_owned());
        self.settings.remember_site(&map);
        self.save_settings();
    }

    /// Shows a file instead of the twin.
    pub(super) fn shown(&mut self, path: &Path, live: LiveHandle) {
        self.show_source(path, live);
        self.remember(path);
    }

    fn show_source(&mut self, path: &Path, live: LiveHandle) {
        let model = self.model.take();
        self.sources.go_live(live, model);
        self.shadow = self.sources.blueprint().map(|b| Shadowing::start(b, self.wake.clone()));
        self.fresh_view();
        self.live = LiveState { path: path.display().to_string(), ..LiveState::default() };
        self.view = View::Live;
    }

    fn back_to_twin(&mut self) {
        let Some(model) = self.sources.back_to_twin() else {
            self.complain("there is no twin behind this source");
            return;
        };
        self.model = model;
        self.shadow = None;
        self.fresh_view();
        self.view = View::Operate;
    }

    fn restart_worker(&mut self) {
        let Some(restart) = &self.restart else {
            self.complain("a new twin can only be started by starting the program again");
            return;
        };
        match restart(self.wake.clone()) {
            Ok(session) => {
                self.sources = session::Sources::new(session);
                self.shadow = None;
                self.model = None;
                self.fresh_view();
            }
            Err(e) => self.complain(format!("the twin cannot be started: {e}")),
        }
    }

    fn fresh_view(&mut self) {
        self.heard = None;
        self.time.cursors = [None; 2];
        self.time.follow();
        self.asking_resume = false;
        self.bringup = BringUpState::default();
    }
}
