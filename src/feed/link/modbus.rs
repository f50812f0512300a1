//! A Modbus device: groups of tags in their rhythm, one request after the other.

use std::time::{Duration, Instant};

use super::plan::{Request, requests};
use super::{Heard, Job, sunspec};
use crate::acts::quality::Fault;
use crate::feed::map::{At, Group, Link, Tag, Tid};
use crate::feed::modbus::{Answer, Decoded, Kind, NotAvailable, Order, ReadReq, decode};
use crate::feed::tags::{Reading, Words};
use crate::feed::wire::{Modbus, Trouble};

/// Exceptions after which the same request is worth asking again: acknowledge, busy.
const AGAIN: [u8; 2] = [5, 6];
/// Exceptions that may concern one of the tags of a request only: address not there, count not allowed.
const NOT_THERE: [u8; 2] = [2, 3];
/// Powers of ten that a scale factor may have.
const SCALES: std::ops::RangeInclusive<i16> = -10..=10;
/// A time-out is at least this many filtered round trips.
const PATIENCE: u32 = 4;

struct Device<'a> {
    job: &'a Job,
    line: Modbus,
    /// Shortest time-out, and the filtered round trip.
    least: Duration,
    trip: Duration,
    /// It has answered: a port that is open is not yet a device.
    up: bool,
}

impl Device<'_> {
    fn ask(&mut self, request: ReadReq) -> Result<Answer, Trouble> {
        let timeout = self.least.max(PATIENCE * self.trip);
        let begun = Instant::now();
        let answer = self.line.read(&request, timeout)?;
        let took = begun.elapsed();
        self.trip = (4 * self.trip + took) / 5;
        let (late, was_up) = (self.line.late, std::mem::replace(&mut self.up, true));
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

pub(super) fn session(job: &Job) -> Result<(), Trouble> {
    let endpoint = &job.map.endpoints[job.endpoint];
    let Link::Modbus { host, unit, tid, max_hole, timeout_ms, sunspec: base } = &endpoint.link else { return Ok(()) };
    let least = Duration::from_millis(u64::from(*timeout_ms));
    let line = Modbus::connect(host, *tid == Tid::Strict, least.max(Duration::from_secs(1)), job.sent.clone())?;
    let mut device = Device { job, line, least, trip: Duration::ZERO, up: false };
    let all = || endpoint.groups.iter().flat_map(|g| g.tags.clone());
    let is_sunspec = all().any(|t| matches!(job.map.tags[t].at, At::SunSpec { .. }));
    let models = if is_sunspec { sunspec::walk(*unit, *base, |r| device.ask(*r))? } else { None };
    let at = |model: u16| models.as_ref().and_then(|m| m.iter().find(|(id, _)| *id == model)).map(|(_, at)| *at);
    let plan = |g: &Group| requests(&job.map.tags, g, *unit, *max_hole, at);
    let mut plans: Vec<Vec<Request>> = endpoint.groups.iter().map(plan).collect();
    let asked: Vec<usize> = plans.iter().flatten().flat_map(|r| r.tags.iter().map(|(t, _)| *t)).collect();
    let absent: Vec<Reading> =
        all().filter(|t| !asked.contains(t)).map(|t| job.reading(t, Err(Fault::Missing), None)).collect();
    if !absent.is_empty() {
        job.tell(Heard::Readings(absent));
    }
    // A battery that starts has no models for a while: there is no other way to see them than to look again.
    if is_sunspec && plans.iter().all(Vec::is_empty) {
        return Err(Trouble::Protocol("none of the SunSpec models of the map is in this device".to_owned()));
    }
    let mut due = vec![Instant::now(); plans.len()];
    while !job.stopped() {
        let Some(next) = (0..due.len()).min_by_key(|g| due[*g]) else { return Ok(()) };
        if !job.rest(due[next]) {
            break;
        }
        let (begun, group) = (Instant::now(), &endpoint.groups[next]);
        let mut apart = Vec::new();
        for (k, request) in plans[next].iter().enumerate() {
            let answer = device.ask(request.req)?;
            if matches!(answer, Answer::Exception(code) if NOT_THERE.contains(&code)) && splits(group, request) {
                apart.push(k);
                continue;
            }
            let readings = readings(job, request, &answer);
            if !readings.is_empty() {
                job.tell(Heard::Readings(readings));
            }
        }
        for k in apart.into_iter().rev() {
            let tags = plans[next].remove(k).tags;
            let alone = tags.iter().map(|(t, _)| Group { tags: *t..t + 1, ..group.clone() });
            plans[next].extend(alone.flat_map(|g| plan(&g)));
        }
        let period = Duration::from_millis(u64::from(group.period_ms));
        job.info.change(|i| {
            if let Some(scan) = i.scans.get_mut(next) {
                *scan = [begun.elapsed(), period];
            }
        });
        // A scan that took too long does not make the next ones come in a burst.
        due[next] = (due[next] + period).max(Instant::now());
    }
    Ok(())
}

/// Whether the tags of a refused request are to be asked one by one from now on. What belongs to one instant is not.
fn splits(group: &Group, request: &Request) -> bool {
    !group.cosample && request.tags.len() > 1
}

fn readings(job: &Job, request: &Request, answer: &Answer) -> Vec<Reading> {
    if let Answer::Exception(code) = answer
        && AGAIN.contains(code)
    {
        return Vec::new();
    }
    request
        .tags
        .iter()
        .map(|(tag, at)| {
            let words = words(&job.map.tags[*tag], answer, *at);
            let value = value(&job.map.tags[*tag], request, answer, *tag, *at);
            Reading { words: Words::new(words), ..job.reading(*tag, value, None) }
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

fn value(tag: &Tag, request: &Request, answer: &Answer, i: usize, at: usize) -> Result<f64, Fault> {
    let registers = match answer {
        Answer::Exception(code) => return Err(Fault::Exception(*code)),
        Answer::Bits(bits) => return bits.get(at).map(|b| f64::from(u8::from(*b))).ok_or(Fault::Decode),
        Answer::Registers(registers) => registers,
    };
    let none = NotAvailable::default();
    let (kind, order, na) = match &tag.at {
        At::Reg { kind, order, na, .. } => (*kind, *order, na.clone()),
        At::SunSpec { kind, .. } => (*kind, Order::Abcd, not_implemented(*kind)),
        _ => return Err(Fault::Decode),
    };
    let words = registers.get(at..at + usize::from(kind.registers())).ok_or(Fault::Decode)?;
    let raw = match decode(words, kind, order, &na).ok_or(Fault::Decode)? {
        Decoded::Number(x) => x,
        Decoded::NotAvailable => return Err(Fault::NotAvailable),
        Decoded::NotFinite => return Err(Fault::NotFinite),
    };
    let Some((_, scale_at)) = request.scales.iter().find(|(t, _)| *t == i) else { return Ok(raw) };
    let scale = registers.get(*scale_at..=*scale_at).ok_or(Fault::Decode)?;
    match decode(scale, Kind::S16, Order::Abcd, &none) {
        Some(Decoded::Number(n)) if SCALES.contains(&(n as i16)) => Ok(raw * 10_f64.powi(n as i32)),
        _ => Err(Fault::Decode),
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
