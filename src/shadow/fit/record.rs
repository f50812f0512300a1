//! What a fit is made from: frequency and power of one genset over time, and why a recording is refused.
//!
//! Pure; s, Hz, kW. Rows come from one meter, or their skew is fitted too; the rows' spacing decides what can be seen.

use super::meters::Meter;

/// Least length, s.
pub const SHORTEST_S: f64 = 10.0;
/// Longest that is used: the last part of what is given, s.
pub const LONGEST_S: f64 = 300.0;
/// Widest spacing, s: at 1 Hz inertia comes out three times too high.
pub const WIDEST_S: f64 = 0.5;
/// Closest spacing that is used, s.
const CLOSEST_S: f64 = 0.02;
/// Spacings without a row that are a gap.
const GAP: f64 = 4.0;
/// A meter that stands still this long while the other one moves is stuck: s, and rows.
const STILL_S: f64 = 2.0;
const STILL_ROWS: usize = 5;
/// Frequency answers to a step of power that then holds; only what it does after this time is not that, s.
const ANSWER_S: f64 = 15.0;
/// What power does shortly before frequency moves is why it moves, s.
const REACT_S: f64 = 1.0;
/// What counts as moving: power, pu of rating; frequency, pu of nominal; peak to peak.
const MOVES_P_PU: f64 = 0.03;
const MOVES_F_PU: f64 = 0.002;

/// Power that a frequency meter may miss for each Hz that it does not resolve, pu of rating.
const STEPS_HIDE_PU_PER_HZ: f64 = 0.8;
/// Peak to peak that still is rest: of power in pu of rating, a tenth of it of frequency in pu.
const REST_PU: f64 = 0.01;

/// Why there is no fit.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// Too little.
    #[error("{s:.1} s of frequency and power (expected at least {SHORTEST_S:.0} s)")]
    Short {
        /// Length, s.
        s: f64,
    },
    /// Rows too far apart.
    #[error("a row each {s:.2} s (expected {WIDEST_S} s at most: inertia does not show in less)")]
    Sparse {
        /// Spacing, s.
        s: f64,
    },
    /// Rows are missing.
    #[error("no frequency or power from {from_s:.2} s to {to_s:.2} s (expected a stretch without gaps)")]
    Gap {
        /// From, s.
        from_s: f64,
        /// To, s.
        to_s: f64,
    },
    /// A meter is stuck.
    #[error(
        "{what} stands still from {from_s:.2} s to {to_s:.2} s while the other one moves (expected meters that work)"
    )]
    Still {
        /// Frequency or power.
        what: &'static str,
        /// From, s.
        from_s: f64,
        /// To, s.
        to_s: f64,
    },
    /// More than one set, or none, carried the load.
    #[error("{n} gensets on the bus at {t_s:.2} s (expected one: a fit is of one set alone)")]
    Sets {
        /// How many.
        n: usize,
        /// When, s.
        t_s: f64,
    },
    /// Something that the source does not have, or a value that is not good.
    #[error("{0}")]
    Input(String),
}

/// Frequency and power of one set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// Time, rising.
    pub t_s: Vec<f64>,
    /// Frequency.
    pub f_hz: Vec<f64>,
    /// Electrical power.
    pub p_kw: Vec<f64>,
}

impl Record {
    /// From rows of time, frequency, power: at most 50 a second, the last [`LONGEST_S`]. What is no number is no row.
    #[must_use]
    pub fn new(rows: impl IntoIterator<Item = [f64; 3]>) -> Self {
        let mut all: Vec<[f64; 3]> = Vec::new();
        for row in rows.into_iter().filter(|r| r.iter().all(|x| x.is_finite())) {
            // A hair less than the spacing, or every second row of a clock that rounds would go.
            if all.last().is_none_or(|l| row[0] - l[0] >= 0.99 * CLOSEST_S) {
                all.push(row);
            }
        }
        let from_s = all.last().map_or(0.0, |l| l[0] - LONGEST_S);
        let kept = || all.iter().filter(|r| r[0] >= from_s);
        Self {
            t_s: kept().map(|r| r[0]).collect(),
            f_hz: kept().map(|r| r[1]).collect(),
            p_kw: kept().map(|r| r[2]).collect(),
        }
    }

    /// From when to when, s.
    #[must_use]
    pub fn window_s(&self) -> [f64; 2] {
        [self.t_s.first().copied().unwrap_or(0.0), self.t_s.last().copied().unwrap_or(0.0)]
    }

    /// Length, s.
    #[must_use]
    pub fn length_s(&self) -> f64 {
        let [from, to] = self.window_s();
        to - from
    }

    /// Mean frequency, Hz.
    #[must_use]
    pub fn mean_hz(&self) -> f64 {
        self.f_hz.iter().sum::<f64>() / self.f_hz.len().max(1) as f64
    }

    /// Median spacing of the rows, s.
    #[must_use]
    pub fn period_s(&self) -> f64 {
        let mut steps: Vec<f64> = self.t_s.windows(2).map(|w| w[1] - w[0]).collect();
        steps.sort_by(f64::total_cmp);
        steps.get(steps.len() / 2).copied().unwrap_or(f64::INFINITY)
    }

    /// How many rows the first `s` seconds have; one at least.
    #[must_use]
    pub fn first_s(&self, s: f64) -> usize {
        // A row at the very end belongs to what comes next, which may be a step.
        let end_s = self.window_s()[0] + s - 1e-6;
        self.t_s.iter().take_while(|t| **t < end_s).count().max(1)
    }

