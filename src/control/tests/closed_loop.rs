//! Path A, Path B, B+restore, staged, ramp-down: whole runs against what the operational model promises.

use super::*;

#[test]
fn path_a_rises_by_batch_and_interval_to_the_target() {
    let policy = Policy { ceiling_pu: 1.0, hold: FeedbackHold { load_pu: 1.0, ..recommended().hold }, ..recommended() };
    let mut t = Toy::new(policy);
    t.c.start().unwrap();
    t.run(0.55);
    assert_eq!(t.c.state(), RunState::Running);
    assert_eq!(t.binding(), Some(LimitId::Interval));
    t.run(80.0);
    assert_eq!(t.c.state(), RunState::Complete);
    let b = t.batches();
    assert_eq!(b.len(), 72);
    assert!((b[71].1 - 2.8).abs() < 1e-9, "the last one is smaller");
    assert!((b[71].0 - 71.0).abs() < 1e-9, "one a second: {:?}", b[71]);
    assert!((t.m.islands[0].kw - 998.1).abs() < 1e-6, "{}", t.m.islands[0].kw);
    assert!(t.worst_rise_kw(0.1) <= 10.0 && t.worst_rise_kw(1.0) <= 20.0 && t.worst_rise_kw(10.0) <= 100.0);
    assert!(t.worst_ramp_kw_per_s() <= 16.0);
    assert!((t.c.commanded_gpu_kw() - 499.8).abs() < 1e-9);
    assert_eq!(t.c.commanded_shed_units(), 0);
}

#[test]
fn the_recommended_ceiling_stops_path_a_below_95_per_cent() {
    let mut t = Toy::new(recommended());
    t.c.start().unwrap();
    t.run(120.0);
    assert_eq!((t.c.state(), t.binding()), (RunState::Running, Some(LimitId::Ceiling)));
    assert!(t.max_gen_kw() <= 950.0 && t.max_gen_kw() > 943.0);
}

#[test]
fn match_keeps_the_net_within_a_quantum_and_a_batch() {
    for units in [151, 303] {
        let mut t = Toy::new(Policy { path: BringUpPath::Shed, ..source() });
        t.miners(units);
        let start = t.m.fleets[0].filtered_kw;
        t.c.start().unwrap();
        t.run(80.0);
        assert_eq!(t.c.state(), RunState::Complete, "{units} miners");
        let net: Vec<f64> = t.net.iter().scan(0.0, |s, n| Some(std::mem::replace(s, *s + n.0) + n.0)).collect();
        let rest = if units == 151 { 1.5 } else { 0.0 };
        assert!(net.iter().all(|n| *n > -3.3 && *n <= rest + 1e-6), "sheds lead by less than a unit");
        assert!((t.m.islands[0].kw - start).abs() < 3.3 + rest);
        assert!(t.max_gen_kw() <= start + 7.0 + 3.3);
    }
}

#[test]
fn match_shows_what_lag_does() {
    let mut t = Toy::new(Policy { path: BringUpPath::Shed, ..source() });
    t.shed_lag_s = 2.0;
    t.c.start().unwrap();
    t.run(60.0);
    let over = t.max_gen_kw() - 498.3;
    assert!((7.0..7.0 * 2.0 + 7.0 + 3.3).contains(&over), "{over}");
}

#[test]
fn match_confirmed_never_raises_the_gensets_even_at_two_seconds_of_lag() {
    for (lag, miners, seconds) in [(0.3, 151, 120.0), (2.0, 151, 260.0), (2.0, 303, 260.0)] {
        let shed = Policy { path: BringUpPath::Shed, shed_mode: ShedMode::MatchConfirmed, ..recommended() };
        // A machine at its rating: the ceiling and the load hold do not stand in the way of a net of zero.
        let mut t = Toy::new(shed);
        t.shed_lag_s = lag;
        t.miners(miners);
        let start = t.m.fleets[0].filtered_kw;
        t.c.start().unwrap();
        t.run(0.95);
        assert_eq!(
            t.binding(),
            Some(if lag > 1.0 { LimitId::Confirm } else { LimitId::Interval }),
            "{:?}",
            t.c.status(&t.m).limits
        );
        t.run(seconds);
        assert_eq!(t.c.state(), RunState::Complete, "lag {lag}, binding {:?}", t.c.status(&t.m));
        let most = start + if miners == 151 { 1.5 } else { 0.0 } + 1.0;
        assert!(t.max_gen_kw() <= most, "lag {lag}: {} over {start}", t.max_gen_kw());
        assert!(t.m.islands[0].kw > start - 3.3 - 1.0, "no more is shed than needed: {}", t.m.islands[0].kw);
    }
}

