//! A GPU cohort: how many are in which phase, and the power that follows. Cost grows with moves, not with GPUs.
//!
//! kW at the wall; a move is a linear ramp over rise or fall time, widened by the start jitter of its GPUs.

use serde::{Deserialize, Serialize};

use super::config::GpuCohort;

/// Power phase of a GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// No power.
    Off,
    /// Model load, about 30 % of full.
    Preload,
    /// Full compute.
    Full,
}

/// Power still to come from a move: it runs linearly to zero.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Move {
    remaining_kw: f64,
    kw_per_tick: f64,
}

/// A training swing.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Swing {
    peak_to_peak_kw: f64,
    hz: f64,
    square: bool,
    since_tick: u64,
    now_kw: f64,
}

/// State of a cohort.
#[derive(Clone, Debug, PartialEq)]
pub struct GpuState {
    counts: [u32; 3],
    settled_kw: f64,
    moves: Vec<Move>,
    swing: Option<Swing>,
    trace_at: usize,
    trace_kw: f64,
    /// What a GPU takes against what it should, set by a fault.
    pub scale: f64,
    /// Power asked from the bus at 1 pu, kW.
    pub kw: f64,
}

fn slot(p: Phase) -> usize {
    match p {
        Phase::Off => 0,
        Phase::Preload => 1,
        Phase::Full => 2,
    }
}

/// kW of one GPU in a phase.
#[must_use]
pub fn phase_kw(c: &GpuCohort, p: Phase) -> f64 {
    match p {
        Phase::Off => c.off_kw,
        Phase::Preload => c.full_kw * c.preload_share,
        Phase::Full => c.full_kw,
    }
}

impl GpuState {
    /// The cohort at t = 0.
    #[must_use]
    pub fn new(c: &GpuCohort) -> Self {
        let (pre, full) = (c.preload_at_start, c.full_at_start);
        let mut s = Self {
            counts: [c.gpus.saturating_sub(pre + full), pre, full],
            settled_kw: 0.0,
            moves: Vec::with_capacity(64),
            swing: None,
            trace_at: 0,
            trace_kw: 0.0,
            scale: 1.0,
            kw: 0.0,
        };
        s.settle(c);
        s.trace(c, 0.0);
        s.kw = s.settled_kw + s.trace_kw;
        s
    }

    fn settle(&mut self, c: &GpuCohort) {
        self.settled_kw = [Phase::Off, Phase::Preload, Phase::Full]
            .iter()
            .map(|p| f64::from(self.counts[slot(*p)]) * phase_kw(c, *p))
            .sum();
    }

    /// GPUs in a phase (or moving to it).
    #[must_use]
    pub fn count(&self, p: Phase) -> u32 {
        self.counts[slot(p)]
    }

    /// Moves up to `n` GPUs between phases over `over_s` (`None`: the cohort's rise or fall with jitter). Returns
    /// how many moved.
    pub fn shift(&mut self, c: &GpuCohort, n: u32, from: Phase, to: Phase, over_s: Option<f64>, tick_s: f64) -> u32 {
        let n = n.min(self.count(from));
        if n == 0 || from == to {
            return 0;
        }
        self.counts[slot(from)] -= n;
        self.counts[slot(to)] += n;
        let delta = f64::from(n) * (phase_kw(c, to) - phase_kw(c, from));
        self.settle(c);
        // A uniform spread of standard deviation s is sqrt(12) s wide.
        let shape = if delta > 0.0 { c.rise_s } else { c.fall_s };
        let over = over_s.unwrap_or(shape + c.jitter_s * 3.464_101_615_137_754_6);
        let ticks = (over / tick_s).round().max(1.0);
        self.moves.push(Move { remaining_kw: delta, kw_per_tick: delta / ticks });
        n
    }

    /// Everything off within `over_s`; the jobs do not come back by themselves. Returns the kW that go.
    pub fn crash(&mut self, c: &GpuCohort, over_s: f64, tick_s: f64) -> f64 {
        let before = self.settled_kw;
        for p in [Phase::Preload, Phase::Full] {
            self.shift(c, self.count(p), p, Phase::Off, Some(over_s), tick_s);
        }
        self.swing = None;
        before - self.settled_kw
    }

    /// Starts or ends (0 kW) a training swing.
    pub fn set_swing(&mut self, peak_to_peak_kw: f64, hz: f64, square: bool, tick: u64) {
        let now_kw = self.swing.map_or(0.0, |s| s.now_kw);
        self.swing = (peak_to_peak_kw > 0.0).then_some(Swing { peak_to_peak_kw, hz, square, since_tick: tick, now_kw });
    }

    /// Whether power may change without a new command.
    #[must_use]
    pub fn is_moving(&self, c: &GpuCohort) -> bool {
        !self.moves.is_empty() || self.swing.is_some() || !c.trace.is_empty()
    }

