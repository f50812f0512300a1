//! The next 60 s: clones of the run on the three engine presets.
//!
//! Unfired script and operators' future acts are not known, so they are stripped; latencies take their means. The
//! plant's own preset is run as it is; for another one the engine states are re-trimmed to the present power with the
//! speed kept. Never a measurement: the console draws it unlike one.

use std::sync::Arc;

use super::run::Engine;
use crate::acts::{Event, EventKind};
use crate::control::RunState;
use crate::scenario::preset::{self, EnginePreset};

/// Horizon, s.
pub const HORIZON_S: f64 = 60.0;
/// Spacing of the samples, s.
const SAMPLE_S: f64 = 0.1;

/// A forecast of 60 s from the present state, on three engine presets.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// Time of the state that it started from.
    pub t0_s: f64,
    /// Names of the presets, soft, nominal, stiff.
    pub presets: [String; 3],
    /// Sample times, s of the run.
    pub t_s: Vec<f64>,
    /// Frequency for each preset.
    pub f_hz: [Vec<f64>; 3],
    /// Genset kW for the plant's own preset.
    pub gen_kw: Vec<f64>,
    /// GPU kW.
    pub gpu_kw: Vec<f64>,
    /// Miner kW.
    pub miner_kw: Vec<f64>,
    /// BESS kW.
    pub bess_kw: Vec<f64>,
    /// Planned batches: time and kW.
    pub batches: Vec<(f64, f64)>,
    /// Lowest f of the plant's own preset and when.
    pub min_f_hz: (f64, f64),
    /// Largest genset kW of the plant's own preset and when.
    pub max_gen_kw: (f64, f64),
    /// First limit reached: what, when, on which preset; own preset first.
    pub first_limit: Option<(String, f64, String)>,
    /// While the schedule holds: what comes if it is resumed now, on the plant's own preset.
    pub resumed: Option<Outlook>,
}

/// The extremes of a forecast.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlook {
    /// Lowest frequency and when.
    pub min_f_hz: (f64, f64),
    /// Largest genset kW and when.
    pub max_gen_kw: (f64, f64),
    /// First limit reached and when.
    pub first_limit: Option<(String, f64)>,
}

impl Forecast {
    /// A forecast that has not looked ahead yet: extremes are the `(Hz, kW)` of now.
    #[must_use]
    pub fn empty(t0_s: f64, presets: [String; 3], (f_hz, gen_kw): (f64, f64)) -> Self {
        Self {
            t0_s,
            presets,
            t_s: Vec::new(),
            f_hz: Default::default(),
            gen_kw: Vec::new(),
            gpu_kw: Vec::new(),
            miner_kw: Vec::new(),
            bess_kw: Vec::new(),
            batches: Vec::new(),
            min_f_hz: (f_hz, t0_s),
            max_gen_kw: (gen_kw, t0_s),
            first_limit: None,
            resumed: None,
        }
    }
}

/// A forecast from the present state, to be made on another thread.
#[must_use]
pub fn job(now: &Engine) -> Box<dyn FnOnce() -> Forecast + Send> {
    let clone = now.clone().without_rows();
    Box::new(move || forecast(&clone))
}

/// Makes the forecast from a clone of the run.
#[must_use]
pub fn forecast(now: &Engine) -> Forecast {
    let presets = preset::presets();
    let own = now.plate().preset.clone();
    let t0_s = now.t_s();
    let start = (now.totals().f_hz, now.totals().gen_kw);
    let mut f = Forecast::empty(t0_s, presets.clone().map(|p| p.name), start);
    let mut limits: Vec<(bool, String, f64, String)> = Vec::new();
    let own_at = presets.iter().position(|p| p.name == own);
    for (k, p) in presets.iter().enumerate() {
        let is_own = own_at.unwrap_or(1) == k;
        let mut run = stripped(now, (!is_own).then_some(p));
        let events = walk(&mut run, &mut f, k, is_own);
        for e in events {
            if is_own && e.kind == EventKind::Batch {
                f.batches.push((e.t_s, e.value));
            }
            if matches!(e.kind, EventKind::Limit | EventKind::Trip) {
                limits.push((is_own, e.object.clone(), e.t_s, p.name.clone()));
            }
        }
    }
    limits.sort_by(|a, b| (!a.0, a.2).partial_cmp(&(!b.0, b.2)).unwrap_or(core::cmp::Ordering::Equal));
    f.first_limit = limits.into_iter().next().map(|(_, what, t, p)| (what, t, p));
    f.resumed = if_resumed(now, &f);
    f
}

/// What a resume would bring, when the schedule holds and may be resumed.
fn if_resumed(now: &Engine, like: &Forecast) -> Option<Outlook> {
    if now.control.state() != RunState::Hold {
        return None;
    }
    let mut run = stripped(now, None);
    run.control.resume().ok()?;
    let start = (now.totals().f_hz, now.totals().gen_kw);
    let mut f = Forecast { min_f_hz: (start.0, now.t_s()), max_gen_kw: (start.1, now.t_s()), ..like.clone() };
    let events = walk(&mut run, &mut f, 1, true);
    let first = events.iter().find(|e| matches!(e.kind, EventKind::Limit | EventKind::Trip));
    Some(Outlook {
        min_f_hz: f.min_f_hz,
        max_gen_kw: f.max_gen_kw,
        first_limit: first.map(|e| (e.object.clone(), e.t_s)),
    })
}

fn stripped(now: &Engine, other: Option<&EnginePreset>) -> Engine {
    let mut run = now.clone().without_rows();
    run.strip_script();
    let mut cfg = (*run.plant.cfg).clone();
    cfg.miners.iter_mut().for_each(|m| m.latency_sigma = 0.0);
    run.plant.cfg = Arc::new(cfg);
    if let Some(p) = other {
        for i in 0..run.plant.gensets.len() {
            let mut g = run.plant.cfg.gensets[i].clone();
            preset::apply(p, &mut g);
            run.plant.replace_engine(i, g);
        }
    }
    run
}

fn walk(run: &mut Engine, f: &mut Forecast, k: usize, is_own: bool) -> Vec<Event> {
    let every = (SAMPLE_S / run.tick_s()).round().max(1.0) as u64;
    let end = run.now_tick() + (HORIZON_S / run.tick_s()).round() as u64;
    let mut events = Vec::new();
    run.take_events(&mut events);
    events.clear();
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    while run.now_tick() < end {
        run.tick();
        let t = run.totals();
        let hz = if t.alive { t.f_hz } else { 0.0 };
        (low, high) = (low.min(hz), high.max(hz));
        if is_own {
            if hz < f.min_f_hz.0 {
                f.min_f_hz = (hz, run.t_s());
            }
            if t.gen_kw > f.max_gen_kw.0 {
                f.max_gen_kw = (t.gen_kw, run.t_s());
            }
        }
        if run.now_tick().is_multiple_of(every) {
            let f0 = run.plant.cfg.f0_hz;
            // The sample shows the larger excursion of its interval, so that a dip between samples is not lost.
            f.f_hz[k].push(if (low - f0).abs() > (high - f0).abs() { low } else { high });
            (low, high) = (f64::INFINITY, f64::NEG_INFINITY);
            if is_own {
                f.t_s.push(run.t_s());
                f.gen_kw.push(t.gen_kw);
                f.gpu_kw.push(t.gpu_kw);
                f.miner_kw.push(t.miner_kw);
                f.bess_kw.push(t.bess_kw);
            }
        }
    }
    run.take_events(&mut events);
    events
}
