//! The hub on scripted readings, and on devices of this very process that answer, fall silent and come back.
#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "these are the devices that the hub asks")]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::AtomicU32;

use super::*;
use crate::acts::quality::Fault;
use crate::acts::{Event, EventKind, Quality};
use crate::feed::tags::{Reading, Words};
use crate::plant::signals::{at, site};

const F: usize = 0;

fn map(host: &str, url: &str) -> Arc<Map> {
    let text = format!(
        r#"(name: "Test site", source: "made up", plant: (f0_hz: 60, v_nom: 480, rated_kw: 1000, gensets: ["G1"]), endpoints: [
        (name: "meter", link: Modbus(host: "{host}", timeout_ms: 200), groups: [(name: "fast", period_ms: 50, cosample: true, tags: [
            (name: "f", at: Reg(address: 0, kind: F32), unit: "Hz", valid: (40, 75), to: "site.f_hz"),
            (name: "p", at: Reg(address: 2, kind: F32), unit: "W", valid: (-1e5, 1.4e6), to: "site.gen_kw"),
        ])]),
        (name: "gpus", link: Http(url: "{url}"), groups: [(name: "power", period_ms: 100, tags: [
            (name: "gpu", at: Metric(name: "DCGM_FI_DEV_POWER_USAGE"), unit: "W", valid: (0, 1e6), to: "site.gpu_kw"),
        ])]),
    ])"#
    );
    Arc::new(Map::from_str("test", &text).unwrap())
}

/// Readings by a script: at each time these, or the loss of a link.
struct Script(std::vec::IntoIter<(f64, Heard)>, f64);

impl Script {
    fn new(all: impl IntoIterator<Item = (f64, Heard)>) -> Self {
        Self(all.into_iter().collect::<Vec<_>>().into_iter(), 0.0)
    }
}

impl Intake for Script {
    fn take(&mut self, limit: Duration, out: &mut Vec<Heard>) -> f64 {
        match self.0.next() {
            Some((t_s, heard)) => {
                self.1 = t_s;
                out.push(heard);
            }
            None => std::thread::sleep(limit.min(Duration::from_millis(20))),
        }
        self.1
    }
}

fn read(tag: usize, raw: f64, mono_s: f64) -> Reading {
    let said = Quality::Good;
    Reading { tag, raw: Ok(raw), t_src_s: None, t_arr_s: mono_s, mono_s, said, words: Words::default() }
}

fn start(map: Arc<Map>, intake: impl Intake + 'static) -> Hub {
    let source = move || Ok((map, Box::new(intake) as Box<dyn Intake>));
    Hub::start(Path::new("test.ron"), None, Arc::new(|| ()), source)
}

/// What the hub has sent so far.
struct Seen {
    hub: Hub,
    last: Option<Update>,
    t_s: Vec<f64>,
    f_hz: Vec<[f64; 3]>,
    events: Vec<Event>,
}

impl Seen {
    fn new(hub: Hub) -> Self {
        Self { hub, last: None, t_s: Vec::new(), f_hz: Vec::new(), events: Vec::new() }
    }

    /// Takes updates in until one is as wanted.
    fn until(&mut self, what: &str, wanted: impl Fn(&Update, &[Event]) -> bool) {
        for _ in 0..1000 {
            let Ok(u) = self.hub.updates.recv_timeout(Duration::from_secs(30)) else { break };
            let f = at(site::F_HZ).at();
            for row in 0..u.block.rows() {
                let cell = |from: &[f64]| from[row * u.block.width + f];
                self.t_s.push(u.block.t_s[row]);
                self.f_hz.push([cell(&u.block.min), cell(&u.block.last), cell(&u.block.max)]);
            }
            self.events.extend(u.events.iter().cloned());
            let done = wanted(&u, &self.events);
            self.last = Some(u);
            if done {
                return;
            }
        }
        panic!("never: {what}; {:?}; {:?}", self.hub.state(), self.events);
    }
}

fn quality(u: &Update, signal: u32) -> Quality {
    u.quality.get(at(signal).at()).copied().unwrap_or_default()
}

fn value(u: &Update, signal: u32) -> f64 {
    u.latest[at(signal).at()]
}

#[test]
fn rows_stand_on_a_grid_and_keep_what_came_between_them() {
    let at_s = |k: u32| 5.0 + 0.02 * f64::from(k);
    // 50 values a second, one of them far out
    let all = (0..=100).map(|k| {
        let f = if k == 33 { 58.0 } else { 60.0 + 1e-3 * f64::from(k) };
        (at_s(k), Heard::Readings(vec![read(F, f, at_s(k))]))
    });
    let mut seen = Seen::new(start(map("h:1", "http://h"), Script::new(all)));
    seen.until("two seconds", |u, _| u.t_s > 1.85);
    for (i, t) in seen.t_s.iter().enumerate() {
        assert!((t - 0.1 * (i + 1) as f64).abs() < 1e-9, "row {i} at {t}");
    }
    let dips: Vec<_> = seen.f_hz.iter().filter(|[min, ..]| *min == 58.0).collect();
    assert_eq!(dips.len(), 1, "a dip between two rows is in one of them");
    assert!(dips[0][1] > 59.9 && dips[0][2] > 59.9);
}

