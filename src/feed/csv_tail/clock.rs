//! Time of a playback: seconds of the recording, at a speed. It reads the machine's monotonic clock and nothing else.

use std::time::Instant;

/// Time of the playback.
pub(in crate::feed) struct Clock {
    t_s: f64,
    seen: Instant,
}

impl Clock {
    pub(in crate::feed) fn start(t_s: f64) -> Self {
        Self { t_s, seen: Instant::now() }
    }

    pub(in crate::feed) fn restart(&mut self, t_s: f64) {
        *self = Self::start(t_s);
    }

    pub(in crate::feed) fn at(&mut self, running: bool, speed: f64) -> f64 {
        let now = Instant::now();
        if running && self.t_s.is_finite() {
            self.t_s += now.duration_since(self.seen).as_secs_f64() * speed;
        }
        self.seen = now;
        if self.t_s.is_finite() { self.t_s } else { f64::NEG_INFINITY }
    }
}
