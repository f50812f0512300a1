//! The shadow twin against plants whose parameters are known, and the commissioning fit against them and against the
//! independent trajectories of `tests/data/reference`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

mod common;

use std::sync::Arc;

use ballast::acts::Quality;
use ballast::acts::quality::Fault;
use ballast::engine::Engine;
use ballast::plant::config::{Genset, Sharing};
use ballast::plant::random::{Purpose, Random};
use ballast::plant::signals::{SignalTable, at, genset, site};
use ballast::plant::system::Plant;
use ballast::scenario::{Scenario, preset};
use ballast::shadow::fit::{self, Case, Record, Structure, Unknown};
use ballast::shadow::{Phase, Shadow, Verdict};
use common::{bare, hz, load, plant, scenario};

// ---- a plant that is measured ---------------------------------------------------------------------------------------

/// Meters: spacing of rows, resolution of frequency, how much later power is stamped than frequency, noise of both.
#[derive(Clone, Copy)]
struct Meters {
    period_s: f64,
    f_step_hz: f64,
    skew_s: f64,
    f_noise_hz: f64,
    p_noise_kw: f64,
}

const FINE: Meters = Meters { period_s: 0.1, f_step_hz: 0.001, skew_s: 0.0, f_noise_hz: 0.001, p_noise_kw: 0.5 };

fn set(preset: &str, more: &str) -> String {
    format!("(name: \"G1\", preset: \"{preset}\"{more})")
}

/// Load steps up and down over a minute and more, and the ripple of training: what a site looks like.
fn busy_kw(t_s: f64) -> f64 {
    // None of them when a row is due: meters never see a step when it comes.
    let steps = [(0.0, 500.0), (8.03, 580.0), (20.07, 540.0), (31.05, 620.0), (43.01, 520.0), (52.08, 600.0)];
    let kw = steps.iter().rev().find(|s| t_s >= s.0).map_or(500.0, |s| s.1);
    kw + 15.0 * libm::sin(core::f64::consts::TAU * 0.35 * t_s)
}

fn round(x: f64, step: f64) -> f64 {
    (x / step).round() * step
}

/// Noise of an instrument: the next normal number of a row.
fn normal(k: &mut u64) -> f64 {
    *k += 1;
    Random::new(11).normal(Purpose::ShedLatency, "noise", *k)
}

/// Runs a plant of one set and one load, and hands out what meters of it read.
struct Measured {
    plant: Plant,
    load_kw: fn(f64) -> f64,
    meters: Meters,
    noise: u64,
    /// Power at each tick, for the meter that is late or early.
    p_kw: Vec<f64>,
}

impl Measured {
    fn new(genset: &str, load_kw: fn(f64) -> f64, meters: Meters) -> Self {
        let plant = plant(&bare(genset, load_kw(0.0)));
        Self { plant, load_kw, meters, noise: 0, p_kw: Vec::new() }
    }

    fn tick(&mut self) {
        let t_s = self.plant.tick as f64 * self.plant.cfg.tick_s;
        load(&mut self.plant, (self.load_kw)(t_s));
        self.plant.step();
        self.p_kw.push(self.plant.gensets[0].terminal.p * 1000.0);
    }

    /// The record of so many seconds.
    fn record(mut self, s: f64) -> Record {
        let tick_s = self.plant.cfg.tick_s;
        let every = (self.meters.period_s / tick_s).round() as usize;
        let n = (s / tick_s).round() as usize;
        let f_hz: Vec<f64> = (0..n)
            .map(|_| {
                self.tick();
                hz(&self.plant, 0)
            })
            .collect();
        let late = (self.meters.skew_s / tick_s).round() as i64;
        let rows = (0..n).step_by(every).map(|k| {
            let then = (k as i64 - late).clamp(0, n as i64 - 1) as usize;
            let f = round(f_hz[k] + self.meters.f_noise_hz * normal(&mut self.noise), self.meters.f_step_hz);
            let p = round(self.p_kw[then] + self.meters.p_noise_kw * normal(&mut self.noise), 0.1);
            [k as f64 * tick_s, f, p]
        });
        Record::new(rows.collect::<Vec<_>>())
    }
}

fn one(genset: &str) -> (Scenario, Genset) {
    let s = scenario(&bare(genset, 500.0), "", 100.0);
    let g = s.plant.gensets[0].clone();
    (s, g)
}