    /// Whether a set of this rating is at rest in the first `s` seconds.
    #[must_use]
    pub fn begins_at_rest(&self, s: f64, rated_kw: f64, f0_hz: f64) -> bool {
        let n = self.first_s(s);
        spread(&self.p_kw[..n]) < REST_PU * rated_kw && spread(&self.f_hz[..n]) < REST_PU * f0_hz / 10.0
    }

    /// Standard deviation of power less its linear trend, kW: what excites the set.
    #[must_use]
    pub fn excitation_kw(&self) -> f64 {
        let n = self.t_s.len().max(1) as f64;
        let (t, p) = (self.t_s.iter().sum::<f64>() / n, self.p_kw.iter().sum::<f64>() / n);
        let (mut tt, mut tp, mut pp) = (0.0, 0.0, 0.0);
        for (ti, pi) in self.t_s.iter().zip(&self.p_kw) {
            tt += (ti - t) * (ti - t);
            tp += (ti - t) * (pi - p);
            pp += (pi - p) * (pi - p);
        }
        let explained = if tt > 0.0 { tp * tp / tt } else { 0.0 };
        libm::sqrt(((pp - explained) / n).max(0.0))
    }

    /// Whether a set of this rating can be fitted to it.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, rated_kw: f64, f0_hz: f64) -> Result<(), Refusal> {
        if !(self.length_s() >= SHORTEST_S) {
            return Err(Refusal::Short { s: self.length_s() });
        }
        let period_s = self.period_s();
        if period_s > WIDEST_S * 1.01 {
            return Err(Refusal::Sparse { s: period_s });
        }
        if let Some(w) = self.t_s.windows(2).find(|w| w[1] - w[0] > GAP * period_s.max(CLOSEST_S)) {
            return Err(Refusal::Gap { from_s: w[0], to_s: w[1] });
        }
        // A coarse meter stands still while power moves a little.
        let coarse = STEPS_HIDE_PU_PER_HZ * Meter::of(self).step_hz;
        self.still("frequency", [&self.f_hz, &self.p_kw], MOVES_P_PU.max(coarse) * rated_kw, [0.0, REACT_S])?;
        self.still("power", [&self.p_kw, &self.f_hz], MOVES_F_PU * f0_hz, [ANSWER_S, 0.0])
    }

    /// A run of equal values while the other quantity moves by `moves`, `after_s` into the run or later and `before_s` before
    /// its end, is a stuck meter.
    fn still(
        &self,
        what: &'static str,
        [own, other]: [&[f64]; 2],
        moves: f64,
        [after_s, before_s]: [f64; 2],
    ) -> Result<(), Refusal> {
        let mut from = 0;
        for k in 1..=own.len() {
            if own.get(k) == own.get(from) {
                continue;
            }
            let (from_s, to_s) = (self.t_s[from], self.t_s[k - 1]);
            if k - from > STILL_ROWS && to_s - from_s > STILL_S {
                let late = (from..k).find(|i| self.t_s[*i] - from_s >= after_s).unwrap_or(k);
                let soon = (late..k).take_while(|i| to_s - self.t_s[*i] >= before_s).count();
                if spread(&other[late..late + soon]) > moves {
                    return Err(Refusal::Still { what, from_s, to_s });
                }
            }
            from = k;
        }
        Ok(())
    }
}

/// Peak to peak.
fn spread(x: &[f64]) -> f64 {
    let (lo, hi) = x.iter().fold((f64::MAX, f64::MIN), |(l, h), x| (l.min(*x), h.max(*x)));
    hi - lo
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(n: usize, f: impl Fn(usize) -> f64, p: impl Fn(usize) -> f64) -> Record {
        Record::new((0..n).map(|k| [k as f64 * 0.1, f(k), p(k)]))
    }

    #[test]
    fn excitation_is_what_a_straight_line_leaves() {
        let ramp = record(200, |_| 60.0, |k| 400.0 + k as f64);
        assert!(ramp.excitation_kw() < 1e-6);
        let square = record(4000, |_| 60.0, |k| if k / 10 % 2 == 0 { 490.0 } else { 510.0 });
        assert!((square.excitation_kw() - 10.0).abs() < 0.01, "{}", square.excitation_kw());
    }

    #[test]
    fn what_cannot_be_fitted_is_refused_in_a_line() {
        let wave = |k: usize| 500.0 + 50.0 * libm::sin(k as f64 * 0.2);
        let f = |k: usize| 60.0 + 0.2 * libm::cos(k as f64 * 0.2);
        let says = |r: &Record| r.check(1000.0, 60.0).map_err(|e| e.to_string());
        assert_eq!(says(&record(300, f, wave)), Ok(()));
        assert_eq!(says(&record(50, f, wave)), Err("4.9 s of frequency and power (expected at least 10 s)".to_owned()));
        let stuck = record(300, |k| if (100..150).contains(&k) { 60.0 } else { f(k) }, wave);
        let want =
            "frequency stands still from 10.00 s to 14.90 s while the other one moves (expected meters that work)";
        assert_eq!(says(&stuck), Err(want.to_owned()));
        let slow = Record::new((0..60).map(|k| [f64::from(k), f(k as usize), wave(k as usize)]));
        assert!(says(&slow).is_err_and(|e| e.starts_with("a row each 1.00 s")));
        let gap = Record::new((0..300).filter(|k| !(100..120).contains(k)).map(|k| [k as f64 * 0.1, f(k), wave(k)]));
        assert!(says(&gap).is_err_and(|e| e.starts_with("no frequency or power from 9.90 s to 12.00 s")));
        assert_eq!(says(&record(300, |_| 60.0, |_| 500.0)), Ok(()), "rest is no fault");
    }
}
