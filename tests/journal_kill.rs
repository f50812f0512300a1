//! A process that is killed in the middle leaves a sound journal that reaches almost to the instant of its death.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ballast::journal::{Filter, Recording, now_us};

const PATIENCE: Duration = Duration::from_mins(2);
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
        assert_eq!(run.hashes.len(), rows.t_s.last().map_or(0, |t| (t + 1e-6) as usize));
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