/// The record as these structures have it.
fn as_structures(s: &Scenario, g: &Genset, record: &Record, all: &[Structure]) -> Result<fit::Fit, fit::Refusal> {
    let case = Case::new(&s.plant, g, record)?;
    let trials = fit::one_by_one(&case, all);
    Ok(fit::choose(&case, trials))
}

/// Fits from a set that is wrong by a third, and prints what came out.
fn fitted(title: &str, genset: &str, record: &Record) -> fit::Fit {
    let (s, mut g) = one(genset);
    g.machine.h_s *= 1.4;
    if let Sharing::Droop(r) = &mut g.sharing {
        *r *= 0.7;
    }
    let f = as_structures(&s, &g, record, &[Structure::Given]).unwrap_or_else(|e| panic!("{title}: {e}"));
    println!(
        "{title}: {:.4} -> {:.4} Hz, {} simulations, 1 row of {:.1}",
        f.rms_before_hz, f.rms_after_hz, f.simulations, f.rows_alike
    );
    for p in &f.parameters {
        println!("  {:<9} {:>9.4} ±{:.3} {}", p.what.name(), p.value, p.half_width, p.identifiable);
    }
    f
}

#[track_caller]
fn within(f: &fit::Fit, what: Unknown, want: f64, rel: f64) {
    let p = f.parameter(what).unwrap_or_else(|| panic!("no {what:?}"));
    let off = p.value / want - 1.0;
    assert!(off.abs() <= rel, "{}: {}, expected {want}: off by {:.1} %", what.name(), p.value, 100.0 * off);
}

const DROOP: &str = ", sharing: droop(0.04)";

#[test]
fn val_fit_droop_set_at_10_hz_in_step() {
    for f_step_hz in [0.001, 0.01] {
        let meters = Meters { f_step_hz, ..FINE };
        let record = Measured::new(&set("lean-default", DROOP), busy_kw, meters).record(60.0);
        let f = fitted(&format!("10 Hz, {f_step_hz} Hz"), &set("lean-default", DROOP), &record);
        within(&f, Unknown::Inertia, 0.7, 0.10);
        within(&f, Unknown::Droop, 0.04, 0.02);
        let known = |x| f.parameter(x).is_some_and(|p| p.identifiable);
        assert!(known(Unknown::Inertia) && known(Unknown::Droop) && known(Unknown::Skew));
        assert!(f.parameter(Unknown::Skew).unwrap().value.abs() < 0.03);
    }
}

#[test]
fn val_fit_with_power_200_ms_late_or_early() {
    for skew_s in [0.2, -0.2] {
        let meters = Meters { skew_s, f_step_hz: 0.01, ..FINE };
        let record = Measured::new(&set("lean-default", DROOP), busy_kw, meters).record(60.0);
        let f = fitted(&format!("skew {skew_s} s"), &set("lean-default", DROOP), &record);
        within(&f, Unknown::Inertia, 0.7, 0.10);
        within(&f, Unknown::Droop, 0.04, 0.02);
        // A lag of the meter delays as a skew does.
        let late_s: f64 = [Unknown::Skew, Unknown::MeterLag].map(|x| f.parameter(x).unwrap().value).iter().sum();
        assert!((late_s - skew_s).abs() < 0.03, "half a row is 0.05 s: {late_s}");
    }
}

/// Half a second hides when a step came: what is quick is not told, what is slow is, and every interval holds.
#[test]
fn val_fit_at_2_hz_tells_the_droop_and_not_inertia() {
    let meters = Meters { period_s: 0.5, ..FINE };
    let record = Measured::new(&set("lean-default", DROOP), busy_kw, meters).record(60.0);
    let f = fitted("2 Hz", &set("lean-default", DROOP), &record);
    within(&f, Unknown::Droop, 0.04, 0.06);
    for (what, truth, told) in [(Unknown::Inertia, 0.7, false), (Unknown::Droop, 0.04, true)] {
        let p = f.parameter(what).unwrap();
        assert!((p.interval[0]..=p.interval[1]).contains(&truth) && p.identifiable == told, "{truth}: {p:?}");
    }
    assert!(f.parameters.iter().all(|p| p.identifiable || f.why_not(p).is_some()));
}

