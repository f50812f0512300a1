//! A counter that only rises: through the end of its range, and through a reset. Pure.
//!
//! A count that cannot follow from the last one is never taken at its word: the sum holds, in doubt, until the next count
//! says which of the two was wrong. If it goes on from the odd one, the counter was reset or replaced and counts from there;
//! if it goes on from the one before, a word was garbled and nothing is lost.

use crate::acts::quality::Doubt;

/// A counter that rolls over was this close to its end and is this close to its beginning, as a share of its range.
const NEAR: f64 = 0.05;
/// A count below this share of the last one is one that began at zero: what it shows was gained since.
const RESET_SHARE: f64 = 0.01;

/// What is known of a counter.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Counter {
    /// Sum of all gains since the first count, which counts too.
    sum: f64,
    /// Last count that was believed; none before the first.
    last: Option<f64>,
    /// A count that did not follow from it.
    odd: Option<f64>,
}

impl Counter {
    /// Takes a count of a counter that ends at `top`; `most` is what can have been gained since the last one changed. Gives
    /// the sum, and why it is in doubt.
    pub(super) fn take(&mut self, count: f64, top: f64, most: f64) -> (f64, Option<Doubt>) {
        let Some(last) = self.last else {
            (self.sum, self.last) = (count, Some(count));
            return (self.sum, None);
        };
        let gain = if count >= last {
            Some(count - last)
        } else {
            (last >= (1.0 - NEAR) * top && count <= NEAR * top).then_some(top - last + count)
        };
        let odd = self.odd.take();
        let gain = gain.filter(|g| *g <= most).or_else(|| {
            let base = odd.filter(|o| (0.0..=most).contains(&(count - o)))?;
            Some(if base < RESET_SHARE * last && count <= most { count } else { count - base })
        });
        match gain {
            Some(gain) => {
                self.sum += gain;
                self.last = Some(count);
                (self.sum, None)
            }
            None => {
                self.odd = Some(count);
                (self.sum, Some(if count < last { Doubt::Fell } else { Doubt::Jump }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TOP: f64 = 4_294_967_296.0;

    fn all(counts: &[f64], most: f64) -> Vec<(f64, Option<Doubt>)> {
        let mut c = Counter::default();
        counts.iter().map(|x| c.take(*x, TOP, most)).collect()
    }

    #[test]
    fn a_counter_goes_on_through_rollover_and_reset() {
        assert_eq!(all(&[TOP - 1000.0, 500.0], 5e3)[1], (TOP + 500.0, None));
        let reset = all(&[1e6, 10.0, 30.0], 5e3);
        assert_eq!(reset[1..], [(1e6, Some(Doubt::Fell)), (1e6 + 30.0, None)]);
    }

    #[test]
    fn regress_a_counter_that_falls_a_little_has_not_rolled_over() {
        let seen = all(&[1_234_775.0, 1_234_500.0, 1_234_501.0, 1_234_503.0], f64::INFINITY);
        assert_eq!(seen[1], (1_234_775.0, Some(Doubt::Fell)), "once");
        assert_eq!(seen[2..], [(1_234_776.0, None), (1_234_778.0, None)], "and counts from the new base");
        // and from near its top, by more than there can have been
        assert_eq!(all(&[TOP - 1000.0, 0.04 * TOP], 1e6)[1].1, Some(Doubt::Fell));
    }

    proptest! {
        /// Gains that can be, and garbled words between: a good sum is the true one, and the sum never falls.
        #[test]
        fn good_is_the_true_sum_whatever_single_word_is_garbled(
            from in 0.0..TOP,
            steps in proptest::collection::vec((0_u16..1000, proptest::option::weighted(0.2, 0.0..TOP)), 2..40),
        ) {
            let mut c = Counter::default();
            c.take(from.floor(), TOP, 1000.0);
            let (mut truth, mut before, mut was_odd) = (from.floor(), from.floor(), false);
            for (gain, garbled) in steps {
                truth += f64::from(gain);
                // single words: what is garbled twice alike is another counter
                let garbled = garbled.filter(|g| !was_odd && (g - truth % TOP).abs() > 2000.0 && (TOP - (g - truth % TOP).abs()) > 2000.0);
                let (sum, doubt) = c.take(garbled.map_or(truth % TOP, f64::floor), TOP, 2000.0);
                prop_assert!(sum >= before);
                prop_assert!(doubt.is_some() || sum == truth, "{sum} is not {truth}");
                prop_assert_eq!(doubt.is_some(), garbled.is_some());
                (before, was_odd) = (sum, garbled.is_some());
            }
        }
    }
}
