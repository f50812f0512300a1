//! What follows from the measured signals of a row: sums over sets and batteries, headroom, steps and ramps of power, the
//! slope of frequency. Only what the map does not feed itself, and only as good as what it is made of.
//!
//! Steps and ramps are those of the twin's meters, taken ten times a second instead of a thousand: a step that comes and
//! goes between two rows is not in them. A set without a rating of its own has its share of the plant's.

use crate::acts::Quality;
use crate::acts::quality::Doubt;
use crate::engine::meter::Meters;
use crate::feed::map::Map;
use crate::plant::signals::{SignalIdx, SignalTable, at, bess, genset, site};

type Figure = fn(&Meters) -> f64;

/// A set without a breaker signal is on the bus from this share of its rating on.
const ON_FROM_PU: f64 = 0.02;

/// What headroom needs to know of a set.
#[derive(Clone, Copy, Debug)]
struct Set {
    rated_kw: f64,
    /// Its breaker and its power, where they are told.
    breaker: Option<SignalIdx>,
    power: Option<SignalIdx>,
}

impl Set {
    /// Its rating if it is on the bus, and how far that is known. A breaker that nobody tells shows in the set's power; a set
    /// that is not seen to give any may be off.
    fn on_bus(&self, alone: bool, values: &[f64], quality: &[Quality]) -> (f64, Quality) {
        if let Some(b) = self.breaker.map(SignalIdx::at) {
            return (self.rated_kw * values[b], quality[b]);
        }
        if alone || self.power.is_some_and(|p| values[p.at()] > ON_FROM_PU * self.rated_kw) {
            return (self.rated_kw, Quality::Good);
        }
        (0.0, Quality::Uncertain(Doubt::Partial))
    }
}

/// Signals that are worked out for each row.
#[derive(Debug, Default)]
pub(super) struct Derived {
    sums: Vec<(SignalIdx, Vec<SignalIdx>)>,
    /// Empty where there is no headroom to work out.
    sets: Vec<Set>,
    /// Figure, of what, and how.
    figures: Vec<(SignalIdx, SignalIdx, Figure)>,
    /// Meters of what the figures are of, while there is a value.
    meters: Vec<(SignalIdx, Option<Meters>)>,
}

impl Derived {
    pub(super) fn new(map: &Map, table: &SignalTable) -> Self {
        let fed = |s: SignalIdx| map.tags.iter().any(|t| t.to == Some(s));
        let (sets, batteries) = (map.plant.gensets.len(), map.plant.bess.len());
        let power = |i| table.genset(i, genset::P_KW);
        let (gen_kw, f_hz) = (at(site::GEN_KW), at(site::F_HZ));
        let mut sums = vec![
            (gen_kw, (0..sets).map(power).collect::<Vec<_>>()),
            (at(site::BESS_KW), (0..batteries).map(|i| table.bess(i, bess::P_KW)).collect()),
        ];
        if sets == 1 {
            // a set that is alone makes what the site makes
            sums.push((power(0), vec![gen_kw]));
        }
        sums.retain(|(to, of)| !fed(*to) && !of.is_empty() && of.iter().all(|s| fed(*s)));
        let known = |s: SignalIdx| fed(s) || sums.iter().any(|(to, _)| *to == s);
        let set = |i: usize| {
            let own = table.get(power(i)).limits.iter().find(|l| l.name == "rating").map(|l| l.value);
            let breaker = table.genset(i, genset::BREAKER);
            let rated_kw = own.unwrap_or(map.plant.rated_kw / sets as f64);
            Set { rated_kw, breaker: fed(breaker).then_some(breaker), power: known(power(i)).then_some(power(i)) }
        };
        let headroom = known(gen_kw) && !fed(at(site::HEADROOM_KW));
        let all: [(u32, SignalIdx, Figure); 5] = [
            (site::STEP_UP_1S_KW, gen_kw, |m| m.now.step_up_1s_kw),
            (site::STEP_DOWN_1S_KW, gen_kw, |m| m.now.step_down_1s_kw),
            (site::RAMP_1S_KW_PER_S, gen_kw, |m| m.now.ramp_1s),
            (site::RAMP_5S_KW_PER_S, gen_kw, |m| m.now.ramp_5s),
            (site::ROCOF_500MS_HZ_PER_S, f_hz, |m| m.now.rocof_500ms),
        ];
        let figures = all.map(|(to, of, how)| (at(to), of, how)).into_iter();
        Self {
            figures: figures.filter(|(to, of, _)| known(*of) && !fed(*to)).collect(),
            sets: if headroom { (0..sets).map(set).collect() } else { Vec::new() },
            meters: vec![(gen_kw, None), (f_hz, None)],
            sums,
        }
    }

