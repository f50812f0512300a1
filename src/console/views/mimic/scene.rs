//! What the one-line shows, worked out from a row of signals: no drawing here.

use crate::control::Status;
use crate::engine::msg::{BreakerView, PlantView, Plate};
use crate::plant::signals::{SignalIdx, SignalTable, at, genset, section, site};

/// A residual beyond this is marked: some meter is wrong.
pub(crate) const RESIDUAL_KW: f64 = 10.0;
/// Power below this counts as none.
pub(crate) const NOTHING_KW: f64 = 0.5;

/// Position of a group of breakers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    /// All closed.
    Closed,
    /// All open.
    Open,
    /// At least one opened by protection and not reset.
    Tripped,
    /// Some closed, some open.
    Part,
}

impl Position {
    /// As printed.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::Tripped => "tripped",
            Self::Part => "part closed",
        }
    }

    /// Of several breakers.
    pub(crate) fn of<'a>(breakers: impl Iterator<Item = &'a BreakerView>) -> Self {
        let (mut closed, mut open, mut tripped) = (0, 0, 0);
        for b in breakers {
            closed += u32::from(b.closed);
            open += u32::from(!b.closed);
            tripped += u32::from(b.tripped && !b.closed);
        }
        match (closed, open, tripped) {
            (_, _, 1..) => Self::Tripped,
            (_, 0, _) => Self::Closed,
            (0, _, _) => Self::Open,
            _ => Self::Part,
        }
    }
}

/// Kind of feeder, left to right on the bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum FeederKind {
    /// 52M.
    Miners,
    /// 52C.
    Gpus,
    /// 52B.
    Bess,
    /// 52A.
    Aux,
}

impl FeederKind {
    /// All of them in order.
    pub(crate) const ALL: [Self; 4] = [Self::Miners, Self::Gpus, Self::Bess, Self::Aux];

    /// Device number.
    pub(crate) fn device(self) -> &'static str {
        match self {
            Self::Miners => "52M",
            Self::Gpus => "52C",
            Self::Bess => "52B",
            Self::Aux => "52A",
        }
    }

    /// What hangs on it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Miners => "Miners",
            Self::Gpus => "GPU",
            Self::Bess => "BESS",
            Self::Aux => "Aux",
        }
    }
}

/// A feeder with all its breakers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Feeder {
    /// Kind.
    pub(crate) kind: FeederKind,
    /// Breakers by their index in the plant.
    pub(crate) breakers: Vec<usize>,
    /// Of all breakers together.
    pub(crate) position: Position,
    /// Power taken, BESS positive when discharging.
    pub(crate) kw: f64,
    /// Count beside the name.
    pub(crate) count: String,
    /// Rows under the bar: label and value.
    pub(crate) rows: Vec<(&'static str, String)>,
}

/// A genset.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Set {
    /// Name.
    pub(crate) name: String,
    /// Its breaker in the plant, when it has one.
    pub(crate) breaker: Option<usize>,
    /// Position of 52G; from the signal where no breaker is listed.
    pub(crate) position: Position,
    /// Electrical kW.
    pub(crate) kw: f64,
    /// State in words.
    pub(crate) state: &'static str,
    /// Available power (air).
    pub(crate) avail_kw: f64,
}

/// A bus section.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Section {
    /// Name.
    pub(crate) name: String,
    /// Energised.
    pub(crate) alive: bool,
    /// Frequency.
    pub(crate) f_hz: f64,
    /// Voltage, pu.
    pub(crate) v_pu: f64,
}

/// Everything on the one-line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scene {
    /// Gensets.
    pub(crate) sets: Vec<Set>,
    /// Sections.
    pub(crate) sections: Vec<Section>,
    /// Ties by breaker index.
    pub(crate) ties: Vec<usize>,
    /// Feeders that the plant has.
    pub(crate) feeders: Vec<Feeder>,
    /// Genset kW and rating.
    pub(crate) gen_kw: f64,
    /// Rating of all sets.
    pub(crate) rated_kw: f64,
    /// Genset plus BESS less loads; NaN where one of them is not measured.
    pub(crate) residual_kw: f64,
    /// Main island alive.
    pub(crate) alive: bool,
    /// Hz.
    pub(crate) f_hz: f64,
    /// Volt.
    pub(crate) volt: f64,
    /// Power factor, when there is apparent power.
    pub(crate) pf: Option<f64>,
    /// Ampere.
    pub(crate) amp: f64,
    /// State of charge, 0 to 1.
    pub(crate) soc: f64,
    /// Floor of the state of charge, 0 to 1, where the plant names one.
    pub(crate) soc_floor: Option<f64>,
    /// GPUs at full, in preload, all.
    pub(crate) gpus: [f64; 3],
}

