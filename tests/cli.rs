//! The program from outside: what every command prints, where, and with which exit code.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

fn ballast() -> Command {
    let mut c = Command::new(env!("CARGO_BIN_EXE_ballast"));
    c.current_dir(env!("CARGO_MANIFEST_DIR")).env_remove("RUST_LOG").stdin(Stdio::null());
    c
}

fn run(args: &[&str]) -> Output {
    ballast().args(args).output().expect("the program starts")
}

fn out(o: &Output) -> &str {
    std::str::from_utf8(&o.stdout).unwrap()
}

fn err(o: &Output) -> &str {
    std::str::from_utf8(&o.stderr).unwrap()
}

/// Exit code 2, nothing on stdout, one line on stderr that has all of `parts`.
fn refused(o: &Output, parts: &[&str]) {
    assert_eq!(o.status.code(), Some(2), "{o:?}");
    assert_eq!(out(o), "");
    let e = err(o);
    assert_eq!(e.trim_end().lines().count(), 1, "one line, not:\n{e}");
    assert!(e.starts_with("ballast: "), "{e}");
    for p in parts {
        assert!(e.contains(p), "no {p:?} in {e}");
    }
}

fn json(o: &Output) -> Value {
    let text = out(o);
    assert_eq!(text.trim_end().lines().count(), 1, "one object on one line");
    serde_json::from_str(text).expect("JSON")
}

const KEYS: [&str; 25] = [
    "frequency_min_hz",
    "frequency_max_hz",
    "rocof_max_100ms_hz_per_s",
    "rocof_max_500ms_hz_per_s",
    "voltage_min_pu",
    "genset_max_kw",
    "genset_final_kw",
    "step_up_max_1s_kw",
    "step_down_max_1s_kw",
    "ramp_max_5s_kw_per_s",
    "gpu_final_kw",
    "miner_final_kw",
    "bess_energy_kwh",
    "time_to_target_s",
    "violations",
    "trips",
    "fuel_kwh",
    "co2_kg",
    "iso8528_class",
    "disturbances",
    "mining_lost_kwh",
    "state_hash",
    "simulated_s",
    "wall_s",
    "preset",
];

#[test]
fn run_prints_one_object_with_all_keys() {
    let o = run(&["run", "path-a", "--json"]);
    assert_eq!(o.status.code(), Some(0), "{}", err(&o));
    assert_eq!(err(&o), "");
    let v = json(&o);
    for k in KEYS {
        assert!(v.get(k).is_some(), "no {k}");
    }
    assert!((v["genset_final_kw"].as_f64().unwrap() - 998.1).abs() < 0.5);
    assert!((v["gpu_final_kw"].as_f64().unwrap() - 499.8).abs() < 0.1);
    assert!(v["frequency_min_hz"].as_f64().unwrap() > 59.5);
    assert!(v["violations"].as_array().unwrap().is_empty());
    assert_eq!(v["simulated_s"], 120.0);
    assert_eq!(v["state_hash"].as_str().unwrap().len(), 16);
}

#[test]
fn file_and_built_in_name_are_the_same_run() {
    let hash = |s: &str| json(&run(&["run", s, "--json", "--until", "20"]))["state_hash"].clone();
    assert_eq!(hash("naive-slam"), hash("scenarios/naive-slam.ron"));
}

#[test]
fn run_prints_a_table_without_json() {
    let o = run(&["run", "path-b-500", "--until", "30"]);
    assert_eq!(o.status.code(), Some(0));
    for k in KEYS {
        assert!(out(&o).lines().any(|l| l.split_whitespace().next() == Some(k)), "no {k}");
    }
}

#[test]
fn violations_and_trips_exit_1() {
    let o = run(&["run", "naive-slam", "--preset", "lean-slow", "--json"]);
    assert_eq!(o.status.code(), Some(1), "{}", out(&o));
    let v = json(&o);
    let count = |k: &str| v[k].as_array().unwrap().len();
    assert!(count("violations") + count("trips") > 0);
}

