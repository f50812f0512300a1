//! Rules of the house that a compiler does not check: layers, a pure core, no panics, files of readable length, files
//! that say what they are for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

const MODULES: [&str; 16] = [
    "alarm", "cli", "console", "control", "engine", "feed", "history", "journal", "planner", "plant", "report",
    "scenario", "shadow", "study", "training", "main",
];

/// What a module may use: a module, or one part of it.
const ARROWS: [(&str, &[&str]); 19] = [
    // at the bottom: whoever reads a RON file may use it
    ("text", &[]),
    // and whoever keeps a database, or needs the wall clock
    ("store", &[]),
    ("utc", &[]),
    ("shipped", &[]),
    // `control::Phase` is the name of what a GPU does: data, without behaviour
    ("plant", &["control::Phase"]),
    ("control", &["plant"]),
    // a script does what an operator can do, so it is made of the same acts
    // and an exercise is part of it: data
    ("scenario", &["plant", "control", "engine::msg", "training::exercise"]),
    // the messages to a console carry the acts and views of the desk, and how far a value can be trusted: data
    ("engine", &["plant", "control", "scenario", "training::msg", "feed::quality"]),
    // rows and events arrive as the messages of the worker
    ("history", &["plant", "engine::msg"]),
    ("alarm", &["plant", "control", "engine::msg"]),
    ("training", &["plant", "control", "scenario", "engine", "alarm"]),
    // events and rows on disk
    ("journal", &["plant", "control", "scenario", "engine", "history", "alarm", "training"]),
    // the same messages as the twin, and the types inside them; nothing that runs but alarms and meters, which only look
    ("feed", &["plant", "control", "engine::msg", "engine::meter", "history", "alarm", "training::msg"]),
    // the plant, driven by measured rows; how far these can be trusted is the feed's word
    ("shadow", &["plant", "scenario", "feed::quality"]),
    ("planner", &["plant", "control", "scenario"]),
    ("study", &["plant", "control", "scenario", "engine", "planner"]),
    (
        "report",
        &["plant", "control", "scenario", "engine", "history", "journal", "alarm", "training", "study", "planner"],
    ),
    (
        "console",
        &[
            "alarm", "control", "engine", "feed", "history", "journal", "planner", "plant", "report", "scenario",
            "shadow", "study", "training",
        ],
    ),
    (
        "cli",
        &[
            "alarm", "console", "control", "engine", "feed", "history", "journal", "planner", "plant", "report",
            "scenario", "shadow", "study", "training",
        ],
    ),
];

/// Longest file, in lines.
const LONGEST: usize = 500;
/// Files that may be longer, and why.
const LONGER: [(&str, usize); 2] = [
    // cases of one kind, each a few lines
    ("tests/console_panels.rs", 640),
    ("tests/validation_analytic.rs", 640),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

struct File {
    /// With forward slashes, from the root.
    path: String,
    text: String,
}

impl File {
    fn module(&self) -> &str {
        let rest = self.path.strip_prefix("src/").unwrap();
        rest.split('/').next().unwrap().trim_end_matches(".rs")
    }

    /// Lines of the program: without comments, without the tests of the file, numbered from 1.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let test_file =
            self.path.contains("/tests") || self.path.ends_with("_tests.rs") || self.path.ends_with("/fake.rs");
        let end = if test_file { 0 } else { self.text.find("#[cfg(test)]\nmod ").unwrap_or(self.text.len()) };
        let lines = self.text[..end].lines().enumerate().map(|(n, l)| (n + 1, l));
        lines.filter(|(_, l)| !l.trim_start().starts_with("//"))
    }
}

fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, found) } else { found.push(path) }
    }
}

fn files(dirs: &[&str], ends: &[&str]) -> Vec<File> {
    let mut paths = Vec::new();
    dirs.iter().for_each(|d| walk(&root().join(d), &mut paths));
    paths.sort();
    let known = |p: &PathBuf| ends.iter().any(|e| p.to_string_lossy().ends_with(e));
    let read = |p: PathBuf| File {
        path: p.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/"),
        text: fs::read_to_string(&p).unwrap(),
    };
    paths.into_iter().filter(known).map(read).collect()
}

fn sources() -> Vec<File> {
    let all = files(&["src"], &[".rs"]);
    assert!(all.len() > 50, "found only {} source files", all.len());
    all
}

/// Fails with every offence at once.
fn none(offences: &str) {
    assert!(offences.is_empty(), "\n{offences}");
}

