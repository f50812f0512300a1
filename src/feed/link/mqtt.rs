//! A broker: messages in JSON and Sparkplug B, as they come.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use super::{Heard, Job};
use crate::acts::Quality;
use crate::acts::quality::{Doubt, Fault};
use crate::feed::map::{At, Link};
use crate::feed::mqtt::{Account, Incoming, matches};
use crate::feed::sparkplug::{self, Metric, Payload, Value};
use crate::feed::tags::Reading;
use crate::feed::wire::{Broker, Mqtt, Trouble};

const TIMEOUT: Duration = Duration::from_secs(5);
/// Longest time between two looks at the stop flag.
const LISTEN: Duration = Duration::from_millis(100);
/// Times above this are milliseconds, s since 1970.
const MILLISECONDS: f64 = 1e11;
/// First part of every Sparkplug topic.
const SPARKPLUG: &str = "spBv1.0";
/// Where a broker that knows Sparkplug keeps the last births, for those who come late.
const BIRTHS: &str = "$sparkplug/certificates/";

/// What a node has told in its birth.
#[derive(Default)]
struct Born {
    /// Name of each alias.
    names: BTreeMap<u64, String>,
    seq: Option<u64>,
    /// Number of the session; the death of another one is none of this.
    session: Option<f64>,
    /// A message was lost: an alias may stand for something else until the next birth.
    gap: bool,
}

struct Listener<'a> {
    job: &'a Job,
    /// By `group/node`; aliases are unique in a node.
    nodes: BTreeMap<String, Born>,
}

pub(super) fn session(job: &Job) -> Result<(), Trouble> {
    let endpoint = &job.map.endpoints[job.endpoint];
    let Link::Mqtt { host, tls, ca, client, user, password_env, keep_alive_s } = &endpoint.link else { return Ok(()) };
    let account = match (user.is_empty(), std::env::var(password_env)) {
        (true, _) => None,
        (false, Ok(password)) => Some(Account { user: user.clone(), password }),
        (false, Err(_)) => {
            return Err(Trouble::Protocol(format!("the environment has no variable {password_env} with the password")));
        }
    };
    let broker = Broker {
        host,
        tls: tls.then_some(ca.as_deref()),
        client,
        account: account.as_ref(),
        keep_alive_s: *keep_alive_s,
    };
    let mut link = Mqtt::connect(&broker, &filters(job), TIMEOUT, job.sent.clone())?;
    job.info.change(super::Info::up);
    let mut listener = Listener { job, nodes: BTreeMap::new() };
    let keep_alive = Duration::from_secs(u64::from(*keep_alive_s));
    let (mut heard, mut asked) = (Instant::now(), Instant::now());
    let mut pinged: Option<Instant> = None;
    while !job.stopped() {
        let mut any = false;
        link.listen(LISTEN, |packet| {
            any = true;
            match packet {
                Incoming::Publish { topic, retained, payload } => listener.message(topic, retained, payload),
                Incoming::Pong => {
                    if let Some(at) = pinged.take() {
                        job.info.change(|i| i.trip(at.elapsed()));
                    }
                }
                _ => {}
            }
        })?;
        if any {
            heard = Instant::now();
        }
        if heard.elapsed() > keep_alive + keep_alive / 2 {
            return Err(Trouble::TimeOut(heard.elapsed()));
        }
        if asked.elapsed() > keep_alive / 2 {
            link.ping(TIMEOUT)?;
            asked = Instant::now();
            pinged = Some(asked);
        }
    }
    Ok(())
}

fn filters(job: &Job) -> Vec<String> {
    let groups = &job.map.endpoints[job.endpoint].groups;
    let mut all = BTreeSet::new();
    for tag in groups.iter().flat_map(|g| g.tags.clone()) {
        match &job.map.tags[tag].at {
            At::Json { topic, .. } => {
                all.insert(topic.clone());
            }
            At::Sparkplug { group, node, device, .. } => {
                all.insert(format!("{SPARKPLUG}/{group}/+/{node}"));
                all.insert(format!("{BIRTHS}{SPARKPLUG}/{group}/NBIRTH/{node}"));
                if !device.is_empty() {
                    all.insert(format!("{SPARKPLUG}/{group}/+/{node}/{device}"));
                    all.insert(format!("{BIRTHS}{SPARKPLUG}/{group}/DBIRTH/{node}/{device}"));
                }
            }
            _ => {}
        }
    }
    all.into_iter().collect()
}

