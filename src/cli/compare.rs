//! `ballast compare`: two to four runs in step, one table.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clap::Args;
use serde_json::{Map, Value, json};

use super::{Outcome, load};
use crate::acts::EventKind;
use crate::cli::say::say;
use crate::journal::RunFile;
use crate::report::compare::figures::{self, Group};
use crate::report::compare::run::{again, saved, simulate};
use crate::report::compare::spec::{self, Spec};
use crate::report::compare::{Align, Comparison, LETTERS, Line, MOST, Run};
use crate::scenario::Scenario;
use crate::scenario::parameter::{self, Setting};

/// Arguments of `ballast compare`.
#[derive(Args)]
pub struct CompareArgs {
    /// Two to four scenarios, saved runs or recordings, the reference first; or one comparison: FILE.ron or `paths`, which is built in
    #[arg(required = true, num_args = 1..=MOST)]
    runs: Vec<String>,
    /// Common zero of time: t0, first-batch, gpu=KW or event=TEXT
    #[arg(long, value_name = "HOW", value_parser = Align::parse)]
    align: Option<Align>,
    /// Run all of them to this simulated time instead of the longest of their own
    #[arg(long, value_name = "S")]
    horizon: Option<f64>,
    /// Let runs on Path B bring their miners back, so that all end alike
    #[arg(long)]
    like_for_like: bool,
    /// Change a parameter of every scenario by name, such as batch_gpus=20; may be given again and again
    #[arg(long, value_name = "NAME=VALUE", value_parser = Setting::parse)]
    set: Vec<Setting>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// What a name or a file on the command line stands for.
pub(super) enum Source {
    /// A scenario.
    Scenario(Box<Scenario>),
    /// Several of them.
    Comparison(Named),
}

/// A comparison and the folder that its paths start from.
pub(super) struct Named {
    /// What the file says.
    pub(super) spec: Spec,
    base: Option<PathBuf>,
}

impl Source {
    /// Reads it.
    pub(super) fn of(file: &str) -> Result<Self, String> {
        let path = Path::new(file);
        let built_in = spec::builtin().iter().find(|(name, _)| *name == file && !path.exists());
        let (origin, text, base) = match built_in {
            Some((_, text)) => ("built in", Some((*text).to_owned()), None),
            None => (file, std::fs::read_to_string(path).ok(), path.parent().map(Path::to_owned)),
        };
        match text.filter(|t| Spec::claims(t)) {
            Some(text) => {
                let spec = Spec::from_str(origin, &text).map_err(|e| e.to_string())?;
                Ok(Self::Comparison(Named { spec, base }))
            }
            None => load(file).map(Box::new).map(Self::Scenario),
        }
    }
}

impl Named {
    /// Labels and scenarios of its runs.
    fn scenarios(&self) -> Result<Vec<(String, Scenario)>, String> {
        let one = |e: &spec::Entry| {
            let beside = self.base.as_ref().map(|b| b.join(&e.scenario)).filter(|p| p.is_file());
            let s = load(&beside.map_or_else(|| e.scenario.clone(), |p| p.display().to_string()))?;
            Ok((e.label.clone().unwrap_or_else(|| s.name.clone()), e.change.apply(s)))
        };
        self.spec.runs.iter().map(one).collect()
    }

    /// Whether all that it names can be loaded.
    pub(super) fn check(&self) -> Result<(), String> {
        self.scenarios().map(drop)
    }
}

/// A run of the command line.
enum Input {
    /// To be run to the horizon.
    Scenario(Box<Scenario>),
    /// To be run again with its acts, to its own end.
    Saved(Box<RunFile>),
}

impl Input {
    fn of(file: &str) -> Result<Self, String> {
        match saved(Path::new(file)) {
            Some(run) => run.map(Box::new).map(Self::Saved),
            None => load(file).map(Box::new).map(Self::Scenario),
        }
    }

    /// Changes parameters; a saved run is what it was.
    fn set(&mut self, settings: &[Setting]) -> Result<(), String> {
        match self {
            Self::Scenario(s) => parameter::apply(settings, s),
            Self::Saved(r) if !settings.is_empty() => {
                Err(format!("--set changes scenarios, and {} is a saved run", r.name))
            }
            Self::Saved(_) => Ok(()),
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Scenario(s) => &s.name,
            Self::Saved(r) => &r.name,
        }
    }

