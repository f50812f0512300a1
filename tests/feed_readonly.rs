//! The proof that the feed only reads: what the kernel saw the binary send, what a broker logged, and the same
//! detectors turned on a client that writes, to see that they bite. The bare-machine part asks servers of its own.
//!
//! The ignored tests need strace, mosquitto, prometheus and the packages of `tests/plant/requirements.txt`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]
#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "it plays the devices")]

#[path = "feed_plant/harness.rs"]
mod harness;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use harness::{PASSWORD, Plant, output, python, script};
use serde_json::Value;

/// All kinds of request that may leave, by link.
const ALLOWED: [(&str, &[&str]); 10] = [
    ("meter", &["FC 1", "FC 2", "FC 3", "FC 4"]),
    ("meter2", &["FC 1", "FC 2", "FC 3", "FC 4"]),
    ("controller", &["FC 1", "FC 2", "FC 3", "FC 4"]),
    ("bess", &["FC 1", "FC 2", "FC 3", "FC 4"]),
    ("broker", &["CONNECT", "SUBSCRIBE", "PINGREQ", "DISCONNECT"]),
    ("dcgm", &["GET"]),
    ("federate", &["GET"]),
    ("miner1", &["summary", "stats", "devs"]),
    ("miner2", &["summary", "stats", "devs"]),
    ("miner3", &["summary", "stats", "devs"]),
];

fn probe(map: &Path, seconds: &str) -> Command {
    let mut c = Command::new(env!("CARGO_BIN_EXE_ballast"));
    c.args(["feed", "probe", "--json", "--seconds", seconds]).arg(map).env(PASSWORD.0, PASSWORD.1);
    c
}

/// Runs a command below strace and has its calls judged.
fn captured(plant: &Plant, command: &Command) -> Value {
    let file = plant.dir.path().join("calls");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-e", "trace=network,write,writev,close", "-xx", "-s", "65535", "-o"]).arg(&file);
    strace.arg(command.get_program()).args(command.get_args()).env(PASSWORD.0, PASSWORD.1);
    strace.stdout(std::process::Stdio::null());
    assert!(strace.status().expect("strace").code().is_some());
    let text = output(Command::new(python()).arg(script("capture.py")).arg(&file).arg(plant.dir.path()));
    serde_json::from_str(&text).unwrap()
}

fn offender(plant: &Plant, how: &[&str]) -> Command {
    let mut c = Command::new(python());
    c.arg(script("offend.py")).arg(plant.dir.path()).args(how);
    c
}

fn list(v: &Value) -> Vec<String> {
    v.as_array().unwrap().iter().map(|s| s.as_str().unwrap().to_owned()).collect()
}

#[test]
#[ignore = "needs strace and the test plant"]
fn the_kernel_sees_reads_and_nothing_else() {
    let plant = Plant::start();
    let seen = captured(&plant, &probe(&plant.map(), "5"));
    println!("{seen}");
    assert_eq!((list(&seen["writes"]), list(&seen["strangers"])), (vec![], vec![]));
    for (link, kinds) in ALLOWED {
        let sent = seen["kinds"][link].as_object().unwrap_or_else(|| panic!("nothing went to {link}: {seen}"));
        assert!(sent.keys().all(|k| kinds.contains(&k.as_str())), "{link}: {sent:?}");
    }
    let broker = seen["kinds"]["broker"].as_object().unwrap();
    assert_eq!(broker.len(), 4, "every kind of a listener's packets, each seen: {broker:?}");
    assert_eq!(plant.end(), Some(0));
}

