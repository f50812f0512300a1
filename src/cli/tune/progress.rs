//! How far a long command is, on a terminal's last line, once a second.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

/// Progress of a command.
pub struct Progress {
    done: usize,
    all: usize,
    /// Done in this session, for the rate.
    here: usize,
    begin: Instant,
    told: Instant,
    terminal: bool,
    shown: bool,
}

impl Progress {
    /// `done` of `all` were there before.
    pub fn new(done: usize, all: usize) -> Self {
        let now = Instant::now();
        Self { done, all, here: 0, begin: now, told: now, terminal: std::io::stderr().is_terminal(), shown: false }
    }

    /// So many more; `what` names the stage.
    pub fn step(&mut self, n: usize, what: &str) {
        self.done += n;
        self.here += n;
        if self.terminal && self.told.elapsed() >= Duration::from_secs(1) {
            self.told = Instant::now();
            self.shown = true;
            eprint!("\r\x1b[K{}", line(self.done, self.all, self.here, self.begin.elapsed().as_secs_f64(), what));
        }
    }

    /// Clears the line.
    pub fn end(&mut self) {
        if std::mem::take(&mut self.shown) {
            eprint!("\r\x1b[K");
        }
    }
}

/// `312/1271 band, 61 a second, at most 16 s to go`.
fn line(done: usize, all: usize, here: usize, elapsed_s: f64, what: &str) -> String {
    let rate = here as f64 / elapsed_s.max(1e-9);
    let left = all.saturating_sub(done) as f64 / rate.max(1e-9);
    let what = if what.is_empty() { String::new() } else { format!(" {what}") };
    format!("{done}/{all}{what}, {rate:.0} a second, at most {left:.0} s to go")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_line_tells_rate_and_rest() {
        assert_eq!(super::line(312, 1272, 120, 2.0, "band"), "312/1272 band, 60 a second, at most 16 s to go");
    }
}
