//! The power that drives the model, from the rows of its meter: straight between two rows, but for steps.
//!
//! A load step comes at a moment between two rows that the rows do not tell. Taken as a ramp over the whole spacing it would
//! look like more inertia; so it stays a step, and its moment is an unknown of the record, anywhere between the two rows.

use super::record::Record;

/// A change between two rows that is a step: pu of rating at least, and this many times the median change.
const LEAST_PU: f64 = 0.015;
const ABOVE_MEDIAN: f64 = 6.0;
/// Changes in a row, to the same side, that are a ramp.
const RAMP_ROWS: usize = 3;
/// Steps whose moment is looked for: the largest.
const MOST: usize = 40;

/// A load step between a row and the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The row before it.
    pub row: usize,
    /// How much, kW.
    pub kw: f64,
    /// Middle between the two rows, s.
    pub t_s: f64,
    /// Spacing of the two, s.
    pub dt_s: f64,
}

/// The steps of a record, in order.
pub fn steps(record: &Record, rated_kw: f64) -> Vec<Step> {
    let change: Vec<f64> = record.p_kw.windows(2).map(|w| w[1] - w[0]).collect();
    let mut sizes: Vec<f64> = change.iter().map(|c| c.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let median = sizes.get(sizes.len() / 2).copied().unwrap_or(0.0);
    let least = (LEAST_PU * rated_kw).max(ABOVE_MEDIAN * median);
    let large = |k: usize| change.get(k).is_some_and(|c| c.abs() > least);
    let mut all = Vec::new();
    let mut k = 0;
    while k < change.len() {
        let run = (k..change.len()).take_while(|i| large(*i) && change[*i] * change[k] > 0.0).count();
        if (1..RAMP_ROWS).contains(&run) {
            all.extend((k..k + run).map(|row| Step {
                row,
                kw: change[row],
                t_s: (record.t_s[row] + record.t_s[row + 1]) / 2.0,
                dt_s: record.t_s[row + 1] - record.t_s[row],
            }));
        }
        k += run.max(1);
    }
    if all.len() > MOST {
        all.sort_by(|a: &Step, b: &Step| b.kw.abs().total_cmp(&a.kw.abs()));
        all.truncate(MOST);
        all.sort_by_key(|s| s.row);
    }
    all
}

/// Power over time as straight lines between knots, with the energy up to each.
#[derive(Clone, Debug, PartialEq)]
pub struct Power {
    t_s: Vec<f64>,
    kw: Vec<f64>,
    kws: Vec<f64>,
}

impl Power {
    /// Of knots whose times do not fall; at least one.
    pub fn new(knots: impl IntoIterator<Item = [f64; 2]>) -> Self {
        let mut p = Self { t_s: Vec::new(), kw: Vec::new(), kws: Vec::new() };
        let mut sum = 0.0;
        for [t, kw] in knots {
            if let (Some(t0), Some(kw0)) = (p.t_s.last(), p.kw.last()) {
                sum += (t - t0) * (kw + kw0) / 2.0;
            }
            p.t_s.push(t);
            p.kw.push(kw);
            p.kws.push(sum);
        }
        p
    }

    /// Of a record; each step comes `shift_s` after the middle of its two rows.
    pub fn of(record: &Record, steps: &[Step], shift_s: &[f64]) -> Self {
        let mut at = steps.iter().zip(shift_s).peekable();
        let mut knots = Vec::with_capacity(record.t_s.len() + 2 * steps.len());
        for (k, (t, kw)) in record.t_s.iter().zip(&record.p_kw).enumerate() {
            knots.push([*t, *kw]);
            if let Some((s, shift)) = at.next_if(|(s, _)| s.row == k) {
                let when = s.t_s + shift.clamp(-s.dt_s / 2.0, s.dt_s / 2.0);
                knots.extend([[when, *kw], [when, kw + s.kw]]);
            }
        }
        Self::new(knots)
    }

    /// Energy in kWs up to a time, and power in kW then; times asked for must rise. Held beyond both ends.
    pub fn reader(&self) -> Reader<'_> {
        Reader { power: self, k: 0 }
    }
}

/// See [`Power::reader`].
pub struct Reader<'a> {
    power: &'a Power,
    k: usize,
}

impl Reader<'_> {
    /// Energy and power.
    pub fn at(&mut self, t_s: f64) -> [f64; 2] {
        let p = self.power;
        while self.k + 1 < p.t_s.len() && p.t_s[self.k + 1] <= t_s {
            self.k += 1;
        }
        let (t0, kw0, kws0) = (p.t_s[self.k], p.kw[self.k], p.kws[self.k]);
        let kw = match (p.t_s.get(self.k + 1), p.kw.get(self.k + 1)) {
            (Some(t1), Some(kw1)) if t_s > t0 => kw0 + (kw1 - kw0) * (t_s - t0) / (t1 - t0),
            _ => kw0,
        };
        [kws0 + (t_s - t0) * (kw0 + kw) / 2.0, kw]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(p_kw: &[f64]) -> Record {
        Record::new(p_kw.iter().enumerate().map(|(k, p)| [k as f64 * 0.1, 60.0, *p]))
    }

    #[test]
    fn a_step_is_one_and_a_ramp_is_none() {
        let at = |p: &[f64]| steps(&record(p), 1000.0).iter().map(|s| s.row).collect::<Vec<_>>();
        assert_eq!(at(&[500.0, 500.0, 500.0, 600.0, 600.0, 600.0, 600.0]), [2]);
        // A meter that averages shows a step in two parts.
        assert_eq!(at(&[500.0, 500.0, 500.0, 570.0, 600.0, 600.0, 600.0, 600.0]), [2, 3]);
        let ramp: Vec<f64> = (0..40).map(|k| 500.0 + 20.0 * f64::from((k - 20).clamp(0, 5))).collect();
        assert!(at(&ramp).is_empty());
    }

    #[test]
    fn energy_does_not_depend_on_when_a_step_comes_but_for_its_own() {
        let r = record(&[500.0, 500.0, 600.0, 600.0]);
        let all = steps(&r, 1000.0);
        let total = |shift: f64| Power::of(&r, &all, &[shift]).reader().at(0.3)[0];
        // straight lines: 500 * 0.1 + 550 * 0.1 + 600 * 0.1
        assert!((total(0.0) - 165.0).abs() < 1e-9);
        assert!((total(0.02) - 163.0).abs() < 1e-9, "20 ms later is 2 kWs less");
        assert!((total(9.0) - 160.0).abs() < 1e-9, "no later than the next row");
        let p = Power::of(&r, &all, &[0.02]);
        let mut reader = p.reader();
        assert_eq!([-1.0, 0.05, 0.169, 0.171, 9.0].map(|t| reader.at(t)[1]), [500.0, 500.0, 500.0, 600.0, 600.0]);
    }
}
