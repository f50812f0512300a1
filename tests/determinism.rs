//! `scenario + seed + command log` gives the same state hash at every second: with or without the worker, at any speed,
//! after a snapshot, in a replay, in debug and in release.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ballast::acts::{Block, EventKind, Fault, FaultKind, Operate, Setpoint};
use ballast::engine::Engine;
use ballast::engine::forecast::forecast;
use ballast::plant::breaker::Breaker;
use ballast::scenario::{builtin, exercises, initial_conditions};
use ballast::training::{Desk, DeskConfig};
use ballast::worker::{Command, Speed, TwinHandle, Update, spawn};

fn shipped(name: &str) -> Engine {
    Engine::new(common::shipped(name))
}

/// Hash at each full second from 0 on, with these commands at the start of their ticks.
fn hashes(mut e: Engine, seconds: u64, log: &[(u64, Operate)]) -> Vec<u64> {
    let mut out = vec![e.state_hash()];
    let mut next = log.iter().peekable();
    while e.now_tick() < seconds * 1000 {
        while let Some((_, act)) = next.next_if(|(tick, _)| *tick == e.now_tick()) {
            e.operate(*act);
        }
        e.tick();
        if e.now_tick().is_multiple_of(1000) {
            out.push(e.state_hash());
        }
    }
    out
}

/// Path A and Path B on the built-in plant, two sets with a trip, a battery that starts from black.
const SOME: [&str; 4] = ["path-a", "path-b-500", "two-gensets-one-trips", "black-start-bess"];

/// State hash of path-a at 10 s. The same constant holds in debug and in release; whoever changes the model changes it,
/// and says so.
const PATH_A_AT_10_S: u64 = ballast::engine::MODEL;

#[test]
fn path_a_has_its_golden_hash() {
    let got = hashes(shipped("path-a"), 10, &[])[10];
    assert_eq!(got, PATH_A_AT_10_S, "path-a at 10 s is {got:#018x}, golden {PATH_A_AT_10_S:#018x}");
}

#[test]
fn two_runs_are_one() {
    for name in SOME {
        let (a, b) = (hashes(shipped(name), 15, &[]), hashes(shipped(name).without_rows(), 15, &[]));
        assert_eq!(a, b, "{name}: the hashes differ between runs");
        let mut all = a.clone();
        all.dedup();
        assert_eq!(all.len(), a.len(), "{name}: the hash does not tell one second from the next");
    }
}

/// What a tick passes over because it is known to be idle, against a run that looks at everything each tick.
#[test]
fn short_ways_lead_to_the_same_bits() {
    for (name, _) in builtin() {
        let (mut short, mut long) = (shipped(name).without_rows(), shipped(name).without_rows());
        while short.now_tick() < 20_000 {
            long.plant.look_at_everything();
            short.tick();
            long.tick();
            assert!(
                !short.now_tick().is_multiple_of(1000) || short.state_hash() == long.state_hash(),
                "{name}: the hashes differ at {} s",
                short.t_s()
            );
        }
    }
}

