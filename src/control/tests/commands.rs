//! Operator's commands: what each does in each state, hold points, refusals, determinism.

use super::*;

fn running(policy: Policy, s: f64) -> Toy {
    let mut t = Toy::new(policy);
    t.c.start().unwrap();
    t.run(s);
    t
}

#[test]
fn commands_that_make_no_sense_are_refused_in_words() {
    let mut t = Toy::new(recommended());
    for (refused, words) in [
        (t.c.hold("x"), "hold is not possible while the schedule is idle"),
        (t.c.resume(), "resume is not possible while the schedule is idle"),
        (t.c.abort(), "abort is not possible while the schedule is idle"),
    ] {
        assert_eq!(refused.unwrap_err().to_string(), words);
    }
    t.c.start().unwrap();
    assert!(t.c.start().is_err());
    assert!(t.c.next_batch().is_err());
    for (which, value) in [
        (Setpoint::BatchGpus, 0.0),
        (Setpoint::BatchGpus, 2.5),
        (Setpoint::CeilingPu, 1.2),
        (Setpoint::Path, 3.0),
        (Setpoint::TargetKw, f64::NAN),
    ] {
        assert!(matches!(t.c.set(which, value), Err(Refusal::OutOfRange { .. })), "{which:?} {value}");
    }
    assert!(matches!(t.c.set(Setpoint::AuxKw, 10.0), Err(Refusal::NoDevice(_))));
}

#[test]
fn hold_stops_and_resume_goes_on() {
    let mut t = running(recommended(), 5.0);
    t.c.hold("operator").unwrap();
    let n = t.batches().len();
    t.run(10.0);
    assert_eq!((t.c.state(), t.batches().len()), (RunState::Hold, n));
    assert_eq!(t.c.status(&t.m).hold_reason.as_deref(), Some("operator"));
    t.c.resume().unwrap();
    t.run(2.0);
    assert!(t.batches().len() > n);
    let told: Vec<_> = t.notes.iter().map(|n| &n.1).filter(|n| gpus_kw(n).is_none()).collect();
    assert_eq!(told, [&Note::State(RunState::Running), &Note::Hold("operator".into()), &Note::Resume]);
}

#[test]
fn hold_points_hold_once_each() {
    let mut t = Toy::new(Policy { hold_points_kw: vec![35.0, 14.0], target_kw: 70.0, ..recommended() });
    t.c.start().unwrap();
    for (kw, reason) in [(14.0, "hold point 14.0 kW"), (35.0, "hold point 35.0 kW")] {
        t.run(8.0);
        assert_eq!((t.c.state(), t.c.hold_reason()), (RunState::Hold, Some(reason)));
        assert!((t.c.commanded_gpu_kw() - kw).abs() < 1e-9);
        t.c.resume().unwrap();
    }
    t.run(10.0);
    assert_eq!(t.c.state(), RunState::Complete);
    t.c.set(Setpoint::HoldPointKw, 0.0).unwrap();
    assert!(t.c.policy().hold_points_kw.is_empty());
}

#[test]
fn a_batch_by_hand_is_exactly_one_under_the_same_limits() {
    let mut t = Toy::new(recommended());
    assert!(matches!(t.c.next_batch(), Err(Refusal::Interlock(_))), "nothing measured yet");
    t.run(1.0);
    t.c.next_batch().unwrap();
    assert!(t.c.next_batch().is_err(), "one at a time");
    t.run(5.0);
    assert_eq!((t.c.state(), t.m.cohorts[0].full), (RunState::Idle, 10));
    t.c.start().unwrap();
    t.run(1.0);
    t.c.hold("x").unwrap();
    let up = t.m.cohorts[0].full;
    t.run(2.0);
    t.c.next_batch().unwrap();
    t.run(3.0);
    assert_eq!((t.c.state(), t.m.cohorts[0].full), (RunState::Hold, up + 10));
    t.c.set(Setpoint::CeilingPu, 0.5).unwrap();
    let words = t.c.next_batch().unwrap_err().to_string();
    assert!(words.starts_with("Ceiling 5") && words.ends_with("of 500.0 kW"), "{words}");
    t.m.islands[0].energised = false;
    t.run(0.2);
    assert_eq!(t.c.next_batch().unwrap_err().to_string(), "next batch is not possible while the schedule is lost");
}

#[test]
fn a_batch_by_hand_on_path_b_waits_for_its_miners() {
    let mut t = Toy::new(Policy { path: BringUpPath::Shed, ..recommended() });
    t.run(1.0);
    t.c.next_batch().unwrap();
    t.run(3.0);
    assert_eq!((t.c.state(), t.m.cohorts[0].full, t.units_out), (RunState::Idle, 10, 3));
    t.stuck = true;
    t.c.next_batch().unwrap();
    t.run(5.0);
    assert_eq!((t.c.state(), t.m.cohorts[0].full), (RunState::Idle, 10));
    assert!(t.notes.iter().any(|n| matches!(&n.1, Note::Limit(s) if s.starts_with("batch by hand stopped"))));
}

