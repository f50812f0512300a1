//! A listener that hears births, data and deaths in the order in which a broker may bring them.

use super::*;
use crate::feed::sparkplug::sender::{bytes, number};

const MAP: &str = r#"(name: "s", source: "x", plant: (f0_hz: 60, v_nom: 480, rated_kw: 1), endpoints: [(name: "b",
    link: Mqtt(host: "h:1", client: "c"), groups: [(name: "g", period_ms: 1000, tags: [
        (name: "p", at: Sparkplug(group: "g", node: "n", metric: "p"), unit: "kW", valid: (0, 9e3)),
        (name: "q", at: Json(topic: "plant/#", pointer: "/q"), unit: "kvar", valid: (0, 9e3)),
    ])])])"#;

/// A metric of type UInt64 by name, by alias, or both.
fn metric(name: &str, alias: Option<u64>, value: u64) -> Vec<u8> {
    let name = if name.is_empty() { Vec::new() } else { bytes(1, name.as_bytes()) };
    let alias = alias.map_or_else(Vec::new, |a| number(2, a));
    bytes(2, &[name, alias, number(4, 8), number(11, value)].concat())
}

fn payload(seq: u64, metrics: &[Vec<u8>]) -> Vec<u8> {
    [metrics.concat(), number(3, seq)].concat()
}

/// What became of the messages: value or fault, and what is said of it.
fn hear(messages: &[(&str, Vec<u8>)]) -> Vec<(Result<f64, Fault>, Quality)> {
    let (job, _from) = Job::of(MAP);
    let mut listener = Listener::new(&job);
    let all = messages.iter().flat_map(|(topic, payload)| listener.message(topic, false, payload));
    all.map(|r| (r.raw, r.said)).collect()
}

const BIRTH: &str = "spBv1.0/g/NBIRTH/n";
const DATA: &str = "spBv1.0/g/NDATA/n";
const DEATH: &str = "spBv1.0/g/NDEATH/n";
const DOUBT: Quality = Quality::Uncertain(Doubt::Partial);

#[test]
fn regress_a_late_listener_believes_a_metric_that_brings_its_name() {
    assert_eq!(hear(&[(DATA, payload(9, &[metric("p", Some(1), 7)]))]), [(Ok(7.0), Quality::Good)]);
    // after a lost message an alias may stand for something else; a name may not
    let seen = hear(&[
        (BIRTH, payload(0, &[metric("p", Some(1), 5)])),
        (DATA, payload(1, &[metric("", Some(1), 6)])),
        (DATA, payload(3, &[metric("", Some(1), 7)])),
        (DATA, payload(4, &[metric("p", None, 8)])),
    ]);
    let good = Quality::Good;
    assert_eq!(seen, [(Ok(5.0), good), (Ok(6.0), good), (Ok(7.0), DOUBT), (Ok(8.0), good)]);
}

#[test]
fn regress_the_births_that_a_broker_keeps_name_the_aliases() {
    let kept = format!("{BIRTHS}{BIRTH}");
    let seen = hear(&[(&kept, payload(0, &[metric("p", Some(1), 5)])), (DATA, payload(77, &[metric("", Some(1), 6)]))]);
    assert_eq!(seen, [(Ok(6.0), DOUBT)], "the birth's own value is as old as the birth");
    let (job, _from) = Job::of(MAP);
    assert!(filters(&job).contains(&kept));
}

#[test]
fn regress_the_death_of_another_session_is_none_of_this_one() {
    let birth = |session| (BIRTH, payload(0, &[metric("p", None, 5), metric("bdSeq", None, session)]));
    let death = |session| (DEATH, metric("bdSeq", None, session));
    assert_eq!(hear(&[birth(4), death(3)]).len(), 1, "the will of the session before, delivered late");
    assert_eq!(hear(&[birth(4), death(4)])[1], (Err(Fault::NoComm), Quality::Good));
    assert_eq!(hear(&[death(4)])[0].0, Err(Fault::NoComm), "whoever has seen no birth believes every death");
}

#[test]
fn regress_the_type_that_a_birth_declared_holds_for_its_data() {
    let born =
        |datatype: u64, v: u64| bytes(2, &[bytes(1, b"p"), number(2, 1), number(4, datatype), number(10, v)].concat());
    let bare = |v: u64| bytes(2, &[number(2, 1), number(10, v)].concat());
    let named = |v: u64| bytes(2, &[bytes(1, b"p"), number(10, v)].concat());
    let minus = |x: i32| u64::from(-x as u32);
    let good = Quality::Good;
    let seen = hear(&[
        (BIRTH, payload(0, &[born(3, minus(150))])),
        (DATA, payload(1, &[bare(minus(152))])),
        (DATA, payload(2, &[named(minus(153))])),
    ]);
    assert_eq!(seen, [(Ok(-150.0), good), (Ok(-152.0), good), (Ok(-153.0), good)]);
    let late = hear(&[(DATA, payload(7, &[named(minus(153))]))]);
    assert_eq!(late[0].1, Quality::Uncertain(Doubt::Undeclared), "whoever missed the birth does not know the sign");
    let gone = hear(&[(BIRTH, payload(0, &[metric("other", Some(4), 1)]))]);
    assert_eq!(gone[0].0, Err(Fault::Missing), "a birth names all that there is");
}

