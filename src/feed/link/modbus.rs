//! A Modbus device: groups of tags in their rhythm, one request after the other.

mod shared;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::plan::{Manner, Request, requests};
use super::{Heard, Job, sunspec};
use crate::acts::quality::Fault;
use crate::feed::map::{At, Group, Link, Tag, Tid};
use crate::feed::modbus::{Answer, Decoded, Kind, MAX_REGISTERS, NotAvailable, Order, ReadReq, decode};
use crate::feed::tags::{Reading, Words};
use crate::feed::wire::{Echo, Trouble};
pub(super) use shared::Gateways;
use shared::{Gateway, Manners};

/// Exceptions after which the same request is worth asking again: acknowledge, busy.
const AGAIN: [u8; 2] = [5, 6];
/// Exceptions that may concern one of the tags of a request only: address not there, count not allowed.
const NOT_THERE: [u8; 2] = [2, 3];
/// Powers of ten that a scale factor may have.
const SCALES: std::ops::RangeInclusive<i16> = -10..=10;
/// A device that says "too many" is believed down to this many registers; below it the addresses are what it means.
const LEAST_AT_ONCE: u16 = 8;
/// A time-out is at least this many filtered round trips.
const PATIENCE: u32 = 4;
/// A device that has answered is asked once more before its connection is given up; one that never has, for so long.
const RETRIES: u32 = 1;
const FIRST_ANSWER: Duration = Duration::from_secs(4);

struct Device<'a> {
    job: &'a Job,
    gateway: Gateway,
    /// Shortest time-out, and the filtered round trip.
    least: Duration,
    trip: Duration,
    /// It has answered: a port that is open is not yet a device.
    up: bool,
}

impl Device<'_> {
    fn ask(&mut self, request: ReadReq) -> Result<Answer, Trouble> {
        let timeout = self.least.max(PATIENCE * self.trip);
        let (first, mut tries) = (Instant::now(), 0);
        let (answer, took, late) = loop {
            tries += 1;
            let patient = tries <= RETRIES || (!self.up && first.elapsed() < FIRST_ANSWER);
            match self.gateway.ask(self.job, request, timeout, patient) {
                Err(Trouble::TimeOut(_)) if patient && self.gateway.in_step() && !self.job.stopped() => {
                    self.job.info.change(|i| i.timeouts += 1);
                }
                other => break other?,
            }
        };
        self.trip = (4 * self.trip + took) / 5;
        let was_up = std::mem::replace(&mut self.up, true);
        self.job.info.change(|i| {
            if !was_up {
                i.up();
            }
            i.trip(took);
            i.late = late;
            if let Answer::Exception(code) = answer {
                *i.exceptions.entry(code).or_default() += 1;
            }
        });
        Ok(answer)
    }
}

/// A group's requests, and what has been learnt of how the device takes them.
struct Scan<'a> {
    group: &'a Group,
    requests: Vec<Request>,
    manner: Manner,
    due: Instant,
}