#[test]
fn abort_keeps_what_is_up_or_ramps_down() {
    let mut t = running(recommended(), 5.0);
    let up = t.m.cohorts[0].full;
    t.c.abort().unwrap();
    t.run(5.0);
    assert_eq!((t.c.state(), t.m.cohorts[0].full), (RunState::Aborted, up));
    t.c.start().unwrap();
    t.run(3.0);
    assert!(t.m.cohorts[0].full > up);

    let mut t = running(Policy { abort: AbortAction::RampDown, ..recommended() }, 5.0);
    t.c.abort().unwrap();
    t.run(20.0);
    assert_eq!((t.c.state(), t.m.cohorts[0].full), (RunState::Down, 0));
}

#[test]
fn a_bus_that_dies_under_the_schedule_loses_it_and_a_start_waits_for_the_bus() {
    let mut t = running(recommended(), 3.0);
    t.m.islands[0].energised = false;
    t.run(0.3);
    assert_eq!((t.c.state(), t.c.hold_reason()), (RunState::Lost, Some("bus dead under gpu")));
    assert_eq!(t.c.start().unwrap_err().to_string(), "interlock: bus dead");
    let up = t.batches().len();
    t.m.islands[0].energised = true;
    t.run(5.0);
    assert_eq!((t.c.state(), t.batches().len()), (RunState::Lost, up), "nothing comes back by itself");
    t.c.start().unwrap();
    t.run(1.5);
    assert!(t.batches().len() > up);
}

#[test]
fn a_complete_schedule_is_lost_with_its_bus_and_an_idle_one_is_not() {
    let mut t = running(Policy { target_kw: 7.0, ..recommended() }, 5.0);
    assert_eq!(t.c.state(), RunState::Complete);
    t.m.islands[0].energised = false;
    t.run(0.3);
    assert_eq!(t.c.state(), RunState::Lost);
    let mut t = Toy::new(recommended());
    t.run(1.0);
    t.m.islands[0].energised = false;
    t.run(1.0);
    assert_eq!(t.c.state(), RunState::Idle);
}

#[test]
fn an_open_feeder_holds_and_its_closing_goes_on_under_the_limits() {
    let mut t = running(recommended(), 5.0);
    (t.m.cohorts[0].closed, t.m.cohorts[0].off, t.m.cohorts[0].full) = (false, 714, 0);
    t.run(0.2);
    assert_eq!((t.c.state(), t.c.hold_reason()), (RunState::Hold, Some("52C gpu open")));
    assert_eq!(t.c.resume().unwrap_err().to_string(), "interlock: 52C gpu open");
    let n = t.batches().len();
    t.run(20.0);
    assert_eq!(t.batches().len(), n, "nothing goes into an open feeder");
    t.m.cohorts[0].closed = true;
    t.run(3.0);
    assert_eq!((t.c.state(), t.m.cohorts[0].full), (RunState::Running, 30));
    // An operator's hold stays when the feeder closes.
    (t.m.cohorts[0].closed, t.m.cohorts[0].off, t.m.cohorts[0].full) = (false, 714, 0);
    t.run(0.2);
    t.c.hold("look").unwrap();
    t.m.cohorts[0].closed = true;
    t.run(3.0);
    assert_eq!((t.c.state(), t.c.hold_reason()), (RunState::Hold, Some("look")));
}

#[test]
fn a_measurement_that_is_no_number_holds() {
    let mut t = running(recommended(), 3.0);
    t.m.islands[0].v_pu = f64::NAN;
    t.run(1.0);
    assert_eq!(t.c.hold_reason(), Some("interlock: a measured value is not a number"));
}

#[test]
fn it_starts_by_itself_at_its_time() {
    let mut t = Toy::new(Policy { start_at_s: Some(5.0), ..recommended() });
    t.run(4.95);
    assert_eq!(t.c.state(), RunState::Idle);
    t.run(1.0);
    assert_eq!((t.c.state(), t.batches()[0].0), (RunState::Running, 5.0));
}

#[test]
fn a_clone_is_a_snapshot_and_the_hash_sees_set_points() {
    let policy = Policy { path: BringUpPath::ShedRestore, ..recommended() };
    let mut a = running(policy, 20.0);
    let mut b = a.clone();
    assert_eq!(a.hash(), b.hash());
    a.run(100.0);
    b.run(100.0);
    assert_eq!((a.hash(), &a.notes), (b.hash(), &b.notes));
    b.c.set(Setpoint::ShedLeadS, 0.5).unwrap();
    assert_ne!(a.hash(), b.hash());
}

#[test]
fn the_status_tells_the_plan() {
    let mut t = running(recommended(), 10.05);
    let s = t.c.status(&t.m);
    assert_eq!(s.gpus, [110, 714]);
    assert!((s.eta_s.unwrap() - 60.4).abs() < 1.0, "{:?}", s.eta_s);
    assert!((s.plan_end_kw - 998.1).abs() < 1e-6);
    assert_eq!(s.next_batch, Some((10, 1.0)));
    t.c.hold("x").unwrap();
    assert_eq!(t.c.status(&t.m).eta_s, None);
    let b = running(Policy { path: BringUpPath::Shed, ..source() }, 10.05);
    assert!((b.c.status(&b.m).plan_end_kw - 499.8).abs() < 3.3 + 1.5);
}
