//! The convex problem that every plan comes down to, and what a solver says about it.
//!
//! ```text
//! min  Σ ½ w_i x_i² − r_i x_i + ½ Σ off_i (x_{i+1} − x_i)²     lo ≤ x ≤ hi,  |x_{i+1} − x_i| ≤ step_i
//! ```
//!
//! Plain data; units are the caller's, dual values are those of the sum as written.

use super::chain::laplacian;

/// The problem. All lists have the length N of the grid.
#[derive(Clone, Debug, Default)]
pub struct Quadratic {
    /// Curvature of each node, 0 or more.
    pub w: Vec<f64>,
    /// Linear gain of each node.
    pub r: Vec<f64>,
    /// Weight of the step from node i to i+1, 0 or more; the last one joins the ends of a ring, 0 on an open chain.
    pub off: Vec<f64>,
    /// Lower bounds.
    pub lo: Vec<f64>,
    /// Upper bounds, none below its lower one.
    pub hi: Vec<f64>,
    /// Largest step between neighbours, if limited; the last entry joins the ends of a ring, infinite on an open chain.
    pub step: Option<Vec<f64>>,
}

/// What a solver found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Optimum {
    /// The minimiser.
    pub x: Vec<f64>,
    /// Multiplier of the bounds: positive where the upper bound holds x back, negative at the lower one.
    pub mu: Vec<f64>,
    /// Multiplier of the step limits: positive where a rise is held back, negative for a fall. Empty without limits.
    pub nu: Vec<f64>,
    /// Iterations.
    pub iterations: u32,
    /// Whether the tolerance was met.
    pub converged: bool,
    /// Whether the active bounds were solved for exactly.
    pub polished: bool,
}

impl Quadratic {
    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.r.len()
    }

    /// Whether there are no nodes.
    pub fn is_empty(&self) -> bool {
        self.r.is_empty()
    }

    /// Gradient of the sum at node i, without bounds.
    pub fn gradient(&self, x: &[f64], i: usize) -> f64 {
        (self.w[i] * x[i] - self.r[i]) + laplacian(x, &self.off, i)
    }
}
