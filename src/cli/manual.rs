//! `ballast manual`: the manual as one HTML file.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use clap::Command;

use super::Outcome;
use crate::report::manual;

/// Writes the manual to a file, or to stdout.
///
/// # Errors
/// Where it goes does not take it.
pub(super) fn manual(out: Option<&Path>, version: &str, program: &Command) -> Outcome {
    let page = manual::page(version, &commands(program))?;
    let written = match out {
        Some(path) => std::fs::write(path, page).map_err(|e| format!("cannot write: {e}: {}", path.display())),
        None => match std::io::stdout().write_all(page.as_bytes()) {
            Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(format!("cannot write to stdout: {e}")),
            _ => Ok(()),
        },
    };
    written.map(|()| ExitCode::SUCCESS)
}

/// Every command with its help, those of commands after them (`feed probe` after `feed`).
fn commands(program: &Command) -> Vec<manual::Command> {
    let mut all = Vec::new();
    let mut add = |path: &str, c: &Command| {
        let help = c.clone().bin_name(path).term_width(110).render_long_help().to_string();
        all.push(manual::Command { name: path.to_owned(), help });
    };
    add("ballast", program);
    for c in program.get_subcommands() {
        let path = format!("ballast {}", c.get_name());
        add(&path, c);
        for sub in c.get_subcommands() {
            add(&format!("{path} {}", sub.get_name()), sub);
        }
    }
    all
}
