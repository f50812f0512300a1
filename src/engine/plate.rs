//! Words and fixed facts of a run: the signal table with its limits, the plate, events in words.

use std::sync::Arc;

use super::summary::Violation;
use crate::acts::{EventKind, Parts, Plate};
use crate::plant::config::{self, Governor};
use crate::plant::genset::RunState;
use crate::plant::gpu::move_s;
use crate::plant::protection::Device;
use crate::plant::signals::{self, Limit, SignalTable, at, site};
use crate::plant::system::{PlantEvent, TripCause};
use crate::scenario::{Scenario, ScriptAct};

/// The signal table of a scenario, with the limits that relays, ratings and the policy's reserve give.
#[must_use]
pub fn table(scenario: &Scenario) -> SignalTable {
    let cfg = &scenario.plant;
    let mut t = SignalTable::of(&cfg.parts());
    let f0 = cfg.f0_hz;
    let mut f_limits = vec![
        limit("normal low", f0 * 0.995),
        limit("normal high", f0 * 1.005),
        limit("F-LO", f0 * 0.975),
        limit("F-HI", f0 * 1.025),
    ];
    let mut lowest = f0 * 0.975;
    let mut highest = f0 * 1.025;
    if let Some(g) = cfg.gensets.first() {
        for r in &g.relays {
            if matches!(r.device, Device::UnderFrequency | Device::OverFrequency) {
                f_limits.push(limit(&r.name, r.pickup * f0));
                lowest = lowest.min(r.pickup.max(0.94) * f0);
                highest = highest.max(r.pickup.min(1.04) * f0);
            }
        }
    }
    t.set_limits(at(site::F_HZ), [lowest - 0.01 * f0, highest + 0.005 * f0], f_limits);
    let rated: f64 = cfg.gensets.iter().map(|g| g.rated_kw * g.derate.factor()).sum();
    let load: f64 = cfg.gpus.iter().map(|g| f64::from(g.gpus) * g.full_kw).sum();
    let mining: f64 = cfg.miners.iter().map(|m| f64::from(m.units) * m.unit_kw).sum();
    let [low, high] = crate::plant::bess::RECHARGE_LOAD_PU;
    let power = [0.0, (rated * 1.1).max(100.0)];
    t.set_limits(
        at(site::GEN_KW),
        power,
        vec![limit("preferred low", rated * low), limit("preferred high", rated * high), limit("rating", rated)],
    );
    t.set_limits(at(site::GEN_MECH_KW), power, Vec::new());
    t.set_limits(at(site::HEADROOM_KW), [0.0, rated.max(100.0)], vec![limit("min", scenario.policy.min_headroom_kw)]);
    t.set_limits(at(site::GPU_KW), [0.0, (load * 1.1).max(10.0)], Vec::new());
    t.set_limits(at(site::MINER_KW), [0.0, (mining * 1.1).max(10.0)], Vec::new());
    t.set_limits(
        at(site::V_PU),
        [0.85, 1.15],
        vec![limit("normal low", 0.95), limit("normal high", 1.05), limit("V-LO", 0.95), limit("V-HI", 1.05)],
    );
    if cfg.sections.len() > 1 {
        // Of several islands each site figure says which it means.
        let main = [site::F_HZ, site::V_PU, site::STEP_UP_1S_KW, site::STEP_DOWN_1S_KW, site::RAMP_1S_KW_PER_S];
        let slopes = [site::RAMP_5S_KW_PER_S, site::ROCOF_100MS_HZ_PER_S, site::ROCOF_500MS_HZ_PER_S];
        let buckets = [site::STEP_NOW_KW, site::STEP_CAP_KW, site::ENERGISED];
        for o in main.into_iter().chain(slopes).chain(buckets) {
            let label = format!("{}, main island", t.get(at(o)).label);
            t.set_label(at(o), label);
        }
        for o in [site::GEN_KW, site::HEADROOM_KW, site::GPU_KW, site::MINER_KW, site::BESS_KW, site::AUX_KW] {
            let label = format!("{}, all islands", t.get(at(o)).label);
            t.set_label(at(o), label);
        }
    }
    for (i, g) in cfg.gensets.iter().enumerate() {
        for s in [signals::genset::P_KW, signals::genset::PM_KW, signals::genset::AVAIL_KW] {
            t.set_limits(t.genset(i, s), [0.0, g.rated_kw * 1.1], vec![limit("rating", g.rated_kw)]);
        }
    }
    t
}