#[test]
#[ignore = "needs mosquitto and the test plant"]
fn the_broker_logs_a_listener() {
    let mut plant = Plant::start();
    drop(probe(&plant.map(), "4").output().unwrap());
    assert!(offender(&plant, &["direct"]).status().unwrap().success());
    let log = std::fs::read_to_string(plant.dir.path().join("mosquitto.log")).unwrap();
    let mut packets: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in log.lines().filter_map(|l| l.split_once(": ").map(|(_, l)| l)) {
        let packet = line.strip_prefix("Received ").or(line.strip_prefix("Denied "));
        if let Some((kind, who)) = packet.and_then(|l| l.split_once(" from ")) {
            packets.entry(who.split(' ').next().unwrap()).or_default().insert(kind);
        }
    }
    println!("{packets:?}");
    // the name that the map gives, with letters of its own behind it: two consoles with one map live side by side
    let consoles: Vec<_> = packets.iter().filter(|(who, _)| who.starts_with("console-ro")).collect();
    let [(who, console)] = consoles[..] else { panic!("one console, under one name: {packets:?}") };
    assert!(who.len() > "console-ro".len(), "{who}");
    let allowed = BTreeSet::from(["SUBSCRIBE", "PINGREQ", "DISCONNECT"]);
    assert!(console.is_subset(&allowed) && console.contains("SUBSCRIBE") && console.contains("PINGREQ"), "{console:?}");
    // the control: the same account may not publish, and the broker says so
    assert!(packets["offender"].contains("PUBLISH"), "a write is seen");
    assert!(log.contains("Denied PUBLISH from offender"), "the account can do more than read");
    assert_eq!(plant.wire()["writes"].as_array().unwrap().len(), 0);
}

#[test]
#[ignore = "needs strace and the test plant"]
fn the_detectors_bite() {
    let mut plant = Plant::start();
    let seen = captured(&plant, &offender(&plant, &[]));
    let expected = ["broker: packet 3", "dcgm: POST", "meter: FC 16", "meter: FC 23", "meter: FC 6", "miner1: "];
    for (who, found) in [("strace", list(&seen["writes"])), ("proxy", list(&plant.wire()["writes"]))] {
        println!("{who}: {found:?}");
        for e in expected {
            assert!(found.iter().any(|f| f.starts_with(e)), "{who} has not seen {e}: {found:?}");
        }
    }
    let strangers = list(&seen["strangers"]);
    assert!(strangers.iter().any(|s| s.contains("sendto")), "a datagram to somebody else: {strangers:?}");
    assert_eq!(plant.end(), Some(3), "the plant itself fails on a write");
}

/// A server of the test's own that keeps what it is sent and answers nothing of use.
fn journal_maker(answer: &'static [u8]) -> (u16, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, kept) = (listener.local_addr().unwrap().port(), Arc::new(Mutex::new(Vec::new())));
    let into = Arc::clone(&kept);
    let serve = move |mut stream: TcpStream| {
        let mut some = [0; 4096];
        while let Ok(n @ 1..) = stream.read(&mut some) {
            into.lock().unwrap().extend_from_slice(&some[..n]);
            if stream.write_all(answer).is_err() {
                break;
            }
        }
    };
    let all = move || listener.incoming().flatten().for_each(&serve);
    drop(std::thread::Builder::new().name("journal_maker".to_owned()).spawn(all).unwrap());
    (port, kept)
}

#[test]
fn a_web_server_gets_a_get_and_a_miner_one_of_three_reports() {
    let (web, web_kept) = journal_maker(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\na 1\n");
    let (miner, miner_kept) = journal_maker(b"{\"STATUS\":[{\"STATUS\":\"S\"}],\"SUMMARY\":[{\"Power\":1}]}\0");
    let dir = tempfile::tempdir().unwrap();
    let map = dir.path().join("site.ron");
    let text = format!(
        r#"(name: "s", source: "test", plant: (f0_hz: 60, v_nom: 480, rated_kw: 1), endpoints: [
        (name: "w", link: Http(url: "http://127.0.0.1:{web}/metrics"), groups: [(name: "g", period_ms: 100, tags: [
            (name: "a", at: Metric(name: "a"), valid: (0, 9), stale_s: 1)])]),
        (name: "m", link: Cgminer(hosts: ["127.0.0.1:{miner}"], ask: devs), groups: [(name: "g", period_ms: 100, tags: [
            (name: "b", at: Miner(figure: power_w), unit: "W", valid: (0, 9), stale_s: 1)])])])"#
    );
    std::fs::write(&map, text).unwrap();
    assert!(probe(&map, "1").output().unwrap().status.success());
    let web = String::from_utf8(web_kept.lock().unwrap().clone()).unwrap();
    for request in web.split_terminator("\r\n\r\n") {
        assert!(request.starts_with("GET /metrics HTTP/1.1\r\n"), "{request}");
        assert!(!request.to_lowercase().contains("content-length"), "{request}");
    }
    let miner = String::from_utf8(miner_kept.lock().unwrap().clone()).unwrap();
    assert!(!miner.is_empty() && miner.replace(r#"{"command":"devs"}"#, "").is_empty(), "{miner}");
}
