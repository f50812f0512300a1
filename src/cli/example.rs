//! `ballast example`: prints a file that the program carries, to begin one's own from.

use std::io::Write as _;
use std::process::ExitCode;

use super::Outcome;
use crate::shipped::{self, FOLDERS};
use crate::text::nearest;

/// Prints the file, or the names of all of them.
///
/// # Errors
/// No file of that name, with the names that are most like it; or stdout does not take the text.
pub(super) fn example(name: Option<&str>) -> Outcome {
    let text = match name {
        Some(name) => shipped::text(name).ok_or_else(|| unknown(name))?.to_owned(),
        None => listing(),
    };
    match std::io::stdout().write_all(text.as_bytes()) {
        // whoever reads has seen enough: `ballast example | head`
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        written => written.map(|()| ExitCode::SUCCESS).map_err(|e| format!("cannot write to stdout: {e}")),
    }
}

fn listing() -> String {
    FOLDERS.iter().flat_map(|f| f.files.iter().map(|(name, _)| f.path_of(name) + "\n")).collect()
}

fn unknown(name: &str) -> String {
    let names = FOLDERS.iter().flat_map(|f| f.files.iter().map(|(n, _)| *n));
    let like = nearest(name.rsplit('/').next().unwrap_or(name).trim_end_matches(".ron"), names, 3);
    let hint = if like.is_empty() { String::new() } else { format!(" (did you mean {}?)", like.join(", ")) };
    format!("no file of this name in the program{hint}, `ballast example` lists them: {name}")
}
