//! What the views read: the newest row, the history, and what the source says of itself. Views never write it.

use std::sync::Arc;

use super::outlook::Suppose;
use super::quality_log::QualityLog;
use crate::acts::{Event, PlantView, Plate, Quality};
use crate::control::Status;
use crate::engine::forecast::Forecast;
use crate::feed::SiteView;
use crate::history::Store;
use crate::plant::signals::{SignalIdx, SignalTable, at};
use crate::training::msg::DeskView;
use crate::worker::{Speed, Update};

/// Where the rows come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The twin.
    Twin,
    /// A plant, read only.
    Live,
    /// A recording, read only.
    Replay,
}

/// Everything the views read.
pub struct Model {
    /// Where the rows come from.
    pub mode: Mode,
    /// Signal table of this epoch.
    pub table: Arc<SignalTable>,
    /// Fixed facts of this epoch.
    pub plate: Arc<Plate>,
    /// Newest row.
    pub latest: Vec<f64>,
    /// Quality of each of its values; empty for a source that does not say.
    pub quality: Vec<Quality>,
    /// When values could not be trusted.
    pub doubts: QualityLog,
    /// When the newest value of each signal stood in the file, s, by its place; empty for a source that does not say.
    pub value_t_s: Vec<f64>,
    /// Tags and links, where the source is a site.
    pub site_view: Option<Arc<SiteView>>,
    /// Its time, s of the run.
    pub t_s: f64,
    /// State of control.
    pub status: Status,
    /// Devices for the mimic.
    pub view: PlantView,
    /// Rows and events so far.
    pub history: Store,
    /// Last forecast.
    pub forecast: Option<Arc<Forecast>>,
    /// What it supposes, where it is that of a plant which is only read.
    pub supposed: Option<Suppose>,
    /// Whether it runs.
    pub running: bool,
    /// Requested speed.
    pub speed: Speed,
    /// Simulated seconds a second.
    pub achieved_speed: f64,
    /// The twin waits for us.
    pub stalled: bool,
    /// Newest command applied.
    pub acked: u64,
    /// Newest command sent.
    pub sent: u64,
    /// Hash at the last full second.
    pub state_hash: u64,
    /// Why the worker ended, if it did.
    pub dead: Option<String>,
    /// Seconds since the last row arrived (live sources).
    pub age_s: f64,
    /// Epoch of the rows.
    pub epoch: u32,
    /// Alarms, exercise, snapshots; none for a source without a desk.
    pub desk: Option<Arc<DeskView>>,
    /// Last refusal or notice to show, with its time.
    pub last_refusal: Option<Event>,
    /// Journal of the rows in view, if there is one.
    pub journal: Option<crate::journal::JournalState>,
    /// Cursor 1 of the time axis, s.
    pub cursor_s: Option<f64>,
    /// What the last check of it came to.
    pub verdict: Option<String>,
}

impl Model {
    /// From the first update.
    #[must_use]
    pub fn new(mode: Mode, first: Update) -> Self {
        let mut m = Self {
            mode,
            table: Arc::clone(&first.table),
            plate: Arc::clone(&first.plate),
            latest: Vec::new(),
            quality: Vec::new(),
            doubts: QualityLog::default(),
            value_t_s: Vec::new(),
            site_view: None,
            t_s: 0.0,
            status: first.status.clone(),
            view: PlantView::default(),
            history: Store::new(),
            forecast: None,
            supposed: None,
            running: false,
            speed: first.speed,
            achieved_speed: 0.0,
            stalled: false,
            acked: 0,
            sent: 0,
            state_hash: 0,
            dead: None,
            age_s: 0.0,
            epoch: first.epoch,
            desk: None,
            last_refusal: None,
            journal: None,
            cursor_s: None,
            verdict: None,
        };
        m.absorb(first);
        m
    }

    /// Takes an update in. A new epoch clears history and forecast.
    pub fn absorb(&mut self, u: Update) {
        if u.epoch != self.epoch {
            self.forecast = None;
            self.last_refusal = None;
            self.desk = None;
            self.doubts = QualityLog::default();
            self.epoch = u.epoch;
        }
        if let Some(t_s) = u.rewound_s {
            self.history.truncate(t_s);
            self.forecast = None;
        }
        if let Err(e) = self.history.absorb(&u) {
            log::warn!("rows refused: {e}");
        }
        if let Some(e) = u.events.iter().rev().find(|e| e.kind == crate::acts::EventKind::Refused) {
            self.last_refusal = Some(e.clone());
        }
        self.table = u.table;
        self.plate = u.plate;
        self.latest = u.latest;
        self.doubts.take(u.t_s, &u.quality);
        self.quality = u.quality;
        self.t_s = u.t_s;
        self.status = u.status;
        self.view = u.view;
        self.running = u.running;
        self.speed = u.speed;
        self.achieved_speed = u.achieved_speed;
        self.stalled = u.stalled;
        self.acked = u.acked;
        self.state_hash = u.state_hash;
        self.age_s = 0.0;
        if u.desk.is_some() {
            self.desk = u.desk;
        }
        if u.forecast.is_some() {
            self.forecast = u.forecast;
        }
    }

    /// Newest value of a signal; NaN when there is none.
    #[must_use]
    pub fn value(&self, i: SignalIdx) -> f64 {
        self.latest.get(i.at()).copied().unwrap_or(f64::NAN)
    }

    /// How far the newest value can be trusted; none where the source does not say.
    #[must_use]
    pub fn quality(&self, i: SignalIdx) -> Option<Quality> {
        self.quality.get(i.at()).copied()
    }

    /// While a signal has no usable value: the last good one, for the eye only, and its age, s.
    #[must_use]
    pub fn held(&self, i: SignalIdx) -> Option<(f64, f64)> {
        let gone = matches!(self.quality(i), Some(Quality::Stale | Quality::Bad(_)));
        let site = self.site_view.as_ref().filter(|_| gone)?;
        let tag = site.tags.get(site.source(i)?)?;
        tag.now.value.is_finite().then_some((tag.now.value, tag.age_s))
    }

    /// Age of the newest value of a signal, s; NaN where the source does not say.
    #[must_use]
    pub fn value_age_s(&self, i: SignalIdx) -> f64 {
        if let Some(site) = &self.site_view {
            let tag = site.source(i).and_then(|tag| site.tags.get(tag));
            return tag.map_or(f64::NAN, |t| t.age_s);
        }
        // of a file: as old as the rows since, and as the newest of them
        let since_s = if self.mode == Mode::Live { self.age_s } else { 0.0 };
        self.value_t_s.get(i.at()).map_or(f64::NAN, |t| (self.t_s - t).max(0.0) + since_s)
    }

    /// What the eye gets: the newest value, or the last good one.
    #[must_use]
    pub fn shown(&self, i: SignalIdx) -> f64 {
        self.held(i).map_or_else(|| self.value(i), |(value, _)| value)
    }

    /// Newest value of a site signal by its offset (`signals::site::F_HZ`).
    #[must_use]
    pub fn site(&self, offset: u32) -> f64 {
        self.value(at(offset))
    }

    /// Whether commands can be given at all.
    #[must_use]
    pub fn commands(&self) -> bool {
        self.mode == Mode::Twin && self.dead.is_none()
    }
}
