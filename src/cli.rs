//! The commands: everything the program does without a screen, and the start of the console.
//!
//! Exit codes: 0 ok; 1 the run or the check found violations; 2 an error. Errors are one line on stderr, message first
//! and path last. `--json` prints one object on stdout.

mod compare;
mod feed;
mod fit;
mod record;
mod replay;
mod run;
mod score;
mod sinks;
mod usage;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};

use crate::alarm::Database;
use crate::console::dialogs::KeepReason;
use crate::console::settings::{RendererChoice, Settings};
use crate::console::{self, Pick, session::Session};
use crate::engine::worker::Tap as _;
use crate::engine::{msg, worker};
use crate::feed::map::Map;
use crate::journal::{Folder, Monitor, RunFile, Scribe};
use crate::scenario::{self, Scenario};
use crate::training::{Desk, DeskConfig};

/// Renderer of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Renderer {
    /// OpenGL.
    Glow,
    /// Vulkan, Metal, DirectX 12 or OpenGL, whichever answers.
    Wgpu,
}

#[derive(Parser)]
#[command(name = "ballast", version, about = "Operator console and digital twin of an islanded gas-genset site with miners, GPUs and storage", long_about = None, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    console: ConsoleArgs,
}

#[derive(Args)]
struct ConsoleArgs {
    /// Scenario (FILE.ron or the name of a built-in one) or recording (FILE.csv, FILE.sqlite, a saved run); without it the built-in 1 MW plant
    file: Option<String>,
    /// Renderer of the window [default: the one in the settings, first glow]
    #[arg(long, value_enum)]
    renderer: Option<Renderer>,
    /// Inner size of the window
    #[arg(long, value_name = "WxH", value_parser = size, default_value = "1440x900")]
    size: [u32; 2],
    /// Start running at once
    #[arg(long)]
    run: bool,
    /// Alarms in place of the built-in ones (FILE.ron, in the form of assets/alarms.ron)
    #[arg(long, value_name = "FILE")]
    alarms: Option<PathBuf>,
    /// Show the site of this tag map, read only; the scenario lends it limits
    #[arg(long, value_name = "MAP")]
    live: Option<PathBuf>,
    /// Keep no journal of the runs
    #[arg(long)]
    no_journal: bool,
    /// Print the milliseconds from the start of the process to the first frame, and leave
    #[arg(long, hide = true)]
    first_frame: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Run a scenario as fast as possible and print its summary
    Run(run::RunArgs),
    /// Run two to four scenarios in step and print one table: figures, differences, better and worse in words
    Compare(compare::CompareArgs),
    /// Validate scenario and comparison files; one line a file
    Check {
        /// Files; without any, the built-in scenarios
        files: Vec<PathBuf>,
    },
    /// Re-simulate a saved run (FILE.ron) and check its state hashes, or verify a journal (FILE.sqlite)
    Replay {
        /// Saved run or journal
        file: PathBuf,
        /// Journal: its last hash as noted at the seal, or the first digits of it
        #[arg(long, value_name = "HEX")]
        hash: Option<String>,
        /// Journal: re-simulate the run from the log too
        #[arg(long)]
        again: bool,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Score a run from its log, with par found by search
    Score(score::ScoreArgs),
    /// Write the debrief of a run as one HTML file
    Report(score::ReportArgs),
    /// Fit an engine's inertia, governor and delays to a recorded load step, and save them as a preset
    Fit(fit::FitArgs),
    /// Tag maps of a site: validate one, or ask its devices, read only
    Feed(feed::FeedArgs),
}

fn size(text: &str) -> Result<[u32; 2], String> {
    let parse = |s: &str| s.parse::<u32>().ok().filter(|v| (200..=16_384).contains(v));
    text.split_once('x')
        .and_then(|(w, h)| Some([parse(w)?, parse(h)?]))
        .ok_or_else(|| "expected WIDTHxHEIGHT in pixels, for example 1440x900".to_owned())
}

/// What a command comes to.
type Outcome = Result<ExitCode, String>;

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    log_to_stderr();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) if e.use_stderr() => {
            eprintln!("ballast: {}", usage::line(&e, &Cli::command()));
            return ExitCode::from(2);
        }
        // what --help and --version ask for; nothing sensible is left to do when stdout itself is gone
        Err(e) => {
            drop(e.print());
            return ExitCode::SUCCESS;
        }
    };
    let outcome = match cli.command {
        Some(Command::Run(a)) => run::run(&a),
        Some(Command::Compare(a)) => compare::compare(&a),
        Some(Command::Check { files }) => Ok(check(&files)),
        Some(Command::Replay { file, hash, again, json }) => replay::replay(&file, hash.as_deref(), again, json),
        Some(Command::Score(a)) => score::score(&a),
        Some(Command::Report(a)) => score::report(&a),
        Some(Command::Fit(a)) => fit::fit(&a),
        Some(Command::Feed(a)) => feed::feed(&a),
        None => console(&cli.console),
    };
    outcome.unwrap_or_else(|message| {
        eprintln!("ballast: {message}");
        ExitCode::from(2)
    })
}

/// Errors, or what `RUST_LOG` asks for; and why a file dialog does not open, for the list inside the window.
fn log_to_stderr() {
    let env = env_logger::Env::default().default_filter_or("error,rfd=off,egui=error");
    let logger = env_logger::Builder::from_env(env).build();
    let level = logger.filter().max(log::LevelFilter::Warn);
    if log::set_boxed_logger(Box::new(KeepReason(logger))).is_ok() {
        log::set_max_level(level);
    }
}

