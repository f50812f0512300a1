//! Every decoder of the feed on nearly right and on random bytes: none panics, none reserves what the wire claims, no
//! value that is not finite is good.
//!
//! A hundred thousand inputs for each; `BALLAST_FUZZ=1000000` for more. The largest single allocation is counted.
#![allow(
    unsafe_code,
    clippy::let_underscore_must_use,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a counting allocator is unsafe by its trait; a failed step is a failed test"
)]

#[path = "feed_fuzz/mutate.rs"]
mod mutate;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use ballast::acts::Quality;
use ballast::feed::columns::Columns;
use ballast::feed::map::Map;
use ballast::feed::modbus::{self, Answer, HEADER, Kind, NotAvailable, Order, ReadReq, Table};
use ballast::feed::sparkplug::Value;
use ballast::feed::tags::{Reading, Tags, Words};
use ballast::feed::{cgminer, mqtt, prom, sparkplug};
use mutate::Mutator;

/// No input is longer than 2 kB; what is made of it may be larger, but not as large as a length field can claim.
const LARGEST: usize = 256 << 10;

/// Remembers the largest request of this thread.
struct Watching;

thread_local! {
    static LARGEST_ASKED: Cell<usize> = const { Cell::new(0) };
}

fn note(size: usize) {
    // A thread that is being torn down has no counter any more.
    let _ = LARGEST_ASKED.try_with(|n| n.set(n.get().max(size)));
}

// SAFETY: every call is handed to the system's allocator as it came; noting allocates nothing.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size);
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Watching = Watching;

/// A tag that takes whatever is finite.
struct Judge {
    map: Map,
    tags: Tags,
}

impl Judge {
    fn new() -> Self {
        let text = r#"(name: "s", source: "x", plant: (f0_hz: 60, v_nom: 480, rated_kw: 1), endpoints: [(name: "m",
            link: Modbus(host: "h:1"), groups: [(name: "g", period_ms: 100, tags: [
                (name: "a", at: Reg(address: 0, kind: F64), scale: 1e12, valid: (-1.7e308, 1.7e308))])])])"#;
        let map = Map::from_str("fuzz", text).unwrap();
        Self { tags: Tags::new(&map), map }
    }

    /// Whatever a decoder made of the wire: good means finite.
    fn take(&mut self, raw: f64) {
        let (said, words) = (Quality::Good, Words::default());
        let r = Reading { tag: 0, raw: Ok(raw), t_src_s: None, t_arr_s: 0.0, mono_s: 0.0, said, words };
        self.tags.take(&self.map, &r);
        self.tags.sweep(&self.map, 0.0);
        let now = self.tags.current(0);
        assert!(!now.quality.usable() || now.value.is_finite(), "{raw} became {now:?}");
    }
}

/// Runs a decoder over many inputs.
fn fuzz(name: &str, seed: u64, samples: &[&[u8]], mut decode: impl FnMut(&[u8], &mut Mutator, &mut Judge)) {
    let inputs = std::env::var("BALLAST_FUZZ").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000_u32);
    let (mut mutator, mut judge) = (Mutator::new(seed), Judge::new());
    let mut largest = 0;
    for _ in 0..inputs {
        let input = mutator.next(samples);
        LARGEST_ASKED.set(0);
        decode(&input, &mut mutator, &mut judge);
        largest = largest.max(LARGEST_ASKED.get());
        assert!(largest <= LARGEST, "{name} asks for {largest} bytes for {} that it got: {input:02X?}", input.len());
    }
    println!("{name}: {inputs} inputs, largest single allocation {largest} bytes");
}

const KINDS: [Kind; 9] =
    [Kind::U16, Kind::S16, Kind::U32, Kind::S32, Kind::U64, Kind::S64, Kind::F32, Kind::F64, Kind::Bit(15)];

#[test]
fn modbus_answers() {
    let good = [
        &[0, 7, 0, 0, 0, 11, 17, 3, 8, 0x42, 0x70, 0, 0, 0x7F, 0xF0, 0, 0][..],
        &[0, 7, 0, 0, 0, 3, 17, 0x83, 2],
        &[0, 7, 0, 0, 0, 4, 17, 1, 1, 5],
    ];
    fuzz("modbus", 1, &good, |input, m, judge| {
        if let Some(header) = input.first_chunk::<HEADER>() {
            assert!(modbus::body_bytes(*header).is_none_or(|n| n <= modbus::MAX_FRAME - HEADER));
        }
        let table = Table::ALL[m.below(4)];
        let request = ReadReq::new(17, table, 0, 1 + m.below(6) as u16).unwrap();
        let transaction = (m.below(2) == 0).then_some(7);
        let Ok(Answer::Registers(words)) = modbus::answer(input, &request, transaction) else { return };
        assert_eq!(words.len(), usize::from(request.quantity()));
        let (kind, order) = (KINDS[m.below(KINDS.len())], Order::ALL[m.below(4)]);
        let na = NotAvailable { codes: vec![0x8000], top: m.below(9) as u8 };
        if let Some(modbus::Decoded::Number(x)) = modbus::decode(&words, kind, order, &na) {
            assert!(x.is_finite());
            judge.take(x);
        }
    });
}