#[test]
fn val_fit_isochronous_gains() {
    let record = Measured::new(&set("lean-default", ""), busy_kw, FINE).record(60.0);
    let f = fitted("isochronous", &set("lean-default", ""), &record);
    within(&f, Unknown::Inertia, 0.7, 0.10);
    within(&f, Unknown::Proportional, 8.0, 0.10);
    within(&f, Unknown::Integral, 6.0, 0.10);
    assert!(f.parameter(Unknown::Droop).is_none());
}

/// A single step of 300 kW on a valve governor, computed by another program.
#[test]
fn val_fit_of_an_independent_trajectory() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/reference");
    let s = Scenario::load(folder.join("tgov1_step300kW.ron")).unwrap();
    let mut csv = csv::Reader::from_path(folder.join("tgov1_step300kW.csv")).unwrap();
    let rows: Vec<[f64; 3]> =
        csv.records().map(|r| r.unwrap()).map(|r| [0, 1, 3].map(|i| r[i].parse().unwrap())).collect();
    let mut g = s.plant.gensets[0].clone();
    g.machine.h_s = 0.9;
    if let ballast::plant::config::Governor::Tgov1(t) = &mut g.governor {
        (t.r_pu, t.t1_s) = (0.06, 0.2);
    }
    let f = as_structures(&s, &g, &Record::new(rows), &[Structure::Given]).unwrap();
    println!("{:#?}", f.parameters);
    within(&f, Unknown::Inertia, 1.5, 0.02);
    within(&f, Unknown::Droop, 0.04, 0.005);
    within(&f, Unknown::Actuator, 0.1, 0.10);
}

#[test]
fn val_fit_tells_nothing_of_a_flat_load() {
    let record = Measured::new(&set("lean-default", DROOP), |_| 500.0, FINE).record(30.0);
    let f = fitted("flat", &set("lean-default", DROOP), &record);
    assert!(f.flat() && f.parameters.iter().all(|p| !p.identifiable));
    assert_eq!(f.why_not(&f.parameters[0]).unwrap(), "load moves by 0.1 % of rating, 2 % needed");
    let base = preset::preset("lean-default").unwrap();
    assert!(fit::adopt(&f, &base, "site", "a.csv").unwrap_err().starts_with("nothing was identifiable"));
}

#[test]
fn val_fit_refuses_a_frozen_meter() {
    let mut record = Measured::new(&set("lean-default", DROOP), busy_kw, FINE).record(30.0);
    let stuck = record.f_hz[100];
    record.f_hz[100..].fill(stuck);
    let (s, g) = one(&set("lean-default", DROOP));
    let e = Case::new(&s.plant, &g, &record).unwrap_err().to_string();
    assert!(e.starts_with("frequency stands still from 10.00 s to 29.90 s"), "{e}");
}

/// The fit's simulation against the full plant: five times the tick, no flux decay.
#[test]
fn val_fit_simulates_what_the_plant_does() {
    let exact = Meters { period_s: 0.02, f_step_hz: 1e-9, f_noise_hz: 0.0, p_noise_kw: 0.0, skew_s: 0.0 };
    let from_rest = |t_s: f64| if t_s < 2.0 { 500.0 } else { busy_kw(t_s) };
    let record = Measured::new(&set("lean-default", DROOP), from_rest, exact).record(30.0);
    let (s, g) = one(&set("lean-default", DROOP));
    let case = Case::new(&s.plant, &g, &record).unwrap();
    let simulated = case.simulate(&fit::Guess::new(g), &vec![0.0; case.steps.len()]);
    let worst = simulated.iter().zip(&record.f_hz).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    println!("worst {worst} Hz");
    // A step of 80 kW that comes 10 ms early, which is what rows of 20 ms hide, is 27 mHz.
    assert!(worst < 0.03, "{worst} Hz");
}

// ---- the shadow -----------------------------------------------------------------------------------------------------

/// The shadow of `model`, driven by rows of a plant that is `truth`.
struct Pair {
    truth: Measured,
    shadow: Shadow,
    table: SignalTable,
    row: Vec<f64>,
    quality: Vec<Quality>,
}

