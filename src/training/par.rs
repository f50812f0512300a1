//! Par: what a very good operator would reach on this scenario, found by running it, not guessed.
//!
//! The fastest bring-up that keeps a margin of 20 % on every limit, with the scenario's script and the malfunctions that
//! are told beforehand. Each candidate (path, batch, interval) is a whole run at a desk under limits scaled by 0.8; a
//! meter says what it kept. Coarse grid first, then around the best. Ordered, without chance, so the same scenario
//! gives the same par; `keep_on` stops it between runs. Pure: the thread is the caller's.
//!
//! * Compared are paths that end alike: A and B+restore. Path B, which leaves the miners off, counts only where no other
//!   keeps the margin: speed that mining pays for is no par.
//! * The exercise goes on in each candidate's own run: an item with a condition happens when it becomes so there, not
//!   when it did for the trainee. What the trainer did by hand happens at its tick.
//! * Rating, ceiling and headroom belong to the end state, which the scenario asks for; no schedule can keep 20 % there.
//! * A malfunction may break limits whatever the schedule does. Then the fewest broken limits win, and then time.
//! * Once target and miners have settled and nothing more is to come, the rest to the horizon is reckoned at the powers
//!   reached.

use std::fmt::Write as _;
use std::hash::Hasher as _;
use std::sync::Arc;

use super::desk::{Desk, DeskConfig};
use super::msg::What;
use super::score::{Facts, Live, Meter, Metrics, Par, Rubric, Sample};
use crate::control::{BringUpPath, RunState};
use crate::engine::Engine;
use crate::scenario::Scenario;
use crate::scenario::exercise::Do;
use crate::training::msg::DeskAct;

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
    /// Malfunctions and other acts of the trainer that are known beforehand, by tick, rising.
    pub known: Vec<(u64, DeskAct)>,
}

impl Task {
    /// For a run that is scored.
    #[must_use]
    pub fn of(live: &Live) -> Self {
        let (scenario, facts, rubric) = (Arc::clone(&live.scenario), Arc::clone(&live.facts), Arc::clone(&live.rubric));
        Self { scenario, facts, rubric, known: live.known.clone() }
    }

    /// A number that is the same for the same search: the key of a cache.
    #[must_use]
    pub fn key(&self) -> u64 {
        let mut text = String::new();
        let s = &self.scenario;
        let facts = (&self.facts, &self.known, &self.rubric);
        if write!(text, "{:?} {:?} {:?} {:?} {} {facts:?}", s.plant, s.policy, s.script, s.exercise, s.seed).is_err() {
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
                let (par, trace) = self.par(desk(Arc::clone(&self.scenario)), "the scenario as it is");
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
        let (par, trace) = self.par(self.desk(&plan), &plan.words());
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
    fn desk(&self, plan: &Plan) -> Desk {
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
        desk(Arc::new(s))
    }

    /// From when on nothing more is to come, s: never, where the exercise may yet act on the plant.
    fn to_come_s(&self, tick_s: f64) -> f64 {
        let acts = |d: &Do| matches!(d, Do::Malf { .. } | Do::Clear { .. } | Do::Act(_));
        let script_s = self.scenario.script.last().map_or(0.0, |i| i.at_s);
        let known_s = self.known.last().map_or(0.0, |(tick, _)| *tick as f64 * tick_s);
        let exercise = self.scenario.exercise.as_ref().is_some_and(|e| e.items.iter().any(|i| acts(&i.act)));
        let added = self.known.iter().any(|(_, act)| matches!(act.what, What::AddItem(_) | What::SetItem(..)));
        if exercise || added { f64::INFINITY } else { script_s.max(known_s) + SETTLE_S }
    }

    /// One candidate, given up as soon as it cannot win.
    fn run(&self, plan: &Plan, best: Option<&Tried>) -> Option<Tried> {
        let mut run = ParRun::new(self, self.desk(plan));
        while !run.meter.is_over() {
            run.step();
            if !run.desk.now_tick().is_multiple_of(1000) {
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
    fn par(&self, desk: Desk, schedule: &str) -> (Par, Vec<Trace>) {
        let mut trace = Vec::new();
        let to_come_s = self.to_come_s(desk.tick_s());
        let mut run = ParRun::new(self, desk);
        let (mut calm_since_s, mut last) = (0.0, run.engine().totals());
        while !run.meter.is_over() {
            run.step();
            let e = run.engine();
            let now = e.totals();
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
        let m = run.to_horizon();
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

/// The scenario at a desk that keeps neither rows nor snapshots nor a score.
fn desk(scenario: Arc<Scenario>) -> Desk {
    let config = DeskConfig { snapshot_every_s: f64::INFINITY, snapshots: 1, rubric: None, alarms: None };
    Desk::new(scenario, config).without_rows()
}

/// A run under a meter, with what is known beforehand.
struct ParRun<'a> {
    task: &'a Task,
    desk: Desk,
    meter: Meter,
    next: usize,
    miner_base_kw: f64,
}

impl<'a> ParRun<'a> {
    fn new(task: &'a Task, desk: Desk) -> Self {
        let first = Sample::of(desk.engine());
        let meter = Meter::of(Arc::clone(&task.rubric), Arc::clone(&task.facts), desk.engine());
        Self { task, desk, meter, next: 0, miner_base_kw: first.miner_kw }
    }

    fn engine(&self) -> &Engine {
        self.desk.engine()
    }

    fn step(&mut self) {
        while let Some((tick, act)) = self.task.known.get(self.next) {
            if *tick > self.desk.now_tick() {
                break;
            }
            self.desk.act(act);
            self.next += 1;
        }
        self.desk.tick();
        self.meter.read(self.desk.engine());
    }

    /// The rest to the horizon at the powers of now.
    fn to_horizon(&self) -> Metrics {
        let e = self.engine();
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
