//! Feeders of the one-line: what hangs on the bus below, its breakers, its power, and what else is worth a row.

use super::{NOTHING_KW, Position, breakers};
use crate::acts::{PlantView, Plate};
use crate::console::fmt::{kw, num, seconds};
use crate::console::views::kpi::miners_on;
use crate::control::{LimitId, RunState, Status};
use crate::plant::device::{DeviceKind, KINDS};
use crate::plant::signals::{SignalIdx, SignalTable, at, condenser, site};

/// Kinds of feeders, left to right on the bus: all devices but the gensets, which stand above it, and the aux loads last.
pub(crate) fn kinds() -> impl Iterator<Item = DeviceKind> + Clone {
    let between = |kind: &DeviceKind| !matches!(kind, DeviceKind::Genset | DeviceKind::Aux);
    KINDS.iter().map(|row| row.kind).filter(between).chain([DeviceKind::Aux])
}

/// A feeder with all its breakers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Feeder {
    /// Kind.
    pub(crate) kind: DeviceKind,
    /// Section; all of them where it is none.
    pub(crate) section: Option<usize>,
    /// Breakers by their index in the plant.
    pub(crate) breakers: Vec<usize>,
    /// Of all breakers together.
    pub(crate) position: Position,
    /// Power taken; that of a battery or condenser is positive when it comes from it.
    pub(crate) kw: f64,
    /// Count beside the name.
    pub(crate) count: String,
    /// Rows under the bar: label and value.
    pub(crate) rows: Vec<(&'static str, String)>,
}

/// All feeders, by kind; by section, too, where the picture is `split`. `get` reads a signal of the newest row.
pub(super) fn of(
    plate: &Plate,
    table: &SignalTable,
    view: &PlantView,
    status: &Status,
    split: bool,
    get: &dyn Fn(SignalIdx) -> f64,
) -> Vec<Feeder> {
    let s = |offset: u32| get(at(offset));
    // Of the condensers together: speeds are the first one's, the rest adds up.
    let rotors = |offset: u32| {
        let all = (0..plate.condensers.len()).map(|i| get(table.device(DeviceKind::Condenser, i, offset)));
        if offset == condenser::SPEED_HZ { all.take(1).sum() } else { all.sum::<f64>() }
    };
    let sections: Vec<Option<usize>> = if split { (0..plate.sections.len()).map(Some).collect() } else { vec![None] };
    let pairs = sections.into_iter().flat_map(|n| kinds().map(move |kind| (kind, n)));
    pairs.filter_map(|(kind, section)| feeder(kind, section, plate, view, status, [&s, &rotors])).collect()
}

/// So many of all; a source that does not say how many there are has a count at most.
fn of_all(n: f64, all: u32) -> String {
    match (all, n.is_finite()) {
        (0, false) => String::new(),
        (0, true) => num(n, 0),
        _ => format!("{} / {all}", num(n, 0)),
    }
}