impl Pair {
    fn new(truth: &str, model: &str, load_kw: fn(f64) -> f64, meters: Meters) -> Self {
        let s = scenario(&bare(model, 500.0), "", 100.0);
        let table = SignalTable::new(&s.plant.sections, &["G1".into()], &[]);
        let shadow = Shadow::new(&s, &table).unwrap();
        let row = vec![0.0; table.len()];
        let quality = vec![Quality::Good; table.len()];
        Self { truth: Measured::new(truth, load_kw, meters), shadow, table, row, quality }
    }

    fn run(&mut self, s: f64) {
        let m = self.truth.meters;
        let ticks = (m.period_s / self.truth.plant.cfg.tick_s).round() as usize;
        for _ in 0..(s / m.period_s).round() as usize {
            (0..ticks).for_each(|_| self.truth.tick());
            let p = &self.truth.plant;
            let kw = p.gensets[0].terminal.p * 1000.0;
            let mut noise = |sigma: f64| sigma * normal(&mut self.truth.noise);
            let f_hz = round(hz(p, 0) + noise(m.f_noise_hz), m.f_step_hz);
            for (i, v) in [
                (at(site::F_HZ), f_hz),
                (at(site::V_PU), p.islands[0].vm),
                (at(site::GEN_KW), kw + noise(m.p_noise_kw)),
                (at(site::AUX_KW), kw + noise(m.p_noise_kw)),
                (self.table.genset(0, genset::P_KW), kw),
                (self.table.genset(0, genset::BREAKER), f64::from(u8::from(p.gensets[0].breaker))),
            ] {
                self.row[i.at()] = v;
            }
            self.shadow.step(p.tick as f64 * p.cfg.tick_s, &self.row, &self.quality);
        }
    }
}

/// At rest for half a minute, then a step each ten seconds.
fn later_kw(t_s: f64) -> f64 {
    if t_s < 35.0 { 500.0 } else { 500.0 + 100.0 * f64::from((((t_s - 35.0) / 10.0) as u32).is_multiple_of(2)) }
}

#[test]
fn a_right_model_follows_through_steps_and_noise() {
    let coarse = Meters { f_step_hz: 0.01, f_noise_hz: 0.005, p_noise_kw: 2.0, ..FINE };
    let mut p = Pair::new(&set("lean-default", ""), &set("lean-default", ""), later_kw, coarse);
    p.run(4.0);
    assert!(matches!(p.shadow.view().phase, Phase::Settling(_)));
    for _ in 0..86 {
        p.run(1.0);
        let v = p.shadow.view();
        assert_eq!(v.verdict, Verdict::Follows, "at {} s: {:?}", v.t_s, v.reasons);
    }
    let v = p.shadow.view();
    assert_eq!(v.phase, Phase::Following);
    println!("{:#?}", v.lines);
    assert!(v.lines[0].rms < 0.1 && v.lines[1].rms < 5.0 && v.lines[2].rms < 0.01);
    assert!((0.01..0.05).contains(&v.lines[0].learnt), "a minute of the hour");
}

#[test]
fn a_wrong_engine_diverges_after_a_load_step() {
    let mut p = Pair::new(&set("lean-slow", ""), &set("lean-default", ""), later_kw, FINE);
    p.run(34.0);
    assert_eq!(p.shadow.view().verdict, Verdict::Follows, "nothing has moved yet");
    p.run(6.0);
    let v = p.shadow.view();
    assert_eq!(v.verdict, Verdict::Diverged, "{:?}", v.lines);
    assert!(v.reasons[0].starts_with("frequency diverged: "), "{:?}", v.reasons);
}

#[test]
fn a_wrong_droop_is_seen_after_a_load_step() {
    let truth = set("lean-default", ", sharing: droop(0.02)");
    let model = set("lean-default", ", sharing: droop(0.06)");
    // 100 kW on 1 MW: 0.24 Hz apart, which is inside the band of a shadow that has learnt little
    let mut p = Pair::new(&truth, &model, |t_s| if t_s < 35.0 { 500.0 } else { 600.0 }, FINE);
    p.run(34.0);
    assert_eq!(p.shadow.view().verdict, Verdict::Follows);
    p.run(36.0);
    let v = p.shadow.view();
    assert_eq!(v.verdict, Verdict::Drifts, "{:?}", v.lines);
    assert!(v.reasons[0].starts_with("frequency drifts: 0.2"), "{:?}", v.reasons);
}

