//! The hash of a line: SHA-256 over the hash of the line before, the kind of line, its number and its fields.
//!
//! Every field goes in with its length or as eight bytes, so that no two lines have the same bytes. The first line
//! stands on the hash of header and signals.

use sha2::{Digest as _, Sha256};

use super::Header;
use super::entry::{Act, Entry};
use super::rows::Chunk;

/// SHA-256.
pub type Hash = [u8; 32];

/// A line of the file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FileLine {
    /// Something happened.
    Entry(Entry),
    /// Somebody did something.
    Act(Act),
    /// Recorded rows.
    Rows(Chunk),
}

struct Fields(Sha256);

impl Fields {
    fn text(&mut self, s: &str) -> &mut Self {
        self.bytes(s.as_bytes())
    }

    fn bytes(&mut self, b: &[u8]) -> &mut Self {
        self.0.update((b.len() as u64).to_le_bytes());
        self.0.update(b);
        self
    }

    fn int(&mut self, v: i64) -> &mut Self {
        self.0.update(v.to_le_bytes());
        self
    }

    /// Absent and present differ in their first byte.
    fn maybe<T>(&mut self, v: Option<T>, put: impl FnOnce(&mut Self, T)) -> &mut Self {
        self.0.update([u8::from(v.is_some())]);
        if let Some(v) = v {
            put(self, v);
        }
        self
    }

    fn done(self) -> Hash {
        self.0.finalize().into()
    }
}

/// What the first line stands on.
pub(crate) fn genesis(h: &Header) -> Hash {
    let mut f = Fields(Sha256::new());
    f.text("ballast journal").text(&h.run_id).text(&h.version).int(h.started_utc_us).text(&h.scenario);
    f.text(&h.origin).text(&h.source).int(h.seed as i64);
    f.maybe(h.preset.as_deref(), |f, p| {
        f.text(p);
    })
    .int(h.f0_hz.to_bits() as i64)
    .text(&h.user);
    for (k, (_, list)) in h.parts.lists().into_iter().enumerate() {
        // a journal from before there were more than three lists has the hash that it had
        if k >= 3 && list.is_empty() {
            continue;
        }
        f.int(list.len() as i64);
        for name in list {
            f.text(name);
        }
    }
    for signal in &h.signals {
        for text in signal {
            f.text(text);
        }
    }
    // a journal from before alarm sets were kept has the hash that it had
    if let Some(alarms) = &h.alarms {
        f.text("alarms").text(alarms);
    }
    // so has one without changed parameters
    for setting in &h.set {
        f.text("set").text(setting);
    }
    f.done()
}

/// The hash of line `number` behind a line with hash `before`.
pub(crate) fn link(before: &Hash, number: u64, line: &FileLine) -> Hash {
    let mut f = Fields(Sha256::new());
    f.bytes(before).int(number as i64);
    match line {
        FileLine::Entry(e) => {
            f.text("entry").int(e.seq as i64).int(i64::from(e.branch)).int(e.t_sim_us).int(e.t_wall_utc_us);
            f.text(&e.src).text(&e.kind).text(&e.what).text(&e.object);
            f.maybe(e.from.as_deref(), |f, v| {
                f.text(v);
            })
            .maybe(e.to.as_deref(), |f, v| {
                f.text(v);
            });
            f.maybe(e.value, |f, v| {
                f.int(v.to_bits() as i64);
            })
            .text(&e.unit)
            .text(&e.user);
            f.maybe(e.cause_seq, |f, v| {
                f.int(v as i64);
            })
            .text(&e.text);
        }
        FileLine::Act(a) => {
            f.text("act").int(i64::from(a.branch)).int(a.tick as i64).int(a.t_wall_utc_us);
            f.text(&a.ron);
        }
        FileLine::Rows(c) => {
            f.text("rows")
                .int(i64::from(c.branch))
                .int(c.first_us)
                .int(c.last_us)
                .int(c.t_wall_utc_us)
                .int(i64::from(c.count));
            f.bytes(&c.data).bytes(&c.states);
        }
    }
    f.done()
}