#[test]
fn mqtt_packets() {
    let good: [&[u8]; 4] = [&[0x20, 2, 0, 0], &[0x90, 3, 0, 1, 0x80], b"\x31\x0B\0\x05a/b/c{\"x\"", &[0xD0, 0]];
    fuzz("mqtt", 2, &good, |input, _, _| {
        let mut rest = input;
        while let Ok(Some((packet, used))) = mqtt::read(rest) {
            assert!((2..=rest.len()).contains(&used));
            if let mqtt::Incoming::Publish { topic, .. } = packet {
                let _ = mqtt::matches("a/+/#", topic);
            }
            rest = &rest[used..];
        }
    });
}

/// A payload with two metrics, one by name with a quality, one by alias; made by hand from the protobuf wire format.
const SPARKPLUG: &[u8] = &[
    0x08, 0xD0, 0xE7, 0xC8, 0xB7, 0xBC, 0x31, 0x12, 0x25, 0x0A, 0x04, b'p', b'_', b'k', b'w', 0x10, 0x01, 0x20, 0x0A,
    0x4A, 0x10, 0x0A, 0x07, b'Q', b'u', b'a', b'l', b'i', b't', b'y', 0x12, 0x05, 0x08, 0x03, 0x18, 0xC0, 0x01, 0x69,
    0, 0, 0, 0, 0, 0x20, 0x8C, 0x40, 0x12, 0x06, 0x10, 0x02, 0x20, 0x03, 0x50, 0x07, 0x18, 0x05,
];

#[test]
fn sparkplug_payloads() {
    let p = sparkplug::read(SPARKPLUG).unwrap();
    assert_eq!((p.metrics.len(), p.seq), (2, Some(5)));
    assert_eq!((p.metrics[0].quality, &p.metrics[0].value), (Some(192), &Value::Number(900.0)));
    fuzz("sparkplug", 3, &[SPARKPLUG], |input, _, judge| {
        for m in sparkplug::read(input).map(|p| p.metrics).unwrap_or_default() {
            if let Value::Number(x) = m.value {
                judge.take(x);
            }
        }
    });
}

#[test]
fn prometheus_text() {
    let good: &[u8] = b"# TYPE p gauge\np{gpu=\"0\",name=\"H100 {SXM}, 80GB\"} 698.123 1700000000000\nq 9223372036854775794\nr +Inf\ns{} NaN\n";
    fuzz("prometheus", 4, &[good], |input, _, judge| {
        let text = String::from_utf8_lossy(input);
        prom::read(&text).samples.iter().for_each(|s| judge.take(s.value));
    });
}

#[test]
fn miners_answers() {
    let good: [&[u8]; 2] = [
        br#"{"STATUS":[{"STATUS":"S","When":1700000000}],"SUMMARY":[{"Elapsed":86,"MHS av":1.1e8,"Power":"3300","Chip Temp Avg":71.5}],"id":1}"#,
        br#"{"STATUS":[{"STATUS":"S"}],"STATS":[{"Type":"S19"}{"temp_chip1":"78-50","chain_rate1":"33123.5"}],"DEVS":[{"Status":"Alive"}]}"#,
    ];
    fuzz("cgminer", 5, &good, |input, _, judge| {
        let Ok(miner) = cgminer::read(input) else { return };
        [miner.power_w, miner.rate_ths, miner.chip_c].into_iter().flatten().for_each(|x| judge.take(x));
    });
}

#[test]
fn maps() {
    let good: &[u8] = br#"(name: "s", source: "x", plant: (f0_hz: 60, v_nom: 480, rated_kw: 1), endpoints: [(name: "m",
        link: Modbus(host: "h:1", max_hole: 9), groups: [(name: "g", period_ms: 100, tags: [
        (name: "a", at: Reg(address: 10, kind: U32, na: (codes: [4294967295], top: 8)), scale: 0.1, unit: "W",
        valid: (0, 1e6), rate_max: 5, stale_s: 1, to: "site.gen_kw", rollover: 65536),
        (name: "b", at: SunSpec(model: 701, point: 10, kind: S16, scale: 116), unit: "Hz", valid: (40, 75))])])],
        checks: [Same(a: "a", b: "b", within: 1)])"#;
    assert!(Map::from_str("fuzz", std::str::from_utf8(good).unwrap()).is_ok());
    fuzz("map", 6, &[good], |input, _, _| {
        let text = String::from_utf8_lossy(input);
        if let Err(e) = Map::from_str("fuzz", &text) {
            assert_eq!(e.to_string().lines().count(), 1, "{e}");
        }
    });
}

#[test]
fn columns_of_a_table() {
    let good: [&[u8]; 2] =
        [b"t_s,site.f_hz,g1.p_kw,bus_a.v_pu\n0.1,60.0,512.5,1.0\n", b"t_s;site.f_hz\n0,1;59,9\n0,2;NaN\n0,3;1e999\n"];
    fuzz("csv", 7, &good, |input, _, _| {
        let text = String::from_utf8_lossy(input);
        let mut lines = text.lines();
        let Ok(columns) = Columns::read(lines.next().unwrap_or_default(), "fuzz", None) else { return };
        for (n, line) in lines.enumerate() {
            if let Ok(row) = columns.row(line, "fuzz", n as u64) {
                assert!(row.t_s.is_finite() && row.values.iter().all(|v| !v.is_infinite()));
            }
        }
    });
}
