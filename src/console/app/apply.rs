//! What actions do. The only place that changes the console or sends to the twin.

use std::path::Path;

use egui::{Context, ThemePreference, ViewportCommand};

use super::ConsoleApp;
use crate::acts::EventKind;
use crate::console::action::{Action, ConditionAct, FileAct, RunAct, ScreenAct, SourceAct, TimeAct};
use crate::console::dialogs::{Ask, What};
use crate::console::outlook::Outlook;
use crate::console::session::{self, LiveHandle, Session, Sources};
use crate::console::settings::ThemeChoice;
use crate::console::shadow::Shadowing;
use crate::console::views::alarms::{self, AlarmsState};
use crate::console::views::bringup;
use crate::console::views::live::{self, LiveState};
use crate::console::views::operate::{self, OperateState};
use crate::feed::{State, Way};
use crate::training::msg::{DeskAct, What as AtDesk};
use crate::worker::{Command, SendError, Speed, TwinHandle};

impl ConsoleApp {
    pub(super) fn apply(&mut self, ctx: &Context, action: Action) {
        let running = self.rows.model.as_ref().is_some_and(|m| m.running);
        if self.in_exam() && action.is_barred_in_exam(running) {
            self.complain("not in an exam");
            return;
        }
        match action {
            Action::Operate(op) => self.to_twin(|twin| session::operate(twin, op)),
            Action::Desk(act) => self.desk(act),
            Action::Run(act) => self.run_act(act),
            Action::Time(act) => self.time(act),
            Action::File(act) => self.file(ctx, act),
            Action::Source(act) => self.source(ctx, act),
            Action::Condition(act) => match act {
                ConditionAct::Load(path) => self.load_ic(ctx, path),
                ConditionAct::Keep(name) => self.keep_ic(ctx, &name),
                ConditionAct::Diff(a, b) => self.diff_ic(ctx, a, b),
            },
            Action::Screen(act) => self.screen(ctx, act),
        }
        ctx.request_repaint();
    }

    fn run_act(&mut self, act: RunAct) {
        match act {
            RunAct::Toggle => {
                let running = self.rows.model.as_ref().is_some_and(|m| m.running);
                self.run(!running);
            }
            RunAct::Run => self.run(true),
            RunAct::Freeze => self.run(false),
            RunAct::StepS(s) => {
                let ticks = (s / self.rows.tick_s).round().clamp(1.0, 1e7) as u32;
                self.to_twin(|twin| session::command(twin, Command::Step(ticks)));
            }
            RunAct::Speed(speed) => self.speed(speed),
            RunAct::Restart => self.to_twin(|twin| session::command(twin, Command::Restart)),
            RunAct::Backtrack => self.backtrack(),
        }
    }

    fn file(&mut self, ctx: &Context, act: FileAct) {
        match act {
            FileAct::Open => self.browse(),
            FileAct::OpenRecording => {
                let dir = self.settings.export_dir.clone();
                self.ask(ctx, Ask::open(What::Recording, dir));
            }
            FileAct::OpenFile(path) => self.open_file(ctx, &path),
            FileAct::LoadBuiltIn(name) => self.load_built_in(ctx, name),
            FileAct::Save(what) => self.ask_to_save(ctx, what),
            FileAct::VerifyJournal => self.verify_journal(ctx),
            FileAct::SealJournal => self.seal_journal(),
        }
    }

    fn source(&mut self, ctx: &Context, act: SourceAct) {
        match act {
            SourceAct::Replay(path) => {
                if !self.play_journal(&path) {
                    self.connect(&path, Way::Replay);
                }
            }
            SourceAct::Follow(path) if path.extension().is_some_and(|e| e == "sqlite") => {
                self.complain("a journal is played, not followed: the console that writes it shows it live");
            }
            SourceAct::Follow(path) => self.connect(&path, Way::Follow),
            SourceAct::Connect(map) => self.connect_site(&map),
            SourceAct::BackToTwin => self.back_to_twin(),
            SourceAct::RestartWorker => self.restart_worker(),
            SourceAct::Record(on) => self.record(on),
            SourceAct::Seek(t_s) => self.tape(|tape| tape.seek(t_s)),
            SourceAct::Loop(on) => self.tape(|tape| tape.set_looped(on)),
            SourceAct::FitShadow => self.ask_fit(),
            SourceAct::MapColumns(path) => self.map_columns(ctx, path),
            SourceAct::SaveColumns { replay } => self.save_columns(ctx, replay),
            SourceAct::LeaveColumns => self.leave_columns(),
            SourceAct::Retry(endpoint) => {
                if let Some(live) = self.rows.sources.session.live() {
                    live.retry_now(endpoint);
                }
            }
            SourceAct::Rehearse(act) => self.rehearse(ctx, act),
        }
    }

