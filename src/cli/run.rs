//! `ballast run`: one scenario, headless, as fast as it can.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clap::Args;
use serde_json::{Map, Value, json};

use super::sinks::Sinks;
use super::{Outcome, load, replay};
use crate::acts::{BLOCK_ROW_S, Block, Event, EventKind};
use crate::cli::say::say;
use crate::engine::Engine;
use crate::engine::iso8528::{Disturbance, Disturbances};
use crate::engine::summary::{Summary, Violation};
use crate::plant::signals::SCHEDULE_STATES;
use crate::scenario::parameter::{self, Setting};
use crate::scenario::{Scenario, preset};
use crate::study::figure::{FIGURES, IN_JSON, IN_JSON_FIRST};
use crate::training::validity::Validity;
use crate::training::{Desk, DeskConfig};

/// Arguments of `ballast run`.
#[derive(Args)]
pub struct RunArgs {
    /// Scenario: FILE.ron or the name of a built-in one
    file: String,
    /// Stop at this simulated time instead of the scenario's own
    #[arg(long, value_name = "S")]
    until: Option<f64>,
    /// Seed instead of the scenario's own
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Engine preset for every genset: lean-slow, lean-default or fast-response
    #[arg(long, value_name = "P")]
    pub(super) preset: Option<String>,
    /// Change a parameter by name, such as batch_gpus=20 or bess_kw=100; may be given again and again
    #[arg(long, value_name = "NAME=VALUE", value_parser = Setting::parse)]
    pub(super) set: Vec<Setting>,
    /// Write every recorded sample as CSV
    #[arg(long, value_name = "OUT")]
    pub(super) csv: Option<PathBuf>,
    /// Milliseconds between two rows of the CSV, 1 to 1000, whole ticks
    #[arg(long, value_name = "MS", requires = "csv", conflicts_with = "journal", default_value_t = 50.0)]
    row_ms: f64,
    /// Save the run (scenario, seed, command log, hashes) for `ballast replay`
    #[arg(long, value_name = "OUT")]
    save: Option<PathBuf>,
    /// Keep a journal of the run: events, commands, rows, hash-chained (SQLite)
    #[arg(long, value_name = "OUT")]
    pub(super) journal: Option<PathBuf>,
    /// Seal the journal at the end and print its last hash
    #[arg(long, requires = "journal")]
    pub(super) seal: bool,
    /// Name of who operates, for the journal
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub(super) user: String,
    /// Print the events as they happened
    #[arg(long)]
    events: bool,
    /// Print one JSON object instead of the table
    #[arg(long)]
    json: bool,
}

/// Changes that the command line makes to a scenario.
///
/// # Errors
/// An unknown preset, a time that is not positive, or a parameter of what the plant does not have.
pub fn adjust(
    s: &mut Scenario,
    until: Option<f64>,
    seed: Option<u64>,
    preset: Option<&str>,
    set: &[Setting],
) -> Result<(), String> {
    if let Some(t) = until {
        if !(t.is_finite() && t > 0.0 && t <= 1.0e7) {
            return Err(format!("--until must be above 0 and at most 1e7 s, not {t}"));
        }
        s.run_s = t;
    }
    if let Some(seed) = seed {
        s.seed = seed;
    }
    if let Some(name) = preset {
        let p = preset::preset(name).ok_or_else(|| {
            let known: Vec<_> = preset::presets().iter().map(|p| p.name.clone()).collect();
            format!("unknown preset {name}; there are {}", known.join(", "))
        })?;
        preset::apply_to_plant(&p, &mut s.plant);
    }
    parameter::apply(set, s)
}

/// A finished run.
pub struct Finished {
    /// The engine at the end.
    pub engine: Engine,
    /// Events of the run.
    pub events: Vec<Event>,
    /// Hash at each full second.
    pub hashes: Vec<u64>,
    /// Since when and why the model does not hold, if the run left its range.
    pub not_valid: Option<String>,
    /// Wall time, s.
    pub wall_s: f64,
}

