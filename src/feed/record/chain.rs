//! A chain of hashes through all that was heard: a row that was altered, added or taken out later shows.
//!
//! Each row carries the SHA-256 of the hash before it and of everything that it says, its readings included; the chain runs
//! on through the files of a series. Whoever notes the last hash elsewhere can prove that the recording is the one of then.

use sha2::{Digest as _, Sha256};

use super::code;
use super::reader::{Kept, Reader, Was};
use super::schema::{Header, Judged, LOST, Line, READINGS};
use crate::acts::quality::Quality;
use crate::feed::link::Heard;
use crate::store::Trouble;

/// A link of the chain.
pub(super) type Hash = [u8; 32];

/// Rows of the file that are read at once.
const AHEAD: usize = 512;

/// What the first row of a series is linked to: its name and its map.
pub(super) fn genesis(h: &Header) -> Hash {
    let mut sha = Sha256::new();
    for text in ["ballast recording", &h.series, &h.map_hash] {
        sha.update((text.len() as u64).to_be_bytes());
        sha.update(text.as_bytes());
    }
    sha.finalize().into()
}

/// The hash of a row behind the one of the row before.
pub(super) fn link(before: &Hash, n: u64, at_s: f64, wall_us: i64, line: &Line) -> Hash {
    let mut sha = Sha256::new();
    sha.update(before);
    let mut whole = |x: i64| sha.update(x.to_be_bytes());
    whole(n as i64);
    whole(number(at_s));
    whole(wall_us);
    match line {
        Line::Lost(endpoint) => {
            whole(*endpoint as i64);
            sha.update(LOST.as_bytes());
        }
        Line::Note(kind, text) => {
            whole(text.len() as i64);
            sha.update(kind.as_bytes());
            sha.update(text.as_bytes());
        }
        Line::Readings(all) => {
            for Judged { reading: r, taken, quality } in all {
                whole(r.tag as i64);
                whole(r.raw.map_or_else(|f| code::of_quality(Quality::Bad(f)), number));
                whole(i64::from(r.raw.is_ok()));
                r.words.get().iter().for_each(|w| whole(i64::from(*w)));
                r.t_src_s.iter().for_each(|t| whole(number(*t)));
                whole(i64::from(r.t_src_s.is_some()) + 2 * r.words.get().len() as i64);
                whole(number(r.t_arr_s));
                whole(number(r.mono_s));
                whole(code::of_quality(r.said));
                whole(code::of_taken(*taken));
                whole(code::of_quality(*quality));
            }
            sha.update(READINGS.as_bytes());
        }
    }
    sha.finalize().into()
}

/// The bits of a number as the file keeps it: there is one zero and one NaN.
fn number(x: f64) -> i64 {
    (if x.is_nan() { f64::NAN } else { x + 0.0 }).to_bits() as i64
}

/// What came of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Rows that are as they were written, from the start.
    pub rows: u64,
    /// The first row that is not, and why.
    pub altered: Option<(u64, String)>,
    /// Rows of a file that an earlier version wrote, which has no chain.
    pub unchained: u64,
    /// Hash of the last sound row, in hex; empty without any.
    pub last: String,
}

/// Reads all of a recording and says whether it is as it was written.
///
/// # Errors
/// If a file cannot be read.
pub fn verify(reader: &Reader) -> Result<Verdict, Trouble> {
    let mut out = Verdict::default();
    let (mut n, mut before, mut next): (u64, Option<Hash>, Option<u64>) = (0, None, None);
    loop {
        let (begins, rows) = reader.linked(n, AHEAD)?;
        let Some(last) = rows.last().map(|(k, _)| k.n) else { return Ok(out) };
        n = last + 1;
        for (kept, stored) in rows {
            let Some(stored) = stored else {
                out.unchained += 1;
                continue;
            };
            let altered = |what: &str| Some((kept.n, what.to_owned()));
            if next.is_some_and(|next| next != kept.n) {
                out.altered = altered("rows before it are missing");
                return Ok(out);
            }
            let hash = link(&before.unwrap_or(begins), kept.n, kept.at_s, kept.t_wall_utc_us, &line(&kept));
            if hash != stored {
                out.altered = altered("it is not as it was written");
                return Ok(out);
            }
            (before, next) = (Some(hash), Some(kept.n + 1));
            out.rows += 1;
            out.last = hex::encode(hash);
        }
    }
}

/// A row as it was put down.
fn line(kept: &Kept) -> Line {
    match &kept.was {
        Was::Note(kind, text) => Line::Note(kind.clone().into(), text.clone()),
        Was::Heard(Heard::Lost(endpoint), _) => Line::Lost(*endpoint),
        Was::Heard(Heard::Readings(all), judged) => {
            let one = |(r, (taken, quality)): (&_, &_)| Judged { reading: *r, taken: *taken, quality: *quality };
            Line::Readings(all.iter().zip(judged).map(one).collect())
        }
    }
}
