//! `ballast fit`: an engine's parameters from a recording of its frequency and power, a page that shows what they are worth, and
//! a preset made of them.

mod print;
mod read;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::Outcome;
use crate::cli::say::say;
use crate::plant::config::{Genset, Plant};
use crate::report::fit::Page;
use crate::scenario::{self, preset};
use crate::shadow::fit::{self, Case, Check, Fit, Structure, Trial};

/// Below this frequency a record without a scenario is one of a 50 Hz plant.
const FIFTY_BELOW_HZ: f64 = 55.0;

/// Arguments of `ballast fit`.
#[derive(Args)]
pub struct FitArgs {
    /// Recording: CSV with `t_s`, `site.f_hz` and `site.gen_kw` or `g1.p_kw` at 2 to 50 rows a second
    recording: PathBuf,
    /// Scenario of the plant (FILE.ron or the name of a built-in one); without it one set of 1000 kW and 1250 kVA
    #[arg(long, value_name = "S")]
    scenario: Option<String>,
    /// Rating of the set where there is no scenario, kW
    #[arg(long, value_name = "KW", conflicts_with = "scenario")]
    rated_kw: Option<f64>,
    /// Rating of its generator, kVA: inertia is told on it [default: 1.25 x kW]
    #[arg(long, value_name = "KVA", conflicts_with = "scenario")]
    rated_kva: Option<f64>,
    /// First second that is used
    #[arg(long, value_name = "S", default_value_t = f64::NEG_INFINITY, hide_default_value = true, allow_negative_numbers = true)]
    from: f64,
    /// Last second; of a longer stretch the last 300 s are used
    #[arg(long, value_name = "S", default_value_t = f64::INFINITY, hide_default_value = true, allow_negative_numbers = true)]
    to: f64,
    /// A second recording, to be predicted with what the first one tells
    #[arg(long, value_name = "FILE.csv")]
    check: Option<PathBuf>,
    /// Write a validation page
    #[arg(long, value_name = "OUT.html")]
    report: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Name of the preset to make
    #[arg(long, value_name = "NAME", requires = "save")]
    preset: Option<String>,
    /// Where to write it: NAME.ron, beside the scenarios that shall use it
    #[arg(long, value_name = "FILE.ron", requires = "preset")]
    save: Option<PathBuf>,
}

/// `ballast fit`.
pub fn fit(a: &FitArgs) -> Outcome {
    let (name, save) = (a.preset.as_deref(), a.save.as_deref());
    if let (Some(name), Some(save)) = (name, save) {
        check_name(name, save)?;
    }
    let mut plant = plant(a)?;
    let file = a.recording.display().to_string();
    let read = read::read(&a.recording, &plant, [a.from, a.to])?;
    if a.scenario.is_none() && read.record.mean_hz() < FIFTY_BELOW_HZ {
        plant.f0_hz = 50.0;
    }
    let own = if a.scenario.is_some() { fit::Own::Known(&read.set) } else { fit::Own::Rated(&read.set) };
    let refused = |e: fit::Refusal| format!("{e}: {file}");
    let mut found = fit::fit(&plant, own, &read.record, &on_threads).map_err(refused)?;
    found.miners = read.miners;
    let second = a.check.as_deref().map(|path| second(path, &plant, &found)).transpose()?;
    let adopted = match (name, save) {
        (Some(name), Some(save)) => Some((fit::adopt(&found, &fit::base(&found), name, &file)?, save)),
        _ => None,
    };
    if a.json {
        say!("{}", print::as_json(&found, second.as_ref()));
    } else {
        read.notes.iter().for_each(|n| say!("{n}"));
        print::print(&found, second.as_ref());
    }
    if let Some(out) = &a.report {
        let names = [Some(&a.recording), a.check.as_ref()].map(|p| p.map(|p| p.display().to_string()));
        let command = std::env::args().skip(1).map(|w| quoted(&w)).collect::<Vec<_>>().join(" ");
        let page = Page {
            fit: &found,
            check: second.as_ref(),
            files: names,
            notes: read.notes.clone(),
            command: format!("ballast {command}"),
        };
        std::fs::write(out, page.html()).map_err(|e| format!("{e}: {}", out.display()))?;
        if !a.json {
            say!("wrote {}", out.display());
        }
    }
    if let Some((made, save)) = adopted {
        std::fs::write(save, &made.text).map_err(|e| format!("{e}: {}", save.display()))?;
        if !a.json {
            say!("wrote {}: a scenario beside it may say `preset: \"{}\"`", save.display(), made.preset.name);
        }
    }
    let told = found.parameters.iter().any(|p| p.identifiable);
    Ok(if told { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The scenario's plant, or one set of the rating that is asked for.
fn plant(a: &FitArgs) -> Result<Plant, String> {
    if let Some(file) = &a.scenario {
        return Ok(super::load(file)?.plant);
    }
    let mut plant = scenario::default_scenario().map_err(|e| e.to_string())?.plant;
    for (what, v) in [("--rated-kw", a.rated_kw), ("--rated-kva", a.rated_kva)] {
        if v.is_some_and(|v| !(v.is_finite() && v > 0.0)) {
            return Err(format!("{what}: {} (expected more than 0)", v.unwrap_or(f64::NAN)));
        }
    }
    for g in &mut plant.gensets {
        let kw = a.rated_kw.unwrap_or(g.rated_kw);
        (g.rated_kva, g.rated_kw) = (a.rated_kva.unwrap_or(g.rated_kva / g.rated_kw * kw), kw);
    }
    Ok(plant)
}

/// The prediction of a second recording.
fn second(path: &Path, plant: &Plant, found: &Fit) -> Result<Check, String> {
    let read = read::read(path, plant, [f64::NEG_INFINITY, f64::INFINITY])?;
    fit::check(found, &read.record).map_err(|e| format!("{e}: {}", path.display()))
}

/// Each structure on a thread of its own, as many at a time as there are processors.
fn on_threads(case: &Case, structures: &[Structure]) -> Vec<Trial> {
    let most = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut all = Vec::with_capacity(structures.len());
    for some in structures.chunks(most) {
        std::thread::scope(|scope| {
            let start = |s: &Structure| {
                let s = *s;
                let thread = std::thread::Builder::new().name(format!("ballast-fit-{s:?}"));
                (s, thread.spawn_scoped(scope, move || case.trial(s)))
            };
            let running: Vec<_> = some.iter().map(start).collect();
            for (s, thread) in running {
                // A thread that could not be had: its work is done here.
                let done = thread.ok().and_then(|t| t.join().ok());
                all.push(done.unwrap_or_else(|| case.trial(s)));
            }
        });
    }
    all
}

/// The file must be called as the preset, or no scenario finds it.
fn check_name(name: &str, save: &Path) -> Result<(), String> {
    preset::check_name(name)?;
    if save.file_name().is_none_or(|f| f != format!("{name}.ron").as_str()) {
        return Err(format!("a scenario looks for the preset in {name}.ron (expected --save [FOLDER/]{name}.ron)"));
    }
    Ok(())
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:+,@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// A record with the set that it is of.
struct Read {
    set: Genset,
    record: fit::Record,
    miners: fit::Lags,
    /// What must be known of how it was read.
    notes: Vec<String>,
}
