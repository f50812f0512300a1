//! Random plants of several sections under random acts for five minutes: start, stop, trip, breakers, ties, slams, faults.
//!
//! Whatever is done to them: nothing panics, nothing is other than finite, the energy books close, no dead bus is energised, charge
//! stays in bounds, no load is fed from a dead or open side, and every command is answered. A few cases by default; more with
//! `PROPTEST_CASES`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed step is a failed test")]

mod common;

use std::sync::Arc;

use ballast::acts::fault::{FAULTS, Target};
use ballast::acts::{EventKind, Fault, Operate, Remote, Setpoint};
use ballast::engine::Engine;
use ballast::plant::breaker::Breaker;
use ballast::plant::genset::W;
use ballast::plant::system::Island;
use ballast::scenario::Scenario;
use common::governors::governor;
use proptest::prelude::*;

const SECONDS: u64 = 300;
/// Cases where the environment names no number.
const CASES: u32 = 3;

#[derive(Clone, Debug)]
struct Case {
    sections: usize,
    ties: Vec<bool>,
    /// Devices by kind, each with a number that gives its section.
    sets: Vec<(usize, String)>,
    batteries: Vec<(usize, String)>,
    condensers: Vec<(usize, String)>,
    cohorts: Vec<(usize, String)>,
    /// Units, kW of one, and the share of them that is on at the start.
    fleets: Vec<(usize, u32, f64, f64)>,
    aux: usize,
    relays: &'static str,
    shedding: bool,
    psu: bool,
    acts: Vec<(u64, Act)>,
}

/// Something done to a plant; devices are taken modulo how many there are.
#[derive(Clone, Copy, Debug)]
enum Act {
    Breaker(u32, bool),
    Start(u32),
    Stop(u32),
    Slam(u32),
    Crash(u32),
    Cap(u32, f64),
    Schedule(Operate),
    Fault(usize, u32, f64, f64),
    Gas(u32, bool),
    EStop(bool),
    Isolator(u32, u32, bool),
}

fn act() -> impl Strategy<Value = Act> {
    let schedule = prop_oneof![
        Just(Operate::Start),
        Just(Operate::Resume),
        Just(Operate::Abort),
        Just(Operate::RampDown),
        Just(Operate::NextBatch),
        (0.0..300.0).prop_map(|kw| Operate::Set(Setpoint::AuxKw, kw)),
        (0.0..1.0_f64).prop_map(|on| Operate::Set(Setpoint::BessOn, on.round())),
        (0..3_u32).prop_map(|path| Operate::Set(Setpoint::Path, f64::from(path))),
        (0.0..1.0_f64).prop_map(|mode| Operate::Set(Setpoint::ShedMode, mode.round())),
        (0.0..400.0).prop_map(|kw| Operate::Set(Setpoint::TargetKw, kw)),
    ];
    prop_oneof![
        6 => (0..64_u32, any::<bool>()).prop_map(|(b, on)| Act::Breaker(b, on)),
        4 => (0..8_u32).prop_map(Act::Start),
        2 => (0..8_u32).prop_map(Act::Stop),
        2 => (1..300_u32).prop_map(Act::Slam),
        1 => (0..4_u32).prop_map(Act::Crash),
        1 => (0..4_u32, 0.05..1.0_f64).prop_map(|(c, share)| Act::Cap(c, share)),
        3 => schedule.prop_map(Act::Schedule),
        4 => (0..FAULTS.len(), any::<u32>(), 0.0..1.0, 0.0..20.0).prop_map(|(k, d, s, r)| Act::Fault(k, d, s, r)),
        2 => (0..FAULTS.len(), any::<u32>()).prop_map(|(k, d)| Act::Fault(k, d, 0.0, 0.0)),
        1 => (0..8_u32, any::<bool>()).prop_map(|(g, on)| Act::Gas(g, on)),
        1 => any::<bool>().prop_map(Act::EStop),
        1 => (0..4_u32, 0..8_u32, any::<bool>()).prop_map(|(f, c, on)| Act::Isolator(f, c, on)),
        3 => Just(Act::Schedule(Operate::Reset)),
    ]
}

