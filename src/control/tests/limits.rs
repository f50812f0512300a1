//! Which limit binds where, and what a batch that cannot fit does.

use super::*;

fn after(policy: Policy, s: f64) -> Toy {
    let mut t = Toy::new(policy);
    t.c.start().unwrap();
    t.run(s);
    t
}

#[test]
fn the_binding_limit_is_the_one_that_paces() {
    let wide = Policy { gpus_per_s: 1e6, refill_kw_per_s: 1e3, ..source() };
    let held = |id: FeedbackHold| Policy { hold: id, ..recommended() };
    let hold = recommended().hold;
    let table = [
        ("recommended: its own interval", recommended(), LimitId::Interval),
        ("source: 10 a second is its own pace", source(), LimitId::GpusPerS),
        ("10 per 0.5 s against 10 per s", Policy { interval_s: 0.5, ..source() }, LimitId::GpusPerS),
        ("50 kW in 1 s against 20 kW/s", Policy { batch_gpus: 71, ..wide.clone() }, LimitId::Ramp),
        (
            "20 kW in 1 s",
            Policy { interval_s: 0.2, gpus_per_s: 99.0, ramp_limit_kw_per_s: 99.0, ..recommended() },
            LimitId::Window1s,
        ),
        (
            "refill",
            Policy { batch_gpus: 71, refill_kw_per_s: 9.0, ramp_limit_kw_per_s: 99.0, ..wide.clone() },
            LimitId::StepNow,
        ),
        ("10 s window", Policy { window_10s_kw: 20.0, ..recommended() }, LimitId::Window10s),
        ("ceiling", Policy { ceiling_pu: 0.515, ..recommended() }, LimitId::Ceiling),
        ("headroom", Policy { min_headroom_kw: 485.0, ..recommended() }, LimitId::Headroom),
        ("load", held(FeedbackHold { load_pu: 0.5, ..hold }), LimitId::HoldLoad),
    ];
    for (what, policy, want) in table {
        let t = after(policy, 4.05);
        let s = t.c.status(&t.m);
        assert_eq!(s.binding, Some(want), "{what}: {:#?}", s.limits);
        assert!(s.limits.iter().all(|u| u.now.is_finite() && u.limit.is_finite()));
    }
}

#[test]
fn fifty_kw_a_second_is_kept_to_twenty() {
    let policy = Policy { batch_gpus: 71, gpus_per_s: 1e6, refill_kw_per_s: 1e3, ..source() };
    let t = after(policy, 30.0);
    assert!(t.worst_ramp_kw_per_s() <= 20.0 + 1e-6, "{}", t.worst_ramp_kw_per_s());
    assert!((t.batches()[0].1 - 49.7).abs() < 1e-9);
}

#[test]
fn a_batch_that_can_never_fit_becomes_the_largest_that_does_and_says_so_once() {
    let wide = Policy { gpus_per_s: 1e6, batch_gpus: 200, ..source() };
    let table = [
        ("step limit", Policy { step_limit_kw: 20.0, ..wide.clone() }, 28),
        ("bucket", Policy { bucket_share: 0.1, ..wide.clone() }, 20),
        ("1 s window", Policy { window_1s_kw: 30.0, ..wide.clone() }, 42),
        ("acceptance", Policy { step_acceptance: vec![(0.0, 0.03)], bucket_share: 1.0, ..wide.clone() }, 42),
        ("GPU/s", Policy { gpus_per_s: 15.0, ..wide.clone() }, 15),
        ("none of them", Policy { batch_gpus: 10, ..wide }, 10),
    ];
    for (what, policy, n) in table {
        let set = policy.batch_gpus;
        let t = after(policy, 20.0);
        assert!((t.batches()[0].1 - 0.7 * f64::from(n)).abs() < 1e-9, "{what}: {:?}", t.batches());
        let said = t.notes.iter().filter(|x| matches!(&x.1, Note::Limit(s) if s.contains("never fit"))).count();
        assert_eq!(said, usize::from(n < set), "{what}");
    }
}