#[test]
fn mistakes_exit_2_with_one_line() {
    refused(&run(&["run", "no-such-name"]), &["no-such-name", "no built-in scenario", "ballast check"]);
    refused(&run(&["run", "path-a", "--preset", "nonsense"]), &["nonsense", "lean-default", "lean-slow"]);
    refused(&run(&["run", "path-a", "--until", "0"]), &["until"]);
    refused(&run(&["run", "no-such-file.ron"]), &["no-such-file.ron"]);
    refused(&run(&["compare", "path-a", "no-such-file.ron"]), &["no-such-file.ron"]);
    refused(&run(&["compare", "path-a"]), &["path-a is one run", "two to four", "comparison"]);
    refused(&run(&["compare", "path-a", "path-b-500", "--horizon", "0"]), &["--horizon", "above 0"]);
    refused(&run(&["replay", "no-such-file.ron"]), &["no-such-file.ron"]);
    refused(&run(&["replay", "scenarios/path-a.ron"]), &["not a saved run", "line", "path-a.ron"]);
}

#[test]
fn regress_wrong_usage_is_one_line_that_begins_with_what_is_wrong() {
    let cases: [(&[&str], &[&str]); 14] = [
        (&["--foo"], &["unexpected argument '--foo'; try ballast --help"]),
        (&["--size", "12"], &["'12'", "1440x900", "try ballast --help"]),
        (&["--renderer", "paper"], &["paper", "glow, wgpu"]),
        (&["path-a", "path-b-500"], &["unexpected argument 'path-b-500'"]),
        (&["run"], &["<FILE>", "try ballast run --help"]),
        (&["run", "path-a", "--nonsense"], &["--nonsense", "try ballast run --help"]),
        (&["run", "path-a", "--jsom"], &["--jsom", "--json"]),
        (&["run", "path-a", "--until", "soon"], &["soon", "--until"]),
        (&["run", "path-a", "--seed", "-1"], &["-1"]),
        (&["run", "path-a", "--csv"], &["--csv"]),
        (&["compare"], &["try ballast compare --help"]),
        (&["check", "--all"], &["--all", "try ballast check --help"]),
        (&["replay"], &["<FILE>", "try ballast replay --help"]),
        (&["replay", "a.ron", "b.ron"], &["b.ron", "try ballast replay --help"]),
    ];
    // the first four are about the window
    for (args, parts) in cases.into_iter().skip(if cfg!(feature = "console") { 0 } else { 4 }) {
        let o = run(args);
        refused(&o, parts);
        assert!(!err(&o).contains("Usage") && !err(&o).contains("error:"), "{}", err(&o));
    }
    for args in [&["--help"][..], &["run", "--help"], &["--version"]] {
        let o = run(args);
        assert_eq!(o.status.code(), Some(0), "{args:?}");
        assert_eq!(err(&o), "");
    }
}

#[test]
fn csv_has_a_header_of_signals_and_a_row_a_50_ms() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.csv");
    let o = run(&["run", "path-a", "--until", "10", "--csv", path.to_str().unwrap()]);
    assert_eq!(o.status.code(), Some(0), "{}", err(&o));
    let mut r = csv::Reader::from_path(&path).unwrap();
    let header: Vec<String> = r.headers().unwrap().iter().map(str::to_owned).collect();
    assert!(header[0].starts_with("t_s") || header[0].starts_with("t "), "{}", header[0]);
    assert!(header.iter().any(|h| h.contains("hz")) && header.iter().any(|h| h.contains("kw")), "{header:?}");
    let mut rows = 0;
    let mut last = -1.0;
    for row in r.records() {
        let row = row.unwrap();
        assert_eq!(row.len(), header.len());
        let t: f64 = row[0].parse().unwrap();
        assert!(t > last);
        last = t;
        rows += 1;
    }
    assert!((199..=201).contains(&rows), "{rows} rows");
    let o = run(&["run", "path-a", "--until", "6", "--csv", path.to_str().unwrap(), "--row-ms", "1"]);
    assert_eq!(o.status.code(), Some(0), "{}", err(&o));
    assert_eq!(csv::Reader::from_path(&path).unwrap().records().count(), 6001, "a row a millisecond, and t = 0");
    for bad in ["0.5", "1.5", "2000", "nan"] {
        let o = run(&["run", "path-a", "--until", "1", "--csv", path.to_str().unwrap(), "--row-ms", bad]);
        refused(&o, &["--row-ms", "whole number of ticks"]);
    }
    refused(&run(&["run", "path-a", "--until", "1", "--csv", "/no/such/folder/x.csv"]), &["/no/such/folder/x.csv"]);
}

