//! Governors with their engine path: TGOV1, GAST, GGOV1, IEEEG1 and the PID gas engine. Pure derivatives on a fixed array.
//!
//! Powers and valve positions in pu of rated kW, speed in pu of nominal. Each function gives the state derivatives
//! and the mechanical power. The air limit of a lean-burn engine arrives as `avail`: the largest power that air
//! allows now; it acts on the demanded power, and it is what holds the integrators (one flag for both).
//! References: PES-TR1 (2013) for TGOV1, GAST, GGOV1 and IEEEG1; back-calculation as in Astrom and Hagglund, PID
//! Controllers (1995), 3.5.

use super::config::{Gast, Ggov1, Governor, Ieeeg1, Pid, Rselect, Tgov1};

/// States of one governor. Their meaning is in each model's constants.
pub type GovState = [f64; 6];

/// What a governor sees.
#[derive(Clone, Copy, Debug)]
pub struct GovInput {
    /// Speed, pu.
    pub w: f64,
    /// Electrical power, pu of rated kW.
    pub pe: f64,
    /// Load reference: power at nominal speed, pu.
    pub p_set: f64,
    /// Speed reference with load-sharing correction, pu.
    pub w_ref: f64,
    /// Droop of [`Sharing`](super::config::Sharing) for the PID; valve governors carry their own.
    pub droop: f64,
    /// Power that air and rating allow now, pu.
    pub avail: f64,
    /// The signal that entered the dead time that long ago, or `None` for no dead time.
    pub delayed: Option<f64>,
    /// Fuel is shut off.
    pub fuel_off: bool,
    /// Net power at closed throttle, pu: less than 0 on the bus, where the others turn the engine against its friction.
    pub closed: f64,
    /// 52G is closed.
    pub on_bus: bool,
}

/// Result of one evaluation.
#[derive(Clone, Copy, Debug)]
pub struct GovOutput {
    /// State derivatives.
    pub dx: GovState,
    /// Mechanical power, pu.
    pub pm: f64,
    /// Signal that enters the dead time now.
    pub into_delay: f64,
    /// Valve or actuator position, pu.
    pub valve: f64,
}

/// Dead time of the engine path, s.
#[must_use]
pub fn dead_time_s(g: &Governor) -> f64 {
    match g {
        Governor::Tgov1(_) | Governor::Gast(_) | Governor::Ieeeg1(_) => 0.0,
        Governor::Ggov1(g) => g.teng_s,
        Governor::Pid(p) => p.t_d_s,
    }
}

/// Evaluates any governor.
#[expect(clippy::inline_always, reason = "half of the cost of a tick: the copies of its arrays go when it is in line")]
#[inline(always)]
#[must_use]
pub fn evaluate(g: &Governor, x: &GovState, i: &GovInput) -> GovOutput {
    match g {
        Governor::Pid(p) => pid(p, x, i),
        other => evaluate_other(other, x, i),
    }
}

/// Kept out of line, so that the PID of the presets is in line with the machine.
#[inline(never)]
fn evaluate_other(g: &Governor, x: &GovState, i: &GovInput) -> GovOutput {
    match g {
        Governor::Tgov1(p) => tgov1(p, x, i),
        Governor::Gast(p) => gast(p, x, i),
        Governor::Ggov1(p) => ggov1(p, x, i),
        Governor::Pid(p) => pid(p, x, i),
        Governor::Ieeeg1(p) => ieeeg1(p, x, i),
    }
}

/// Keeps states inside their hard limits after a step.
#[inline]
pub fn clamp(g: &Governor, x: &mut GovState, avail: f64, fuel_off: bool) {
    let within = |x, [lo, hi]: [f64; 2]| at_stops(x, lo, hi, fuel_off);
    match g {
        Governor::Tgov1(p) => x[0] = within(x[0], stops(p.v_min, p.v_max, avail)),
        Governor::Gast(p) => x[0] = within(x[0], stops(p.v_min, p.v_max, avail)),
        Governor::Ggov1(p) => x[3] = x[3].clamp(stops(p.v_min, p.v_max, avail / p.kturb + p.wfnl)[0], p.v_max),
        Governor::Pid(_) => {}
        Governor::Ieeeg1(p) => x[1] = within(x[1], stops(p.p_min, p.p_max, avail)),
    }
}

