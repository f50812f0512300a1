//! What was recorded comes out again as it was: rows, qualities, judgements; and the disk's troubles stay the recorder's.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::acts::Quality;
use crate::acts::quality::{Doubt, Fault};
use crate::feed::hub::{Hub, ROW_S};
use crate::feed::intake::Intake;
use crate::feed::link::Heard;
use crate::feed::map::Map;
use crate::feed::site::Site;
use crate::feed::tags::{Reading, Taken, Words};
use crate::store;

const MAP: &str = r#"(
    name: "north plant", source: "made up",
    plant: (f0_hz: 60, v_nom: 480, rated_kw: 1000, gensets: ["G1"]),
    endpoints: [
        (name: "meter", link: Modbus(host: "127.0.0.1:502"), groups: [(name: "fast", period_ms: 100, tags: [
            (name: "p", at: Reg(address: 0, kind: F32), unit: "W", valid: (-1e5, 1.4e6), rate_max: 5e6, to: "site.gen_kw"),
            (name: "f", at: Reg(address: 2, kind: F32), unit: "Hz", valid: (40, 75), to: "site.f_hz"),
            (name: "beat", at: Reg(address: 9, kind: U16), valid: (0, 65535), heartbeat: true),
            (name: "kwh", at: Reg(address: 4, kind: U32), unit: "Wh", valid: (0, 5e9), rollover: 4294967296.0, to: "site.fuel_kwh"),
        ])]),
        (name: "controller", link: Modbus(host: "127.0.0.1:503"), groups: [(name: "slow", period_ms: 1000, tags: [
            (name: "f2", at: Reg(address: 0, kind: U16), scale: 0.1, unit: "Hz", valid: (40, 75), to: "site.f_hz", priority: 1),
        ])]),
    ],
    checks: [Same(a: "f", b: "f2", within: 0.3)],
)"#;

fn map() -> Arc<Map> {
    Arc::new(Map::from_str("site.ron", MAP).unwrap())
}

const ORIGIN_S: f64 = 0.37;

fn origin() -> Origin {
    Origin { mono_s: ORIGIN_S, utc_us: 1_700_000_000_000_000 }
}

fn reading(tag: usize, raw: Result<f64, Fault>, mono_s: f64) -> Reading {
    let said = Quality::Good;
    Reading { tag, raw, t_src_s: None, t_arr_s: 1.7e9 + mono_s, mono_s, said, words: Words::default() }
}

/// What links tell, and when they are asked.
struct Script {
    steps: std::vec::IntoIter<(f64, Vec<Heard>)>,
    now_s: f64,
}

impl Script {
    fn new(steps: Vec<(f64, Vec<Heard>)>) -> Self {
        Self { steps: steps.into_iter(), now_s: ORIGIN_S }
    }
}

impl Intake for Script {
    fn take(&mut self, _: Duration, out: &mut Vec<Heard>) -> f64 {
        if let Some((now_s, heard)) = self.steps.next() {
            self.now_s = now_s;
            out.extend(heard);
        }
        self.now_s
    }
}

/// A row to the last bit.
type Row = (u64, Vec<u64>, Vec<Quality>);

