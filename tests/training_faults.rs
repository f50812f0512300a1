//! Malfunctions and field acts on the plant: what each does, that it ends, that the plant comes back, and that the command
//! log with them gives the same run again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::sync::Arc;

use ballast::acts::fault::FAULTS;
use ballast::acts::{By, Event, EventKind, Fault, FaultKind, Operate, Remote, Setpoint};
use ballast::engine::Engine;
use ballast::plant::signals::{at, site};
use ballast::scenario::Scenario;

/// A set at half load with miners, GPUs at preload and at full, a battery and an aux load; no schedule.
const PLANT: &str = "(purpose: \"test\", run_s: 600.0, plant: (
    gensets: [(name: \"G1\", preset: \"lean-default\")],
    miners: [(name: \"miners\", units: 90, unit_kw: 3.3, on_at_start: 90, latency_s: 0.5, latency_sigma: 0.0)],
    gpus: [(name: \"gpu\", gpus: 400, preload_at_start: 100, full_at_start: 200)],
    aux: [(name: \"aux\", kw: 20.0)],
    bess: [(name: \"B1\", rated_kva: 100.0, energy_kwh: 50.0, mode: grid_following)],
    shedding: off,
), policy: (hold: (enabled: false)))";

struct Rig {
    e: Engine,
    row: Vec<f64>,
}

impl Rig {
    fn new() -> Self {
        let s = Scenario::from_str("test", "test", PLANT, None).unwrap_or_else(|e| panic!("{e}"));
        let e = Engine::new(Arc::new(s)).without_rows();
        let row = vec![0.0; e.table().len()];
        Self { e, row }
    }

    fn run(&mut self, s: f64) -> &mut Self {
        (0..(s * 1000.0).round() as u64).for_each(|_| self.e.tick());
        self
    }

    fn site(&mut self, o: u32) -> f64 {
        self.e.fill_row(&mut self.row);
        self.row[o as usize]
    }

    fn fault(&mut self, kind: FaultKind, device: u32, severity: f64, ramp_s: f64) {
        self.e.operate_by(Operate::Fault(Fault { kind, device, severity, ramp_s }), By::Instructor);
    }

    fn remote(&mut self, r: Remote) {
        self.e.operate_by(Operate::Remote(r), By::Instructor);
    }

    fn events(&mut self) -> Vec<Event> {
        let mut out = Vec::new();
        self.e.take_events(&mut out);
        out
    }

    fn breaker(&self, name: &str) -> u32 {
        self.e.view().breakers.iter().position(|b| b.name.starts_with(name)).expect("the breaker") as u32
    }
}

fn near(got: f64, want: f64, within: f64, what: &str) {
    assert!((got - want).abs() <= within, "{what}: {got}, expected {want} within {within}");
}

#[test]
fn m01_takes_power_away_on_a_ramp_and_gives_it_back() {
    let mut r = Rig::new();
    let rating = r.site(site::HEADROOM_KW) + r.site(site::GEN_KW);
    r.fault(FaultKind::GasPressure, 0, 0.3, 10.0);
    r.run(5.0);
    near(r.site(site::HEADROOM_KW) + r.site(site::GEN_KW), rating * 0.85, 1.0, "half way down the ramp");
    r.run(6.0);
    near(r.site(site::HEADROOM_KW) + r.site(site::GEN_KW), rating * 0.7, 1e-6, "rating at 70 % gas");
    assert_eq!(r.e.standing().len(), 1);
    r.fault(FaultKind::GasPressure, 0, 0.0, 0.0);
    r.run(0.01);
    near(r.site(site::HEADROOM_KW) + r.site(site::GEN_KW), rating, 1e-6, "rating afterwards");
    assert!(r.e.standing().is_empty() && r.e.trips().is_empty());
}

#[test]
fn m01_below_the_load_trips_on_frequency_first_and_the_plant_can_be_started_again() {
    let mut r = Rig::new();
    r.fault(FaultKind::GasPressure, 0, 0.8, 1.0);
    r.run(60.0);
    assert!(r.e.trips()[0].starts_with("81U"), "first-out: {:?}", r.e.trips());
    assert_eq!(r.site(site::ENERGISED), 0.0);
    r.fault(FaultKind::GasPressure, 0, 0.0, 0.0);
    r.run(60.0);
    for n in [r.breaker("52M"), r.breaker("52C")] {
        r.remote(Remote::Breaker(n, false));
    }
    r.e.operate(Operate::Reset);
    r.remote(Remote::Breaker(r.breaker("52G"), true));
    r.run(120.0);
    assert_eq!(r.site(site::ENERGISED), 1.0, "{:?}", r.events());
    let b = r.breaker("52M");
    r.remote(Remote::Breaker(b, true));
    r.run(1.0);
    assert!(r.e.view().breakers[b as usize].closed);
}

/// The same load step with the governor in order and sluggish.
#[test]
fn m02_makes_a_load_step_dip_deeper() {
    let dip = |severity: f64| {
        let mut r = Rig::new();
        r.fault(FaultKind::SluggishGovernor, 0, severity, 0.0);
        r.fault(FaultKind::AuxStep, 0, 0.25, 0.0);
        let mut low = f64::INFINITY;
        for _ in 0..300 {
            r.run(0.01);
            low = low.min(r.site(site::F_HZ));
        }
        60.0 - low
    };
    let [sound, half, full] = [dip(0.0), dip(0.3), dip(1.0)];
    assert!(sound < half && half < full, "dips {sound} {half} {full} Hz");
}

#[test]
fn m03_and_m04_move_their_share_of_gpus() {
    let mut r = Rig::new();
    let before = r.site(site::GPU_KW);
    r.fault(FaultKind::JobSlam, 0, 0.5, 0.0);
    assert_eq!([r.site(site::GPU_PRELOAD), r.site(site::GPU_FULL)], [50.0, 250.0]);
    r.run(1.0);
    assert!(r.site(site::GPU_KW) > before + 20.0);
    r.fault(FaultKind::JobCrash, 0, 0.4, 0.0);
    assert_eq!([r.site(site::GPU_PRELOAD), r.site(site::GPU_FULL), r.site(site::GPU_OFF)], [30.0, 150.0, 220.0]);
    r.run(0.06);
    near(r.site(site::GPU_KW), (30.0 * 0.3 + 150.0) * 0.7, 1.0, "GPU kW after the crash");
    assert!(r.e.standing().is_empty(), "what is over at once does not stand");
}

#[test]
fn m05_lies_to_screen_control_and_relays_alike() {
    let mut r = Rig::new();
    let f = at(site::F_HZ).at() as u32;
    let span = r.e.table().get(at(site::F_HZ)).range;
    let severity = 3.0 / (span[1] - span[0]);
    r.fault(FaultKind::SensorLow, f, severity, 0.0);
    r.run(0.2);
    near(r.site(site::F_HZ), 57.0, 0.01, "shown");
    near(r.e.totals().f_hz, 60.0, 0.01, "true");
    near(r.e.measured().islands[0].f_hz, 57.0, 0.01, "what control measures");
    r.fault(FaultKind::SensorLow, f, 0.0, 0.0);
    r.run(0.1);
    near(r.site(site::F_HZ), 60.0, 0.01, "shown afterwards");
    r.fault(FaultKind::SensorLow, f, 0.95, 0.0);
    r.run(10.0);
    assert!(r.e.trips()[0].starts_with("81U"), "the relay believes it: {:?}", r.e.trips());
}

#[test]
fn m05_freezes_what_it_froze() {
    let mut r = Rig::new();
    let was = r.site(site::GEN_KW);
    r.fault(FaultKind::SensorFreeze, at(site::GEN_KW).at() as u32, 1.0, 0.0);
    r.fault(FaultKind::AuxStep, 0, 0.5, 0.0);
    r.run(3.0);
    assert_eq!((r.site(site::GEN_KW), r.e.measured().islands[0].kw), (was, was));
    assert!(r.e.totals().gen_kw > was + 50.0, "the true load has risen");
}

/// Rows of the recorder and rows on demand agree on slow signals too, whatever the tick.
#[test]
fn m05_is_put_on_once_a_row() {
    let s = Scenario::from_str("test", "test", PLANT, None).unwrap();
    let mut e = Engine::new(Arc::new(s));
    let stuck = at(site::MINER_ON).at();
    let span = e.table().get(at(site::MINER_ON)).range;
    let fault = Fault { kind: FaultKind::SensorHigh, device: stuck as u32, severity: 0.1, ramp_s: 0.0 };
    e.operate(Operate::Fault(fault));
    (0..100).for_each(|_| e.tick());
    let mut latest = Vec::new();
    e.latest(&mut latest);
    near(latest[stuck], 90.0 + 0.1 * (span[1] - span[0]), 1e-9, "miners on, as shown");
}

#[test]
fn m06_and_m07_make_miners_deaf_and_slow() {
    let mut r = Rig::new();
    r.fault(FaultKind::MinerStuck, 0, 0.5, 0.0);
    r.e.operate(Operate::Set(Setpoint::MinerLatencyS, 0.5));
    shed(&mut r, 40);
    r.run(2.0);
    assert_eq!([r.site(site::MINER_ON), r.site(site::MINER_STUCK)], [70.0, 20.0]);
    r.fault(FaultKind::MinerStuck, 0, 0.0, 0.0);
    assert_eq!(r.site(site::MINER_STUCK), 0.0, "they answer again");
    r.fault(FaultKind::MinerLag, 0, 0.25, 0.0);
    shed(&mut r, 10);
    r.run(5.0);
    near(r.site(site::MINER_KW), 70.0 * 3.3, 1e-6, "5 s later nothing has happened");
    r.run(1.0);
    near(r.site(site::MINER_KW), 60.0 * 3.3, 1e-6, "5.7 s later they are off");
}

/// Has control shed so many units, by a command on its way.
fn shed(r: &mut Rig, units: u32) {
    let (cfg, p) = (Arc::clone(&r.e.plant.cfg), &mut r.e.plant);
    p.miners[0].shed(&cfg.miners[0], units, p.tick, cfg.tick_s, &p.random);
}

#[test]
fn m08_opens_52b_or_makes_the_battery_believe_that_it_is_empty() {
    let mut r = Rig::new();
    r.run(1.0);
    let (soc, can) = (r.site(site::BESS_SOC_PCT), r.e.measured().islands[0].bess_available_kw);
    assert!(can > 50.0, "{can} kW");
    r.fault(FaultKind::BessSocLow, 0, 1.0, 0.0);
    assert_eq!((r.site(site::BESS_SOC_PCT), r.e.measured().islands[0].bess_available_kw), (0.0, 0.0));
    r.fault(FaultKind::BessSocLow, 0, 0.0, 0.0);
    near(r.site(site::BESS_SOC_PCT), soc, 0.1, "charge afterwards");
    r.fault(FaultKind::BessTrip, 0, 1.0, 0.0);
    let b = r.breaker("52B") as usize;
    let view = r.e.view();
    assert!(!view.breakers[b].closed && view.breakers[b].tripped);
    r.remote(Remote::Breaker(b as u32, true));
    let view = r.e.view();
    assert!(view.breakers[b].closed && !view.breakers[b].tripped, "closing resets");
}

#[test]
fn m09_rejects_the_load_behind_the_feeder() {
    for (name, signal) in [("52C", site::GPU_KW), ("52M", site::MINER_KW)] {
        let mut r = Rig::new();
        let b = r.breaker(name);
        r.fault(FaultKind::FeederTrip, b, 1.0, 0.0);
        r.run(0.1);
        assert_eq!(r.site(signal), 0.0, "{name}");
        assert!(r.events().iter().any(|e| e.kind == EventKind::Trip && e.object.starts_with(name)));
        assert!(r.site(site::F_HZ) > 60.0, "{name}: a rejection raises the frequency");
    }
}

#[test]
fn m10_loses_and_delays_commands_of_control() {
    let bring_up = |faults: &[(FaultKind, u32, f64)]| {
        let mut r = Rig::new();
        for (kind, device, severity) in faults {
            r.fault(*kind, *device, *severity, 0.0);
        }
        r.e.operate(Operate::Set(Setpoint::TargetKw, 250.0));
        r.e.operate(Operate::Start);
        r.run(8.0);
        (r.site(site::GPU_FULL), r)
    };
    let (sound, _) = bring_up(&[]);
    let (late, _) = bring_up(&[(FaultKind::CommDelay, 0, 0.4)]);
    let (lost, mut r) = bring_up(&[(FaultKind::CommLoss, 0, 1.0)]);
    assert!(late > 200.0 && late < sound, "late {late}, in order {sound}");
    assert_eq!(lost, 200.0, "nothing arrives");
    r.fault(FaultKind::CommLoss, 0, 0.0, 0.0);
    r.run(20.0);
    assert!(r.site(site::GPU_FULL) > 200.0, "commands arrive again");

    r.fault(FaultKind::CommLoss, 2, 1.0, 0.0);
    r.events();
    r.e.operate(Operate::Set(Setpoint::BessOn, 0.0));
    assert!(r.events()[0].text.contains("no communications"));
    assert_eq!(r.e.measured().islands[0].bess_available_kw, 0.0, "what is not heard of cannot be counted on");
}

/// A console that went on showing the battery's true values would show what no link brought.
#[test]
fn regress_m10_of_the_battery_leaves_its_last_values_on_the_screen() {
    let mut r = Rig::new();
    r.e.operate(Operate::Set(Setpoint::BessOn, 1.0));
    r.run(1.0);
    let bess = r.breaker("52B") as usize;
    let seen = |r: &mut Rig| [r.site(site::BESS_KW), r.site(site::BESS_SOC_PCT), r.e.view().breakers[bess].kw];
    r.fault(FaultKind::CommLoss, 2, 1.0, 0.0);
    let before = seen(&mut r);
    r.fault(FaultKind::BessTrip, 0, 1.0, 0.0);
    r.fault(FaultKind::BessSocLow, 0, 0.3, 0.0);
    r.run(2.0);
    assert_eq!(seen(&mut r), before, "nothing new is heard");
    assert!(r.e.view().breakers[bess].closed, "nor that 52B has opened");
    assert!(r.e.unheard().count() > 3 && r.e.totals().bess_kw == 0.0);
    r.fault(FaultKind::CommLoss, 2, 0.0, 0.0);
    r.run(0.1);
    let after = seen(&mut r);
    assert!(after[1] < before[1] - 20.0 && !r.e.view().breakers[bess].closed, "{before:?} {after:?}");
    assert_eq!(r.e.unheard().count(), 0);
}

#[test]
fn m11_and_m12_are_loads_that_the_plan_does_not_know() {
    let mut r = Rig::new();
    let [gpu, aux, gen_kw] = [site::GPU_KW, site::AUX_KW, site::GEN_KW].map(|s| r.site(s));
    r.fault(FaultKind::GpuKw, 0, 0.2, 2.0);
    r.run(2.1);
    near(r.site(site::GPU_KW), gpu * 1.2, 1e-6, "GPU kW");
    near(r.e.measured().cohorts[0].full_kw, 0.7, 1e-9, "what control plans with");
    r.fault(FaultKind::AuxStep, 0, 0.2, 0.0);
    r.run(3.0);
    near(r.site(site::AUX_KW), aux + 40.0, 0.5, "aux kW");
    r.fault(FaultKind::GpuKw, 0, 0.0, 0.0);
    r.fault(FaultKind::AuxStep, 0, 0.0, 0.0);
    r.run(10.0);
    near(r.site(site::GEN_KW), gen_kw, 2.0, "genset kW afterwards");
}

#[test]
fn the_field_can_stop_and_isolate_and_set_relays() {
    let mut r = Rig::new();
    r.remote(Remote::Isolator(0, 2, false));
    r.run(0.1);
    let dark = 90 * 3 / 8 - 90 * 2 / 8;
    near(r.site(site::MINER_KW), f64::from(90 - dark) * 3.3, 1e-6, "miners with one container dark");
    r.remote(Remote::Isolator(0, 2, true));
    r.run(200.0);
    near(r.site(site::MINER_KW), 90.0 * 3.3, 1e-6, "they come back by themselves");

    r.remote(Remote::Relay(0, 0, 0.999, 0.1));
    r.fault(FaultKind::AuxStep, 0, 0.3, 0.0);
    r.run(5.0);
    assert_eq!(r.e.trips().len(), 1, "81U at 59.94 Hz operates: {:?}", r.events());

    let mut r = Rig::new();
    r.remote(Remote::EStop(true));
    r.run(40.0);
    assert_eq!(r.site(site::ENERGISED), 0.0);
    r.e.operate(Operate::Reset);
    r.events();
    r.e.operate(Operate::StartGenset(0));
    assert!(r.events()[0].text.contains("emergency stop"), "it does not start while the stop is in");
    r.remote(Remote::EStop(false));
    r.remote(Remote::GasValve(0, false));
    r.e.operate(Operate::StartGenset(0));
    assert!(r.events().iter().any(|e| e.text.contains("gas valve")));
    r.remote(Remote::GasValve(0, true));
    r.e.operate(Operate::StartGenset(0));
    r.run(120.0);
    assert_eq!(r.site(site::ENERGISED), 1.0);
}

#[test]
fn an_act_without_sense_is_refused_in_words() {
    let mut r = Rig::new();
    let bad = |kind, device, severity, ramp_s| Operate::Fault(Fault { kind, device, severity, ramp_s });
    for op in [
        bad(FaultKind::MinerLag, 0, 1.5, 0.0),
        bad(FaultKind::MinerLag, 0, f64::NAN, 0.0),
        bad(FaultKind::MinerLag, 0, 0.5, -1.0),
        bad(FaultKind::MinerLag, 7, 0.5, 0.0),
        bad(FaultKind::SensorHigh, 9999, 0.5, 0.0),
        Operate::Remote(Remote::Relay(0, 99, 0.9, 1.0)),
        Operate::Remote(Remote::Relay(0, 0, f64::NAN, 1.0)),
        Operate::Remote(Remote::Isolator(0, 8, false)),
        Operate::Remote(Remote::GasValve(3, false)),
        Operate::Remote(Remote::Breaker(99, false)),
    ] {
        let before = r.e.clone();
        r.e.operate(op);
        let said = r.events();
        assert_eq!(said[0].kind, EventKind::Refused, "{op:?}: {said:?}");
        r.run(1.0);
        let mut same = before;
        (0..1000).for_each(|_| same.tick());
        assert_eq!(r.e.state_hash(), same.state_hash(), "{op:?} changed the run");
    }
}

/// All of them at once, on ramps, from a clone in the middle and from the log.
#[test]
fn a_run_full_of_malfunctions_is_repeated_exactly() {
    let mut r = Rig::new();
    r.e.operate(Operate::Start);
    for (n, s) in FAULTS.iter().enumerate() {
        let signal = at(site::F_HZ).at() as u32;
        let device = if s.code.starts_with("M05") { signal + n as u32 } else { 0 };
        let severity = if s.kind == FaultKind::FeederTrip { 0.0 } else { 0.15 };
        r.fault(s.kind, device, severity, 3.0);
        r.run(0.7);
    }
    let mut clone = r.e.snapshot();
    r.run(10.0);
    (0..10_000).for_each(|_| clone.tick());
    assert_eq!(clone.state_hash(), r.e.state_hash(), "from a snapshot");

    let mut again = Rig::new().e;
    for l in r.e.log() {
        while again.now_tick() < l.tick {
            again.tick();
        }
        again.operate_by(l.act, l.by);
    }
    while again.now_tick() < r.e.now_tick() {
        again.tick();
    }
    assert_eq!(again.state_hash(), r.e.state_hash(), "from the log");
}
