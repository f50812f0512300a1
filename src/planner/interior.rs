//! Hard bounds: Mehrotra's predictor and corrector, an iteration of O(N).
//!
//! An iteration factors one [`Chain`] and solves with it twice; their number hardly grows with N. Nodes whose bounds meet
//! are pinned. Without step limits the active bounds that a point suggests are solved for exactly (`active`) and
//! kept where every condition holds: tried once when the gap is small, and at the end; from a guess it is the warm start.
//!
//! It never allocates inside an iteration and never returns a point outside the bounds.

use super::active::{self, Guess};
use super::chain::{Chain, laplacians};
use super::pairs::{Aim, LEAST_SLACK, Miss, Pair, Reach};
use super::quadratic::{Optimum, Quadratic};

/// Most iterations; the hardest of 15,000 random instances took half of them.
const MOST_ITERATIONS: u32 = 200;
/// Relative size of residuals at the end.
const TOLERANCE: f64 = 1e-10;
/// Relative gap at the end.
const GAP: f64 = 1e-15;
/// Least relative gap at which the active bounds are guessed.
const FINEST: f64 = 1e-18;
/// Bounds closer than this, relative to the largest bound, pin a node.
const PINNED: f64 = 1e-12;
/// Row sum of a pinned node, relative to the matrix.
pub(super) const PIN: f64 = 1e40;
/// Share of the way to the boundary.
const SHARE: f64 = 0.997;
/// Ratio of gaps above which an iteration got nowhere, and where the next one aims.
const STUCK: f64 = 0.7;
const BACK: f64 = 0.5;
/// Strength of the springs that hold the first point away from its bounds, in gradients at the bound.
const SPRING: f64 = 4.0;
/// First gap in gradients times rooms.
const START: f64 = 0.1;
/// Nodes begin inside their bounds and stay there.
const INSIDE: Miss = [0.0; 2];

/// Solves with hard bounds; keeps its room from call to call.
#[derive(Clone, Debug)]
pub struct Solver {
    chain: Chain,
    nodes: Vec<Pair>,
    steps: Vec<Pair>,
    /// Row sums and edge weights of the matrix of this iteration.
    sums: Vec<f64>,
    edges: Vec<f64>,
    gradient: Vec<f64>,
    x: Vec<f64>,
    dx: Vec<f64>,
}

/// Sizes by which residuals are judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    /// Largest bound: of the order of x.
    pub x: f64,
    /// Largest gradient: of the order of the multipliers.
    pub gradient: f64,
    /// Largest edge weight.
    stiffest: f64,
}

impl Scale {
    fn of(p: &Quadratic) -> Self {
        let largest = |it: &mut dyn Iterator<Item = f64>| it.fold(0.0, f64::max);
        let bound = |i: usize| p.lo[i].abs().max(p.hi[i].abs());
        let all = 0..p.len();
        let tiny = f64::MIN_POSITIVE.sqrt();
        Self {
            x: largest(&mut all.clone().map(bound)).max(tiny),
            gradient: largest(&mut all.map(|i| p.r[i].abs().max(p.w[i] * bound(i)))).max(tiny),
            stiffest: largest(&mut p.off.iter().copied()),
        }
    }

    /// Rounding of a gradient for deviations up to `size`: nothing below it can be told from zero.
    pub fn noise(&self, size: f64) -> f64 {
        4.0 * f64::EPSILON * self.stiffest * size
    }
}

impl Solver {
    /// Room for `n` nodes.
    #[must_use]
    pub fn new(n: usize) -> Self {
        let zero = || vec![0.0; n];
        Self {
            chain: Chain::new(n),
            nodes: Vec::with_capacity(n),
            steps: Vec::new(),
            sums: zero(),
            edges: zero(),
            gradient: zero(),
            x: zero(),
            dx: zero(),
        }
    }

    /// Solves from scratch.
    #[must_use]
    pub fn solve(&mut self, problem: &Quadratic) -> Optimum {
        self.start(problem, None)
    }

    /// Solves from the active bounds of a guess, such as the plan of a moment ago; from scratch if that leads nowhere.
    #[must_use]
    pub fn solve_from(&mut self, problem: &Quadratic, guess: &[f64]) -> Optimum {
        self.start(problem, (problem.step.is_none() && guess.len() == problem.len()).then_some(guess))
    }

