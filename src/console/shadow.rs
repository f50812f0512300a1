//! The shadow twin beside a live source, on a thread of its own: rows go to it, what the twin says comes back.
//!
//! ```text
//! Update ─▶ Shadowing::take ─▶ (bounded) ─▶ ballast-shadow: Shadow::step ─▶ points, View ─▶ Shadowing::poll ─▶ page
//!                                               └─ on demand ─▶ ballast-fit: Shadow::fit ─▶ Fit
//! ```
//!
//! The thread of the window never simulates and never waits: rows that do not fit are counted, and the shadow begins
//! again after them, for what it has not seen it cannot follow. It never acts on the source, and a fit becomes a preset
//! only by a click. Times are those of the rows, s.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use super::model::Model;
use crate::acts::{Block, Quality};
use crate::plant::config;
use crate::plant::signals::SignalTable;
use crate::scenario::Scenario;
use crate::shadow::fit::{self, Adopted, Fit};
use crate::shadow::{Phase, Shadow, View};
use crate::worker::{Update, Wake};

/// Messages that may wait on the way there and on the way back.
const WAITING: usize = 64;
/// Of a long stretch of rows that comes at once (a file that has grown for hours) the last so many seconds are followed.
const BACKLOG_S: f64 = 330.0;
/// What is kept to be drawn, s, and the least time between two points of it.
pub const KEPT_S: f64 = 300.0;
const POINT_S: f64 = 0.05;

/// The plant that is shadowed: what the loaded scenario says of it.
#[derive(Clone, Debug)]
pub struct Blueprint {
    name: String,
    origin: String,
    text: Arc<str>,
    /// The plant as it runs, where the twin tells.
    plant: Option<Arc<config::Plant>>,
}

impl Blueprint {
    /// Of the twin whose model this is.
    #[must_use]
    pub fn of(twin: &Model) -> Self {
        Self {
            name: twin.plate.scenario.clone(),
            origin: twin.plate.origin.clone(),
            text: Arc::clone(&twin.plate.source),
            plant: twin.desk.as_ref().and_then(|d| d.plant.clone()),
        }
    }

    /// The folder of its file; none for a built-in scenario.
    #[must_use]
    pub fn folder(&self) -> Option<PathBuf> {
        let file = Path::new(&self.origin);
        file.is_file().then(|| file.parent().map(Path::to_owned)).flatten()
    }

    fn scenario(&self) -> Result<Scenario, String> {
        let read = Scenario::from_str(&self.name, &self.origin, &self.text, self.folder().as_deref());
        let mut scenario = read.map_err(|e| e.to_string())?;
        if let Some(plant) = &self.plant {
            scenario.plant = (**plant).clone();
        }
        Ok(scenario)
    }
}

/// One row, measured and predicted, in the order of [`View::lines`]. NaN where there is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Its time, s.
    pub t_s: f64,
    /// Measured.
    pub measured: [f64; 3],
    /// Predicted.
    pub predicted: [f64; 3],
    /// Band of the residual, either way.
    pub band: [f64; 3],
    /// The prediction is held against the plant; else it settles or is frozen.
    pub follows: bool,
}

impl Point {
    fn new(v: &View) -> Self {
        Self {
            t_s: v.t_s,
            measured: std::array::from_fn(|k| v.lines[k].measured),
            predicted: std::array::from_fn(|k| v.lines[k].predicted),
            band: std::array::from_fn(|k| v.lines[k].band),
            follows: v.phase == Phase::Following,
        }
    }

    /// Measured less predicted.
    #[must_use]
    pub fn residual(&self, k: usize) -> f64 {
        self.measured[k] - self.predicted[k]
    }
}

/// Where the fit stands.
#[derive(Clone, Debug, Default)]
pub enum FitState {
    /// None was asked for.
    #[default]
    None,
    /// It is computed.
    Running,
    /// Found.
    Done(Arc<Fit>),
    /// Why there is none.
    Refused(String),
}

enum Ask {
    Rows(Rows),
    Fit,
}

struct Rows {
    epoch: u32,
    table: Arc<SignalTable>,
    width: usize,
    t_s: Vec<f64>,
    last: Vec<f64>,
    quality: Vec<Quality>,
    /// Rows before these that had no room.
    missed: u64,
}

enum Answer {
    /// The plant that is shadowed.
    Plant(Arc<Scenario>),
    Rows(Box<View>, Vec<Point>),
    Fit(Result<Arc<Fit>, String>),
    /// This plant has no shadow.
    Refused(String),
}

