//! A GPU cohort: how many are in which phase, and the power that follows. Cost grows with moves, not with GPUs.
//!
//! kW at the wall; a move is a linear ramp over rise or fall time, widened by the start jitter of its GPUs. The power of a
//! tick is the mean of its ramps over that tick, which is their value at mid-tick: a load that is held over the tick then
//! brings the energy of the ramp to the bus, and the integration stays of second order in the tick.

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

/// A linear move between two powers.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Move {
    /// Power at its end less that at its start.
    delta_kw: f64,
    /// Share of the move that a tick makes; more than 1 where it takes less than a tick.
    per_tick: f64,
    /// Whole ticks that have passed.
    ticks: u32,
}

impl Move {
    /// Share still to come, on average over the present tick.
    fn missing(&self) -> f64 {
        let (from, to) = (f64::from(self.ticks) * self.per_tick, f64::from(self.ticks + 1) * self.per_tick);
        if to <= 1.0 { 1.0 - (from + to) / 2.0 } else { (1.0 - from) * (1.0 - from) / (2.0 * self.per_tick) }
    }

    /// Whether it was over when the present tick began. The hair keeps a rounding from making a tick more of it.
    fn is_over(&self) -> bool {
        f64::from(self.ticks) * self.per_tick >= 1.0 - 1e-12
    }
}

/// A training swing.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Swing {
    peak_to_peak_kw: f64,
    hz: f64,
    square: bool,
    since_tick: u64,
    /// Power at the end of the tick before.
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
    lost_supply: bool,
    /// Power cap in force, as a share of full power; 1 when there is none.
    pub cap: f64,
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