#[test]
fn an_input_that_is_not_good_freezes_and_healing_settles_again() {
    let mut p = Pair::new(&set("lean-default", ""), &set("lean-default", ""), |_| 500.0, FINE);
    p.run(27.0);
    assert_eq!(p.shadow.view().phase, Phase::Following);
    p.quality[at(site::AUX_KW).at()] = Quality::Bad(Fault::NoComm);
    p.run(1.0);
    let v = p.shadow.view();
    assert_eq!(v.phase, Phase::Frozen("power of the auxiliaries: Bad: no connection".to_owned()));
    assert!(v.lines[0].predicted.is_nan(), "nothing is predicted from a bad input");
    p.quality[at(site::AUX_KW).at()] = Quality::Good;
    p.run(6.0);
    assert!(matches!(p.shadow.view().phase, Phase::Settling(_)));
    p.run(21.0);
    let v = p.shadow.view();
    assert_eq!((v.phase, v.verdict, v.settled), (Phase::Following, Verdict::Follows, 2));
}

#[test]
fn the_shadow_hands_its_last_minutes_to_the_fit() {
    let mut p = Pair::new(&set("lean-default", DROOP), &set("lean-default", DROOP), busy_kw, FINE);
    p.run(30.0);
    let r = p.shadow.recent();
    assert!((r.length_s() - 29.9).abs() < 1e-6 && (r.period_s() - 0.1).abs() < 1e-6);
    let f = p.shadow.fit().unwrap();
    within(&f, Unknown::Inertia, 0.7, 0.10);
    within(&f, Unknown::Droop, 0.04, 0.02);
    p.shadow.set_fit(Arc::new(f.clone()));
    assert_eq!(p.shadow.view().fit.as_deref(), Some(&f));
    assert_eq!(p.shadow.fit(), Ok(f), "the same bits again");
}

/// Rows of a run of the whole twin, ten a second, and what its shadow says at the end. `model` may be another engine.
fn shadow_of(name: &str, model: Option<&str>, s: f64) -> ballast::shadow::View {
    let mut truth = ballast::scenario::builtin_scenario(name).unwrap().unwrap();
    if name == "two-gensets-one-trips" {
        // Once the shadow follows.
        truth.script[0].at_s = 40.0;
    }
    let mut other = truth.clone();
    if let Some(p) = model {
        other.plant.gensets.iter_mut().for_each(|g| preset::apply(&preset::preset(p).unwrap(), g));
    }
    let mut engine = Engine::new(Arc::new(truth)).without_rows();
    let mut shadow = Shadow::new(&other, engine.table()).unwrap();
    let mut row = vec![f64::NAN; engine.table().len()];
    while engine.t_s() < s {
        let every = (0.1 / engine.tick_s()).round() as u64;
        (0..every).for_each(|_| engine.tick());
        engine.fill_row(&mut row);
        shadow.step(engine.t_s(), &row, &[]);
    }
    shadow.view()
}

#[test]
fn whole_plants_are_followed_from_their_feeders() {
    for name in ["path-b-500", "bess-200kw", "training-swing", "two-gensets-one-trips"] {
        let v = shadow_of(name, None, 70.0);
        println!("{name}: {:?} {:?} {:?}", v.phase, v.reasons, v.lines.each_ref().map(|l| (l.rms, l.band)));
        assert_eq!((v.phase, v.verdict), (Phase::Following, Verdict::Follows), "{name}: {:?}", v.reasons);
        assert_eq!(v.drive, ballast::shadow::Drive::Feeders);
    }
}

#[test]
fn a_training_swing_tells_a_slow_engine_from_a_nominal_one() {
    let v = shadow_of("training-swing", Some("lean-slow"), 70.0);
    assert_eq!(v.verdict, Verdict::Diverged, "{:?}", v.lines);
}

// ---- adopting a fit -------------------------------------------------------------------------------------------------

