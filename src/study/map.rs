//! A map of two parameters: which scenario a cell stands for, its run or, where it has to hold for several engines and lags, the
//! worst of its runs, and cells spread over threads.
//!
//! Cells are numbered k = iy nx + ix. What a cell comes to depends on its own values alone, so that it does not matter in
//! which order, on how many threads or on which machine it is run.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crossbeam_channel::bounded;
use sha2::{Digest as _, Sha256};

use super::axis::Axis;
use super::figure::{FIGURES, Figure};
use super::trial::{self, Cut, Outcome, Wanted};
use crate::control::Policy;
use crate::control::policy::NO_LIMIT;
use crate::engine::MODEL;
use crate::scenario::parameter::{self, Setting};
use crate::scenario::{EnginePreset, Scenario, preset};

/// Class of a run that tripped; better ones are 0 to 3.
pub const TRIPPED: u8 = 4;

/// Another engine, and another lag of the miners.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Variant {
    /// Preset for every set; none for what the scenario says.
    pub preset: Option<EnginePreset>,
    /// Mean latency of the miners becomes its mean and so many standard deviations.
    pub lag_sigmas: f64,
}

impl Variant {
    /// Name for a column: `lean-slow`, `lean-slow +1 sigma`.
    #[must_use]
    pub fn name(&self) -> String {
        let preset = self.preset.as_ref().map_or("as it is", |p| p.name.as_str());
        match self.lag_sigmas {
            0.0 => preset.to_owned(),
            s => format!("{preset} lag{s:+}sigma"),
        }
    }

    /// All engines from soft to stiff by lag from long to short: what a robust map is the worst of. A plant without miners
    /// has no lag.
    #[must_use]
    pub fn robust(s: &Scenario) -> Vec<Self> {
        let lags: &[f64] = if s.plant.miners.is_empty() { &[0.0] } else { &[1.0, 0.0, -1.0] };
        let of = |p: EnginePreset| lags.iter().map(move |&l| Self { preset: Some(p.clone()), lag_sigmas: l });
        preset::presets().into_iter().flat_map(of).collect()
    }

    fn apply_lag(&self, s: &mut Scenario) {
        if self.lag_sigmas == 0.0 {
            return;
        }
        for m in &mut s.plant.miners {
            // of a lognormal factor of mean 1
            let deviation = m.latency_s * libm::sqrt(libm::exp(m.latency_sigma * m.latency_sigma) - 1.0);
            m.latency_s = (m.latency_s + self.lag_sigmas * deviation).max(0.0);
        }
    }
}

/// Lets a schedule run as it is asked for: no limit on steps, windows, ramp, pace, bucket and reserve, the widest ceiling, no
/// holds. A map of what the engine does and not of what the policy refuses.
pub fn lift_limits(p: &mut Policy) {
    for limit in [
        &mut p.gpus_per_s,
        &mut p.step_limit_kw,
        &mut p.refill_kw_per_s,
        &mut p.window_100ms_kw,
        &mut p.window_1s_kw,
        &mut p.window_10s_kw,
        &mut p.ramp_limit_kw_per_s,
    ] {
        *limit = NO_LIMIT;
    }
    p.bucket_share = 10.0;
    p.step_acceptance = vec![(0.0, 1.5)];
    p.ceiling_pu = 1.1;
    p.min_headroom_kw = 0.0;
    p.hold.enabled = false;
    p.hold_points_kw.clear();
}

/// What is mapped.
#[derive(Clone, Debug)]
pub struct Map {
    /// The scenario as it was read.
    pub scenario: Arc<Scenario>,
    /// Engines and lags, at least one.
    pub variants: Vec<Variant>,
    /// What is set in all cells.
    pub set: Vec<Setting>,
    /// To the right.
    pub x: Axis,
    /// Upwards.
    pub y: Axis,
    /// Place in [`FIGURES`] of what is looked at.
    pub metric: usize,
    /// From good to bad.
    pub thresholds: [f64; 3],
    /// What may end a run early.
    pub cut: Cut,
}

