//! Tests of the recording reader: good files, bad ones, growing ones.

use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::*;

type Test = Result<(), Box<dyn std::error::Error>>;

const HEADER: &str = "t_s,site.f_hz,site.gen_kw,comment\n";

fn open(path: &Path, way: Way) -> Feed {
    Feed::open(path, way, None, Arc::new(|| ()))
}

/// Takes updates until `enough` or two seconds have passed.
fn gather(feed: &Feed, mut enough: impl FnMut(&[Update]) -> bool) -> Vec<Update> {
    let until = Instant::now() + Duration::from_secs(5);
    let mut all = Vec::new();
    while !enough(&all) && Instant::now() < until {
        if let Ok(u) = feed.updates.recv_timeout(Duration::from_millis(20)) {
            all.push(u);
        }
    }
    all
}

fn times(all: &[Update]) -> Vec<f64> {
    all.iter().flat_map(|u| u.block.t_s.clone()).collect()
}

fn wait_for(feed: &Feed, state: impl Fn(&State) -> bool) -> State {
    let until = Instant::now() + Duration::from_secs(5);
    loop {
        let now = feed.info().state;
        if state(&now) || Instant::now() > until {
            return now;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_recording_is_played_to_its_end_with_gaps_and_bad_lines_told() -> Test {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("run.csv");
    let mut text = HEADER.to_owned();
    for i in 0..20 {
        text += &format!("{},60,500,ok\n", f64::from(i) * 0.1);
    }
    text += "1.0,60,500,late\n9,60\n12,sixty,500,x\n12.1,60,500,x";
    std::fs::write(&path, text)?;
    let feed = open(&path, Way::Replay);
    feed.set_speed(1000.0);
    let all = gather(&feed, |u| times(u).len() >= 22);
    assert_eq!(times(&all).len(), 22);
    assert_eq!(all[0].block.width, all[0].table.len());
    wait_for(&feed, |s| *s == State::Ended);
    let info = feed.info();
    assert_eq!(info.state, State::Ended);
    assert_eq!((info.rows, info.bad, info.gaps), (22, 3, 1));
    assert_eq!(info.unknown, ["comment"]);
    let last = info.last_bad.ok_or("told")?.to_string();
    assert!(
        last.starts_with("`sixty` is no number: ") && last.ends_with("run.csv, line 24, column site.f_hz"),
        "{last}"
    );
    let events: Vec<_> = all.iter().flat_map(|u| &u.events).map(|e| e.text.clone()).collect();
    assert!(events.iter().any(|e| e.contains("gap of 10.1 s")), "{events:?}");
    Ok(())
}

#[test]
fn freezing_the_playback_holds_rows_back() -> Test {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("run.csv");
    let mut text = HEADER.to_owned();
    for i in 0..2000 {
        text += &format!("{},60,500,ok\n", f64::from(i) * 0.1);
    }
    std::fs::write(&path, text)?;
    let feed = open(&path, Way::Replay);
    let all = gather(&feed, |u| times(u).len() >= 2);
    assert!(times(&all).len() < 200);
    feed.set_running(false);
    assert_eq!(wait_for(&feed, |s| *s == State::Frozen), State::Frozen);
    Ok(())
}

#[test]
fn a_growing_file_is_followed_and_a_replaced_one_begins_an_epoch() -> Test {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("live.csv");
    std::fs::write(&path, format!("{HEADER}0,60,500,a\n0.1,60,500,b\n0.2,60,5"))?;
    let feed = open(&path, Way::Follow);
    let all = gather(&feed, |u| times(u).len() >= 2);
    assert_eq!(times(&all), [0.0, 0.1], "half a line is not a row");
    std::fs::OpenOptions::new().append(true).open(&path)?.write_all(b"01,c\n")?;
    let all = gather(&feed, |u| !times(u).is_empty());
    assert_eq!(times(&all), [0.2]);
    std::fs::write(&path, format!("{HEADER}7,60,5,a\n"))?;
    let all = gather(&feed, |u| !times(u).is_empty());
    assert_eq!(times(&all), [7.0]);
    assert_eq!(all.last().map(|u| u.epoch), Some(1));
    Ok(())
}

#[test]
fn regress_a_file_is_followed_by_its_name_as_it_is_rotated_removed_and_replaced() -> Test {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("live.csv");
    let feed = open(&path, Way::Follow);
    assert_eq!(wait_for(&feed, |s| *s == State::Waiting), State::Waiting, "it is not there yet");
    let mut t = 0.0;
    let mut next = |how: &str| -> Result<Vec<f64>, std::io::Error> {
        t += 10.0;
        // longer than the file before, so that its length tells nothing
        let rows: String = (0..20 + t as u32).map(|k| format!("{},60,500,x\n", t + f64::from(k) * 0.1)).collect();
        let new = dir.path().join("new.csv");
        std::fs::write(&new, format!("{HEADER}{rows}"))?;
        match how {
            "moved" => std::fs::rename(&path, dir.path().join("live.csv.1"))?,
            "removed" => std::fs::remove_file(&path)?,
            _ => {}
        }
        if how != "replaced" {
            std::thread::sleep(Duration::from_millis(250));
        }
        std::fs::rename(&new, &path)?;
        let want = t;
        let all = gather(&feed, |u| times(u).iter().filter(|x| **x >= want).count() >= 20);
        Ok(times(&all).into_iter().filter(|x| *x >= want).collect())
    };
    for how in ["new", "moved", "removed", "replaced", "moved"] {
        let rows = next(how)?;
        assert!(rows.len() >= 20, "{how}: {rows:?}");
    }
    Ok(())
}

#[test]
fn regress_a_file_that_cannot_be_read_now_is_read_when_it_can() -> Test {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("live.csv");
    std::fs::write(&path, "a,b\n1,2\n")?;
    let feed = open(&path, Way::Follow);
    assert!(matches!(wait_for(&feed, |s| matches!(s, State::Failed(_))), State::Failed(_)));
    std::fs::write(&path, format!("{HEADER}0,60,500,a\n0.1,60,500,b\n"))?;
    let all = gather(&feed, |u| times(u).len() >= 2);
    assert_eq!(times(&all), [0.0, 0.1]);
    Ok(())
}

#[test]
fn regress_sparse_rows_hold_their_newest_values() -> Test {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("sparse.csv");
    let row = |k: u32| {
        let cell = |every: u32, x: &str| if k.is_multiple_of(every) { x.to_owned() } else { String::new() };
        format!("{},60.0,{},\n", f64::from(k) * 0.1, cell(5, "500"))
    };
    std::fs::write(&path, HEADER.to_owned() + &(0..100).map(row).collect::<String>())?;
    let feed = open(&path, Way::Replay);
    feed.set_speed(1000.0);
    let all = gather(&feed, |u| times(u).len() >= 100);
    let last = all.last().ok_or("no update")?;
    let at = last.table.find("site.gen_kw").ok_or("no signal")?.at();
    let cells: Vec<f64> =
        all.iter().flat_map(|u| u.block.last.chunks(u.block.width).map(|r| r[at]).collect::<Vec<_>>()).collect();
    assert!(cells.len() == 100 && cells.iter().all(|v| *v == 500.0), "{cells:?}");
    Ok(())
}

#[test]
fn what_cannot_be_read_says_so() -> Test {
    let dir = tempfile::tempdir()?;
    let failed = |s: &State| matches!(s, State::Failed(_));
    let feed = open(&dir.path().join("none.csv"), Way::Replay);
    let State::Failed(t) = wait_for(&feed, failed) else { return Err("not failed".into()) };
    assert!(t.to_string().contains("cannot open the recording") && t.to_string().ends_with("none.csv"), "{t}");
    let path = dir.path().join("x.csv");
    std::fs::write(&path, "")?;
    let State::Failed(t) = wait_for(&open(&path, Way::Replay), failed) else { return Err("not failed".into()) };
    assert!(t.what.contains("empty"));
    std::fs::write(&path, "a,b\n1,2\n")?;
    let State::Failed(t) = wait_for(&open(&path, Way::Replay), failed) else { return Err("not failed".into()) };
    assert_eq!(t.line, Some(1));
    Ok(())
}

/// Whatever happens to a followed file, its silence is an alarm; what comes in its place ends it.
#[test]
fn regress_a_followed_file_that_falls_silent_is_an_alarm_however_it_does() -> Test {
    let dir = tempfile::tempdir()?;
    let rows: String = (0..30).map(|k| format!("{},60,500,x\n", f64::from(k) * 0.1)).collect();
    let kinds = ["stops", "removed", "stands still", "no table", "never there"];
    let mut feeds = Vec::new();
    for kind in kinds {
        let path = dir.path().join(format!("{kind}.csv"));
        if kind != "never there" {
            std::fs::write(&path, format!("{HEADER}{rows}"))?;
        }
        let feed = open(&path, Way::Follow);
        if kind != "never there" {
            let all = gather(&feed, |u| times(u).len() >= 30);
            assert_eq!(times(&all).len(), 30, "{kind}");
        }
        match kind {
            "removed" => std::fs::remove_file(&path)?,
            "no table" => std::fs::write(&path, "nothing\n")?,
            _ => {}
        }
        feeds.push((kind, path, feed));
    }
    let told = |u: &[Update]| u.iter().flat_map(|u| &u.events).any(|e| e.object == "STALE");
    for (kind, path, feed) in &feeds {
        let until = Instant::now() + Duration::from_secs(30);
        let mut seen = Vec::new();
        while !told(&seen) && Instant::now() < until {
            if *kind == "stands still" {
                std::fs::OpenOptions::new().append(true).open(path)?.write_all(b"2.9,60,500,x\n")?;
            }
            seen.extend(gather(feed, |u| told(u)));
        }
        assert!(told(&seen), "{kind}");
        let last = seen.iter().rev().find(|u| told(std::slice::from_ref(u))).ok_or("told")?;
        assert!(last.desk.is_some() && last.quality.iter().all(|q| *q != crate::acts::Quality::Good), "{kind}");
    }
    // A note and an act of the console are taken by a file as by a site.
    let (_, _, feed) = &feeds[0];
    assert!(feed.note("rehearsal".to_owned(), "R1 by nobody".to_owned()));
    let all = gather(feed, |u| u.iter().flat_map(|u| &u.events).any(|e| e.object == "rehearsal"));
    assert!(all.iter().flat_map(|u| &u.events).any(|e| e.text == "R1 by nobody"));
    Ok(())
}
