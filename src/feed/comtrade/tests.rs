//! The rules of the standard, byte by byte.

use proptest::prelude::*;

use super::*;
use crate::acts::Block;
use crate::plant::signals::{SignalTable, at, site};

fn record() -> Record {
    Record {
        station: "Plant, north".to_owned(),
        device: "rec".to_owned(),
        f0_hz: 60.0,
        start_utc_us: Some(1_234_567_890_123_456),
        t_us: vec![0, 50_000, 100_000],
        trigger_us: 50_000,
        analog: vec![
            Analog { name: "f".into(), part: "bus".into(), unit: "Hz".into(), values: vec![59.5, f64::NAN, 60.5] },
            Analog { name: "t".into(), part: "g1".into(), unit: "°C".into(), values: vec![80.0, 81.0, -3.0] },
        ],
        status: vec![Status { name: "52G".into(), part: "g1".into(), normal: true, values: vec![true, false, true] }],
        notes: vec!["hash 1234".to_owned()],
    }
}

fn lines(r: &Record, style: Style) -> Vec<String> {
    let cfg = r.files(style).unwrap().cfg;
    assert!(cfg.is_ascii() && cfg.ends_with("\r\n"));
    cfg.split_terminator("\r\n").map(str::to_owned).collect()
}

#[test]
fn the_configuration_has_its_lines_in_order() {
    let got = lines(&record(), Style { revision: Revision::Y2013, coding: Coding::Binary });
    let a = 0.5 / 32_767.0;
    let want = [
        "Plant; north,rec,2013",
        "3,2A,1D",
        &format!("1,f,,bus,Hz,{a:E},6E1,0,-32767,32767,1,1,P"),
        "2,t,,g1,degC,1E0,0E0,0,-32767,32767,1,1,P",
        "1,52G,,g1,1",
        "60",
        "1",
        "20,3",
        "13/02/2009,23:31:30.123456",
        "13/02/2009,23:31:30.173456",
        "BINARY",
        "1",
        "0,x",
        "B,3",
    ];
    assert_eq!(got, want);
}

#[test]
fn the_older_edition_ends_with_the_multiplier() {
    let got = lines(&record(), Style { revision: Revision::Y1999, coding: Coding::Ascii });
    assert_eq!(got[0], "Plant; north,rec,1999");
    assert!(got[2].ends_with(",-99998,99998,1,1,P"));
    assert_eq!(got[10..], ["ASCII", "1"]);
    assert_eq!(
        record().files(Style { revision: Revision::Y1999, coding: Coding::Binary32 }).unwrap_err(),
        Trouble::Coding
    );
}

#[test]
fn missing_data_is_the_codes_of_the_standard() {
    let of = |coding| record().files(Style { revision: Revision::Y2013, coding }).unwrap().dat;
    let text = String::from_utf8(of(Coding::Ascii)).unwrap();
    assert_eq!(text, "1,0,-99998,80,1\r\n2,50000,99999,81,0\r\n3,100000,99998,-3,1\r\n");
    let row = |n: u32, t: u32, f: i16, c: i16, d: u16| {
        let mut b = [n.to_le_bytes(), t.to_le_bytes()].concat();
        [f.to_le_bytes(), c.to_le_bytes(), d.to_le_bytes()].iter().for_each(|w| b.extend_from_slice(w));
        b
    };
    let want = [row(1, 0, -32_767, 80, 1), row(2, 50_000, i16::MIN, 81, 0), row(3, 100_000, 32_767, -3, 1)];
    assert_eq!(of(Coding::Binary), want.concat());
    let wide = of(Coding::Binary32);
    assert_eq!(wide.len(), 3 * (4 + 4 + 2 * 4 + 2));
    assert_eq!(wide[18 + 8..18 + 12], 0x8000_0000_u32.to_le_bytes());
}

#[test]
fn seventeen_contacts_take_two_words() {
    let mut r = record();
    r.analog.clear();
    r.status = (0..17)
        .map(|k| Status { name: format!("c{k}"), part: String::new(), normal: false, values: vec![k % 16 == 0; 3] })
        .collect();
    let dat = r.files(Style::default()).unwrap().dat;
    assert_eq!((dat.len(), &dat[8..12]), (3 * 12, &[1, 0, 1, 0][..]));
}

