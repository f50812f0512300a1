//! Sliding measurements of one run: steps, ramps, ROCOF. Fixed memory, no allocation a tick.
//!
//! All on the total electrical kW of the gensets, and on the measured frequency. Windows end now and, until they are
//! full, start at t = 0. Extremes of a second are those of every tick, but leave it in slots of 10 ms; ramps are taken every
//! 10 ms: so the meters of a run fit into its snapshots.

use super::sliding::SlidingMax;
use crate::plant::config::SAMPLE_S;

/// The last `n + 1` samples.
#[derive(Clone, Debug)]
struct Ring {
    buf: Vec<f64>,
    head: usize,
}

impl Ring {
    fn new(n: usize, first: f64) -> Self {
        Self { buf: vec![first; n.max(1) + 1], head: 0 }
    }

    /// Puts a sample in and gives the one that is `n` samples older.
    fn push(&mut self, x: f64) -> f64 {
        self.buf[self.head] = x;
        self.head += 1;
        if self.head == self.buf.len() {
            self.head = 0;
        }
        self.buf[self.head]
    }

    /// The sample that is `n` older than the newest.
    fn back(&self, n: usize) -> f64 {
        let len = self.buf.len();
        let at = self.head + len - 1 - n.min(len - 1);
        self.buf[if at < len { at } else { at - len }]
    }
}

/// Results of the last sample.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reading {
    /// Rise above the smallest value of the last second, kW.
    pub step_up_1s_kw: f64,
    /// Fall below the largest value of the last second, kW, positive.
    pub step_down_1s_kw: f64,
    /// Net change over the last second, kW/s, every 10 ms.
    pub ramp_1s: f64,
    /// |P(t) - P(t-5)|/5, kW/s, every 10 ms.
    pub ramp_5s: f64,
    /// Slope of f over 100 ms, Hz/s.
    pub rocof_100ms: f64,
    /// Slope of f over 500 ms, Hz/s.
    pub rocof_500ms: f64,
}

impl Reading {
    /// Nothing moves.
    pub const ZERO: Self = Self {
        step_up_1s_kw: 0.0,
        step_down_1s_kw: 0.0,
        ramp_1s: 0.0,
        ramp_5s: 0.0,
        rocof_100ms: 0.0,
        rocof_500ms: 0.0,
    };
}

/// The meters.
#[derive(Clone, Debug)]
pub struct Meters {
    low: SlidingMax,
    high: SlidingMax,
    p_5s: Ring,
    f_500ms: Ring,
    ticks_100ms: usize,
    ticks_per_sample: u64,
    samples_1s: usize,
    alive: bool,
    /// Last reading.
    pub now: Reading,
}

impl Meters {
    /// Meters for ticks of `tick_s`, filled with the values just before the sample of `tick`: what changes with that sample is
    /// a change of the second that follows.
    #[must_use]
    pub fn new(tick: u64, tick_s: f64, p_kw: f64, f_hz: f64) -> Self {
        let n = |s: f64| (s / tick_s).round() as usize;
        let samples = |s: f64| (s / SAMPLE_S.max(tick_s)).round() as usize;
        let ticks_per_sample = n(SAMPLE_S).max(1) as u64;
        let first = |x: f64| {
            let mut window = SlidingMax::new(samples(1.0) as u32);
            window.push((tick / ticks_per_sample) as u32, x);
            window
        };
        Self {
            low: first(-p_kw),
            high: first(p_kw),
            p_5s: Ring::new(samples(5.0), p_kw),
            f_500ms: Ring::new(n(0.5), f_hz),
            ticks_100ms: n(0.1).max(1),
            ticks_per_sample,
            samples_1s: samples(1.0),
            alive: true,
            now: Reading::default(),
        }
    }

    /// Starts the windows of power anew from `p_kw`, just before the sample of `tick`; those of frequency go on.
    pub fn begin_again(&mut self, tick: u64, tick_s: f64, p_kw: f64) {
        let f_500ms = core::mem::replace(&mut self.f_500ms, Ring::new(1, 0.0));
        *self = Self { f_500ms, alive: self.alive, now: self.now, ..Self::new(tick, tick_s, p_kw, 0.0) };
    }

    /// One sample. On a dead bus everything reads zero; when it comes back the windows start anew.
    pub fn sample(&mut self, tick: u64, tick_s: f64, p_kw: f64, f_hz: f64, alive: bool) {
        if alive != self.alive {
            *self = Self { alive, ..Self::new(tick, tick_s, p_kw, f_hz) };
        }
        if !alive {
            return;
        }
        let slot = (tick / self.ticks_per_sample) as u32;
        let (low, high) = (-self.low.push(slot, -p_kw), self.high.push(slot, p_kw));
        let Reading { mut ramp_1s, mut ramp_5s, .. } = self.now;
        if tick.is_multiple_of(self.ticks_per_sample) {
            ramp_5s = (p_kw - self.p_5s.push(p_kw)).abs() / 5.0;
            ramp_1s = p_kw - self.p_5s.back(self.samples_1s);
        }
        self.now = Reading {
            step_up_1s_kw: p_kw - low,
            step_down_1s_kw: high - p_kw,
            ramp_1s,
            ramp_5s,
            rocof_500ms: (f_hz - self.f_500ms.push(f_hz)) / 0.5,
            rocof_100ms: (f_hz - self.f_500ms.back(self.ticks_100ms)) / 0.1,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_and_ramps_match_brute_force() {
        let mut rng = crate::plant::random::Sequence::new(7);
        let mut m = Meters::new(0, 0.001, 500.0, 60.0);
        let (mut p, mut all) = (500.0, vec![]);
        for k in 0..12_000_u64 {
            p += rng.normal();
            all.push(p);
            m.sample(k, 0.001, p, 60.0, true);
            if k % 997 == 0 && k > 6000 {
                let k = k as usize;
                let at = k - k % 10;
                // 99 whole slots of 10 ms and the one that is open
                let window = &all[at - 990..=k];
                let low = window.iter().copied().fold(f64::MAX, f64::min);
                let high = window.iter().copied().fold(f64::MIN, f64::max);
                assert_eq!(m.now.step_up_1s_kw, p - low);
                assert_eq!(m.now.step_down_1s_kw, high - p);
                assert_eq!(m.now.ramp_1s, all[at] - all[at - 1000]);
                assert_eq!(m.now.ramp_5s, (all[at] - all[at - 5000]).abs() / 5.0);
            }
        }
    }

    /// An island that comes to be in mid-run starts from what its sources gave before, and the step that they take then is one.
    #[test]
    fn regress_meters_that_start_late_know_what_was_before() {
        for begun in [false, true] {
            let mut m = Meters::new(12_001, 0.001, 150.0, 60.0);
            if begun {
                m = Meters::new(0, 0.001, 650.0, 60.0);
                (0..12_001).for_each(|k| m.sample(k, 0.001, 650.0, 60.0, true));
                m.begin_again(12_001, 0.001, 150.0);
            }
            m.sample(12_001, 0.001, 250.0, 60.0, true);
            assert_eq!((m.now.step_up_1s_kw, m.now.step_down_1s_kw), (100.0, 0.0), "begun again: {begun}");
        }
    }

    #[test]
    fn rocof_of_a_straight_line_is_its_slope() {
        let mut m = Meters::new(0, 0.001, 0.0, 60.0);
        for k in 0..2000_u64 {
            m.sample(k, 0.001, 0.0, 60.0 - 0.002 * k as f64, true);
        }
        assert!((m.now.rocof_100ms + 2.0).abs() < 1e-9 && (m.now.rocof_500ms + 2.0).abs() < 1e-9);
    }
}
