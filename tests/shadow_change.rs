//! The shadow beside a plant that becomes another: inertia and governor gain are called by name, noise is not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

mod common;

use ballast::plant::random::{Purpose, Random};
use ballast::plant::signals::{SignalTable, at, genset, site};
use ballast::plant::system::Plant;
use ballast::shadow::{Shadow, View, What};
use common::{bare, hz, load, plant, scenario};

const MODEL: &str = "(name: \"G1\", preset: \"lean-default\")";
/// Rows a second.
const RATE: u32 = 10;

/// The same set with another value of a field.
fn other(what: What) -> Plant {
    let mut cfg = scenario(&bare(MODEL, 500.0), "", 100.0).plant;
    let g = &mut cfg.gensets[0];
    match what {
        What::Inertia => g.machine.h_s *= 2.0,
        What::Gain => {
            let ballast::plant::config::Governor::Pid(p) = &mut g.governor else { panic!("a PID") };
            (p.kp, p.ki, p.kd) = (p.kp / 2.0, p.ki / 2.0, p.kd / 2.0);
        }
    }
    Plant::new(std::sync::Arc::new(cfg), 0)
}

/// Runs a plant beside a shadow of the model and returns when each second's view first called a change, s.
fn called(mut truth: Plant, s: u32, load_kw: impl Fn(f64) -> f64, f_noise_hz: f64) -> (Option<f64>, View) {
    let model = scenario(&bare(MODEL, 500.0), "", 100.0);
    let table = SignalTable::new(&model.plant.sections, &["G1".into()], &[]);
    let mut shadow = Shadow::new(&model, &table).unwrap();
    let (mut row, mut first) = (vec![0.0; table.len()], None);
    let ticks = (1.0 / f64::from(RATE) / truth.cfg.tick_s).round() as u64;
    let noise = |k: u32, what| Random::new(11).normal(Purpose::ShedLatency, what, u64::from(k));
    for k in 0..s * RATE {
        for _ in 0..ticks {
            let t_s = truth.tick as f64 * truth.cfg.tick_s;
            load(&mut truth, load_kw(t_s));
            truth.step();
        }
        let kw = truth.gensets[0].terminal.p * 1000.0 + 0.5 * noise(k, "kw");
        for (i, v) in [
            (at(site::F_HZ), hz(&truth, 0) + f_noise_hz * noise(k, "hz")),
            (at(site::V_PU), truth.islands[0].vm),
            (at(site::GEN_KW), kw),
            (at(site::AUX_KW), kw),
            (table.genset(0, genset::P_KW), kw),
            (table.genset(0, genset::BREAKER), 1.0),
        ] {
            row[i.at()] = v;
        }
        let t_s = truth.tick as f64 * truth.cfg.tick_s;
        shadow.step(t_s, &row, &[]);
        if first.is_none() && k % RATE == 0 && shadow.view().changed.is_some() {
            first = Some(t_s);
        }
    }
    (first, shadow.view())
}

/// At rest for 40 s, then 60 kW up and down each eight seconds, never when a row is due.
fn steps_kw(t_s: f64) -> f64 {
    if t_s < 40.03 { 500.0 } else { 500.0 + 60.0 * f64::from((((t_s - 40.03) / 8.01) as u32 + 1) % 2) }
}

/// What miners and auxiliaries do all day: a kilowatt or two, at random every second.
fn quiet_kw(t_s: f64) -> f64 {
    500.0 + 1.5 * Random::new(5).normal(Purpose::ShedLatency, "load", t_s as u64)
}

#[test]
fn twice_the_inertia_is_called_within_a_minute_of_load_changes() {
    let (first, v) = called(other(What::Inertia), 100, steps_kw, 0.003);
    let c = v.changed.unwrap_or_else(|| panic!("{:?}", v.reasons));
    println!("{first:?} {c:?}");
    assert!(c.what == What::Inertia && (c.times - 2.0).abs() < 0.5, "{c:?}");
    assert!(first.is_some_and(|t| t > 40.0 && t < 100.0), "{first:?}");
    assert!(v.reasons.iter().any(|r| r.starts_with("frequency moves as if inertia were ")), "{:?}", v.reasons);
}

#[test]
fn half_of_the_governors_gain_is_called_within_a_minute_of_load_changes() {
    let (first, v) = called(other(What::Gain), 100, steps_kw, 0.003);
    let c = v.changed.unwrap_or_else(|| panic!("{:?}", v.reasons));
    println!("{first:?} {c:?}");
    assert!(c.what == What::Gain && c.times < 0.75, "{c:?}");
    assert!(first.is_some_and(|t| t > 40.0 && t < 100.0), "{first:?}");
}

#[test]
fn the_right_model_is_not_called_another_in_steps_or_noise() {
    let same = || plant(&bare(MODEL, 500.0));
    assert_eq!(called(same(), 120, steps_kw, 0.003).0, None, "steps");
    assert_eq!(called(same(), 120, quiet_kw, 0.01).0, None, "noise");
}

#[test]
#[ignore = "an hour of plant at 1 ms, four plants of it"]
fn an_hour_of_noise_calls_nothing() {
    assert_eq!(called(plant(&bare(MODEL, 500.0)), 3600, quiet_kw, 0.01).0, None);
}
