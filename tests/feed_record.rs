//! `ballast feed record`, `play` and `export` from end to end, and COMTRADE files in the eyes of another reader.
#![allow(clippy::disallowed_types, reason = "it plays the devices")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ballast::feed::Columns;
use ballast::feed::comtrade::{Analog, Coding, Record, Revision, Status, Style};
use ballast::feed::comtrade_file::comtrade_beside;
use ballast::store::whole::atomically;

fn ballast(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ballast")).arg("feed").args(args).output().unwrap()
}

fn out(o: &Output) -> String {
    String::from_utf8(o.stdout.clone()).unwrap()
}

fn err(o: &Output) -> String {
    String::from_utf8(o.stderr.clone()).unwrap()
}

/// A meter of the test's own: 60.00 to 60.09 Hz and 512.5 kW in four registers, a closed breaker in its first coil.
fn device() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let (mut request, mut n) = ([0; 12], 0_u32);
            while stream.read_exact(&mut request).is_ok() {
                let hz = 60.0 + (n % 10) as f32 / 100.0;
                n += 1;
                let registers = [hz.to_be_bytes(), 512_500_f32.to_be_bytes()].concat();
                let data = if request[7] == 1 { vec![1] } else { registers };
                let mut answer = vec![request[0], request[1], 0, 0, 0, data.len() as u8 + 3, request[6], request[7]];
                answer.push(data.len() as u8);
                answer.extend(data);
                if stream.write_all(&answer).is_err() {
                    break;
                }
            }
        }
    };
    std::thread::Builder::new().name("device".to_owned()).spawn(serve).unwrap();
    port
}

fn map(dir: &Path) -> PathBuf {
    let text = format!(
        r#"(name: "site one", source: "made up", plant: (f0_hz: 60, v_nom: 480, rated_kw: 1000, gensets: ["G1"]),
        endpoints: [(name: "meter", link: Modbus(host: "127.0.0.1:{}"), groups: [
            (name: "fast", period_ms: 100, cosample: true, tags: [
                (name: "f", at: Reg(address: 0, kind: F32), unit: "Hz", valid: (40, 75), to: "site.f_hz", stale_s: 5),
                (name: "p", at: Reg(address: 2, kind: F32), unit: "W", valid: (-1e5, 1.4e6), to: "site.gen_kw", stale_s: 5),
            ]),
            (name: "bits", period_ms: 200, tags: [
                (name: "52g", at: Bit(table: Coil, address: 0), valid: (-1, 2), to: "g1.breaker", stale_s: 5),
            ]),
        ])])"#,
        device()
    );
    let path = dir.join("site.ron");
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn a_site_is_recorded_judged_again_and_exported() {
    let dir = tempfile::tempdir().unwrap();
    let map = map(dir.path());
    let (map, to) = (map.to_str().unwrap(), dir.path().join("tapes"));
    let o = ballast(&["record", map, "--to", to.to_str().unwrap(), "--seconds", "3", "--json"]);
    assert_eq!(o.status.code(), Some(0), "{}", err(&o));
    let said: serde_json::Value = serde_json::from_str(&out(&o)).unwrap();
    let (readings, file) = (said["readings"].as_u64().unwrap(), said["file"].as_str().unwrap());
    assert!(readings >= 10 && err(&o).contains("recording begins: "), "{said} {}", err(&o));

    let o = ballast(&["play", file]);
    assert!(out(&o).contains(&format!("{readings} readings, links lost 0 times")), "{}", out(&o));
    assert_eq!((o.status.code(), out(&o).contains("judged as on its day")), (Some(0), true), "{}", out(&o));
    let o = ballast(&["play", file, "--rows", "--from", "1", "--to", "2"]);
    let lines: Vec<String> = out(&o).lines().map(str::to_owned).collect();
    assert_eq!(
        lines[0],
        "t_s,site.f_hz,site.f_hz quality,site.gen_kw,site.gen_kw quality,g1.breaker,g1.breaker quality"
    );
    assert!((10..=11).contains(&(lines.len() - 1)) && lines[1].starts_with("1,60."), "{lines:?}");
    assert!(lines[5].ends_with(",Good,512.5,Good,1,Good"), "{}", lines[5]);

    let [csv, cfg, cff] = ["window.csv", "window.cfg", "window.cff"].map(|n| dir.path().join(n).display().to_string());
    let o = ballast(&["export", file, "--from", "1", "--csv", &csv, "--comtrade", &cfg]);
    assert_eq!(o.status.code(), Some(0), "{}", err(&o));
    let text = std::fs::read_to_string(&csv).unwrap();
    let columns = Columns::read(text.lines().next().unwrap(), "csv", None).unwrap();
    assert_eq!((columns.unknown.len(), columns.mapped.len()), (0, 3), "the console reads it");
    let config = std::fs::read_to_string(&cfg).unwrap();
    assert!(
        config.starts_with("site one,ballast ") && config.contains("3,2A,1D\r\n") && config.contains("\r\nBINARY\r\n")
    );
    let rows = text.lines().count() as u64 - 1;
    let dat = std::fs::metadata(dir.path().join("window.dat")).unwrap().len();
    assert_eq!(dat, rows * (4 + 4 + 2 * 2 + 2));
    assert!(std::fs::read_to_string(dir.path().join("window.hdr")).unwrap().contains("not sampled waves"));
    let o = ballast(&["export", file, "--comtrade", &cff, "--numbers", "ascii"]);
    assert_eq!(o.status.code(), Some(0), "{}", err(&o));
    assert!(std::fs::read_to_string(&cff).unwrap().contains("--- file type: DAT ASCII ---\r\n1,0,"));

    // one reading is said to have been refused on its day
    let db = rusqlite::Connection::open(file).unwrap();
    db.execute("UPDATE reading SET taken = 3, quality = 303 WHERE n = (SELECT max(n) FROM reading)", []).unwrap();
    drop(db);
    let o = ballast(&["play", file]);
    assert_eq!(o.status.code(), Some(1), "{}", out(&o));
    assert!(out(&o).contains("was Bad, Bad: outside its range, is Current, Good"), "{}", out(&o));
}

