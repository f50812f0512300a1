//! Governors with every parameter at an end of its allowed range or in between, as RON.

use proptest::prelude::*;

fn corner(lo: f64, hi: f64) -> impl Strategy<Value = f64> {
    prop_oneof![2 => Just(lo), 2 => Just(hi), 1 => lo..=hi]
}

/// A governor with every parameter at an end of its range or in between.
pub fn governor() -> impl Strategy<Value = String> {
    let gain = || corner(0.0, 1000.0);
    let lag = || corner(0.005, 100.0);
    // Closed as far as no load needs at least: the lower stop of a valve that is a power.
    let valve = || (corner(-1.0, 0.02), corner(0.6, 2.0));
    let share = || corner(0.0, 1.0);
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
    let pid = (gain(), gain(), gain(), lag(), lag(), corner(0.0, 2.0), prop_oneof![Just(0.0), lag()], corner(-0.2, 0.02), corner(0.5, 2.0))
        .prop_map(|(kp, ki, kd, td, act, dead, man, lo, hi)| {
            format!(
                "pid(kp: {kp:?}, ki: {ki:?}, kd: {kd:?}, td_f_s: {td:?}, t_act_s: {act:?}, rate_up: 1000.0, rate_down: -1000.0, \
                 t_d_s: {dead:?}, t_man_s: {man:?}, u_min: {lo:?}, u_max: {hi:?})"
            )
        });
    let ggov1 = (
        (corner(0.0, 0.2), prop_oneof![Just("power"), Just("stroke"), Just("output"), Just("isochronous")], lag()),
        (corner(-1.0, 0.0), corner(0.0, 1.0), gain(), gain(), gain(), lag(), lag()),
        (corner(0.001, 1000.0), corner(-1000.0, -0.001), (corner(0.0, 1.0), corner(0.6, 2.0)), corner(0.5, 2.0), corner(0.0, 0.5)),
        (lag(), corner(0.0, 1.0), corner(0.0, 2.0), any::<bool>(), corner(-2.0, 2.0)),
    )
        .prop_map(|((r, sel, tp), (lo_e, hi_e, kp, ki, kd, td, act), (open, close, (lo, hi), kturb, wfnl), (tb, tc, eng, by, dm))| {
            let lo = lo * wfnl;
            format!(
                "ggov1(r_pu: {r:?}, rselect: {sel}, tpelec_s: {tp:?}, minerr: {lo_e:?}, maxerr: {hi_e:?}, kp: {kp:?}, ki: {ki:?}, kd: {kd:?}, \
                 td_s: {td:?}, tact_s: {act:?}, ropen: {open:?}, rclose: {close:?}, v_min: {lo:?}, v_max: {hi:?}, kturb: {kturb:?}, \
                 wfnl: {wfnl:?}, tb_s: {tb:?}, tc_s: {:?}, teng_s: {eng:?}, fuel_by_speed: {by}, dm: {dm:?})",
                tb * tc
            )
        });
    let stage = || prop_oneof![Just(0.0), lag()];
    let ieeeg1 = (
        (corner(5.0, 1000.0), stage(), corner(0.0, 100.0), lag(), corner(0.001, 1000.0), corner(-1000.0, -0.001), valve()),
        (stage(), stage(), stage(), stage()),
        (share(), share(), share()),
    )
        .prop_map(|((k, t1, t2, t3, uo, uc, (lo, hi)), (t4, t5, t6, t7), (a, b, c))| {
            let t2 = if t1 > 0.0 { t2 } else { 0.0 };
            let (k3, k5) = ((1.0 - a) * b, (1.0 - a) * (1.0 - b) * c);
            let k7 = (1.0 - a - k3 - k5).max(0.0);
            format!(
                "ieeeg1(k: {k:?}, t1_s: {t1:?}, t2_s: {t2:?}, t3_s: {t3:?}, uo: {uo:?}, uc: {uc:?}, p_min: {lo:?}, p_max: {hi:?}, \
                 t4_s: {t4:?}, k1: {a:?}, t5_s: {t5:?}, k3: {k3:?}, t6_s: {t6:?}, k5: {k5:?}, t7_s: {t7:?}, k7: {k7:?})"
            )
        });
    prop_oneof![tgov1, gast, pid, ggov1, ieeeg1]
}
