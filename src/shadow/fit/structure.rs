//! Structures of governor and engine that a fit tries: what a set may be, from the twin's own governors.
//!
//! A record of frequency and power does not say what is in the cabinet. So several are fitted, and a structure that explains as
//! much with less wins; what the others that explain as much say of a parameter goes into its interval.

use super::unknown::{Guess, Unknown};
use crate::plant::config::{AirLimit, Gast, Genset, Ggov1, Governor, Ieeeg1, Pid, Rselect, Sharing, Tgov1};

/// A structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Structure {
    /// The set as it was given, with its own governor, stops and limits.
    Given,
    /// PI with one lag, isochronous.
    Pi,
    /// PI with one lag and droop on its actuator.
    PiDroop,
    /// PID, isochronous.
    Pid,
    /// PID with droop on its actuator.
    PidDroop,
    /// PID with droop on electrical power (GGOV1).
    PowerDroop,
    /// TGOV1.
    Tgov1,
    /// GAST.
    Gast,
    /// Droop servo with a rate limit (IEEEG1 with one stage).
    Servo,
    /// Isochronous PID whose actuator is rate-limited.
    Rate,
    /// PID with droop whose actuator is rate-limited.
    RateDroop,
    /// Isochronous PID with an air limit.
    Air,
    /// PID with droop and an air limit.
    AirDroop,
}

use Unknown::{
    Actuator, DeadTime, Derivative, Droop, Inertia, Integral, Lead, Manifold, MeterLag, Proportional, Rate, Reference,
    Reserve, Skew, Transducer, Turbo,
};

/// Where a droop starts, pu.
const DROOP_PU: f64 = 0.04;
/// Where a rate limit starts, pu/s.
const RATE: f64 = 0.3;
/// Stops that no fit reaches, pu.
const OPEN: [f64; 2] = [-1.0, 3.0];

impl Structure {
    /// All.
    pub const ALL: [Self; 13] = [
        Self::Given,
        Self::Pi,
        Self::PiDroop,
        Self::Pid,
        Self::PidDroop,
        Self::PowerDroop,
        Self::Tgov1,
        Self::Gast,
        Self::Servo,
        Self::Rate,
        Self::RateDroop,
        Self::Air,
        Self::AirDroop,
    ];
    /// Those that are tried first.
    pub const FIRST: [Self; 8] =
        [Self::Pi, Self::PiDroop, Self::Pid, Self::PidDroop, Self::PowerDroop, Self::Tgov1, Self::Gast, Self::Servo];