/// Rows as the hub makes them, `tape` beside it; until `until_s` of the intake.
fn rows(intake: &mut dyn Intake, map: &Arc<Map>, mut tape: Option<&mut Recorder>, until_s: f64) -> Vec<Row> {
    let mut site = Site::new(Arc::clone(map));
    let (mut out, mut heard, mut row) = (Vec::new(), Vec::new(), 0_u64);
    let mono = |h: &Heard| if let Heard::Readings(all) = h { all.first().map(|r| r.mono_s) } else { None };
    let mut due = |site: &mut Site, row: &mut u64, now_s: f64| {
        while ORIGIN_S + (*row + 1) as f64 * ROW_S <= now_s {
            *row += 1;
            let (values, qualities) = site.row(ORIGIN_S + *row as f64 * ROW_S);
            out.push((*row, values.iter().map(|v| v.to_bits()).collect(), qualities.to_vec()));
        }
    };
    loop {
        let now_s = intake.take(Duration::ZERO, &mut heard);
        for h in heard.drain(..) {
            if let Some(t) = mono(&h) {
                due(&mut site, &mut row, t);
            }
            let mut taken = Vec::new();
            site.hear(&h, &mut |_, t| taken.push(t));
            let row_s = ORIGIN_S + row as f64 * ROW_S;
            if let Some(tape) = &mut tape {
                tape.hear(mono(&h).map_or(row_s, |t| t.max(row_s)), &h, &taken, &site);
            }
        }
        due(&mut site, &mut row, now_s);
        if now_s >= until_s {
            return out;
        }
    }
}

fn recorder(dir: &Path, bounds: Bounds) -> Recorder {
    Recorder::start(dir, &map(), "site.ron", origin(), bounds).unwrap()
}

fn recorded(dir: &Path) -> Vec<PathBuf> {
    let mut all = store::files(dir);
    all.sort();
    all
}

fn playback(dir: &Path) -> Playback {
    Playback::new(Reader::open(&recorded(dir)[0]).unwrap())
}

fn one() -> impl Strategy<Value = Heard> {
    let raw = prop_oneof![
        6 => (0_usize..5, 0.0_f64..1.0).prop_map(|(tag, x)| (tag, Ok([1.3e6 * x, 58.0 + 4.0 * x, (x * 30.0).floor(), 4.2e9 * x, 590.0 + 20.0 * x][tag]))),
        1 => (0_usize..5).prop_map(|tag| (tag, Ok(f64::NAN))),
        1 => (0_usize..5).prop_map(|tag| (tag, Ok(f64::NEG_INFINITY))),
        1 => (0_usize..5, any::<u8>()).prop_map(|(tag, c)| (tag, Err(Fault::Exception(c)))),
        1 => (0_usize..5).prop_map(|tag| (tag, Ok(1e9))),
        1 => (0_usize..5).prop_map(|tag| (tag, Err(Fault::NotAvailable))),
    ];
    let t_src = prop_oneof![3 => Just(None), 2 => (-3.0_f64..3.0).prop_map(Some), 1 => Just(Some(90.0))];
    let said = prop_oneof![5 => Just(Quality::Good), 1 => Just(Quality::Uncertain(Doubt::Source))];
    let words = prop::collection::vec(any::<u16>(), 0..5);
    let reading = (raw, t_src, said, words).prop_map(|((tag, raw), t_src_s, said, words)| {
        // the times are differences yet
        Reading { tag, raw, t_src_s, t_arr_s: 0.0, mono_s: 0.0, said, words: Words::new(&words) }
    });
    prop_oneof![
        9 => prop::collection::vec(reading, 1..5).prop_map(Heard::Readings),
        1 => (0_usize..2).prop_map(Heard::Lost),
    ]
}

/// Steps of up to 0.4 s, with what was heard up to 0.25 s before, out of order too.
fn stream() -> impl Strategy<Value = Vec<(f64, Vec<Heard>)>> {
    prop::collection::vec((0.01_f64..0.4, prop::collection::vec((one(), 0.0_f64..0.25), 0..4)), 5..60).prop_map(
        |steps| {
            let mut now_s = ORIGIN_S;
            let mut all = vec![(ORIGIN_S, Vec::new())];
            for (dt, heard) in steps {
                now_s += dt;
                let timed = heard.into_iter().map(|(h, late_s)| match h {
                    Heard::Lost(e) => Heard::Lost(e),
                    Heard::Readings(list) => Heard::Readings(
                        list.into_iter()
                            .map(|r| {
                                let mono_s = (now_s - late_s).max(ORIGIN_S);
                                Reading {
                                    mono_s,
                                    t_arr_s: 1.7e9 + mono_s,
                                    t_src_s: r.t_src_s.map(|d| 1.7e9 + now_s + d),
                                    ..r
                                }
                            })
                            .collect(),
                    ),
                });
                all.push((now_s, timed.collect()));
            }
            all
        },
    )
}

