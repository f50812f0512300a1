//! One thread an endpoint: connects, asks in its rhythm, hands readings in, and starts again when the link is lost.
//!
//! Nothing an endpoint does can delay another one: each has its own thread, its own deadlines and its own backoff
//! (0.5 s to 30 s with jitter, so that a plant that comes back is not stormed). The channel to the hub is bounded; what
//! does not fit is counted as dropped, never waited for.

mod info;
mod miners;
mod modbus;
mod mqtt;
mod plan;
mod sunspec;
mod web;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crossbeam_channel::{Sender, TrySendError};

use super::map::{Link, Map};
use super::tags::{Reading, Words};
use super::wire::{Sent, Trouble};
use crate::acts::Quality;
use crate::acts::quality::Fault;
pub use info::{Info, Phase, Shared};

/// Shortest and longest pause before the next attempt.
const BACKOFF: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(30)];
/// A link that was up this long has recovered: the next loss begins with the shortest pause again.
const HEALTHY: Duration = Duration::from_secs(10);
/// Longest time between two looks at the stop flag.
const NAP: Duration = Duration::from_millis(50);

/// What a link tells the hub.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// Values that were read together.
    Readings(Vec<Reading>),
    /// The link of this endpoint is down.
    Lost(usize),
}

/// The clock that all links of a site share.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
}

impl Clock {
    /// Starts at 0.
    #[must_use]
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }

    /// Monotonic seconds.
    #[must_use]
    pub fn mono_s(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

/// Seconds since 1970.
fn wall_s() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64())
}

/// What every kind of link works with.
struct Job {
    map: Arc<Map>,
    endpoint: usize,
    clock: Clock,
    to: Sender<Heard>,
    info: Shared,
    sent: Arc<Sent>,
    stop: Arc<AtomicBool>,
}

impl Job {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Sleeps in naps, so that a stop is heard. False when it is time to leave.
    fn rest(&self, until: Instant) -> bool {
        while !self.stopped() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            std::thread::sleep(left.min(NAP));
        }
        false
    }

    fn reading(&self, tag: usize, raw: Result<f64, Fault>, t_src_s: Option<f64>) -> Reading {
        let (t_arr_s, mono_s) = (wall_s(), self.clock.mono_s());
        Reading { tag, raw, t_src_s, t_arr_s, mono_s, said: Quality::Good, words: Words::default() }
    }

    fn tell(&self, heard: Heard) {
        match self.to.try_send(heard) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => self.info.change(|i| i.dropped += 1),
            Err(TrySendError::Disconnected(_)) => self.stop.store(true, Ordering::Relaxed),
        }
    }

    /// One connection from its beginning to its end.
    fn session(&self) -> Result<(), Trouble> {
        match &self.map.endpoints[self.endpoint].link {
            Link::Modbus { .. } => modbus::session(self),
            Link::Mqtt { .. } => mqtt::session(self),
            Link::Http { .. } => web::session(self),
            Link::Cgminer { .. } => miners::session(self),
        }
    }

    fn run(&self) {
        let mut pause = BACKOFF[0];
        let mut jitter = Jitter::new(self.endpoint as u64);
        while !self.stopped() {
            self.info.change(|i| i.phase = Phase::Connecting);
            let begun = Instant::now();
            let outcome = self.session();
            if self.stopped() {
                break;
            }
            self.tell(Heard::Lost(self.endpoint));
            if begun.elapsed() > HEALTHY {
                pause = BACKOFF[0];
            }
            let until = Instant::now() + jitter.around(pause);
            self.info.change(|i| {
                i.lost(outcome.err());
                i.phase = Phase::Waiting(until);
            });
            if !self.rest(until) {
                break;
            }
            pause = (2 * pause).min(BACKOFF[1]);
        }
        self.info.change(|i| i.phase = Phase::Stopped);
    }
}

/// ±20 %, so that many links do not come back in step. Not for the twin: chance here changes no result.
struct Jitter(u64);

impl Jitter {
    fn new(seed: u64) -> Self {
        Self(
            seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)
                ^ SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |d| d.as_nanos() as u64),
        )
    }

    fn around(&mut self, d: Duration) -> Duration {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let share = (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1_u64 << 53) as f64;
        d.mul_f64(0.8 + 0.4 * share)
    }
}

/// The running links of a site. Dropping it ends them.
pub struct Links {
    threads: Vec<JoinHandle<()>>,
    stop: Arc<AtomicBool>,
    /// What is known of each endpoint's link, in the map's order.
    pub infos: Vec<Shared>,
}

impl Links {
    /// Starts a thread for each endpoint of the map.
    #[must_use]
    pub fn start(map: &Arc<Map>, clock: Clock, to: &Sender<Heard>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (mut threads, mut infos) = (Vec::new(), Vec::new());
        for (endpoint, e) in map.endpoints.iter().enumerate() {
            let sent = Arc::new(Sent::default());
            let info = Shared::new(e, Arc::clone(&sent));
            let job = Job {
                map: Arc::clone(map),
                endpoint,
                clock,
                to: to.clone(),
                info: info.clone(),
                sent,
                stop: Arc::clone(&stop),
            };
            match std::thread::Builder::new().name(format!("ballast-{}", e.name)).spawn(move || job.run()) {
                Ok(thread) => threads.push(thread),
                Err(e) => info.change(|i| {
                    i.phase = Phase::Stopped;
                    i.last_error = Some(format!("no thread for this link: {e}"));
                }),
            }
            infos.push(info);
        }
        Self { threads, stop, infos }
    }
}

impl Drop for Links {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                log::error!("a link's thread ended in a panic");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Job {
        /// Of the first endpoint of a map, with the end where its readings come out.
        pub(super) fn of(map: &str) -> (Self, crossbeam_channel::Receiver<Heard>) {
            let map = Arc::new(Map::from_str("test", map).unwrap());
            let (to, from) = crossbeam_channel::bounded(64);
            let sent = Arc::new(Sent::default());
            let info = Shared::new(&map.endpoints[0], Arc::clone(&sent));
            let stop = Arc::new(AtomicBool::new(false));
            (Self { map, endpoint: 0, clock: Clock::new(), to, info, sent, stop }, from)
        }
    }

    #[test]
    fn a_pause_is_spread_by_a_fifth() {
        let mut jitter = Jitter::new(3);
        let all: Vec<f64> = (0..1000).map(|_| jitter.around(BACKOFF[0]).as_secs_f64()).collect();
        assert!(all.iter().all(|s| (0.4..=0.6).contains(s)));
        assert!(all.iter().any(|s| *s < 0.43) && all.iter().any(|s| *s > 0.57));
    }
}
