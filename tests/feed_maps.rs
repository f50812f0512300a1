//! The maps that come with the program, and what `ballast feed` says of good and bad ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]
#![allow(clippy::disallowed_types, reason = "it plays a device")]

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

use ballast::feed::map::Map;

fn ballast(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ballast")).arg("feed").args(args).output().unwrap()
}

#[test]
fn every_shipped_map_is_sound_and_says_that_no_device_has_confirmed_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/maps");
    let mut n = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let map = Map::load(&path).unwrap_or_else(|e| panic!("{e}"));
        assert!(map.source.ends_with("not hardware-verified"), "{}", map.source);
        assert!(map.tags.iter().any(|t| t.to.is_some()), "{}: feeds no signal", map.name);
        n += 1;
    }
    assert!(n >= 10, "only {n} maps");
}

#[test]
fn a_bad_map_is_one_line_and_exit_2() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("site.ron");
    std::fs::write(&path, "(name: \"s\", source: \"x\", plant: (f0_hz: 60, v_nom: 480, rated_kw: 1), endpoints: [(name: \"m\", link: Modbus(host: \"nowhere\"), groups: [])])").unwrap();
    let o = ballast(&["check", path.to_str().unwrap()]);
    let err = String::from_utf8(o.stderr).unwrap();
    assert_eq!((o.status.code(), err.lines().count()), (Some(2), 1), "{err}");
    assert!(err.contains("`nowhere` is no address at line 1 column"), "{err}");
    assert_eq!(ballast(&["probe", "no-such-map.ron"]).status.code(), Some(2));
}

/// A device of the test's own that answers every read with 60.0 as a float, and counts what it is asked.
fn device(answers: usize) -> (u16, std::thread::JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = std::thread::Builder::new().name("device".to_owned()).spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut functions = Vec::new();
        for _ in 0..answers {
            let mut request = [0; 12];
            if stream.read_exact(&mut request).is_err() {
                break;
            }
            functions.push(request[7]);
            let value = 60.0_f32.to_bits().to_be_bytes();
            let head = [request[0], request[1], 0, 0, 0, 7, request[6], request[7], 4];
            if stream.write_all(&[&head[..], &value].concat()).is_err() {
                break;
            }
        }
        functions
    });
    (port, thread.unwrap())
}

fn site(dir: &Path, port: u16) -> String {
    let path = dir.join("site.ron");
    let text = format!(
        r#"(name: "s", source: "test", plant: (f0_hz: 60, v_nom: 480, rated_kw: 1), endpoints: [(name: "m",
        link: Modbus(host: "127.0.0.1:{port}", timeout_ms: 200), groups: [(name: "g", period_ms: 50, tags: [
            (name: "f", at: Reg(address: 0, kind: F32), unit: "Hz", valid: (40, 75), stale_s: 1, to: "site.f_hz")])])])"#
    );
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn probe_lists_values_and_counts_what_left() {
    let dir = tempfile::tempdir().unwrap();
    let (port, thread) = device(1000);
    let o = ballast(&["probe", &site(dir.path(), port), "--json", "--seconds", "1"]);
    assert_eq!(o.status.code(), Some(0), "{}", String::from_utf8_lossy(&o.stderr));
    let json: serde_json::Value = serde_json::from_slice(&o.stdout).unwrap();
    let end = &json["endpoints"][0];
    assert_eq!((&end["tags"]["f"]["value"], &end["tags"]["f"]["quality"]), (&60.0.into(), &"Good".into()));
    let functions = thread.join().unwrap();
    assert!(!functions.is_empty() && functions.iter().all(|f| *f == 3), "{functions:?}");
    // the figures are those of a moment: one more request may have been under way
    let sent = end["sent"]["FC 3"].as_u64().unwrap();
    let got = functions.len() as u64;
    assert!(sent == got || sent + 1 == got, "{sent} sent, {got} received");
}

#[test]
fn a_device_that_goes_silent_is_not_good_and_exit_1() {
    let dir = tempfile::tempdir().unwrap();
    let (port, thread) = device(3);
    let o = ballast(&["probe", &site(dir.path(), port), "--json", "--seconds", "2"]);
    assert_eq!(o.status.code(), Some(1));
    let json: serde_json::Value = serde_json::from_slice(&o.stdout).unwrap();
    let end = &json["endpoints"][0];
    assert_eq!(end["tags"]["f"]["quality"], "Bad");
    assert!(end["losses"].as_u64().unwrap() >= 1, "{end}");
    drop(thread.join());
}

