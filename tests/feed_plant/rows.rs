//! What each fault has to look like on screen: one row a case, every switch at least once.

/// What the tags of a row become while the fault lasts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Becomes {
    /// They stay good, with values that are true.
    Good,
    /// Stale, or bad for want of a connection.
    Lost,
    /// Bad, with this in the reason.
    Bad(&'static str),
    /// Uncertain, with this in the reason.
    Uncertain(&'static str),
    /// Anything but good.
    Doubtful,
    /// Stale for a while at most, then good again with a clock badge of about so many seconds.
    Skewed(f64),
}

/// One case.
pub struct Row {
    pub fault: &'static str,
    /// Particulars of the switch, JSON.
    pub with: &'static str,
    pub tags: &'static [&'static str],
    pub becomes: Becomes,
    /// Time by which they have to, s.
    pub within_s: f64,
    /// Time that the fault lasts, s.
    pub lasts_s: f64,
    /// Time that all is good before it, s: what stands still has to have moved before.
    pub after_s: f64,
    /// Tags that may suffer along: they are measured against these, or come from the same server.
    pub along: &'static [&'static str],
}

const METER: &[&str] = &["i", "v", "p", "pf", "f", "beat", "wh"];
const FLOATS: &[&str] = &["i", "v", "p", "pf", "f"];
const SECOND: &[&str] = &["p2", "f2"];
const CONTROLLER: &[&str] = &["oil", "coolant", "rpm", "f_coarse"];
const JSON: &[&str] = &["json_p", "json_f"];
const BROKER: &[&str] = &["json_p", "json_f", "spb_p", "spb_f"];
const GPU: &[&str] = &["gpu_p", "gpu_hottest", "gpu_energy"];
const FEDERATED: &[&str] = &["fed_p"];
const FLEET: &[&str] = &["miner_p", "hashing"];

/// Values that a good tag may have: narrow, and apart from one another, so that none passes under another's name.
pub const TRUE: &[(&str, f64, f64)] = &[
    ("i", 1050.0, 1270.0),
    ("v", 475.0, 485.0),
    ("p", 850.0, 1000.0),
    ("pf", 0.94, 0.96),
    ("f", 59.0, 61.0),
    ("p2", 850.0, 1000.0),
    ("f2", 59.0, 61.0),
    ("oil", 430.0, 432.0),
    ("coolant", 85.0, 91.0),
    ("rpm", 1770.0, 1830.0),
    ("f_coarse", 59.0, 61.0),
    ("bess_p", 24_900.0, 25_100.0),
    ("bess_f", 59.0, 61.0),
    ("soc", 50.0, 62.1),
    ("json_p", 850.0, 1000.0),
    ("json_f", 59.0, 61.0),
    ("spb_p", 850.0, 1000.0),
    ("spb_f", 59.0, 61.0),
    ("gpu_p", 225.0, 275.0),
    ("gpu_hottest", 62.0, 67.0),
    ("fed_p", 225_000.0, 275_000.0),
    ("miner_p", 575.0, 625.0),
    ("hashing", 0.0, 3.0),
];

const fn row(
    fault: &'static str,
    with: &'static str,
    tags: &'static [&'static str],
    becomes: Becomes,
    within_s: f64,
) -> Row {
    Row { fault, with, tags, becomes, within_s, lasts_s: 3.0, after_s: 0.0, along: &[] }
}

impl Row {
    const fn along(self, along: &'static [&'static str]) -> Self {
        Self { along, ..self }
    }

    const fn lasts(self, lasts_s: f64) -> Self {
        Self { lasts_s, ..self }
    }

    const fn after(self, after_s: f64) -> Self {
        Self { after_s, ..self }
    }
}

use Becomes::{Bad, Doubtful, Good, Lost, Skewed, Uncertain};

const AT_METER: &str = r#"{"at":"meter"}"#;
const AT_GATEWAY: &str = r#"{"at":"gateway"}"#;
const AT_DCGM: &str = r#"{"at":"dcgm"}"#;
const AT_MINER: &str = r#"{"at":"miner1"}"#;
const ALL: &str = "{}";

/// A value is stale after 1 s (miners and federation: 3 s); the probe prints every 0.1 s, and CI is slow.
const SOON: f64 = 1.6;