#[test]
fn a_receiver_that_is_slow_misses_no_extreme_and_no_event() {
    let mut all: Vec<_> = (0..12_000_u32)
        .map(|k| {
            let t = 0.1 * f64::from(k);
            (t, Heard::Readings(vec![read(F, if k == 777 { 57.5 } else { 60.0 + 1e-6 * f64::from(k) }, t)]))
        })
        .collect();
    all.push((1200.1, Heard::Lost(0)));
    all.push((1201.0, Heard::Readings(vec![read(1, 1.0, 1201.0)])));
    let hub = start(map("h:1", "http://h"), Script::new(all));
    // nobody listens until the end is there
    while hub.view().is_none_or(|v| v.t_s < 1200.0) {
        std::thread::sleep(Duration::from_millis(10));
    }
    let mut seen = Seen::new(hub);
    seen.until("the end", |u, _| u.t_s > 1200.0);
    assert!(seen.t_s.len() < 8000, "{} rows: merged", seen.t_s.len());
    assert!(seen.t_s.windows(2).all(|w| w[0] < w[1]));
    assert_eq!(seen.f_hz.iter().map(|f| f[0]).fold(f64::INFINITY, f64::min), 57.5);
    assert!(seen.events.iter().any(|e| e.object == "meter" && e.text.starts_with("link lost")));
    assert!(seen.events.windows(2).all(|w| w[0].seq + 1 == w[1].seq), "none is missing");
}

#[test]
fn a_long_silence_is_one_gap_and_no_hour_of_empty_rows() {
    let all =
        [0.0, 0.1, 3600.0, 3600.1, 3600.2, 3600.3].map(|t| (t, Heard::Readings(vec![read(F, 60.0 + 1e-6 * t, t)])));
    let mut seen = Seen::new(start(map("h:1", "http://h"), Script::new(all)));
    seen.until("the other side", |u, _| u.t_s > 3600.0);
    assert!(seen.t_s.len() < 20, "{:?}", seen.t_s);
    let gap = seen.events.iter().find(|e| e.text.starts_with("gap of")).unwrap();
    assert!((gap.value - 3600.0).abs() < 1.0);
}

#[test]
fn regress_a_flapping_tag_does_not_flood() {
    let lost = |t: f64| (t, Heard::Readings(vec![Reading { raw: Err(Fault::NotAvailable), ..read(F, 0.0, t) }]));
    let all = (0..600).map(|k| {
        let t = 0.1 * f64::from(k);
        if k % 2 == 0 { (t, Heard::Readings(vec![read(F, 60.0 + 1e-4 * f64::from(k), t)])) } else { lost(t) }
    });
    let mut seen = Seen::new(start(map("h:1", "http://h"), Script::new(all)));
    seen.until("a minute", |u, _| u.t_s > 59.0);
    let told: Vec<_> = seen.events.iter().filter(|e| e.object == "f").collect();
    assert!((4..=7).contains(&told.len()), "{} lines in a minute", told.len());
    assert!(told[1].text.contains("more changes"), "{}", told[1].text);
}

#[test]
fn an_unreadable_map_is_one_line() {
    let hub = Hub::open(Path::new("/nowhere/site.ron"), None, Arc::new(|| ()));
    while hub.state() == State::Opening {
        std::thread::sleep(Duration::from_millis(5));
    }
    let State::Failed(why) = hub.state() else { panic!("{:?}", hub.state()) };
    assert!(why.contains("/nowhere/site.ron") && !why.contains('\n'), "{why}");
    assert!(hub.updates.recv().is_err() && !hub.act(Act::Ack(0)));
}

/// What a device does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Does {
    Answers = 0,
    KeepsSilent = 1,
    HangsUp = 2,
}

#[derive(Clone)]
struct Switch(Arc<AtomicU32>);

impl Switch {
    fn set(&self, does: Does) {
        self.0.store(does as u32, Ordering::SeqCst);
    }

    fn is(&self, does: Does) -> bool {
        self.0.load(Ordering::SeqCst) == does as u32
    }
}

/// A server on a free port; `each` serves one connection until it is over.
fn device(each: impl Fn(TcpStream, &Switch) -> std::io::Result<()> + Send + Clone + 'static) -> (String, Switch) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let switch = Switch(Arc::new(AtomicU32::new(0)));
    let theirs = switch.clone();
    let serve = move || {
        for stream in listener.incoming().flatten() {
            let (each, switch) = (each.clone(), theirs.clone());
            let one = move || drop(each(stream, &switch));
            std::thread::Builder::new().spawn(one).unwrap();
        }
    };
    std::thread::Builder::new().spawn(serve).unwrap();
    (host, switch)
}