/// Limits of a governor's output: its own stops, and `most`, what air and rating allow. Without air there is no power, so
/// `most` goes before the lower stop.
fn stops(lo: f64, hi: f64, most: f64) -> [f64; 2] {
    let hi = hi.min(most);
    [lo.min(hi), hi]
}

/// A valve between its stops, where the second stage of a tick may find it beyond them. With its fuel shut it falls below the
/// lower one.
fn at_stops(v: f64, lo: f64, hi: f64, fuel_off: bool) -> f64 {
    if fuel_off { v.min(hi) } else { v.clamp(lo, hi) }
}

/// Power that a damping of `d` pu a pu speed takes at speed `w`. Linear about nominal speed, where the bus drives it as well as
/// it brakes; off the bus there is nothing that could drive, and it only brakes.
#[must_use]
pub fn damping(d: f64, w: f64, on_bus: bool) -> f64 {
    let p = d * (w - 1.0);
    if on_bus { p } else { p.max(0.0) }
}

/// Power at nominal speed with the valve at its lower and at its upper stop, pu.
#[must_use]
pub fn power_range(g: &Governor) -> [f64; 2] {
    match g {
        Governor::Tgov1(p) => [p.v_min, p.v_max],
        // In the long run no more than the exhaust allows: `v = AT + KT (AT - v)` is met at AT.
        Governor::Gast(p) => [p.v_min, p.v_max.min(p.at_pu)],
        Governor::Ggov1(p) => [p.v_min, p.v_max].map(|v| p.kturb * (v - p.wfnl)),
        Governor::Pid(p) => [p.u_min, p.u_max],
        Governor::Ieeeg1(p) => [p.p_min, p.p_max],
    }
}

/// States and load reference that hold `pm` at nominal speed with every derivative zero.
#[must_use]
pub fn trim(g: &Governor, pm: f64) -> (GovState, f64) {
    let mut x = GovState::default();
    match g {
        Governor::Tgov1(_) => (x[0], x[1]) = (pm, pm),
        Governor::Gast(_) => (x[0], x[1], x[2]) = (pm, pm, pm),
        Governor::Ggov1(p) => {
            let stroke = pm / p.kturb + p.wfnl;
            x = [pm, stroke, 0.0, stroke, pm, 0.0];
        }
        Governor::Pid(_) => x = [pm, 0.0, pm, pm, 0.0, 0.0],
        Governor::Ieeeg1(_) => x = [0.0, pm, pm, pm, pm, pm],
    }
    (x, pm)
}

fn non_windup(d: f64, x: f64, lo: f64, hi: f64) -> f64 {
    if (x >= hi && d > 0.0) || (x <= lo && d < 0.0) { 0.0 } else { d }
}

/// x: valve, turbine lag.
fn tgov1(p: &Tgov1, x: &GovState, i: &GovInput) -> GovOutput {
    let [v, lag, ..] = *x;
    let [lo, hi] = stops(p.v_min, p.v_max, i.avail);
    let v = at_stops(v, lo, hi, i.fuel_off);
    let (demand, lo) = if i.fuel_off { (i.closed, i.closed) } else { (i.p_set + (i.w_ref - i.w) / p.r_pu, lo) };
    let dv = non_windup((demand - v) / p.t1_s, v, lo, hi);
    let pm = lag + p.t2_s / p.t3_s * (v - lag) - damping(p.dt_pu, i.w, i.on_bus);
    GovOutput { dx: [dv, (v - lag) / p.t3_s, 0.0, 0.0, 0.0, 0.0], pm, into_delay: v, valve: v }
}

