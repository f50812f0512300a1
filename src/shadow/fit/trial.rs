//! One structure held against a record: the values with which it explains most, and how far they may be off.

use super::bench::{Bench, START_S};
use super::meters::{self, Meter};
use super::power::{self, Power, Step};
use super::record::{Record, Refusal};
use super::solve::{self, Matrix, Solution};
use super::spread::{Spread, allowed, spread};
use super::structure::Structure;
use super::unknown::{Guess, Unknown};
use super::{LEAST_EXCITATION_PU, rms, square, variance};
use crate::plant::config::{self, Genset};

/// Share of the record, and bounds in s, that passes before frequencies count, where it does not begin at rest.
const WASH: (f64, f64, f64) = (0.1, 2.0, 10.0);
/// Skews that a search may begin from, s: a lag of a meter looks like a skew, and the other way round.
const SKEWS_S: [f64; 7] = [0.0, -0.3, -0.2, -0.1, 0.1, 0.2, 0.3];
/// Seconds that a set may remember a step, for the derivatives by the moments of steps, and how finely they are read.
const MEMORY_S: f64 = 20.0;
const FINE_S: f64 = 0.01;
/// The pulse that those are made with: pu of rating, s.
const PULSE: (f64, f64) = (0.02, 0.02);
/// Closer to a bound than this, in u, is at it.
const AT_BOUND: f64 = 0.02;

/// A record with the set that is looked for in it.
#[derive(Clone, Debug)]
pub struct Case {
    /// The set as given.
    pub own: Genset,
    /// The record.
    pub record: Record,
    /// Its frequency meter.
    pub meter: Meter,
    /// Its load steps.
    pub steps: Vec<Step>,
    pub(super) bench: Bench,
    /// Rows that do not count, for what happened before them is not known.
    pub(super) skip: usize,
}

/// A structure with the values that explain most.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Which.
    pub structure: Structure,
    /// What was unknown.
    pub unknowns: Vec<Unknown>,
    /// Where the search began.
    pub start: Guess,
    /// Where it ended.
    pub end: Guess,
    /// Lower and upper end of the 95 % interval of each unknown, as this structure alone has it.
    pub intervals: Vec<[f64; 2]>,
    /// Whether an unknown ended at a bound of the search, and at which.
    pub at_bound: Vec<Option<f64>>,
    /// How much later than the middle of its rows each step came, s.
    pub shift_s: Vec<f64>,
    /// Covariance of the unknowns in u.
    pub covariance: Matrix,
    /// RMS of measured less simulated frequency where the search began, Hz.
    pub rms_before_hz: f64,
    /// Where it ended.
    pub rms_after_hz: f64,
    /// Rows that count, and how many of them are worth one.
    pub rows: usize,
    /// See `rows`.
    pub rows_alike: f64,
    /// Simulations it took.
    pub simulations: usize,
    /// Simulated less measured frequency of the rows that count, in units of the meter's noise.
    pub(super) residuals: Vec<f64>,
}

impl Trial {
    /// Place of an unknown.
    pub(super) fn place(&self, x: Unknown) -> Option<usize> {
        self.unknowns.iter().position(|u| *u == x)
    }
}

impl Case {
    /// A record of the set `own` of this site.
    ///
    /// # Errors
    /// Why it cannot be fitted.
    pub fn new(site: &config::Plant, own: &Genset, record: &Record) -> Result<Self, Refusal> {
        record.check(own.rated_kw, site.f0_hz)?;
        let (share, least, most) = WASH;
        let rests = record.begins_at_rest(START_S, own.rated_kw, site.f0_hz);
        let skip = if rests { 0 } else { record.first_s((share * record.length_s()).clamp(least, most)) };
        Ok(Self {
            own: Genset { relays: Vec::new(), on_at_start: true, ..own.clone() },
            meter: Meter::of(record),
            steps: power::steps(record, own.rated_kw),
            record: record.clone(),
            bench: Bench::new(site),
            skip,
        })
    }

    /// Standard deviation of power less its trend, pu of rating.
    #[must_use]
    pub fn excitation_pu(&self) -> f64 {
        self.record.excitation_kw() / self.own.rated_kw
    }

    /// Whether the load moved too little to tell anything.
    #[must_use]
    pub fn is_flat(&self) -> bool {
        self.excitation_pu() < LEAST_EXCITATION_PU
    }

    /// Root mean square of what frequency does in the rows that count, Hz.
    #[must_use]
    pub fn moves_hz(&self) -> f64 {
        libm::sqrt(variance(&self.record.f_hz[self.skip..])).max(self.meter.noise_hz)
    }