/// The window's end of a shadow. The thread ends by itself when it is dropped.
#[derive(Debug)]
pub struct Shadowing {
    asks: Sender<Ask>,
    answers: Receiver<Answer>,
    stop: Arc<AtomicBool>,
    blueprint: Blueprint,
    plant: Option<Arc<Scenario>>,
    view: Option<Box<View>>,
    trace: VecDeque<Point>,
    fit: FitState,
    refused: Option<String>,
    /// Rows without room since the last that had some, and in all.
    missing: u64,
    missed: u64,
}

impl Shadowing {
    /// Begins to shadow the plant of a scenario. `wake` is called when there is something new.
    #[must_use]
    pub fn start(blueprint: Blueprint, wake: Wake) -> Self {
        let (asks, asked) = bounded(WAITING);
        let (out, answers) = bounded(WAITING);
        let stop = Arc::new(AtomicBool::new(false));
        let worker = Worker { stop: Arc::clone(&stop), out, wake, epoch: None, shadow: None };
        let theirs = blueprint.clone();
        let started =
            std::thread::Builder::new().name("ballast-shadow".to_owned()).spawn(move || match theirs.scenario() {
                Ok(scenario) => {
                    let scenario = Arc::new(scenario);
                    worker.tell(Answer::Plant(Arc::clone(&scenario)));
                    worker.run(&scenario, &asked);
                }
                Err(why) => worker.refuse(why),
            });
        let refused = started.err().map(|e| format!("cannot start the thread of the shadow: {e}"));
        Self {
            asks,
            answers,
            stop,
            blueprint,
            plant: None,
            view: None,
            trace: VecDeque::new(),
            fit: FitState::None,
            refused,
            missing: 0,
            missed: 0,
        }
    }

    /// Gives the rows of an update to the thread, or counts them when it has too many.
    pub fn take(&mut self, u: &Update) {
        let n = u.block.rows();
        if n == 0 || self.refused.is_some() {
            return;
        }
        let rows = Rows::new(u, self.missing);
        match self.asks.try_send(Ask::Rows(rows)) {
            Ok(()) => self.missing = 0,
            Err(TrySendError::Full(_)) => {
                self.missing += n as u64;
                self.missed += n as u64;
            }
            Err(TrySendError::Disconnected(_)) => {}
        }
    }

    /// Takes in what the thread has said.
    pub fn poll(&mut self) {
        while let Ok(answer) = self.answers.try_recv() {
            match answer {
                Answer::Plant(plant) => self.plant = Some(plant),
                Answer::Rows(view, points) => {
                    self.view = Some(view);
                    points.into_iter().for_each(|p| self.keep(p));
                }
                Answer::Fit(Ok(fit)) => self.fit = FitState::Done(fit),
                Answer::Fit(Err(why)) => self.fit = FitState::Refused(why),
                Answer::Refused(why) => self.refused = Some(why),
            }
        }
    }

    fn keep(&mut self, p: Point) {
        // A recording that begins again, or another file.
        if self.trace.back().is_some_and(|l| p.t_s < l.t_s) {
            self.trace.clear();
        }
        self.trace.push_back(p);
        while self.trace.front().is_some_and(|f| p.t_s - f.t_s > KEPT_S) {
            self.trace.pop_front();
        }
    }

    /// Asks for a fit of the last minutes; nothing while one is computed. Says so when the thread is too busy to hear.
    ///
    /// # Errors
    /// In words.
    pub fn ask_fit(&mut self) -> Result<(), &'static str> {
        if matches!(self.fit, FitState::Running) {
            return Ok(());
        }
        self.asks.try_send(Ask::Fit).map_err(|_| "the shadow is busy or has ended: nothing was fitted")?;
        self.fit = FitState::Running;
        Ok(())
    }

    /// The fit as a preset of this name; `from` says which source it was made of. It goes nowhere by itself.
    ///
    /// # Errors
    /// Why not, in a line.
    pub fn preset(&self, name: &str, from: &str) -> Result<Adopted, String> {
        match &self.fit {
            FitState::Done(fit) => fit::adopt(fit, &fit::base(fit), name, from),
            _ => Err("there is no fit to save".to_owned()),
        }
    }

    /// What the shadow said last; none before the first row.
    #[must_use]
    pub fn view(&self) -> Option<&View> {
        self.view.as_deref()
    }

    /// What is kept to be drawn, oldest first.
    #[must_use]
    pub fn trace(&self) -> &VecDeque<Point> {
        &self.trace
    }

    /// Where the fit stands.
    #[must_use]
    pub fn fit(&self) -> &FitState {
        &self.fit
    }

    /// The scenario of the plant that is shadowed; none before it was read.
    #[must_use]
    pub fn plant(&self) -> Option<&Arc<Scenario>> {
        self.plant.as_ref()
    }

    /// The plant that is shadowed, as it was given.
    #[must_use]
    pub fn blueprint(&self) -> &Blueprint {
        &self.blueprint
    }

    /// Name of the scenario.
    #[must_use]
    pub fn scenario(&self) -> &str {
        &self.blueprint.name
    }

    /// Why there is no shadow, if there is none.
    #[must_use]
    pub fn refused(&self) -> Option<&str> {
        self.refused.as_deref()
    }

    /// Whether rows come faster than the twin takes them, and how many it has not had in all.
    #[must_use]
    pub fn missed(&self) -> (bool, u64) {
        (self.missing > 0, self.missed)
    }
}

