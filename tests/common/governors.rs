//! Governors with every parameter at an end of its allowed range or in between, as RON.

use proptest::prelude::*;

fn corner(lo: f64, hi: f64) -> impl Strategy<Value = f64> {
    prop_oneof![2 => Just(lo), 2 => Just(hi), 1 => lo..=hi]
}

/// A governor with every parameter at an end of its range or in between.
pub fn governor() -> impl Strategy<Value = String> {
    let gain = || corner(0.0, 1000.0);
    let lag = || corner(0.005, 100.0);
    let valve = || (corner(0.0, 0.5), corner(0.6, 2.0));
    let tgov1 = (corner(0.001, 0.2), lag(), corner(0.0, 1.0), lag(), valve(), corner(0.0, 2.0)).prop_map(
        |(r, t1, t2, t3, (lo, hi), dt)| {
            format!("tgov1(r_pu: {r:?}, t1_s: {t1:?}, t2_s: {:?}, t3_s: {t3:?}, v_min: {lo:?}, v_max: {hi:?}, dt_pu: {dt:?})", t2 * t3)
        },
    );
    let gast = (corner(0.001, 0.2), lag(), lag(), lag(), corner(0.1, 10.0), gain(), valve(), corner(0.0, 2.0)).prop_map(
        |(r, t1, t2, t3, at, kt, (lo, hi), dt)| {
            format!(
                "gast(r_pu: {r:?}, t1_s: {t1:?}, t2_s: {t2:?}, t3_s: {t3:?}, at_pu: {at:?}, kt: {kt:?}, v_min: {lo:?}, v_max: {hi:?}, dt_pu: {dt:?})"
            )
        },
    );
    let pid = (gain(), gain(), gain(), lag(), lag(), corner(0.0, 2.0), prop_oneof![Just(0.0), lag()], corner(-0.2, 0.05), corner(0.5, 2.0))
        .prop_map(|(kp, ki, kd, td, act, dead, man, lo, hi)| {
            format!(
                "pid(kp: {kp:?}, ki: {ki:?}, kd: {kd:?}, td_f_s: {td:?}, t_act_s: {act:?}, rate_up: 1000.0, rate_down: -1000.0, \
                 t_d_s: {dead:?}, t_man_s: {man:?}, u_min: {lo:?}, u_max: {hi:?})"
            )
        });
    let ggov1 = (
        (corner(0.0, 0.2), prop_oneof![Just("power"), Just("stroke"), Just("output"), Just("isochronous")], lag()),
        (corner(-1.0, 0.0), corner(0.0, 1.0), gain(), gain(), gain(), lag(), lag()),
        (corner(0.001, 1000.0), corner(-1000.0, -0.001), valve(), corner(0.5, 2.0), corner(0.0, 0.5)),
        (lag(), corner(0.0, 1.0), corner(0.0, 2.0), any::<bool>(), corner(-2.0, 2.0)),
    )
        .prop_map(|((r, sel, tp), (lo_e, hi_e, kp, ki, kd, td, act), (open, close, (lo, hi), kturb, wfnl), (tb, tc, eng, by, dm))| {
            format!(
                "ggov1(r_pu: {r:?}, rselect: {sel}, tpelec_s: {tp:?}, minerr: {lo_e:?}, maxerr: {hi_e:?}, kp: {kp:?}, ki: {ki:?}, kd: {kd:?}, \
                 td_s: {td:?}, tact_s: {act:?}, ropen: {open:?}, rclose: {close:?}, v_min: {lo:?}, v_max: {hi:?}, kturb: {kturb:?}, \
                 wfnl: {wfnl:?}, tb_s: {tb:?}, tc_s: {:?}, teng_s: {eng:?}, fuel_by_speed: {by}, dm: {dm:?})",
                tb * tc
            )
        });
    prop_oneof![tgov1, gast, pid, ggov1]
}