fn limit(name: &str, value: f64) -> Limit {
    Limit { name: name.to_owned(), value }
}

/// What stays the same over a run.
#[must_use]
pub fn plate(s: &Scenario) -> Plate {
    let c = &s.plant;
    let Parts { sections, gensets, bess, condensers } = c.parts();
    let mut presets: Vec<String> = c.gensets.iter().map(|g| g.preset.clone()).collect();
    presets.dedup();
    let relays = c.gensets.first().map_or_else(Vec::new, |g| {
        g.relays
            .iter()
            .map(|r| {
                let (value, unit) = match r.device {
                    Device::UnderFrequency | Device::OverFrequency => (r.pickup * c.f0_hz, "Hz"),
                    Device::Rocof => (r.pickup, "Hz/s"),
                    Device::UnderVoltage | Device::OverVoltage => (r.pickup, "pu"),
                    Device::ReversePower | Device::Overload => (r.pickup * g.rated_kw, "kW"),
                    Device::Overspeed => (r.pickup * 100.0, "%"),
                };
                format!("{} {value:.2} {unit} {:.1} s", r.name, r.delay_s)
            })
            .collect()
    });
    let flux = c.gensets.iter().any(|g| g.machine.flux.is_some());
    let form = match c.swing {
        config::Swing::Torque => "torque form",
        config::Swing::Power => "power form",
    };
    let governor = c.gensets.first().map_or("none", |g| match g.governor {
        Governor::Tgov1(_) => "TGOV1",
        Governor::Gast(_) => "GAST",
        Governor::Ggov1(_) => "GGOV1",
        Governor::Pid(_) => "PID",
        Governor::Ieeeg1(_) => "IEEEG1",
    });
    Plate {
        scenario: s.name.clone(),
        purpose: s.purpose.clone(),
        origin: s.origin.clone(),
        source: Arc::clone(&s.text),
        starts_as: s.starts_as.clone(),
        preset: presets.join(", "),
        seed: s.seed,
        f0_hz: c.f0_hz,
        v_nom: c.v_nom,
        rated_kw: c.gensets.iter().map(|g| g.rated_kw * g.derate.factor()).sum(),
        gensets,
        sections,
        bess,
        condensers,
        gpus: c.gpus.iter().map(|g| g.gpus).sum(),
        gpu_kw: c.gpus.iter().find(|g| g.scheduled).or(c.gpus.first()).map_or(0.0, |g| g.full_kw),
        gpu_rise_s: c.gpus.iter().find(|g| g.scheduled).or(c.gpus.first()).map_or(0.0, |g| move_s(g, true)),
        miners: c.miners.iter().map(|m| m.units).sum(),
        miner_kw: c.miners.first().map_or(0.0, |m| m.unit_kw),
        bess_kw: c.bess.iter().map(|b| b.rated_kva).sum(),
        bess_kwh: c.bess.iter().map(|b| b.energy_kwh).sum(),
        bess_soc: [by_energy(&c.bess, |b| b.soc_min), by_energy(&c.bess, |b| b.soc_max)],
        miner_latency_s: c.miners.first().map_or(f64::NAN, |m| m.latency_s),
        relays,
        model_note: format!(
            "Positive-sequence RMS, valid to about 5 Hz; {} machine, {governor} governor, swing in {form}",
            if flux { "one-axis" } else { "constant-E'" }
        ),
        run_s: s.run_s,
    }
}

