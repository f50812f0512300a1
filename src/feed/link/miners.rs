//! A fleet of miners: each is asked in turn, by a few workers, and the fleet becomes one value a tag.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::{BACKOFF, Heard, Job};
use crate::acts::quality::Fault;
use crate::feed::cgminer::{self, Miner};
use crate::feed::map::{At, Figure, Fold, Link};
use crate::feed::parts::Parts;
use crate::feed::tags::Reading;
use crate::feed::wire::{Trouble, ask_miner};
use crate::lock::{into_inner, lock};

/// Miners that are asked at the same time.
const WORKERS: usize = 8;

/// A miner that does not answer is asked less and less often, so that it does not hold the others up.
#[derive(Clone, Debug)]
struct Away {
    until: Instant,
    pause: Duration,
    why: Trouble,
}

impl Away {
    /// After one more attempt in vain: as long as before and that again, as a link does.
    fn after(before: Option<&Self>, why: Trouble, now: Instant) -> Self {
        let pause = before.map_or(BACKOFF[0], |b| (2 * b.pause).min(BACKOFF[1]));
        Self { until: now + pause, pause, why }
    }
}

/// What a miner answered, by its address.
type Answer<'a> = (&'a str, Result<Miner, Trouble>);

pub(super) fn session(job: &Job) -> Result<(), Trouble> {
    let endpoint = &job.map.endpoints[job.endpoint];
    let Link::Cgminer { hosts, ask, timeout_ms } = &endpoint.link else { return Ok(()) };
    let timeout = Duration::from_millis(u64::from(*timeout_ms));
    let Some(period) = endpoint.groups.iter().map(|g| g.period_ms).min() else { return Ok(()) };
    let period = Duration::from_millis(u64::from(period));
    let (mut due, mut up) = (Instant::now(), false);
    let away: Vec<Mutex<Option<Away>>> = hosts.iter().map(|_| Mutex::default()).collect();
    while job.rest(due) {
        if job.hurry.swap(false, Ordering::Relaxed) {
            away.iter().for_each(|a| *lock(a) = None);
        }
        let begun = Instant::now();
        let answers: Mutex<Vec<Answer>> = Mutex::new(Vec::new());
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..WORKERS.min(hosts.len()) {
                scope.spawn(|| {
                    while let Some((host, away)) = hosts.iter().zip(&away).nth(next.fetch_add(1, Ordering::Relaxed)) {
                        if job.stopped() {
                            break;
                        }
                        let asked = Instant::now();
                        let before = lock(away).clone();
                        if let Some(waits) = before.as_ref().filter(|a| asked < a.until) {
                            lock(&answers).push((host, Err(waits.why.clone())));
                            continue;
                        }
                        let answer = ask_miner(host, *ask, timeout, &job.sent).and_then(|bytes| {
                            job.info.change(|i| i.trip(asked.elapsed()));
                            cgminer::read(&bytes).map_err(|e| Trouble::Protocol(format!("{e}: {host}")))
                        });
                        *lock(away) =
                            answer.as_ref().err().map(|e| Away::after(before.as_ref(), e.clone(), Instant::now()));
                        lock(&answers).push((host, answer));
                    }
                });
            }
        });
        if job.stopped() {
            break;
        }
        let answers = into_inner(answers);
        let trouble = answers.iter().filter_map(|(_, a)| a.as_ref().err()).next_back();
        let answered = answers.iter().filter(|(_, a)| a.is_ok()).count();
        if let (0, Some(e)) = (answered, trouble) {
            return Err(e.clone());
        }
        job.info.change(|i| {
            if !up {
                i.up();
            }
            i.scans.iter_mut().for_each(|s| s[0] = begun.elapsed());
            if let Some(e) = trouble {
                i.unread += (hosts.len() - answered) as u64;
                i.trouble(format!("{answered} of {} miners answer: {e}", hosts.len()));
            }
        });
        up = true;
        let tags = endpoint.groups.iter().flat_map(|g| g.tags.clone());
        let readings: Vec<Reading> = tags.map(|t| reading(job, t, &answers)).collect();
        job.tell(Heard::Readings(readings));
        due = (due + period).max(Instant::now());
    }
    Ok(())
}

