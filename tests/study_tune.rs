//! `ballast tune` from outside: a map on one machine and on many, stopped and gone on with, and what it answers to bad input.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const MAP: [&str; 9] = [
    "tune",
    "path-a",
    "--x",
    "batch_gpus=5..400:5:log",
    "--y",
    "interval_s=0.5..4:3",
    "--limits-off",
    "--set",
    "run_s=9",
];

fn ballast(args: &[&str]) -> Command {
    let mut c = Command::new(env!("CARGO_BIN_EXE_ballast"));
    c.args(args).env_remove("RUST_LOG").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    c
}

fn run(args: &[&str]) -> Output {
    ballast(args).output().expect("the program starts")
}

fn tune(more: &[&str]) -> Output {
    run(&[&MAP, more].concat())
}

fn done(o: &Output) {
    assert_eq!(o.status.code(), Some(0), "{}", String::from_utf8_lossy(&o.stderr));
}

fn refused(o: &Output, words: &str) {
    let err = String::from_utf8_lossy(&o.stderr);
    assert_eq!(o.status.code(), Some(2), "{err}");
    assert!(
        err.starts_with("ballast: ") && err.trim_end().lines().count() == 1 && err.contains(words),
        "{words}: {err}"
    );
}

fn text(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn a_map_has_a_row_a_cell_a_picture_and_exit_code_0_whatever_trips() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).display().to_string();
    let o = tune(&["--csv", &at("map.csv"), "--png", &at("map.png"), "--json"]);
    done(&o);
    let v: serde_json::Value = serde_json::from_slice(&o.stdout).unwrap();
    assert_eq!((v["cells"].as_u64(), v["exact"].as_u64(), v["inferred"].as_u64()), (Some(15), Some(15), Some(0)));
    let classes = ["good", "fair", "poor", "bad", "trip"].map(|c| v["classes"][c].as_u64().unwrap());
    assert_eq!(classes.iter().sum::<u64>(), 15);
    assert!(classes[0] > 0 && classes[4] > 0, "small batches are good and 400 GPUs at once trip: {v}");
    let csv = text(at("map.csv"));
    assert_eq!(csv.lines().count(), 16);
    assert!(csv.starts_with("cell,ix,iy,x,y,frequency_min_hz,"));
    assert!(!dir.path().join("map.csv.partial").exists());
    let png = image::open(at("map.png")).unwrap();
    assert!(png.width() > 500 && png.height() > 400);
    // once more, in letters, and the same rows
    let again = tune(&["--csv", &at("two.csv"), "--threads", "1"]);
    done(&again);
    assert_eq!(csv, text(at("two.csv")));
    assert!(String::from_utf8_lossy(&again.stdout).contains("limits off"));
}

/// A cell of a map is what `run` gives for the same numbers, with every figure where it runs to its end.
#[test]
fn a_cell_is_the_run_of_its_numbers() {
    let dir = tempfile::tempdir().unwrap();
    let csv = dir.path().join("map.csv").display().to_string();
    let axes = ["--x", "batch_gpus=5..20:2", "--y", "bess_kw=0..100:2"];
    let o = run(&[&["tune", "path-a", "--set", "run_s=9", "--whole", "--csv", &csv], &axes[..]].concat());
    done(&o);
    let mut reader = csv::Reader::from_path(&csv).unwrap();
    let names = reader.headers().unwrap().clone();
    let mut cells = 0;
    for row in reader.records().map(Result::unwrap) {
        let get = |name: &str| row[names.iter().position(|n| n == name).unwrap()].to_owned();
        let set = [format!("batch_gpus={}", get("x")), format!("bess_kw={}", get("y"))];
        let o = run(&["run", "path-a", "--json", "--set", "run_s=9", "--set", &set[0], "--set", &set[1]]);
        let v: serde_json::Value = serde_json::from_slice(&o.stdout).unwrap();
        assert_eq!(get("state_hash"), format!("x{}", v["state_hash"].as_str().unwrap()));
        assert_eq!(v["set"][1], set[0]);
        for key in ["frequency_min_hz", "genset_max_kw", "fuel_kwh", "bess_energy_kwh", "time_to_target_s"] {
            assert_eq!(get(key), v[key].as_f64().map_or_else(String::new, |v| v.to_string()), "{key}");
        }
        cells += 1;
    }
    assert_eq!(cells, 4);
}