/// The same of a plant with many sources of each kind, whose ties, breakers and ratings change on the way.
#[test]
fn short_ways_of_many_sources_lead_to_the_same_bits() {
    let set = |i: u32| {
        format!(
            "(name: \"G{i}\", section: \"{}\", rated_kw: {:?}, preset: \"lean-default\", sharing: droop(0.04))",
            ["A", "B"][i as usize % 2],
            400.0 + 100.0 * f64::from(i)
        )
    };
    let sets: Vec<_> = (0..6).map(set).collect();
    let plant = format!(
        "sections: [\"A\", \"B\"], ties: [(name: \"T\", from: \"A\", to: \"B\", closed: true)], gensets: [{}], \
         bess: [(name: \"B1\", section: \"A\", rated_kva: 200.0, energy_kwh: 100.0, p_set_kw: 20.0), \
         (name: \"B2\", section: \"B\", rated_kva: 100.0, energy_kwh: 50.0, mode: grid_following)], \
         condensers: [(name: \"SC\", section: \"B\", rated_kva: 500.0)], gpus: [], miners: [], \
         aux: [(name: \"loadA\", section: \"A\", kw: 900.0), (name: \"loadB\", section: \"B\", kw: 800.0)]",
        sets.join(", ")
    );
    let run = || Engine::new(Arc::new(common::scenario(&plant, "", 60.0))).without_rows();
    let (mut short, mut long) = (run(), run());
    let tie = short.plant.breakers().position(|b| b == Breaker::Tie(0)).unwrap() as u32;
    let acts = [
        (1_000, Operate::Set(Setpoint::AuxKw, 1100.0)),
        (3_000, Operate::Breaker(tie, false)),
        (6_000, Operate::Set(Setpoint::BessKw, 150.0)),
        (8_000, Operate::Fault(Fault { kind: FaultKind::GasPressure, device: 1, severity: 0.3, ramp_s: 1.0 })),
        (11_000, Operate::StopGenset(0)),
    ];
    while short.now_tick() < 15_000 {
        let now = short.now_tick();
        for (_, act) in acts.iter().filter(|(at, _)| *at == now) {
            short.operate(*act);
            long.operate(*act);
        }
        long.plant.look_at_everything();
        short.tick();
        long.tick();
        let differ = short.now_tick().is_multiple_of(1000) && short.state_hash() != long.state_hash();
        assert!(!differ, "the hashes differ at {} s", short.t_s());
    }
    assert_eq!(short.plant.islands.len(), 2, "the tie is open");
}

#[test]
fn the_seed_matters() {
    let mut s = (*common::shipped("path-b-500")).clone();
    let a = hashes(Engine::new(Arc::new(s.clone())), 40, &[]);
    s.seed += 1;
    assert_ne!(a, hashes(Engine::new(Arc::new(s)), 40, &[]), "another seed, the same run");
}

#[test]
fn a_snapshot_goes_on_as_the_run_does() {
    for (name, _) in builtin() {
        let whole = hashes(shipped(name), 12, &[]);
        let mut e = shipped(name);
        for at in [1, 2_345, 7_919, 11_000] {
            while e.now_tick() < at {
                e.tick();
            }
            // Whatever the clone does is its own.
            let mut other = e.clone();
            other.operate(Operate::Slam(300));
            let first = other.plant.cfg.gensets[0].clone();
            other.plant.replace_engine(0, first);
            (0..500).for_each(|_| other.tick());
            if at == 2_345 {
                drop(forecast(&other));
            }
            e = e.clone();
        }
        while e.now_tick() < 12_000 {
            e.tick();
        }
        assert_eq!(e.state_hash(), whole[12], "{name}: a run through snapshots ends elsewhere");
    }
}

/// V2, V9: what a worker does between two blocks of ticks, and how long they are, leaves no trace in any shipped run.
#[test]
fn blocks_of_any_length_give_the_same_hashes_in_every_shipped_run() {
    let all = builtin().iter().map(|s| (s, 15)).chain(exercises().iter().map(|s| (s, 25)));
    for ((name, _), seconds) in all.chain(initial_conditions().iter().map(|s| (s, 5))) {
        let s = common::shipped(name);
        let runs = [1000, 7, 1].map(|ticks| {
            let mut d = Desk::new(Arc::clone(&s), DeskConfig::default());
            let (mut block, mut row, mut events) = (Block::default(), Vec::new(), Vec::new());
            let mut hashes = vec![d.state_hash()];
            while d.now_tick() < seconds * 1000 {
                for _ in 0..ticks {
                    d.tick();
                    if d.now_tick().is_multiple_of(1000) {
                        hashes.push(d.state_hash());
                    }
                }
                // as the worker does to publish, though not so often
                if d.now_tick() % 50 < ticks {
                    block.t_s.clear();
                    d.take_block(&mut block);
                    d.take_events(&mut events);
                    d.engine().latest(&mut row);
                    drop((d.engine().view(), d.engine().status(), d.take_view()));
                }
            }
            hashes.truncate(seconds as usize + 1);
            hashes
        });
        assert_eq!(runs[0].len(), seconds as usize + 1, "{name}");
        assert!(runs[0] == runs[1] && runs[0] == runs[2], "{name}: blocks of 1000, 7 and 1 ticks differ");
    }
}

