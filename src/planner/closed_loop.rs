//! Does a plan hold when the day goes otherwise? Controllers compared over days on a load that is late and noisy.
//!
//! The load of the day ahead is the forecast; what comes is that load `delay_h` later, with noise that fades with a time
//! constant (AR(1)). The paper draws its optimal control as a loop that integrates λ forward; that loop is unstable
//! ([`super::shooting`]). What works is the same problem solved again at each step over a receding horizon, with what the
//! time beyond it is worth as a terminal cost: the unconstrained solution is `u = −(x − x*)/τ`, τ² = a/g, so a miss of the
//! plan at the end of the horizon costs `sqrt(a g)·(x − x_plan)²`.

use super::fleet::{Fleet, FleetSpec};
use super::noise::Noise;
use super::plan::{Objective, objective};
use super::problem::{Bounds, Ends, Problem, Terminal};
use super::refusal::Refusal;
use super::solve::{Planner, solve};

/// How the day differs from its forecast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Disturbance {
    /// The load comes this much later, h.
    pub delay_h: f64,
    /// Standard deviation of the noise, kW.
    pub noise_kw: f64,
    /// Time constant of the noise, h: its AR(1) coefficient is exp(−step / this).
    pub correlation_h: f64,
    /// Seed of the noise.
    pub seed: u64,
}

/// Who decides about the miners.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Controller {
    /// Nobody: no miners.
    NoMiners,
    /// The planned miner power, whatever the load does.
    OpenLoop,
    /// The planned genset power: miners take what the measured load leaves.
    Tracking,
    /// The plan made again at each step over a horizon, h.
    Receding {
        /// Its length.
        horizon_h: f64,
    },
    /// The optimum for the load that comes, with ideal miners: a bound, not a controller.
    Clairvoyant,
}

/// What a controller came to; money a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// Who.
    pub controller: Controller,
    /// Cost, $ a day.
    pub per_day: Objective,
    /// Steepest ramp between steps, kW/h.
    pub ramp_max_kw_per_h: f64,
    /// Time above the rating, h a day.
    pub overload_h: f64,
    /// Starts of machines a day.
    pub starts: f64,
    /// Starts refused for want of room, over the whole run.
    pub refused: u32,
}

/// A comparison: the day, the miners, the days to run, the disturbance.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The day as forecast: periodic, hard bounds.
    pub day: Problem,
    /// The miners.
    pub fleet: FleetSpec,
    /// Days to run.
    pub days: usize,
    /// What comes otherwise.
    pub disturbance: Disturbance,
}

/// Longest run in steps: 40 days in minutes.
const MOST_STEPS: usize = 60_000;

impl Comparison {
    /// Runs the controllers on the same load.
    ///
    /// # Errors
    /// If the day is refused, is not periodic with hard bounds, or a number makes no sense.
    pub fn run(&self, controllers: &[Controller]) -> Result<Vec<Outcome>, Refusal> {
        let d = self.disturbance;
        let not_negative = |what, v: f64| {
            if (0.0..=1e6).contains(&v) { Ok(()) } else { Err(Refusal::setting(what, v, "0 or more")) }
        };
        not_negative("delay", d.delay_h)?;
        not_negative("noise", d.noise_kw)?;
        not_negative("latency of the miners", self.fleet.latency_s)?;
        not_negative("wake-up time of the miners", self.fleet.wake_s)?;
        not_negative("power of a miner", self.fleet.machine_kw)?;
        if !(d.correlation_h > 0.0) {
            return Err(Refusal::setting("time constant of the noise", d.correlation_h, "more than 0 h"));
        }
        let steps = self.days * self.day.len();
        if steps == 0 || steps > MOST_STEPS {
            return Err(Refusal::setting("number of steps of the loop", steps as f64, "1 to 60000"));
        }
        let plan = solve(&self.day)?.genset_kw;
        let actual = self.actual(steps);
        controllers.iter().map(|c| self.one(*c, &plan, &actual)).collect()
    }

    /// The load that comes, kW.
    #[must_use]
    pub fn actual(&self, steps: usize) -> Vec<f64> {
        let (day, d) = (&self.day, self.disturbance);
        let n = day.len();
        let keep = libm::exp(-day.step_h / d.correlation_h);
        let fresh = d.noise_kw * libm::sqrt(1.0 - keep * keep);
        let mut random = Noise::new(d.seed);
        let mut noise = d.noise_kw * random.normal();
        let late = d.delay_h / day.step_h;
        let whole = libm::floor(late);
        let (back, share) = (whole as usize % n, late - whole);
        let mut load = Vec::with_capacity(steps);
        for k in 0..steps {
            let i = (k + n - back) % n;
            let forecast = day.load_kw[i] + share * (day.load_kw[(i + n - 1) % n] - day.load_kw[i]);
            load.push((forecast + noise).max(0.0));
            noise = keep * noise + fresh * random.normal();
        }
        load
    }

    /// The run as a problem, for its cost.
    fn whole(&self, actual: &[f64]) -> Problem {
        let n = self.day.len();
        let repeat = |v: &[f64]| (0..actual.len()).map(|k| v[k % n]).collect();
        Problem {
            load_kw: actual.to_vec(),
            income_per_kwh: repeat(&self.day.income_per_kwh),
            ramp_weight: repeat(&self.day.ramp_weight),
            ends: Ends::Open { from_kw: None, to: None },
            bounds: Bounds::Hard,
            ..self.day.clone()
        }
    }

