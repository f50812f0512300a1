//! From a problem to its plan: hard bounds or penalty, one quadratic or a sequence of them.

use super::chain::laplacian;
use super::interior::Solver;
use super::penalty::{self, Piece, Terms};
use super::plan::Plan;
use super::problem::{Bounds, Ends, Problem};
use super::quadratic::{Optimum, Quadratic};
use super::refusal::Refusal;

/// Most quadratic models of a fuel curve of several pieces.
const MOST_MODELS: u32 = 300;
/// Widths over which marginal costs are averaged in the first stage and in the last, kW.
const WIDEST_KW: f64 = 256.0;
const FINEST_KW: f64 = 0.125;
/// Share of the turnover below which what a model promises ends them, and a stage.
const PROMISE: f64 = 1e-11;
const ROUGH: f64 = 1e-5;

/// Plans, and remembers the last one: a slightly different problem of the same length starts from there.
#[derive(Clone, Debug, Default)]
pub struct Planner {
    solver: Option<(usize, Solver)>,
    last_kw: Vec<f64>,
}

/// The optimal plan.
///
/// # Errors
/// If the problem is refused ([`Problem::check`]).
pub fn solve(problem: &Problem) -> Result<Plan, Refusal> {
    Planner::default().solve(problem)
}

impl Planner {
    /// The optimal plan.
    ///
    /// # Errors
    /// If the problem is refused ([`Problem::check`]).
    pub fn solve(&mut self, problem: &Problem) -> Result<Plan, Refusal> {
        problem.check()?;
        let optimum = match problem.bounds {
            Bounds::Hard => self.hard(problem),
            Bounds::Penalty { alpha } => soft(problem, alpha),
        };
        if !(optimum.converged && optimum.x.iter().all(|x| x.is_finite())) {
            return Err(Refusal::NotConverged { iterations: optimum.iterations });
        }
        self.last_kw.clone_from(&optimum.x);
        Ok(Plan::new(problem, optimum))
    }

    /// The optimal plan of the problem one step later, from the active bounds of the last plan.
    ///
    /// # Errors
    /// If the problem is refused ([`Problem::check`]).
    pub fn solve_shifted(&mut self, problem: &Problem) -> Result<Plan, Refusal> {
        if self.last_kw.len() > 1 {
            self.last_kw.rotate_left(1);
            let end = self.last_kw.len() - 1;
            self.last_kw[end] = self.last_kw[end - 1];
        }
        self.solve(problem)
    }

    fn hard(&mut self, p: &Problem) -> Optimum {
        let n = p.len();
        let solver = match self.solver.take() {
            Some((len, solver)) if len == n => solver,
            _ => {
                self.last_kw.clear();
                Solver::new(n)
            }
        };
        let (_, solver) = self.solver.insert((n, solver));
        let mut quadratic = |model: &Quadratic, from: &[f64]| {
            if from.len() == n { solver.solve_from(model, from) } else { solver.solve(model) }
        };
        let middle: Vec<f64> = (0..n).map(|i| 0.5 * (p.lo_kw(i) + p.hi_kw(i))).collect();
        let exact = |i: usize| (p.fuel.marginal_per_kwh(middle[i]), p.fuel.slope(middle[i]));
        let mut best = quadratic(&p.model(&middle, exact), &self.last_kw);
        if p.fuel.is_one_piece() {
            return best;
        }
        // from afar the curve is smooth: its corners come in by halves, each stage from the plan of the one before
        let off = p.edges();
        let mut x = best.x.clone();
        let turnover: f64 = (0..n).map(|i| p.step_h * p.hi_kw(i) * p.fuel.marginal_per_kwh(p.hi_kw(i)).abs()).sum();
        let (mut width, mut models) = (WIDEST_KW, 0);
        while models < MOST_MODELS {
            models += 1;
            let next = quadratic(&averaged(p, &x, width), &[]);
            let (length, promised) = lowest(p, &off, &x, &next.x, width);
            for i in 0..n {
                x[i] += length * (next.x[i] - x[i]);
            }
            best = Optimum { iterations: best.iterations + next.iterations, converged: false, ..next };
            let last = width <= FINEST_KW;
            if promised <= turnover * if last { PROMISE } else { ROUGH } {
                best.converged = last;
                if last {
                    break;
                }
                width = (0.5 * width).max(FINEST_KW);
            }
        }
        best.x = x;
        best
    }
}

/// The model around a plan, of a curve averaged over a width.
fn averaged(p: &Problem, x: &[f64], width: f64) -> Quadratic {
    p.model(x, |i| p.fuel.averaged(x[i], width))
}