#[test]
fn an_adopted_fit_is_an_engine_that_a_scenario_names() {
    let record = Measured::new(&set("lean-default", DROOP), busy_kw, FINE).record(40.0);
    let f = fitted("to adopt", &set("lean-default", DROOP), &record);
    let made = fit::adopt(&f, &preset::preset("lean-default").unwrap(), "site-engine", "/somewhere/step.csv").unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("site-engine.ron"), &made.text).unwrap();
    let file = folder.path().join("site.ron");
    let text = format!("(purpose: \"a fitted site\", run_s: 10.0, plant: ({}))", bare(&set("site-engine", ""), 500.0));
    std::fs::write(&file, &text).unwrap();
    let s = Scenario::load(&file).unwrap_or_else(|e| panic!("{e}\n{}", made.text));
    let g = &s.plant.gensets[0];
    assert_eq!(g.preset, "site-engine");
    assert_eq!(g.machine.h_s, made.preset.h_s);
    assert_eq!(g.sharing, Sharing::Droop(made.preset.droop_pu.unwrap()));
    // Nothing else has that name, and a broken file is named with its own line.
    let e = Scenario::from_str("x", "x.ron", &text, None).unwrap_err().to_string();
    assert!(e.starts_with("no engine preset is called `site-engine`"), "{e}");
    std::fs::write(folder.path().join("site-engine.ron"), made.text.replace("site-engine", "other")).unwrap();
    let e = Scenario::load(&file).unwrap_err().to_string();
    assert!(e.contains("the name is `other` at line 4 column"), "{e}");
}

/// Of the structures that are tried, the one that explains the record: a step that the air limit holds back.
#[test]
fn the_engine_that_explains_most_is_chosen() {
    let record = Measured::new(
        &set("lean-slow", ""),
        |t_s| 400.0 + 70.0 * f64::from(u8::from((3.03..15.02).contains(&t_s))),
        FINE,
    )
    .record(25.0);
    let (s, g) = one(&set("lean-default", ""));
    let tried = [Structure::Given, Structure::Pid, Structure::Air];
    let f = as_structures(&s, &g, &record, &tried).unwrap();
    println!("{} explains {:.4}", f.structure.name(), f.explained);
    assert!(
        f.structure != Structure::Pid && f.explained > 0.98,
        "{} {}: {:?}",
        f.structure.name(),
        f.explained,
        f.tried
    );
    within(&f, Unknown::Inertia, 0.7, 0.10);
}

// ---- the command ----------------------------------------------------------------------------------------------------

fn ballast(args: &[&str]) -> std::process::Output {
    std::process::Command::new(env!("CARGO_BIN_EXE_ballast")).args(args).output().unwrap()
}

fn csv(record: &Record) -> String {
    let rows = record.t_s.iter().zip(&record.f_hz).zip(&record.p_kw);
    rows.fold("t_s,site.f_hz,g1.p_kw\n".to_owned(), |all, ((t, f), p)| format!("{all}{t:.1},{f:.3},{p:.1}\n"))
}

#[test]
fn the_command_prints_intervals_and_writes_a_preset() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let record = Measured::new(&set("lean-default", DROOP), busy_kw, FINE).record(40.0);
    std::fs::write(path("step.csv"), csv(&record)).unwrap();
    let plant = bare(&set("lean-default", ", sharing: droop(0.05)"), 500.0);
    std::fs::write(path("site.ron"), format!("(purpose: \"a site\", run_s: 10.0, plant: ({plant}))")).unwrap();
    let (recording, scenario, save) = (path("step.csv"), path("site.ron"), path("my-engine.ron"));
    let fit = ["fit", &recording, "--scenario", &scenario];

    let out = ballast(&[&fit[..], &["--json", "--preset", "my-engine", "--save", &save]].concat());
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let json: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let droop = &json["parameters"]["droop_pu"];
    assert!((droop["value"].as_f64().unwrap() / 0.04 - 1.0).abs() < 0.02 && droop["identifiable"] == true, "{droop}");
    assert!(json["explained"].as_f64().unwrap() > 0.95);
    assert!(std::fs::read_to_string(&save).unwrap().contains("name: \"my-engine\""));

    let says = |more: &[&str]| {
        let out = ballast(&[&fit[..], more].concat());
        assert_eq!(out.status.code(), Some(2));
        String::from_utf8(out.stderr).unwrap().replace(&recording, "step.csv")
    };
    assert_eq!(says(&["--to", "5"]), "ballast: 5.0 s of frequency and power (expected at least 10 s): step.csv\n");
    assert!(says(&["--preset", "lean-slow", "--save", &save]).starts_with("ballast: `lean-slow` is a built-in preset"));
    assert!(says(&["--preset", "other", "--save", &save]).starts_with("ballast: a scenario looks for the preset in"));
}