pub(super) fn session(job: &Job) -> Result<(), Trouble> {
    let endpoint = &job.map.endpoints[job.endpoint];
    let Link::Modbus { host, unit, tid, echo_unit, settle_ms, max_hole, timeout_ms, sunspec: base } = &endpoint.link
    else {
        return Ok(());
    };
    let least = Duration::from_millis(u64::from(*timeout_ms));
    let manners = Manners {
        echo: Echo { transaction: *tid == Tid::Strict, unit: *echo_unit },
        connect: least.max(Duration::from_secs(1)),
        settle: Duration::from_millis(u64::from(*settle_ms)),
    };
    let gateway = job.gateways.of(host, manners);
    let mut device = Device { job, gateway, least, trip: Duration::ZERO, up: false };
    let all = || endpoint.groups.iter().flat_map(|g| g.tags.clone());
    let is_sunspec = all().any(|t| matches!(job.map.tags[t].at, At::SunSpec { .. }));
    let models = if is_sunspec { sunspec::walk(*unit, *base, |r| device.ask(*r))? } else { None };
    let at = |model: u16| models.as_ref().and_then(|m| m.iter().find(|(id, _)| *id == model)).map(|(_, at)| *at);
    let plan = |g: &Group, manner: Manner| requests(&job.map.tags, g, manner, at);
    let manner = Manner { unit: *unit, max_hole: *max_hole, most: MAX_REGISTERS };
    let now = Instant::now();
    let scan = |g| Scan { group: g, requests: plan(g, manner), manner, due: now };
    let mut scans: Vec<Scan> = endpoint.groups.iter().map(scan).collect();
    let asked: Vec<usize> =
        scans.iter().flat_map(|s| &s.requests).flat_map(|r| r.tags.iter().map(|(t, _)| *t)).collect();
    let absent: Vec<Reading> =
        all().filter(|t| !asked.contains(t)).map(|t| job.reading(t, Err(Fault::Missing), None)).collect();
    if !absent.is_empty() {
        job.tell(Heard::Readings(absent));
    }
    // A battery that starts has no models for a while: there is no other way to see them than to look again.
    if is_sunspec && scans.iter().all(|s| s.requests.is_empty()) {
        return Err(Trouble::Protocol("none of the SunSpec models of the map is in this device".to_owned()));
    }
    while !job.stopped() {
        let Some(next) = (0..scans.len()).min_by_key(|s| scans[*s].due) else { return Ok(()) };
        let scan = &mut scans[next];
        if !job.rest(scan.due) {
            break;
        }
        let begun = Instant::now();
        scan.run(&mut device, &plan)?;
        let period = Duration::from_millis(u64::from(scan.group.period_ms));
        // A scan that took too long does not make the next ones come in a burst.
        scan.due = (scan.due + period).max(Instant::now());
        job.info.change(|i| {
            if let Some(figures) = i.scans.get_mut(next) {
                *figures = [begun.elapsed(), period];
            }
        });
    }
    Ok(())
}

impl Scan<'_> {
    /// Asks for all of the group once, and hands in what comes; where the device refuses a request that can be cut, the
    /// group is planned anew.
    fn run(&mut self, device: &mut Device, plan: &impl Fn(&Group, Manner) -> Vec<Request>) -> Result<(), Trouble> {
        let job = device.job;
        let (mut scales, mut waiting, mut refused) = (BTreeMap::new(), Vec::new(), Vec::new());
        for (k, request) in self.requests.iter().enumerate() {
            let answer = device.ask(request.req)?;
            if matches!(answer, Answer::Exception(code) if NOT_THERE.contains(&code)) && self.can_cut(request) {
                refused.push((k, answer));
                continue;
            }
            note_scales(&mut scales, request, &answer);
            let (near, far): (Vec<_>, Vec<_>) = readings(job, request, &answer, &scales)
                .into_iter()
                .partition(|r| request.has_scale(r.tag) || !has_scale(&job.map.tags[r.tag]));
            waiting.extend(far);
            if !near.is_empty() {
                job.tell(Heard::Readings(near));
            }
        }
        if !waiting.is_empty() {
            let mut again = BTreeMap::new();
            for request in self.requests.iter().filter(|r| r.is_for_scales()) {
                note_scales(&mut again, request, &device.ask(request.req)?);
            }
            waiting.retain(|r| scales.get(&r.tag) == again.get(&r.tag));
            job.tell(Heard::Readings(waiting));
        }
        if !refused.is_empty() {
            self.cut(&refused, plan);
        }
        Ok(())
    }

    /// Whether a refused request is to be asked in parts from now on. What belongs to one instant is not.
    fn can_cut(&self, request: &Request) -> bool {
        let far = request.tags.len() == 1 && !request.scales.is_empty() && request.req.quantity() > 4;
        !self.group.cosample && (request.tags.len() > 1 || far)
    }

    fn cut(&mut self, refused: &[(usize, Answer)], plan: &impl Fn(&Group, Manner) -> Vec<Request>) {
        let too_many =
            |(k, a): &(usize, Answer)| matches!(a, Answer::Exception(3)).then(|| self.requests[*k].req.quantity());
        if let Some(most) = refused.iter().filter_map(too_many).min().filter(|most| *most >= 2 * LEAST_AT_ONCE) {
            // Too many at once: half as many is asked for all of the group.
            let manner = Manner { most: most / 2, ..self.manner };
            let next = plan(self.group, manner);
            if next != self.requests {
                (self.requests, self.manner) = (next, manner);
                return;
            }
        }
        for (k, _) in refused.iter().rev() {
            let request = self.requests.remove(*k);
            // A value that stands alone but for its scale is asked apart from it.
            let most = if request.tags.len() == 1 { 1 } else { self.manner.most };
            let manner = Manner { most, ..self.manner };
            let alone = request.tags.iter().map(|(t, _)| Group { tags: *t..t + 1, ..self.group.clone() });
            self.requests.extend(alone.flat_map(|g| plan(&g, manner)));
        }
        self.requests.sort_by_key(|r| !r.is_for_scales());
    }
}