#[test]
fn a_missing_confirmation_holds_or_falls_back() {
    let shed = Policy { path: BringUpPath::Shed, ..recommended() };
    let mut t = Toy::new(shed.clone());
    t.stuck = true;
    t.c.start().unwrap();
    t.run(4.0);
    assert_eq!(t.c.state(), RunState::Hold);
    assert_eq!(t.c.hold_reason(), Some("miners fell 0.0 of 9.9 kW in 3.0 s"));
    assert_eq!(t.batches(), vec![]);
    t.c.resume().unwrap();
    t.run(4.0);
    assert_eq!(t.c.state(), RunState::Hold);

    let mut t = Toy::new(Policy { confirm_fallback_ramp: true, ..shed });
    t.stuck = true;
    t.c.start().unwrap();
    t.run(4.0);
    assert_eq!((t.c.state(), t.batches().len()), (RunState::Running, 1));
}

#[test]
fn restore_ends_with_all_miners_back_and_the_genset_within_its_ramp() {
    for mode in [ShedMode::Match, ShedMode::MatchConfirmed] {
        let policy = Policy { path: BringUpPath::ShedRestore, shed_mode: mode, ceiling_pu: 1.0, ..recommended() };
        let mut t = Toy::new(Policy { hold: FeedbackHold { load_pu: 1.0, ..policy.hold }, ..policy });
        t.c.start().unwrap();
        t.run(110.0);
        assert_eq!(t.c.state(), RunState::Complete);
        assert!(t.c.status(&t.m).restore_eta_s > 0.0);
        t.run(160.0);
        assert_eq!((t.units_on, t.c.commanded_shed_units()), (151, 0), "{mode:?}");
        assert!((t.m.islands[0].kw - 998.1).abs() < 1e-6 && t.max_gen_kw() < 1000.0);
        assert!(t.worst_ramp_kw_per_s() <= 16.0, "{}", t.worst_ramp_kw_per_s());
        assert_eq!(t.c.status(&t.m).restore_eta_s, 0.0);
    }
}

#[test]
fn restore_stops_at_the_ceiling_with_what_is_waking_counted() {
    let mut t = Toy::new(Policy { path: BringUpPath::ShedRestore, ..recommended() });
    t.c.start().unwrap();
    t.run(600.0);
    assert!(t.max_gen_kw() <= 950.0 + 1e-6 && t.m.islands[0].kw > 940.0, "{} {}", t.max_gen_kw(), t.m.islands[0].kw);
    assert!(t.units_out > 0);
}

#[test]
fn staged_is_preload_checkpoint_then_caps_under_the_same_limits() {
    let policy = Policy { add: AddMode::Staged, target_kw: 210.0, ..source() };
    let mut t = Toy::new(Policy { gpus_per_s: 20.0, ..policy.clone() });
    t.c.start().unwrap();
    t.run(29.05);
    assert_eq!((t.m.cohorts[0].preload, t.m.cohorts[0].full), (300, 0));
    let (n, s) = t.c.status(&t.m).next_batch.unwrap();
    assert!(n == 10 && s > 3.0);
    t.run(60.0);
    assert_eq!((t.c.state(), t.m.cohorts[0].full), (RunState::Complete, 300));
    let caps: Vec<f64> = t.batches().iter().filter(|b| b.1 > 4.5).map(|b| b.0).collect();
    assert_eq!(caps.len(), 30);
    assert!(caps[0] - 29.0 >= 5.0 && caps[0] - 29.0 <= 5.2, "checkpoint: {}", caps[0]);
    assert!(caps.windows(2).all(|w| (w[1] - w[0] - 0.5).abs() < 1e-9));
    assert!(t.max_gen_kw() <= 498.3 + 210.0 + 1e-6);

    let mut slow = Toy::new(policy);
    slow.c.start().unwrap();
    slow.run(36.05);
    assert_eq!(slow.binding(), Some(LimitId::GpusPerS), "10 GPUs each 0.5 s against 10 GPUs a second");
}

