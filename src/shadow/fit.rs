//! The commissioning fit: inertia, droop, governor, actuator, turbocharger and meter skew from recorded frequency and
//! power of one genset.
//!
//! Output error: the twin's own genset is simulated with the recorded power as its load, and what differs between its
//! frequency and the recorded one is made least. A weak prior (a factor of three round the start) holds what the record
//! does not tell. Where the record does not begin at rest, frequencies of its first seconds do not count: what happened
//! before is not known.
//!
//! **Intervals.** 95 %, from J^T J and the residuals. Residuals of neighbouring rows are alike, and largest where something
//! happens, so their variance is not taken as one number: it is the sandwich estimate with a Bartlett window of four times
//! their autocorrelation time (Newey and West, 1987), and not less than what the rounding of meters leaves. An interval
//! says what residuals do; it does not know what the model leaves out. A skew is not known better than the timing of a
//! step between two rows.
//!
//! **Not identifiable** is said when power, less its linear trend, has a standard deviation under 2 % of the rating, or
//! where an interval is wider than ±30 % (skew: ±0.15 s; without the skew only the droop is told). Deterministic; Hz, kW, s.
//!
//! **Known limits.** A turbocharger shows only while the air limit holds the engine back; where that is for moments, its
//! interval is too narrow. Steps between rows are taken as ramps, so rows 0.2 s apart and more bias the lags.

mod adopt;
mod lag;
mod model;
mod record;
mod rows;
mod solve;

pub use adopt::{Adopted, adopt, base};
pub use lag::{Lag, Lags, Miners, lags};
pub use model::{Guess, TICK_S, Unknown, alone, simulate};
pub use record::{LONGEST_S, Record, Refusal, SHORTEST_S};
pub use rows::Rows;

use crate::plant::config::{self, Genset};
use solve::{Matrix, Solution};

/// Standard deviation of power less its trend that a fit needs, pu of rating.
pub const LEAST_EXCITATION_PU: f64 = 0.02;
/// Half width of an interval from which on a parameter counts as not identifiable.
pub const WIDEST_CI: f64 = 0.3;
/// The same of the skew, s.
pub const WIDEST_SKEW_S: f64 = 0.15;
/// Two parameters correlated more than this cannot be told apart well.
pub const ALIKE: f64 = 0.95;
/// What frequency meters resolve, Hz: weighs residuals against the prior.
const METER_HZ: f64 = 0.01;
/// Share of the record, and bounds in s, that passes before frequencies count.
const WASH: (f64, f64, f64) = (0.1, 2.0, 10.0);
/// Half width of the window over which residuals may be alike, in autocorrelation times.
const WINDOW: f64 = 4.0;
/// Of a normal distribution, two-sided 95 %.
const Z95: f64 = 1.96;

/// One fitted parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameter {
    /// Which.
    pub what: Unknown,
    /// What the fit started from.
    pub start: f64,
    /// Best value.
    pub value: f64,
    /// Lower and upper end of its 95 % interval.
    pub interval: [f64; 2],
    /// Half width of the interval: share of the value, of the skew s.
    pub half_width: f64,
    /// Whether the record tells it.
    pub identifiable: bool,
}

/// A finished fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// Name of the set.
    pub set: String,
    /// Engine preset that the fit started from.
    pub start: String,
    /// Parameters; the reference is not one.
    pub parameters: Vec<Parameter>,
    /// Pairs that are hard to tell apart, with their correlation.
    pub alike: Vec<(Unknown, Unknown, f64)>,
    /// RMS of measured less simulated frequency with the start's values, Hz.
    pub rms_before_hz: f64,
    /// The same after the fit.
    pub rms_after_hz: f64,
    /// Share of what frequency does that the fitted set explains: 1 less residual variance over variance.
    pub explained: f64,
    /// From when to when, s.
    pub window_s: [f64; 2],
    /// Rows that count, and their spacing.
    pub rows: usize,
    /// s.
    pub period_s: f64,
    /// Standard deviation of power less its trend, pu of rating.
    pub excitation_pu: f64,
    /// Rows that are worth one, for their residuals are alike.
    pub rows_alike: f64,
    /// Simulations it took.
    pub simulations: usize,
    /// The set with the fitted values.
    pub genset: Genset,
    /// Miners from command to power, where the record has both.
    pub miners: Lags,
}

impl Fit {
    /// A parameter by name.
    #[must_use]
    pub fn parameter(&self, what: Unknown) -> Option<&Parameter> {
        self.parameters.iter().find(|p| p.what == what)
    }

