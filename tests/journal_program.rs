//! The journal of the program from outside: verified by exit codes, sealed, and sound when the process was killed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ballast::journal::{Filter, Recording, now_us};

const PATIENCE: Duration = Duration::from_mins(6);
const KILLS: u64 = 20;

fn entries(path: &Path) -> usize {
    Recording::open(path).and_then(|r| r.entries(&Filter::default())).map_or(0, |e| e.len())
}

/// Kills `ballast run --journal` (at full speed, the hardest case) at instants that differ from kill to kill. Exact:
/// every file is sound, its rows have no hole, its hashes are those of the run. A figure, printed: what was lost.
#[test]
fn twenty_kills_leave_twenty_sound_journals() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut lost_s = Vec::new();
    for kill in 0..KILLS {
        let path = dir.path().join(format!("{kill}.sqlite"));
        let mut child = Command::new(env!("CARGO_BIN_EXE_ballast"))
            .args(["run", "path-b-500", "--until", "1000000", "--journal"])
            .arg(&path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program");
        let deadline = Instant::now() + PATIENCE;
        while entries(&path) == 0 {
            assert!(Instant::now() < deadline, "no journal");
            std::thread::sleep(Duration::from_millis(5));
        }
        // Any instant of the writer's cycle, the same ones in each run of the test.
        std::thread::sleep(Duration::from_millis(kill * 7919 % 900));
        let died_us = now_us();
        child.kill().expect("killed");
        child.wait().expect("dead");

        let r = Recording::open(&path).unwrap_or_else(|e| panic!("{e}"));
        let v = r.verify();
        assert!(v.sound(), "kill {kill}: {v}");
        let rows = r.rows(0).expect("rows");
        assert!(rows.t_s.iter().enumerate().all(|(i, t)| (t - i as f64 * 0.05).abs() < 1e-6), "kill {kill}: a hole");
        let run = r.run_file(0).expect("a run");
        assert!(run.hashes.iter().all(|h| h.len() == 16), "kill {kill}: every second has its hash");
        // The hash of a second may be there before its rows.
        let seconds = rows.t_s.last().map_or(0, |t| (t + 1e-6) as usize);
        assert!((seconds..=seconds + 1).contains(&run.hashes.len()), "{seconds} s, {} hashes", run.hashes.len());
        lost_s.push((died_us - r.reaches_utc_us().expect("a time")) as f64 / 1e6);
        if kill == 0 {
            let replayed = ballast::journal::RunFile { until_s: 20.0_f64.min(run.until_s), ..run }.replay();
            assert!(replayed.expect("runs again").same());
        }
    }
    lost_s.sort_by(f64::total_cmp);
    let worst = lost_s.last().copied().unwrap_or_default();
    println!("lost at {KILLS} kills: median {:.3} s, worst {worst:.3} s", lost_s[lost_s.len() / 2]);
    // The writer's cycle is 0.4 s; ten seconds are not a cycle on any machine, however busy.
    assert!(worst < 10.0, "{worst} s of a journal are lost");
}

fn ballast(args: &[&str]) -> (Option<i32>, String, String) {
    let o = Command::new(env!("CARGO_BIN_EXE_ballast")).args(args).output().expect("the program");
    let text = |b: Vec<u8>| String::from_utf8(b).expect("text");
    (o.status.code(), text(o.stdout), text(o.stderr))
}

#[test]
fn the_exit_code_says_whether_a_journal_is_sound() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("run.sqlite");
    let file = path.to_str().expect("text");
    let (code, _, said) = ballast(&[
        "run",
        "path-b-500",
        "--until",
        "12",
        "--seed",
        "7",
        "--preset",
        "lean-slow",
        "--journal",
        file,
        "--seal",
    ]);
    assert_eq!(code, Some(0), "{said}");
    let hash = said.split_once("last hash ").map(|(_, h)| h.trim().to_owned()).expect("the hash is told");

    let (code, said, _) = ballast(&["replay", file, "--again", "--hash", &hash[..16]]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("241 rows, sealed") && said.contains("12 s replayed, every state hash the same"), "{said}");
    let (code, said, _) = ballast(&["replay", file, "--hash", "00000000"]);
    assert!(code == Some(1) && said.contains("not the one that was noted"), "{said}");
    let (code, _, said) = ballast(&["run", "path-b-500", "--until", "5", "--journal", file]);
    assert!(code == Some(2) && said.starts_with("ballast: the journal is sealed: "), "{said}");

    let change = "UPDATE entry SET text = replace(text, 'GPUs', 'gpus') WHERE seq = 3";
    rusqlite::Connection::open(&path).and_then(|db| db.execute_batch(change)).expect("changed");
    let (code, said, _) = ballast(&["replay", file, "--json"]);
    let v: serde_json::Value = serde_json::from_str(&said).expect("one object");
    assert_eq!((code, &v["sound"], &v["seq"], &v["entries"]), (Some(1), &false.into(), &3.into(), &3.into()), "{said}");
    std::fs::write(&path, "SQLite format 3\0 and nonsense").expect("written");
    let (code, out, said) = ballast(&["replay", file]);
    assert!(code == Some(2) && out.is_empty() && said.trim_end().lines().count() == 1, "{said}");
}
