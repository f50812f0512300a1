//! The tag map of a site: which value of which device is which signal of the plant. One RON file a site.
//!
//! The file's own types are here; [`Map::from_str`] checks them and resolves units and signals, so that what comes after
//! meets only tags that make sense. A map that claims something impossible is refused with line and column. It opens no
//! connection.

mod check;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::modbus::{Kind, NotAvailable, Order, Table};
use super::unit::Unit;
use crate::plant::signals::{SignalIdx, SignalTable};
use crate::text::Error;

/// Largest file of a map, bytes: some fifty times that of a site with 2,000 tags.
const MAX_BYTES: u64 = 16 << 20;

/// A site, checked.
#[derive(Clone, Debug)]
pub struct Map {
    /// Name of the site.
    pub name: String,
    /// Where the addresses come from, and whether a real device has confirmed them.
    pub source: String,
    /// SHA-256 of its text, in hex.
    pub sha256: String,
    /// What is known of the plant.
    pub plant: PlantFacts,
    /// Signals that the tags feed.
    pub table: SignalTable,
    /// Devices.
    pub endpoints: Vec<Endpoint>,
    /// All tags, numbered through: endpoints in order, groups in order.
    pub tags: Vec<Tag>,
    /// Relations between tags that must hold.
    pub checks: Vec<Check>,
    /// The text that it was read from.
    pub text: String,
}

/// What a map states of the plant, for gauges and names.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlantFacts {
    /// Nominal frequency.
    pub f0_hz: f64,
    /// Nominal voltage between phases.
    pub v_nom: f64,
    /// Rating of all gensets.
    pub rated_kw: f64,
    /// Bus sections.
    #[serde(default)]
    pub sections: Vec<String>,
    /// Gensets.
    #[serde(default)]
    pub gensets: Vec<String>,
    /// Batteries.
    #[serde(default)]
    pub bess: Vec<String>,
}

/// A device or a server.
#[derive(Clone, Debug, PartialEq)]
pub struct Endpoint {
    /// Name.
    pub name: String,
    /// How it is reached.
    pub link: Link,
    /// Tags that are read together.
    pub groups: Vec<Group>,
}

/// Tags with one period.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Name.
    pub name: String,
    /// Time between two reads.
    pub period_ms: u32,
    /// One request for all of it, so that its values belong to one instant.
    pub cosample: bool,
    /// Places in [`Map::tags`].
    pub tags: std::ops::Range<usize>,
}

/// One value of a device.
#[derive(Clone, Debug)]
pub struct Tag {
    /// Name, unique in the map.
    pub name: String,
    /// Where in the device.
    pub at: At,
    /// From the raw number to the unit of [`Tag::unit`].
    pub scale: [f64; 2],
    /// Unit of the value: the signal's, where it feeds one.
    pub unit: Unit,
    /// Plausible values, in [`Tag::unit`].
    pub valid: [f64; 2],
    /// Fastest plausible change, unit/s.
    pub rate_max: f64,
    /// Age from which it is stale, s.
    pub stale_s: f64,
    /// The signal that it feeds.
    pub to: Option<SignalIdx>,
    /// Among tags that feed one signal the lowest that is usable counts.
    pub priority: u8,
    /// Counts up while the device lives.
    pub heartbeat: bool,
    /// A counter that starts again at this number.
    pub rollover: Option<f64>,
    /// A model of the device, not a measurement.
    pub estimated: bool,
    /// Whether it never stands still while the plant runs, where that is not as its unit suggests: a set-point does.
    pub moves: Option<bool>,
    /// Most that a counter can gain in a second, in [`Tag::unit`].
    pub gain_max: f64,
}

