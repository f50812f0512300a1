//! The commands: everything the program does without a screen, and the start of the console.
//!
//! Exit codes: 0 ok; 1 the run or the check found violations; 2 an error. Errors are one line on stderr, message first
//! and path last. `--json` prints one object on stdout.

mod columns;
mod compare;
#[cfg(feature = "console")]
mod console;
mod example;
mod feed;
mod fit;
mod manual;
mod new;
mod plan;
mod record;
mod replay;
mod run;
mod say;
mod score;
mod shell;
mod sinks;
mod study;
mod tune;
mod usage;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::LazyLock;

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::scenario::{self, Scenario};
use say::say;

#[derive(Parser)]
#[command(name = "ballast", version = VERSION.as_str(), about = "Operator console and digital twin of an islanded gas-genset site with miners, GPUs and storage", long_about = None, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[cfg(feature = "console")]
    #[command(flatten)]
    console: console::ConsoleArgs,
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
    /// Print a file that the program carries (scenario, preset, equipment, tag map, alarms), to begin one's own from
    Example {
        /// Name or path, as listed; without it, the list
        name: Option<String>,
    },
    /// Answer six questions, get a commented scenario of your own plant
    New(new::NewArgs),
    /// Map what becomes of a scenario over two of its parameters; on one machine or many
    Tune(Box<tune::TuneArgs>),
    /// Study a site: how many units it takes, what its pulse does, filler or storage
    Study(study::StudyArgs),
    /// Plan the miners' day: least fuel and ramping cost, most mining income
    Plan(Box<plan::PlanArgs>),
    /// Tag maps of a site: validate one, or ask its devices, read only
    Feed(feed::FeedArgs),
    /// Write the manual as one HTML page: chapters, claims and their verdicts, reference, commands
    Manual {
        /// File to write; without it, the page goes to stdout
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Write the completions of a shell to stdout
    Completions {
        /// The shell
        shell: shell::Shell,
    },
    /// Write the manual pages, one a command, into a folder
    Man {
        /// The folder; it is made where it is missing
        folder: PathBuf,
    },
}

/// Version, the commit where the build was told it (`BALLAST_COMMIT`, as `.ci/package` does), and what is built in.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let commit = option_env!("BALLAST_COMMIT").unwrap_or("of unknown commit");
    let console = if cfg!(feature = "console") { "with console" } else { "headless" };
    format!("{} ({commit}, {console})", env!("CARGO_PKG_VERSION"))
});

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
        Some(Command::Example { name }) => example::example(name.as_deref()),
        Some(Command::New(a)) => new::new(&a),
        Some(Command::Tune(a)) => tune::tune(&a),
        Some(Command::Study(a)) => study::study(&a),
        Some(Command::Plan(a)) => plan::plan(&a),
        Some(Command::Feed(a)) => feed::feed(&a),
        Some(Command::Manual { out }) => manual::manual(out.as_deref(), &VERSION, &Cli::command()),
        Some(Command::Completions { shell }) => shell::completions(shell, &mut Cli::command()),
        Some(Command::Man { folder }) => shell::man(&folder, Cli::command()),
        #[cfg(feature = "console")]
        None => console::console(&cli.console),
        #[cfg(not(feature = "console"))]
        None => {
            Err("this build has no window; `ballast run FILE.ron` runs a scenario, `ballast --help` lists the commands"
                .to_owned())
        }
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
    #[cfg(feature = "console")]
    let logger = crate::console::dialogs::KeepReason(logger);
    if log::set_boxed_logger(Box::new(logger)).is_ok() {
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

fn check(files: &[PathBuf]) -> ExitCode {
    let mut bad = false;
    let mut line = |name: &str, result: Result<String, String>| match result {
        Ok(purpose) => say!("{name}: ok, {purpose}"),
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
