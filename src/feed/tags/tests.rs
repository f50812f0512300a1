//! Two devices of a small site, driven by hand.

use super::*;
use crate::plant::signals::{at, site};

const MAP: &str = r#"(
    name: "test", source: "made up",
    plant: (f0_hz: 60, v_nom: 480, rated_kw: 1000, gensets: ["G1"]),
    endpoints: [
        (name: "meter", link: Modbus(host: "127.0.0.1:502"), groups: [(name: "fast", period_ms: 100, tags: [
            (name: "p", at: Reg(address: 0, kind: F32), unit: "W", valid: (-1e5, 1.4e6), rate_max: 5e6, to: "site.gen_kw"),
            (name: "f", at: Reg(address: 2, kind: F32), unit: "Hz", valid: (40, 75), to: "site.f_hz"),
            (name: "beat", at: Reg(address: 9, kind: U16), valid: (0, 65535), heartbeat: true),
            (name: "kwh", at: Reg(address: 4, kind: U32), unit: "Wh", valid: (0, 5e9), rollover: 4294967296.0, to: "site.fuel_kwh"),
            (name: "wh", at: Reg(address: 12, kind: U32), unit: "Wh", valid: (0, 5e9), rollover: 4294967296.0, rate_max: 1000),
            (name: "v", at: Reg(address: 14, kind: F32), unit: "V", valid: (300, 600)),
            (name: "i", at: Reg(address: 16, kind: F32), unit: "A", valid: (0, 3000)),
            (name: "pf", at: Reg(address: 18, kind: F32), valid: (-1, 1)),
        ])]),
        (name: "controller", link: Modbus(host: "127.0.0.1:503"), groups: [(name: "slow", period_ms: 1000, tags: [
            (name: "f2", at: Reg(address: 0, kind: U16), scale: 0.1, unit: "Hz", valid: (40, 75), to: "site.f_hz", priority: 1),
        ])]),
    ],
    checks: [Same(a: "f", b: "f2", within: 0.3), Power(p: "p", v: "v", i: "i", pf: "pf", within_kw: 30)],
)"#;

/// The tags of a map, driven by hand.
pub(super) struct Bench {
    map: Map,
    tags: Tags,
}

impl Bench {
    fn new() -> Self {
        Self::of(MAP)
    }

    pub(in crate::feed) fn of(map: &str) -> Self {
        let map = Map::from_str("test", map).unwrap();
        Self { tags: Tags::new(&map), map }
    }

    pub(super) fn give(&mut self, tag: &str, raw: f64, t_src_s: Option<f64>, mono_s: f64) -> Taken {
        let tag = self.map.find(tag).unwrap();
        let r = Reading {
            tag,
            raw: Ok(raw),
            t_src_s,
            t_arr_s: 1.7e9 + mono_s,
            mono_s,
            said: Quality::Good,
            words: Words::default(),
        };
        let taken = self.tags.take(&self.map, &r);
        self.tags.sweep(&self.map, mono_s);
        taken
    }

    pub(super) fn quality(&self, tag: &str) -> Quality {
        self.tags.current(self.map.find(tag).unwrap()).quality
    }

    fn value(&self, tag: &str) -> f64 {
        self.tags.current(self.map.find(tag).unwrap()).value
    }

    fn row(&self) -> (Vec<f64>, Vec<Quality>) {
        let n = self.map.table.len();
        let (mut row, mut quality) = (vec![0.0; n], vec![Quality::Good; n]);
        self.tags.row(&mut row, &mut quality);
        (row, quality)
    }
}

#[test]
fn a_value_is_good_then_stale_and_leaves_the_row() {
    let mut b = Bench::new();
    assert_eq!(b.quality("p"), Quality::Never);
    assert_eq!(b.give("p", 512_500.0, None, 1.0), Taken::Current);
    let (row, quality) = b.row();
    assert_eq!((row[at(site::GEN_KW).at()], quality[at(site::GEN_KW).at()]), (512.5, Quality::Good));
    assert!(row[at(site::MINER_KW).at()].is_nan(), "what no tag feeds is not measured");
    b.tags.sweep(&b.map, 1.31);
    assert_eq!((b.quality("p"), b.value("p")), (Quality::Stale, 512.5), "the last good value stays for the eye");
    assert!(b.row().0[at(site::GEN_KW).at()].is_nan(), "and never for a row");
}

