//! A web server with Prometheus text: one GET a period for all tags of a group.

use std::time::{Duration, Instant};

use super::{Heard, Job};
use crate::acts::Quality;
use crate::acts::quality::{Doubt, Fault};
use crate::feed::map::{At, Fold, Link};
use crate::feed::parts::{Parts, list};
use crate::feed::prom::{self, Sample, Text};
use crate::feed::tags::Reading;
use crate::feed::wire::{Http, Trouble};

/// From here on a watt or a degree is a code of the exporter for "blank": the 64-bit one, the 32-bit one, the one of
/// floating point.
const BLANK: [(f64, f64); 3] =
    [(9.0e18, 1.0e19), (2_147_483_632.0, 2_147_483_647.0), (140_737_488_355_328.0, 140_737_488_355_332.0)];
/// Labels that say which device a sample is of: the exporters of GPUs repeat a device once for each of its instances, pods
/// and virtual GPUs, and a server that gathers them once for each time that it asks.
const DEVICE: [&str; 2] = ["UUID", "uuid"];

pub(super) fn session(job: &Job) -> Result<(), Trouble> {
    let endpoint = &job.map.endpoints[job.endpoint];
    let Link::Http { url, ca, timeout_ms } = &endpoint.link else { return Ok(()) };
    let server = Http::new(url, ca.as_deref(), Duration::from_millis(u64::from(*timeout_ms)), job.sent.clone())?;
    let Some(period) = endpoint.groups.iter().map(|g| g.period_ms).min() else { return Ok(()) };
    let period = Duration::from_millis(u64::from(period));
    let (mut due, mut up) = (Instant::now(), false);
    let mut most = vec![Vec::new(); job.map.tags.len()];
    while job.rest(due) {
        let begun = Instant::now();
        let page = server.get()?;
        let took = begun.elapsed();
        let mut text = prom::read(&page.text);
        text.cut |= page.open_metrics && !text.eof;
        job.info.change(|i| {
            if !up {
                i.up();
            }
            i.trip(took);
            i.unread += text.unread.len() as u64;
            if let Some((line, _)) = text.unread.first() {
                i.trouble(format!("line {line} of the page cannot be read"));
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

/// `most` names the parts that the tag had when it had the most of them on this connection.
fn reading(job: &Job, tag: usize, text: &Text, most: &mut Vec<String>) -> Reading {
    let At::Metric { name, labels, fold, per } = &job.map.tags[tag].at else {
        return job.reading(tag, Err(Fault::Decode), None);
    };
    let (mut parts, mut t_s) = (Parts::default(), None);
    for s in text.samples.iter().filter(|s| s.name == name && s.matches(labels)) {
        t_s = s.t_s.into_iter().chain(t_s).reduce(f64::max);
        let blank = s.value.is_nan() || BLANK.iter().any(|(lo, hi)| (*lo..=*hi).contains(&s.value));
        parts.add(part(s, per), (!blank).then_some(s.value));
    }
    parts.lost = match text.lost(name) {
        Some(line) => Some(format!("line {line} of the page cannot be read")),
        None => text.cut.then(|| "the page was cut off".to_owned()),
    };
    let mut whole = parts.fold(*fold);
    if parts.len() >= most.len() {
        *most = parts.names().cloned().collect();
    } else if whole.said == Quality::Good && !matches!(fold, Fold::Count) {
        // A GPU that fell out: what is left is a value, but not of all. A count says it by itself.
        let gone: Vec<&str> = most.iter().filter(|n| !parts.names().any(|p| p == *n)).map(String::as_str).collect();
        (whole.said, whole.remark) = (Quality::Uncertain(Doubt::Partial), format!("without {}", list(&gone)));
    }
    job.remark(tag, whole.remark);
    Reading { said: whole.said, ..job.reading(tag, whole.raw, t_s) }
}

/// What a sample is of: the labels that the map names, the device where one is named, or else all that it carries.
fn part(s: &Sample, per: &[String]) -> String {
    // A sample that lacks one of them is told apart by all that it has, for it is none of the same.
    let named: Option<Vec<&str>> = per.iter().map(|label| s.label(label)).collect();
    if let Some(named) = named.filter(|n| !n.is_empty()) {
        return named.join(" ");
    }
    let device = DEVICE.iter().find_map(|l| s.label(l)).filter(|d| !d.is_empty() && per.is_empty());
    if let Some(device) = device {
        return device.to_owned();
    }
    s.labels.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MAP: &str = r#"(name: "s", source: "x", plant: (f0_hz: 60, v_nom: 480, rated_kw: 1), endpoints: [(name: "w",
        link: Http(url: "http://h:1/"), groups: [(name: "g", period_ms: 100, tags: [
            (name: "sum", at: Metric(name: "p"), valid: (0, 9)),
            (name: "most", at: Metric(name: "p", fold: max), valid: (0, 9)),
            (name: "count", at: Metric(name: "p", fold: count), valid: (0, 9)),
            (name: "slices", at: Metric(name: "p", per: ["UUID", "slice"]), valid: (0, 9)),
        ])])])"#;

    const PARTIAL: Quality = Quality::Uncertain(Doubt::Partial);

    /// What the four tags make of each page, in one connection.
    fn read(pages: &[&str]) -> Vec<[(Result<f64, Fault>, Quality); 4]> {
        let (job, _from) = Job::of(MAP);
        let mut most = vec![Vec::new(); 4];
        let one = |page: &&str| {
            let text = prom::read(page);
            [0, 1, 2, 3].map(|t| reading(&job, t, &text, &mut most[t])).map(|r| (r.raw, r.said))
        };
        pages.iter().map(one).collect()
    }

    #[test]
    fn regress_a_sum_without_one_of_its_parts_does_not_look_whole() {
        let whole = "p{g=\"0\"} 1\np{g=\"1\"} 2\n";
        let seen = read(&[
            whole,
            "p{g=\"0\"} 1\np{g=\"1\"",
            "p{g=\"0\"} 1\np{g=\"1\"} 9223372036854775794\n",
            "p{g=\"0\"} 1\n",
            "p{g=\"0\"} 1\np{g=\"1\"} one\nq 1 2 3\n",
            "p{g=\"0\"} 1\np{g=\"1\"} 2\nq one\n",
        ]);
        assert_eq!(seen[0][..3], [3.0, 2.0, 2.0].map(|x| (Ok(x), Quality::Good)));
        for (page, what) in [(1, "cut off"), (2, "a code for blank"), (4, "a line that cannot be read")] {
            assert!(seen[page].iter().all(|(raw, said)| raw.is_ok() && *said == PARTIAL), "{what}: {:?}", seen[page]);
        }
        assert_eq!(seen[3][2], (Ok(1.0), Quality::Good), "a count says by itself that one is gone");
        assert_eq!(seen[3][0], (Ok(1.0), PARTIAL));
        assert_eq!(seen[5], seen[0].clone(), "a line of another metric is none of this");
    }

    #[test]
    fn regress_a_device_is_counted_once_however_often_it_is_told() {
        let page = "p{UUID=\"a\",slice=\"1\"} 2\np{UUID=\"a\",slice=\"2\"} 2\np{UUID=\"b\",slice=\"1\"} 3\n";
        assert_eq!(read(&[page])[0][..3], [5.0, 3.0, 2.0].map(|x| (Ok(x), Quality::Good)));
        assert_eq!(read(&[page])[0][3], (Ok(7.0), Quality::Good), "where the map says that each slice is a part");
        let apart = "p{UUID=\"a\",slice=\"1\"} 2\np{UUID=\"a\",slice=\"2\"} 1\n";
        assert_eq!(read(&[apart])[0][0].1, Quality::Uncertain(Doubt::Contradicted));
        let twice = "p{g=\"0\"} 1\np{g=\"0\"} 1\n";
        assert_eq!(read(&[twice])[0][0], (Ok(1.0), Quality::Good), "a series that stands twice");
    }

    proptest! {
        /// Devices in instances, some told twice, blank, garbled or lost with the end of the page: what is Good is the truth.
        #[test]
        fn good_is_the_sum_of_all_devices(
            devices in proptest::collection::vec((1_u32..5, 0_u32..9), 1..6),
            harm in proptest::collection::vec((0_usize..20, 0_u8..4), 0..3),
            keep in 0_usize..400,
        ) {
            let mut lines = Vec::new();
            for (d, (instances, watts)) in devices.iter().enumerate() {
                lines.extend((0..*instances).map(|i| format!("p{{UUID=\"{d}\",i=\"{i}\"}} {watts}\n")));
            }
            for (at, how) in harm {
                let at = at % lines.len();
                match how {
                    0 => lines[at] = lines[at].replace("} ", "} NaN # "),
                    1 => lines[at] = lines[at].replace('}', "\u{0}"),
                    2 => lines.push(lines[at].clone()),
                    _ => lines[at] = lines[at].replace("} ", "} x"),
                }
            }
            let page: String = lines.concat().chars().take(keep).collect();
            // an end at the end of a line cannot be told from a page that is whole; the length of the answer tells
            let whole = page.len() == lines.concat().len();
            let [sum, _, count, _] = read(&[&page])[0];
            if whole || !page.ends_with('\n') {
                let truth = f64::from(devices.iter().map(|d| d.1).sum::<u32>());
                prop_assert!(sum.1 != Quality::Good || sum.0 == Ok(truth) || sum.0.is_err(), "{:?} of {}", sum, page);
                prop_assert!(count.1 != Quality::Good || count.0 == Ok(devices.len() as f64) || count.0.is_err());
            }
        }
    }
}
