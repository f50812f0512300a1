//! The commissioning fit: inertia, droop, governor, engine lags and meters from recorded frequency and power of one genset.
//!
//! ```text
//! Rows ─▶ Record ─▶ Case ─▶ a Trial each Structure (bench, solve, spread) ─▶ choose ─▶ Fit ─▶ adopt, check, words
//! ```
//!
//! Output error: the twin's own genset is simulated with the recorded power as its load, and what differs between its
//! frequency and the recorded one is made least. **Structures**: several governors and engines are tried and chosen by Schwarz's
//! criterion with as many rows as are independent. **Nuisance**: dead time, lags, derivative, the moment of each step between
//! two rows, skew and lag between the two meters are unknown too, with a weak prior (a factor of three). Where the record does
//! not begin at rest, frequencies of its first seconds do not count.
//!
//! **Intervals.** 95 %, from the residuals of each structure (`spread`), and from the lowest to the highest end
//! over all structures that explain the record as well: what the record does not tell apart is in the interval.
//!
//! **What it does not know, it says.** *Not identifiable*: the load moves by less than 2 % of rating, an interval is wider than
//! ±30 % (skew: ±0.15 s), a value ended at a bound of the search, or a structure without the parameter explains as much. *Not
//! this model*: what the best structure leaves unexplained is more than [`NOT_THIS_MODEL`] of what frequency does and not
//! the meter. *Excited range*: loads and steps beyond those of the record are unknown. Deterministic and pure; Hz, kW, s.

mod adopt;
mod bench;
mod check;
mod keep;
mod lag;
mod meters;
mod power;
mod record;
mod rows;
pub(super) mod solve;
mod spread;
mod structure;
mod swing;
mod trial;
mod unknown;
mod words;

pub use adopt::{Adopted, adopt, base};
pub use bench::TICK_S;
pub use check::{Check, check};
pub use lag::{Lag, Lags, Miners, lags};
pub use meters::Meter;
pub use record::{LONGEST_S, Record, Refusal, SHORTEST_S};
pub use rows::Rows;
pub use structure::Structure;
pub use swing::{Swing, swings};
pub use trial::{Case, Trial};
pub use unknown::{Guess, Unknown};
pub use words::figure;

use crate::plant::config::{self, Genset};

/// Standard deviation of power less its trend that a fit needs, pu of rating.
pub const LEAST_EXCITATION_PU: f64 = 0.02;
/// Half width of an interval from which on a parameter counts as not identifiable.
pub const WIDEST_CI: f64 = 0.3;
/// The same of what meters add, s.
pub const WIDEST_SKEW_S: f64 = 0.15;
/// Two parameters correlated more than this cannot be told apart well.
pub const ALIKE: f64 = 0.95;
/// Share of what frequency does (root mean square) that a model may leave unexplained, noise of the meter apart.
pub const NOT_THIS_MODEL: f64 = 0.06;
/// Share of what frequency does that no structure without a limit explains: then those with a limit are tried, with and without
/// droop.
const DOUBTFUL: f64 = 0.03;
/// Schwarz's criterion: a structure that is not worse by more than this explains the record as well.
const AS_GOOD: f64 = 10.0;

/// One fitted parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameter {
    /// Which.
    pub what: Unknown,
    /// What the given set has; of what it has not, where the search began.
    pub start: f64,
    /// Best value.
    pub value: f64,
    /// Lower and upper end of its 95 % interval, over all structures that explain as much.
    pub interval: [f64; 2],
    /// Half width of the interval, the wider side: share of the value, of what meters add s.
    pub half_width: f64,
    /// The bound of the search at which it ended.
    pub at_bound: Option<f64>,
    /// A structure without it explains the record as well.
    pub optional: bool,
    /// Whether the record tells it.
    pub identifiable: bool,
}

/// A structure that was tried.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tried {
    /// Which.
    pub structure: Structure,
    /// RMS of what it leaves, Hz.
    pub rms_hz: f64,
    /// How many parameters it has.
    pub parameters: usize,
    /// Schwarz's criterion above that of the best.
    pub worse_by: f64,
    /// It explains the record as well as the best one.
    pub as_good: bool,
}

/// What a record has shown: beyond it the set is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Excited {
    /// Least and most power, kW.
    pub kw: [f64; 2],
    /// Largest rise and fall of power within a second, kW.
    pub step_kw: [f64; 2],
    /// Least and most frequency, Hz.
    pub hz: [f64; 2],
}