    fn one(&self, controller: Controller, plan: &[f64], actual: &[f64]) -> Result<Outcome, Refusal> {
        let (n, h) = (self.day.len(), self.day.step_h);
        let whole = self.whole(actual);
        let mut fleet = Fleet::new(self.fleet, h);
        let rating = self.day.rating_kw.unwrap_or(f64::INFINITY);
        let genset_kw: Vec<f64> = if controller == Controller::Clairvoyant {
            let carried = Problem { load_kw: actual.iter().map(|l| l.min(rating)).collect(), ..whole.clone() };
            solve(&carried)?.miner_kw.iter().zip(actual).map(|(m, l)| m + l).collect()
        } else {
            let mut receding = Receding::new(self, plan, controller);
            let mut x: Vec<f64> = Vec::with_capacity(actual.len());
            let later = self.fleet.wake_steps(h);
            for (k, load) in actual.iter().enumerate() {
                let planned = |j: usize| plan[(k + j) % n];
                let error = load - self.day.load_kw[k % n];
                let ahead = |j: usize| forecast(&self.day, self.disturbance.correlation_h, k, j, error);
                let (now, then) = match controller {
                    Controller::NoMiners | Controller::Clairvoyant => (0.0, 0.0),
                    Controller::OpenLoop => {
                        (planned(0) - self.day.load_kw[k % n], planned(later) - self.day.load_kw[(k + later) % n])
                    }
                    Controller::Tracking => (planned(0) - load, planned(later) - ahead(later)),
                    Controller::Receding { .. } => {
                        let before = x.last().copied().unwrap_or(plan[n - 1]);
                        let path = receding.step(k, error, before)?;
                        (path[0] - load, path[later.min(path.len() - 1)] - ahead(later))
                    }
                };
                let room = (rating - load).max(0.0);
                let headroom = (rating - ahead(later)).max(0.0).min(room);
                x.push(load + fleet.step(now.min(room), then.min(headroom), headroom));
            }
            x
        };
        let days = self.days as f64;
        let o = objective(&whole, &genset_kw);
        let per_day = Objective {
            generation: o.generation / days,
            ramp: o.ramp / days,
            revenue: o.revenue / days,
            penalty: o.penalty / days,
        };
        let steep = genset_kw.windows(2).map(|w| ((w[1] - w[0]) / h).abs()).fold(0.0, f64::max);
        let over = genset_kw.iter().filter(|x| **x > rating * (1.0 + 1e-9)).count();
        Ok(Outcome {
            controller,
            per_day,
            ramp_max_kw_per_h: steep,
            overload_h: over as f64 * h / days,
            starts: fleet.starts() / days,
            refused: fleet.refused,
        })
    }
}

/// The receding horizon: the plan from now on, made again at each step. Pure, and the same for a real site: hand it the
/// forecast error and the genset power of now, take the first points of the path.
#[derive(Clone, Debug)]
pub struct Receding<'a> {
    day: &'a Problem,
    plan: &'a [f64],
    correlation_h: f64,
    problem: Problem,
    planner: Planner,
}

impl<'a> Receding<'a> {
    fn new(c: &'a Comparison, plan: &'a [f64], controller: Controller) -> Self {
        let horizon_h = if let Controller::Receding { horizon_h } = controller { horizon_h } else { 0.0 };
        Self::along(&c.day, plan, horizon_h, c.disturbance.correlation_h)
    }

    /// Along the plan of a day, `horizon_h` ahead; forecast errors are expected to fade with `correlation_h`.
    #[must_use]
    pub fn along(day: &'a Problem, plan: &'a [f64], horizon_h: f64, correlation_h: f64) -> Self {
        let steps = libm::round(horizon_h / day.step_h).clamp(2.0, 100_000.0) as usize;
        let problem = Problem {
            load_kw: vec![0.0; steps],
            income_per_kwh: vec![0.0; steps],
            ramp_weight: vec![0.0; steps],
            bounds: Bounds::Hard,
            ..day.clone()
        };
        Self { day, plan, correlation_h, problem, planner: Planner::default() }
    }

    /// Genset power from now on, kW: at step k of the day, with the load off its forecast by `error_kw`, from `before_kw`.
    ///
    /// # Errors
    /// If the day's numbers are refused.
    pub fn step(&mut self, k: usize, error_kw: f64, before_kw: f64) -> Result<Vec<f64>, Refusal> {
        let (n, steps) = (self.day.len(), self.problem.len());
        let rating = self.day.rating_kw.unwrap_or(f64::INFINITY);
        for j in 0..steps {
            self.problem.load_kw[j] = forecast(self.day, self.correlation_h, k, j, error_kw).min(rating);
            self.problem.income_per_kwh[j] = self.day.income_per_kwh[(k + j) % n];
            self.problem.ramp_weight[j] = self.day.ramp_weight[(k + j) % n];
        }
        let end = (k + steps - 1) % n;
        let (a, g) = (self.day.ramp_weight[end], 0.5 * self.day.fuel.slope(self.plan[end]));
        let to = Terminal { kw: self.plan[end], weight: libm::sqrt(a * g) };
        self.problem.ends = Ends::Open { from_kw: Some(before_kw.max(0.0)), to: Some(to) };
        Ok(self.planner.solve_shifted(&self.problem)?.genset_kw)
    }
}

/// Load expected `ahead` steps from step k of a day, kW, when it is off by `error_kw` now: the error fades.
fn forecast(day: &Problem, correlation_h: f64, k: usize, ahead: usize, error_kw: f64) -> f64 {
    let fade = libm::exp(-day.step_h * ahead as f64 / correlation_h);
    (day.load_kw[(k + ahead) % day.len()] + error_kw * fade).max(0.0)
}
