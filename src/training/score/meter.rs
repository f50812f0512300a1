//! Measures a run tick by tick, without an allocation, and clones with the run.

use std::sync::Arc;

use super::Live;
use super::conduct::Watch;
use super::facts::Facts;
use super::metrics::{HARD, Hard, Metrics, Moment};
use super::result::{Deduction, Par, Score};
use super::rubric::Rubric;
use super::sample::Sample;
use super::windows::{Delay, Excursion, Mean};
use crate::acts::{By, Event, Operate};
use crate::control::target::{Change, TimeToTarget};
use crate::engine::Engine;
use crate::engine::iso8528;
use crate::engine::sliding::SlidingMax;
use crate::training::msg::DeskAct;

/// Deviation outside of which the integral counts, per cent.
const BAND_PCT: f64 = 0.5;
/// The 2 % band.
const ALPHA_PCT: f64 = 2.0;
/// F-LO, per cent below nominal.
const LOW_PCT: f64 = 2.5;
/// An excursion ends after this long inside.
const REARM_S: f64 = 0.3;
/// Slot of the step window.
const SLOT_S: f64 = 0.01;
/// Pace of the ramp window.
const RAMP_PACE_S: f64 = 0.05;
/// Pace of the bucket: a control step.
const BUCKET_PACE_S: f64 = 0.1;
/// Half width of "held", and for how long, s.
const HELD: (f64, f64) = (0.02, 60.0);

/// When the target was reached, and whether it was held.
#[derive(Clone, Copy, Debug, Default)]
struct Target {
    clock: TimeToTarget,
    /// Mining lost until it was reached, kWh.
    lost_kwh: f64,
    /// Power has stayed within 2 % since the instant at which it came there.
    near_tick: Option<u64>,
    held: bool,
}

/// The meter of a run.
#[derive(Clone, Debug)]
pub struct Meter {
    rubric: Arc<Rubric>,
    facts: Arc<Facts>,
    metrics: Metrics,
    watch: Watch,
    ticks: u64,
    end_tick: u64,
    rearm: u32,
    every: [u64; 3],
    cycle: Mean,
    high: SlidingMax,
    low: SlidingMax,
    ramp: Delay,
    bucket_kw: f64,
    bucket_last_kw: f64,
    excursions: [Excursion; HARD.len()],
    target: Target,
    /// GPUs missing, times ticks: whole numbers, so no rounding.
    missing: u64,
    missing_before_start: u64,
    miner_base_kw: f64,
    alive: bool,
    was_alive: bool,
}

impl Meter {
    /// A meter for a run that begins at `first`.
    #[must_use]
    pub fn new(rubric: Arc<Rubric>, facts: Arc<Facts>, first: &Sample) -> Self {
        let ticks = |s: f64| (s / facts.tick_s).round().max(1.0) as u64;
        let horizon_s = facts.horizon_s.unwrap_or(rubric.horizon_s);
        Self {
            metrics: Metrics { horizon_s, bring_up: facts.target_kw > 0.0, ..Metrics::default() },
            watch: Watch::new(&facts, &rubric.responses),
            ticks: 0,
            end_tick: ticks(horizon_s),
            rearm: ticks(REARM_S) as u32,
            every: [SLOT_S, RAMP_PACE_S, BUCKET_PACE_S].map(ticks),
            cycle: Mean::new(ticks(1.0 / facts.f0_hz) as usize, first.f_hz),
            high: SlidingMax::new((1.0 / SLOT_S) as u32),
            low: SlidingMax::new((1.0 / SLOT_S) as u32),
            ramp: Delay::new((5.0 / RAMP_PACE_S) as usize, first.gen_kw),
            bucket_kw: facts.allowance_kw(first.gen_kw, first.rating_kw),
            bucket_last_kw: first.gen_kw,
            excursions: [Excursion::default(); HARD.len()],
            target: Target::default(),
            missing: 0,
            missing_before_start: 0,
            miner_base_kw: first.miner_kw,
            alive: first.alive,
            was_alive: first.alive,
            rubric,
            facts,
        }
    }

    /// The rubric in use.
    #[must_use]
    pub fn rubric(&self) -> &Arc<Rubric> {
        &self.rubric
    }

    /// The yardstick in use.
    #[must_use]
    pub fn facts(&self) -> &Arc<Facts> {
        &self.facts
    }