/// Mean of a state of charge over batteries, by their energy; NaN without any.
fn by_energy(bess: &[config::Bess], soc: fn(&config::Bess) -> f64) -> f64 {
    let energy: f64 = bess.iter().map(|b| b.energy_kwh).sum();
    bess.iter().map(|b| soc(b) * b.energy_kwh).sum::<f64>() / energy
}

/// A scripted act in words.
#[must_use]
pub fn script_words(s: &Scenario, act: &ScriptAct) -> String {
    let gpu = |i: usize| s.plant.gpus.get(i).map_or("?", |g| g.name.as_str());
    match act {
        ScriptAct::Operate(op) => op.words(),
        ScriptAct::Swing { peak_to_peak_kw, .. } if *peak_to_peak_kw <= 0.0 => "training swing ends".to_owned(),
        ScriptAct::Swing { cohort, peak_to_peak_kw, hz, square } => format!(
            "training swing on {}: {peak_to_peak_kw:.0} kW peak to peak, {hz:.2} Hz, {}",
            gpu(*cohort),
            if *square { "square" } else { "sine" }
        ),
        ScriptAct::AuxKw { aux, kw } => {
            format!("{} to {kw:.1} kW", s.plant.aux.get(*aux).map_or("load", |a| a.name.as_str()))
        }
        ScriptAct::TripGenset(i) => format!("{} trips", s.plant.gensets.get(*i).map_or("?", |g| g.name.as_str())),
        ScriptAct::StickMiners { share, .. } => format!("{:.0} % of the miners stop answering", share * 100.0),
        ScriptAct::BessOn { bess, on } => format!(
            "{} {}",
            s.plant.bess.get(*bess).map_or("battery", |b| b.name.as_str()),
            if *on { "in service" } else { "out of service" }
        ),
        ScriptAct::Phase { cohort, n, from, to } => format!("{n} GPUs of {} go {from:?} to {to:?}", gpu(*cohort)),
    }
}

/// Unit of a violation's value.
#[must_use]
pub fn violation_unit(v: Violation) -> &'static str {
    match v {
        Violation::FLo | Violation::FHi | Violation::AlphaBand => "Hz",
        Violation::Rating | Violation::Step => "kW",
        Violation::Ramp => "kW/s",
        Violation::Voltage => "pu",
        Violation::Rocof => "Hz/s",
    }
}

/// An event of the plant in words.
pub struct Described {
    /// Kind.
    pub kind: EventKind,
    /// Object.
    pub object: String,
    /// Words.
    pub text: String,
    /// Number.
    pub value: f64,
    /// Its unit.
    pub unit: &'static str,
}

