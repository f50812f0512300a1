//! Runs of a study: every design meets every class of events in the same samples, spread over threads.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crossbeam_channel::bounded;

use super::Design;
use super::estimate::Count;
use super::events::{CLASSES, Class};
use super::money::Control;
use crate::scenario::Scenario;
use crate::scenario::preset::EnginePreset;
use crate::study::trial::{self, Cut, Wanted};

/// What a sample came to under a design.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seen {
    /// Whether a set tripped.
    pub tripped: bool,
    /// Largest deviation of frequency until then, per cent.
    pub deviation_pct: f64,
}

/// All runs of a study so far, by design and class; sample k of a class is the same for all designs.
#[derive(Clone, Debug)]
pub struct Sweep {
    base: Arc<Scenario>,
    engine: EnginePreset,
    seed: u64,
    /// Designs.
    pub designs: Vec<Design>,
    sites: Vec<Arc<Scenario>>,
    /// Samples by (design, class), in their order.
    seen: BTreeMap<(usize, usize), Vec<Seen>>,
}

impl Sweep {
    /// Of a site with engines of a preset.
    ///
    /// # Errors
    /// In one line, if the plant has no battery to be sized.
    pub fn new(base: &Arc<Scenario>, engine: &EnginePreset, seed: u64, designs: Vec<Design>) -> Result<Self, String> {
        let site = |d: &Design| d.apply(base, engine).map(Arc::new);
        let sites = designs.iter().map(site).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { base: Arc::clone(base), engine: engine.clone(), seed, designs, sites, seen: BTreeMap::new() })
    }

    /// Name of the engine.
    #[must_use]
    pub fn engine(&self) -> &str {
        &self.engine.name
    }

    /// GPUs of the site.
    #[must_use]
    pub fn gpus(&self) -> f64 {
        self.base.plant.gpus.iter().map(|g| f64::from(g.gpus)).sum()
    }

    /// kW of all miners.
    #[must_use]
    pub fn miner_kw(&self) -> f64 {
        self.base.plant.miners.iter().map(|m| f64::from(m.units) * m.unit_kw).sum()
    }

    /// Marginal fuel of the site's engines, kWh a kWh.
    #[must_use]
    pub fn fuel_b(&self) -> f64 {
        self.base.plant.gensets.first().map_or(0.0, |g| g.fuel.b)
    }

    /// Events of a class a year under a design.
    #[must_use]
    pub fn rate(&self, design: usize, class: usize) -> f64 {
        let tight = self.designs.get(design).is_some_and(|d| d.control == Control::Tight);
        CLASSES.get(class).map_or(0.0, |c| (c.per_year)(self.gpus(), tight))
    }

    /// Runs of a class under a design so far.
    #[must_use]
    pub fn runs(&self, design: usize, class: usize) -> usize {
        self.seen.get(&(design, class)).map_or(0, Vec::len)
    }

    /// All runs.
    #[must_use]
    pub fn total(&self) -> usize {
        self.seen.values().map(Vec::len).sum()
    }

    /// What was counted, class by class.
    #[must_use]
    pub fn counts(&self, design: usize) -> Vec<Count> {
        let count = |class: usize| {
            let seen = self.seen.get(&(design, class)).map_or(&[][..], Vec::as_slice);
            let hits = seen.iter().filter(|s| s.tripped).count() as u64;
            Count { per_year: self.rate(design, class), hits, runs: seen.len() as u64 }
        };
        (0..CLASSES.len()).map(count).filter(|c| c.per_year > 0.0).collect()
    }

    /// Names of the classes of [`Sweep::counts`].
    #[must_use]
    pub fn names(&self, design: usize) -> Vec<&'static str> {
        (0..CLASSES.len()).filter(|k| self.rate(design, *k) > 0.0).map(|k| CLASSES[k].name).collect()
    }

    /// Samples of a class that trip under one design alone: the first, the second, and of how many.
    #[must_use]
    pub fn pairs(&self, a: usize, b: usize, class: usize) -> (u64, u64, u64) {
        let of = |d: usize| self.seen.get(&(d, class)).map_or(&[][..], Vec::as_slice);
        let both = of(a).iter().zip(of(b));
        let (only_a, only_b, n) = both.fold((0, 0, 0), |(x, y, n), (a, b)| {
            (x + u64::from(a.tripped && !b.tripped), y + u64::from(b.tripped && !a.tripped), n + 1)
        });
        (only_a, only_b, n)
    }

    /// Value below which 95 of 100 deviations of a class lie, per cent; none without runs.
    #[must_use]
    pub fn deviation_95(&self, design: usize, class: usize) -> Option<f64> {
        let mut all: Vec<f64> = self.seen.get(&(design, class))?.iter().map(|s| s.deviation_pct).collect();
        all.sort_by(f64::total_cmp);
        all.get(((all.len() as f64 * 0.95).ceil() as usize).saturating_sub(1)).copied()
    }

    /// One sample.
    fn sample(&self, design: usize, class: usize, sample: u64, wanted: &Wanted) -> Option<Seen> {
        let class: &Class = &CLASSES[class];
        let s = Arc::new(class.scenario(&self.sites[design], self.seed, sample));
        let outcome = trial::run(s, Cut::Early, wanted)?;
        let place = crate::study::figure::Figure::named("deviation_max_pct").map_or(0, |f| f.0);
        Some(Seen { tripped: outcome.trip_s.is_some(), deviation_pct: outcome.figures[place] })
    }

    /// Runs samples until each class of each design has as many as `wanted_runs` says. `progress` is told of each run and may
    /// stop it; what was run in a row from the first sample on is kept.
    ///
    /// # Errors
    /// If a thread cannot be started.
    pub fn run(
        &mut self,
        threads: usize,
        wanted_runs: &dyn Fn(usize, usize) -> usize,
        progress: &mut dyn FnMut() -> bool,
    ) -> Result<bool, String> {
        let mut jobs: Vec<(usize, usize, u64)> = Vec::new();
        for (design, class) in (0..self.designs.len()).flat_map(|d| (0..CLASSES.len()).map(move |c| (d, c))) {
            if self.rate(design, class) > 0.0 {
                let have = self.runs(design, class);
                jobs.extend((have..wanted_runs(design, class)).map(|sample| (design, class, sample as u64)));
            }
        }
        // the same samples of all designs side by side, so that what is kept of a stopped study pairs up
        jobs.sort_by_key(|(design, class, sample)| (*sample, *class, *design));
        let (next, wanted) = (AtomicUsize::new(0), Wanted::default());
        let mut results: BTreeMap<(usize, usize), BTreeMap<u64, Seen>> = BTreeMap::new();
        let (this, jobs) = (&*self, &jobs);
        let finished = thread::scope(|scope| {
            let (tx, rx) = bounded(64);
            for i in 0..threads.clamp(1, 256) {
                let (tx, next, wanted) = (tx.clone(), &next, &wanted);
                let work = move || {
                    while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let (design, class, sample) = *job;
                        let Some(seen) = this.sample(design, class, sample, wanted) else { return };
                        // nobody takes any more once the study was stopped
                        if tx.send((*job, seen)).is_err() {
                            return;
                        }
                    }
                };
                thread::Builder::new()
                    .name(format!("study {i}"))
                    .spawn_scoped(scope, work)
                    .map_err(|e| e.to_string())?;
            }
            drop(tx);
            let mut going = true;
            for ((design, class, sample), seen) in &rx {
                results.entry((design, class)).or_default().insert(sample, seen);
                if !progress() {
                    going = false;
                    break;
                }
            }
            drop(rx);
            Ok::<bool, String>(going)
        })?;
        for (key, by_sample) in results {
            let list = self.seen.entry(key).or_default();
            for (sample, seen) in by_sample {
                if sample as usize != list.len() {
                    break;
                }
                list.push(seen);
            }
        }
        Ok(finished)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::preset::preset;

    fn sweep() -> Sweep {
        let base = Arc::new(crate::scenario::builtin_scenario("path-a").unwrap().unwrap());
        let of = |control, kw| Design { control, kw, kwh: 100.0 };
        let designs = vec![of(Control::Simple, 0.0), of(Control::Simple, 400.0)];
        Sweep::new(&base, &preset("lean-slow").unwrap(), 1, designs).unwrap()
    }

    /// Schedulers that release all on the soft engine: a battery of 400 kW saves what trips without it, and never trips alone.
    #[test]
    fn t11_a_battery_that_carries_the_step_saves_its_trips_and_counts_add_up_in_parts() {
        let only_release = |n: usize| move |_: usize, class: usize| if class == 2 { n } else { 0 };
        let mut whole = sweep();
        assert_eq!(whole.run(2, &only_release(12), &mut || true), Ok(true));
        let mut parts = sweep();
        assert_eq!(parts.run(1, &only_release(5), &mut || true), Ok(true));
        assert_eq!(parts.run(2, &only_release(12), &mut || true), Ok(true));
        assert_eq!(whole.seen, parts.seen, "samples do not hang on how they were run");
        let (without, with) = (whole.counts(0)[2], whole.counts(1)[2]);
        assert_eq!((without.runs, with.runs), (12, 12));
        assert!(without.hits > 0 && with.hits == 0, "{without:?} {with:?}");
        assert_eq!(whole.pairs(0, 1, 2), (without.hits, 0, 12));
        assert!(whole.deviation_95(0, 2) > whole.deviation_95(1, 2));
        assert_eq!(whole.names(0).len(), whole.counts(0).len());
        let mut stopped = sweep();
        let mut left = 3;
        let go = stopped.run(1, &only_release(12), &mut || {
            left -= 1;
            left > 0
        });
        assert!(go == Ok(false) && stopped.total() >= 2 && stopped.total() < 24);
    }
}