#[test]
fn uneven_rows_count_by_their_stamps_and_a_long_record_is_multiplied() {
    let mut r = record();
    r.t_us = vec![0, 50_000, 7_200_000_000];
    let got = lines(&r, Style::default());
    assert_eq!(got[6..8], ["0", "0,3"]);
    assert_eq!(got[11], "10", "two hours of microseconds do not fit into 32 bits");
    let dat = r.files(Style::default()).unwrap().dat;
    assert_eq!(dat[2 * 14 + 4..2 * 14 + 8], 720_000_000_u32.to_le_bytes());
    assert_eq!(lines(&r, Style { coding: Coding::Ascii, ..Style::default() })[11], "1");
}

#[test]
fn one_file_holds_all_parts() {
    let all = record().one_file(Coding::Binary).unwrap();
    let text = String::from_utf8_lossy(&all);
    let marks = ["CFG", "INF", "HDR", "DAT BINARY: 42"].map(|m| text.find(&format!("--- file type: {m} ---\r\n")));
    assert!(marks.is_sorted() && marks.iter().all(Option::is_some), "{marks:?}");
    assert!(text.contains("hash 1234\r\n") && text.contains("Missing data in: f\r\n"));
}

#[test]
fn nothing_and_too_much_are_refused() {
    let empty = Record { t_us: Vec::new(), ..record() };
    assert_eq!(empty.files(Style::default()).unwrap_err(), Trouble::Empty);
    let long = Record { t_us: (0..20_000_000).collect(), ..record() };
    assert!(matches!(long.files(Style::default()), Err(Trouble::TooLong { .. })));
}

#[test]
fn rows_become_channels_by_their_kind() {
    let table = SignalTable::new(&[], &["G1".into()], &[]);
    let (width, rows) = (table.len(), 4);
    let mut last = vec![f64::NAN; width * rows];
    let breaker = table.genset(0, crate::plant::signals::genset::BREAKER).at();
    for r in 0..rows {
        last[r * width + at(site::F_HZ).at()] = 60.0 + r as f64 / 8.0;
    }
    last[width + breaker] = 1.0;
    last[3 * width + breaker] = 0.0;
    let rows = Block { width, t_s: vec![10.0, 10.1, 10.2, 10.3], min: last.clone(), max: last.clone(), last };
    let trip = |t_s| Moment { t_s, name: "81U-1".into(), part: "G1".into() };
    let window = Window {
        table: &table,
        rows: &rows,
        trips: &[trip(10.15), trip(10.3)],
        station: "s",
        f0_hz: 60.0,
        zero_utc_us: Some(1_000_000),
    };
    let r = window.record();
    assert_eq!(r.analog.iter().map(|a| a.name.as_str()).collect::<Vec<_>>(), ["site.f_hz"]);
    let names: Vec<(&str, &[bool])> = r.status.iter().map(|d| (d.name.as_str(), &d.values[..])).collect();
    let want: [(&str, &[bool]); 3] = [
        ("g1.breaker", &[true, true, true, false]),
        ("g1.breaker no data", &[true, false, true, false]),
        ("81U-1", &[false, false, true, true]),
    ];
    assert_eq!(names, want);
    assert_eq!((r.start_utc_us, r.trigger_us, r.t_us[3]), (Some(11_000_000), 150_000, 300_000));
}

proptest! {
    /// Whatever the numbers are, a reader gets them back within half a step, and what is missing stays missing.
    #[test]
    fn values_come_back_within_half_a_step(values in prop::collection::vec(
        prop_oneof![4 => -1e6_f64..1e6, 1 => Just(f64::NAN), 1 => (-50_i32..50).prop_map(f64::from)], 1..40)) {
        let mut r = record();
        r.t_us = (0..values.len() as i64).map(|k| k * 50_000).collect();
        r.analog.truncate(1);
        r.analog[0].values = values.clone();
        r.status.clear();
        let cfg = lines(&r, Style::default());
        let fields: Vec<&str> = cfg[2].split(',').collect();
        let (a, b): (f64, f64) = (fields[5].parse().unwrap(), fields[6].parse().unwrap());
        let dat = r.files(Style::default()).unwrap().dat;
        for (row, want) in dat.chunks(10).zip(&values) {
            let raw = i16::from_le_bytes([row[8], row[9]]);
            if want.is_nan() {
                prop_assert_eq!(raw, i16::MIN);
            } else {
                let got = a * f64::from(raw) + b;
                prop_assert!((got - want).abs() <= 0.5 * a.abs() * 1.000_001, "{got} {want}");
            }
        }
    }
}
