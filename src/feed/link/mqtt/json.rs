//! Messages in JSON: which tags a topic feeds, and what they read in its message.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::acts::Quality;
use crate::acts::quality::{Doubt, Fault};
use crate::feed::json;
use crate::feed::link::Job;
use crate::feed::map::{At, Says};
use crate::feed::mqtt::matches;
use crate::feed::stamp;
use crate::feed::tags::Reading;

/// Tags by the topics that they listen to. A message costs what its own tags cost, however many others there are.
pub(super) struct Topics<'a> {
    exact: BTreeMap<&'a str, Vec<usize>>,
    /// Filters with wildcards.
    wild: Vec<(&'a str, Vec<usize>)>,
    /// Of tags behind a wildcard: the topic that their value comes from, and when it last did.
    from: BTreeMap<usize, (String, Instant)>,
}

impl<'a> Topics<'a> {
    pub(super) fn new(job: &'a Job) -> Self {
        let mut exact: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut wild: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for tag in job.map.endpoints[job.endpoint].groups.iter().flat_map(|g| g.tags.clone()) {
            let At::Json { topic, .. } = &job.map.tags[tag].at else { continue };
            let by = if topic.contains(['+', '#']) { &mut wild } else { &mut exact };
            by.entry(topic).or_default().push(tag);
        }
        Self { exact, wild: wild.into_iter().collect(), from: BTreeMap::new() }
    }

    /// What a message says of each tag; none if it is no JSON.
    pub(super) fn message(&mut self, job: &Job, topic: &str, payload: &[u8]) -> Option<Vec<Reading>> {
        let Self { exact, wild, from } = self;
        let wild = wild.iter().filter(|(filter, _)| matches(filter, topic)).flat_map(|(_, tags)| tags);
        let of_wild: Vec<usize> = wild.copied().collect();
        let tags = exact.get(topic).into_iter().flatten().chain(&of_wild);
        if tags.clone().next().is_none() {
            return Some(Vec::new());
        }
        let json = json::read(payload).ok()?;
        let read = |tag: &usize| {
            let mut r = reading(job, *tag, &json)?;
            if of_wild.contains(tag) && !alone(from, *tag, topic, job.map.tags[*tag].stale_s) {
                r.said = r.said.worse(Quality::Uncertain(Doubt::Contradicted));
                job.remark(*tag, "several topics match, and each is another measurement");
            }
            Some(r)
        };
        Some(tags.filter_map(read).collect())
    }
}

/// Whether no other topic has given this tag a value of late.
fn alone(from: &mut BTreeMap<usize, (String, Instant)>, tag: usize, topic: &str, stale_s: f64) -> bool {
    let now = Instant::now();
    let (known, at) = from.entry(tag).or_insert_with(|| (topic.to_owned(), now));
    let old = Duration::try_from_secs_f64(2.0 * stale_s).is_ok_and(|d| now.duration_since(*at) > d);
    if known == topic || old {
        topic.clone_into(known);
        *at = now;
        return true;
    }
    // The first one keeps the tag in doubt for as long as both come.
    false
}

fn reading(job: &Job, tag: usize, json: &Json) -> Option<Reading> {
    let At::Json { pointer, time, quality, .. } = &job.map.tags[tag].at else { return None };
    let raw = match json.pointer(pointer) {
        None => Err(Fault::Missing),
        Some(Json::Null) => Err(Fault::NotAvailable),
        Some(v) => json::number(v).ok_or(Fault::Decode),
    };
    let mut said = quality.as_ref().map_or(Quality::Good, |says| told(says, json));
    let t_src_s = time.as_deref().and_then(|p| when(json.pointer(p)?));
    if time.is_some() && t_src_s.is_none() {
        said = said.worse(Quality::Uncertain(Doubt::Clock));
    }
    Some(Reading { said, ..job.reading(tag, raw, t_src_s) })
}

/// What the message says of itself.
fn told(says: &Says, json: &Json) -> Quality {
    let word = match json.pointer(&says.pointer) {
        Some(Json::String(s)) => s.trim().to_owned(),
        Some(v @ (Json::Number(_) | Json::Bool(_))) => v.to_string(),
        _ => return Quality::Uncertain(Doubt::Source),
    };
    let within = |list: &[String]| list.iter().any(|w| w.eq_ignore_ascii_case(&word));
    if within(&says.bad) {
        Quality::Bad(Fault::NotAvailable)
    } else if within(&says.good) {
        Quality::Good
    } else {
        Quality::Uncertain(Doubt::Source)
    }
}

/// Seconds since 1970.
fn when(v: &Json) -> Option<f64> {
    match v {
        Json::Number(n) => n.as_f64().filter(|t| t.is_finite()).map(stamp::seconds),
        Json::String(s) => stamp::parse(s),
        _ => None,
    }
}
