//! Parameters of the governors. Powers and valve positions in pu of rated kW, times in seconds.

use serde::{Deserialize, Serialize};

/// Governor with its engine path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Governor {
    /// TGOV1: `1/R -> 1/(1+T1 s) [VMIN, VMAX] -> (1+T2 s)/(1+T3 s)`, less `Dt (w-1)`.
    Tgov1(Tgov1),
    /// GAST.
    Gast(Gast),
    /// GGOV1 (PES-TR1), acceleration limiter off; its load limiter is the air limit.
    Ggov1(Ggov1),
    /// PID with actuator, dead time and manifold: the engine of the three presets.
    Pid(Pid),
    /// IEEEG1 (PES-TR1): steam turbine with up to four stages on one shaft.
    Ieeeg1(Ieeeg1),
}

/// See [`Governor::Tgov1`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tgov1 {
    /// Droop, pu.
    pub r_pu: f64,
    /// Valve, s.
    pub t1_s: f64,
    /// Lead, s.
    pub t2_s: f64,
    /// Lag, s.
    pub t3_s: f64,
    /// Valve limits.
    pub v_min: f64,
    /// Valve limits.
    pub v_max: f64,
    /// Turbine damping.
    pub dt_pu: f64,
}

/// See [`Governor::Gast`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gast {
    /// Droop, pu.
    pub r_pu: f64,
    /// Valve, s.
    pub t1_s: f64,
    /// Fuel, s.
    pub t2_s: f64,
    /// Exhaust temperature, s.
    pub t3_s: f64,
    /// Ambient limit.
    pub at_pu: f64,
    /// Temperature gain.
    pub kt: f64,
    /// Valve limits.
    pub v_min: f64,
    /// Valve limits.
    pub v_max: f64,
    /// Turbine damping.
    pub dt_pu: f64,
}

/// See [`Governor::Ggov1`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ggov1 {
    /// Droop, pu.
    pub r_pu: f64,
    /// What droop feeds on.
    pub rselect: Rselect,
    /// Power transducer, s.
    pub tpelec_s: f64,
    /// Error limits.
    pub minerr: f64,
    /// Error limits.
    pub maxerr: f64,
    /// Proportional.
    pub kp: f64,
    /// Integral, 1/s.
    pub ki: f64,
    /// Derivative, s.
    pub kd: f64,
    /// Derivative filter, s.
    pub td_s: f64,
    /// Actuator, s.
    pub tact_s: f64,
    /// Opening rate, pu/s.
    pub ropen: f64,
    /// Closing rate, pu/s (negative).
    pub rclose: f64,
    /// Valve limits.
    pub v_min: f64,
    /// Valve limits.
    pub v_max: f64,
    /// Turbine gain.
    pub kturb: f64,
    /// No-load fuel flow.
    pub wfnl: f64,
    /// Turbine lag, s.
    pub tb_s: f64,
    /// Turbine lead, s.
    pub tc_s: f64,
    /// Transport delay, s.
    pub teng_s: f64,
    /// Fuel flow proportional to speed.
    pub fuel_by_speed: bool,
    /// Speed damping of the shaft.
    pub dm: f64,
}

/// Droop signal of GGOV1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rselect {
    /// Electrical power.
    Power,
    /// None: isochronous.
    Isochronous,
    /// Valve stroke.
    Stroke,
    /// Governor output.
    Output,
}

/// See [`Governor::Pid`]. `u = clip(Kp e + xi + Kd de, u_min, limit)`, actuator, dead time, manifold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pid {
    /// Proportional, pu of rated kW a pu speed.
    pub kp: f64,
    /// Integral, 1/s.
    pub ki: f64,
    /// Derivative, s.
    pub kd: f64,
    /// Derivative filter, s.
    pub td_f_s: f64,
    /// Actuator, s.
    pub t_act_s: f64,
    /// Actuator rates, pu/s; `rate_down` is negative.
    pub rate_up: f64,
    /// Actuator rates, pu/s.
    pub rate_down: f64,
    /// Dead time, s; rounded to ticks.
    pub t_d_s: f64,
    /// Manifold, s; may be 0.
    pub t_man_s: f64,
    /// Output limits.
    pub u_min: f64,
    /// Output limits.
    pub u_max: f64,
    /// Anti-windup, 1/s: above 0 the integrator follows the limited output at this rate (back-calculation); 0 holds it
    /// while the output is at a limit.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub kaw: f64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference over")]
fn is_zero(x: &f64) -> bool {
    *x == 0.0
}

/// See [`Governor::Ieeeg1`]. `K (1+T2 s)/(1+T1 s)` on the speed error, servo `1/T3` within rates and position, stages in
/// series with the shares of power that they give; high and low pressure shaft are one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ieeeg1 {
    /// Gain, pu power a pu speed: the inverse of the droop.
    pub k: f64,
    /// Lag of the speed error, s; 0 for none.
    pub t1_s: f64,
    /// Lead of the speed error, s.
    pub t2_s: f64,
    /// Servo, s.
    pub t3_s: f64,
    /// Opening rate, pu/s.
    pub uo: f64,
    /// Closing rate, pu/s (negative).
    pub uc: f64,
    /// Lowest valve position, pu.
    pub p_min: f64,
    /// Highest valve position, pu.
    pub p_max: f64,
    /// Steam bowl, s.
    pub t4_s: f64,
    /// Share of power after it.
    pub k1: f64,
    /// Reheater, s; 0 for none.
    pub t5_s: f64,
    /// Share of power after it.
    pub k3: f64,
    /// Crossover, s; 0 for none.
    pub t6_s: f64,
    /// Share of power after it.
    pub k5: f64,
    /// Fourth stage, s; 0 for none.
    pub t7_s: f64,
    /// Share of power after it; the four add up to 1.
    pub k7: f64,
}
