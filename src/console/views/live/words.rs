//! Figures of a site in words, and all of them as one text for a report to whoever looks after the devices.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::console::fmt;
use crate::feed::SiteView;
use crate::feed::hub::{Figures, LinkNow};
use crate::feed::link::{Info, Phase};
use crate::feed::map::{At, Link};
use crate::feed::modbus::Order;

/// `4.1 s`, `2 min 05 s`; a dash before the first value.
#[must_use]
pub fn age(s: f64) -> String {
    fmt::duration(s)
}

/// Milliseconds with a sensible number of digits.
#[must_use]
pub fn ms(s: f64) -> String {
    let ms = 1000.0 * s;
    format!("{} ms", fmt::num(ms, usize::from(ms.abs() < 10.0)))
}

/// Median, 95 %, longest.
#[must_use]
pub fn figures(f: Figures) -> String {
    let decimals = usize::from(f.max_s < 0.01);
    let [a, b, c] = [f.p50_s, f.p95_s, f.max_s].map(|s| fmt::num(1000.0 * s, decimals));
    format!("{a} / {b} / {c} ms")
}

/// How far a source's clock is ahead of ours: arrival less its time, the other way round.
#[must_use]
pub fn skew(least_s: f64) -> String {
    let ahead_s = -least_s;
    if ahead_s.abs() < 1.0 {
        format!("{} ms", fmt::signed(1000.0 * ahead_s, 0))
    } else {
        format!("{} s", fmt::signed(ahead_s, 1))
    }
}

/// A measured value with about five digits; a whole number as one.
#[must_use]
pub fn value(x: f64) -> String {
    if !x.is_finite() {
        return "–".to_owned();
    }
    let digits = x.abs().max(1.0).log10().floor() as usize;
    let decimals = if x.fract() == 0.0 { 0 } else { 4_usize.saturating_sub(digits).min(3) };
    fmt::num(x, decimals)
}

/// Time of day of seconds since 1970, to the millisecond.
#[must_use]
pub fn wall(s: f64) -> String {
    if !s.is_finite() || s < 0.0 {
        return "–".to_owned();
    }
    let ms = (s * 1000.0).round() as u64;
    format!("{:02}:{:02}:{:02}.{:03} UTC", ms / 3_600_000 % 24, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000)
}

/// Bytes, `1.2 MB`.
#[must_use]
pub fn bytes(n: u64) -> String {
    match n {
        0..10_000 => format!("{n} B"),
        10_000..10_000_000 => format!("{} kB", fmt::num(n as f64 / 1e3, 0)),
        _ => format!("{} MB", fmt::num(n as f64 / 1e6, 1)),
    }
}

/// Protocol of a link.
#[must_use]
pub fn protocol(link: &Link) -> &'static str {
    match link {
        Link::Modbus { sunspec: None, .. } => "Modbus TCP",
        Link::Modbus { .. } => "SunSpec",
        Link::Mqtt { tls: false, .. } => "MQTT",
        Link::Mqtt { .. } => "MQTT, TLS",
        Link::Http { url, .. } if url.starts_with("https") => "HTTPS GET",
        Link::Http { .. } => "HTTP GET",
        Link::Cgminer { .. } => "cgminer",
    }
}

/// Where a link goes.
#[must_use]
pub fn address(link: &Link) -> String {
    match link {
        Link::Modbus { host, unit, .. } => format!("{host}, unit {unit}"),
        Link::Mqtt { host, .. } => host.clone(),
        Link::Http { url, .. } => url.clone(),
        Link::Cgminer { hosts, .. } => match hosts.as_slice() {
            [one] => one.clone(),
            many => format!("{} miners", many.len()),
        },
    }
}

/// State of a link in a word or two.
#[must_use]
pub fn state(link: &LinkNow) -> &'static str {
    match link.info.as_ref().map(|i| i.phase) {
        None => "recorded",
        Some(Phase::Connecting) => "connecting",
        Some(Phase::Up) => "up",
        Some(Phase::Waiting(_)) => "down",
        Some(Phase::Stopped) => "stopped",
    }
}

/// When the next attempt comes.
#[must_use]
pub fn next_attempt(info: &Info) -> String {
    match info.phase {
        Phase::Waiting(at) => format!("in {}", seconds(at.saturating_duration_since(Instant::now()))),
        Phase::Connecting => "now".to_owned(),
        Phase::Up | Phase::Stopped => "–".to_owned(),
    }
}

/// A duration of a link.
#[must_use]
pub fn seconds(d: Duration) -> String {
    fmt::duration(d.as_secs_f64())
}

/// What was asked, by kind.
#[must_use]
pub fn sent(info: &Info) -> String {
    let all: Vec<String> = info.sent.counts().filter(|(_, n)| *n > 0).map(|(k, n)| format!("{k} ×{n}")).collect();
    if all.is_empty() { "nothing yet".to_owned() } else { all.join(", ") }
}