    /// Whether the horizon has been reached.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.ticks >= self.end_tick
    }

    /// Whether the target was reached and held for its time, or to the horizon.
    #[must_use]
    pub fn target_is_reached(&self) -> bool {
        let clock = &self.target.clock;
        clock.is_held() || (self.is_over() && clock.ticks().is_some())
    }

    /// The plant after a tick. Nothing counts after the horizon.
    pub fn tick(&mut self, s: &Sample) {
        if self.is_over() {
            return;
        }
        self.ticks += 1;
        let (tick, dt) = (self.ticks, self.facts.tick_s);
        let t_s = tick as f64 * dt;
        self.metrics.t_s = t_s;
        self.trips(s, t_s);
        self.energies(s, dt);
        self.bring_up(s, tick);
        if s.alive != self.alive {
            self.bus(s);
        }
        if s.alive {
            self.frequency(s, t_s, dt);
            self.power(s, tick, t_s);
        }
    }

    /// An event of the run.
    pub fn event(&mut self, e: &Event) {
        if self.is_over() {
            return;
        }
        if e.object == iso8528::OBJECT {
            let m = &mut self.metrics;
            m.disturbances += 1;
            let class = e.value as u8;
            m.least_class = Some(m.least_class.map_or(class, |c| c.min(class)));
        }
        self.watch.event(e);
    }

    /// An operator's act, and whether it was accepted.
    pub fn act(&mut self, t_s: f64, act: &Operate, by: By, accepted: bool) {
        if !self.is_over() {
            self.watch.act(t_s, act, by, accepted);
        }
    }

    /// Takes points off.
    pub fn deduct(&mut self, what: Deduction, t_s: f64) {
        self.watch.deduct(what, t_s);
    }

    /// Protection bypassed, or log or seal broken: nothing counts.
    pub fn void(&mut self, why: &str) {
        self.watch.conduct.void.get_or_insert_with(|| why.to_owned());
    }

    /// What has been measured so far.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        let dt = self.facts.tick_s;
        let (t, reached) = (&self.target, self.target_is_reached());
        let missing = if t.clock.started().is_some() { self.missing } else { self.missing_before_start };
        Metrics {
            start_s: t.clock.started().map(|k| k as f64 * dt),
            time_to_target_s: t.clock.ticks().filter(|_| reached).map(|n| n as f64 * dt),
            held: t.held && self.metrics.trips == 0,
            lost_mining_to_target_kwh: if reached { t.lost_kwh } else { self.metrics.lost_mining_kwh },
            gpu_hours_lost: missing as f64 * dt / 3600.0,
            conduct: self.watch.conduct.clone(),
            ..self.metrics.clone()
        }
    }

    /// The score so far; final once [`Self::is_over`] and with par.
    #[must_use]
    pub fn finish(&self, par: Option<&Par>) -> Score {
        self.rubric.score(&self.metrics(), par)
    }

    /// For a console.
    #[must_use]
    pub fn live(&self, e: &Engine, log: &[(u64, DeskAct)]) -> Live {
        let (rubric, facts) = (Arc::clone(&self.rubric), Arc::clone(&self.facts));
        let known = log.iter().filter(|(_, act)| act.is_known_beforehand()).cloned().collect();
        Live { rubric, facts, scenario: Arc::clone(&e.scenario), known, metrics: self.metrics() }
    }

    fn trips(&mut self, s: &Sample, t_s: f64) {
        if s.trips > self.metrics.trips {
            self.watch.trouble(t_s);
            self.metrics.trips = s.trips;
        }
    }

    fn bus(&mut self, s: &Sample) {
        self.alive = s.alive;
        if s.alive {
            self.was_alive = true;
            self.cycle.fill(s.f_hz);
            self.ramp.fill(s.gen_kw);
            self.high.clear();
            self.low.clear();
            self.bucket_last_kw = s.gen_kw;
        } else if self.was_alive {
            self.metrics.blackouts += 1;
        }
    }

    fn energies(&mut self, s: &Sample, dt: f64) {
        let (m, hours) = (&mut self.metrics, dt / 3600.0);
        let lost = (self.miner_base_kw - s.miner_kw) * hours;
        m.lost_mining_kwh += lost;
        m.useful_kwh += (s.gpu_kw + s.miner_kw) * hours;
        m.fuel_kwh = s.fuel_kwh;
        m.bess_used |= s.bess_on && self.facts.soc_target_pct.is_some();
        m.bess_kwh += s.bess_kw.abs() * hours;
        m.soc_off_pct = self.facts.soc_target_pct.map_or(0.0, |t| s.soc_pct - t);
    }

    fn bring_up(&mut self, s: &Sample, tick: u64) {
        let (target, dt) = (self.facts.target_kw, self.facts.tick_s);
        let missing = u64::from(self.facts.target_gpus.saturating_sub(s.gpus_full));
        self.missing_before_start += missing;
        if s.started {
            self.target.clock.start(tick - 1);
        }
        if target <= 0.0 || self.target.clock.started().is_none() {
            return;
        }
        self.missing += missing;
        let t = &mut self.target;
        if t.clock.sample(tick, dt, s.gpu_kw, target) == Some(Change::Reached) {
            t.lost_kwh = self.metrics.lost_mining_kwh;
        }
        if !t.held {
            let near = s.alive && (s.gpu_kw / target - 1.0).abs() <= HELD.0;
            match t.near_tick {
                _ if !near => t.near_tick = None,
                None => t.near_tick = Some(tick),
                Some(at) => t.held = (tick - at) as f64 * dt >= HELD.1,
            }
        }
    }

    fn frequency(&mut self, s: &Sample, t_s: f64, dt: f64) {
        let pct = (self.cycle.push(s.f_hz) / self.facts.f0_hz - 1.0) * 100.0;
        self.metrics.deviation_pct.raise(pct.abs(), t_s);
        self.metrics.out_of_band_pct_s += (pct.abs() - BAND_PCT).max(0.0) * dt;
        let [low, high] = self.facts.first_trip_pct;
        self.metrics.beyond_trip_level |= pct < low || pct > high;
        self.hard(Hard::AlphaBand, pct.abs() > ALPHA_PCT, t_s);
        self.hard(Hard::LowFrequency, pct < -LOW_PCT, t_s);
    }

    fn power(&mut self, s: &Sample, tick: u64, t_s: f64) {
        let (p, rating) = (s.gen_kw, s.rating_kw);
        let slot = (tick / self.every[0]) as u32;
        let top = self.high.push(slot, p);
        let bottom = -self.low.push(slot, -p);
        let (up, down) = (p - bottom, top - p);
        let m = &mut self.metrics;
        m.step_up_kw.raise(up, t_s);
        m.step_down_kw.raise(down, t_s);
        if rating > 0.0 {
            let share = |kw: f64, from: f64| 100.0 * kw / self.facts.allowance_kw(from, rating).max(1e-9);
            // the allowance is looked up only where the share could be a new record
            if up > 0.0 || down > 0.0 {
                m.step_share_pct.raise(share(up, bottom).max(share(down, top)), t_s);
            }
            let headroom = Moment { value: rating - p, t_s };
            if m.min_headroom_kw.is_none_or(|h| headroom.value < h.value) {
                m.min_headroom_kw = Some(headroom);
            }
            self.hard(Hard::Rating, p > rating * 1.0005, t_s);
        }
        if tick.is_multiple_of(self.every[1]) {
            let ramp = (p - self.ramp.push(p)).abs() / 5.0;
            let m = &mut self.metrics;
            m.ramp_kw_per_s.raise(ramp, t_s);
            m.ramp_share_pct = 100.0 * m.ramp_kw_per_s.value / self.facts.ramp_limit_kw_per_s.max(1e-9);
        }
        if tick.is_multiple_of(self.every[2]) {
            self.bucket(p, rating, t_s);
        }
    }

    /// `A = min(C, A + rho dt) - rise`; what is overdrawn counts, and the bucket is empty.
    fn bucket(&mut self, p: f64, rating: f64, t_s: f64) {
        let rise = (p - self.bucket_last_kw).max(0.0);
        self.bucket_last_kw = p;
        let filled = self.bucket_kw + self.facts.refill_kw_per_s * self.every[2] as f64 * self.facts.tick_s;
        let level = filled.min(self.facts.allowance_kw(p - rise, rating)) - rise;
        self.bucket_kw = level.max(0.0);
        let rearm = (REARM_S / BUCKET_PACE_S).round() as u32;
        let begins = self.excursions[Hard::StepNow as usize].step(level < -1e-9, rearm);
        self.count(Hard::StepNow, begins, t_s);
    }

    fn hard(&mut self, which: Hard, out: bool, t_s: f64) {
        let begins = self.excursions[which as usize].step(out, self.rearm);
        self.count(which, begins, t_s);
    }

    fn count(&mut self, which: Hard, begins: bool, t_s: f64) {
        if begins {
            self.metrics.hard[which as usize] += 1;
            self.metrics.first_hard.get_or_insert((which, t_s));
            self.watch.trouble(t_s);
        }
    }
}
