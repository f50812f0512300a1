//! The configuration file: what each channel is, how raw numbers become values, rates and dates.

use super::dat::Scale;
use super::{Coding, END, Record, Revision, Style};
use crate::utc;

/// Longest name of a station, a recorder or a part.
const NAME: usize = 64;
/// Longest unit.
const UNIT: usize = 32;

/// Clock of a computer, not checked: within 10 s. And no time at all.
const QUALITY: [char; 2] = ['B', 'F'];
/// The source does not know leap seconds.
const LEAP: u8 = 3;

/// Power of ten by which time stamps are divided, so that the last one fits.
pub(super) fn multiplier(last_us: i64, coding: Coding) -> i64 {
    let mut by = 1;
    while last_us / by > coding.last_stamp() {
        by *= 10;
    }
    by
}

/// Printable ASCII.
pub(super) fn printable(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            ' '..='~' => out.push(c),
            '°' => out.push_str("deg"),
            '–' | '−' => out.push('-'),
            'µ' | 'μ' => out.push('u'),
            '…' => out.push_str("..."),
            _ => out.push('?'),
        }
    }
    out
}

/// A field: without the comma that parts fields, at most `most` characters.
fn field(text: &str, most: usize) -> String {
    let mut out = printable(text).replace(',', ";");
    out.truncate(most);
    out.trim().to_owned()
}

pub(super) fn text(r: &Record, style: Style, scales: &[Scale], stamp: i64) -> String {
    let [year, longest] = match style.revision {
        Revision::Y1999 => [1999, 64],
        Revision::Y2013 => [2013, 128],
    };
    let mut lines = vec![format!("{},{},{year}", field(&r.station, NAME), field(&r.device, NAME))];
    let (na, nd) = (r.analog.len(), r.status.len());
    lines.push(format!("{},{na}A,{nd}D", na + nd));
    let reach = style.coding.reach();
    for (n, (a, s)) in r.analog.iter().zip(scales).enumerate() {
        let unit = if a.unit.is_empty() { "NONE".to_owned() } else { field(&a.unit, UNIT) };
        let (name, part) = (field(&a.name, longest), field(&a.part, NAME));
        lines.push(format!("{},{name},,{part},{unit},{:E},{:E},0,{},{reach},1,1,P", n + 1, s.a, s.b, -reach));
    }
    for (n, d) in r.status.iter().enumerate() {
        let (name, part) = (field(&d.name, longest), field(&d.part, NAME));
        lines.push(format!("{},{name},,{part},{}", n + 1, u8::from(d.normal)));
    }
    lines.push(format!("{}", r.f0_hz));
    match rate(&r.t_us) {
        Some(hz) => lines.extend(["1".to_owned(), format!("{hz},{}", r.t_us.len())]),
        None => lines.extend(["0".to_owned(), format!("0,{}", r.t_us.len())]),
    }
    let start_us = r.start_utc_us.unwrap_or(0);
    lines.push(date(start_us));
    lines.push(date(start_us + r.trigger_us));
    lines.push(style.coding.word().to_owned());
    lines.push(stamp.to_string());
    if style.revision == Revision::Y2013 {
        lines.push("0,x".to_owned());
        lines.push(format!("{},{LEAP}", QUALITY[usize::from(r.start_utc_us.is_none())]));
    }
    lines.iter().map(|l| format!("{l}{END}")).collect()
}

/// `dd/mm/yyyy,hh:mm:ss.ssssss`.
fn date(us: i64) -> String {
    utc::civil(us).strftime("%d/%m/%Y,%H:%M:%S%.6f").to_string()
}

/// Rows a second, when no row is further than a microsecond from its place.
fn rate(t_us: &[i64]) -> Option<f64> {
    let (first, last, n) = (*t_us.first()?, *t_us.last()?, t_us.len() as i64 - 1);
    if n < 1 || last <= first {
        return None;
    }
    let step_us = (last - first) as f64 / n as f64;
    let even = t_us.iter().enumerate().all(|(k, t)| ((t - first) as f64 - k as f64 * step_us).abs() <= 1.0);
    // 20, not 20.000000000000004.
    even.then(|| (1e6 / step_us * 1e6).round() / 1e6)
}