    fn start(&mut self, problem: &Quadratic, guess: Option<&[f64]>) -> Optimum {
        let (centre, p) = centred(problem);
        let scale = Scale::of(problem);
        let mut found = Optimum::default();
        if let Some(guess) = guess {
            found.x = guess.iter().map(|x| x - centre).collect();
            active::refine(&mut self.chain, &p, &mut found, scale, Guess::Touching);
        }
        if !found.polished {
            found = self.interior(&p, scale, found.iterations);
        }
        if !found.polished && p.step.is_none() {
            active::refine(&mut self.chain, &p, &mut found, scale, Guess::Multipliers);
        }
        for (x, (lo, hi)) in found.x.iter_mut().zip(problem.lo.iter().zip(&problem.hi)) {
            *x = (*x + centre).clamp(*lo, *hi);
        }
        found
    }

    /// The interior point method proper, on a problem centred near 0.
    fn interior(&mut self, p: &Quadratic, scale: Scale, spent: u32) -> Optimum {
        let n = p.len();
        let count = self.begin(p, scale);
        let mut gap = self.products() / count.max(1) as f64;
        let least = GAP * scale.gradient * scale.x;
        // next to where it touches a bound, x leaves it by a share N⁻² of its range: a gap of the square of this tells
        // the two apart
        let tell_apart = (n as f64).powi(-4).max(FINEST) * scale.gradient * scale.x;
        let mut guess_at = if p.step.is_some() { f64::NEG_INFINITY } else { tell_apart };
        let mut found = Optimum { iterations: spent, ..Optimum::default() };
        let mut stuck = false;
        let (_, mut sizes) = self.matrix(p, None);
        while found.iterations < spent + MOST_ITERATIONS {
            let (residual, size, strongest) = sizes;
            if gap <= guess_at {
                guess_at = 0.0;
                self.tell(&mut found);
                if active::refine(&mut self.chain, p, &mut found, scale, Guess::Multipliers) {
                    return found;
                }
            }
            found.converged = residual <= TOLERANCE * scale.gradient.max(strongest) + scale.noise(size) && gap <= least;
            if found.converged && guess_at <= 0.0 {
                break;
            }
            found.iterations += 1;
            let edges = if self.steps.is_empty() { &p.off } else { &self.edges };
            self.chain.factor(&self.sums, edges);
            self.direction(p, Aim::END);
            let reach = self.predict(p);
            // a gap that would not fall is brought back to the middle of the path: by itself the rule can cycle
            let aim = if stuck { Aim { gap: BACK * gap, second: 0.0 } } else { aim(gap, count, reach) };
            self.direction(p, aim);
            let length = self.length(p, aim);
            let products;
            (products, sizes) = self.advance(p, aim, length);
            let next = products / count.max(1) as f64;
            stuck = next > STUCK * gap;
            gap = next;
            if !(length > 1e-12) {
                break;
            }
        }
        self.tell(&mut found);
        found
    }

    /// A point inside the bounds with slacks and multipliers; returns the number of these.
    fn begin(&mut self, p: &Quadratic, scale: Scale) -> usize {
        let n = p.len();
        let pinned = PINNED * scale.x;
        // a spring towards the middle of each room, as strong at the bounds as gradients are: smooth where the chain is
        // stiff, near the wish where it is not
        let (mut rooms, mut live) = (0.0f64, 0usize);
        for i in 0..n {
            let (room, middle) = (p.hi[i] - p.lo[i], 0.5 * (p.lo[i] + p.hi[i]));
            let free = room > pinned;
            let spring =
                if free { SPRING * scale.gradient / room } else { PIN * (scale.gradient / scale.x + scale.stiffest) };
            self.sums[i] = p.w[i] + spring;
            self.x[i] = spring * middle + if free { p.r[i] } else { 0.0 };
            rooms += if free { room } else { 0.0 };
            live += usize::from(free);
        }
        self.chain.factor(&self.sums, &p.off);
        self.chain.solve(&mut self.x);
        for i in 0..n {
            let inside = LEAST_SLACK * (p.hi[i] - p.lo[i]);
            self.x[i] = self.x[i].clamp(p.lo[i] + inside, p.hi[i] - inside);
        }
        // the multipliers will have to hold gradients; far above the usual where bounds wind more than the chain would
        let pull: f64 = (0..n).map(|i| (p.hi[i] - p.lo[i]) * p.gradient(&self.x, i).abs()).sum();
        let gap = START * (scale.gradient * rooms).max(pull) / live.max(1) as f64;
        self.nodes.clear();
        self.nodes.extend((0..n).map(|i| Pair::new([p.lo[i], p.hi[i]], self.x[i], pinned, gap)));
        self.steps.clear();
        for (i, s) in p.step.iter().flatten().enumerate() {
            let v = self.x[if i + 1 == n { 0 } else { i + 1 }] - self.x[i];
            self.steps.push(Pair::new([-s, *s], v, 0.0, gap));
        }
        2 * self.nodes.iter().chain(&self.steps).filter(|p| p.live()).count()
    }