/// `crate::a::b` in a line, groups like `crate::{a, b::c}` too; parts after the second are cut off.
fn crate_paths(line: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        if line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &line[at + "crate::".len()..];
        let heads: Vec<&str> = match rest.strip_prefix('{') {
            Some(group) => group.split(['}', ',', ';']).map(str::trim).filter(|h| !h.is_empty()).collect(),
            None => vec![rest],
        };
        for head in heads {
            let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
            let end = head.find(|c: char| !is_name(c)).unwrap_or(head.len());
            let parts: Vec<&str> = head[..end].split("::").filter(|p| !p.is_empty()).take(2).collect();
            paths.push(parts.join("::"));
        }
    }
    paths
}

#[test]
fn paths_are_found() {
    assert_eq!(crate_paths("use crate::plant::config::{A, B};"), ["plant::config"]);
    assert_eq!(crate_paths("let x: crate::control::Phase = crate::a();"), ["control::Phase", "a"]);
    assert_eq!(crate_paths("use crate::{plant, engine::msg};"), ["plant", "engine::msg"]);
    assert_eq!(crate_paths("$crate::x, mycrate::y"), Vec::<String>::new());
}

#[test]
fn arrows_point_down() {
    let mut bad = String::new();
    for f in sources() {
        let module = f.module();
        if module == "lib" || module == "main" {
            continue;
        }
        let (_, allowed) =
            ARROWS.iter().find(|(m, _)| *m == module).unwrap_or_else(|| panic!("{}: new module", f.path));
        for (n, line) in f.code() {
            for used in crate_paths(line) {
                let head = used.split("::").next().unwrap();
                if head == module || !MODULES.contains(&head) || allowed.iter().any(|a| *a == head || *a == used) {
                    continue;
                }
                writeln!(bad, "{}:{n}: {module} uses {used}", f.path).unwrap();
            }
        }
    }
    none(&bad);
}

/// Where the words may stand: every file of `sources` for which `applies`, except in comments and tests.
fn forbid(words: &[&str], applies: impl Fn(&File) -> bool) {
    let mut bad = String::new();
    for f in sources().iter().filter(|f| applies(f)) {
        for (n, line) in f.code() {
            for w in words.iter().filter(|w| line.contains(**w)) {
                writeln!(bad, "{}:{n}: {w}: {}", f.path, line.trim()).unwrap();
            }
        }
    }
    none(&bad);
}

#[test]
fn only_the_console_knows_the_gui() {
    forbid(&["egui::", "use egui", "eframe", "egui_plot", "rfd::"], |f| f.module() != "console");
}

#[test]
fn the_core_is_pure() {
    let impure = [
        "std::thread",
        "std::fs",
        "std::net",
        "std::io",
        "std::process",
        "std::env",
        "std::sync::Mutex",
        "Instant",
        "SystemTime",
        "crossbeam",
        "rand::",
        "println!",
        "HashMap",
        "HashSet",
    ];
    forbid(&impure, |f| {
        let pure = ["plant", "control", "planner", "engine", "alarm", "training", "shadow"].contains(&f.module());
        pure && !f.path.starts_with("src/engine/worker")
    });
}

#[test]
fn sines_come_from_libm_in_the_core() {
    let own = [".sin()", ".cos()", ".tan()", ".exp()", ".ln()", ".powf(", ".atan2(", ".hypot("];
    forbid(&own, |f| ["plant", "control", "engine", "shadow"].contains(&f.module()));
}

#[test]
fn nothing_panics_on_purpose_and_no_thread_goes_unnamed() {
    let words = [
        ".unwrap()",
        "todo!",
        "unimplemented!",
        "dbg!(",
        "thread::spawn(",
        "unbounded(",
        "mpsc::channel",
        "process::exit",
        "unsafe ",
    ];
    forbid(&words, |_| true);
}

#[test]
fn a_feed_only_reads() {
    let words = [
        "TwinHandle",
        "Operate",
        "Command",
        "Sender<Command",
        "fn write",
        "File::create",
        "OpenOptions",
        "fs::write",
        "publish",
        "write_coil",
        "write_register",
        ".post(",
        ".put(",
        "POST",
        "PUT",
    ];
    forbid(&words, |f| f.module() == "feed");
}

#[test]
fn one_file_opens_connections() {
    let words = ["std::net", "TcpStream", "UdpSocket", "ureq", "rustls", "socket2", "tokio", "ToSocketAddrs"];
    forbid(&words, |f| f.path != "src/feed/wire.rs");
}

