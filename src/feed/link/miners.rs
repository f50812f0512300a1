//! A fleet of miners: each is asked in turn, by a few workers, and the fleet becomes one value a tag.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::web::fold_all;
use super::{Heard, Job};
use crate::acts::Quality;
use crate::acts::quality::{Doubt, Fault};
use crate::feed::cgminer::{self, Miner};
use crate::feed::map::{At, Figure, Fold, Link};
use crate::feed::tags::Reading;
use crate::feed::wire::{Trouble, ask_miner};

/// Miners that are asked at the same time.
const WORKERS: usize = 8;

pub(super) fn session(job: &Job) -> Result<(), Trouble> {
    let endpoint = &job.map.endpoints[job.endpoint];
    let Link::Cgminer { hosts, ask, timeout_ms } = &endpoint.link else { return Ok(()) };
    let timeout = Duration::from_millis(u64::from(*timeout_ms));
    let Some(period) = endpoint.groups.iter().map(|g| g.period_ms).min() else { return Ok(()) };
    let period = Duration::from_millis(u64::from(period));
    let (mut due, mut up) = (Instant::now(), false);
    while job.rest(due) {
        let begun = Instant::now();
        let answers: Mutex<Vec<Result<Miner, Trouble>>> = Mutex::new(Vec::new());
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..WORKERS.min(hosts.len()) {
                scope.spawn(|| {
                    while let Some(host) = hosts.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if job.stopped() {
                            break;
                        }
                        let asked = Instant::now();
                        let answer = ask_miner(host, *ask, timeout, &job.sent).and_then(|bytes| {
                            job.info.change(|i| i.trip(asked.elapsed()));
                            cgminer::read(&bytes).map_err(|e| Trouble::Protocol(format!("{e}: {host}")))
                        });
                        answers.lock().unwrap_or_else(PoisonError::into_inner).push(answer);
                    }
                });
            }
        });
        let answers = answers.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (mut miners, mut trouble) = (Vec::new(), None);
        for a in answers {
            match a {
                Ok(m) => miners.push(m),
                Err(e) => trouble = Some(e),
            }
        }
        if let (true, Some(e)) = (miners.is_empty(), &trouble) {
            return Err(e.clone());
        }
        job.info.change(|i| {
            if !up {
                i.up();
            }
            i.scans.iter_mut().for_each(|s| s[0] = begun.elapsed());
            if let Some(e) = &trouble {
                i.unread += (hosts.len() - miners.len()) as u64;
                i.last_error = Some(format!("{} of {} miners answer: {e}", miners.len(), hosts.len()));
            }
        });
        up = true;
        let tags = endpoint.groups.iter().flat_map(|g| g.tags.clone());
        let readings: Vec<Reading> = tags.map(|t| reading(job, t, &miners, hosts.len())).collect();
        job.tell(Heard::Readings(readings));
        due = (due + period).max(Instant::now());
    }
    Ok(())
}

fn reading(job: &Job, tag: usize, miners: &[Miner], asked: usize) -> Reading {
    let At::Miner { figure, fold } = &job.map.tags[tag].at else {
        return job.reading(tag, Err(Fault::Decode), None);
    };
    let figure = |m: &Miner| match figure {
        Figure::RateThs => m.rate_ths,
        Figure::PowerW => m.power_w,
        Figure::ChipC => m.chip_c,
        Figure::Hashing => m.rate_ths.filter(|r| *r > 0.0).map(|_| 1.0),
    };
    let values: Vec<f64> = miners.iter().filter_map(figure).collect();
    let is_count =
        matches!(fold, Fold::Count) || matches!(job.map.tags[tag].at, At::Miner { figure: Figure::Hashing, .. });
    let raw = match fold_all(&values, *fold) {
        None if is_count => Ok(0.0),
        None => Err(Fault::NotAvailable),
        Some(x) => Ok(x),
    };
    let mut r = job.reading(tag, raw, None);
    if values.len() < asked && !is_count {
        r.said = Quality::Uncertain(Doubt::Partial);
    } else if miners.iter().any(|m| m.estimated) {
        r.said = Quality::Uncertain(Doubt::Estimated);
    }
    r
}