    fn run_s(&self) -> f64 {
        match self {
            Self::Scenario(s) => s.run_s,
            Self::Saved(r) => r.until_s,
        }
    }
}

/// Makes the ends alike; only scenarios can be changed.
fn force(inputs: &mut [Input]) -> Result<Vec<String>, String> {
    let scenario = |i: &Input| match i {
        Input::Scenario(s) => Ok(s.as_ref().clone()),
        Input::Saved(r) => Err(format!("--like-for-like changes scenarios, and {} is a saved run", r.name)),
    };
    let mut scenarios = inputs.iter().map(scenario).collect::<Result<Vec<_>, _>>()?;
    let changed = spec::force(&mut scenarios);
    for (input, s) in inputs.iter_mut().zip(scenarios) {
        *input = Input::Scenario(Box::new(s));
    }
    Ok(changed)
}

/// `ballast compare`.
pub fn compare(args: &CompareArgs) -> Outcome {
    let mut align = args.align.clone();
    let mut horizon = args.horizon;
    let (labels, mut inputs): (Vec<String>, Vec<Input>) = match args.runs.as_slice() {
        [one] => match Source::of(one)? {
            Source::Comparison(all) => {
                align = align.or(Some(all.spec.align.clone()));
                horizon = horizon.or(Some(all.spec.horizon_s));
                all.scenarios()?.into_iter().map(|(label, s)| (label, Input::Scenario(Box::new(s)))).unzip()
            }
            Source::Scenario(s) => {
                return Err(format!("{} is one run, expected two to four, or a comparison such as paths", s.name));
            }
        },
        several => {
            let loaded = several.iter().map(|f| Input::of(f)).collect::<Result<Vec<_>, _>>()?;
            loaded.into_iter().map(|i| (i.name().to_owned(), i)).unzip()
        }
    };
    if let Some(t) = horizon.filter(|t| !(t.is_finite() && *t > 0.0 && *t <= 1.0e5)) {
        return Err(format!("--horizon must be above 0 and at most 1e5 s, not {t}"));
    }
    for input in &mut inputs {
        input.set(&args.set)?;
    }
    let changed = if args.like_for_like { force(&mut inputs)? } else { Vec::new() };
    // One horizon for all, or energies cannot be compared.
    let horizon_s = horizon.unwrap_or_else(|| inputs.iter().map(Input::run_s).fold(1.0, f64::max));
    let mut runs = Vec::new();
    let mut wall_s = Vec::new();
    for (label, input) in labels.iter().zip(inputs) {
        let start = Instant::now();
        let run = match input {
            Input::Scenario(s) => simulate(label, Arc::new(*s), horizon_s, &mut |_| true),
            Input::Saved(saved) => again(label, &saved, &mut |_| true)?,
        };
        runs.extend(run.map(Arc::new));
        wall_s.push(start.elapsed().as_secs_f64());
    }
    let c = Comparison::new(&runs, align.unwrap_or_default());
    if args.json {
        say!("{}", object(&c, horizon_s, &changed, &wall_s));
    } else {
        table(&c, horizon_s, &changed);
    }
    let clean = |r: &Arc<Run>| r.figure("violations_count") == Some(0.0) && objects(r, EventKind::Trip).is_empty();
    Ok(if runs.iter().all(clean) { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Objects of a run's events of one kind, each once, in the order of the first time.
fn objects(run: &Run, kind: EventKind) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for e in run.rows.events().iter().filter(|e| e.kind == kind) {
        if !names.contains(&e.object.as_str()) {
            names.push(&e.object);
        }
    }
    names
}

const KEYS: [&str; MOST] = ["a", "b", "c", "d"];

/// A value for each run under the letters.
fn by_run(values: impl IntoIterator<Item = Value>) -> Map<String, Value> {
    KEYS.into_iter().map(str::to_owned).zip(values).collect()
}

fn number(v: Option<f64>) -> Value {
    v.map_or(Value::Null, |v| json!(figures::tidy(v)))
}

fn object(c: &Comparison, horizon_s: f64, changed: &[String], wall_s: &[f64]) -> Value {
    let mut rows: Map<String, Value> = facts(c, wall_s);
    for line in &c.lines {
        let mut row = by_run(line.values.iter().copied().map(number));
        for (i, delta) in line.deltas.iter().enumerate().skip(1).filter(|(_, d)| d.is_some()) {
            let key = if i == 1 { "difference".to_owned() } else { format!("difference_{}", KEYS[i]) };
            row.insert(key, number(*delta));
        }
        row.insert("verdict".into(), json!(line.verdict.words(c.runs.len())));
        let against: Map<String, Value> =
            (1..c.runs.len()).map(|i| (KEYS[i].to_owned(), json!(line.against_a(i)))).collect();
        row.insert("against_a".into(), Value::Object(against));
        row.insert("flagged".into(), json!(line.flagged));
        rows.insert(line.figure.key.to_owned(), Value::Object(row));
    }
    let differences: Vec<Value> =
        c.differences.iter().map(|d| json!({ "subject": d.subject, "what": d.what, "values": d.values })).collect();
    json!({
        "horizon_s": horizon_s,
        "same_end_state": c.end.alike,
        "end_state": c.end.words,
        "conclusion": c.conclusion(),
        "align": c.align.words(),
        "zero_s": c.zero_s,
        "forced": changed,
        "same": c.same,
        "differences": differences,
        "figures": rows,
    })
}

/// What is said of each run beside its figures.
fn facts(c: &Comparison, wall_s: &[f64]) -> Map<String, Value> {
    type Fact = (&'static str, fn(&Run) -> Value);
    const FACTS: [Fact; 13] = [
        ("scenario", |r| json!(r.plate.scenario)),
        ("preset", |r| json!(r.plate.preset)),
        ("policy", |r| json!(r.policy.set)),
        ("path", |r| json!(format!("{:?}", r.policy.path))),
        ("shed_mode", |r| json!(format!("{:?}", r.policy.shed_mode))),
        ("model", |r| json!(r.plate.model_note)),
        ("seed", |r| json!(r.plate.seed)),
        ("violations", |r| json!(limits(r))),
        ("trips", |r| json!(objects(r, EventKind::Trip))),
        ("state_hash", |r| r.hash.map_or(Value::Null, |h| json!(format!("{h:016x}")))),
        ("energised_final", |r| json!(r.energised_at_end())),
        ("remark", |r| json!(r.remark)),
        ("simulated_s", |r| json!(r.end_s)),
    ];
    let mut rows = Map::new();
    rows.insert("name".into(), Value::Object(by_run(c.runs.iter().map(|r| json!(r.name)))));
    for (key, of) in FACTS {
        rows.insert(key.to_owned(), Value::Object(by_run(c.runs.iter().map(|r| of(r)))));
    }
    rows.insert("wall_s".into(), Value::Object(by_run(wall_s.iter().map(|w| json!(w)))));
    rows
}

/// Names of the limits that a run has passed.
fn limits(run: &Run) -> Vec<&str> {
    let known = |name: &&str| crate::engine::summary::VIOLATIONS.iter().any(|v| v.name() == *name);
    objects(run, EventKind::Limit).into_iter().filter(known).collect()
}

fn table(c: &Comparison, horizon_s: f64, changed: &[String]) {
    let letters = || LETTERS.iter().take(c.runs.len());
    for ((letter, run), zero) in letters().zip(&c.runs).zip(&c.zero_s) {
        let zero = zero.map_or_else(|| "none".to_owned(), |z| format!("{z:.3} s"));
        say!(
            "{letter}  {}: {}, preset {}, seed {}, zero at {zero}",
            run.name,
            run.plate.scenario,
            run.plate.preset,
            run.plate.seed
        );
    }
    c.conclusion().iter().for_each(|words| say!("{words}"));
    say!("horizon {horizon_s:.0} s, aligned by {}", c.align.words());
    if let Some(lost) = c.misaligned() {
        say!("{lost}");
    }
    for (letter, run) in letters().zip(&c.runs) {
        run.remark.iter().for_each(|r| say!("{letter}: {r}"));
    }
    changed.iter().for_each(|w| say!("like for like: {w}"));
    say!("same: {}", c.same.join(", "));
    c.differences.iter().for_each(|d| say!("differs: {}", d.words()));
    say!("");
    let named = letters().zip(&c.runs).map(|(l, r)| (format!("{l} {}", short(&r.name, 14)), 16));
    let deltas = letters().skip(1).map(|l| (format!("{l} - A"), 12));
    say!("{:<28}{}  verdict", "", cells(named.chain(deltas)));
    let mut group = Group::Conduct;
    for line in &c.lines {
        if line.figure.group != group {
            group = line.figure.group;
            say!("");
        }
        say!("{}", row(line));
    }
    if !c.end.alike {
        say!("{}", c.end.words);
    }
}

fn row(line: &Line) -> String {
    let number = |v: &Option<f64>| v.map_or_else(|| "none".to_owned(), |v| format!("{v:.3}"));
    let values = line.values.iter().map(|v| (number(v), 16));
    let deltas = line.deltas.iter().skip(1).map(|v| (number(v), 12));
    format!("{:<28}{}  {}", line.figure.key, cells(values.chain(deltas)), line.words())
}

/// Texts, each right-aligned in its width.
fn cells(texts: impl Iterator<Item = (String, usize)>) -> String {
    texts.fold(String::new(), |row, (text, width)| row + &format!(" {text:>width$}"))
}

fn short(text: &str, room: usize) -> String {
    if text.chars().count() > room {
        format!("{}…", text.chars().take(room - 1).collect::<String>())
    } else {
        text.to_owned()
    }
}