    /// Fills matrix and gradient, and moves slacks and multipliers before where there is a way to go (`aim`, length): one pass
    /// for both, as they are what an iteration reads most. Returns the sum of the products that moved, and the largest
    /// residual of stationarity, deviation, and force of a bound.
    fn matrix(&mut self, p: &Quadratic, go: Option<(Aim, f64)>) -> (f64, (f64, f64, f64)) {
        let n = p.len();
        let mut products = 0.0;
        let (mut residual, mut size, mut stiffest, mut strongest) = (0.0f64, 0.0f64, 0.0f64, 0.0f64);
        if !self.steps.is_empty() {
            self.edges.copy_from_slice(&p.off);
        }
        for (edge, pair) in self.edges.iter_mut().zip(&mut self.steps).filter(|(_, p)| p.live()) {
            *edge += pair.weigh();
        }
        let larger = |a: f64, b: f64| if b > a { b } else { a };
        let Self { nodes, steps, sums, edges, gradient, x, dx, .. } = self;
        let edges = if steps.is_empty() { &p.off[..n] } else { &edges[..n] };
        let (w, r, dx) = (&p.w[..n], &p.r[..n], &dx[..n]);
        laplacians(&x[..n], &p.off, |i, l| {
            let g = (w[i] * x[i] - r[i]) + l;
            gradient[i] = g;
            size = larger(size, x[i].abs());
            stiffest = larger(stiffest, edges[i]);
            let pair = &mut nodes[i];
            if pair.live() {
                if let Some((aim, length)) = go {
                    products += pair.advance(INSIDE, dx[i], aim, length);
                }
                sums[i] = w[i] + pair.weigh();
                let force = pair.force();
                strongest = larger(strongest, force.abs());
                let mut left = g + force;
                if !steps.is_empty() {
                    let before = if i == 0 { n - 1 } else { i - 1 };
                    left += steps[before].force() - steps[i].force();
                }
                residual = larger(residual, left.abs());
                stiffest = larger(stiffest, sums[i]);
            }
        });
        for (sum, _) in self.sums.iter_mut().zip(&self.nodes).filter(|(_, p)| !p.live()) {
            *sum = PIN * stiffest;
        }
        (products, (residual, size, strongest))
    }

    /// Direction towards `aim`, into `dx`.
    fn direction(&mut self, p: &Quadratic, aim: Aim) {
        if self.steps.is_empty() {
            let Self { chain, nodes, gradient, dx, .. } = self;
            let push = |pair: &Pair, gradient: f64| if pair.live() { pair.push(INSIDE, aim) - gradient } else { 0.0 };
            chain.solve_for(dx, |i, _| push(&nodes[i], gradient[i]));
            return;
        }
        for (dx, (pair, gradient)) in self.dx.iter_mut().zip(self.nodes.iter().zip(&self.gradient)) {
            *dx = if pair.live() { pair.push(INSIDE, aim) - gradient } else { 0.0 };
        }
        for (i, step) in p.step.iter().flatten().enumerate() {
            let (pair, j) = (&self.steps[i], if i + 1 == self.x.len() { 0 } else { i + 1 });
            if pair.live() {
                let push = pair.push(pair.miss([-step, *step], self.x[j] - self.x[i]), aim);
                self.dx[i] -= if self.nodes[i].live() { push } else { 0.0 };
                self.dx[j] += if self.nodes[j].live() { push } else { 0.0 };
            }
        }
        self.chain.solve(&mut self.dx);
    }

