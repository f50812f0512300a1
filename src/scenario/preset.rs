//! Engine presets: how stiff an engine is. Every picture and number names the preset that it holds for.
//!
//! Three are built in. A site's own, such as a commissioning fit writes, is a file of the same form beside the scenario:
//! `preset: "site-engine"` is looked for as `site-engine.ron`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::plant::config::{AirLimit, Genset, Governor, Pid, Plant, Source};
use crate::plant::protection::ShedStage;
use crate::shipped;
use crate::text::{At, Checked, Error, parse};

/// The files of the three presets; another number of them does not compile.
const FILES: [(&str, &str); 3] = {
    let all = shipped::PRESETS.files;
    assert!(all.len() == 3);
    [all[0], all[1], all[2]]
};

/// An engine as seen by its load: inertia, governor, air limit and what they allow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnginePreset {
    /// Name: `lean-default`.
    pub name: String,
    /// One line.
    pub description: String,
    /// Inertia constant on rated kVA, s.
    pub h_s: f64,
    /// Damping, pu of rated kW a pu speed.
    pub d_pu: f64,
    /// Isochronous PID with the engine's delays.
    pub governor: Pid,
    /// Lean-burn air limit.
    pub air: Option<AirLimit>,
    /// Droop that the governor was found with; none for an isochronous one. A scenario's `sharing` goes before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub droop_pu: Option<f64>,
    /// Step acceptance: (load, step), pu of rating, load rising.
    pub acceptance_pu: Vec<(f64, f64)>,
    /// Load shedding by stages that makes no step fatal which this engine survives without it. Empty in a site's own preset
    /// that was fitted without one: the stages of the softest built-in preset then stand in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shed_stages: Vec<ShedStage>,
    /// STEP NOW refill of a 1 MW set; see [`EnginePreset::refill_kw_per_s`] for another rating.
    pub refill_kw_per_s: f64,
    /// Where each value comes from, by field.
    pub sources: BTreeMap<String, Source>,
}

impl EnginePreset {
    /// STEP NOW refill of a set of this rating, kW/s.
    #[must_use]
    pub fn refill_kw_per_s(&self, rated_kw: f64) -> f64 {
        self.refill_kw_per_s * rated_kw / 1000.0
    }
}

/// Makes the set behave as the preset says: inertia, damping, governor, air limit, and its name.
pub fn apply(preset: &EnginePreset, genset: &mut Genset) {
    genset.machine.h_s = preset.h_s;
    genset.machine.d_pu = preset.d_pu;
    apply_engine(preset, genset);
}

/// The stages of load shedding for an island of such engines: those of the preset, or of the softest one built in.
#[must_use]
pub fn shed_stages(preset: &EnginePreset) -> Vec<ShedStage> {
    if preset.shed_stages.is_empty() { presets()[0].shed_stages.clone() } else { preset.shed_stages.clone() }
}

/// Makes every set of a plant one of the preset. Stages of load shedding that belong to a preset follow it; stages that a
/// file names itself stay.
pub fn apply_to_plant(preset: &EnginePreset, plant: &mut Plant) {
    plant.gensets.iter_mut().for_each(|g| apply(preset, g));
    if presets().iter().any(|p| p.shed_stages == plant.shed_stages) && !plant.shed_stages.is_empty() {
        plant.shed_stages = shed_stages(preset);
    }
}

/// Governor, air limit and name of the preset; the machine stays.
pub(super) fn apply_engine(preset: &EnginePreset, genset: &mut Genset) {
    genset.governor = Governor::Pid(preset.governor.clone());
    genset.air.clone_from(&preset.air);
    genset.preset.clone_from(&preset.name);
}

/// The three presets from soft to stiff: lean-slow, lean-default, fast-response.
#[must_use]
pub fn presets() -> [EnginePreset; 3] {
    // A preset file that does not parse stops every scenario from loading (see `read`), so that this default, which a
    // test holds equal to lean-default, never stands in for another engine in a run.
    read().cloned().unwrap_or_default()
}

/// A preset by name.
#[must_use]
pub fn preset(name: &str) -> Option<EnginePreset> {
    presets().into_iter().find(|p| p.name == name)
}

/// Whether a preset of a site may be called so: it becomes a file's name, and must not hide a built-in one.
///
/// # Errors
/// What is wrong, in one line.
pub fn check_name(name: &str) -> Result<(), String> {
    let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || name.len() > 24 || !name.chars().all(sound) {
        return Err(format!("`{name}` is no name of a preset (expected 1 to 24 small letters, digits and `-`)"));
    }
    if shipped::PRESETS.files.iter().any(|(own, _)| *own == name) {
        return Err(format!("`{name}` is a built-in preset (expected another name)"));
    }
    Ok(())
}

