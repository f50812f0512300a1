//! Which miner fleets give up how many units for a number of kW: the smallest overshoot, whole blocks, one island.
//!
//! Fleets differ in the size of their units. Two ways are weighed: one fleet alone, or whole blocks of the largest units
//! that do not overshoot and one block of the smallest that is left. The one that gives up less beyond the need is taken;
//! on equal terms one fleet alone, the first of the file. What draws nothing has no units to give. Pure functions over
//! readings; they allocate nothing. Powers in kW.

use std::hash::Hasher;

use super::io::FleetReading;
use super::pending::Pending;

/// Part of a block that a need may lack to be that many blocks, against rounding of sums.
const ROUNDING: f64 = 1e-6;

/// What control remembers of one fleet.
#[derive(Clone, Debug, Default)]
pub struct FleetMemory {
    /// Sheds that its feeder does not show yet.
    pub shed_pending: Pending,
    /// Restores that its feeder does not show yet.
    pub restore_pending: Pending,
    /// Units that control has off.
    pub units_out: u32,
    /// Units that were shed in the present step and that the reading still counts as available.
    pub taken: u32,
    /// Feeder power when the shed was commanded whose fall is watched; `None`: it takes no part.
    pub baseline_kw: Option<f64>,
}

impl FleetMemory {
    /// Feeds the whole state to a hash.
    pub fn hash_into(&self, h: &mut impl Hasher) {
        self.shed_pending.hash_into(h);
        self.restore_pending.hash_into(h);
        h.write_u32(self.units_out);
        h.write_u64(self.baseline_kw.unwrap_or(f64::MAX).to_bits());
    }
}

/// The fleets of one island, as they are in the present step.
#[derive(Clone, Copy, Debug)]
pub struct Fleets<'a> {
    /// Which island.
    pub island: usize,
    /// All fleets as measured.
    pub readings: &'a [FleetReading],
    /// All fleets as remembered.
    pub memories: &'a [FleetMemory],
}

/// Units of one fleet that could go.
#[derive(Clone, Copy, Debug)]
struct Offer {
    fleet: usize,
    left: u32,
    block: u32,
    unit_kw: f64,
}

impl Offer {
    fn block_kw(&self) -> f64 {
        f64::from(self.block) * self.unit_kw
    }

    /// Units in so many whole blocks, as far as there are any.
    fn blocks(&self, n: f64) -> u32 {
        ((n.clamp(0.0, 1.0e6) as u32).saturating_mul(self.block)).min(self.left)
    }

    /// Units in whole blocks that do not go beyond `kw`.
    fn within(&self, kw: f64) -> u32 {
        self.blocks((kw / self.block_kw() + ROUNDING).floor())
    }

    /// Units in whole blocks that cover `kw`, as far as there are any.
    fn covering(&self, kw: f64) -> u32 {
        self.blocks((kw / self.block_kw() - ROUNDING).ceil())
    }

    fn kw(&self, units: u32) -> f64 {
        f64::from(units) * self.unit_kw
    }
}

/// How a need is met.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Allotment {
    need_kw: f64,
    /// One fleet alone; else all of them, the largest units first.
    alone: Option<usize>,
    /// What the units give up, kW: the need or a little more, or all that there is.
    pub kw: f64,
}