    /// The signals that it gives.
    pub(super) fn gives(&self) -> impl Iterator<Item = SignalIdx> + '_ {
        let headroom = (!self.sets.is_empty()).then_some(at(site::HEADROOM_KW));
        self.sums.iter().map(|(to, _)| *to).chain(headroom).chain(self.figures.iter().map(|(to, ..)| *to))
    }

    /// Completes the row of this tick.
    pub(super) fn fill(&mut self, tick: u64, values: &mut [f64], quality: &mut [Quality]) {
        for (to, of) in &self.sums {
            values[to.at()] = of.iter().map(|s| values[s.at()]).sum();
            quality[to.at()] = of.iter().map(|s| quality[s.at()]).max().unwrap_or_default();
        }
        if !self.sets.is_empty() {
            let (alone, made) = (self.sets.len() == 1, at(site::GEN_KW).at());
            let (mut on_bus_kw, mut worst) = (0.0, quality[made]);
            for (kw, q) in self.sets.iter().map(|s| s.on_bus(alone, values, quality)) {
                (on_bus_kw, worst) = (on_bus_kw + kw, worst.worse(q));
            }
            let free_kw = on_bus_kw - values[made];
            let to = at(site::HEADROOM_KW).at();
            (values[to], quality[to]) = (free_kw, worst);
        }
        for (of, meters) in &mut self.meters {
            let x = values[of.at()];
            // in a gap the windows end; they begin anew with what comes
            *meters = x.is_finite().then(|| {
                let mut m = meters.take().unwrap_or_else(|| Meters::new(tick, super::ROW_S, x, x));
                m.sample(tick, super::ROW_S, x, x, true);
                m
            });
        }
        for (to, of, how) in &self.figures {
            let meters = self.meters.iter().find(|(s, _)| s == of).and_then(|(_, m)| m.as_ref());
            values[to.at()] = meters.map_or(f64::NAN, how);
            quality[to.at()] = quality[of.at()];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acts::quality::Fault;

    fn map(tags: &[(&str, &str)]) -> Map {
        let tag = |(i, (name, unit)): (usize, &(&str, &str))| {
            format!(
                r#"(name: "{name}", at: Reg(address: {}, kind: F32), unit: "{unit}", valid: (-1e6, 1e6), to: "{name}"),"#,
                2 * i
            )
        };
        let tags: String = tags.iter().enumerate().map(tag).collect();
        let text = format!(
            r#"(name: "s", source: "x", plant: (f0_hz: 60, v_nom: 480, rated_kw: 1000, gensets: ["G1", "G2"]), endpoints: [(name: "m",
            link: Modbus(host: "h:1", max_hole: 9), groups: [(name: "g", period_ms: 100, tags: [{tags}])])])"#
        );
        Map::from_str("m", &text).unwrap()
    }

    struct Bench {
        derived: Derived,
        table: SignalTable,
        tick: u64,
    }

    impl Bench {
        fn new(tags: &[(&str, &str)]) -> Self {
            let map = map(tags);
            Self { derived: Derived::new(&map, &map.table), table: map.table, tick: 0 }
        }

        fn row(&mut self, all: &[(&str, f64, Quality)]) -> impl Fn(u32) -> (f64, Quality) + use<> {
            let n = self.table.len();
            let (mut values, mut quality) = (vec![f64::NAN; n], vec![Quality::Never; n]);
            for (id, x, q) in all {
                let i = self.table.find(id).unwrap().at();
                (values[i], quality[i]) = (*x, *q);
            }
            self.tick += 1;
            self.derived.fill(self.tick, &mut values, &mut quality);
            move |s| (values[at(s).at()], quality[at(s).at()])
        }
    }

    #[test]
    fn a_sum_is_as_good_as_its_worst_part_and_headroom_counts_sets_on_the_bus() {
        let mut b = Bench::new(&[("g1.p_kw", "kW"), ("g2.p_kw", "kW"), ("g2.breaker", "")]);
        let frozen = Quality::Uncertain(Doubt::Frozen);
        let row =
            b.row(&[("g1.p_kw", 300.0, Quality::Good), ("g2.p_kw", 100.0, frozen), ("g2.breaker", 1.0, Quality::Good)]);
        assert_eq!((row(site::GEN_KW), row(site::HEADROOM_KW)), ((400.0, frozen), (600.0, frozen)));
        let row = b.row(&[
            ("g1.p_kw", 300.0, Quality::Good),
            ("g2.p_kw", 0.0, Quality::Good),
            ("g2.breaker", 0.0, Quality::Good),
        ]);
        assert_eq!(row(site::HEADROOM_KW), (200.0, Quality::Good), "half of the rating is off the bus");
        let row = b.row(&[
            ("g1.p_kw", 0.0, Quality::Good),
            ("g2.p_kw", 300.0, Quality::Good),
            ("g2.breaker", 1.0, Quality::Good),
        ]);
        let doubt = Quality::Uncertain(Doubt::Partial);
        assert_eq!(row(site::HEADROOM_KW), (200.0, doubt), "a set that nobody sees on the bus lends nothing");
        let lost = Quality::Bad(Fault::NoComm);
        let row = b.row(&[("g1.p_kw", 300.0, Quality::Good), ("g2.p_kw", f64::NAN, lost)]);
        assert!(row(site::GEN_KW).0.is_nan() && row(site::GEN_KW).1 == lost, "part of a sum is no sum");
    }

    #[test]
    fn steps_and_ramps_are_those_of_the_meters_and_end_in_a_gap() {
        let mut b = Bench::new(&[("site.gen_kw", "kW"), ("site.f_hz", "Hz")]);
        let mut last = None;
        for k in 0..80 {
            let (p, f) = (500.0 + f64::from(k), 60.0 - 0.01 * f64::from(k));
            last = Some(b.row(&[("site.gen_kw", p, Quality::Good), ("site.f_hz", f, Quality::Good)]));
        }
        let row = last.unwrap();
        let close = |s: u32, x: f64| assert!((row(s).0 - x).abs() < 1e-6, "{s}: {}", row(s).0);
        close(site::RAMP_1S_KW_PER_S, 10.0);
        close(site::RAMP_5S_KW_PER_S, 10.0);
        close(site::ROCOF_500MS_HZ_PER_S, -0.1);
        let row = b.row(&[("site.gen_kw", f64::NAN, Quality::Stale), ("site.f_hz", 59.0, Quality::Good)]);
        assert!(row(site::RAMP_1S_KW_PER_S).0.is_nan() && row(site::RAMP_1S_KW_PER_S).1 == Quality::Stale);
        let row = b.row(&[("site.gen_kw", 900.0, Quality::Good), ("site.f_hz", 59.0, Quality::Good)]);
        assert_eq!(row(site::STEP_UP_1S_KW), (0.0, Quality::Good), "what happened in the gap is no step");
    }

    #[test]
    fn what_the_map_feeds_is_left_alone() {
        let mut b =
            Bench::new(&[("site.gen_kw", "kW"), ("g1.p_kw", "kW"), ("g2.p_kw", "kW"), ("site.headroom_kw", "kW")]);
        assert!(!b.derived.gives().any(|s| s == at(site::GEN_KW) || s == at(site::HEADROOM_KW)));
        let row = b.row(&[("site.gen_kw", 777.0, Quality::Good), ("site.headroom_kw", 1.0, Quality::Good)]);
        assert_eq!((row(site::GEN_KW).0, row(site::HEADROOM_KW).0), (777.0, 1.0));
    }
}
