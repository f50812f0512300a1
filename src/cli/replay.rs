//! `ballast replay`: a saved run is simulated again and its state hashes are compared; a journal is verified.

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::Outcome;
use super::run::Finished;
use crate::acts::By;
use crate::cli::say::say;
use crate::journal::{Recording, RunFile};
use crate::scenario::parameter::Setting;
use crate::training::msg::{DeskAct, What};

/// Saves a finished run.
pub fn save(path: &Path, preset: Option<&str>, set: &[Setting], f: &Finished) -> Result<(), String> {
    let mut run = RunFile::begin(f.engine.plate());
    run.preset = preset.map(str::to_owned);
    run.set = set.iter().map(Setting::text).collect();
    let act = |op| DeskAct { by: By::Trainee, what: What::Operate(op) };
    run.desk = f.engine.log().iter().map(|l| (l.tick, act(l.act))).collect();
    for (second, hash) in f.hashes.iter().enumerate() {
        run.hash(second as u64 + 1, *hash);
    }
    run.until_s = f.engine.t_s();
    run.save(path)
}

/// `ballast replay`.
pub fn replay(path: &Path, noted: Option<&str>, again: bool, as_json: bool) -> Outcome {
    if is_database(path)? {
        return journal(path, noted, again, as_json);
    }
    if noted.is_some() {
        return Err(format!("--hash is for journals: {}", path.display()));
    }
    simulate(&RunFile::load(path)?, as_json)
}

/// A file of SQLite, by its first bytes.
pub fn is_database(path: &Path) -> Result<bool, String> {
    const MAGIC: &[u8] = b"SQLite format 3\0";
    let mut head = Vec::new();
    let file = std::fs::File::open(path).map_err(|e| format!("{e}: {}", path.display()))?;
    file.take(MAGIC.len() as u64).read_to_end(&mut head).map_err(|e| format!("{e}: {}", path.display()))?;
    Ok(head == MAGIC)
}

fn simulate(run: &RunFile, as_json: bool) -> Outcome {
    if run.version != env!("CARGO_PKG_VERSION") {
        eprintln!("ballast: this run was made by version {}; hashes may differ for that reason alone", run.version);
    }
    let r = run.replay()?;
    let same = r.same() && r.seconds >= run.hashes.len();
    if as_json {
        say!(
            "{}",
            json!({ "same": same, "seconds": r.seconds, "compared": r.compared,
                    "first_difference_s": r.first_difference_s, "version": run.version })
        );
    } else if r.seconds < run.hashes.len() {
        say!("{}: {} hashes saved, {} made", run.name, run.hashes.len(), r.seconds);
    } else {
        say!("{}: {}", run.name, r.text());
    }
    Ok(if same { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Verifies a journal; with `again`, runs its log again too.
fn journal(path: &Path, noted: Option<&str>, again: bool, as_json: bool) -> Outcome {
    let recording = Recording::open(path).map_err(|e| e.to_string())?;
    let mut verdict = recording.verify();
    if let Some(noted) = noted {
        verdict = verdict.against(noted);
    }
    let h = recording.header();
    if as_json {
        say!(
            "{}",
            json!({ "sound": verdict.sound(), "entries": verdict.entries, "rows": verdict.rows,
                    "lines": verdict.lines, "hash": hex::encode(verdict.hash), "end": format!("{:?}", verdict.end).to_lowercase(),
                    "seq": verdict.fault.as_ref().and_then(|f| f.seq), "fault": verdict.fault.as_ref().map(|f| &f.what),
                    "run_id": h.run_id, "scenario": h.scenario, "version": h.version })
        );
    } else {
        say!("{}: {verdict}", h.scenario);
    }
    if !verdict.sound() {
        return Ok(ExitCode::from(1));
    }
    if again {
        let branch = recording.branch().map_err(|e| e.to_string())?;
        return simulate(&recording.run_file(branch).map_err(|e| e.to_string())?, as_json);
    }
    Ok(ExitCode::SUCCESS)
}
