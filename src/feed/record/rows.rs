//! A recording without a thread and without waiting: its rows one by one, as the hub makes them; and whether its readings
//! are judged today as they were on their day.

use std::time::Duration;

use super::playback::Playback;
use super::reader::{Reader, Was};
use crate::acts::Quality;
use crate::feed::intake::Intake as _;
use crate::feed::link::Heard;
use crate::feed::site::Site;
use crate::feed::tags::Taken;
use crate::store::Trouble;

/// Rows of the file that are read at once.
const AHEAD: usize = 512;

/// The rows of a recording.
pub struct Rows {
    playback: Playback,
    site: Site,
    heard: Vec<Heard>,
    from_s: f64,
}

impl Rows {
    /// Those from `from_s` on, s since the rows of the recording began.
    #[must_use]
    pub fn new(reader: Reader, from_s: f64) -> Self {
        let mut playback = Playback::new(reader);
        let controls = playback.controls();
        controls.hurry();
        if from_s > controls.extent_s()[0] {
            controls.seek(from_s);
        }
        // The first look at the time gives nothing to hear; then it goes from row to row.
        playback.take(Duration::ZERO, &mut Vec::new());
        Self { site: Site::new(playback.map()), playback, heard: Vec::new(), from_s }
    }

    /// The recording.
    #[must_use]
    pub fn reader(&self) -> &Reader {
        self.playback.reader()
    }

    /// The next row: its time, s since the rows of the recording began, its values, and their qualities.
    pub fn next_row(&mut self) -> Option<(f64, &[f64], &[Quality])> {
        let origin_s = self.reader().header().origin_s;
        let controls = self.playback.controls();
        while !controls.ended() {
            let now_s = self.playback.take(Duration::ZERO, &mut self.heard);
            for heard in self.heard.drain(..) {
                self.site.hear(&heard, &mut |_, _| ());
            }
            // Whole microseconds: 0.3, not 0.30000000000000004.
            let t_s = ((now_s - origin_s) * 1e6).round() / 1e6;
            if t_s >= self.from_s {
                let (values, qualities) = self.site.row(now_s);
                return Some((t_s, values, qualities));
            }
        }
        None
    }
}

/// A reading that is judged otherwise than on its day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Otherwise {
    /// When it was heard, s since the rows of the recording began.
    pub t_s: f64,
    /// Its tag.
    pub tag: usize,
    /// What became of it then, and now.
    pub then: (Taken, Quality),
    /// Now.
    pub now: (Taken, Quality),
}

/// What a recording holds, and how it is judged today.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judgement {
    /// Readings.
    pub readings: u64,
    /// Links that were lost.
    pub lost: u64,
    /// Readings that are judged otherwise.
    pub otherwise: u64,
    /// The first of these.
    pub first: Option<Otherwise>,
    /// What the recorder had to say: time, kind and text.
    pub notes: Vec<(f64, String, String)>,
}

/// Judges all readings again. What a tag was before the recording began is not known, so a tag counts from its first
/// value that was accepted then and now.
///
/// # Errors
/// If a file cannot be read.
pub fn judge(reader: &Reader) -> Result<Judgement, Trouble> {
    let map = reader.map();
    let origin_s = reader.header().origin_s;
    let mut site = Site::new(std::sync::Arc::clone(map));
    let mut known = vec![false; map.tags.len()];
    let mut out = Judgement::default();
    let mut n = 0;
    loop {
        let rows = reader.rows(n, AHEAD)?;
        let Some(last) = rows.last() else { return Ok(out) };
        n = last.n + 1;
        for kept in rows {
            let t_s = kept.at_s - origin_s;
            let (heard, then) = match kept.was {
                Was::Note(kind, text) => {
                    out.notes.push((t_s, kind, text));
                    continue;
                }
                Was::Heard(heard, then) => (heard, then),
            };
            let mut taken = Vec::new();
            site.hear(&heard, &mut |_, t| taken.push(t));
            let Heard::Readings(all) = &heard else {
                out.lost += 1;
                continue;
            };
            for ((r, then), taken) in all.iter().zip(then).zip(taken) {
                out.readings += 1;
                let now = (taken, site.tags().own(r.tag));
                let Some(known) = known.get_mut(r.tag) else { continue };
                if *known && now != then {
                    out.otherwise += 1;
                    out.first.get_or_insert(Otherwise { t_s, tag: r.tag, then, now });
                }
                *known |= taken == Taken::Current && then.0 == Taken::Current;
            }
        }
    }
}