#[test]
fn mistakes_are_one_line_and_exit_2() {
    let dir = tempfile::tempdir().unwrap();
    let map = map(dir.path());
    let map = map.to_str().unwrap();
    let tapes = dir.path().join("tapes").display().to_string();
    let o = ballast(&["record", map, "--to", &tapes, "--seconds", "0.5", "--json"]);
    let said: serde_json::Value = serde_json::from_str(&out(&o)).unwrap();
    let file = said["file"].as_str().unwrap();
    let csv = dir.path().join("x.csv").display().to_string();
    let cff = dir.path().join("x.cff").display().to_string();
    for (args, what) in [
        (&["record", map, "--to", map, "--seconds", "1"][..], "File exists"),
        (&["export", file], "nothing to write"),
        (&["export", file, "--from", "900", "--csv", &csv], "no rows from 900"),
        (&["export", file, "--comtrade", &cff, "--edition", "1999"], "came with the standard of 2013"),
        (&["export", file, "--comtrade", &csv, "--edition", "1999", "--numbers", "binary32"], "BINARY32 came with"),
        (&["play", map], "file is not a database"),
        (&["play", "nowhere.sqlite"], "no such file"),
    ] {
        let o = ballast(args);
        let last = err(&o).lines().last().unwrap_or_default().to_owned();
        assert!(last.contains(what), "{args:?}: {last}");
        assert_eq!((o.status.code(), out(&o).as_str()), (Some(2), ""), "{args:?}");
    }
    assert!(!Path::new(&csv).exists() && !Path::new(&cff).exists(), "nothing is left of what failed");
}

/// Two quantities with holes, two contacts, uneven rows.
fn record(even: bool) -> Record {
    let n = 40_i64;
    let at = |k: i64| if even || k < 20 { k * 100_000 } else { k * 100_000 + 37_000 };
    let wave = |k: i64| if k % 9 == 4 { f64::NAN } else { 60.0 + (k as f64 * 0.7).sin() };
    Record {
        station: "Plant A".to_owned(),
        device: "ballast".to_owned(),
        f0_hz: 60.0,
        start_utc_us: Some(1_790_000_000_250_000),
        t_us: (0..n).map(at).collect(),
        trigger_us: 1_000_000,
        analog: vec![
            Analog {
                name: "site.f_hz".into(),
                part: "site".into(),
                unit: "Hz".into(),
                values: (0..n).map(wave).collect(),
            },
            Analog {
                name: "site.gpu_off".into(),
                part: "site".into(),
                unit: String::new(),
                values: (0..n).map(|k| k as f64).collect(),
            },
        ],
        status: (0..2)
            .map(|d| Status {
                name: format!("g{d}.breaker"),
                part: format!("g{d}"),
                normal: true,
                values: (0..n).map(|k| k > 10 + d).collect(),
            })
            .collect(),
        notes: vec!["from a test".to_owned()],
    }
}

