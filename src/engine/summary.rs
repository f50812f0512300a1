//! Figures of a whole run, an island at a time: what `ballast run --json` prints. Energised time only.
//!
//! The headline of several islands is the worst of each figure.

use super::meter::Reading;

/// Limits whose passing is a violation; each excursion is one, with 0.3 s of re-arm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// f below 97.5 %.
    FLo,
    /// f above 102.5 %.
    FHi,
    /// |f - f0| beyond the 2 % band.
    AlphaBand,
    /// Genset power above the rating on the bus.
    Rating,
    /// Rise in 1 s above the step limit: the 1 s window of the policy, or the acceptance at the present load if less.
    Step,
    /// 5 s ramp above the ramp limit.
    Ramp,
    /// Voltage beyond 5 %.
    Voltage,
    /// |ROCOF| over 500 ms above 1 Hz/s.
    Rocof,
}

/// All, in the order of their codes.
pub const VIOLATIONS: [Violation; 8] = [
    Violation::FLo,
    Violation::FHi,
    Violation::AlphaBand,
    Violation::Rating,
    Violation::Step,
    Violation::Ramp,
    Violation::Voltage,
    Violation::Rocof,
];

impl Violation {
    /// Name in files and on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::FLo => "F-LO",
            Self::FHi => "F-HI",
            Self::AlphaBand => "alpha band",
            Self::Rating => "rating",
            Self::Step => "step 1 s",
            Self::Ramp => "ramp 5 s",
            Self::Voltage => "voltage",
            Self::Rocof => "ROCOF",
        }
    }
}

/// A limit that was passed: what was measured, and the limit, in the same unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Passed {
    /// Measured at the tick at which the excursion began.
    pub value: f64,
    /// Limit.
    pub limit: f64,
}

/// Values of one tick that the summary reads.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Whether the island's bus is alive.
    pub alive: bool,
    /// Frequency, Hz.
    pub f_hz: f64,
    /// Nominal, Hz.
    pub f0_hz: f64,
    /// Voltage, pu.
    pub v_pu: f64,
    /// Genset kW.
    pub gen_kw: f64,
    /// Rating on the bus, kW.
    pub rating_kw: f64,
    /// Meters.
    pub meters: Reading,
    /// Step limit within 1 s at the present load, kW.
    pub step_kw: f64,
    /// Ramp limit, kW/s.
    pub ramp_kw_per_s: f64,
}

/// Running figures.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Lowest frequency, Hz.
    pub f_min_hz: f64,
    /// Highest frequency, Hz.
    pub f_max_hz: f64,
    /// Largest |ROCOF| over 100 ms.
    pub rocof_100ms: f64,
    /// Largest |ROCOF| over 500 ms.
    pub rocof_500ms: f64,
    /// Lowest voltage, pu.
    pub v_min_pu: f64,
    /// Largest genset kW.
    pub gen_max_kw: f64,
    /// Largest rise within 1 s, kW.
    pub step_up_kw: f64,
    /// Largest fall within 1 s, kW.
    pub step_down_kw: f64,
    /// Largest 5 s ramp, kW/s.
    pub ramp_5s: f64,
    /// Energised ticks so far.
    ticks: u64,
    /// The energised tick of each limit's last passing.
    outside_at: [Option<u64>; VIOLATIONS.len()],
}

impl Default for Summary {
    fn default() -> Self {
        Self {
            f_min_hz: f64::INFINITY,
            f_max_hz: f64::NEG_INFINITY,
            rocof_100ms: 0.0,
            rocof_500ms: 0.0,
            v_min_pu: f64::INFINITY,
            gen_max_kw: 0.0,
            step_up_kw: 0.0,
            step_down_kw: 0.0,
            ramp_5s: 0.0,
            ticks: 0,
            outside_at: [None; VIOLATIONS.len()],
        }
    }
}