/// A finished fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// Name of the set.
    pub set: String,
    /// Engine preset of the set that was given.
    pub start: String,
    /// The structure that explains most with least; the given one, where it explains as much.
    pub structure: Structure,
    /// All that were tried, that one first, then the best.
    pub tried: Vec<Tried>,
    /// Parameters; the reference is not one.
    pub parameters: Vec<Parameter>,
    /// Pairs that are hard to tell apart, with their correlation.
    pub alike: Vec<(Unknown, Unknown, f64)>,
    /// RMS of measured less simulated frequency with the given set, Hz.
    pub rms_before_hz: f64,
    /// The same after the fit.
    pub rms_after_hz: f64,
    /// Share of what frequency does that the fitted set explains: 1 less residual variance over variance.
    pub explained: f64,
    /// Root mean square of what is unexplained and not the meter's noise, as a share of what frequency does.
    pub misfit: f64,
    /// The frequency meter.
    pub meter: Meter,
    /// From when to when, s.
    pub window_s: [f64; 2],
    /// Rows that count, and their spacing.
    pub rows: usize,
    /// s.
    pub period_s: f64,
    /// Standard deviation of power less its trend, pu of rating.
    pub excitation_pu: f64,
    /// What the record has shown.
    pub excited: Excited,
    /// Rows that are worth one, for their residuals are alike.
    pub rows_alike: f64,
    /// Simulations it took.
    pub simulations: usize,
    /// The set with the fitted values.
    pub genset: Genset,
    /// The record, and the frequency of the fitted set at its rows, Hz.
    pub record: Record,
    /// See `record`.
    pub model_hz: Vec<f64>,
    /// Load changes, measured against the model.
    pub swings: Vec<Swing>,
    /// The set as a preset may keep it: what was not identifiable held as given, the rest fitted again. Or why there is none.
    pub keepable: Result<Box<Genset>, String>,
    /// The site's bench, for other recordings.
    pub(super) guess: Guess,
    pub(super) bench: bench::Bench,
    /// Miners from command to power, where the record has both.
    pub miners: Lags,
}

