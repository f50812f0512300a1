//! IEEEG1 against what it must be, and the PID's back-calculation against its closed form.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::sync::Arc;

use ballast::engine::Engine;
use ballast::plant::config::{Governor, Pid};
use ballast::plant::governor::{GovInput, evaluate, trim};
use ballast::scenario::Scenario;

fn read(governor: &str) -> Result<Scenario, String> {
    let text = format!(
        "(purpose: \"a step\", run_s: 60.0, plant: (gensets: [(name: \"G1\", machine: (h_s: 5.0), governor: {governor}, relays: none)], \
         gpus: [], miners: [], bess: [], aux: [(name: \"step\", kw: 400.0)]), policy: (hold: (enabled: false)), \
         script: [(at_s: 1.0, act: AuxKw(aux: \"step\", kw: 500.0))])"
    );
    Scenario::from_str("step", "step.ron", &text, None).map_err(|e| e.to_string())
}

/// Frequency at each tick of 60 s, on a rotor as heavy as a steam turbine's: with a gas engine's 0.7 s a reheater swings the
/// bus to pieces, with a step of 100 kW at 1 s.
fn course(governor: &str) -> Vec<f64> {
    let mut e = Engine::new(Arc::new(read(governor).unwrap_or_else(|e| panic!("{e}")))).without_rows();
    (0..60_000)
        .map(|_| {
            e.tick();
            e.totals().f_hz
        })
        .collect()
}

fn ieeeg1(changes: &str) -> String {
    let base = "k: 20.0, t1_s: 0.0, t2_s: 0.0, t3_s: 0.1, uo: 1.0, uc: -1.0, p_min: 0.0, p_max: 1.0, t4_s: 0.3, k1: 1.0, \
                t5_s: 0.0, k3: 0.0, t6_s: 0.0, k5: 0.0, t7_s: 0.0, k7: 0.0";
    let mut fields: Vec<(&str, &str)> = base.split(", ").filter_map(|f| f.trim().split_once(": ")).collect();
    for (name, value) in changes.split(", ").filter_map(|f| f.split_once(": ")) {
        fields.iter_mut().filter(|f| f.0 == name).for_each(|f| f.1 = value);
    }
    let list: Vec<String> = fields.iter().map(|(n, v)| format!("{n}: {v}")).collect();
    format!("ieeeg1({})", list.join(", "))
}

/// Without lead, lag and reheat it is TGOV1 with the servo as its valve and the bowl as its lag.
#[test]
fn val_tgov1_is_ieeeg1_without_reheat() {
    let a = course(&ieeeg1(""));
    let b = course("tgov1(r_pu: 0.05, t1_s: 0.1, t2_s: 0.0, t3_s: 0.3, v_min: 0.0, v_max: 1.0, dt_pu: 0.0)");
    let off = a.iter().zip(&b).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
    assert!(off < 1e-9, "{off:e} Hz apart");
}

/// 100 kW on 1000 kW at a gain of 20 is 0.5 % of speed, with and without reheat; reheat makes the dip deeper; a rate limit
/// deeper still.
#[test]
fn val_analytic_ieeeg1_settles_on_its_droop() {
    let [plain, reheat, slow] = [
        ieeeg1(""),
        ieeeg1("k1: 0.3, t5_s: 5.0, k3: 0.4, t6_s: 0.4, k5: 0.3"),
        ieeeg1("k1: 0.3, t5_s: 5.0, k3: 0.4, t6_s: 0.4, k5: 0.3, uo: 0.05"),
    ]
    .map(|g| course(&g));
    for f in [&plain, &reheat, &slow] {
        let end = f.last().copied().unwrap();
        assert!((end - 60.0 * 0.995).abs() < 1e-3, "settles at {end} Hz");
    }
    let lowest = |f: &[f64]| f.iter().copied().fold(f64::INFINITY, f64::min);
    let (a, b, c) = (lowest(&plain), lowest(&reheat), lowest(&slow));
    assert!(a > b + 0.05 && b > c + 0.05, "{a} {b} {c} Hz");
}

#[test]
fn ieeeg1_is_refused_with_its_reason() {
    for (changes, why) in [
        ("k1: 0.5", "the shares add up to 0.5"),
        ("t2_s: 1.0", "a lead without a lag"),
        ("k: 1.0", "`k` is 1"),
        ("t4_s: 0.001", "`t4_s` is 0.001"),
        ("p_min: 1.5", "p_min"),
    ] {
        let got = read(&ieeeg1(changes)).err().unwrap_or_default();
        assert!(got.contains(why) && got.contains("line 1"), "{changes}: {got}");
    }
}

/// At a limit with a constant error the integrator comes to rest where its own input balances the tracking:
/// `u - raw = -ki e / kaw`. The held one stays where it was.
#[test]
fn val_analytic_back_calculation_rests_at_ki_e_over_kaw() {
    let pid = |kaw| Pid {
        kp: 8.0,
        ki: 6.0,
        kd: 0.0,
        td_f_s: 0.05,
        t_act_s: 0.08,
        rate_up: 1.0,
        rate_down: -1.0,
        t_d_s: 0.0,
        t_man_s: 0.25,
        u_min: 0.0,
        u_max: 1.0,
        kaw,
    };
    let (e, p_set) = (0.05, 0.9);
    let rest = |kaw: f64| {
        let g = Governor::Pid(pid(kaw));
        let (mut x, _) = trim(&g, p_set);
        for _ in 0..20_000 {
            let i = GovInput {
                w: 1.0 - e,
                pe: 1.0,
                p_set,
                w_ref: 1.0,
                droop: 0.0,
                avail: 1.0,
                delayed: None,
                fuel_off: false,
                closed: 0.0,
                on_bus: true,
            };
            let o = evaluate(&g, &x, &i);
            for (x, dx) in x.iter_mut().zip(o.dx) {
                *x += 1e-3 * dx;
            }
        }
        x[0]
    };
    assert_eq!(rest(0.0), 0.9, "held where it was");
    for kaw in [2.0, 5.0, 20.0] {
        let want = 1.0 + 6.0 * e / kaw - 8.0 * e;
        assert!((rest(kaw) - want).abs() < 1e-9, "{kaw}: {} for {want}", rest(kaw));
    }
}
