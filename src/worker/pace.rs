//! Pacing: how many ticks are due, by a clock that the caller reads.
//!
//! The twin runs on fixed ticks. Wall time makes a debt of simulated time, `debt += speed * wall`, and ticks pay it.
//! When the machine is too slow the debt is cut, so the twin falls behind the wish and never spirals; the achieved
//! speed tells. Times are [`Duration`]s since any fixed start. It reads no clock itself, so tests bring their own.

use std::time::Duration;

use super::msg::Speed;

/// Slowest and fastest [`Speed::Times`].
pub const SPEED_RANGE: [f64; 2] = [0.1, 1000.0];

/// Wall time that counts at most at once: what a suspended laptop slept is not simulated.
const LONGEST_S: f64 = 0.25;
/// Debt that is kept when a slice could not pay it all, as wall seconds.
const KEPT_S: f64 = 0.05;
/// The achieved speed is measured over at least this long.
const MEASURE_S: f64 = 0.02;

/// Makes a speed sane: within [`SPEED_RANGE`], 1 if it is not a number.
#[must_use]
pub fn sane(speed: Speed) -> Speed {
    match speed {
        Speed::Times(x) if x.is_nan() => Speed::Times(1.0),
        Speed::Times(x) => Speed::Times(x.clamp(SPEED_RANGE[0], SPEED_RANGE[1])),
        Speed::Max => Speed::Max,
    }
}

/// Pays wall time out in ticks.
#[derive(Clone, Debug)]
pub struct Pacer {
    speed: Speed,
    tick_s: f64,
    debt_s: f64,
    counted: Duration,
    measured: Duration,
    ticks: u64,
    achieved: f64,
}

impl Pacer {
    /// For ticks of `tick_s` seconds, from `now` on.
    #[must_use]
    pub fn new(speed: Speed, tick_s: f64, now: Duration) -> Self {
        let tick_s = if tick_s.is_finite() && tick_s > 0.0 { tick_s } else { 1e-3 };
        Self { speed: sane(speed), tick_s, debt_s: 0.0, counted: now, measured: now, ticks: 0, achieved: 0.0 }
    }

    /// Requested speed.
    #[must_use]
    pub fn speed(&self) -> Speed {
        self.speed
    }

    /// Changes the speed; what is owed at the old one is forgotten.
    pub fn set_speed(&mut self, speed: Speed, now: Duration) {
        self.speed = sane(speed);
        self.restart(now);
    }

    /// Starts to count at `now`, with no debt: after a pause or a stall.
    pub fn restart(&mut self, now: Duration) {
        self.debt_s = 0.0;
        self.counted = now;
        self.measured = now;
        self.ticks = 0;
        self.achieved = 0.0;
    }

    /// Ticks that are due at `now`.
    pub fn due(&mut self, now: Duration) -> u64 {
        let wall_s = now.saturating_sub(self.counted).as_secs_f64().min(LONGEST_S);
        self.counted = self.counted.max(now);
        match self.speed {
            Speed::Max => u64::MAX,
            Speed::Times(x) => {
                self.debt_s += x * wall_s;
                // A hair more, so that 0.1 / 0.1 is one tick whatever the rounding.
                (self.debt_s / self.tick_s + 1e-9) as u64
            }
        }
    }

    /// Tells that `ticks` of those due were done; `all` is false when the slice's time was up before.
    pub fn paid(&mut self, ticks: u64, all: bool) {
        self.ticks = self.ticks.saturating_add(ticks);
        if let Speed::Times(x) = self.speed {
            self.debt_s = (self.debt_s - ticks as f64 * self.tick_s).max(0.0);
            if !all {
                self.debt_s = self.debt_s.min((x * KEPT_S).max(self.tick_s));
            }
        }
    }

    /// How long a worker that has paid its debt may wait: about 33 ms of simulated time, 2 to 33 ms of wall time.
    /// Zero while a tick is due.
    #[must_use]
    pub fn rest(&self) -> Duration {
        match self.speed {
            Speed::Max => Duration::ZERO,
            Speed::Times(_) if self.debt_s >= self.tick_s => Duration::ZERO,
            Speed::Times(x) => {
                let next_s = (self.tick_s - self.debt_s) / x;
                Duration::try_from_secs_f64(next_s.max((0.033 / x).clamp(0.002, 0.033))).unwrap_or_default()
            }
        }
    }

