//! Rehearse from now: what a source says at this moment, as the start of a twin. Reads the model; sends nothing.

use std::sync::Arc;

use super::model::{Mode, Model};
use super::shadow::{FitState, Shadowing};
use crate::plant::signals::SignalIdx;
use crate::scenario::Scenario;
use crate::shadow::rehearse::{Engine, Moment, Rehearsal, rehearse};
use crate::shadow::{Phase, Verdict};
use crate::utc;

/// Name of the preset that a fit becomes in a rehearsal.
const FIT: &str = "fit";

/// Why there is nothing to rehearse from, if so: a twin from now is worth what the shadow has shown of the model.
#[must_use]
pub fn why_not(model: &Model, shadow: Option<&Shadowing>) -> Option<String> {
    if model.mode == Mode::Twin {
        return Some("the twin itself is in view".to_owned());
    }
    let Some(shadow) = shadow else { return Some("no scenario of this plant is loaded".to_owned()) };
    if let Some(why) = shadow.refused() {
        return Some(why.to_owned());
    }
    let Some(view) = shadow.view() else { return Some("the shadow waits for its first row".to_owned()) };
    match &view.phase {
        Phase::Frozen(why) => Some(format!("the shadow is frozen: {why}")),
        Phase::Settling(s) => Some(format!("the shadow settles: {:.0} s more", s.max(0.0))),
        Phase::Following if view.verdict != Verdict::Follows => {
            Some(format!("the model does not follow this plant: {}", view.reasons.join("; ")))
        }
        Phase::Following => None,
    }
}

/// The scenario of this moment. `source` is the name of the plant or file; with `fit` the engine is the one that was
/// fitted here.
///
/// # Errors
/// Why there is none, in a line.
pub fn from_now(
    model: &Model,
    shadow: &Shadowing,
    source: &str,
    fit: bool,
) -> Result<(Arc<Scenario>, Rehearsal), String> {
    let base = shadow.plant().ok_or("the scenario of the shadow has not been read yet")?;
    let engine = match (fit, shadow.fit()) {
        (true, FitState::Done(_)) => Engine::Fit(Box::new(shadow.preset(FIT, source)?.preset)),
        _ => Engine::Preset,
    };
    let shown: Vec<f64> = (0..model.table.len()).map(|k| model.shown(SignalIdx(k as u32))).collect();
    let of = format!("{source} at {}", when(model));
    let age_s = |i: SignalIdx| model.value_age_s(i);
    let now = Moment { of: &of, table: &model.table, row: &shown, quality: &model.quality, age_s: &age_s };
    let made = rehearse(base, &now, &engine)?;
    Ok((Arc::clone(base), made))
}

/// What the sequence of events says of a rehearsal.
#[must_use]
pub fn note(who: &str, number: u32, made: &Rehearsal) -> String {
    let assumed: Vec<&str> = made.assumed.iter().map(|l| l.what.as_str()).collect();
    let without = if assumed.is_empty() {
        "nothing was assumed".to_owned()
    } else {
        format!("not measured: {}", assumed.join(", "))
    };
    let doubtful = match made.doubtful() {
        0 => String::new(),
        n => format!(" ({n} in doubt)"),
    };
    format!("R{number} by {who}, from {}: {} measured{doubtful}, {without}", made.of, made.measured.len())
}

/// The time of the newest row: of the day where the source has one, else of the recording.
#[must_use]
pub fn when(model: &Model) -> String {
    match &model.site_view {
        Some(site) => {
            let stamp = utc::stamp(site.zero_utc_us + (model.t_s * 1e6) as i64);
            format!("{} UTC", stamp.get(11..19).unwrap_or_default())
        }
        None => format!("T+{}", super::fmt::clock(model.t_s)),
    }
}

/// Reads the scenario that a rehearsal is.
///
/// # Errors
/// In a line; never for what [`from_now`] gives.
pub fn read(base: &Scenario, name: &str, made: &Rehearsal) -> Result<Scenario, String> {
    let folder = std::path::Path::new(&base.origin);
    let folder = folder.is_file().then(|| folder.parent()).flatten();
    let origin = folder.map_or_else(|| "rehearsal".to_owned(), |f| f.join(format!("{name}.ron")).display().to_string());
    Scenario::from_str(name, &origin, &made.text, folder).map_err(|e| e.to_string())
}