#[test]
fn compare_prints_both_runs() {
    let o = run(&["compare", "path-a", "path-b-500"]);
    assert_eq!(o.status.code(), Some(0), "{}", err(&o));
    let line = out(&o).lines().find(|l| l.starts_with("genset_final_kw")).expect("a line of genset_final_kw");
    let cells: Vec<&str> = line.split_whitespace().collect();
    assert_eq!((cells[1], cells[2], cells[3]), ("998.100", "499.800", "-498.300"));
    let v = json(&run(&["compare", "path-a", "path-b-500", "--json"]));
    assert_eq!(v["same_end_state"], false);
    assert_eq!(v["figures"]["miner_final_kw"]["a"], 498.3);
    assert_eq!(v["figures"]["miner_final_kw"]["difference"], -498.3);
    assert_eq!(v["figures"]["mining_lost_kwh"]["verdict"], "A better");
    assert_eq!(v["figures"]["mining_lost_kwh"]["against_a"]["b"], "worse");
    assert_eq!(v["figures"]["fuel_kwh"]["flagged"], true);
    assert_eq!(v["figures"]["scenario"]["b"], "path-b-500");
    assert_eq!(v["differences"][0]["what"], "ceiling");
}

#[test]
fn compare_takes_four_runs_aligns_them_and_forces_their_ends() {
    let o = run(&["compare", "path-a", "path-b-500", "--like-for-like", "--align", "first-batch", "--json"]);
    let v = json(&o);
    assert_eq!(v["same_end_state"], true, "{}", out(&o));
    assert!(v["forced"][0].as_str().unwrap().starts_with("B brings its miners back"));
    assert!(v["zero_s"][0].as_f64().unwrap() > 4.0);
    let o = run(&["compare", "path-a", "path-b-500", "path-a", "miner-lag", "--horizon", "10"]);
    assert!(out(&o).contains("D - A") && out(&o).lines().any(|l| l.starts_with("D  miner-lag")), "{}", out(&o));
    // a saved run takes part with what was done in it; it cannot be changed
    let dir = tempfile::tempdir().unwrap();
    let saved = dir.path().join("run.ron");
    let saved = saved.to_str().unwrap();
    assert_eq!(run(&["run", "path-a", "--until", "20", "--save", saved]).status.code(), Some(0));
    let v = json(&run(&["compare", saved, "path-a", "--horizon", "20", "--json"]));
    assert_eq!(v["figures"]["state_hash"]["a"], v["figures"]["state_hash"]["b"]);
    assert_eq!(v["figures"]["fuel_kwh"]["verdict"], "equal");
    refused(&run(&["compare", "path-a", saved, "--like-for-like"]), &["saved run"]);
    let five = ["compare", "path-a", "path-a", "path-a", "path-a", "path-a"];
    assert_eq!(run(&five).status.code(), Some(2));
    assert_eq!(run(&["compare", "path-a", "path-a", "--align", "soon"]).status.code(), Some(2));
}

#[test]
fn check_takes_comparisons() {
    let o = run(&["check", "assets/comparisons/paths.ron"]);
    assert_eq!(o.status.code(), Some(0), "{}", err(&o));
    assert!(out(&o).contains("ok, Path A against Path B"), "{}", out(&o));
    let dir = tempfile::tempdir().unwrap();
    let bad = dir.path().join("bad.ron");
    fs::write(&bad, "Comparison(purpose: \"x\", runs: [(scenario: \"path-a\"), (scenario: \"no-such\")])").unwrap();
    refused(&run(&["check", bad.to_str().unwrap()]), &["no-such"]);
}