#[test]
fn what_cannot_be_true_is_not_shown() {
    let mut b = Bench::new();
    b.give("f", 59.9, None, 1.0);
    assert_eq!(b.give("f", 6553.5, None, 1.1), Taken::Bad);
    assert_eq!((b.quality("f"), b.value("f")), (Quality::Bad(Fault::OutOfRange), 59.9));
    assert_eq!(b.give("f", f64::NAN, None, 1.2), Taken::Bad);
    assert_eq!(b.quality("f"), Quality::Bad(Fault::NotFinite));
    b.give("p", 1e5, None, 1.0);
    b.give("p", 1.3e6, None, 1.1);
    assert_eq!(b.quality("p"), Quality::Uncertain(Doubt::Jump));
}

#[test]
fn the_current_value_never_steps_back_in_time() {
    let mut b = Bench::new();
    assert_eq!(b.give("f", 60.0, Some(1.7e9), 0.0), Taken::Current);
    assert_eq!(b.give("f", 59.0, Some(1.7e9 - 0.2), 0.1), Taken::Past);
    assert_eq!(b.give("f", 60.0, Some(1.7e9), 0.2), Taken::Twice);
    assert_eq!(b.value("f"), 60.0);
    // a clock an hour ahead: the value counts, its time does not
    assert_eq!(b.give("f", 59.5, Some(1.7e9 + 3600.0), 0.3), Taken::Current);
    assert_eq!(b.quality("f"), Quality::Uncertain(Doubt::Clock));
    assert_eq!(b.give("f", 59.6, Some(1.7e9 + 0.4), 0.4), Taken::Current);
}

#[test]
fn a_stopped_heartbeat_freezes_its_device_only() {
    let mut b = Bench::new();
    for k in 0..30 {
        let t = f64::from(k) * 0.1;
        b.give("p", 5e5 + f64::from(k), None, t);
        b.give("beat", f64::from(k.min(10)), None, t);
        b.give("f2", 600.0, None, t);
    }
    assert_eq!(b.quality("p"), Quality::Uncertain(Doubt::Frozen));
    assert_eq!(b.quality("f2"), Quality::Good, "one tag alone may stand still");
}

#[test]
fn a_counter_rises_through_rollover_and_reset() {
    let mut b = Bench::new();
    let top = 4_294_967_296.0;
    b.give("kwh", top - 1000.0, None, 0.0);
    b.give("kwh", 500.0, None, 0.1);
    assert!((b.value("kwh") - (top + 500.0) / 1000.0).abs() < 1e-6, "rolled over: {}", b.value("kwh"));
    let mut b = Bench::new();
    b.give("kwh", 1e6, None, 0.0);
    b.give("kwh", 10.0, None, 0.1);
    assert_eq!((b.value("kwh"), b.quality("kwh")), (1000.0, Quality::Uncertain(Doubt::Fell)));
    b.give("kwh", 12.0, None, 0.2);
    assert!((b.value("kwh") - (1e6 + 12.0) / 1000.0).abs() < 1e-6, "reset: {}", b.value("kwh"));
    assert_eq!(b.quality("kwh"), Quality::Good);
}

#[test]
fn contradiction_and_second_source() {
    let mut b = Bench::new();
    b.give("f", 60.0, None, 1.0);
    b.give("f2", 600.0, None, 1.0);
    assert_eq!(b.quality("f"), Quality::Good);
    b.give("f2", 590.0, None, 1.1);
    assert_eq!(b.quality("f"), Quality::Uncertain(Doubt::Contradicted));
    // the meter is lost: the controller's coarse value takes over, and only while it is usable
    b.tags.lost(0);
    b.tags.sweep(&b.map, 1.2);
    assert_eq!(b.quality("f"), Quality::Bad(Fault::NoComm));
    assert_eq!(b.row().0[at(site::F_HZ).at()], 59.0);
    b.tags.sweep(&b.map, 9.0);
    assert!(b.row().0[at(site::F_HZ).at()].is_nan());
}

#[test]
fn the_skew_of_a_clock_is_its_least() {
    let mut b = Bench::new();
    for (k, way) in [0.30, 0.02, 0.50].into_iter().enumerate() {
        let mono = k as f64;
        b.give("f", 60.0 + mono * 0.01, Some(1.7e9 + mono - 2.0 - way), mono);
    }
    assert!((b.tags.skew_s(0).unwrap() - 2.02).abs() < 1e-6);
    assert_eq!(b.tags.skew_s(1), None);
}

