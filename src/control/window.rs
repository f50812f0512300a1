//! Rolling windows on measured genset power: how far it rose or fell within 100 ms, 1 s and 10 s, and its 5 s ramp.
//!
//! Fed with one sample (kW) every 10 ms. A window of `W` holds the samples of a half-open interval of length `W` that ends
//! at the newest one, as the metric `step_1s` of the design asks. The rise is *newest less lowest* and the fall is
//! *highest less newest*, so up and down never mix. A prediction asks what one more net step would make of each.
//! All storage is made by [`Windows::new`]; a push costs O(1) amortised. It never reads a clock, and allocates later only in
//! a copy.

use std::collections::VecDeque;
use std::hash::Hasher;

/// Samples that the ramp looks back: 5 s.
const RAMP_SAMPLES: u32 = 500;
/// Seconds of the ramp mean.
pub const RAMP_S: f64 = 5.0;

/// One of the rolling windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// 100 ms.
    Ms100,
    /// 1 s.
    S1,
    /// 10 s.
    S10,
}

impl Span {
    /// All of them, shortest first.
    pub const ALL: [Self; 3] = [Self::Ms100, Self::S1, Self::S10];

    /// Length in seconds.
    #[must_use]
    pub fn seconds(self) -> f64 {
        match self {
            Self::Ms100 => 0.1,
            Self::S1 => 1.0,
            Self::S10 => 10.0,
        }
    }

    fn samples(self) -> usize {
        match self {
            Self::Ms100 => 10,
            Self::S1 => 100,
            Self::S10 => 1000,
        }
    }
}

/// The samples of the longest window, by their number modulo its length.
type Past = [f64; KEPT];
/// Samples kept.
const KEPT: usize = 1001;

/// Lowest value (or highest, with `sign` -1) of the last `span` samples: a monotonic queue of sample numbers, most of the
/// time short. A copy has room for what is in it only, so that a snapshot is small.
#[derive(Clone, Debug)]
struct Extreme {
    span: u32,
    sign: f64,
    queue: VecDeque<u32>,
}

impl Extreme {
    fn new(samples: usize, sign: f64) -> Self {
        Self { span: samples as u32, sign, queue: VecDeque::with_capacity(samples) }
    }

    fn at(&self, past: &Past, index: u32) -> f64 {
        self.sign * past[index as usize % KEPT]
    }

    /// Sample `index` is new; it is in `past` already.
    fn push(&mut self, past: &Past, index: u32) {
        let v = self.at(past, index);
        while self.queue.front().is_some_and(|i| i + self.span <= index) {
            self.queue.pop_front();
        }
        while self.queue.back().is_some_and(|i| self.at(past, *i) >= v) {
            self.queue.pop_back();
        }
        self.queue.push_back(index);
    }

    /// Extreme of the last `span - ahead` samples, at least of the newest one.
    fn value(&self, past: &Past, ahead: u32) -> Option<f64> {
        let newest = self.queue.back()?;
        let first = self.queue.iter().find(|i| *i + self.span > newest.saturating_add(ahead));
        Some(self.sign * self.at(past, *first.unwrap_or(newest)))
    }

    fn hash_into(&self, past: &Past, h: &mut impl Hasher) {
        for index in &self.queue {
            h.write_u32(*index);
            h.write_u64(self.at(past, *index).to_bits());
        }
    }
}

/// The three windows and the ramp. Powers in kW.
#[derive(Clone, Debug)]
pub struct Windows {
    low: [Extreme; 3],
    high: [Extreme; 3],
    past: Box<Past>,
    count: u32,
    now_kw: f64,
}

impl Default for Windows {
    fn default() -> Self {
        Self::new()
    }
}

impl Windows {
    /// Empty windows; all storage is made here.
    #[must_use]
    pub fn new() -> Self {
        Self {
            low: Span::ALL.map(|s| Extreme::new(s.samples(), 1.0)),
            high: Span::ALL.map(|s| Extreme::new(s.samples(), -1.0)),
            past: Box::new([0.0; KEPT]),
            count: 0,
            now_kw: 0.0,
        }
    }

    /// Takes a sample. A value that is not finite repeats the one before.
    pub fn push(&mut self, kw: f64) {
        let kw = if kw.is_finite() { kw } else { self.now_kw };
        self.past[self.count as usize % KEPT] = kw;
        for e in self.low.iter_mut().chain(&mut self.high) {
            e.push(&self.past, self.count);
        }
        self.now_kw = kw;
        self.count += 1;
    }

    /// Moves every sample by so many kW.
    pub fn rebase(&mut self, kw: f64) {
        self.past.iter_mut().for_each(|x| *x += kw);
        self.now_kw += kw;
    }

    /// Newest sample, kW; 0 before the first.
    #[must_use]
    pub fn now_kw(&self) -> f64 {
        self.now_kw
    }

    /// Newest less lowest within the window, kW, never negative.
    #[must_use]
    pub fn rise_kw(&self, span: Span) -> f64 {
        self.rise_ahead_kw(span, 0)
    }

    /// Highest less newest within the window, kW, never negative.
    #[must_use]
    pub fn fall_kw(&self, span: Span) -> f64 {
        self.fall_ahead_kw(span, 0)
    }