#[test]
fn t8_shares_become_the_file_of_one_machine_byte_for_byte() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).display().to_string();
    done(&tune(&["--csv", &at("one.csv")]));
    let one = text(at("one.csv"));
    for n in [1, 2, 3, 7, 16, 17] {
        let (parts, merged) = (at(&format!("parts{n}")), at(&format!("merged{n}.csv")));
        let share = |i: usize| tune(&["--shard", &format!("{i}/{n}"), "--out", &parts, "--threads", "1"]);
        // the second one is left out at first
        (1..=n).filter(|i| *i != 2).for_each(|i| done(&share(i)));
        if n >= 2 {
            let o = run(&["tune", "--missing", &parts, "--of", &n.to_string()]);
            assert_eq!(String::from_utf8_lossy(&o.stdout), "2\n");
            if n < 16 {
                refused(&run(&["tune", "--merge", &parts, "--csv", &merged]), &format!("are missing: share 2 of {n}"));
            }
            assert!(!Path::new(&merged).exists());
            done(&share(2));
        }
        // a share that is there is not made again
        let before = fs::metadata(format!("{parts}/part-00001-of-{n:05}.csv")).unwrap().modified().unwrap();
        done(&share(1));
        assert_eq!(before, fs::metadata(format!("{parts}/part-00001-of-{n:05}.csv")).unwrap().modified().unwrap());
        done(&run(&["tune", "--merge", &parts, "--csv", &merged]));
        assert_eq!(one, text(&merged), "{n} shares");
        assert_eq!(String::from_utf8_lossy(&run(&["tune", "--missing", &parts, "--of", &n.to_string()]).stdout), "\n");
    }
    // another seed is another map: neither made over it nor joined with it
    let parts = at("parts3");
    refused(&tune(&["--seed", "9", "--shard", "1/3", "--out", &parts]), "another map, scenario or version");
    done(&tune(&["--seed", "9", "--shard", "1/4", "--out", &parts]));
    refused(&run(&["tune", "--merge", &parts, "--csv", &at("no.csv")]), "different maps");
}

/// Killed in the middle, a command leaves no file that looks whole, and the same command goes on with what there is.
#[test]
fn t8_a_killed_share_leaves_no_part_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let parts = dir.path().join("parts");
    let (out, long) = (parts.display().to_string(), ["--set", "run_s=60", "--whole", "--threads", "1"]);
    let args = [&MAP, &long[..], &["--shard", "1/1", "--out", &out]].concat();
    let partial = parts.join("part-00001-of-00001.csv.partial");
    let mut child = ballast(&args).spawn().unwrap();
    let rows = || fs::read_to_string(&partial).map_or(0, |t| t.lines().count());
    while rows() < 4 && child.try_wait().unwrap().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let kept = text(&partial);
    assert!(kept.lines().count() >= 4 && !parts.join("part-00001-of-00001.csv").exists());
    // a line that was cut in the middle is forgotten, the rest is not run again
    let cut = kept.trim_end().len() - 9;
    fs::write(&partial, &kept[..cut]).unwrap();
    done(&run(&args));
    let whole = text(parts.join("part-00001-of-00001.csv"));
    assert!(!partial.exists() && whole.lines().count() == 16);
    let fresh = dir.path().join("fresh.csv").display().to_string();
    done(&run(&[&MAP, &long[..], &["--csv", &fresh]].concat()));
    assert_eq!(whole, text(&fresh));
}