/// Splits `52M Miners A` into number and name.
pub(crate) fn breakers<'a>(view: &'a PlantView, device: &'a str) -> impl Iterator<Item = (usize, &'a BreakerView)> {
    view.breakers.iter().enumerate().filter(move |(_, b)| {
        b.name
            .strip_prefix(device)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(|c: char| !c.is_ascii_alphanumeric()))
    })
}

impl Scene {
    /// From the newest row.
    pub(crate) fn of(plate: &Plate, table: &SignalTable, row: &[f64], view: &PlantView, status: &Status) -> Self {
        let get = |i: SignalIdx| row.get(i.at()).copied().unwrap_or(f64::NAN);
        let s = |offset: u32| get(at(offset));
        let zero = |v: f64| if v.is_finite() { v } else { 0.0 };
        let mut sets = Vec::new();
        for (i, name) in plate.gensets.iter().enumerate() {
            let g = |offset| get(table.genset(i, offset));
            let breaker =
                breakers(view, "52G").find(|(_, b)| b.name.get(3..).map(str::trim) == Some(name)).map(|(i, _)| i);
            let position = match breaker.and_then(|i| view.breakers.get(i)) {
                Some(b) => Position::of(std::iter::once(b)),
                None if g(genset::BREAKER) > 0.5 => Position::Closed,
                None => Position::Open,
            };
            // A source that does not report the state is taken at its breaker's word.
            let state = match g(genset::STATE) {
                code if code.is_finite() => {
                    crate::plant::signals::GENSET_STATES.get(code as usize).copied().unwrap_or("unknown")
                }
                _ if position == Position::Closed => "on bus",
                _ => "unknown",
            };
            sets.push(Set {
                name: name.clone(),
                breaker,
                position,
                kw: g(genset::P_KW),
                state,
                avail_kw: g(genset::AVAIL_KW),
            });
        }
        let sections = plate.sections.iter().enumerate().map(|(i, name)| Section {
            name: name.clone(),
            alive: not_dead(get(table.section(i, section::ENERGISED))),
            f_hz: get(table.section(i, section::F_HZ)),
            v_pu: get(table.section(i, section::V_PU)),
        });
        let (p, q) = (s(site::GEN_KW), s(site::GEN_KVAR));
        let apparent = (p * p + q * q).sqrt();
        let feeders = FeederKind::ALL.into_iter().filter_map(|kind| feeder(kind, plate, view, status, &s)).collect();
        Self {
            sets,
            sections: sections.collect(),
            ties: breakers(view, "52T").map(|(i, _)| i).collect(),
            feeders,
            gen_kw: p,
            rated_kw: plate.rated_kw,
            // One part that is not measured, and nobody can say.
            residual_kw: p + s(site::BESS_KW) - s(site::MINER_KW) - s(site::GPU_KW) - s(site::AUX_KW),
            alive: not_dead(s(site::ENERGISED)),
            f_hz: s(site::F_HZ),
            volt: s(site::V_PU) * plate.v_nom,
            pf: (apparent > 1.0).then(|| p / apparent),
            amp: s(site::GEN_A),
            soc: zero(s(site::BESS_SOC_PCT)) / 100.0,
            soc_floor: table.get(at(site::BESS_SOC_PCT)).limits.first().map(|l| l.value / 100.0),
            gpus: [zero(s(site::GPU_FULL)), zero(s(site::GPU_PRELOAD)), f64::from(plate.gpus)],
        }
    }

    /// Whether no more than `RESIDUAL_KW` is unaccounted for, as far as one can say.
    pub(crate) fn balanced(&self) -> bool {
        !(self.residual_kw.abs() > RESIDUAL_KW)
    }

    /// One sentence for a screen reader.
    pub(crate) fn sentence(&self) -> String {
        let text = format!(
            "One-line: gensets {:.0} of {:.0} kilowatts, bus {}, {:.2} hertz",
            self.gen_kw,
            self.rated_kw,
            if self.alive { "energised" } else { "dead" },
            self.f_hz
        );
        let feeders = self
            .feeders
            .iter()
            .map(|f| format!("; {} {:.0} kilowatts, {} {}", f.kind.name(), f.kw, f.kind.device(), f.position.word()));
        text + &feeders.collect::<String>()
    }
}

