//! Initial conditions: where a training begins.
//!
//! Those of the program are scenarios at t = 0 and are never written. One that a trainer keeps is a scenario's text, a seed
//! and the acts up to its time: loading runs them again, so that the state is exact, and small on disk. It reads and
//! writes text only.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::msg::DeskAct;
use crate::engine::Engine;
use crate::plant::signals::SignalTable;
use crate::scenario::{Scenario, builtin_scenario};

/// An initial condition that somebody kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ic {
    /// Name, by which it is listed and loaded.
    pub name: String,
    /// What it is for.
    pub note: String,
    /// Program version that made it.
    pub version: String,
    /// Folder that the scenario's CSV traces are read from.
    #[serde(default)]
    pub base_dir: Option<String>,
    /// Text of the scenario.
    pub scenario: String,
    /// Seed.
    pub seed: u64,
    /// Where it begins, ticks.
    pub tick: u64,
    /// Acts up to there.
    pub log: Vec<(u64, DeskAct)>,
    /// Ids of the plant's signals and their values there, for a comparison.
    pub values: Vec<(String, f64)>,
}

impl Ic {
    /// As text.
    ///
    /// # Errors
    /// What cannot be written; never for what a desk gives.
    pub fn to_text(&self) -> Result<String, String> {
        let pretty = ron::ser::PrettyConfig::new().depth_limit(2);
        ron::ser::to_string_pretty(self, pretty).map_err(|e| e.to_string())
    }

    /// From text.
    ///
    /// # Errors
    /// One line with line and column.
    pub fn from_text(text: &str, origin: &str) -> Result<Self, String> {
        crate::text::parse(text, origin).map_err(|e| e.to_string())
    }

    /// Its scenario at t = 0.
    ///
    /// # Errors
    /// In one line, if this version cannot read it.
    pub fn at_start(&self) -> Result<Scenario, String> {
        let base = self.base_dir.as_deref().map(Path::new);
        let origin = base.map_or_else(|| "kept condition".into(), |b| b.join(&self.name).display().to_string());
        let read = Scenario::from_str(&self.name, &origin, &self.scenario, base).map_err(|e| e.to_string())?;
        Ok(Scenario { seed: self.seed, ..read })
    }
}

/// A shipped condition, as one that somebody kept at t = 0.
///
/// # Errors
/// That there is none of this name.
pub fn original(name: &str) -> Result<Ic, String> {
    let read = builtin_scenario(name).ok_or_else(|| format!("there is no condition `{name}`"))?;
    let engine = Engine::new(Arc::new(read.map_err(|e| e.to_string())?)).without_rows();
    let mut row = vec![0.0; engine.table().len()];
    engine.fill_row(&mut row);
    Ok(Ic {
        name: name.to_owned(),
        note: engine.scenario.purpose.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        base_dir: None,
        scenario: engine.scenario.text.to_string(),
        seed: engine.scenario.seed,
        tick: 0,
        log: Vec::new(),
        values: values(engine.table(), &row),
    })
}

/// Values of a row that two conditions can be compared by: id and value.
#[must_use]
pub fn values(table: &SignalTable, row: &[f64]) -> Vec<(String, f64)> {
    table.signals().iter().zip(row).map(|(s, v)| (s.id.clone(), *v)).collect()
}

/// A line of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Setting or signal.
    pub what: String,
    /// In the one.
    pub a: String,
    /// In the other.
    pub b: String,
}

/// What differs between two conditions: lines of their settings, then values of signals that both have.
#[must_use]
pub fn difference(a: &Ic, b: &Ic) -> Vec<Difference> {
    let mut out = Vec::new();
    let mut line = |what: &str, x: String, y: String| {
        if x != y {
            out.push(Difference { what: what.to_owned(), a: x, b: y });
        }
    };
    line("seed", a.seed.to_string(), b.seed.to_string());
    line("acts before it", a.log.len().to_string(), b.log.len().to_string());
    let (sa, sb) = (settings(&a.scenario), settings(&b.scenario));
    let keys = sa.iter().chain(&sb).map(|(k, _)| k.clone());
    let mut seen = Vec::new();
    for key in keys {
        if seen.contains(&key) {
            continue;
        }
        let of = |list: &[(String, String)]| {
            let all: Vec<_> = list.iter().filter(|(k, _)| *k == key).map(|(_, v)| v.as_str()).collect();
            if all.is_empty() { "default".to_owned() } else { all.join("; ") }
        };
        line(&key, of(&sa), of(&sb));
        seen.push(key);
    }
    for (id, x) in &a.values {
        let Some((_, y)) = b.values.iter().find(|(other, _)| other == id) else { continue };
        if (x - y).abs() > 1e-3 * x.abs().max(y.abs()).max(1.0) {
            line(id, format!("{x:.2}"), format!("{y:.2}"));
        }
    }
    out
}

/// `key: rest of the line` of each line of a scenario, comments left out.
fn settings(text: &str) -> Vec<(String, String)> {
    let lines = text.lines().map(|l| l.split("//").next().unwrap_or("").trim().trim_end_matches(','));
    let pair =
        |l: &str| l.split_once(':').map(|(k, v)| (k.trim_start_matches('(').trim().to_owned(), v.trim().to_owned()));
    lines.filter_map(pair).filter(|(k, v)| !v.is_empty() && v != "(" && v != "[" && k != "purpose").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ic(scenario: &str, kw: f64) -> Ic {
        Ic {
            name: "x".into(),
            note: String::new(),
            version: "0".into(),
            base_dir: None,
            scenario: scenario.into(),
            seed: 1,
            tick: 0,
            log: Vec::new(),
            values: vec![("site.gen_kw".into(), kw), ("site.f_hz".into(), 60.0)],
        }
    }

    #[test]
    fn the_difference_names_settings_and_values_that_differ_and_no_others() {
        let a =
            ic("(purpose: \"a\",\n plant: (\n  relays: console, // words\n ),\n policy: (ceiling_pu: 0.9),\n)", 500.0);
        let b = ic("(purpose: \"b\",\n plant: (\n  relays: none,\n ),\n policy: (ceiling_pu: 0.9),\n)", 510.0);
        let d = difference(&a, &b);
        let what: Vec<_> = d.iter().map(|d| d.what.as_str()).collect();
        assert_eq!(what, ["relays", "site.gen_kw"], "{d:?}");
        assert!(difference(&a, &a).is_empty());
    }

    #[test]
    fn a_kept_condition_reads_back() {
        let a = ic("(\n)", 1.0);
        assert_eq!(Ic::from_text(&a.to_text().unwrap_or_default(), "x"), Ok(a));
        assert!(Ic::from_text("(name: 5)", "x").is_err());
    }
}
