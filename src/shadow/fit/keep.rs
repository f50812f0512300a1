//! Which set a preset may keep: what the record does not tell is not in it.
//!
//! Values belong together: inertia that was found beside a dead time of 0.2 s is none beside one of 0.1 s. So what the record tells
//! least is held as the given set has it and the rest is fitted again, until all that is left is told. If that explains
//! the record no longer, or moves what the whole fit tells out of its interval, there is no preset.

use super::trial::{Case, Trial};
use super::{NOT_THIS_MODEL, Parameter, Tried, Unknown, WIDEST_CI};
use crate::plant::config::{Genset, Governor};

/// As much as the residuals may grow by what is held.
const GROWS: f64 = 2.0;

/// Share of what frequency does that counts for nothing.
const SLIGHT: f64 = 0.005;

/// The set, or why there is none.
pub(super) fn keep(case: &Case, trials: &[Trial], tried: &[Tried], parameters: &[Parameter]) -> Result<Genset, String> {
    let told = |x: Unknown| parameters.iter().any(|p| p.what == x && p.identifiable);
    if case.is_flat() || !parameters.iter().any(|p| p.identifiable && !p.what.is_of_record()) {
        let misfits = trials.first().is_some_and(|t| case.misfit(t.rms_after_hz, &t.end) > NOT_THIS_MODEL);
        let why =
            if misfits && !case.is_flat() { "no structure explains the record" } else { "nothing was identifiable" };
        return Err(format!("{why}, so there is nothing to adopt"));
    }
    let is_pid = |t: &Trial| matches!(t.end.genset.governor, Governor::Pid(_));
    let Some((first, _)) = trials.iter().zip(tried).find(|(t, said)| said.as_good && is_pid(t)) else {
        return Err(format!(
            "a preset is an engine with the PID governor, and this one is {} (expected its values in the scenario itself)",
            tried.first().map_or("another", |t| t.structure.name())
        ));
    };
    let mut now = first.clone();
    // An air limit that the record did not reach is not gone.
    if now.end.genset.air.is_none() && case.own.air.is_some() {
        let mut with = now.end.clone();
        with.genset.air.clone_from(&case.own.air);
        let off = case.misfit(case.off_hz(&with, &now.shift_s), &with);
        if off <= GROWS * case.misfit(now.rms_after_hz, &now.end) + SLIGHT {
            now.end = with;
        }
    }
    while let Some(x) = least_told(&now) {
        // What the given set has not is as if it were not there.
        let Some(v) = x.of(&case.own).or_else(|| none(x)) else {
            return Err(format!("the {} was not identifiable and the given set has none to hold it at", x.label()));
        };
        let mut start = now.end.clone();
        start.put(x, v);
        let free = now.unknowns.iter().copied().filter(|u| *u != x).collect();
        now = case.search(now.structure, start, &now.shift_s, free);
        let off = case.misfit(now.rms_after_hz, &now.end);
        if off > NOT_THIS_MODEL || now.rms_after_hz > GROWS * first.rms_after_hz.max(case.meter.noise_hz) {
            return Err(format!(
                "the {} was not identifiable, and held at {} {} the record is not explained (expected a record that tells it)",
                x.label(),
                super::figure(v),
                x.unit()
            ));
        }
    }
    for p in parameters.iter().filter(|p| told(p.what) && !p.what.is_of_record()) {
        let v = p.what.of(&now.end.genset).unwrap_or(p.value);
        if !(p.interval[0]..=p.interval[1]).contains(&v) {
            return Err(format!(
                "with what was not identifiable held as given the {} is {} {}, outside its interval",
                p.what.label(),
                super::figure(v),
                p.what.unit()
            ));
        }
    }
    Ok(now.end.genset)
}

/// The parameter of the engine that a trial tells least, if any is not told.
fn least_told(t: &Trial) -> Option<Unknown> {
    let wide = |(j, x): (usize, &Unknown)| {
        let [lo, hi] = t.intervals[j];
        let v = t.end.get(*x)?;
        let half = (hi / v).max(v / lo) - 1.0;
        (x.is_factor() && (half > WIDEST_CI || t.at_bound[j].is_some())).then_some((half, *x))
    };
    let all = t.unknowns.iter().enumerate().filter_map(wide);
    all.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, x)| x)
}

/// What stands for no derivative, no dead time and no lag.
fn none(x: Unknown) -> Option<f64> {
    matches!(x, Unknown::Derivative | Unknown::DeadTime | Unknown::Manifold | Unknown::Actuator).then(|| x.range()[0])
}
