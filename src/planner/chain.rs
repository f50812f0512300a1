//! The linear kernel: `(diag(s) + L) x = b` on a ring or an open chain of N nodes in O(N), to full precision.
//!
//! L is the Laplacian with edge weights `off[i] >= 0` between node i and i+1; `off[N-1]` joins the last node to the
//! first, and is 0 on an open chain. Nodes are eliminated from both ends towards the middle with the last one as separator
//! (an arrow matrix). In the manner of Grassmann, Taksar and Heyman every pivot is a sum of numbers that are not negative and none is ever the
//! difference of two, so that the relative error stays near 1e-14 however stiff the chain is; Thomas with
//! Sherman-Morrison loses eight digits on a day in steps of one second.
//!
//! It never pivots, never allocates after [`Chain::new`], and never checks its input: `s` has to be positive somewhere.

/// Share of a node below which the last node is out of its sight.
const FADED: f64 = 1e-200;

/// The factors of one matrix, and the room to solve with them.
#[derive(Clone, Debug)]
pub struct Chain {
    /// 1 / pivot of each node.
    inverse: Vec<f64>,
    /// Share of a node that its elimination hands to its neighbour nearer to the middle.
    near: Vec<f64>,
    /// Share that it hands to the last node.
    last: Vec<f64>,
}

/// One of the two fronts of the elimination: what it has left in the node ahead of it and in the last one.
#[derive(Clone, Copy)]
struct Front {
    carried: f64,
    gathered: f64,
    /// Edge from the node ahead to the last node.
    spoke: f64,
}

impl Front {
    /// Eliminates a node; returns its inverse pivot and its shares.
    #[inline]
    fn pass(&mut self, s: f64, edge: f64) -> (f64, f64, f64) {
        let row = s + self.carried;
        let inverse = 1.0 / (row + (edge + self.spoke));
        let (near, last) = (edge * inverse, self.spoke * inverse);
        self.carried = row * near;
        self.gathered += row * last;
        // a spoke that has faded counts for nothing, and subnormal numbers are slow
        self.spoke = if last < FADED { 0.0 } else { edge * last };
        (inverse, near, last)
    }

    /// Passes a right-hand side on; returns what stays.
    #[inline]
    fn hand_on(&mut self, b: f64, inverse: f64, near: f64, last: f64) -> f64 {
        let b = b + self.carried;
        self.carried = b * near;
        self.gathered += b * last;
        b * inverse
    }
}

impl Chain {
    /// Room for `n` nodes.
    #[must_use]
    pub fn new(n: usize) -> Self {
        Self { inverse: vec![0.0; n], near: vec![0.0; n], last: vec![0.0; n] }
    }

    /// Factors the matrix with row sums `s` and edge weights `off`.
    pub fn factor(&mut self, s: &[f64], off: &[f64]) {
        let n = self.inverse.len();
        let (s, off) = (&s[..n], &off[..n]);
        let (inverse, near, last) = (&mut self.inverse[..n], &mut self.near[..n], &mut self.last[..n]);
        let Some(end) = n.checked_sub(1) else { return };
        if end == 0 {
            inverse[0] = 1.0 / s[0];
            return;
        }
        let middle = end / 2;
        let mut up = Front { carried: 0.0, gathered: 0.0, spoke: off[end] };
        let mut down = Front { carried: 0.0, gathered: 0.0, spoke: off[end - 1] };
        // both fronts in one loop: their divisions overlap
        for i in 0..middle {
            (inverse[i], near[i], last[i]) = up.pass(s[i], off[i]);
            let j = end - 1 - i;
            if j > middle {
                (inverse[j], near[j], last[j]) = down.pass(s[j], off[j - 1]);
            }
        }
        let row = s[middle] + (up.carried + down.carried);
        let spoke = up.spoke + down.spoke;
        inverse[middle] = 1.0 / (row + spoke);
        near[middle] = 0.0;
        last[middle] = spoke * inverse[middle];
        inverse[end] = 1.0 / (s[end] + (up.gathered + down.gathered + row * last[middle]));
    }

    /// Solves for the right-hand side in `x`, in place.
    pub fn solve(&self, x: &mut [f64]) {
        self.solve_for(x, |_, b| b);
    }

    /// Solves for a right-hand side that is told node by node: `rhs` gets the node and what stands in `x`. It is asked once a
    /// node, and the answer is not stored before it is used.
    #[inline]
    pub fn solve_for(&self, x: &mut [f64], rhs: impl Fn(usize, f64) -> f64) {
        let n = self.inverse.len();
        let x = &mut x[..n];
        let (inverse, near, last) = (&self.inverse[..n], &self.near[..n], &self.last[..n]);
        let Some(end) = n.checked_sub(1) else { return };
        if end == 0 {
            x[0] = rhs(0, x[0]) * inverse[0];
            return;
        }
        let middle = end / 2;
        let mut up = Front { carried: 0.0, gathered: 0.0, spoke: 0.0 };
        let mut down = up;
        for i in 0..middle {
            x[i] = up.hand_on(rhs(i, x[i]), inverse[i], near[i], last[i]);
            let j = end - 1 - i;
            if j > middle {
                x[j] = down.hand_on(rhs(j, x[j]), inverse[j], near[j], last[j]);
            }
        }
        let b = rhs(middle, x[middle]) + (up.carried + down.carried);
        let far = (rhs(end, x[end]) + (up.gathered + down.gathered + b * last[middle])) * inverse[end];
        x[end] = far;
        x[middle] = b * inverse[middle] + last[middle] * far;
        let (mut before, mut after) = (x[middle], x[middle]);
        for i in (0..middle).rev() {
            before = (x[i] + last[i] * far) + near[i] * before;
            x[i] = before;
            let j = end - 1 - i;
            if j > middle {
                after = (x[j] + last[j] * far) + near[j] * after;
                x[j] = after;
            }
        }
    }
}