fn commands() -> Vec<(u64, Operate)> {
    vec![
        (0, Operate::Start),
        (1_234, Operate::Set(Setpoint::BatchGpus, 20.0)),
        (2_001, Operate::Hold),
        (3_500, Operate::Resume),
        (4_000, Operate::Slam(50)),
        (4_000, Operate::Set(Setpoint::BessOn, 1.0)),
        (5_777, Operate::Set(Setpoint::BessKw, 120.0)),
        (6_000, Operate::Crash(0)),
        (7_100, Operate::Breaker(99, true)),
        (7_101, Operate::NextBatch),
        (8_000, Operate::Set(Setpoint::MinerLatencyS, 1.5)),
        (9_250, Operate::RampDown),
    ]
}

#[test]
fn a_log_replays_to_the_same_hashes() {
    for name in SOME {
        let mut e = shipped(name);
        let mut first = vec![e.state_hash()];
        let mut next = commands().into_iter().peekable();
        while e.now_tick() < 15_000 {
            while let Some((_, act)) = next.next_if(|(tick, _)| *tick == e.now_tick()) {
                e.operate(act);
            }
            e.tick();
            if e.now_tick().is_multiple_of(1000) {
                first.push(e.state_hash());
            }
        }
        let log: Vec<(u64, Operate)> = e.log().iter().map(|l| (l.tick, l.act)).collect();
        assert_eq!(log, commands(), "{name}: the log is not what was commanded");
        assert_eq!(hashes(shipped(name), 15, &log), first, "{name}: the replay differs");
        assert_ne!(hashes(shipped(name), 15, &[]), first, "{name}: the commands did nothing");
    }
}

// Worker

const PATIENCE: Duration = Duration::from_mins(6);

fn twin(name: &str) -> TwinHandle {
    let desk = Desk::new(Arc::clone(&shipped(name).scenario), DeskConfig::default());
    spawn(desk, Arc::new(|| {}))
}

fn send(twin: &mut TwinHandle, c: Command) -> u64 {
    twin.send(c).expect("room for a command")
}

fn until(twin: &TwinHandle, mut wanted: impl FnMut(&Update) -> bool) -> Update {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let u = twin.updates.recv_deadline(deadline).expect("an update in time");
        if wanted(&u) {
            return u;
        }
    }
}

/// Second whose hash an update carries.
fn second(u: &Update) -> usize {
    (u.t_s + 1e-6).floor() as usize
}

#[test]
fn the_worker_computes_the_same_at_any_speed() {
    let want = hashes(shipped("path-a"), 40, &[]);
    for (speed, seconds) in
        [(Speed::Times(0.4), 1), (Speed::Times(10.0), 20), (Speed::Times(50.0), 30), (Speed::Max, 30)]
    {
        let mut t = twin("path-a");
        send(&mut t, Command::Speed(speed));
        send(&mut t, Command::Run);
        let mut seen = 0;
        until(&t, |u| {
            if let Some(want) = want.get(second(u)) {
                seen += 1;
                assert_eq!(u.state_hash, *want, "{speed:?}: another hash at {} s", second(u));
            }
            second(u) >= seconds
        });
        assert!(seen > 1, "{speed:?}: no update was compared");
    }
}

#[test]
fn the_worker_computes_the_same_in_steps_with_commands_between() {
    for name in SOME {
        let want = hashes(shipped(name), 10, &commands());
        let mut t = twin(name);
        let mut at = 0;
        let mut step = |t: &mut TwinHandle, to: u64| {
            if to > at {
                let seq = send(t, Command::Step(u32::try_from(to - at).expect("a short step")));
                let _ = seq;
                until(t, |u| (u.t_s * 1000.0).round() as u64 == to);
                at = to;
            }
        };
        for (tick, act) in commands() {
            step(&mut t, tick);
            let seq = send(&mut t, Command::Operate(act));
            until(&t, |u| u.acked >= seq);
        }
        step(&mut t, 10_000);
        let seq = send(&mut t, Command::Forecast);
        let u = until(&t, |u| u.acked >= seq);
        assert_eq!(u.state_hash, want[10], "{name}: stepping through the worker ends elsewhere");
    }
}