/// How far to go from `x` to `next`: all the way, or to the lowest point of the convex sum in between; and what the first
/// order promises for the whole way, $.
fn lowest(p: &Problem, off: &[f64], x: &[f64], next: &[f64], width: f64) -> (f64, f64) {
    let n = p.len();
    let at = |t: f64| -> f64 {
        let y: Vec<f64> = (0..n).map(|i| x[i] + t * (next[i] - x[i])).collect();
        // around y the model is the sum, to first order
        let model = averaged(p, &y, width);
        let force = |i: usize| (model.w[i] * y[i] - model.r[i]) + laplacian(&y, off, i);
        (0..n).map(|i| force(i) * (next[i] - x[i])).sum()
    };
    let promised = -at(0.0);
    if at(1.0) <= 0.0 {
        return (1.0, promised);
    }
    let (mut short, mut long) = (0.0, 1.0);
    for _ in 0..45 {
        let middle = 0.5 * (short + long);
        if at(middle) > 0.0 { long = middle } else { short = middle }
    }
    (0.5 * (short + long), promised)
}

/// The penalty form around a centre: deviations keep digits where the plan is flat.
struct Soft<'a> {
    problem: &'a Problem,
    centre_kw: f64,
    lo: Vec<f64>,
    hi: Vec<f64>,
    /// Ends of an open day: node, weight, target.
    springs: Vec<(usize, f64, f64)>,
}

impl Terms for Soft<'_> {
    #[inline]
    fn node(&self, i: usize, deviation: f64, beta: f64) -> Piece {
        let (p, h) = (self.problem, self.problem.step_h);
        let x = self.centre_kw + deviation;
        let (marginal, slope, index) = p.fuel.at(x);
        let mut piece = Piece { gradient: h * (marginal - p.income_per_kwh[i]), curvature: h * slope, id: 3 * index };
        let (below, above) = (x - self.lo[i], x - self.hi[i]);
        if below < 0.0 {
            piece =
                Piece { gradient: piece.gradient + beta * below, curvature: piece.curvature + beta, id: piece.id + 1 };
        } else if above > 0.0 {
            piece =
                Piece { gradient: piece.gradient + beta * above, curvature: piece.curvature + beta, id: piece.id + 2 };
        }
        for (_, weight, kw) in self.springs.iter().filter(|s| s.0 == i) {
            piece.gradient += weight * (x - kw);
            piece.curvature += weight;
        }
        piece
    }
}

impl<'a> Soft<'a> {
    fn new(p: &'a Problem, centre_kw: f64) -> Self {
        let mut springs = Vec::new();
        if let Ends::Open { from_kw, to } = p.ends {
            springs.extend(from_kw.map(|kw| (0, 2.0 * p.ramp_weight[0] / p.step_h, kw)));
            springs.extend(to.map(|t| (p.len() - 1, 2.0 * t.weight, t.kw)));
        }
        let lo = (0..p.len()).map(|i| p.lo_kw(i)).collect();
        let hi = (0..p.len()).map(|i| p.hi_kw(i)).collect();
        Self { problem: p, centre_kw, lo, hi, springs }
    }
}

fn soft(p: &Problem, alpha: f64) -> Optimum {
    let n = p.len();
    let wish = |i: usize| {
        let pays = p.fuel.pays_to_kw(p.income_per_kwh[i]).unwrap_or(0.5 * (p.lo_kw(i) + p.hi_kw(i)));
        pays.clamp(p.lo_kw(i), p.hi_kw(i))
    };
    let centre_kw = (0..n).map(wish).sum::<f64>() / n as f64;
    let size = (0..n).fold(1.0f64, |a, i| a.max(p.hi_kw(i)));
    let terms = Soft::new(p, centre_kw);
    let beta = 2.0 * alpha * p.step_h;
    let first = (0..n).map(|i| p.step_h * p.fuel.slope(wish(i))).fold(0.0, f64::max);
    let mut x: Vec<f64> = (0..n).map(|i| wish(i) - centre_kw).collect();
    let first = if first > 0.0 { first } else { beta };
    let (iterations, converged) = penalty::minimise(&terms, &p.edges(), &mut x, first, beta, size);
    x.iter_mut().for_each(|x| *x += centre_kw);
    // the penalty's force stands for the multiplier
    let force = |i: usize| beta * if x[i] < p.lo_kw(i) { x[i] - p.lo_kw(i) } else { (x[i] - p.hi_kw(i)).max(0.0) };
    let mu = (0..n).map(force).collect();
    Optimum { mu, x, iterations, converged, polished: true, ..Optimum::default() }
}