proptest::proptest! {
    /// Births and data by name or alias, with and without type, some lost on the way: what is Good is what was measured.
    #[test]
    fn good_is_what_the_node_measured(
        types in proptest::collection::vec(0_usize..3, 1..12),
        seed in 0_u64..,
    ) {
        let (mut s, mut seq, mut messages, mut truth) = (seed, 0_u64, Vec::new(), Vec::new());
        let mut chance = move |n: u64| {
            s = s.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (s >> 33) % n
        };
        for ty in types {
            // Int16, Int32 or UInt32, under an alias of its own in each life
            let (datatype, alias) = ([2, 3, 7][ty], 1 + chance(3));
            for k in 0..=chance(4) {
                let value = if datatype == 7 { chance(9000) as i64 } else { chance(18_000) as i64 - 9000 };
                let bits = if datatype == 2 { u64::from(value as i16 as u16) } else { u64::from(value as i32 as u32) };
                let born = k == 0;
                let name = if born || chance(2) == 0 { bytes(1, b"p") } else { Vec::new() };
                let kind = if born || chance(3) == 0 { number(4, datatype) } else { Vec::new() };
                let m = bytes(2, &[name, number(2, alias), kind, number(10, bits)].concat());
                seq = if born { 0 } else { seq + 1 };
                // A later birth that is lost shows in nothing but its number, which may be the one that was due.
                if chance(5) > 0 || (born && !messages.is_empty()) {
                    messages.push((if born { BIRTH } else { DATA }, payload(seq, &[m])));
                    truth.push(value as f64);
                }
            }
        }
        let (job, _from) = Job::of(MAP);
        let mut listener = Listener::new(&job);
        for ((topic, payload), truth) in messages.iter().zip(truth) {
            for r in listener.message(topic, false, payload) {
                proptest::prop_assert!(r.said != Quality::Good || r.raw == Ok(truth), "{r:?} is not {truth}");
            }
        }
    }
}

#[test]
fn two_programs_with_one_map_have_names_of_their_own() {
    let (short, long) = (own_name("ballast"), own_name("a-name-that-is-as-long-as-can-be"));
    assert!(short.starts_with("ballast") && short.len() == 13 && long.len() == CLIENT, "{short} {long}");
    assert!((0..50).any(|_| own_name("ballast") != short));
}

#[test]
fn a_refused_filter_costs_its_own_tags_only() {
    let (job, from) = Job::of(MAP);
    refuse(&job, &["plant/#", "$sparkplug/certificates/spBv1.0/g/NBIRTH/n"]);
    let Ok(Heard::Readings(all)) = from.try_recv() else { panic!("nothing told") };
    assert_eq!(all.iter().map(|r| (r.tag, r.raw)).collect::<Vec<_>>(), [(1, Err(Fault::Refused))]);
    refuse(&job, &["spBv1.0/g/+/n"]);
    assert!(matches!(from.try_recv(), Ok(Heard::Readings(all)) if all[0].tag == 0));
}

#[test]
fn what_a_message_says_of_itself_counts() {
    const MAP: &str = r#"(name: "s", source: "x", plant: (f0_hz: 60, v_nom: 480, rated_kw: 1), endpoints: [(name: "b",
        link: Mqtt(host: "h:1", client: "c"), groups: [(name: "g", period_ms: 1000, tags: [
            (name: "v", at: Json(topic: "t", pointer: "/v", time: "/ts", quality: (pointer: "/q", good: ["ok", "192"])), valid: (0, 99)),
            (name: "wild", at: Json(topic: "w/+", pointer: "/v"), valid: (0, 99)),
        ])])])"#;
    let (job, _from) = Job::of(MAP);
    let mut listener = Listener::new(&job);
    let mut one = |topic: &str, retained, text: &str| listener.message(topic, retained, text.as_bytes()).remove(0);
    let now = wall_s();
    let said = |q: &str| format!("{{\"v\":1,\"ts\":{now},\"q\":{q}}}");
    assert_eq!(one("t", false, &said("\"OK\"")).said, Quality::Good);
    assert_eq!(one("t", false, &said("192")).said, Quality::Good);
    assert_eq!(one("t", false, &said("\"bad\"")).said, Quality::Bad(Fault::NotAvailable));
    assert_eq!(
        one("t", false, &said("\"frozen\"")).said,
        Quality::Uncertain(Doubt::Source),
        "a word that nobody explained"
    );
    let r = one("t", false, r#"{"v":1,"ts":"2026-11-30T00:00:00Z","q":"ok"}"#);
    assert_eq!((r.t_src_s, r.said), (Some(1_796_000_000.0 - 3200.0), Quality::Good));
    let r = one("t", false, r#"{"v":1,"ts":"at noon","q":"ok"}"#);
    assert_eq!((r.t_src_s, r.said), (None, Quality::Uncertain(Doubt::Clock)), "a time that cannot be read is said");
    assert_eq!(one("t", true, &said("\"ok\"")).said, Quality::Good, "kept, but of now");
    assert_eq!(one("t", true, r#"{"v":1,"ts":1764468000000000000,"q":"ok"}"#).said, Quality::Stale, "kept for long");
    assert_eq!(one("w/a", false, r#"{"v":1}"#).said, Quality::Good);
    assert_eq!(
        one("w/b", false, r#"{"v":2}"#).said,
        Quality::Uncertain(Doubt::Contradicted),
        "two sensors are not one"
    );
}

#[test]
fn json_that_lacks_a_value_says_why() {
    let said = |text: &str| hear(&[("plant/bus", text.as_bytes().to_vec())])[0].0;
    assert_eq!(said(r#"{"q": 3}"#), Ok(3.0));
    assert_eq!(said(r#"{"q": null}"#), Err(Fault::NotAvailable));
    assert_eq!(said(r#"{"r": 3}"#), Err(Fault::Missing));
    assert_eq!(said(r#"{"q": [3]}"#), Err(Fault::Decode));
    assert!(hear(&[("plant/bus", b"{\"q\": 9".to_vec())]).is_empty(), "cut off: counted, not guessed");
}