    fn screen(&mut self, ctx: &Context, act: ScreenAct) {
        match act {
            ScreenAct::Show(view) => self.views.show(view),
            ScreenAct::ShowAlarm(id) => {
                self.views.show(alarms::ID);
                if let Some(view) = self.views.of::<AlarmsState>() {
                    view.select(id);
                }
            }
            ScreenAct::AskResume if self.over.asking_resume => self.over.asking_resume = false,
            ScreenAct::AskResume => self.ask_resume(),
            ScreenAct::ZoomToData(on) => self.strips(|strips| strips.zoom_to_data = on),
            ScreenAct::ShowVoltage(on) => self.strips(|strips| strips.show_voltage = on),
            ScreenAct::ToggleTheme => self.toggle_theme(ctx),
            ScreenAct::ToggleHelp => self.over.help = !self.over.help,
            ScreenAct::TogglePalette => self.over.palette.toggle(),
            ScreenAct::ToggleFullScreen => {
                let full = ctx.input(|i| i.viewport().fullscreen.unwrap_or(false));
                ctx.send_viewport_cmd(ViewportCommand::Fullscreen(!full));
            }
            ScreenAct::ToggleMirror => self.over.mirror = !self.over.mirror,
            ScreenAct::Quit => ctx.send_viewport_cmd(ViewportCommand::Close),
        }
    }

    /// Changes a choice on the strips.
    fn strips(&mut self, change: impl FnOnce(&mut operate::StripOptions)) {
        if let Some(view) = self.views.of::<OperateState>() {
            change(&mut view.strips);
        }
    }

    /// On the time axis of the view in front, or on the one that all strips share.
    fn time(&mut self, act: TimeAct) {
        if self.views.front().time(act) {
            return;
        }
        let now = self.rows.model.as_ref().map_or(0.0, |m| m.t_s);
        let end = self.time.span(now)[1];
        match act {
            TimeAct::Zoom(factor, at) => {
                let at = at.or(self.time.cursors[0]).unwrap_or(end);
                self.time.zoom(factor, at, now);
            }
            TimeAct::Pan(s) => self.time.pan(s, now),
            TimeAct::Show(span) => self.time.show(span, now),
            TimeAct::Follow => self.time.follow(),
            TimeAct::ToStart => self.time.to_start(),
            TimeAct::Window(past) => self.time.preset(past),
            TimeAct::Cursor(i, at) => {
                if let Some(cursor) = self.time.cursors.get_mut(i) {
                    *cursor = at;
                }
                self.bring_into_view(now);
            }
            TimeAct::CursorHere(i) => self.time(TimeAct::Cursor(i, Some(end))),
            TimeAct::ClearCursors => self.time.cursors = [None; 2],
            TimeAct::Nudge(s) => {
                self.time.nudge(s, now);
                self.bring_into_view(now);
            }
            TimeAct::ToEvent(forward) => self.to_event(forward, end, now),
        }
    }

    fn to_event(&mut self, forward: bool, end: f64, now: f64) {
        let Some(model) = &self.rows.model else { return };
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
        let Some(twin) = self.rows.sources.session.twin() else {
            self.complain("read only: no command was sent");
            return;
        };
        match send(twin) {
            Ok(seq) => {
                if let Some(model) = &mut self.rows.model {
                    model.sent = seq;
                }
            }
            Err(e) => self.complain(e.to_string()),
        }
    }

    /// An act at the desk of the twin; while a site is shown, on the alarms of this console.
    fn desk(&mut self, act: DeskAct) {
        match (&self.rows.sources.session, act.what) {
            (Session::Live(live), AtDesk::Alarm(act)) => {
                if !live.alarm(act) {
                    self.complain("the source has no alarms of its own, is busy or has ended: nothing was done");
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
        let why_not = match &self.rows.model {
            Some(m) if m.commands() => bringup::why_not_resume(&m.status),
            _ => Some("Resume is not possible: this window is read only or the twin has stopped".to_owned()),
        };
        self.over.asking_resume = why_not.is_none();
        if let Some(why) = why_not {
            self.complain(why);
        }
    }

    fn run(&mut self, on: bool) {
        match &self.rows.sources.session {
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
        match &self.rows.sources.session {
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
        let reference = self.rows.sources.reference(self.rows.model.as_deref());
        let live = match way {
            Way::Replay => LiveHandle::open(path, way, reference, self.rows.wake.clone()),
            Way::Follow => LiveHandle::follow(path, reference, self.journals.ear(), self.rows.wake.clone()),
        };
        self.shown(path, live);
    }

    pub(super) fn connect_site(&mut self, map: &Path) {
        let reference = self.rows.sources.reference(self.rows.model.as_deref());
        let live = LiveHandle::connect(map, reference, self.rows.wake.clone());
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
        let model = self.rows.model.take();
        self.rows.sources.go_live(live, model);
        self.rows.shadow = self.rows.sources.blueprint().map(|b| Shadowing::start(b, self.rows.wake.clone()));
        self.fresh_view();
        if let Some(view) = self.views.of::<LiveState>() {
            *view = LiveState { path: path.display().to_string(), ..LiveState::default() };
        }
        self.views.show(live::ID);
    }

    fn back_to_twin(&mut self) {
        let Some(model) = self.rows.sources.back_to_twin() else {
            self.complain("there is no twin behind this source");
            return;
        };
        self.rows.model = model;
        self.rows.shadow = None;
        self.fresh_view();
        self.views.show(operate::ID);
    }

    fn restart_worker(&mut self) {
        let Some(restart) = &self.rows.restart else {
            self.complain("a new twin can only be started by starting the program again");
            return;
        };
        match restart(self.rows.wake.clone()) {
            Ok(session) => {
                self.rows.sources = Sources::new(session);
                self.rows.shadow = None;
                self.rows.model = None;
                self.fresh_view();
            }
            Err(e) => self.complain(format!("the twin cannot be started: {e}")),
        }
    }

    fn fresh_view(&mut self) {
        self.rehearsals.outlook = Outlook::default();
        self.rows.heard = None;
        self.new_run();
    }
}