    /// Why the record does not tell a parameter, in words; `None` for one that it tells.
    #[must_use]
    pub fn why_not(&self, p: &Parameter) -> Option<String> {
        if p.identifiable {
            return None;
        }
        if self.flat() {
            let (moves, least) = (100.0 * self.excitation_pu, 100.0 * LEAST_EXCITATION_PU);
            return Some(format!("load moves by {moves:.1} % of rating, {least:.0} % needed"));
        }
        if p.what == Unknown::Skew {
            return Some(format!("±{:.0} ms, ±{:.0} ms at most", 1000.0 * p.half_width, 1000.0 * WIDEST_SKEW_S));
        }
        let most = 100.0 * WIDEST_CI;
        if p.half_width <= WIDEST_CI {
            return Some("the skew of power is not known well enough".to_owned());
        }
        if p.half_width > 2.0 {
            return Some(format!("more than ±200 %, ±{most:.0} % at most"));
        }
        Some(format!("±{:.0} %, ±{most:.0} % at most", 100.0 * p.half_width))
    }

    /// Whether the load moved too little to tell anything.
    #[must_use]
    pub fn flat(&self) -> bool {
        self.excitation_pu < LEAST_EXCITATION_PU
    }
}

/// Fits a set to a record. Of several starts (engine presets) the one that ends with the least residuals is the result.
///
/// # Errors
/// Why the record cannot be fitted.
pub fn fit(site: &config::Plant, starts: &[Genset], record: &Record) -> Result<Fit, Refusal> {
    let mut best: Option<(f64, Fit)> = None;
    for genset in starts {
        record.check(genset.rated_kw, site.f0_hz)?;
        let (cost, fit) = from(site, genset, record);
        if best.as_ref().is_none_or(|(least, _)| cost < *least) {
            best = Some((cost, fit));
        }
    }
    best.map(|(_, f)| f).ok_or_else(|| Refusal::Input("no genset to start from".to_owned()))
}

/// One start. Returns its cost too.
fn from(site: &config::Plant, genset: &Genset, record: &Record) -> (f64, Fit) {
    let plant = alone(site, genset);
    let start = Guess::new(genset.clone());
    let unknowns: Vec<Unknown> = Unknown::ALL.into_iter().filter(|x| start.get(*x).is_some()).collect();
    let (share, least, most) = WASH;
    let rests = record.begins_at_rest(model::START_S, genset.rated_kw, site.f0_hz);
    let skip = if rests { 0 } else { record.first_s((share * record.length_s()).clamp(least, most)) };
    let residuals = |u: &[f64]| -> Vec<f64> {
        let simulated = simulate(&plant, &start.moved(&unknowns, u), record);
        simulated.iter().zip(&record.f_hz).skip(skip).map(|(s, m)| (s - m) / METER_HZ).collect()
    };
    let sd: Vec<f64> = unknowns.iter().map(|x| x.prior_sd()).collect();
    let excitation_pu = record.excitation_kw() / genset.rated_kw;
    let nothing = excitation_pu < LEAST_EXCITATION_PU;
    let s = if nothing {
        // Simulated once, for what differs as it is.
        let (u, r) = (vec![0.0; sd.len()], residuals(&vec![0.0; sd.len()]));
        Solution { u, columns: Vec::new(), cost: rms(&r), evaluations: 1, first: r.clone(), r }
    } else {
        solve::least_squares(residuals, &sd, &bounds(&unknowns, &start))
    };
    let rows_alike = correlation_time(&s.r);
    let covariance = if nothing { Matrix::new() } else { covariance(&s, &sd, rows_alike) };
    let end = start.moved(&unknowns, &s.u);
    let parameter = |(j, x): (usize, &Unknown)| {
        let wide = Z95 * covariance.get(j).map_or(f64::INFINITY, |row| libm::sqrt(row[j].max(0.0)));
        let value = end.get(*x).unwrap_or(f64::NAN);
        let (interval, half_width) = if x.is_factor() {
            ([value * libm::exp(-wide), value * libm::exp(wide)], libm::expm1(wide))
        } else {
            let timing = Z95 * record.period_s() / libm::sqrt(12.0);
            let w = libm::sqrt(square(wide * x.scale()) + square(timing));
            ([value - w, value + w], w)
        };
        let widest = if *x == Unknown::Skew { WIDEST_SKEW_S } else { WIDEST_CI };
        let identifiable = half_width <= widest;
        Parameter { what: *x, start: start.get(*x).unwrap_or(f64::NAN), value, interval, half_width, identifiable }
    };
    let mut parameters: Vec<Parameter> =
        unknowns.iter().enumerate().filter(|(_, x)| **x != Unknown::Reference).map(parameter).collect();
    if parameters.iter().any(|p| p.what == Unknown::Skew && !p.identifiable) {
        // A skew of 50 ms is 14 % of inertia: what is not steady is not known without it.
        parameters.iter_mut().filter(|p| p.what != Unknown::Droop).for_each(|p| p.identifiable = false);
    }
    let fit = Fit {
        set: genset.name.clone(),
        start: genset.preset.clone(),
        parameters,
        alike: alike(&unknowns, &covariance),
        rms_before_hz: rms(&s.first) * METER_HZ,
        rms_after_hz: rms(&s.r) * METER_HZ,
        explained: 1.0 - square(rms(&s.r) * METER_HZ) / variance(&record.f_hz[skip..]).max(square(METER_HZ)),
        window_s: record.window_s(),
        rows: s.r.len(),
        period_s: record.period_s(),
        excitation_pu,
        rows_alike,
        simulations: s.evaluations,
        genset: end.genset,
        miners: Lags::default(),
    };
    (s.cost, fit)
}

