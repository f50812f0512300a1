//! A web server with Prometheus text: one GET a period for all tags of a group.

use std::time::{Duration, Instant};

use super::{Heard, Job};
use crate::acts::Quality;
use crate::acts::quality::{Doubt, Fault};
use crate::feed::map::{At, Fold, Link};
use crate::feed::prom::{self, Text};
use crate::feed::tags::Reading;
use crate::feed::wire::{Http, Trouble};

/// From here on a watt or a degree is a code of the exporter for "blank": the 64-bit one, the 32-bit one, the one of
/// floating point.
const BLANK: [(f64, f64); 3] =
    [(9.0e18, 1.0e19), (2_147_483_632.0, 2_147_483_647.0), (140_737_488_355_328.0, 140_737_488_355_332.0)];

pub(super) fn session(job: &Job) -> Result<(), Trouble> {
    let endpoint = &job.map.endpoints[job.endpoint];
    let Link::Http { url, ca, timeout_ms } = &endpoint.link else { return Ok(()) };
    let server = Http::new(url, ca.as_deref(), Duration::from_millis(u64::from(*timeout_ms)), job.sent.clone())?;
    let Some(period) = endpoint.groups.iter().map(|g| g.period_ms).min() else { return Ok(()) };
    let period = Duration::from_millis(u64::from(period));
    let (mut due, mut up) = (Instant::now(), false);
    let mut most = vec![0; job.map.tags.len()];
    while job.rest(due) {
        let begun = Instant::now();
        let page = server.get()?;
        let took = begun.elapsed();
        let text = prom::read(&page);
        job.info.change(|i| {
            if !up {
                i.up();
            }
            i.trip(took);
            i.unread += text.bad as u64;
            if let Some(line) = text.first_bad {
                i.last_error = Some(format!("line {line} of the page cannot be read"));
            }
            i.scans.iter_mut().for_each(|s| s[0] = took);
        });
        up = true;
        let tags = endpoint.groups.iter().flat_map(|g| g.tags.clone());
        let readings: Vec<Reading> = tags.map(|t| reading(job, t, &text, &mut most[t])).collect();
        job.tell(Heard::Readings(readings));
        due = (due + period).max(Instant::now());
    }
    Ok(())
}

/// `most` is the largest number of samples that the tag has had on this connection.
fn reading(job: &Job, tag: usize, text: &Text, most: &mut usize) -> Reading {
    let At::Metric { name, labels, fold } = &job.map.tags[tag].at else {
        return job.reading(tag, Err(Fault::Decode), None);
    };
    let (mut values, mut blank, mut t_ms) = (Vec::new(), false, None);
    for s in text.samples.iter().filter(|s| s.name == name && s.matches(labels)) {
        t_ms = t_ms.max(s.t_ms);
        if s.value.is_nan() || BLANK.iter().any(|(lo, hi)| (*lo..=*hi).contains(&s.value)) {
            blank = true;
        } else {
            values.push(s.value);
        }
    }
    let raw = match fold_all(&values, *fold) {
        // A sum without one of its parts would be too small and look right.
        _ if blank && matches!(fold, Fold::Sum) => Err(Fault::NotAvailable),
        None if blank => Err(Fault::NotAvailable),
        None => Err(Fault::Missing),
        Some(x) => Ok(x),
    };
    let mut r = job.reading(tag, raw, t_ms.map(|t| t as f64 / 1000.0));
    // A page that was cut off, or a GPU that fell out: what is left is a value, but not of all.
    if values.len() < *most && !matches!(fold, Fold::Count) {
        r.said = Quality::Uncertain(Doubt::Partial);
    }
    *most = values.len().max(*most);
    r
}

/// One value of several; none of none.
pub(super) fn fold_all(values: &[f64], fold: Fold) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    Some(match fold {
        Fold::Sum => values.iter().sum(),
        Fold::Max => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        Fold::Mean => values.iter().sum::<f64>() / values.len() as f64,
        Fold::Count => values.len() as f64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAP: &str = r#"(name: "s", source: "x", plant: (f0_hz: 60, v_nom: 480, rated_kw: 1), endpoints: [(name: "w",
        link: Http(url: "http://h:1/"), groups: [(name: "g", period_ms: 100, tags: [
            (name: "sum", at: Metric(name: "p"), valid: (0, 9)),
            (name: "most", at: Metric(name: "p", fold: max), valid: (0, 9)),
            (name: "count", at: Metric(name: "p", fold: count), valid: (0, 9)),
        ])])])"#;

    #[test]
    fn regress_a_sum_without_one_of_its_parts_does_not_look_whole() {
        let (job, _from) = Job::of(MAP);
        let mut most = [0; 3];
        let mut read = |page: &str| [0, 1, 2].map(|t| reading(&job, t, &prom::read(page), &mut most[t]));
        let whole = read("p{g=\"0\"} 1\np{g=\"1\"} 2\n");
        assert_eq!(whole.map(|r| (r.raw, r.said)), [3.0, 2.0, 2.0].map(|x| (Ok(x), Quality::Good)));
        let part = read("p{g=\"0\"} 1\np{g=\"1\"");
        let partial = Quality::Uncertain(Doubt::Partial);
        assert_eq!(part.map(|r| r.said), [partial, partial, Quality::Good], "a count says it by itself");
        // a code for "blank" leaves no sum at all, and the largest of the rest only
        let blank = read("p{g=\"0\"} 1\np{g=\"1\"} 9223372036854775794\n");
        assert_eq!((blank[0].raw, blank[1].raw), (Err(Fault::NotAvailable), Ok(1.0)));
        assert_eq!(blank[1].said, partial);
    }
}