    /// Power for the tick that starts at `tick`. Call once a tick.
    pub fn advance(&mut self, c: &GpuCohort, tick: u64, tick_s: f64) {
        if !self.is_moving(c) {
            self.kw = self.settled_kw * self.scale;
            return;
        }
        let mut missing = 0.0;
        self.moves.retain_mut(|m| {
            m.remaining_kw -= m.kw_per_tick;
            let done = m.remaining_kw * m.kw_per_tick <= 1e-12;
            if !done {
                missing += m.remaining_kw;
            }
            !done
        });
        let t_s = tick as f64 * tick_s;
        let swing_kw = self.swing.as_mut().map_or(0.0, |s| {
            let phase = (tick - s.since_tick) as f64 * tick_s * s.hz;
            if s.square {
                let half = s.peak_to_peak_kw / 2.0;
                let target = if phase - phase.floor() < 0.5 { half } else { -half };
                let rise = s.peak_to_peak_kw * tick_s / c.rise_s.max(tick_s);
                let fall = s.peak_to_peak_kw * tick_s / c.fall_s.max(tick_s);
                s.now_kw += (target - s.now_kw).clamp(-fall, rise);
            } else {
                s.now_kw = s.peak_to_peak_kw / 2.0 * libm::sin(core::f64::consts::TAU * phase);
            }
            s.now_kw
        });
        self.trace(c, t_s);
        self.kw = (self.settled_kw - missing + swing_kw + self.trace_kw).max(0.0) * self.scale;
    }

    fn trace(&mut self, c: &GpuCohort, t_s: f64) {
        let Some(last) = c.trace.last() else { return };
        while self.trace_at + 1 < c.trace.len() && c.trace[self.trace_at + 1].0 <= t_s {
            self.trace_at += 1;
        }
        let (t0, k0) = c.trace[self.trace_at.min(c.trace.len() - 1)];
        self.trace_kw = match c.trace.get(self.trace_at + 1) {
            Some((t1, k1)) if t_s >= t0 && *t1 > t0 => k0 + (k1 - k0) * (t_s - t0) / (t1 - t0),
            Some(_) => k0,
            None => last.1,
        };
    }

    /// Feeds the state into a hash.
    pub fn hash_into(&self, h: &mut impl core::hash::Hasher) {
        for c in self.counts {
            h.write_u32(c);
        }
        for m in &self.moves {
            h.write_u64(m.remaining_kw.to_bits());
            h.write_u64(m.kw_per_tick.to_bits());
        }
        if let Some(s) = &self.swing {
            for v in [s.peak_to_peak_kw, s.hz, s.now_kw] {
                h.write_u64(v.to_bits());
            }
            h.write_u8(u8::from(s.square));
            h.write_u64(s.since_tick);
        }
        h.write_u64(self.trace_kw.to_bits());
        h.write_u64(self.kw.to_bits());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn cohort() -> GpuCohort {
        GpuCohort {
            name: "gpu".into(),
            section: 0,
            gpus: 714,
            full_kw: 0.7,
            preload_share: 0.3,
            off_kw: 0.0,
            rise_s: 0.1,
            fall_s: 0.03,
            jitter_s: 0.0,
            power_factor: 0.99,
            preload_at_start: 0,
            full_at_start: 0,
            scheduled: true,
            preemptible: false,
            trace: Vec::new(),
        }
    }

    #[test]
    fn a_batch_rises_linearly_to_its_power() {
        let c = cohort();
        let mut s = GpuState::new(&c);
        assert_eq!(s.shift(&c, 10, Phase::Off, Phase::Full, None, 0.001), 10);
        for k in 0..50 {
            s.advance(&c, k, 0.001);
        }
        assert!((s.kw - 3.5).abs() < 1e-9, "{}", s.kw);
        for k in 50..200 {
            s.advance(&c, k, 0.001);
        }
        assert!((s.kw - 7.0).abs() < 1e-12);
        assert!(!s.is_moving(&c));
    }

    #[test]
    fn a_crash_takes_everything_within_50_ms() {
        let mut c = cohort();
        c.full_at_start = 357;
        let mut s = GpuState::new(&c);
        assert!((s.crash(&c, 0.05, 0.001) - 249.9).abs() < 1e-9);
        for k in 0..51 {
            s.advance(&c, k, 0.001);
        }
        assert_eq!((s.kw, s.count(Phase::Off)), (0.0, 714));
    }

    #[test]
    fn more_than_there_are_moves_what_there_is() {
        let c = cohort();
        let mut s = GpuState::new(&c);
        assert_eq!(s.shift(&c, 10_000, Phase::Off, Phase::Preload, None, 0.001), 714);
        assert_eq!(s.shift(&c, 1, Phase::Off, Phase::Full, None, 0.001), 0);
    }

    #[test]
    fn a_trace_is_followed_between_its_points() {
        let mut c = cohort();
        c.trace = vec![(0.0, 10.0), (1.0, 20.0), (2.0, 20.0)];
        let mut s = GpuState::new(&c);
        s.advance(&c, 500, 0.001);
        assert!((s.kw - 15.0).abs() < 1e-9);
        s.advance(&c, 5000, 0.001);
        assert!((s.kw - 20.0).abs() < 1e-9);
    }
}
