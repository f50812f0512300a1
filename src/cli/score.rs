//! `ballast score` and `ballast report`: a run is scored, or made into a debrief, from its log.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::Outcome;
use crate::cli::say::say;
use crate::engine::iso8528;
use crate::journal::{Recording, RunFile};
use crate::report::debrief::{Debrief, Options, RunParts};
use crate::training::score::{Measure, Rubric, Score};

/// Arguments of `ballast score`.
#[derive(Args)]
pub struct ScoreArgs {
    /// Journal (FILE.sqlite), saved run (FILE.ron), scenario, or the name of a built-in scenario
    file: String,
    /// Rubric: v2, v1, or a file
    #[arg(long, value_name = "R")]
    rubric: Option<String>,
    /// Do not search par; the lines that need it stay open
    #[arg(long)]
    no_par: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Arguments of `ballast report`.
#[derive(Args)]
pub struct ReportArgs {
    /// Journal (FILE.sqlite), saved run (FILE.ron), scenario, or the name of a built-in scenario
    file: String,
    /// Where to write the page
    #[arg(long, value_name = "FILE.html")]
    out: PathBuf,
    /// Rubric: v2, v1, or a file
    #[arg(long, value_name = "R")]
    rubric: Option<String>,
    /// Name of the trainee
    #[arg(long, value_name = "NAME", default_value = "")]
    trainee: String,
    /// Folder of journals to find the best of the class in: runs of the same scenario that went to the horizon
    #[arg(long, value_name = "DIR")]
    class: Option<PathBuf>,
    /// Write metrics and events as CSV beside the page
    #[arg(long)]
    csv: bool,
    /// Do not search par
    #[arg(long)]
    no_par: bool,
}

fn rubric(name: Option<&str>) -> Result<Arc<Rubric>, String> {
    let file = name.map(Path::new).filter(|p| p.extension().is_some_and(|e| e.eq_ignore_ascii_case("ron")));
    match file {
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|e| format!("{e}: {}", path.display()))?;
            Rubric::from_ron(&path.display().to_string(), &text).map(Arc::new).map_err(|e| e.to_string())
        }
        None => Rubric::named(name).map(Arc::new),
    }
}

fn debrief(file: &str, rubric: Arc<Rubric>, options: &Options) -> Result<Debrief, String> {
    let path = Path::new(file);
    let mut on = |_| true;
    if path.exists() && super::replay::is_database(path)? {
        let rec = Recording::open(path).map_err(|e| e.to_string())?;
        return Debrief::from_recording(&rec, rubric, options, &mut on);
    }
    let saved = path.exists().then(|| RunFile::load(path)).and_then(Result::ok);
    let (run, verify) = if let Some(run) = saved {
        (run, format!("ballast replay {file}"))
    } else {
        let s = super::load(file)?;
        let mut run = RunFile::begin(&crate::engine::plate::plate(&s));
        run.until_s = s.run_s.max(rubric.horizon_s);
        (run, format!("ballast score {file}"))
    };
    Debrief::from_run(RunParts { run, verify, ..RunParts::default() }, rubric, options, &mut on)
}

/// `ballast score`.
pub fn score(a: &ScoreArgs) -> Outcome {
    let options = Options { par: !a.no_par, ..Options::default() };
    let d = debrief(&a.file, rubric(a.rubric.as_deref())?, &options)?;
    if a.json {
        let mut all = serde_json::to_value(&d.score).map_err(|e| e.to_string())?;
        all["model_valid"] = d.not_valid().unwrap_or_else(|| "yes".to_owned()).into();
        say!("{all}");
    } else {
        print(&d.head.scenario, &d.score);
        if let Some(why) = d.not_valid() {
            say!("model not valid: {why}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// `ballast report`.
pub fn report(a: &ReportArgs) -> Outcome {
    if let Some(dir) = a.class.as_deref().filter(|d| !d.is_dir()) {
        return Err(format!("--class is no folder: {}", dir.display()));
    }
    let options = Options { par: !a.no_par, trainee: a.trainee.clone(), class: a.class.clone(), ..Options::default() };
    let d = debrief(&a.file, rubric(a.rubric.as_deref())?, &options)?;
    let write = |path: &Path, text: String| std::fs::write(path, text).map_err(|e| format!("{e}: {}", path.display()));
    write(&a.out, d.html())?;
    if a.csv {
        write(&a.out.with_extension("metrics.csv"), d.metrics_csv())?;
        write(&a.out.with_extension("events.csv"), d.events_csv())?;
    }
    say!("{}: {:.0} of 100, {}", a.out.display(), d.score.total, d.score.grade);
    Ok(ExitCode::SUCCESS)
}

fn print(scenario: &str, s: &Score) {
    say!(
        "{scenario}: {:.1} of 100, {}, rubric {}{}",
        s.total,
        s.grade,
        s.rubric,
        if s.complete { "" } else { ", provisional" }
    );
    for g in &s.groups {
        say!("{:<36} {:>24.1} of {:>3.0}", g.name, g.points, g.of);
        for l in &g.lines {
            let (label, unit) = l.metric.label();
            let value = match l.measure {
                Measure::Value(v) => format!("{} {unit}", l.metric.text(v)),
                Measure::NotAsked => "not asked for".to_owned(),
                Measure::Never => "not reached".to_owned(),
            };
            let par = l.par.map_or_else(String::new, |p| format!("  par {}", l.metric.text(p)));
            say!("  {label:<34} {value:>16} {:>7.1} of {:>3.0}{par}", l.points, l.of);
        }
    }
    say!("{:<36} {}", iso8528::OBJECT, s.metrics.response_words());
    for (what, t_s, points) in &s.deductions {
        say!("deduction {points:.0}: {} at {t_s:.1} s", what.name());
    }
    s.caps.iter().for_each(|c| say!("cap {:.0}: {}", c.at, c.why));
    if let Some(why) = &s.void {
        say!("void: {why}");
    }
    if let Some(p) = &s.par {
        say!("par: {}", p.schedule);
    }
}
