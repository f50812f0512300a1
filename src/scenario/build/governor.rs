//! Ranges of governor parameters. Lags start at 5 ms: the integration is explicit at a tick of at most 5 ms.

use crate::plant::config::{Gast, Ggov1, Governor, Ieeeg1, Pid, Tgov1};
use crate::plant::genset::NO_LOAD_LOSS_PU;
use crate::plant::governor::power_range;
use crate::text::{At, Checked};

const LAG: [f64; 2] = [0.005, 100.0];
/// May be 0: the block is then not there.
const LEAD: [f64; 2] = [0.0, 100.0];
const GAIN: [f64; 2] = [0.0, 1000.0];
const VALVE: [f64; 2] = [-1.0, 2.0];
const DROOP: [f64; 2] = [0.001, 0.2];
/// Beyond this a damping of the engine would give more power at low speed than its fuel.
const DAMPING: [f64; 2] = [0.0, 2.0];

fn numbers(at: &At, list: &[(&str, f64, [f64; 2])]) -> Checked<()> {
    list.iter().try_for_each(|&(key, v, [lo, hi])| at.num(key, v, lo, hi).map(|_| ()))
}

/// A lead that is longer than its lag would put out more than comes in: power past the machine's limits.
fn at_most(at: &At, lead: &'static str, lead_s: f64, lag: &str, lag_s: f64) -> Checked<()> {
    if lead_s <= lag_s {
        return Ok(());
    }
    Err(at.key(lead).problem(format!("`{lead}` is {lead_s}"), format!("at most `{lag}`, {lag_s}")))
}

pub(super) fn check(at: &At, g: &Governor) -> Checked<()> {
    let lower_stop = match g {
        Governor::Tgov1(g) => tgov1(at, g).map(|()| "v_min"),
        Governor::Gast(g) => gast(at, g).map(|()| "v_min"),
        Governor::Ggov1(g) => ggov1(at, g).map(|()| "v_min"),
        Governor::Pid(g) => pid(at, g).map(|()| "u_min"),
        Governor::Ieeeg1(g) => ieeeg1(at, g).map(|()| "p_min"),
    }?;
    idles(at, g, lower_stop)
}

/// At its lower stop an engine may give no more than its friction takes: more, and it can neither idle nor lose its load
/// without running away, whatever its governor does.
fn idles(at: &At, g: &Governor, lower_stop: &'static str) -> Checked<()> {
    let [least, _] = power_range(g);
    if least <= NO_LOAD_LOSS_PU {
        return Ok(());
    }
    let m = format!(
        "at `{lower_stop}` the engine gives {:.1} % of its rating, and off the bus it runs away",
        100.0 * least
    );
    Err(at.key(lower_stop).problem(m, format!("at most {:.0} %, what its friction takes", 100.0 * NO_LOAD_LOSS_PU)))
}

fn tgov1(at: &At, g: &Tgov1) -> Checked<()> {
    numbers(
        at,
        &[
            ("r_pu", g.r_pu, DROOP),
            ("t1_s", g.t1_s, LAG),
            ("t2_s", g.t2_s, LEAD),
            ("t3_s", g.t3_s, LAG),
            ("v_min", g.v_min, VALVE),
            ("v_max", g.v_max, VALVE),
            ("dt_pu", g.dt_pu, DAMPING),
        ],
    )?;
    at_most(at, "t2_s", g.t2_s, "t3_s", g.t3_s)?;
    at.order("v_min", g.v_min, "v_max", g.v_max)
}

fn gast(at: &At, g: &Gast) -> Checked<()> {
    numbers(
        at,
        &[
            ("r_pu", g.r_pu, DROOP),
            ("t1_s", g.t1_s, LAG),
            ("t2_s", g.t2_s, LAG),
            ("t3_s", g.t3_s, LAG),
            ("at_pu", g.at_pu, [0.1, 10.0]),
            ("kt", g.kt, GAIN),
            ("v_min", g.v_min, VALVE),
            ("v_max", g.v_max, VALVE),
            ("dt_pu", g.dt_pu, DAMPING),
        ],
    )?;
    at.order("v_min", g.v_min, "v_max", g.v_max)
}

