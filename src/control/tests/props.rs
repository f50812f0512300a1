//! Whatever the policy: no panic, no number that is not finite, sums conserve, and no commanded batch passes a limit.

use super::*;
use proptest::prelude::*;

prop_compose! {
    fn any_policy()(
        (path, mode, add) in (0u8..3, 0u8..2, 0u8..2),
        (batch, interval, per_s) in (1u32..120, 0.1f64..3.0, 1.0f64..80.0),
        (step, w100, w1, w10, ramp) in (0.8f64..80.0, 0.8f64..60.0, 1.0f64..80.0, 5.0f64..300.0, 0.5f64..40.0),
        (share, refill, ceiling, headroom) in (0.05f64..1.0, 1.0f64..40.0, 0.4f64..1.05, 0.0f64..100.0),
        (shed_share, lead, target, restore) in (prop_oneof![Just(1.0), 0.0f64..1.0], -2.0f64..2.0, 0.0f64..600.0, 0.0f64..40.0),
        (auto_shed, fallback, zero_lead) in (any::<bool>(), any::<bool>(), any::<bool>()),
    ) -> Policy {
        Policy {
            path: [BringUpPath::Ramp, BringUpPath::Shed, BringUpPath::ShedRestore][path as usize],
            shed_mode: [ShedMode::Match, ShedMode::MatchConfirmed][mode as usize],
            add: [AddMode::OffToFull, AddMode::Staged][add as usize],
            batch_gpus: batch,
            interval_s: interval,
            gpus_per_s: per_s,
            step_limit_kw: step,
            window_100ms_kw: w100,
            window_1s_kw: w1,
            window_10s_kw: w10,
            ramp_limit_kw_per_s: ramp,
            bucket_share: share,
            refill_kw_per_s: refill,
            ceiling_pu: ceiling,
            min_headroom_kw: headroom,
            shed_share,
            shed_lead_s: if zero_lead { 0.0 } else { lead },
            target_kw: target,
            restore_kw_per_s: restore,
            auto_shed,
            confirm_fallback_ramp: fallback,
            ..recommended()
        }
    }
}

/// Largest sum of commanded kW within `steps` control steps.
fn worst_sum(net: &[(f64, u32)], steps: usize) -> f64 {
    net.windows(steps.min(net.len())).map(|w| w.iter().map(|n| n.0).sum::<f64>()).fold(0.0, f64::max)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn path_a_holds_every_limit(p in any_policy(), gpu_lag_s in 0.0f64..0.4) {
        let policy = Policy { path: BringUpPath::Ramp, auto_shed: false, ..p };
        let mut t = Toy::new(policy.clone());
        t.gpu_lag_s = gpu_lag_s;
        t.c.start().unwrap();
        t.run(20.0);
        let (net, eps) = (t.net.clone(), 1e-6);
        for (steps, limit) in [(1, policy.window_100ms_kw), (10, policy.window_1s_kw), (100, policy.window_10s_kw)] {
            prop_assert!(worst_sum(&net, steps) <= limit + eps);
        }
        prop_assert!(worst_sum(&net, 50) <= 5.0 * policy.ramp_limit_kw_per_s + eps);
        prop_assert!(worst_sum(&net, 1) <= policy.step_limit_kw + eps);
        let per_s = net.windows(10).map(|w| w.iter().map(|n| n.1).sum::<u32>()).max().unwrap_or(0);
        prop_assert!(f64::from(per_s) <= policy.gpus_per_s + eps);
        let top = 1000.0 * policy.ceiling_pu.min(1.0 - policy.min_headroom_kw / 1000.0);
        prop_assert!(t.max_gen_kw() <= top.max(498.3) + eps);
        prop_assert!(t.worst_rise_kw(1.0) <= policy.window_1s_kw + eps);
        prop_assert!(t.worst_rise_kw(10.0) <= policy.window_10s_kw + eps);
        prop_assert!(t.worst_ramp_kw_per_s() <= policy.ramp_limit_kw_per_s + eps);
        prop_assert!(t.c.step_now_kw(0)[0] >= -eps, "a batch never empties STEP NOW");
        prop_assert!(t.c.commanded_gpu_kw() <= policy.target_kw + eps);
    }

    #[test]
    fn nothing_breaks_and_sums_conserve(
        p in any_policy(),
        lag_s in 0.0f64..4.0,
        units in 0u32..303,
        acts in prop::collection::vec((0u8..9, 0usize..300), 0..8),
        jitter in 0.0f64..3.0,
    ) {
        let mut t = Toy::new(p);
        t.shed_lag_s = lag_s;
        t.miners(units);
        t.c.start().unwrap();
        let mut k = 0;
        t.run_with(30.0, |t| {
            t.base_kw = jitter * f64::from(u8::try_from((k * 7919) % 13).unwrap());
            t.m.islands[0].v_pu = if k == 211 { f64::NAN } else { 1.0 };
            for (act, at) in &acts {
                if *at == k {
                    // a refusal is an answer too
                    let answer = match act {
                        0 => t.c.hold("x"),
                        1 | 2 => t.c.resume(),
                        3 => t.c.abort(),
                        4 => t.c.start(),
                        5 => t.c.next_batch(),
                        6 => t.c.ramp_down(),
                        7 => t.c.set(Setpoint::ShedLeadS, -1.0),
                        _ => t.c.set(Setpoint::Path, f64::from(k as u32 % 3)),
                    };
                    drop(answer);
                }
            }
            k += 1;
            let mut m = t.m.clone();
            m.islands[0].v_pu = 1.0;
            let s = t.c.status(&m);
            assert!(s.limits.iter().all(|u| u.now.is_finite() && u.limit.is_finite()), "{:?}", s.limits);
            assert!(s.eta_s.unwrap_or(0.0).is_finite() && s.plan_end_kw.is_finite() && s.restore_eta_s.is_finite());
            assert!(s.step_now_kw[0].abs() <= s.step_now_kw[1] + 1e-9);
        });
        prop_assert_eq!(t.m.cohorts[0].off + t.m.cohorts[0].preload + t.m.cohorts[0].full, 714);
        prop_assert_eq!(t.units_on + t.units_out, units);
        prop_assert_eq!(t.c.commanded_shed_units(), t.units_out);
    }

    #[test]
    fn match_sheds_follow_gpus_within_a_unit(p in any_policy()) {
        let policy = Policy { path: BringUpPath::Shed, shed_mode: ShedMode::Match, auto_shed: false, ..p };
        let policy = Policy { shed_share: 1.0, shed_lead_s: 0.0, ..policy };
        let mut t = Toy::new(policy);
        t.c.start().unwrap();
        t.run(30.0);
        let left: f64 = t.net.iter().map(|n| n.0).sum();
        prop_assert!(left <= 1e-6 && left > -3.3 - 1e-6 || t.units_on == 0, "{}", left);
    }
}