/// Runs the scenario of a cell; none if it is no longer wanted.
pub type Runner<'a> = dyn Fn(Scenario) -> Option<Outcome> + Sync + 'a;

/// A cell that was run.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Its number.
    pub k: usize,
    /// Its run; of several the worst.
    pub outcome: Outcome,
    /// Which variant that was.
    pub variant: usize,
}

impl Map {
    /// Number of cells.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.x.n * self.y.n
    }

    /// The figure that is looked at.
    #[must_use]
    pub fn figure(&self) -> &'static Figure {
        &FIGURES[self.metric.min(FIGURES.len() - 1)]
    }

    /// Values of a cell.
    #[must_use]
    pub fn at(&self, k: usize) -> (f64, f64) {
        (self.x.value(k % self.x.n), self.y.value(k / self.x.n))
    }

    /// The scenario of a cell under a variant: preset, then what is set, then the axes, then the lag.
    ///
    /// # Errors
    /// In one line, if the plant has nothing of a kind that is set.
    pub fn scenario_of(&self, k: usize, variant: &Variant) -> Result<Scenario, String> {
        let mut s = (*self.scenario).clone();
        if let Some(p) = &variant.preset {
            preset::apply_to_plant(p, &mut s.plant);
        }
        let (x, y) = self.at(k);
        let axes =
            [(self.x.parameter, x), (self.y.parameter, y)].map(|(parameter, value)| Setting { parameter, value });
        parameter::apply(&[self.set.as_slice(), &axes].concat(), &mut s)?;
        variant.apply_lag(&mut s);
        Ok(s)
    }

    /// Whether every cell stands for a scenario: the corners are tried.
    ///
    /// # Errors
    /// What a cell is refused for.
    pub fn check(&self) -> Result<(), String> {
        if self.x.parameter.name == self.y.parameter.name {
            return Err(format!("both axes are {} (expected two parameters)", self.x.parameter.name));
        }
        let corners = [0, self.x.n - 1, self.cells() - self.x.n, self.cells() - 1];
        let all = corners.iter().flat_map(|&k| self.variants.iter().map(move |v| (k, v)));
        all.into_iter().try_for_each(|(k, v)| self.scenario_of(k, v).map(drop))
    }

    /// Class of a run: 0 to 3 by the thresholds, [`TRIPPED`] after a trip, whatever else was measured.
    #[must_use]
    pub fn class(&self, figures: &[f64], tripped: bool) -> u8 {
        if tripped {
            return TRIPPED;
        }
        self.figure().class(figures.get(self.metric).copied().unwrap_or(f64::NAN), self.thresholds)
    }

    fn badness(&self, o: &Outcome) -> (u8, f64) {
        let v = o.figures[self.metric];
        let v = if self.figure().worse == super::figure::Worse::Up { v } else { -v };
        (self.class(&o.figures, !o.trips.is_empty()), if v.is_nan() { f64::INFINITY } else { v })
    }

    /// Runs a cell; none if it is no longer wanted. Nothing is worse than a trip, so the first one ends its variants; none is
    /// left out because another should be worse.
    ///
    /// # Errors
    /// As [`Map::scenario_of`].
    pub fn run(&self, k: usize, wanted: &Wanted) -> Result<Option<Cell>, String> {
        self.run_by(k, &|s| trial::run(Arc::new(s), self.cut, wanted))
    }

    fn run_by(&self, k: usize, run: &Runner<'_>) -> Result<Option<Cell>, String> {
        let mut worst: Option<Cell> = None;
        for (variant, v) in self.variants.iter().enumerate() {
            let Some(outcome) = run(self.scenario_of(k, v)?) else { return Ok(None) };
            let tripped = !outcome.trips.is_empty();
            let worse = worst.as_ref().is_none_or(|w| {
                let (a, b) = (self.badness(&outcome), self.badness(&w.outcome));
                a.0 > b.0 || (a.0 == b.0 && a.1 > b.1)
            });
            if worse {
                worst = Some(Cell { k, outcome, variant });
            }
            if tripped {
                break;
            }
        }
        Ok(worst)
    }

    /// Cells that stand for the same scenario, by the first of them: whole numbers repeat on a log axis.
    fn alike(&self, cells: &[usize]) -> Vec<Vec<usize>> {
        let mut groups: BTreeMap<(u64, u64), Vec<usize>> = BTreeMap::new();
        for &k in cells {
            let (x, y) = self.at(k);
            groups.entry((y.to_bits(), x.to_bits())).or_default().push(k);
        }
        let mut groups: Vec<Vec<usize>> = groups.into_values().collect();
        // in the order in which they were asked for
        let place: BTreeMap<usize, usize> = cells.iter().enumerate().map(|(i, k)| (*k, i)).collect();
        groups.sort_by_key(|g| g.iter().filter_map(|k| place.get(k)).min().copied());
        groups
    }

    /// Runs cells on threads and hands each one over on the caller's thread as it comes. False if they are no longer wanted.
    ///
    /// # Errors
    /// What a cell or the taker is refused for; the rest is given up then.
    pub fn run_all(
        &self,
        cells: &[usize],
        threads: usize,
        wanted: &Wanted,
        take: &mut dyn FnMut(Cell) -> Result<(), String>,
    ) -> Result<bool, String> {
        self.run_all_by(cells, threads, &|s| trial::run(Arc::new(s), self.cut, wanted), take)
    }

    /// The same where somebody else runs a scenario, or knows already what came of it.
    ///
    /// # Errors
    /// As [`Map::run_all`].
    pub fn run_all_by(
        &self,
        cells: &[usize],
        threads: usize,
        run: &Runner<'_>,
        take: &mut dyn FnMut(Cell) -> Result<(), String>,
    ) -> Result<bool, String> {
        let groups = self.alike(cells);
        let next = AtomicUsize::new(0);
        let (tx, rx) = bounded(64);
        thread::scope(|scope| {
            for i in 0..threads.clamp(1, 256).min(groups.len()) {
                let (tx, groups, next) = (tx.clone(), &groups, &next);
                let work = move || {
                    while let Some(group) = groups.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let ran = self.run_by(group[0], run);
                        // what is no longer wanted is not begun; nobody takes any more once the taker has given up
                        let over = matches!(ran, Ok(None));
                        if tx.send((group, ran)).is_err() || over {
                            return;
                        }
                    }
                };
                thread::Builder::new().name(format!("map {i}")).spawn_scoped(scope, work).map_err(|e| e.to_string())?;
            }
            drop(tx);
            let mut all = true;
            let outcome = rx.iter().try_for_each(|(group, ran)| match ran? {
                Some(cell) => group.iter().try_for_each(|&k| take(Cell { k, ..cell.clone() })),
                None => {
                    all = false;
                    Ok(())
                }
            });
            // ends the workers' sends
            drop(rx);
            outcome.map(|()| all)
        })
    }

    /// What the cells of this map depend on, and nothing else: SHA-256 over model, resolved scenario, axes, variants and the rule
    /// that ends a run. Metric and thresholds are not in it: every cell holds all figures.
    #[must_use]
    pub fn key(&self) -> String {
        let mut s = (*self.scenario).clone();
        let unset = parameter::apply(&self.set, &mut s).err();
        let mut h = Sha256::new();
        let axes = [&self.x, &self.y].map(Axis::text);
        let set: Vec<String> = self.set.iter().map(Setting::text).collect();
        let variants: Vec<(String, &Option<EnginePreset>)> =
            self.variants.iter().map(|v| (v.name(), &v.preset)).collect();
        let what = (MODEL, &s.plant, &s.policy, &s.script, &s.exercise, s.seed, s.run_s.to_bits());
        h.update(format!("{what:?} {axes:?} {set:?} {unset:?} {variants:?} {:?}", self.cut));
        h.finalize().iter().map(|b| format!("{b:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::builtin_scenario;

    fn map(x: &str, y: &str) -> Map {
        let scenario = Arc::new(builtin_scenario("path-a").unwrap().unwrap());
        Map {
            scenario,
            variants: vec![Variant::default()],
            set: vec![Setting::parse("run_s=20").unwrap()],
            x: Axis::parse(x).unwrap(),
            y: Axis::parse(y).unwrap(),
            metric: Figure::named("deviation_max_pct").unwrap().0,
            thresholds: [0.5, 2.0, 5.0],
            cut: Cut::Early,
        }
    }

    fn cells(m: &Map, threads: usize) -> Vec<Cell> {
        let mut out = Vec::new();
        let all: Vec<usize> = (0..m.cells()).collect();
        let done = m.run_all(&all, threads, &Wanted::default(), &mut |c| {
            out.push(c);
            Ok(())
        });
        assert_eq!(done, Ok(true));
        out.sort_by_key(|c| c.k);
        out
    }

    #[test]
    fn a_cell_is_the_same_on_any_number_of_threads_and_equal_values_run_once() {
        let m = map("batch_gpus=1..3:5", "interval_s=1..2:2");
        let one = cells(&m, 1);
        assert_eq!(one.len(), 10);
        assert_eq!(format!("{one:?}"), format!("{:?}", cells(&m, 3)));
        // 1, 1.5, 2, 2.5, 3 are three whole numbers
        assert_eq!(m.alike(&(0..10).collect::<Vec<_>>()).len(), 6);
        assert_eq!(one[1].outcome.hash, one[2].outcome.hash);
        assert_ne!(one[0].outcome.hash, one[4].outcome.hash);
    }

    #[test]
    fn a_robust_cell_is_the_worst_of_its_runs() {
        let mut m = map("batch_gpus=10..60:2", "interval_s=1..2:2");
        m.variants = Variant::robust(&m.scenario);
        assert_eq!(m.variants.len(), 9);
        let wanted = Wanted::default();
        let worst = m.run(1, &wanted).unwrap().unwrap();
        for v in &m.variants {
            let one = Map { variants: vec![v.clone()], ..m.clone() };
            let cell = one.run(1, &wanted).unwrap().unwrap();
            assert!(m.badness(&cell.outcome) <= m.badness(&worst.outcome), "{}", v.name());
        }
    }

    #[test]
    fn what_is_no_longer_wanted_ends_and_the_taker_can_stop_it() {
        let m = map("batch_gpus=1..40:4", "interval_s=1..2:2");
        let wanted = Wanted::default();
        let newer = wanted.next();
        let mut taken = 0;
        let all: Vec<usize> = (0..8).collect();
        let mut count = |_| {
            taken += 1;
            Ok(())
        };
        assert_eq!(m.run_all(&all, 2, &wanted, &mut count), Ok(false));
        assert!(!wanted.still() && newer.still() && taken == 0);
        let refused = m.run_all(&all, 2, &newer, &mut |_| Err("the disk is full".to_owned()));
        assert_eq!(refused, Err("the disk is full".to_owned()));
    }

    #[test]
    fn the_key_follows_what_the_cells_depend_on_and_nothing_else() {
        let m = map("batch_gpus=1..40:4", "interval_s=1..2:2");
        let key = m.key();
        assert_eq!(Map { metric: 0, thresholds: [1.0, 2.0, 3.0], ..m.clone() }.key(), key);
        let mut renamed = (*m.scenario).clone();
        (renamed.name, renamed.origin) = ("other".to_owned(), "elsewhere".to_owned());
        assert_eq!(Map { scenario: Arc::new(renamed), ..m.clone() }.key(), key);
        let mut seeded = (*m.scenario).clone();
        seeded.seed += 1;
        for other in [
            Map { scenario: Arc::new(seeded), ..m.clone() },
            Map { cut: Cut::Never, ..m.clone() },
            Map { set: vec![Setting::parse("run_s=21").unwrap()], ..m.clone() },
            Map { x: Axis::parse("batch_gpus=1..41:4").unwrap(), ..m.clone() },
            Map { variants: Variant::robust(&m.scenario), ..m.clone() },
        ] {
            assert_ne!(other.key(), key);
        }
        assert!(Map { y: m.x.clone(), ..m.clone() }.check().is_err());
    }
}