fn ggov1(at: &At, g: &Ggov1) -> Checked<()> {
    numbers(
        at,
        &[
            ("r_pu", g.r_pu, [0.0, 0.2]),
            ("tpelec_s", g.tpelec_s, LAG),
            ("minerr", g.minerr, [-1.0, 0.0]),
            ("maxerr", g.maxerr, [0.0, 1.0]),
            ("kp", g.kp, GAIN),
            ("ki", g.ki, GAIN),
            ("kd", g.kd, GAIN),
            ("td_s", g.td_s, LAG),
            ("tact_s", g.tact_s, LAG),
            ("ropen", g.ropen, [0.001, 1000.0]),
            ("rclose", g.rclose, [-1000.0, -0.001]),
            ("v_min", g.v_min, VALVE),
            ("v_max", g.v_max, VALVE),
            ("kturb", g.kturb, [0.1, 5.0]),
            ("wfnl", g.wfnl, [0.0, 0.5]),
            ("tb_s", g.tb_s, LAG),
            ("tc_s", g.tc_s, LEAD),
            ("teng_s", g.teng_s, [0.0, 2.0]),
            ("dm", g.dm, [-2.0, 2.0]),
        ],
    )?;
    at_most(at, "tc_s", g.tc_s, "tb_s", g.tb_s)?;
    // What a shut valve takes from the shaft.
    let lowest = g.kturb * (g.v_min - g.wfnl);
    if lowest < -1.0 {
        let m = format!("at `v_min` the turbine takes {:.2} pu from its shaft", -lowest);
        return Err(at.key("v_min").problem(m, "`kturb` times `v_min` less `wfnl` at or above -1"));
    }
    at.order("v_min", g.v_min, "v_max", g.v_max)
}

fn pid(at: &At, g: &Pid) -> Checked<()> {
    numbers(
        at,
        &[
            ("kp", g.kp, GAIN),
            ("ki", g.ki, GAIN),
            ("kd", g.kd, GAIN),
            ("td_f_s", g.td_f_s, LAG),
            ("t_act_s", g.t_act_s, LAG),
            ("rate_up", g.rate_up, [0.001, 1000.0]),
            ("rate_down", g.rate_down, [-1000.0, -0.001]),
            ("t_d_s", g.t_d_s, [0.0, 2.0]),
            ("u_min", g.u_min, [-0.2, 1.0]),
            ("u_max", g.u_max, [0.1, 2.0]),
            // at most the inverse of twice the longest tick
            ("kaw", g.kaw, [0.0, 100.0]),
        ],
    )?;
    if g.t_man_s != 0.0 {
        numbers(at, &[("t_man_s", g.t_man_s, LAG)])?;
    }
    at.order("u_min", g.u_min, "u_max", g.u_max)
}

fn ieeeg1(at: &At, g: &Ieeeg1) -> Checked<()> {
    numbers(
        at,
        &[
            ("k", g.k, [5.0, 1000.0]),
            ("t2_s", g.t2_s, LEAD),
            ("t3_s", g.t3_s, LAG),
            ("uo", g.uo, [0.001, 1000.0]),
            ("uc", g.uc, [-1000.0, -0.001]),
            ("p_min", g.p_min, VALVE),
            ("p_max", g.p_max, VALVE),
            ("k1", g.k1, [0.0, 1.0]),
            ("k3", g.k3, [0.0, 1.0]),
            ("k5", g.k5, [0.0, 1.0]),
            ("k7", g.k7, [0.0, 1.0]),
        ],
    )?;
    for (key, t_s) in [("t1_s", g.t1_s), ("t4_s", g.t4_s), ("t5_s", g.t5_s), ("t6_s", g.t6_s), ("t7_s", g.t7_s)] {
        if t_s != 0.0 {
            numbers(at, &[(key, t_s, LAG)])?;
        }
    }
    if g.t1_s == 0.0 && g.t2_s != 0.0 {
        return Err(at.key("t2_s").problem("a lead without a lag", "`t1_s` above 0, or `t2_s` 0"));
    }
    let shares = g.k1 + g.k3 + g.k5 + g.k7;
    if (shares - 1.0).abs() > 1e-6 {
        return Err(at.key("k1").problem(format!("the shares add up to {shares}"), "`k1` + `k3` + `k5` + `k7` = 1"));
    }
    at.order("p_min", g.p_min, "p_max", g.p_max)
}
