//! Sparkplug nodes: what their births declare is kept as long as they live, for each tag of the map and for nothing else.
//!
//! A birth gives each metric its name, an alias and a data type; what follows may carry the alias and the bare bits alone.
//! So a number means something only together with the birth, and is in doubt where one was missed.

use std::collections::BTreeMap;

use crate::acts::Quality;
use crate::acts::quality::{Doubt, Fault};
use crate::feed::link::Job;
use crate::feed::map::At;
use crate::feed::sparkplug::{self, Metric, Payload, Value};
use crate::feed::tags::Reading;

/// A tag of a node.
struct Wanted<'a> {
    tag: usize,
    device: &'a str,
    metric: &'a str,
    declared: Declared,
}

/// What a birth said of a metric.
#[derive(Clone, Copy, Default)]
struct Declared {
    alias: Option<u64>,
    datatype: Option<u32>,
}

/// A node that the map names.
#[derive(Default)]
struct Node<'a> {
    wanted: Vec<Wanted<'a>>,
    seq: Option<u64>,
    /// Number of the session; the death of another one is none of this.
    session: Option<f64>,
    /// A message was lost: it may have been a birth.
    gap: bool,
}

/// The nodes of an endpoint, by `group/node`. Others are not remembered, whatever a broker sends.
pub(super) struct Nodes<'a>(BTreeMap<String, Node<'a>>);

impl<'a> Nodes<'a> {
    pub(super) fn new(job: &'a Job) -> Self {
        let mut nodes: BTreeMap<_, Node> = BTreeMap::new();
        for tag in job.map.endpoints[job.endpoint].groups.iter().flat_map(|g| g.tags.clone()) {
            let At::Sparkplug { group, node, device, metric } = &job.map.tags[tag].at else { continue };
            let wanted = Wanted { tag, device, metric, declared: Declared::default() };
            nodes.entry(format!("{group}/{node}")).or_default().wanted.push(wanted);
        }
        Self(nodes)
    }

    /// A birth that the broker kept: it tells what aliases and types mean. Its values are as old as the birth.
    pub(super) fn kept_birth(&mut self, topic: &str, payload: &[u8]) -> Option<()> {
        let parts: Vec<&str> = topic.split('/').collect();
        let [_, group, _, node, device @ ..] = parts.as_slice() else { return None };
        let payload = sparkplug::read(payload).ok()?;
        if let Some(node) = self.0.get_mut(&format!("{group}/{node}")) {
            node.declare(device.first().copied().unwrap_or_default(), &payload, false);
        }
        Some(())
    }

    /// What a message says of the map's tags; none if it cannot be read.
    pub(super) fn message(&mut self, job: &Job, topic: &str, payload: &[u8]) -> Option<Vec<Reading>> {
        let (group, kind, node, device) = match topic.split('/').collect::<Vec<_>>()[..] {
            [_, group, kind, node] => (group, kind, node, ""),
            [_, group, kind, node, device] => (group, kind, node, device),
            _ => return None,
        };
        let Some(node) = self.0.get_mut(&format!("{group}/{node}")) else { return Some(Vec::new()) };
        let payload = sparkplug::read(payload).ok()?;
        Some(node.hear(job, kind, device, &payload))
    }
}

