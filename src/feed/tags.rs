//! What every tag is worth now: accepted values, their quality, and the row of signals that they make.
//!
//! Links hand in what they read; [`Tags::sweep`] lets time pass. Three clocks are kept apart: the source's time orders
//! samples, the arrival time is shown, and only the monotonic time decides what is stale. The current value never steps
//! back in time; what comes late is counted. The last good value stays for the eye, and never for a row. Pure: the
//! caller brings all clocks.

mod counter;
mod motion;

use super::map::{Check, Map};
use crate::acts::Quality;
use crate::acts::quality::{Doubt, Fault};
use crate::plant::signals::SignalIdx;
use counter::Counter;
use motion::Motion;

/// A time stamp this far ahead of the arrival cannot be right, s.
const FUTURE_S: f64 = 5.0;
/// Stamps that are at best this old tell nothing of when, s: hardly a clock is off by more, and values may be.
const OLD_S: f64 = 600.0;
/// Longest time that a counter is taken to have stood before its first change, s; and steps of its resolution that it may
/// gain at any time.
const COUNTER_STOOD_S: f64 = 3600.0;
const COUNTER_STEPS: f64 = 16.0;

/// Registers as they stood in the answer, at most four; none where the source gives text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Words {
    words: [u16; 4],
    len: u8,
}

impl Words {
    /// The first four of `words`.
    #[must_use]
    pub fn new(words: &[u16]) -> Self {
        let mut all = Self::default();
        for (to, from) in all.words.iter_mut().zip(words) {
            *to = *from;
            all.len += 1;
        }
        all
    }

    /// The registers.
    #[must_use]
    pub fn get(&self) -> &[u16] {
        self.words.get(..usize::from(self.len)).unwrap_or(&self.words)
    }
}

/// A value as a link hands it in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// Place in [`Map::tags`].
    pub tag: usize,
    /// Raw number, before scale and offset, or why there is none.
    pub raw: Result<f64, Fault>,
    /// Time by the source's clock, s since 1970.
    pub t_src_s: Option<f64>,
    /// Time of arrival by the wall clock, s since 1970.
    pub t_arr_s: f64,
    /// Time of arrival by the monotonic clock, s.
    pub mono_s: f64,
    /// What the source itself says of it.
    pub said: Quality,
    /// What it was decoded from.
    pub words: Words,
}

/// What a tag is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Current {
    /// Last accepted value in the tag's unit; NaN before the first.
    pub value: f64,
    /// Quality now.
    pub quality: Quality,
    /// Time by the source's clock.
    pub t_src_s: Option<f64>,
    /// Arrival of the last accepted value, wall clock.
    pub t_arr_s: f64,
    /// Arrival of the last accepted value, monotonic.
    pub mono_s: f64,
    /// Values accepted.
    pub accepted: u64,
    /// Values that came late or twice, or could not be used.
    pub refused: u64,
    /// Registers of the last reading, whatever became of it.
    pub words: Words,
}

impl Default for Current {
    fn default() -> Self {
        Self {
            value: f64::NAN,
            quality: Quality::Never,
            t_src_s: None,
            t_arr_s: f64::NAN,
            mono_s: f64::NEG_INFINITY,
            accepted: 0,
            refused: 0,
            words: Words::default(),
        }
    }
}

/// What became of a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is the tag's value now.
    Current,
    /// It belongs to the past: for the record only.
    Past,
    /// The same sample again.
    Twice,
    /// No value: the quality says why.
    Bad,
}

#[derive(Clone, Copy, Debug, Default)]
struct Memory {
    now: Current,
    /// Quality of the last reading by itself.
    own: Quality,
    /// Whether a relation with another tag fails.
    contradicted: bool,
    motion: Motion,
    counter: Counter,
    /// Source time of the last sample that came too late.
    past_src_s: Option<f64>,
}

/// Skew of a source's clock against ours.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Skew {
    /// Smallest arrival − source time over the last minutes, s: clock offset and the shortest way.
    pub least_s: Option<f64>,
    since_mono_s: f64,
    next: Option<f64>,
}

/// Time over which the smallest skew is looked for, s.
const SKEW_WINDOW_S: f64 = 60.0;

impl Skew {
    fn take(&mut self, skew_s: f64, mono_s: f64) {
        if mono_s - self.since_mono_s > SKEW_WINDOW_S {
            (self.least_s, self.next, self.since_mono_s) = (self.next, None, mono_s);
        }
        let less = |a: Option<f64>| Some(a.map_or(skew_s, |a: f64| a.min(skew_s)));
        (self.least_s, self.next) = (less(self.least_s), less(self.next));
    }
}

/// All tags of a map.
#[derive(Clone, Debug)]
pub struct Tags {
    memory: Vec<Memory>,
    /// Endpoint of each tag.
    endpoint: Vec<usize>,
    /// Skew of each tag's source.
    skew: Vec<Skew>,
    frozen: Vec<bool>,
    /// Tags of each signal that is fed, best priority first.
    feeds: Vec<(SignalIdx, Vec<usize>)>,
}

