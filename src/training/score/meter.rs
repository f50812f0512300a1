//! Measures a run tick by tick, without an allocation, and clones with the run.

use std::sync::Arc;

use super::Live;
use super::bus::{Bus, BusMeter};
use super::conduct::Watch;
use super::facts::Facts;
use super::metrics::Metrics;
use super::result::{Deduction, Par, Score};
use super::rubric::Rubric;
use super::sample::Sample;
use crate::acts::{By, Event, Operate};
use crate::control::target::{Change, TimeToTarget};
use crate::engine::Engine;
use crate::engine::iso8528;
use crate::training::msg::DeskAct;

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
    /// By section; that of the lowest section measures an island.
    buses: Vec<BusMeter>,
    target: Target,
    /// GPUs missing, times ticks: whole numbers, so no rounding.
    missing: u64,
    missing_before_start: u64,
    miner_base_kw: f64,
}

impl Meter {
    /// A meter for a run that begins at `first`, with these islands.
    #[must_use]
    pub fn new<'a>(
        rubric: Arc<Rubric>,
        facts: Arc<Facts>,
        first: &Sample,
        buses: impl IntoIterator<Item = Bus<'a>>,
    ) -> Self {
        let ticks = |s: f64| (s / facts.tick_s).round().max(1.0) as u64;
        let horizon_s = facts.horizon_s.unwrap_or(rubric.horizon_s);
        let named = facts.sections.len() > 1;
        let sections = if named { facts.sections.clone() } else { Vec::new() };
        let mut meters: Vec<_> = (0..facts.sections.len().max(1)).map(|s| BusMeter::new(s, &facts)).collect();
        each(&mut meters, buses, |meter, bus| meter.begin(bus, &facts));
        Self {
            metrics: Metrics { horizon_s, sections, bring_up: facts.target_kw > 0.0, ..Metrics::default() },
            watch: Watch::new(&facts, &rubric.responses),
            ticks: 0,
            end_tick: ticks(horizon_s),
            buses: meters,
            target: Target::default(),
            missing: 0,
            missing_before_start: 0,
            miner_base_kw: first.miner_kw,
            rubric,
            facts,
        }
    }

    /// A meter for a run that begins with the engine as it is.
    #[must_use]
    pub fn of(rubric: Arc<Rubric>, facts: Arc<Facts>, e: &Engine) -> Self {
        Self::new(rubric, facts, &Sample::of(e), Bus::of(e))
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

    /// The engine after a tick.
    pub fn read(&mut self, e: &Engine) {
        self.tick(&Sample::of(e), Bus::of(e));
    }

    /// The plant and its islands after a tick. Nothing counts after the horizon.
    pub fn tick<'a>(&mut self, s: &Sample, buses: impl IntoIterator<Item = Bus<'a>>) {
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
        let (facts, metrics) = (&self.facts, &mut self.metrics);
        let mut trouble = false;
        each(&mut self.buses, buses, |meter, bus| trouble |= meter.tick(bus, tick, facts, metrics));
        let outside = self.buses.iter().map(BusMeter::outside_pct);
        metrics.out_of_band_pct_s += outside.fold(0.0, f64::max) * dt;
        if trouble {
            self.watch.trouble(t_s);
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
}

/// Does it for the meter of each island, that of its lowest section; the meters of its other sections rest.
fn each<'a>(
    meters: &mut [BusMeter],
    buses: impl IntoIterator<Item = Bus<'a>>,
    mut what: impl FnMut(&mut BusMeter, &Bus),
) {
    for bus in buses {
        for (k, section) in bus.sections.iter().enumerate() {
            let Some(meter) = meters.get_mut(*section) else { continue };
            if k == 0 { what(meter, &bus) } else { meter.is_joined(bus.alive) }
        }
    }
}