/// x: valve, fuel, exhaust temperature.
fn gast(p: &Gast, x: &GovState, i: &GovInput) -> GovOutput {
    let [v, fuel, exhaust, ..] = *x;
    let [lo, hi] = stops(p.v_min, p.v_max, i.avail);
    let v = at_stops(v, lo, hi, i.fuel_off);
    let (demand, lo) = if i.fuel_off { (i.closed, i.closed) } else { (i.p_set + (i.w_ref - i.w) / p.r_pu, lo) };
    let temperature = p.at_pu + p.kt * (p.at_pu - exhaust);
    let dv = non_windup((demand.min(temperature) - v) / p.t1_s, v, lo, hi);
    let pm = fuel - damping(p.dt_pu, i.w, i.on_bus);
    GovOutput { dx: [dv, (v - fuel) / p.t2_s, (fuel - exhaust) / p.t3_s, 0.0, 0.0, 0.0], pm, into_delay: v, valve: v }
}

/// x: lead-lag, valve, then the four stages of steam. The air limit caps the valve.
fn ieeeg1(p: &Ieeeg1, x: &GovState, i: &GovInput) -> GovOutput {
    let [lag, v, s4, s5, s6, s7] = *x;
    let error = i.w_ref - i.w;
    let (d_lag, led) =
        if p.t1_s > 0.0 { ((error - lag) / p.t1_s, lag + p.t2_s / p.t1_s * (error - lag)) } else { (0.0, error) };
    let [lo, hi] = stops(p.p_min, p.p_max, i.avail);
    let v = at_stops(v, lo, hi, i.fuel_off);
    let (demand, lo) = if i.fuel_off { (i.closed, i.closed) } else { (i.p_set + p.k * led, lo) };
    let dv = non_windup(((demand - v) / p.t3_s).clamp(p.uc, p.uo), v, lo, hi);
    // A stage without a time constant hands on what it gets.
    let stage = |input: f64, x: f64, t_s: f64| if t_s > 0.0 { ((input - x) / t_s, x) } else { (0.0, input) };
    let (d4, y4) = stage(v, s4, p.t4_s);
    let (d5, y5) = stage(y4, s5, p.t5_s);
    let (d6, y6) = stage(y5, s6, p.t6_s);
    let (d7, y7) = stage(y6, s7, p.t7_s);
    let pm = p.k1 * y4 + p.k3 * y5 + p.k5 * y6 + p.k7 * y7;
    GovOutput { dx: [d_lag, dv, d4, d5, d6, d7], pm, into_delay: v, valve: v }
}

