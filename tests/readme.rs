//! The console blocks of the README, run line by line and compared with what the program prints.
//!
//! A block is a session in an empty folder: a line that begins with `$ ` is a command, the lines under it are what it
//! prints, in order, stdout and then stderr; a line `...` stands for any number of lines. What follows ` # ` in a command is a
//! remark. `> FILE` keeps stdout in a file. The blocks follow on each other in one folder. Exit code 2 goes with an
//! error line, 1 is allowed where the text under it says what was found.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// A command of a block with the lines printed under it.
struct Step {
    command: String,
    expected: Vec<String>,
}

fn steps(readme: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for block in readme.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        for line in block.lines() {
            match line.strip_prefix("$ ") {
                Some(command) => steps.push(Step { command: command.to_owned(), expected: Vec::new() }),
                None => steps.last_mut().expect("a block begins with a command").expected.push(line.to_owned()),
            }
        }
    }
    steps
}

/// Whether `printed` is `expected`, in which `...` stands for any number of lines, none included.
fn matches(expected: &[String], printed: &[&str]) -> bool {
    match expected.split_first() {
        None => printed.is_empty(),
        Some((dots, rest)) if dots == "..." => (0..=printed.len()).any(|n| matches(rest, &printed[n..])),
        Some((line, rest)) => printed.first() == Some(&line.as_str()) && matches(rest, &printed[1..]),
    }
}

#[test]
fn dots_stand_for_any_lines() {
    let lines = |l: &[&str]| l.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    assert!(matches(&lines(&["a", "...", "d"]), &["a", "b", "c", "d"]));
    assert!(matches(&lines(&["...", "d", "..."]), &["d"]));
    assert!(!matches(&lines(&["a"]), &["a", "b"]));
    assert!(!matches(&lines(&["a", "...", "x"]), &["a", "b"]));
}

#[test]
fn what_the_readme_shows_is_what_the_program_prints() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = String::new();
    let steps = steps(&readme);
    assert!(steps.len() > 8, "the README shows {} commands", steps.len());
    for step in steps {
        let command = step.command.split(" # ").next().unwrap().trim();
        let (command, file) = command.split_once(" > ").map_or((command, None), |(c, f)| (c, Some(f)));
        let mut words = command.split_whitespace();
        assert_eq!(words.next(), Some("ballast"), "{command}");
        let o = Command::new(env!("CARGO_BIN_EXE_ballast"))
            .args(words)
            .current_dir(folder.path())
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .output()
            .expect("the program starts");
        let (out, err) = (String::from_utf8(o.stdout).unwrap(), String::from_utf8(o.stderr).unwrap());
        if let Some(file) = file {
            std::fs::write(folder.path().join(file), &out).unwrap();
        }
        let printed: Vec<&str> =
            if file.is_some() { err.lines().collect() } else { out.lines().chain(err.lines()).collect() };
        let an_error = step.expected.iter().any(|l| l.starts_with("ballast: "));
        let code_fits = match o.status.code() {
            Some(0) => !an_error,
            Some(1) => !step.expected.is_empty(),
            Some(2) => an_error,
            _ => false,
        };
        if !code_fits || !(step.expected.is_empty() || matches(&step.expected, &printed)) {
            writeln!(wrong, "$ {}\nexit code {:?}\n{}\n", step.command, o.status.code(), printed.join("\n")).unwrap();
        }
    }
    assert!(wrong.is_empty(), "the program prints otherwise:\n\n{wrong}");
}