/// Seconds that a batch takes up or down: its shape, widened by the jitter of its GPUs. A uniform spread of standard
/// deviation s is sqrt(12) s wide.
#[must_use]
pub fn move_s(c: &GpuCohort, up: bool) -> f64 {
    let shape = if up { c.rise_s } else { c.fall_s };
    shape + c.jitter_s * 3.464_101_615_137_754_6
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
            lost_supply: false,
            cap: 1.0,
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
            .map(|p| f64::from(self.counts[slot(*p)]) * self.each_kw(c, *p))
            .sum();
    }

    /// kW of one GPU in a phase under the cap in force; what one draws while it is off is not capped.
    #[must_use]
    pub fn each_kw(&self, c: &GpuCohort, p: Phase) -> f64 {
        match p {
            Phase::Off => c.off_kw,
            Phase::Preload | Phase::Full => phase_kw(c, p).min((self.cap * c.full_kw).max(c.off_kw)),
        }
    }

    /// Puts a power cap in force, as a share of full power. The GPUs go to it within their own rise or fall; a swing or a
    /// trace on top of them is not capped.
    pub fn set_cap(&mut self, c: &GpuCohort, share: f64, tick_s: f64) {
        let before_kw = self.settled_kw;
        self.cap = share;
        self.settle(c);
        let delta = self.settled_kw - before_kw;
        if delta != 0.0 {
            let over_s = if delta > 0.0 { c.rise_s } else { c.fall_s };
            self.moves.push(Move { delta_kw: delta, per_tick: tick_s / over_s.max(tick_s * 1e-9), ticks: 0 });
        }
    }

    /// GPUs in a phase (or moving to it).
    #[must_use]
    pub fn count(&self, p: Phase) -> u32 {
        self.counts[slot(p)]
    }

    /// Moves up to `n` GPUs between phases over `over_s` (`None`: the cohort's rise or fall with jitter). Returns
    /// how many moved: none upwards without a supply.
    pub fn shift(&mut self, c: &GpuCohort, n: u32, from: Phase, to: Phase, over_s: Option<f64>, tick_s: f64) -> u32 {
        let n = n.min(self.count(from));
        if n == 0 || from == to || (self.lost_supply && phase_kw(c, to) > phase_kw(c, from)) {
            return 0;
        }
        self.counts[slot(from)] -= n;
        self.counts[slot(to)] += n;
        let delta = f64::from(n) * (self.each_kw(c, to) - self.each_kw(c, from));
        self.settle(c);
        let over = over_s.unwrap_or_else(|| move_s(c, delta > 0.0));
        // A move without duration is one of almost none.
        self.moves.push(Move { delta_kw: delta, per_tick: tick_s / over.max(tick_s * 1e-9), ticks: 0 });
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

    /// The supplies drop out: nothing is drawn, idle power and a measured load included, and no job starts until they are
    /// back. Returns the kW that go.
    pub fn drop_out(&mut self, c: &GpuCohort, tick_s: f64) -> f64 {
        let lost = self.kw;
        self.crash(c, tick_s, tick_s);
        self.lost_supply = true;
        self.kw = 0.0;
        lost
    }

    /// The supplies are healthy again; jobs may start.
    pub fn supply_back(&mut self) {
        self.lost_supply = false;
    }

    /// Whether its power supplies are healthy.
    #[must_use]
    pub fn is_supplied(&self) -> bool {
        !self.lost_supply
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

    /// Mean power over the tick that starts at `tick`. Call once a tick.
    pub fn advance(&mut self, c: &GpuCohort, tick: u64, tick_s: f64) {
        if !self.is_moving(c) {
            self.kw = if self.lost_supply { 0.0 } else { self.settled_kw * self.scale };
            return;
        }
        let mut missing = 0.0;
        self.moves.retain_mut(|m| {
            let over = m.is_over();
            if !over {
                missing += m.delta_kw * m.missing();
                m.ticks += 1;
            }
            !over
        });
        let mid_s = (tick as f64 + 0.5) * tick_s;
        let swing_kw = self.swing.as_mut().map_or(0.0, |s| {
            let phase = ((tick - s.since_tick) as f64 + 0.5) * tick_s * s.hz;
            let before = s.now_kw;
            if s.square {
                let half = s.peak_to_peak_kw / 2.0;
                let target = if phase - phase.floor() < 0.5 { half } else { -half };
                let rise = s.peak_to_peak_kw * tick_s / c.rise_s.max(tick_s);
                let fall = s.peak_to_peak_kw * tick_s / c.fall_s.max(tick_s);
                s.now_kw += (target - s.now_kw).clamp(-fall, rise);
                (before + s.now_kw) / 2.0
            } else {
                s.now_kw = s.peak_to_peak_kw / 2.0 * libm::sin(core::f64::consts::TAU * phase);
                s.now_kw
            }
        });
        self.trace(c, mid_s);
        let kw = (self.settled_kw - missing + swing_kw + self.trace_kw).max(0.0) * self.scale;
        self.kw = if self.lost_supply { 0.0 } else { kw };
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
            h.write_u64(m.delta_kw.to_bits());
            h.write_u64(m.per_tick.to_bits());
            h.write_u32(m.ticks);
        }
        if let Some(s) = &self.swing {
            for v in [s.peak_to_peak_kw, s.hz, s.now_kw] {
                h.write_u64(v.to_bits());
            }
            h.write_u8(u8::from(s.square));
            h.write_u64(s.since_tick);
        }
        h.write_u8(u8::from(self.lost_supply));
        for v in [self.trace_kw, self.scale, self.kw] {
            h.write_u64(v.to_bits());
        }
        if self.cap != 1.0 {
            h.write_u64(self.cap.to_bits());
        }
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
        for k in 0..51 {
            s.advance(&c, k, 0.001);
        }
        // 50.5 ms after the start of a ramp of 100 ms
        assert!((s.kw - 3.535).abs() < 1e-9, "{}", s.kw);
        for k in 51..200 {
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

    /// Energy of a ramp, whatever the tick and however the ramp lies in it.
    #[test]
    fn a_ramp_brings_its_energy_at_any_tick() {
        for rise_s in [0.0, 0.0003, 0.01, 0.1, 0.4464] {
            let c = GpuCohort { rise_s, ..cohort() };
            for tick_s in [0.00025, 0.001, 0.002, 0.005] {
                let mut s = GpuState::new(&c);
                s.shift(&c, 100, Phase::Off, Phase::Full, None, tick_s);
                let ticks = (1.0 / tick_s) as u64;
                let mut kws = 0.0;
                for k in 0..ticks {
                    s.advance(&c, k, tick_s);
                    kws += s.kw * tick_s;
                }
                let want = 70.0 * (1.0 - rise_s / 2.0);
                assert!((kws - want).abs() < 1e-4 * tick_s + 1e-9, "{rise_s} s at {tick_s} s: {kws} of {want} kWs");
            }
        }
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
        assert!((s.kw - 15.005).abs() < 1e-9, "mid-tick: {}", s.kw);
        s.advance(&c, 5000, 0.001);
        assert!((s.kw - 20.0).abs() < 1e-9);
    }
}
