//! Where Path B's advantage ends: its frequency dip against that of Path A, over the lag of the miners.
//!
//! Every point is a run of the twin. The lag is a pure delay, the same for all units, which is the kindest case; with
//! `match` GPUs and miners are commanded together, with `match_confirmed` the GPUs wait until the miners have fallen.

use std::sync::Arc;

use crate::control::policy::{BringUpPath, ShedMode};
use crate::engine::Engine;
use crate::scenario::Scenario;

/// Lags of the curve, s.
pub const LAGS_S: [f64; 13] = [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0];
/// B's advantage counts as gone when its dip is this share of A's.
pub const GONE: f64 = 0.9;
/// Simulated time of a point, s: bring-up of the built-in plant in 71 s, and then some.
pub const HORIZON_S: f64 = 150.0;

/// A point of the curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Lag, s.
    pub lag_s: f64,
    /// B's dip with `match`, share of A's.
    pub matched: f64,
    /// B's dip with `match_confirmed`, share of A's.
    pub confirmed: f64,
}

/// The curve, point by point as it is computed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// Engine preset of the runs.
    pub preset: String,
    /// A's dip, % of nominal; none until it is known.
    pub a_dip_pct: Option<f64>,
    /// Points so far, rising lag.
    pub points: Vec<Point>,
}

impl Curve {
    /// Lag at which B's dip with `match` reaches [`GONE`] of A's, between two points by proportion; none where it stays
    /// below over the whole curve.
    #[must_use]
    pub fn ends_at_s(&self) -> Option<f64> {
        let past = self.points.iter().position(|p| p.matched >= GONE)?;
        let b = self.points.get(past)?;
        let Some(a) = past.checked_sub(1).and_then(|k| self.points.get(k)) else { return Some(b.lag_s) };
        Some(a.lag_s + (b.lag_s - a.lag_s) * (GONE - a.matched) / (b.matched - a.matched))
    }

    /// Whether all points are there.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.points.len() == LAGS_S.len()
    }
}

/// `scenario` on Path B with miners that answer after exactly `lag_s`; B + restore stays so.
#[must_use]
pub fn with_lag(mut scenario: Scenario, lag_s: f64, mode: ShedMode) -> Scenario {
    if scenario.policy.path == BringUpPath::Ramp {
        scenario.policy.path = BringUpPath::Shed;
    }
    scenario.policy.shed_mode = mode;
    for m in &mut scenario.plant.miners {
        (m.latency_s, m.latency_sigma) = (lag_s, 0.0);
    }
    scenario
}

/// The deepest dip of frequency within `horizon_s`, % of nominal; none when `go` says stop.
pub fn dip_pct(scenario: Scenario, horizon_s: f64, go: &mut dyn FnMut() -> bool) -> Option<f64> {
    let mut engine = Engine::new(Arc::new(scenario)).without_rows();
    let end = (horizon_s / engine.tick_s()).round() as u64;
    let per_second = (1.0 / engine.tick_s()).round().max(1.0) as u64;
    while engine.now_tick() < end {
        if engine.now_tick().is_multiple_of(per_second) && !go() {
            return None;
        }
        engine.tick();
    }
    let f0 = engine.scenario.plant.f0_hz;
    Some(((1.0 - engine.summary.f_min_hz / f0) * 100.0).max(0.0))
}

/// Computes the curve for the plant and the plan of `a`, which is a run on Path A. `tell` gets the curve after each
/// point; when it says false the rest is given up.
pub fn curve(a: &Scenario, tell: &mut dyn FnMut(&Curve) -> bool) -> Option<Curve> {
    let mut preset: Vec<String> = a.plant.gensets.iter().map(|g| g.preset.clone()).collect();
    preset.dedup();
    let mut curve = Curve { preset: preset.join(", "), ..Curve::default() };
    let mut ramp = a.clone();
    ramp.policy.path = BringUpPath::Ramp;
    let dip =
        |s: Scenario, curve: &Curve, tell: &mut dyn FnMut(&Curve) -> bool| dip_pct(s, HORIZON_S, &mut || tell(curve));
    let a_dip = dip(ramp, &curve, tell)?;
    curve.a_dip_pct = Some(a_dip);
    for lag_s in LAGS_S {
        let matched = dip(with_lag(a.clone(), lag_s, ShedMode::Match), &curve, tell)?;
        let confirmed = dip(with_lag(a.clone(), lag_s, ShedMode::MatchConfirmed), &curve, tell)?;
        let share = |v: f64| if a_dip > 1e-6 { v / a_dip } else { 1.0 };
        curve.points.push(Point { lag_s, matched: share(matched), confirmed: share(confirmed) });
        if !tell(&curve) {
            return None;
        }
    }
    Some(curve)
}