    /// Share of it that residuals of this root mean square leave, the noise of both meters apart: that of power moves the
    /// model and not the plant.
    #[must_use]
    pub fn misfit(&self, rms_hz: f64, guess: &Guess) -> f64 {
        let noise = square(self.meter.noise_hz) + square(self.fed_hz(guess));
        libm::sqrt((square(rms_hz) - noise).max(0.0)) / self.moves_hz()
    }

    /// What the power meter's noise makes of the model's frequency, Hz.
    fn fed_hz(&self, guess: &Guess) -> f64 {
        let (f_hz, kws) = self.pulse(guess);
        let rows = (self.record.period_s() / FINE_S).round().max(1.0) as usize;
        let squares: f64 = f_hz.iter().step_by(rows).map(|f| square(f - self.bench.f0_hz)).sum();
        meters::noise(&self.record.p_kw) * self.record.period_s() / kws * libm::sqrt(squares)
    }

    /// Frequency after a little pulse of power, Hz each [`FINE_S`], and the energy of the pulse, kWs.
    fn pulse(&self, guess: &Guess) -> (Vec<f64>, f64) {
        let (amplitude, width_s) = PULSE;
        let kw = self.record.p_kw.iter().sum::<f64>() / self.record.p_kw.len().max(1) as f64;
        let more = kw + amplitude * guess.genset.rated_kw;
        let pulse = Power::new([[0.0, kw], [0.0, more], [width_s, more], [width_s, kw]]);
        let n = (self.record.length_s().min(MEMORY_S) / FINE_S).ceil() as usize;
        let times: Vec<f64> = (0..=n).map(|k| k as f64 * FINE_S).collect();
        let alone = Guess { skew_s: 0.0, f_ref_hz: 0.0, ..guess.clone() };
        let f_hz = self.bench.simulate(&alone, &times, &pulse, [self.bench.f0_hz, kw]);
        (f_hz, amplitude * guess.genset.rated_kw * width_s)
    }

    /// Frequency at the record's rows, Hz; each step comes so much after the middle of its rows.
    #[must_use]
    pub fn simulate(&self, guess: &Guess, shift_s: &[f64]) -> Vec<f64> {
        self.bench.run(guess, &self.record, &Power::of(&self.record, &self.steps, shift_s))
    }

    /// Root mean square of simulated less measured frequency of the rows that count, Hz.
    pub(super) fn off_hz(&self, guess: &Guess, shift_s: &[f64]) -> f64 {
        rms(&self.residuals(guess, shift_s))
    }

