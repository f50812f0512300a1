//! The paper's penalty form: a semismooth Newton method whose weight rises in stages.
//!
//! The sum is piecewise quadratic. Each round solves the quadratic of the pieces that the point lies in, by one O(N) solve,
//! until the pieces stay the same; then it is exact. Stages of the weight bring a stiff penalty near its contact set, and a
//! search along the direction guards against cycling.

use super::chain::{Chain, laplacians};

/// Most rounds over all stages.
const MOST_ROUNDS: u32 = 600;
/// Factor between the stages of the weight.
const STAGE: f64 = 30.0;
/// Distance from a corner, relative to the size of x, within which either piece will do.
const DEAD_BAND: f64 = 1e-10;

/// One of the quadratics that a node's function is made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub gradient: f64,
    pub curvature: f64,
    /// Which one: the penalty's two sides are of one curvature.
    pub id: usize,
}

/// A sum of convex functions of single nodes, and of squared steps with the weights `off`.
pub(super) trait Terms {
    /// Node i's function at x, with the penalty weight `beta`.
    fn node(&self, i: usize, x: f64, beta: f64) -> Piece;
}

/// Minimises from `x` on; the final weight is `beta`, the first stage `first`. Returns rounds, and whether it settled.
pub(super) fn minimise(
    terms: &impl Terms,
    off: &[f64],
    x: &mut [f64],
    first: f64,
    beta: f64,
    size: f64,
) -> (u32, bool) {
    let n = x.len();
    let mut chain = Chain::new(n);
    let (mut sums, mut force, mut dx, mut trial) = (vec![0.0; n], vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    let (mut ids, mut next) = (vec![0; n], vec![0; n]);
    let band = DEAD_BAND * size;
    let mut weight = first.min(beta);
    // pieces and force (the negative gradient) at a point
    let look = |at: &[f64], weight: f64, sums: &mut [f64], ids: &mut [usize], force: &mut [f64]| {
        laplacians(at, off, |i, l| {
            let piece = terms.node(i, at[i], weight);
            sums[i] = piece.curvature;
            ids[i] = piece.id;
            force[i] = -(piece.gradient + l);
        });
    };
    look(x, weight, &mut sums, &mut ids, &mut force);
    for round in 1..=MOST_ROUNDS {
        if sums.iter().all(|s| *s <= 0.0) {
            return (round, false);
        }
        dx.copy_from_slice(&force);
        chain.factor(&sums, off);
        chain.solve(&mut dx);
        let along = |force: &[f64]| -> f64 { force.iter().zip(&dx).map(|(f, d)| -f * d).sum() };
        let slope = along(&force);
        for i in 0..n {
            trial[i] = x[i] + dx[i];
        }
        look(&trial, weight, &mut sums, &mut next, &mut force);
        let is = |i: usize, x: f64| terms.node(i, x, weight).id == ids[i];
        if (0..n).all(|i| next[i] == ids[i] || is(i, trial[i] - band) || is(i, trial[i] + band)) {
            x.copy_from_slice(&trial);
            if weight >= beta {
                return (round, true);
            }
            weight = (weight * STAGE).min(beta);
            look(x, weight, &mut sums, &mut ids, &mut force);
            continue;
        }
        // the sum is convex: past its lowest point along the direction the slope turns
        if along(&force) > 0.5 * slope.abs() {
            let (mut short, mut long) = (0.0, 1.0);
            for _ in 0..50 {
                let middle = 0.5 * (short + long);
                for i in 0..n {
                    trial[i] = x[i] + middle * dx[i];
                }
                look(&trial, weight, &mut sums, &mut next, &mut force);
                if along(&force) > 0.0 { long = middle } else { short = middle }
            }
        }
        x.copy_from_slice(&trial);
        core::mem::swap(&mut ids, &mut next);
    }
    (MOST_ROUNDS, false)
}
