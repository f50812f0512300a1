//! What generation costs an hour: a convex curve of the gensets' power, with its marginal cost and slope.
//!
//! The marginal cost is a continuous line of straight pieces that never falls. One piece is the quadratic curve of the
//! source paper or the line of Willans; several are what committed sets come to when they share by equal marginal cost.
//! Units: kW, $/h, $/kWh, $/(kW²h).

use super::refusal::Refusal;

/// Width over which the marginal cost climbs where committed sets leave a jump, kW.
const JOIN_KW: f64 = 0.1;

/// Relative rise of the marginal cost of a straight line over a set's rating.
const TRACE: f64 = 1e-6;

/// A convex cost curve.
#[derive(Clone, Debug, PartialEq)]
pub struct FuelCurve {
    pieces: Vec<Piece>,
}

/// From `from_kw` on, and for the first piece below it too: marginal cost `marginal + slope · (x − from_kw)`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Piece {
    from_kw: f64,
    cost_per_h: f64,
    marginal_per_kwh: f64,
    slope: f64,
}

/// Heat that a set burns at a power: `idle_kw + per_kw · P + per_kw2 · P²`, kW of lower heating value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heat {
    /// At no load.
    pub idle_kw: f64,
    /// For each electrical kW more: the slope of the Willans line.
    pub per_kw: f64,
    /// Its curvature; 0 for a straight line.
    pub per_kw2: f64,
}

/// A set that runs, and what it may give.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Committed {
    /// Its heat rate.
    pub heat: Heat,
    /// Its rating, kW.
    pub rating_kw: f64,
}

/// What heat costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FuelPrice {
    /// Fuel, $ a kWh of lower heating value.
    pub per_kwh_lhv: f64,
    /// Carbon dioxide from burning it, kg a kWh of lower heating value.
    pub co2_kg_per_kwh_lhv: f64,
    /// Price of carbon dioxide, $ a tonne.
    pub co2_per_t: f64,
}

impl FuelPrice {
    /// Fuel and carbon dioxide together, $ a kWh of lower heating value.
    #[must_use]
    pub fn total_per_kwh_lhv(&self) -> f64 {
        self.per_kwh_lhv + self.co2_per_t * self.co2_kg_per_kwh_lhv / 1000.0
    }
}

impl FuelCurve {
    /// `g x²`, the curve of the source paper; g in $/(kW²h).
    ///
    /// # Errors
    /// If g is negative or not a number.
    pub fn quadratic(g: f64) -> Result<Self, Refusal> {
        Self::polynomial(0.0, 0.0, g)
    }

    /// `idle + linear · x + quadratic · x²`, in $/h, $/kWh and $/(kW²h).
    ///
    /// # Errors
    /// If a coefficient is not a number, or the curve is not convex.
    pub fn polynomial(idle_per_h: f64, linear_per_kwh: f64, quadratic: f64) -> Result<Self, Refusal> {
        let finite = idle_per_h.is_finite() && linear_per_kwh.is_finite();
        if !finite || !(0.0..=MOST_COST).contains(&quadratic) {
            let value = if finite { quadratic } else { idle_per_h + linear_per_kwh };
            return Err(Refusal::setting("fuel curve", value, "finite coefficients, the quadratic one 0 or more"));
        }
        let first =
            Piece { from_kw: 0.0, cost_per_h: idle_per_h, marginal_per_kwh: linear_per_kwh, slope: 2.0 * quadratic };
        Ok(Self { pieces: vec![first] })
    }

    /// Sets that all run and share by equal marginal cost, the cheapest way; loaded from 0 to their ratings.
    ///
    /// # Errors
    /// Without a set, or if a set's curve is not convex or its rating not positive.
    pub fn committed(sets: &[Committed], price: FuelPrice) -> Result<Self, Refusal> {
        let per_kwh = price.total_per_kwh_lhv();
        if sets.is_empty() || !(per_kwh.is_finite() && per_kwh >= 0.0) {
            return Err(Refusal::setting("fuel price", per_kwh, "0 or more, and at least one set"));
        }
        for s in sets {
            let h = s.heat;
            let good = [h.idle_kw, h.per_kw, h.per_kw2].iter().all(|v| (0.0..=MOST_COST).contains(v));
            if !(good && s.rating_kw > 0.0 && s.rating_kw.is_finite()) {
                return Err(Refusal::setting("heat rate or rating of a set", s.rating_kw, "positive numbers"));
            }
        }
        let idle = per_kwh * sets.iter().map(|s| s.heat.idle_kw).sum::<f64>();
        Ok(Self::shared(idle, sets, per_kwh))
    }

