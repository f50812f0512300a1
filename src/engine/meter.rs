//! Sliding measurements of one run: steps, ramps, ROCOF. Fixed memory, no allocation a tick.
//!
//! All on the total electrical kW of the gensets, and on the measured frequency. Windows end now and, until they are
//! full, start at t = 0.

use std::collections::VecDeque;

/// Seconds between two samples of the 5 s ramp.
const RAMP_SAMPLE_S: f64 = 0.01;

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
}

/// The last second of power: smallest, largest and oldest sample of it. Two monotonic queues hold places in the ring, in
/// which the samples are; most of the time they are short, and a copy has room for what is in them only, so that a
/// snapshot is small.
#[derive(Clone, Debug)]
struct Window {
    ring: Ring,
    low: VecDeque<u32>,
    high: VecDeque<u32>,
}

impl Window {
    fn new(n: usize, first: f64) -> Self {
        let room = || VecDeque::with_capacity(n.max(1) + 1);
        Self { ring: Ring::new(n, first), low: room(), high: room() }
    }

    /// Puts a sample in; smallest and largest of the last `n`, and the one that is `n` older.
    fn push(&mut self, x: f64) -> [f64; 3] {
        let at = self.ring.head as u32;
        let oldest = self.ring.push(x);
        let (buf, gone) = (&self.ring.buf, self.ring.head as u32);
        let sample = |place: &u32| buf[*place as usize];
        while self.low.back().is_some_and(|p| sample(p) >= x) {
            self.low.pop_back();
        }
        while self.high.back().is_some_and(|p| sample(p) <= x) {
            self.high.pop_back();
        }
        for queue in [&mut self.low, &mut self.high] {
            queue.push_back(at);
            if queue.front() == Some(&gone) {
                queue.pop_front();
            }
        }
        [self.low.front().map_or(x, sample), self.high.front().map_or(x, sample), oldest]
    }
}

/// Results of the last sample.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reading {
    /// Rise above the smallest value of the last second, kW.
    pub step_up_1s_kw: f64,
    /// Fall below the largest value of the last second, kW, positive.
    pub step_down_1s_kw: f64,
    /// Net change over the last second, kW/s.
    pub ramp_1s: f64,
    /// |P(t) - P(t-5)|/5, kW/s, every 10 ms.
    pub ramp_5s: f64,
    /// Slope of f over 100 ms, Hz/s.
    pub rocof_100ms: f64,
    /// Slope of f over 500 ms, Hz/s.
    pub rocof_500ms: f64,
}

/// The meters.
#[derive(Clone, Debug)]
pub struct Meters {
    p_1s: Window,
    p_5s: Ring,
    f_100ms: Ring,
    f_500ms: Ring,
    ticks_per_ramp: u64,
    alive: bool,
    /// Last reading.
    pub now: Reading,
}

impl Meters {
    /// Meters for a tick of `tick_s`, filled with the first values.
    #[must_use]
    pub fn new(tick_s: f64, p_kw: f64, f_hz: f64) -> Self {
        let n = |s: f64| (s / tick_s).round() as usize;
        Self {
            p_1s: Window::new(n(1.0), p_kw),
            p_5s: Ring::new((5.0 / RAMP_SAMPLE_S.max(tick_s)).round() as usize, p_kw),
            f_100ms: Ring::new(n(0.1), f_hz),
            f_500ms: Ring::new(n(0.5), f_hz),
            ticks_per_ramp: n(RAMP_SAMPLE_S).max(1) as u64,
            alive: true,
            now: Reading::default(),
        }
    }

    /// One sample. On a dead bus everything reads zero; when it comes back the windows start anew.
    pub fn sample(&mut self, tick: u64, tick_s: f64, p_kw: f64, f_hz: f64, alive: bool) {
        if alive != self.alive {
            *self = Self { alive, ..Self::new(tick_s, p_kw, f_hz) };
        }
        if !alive {
            return;
        }
        let [low, high, second_ago] = self.p_1s.push(p_kw);
        self.now = Reading {
            step_up_1s_kw: p_kw - low,
            step_down_1s_kw: high - p_kw,
            ramp_1s: p_kw - second_ago,
            ramp_5s: if tick.is_multiple_of(self.ticks_per_ramp) {
                (p_kw - self.p_5s.push(p_kw)).abs() / 5.0
            } else {
                self.now.ramp_5s
            },
            rocof_100ms: (f_hz - self.f_100ms.push(f_hz)) / 0.1,
            rocof_500ms: (f_hz - self.f_500ms.push(f_hz)) / 0.5,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_and_ramps_match_brute_force() {
        let mut rng = crate::plant::random::Random::new(7);
        let mut m = Meters::new(0.001, 500.0, 60.0);
        let (mut p, mut all) = (500.0, vec![]);
        for k in 0..12_000_u64 {
            p += rng.normal();
            all.push(p);
            m.sample(k, 0.001, p, 60.0, true);
            if k % 997 == 0 && k > 6000 {
                let k = k as usize;
                let window = &all[k + 1 - 1000..=k];
                let low = window.iter().copied().fold(f64::MAX, f64::min);
                let high = window.iter().copied().fold(f64::MIN, f64::max);
                assert_eq!(m.now.step_up_1s_kw, p - low);
                assert_eq!(m.now.step_down_1s_kw, high - p);
                assert_eq!(m.now.ramp_1s, p - all[k - 1000]);
                let at = k - k % 10;
                assert_eq!(m.now.ramp_5s, (all[at] - all[at - 5000]).abs() / 5.0);
            }
        }
    }

    #[test]
    fn rocof_of_a_straight_line_is_its_slope() {
        let mut m = Meters::new(0.001, 0.0, 60.0);
        for k in 0..2000_u64 {
            m.sample(k, 0.001, 0.0, 60.0 - 0.002 * k as f64, true);
        }
        assert!((m.now.rocof_100ms + 2.0).abs() < 1e-9 && (m.now.rocof_500ms + 2.0).abs() < 1e-9);
    }
}
