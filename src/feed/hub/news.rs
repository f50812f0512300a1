//! What a site has to tell in words: a link lost or back, a tag that is no longer good, a clock that is off, a gap.
//!
//! Said once and in time, but never so that it floods: what belongs to a link is said of the link, many tags of a device
//! that change together are one line, and a tag or a link that flaps is told again only after a while, with the number of
//! changes in between.

use crate::acts::quality::Fault;
use crate::acts::{By, Event, EventKind, Quality};
use crate::feed::link::Heard;
use crate::feed::map::Map;
use crate::feed::site::Site;

/// Least time between two lines about one tag or link, s.
const CALM_S: f64 = 10.0;
/// Tags of a device that change alike in one row and are still told one by one.
const ONE_BY_ONE: usize = 3;
/// Difference of clocks from which it is told, and below which it is over, s.
const SKEW_S: [f64; 2] = [1.0, 0.8];

/// What was told of something that can flap.
#[derive(Clone, Copy, Debug)]
struct Told<T> {
    /// As told.
    told: T,
    /// As seen last.
    seen: T,
    at_s: f64,
    /// Changes that were not told.
    untold: u32,
}

impl<T: Copy + PartialEq> Told<T> {
    fn new(first: T) -> Self {
        Self { told: first, seen: first, at_s: f64::NEG_INFINITY, untold: 0 }
    }

    fn see(&mut self, now: T) {
        if now != self.seen {
            self.seen = now;
            self.untold += 1;
        }
    }

    /// When it is time to tell: the state that was told last, and how many changes are left out.
    fn due(&mut self, t_s: f64) -> Option<(T, u32)> {
        if self.untold == 0 || t_s - self.at_s < CALM_S {
            return None;
        }
        let left_out = self.untold - 1;
        let before = std::mem::replace(&mut self.told, self.seen);
        (self.at_s, self.untold) = (t_s, 0);
        (before != self.seen || left_out > 0).then_some((before, left_out))
    }

    /// Takes a state as told.
    fn silently(&mut self, now: T) {
        (self.told, self.seen, self.untold) = (now, now, 0);
    }
}

/// What has been told of a site.
#[derive(Debug)]
pub(super) struct News {
    seq: u64,
    /// Whether values come; none before the first attempt has ended.
    links: Vec<Told<Option<bool>>>,
    why: Vec<String>,
    tags: Vec<Told<&'static str>>,
    skewed: Vec<bool>,
}

/// Kind of a tag's quality. What a lost link does to its tags is the link's news.
fn kind(q: Quality) -> &'static str {
    if q == Quality::Bad(Fault::NoComm) { NO_LINK } else { q.word() }
}

const NO_LINK: &str = "No link";

impl News {
    pub(super) fn new(map: &Map) -> Self {
        let n = map.endpoints.len();
        Self {
            seq: 0,
            links: vec![Told::new(None); n],
            why: vec![String::new(); n],
            tags: vec![Told::new(Quality::Never.word()); map.tags.len()],
            skewed: vec![false; n],
        }
    }

    /// Number of the next event.
    pub(super) fn seq(&mut self) -> &mut u64 {
        &mut self.seq
    }

    /// An event of this source.
    pub(super) fn event(&mut self, t_s: f64, kind: EventKind, object: &str, text: String) -> Event {
        let seq = self.seq;
        self.seq += 1;
        let object = object.to_owned();
        let (tick, value) = ((t_s / super::ROW_S).round() as u64, f64::NAN);
        Event { seq, tick, t_s, kind, object, text, value, unit: "", by: By::Plant, change: None, cause: None }
    }

    /// A link is lost, or gives values. `error` is the last trouble of an endpoint.
    pub(super) fn heard(&mut self, map: &Map, heard: &Heard, error: impl Fn(usize) -> Option<String>) {
        match heard {
            Heard::Lost(e) => {
                if let (Some(link), Some(why)) = (self.links.get_mut(*e), self.why.get_mut(*e)) {
                    link.see(Some(false));
                    *why = error(*e).unwrap_or_default();
                }
            }
            Heard::Readings(all) => {
                let e = all.iter().find(|r| r.raw.is_ok()).and_then(|r| map.endpoint_of(r.tag));
                if let Some(link) = e.and_then(|e| self.links.get_mut(e)) {
                    link.see(Some(true));
                }
            }
        }
    }