/// What the unknowns may move by.
fn bounds(unknowns: &[Unknown], start: &Guess) -> Vec<[f64; 2]> {
    let bound = |x: &Unknown| {
        let v = start.get(*x).unwrap_or(1.0);
        x.range().map(|end| if x.is_factor() { libm::log(end / v) } else { (end - v) / x.scale() })
    };
    unknowns.iter().map(bound).collect()
}

/// Covariance of the unknowns: the sandwich of the inverse Hessian and the scores' own covariance, with the prior.
fn covariance(s: &Solution, sd: &[f64], rows_alike: f64) -> Matrix {
    let prior = |m: &mut Matrix| sd.iter().enumerate().for_each(|(j, sd)| m[j][j] += 1.0 / (sd * sd));
    let jtj = solve::products(&s.columns);
    let mut hessian = jtj.clone();
    prior(&mut hessian);
    let Some(inverse) = solve::inverse(&hessian) else { return Matrix::new() };
    let scores: Vec<Vec<f64>> = s.columns.iter().map(|c| c.iter().zip(&s.r).map(|(j, r)| j * r).collect()).collect();
    let window = (WINDOW * rows_alike).ceil().min(s.r.len() as f64 / 2.0) as usize;
    let smooth: Vec<Vec<f64>> = scores.iter().map(|x| bartlett(x, window)).collect();
    // What the rounding of a meter leaves is a twelfth of its step squared.
    let mut middle: Matrix = jtj.iter().map(|row| row.iter().map(|x| x / 12.0).collect()).collect();
    for (i, row) in middle.iter_mut().enumerate() {
        for (j, m) in row.iter_mut().enumerate() {
            *m += smooth[i].iter().zip(&scores[j]).map(|(a, b)| a * b).sum::<f64>();
        }
    }
    prior(&mut middle);
    solve::between(&inverse, &middle)
}

/// Each value with its neighbours on both sides, weighed by a triangle of this half width.
fn bartlett(x: &[f64], window: usize) -> Vec<f64> {
    let weight = |lag: usize| 1.0 - lag as f64 / (window + 1) as f64;
    let around = |k: usize| {
        let (from, to) = (k.saturating_sub(window), (k + window).min(x.len() - 1));
        (from..=to).map(|i| weight(i.abs_diff(k)) * x[i]).sum()
    };
    (0..x.len()).map(around).collect()
}

/// Integrated autocorrelation time of the residuals, in rows; at least 1.
fn correlation_time(r: &[f64]) -> f64 {
    let square: f64 = r.iter().map(|x| x * x).sum();
    if square <= 0.0 {
        return 1.0;
    }
    let at = |lag: usize| r.iter().zip(&r[lag..]).map(|(a, b)| a * b).sum::<f64>() / square;
    (1..r.len() / 4).map(at).take_while(|c| *c > 0.1).fold(1.0, |sum, c| sum + 2.0 * c)
}

fn alike(unknowns: &[Unknown], c: &Matrix) -> Vec<(Unknown, Unknown, f64)> {
    let mut out = Vec::new();
    for (i, row) in c.iter().enumerate() {
        for j in 0..i {
            let r = row[j] / libm::sqrt(row[i] * c[j][j]);
            let named = unknowns[i] != Unknown::Reference && unknowns[j] != Unknown::Reference;
            if named && r.abs() > ALIKE {
                out.push((unknowns[j], unknowns[i], r));
            }
        }
    }
    out
}

fn square(x: f64) -> f64 {
    x * x
}

fn variance(x: &[f64]) -> f64 {
    let n = x.len().max(1) as f64;
    let mean = x.iter().sum::<f64>() / n;
    x.iter().map(|v| square(v - mean)).sum::<f64>() / n
}

fn rms(r: &[f64]) -> f64 {
    libm::sqrt(r.iter().map(|x| x * x).sum::<f64>() / r.len().max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plant::random::Sequence;

    #[test]
    fn white_rows_count_one_by_one_and_alike_ones_do_not() {
        let mut random = Sequence::new(1);
        let white: Vec<f64> = (0..4000).map(|_| random.normal()).collect();
        assert!((correlation_time(&white) - 1.0).abs() < 1e-9);
        // AR(1) with 0.8: (1 + 0.8)/(1 - 0.8) = 9
        let mut x = 0.0;
        let red: Vec<f64> = white
            .iter()
            .map(|w| {
                x = 0.8 * x + w;
                x
            })
            .collect();
        let t = correlation_time(&red);
        assert!((6.5..11.0).contains(&t), "{t}");
    }
}
