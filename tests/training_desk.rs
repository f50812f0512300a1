//! The desk around a run: snapshots, the way back, branches, and the run again from its log.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

mod common;

use ballast::acts::{By, Event, EventKind, Operate, Setpoint};
use ballast::engine::Engine;
use ballast::training::msg::What;
use ballast::training::{Desk, DeskConfig};
use common::{shipped, trainer};

fn desk(name: &str) -> Desk {
    Desk::new(shipped(name), DeskConfig::default()).without_rows()
}

/// Runs to `t_s`; hash of each full second that was reached.
fn to(d: &mut Desk, t_s: u64) -> Vec<u64> {
    let mut out = Vec::new();
    while d.now_tick() < t_s * 1000 {
        d.tick();
        if d.now_tick().is_multiple_of(1000) {
            out.push(d.state_hash());
        }
    }
    out
}

fn events(d: &mut Desk) -> Vec<Event> {
    let mut out = Vec::new();
    d.take_events(&mut out);
    out
}

#[test]
fn a_desk_does_not_change_the_run() {
    for name in ["path-b-500", "two-gensets-one-trips"] {
        let mut plain = Engine::new(shipped(name)).without_rows();
        let mut d = desk(name);
        to(&mut d, 13);
        (0..13_000).for_each(|_| plain.tick());
        assert_eq!(d.state_hash(), plain.state_hash(), "{name}");
    }
}

#[test]
fn a_restored_run_goes_on_as_it_would_have() {
    for name in ["path-b-500", "two-gensets-one-trips", "black-start-bess"] {
        let mut d = desk(name);
        to(&mut d, 7);
        d.act(&trainer(What::Snapshot("before".into())));
        let id = d.take_view().unwrap().snapshots.iter().find(|s| s.name.is_some()).unwrap().id;
        let through = to(&mut d, 20);
        // A run that went another way meanwhile must leave no trace.
        d.operate(Operate::Abort);
        to(&mut d, 23);
        d.act(&trainer(What::Restore(id)));
        assert_eq!((d.now_tick(), d.take_rewound_s()), (7000, Some(7.0)), "{name}");
        assert_eq!(to(&mut d, 20), through, "{name}: not the run that it was");
    }
}

#[test]
fn periodic_snapshots_come_every_five_seconds_and_the_oldest_go() {
    let config = DeskConfig { snapshots: 3, ..DeskConfig::default() };
    let mut d = Desk::new(shipped("path-a"), config).without_rows();
    to(&mut d, 21);
    let times: Vec<f64> = d.take_view().unwrap().snapshots.iter().map(|s| s.t_s).collect();
    assert_eq!(times, [10.0, 15.0, 20.0]);
    assert!(d.take_view().is_none(), "nothing has changed since");
}

#[test]
fn each_periodic_snapshot_leads_back_to_its_own_state() {
    let mut d = desk("path-a");
    to(&mut d, 6);
    d.operate(Operate::Hold);
    to(&mut d, 8);
    d.operate(Operate::Resume);
    let said = events(&mut d).len();
    let through = to(&mut d, 23);
    let at = |t: u64| through[(t - 9) as usize];
    assert!(said > 0);
    events(&mut d);
    for v in d.take_view().unwrap().snapshots.iter().rev() {
        d.act(&trainer(What::Branch(v.id)));
        assert_eq!(d.engine().t_s(), v.t_s);
        if v.t_s >= 9.0 {
            assert_eq!(d.state_hash(), at(v.t_s as u64), "{} s", v.t_s);
            assert_eq!(d.log().len(), 2);
        }
        let noise: Vec<_> = events(&mut d).into_iter().filter(|e| e.kind != EventKind::Snapshot).collect();
        assert!(noise.is_empty(), "what is run again is not told again: {noise:?}");
    }
}

#[test]
fn a_branch_keeps_what_came_after_and_a_restore_gives_it_up() {
    let mut d = desk("path-a");
    to(&mut d, 6);
    d.operate(Operate::Hold);
    let held = to(&mut d, 11);
    d.act(&trainer(What::Branch(2)));
    let v = d.take_view().unwrap();
    assert_eq!((v.branch, v.branches.len(), v.branches[1].parent, v.branches[1].from_s), (1, 2, Some(0), 5.0));
    assert!(d.log().is_empty(), "the hold is of the other branch: {:?}", d.log());
    let end = v.snapshots.iter().find(|s| s.name.is_some()).expect("the end of the first branch is kept").id;
    assert_ne!(to(&mut d, 11), held, "without the hold it is another run");

    d.act(&trainer(What::Restore(end)));
    assert_eq!((d.take_view().unwrap().branch, d.now_tick(), d.log().len()), (0, 11_000, 1));
    assert_eq!(d.state_hash(), *held.last().unwrap());

    d.act(&trainer(What::Restore(1)));
    let v = d.take_view().unwrap();
    assert!(d.log().is_empty() && v.snapshots.iter().filter(|s| s.branch == 0).all(|s| s.t_s <= 0.0));
    d.act(&trainer(What::Restore(999)));
    assert!(events(&mut d).iter().any(|e| e.kind == EventKind::Refused && e.by == By::Instructor));
}

#[test]
fn the_log_alone_gives_the_run_again() {
    let mut d = desk("path-a");
    to(&mut d, 6);
    d.operate(Operate::Set(Setpoint::BatchGpus, 4.0));
    d.act(&trainer(What::Operate(Operate::Hold)));
    d.act(&trainer(What::Note("watch the step".into())));
    to(&mut d, 9);
    d.operate(Operate::Resume);
    let end = *to(&mut d, 15).last().unwrap();
    let said = events(&mut d);

    let mut again = Desk::replay(shipped("path-a"), DeskConfig::default(), d.log(), 15_000);
    assert_eq!(again.state_hash(), end);
    assert_eq!(events(&mut again), said, "the events are not the same");
    assert!(said.iter().any(|e| e.kind == EventKind::Note && e.by == By::Instructor));
    assert!(said.iter().any(|e| e.kind == EventKind::Command && e.by == By::Instructor && e.text == "HOLD"));
    let mut plain = Engine::new(shipped("path-a")).without_rows();
    for l in d.engine().log() {
        while plain.now_tick() < l.tick {
            plain.tick();
        }
        plain.operate_by(l.act, l.by);
    }
    while plain.now_tick() < 15_000 {
        plain.tick();
    }
    assert_eq!(plain.state_hash(), end, "the plant's own log alone must do for the state");
}