/// x: measured power, integrator, derivative filter, stroke, turbine lag. The acceleration limiter is off. Limits act in
/// this order: the error, the least of governor and load limiter (here the air limit as a fuel flow, `avail/Kturb + Wfnl`),
/// the valve's range, the actuator's rates, the stroke's range.
fn ggov1(p: &Ggov1, x: &GovState, i: &GovInput) -> GovOutput {
    let [p_meas, xi, xd, stroke, tb, _] = *x;
    let cap = i.avail / p.kturb + p.wfnl;
    let [lo, hi] = stops(p.v_min, p.v_max, cap);
    let stroke = stroke.clamp(lo, p.v_max);
    let select = |fsr: f64| fsr.clamp(lo, hi);
    let fb = match p.rselect {
        Rselect::Power => p_meas,
        Rselect::Isochronous => 0.0,
        Rselect::Stroke | Rselect::Output => stroke,
    };
    // At nominal speed the reference must cancel the feedback that belongs to p_set.
    let fb_ref = match p.rselect {
        Rselect::Power => i.p_set,
        Rselect::Isochronous => 0.0,
        Rselect::Stroke | Rselect::Output => i.p_set / p.kturb + p.wfnl,
    };
    let raw = |fb: f64| (i.w_ref - i.w + p.r_pu * (fb_ref - fb)).clamp(p.minerr, p.maxerr);
    let unlimited = |e: f64| p.kp * e + xi + if p.kd > 0.0 { p.kd * (e - xd) / p.td_s } else { 0.0 };
    let mut err = raw(fb);
    let mut fsr = unlimited(err);
    if p.rselect == Rselect::Output {
        // Droop on the governor's own output: e = e0 - R*fsr, solved for the linear law.
        let gain = p.kp + if p.kd > 0.0 { p.kd / p.td_s } else { 0.0 };
        let e0 = i.w_ref - i.w + p.r_pu * fb_ref;
        let rest = xi - if p.kd > 0.0 { p.kd * xd / p.td_s } else { 0.0 };
        fsr = (gain * e0 + rest) / (1.0 + gain * p.r_pu);
        err = (e0 - p.r_pu * select(fsr)).clamp(p.minerr, p.maxerr);
        fsr = unlimited(err);
    }
    let limited = if i.fuel_off { lo } else { select(fsr) };
    let holds = (fsr >= hi && err > 0.0) || (fsr <= lo && err < 0.0) || i.fuel_off;
    let d_xi = if holds { 0.0 } else { p.ki * err };
    let d_xd = if p.td_s > 0.0 { (err - xd) / p.td_s } else { 0.0 };
    let d_stroke = non_windup(((limited - stroke) / p.tact_s).clamp(p.rclose, p.ropen), stroke, lo, p.v_max);
    let flow = if p.fuel_by_speed { stroke * i.w } else { stroke };
    let turbine_in = if i.fuel_off { i.closed } else { p.kturb * (flow - p.wfnl) };
    let delayed = i.delayed.unwrap_or(turbine_in);
    let (d_tb, out) =
        if p.tb_s > 0.0 { ((delayed - tb) / p.tb_s, tb + p.tc_s / p.tb_s * (delayed - tb)) } else { (0.0, delayed) };
    // Dm < 0 is not a damping: it shapes the temperature limit, which is not modelled.
    let pm = out - damping(p.dm.max(0.0), i.w, i.on_bus);
    let d_meas = if p.tpelec_s > 0.0 { (i.pe - p_meas) / p.tpelec_s } else { 0.0 };
    GovOutput { dx: [d_meas, d_xi, d_xd, d_stroke, d_tb, 0.0], pm, into_delay: turbine_in, valve: stroke }
}

/// x: integrator, derivative filter, actuator, manifold. The droop feedback is the actuator.
#[expect(clippy::inline_always, reason = "half of the cost of a tick: the copies of its arrays go when it is in line")]
#[inline(always)]
fn pid(p: &Pid, x: &GovState, i: &GovInput) -> GovOutput {
    let [xi, xd, act, man, ..] = *x;
    let e = i.w_ref - i.w - i.droop * (act - i.p_set);
    let de = if p.td_f_s > 0.0 { (e - xd) / p.td_f_s } else { 0.0 };
    let raw = p.kp * e + xi + p.kd * de;
    let [lo, hi] = stops(p.u_min + i.closed, p.u_max, i.avail);
    let u = if i.fuel_off { i.closed } else { raw.clamp(lo, hi) };
    let d_xi = if p.kaw > 0.0 {
        p.ki * e + p.kaw * (u - raw)
    } else {
        let holds = (raw >= hi && e > 0.0) || (raw <= lo && e < 0.0) || i.fuel_off;
        if holds { 0.0 } else { p.ki * e }
    };
    let d_act = ((u - act) / p.t_act_s).clamp(p.rate_down, p.rate_up);
    let delayed = i.delayed.unwrap_or(act);
    let (d_man, pm) = if p.t_man_s > 0.0 { ((delayed - man) / p.t_man_s, man) } else { (0.0, delayed) };
    GovOutput { dx: [d_xi, de, d_act, d_man, 0.0, 0.0], pm, into_delay: act, valve: act }
}