/// What is inferred is marked, and what is run is what the whole map has.
#[test]
fn t7_fast_ends_with_the_band_and_says_what_it_inferred() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).display().to_string();
    let axes = ["--x", "batch_gpus=5..400:12:log", "--y", "interval_s=0.5..4:9"];
    let map = [&["tune", "path-a"], &axes[..], &["--limits-off", "--set", "run_s=9", "--json"]].concat();
    let o = run(&[&map[..], &["--csv", &at("exact.csv")]].concat());
    done(&o);
    let exact: serde_json::Value = serde_json::from_slice(&o.stdout).unwrap();
    let o = run(&[&map[..], &["--fast", "--csv", &at("fast.csv")]].concat());
    done(&o);
    let fast: serde_json::Value = serde_json::from_slice(&o.stdout).unwrap();
    assert_eq!(exact["classes"], fast["classes"]);
    assert!(fast["inferred"].as_u64().unwrap() > 10, "{fast}");
    for (a, b) in text(at("exact.csv")).lines().zip(text(at("fast.csv")).lines()).skip(1) {
        match b.rsplit(',').next() {
            Some("1") => assert!(b.starts_with(a), "{a}\n{b}"),
            _ => assert!(b.ends_with(",0") && b.contains(",,,,")),
        }
    }
}

#[test]
fn t15_bad_input_is_answered_in_one_line() {
    let axis = |x: &str, y: &str, words: &str| refused(&run(&["tune", "path-a", "--x", x, "--y", y]), words);
    axis("batch_gpu=1..9:3", "interval_s=1..2:2", "nearest: batch_gpus");
    axis("batch_gpus=1..9:3", "interval_s=0..60:3:log", "log axis from 0");
    axis("batch_gpus=1..9:3", "interval_s=0.01..60:3", "expected 0.1 to 3600");
    axis("batch_gpus=3..3:3", "interval_s=1..2:2", "a width");
    axis("batch_gpus=1..9:3", "batch_gpus=1..9:3", "both axes are batch_gpus");
    axis("batch_gpus=1..700:700", "interval_s=0.1..3600:14000", "about");
    refused(&tune(&["--metric", "frequency_min"]), "nearest: frequency_min_hz");
    refused(&tune(&["--metric", "genset_max_kw"]), "give --classes");
    refused(&tune(&["--classes", "5,2,0.5"]), "from good to bad");
    refused(&tune(&["--preset", "lean"]), "unknown preset lean");
    refused(&tune(&["--shard", "4/3", "--out", "x"]), "expected i/n");
    refused(&run(&["tune", "--merge", "/nowhere", "--csv", "x"]), "/nowhere");
    refused(&run(&["run", "path-a", "--set", "batch=3"]), "nearest:");
    refused(&run(&["compare", "path-a", "path-b-500", "--set", "interval_s=0"]), "expected 0.1 to 3600");
    // rows of another map are not gone on with
    let dir = tempfile::tempdir().unwrap();
    let csv = dir.path().join("map.csv");
    fs::write(dir.path().join("map.csv.partial"), "# of something else\n").unwrap();
    refused(&tune(&["--csv", &csv.display().to_string()]), "another map, scenario or version");
}

/// A run with `--set` is saved and replayed with it.
#[test]
fn a_saved_run_keeps_what_was_set() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).display().to_string();
    let set = ["--set", "batch_gpus=17", "--set", "genset_h_s=0.9", "--until", "8"];
    run(&[&["run", "path-a", "--save", &at("run.ron"), "--journal", &at("j.sqlite"), "--seal"], &set[..]].concat());
    assert!(text(at("run.ron")).contains("genset_h_s=0.9"));
    done(&run(&["replay", &at("run.ron")]));
    done(&run(&["replay", &at("j.sqlite"), "--again"]));
    let other = text(at("run.ron")).replace("genset_h_s=0.9", "genset_h_s=0.8");
    fs::write(at("other.ron"), other).unwrap();
    assert_eq!(run(&["replay", &at("other.ron")]).status.code(), Some(1), "another inertia is another run");
}
