//! Rehearsals of measured and half measured plants: the text is read again and starts at rest where the plant was.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::acts::quality::{Doubt, Fault};
use crate::plant::signals::{at, bess, genset, site};
use crate::plant::system::Plant;
use crate::scenario::{builtin_scenario, default_scenario};

/// Rows of a plant, and how good they are.
struct Source {
    table: SignalTable,
    row: Vec<f64>,
    quality: Vec<Quality>,
}

impl Source {
    fn new(base: &Scenario) -> Self {
        let table = crate::engine::plate::table(base);
        let n = table.len();
        Self { table, row: vec![f64::NAN; n], quality: vec![Quality::Never; n] }
    }

    fn good(mut self, values: &[(SignalIdx, f64)]) -> Self {
        for (i, v) in values {
            (self.row[i.at()], self.quality[i.at()]) = (*v, Quality::Good);
        }
        self
    }

    fn rehearse(&self, base: &Scenario, engine: &Engine) -> Result<Rehearsal, String> {
        let now = Moment {
            of: "site-01 at 14:23:06",
            table: &self.table,
            row: &self.row,
            quality: &self.quality,
            age_s: &|_| 0.1,
        };
        rehearse(base, &now, engine)
    }
}

fn start(r: &Rehearsal) -> (Scenario, Plant) {
    let s = Scenario::from_str("r", "r.ron", &r.text, None).unwrap_or_else(|e| panic!("{e}\n{}", r.text));
    let plant = Plant::new(Arc::new(s.plant.clone()), s.seed);
    (s, plant)
}

fn line<'a>(lines: &'a [Line], what: &str) -> &'a Line {
    lines.iter().find(|l| l.what == what).unwrap_or_else(|| panic!("{what}: {lines:?}"))
}

#[test]
fn the_twin_starts_where_the_plant_is() {
    let base = builtin_scenario("path-b-500").unwrap().unwrap();
    let g1 = crate::engine::plate::table(&base);
    let source = Source::new(&base).good(&[
        (at(site::F_HZ), 59.98),
        (at(site::V_PU), 0.998),
        (at(site::GEN_KW), 764.3),
        (at(site::GPU_KW), 259.0),
        (at(site::MINER_KW), 498.3),
        (g1.genset(0, genset::BREAKER), 1.0),
    ]);
    let r = source.rehearse(&base, &Engine::Preset).unwrap();
    let (s, plant) = start(&r);
    assert_eq!(s.starts_as.as_deref(), Some("site-01 at 14:23:06"));
    assert!(s.script.is_empty() && s.policy.start_at_s.is_none() && s.purpose.starts_with("Rehearsal of site-01"));
    let mut later = plant.clone();
    (0..2000).for_each(|_| later.step());
    let island = &later.islands[later.main_island()];
    assert!((island.f_pu * 60.0 - 59.98).abs() < 1e-6 && (island.vm - 0.998).abs() < 1e-6, "at rest: {island:?}");
    let island = &plant.islands[plant.main_island()];
    assert!((island.f_pu * 60.0 - 59.98).abs() < 1e-9 && (island.vm - 0.998).abs() < 1e-9);
    assert!((plant.gensets[0].terminal.p * 1000.0 - 764.3).abs() < 1e-3);
    assert!((plant.gpu_kw(0) - 259.0).abs() < 1e-9 && (plant.miner_kw(0) - 498.3).abs() < 1e-9);
    assert_eq!(line(&r.measured, "GPU power").because, "370 of 714 on");
    assert_eq!(line(&r.assumed, "Not metered, losses").twin, Shown::Number(7.0, 1).clone(), "{:?}", r.assumed);
    assert_eq!(r.doubtful(), 0);
    // and again from a rehearsal: one state, not two
    let again = source.rehearse(&s, &Engine::Preset).unwrap();
    assert_eq!(again.text.matches("start:").count(), 1);
    assert_eq!(start(&again).1.gpu_kw(0), plant.gpu_kw(0));
}