impl Node<'_> {
    fn hear(&mut self, job: &Job, kind: &str, device: &str, payload: &Payload) -> Vec<Reading> {
        let born = matches!(kind, "NBIRTH" | "DBIRTH");
        match kind {
            "NBIRTH" => {
                // A node that is born again has new aliases, for its devices too.
                self.wanted.iter_mut().for_each(|w| w.declared = Declared::default());
                (self.seq, self.session, self.gap) = (payload.seq, session_number(payload), false);
            }
            "NDEATH" if self.session.is_some() && session_number(payload) != self.session => return Vec::new(),
            "DBIRTH" | "NDATA" | "DDATA" | "DDEATH" => {
                let expected = self.seq.map(|s| (s + 1) % 256);
                self.gap |= expected.is_none() || payload.seq != expected;
                self.seq = payload.seq;
            }
            _ => {}
        }
        if born {
            self.declare(device, payload, true);
        }
        let mut out = Vec::new();
        match kind {
            "NDEATH" => out.extend(self.wanted.iter().map(|w| job.reading(w.tag, Err(Fault::NoComm), None))),
            "DDEATH" => out.extend(self.of(device).map(|w| job.reading(w.tag, Err(Fault::NoComm), None))),
            _ => {
                for w in self.of(device) {
                    let of_tag = |m: &&Metric| match m.name.as_deref().filter(|n| !n.is_empty()) {
                        Some(name) => name == w.metric,
                        None => m.alias.is_some() && m.alias == w.declared.alias,
                    };
                    let mut of_tag = payload.metrics.iter().filter(of_tag).peekable();
                    // A birth names all that there is.
                    if born && of_tag.peek().is_none() {
                        out.push(job.reading(w.tag, Err(Fault::Missing), None));
                    }
                    out.extend(of_tag.filter_map(|m| self.reading(job, w, m, payload)));
                }
            }
        }
        out
    }

    fn of<'s>(&'s self, device: &'s str) -> impl Iterator<Item = &'s Wanted<'s>> {
        self.wanted.iter().filter(move |w| w.device == device)
    }

    /// Keeps what a birth declares; one that the broker kept does not overrule what was heard.
    fn declare(&mut self, device: &str, birth: &Payload, overrule: bool) {
        let by_name: BTreeMap<&str, &Metric> =
            birth.metrics.iter().filter_map(|m| Some((m.name.as_deref()?, m))).collect();
        for w in self.wanted.iter_mut().filter(|w| w.device == device) {
            let Some(m) = by_name.get(w.metric) else { continue };
            let new = Declared { alias: m.alias, datatype: m.datatype.filter(|t| *t != 0) };
            if overrule {
                w.declared = new;
            } else {
                w.declared.alias = w.declared.alias.or(new.alias);
                w.declared.datatype = w.declared.datatype.or(new.datatype);
            }
        }
    }

    fn reading(&self, job: &Job, w: &Wanted, m: &Metric, payload: &Payload) -> Option<Reading> {
        if m.historical {
            return None;
        }
        let number = m.number(w.declared.datatype);
        let raw = match (&m.value, number) {
            (_, Some((x, _))) => Ok(x),
            (Value::None, None) => Err(Fault::NotAvailable),
            (_, None) => Err(Fault::Decode),
        };
        let guessed = number.is_some_and(|(_, guessed)| guessed);
        // What brings its name, and its type where that matters, needs no birth.
        let by_birth = m.name.as_deref().is_none_or(str::is_empty)
            || (matches!(m.value, Value::Bits(_)) && m.datatype.is_none_or(|t| t == 0));
        let own = match m.quality {
            Some(0) => Quality::Bad(Fault::NotAvailable),
            Some(500) => Quality::Stale,
            None | Some(192) => Quality::Good,
            Some(_) => Quality::Uncertain(Doubt::Source),
        };
        let birth = match (guessed, self.gap && by_birth) {
            (true, _) => Quality::Uncertain(Doubt::Undeclared),
            (_, true) => Quality::Uncertain(Doubt::Partial),
            _ => Quality::Good,
        };
        let t_src_s = m.t_ms.or(payload.t_ms).map(|t| t as f64 / 1000.0);
        Some(Reading { said: own.worse(birth), ..job.reading(w.tag, raw, t_src_s) })
    }
}

/// `bdSeq`: births and deaths of one session carry the same number.
fn session_number(payload: &Payload) -> Option<f64> {
    payload.metrics.iter().find(|m| m.name.as_deref() == Some("bdSeq"))?.number(None).map(|(n, _)| n)
}
