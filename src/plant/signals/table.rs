//! The table itself: built from the parts of a plant and the kinds of devices, an index computed from a place.

use super::{Group, Limit, Signal, SignalIdx, Spec, island, section, site};
use crate::acts::Parts;
use crate::plant::device::{DeviceKind, KINDS};

/// The table of one plant.
#[derive(Clone, Debug, PartialEq)]
pub struct SignalTable {
    signals: Vec<Signal>,
    sections: u32,
    /// Where the block of the first device of each kind begins, and behind the last one those of the islands.
    first: [u32; KINDS.len() + 1],
}

impl SignalTable {
    /// The table of a plant of these sections, gensets and batteries.
    #[must_use]
    pub fn new(sections: &[String], gensets: &[String], bess: &[String]) -> Self {
        Self::of(&[sections.to_vec(), gensets.to_vec(), bess.to_vec()].into())
    }

    /// Builds the table from the names of the parts. Limits start empty; see [`Self::set_limits`].
    #[must_use]
    pub fn of(parts: &Parts) -> Self {
        let sections = &parts.sections;
        let mut signals = Vec::new();
        let mut add = |specs: &[Spec], group: Group, prefix: &str, name: &str| {
            for s in specs {
                let label = if name.is_empty() { s.label.to_owned() } else { format!("{name} {}", s.label) };
                signals.push(Signal {
                    id: format!("{prefix}.{}", s.id),
                    label,
                    unit: s.unit,
                    group,
                    range: s.range,
                    limits: Vec::new(),
                    kind: s.kind,
                });
            }
        };
        add(site::SPECS, Group::Site, "site", "");
        for name in sections {
            add(section::SPECS, Group::Section, &prefix(name), name);
        }
        let (mut place, mut first) = (site::SPECS.len() + sections.len() * section::SPECS.len(), [0; KINDS.len() + 1]);
        for (kind, first) in KINDS.iter().zip(&mut first) {
            *first = place as u32;
            let Some(block) = &kind.block else { continue };
            for name in (block.names)(parts) {
                add(block.specs, block.group, &prefix(name), name);
                place += block.specs.len();
            }
        }
        first[KINDS.len()] = place as u32;
        if sections.len() > 1 {
            for name in sections {
                add(island::SPECS, Group::Section, &prefix(name), name);
            }
        }
        Self { signals, sections: sections.len() as u32, first }
    }

    /// All signals in row order.
    #[must_use]
    pub fn signals(&self) -> &[Signal] {
        &self.signals
    }

    /// Number of signals, which is the length of a row.
    #[must_use]
    pub fn len(&self) -> usize {
        self.signals.len()
    }

    /// Never true: the site block is always there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.signals.is_empty()
    }

    /// One signal.
    ///
    /// # Panics
    /// If `i` is not of this table.
    #[must_use]
    pub fn get(&self, i: SignalIdx) -> &Signal {
        &self.signals[i.at()]
    }

    /// Index of the signal at a place of the row.
    #[must_use]
    pub fn index(&self, place: usize) -> Option<SignalIdx> {
        (place < self.signals.len()).then_some(SignalIdx(place as u32))
    }

    /// Finds a signal by id; for files and the command line, not for a hot path.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<SignalIdx> {
        self.signals.iter().position(|s| s.id == id).map(|i| SignalIdx(i as u32))
    }

    /// Index of a section's signal; `offset` is a constant of [`section`].
    #[must_use]
    pub fn section(&self, i: usize, offset: u32) -> SignalIdx {
        SignalIdx(site::SPECS.len() as u32 + i as u32 * section::SPECS.len() as u32 + offset)
    }

    /// Index of a signal of a device; `offset` is a constant of the kind's block.
    #[must_use]
    pub fn device(&self, kind: DeviceKind, i: usize, offset: u32) -> SignalIdx {
        let width = kind.row().block.as_ref().map_or(0, |b| b.specs.len());
        SignalIdx(self.first[kind as usize] + i as u32 * width as u32 + offset)
    }

    /// Devices of a kind that have signals here.
    #[must_use]
    pub fn count(&self, kind: DeviceKind) -> usize {
        let width = kind.row().block.as_ref().map_or(1, |b| b.specs.len());
        (self.first[kind as usize + 1] - self.first[kind as usize]) as usize / width
    }

    /// Index of a genset's signal; `offset` is a constant of [`super::genset`].
    #[must_use]
    pub fn genset(&self, i: usize, offset: u32) -> SignalIdx {
        self.device(DeviceKind::Genset, i, offset)
    }

    /// Index of a battery's signal; `offset` is a constant of [`super::bess`].
    #[must_use]
    pub fn bess(&self, i: usize, offset: u32) -> SignalIdx {
        self.device(DeviceKind::Bess, i, offset)
    }

    /// Index of a signal of a section's island, in plants of several sections; `offset` is a constant of [`island`].
    #[must_use]
    pub fn island(&self, section: usize, offset: u32) -> Option<SignalIdx> {
        let first = self.first[KINDS.len()];
        (self.sections > 1).then(|| SignalIdx(first + section as u32 * island::SPECS.len() as u32 + offset))
    }

    /// Puts another label on a signal.
    pub fn set_label(&mut self, i: SignalIdx, label: String) {
        if let Some(s) = self.signals.get_mut(i.at()) {
            s.label = label;
        }
    }

    /// Sets a signal's limits and range.
    pub fn set_limits(&mut self, i: SignalIdx, range: [f64; 2], limits: Vec<Limit>) {
        if let Some(s) = self.signals.get_mut(i.at()) {
            s.range = range;
            s.limits = limits;
        }
    }
}

fn prefix(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Kind, at, bess, genset};
    use super::*;

    #[test]
    fn indices_match_ids() {
        let t = SignalTable::new(&["Bus A".into(), "Bus B".into()], &["G1".into(), "G2".into()], &["B1".into()]);
        assert_eq!(t.find("site.f_hz"), Some(at(site::F_HZ)));
        assert_eq!(t.find("bus_b.v_pu"), Some(t.section(1, section::V_PU)));
        assert_eq!(t.find("g2.boost_pu"), Some(t.genset(1, genset::BOOST_PU)));
        assert_eq!(t.find("b1.soc_pct"), Some(t.bess(0, bess::SOC_PCT)));
        assert_eq!(t.find("bus_b.headroom_kw"), t.island(1, island::HEADROOM_KW));
        assert_eq!(t.island(1, island::RATING_KW).unwrap().at() + 1, t.len());
        let one = SignalTable::new(&["A".into()], &["G1".into()], &["B1".into()]);
        assert_eq!((one.bess(0, bess::BREAKER).at() + 1, one.island(0, 0)), (one.len(), None));
    }

    #[test]
    fn ids_are_unique_and_end_in_their_unit() {
        let t = SignalTable::new(&["A".into()], &["G1".into()], &["B1".into()]);
        let mut ids: Vec<_> = t.signals().iter().map(|s| s.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), t.len());
        for s in t.signals().iter().filter(|s| s.kind == Kind::Analog) {
            let suffix = s.unit.to_lowercase().replace('/', "_per_").replace('%', "pct");
            assert!(s.id.ends_with(&suffix), "{} should end in {suffix}", s.id);
        }
    }
}
