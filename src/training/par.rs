//! Par: what a very good operator would reach on this scenario, found by running it, not guessed.
//!
//! The fastest bring-up that keeps a margin of 20 % on every limit, with the scenario's script and the malfunctions that
//! are told beforehand. Each candidate (path, batch, interval) is a whole run of the engine under limits scaled by 0.8;
//! a meter says what it kept. Coarse grid first, then around the best. Ordered, without chance, so the same scenario
//! gives the same par; `keep_on` stops it between runs. Pure: the thread is the caller's.
//!
//! * Compared are paths that end alike: A and B+restore. Path B, which leaves the miners off, counts only where no other
//!   keeps the margin: speed that mining pays for is no par.
//! * Rating, ceiling and headroom belong to the end state, which the scenario asks for; no schedule can keep 20 % there.
//! * A malfunction may break limits whatever the schedule does. Then the fewest broken limits win, and then time.
//! * Once target and miners have settled and nothing more is to come, the rest to the horizon is reckoned at the powers
//!   reached.

use std::fmt::Write as _;
use std::hash::Hasher as _;
use std::sync::Arc;

use super::score::{Facts, Meter, Metrics, Par, Rubric, Sample};
use crate::control::{BringUpPath, RunState};
use crate::engine::Engine;
use crate::engine::msg::Operate;
use crate::scenario::Scenario;

/// What is left of each limit.
const KEEP: f64 = 0.8;
/// Widest deviation that keeps the margin on the 2 % band, per cent.
const DEVIATION_PCT: f64 = 2.0 * KEEP;
/// Seconds without a change of power that count as settled, and after the last thing to come.
const SETTLE_S: f64 = 20.0;
/// Times closer than this are equal; the less mining lost decides.
const SAME_S: f64 = 0.5;

const INTERVALS_S: [f64; 4] = [0.5, 1.0, 2.0, 5.0];
const BATCHES: [u32; 5] = [2, 5, 10, 20, 40];
const NEARBY: [(f64, f64); 6] = [(0.6, 1.0), (0.8, 1.0), (1.25, 1.0), (1.6, 1.0), (1.0, 0.7), (1.0, 1.4)];

/// A candidate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// Path.
    pub path: BringUpPath,
    /// GPUs a batch.
    pub batch_gpus: u32,
    /// Seconds between batches.
    pub interval_s: f64,
}

impl Plan {
    /// Seconds that batches alone take to 98 % of the target.
    fn least_s(&self, gpus: u32) -> f64 {
        let batches = (f64::from(gpus) * 0.98 / f64::from(self.batch_gpus)).ceil();
        (batches - 1.0).max(0.0) * self.interval_s
    }

    /// GPUs a second that it asks for.
    fn pace(&self) -> f64 {
        f64::from(self.batch_gpus) / self.interval_s
    }

    fn words(&self) -> String {
        let path = match self.path {
            BringUpPath::Ramp => "Path A",
            BringUpPath::Shed => "Path B",
            BringUpPath::ShedRestore => "Path B+restore",
        };
        format!("{path}, {} GPUs every {} s", self.batch_gpus, self.interval_s)
    }
}

/// What a candidate came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tried {
    /// The candidate.
    pub plan: Plan,
    /// Limits broken, or whose margin was not kept.
    pub broken: u32,
    /// Time to target, s.
    pub time_s: f64,
    /// Mining lost until the target, kWh.
    pub lost_kwh: f64,
}

impl Tried {
    fn beats(&self, other: &Self) -> bool {
        if self.broken != other.broken {
            return self.broken < other.broken;
        }
        if (self.time_s - other.time_s).abs() > SAME_S {
            return self.time_s < other.time_s;
        }
        if (self.lost_kwh - other.lost_kwh).abs() > 1e-6 {
            return self.lost_kwh < other.lost_kwh;
        }
        // limits make both alike: the plan that asks for less says what is done
        self.plan.pace() < other.plan.pace()
    }
}

/// Par, and what was tried to find it.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Par.
    pub par: Par,
    /// Its plan; `None` where the scenario asks for no bring-up.
    pub plan: Option<Plan>,
    /// Candidates in the order in which they were run.
    pub tried: Vec<Tried>,
    /// Its run, every half second until it had settled.
    pub trace: Vec<Trace>,
}

/// A sample of par's run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trace {
    /// When, s of the run.
    pub t_s: f64,
    /// Frequency, Hz.
    pub f_hz: f64,
    /// Gensets.
    pub gen_kw: f64,
    /// GPUs.
    pub gpu_kw: f64,
}

/// What is searched.
#[derive(Clone, Debug)]
pub struct Task {
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// Its yardstick.
    pub facts: Arc<Facts>,
    /// The rubric.
    pub rubric: Arc<Rubric>,
    /// Malfunctions and other acts that are known beforehand, by tick, rising.
    pub known: Vec<(u64, Operate)>,
}