    /// Those that add a limit to this one.
    #[must_use]
    pub fn limited(self) -> &'static [Self] {
        match self {
            Self::Pid => &[Self::Rate, Self::Air],
            Self::PidDroop | Self::PowerDroop => &[Self::RateDroop, Self::AirDroop],
            _ => &[],
        }
    }

    /// As reports call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Given => "as given",
            Self::Pi => "PI, isochronous",
            Self::PiDroop => "PI, droop on the actuator",
            Self::Pid => "PID, isochronous",
            Self::PidDroop => "PID, droop on the actuator",
            Self::PowerDroop => "PID, droop on power",
            Self::Tgov1 => "TGOV1",
            Self::Gast => "GAST",
            Self::Servo => "droop servo, rate-limited",
            Self::Rate => "PID, isochronous, rate-limited",
            Self::RateDroop => "PID, droop, rate-limited",
            Self::Air => "PID, isochronous, air limit",
            Self::AirDroop => "PID, droop, air limit",
        }
    }

    /// A set of this structure in place of `own`: its rating and machine, no limit but those of the structure.
    #[must_use]
    pub fn of(self, own: &Genset) -> Genset {
        if self == Self::Given {
            return own.clone();
        }
        let mut g = Genset { air: None, p_max_pu: OPEN[1], sharing: Sharing::Isochronous, ..own.clone() };
        g.machine.d_pu = 0.0;
        if matches!(self, Self::PiDroop | Self::PidDroop | Self::RateDroop | Self::AirDroop) {
            g.sharing = Sharing::Droop(DROOP_PU);
        }
        if matches!(self, Self::Air | Self::AirDroop) {
            g.air = Some(own.air.clone().unwrap_or(AirLimit { p_na_pu: 0.3, reserve_pu: 0.12, t_tc_s: 3.0 }));
        }
        let [lo, hi] = OPEN;
        let (t1_s, t2_s) = (0.1, 0.3);
        g.governor = match self {
            Self::Tgov1 => Governor::Tgov1(Tgov1 {
                r_pu: DROOP_PU,
                t1_s,
                t2_s: 0.1 * t2_s,
                t3_s: t2_s,
                v_min: lo,
                v_max: hi,
                dt_pu: 0.0,
            }),
            Self::Gast => Governor::Gast(Gast {
                r_pu: DROOP_PU,
                t1_s: 0.2,
                t2_s: 0.1,
                t3_s: 3.0,
                at_pu: hi,
                kt: 0.0,
                v_min: lo,
                v_max: hi,
                dt_pu: 0.0,
            }),
            Self::Servo => Governor::Ieeeg1(Ieeeg1 {
                k: 1.0 / DROOP_PU,
                t1_s: 0.0,
                t2_s: 0.0,
                t3_s: t1_s,
                uo: RATE,
                uc: -RATE,
                p_min: lo,
                p_max: hi,
                t4_s: t2_s,
                k1: 1.0,
                t5_s: 0.0,
                k3: 0.0,
                t6_s: 0.0,
                k5: 0.0,
                t7_s: 0.0,
                k7: 0.0,
            }),
            Self::PowerDroop => Governor::Ggov1(Ggov1 {
                r_pu: DROOP_PU,
                rselect: Rselect::Power,
                tpelec_s: 0.1,
                minerr: -1.0,
                maxerr: 1.0,
                kp: 8.0,
                ki: 6.0,
                kd: 0.5,
                td_s: 0.05,
                tact_s: t1_s,
                ropen: 20.0,
                rclose: -20.0,
                v_min: lo,
                v_max: hi,
                // Unit gain without an idle flow, so that gains are pu of power as a PID's are.
                kturb: 1.0,
                wfnl: 0.0,
                tb_s: 0.2,
                tc_s: 0.0,
                teng_s: 0.05,
                fuel_by_speed: false,
                dm: 0.0,
            }),
            _ => {
                let rate = if matches!(self, Self::Rate | Self::RateDroop) { RATE } else { 20.0 };
                let simple = matches!(self, Self::Pi | Self::PiDroop);
                Governor::Pid(Pid {
                    kp: 8.0,
                    ki: 6.0,
                    kd: if simple { 0.0 } else { 0.5 },
                    td_f_s: 0.05,
                    t_act_s: t1_s,
                    rate_up: rate,
                    rate_down: -rate,
                    t_d_s: if simple { 0.0 } else { 0.05 },
                    t_man_s: if simple { 0.0 } else { 0.2 },
                    u_min: lo,
                    u_max: hi,
                    kaw: 0.0,
                })
            }
        };
        g
    }

    /// What is unknown of it.
    #[must_use]
    pub fn unknowns(self, guess: &Guess) -> Vec<Unknown> {
        // Of a set that is given, a rate limit is known or does not show; it is looked for by the structures that have one.
        let engine: &[Unknown] = match self {
            Self::Given => {
                &[Droop, Proportional, Integral, Derivative, Transducer, Lead, Actuator, DeadTime, Manifold, Turbo]
            }
            Self::Pi => &[Proportional, Integral, Actuator],
            Self::PiDroop => &[Droop, Proportional, Integral, Actuator],
            Self::Pid => &[Proportional, Integral, Derivative, Actuator, DeadTime, Manifold],
            Self::PidDroop => &[Droop, Proportional, Integral, Derivative, Actuator, DeadTime, Manifold],
            Self::PowerDroop => &[Droop, Proportional, Integral, Derivative, Transducer, Actuator, DeadTime, Manifold],
            Self::Tgov1 => &[Droop, Lead, Actuator, Manifold],
            Self::Gast => &[Droop, Actuator, Manifold],
            Self::Servo => &[Droop, Actuator, Rate, Manifold],
            Self::Rate => &[Proportional, Integral, Derivative, Actuator, Rate, DeadTime, Manifold],
            Self::RateDroop => &[Droop, Proportional, Integral, Derivative, Actuator, Rate, DeadTime, Manifold],
            Self::Air => &[Proportional, Integral, Derivative, Actuator, DeadTime, Manifold, Reserve, Turbo],
            Self::AirDroop => {
                &[Droop, Proportional, Integral, Derivative, Actuator, DeadTime, Manifold, Reserve, Turbo]
            }
        };
        let is_free = |x: &Unknown| *x == Inertia || x.is_of_record() || engine.contains(x);
        debug_assert!([Skew, MeterLag, Reference].iter().all(is_free));
        Unknown::all().filter(is_free).filter(|x| guess.get(*x).is_some()).collect()
    }

    /// What it may begin from: slow and quick engines of little and much inertia. The one that is nearest to the record is
    /// where the search begins.
    #[must_use]
    pub fn starts(self, own: &Genset) -> Vec<Guess> {
        let first = Guess::new(self.of(own));
        let mut all = vec![first.clone()];
        // Factors on H, on gains, on lags.
        let around: &[[f64; 3]] = &[
            [0.5, 1.0, 1.0],
            [2.0, 1.0, 1.0],
            [4.0, 1.0, 1.0],
            [1.0, 0.4, 3.0],
            [2.0, 0.4, 3.0],
            [4.0, 0.4, 3.0],
            [1.0, 2.0, 0.5],
            [4.0, 2.0, 0.5],
            [1.0, 0.3, 1.0],
            [3.0, 3.0, 1.0],
        ];
        let unknowns = self.unknowns(&first);
        for [h, gain, lag] in around {
            let mut guess = first.clone();
            for x in &unknowns {
                let factor = match x {
                    Inertia => *h,
                    Proportional | Integral | Derivative => *gain,
                    Droop => 1.0 / gain,
                    Actuator | DeadTime | Manifold => *lag,
                    _ => 1.0,
                };
                if let Some(v) = guess.get(*x) {
                    let [lo, hi] = x.range();
                    guess.put(*x, if factor == 1.0 { v } else { (v * factor).clamp(lo, hi) });
                }
            }
            all.push(guess);
        }
        all
    }
}