#[test]
fn feedback_holds_pause_and_go_on_by_themselves() {
    type Spoil = fn(&mut Measured);
    let bad: [(LimitId, Spoil); 3] = [
        (LimitId::HoldFrequency, |m| m.islands[0].f_hz = 59.4),
        (LimitId::HoldRocof, |m| m.islands[0].rocof_500ms_hz_per_s = -0.6),
        (LimitId::HoldVoltage, |m| m.islands[0].v_pu = 0.88),
    ];
    for (id, spoil) in bad {
        for path in [BringUpPath::Ramp, BringUpPath::Shed] {
            let mut t = after(Policy { path, ..recommended() }, 5.05);
            let (n, good) = (t.batches().len(), t.m.clone());
            spoil(&mut t.m);
            t.run(5.0);
            assert_eq!((t.c.state(), t.binding()), (RunState::Running, Some(id)), "{path:?}");
            assert_eq!(t.batches().len(), n, "{path:?}");
            (t.m.islands[0].f_hz, t.m.islands[0].rocof_500ms_hz_per_s, t.m.islands[0].v_pu) =
                (good.islands[0].f_hz, 0.0, 1.0);
            t.run(3.0);
            assert!(t.batches().len() > n, "{path:?}");
            let mut off =
                Toy::new(Policy { hold: FeedbackHold { enabled: false, ..recommended().hold }, ..recommended() });
            spoil(&mut off.m);
            off.c.start().unwrap();
            off.run(2.0);
            assert!(!off.batches().is_empty());
        }
    }
}

#[test]
fn a_net_of_zero_is_never_refused_by_step_ramp_or_ceiling() {
    let tight = Policy { path: BringUpPath::Shed, ceiling_pu: 0.3, min_headroom_kw: 900.0, ..source() };
    let t = after(Policy { ramp_limit_kw_per_s: 3.0, window_1s_kw: 8.0, ..tight }, 80.0);
    assert_eq!(t.c.state(), RunState::Running, "only the last two batches lack miners");
    assert!(t.m.cohorts[0].full >= 700, "{}", t.m.cohorts[0].full);
}

#[test]
fn path_b_waits_for_the_fleet_when_no_miner_is_left() {
    let mut t = Toy::new(Policy { path: BringUpPath::Shed, ..source() });
    t.miners(20);
    t.c.start().unwrap();
    t.run(60.0);
    assert_eq!((t.c.state(), t.binding()), (RunState::Running, Some(LimitId::Fleet)));
    assert!(t.m.islands[0].kw <= 66.0 + 7.0);
    t.c.set(Setpoint::Path, 2.0).unwrap();
    t.run(60.0);
    assert!(t.m.islands[0].kw > 300.0, "B+restore goes on with the genset's ramp");
}

#[test]
fn a_slam_drains_step_now_and_stops_the_schedule_until_it_is_over() {
    let mut t = after(recommended(), 5.0);
    let n = t.batches().len();
    t.base_kw = 122.5;
    t.run(0.5);
    assert!(t.c.step_now_kw(0)[0] < 0.0, "{:?}", t.c.step_now_kw(0));
    let s = t.c.status(&t.m);
    assert!(s.interlocks[0].starts_with("measured rise 12"), "{:?}", s.interlocks);
    t.run(4.5);
    assert_eq!(t.batches().len(), n);
    t.run(15.0);
    assert!(t.batches().len() > n);
}

#[test]
fn auto_shed_sheds_the_excess_once() {
    let mut t = after(Policy { auto_shed: true, ..recommended() }, 5.0);
    t.base_kw = 50.0;
    t.run(8.0);
    let sheds: Vec<_> = t.notes.iter().filter_map(|(_, n)| units_shed(n)).collect();
    assert_eq!(sheds.len(), 1);
    assert!((12..=16).contains(&sheds[0]), "{sheds:?}");
}
