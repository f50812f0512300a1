//! A broker: messages in JSON and Sparkplug B, as they come.

mod json;
mod nodes;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::{Heard, Job, wall_s};
use crate::acts::Quality;
use crate::acts::quality::{Doubt, Fault};
use crate::feed::map::{At, Link};
use crate::feed::mqtt::{Account, Broker, Incoming};
use crate::feed::tags::Reading;
use crate::feed::wire::{Mqtt, Trouble};
use json::Topics;
use nodes::Nodes;

const TIMEOUT: Duration = Duration::from_secs(5);
/// Longest time between two looks at the stop flag.
const LISTEN: Duration = Duration::from_millis(100);
/// Characters of a client id that every broker takes (3.1.3.1), and how many of them are ours.
const CLIENT: usize = 23;
const OWN: usize = 6;
/// First part of every Sparkplug topic.
const SPARKPLUG: &str = "spBv1.0";
/// Where a broker that knows Sparkplug keeps the last births, for those who come late.
const BIRTHS: &str = "$sparkplug/certificates/";

/// What is known on one connection of those who publish.
struct Listener<'a> {
    job: &'a Job,
    nodes: Nodes<'a>,
    topics: Topics<'a>,
}

pub(super) fn session(job: &Job) -> Result<(), Trouble> {
    let endpoint = &job.map.endpoints[job.endpoint];
    let Link::Mqtt { host, tls, ca, client, client_as_is, user, password_env, keep_alive_s } = &endpoint.link else {
        return Ok(());
    };
    let account = match (user.is_empty(), std::env::var(password_env)) {
        (true, _) => None,
        (false, Ok(password)) => Some(Account { user: user.clone(), password }),
        (false, Err(_)) => {
            return Err(Trouble::Protocol(format!("the environment has no variable {password_env} with the password")));
        }
    };
    let client = if *client_as_is { client.clone() } else { own_name(client) };
    let broker = Broker {
        host,
        tls: tls.then_some(ca.as_deref()),
        client: &client,
        account: account.as_ref(),
        keep_alive_s: *keep_alive_s,
    };
    let filters = filters(job);
    let mut link = Mqtt::connect(&broker, &filters, TIMEOUT, job.sent.clone())?;
    job.info.change(super::Info::up);
    let refused: Vec<&str> = link.refused.iter().filter_map(|f| filters.get(*f)).map(String::as_str).collect();
    refuse(job, &refused);
    let mut listener = Listener::new(job);
    let keep_alive = Duration::from_secs(u64::from(*keep_alive_s));
    let (mut heard, mut asked) = (Instant::now(), Instant::now());
    let mut pinged: Option<Instant> = None;
    while !job.stopped() {
        let mut any = false;
        let mut readings = Vec::new();
        link.listen(LISTEN, |packet| {
            any = true;
            match packet {
                Incoming::Publish { topic, retained, payload } => {
                    readings.append(&mut listener.message(topic, retained, payload));
                }
                Incoming::Pong => {
                    if let Some(at) = pinged.take() {
                        job.info.change(|i| i.trip(at.elapsed()));
                    }
                }
                _ => {}
            }
        })?;
        if !readings.is_empty() {
            job.tell(Heard::Readings(readings));
        }
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

/// A client id that no other program has: what is written, cut to what every broker takes, and six letters of chance.
fn own_name(client: &str) -> String {
    let chance = u64::from(std::process::id()) ^ (wall_s() * 1e6) as u64;
    let mixed = chance.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let letters = (0..OWN).map(|k| char::from(b'a' + ((mixed >> (8 * k + 8)) % 26) as u8));
    client.chars().take(CLIENT - OWN).chain(letters).collect()
}

/// What the broker does not let us have is said of its tags; the rest of the map lives.
fn refuse(job: &Job, filters: &[&str]) {
    let groups = &job.map.endpoints[job.endpoint].groups;
    let without = |at: &At| match at {
        At::Json { topic, .. } => filters.contains(&topic.as_str()),
        At::Sparkplug { group, node, device, .. } => {
            let own = if device.is_empty() { String::new() } else { format!("/{device}") };
            filters.contains(&format!("{SPARKPLUG}/{group}/+/{node}{own}").as_str())
        }
        _ => false,
    };
    let tags = groups.iter().flat_map(|g| g.tags.clone()).filter(|t| without(&job.map.tags[*t].at));
    let readings: Vec<Reading> = tags.map(|t| job.reading(t, Err(Fault::Refused), None)).collect();
    if !readings.is_empty() {
        job.info.change(|i| i.trouble(format!("the broker refuses {}", filters.join(", "))));
        job.tell(Heard::Readings(readings));
    }
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

impl<'a> Listener<'a> {
    fn new(job: &'a Job) -> Self {
        Self { job, nodes: Nodes::new(job), topics: Topics::new(job) }
    }

    /// What a message says of the map's tags.
    fn message(&mut self, topic: &str, retained: bool, payload: &[u8]) -> Vec<Reading> {
        let readings = match topic.strip_prefix(BIRTHS) {
            Some(topic) => self.nodes.kept_birth(topic, payload).map(|()| Vec::new()),
            None if topic.starts_with(SPARKPLUG) => self.nodes.message(self.job, topic, payload),
            None => self.topics.message(self.job, topic, payload),
        };
        let Some(mut readings) = readings else {
            self.job.info.change(|i| {
                i.unread += 1;
                i.trouble(format!("a message of {topic} cannot be read"));
            });
            return Vec::new();
        };
        if retained {
            readings.iter_mut().for_each(|r| self.kept(r));
        }
        readings
    }

    /// What a broker kept from before is as old as its time stamp says; without one nobody knows.
    fn kept(&self, r: &mut Reading) {
        let old = match r.t_src_s {
            Some(t_s) if r.t_arr_s - t_s > self.job.map.tags[r.tag].stale_s => Quality::Stale,
            Some(_) => return,
            None => Quality::Uncertain(Doubt::Source),
        };
        r.said = r.said.worse(old);
    }
}

#[cfg(test)]
mod tests;