    /// Adds up the sets' powers at each marginal cost: the sum of inverse lines, between their corners.
    fn shared(idle_per_h: f64, sets: &[Committed], per_kwh: f64) -> Self {
        // a set without curvature gets a trace of it, so that equal sets share in one way
        let bottom = |s: &Committed| per_kwh * s.heat.per_kw;
        let least = |s: &Committed| (TRACE * bottom(s)).max(f64::MIN_POSITIVE) / s.rating_kw;
        let slope = |s: &Committed| (2.0 * per_kwh * s.heat.per_kw2).max(least(s));
        let top = |s: &Committed| bottom(s) + slope(s) * s.rating_kw;
        let mut corners: Vec<f64> = sets.iter().flat_map(|s| [bottom(s), top(s)]).collect();
        corners.sort_by(f64::total_cmp);
        corners.dedup();
        let power = |m: f64| sets.iter().map(|s| ((m - bottom(s)) / slope(s)).clamp(0.0, s.rating_kw)).sum::<f64>();
        let mut line: Vec<(f64, f64)> = Vec::new();
        for m in corners {
            let kw = power(m);
            match line.last() {
                // a jump: no set moves between these two costs
                Some(&(before, _)) if kw <= before => line.push((before + JOIN_KW, m)),
                _ => line.push((kw, m)),
            }
        }
        Self::from_line(idle_per_h, &line)
    }

    /// A curve from points (kW, $/kWh) of its marginal cost, rising in kW.
    fn from_line(idle_per_h: f64, line: &[(f64, f64)]) -> Self {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut cost = idle_per_h;
        for pair in line.windows(2) {
            let ((from, low), (to, high)) = (pair[0], pair[1]);
            let slope = if to > from { ((high - low) / (to - from)).max(0.0) } else { continue };
            pieces.push(Piece { from_kw: from, cost_per_h: cost, marginal_per_kwh: low, slope });
            cost += (to - from) * 0.5 * (low + high);
        }
        if pieces.is_empty() {
            let marginal = line.first().map_or(0.0, |p| p.1);
            pieces.push(Piece { from_kw: 0.0, cost_per_h: cost, marginal_per_kwh: marginal, slope: 0.0 });
        }
        Self { pieces }
    }

    /// Number of the piece at a power.
    #[inline]
    fn index(&self, kw: f64) -> usize {
        self.pieces.partition_point(|p| p.from_kw <= kw).saturating_sub(1)
    }

    /// Marginal cost, $/kWh, its slope, $/(kW²h), and the number of the piece at a power.
    #[inline]
    pub(super) fn at(&self, kw: f64) -> (f64, f64, usize) {
        let index = if self.is_one_piece() { 0 } else { self.index(kw) };
        let p = &self.pieces[index];
        (p.marginal_per_kwh + p.slope * (kw - p.from_kw), p.slope, index)
    }

    #[inline]
    fn piece(&self, kw: f64) -> &Piece {
        &self.pieces[self.index(kw)]
    }

    /// Cost, $/h.
    #[must_use]
    pub fn cost_per_h(&self, kw: f64) -> f64 {
        let p = self.piece(kw);
        let d = kw - p.from_kw;
        p.cost_per_h + d * (p.marginal_per_kwh + 0.5 * p.slope * d)
    }

    /// Marginal cost, $/kWh.
    #[must_use]
    pub fn marginal_per_kwh(&self, kw: f64) -> f64 {
        let p = self.piece(kw);
        p.marginal_per_kwh + p.slope * (kw - p.from_kw)
    }

    /// Slope of the marginal cost, $/(kW²h).
    #[must_use]
    pub fn slope(&self, kw: f64) -> f64 {
        self.piece(kw).slope
    }

    /// Marginal cost and its slope, averaged over a width around a power: the curve seen from afar.
    #[must_use]
    pub fn averaged(&self, kw: f64, width_kw: f64) -> (f64, f64) {
        let (left, right) = (kw - 0.5 * width_kw, kw + 0.5 * width_kw);
        let mean = (self.cost_per_h(right) - self.cost_per_h(left)) / width_kw;
        (mean, ((self.marginal_per_kwh(right) - self.marginal_per_kwh(left)) / width_kw).max(0.0))
    }

    /// Whether one quadratic is the whole curve.
    #[must_use]
    pub fn is_one_piece(&self) -> bool {
        self.pieces.len() == 1
    }

