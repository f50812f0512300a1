//! One run to be looked at: frequency and powers over time with all figures, for the strip beside a map and for overlays.
//!
//! Of each stretch of [`STRETCH_S`] the lowest and the highest frequency are kept, so that no nadir is lost, and the last
//! powers. A run that trips goes on for [`AFTER_TRIP_S`], long enough to be seen. Times in s from the start of the run, powers in
//! kW, frequency in Hz.

use std::sync::Arc;

use super::figure::FIGURES;
use super::trial::Wanted;
use crate::engine::Engine;
use crate::plant::signals::site;
use crate::scenario::Scenario;

/// Length of a stretch, s.
pub const STRETCH_S: f64 = 0.05;
/// Time that is shown after the first trip, s.
pub const AFTER_TRIP_S: f64 = 5.0;

/// A run over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// Times of the frequency: two for each stretch.
    pub f_t_s: Vec<f64>,
    /// Lowest and highest frequency of each stretch, in the order in which they came.
    pub f_hz: Vec<f64>,
    /// End of each stretch.
    pub t_s: Vec<f64>,
    /// Gensets.
    pub gen_kw: Vec<f64>,
    /// GPUs.
    pub gpu_kw: Vec<f64>,
    /// Miners.
    pub miner_kw: Vec<f64>,
    /// Batteries.
    pub bess_kw: Vec<f64>,
    /// State of charge, per cent; not a number without a battery.
    pub soc_pct: Vec<f64>,
    /// Values in the order of [`FIGURES`].
    pub figures: Vec<f64>,
    /// Trips in their order.
    pub trips: Vec<String>,
    /// When the first was, s.
    pub trip_s: Option<f64>,
    /// Limits passed in the order of the first time.
    pub violations: Vec<String>,
}

impl Trace {
    /// Value of a figure by its key; not a number where there is none.
    #[must_use]
    pub fn figure(&self, key: &str) -> f64 {
        FIGURES.iter().position(|f| f.key == key).and_then(|k| self.figures.get(k)).copied().unwrap_or(f64::NAN)
    }

    /// Lowest frequency while the bus was alive, and when it was.
    #[must_use]
    pub fn nadir(&self) -> Option<(f64, f64)> {
        let alive = self.f_t_s.iter().zip(&self.f_hz).filter(|(_, f)| **f > 0.0);
        alive.min_by(|a, b| a.1.total_cmp(b.1)).map(|(t, f)| (*t, *f))
    }
}

/// Runs a scenario; none if it is no longer wanted.
#[must_use]
pub fn trace(scenario: Arc<Scenario>, wanted: &Wanted) -> Option<Trace> {
    let mut e = Engine::new(scenario).without_rows();
    let stretch = (STRETCH_S / e.tick_s()).round().max(1.0) as u64;
    let mut end = (e.scenario.run_s / e.tick_s()).round() as u64;
    let mut out = Trace::default();
    let mut row = vec![0.0; e.table().len()];
    let mut events = Vec::new();
    let first = e.totals().f_hz;
    let (mut low, mut high) = ((0.0, first), (0.0, first));
    while e.now_tick() < end {
        e.tick();
        let (t_s, f_hz) = (e.t_s(), e.totals().f_hz);
        // a dead bus has no frequency
        let f_hz = if e.totals().alive { f_hz } else { f64::NAN };
        if f_hz < low.1 || low.1.is_nan() {
            low = (t_s, f_hz);
        }
        if f_hz > high.1 || high.1.is_nan() {
            high = (t_s, f_hz);
        }
        if out.trip_s.is_none() && !e.trips().is_empty() {
            out.trip_s = Some(t_s);
            end = end.min(e.now_tick() + (AFTER_TRIP_S / e.tick_s()).round() as u64);
        }
        if e.now_tick().is_multiple_of(stretch) {
            let (a, b) = if low.0 <= high.0 { (low, high) } else { (high, low) };
            for (t, f) in [a, b] {
                out.f_t_s.push(t);
                out.f_hz.push(f);
            }
            (low, high) = ((t_s, f64::NAN), (t_s, f64::NAN));
            let now = e.totals();
            e.fill_row(&mut row);
            out.t_s.push(t_s);
            out.gen_kw.push(now.gen_kw);
            out.gpu_kw.push(now.gpu_kw);
            out.miner_kw.push(now.miner_kw);
            out.bess_kw.push(now.bess_kw);
            out.soc_pct.push(row.get(site::BESS_SOC_PCT as usize).copied().unwrap_or(f64::NAN));
            if !wanted.still() {
                return None;
            }
            // nobody reads them
            events.clear();
            e.take_events(&mut events);
        }
    }
    out.figures = FIGURES.iter().map(|f| (f.of)(&e)).collect();
    out.trips = e.trips().to_vec();
    out.violations = e.violations().to_vec();
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::builtin_scenario;
    use crate::study::trial::{self, Cut};

    #[test]
    fn a_trace_tells_the_figures_of_the_run_and_keeps_its_nadir() {
        let s = Arc::new(Scenario { run_s: 20.0, ..builtin_scenario("path-a").unwrap().unwrap() });
        let wanted = Wanted::default();
        let seen = trace(Arc::clone(&s), &wanted).unwrap();
        let run = trial::run(s, Cut::Never, &wanted).unwrap();
        for (k, f) in FIGURES.iter().enumerate() {
            let same = seen.figures[k] == run.figures[k] || !run.figures[k].is_finite();
            assert!(same, "{}: {} and {}", f.key, seen.figures[k], run.figures[k]);
        }
        let (_, nadir) = seen.nadir().unwrap();
        assert!((nadir - seen.figure("frequency_min_hz")).abs() < 0.02, "{nadir}");
        assert_eq!((seen.t_s.len(), seen.f_hz.len()), (400, 800));
        assert!(seen.f_t_s.windows(2).all(|w| w[0] <= w[1]));
        assert!(
            trace(Arc::new(builtin_scenario("path-a").unwrap().unwrap()), &{
                let old = Wanted::default();
                drop(old.next());
                old
            })
            .is_none()
        );
    }

    #[test]
    fn a_trip_is_shown_for_a_while_and_ends_the_run() {
        let s = Arc::new(builtin_scenario("step-200kw").unwrap().unwrap());
        let seen = trace(s, &Wanted::default()).unwrap();
        let trip = seen.trip_s.unwrap();
        let end = *seen.t_s.last().unwrap();
        assert!(!seen.trips.is_empty() && end >= trip + AFTER_TRIP_S - 0.1 && end <= trip + AFTER_TRIP_S + 0.1);
    }
}