/// When the last reading came; the origin where there was none.
fn last_s(heard: &[Heard]) -> f64 {
    let last = |h: &Heard| if let Heard::Readings(all) = h { all.last().map(|r| r.mono_s) } else { None };
    heard.iter().filter_map(last).fold(ORIGIN_S, f64::max)
}

/// NaN is NaN here.
fn same(a: &Heard, b: &Heard) -> bool {
    let bits = |r: &Reading| (r.raw.map(f64::to_bits), Reading { raw: Ok(0.0), ..*r });
    match (a, b) {
        (Heard::Readings(a), Heard::Readings(b)) => a.iter().map(bits).eq(b.iter().map(bits)),
        (a, b) => a == b,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Out of order, NaN, refusals, lost links, clocks that are off: the rows and qualities of the playback are those of
    /// the day, bit by bit.
    #[test]
    fn a_playback_gives_the_rows_of_the_day(steps in stream()) {
        let dir = tempfile::tempdir().unwrap();
        let mut tape = recorder(dir.path(), Bounds::default());
        let until_s = steps.last().unwrap().0;
        let heard: Vec<Heard> = steps.iter().flat_map(|(_, h)| h.clone()).collect();
        let then = rows(&mut Script::new(steps), &map(), Some(&mut tape), until_s);
        let state = tape.close();
        prop_assert_eq!((state.lost, state.trouble), (0, None));
        let mut again = playback(dir.path());
        again.controls().hurry();
        prop_assert_eq!(again.map().sha256.clone(), map().sha256.clone());
        let end_s = ORIGIN_S + again.controls().extent_s()[1];
        let now = rows(&mut again, &map(), None, until_s.min(end_s));
        // the file ends with the last thing heard, and the playback with the row after it
        let in_file = then.iter().filter(|r| ORIGIN_S + r.0 as f64 * ROW_S < last_s(&heard)).count();
        prop_assert!((in_file..=then.len() + 1).contains(&now.len()), "{} {in_file}", now.len());
        for (a, b) in then.iter().zip(&now) {
            prop_assert_eq!(a, b);
        }
        let all = again.reader().rows(0, 10_000).unwrap();
        let kept: Vec<&Heard> = all.iter().filter_map(|k| if let Was::Heard(h, _) = &k.was { Some(h) } else { None }).collect();
        prop_assert_eq!(kept.len(), heard.len());
        prop_assert!(kept.iter().zip(&heard).all(|(a, b)| same(a, b)), "what was heard is kept as it was");
    }
}

#[test]
fn judgements_stand_beside_the_readings() {
    let dir = tempfile::tempdir().unwrap();
    let mut tape = recorder(dir.path(), Bounds::default());
    let list = vec![reading(1, Ok(60.0), 0.5), reading(1, Ok(200.0), 0.5), reading(0, Err(Fault::Exception(6)), 0.5)];
    rows(&mut Script::new(vec![(0.6, vec![Heard::Readings(list)])]), &map(), Some(&mut tape), 0.6);
    drop(tape);
    let kept = playback(dir.path()).reader().rows(0, 100).unwrap();
    let notes = |k: &Kept| matches!(&k.was, Was::Note(kind, _) if kind == "begin" || kind == "end");
    assert!(notes(&kept[0]) && notes(kept.last().unwrap()) && kept.len() == 3);
    let Was::Heard(_, judged) = &kept[1].was else { panic!("{kept:?}") };
    let bad = |f| (Taken::Bad, Quality::Bad(f));
    assert_eq!(judged[1..], [bad(Fault::OutOfRange), bad(Fault::Exception(6))]);
    assert_eq!(judged[0].0, Taken::Current);
    // and for people: one view of it all
    let db = rusqlite::Connection::open(&recorded(dir.path())[0]).unwrap();
    let sql = "SELECT name, value, unit, taken, quality, signal FROM sample ORDER BY n LIMIT 1";
    let row = db.query_row(sql, [], |r| {
        let text = |i| r.get::<_, String>(i);
        Ok((text(0)?, r.get::<_, f64>(1)?, text(2)?, text(3)?, text(5)?))
    });
    let want = ("f".to_owned(), 60.0, "Hz".to_owned(), "current".to_owned(), "site.f_hz".to_owned());
    assert_eq!(row.unwrap(), want);
}

/// So many batches of frequency and power, ten a second.
fn steady(n: u32) -> Vec<(f64, Vec<Heard>)> {
    let at = |k: u32| ORIGIN_S + f64::from(k) * 0.1 + 0.03;
    let batch = |k: u32| {
        let f = reading(1, Ok(60.0 + f64::from(k % 10) * 0.01), at(k));
        vec![Heard::Readings(vec![f, reading(0, Ok(5e5 + f64::from(k)), at(k))])]
    };
    std::iter::once((ORIGIN_S, Vec::new())).chain((0..n).map(|k| (at(k), batch(k)))).collect()
}

#[test]
fn files_turn_and_the_oldest_of_the_site_goes_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    std::fs::write(folder.join("north_plant-notes.sqlite"), "mine").unwrap();
    std::fs::write(folder.join("notes.txt"), "mine").unwrap();
    let other = Map::from_str("o", &MAP.replace("north plant", "south plant")).unwrap();
    drop(Recorder::start(folder, &Arc::new(other), "o", origin(), Bounds::default()).unwrap());
    drop(recorder(folder, Bounds::default()));
    let ours = |p: &PathBuf| p.file_name().unwrap().to_string_lossy().starts_with("north_plant-2");
    let kept = recorded(folder).into_iter().find(ours).unwrap();
    store::keep(&kept, true).unwrap();
    // one transaction is larger than a file: each begins the next
    let bounds = Bounds { files: 3, file_bytes: 1, ..Bounds::default() };
    let mut tape = recorder(folder, bounds);
    let mut said = Vec::new();
    for k in 0..6 {
        let steps: Vec<_> = steady(600).into_iter().skip(k * 100).take(100).collect();
        let until_s = steps.last().unwrap().0;
        rows(&mut Script::new(steps), &map(), Some(&mut tape), until_s);
        while tape.state().part < k as u32 + 2 {
            std::thread::sleep(Duration::from_millis(20));
        }
        said.extend(tape.news());
    }
    let state = tape.close();
    assert_eq!((state.lost, state.closed, state.removed), (0, true, 5));
    assert!(said.iter().any(|s| s.starts_with("recording goes on in part 3: ")), "{said:?}");
    assert!(said.iter().any(|s| s.starts_with("oldest recording removed, at most 3 files are kept: ")), "{said:?}");
    let left = recorded(folder);
    assert!(left.contains(&kept) && left.contains(&folder.join("north_plant-notes.sqlite")), "{left:?}");
    assert_eq!(left.iter().filter(|p| ours(p)).count(), 3);
    assert!(left.iter().any(|p| p.file_name().unwrap().to_string_lossy().starts_with("south_plant-")));
    // what is left of the series plays as one
    let newest = left.iter().rfind(|p| ours(p)).unwrap();
    let reader = Reader::open(newest).unwrap();
    let [from_s, to_s] = reader.extent_s();
    assert!(reader.files().len() == 2 && from_s > ORIGIN_S + 45.0 && to_s > ORIGIN_S + 59.0, "{from_s} {to_s}");
}