/// A meter: 60 Hz and 500 kW, a little different each time. It answers function 3 and nothing else.
fn meter(mut stream: TcpStream, switch: &Switch) -> std::io::Result<()> {
    let mut k = 0_u16;
    loop {
        let mut request = [0; 12];
        stream.read_exact(&mut request)?;
        assert_eq!(request[7], 3, "a read");
        if switch.is(Does::HangsUp) {
            return Ok(());
        }
        if switch.is(Does::KeepsSilent) {
            continue;
        }
        k = (k + 1) % 100;
        let values = [60.0 + 1e-3 * f32::from(k), 500_000.0 + f32::from(k)];
        let mut answer = request[..4].to_vec();
        answer.extend([0, 11, request[6], 3, 8]);
        values.iter().for_each(|v| answer.extend(v.to_be_bytes()));
        stream.write_all(&answer)?;
    }
}

/// A web server with one figure.
fn web(mut stream: TcpStream, switch: &Switch) -> std::io::Result<()> {
    let mut request = [0; 2048];
    let n = stream.read(&mut request)?;
    assert!(request[..n].starts_with(b"GET "), "a read");
    let body = "DCGM_FI_DEV_POWER_USAGE{gpu=\"0\"} 400.5\nDCGM_FI_DEV_POWER_USAGE{gpu=\"1\"} 300\n";
    let status = if switch.is(Does::Answers) { "200 OK" } else { "500 Internal Server Error" };
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

#[test]
fn values_arrive_go_stale_and_heal() {
    let (host, meter) = device(meter);
    let (web_host, gpus) = device(web);
    let map = map(&host, &format!("http://{web_host}/metrics"));
    let links = Running::start(&map);
    let mut seen = Seen::new(start(map, links));

    seen.until("values of both", |u, _| value(u, site::F_HZ) > 59.0 && value(u, site::GPU_KW) > 0.7);
    let last = seen.last.clone().unwrap();
    assert!((500.0..500.2).contains(&value(&last, site::GEN_KW)), "W became kW");
    assert!((value(&last, site::GPU_KW) - 0.7005).abs() < 1e-9);
    assert_eq!(quality(&last, site::F_HZ), Quality::Good);
    assert_eq!(quality(&last, site::MINER_KW), Quality::Never);
    let view = seen.hub.view().unwrap();
    assert_eq!(view.tags[F].now.words.get().len(), 2, "registers for the word-order check");
    assert!(view.worst.is_some_and(|(_, age)| age < 30.0) && view.arrival.is_some());
    let sent: Vec<_> = view.links[0].info.as_ref().unwrap().sent.counts().filter(|(_, n)| *n > 0).collect();
    assert!(matches!(sent[..], [("FC 3", _)]), "{sent:?}");

    meter.set(Does::KeepsSilent);
    seen.until("stale, then no link", |u, _| quality(u, site::F_HZ) == Quality::Bad(Fault::NoComm));
    let last = seen.last.clone().unwrap();
    assert!(value(&last, site::F_HZ).is_nan(), "the last good value is no row");
    assert!(seen.hub.view().unwrap().tags[F].now.value > 59.0, "but it is there for the eye");
    assert_eq!(quality(&last, site::GPU_KW), Quality::Good, "one device does not disturb another");
    seen.until("the loss is told", |_, events| events.iter().any(|e| e.text.starts_with("link lost: no answer in")));

    meter.set(Does::Answers);
    seen.until("healed", |u, _| quality(u, site::F_HZ) == Quality::Good);

    gpus.set(Does::HangsUp);
    seen.until("an error page is no value", |u, _| !quality(u, site::GPU_KW).usable());
    gpus.set(Does::Answers);
    seen.until("and back", |u, _| quality(u, site::GPU_KW) == Quality::Good);
    assert!(seen.events.iter().all(|e| e.kind != EventKind::Refused));
}

#[test]
fn alarms_are_acknowledged_here_and_not_at_the_plant() {
    let all = (0..4000).map(|k| {
        let t = 0.05 * f64::from(k);
        (t, Heard::Readings(vec![read(F, 57.0 + 1e-6 * f64::from(k), t)]))
    });
    let mut seen = Seen::new(start(map("h:1", "http://h"), Script::new(all)));
    let unack = |u: &Update| {
        let list = u.desk.as_ref()?.alarms.clone()?;
        list.entries.iter().find(|e| e.tag == "F-LO" && e.state.is_unack()).map(|e| e.id)
    };
    seen.until("F-LO", |u, _| unack(u).is_some());
    let id = unack(seen.last.as_ref().unwrap()).unwrap();
    assert!(seen.hub.act(Act::Ack(id)));
    seen.until("acknowledged", |_, events| {
        events.iter().any(|e| e.object == "F-LO" && e.change == Some(["unack", "ack"]))
    });
}
