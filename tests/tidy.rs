//! Rules of the house that a compiler does not check: layers, a pure core, no panics, files of readable length, files
//! that say what they are for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};

/// Modules from the ground up. A module may use those of the layers below its own, and nothing else.
const LAYERS: [&[&str]; 13] = [
    &["text", "utc", "store", "shipped", "lock", "acts"],
    &["plant"],
    &["control"],
    &["scenario"],
    &["engine"],
    &["history", "alarm"],
    &["training"],
    &["worker"],
    &["feed", "shadow", "journal", "planner"],
    // money comes from the planner's cost file
    &["study"],
    &["report"],
    &["console"],
    // one of its commands opens the window
    &["cli"],
];

/// Longest file, in lines.
const LONGEST: usize = 500;
/// Files that may be longer, and why.
const LONGER: [(&str, usize); 2] = [
    // cases of one kind, each a few lines
    ("tests/console_panels.rs", 670),
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

    /// A file that is compiled for tests alone.
    fn is_test(&self) -> bool {
        self.path.contains("/tests")
    }

    /// Lines of the program: without comments, without the tests of the file, numbered from 1.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let end = if self.is_test() { 0 } else { self.text.find("#[cfg(test)]\nmod ").unwrap_or(self.text.len()) };
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

/// A module of the crate, as a path from its root, that a file names, and the line.
type Used = (usize, Vec<String>);

/// What the program of a file names of the crate: `crate::…` and `super::…` in any place, groups over many lines and macros
/// included, comments, texts and test modules not. `of` is the path of the file's module.
fn uses(text: &str, of: &[&str]) -> Vec<Used> {
    let tokens: TokenStream = text.parse().unwrap_or_else(|e| panic!("{of:?}: {e}"));
    let mut found = Vec::new();
    walk_tokens(
        &tokens.into_iter().collect::<Vec<_>>(),
        &of.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>(),
        &mut found,
    );
    found
}

fn is_punct(t: Option<&TokenTree>, c: char) -> bool {
    matches!(t, Some(TokenTree::Punct(p)) if p.as_char() == c)
}

fn ident(t: Option<&TokenTree>) -> Option<String> {
    let Some(TokenTree::Ident(i)) = t else { return None };
    Some(i.to_string())
}

fn group(t: Option<&TokenTree>) -> Option<Vec<TokenTree>> {
    let Some(TokenTree::Group(g)) = t else { return None };
    Some(g.stream().into_iter().collect())
}

fn walk_tokens(tokens: &[TokenTree], here: &[String], found: &mut Vec<Used>) {
    let mut k = 0;
    while k < tokens.len() {
        let test = is_punct(tokens.get(k), '#')
            && matches!(tokens.get(k + 1), Some(TokenTree::Group(g)) if g.stream().to_string().replace(' ', "") == "cfg(test)")
            && ident(tokens.get(k + 2)).as_deref() == Some("mod");
        if test {
            // `#[cfg(test)] mod name {..}` or `;`
            k += 5;
            continue;
        }
        if ident(tokens.get(k)).as_deref() == Some("mod")
            && let (Some(name), Some(inner)) = (ident(tokens.get(k + 1)), group(tokens.get(k + 2)))
        {
            walk_tokens(&inner, &[here, &[name]].concat(), found);
            k += 3;
            continue;
        }
        let follows = |at: usize| is_punct(tokens.get(at), ':') && is_punct(tokens.get(at + 1), ':');
        let inside = k >= 2 && follows(k - 2);
        let head = ident(tokens.get(k)).filter(|_| !inside && follows(k + 1));
        match head.as_deref() {
            Some("crate") => k = path(tokens, k + 3, &[], found),
            Some("super") => {
                let (mut up, mut at) = (1, k + 3);
                while ident(tokens.get(at)).as_deref() == Some("super") && follows(at + 1) {
                    (up, at) = (up + 1, at + 3);
                }
                k = path(tokens, at, &here[..here.len().saturating_sub(up)], found);
            }
            _ => {
                if let Some(inner) = group(tokens.get(k)) {
                    walk_tokens(&inner, here, found);
                }
                k += 1;
            }
        }
    }
}

/// A path or a tree of paths from `at` on, below `base`; gives the place behind it.
fn path(tokens: &[TokenTree], mut at: usize, base: &[String], found: &mut Vec<Used>) -> usize {
    let mut whole = base.to_vec();
    let line = tokens.get(at).map_or(0, |t| t.span().start().line);
    while let Some(name) = ident(tokens.get(at)) {
        whole.push(name);
        at += 1;
        if !(is_punct(tokens.get(at), ':') && is_punct(tokens.get(at + 1), ':')) {
            break;
        }
        at += 2;
    }
    match group(tokens.get(at)) {
        Some(tree) if whole.is_empty() || is_punct(tokens.get(at - 1), ':') => {
            for branch in tree.split(|t| is_punct(Some(t), ',')).filter(|b| !b.is_empty()) {
                path(branch, 0, &whole, found);
            }
            at + 1
        }
        _ => {
            found.push((line, whole));
            at
        }
    }
}

#[test]
fn paths_are_found() {
    let heads = |text: &str, of: &[&str]| -> Vec<String> {
        uses(text, of).into_iter().map(|(_, p)| p.into_iter().take(2).collect::<Vec<_>>().join("::")).collect()
    };
    assert_eq!(heads("use crate::plant::config::{A, B};", &["x"]), ["plant::config", "plant::config"]);
    assert_eq!(
        heads("use crate::{\n    plant,\n    engine::{run::R, msg},\n};", &["x"]),
        ["plant", "engine::run", "engine::msg"]
    );
    assert_eq!(heads("fn f(x: crate::control::Phase) { crate::a(); }", &["x"]), ["control::Phase", "a"]);
    assert_eq!(heads("println!(\"{}\", crate::a::b); // crate::c\nlet t = \"crate::d\";", &["x"]), ["a::b"]);
    assert_eq!(heads("use super::super::plant::P; use super::y;", &["x", "z"]), ["plant::P", "x::y"]);
    assert_eq!(heads("mod m { use super::super::plant::P; }", &["x"]), ["plant::P"]);
    assert_eq!(heads("#[cfg(test)]\nmod tests { use crate::a; }\nuse crate::b;", &["x"]), ["b"]);
    assert_eq!(heads("$crate::x; mycrate::y", &["x"]), ["x"]);
    assert_eq!(uses("use crate::{\na,\nb};", &[]).iter().map(|(n, _)| *n).collect::<Vec<_>>(), [2, 3]);
}

#[test]
fn arrows_point_down() {
    let layer = |m: &str| LAYERS.iter().position(|l| l.contains(&m));
    let mut bad = String::new();
    for f in sources().iter().filter(|f| !f.is_test() && !["lib", "main"].contains(&f.module())) {
        let own = layer(f.module()).unwrap_or_else(|| panic!("{}: a new module has no place among the layers", f.path));
        let inner = f.path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
        for (n, used) in uses(&f.text, &inner.split('/').collect::<Vec<_>>()) {
            let Some(head) = used.first().filter(|h| *h != f.module()) else { continue };
            if layer(head).is_none_or(|l| l >= own) {
                writeln!(bad, "{}:{n}: {} uses {}", f.path, f.module(), used.join("::")).unwrap();
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
    let pure = ["acts", "plant", "control", "planner", "engine", "alarm", "training", "shadow"];
    forbid(&impure, |f| pure.contains(&f.module()));
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

/// A file that no module names is not compiled, and rots.
#[test]
fn every_source_file_is_a_module() {
    let all = sources();
    let mut lost = String::new();
    for f in all.iter().filter(|f| !["src/lib.rs", "src/main.rs"].contains(&f.path.as_str())) {
        let module = f.path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
        let (parent, name) = module.rsplit_once('/').unwrap_or(("lib", module));
        let parents = [format!("src/{parent}.rs"), format!("src/{parent}/mod.rs"), "src/main.rs".to_owned()];
        let named = format!("mod {name};");
        if !all.iter().any(|p| parents.contains(&p.path) && p.text.contains(&named)) {
            writeln!(lost, "{}: no file says `{named}`", f.path).unwrap();
        }
    }
    none(&lost);
}