/// What a second of a run gave.
pub struct Second<'a> {
    /// Recorded rows.
    pub block: &'a Block,
    /// Events.
    pub events: &'a [Event],
    /// Its number, from 1, and the state at its end; none for the rest behind the last full second.
    pub state: Option<(u64, u64)>,
}

/// Takes what a run gives, second by second.
type Take<'a> = &'a mut dyn FnMut(&Engine, &Second<'_>) -> Result<(), String>;

/// Runs to the end. `take` takes rows and events every simulated second.
fn to_end(mut run: HeadlessRun, mut take: Option<Take<'_>>) -> Result<Finished, String> {
    let start = Instant::now();
    let run_s = run.engine().scenario.run_s;
    let tick_s = run.engine().tick_s();
    let end = (run_s / tick_s).round() as u64;
    let per_second = (1.0 / tick_s).round() as u64;
    let (mut events, mut hashes) = (Vec::new(), Vec::new());
    let mut block = Block::default();
    let mut told = 0;
    while run.engine().now_tick() < end {
        run.tick();
        let full = run.engine().now_tick().is_multiple_of(per_second);
        if full {
            hashes.push(run.engine().state_hash());
        }
        if full || run.engine().now_tick() == end {
            run.take_events(&mut events);
            if let Some(take) = take.as_mut() {
                run.take_block(&mut block);
                let state = full.then(|| (hashes.len() as u64, run.engine().state_hash()));
                take(run.engine(), &Second { block: &block, events: &events[told..], state })?;
                block = Block { width: block.width, ..Block::default() };
            }
            told = events.len();
        }
    }
    let (not_valid, wall_s) = (run.not_valid(), start.elapsed().as_secs_f64());
    Ok(Finished { events, hashes, wall_s, not_valid, engine: run.into_engine() })
}

/// A run without a trainee: an exercise needs its desk, anything else the engine alone.
enum HeadlessRun {
    Plain(Box<Engine>, Box<Validity>),
    Exercise(Box<Desk>),
}

impl HeadlessRun {
    fn new(s: Scenario, rows: bool) -> Self {
        let exercise = s.exercise.is_some();
        let s = Arc::new(s);
        if exercise {
            let desk = Desk::new(s, DeskConfig { rubric: None, ..DeskConfig::default() });
            Self::Exercise(Box::new(if rows { desk } else { desk.without_rows() }))
        } else {
            let engine = Engine::new(s);
            Self::Plain(Box::new(if rows { engine } else { engine.without_rows() }), Box::default())
        }
    }

    /// Rows at another pace than 50 ms.
    fn with_rows_every(self, row_ms: f64) -> Result<Self, String> {
        let ticks = row_ms * 1e-3 / self.engine().tick_s();
        let sound = (1.0..=1000.0).contains(&row_ms) && (ticks - ticks.round()).abs() < 1e-6 && ticks > 0.5;
        match self {
            _ if !sound => Err(format!("--row-ms is {row_ms} (expected 1 to 1000, a whole number of ticks)")),
            same if row_ms == 1e3 * BLOCK_ROW_S => Ok(same),
            Self::Plain(e, valid) => Ok(Self::Plain(Box::new(e.with_rows_every(row_ms * 1e-3)), valid)),
            Self::Exercise(_) => Err("--row-ms is for scenarios without an exercise".to_owned()),
        }
    }

    fn tick(&mut self) {
        match self {
            Self::Plain(e, valid) => {
                e.tick();
                valid.step(e);
            }
            Self::Exercise(d) => d.tick(),
        }
    }

    fn take_events(&mut self, into: &mut Vec<Event>) {
        match self {
            Self::Plain(e, _) => e.take_events(into),
            Self::Exercise(d) => d.take_events(into),
        }
    }

    fn take_block(&mut self, into: &mut Block) {
        match self {
            Self::Plain(e, _) => e.take_block(into),
            Self::Exercise(d) => d.take_block(into),
        }
    }

    fn engine(&self) -> &Engine {
        match self {
            Self::Plain(e, _) => e,
            Self::Exercise(d) => d.engine(),
        }
    }

    /// Since when and why the model does not hold, if it does not.
    fn not_valid(&self) -> Option<String> {
        match self {
            Self::Plain(_, valid) => valid.broken().map(str::to_owned),
            Self::Exercise(d) => d.not_valid().map(str::to_owned),
        }
    }

    fn into_engine(self) -> Engine {
        match self {
            Self::Plain(e, _) => *e,
            Self::Exercise(d) => d.into_engine(),
        }
    }
}

/// Figures of a run, keys ending in their unit.
#[must_use]
pub fn figures(f: &Finished) -> Map<String, Value> {
    let e = &f.engine;
    let finite = |v: f64| if v.is_finite() { json!(v) } else { Value::Null };
    let mut m = Map::new();
    let mut put = |k: &str, v: Value| {
        m.insert(k.to_owned(), v);
    };
    put("scenario", json!(e.scenario.name));
    put("preset", json!(e.plate().preset));
    put("policy", json!(e.scenario.policy.set));
    put("path", json!(format!("{:?}", e.scenario.policy.path)));
    put("shed_mode", json!(format!("{:?}", e.scenario.policy.shed_mode)));
    put("model", json!(e.plate().model_note));
    put("seed", json!(e.scenario.seed));
    FIGURES[..IN_JSON_FIRST].iter().for_each(|f| put(f.key, finite((f.of)(e))));
    put("iso8528_class", e.least_class().map_or(Value::Null, |c| json!(c.map_or("none", |c| c.name))));
    put("disturbances", e.responses().flat_map(|(i, r)| of_responses(i, r)).collect());
    put("violations", json!(e.violations()));
    put("trips", json!(e.trips()));
    FIGURES[IN_JSON_FIRST..IN_JSON].iter().for_each(|f| put(f.key, finite((f.of)(e))));
    put("energised_final", json!(e.totals().alive));
    put("schedule_final", json!(schedule_words(e)));
    put("model_valid", json!(f.not_valid.as_deref().unwrap_or("yes")));
    put("state_hash", json!(format!("{:016x}", e.state_hash())));
    put("simulated_s", json!(e.t_s()));
    put("wall_s", json!(f.wall_s));
    if e.plant.cfg.sections.len() > 1 {
        // Where there are several islands, the figures above are the worst of each; powers and energies are sums of the site.
        put("islands", Value::Array(e.summaries().map(|(name, s)| Value::Object(of_island(name, s))).collect()));
    }
    m
}

/// State of the schedule at the end, with its reason where it holds or is lost.
fn schedule_words(e: &Engine) -> String {
    let state = SCHEDULE_STATES.get(e.control.state().code()).copied().unwrap_or("unknown");
    e.control.hold_reason().map_or_else(|| state.to_owned(), |why| format!("{state}: {why}"))
}

/// The disturbances of an island for `--json`, the one that is still under way last.
fn of_responses<'a>(island: &'a str, r: &'a Disturbances) -> impl Iterator<Item = Value> + 'a {
    let over = r.done().iter().map(move |d| disturbance(island, d, false));
    over.chain(r.present().map(move |d| disturbance(island, &d, true)))
}

fn disturbance(island: &str, d: &Disturbance, open: bool) -> Value {
    json!({
        "island": island,
        "t_s": d.t_s,
        "cause": d.cause.name(),
        "load_change_kw": d.load_kw,
        "dip_pct": d.dip_pct,
        "rise_pct": d.rise_pct,
        "recovery_s": d.recovery(),
        "class": d.class().map_or("none", |c| c.name),
        "overtaken": d.overtaken,
        "open": open,
        "words": d.words(),
    })
}

/// Figures of one island, named by its lowest section.
fn of_island(name: &str, s: &Summary) -> Map<String, Value> {
    let finite = |v: f64| if v.is_finite() { json!(v) } else { Value::Null };
    let limits: Vec<&str> = s.violations().map(Violation::name).collect();
    let all = [
        ("island", json!(name)),
        ("frequency_min_hz", finite(s.f_min_hz)),
        ("frequency_max_hz", finite(s.f_max_hz)),
        ("rocof_max_100ms_hz_per_s", json!(s.rocof_100ms)),
        ("rocof_max_500ms_hz_per_s", json!(s.rocof_500ms)),
        ("voltage_min_pu", finite(s.v_min_pu)),
        ("genset_max_kw", json!(s.gen_max_kw)),
        ("step_up_max_1s_kw", json!(s.step_up_kw)),
        ("step_down_max_1s_kw", json!(s.step_down_kw)),
        ("ramp_max_5s_kw_per_s", json!(s.ramp_5s)),
        ("violations", json!(limits)),
    ];
    all.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()
}

/// `ballast run`.
pub fn run(a: &RunArgs) -> Outcome {
    let mut s = load(&a.file)?;
    adjust(&mut s, a.until, a.seed, a.preset.as_deref(), &a.set)?;
    let mut sinks = Sinks::open(a)?;
    let wanted = !sinks.is_empty();
    let mut take = |e: &Engine, news: &Second<'_>| sinks.take(e, news);
    let finished = to_end(HeadlessRun::new(s, wanted).with_rows_every(a.row_ms)?, wanted.then_some(&mut take))?;
    sinks.close()?;
    if let Some(path) = &a.save {
        replay::save(path, a.preset.as_deref(), &a.set, &finished)?;
    }
    if a.events {
        for e in &finished.events {
            eprintln!("{}", event_line(e));
        }
    }
    let mut m = figures(&finished);
    if !a.set.is_empty() {
        let set: Vec<String> = a.set.iter().map(Setting::text).collect();
        m.insert("set".to_owned(), json!(set));
    }
    if a.json {
        say!("{}", Value::Object(m));
    } else {
        table(&m, &finished);
    }
    let e = &finished.engine;
    let clean = e.violations().is_empty() && e.trips().is_empty();
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// An event as one line.
#[must_use]
pub fn event_line(e: &Event) -> String {
    let value = if e.unit.is_empty() { String::new() } else { format!(" {:.2} {}", e.value, e.unit) };
    let kind = match e.kind {
        EventKind::LoadShed => "load shed".to_owned(),
        k => format!("{k:?}").to_lowercase(),
    };
    format!("{:>10.3} s  {kind:<10} {:<16} {}{value}", e.t_s, e.object, e.text)
}

/// A name, or a disturbance as `at 5.01 s: 3.3 % dip, back in 1.9 s: G3`.
fn in_words(v: &Value) -> Option<String> {
    if let Some(name) = v.as_str() {
        return Some(name.to_owned());
    }
    Some(format!("at {:.2} s: {}", v.get("t_s")?.as_f64()?, v.get("words")?.as_str()?))
}

fn table(m: &Map<String, Value>, f: &Finished) {
    for (k, v) in m {
        let text = match v {
            Value::Number(n) if n.is_f64() => format!("{:.3}", n.as_f64().unwrap_or(0.0)),
            Value::String(s) => s.clone(),
            Value::Null => "none".to_owned(),
            Value::Array(a) if a.is_empty() => "none".to_owned(),
            Value::Array(a) if k == "islands" => {
                a.iter().for_each(|island| say!("{k:<28} {island}"));
                continue;
            }
            Value::Array(a) => a.iter().filter_map(in_words).collect::<Vec<_>>().join(", "),
            other => other.to_string(),
        };
        say!("{k:<28} {text}");
    }
    say!("{:<28} {:.0}", "simulated_per_wall", f.engine.t_s() / f.wall_s.max(1e-9));
}