    /// Fits a structure with all that is unknown of it.
    #[must_use]
    pub fn trial(&self, structure: Structure) -> Trial {
        let starts = structure.starts(&self.own);
        let middle = vec![0.0; self.steps.len()];
        let off = |guess: &Guess| rms(&self.residuals(guess, &middle));
        let nearest = if self.is_flat() || starts.len() == 1 {
            starts.first()
        } else {
            starts.iter().map(|g| (off(g), g)).min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, g)| g)
        };
        let start = nearest.cloned().unwrap_or_else(|| Guess::new(structure.of(&self.own)));
        let skewed = if self.is_flat() { &SKEWS_S[..1] } else { &SKEWS_S[..] };
        let guesses = skewed.iter().map(|s| Guess { skew_s: *s, ..start.clone() });
        let nearest = guesses.map(|g| (off(&g), g)).min_by(|a, b| a.0.total_cmp(&b.0));
        let unknowns = structure.unknowns(&start);
        let mut trial = self.search(structure, start, &middle, unknowns.clone());
        // From a skew as well, where one is nearer: each beginning may end beside the other's valley.
        if let Some((_, skewed)) = nearest.filter(|(_, g)| g.skew_s != 0.0) {
            let other = self.search(structure, skewed, &middle, unknowns);
            let took = trial.simulations + other.simulations;
            if other.rms_after_hz < trial.rms_after_hz {
                trial = other;
            }
            trial.simulations = took;
        }
        trial.simulations += starts.len() + skewed.len();
        trial
    }

    /// Looks for these unknowns from a start; the rest stays as it is there.
    pub(super) fn search(&self, structure: Structure, start: Guess, shift_s: &[f64], unknowns: Vec<Unknown>) -> Trial {
        let (n, m) = (unknowns.len(), self.steps.len());
        // A moment between two rows is as likely as any other.
        let moment_s: Vec<f64> = self.steps.iter().map(|s| s.dt_s / libm::sqrt(12.0)).collect();
        let shifts = |u: &[f64]| u.iter().zip(&moment_s).map(|(u, s)| u * s).collect::<Vec<f64>>();
        let from: Vec<f64> =
            std::iter::repeat_n(0.0, n).chain(shift_s.iter().zip(&moment_s).map(|(s, m)| s / m)).collect();
        let unit = self.meter.noise_hz;
        let residuals = |u: &[f64]| -> Vec<f64> {
            let r = self.residuals(&start.moved(&unknowns, &u[..n]), &shifts(&u[n..]));
            r.into_iter().map(|x| x / unit).collect()
        };
        let known = |u: &[f64]| self.by_moments(&start.moved(&unknowns, &u[..n]), &shifts(&u[n..]), &moment_s);
        let sd: Vec<f64> = unknowns.iter().map(|x| x.prior_sd()).chain(vec![1.0; m]).collect();
        let bound = |x: &Unknown| {
            let v = start.get(*x).unwrap_or(1.0);
            let [lo, hi] = x.range().map(|end| x.distance(v, end));
            [lo.min(0.0), hi.max(0.0)]
        };
        let edge = libm::sqrt(3.0);
        let bounds: Vec<[f64; 2]> = unknowns.iter().map(bound).chain(vec![[-edge, edge]; m]).collect();
        let s = if self.is_flat() {
            // Simulated once, for what differs as it is.
            let r = residuals(&from);
            Solution { u: from, columns: Vec::new(), evaluations: 1, first: r.clone(), r }
        } else {
            solve::least_squares(residuals, known, &from, &sd, &bounds)
        };
        let spread = if self.is_flat() {
            Spread { half: vec![f64::INFINITY; n + m], covariance: Matrix::new(), rows_alike: 1.0 }
        } else {
            spread(&s, &sd, n, &self.meter, unit)
        };
        let end = start.moved(&unknowns, &s.u[..n]);
        let interval = |(j, x): (usize, &Unknown)| {
            let v = end.get(*x).unwrap_or(f64::NAN);
            let half = if x.is_factor() { allowed(spread.half[j], *x == Unknown::Droop) } else { spread.half[j] };
            [-half, half].map(|by| x.moved(v, by))
        };
        let edge_of = |(j, x): (usize, &Unknown)| {
            let [lo, hi] = bounds[j];
            if s.u[j] - lo < AT_BOUND && lo < 0.0 {
                Some(x.range()[0])
            } else if hi - s.u[j] < AT_BOUND && hi > 0.0 {
                Some(x.range()[1])
            } else {
                None
            }
        };
        Trial {
            structure,
            intervals: unknowns.iter().enumerate().map(interval).collect(),
            at_bound: unknowns.iter().enumerate().map(edge_of).collect(),
            shift_s: shifts(&s.u[n..]),
            covariance: spread.covariance,
            rms_before_hz: rms(&s.first) * unit,
            rms_after_hz: rms(&s.r) * unit,
            rows: s.r.len(),
            rows_alike: spread.rows_alike,
            simulations: s.evaluations,
            residuals: s.r,
            start,
            end,
            unknowns,
        }
    }

    /// Simulated less measured frequency of the rows that count, Hz.
    fn residuals(&self, guess: &Guess, shift_s: &[f64]) -> Vec<f64> {
        let simulated = self.simulate(guess, shift_s);
        simulated.iter().zip(&self.record.f_hz).skip(self.skip).map(|(s, m)| s - m).collect()
    }

    /// Derivatives of the residuals by the moments of the steps, in units of their spreads: a step that comes later is a
    /// little energy that was not drawn, and what frequency makes of that is the same for every step.
    fn by_moments(&self, guess: &Guess, shift_s: &[f64], moment_s: &[f64]) -> Matrix {
        if self.steps.is_empty() {
            return Matrix::new();
        }
        let (f_hz, kws) = self.pulse(guess);
        let answer = |t: f64| {
            let (k, share) = ((t / FINE_S).floor(), (t / FINE_S).fract());
            let k = k.max(0.0) as usize;
            match (f_hz.get(k), f_hz.get(k + 1)) {
                (Some(a), Some(b)) if t >= 0.0 => a + (b - a) * share - self.bench.f0_hz,
                _ => 0.0,
            }
        };
        let column = |((step, shift), moment): ((&Step, &f64), &f64)| {
            let drawn_s = step.t_s + shift - guess.skew_s;
            let by = -step.kw * moment / kws / self.meter.noise_hz;
            self.record.t_s[self.skip..].iter().map(|t| by * answer(t - drawn_s)).collect()
        };
        self.steps.iter().zip(shift_s).zip(moment_s).map(column).collect()
    }
}