/// What is known of the set that a record is of.
#[derive(Clone, Copy, Debug)]
pub enum Own<'a> {
    /// The set as a scenario has it: its own structure is tried too, and goes before others that explain as much.
    Known(&'a Genset),
    /// Its rating alone; the rest stands in for what is not known.
    Rated(&'a Genset),
}

/// Maps structures to their trials: one after another, or on as many threads as the caller has.
pub type Each<'a> = &'a dyn Fn(&Case, &[Structure]) -> Vec<Trial>;

/// One after another.
#[must_use]
pub fn one_by_one(case: &Case, structures: &[Structure]) -> Vec<Trial> {
    structures.iter().map(|s| case.trial(*s)).collect()
}

/// Fits a set of a site to a record: as given, where it is, and as every structure that it might be.
///
/// # Errors
/// Why the record cannot be fitted.
pub fn fit(site: &config::Plant, own: Own<'_>, record: &Record, each: Each<'_>) -> Result<Fit, Refusal> {
    let (set, first) = match own {
        Own::Known(set) => (set, &[Structure::Given][..]),
        Own::Rated(set) => (set, &[][..]),
    };
    let case = Case::new(site, set, record)?;
    if case.is_flat() {
        return Ok(choose(&case, each(&case, &[Structure::Given])));
    }
    let mut trials = each(&case, &[first, Structure::FIRST.as_slice()].concat());
    let left = |s: Structure| trials.iter().find(|t| t.structure == s).map_or(f64::MAX, |t| t.rms_after_hz);
    let [free, held] = [Structure::Pid, Structure::PidDroop].map(left);
    // Where neither explains much, the limit may be what hides the droop, or that there is none.
    let limited: Vec<Structure> = if free.min(held) > DOUBTFUL * case.moves_hz() {
        [Structure::Pid.limited(), Structure::PidDroop.limited()].concat()
    } else {
        (if free < held { Structure::Pid } else { Structure::PidDroop }).limited().to_vec()
    };
    trials.extend(each(&case, &limited));
    Ok(choose(&case, trials))
}

/// The best of the trials, with what the others say; `trials` has one at least.
#[must_use]
pub fn choose(case: &Case, mut trials: Vec<Trial>) -> Fit {
    if trials.is_empty() {
        trials = vec![case.trial(Structure::Given)];
    }
    // What is new in each residual, as the best one's are alike: a slow drift of all is no reason to choose.
    let nearest =
        trials.iter().min_by(|a, b| a.rms_after_hz.total_cmp(&b.rms_after_hz)).map_or(&[][..], |t| &t.residuals);
    let carry = spread::next(nearest);
    let n = (trials[0].rows as f64 / spread::correlation_time(&spread::whitened(nearest, carry))).max(4.0);
    let score = |t: &Trial| {
        let new = rms(&spread::whitened(&t.residuals, carry)).max(1e-9);
        n * 2.0 * libm::log(new) + t.unknowns.len() as f64 * libm::log(n)
    };
    let best_score = trials.iter().map(&score).fold(f64::MAX, f64::min);
    // What was given goes before what explains as much: it is known of the plant for other reasons.
    let rank = |t: &Trial| {
        let known = t.structure == Structure::Given && score(t) - best_score < AS_GOOD;
        if known { f64::MIN } else { score(t) }
    };
    trials.sort_by(|a, b| rank(a).total_cmp(&rank(b)));
    let tried: Vec<Tried> = trials
        .iter()
        .map(|t| Tried {
            structure: t.structure,
            rms_hz: t.rms_after_hz,
            parameters: t.unknowns.len(),
            worse_by: score(t) - best_score,
            as_good: score(t) - best_score < AS_GOOD,
        })
        .collect();
    let as_good: Vec<&Trial> = trials.iter().zip(&tried).filter(|(_, t)| t.as_good).map(|(t, _)| t).collect();
    let best = &trials[0];
    let left = square(best.rms_after_hz);
    let misfit = case.misfit(best.rms_after_hz, &best.end);
    let mut parameters: Vec<Parameter> = (best.unknowns.iter().filter(|x| **x != Unknown::Reference))
        .map(|x| parameter(*x, best, &as_good, case))
        .collect();
    let skewed = parameters.iter().any(|p| p.what == Unknown::Skew && !p.identifiable);
    for p in &mut parameters {
        // A skew of 50 ms is 14 % of inertia: what is not steady is not known without it.
        p.identifiable &= !case.is_flat() && misfit <= NOT_THIS_MODEL && (!skewed || p.what == Unknown::Droop);
    }
    let given = case.simulate(&Guess::new(case.own.clone()), &[]);
    let before: Vec<f64> = given.iter().zip(&case.record.f_hz).skip(case.skip).map(|(s, m)| s - m).collect();
    let model_hz = case.simulate(&best.end, &best.shift_s);
    let from_s = case.record.t_s.get(case.skip).copied().unwrap_or(0.0);
    let keepable = keep::keep(case, &trials, &tried, &parameters);
    Fit {
        set: case.own.name.clone(),
        start: case.own.preset.clone(),
        structure: best.structure,
        alike: alike(&best.unknowns, &best.covariance),
        rms_before_hz: rms(&before),
        rms_after_hz: best.rms_after_hz,
        explained: 1.0 - left / square(case.moves_hz()),
        misfit,
        meter: case.meter,
        window_s: case.record.window_s(),
        rows: best.rows,
        period_s: case.record.period_s(),
        excitation_pu: case.excitation_pu(),
        excited: Excited::of(&case.record),
        rows_alike: best.rows_alike,
        simulations: trials.iter().map(|t| t.simulations).sum(),
        genset: best.end.genset.clone(),
        swings: swings(&case.record, &model_hz, case.own.rated_kw, from_s),
        record: case.record.clone(),
        model_hz,
        keepable: keepable.map(Box::new),
        guess: best.end.clone(),
        bench: case.bench,
        miners: Lags::default(),
        tried,
        parameters,
    }
}

/// A parameter of the best structure, with the intervals of all that explain as much.
fn parameter(what: Unknown, best: &Trial, as_good: &[&Trial], case: &Case) -> Parameter {
    let of = |t: &Trial| t.place(what).map(|j| (t.end.get(what).unwrap_or(f64::NAN), t.intervals[j], t.at_bound[j]));
    let (value, own, at_bound) = of(best).unwrap_or((f64::NAN, [f64::NAN; 2], None));
    let all = as_good.iter().filter_map(|t| of(t)).map(|(_, i, _)| i);
    let interval = all.fold(own, |a, b| [a[0].min(b[0]), a[1].max(b[1])]);
    let half_width = if what.is_factor() {
        (interval[1] / value - 1.0).max(value / interval[0] - 1.0)
    } else {
        // A skew is not known better than the timing of a step between two rows, where there are few.
        (interval[1] - value).max(value - interval[0])
    };
    let widest = if what.is_factor() { WIDEST_CI } else { WIDEST_SKEW_S };
    let optional = as_good.iter().any(|t| t.place(what).is_none());
    let start = if what.is_of_record() { 0.0 } else { what.of(&case.own).or(best.start.get(what)).unwrap_or(f64::NAN) };
    // A lag of one meter behind the other is looked for so that it is in the other intervals; few records tell it.
    let identifiable = half_width <= widest && at_bound.is_none() && !optional;
    Parameter { what, start, value, interval, half_width, at_bound, optional, identifiable }
}

impl Excited {
    fn of(record: &Record) -> Self {
        let ends = |x: &[f64]| x.iter().fold([f64::MAX, f64::MIN], |[l, h], x| [l.min(*x), h.max(*x)]);
        let mut step_kw = [0.0_f64; 2];
        let mut k = 0;
        for (t, kw) in record.t_s.iter().zip(&record.p_kw) {
            while record.t_s[k] < t - 1.0 - 1e-9 {
                k += 1;
            }
            let moved = kw - record.p_kw[k];
            step_kw = [step_kw[0].max(moved), step_kw[1].max(-moved)];
        }
        Self { kw: ends(&record.p_kw), step_kw, hz: ends(&record.f_hz) }
    }
}

fn alike(unknowns: &[Unknown], c: &solve::Matrix) -> Vec<(Unknown, Unknown, f64)> {
    let mut out = Vec::new();
    for (i, row) in c.iter().enumerate().take(unknowns.len()) {
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
