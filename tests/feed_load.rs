//! Load of the feed: 2,000 tags of 40 Modbus devices, ten times a second, through links and hub; prints processor time,
//! memory and latency. `BALLAST_SOAK_S` sets how long it runs; the devices hang up now and then, and memory stays flat.
//!
//! The devices are threads of this test; their time is not counted, for the feed's threads have names of their own.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]
#![allow(clippy::disallowed_types, reason = "it plays the devices")]

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ballast::acts::Quality;
use ballast::feed::hub::{Hub, SiteView};

const DEVICES: usize = 40;
/// A clock of four registers and 49 floats each.
const TAGS: usize = 50;
/// Answers after which a device of the soak hangs up: about every half minute, each at another time.
const HANGS_UP: usize = 300;
/// Ticks of the kernel's accounting in a second.
const TICKS: f64 = 100.0;

fn wall_s() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}

/// Answers reads of registers: the time of the answer, then numbers that move. Ends the connection after `answers`.
fn answer(mut stream: TcpStream, answers: usize) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    for k in 0..answers {
        let mut request = [0; 12];
        stream.read_exact(&mut request)?;
        let mut data = wall_s().to_be_bytes().to_vec();
        for tag in 1..TAGS {
            data.extend(((tag * 7 + k % 100) as f32).to_be_bytes());
        }
        let length = (data.len() + 3) as u16;
        let mut frame = request[..4].to_vec();
        frame.extend(length.to_be_bytes());
        frame.extend([request[6], request[7], data.len() as u8]);
        frame.append(&mut data);
        stream.write_all(&frame)?;
    }
    Ok(())
}

/// A device on a port of its own.
fn device(number: usize, hangs_up: bool) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = move || {
        for (n, stream) in listener.incoming().flatten().enumerate() {
            let answers = if hangs_up { HANGS_UP + 10 * ((number + n) % 20) } else { usize::MAX };
            // the feed has hung up, or this device is about to
            drop(answer(stream, answers));
        }
    };
    drop(std::thread::Builder::new().name(format!("device-{number}")).spawn(serve).unwrap());
    port
}

fn map(hangs_up: bool) -> String {
    let mut ends = String::new();
    for d in 0..DEVICES {
        let mut tags = format!("(name: \"clock{d}\", at: Reg(address: 0, kind: F64), valid: (0, 1e12), stale_s: 2),");
        for t in 1..TAGS {
            let at = 2 * t + 2;
            write!(tags, "(name: \"d{d}t{t}\", at: Reg(address: {at}, kind: F32), valid: (0, 1e6), stale_s: 2),")
                .unwrap();
        }
        let port = device(d, hangs_up);
        write!(
            ends,
            "(name: \"d{d}\", link: Modbus(host: \"127.0.0.1:{port}\"), groups: [(name: \"g\", period_ms: 100, tags: [{tags}])]),"
        )
        .unwrap();
    }
    format!("(name: \"load\", source: \"test\", plant: (f0_hz: 60, v_nom: 480, rated_kw: 1), endpoints: [{ends}])")
}

/// Processor time of all threads of the feed so far, s.
fn spent_s() -> f64 {
    let mut ticks = 0.0;
    for task in std::fs::read_dir("/proc/self/task").unwrap().flatten() {
        let read = |name: &str| std::fs::read_to_string(task.path().join(name)).unwrap_or_default();
        if read("comm").starts_with("ballast-") {
            let stat = read("stat");
            // user and system time are the 14th and 15th field; the second one may hold spaces
            let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
            ticks += fields.skip(11).take(2).filter_map(|n| n.parse::<f64>().ok()).sum::<f64>();
        }
    }
    ticks / TICKS
}

/// Resident memory, and how many threads and files there are.
fn size() -> (f64, usize, usize) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let kb = status.lines().find_map(|l| l.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse::<f64>().ok());
    let count = |what: &str| std::fs::read_dir(format!("/proc/self/{what}")).unwrap().count();
    (kb.unwrap() / 1024.0, count("task"), count("fd"))
}

fn good(view: &SiteView) -> usize {
    view.tags.iter().filter(|t| t.now.quality == Quality::Good).count()
}

#[test]
#[ignore = "a measurement: minutes"]
fn two_thousand_tags_ten_times_a_second() {
    let soak_s = std::env::var("BALLAST_SOAK_S").ok().and_then(|s| s.parse::<f64>().ok());
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("load.ron");
    std::fs::write(&path, map(soak_s.is_some())).unwrap();
    let hub = Hub::open(&path, None, Arc::new(|| ()));
    let begun = Instant::now();
    let lasts = Duration::try_from_secs_f64(soak_s.unwrap_or(30.0)).unwrap();
    let (mut latency_ms, mut all_good_s, mut next_size) = (Vec::new(), f64::NAN, Duration::from_secs(10));
    let (mut measured, mut sizes, mut most_good) = (None, Vec::new(), 0);
    while begun.elapsed() < lasts {
        // a console that takes every update
        while hub.updates.recv_timeout(Duration::from_millis(50)).is_ok() {}
        let Some(view) = hub.view() else { continue };
        most_good = most_good.max(good(&view));
        if all_good_s.is_nan() && good(&view) == DEVICES * TAGS {
            all_good_s = begun.elapsed().as_secs_f64();
            measured = Some((Instant::now(), spent_s()));
        }
        if measured.is_some() {
            // of the last minute only: the test itself must not grow
            let kept = latency_ms.len().saturating_sub(60 * 10 * DEVICES);
            latency_ms.drain(..kept);
            latency_ms.extend((0..DEVICES).map(|d| view.tags[d * TAGS].now).map(|c| (c.t_arr_s - c.value) * 1e3));
        }
        if begun.elapsed() > next_size {
            next_size += (lasts / 20).max(Duration::from_secs(5));
            sizes.push(size());
        }
    }
    assert_eq!(most_good, DEVICES * TAGS, "all tags good at once");
    let (from, before_s) = measured.unwrap();
    let share = (spent_s() - before_s) / from.elapsed().as_secs_f64();
    let view = hub.view().unwrap();
    latency_ms.sort_by(f64::total_cmp);
    let at = |q: f64| latency_ms[(q * (latency_ms.len() - 1) as f64) as usize];
    let connects: u64 = view.links.iter().filter_map(|l| l.info.as_ref()).map(|i| i.connects).sum();
    let dropped: u64 = view.links.iter().filter_map(|l| l.info.as_ref()).map(|i| i.dropped).sum();
    println!("all good after {all_good_s:.2} s; {share:.3} s of processor time a second in the feed's threads");
    println!("source to arrival: p50 {:.2} ms, p99 {:.2} ms, {} samples", at(0.5), at(0.99), latency_ms.len());
    println!("arrival to row: {:?}", view.to_row);
    println!("{connects} connections, {dropped} batches dropped, good now {} of {}", good(&view), DEVICES * TAGS);
    for (mb, threads, files) in &sizes {
        println!("resident {mb:.1} MB, {threads} threads, {files} files");
    }
    assert_eq!(dropped, 0, "the hub keeps up");
    let (first, last) = (sizes.get(sizes.len() / 4).unwrap(), sizes.last().unwrap());
    assert!(last.0 < 1.1 * first.0 + 4.0, "memory grows from {} to {} MB", first.0, last.0);
    assert!(last.1.abs_diff(first.1) <= 4, "threads are left behind");
}