/// How a device is reached. No link can write.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Link {
    /// Modbus TCP.
    Modbus {
        /// `host:port`.
        host: String,
        /// Unit id.
        #[serde(default = "one")]
        unit: u8,
        /// Whether answers carry the transaction of their request; some gateways never do.
        #[serde(default)]
        tid: Tid,
        /// Whether answers carry the unit of their request; some gateways always give their own.
        #[serde(default = "yes")]
        echo_unit: bool,
        /// Time after the connection in which nothing is asked: some gateways swallow what comes then.
        #[serde(default)]
        settle_ms: u32,
        /// Unmapped registers that a request may span.
        #[serde(default)]
        max_hole: u16,
        /// Shortest time-out.
        #[serde(default = "timeout")]
        timeout_ms: u32,
        /// Base address of SunSpec models, if it is such a device; 40000, 0 and 50000 are tried where it is none.
        #[serde(default)]
        sunspec: Option<u16>,
    },
    /// MQTT 3.1.1, as a listener.
    Mqtt {
        /// `host:port`.
        host: String,
        /// TLS.
        #[serde(default)]
        tls: bool,
        /// Authority of its certificate (PEM file), where it is not a public one.
        #[serde(default)]
        ca: Option<String>,
        /// Client id. Six characters of its own are put behind it, so that two programs with one map do not throw each
        /// other off the broker.
        client: String,
        /// Whether the id is used as it stands, for brokers that know their clients by it.
        #[serde(default)]
        client_as_is: bool,
        /// User, if the broker asks for one; the password is in the environment variable named below.
        #[serde(default)]
        user: String,
        /// Name of the environment variable.
        #[serde(default)]
        password_env: String,
        /// Longest silence.
        #[serde(default = "keep_alive")]
        keep_alive_s: u16,
    },
    /// Prometheus text by HTTP GET.
    Http {
        /// `http://…` or `https://…`.
        url: String,
        /// Authority of its certificate (PEM file), where it is not a public one.
        #[serde(default)]
        ca: Option<String>,
        /// Time-out.
        #[serde(default = "timeout")]
        timeout_ms: u32,
    },
    /// The cgminer API of a fleet of miners.
    Cgminer {
        /// `host:port` of each.
        hosts: Vec<String>,
        /// What is asked.
        ask: Ask,
        /// Time-out.
        #[serde(default = "slow_timeout")]
        timeout_ms: u32,
    },
}

/// What a miner can be asked: reports that change nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// `summary`.
    Summary,
    /// `stats`.
    Stats,
    /// `devs`.
    Devs,
}

/// Whether answers carry the transaction of their request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tid {
    /// They do; what does not fit is passed over.
    #[default]
    Strict,
    /// They may not.
    Ignore,
}

/// Where a value stands in its device.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum At {
    /// Registers; the address counts from 0.
    Reg {
        /// Holding or Input.
        #[serde(default = "holding")]
        table: Table,
        /// First register.
        address: u16,
        /// Type.
        kind: Kind,
        /// Order of the bytes.
        #[serde(default)]
        order: Order,
        /// Register with the power of ten of the value (SunSpec's scale factor), read in the same request.
        #[serde(default)]
        scale_at: Option<u16>,
        /// Codes without a value.
        #[serde(default)]
        na: NotAvailable,
    },
    /// A coil or a discrete input.
    Bit {
        /// Coil or Discrete.
        table: Table,
        /// Address.
        address: u16,
    },
    /// A point of a SunSpec model; offsets count from the model's id.
    SunSpec {
        /// Model number.
        model: u16,
        /// Offset of the point.
        point: u16,
        /// Type; its "not implemented" code is known.
        kind: Kind,
        /// Offset of the scale factor.
        #[serde(default)]
        scale: Option<u16>,
    },
    /// A number in a JSON message.
    Json {
        /// Topic filter.
        topic: String,
        /// JSON pointer (RFC 6901).
        pointer: String,
        /// Pointer to the time: ISO 8601, or s, ms, µs or ns since 1970.
        #[serde(default)]
        time: Option<String>,
        /// What the message says of its own quality.
        #[serde(default)]
        quality: Option<Says>,
    },
    /// A metric of a Sparkplug B node or device.
    Sparkplug {
        /// Group id.
        group: String,
        /// Edge node.
        node: String,
        /// Device; empty for the node itself.
        #[serde(default)]
        device: String,
        /// Metric.
        metric: String,
    },
    /// Samples of a Prometheus text.
    Metric {
        /// Metric.
        name: String,
        /// Labels that it must have.
        #[serde(default)]
        labels: Vec<(String, String)>,
        /// How several samples become one value.
        #[serde(default)]
        fold: Fold,
        /// Labels that tell one part from another; without them the device's `UUID`, or all labels where it has none.
        #[serde(default)]
        per: Vec<String>,
    },
    /// A figure of the miners of a fleet.
    Miner {
        /// Which.
        figure: Figure,
        /// How the fleet becomes one value.
        #[serde(default)]
        fold: Fold,
    },
}