/// Commands to a running worker land on ticks that nobody chose; with those ticks, a run without the worker is the same.
#[test]
fn a_run_under_way_is_reproduced_from_its_events() {
    let mut t = twin("path-b-500");
    send(&mut t, Command::Speed(Speed::Times(20.0)));
    send(&mut t, Command::Run);
    let acts = [Operate::Slam(40), Operate::Set(Setpoint::BessOn, 1.0), Operate::Hold, Operate::Crash(0)];
    let (mut landed, mut got) = (Vec::new(), BTreeMap::new());
    let mut watch = |t: &TwinHandle, wanted: &dyn Fn(&Update) -> bool| {
        until(t, |u| {
            got.insert(second(u), u.state_hash);
            landed.extend(u.events.iter().filter(|e| e.kind == EventKind::Command).map(|e| e.tick));
            wanted(u)
        });
    };
    for (i, act) in acts.iter().enumerate() {
        watch(&t, &|u: &Update| second(u) > 2 * i);
        send(&mut t, Command::Operate(*act));
    }
    watch(&t, &|u: &Update| second(u) >= 14);
    drop(t);
    assert_eq!(landed.len(), acts.len(), "commands seen in events: {landed:?}");
    let log: Vec<_> = landed.iter().copied().zip(acts).collect();
    let want = hashes(shipped("path-b-500"), 14, &log);
    for (s, h) in got.iter().filter(|(s, _)| **s <= 14) {
        assert_eq!(*h, want[*s], "the run with {log:?} differs at {s} s");
    }
}

/// A hash that forgets a relay's timer calls two plants the same that trip at different times.
#[test]
fn regress_the_hash_knows_timers_references_and_flags() {
    use std::hash::Hasher as _;
    let hash = |e: &Engine| {
        let mut h = fnv::FnvHasher::default();
        e.plant.hash_into(&mut h);
        h.finish()
    };
    let mut e = shipped("bess-200kw");
    (0..3_000).for_each(|_| e.tick());
    let was = hash(&e);
    assert_eq!(hash(&e.clone()), was, "a clone is another state");
    type Change = (&'static str, fn(&mut Engine));
    let changes: [Change; 14] = [
        ("relay timer", |e| e.plant.gensets[0].relay_timers[0] += 1),
        ("soft loading", |e| e.plant.gensets[0].soft = 0.5),
        ("speed reference", |e| e.plant.gensets[0].w_ref += 1e-9),
        ("voltage reference", |e| e.plant.gensets[0].v_ref += 1e-9),
        ("fuel shut", |e| e.plant.gensets[0].fuel_off = true),
        ("tripped", |e| e.plant.gensets[0].tripped = true),
        ("low load", |e| e.plant.gensets[0].lowload_ticks += 1),
        ("battery's scale", |e| e.plant.bess[0].scale = 0.5),
        ("battery's voltage", |e| e.plant.bess[0].v_set += 1e-9),
        ("miner latency", |e| e.plant.miners[0].latency_s += 0.1),
        ("stuck share", |e| e.plant.miners[0].stuck_share += 0.1),
        ("swing", |e| e.plant.gpus[0].set_swing(10.0, 1.0, false, 3_000)),
        ("aux", |e| e.plant.aux_kw[0] += 1.0),
        ("feeder", |e| {
            let feeder = e.plant.breakers().find(|b| matches!(b, Breaker::Aux(_))).expect("an aux feeder");
            e.plant.switch(feeder, false).expect("it opens");
        }),
    ];
    for (what, change) in changes {
        let mut other = e.clone();
        change(&mut other);
        assert_ne!(hash(&other), was, "{what}: the hash does not see it");
    }
}
