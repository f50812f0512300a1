//! One run of a study: a scenario as fast as it goes, its figures, and an end as soon as nothing more can come of it.
//!
//! Two things end a run early. A trip: after it the plant is another one, and what counts is the trip. And rest: the script is
//! empty, the schedule is done, nothing has moved for [`REST_S`], and the frequency swings less and less about a value within
//! [`REST_SPREAD`] of nominal. Figures that are extremes so far are then those of the whole run, a frequency to
//! within that spread; the others are given up unless they hold at rest (see [`Needs`]).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::figure::{FIGURES, Needs};
use crate::control::RunState;
use crate::control::policy::BringUpPath;
use crate::engine::Engine;
use crate::scenario::Scenario;

/// Seconds without a change after which a run may be at rest.
pub const REST_S: f64 = 12.0;
/// Spread of the frequency over a third of that time which counts as rest, share of nominal.
pub const REST_SPREAD: f64 = 1e-4;
/// A change of power that counts, kW.
const MOVED_KW: f64 = 0.01;
/// Ticks between two looks at the generation number.
const LOOK_TICKS: u64 = 1000;

/// What may end a run before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cut {
    /// Nothing: every figure is of the whole run.
    Never,
    /// A trip, or rest.
    Early,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// At its time.
    Time,
    /// By a trip.
    Trip,
    /// At rest.
    Rest,
}

/// What came of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Values in the order of [`FIGURES`]; not a number where the run has none, or was cut before it meant something.
    pub figures: [f64; FIGURES.len()],
    /// Trips in their order.
    pub trips: Vec<String>,
    /// Limits passed in the order of the first time.
    pub violations: Vec<String>,
    /// When the first trip was, s.
    pub trip_s: Option<f64>,
    /// State hash at the last full second.
    pub hash: u64,
    /// Simulated time, s.
    pub simulated_s: f64,
    /// How it ended.
    pub end: End,
}

/// Whether a run is wanted at all: a number that an edit raises. A run of another number is dropped.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    now: Arc<AtomicU64>,
    mine: u64,
}

impl Wanted {
    /// Drops every run that was started under a number before.
    #[must_use]
    pub fn next(&self) -> Self {
        let mine = self.now.fetch_add(1, Ordering::Relaxed) + 1;
        Self { now: Arc::clone(&self.now), mine }
    }

    /// Whether it still counts.
    #[must_use]
    pub fn still(&self) -> bool {
        self.now.load(Ordering::Relaxed) == self.mine
    }
}

/// Runs a scenario; none if it is no longer wanted.
#[must_use]
pub fn run(scenario: Arc<Scenario>, cut: Cut, wanted: &Wanted) -> Option<Outcome> {
    let mut e = Engine::new(scenario).without_rows();
    let end = (e.scenario.run_s / e.tick_s()).round() as u64;
    let mut calm = Calm::new(&e);
    let (mut events, mut trip_s, mut how) = (Vec::new(), None, End::Time);
    while e.now_tick() < end {
        e.tick();
        if trip_s.is_none() && !e.trips().is_empty() {
            trip_s = Some(e.t_s());
            if cut == Cut::Early {
                how = End::Trip;
                break;
            }
        }
        if e.now_tick().is_multiple_of(LOOK_TICKS) {
            if !wanted.still() {
                return None;
            }
            // nobody reads them
            events.clear();
            e.take_events(&mut events);
        }
        if cut == Cut::Early && calm.at_rest(&e) {
            how = End::Rest;
            break;
        }
    }
    Some(outcome(&e, how, trip_s))
}

fn outcome(e: &Engine, end: End, trip_s: Option<f64>) -> Outcome {
    let holds = |needs: Needs| match end {
        End::Time => true,
        End::Rest => needs != Needs::Whole,
        End::Trip => needs == Needs::Extreme,
    };
    let figures = FIGURES.map(|f| if holds(f.needs) { (f.of)(e) } else { f64::NAN });
    Outcome {
        figures: figures.map(|v| if v.is_finite() { v } else { f64::NAN }),
        trips: e.trips().to_vec(),
        violations: e.violations().to_vec(),
        trip_s,
        hash: e.state_hash(),
        simulated_s: e.t_s(),
        end,
    }
}

