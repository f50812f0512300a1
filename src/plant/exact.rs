//! Sums over devices that do not depend on their order, and amounts that add up without rounding.
//!
//! A float sum depends on the order of its terms, and n equal terms are not n times one. Here each term is cut to a whole
//! multiple of 2^-64 and the multiples are added: integers, so that any order, any grouping and any multiplicity gives the
//! same bits. Sums up to 2^42 of up to 2^18 terms fit. The rounding is one of each term (5e-20) and one of the result.

/// A sum in units of 2^-64, in two integers: whole units of 2^-20 and the rest of each term. Two because one instruction
/// makes a 64-bit integer of a float, where 128 bits take a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exact {
    coarse: i64,
    fine: i64,
}

const COARSE: f64 = (1_u64 << 20) as f64;
const FINE: f64 = (1_u64 << 44) as f64;

impl Exact {
    /// Adds a term.
    #[inline]
    pub fn add(&mut self, term: f64) {
        // Both products are exact: powers of two.
        let scaled = term * COARSE;
        let coarse = scaled as i64;
        self.coarse = self.coarse.wrapping_add(coarse);
        self.fine = self.fine.wrapping_add(((scaled - coarse as f64) * FINE) as i64);
    }

    /// The sum as a float.
    #[inline]
    #[must_use]
    pub fn value(self) -> f64 {
        self.coarse as f64 / COARSE + self.fine as f64 / (COARSE * FINE)
    }

    /// The sum of one figure of some devices. A single device is its own sum, without a rounding.
    #[inline]
    pub fn of<T>(devices: &[T], figure: impl Fn(&T) -> f64) -> f64 {
        match devices {
            [] => 0.0,
            [one] => figure(one),
            many => Self::sum(many.iter().map(figure)),
        }
    }

    /// The sum of some terms.
    #[must_use]
    pub fn sum(terms: impl IntoIterator<Item = f64>) -> f64 {
        let mut all = Self::default();
        terms.into_iter().for_each(|t| all.add(t));
        all.value()
    }
}

/// The nearest whole number, ties to even, without a call: below 2^51 an addition of 3 x 2^51 leaves no digit behind the point.
#[inline]
fn round_ties_even(x: f64) -> f64 {
    const SHIFT: f64 = 3.0 * (1_u64 << 51) as f64;
    if x.abs() < (1_u64 << 51) as f64 { x + SHIFT - SHIFT } else { x.round_ties_even() }
}

/// An amount of energy that grows tick by tick, in whole nanojoules: what n units use is n times what one uses, and no tick
/// is lost beside a large sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Energy {
    nano_j: i128,
}

impl Energy {
    /// Adds a power over a time.
    #[inline]
    pub fn add(&mut self, kw: f64, s: f64) {
        // kW s = kJ; a tick of 5 ms at 10 GW is 5e16 nJ.
        self.nano_j += i128::from(round_ties_even(kw * s * 1e12) as i64);
    }

    /// kWh.
    #[must_use]
    pub fn kwh(self) -> f64 {
        self.nano_j as f64 / 3.6e15
    }

    /// Feeds the amount into a hash.
    pub fn hash_into(self, h: &mut impl core::hash::Hasher) {
        h.write_i128(self.nano_j);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn term() -> impl Strategy<Value = f64> {
        prop_oneof![-2.0_f64..2.0, -1e6_f64..1e6, -1e-9_f64..1e-9, Just(0.0)]
    }

    proptest! {
        #[test]
        fn order_and_grouping_change_no_bit(terms in prop::collection::vec(term(), 1..200), turn in 0_usize..200) {
            let sum = Exact::sum(terms.iter().copied());
            let mut other = terms.clone();
            other.rotate_left(turn % terms.len());
            prop_assert_eq!(sum.to_bits(), Exact::sum(other.iter().copied()).to_bits());
            other.sort_by(f64::total_cmp);
            prop_assert_eq!(sum.to_bits(), Exact::sum(other.iter().copied()).to_bits());
            let plain: f64 = terms.iter().sum();
            let size: f64 = terms.iter().map(|t| t.abs()).sum();
            prop_assert!((sum - plain).abs() <= 1e-13 * size + 1e-17, "{} against {}", sum, plain);
        }

        #[test]
        fn equal_terms_are_a_multiple_and_a_term_and_its_negative_are_nothing(t in term(), n in 1_i64..2000) {
            let mut one = Exact::default();
            one.add(t);
            let mut all = Exact::default();
            (0..n).for_each(|_| all.add(t));
            prop_assert_eq!(all, Exact { coarse: one.coarse * n, fine: one.fine * n });
            (0..n).for_each(|_| all.add(-t));
            prop_assert_eq!(all.value(), 0.0);
        }

        #[test]
        fn rounding_is_that_of_the_standard(x in -1e17_f64..1e17, small in -1e6_f64..1e6, n in -1000_i32..1000) {
            for x in [x, small, f64::from(n) + 0.5, f64::from(n)] {
                prop_assert_eq!(round_ties_even(x), x.round_ties_even());
            }
        }

        #[test]
        fn one_term_is_itself(t in -1e3_f64..1e3) {
            prop_assert!((Exact::sum([t]) - t).abs() <= 6e-20);
        }
    }

    #[test]
    fn energy_of_many_ticks_is_what_power_and_time_say() {
        let mut e = Energy::default();
        (0..3_600_000).for_each(|_| e.add(2.0, 0.001));
        assert!((e.kwh() - 2.0).abs() < 1e-12, "{}", e.kwh());
    }
}
