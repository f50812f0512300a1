//! Maps in the making on threads of their own, for whoever looks while they grow: what is wanted goes in, what is known comes out.
//!
//! An order is a list of maps over the same axes. The first is what is looked at: lattice, boxes and band come first of all, so
//! that its picture is right soon. The others give a line of trips each, by the band alone. Then what was inferred of the first
//! is run, until all of it is exact. A newer order drops the one before within a thousand ticks of a run; runs that were made
//! are kept ([`KnownRuns`]), so nothing is run twice.
//!
//! News go over a bounded channel: while nobody takes them, as when another view is in front, no run is made. It draws nothing and
//! knows no clock but for how often it tells.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TryRecvError, TrySendError, bounded};

use super::known::KnownRuns;
use super::map::{Cell, Map, TRIPPED};
use super::refine::{Known, Refine, Stage};
use super::trial::Wanted;
use crate::worker::Wake;

/// Least time between two news of a map.
const TELL: Duration = Duration::from_millis(60);

/// What is wanted.
#[derive(Clone)]
pub struct Order {
    /// Maps over the same axes, at least one: the first is looked at, of the others only where they trip.
    pub maps: Vec<Map>,
    /// Cell near which to begin.
    pub near: usize,
    /// Threads.
    pub threads: usize,
}

/// What is known of a map of an order.
#[derive(Clone, Debug, Default)]
pub struct Layer {
    /// All its cells, k = iy nx + ix.
    pub cells: Vec<Known>,
    /// Those that were run.
    pub ran: BTreeMap<usize, Arc<Cell>>,
    /// How far it is; none before the first news.
    pub stage: Option<Stage>,
}

impl Layer {
    /// Cells that were run, and that are inferred.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let inferred = self.cells.iter().filter(|c| matches!(c, Known::Inferred(_))).count();
        (self.cells.iter().filter(|c| matches!(c, Known::Exact(_))).count(), inferred)
    }
}

/// How far an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// Nothing was asked for.
    Idle,
    /// It goes on.
    Going,
    /// It was stopped; what is inferred stays so.
    Stopped,
    /// All of it is there.
    Done,
}

struct News {
    number: u64,
    layer: usize,
    cells: Vec<Known>,
    fresh: Vec<Arc<Cell>>,
    stage: Stage,
    end: Option<Result<(), String>>,
}

struct Job {
    number: u64,
    order: Order,
    wanted: Wanted,
    wake: Wake,
}

/// Maps in the making.
pub struct Atlas {
    jobs: Option<Sender<Job>>,
    news: Option<Receiver<News>>,
    /// An order that the thread has no room for yet.
    waiting: Option<Job>,
    wanted: Wanted,
    number: u64,
    layers: Vec<Layer>,
    at: At,
    trouble: Option<String>,
    begun: Instant,
    known: Arc<KnownRuns>,
}

impl Default for Atlas {
    fn default() -> Self {
        Self {
            jobs: None,
            news: None,
            waiting: None,
            wanted: Wanted::default(),
            number: 0,
            layers: Vec::new(),
            at: At::Idle,
            trouble: None,
            begun: Instant::now(),
            known: Arc::default(),
        }
    }
}

impl Drop for Atlas {
    fn drop(&mut self) {
        // ends the run in hand
        drop(self.wanted.next());
    }
}

impl Atlas {
    /// Has an order made, and drops the one before.
    pub fn want(&mut self, order: Order, wake: Wake) {
        self.wanted = self.wanted.next();
        self.number += 1;
        self.layers = vec![Layer::default(); order.maps.len()];
        (self.at, self.trouble, self.begun) = (At::Going, None, Instant::now());
        self.waiting = Some(Job { number: self.number, order, wanted: self.wanted.clone(), wake });
        self.start();
        self.hand_over();
    }

    /// Stops; what is known stays.
    pub fn stop(&mut self) {
        if self.at == At::Going {
            self.wanted = self.wanted.next();
            self.waiting = None;
            self.at = At::Stopped;
        }
    }

    /// Takes in what is there. Whether something new came.
    pub fn poll(&mut self) -> bool {
        self.hand_over();
        let mut came = false;
        while let Some(news) = self.news.as_ref().map(Receiver::try_recv) {
            match news {
                Ok(n) if n.number == self.number && self.at == At::Going => {
                    came = true;
                    self.take(n);
                }
                Ok(_) => {}
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => {
                    (self.news, self.jobs) = (None, None);
                    if self.at == At::Going {
                        self.at = At::Stopped;
                        self.trouble = Some("the thread that makes maps has ended".to_owned());
                    }
                }
            }
        }
        came
    }

    fn take(&mut self, n: News) {
        if let Some(layer) = self.layers.get_mut(n.layer) {
            layer.cells = n.cells;
            layer.ran.extend(n.fresh.into_iter().map(|c| (c.k, c)));
            layer.stage = Some(n.stage);
        }
        match n.end {
            Some(Ok(())) => self.at = At::Done,
            Some(Err(e)) => (self.at, self.trouble) = (At::Stopped, Some(e)),
            None => {}
        }
    }

    /// The maps of the order, as far as they are known.
    #[must_use]
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// How far the order is.
    #[must_use]
    pub fn at(&self) -> At {
        self.at
    }

    /// Why it ended before its end, if so.
    #[must_use]
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// Number of the order, which each new one raises.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Seconds to the end of the first map, by what it took so far; none before there is anything to go by.
    #[must_use]
    pub fn left_s(&self) -> Option<f64> {
        let layer = self.layers.first().filter(|_| self.at == At::Going)?;
        let (exact, all) = (layer.counts().0, layer.cells.len());
        (exact > 20).then(|| self.begun.elapsed().as_secs_f64() / exact as f64 * (all - exact) as f64)
    }