fn feeder(
    kind: FeederKind,
    plate: &Plate,
    view: &PlantView,
    status: &Status,
    s: &dyn Fn(u32) -> f64,
) -> Option<Feeder> {
    use super::super::ink::{kw, num, seconds};
    let found: Vec<usize> = breakers(view, kind.device()).map(|(i, _)| i).collect();
    if found.is_empty() {
        return None;
    }
    let position = Position::of(found.iter().filter_map(|&i| view.breakers.get(i)));
    let (kw_now, count, rows) = match kind {
        FeederKind::Miners => {
            let moving: u32 = view.miner_cells.iter().map(|c| c.moving).sum();
            let stuck = s(site::MINER_STUCK);
            let third = if stuck >= 0.5 { ("Stuck", num(stuck, 0)) } else { ("Moving", moving.to_string()) };
            let back = if status.restore_eta_s > 0.0 { seconds(status.restore_eta_s) } else { "none off".into() };
            let rows = vec![("Can shed", format!("{} kW", kw(status.can_shed_kw))), ("Restore", back), third];
            (s(site::MINER_KW), format!("{} / {}", num(s(site::MINER_ON), 0), plate.miners), rows)
        }
        FeederKind::Gpus => {
            let next = match status.next_batch {
                Some((n, t)) => format!("{n} in {}", seconds(t)),
                None => "none".into(),
            };
            let up = s(site::GPU_FULL) + s(site::GPU_PRELOAD);
            let each = if up >= 1.0 { s(site::GPU_KW) / up } else { plate.gpu_kw };
            let rows = vec![
                ("Next batch", next),
                ("Per GPU", format!("{} kW", num(each, 2))),
                ("Preload", num(s(site::GPU_PRELOAD), 0)),
            ];
            (s(site::GPU_KW), format!("{} / {}", num(up, 0), plate.gpus), rows)
        }
        FeederKind::Bess => {
            let p = s(site::BESS_KW);
            let mode = if p > NOTHING_KW {
                "supply"
            } else if p < -NOTHING_KW {
                "charge"
            } else {
                "idle"
            };
            let rows = vec![
                ("SoC", format!("{} %", num(s(site::BESS_SOC_PCT), 0))),
                (mode, format!("±{}", kw(plate.bess_kw))),
                ("Store", format!("{} kWh", num(plate.bess_kwh, 0))),
            ];
            (p, String::new(), rows)
        }
        FeederKind::Aux => {
            let v = s(site::AUX_KW);
            let rows = vec![("Meter", if v.is_finite() { "good".into() } else { "no data".into() })];
            (v, String::new(), rows)
        }
    };
    Some(Feeder { kind, breakers: found, position, kw: kw_now, count, rows })
}

/// Line width by power: `1 + 5 sqrt(kW / 1000)`, whole pixels; 1 without power.
pub(crate) fn line_width(kw: f64) -> f32 {
    if kw.is_finite() && kw.abs() >= NOTHING_KW {
        (1.0 + 5.0 * (kw.abs() / 1000.0).sqrt()).round().min(8.0) as f32
    } else {
        1.0
    }
}

/// Chevrons by power: three above 350 kW, two below, none without power.
pub(crate) fn chevrons(kw: f64) -> usize {
    match kw.abs() {
        p if !p.is_finite() || p < NOTHING_KW => 0,
        p if p > 350.0 => 3,
        _ => 2,
    }
}

/// Only what says that it is dead is drawn dead; a source may not report it.
fn not_dead(energised: f64) -> bool {
    energised.is_nan() || energised > 0.5
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breaker(name: &str, closed: bool, tripped: bool) -> BreakerView {
        BreakerView { name: name.into(), closed, tripped }
    }

    #[test]
    fn position_of_a_group() {
        let b = [breaker("52M A", true, false), breaker("52M B", false, false), breaker("52M C", false, true)];
        assert_eq!(Position::of(b[..1].iter()), Position::Closed);
        assert_eq!(Position::of(b[1..2].iter()), Position::Open);
        assert_eq!(Position::of(b[..2].iter()), Position::Part);
        assert_eq!(Position::of(b.iter()), Position::Tripped);
    }

    #[test]
    fn breakers_are_found_by_whole_device_number() {
        let view = PlantView {
            breakers: vec![
                breaker("52G G1", true, false),
                breaker("52M", true, false),
                breaker("52M2", true, false),
                breaker("52C gpus", true, false),
            ],
            ..PlantView::default()
        };
        assert_eq!(breakers(&view, "52M").map(|(i, _)| i).collect::<Vec<_>>(), [1]);
        assert_eq!(breakers(&view, "52C").map(|(i, _)| i).collect::<Vec<_>>(), [3]);
        assert_eq!(breakers(&view, "52B").count(), 0);
    }

    #[test]
    fn line_weight_and_chevrons_grow_with_power() {
        assert_eq!([0.0, 0.4, 305.0, 1000.0].map(line_width), [1.0, 1.0, 4.0, 6.0]);
        assert_eq!([0.0, -30.0, 351.0, f64::NAN].map(chevrons), [0, 2, 3, 0]);
    }
}