/// Puts an event of the plant into words.
#[must_use]
pub fn describe(cfg: &config::Plant, e: &PlantEvent) -> Described {
    let new = |kind, object: String, text: String, value, unit| Described { kind, object, text, value, unit };
    match *e {
        PlantEvent::Trip { genset, cause, value, .. } => {
            let set = &cfg.gensets[genset];
            let (name, text, value, unit) = match cause {
                TripCause::Relay(r) => {
                    set.relays.get(r).map_or(("relay", "relay operated".to_owned(), value, ""), |r| {
                        let (value, unit) = scaled(r.device, value, cfg.f0_hz, set.rated_kw);
                        (r.name.as_str(), format!("{} operated", r.name), value, unit)
                    })
                }
                TripCause::Overspeed => {
                    ("overspeed", format!("mechanical overspeed at {:.1} %", value * 100.0), value * cfg.f0_hz, "Hz")
                }
                TripCause::Stall => {
                    ("stall", format!("engine stalled at {:.1} %", value * 100.0), value * cfg.f0_hz, "Hz")
                }
                TripCause::Command => ("trip", "tripped".to_owned(), 0.0, ""),
            };
            let text = format!("{text}, 52G open, fuel shut");
            new(EventKind::Trip, format!("{name} {}", set.name), text, value, unit)
        }
        PlantEvent::FeederTrip { breaker } => {
            let name = cfg.breakers().nth(breaker).map_or_else(|| "breaker".to_owned(), |b| b.name(cfg));
            new(EventKind::Trip, name, "opened by its protection".to_owned(), 0.0, "")
        }
        PlantEvent::RelayAlarm { genset, relay, value } => {
            let set = &cfg.gensets[genset];
            let Some(r) = set.relays.get(relay) else {
                return new(EventKind::Notice, set.name.clone(), "relay alarm".to_owned(), value, "");
            };
            let (pickup, _) = scaled(r.device, r.pickup, cfg.f0_hz, set.rated_kw);
            let (value, unit) = scaled(r.device, value, cfg.f0_hz, set.rated_kw);
            let text = format!("{} alarm, pickup {pickup:.2} {unit}", r.name);
            new(EventKind::Limit, format!("{} {}", r.name, set.name), text, value, unit)
        }
        PlantEvent::Shed { stage, section, kw } => {
            let name = cfg.shed_stages.get(stage).map_or("stage", |s| s.name.as_str());
            let at = if cfg.sections.len() > 1 { format!(" on {}", cfg.sections[section]) } else { String::new() };
            new(EventKind::LoadShed, name.to_owned(), format!("load shedding {name}{at}"), kw, "kW")
        }
        PlantEvent::Refused { genset, why } => {
            new(EventKind::Notice, cfg.gensets[genset].name.clone(), why.to_owned(), 0.0, "")
        }
        PlantEvent::Genset { genset, run } => {
            let kind = if run == RunState::LockedOut { EventKind::Notice } else { EventKind::State };
            new(kind, cfg.gensets[genset].name.clone(), signals::GENSET_STATES[run as usize].to_owned(), 0.0, "")
        }
        PlantEvent::Breaker { breaker, closed } => {
            let name = cfg.breakers().nth(breaker).map_or_else(|| "breaker".to_owned(), |b| b.name(cfg));
            new(EventKind::State, name, if closed { "closed" } else { "open" }.to_owned(), 0.0, "")
        }
        PlantEvent::DropOut { section, kw } => {
            let text = "supplies dropped out on low voltage".to_owned();
            new(EventKind::Limit, cfg.sections[section].clone(), text, kw, "kW")
        }
        PlantEvent::SupplyBack { section } => {
            new(EventKind::State, cfg.sections[section].clone(), "voltage is back".to_owned(), 0.0, "")
        }
        PlantEvent::Dead { section } => new(EventKind::Trip, island_name(cfg, section), "bus dead".to_owned(), 0.0, ""),
        PlantEvent::Alive { section } => {
            new(EventKind::State, island_name(cfg, section), "bus energised".to_owned(), 0.0, "")
        }
        PlantEvent::NoSolution { section } => {
            let text = "no voltage carries this load; voltage held, model outside its range".to_owned();
            new(EventKind::Notice, island_name(cfg, section), text, 0.0, "")
        }
    }
}

/// An island is called as its lowest section; in a plant of one section it is the only one.
fn island_name(cfg: &config::Plant, section: usize) -> String {
    cfg.sections.get(section).filter(|_| cfg.sections.len() > 1).map_or_else(|| "island 1".to_owned(), Clone::clone)
}

fn scaled(d: Device, value: f64, f0_hz: f64, rated_kw: f64) -> (f64, &'static str) {
    match d {
        Device::UnderFrequency | Device::OverFrequency | Device::Overspeed => (value * f0_hz, "Hz"),
        Device::Rocof => (value, "Hz/s"),
        Device::UnderVoltage | Device::OverVoltage => (value, "pu"),
        Device::ReversePower | Device::Overload => (value * rated_kw, "kW"),
    }
}