impl Drop for Shadowing {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

impl Rows {
    fn new(u: &Update, missed: u64) -> Self {
        let Block { width, t_s, last, .. } = &u.block;
        let from_s = t_s.last().map_or(0.0, |t| t - BACKLOG_S);
        let first = t_s.partition_point(|t| *t < from_s);
        Self {
            epoch: u.epoch,
            table: Arc::clone(&u.table),
            width: *width,
            t_s: t_s.get(first..).unwrap_or_default().to_vec(),
            last: last.get(first * width..).unwrap_or_default().to_vec(),
            quality: u.quality.clone(),
            missed,
        }
    }
}

/// The thread's end.
struct Worker {
    stop: Arc<AtomicBool>,
    out: Sender<Answer>,
    wake: Wake,
    /// Of the rows that the shadow is of.
    epoch: Option<u32>,
    shadow: Option<Shadow>,
}

impl Worker {
    fn run(mut self, scenario: &Scenario, asks: &Receiver<Ask>) {
        for ask in asks {
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
            let went_on = match ask {
                Ask::Rows(rows) => self.rows(scenario, &rows),
                Ask::Fit => self.fit(),
            };
            if !went_on {
                return;
            }
        }
    }

    fn tell(&self, answer: Answer) -> bool {
        let heard = self.out.send(answer).is_ok();
        if heard {
            (self.wake)();
        }
        heard
    }

    fn refuse(self, why: String) {
        self.tell(Answer::Refused(why));
    }

    fn rows(&mut self, scenario: &Scenario, rows: &Rows) -> bool {
        if self.epoch != Some(rows.epoch) {
            self.epoch = Some(rows.epoch);
            match Shadow::new(scenario, &rows.table) {
                Ok(shadow) => self.shadow = Some(shadow),
                Err(why) => return self.tell(Answer::Refused(why)),
            }
        }
        let Some(shadow) = &mut self.shadow else { return true };
        if let (1.., Some(t_s)) = (rows.missed, rows.t_s.first()) {
            shadow.freeze(*t_s, format!("{} rows came faster than the twin computes", rows.missed));
        }
        let mut points: Vec<Point> = Vec::new();
        for (t_s, row) in rows.t_s.iter().zip(rows.last.chunks(rows.width.max(1))) {
            if self.stop.load(Ordering::Relaxed) {
                return false;
            }
            shadow.step(*t_s, row, &rows.quality);
            if points.last().is_none_or(|p| t_s - p.t_s >= 0.99 * POINT_S) {
                points.push(Point::new(&shadow.view()));
            }
        }
        let view = Box::new(shadow.view());
        self.tell(Answer::Rows(view, points))
    }

    /// On a thread of its own, so that the shadow follows meanwhile.
    fn fit(&self) -> bool {
        let Some(shadow) = self.shadow.clone() else {
            return self.tell(Answer::Fit(Err("no row has come yet".to_owned())));
        };
        let (out, wake) = (self.out.clone(), Arc::clone(&self.wake));
        let started = std::thread::Builder::new().name("ballast-fit".to_owned()).spawn(move || {
            let found = shadow.fit().map(Arc::new).map_err(|e| e.to_string());
            if out.send(Answer::Fit(found)).is_ok() {
                wake();
            }
        });
        match started {
            Ok(_) => true,
            Err(e) => self.tell(Answer::Fit(Err(format!("cannot start the thread of the fit: {e}")))),
        }
    }
}