fn has_scale(tag: &Tag) -> bool {
    matches!(tag.at, At::Reg { scale_at: Some(_), .. } | At::SunSpec { scale: Some(_), .. })
}

/// Keeps the scale factors of an answer, by tag; none where the device has none.
fn note_scales(to: &mut BTreeMap<usize, Option<i16>>, request: &Request, answer: &Answer) {
    let Answer::Registers(all) = answer else { return };
    for (tag, at) in &request.scales {
        let n = all.get(*at).map(|w| *w as i16).filter(|n| SCALES.contains(n));
        to.insert(*tag, n);
    }
}

fn readings(job: &Job, request: &Request, answer: &Answer, scales: &BTreeMap<usize, Option<i16>>) -> Vec<Reading> {
    if let Answer::Exception(code) = answer
        && AGAIN.contains(code)
    {
        return Vec::new();
    }
    request
        .tags
        .iter()
        .map(|(tag, at)| {
            let of = &job.map.tags[*tag];
            let value = value(of, answer, *at).and_then(|raw| match scales.get(tag) {
                _ if !has_scale(of) => Ok(raw),
                Some(Some(n)) => Ok(raw * 10_f64.powi(i32::from(*n))),
                Some(None) | None => Err(Fault::Decode),
            });
            Reading { words: Words::new(words(of, answer, *at)), ..job.reading(*tag, value, None) }
        })
        .collect()
}

/// The registers of a tag; none where the answer does not have them.
fn words<'a>(tag: &Tag, answer: &'a Answer, at: usize) -> &'a [u16] {
    let (At::Reg { kind, .. } | At::SunSpec { kind, .. }, Answer::Registers(all)) = (&tag.at, answer) else {
        return &[];
    };
    all.get(at..at + usize::from(kind.registers())).unwrap_or_default()
}

fn value(tag: &Tag, answer: &Answer, at: usize) -> Result<f64, Fault> {
    let registers = match answer {
        Answer::Exception(code) => return Err(Fault::Exception(*code)),
        Answer::Bits(bits) => return bits.get(at).map(|b| f64::from(u8::from(*b))).ok_or(Fault::Decode),
        Answer::Registers(registers) => registers,
    };
    let (kind, order, na) = match &tag.at {
        At::Reg { kind, order, na, .. } => (*kind, *order, na.clone()),
        At::SunSpec { kind, .. } => (*kind, Order::Abcd, not_implemented(*kind)),
        _ => return Err(Fault::Decode),
    };
    let words = registers.get(at..at + usize::from(kind.registers())).ok_or(Fault::Decode)?;
    match decode(words, kind, order, &na).ok_or(Fault::Decode)? {
        Decoded::Number(x) => Ok(x),
        Decoded::NotAvailable => Err(Fault::NotAvailable),
        Decoded::NotFinite => Err(Fault::NotFinite),
    }
}

/// The code of a SunSpec point that the device does not have.
fn not_implemented(kind: Kind) -> NotAvailable {
    let code = match kind {
        Kind::S16 => 0x8000,
        Kind::U16 => 0xFFFF,
        Kind::S32 => 0x8000_0000,
        Kind::U32 => 0xFFFF_FFFF,
        Kind::S64 => 1 << 63,
        Kind::U64 => u64::MAX,
        Kind::F32 | Kind::F64 | Kind::Bit(_) => return NotAvailable::default(),
    };
    NotAvailable { codes: vec![code], top: 0 }
}