#[test]
fn no_crate_that_can_write_to_a_plant_is_locked() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let names: Vec<&str> = lock.lines().filter_map(|l| l.strip_prefix("name = \"")?.strip_suffix('"')).collect();
    assert!(names.contains(&"ureq"), "the lock file is not read as it should be");
    let deny = fs::read_to_string(root().join(".deny.toml")).unwrap();
    let banned: Vec<&str> =
        deny.lines().filter_map(|l| l.trim().strip_prefix("{ crate = \"")?.split('"').next()).collect();
    for wanted in ["tokio-modbus", "rumqttc", "srad", "asic-rs"] {
        assert!(banned.contains(&wanted), ".deny.toml does not ban {wanted}");
    }
    let found: Vec<&&str> = banned.iter().filter(|b| names.contains(b)).collect();
    assert!(found.is_empty(), "locked, but banned by .deny.toml: {found:?}");
}

#[test]
fn files_can_be_read_in_one_sitting() {
    let mut bad = String::new();
    for f in files(&["src", "tests"], &[".rs"]) {
        let lines = f.text.lines().count();
        let most = LONGER.iter().find(|(p, _)| *p == f.path).map_or(LONGEST, |(_, n)| *n);
        if lines > most {
            writeln!(bad, "{}: {lines} lines, at most {most}: cut it along an idea", f.path).unwrap();
        }
        if !f.text.starts_with("//!") {
            writeln!(bad, "{}: the first line does not say what it is", f.path).unwrap();
        }
    }
    none(&bad);
}

#[test]
fn every_scenario_says_what_it_is_for() {
    let all = files(&["scenarios"], &[".ron"]);
    assert!(!all.is_empty());
    for f in all {
        let purpose = f.text.lines().find_map(|l| l.trim().strip_prefix("purpose: \""));
        assert!(purpose.is_some_and(|p| p.len() > 15), "{}: no line `purpose: \"...\"`", f.path);
    }
}

#[test]
fn every_equipment_file_names_its_sources() {
    for f in files(&["assets/library", "assets/presets"], &[".ron"]) {
        assert!(f.text.contains("source"), "{}: no source", f.path);
    }
}

#[test]
fn every_dependency_says_why_it_is_here() {
    let text = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let (mut section, mut before) = ("", "");
    let mut seen = 0;
    for line in text.lines() {
        if line.starts_with('[') {
            section = line;
        } else if section.contains("dependencies") && line.contains('=') && !line.starts_with('#') {
            assert!(before.starts_with("# ") && before.len() > 6, "no reason above: {line}");
            seen += 1;
        }
        before = line;
    }
    assert!(seen > 15, "only {seen} dependencies found");
}

#[test]
fn no_path_of_somebodys_machine() {
    // put together at run time, so that this file does not find itself
    let words: Vec<String> = [("/ho", "me/"), ("/Us", "ers/"), ("/wo", "rk/"), ("../sha", "red"), ("C:", "\\")]
        .map(|(a, b)| format!("{a}{b}"))
        .to_vec();
    let mut bad = String::new();
    let mut all = files(&["src", "tests", "scenarios", "assets", ".ci"], &[".rs", ".ron", ".csv", ".toml", "run"]);
    for name in ["Cargo.toml", "README.md", ".clippy.toml", ".deny.toml", ".gitignore"] {
        let text = fs::read_to_string(root().join(name)).unwrap();
        all.push(File { path: name.to_owned(), text });
    }
    for f in all {
        for (n, line) in f.text.lines().enumerate() {
            for w in words.iter().filter(|w| line.contains(w.as_str())) {
                writeln!(bad, "{}:{}: {w}", f.path, n + 1).unwrap();
            }
        }
    }
    none(&bad);
}

#[test]
fn the_readme_shows_the_commands() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for c in [
        "cargo run --release",
        "cargo test",
        "ballast run",
        "ballast compare",
        "ballast check",
        "ballast replay",
        "LICENSE-MIT",
        "LICENSE-APACHE",
    ] {
        assert!(readme.contains(c), "README.md does not show `{c}`");
    }
}

#[test]
fn the_top_level_stays_as_it_is() {
    let kept = [
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "assets",
        "scenarios",
        "src",
        "target",
        "tests",
    ];
    for entry in fs::read_dir(root()).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(name.starts_with('.') || kept.contains(&name.as_str()), "{name} at the top level");
    }
}
