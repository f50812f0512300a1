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
    let (job, from) = Job::of(MAP);
    let mut listener = Listener { job: &job, nodes: BTreeMap::new() };
    for (topic, payload) in messages {
        listener.message(topic, false, payload);
    }
    drop(listener);
    let all = from.try_iter().flat_map(|h| match h {
        Heard::Readings(all) => all,
        Heard::Lost(_) => Vec::new(),
    });
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
fn json_that_lacks_a_value_says_why() {
    let said = |text: &str| hear(&[("plant/bus", text.as_bytes().to_vec())])[0].0;
    assert_eq!(said(r#"{"q": 3}"#), Ok(3.0));
    assert_eq!(said(r#"{"q": null}"#), Err(Fault::NotAvailable));
    assert_eq!(said(r#"{"r": 3}"#), Err(Fault::Missing));
    assert_eq!(said(r#"{"q": [3]}"#), Err(Fault::Decode));
    assert!(hear(&[("plant/bus", b"{\"q\": 9".to_vec())]).is_empty(), "cut off: counted, not guessed");
}