/// What the reader prints: times, values (null for missing), states, frequency, dates.
const READER: &str = r#"
import sys, json, math, comtrade
rec = comtrade.load(sys.argv[1])
num = lambda v: None if math.isnan(v) else float(v)
print(json.dumps({
    "t": [float(t) for t in rec.time], "f": rec.frequency, "station": rec.station_name, "year": rec.rev_year,
    "start": rec.start_timestamp.isoformat(), "trigger": rec.trigger_timestamp.isoformat(), "format": rec.ft,
    "analog": [[num(v) for v in c] for c in rec.analog], "status": [[int(v) for v in c] for c in rec.status],
    "ids": rec.analog_channel_ids + rec.status_channel_ids, "units": [c.uu for c in rec.cfg.analog_channels],
}))
"#;

/// Needs Python with the package `comtrade` (0.2): `COMTRADE_PYTHON=…/bin/python cargo test --test feed_record -- --ignored`.
#[test]
#[ignore = "needs Python with the package comtrade"]
fn another_reader_reads_the_same() {
    let python = std::env::var("COMTRADE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let dir = tempfile::tempdir().unwrap();
    let mut seen = 0;
    for even in [true, false] {
        let record = record(even);
        for (revision, coding, ending) in [
            (Revision::Y1999, Coding::Ascii, "cfg"),
            (Revision::Y1999, Coding::Binary, "cfg"),
            (Revision::Y2013, Coding::Ascii, "cfg"),
            (Revision::Y2013, Coding::Binary, "cfg"),
            (Revision::Y2013, Coding::Binary32, "cfg"),
            (Revision::Y2013, Coding::Ascii, "cff"),
            (Revision::Y2013, Coding::Binary, "cff"),
            (Revision::Y2013, Coding::Binary32, "cff"),
        ] {
            let path = dir.path().join(format!("r.{ending}"));
            let style = Style { revision, coding };
            atomically(&path, |out| comtrade_beside(&record, style, &path, out).map(drop)).unwrap();
            let o = Command::new(&python).args(["-c", READER]).arg(&path).output().unwrap();
            assert!(o.status.success(), "{style:?} {ending}: {}", err(&o));
            let got: serde_json::Value = serde_json::from_str(&out(&o)).unwrap();
            let is = |key: &str, want: serde_json::Value| assert_eq!(got[key], want, "{style:?} {ending} {key}");
            is("f", 60.0.into());
            is("station", "Plant A".into());
            is("start", "2026-09-21T14:13:20.250000".into());
            is("trigger", "2026-09-21T14:13:21.250000".into());
            is("ids", vec!["site.f_hz", "site.gpu_off", "g0.breaker", "g1.breaker"].into());
            is("units", vec!["Hz", "NONE"].into());
            for (k, t_us) in record.t_us.iter().enumerate() {
                let t_s = got["t"][k].as_f64().unwrap();
                assert!((t_s - *t_us as f64 * 1e-6).abs() < 2e-6, "{style:?} {ending}: row {k} at {t_s} s");
                for (a, channel) in record.analog.iter().enumerate() {
                    match (got["analog"][a][k].as_f64(), channel.values[k]) {
                        (None, want) => assert!(want.is_nan(), "{style:?} {ending}: row {k} is missing"),
                        (Some(x), want) => assert!((x - want).abs() < 2e-5, "{style:?} {ending}: {x} for {want}"),
                    }
                }
                for (d, channel) in record.status.iter().enumerate() {
                    assert_eq!(got["status"][d][k].as_i64(), Some(i64::from(channel.values[k])), "{style:?} {ending}");
                }
            }
            seen += 1;
        }
    }
    assert_eq!(seen, 16);
}
