//! Engine presets: how stiff an engine is. Every picture and number names the preset that it holds for.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::plant::config::{AirLimit, Genset, Governor, Pid, Source};
use crate::text::Error;
use crate::text::parse;

/// An engine as seen by its load: inertia, governor, air limit and what they allow.
#[derive(Clone, Debug, PartialEq, Deserialize)]
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
    /// Step acceptance: (load, step), pu of rating, load rising.
    pub acceptance_pu: Vec<(f64, f64)>,
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

const TEXTS: [(&str, &str); 3] = [
    ("assets/presets/lean-slow.ron", include_str!("../../assets/presets/lean-slow.ron")),
    ("assets/presets/lean-default.ron", include_str!("../../assets/presets/lean-default.ron")),
    ("assets/presets/fast-response.ron", include_str!("../../assets/presets/fast-response.ron")),
];

/// Makes the set behave as the preset says: inertia, damping, governor, air limit, and its name.
pub fn apply(preset: &EnginePreset, genset: &mut Genset) {
    genset.machine.h_s = preset.h_s;
    genset.machine.d_pu = preset.d_pu;
    apply_engine(preset, genset);
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

pub(super) fn read() -> Result<&'static [EnginePreset; 3], Error> {
    static PRESETS: OnceLock<Result<[EnginePreset; 3], Error>> = OnceLock::new();
    let read = || {
        let [a, b, c] = TEXTS.map(|(path, text)| parse::<EnginePreset>(text, path));
        Ok([a?, b?, c?])
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
            },
            air: Some(AirLimit { p_na_pu: 0.30, reserve_pu: 0.12, t_tc_s: 3.0 }),
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
            let fields = ["acceptance_pu", "air", "d_pu", "governor", "h_s", "refill_kw_per_s"];
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
            ..EnginePreset::default()
        };
        assert_eq!(*file, texts);
    }
}
