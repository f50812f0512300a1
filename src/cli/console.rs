//! The start of the console: what the command line asks of the window, and what the window needs of the program.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::{Outcome, load};
use crate::alarm::Database;
use crate::console::settings::{RendererChoice, Settings};
use crate::console::{self, Pick, session::Session};
use crate::feed::map::Map;
use crate::journal::{Folder, Monitor, RunFile, Scribe};
use crate::scenario::{self, Scenario};
use crate::training::{Desk, DeskConfig};
use crate::worker::{self, Tap as _};

/// Renderer of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Renderer {
    /// OpenGL.
    Glow,
    /// Vulkan, Metal, DirectX 12 or OpenGL, whichever answers.
    Wgpu,
}

#[derive(Args)]
pub(super) struct ConsoleArgs {
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

fn size(text: &str) -> Result<[u32; 2], String> {
    let parse = |s: &str| s.parse::<u32>().ok().filter(|v| (200..=16_384).contains(v));
    text.split_once('x')
        .and_then(|(w, h)| Some([parse(w)?, parse(h)?]))
        .ok_or_else(|| "expected WIDTHxHEIGHT in pixels, for example 1440x900".to_owned())
}

fn alarms(path: &Path) -> Result<Database, String> {
    let text = crate::text::load(path).map_err(|e| e.to_string())?;
    Database::from_ron(&path.display().to_string(), &text).map_err(|e| e.to_string())
}

/// Opens the window and stays until it is closed.
pub(super) fn console(args: &ConsoleArgs) -> Outcome {
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
    let journal_maker = folder.clone().map(|folder| {
        let operator = operator.clone();
        let keep: console::app::JournalMaker = Box::new(move |monitor| {
            let mut scribe = Scribe::new(Some(folder.clone()), operator.clone(), monitor);
            Box::new(move |update| {
                if let Some(update) = update {
                    scribe.take(worker::News::Update { update, acts: 0 });
                }
                !scribe.full()
            })
        });
        keep
    });
    let start: console::app::SessionStarter = Box::new(move |wake| {
        let desk = Desk::new(Arc::clone(&first), DeskConfig { alarms: alarms.clone(), ..DeskConfig::default() });
        let text = alarms.as_ref().and_then(|a| a.source.clone());
        let scribe = Scribe::new(folder.clone(), operator.clone(), told.clone()).with_alarms(text);
        let mut twin = worker::spawn_with(desk, Some(Box::new(scribe)), wake);
        if run {
            twin.send(worker::Command::Run).map_err(|e| e.to_string())?;
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
        journal_maker,
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
