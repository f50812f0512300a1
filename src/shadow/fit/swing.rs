//! What a load change does to frequency, measured against the model: dip or rise, recovery, end.

use super::record::Record;

/// Power that moves by this much of the rating within [`WITHIN_S`] is a load change, and by this share of the largest one.
const LEAST_PU: f64 = 0.02;
const LEAST_SHARE: f64 = 0.25;
const WITHIN_S: f64 = 1.0;
/// Seconds between two that are told apart, and that one is followed for at most.
const APART_S: f64 = 4.0;
const LONGEST_S: f64 = 20.0;
/// Recovered: within this share of the swing about where it ends.
const BAND: f64 = 0.1;
/// Most that are told.
const MOST: usize = 12;

/// One load change; pairs are measured and model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Swing {
    /// When it begins, s.
    pub t_s: f64,
    /// Until when it is followed, s.
    pub until_s: f64,
    /// Change of power, kW.
    pub step_kw: f64,
    /// Frequency before it, Hz, as measured.
    pub before_hz: f64,
    /// Lowest frequency after more load, highest after less.
    pub extreme_hz: [f64; 2],
    /// Seconds until frequency stays about its end; none where it is not there within what is followed.
    pub recovery_s: [Option<f64>; 2],
    /// Mean of the last second that is followed, Hz.
    pub end_hz: [f64; 2],
}

impl Swing {
    /// Dip or rise of the model against that measured, less 1.
    #[must_use]
    pub fn dip_error(&self) -> f64 {
        let [measured, model] = self.extreme_hz.map(|e| e - self.before_hz);
        model / measured - 1.0
    }

    /// Recovery of the model less that measured, as a share of the measured one.
    #[must_use]
    pub fn recovery_error(&self) -> Option<f64> {
        let [measured, model] = self.recovery_s;
        Some(model? / measured.filter(|s| *s > 0.0)? - 1.0)
    }

    /// End of the model less that measured, Hz.
    #[must_use]
    pub fn end_error_hz(&self) -> f64 {
        self.end_hz[1] - self.end_hz[0]
    }
}

/// The load changes of a record after `from_s`, in order. `model_hz` has a frequency for each row.
#[must_use]
pub fn swings(record: &Record, model_hz: &[f64], rated_kw: f64, from_s: f64) -> Vec<Swing> {
    let (t, p) = (&record.t_s, &record.p_kw);
    let row_at = |s: f64| t.partition_point(|x| *x < s - 1e-9).min(t.len().saturating_sub(1));
    // Change over the next second, row by row.
    let change: Vec<f64> = t.iter().zip(p).map(|(s, kw)| p[row_at(s + WITHIN_S)] - kw).collect();
    let largest = change.iter().fold(0.0, |m: f64, c| m.max(c.abs()));
    let least = (LEAST_PU * rated_kw).max(LEAST_SHARE * largest);
    let mut order: Vec<usize> =
        (0..t.len()).filter(|k| change[*k].abs() >= least && t[*k] >= from_s + WITHIN_S).collect();
    // Of rows with the same change the last is where it begins.
    order.sort_by(|a, b| change[*b].abs().total_cmp(&change[*a].abs()).then(b.cmp(a)));
    let mut begins: Vec<usize> = Vec::new();
    for k in order {
        if begins.len() < MOST && begins.iter().all(|b| (t[*b] - t[k]).abs() >= APART_S) {
            begins.push(k);
        }
    }
    begins.sort_unstable();
    let end_s = record.window_s()[1];
    let one = |i: usize| {
        let k = begins[i];
        let next_s = begins.get(i + 1).map_or(end_s, |n| t[*n]);
        let until_s = next_s.min(t[k] + LONGEST_S);
        let (end, settled) = (row_at(until_s), row_at(until_s - WITHIN_S).max(k));
        let before = row_at(t[k] - WITHIN_S);
        let mean = |x: &[f64], a: usize, b: usize| x[a..=b].iter().sum::<f64>() / (b + 1 - a) as f64;
        let up = change[k] > 0.0;
        let side = |a: f64, b: f64| if up { a.min(b) } else { a.max(b) };
        let both = [record.f_hz.as_slice(), model_hz];
        let extreme_hz = both.map(|x| x[k..=end].iter().copied().reduce(side).unwrap_or(f64::NAN));
        let end_hz = both.map(|x| mean(x, settled, end));
        let before_hz = mean(&record.f_hz, before, k);
        let band = BAND * (extreme_hz[0] - before_hz).abs();
        let recovery = |j: usize| {
            let out = (k..=end).rev().find(|i| (both[j][*i] - end_hz[j]).abs() > band)?;
            (out < settled).then(|| t[out + 1] - t[k])
        };
        Swing {
            t_s: t[k],
            until_s,
            step_kw: mean(p, settled, end) - mean(p, before, k),
            before_hz,
            extreme_hz,
            recovery_s: [recovery(0), recovery(1)],
            end_hz,
        }
    };
    (0..begins.len()).filter(|i| t[begins[*i]] + APART_S / 2.0 < end_s).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_steps_are_two_swings_with_their_figures() {
        // A dip of 1 Hz that decays with a second, at 10 s and, half as large and upwards, at 30 s.
        let answer = |t: f64, at: f64| if t > at { libm::exp(-(t - at)) } else { 0.0 };
        let f = |t: f64, by: f64| 60.0 - by * answer(t, 10.0) + by / 2.0 * answer(t, 30.0);
        let load = |t: f64| {
            if t > 30.0 {
                550.0
            } else if t > 10.0 {
                600.0
            } else {
                500.0
            }
        };
        let times = || (0..600).map(|k| f64::from(k) * 0.1);
        let record = Record::new(times().map(|t| [t, f(t, 1.0), load(t)]));
        let model: Vec<f64> = times().map(|t| f(t, 0.9)).collect();
        let all = swings(&record, &model, 1000.0, 0.0);
        assert_eq!(all.len(), 2, "{all:?}");
        assert!((all[0].t_s - 10.0).abs() < 0.11 && (all[0].step_kw - 100.0).abs() < 1e-9);
        assert!((all[1].step_kw + 50.0).abs() < 1e-9 && all[1].extreme_hz[0] > 60.3);
        assert!((all[0].dip_error() + 0.1).abs() < 1e-9, "{}", all[0].dip_error());
        // Within a tenth after ln 10 s
        assert!(all[0].recovery_s[0].is_some_and(|s| (s - 2.3).abs() < 0.21), "{:?}", all[0].recovery_s);
        assert!(all[0].end_error_hz().abs() < 1e-3);
    }
}