    /// Runs that were made so far, for all orders.
    #[must_use]
    pub fn runs(&self) -> u64 {
        self.known.runs()
    }

    fn start(&mut self) {
        if self.jobs.is_some() {
            return;
        }
        let (jobs, inbox) = bounded::<Job>(1);
        let (outbox, news) = bounded::<News>(4);
        let known = Arc::clone(&self.known);
        let started = thread::Builder::new().name("ballast-maps".to_owned()).spawn(move || {
            while let Ok(job) = inbox.recv() {
                if make(&job, &known, &outbox).is_none() {
                    return;
                }
            }
        });
        match started {
            Ok(_) => (self.jobs, self.news) = (Some(jobs), Some(news)),
            Err(e) => (self.at, self.trouble) = (At::Stopped, Some(format!("no thread for maps: {e}"))),
        }
    }

    fn hand_over(&mut self) {
        let (Some(job), Some(jobs)) = (self.waiting.take(), &self.jobs) else { return };
        if let Err(TrySendError::Full(job)) = jobs.try_send(job) {
            self.waiting = Some(job);
        }
    }
}

/// Where the maps of an order go, and what is known of runs.
struct Making<'a> {
    job: &'a Job,
    known: &'a KnownRuns,
    outbox: &'a Sender<News>,
    told: Instant,
}

/// Why the making ended.
enum End {
    /// Another order is wanted.
    Overtaken,
    /// Nobody takes news any more.
    Gone,
    /// A cell stands for no scenario.
    Refused(String),
}

/// Makes an order; none when nobody takes news any more.
fn make(job: &Job, known: &KnownRuns, outbox: &Sender<News>) -> Option<()> {
    let mut making = Making { job, known, outbox, told: Instant::now() };
    let end = match making.all() {
        Ok(()) => Ok(()),
        Err(End::Overtaken) => return Some(()),
        Err(End::Gone) => return None,
        Err(End::Refused(e)) => Err(e),
    };
    let last = News {
        number: job.number,
        layer: usize::MAX,
        cells: Vec::new(),
        fresh: Vec::new(),
        stage: Stage::Done,
        end: Some(end),
    };
    outbox.send(last).ok()?;
    (job.wake)();
    Some(())
}

impl Making<'_> {
    fn all(&mut self) -> Result<(), End> {
        let Some(first) = self.job.order.maps.first() else { return Ok(()) };
        for map in &self.job.order.maps {
            map.check().map_err(End::Refused)?;
        }
        let new = |map: &Map, fast| Refine::new(map.x.n, map.y.n, fast).near(self.job.order.near);
        let mut shown = new(first, false);
        let rest = self.waves(0, &mut shown, Some(Stage::Fill))?;
        for (layer, map) in self.job.order.maps.iter().enumerate().skip(1) {
            let mut edge = new(map, true);
            self.waves(layer, &mut edge, None)?;
        }
        // what the look at the next stage asked for is part of it
        if let Some(wave) = rest {
            self.wave(0, &mut shown, &wave)?;
            self.waves(0, &mut shown, None)?;
        }
        Ok(())
    }

    /// Runs wave after wave until a stage begins, whose first wave it gives back, or to the end.
    fn waves(&mut self, layer: usize, refine: &mut Refine, until: Option<Stage>) -> Result<Option<Vec<usize>>, End> {
        loop {
            let wave = refine.wave();
            if wave.is_empty() {
                self.tell(layer, refine, Vec::new())?;
                return Ok(None);
            }
            if until == Some(refine.stage()) {
                self.tell(layer, refine, Vec::new())?;
                return Ok(Some(wave));
            }
            self.wave(layer, refine, &wave)?;
        }
    }

    fn wave(&mut self, layer: usize, refine: &mut Refine, wave: &[usize]) -> Result<(), End> {
        let (job, known) = (self.job, self.known);
        let map = &job.order.maps[layer];
        let (mut fresh, mut gone) = (Vec::new(), false);
        let mut take = |cell: Cell| {
            let class = map.class(&cell.outcome.figures, !cell.outcome.trips.is_empty());
            // of the others only where they trip
            let class = if layer == 0 { class } else { u8::from(class == TRIPPED) * TRIPPED };
            refine.tell(cell.k, class);
            fresh.push(Arc::new(cell));
            if self.told.elapsed() >= TELL {
                gone = self.tell(layer, refine, std::mem::take(&mut fresh)).is_err();
            }
            if gone { Err(String::new()) } else { Ok(()) }
        };
        let run = |s| known.run(s, map.cut, &job.wanted);
        let ran = map.run_all_by(wave, job.order.threads, &run, &mut take);
        match ran {
            _ if gone => Err(End::Gone),
            Err(e) => Err(End::Refused(e)),
            Ok(false) => Err(End::Overtaken),
            Ok(true) => self.tell(layer, refine, fresh),
        }
    }

    fn tell(&mut self, layer: usize, refine: &Refine, fresh: Vec<Arc<Cell>>) -> Result<(), End> {
        self.told = Instant::now();
        let (cells, stage) = (refine.cells().to_vec(), refine.stage());
        let news = News { number: self.job.number, layer, cells, fresh, stage, end: None };
        self.outbox.send(news).map_err(|_| End::Gone)?;
        (self.job.wake)();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
