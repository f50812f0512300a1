//! Where Path B's advantage ends: its frequency dip against that of Path A, over the lag of the miners.
//!
//! Every point is a run of the twin. The lag is a pure delay, the same for all units, which is the kindest case, or spread
//! about its mean. With
//! `match` GPUs and miners are commanded together; with `match_confirmed` the GPUs wait until the miners have fallen,
//! and past the time-out of the confirmation the schedule holds and never arrives.

use std::sync::Arc;

use crate::control::RunState;
use crate::control::policy::{BringUpPath, ShedMode};
use crate::engine::Engine;
use crate::scenario::Scenario;

/// Lags of the curve, s.
pub const LAGS_S: [f64; 13] = [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0];
/// B's advantage counts as gone when its dip is this share of A's.
pub const GONE: f64 = 0.9;
/// A bring-up that has not arrived by then is given up, s.
pub const HORIZON_S: f64 = 900.0;
/// Time after the schedule's end in which a dip still counts, s: the longest lag and the engine's way back.
const SETTLE_S: f64 = 25.0;
/// A hold of this length is for good, s.
const HELD_S: f64 = 30.0;

/// A bring-up and its deepest dip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trial {
    /// Deepest dip of frequency, % of nominal.
    pub dip_pct: f64,
    /// When the schedule was complete; none if it held for good.
    pub complete_s: Option<f64>,
}

/// A point of the curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Lag, s.
    pub lag_s: f64,
    /// B's dip with `match`, share of A's; none if the schedule holds for good.
    pub matched: Option<f64>,
    /// B's dip with `match_confirmed`, share of A's; none if the schedule holds for good.
    pub confirmed: Option<f64>,
    /// How long the bring-up takes with `match_confirmed`, s.
    pub confirmed_s: Option<f64>,
}

/// The curve, point by point as it is computed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// Engine preset of the runs.
    pub preset: String,
    /// Spread of the lags about their mean: sigma of the logarithm.
    pub sigma: f64,
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
        let known: Vec<(f64, f64)> = self.points.iter().filter_map(|p| Some((p.lag_s, p.matched?))).collect();
        let past = known.iter().position(|(_, share)| *share >= GONE)?;
        let (lag, share) = *known.get(past)?;
        let Some((lag0, share0)) = past.checked_sub(1).and_then(|k| known.get(k)) else { return Some(lag) };
        Some(lag0 + (lag - lag0) * (GONE - share0) / (share - share0))
    }

    /// Whether all points are there.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.points.len() == LAGS_S.len()
    }

    /// The point whose lag is nearest.
    #[must_use]
    pub fn near(&self, lag_s: f64) -> Option<&Point> {
        self.points.iter().min_by(|a, b| (a.lag_s - lag_s).abs().total_cmp(&(b.lag_s - lag_s).abs()))
    }
}

/// `scenario` on Path B with miners that answer after `lag_s` on average, spread by `sigma`; B + restore stays so.
#[must_use]
pub fn with_lag(mut scenario: Scenario, (lag_s, sigma): (f64, f64), mode: ShedMode) -> Scenario {
    if scenario.policy.path == BringUpPath::Ramp {
        scenario.policy.path = BringUpPath::Shed;
    }
    scenario.policy.shed_mode = mode;
    for m in &mut scenario.plant.miners {
        (m.latency_s, m.latency_sigma) = (lag_s, sigma);
    }
    scenario
}

/// Runs a bring-up until it has settled, or holds for good; none when `go`, asked each simulated second, says stop.
pub fn trial(scenario: Scenario, go: &mut dyn FnMut() -> bool) -> Option<Trial> {
    let mut engine = Engine::new(Arc::new(scenario)).without_rows();
    let per_second = (1.0 / engine.tick_s()).round().max(1.0) as u64;
    let (mut complete_s, mut held_s) = (None, 0.0);
    while engine.t_s() < complete_s.map_or(HORIZON_S, |t| t + SETTLE_S) && held_s < HELD_S {
        if !go() {
            return None;
        }
        (0..per_second).for_each(|_| engine.tick());
        match engine.control.state() {
            RunState::Complete => complete_s = complete_s.or(Some(engine.t_s())),
            RunState::Hold => held_s += 1.0,
            _ => held_s = 0.0,
        }
    }
    let f0 = engine.scenario.plant.f0_hz;
    Some(Trial { dip_pct: ((1.0 - engine.summary().f_min_hz / f0) * 100.0).max(0.0), complete_s })
}

/// Computes the curve for the plant and the plan of `a`, which is a run on Path A, with lags spread by `sigma`. `tell` gets the curve after each
/// point and some more times between; when it says false the rest is given up.
pub fn curve(a: &Scenario, sigma: f64, tell: &mut dyn FnMut(&Curve) -> bool) -> Option<Curve> {
    let mut preset: Vec<String> = a.plant.gensets.iter().map(|g| g.preset.clone()).collect();
    preset.dedup();
    let mut curve = Curve { preset: preset.join(", "), sigma, ..Curve::default() };
    let mut ramp = a.clone();
    ramp.policy.path = BringUpPath::Ramp;
    let a_dip = trial(ramp, &mut || tell(&curve))?.dip_pct;
    curve.a_dip_pct = Some(a_dip);
    let share = |t: &Trial| t.complete_s.map(|_| if a_dip > 1e-6 { t.dip_pct / a_dip } else { 1.0 });
    for lag_s in LAGS_S {
        let matched = trial(with_lag(a.clone(), (lag_s, sigma), ShedMode::Match), &mut || tell(&curve))?;
        let confirmed = trial(with_lag(a.clone(), (lag_s, sigma), ShedMode::MatchConfirmed), &mut || tell(&curve))?;
        curve.points.push(Point {
            lag_s,
            matched: share(&matched),
            confirmed: share(&confirmed),
            confirmed_s: confirmed.complete_s,
        });
        if !tell(&curve) {
            return None;
        }
    }
    Some(curve)
}