impl Tags {
    /// Nothing received yet.
    #[must_use]
    pub fn new(map: &Map) -> Self {
        let mut endpoint = vec![0; map.tags.len()];
        for (e, end) in map.endpoints.iter().enumerate() {
            end.groups.iter().for_each(|g| endpoint[g.tags.clone()].fill(e));
        }
        let mut feeds: Vec<(SignalIdx, Vec<usize>)> = Vec::new();
        for (i, tag) in map.tags.iter().enumerate() {
            let Some(to) = tag.to else { continue };
            match feeds.iter_mut().find(|(s, _)| *s == to) {
                Some((_, tags)) => tags.push(i),
                None => feeds.push((to, vec![i])),
            }
        }
        feeds.iter_mut().for_each(|(_, tags)| tags.sort_by_key(|t| map.tags[*t].priority));
        let n = map.endpoints.len();
        Self {
            memory: vec![Memory::default(); map.tags.len()],
            endpoint,
            skew: vec![Skew::default(); map.tags.len()],
            frozen: vec![false; n],
            feeds,
        }
    }

    /// A tag now.
    #[must_use]
    pub fn current(&self, tag: usize) -> Current {
        self.memory.get(tag).map_or_else(Current::default, |m| m.now)
    }

    /// Quality of a tag's last reading by itself, before time and other tags have their say.
    #[must_use]
    pub fn own(&self, tag: usize) -> Quality {
        self.memory.get(tag).map_or(Quality::Never, |m| m.own)
    }

    /// Skew of each endpoint's clock: the largest of its tags, for behind one broker stand many clocks.
    #[must_use]
    pub fn skews_s(&self) -> Vec<Option<f64>> {
        let mut all: Vec<Option<f64>> = vec![None; self.frozen.len()];
        for (own, e) in self.skew.iter().zip(&self.endpoint) {
            if let (Some(s), Some(most)) = (own.least_s, all.get_mut(*e))
                && most.is_none_or(|m| s.abs() > m.abs())
            {
                *most = Some(s);
            }
        }
        all
    }

    /// Skew of one endpoint's clock.
    #[must_use]
    pub fn skew_s(&self, endpoint: usize) -> Option<f64> {
        self.skews_s().get(endpoint).copied().flatten()
    }

    /// Age of a tag's last accepted value, s; infinite before the first.
    #[must_use]
    pub fn age_s(&self, tag: usize, mono_s: f64) -> f64 {
        self.memory.get(tag).map_or(f64::INFINITY, |m| mono_s - m.now.mono_s)
    }

    /// Endpoint of a tag.
    #[must_use]
    pub fn endpoint(&self, tag: usize) -> Option<usize> {
        self.endpoint.get(tag).copied()
    }

    /// The tag that a signal's value comes from now: the best usable one, or else the first; none where nothing feeds it.
    #[must_use]
    pub fn source(&self, signal: SignalIdx) -> Option<usize> {
        let (_, tags) = self.feeds.iter().find(|(s, _)| *s == signal)?;
        self.best(tags)
    }

    fn best(&self, tags: &[usize]) -> Option<usize> {
        tags.iter().find(|t| self.memory[**t].now.quality.usable()).or(tags.first()).copied()
    }