#[test]
fn check_takes_what_is_shipped() {
    let o = run(&["check"]);
    assert_eq!(o.status.code(), Some(0));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let of = |dir: &str| fs::read_dir(root.join(dir)).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_file());
    let dirs = ["scenarios", "scenarios/exercises", "assets/ic"];
    let mut files: Vec<String> = dirs.into_iter().flat_map(of).map(|p| p.display().to_string()).collect();
    files.sort();
    assert_eq!(out(&o).lines().count(), files.len(), "a shipped file is not built in, or the other way round");
    let args: Vec<&str> = ["check"].into_iter().chain(files.iter().map(String::as_str)).collect();
    let o = run(&args);
    assert_eq!(o.status.code(), Some(0), "{}", err(&o));
    assert_eq!(out(&o).lines().count(), files.len());
}

#[test]
fn check_says_line_and_column() {
    let dir = tempfile::tempdir().unwrap();
    let bad = dir.path().join("bad.ron");
    let good = Path::new("scenarios/path-a.ron");
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(good)).unwrap();
    let line = 1 + text.lines().position(|l| l.trim_start().starts_with("run_s:")).unwrap();
    for wrong in ["run_s: -5.0,", "run_s: \"long\",", "runs: 5.0,"] {
        let lines: Vec<&str> =
            text.lines().map(|l| if l.trim_start().starts_with("run_s:") { wrong } else { l }).collect();
        fs::write(&bad, lines.join("\n")).unwrap();
        let o = run(&["check", bad.to_str().unwrap()]);
        refused(&o, &[&format!(" at line {line} column "), "bad.ron"]);
    }
    // good ones are still reported beside a bad one
    let o = run(&["check", good.to_str().unwrap(), bad.to_str().unwrap()]);
    assert_eq!(o.status.code(), Some(2));
    assert!(out(&o).contains("path-a.ron: ok"), "{}", out(&o));
    assert_eq!(err(&o).trim_end().lines().count(), 1);
}

#[test]
fn a_saved_run_replays_and_a_changed_one_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("saved.ron");
    let file = path.to_str().unwrap();
    let o = run(&["run", "path-b-500", "--until", "40", "--seed", "7", "--save", file]);
    assert_eq!(o.status.code(), Some(0), "{}", err(&o));
    let o = run(&["replay", file]);
    assert_eq!(o.status.code(), Some(0), "{}{}", out(&o), err(&o));
    let v = json(&run(&["replay", file, "--json"]));
    assert_eq!((&v["same"], &v["seconds"]), (&Value::Bool(true), &Value::from(40)));

    let text = fs::read_to_string(&path).unwrap();
    let at = text.find("hashes:").unwrap();
    let digit = at + text[at..].find('"').unwrap() + 1;
    let other = if text.as_bytes()[digit] == b'0' { "1" } else { "0" };
    fs::write(&path, format!("{}{other}{}", &text[..digit], &text[digit + 1..])).unwrap();
    let o = run(&["replay", file]);
    assert_eq!(o.status.code(), Some(1), "{}", out(&o));
    assert!(out(&o).contains("second 1"), "{}", out(&o));
}

#[test]
fn without_a_display_the_console_says_so_and_leaves() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let start = Instant::now();
    let mut child = ballast()
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("WAYLAND_SOCKET")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > Duration::from_secs(20) {
            child.kill().unwrap();
            panic!("still running after 20 s");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    refused(&child.wait_with_output().unwrap(), &[]);
}

#[test]
fn example_prints_what_the_program_carries_to_begin_from() {
    let dir = tempfile::tempdir().unwrap();
    let list = run(&["example"]);
    assert_eq!(list.status.code(), Some(0));
    for path in out(&list).lines() {
        let printed = run(&["example", path]);
        assert_eq!(
            out(&printed),
            fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap(),
            "{path}"
        );
    }
    let mine = dir.path().join("mine.ron");
    fs::write(&mine, &run(&["example", "path-b-500"]).stdout).unwrap();
    assert_eq!(run(&["check", mine.to_str().unwrap()]).status.code(), Some(0));
    refused(&run(&["example", "path-b500"]), &["did you mean path-b-500"]);
}

