//! What stands still while a site is watched: its signals with ranges and limits, and its plate.
//!
//! The map says what the plant is. Where the scenario that the console has loaded names the same signals, its limits and
//! ranges are lent; where it names the same sets, sections and batteries too, its ratings and relays are.

use std::sync::Arc;

use crate::acts::Plate;
use crate::feed::Reference;
use crate::feed::map::Map;
use crate::plant::signals::{Limit, SignalTable, at, site};

/// Range of a frequency gauge without limits, either way, share of nominal.
const F_SPAN: f64 = 0.05;
/// Likewise of a voltage gauge.
const V_SPAN: f64 = 0.15;
/// Room above a rating on a scale.
const ABOVE: f64 = 1.1;

pub(super) struct Facts {
    pub table: Arc<SignalTable>,
    pub plate: Arc<Plate>,
    /// Whether limits come from the loaded scenario.
    pub lent: bool,
}

/// `origin` is the path of the map.
pub(super) fn of(map: &Map, reference: Option<&Reference>, origin: &str) -> Facts {
    let known = &map.plant;
    let mut table = map.table.clone();
    table.set_limits(at(site::F_HZ), [known.f0_hz * (1.0 - F_SPAN), known.f0_hz * (1.0 + F_SPAN)], Vec::new());
    table.set_limits(at(site::V_PU), [1.0 - V_SPAN, 1.0 + V_SPAN], Vec::new());
    let rating = Limit { name: "rating".to_owned(), value: known.rated_kw };
    table.set_limits(at(site::GEN_KW), [0.0, known.rated_kw * ABOVE], vec![rating]);
    let same_f0 = |r: &&Reference| (r.plate.f0_hz - known.f0_hz).abs() < 1e-9;
    let reference = reference.filter(same_f0);
    if let Some(r) = reference {
        lend(&r.table, &mut table);
    }
    let names = [known.sections.clone(), known.gensets.clone(), known.bess.clone()];
    let same_parts = |r: &&Reference| names == [&r.plate.sections, &r.plate.gensets, &r.plate.bess].map(Clone::clone);
    let own = Plate::of_rows(&map.name, names.clone(), known.f0_hz);
    let ratings = reference.filter(same_parts).map(|r| (*r.plate).clone()).unwrap_or_default();
    let plate = Plate {
        scenario: map.name.clone(),
        purpose: "plant, read only".to_owned(),
        origin: origin.to_owned(),
        source: Arc::default(),
        preset: own.preset,
        seed: 0,
        model_note: "measured values".to_owned(),
        run_s: 0.0,
        f0_hz: known.f0_hz,
        v_nom: known.v_nom,
        rated_kw: known.rated_kw,
        gensets: own.gensets,
        sections: own.sections,
        bess: own.bess,
        ..ratings
    };
    Facts { table: Arc::new(table), plate: Arc::new(plate), lent: reference.is_some() }
}

fn lend(from: &SignalTable, to: &mut SignalTable) {
    for place in 0..to.len() {
        let Some(i) = to.index(place) else { continue };
        let Some(known) = from.find(&to.get(i).id).map(|k| from.get(k)) else { continue };
        let (range, limits) = (known.range, known.limits.clone());
        to.set_limits(i, range, limits);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAP: &str =
        r#"(name: "s", source: "x", plant: (f0_hz: 60, v_nom: 480, rated_kw: 800, gensets: ["G1"]), endpoints: [])"#;

    fn reference(f0_hz: f64, gensets: &[&str]) -> Reference {
        let gensets: Vec<String> = gensets.iter().map(|g| (*g).to_owned()).collect();
        let mut table = SignalTable::new(&[], &gensets, &[]);
        table.set_limits(at(site::F_HZ), [57.0, 62.0], vec![Limit { name: "F-LO".to_owned(), value: 58.5 }]);
        let plate = Plate { f0_hz, gensets, relays: vec!["81U".to_owned()], rated_kw: 1000.0, ..Plate::default() };
        Reference { table: Arc::new(table), plate: Arc::new(plate) }
    }

    #[test]
    fn limits_are_lent_by_signal_and_ratings_by_plant() {
        let map = Map::from_str("m", MAP).unwrap();
        let f = |facts: &Facts| facts.table.get(at(site::F_HZ)).clone();
        let alone = of(&map, None, "m");
        assert_eq!((f(&alone).range, f(&alone).limits.len(), alone.lent), ([57.0, 63.0], 0, false));
        let same = of(&map, Some(&reference(60.0, &["G1"])), "m");
        assert_eq!((f(&same).limits[0].name.as_str(), same.plate.relays.len()), ("F-LO", 1));
        assert_eq!(same.plate.rated_kw, 800.0, "the map knows its own plant best");
        let other = of(&map, Some(&reference(60.0, &["A", "B"])), "m");
        assert_eq!((f(&other).limits.len(), other.plate.relays.len()), (1, 0));
        let fifty = of(&map, Some(&reference(50.0, &["G1"])), "m");
        assert_eq!((f(&fifty).limits.len(), fifty.lent), (0, false), "limits in Hz mean another thing at 50 Hz");
    }
}