/// `L x` at node i as differences of neighbours: exact where x is flat, whatever the weights are.
#[inline]
#[must_use]
pub fn laplacian(x: &[f64], off: &[f64], i: usize) -> f64 {
    let n = x.len();
    let before = if i == 0 { n - 1 } else { i - 1 };
    let after = if i + 1 == n { 0 } else { i + 1 };
    off[before] * (x[i] - x[before]) + off[i] * (x[i] - x[after])
}

/// `L x` at every node in turn, with one product an edge.
#[inline]
pub fn laplacians(x: &[f64], off: &[f64], mut each: impl FnMut(usize, f64)) {
    let n = x.len();
    let off = &off[..n];
    let Some(end) = n.checked_sub(1) else { return };
    let mut inflow = off[end] * (x[0] - x[end]);
    for i in 0..end {
        let outflow = off[i] * (x[i + 1] - x[i]);
        each(i, inflow - outflow);
        inflow = outflow;
    }
    each(end, inflow - off[end] * (x[0] - x[end]));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Residual of the system relative to the size of its terms.
    fn backward_error(s: &[f64], off: &[f64], x: &[f64], b: &[f64]) -> f64 {
        let size = |i: usize| {
            let n = x.len();
            let sides = off[(i + n - 1) % n] + off[i];
            s[i] * x[i].abs() + sides * x[i].abs().max(x[(i + 1) % n].abs()) + b[i].abs()
        };
        (0..x.len()).map(|i| (s[i] * x[i] + laplacian(x, off, i) - b[i]).abs() / size(i)).fold(0.0, f64::max)
    }

    #[test]
    fn all_nodes_at_once_are_as_one_by_one() {
        for n in 1..6usize {
            let x: Vec<f64> = (0..n).map(|i| (i * i) as f64 - 3.0).collect();
            let off: Vec<f64> = (0..n).map(|i| 1.0 + i as f64).collect();
            laplacians(&x, &off, |i, l| assert!((l - laplacian(&x, &off, i)).abs() < 1e-12, "{i} of {n}"));
        }
    }

    #[test]
    fn rings_and_chains_of_every_length_are_solved() {
        for n in 1..40usize {
            for open in [false, true] {
                let s: Vec<f64> = (0..n).map(|i| ((i * 7 + 3) % 5) as f64 + 0.01).collect();
                let mut off: Vec<f64> = (0..n).map(|i| 10f64.powi(((i * 11) % 9) as i32 - 2)).collect();
                if open || n == 1 {
                    off[n - 1] = 0.0;
                }
                let b: Vec<f64> = (0..n).map(|i| ((i * 13) % 17) as f64 - 8.0).collect();
                let mut chain = Chain::new(n);
                chain.factor(&s, &off);
                let mut x = b.clone();
                chain.solve(&mut x);
                let e = backward_error(&s, &off, &x, &b);
                assert!(e < 1e-13, "n {n}, open {open}: {e:e}");
            }
        }
    }

    /// With equal row sums and a cosine on the right the answer is known: no digit is lost where the pivots of Thomas'
    /// method lose eight (a day in steps of a second, ramp weight of the source paper).
    #[test]
    fn val_closed_form_a_stiff_ring_keeps_its_digits() {
        let (n, kappa) = (86_400, 1.8e11);
        let angle = |i: usize| core::f64::consts::TAU * i as f64 / n as f64;
        let wave = kappa * 4.0 * libm::sin(angle(1) / 2.0).powi(2);
        let (s, off) = (vec![1.0; n], vec![kappa; n]);
        let mut x: Vec<f64> = (0..n).map(|i| 1.0 + libm::cos(angle(i))).collect();
        let mut chain = Chain::new(n);
        chain.factor(&s, &off);
        chain.solve(&mut x);
        let worst = |i: usize| (x[i] - 1.0 - libm::cos(angle(i)) / (1.0 + wave)).abs();
        let worst = (0..n).map(worst).fold(0.0, f64::max);
        assert!(worst < 1e-12, "{worst:e}");
    }

    /// A row sum far above all edges pins its node: its neighbours see a fixed value, without a digit lost.
    #[test]
    fn a_huge_row_sum_pins_a_node() {
        let (s, off) = ([1.0, 1e60, 1.0], [2.0, 4.0, 0.0]);
        let mut x = [3.0, 0.0, 5.0];
        let mut chain = Chain::new(3);
        chain.factor(&s, &off);
        chain.solve(&mut x);
        assert!((x[0] - 1.0).abs() < 1e-15 && x[1].abs() < 1e-50 && (x[2] - 1.0).abs() < 1e-15, "{x:?}");
    }
}