#[test]
fn six_answers_become_a_plant_of_ones_own_that_runs() {
    let dir = tempfile::tempdir().unwrap();
    let mine = dir.path().join("mine.ron");
    let mine = mine.to_str().unwrap();
    let ask = |answers: &str| {
        fs::write(dir.path().join("answers"), answers).unwrap();
        let answers = fs::File::open(dir.path().join("answers")).unwrap();
        ballast().args(["new", "--out", mine]).stdin(answers).output().unwrap()
    };
    assert_eq!(ask("two\n").status.code(), Some(2), "a pipe is not asked again");
    assert!(!Path::new(mine).exists());
    let made = ask("2\n800\n100\n40\n100\n2\n");
    assert_eq!(made.status.code(), Some(0), "{}", err(&made));
    assert_eq!(err(&made).matches("]: ").count(), 6);
    assert_eq!(run(&["check", mine]).status.code(), Some(0));
    let ran = run(&["run", mine, "--until", "30", "--json"]);
    assert_eq!(json(&ran)["scenario"], "mine");
    let of_defaults = ballast().args(["new"]).output().unwrap();
    fs::write(dir.path().join("default.ron"), &of_defaults.stdout).unwrap();
    let ran = json(&run(&["run", dir.path().join("default.ron").to_str().unwrap(), "--json"]));
    assert!(ran["time_to_target_s"].is_number(), "the plant that is asked for first comes up whole: {ran}");
    assert!(err(&ask("")).contains("cannot write"), "and never over a file that is there");
}

#[test]
fn completions_and_pages_name_every_command() {
    let help = run(&["--help"]);
    let commands: Vec<_> = out(&help)
        .lines()
        .skip_while(|l| *l != "Commands:")
        .skip(1)
        .map_while(|l| l.strip_prefix("  ")?.split(' ').next())
        .filter(|w| !w.is_empty() && *w != "help")
        .collect();
    assert!(commands.len() > 12, "{commands:?}");
    for shell in ["bash", "zsh", "fish"] {
        let printed = run(&["completions", shell]);
        assert!(commands.iter().all(|c| out(&printed).contains(c)), "{shell}");
    }
    let dir = tempfile::tempdir().unwrap();
    let pages = dir.path().join("man");
    assert_eq!(run(&["man", pages.to_str().unwrap()]).status.code(), Some(0));
    for c in commands {
        assert!(fs::read_to_string(pages.join(format!("ballast-{c}.1"))).unwrap().contains(".TH"), "{c}");
    }
}

/// The manual's verdicts rest on runs: each is made again.
#[test]
fn val_claims_of_the_manual_are_what_the_runs_give() {
    let claims = ballast::report::manual::claims().unwrap();
    let mut figures = 0;
    for c in claims {
        for ballast::report::manual::Figure(scenario, preset, key, value, survives) in &c.figures {
            let ran = json(&run(&["run", scenario, "--preset", preset, "--json"]));
            let is = ran[key].as_f64().unwrap_or(f64::NAN);
            assert!((is - value).abs() <= 0.006, "{scenario} on {preset}: {key} is {is}, not {value}");
            assert_eq!(ran["trips"].as_array().map(Vec::is_empty), Some(*survives), "{scenario} on {preset}: {ran}");
            figures += 1;
        }
        for show in &c.show {
            let command = show.split(' ').next().unwrap();
            assert_eq!(run(&[command, "--help"]).status.code(), Some(0), "{show}");
            if command == "run" || command == "compare" {
                let named = show.split(' ').skip(1).take_while(|w| !w.starts_with("--"));
                assert!(named.into_iter().all(|n| run(&["example", n]).status.success()), "{show}");
            }
        }
    }
    assert!(figures > 20, "{figures}");
}

#[test]
fn the_manual_is_one_page_with_chapters_reference_and_commands() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("manual.html");
    assert_eq!(run(&["manual", "--out", file.to_str().unwrap()]).status.code(), Some(0));
    let page = fs::read_to_string(&file).unwrap();
    for part in ["id=\"step-now\"", "id=\"signals\"", "id=\"ballast-feed-probe\"", "F-LO", "M08.1", "site.f_hz"] {
        assert!(page.contains(part), "no {part}");
    }
}