/// Reads a scenario by file name, or a built-in one by its name.
fn load(file: &str) -> Result<Scenario, String> {
    let path = Path::new(file);
    let named = path.extension().is_none() && !path.exists();
    match named.then(|| scenario::builtin_scenario(file)).flatten() {
        Some(built_in) => built_in.map_err(|e| e.to_string()),
        None if named => {
            Err(format!("no file and no built-in scenario has this name, `ballast check` lists them: {file}"))
        }
        None => Scenario::load(path).map_err(|e| e.to_string()),
    }
}

fn alarms(path: &Path) -> Result<Database, String> {
    let text = crate::text::load(path).map_err(|e| e.to_string())?;
    Database::from_ron(&path.display().to_string(), &text).map_err(|e| e.to_string())
}

fn check(files: &[PathBuf]) -> ExitCode {
    let mut bad = false;
    let mut line = |name: &str, result: Result<String, String>| match result {
        Ok(purpose) => println!("{name}: ok, {purpose}"),
        Err(e) => {
            bad = true;
            eprintln!("ballast: {e}");
        }
    };
    if files.is_empty() {
        for (name, text) in
            scenario::builtin().iter().chain(scenario::exercises()).chain(scenario::initial_conditions())
        {
            let read = Scenario::from_str(name, "built in", text, None);
            line(name, read.map(|s| s.purpose).map_err(|e| e.to_string()));
        }
    }
    for f in files {
        let checked = match compare::Source::of(&f.display().to_string()) {
            Ok(compare::Source::Comparison(all)) => all.check().map(|()| all.spec.purpose),
            Ok(compare::Source::Scenario(s)) => Ok(s.purpose),
            Err(e) => Err(e),
        };
        line(&f.display().to_string(), checked);
    }
    if bad { ExitCode::from(2) } else { ExitCode::SUCCESS }
}

fn console(args: &ConsoleArgs) -> Outcome {
    if let Some(map) = &args.live {
        // said here, where it can be read, and not in a window that would open on nothing
        Map::load(map).map_err(|e| e.to_string())?;
    }
    let path = Settings::user_path();
    let (settings, warning) = path.as_deref().map_or_else(|| (Settings::default(), None), Settings::load);
    let played = |p: &&Path| p.extension().is_some_and(|e| e == "csv" || e == "sqlite") || RunFile::is_one(p);
    let recording = args.file.as_deref().map(Path::new).filter(played);
    let first = match args.file.as_deref().filter(|_| recording.is_none()) {
        Some(file) => load(file)?,
        None => scenario::default_scenario().map_err(|e| e.to_string())?,
    };
    let alarms = args.alarms.as_deref().map(alarms).transpose()?.map(Arc::new);
    let tick_s = first.plant.tick_s;
    let first = Arc::new(first);
    let run = args.run;
    let monitor = Monitor::default();
    let keep = settings.journal;
    let folder = Folder::user().filter(|_| keep.on && !args.no_journal);
    let folder = folder.map(|f| Folder { most: keep.runs, most_bytes: keep.megabytes << 20, ..f });
    let (operator, told) = (settings.operator.clone(), monitor.clone());
    let keeper = folder.clone().map(|folder| {
        let operator = operator.clone();
        let keep: console::app::Keeper = Box::new(move |monitor| {
            let mut scribe = Scribe::new(Some(folder.clone()), operator.clone(), monitor);
            Box::new(move |update| {
                if let Some(update) = update {
                    scribe.hear(worker::News::Update { update, acts: 0 });
                }
                !scribe.full()
            })
        });
        keep
    });
    let start: console::app::Restarter = Box::new(move |wake| {
        let desk = Desk::new(Arc::clone(&first), DeskConfig { alarms: alarms.clone(), ..DeskConfig::default() });
        let text = alarms.as_ref().and_then(|a| a.source.clone());
        let scribe = Scribe::new(folder.clone(), operator.clone(), told.clone()).with_alarms(text);
        let mut twin = worker::spawn_with(desk, Some(Box::new(scribe)), wake);
        if run {
            twin.send(msg::Command::Run).map_err(|e| e.to_string())?;
        }
        Ok(Session::Twin(twin))
    });
    let setup = console::Setup {
        settings,
        settings_path: path,
        message: warning.map(|w| w.to_string()),
        built_in: scenario::builtin()
            .iter()
            .chain(scenario::exercises())
            .filter_map(|(name, _)| scenario::builtin_scenario(name)?.ok().map(|s| (s.name, s.purpose)))
            .collect(),
        loader: Arc::new(|pick| match pick {
            Pick::BuiltIn(name) => load(name),
            Pick::File(path) => Scenario::load(path).map_err(|e| e.to_string()),
        }),
        tick_s,
        journal: Some(monitor),
        keeper,
    };
    let options = console::Options {
        renderer: args.renderer.map(|r| match r {
            Renderer::Glow => RendererChoice::Glow,
            Renderer::Wgpu => RendererChoice::Wgpu,
        }),
        size: Some(args.size.map(|v| v as f32)),
        open: recording.map(Path::to_owned),
        site: args.live.clone(),
        first_frame: args.first_frame.then(std::time::Instant::now),
        ..console::Options::default()
    };
    console::run(start, setup, options)?;
    Ok(ExitCode::SUCCESS)
}
