//! Slacks and multipliers of quantities with a lower and an upper limit, as an interior point method moves them.
//!
//! The quantities are the nodes of a chain, or its steps. Slacks are variables of their own, so that they keep their
//! digits where a quantity touches its limit.

/// Share of the room that a slack has at least in the beginning.
pub(super) const LEAST_SLACK: f64 = 0.02;

/// The slacks of one quantity to its lower and its upper limit; a cache line.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pair {
    /// Slacks, 0 in a pair that takes no part, and 1 / slack as of the last [`Pair::weigh`].
    slack: [f64; 2],
    inverse: [f64; 2],
    multiplier: [f64; 2],
    /// Products of the predictor's changes: what the corrector has to make good.
    product: [f64; 2],
}

/// Where a direction aims.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Aim {
    /// Product of slack and multiplier on the central path; 0 is its end.
    pub gap: f64,
    /// Share of the predictor's products of changes to make good.
    pub second: f64,
}

impl Aim {
    /// The predictor's: straight to the end of the path.
    pub const END: Self = Self { gap: 0.0, second: 0.0 };
}

/// How far slacks are from what they stand for: a point inside its limits has none.
pub(super) type Miss = [f64; 2];

/// What a direction promises, over all pairs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reach {
    /// Largest share by which a slack or multiplier would shrink over the full direction; its inverse is the longest step.
    shrink: f64,
    /// Σ of slack change · multiplier + multiplier change · slack, and Σ of the products of changes.
    pub linear: f64,
    pub square: f64,
}

impl Reach {
    #[inline]
    fn note(&mut self, shrink: f64) {
        if shrink > self.shrink {
            self.shrink = shrink;
        }
    }

    /// Longest step that keeps every slack and multiplier from becoming negative.
    pub fn longest(self) -> f64 {
        1.0 / self.shrink.max(f64::MIN_POSITIVE)
    }
}

impl Pair {
    /// Slacks of the value `v`, at least a share of the room, with multipliers on the central path of `gap`. It takes part
    /// if its limits are finite and further apart than `pinned`.
    pub fn new([lo, hi]: [f64; 2], v: f64, pinned: f64, gap: f64) -> Self {
        let room = hi - lo;
        if !(room > pinned && room.is_finite()) {
            return Self::default();
        }
        let least = LEAST_SLACK * room;
        let slack = [(v - lo).max(least), (hi - v).max(least)];
        Self { slack, multiplier: slack.map(|s| gap / s), ..Self::default() }
    }

    /// Whether it is limited, and free to move at all.
    #[inline]
    pub fn live(&self) -> bool {
        self.slack[0] > 0.0
    }

    /// See [`Miss`].
    #[inline]
    pub fn miss(&self, [lo, hi]: [f64; 2], v: f64) -> Miss {
        [(v - lo) - self.slack[0], (hi - v) - self.slack[1]]
    }

    /// Σ slack · multiplier.
    pub fn product(&self) -> f64 {
        self.slack[0] * self.multiplier[0] + self.slack[1] * self.multiplier[1]
    }

    /// Positive where the upper limit holds the quantity back.
    pub fn force(&self) -> f64 {
        self.multiplier[1] - self.multiplier[0]
    }

    /// What it adds to the matrix. Begins an iteration.
    #[inline]
    pub fn weigh(&mut self) -> f64 {
        self.inverse = self.slack.map(|s| 1.0 / s);
        self.multiplier[0] * self.inverse[0] + self.multiplier[1] * self.inverse[1]
    }

    /// What it adds to the right-hand side, aiming at a point of the central path. The multipliers of now cancel
    /// against those in the residual: what is left are those aimed at.
    #[inline]
    pub fn push(&self, miss: Miss, aim: Aim) -> f64 {
        let side = |k: usize| (aim.gap - aim.second * self.product[k] - self.multiplier[k] * miss[k]) * self.inverse[k];
        side(0) - side(1)
    }

    /// Changes of slacks and multipliers for a change `dv` of the quantity.
    #[inline]
    fn change(&self, miss: Miss, dv: f64, aim: Aim) -> ([f64; 2], [f64; 2]) {
        let ds = [miss[0] + dv, miss[1] - dv];
        let dz = |k: usize| {
            let (z, inverse) = (self.multiplier[k], self.inverse[k]);
            (aim.gap - aim.second * self.product[k] - z * ds[k]) * inverse - z
        };
        (ds, [dz(0), dz(1)])
    }

    /// The predictor: aims at the end of the path; keeps the products for the corrector.
    #[inline]
    pub fn predict(&mut self, miss: Miss, dv: f64, reach: &mut Reach) {
        let (ds, dz) = self.change(miss, dv, Aim::END);
        for k in 0..2 {
            // without target and products, dz / z = −1 − ds / s
            let part = ds[k] * self.inverse[k];
            reach.note(-part);
            reach.note(1.0 + part);
            reach.linear += ds[k] * self.multiplier[k] + dz[k] * self.slack[k];
            reach.square += ds[k] * dz[k];
            self.product[k] = ds[k] * dz[k];
        }
    }

    /// How far the corrector's direction may be followed.
    #[inline]
    pub fn look(&self, miss: Miss, dv: f64, aim: Aim, reach: &mut Reach) {
        let (ds, dz) = self.change(miss, dv, aim);
        for k in 0..2 {
            reach.note(-ds[k] * self.inverse[k]);
            // a division only where it sets a new mark
            if -dz[k] > reach.shrink * self.multiplier[k] {
                reach.shrink = -dz[k] / self.multiplier[k];
            }
        }
    }

    /// Goes `length` of the corrector's direction; returns the new product.
    #[inline]
    pub fn advance(&mut self, miss: Miss, dv: f64, aim: Aim, length: f64) -> f64 {
        let (ds, dz) = self.change(miss, dv, aim);
        for k in 0..2 {
            self.slack[k] += length * ds[k];
            self.multiplier[k] += length * dz[k];
        }
        self.product()
    }
}