#[test]
fn regress_a_clock_that_is_set_back_blinds_for_one_stale_time_only() {
    let mut b = Bench::new();
    for k in 0..10 {
        b.give("f", 60.0 + 0.01 * f64::from(k), Some(1.7e9 + f64::from(k) * 0.1), f64::from(k) * 0.1);
    }
    // a minute back from now on; its samples are in order among themselves
    let mut seen = Vec::new();
    for k in 10..20 {
        let mono = f64::from(k) * 0.1;
        seen.push(b.give("f", 61.0 + 0.01 * f64::from(k), Some(1.7e9 + mono - 60.0), mono));
    }
    assert_eq!(seen[..2], [Taken::Past; 2], "late samples first");
    assert_eq!(seen[4..], [Taken::Current; 6], "then the clock is believed again");
    assert_eq!(b.quality("f"), Quality::Good);
    assert!((b.tags.skew_s(0).unwrap() - 60.0).abs() < 1e-3, "and the skew says it: {:?}", b.tags.skew_s(0));
}

#[test]
fn regress_two_messages_in_the_wrong_order_never_look_like_a_clock_set_back() {
    let mut b = Bench::new();
    for k in 0..40 {
        let (mono, swap) = (f64::from(k) * 0.2, if k % 2 == 0 { 0.2 } else { -0.2 });
        let taken = b.give("f", 60.0 + 0.001 * f64::from(k), Some(1.7e9 + mono + swap), mono);
        assert_eq!(taken, if k % 2 == 0 { Taken::Current } else { Taken::Past });
    }
}

#[test]
fn regress_what_was_kept_through_an_outage_is_stale() {
    let mut b = Bench::new();
    b.give("f", 60.0, Some(1.7e9), 0.0);
    b.give("f", 60.1, Some(1.7e9 + 20.0), 60.0);
    assert_eq!(b.quality("f"), Quality::Stale, "measured forty seconds ago");
    b.give("f", 60.2, Some(1.7e9 + 60.1), 60.1);
    assert_eq!(b.quality("f"), Quality::Good);
}

#[test]
fn regress_two_clocks_behind_one_broker_do_not_hide_one_another() {
    let mut b = Bench::new();
    for k in 0..5 {
        let mono = f64::from(k) * 0.1;
        b.give("p", 5e5 + mono, Some(1.7e9 + mono), mono);
        b.give("f", 60.0 + mono, Some(1.7e9 + mono - 90.0), mono);
    }
    assert!((b.tags.skew_s(0).unwrap() - 90.0).abs() < 1e-3);
    assert_eq!((b.quality("p"), b.quality("f")), (Quality::Good, Quality::Good));
}

#[test]
fn regress_a_clock_that_ran_ahead_and_was_put_right_is_believed_at_once() {
    let mut b = Bench::new();
    b.give("f", 60.0, Some(1.7e9 + 3600.0), 0.0);
    b.give("f", 60.1, Some(1.7e9 + 0.1), 0.1);
    assert_eq!((b.quality("f"), b.tags.skew_s(0)), (Quality::Good, Some(0.0)));
}

#[test]
fn regress_a_garbled_count_does_not_stay_in_the_sum() {
    let mut b = Bench::new();
    b.give("wh", 1_000_000.0, None, 0.0);
    b.give("wh", 1_000_050.0, None, 0.1);
    b.give("wh", 3e9, None, 0.2);
    assert_eq!((b.value("wh"), b.quality("wh")), (1_000_050.0, Quality::Uncertain(Doubt::Jump)));
    b.give("wh", 1_000_100.0, None, 0.3);
    b.give("wh", 1_000_150.0, None, 0.4);
    assert_eq!((b.value("wh"), b.quality("wh")), (1_000_150.0, Quality::Good), "and nothing is lost");
}

#[test]
fn regress_a_meter_that_says_something_impossible_is_not_believed_in_the_rest() {
    let mut b = Bench::new();
    for (tag, x) in [("p", 1e-12), ("v", 7e30), ("i", 3e-20), ("pf", 1e-9)] {
        b.give(tag, x, None, 1.0);
    }
    assert_eq!(b.quality("v"), Quality::Bad(Fault::OutOfRange));
    assert_eq!(b.quality("p"), Quality::Uncertain(Doubt::Contradicted));
}

proptest::proptest! {
    /// Messages that are old from the first one on look like those of a clock that is off.
    #[test]
    fn what_is_stamped_long_ago_from_the_start_is_never_good(old_s in 0.0..1e6_f64, n in 1..30_u32) {
        let mut b = Bench::new();
        for k in 0..n {
            let t_s = f64::from(k) * 0.1;
            b.give("f", 60.0 + 0.01 * t_s, Some(1.7e9 + t_s - old_s), t_s);
            let q = b.quality("f");
            let want = if old_s > OLD_S { Quality::Uncertain(Doubt::Clock) } else { Quality::Good };
            // the first digits of a difference of such times are lost
            proptest::prop_assert!(q == want || (old_s - OLD_S).abs() < 1e-3, "{old_s}: {q:?}");
        }
    }
}
