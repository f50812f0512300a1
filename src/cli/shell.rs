//! Completions and manual pages, made of the same table as the help: what `--help` says is what they say.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use clap::{Command, ValueEnum};

use super::Outcome;

/// Shells that have completions.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Shell {
    Bash,
    Zsh,
    Fish,
}

impl Shell {
    fn generator(self) -> clap_complete::Shell {
        match self {
            Self::Bash => clap_complete::Shell::Bash,
            Self::Zsh => clap_complete::Shell::Zsh,
            Self::Fish => clap_complete::Shell::Fish,
        }
    }
}

/// Writes the completions of a shell to stdout.
///
/// # Errors
/// Stdout does not take them.
pub(super) fn completions(shell: Shell, program: &mut Command) -> Outcome {
    let mut text = Vec::new();
    clap_complete::generate(shell.generator(), program, "ballast", &mut text);
    match std::io::stdout().write_all(&text) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(format!("cannot write to stdout: {e}")),
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// Writes `ballast.1` and a page for each command (`ballast-run.1`, …) into a folder.
///
/// # Errors
/// The folder cannot be made, or does not take a page.
pub(super) fn man(folder: &Path, program: Command) -> Outcome {
    let to = |e: std::io::Error| format!("cannot write the pages: {e}: {}", folder.display());
    std::fs::create_dir_all(folder).map_err(to)?;
    clap_mangen::generate_to(program, folder).map_err(to)?;
    Ok(ExitCode::SUCCESS)
}
