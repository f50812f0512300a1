//! From counts to rates with intervals: what was seen so often of so many runs, and what that says of a year.
//!
//! The limits of a proportion are Clopper and Pearson's, which are never too short. A sum of rates times proportions takes them
//! together by MOVER (Zou and Donner 2008): each part counts with how far its own limits are from what was seen. None of this
//! prints 0 for what was not seen: the upper limit of no hit in n runs is told.

use special::Beta as _;

/// Hits among runs, of events that come so often a year.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Count {
    /// Events a year.
    pub per_year: f64,
    /// Runs in which it happened.
    pub hits: u64,
    /// Runs.
    pub runs: u64,
}

/// A value with the limits that it lies within.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// What was found.
    pub value: f64,
    /// Lower limit.
    pub lo: f64,
    /// Upper limit.
    pub hi: f64,
}

impl Interval {
    /// Upper less lower limit.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.hi - self.lo
    }

    /// `45.1 [34.5, 56.5]`; where nothing was seen, `< 3.7`.
    #[must_use]
    pub fn words(&self, places: usize) -> String {
        if self.value <= 0.0 && self.lo <= 0.0 {
            return format!("< {:.places$}", self.hi);
        }
        format!("{:.places$} [{:.places$}, {:.places$}]", self.value, self.lo, self.hi)
    }
}

fn quantile(p: f64, a: f64, b: f64) -> f64 {
    p.inv_inc_beta(a, b, a.ln_beta(b))
}

/// A proportion with the limits of Clopper and Pearson; `alpha` is the chance that they miss it, both sides together.
#[must_use]
pub fn proportion(hits: u64, runs: u64, alpha: f64) -> Interval {
    if runs == 0 {
        return Interval { value: 0.0, lo: 0.0, hi: 1.0 };
    }
    let (x, n) = (hits.min(runs) as f64, runs as f64);
    let lo = if hits == 0 { 0.0 } else { quantile(alpha / 2.0, x, n - x + 1.0) };
    let hi = if hits >= runs { 1.0 } else { quantile(1.0 - alpha / 2.0, x + 1.0, n - x) };
    Interval { value: x / n, lo, hi }
}

/// Events a year: the sum of rates times proportions, with its limits.
#[must_use]
pub fn per_year(counts: &[Count], alpha: f64) -> Interval {
    let (mut value, mut below, mut above) = (0.0, 0.0, 0.0);
    for c in counts {
        let p = proportion(c.hits, c.runs, alpha);
        value += c.per_year * p.value;
        below += (c.per_year * (p.value - p.lo)).powi(2);
        above += (c.per_year * (p.hi - p.value)).powi(2);
    }
    Interval { value, lo: (value - below.sqrt()).max(0.0), hi: value + above.sqrt() }
}

/// Place of the count that makes the interval widest; none of no counts.
#[must_use]
pub fn widest(counts: &[Count], alpha: f64) -> Option<usize> {
    let width = |c: &Count| c.per_year * proportion(c.hits, c.runs, alpha).width();
    (0..counts.len()).max_by(|a, b| width(&counts[*a]).total_cmp(&width(&counts[*b])))
}

/// The difference of two proportions seen on the same draws: `only_a` runs hit the first alone, `only_b` the second alone. First
/// less second; each side with half of `alpha`, so that the limits are never too short.
#[must_use]
pub fn difference(only_a: u64, only_b: u64, runs: u64, alpha: f64) -> Interval {
    let (a, b) = (proportion(only_a, runs, alpha / 2.0), proportion(only_b, runs, alpha / 2.0));
    Interval { value: a.value - b.value, lo: a.lo - b.hi, hi: a.hi - b.lo }
}

/// Chance of at least one in a year, when so many come on average.
#[must_use]
pub fn at_least_one(per_year: f64) -> f64 {
    -(-per_year).exp_m1()
}

/// Runs without a hit that bring the upper limit of a class down to so many a year.
#[must_use]
pub fn runs_for(per_year: f64, limit_per_year: f64, alpha: f64) -> u64 {
    // (alpha/2)^(1/n) = 1 - limit
    let p = (limit_per_year / per_year).clamp(1e-12, 1.0 - 1e-12);
    ((alpha / 2.0).ln() / (-p).ln_1p()).ceil().max(1.0) as u64
}

