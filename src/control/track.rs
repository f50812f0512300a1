//! A plan of genset power that the miners follow: shed policy *optimal*.
//!
//! The plan says for each instant what the gensets shall give and which load was expected. What the sources give less what
//! the miners take is the load as it is; miners get what the plan leaves of it. They are switched off at once when they
//! take half a unit more than that, and woken so early that each is half back when the plan wants it: an error of the load now
//! is expected to last until then. Units are whole, and rounded so that the gensets never pass the plan by a unit.
//!
//! It holds a plan and says what it wants; it commands nothing. Powers in kW, times in s of the run.

use std::hash::Hasher;

use serde::{Deserialize, Serialize};

/// A point of a plan: time, genset power, expected load.
pub type Point = (f64, f64, f64);

/// Most points of a plan.
pub const MOST_POINTS: usize = 10_000;
/// Largest power of a plan, kW.
pub const MOST_KW: f64 = 1.0e6;

/// A plan of genset power, straight between its points.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GensetPlan {
    /// What it is called.
    pub name: String,
    /// Time after which it repeats, s; 0: it does not, and its end holds.
    pub period_s: f64,
    /// Its points: time in s from the start of the run, genset kW, expected load kW; times rise from 0.
    pub points: Vec<Point>,
}

impl GensetPlan {
    /// Genset power and expected load at a time.
    #[must_use]
    pub fn at(&self, t_s: f64) -> [f64; 2] {
        let t = if self.period_s > 0.0 { t_s - self.period_s * libm::floor(t_s / self.period_s) } else { t_s };
        let k = self.points.partition_point(|p| p.0 <= t);
        let Some(&first) = self.points.first() else { return [0.0; 2] };
        let before = k.checked_sub(1).and_then(|k| self.points.get(k)).copied();
        // a plan that repeats goes on to its beginning
        let wraps = || (self.period_s > 0.0).then_some((self.period_s, first.1, first.2));
        match (before, self.points.get(k).copied().or_else(wraps)) {
            (None, _) => [first.1, first.2],
            (Some(a), None) => [a.1, a.2],
            (Some(a), Some(b)) => {
                let share = if b.0 > a.0 { ((t - a.0) / (b.0 - a.0)).clamp(0.0, 1.0) } else { 0.0 };
                [a.1 + share * (b.1 - a.1), a.2 + share * (b.2 - a.2)]
            }
        }
    }

    /// Largest genset power, kW.
    #[must_use]
    pub fn peak_kw(&self) -> f64 {
        self.points.iter().fold(0.0, |a, p| a.max(p.1))
    }

    /// What is wrong with it: where, what, and what was expected.
    #[must_use]
    pub fn wrong(&self) -> Option<(usize, String, &'static str)> {
        if self.points.is_empty() || self.points.len() > MOST_POINTS {
            return Some((0, format!("the plan has {} points", self.points.len()), "1 to 10000 points"));
        }
        if !(self.period_s == 0.0 || (1.0..=1e7).contains(&self.period_s)) {
            return Some((0, format!("the period is {} s", self.period_s), "1 to 1e7 s, or 0"));
        }
        let end = if self.period_s > 0.0 { self.period_s } else { 1e7 };
        let mut before = -1.0;
        for (i, &(t, genset, load)) in self.points.iter().enumerate() {
            if !((0.0..=end).contains(&t) && t > before) {
                return Some((i, format!("the time {t} does not rise"), "rising times in s, from 0 to the period"));
            }
            if !((0.0..=MOST_KW).contains(&genset) && (-MOST_KW..=MOST_KW).contains(&load)) {
                return Some((i, format!("the powers are {genset} and {load} kW"), "kW of gensets and load, to 1e6"));
            }
            before = t;
        }
        None
    }
}

impl GensetPlan {
    /// Feeds it to a hash.
    pub fn hash_into(&self, h: &mut impl Hasher) {
        h.write(self.name.as_bytes());
        h.write_u64(self.period_s.to_bits());
        for (t, genset, load) in &self.points {
            [t, genset, load].into_iter().for_each(|v| h.write_u64(v.to_bits()));
        }
    }
}

/// What control remembers of a plan that it follows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tracker {
    /// Sum and number of the loads since the last look.
    sum_kw: f64,
    count: u32,
    /// Looks in a row at which a limit kept miners off.
    kept_off: u32,
    /// The plan waits for the site to be whole, and this has been told.
    waiting: bool,
}

impl Tracker {
    /// Takes a load; every `look` of them their mean.
    pub fn mean_of(&mut self, load_kw: f64, look: u32) -> Option<f64> {
        self.sum_kw += load_kw;
        self.count += 1;
        (self.count >= look).then(|| {
            let mean = self.sum_kw / f64::from(self.count);
            (self.sum_kw, self.count) = (0.0, 0);
            mean
        })
    }

    /// Nothing keeps miners off.
    pub fn is_free(&mut self) {
        self.kept_off = 0;
    }

    /// A limit keeps miners off; whether that is to be told now.
    pub fn is_kept_off(&mut self, patience: u32) -> bool {
        self.kept_off = self.kept_off.saturating_add(1);
        self.kept_off == patience
    }

    /// Whether the plan waits; true when that is news.
    pub fn waits(&mut self, waiting: bool) -> bool {
        let news = waiting && !self.waiting;
        if waiting {
            (self.sum_kw, self.count) = (0.0, 0);
        }
        self.waiting = waiting;
        news
    }

    /// Feeds the whole state to a hash.
    pub fn hash_into(&self, h: &mut impl Hasher) {
        h.write_u64(self.sum_kw.to_bits());
        h.write_u32(self.count);
        h.write_u32(self.kept_off);
        h.write_u8(u8::from(self.waiting));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(period_s: f64) -> GensetPlan {
        let points = vec![(0.0, 100.0, 50.0), (10.0, 200.0, 60.0), (20.0, 100.0, 90.0)];
        GensetPlan { name: "test".into(), period_s, points }
    }

    #[test]
    fn it_is_straight_between_points_and_repeats_or_holds() {
        let p = plan(40.0);
        for (t, want) in [(0.0, 100.0), (5.0, 150.0), (10.0, 200.0), (15.0, 150.0), (30.0, 100.0), (45.0, 150.0)] {
            assert!((p.at(t)[0] - want).abs() < 1e-9, "{t}: {:?}", p.at(t));
        }
        assert_eq!(p.at(30.0)[1], 70.0, "half way from 90 back to 50");
        assert_eq!(plan(0.0).at(1e6), [100.0, 90.0]);
        assert_eq!(p.peak_kw(), 200.0);
    }

    #[test]
    fn what_is_no_plan_is_told() {
        assert_eq!(plan(40.0).wrong(), None);
        assert!(GensetPlan::default().wrong().is_some());
        assert!(plan(15.0).wrong().is_some_and(|w| w.0 == 2));
        let mut p = plan(0.0);
        p.points[1].0 = 0.0;
        assert!(p.wrong().is_some_and(|w| w.0 == 1 && w.1.contains("does not rise")));
        p = plan(0.0);
        p.points[2].1 = f64::NAN;
        assert!(p.wrong().is_some_and(|w| w.0 == 2));
    }
}