fn feeder(
    kind: DeviceKind,
    section: Option<usize>,
    plate: &Plate,
    view: &PlantView,
    status: &Status,
    [s, rotors]: [&dyn Fn(u32) -> f64; 2],
) -> Option<Feeder> {
    let here = breakers(view, kind.row().breaker).filter(|(_, b)| section.is_none() || b.section == section);
    let found: Vec<usize> = here.map(|(i, _)| i).collect();
    if found.is_empty() {
        return None;
    }
    let position = Position::of(found.iter().filter_map(|&i| view.breakers.get(i)));
    let (kw_now, count, rows) = match kind {
        DeviceKind::Genset => return None,
        DeviceKind::Miners => {
            let moving: u32 = view.miner_cells.iter().map(|c| c.moving).sum();
            let stuck = s(site::MINER_STUCK);
            let third = if stuck >= 0.5 { ("Stuck", num(stuck, 0)) } else { ("Moving", moving.to_string()) };
            let rows = vec![
                ("Can shed", format!("{} kW", kw(status.can_shed_kw))),
                ("Restore", restore(status, s(site::MINER_OFF))),
                third,
                ("Latency", format!("{} s", num(in_force(view.readback.miner_latency_s, plate.miner_latency_s), 1))),
            ];
            let on = miners_on(s(site::MINER_ON), s(site::MINER_KW), plate.miner_kw, plate.miners);
            (s(site::MINER_KW), of_all(on, plate.miners), rows)
        }
        DeviceKind::Gpus => {
            let up = s(site::GPU_FULL) + s(site::GPU_PRELOAD);
            let plan = if plate.gpus > 0 { plate.gpu_kw } else { f64::NAN };
            let each = if up >= 1.0 { s(site::GPU_KW) / up } else { plan };
            let rows = vec![
                ("Next batch", next_batch(status)),
                ("Per GPU", format!("{} kW", num(each, 2))),
                ("Preload", num(s(site::GPU_PRELOAD), 0)),
            ];
            (s(site::GPU_KW), of_all(up, plate.gpus), rows)
        }
        DeviceKind::Bess => {
            let p = s(site::BESS_KW);
            let size = in_force(view.readback.bess_kw, plate.bess_kw);
            let mode = if p > NOTHING_KW {
                "supply"
            } else if p < -NOTHING_KW {
                "charge"
            } else {
                "idle"
            };
            let rows = vec![
                ("SoC", format!("{} %", num(s(site::BESS_SOC_PCT), 0))),
                (mode, format!("±{}", kw(size))),
                ("Store", format!("{} kWh", num(plate.bess_kwh, 0))),
                (
                    "Keeps to",
                    format!("{}\u{2013}{} %", num(plate.bess_soc[0] * 100.0, 0), num(plate.bess_soc[1] * 100.0, 0)),
                ),
            ];
            (p, String::new(), rows)
        }
        DeviceKind::Condenser => {
            let rows = vec![
                ("Q", format!("{} kvar", num(rotors(condenser::Q_KVAR), 0))),
                ("Rotor", format!("{} MWs", num(rotors(condenser::EK_KWS) / 1000.0, 1))),
                ("Speed", format!("{} Hz", num(rotors(condenser::SPEED_HZ), 2))),
            ];
            (rotors(condenser::P_KW), String::new(), rows)
        }
        DeviceKind::Aux => {
            let v = s(site::AUX_KW);
            let rows = vec![("Meter", if v.is_finite() { "good".into() } else { "no data".into() })];
            (v, String::new(), rows)
        }
    };
    let (kw_now, count) = match section {
        None => (kw_now, count),
        // Counts are of the whole plant; power is metered at each breaker.
        Some(_) => (found.iter().filter_map(|&i| view.breakers.get(i)).map(|b| b.kw).sum(), String::new()),
    };
    Some(Feeder { kind, section, breakers: found, position, kw: kw_now, count, rows })
}

/// When miners that are off come back.
fn restore(status: &Status, off: f64) -> String {
    match off {
        _ if status.restore_eta_s > 0.0 => seconds(status.restore_eta_s),
        off if off.is_nan() => "\u{2013}".to_owned(),
        off if off < 0.5 => "none off".to_owned(),
        off => format!("{} stay off", num(off, 0)),
    }
}

/// The next batch and when, or what it waits for.
fn next_batch(status: &Status) -> String {
    let waits = status.limits.iter().any(|u| u.blocks && u.id != LimitId::Interval);
    match (status.state, status.next_batch) {
        (RunState::Hold, _) => "held".to_owned(),
        (RunState::Running | RunState::RampDown, Some((n, t))) if t > 0.0 || !waits => format!("{n} in {}", seconds(t)),
        (RunState::Running | RunState::RampDown, Some((n, _))) => format!("{n} wait"),
        _ => "none".to_owned(),
    }
}

/// What the plant reads back, or where it does not, what it was built with.
fn in_force(now: f64, built: f64) -> f64 {
    if now.is_finite() { now } else { built }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::views::sample::status;

    #[test]
    fn regress_miners_that_stay_off_are_not_called_none_off() {
        let s = status(RunState::Running);
        assert_eq!(restore(&s, 0.0), "none off");
        assert_eq!(restore(&s, 17.0), "17 stay off");
        assert_eq!(restore(&Status { restore_eta_s: 72.0, ..s }, 17.0), "72 s");
    }

    #[test]
    fn regress_a_held_schedule_has_no_next_batch() {
        assert_eq!(next_batch(&status(RunState::Running)), "10 in 0.8 s");
        assert_eq!(next_batch(&status(RunState::Hold)), "held");
        assert_eq!(next_batch(&status(RunState::Idle)), "none");
    }
}