fn set() -> impl Strategy<Value = String> {
    let preset = prop_oneof![
        Just("preset: \"lean-slow\"".to_owned()),
        Just("preset: \"lean-default\"".to_owned()),
        Just("preset: \"fast-response\"".to_owned()),
    ];
    let sharing = prop_oneof![Just("droop(0.04)"), Just("droop(0.03)"), Just("load_share(0.03)"), Just("isochronous")];
    let engine = prop_oneof![
        3 => (preset, sharing).prop_map(|(p, s)| format!("{p}, sharing: {s}")),
        1 => governor().prop_map(|g| format!("governor: {g}, sharing: droop(0.04)")),
    ];
    (engine, any::<bool>(), 100.0..2000.0_f64, prop::bool::weighted(0.7)).prop_map(|(engine, flux, kw, on)| {
        let flux = if flux { "" } else { "flux: off" };
        format!(
            "{engine}, rated_kw: {:?}, on_at_start: {on}, machine: ({flux}), start_stop: (prelube_s: 1.0, crank_s: 1.0, idle_s: 1.0, \
             run_up_s: 2.0, sync_timeout_s: 20.0, load_pu_per_s: 0.05, unload_pu_per_s: 0.1, cool_down_s: 5.0)",
            kw.round()
        )
    })
}

fn battery() -> impl Strategy<Value = String> {
    (any::<bool>(), any::<bool>(), 20.0..500.0_f64, -0.5..0.5_f64, 0.15..0.9_f64, 0.5..5.0_f64).prop_map(
        |(forms, on, kva, p, soc, kwh)| {
            let mode = if forms { "grid_forming" } else { "grid_following" };
            let (kva, p) = (kva.round(), (p * kva).round());
            format!(
                "mode: {mode}, rated_kva: {kva:?}, energy_kwh: {kwh:?}, on_at_start: {on}, p_set_kw: {p:?}, recharge_kw: 5.0, \
                 soc_min: 0.1, soc_max: 0.95, soc_target: 0.6, soc_at_start: {soc:?}"
            )
        },
    )
}

fn condenser() -> impl Strategy<Value = String> {
    let rotor = (50.0..2000.0_f64, 0.3..6.0_f64, 0.0..60.0_f64, 0.0..0.05_f64, prop::bool::weighted(0.7));
    (rotor, 0.1..0.4_f64).prop_map(|((kva, h, damper, loss, on), xd1)| {
        format!(
            "rated_kva: {:?}, h_s: {h:?}, damper_pu: {damper:?}, loss_pu: {loss:?}, xd1_pu: {xd1:?}, on_at_start: {on}",
            kva.round()
        )
    })
}

fn case() -> impl Strategy<Value = Case> {
    let shape = (1..=4_usize, prop::collection::vec(any::<bool>(), 4), 0..12_usize);
    let at = || 0..12_usize;
    let sources = (
        prop::collection::vec((at(), set()), 0..=6),
        prop::collection::vec((at(), battery()), 0..=3),
        prop::collection::vec((at(), condenser()), 0..=2),
    );
    let gpus = prop::collection::vec((at(), 1..400_u32, any::<bool>(), 0.2..3.0_f64), 1..=3);
    let miners = prop::collection::vec((at(), 1..100_u32, 0.5..30.0_f64, 0.0..1.0_f64), 1..=3);
    let flags = (prop_oneof![Just("console"), Just("woodward"), Just("none")], any::<bool>(), any::<bool>());
    let acts = prop::collection::vec((0..SECONDS * 1000, act()), 10..80);
    (shape, sources, gpus, miners, flags, acts).prop_map(
        |((sections, ties, aux), (sets, batteries, condensers), gpus, fleets, (relays, shedding, psu), mut acts)| {
            acts.sort_by_key(|a| a.0);
            let cohort = |(at, n, scheduled, kw): &(usize, u32, bool, f64)| {
                (*at, format!("gpus: {n}, full_kw: {kw:?}, scheduled: {scheduled}, preemptible: {}", !scheduled))
            };
            let cohorts = gpus.iter().map(cohort).collect();
            Case { sections, ties, sets, batteries, condensers, cohorts, fleets, aux, relays, shedding, psu, acts }
        },
    )
}

impl Case {
    /// The scenario; with its miners off where the sources cannot carry them at the start, and none where two isochronous
    /// sets would meet on one island.
    fn scenario(&self) -> Option<Scenario> {
        self.with_miners(1.0).or_else(|| self.with_miners(0.0))
    }