#[test]
fn ramp_down_is_signed_limited_and_gives_the_miners_back() {
    let policy = Policy { path: BringUpPath::Shed, shed_mode: ShedMode::Match, target_kw: 140.0, ..recommended() };
    let mut t = Toy::new(policy);
    t.c.start().unwrap();
    t.run(40.0);
    assert_eq!(t.c.state(), RunState::Complete);
    let from = t.gen_kw.len();
    t.c.ramp_down().unwrap();
    t.run(30.0);
    assert_eq!((t.c.state(), t.m.cohorts[0].full, t.m.cohorts[0].off), (RunState::Down, 0, 714));
    t.run(120.0);
    assert_eq!((t.units_on, t.units_out), (151, 0));
    t.gen_kw.drain(..from);
    assert!(t.worst_fall_kw(0.1) <= 10.0 && t.worst_fall_kw(1.0) <= 20.0 && t.worst_ramp_kw_per_s() <= 16.0);
    assert!(t.notes.iter().any(|(_, n)| gpus_kw(n).is_some_and(|kw| (kw + 7.0).abs() < 1e-9)));
}

#[test]
fn a_lower_target_goes_down_and_a_higher_one_up_again() {
    let mut t = Toy::new(Policy { target_kw: 70.0, ..recommended() });
    t.c.start().unwrap();
    t.run(15.0);
    assert_eq!(t.c.state(), RunState::Complete);
    t.c.set(Setpoint::TargetKw, 35.0).unwrap();
    t.run(10.0);
    assert_eq!((t.c.state(), t.m.cohorts[0].full), (RunState::Complete, 50));
    t.c.set(Setpoint::TargetKw, 42.0).unwrap();
    t.run(10.0);
    assert_eq!((t.c.state(), t.m.cohorts[0].full), (RunState::Complete, 60));
}

#[test]
fn lead_and_lag_move_the_halves_apart() {
    for lead in [1.5, -1.5] {
        let policy = Policy { path: BringUpPath::Shed, shed_lead_s: lead, target_kw: 140.0, ..source() };
        let mut t = Toy::new(policy);
        t.c.start().unwrap();
        t.run(1.0);
        let shed = t.notes.iter().any(|(_, n)| units_shed(n).is_some());
        assert_eq!((shed, !t.batches().is_empty()), (lead > 0.0, lead < 0.0));
        t.run(60.0);
        assert_eq!((t.c.state(), t.m.cohorts[0].full), (RunState::Complete, 200));
        assert!((t.m.islands[0].kw - 498.3).abs() <= 3.3 + 1e-6);
        if lead > 0.0 {
            assert!(t.max_gen_kw() <= 498.3 + 7.0);
        }
    }
}

#[test]
fn a_hold_keeps_the_miners_that_were_shed_as_credit() {
    let policy = Policy { path: BringUpPath::Shed, shed_lead_s: 2.0, target_kw: 140.0, ..source() };
    let mut t = Toy::new(policy);
    t.c.start().unwrap();
    t.run(1.55);
    t.c.hold("look").unwrap();
    t.run(10.0);
    assert_eq!(t.m.cohorts[0].full, 0);
    assert!(t.units_out > 0);
    t.c.resume().unwrap();
    t.run(60.0);
    assert!((t.m.islands[0].kw - 498.3).abs() <= 3.3 + 1e-6, "{}", t.m.islands[0].kw);
}