impl Listener<'_> {
    fn tags(&self) -> impl Iterator<Item = usize> + use<'_> {
        self.job.map.endpoints[self.job.endpoint].groups.iter().flat_map(|g| g.tags.clone())
    }

    fn message(&mut self, topic: &str, retained: bool, payload: &[u8]) {
        let readings = match topic.strip_prefix(BIRTHS) {
            Some(topic) => self.kept_birth(topic, payload),
            None if topic.starts_with(SPARKPLUG) => self.sparkplug(topic, payload),
            None => self.json(topic, payload),
        };
        match readings {
            Some(mut readings) => {
                // What a broker kept from before is as old as its time stamp says; without one nobody knows.
                if retained {
                    readings.iter_mut().filter(|r| r.t_src_s.is_none()).for_each(|r| {
                        r.said = r.said.worse(Quality::Uncertain(Doubt::Source));
                    });
                }
                if !readings.is_empty() {
                    self.job.tell(Heard::Readings(readings));
                }
            }
            None => self.job.info.change(|i| {
                i.unread += 1;
                i.last_error = Some(format!("a message of {topic} cannot be read"));
            }),
        }
    }

    fn json(&self, topic: &str, payload: &[u8]) -> Option<Vec<Reading>> {
        let json: Json = serde_json::from_slice(payload).ok()?;
        let mut out = Vec::new();
        for tag in self.tags() {
            let At::Json { topic: filter, pointer, time } = &self.job.map.tags[tag].at else { continue };
            if !matches(filter, topic) {
                continue;
            }
            let t_src_s = time.as_deref().and_then(|p| json.pointer(p)).and_then(number).map(seconds);
            let raw = match json.pointer(pointer) {
                None => Err(Fault::Missing),
                Some(Json::Null) => Err(Fault::NotAvailable),
                Some(v) => number(v).ok_or(Fault::Decode),
            };
            out.push(self.job.reading(tag, raw, t_src_s));
        }
        Some(out)
    }

    /// A birth that the broker kept: it tells what the aliases mean. Its values are as old as the birth.
    fn kept_birth(&mut self, topic: &str, payload: &[u8]) -> Option<Vec<Reading>> {
        let parts: Vec<&str> = topic.split('/').collect();
        let [_, group, _, node, ..] = parts.as_slice() else { return None };
        let payload = sparkplug::read(payload).ok()?;
        let born = self.nodes.entry(format!("{group}/{node}")).or_default();
        for (alias, name) in aliases(&payload) {
            born.names.entry(alias).or_insert(name);
        }
        Some(Vec::new())
    }

    fn sparkplug(&mut self, topic: &str, payload: &[u8]) -> Option<Vec<Reading>> {
        let parts: Vec<&str> = topic.split('/').collect();
        let (group, kind, node, device) = match parts.as_slice() {
            [_, group, kind, node] => (*group, *kind, *node, ""),
            [_, group, kind, node, device] => (*group, *kind, *node, *device),
            _ => return None,
        };
        let payload = sparkplug::read(payload).ok()?;
        let born = self.nodes.entry(format!("{group}/{node}")).or_default();
        match kind {
            "NBIRTH" => *born = Born { seq: payload.seq, session: session_number(&payload), ..Born::default() },
            "NDEATH" if born.session.is_some() && session_number(&payload) != born.session => return Some(Vec::new()),
            "DBIRTH" | "NDATA" | "DDATA" | "DDEATH" => {
                let expected = born.seq.map(|s| (s + 1) % 256);
                born.gap |= expected.is_none() || payload.seq != expected;
                born.seq = payload.seq;
            }
            _ => {}
        }
        if kind == "NBIRTH" || kind == "DBIRTH" {
            born.names.extend(aliases(&payload));
        }
        let dead = matches!(kind, "NDEATH" | "DDEATH");
        let mut out = Vec::new();
        for tag in self.tags() {
            let At::Sparkplug { group: g, node: n, device: d, metric } = &self.job.map.tags[tag].at else { continue };
            if g != group || n != node || (d != device && kind != "NDEATH") {
                continue;
            }
            if dead {
                out.push(self.job.reading(tag, Err(Fault::NoComm), None));
                continue;
            }
            let Some(born) = self.nodes.get(&format!("{group}/{node}")) else { continue };
            for m in payload.metrics.iter().filter(|m| name(m, born) == Some(metric)) {
                // A metric that brings its name needs no birth.
                let doubtful = born.gap && m.name.as_ref().is_none_or(String::is_empty);
                out.extend(self.metric(tag, m, &payload, doubtful));
            }
        }
        Some(out)
    }

    fn metric(&self, tag: usize, m: &Metric, payload: &Payload, doubtful: bool) -> Option<Reading> {
        if m.historical {
            return None;
        }
        let raw = match &m.value {
            Value::Number(x) => Ok(*x),
            Value::Flag(b) => Ok(f64::from(u8::from(*b))),
            Value::None => Err(Fault::NotAvailable),
            Value::Text(_) => Err(Fault::Decode),
        };
        let t_src_s = m.t_ms.or(payload.t_ms).map(|t| t as f64 / 1000.0);
        let mut r = self.job.reading(tag, raw, t_src_s);
        r.said = match m.quality {
            Some(0) => Quality::Bad(Fault::NotAvailable),
            Some(500) => Quality::Stale,
            _ if doubtful => Quality::Uncertain(Doubt::Partial),
            _ => Quality::Good,
        };
        Some(r)
    }
}

/// What the aliases of a birth stand for.
fn aliases(birth: &Payload) -> impl Iterator<Item = (u64, String)> + '_ {
    birth.metrics.iter().filter_map(|m| Some((m.alias?, m.name.clone()?)))
}

/// `bdSeq`: births and deaths of one session carry the same number.
fn session_number(payload: &Payload) -> Option<f64> {
    let metric = payload.metrics.iter().find(|m| m.name.as_deref() == Some("bdSeq"))?;
    if let Value::Number(n) = metric.value { Some(n) } else { None }
}

fn name<'a>(m: &'a Metric, born: &'a Born) -> Option<&'a String> {
    m.name.as_ref().filter(|n| !n.is_empty()).or_else(|| born.names.get(&m.alias?))
}

fn number(v: &Json) -> Option<f64> {
    match v {
        Json::Number(n) => n.as_f64(),
        Json::Bool(b) => Some(f64::from(u8::from(*b))),
        Json::String(s) => s.trim().parse().ok(),
        _ => None,
    }
}

fn seconds(t: f64) -> f64 {
    if t.abs() > MILLISECONDS { t / 1000.0 } else { t }
}

#[cfg(test)]
mod tests;
