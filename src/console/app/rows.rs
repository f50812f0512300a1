//! Where rows come from, and what is known of the run in view. Rows are taken in for a bounded time a frame.

use std::time::{Duration, Instant};

use egui::Context;

use super::{ConsoleApp, SessionStarter};
use crate::console::action::{Action, RunAct};
use crate::console::model::{Mode, Model};
use crate::console::pacing::waker;
use crate::console::session::{Session, Sources};
use crate::console::shadow::Shadowing;
use crate::feed::hub::Times;
use crate::worker::{Speed, Wake};

/// Time that a frame may spend on taking rows in.
const DRAIN: Duration = Duration::from_millis(8);

/// The source in view with what came from it.
pub(super) struct Rows {
    pub(super) sources: Sources,
    /// None before the first row.
    pub(super) model: Option<Box<Model>>,
    /// When the last row came.
    pub(super) heard: Option<Instant>,
    /// The twin that follows a live source.
    pub(super) shadow: Option<Shadowing>,
    /// From the arrival of a reading to the frame that shows it.
    pub(super) to_frame: Times,
    /// Starts another session after a worker has died.
    pub(super) restart: Option<SessionStarter>,
    /// Length of a tick of the twin, s.
    pub(super) tick_s: f64,
    pub(super) wake: Wake,
}

impl Rows {
    pub(super) fn new(ctx: &Context, session: Session) -> Self {
        Self {
            sources: Sources::new(session),
            model: None,
            heard: None,
            shadow: None,
            to_frame: Times::default(),
            restart: None,
            tick_s: 0.001,
            wake: waker(ctx),
        }
    }

    /// Takes waiting updates, for at most [`DRAIN`]; says whether another run began, and whether more are waiting.
    fn drain(&mut self) -> [bool; 2] {
        let until = Instant::now() + DRAIN;
        let mut new_run = false;
        while let Ok(update) = self.sources.session.updates().try_recv() {
            if update.block.rows() > 0 || self.model.is_none() {
                self.heard = Some(Instant::now());
            }
            if let Some(shadow) = &mut self.shadow {
                shadow.take(&update);
            }
            match &mut self.model {
                Some(model) => {
                    new_run |= update.epoch != model.epoch;
                    if let Session::Live(live) = &self.sources.session {
                        // before its rows, or slow ones would look like gaps
                        model.history.set_row_period_s(live.period_s());
                    }
                    model.absorb(update);
                }
                None => self.model = Some(Box::new(Model::new(self.sources.session.mode(), update))),
            }
            if Instant::now() >= until {
                return [new_run, true];
            }
        }
        [new_run, false]
    }

    /// What the source says beside its rows.
    fn ask_source(&mut self) {
        let dead = self.sources.session.dead();
        let age_s = self.heard.map_or(f64::NAN, |t| t.elapsed().as_secs_f64());
        let Some(model) = &mut self.model else { return };
        model.dead = dead;
        match &self.sources.session {
            Session::Twin(twin) => model.sent = twin.sent(),
            Session::Live(live) => {
                model.age_s = age_s;
                model.history.set_row_period_s(live.period_s());
                model.value_t_s = live.value_t_s();
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

    /// How the source in view is shown; before its first row as it says itself.
    pub(super) fn mode(&self) -> Mode {
        self.model.as_ref().map_or_else(|| self.sources.session.mode(), |m| m.mode)
    }
}

impl ConsoleApp {
    /// Takes rows in, and does what waited for the first of them.
    pub(super) fn take_rows(&mut self, ctx: &Context) {
        let [new_run, more] = self.rows.drain();
        if new_run {
            self.new_run();
        }
        if more {
            ctx.request_repaint();
        }
        if self.rows.model.is_some() {
            if std::mem::take(&mut self.start.run_at_once) {
                self.apply(ctx, Action::Run(RunAct::Run));
            }
            for action in std::mem::take(&mut self.start.first) {
                self.apply(ctx, action);
            }
        }
        self.rows.ask_source();
    }

    /// Another run is in view: nothing of the last one stays.
    pub(super) fn new_run(&mut self) {
        self.time.cursors = [None; 2];
        self.time.follow();
        self.over.asking_resume = false;
        self.journals.verdict = None;
        self.views.each().for_each(crate::console::view::View::new_run);
    }
}
