//! From a guess of the active bounds to the exact minimiser: pin, solve, check, change what is wrong, a few times.
//!
//! A primal-dual active set method. From afar its contact front moves about one node a round, so it is no solver by
//! itself; from the end of an interior point method, or from the plan of a minute ago, it needs one to three rounds.

use super::chain::Chain;
use super::interior::{PIN, Scale};
use super::quadratic::{Optimum, Quadratic};

/// Most rounds before the guess is given up.
const MOST_ROUNDS: u32 = 8;
/// Relative tolerance of bounds and multipliers.
const TOLERANCE: f64 = 1e-10;

/// Where the first active set comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guess {
    /// A bound is active where its multiplier outweighs the distance to it.
    Multipliers,
    /// A bound is active where the point touches or passes it.
    Touching,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Free,
    Low,
    High,
    Pinned,
}

/// Replaces `found` by the exact minimiser and says so, or leaves it as it was.
pub(super) fn refine(chain: &mut Chain, p: &Quadratic, found: &mut Optimum, scale: Scale, guess: Guess) -> bool {
    let n = p.len();
    let mut sides: Vec<Side> = (0..n).map(|i| first(p, found, scale, guess, i)).collect();
    let mut x = found.x.clone();
    let (mut dx, mut sums) = (vec![0.0; n], vec![0.0; n]);
    let stiffest = (0..n).fold(0.0f64, |a, i| a.max(p.w[i] + p.off[i]));
    for _ in 0..MOST_ROUNDS {
        for i in 0..n {
            sums[i] = if sides[i] == Side::Free { p.w[i] } else { PIN * stiffest };
            match sides[i] {
                Side::Low | Side::Pinned => x[i] = p.lo[i],
                Side::High => x[i] = p.hi[i],
                Side::Free => {}
            }
        }
        if sides.iter().all(|s| *s == Side::Free) && p.w.iter().all(|w| *w <= 0.0) {
            return false;
        }
        chain.factor(&sums, &p.off);
        for i in 0..n {
            dx[i] = if sides[i] == Side::Free { -p.gradient(&x, i) } else { 0.0 };
        }
        chain.solve(&mut dx);
        x.iter_mut().zip(&dx).for_each(|(x, d)| *x += d);
        found.iterations += 1;
        if !x.iter().all(|x| x.is_finite()) {
            return false;
        }
        if settle(p, &x, &mut sides, scale) {
            found.mu = (0..n).map(|i| if sides[i] == Side::Free { 0.0 } else { -p.gradient(&x, i) }).collect();
            found.x = x;
            found.converged = true;
            found.polished = true;
            return true;
        }
    }
    false
}

fn first(p: &Quadratic, found: &Optimum, scale: Scale, guess: Guess, i: usize) -> Side {
    let (lo, hi, x) = (p.lo[i], p.hi[i], found.x[i]);
    let near = TOLERANCE * scale.x;
    if hi - lo <= near {
        return Side::Pinned;
    }
    let curvature = scale.gradient / scale.x;
    let (low, high) = match guess {
        Guess::Multipliers => (-found.mu[i] > curvature * (x - lo), found.mu[i] > curvature * (hi - x)),
        Guess::Touching => (x <= lo + near, x >= hi - near),
    };
    match (low, high) {
        (true, _) => Side::Low,
        (_, true) => Side::High,
        _ => Side::Free,
    }
}

/// Moves what breaks a condition to where it belongs; true if nothing did.
fn settle(p: &Quadratic, x: &[f64], sides: &mut [Side], scale: Scale) -> bool {
    let near = TOLERANCE * scale.x;
    let slight = TOLERANCE * scale.gradient + scale.noise(x.iter().fold(0.0f64, |a, x| a.max(x.abs())));
    let mut right = true;
    for i in 0..p.len() {
        let now = match sides[i] {
            Side::Free if x[i] < p.lo[i] - near => Side::Low,
            Side::Free if x[i] > p.hi[i] + near => Side::High,
            Side::Low if p.gradient(x, i) < -slight => Side::Free,
            Side::High if p.gradient(x, i) > slight => Side::Free,
            same => same,
        };
        right &= now == sides[i];
        sides[i] = now;
    }
    right
}