    /// The power at which generation for mining just pays: where the marginal cost meets the income, kW.
    /// None where the marginal cost does not meet it (a straight line).
    #[must_use]
    pub fn pays_to_kw(&self, income_per_kwh: f64) -> Option<f64> {
        let mut found = None;
        for (i, p) in self.pieces.iter().enumerate() {
            let kw = p.from_kw + (income_per_kwh - p.marginal_per_kwh) / p.slope;
            let next = self.pieces.get(i + 1).map_or(f64::INFINITY, |n| n.from_kw);
            if p.slope > 0.0 && (i == 0 || kw >= p.from_kw) && kw <= next {
                found = Some(kw);
            }
        }
        found
    }
}

/// Largest coefficient that still makes sense in any currency.
const MOST_COST: f64 = 1e12;

#[cfg(test)]
mod tests {
    use super::*;

    const PRICE: FuelPrice = FuelPrice { per_kwh_lhv: 0.02, co2_kg_per_kwh_lhv: 0.2, co2_per_t: 50.0 };

    fn set(per_kw: f64, per_kw2: f64, rating_kw: f64) -> Committed {
        Committed { heat: Heat { idle_kw: 200.0, per_kw, per_kw2 }, rating_kw }
    }

    #[test]
    fn co2_is_a_price_on_heat() {
        assert!((PRICE.total_per_kwh_lhv() - 0.03).abs() < 1e-15);
        let c = FuelCurve::committed(&[set(2.0, 0.0, 1000.0)], PRICE).unwrap();
        // Willans: 0.03 · (200 + 2 · 500), but for the trace of curvature
        assert!((c.cost_per_h(500.0) - 36.0).abs() < 1e-4, "{}", c.cost_per_h(500.0));
    }

    #[test]
    fn two_equal_sets_share_in_halves() {
        let c = FuelCurve::committed(&[set(2.0, 1e-3, 1000.0), set(2.0, 1e-3, 1000.0)], PRICE).unwrap();
        let half = |p: f64| 0.03 * (200.0 + 2.0 * p + 1e-3 * p * p);
        for kw in [0.0, 300.0, 1000.0, 1999.0] {
            assert!((c.cost_per_h(kw) - 2.0 * half(kw / 2.0)).abs() < 1e-9, "{kw}");
        }
    }

    /// Against a brute-force search for the cheapest sharing of three unequal sets.
    #[test]
    fn unequal_sets_share_as_cheaply_as_can_be() {
        let sets = [set(2.0, 4e-4, 400.0), set(2.2, 1e-4, 600.0), set(3.5, 2e-4, 500.0)];
        let c = FuelCurve::committed(&sets, PRICE).unwrap();
        let cost = |s: &Committed, p: f64| 0.03 * (s.heat.idle_kw + s.heat.per_kw * p + s.heat.per_kw2 * p * p);
        for kw in [50.0, 350.0, 777.0, 1000.0, 1200.0, 1490.0] {
            let mut best = f64::INFINITY;
            for a in 0..=400 {
                for b in 0..=600 {
                    let rest = kw - a as f64 - b as f64;
                    if (0.0..=500.0).contains(&rest) {
                        let sum = cost(&sets[0], a as f64) + cost(&sets[1], b as f64) + cost(&sets[2], rest);
                        best = best.min(sum);
                    }
                }
            }
            assert!((c.cost_per_h(kw) - best).abs() < 0.02, "{kw} kW: {} against {best}", c.cost_per_h(kw));
        }
    }

    #[test]
    fn curves_are_convex_and_continuous() {
        let sets = [set(2.0, 0.0, 400.0), set(2.2, 1e-4, 600.0), set(3.5, 0.0, 500.0)];
        let c = FuelCurve::committed(&sets, PRICE).unwrap();
        let (mut cost, mut marginal) = (c.cost_per_h(0.0), c.marginal_per_kwh(0.0));
        for i in 1..15000 {
            let kw = 0.1 * f64::from(i);
            let (now, m) = (c.cost_per_h(kw), c.marginal_per_kwh(kw));
            assert!(m >= marginal - 1e-12, "marginal cost falls at {kw} kW");
            let between = 0.1 * marginal - 1e-9..=0.1 * m + 1e-9;
            assert!(between.contains(&(now - cost)), "cost jumps at {kw} kW");
            (cost, marginal) = (now, m);
        }
    }

    #[test]
    fn bad_curves_are_refused() {
        for g in [-1e-9, f64::NAN, f64::INFINITY] {
            assert!(FuelCurve::quadratic(g).is_err(), "{g}");
        }
        assert!(FuelCurve::committed(&[], PRICE).is_err());
        assert!(FuelCurve::committed(&[set(2.0, -1e-4, 100.0)], PRICE).is_err());
        assert!(FuelCurve::committed(&[set(2.0, 0.0, 0.0)], PRICE).is_err());
    }
}
