//! What the one-line shows, worked out from a row of signals: no drawing here.

mod feeders;

use crate::acts::{BreakerView, PlantView, Plate};
use crate::control::Status;
use crate::plant::device::DeviceKind;
use crate::plant::signals::{SignalIdx, SignalTable, at, genset, section, site};

pub(crate) use feeders::Feeder;

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
    /// Not told by the source, or not now.
    Unknown,
}

impl Position {
    /// As printed.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::Tripped => "tripped",
            Self::Part => "part closed",
            Self::Unknown => "unknown",
        }
    }

    /// Whether something flows through it, as far as one can say.
    pub(crate) fn carries(self) -> bool {
        matches!(self, Self::Closed | Self::Part)
    }

    /// Of several breakers.
    pub(crate) fn of<'a>(breakers: impl Iterator<Item = &'a BreakerView>) -> Self {
        let (mut closed, mut open, mut tripped) = (0, 0, 0);
        for b in breakers {
            if b.unknown {
                return Self::Unknown;
            }
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

/// A genset.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Set {
    /// Name.
    pub(crate) name: String,
    /// Bus section; 0 where it is not known.
    pub(crate) section: usize,
    /// Rating, kW.
    pub(crate) rated_kw: f64,
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

/// The ties between two sections.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tie {
    /// Sections, the lower first.
    pub(crate) between: [usize; 2],
    /// Breakers by their index in the plant.
    pub(crate) breakers: Vec<usize>,
    /// Of all of them.
    pub(crate) position: Position,
}

/// Everything on the one-line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scene {
    /// Gensets.
    pub(crate) sets: Vec<Set>,
    /// Sections.
    pub(crate) sections: Vec<Section>,
    /// Several sections, and it is known what hangs on which.
    pub(crate) split: bool,
    /// Ties, one entry for each pair of sections.
    pub(crate) ties: Vec<Tie>,
    /// Feeders that the plant has: by kind, and by section where the picture is split.
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
    /// Main island, V.
    pub(crate) volt: f64,
    /// Nominal, V.
    pub(crate) v_nom: f64,
    /// Power factor, when there is apparent power.
    pub(crate) pf: Option<f64>,
    /// Ampere.
    pub(crate) amp: f64,
    /// State of charge, 0 to 1.
    pub(crate) soc: f64,
    /// Floor and ceiling of the state of charge, 0 to 1; NaN where the plant names none.
    pub(crate) soc_window: [f64; 2],
    /// Share of the miners that hash, 0 to 1.
    pub(crate) miners_on: f32,
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
                None if g(genset::BREAKER).is_nan() => Position::Unknown,
                None => Position::Open,
            };
            // A source that does not report the state is taken at its breaker's word.
            let state = match g(genset::STATE) {
                code if code.is_finite() => {
                    crate::plant::signals::GENSET_STATES.get(code as usize).copied().unwrap_or("unknown")
                }
                _ if position == Position::Closed => "on bus",
                // the breaker's word says it
                _ if position == Position::Unknown => "",
                _ => "unknown",
            };
            let rating = table.get(table.genset(i, genset::P_KW)).limits.iter().find(|l| l.name == "rating");
            sets.push(Set {
                name: name.clone(),
                section: breaker.and_then(|i| view.breakers.get(i)?.section).unwrap_or(0),
                rated_kw: rating.map_or(plate.rated_kw / plate.gensets.len() as f64, |l| l.value),
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
        let split = plate.sections.len() > 1 && view.breakers.iter().all(|b| b.section.is_some());
        Self {
            sets,
            sections: sections.collect(),
            split,
            ties: ties(view),
            feeders: feeders::of(plate, table, view, status, split, &get),
            gen_kw: p,
            rated_kw: plate.rated_kw,
            // One part that is not measured, and nobody can say.
            residual_kw: table.balance().residual_kw(get),
            alive: not_dead(s(site::ENERGISED)),
            f_hz: s(site::F_HZ),
            volt: s(site::V_PU) * plate.v_nom,
            v_nom: plate.v_nom,
            pf: (apparent > 1.0).then(|| p / apparent),
            amp: s(site::GEN_A),
            soc: zero(s(site::BESS_SOC_PCT)) / 100.0,
            soc_window: plate.bess_soc,
            miners_on: (zero(s(site::MINER_ON)) / f64::from(plate.miners.max(1))).clamp(0.0, 1.0) as f32,
            gpus: [zero(s(site::GPU_FULL)), zero(s(site::GPU_PRELOAD)), f64::from(plate.gpus)],
        }
    }

    /// Whether a section carries voltage; the whole bus where the picture is not split.
    pub(crate) fn alive_at(&self, section: usize) -> bool {
        if self.split { self.sections.get(section).is_some_and(|s| s.alive) } else { self.alive }
    }

    /// Sets of a section, or all, with their place in the plant.
    pub(crate) fn sets_of(&self, section: Option<usize>) -> impl Iterator<Item = (usize, &Set)> + Clone {
        self.sets.iter().enumerate().filter(move |(_, s)| section.is_none_or(|n| s.section == n))
    }

    /// A feeder by kind and section.
    pub(crate) fn feeder(&self, kind: DeviceKind, section: Option<usize>) -> Option<&Feeder> {
        self.feeders.iter().find(|f| f.kind == kind && f.section == section)
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
        let feeders = self.feeders.iter().map(|f| {
            format!("; {} {:.0} kilowatts, {} {}", f.kind.row().label, f.kw, f.kind.row().breaker, f.position.word())
        });
        text + &feeders.collect::<String>()
    }
}

/// The ties, grouped by the two sections that they join.
fn ties(view: &PlantView) -> Vec<Tie> {
    let mut all: Vec<Tie> = Vec::new();
    for (i, b) in breakers(view, "52T") {
        let Some((from, to)) = b.section.zip(b.to) else { continue };
        let between = [from.min(to), from.max(to)];
        match all.iter_mut().find(|t| t.between == between) {
            Some(tie) => tie.breakers.push(i),
            None => all.push(Tie { between, breakers: vec![i], position: Position::Open }),
        }
    }
    for tie in &mut all {
        tie.position = Position::of(tie.breakers.iter().filter_map(|&i| view.breakers.get(i)));
    }
    all
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
        BreakerView { name: name.into(), closed, tripped, ..BreakerView::default() }
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
