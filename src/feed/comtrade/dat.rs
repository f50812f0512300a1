//! The data file: number, time stamp and values of each row.

use std::fmt::Write as _;

use super::{Coding, END, Record};

/// Raw code of a number that is not there, since 1999; that of 1991 was another.
const MISSING_TEXT: &str = "99999";
const MISSING_16: i16 = i16::MIN;
const MISSING_32: i32 = i32::MIN;

/// From a raw number to its value: `a * raw + b`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    pub(super) a: f64,
    pub(super) b: f64,
    reach: f64,
}

impl Scale {
    /// Whole numbers stay what they are; others use the full reach of the coding.
    pub(super) fn of(values: &[f64], coding: Coding) -> Self {
        let reach = coding.reach();
        let there = || values.iter().copied().filter(|v| v.is_finite());
        if there().all(|v| v.fract() == 0.0 && v.abs() <= reach) {
            return Self { a: 1.0, b: 0.0, reach };
        }
        let (lo, hi) = there().fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), v| (lo.min(v), hi.max(v)));
        let (a, b) = ((hi - lo) / (2.0 * reach), f64::midpoint(lo, hi));
        // A value that never moves, or whose range a double cannot divide.
        if a.is_normal() { Self { a, b, reach } } else { Self { a: 1.0, b: lo, reach } }
    }

    fn raw(self, value: f64) -> Option<f64> {
        let raw = ((value - self.b) / self.a).round().clamp(-self.reach, self.reach);
        // -0 would be printed with its sign.
        value.is_finite().then_some(raw + 0.0)
    }
}

pub(super) fn bytes(r: &Record, coding: Coding, scales: &[Scale], stamp: i64) -> Vec<u8> {
    let mut text = String::new();
    let mut out = Vec::new();
    for (row, t_us) in r.t_us.iter().enumerate() {
        let n = row + 1;
        let time = t_us / stamp;
        let raws = r.analog.iter().zip(scales).map(|(a, s)| a.values.get(row).and_then(|v| s.raw(*v)));
        let bits = r.status.iter().map(|d| d.values.get(row).copied().unwrap_or(d.normal));
        if coding == Coding::Ascii {
            text.clear();
            // Writing to a text does not fail.
            write!(text, "{n},{time}").ok();
            for raw in raws {
                text.push(',');
                match raw {
                    Some(raw) => write!(text, "{raw}").ok(),
                    None => write!(text, "{MISSING_TEXT}").ok(),
                };
            }
            bits.for_each(|b| text.push_str(if b { ",1" } else { ",0" }));
            text.push_str(END);
            out.extend_from_slice(text.as_bytes());
            continue;
        }
        out.extend_from_slice(&(n as u32).to_le_bytes());
        out.extend_from_slice(&(time as u32).to_le_bytes());
        for raw in raws {
            match coding {
                Coding::Binary32 => out.extend_from_slice(&raw.map_or(MISSING_32, |x| x as i32).to_le_bytes()),
                _ => out.extend_from_slice(&raw.map_or(MISSING_16, |x| x as i16).to_le_bytes()),
            }
        }
        let bits: Vec<bool> = bits.collect();
        for group in bits.chunks(16) {
            let word = group.iter().enumerate().fold(0_u16, |w, (i, b)| w | u16::from(*b) << i);
            out.extend_from_slice(&word.to_le_bytes());
        }
    }
    out
}
