//! Breakers of a plant as far as rows tell them. Pure.

use crate::acts::{BreakerView, PlantView, Plate};
use crate::plant::signals::{SignalIdx, SignalTable, at, genset, site};

/// A feeder that takes more than this is closed, kW.
const CARRIES_KW: f64 = 0.5;

/// Breakers as far as rows tell them: a set's own signal, and a feeder that is measured is closed while it carries power;
/// while it carries none nobody knows. `has`: signals that the source gives, if not at this moment.
pub(in crate::feed) fn view(
    table: &SignalTable,
    plate: &Plate,
    latest: &[f64],
    has: &dyn Fn(SignalIdx) -> bool,
) -> PlantView {
    let read = |i: SignalIdx| latest.get(i.at()).copied().unwrap_or(f64::NAN);
    let one = |name: String, told: f64, kw: f64| {
        let (closed, unknown) = (told > 0.5, told.is_nan());
        BreakerView { name, closed, unknown, kw, ..BreakerView::default() }
    };
    let sets = plate.gensets.iter().enumerate().filter_map(|(i, name)| {
        let breaker = table.genset(i, genset::BREAKER);
        has(breaker).then(|| one(format!("52G {name}"), read(breaker), read(table.genset(i, genset::P_KW))))
    });
    let feeders = [(site::MINER_KW, "52M"), (site::GPU_KW, "52C"), (site::BESS_KW, "52B"), (site::AUX_KW, "52A")];
    let feeders = feeders.iter().filter_map(|(i, name)| {
        let kw = read(at(*i));
        has(at(*i)).then(|| one((*name).to_owned(), if kw.abs() > CARRIES_KW { 1.0 } else { f64::NAN }, kw))
    });
    PlantView { breakers: sets.chain(feeders).collect(), ..PlantView::default() }
}