    /// Simulated seconds a wall second since it was last asked; asked again too soon it gives the last answer.
    pub fn achieved(&mut self, now: Duration) -> f64 {
        let wall_s = now.saturating_sub(self.measured).as_secs_f64();
        if wall_s >= MEASURE_S {
            self.achieved = self.ticks as f64 * self.tick_s / wall_s;
            self.measured = now;
            self.ticks = 0;
        }
        self.achieved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(x: u64) -> Duration {
        Duration::from_millis(x)
    }

    /// Runs for `wall_ms`, asking every `every_ms`, on a machine that can do `can` ticks a slice.
    fn run(p: &mut Pacer, wall_ms: u64, every_ms: u64, can: u64) -> u64 {
        let mut done = 0;
        for at in (every_ms..=wall_ms).step_by(every_ms as usize) {
            let due = p.due(ms(at));
            p.paid(due.min(can), due <= can);
            done += due.min(can);
        }
        done
    }

    #[test]
    fn a_fast_machine_keeps_any_speed_exactly() {
        for (speed, every) in [(0.1, 7), (1.0, 1), (1.0, 33), (10.0, 3), (1000.0, 2)] {
            let mut p = Pacer::new(Speed::Times(speed), 0.001, ms(0));
            let wall = every * 300;
            let done = run(&mut p, wall, every, u64::MAX);
            let want = (wall as f64 * speed).round() as i64;
            assert!((done as i64 - want).abs() <= 1, "{speed}: {done} of {want}");
            assert!((p.achieved(ms(wall)) / speed - 1.0).abs() < 0.04, "{}", p.achieved(ms(wall)));
        }
    }

    #[test]
    fn a_slow_machine_falls_behind_and_does_not_spiral() {
        let mut p = Pacer::new(Speed::Times(100.0), 0.001, ms(0));
        let done = run(&mut p, 1000, 10, 50);
        assert_eq!(done, 100 * 50);
        assert!((p.achieved(ms(1000)) - 5.0).abs() < 0.1);
        // From here on it could do everything: it owes the kept debt and what comes, not the whole past.
        let due = p.due(ms(1010));
        assert!(due <= 5000 + 1000, "{due}");
    }

    #[test]
    fn sleep_of_the_machine_is_not_simulated() {
        let mut p = Pacer::new(Speed::Times(1.0), 0.001, ms(0));
        assert_eq!(p.due(ms(3_600_000)), 250);
    }

    #[test]
    fn a_clock_that_goes_back_is_no_harm() {
        let mut p = Pacer::new(Speed::Times(1.0), 0.001, ms(100));
        assert_eq!(p.due(ms(50)), 0);
        assert_eq!(p.due(ms(110)), 10);
    }

    #[test]
    fn speeds_are_made_sane() {
        for (given, want) in [(f64::NAN, 1.0), (-3.0, 0.1), (0.0, 0.1), (f64::INFINITY, 1000.0), (7.5, 7.5)] {
            assert_eq!(sane(Speed::Times(given)), Speed::Times(want));
        }
        let mut p = Pacer::new(Speed::Max, f64::NAN, ms(0));
        assert_eq!(p.due(ms(1)), u64::MAX);
        assert_eq!(p.rest(), Duration::ZERO);
    }

    #[test]
    fn rest_is_long_when_slow_and_none_when_late() {
        let rest = |x| Pacer::new(Speed::Times(x), 0.001, ms(0)).rest().as_millis();
        assert_eq!((rest(1.0), rest(10.0), rest(1000.0)), (33, 3, 2));
        let mut p = Pacer::new(Speed::Times(1.0), 0.001, ms(0));
        p.due(ms(10));
        assert_eq!(p.rest(), Duration::ZERO);
    }

    #[test]
    fn restart_forgets_the_debt() {
        let mut p = Pacer::new(Speed::Times(1.0), 0.001, ms(0));
        p.due(ms(100));
        p.restart(ms(200));
        assert_eq!(p.due(ms(201)), 1);
        assert_eq!(p.achieved(ms(201)), 0.0);
    }
}