impl Summary {
    /// The worst of each figure of two islands.
    #[must_use]
    pub fn worst(&self, other: &Self) -> Self {
        Self {
            f_min_hz: self.f_min_hz.min(other.f_min_hz),
            f_max_hz: self.f_max_hz.max(other.f_max_hz),
            rocof_100ms: self.rocof_100ms.max(other.rocof_100ms),
            rocof_500ms: self.rocof_500ms.max(other.rocof_500ms),
            v_min_pu: self.v_min_pu.min(other.v_min_pu),
            gen_max_kw: self.gen_max_kw.max(other.gen_max_kw),
            step_up_kw: self.step_up_kw.max(other.step_up_kw),
            step_down_kw: self.step_down_kw.max(other.step_down_kw),
            ramp_5s: self.ramp_5s.max(other.ramp_5s),
            ticks: self.ticks.max(other.ticks),
            outside_at: core::array::from_fn(|k| self.outside_at[k].max(other.outside_at[k])),
        }
    }

    /// Whether the island was ever alive.
    #[must_use]
    pub fn was_alive(&self) -> bool {
        self.ticks > 0
    }

    /// The limits that were passed.
    pub fn violations(&self) -> impl Iterator<Item = Violation> + '_ {
        VIOLATIONS.into_iter().zip(&self.outside_at).filter_map(|(v, at)| at.map(|_| v))
    }

    /// Takes a tick in; gives each excursion that begins with it, measured value and limit, if any limit is passed.
    pub fn sample(&mut self, s: &Sample, rearm_ticks: u64) -> Option<[Option<Passed>; VIOLATIONS.len()]> {
        if !s.alive {
            return None;
        }
        // No NaN comes here, so one instruction does; `f64::min` would look for it.
        let lower = |a: &mut f64, x: f64| *a = if x < *a { x } else { *a };
        let higher = |a: &mut f64, x: f64| *a = if x > *a { x } else { *a };
        lower(&mut self.f_min_hz, s.f_hz);
        higher(&mut self.f_max_hz, s.f_hz);
        lower(&mut self.v_min_pu, s.v_pu);
        higher(&mut self.rocof_100ms, s.meters.rocof_100ms.abs());
        higher(&mut self.rocof_500ms, s.meters.rocof_500ms.abs());
        higher(&mut self.gen_max_kw, s.gen_kw);
        higher(&mut self.step_up_kw, s.meters.step_up_1s_kw);
        higher(&mut self.step_down_kw, s.meters.step_down_1s_kw);
        higher(&mut self.ramp_5s, s.meters.ramp_5s);
        self.ticks += 1;
        let df = s.f_hz / s.f0_hz - 1.0;
        let m = &s.meters;
        let outside = [
            df < -0.025,
            df > 0.025,
            df.abs() > 0.02,
            s.gen_kw > s.rating_kw * 1.0005,
            m.step_up_1s_kw > s.step_kw + 1e-6,
            m.ramp_5s > s.ramp_kw_per_s * 1.001,
            (s.v_pu - 1.0).abs() > 0.05,
            m.rocof_500ms.abs() > 1.0,
        ];
        if !outside.iter().fold(false, |any, out| any | out) {
            return None;
        }
        let side = |over: bool, band: f64| if over { 1.0 + band } else { 1.0 - band };
        // In the order of VIOLATIONS: measured, limit.
        let figures = [
            (s.f_hz, s.f0_hz * 0.975),
            (s.f_hz, s.f0_hz * 1.025),
            (s.f_hz, s.f0_hz * side(df > 0.0, 0.02)),
            (s.gen_kw, s.rating_kw),
            (m.step_up_1s_kw, s.step_kw),
            (m.ramp_5s, s.ramp_kw_per_s),
            (s.v_pu, side(s.v_pu > 1.0, 0.05)),
            (m.rocof_500ms, 1.0_f64.copysign(m.rocof_500ms)),
        ];
        let mut begun = [None; VIOLATIONS.len()];
        for (k, (value, limit)) in figures.into_iter().enumerate().filter(|(k, _)| outside[*k]) {
            if self.outside_at[k].is_none_or(|at| self.ticks - at > rearm_ticks) {
                begun[k] = Some(Passed { value, limit });
            }
            self.outside_at[k] = Some(self.ticks);
        }
        Some(begun)
    }
}