    /// Takes a reading in.
    pub fn take(&mut self, map: &Map, r: &Reading) -> Taken {
        let (Some(tag), Some(m)) = (map.tags.get(r.tag), self.memory.get_mut(r.tag)) else { return Taken::Bad };
        m.now.words = r.words;
        let refuse = |m: &mut Memory, fault: Fault| {
            m.own = Quality::Bad(fault);
            m.now.refused += 1;
            Taken::Bad
        };
        let raw = match r.raw {
            Ok(raw) if raw.is_finite() => raw,
            Ok(_) => return refuse(m, Fault::NotFinite),
            Err(fault) => return refuse(m, fault),
        };
        let mut value = raw * tag.scale[0] + tag.scale[1];
        if !value.is_finite() {
            return refuse(m, Fault::NotFinite);
        }
        let late = r.t_src_s.zip(m.now.t_src_s).map(|(new, old)| new - old);
        let mut own = r.said.worse(if tag.estimated { Quality::Uncertain(Doubt::Estimated) } else { Quality::Good });
        if late.is_some_and(|d| d < 0.0) {
            // Samples in order among themselves, and none accepted for so long: the source's clock was set back.
            let in_order = m.past_src_s.zip(r.t_src_s).is_some_and(|(old, new)| new > old);
            m.past_src_s = r.t_src_s;
            if !in_order || r.mono_s - m.now.mono_s <= tag.stale_s {
                m.now.refused += 1;
                return Taken::Past;
            }
            own = own.worse(Quality::Uncertain(Doubt::Clock));
            self.skew[r.tag] = Skew::default();
        }
        m.past_src_s = None;
        if late == Some(0.0) && !m.motion.is_new(raw) {
            m.now.refused += 1;
            return Taken::Twice;
        }
        if !(tag.valid[0]..=tag.valid[1]).contains(&value) {
            return refuse(m, Fault::OutOfRange);
        }
        let dt_s = late.filter(|d| *d > 0.0).unwrap_or(r.mono_s - m.now.mono_s).max(1e-3);
        if let Some(top) = tag.rollover {
            let stood_s = (r.mono_s - m.motion.moved_s).min(COUNTER_STOOD_S);
            let most = tag.gain_max * stood_s.max(dt_s) + COUNTER_STEPS * tag.scale[0].abs();
            let (sum, doubt) = m.counter.take(value, top, most);
            value = sum;
            own = own.worse(doubt.map_or(Quality::Good, Quality::Uncertain));
        }
        m.motion.take(raw, r.mono_s);
        if (value - m.now.value).abs() > tag.rate_max * dt_s {
            own = own.worse(Quality::Uncertain(Doubt::Jump));
        }
        let mut t_src_s = r.t_src_s;
        if let Some(t) = t_src_s {
            if t - r.t_arr_s > FUTURE_S {
                t_src_s = Some(r.t_arr_s);
                own = own.worse(Quality::Uncertain(Doubt::Clock));
            }
            let skew = &mut self.skew[r.tag];
            if skew.least_s.is_some_and(|s| s < -FUTURE_S) && t - r.t_arr_s <= FUTURE_S {
                // The clock that ran ahead was put right.
                *skew = Skew::default();
            }
            // What the source says is old tells nothing of its clock.
            if r.said != Quality::Stale {
                skew.take(r.t_arr_s - t, r.mono_s);
            }
            // Stamped so long ago at best: a clock that is off, or values that are old from the start. Nobody can tell which.
            if skew.least_s.is_some_and(|s| s > OLD_S) {
                own = own.worse(Quality::Uncertain(Doubt::Clock));
            }
            // What a gateway kept through an outage is delivered now and was measured long ago.
            let delay_s = r.t_arr_s - t - skew.least_s.unwrap_or_default();
            if delay_s > tag.stale_s.max(FUTURE_S) {
                own = own.worse(Quality::Stale);
            }
        }
        m.own = own;
        m.now = Current {
            value,
            quality: own,
            t_src_s,
            t_arr_s: r.t_arr_s,
            mono_s: r.mono_s,
            accepted: m.now.accepted + 1,
            refused: m.now.refused,
            words: r.words,
        };
        Taken::Current
    }

    /// All tags of an endpoint are without a link.
    pub fn lost(&mut self, endpoint: usize) {
        for (m, _) in self.memory.iter_mut().zip(&self.endpoint).filter(|(_, e)| **e == endpoint) {
            m.own = Quality::Bad(Fault::NoComm);
        }
    }

    /// Lets time pass: staleness, frozen devices, relations between tags.
    pub fn sweep(&mut self, map: &Map, mono_s: f64) {
        self.look_for_frozen(map, mono_s);
        self.relations(map);
        for (i, (m, tag)) in self.memory.iter_mut().zip(&map.tags).enumerate() {
            let mut q = m.own;
            if m.contradicted {
                q = q.worse(Quality::Uncertain(Doubt::Contradicted));
            }
            if m.motion.frozen || self.frozen[self.endpoint[i]] {
                q = q.worse(Quality::Uncertain(Doubt::Frozen));
            }
            if m.now.accepted > 0 && mono_s - m.now.mono_s > tag.stale_s {
                q = q.worse(Quality::Stale);
            }
            m.now.quality = q;
        }
    }

    fn relations(&mut self, map: &Map) {
        self.memory.iter_mut().for_each(|m| m.contradicted = false);
        for check in &map.checks {
            let all: &[usize] = match check {
                Check::Power { p, v, i, pf, .. } => &[*p, *v, *i, *pf],
                Check::Same { a, b, .. } => &[*a, *b],
            };
            if !all.iter().all(|t| self.memory[*t].own.usable()) {
                // One meter that says something impossible is not believed in the rest.
                let impossible = |t: &usize| self.memory[*t].own == Quality::Bad(Fault::OutOfRange);
                if matches!(check, Check::Power { .. }) && all.iter().any(impossible) {
                    all.iter().for_each(|t| self.memory[*t].contradicted = true);
                }
                continue;
            }
            let x = |t: usize| self.memory[t].now.value;
            let fails = match check {
                Check::Power { p, v, i, pf, within } => {
                    (x(*p).abs() - 3_f64.sqrt() * x(*v) * x(*i) * x(*pf).abs() / 1000.0).abs() > *within
                }
                Check::Same { a, b, within } => (x(*a) - x(*b)).abs() > *within,
            };
            if fails {
                all.iter().for_each(|t| self.memory[*t].contradicted = true);
            }
        }
    }

    /// The row of signals: the value of the best usable tag of each, NaN where there is none. `quality` gets the quality
    /// of each signal.
    pub fn row(&self, row: &mut [f64], quality: &mut [Quality]) {
        row.fill(f64::NAN);
        quality.fill(Quality::Never);
        for (signal, tags) in &self.feeds {
            let (Some(best), i) = (self.best(tags), signal.at()) else { continue };
            let now = &self.memory[best].now;
            if let (Some(x), Some(q)) = (row.get_mut(i), quality.get_mut(i)) {
                *q = now.quality;
                if now.quality.usable() {
                    *x = now.value;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
