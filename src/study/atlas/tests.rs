//! Maps that grow in the background: what they come to, what they keep, and how they are cut short.

use super::*;
use crate::scenario::parameter::Setting;
use crate::scenario::{Scenario, builtin_scenario, preset};
use crate::study::axis::Axis;
use crate::study::figure::Figure;
use crate::study::map::{Variant, lift_limits};
use crate::study::trial::Cut;

fn map(x: &str, y: &str) -> Map {
    let mut s: Scenario = builtin_scenario("path-a").unwrap().unwrap();
    lift_limits(&mut s.policy);
    Map {
        scenario: Arc::new(s),
        variants: vec![Variant::default()],
        set: vec![Setting::parse("run_s=12").unwrap()],
        x: Axis::parse(x).unwrap(),
        y: Axis::parse(y).unwrap(),
        metric: Figure::named("deviation_max_pct").unwrap().0,
        thresholds: [0.5, 2.0, 5.0],
        cut: Cut::Early,
    }
}

fn small() -> Map {
    map("batch_gpus=1..714:9:log", "interval_s=0.1..5:7:log")
}

fn edge(name: &str) -> Map {
    let engine = Variant { preset: preset::preset(name), lag_sigmas: 0.0 };
    Map { variants: vec![engine], ..small() }
}

fn order(maps: Vec<Map>) -> Order {
    Order { maps, near: 0, threads: 2 }
}

fn wake() -> Wake {
    Arc::new(|| ())
}

fn wait(a: &mut Atlas, until: impl Fn(&Atlas) -> bool) {
    for _ in 0..60_000 {
        a.poll();
        if until(a) {
            return;
        }
        thread::sleep(Duration::from_millis(1));
    }
    panic!("it was never done: {:?} {:?}", a.at(), a.trouble());
}

/// The whole map equals all runs, the lines of the other engines too, and the next look at the same runs nothing.
#[test]
fn t7_a_map_that_is_looked_at_ends_equal_to_all_runs_and_is_kept() {
    let all: Vec<usize> = (0..small().cells()).collect();
    let mut truth = vec![Known::Not; all.len()];
    let m = small();
    let mut take = |c: Cell| {
        truth[c.k] = Known::Exact(m.class(&c.outcome.figures, !c.outcome.trips.is_empty()));
        Ok(())
    };
    assert_eq!(m.run_all(&all, 2, &Wanted::default(), &mut take), Ok(true));

    let mut a = Atlas::default();
    a.want(order(vec![small(), edge("lean-slow"), edge("lean-default")]), wake());
    wait(&mut a, |a| a.at() == At::Done);
    assert_eq!(a.layers()[0].cells, truth);
    assert_eq!(a.layers()[0].ran.len(), truth.len());
    let trips = |l: &Layer| l.cells.iter().filter(|c| c.class() == Some(TRIPPED)).count();
    let [shown, soft, same] = [0, 1, 2].map(|i| trips(&a.layers()[i]));
    assert!(
        soft > shown && same == shown,
        "{soft} {shown} {same}: the soft engine trips sooner, path-a's own is lean-default"
    );
    let runs = a.runs();
    assert!(runs < 3 * truth.len() as u64);

    // judged by another figure, and by other thresholds
    let time =
        Map { metric: Figure::named("time_to_target_s").unwrap().0, thresholds: [60.0, 120.0, 300.0], ..small() };
    a.want(order(vec![time]), wake());
    wait(&mut a, |a| a.at() == At::Done);
    assert_eq!((a.runs(), a.layers()[0].counts()), (runs, (truth.len(), 0)));
}

/// A zoom to a part of the axes finds the cells that it has in common.
#[test]
fn t7_cells_in_common_are_found_after_a_zoom() {
    let mut a = Atlas::default();
    a.want(order(vec![map("batch_gpus=10..50:5", "interval_s=1..5:5")]), wake());
    wait(&mut a, |a| a.at() == At::Done);
    assert_eq!(a.runs(), 25);
    a.want(order(vec![map("batch_gpus=20..40:5", "interval_s=2..4:5")]), wake());
    wait(&mut a, |a| a.at() == At::Done);
    // 20, 30 and 40 by 2, 3 and 4 were there
    assert_eq!(a.runs(), 25 + 25 - 9);
}

/// A newer order drops the older one, and its picture begins long before the old one could have ended.
#[test]
fn a_newer_order_drops_the_older_one_and_stopping_keeps_what_is_known() {
    let long = Map { set: vec![Setting::parse("run_s=86400").unwrap()], cut: Cut::Never, ..small() };
    let mut a = Atlas::default();
    a.want(order(vec![long]), wake());
    thread::sleep(Duration::from_millis(30));
    a.want(order(vec![small()]), wake());
    wait(&mut a, |a| a.layers()[0].counts().0 >= 20);
    a.stop();
    let counts = a.layers()[0].counts();
    assert!(a.at() == At::Stopped || a.at() == At::Done);
    thread::sleep(Duration::from_millis(20));
    a.poll();
    assert_eq!(a.layers()[0].counts(), counts);
}

#[test]
fn what_no_plant_has_is_refused_in_words() {
    let mut s = builtin_scenario("path-a").unwrap().unwrap();
    s.plant.bess.clear();
    let m = Map { scenario: Arc::new(s), ..map("bess_kw=0..200:3", "interval_s=1..2:2") };
    let mut a = Atlas::default();
    a.want(order(vec![m]), wake());
    wait(&mut a, |a| a.at() == At::Stopped);
    assert_eq!(a.trouble(), Some("bess_kw: the plant has no battery"));
}
