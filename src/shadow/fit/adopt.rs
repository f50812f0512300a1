//! A fit as a named engine preset: the file that a scenario's `preset: "NAME"` finds beside it. Made by a click or a command
//! of somebody, never by itself.
//!
//! Only what the record tells goes in. The rest is held as the given set has it, and what is told is fitted again beside it,
//! since they describe one response together; where that explains the record no longer, there is no preset. Step acceptance and
//! refill are those of the preset that the fit started from.

use super::{Fit, Parameter, Unknown};
use crate::plant::config::{Governor, Sharing};
use crate::scenario::{EnginePreset, preset};

/// A preset with the text of its file.
#[derive(Clone, Debug, PartialEq)]
pub struct Adopted {
    /// The preset.
    pub preset: EnginePreset,
    /// RON.
    pub text: String,
}

/// The preset that lends what is not fitted: the start's, or the nominal one where the start was a site's own.
#[must_use]
pub fn base(f: &Fit) -> EnginePreset {
    preset::preset(f.start.trim_end_matches(" (changed)")).unwrap_or_default()
}

/// Makes the preset `name` of a fit; `base` lends what is not fitted. `from` says which record it is made of.
///
/// # Errors
/// If nothing was told, the engine is not the PID of presets, or the name cannot be one.
pub fn adopt(fit: &Fit, base: &EnginePreset, name: &str, from: &str) -> Result<Adopted, String> {
    preset::check_name(name)?;
    let set = fit.keepable.as_ref().map_err(Clone::clone)?;
    let Governor::Pid(pid) = &set.governor else { return Err("a preset is an engine with the PID governor".into()) };
    let mut preset = EnginePreset {
        name: name.to_owned(),
        description: format!("fitted to {}, from {}", shortest(from), fit.start),
        h_s: set.machine.h_s,
        d_pu: set.machine.d_pu,
        governor: pid.clone(),
        air: set.air.clone(),
        droop_pu: match set.sharing {
            Sharing::Droop(r) => Some(r),
            Sharing::Isochronous | Sharing::LoadShare(_) => None,
        },
        acceptance_pu: base.acceptance_pu.clone(),
        // Stages are tried on an engine; this one was not, so the softest ones stand in.
        shed_stages: Vec::new(),
        refill_kw_per_s: base.refill_kw_per_s,
        sources: std::collections::BTreeMap::new(),
    };
    let g = &mut preset.governor;
    for v in [&mut preset.h_s, &mut g.kp, &mut g.ki, &mut g.kd, &mut g.t_act_s, &mut g.t_d_s, &mut g.t_man_s] {
        *v = rounded(*v);
    }
    // Stops beyond any that the search knows are those of no engine.
    (g.u_min, g.u_max) = (g.u_min.max(base.governor.u_min), g.u_max.min(base.governor.u_max));
    preset.droop_pu = preset.droop_pu.map(rounded);
    if let Some(air) = &mut preset.air {
        (air.t_tc_s, air.reserve_pu) = (rounded(air.t_tc_s), rounded(air.reserve_pu));
    }
    let said = |all: &[Unknown]| {
        let one = |p: &Parameter| {
            if p.identifiable {
                format!("{} fitted ±{:.1} % (95 %)", p.what.name(), 100.0 * p.half_width)
            } else {
                format!("{} not identifiable, held at {}", p.what.name(), rounded(p.start))
            }
        };
        let list: Vec<String> = all.iter().filter_map(|x| fit.parameter(*x)).map(one).collect();
        if list.is_empty() { format!("as {}", fit.start) } else { list.join("; ") }
    };
    use Unknown::{
        Actuator, DeadTime, Derivative, Droop, Inertia, Integral, Manifold, Proportional, Rate, Reserve, Turbo,
    };
    let as_base = format!("as {}", base.name);
    for (field, source) in [
        ("h_s", said(&[Inertia])),
        ("d_pu", as_base.clone()),
        (
            "governor",
            format!(
                "{}; the rest as {}",
                said(&[Proportional, Integral, Derivative, Actuator, Rate, DeadTime, Manifold]),
                fit.start
            ),
        ),
        ("air", format!("{}; the rest as {}", said(&[Reserve, Turbo]), fit.start)),
        ("acceptance_pu", as_base.clone()),
        ("refill_kw_per_s", as_base),
    ] {
        preset.sources.insert(field.to_owned(), source);
    }
    if preset.droop_pu.is_some() {
        preset.sources.insert("droop_pu".to_owned(), said(&[Droop]));
    }
    let plain = ron::extensions::Extensions::IMPLICIT_SOME;
    let style = ron::ser::PrettyConfig::new().compact_arrays(true).extensions(plain);
    let body = ron::ser::to_string_pretty(&preset, style).map_err(|e| format!("cannot write the preset, {e}"))?;
    let [t0, t1] = fit.window_s;
    let head = format!(
        "// Fitted to a record of {} from {t0:.1} to {t1:.1} s: residual {:.4} Hz RMS, {:.4} Hz before.\n",
        fit.set, fit.rms_after_hz, fit.rms_before_hz
    );
    Ok(Adopted { preset, text: head + &body + "\n" })
}

/// Four digits: more are not known.
fn rounded(v: f64) -> f64 {
    format!("{v:.3e}").parse().unwrap_or(v)
}

/// A file's name without its folder, cut so that a description stays a line.
fn shortest(from: &str) -> String {
    let name = from.rsplit(['/', '\\']).next().unwrap_or(from);
    name.chars().filter(|c| !c.is_control()).take(40).collect()
}