/// How `total` runs are shared out after a pilot: in proportion to what each class adds to the width.
#[must_use]
pub fn allocate(counts: &[Count], total: u64) -> Vec<u64> {
    let weight = |c: &Count| {
        let p = (c.hits as f64 + 1.0) / (c.runs as f64 + 2.0);
        c.per_year * (p * (1.0 - p)).sqrt()
    };
    let all: f64 = counts.iter().map(weight).sum();
    counts.iter().map(|c| if all > 0.0 { (total as f64 * weight(c) / all).round() as u64 } else { 0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plant::random::Random;

    const RATES: [f64; 6] = [123.0, 20.0, 6.0, 2.0, 12.0, 300.0];

    fn counts(hits: [u64; 6], runs: u64) -> Vec<Count> {
        RATES.iter().zip(hits).map(|(r, hits)| Count { per_year: *r, hits, runs }).collect()
    }

    fn near(a: f64, b: f64, tol: f64) {
        assert!((a - b).abs() <= tol, "{a} is not {b}");
    }

    #[test]
    fn t1_a_sum_of_rates_has_the_interval_of_the_page() {
        let i = per_year(&counts([3, 10, 41, 100, 1, 0], 200), 0.05);
        near(i.value, 5.135, 1e-9);
        near(i.lo, 3.543, 5e-4);
        near(i.hi, 11.690, 5e-4);
        assert_eq!(widest(&counts([3, 10, 41, 100, 1, 0], 200), 0.05), Some(5), "no hit at 300 a year");
    }

    #[test]
    fn t1_limits_of_a_proportion() {
        for (x, n, lo, hi) in
            [(44, 120, 0.281, 0.459), (0, 120, 0.0, 0.030), (3, 120, 0.005, 0.071), (1, 120, 0.0, 0.046)]
        {
            let p = proportion(x, n, 0.05);
            near(p.lo, lo, 6e-4);
            near(p.hi, hi, 6e-4);
        }
        assert_eq!(proportion(5, 5, 0.05).hi, 1.0);
        assert_eq!(proportion(0, 0, 0.05).hi, 1.0);
        near(proportion(0, 10_000, 0.05).hi * 1e4, 3.69, 0.01);
        assert_eq!(proportion(0, 120, 0.05).words(3), "< 0.030");
        assert_eq!(Interval { value: 45.1, lo: 34.5, hi: 56.5 }.words(1), "45.1 [34.5, 56.5]");
    }

    /// Seeded studies: the interval holds the truth in 94 of 100 at least, where many a short cut falls to 90. Fewer than 4,000
    /// studies, as each tail of a proportion is asked for once and kept.
    #[test]
    fn t1_coverage_of_seeded_studies() {
        let n = 200_u64;
        let mut limits = std::collections::BTreeMap::new();
        for p in [[1e-3, 0.05, 0.2, 0.5, 1e-3, 1e-4], [1e-4; 6], [0.3, 0.1, 0.05, 0.9, 0.01, 1e-3]] {
            let truth: f64 = RATES.iter().zip(p).map(|(r, p)| r * p).sum();
            let studies = 4000_u64;
            let mut covered = 0;
            for s in 0..studies {
                let (mut value, mut below, mut above) = (0.0, 0.0, 0.0);
                for (k, (rate, p)) in RATES.iter().zip(p).enumerate() {
                    let hits = binomial(n, p, s * 6 + k as u64);
                    let i = *limits.entry(hits).or_insert_with(|| proportion(hits, n, 0.05));
                    value += rate * i.value;
                    below += (rate * (i.value - i.lo)).powi(2);
                    above += (rate * (i.hi - i.value)).powi(2);
                }
                covered += u64::from(truth >= value - below.sqrt() && truth <= value + above.sqrt());
            }
            let share = covered as f64 / studies as f64;
            assert!(share >= 0.94, "{p:?}: {share}");
        }
    }

    /// Hits by inversion: one uniform number a study.
    fn binomial(n: u64, p: f64, at: u64) -> u64 {
        let u = Random::new(11).uniform(crate::plant::random::Purpose::ShedLatency, "coverage", at)[0];
        let (mut term, mut sum, mut k) = ((1.0 - p).powi(n as i32), 0.0, 0);
        while k < n {
            sum += term;
            if u < sum {
                break;
            }
            term *= (n - k) as f64 / (k + 1) as f64 * p / (1.0 - p);
            k += 1;
        }
        k
    }

    #[test]
    fn pairs_show_what_one_design_adds_and_the_other_takes() {
        let d = difference(44, 0, 120, 0.05);
        assert!(d.lo > 0.20 && d.value > 0.36 && d.hi < 0.50, "{d:?}");
        let none = difference(0, 0, 120, 0.05);
        assert!(none.lo < 0.0 && none.hi > 0.0 && none.value == 0.0);
    }

    #[test]
    fn t3_runs_that_bring_an_unseen_crash_below_a_tenth_a_year() {
        near(runs_for(123.0, 0.1, 0.05) as f64, 4536.0, 10.0);
        near(at_least_one(0.1), 0.0952, 1e-4);
        let shares = allocate(&counts([3, 10, 41, 100, 1, 0], 200), 10_000);
        assert_eq!(shares.iter().max(), shares.last(), "what comes most often and was never seen gets most");
        assert!(shares.iter().all(|n| *n > 0));
    }
}