#[test]
fn a_full_disk_is_told_and_the_feed_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let bounds = Bounds::default();
    let mut tape = Recorder::within(dir.path(), &map(), "m", origin(), bounds, Some(30)).unwrap();
    let steps = steady(3000);
    let until_s = steps.last().unwrap().0;
    assert_eq!(rows(&mut Script::new(steps), &map(), Some(&mut tape), until_s).len(), 2999);
    while tape.state().trouble.is_none() {
        std::thread::sleep(Duration::from_millis(20));
    }
    let said = tape.news().join("; ");
    assert!(said.contains("recording not written, the feed goes on: database or disk is full"), "{said}");
    let state = tape.close();
    assert!(!state.closed && state.line().contains("not written (database or disk is full)"), "{}", state.line());
    // and a folder that cannot be made
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = Recorder::start(&file, &map(), "m", origin(), bounds).unwrap_err();
    assert!(error.ends_with(&file.display().to_string()) && error.lines().count() == 1, "{error}");
}

#[test]
fn what_a_full_channel_drops_is_a_gap_in_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let mut tape = recorder(dir.path(), Bounds::default());
    let site = Site::new(map());
    let one = Heard::Readings(vec![reading(1, Ok(60.0), 1.0)]);
    let mut told = 0_u64;
    while tape.state().lost < 10 {
        tape.hear(1.0, &one, &[Taken::Current], &site);
        told += 1;
    }
    // the next that finds room says how many are missing
    std::thread::sleep(Duration::from_millis(100));
    while tape.state().readings + tape.state().lost < told {
        std::thread::sleep(Duration::from_millis(20));
    }
    tape.hear(1.1, &one, &[Taken::Current], &site);
    let state = tape.close();
    assert_eq!(state.readings + state.lost, told + 1);
    let db = rusqlite::Connection::open(&state.path).unwrap();
    let gaps: Vec<String> = {
        let mut all = db.prepare("SELECT text FROM heard WHERE kind = 'gap' ORDER BY n").unwrap();
        all.query_map([], |r| r.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let missing: u64 = gaps.iter().filter_map(|g| g.split(' ').next()?.parse::<u64>().ok()).sum();
    assert_eq!(missing, state.lost, "{gaps:?}");
}

#[test]
fn a_jump_begins_another_pass_a_minute_early() {
    let dir = tempfile::tempdir().unwrap();
    let mut tape = recorder(dir.path(), Bounds::default());
    let steps = steady(1200);
    let until_s = steps.last().unwrap().0;
    let then = rows(&mut Script::new(steps), &map(), Some(&mut tape), until_s);
    drop(tape);
    let mut p = playback(dir.path());
    let controls = p.controls();
    let mut heard = Vec::new();
    assert_eq!((p.take(Duration::ZERO, &mut heard), heard.len()), (ORIGIN_S, 0), "rows count from the first word");
    controls.set_running(false);
    let now_s = p.take(Duration::ZERO, &mut heard);
    assert_eq!((p.take(Duration::ZERO, &mut heard), heard.len()), (now_s, 0), "frozen");
    controls.seek(100.0);
    assert_eq!(p.take(Duration::ZERO, &mut heard), ORIGIN_S + 400.0 * ROW_S);
    assert_eq!((p.pass().number, p.pass().origin_s), (1, Some(ORIGIN_S)));
    let mut reached_s = 0.0;
    for _ in 0..600 {
        reached_s = p.take(Duration::ZERO, &mut heard);
    }
    assert!((reached_s - ORIGIN_S - 100.0).abs() < 1e-9 && heard.len() == 600, "hurries though it is frozen");
    // at its end it begins again, if it is asked to
    controls.set_running(true);
    controls.hurry();
    controls.set_looped(true);
    while p.pass().number == 1 {
        p.take(Duration::ZERO, &mut heard);
    }
    controls.set_looped(false);
    heard.clear();
    while !controls.ended() {
        p.take(Duration::ZERO, &mut heard);
    }
    assert_eq!(heard.len(), 1200);
    // a jump gives the rows of the day too: what came before the warm minute no longer matters
    controls.seek(110.0);
    let mut site = Site::new(map());
    let mut row = 500;
    while !controls.ended() {
        let now_s = p.take(Duration::ZERO, &mut heard);
        if row == 500 {
            heard.clear();
        }
        heard.drain(..).for_each(|h| site.hear(&h, &mut |_, _| ()));
        if now_s >= ORIGIN_S + f64::from(row + 1) * ROW_S {
            row += 1;
            let values: Vec<u64> = site.row(now_s).0.iter().map(|v| v.to_bits()).collect();
            if let Some(then) = then.get(row as usize - 1).filter(|_| row > 510) {
                assert_eq!((u64::try_from(row).unwrap(), &values), (then.0, &then.1));
            }
        }
    }
    assert!(row > 1190);
}

#[test]
fn the_hub_records_and_plays() {
    let dir = tempfile::tempdir().unwrap();
    let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(|| ());
    // a live source that says nothing until it is recorded
    let (go, wait) = crossbeam_channel::bounded::<()>(1);
    struct Gate(Script, crossbeam_channel::Receiver<()>, bool);
    impl Intake for Gate {
        fn take(&mut self, limit: Duration, out: &mut Vec<Heard>) -> f64 {
            self.2 |= self.1.try_recv().is_ok();
            if self.2 {
                return self.0.take(limit, out);
            }
            std::thread::sleep(Duration::from_millis(5));
            ORIGIN_S
        }
    }
    let script = Gate(Script::new(steady(300)), wait, false);
    let live = Hub::start(Path::new("site.ron"), None, Arc::clone(&wake), move || Ok((map(), Box::new(script))));
    live.record(Some((dir.path().to_owned(), Bounds::default())));
    while live.recording().is_none() {
        std::thread::sleep(Duration::from_millis(5));
    }
    go.send(()).unwrap();
    let collect = |hub: &Hub, n: usize| {
        let (mut all, mut said) = (Vec::new(), Vec::new());
        while all.len() < n {
            let u = hub.updates.recv().unwrap();
            assert_eq!(u.epoch, 0);
            let width = u.block.width;
            for (r, t) in u.block.t_s.iter().enumerate() {
                let cell = |v: &[f64]| v[r * width..(r + 1) * width].iter().map(|v| v.to_bits()).collect::<Vec<_>>();
                all.push((t.to_bits(), [cell(&u.block.last), cell(&u.block.min), cell(&u.block.max)]));
            }
            said.extend(u.events.into_iter().filter(|e| e.object == "recorder").map(|e| e.text));
        }
        all.truncate(n);
        (all, said)
    };
    let (then, said) = collect(&live, 299);
    assert!(said[0].starts_with("recording begins: "), "{said:?}");
    live.record(None);
    while !live.recording().unwrap().closed {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(live.recording().unwrap().readings, 600);
    let file = recorded(dir.path()).remove(0);
    let p = Playback::new(Reader::open(&file).unwrap());
    p.controls().hurry();
    let again = Hub::start(&file, None, wake, move || Ok((p.map(), Box::new(p))));
    let (now, _) = collect(&again, 299);
    assert!(then == now, "the hub's rows with their extremes come again");
}

#[test]
fn other_files_are_refused_in_one_line() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.sqlite");
    let error = |p: &Path| Reader::open(p).err().unwrap().to_string();
    assert!(error(&path).starts_with("no such file: "));
    std::fs::write(&path, "").unwrap();
    assert!(error(&path).starts_with("the file is empty, it holds no site recording: "));
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch("CREATE TABLE t (x); PRAGMA application_id = 7; PRAGMA user_version = 1").unwrap();
    assert!(error(&path).starts_with("a database, but not a site recording of ballast: "));
    db.execute_batch(&format!("PRAGMA application_id = {}; PRAGMA user_version = 99", RECORDING.mark)).unwrap();
    assert!(error(&path).contains("site recording of layout 99, this version reads up to 1"));
    assert!(RECORDING.is(&path) && !RECORDING.is(dir.path()));
}