impl Task {
    /// A number that is the same for the same search: the key of a cache.
    #[must_use]
    pub fn key(&self) -> u64 {
        let mut text = String::new();
        let s = &self.scenario;
        let facts = (&self.facts, &self.known, &self.rubric);
        if write!(text, "{:?} {:?} {:?} {} {facts:?}", s.plant, s.policy, s.script, s.seed).is_err() {
            return 0;
        }
        let mut h = fnv::FnvHasher::default();
        h.write(text.as_bytes());
        h.finish()
    }

    /// Searches. `keep_on` is asked before each run with how many were done; `false` ends the search without an answer.
    /// `None` too when nothing reaches the target.
    pub fn search(&self, keep_on: &mut dyn FnMut(usize) -> bool) -> Option<Found> {
        let gpus = self.facts.target_gpus;
        if gpus == 0 {
            return keep_on(0).then(|| {
                let engine = Engine::new(Arc::clone(&self.scenario)).without_rows();
                let (par, trace) = self.par(engine, "the scenario as it is");
                Found { par, plan: None, tried: Vec::new(), trace }
            });
        }
        let mut tried: Vec<Tried> = Vec::new();
        let mut best: Option<Tried> = None;
        let on_both =
            self.run_all(grid(&[BringUpPath::Ramp, BringUpPath::ShedRestore], gpus), &mut best, &mut tried, keep_on);
        on_both?;
        if best.is_none_or(|b| b.broken > 0) {
            self.run_all(grid(&[BringUpPath::Shed], gpus), &mut best, &mut tried, keep_on)?;
        }
        let centre = best?.plan;
        let nearby = NEARBY.iter().map(|(b, i)| Plan {
            batch_gpus: (f64::from(centre.batch_gpus) * b).round().max(1.0) as u32,
            interval_s: ((centre.interval_s * i * 10.0).round() / 10.0).max(0.1),
            ..centre
        });
        self.run_all(nearby.collect(), &mut best, &mut tried, keep_on)?;
        let plan = best?.plan;
        let (par, trace) = self.par(self.engine(&plan), &plan.words());
        Some(Found { par, plan: Some(plan), tried, trace })
    }

    /// `None` when told to stop.
    fn run_all(
        &self,
        plans: Vec<Plan>,
        best: &mut Option<Tried>,
        tried: &mut Vec<Tried>,
        keep_on: &mut dyn FnMut(usize) -> bool,
    ) -> Option<()> {
        for plan in plans {
            let done = tried.iter().any(|t| t.plan == plan);
            let hopeless =
                best.is_some_and(|b| b.broken == 0 && plan.least_s(self.facts.target_gpus) > b.time_s + SAME_S);
            if done || hopeless {
                continue;
            }
            if !keep_on(tried.len()) {
                return None;
            }
            if let Some(t) = self.run(&plan, best.as_ref()) {
                tried.push(t);
                if best.is_none_or(|b| t.beats(&b)) {
                    *best = Some(t);
                }
            }
        }
        Some(())
    }

    /// The scenario under this plan and the scaled limits.
    fn engine(&self, plan: &Plan) -> Engine {
        let mut s = (*self.scenario).clone();
        let p = &mut s.policy;
        p.path = plan.path;
        p.batch_gpus = plan.batch_gpus;
        p.interval_s = plan.interval_s;
        p.gpus_per_s *= KEEP;
        p.step_limit_kw *= KEEP;
        p.bucket_share *= KEEP;
        p.refill_kw_per_s *= KEEP;
        p.window_100ms_kw *= KEEP;
        p.window_1s_kw *= KEEP;
        p.window_10s_kw *= KEEP;
        p.ramp_limit_kw_per_s *= KEEP;
        p.hold.df_hz *= KEEP;
        p.hold.rocof_hz_per_s *= KEEP;
        p.hold.dv_pu *= KEEP;
        p.hold_points_kw.clear();
        p.start_at_s.get_or_insert(0.0);
        Engine::new(Arc::new(s)).without_rows()
    }

    /// One candidate, given up as soon as it cannot win.
    fn run(&self, plan: &Plan, best: Option<&Tried>) -> Option<Tried> {
        let mut e = self.engine(plan);
        let mut run = Run::new(self, &e);
        while !run.meter.is_over() {
            run.step(&mut e);
            if !e.now_tick().is_multiple_of(1000) {
                continue;
            }
            let m = run.meter.metrics();
            let broken = broken(&m);
            if let Some(b) = best {
                let late =
                    m.start_s.is_some_and(|s| m.time_to_target_s.is_none() && m.t_s - s > b.time_s + 60.0 + SAME_S);
                if broken > b.broken || (broken == b.broken && late) {
                    return None;
                }
            }
            if let Some(time_s) = m.time_to_target_s {
                return Some(Tried { plan: *plan, broken, time_s, lost_kwh: m.lost_mining_to_target_kwh });
            }
        }
        None
    }