impl<'a> Fleets<'a> {
    fn offers(&self) -> impl Iterator<Item = Offer> + use<'a> {
        let island = self.island;
        let fleets = self.readings.iter().zip(self.memories).enumerate();
        let of = |(fleet, (r, m)): (usize, (&FleetReading, &FleetMemory))| Offer {
            fleet,
            left: r.available.saturating_sub(m.taken),
            block: r.block_units.max(1),
            unit_kw: r.unit_kw,
        };
        fleets.filter(move |(_, (r, _))| r.island == island).map(of).filter(|o| o.left > 0 && o.unit_kw > 0.0)
    }

    /// What could be shed, kW.
    #[must_use]
    pub fn available_kw(&self) -> f64 {
        self.offers().map(|o| o.kw(o.left)).sum()
    }

    /// The smallest unit of its fleets, whether it can be shed or not; 0 without any.
    #[must_use]
    pub fn smallest_unit_kw(&self) -> f64 {
        let units = self.readings.iter().filter(|r| r.island == self.island).map(|r| r.unit_kw);
        units.reduce(f64::min).unwrap_or(0.0)
    }

    /// The units that meet a need.
    #[must_use]
    pub fn allot(&self, need_kw: f64) -> Allotment {
        if need_kw <= 0.0 {
            return Allotment::default();
        }
        let mut best = Allotment { need_kw, alone: None, kw: 0.0 };
        self.mix(need_kw, |o, units| best.kw += o.kw(units));
        for o in self.offers() {
            let kw = o.kw(o.covering(need_kw));
            let covers = |kw: f64| kw >= need_kw - ROUNDING * o.block_kw();
            let better = match (covers(kw), covers(best.kw)) {
                (true, true) => kw < best.kw || (kw <= best.kw && best.alone.is_none()),
                (true, false) => true,
                (false, true) => false,
                (false, false) => kw > best.kw,
            };
            if better {
                best = Allotment { need_kw, alone: Some(o.fleet), kw };
            }
        }
        best
    }

    /// Units of each fleet that takes part.
    pub fn each(&self, a: &Allotment, mut take: impl FnMut(usize, u32)) {
        match a.alone {
            Some(fleet) => {
                self.offers().filter(|o| o.fleet == fleet).for_each(|o| take(fleet, o.covering(a.need_kw)));
            }
            None if a.need_kw > 0.0 => self.mix(a.need_kw, |o, units| take(o.fleet, units)),
            None => {}
        }
    }

    /// The offers by the size of their blocks, the largest first; on equal terms in the order of the file.
    fn descending(&self) -> impl Iterator<Item = Offer> + use<'a> {
        let all = *self;
        let next = move |last: Option<Offer>| {
            let before = |o: &Offer, l: &Offer| {
                l.block_kw() > o.block_kw() || (l.block_kw() == o.block_kw() && l.fleet < o.fleet)
            };
            let rest = all.offers().filter(|o| last.is_none_or(|l| before(o, &l)));
            rest.reduce(|a, b| if before(&a, &b) { b } else { a })
        };
        core::iter::successors(next(None), move |o| next(Some(*o)))
    }

    /// Whole blocks of the largest units first that do not overshoot, then one block of the smallest that is left.
    fn mix(&self, need_kw: f64, mut take: impl FnMut(&Offer, u32)) {
        let (mut rest, mut spare) = (need_kw, None);
        for o in self.descending() {
            let units = o.within(rest);
            rest -= o.kw(units);
            if o.left > units {
                spare = Some(o);
            }
        }
        let spare = spare.filter(|o: &Offer| rest > ROUNDING * o.block_kw()).map(|o| o.fleet);
        let mut rest = need_kw;
        for o in self.descending() {
            let within = o.within(rest);
            rest -= o.kw(within);
            let units = if spare == Some(o.fleet) { (within + o.block).min(o.left) } else { within };
            if units > 0 {
                take(&o, units);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fleet(unit_kw: f64, available: u32, block_units: u32) -> FleetReading {
        FleetReading { unit_kw, block_units, available, ..FleetReading::default() }
    }

    fn units(readings: &[FleetReading], need_kw: f64) -> (Vec<u32>, f64) {
        let memories = vec![FleetMemory::default(); readings.len()];
        let fleets = Fleets { island: 0, readings, memories: &memories };
        let a = fleets.allot(need_kw);
        let mut out = vec![0; readings.len()];
        fleets.each(&a, |f, n| out[f] += n);
        (out, a.kw)
    }

    #[test]
    fn the_smallest_overshoot_wins() {
        let two = [fleet(1.0, 20, 1), fleet(30.0, 10, 1)];
        for (need, want) in [
            (7.0, [7, 0]),
            (6.4, [7, 0]),
            (20.0, [20, 0]),
            (30.0, [0, 1]),
            (35.0, [5, 1]),
            (55.0, [0, 2]),
            (300.0, [0, 10]),
            (999.0, [20, 10]),
            (0.0, [0, 0]),
            (-3.0, [0, 0]),
        ] {
            assert_eq!(units(&two, need).0, want, "{need} kW");
        }
        assert_eq!(units(&[fleet(30.0, 10, 1), fleet(20.0, 10, 1)], 35.0).0, [0, 2]);
        assert_eq!(units(&[fleet(1.0, 0, 1), fleet(30.0, 10, 1)], 7.0), (vec![0, 1], 30.0));
    }

    #[test]
    fn blocks_go_whole_and_other_islands_stay() {
        assert_eq!(units(&[fleet(3.3, 151, 4)], 7.0).0, [4]);
        assert_eq!(units(&[fleet(3.3, 151, 4)], 14.0).0, [8]);
        assert_eq!(units(&[fleet(3.3, 3, 4)], 7.0).0, [3], "the last block is what is left");
        let far = FleetReading { island: 1, ..fleet(1.0, 50, 1) };
        assert_eq!(units(&[far, fleet(3.3, 151, 1)], 7.0).0, [0, 3]);
    }

    #[test]
    fn what_was_taken_in_this_step_is_not_there_twice() {
        let readings = [fleet(3.3, 5, 1)];
        let memories = [FleetMemory { taken: 4, ..FleetMemory::default() }];
        let fleets = Fleets { island: 0, readings: &readings, memories: &memories };
        assert_eq!((fleets.allot(7.0).kw, fleets.available_kw()), (3.3, 3.3));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

        /// Never more than there is, the need met wherever it can be, and never more beyond it than the smallest fleet alone.
        #[test]
        fn a_need_is_met_with_less_than_one_block_beyond(
            sizes in prop::collection::vec((0.2f64..40.0, 0u32..200, 1u32..6), 1..5),
            need in 0.01f64..900.0,
        ) {
            let readings: Vec<_> = sizes.iter().map(|(kw, n, b)| fleet(*kw, *n, *b)).collect();
            let (out, kw) = units(&readings, need);
            let sum: f64 = out.iter().zip(&readings).map(|(n, r)| f64::from(*n) * r.unit_kw).sum();
            prop_assert!((sum - kw).abs() < 1e-9, "says {kw}, takes {sum}");
            prop_assert!(out.iter().zip(&readings).all(|(n, r)| *n <= r.available));
            for r in &readings {
                let block = r.unit_kw * f64::from(r.block_units);
                let alone = f64::from(r.available) * r.unit_kw;
                if alone >= need + block {
                    prop_assert!(kw >= need - 1e-6 * block && kw < need + block, "{kw} for {need}, blocks of {block}");
                }
            }
        }
    }
}