#[test]
fn what_is_in_doubt_is_used_and_marked_and_what_is_missing_is_listed() {
    let base = default_scenario().unwrap();
    let mut source = Source::new(&base).good(&[(at(site::GEN_KW), 600.0), (at(site::MINER_KW), 400.0)]);
    source.quality[at(site::MINER_KW).at()] = Quality::Uncertain(Doubt::Frozen);
    let r = source.rehearse(&base, &Engine::Preset).unwrap();
    assert_eq!(r.doubtful(), 1);
    assert_eq!(line(&r.measured, "Miner power").doubt.as_deref(), Some("Uncertain: does not move"));
    assert_eq!(line(&r.assumed, "Frequency").because, "no meter: nominal");
    assert_eq!(line(&r.assumed, "Breaker 52G G1").because, "no contact: by its power");
    let rest = line(&r.assumed, "Not metered, losses");
    assert!(matches!(rest.twin, Shown::Number(v, _) if (v - (600.0 - 121.0 * 3.3)).abs() < 1.7), "{rest:?}");
    // a stale value that is shown for the eye is better than none, and says so
    source.quality[at(site::GEN_KW).at()] = Quality::Bad(Fault::NoComm);
    let r = source.rehearse(&base, &Engine::Preset).unwrap();
    assert_eq!(line(&r.measured, "Generator").doubt.as_deref(), Some("Bad: no connection"));
}

#[test]
fn a_dead_plant_is_no_state_to_start_from() {
    let base = default_scenario().unwrap();
    let t = crate::engine::plate::table(&base);
    let source = Source::new(&base).good(&[(at(site::GEN_KW), 0.0), (t.genset(0, genset::BREAKER), 0.0)]);
    let e = source.rehearse(&base, &Engine::Preset).unwrap_err();
    assert!(e.starts_with("no genset and no battery is on the bus"), "{e}");
}

#[test]
fn a_fit_becomes_the_engine_of_the_twin() {
    let base = default_scenario().unwrap();
    let source = Source::new(&base).good(&[(at(site::GEN_KW), 500.0)]);
    let fit =
        EnginePreset { name: "fit".to_owned(), description: "of 14:05".to_owned(), h_s: 1.3, ..Default::default() };
    let r = source.rehearse(&base, &Engine::Fit(Box::new(fit))).unwrap();
    let (s, _) = start(&r);
    assert_eq!((s.plant.gensets[0].machine.h_s, s.plant.gensets[0].preset.as_str()), (1.3, "fit"));
    assert_eq!(line(&r.assumed, "Engine").twin, Shown::Words("fit".to_owned()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn whatever_is_measured_the_text_is_read_and_starts_with_the_sum_that_was_measured(
        values in proptest::collection::vec((any::<bool>(), 0.0..1.0_f64), 9),
        name in "[ -~]{0,30}",
    ) {
        let base = builtin_scenario("bess-200kw").unwrap().unwrap();
        let t = crate::engine::plate::table(&base);
        let all = [
            (at(site::F_HZ), 58.5 + 3.0 * values[0].1),
            (at(site::V_PU), 0.95 + 0.1 * values[1].1),
            (at(site::GPU_KW), 500.0 * values[2].1),
            (at(site::MINER_KW), 500.0 * values[3].1),
            (at(site::GPU_FULL), (714.0 * values[4].1).round()),
            (at(site::MINER_ON), (151.0 * values[5].1).round()),
            (t.bess(0, bess::P_KW), 120.0 * values[6].1 - 60.0),
            (t.bess(0, bess::SOC_PCT), 100.0 * values[7].1),
            (at(site::AUX_KW), 40.0 * values[8].1),
        ];
        let given: Vec<(SignalIdx, f64)> =
            all.iter().zip(&values).filter(|(_, v)| v.0).map(|(a, _)| *a).collect();
        let sum: f64 = given.iter().filter(|(i, _)| [site::GPU_KW, site::MINER_KW, site::AUX_KW].contains(&i.0)).map(|g| g.1).sum();
        let source = Source::new(&base).good(&given).good(&[(at(site::GEN_KW), sum.max(50.0)), (t.bess(0, bess::BREAKER), 1.0)]);
        let now = Moment { of: &name, table: &source.table, row: &source.row, quality: &source.quality, age_s: &|_| f64::NAN };
        prop_assume!(!name.trim().is_empty());
        let r = rehearse(&base, &now, &Engine::Preset).unwrap();
        let (_, plant) = start(&r);
        let gen_kw = plant.gensets[0].terminal.p * 1000.0;
        prop_assert!((gen_kw - sum.max(50.0)).abs() < 0.01, "{gen_kw} for {}\n{}", sum.max(50.0), r.text);
    }
}
