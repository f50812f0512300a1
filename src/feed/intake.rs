//! Where readings come from: links that run now, or a recording of what they once read. Both are the same to the hub, so
//! that what went wrong at a site can be played again and again through what is shown.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};

use super::link::{Clock, Heard, Hurry, Links, Shared};
use super::map::Map;

/// Batches of readings that may wait; a link counts what it could not hand in.
const WAITING: usize = 1024;

/// One way through a source: a recording that is scrubbed or looped begins another.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pass {
    /// Counts up with each jump in time; everything that was known before it is void.
    pub number: u32,
    /// Monotonic time that rows count from, s; none for that of the first that comes.
    pub origin_s: Option<f64>,
    /// Its UTC, µs, where that is not now.
    pub origin_utc_us: Option<i64>,
}

/// Gives readings in the order in which they came.
pub trait Intake: Send {
    /// Puts what has come into `out` and gives the monotonic time of now, s: of the links, or of the recording. With
    /// nothing to give it waits, for at most `limit`.
    fn take(&mut self, limit: Duration, out: &mut Vec<Heard>) -> f64;

    /// The way through the source that [`Intake::take`] gave its last from.
    fn pass(&self) -> Pass {
        Pass::default()
    }

    /// What is known of each endpoint's link, in the map's order; empty for a recording.
    fn links(&self) -> &[Shared] {
        &[]
    }

    /// What has links that wait for their next attempt make it now; of a recording nothing.
    fn hurry(&self) -> Hurry {
        Hurry::default()
    }
}

/// The links of a site, running.
pub struct Running {
    links: Links,
    from: Receiver<Heard>,
    clock: Clock,
}

impl Running {
    /// Starts a thread for each endpoint of the map; they end when this is dropped.
    #[must_use]
    pub fn start(map: &Arc<Map>) -> Self {
        let (to, from) = bounded(WAITING);
        let clock = Clock::new();
        Self { links: Links::start(map, clock, &to), from, clock }
    }
}

impl Intake for Running {
    fn take(&mut self, limit: Duration, out: &mut Vec<Heard>) -> f64 {
        match self.from.recv_timeout(limit) {
            Ok(first) => {
                out.push(first);
                out.extend(self.from.try_iter().take(WAITING));
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => std::thread::sleep(limit),
        }
        self.clock.mono_s()
    }

    fn links(&self) -> &[Shared] {
        &self.links.infos
    }

    fn hurry(&self) -> Hurry {
        self.links.hurry()
    }
}