    /// Figures of the winner to the horizon.
    fn par(&self, mut e: Engine, schedule: &str) -> (Par, Vec<Trace>) {
        let mut trace = Vec::new();
        let mut run = Run::new(self, &e);
        let script_s = self.scenario.script.last().map_or(0.0, |i| i.at_s);
        let known_s = self.known.last().map_or(0.0, |(tick, _)| *tick as f64 * e.tick_s());
        let to_come_s = script_s.max(known_s) + SETTLE_S;
        let (mut calm_since_s, mut last) = (0.0, *e.totals());
        while !run.meter.is_over() {
            run.step(&mut e);
            let now = *e.totals();
            if e.now_tick().is_multiple_of((0.5 / e.tick_s()).round().max(1.0) as u64) {
                trace.push(Trace { t_s: e.t_s(), f_hz: now.f_hz, gen_kw: now.gen_kw, gpu_kw: now.gpu_kw });
            }
            let moved = (now.gpu_kw - last.gpu_kw).abs() + (now.miner_kw - last.miner_kw).abs() > 0.01;
            let busy = e.control.state() == RunState::Running || e.control.state() == RunState::RampDown;
            if moved || busy {
                (calm_since_s, last) = (e.t_s(), now);
            }
            let there = self.facts.target_gpus == 0 || run.meter.target_is_reached();
            if there && e.t_s() > to_come_s && e.t_s() - calm_since_s > SETTLE_S {
                break;
            }
        }
        let m = run.to_horizon(&e);
        let par = Par {
            time_to_target_s: m.time_to_target_s,
            gpu_hours_lost: m.gpu_hours_lost,
            lost_mining_to_target_kwh: m.lost_mining_to_target_kwh,
            lost_mining_kwh: m.lost_mining_kwh,
            fuel_per_kwh: m.fuel_per_kwh().unwrap_or(0.0),
            schedule: schedule.to_owned(),
            mining_to_target: self.rubric.mining_until == super::score::MiningUntil::Target,
        };
        (par, trace)
    }
}

/// An engine under a meter, with what is known beforehand.
struct Run<'a> {
    task: &'a Task,
    meter: Meter,
    next: usize,
    miner_base_kw: f64,
}

impl<'a> Run<'a> {
    fn new(task: &'a Task, e: &Engine) -> Self {
        let first = Sample::of(e);
        let meter = Meter::new(Arc::clone(&task.rubric), Arc::clone(&task.facts), &first);
        Self { task, meter, next: 0, miner_base_kw: first.miner_kw }
    }

    fn step(&mut self, e: &mut Engine) {
        while let Some((tick, act)) = self.task.known.get(self.next) {
            if *tick > e.now_tick() {
                break;
            }
            e.operate(*act);
            self.next += 1;
        }
        e.tick();
        self.meter.tick(&Sample::of(e));
    }

    /// The rest to the horizon at the powers of now.
    fn to_horizon(&self, e: &Engine) -> Metrics {
        let (s, m) = (Sample::of(e), self.meter.metrics());
        let rest_h = (m.horizon_s - m.t_s).max(0.0) / 3600.0;
        let fuel_kw: f64 = e.plant.gensets.iter().zip(&e.plant.cfg.gensets).map(|(s, g)| s.fuel_kw(g)).sum();
        let missing = f64::from(self.task.facts.target_gpus.saturating_sub(s.gpus_full));
        Metrics {
            lost_mining_kwh: m.lost_mining_kwh + (self.miner_base_kw - s.miner_kw) * rest_h,
            useful_kwh: m.useful_kwh + (s.gpu_kw + s.miner_kw) * rest_h,
            fuel_kwh: m.fuel_kwh + fuel_kw * rest_h,
            gpu_hours_lost: m.gpu_hours_lost + missing * rest_h,
            ..m
        }
    }
}

/// Limits broken, or without their margin.
fn broken(m: &Metrics) -> u32 {
    let short =
        [m.deviation_pct.value > DEVIATION_PCT, m.step_share_pct.value > 100.0 * KEEP, m.ramp_share_pct > 100.0 * KEEP];
    // one excursion weighs more than a margin, a trip more than excursions
    let hard: u32 = m.hard.iter().sum();
    short.iter().map(|s| u32::from(*s)).sum::<u32>() + 4 * hard + 100 * (m.trips + m.blackouts)
}

/// The coarse grid, the fastest plans first.
fn grid(paths: &[BringUpPath], gpus: u32) -> Vec<Plan> {
    let mut plans = Vec::new();
    for path in paths {
        for interval_s in INTERVALS_S {
            let of = |batch: &u32| Plan { path: *path, batch_gpus: *batch, interval_s };
            plans.extend(BATCHES.iter().filter(|b| **b <= gpus.max(2)).map(of));
        }
    }
    plans.sort_by(|a, b| a.least_s(gpus).total_cmp(&b.least_s(gpus)));
    plans
}
