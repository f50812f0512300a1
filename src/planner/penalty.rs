//! The paper's penalty form: a semismooth Newton method whose weight rises in stages.
//!
//! The sum is piecewise quadratic. Each round solves the quadratic of the pieces that the point lies in, by one O(N) solve,
//! until the pieces stay the same; then it is exact. Stages of the weight bring a stiff penalty near its contact set, and a
//! search along the direction guards against cycling.

use super::chain::{Chain, laplacian};

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
    let (mut sums, mut dx, mut trial) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    let mut ids = vec![0; n];
    let band = DEAD_BAND * size;
    let mut weight = first.min(beta);
    let mut rounds = 0;
    while rounds < MOST_ROUNDS {
        rounds += 1;
        for i in 0..n {
            let piece = terms.node(i, x[i], weight);
            sums[i] = piece.curvature;
            ids[i] = piece.id;
            dx[i] = -(piece.gradient + laplacian(x, off, i));
        }
        if sums.iter().all(|s| *s <= 0.0) {
            return (rounds, false);
        }
        let before = dx.clone();
        chain.factor(&sums, off);
        chain.solve(&mut dx);
        let slope: f64 = before.iter().zip(&dx).map(|(g, d)| g * d).sum();
        for i in 0..n {
            trial[i] = x[i] + dx[i];
        }
        let along = |at: &[f64]| -> f64 {
            (0..n).map(|i| (terms.node(i, at[i], weight).gradient + laplacian(at, off, i)) * dx[i]).sum()
        };
        let same = (0..n).all(|i| {
            let is = |x: f64| terms.node(i, x, weight).id == ids[i];
            is(trial[i]) || is(trial[i] - band) || is(trial[i] + band)
        });
        if same {
            x.copy_from_slice(&trial);
            if weight >= beta {
                return (rounds, true);
            }
            weight = (weight * STAGE).min(beta);
            continue;
        }
        // the sum is convex: past its lowest point along the direction the slope turns
        let (mut short, mut long) = (0.0, 1.0);
        if along(&trial) > 0.5 * slope.abs() {
            for _ in 0..50 {
                let middle = 0.5 * (short + long);
                for i in 0..n {
                    trial[i] = x[i] + middle * dx[i];
                }
                if along(&trial) > 0.0 { long = middle } else { short = middle }
            }
        }
        x.copy_from_slice(&trial);
    }
    (rounds, false)
}
