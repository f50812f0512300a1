//! From the text of a map to a map that makes sense, or the place of what does not.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{At, Check, Endpoint, Group, Link, Map, PlantFacts, Tag};
use crate::feed::modbus::{Decoded, Kind, MAX_REGISTERS, NotAvailable, Table, decode};
use crate::feed::unit::Unit;
use crate::plant::signals::SignalTable;
use crate::text::{At as Place, Checked};

/// Longest name.
const NAME: usize = 60;
/// Fuel power over electrical power, and some room.
const FUEL_SHARE: f64 = 5.0;
/// Tags in a map.
const MAX_TAGS: usize = 20_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MapFile {
    name: String,
    source: String,
    plant: PlantFacts,
    endpoints: Vec<EndpointFile>,
    #[serde(default)]
    checks: Vec<CheckFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EndpointFile {
    name: String,
    link: Link,
    groups: Vec<GroupFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupFile {
    name: String,
    period_ms: u32,
    #[serde(default)]
    cosample: bool,
    tags: Vec<TagFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TagFile {
    name: String,
    at: At,
    #[serde(default = "unity")]
    scale: f64,
    #[serde(default)]
    offset: f64,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    sign: Sign,
    valid: (f64, f64),
    #[serde(default)]
    rate_max: Option<f64>,
    #[serde(default)]
    stale_s: Option<f64>,
    #[serde(default)]
    to: Option<String>,
    #[serde(default)]
    priority: Option<u8>,
    #[serde(default)]
    heartbeat: bool,
    #[serde(default)]
    rollover: Option<f64>,
    #[serde(default)]
    estimated: bool,
    #[serde(default)]
    moves: Option<bool>,
}

/// How the device counts power: ours is positive out of a source and into a load.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sign {
    #[default]
    Same,
    Opposite,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
enum CheckFile {
    Power { p: String, v: String, i: String, pf: String, within_kw: f64 },
    Same { a: String, b: String, within: f64 },
}

fn unity() -> f64 {
    1.0
}

pub(super) fn map(file: MapFile) -> Checked<Map> {
    let top = Place::top();
    let name = top.line("name", &file.name, NAME)?;
    let source = top.line("source", &file.source, 200)?;
    plant(&top.key("plant"), &file.plant)?;
    let table = SignalTable::new(&file.plant.sections, &file.plant.gensets, &file.plant.bess);
    let mut tags: Vec<Tag> = Vec::new();
    let mut endpoints: Vec<Endpoint> = Vec::new();
    let mut names = BTreeSet::new();
    let mut feeds: BTreeMap<(u32, Option<u8>), String> = BTreeMap::new();
    let list = top.key("endpoints");
    for (i, e) in file.endpoints.iter().enumerate() {
        let at = list.index(i);
        let e_name = at.line("name", &e.name, NAME)?;
        if endpoints.iter().any(|o| o.name == e_name) {
            return Err(at.key("name").problem(format!("two endpoints are called `{e_name}`"), "one of each name"));
        }
        link(&at.key("link"), &e.link)?;
        let (groups_at, mut groups) = (at.key("groups"), Vec::new());
        for (j, g) in e.groups.iter().enumerate() {
            let at = groups_at.index(j);
            let g_name = at.line("name", &g.name, NAME)?;
            let period_ms = at.count("period_ms", g.period_ms, 20, 3_600_000)?;
            let (tags_at, from) = (at.key("tags"), tags.len());
            for (k, t) in g.tags.iter().enumerate() {
                let at = tags_at.index(k);
                let t = tag(&at, t, &e.link, period_ms, (&table, &file.plant))?;
                if !names.insert(t.name.clone()) {
                    return Err(at
                        .key("name")
                        .problem(format!("two tags are called `{}`", t.name), "one of each name"));
                }
                let priority = g.tags[k].priority;
                if let Some(to) = t.to
                    && let Some(other) = feeds.insert((to.0, priority), t.name.clone())
                {
                    let id = &table.get(to).id;
                    let what = format!("`{other}` feeds `{id}` already, with the same priority");
                    return Err(at.key("to").problem(what, "one tag a signal, or a `priority` of its own for each"));
                }
                tags.push(t);
                if tags.len() > MAX_TAGS {
                    return Err(at.problem("too many tags", format!("at most {MAX_TAGS}")));
                }
            }
            if let Some((first, last)) = span(&tags[from..])
                && g.cosample
                && u32::from(last) - u32::from(first) > u32::from(MAX_REGISTERS)
            {
                let what = format!("the group spans {} registers", last - first);
                return Err(at.key("tags").problem(what, format!("at most {MAX_REGISTERS} in one request")));
            }
            groups.push(Group { name: g_name, period_ms, cosample: g.cosample, tags: from..tags.len() });
        }
        let all = groups.first().map_or(0, |g| g.tags.start)..tags.len();
        overlaps(&groups_at, &tags[all])?;
        endpoints.push(Endpoint { name: e_name, link: e.link.clone(), groups });
    }
    let checks = checks(&top.key("checks"), &file.checks, &tags)?;
    let (sha256, text) = (String::new(), String::new());
    Ok(Map { name, source, text, sha256, plant: file.plant, table, endpoints, tags, checks })
}

fn plant(at: &Place, p: &PlantFacts) -> Checked<()> {
    at.num("f0_hz", p.f0_hz, 45.0, 65.0)?;
    at.num("v_nom", p.v_nom, 100.0, 50_000.0)?;
    at.num("rated_kw", p.rated_kw, 0.0, 1e7)?;
    Ok(())
}

fn link(at: &Place, l: &Link) -> Checked<()> {
    let host = |key: &str, host: &str| {
        let sound = host.rsplit_once(':').is_some_and(|(h, p)| !h.is_empty() && p.parse::<u16>().is_ok_and(|p| p > 0));
        if sound { Ok(()) } else { Err(at.key(key).problem(format!("`{host}` is no address"), "`host:port`")) }
    };
    match l {
        Link::Modbus { host: h, timeout_ms, max_hole, settle_ms, .. } => {
            host("host", h)?;
            at.count("settle_ms", *settle_ms, 0, 60_000)?;
            at.count("timeout_ms", *timeout_ms, 20, 60_000)?;
            at.count("max_hole", u32::from(*max_hole), 0, 120)?;
        }
        Link::Mqtt { host: h, client, keep_alive_s, user, password_env, .. } => {
            host("host", h)?;
            at.line("client", client, 23)?;
            at.count("keep_alive_s", u32::from(*keep_alive_s), 1, 3600)?;
            if user.is_empty() != password_env.is_empty() {
                let what = "a user without a password, or the reverse";
                return Err(at.key("user").problem(what, "both `user` and `password_env`, or neither"));
            }
        }
        Link::Http { url, timeout_ms, .. } => {
            if !url.starts_with("http://") && !url.starts_with("https://") {
                return Err(at.key("url").problem("not a web address", "`http://…` or `https://…`"));
            }
            at.count("timeout_ms", *timeout_ms, 20, 60_000)?;
        }
        Link::Cgminer { hosts, timeout_ms, .. } => {
            if hosts.is_empty() {
                return Err(at.key("hosts").problem("no miner", "at least one `host:port`"));
            }
            hosts.iter().try_for_each(|h| host("hosts", h))?;
            let mut seen = BTreeSet::new();
            if let Some(twice) = hosts.iter().find(|h| !seen.insert(*h)) {
                return Err(at.key("hosts").problem(format!("`{twice}` stands twice"), "each miner once"));
            }
            at.count("timeout_ms", *timeout_ms, 20, 60_000)?;
        }
    }
    Ok(())
}

fn tag(
    at: &Place,
    t: &TagFile,
    link: &Link,
    period_ms: u32,
    (table, plant): (&SignalTable, &PlantFacts),
) -> Checked<Tag> {
    let name = at.line("name", &t.name, NAME)?;
    let place = at.key("at");
    match (link, &t.at) {
        (Link::Modbus { .. }, At::Reg { table, address, kind, scale_at, .. }) => {
            if table.is_bits() {
                return Err(place.key("table").problem("a table of bits", "`Holding` or `Input`"));
            }
            fits(&place, *address, *kind)?;
            if let Some(s) = scale_at
                && s.abs_diff(*address) >= MAX_REGISTERS - 4
            {
                let what = "the scale is too far from its value";
                return Err(place.key("scale_at").problem(what, "a register that fits into the same request"));
            }
        }
        (Link::Modbus { .. }, At::Bit { table: Table::Coil | Table::Discrete, .. }) => {}
        (Link::Modbus { .. }, At::Bit { .. }) => {
            return Err(place.key("table").problem("a table of registers", "`Coil` or `Discrete`"));
        }
        (Link::Modbus { .. }, At::SunSpec { point, kind, .. }) => fits(&place, *point, *kind)?,
        (Link::Mqtt { .. }, At::Json { pointer, time, quality, .. }) => {
            let all = [
                ("pointer", Some(pointer)),
                ("time", time.as_ref()),
                ("quality", quality.as_ref().map(|q| &q.pointer)),
            ];
            for (key, pointer) in all.into_iter().filter_map(|(key, p)| Some((key, p?))) {
                if !pointer.is_empty() && !pointer.starts_with('/') {
                    return Err(place.key(key).problem("not a JSON pointer", "a text that begins with `/`"));
                }
            }
        }
        (Link::Mqtt { .. }, At::Sparkplug { .. })
        | (Link::Http { .. }, At::Metric { .. })
        | (Link::Cgminer { .. }, At::Miner { .. }) => {}
        _ => {
            let can = match link {
                Link::Modbus { .. } => "`Reg`, `Bit` or `SunSpec`",
                Link::Mqtt { .. } => "`Json` or `Sparkplug`",
                Link::Http { .. } => "`Metric`",
                Link::Cgminer { .. } => "`Miner`",
            };
            return Err(place.problem("this link has no such place", can));
        }
    }
    let raw = unit(at, &t.unit)?;
    let to = match &t.to {
        None => None,
        Some(id) => Some(table.find(id).ok_or_else(|| {
            let expected = "an id of the signal table, such as `site.f_hz`; gensets, sections and batteries of `plant`";
            at.key("to").problem(format!("no signal is called `{id}`"), expected)
        })?),
    };
    let target = match to {
        Some(i) => unit(at, table.get(i).unit)?,
        None => raw,
    };
    let Some([k, c]) = raw.to(target) else {
        let what = format!("`{}` is not a unit of this signal", t.unit);
        return Err(at.key("unit").problem(what, format!("a unit that becomes {}", target.name())));
    };
    let sign = if matches!(t.sign, Sign::Opposite) { -1.0 } else { 1.0 };
    for (key, v) in [("scale", t.scale), ("offset", t.offset)] {
        at.num(key, v, -1e12, 1e12)?;
    }
    if t.scale == 0.0 {
        return Err(at.key("scale").problem("`scale` is 0", "another number"));
    }
    let ends = [t.valid.0, t.valid.1];
    if !(ends[0] < ends[1] && ends.iter().all(|v| v.is_finite())) {
        return Err(at.key("valid").problem("`valid` is no range", "(lowest, highest), in the tag's unit"));
    }
    let scale = [sign * t.scale * k, sign * t.offset * k + c];
    let mut valid = ends.map(|v| sign * v * k + c);
    valid.sort_by(f64::total_cmp);
    if let At::Reg { kind, na, .. } = &t.at {
        sentinels(at, na, *kind, scale, valid)?;
    }
    let period_s = f64::from(period_ms) / 1000.0;
    let stale_s = t.stale_s.unwrap_or(3.0 * period_s);
    at.num("stale_s", stale_s, period_s.min(0.1), 86_400.0)?;
    let rate_max = at.num("rate_max", t.rate_max.unwrap_or(f64::MAX), 0.0, f64::MAX)?;
    if let Some(r) = t.rollover {
        at.num("rollover", r, 1.0, 1.9e19)?;
    }
    Ok(Tag {
        name,
        at: t.at.clone(),
        scale,
        unit: target,
        valid,
        rate_max: rate_max * k.abs().max(f64::MIN_POSITIVE),
        stale_s,
        to,
        priority: t.priority.unwrap_or(0),
        heartbeat: t.heartbeat,
        rollover: t.rollover.map(|r| r * scale[0].abs()),
        estimated: t.estimated,
        moves: t.moves,
        gain_max: t.rate_max.map_or_else(|| gain_max(target, plant), |r| r * k.abs().max(f64::MIN_POSITIVE)),
    })
}

/// What a counter of energy can gain in a second: several times what the sets make, for it may count fuel. Nothing bounds
/// other counters.
fn gain_max(unit: Unit, plant: &PlantFacts) -> f64 {
    let kwh = Unit::find("kWh").and_then(|kwh| kwh.to(unit));
    match kwh {
        Some([per_kwh, _]) if plant.rated_kw > 0.0 => FUEL_SHARE * plant.rated_kw / 3600.0 * per_kwh,
        _ => f64::INFINITY,
    }
}

fn unit(at: &Place, name: &str) -> Checked<Unit> {
    Unit::find(name)
        .ok_or_else(|| at.key("unit").problem(format!("no unit is called `{name}`"), Unit::names().join(", ")))
}

fn fits(at: &Place, address: u16, kind: Kind) -> Checked<()> {
    if let Kind::Bit(n) = kind
        && n > 15
    {
        return Err(at.key("kind").problem(format!("a register has no bit {n}"), "0 to 15"));
    }
    if u32::from(address) + u32::from(kind.registers()) > 0x1_0000 {
        return Err(at.problem("the value runs past address 65535", "a lower address"));
    }
    Ok(())
}

/// A code that means "no value" must not look like one.
fn sentinels(at: &Place, na: &NotAvailable, kind: Kind, scale: [f64; 2], valid: [f64; 2]) -> Checked<()> {
    for code in &na.codes {
        let words: Vec<u16> = (0..kind.registers()).rev().map(|i| (code >> (16 * i)) as u16).collect();
        if let Some(Decoded::Number(x)) = decode(&words, kind, super::Order::Abcd, &NotAvailable::default()) {
            let value = x * scale[0] + scale[1];
            if (valid[0]..=valid[1]).contains(&value) {
                let what = format!("the code {code:#x} means no value, but is {value} within `valid`");
                return Err(at.key("valid").problem(what, "a range without the codes of `na`"));
            }
        }
    }
    Ok(())
}

/// First register and one past the last of the register tags.
fn span(tags: &[Tag]) -> Option<(u16, u16)> {
    let ends = tags.iter().filter_map(|t| match t.at {
        At::Reg { address, kind, scale_at, .. } => {
            let end = address.saturating_add(kind.registers());
            Some((address.min(scale_at.unwrap_or(address)), end.max(scale_at.map_or(0, |s| s.saturating_add(1)))))
        }
        _ => None,
    });
    ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
}

/// Two values cannot share a register, unless they read it alike or bit by bit.
fn overlaps(at: &Place, tags: &[Tag]) -> Checked<()> {
    let mut regs: Vec<(Table, u16, Kind, &str)> = tags
        .iter()
        .filter_map(|t| match t.at {
            At::Reg { table, address, kind, .. } => Some((table, address, kind, t.name.as_str())),
            _ => None,
        })
        .collect();
    regs.sort_by_key(|r| (r.0, r.1));
    for w in regs.windows(2) {
        let [(t1, a1, k1, n1), (t2, a2, k2, n2)] = [w[0], w[1]];
        let bits = matches!((k1, k2), (Kind::Bit(_), Kind::Bit(_)));
        if t1 == t2 && a1 + k1.registers() > a2 && !(a1 == a2 && (k1 == k2 || bits)) {
            return Err(at.problem(format!("`{n1}` and `{n2}` share register {a2}"), "values that do not overlap"));
        }
    }
    Ok(())
}

fn checks(at: &Place, file: &[CheckFile], tags: &[Tag]) -> Checked<Vec<Check>> {
    let names: Vec<&str> = tags.iter().map(|t| t.name.as_str()).collect();
    let mut out = Vec::new();
    for (i, c) in file.iter().enumerate() {
        let at = at.index(i);
        let find = |key: &str, name: &str| at.find(key, "tag", name, &names);
        out.push(match c {
            CheckFile::Power { p, v, i, pf, within_kw } => Check::Power {
                p: find("p", p)?,
                v: find("v", v)?,
                i: find("i", i)?,
                pf: find("pf", pf)?,
                within: at.num("within_kw", *within_kw, 0.0, 1e6)?,
            },
            CheckFile::Same { a, b, within } => {
                Check::Same { a: find("a", a)?, b: find("b", b)?, within: at.num("within", *within, 0.0, 1e9)? }
            }
        });
    }
    Ok(out)
}