    /// What the predictor's direction promises.
    fn predict(&mut self, p: &Quadratic) -> Reach {
        let mut reach = Reach::default();
        for (pair, dx) in self.nodes.iter_mut().zip(&self.dx).filter(|(p, _)| p.live()) {
            pair.predict(INSIDE, *dx, &mut reach);
        }
        self.each_step(p, |pair, miss, dv| pair.predict(miss, dv, &mut reach));
        reach
    }

    /// How far the direction may be followed.
    fn length(&mut self, p: &Quadratic, aim: Aim) -> f64 {
        let mut reach = Reach::default();
        for (pair, dx) in self.nodes.iter().zip(&self.dx).filter(|(p, _)| p.live()) {
            pair.look(INSIDE, *dx, aim, &mut reach);
        }
        self.each_step(p, |pair, miss, dv| pair.look(miss, dv, aim, &mut reach));
        (SHARE * reach.longest()).min(1.0)
    }

    /// Goes so far along the direction, and fills the next matrix; returns the new sum of products and what [`Self::matrix`]
    /// does.
    fn advance(&mut self, p: &Quadratic, aim: Aim, length: f64) -> (f64, (f64, f64, f64)) {
        let mut limited = 0.0;
        self.each_step(p, |pair, miss, dv| limited += pair.advance(miss, dv, aim, length));
        self.x.iter_mut().zip(&self.dx).for_each(|(x, dx)| *x += length * dx);
        let (products, sizes) = self.matrix(p, Some((aim, length)));
        (limited + products, sizes)
    }

    /// Every limited step with what its slacks miss and its change in the direction.
    fn each_step(&mut self, p: &Quadratic, mut act: impl FnMut(&mut Pair, Miss, f64)) {
        for (i, step) in p.step.iter().flatten().enumerate() {
            let j = if i + 1 == self.x.len() { 0 } else { i + 1 };
            let pair = &mut self.steps[i];
            if pair.live() {
                let miss = pair.miss([-step, *step], self.x[j] - self.x[i]);
                act(pair, miss, self.dx[j] - self.dx[i]);
            }
        }
    }

    fn products(&self) -> f64 {
        self.nodes.iter().chain(&self.steps).filter(|p| p.live()).map(Pair::product).sum()
    }

    /// Point and multipliers of now.
    fn tell(&self, found: &mut Optimum) {
        found.x = self.x.clone();
        let force = |(i, p): (usize, &Pair)| if p.live() { p.force() } else { -self.gradient[i] };
        found.mu = self.nodes.iter().enumerate().map(force).collect();
        found.nu = self.steps.iter().map(Pair::force).collect();
    }
}

/// Mehrotra's rule: how far down the central path to aim, from how far the predictor came. A predictor that did not come
/// far knows little of second order, so that its products count for less; taken in full they can make the method cycle.
fn aim(gap: f64, count: usize, reach: Reach) -> Aim {
    if count == 0 {
        return Aim::END;
    }
    let length = reach.longest().min(1.0);
    let reached = gap + (length * reach.linear + length * length * reach.square) / count as f64;
    let share = (reached / gap).clamp(0.0, 1.0);
    Aim { gap: gap * share * share * share, second: length }
}

/// The problem around the middle of its wishes: where x hardly moves, deviations keep digits that x itself has not.
fn centred(p: &Quadratic) -> (f64, Quadratic) {
    let wish = |i: usize| {
        let (lo, hi) = (p.lo[i], p.hi[i]);
        if p.w[i] > 0.0 { (p.r[i] / p.w[i]).clamp(lo, hi) } else { 0.5 * (lo + hi) }
    };
    let centre = (0..p.len()).map(wish).sum::<f64>() / p.len().max(1) as f64;
    let moved = Quadratic {
        w: p.w.clone(),
        r: p.r.iter().zip(&p.w).map(|(r, w)| r - w * centre).collect(),
        off: p.off.clone(),
        lo: p.lo.iter().map(|b| b - centre).collect(),
        hi: p.hi.iter().map(|b| b - centre).collect(),
        step: p.step.clone(),
    };
    (centre, moved)
}