/// Watches for rest.
struct Calm {
    /// Last time, in ticks, at which a power moved, and the powers then.
    since: u64,
    powers: [f64; 4],
    /// Thirds of the time of rest: lowest and highest frequency, the newest last.
    thirds: [[f64; 2]; 3],
    third_ticks: u64,
    /// A load that follows a record, a battery that goes back to its set-point for minutes, a set that may start, several islands of which one is watched:
    /// such a run goes on to its time.
    never: bool,
    miners_at_start_kw: f64,
}

impl Calm {
    fn new(e: &Engine) -> Self {
        let (plant, t) = (&e.scenario.plant, e.totals());
        Self {
            since: 0,
            powers: [t.gpu_kw, t.miner_kw, t.bess_kw, t.gen_kw],
            thirds: [[f64::INFINITY, f64::NEG_INFINITY]; 3],
            third_ticks: (REST_S / 3.0 / e.tick_s()).round().max(1.0) as u64,
            never: plant.bess.iter().any(|b| b.on_at_start)
                || plant.gpus.iter().any(|g| !g.trace.is_empty())
                || plant.gensets.iter().any(|g| !g.on_at_start)
                || plant.sections.len() > 1
                || e.scenario.exercise.is_some(),
            miners_at_start_kw: t.miner_kw,
        }
    }

    /// Takes a tick in; whether nothing more is to come.
    fn at_rest(&mut self, e: &Engine) -> bool {
        let (t, tick) = (e.totals(), e.now_tick());
        let powers = [t.gpu_kw, t.miner_kw, t.bess_kw, t.gen_kw];
        // Loads restart the clock; sources only answer, and are watched through the frequency.
        let loads = |p: &[f64; 4]| [p[0], p[1]];
        let moved = loads(&powers).iter().zip(loads(&self.powers)).any(|(a, b)| (a - b).abs() > MOVED_KW);
        if moved {
            (self.since, self.powers) = (tick, powers);
        }
        let last = &mut self.thirds[2];
        *last = [last[0].min(t.f_hz), last[1].max(t.f_hz)];
        if !tick.is_multiple_of(self.third_ticks) {
            return false;
        }
        let spread = self.thirds.map(|[lo, hi]| hi - lo);
        let f0 = e.plant.cfg.f0_hz;
        let small = spread[2] <= REST_SPREAD * f0;
        let smaller = spread[1] <= spread[0] && spread[2] <= spread[1];
        // Inside all that a slow relay or a limit of minutes counts on, and no power supply that may come back.
        let near = (t.f_hz / f0 - 1.0).abs() <= 0.02
            && (t.v_pu - 1.0).abs() <= 0.05
            && t.gen_kw <= t.rating_kw
            && t.bess_kw.abs() <= MOVED_KW
            && e.summary().v_min_pu > 0.9;
        self.thirds = [self.thirds[1], self.thirds[2], [f64::INFINITY, f64::NEG_INFINITY]];
        let still = (tick - self.since) as f64 * e.tick_s() >= REST_S;
        t.alive && still && small && smaller && near && !self.never && self.nothing_to_come(e)
    }

    fn nothing_to_come(&self, e: &Engine) -> bool {
        let restored = e.scenario.policy.path != BringUpPath::ShedRestore
            || e.totals().miner_kw >= self.miners_at_start_kw - MOVED_KW;
        let state = match e.control.state() {
            RunState::Complete | RunState::Aborted => restored,
            RunState::Idle => e.scenario.policy.start_at_s.is_none(),
            _ => false,
        };
        state && e.is_script_done() && !e.has_faults()
    }
}
