//! Courses of frequency and load with known answers.

use super::*;

/// Runs a course of frequency (% off nominal at t s) and load against the watch, at 1 ms.
fn watch(seconds: f64, off_pct: impl Fn(f64) -> f64, load_kw: impl Fn(f64) -> f64) -> Disturbances {
    let mut w = Disturbances::new(0.001, 0.01);
    for tick in 0..(seconds * 1000.0) as u64 {
        let t = tick as f64 * 0.001;
        if tick % 10 == 0 {
            w.load(tick, (tick / 10) as u32, load_kw(t), 1000.0);
        }
        w.frequency(tick, off_pct(t));
    }
    w
}

/// A dip in a straight line to `deep` % within 1 s after t = 2 s, and back in a straight line over `back_s`.
fn dip(deep: f64, back_s: f64) -> impl Fn(f64) -> f64 {
    move |t| -deep * if t < 3.0 { (t - 2.0).max(0.0) } else { (1.0 - (t - 3.0) / back_s).max(0.0) }
}

fn step(kw: f64) -> impl Fn(f64) -> f64 {
    move |t| if t < 2.0 { 500.0 } else { 500.0 + kw }
}

#[test]
fn classes_by_dip_and_recovery() {
    // Dip %, seconds of the way back, class, recovery of that class: to |f| = tolerance on the way back, from the
    // steady band on the way down.
    let back = |deep: f64, s: f64, steady: f64, tolerance: f64| 1.0 - steady / deep + s * (1.0 - tolerance / deep);
    for (deep, back_s, class, recovery) in [
        (6.0, 2.0, Some("G3"), back(6.0, 2.0, 0.25, 2.0)),
        (6.0, 5.0, Some("G2"), back(6.0, 5.0, 0.75, 2.0)),
        (6.9, 2.0, Some("G3"), back(6.9, 2.0, 0.25, 2.0)),
        (7.1, 2.0, Some("G2"), back(7.1, 2.0, 0.75, 2.0)),
        (11.0, 5.0, Some("G1"), back(11.0, 5.0, 1.25, 3.5)),
        (16.0, 2.0, None, back(16.0, 2.0, 1.25, 3.5)),
        (14.0, 14.0, None, back(14.0, 14.0, 1.25, 3.5)),
        (1.9, 2.0, Some("G3"), 0.0),
    ] {
        let w = watch(30.0, dip(deep, back_s), step(100.0));
        let [d] = w.done() else { panic!("{} disturbances", w.done().len()) };
        let what = format!("{deep} % and {back_s} s: {}", d.words());
        assert_eq!(d.class().map(|c| c.name), class, "{what}");
        assert!((d.recovery().unwrap() - recovery).abs() < 0.003, "{what}, {:?} for {recovery}", d.recovery());
        assert!((d.dip_pct - deep).abs() < 0.01 && d.rise_pct == 0.0, "{what}");
        assert_eq!((d.cause, d.load_kw, d.t_s), (Cause::LoadUp, 100.0, 2.0), "{what}");
        assert_eq!(w.worst().unwrap().map(|c| c.name), class, "{what}");
    }
}

#[test]
fn rises_have_their_own_limits() {
    let rise = |deep: f64| move |t: f64| -dip(deep, 1.0)(t);
    for (deep, class) in [(9.9, Some("G3")), (11.9, Some("G2")), (17.9, Some("G1")), (18.1, None)] {
        let w = watch(20.0, rise(deep), step(-300.0));
        let d = w.done()[0];
        assert_eq!((d.cause, d.class().map(|c| c.name)), (Cause::LoadDown, class), "{}", d.words());
    }
}

#[test]
fn five_per_cent_of_the_rating_within_a_second_is_no_disturbance_and_more_is() {
    assert_eq!(watch(10.0, dip(1.0, 1.0), step(50.0)).all().count(), 0);
    assert_eq!(watch(10.0, dip(1.0, 1.0), step(50.1)).all().count(), 1);
    let ramp = |rate: f64| move |t: f64| 500.0 + rate * (t - 2.0).clamp(0.0, 5.0);
    assert_eq!(watch(20.0, dip(1.0, 1.0), ramp(49.0)).all().count(), 0);
    let w = watch(20.0, dip(1.0, 1.0), ramp(60.0));
    assert_eq!(w.all().count(), 1, "a ramp is one disturbance");
    assert!((w.done()[0].load_kw - 300.0).abs() < 1.0, "{:?}", w.done()[0]);
}

#[test]
fn a_second_step_cuts_the_first_one_short() {
    let load = |t: f64| {
        if t < 2.0 {
            500.0
        } else if t < 3.5 {
            600.0
        } else {
            700.0
        }
    };
    let w = watch(30.0, dip(6.0, 2.0), load);
    let [first, second] = w.done() else { panic!("{:?}", w.done()) };
    assert!(first.overtaken && first.class().is_none() && first.words().ends_with("not back"), "{first:?}");
    // The second one begins outside of every band, at 3.5 s, and is back when |f| is below 2 %.
    let back = 3.0 + 2.0 * (1.0 - 2.0 / 6.0) - 3.5;
    assert!(!second.overtaken && (second.recovery().unwrap() - back).abs() < 0.003, "{second:?} for {back}");
}

#[test]
fn out_again_is_not_back() {
    let twice = |t: f64| dip(6.0, 1.0)(t) + dip(6.0, 1.0)(t - 4.0);
    let w = watch(30.0, twice, step(100.0));
    let [d] = w.done() else { panic!("{:?}", w.done()) };
    assert!(d.recovery_s[0].unwrap() > 4.0, "{d:?}");
}

/// The droop of a set keeps it outside the steady band; that is no recovery time.
#[test]
fn a_set_that_rests_off_nominal_starts_its_time_with_the_disturbance() {
    let w = watch(30.0, |t| -1.5 + dip(4.0, 1.0)(t), step(100.0));
    let d = w.done()[0];
    let want = 1.0 + (1.0 - 0.5 / 4.0);
    assert!((d.recovery_s[0].unwrap() - want).abs() < 0.02, "{d:?} for {want}");
}

#[test]
fn a_dead_bus_reaches_no_class() {
    let mut w = watch(3.0, dip(6.0, 2.0), step(100.0));
    let d = w.dead().unwrap();
    assert!(d.lost && d.class().is_none() && d.words() == "6.0 % dip, bus lost: no class", "{}", d.words());
    assert_eq!(w.worst(), Some(None));
    assert_eq!(w.dead(), None);
}

#[test]
fn words_say_dip_time_and_class() {
    let w = watch(30.0, dip(6.1, 1.65), step(100.0));
    assert_eq!(w.done()[0].words(), "6.1 % dip, back in 2.1 s: G3");
    let w = watch(30.0, dip(1.0, 1.0), step(100.0));
    assert_eq!(w.done()[0].words(), "1.0 % dip, always within ±2 %: G3");
}