/// Where a message says how good its value is, and what its words mean. A word that is in no list, or none at all, makes
/// the value uncertain; case does not matter, and numbers are written as texts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Says {
    /// JSON pointer (RFC 6901).
    pub pointer: String,
    /// Words of a good value.
    #[serde(default = "good")]
    pub good: Vec<String>,
    /// Words of a value that is not to be used.
    #[serde(default = "bad")]
    pub bad: Vec<String>,
}

fn good() -> Vec<String> {
    vec!["good".to_owned()]
}

fn bad() -> Vec<String> {
    vec!["bad".to_owned()]
}

/// How several values become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fold {
    /// Their sum.
    #[default]
    Sum,
    /// The largest.
    Max,
    /// Their mean.
    Mean,
    /// How many there are.
    Count,
}

/// A figure of a miner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// Hash rate, TH/s.
    RateThs,
    /// Power, W.
    PowerW,
    /// Hottest chip, °C.
    ChipC,
    /// 1 for a miner that answers and hashes.
    Hashing,
}

/// A relation that must hold between tags, all usable.
#[derive(Clone, Debug, PartialEq)]
pub enum Check {
    /// Power against voltage, current and power factor of one meter.
    Power {
        /// kW.
        p: usize,
        /// Volts between phases.
        v: usize,
        /// Amperes.
        i: usize,
        /// Power factor.
        pf: usize,
        /// Largest difference, kW.
        within: f64,
    },
    /// Two meters of one quantity.
    Same {
        /// One.
        a: usize,
        /// Other.
        b: usize,
        /// Largest difference in their unit.
        within: f64,
    },
}

fn yes() -> bool {
    true
}

fn one() -> u8 {
    1
}

fn timeout() -> u32 {
    500
}

fn slow_timeout() -> u32 {
    5000
}

fn keep_alive() -> u16 {
    15
}

fn holding() -> Table {
    Table::Holding
}

/// The text of a map's file, if it is no larger than a map can be.
fn bounded(path: &std::path::Path) -> Result<String, Error> {
    if std::fs::metadata(path).is_ok_and(|m| m.len() > MAX_BYTES) {
        let reason = format!("larger than a tag map may be, {} MB", MAX_BYTES >> 20);
        return Err(Error::Read { reason, path: crate::text::plain(&path.display().to_string()) });
    }
    crate::text::load(path)
}

impl Map {
    /// Reads a map; `origin` is printed in errors.
    ///
    /// # Errors
    /// One line with line and column for whatever is wrong.
    pub fn from_str(origin: &str, text: &str) -> Result<Self, Error> {
        let file = crate::text::parse(text, origin)?;
        let map = check::map(file).map_err(|p| p.place(text, origin))?;
        let sha256 = hex::encode(Sha256::digest(text.as_bytes()));
        Ok(Self { sha256, text: text.to_owned(), ..map })
    }

    /// Reads a map file.
    ///
    /// # Errors
    /// As [`Map::from_str`], or when the file cannot be read.
    pub fn load(path: &std::path::Path) -> Result<Self, Error> {
        Self::from_str(&path.display().to_string(), &bounded(path)?)
    }

    /// Whether a file looks like a map: the one kind of ours that lists endpoints.
    #[must_use]
    pub fn is_one(path: &std::path::Path) -> bool {
        bounded(path).is_ok_and(|text| text.lines().any(|l| l.trim_start().starts_with("endpoints:")))
    }

    /// The tag of this name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        self.tags.iter().position(|t| t.name == name)
    }

    /// The endpoint of a tag.
    #[must_use]
    pub fn endpoint_of(&self, tag: usize) -> Option<usize> {
        self.endpoints.iter().position(|e| e.groups.iter().any(|g| g.tags.contains(&tag)))
    }
}

#[cfg(test)]
mod tests;