    /// Nothing came for so long.
    pub(super) fn gap(&mut self, for_s: f64, t_s: f64, out: &mut Vec<Event>) {
        let mut e = self.event(t_s, EventKind::Notice, "feed", format!("gap of {for_s:.1} s before this row"));
        (e.value, e.unit) = (for_s, "s");
        out.push(e);
    }

    /// Looks at a site after a row.
    pub(super) fn look(&mut self, site: &Site, t_s: f64, out: &mut Vec<Event>) {
        let map = site.map();
        for (e, end) in map.endpoints.iter().enumerate() {
            self.link(e, &end.name, t_s, out);
            self.clock(e, &end.name, site.tags().skew_s(e), t_s, out);
            let changes = end.groups.iter().flat_map(|g| g.tags.clone()).filter_map(|t| {
                let q = site.tags().current(t).quality;
                self.tag(t, q, t_s).map(|(before, left_out)| Change { tag: t, before, now: q, left_out })
            });
            let changes: Vec<Change> = changes.collect();
            self.changes(map, &end.name, &changes, t_s, out);
        }
    }

    fn link(&mut self, e: usize, name: &str, t_s: f64, out: &mut Vec<Event>) {
        let Some((before, left_out)) = self.links[e].due(t_s) else { return };
        let up = self.links[e].seen == Some(true);
        let text = match (up, before) {
            (true, None) => "connected".to_owned(),
            (true, _) => "link back".to_owned(),
            (false, None) => format!("no link: {}", self.why[e]),
            (false, _) => format!("link lost: {}", self.why[e]),
        };
        let mut event = self.event(t_s, EventKind::State, name, with_left_out(text, left_out));
        if before == Some(!up) {
            event.change = Some(if up { ["down", "up"] } else { ["up", "down"] });
        }
        out.push(event);
    }

    fn clock(&mut self, e: usize, name: &str, skew_s: Option<f64>, t_s: f64, out: &mut Vec<Event>) {
        let off_s = skew_s.map_or(0.0, f64::abs);
        let now = off_s > SKEW_S[usize::from(self.skewed[e])];
        if now == std::mem::replace(&mut self.skewed[e], now) {
            return;
        }
        let words = if skew_s < Some(0.0) { "ahead of" } else { "behind" };
        let text =
            if now { format!("its clock is {off_s:.1} s {words} ours") } else { "its clock fits again".to_owned() };
        out.push(self.event(t_s, EventKind::Notice, name, text));
    }

    fn tag(&mut self, t: usize, q: Quality, t_s: f64) -> Option<(&'static str, u32)> {
        let told = self.tags.get_mut(t)?;
        let now = kind(q);
        let begins = now == Quality::Good.word() && [NO_LINK, Quality::Never.word()].contains(&told.seen);
        if now == NO_LINK || begins {
            told.silently(now);
            return None;
        }
        told.see(now);
        told.due(t_s)
    }

    fn changes(&mut self, map: &Map, endpoint: &str, all: &[Change], t_s: f64, out: &mut Vec<Event>) {
        for (i, c) in all.iter().enumerate() {
            let alike = |o: &&Change| o.before == c.before && o.now == c.now;
            let n = all.iter().filter(alike).count();
            let (object, text) = if n <= ONE_BY_ONE {
                (map.tags[c.tag].name.as_str(), with_left_out(c.now.to_string(), c.left_out))
            } else if all[..i].iter().any(|o| alike(&o)) {
                continue;
            } else {
                (endpoint, format!("{n} tags {}", c.now))
            };
            let mut event = self.event(t_s, EventKind::State, object, text);
            event.change = (c.before != c.now.word()).then_some([c.before, c.now.word()]);
            out.push(event);
        }
    }
}

/// A tag's quality that is to be told.
#[derive(Clone, Copy, Debug)]
struct Change {
    tag: usize,
    before: &'static str,
    now: Quality,
    left_out: u32,
}

fn with_left_out(text: String, n: u32) -> String {
    if n == 0 { text } else { format!("{text}; {n} more changes since it was last told") }
}