fn reading(job: &Job, tag: usize, answers: &[Answer]) -> Reading {
    let At::Miner { figure, fold } = &job.map.tags[tag].at else {
        return job.reading(tag, Err(Fault::Decode), None);
    };
    let of = |m: &Miner| match figure {
        Figure::RateThs => m.rate_ths,
        Figure::PowerW => m.power_w,
        Figure::ChipC => m.chip_c,
        Figure::Hashing => m.rate_ths.map(|r| f64::from(u8::from(r > 0.0))),
    };
    let mut parts = Parts::default();
    for (host, answer) in answers {
        // A miner that refuses, or says nothing of this, is not one that takes no power.
        parts.add(*host, answer.as_ref().ok().and_then(of));
        parts.estimated |= answer.as_ref().is_ok_and(|m| m.estimated);
    }
    // Of what is 1 or 0 the number is the sum.
    let fold = if matches!((figure, fold), (Figure::Hashing, Fold::Count)) { Fold::Sum } else { *fold };
    let whole = parts.fold(fold);
    job.remark(tag, whole.remark);
    Reading { said: whole.said, ..job.reading(tag, whole.raw, None) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acts::quality::Quality;
    use proptest::prelude::*;

    const MAP: &str = r#"(name: "s", source: "x", plant: (f0_hz: 60, v_nom: 480, rated_kw: 1), endpoints: [(name: "w",
        link: Cgminer(hosts: ["a:1"], ask: summary), groups: [(name: "g", period_ms: 100, tags: [
            (name: "power", at: Miner(figure: power_w), unit: "W", valid: (0, 1e9)),
            (name: "hashing", at: Miner(figure: hashing, fold: count), valid: (0, 99)),
        ])])])"#;

    #[test]
    fn a_miner_that_is_away_is_asked_less_and_less_often() {
        let (now, why) = (Instant::now(), Trouble::Link("away".to_owned()));
        let mut all = Vec::new();
        let mut away = None;
        for _ in 0..9 {
            let next = Away::after(away.as_ref(), why.clone(), now);
            all.push(next.pause.as_secs_f64());
            away = Some(next);
        }
        assert_eq!(all, [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]);
    }

    proptest! {
        /// Miners that answer, refuse, are away, or say only a part: what is Good is the truth of the whole fleet.
        #[test]
        fn good_is_the_figure_of_the_whole_fleet(fleet in proptest::collection::vec((0_u8..6, 0_u32..4000, any::<bool>()), 1..8)) {
            let (job, _from) = Job::of(MAP);
            let answer = |(how, watts, on): &(u8, u32, bool)| {
                let rate = if *on { 1e8 } else { 0.0 };
                let text = match how {
                    0 | 1 => format!(r#"{{"STATUS":[{{"STATUS":"S"}}],"SUMMARY":[{{"MHS av":{rate},"Power":{watts}}}]}}"#),
                    2 => r#"{"STATUS":"E","Msg":"invalid cmd"}"#.to_owned(),
                    3 => format!(r#"{{"STATUS":[{{"STATUS":"S"}}],"SUMMARY":[{{"Power":{watts}}}]}}"#),
                    4 => r#"{"STATUS":[{"STATUS":"S"}],"id":1}"#.to_owned(),
                    _ => return Err(Trouble::Link("away".to_owned())),
                };
                cgminer::read(text.as_bytes()).map_err(|e| Trouble::Protocol(e.to_string()))
            };
            let names: Vec<String> = (0..fleet.len()).map(|k| k.to_string()).collect();
            let answers: Vec<Answer> = names.iter().zip(&fleet).map(|(n, m)| (n.as_str(), answer(m))).collect();
            let [power, hashing] = [0, 1].map(|t| reading(&job, t, &answers));
            let watts = f64::from(fleet.iter().map(|m| m.1).sum::<u32>());
            let on = fleet.iter().filter(|m| m.2).count() as f64;
            prop_assert!(power.said != Quality::Good || power.raw == Ok(watts));
            prop_assert!(hashing.said != Quality::Good || hashing.raw == Ok(on));
            let whole = fleet.iter().all(|m| m.0 < 2);
            prop_assert!(!whole || (power.said, hashing.said) == (Quality::Good, Quality::Good));
        }
    }
}