    fn with_miners(&self, share: f64) -> Option<Scenario> {
        let n = self.sections;
        let list = |kind: &str, devices: &[(usize, String)]| {
            let one = |(i, (at, d)): (usize, &(usize, String))| {
                format!("(name: \"{kind}{i}\", section: \"S{}\", {d}),", at % n)
            };
            devices.iter().enumerate().map(one).collect::<Vec<_>>().join(" ")
        };
        let fleet = |(at, units, kw, on): &(usize, u32, f64, f64)| {
            let on = (share * on * f64::from(*units)).round() as u32;
            (*at, format!("units: {units}, unit_kw: {kw:?}, on_at_start: {on}, wake_s: 5.0"))
        };
        let fleets: Vec<_> = self.fleets.iter().map(fleet).collect();
        let sections: Vec<_> = (0..n).map(|s| format!("\"S{s}\"")).collect();
        let pairs = if n > 2 { n } else { n - 1 };
        let ties: Vec<_> = (0..pairs)
            .map(|i| format!("(name: \"T{i}\", from: \"S{i}\", to: \"S{}\", closed: {})", (i + 1) % n, self.ties[i]))
            .collect();
        let text = format!(
            "(purpose: \"random\", run_s: {SECONDS}.0, plant: (sections: [{}], ties: [{}], gensets: [{}], bess: [{}], condensers: [{}], gpus: [{}], \
             miners: [{}], aux: [(name: \"aux\", section: \"S{}\", kw: 20.0, z_share: 0.3, i_share: 0.3)], psu_ride_through: {}, \
             relays: {}, shedding: {}), policy: (set: recommended, hold: (enabled: false)))",
            sections.join(", "),
            ties.join(", "),
            list("G", &self.sets),
            list("B", &self.batteries),
            list("SC", &self.condensers),
            list("C", &self.cohorts),
            list("M", &fleets),
            self.aux % n,
            if self.psu { "on" } else { "off" },
            self.relays,
            if self.shedding { "domain" } else { "off" },
        );
        match Scenario::from_str("random", "random", &text, None) {
            Ok(s) => Some(s),
            Err(e) if cannot_start(&e.to_string()) => None,
            Err(e) => panic!("{e}\n{text}"),
        }
    }
}

/// A plant that has no steady state to start from; the check says so.
fn cannot_start(why: &str) -> bool {
    ["isochronous", "load at the start", "hold its bus at the start"].iter().any(|w| why.contains(w))
}

fn apply(e: &mut Engine, act: Act) {
    let cfg = Arc::clone(&e.plant.cfg);
    let (sets, fleets) = (cfg.gensets.len().max(1) as u32, cfg.miners.len() as u32);
    e.operate(match act {
        Act::Breaker(b, on) => Operate::Breaker(b % cfg.breakers().count() as u32, on),
        Act::Start(g) => Operate::StartGenset(g % sets),
        Act::Stop(g) => Operate::StopGenset(g % sets),
        Act::Slam(n) => Operate::Slam(n),
        Act::Crash(c) => Operate::Crash(c % cfg.gpus.len() as u32),
        Act::Cap(c, share) => Operate::GpuCap(c % cfg.gpus.len() as u32, share),
        Act::Schedule(op) => op,
        Act::Fault(k, device, severity, ramp_s) => {
            let spec = &FAULTS[k];
            let devices = spec.target.names(&cfg, e.table()).len() as u32;
            // A sensor's whole span in one direction says nothing more than a tenth of it.
            let severity = if spec.target == Target::Signal { severity * 0.1 } else { severity };
            Operate::Fault(Fault { kind: spec.kind, device: device % devices.max(1), severity, ramp_s })
        }
        Act::Gas(g, on) => Operate::Remote(Remote::GasValve(g % sets, on)),
        Act::EStop(on) => Operate::Remote(Remote::EStop(on)),
        Act::Isolator(f, c, on) => Operate::Remote(Remote::Isolator(f % fleets, c, on)),
    });
}

/// Energy of sources and loads since the start, MWh times 3.6e6, over ticks whose node was solved.
#[derive(Default)]
struct Books {
    made: f64,
    drawn: f64,
    moved: f64,
}