/// A site's own preset: the file `NAME.ron` in this folder; none when there is no such file.
///
/// # Errors
/// If the file is malformed or holds another preset.
pub(super) fn beside(dir: &Path, name: &str) -> Result<Option<EnginePreset>, Error> {
    let path = dir.join(format!("{name}.ron"));
    if check_name(name).is_err() || !path.is_file() {
        return Ok(None);
    }
    let (text, origin) = (crate::text::load(&path)?, path.display().to_string());
    let read: EnginePreset = parse(&text, &origin)?;
    check(&read, name).map_err(|p| p.place(&text, &origin))?;
    Ok(Some(read))
}

/// What a site's preset must be, beyond the ranges that every set is checked for.
fn check(p: &EnginePreset, name: &str) -> Checked<()> {
    let at = At::top();
    if p.name != name {
        return Err(at
            .key("name")
            .problem(format!("the name is `{}`", p.name), format!("`{name}`, as the file is called")));
    }
    at.line("description", &p.description, 100)?;
    at.num("refill_kw_per_s", p.refill_kw_per_s, 0.01, 100_000.0)?;
    let list = at.key("acceptance_pu");
    if p.acceptance_pu.is_empty() {
        return Err(list.problem("no step acceptance", "at least one pair (load, step) in pu"));
    }
    for (i, (load, step)) in p.acceptance_pu.iter().enumerate() {
        list.item(i, "the load", *load, 0.0, 2.0)?;
        list.item(i, "the step", *step, 0.001, 2.0)?;
        if i > 0 && *load <= p.acceptance_pu[i - 1].0 {
            return Err(list.index(i).problem("the load does not rise", "pairs by rising load"));
        }
    }
    Ok(())
}

pub(super) fn read() -> Result<&'static [EnginePreset; 3], Error> {
    static PRESETS: OnceLock<Result<[EnginePreset; 3], Error>> = OnceLock::new();
    let read = || {
        let one = |(name, text): (&str, &str)| parse::<EnginePreset>(text, &shipped::PRESETS.path_of(name));
        let [a, b, c] = FILES;
        Ok([one(a)?, one(b)?, one(c)?])
    };
    PRESETS.get_or_init(read).as_ref().map_err(Clone::clone)
}

impl Default for EnginePreset {
    /// `lean-default`, without its texts.
    fn default() -> Self {
        Self {
            name: "lean-default".to_owned(),
            description: String::new(),
            h_s: 0.7,
            d_pu: 0.0,
            governor: Pid {
                kp: 8.0,
                ki: 6.0,
                kd: 1.0,
                td_f_s: 0.05,
                t_act_s: 0.08,
                rate_up: 1.0,
                rate_down: -1.0,
                t_d_s: 0.10,
                t_man_s: 0.25,
                u_min: 0.0,
                u_max: 1.1,
                kaw: 0.0,
            },
            air: Some(AirLimit { p_na_pu: 0.30, reserve_pu: 0.12, t_tc_s: 3.0 }),
            droop_pu: None,
            shed_stages: Vec::new(),
            acceptance_pu: vec![(0.0, 0.20), (0.25, 0.16), (0.50, 0.14), (0.75, 0.14), (0.90, 0.10)],
            refill_kw_per_s: 16.0,
            sources: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_presets_soft_to_stiff_with_sources() {
        let all = read().unwrap();
        assert_eq!(all.each_ref().map(|p| p.name.as_str()), ["lean-slow", "lean-default", "fast-response"]);
        for p in all {
            let fields = ["acceptance_pu", "air", "d_pu", "governor", "h_s", "refill_kw_per_s", "shed_stages"];
            assert_eq!(p.sources.keys().collect::<Vec<_>>(), fields, "{}", p.name);
            assert!(p.acceptance_pu.windows(2).all(|w| w[0].0 < w[1].0), "{}", p.name);
            assert!(!p.description.contains('\n') && p.description.len() <= 100, "{}", p.name);
        }
        assert!(all[2].air.is_none());
        assert_eq!(all[2].governor, all[1].governor);
    }

    #[test]
    fn the_default_is_lean_default() {
        let file = &read().unwrap()[1];
        let texts = EnginePreset {
            description: file.description.clone(),
            sources: file.sources.clone(),
            shed_stages: file.shed_stages.clone(),
            ..EnginePreset::default()
        };
        assert_eq!(*file, texts);
    }
}