    /// [`Self::rise_kw`] as it will be so many samples from now, if power stays where it is.
    #[must_use]
    pub fn rise_ahead_kw(&self, span: Span, samples: u32) -> f64 {
        self.low[span as usize].value(&self.past, samples).map_or(0.0, |low| self.now_kw - low)
    }

    /// [`Self::fall_kw`] as it will be so many samples from now, if power stays where it is.
    #[must_use]
    pub fn fall_ahead_kw(&self, span: Span, samples: u32) -> f64 {
        self.high[span as usize].value(&self.past, samples).map_or(0.0, |high| high - self.now_kw)
    }

    /// Rise that a further step of `net_kw` would make.
    #[must_use]
    pub fn rise_after_kw(&self, span: Span, net_kw: f64) -> f64 {
        (self.rise_kw(span) + net_kw).max(0.0)
    }

    /// Fall that a further step of `net_kw` (negative for down) would make.
    #[must_use]
    pub fn fall_after_kw(&self, span: Span, net_kw: f64) -> f64 {
        (self.fall_kw(span) - net_kw).max(0.0)
    }

    /// `(P(t) - P(t - 5 s))/5`, signed, kW/s. Before 5 s of samples the oldest one stands in (the run starts steady).
    #[must_use]
    pub fn ramp_kw_per_s(&self) -> f64 {
        self.ramp_after_kw_per_s(0.0)
    }

    /// Ramp that a further step of `net_kw` would make, signed, kW/s.
    #[must_use]
    pub fn ramp_after_kw_per_s(&self, net_kw: f64) -> f64 {
        self.ramp_ahead_kw_per_s(net_kw, 0)
    }

    /// [`Self::ramp_after_kw_per_s`] as it will be so many samples from now, if power stays where it is until then.
    #[must_use]
    pub fn ramp_ahead_kw_per_s(&self, net_kw: f64, samples: u32) -> f64 {
        let Some(last) = self.count.checked_sub(1) else { return net_kw / RAMP_S };
        let back = last.saturating_add(samples).saturating_sub(RAMP_SAMPLES).min(last);
        let then = self.past[back as usize % KEPT];
        (self.now_kw + net_kw - then) / RAMP_S
    }

    /// Feeds the whole state to a hash.
    pub fn hash_into(&self, h: &mut impl Hasher) {
        h.write_u32(self.count);
        h.write_u64(self.now_kw.to_bits());
        self.low.iter().chain(&self.high).for_each(|e| e.hash_into(&self.past, h));
        self.past.iter().for_each(|v| h.write_u64(v.to_bits()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_step_counts_for_its_window_and_no_longer() {
        // (samples after the step, rise in 100 ms, 1 s, 10 s)
        let table = [
            (1, 50.0, 50.0, 50.0),
            (9, 50.0, 50.0, 50.0),
            (10, 0.0, 50.0, 50.0),
            (99, 0.0, 50.0, 50.0),
            (100, 0.0, 0.0, 50.0),
            (1000, 0.0, 0.0, 0.0),
        ];
        for (after, ms100, s1, s10) in table {
            let mut w = Windows::new();
            (0..1200).for_each(|_| w.push(500.0));
            (0..after).for_each(|_| w.push(550.0));
            assert_eq!(Span::ALL.map(|s| w.rise_kw(s)), [ms100, s1, s10], "{after} samples");
            assert_eq!(w.fall_kw(Span::S10), 0.0);
        }
    }

    #[test]
    fn up_and_down_stay_apart() {
        let mut w = Windows::new();
        [500.0, 520.0, 490.0, 495.0].into_iter().for_each(|p| w.push(p));
        assert_eq!((w.rise_kw(Span::S1), w.fall_kw(Span::S1)), (5.0, 25.0));
        assert_eq!((w.rise_after_kw(Span::S1, 7.0), w.fall_after_kw(Span::S1, -7.0)), (12.0, 32.0));
        assert_eq!(w.rise_after_kw(Span::S1, -7.0), 0.0);
        assert_eq!([96, 97, 98, 99, 500].map(|n| w.fall_ahead_kw(Span::S1, n)), [25.0, 25.0, 0.0, 0.0, 0.0]);
        assert_eq!(w.rise_ahead_kw(Span::S1, 98), 5.0);
    }

    #[test]
    fn ramp_is_the_five_second_mean() {
        let mut w = Windows::new();
        assert_eq!(w.ramp_after_kw_per_s(10.0), 2.0);
        (0..=1000).for_each(|i| w.push(500.0 + 0.2 * f64::from(i)));
        assert!((w.ramp_kw_per_s() - 20.0).abs() < 1e-9);
        assert!((w.ramp_after_kw_per_s(-50.0) - 10.0).abs() < 1e-9);
        w.push(f64::NAN);
        assert!(w.ramp_kw_per_s().is_finite());
    }

    proptest! {
        #[test]
        fn matches_a_plain_search(values in prop::collection::vec(0.0f64..1000.0, 1..300)) {
            let mut w = Windows::new();
            for (i, v) in values.iter().enumerate() {
                w.push(*v);
                for span in [Span::Ms100, Span::S1] {
                    let part = &values[(i + 1).saturating_sub(span.samples())..=i];
                    let low = part.iter().copied().fold(f64::MAX, f64::min);
                    let high = part.iter().copied().fold(f64::MIN, f64::max);
                    prop_assert_eq!(w.rise_kw(span), v - low);
                    prop_assert_eq!(w.fall_kw(span), high - v);
                }
            }
        }
    }
}