fn check(e: &Engine, books: &mut Books) -> Result<(), TestCaseError> {
    let (p, t) = (&e.plant, e.t_s());
    for (i, s) in p.gensets.iter().enumerate() {
        prop_assert!(s.x.iter().all(|v| v.is_finite()), "set {i} has state {:?} at {t} s", s.x);
        prop_assert!(s.x[W] < 3.0, "set {i} turns at {} pu at {t} s", s.x[W]);
        prop_assert!(
            s.breaker || (s.terminal.p, s.terminal.i) == (0.0, 0.0),
            "set {i} gives power past an open 52G at {t} s"
        );
    }
    for (i, (s, b)) in p.bess.iter().zip(&p.cfg.bess).enumerate() {
        prop_assert!(s.x.iter().all(|v| v.is_finite()), "battery {i} has state {:?} at {t} s", s.x);
        prop_assert!(
            (b.soc_min - 0.005..=b.soc_max + 0.005).contains(&s.soc),
            "battery {i}: charge {} at {t} s",
            s.soc
        );
        prop_assert!(s.breaker || s.p == 0.0, "battery {i} gives {} MW past an open 52B at {t} s", s.p);
    }
    for (i, s) in p.condensers.iter().enumerate() {
        prop_assert!(s.x.iter().all(|v| v.is_finite()), "condenser {i} has state {:?} at {t} s", s.x);
        prop_assert!(s.x[W] < 3.0, "condenser {i} turns at {} pu at {t} s", s.x[W]);
        prop_assert!(
            s.breaker || (s.terminal.p, s.terminal.i) == (0.0, 0.0),
            "condenser {i} gives power past an open 52S at {t} s"
        );
    }
    for (i, isl) in p.islands.iter().enumerate() {
        let turns = isl.gensets.iter().any(|g| p.gensets[*g].breaker && p.gensets[*g].x[W] > 0.0)
            || isl.condensers.iter().any(|c| p.condensers[*c].breaker && p.condensers[*c].x[W] > 0.0);
        let forms = isl.forming.iter().any(|b| p.bess[*b].breaker);
        prop_assert!(isl.alive == (turns || forms), "island {i} is {} at {t} s without or with a source", isl.alive);
        prop_assert!(isl.alive || (isl.vm, isl.f_pu) == (0.0, 0.0), "dead island {i} shows {} pu at {t} s", isl.vm);
        prop_assert!(isl.vm.is_finite() && isl.vm < 2.0, "island {i} stands at {} pu at {t} s", isl.vm);
    }
    let mut drawn = 0.0;
    let loads = p.breakers().filter(|b| matches!(b, Breaker::Gpu(_) | Breaker::Miner(_) | Breaker::Aux(_)));
    for b in loads {
        let (kw, section) = match b {
            Breaker::Gpu(i) => (p.gpu_kw(i), p.cfg.gpus[i].section),
            Breaker::Miner(i) => (p.miner_kw(i), p.cfg.miners[i].section),
            Breaker::Aux(i) => (p.aux_load_kw(i), p.cfg.aux[i].section),
            _ => continue,
        };
        let fed = p.is_closed(b) && p.islands[p.island_of[section]].alive;
        prop_assert!(fed || kw == 0.0, "{b:?} draws {kw} kW from a dead or open side at {t} s");
        prop_assert!(kw.is_finite() && kw >= 0.0, "{b:?} draws {kw} kW at {t} s");
        drawn += kw;
    }
    let sets: f64 = p.gensets.iter().map(|s| s.terminal.p * 1000.0).sum();
    let condensers: f64 = p.condensers.iter().map(|s| s.terminal.p * 1000.0).sum();
    let made = sets + condensers + p.bess.iter().map(|s| s.p * 1000.0).sum::<f64>();
    // An island without a solution holds its voltage, and says so.
    if p.islands.iter().all(Island::is_solved) {
        books.made += made;
        books.drawn += drawn;
        books.moved += drawn + made.abs();
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(CASES),
        max_shrink_iters: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn random_acts_on_random_plants_for_five_minutes(case in case()) {
        let Some(scenario) = case.scenario() else { return Ok(()) };
        let mut e = Engine::new(Arc::new(scenario)).without_rows();
        let mut row = vec![0.0; e.table().len()];
        let mut acts = case.acts.iter().peekable();
        let (mut events, mut books) = (Vec::new(), Books::default());
        while e.now_tick() < SECONDS * 1000 {
            while let Some((_, act)) = acts.next_if(|(tick, _)| *tick <= e.now_tick()) {
                e.take_events(&mut events);
                events.clear();
                apply(&mut e, *act);
                e.take_events(&mut events);
                let answered = events.iter().filter(|x| {
                    matches!(x.kind, EventKind::Command | EventKind::Refused | EventKind::Fault)
                });
                prop_assert!(answered.count() >= 1, "{act:?} is not answered: {events:#?}");
            }
            e.tick();
            e.take_events(&mut events);
            events.clear();
            check(&e, &mut books)?;
            if e.now_tick().is_multiple_of(100) {
                e.fill_row(&mut row);
                if let Some(i) = row.iter().position(|v| !v.is_finite()) {
                    return Err(TestCaseError::fail(format!("signal {i} is {} at {} s", row[i], e.t_s())));
                }
            }
        }
        let off = (books.made - books.drawn).abs() / books.moved.max(1.0);
        prop_assert!(off < 1e-6, "energy made {} and drawn {}: off by {off:e}", books.made, books.drawn);
    }
}