/// Refusals of a device by code.
#[must_use]
pub fn exceptions(info: &Info) -> String {
    let all: Vec<String> = info.exceptions.iter().map(|(code, n)| format!("code {code} ×{n}")).collect();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

/// Period of a group, asked and got.
#[must_use]
pub fn scan([took, period]: [Duration; 2]) -> String {
    format!("{} of {}", ms(took.as_secs_f64()), ms(period.as_secs_f64()))
}

/// Whether the last scan of a group took longer than its period.
#[must_use]
pub fn overruns([took, period]: [Duration; 2]) -> bool {
    took > period
}

/// A byte order as maps write it.
#[must_use]
pub fn order(o: Order) -> &'static str {
    match o {
        Order::Abcd => "ABCD",
        Order::Cdab => "CDAB",
        Order::Badc => "BADC",
        Order::Dcba => "DCBA",
    }
}

/// Where a tag stands in its device.
#[must_use]
pub fn place(at: &At) -> String {
    match at {
        At::Reg { table, address, kind, order: o, .. } => format!("{table:?} {address}, {kind:?}, {}", order(*o)),
        At::Bit { table, address } => format!("{table:?} {address}"),
        At::SunSpec { model, point, kind, .. } => format!("model {model}, point {point}, {kind:?}"),
        At::Json { topic, pointer, .. } => format!("{topic}  {pointer}"),
        At::Sparkplug { group, node, device, metric } => format!("{group}/{node}/{device}  {metric}"),
        At::Metric { name, labels, fold, .. } => {
            let labels: Vec<String> = labels.iter().map(|(k, v)| format!("{k}={v}")).collect();
            format!(
                "{name} {}{fold:?}",
                if labels.is_empty() { String::new() } else { format!("{{{}}} ", labels.join(",")) }
            )
        }
        At::Miner { figure, fold } => format!("{figure:?}, {fold:?}"),
    }
}

/// All that is known of a site, as text.
#[must_use]
pub fn diagnostics(site: &SiteView) -> String {
    let mut out = String::new();
    let map = &site.map;
    let [up, all] = site.links_up();
    // writing to a text cannot fail
    let mut line = |text: String| writeln!(out, "{text}").unwrap_or_default();
    line(format!("ballast {}: site {}, {}", env!("CARGO_PKG_VERSION"), map.name, map.source));
    line(format!("map sha256 {}", map.sha256));
    line(format!("t {:.1} s, {} rows, {up} of {all} links up", site.t_s, site.rows));
    let [good, uncertain, stale, bad, never] = site.tally();
    line(format!("tags: {good} good, {uncertain} uncertain, {stale} stale, {bad} bad, {never} never"));
    for (end, link) in map.endpoints.iter().zip(&site.links) {
        line(format!("\n{}: {} {}", end.name, protocol(&end.link), address(&end.link)));
        for (label, value) in facts(link) {
            line(format!("  {label}: {value}"));
        }
        let groups = end.groups.iter().flat_map(|g| g.tags.clone());
        for (tag, now) in groups.filter_map(|t| Some((map.tags.get(t)?, site.tags.get(t)?))) {
            let (q, unit) = (now.now.quality, tag.unit.name());
            line(format!("  {} {} {} {unit}, {q}, age {}", q.glyph(), tag.name, value(now.now.value), age(now.age_s)));
        }
    }
    out
}

/// Figures of a link: label and value.
#[must_use]
pub fn facts(link: &LinkNow) -> Vec<(&'static str, String)> {
    let mut all = vec![("State", state(link).to_owned())];
    if let Some(i) = &link.info {
        let trips = i.trips_ms().map_or_else(
            || "none yet".to_owned(),
            |[a, b, c]| figures(Figures { p50_s: a / 1e3, p95_s: b / 1e3, max_s: c / 1e3 }),
        );
        let [out, into] = i.sent.bytes();
        all.extend([
            ("For", seconds(i.since.elapsed())),
            ("Next attempt", next_attempt(i)),
            ("Connects, losses", format!("{}, {}", i.connects, i.losses)),
            ("Time-outs", i.timeouts.to_string()),
            ("Refusals", exceptions(i)),
            ("Late, bad, dropped", format!("{}, {}, {}", i.late, i.unread, i.dropped)),
            ("Round trip 50/95/max", trips),
            ("Bytes out, in", format!("{}, {}", bytes(out), bytes(into))),
            ("Asked", sent(i)),
        ]);
        all.extend(i.scans.iter().map(|s| ("Scan", scan(*s))));
    }
    all.push(("Clock ahead of ours", link.skew_s.map_or_else(|| "no time stamps".to_owned(), skew)));
    if let Some(d) = link.delay {
        all.push(("Stamp to arrival", figures(d)));
    }
    if let Some(e) = link.info.as_ref().and_then(|i| i.last_error.clone()) {
        all.push(("Last trouble", e));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_as_a_person_would_write_them() {
        assert_eq!(
            (value(59.941_23), value(805.27), value(-12_345.6), value(f64::NAN)),
            ("59.941".into(), "805.27".into(), "\u{2212}12346".into(), "–".into())
        );
        assert_eq!((ms(0.0042), ms(0.234)), ("4.2 ms".to_owned(), "234 ms".to_owned()));
        assert_eq!((skew(-0.012), skew(3600.0)), ("+12 ms".to_owned(), "\u{2212}3600.0 s".to_owned()));
        assert_eq!(wall(3_723.004_5), "01:02:03.005 UTC");
        assert_eq!((bytes(900), bytes(45_000), bytes(12_300_000)), ("900 B".into(), "45 kB".into(), "12.3 MB".into()));
    }
}