/// A device that has registers 0 and 2 and refuses every request that touches another.
fn gappy() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = move || {
        let Ok((mut stream, _)) = listener.accept() else { return };
        let mut r = [0; 12];
        while stream.read_exact(&mut r).is_ok() {
            let (from, n) = (u16::from_be_bytes([r[8], r[9]]), u16::from_be_bytes([r[10], r[11]]));
            let known = (from..from + n).all(|a| a == 0 || a == 2);
            let answer = if known {
                let data: Vec<u8> = (from..from + n).flat_map(|a| (a + 100).to_be_bytes()).collect();
                [&[r[0], r[1], 0, 0, 0, 3 + data.len() as u8, r[6], r[7], data.len() as u8], &data[..]].concat()
            } else {
                vec![r[0], r[1], 0, 0, 0, 3, r[6], r[7] | 0x80, 2]
            };
            if stream.write_all(&answer).is_err() {
                break;
            }
        }
    };
    drop(std::thread::Builder::new().name("gappy".to_owned()).spawn(serve).unwrap());
    port
}

#[test]
fn regress_one_register_that_is_not_there_costs_only_its_own_tag() {
    let dir = tempfile::tempdir().unwrap();
    let tag = |n: u16| format!("(name: \"t{n}\", at: Reg(address: {n}, kind: U16), valid: (0, 999), stale_s: 1)");
    for (cosample, qualities) in [(false, ["Good", "Bad", "Good"]), (true, ["Bad"; 3])] {
        let text = format!(
            r#"(name: "s", source: "test", plant: (f0_hz: 60, v_nom: 480, rated_kw: 1), endpoints: [(name: "m",
            link: Modbus(host: "127.0.0.1:{}"), groups: [(name: "g", period_ms: 50, cosample: {cosample}, tags: [{}, {}, {}])])])"#,
            gappy(),
            tag(0),
            tag(1),
            tag(2)
        );
        let path = dir.path().join("site.ron");
        std::fs::write(&path, text).unwrap();
        let o = ballast(&["probe", path.to_str().unwrap(), "--json", "--seconds", "1"]);
        let json: serde_json::Value = serde_json::from_slice(&o.stdout).unwrap();
        let tags = &json["endpoints"][0]["tags"];
        assert_eq!(["t0", "t1", "t2"].map(|t| tags[t]["quality"].as_str().unwrap()), qualities, "{tags}");
        assert!(tags["t1"]["reason"].as_str().unwrap().contains("exception 2"), "{tags}");
        if !cosample {
            assert_eq!((&tags["t0"]["value"], &tags["t2"]["value"]), (&100.0.into(), &102.0.into()));
        }
    }
}

/// A gateway that never echoes the transaction and sends every answer twice: register n holds 100 + n.
fn stammers() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = move || {
        let Ok((mut stream, _)) = listener.accept() else { return };
        let mut r = [0; 12];
        while stream.read_exact(&mut r).is_ok() {
            let answer = [0, 0, 0, 0, 0, 5, r[6], r[7], 2, 0, 100 + r[9]];
            if stream.write_all(&[answer, answer].concat()).is_err() {
                break;
            }
        }
    };
    drop(std::thread::Builder::new().name("stammers".to_owned()).spawn(serve).unwrap());
    port
}

#[test]
fn regress_a_second_copy_of_an_answer_is_not_the_next_answer() {
    let dir = tempfile::tempdir().unwrap();
    let tag = |n: u16| format!("(name: \"t{n}\", at: Reg(address: {n}, kind: U16), valid: (0, 999), stale_s: 1)");
    let text = format!(
        r#"(name: "s", source: "test", plant: (f0_hz: 60, v_nom: 480, rated_kw: 1), endpoints: [(name: "m",
        link: Modbus(host: "127.0.0.1:{}", tid: ignore), groups: [(name: "g", period_ms: 50, tags: [{}, {}])])])"#,
        stammers(),
        tag(0),
        tag(9)
    );
    let path = dir.path().join("site.ron");
    std::fs::write(&path, text).unwrap();
    let o = ballast(&["probe", path.to_str().unwrap(), "--json", "--watch", "0.1", "--seconds", "2"]);
    for line in String::from_utf8(o.stdout).unwrap().lines() {
        let json: serde_json::Value = serde_json::from_str(line).unwrap();
        let end = &json["endpoints"][0];
        for (name, value) in [("t0", 100.0), ("t9", 109.0)] {
            let shown = &end["tags"][name]["value"];
            assert!(shown.is_null() || *shown == value, "{name} shows {shown}");
        }
    }
}
