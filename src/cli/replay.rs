//! Saved runs and `ballast replay`: scenario text, seed, command log and the state hashes that it gave.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Outcome;
use super::run::{Finished, adjust};
use crate::engine::Engine;
use crate::engine::msg::Operate;
use crate::scenario::{self, Scenario};

/// A saved run. The scenario's text is inside, so the file stands alone (but for CSV traces that it names).
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    /// Program version that made it.
    version: String,
    /// Scenario's name.
    name: String,
    /// Folder that CSV traces are read from.
    base_dir: Option<String>,
    /// Scenario's text.
    scenario: String,
    /// Seed.
    seed: u64,
    /// Preset from the command line, if any.
    preset: Option<String>,
    /// Simulated length.
    until_s: f64,
    /// Commands: tick and act.
    log: Vec<(u64, Operate)>,
    /// State hash at each full second, hexadecimal.
    hashes: Vec<String>,
}

/// Saves a finished run.
pub fn save(path: &Path, file: &str, preset: Option<&str>, f: &Finished) -> Result<(), String> {
    let source = Path::new(file);
    let (text, base_dir) = match std::fs::read_to_string(source) {
        Ok(text) => (text, source.parent().map(|p| p.display().to_string())),
        Err(e) => match scenario::builtin().iter().find(|(n, _)| *n == file) {
            Some((_, text)) => ((*text).to_owned(), None),
            None => return Err(format!("{e}: {file}")),
        },
    };
    let saved = Saved {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        name: f.engine.scenario.name.clone(),
        base_dir,
        scenario: text,
        seed: f.engine.scenario.seed,
        preset: preset.map(str::to_owned),
        until_s: f.engine.t_s(),
        log: f.engine.log().iter().map(|l| (l.tick, l.act)).collect(),
        hashes: f.hashes.iter().map(|h| format!("{h:016x}")).collect(),
    };
    let pretty = ron::ser::PrettyConfig::new().depth_limit(2);
    let text = ron::ser::to_string_pretty(&saved, pretty).map_err(|e| format!("{e}: {}", path.display()))?;
    std::fs::write(path, text).map_err(|e| format!("{e}: {}", path.display()))
}

/// `ballast replay`.
pub fn replay(path: &Path, as_json: bool) -> Outcome {
    let at = path.display();
    let text = std::fs::read_to_string(path).map_err(|e| format!("{e}: {at}"))?;
    let saved: Saved = ron::from_str(&text).map_err(|e| {
        let (line, col) = (e.span.start.line, e.span.start.col);
        format!("not a saved run: {} at line {line} column {col}: {at}", e.code)
    })?;
    let base = saved.base_dir.as_deref().map(Path::new);
    let mut s = Scenario::from_str(&saved.name, &at.to_string(), &saved.scenario, base).map_err(|e| e.to_string())?;
    adjust(&mut s, Some(saved.until_s), Some(saved.seed), saved.preset.as_deref())?;
    let other = (saved.version != env!("CARGO_PKG_VERSION")).then_some(saved.version.as_str());
    if let Some(v) = other {
        eprintln!("ballast: this run was made by version {v}; hashes may differ for that reason alone");
    }
    let mut e = Engine::new(Arc::new(s)).without_rows();
    let end = (saved.until_s / e.tick_s()).round() as u64;
    let per_second = (1.0 / e.tick_s()).round() as u64;
    let (mut next, mut second) = (0, 0);
    let mut first_difference = None;
    while e.now_tick() < end {
        while saved.log.get(next).is_some_and(|(tick, _)| *tick <= e.now_tick()) {
            e.operate(saved.log[next].1);
            next += 1;
        }
        e.tick();
        if e.now_tick().is_multiple_of(per_second) {
            let hash = format!("{:016x}", e.state_hash());
            if first_difference.is_none() && saved.hashes.get(second).is_some_and(|h| *h != hash) {
                first_difference = Some(second + 1);
            }
            second += 1;
        }
    }
    let same = first_difference.is_none() && second == saved.hashes.len();
    if as_json {
        println!(
            "{}",
            json!({ "same": same, "seconds": second, "first_difference_s": first_difference, "version": saved.version })
        );
    } else if same {
        println!("{}: {second} s replayed, every state hash the same", saved.name);
    } else {
        match first_difference {
            Some(t) => println!("{}: the state differs from second {t} on", saved.name),
            None => println!("{}: {} hashes saved, {second} made", saved.name, saved.hashes.len()),
        }
    }
    Ok(if same { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