pub const ROWS: &[Row] = &[
    // the device
    row("exc", r#"{"at":"meter","code":2,"register":3203}"#, &["wh"], Bad("address not there"), SOON),
    row("exc", r#"{"at":"meter","code":6,"register":3203}"#, &["wh"], Lost, SOON),
    row("exc", r#"{"at":"controller","code":2,"register":1025}"#, &["coolant"], Bad("address not there"), SOON),
    row("exc", r#"{"at":"controller","code":11}"#, CONTROLLER, Bad("behind the gateway"), SOON)
        .along(&["breaker", "ready"]),
    row("slow", AT_METER, METER, Good, SOON),
    row("stall", AT_METER, METER, Lost, SOON),
    row("garbage", AT_METER, &["p", "f"], Doubtful, SOON).along(&["i", "v", "pf", "beat", "wh", "p2", "f2"]),
    row("nan", AT_METER, FLOATS, Bad("not a number"), SOON),
    row("nan", r#"{"at":"controller"}"#, CONTROLLER, Bad("no value"), SOON),
    row("nan", r#"{"at":"bess"}"#, &["bess_p", "soc"], Bad("no value"), SOON),
    row("freeze", AT_METER, METER, Uncertain("does not move"), 2.5).along(SECOND).lasts(5.0),
    row("rollover", AT_METER, &["wh"], Good, SOON).lasts(8.0),
    row("sfchange", r#"{"at":"bess"}"#, &["bess_p"], Good, SOON),
    // the wire
    row("disconnect", AT_METER, METER, Lost, SOON),
    row("refuse", AT_METER, METER, Lost, SOON),
    row("blackhole", AT_METER, METER, Lost, SOON),
    row("truncate", AT_METER, METER, Lost, SOON),
    row("fragment", AT_METER, METER, Good, SOON),
    row("wrong_unit", AT_METER, METER, Lost, SOON),
    row("wrong_tid", AT_METER, METER, Lost, SOON),
    row("dup", AT_METER, METER, Good, SOON),
    row("late", AT_METER, METER, Lost, SOON),
    row("short", AT_METER, METER, Lost, SOON),
    // the broker
    row("mqtt_stall", r#"{"at":"broker"}"#, BROKER, Lost, SOON),
    row("mqtt_drop", r#"{"at":"field"}"#, BROKER, Lost, SOON),
    row("mqtt_ooo", AT_GATEWAY, JSON, Good, SOON),
    row("mqtt_skew", AT_GATEWAY, JSON, Skewed(90.0), 3.0).lasts(5.0),
    row("mqtt_badjson", AT_GATEWAY, JSON, Lost, SOON),
    row("mqtt_nan", AT_GATEWAY, &["json_p"], Bad("no value"), SOON).along(JSON),
    row("mqtt_nan", AT_GATEWAY, &["json_f"], Bad("not a number"), SOON).along(JSON),
    row("mqtt_dup", AT_GATEWAY, JSON, Good, SOON),
    row("mqtt_future", AT_GATEWAY, JSON, Uncertain("time stamp"), SOON),
    // the web server
    row("prom_500", AT_DCGM, GPU, Lost, SOON).along(FEDERATED),
    row("prom_slow", AT_DCGM, GPU, Lost, SOON).along(FEDERATED),
    row("prom_truncate", AT_DCGM, &["gpu_energy"], Bad("not in the source"), SOON).along(&[
        "gpu_p",
        "gpu_hottest",
        "fed_p",
    ]),
    // of a page that ends too early nobody knows whether one more GPU was to come
    row("prom_truncate", AT_DCGM, &["gpu_p", "gpu_hottest"], Uncertain("not all parts"), SOON)
        .along(&["gpu_energy", "fed_p"]),
    row("prom_blank", AT_DCGM, &["gpu_p"], Uncertain("not all parts"), SOON).along(FEDERATED),
    row("prom_missing", AT_DCGM, &["gpu_p", "gpu_hottest"], Uncertain("not all parts"), SOON).along(FEDERATED),
    row("prom_missing", r#"{"at":"dcgm","all":true}"#, &["gpu_p", "gpu_hottest"], Bad("not in the source"), SOON)
        .along(FEDERATED),
    row("prom_freeze", AT_DCGM, GPU, Uncertain("does not move"), 7.5).lasts(9.0).after(3.0),
    row("prom_reset", AT_DCGM, &["gpu_energy"], Good, SOON).along(FEDERATED),
    // the miners: one that does not answer is missing from the power and from the number of those that hash
    row("cg_deny", AT_MINER, FLEET, Uncertain("not all parts"), SOON),
    row("cg_deny", ALL, FLEET, Lost, 2.5),
    row("cg_nonul", ALL, FLEET, Good, SOON),
    row("cg_badjson", AT_MINER, FLEET, Uncertain("not all parts"), SOON),
    row("cg_badjson", r#"{"at":"miner1","mild":true}"#, FLEET, Good, SOON),
    row("cg_slow", AT_MINER, FLEET, Uncertain("not all parts"), SOON),
    row("cg_refuse", AT_MINER, FLEET, Uncertain("not all parts"), SOON),
];
