//! The test plant and the real binary as child processes: switches to set, lines to read, both ended with the test.

#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "the control port of the test plant")]
#![allow(dead_code, reason = "each test uses a part of it")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// The console's account at the plant's broker may read only.
pub const PASSWORD: (&str, &str) = ("PLANT_PASSWORD", "secret");

/// The interpreter with the packages of `tests/plant/requirements.txt`.
pub fn python() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/plant/venv/bin/python");
    std::env::var_os("BALLAST_PLANT_PYTHON").map_or(own, PathBuf::from)
}

/// A file of the plant.
pub fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plant").join(name)
}

/// The running plant.
pub struct Plant {
    child: Child,
    control: BufReader<TcpStream>,
    pub ports: Value,
    pub dir: tempfile::TempDir,
}

impl Plant {
    pub fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut child = Command::new(python())
            .arg(script(""))
            .arg(dir.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the interpreter of the test plant: see .ci/run");
        let mut up = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut up).unwrap();
        assert_eq!(up.trim(), "up", "the plant did not start");
        let ports: Value = serde_json::from_slice(&std::fs::read(dir.path().join("ports.json")).unwrap()).unwrap();
        let control = TcpStream::connect(("127.0.0.1", port(&ports, "control"))).unwrap();
        Self { child, control: BufReader::new(control), ports, dir }
    }

    pub fn map(&self) -> PathBuf {
        self.dir.path().join("site.ron")
    }

    pub fn port(&self, name: &str) -> u16 {
        port(&self.ports, name)
    }

    pub fn ask(&mut self, line: &Value) -> Value {
        writeln!(self.control.get_mut(), "{line}").unwrap();
        let mut answer = String::new();
        self.control.read_line(&mut answer).unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert!(answer["error"].is_null(), "{line}: {answer}");
        answer
    }

    pub fn set(&mut self, fault: &str, particulars: &str) {
        let mut line: Value = serde_json::from_str(particulars).unwrap();
        line["set"] = fault.into();
        self.ask(&line);
    }

    pub fn clear(&mut self, fault: &str) {
        self.ask(&json!({ "clear": fault }));
    }

    /// Requests by link and kind, and what was more than a read.
    pub fn wire(&mut self) -> Value {
        self.ask(&json!({ "ask": "wire" }))
    }

    /// Ends it; its exit code says whether somebody tried to write.
    pub fn end(mut self) -> Option<i32> {
        drop(self.child.stdin.take());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Plant {
    fn drop(&mut self) {
        // it ends with its standard input, and takes its servers along
        drop(self.child.stdin.take());
        drop(self.child.wait());
    }
}

fn port(ports: &Value, name: &str) -> u16 {
    u16::try_from(ports[name].as_u64().unwrap_or_else(|| panic!("no port {name}"))).unwrap()
}

/// `ballast feed probe --watch` on a map, line by line.
pub struct Probe {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Probe {
    pub fn start(map: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_ballast"))
            .args(["feed", "probe", "--json", "--watch", "0.1", "--seconds", "600"])
            .arg(map)
            .env(PASSWORD.0, PASSWORD.1)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    pub fn line(&mut self) -> Line {
        Line(serde_json::from_str(&self.lines.next().expect("the probe ended").unwrap()).unwrap())
    }

    /// Lines until `done`, at most so long; the seconds that it took.
    pub fn until(&mut self, limit: Duration, mut each: impl FnMut(&Line) -> bool) -> Option<f64> {
        let begun = Instant::now();
        while begun.elapsed() < limit {
            if each(&self.line()) {
                return Some(begun.elapsed().as_secs_f64());
            }
        }
        None
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// How things stand, by the probe.
pub struct Line(pub Value);

impl Line {
    pub fn endpoint(&self, name: &str) -> &Value {
        self.0["endpoints"].as_array().unwrap().iter().find(|e| e["name"] == name).unwrap()
    }

    /// Every tag with its name.
    pub fn tags(&self) -> impl Iterator<Item = (&str, &Value)> {
        let ends = self.0["endpoints"].as_array().unwrap().iter();
        ends.flat_map(|e| e["tags"].as_object().unwrap()).map(|(name, tag)| (name.as_str(), tag))
    }

    pub fn all_good(&self) -> bool {
        self.tags().all(|(_, t)| t["quality"] == "Good")
    }

    /// Names, qualities and reasons of what is not good.
    pub fn not_good(&self) -> String {
        let bad = self.tags().filter(|(_, t)| t["quality"] != "Good");
        bad.map(|(n, t)| format!("{n} {} {}; ", t["quality"], t["reason"])).collect()
    }
}

/// Runs to the end and gives what was printed.
pub fn output(command: &mut Command) -> String {
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(child.wait().unwrap().success(), "{command:?}: {text}");
    text
}
