//! Every shipped scenario, untouched, to the horizon of the rubric in use: groups, hard violations and trips as noted.
//!
//! Nobody acknowledges, so alarms cost 5 of conduct wherever one is annunciated. Without par, so that a change of the search does not move them: the lines that need par count 0 where a bring-up is
//! asked for. A change here is a change of the plant, of control or of the rubric, and has to be meant.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::sync::Arc;

use ballast::scenario::{builtin, builtin_scenario};
use ballast::training::DeskConfig;
use ballast::training::rescore::{Extent, rescore};
use ballast::training::score::Rubric;

/// Name, points for stability, time, economy and conduct, hard violations, trips.
#[rustfmt::skip]
const NOTED: [(&str, [f64; 4], u32, u32); 18] = [
    ("path-a", [40.19, 4.0, 0.0, 20.0], 0, 0),
    ("path-b-500", [45.0, 4.0, 0.0, 20.0], 0, 0),
    ("path-b-1000", [40.01, 4.0, 0.0, 20.0], 0, 0),
    ("b-restore", [40.19, 4.0, 0.0, 20.0], 0, 0),
    ("staged-phase", [44.9, 4.0, 0.0, 20.0], 0, 0),
    ("naive-slam", [19.8, 20.0, 0.0, 15.0], 3, 0),
    ("step-limit-only", [18.97, 20.0, 4.0, 15.0], 8, 1),
    ("step-limit-2s", [31.29, 20.0, 4.0, 15.0], 6, 0),
    ("ramp-20kw-per-s", [44.38, 4.0, 0.0, 20.0], 0, 0),
    ("training-swing", [17.06, 20.0, 0.0, 15.0], 58, 0),
    ("job-crash", [16.76, 20.0, 0.0, 15.0], 1, 0),
    ("miner-lag", [45.0, 4.0, 0.0, 15.0], 0, 0),
    ("bess-100kw", [30.39, 20.0, 4.0, 15.0], 1, 0),
    ("bess-200kw", [35.25, 20.0, 4.0, 15.0], 0, 0),
    ("two-gensets-one-trips", [15.25, 20.0, 0.0, 15.0], 2, 0),
    ("black-start-bess", [44.0, 4.0, 4.0, 15.0], 1, 0),
    ("cold-start-cg260", [0.0, 20.0, 4.0, 15.0], 30, 0),
    ("ramp-down", [40.19, 20.0, 0.0, 20.0], 0, 0),
];

#[test]
fn val_hmi_v11_shipped_scenarios_score_as_noted() {
    let names: Vec<&str> = builtin().iter().map(|(name, _)| *name).collect();
    assert!(NOTED.iter().all(|(name, ..)| names.contains(name)), "a scenario has gone");
    let rubric = Arc::new(Rubric::named(None).unwrap());
    let mut off = String::new();
    for (name, groups, hard, trips) in NOTED {
        let s = Arc::new(builtin_scenario(name).unwrap().unwrap());
        let extent = Extent { to_horizon: true, ..Extent::default() };
        let config = DeskConfig { rubric: Some(Arc::clone(&rubric)), ..DeskConfig::default() };
        let score = rescore(s, config, &[], extent).desk.meter().unwrap().finish(None);
        let got: Vec<f64> = score.groups.iter().map(|g| g.points).collect();
        let same = got.iter().zip(groups).all(|(a, b)| (a - b).abs() <= 0.01);
        let m = &score.metrics;
        if !same || m.hard.iter().sum::<u32>() != hard || m.trips != trips {
            off += &format!("\n{name}: {got:.2?}, {:?} hard violations, {} trips", m.hard, m.trips);
        }
    }
    assert!(off.is_empty(), "not as noted:{off}");
}
